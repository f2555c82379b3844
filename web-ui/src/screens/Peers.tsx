// Peers answers: which nodes is mine linked with, what do we give each other, and why is one not linked?
import type { Gossip, Peer, Peers as All } from '../contract-peers'
import { capitalWord, count, group, percent } from '../format'
import { EmptyTile } from '../icons'
import { socialMe } from '../node'
import { Card } from '../parts/Card'
import { Bar } from '../parts/Draw'
import { Note } from '../parts/Notes'
import { PeerAdd } from '../parts/PeerAdd'
import { PeerInvite } from '../parts/PeerInvite'
import { PeerRow } from '../parts/PeerRow'
import { PeersPage } from '../parts/PeersPage'
import { nameOfPeer } from '../peer-words'
import { peers } from '../peers'

const ORDER = ['connected', 'connecting', 'resting', 'waiting', 'asleep', 'banned']
const rank = (p: Peer): number => (p.is_accepted ? 0 : 10) + ORDER.indexOf(p.state)
const SHOWN_MAX = 200

// The name is fixed as the list is read, so that rows do not move but when a link comes or goes.
const sorted = (list: Peer[]): Peer[] => [...list].sort((a, b) => rank(a) - rank(b) || nameOfPeer(a).localeCompare(nameOfPeer(b)) || a.node.localeCompare(b.node))

function lede(all: All): string {
  if (!all.peers.length) return 'Your node stands alone, and works so.'
  const to = all.links === 1 ? 'One link' : `${capitalWord(all.links)} links`
  return all.links < all.wanted_links ? `${to} of ${all.wanted_links} that your node keeps if it can. Each brings posts straight from node to node.` : `${to}, as many as your node wants. Each brings posts straight from node to node.`
}

function Empty() {
  return (
    <div class="empty">
      <EmptyTile />
      <b>No peers yet</b>
      <p class="mute">A peer is another Hearth node. Two that are linked bring each other what the people you both follow write, and keep doing so when a relay is gone. Invite somebody, or take an invitation.</p>
    </div>
  )
}

function List({ all }: { all: All }) {
  const list = sorted(all.peers)
  return (
    <Card id="peers" title="Peers" side={<span class="small mute">{all.links} of {all.wanted_links} links</span>}>
      {list.length > 0 && (
        <div class="body">
          <Bar share={all.links / Math.max(1, all.wanted_links)} label={`${all.links} of ${all.wanted_links} links`} />
        </div>
      )}
      {list.length ? (
        <ul class="rows links">
          {list.slice(0, SHOWN_MAX).map(p => (
            <PeerRow key={p.node} p={p} />
          ))}
        </ul>
      ) : (
        <Empty />
      )}
      {list.length > SHOWN_MAX && <footer>{count(list.length - SHOWN_MAX, 'more that is', 'more that are')} not linked, in “hearth peer list”.</footer>}
    </Card>
  )
}

function Exchange({ g }: { g: Gossip }) {
  const all = g.fresh + g.duplicates
  if (!all && !g.pushed && !g.announced) return null
  return (
    <Card id="exchange" title="Exchanged" side={<span class="small mute">since the node started</span>}>
      <div class="body">
        <dl class="kv ends">
          <dt>New to you</dt>
          <dd>{group(g.fresh)}</dd>
          <dt>Came twice</dt>
          <dd>{all ? `${group(g.duplicates)}, ${percent(g.duplicates, all)}` : '0'}</dd>
          <dt>Passed on at once</dt>
          <dd>{group(g.pushed)}</dd>
          <dt>Announced</dt>
          <dd>{group(g.announced)}</dd>
          <dt>Given when asked</dt>
          <dd>{group(g.gave)}</dd>
          <dt>False, thrown away</dt>
          <dd>{group(g.bad)}</dd>
        </dl>
      </div>
    </Card>
  )
}

function NoKey() {
  if (!socialMe.value || socialMe.value.pubkey) return null
  return (
    <Note tone="warn" icon="key" title="Your node cannot say whose it is">
      <span>Without a Nostr key peers link with it all the same, but nobody knows it as yours, and it follows nobody whose posts they could bring.</span>
      <span class="line">
        <a class="btn s" href="#/settings/add">
          Make or bring a key
        </a>
      </span>
    </Note>
  )
}

export function Peers() {
  const all = peers.now.value.value
  return (
    <PeersPage tab="Peers" title="Nodes that yours is linked with" lede={all && lede(all)}>
      {all && (
        <div class="cols">
          <div class="stack">
            <NoKey />
            <List all={all} />
          </div>
          <aside class="stack" aria-label="Invitations and what was exchanged">
            <PeerInvite />
            <PeerAdd />
            <Exchange g={all.gossip} />
          </aside>
        </div>
      )}
    </PeersPage>
  )
}
