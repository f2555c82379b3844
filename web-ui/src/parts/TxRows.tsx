// The transactions of a block, fifty at first: a block can have hundreds, and drawing is not free.
import { useSignal } from '@preact/signals'
import { brieflyEther, count, ether, group } from '../format'
import { Icon } from '../icons'
import type { Brief } from '../contract-chain'
import { AddressRef, TxRef } from './Ref'

const FIRST = 50

function Row({ t }: { t: Brief }) {
  const failed = t.succeeded === false
  return (
    <li>
      <span class={failed ? 'glyph bad' : 'glyph'}>
        <Icon name={failed ? 'failed' : 'out'} />
      </span>
      <div>
        <TxRef hash={t.hash} /> {failed && <span class="badge bad">undone</span>}
        <div class="sub">
          <AddressRef a={t.from} /> to {t.to ? <AddressRef a={t.to} /> : 'a new contract'}
          {t.gas_used !== null && <span class="hide-s">, {group(t.gas_used)} gas</span>}
        </div>
      </div>
      <span class="nowrap" title={ether(t.value)}>
        {brieflyEther(t.value)} ETH
      </span>
    </li>
  )
}

export function TxRows({ list, more }: { list: Brief[]; more: number }) {
  const all = useSignal(false)
  const shown = all.value ? list : list.slice(0, FIRST)
  const left = list.length - shown.length
  return (
    <>
      <ul class="rows" aria-label="Transactions">
        {shown.map(t => (
          <Row key={t.hash} t={t} />
        ))}
      </ul>
      {(left > 0 || more > 0) && (
        <footer class="line">
          {left > 0 && (
            <button class="btn s" type="button" onClick={() => (all.value = true)}>
              Show {left} more
            </button>
          )}
          {more > 0 && <span>{count(more, 'further transaction')} of this block can be read at /eth.</span>}
        </footer>
      )}
    </>
  )
}
