// Older attestations on chain: looked for in a range of blocks, whose receipts prove that none was left out.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { count, group } from '../format'
import { findIn } from '../identity'
import { status } from '../node'
import { Card, Field } from './Card'
import { Go, onSubmit, Trouble, useAct } from './Form'

export function AttestFind() {
  const act = useAct()
  const from = useRef<HTMLInputElement>(null)
  const to = useRef<HTMLInputElement>(null)
  const said = useSignal<string | null>(null)
  const last = status.value?.finalized?.block_number ?? null
  const submit = (): void => {
    const [a, b] = [from, to].map(ref => Number((ref.current?.value ?? '').replace(/[ ,_]/g, '')))
    if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b) || a === undefined || b === undefined || a > b) return act.fail('Two numbers of blocks, the smaller first.')
    act.run(async () => {
      said.value = null
      const f = await findIn(a, b)
      const gaps = f.gaps.length ? ` Not searched: ${f.gaps.slice(0, 3).map(g => `${group(g.from)} to ${group(g.to)}`).join(', ')}.` : ' Every block of it was searched.'
      said.value = `${count(f.found, 'attestation')} found, ${group(f.added)} new.${gaps}`
    })
  }
  return (
    <Card id="older" title="Look for older ones">
      <form class="body" onSubmit={onSubmit(submit)}>
        <p class="small mute">New ones on chain are found as their blocks become final. For older ones say in which blocks.</p>
        <div class="pair even">
          <Field label="From block" input={from} inputMode="numeric" required />
          <Field label="To block" input={to} inputMode="numeric" required value={last === null ? '' : String(last)} />
        </div>
        {said.value && <p role="status">{said.value}</p>}
        <Trouble act={act} title="It was not searched" />
        <div class="line">
          <Go act={act} busy="Searching" main={false}>
            Search
          </Go>
        </div>
      </form>
    </Card>
  )
}
