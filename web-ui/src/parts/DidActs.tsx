// Letting another key act for a DID, and writing keys and services into its document; each with an end.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { Identity } from '../contract-identity'
import { attribute, delegate } from '../identity'
import { say } from '../say'
import { ADDRESS } from '../units'
import { Card, Field, Pick } from './Card'
import { Go, onSubmit, Trouble, useAct } from './Form'
import { TxRef } from './Ref'

const TERMS = [['2592000', '30 days'], ['31536000', 'A year'], ['157680000', 'Five years'], ['0', 'Take it away now']] as const
const MAY = [['veriKey', 'Sign claims for it'], ['sigAuth', 'Sign in as it, and sign claims']] as const

function Sent({ hash }: { hash: string | null }) {
  if (!hash) return null
  return (
    <p role="status">
      Sent: <TxRef hash={hash} />. The document has it once its block is final.
    </p>
  )
}

export function DidDelegate({ i }: { i: Identity }) {
  const act = useAct()
  const to = useRef<HTMLInputElement>(null)
  const may = useSignal('veriKey')
  const term = useSignal('31536000')
  const sent = useSignal<string | null>(null)
  const submit = (): void => {
    const address = to.current?.value.trim() ?? ''
    if (!ADDRESS.test(address)) return act.fail('A delegate is an address: 0x and 40 digits.')
    act.run(async () => {
      const isEnd = term.value === '0'
      sent.value = null
      sent.value = (await delegate({ did: i.did, delegate: address, type: may.value, ...(isEnd ? { revoke: true } : { validity_s: Number(term.value) }) })).hash
      say('Sent')
    })
  }
  return (
    <Card id="delegate" title="Delegates">
      <form class="body" onSubmit={onSubmit(submit)}>
        <p class="mute">Another account signs for this DID, without owning it.</p>
        <Field label="Its address" input={to} code required onInput={act.clear} />
        <Pick label="It may" value={may.value} of={MAY} onPick={v => (may.value = v)} />
        <Pick label="For" value={term.value} of={TERMS} onPick={v => (term.value = v)} />
        <Sent hash={sent.value} />
        <Trouble act={act} title="Nothing was changed" />
        <div class="line">
          <Go act={act} busy="Waits for your decision" main={false}>
            Review and sign
          </Go>
        </div>
      </form>
    </Card>
  )
}

export function DidAttribute({ i }: { i: Identity }) {
  const act = useAct()
  const name = useRef<HTMLInputElement>(null)
  const value = useRef<HTMLInputElement>(null)
  const term = useSignal('31536000')
  const sent = useSignal<string | null>(null)
  const submit = (): void => {
    const [n, v] = [name.current?.value.trim() ?? '', value.current?.value.trim() ?? '']
    if (!/^did\/(?:svc\/[\x21-\x7e]+|pub\/[\x21-\x7e]+\/[\x21-\x7e]+)$/.test(n) || n.length > 32) return act.fail('A name begins with did/svc/ or did/pub/ and has at most 32 characters.')
    act.run(async () => {
      const isEnd = term.value === '0'
      sent.value = null
      sent.value = (await attribute({ did: i.did, name: n, value: v, ...(isEnd ? { revoke: true } : { validity_s: Number(term.value) }) })).hash
      say('Sent')
    })
  }
  return (
    <Card id="attribute" title="Keys and services">
      <form class="body" onSubmit={onSubmit(submit)}>
        <p class="mute">What is written into the document is public, for good.</p>
        <Field label="Name" input={name} code required max={32} onInput={act.clear}>
          <small>did/svc/Website for a service, did/pub/Ed25519/veriKey/hex for a key.</small>
        </Field>
        <Field label="Value" input={value} code required max={4096} onInput={act.clear}>
          <small>An address like https://… for a service, 0x and digits for a key.</small>
        </Field>
        <Pick label="For" value={term.value} of={TERMS} onPick={v => (term.value = v)} />
        <Sent hash={sent.value} />
        <Trouble act={act} title="Nothing was changed" />
        <div class="line">
          <Go act={act} busy="Waits for your decision" main={false}>
            Review and sign
          </Go>
        </div>
      </form>
    </Card>
  )
}
