// What a transaction cost, or may cost at most.
import type { ComponentChildren } from 'preact'
import { group, gwei, percent } from '../format'
import type { Transaction } from '../contract-chain'
import { Prov } from './Prov'
import { Amount } from './Ref'
import { Card } from './Card'

function feeOf(t: Transaction): bigint | null {
  const r = t.receipt
  const price = r?.effectiveGasPrice ?? t.transaction.gasPrice
  if (!r || price === null) return null
  return r.gasUsed * price + (r.blobGasUsed ?? 0n) * (r.blobGasPrice ?? 0n)
}

const TYPES = ['legacy', 'with access list', 'with tip (EIP-1559)', 'with blobs (EIP-4844)', 'sets code (EIP-7702)']

export function Row({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

export function Cost({ t, since }: { t: Transaction; since: number }) {
  const x = t.transaction
  const r = t.receipt
  const fee = feeOf(t)
  const price = r?.effectiveGasPrice ?? x.gasPrice
  return (
    <Card id="cost" title="Cost" side={<Prov p={t.provenance} since={since} of="the cost" />}>
      <div class="body">
        <dl class="kv ends">
          {fee !== null && (
            <Row name="Fee paid">
              <Amount wei={fee} />
            </Row>
          )}
          {r && (
            <Row name="Gas used">
              {group(r.gasUsed)}, {percent(r.gasUsed, x.gas)}
            </Row>
          )}
          <Row name="Gas limit">{group(x.gas)}</Row>
          {price !== null && <Row name={r ? 'Gas price' : 'Gas price asked'}>{gwei(price)}</Row>}
          {x.maxFeePerGas !== null && <Row name="At most">{gwei(x.maxFeePerGas)}</Row>}
          {x.maxPriorityFeePerGas !== null && <Row name="Tip at most">{gwei(x.maxPriorityFeePerGas)}</Row>}
          {x.blobVersionedHashes && <Row name="Blobs">{x.blobVersionedHashes.length}</Row>}
          {x.authorizationList && <Row name="Authorisations">{x.authorizationList.length}</Row>}
          <Row name="Nonce">{group(x.nonce)}</Row>
          <Row name="Type">{TYPES[Number(x.type)] ?? String(x.type)}</Row>
        </dl>
      </div>
    </Card>
  )
}
