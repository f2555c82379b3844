// What a node answers when it is asked for facts of the chain: blocks, transactions, accounts, evidence;
// and what it tells of its caches and of what it sends. All addresses, hashes and numbers are invented.
import { createHash } from 'node:crypto'

export const bytesOf = (seed, n = 32) => {
  let hex = ''
  for (let i = 0; hex.length < 2 * n; i++) hex += createHash('sha256').update(`${seed} ${i}`).digest('hex')
  return '0x' + hex.slice(0, 2 * n)
}
const q = n => '0x' + BigInt(n).toString(16)

export const HEAD = 26_214_907
export const FINAL = HEAD - 68
export const MARA = bytesOf('mara', 20)
export const LUMEN = bytesOf('lumen', 20)
export const TX = bytesOf('a transaction')
export const blockHash = number => bytesOf(`block ${number}`)

export function provenance(over = {}) {
  return {
    verdict: 'proven', block: { number: HEAD, hash: blockHash(HEAD) }, level: 'head', age_ms: 13_000,
    sources: ['rpc.ember.example'], why: null, ...over
  }
}
const at = number => provenance({
  block: { number, hash: blockHash(number) }, level: number <= FINAL ? 'finalized' : 'head', age_ms: 13_000 + (HEAD - number) * 12_000
})

const brief = (i, over = {}) => ({
  hash: bytesOf(`tx ${i}`), from: bytesOf(`from ${i % 7}`, 20), to: i % 9 === 8 ? null : bytesOf(`to ${i % 5}`, 20),
  value: String(BigInt(i) * 137_000_000_000_000_001n), type: i % 5, gas_used: 21_000 + i * 777, succeeded: i % 11 !== 10, ...over
})

export function block(number = HEAD, { count = 14, more = 0, ...over } = {}) {
  return {
    block: {
      number: q(number), hash: blockHash(number), parentHash: blockHash(number - 1),
      timestamp: q(Math.floor((Date.now() - 13_000 - (HEAD - number) * 12_000) / 1000)), miner: bytesOf('builder', 20),
      gasUsed: q(count ? 21_337_100 : 0), gasLimit: q(45_000_000), baseFeePerGas: q(612_837_461), size: q(88_213),
      stateRoot: bytesOf('state'), transactionsRoot: bytesOf('txs'), receiptsRoot: bytesOf('receipts'),
      withdrawalsRoot: bytesOf('withdrawals'), withdrawals: Array.from({ length: 16 }, () => ({})),
      blobGasUsed: q(6 * 131_072), excessBlobGas: '0x0', parentBeaconBlockRoot: bytesOf('beacon'), extraData: '0x6561727468',
      uncles: [], transactions: []
    },
    transactions: Array.from({ length: count }, (_, i) => brief(i)), more, provenance: at(number), ...over
  }
}

const log = (i, topics, size) => ({
  address: i % 2 ? LUMEN : bytesOf('harbour', 20), topics: Array.from({ length: topics }, (_, t) => bytesOf(`topic ${i} ${t}`)),
  data: size ? bytesOf(`data ${i}`, size) : '0x', logIndex: q(40 + i), removed: false
})

export function transaction({ number = FINAL - 100, status = '0x1', logs = [log(0, 3, 32), log(1, 4, 0), log(2, 1, 640)], tx = {}, ...over } = {}) {
  return {
    transaction: {
      hash: TX, from: MARA, to: LUMEN, value: q(850_000_000_000_000_001n), nonce: q(112), gas: q(180_000), gasPrice: q(712_837_461),
      maxFeePerGas: q(1_400_000_000), maxPriorityFeePerGas: q(100_000_000), input: bytesOf('input', 260), type: '0x2',
      blockNumber: q(number), blockHash: blockHash(number), transactionIndex: q(17), chainId: '0x1', accessList: [], ...tx
    },
    receipt: {
      transactionHash: TX, blockNumber: q(number), blockHash: blockHash(number), transactionIndex: q(17), status, gasUsed: q(121_337),
      cumulativeGasUsed: q(4_000_000), effectiveGasPrice: q(712_837_461), contractAddress: null, logs, logsBloom: '0x', type: '0x2'
    },
    provenance: at(number), ...over
  }
}

export const pending = () => transaction({
  receipt: null, tx: { blockNumber: null, blockHash: null, transactionIndex: null },
  provenance: { verdict: 'unproven', why: 'It is in no proven block; its hash covers what is shown.', sources: ['rpc.ember.example'] }
})

const NO_CODE = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'
const NO_STORAGE = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'

export function account(tag = 'latest', over = {}) {
  const isFinal = tag === 'finalized'
  return {
    address: MARA, exists: true, balance: isFinal ? '4713700000000000000' : '4213700000000000123', nonce: isFinal ? 111 : 112,
    code_hash: NO_CODE, storage_root: NO_STORAGE, ...(isFinal ? {} : { code: '0x' }),
    provenance: at(isFinal ? FINAL : HEAD), ...over
  }
}
export const contract = tag => account(tag, {
  address: LUMEN, balance: '17', nonce: 1, code_hash: bytesOf('code hash'), storage_root: bytesOf('storage'),
  ...(tag === 'latest' ? { code: bytesOf('code', 5120) } : {})
})
export const delegated = tag => account(tag, { code_hash: bytesOf('pointer'), ...(tag === 'latest' ? { code: '0xef0100' + LUMEN.slice(2) } : {}) })
export const unused = tag => account(tag, { exists: false, balance: '0', nonce: 0 })

export function evidence(id, over = {}) {
  return {
    id, at_ms: Date.now() - 95_000, provider: 'eth.northwind.example:443', kind: 'execution', asked: 'account 0x170a…1abd at block 26,207,655',
    code: 'wrong_root', reason: 'step 3 of 9, the hash of the node differs',
    request: '{"jsonrpc":"2.0","id":7,"method":"eth_getProof","params":["' + MARA + '",[],{"blockHash":"' + blockHash(HEAD) + '"}]}',
    answer: '{"jsonrpc":"2.0","id":7,"result":{"balance":"0x2f745bd8a1e8000","accountProof":["' + bytesOf('node', 1900) + '"]}}',
    answer_bytes: 4127, answer_is_cut: false, header: block(FINAL).block, ...over
  }
}

export const cache = () => ({
  headers: { recent: 128, cached: 2048, kept: 91_204, hits: 18_223, misses: 411 },
  blocks: { bodies: 31, receipts: 44, bytes: 9_100_000, bytes_max: 12_582_912, kept: 1204, hits: 622, misses: 98 },
  state: { accounts: 411, slots: 1290, codes: 1, bytes: 803_000, bytes_max: 8_388_608, hits: 0, misses: 0 }
})

export const outbox = () => {
  const item = (i, state, over = {}) => ({
    hash: bytesOf(`sent ${i}`), from: MARA, nonce: 113 - i, state, sent_ms: Date.now() - 40_000 - i * 500_000, block: null, succeeded: null,
    providers: ['rpc.ember.example', 'rpc.quay.example:8545'], ...over
  })
  const inBlock = number => ({ block: { number, hash: blockHash(number) }, succeeded: true })
  return {
    transactions: [
      item(0, 'sent'), item(1, 'included', inBlock(HEAD - 3)), item(2, 'finalized', inBlock(FINAL - 4)),
      item(3, 'included', { ...inBlock(HEAD - 9), succeeded: false }), item(4, 'replaced', { providers: [] })
    ]
  }
}

export const refusal = (code, message) => ({ error: { code: -32000, message, data: { code } } })
