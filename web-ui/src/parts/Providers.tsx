// The providers: who answers, how well, and what went wrong last. Scores are the node's; colour is never
// the only sign.
import { count, group, millis } from '../format'
import { Icon, type IconName } from '../icons'
import { providers } from '../node'
import type { Provider } from '../contract'
import { ScoreBar } from './Draw'
import { Bones } from './Notes'
import { Age } from './Time'

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
  const facts: string[] = [p.kind]
  if (p.state === 'lied') facts.push('dropped')
  if (p.head_slot !== null && p.head_slot < newest) facts.push(`${count(newest - p.head_slot, 'slot')} behind`)
  facts.push(`${group(p.requests)} asked`)
  if (p.failures) facts.push(`${group(p.failures)} failed`)
  return facts.join(', ')
}

function Row({ p, newest }: { p: Provider; newest: number }) {
  const [tone, icon, word] = STATES[p.state]
  return (
    <tr>
      <th scope="row">
        <Host name={p.name} />
        <span class="small mute why">{about(p, newest)}</span>
        {p.last_error && (
          <span class="small mute why">
            Last error <Age since={p.last_error.at_ms} short /> ago: {p.last_error.text}
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
}

export function Providers() {
  const list = providers.value
  const newest = Math.max(0, ...(list ?? []).map(p => p.head_slot ?? 0))
  return (
    <section class="card" aria-labelledby="providers-h" aria-busy={list === null}>
      <header>
        <h2 id="providers-h" tabIndex={-1}>
          Providers
        </h2>
        {list && <span class="small mute">{count(list.length, 'provider')}</span>}
      </header>
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
            <tbody>
              {list.map(p => (
                <Row key={p.id} p={p} newest={newest} />
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <div class="body">
          <p class="mute">No provider is configured. Without one your node hears nothing of the chain.</p>
        </div>
      )}
    </section>
  )
}
