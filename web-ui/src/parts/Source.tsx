// Where a list came from: which relays were asked, and what each said. An empty list is one only when all of them
// answered.
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import type { Source } from '../contract-posts'
import { count, millis } from '../format'
import { EmptyTile, Icon, type IconName } from '../icons'
import { plainLine } from '../plain'
import { say } from '../say'
import { refresh } from '../social'
import { mood } from '../view'
import { Trouble, useAct } from './Form'

type Relay = Source['relays'][number]
const STATES: Record<string, [IconName, (r: Relay) => string]> = {
  answered: ['check', r => count(r.count, 'post')],
  none: ['check', () => 'none'],
  no_answer: ['stale', r => (r.ms ? `no answer, ${millis(r.ms)}` : 'no answer')],
  auth: ['lock', () => 'wants sign-in'],
  unknown_name: ['off', () => 'name unknown'],
  refused: ['failed', () => 'refused']
}
const host = (url: string): string => plainLine(url.replace(/^wss?:\/\//, '').replace(/\/$/, ''), 80)

export function RelayRows({ source }: { source: Source }) {
  if (!source.relays.length) return null
  return (
    <ul class="rows small relays" aria-label="Relays asked">
      {source.relays.map(r => {
        const [icon, words] = STATES[r.state] ?? (['unproven', () => plainLine(r.state)] as const)
        return (
          <li key={r.url}>
            <Icon name={icon} />
            <span class="host">{host(r.url)}</span>
            <span class="mute">{words(r)}</span>
          </li>
        )
      })}
    </ul>
  )
}

export function AskAgain() {
  const act = useAct()
  const held = act.isBusy || mood.value === 'lost'
  return (
    <>
      <button class="btn s" type="button" aria-disabled={held} onClick={() => act.run(() => refresh().then(() => say('Asked again')))}>
        <Icon name="sync" />
        {act.isBusy ? 'Asking' : 'Ask again'}
      </button>
      <Trouble act={act} title="The relays were not asked" />
    </>
  )
}

export const askedWords = (s: Source): string => (s.asked === 0 ? 'No relay was asked' : `Asked ${count(s.asked, 'relay')}, ${s.answered} answered`)

export function Nothing({ source, title, more }: { source: Source; title: string; more?: ComponentChildren }) {
  const silent = source.asked - source.answered
  return (
    <>
      <div class="empty">
        <EmptyTile />
        <b>{title}</b>
        <p class="mute">
          {askedWords(source)}. {silent > 0 && `There may be some on the other ${silent}. `}
          {more}
        </p>
        <AskAgain />
      </div>
      <RelayRows source={source} />
    </>
  )
}

// Beside a list that is not empty.
export function SourceCard({ source }: { source: Source }) {
  const isOpen = useSignal(false)
  return (
    <section class="card" aria-labelledby="source-h">
      <header>
        <h2 id="source-h">Where this is from</h2>
      </header>
      <div class="body small">
        <p>{source.asked === 0 ? 'From your own store: no relay was asked.' : `${askedWords(source)}. The rest is from your own store.`} Only posts whose signature your node checked are kept and shown.</p>
        <div class="line">
          <AskAgain />
          {source.relays.length > 0 && (
            <button class="btn s" type="button" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>
              {isOpen.value ? 'Hide the relays' : 'Show the relays'}
            </button>
          )}
        </div>
      </div>
      {isOpen.value && <RelayRows source={source} />}
    </section>
  )
}
