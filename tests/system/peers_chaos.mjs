// Many real nodes on loopback, each with about six links through a proxy that delays, cuts, swallows and parts: all come to
// have all events, also those that were written while the network was in two; and peers that flood, lie and forge are named
// and dropped while honest events go on. Memory, time of the processor and delays are printed. No provider is needed.
//
//   node tests/system/peers_chaos.mjs [--hearth FILE] [--nodes 50] [--seed 1]
//
// The last line is "N passed, N failed, N skipped".
import { cp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { finalizeEvent, generateSecretKey, getPublicKey, nip19 } from 'nostr-tools'
import { WebSocket } from 'ws'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, option, tidy, until } from './hearth.mjs'
import { PeerClient } from './peer_client.mjs'
import { PASSPHRASE, portOf, throughPort } from './peer_node.mjs'
import { ChaosProxy, closeProxies } from './peer_proxy.mjs'
import { Owner } from './wallet_owner.mjs'

const { check, guard, ...results } = counter()
const COUNT = Number(option('--nodes') ?? 50)
const AT_ONCE = 5
const DIALS = 3 // of each; as many come in
const TICKS_A_SECOND = 100
const now = () => Math.floor(Date.now() / 1000)
const begun = performance.now()
const secrets = [1, 2, 3, 4].map(() => generateSecretKey())
const authors = secrets.map(getPublicKey)

// What is drawn by chance can be drawn again with --seed.
let drawn = Number(option('--seed') ?? 1)
function chance(below) {
  drawn = (Math.imul(drawn ^ (drawn >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0
  return ((drawn ^ (drawn >>> 13)) >>> 0) % below
}

async function inBatches(list, work, atOnce = AT_ONCE) {
  const left = [...list.entries()]
  const given = []
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let next; (next = left.shift());) given[next[0]] = await work(next[1], next[0])
  }))
  return given
}

// --- nodes -------------------------------------------------------------------------------------------

const launch = (dir, args = []) => Hearth.start({ network: 'mainnet', dir, beacons: ['http://127.0.0.1:9'], args: ['--peer-port', '0', ...args] })

// One vault with the keys of all authors, which every node has a copy of: it stays closed.
async function makeTemplate() {
  const dir = await dataDir('template')
  const node = await launch(dir)
  const owner = new Owner(node)
  await owner.create(PASSPHRASE)
  for (const secret of secrets) await owner.import('nsec', [nip19.nsecEncode(secret)])
  await until('the keys are known', async () => authors.includes((await node.call('social.me')).pubkey))
  await owner.call('social.set_settings', { policy: { read: 'stranger' } })
  expectEqual(await node.stop(), 0, 'exit code')
  await rm(join(dir, 'peer'), { recursive: true })
  await rm(join(dir, 'hearth.sock'), { force: true })
  return dir
}

class ChaosNode {
  static async start(number, template) {
    const one = new ChaosNode()
    Object.assign(one, { number, dir: await dataDir(`n${number}`), dials: [], has: new Map() })
    await cp(template, one.dir, { recursive: true })
    one.node = await launch(one.dir)
    const { node, reach } = await one.node.call('peers.list')
    one.id = node
    one.port = portOf(reach.listen)
    await one.watch()
    return one
  }

  // A client of its relay that notes when each event comes.
  async watch() {
    this.socket = new WebSocket((await this.node.call('node.door')).url)
    this.waiting = new Map()
    await new Promise((done, failed) => this.socket.on('open', done).on('error', failed))
    this.socket.on('error', () => {})
    this.socket.on('message', data => {
      const [verb, id, what, why] = JSON.parse(data)
      if (verb === 'EVENT' && !this.has.has(what.id)) this.has.set(what.id, performance.now())
      if (verb === 'OK') { this.waiting.get(id)?.({ isTaken: what, why }); this.waiting.delete(id) }
    })
    this.socket.send(JSON.stringify(['REQ', 'all', { kinds: [1], authors, limit: 5000 }]))
  }

  async publish(event) {
    const told = new Promise(done => this.waiting.set(event.id, done))
    this.socket.send(JSON.stringify(['EVENT', event]))
    const { isTaken, why } = await told
    expect(isTaken, `node ${this.number} refused an event: ${why}`)
  }

  list() { return this.node.call('peers.list') }
  async linkCount() { return (await this.list()).peers.filter(peer => peer.state === 'connected').length }

