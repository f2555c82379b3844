// A vote in parts, where a community counts such: so many votes to each side, or so many per cent of what is left.
import type { Signal } from '@preact/signals'
import type { Com } from '../contract-dao'
import { plainLine } from '../plain'
import { parseAmount } from '../units'
import { Pick } from './Card'
import { Votes } from './Dao'
import { SIDE_NAMES } from './Tally'

export interface Parts {
  unit: string // votes | percent
  typed: readonly string[] // in the order of the contract: against, for, abstain
}
export const canSplit = (c: Com | null): boolean => c?.counting === 'fractional' || c?.counting === 'flexible'

// In the token's unit; null: one of them is no number.
export function partsOf({ unit, typed }: Parts, left: bigint, places: number): bigint[] | null {
  const list = typed.map(t => (t.trim() ? parseAmount(t, unit === 'votes' ? places : 2) : 0n))
  if (list.some(n => n === null)) return null
  return unit === 'votes' ? (list as bigint[]) : (list as bigint[]).map(n => (left * n) / 10_000n)
}
export const sumOf = (list: readonly bigint[]): bigint => list.reduce((a, b) => a + b, 0n)

export function Split({ of, left, c }: { of: Signal<Parts>; left: bigint | null; c: Com | null }) {
  const { unit, typed } = of.value
  const parts = left === null ? null : partsOf(of.value, left, c?.token_decimals ?? 18)
  const sum = parts && sumOf(parts)
  return (
    <>
      <Pick label="Shares in" value={unit} of={[['votes', plainLine(c?.token_symbol ?? '', 12) || 'votes'], ['percent', 'per cent of what is left']]} onPick={v => (of.value = { unit: v, typed })} />
      <fieldset class="choice">
        <legend class="sr">Shares</legend>
        {[1, 0, 2].map(i => (
          <label key={i}>
            {SIDE_NAMES[i]}
            <input class="num share" inputMode="decimal" autocomplete="off" value={typed[i]} onInput={e => (of.value = { unit, typed: typed.map((t, k) => (k === i ? e.currentTarget.value : t)) })} />
          </label>
        ))}
      </fieldset>
      {left !== null && (
        <p class="small" role="status">
          {sum === null ? 'That is no number.' : sum > left ? <>More than the <Votes n={left} c={c} /> that you have left.</> : <><Votes n={sum} c={c} /> given, <Votes n={left - sum} c={c} /> kept back{sum > 0n && sum < left && ', for a later vote'}.</>}
        </p>
      )}
    </>
  )
}
