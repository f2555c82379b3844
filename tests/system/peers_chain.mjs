// Chain data through peers alone: a node with no provider of its own reaches a verified head and proves a balance that is
// the chain's, over TLS with pinned keys, and sends a transfer that it follows by proofs; of two peers one lies, is refused and named, and the honest one is used.
//
//   node tests/system/peers_chain.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ethers } from 'ethers'
import { counter, expectEqual } from '../ui/browser.mjs'
import { cli, dataDir, expect, Hearth, tidy, until, writeNetwork } from './hearth.mjs'
import { portOf, throughPort } from './peer_node.mjs'
import { closeProxies, LyingProxy } from './peer_proxy.mjs'
import { startWorld } from './world.mjs'

const { check, ...results } = counter()
const world = await startWorld({ history: 80, slotMs: 1000 })
const { devnet } = world
const network = await writeNetwork(devnet.network)
const nodes = []

async function start(name, beacons, args) {
  const node = await Hearth.start({ network, dir: await dataDir(name), beacons, args })
  nodes.push(node)
  node.key = (await node.call('peers.list')).node
  return node
}

// All begin at one block: a node proves to others the bootstraps that it has met, its own among them.
const { root } = await devnet.checkpoint()
const gives = name => start(name, devnet.beaconUrls, ['--execution', devnet.rpcUrl, '--peer-port', '0', '--checkpoint', root])
const lacks = async (name, root) => start(name, [], ['--no-providers', '--checkpoint', root])
const portAt = async node => portOf((await node.call('peers.list')).reach.listen)
const invite = async node => (await node.call('peers.invite')).link
const peerOf = async (node, other) => (await node.call('peers.list')).peers.find(one => one.node === other.key)
const linked = (node, other) => until(async () => `a link: ${JSON.stringify(await node.call('peers.list'))}; it logged ${node.log.slice(-800)}`,
  async () => (await peerOf(node, other))?.state === 'connected', 15000, 50)
const pems = async node => ({ key: await readFile(join(node.dir, 'peer', 'tls.key'), 'utf8'), cert: await readFile(join(node.dir, 'peer', 'tls.crt'), 'utf8') })
const named = node => `peer ${node.key.slice(0, 16)}`

async function eth(node, method, params) {
  const answer = await fetch(`${node.origin}/eth`, { method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params, provenance: true }) })
  const { result, error, provenance } = await answer.json()
  if (error) throw Object.assign(new Error(error.message), { code: error.data?.code })
  return { result, provenance }
}

async function balance(node, address) {
  const { result, provenance } = await eth(node, 'eth_getBalance', [address, 'latest'])
  return { wei: String(BigInt(result)), provenance }
}

const signer = ethers.HDNodeWallet.fromPhrase('test test test test test test test test test test test junk', undefined, "m/44'/60'/0'/0/7")
const transfer = async (to, { chainId = 31337, nonce } = {}) => signer.signTransaction({ type: 2, chainId, to, value: 777n, gasLimit: 21000n,
  nonce: nonce ?? await world.chain.getTransactionCount(signer.address, 'pending'), maxFeePerGas: ethers.parseUnits('5', 'gwei'), maxPriorityFeePerGas: ethers.parseUnits('1', 'gwei') })
const outbox = async node => (await node.call('l1.outbox')).transactions

const [first, second] = [await gives('first'), await gives('second')]
await Promise.all([first.live(20000), second.live(20000)])
const onChain = async address => String(BigInt(await world.rpc('eth_getBalance', [address, 'latest'])))
const theirs = await onChain(world.poor)

