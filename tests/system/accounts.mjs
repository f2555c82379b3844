// Proven accounts, end to end: the real node against anvil, compared with what ethers reads from the same chain, and
// against execution providers that lie.
//
//   node tests/system/accounts.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import http from 'node:http'
import { ethers } from 'ethers'
import { startDevnet } from '../devnet/devnet.mjs'
import { counter, expectEqual } from '../ui/browser.mjs'
import { cli, dataDir, expect, Hearth, tidy, until, writeNetwork } from './hearth.mjs'

const results = counter()
const { check } = results
const devnet = await startDevnet({ preset: 'minimal', slotMs: 1000 })
const network = await writeNetwork(devnet.network)
const chain = new ethers.JsonRpcProvider(devnet.rpcUrl, undefined, { staticNetwork: true, batchMaxCount: 1 })
const cleanups = [() => chain.destroy()]

// A JSON-RPC server on loopback in front of anvil that changes each answer by `lie(method, result)`; null refuses.
async function liar(lie) {
  const server = http.createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    const asked = JSON.parse(body)
    const answer = await fetch(devnet.rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    let said = await answer.json()
    // A batch is lied to one by one; a lie that is no object takes the place of the whole answer.
    const tell = one => ('result' in one ? lie([asked].flat().find(each => each.id === one.id).method, structuredClone(one)) : one)
    said = Array.isArray(said) ? said.map(tell) : tell(said)
    if (Array.isArray(said)) said = said.find(one => typeof one === 'string') ?? said
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(typeof said === 'string' ? said : JSON.stringify(said))
  })
  await new Promise(done => server.listen(0, '127.0.0.1', done))
  cleanups.push(() => { server.closeAllConnections(); server.close() })
  return `http://127.0.0.1:${server.address().port}`
}

