// The vault in Settings: lock it now, when it locks itself, its passphrase; and what the process that holds
// the keys may do.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { Icon } from '../icons'
import { wallet } from '../node'
import { say } from '../say'
import { changePassphrase, lock, lockNow, setAutoLock } from '../wallet'
import { isTwice, PassphraseTwice } from './FirstRun'
import { Go, onSubmit, SecretField, takeSecret, Trouble, useAct } from './Form'
import { UnlockForm } from './Unlock'
import { Card, Pick } from './Card'

const MINUTE = 60_000
const TIMES: [number, string][] = [
  [MINUTE, '1 minute'], [5 * MINUTE, '5 minutes'], [15 * MINUTE, '15 minutes'], [60 * MINUTE, '1 hour'], [8 * 60 * MINUTE, '8 hours'], [24 * 60 * MINUTE, '24 hours']
]

function AutoLock({ ms }: { ms: number }) {
  const act = useAct()
  const times = TIMES.some(([t]) => t === ms) ? TIMES : [...TIMES, [ms, `${Math.round(ms / MINUTE)} minutes`] as [number, string]]
  const set = (next: number): void => act.run(() => setAutoLock(next).then(() => say('Saved')))
  return (
    <>
      <Pick label="Locks itself after" value={String(ms)} of={times.map(([t, name]) => [String(t), name])} onPick={t => set(Number(t))}>
        <small>without a signature or a decision</small>
      </Pick>
      <Trouble act={act} title="Not changed" />
    </>
  )
}

function ChangePassphrase() {
  const old = useRef<HTMLInputElement>(null)
  const p = { first: useRef<HTMLInputElement>(null), again: useRef<HTMLInputElement>(null) }
  const isOpen = useSignal(false)
  const act = useAct()
  const submit = (): void => {
    if (!isTwice(p, act)) return
    act.run(async () => {
      if (p.again.current) p.again.current.value = ''
      await changePassphrase(takeSecret(old), takeSecret(p.first))
      say('The passphrase was changed')
      isOpen.value = false
    })
  }
  return (
    <>
      <div class="line">
        <button class="btn" type="button" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>
          Change the passphrase
        </button>
      </div>
      {isOpen.value && (
        <form class="stack" onSubmit={onSubmit(submit)}>
          <SecretField label="Passphrase now" input={old} />
          <PassphraseTwice p={p} label="New passphrase" />
          <Trouble act={act} title="It was not changed" />
          <Go act={act} busy="Changing, about a second">
            Change it
          </Go>
        </form>
      )}
    </>
  )
}

export function VaultCard() {
  const w = wallet.value
  const act = useAct()
  const l = lock.value
  if (!w || l === 'none') return null
  return (
    <Card id="vault" title="Vault" side={<span class={l === 'open' ? 'badge a' : 'badge'}>
          <Icon name={l === 'open' ? 'unlock' : 'lock'} />
          {l === 'open' ? 'unlocked' : l === 'locked' ? 'locked' : 'no signer'}
        </span>}>
      <div class="body">
        {l === 'open' && (
          <div class="line">
            <button class="btn main" type="button" aria-disabled={act.isBusy} onClick={() => act.run(() => lockNow().then(() => say('Locked')))}>
              <Icon name="lock" />
              Lock now
            </button>
          </div>
        )}
        <Trouble act={act} title="It is not locked" />
        {l === 'locked' && <UnlockForm />}
        <AutoLock ms={w.auto_lock_ms} />
        {l === 'open' && <ChangePassphrase />}
      </div>
    </Card>
  )
}

const BOUNDS: [string, string][] = [
  ['no_dump', 'No memory dump, no debugger'],
  ['no_new_privileges', 'Cannot gain privileges'],
  ['syscalls', 'Opens no file and no connection'],
  ['dies_with_parent', 'Ends with the node'],
  ['locked_memory', 'Memory never written to disk']
]

export function SignerCard() {
  const signer = wallet.value?.signer
  if (!signer) return null
  return (
    <Card id="signer" title="Where keys are" side={<span class="small mute">process {signer.pid}</span>}>
      <div class="body">
        <p>In a process of its own. The node asks it to sign and never gets a key.</p>
        <ul class="bounds">
          {BOUNDS.map(([name, words]) => {
            const isOn = signer.confined.includes(name)
            return (
              <li key={name} class={isOn ? undefined : 'mute'}>
                <Icon name={isOn ? 'check' : 'x'} /> {words}
                {!isOn && ': not on this system'}
              </li>
            )
          })}
        </ul>
      </div>
    </Card>
  )
}
