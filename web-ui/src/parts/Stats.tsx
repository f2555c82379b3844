// What the node keeps of the feeds and what its relay and door do, in the node's own counts.
import { bytes, dated, group, upperFirst } from '../format'
import { Icon } from '../icons'
import { plainLine } from '../plain'
import { stats } from '../social'
import { Card } from './Card'

const PARTS: Record<string, string> = { store: 'Kept here', relay: 'Relay, since it started', door: 'Door, since it started', removed: 'Removed so far' }
const rank = (part: string): number => (Object.keys(PARTS).indexOf(part) + 99) % 99 // what has no name last
const KINDS: Record<number, string> = {
  0: 'profiles', 1: 'posts', 3: 'lists of follows', 5: 'deletions', 6: 'reposts', 7: 'reactions', 1018: 'votes', 1059: 'sealed messages', 1068: 'polls', 1111: 'comments', 1984: 'reports',
  10_000: 'lists of mutes', 10_002: 'lists of relays', 10_050: 'relays for messages', 30_023: 'articles'
}

const NAMES: Record<string, string> = { retention: 'By your rules of how long posts stay', expired: 'Because their authors set an end' }
const nameOf = (key: string): string => NAMES[key] ?? upperFirst(plainLine(key.replace(/_/g, ' ').replace(/ bytes$/, ''), 40))
function told(key: string, value: number): string {
  if (key === 'oldest' || key === 'newest') return value > 0 ? dated(value * 1000) : 'none'
  if (/bytes/.test(key)) return bytes(value)
  return /_ms$/.test(key) ? `${group(value)} ms` : group(value)
}

function kindRows(value: unknown): [string, string][] {
  if (!Array.isArray(value)) return []
  return value.flatMap((one: unknown): [string, string][] => {
    const { kind, count, events } = (one ?? {}) as { kind?: unknown; count?: unknown; events?: unknown }
    const n = count ?? events
    return typeof kind === 'number' && typeof n === 'number' ? [[`Kind ${kind}${KINDS[kind] ? `, ${KINDS[kind]}` : ''}`, group(n)]] : []
  })
}

function rowsOf(part: Record<string, unknown>): [string, string][] {
  return Object.entries(part).flatMap(([key, value]): [string, string][] =>
    typeof value === 'number' ? [[nameOf(key), told(key, value)]] : kindRows(value)
  )
}

export function Stats() {
  const got = stats.now.value
  const { value } = got
  return (
    <Card
      id="stats" title="What your node keeps" busy={got.isBusy}
      side={
        <button class="btn s" type="button" aria-disabled={got.isBusy} onClick={stats.again}>
          <Icon name="sync" />
          Count again
        </button>
      }
    >
      <div class="body stack">
        {!value && <p class="mute">{got.error ? 'Your node does not tell its counts.' : 'Asking your node.'}</p>}
        {value &&
          Object.entries(value).sort(([a], [b]) => rank(a) - rank(b)).map(([part, counts]) => (
            <details key={part} open={part === 'store'}>
              <summary>{PARTS[part] ?? nameOf(part)}</summary>
              <dl class="kv ends">
                {rowsOf(counts).map(([name, n]) => (
                  <>
                    <dt>{name}</dt>
                    <dd>{n}</dd>
                  </>
                ))}
              </dl>
            </details>
          ))}
      </div>
    </Card>
  )
}
