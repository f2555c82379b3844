// Small pieces that several screens share: the state badge of a card, bones while loading, problems
// that need the person, and the progress of a sync.
import type { ComponentChildren } from 'preact'
import { count, group, sentence, span } from '../format'
import { Icon, type IconName } from '../icons'
import { status } from '../node'
import type { Problem } from '../problems'
import { mood, syncPercent, type Mood } from '../view'
import { CopyCode } from './Copy'
import { Bar } from './Draw'
import { Card } from './Card'

const BADGES: Record<Mood, [string, IconName, string]> = {
  live: ['ok', 'proven', 'Verified'],
  syncing: ['a', 'sync', 'Syncing'],
  starting: ['a', 'sync', 'Starting'],
  loading: ['', 'sync', 'Loading'],
  stale: ['warn', 'stale', 'Stale'],
  offline: ['', 'off', 'Offline'],
  lost: ['', 'off', 'Unreachable'],
  out: ['', 'key', 'Not signed in'],
  error: ['bad', 'failed', 'Stopped']
}

export function MoodBadge() {
  const [tone, icon, word] = BADGES[mood.value]
  return (
    <span class={`badge ${tone}`}>
      <Icon name={icon} />
      {word}
    </span>
  )
}

export function Note({ tone, icon, title, children }: { tone?: string; icon: IconName; title: ComponentChildren; children?: ComponentChildren }) {
  return (
    <div class={`note ${tone ?? ''}`}>
      <Icon name={icon} />
      <b>{title}</b>
      {children}
    </div>
  )
}

export function ProblemNote({ problem }: { problem: Problem }) {
  return (
    <Note tone="bad" icon="failed" title={problem.title}>
      <span>
        {sentence(problem.happened)} {problem.next}
      </span>
      <span class="line">
        {problem.href && (
          <a class="btn s main" href={problem.href}>
            {problem.action}
          </a>
        )}
        <CopyCode code={problem.code} />
      </span>
    </Note>
  )
}

// The shape of a card that comes. Drawn after a tenth of a second, so that a fast answer never flashes.
export function Bones({ rows }: { rows: number }) {
  return (
    <ul class="rows bones" aria-hidden="true">
      {Array.from({ length: rows }, (_, i) => (
        <li key={i}>
          <span class="glyph" />
          <div class="stack tight">
            <span class={`bone ${i % 2 ? 'w1' : 'w2'}`} />
            <span class={`bone ${i % 2 ? 'w2' : 'w3'}`} />
          </div>
          <span />
        </li>
      ))}
    </ul>
  )
}

export function BoneCard({ rows }: { rows: number }) {
  return (
    <section class="card" aria-busy="true" aria-label="Loading">
      <Bones rows={rows} />
    </section>
  )
}

const STEPS = {
  checkpoint: 'Asking the checkpoint sources',
  bootstrap: 'Proving the first sync committee',
  committees: 'Proving one committee after the other',
  head: 'Looking for the newest head',
  done: 'Done'
} as const

export function SyncCard() {
  const sync = status.value?.sync
  if (!sync) return null
  const percent = syncPercent.value
  const rate = sync.per_minute > 0 ? `${count(sync.per_minute, 'period')} a minute` : null
  const left = sync.left_ms === null ? null : `about ${span(sync.left_ms)} left`
  return (
    <Card id="sync" title="Catching up" side={<span class="badge a">
          <Icon name="sync" />
          {percent === null ? 'Syncing' : `${percent} %`}
        </span>}>
      <div class="body">
        {sync.total > 0 && (
          <>
            <div class="line apart">
              <b>
                {group(sync.done)} of {count(sync.total, 'period')}
              </b>
              <span class="small mute">{[rate, left].filter(Boolean).join(', ')}</span>
            </div>
            <Bar share={sync.done / sync.total} label={`${percent ?? 0} percent of the periods proven`} />
          </>
        )}
        <dl class="kv">
          <dt>Now</dt>
          <dd>{STEPS[sync.step]}</dd>
          <dt>Works now</dt>
          <dd>the checkpoint, the providers, this page</dd>
          <dt>Waits</dt>
          <dd>the newest head and everything proven at it</dd>
        </dl>
      </div>
    </Card>
  )
}
