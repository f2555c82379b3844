// The tally: its two badges, the bar with the quorum, what is missing to the vote. A tally that does not add up is never
// drawn, and what nobody proved is no result.
import type { Com, Prop } from '../contract-dao'
import { counting, providers } from '../node'
import { Do, isRight, Votes, Warnings } from './Dao'
import { dao } from '../dao'
import { bytes, count, group, percent, reason } from '../format'
import { Icon } from '../icons'
import { plainLine } from '../plain'
import { say } from '../say'
import { Card } from './Card'
import { Bar } from './Draw'
import { Note } from './Notes'

export const SIDES = ['against', 'for', 'abstain'] as const
export const SIDE_NAMES = ['Against', 'For', 'Abstain']
const ORDER = [['for', 'For', 'd-a'], ['abstain', 'Abstain', 'd-a2'], ['against', 'Against', 'd-ink']] as const

export function Badge({ is, yes, no, bad }: { is: boolean; yes: string; no: string; bad?: boolean }) {
  const isOld = is && !isRight()
  return (
    <span class={`badge ${bad ? 'bad' : isOld ? 'warn' : is ? 'ok' : ''}`}>
      <Icon name={bad ? 'failed' : isOld ? 'stale' : is ? 'proven' : 'unproven'} />
      {is ? yes : no}
      {isOld && ' before'}
    </span>
  )
}

export function Badges({ p }: { p: Pick<Prop, 'tally_proven' | 'list_proven' | 'missing'> }) {
  return (
    <span class="line">
      <Badge is={p.tally_proven} yes="Tally proven" no={p.missing ? 'Tally incomplete' : 'Tally not counted yet'} bad={!!p.missing} />
      <Badge is={p.list_proven} yes="Voter list proven" no="Voter list unproven" />
    </span>
  )
}

function Bars({ t }: { t: NonNullable<Prop['tally']> }) {
  const sum = t.for + t.abstain + t.against
  const whole = t.quorum && t.quorum > sum ? t.quorum : sum
  const at = (n: bigint): number => (whole ? Number((n * 6000n) / whole) / 10 : 0)
  let x = 0
  return (
    <svg class="draw" viewBox="0 0 600 34" role="img" aria-label={`${ORDER.map(([s, name]) => `${name} ${percent(t[s], sum)}`).join(', ')}.${t.quorum === null ? '' : ` Quorum is ${t.quorum_met ? '' : 'not '}reached.`}`}>
      <rect class="d-track" y="10" width="600" height="14" rx="7" />
      {ORDER.map(([s, , look]) => {
        const w = at(t[s])
        x += w
        return w > 0 && <rect key={s} class={look} x={x - w} y="10" width={Math.max(1, w - 2)} height="14" rx="3" />
      })}
      {!!t.quorum && <path class="d-mark" d={`M${Math.min(599, Math.max(1, at(t.quorum)))} 4v26`} />}
    </svg>
  )
}

// Another count with other providers; or of every block that could hold a vote, which costs more.
export const AskOthers = ({ p, full }: { p: Prop; full?: boolean }) => (
  <Do failed="It was not counted again" run={async () => { await dao('recount', { address: p.community, id: p.id, ...(full && { full }) }); say('Counting again') }}>
    {full ? 'Check every block' : 'Count again with other providers'}
  </Do>
)

const LeftOut = ({ p }: { p: Prop }) => (p.omitted_by[0] ? <span>Left out by {p.omitted_by.map(x => plainLine(x, 80)).join(', ')}.</span> : null)

function Short({ p, c }: { p: Prop; c: Com | null }) {
  const sides = SIDES.filter(s => p.missing![s])
  const sure = p.tally
  return (
    <>
      <Note tone="bad" icon="failed" title={<>Incomplete: {sides.map((s, i) => [i > 0 && ', ', <Votes key={s} n={p.missing![s]} c={c} />, ` ${SIDE_NAMES[SIDES.indexOf(s)]}`])} votes missing</>}>
        {sure && sides.map(s => (
          <span key={s}>
            The receipts add up to <span class="lie"><Votes n={sure[s] - p.missing![s]} c={c} /></span> {SIDE_NAMES[SIDES.indexOf(s)]}. The governor’s storage says <Votes n={sure[s]} c={c} />.
          </span>
        ))}
        <LeftOut p={p} />
        <AskOthers p={p} />
      </Note>
      <p class="small mute">Shown instead of the bars until the sums agree. A tally that does not add up is never drawn.</p>
    </>
  )
}

