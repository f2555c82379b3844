// Network answers: what does my node believe, and why?
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { capitalWord, group, lowerFirst, millis, reason, span, stamp } from '../format'
import { info, link, providers, status } from '../node'
import { CheckpointCard } from '../parts/Checkpoint'
import { Evidence } from '../parts/Evidence'
import { HeadDelay } from '../parts/InShort'
import { Kept } from '../parts/Kept'
import { LightClient } from '../parts/LightClient'
import { NetworkNav } from '../parts/NetworkNav'
import { ProblemNote, SyncCard } from '../parts/Notes'
import { Providers } from '../parts/Providers'
import { Age } from '../parts/Time'
import { Title, usePart } from '../parts/Title'
import { problems } from '../problems'
import { answering, headAge, liars, markLiesSeen, mood, networkName } from '../view'
import { Card } from '../parts/Card'

function counted(): string {
  const list = providers.value
  if (!list) return ''
  const n = answering(list).length
  const lied = liars.value.length
  const who = `${capitalWord(n)} ${n === 1 ? 'provider answers' : 'providers answer'}`
  return lied ? `${who}, ${lowerFirst(capitalWord(lied))} ${lied === 1 ? 'was' : 'were'} caught lying.` : `${who}.`
}

function Lede() {
  const s = status.value
  const words = ((): ComponentChildren => {
    switch (mood.value) {
      case 'live':
        return s?.head?.participants ? `One chain, signed by ${s.head.participants} of ${s.head.committee_size}. ${counted()}` : counted()
      case 'syncing':
      case 'starting':
        return reason(s?.why) ?? `Not at the newest head yet. ${counted()}`
      case 'stale':
        return `Nothing new for ${headAge.value === null ? 'a while' : span(headAge.value)}. ${counted()}`
      case 'offline':
        return reason(s?.why) ?? 'Nothing new can be proven until a provider answers.'
      case 'lost':
        return link.value.s === 'lost' && s ? 'This is what it believed when the page lost it.' : 'The page cannot reach it.'
      case 'error':
        return 'It stopped, because going on would mean to believe something unproven.'
      case 'loading':
      case 'out':
        return null
    }
  })()
  return <>{words}</>
}

function Chain() {
  const s = status.value
  if (!s) return null
  const n = s.network
  return (
    <Card id="chain" title="Chain" side={<span class="small mute">{networkName.value}</span>}>
      <div class="body">
        <dl class="kv ends">
          <dt>Chain id</dt>
          <dd>{n.chain_id}</dd>
          <dt>Fork</dt>
          <dd>{s.fork.charAt(0).toUpperCase() + s.fork.slice(1)}</dd>
          <dt>Slot now</dt>
          <dd>{group(s.wall_slot)}</dd>
          <dt>Slot time</dt>
          <dd>{n.slot_duration_ms % 1000 ? millis(n.slot_duration_ms) : span(n.slot_duration_ms)}</dd>
          <dt>Committee</dt>
          <dd>{group(n.sync_committee_size)} keys</dd>
        </dl>
      </div>
    </Card>
  )
}

function ThisNode() {
  const i = info.value
  if (!i) return null
  return (
    <Card id="node" title="This node" side={<span class="small mute">{i.version}</span>}>
      <div class="body">
        <dl class="kv">
          <dt>Running</dt>
          <dd>
            {link.value.s === 'lost' ? 'not known now' : <Age since={i.started_ms} />}
          </dd>
          <dt>Since</dt>
          <dd>{stamp(i.started_ms)}</dd>
          <dt>Data</dt>
          <dd class="mono small">{i.data_dir}</dd>
          <dt>Process</dt>
          <dd>{i.pid}</dd>
        </dl>
      </div>
    </Card>
  )
}

export function Network() {
  usePart()
  // Evidence counts as seen when the person leaves the screen that showed it.
  useEffect(() => markLiesSeen, [])
  const m = mood.value
  const accused = (providers.value ?? []).filter(p => p.faults.length > 0)
  return (
    <>
      <Title tab="Network" lede={<Lede />}>
        What your node believes, and why
      </Title>
      <NetworkNav />
      <div class="cols">
        <div class="stack">
          {problems.value.map(p => (
            <ProblemNote key={p.code} problem={p} />
          ))}
          {(m === 'syncing' || m === 'starting') && <SyncCard />}
          <LightClient />
          <CheckpointCard />
          <Providers />
          {accused.map((p, i) => (
            <Evidence key={p.id} p={p} first={i === 0} />
          ))}
        </div>
        <aside class="stack" aria-label="Head delay, chain and node">
          <HeadDelay />
          <Kept />
          <Chain />
          <ThisNode />
        </aside>
      </div>
    </>
  )
}
