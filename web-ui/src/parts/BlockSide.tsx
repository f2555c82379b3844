// Beside a block: how full it is, what gas cost, and the roots that its proofs end at.
import { decimals, ether, group, gwei, percent } from '../format'
import type { Block as Full } from '../contract-chain'
import { Hash } from './Copy'
import { Bar } from './Draw'
import { Prov } from './Prov'
import { Card } from './Card'

export function Gas({ b, since }: { b: Full; since: number }) {
  const e = b.block
  const share = e.gasLimit > 0n ? Number((e.gasUsed * 1000n) / e.gasLimit) / 1000 : 0
  return (
    <Card id="gas" title="Gas" side={<Prov p={b.provenance} since={since} of="gas of the block" />}>
      <div class="body">
        <Bar share={share} label={`${percent(e.gasUsed, e.gasLimit)} of the gas limit used`} />
        <dl class="kv ends">
          <dt>Used</dt>
          <dd>
            {group(e.gasUsed)}, {percent(e.gasUsed, e.gasLimit)}
          </dd>
          <dt>Limit</dt>
          <dd>{group(e.gasLimit)}</dd>
          {e.baseFeePerGas !== null && (
            <>
              <dt>Base fee</dt>
              <dd>{gwei(e.baseFeePerGas)}</dd>
              <dt>Burnt</dt>
              <dd title={ether(e.baseFeePerGas * e.gasUsed)}>{decimals((e.baseFeePerGas * e.gasUsed) / 10n ** 12n, 6)} ETH</dd>
            </>
          )}
          {e.blobGasUsed !== null && (
            <>
              <dt>Blobs</dt>
              <dd>{group(e.blobGasUsed / 131_072n)}</dd>
            </>
          )}
        </dl>
        {e.baseFeePerGas !== null && <p class="small mute">The base fee is burnt; tips go to the fee recipient.</p>}
      </div>
    </Card>
  )
}

export function Roots({ b, since }: { b: Full; since: number }) {
  const e = b.block
  const roots: [string, string | null][] = [
    ['State', e.stateRoot], ['Transactions', e.transactionsRoot], ['Receipts', e.receiptsRoot],
    ['Withdrawals', e.withdrawalsRoot], ['Beacon parent', e.parentBeaconBlockRoot]
  ]
  return (
    <Card id="roots" title="Roots" side={<Prov p={b.provenance} since={since} of="roots of the block" />}>
      <div class="body">
        <dl class="kv ends">
          {roots.map(([name, root]) => root !== null && [
            <dt key={name}>{name}</dt>,
            <dd key={`${name} root`}>
              <Hash value={root} what={`${name} root`} />
            </dd>
          ])}
        </dl>
        <p class="small mute">Every proof of this block ends at one of these.</p>
      </div>
    </Card>
  )
}
