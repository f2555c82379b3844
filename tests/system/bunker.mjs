// The bunker (NIP-46) of a real node, with nostr-tools' BunkerSigner as the device: by bunker:// over our own relay, by
// nostrconnect:// over a relay of others, what is ticked and what waits for the owner, replays, restarts, a locked vault.
//
//   node tests/system/bunker.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { finalizeEvent, generateSecretKey, getPublicKey, nip19, verifyEvent } from 'nostr-tools'
import * as nip44 from 'nostr-tools/nip44'
import { BunkerSigner, createNostrConnectURI, parseBunkerInput } from 'nostr-tools/nip46'
import { SimplePool, useWebSocketImplementation } from 'nostr-tools/pool'
import WebSocket, { WebSocketServer } from 'ws'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, freePort, Hearth, tidy, until } from './hearth.mjs'
import { codeOf, Owner } from './wallet_owner.mjs'

globalThis.WebSocket = WebSocket
useWebSocketImplementation(WebSocket)
const { check, ...results } = counter()
const PASSPHRASE = 'a long enough passphrase'
const QUIET_MS = 700 // long enough for an answer that must not come
const now = () => Math.floor(Date.now() / 1000)
const told = promise => promise.then(value => ({ value }), error => ({ error: String(error?.errors?.[0] ?? error?.message ?? error) }))
const within = (promise, what, ms = 8000) => Promise.race([promise, new Promise((_, failed) => setTimeout(() => failed(new Error(`${what}: nothing came in ${ms} ms`)), ms).unref())])

const secret = generateSecretKey(), me = getPublicKey(secret)
const dir = await dataDir('bunker'), port = await freePort()
let node, owner, url
const call = (method, params) => owner.call(`social.${method}`, params)
const bunker = () => call('bunker')
const pool = new SimplePool()

async function startNode() {
  node = await Hearth.start({ network: 'mainnet', dir, beacons: ['http://127.0.0.1:9'], args: ['--relay-port', String(port)] })
  owner = new Owner(node)
  url = (await node.call('node.door')).url
}

// A relay of somebody else's that takes all and keeps nothing.
async function otherRelay() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await new Promise(done => server.on('listening', done))
  const open = new Map(), seen = []
  const wants = (filter, event) => (!filter.kinds || filter.kinds.includes(event.kind)) && (!filter.authors || filter.authors.includes(event.pubkey)) &&
    (!filter['#p'] || event.tags.some(tag => tag[0] === 'p' && filter['#p'].includes(tag[1])))
  server.on('connection', socket => {
    open.set(socket, new Map())
    socket.on('close', () => open.delete(socket))
    socket.on('message', data => {
      const [verb, ...rest] = JSON.parse(data)
      if (verb === 'REQ') {
        open.get(socket).set(rest[0], rest.slice(1))
        socket.send(JSON.stringify(['EOSE', rest[0]]))
      } else if (verb === 'CLOSE') {
        open.get(socket).delete(rest[0])
      } else if (verb === 'EVENT') {
        seen.push(rest[0])
        socket.send(JSON.stringify(['OK', rest[0].id, true, '']))
        for (const [other, subscriptions] of open) {
          for (const [id, filters] of subscriptions) if (filters.some(filter => wants(filter, rest[0]))) other.send(JSON.stringify(['EVENT', id, rest[0]]))
        }
      }
    })
  })
  return { url: `ws://127.0.0.1:${server.address().port}`, seen, subscriptions: () => [...open.values()].reduce((n, map) => n + map.size, 0), close: () => { for (const socket of open.keys()) socket.terminate(); server.close() } }
}

// A device that speaks by hand: what it says can be said again.
class Device {
  constructor(key = generateSecretKey()) {
    this.key = key
    this.pubkey = getPublicKey(key)
    this.shared = nip44.getConversationKey(key, me)
    this.answers = []
  }