  async again() {
    await this.node.kill()
    this.socket.terminate()
    this.node = await launch(this.dir, ['--peer-port', String(this.port)])
    this.has.clear()
    await this.watch()
  }
}

const links = [] // {from, to, proxy}

async function link(from, to) {
  const proxy = await ChaosProxy.start(to.port, { delayMs: 5 + chance(36) })
  const made = await to.node.call('peers.invite', { label: `node ${from.number}` })
  await from.node.call('peers.add', { link: throughPort(made.link, proxy.port), label: `node ${to.number}` })
  links.push({ from, to, proxy })
}

// A ring, so that it holds together, and two more of each by chance.
function draw(nodes) {
  const pairs = []
  const isThere = (a, b) => a === b || pairs.some(([x, y]) => (x === a && y === b) || (x === b && y === a))
  for (let i = 0; i < nodes.length; i++) pairs.push([i, (i + 1) % nodes.length])
  for (let turn = 1; turn < DIALS; turn++) {
    for (let i = 0; i < nodes.length; i++) {
      for (let tries = 0, to; tries < 20; tries++) {
        if (isThere(i, to = chance(nodes.length))) continue
        pairs.push([i, to])
        break
      }
    }
  }
  return pairs.map(([a, b]) => [nodes[a], nodes[b]])
}

// --- what is measured --------------------------------------------------------------------------------

async function processes(pid) {
  const found = [pid]
  for (const name of await readdir(`/proc/${pid}/task`).catch(() => [])) {
    const children = await readFile(`/proc/${pid}/task/${name}/children`, 'utf8').catch(() => '')
    for (const child of children.split(' ').filter(Boolean)) found.push(Number(child))
  }
  return found
}

// {rssKb, cpuS} of a node, its signer included.
async function costs(one) {
  const sum = { rssKb: 0, cpuS: 0 }
  for (const pid of await processes(one.node.run.child.pid)) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    const stat = (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')).split(') ')[1]?.split(' ') ?? []
    sum.rssKb += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0)
    sum.cpuS += (Number(stat[11] ?? 0) + Number(stat[12] ?? 0)) / TICKS_A_SECOND
  }
  return sum
}

const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
const said = []

// Publishes events at nodes by chance and gives [{id, at}].
async function write(count, where, what, everyMs = 20) {
  const made = []
  for (let i = 0; i < count; i++) {
    const event = finalizeEvent({ kind: 1, created_at: now(), content: `${what} ${i}`, tags: [] }, secrets[i % secrets.length])
    made.push({ id: event.id, at: performance.now() })
    await where[chance(where.length)].publish(event)
    await new Promise(done => setTimeout(done, everyMs))
  }
  return made
}

async function converge(nodes, events, deadlineMs) {
  const missing = () => nodes.map(one => [one.number, events.filter(({ id }) => !one.has.has(id)).length]).filter(([, n]) => n > 0)
  await until(async () => {
    const [number] = missing()[0] ?? []
    const one = nodes.find(node => node.number === number)
    return `all have all ${events.length} events; [node, missing]: ${JSON.stringify(missing().slice(0, 8))}; ${one ? `${JSON.stringify(await one.list()).slice(0, 3000)}; it logged ${one.node.log.slice(-300)}` : ''}`
  }, () => missing().length === 0, deadlineMs, 100)
  const delays = nodes.flatMap(one => events.map(({ id, at: from }) => one.has.get(id) - from)).sort((a, b) => a - b)
  return { p50: Math.round(at(delays, 0.5)), p99: Math.round(at(delays, 0.99)) }
}

// --- the run -----------------------------------------------------------------------------------------

let nodes = []
await guard('nodes start', async () => {
  const template = await makeTemplate()
  nodes = await inBatches(Array.from({ length: COUNT }), (_, i) => ChaosNode.start(i, template))
})
const seconds = () => ((performance.now() - begun) / 1000).toFixed(0)
console.log(`  ${nodes.length} nodes after ${seconds()} s`)

await check(`${COUNT} nodes are linked, each with about six`, async () => {
  await inBatches(draw(nodes), ([from, to]) => link(from, to))
  await until(async () => `links; ${JSON.stringify(await inBatches(nodes, one => one.linkCount()))}`, async () => {
    const counts = await inBatches(nodes, one => one.linkCount())
    return counts.reduce((a, b) => a + b, 0) >= 2 * links.length
  }, 60000, 500)
  console.log(`  ${links.length} links after ${seconds()} s`)
})

