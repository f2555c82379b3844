// Opened without the token, or with one that the node does not know. There is nothing to type here:
// the way in is the address that the node printed, or an account that the owner has let in.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { enterWithAccount, takesAccounts } from '../account-door'
import { Icon } from '../icons'
import { link, retryNow } from '../node'
import { Card } from '../parts/Card'
import { Trouble, useAct } from '../parts/Form'
import { Brand } from '../parts/Frame'
import { Note } from '../parts/Notes'
import { Title } from '../parts/Title'

function WithAccount() {
  const isOpen = useSignal(false)
  const act = useAct()
  useEffect(() => void takesAccounts().then(is => (isOpen.value = is)), [])
  if (!isOpen.value) return null
  return (
    <Card id="account" title="With an Ethereum account">
      <div class="body stack">
        <p>
          The owner of this node lets some accounts in. Your wallet shows a message that names <code>{location.host}</code>; sign it only
          if it does. It costs nothing and nothing is sent.
        </p>
        <div class="line">
          <button class="btn" type="button" aria-disabled={act.isBusy} onClick={() => act.run(() => enterWithAccount().then(retryNow))}>
            <Icon name="key" />
            {act.isBusy ? 'Waiting for your wallet' : 'Sign in with an Ethereum account'}
          </button>
        </div>
        <Trouble act={act} title="You are not signed in" />
      </div>
    </Card>
  )
}

export function SignIn() {
  const refused = link.value.s === 'out' && link.value.refused
  return (
    <div class="door">
      <header class="door-top">
        <Brand />
      </header>
      <main class="page" id="main">
        <Title tab="Not signed in" lede="Your node shows its values only to someone who can read its terminal.">
          This page is not signed in
        </Title>
        <section class="card" aria-label="How to sign in">
          <div class="body">
            {refused && (
              <Note tone="bad" icon="failed" title="That address is no longer good">
                <span>The node makes a new one each time it starts. Nothing was shown and nothing was changed.</span>
              </Note>
            )}
            <ol class="steps">
              <li>
                Look at the terminal where <code>hearth run</code> is running.
              </li>
              <li>
                Open the address it printed. It looks like
                <code class="raw">{location.origin}/#token=…</code>
              </li>
            </ol>
            <p class="mute">
              The part after <code>#</code> is a key for this browser. It is used once, kept out of the history, and never
              leaves this computer.
            </p>
            <div class="line">
              <button class="btn" type="button" onClick={retryNow}>
                <Icon name="sync" />
                Look again
              </button>
            </div>
          </div>
        </section>
        <WithAccount />
      </main>
    </div>
  )
}
