// How an execution provider can lie or fail, each with the read that must survive it and the reason the node gives.
//
// {what, read, on, when, tell | wire | batch, codes, is}. `is`: "lied" - what it said did not hold, it is not asked again;
// "fault" - malformed, recorded, asked later; "failing" - no usable answer, which is no evidence of anything; "none" -
// nothing it could be blamed for. isOther: it is of another chain, whose rpc is `w.other`. ws: over websocket.
// isWeakAlone: an answer that nobody can prove (pending, unknown) may say so, but only where no other can be asked.
import { ethers } from 'ethers'
import { WIRES } from './provider.mjs'
import { HISTORY_CONTRACT, quantity, receiptOf, word } from './world.mjs'

const PROOF = ['eth_getProof']
const HEADER = ['eth_getBlockByHash', 'eth_getBlockByNumber']
const BODY = ['eth_getBlockByHash']
const RECEIPTS = ['eth_getBlockReceipts']
const isHistory = request => String(request.params[0]).toLowerCase() === HISTORY_CONTRACT
const isFull = request => request.params[1] === true
const isHeaderOnly = request => request.params[1] !== true
const notHistory = request => !isHistory(request)
const NOBODY = '0x00000000000000000000000000000000deadbeef'

const ZERO = '0x' + '00'.repeat(32)
const ONES = '0x' + '11'.repeat(32)
const flip = hex => hex.slice(0, -1) + (parseInt(hex.at(-1), 16) ^ 1).toString(16)
const swap = list => [list[1], list[0], ...list.slice(2)]
const result = change => said => {
  change(said.result)
  return said
}
const same = value => JSON.parse(JSON.stringify(value))

// The same RLP item with a length that is longer than it need be: what a lenient decoder would take.
function longForm(node) {
  const bytes = ethers.getBytes(node)
  const payload = bytes[0] >= 0xf8 ? bytes.slice(1 + bytes[0] - 0xf7) : bytes.slice(1)
  return ethers.hexlify(ethers.concat([Uint8Array.of(0xfa, 0, payload.length >> 8, payload.length & 255), payload]))
}

// --- what is read; `p` is ethers at the node or at anvil itself --------------------------------------

const full = async (p, block) => {
  const got = await p.getBlock(block, true)
  return got && { ...got.toJSON(), transactions: got.prefetchedTransactions.map(tx => tx.toJSON()) }
}

export const READS = {
  balance: (p, w) => p.getBalance(w.poor),
  nonce: (p, w) => p.getTransactionCount(w.accounts[1]),
  absent: p => p.getBalance(NOBODY),
  code: (p, w) => p.getCode(w.contracts[0]),
  slot: (p, w) => p.getStorage(w.contracts[0], w.keys[0]),
  emptySlot: (p, w) => p.getStorage(w.contracts[0], 3n),
  near: (p, w) => p.getBalance(w.poor, w.busy - 3),
  old: (p, w) => p.getBalance(w.poor, 12),
  block: (p, w) => full(p, w.busy),
  blockByHash: (p, w) => full(p, w.busyHash),
  receipt: async (p, w) => receiptOf(await p.getTransactionReceipt(w.busyTx)),
  transaction: async (p, w) => (await p.getTransaction(w.busyTx))?.toJSON(),
  logs: async (p, w) => (await p.getLogs({ fromBlock: w.busy - 20, toBlock: w.busy, address: w.contracts[0] })).map(log => log.toJSON()),
}

// --- proofs --------------------------------------------------------------------------------------------

const proof = (what, read, tell, codes, more) => ({ what, read, on: PROOF, when: notHistory, tell, codes, is: 'lied', ...more })
const storage = change => result(r => change(r.storageProof[0]))