let all = []
let calm = null
await check('what is written anywhere comes to all, live', async () => {
  const before = await inBatches(nodes, costs)
  const from = performance.now()
  const made = await write(150, nodes, 'calm')
  calm = await converge(nodes, made, 40000)
  all = made
  const after = await inBatches(nodes, costs)
  const took = (performance.now() - from) / 1000
  const cpu = after.map((one, i) => (one.cpuS - before[i].cpuS) / took)
  const counts = await inBatches(nodes, async one => (await one.list()).gossip)
  const received = counts.reduce((sum, one) => sum + one.received, 0) / nodes.length / made.length
  console.log(`  150 events: p50 ${calm.p50} ms, p99 ${calm.p99} ms, each received ${received.toFixed(2)} times by a node; CPU of a node ${(100 * cpu.reduce((a, b) => a + b, 0) / cpu.length).toFixed(1)} %, at most ${(100 * Math.max(...cpu)).toFixed(1)} %`)
  expect(Math.max(...cpu) < 0.5, 'a node took more than half a core')
})
await check('links that are cut and links that swallow everything do not keep anything back for long', async () => {
  const hit = links.filter(() => chance(10) < 3)
  for (const { proxy } of hit) proxy.cut()
  const deaf = links.filter(({ proxy }) => !hit.some(one => one.proxy === proxy) && chance(10) < 1)
  for (const { proxy } of deaf) proxy.deafen()
  const made = await write(50, nodes, 'cut')
  const { p50, p99 } = await converge(nodes, made, 60000)
  for (const { proxy } of deaf) proxy.cut()
  all.push(...made)
  console.log(`  50 events while ${hit.length} links were cut and ${deaf.length} deaf: p50 ${p50} ms, p99 ${p99} ms`)
})
await check('a network in two comes together again', async () => {
  const half = Math.floor(nodes.length / 2)
  const [left, right] = [nodes.slice(0, half), nodes.slice(half)]
  const across = links.filter(({ from, to }) => left.includes(from) !== left.includes(to))
  for (const { proxy } of across) proxy.part(true)
  const [one, other] = await Promise.all([write(50, left, 'left', 160), write(50, right, 'right', 160)])
  await Promise.all([converge(left, one, 60000), converge(right, other, 60000)])
  expect(!left.some(node => other.some(({ id }) => node.has.has(id))), 'something came across')
  const healed = performance.now()
  for (const { proxy } of across) proxy.part(false)
  await converge(nodes, [...one, ...other], 90000)
  all.push(...one, ...other)
  console.log(`  ${across.length} links parted; all have all ${((performance.now() - healed) / 1000).toFixed(1)} s after they were healed`)
})
await check('a node that is killed comes back with everything', async () => {
  const one = nodes[1]
  one.node.kill()
  await new Promise(done => setTimeout(done, 200))
  await one.again()
  const made = await write(10, nodes.filter(node => node !== one), 'killed')
  all.push(...made)
  await converge(nodes, all, 60000)
})

// --- attackers ---------------------------------------------------------------------------------------

const victim = nodes[0]
const seen = async client => (await victim.list()).peers.find(peer => peer.node === client.node)

async function attacker() {
  const { link: text } = await victim.node.call('peers.invite', { label: 'an attacker' })
  const { searchParams } = new URL(text.replace('hearth:peer?', 'http://x/?'))
  const client = await PeerClient.dial(`wss://127.0.0.1:${victim.port}`, { invite: searchParams.get('secret') })
  expect(client.isUp, `it is not let in: ${JSON.stringify(client.said)}`)
  return client
}

// Dropped, and why; honest events go on meanwhile.
async function drops(client, kinds, deadlineMs = 30000) {
  const peer = await until(async () => `it is dropped for ${kinds}; ${JSON.stringify(await seen(client))}`, async () => {
    const one = await seen(client)
    return one.state !== 'connected' && one.faults.some(fault => kinds.includes(fault.kind)) && one
  }, deadlineMs, 50)
  expect(['resting', 'banned', 'waiting', 'asleep'].includes(peer.state), `its state is ${peer.state}`)
  await until('its connection ends', () => client.isClosed || client.bye !== null)
  const again = await PeerClient.dial(`wss://127.0.0.1:${victim.port}`, { secret: client.secret })
  expect(!again.isUp && ['resting', 'banned'].includes(again.bye), `it comes in again: ${again.bye}`)
  again.close()
  return peer
}
const random = () => Buffer.from(Array.from({ length: 32 }, () => chance(256))).toString('hex')

