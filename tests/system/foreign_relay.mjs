// A relay of others' making as a peer, without our extension: what it has and we lack is fetched, what the owner wrote and it
// lacks is sent there, and both go on live; once with NIP-77 and once without. The relay is @nostr-relay's core and validator
// with a store in memory; its NIP-77 is that of nostr-tools, made to answer. No provider is needed.
//
//   node tests/system/foreign_relay.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import common from '@nostr-relay/common'
import core from '@nostr-relay/core'
import validation from '@nostr-relay/validator'
import { finalizeEvent, generateSecretKey, getPublicKey, matchFilter, nip77 } from 'nostr-tools'
import { WebSocket, WebSocketServer } from 'ws'
import { counter, expectEqual } from '../ui/browser.mjs'
import { expect, tidy, until } from './hearth.mjs'
import { PeerNode } from './peer_node.mjs'

const { Negentropy, NegentropyStorageVector } = nip77
const { check, ...results } = counter()
const now = () => Math.floor(Date.now() / 1000)
const note = (secret, content, at = now(), tags = []) => finalizeEvent({ kind: 1, created_at: at, content, tags }, secret)

// --- the relay ---------------------------------------------------------------------------------------

// nostr-tools' Negentropy asks and never answers: to a list of ids it has nothing to say. This one says its own.
class Answering extends Negentropy {
  answer(query) {
    const Buffered = this.encodeTimestampOut(0).constructor
    const from = new Buffered(Uint8Array.from(Buffer.from(query, 'hex')))
    const out = new Buffered()
    const number = () => { for (let n = 0; ;) { const byte = from.shift(); n = (n << 7) | (byte & 127); if (byte < 128) return n } }
    const write = n => { const bytes = [n & 127]; while ((n >>>= 7) > 0) bytes.unshift((n & 127) | 128); return Uint8Array.from(bytes) }
    this.lastTimestampIn = this.lastTimestampOut = 0
    out.extend(Uint8Array.of(from.shift()))
    let [lower, isSkipping] = [0, false]
    let before = this._bound(0)
    const skipped = () => { if (isSkipping) { out.extend(this.encodeBound(before)); out.extend(write(0)) } isSkipping = false }
    while (from.length > 0) {
      const bound = this.decodeBound(from)
      const mode = number()
      const upper = this.storage.findLowerBound(lower, this.storage.size(), bound)
      if (mode === 0) isSkipping = true
      if (mode === 1) {
        const isSame = Buffer.from(from.shiftN(16)).equals(Buffer.from(this.storage.fingerprint(lower, upper)))
        if (isSame) isSkipping = true
        else { skipped(); this.splitRange(lower, upper, bound, out) }
      }
      if (mode === 2) {
        from.shiftN(32 * number())
        skipped()
        out.extend(this.encodeBound(bound))
        out.extend(write(2))
        out.extend(write(upper - lower))
        this.storage.iterate(lower, upper, ({ id }) => { out.extend(id); return true })
      }
      ;[lower, before] = [upper, bound]
    }
    return Buffer.from(out.unwrap()).toString('hex')
  }
}

class Memory extends common.EventRepository {
  events = new Map()
  isSearchSupported() { return false }
  upsert(event) {
    const isDuplicate = this.events.has(event.id)
    this.events.set(event.id, event)
    return { isDuplicate }
  }
  find(filter) {
    const { limit = 500, ...rest } = filter
    return [...this.events.values()].filter(event => matchFilter(rest, event)).sort((x, y) => y.created_at - x.created_at || (x.id < y.id ? -1 : 1)).slice(0, limit)
  }
  async destroy() {}
}