const PROOFS = [
  proof('a balance that its own proof does not support', 'balance', result(r => { r.balance = '0x1' }), ['claim_differs']),
  proof('a nonce that its own proof does not support', 'nonce', result(r => { r.nonce = '0x77' }), ['claim_differs']),
  proof('a code hash that its own proof does not support', 'code', result(r => { r.codeHash = ONES }), ['claim_differs']),
  proof('a storage root that its own proof does not support', 'slot', result(r => { r.storageHash = ONES }), ['claim_differs']),
  proof("another account's proof under the right address", 'balance', async (said, request, w) => {
    const other = await w.rpc('eth_getProof', [w.accounts[0], request.params[1], request.params[2]])
    return { ...said, result: { ...other, address: said.result.address } }
  }, ['proof_wrong_node', 'claim_differs', 'proof_missing_node', 'proof_extra_nodes']),
  proof("another account's proof as it is", 'balance', async (said, request, w) =>
    ({ ...said, result: await w.rpc('eth_getProof', [w.accounts[0], request.params[1], request.params[2]]) }), ['wrong_address']),
  proof('a proof cut short, as if the account were absent', 'balance', result(r => {
    r.accountProof.pop()
    Object.assign(r, { balance: '0x0', nonce: '0x0', codeHash: ZERO, storageHash: ZERO })
  }), ['proof_missing_node']),
  proof('no proof at all, as if the account were absent', 'balance', result(r => {
    Object.assign(r, { accountProof: [], balance: '0x0', nonce: '0x0', codeHash: ZERO, storageHash: ZERO })
  }), ['proof_missing_node']),
  proof('a balance for an account that is proven absent', 'absent', result(r => { r.balance = '0x64' }), ['claim_differs']),
  proof('a node too many', 'balance', result(r => { r.accountProof.push(r.accountProof[0]) }), ['proof_extra_nodes']),
  proof('an empty node too many', 'absent', result(r => { r.accountProof.push('0x80') }), ['proof_extra_nodes']),
  proof('a changed byte in the root node', 'balance', result(r => { r.accountProof[0] = flip(r.accountProof[0]) }), ['proof_wrong_node']),
  proof('a changed byte in the leaf', 'balance', result(r => { r.accountProof.push(flip(r.accountProof.pop())) }), ['proof_wrong_node']),
  proof('two nodes swapped', 'balance', result(r => { r.accountProof = swap(r.accountProof) }), ['proof_wrong_node']),
  proof('a node whose RLP is not canonical', 'balance', result(r => { r.accountProof[0] = longForm(r.accountProof[0]) }), ['proof_wrong_node']),
  proof('a node of a megabyte', 'balance', result(r => { r.accountProof[0] = '0x' + '00'.repeat(1 << 20) }),
    ['proof_too_large', 'json_too_large', 'too_large'], { is: 'fault' }),
  proof('a thousand nodes', 'balance', result(r => { r.accountProof = Array(1000).fill('0x80') }), ['proof_too_large'], { is: 'fault' }),
  proof('the state of an older block', 'balance', async (said, request, w) =>
    ({ ...said, result: await w.rpc('eth_getProof', [request.params[0], request.params[1], quantity(w.busy - 30)]) }), ['proof_wrong_node']),
  proof('a slot with another value than its proof says', 'slot', storage(one => { one.value = '0x8' }), ['claim_differs']),
  proof("another slot's proof under the right key", 'slot', async (said, request, w) => {
    const other = await w.rpc('eth_getProof', [request.params[0], [word(w.keys[1])], request.params[2]])
    said.result.storageProof[0] = { ...other.storageProof[0], key: said.result.storageProof[0].key }
    return said
  }, ['proof_wrong_node', 'claim_differs', 'proof_missing_node', 'proof_extra_nodes']),
  proof('the proof of another slot as it is', 'slot', storage(one => { one.key = '0x2' }), ['wrong_slot']),
  proof('a slot left out', 'slot', result(r => { r.storageProof = [] }), ['wrong_slot']),
  proof('a slot that is set, as if it were empty', 'slot', storage(one => { Object.assign(one, { value: '0x0', proof: one.proof.slice(0, -1) }) }), ['proof_missing_node']),
  proof('an empty slot, as if it were set', 'emptySlot', storage(one => { one.value = '0x1' }), ['claim_differs']),
  { what: 'other code than the account has', read: 'code', on: ['eth_getCode'], tell: said => ({ ...said, result: '0x6001' }), codes: ['code_differs'], is: 'lied' },
  { what: 'no code for a contract', read: 'code', on: ['eth_getCode'], tell: said => ({ ...said, result: '0x' }), codes: ['code_differs'], is: 'lied' },
  { what: 'a falsified hash in the history contract (EIP-2935)', read: 'old', on: PROOF, when: isHistory, tell: storage(one => { one.value = ONES }), codes: ['claim_differs'], is: 'lied' },
  { what: 'the history slot of another block', read: 'old', on: PROOF, when: isHistory, tell: async (said, request, w) => {
    const other = await w.rpc('eth_getProof', [request.params[0], [flip(request.params[1][0])], request.params[2]])
    said.result.storageProof[0] = { ...other.storageProof[0], key: said.result.storageProof[0].key }
    return said
  }, codes: ['proof_wrong_node', 'claim_differs', 'proof_missing_node', 'proof_extra_nodes'], is: 'lied' },
  { what: 'a history that is empty', read: 'old', on: PROOF, when: isHistory, tell: storage(one => { Object.assign(one, { value: '0x0', proof: [] }) }), codes: ['proof_missing_node', 'claim_differs'], is: 'lied' },
]