// Takes questions and never answers.
const silenceAsked = new Map()
async function silence() {
  const server = http.createServer(() => silenceAsked.set(url, silenceAsked.get(url) + 1))
  await new Promise(done => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${server.address().port}`
  silenceAsked.set(url, 0)
  cleanups.push(() => { server.closeAllConnections(); server.close() })
  return url
}

async function start(name, executions) {
  const node = await Hearth.start({ network, dir: await dataDir(name), beacons: devnet.beaconUrls,
    args: executions.flatMap(url => ['--execution', url]) })
  cleanups.push(() => node.stop())
  await node.live(10000)
  return node
}

// The proven account is what anvil itself says of that block.
async function expectAsOnChain(account) {
  const block = account.provenance.block
  const header = await chain.getBlock(block.hash)
  expect(header !== null, `block ${block.hash} is not on the chain`)
  expectEqual(header.number, block.number, 'number of the block')
  expectEqual(account.balance, String(await chain.getBalance(account.address, block.number)), 'balance')
  expectEqual(account.nonce, await chain.getTransactionCount(account.address, block.number), 'nonce')
  const code = await chain.getCode(account.address, block.number)
  expectEqual(account.code_hash, ethers.keccak256(code), 'hash of the code')
}

const rich = await chain.getSigner(0)
const poor = ethers.Wallet.createRandom().address
const paid = await rich.sendTransaction({ to: poor, value: 1234567890123456789n })
// Stores 7 in slot 1 and becomes one byte of code, a STOP.
const made = await rich.sendTransaction({ data: '0x6007600155' + '6001601160003960016000f300' })
const contract = ethers.getCreateAddress({ from: rich.address, nonce: made.nonce })

const node = await start('honest', [devnet.rpcUrl])
await check('the payment and the contract are in blocks that the node has verified', async () => {
  const receipt = await paid.wait(1, 10000)
  await made.wait(1, 10000)
  await node.until('the block is verified', s => s.head?.block_number > receipt.blockNumber + 1, 15000)
})
for (const [what, address] of [['a paid account', poor], ['the payer', rich.address], ['a contract', contract]]) {
  await check(`${what} is proven at the head, as ethers reads it there`, async () => {
    const account = await node.call('l1.account', { address })
    expectEqual([account.exists, account.provenance.verdict, account.provenance.level], [true, 'proven', 'head'], 'what is said of it')
    await expectAsOnChain(account)
  })
}
await check('storage and code are proven, an empty slot as zero', async () => {
  const slots = [1, 2].map(n => ethers.zeroPadValue(ethers.toBeHex(n), 32))
  const account = await node.call('l1.account', { address: contract, slots, code: true })
  expectEqual(account.storage, { [slots[0]]: ethers.zeroPadValue('0x07', 32), [slots[1]]: ethers.ZeroHash }, 'storage')
  expectEqual([account.code, await chain.getCode(contract)], ['0x00', '0x00'], 'code, and what ethers reads')
})
await check('more slots than one question takes are refused in words', async () => {
  const refused = await node.call('l1.account', { address: contract, slots: Array(65).fill(ethers.ZeroHash) }).then(() => null, error => error)
  expectEqual(refused?.code, 'too_many_slots', 'code')
})
await check('an account that is not there is proven not to be', async () => {
  const account = await node.call('l1.account', { address: ethers.Wallet.createRandom().address })
  expectEqual([account.exists, account.balance, account.nonce], [false, '0', 0], 'what is said of it')
})
await check('at finality the account is proven at an older block', async () => {
  const account = await node.call('l1.account', { address: rich.address, block: 'finalized' })
  expectEqual(account.provenance.level, 'finalized', 'level')
  await expectAsOnChain(account)
})
await check('many accounts at once are each answered with their own', async () => {
  const addresses = Array.from({ length: 8 }, (_, i) => ethers.zeroPadValue(ethers.toBeHex(i + 1), 20))
  const accounts = await Promise.all([...addresses, poor, rich.address].map(address => node.call('l1.account', { address })))
  expectEqual(accounts.map(a => a.address), [...addresses, poor, rich.address].map(a => a.toLowerCase()), 'addresses')
  expectEqual(accounts.at(-2).balance, '1234567890123456789', 'balance')
})
await check('ethers reads balance, nonce, code and storage at /eth as it does from anvil itself', async () => {
  const wallet = new ethers.JsonRpcProvider(`${node.origin}/eth`, undefined, { batchMaxCount: 10 })
  try {
    expectEqual(String((await wallet.getNetwork()).chainId), String((await chain.getNetwork()).chainId), 'chain id')
    expect((await wallet.getBlockNumber()) > 0, 'no block number')
    const read = provider => Promise.all([provider.getBalance(poor), provider.getBalance(rich.address), provider.getTransactionCount(rich.address),
      provider.getCode(contract), provider.getStorage(contract, 1n), provider.getStorage(contract, 2n)])
    expectEqual((await read(wallet)).map(String), (await read(chain)).map(String), 'what is read')
    expectEqual(String(await wallet.getBalance(poor, 'finalized') <= 1234567890123456789n), 'true', 'balance at finality')
    const run = provider => Promise.all([provider.call({ to: contract }), provider.estimateGas({ from: rich.address, to: poor, value: 1n })])
    expectEqual((await run(wallet)).map(String), (await run(chain)).map(String), 'what code answers')
  } finally {
    wallet.destroy()
  }
})
await check('hearth account says it in words and ends with 0; a wrong address ends with 1', async () => {
  const said = await cli(['account', poor, '--network', network, '--data-dir', node.dir])
  expectEqual(said.code, 0, 'exit code')
  expect(/Balance +1\.234567890123456789 ether/.test(said.out) && /Proof +proven at block \d+, head/.test(said.out), said.out)
  expectEqual((await cli(['account', '0x12', '--network', network, '--data-dir', node.dir])).code, 1, 'exit code')
})

// What a liar does, and the reason that must be given.
const node1 = r => ({ ...r, result: { ...r.result, accountProof: r.result.accountProof.with(0, '0xf851' + r.result.accountProof[0].slice(6)) } })
const LIES = {
  'a balance that its own proof does not support': ['eth_getProof', r => { r.result.balance = '0x1'; return r }, 'claim_differs', true],
  'a nonce that its own proof does not support': ['eth_getProof', r => { r.result.nonce = '0x77'; return r }, 'claim_differs', true],
  'the proof of another account': ['eth_getProof', r => { r.result.address = contract; return r }, 'wrong_address', true],
  'a proof cut short, as if the account were absent': ['eth_getProof', r => { r.result.accountProof.pop(); return r }, null, true],
  'no proof at all': ['eth_getProof', r => { r.result.accountProof = []; return r }, null, true],
  'a proof with a node too many': ['eth_getProof', r => { r.result.accountProof.push('0xc0'); return r }, null, null],
  'a proof with a changed node': ['eth_getProof', node1, null, null],
  'a header with another state root': ['eth_getBlockByHash', r => { r.result.stateRoot = '0x' + '11'.repeat(32); return r }, 'header_hash_differs', true],
  'another block than the one asked for': ['eth_getBlockByHash', r => ({ ...r, result: { ...r.result, number: '0x1' } }), 'header_hash_differs', true],
  'a slot with another value than its proof says': ['eth_getProof', r => { for (const slot of r.result.storageProof) slot.value = '0x8'; return r }, 'claim_differs', true, { slots: [ethers.zeroPadValue('0x01', 32)] }],
  'the proof of another slot': ['eth_getProof', r => { for (const slot of r.result.storageProof) slot.key = '0x2'; return r }, 'wrong_slot', true, { slots: [ethers.zeroPadValue('0x01', 32)] }],
  'other code than the account has': ['eth_getCode', r => ({ ...r, result: '0x01' }), 'code_differs', true, { code: true }],
  'an answer to another question': ['eth_getProof', r => ({ ...r, id: r.id + 1 }), 'rpc_wrong_id', false],
  'duplicate keys': ['eth_getProof', r => JSON.stringify(r).replace('{', '{"id":0,'), 'json_duplicate_key', false],
  'no JSON': ['eth_getBlockByHash', () => '<html>', 'json_syntax', false],
}
for (const [what, [method, lie, code, isLie, more]] of Object.entries(LIES)) {
  await check(`refused and named: ${what}`, async () => {
    const bad = await liar((asked, said) => (asked === method ? lie(said) : said))
    const victim = await start(`liar-${Object.keys(LIES).indexOf(what)}`, [bad])
    const refused = await victim.call('l1.account', { address: more ? contract : poor, ...more }).then(() => null, error => error)
    expect(refused !== null, 'the lie was believed')
    const provider = await victim.provider(bad)
    const fault = provider.faults.at(-1)
    expect(fault !== undefined, 'no fault was recorded')
    if (code !== null) expectEqual(fault.code, code, 'reason')
    if (isLie !== null) expectEqual(provider.state, isLie ? 'lied' : 'failing', 'state of the provider')
    await victim.stop()
  })
}
await check('with an honest provider beside the liar the account is proven all the same', async () => {
  const bad = await liar((asked, said) => { if (asked === 'eth_getProof') said.result.balance = '0x1'; return said })
  const victim = await start('both', [bad, devnet.rpcUrl])
  const account = await victim.call('l1.account', { address: poor })
  expectEqual([account.balance, account.provenance.sources], ['1234567890123456789', [new URL(devnet.rpcUrl).host]], 'account and source')
  expectEqual((await victim.provider(bad)).state, 'lied', 'state of the liar')
})
await check('a provider without eth_getProof is passed over and not blamed', async () => {
  const lacking = await liar((asked, said) => asked === 'eth_getProof'
    ? { jsonrpc: '2.0', id: said.id, error: { code: -32601, message: 'the method eth_getProof does not exist' } } : said)
  const node = await start('lacking', [lacking, devnet.rpcUrl])
  const account = await node.call('l1.account', { address: poor })
  expectEqual(account.balance, '1234567890123456789', 'balance')
  expectEqual((await node.provider(lacking)).faults, [], 'faults')
})
await check('a silent provider gets company, and the account is proven within 5 s', async () => {
  const silent = await silence()
  const node = await start('hedge', [silent, devnet.rpcUrl])
  const begun = Date.now()
  const account = await node.call('l1.account', { address: poor })
  expectEqual(account.balance, '1234567890123456789', 'balance')
  expect(Date.now() - begun < 5000, `it took ${Date.now() - begun} ms`)
  expectEqual(await node.stop(), 0, 'exit code')
})
await check('a node that is stopped while it waits for a provider ends cleanly', async () => {
  const silent = await silence()
  const node = await start('stopped', [silent])
  const waiting = node.call('l1.account', { address: poor }).then(() => null, error => error)
  await until('the question is with the provider', () => silenceAsked.get(silent) > 0)
  expectEqual(await node.stop(), 0, 'exit code')
  expect((await waiting) !== null, 'it was answered')
  expect(!/Sanitizer/.test(node.log), node.log.slice(-2000))
})
await check('without an execution provider the answer is that there is none', async () => {
  const alone = await start('alone', [])
  const refused = await alone.call('l1.account', { address: poor }).then(() => null, error => error)
  expectEqual(refused?.code, 'no_provider', 'code')
})

for (const cleanup of cleanups.reverse()) await cleanup()
await devnet.stop()
results.finish()
await tidy()
process.exit()
