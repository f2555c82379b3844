// The three places of the wallet, and what stands in for them when there is no wallet to show.
import { reason } from '../format'
import { accounts, wallet } from '../node'
import { route, type Screen } from '../route'
import { lock } from '../wallet'
import { Icon } from '../icons'
import { CopyCode } from './Copy'
import { BoneCard, Note } from './Notes'

const TABS: [Screen, string][] = [['wallet', 'Accounts'], ['permissions', 'Permissions'], ['devices', 'Devices'], ['settings', 'Settings']]

export function WalletNav() {
  return (
    <nav class="tabs" aria-label="Wallet">
      {TABS.map(([screen, name]) => (
        <a key={screen} class="btn s quiet" href={`#/${screen}`} aria-current={route.value.screen === screen ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  )
}

// What is drawn before the wallet is known, or when there is none; null when there is one.
export function NoWallet() {
  if (lock.value === 'lacking') {
    return (
      <section class="card" aria-label="No wallet">
        <div class="empty">
          <Icon name="wallet" />
          <b>This node has no wallet</b>
          <p class="mute">It was built without one, or is older than this page. A wallet of yours can connect to it.</p>
          <a class="btn" href="#/connect">
            Connect a wallet
          </a>
        </div>
      </section>
    )
  }
  if (wallet.value && accounts.value) return null
  return <BoneCard rows={3} />
}

// The signer process has ended: everything can be read, nothing signed.
export function SignerGone() {
  if (lock.value !== 'gone') return null
  return (
    <Note tone="bad" icon="failed" title="The process that holds the keys is not running">
      <span>{reason(wallet.value?.why) ?? 'It has ended.'} Nothing can be signed. Your keys are safe on disk, sealed. Start the node again.</span>
      <span class="line">
        <CopyCode code="signer_gone" />
      </span>
    </Note>
  )
}
