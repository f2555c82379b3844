// Relays of others, as a real node meets them: one that wants us to sign in, one that comes up late, one that refuses, one that
// floods, one that never answers, one that tells what is new by itself; and where those read whom a post names. The relays are
// scripted ones on loopback, and a second node. No provider is needed.
//
//   node tests/system/feed_relays.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { readFile } from 'node:fs/promises'
import { finalizeEvent, generateSecretKey, getPublicKey, nip19, verifyEvent } from 'nostr-tools'
import { WebSocketServer } from 'ws'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, freePort, Hearth, tidy, until } from './hearth.mjs'
import { Owner } from './wallet_owner.mjs'

const { check, ...results } = counter()
const PASSPHRASE = 'a long enough passphrase'
const now = () => Math.floor(Date.now() / 1000)
const note = (secret, content, tags = []) => finalizeEvent({ kind: 1, created_at: now(), content, tags }, secret)

// --- a scripted relay --------------------------------------------------------------------------------

class Relay {
  static async start(answers = {}, port = 0) {
    const relay = new Relay()
    Object.assign(relay, { answers, events: [], heard: [], connections: 0, subscriptions: new Map() })
    relay.server = new WebSocketServer({ host: '127.0.0.1', port })
    await new Promise(done => relay.server.on('listening', done))
    relay.url = `ws://127.0.0.1:${relay.server.address().port}`
    relay.server.on('connection', socket => relay.#take(socket))
    return relay
  }

  #take(socket) {
    this.connections++
    const say = (...message) => socket.readyState === 1 && socket.send(JSON.stringify(message))
    const peer = { socket, say, relay: this, isIn: false }
    this.answers.opened?.(peer)
    socket.on('error', () => {})
    socket.on('close', () => this.subscriptions.forEach((at, id) => at.peer === peer && this.subscriptions.delete(id)))
    socket.on('message', data => {
      const message = JSON.parse(data)
      this.heard.push(message)
      if (this.answers[message[0]]?.(peer, message) === 'done') return
      if (message[0] === 'EVENT') { this.events.push(message[1]); say('OK', message[1].id, true, '') }
      if (message[0] === 'REQ') { this.subscriptions.set(message[1], { peer, filters: message.slice(2) }); say('EOSE', message[1]) }
    })
  }

  has(id) {
    return this.events.some(event => event.id === id)
  }

  // Says an event to the subscription that asks for its author.
  tell(event) {
    for (const [id, { peer, filters }] of this.subscriptions) {
      if (filters.some(filter => filter.authors?.includes(event.pubkey))) peer.say('EVENT', id, event)
    }
  }

  stop() {
    for (const socket of this.server.clients) socket.terminate()
    return new Promise(done => this.server.close(done))
  }
}

// Wants to know who is there, for everything.
const GUARDED = {
  opened: peer => { peer.challenge = `challenge ${Math.random()}`; peer.say('AUTH', peer.challenge) },
  AUTH(peer, [, event]) {
    const tag = name => event.tags.find(one => one[0] === name)?.[1]
    const isGood = verifyEvent(event) && event.kind === 22242 && tag('challenge') === peer.challenge && tag('relay') === peer.relay.url && Math.abs(event.created_at - now()) < 60
    peer.isIn = isGood
    peer.who = event.pubkey
    peer.relay.who = event.pubkey
    peer.say('OK', event.id, isGood, isGood ? '' : 'invalid: no')
  },
  EVENT: (peer, [, event]) => peer.isIn || (peer.say('OK', event.id, false, 'auth-required: sign in'), 'done'),
  REQ: (peer, [, id]) => peer.isIn || (peer.say('CLOSED', id, 'auth-required: sign in'), 'done')
}

// --- the node ----------------------------------------------------------------------------------------

async function owned(name, secret) {
  const node = await Hearth.start({ network: 'mainnet', dir: await dataDir(name), beacons: ['http://127.0.0.1:9'] })
  const owner = new Owner(node)
  await owner.create(PASSPHRASE)
  await owner.import('nsec', [nip19.nsecEncode(secret)])
  await until('the key is known', async () => (await node.call('social.me')).pubkey === getPublicKey(secret))
  const call = (method, params) => owner.call(`social.${method}`, params)
  const states = async () => (await node.call('social.relays')).relays
  return {
    node, owner, call, states, url: (await node.call('node.door')).url,
    state: async relay => (await states()).find(one => one.url === relay.url),
    async use(...relays) {
      await call('set_settings', { relays: relays.map(({ url, read = true, write = true }) => ({ url, read, write })) })
      await until('the relays are known', async () => {
        const urls = (await states()).filter(one => one.is_own).map(one => one.url)
        return urls.length === relays.length && relays.every(relay => urls.includes(relay.url))
      })
    }
  }
}

