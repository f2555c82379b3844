// An execution provider for a chain that exists only as RLP: executes genesis.json and chain.rlp with @ethereumjs/vm and
// answers from the blocks, receipts and states that gave. Every root is held against the headers on the way, so what it
// serves is what the chain says of itself. It knows no more methods than the node asks of providers.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createBlock, createBlockFromRLP, genTransactionsTrieRoot } from '@ethereumjs/block'
import { createCommonFromGethGenesis } from '@ethereumjs/common'
import { RLP } from '@ethereumjs/rlp'
import { getMerkleStateProof } from '@ethereumjs/statemanager'
import { createAddressFromString } from '@ethereumjs/util'
import { createVM, runBlock } from '@ethereumjs/vm'
import { ethers } from 'ethers'

const hex = bytes => ethers.hexlify(bytes)
const quantity = value => ethers.toQuantity(value)
const prefixed = text => (text.startsWith('0x') ? text : `0x${text}`)
const NO_METHOD = -32601

// --- replaying --------------------------------------------------------------------------------------------

function splitBlocks(bytes, options) {
  const blocks = []
  for (let rest = bytes; rest.length > 0;) {
    const { remainder } = RLP.decode(rest, true)
    blocks.push(createBlockFromRLP(rest.subarray(0, rest.length - remainder.length), options))
    rest = remainder
  }
  return blocks
}

function allocOf(genesis) {
  const entries = Object.entries(genesis.alloc).map(([address, { balance, code = '0x', storage = {}, nonce = 0 }]) =>
    [prefixed(address), [quantity(BigInt(balance)), prefixed(code), Object.entries(storage), quantity(BigInt(nonce))]])
  return Object.fromEntries(entries)
}

const genesisHeader = (genesis, stateRoot) => ({
  stateRoot,
  ...Object.fromEntries(['timestamp', 'gasLimit', 'difficulty', 'coinbase', 'mixHash', 'extraData', 'baseFeePerGas'].filter(name => genesis[name] !== undefined)
    .map(name => [name, genesis[name]])),
  nonce: ethers.zeroPadValue(ethers.toBeHex(BigInt(genesis.nonce ?? 0)), 8),
})

// What the state's tries do not tell, the addresses and slots behind their keys: every one that is ever written.
function watchKeys(stateManager) {
  const slots = new Map()
  const of = address => slots.get(address.toString()) ?? slots.set(address.toString(), new Set()).get(address.toString())
  const { putAccount, putStorage } = stateManager
  stateManager.putAccount = function (address, ...rest) {
    of(address)
    return putAccount.call(this, address, ...rest)
  }
  stateManager.putStorage = function (address, key, ...rest) {
    of(address).add(hex(key))
    return putStorage.call(this, address, key, ...rest)
  }
  return slots
}

// Gives {genesis, blocks, receipts: by block, vm, keys: the slots ever written, by address}. Throws where the chain does
// not lead to the roots that its headers give.
async function replay(folder) {
  const genesis = JSON.parse(await readFile(join(folder, 'genesis.json'), 'utf8'))
  const common = createCommonFromGethGenesis(genesis, { chain: 'recorded', mergeForkIdPostMerge: true })
  common.customCrypto.kzg = {} // wanted to make blob transactions; blobs themselves are not in blocks
  const options = { common, setHardfork: true, skipConsensusFormatValidation: true }
  const blocks = splitBlocks(await readFile(join(folder, 'chain.rlp')), options)
  // For BLOCKHASH, all that the VM asks of a blockchain.
  const blockchain = { getBlock: async id => all.find(block => (typeof id === 'object' ? hex(block.hash()) === hex(id) : block.header.number === BigInt(id))), shallowCopy: () => blockchain }
  const vm = await createVM({ common, setHardfork: true, blockchain })
  const keys = watchKeys(vm.stateManager)
  await vm.stateManager.generateCanonicalGenesis(allocOf(genesis))
  let root = await vm.stateManager.getStateRoot()
  const first = createBlock({ header: genesisHeader(genesis, root) }, options)
  if (blocks.length > 0 && hex(first.hash()) !== hex(blocks[0].header.parentHash)) throw new Error('the genesis block is not the parent of block 1')
  const all = [first, ...blocks]
  const receipts = [[]]
  for (const block of blocks) {
    const done = await runBlock(vm, { block, root, setHardfork: true, skipBlockValidation: true })
    root = done.stateRoot
    if (hex(root) !== hex(block.header.stateRoot)) throw new Error(`block ${block.header.number}: another state root`)
    if (hex(done.receiptsRoot) !== hex(block.header.receiptTrie)) throw new Error(`block ${block.header.number}: another receipts root`)
    if (hex(await genTransactionsTrieRoot(block.transactions)) !== hex(block.header.transactionsTrie)) throw new Error(`block ${block.header.number}: another transactions root`)
    receipts.push(done.receipts)
  }
  return { genesis, blocks: all, receipts, vm, keys }
}

