// ethers 6 as a wallet's client of /eth: everything a program reads, watches and sends through it is what the same call
// reads from the chain itself.
//
//   node tests/system/ethers.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { ethers } from 'ethers'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, tidy, until, writeNetwork } from './hearth.mjs'
import { EVENTS, quantity, receiptOf, startWorld, word } from './world.mjs'

const PHRASE = 'test test test test test test test test test test test junk'
const WAIT_MS = 15000
const OPTIONS = { cacheTimeout: -1, pollingInterval: 250 }

const { check, ...results } = counter()
const world = await startWorld({ history: 160 })
const { chain } = world
const network = await writeNetwork(world.devnet.network)
const node = await Hearth.start({ network, dir: await dataDir('ethers'), beacons: world.devnet.beaconUrls, args: ['--execution', world.devnet.rpcUrl] })
await node.live(10000)
const wallet = new ethers.JsonRpcProvider(`${node.origin}/eth`, undefined, { ...OPTIONS, batchMaxCount: 20 })
const socket = new ethers.WebSocketProvider(`${node.origin.replace('http', 'ws')}/eth`, undefined, OPTIONS)
const signer = index => ethers.HDNodeWallet.fromPhrase(PHRASE, undefined, `m/44'/60'/0'/0/${index}`)

const busy = world.blocks.at(-2)
const plain = value => JSON.parse(JSON.stringify(value ?? null, (_, v) => (typeof v === 'bigint' ? String(v) : v)))
const raw = async (method, params) => (await (await fetch(`${node.origin}/eth`, { method: 'POST', headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) })).json())

// The same read at the node and at the chain itself.
async function same(what, read) {
  await check(what, async () => {
    const [got, expected] = await Promise.all([read(wallet), read(chain)])
    expectEqual(plain(got), plain(expected), what)
  })
}
const blockOf = async (p, block, isFull) => {
  const got = await p.getBlock(block, isFull)
  return got && { ...got.toJSON(), ...(isFull ? { transactions: got.prefetchedTransactions.map(tx => tx.toJSON()) } : {}) }
}
const refusal = promise => promise.then(() => null, error => error)
const within = (promise, what) => Promise.race([promise, new Promise((_, failed) => setTimeout(() => failed(new Error(`${what}: not within ${WAIT_MS} ms`)), WAIT_MS).unref())])

// --- reading -----------------------------------------------------------------------------------------

