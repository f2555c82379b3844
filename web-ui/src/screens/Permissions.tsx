// Permissions answers: who may see my accounts and ask me for signatures, until when, and what did they do?
import { brief, capitalWord, day } from '../format'
import type { Permission } from '../contract-wallet'
import { nodeNow } from '../clock'
import { EmptyTile, Icon } from '../icons'
import { permissions } from '../node'
import { Audit } from '../parts/Audit'
import { Trouble, useAct } from '../parts/Form'
import { Bones } from '../parts/Notes'
import { AddressRef } from '../parts/Ref'
import { Title } from '../parts/Title'
import { NoWallet, SignerGone, WalletNav } from '../parts/WalletNav'
import { say } from '../say'
import { mood } from '../view'
import { nameOf, revoke, revokeAll, lock } from '../wallet'
import { Card } from '../parts/Card'

function Row({ p }: { p: Permission }) {
  const act = useAct()
  const left = p.expires_ms - nodeNow.value
  const who = p.origin || 'Programs on this computer'
  return (
    <li>
      <span class="glyph">
        <Icon name={p.origin ? 'net' : 'hearth'} />
      </span>
      <div>
        <b class="host">{who}</b>
        <span class="sub">
          Sees{' '}
          {p.accounts.map((a, i) => [i > 0 && ', ', nameOf(a) ?? <AddressRef key={a} a={a} />])}
          . {p.used_ms ? `Last used ${brief(nodeNow.value - p.used_ms)} ago.` : 'Never used.'}{' '}
          {left > 0 ? `Ends ${day(p.expires_ms)}, in ${brief(left)}.` : 'It has ended.'}
        </span>
        <Trouble act={act} title="It was not revoked" />
      </div>
      <button class="btn s danger" type="button" aria-disabled={act.isBusy} onClick={() => act.run(() => revoke(p.origin).then(() => say(`Revoked for ${who}`)))}>
        Revoke<span class="sr"> {who}</span>
      </button>
    </li>
  )
}

function RevokeAll({ n }: { n: number }) {
  const act = useAct()
  if (n < 2) return null
  return (
    <footer class="line">
      <button class="btn s danger" type="button" aria-disabled={act.isBusy} onClick={() => act.run(() => revokeAll().then(() => say('All revoked')))}>
        Revoke all {n}
      </button>
      <Trouble act={act} title="Not revoked" />
    </footer>
  )
}

function May() {
  const list = permissions.value
  return (
    <Card id="may" title="Who may ask" busy={list === null}>
      {list === null ? (
        <Bones rows={1} />
      ) : list.length ? (
        <ul class="rows">
          {list.map(p => (
            <Row key={p.origin} p={p} />
          ))}
        </ul>
      ) : (
        <div class="empty">
          <EmptyTile />
          <b>Nobody may ask you for anything</b>
          <p class="mute">A page or a program that wants to see an account must ask here first. Until then it learns nothing.</p>
        </div>
      )}
      <RevokeAll n={list?.length ?? 0} />
    </Card>
  )
}

export function Permissions() {
  const n = permissions.value?.length ?? null
  const isThere = lock.value !== 'unknown' && lock.value !== 'lacking'
  const lede =
    n === null || mood.value === 'lost' ? null
    : n === 0 ? 'No page and no program sees your accounts.'
    : `${capitalWord(n)} ${n === 1 ? 'site or program sees' : 'sites or programs see'} an account. Each signature is still asked for.`
  return (
    <>
      <Title tab="Permissions" lede={isThere ? lede : null}>
        Who may ask for your signature
      </Title>
      {isThere ? (
        <>
          <WalletNav />
          <div class="duo under">
            <div class="stack">
              <SignerGone />
              <May />
            </div>
            <Audit />
          </div>
        </>
      ) : (
        <NoWallet />
      )}
    </>
  )
}