// --- as JSON-RPC ----------------------------------------------------------------------------------------------

function transactionJson(tx, block, index) {
  const made = ethers.Transaction.from(hex(tx.serialize()))
  const { type, signature } = made
  const typed = type > 0 ? { chainId: quantity(made.chainId), yParity: quantity(signature.yParity),
    accessList: (made.accessList ?? []).map(({ address, storageKeys }) => ({ address, storageKeys })) } : {}
  if (type === 0 && made.chainId) typed.chainId = quantity(made.chainId)
  const fees = type >= 2 ? { maxFeePerGas: quantity(made.maxFeePerGas), maxPriorityFeePerGas: quantity(made.maxPriorityFeePerGas), gasPrice: quantity(made.maxFeePerGas) }
    : { gasPrice: quantity(made.gasPrice) }
  const blobs = type === 3 ? { maxFeePerBlobGas: quantity(made.maxFeePerBlobGas), blobVersionedHashes: made.blobVersionedHashes } : {}
  const authorizations = type === 4 ? { authorizationList: made.authorizationList.map(one => ({ chainId: quantity(one.chainId), address: one.address,
    nonce: quantity(one.nonce), yParity: quantity(one.signature.yParity), r: quantity(one.signature.r), s: quantity(one.signature.s) })) } : {}
  return { type: quantity(type), hash: made.hash, nonce: quantity(made.nonce), blockHash: hex(block.hash()), blockNumber: quantity(block.header.number),
    transactionIndex: quantity(index), from: made.from, to: made.to, value: quantity(made.value), gas: quantity(made.gasLimit), input: made.data,
    v: quantity(type === 0 ? signature.networkV ?? signature.v : signature.yParity), r: quantity(signature.r), s: quantity(signature.s),
    ...typed, ...fees, ...blobs, ...authorizations }
}

function headerJson(block) {
  const h = block.header
  const given = { baseFeePerGas: h.baseFeePerGas, blobGasUsed: h.blobGasUsed, excessBlobGas: h.excessBlobGas }
  const roots = { withdrawalsRoot: h.withdrawalsRoot, parentBeaconBlockRoot: h.parentBeaconBlockRoot, requestsHash: h.requestsHash }
  const has = ([, value]) => value !== undefined
  return { hash: hex(block.hash()), parentHash: hex(h.parentHash), sha3Uncles: hex(h.uncleHash), miner: h.coinbase.toString(), stateRoot: hex(h.stateRoot),
    transactionsRoot: hex(h.transactionsTrie), receiptsRoot: hex(h.receiptTrie), logsBloom: hex(h.logsBloom), difficulty: quantity(h.difficulty),
    number: quantity(h.number), gasLimit: quantity(h.gasLimit), gasUsed: quantity(h.gasUsed), timestamp: quantity(h.timestamp), extraData: hex(h.extraData),
    mixHash: hex(h.mixHash), nonce: hex(h.nonce),
    ...Object.fromEntries(Object.entries(given).filter(has).map(([name, value]) => [name, quantity(value)])),
    ...Object.fromEntries(Object.entries(roots).filter(has).map(([name, value]) => [name, hex(value)])) }
}

function blockJson(block, isFull) {
  const withdrawals = block.withdrawals?.map(one => ({ index: quantity(one.index), validatorIndex: quantity(one.validatorIndex), address: one.address.toString(), amount: quantity(one.amount) }))
  return { ...headerJson(block), size: quantity(block.serialize().length), uncles: block.uncleHeaders.map(uncle => hex(uncle.hash())),
    transactions: block.transactions.map((tx, i) => (isFull ? transactionJson(tx, block, i) : hex(tx.hash()))), ...(withdrawals ? { withdrawals } : {}) }
}