export function Progress({ p }: { p: Prop }) {
  const pushed = counting.value.find(x => x.id === p.id && x.address.toLowerCase() === p.community.toLowerCase())
  const at = pushed ?? p.counting
  if (!at) return null
  const words = at.total ? `${group(at.done)} of ${count(at.total, 'block')} counted` : 'Counting'
  return (
    <div class="stack tight" role="status">
      <span class="small mute">{words}</span>
      <Bar share={at.done / Math.max(1, at.total)} label={words} />
    </div>
  )
}

export function How({ p }: { p: Prop }) {
  const names = (providers.value ?? []).length
  return (
    <p class="small mute">
      {p.tally_proven ? `${count(p.votes_count, 'vote')}, each with its receipt, add up exactly to the totals in the governor’s storage${p.as_of ? ` at ${p.as_of.is_final ? 'finalized ' : ''}block ${group(p.as_of.number)}` : ''}. No vote with weight is missing.` : 'The totals stand in the governor’s storage. Whether the votes add up to them is not proven yet.'}{' '}
      {p.list_proven ? 'Every block that could hold a vote was checked, so no empty vote is hidden either.' : p.unchecked_blocks ? `${count(p.unchecked_blocks, 'block')} could still hold a vote without weight.` : ''} {p.provider_bytes ? `${bytes(p.provider_bytes)} came from ${count(names, 'provider')}.` : ''}
    </p>
  )
}

export function Tally({ p, c }: { p: Prop; c: Com | null }) {
  const t = p.tally
  const sum = t ? t.for + t.abstain + t.against : 0n
  const unit = c?.token_symbol ? `, ${plainLine(c.token_symbol, 12)}` : ''
  return (
    <Card id="tally" title="Tally" side={<Badges p={p} />}>
      <div class="body">
        <Warnings of={p.alarms.map(a => ({ ...a, severity: 'danger' }))} />
        {!t ? (
          <Note icon="unproven" title="No tally is proven yet">
            <span>{reason(p.look_error?.text ?? p.why) ?? 'Nothing unproven is shown in its place.'}</span>
          </Note>
        ) : p.missing ? (
          <Short p={p} c={c} />
        ) : (
          <>
            {p.omitted_by[0] && (
              <Note icon="failed" title="Votes were hidden, and found">
                <LeftOut p={p} />
              </Note>
            )}
            <Bars t={t} />
            {t.quorum !== null && (
              <p class="small mute">
                Quorum <Votes n={t.quorum} c={c} />, {t.quorum_met ? 'reached' : 'not reached'}
              </p>
            )}
            <div class="scroll" tabIndex={0} role="region" aria-label="Votes by choice">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Choice</th>
                    <th scope="col" class="num">Votes{unit}</th>
                    <th scope="col" class="num">Share</th>
                  </tr>
                </thead>
                <tbody>
                  {ORDER.map(([s, name, look]) => (
                    <tr key={s}>
                      <th scope="row">
                        <span class="key">
                          <svg viewBox="0 0 12 12" aria-hidden="true">
                            <rect class={look} width="12" height="12" rx="3" />
                          </svg>
                          {name}
                        </span>
                      </th>
                      <td class="num">
                        <Votes n={t[s]} c={c} />
                      </td>
                      <td class="num">{percent(t[s], sum)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            {!['Executed', 'Queued', 'Succeeded', 'Defeated', 'Expired', 'Canceled'].includes(p.state) ? <p class="small mute">Votes can still come: this is no result.</p> : !p.as_of?.is_final && <p class="small mute">Its block is not final yet.</p>}
          </>
        )}
        <Progress p={p} />
        {p.error && <p class="small mute">{reason(p.error.text)}</p>}
        {t && !p.missing && (
          <details>
            <summary>
              <Icon name="right" />
              How this was proven
            </summary>
            <How p={p} />
          </details>
        )}
      </div>
      <footer>
        <a href={`#/recount/${p.community}.${p.id}`}>Every vote, and files to check it elsewhere</a>
      </footer>
    </Card>
  )
}