// --- headers -------------------------------------------------------------------------------------------

const OTHER_VALUE = {
  stateRoot: ONES, receiptsRoot: ONES, transactionsRoot: ONES, parentHash: ONES, timestamp: '0x1', number: '0x1', gasUsed: '0x1',
  baseFeePerGas: '0x1', miner: NOBODY, mixHash: ONES, extraData: '0x00', excessBlobGas: '0x20000', withdrawalsRoot: ONES, requestsHash: ONES,
  parentBeaconBlockRoot: ONES, logsBloom: '0x' + '00'.repeat(255) + '01',
}
const header = (what, read, tell, codes = ['header_hash_differs'], more) => ({ what, read, on: HEADER, when: isHeaderOnly, tell, codes, is: 'lied', ...more })

const HEADERS = [
  ...Object.entries(OTHER_VALUE).map(([name, value]) => header(`a header with another ${name}`, 'balance', result(r => { r[name] = value }))),
  header('a header without its state root', 'balance', result(r => { delete r.stateRoot }), ['json_missing', 'header_fields'], { is: 'fault' }),
  header('a header of an older fork', 'balance', result(r => { delete r.requestsHash }), ['header_hash_differs']),
  header("another block's header under the right hash", 'balance', async (said, request, w) =>
    ({ ...said, result: { ...await w.rpc('eth_getBlockByNumber', ['0x5', false]), hash: said.result.hash } })),
  header("another block's header as it is", 'balance', async (said, request, w) =>
    ({ ...said, result: await w.rpc('eth_getBlockByNumber', ['0x5', false]) })),
  header('ancestors with another state root', 'near', result(r => { r.stateRoot = ONES }), ['header_hash_differs'], { on: ['eth_getBlockByNumber', 'eth_getBlockByHash'] }),
  header('blocks of another branch, by number', 'near', async (said, request, w) =>
    ({ ...said, result: await w.other('eth_getBlockByNumber', [quantity(Number(said.result.number) % 40), false]) }), ['header_hash_differs']),
  header('a reorganisation below finality', 'old', async (said, request, w) =>
    ({ ...said, result: await w.other('eth_getBlockByNumber', [quantity(Number(said.result.number) % 40), false]) }), ['header_hash_differs']),
  header('an old header with another state root', 'old', result(r => { r.stateRoot = ONES })),
  header('the neighbour of the block that was asked for', 'near', async (said, request, w) =>
    ({ ...said, result: await w.rpc('eth_getBlockByNumber', [quantity(Number(said.result.number) - 1), false]) })),
]

// --- bodies and receipts ----------------------------------------------------------------------------------

const body = (what, tell, codes, more) => ({ what, read: 'block', on: BODY, when: isFull, tell, codes, is: 'lied', ...more })
const receipts = (what, tell, codes = ['body_receipts'], more) => ({ what, read: 'receipt', on: RECEIPTS, tell, codes, is: 'lied', ...more })

// The same transaction with one field changed and its hash made anew, as a liar would who knows how.
function rehashed(tx) {
  const { type, chainId, nonce, maxFeePerGas, maxPriorityFeePerGas, gas, to, value, input, accessList, r, s, yParity, v } = tx
  const made = ethers.Transaction.from({ type: Number(type), chainId, nonce: Number(nonce), maxFeePerGas, maxPriorityFeePerGas, gasLimit: gas, to, value,
    data: input, accessList, signature: { r, s, yParity: Number(yParity ?? v) } })
  return { ...tx, hash: made.hash }
}

