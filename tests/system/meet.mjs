// Two nodes that know each other and have both moved find each other again at the rendezvous: through OpenDHT, in a network
// namespace of their own, whose table a third node keeps. Where the library or a namespace is missing it is skipped and says why.
//
//   node tests/system/meet.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { execFileSync, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { generateSecretKey } from 'nostr-tools'
import { counter, expectEqual } from '../ui/browser.mjs'
import { expect, freePort, Hearth, dataDir, tidy, until } from './hearth.mjs'
import { PeerNode } from './peer_node.mjs'

const INSIDE = 'HEARTH_MEET_INSIDE', TITLE = 'nodes that find each other at the rendezvous', NOBODY = '127.0.0.1:9'
const { check, ...results } = counter()

function skipAll(why) {
  results.skip(TITLE, why)
  console.log('0 passed, 0 failed, 1 skipped')
  process.exit(0)
}

if (!process.env[INSIDE]) {
  const made = spawnSync('unshare', ['--map-root-user', '--net', 'ip', 'link', 'set', 'lo', 'up'], { encoding: 'utf8' })
  if (made.error?.code === 'ENOENT') skipAll('unshare is not installed')
  if (made.status !== 0) skipAll(`no network namespace: ${made.stderr.trim()}`)
  const run = spawnSync('unshare', ['--map-root-user', '--net', process.execPath, fileURLToPath(import.meta.url), ...process.argv.slice(2)],
    { stdio: 'inherit', env: { ...process.env, [INSIDE]: '1' } })
  process.exit(run.status ?? 1)
}
execFileSync('ip', ['link', 'set', 'lo', 'up'])

// UDP ports that are open in this namespace, which is ours alone.
async function udpPorts() {
  const lines = (await readFile('/proc/net/udp', 'utf8')).trim().split('\n').slice(1)
  return lines.map(line => parseInt(line.trim().split(/\s+/)[1].split(':')[1], 16))
}

const meeting = async node => (await node.call('peers.list')).reach.rendezvous
const begun = node => until(async () => `the rendezvous has begun: ${JSON.stringify(await meeting(node))}`,
  async () => !['off', 'starting'].includes((await meeting(node)).state), 20000)

const table = await Hearth.start({ network: 'mainnet', dir: await dataDir('table'), beacons: ['http://127.0.0.1:9'] })
await table.call('peers.set_settings', { rendezvous: true, rendezvous_bootstrap: NOBODY })
await begun(table)
const { state, why } = await meeting(table)
if (state === 'failed') {
  expect(why.includes('OpenDHT is not installed'), `the rendezvous failed: ${why}`)
  await table.stop()
  await tidy()
  skipAll(why)
}
const [port] = await udpPorts()
const entry = `127.0.0.1:${port}`

const alice = await PeerNode.start('alice', generateSecretKey())
const bob = await PeerNode.start('bob', generateSecretKey())
const listensAt = async node => {
  const at = await freePort()
  await node.call('peers.set_settings', { listen: true, bind: '127.0.0.1', hosts: ['127.0.0.1'], port: at, tell: 'peers' })
  await until(`${node.name} listens at ${at}`, async () => (await node.list()).reach.listen?.endsWith(`:${at}`))
  return `wss://127.0.0.1:${at}`
}
const knows = async (node, other) => (await node.peer(other)).addresses

await check('a place that is no host and port is refused, and what stands stays', async () => {
  for (const wrong of ['example.org', ':4222', 'example.org:0', 'a b:4222']) {
    const error = await alice.call('peers.set_settings', { rendezvous_bootstrap: wrong }).catch(error => error)
    expect(error.message?.includes('example.org:4222'), `${wrong} gives ${error.message}`)
  }
  expectEqual((await alice.call('peers.settings')).rendezvous_bootstrap, '', 'place')
})
await check('peers that are linked keep a meeting place of their choice', async () => {
  await listensAt(alice)
  await listensAt(bob)
  await bob.join(alice)
  for (const node of [alice, bob]) {
    await node.call('peers.set_settings', { rendezvous: true, rendezvous_bootstrap: entry })
    await begun(node)
    await until(async () => `${node.name} is ready: ${JSON.stringify(await meeting(node))}`, async () => (await meeting(node)).state === 'ready')
    expectEqual((await node.call('peers.settings')).rendezvous_bootstrap, entry, 'place')
  }
  await until('bob knows where alice is', async () => (await knows(bob, alice)).length > 0)
})
await check('when both have moved, they find each other there', async () => {
  const old = { alice: await knows(bob, alice), bob: await knows(alice, bob) }
  await bob.stop()
  await alice.unlinked(bob)
  const moved = await listensAt(alice)
  await alice.stop()
  await bob.again()
  const gone = await listensAt(bob)
  await alice.again()
  expect(!old.alice.includes(moved) && !old.bob.includes(gone), 'nobody has moved')
  await Promise.all([alice.linked(bob, 60000), bob.linked(alice, 60000)])
  const [there, here] = [await alice.peer(bob), await bob.peer(alice)]
  expect(there.address === gone || here.address === moved, `alice has ${there.address}, bob ${here.address}; they are at ${moved} and ${gone}`)
})
await check('what one says reaches the other again', async () => {
  await bob.follow(alice)
  await alice.post('found again')
  await bob.has('found again')
})
await check('another place is another network, and none is off', async () => {
  await alice.call('peers.set_settings', { rendezvous_bootstrap: NOBODY })
  await begun(alice)
  expectEqual((await meeting(alice)).state, 'ready', 'state')
  await alice.call('peers.set_settings', { rendezvous: false })
  expectEqual((await meeting(alice)).state, 'off', 'state')
})
await check('everything ends', async () => {
  for (const node of [alice, bob, table]) expectEqual(await node.stop(), 0, 'exit code')
})
await tidy()
results.finish()
process.exit()
