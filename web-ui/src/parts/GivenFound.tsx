// What came of checking a file of governance: a count of votes, somebody's signed delegation, what snapshot.org says.
import type { Of } from '../check'
import { readClaim, type Delegation, type Snapshot } from '../contract-dao'
import { nodeNow } from '../clock'
import { comOf, signed } from '../dao'
import { brief, count, group, reason, shortHash } from '../format'
import { Icon } from '../icons'
import { plain, plainLine } from '../plain'
import { say } from '../say'
import { textOf } from '../schema-text'
import { Card } from './Card'
import { Do, nameOfCom, useAccount, Votes, Whom } from './Dao'
import { Note } from './Notes'
import { Badge, SIDE_NAMES, SIDES } from './Tally'

const ORDER = [1, 0, 2]

// isValid: the block that it is held against is a block of the chain.
export function CountClaim({ claim, isValid }: { claim: unknown; isValid: boolean }) {
  let of: Of<typeof readClaim>
  try {
    of = readClaim(claim, 'claim')
  } catch {
    return null
  }
  const c = comOf(of.governor)
  const sum = (n: bigint) => (c ? <Votes n={n} c={c} /> : group(n))
  return (
    <>
      <span class="line">
        <Badge is={of.tally_proven && isValid} yes="Tally proven" no={of.missing ? 'Tally incomplete' : 'Tally adds up, its block unproven'} bad={!!of.missing} />
        <Badge is={of.list_proven && isValid} yes="Voter list proven" no={of.list_proven ? 'Voter list whole, its block unproven' : 'Voter list unproven'} />
      </span>
      <dl class="kv">
        <dt>Community</dt>
        <dd><Whom a={of.governor} name={c && nameOfCom(c)} /></dd>
        <dt>Proposal</dt>
        <dd class="mono small">{c ? <a href={`#/proposal/${of.governor}.${of.proposal_id}`}>{of.proposal_id}</a> : of.proposal_id}</dd>
        {ORDER.map(i => [
          <dt key={i}>{SIDE_NAMES[i]}</dt>,
          <dd key={`n${i}`}>
            {sum(of.tally[SIDES[i]!])}
            {of.missing && of.missing[SIDES[i]!] > 0n && <> <span class="badge bad">{sum(of.missing[SIDES[i]!])} missing</span></>}
          </dd>
        ])}
        <dt>Votes</dt>
        <dd>{group(of.votes)}, by {count(of.voters, 'voter')}{of.unchecked_blocks > 0 && `. ${count(of.unchecked_blocks, 'block')} could hold more without weight`}</dd>
        {of.weights && [<dt key="w">Weights</dt>, <dd key="x">{group(of.weights.agree)} as at the snapshot{of.weights.open > 0 && `, ${group(of.weights.open)} not proven`}{of.weights.differ > 0 && <>, <span class="badge bad">{count(of.weights.differ, 'differs', 'differ')}</span></>}</dd>]}
      </dl>
      {!c && <p class="small mute">In the token’s smallest unit: you do not follow this community.</p>}
    </>
  )
}

export function DelegationFound({ d, file }: { d: Delegation; file: unknown }) {
  const account = useAccount()
  const isGood = d.state === 'good'
  return (
    <Card id="found" title="A signed delegation" side={<span class={isGood ? 'badge ok' : 'badge bad'}>{isGood ? 'can be sent' : 'cannot be sent'}</span>}>
      <div class="body">
        {!isGood && <Note tone="bad" icon="failed" title={reason(plainLine(d.why?.text ?? '', 300)) || 'It does not hold'} />}
        <dl class="kv">
          <dt>From</dt>
          <dd><Whom a={d.delegator} name={d.delegator_name} /></dd>
          <dt>To</dt>
          <dd><Whom a={d.to} name={d.to_name} /></dd>
          <dt>Token</dt>
          <dd><Whom a={d.token} name={d.symbol} />{d.community && <> of {nameOfCom(comOf(d.community), d.community)}</>}</dd>
          {d.balance !== null && [<dt key="b">Gives</dt>, <dd key="c">the votes of <Votes n={d.balance} c={{ token_decimals: d.decimals }} />, as of now</dd>]}
          {d.delegate_now && [<dt key="d">Until now</dt>, <dd key="e"><Whom a={d.delegate_now} /></dd>]}
          <dt>Good for</dt>
          <dd>{d.expires_s * 1000 > nodeNow.value ? `${brief(d.expires_s * 1000 - nodeNow.value)} more` : 'no longer'}</dd>
        </dl>
        {isGood && (
          <>
            <p class="small mute">Whoever sends it pays the fee, and can change nothing of it.</p>
            {account.pick}
            {account.address && (
              <Do tone="main" failed="It was not sent" run={async () => { await signed('delegate', { delegation: file, account: account.address }); say('Sent') }}>
                Review and send
              </Do>
            )}
          </>
        )}
      </div>
    </Card>
  )
}

