// The shapes of proven facts of the chain: blocks, transactions, accounts, and the evidence against a
// provider. Blocks, transactions and receipts are spelled as in the execution-apis.
import { bool, bytesOf, data, either, int, list, maybe, quantity, record, text, wei, type Of, type Read } from './check'
import { provenance } from './contract'

export const MAX_BRIEFS = 500

const hash = bytesOf(32)
const address = bytesOf(20)
const asIs: Read<unknown> = value => value

const ethBlock = record({
  number: quantity,
  hash,
  parentHash: hash,
  timestamp: quantity, // s
  miner: address,
  gasUsed: quantity,
  gasLimit: quantity,
  baseFeePerGas: maybe(quantity),
  size: maybe(quantity), // bytes
  stateRoot: hash,
  transactionsRoot: hash,
  receiptsRoot: hash,
  withdrawalsRoot: maybe(hash),
  withdrawals: maybe(list(asIs, 4096)),
  blobGasUsed: maybe(quantity),
  parentBeaconBlockRoot: maybe(hash),
  extraData: maybe(data)
})

// A transaction in the list of its block.
const brief = record({
  hash,
  from: address,
  to: maybe(address), // null: creates a contract
  value: wei,
  type: int,
  gas_used: maybe(int),
  succeeded: maybe(bool)
})

export const readBlock = record({
  block: ethBlock,
  transactions: list(brief, MAX_BRIEFS),
  more: either(int, 0), // how many further ones the block has
  provenance
})

const ethTransaction = record({
  hash,
  from: address,
  to: maybe(address),
  value: quantity,
  nonce: quantity,
  gas: quantity,
  gasPrice: maybe(quantity),
  maxFeePerGas: maybe(quantity),
  maxPriorityFeePerGas: maybe(quantity),
  input: data,
  type: quantity,
  blobVersionedHashes: maybe(list(hash, 1024)),
  authorizationList: maybe(list(asIs, 65_536))
})

const log = record({ logIndex: maybe(quantity), address, topics: list(hash, 4), data })

const ethReceipt = record({
  blockNumber: quantity,
  blockHash: hash,
  transactionIndex: quantity,
  status: maybe(quantity), // null before Byzantium, whose receipts hold a root instead
  gasUsed: quantity,
  effectiveGasPrice: maybe(quantity),
  blobGasUsed: maybe(quantity),
  blobGasPrice: maybe(quantity),
  contractAddress: maybe(address),
  logs: list(log, 65_536)
})

export const readTransaction = record({
  transaction: ethTransaction,
  receipt: maybe(ethReceipt), // null: in no proven block yet
  provenance
})

export const readAccount = record({
  address,
  exists: bool,
  balance: wei,
  nonce: int,
  code_hash: hash,
  storage_root: hash,
  code: maybe(data),
  provenance
})

export const readEvidence = record({
  id: int,
  at_ms: int,
  provider: text,
  kind: text,
  asked: text,
  code: text,
  reason: text,
  request: text,
  answer: text,
  answer_bytes: int,
  answer_is_cut: bool,
  header: asIs // of the block it was held against; null where the answer alone was enough
})

export type Block = Of<typeof readBlock>
export type Brief = Of<typeof brief>
export type Transaction = Of<typeof readTransaction>
export type Log = Of<typeof log>
export type Account = Of<typeof readAccount>
export type EvidenceFile = Of<typeof readEvidence>
