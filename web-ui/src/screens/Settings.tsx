// Settings: lock, passphrase, every key and how it leaves, what confines the signer; and who is signed in.
import { useSignal } from '@preact/signals'
import { count, shortHash } from '../format'
import type { WalletAccount } from '../contract-wallet'
import { Icon, Tile } from '../icons'
import { accounts } from '../node'
import { AddKeys } from '../parts/AddKeys'
import { Backup } from '../parts/Backup'
import type { FreshWords } from '../parts/FirstRun'
import { KeyActs } from '../parts/KeyActs'
import { Sessions } from '../parts/Sessions'
import { SignInRule } from '../parts/SignInRule'
import { Title, usePart } from '../parts/Title'
import { SignerCard, VaultCard } from '../parts/VaultCards'
import { NoWallet, SignerGone, WalletNav } from '../parts/WalletNav'
import { lock, seedDue } from '../wallet'
import { Card } from '../parts/Card'

const KIND_WORDS = { derived: 'from a seed', imported: 'imported key', watch: 'watched only' }

function AccountRow({ a }: { a: WalletAccount }) {
  return (
    <li class="over">
      <Tile of={a.address} />
      <div>
        <b class="host">{a.label || 'Unnamed'}</b>
        <span class="sub">
          <span class="addr" title={a.address}>{shortHash(a.address)}</span>, {KIND_WORDS[a.kind]}
          {a.path && <>, <span class="mono">{a.path}</span></>}
          {a.is_hidden && ', hidden'}
        </span>
      </div>
      <KeyActs k={{ id: a.id, label: a.label || shortHash(a.address), formats: a.kind === 'watch' ? [] : ['keystore', 'raw'], isHidden: a.is_hidden, canHide: true }} />
    </li>
  )
}

function Keys() {
  const all = accounts.value
  if (!all) return null
  const { accounts: list, seeds, nostr } = all
  if (!list.length && !seeds.length && !nostr.length) return null
  return (
    <Card id="keys" title="Accounts and keys" side={<span class="small mute">{count(list.length, 'account')}</span>}>
      <ul class="rows">
        {list.map(a => (
          <AccountRow key={`a${a.id}`} a={a} />
        ))}
        {seeds.map(s => (
          <li class="over" key={`s${s.id}`}>
            <span class="glyph">
              <Icon name="key" />
            </span>
            <div>
              <b class="host">{s.label || 'Seed'}</b>
              <span class="sub">
                Seed{s.words > 0 && ` of ${count(s.words, 'word')}`}, {s.is_backed_up ? 'backed up' : 'not backed up yet'}
              </span>
            </div>
            <KeyActs k={{ id: s.id, label: s.label || 'Seed', formats: ['mnemonic'] }} />
          </li>
        ))}
        {nostr.map(n => (
          <li class="over" key={`n${n.id}`}>
            <span class="glyph">
              <Icon name="key" />
            </span>
            <div>
              <b class="host">{n.label || 'Nostr key'}</b>
              <span class="sub">
                Nostr, <span class="addr" title={n.pubkey}>{shortHash(n.pubkey)}</span>
              </span>
            </div>
            <KeyActs k={{ id: n.id, label: n.label || 'Nostr key', formats: ['nip49', 'nsec'] }} />
          </li>
        ))}
      </ul>
    </Card>
  )
}

export function Settings() {
  usePart()
  const fresh = useSignal<FreshWords | null>(null)
  const due = seedDue.value
  const isThere = lock.value !== 'unknown' && lock.value !== 'lacking' && accounts.value !== null
  return (
    <>
      <Title tab="Settings" lede={isThere ? 'Every key here leaves in standard formats, with your passphrase and no other word.' : null}>
        Settings
      </Title>
      {!isThere ? (
        <div class="stack">
          <Sessions />
          <SignInRule />
          <NoWallet />
        </div>
      ) : (
        <>
          <WalletNav />
          <div class="cols">
            <div class="stack">
              <SignerGone />
              {due && <Backup key={String(due.id)} seed={due} fresh={fresh.value} onWords={w => (fresh.value = w)} done={() => (fresh.value = null)} />}
              <Keys />
              <AddKeys onWords={w => (fresh.value = w)} />
              <Sessions />
              <SignInRule />
            </div>
            <aside class="stack" aria-label="Vault">
              <VaultCard />
              <SignerCard />
            </aside>
          </div>
        </>
      )}
    </>
  )
}