const SIGNED: Record<string, [string, string]> = { valid: ['ok', 'signature holds'], invalid: ['bad', 'signature does not hold'], absent: ['', 'not signed here'] }
const Signed = ({ of }: { of: string }) => <span class={`badge ${SIGNED[of]?.[0] ?? ''}`}>{SIGNED[of]?.[1] ?? of}</span>
const SHOW = 100
const By0 = ({ a }: { a: string | null }) => (a ? <Whom a={a} /> : <span class="mute">somebody</span>)
const NOT = <span class="prov"><Icon name="unproven" />weights not verified</span>

export function SnapshotFound({ s }: { s: Snapshot }) {
  // One choice is told by its number, from 1 on.
  const chosen = (v: Snapshot['votes'][number]): string => plainLine(s.proposals.find(p => p.id === v.proposal)?.choices[Number(v.choice) - 1] ?? textOf(v.choice), 60)
  return (
    <>
      {s.proposals.map((p, i) => (
        <Card key={i} id={`snapshot-${i}`} title={plainLine(p.title, 200) || 'A proposal'} side={<Signed of={p.signature} />}>
          <div class="body">
            <p class="small mute">
              On snapshot.org, in {plainLine(p.space, 80) || 'no space'}, by <By0 a={p.from} />. {reason(p.why && plainLine(p.why, 300))}
            </p>
            {p.body && <details><summary><Icon name="right" />What it says</summary><p class="prose said">{plain(p.body)}</p></details>}
            <div class="scroll" tabIndex={0} role="region" aria-label="Choices">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Choice</th>
                    <th scope="col" class="num">Signed votes here</th>
                  </tr>
                </thead>
                <tbody>
                  {p.choices.map((c, k) => (
                    <tr key={k}>
                      <th scope="row"><bdi>{plainLine(c, 120)}</bdi></th>
                      <td class="num">{group(p.votes[k] ?? 0)} {NOT}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </div>
        </Card>
      ))}
      {s.votes.length + s.others.length > 0 && (
        <Card id="snapshot-votes" title="Its votes" side={<span class="small mute">{count(s.votes.length, 'vote')}</span>}>
          <ul class="rows plain">
            {s.votes.slice(0, SHOW).map((v, i) => (
              <li key={i}>
                <div>
                  <span class="line">
                    <By0 a={v.from} /> <span class="badge">{chosen(v)}</span> <Signed of={v.signature} /> {v.replaced && <span class="badge">replaced</span>} {NOT}
                  </span>
                  {(v.reason || v.why) && <span class="sub">{plainLine(v.reason || v.why || '', 300)}</span>}
                </div>
              </li>
            ))}
            {s.others.slice(0, SHOW).map((o, i) => (
              <li key={`o${i}`}>
                <span class="line">{plainLine(o.kind, 60)} by <By0 a={o.from} /> <Signed of={o.signature} /> {o.id && <code>{shortHash(o.id)}</code>}</span>
              </li>
            ))}
          </ul>
          {s.votes.length > SHOW && <footer class="small mute">The first {SHOW} are shown.</footer>}
        </Card>
      )}
      <Note icon="unproven" title="Weights not verified">
        <span>{plain(s.note)}</span>
      </Note>
    </>
  )
}