await check('the network is detected by asking', async () => expectEqual(String((await wallet.getNetwork()).chainId), '31337', 'chain id'))
await check('the block number is that of the verified head', async () => {
  const [number, status] = [await wallet.getBlockNumber(), await node.status()]
  expect(Math.abs(number - status.head.block_number) <= 1, `${number}, but the head is ${status.head.block_number}`)
})
// What a subscription that the node refuses makes of ethers: a rejection that nobody waits for.
process.on('unhandledRejection', error => console.log(`unhandled: ${error.message}`))
const { hash: busyHash, transactions: [firstHash] } = await chain.getBlock(busy)
const anyHash = (await chain.getBlock(busy)).transactions.at(-1)
await same('a block by number with hashes', p => blockOf(p, busy, false))
await same('a block by number with transactions', p => blockOf(p, busy, true))
await same('a block by hash with hashes', p => blockOf(p, busyHash, false))
await same('a block by hash with transactions', p => blockOf(p, busyHash, true))
await same('an old block', p => blockOf(p, world.blocks[0], true))
await same('an empty block', p => blockOf(p, busy + 1, true))
await same('a block in the future is null', p => p.getBlock(100000))
await check('the latest block is one of the chain', async () => {
  const got = await wallet.getBlock('latest', true)
  expectEqual(plain({ ...got.toJSON() }), plain((await chain.getBlock(got.hash, true)).toJSON()), 'block')
})
await check('the finalized block is one of the chain, and not after the safe one', async () => {
  const [final, safe] = [await wallet.getBlock('finalized'), await wallet.getBlock('safe')]
  expectEqual(plain(final.toJSON()), plain((await chain.getBlock(final.hash)).toJSON()), 'block')
  expect(final.number <= safe.number, `${final.number} finalized, ${safe.number} safe`)
})
await same('how many transactions a block has', p => p.send('eth_getBlockTransactionCountByNumber', [quantity(busy)]))
await same('how many transactions a block has, by hash', p => p.send('eth_getBlockTransactionCountByHash', [busyHash]))
await same('a balance', p => p.getBalance(world.poor))
await same('a balance at an older block', p => p.getBalance(world.accounts[0], busy - 20))
await same('a balance before it was paid', p => p.getBalance(world.poor, 1))
await same('a nonce', p => p.getTransactionCount(world.accounts[1]))
await same('code', p => p.getCode(world.contracts[0]))
await same('storage', p => p.getStorage(world.contracts[0], world.keys[0]))
await same('storage at a block before it was written', p => p.getStorage(world.contracts[0], world.keys[1], world.keys[0]))
await same('a transaction', async p => (await p.getTransaction(firstHash)).toJSON())
await same('the last transaction of a block', async p => (await p.getTransaction(anyHash)).toJSON())
await same('a transaction by block and index', p => p.send('eth_getTransactionByBlockNumberAndIndex', [quantity(busy), '0x1']).then(tx => tx.hash))
await same('a transaction that nobody knows is null', p => p.getTransaction(ethers.ZeroHash))
await same('a receipt', async p => receiptOf(await p.getTransactionReceipt(firstHash)))
await same('a receipt without logs', async p => receiptOf(await p.getTransactionReceipt(anyHash)))
await same('the receipts of a block', async p => (await p.send('eth_getBlockReceipts', [quantity(busy)])).map(r => [r.transactionHash, r.status, r.gasUsed, r.cumulativeGasUsed, r.logs.length, r.effectiveGasPrice, r.from, r.to]))
await same('a proof', async p => {
  const { address, balance, nonce, accountProof, storageProof } = await p.send('eth_getProof', [world.contracts[0], [word(world.keys[0])], quantity(busy)])
  return { address: address.toLowerCase(), balance, nonce, accountProof, values: storageProof.map(one => [BigInt(one.value), one.proof]) }
})

// --- logs ---------------------------------------------------------------------------------------------

const range = { fromBlock: 1, toBlock: busy }
const logsOf = async (p, filter) => (await p.getLogs(filter)).map(log => log.toJSON())
await same('all logs of a range', p => logsOf(p, range))
await same('logs of one contract', p => logsOf(p, { ...range, address: world.contracts[1] }))
await same('logs of several contracts', p => logsOf(p, { ...range, address: world.contracts }))
await same('logs of one event', p => logsOf(p, { ...range, topics: [EVENTS.getEvent('Touched').topicHash] }))
await same('logs of either of two events with a key', p => logsOf(p, { ...range,
  topics: [[EVENTS.getEvent('Touched').topicHash, EVENTS.getEvent('Stored').topicHash], word(world.keys[2])] }))
await same('logs of a block by its hash', p => logsOf(p, { blockHash: busyHash }))
await same('logs of a contract that has none', p => logsOf(p, { ...range, address: world.poor }))
await same("a contract's events", async p => {
  const found = await new ethers.Contract(world.contracts[0], EVENTS, p).queryFilter('Stored', 1, busy)
  return found.map(event => [event.blockNumber, event.index, event.args.key, event.args.value])
})
await same("a contract's events with one key", async p => {
  const contract = new ethers.Contract(world.contracts[0], EVENTS, p)
  return (await contract.queryFilter(contract.filters.Stored(world.keys[3]), 1, busy)).map(event => [event.blockNumber, event.args.value])
})
await check('a range that is reversed is refused', async () => expect((await raw('eth_getLogs', [{ fromBlock: '0x5', toBlock: '0x4' }])).error !== undefined, 'it was answered'))

// --- fees -----------------------------------------------------------------------------------------------

