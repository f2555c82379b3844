// The providers: who answers, how well, and what went wrong last. Scores are the node's; colour is never
// the only sign.
import { count, group, millis } from '../format'
import { Icon, type IconName } from '../icons'
import { providers } from '../node'
import type { Provider } from '../contract'
import { ScoreBar } from './Draw'
import { Bones } from './Notes'
import { Age } from './Time'
import { Card } from './Card'

const STATES: Record<Provider['state'], [string, IconName, string]> = {
  in_use: ['a', 'check', 'in use'],
  ready: ['', 'check', 'ready'],
  slow: ['warn', 'stale', 'slow'],
  failing: ['warn', 'warn', 'failing'],
  lied: ['bad', 'failed', 'lied']
}

function Host({ name }: { name: string }) {
  const colon = name.lastIndexOf(':')
  const host = colon > 0 ? name.slice(0, colon) : name
  return (
    <span class="host">
      {host}
      {host !== name && (
        <>
          <wbr />
          <span class="mute port">{name.slice(colon)}</span>
        </>
      )}
    </span>
  )
}

function about(p: Provider, newest: number): string {
  const facts: string[] = []
  if (p.state === 'lied') facts.push('dropped')
  if (p.head_slot !== null && p.head_slot < newest) facts.push(`${count(newest - p.head_slot, 'slot')} behind`)
  facts.push(`${group(p.requests)} asked`)
  if (p.failures) facts.push(`${group(p.failures)} failed`)
  if (p.budget_per_s !== null) facts.push(`at most ${group(p.budget_per_s)} a second`)
  return facts.join(', ')
}

function Methods({ p }: { p: Provider }) {
  return (
    <details>
      <summary>
        <Icon name="right" />
        {count(p.methods.length, 'method')} asked of it
      </summary>
      <ul class="methods">
        {p.methods.map(m => (
          <li key={m.method}>
            <code>{m.method}</code>{' '}
            <span class="small mute">
              {group(m.answered)} answered{m.failed > 0 && `, ${group(m.failed)} failed`}
              {m.ms !== null && `, ${millis(m.ms)}`}
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}

function Row({ p, newest }: { p: Provider; newest: number }) {
  const [tone, icon, word] = STATES[p.state]
  const row = (
    <tr>
      <th scope="row">
        <Host name={p.name} />
        <span class="small mute why">{about(p, newest)}</span>
        {p.last_error && (
          <span class="small mute why">
            Last error <Age since={p.last_error.at_ms} short /> ago: {p.last_error.text}
          </span>
        )}
        {p.lacks.length > 0 && (
          <span class="small mute why">
            Lacks <span class="mono">{p.lacks.join(', ')}</span>
          </span>
        )}
      </th>
      <td>
        <span class="line">
          <ScoreBar score={p.score} bad={p.state === 'lied'} />
          {p.score}
        </span>
      </td>
      <td class="num w">{p.median_ms === null ? 'none' : millis(p.median_ms)}</td>
      <td>
        <span class={`badge ${tone}`}>
          <Icon name={icon} />
          {word}
        </span>
      </td>
    </tr>
  )
  if (!p.methods.length) return row
  return (
    <>
      {row}
      <tr class="under">
        <td colSpan={4}>
          <Methods p={p} />
        </td>
      </tr>
    </>
  )
}

// What each kind is asked for: a reader should know what one that lies could lie about.
const KINDS: [Provider['kind'], string][] = [
  ['beacon', 'Beacon: heads and their signatures'],
  ['execution', 'Execution: accounts, blocks and transactions'],
  ['checkpoint', 'Checkpoint: where to start']
]

function Kind({ name, list, newest }: { name: string; list: Provider[]; newest: number }) {
  if (!list.length) return null
  return (
    <tbody>
      <tr>
        <th scope="rowgroup" colSpan={4} class="kind">
          {name}
        </th>
      </tr>
      {list.map(p => (
        <Row key={p.id} p={p} newest={newest} />
      ))}
    </tbody>
  )
}

export function Providers() {
  const list = providers.value
  const newest = Math.max(0, ...(list ?? []).map(p => p.head_slot ?? 0))
  return (
    <Card id="providers" title="Providers" side={list && <span class="small mute">{count(list.length, 'provider')}</span>} busy={list === null}>
      {list === null ? (
        <Bones rows={3} />
      ) : list.length ? (
        <div class="scroll" tabIndex={0} role="region" aria-label="Table of providers">
          <table>
            <thead>
              <tr>
                <th scope="col">Host</th>
                <th scope="col">Score</th>
                <th scope="col" class="num w">Median</th>
                <th scope="col">State</th>
              </tr>
            </thead>
            {KINDS.map(([kind, name]) => (
              <Kind key={kind} name={name} list={list.filter(p => p.kind === kind)} newest={newest} />
            ))}
          </table>
        </div>
      ) : (
        <div class="body">
          <p class="mute">No provider is configured. Without one your node hears nothing of the chain.</p>
        </div>
      )}
    </Card>
  )
}