class ForeignRelay {
  static async start({ hasNeg, memory = new Memory(), port = 0 }) {
    const relay = new ForeignRelay()
    Object.assign(relay, { hasNeg, memory, verbs: {}, negs: new Map(), core: new core.NostrRelay(memory, { logLevel: 3, filterResultCacheTtl: 0, maxSubscriptionsPerClient: 20 }), validator: new validation.Validator() })
    relay.server = new WebSocketServer({ host: '127.0.0.1', port })
    await new Promise(done => relay.server.on('listening', done))
    relay.port = relay.server.address().port
    relay.url = `ws://127.0.0.1:${relay.port}`
    relay.server.on('connection', socket => {
      relay.core.handleConnection(socket)
      socket.on('error', () => {})
      socket.on('close', () => relay.core.handleDisconnect(socket))
      socket.on('message', data => relay.#take(socket, data.toString()))
    })
    return relay
  }

  async #take(socket, text) {
    const message = JSON.parse(text)
    this.verbs[message[0]] = (this.verbs[message[0]] ?? 0) + 1
    if (this.hasNeg && message[0].startsWith('NEG-')) return this.#neg(socket, message)
    try {
      await this.core.handleMessage(socket, await this.validator.validateIncomingMessage(text))
    } catch (error) {
      socket.send(JSON.stringify(['NOTICE', error.message]))
    }
  }

  #neg(socket, [verb, id, ...rest]) {
    if (verb === 'NEG-CLOSE') return this.negs.delete(id)
    if (verb === 'NEG-OPEN') {
      const storage = new NegentropyStorageVector()
      for (const event of this.memory.events.values()) if (matchFilter(rest[0], event)) storage.insert(event.created_at, event.id)
      storage.seal()
      this.negs.set(id, new Answering(storage))
    }
    socket.send(JSON.stringify(['NEG-MSG', id, this.negs.get(id).answer(rest.at(-1))]))
  }

  put(...events) { for (const event of events) this.memory.upsert(event) }
  has(id) { return this.memory.events.has(id) }
  async publish(event) {
    const socket = new WebSocket(this.url)
    await new Promise(done => socket.on('open', done))
    const ok = new Promise(done => socket.on('message', data => done(JSON.parse(data))))
    socket.send(JSON.stringify(['EVENT', event]))
    expectEqual((await ok)[2], true, 'OK of the relay')
    socket.close()
  }
  stop() {
    for (const socket of this.server.clients) socket.terminate()
    return new Promise(done => this.server.close(done))
  }
}

// --- the node ----------------------------------------------------------------------------------------

const node = await PeerNode.start('ours', generateSecretKey())
await node.call('social.set_settings', { policy: { read: 'stranger' } })
const [bob, carol] = [generateSecretKey(), generateSecretKey()]
const state = async relay => (await node.call('social.relays')).relays.find(one => one.url === relay.url)

async function count(filter) {
  const socket = new WebSocket((await node.node.call('node.door')).url)
  await new Promise((done, failed) => socket.on('open', done).on('error', failed))
  try {
    return await new Promise((done, failed) => {
      socket.on('message', data => { const [verb, , what] = JSON.parse(data); if (verb === 'COUNT') done(what.count); if (verb === 'CLOSED') failed(new Error(what)) })
      socket.send(JSON.stringify(['COUNT', 'c', filter]))
    })
  } finally {
    socket.close()
  }
}
const holds = (author, n, deadlineMs = 30000) => until(async () => `${n} events; it has ${await count({ authors: [getPublicKey(author)], kinds: [1] })}; ${JSON.stringify((await node.call('social.relays')).relays)}; it logged ${node.node.log.slice(-500)}`,
  async () => (await count({ authors: [getPublicKey(author)], kinds: [1] })) === n, deadlineMs, 100)
const use = (...relays) => node.call('social.set_settings', { relays: relays.map(({ url }) => ({ url, read: true, write: true })) })
const comparedBy = (relay, what, wanted = () => true) => until(async () => `${what}: ${JSON.stringify(await state(relay))}`, async () => { const one = (await state(relay))?.catchup; return one?.state === 'done' && wanted(one) && one }, 40000, 100)
const reaches = (relay, ids, deadlineMs = 30000) => until(async () => `the relay has ${ids.filter(id => relay.has(id)).length} of ${ids.length}; ${JSON.stringify(await state(relay))}`, () => ids.every(id => relay.has(id)), deadlineMs, 50)

