// The link of the feed key and an account: each names the other, and the owner on chain decides whether it holds.
import type { Bond } from '../contract-identity'
import { group, shortHash } from '../format'
import { Icon, type IconName } from '../icons'
import { endLink, linkKey } from '../identity'
import { socialMe } from '../node'
import { say } from '../say'
import { mood } from '../view'
import { chosen } from '../wallet'
import { said, Whose } from './AttestStatus'
import { Card } from './Card'
import { Trouble, useAct } from './Form'

const STATES: Record<Bond['state'], [string, IconName, string]> = {
  linked: ['ok', 'proven', 'both directions proven'],
  owner_changed: ['bad', 'failed', 'the owner changed on chain: the key does not speak for it any more'],
  not_signed: ['bad', 'failed', 'the account has not signed it'],
  unverified: ['', 'unproven', 'could not be told'],
  none: ['', 'unproven', 'not linked']
}

function Row({ b }: { b: Bond }) {
  const act = useAct()
  const [tone, icon, words] = STATES[b.state]
  const held = act.isBusy || mood.value === 'lost'
  return (
    <li>
      <div>
        <b>
          Feed key {shortHash(b.pubkey)} and <Whose a={b.address} />
        </b>
        <span class="sub">
          <span class={`prov long ${tone}`}>
            <Icon name={icon} />
            {words}
          </span>
          {b.as_of && `, as of finalized block ${group(b.as_of.number)}`}. {b.state !== 'linked' && said(b.why)}
        </span>
        <Trouble act={act} title="The link was not ended" />
        <div class="line drops">
          <button class="btn s danger" type="button" aria-disabled={held} onClick={() => act.run(() => endLink(b.address).then(() => say('Link ended')))}>
            End the link<span class="sr"> with {b.address}</span>
          </button>
        </div>
      </div>
    </li>
  )
}

export function ClaimLink({ list }: { list: Bond[] }) {
  const act = useAct()
  const mine = list.filter(b => b.is_mine && b.state !== 'none')
  const account = chosen.value
  const me = socialMe.value?.pubkey
  const isLinked = mine.some(b => b.state === 'linked' && b.pubkey === me && b.address.toLowerCase() === account?.address.toLowerCase())
  const canLink = me && account && account.kind !== 'watch' && !isLinked
  return (
    <Card id="link" title="Your feed key">
      {mine.length > 0 && (
        <ul class="rows plain">
          {mine.map(b => (
            <Row key={`${b.pubkey} ${b.address}`} b={b} />
          ))}
        </ul>
      )}
      <div class="body">
        {mine.length === 0 && <p class="mute">Link it to an account, and both vouch for each other: whoever reads you can prove which account is yours. It becomes public.</p>}
        {canLink && (
          <div class="line">
            <button class="btn s" type="button" aria-disabled={act.isBusy || mood.value === 'lost'} onClick={() => act.run(() => linkKey(account.address).then(() => say('Linked')))}>
              {act.isBusy ? 'Waits for your decision' : `Link ${account.label || 'this account'}`}
            </button>
          </div>
        )}
        {!me && <p class="small mute">No Nostr key is chosen yet. Make or bring one under Wallet, Settings.</p>}
        <Trouble act={act} title="Not linked" />
      </div>
    </Card>
  )
}
