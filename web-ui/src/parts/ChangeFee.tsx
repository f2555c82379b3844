// The fee of a transaction that waits, for its owner to change: what it may cost at most follows what is typed.
// The node makes the bytes anew, and what is then decided is those.
import { useSignal } from '@preact/signals'
import { useRef, useState } from 'preact/hooks'
import type { QueueItem } from '../contract-wallet'
import { decimals, ether } from '../format'
import { say } from '../say'
import { parseAmount } from '../units'
import { feesOf, type Fees } from '../unsigned'
import { amend } from '../wallet'
import { Field } from './Card'
import { Go, onSubmit, Trouble, useAct } from './Form'

const GWEI = 9

// Null when this transaction has no fee that can be changed here.
export function changeable(item: QueueItem): Fees | null {
  return item.kind === 'transaction' && item.state === 'waiting' ? feesOf(item.raw) : null
}

function Most({ fees, value }: { fees: Pick<Fees, 'maxFee' | 'gas'> | null; value: bigint }) {
  const fee = fees && fees.maxFee * fees.gas
  return (
    <div aria-live="polite">
      <dl class="kv ends">
        <dt>Fee, at most</dt>
        <dd>{fee === null ? 'not known' : ether(fee)}</dd>
        <dt>Leaves, at most</dt>
        <dd>{fee === null ? 'not known' : ether(fee + value)}</dd>
      </dl>
    </div>
  )
}

export function ChangeFee({ item, fees, done }: { item: QueueItem; fees: Fees; done(): void }) {
  // As they were when this was opened: a request that changes meanwhile is refused, not overwritten.
  const [opened] = useState({ item, fees })
  const maxFee = useRef<HTMLInputElement>(null)
  const tip = useRef<HTMLInputElement>(null)
  const gas = useRef<HTMLInputElement>(null)
  const typed = useSignal<Fees | null>(fees)
  const act = useAct()
  const read = (): Fees | null => {
    const [f, t, g] = [parseAmount(maxFee.current?.value ?? '', GWEI), parseAmount(tip.current?.value ?? '', GWEI), parseAmount(gas.current?.value ?? '', 0)]
    return f === null || t === null || g === null ? null : { maxFee: f, tip: t, gas: g, value: opened.fees.value }
  }
  const changed = (): void => {
    typed.value = read()
    act.clear()
  }
  const submit = (): void => {
    const next = read()
    if (!next) return act.fail(`Fees are numbers like 1.5, with at most ${GWEI} digits behind the point. Gas is a whole number.`)
    if (next.tip > next.maxFee) return act.fail('The tip is part of the fee and cannot be above it.')
    act.run(async () => {
      await amend(opened.item, { max_fee_per_gas: String(next.maxFee), max_priority_fee_per_gas: String(next.tip), gas_limit: String(next.gas) })
      say('The fee was changed. Read it again before you sign.')
      done()
    })
  }
  return (
    <form class="stack" onSubmit={onSubmit(submit)} aria-label="Change fee">
      <div class="pair even">
        <Field label="Highest fee" input={maxFee} value={decimals(opened.fees.maxFee, GWEI)} required inputMode="decimal" onInput={changed}>
          <small>gwei per gas</small>
        </Field>
        <Field label="Highest tip" input={tip} value={decimals(opened.fees.tip, GWEI)} required inputMode="decimal" onInput={changed}>
          <small>gwei, part of it</small>
        </Field>
      </div>
      <Field label="Gas limit" input={gas} value={String(opened.fees.gas)} required inputMode="numeric" onInput={changed} />
      <Most fees={typed.value} value={opened.fees.value} />
      <Trouble act={act} title="The fee was not changed" />
      <div class="line">
        <Go act={act} busy="Changing" main={false}>
          Apply
        </Go>
        <button class="btn" type="button" onClick={done}>
          Keep the fee
        </button>
      </div>
    </form>
  )
}