await check('a fourth node with no provider of its own has a verified head through peers alone', async () => {
  const fourth = await lacks('fourth', root)
  expectEqual(await fourth.providers(), [], 'providers')
  for (const peer of [first, second]) await fourth.call('peers.add', { link: await invite(peer) })
  await Promise.all([linked(fourth, first), linked(fourth, second)])
  const { head, state } = await fourth.live(20000)
  expectEqual(state, 'live', 'state')
  expect(Math.abs(head.slot - (await first.status()).head.slot) <= 1, `its head is ${head.slot}, its peer's ${(await first.status()).head.slot}`)
  expect((await fourth.providers()).every(one => one.is_peer), 'a provider is no peer')
  expect((await peerOf(fourth, first)).how === 'tls' && (await peerOf(fourth, second)).how === 'tls', 'not all links are TLS')
})
await check('… and proves a balance that is the chain\'s, by the API and on the command line', async () => {
  const fourth = nodes.at(-1)
  const { wei, provenance } = await balance(fourth, world.poor)
  expectEqual([wei, provenance.verdict], [theirs, 'proven'], 'balance')
  expect([named(first), named(second)].includes(provenance.sources[0]), `its source is ${provenance.sources[0]}`)
  const told = await cli(['account', world.poor, '--data-dir', fourth.dir, '--json'])
  expectEqual(told.code, 0, `exit code; it said ${told.out}${told.err}`)
  expect(told.out.includes(theirs) && told.out.includes('proven'), `it said ${told.out}`)
})
await check('… and sends a transfer through a peer, and knows by proof what became of it', async () => {
  const fourth = nodes.at(-1)
  const to = ethers.getAddress(ethers.toBeHex(0x7e57, 20))
  const raw = await transfer(to)
  expectEqual((await eth(fourth, 'eth_sendRawTransaction', [raw])).result, ethers.keccak256(raw), 'hash')
  const [sent] = await outbox(fourth)
  expect(sent.providers.length > 0 && sent.providers.every(name => [named(first), named(second)].includes(name)), `taken by ${sent.providers}`)
  await until(async () => `it is in a block: ${JSON.stringify(await outbox(fourth))}; it logged ${fourth.log.slice(-800)}`,
    async () => (await outbox(fourth))[0].state !== 'sent', 30000, 100)
  const [{ block, succeeded }] = await outbox(fourth)
  expectEqual([succeeded, block.hash], [true, (await world.chain.getTransactionReceipt(ethers.keccak256(raw))).blockHash], 'outcome')
  const { wei, provenance } = await balance(fourth, to)
  expectEqual([wei, provenance.verdict], ['777', 'proven'], 'balance of who was paid')
  for (const peer of [first, second]) expectEqual(await outbox(peer), [], 'what a peer keeps of it')
})
await check('… and what no chain takes, or a used nonce, is refused before any peer is asked', async () => {
  const fourth = nodes.at(-1)
  for (const [raw, words] of [[await transfer(world.poor, { chainId: 1 }), 'chain'], [await transfer(world.poor, { nonce: 0 }), 'nonce too low']]) {
    const error = await eth(fourth, 'eth_sendRawTransaction', [raw]).catch(error => error)
    expect(error.message?.includes(words), `it said ${error.message ?? JSON.stringify(error)}`)
  }
  expectEqual((await outbox(fourth)).length, 1, 'transactions under way')
})
await check('when one of them goes, the other is enough', async () => {
  const fourth = nodes.at(-1)
  await first.stop()
  await until('the peer is gone', async () => (await peerOf(fourth, first)).state !== 'connected', 15000)
  const { slot } = (await fourth.status()).head
  await fourth.until('the head goes on', status => status.state === 'live' && status.head.slot >= slot + 3, 20000)
  expectEqual((await balance(fourth, world.poor)).wei, theirs, 'balance')
  await fourth.stop()
})

const lies = {
  'a balance': (url, answer, question) => {
    if (url !== '/eth/execution' || !question.includes('eth_getProof')) return null
    const changed = answer.toString().replace(/"balance":"0x[0-9a-f]+"/, '"balance":"0x1"')
    return changed === answer.toString() ? null : Buffer.from(changed)
  },
  'the head': (url, answer) => {
    if (!url.includes('optimistic_update')) return null
    const said = Buffer.from(answer)
    said[said.length - 20] ^= 1
    return said
  }
}
const liarNode = await gives('liar')
await liarNode.live(20000)

for (const [what, lie] of Object.entries(lies)) {
  await check(`a peer that lies about ${what} is refused and named, and the honest one is used`, async () => {
    const proxy = await LyingProxy.start(await portAt(liarNode), await pems(liarNode), lie)
    const asks = await lacks('asks', root)
    await asks.call('peers.add', { link: throughPort(await invite(liarNode), proxy.port) })
    await linked(asks, liarNode)
    if (what === 'a balance') await asks.live(20000)
    await asks.call('peers.add', { link: await invite(second) })
    await linked(asks, second)
    await asks.live(30000)
    const wrong = await until(async () => `the liar is named; it told ${proxy.lies} lies of ${proxy.asked}; ${JSON.stringify(await peerOf(asks, liarNode))}; it logged ${asks.log.slice(-1200)}`, async () => {
      const { wei, provenance } = await balance(asks, world.poor).catch(() => ({}))
      if (wei !== undefined) expectEqual([wei, provenance.verdict, provenance.sources[0]], [theirs, 'proven', provenance.sources[0] === named(liarNode) && what === 'the head' ? named(liarNode) : named(second)], 'what it believes')
      const peer = await peerOf(asks, liarNode)
      return proxy.lies > 0 && peer.faults.some(fault => fault.kind === 'bad_proof') && peer
    }, 30000, 250)
    expect(wrong.score < 0 || wrong.state !== 'connected', `its score is ${wrong.score}`)
    expect(asks.log.includes(liarNode.key.slice(0, 16)), 'the log does not name it')
    const honest = await peerOf(asks, second)
    expect(honest.score >= 0 && honest.faults.length === 0, `the honest one is blamed: ${JSON.stringify(honest.faults)}`)
    const { wei, provenance } = await balance(asks, world.accounts[1])
    expectEqual([wei, provenance.verdict], [await onChain(world.accounts[1]), 'proven'], 'balance')
    expectEqual(await asks.stop(), 0, 'exit code')
    await proxy.close()
  })
}

for (const node of nodes) await node.stop()
await closeProxies()
await world.stop()
await tidy()
results.finish()
process.exit()