  async open(to = url) {
    this.socket = new WebSocket(to)
    await new Promise((done, failed) => { this.socket.on('open', done); this.socket.on('error', failed) })
    const ready = new Promise(done => this.socket.on('message', data => {
      const message = JSON.parse(data)
      if (message[0] === 'EOSE') done()
      if (message[0] === 'EVENT') this.answers.push(JSON.parse(nip44.decrypt(message[2].content, this.shared)))
      if (message[0] === 'OK') this.waiting?.(message)
    }))
    this.socket.send(JSON.stringify(['REQ', 'a', { kinds: [24133], '#p': [this.pubkey] }]))
    await within(ready, 'EOSE')
    return this
  }

  event(request, at = now()) {
    return finalizeEvent({ kind: 24133, created_at: at, tags: [['p', me]], content: nip44.encrypt(JSON.stringify(request), this.shared) }, this.key)
  }

  say(event) {
    const ok = new Promise(done => (this.waiting = done))
    this.socket.send(JSON.stringify(['EVENT', event]))
    return within(ok, 'OK')
  }

  async ask(request, at) {
    await this.say(this.event(request, at))
    return until(`an answer to ${request.id}`, () => this.answers.find(answer => answer.id === request.id))
  }

  close() {
    this.socket.close()
  }
}

const connected = async (uri, key = generateSecretKey(), params = {}) => {
  const signer = BunkerSigner.fromBunker(key, await parseBunkerInput(uri), { pool, ...params })
  await within(signer.connect(), 'connect')
  return signer
}
const note = content => ({ kind: 1, created_at: now(), tags: [['t', 'x']], content })
const waiting = () => until('a request waits', async () => (await bunker()).waiting[0])

await startNode()
let uri, phone
const phoneKey = generateSecretKey()

await check('without a key there is no invitation, and no device', async () => {
  expectEqual(await codeOf(call('bunker_invite', {})), 'no_nostr_key', 'code')
  const { devices, waiting: list, is_open, invitations } = await bunker()
  expectEqual([devices, list, is_open, invitations], [[], [], false, 0], 'bunker')
})
await owner.create(PASSPHRASE)
await owner.import('nsec', [nip19.nsecEncode(secret)])
await until('the key is known', async () => (await node.call('social.me')).pubkey === me)

