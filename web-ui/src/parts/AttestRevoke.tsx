// Revoking: what it means first, then the wallet's own sheet.
import { useSignal } from '@preact/signals'
import type { Attestation } from '../contract-identity'
import { revokeIt } from '../identity'
import { say } from '../say'
import { Card } from './Card'
import { Go, onSubmit, Trouble, useAct } from './Form'
import { TxRef } from './Ref'
import { Note } from './Notes'

export function AttestRevoke({ a }: { a: Attestation }) {
  const act = useAct()
  const isOpen = useSignal(false)
  const sent = useSignal<string | null>(null)
  if (a.verdict === 'revoked') return null
  if (!a.revocable) {
    return (
      <Card id="revoke" title="Revoke">
        <div class="body">
          <p class="mute">You made it for good: it cannot be revoked.</p>
        </div>
      </Card>
    )
  }
  const submit = (): void => {
    if (!isOpen.value) {
      isOpen.value = true
      return
    }
    act.run(async () => {
      sent.value = (await revokeIt(a)).hash
      say('Sent')
    })
  }
  return (
    <Card id="revoke" title="Revoke">
      <form class="body" onSubmit={onSubmit(submit)}>
        {sent.value ? (
          <p role="status">
            Sent: <TxRef hash={sent.value} />. Every node shows it as revoked once its block is final.
          </p>
        ) : isOpen.value ? (
          <>
            <Note tone="warn" icon="warn" title="It cannot be taken back, and everybody can see it">
              <span>
                {a.kind === 'onchain' ? 'The contract notes the time. ' : 'Its uid is entered in the contract’s register, which makes the uid public; what it says stays as private as it is. '}
                A transaction is sent from your account and costs its fee. Copies that others have stay with them: from the next finality on they prove that you took it back.
              </span>
            </Note>
            <Trouble act={act} title="It was not revoked" />
            <div class="line">
              <Go act={act} busy="Waits for your decision">
                Review and revoke
              </Go>
              <button class="btn" type="button" onClick={() => (isOpen.value = false)}>
                Keep it
              </button>
            </div>
          </>
        ) : (
          <div class="line">
            <button class="btn s danger" type="submit">
              Revoke
            </button>
            <span class="small mute">You see first what that means.</span>
          </div>
        )}
      </form>
    </Card>
  )
}
