// Giving a DID another owner: what is lost by it first, then the last digits of the new owner typed, then the wallet's sheet.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { Identity } from '../contract-identity'
import { rotate } from '../identity'
import { say } from '../say'
import { ADDRESS } from '../units'
import { nameOf } from '../wallet'
import { Card, Field } from './Card'
import { Go, onSubmit, Trouble, useAct } from './Form'
import { Note } from './Notes'
import { Grouped, TxRef } from './Ref'

const LAST = 6

export function DidRotate({ i }: { i: Identity }) {
  const act = useAct()
  const to = useRef<HTMLInputElement>(null)
  const typed = useRef<HTMLInputElement>(null)
  const target = useSignal<string | null>(null)
  const sent = useSignal<string | null>(null)
  const isOurs = target.value !== null && nameOf(target.value) !== null
  const submit = (): void => {
    const address = to.current?.value.trim() ?? ''
    if (target.value === null) {
      if (!ADDRESS.test(address)) return act.fail('The new owner is an address: 0x and 40 digits.')
      if (/^0x0{40}$/.test(address)) return act.fail('The zero address would give the DID up for good. That is not done here.')
      if (address.toLowerCase() === i.owner?.toLowerCase()) return act.fail('That is its owner already.')
      target.value = address
      return
    }
    if ((typed.current?.value.trim().toLowerCase() ?? '') !== target.value.slice(-LAST).toLowerCase()) return act.fail(`Those are not the last ${LAST} digits of the new owner. Nothing was signed.`)
    act.run(async () => {
      sent.value = (await rotate(i.did, target.value ?? '')).hash
      say('Sent')
    })
  }
  return (
    <Card id="rotate" title="Rotate the owner">
      <form class="body" onSubmit={onSubmit(submit)}>
        {sent.value ? (
          <p role="status">
            Sent: <TxRef hash={sent.value} />. The new owner controls the DID once its block is final.
          </p>
        ) : target.value === null ? (
          <>
            <p class="mute">Another account takes control. The DID itself stays the same, and so does its history.</p>
            <Field key="to" label="New owner" input={to} code required onInput={act.clear} />
            <Trouble act={act} title="Not yet" />
            <div class="line">
              <Go act={act} busy="…" main={false}>
                See what that means
              </Go>
            </div>
          </>
        ) : (
          <>
            <Note tone="bad" icon="warn" title="After this you cannot take it back yourself">
              <span>
                The new owner decides alone about keys, services and the next owner. Links between this account and a feed key end everywhere. Attestations that the account made stay.
              </span>
            </Note>
            {!isOurs && (
              <Note tone="bad" icon="failed" title="That account is none of yours">
                <span>If its key is not yours, or nobody’s, the DID is lost to you.</span>
              </Note>
            )}
            <p>
              New owner{isOurs && <>, your account <b>{nameOf(target.value)}</b></>}: <Grouped hex={target.value} />
            </p>
            <Field key="digits" label={`Type its last ${LAST} digits`} input={typed} code required max={LAST} onInput={act.clear}>
              <small>Read them from where you got the address, not from this page.</small>
            </Field>
            <Trouble act={act} title="It was not rotated" />
            <div class="line">
              <button class="btn danger" type="submit" aria-disabled={act.isBusy}>
                {act.isBusy ? 'Waits for your decision' : 'Review and rotate'}
              </button>
              <button class="btn" type="button" onClick={() => { target.value = null; act.clear() }}>
                Back
              </button>
            </div>
          </>
        )}
      </form>
    </Card>
  )
}
