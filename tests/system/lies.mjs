// Execution providers that lie, break or know nothing, one way at a time, each against a fresh node. Beside an honest
// provider the answer is what ethers reads from the chain itself, within 5 s, and the liar is named with the reason and
// the evidence; alone it is never believed.
//
//   node tests/system/lies.mjs [--hearth FILE] [--only TEXT]
//
// The last line is "N passed, N failed, N skipped"; the one before it counts the lies.
import { ethers } from 'ethers'
import { Anvil } from '../devnet/anvil.mjs'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, option, tidy, until, writeNetwork } from './hearth.mjs'
import { LIES, READS } from './lies_table.mjs'
import { Provider } from './provider.mjs'
import { startWorld } from './world.mjs'

const ANSWER_MS = 5000
const ALONE_MS = 1500 // a provider that fails is asked again after a while, so refusal may take longer: then it is given up
const AT_ONCE = 3
const HONEST_MS = 25 // the honest provider is a little slower, so that the liar is asked first
const only = option('--only')
const results = counter()
const lies = { told: 0, refused: 0 }

const world = await startWorld()
const network = await writeNetwork(world.devnet.network)
world.busy = world.blocks.at(-1)
{
  const block = await world.chain.getBlock(world.busy)
  Object.assign(world, { busyHash: block.hash, busyTx: block.transactions[0] })
}
// Another chain: another id, another genesis, other blocks under the same numbers.
const stranger = await Anvil.start({ port: 0, timestamp: world.devnet.net.genesisTime - 5000, chainId: 4242, accounts: 3, dir: world.devnet.net.ownDir })
await stranger.rpc('anvil_mine', ['0x28'])
world.other = (method, params) => stranger.rpc(method, params)
const honest = await Provider.start(world.devnet.rpcUrl, { slowMs: HONEST_MS })

const plain = value => JSON.parse(JSON.stringify(value ?? null, (_, v) => (typeof v === 'bigint' ? String(v) : v)))

async function withNode(name, executions, run) {
  const node = await Hearth.start({ network, dir: await dataDir(name), beacons: world.devnet.beaconUrls, args: executions.flatMap(url => ['--execution', url]) })
  const wallet = new ethers.JsonRpcProvider(`${node.origin}/eth`, undefined, { staticNetwork: ethers.Network.from(31337), batchMaxCount: 1, cacheTimeout: -1 })
  try {
    await node.live(10000)
    return await run(node, wallet)
  } finally {
    wallet.destroy()
    await node.stop()
  }
}

async function timed(promise, ms) {
  let timer
  const late = new Promise(done => (timer = setTimeout(() => done({ error: new Error(`no answer after ${ms} ms`), isLate: true }), ms)))
  const got = await Promise.race([promise.then(value => ({ value }), error => ({ error })), late])
  clearTimeout(timer)
  return got
}

const startLiar = lie => Provider.start(lie.isOther ? stranger.url : world.devnet.rpcUrl, { lie: lie.isOther ? null : lie, world })
const urlOf = (lie, liar) => (lie.ws ? liar.wsUrl : liar.url)

// The evidence has its number once it is on disk.
async function expectEvidence(node, url) {
  const fault = await until('the fault has its evidence', async () => {
    const last = (await node.provider(url)).faults.at(-1)
    return Number.isInteger(last.evidence) && last
  }, 5000)
  const evidence = await node.call('l1.evidence', { id: fault.evidence })
  expectEqual([evidence.id, evidence.code, evidence.kind], [fault.evidence, fault.code, 'execution'], 'evidence')
  expect(/"method"/.test(evidence.request), `the evidence has no request: ${evidence.request}`)
  // Of what was too large, only how much of it came is known.
  expect(fault.code === 'too_large' || evidence.answer_bytes === 0 || evidence.answer.length > 0, 'the evidence has no answer')
}

async function expectFault(node, lie, liar) {
  const { is, codes } = lie
  const look = async () => {
    const provider = await node.provider(urlOf(lie, liar))
    // What comes too late to matter is recorded a moment later.
    if (is === 'none' || provider.faults.length > 0 || (is === 'failing' && provider.failures > 0)) return provider
    return null
  }
  const provider = await until(`a fault "${codes}" is recorded`, look, 5000)
  const said = provider.faults.map(fault => fault.code)
  if (is === 'none' || is === 'failing') return void expectEqual([provider.state === 'lied', said], [false, []], 'lied, and faults')
  expect(provider.faults.some(fault => codes.includes(fault.code)), `expected a fault of ${codes}, got ${JSON.stringify(provider.faults)}`)
  expectEqual(provider.state === 'lied', is === 'lied', `that it has lied (faults ${said})`)
  await expectEvidence(node, urlOf(lie, liar))
}

// Beside an honest provider; true when it had occasion to lie and was named.
async function beside(lie, expected) {
  const liar = await startLiar(lie)
  try {
    await withNode('beside', [urlOf(lie, liar), honest.url], async (node, wallet) => {
      const begun = Date.now()
      const got = await timed(READS[lie.read](wallet, world), ANSWER_MS + 1000)
      const ms = Date.now() - begun
      if (got.error) throw got.error
      expectEqual(plain(got.value), expected, 'the answer')
      expect(ms < ANSWER_MS, `the answer took ${ms} ms`)
      if (!lie.isOther) expect(liar.told > 0, `the lie was never told; it was asked ${liar.asked.join(' ')}`)
      if (liar.told > 0 || lie.isOther) await expectFault(node, lie, liar)
    })
    return liar.told > 0 || lie.isOther === true
  } finally {
    if (liar.told > 0 || lie.isOther) lies.told++
    liar.stop()
  }
}

