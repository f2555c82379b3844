// Where a proposal stands in time, and what anybody may do with it now: queue, execute, cancel.
import type { Prop } from '../contract-dao'
import { signed } from '../dao'
import { day, clockTime, group, upperFirst } from '../format'
import { Icon } from '../icons'
import { say } from '../say'
import { Card } from './Card'
import { By, Do, StateBadge, useAccount } from './Dao'

const WORDS: Record<string, string> = { created: 'Proposed', voting_starts: 'Voting starts', voting_ends: 'Voting ends', executable: 'Can be executed' }
const ACTS: Record<string, [string, string][]> = { Pending: [['cancel', 'Cancel']], Active: [['cancel', 'Cancel']], Succeeded: [['queue', 'Queue'], ['execute', 'Execute'], ['cancel', 'Cancel']], Queued: [['execute', 'Execute'], ['cancel', 'Cancel']] }

export function NextStep({ p, hasLock }: { p: Prop; hasLock: boolean }) {
  const account = useAccount()
  const acts = (ACTS[p.state] ?? []).filter(([what]) => p.state !== 'Succeeded' || what !== (hasLock ? 'execute' : 'queue'))
  return (
    <Card id="time" title={<StateBadge state={p.state} />} side={<By how={p.state_provenance} of="the state" />}>
      <div class="body">
        <ol class="path">
          {p.timeline.map((t, i) => (
            <li key={i} class={t.state === 'next' ? undefined : t.state} aria-current={t.state === 'now' ? 'step' : undefined}>
              <b>{WORDS[t.what] ?? upperFirst(t.what)}</b>
              {t.time_s ? <time>{t.state === 'next' && p.is_estimate && 'about '}{day(t.time_s * 1000)}, {clockTime(t.time_s * 1000)}</time> : <span />}
              <span class="sub">
                {t.block !== null && `block ${group(t.block)}`}
                {t.provenance === 'unverified' && ' unproven'}
              </span>
            </li>
          ))}
        </ol>
        {acts.length > 0 && (
          <details>
            <summary>
              <Icon name="right" />
              What you can do with it
            </summary>
            <div class="stack tight">
              {account.pick}
              {account.address &&
                acts.map(([what, name]) => (
                  <Do key={what} tone={what === 'cancel' ? 's danger' : 's'} failed="Nothing was sent" run={async () => { await signed(what, { address: p.community, id: p.id, account: account.address }); say('Sent') }}>
                    {name}
                  </Do>
                ))}
            </div>
          </details>
        )}
      </div>
    </Card>
  )
}
