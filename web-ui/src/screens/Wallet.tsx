// The wallet answers: what do I have, what is on its way, and can I sign?
import { useSignal } from '@preact/signals'
import { brieflyEther, count, shortHash } from '../format'
import type { WalletAccount } from '../contract-wallet'
import { Icon, Tile } from '../icons'
import { accounts, activity } from '../node'
import { Activity } from '../parts/Activity'
import { Backup } from '../parts/Backup'
import { Balances } from '../parts/Balances'
import { CopyText } from '../parts/Copy'
import { FirstRun, type FreshWords } from '../parts/FirstRun'
import { Grouped } from '../parts/Ref'
import { Send } from '../parts/Send'
import { Title } from '../parts/Title'
import { UnlockCard } from '../parts/Unlock'
import { NoWallet, SignerGone, WalletNav } from '../parts/WalletNav'
import { balances, choose, chosen, lock, seedDue, shown } from '../wallet'
import { Card } from '../parts/Card'

function Accounts() {
  const list = shown.value
  const here = chosen.value
  if (list.length < 2) return null
  return (
    <Card id="acc" title={count(list.length, 'account')} side={<a class="small" href="#/settings/keys">
          Add or change
        </a>}>
      <div class="body">
        <fieldset class="choice">
          <legend class="sr">Account to look at</legend>
          {list.map(a => (
            <label key={String(a.id)}>
              <input type="radio" name="account" checked={a === here} onChange={() => choose(a.id)} />
              <Tile of={a.address} small />
              <span class="name">{a.label || 'Unnamed'}</span>
              {a.kind === 'watch' && <span class="badge">watched</span>}
              <span class="end addr hide-s">{shortHash(a.address)}</span>
            </label>
          ))}
        </fieldset>
      </div>
    </Card>
  )
}

function Receive({ account }: { account: WalletAccount }) {
  return (
    <Card id="rec" title="Receive" side={<CopyText value={account.address} what="address" />}>
      <div class="body">
        <p>
          <Grouped hex={account.address} />
        </p>
      </div>
    </Card>
  )
}

function ledeOf(account: WalletAccount): string {
  const v = balances.now.value.value
  const under = activity.value?.filter(t => t.state === 'sent' && t.from.toLowerCase() === account.address.toLowerCase()).length ?? 0
  const has = v ? `${brieflyEther(v.ether.balance)} ETH${v.tokens.length ? ` and ${count(v.tokens.length, 'token')}` : ''}.` : ''
  const locks = { open: 'Unlocked.', locked: 'Locked: you can look, not sign.', gone: '', none: '', unknown: '', lacking: '' }
  const way = under ? `${count(under, 'send')} on ${under === 1 ? 'its' : 'their'} way.` : ''
  return [has, way, account.kind === 'watch' ? 'Watched only.' : locks[lock.value]].filter(Boolean).join(' ')
}

function toSend(): void {
  const heading = document.getElementById('send-h')
  heading?.focus()
  heading?.scrollIntoView({ block: 'start' })
}

function OfAccount({ account }: { account: WalletAccount }) {
  const canSign = account.kind !== 'watch' && lock.value === 'locked'
  return (
    <div class="cols">
      <div class="stack">
        <SignerGone />
        <Accounts />
        <Balances />
        <Activity account={account} />
      </div>
      <aside class="stack" aria-label="Send and receive">
        {canSign ? <UnlockCard /> : <Send key={String(account.id)} account={account} />}
        <Receive account={account} />
      </aside>
    </div>
  )
}

export function Wallet() {
  // The words of a new seed, from being made until they are checked; nowhere else.
  const fresh = useSignal<FreshWords | null>(null)
  const account = chosen.value
  const due = seedDue.value
  const isKnown = lock.value !== 'unknown' && lock.value !== 'lacking' && accounts.value !== null
  if (!isKnown) {
    return (
      <>
        <Title tab="Wallet">Wallet</Title>
        <NoWallet />
      </>
    )
  }
  if (due && (fresh.value || shown.value.length < 2)) {
    return (
      <>
        <Title tab="Wallet" lede="The keys are sealed on this computer. The words are the way back to them.">
          Back up your wallet
        </Title>
        <WalletNav />
        <Backup key={String(due.id)} seed={due} fresh={fresh.value} onWords={w => (fresh.value = w)} done={() => (fresh.value = null)} />
      </>
    )
  }
  if (!account) {
    return (
      <>
        <Title tab="Wallet" lede="Keys are made on this computer and kept by a process of their own.">
          Begin your wallet
        </Title>
        <SignerGone />
        {lock.value === 'locked' ? <UnlockCard /> : <FirstRun onWords={w => (fresh.value = w)} />}
      </>
    )
  }
  return (
    <>
      <Title tab="Wallet" lede={ledeOf(account)}>
        {account.label || 'Unnamed account'}
      </Title>
      <div class="line apart under-title">
        <WalletNav />
        <button class="btn s jump" type="button" onClick={toSend}>
          <Icon name="out" />
          Send
        </button>
      </div>
      <OfAccount account={account} />
    </>
  )
}
