// Two nodes of one network that find each other by multicast DNS when an address has changed, in a network namespace with one
// interface of its own. Where no such namespace can be made it is skipped and says why.
//
//   node tests/system/lan.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { generateSecretKey } from 'nostr-tools'
import { counter, expectEqual } from '../ui/browser.mjs'
import { expect, freePort, tidy, until } from './hearth.mjs'
import { PeerNode } from './peer_node.mjs'

const INSIDE = 'HEARTH_LAN_INSIDE', ADDRESS = '192.168.77.1'
const SETUP = ['link set lo up', 'link add lan0 type veth peer name lan1', 'link set lan1 up',
  `addr add ${ADDRESS}/24 dev lan0`, 'link set lan0 up multicast on']
const { check, ...results } = counter()

// Why there can be no namespace; null: there can.
function missing() {
  const made = spawnSync('unshare', ['--map-root-user', '--net', 'sh', '-c', SETUP.map(line => `ip ${line}`).join(' && ')], { encoding: 'utf8' })
  if (made.error?.code === 'ENOENT') return 'unshare is not installed'
  return made.status === 0 ? null : `no network namespace: ${made.stderr.trim()}`
}

if (!process.env[INSIDE]) {
  const why = missing()
  if (why) {
    results.skip('nodes that find each other in a LAN', why)
    console.log('0 passed, 0 failed, 1 skipped')
    process.exit(0)
  }
  const run = spawnSync('unshare', ['--map-root-user', '--net', process.execPath, fileURLToPath(import.meta.url), ...process.argv.slice(2)],
    { stdio: 'inherit', env: { ...process.env, [INSIDE]: '1' } })
  process.exit(run.status ?? 1)
}

for (const line of SETUP) execFileSync('ip', line.split(' '))
const alice = await PeerNode.start('alice', generateSecretKey())
const bob = await PeerNode.start('bob', generateSecretKey())

await check('a node that listens and does not want to be found is not', async () => {
  await alice.call('peers.set_settings', { listen: true, bind: '0.0.0.0' })
  await bob.call('peers.set_settings', { lan: true })
  await bob.join(alice)
  expectEqual((await bob.list()).reach.lan.found, 0, 'found')
})
await check('a node that is found elsewhere than before is dialled there', async () => {
  const port = await freePort()
  await alice.call('peers.set_settings', { port, lan: true })
  await until(async () => `bob dials port ${port}; ${await bob.standing()}`, async () => {
    const peer = await bob.peer(alice)
    return peer.state === 'connected' && peer.address === `wss://${ADDRESS}:${port}`
  }, 20000, 50)
  const { lan } = (await bob.list()).reach
  expectEqual([lan.is_on, lan.found, lan.why], [true, 1, null], 'lan')
  expectEqual((await alice.list()).reach.lan.found, 0, 'bob listens nowhere, so that nobody finds him')
})
await check('without a router the mapped port says so', async () => {
  await alice.call('peers.set_settings', { map_port: true })
  await until('there is none', async () => (await alice.list()).reach.map_port.state === 'none')
  const { map_port: map } = (await alice.list()).reach
  expect(map.why.includes('no way out'), `it says ${map.why}`)
  expectEqual([map.external, map.lease_s], [null, null], 'port')
  await alice.call('peers.set_settings', { map_port: false })
  expectEqual((await alice.list()).reach.map_port.state, 'off', 'state')
})
await check('the rendezvous runs, or says what is missing', async () => {
  await alice.call('peers.set_settings', { rendezvous: true })
  await until('it has begun', async () => ['ready', 'failed'].includes((await alice.list()).reach.rendezvous.state), 15000)
  const { rendezvous } = (await alice.list()).reach
  const isThere = rendezvous.state === 'ready' && rendezvous.why === null
  expect(isThere || rendezvous.why?.includes('OpenDHT is not installed'), `it is ${JSON.stringify(rendezvous)}`)
  await alice.call('peers.set_settings', { rendezvous: false })
  expectEqual((await alice.list()).reach.rendezvous.state, 'off', 'state')
})
await check('a node that goes says so', async () => {
  await alice.call('peers.set_settings', { lan: false })
  await until('it is forgotten', async () => (await bob.list()).reach.lan.found === 0)
})
await check('everything ends', async () => {
  for (const node of [alice, bob]) expectEqual(await node.stop(), 0, `${node.name}'s exit code`)
})
await tidy()
results.finish()
process.exit()