const written = []
for (let i = 0; i < 30; i++) written.push(await node.post(`before any relay, ${i}`))
await node.call('social.follow', { pubkey: getPublicKey(bob), on: true })

let relay = await ForeignRelay.start({ hasNeg: true })
await check('with NIP-77: what it has is fetched, also what is old, and what it lacks is sent', async () => {
  relay.put(...Array.from({ length: 300 }, (_, i) => note(bob, `bob's ${i}`, now() - 60 - i * 7200)))
  await use(relay)
  await holds(bob, 300)
  await reaches(relay, written)
  const { catchup, refused } = await state(relay)
  expect(catchup.has_neg && catchup.offered >= 30, JSON.stringify(catchup))
  expectEqual(refused, 0, 'refused')
  expect(relay.verbs['NEG-OPEN'] >= 2, JSON.stringify(relay.verbs))
})
await check('with NIP-77: then both go on live', async () => {
  const id = await node.post('live to the relay')
  await reaches(relay, [id], 5000)
  await relay.publish(note(bob, 'live from the relay'))
  await node.has('live from the relay', 5000)
})
await check('with NIP-77: after both were away, each has what the other got meanwhile', async () => {
  await relay.stop()
  const missed = []
  for (let i = 0; i < 5; i++) missed.push(await node.post(`while the relay was away, ${i}`))
  expectEqual(await node.stop(), 0, 'exit code')
  const { memory, port } = relay
  relay = await ForeignRelay.start({ hasNeg: true, memory, port })
  // Written long ago, and come to the relay only now: no subscription by time would give it.
  relay.put(...Array.from({ length: 20 }, (_, i) => note(bob, `late, ${i}`, now() - 86400 * 15 - i)))
  await node.again()
  await holds(bob, 321)
  await reaches(relay, missed)
  const before = relay.verbs.EVENT
  const done = await comparedBy(relay, 'a round that is over')
  expectEqual([done.needed, done.offered], [20, 5], 'needed and offered')
  expect(relay.verbs.EVENT - before <= 6, `${relay.verbs.EVENT - before} events were sent`)
})
await relay.stop()

relay = await ForeignRelay.start({ hasNeg: false })
await check('without NIP-77: more than a subscription gives is fetched page by page, and what it lacks is sent', async () => {
  const own = []
  for (let i = 0; i < 5; i++) own.push(await node.post(`for the second relay, ${i}`))
  relay.put(...Array.from({ length: 1200 }, (_, i) => note(carol, `carol's ${i}`, now() - 30 - i * 60)))
  await node.call('social.follow', { pubkey: getPublicKey(carol), on: true })
  await use(relay)
  await holds(carol, 1200)
  await reaches(relay, own)
  const done = await comparedBy(relay, 'a round that is over')
  expectEqual([done.has_neg, relay.negs.size], [false, 0], 'NIP-77')
  expect(relay.verbs['NEG-OPEN'] >= 1, 'it was not even asked')
})
await check('without NIP-77: then both go on live', async () => {
  const id = await node.post('live to the second relay')
  await reaches(relay, [id], 5000)
  await relay.publish(note(carol, 'live from the second relay'))
  await node.has('live from the second relay', 5000)
})
await check('without NIP-77: after both were away, each has what the other got meanwhile', async () => {
  await relay.stop()
  const missed = []
  for (let i = 0; i < 5; i++) missed.push(await node.post(`while the second relay was away, ${i}`))
  expectEqual(await node.stop(), 0, 'exit code')
  const { memory, port } = relay
  relay = await ForeignRelay.start({ hasNeg: false, memory, port })
  relay.put(...Array.from({ length: 20 }, (_, i) => note(carol, `meanwhile, ${i}`)))
  await node.again()
  await holds(carol, 1221)
  await reaches(relay, missed)
})
await check('it stops', async () => {
  await relay.stop()
  expectEqual(await node.stop(), 0, 'exit code')
})
await tidy()
results.finish()
process.exit()
