// What an attestation says: each field of its schema by name, or the bytes when the schema cannot be read.
import type { Attestation, FieldValue } from '../contract-identity'
import { plainLine } from '../plain'
import { textOf, wordsOf } from '../schema-text'
import { AddressRef, Bytes } from './Ref'
import { isVoid } from './AttestStatus'

const LONG = 400

function Value({ v }: { v: FieldValue }) {
  if (typeof v.value === 'string' && v.type === 'address' && /^0x[0-9a-fA-F]{40}$/.test(v.value)) return <AddressRef a={v.value} />
  if (typeof v.value === 'string' && /^bytes|^ipfsHash/.test(v.type) && v.value.length > 74) return <Bytes hex={v.value} what={wordsOf(v.name)} />
  if (v.parts.length && Array.isArray(v.value) && !v.type.endsWith(']')) {
    const list = v.value as unknown[]
    return <>{v.parts.map((p, i) => `${wordsOf(p.name)}: ${textOf(list[i])}`).join('; ').slice(0, LONG)}</>
  }
  const text = textOf(v.value)
  if (text.length <= LONG) return <span class="said">{text || 'empty'}</span>
  return (
    <details>
      <summary>{plainLine(text, 60)}</summary>
      <span class="said">{text}</span>
    </details>
  )
}

export function AttestValues({ a, most }: { a: Attestation; most?: number }) {
  if (!a.values) return a.data === '0x' ? <p class="mute">It says nothing but its schema.</p> : <Bytes hex={a.data} what="Data" />
  if (a.values.length === 0) return <p class="mute">It says nothing but its schema.</p>
  const list = a.values.slice(0, most)
  const left = a.values.length - list.length
  return (
    <>
      <dl class="kv says">
        {list.map((v, i) => [
          <dt key={`t${i}`}>{wordsOf(v.name)}</dt>,
          <dd key={`d${i}`} class={isVoid(a.verdict) ? 'lie' : undefined}>
            <Value v={v} />
          </dd>
        ])}
      </dl>
      {left > 0 && <p class="small mute">And {left} more.</p>}
    </>
  )
}