const BODIES = [
  body('a block with a transaction left out', result(r => { r.transactions.pop() }), ['body_transactions']),
  body('a block without transactions', result(r => { r.transactions = [] }), ['body_transactions']),
  body('transactions in another order', result(r => { r.transactions = swap(r.transactions) }), ['body_transactions', 'tx_fields_differ']),
  body('a transaction twice', result(r => { r.transactions.push(same(r.transactions[0])) }), ['body_transactions']),
  body('a transaction with another value', result(r => { r.transactions[0].value = '0x1' }), ['tx_hash_differs', 'body_transactions']),
  body('a transaction with another value and the hash to it', result(r => { r.transactions[0] = rehashed({ ...r.transactions[0], value: '0x1' }) }), ['body_transactions', 'tx_hash_differs']),
  body('a transaction with another recipient and the hash to it', result(r => { r.transactions[0] = rehashed({ ...r.transactions[0], to: NOBODY }) }), ['body_transactions', 'tx_hash_differs']),
  body('a transaction of another block', async (said, request, w) => {
    const other = await w.rpc('eth_getBlockByNumber', [quantity(w.blocks[0]), true])
    said.result.transactions[0] = other.transactions[0]
    return said
  }, ['body_transactions', 'tx_fields_differ']),
  body('a withdrawal that never was', result(r => { r.withdrawals = [{ index: '0x1', validatorIndex: '0x1', address: NOBODY, amount: '0x64' }] }), ['body_withdrawals']),
  body('an uncle that never was', result(r => { r.uncles = [ONES] }), ['body_uncles', 'header_hash_differs'], { mayPass: true }),
  body("another block's body, by hash", async (said, request, w) =>
    ({ ...said, result: { ...said.result, transactions: (await w.rpc('eth_getBlockByNumber', [quantity(w.blocks[0]), true])).transactions } }),
  ['body_transactions', 'tx_fields_differ'], { read: 'blockByHash' }),
  body('a body of transaction hashes alone', result(r => { r.transactions = r.transactions.map(tx => tx.hash) }), ['json_type'], { is: 'fault' }),
  receipts('a receipt left out', result(r => { r.pop() })),
  receipts('no receipts', result(r => { r.length = 0 })),
  receipts('receipts in another order', said => ({ ...said, result: swap(said.result) }), ['receipt_order'], { is: 'fault' }),
  receipts('the logs of two receipts exchanged', result(r => {
    const [a, b] = [{ logs: r[0].logs, logsBloom: r[0].logsBloom }, { logs: r[1].logs, logsBloom: r[1].logsBloom }]
    Object.assign(r[0], b)
    Object.assign(r[1], a)
  })),
  receipts('a failed transaction shown as a success, or the reverse', result(r => { r[1].status = '0x0' })),
  receipts('another amount of gas', result(r => { r[0].cumulativeGasUsed = quantity(Number(r[0].cumulativeGasUsed) + 1) }), ['body_receipts']),
  receipts('a log with other data', result(r => { r[0].logs[0].data = word(1) })),
  receipts('a log with another topic', result(r => { r[0].logs[0].topics[1] = word(1) }), ['receipt_bloom_differs', 'body_receipts']),
  receipts('a log of another contract', result(r => { r[0].logs[0].address = NOBODY }), ['receipt_bloom_differs', 'body_receipts']),
  receipts('a log left out', result(r => { r[0].logs.pop() }), ['receipt_bloom_differs', 'body_receipts']),
  receipts('a log added', result(r => { r[0].logs.push(same(r[0].logs[1])) })),
  receipts('an empty bloom', result(r => { for (const one of r) one.logsBloom = '0x' + '00'.repeat(256) }), ['receipt_bloom_differs', 'body_receipts']),
  receipts("another block's receipts", async (said, request, w) => ({ ...said, result: await w.rpc('eth_getBlockReceipts', [quantity(w.blocks[0])]) }), ['receipt_order'], { is: 'fault' }),
  receipts("another block's receipts under this block's name", async (said, request, w) => {
    const { blockHash, blockNumber } = said.result[0]
    const other = await w.rpc('eth_getBlockReceipts', [quantity(w.blocks[0])])
    return { ...said, result: other.map(one => ({ ...one, blockHash, blockNumber })) }
  }),
  receipts('logs left out of a range', result(r => { for (const one of r) Object.assign(one, { logs: [], logsBloom: '0x' + '00'.repeat(256) }) }), ['body_receipts', 'receipt_bloom_differs'], { read: 'logs' }),
  receipts('a range without any logs', result(r => { r.length = 0 }), ['body_receipts'], { read: 'logs' }),
  receipts('a log with other data, in a range', result(r => { r[0].logs[0].data = word(1) }), ['body_receipts'], { read: 'logs' }),
]

