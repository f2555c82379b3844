// The document of a DID as its resolver has it, in short and whole.
import { useSignal } from '@preact/signals'
import { day, group, reason, upperFirst } from '../format'
import type { Resolved } from '../contract-identity'
import { Icon } from '../icons'
import { saveJson } from '../identity'
import { plainLine } from '../plain'
import { Card } from './Card'
import { CopyText } from './Copy'
import { Note } from './Notes'
import { Prov } from './Prov'

interface Method {
  id?: unknown
  type?: unknown
}
const listOf = (value: unknown): Method[] => (Array.isArray(value) ? (value as unknown[]).filter((v): v is Method => typeof v === 'object' && v !== null).slice(0, 64) : [])
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const nameOf = (m: Method): string => plainLine(textOf(m.id).replace(/^[^#]*/, '') || textOf(m.id), 80)

export function DidDocument({ r, did }: { r: Resolved; did: string }) {
  const isOpen = useSignal(false)
  const doc = (typeof r.didDocument === 'object' && r.didDocument !== null ? r.didDocument : null) as Record<string, unknown> | null
  const { deactivated, updated } = r.didDocumentMetadata
  const text = JSON.stringify(doc, null, 2)
  const keys = listOf(doc?.verificationMethod)
  const services = listOf(doc?.service)
  const mark = r.provenance && <Prov p={r.provenance} since={null} of="the document" />
  return (
    <Card id="document" title="Document" side={mark}>
      <div class="body">
        {deactivated && (
          <Note tone="bad" icon="failed" title="It was given up">
            <span>Its owner became nobody. No key speaks for it any more, and none ever will.</span>
          </Note>
        )}
        {!doc && (
          <p class="mute">
            There is no document. {reason(plainLine(r.didResolutionMetadata.message ?? r.didResolutionMetadata.error ?? 'the node gave no reason', 240))}
            {r.missing && ` What happened up to block ${group(r.missing.to)} could not be proven: ${plainLine(r.missing.why, 200)}. A document without it might leave out a change, so none is shown.`}
          </p>
        )}
        {doc && !deactivated && (
          <dl class="kv">
            <dt>Keys</dt>
            <dd>
              {keys.length === 0 && 'none'}
              {keys.map((m, i) => (
                <div key={i}>
                  <span class="mono">{nameOf(m)}</span> <span class="small mute">{plainLine(textOf(m.type), 60)}</span>
                </div>
              ))}
            </dd>
            <dt>Services</dt>
            <dd>{services.length ? services.map(s => `${nameOf(s)} ${plainLine(textOf(s.type), 40)}`).join(', ') : 'none'}</dd>
            {updated && (
              <>
                <dt>Changed</dt>
                <dd>{Number.isNaN(Date.parse(updated)) ? upperFirst(plainLine(updated)) : `${day(Date.parse(updated))} ${new Date(updated).getFullYear()}`}</dd>
              </>
            )}
          </dl>
        )}
        {doc && (
          <>
            <div class="line">
              <CopyText value={text} what="the document" label="Copy the document" />
              <button class="btn s" type="button" onClick={() => saveJson('did-document.json', doc)}>
                <Icon name="save" />
                Save
              </button>
              <CopyText value={did} what="the DID" label="Copy the DID" />
              <button class="btn s quiet" type="button" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>
                {isOpen.value ? 'Hide the whole' : 'Show the whole'}
              </button>
            </div>
            {isOpen.value && (
              <code class="raw tall" tabIndex={0} role="region" aria-label="DID document">
                {text}
              </code>
            )}
          </>
        )}
      </div>
    </Card>
  )
}