function receiptsJson(block, receipts) {
  const place = { blockHash: hex(block.hash()), blockNumber: quantity(block.header.number) }
  let logIndex = 0
  return receipts.map((receipt, i) => {
    const tx = block.transactions[i]
    const at = { ...place, transactionHash: hex(tx.hash()), transactionIndex: quantity(i) }
    const logs = receipt.logs.map(([address, topics, data]) =>
      ({ ...at, address: hex(address), topics: topics.map(hex), data: hex(data), logIndex: quantity(logIndex++), removed: false }))
    const before = i > 0 ? receipts[i - 1].cumulativeBlockGasUsed : 0n
    const outcome = receipt.stateRoot ? { root: hex(receipt.stateRoot) } : { status: quantity(receipt.status) }
    return { ...at, type: quantity(tx.type), from: tx.getSenderAddress().toString(), to: tx.to?.toString() ?? null, ...outcome, logs,
      cumulativeGasUsed: quantity(receipt.cumulativeBlockGasUsed), gasUsed: quantity(receipt.cumulativeBlockGasUsed - before), logsBloom: hex(receipt.bitvector) }
  })
}

// --- answering ---------------------------------------------------------------------------------------------------

// Gives {genesis, head: the last block as JSON with raw, answer(request): the reply to one JSON-RPC request,
// stateAfter(number): the whole state after a block, as a genesis file has it}.
export async function openChain(folder) {
  const { genesis, blocks, receipts, vm, keys } = await replay(folder)
  const byHash = new Map(blocks.map(block => [hex(block.hash()), block]))
  const placed = new Map(blocks.flatMap(block => block.transactions.map((tx, index) => [hex(tx.hash()), { block, index }])))
  const sent = []
  const last = blocks.at(-1)

  function find(id) {
    if (typeof id === 'object' && id !== null) return id.blockHash ? byHash.get(id.blockHash) : find(id.blockNumber)
    if (['latest', 'pending', 'safe', 'finalized', undefined].includes(id)) return last
    if (id === 'earliest') return blocks[0]
    return id.length === 66 ? byHash.get(id) : blocks[Number(id)]
  }
  async function stateAt(id) {
    const manager = vm.stateManager.shallowCopy()
    await manager.setStateRoot(find(id).header.stateRoot)
    return manager
  }
  async function stateAfter(number) {
    const manager = await stateAt(quantity(number))
    const alloc = {}
    for (const [text, slots] of keys) {
      const address = createAddressFromString(text)
      const account = await manager.getAccount(address)
      if (!account) continue
      const storage = {}
      for (const slot of slots) {
        const value = await manager.getStorage(address, ethers.getBytes(slot))
        if (value.some(byte => byte !== 0)) storage[slot] = ethers.zeroPadValue(value, 32)
      }
      alloc[text] = { nonce: quantity(account.nonce), balance: quantity(account.balance), code: hex(await manager.getCode(address)), storage }
    }
    return alloc
  }
  const methods = {
    eth_chainId: () => quantity(genesis.config.chainId),
    eth_blockNumber: () => quantity(last.header.number),
    eth_getBlockByHash: (hash, isFull) => byHash.has(hash) ? blockJson(byHash.get(hash), isFull) : null,
    eth_getBlockByNumber: (id, isFull) => find(id) ? blockJson(find(id), isFull) : null,
    eth_getBlockReceipts: id => find(id) ? receiptsJson(find(id), receipts[Number(find(id).header.number)]) : null,
    eth_getTransactionByHash: hash => {
      const at = placed.get(hash)
      return at ? transactionJson(at.block.transactions[at.index], at.block, at.index) : null
    },
    eth_getTransactionReceipt: hash => {
      const at = placed.get(hash)
      return at ? receiptsJson(at.block, receipts[Number(at.block.header.number)])[at.index] : null
    },
    eth_getProof: async (address, slots, id) => {
      const keys = slots.map(slot => ethers.zeroPadValue(ethers.toBeHex(BigInt(slot)), 32))
      const proof = await getMerkleStateProof(await stateAt(id), createAddressFromString(address), keys.map(key => ethers.getBytes(key)))
      // For an account without storage it gives no slots at all.
      return { ...proof, storageProof: proof.storageProof.length > 0 ? proof.storageProof : keys.map(key => ({ key, value: '0x0', proof: [] })) }
    },
    eth_getCode: async (address, id) => hex(await (await stateAt(id)).getCode(createAddressFromString(address))),
    eth_sendRawTransaction: raw => {
      sent.push(raw)
      return ethers.keccak256(raw)
    },
  }
  return {
    genesis,
    sent,
    stateAfter,
    head: { ...blockJson(last, false), raw: last.transactions.map(tx => hex(tx.serialize())) },
    async answer({ id, method, params = [] }) {
      if (!methods[method]) return { jsonrpc: '2.0', id, error: { code: NO_METHOD, message: `the method ${method} does not exist` } }
      return { jsonrpc: '2.0', id, result: await methods[method](...params) }
    },
  }
}
