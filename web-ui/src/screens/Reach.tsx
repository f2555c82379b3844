// Reach answers: from where can others come to my node, who knows that, and what may they use?
import type { PeerSettings, Reach as Reached } from '../contract-peers'
import { count, reason } from '../format'
import { EmptyTile } from '../icons'
import { Card } from '../parts/Card'
import { CopyCode, CopyText } from '../parts/Copy'
import { BoneCard, Note } from '../parts/Notes'
import { PeersPage } from '../parts/PeersPage'
import { ReachRules, ReachShare, ReachTell } from '../parts/ReachShare'
import { ReachWays } from '../parts/ReachWays'
import { peers, peerSettings } from '../peers'
import { plainLine } from '../plain'
import { lock } from '../wallet'

const FROM: Record<string, string> = { loopback: 'from this computer only', lan: 'from your own network', public: 'from the internet', onion: 'through Tor' }
const outside = (r: Reached) => r.addresses.filter(a => a.reach === 'public' || a.reach === 'onion')

function lede(r: Reached, s: PeerSettings | null): string {
  const n = outside(r).length
  if (n) return `From outside by ${count(n, 'address', 'addresses')}.${s && s.tell === 'nobody' ? ' None of them is told to anybody.' : ''}`
  if (r.addresses.some(a => a.reach === 'lan')) return 'From your own network, and from nowhere else.'
  if (r.addresses.length) return 'From this computer only.'
  return 'By nobody: your node calls others, and nobody can call it. That is how it starts, and enough where a friend’s node can be called.'
}

function Addresses({ r }: { r: Reached }) {
  return (
    <Card id="addresses" title="Addresses" side={<span class="small mute">{count(r.addresses.length, 'address', 'addresses')}</span>}>
      {r.addresses.length ? (
        <ul class="rows sources links">
          {r.addresses.map(a => (
            <li key={a.url}>
              <div>
                <span class="mono small host">{plainLine(a.url, 200)}</span>
                <span class="sub small mute">
                  {FROM[a.reach] ?? plainLine(a.reach, 20)}, {a.is_told ? 'told to peers' : 'not told'}
                </span>
              </div>
              <CopyText value={a.url} what={a.url} />
            </li>
          ))}
        </ul>
      ) : (
        <div class="empty">
          <EmptyTile />
          <b>None</b>
          <p class="mute">Nobody can come to your node, and none of its addresses is known to anybody. Turn a way on to change that.</p>
        </div>
      )}
    </Card>
  )
}

// What is told is signed, and without the keys that waits.
function Sealed({ r }: { r: Reached }) {
  if (lock.value !== 'locked' || !r.addresses.length) return null
  return (
    <Note tone="warn" icon="lock" title="Your keys are sealed">
      <span>Ways open and close all the same. What peers are told of your addresses is signed with your key, and changes once you have unlocked.</span>
      <span class="line">
        <a class="btn s" href="#/wallet">
          Unlock
        </a>
      </span>
    </Note>
  )
}

function Settings({ r }: { r: Reached }) {
  const { value: s, error } = peerSettings.now.value
  if (error && !s) {
    return (
      <section class="card" aria-label="Not shown">
        <div class="body">
          <Note tone="bad" icon="failed" title="Your node could not tell its settings">
            <span>{reason(error.message)} Nothing was changed.</span>
            <span class="line">
              <button class="btn s" type="button" onClick={() => peerSettings.again()}>
                Try again
              </button>
              <CopyCode code={error.code} />
            </span>
          </Note>
        </div>
      </section>
    )
  }
  if (!s) return <BoneCard rows={5} />
  return (
    <div class="cols">
      <div class="stack">
        <Sealed r={r} />
        <ReachWays s={s} r={r} />
        <Addresses r={r} />
      </div>
      <aside class="stack" aria-label="Who is told, who may link, what peers may use">
        <ReachTell s={s} />
        <ReachRules s={s} />
        <ReachShare s={s} />
      </aside>
    </div>
  )
}

export function Reach() {
  const all = peers.now.value.value
  return (
    <PeersPage tab="How others reach you" title="How others reach your node" lede={all && lede(all.reach, peerSettings.now.value.value)}>
      {all && <Settings r={all.reach} />}
    </PeersPage>
  )
}