// On a busy computer the honest provider may be asked for company and answer before the liar has: what the liar would
// have sent is then never looked at, and it is given the occasion again.
async function besideInTime(lie, expected) {
  for (let tries = 1; ; tries++) {
    try {
      return await beside(lie, expected)
    } catch (error) {
      if (tries === 3 || !/in vain: a fault/.test(error.message)) throw error
      lies.told--
    }
  }
}

// With nobody else to ask.
async function alone(lie, expected) {
  const liar = await startLiar(lie)
  try {
    await withNode('alone', [urlOf(lie, liar)], async (node, wallet) => {
      const got = await timed(READS[lie.read](wallet, world), lie.is === 'lied' ? ANSWER_MS : ALONE_MS)
      const isWeak = lie.isWeakAlone && (plain(got.value) === null || plain(got.value).blockHash === null)
      // A node that finds the truth by another way is as good.
      const isTruth = got.error === undefined && JSON.stringify(plain(got.value)) === JSON.stringify(expected)
      if (lie.is === 'lied' && !lie.mayPass) expect(got.error && !got.isLate, `it was not refused: ${JSON.stringify(plain(got.value)) ?? got.error?.message}`)
      expect(got.error || isWeak || isTruth, `it was believed: ${JSON.stringify(plain(got.value))}`)
    })
  } finally {
    liar.stop()
  }
}

const truths = new Map()
for (const [name, read] of Object.entries(READS)) truths.set(name, plain(await read(world.chain, world)))

async function one(lie) {
  let isNamed = false
  await results.check(`beside an honest provider: ${lie.what}`, async () => {
    isNamed = await besideInTime(lie, truths.get(lie.read))
  })
  await results.check(`alone: ${lie.what}`, async () => {
    await alone(lie, truths.get(lie.read))
    if (isNamed) lies.refused++
  })
}

const begun = Date.now()
const waiting = LIES.filter(lie => !only || lie.what.includes(only))
await Promise.all(Array.from({ length: AT_ONCE }, async () => {
  for (let lie = waiting.shift(); lie; lie = waiting.shift()) await one(lie)
}))

if (!only) {
  await results.check('two liars that disagree: the third, honest provider decides', async () => {
    const liars = await Promise.all(['0x1', '0x2'].map(balance => Provider.start(world.devnet.rpcUrl, { world, lie: {
      on: ['eth_getProof'], tell: said => ({ ...said, result: { ...said.result, balance } }) } })))
    await withNode('disagree', [...liars.map(liar => liar.url), honest.url], async (node, wallet) => {
      const got = await timed(READS.balance(wallet, world), ANSWER_MS)
      if (got.error) throw got.error
      expectEqual(plain(got.value), truths.get('balance'), 'the answer')
      for (const liar of liars) if (liar.told) expectEqual((await node.provider(liar.url)).state, 'lied', 'state')
    })
    for (const liar of liars) liar.stop()
  })
  await results.check('a liar stays out after a restart, and is asked again when the user trusts it again', async () => {
    const liar = await Provider.start(world.devnet.rpcUrl, { world, lie: LIES[0] })
    const dir = await dataDir('restart')
    const begin = () => Hearth.start({ network, dir, beacons: world.devnet.beaconUrls, args: ['--execution', liar.url, '--execution', honest.url] })
    let node = await begin()
    await node.live(10000)
    await node.call('l1.account', { address: world.poor })
    expectEqual((await node.provider(liar.url)).state, 'lied', 'state')
    await node.stop()
    node = await begin()
    await node.live(10000)
    const provider = await node.provider(liar.url)
    expectEqual(provider.state, 'lied', 'state after a restart')
    await node.call('l1.trust_again', { provider: provider.id })
    expect((await node.provider(liar.url)).state !== 'lied', 'it is still out')
    await node.stop()
    liar.stop()
  })
  await results.check('a provider that answers another hash to a transaction that was sent is not believed about it', async () => {
    const liar = await Provider.start(world.devnet.rpcUrl, { world, lie: { on: ['eth_sendRawTransaction'], tell: said => ({ ...said, result: ethers.ZeroHash }) } })
    await withNode('hash', [liar.url, honest.url], async (node, wallet) => {
      const signer = ethers.HDNodeWallet.fromPhrase('test test test test test test test test test test test junk', undefined, "m/44'/60'/0'/0/7")
      const raw = await signer.signTransaction({ type: 2, chainId: 31337, nonce: await world.chain.getTransactionCount(signer.address, 'pending'), to: world.poor,
        value: 5n, gasLimit: 21000n, maxFeePerGas: ethers.parseUnits('5', 'gwei'), maxPriorityFeePerGas: ethers.parseUnits('1', 'gwei') })
      expectEqual(await wallet.send('eth_sendRawTransaction', [raw]), ethers.keccak256(raw), 'hash')
    })
    liar.stop()
  })
}

honest.stop()
await stranger.stop()
await world.stop()
await tidy()
console.log(`${lies.told} lies and failures were told, ${lies.refused} of them refused and named, in ${Math.round((Date.now() - begun) / 1000)} s`)
results.finish()
process.exit()