// --- by hash ---------------------------------------------------------------------------------------------

const byHash = (what, tell, codes, more) => ({ what, read: 'transaction', on: ['eth_getTransactionByHash', 'eth_getTransactionReceipt'], tell, codes, ...more })

const BY_HASH = [
  byHash('another transaction than the one asked for', async (said, request, w) =>
    ({ ...said, result: (await w.rpc('eth_getBlockByNumber', [quantity(w.blocks[0]), true])).transactions[0] }), ['tx_hash_differs'], { is: 'lied', on: ['eth_getTransactionByHash'] }),
  byHash('a transaction by hash with another body', result(r => { r.value = '0x1' }), ['tx_hash_differs'], { is: 'lied', on: ['eth_getTransactionByHash'] }),
  byHash('a transaction placed in another block', async (said, request, w) => {
    const other = await w.rpc('eth_getBlockByNumber', [quantity(w.blocks[0]), false])
    Object.assign(said.result, { blockHash: other.hash, blockNumber: other.number })
    return said
  }, ['tx_not_in_block'], { is: 'lied' }),
  // The place in the block is found by the hash, so what is said of it does no harm.
  byHash('a transaction at another index of its block', result(r => { r.transactionIndex = '0x2' }), [], { is: 'none' }),
  byHash('a transaction at an index that its block does not have', result(r => { r.transactionIndex = '0x63' }), [], { is: 'none' }),
  byHash('a receipt that points at another block', async (said, request, w) => {
    const other = await w.rpc('eth_getBlockByNumber', [quantity(w.blocks[0]), false])
    Object.assign(said.result, { blockHash: other.hash, blockNumber: other.number })
    return said
  }, ['tx_not_in_block'], { is: 'lied', read: 'receipt' }),
  byHash('a transaction as pending that is in a block', result(r => { Object.assign(r, { blockHash: null, blockNumber: null, transactionIndex: null }) }), [],
    { is: 'none', isWeakAlone: true }),
  byHash('a transaction that is in a block as unknown', said => ({ ...said, result: null }), [], { is: 'none', isWeakAlone: true }),
]

// --- shapes, transport, and what is no lie -------------------------------------------------------------------

const shape = (what, more) => ({ what, read: 'balance', on: PROOF, is: 'fault', ...more })
const says = (code, message) => said => ({ jsonrpc: '2.0', id: said.id, error: { code, message } })
const missing = (what, tell, more) => ({ what, read: 'balance', on: PROOF, tell, codes: [], is: 'none', ...more })

const SHAPES = [
  shape('duplicate keys', { wire: WIRES.duplicateKeys, codes: ['json_duplicate_key'] }),
  shape('an answer to another question', { tell: said => ({ ...said, id: said.id + 1 }), codes: ['rpc_wrong_id'] }),
  shape('the same answer twice', { wire: WIRES.twice, codes: ['json_syntax'] }),
  shape('a web page', { wire: WIRES.html, codes: ['json_syntax'] }),
  shape('an empty body', { wire: WIRES.empty, codes: ['json_syntax'] }),
  shape('nesting without end', { wire: WIRES.deep, codes: ['json_too_deep', 'json_too_many_parts'] }),
  shape('bytes that are no text', { wire: WIRES.notUtf8, codes: ['json_syntax'] }),
  shape('neither result nor error', { tell: said => ({ jsonrpc: '2.0', id: said.id }), codes: ['rpc_malformed'] }),
  shape('a result that is a number', { tell: said => ({ ...said, result: 7 }), codes: ['json_type', 'json_missing'] }),
  shape('a negative balance', { tell: result(r => { r.balance = '-0x1' }), codes: ['json_value'] }),
  shape('an answer of a batch left out', { read: 'near', on: HEADER, batch: list => list.slice(1), codes: ['rpc_missing_answer'] }),
  shape('an answer of a batch twice', { read: 'near', on: HEADER, batch: list => [list[0], ...list], codes: ['rpc_wrong_id'] }),
  shape('a body without end', { wire: WIRES.endless, codes: ['too_large', 'json_too_large'] }),
  shape('a gzip bomb', { wire: WIRES.bomb, codes: ['too_large', 'json_too_large', 'bad_answer'] }),
]

