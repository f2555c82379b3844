// The decision at the foot of the sheet. Approving needs the sheet unchanged under the eyes for half a second, so
// that a click or a key meant for something else cannot approve; what is dangerous needs a second step.
import { useSignal } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { QueueItem } from '../contract-wallet'
import { shortHash } from '../format'
import { markDecided, notDone, whileDeciding } from '../review'
import { say } from '../say'
import { mood } from '../view'
import { asRpcError, chosen, decide, lock, shown as shownAccounts } from '../wallet'
import { riskOf } from './Effects'
import { Trouble, useAct } from './Form'
import { UnlockForm } from './Unlock'

const HOLD_MS = 500

const VERBS: Record<QueueItem['kind'], [string, string]> = {
  transaction: ['Sign and send', 'Signed'],
  message: ['Sign', 'Signed'],
  typed: ['Sign', 'Signed'],
  credential: ['Sign', 'Signed'],
  permission: ['Allow', 'Allowed'],
  token: ['Add', 'Added']
}

// The others need no key, so a locked vault does not keep anybody from deciding them.
export const isSigned = (item: QueueItem): boolean => item.kind !== 'permission' && item.kind !== 'token'

// False for half a second after the sheet was opened, was changed, or came back into sight.
function useHold(shown: string): { isHeld: boolean; isReady(): boolean } {
  const held = useSignal(true)
  const since = useRef(performance.now())
  useLayoutEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    const hold = (): void => {
      held.value = true
      since.current = performance.now()
      clearTimeout(timer)
      timer = setTimeout(() => (held.value = false), HOLD_MS)
    }
    hold()
    addEventListener('focus', hold)
    document.addEventListener('visibilitychange', hold)
    return () => {
      clearTimeout(timer)
      removeEventListener('focus', hold)
      document.removeEventListener('visibilitychange', hold)
    }
  }, [shown])
  return { isHeld: held.value, isReady: () => performance.now() - since.current >= HOLD_MS }
}

// isChanging: something of it is being changed, and is not in the bytes yet.
export function Decide({ item, shown, isChanging }: { item: QueueItem; shown: string; isChanging: boolean }) {
  // The buttons come where the passphrase was asked for: that too holds the decision back.
  const hold = useHold(`${lock.value} ${shown}`)
  const understood = useSignal(false)
  const act = useAct()
  useEffect(() => {
    understood.value = false
  }, [shown])
  const risk = riskOf(item)
  const isRed = risk !== null
  const [verb, done] = VERBS[item.kind]
  const cannot = act.isBusy || mood.value === 'lost'
  const asked = shownAccounts.value.find(a => a.address.toLowerCase() === item.account?.toLowerCase()) ?? chosen.value
  const picked = useSignal<readonly string[]>(asked ? [asked.address] : [])
  const isPermission = item.kind === 'permission'
  const isClosed = cannot || isChanging || hold.isHeld || (isRed && !understood.value) || (isPermission && !picked.value.length)
  const answer = (approve: boolean): void =>
    act.run(() => whileDeciding(item.id, async () => {
      const { state } = await decide(item, approve, approve && isPermission ? [...picked.value] : undefined).catch((thrown: unknown) => {
        // Its request may be over with that, and its sheet gone.
        if (approve && item.kind === 'token') notDone.value = { id: item.id, error: asRpcError(thrown) }
        throw thrown
      })
      // The bytes were made anew, for example because the nonce was used up: nothing is decided yet.
      if (state === 'waiting') return say('Nothing was signed: the transaction had to be made anew. Read it again.')
      say(approve ? done : 'Rejected')
      markDecided(item.id)
    }))
  const approve = (): void => {
    if (!isClosed && hold.isReady()) answer(true)
  }
  const reject = (
    <button class={isRed ? 'btn main wide' : 'btn'} type="button" aria-disabled={cannot} onClick={() => !cannot && answer(false)}>
      Reject
    </button>
  )
  const approveButton = (
    <button class={isRed ? 'btn danger wide' : 'btn main'} type="button" aria-disabled={isClosed} onClick={approve}>
      {act.isBusy ? 'Working' : isRed ? `${verb} in spite of this` : verb}
    </button>
  )
  if (item.state === 'signing') {
    return (
      <footer>
        <p class="mute">{item.kind === 'token' ? 'Being added: your node looks at the contract.' : 'Being signed.'} It goes from here as soon as that is done.</p>
      </footer>
    )
  }
  if (lock.value === 'locked' && isSigned(item)) {
    return (
      <footer>
        <UnlockForm>Unlock to decide</UnlockForm>
        {reject}
      </footer>
    )
  }
  return (
    <footer>
      {isPermission &&
        shownAccounts.value.map(a => (
          <label class="check" key={a.address}>
            <input
              type="checkbox" checked={picked.value.includes(a.address)}
              onChange={e => (picked.value = picked.value.filter(p => p !== a.address).concat(e.currentTarget.checked ? a.address : []))}
            />
            <span>
              {a.label} <span class="addr mute">{shortHash(a.address)}</span>
            </span>
          </label>
        ))}
      <Trouble act={act} title="This was not done" />
      {isChanging && <p class="small mute">Apply the fee, or keep it, before you sign.</p>}
      {isRed ? (
        <>
          {reject}
          <label class="check">
            <input type="checkbox" checked={understood.value} onChange={e => (understood.value = e.currentTarget.checked)} />
            <span>I understand the risk: {risk}</span>
          </label>
          {approveButton}
        </>
      ) : (
        <div class="pair">
          {reject}
          {approveButton}
        </div>
      )}
    </footer>
  )
}