const sentTo = (answer, relay) => answer.sent.find(one => one.url === relay.url)?.state
const [alice, bob, carol] = [generateSecretKey(), generateSecretKey(), generateSecretKey()]
const a = await owned('alice', alice)
const mine = getPublicKey(alice)

await check('a relay that wants us to sign in gets the post after it, and is subscribed to', async () => {
  const relay = await Relay.start(GUARDED)
  await a.use(relay)
  const answer = await a.call('post', { content: 'let me in' })
  expectEqual(sentTo(answer, relay), 'ok', 'state')
  expect(relay.has(answer.id), 'the post did not come')
  expectEqual(relay.who, mine, 'who signed in')
  await until('it tells what is new', async () => (await a.state(relay)).is_live)
  await relay.stop()
})
await check('while the vault is closed it is told as "auth", and what waits is said when the vault opens', async () => {
  const relay = await Relay.start(GUARDED)
  await a.owner.lock()
  await a.use(relay)
  await until('it is locked out', async () => (await a.state(relay)).state === 'auth')
  expectEqual(relay.heard.filter(([what]) => what === 'AUTH').length, 0, 'signed')
  await a.owner.unlock(PASSPHRASE)
  await until('it is let in', async () => (await a.state(relay)).state === 'open' && (await a.state(relay)).is_live)
  const { audit = [], entries = audit } = await a.owner.call('wallet.audit_tail')
  expect(JSON.stringify(entries).includes('signing in to a relay'), 'the audit log says nothing of it')
  await relay.stop()
})
await check('a relay that is late gets the post when it comes up', async () => {
  const port = await freePort(), url = `ws://127.0.0.1:${port}`
  await a.use({ url })
  const answer = await a.call('post', { content: 'into the dark' })
  expectEqual(sentTo(answer, { url }), 'no_answer', 'state')
  expectEqual((await a.state({ url })).queued, 1, 'queued')
  const relay = await Relay.start({}, port)
  await until('the post has come', () => relay.has(answer.id), 20000)
  await until('it was taken', async () => (await a.state(relay)).taken === 1)
  expectEqual((await a.state(relay)).queued, 0, 'queued')
  await relay.stop()
})
await check('what a relay refuses is told with its reason', async () => {
  const relay = await Relay.start({ EVENT: (peer, [, event]) => (peer.say('OK', event.id, false, 'blocked: not your kind of place'), 'done') })
  await a.use(relay)
  expectEqual(sentTo(await a.call('post', { content: 'hello?' }), relay), 'refused', 'state')
  const state = await a.state(relay)
  expectEqual([state.refused, state.reason, state.queued], [1, 'blocked: not your kind of place', 0], 'relay')
  await relay.stop()
})
await check('what a followed one writes comes without asking, and is counted as new', async () => {
  const relay = await Relay.start()
  await a.call('follow', { pubkey: getPublicKey(bob), on: true })
  await a.use(relay)
  await until('it tells what is new', async () => (await a.state(relay)).is_live)
  await until('bob is subscribed to', () => [...relay.subscriptions.values()].some(one => one.filters.some(filter => filter.authors?.includes(getPublicKey(bob)))))
  await a.call('feed', { view: 'following' })
  const event = note(bob, 'bob has news')
  relay.tell(event)
  await until('it is counted', async () => (await a.node.call('social.new')).following === 1)
  expect((await a.call('feed', { view: 'following' })).posts.some(post => post.id === event.id), 'it is not shown')
  await relay.stop()
})
await check('whom the owner follows later is subscribed to at once, and what a stranger writes is not taken', async () => {
  const relay = await Relay.start()
  await a.use(relay)
  await a.call('follow', { pubkey: getPublicKey(carol), on: true })
  await until('carol is subscribed to', () => [...relay.subscriptions.values()].some(one => one.filters.some(filter => filter.authors?.includes(getPublicKey(carol)))))
  const stranger = note(generateSecretKey(), 'buy now'), event = note(carol, 'carol is here')
  for (const [id, { peer }] of relay.subscriptions) peer.say('EVENT', id, stranger)
  relay.tell(event)
  const ids = await until('it has come', async () => {
    const { posts } = await a.call('feed', { view: 'all' })
    return posts.some(post => post.id === event.id) && posts.map(post => post.id)
  })
  expect(!ids.includes(stranger.id), 'a stranger\'s post was taken')
  await relay.stop()
})
await check('a post goes to where those read whom it names, and not to an address of this computer that only they named', async () => {
  const read = await Relay.start(), trap = await Relay.start(), home = await Relay.start()
  await a.use({ ...home, read: true }, { url: read.url, read: true, write: false })
  const list = finalizeEvent({ kind: 10002, created_at: now(), content: '', tags: [['r', read.url, 'read'], ['r', trap.url]] }, bob)
  await until('bob\'s list is subscribed to', () => home.subscriptions.size > 2)
  home.tell(list)
  await until('bob\'s list is here', async () => (await a.call('profile', { pubkey: getPublicKey(bob) })).relays.length > 0)
  const answer = await a.call('post', { content: `nostr:${nip19.npubEncode(getPublicKey(bob))} look` })
  expectEqual([sentTo(answer, home), sentTo(answer, read), sentTo(answer, trap)], ['ok', 'ok', 'refused'], 'states')
  expect(read.has(answer.id), 'the post did not come')
  expectEqual(trap.connections, 0, 'connections that a stranger talked us into')
  expect(!read.has((await a.call('post', { content: 'to nobody' })).id), 'it was told what is not for it')
  await Promise.all([read.stop(), trap.stop(), home.stop()])
})
await check('a relay that never answers holds up neither a post nor a view', async () => {
  const relay = await Relay.start({ EVENT: () => 'done', REQ: () => 'done' })
  await a.use(relay)
  await until('it is open', async () => (await a.state(relay)).state === 'open')
  const began = Date.now()
  expectEqual(sentTo(await a.call('post', { content: 'anybody?' }), relay), 'sent', 'state')
  expect(Date.now() - began < 4000, 'the post waited too long')
  const { source } = await a.call('refresh', { view: 'following' })
  expectEqual([source.answered, source.relays.find(one => one.url === relay.url).state], [0, 'no_answer'], 'source')
  await relay.stop()
})
await check('a flood is cut off, and the node stays small and quick', async () => {
  const rss = async () => Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${a.node.run.child.pid}/status`, 'utf8'))[1])
  const before = await rss()
  let isOver = false
  const relay = await Relay.start({
    REQ(peer, [, id]) {
      if (peer.isFlooding) return 'done'
      peer.isFlooding = true
      const flood = () => {
        for (let i = 0; i < 500 && peer.socket.readyState === 1; i++) peer.say('EVENT', id, note.junk ??= note(generateSecretKey(), 'x'.repeat(500)))
        if (peer.socket.readyState === 1 && !isOver) setTimeout(flood, 5)
      }
      flood()
      return 'done'
    }
  })
  await a.use(relay)
  let slowest = 0
  await until('it is let go', async () => {
    const began = performance.now()
    const state = await a.state(relay)
    slowest = Math.max(slowest, performance.now() - began)
    return state.state === 'flooding'
  }, 20000, 10)
  isOver = true
  expect(slowest < 250, `a call took ${slowest} ms`)
  expect(await rss() - before < 20000, `it grew by ${await rss() - before} kB`)
  expectEqual((await a.state(relay)).events, 0, 'taken')
  await relay.stop()
})
await check('a frame beyond all bounds ends its connection only', async () => {
  const relay = await Relay.start({ REQ: peer => (peer.say('NOTICE', 'x'.repeat(3 << 20)), 'done') })
  await a.use(relay)
  await until('it is let go', async () => ['waiting', 'connecting'].includes((await a.state(relay)).state))
  expect(a.node.isRunning, 'the node ended')
  await relay.stop()
})
await check('the owner\'s own posts are shown at once, and other windows hear of them', async () => {
  const relay = await Relay.start()
  await a.use(relay)
  const before = (await a.node.call('social.new')).own
  const { id } = await a.call('post', { content: 'at once' })
  expect((await a.call('feed', { view: 'following' })).posts.some(post => post.id === id), 'it is not shown')
  expectEqual((await a.node.call('social.new')).own, before + 1, 'own')
  const elsewhere = note(alice, 'from my phone')
  relay.tell(elsewhere)
  await until('what was written on another device comes too', async () => (await a.call('feed', { view: 'following' })).posts.some(post => post.id === elsewhere.id))
  await relay.stop()
})
await check('another node\'s post comes by itself, and our own door is never asked', async () => {
  const c = await owned('carol', carol)
  await c.call('follow', { pubkey: mine, on: true })
  await c.use({ url: a.url })
  await until('it tells what is new', async () => (await c.state(a)).is_live, 10000)
  await a.use()
  const { id } = await a.call('post', { content: 'from node to node' })
  await until('it has come', async () => (await c.call('feed', { view: 'following' })).posts.some(post => post.id === id))
  await a.call('set_settings', { relays: [{ url: a.url.replace('127.0.0.1', 'localhost'), read: true, write: true }] })
  await until('the relay is known', async () => (await a.node.call('social.me')).relays.length === 1)
  expectEqual([(await a.call('post', { content: 'to myself' })).sent, await a.states()], [[], []], 'relays')
  expectEqual(await c.node.stop(), 0, 'exit code')
})
await check('the node stops in good order while things wait', async () => {
  const relay = await Relay.start({ EVENT: () => 'done' })
  await a.use(relay, { url: 'ws://127.0.0.1:9' })
  const pending = a.call('post', { content: 'too late' })
  pending.catch(() => {})
  expectEqual(await a.node.stop(), 0, 'exit code')
  await relay.stop()
})

await tidy()
results.finish()
process.exit()