await check('fee data is there and near what the chain asks', async () => {
  const [got, head] = [await wallet.getFeeData(), await chain.getBlock('latest')]
  expect(got.gasPrice > 0n && got.maxPriorityFeePerGas > 0n, `${plain(got).gasPrice}, ${plain(got).maxPriorityFeePerGas}`)
  expect(got.maxFeePerGas >= head.baseFeePerGas, 'less than the base fee')
})
// The chain's own headers are what this is held against: anvil's history has the last base fee wrong.
await check('eth_feeHistory has the base fees and gas shares of the headers, and rewards in order', async () => {
  const { oldestBlock, baseFeePerGas, gasUsedRatio, reward } = await wallet.send('eth_feeHistory', ['0x10', quantity(busy), [10, 50, 90]])
  const blocks = await Promise.all(Array.from({ length: 17 }, (_, i) => chain.getBlock(busy - 15 + i)))
  expectEqual([oldestBlock, baseFeePerGas], [quantity(busy - 15), blocks.map(block => quantity(block.baseFeePerGas))], 'base fees')
  expectEqual(gasUsedRatio.map(share => share.toFixed(6)), blocks.slice(0, 16).map(block => (Number(block.gasUsed) / Number(block.gasLimit)).toFixed(6)), 'gas shares')
  for (const [low, middle, high] of reward.map(list => list.map(BigInt))) expect(low <= middle && middle <= high, `${low}, ${middle}, ${high}`)
  expect(BigInt(reward.at(-1)[1]) > 0n, 'nothing was paid in a block of several transactions')
})

// --- sending -----------------------------------------------------------------------------------------------

// Gas limits are given: an estimate would need calls to be executed.
const me = signer(5).connect(wallet)
await check('a signed transaction is sent, waited for, and is in the chain', async () => {
  const sent = await me.sendTransaction({ to: world.poor, value: 12345n, gasLimit: 21000n })
  const receipt = await within(sent.wait(1, WAIT_MS), 'its receipt')
  expectEqual([receipt.status, receipt.hash], [1, sent.hash], 'receipt')
  expectEqual(plain(receiptOf(receipt)), plain(receiptOf(await chain.getTransactionReceipt(sent.hash))), 'receipt')
  await until('it shows in the outbox as included', async () => (await node.call('l1.outbox')).transactions.some(tx => tx.hash === sent.hash && tx.state !== 'sent'), WAIT_MS)
})
await check('a contract is called, and its events come with the receipt', async () => {
  const sent = await me.sendTransaction({ to: world.contracts[0], data: ethers.concat([word(77), word(78)]), gasLimit: 100000n })
  const receipt = await within(sent.wait(1, WAIT_MS), 'its receipt')
  expectEqual(receipt.logs.map(log => EVENTS.parseLog(log).name), ['Stored', 'Touched'], 'events')
  expectEqual(await wallet.getStorage(world.contracts[0], 77n), await chain.getStorage(world.contracts[0], 77n), 'what it stored')
})
const signed = (who, more) => who.signTransaction({ type: 2, chainId: 31337, to: world.poor, value: 1n, gasLimit: 21000n, maxFeePerGas: ethers.parseUnits('10', 'gwei'),
  maxPriorityFeePerGas: ethers.parseUnits('1', 'gwei'), ...more })
await check('a nonce that was used is NONCE_EXPIRED', async () => {
  const error = await refusal(wallet.broadcastTransaction(await signed(signer(5), { nonce: 0 })))
  expectEqual(error?.code, 'NONCE_EXPIRED', `code (${error?.message})`)
})
await check('an account that cannot pay is INSUFFICIENT_FUNDS', async () => {
  const error = await refusal(wallet.broadcastTransaction(await signed(ethers.Wallet.createRandom(), { nonce: 0 })))
  expectEqual(error?.code, 'INSUFFICIENT_FUNDS', `code (${error?.message})`)
})
await check('a transaction of another chain is refused', async () => expect(await refusal(wallet.broadcastTransaction(await signed(signer(5), { chainId: 1, nonce: 2 }))), 'it was taken'))
await check('bytes that are no transaction are refused as a parameter', async () => expect((await raw('eth_sendRawTransaction', ['0x02f8'])).error !== undefined, 'it was taken'))

