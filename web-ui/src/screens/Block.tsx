// A block answers: what is in it, and is that proven?
import { bytes, count, dated, group, lengthOf, shortHash } from '../format'
import type { Block as Full } from '../contract-chain'
import { block, isTag } from '../facts'
import { Icon } from '../icons'
import { status } from '../node'
import { Gas, Roots } from '../parts/BlockSide'
import { Hash } from '../parts/Copy'
import { Aged, Missing } from '../parts/Facts'
import { Prov } from '../parts/Prov'
import { AddressRef } from '../parts/Ref'
import { Age } from '../parts/Time'
import { Title } from '../parts/Title'
import { TxRows } from '../parts/TxRows'
import { route } from '../route'
import { Card } from '../parts/Card'

const timeOf = (b: Full): number => Number(b.block.timestamp) * 1000

function Neighbours({ b }: { b: Full }) {
  const n = b.block.number
  const newest = status.value?.head?.block_number ?? null
  return (
    <nav class="line" aria-label="Blocks beside this one">
      {n > 0n && (
        <a class="btn s" href={`#/block/${n - 1n}`}>
          <Icon name="left" />
          {group(n - 1n)}
        </a>
      )}
      {newest === null || n < BigInt(newest) ? (
        <a class="btn s" href={`#/block/${n + 1n}`}>
          {group(n + 1n)}
          <Icon name="right" />
        </a>
      ) : (
        <span class="small mute">The newest block proven so far.</span>
      )}
    </nav>
  )
}

function Summary({ b, since }: { b: Full; since: number }) {
  const e = b.block
  return (
    <Card id="block" title="Header" side={<Prov p={b.provenance} since={since} of={`block ${group(e.number)}`} />}>
      <div class="body">
        <dl class="kv">
          <dt>Hash</dt>
          <dd>
            <Hash value={e.hash} what="Block hash" />
          </dd>
          <dt>Time</dt>
          <dd>
            <time dateTime={new Date(timeOf(b)).toISOString()}>{dated(timeOf(b))}</time>
          </dd>
          <dt>Parent</dt>
          <dd>
            <a class="addr ref" href={`#/block/${e.parentHash}`} title={e.parentHash} aria-label={`Parent block ${e.parentHash}`}>
              {shortHash(e.parentHash)}
            </a>
          </dd>
          <dt>Fee recipient</dt>
          <dd>
            <AddressRef a={e.miner} />
          </dd>
          {e.size !== null && (
            <>
              <dt>Size</dt>
              <dd>{bytes(Number(e.size))}</dd>
            </>
          )}
          {e.withdrawals !== null && (
            <>
              <dt>Withdrawals</dt>
              <dd>{group(e.withdrawals.length)}</dd>
            </>
          )}
          {e.extraData !== null && e.extraData !== '0x' && (
            <>
              <dt>Extra data</dt>
              <dd class="mono small">{lengthOf(e.extraData) <= 32 ? e.extraData : 'too long'}</dd>
            </>
          )}
        </dl>
      </div>
    </Card>
  )
}

function lede(b: Full) {
  const total = b.transactions.length + b.more
  const level = b.provenance.level === 'finalized' ? 'It is final.' : 'It is not final yet.'
  return (
    <>
      {count(total, 'transaction')}, <Age since={timeOf(b)} /> ago. {level}
    </>
  )
}

export function Block() {
  const { value: b, since } = block.now.value
  const arg = route.value.arg ?? ''
  const named = arg === 'latest' ? 'The newest block' : arg === 'finalized' ? 'The newest final block' : arg.startsWith('0x') ? 'A block' : `Block ${group(Number(arg))}`
  return (
    <>
      <Title tab={b ? `Block ${group(b.block.number)}` : named} lede={b && lede(b)}>
        {b && !isTag(arg) ? `Block ${group(b.block.number)}` : b ? `${named}, ${group(b.block.number)}` : named}
      </Title>
      <Missing fact={block} what="the block" />
      {b && (
        <div class="cols">
          <div class="stack">
            <Aged fact={block} />
            <Neighbours b={b} />
            <Summary b={b} since={since} />
            <Card id="txs" title="Transactions" side={<Prov p={b.provenance} since={since} of={`transactions of block ${group(b.block.number)}`} />}>
              {b.transactions.length ? (
                <TxRows list={b.transactions} more={b.more} />
              ) : (
                <div class="body">
                  <p class="mute">None. That is proven by the root in the header.</p>
                </div>
              )}
            </Card>
          </div>
          <aside class="stack" aria-label="Gas and roots">
            <Gas b={b} since={since} />
            <Roots b={b} since={since} />
          </aside>
        </div>
      )}
    </>
  )
}
