// Two nodes that reach each other through Tor alone, in a Tor network of their own on loopback; and what a node says when Tor
// is not there. Where tor is not installed, or its network does not come up, that part is skipped and says why.
//
//   node tests/system/onion.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { finalizeEvent, generateSecretKey } from 'nostr-tools'
import { counter, expectEqual } from '../ui/browser.mjs'
import { expect, freePort, tidy, until } from './hearth.mjs'
import { PeerNode } from './peer_node.mjs'
import { TorNetwork, torMissing } from './tor_network.mjs'

const READY_MS = 90000
const { check, ...results } = counter()
const nodes = []
let network = null

async function start(name) {
  const node = await PeerNode.start(name, generateSecretKey())
  nodes.push(node)
  return node
}

const onionOf = async node => (await node.list()).reach.onion

async function ready(node) {
  await until(async () => `the onion service of ${node.name}: ${JSON.stringify(await onionOf(node))}`,
    async () => (await onionOf(node)).state === 'ready', READY_MS, 200)
}

const alice = await start('alice')
let bob = null

await check('onion, mapped port, LAN and rendezvous are off until the owner wants them', async () => {
  const { reach } = await alice.list()
  expectEqual([reach.onion.state, reach.map_port.state, reach.rendezvous.state, reach.lan.is_on], ['off', 'off', 'off', false], 'states')
  expectEqual(reach.addresses, [], 'addresses')
  expect(!existsSync(join(alice.dir, 'peer', 'onion.key')), 'there is a key of an onion service')
})
await check('without Tor the node says so, and goes on', async () => {
  await alice.call('peers.set_settings', { onion: true, tor_control: `127.0.0.1:${await freePort()}` })
  await until('it has failed', async () => (await onionOf(alice)).state === 'failed')
  const onion = await onionOf(alice)
  expect(onion.why.includes('Tor'), `it says ${onion.why}`)
  expectEqual(statSync(join(alice.dir, 'peer', 'onion.key')).mode & 0o777, 0o600, 'mode of the key')
  expectEqual((await alice.list()).reach.addresses, [], 'addresses')
  await alice.call('peers.set_settings', { onion: false })
  expectEqual((await onionOf(alice)).state, 'off', 'state')
})

async function upload(node, file, sha256) {
  const door = (await node.call('node.door')).url.replace('ws:', 'http:')
  const now = Math.floor(Date.now() / 1000)
  const event = finalizeEvent({ kind: 24242, created_at: now, content: 'a file', tags: [['t', 'upload'], ['x', sha256], ['expiration', String(now + 60)]] }, node.secret)
  const answer = await fetch(`${door}/upload`, { method: 'PUT', body: file, headers: { authorization: `Nostr ${Buffer.from(JSON.stringify(event)).toString('base64')}` } })
  expectEqual(answer.status, 201, 'status of the upload')
}

async function throughTor() {
  for (const [i, node] of [alice, bob].entries()) {
    const { control, socks } = network.clients[i]
    await node.call('peers.set_settings', { onion: true, tor_control: control, tor_socks: socks })
  }
  await check('a node is published as an onion service, and invites with that address alone', async () => {
    await ready(alice)
    const { reach } = await alice.list()
    expect(/^[a-z2-7]{56}\.onion$/.test(reach.onion.address), `its address is ${reach.onion.address}`)
    expectEqual(reach.onion.socks, network.clients[0].socks, 'proxy')
    expectEqual(reach.addresses, [{ url: `ws://${reach.onion.address}`, reach: 'onion', is_told: true }], 'addresses')
    expectEqual((await alice.call('peers.invite')).addresses, [`ws://${reach.onion.address}`], 'of the invitation')
  })
  await check('another node joins it through Tor', async () => {
    await ready(bob)
    await bob.call('peers.add', { link: await alice.invite('bob'), label: 'alice' })
    await Promise.all([bob.linked(alice, READY_MS), alice.linked(bob, READY_MS)])
    expectEqual([(await bob.peer(alice)).how, (await bob.peer(alice)).direction], ['onion', 'out'], 'as bob sees it')
    expectEqual([(await alice.peer(bob)).how, (await alice.peer(bob)).direction], ['onion', 'in'], 'as alice sees it')
  })
  await check('posts go both ways', async () => {
    await alice.follow(bob)
    await bob.follow(alice)
    await alice.post('alice through Tor')
    await bob.has('alice through Tor', 60000)
    await bob.post('bob through Tor')
    await alice.has('bob through Tor', 60000)
  })
  await check('a file is fetched from the onion by its hash, and by the one that was dialled, too', async () => {
    for (const [from, to] of [[alice, bob], [bob, alice]]) {
      const file = randomBytes(200_000), sha256 = createHash('sha256').update(file).digest('hex')
      await upload(from, file, sha256)
      const got = await to.call('social.media_fetch', { sha256 })
      expectEqual([got.sha256, got.size], [sha256, file.length], `what ${to.name} has got`)
    }
  })
  await check('after Tor was restarted the service is there again, under the same address', async () => {
    const { address } = await onionOf(alice)
    await network.clients[0].stop()
    await until('it is gone', async () => (await onionOf(alice)).state !== 'ready')
    await alice.unlinked(bob, 60000)
    network.restart(network.clients[0])
    await ready(alice)
    expectEqual((await onionOf(alice)).address, address, 'address')
    await bob.linked(alice, READY_MS)
  })
  await check('switched off, it is gone at once', async () => {
    await alice.call('peers.set_settings', { onion: false })
    expectEqual((await alice.list()).reach.addresses, [], 'addresses')
    expectEqual((await onionOf(alice)).state, 'off', 'state')
  })
}

let reason = torMissing()
if (!reason) {
  bob = await start('bob')
  try {
    network = await TorNetwork.start([alice, bob].map(node => join(node.dir, 'tor.cookie'))) // a node reads its own folder alone
    await network.up()
  } catch (error) {
    reason = `the private Tor network did not start: ${error.message}`
  }
}
if (reason) results.skip('the onion of two nodes', reason)
else await throughTor()
await check('everything ends', async () => {
  for (const node of nodes) expectEqual(await node.stop(), 0, `${node.name}'s exit code`)
})
await network?.stop()
await tidy()
results.finish()
process.exit()
