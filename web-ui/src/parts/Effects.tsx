// What a transaction would do, found by the node that ran it on proven state: what leaves, what arrives, who may take
// what from then on, at which block. Beside what the bytes say, not in place of it.
import type { QueueItem } from '../contract-wallet'
import type { Approval, Effects, Explain, Moved } from '../contract-explain'
import { count, group, reason, sentence } from '../format'
import { Icon } from '../icons'
import { CopyCode } from './Copy'
import { Flow, isDangerous, Who, worst } from './Explained'
import { Note } from './Notes'
import { Prov } from './Prov'

const SHOWN = 12 // the others are folded

export function failsBy(item: QueueItem): string | null {
  const e = item.effects
  if (e?.state !== 'done' || e.reverts === null) return null
  return e.reverts ? sentence(`It would fail: ${e.reverts}`) : 'It would fail, and gives no reason.'
}

// The words without the node's own warning that it would fail, where that stands with what was run.
export function wordsOf(item: QueueItem): Explain {
  const e = item.explain
  if (failsBy(item) === null) return e
  const warnings = e.warnings.filter(w => w.code !== 'would_fail')
  return { ...e, warnings, is_red: warnings.some(w => w.level === 'danger') }
}

// What its owner has to say yes to in a second step; null when there is nothing. What could take more than the fee
// goes first.
export function riskOf(item: QueueItem): string | null {
  const e = wordsOf(item)
  return isDangerous(e) ? (worst(e)[0]?.text ?? e.title) : failsBy(item)
}

// Without what changes with each block: the decision is held back anew when it would do something else.
export function actsOf(e: Effects | null): unknown {
  return e && [e.state, e.why, e.is_cut, e.leaves, e.arrives, e.approvals, e.reverts]
}

function Moves({ list, isIn }: { list: Moved[]; isIn: boolean }) {
  const way = isIn ? ({ icon: 'in', over: 'Arrives', way: 'from' } as const) : ({ icon: 'out', over: 'Leaves', way: 'to' } as const)
  const draw = (part: Moved[]) => part.map((m, i) => <Flow key={i} {...way} {...(m.what === 'fee' && { over: 'Fee, at most' })} amount={m.amount} unit={m.unit} token={m.token} id={m.what === 'nft' ? null : m.id} end={isIn ? m.from : m.to} />)
  const more = list.slice(SHOWN)
  return (
    <>
      {draw(list.slice(0, SHOWN))}
      {more.length > 0 && (
        <details>
          <summary>
            <Icon name="right" />
            {group(more.length)} more that {more.length === 1 ? (isIn ? 'arrives' : 'leaves') : isIn ? 'arrive' : 'leave'}
          </summary>
          <div class="stack">{draw(more)}</div>
        </details>
      )}
    </>
  )
}

// Nobody has that much: it means all, for ever. Some tokens count in 96 or 128 bits.
function isUnlimited(units: bigint): boolean {
  return units >= 1n << 159n || [96n, 128n].some(bits => units === (1n << bits) - 1n)
}

function powerOf(a: Approval): string {
  if (a.amount !== null && (a.is_unlimited || isUnlimited(a.amount))) return 'Another may take all of this token, for ever'
  if (a.amount !== null) return `Another may take up to ${a.shown ? `${a.shown.amount} ${a.shown.unit}` : `${group(a.amount)} base units`}`
  return a.id === null ? 'Another may take all of these tokens, for ever' : `Another may take token id ${a.id}`
}

function Power({ a }: { a: Approval }) {
  const isBack = a.is_revoked || a.amount === 0n || (a.id !== null && /^0x0+$/.test(a.spender))
  const title = isBack ? 'Takes back what another may take' : powerOf(a)
  return (
    <Note tone={isBack ? '' : 'warn'} icon={isBack ? 'check' : 'warn'} title={title}>
      <dl class="kv small">
        <dt>Who</dt>
        <dd>
          <Who address={a.spender} />
        </dd>
        <dt>Token</dt>
        <dd>
          <Who address={a.contract} />
          <div class="mute">{a.standard}</div>
        </dd>
      </dl>
    </Note>
  )
}

function Done({ e, fails }: { e: Effects; fails: string | null }) {
  const moves = [...e.leaves, ...e.arrives].filter(m => m.what !== 'fee')
  const isTold = e.approvals.length > 0 || moves.some(m => m.what !== 'ether')
  return (
    <>
      {fails && (
        <Note tone="bad hard" icon="failed" title={fails}>
          <span>Its fee would be paid and nothing else would happen, unless the chain changes first.</span>
        </Note>
      )}
      <Moves list={e.leaves} isIn={false} />
      <Moves list={e.arrives} isIn />
      {e.approvals.slice(0, SHOWN).map((a, i) => (
        <Power key={i} a={a} />
      ))}
      {e.approvals.length > SHOWN && (
        <details>
          <summary>
            <Icon name="right" />
            {count(e.approvals.length - SHOWN, 'more permission')} to take tokens
          </summary>
          <div class="stack">
            {e.approvals.slice(SHOWN).map((a, i) => (
              <Power key={i} a={a} />
            ))}
          </div>
        </details>
      )}
      {e.is_cut && <Note tone="warn" icon="warn" title="There is more than is listed here" />}
      {!fails && !e.is_cut && moves.length + e.approvals.length === 0 && <p>Nothing of yours would move but the fee.</p>}
      <p class="small mute">
        {isTold && 'Tokens are told by their contracts. '}
        {e.gas_used !== null && `It took ${group(e.gas_used)} gas.`}
      </p>
    </>
  )
}

const OF = 'What it would do'

export function WouldDo({ item }: { item: QueueItem }) {
  const e = item.effects
  if (!e) return null
  const why = reason(e.why) ?? 'No reason was given.'
  const p = e.provenance ?? { verdict: 'unproven' as const, block: { number: null, hash: null }, level: null, age_ms: 0, sources: [], why }
  const isRunning = e.state === 'running'
  const since = e.block?.timestamp ? e.block.timestamp * 1000 : null
  return (
    <section aria-label={OF} aria-busy={isRunning}>
      <div class="line apart" aria-live="polite">
        <h3>
          {OF}
          {e.state === 'done' && e.block && `, run on block ${group(e.block.number)}`}
        </h3>
        {!isRunning && <Prov p={e.state === 'failed' ? { ...p, verdict: 'unproven', why } : p} since={since} of={OF} />}
      </div>
      {isRunning && (
        <p class="line mute">
          <Icon name="sync" />
          Running it on the proven state…
        </p>
      )}
      {e.state === 'failed' && (
        <Note icon="unproven" title={`Could not be run: ${why}`}>
          <span>What stands here is what its bytes say; what comes of them is not known.</span>
          {e.code && (
            <span class="line">
              <CopyCode code={e.code} />
            </span>
          )}
        </Note>
      )}
      {e.state === 'done' && <Done e={e} fails={failsBy(item)} />}
    </section>
  )
}
