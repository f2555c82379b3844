// Issuing: about whom, by which account, for how long, and the fields that the schema asks for. What is signed is shown by
// the wallet's own sheet before anything happens.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { Issued, Schema } from '../contract-identity'
import { hrefOf, issue, linkOf } from '../identity'
import { Icon } from '../icons'
import { say } from '../say'
import { ADDRESS } from '../units'
import { lock, nameOf, shown } from '../wallet'
import { AttestField, read, type Typed } from './AttestField'
import { AttestLeaves, readLeaves, type Leaf } from './AttestLeaves'
import { Card, Field, Pick } from './Card'
import { CopyText } from './Copy'
import { Go, onSubmit, Trouble, useAct } from './Form'
import { TxRef } from './Ref'
import { UnlockCard } from './Unlock'

const PRIVATE = 'bytes32 privateData'
const TERMS = [['0', 'Never'], ['30', 'In 30 days'], ['365', 'In a year'], ['1826', 'In five years']] as const

function Done({ of, again }: { of: Issued; again(): void }) {
  return (
    <Card id="done" title="Issued">
      <div class="body">
        {of.attestation ? (
          <p role="status">
            <Icon name="check" /> Signed and kept here. <a href={hrefOf(of.attestation)}>Open it</a> to save it or to share it: nobody else has it yet.
          </p>
        ) : (
          <p role="status">
            <Icon name="check" /> Sent{of.hash && <>: <TxRef hash={of.hash} /></>}. It stands under Overview once its block is final.
          </p>
        )}
        <span class="line">
          {of.url && <CopyText value={linkOf(of.url)} what="the link" label="Copy the link" />}
          <button class="btn s" type="button" onClick={again}>
            Issue another
          </button>
        </span>
      </div>
    </Card>
  )
}

export function AttestForm({ schema }: { schema: Schema }) {
  const act = useAct()
  const about = useRef<HTMLInputElement>(null)
  const how = useSignal<'offchain' | 'onchain'>('offchain')
  const from = useSignal('')
  const term = useSignal('0')
  const canRevoke = useSignal(true)
  const typed = useSignal<Typed>({})
  const errors = useSignal<Typed>({})
  const leaves = useSignal<Leaf[]>([{ name: '', type: 'string', value: '' }])
  const done = useSignal<Issued | null>(null)
  const known = useSignal<string | null>(null)
  const mine = shown.value.filter(a => a.kind !== 'watch')
  if (lock.value === 'locked') return <UnlockCard />
  if (done.value) return <Done of={done.value} again={() => { done.value = null; typed.value = {} }} />
  if (!mine.length) {
    return (
      <Card id="form" title="Issue">
        <div class="body">
          <p class="mute">To attest you need an account whose key is here.</p>
          <a class="btn" href="#/wallet">
            Go to the wallet
          </a>
        </div>
      </Card>
    )
  }
  const by = from.value || mine[0]?.address || ''
  const isPrivate = schema.text?.trim() === PRIVATE
  const fields = schema.fields ?? []
  const submit = (): void => {
    const recipient = about.current?.value.trim() ?? ''
    if (recipient && !ADDRESS.test(recipient)) return act.fail('Whom it is about is an address: 0x and 40 digits. It may stay empty.')
    const got = read(fields, typed.value)
    errors.value = isPrivate ? {} : got.errors
    if (!isPrivate && Object.keys(got.errors).length) return act.fail('Some fields do not fit their type yet. Nothing was signed.')
    const hidden = isPrivate ? readLeaves(leaves.value) : null
    if (hidden?.error) return act.fail(hidden.error)
    act.run(async () => {
      done.value = await issue({
        how: how.value, schema: schema.uid, from: by, ...(recipient && { recipient }), revocable: schema.revocable && canRevoke.value,
        ...(term.value !== '0' && { expiration_time: Math.floor(Date.now() / 1000) + Number(term.value) * 86_400 }),
        ...(hidden ? { private: hidden.leaves } : { values: got.values })
      })
      say('Issued')
    })
  }
  return (
    <Card id="form" title="What you attest">
      <form class="body stack" onSubmit={onSubmit(submit)}>
        <Field label="About whom" input={about} code onInput={() => (known.value = nameOf(about.current?.value.trim() ?? ''))}>
          <small>{known.value ? `Your own account ${known.value}` : 'An address. Leave it empty when it is about no account.'}</small>
        </Field>
        {isPrivate ? (
          <AttestLeaves list={leaves.value} put={l => (leaves.value = l)} />
        ) : (
          fields.map((field, i) => (
            <AttestField key={i} field={field} path={String(i)} typed={typed.value} errors={errors.value} put={(path, value) => { act.clear(); typed.value = { ...typed.value, [path]: value } }} />
          ))
        )}
        {mine.length > 1 && <Pick label="By your account" value={by} of={mine.map(a => [a.address, a.label || a.address] as const)} onPick={v => (from.value = v)} />}
        <fieldset class="choice">
          <legend>Where it is kept</legend>
          <label>
            <input type="radio" name="how" checked={how.value === 'offchain'} onChange={() => (how.value = 'offchain')} />
            Off chain <span class="end">free; who has the file can show it</span>
          </label>
          <label>
            <input type="radio" name="how" checked={how.value === 'onchain'} onChange={() => (how.value = 'onchain')} />
            On chain <span class="end">costs a fee; everybody can read it, for good</span>
          </label>
        </fieldset>
        <Pick label="It expires" value={term.value} of={TERMS} onPick={v => (term.value = v)} />
        {schema.revocable ? (
          <label class="check">
            <input type="checkbox" checked={canRevoke.value} onChange={e => (canRevoke.value = e.currentTarget.checked)} />
            It can be revoked later
          </label>
        ) : (
          <p class="small mute">This schema allows no revoking: what you attest stays attested.</p>
        )}
        <Trouble act={act} title="Nothing was issued" />
        <Go act={act} busy="Waits for your decision">
          Review and sign
        </Go>
      </form>
    </Card>
  )
}