// --- watching ------------------------------------------------------------------------------------------------

const touch = async (key, account = 3) => {
  const hash = await world.rpc('eth_sendTransaction', [{ from: world.accounts[account], to: world.contracts[0], data: ethers.concat([word(key), word(key)]) }])
  return chain.waitForTransaction(hash, 1, WAIT_MS)
}
const next = (emitter, event, wanted = () => true) => within(new Promise(done => emitter.on(event, (...args) => wanted(...args) && done(args))), `event ${typeof event === 'string' ? event : 'log'}`)
for (const [name, p] of [['polling', wallet], ['websocket', socket]]) {
  await check(`new blocks are told, by ${name}`, async () => {
    const [first] = await next(p, 'block')
    const [second] = await next(p, 'block', number => number > first)
    expect(second > first, `${first}, then ${second}`)
    await p.removeAllListeners('block')
  })
  await check(`logs are told as they come, by ${name}`, async () => {
    const key = name === 'polling' ? 901 : 902
    const filter = { address: world.contracts[0], topics: [EVENTS.getEvent('Stored').topicHash, word(key)] }
    const coming = next(p, filter)
    // ethers subscribes without saying when it has; one block later it has.
    await next(p, 'block')
    const receipt = await touch(key)
    const [log] = await coming
    expectEqual([log.transactionHash, log.blockHash, log.removed], [receipt.hash, receipt.blockHash, false], 'log')
    await p.removeAllListeners()
  })
}
await check('filters by hand: installed, changed, emptied, taken down', async () => {
  const { result: id } = await raw('eth_newFilter', [{ fromBlock: 'latest', address: world.contracts[0] }])
  const { result: blocks } = await raw('eth_newBlockFilter', [])
  const receipt = await touch(903)
  const seen = []
  await until('the filter has the logs', async () => {
    seen.push(...(await raw('eth_getFilterChanges', [id])).result)
    return seen.some(log => log.transactionHash === receipt.hash)
  }, WAIT_MS, 200)
  expectEqual(seen.filter(log => log.transactionHash === receipt.hash).length, 2, 'logs of it')
  expect((await raw('eth_getFilterChanges', [blocks])).result.includes(receipt.blockHash), 'its block is not among those told')
  expectEqual((await raw('eth_getFilterLogs', [id])).error, undefined, 'error of eth_getFilterLogs')
  expectEqual([(await raw('eth_uninstallFilter', [id])).result, (await raw('eth_uninstallFilter', [id])).result], [true, false], 'taken down')
  expect((await raw('eth_getFilterChanges', [id])).error !== undefined, 'it still answers')
})
await check('a log that a reorganisation takes out is told as removed', async () => {
  const told = []
  const id = await socket.send('eth_subscribe', ['logs', { address: world.contracts[0] }])
  socket.websocket.addEventListener('message', ({ data }) => {
    const { method, params } = JSON.parse(data)
    if (method === 'eth_subscription' && params.subscription === id) told.push(params.result)
  })
  const receipt = await touch(904)
  await until('the log is told', () => told.some(log => log.transactionHash === receipt.hash && !log.removed), WAIT_MS)
  // The node's head is a block or two behind the chain's.
  await world.devnet.reorg({ depth: 5, keep_txs: false })
  await until('the log is told as removed', () => told.some(log => log.transactionHash === receipt.hash && log.removed), WAIT_MS)
})

// --- our own member ----------------------------------------------------------------------------------------------

await check('with "provenance": true the reply says what proves it, and without it does not', async () => {
  const ask = more => fetch(`${node.origin}/eth`, { method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getBalance', params: [world.poor, 'latest'], ...more }) }).then(r => r.json())
  const { provenance } = await ask({ provenance: true })
  expectEqual([provenance?.verdict, typeof provenance?.block?.hash], ['proven', 'string'], 'provenance')
  expect(!('provenance' in await ask({})), 'it came unasked')
})

wallet.destroy()
await socket.destroy()
await node.stop()
await world.stop()
await tidy()
results.finish()
process.exit()