await check('a stranger without an invitation does not get past the relay', async () => {
  const stranger = await new Device().open()
  const [, , isTaken] = await stranger.say(stranger.event({ id: '1', method: 'connect', params: [me, 'x'] }))
  expect(!isTaken, 'it was taken')
  stranger.close()
})
await check('an invitation is made for our relay, and odd terms are refused', async () => {
  expectEqual(await codeOf(call('bunker_invite', { kinds: [24133] })), 'bad_kind', 'code')
  expectEqual(await codeOf(call('bunker_invite', { kinds: ['1'] })), 'bad_kind', 'code')
  expectEqual(await codeOf(call('bunker_invite', { relays: ['https://a.example'] })), 'bad_url', 'code')
  expectEqual(await codeOf(call('bunker_invite', { name: 'x'.repeat(65) })), 'too_long', 'code')
  uri = (await call('bunker_invite', { name: 'Phone', kinds: [1], may_encrypt: true })).uri
  const { pubkey, relays, secret: word } = await parseBunkerInput(uri)
  expectEqual([pubkey, relays, word.length, (await bunker()).invitations], [me, [url], 32, 1], uri)
})
await check('while it is open a wrong secret is refused in words, and nothing else of a stranger is answered', async () => {
  const stranger = await new Device().open()
  const { error } = await stranger.ask({ id: 'c', method: 'connect', params: [me, 'f'.repeat(32)] })
  expect(error.includes('invitation'), error)
  await stranger.say(stranger.event({ id: 'p', method: 'ping', params: [] }))
  await new Promise(done => setTimeout(done, QUIET_MS))
  expectEqual(stranger.answers.length, 1, 'answers')
  stranger.close()
})
await check('a device connects with the secret, is kept, and learns the key', async () => {
  phone = await connected(uri, phoneKey)
  expectEqual(await within(phone.getPublicKey(), 'get_public_key'), me, 'key')
  await within(phone.ping(), 'ping')
  const { devices, invitations } = await bunker()
  expectEqual([devices.length, invitations], [1, 0], 'devices')
  const [{ device, as, name, kinds, may_encrypt, may_decrypt, relays }] = devices
  expectEqual([device, as, name, kinds, may_encrypt, may_decrypt, relays], [getPublicKey(phoneKey), me, 'Phone', [1], true, false, [url]], 'device')
})
await check('a second use of the secret is refused, and the same device may connect again', async () => {
  const other = BunkerSigner.fromBunker(generateSecretKey(), await parseBunkerInput(uri), { pool })
  const closed = await told(within(other.connect(), 'connect'))
  expect(closed.error && !closed.error.includes('nothing came'), JSON.stringify(closed))
  const open = (await call('bunker_invite', { name: 'Other' })).uri
  const again = await told(within(other.connect(), 'connect'))
  expect(again.error?.includes('not good'), JSON.stringify(again))
  await other.close()
  await within(phone.connect(), 'connect again')
  const tablet = await connected(open)
  expectEqual((await bunker()).devices.length, 2, 'devices')
  await within(tablet.logout(), 'logout')
  expectEqual((await bunker()).devices.length, 1, 'devices after logout')
})
await check('a kind that is ticked is signed at once, and is in the audit log', async () => {
  const event = await within(phone.signEvent(note('from the phone')), 'sign_event')
  expectEqual([event.pubkey, event.kind, event.content, verifyEvent(event)], [me, 1, 'from the phone', true], 'event')
  const [device] = (await bunker()).devices
  expect(device.used !== null && device.count === 1, JSON.stringify(device))
  let entries = []
  await until(() => `the audit log has it: ${JSON.stringify(entries)}`, async () => {
    entries = (await owner.call('wallet.audit', { limit: 10 })).entries
    return JSON.stringify(entries).includes('an event of kind 1 for Phone')
  })
})
await check('a kind that is not waits for the owner, who allows it', async () => {
  const pending = phone.signEvent({ kind: 7, created_at: now(), tags: [['e', 'a'.repeat(64)]], content: '+' })
  const item = await waiting()
  expectEqual([item.device, item.name, item.method, item.kind, item.content, item.tags, item.is_careful], [getPublicKey(phoneKey), 'Phone', 'sign_event', 7, '+', [['e', 'a'.repeat(64)]], false], 'waiting')
  expectEqual(await call('bunker_decide', { request: item.request, allow: true }), {}, 'decided')
  expect(verifyEvent(await within(pending, 'sign_event')), 'it does not verify')
  expectEqual([(await bunker()).devices[0].kinds, await codeOf(call('bunker_decide', { request: item.request, allow: true }))], [[1], 'no_request'], 'afterwards')
})
await check('what the owner refuses is refused in words', async () => {
  const pending = told(phone.signEvent({ kind: 7, created_at: now(), tags: [], content: '-' }))
  await call('bunker_decide', { request: (await waiting()).request, allow: false })
  expectEqual((await within(pending, 'sign_event')).error, 'the owner refused it', 'error')
})
await check('always is kept, but for kinds that want care', async () => {
  let pending = phone.signEvent({ kind: 6, created_at: now(), tags: [], content: '' })
  await call('bunker_decide', { request: (await waiting()).request, allow: true, always: true })
  await within(pending, 'sign_event')
  await within(phone.signEvent({ kind: 6, created_at: now(), tags: [], content: 'again' }), 'sign_event')
  expectEqual((await bunker()).devices[0].kinds, [1, 6], 'kinds')
  pending = phone.signEvent({ kind: 3, created_at: now(), tags: [], content: '' })
  const item = await waiting()
  expectEqual([item.is_careful, await codeOf(call('bunker_decide', { request: item.request, allow: true, always: true }))], [true, 'bad_kind'], 'careful')
  await call('bunker_decide', { request: item.request, allow: true })
  expect(verifyEvent(await within(pending, 'sign_event')), 'it does not verify')
})
await check('what could answer in the name of the bunker, or names another author, is never signed', async () => {
  const hand = await new Device(phoneKey).open()
  const forged = await hand.ask({ id: 'k', method: 'sign_event', params: [JSON.stringify({ kind: 24133, created_at: now(), tags: [], content: '' })] })
  expect(forged.error.includes('24133'), JSON.stringify(forged))
  const other = await hand.ask({ id: 'o', method: 'sign_event', params: [JSON.stringify({ ...note('x'), pubkey: 'a'.repeat(64) })] })
  expect(other.error.includes('another author'), JSON.stringify(other))
  expect((await hand.ask({ id: 'n', method: 'nip04_encrypt', params: ['a'.repeat(64), 'x'] })).error.includes('nip44'), 'NIP-04')
  expect((await hand.ask({ id: 'u', method: 'make_coffee', params: [] })).error.includes('no such method'), 'unknown')
  expectEqual((await hand.ask({ id: 's', method: 'switch_relays', params: [] })).result, 'null', 'switch_relays')
  hand.close()
})
await check('sealing is ticked and done; opening waits and is done', async () => {
  const friend = generateSecretKey(), shared = nip44.getConversationKey(friend, me)
  const sealed = await within(phone.nip44Encrypt(getPublicKey(friend), 'for you'), 'nip44_encrypt')
  expectEqual(nip44.decrypt(sealed, shared), 'for you', 'sealed')
  const pending = phone.nip44Decrypt(getPublicKey(friend), nip44.encrypt('for me', shared))
  const item = await waiting()
  expectEqual([item.method, item.with, item.content], ['nip44_decrypt', getPublicKey(friend), null], 'waiting')
  await call('bunker_decide', { request: item.request, allow: true, always: true })
  expectEqual(await within(pending, 'nip44_decrypt'), 'for me', 'opened')
  expectEqual(await within(phone.nip44Decrypt(getPublicKey(friend), nip44.encrypt('again', shared)), 'nip44_decrypt'), 'again', 'opened')
})
await check('a request that is said again is not done again, nor one that is too old or too early', async () => {
  const hand = await new Device(phoneKey).open()
  const request = { id: 'once', method: 'sign_event', params: [JSON.stringify(note('once'))] }
  const event = hand.event(request), before = (await bunker()).devices[0].count
  await hand.say(event)
  await until('an answer', () => hand.answers.length === 1)
  await hand.say(event)
  await hand.say(hand.event(request))
  await hand.say(hand.event({ ...request, id: 'old' }, now() - 290))
  await hand.say(hand.event({ ...request, id: 'early' }, now() + 700))
  await new Promise(done => setTimeout(done, QUIET_MS))
  expectEqual([hand.answers.length, (await bunker()).devices[0].count - before], [1, 1], 'answers and signatures')
  hand.close()
})
await check('a device that asks for too much at once is not answered beyond its rate', async () => {
  const flood = await connected((await call('bunker_invite', { name: 'Flood' })).uri)
  const hand = await new Device(flood.secretKey).open()
  for (let i = 0; i < 90; i++) hand.socket.send(JSON.stringify(['EVENT', hand.event({ id: `f${i}`, method: 'ping', params: [] })]))
  await until('answers come', () => hand.answers.length >= 50)
  await new Promise(done => setTimeout(done, QUIET_MS))
  expect(hand.answers.length <= 62, `${hand.answers.length} answers`)
  await within(phone.ping(), 'ping')
  expectEqual(await call('bunker_end', { device: hand.pubkey }), {}, 'ended')
  hand.close()
})
await check('by nostrconnect:// over a relay of others', async () => {
  const other = await otherRelay(), key = generateSecretKey(), relays = [other.url]
  expectEqual(await codeOf(call('bunker_connect', { uri: 'nostrconnect://abc' })), 'bad_uri', 'code')
  const shown = createNostrConnectURI({ clientPubkey: getPublicKey(key), relays, secret: 'word', name: 'Web app', perms: ['sign_event:1', 'nip44_decrypt'] })
  const pending = BunkerSigner.fromURI(key, shown, { pool })
  await until('the device listens', () => other.subscriptions() === 1)
  expectEqual(await call('bunker_connect', { uri: shown, kinds: [1] }), { device: getPublicKey(key) }, 'device')
  const app = await within(pending, 'nostrconnect')
  const device = (await bunker()).devices.find(one => one.device === getPublicKey(key))
  expectEqual([device.name, device.asks, device.kinds, device.may_decrypt, device.relays], ['Web app', 'sign_event:1,nip44_decrypt', [1], false, relays], 'device')
  expect(verifyEvent(await within(app.signEvent(note('by another relay')), 'sign_event')), 'it does not verify')
  expect(other.seen.every(event => event.kind === 24133), 'it got other things')
  await app.close()
  await call('bunker_end', { device: getPublicKey(key) })
  other.close()
})
await check('by a relay of the owner’s, which an invitation names beside ours', async () => {
  const other = await otherRelay()
  await call('set_settings', { relays: [{ url: other.url, read: true, write: true }] })
  await until('the node listens there', () => other.subscriptions() > 0)
  const { uri: both } = await call('bunker_invite', { name: 'Far', kinds: [1] })
  const pointer = await parseBunkerInput(both)
  expectEqual(pointer.relays, [url, other.url], 'relays')
  const far = BunkerSigner.fromBunker(generateSecretKey(), { ...pointer, relays: [other.url] }, { pool })
  await until('the device listens', () => other.subscriptions() > 1)
  await within(far.connect(), 'connect')
  expect(verifyEvent(await within(far.signEvent(note('from far')), 'sign_event')), 'it does not verify')
  await within(far.logout(), 'logout')
  await call('set_settings', { relays: [] })
  other.close()
})
await check('a device stays through kill -9, and what was asked before it is not answered after', async () => {
  const hand = new Device(phoneKey)
  const before = hand.event({ id: 'before', method: 'sign_event', params: [JSON.stringify(note('before'))] }, now() - 2)
  await phone.close()
  await node.kill()
  await startNode()
  await owner.unlock(PASSPHRASE)
  await hand.open()
  const { devices } = await bunker()
  expectEqual([devices.length, devices[0].name, devices[0].kinds, devices[0].may_decrypt], [1, 'Phone', [1, 6], true], 'devices')
  await hand.say(before)
  expectEqual((await hand.ask({ id: 'after', method: 'ping', params: [] })).result, 'pong', 'pong')
  expectEqual(hand.answers.map(answer => answer.id), ['after'], 'answers')
  hand.close()
})
await check('with a locked vault nothing is answered; it is counted, and told until it opens', async () => {
  await owner.lock()
  const hand = await new Device(phoneKey).open()
  await hand.say(hand.event({ id: 'locked', method: 'ping', params: [] }))
  await until('it is counted', async () => (await bunker()).missed === 1)
  expectEqual([(await bunker()).is_open, hand.answers.length], [false, 0], 'open, answers')
  const shown = createNostrConnectURI({ clientPubkey: 'a'.repeat(64), relays: [url], secret: 'word' })
  expectEqual(await codeOf(call('bunker_connect', { uri: shown })), 'vault_locked', 'code')
  await owner.unlock(PASSPHRASE)
  expectEqual((await hand.ask({ id: 'open', method: 'ping', params: [] })).result, 'pong', 'pong')
  expectEqual((await bunker()).missed, 0, 'missed')
  hand.close()
})
await check('a device that was ended is refused', async () => {
  const hand = await new Device(phoneKey).open()
  expectEqual(await call('bunker_end', { device: hand.pubkey }), {}, 'ended')
  expectEqual(await codeOf(call('bunker_end', { device: hand.pubkey })), 'no_device', 'code')
  const [, , isTaken] = await hand.say(hand.event({ id: 'gone', method: 'ping', params: [] }))
  expect(!isTaken, 'it was taken')
  hand.close()
  expectEqual(await node.stop(), 0, 'exit code')
})

await tidy()
results.finish()
process.exit()