await guard('attackers', async () => {
  await check('who gives an event with a wrong signature is dropped at once', async () => {
    const client = await attacker()
    const good = finalizeEvent({ kind: 1, created_at: now(), content: 'forged', tags: [] }, secrets[0])
    client.push({ ...good, sig: good.sig.replace(/^../, byte => (byte === '00' ? '11' : '00')) })
    const peer = await drops(client, ['bad_signature'], 5000)
    expect(peer.score <= -50, `its score is ${peer.score}`)
  })
  await check('who announces what it has not is dropped, whether it says so or keeps quiet', async () => {
    const [open, quiet] = [await attacker(), await attacker()]
    open.onmessage = ([verb, ids]) => verb === 'WANT' && open.say('GONE', ids)
    const timer = setInterval(() => {
      if (!open.isClosed) open.have([random(), random()])
      if (!quiet.isClosed) quiet.have([random(), random(), random(), random()])
    }, 250)
    try {
      await drops(open, ['not_had'])
      await drops(quiet, ['not_had', 'withheld'], 60000)
    } finally {
      clearInterval(timer)
    }
  })
  await check('who floods is dropped, and what honest nodes write comes as fast as before', async () => {
    const client = await attacker()
    const stranger = generateSecretKey()
    const flood = Array.from({ length: 200 }, (_, i) => finalizeEvent({ kind: 1, created_at: now(), content: `flood ${i} ${'x'.repeat(400)}`, tags: [] }, stranger))
    const timer = setInterval(() => { for (const event of flood) client.push(event) }, 20)
    const before = await costs(victim)
    const from = performance.now()
    const made = await write(20, nodes, 'during the flood')
    const { p50, p99 } = await converge(nodes, made, 20000)
    all.push(...made)
    const peer = await until(async () => `a fault: ${JSON.stringify(await seen(client))}`, async () => {
      const one = await seen(client)
      return one.state !== 'connected' && one.faults.length > 0 && one
    }, 20000, 50)
    clearInterval(timer)
    const cpu = ((await costs(victim)).cpuS - before.cpuS) / ((performance.now() - from) / 1000)
    console.log(`  during a flood: p50 ${p50} ms, p99 ${p99} ms; the victim took ${(100 * cpu).toFixed(0)} % of a core`)
    expect(peer.faults.some(fault => ['flood', 'out_of_scope'].includes(fault.kind)), JSON.stringify(peer.faults))
    expect(p99 < Math.max(3000, 4 * calm.p99), `p99 was ${calm.p99} ms before and is ${p99} ms`)
    expect(cpu < 0.5, 'the victim took more than half a core')
    client.close()
  })
})

await check('nobody honest was dropped or blamed for more than a mistake', async () => {
  const numbers = new Map(nodes.map(one => [one.id, one.number]))
  const wrong = (await inBatches(nodes, async one => (await one.list()).peers.filter(peer => numbers.has(peer.node) && (['banned', 'resting'].includes(peer.state) || peer.score < -25))
    .map(peer => `node ${one.number} about ${numbers.get(peer.node)}: ${JSON.stringify([peer.state, peer.score, peer.faults])}`))).flat()
  for (const text of wrong.slice(0, 5)) said.push(text)
  expect(wrong.length === 0, `${wrong.length} links: ${said.join('\n')}`)
})
await check('all have all, and each keeps to its memory', async () => {
  await converge(nodes, all, 30000)
  const all_costs = await inBatches(nodes, costs)
  const mb = all_costs.map(one => one.rssKb / 1024).sort((a, b) => a - b)
  const cpu = all_costs.map(one => one.cpuS).sort((a, b) => a - b)
  console.log(`  ${all.length} events at ${nodes.length} nodes; RSS of a node with its signer: median ${at(mb, 0.5).toFixed(0)} MB, most ${mb.at(-1).toFixed(0)} MB; CPU median ${at(cpu, 0.5).toFixed(1)} s, most ${cpu.at(-1).toFixed(1)} s, in ${seconds()} s`)
  expect(mb.at(-1) < 100, 'a node takes more than 100 MB')
})
await check('all of them stop', async () => {
  for (const one of nodes) one.socket.terminate()
  expectEqual([...new Set(await inBatches(nodes, one => one.node.stop()))], [0], 'exit codes')
})
await closeProxies()
await tidy()
results.finish()
process.exit()