const TRANSPORT = [
  // Another is asked meanwhile, and the slow one is let go without a word when that one has answered.
  shape('a body that comes in drips', { wire: WIRES.drip, codes: [], is: 'none' }),
  shape('a body cut off', { wire: WIRES.cut, codes: [], is: 'failing' }),
  shape('a redirect to elsewhere', { wire: WIRES.redirect, codes: [], is: 'failing' }),
  shape('HTTP status 500', { wire: WIRES.status(500), codes: [], is: 'failing' }),
  shape('HTTP status 401', { wire: WIRES.status(401), codes: [], is: 'failing' }),
  shape('HTTP status 429 with Retry-After', { wire: WIRES.status(429, { 'retry-after': '60' }), codes: [], is: 'failing' }),
  shape('a connection that is reset', { wire: WIRES.reset, codes: [], is: 'failing' }),
  shape('silence', { wire: WIRES.silence, codes: [], is: 'none' }),
  shape('too many requests, as JSON-RPC says it (-32005)', { tell: says(-32005, 'limit exceeded'), codes: [], is: 'failing' }),
  shape('an internal error', { tell: says(-32603, 'internal error'), codes: [], is: 'failing' }),
]

const NO_LIES = [
  missing('a provider without eth_getProof', says(-32601, 'the method eth_getProof does not exist')),
  missing('a provider that no longer has the state', says(-32000, 'missing trie node 11 (path ) state 0x11 is not available')),
  missing('a provider that does not have the head yet', said => ({ ...said, result: null }), { on: HEADER }),
  missing('a provider that knows old blocks alone', (said, request, w) => Number(said.result?.number ?? 0) > w.busy - 100 ? { ...said, result: null } : null, { on: HEADER }),
  missing('receipts that are not there', said => ({ ...said, result: null }), { on: RECEIPTS, read: 'receipt' }),
  missing('a provider without eth_getBlockReceipts', says(-32601, 'the method eth_getBlockReceipts does not exist'), { on: RECEIPTS, read: 'receipt' }),
  { what: 'a provider of another chain', read: 'balance', isOther: true, codes: [], is: 'none' },
  { what: 'a provider of another chain, asked for a block', read: 'block', isOther: true, codes: [], is: 'none' },
]

const overSocket = ['a balance that its own proof does not support', 'a header with another stateRoot', 'a log left out', 'a block with a transaction left out',
  'duplicate keys', 'a web page', 'nesting without end', 'a body without end', 'a body that comes in drips', 'a body cut off',
  'a connection that is reset', 'silence', 'a provider without eth_getProof', 'too many requests, as JSON-RPC says it (-32005)']

// Nobody can say which question these answer, so over a connection of many questions they are passed over.
const withoutId = ['a web page', 'nesting without end']

const HTTP_LIES = [...PROOFS, ...HEADERS, ...BODIES, ...BY_HASH, ...SHAPES, ...TRANSPORT, ...NO_LIES]

export const LIES = [
  ...HTTP_LIES,
  ...overSocket.map(what => ({ ...HTTP_LIES.find(lie => lie.what === what), what: `${what}, over websocket`, ws: true,
    ...(withoutId.includes(what) ? { codes: [], is: 'none' } : {}) })),
  { what: 'a binary frame, over websocket', read: 'balance', on: PROOF, wire: WIRES.binary, codes: [], is: 'none', ws: true },
  // An id that nobody waits for is passed over, so this one is silence to the node.
  { what: 'an answer to another question, over websocket', read: 'balance', on: PROOF, tell: said => ({ ...said, id: said.id + 1 }), codes: [], is: 'none', ws: true },
]
