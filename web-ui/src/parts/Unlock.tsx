// The passphrase, to open the vault; also inside of the sheet when something waits to be signed.
import { useRef } from 'preact/hooks'
import { say } from '../say'
import { unlock } from '../wallet'
import { Icon } from '../icons'
import { Go, onSubmit, SecretField, takeSecret, Trouble, useAct } from './Form'
import { Card } from './Card'

export function UnlockForm({ children = 'Unlock' }: { children?: string }) {
  const secret = useRef<HTMLInputElement>(null)
  const act = useAct()
  const submit = (): void =>
    act.run(async () => {
      await unlock(takeSecret(secret))
      say('Unlocked')
    })
  return (
    <form class="stack" onSubmit={onSubmit(submit)}>
      <SecretField label="Passphrase" input={secret} />
      <Trouble act={act} title="It stays locked" />
      <Go act={act} busy="Unlocking, about a second" wide>
        <Icon name="key" />
        {children}
      </Go>
    </form>
  )
}

export function UnlockCard() {
  return (
    <Card id="unlock" title="Locked" side={<span class="badge">
          <Icon name="lock" />
          keys sealed
        </span>}>
      <div class="body">
        <p class="mute">Balances are public and shown. To sign, your passphrase opens the vault.</p>
        <UnlockForm />
      </div>
    </Card>
  )
}
