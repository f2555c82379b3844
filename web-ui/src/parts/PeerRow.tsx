// A peer in the list: who, how it is reached, what both carry, what it is worth; and, folded, all that is known of it.
import { useSignal } from '@preact/signals'
import { nodeNow } from '../clock'
import type { Peer } from '../contract-peers'
import { brief, count, dated, shortHash } from '../format'
import { Icon, Tile } from '../icons'
import * as words from '../peer-words'
import { plainLine } from '../plain'
import { Hash } from './Copy'
import { PeerActs } from './PeerActs'

const ago = (ms: number): string => `${brief(nodeNow.value - ms)} ago`

function Faults({ p }: { p: Peer }) {
  if (!p.faults.length) return <>none</>
  return (
    <ul class="stack tight">
      {[...p.faults].reverse().map((f, i) => (
        <li key={`${f.at_ms} ${i}`}>
          {words.faultWords(f.kind)}
          {f.count > 1 && `, ${count(f.count, 'time')}`}, <span title={dated(f.at_ms)}>{ago(f.at_ms)}</span>
          {f.what && <span class="sub small mute mono">{plainLine(f.what, 100)}</span>}
        </li>
      ))}
    </ul>
  )
}

function All({ p }: { p: Peer }) {
  return (
    <dl class="kv">
      <dt>Node</dt>
      <dd>
        <Hash value={p.node} what="key of the node" />
      </dd>
      {p.user && (
        <>
          <dt>Owner</dt>
          <dd>
            <a class="by" href={`#/author/${p.user}`}>
              <bdi>{plainLine(p.name ?? '') || shortHash(p.npub ?? p.user)}</bdi>
            </a>
          </dd>
        </>
      )}
      <dt>Came by</dt>
      <dd>{words.originWords(p)}</dd>
      <dt>Addresses</dt>
      <dd class="small">{p.addresses.length ? p.addresses.map(a => <span key={a} class="mono">{plainLine(a, 200)} </span>) : 'none that is known'}</dd>
      <dt>Carries</dt>
      <dd>
        {p.scope.all ? 'everybody' : count(p.scope.authors, 'person', 'people')}
        {p.scope.tags.length > 0 && `, ${p.scope.tags.slice(0, 5).map(t => `#${plainLine(t, 40)}`).join(' ')}`}
        {p.scope.inbox > 0 && `, takes messages for ${count(p.scope.inbox, 'person', 'people')}`}
      </dd>
      <dt>Catching up</dt>
      <dd>
        {words.catchupWords(p)}
        {p.catchup.at_s !== null && `, ${ago(p.catchup.at_s * 1000)}`}
        {p.catchup.state !== 'idle' && !p.catchup.has_neg && '. It cannot compare by digests, so it is asked plainly'}
      </dd>
      <dt>Score</dt>
      <dd>
        {p.score} of 100. {words.worth(p)}
      </dd>
      <dt>Faults</dt>
      <dd>
        <Faults p={p} />
      </dd>
    </dl>
  )
}

// Who is linked, first for what: how, what both carry. Who is not: why not, and what is done about it.
function Lines({ p }: { p: Peer }) {
  const [tone, score] = words.scoreOf(p)
  const last = p.faults.at(-1)
  const isLinked = p.state === 'connected'
  const isForFaults = last !== undefined && p.score < 0 // which are said below
  return (
    <>
      {isLinked ? (
        <span class="sub">
          {words.reachedHow(p)}
          {p.since_s !== null && `; linked for ${brief(nodeNow.value - p.since_s * 1000)}`}. {words.shared(p)}
        </span>
      ) : (
        <span class="sub">
          {words.nextOf(p)} {p.last_end && !isForFaults && `${words.endWords(p.last_end)} `}
          {p.seen_s !== null ? `Last linked ${ago(p.seen_s * 1000)}.` : 'Never linked yet.'}
        </span>
      )}
      <span class="sub">
        {p.bytes_in + p.bytes_out > 0 && `${words.traffic(p)}. `}
        <span class={tone === 'bad' || tone === 'warn' ? 'host' : undefined}>{score}</span>
        {last && p.score < 0 ? `: ${words.faultWords(last.kind).toLowerCase()}, ${ago(last.at_ms)}.` : '.'}
        {(p.catchup.state === 'comparing' || p.catchup.state === 'fetching') && ` ${words.catchupWords(p)}.`}
      </span>
    </>
  )
}

export function PeerRow({ p }: { p: Peer }) {
  const isOpen = useSignal(false)
  const [tone, state] = words.stateOf(p)
  const name = words.nameOfPeer(p)
  const rest = words.whose(p)
  return (
    <li class="over">
      <Tile of={p.user ?? p.node} />
      <div>
        <b class="host">
          <bdi>{name}</bdi>
          {rest && <span class="port small mute"> <bdi>{rest}</bdi></span>}
        </b>
      </div>
      <span class={`badge ${tone}`}>{state}</span>
      <div class="acts">
        <Lines p={p} />
      </div>
      <details class="acts" onToggle={e => (isOpen.value = e.currentTarget.open)}>
        <summary>
          <Icon name="right" />
          All about it, and what you can do<span class="sr">: {name}</span>
        </summary>
        {isOpen.value && (
          <div class="stack">
            <All p={p} />
            <PeerActs p={p} />
          </div>
        )}
      </details>
    </li>
  )
}
