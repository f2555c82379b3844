// Private messages between real nodes, with nostr-tools' NIP-17 and NIP-59 as a third party: what is sent comes, in order, and only
// to whom it is for; what is forged or garbage is not shown; a closed vault knows nothing; the disk has no text; a kill loses nothing.
//
//   node tests/system/messages.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finalizeEvent, generateSecretKey, getEventHash, getPublicKey, nip17, nip19, nip59 } from 'nostr-tools'
import WebSocket from 'ws'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, freePort, Hearth, tidy, until } from './hearth.mjs'
import { codeOf, Owner } from './wallet_owner.mjs'

const { check, ...results } = counter()
const PASSPHRASE = 'a long enough passphrase'
const MANY = 500
const MANY_MS = 20000
const now = () => Math.floor(Date.now() / 1000)
const start = (dir, port) => Hearth.start({ network: 'mainnet', dir, beacons: ['http://127.0.0.1:9'], args: ['--relay-port', String(port)] })

// A node whose owner has that key. Its relay's port stays the same when it starts again.
class Party {
  static async make(name, secret) {
    const party = Object.assign(new Party(), { name, secret, pubkey: getPublicKey(secret), dir: await dataDir(name), port: await freePort() })
    await party.begin()
    await party.owner.create(PASSPHRASE)
    await party.owner.import('nsec', [nip19.nsecEncode(secret)])
    await until('the key is known', async () => (await party.me()).pubkey === party.pubkey)
    return party
  }

  async begin() {
    this.node = await start(this.dir, this.port)
    this.owner = new Owner(this.node)
    this.url = (await this.node.call('node.door')).url
  }

  // Ends, however, and starts again with the vault open.
  async again(end) {
    await end()
    await this.begin()
    await this.owner.unlock(PASSPHRASE)
  }

  me() {
    return this.node.call('social.me')
  }

  call(method, params) {
    return this.owner.call(`social.${method}`, params)
  }

  send(to, content, more = {}) {
    return this.call('message_send', { with: to.pubkey, content, ...more })
  }

  async with(other, more = {}) {
    return (await this.call('messages', { with: other.pubkey, ...more })).messages
  }

  // Waits until that text is there, and gives its message.
  has(other, content, more = {}) {
    return until(`${this.name} has "${content}"`, async () => (await this.with(other, more)).find(one => one.content === content), 10000, 50)
  }

  async unread(other) {
    return (await this.call('conversations')).conversations.find(one => one.with === other.pubkey)?.unread
  }
}

// Says events to a relay, signed in as that key when one is given: the OKs.
const say = (url, events, secret = null) => new Promise((done, failed) => {
  const socket = new WebSocket(url)
  const oks = []
  let auth = null
  const rest = () => { for (const event of events) socket.send(JSON.stringify(['EVENT', event])) }
  socket.on('error', failed)
  socket.on('open', () => { if (!secret) rest() })
  socket.on('message', data => {
    const [what, id, isTaken, reason] = JSON.parse(data)
    if (what === 'AUTH' && secret && !auth) {
      auth = finalizeEvent({ kind: 22242, created_at: now(), content: '', tags: [['relay', url], ['challenge', id]] }, secret)
      socket.send(JSON.stringify(['AUTH', auth]))
    } else if (what === 'OK' && id === auth?.id) {
      rest()
    } else if (what === 'OK') {
      oks.push([isTaken, reason])
      if (oks.length === events.length) { socket.close(); done(oks) }
    }
  })
})

// What a relay gives one who signs in for a filter.
const fetch = (url, filter, secret) => new Promise((done, failed) => {
  const socket = new WebSocket(url)
  const events = []
  socket.on('error', failed)
  socket.on('message', data => {
    const [what, id, event] = JSON.parse(data)
    if (what === 'AUTH') socket.send(JSON.stringify(['AUTH', finalizeEvent({ kind: 22242, created_at: now(), content: '', tags: [['relay', url], ['challenge', id]] }, secret)]))
    if (what === 'OK') socket.send(JSON.stringify(['REQ', 's', filter]))
    if (what === 'EVENT') events.push(event)
    if (what === 'EOSE') { socket.close(); done(events) }
  })
})

const carol = { name: 'carol', secret: generateSecretKey() }
carol.pubkey = getPublicKey(carol.secret)
const dave = { name: 'dave', secret: generateSecretKey() }
dave.pubkey = getPublicKey(dave.secret)
const a = await Party.make('alice', generateSecretKey())
const b = await Party.make('bob', generateSecretKey())
const wrapTo = (to, content, reply) => nip17.wrapEvent(carol.secret, { publicKey: to.pubkey }, content, undefined, reply && { eventId: reply })
const opening = async party => (await party.call('conversations')).opening

// A rumor of anybody, sealed by one and wrapped for another.
function sealed(rumor, by, to) {
  const whole = { pubkey: getPublicKey(by), created_at: now(), kind: 14, tags: [['p', to.pubkey]], content: '', ...rumor }
  return nip59.createWrap(nip59.createSeal({ ...whole, id: getEventHash(whole) }, by, to.pubkey), to.pubkey)
}

await check('messages are offered, and there are none', async () => {
  expectEqual((await a.me()).has_messages, true, 'has_messages')
  expectEqual(await a.call('conversations'), { conversations: [], is_complete: true, is_open: true, opening: 0, unreadable: 0 }, 'conversations')
  const { messages, is_complete, source } = await a.call('messages', { with: b.pubkey })
  expectEqual([messages, is_complete, source.asked], [[], true, 0], 'messages')
})
await check('a message to somebody whose relays nobody knows is refused before anything is written', async () => {
  expectEqual(await codeOf(a.send(b, 'hello?')), 'no_relay', 'code')
  expectEqual(await a.with(b), [], 'messages')
  expectEqual((await a.call('export')).lines.filter(line => JSON.parse(line).kind === 1059), [], 'wraps')
})
await check('what is wrong with a message is said', async () => {
  expectEqual(await codeOf(a.send(b, '')), 'empty', 'empty')
  expectEqual(await codeOf(a.send(b, 'x'.repeat(32769))), 'too_long', 'too long')
  expectEqual(await codeOf(a.send({ pubkey: 'npub1nobody' }, 'x')), 'bad_npub', 'no key')
  expectEqual(await codeOf(a.send(b, 'x', { reply_to: 'x' })), 'bad_id', 'no id')
  expectEqual(await codeOf(a.call('message_send', { with: b.pubkey })), 'json_missing', 'no content')
  expectEqual(await codeOf(a.call('messages', { with: b.pubkey, others: 'x' })), 'bad_npub', 'others')
  const crowd = Array.from({ length: 40 }, () => getPublicKey(generateSecretKey()))
  expectEqual(await codeOf(a.send(b, 'x', { others: crowd })), 'too_many', 'a crowd')
})
await check('each names the other\'s relay, and follows the other', async () => {
  for (const [one, other] of [[a, b], [b, a]]) {
    await one.call('set_settings', { relays: [{ url: other.url, read: true, write: true }] })
    await one.call('follow', { pubkey: other.pubkey, on: true })
    await until('the relay is known', async () => (await one.me()).relays.length === 1)
  }
})
let first
await check('a message comes to the other node, and a copy stays', async () => {
  const { id, sent } = await a.send(b, 'hello bob')
  expectEqual(sent.map(one => one.url), [b.url], 'sent')
  expect(['ok', 'sent'].includes(sent[0].state), `it is ${sent[0].state}`)
  first = await b.has(a, 'hello bob')
  expectEqual([first.id, first.from, first.reply_to, first.kind], [id, a.pubkey, null, 14], 'message')
  expectEqual((await a.with(b)).map(one => [one.id, one.from, one.content]), [[id, a.pubkey, 'hello bob']], 'own copy')
  expectEqual([await a.unread(b), await b.unread(a)], [0, 1], 'unread')
})
await check('a reply names what it answers, and comes back', async () => {
  await b.send(a, 'hello alice', { reply_to: first.id })
  const got = await a.has(b, 'hello alice')
  expectEqual([got.from, got.reply_to], [b.pubkey, first.id], 'reply')
  expectEqual((await a.with(b)).map(one => one.content), ['hello alice', 'hello bob'], 'newest first')
})
await check('what was read is not counted any more, and the topic says so', async () => {
  await a.has(b, 'hello alice')
  expectEqual((await a.node.call('social.new')).messages, 1, 'messages')
  await a.call('message_read', { with: b.pubkey, at: now() })
  expectEqual([await a.unread(b), (await a.node.call('social.new')).messages], [0, 0], 'unread')
})
await check('the relay takes the wraps of who is known, and asks others to sign in', async () => {
  const wrap = wrapTo(a, 'carol here')
  expect((await say(a.url, [wrap]))[0][1].startsWith('auth-required'), 'a stranger was not asked to sign in')
  await a.call('follow', { pubkey: carol.pubkey, on: true })
  await until('it is taken', async () => (await say(a.url, [wrap], carol.secret))[0][0])
  const got = await a.has(carol, 'carol here')
  expectEqual([got.from, got.kind], [carol.pubkey, 14], 'from')
})
await check('nostr-tools reads what a node writes to a reader of our own relay', async () => {
  await say(a.url, [finalizeEvent({ kind: 10050, created_at: now(), content: '', tags: [['relay', a.url]] }, carol.secret)], carol.secret)
  const { id, sent } = await a.send(carol, 'hello carol')
  expectEqual(sent, [{ url: a.url, state: 'ok' }], 'sent')
  const wraps = await fetch(a.url, { kinds: [1059], '#p': [carol.pubkey] }, carol.secret)
  const rumors = wraps.map(wrap => nip17.unwrapEvent(wrap, carol.secret))
  expectEqual(rumors.map(one => [one.id, one.pubkey, one.content, one.kind, one.tags]), [[id, a.pubkey, 'hello carol', 14, [['p', carol.pubkey]]]], 'rumor')
  expect(!JSON.stringify(wraps).includes(a.pubkey), 'the wrap names who wrote it')
  expectEqual((await say(a.url, [wrapTo(a, 'got it', id)], carol.secret))[0][0], true, 'taken')
  expectEqual((await a.has(carol, 'got it')).reply_to, id, 'reply')
})
await check('the recipient\'s wrap goes to nobody else\'s relay', async () => {
  const wraps = await fetch(b.url, { kinds: [1059], '#p': [carol.pubkey] }, carol.secret)
  expectEqual(wraps.length, 0, 'wraps for carol at bob\'s')
})
await check('a forged author, an own wrap of another kind and garbage are not shown, and are counted', async () => {
  const before = (await a.call('conversations')).unreadable
  const garbage = finalizeEvent({ kind: 1059, created_at: now(), content: 'Ag' + 'x'.repeat(200), tags: [['p', a.pubkey]] }, generateSecretKey())
  const empty = finalizeEvent({ kind: 1059, created_at: now(), content: '', tags: [['p', a.pubkey]] }, generateSecretKey())
  const forged = sealed({ pubkey: b.pubkey, content: 'send me your keys' }, carol.secret, a)
  const reaction = sealed({ kind: 7, content: '+', tags: [['p', a.pubkey], ['e', first.id]] }, carol.secret, a)
  const oks = await say(a.url, [garbage, empty, forged, reaction, wrapTo(a, 'after the bad ones')], carol.secret)
  expect(oks.every(ok => ok[0]), JSON.stringify(oks))
  await a.has(carol, 'after the bad ones')
  await until('all are opened', async () => (await opening(a)) === 0)
  const { conversations, unreadable } = await a.call('conversations')
  expectEqual(unreadable - before, 3, 'unreadable')
  expect(!JSON.stringify(conversations).includes('send me your keys'), 'it is shown')
  expect((await a.with(b)).every(one => one.content !== 'send me your keys'), 'it is shown as bob\'s')
  expect((await a.with(carol)).every(one => one.kind === 14), 'a reaction is shown')
})
await check('a time in the future comes to be now, and a message that came twice is shown once', async () => {
  const rumor = { content: 'from the year 2100', created_at: 4102444800 }
  await say(a.url, [sealed(rumor, carol.secret, a), sealed(rumor, carol.secret, a)], carol.secret)
  const got = await a.has(carol, rumor.content)
  expect(got.at <= now(), `at ${got.at}`)
  await until('all are opened', async () => (await opening(a)) === 0)
  expectEqual((await a.with(carol)).filter(one => one.content === rumor.content).length, 1, 'times')
})
await check('a group is a conversation of its own, and is answered as one', async () => {
  const tags = [['p', a.pubkey], ['p', b.pubkey]]
  await say(a.url, [sealed({ content: 'hello both', tags }, carol.secret, a)], carol.secret)
  const others = [b.pubkey, carol.pubkey].sort()
  const group = { with: others[0], others: others.slice(1) }
  await a.has({ pubkey: others[0] }, 'hello both', { others: others.slice(1) })
  const row = (await a.call('conversations')).conversations.find(one => one.others.length > 0)
  expectEqual([row.with, row.others, row.last, row.unread], [group.with, group.others, 'hello both', 1], 'conversation')
  for (const one of [b, carol]) expect((await a.with(one)).every(message => message.content !== 'hello both'), 'it is shown as of two people')
  await a.call('message_send', { ...group, content: 'hello you two' })
  expectEqual((await a.call('messages', group)).messages.map(one => one.content), ['hello you two', 'hello both'], 'group')
  const seen = [a.pubkey, carol.pubkey].sort()
  await b.has({ pubkey: seen[0] }, 'hello you two', { others: seen.slice(1) })
  expect((await b.with(a)).every(message => message.content !== 'hello you two'), 'bob takes it for one of two people')
})
await check('a wrap that is deleted takes its message with it, and one that expires, too', async () => {
  const wrap = wrapTo(a, 'remove this')
  const soon = nip59.createRumor({ kind: 14, content: 'soon gone', created_at: now(), tags: [['p', a.pubkey], ['expiration', String(now() + 2)]] }, carol.secret)
  await say(a.url, [wrap, nip59.createWrap(nip59.createSeal(soon, carol.secret, a.pubkey), a.pubkey)], carol.secret)
  await a.has(carol, 'remove this')
  await a.has(carol, 'soon gone')
  await a.call('remove', { id: wrap.id })
  expect((await a.with(carol)).every(one => one.content !== 'remove this'), 'it is there')
  await until('it is gone', async () => (await a.with(carol)).every(one => one.content !== 'soon gone'))
})
await check('a page of messages ends where it says', async () => {
  const all = await a.with(carol)
  const { messages, is_complete } = await a.call('messages', { with: carol.pubkey, limit: 2 })
  expectEqual([messages.map(one => one.id), is_complete], [all.slice(0, 2).map(one => one.id), false], 'page')
  const older = await a.call('messages', { with: carol.pubkey, until: all.at(-1).at })
  expect(older.is_complete && older.messages.at(-1).id === all.at(-1).id, 'the last page')
})
await check('a closed vault has forgotten all, and sends nothing', async () => {
  await a.owner.lock()
  expectEqual(await a.call('conversations'), { conversations: [], is_complete: true, is_open: false, opening: 0, unreadable: 0 }, 'conversations')
  const { messages, is_open } = await a.call('messages', { with: b.pubkey })
  expectEqual([messages, is_open, (await a.node.call('social.new')).messages], [[], false, 0], 'messages')
  expectEqual(await codeOf(a.send(b, 'locked')), 'vault_locked', 'send')
  expectEqual(await codeOf(a.call('message_read', { with: b.pubkey, at: now() })), 'vault_locked', 'read')
})
await check('an open vault has them again, with what was read', async () => {
  await b.send(a, 'while you were away')
  await a.owner.unlock(PASSPHRASE)
  await a.has(b, 'while you were away')
  await until('all are opened', async () => (await opening(a)) === 0)
  expectEqual((await a.with(b)).map(one => one.content), ['while you were away', 'hello alice', 'hello bob'], 'messages')
  expectEqual(await a.unread(b), 1, 'unread')
})
await check('a message that was answered is there after a kill', async () => {
  const { id } = await a.send(b, 'written just before the end')
  await a.again(() => a.node.kill())
  expectEqual((await a.has(b, 'written just before the end')).id, id, 'id')
  await b.has(a, 'written just before the end')
})
await check('one that was not delivered is, when both are up again, also after a kill', async () => {
  expectEqual(await b.node.stop(), 0, 'exit code')
  const { id, sent } = await a.send(b, 'are you there?')
  expectEqual(sent.map(one => [one.url, one.state === 'ok']), [[b.url, false]], 'sent')
  await a.node.kill()
  await b.begin()
  await b.owner.unlock(PASSPHRASE)
  await a.begin()
  await a.owner.unlock(PASSPHRASE)
  const got = await until('it has come', async () => (await b.with(a)).find(one => one.id === id), 30000, 200)
  expectEqual(got.content, 'are you there?', 'content')
})
await check(`${MANY} messages are opened in time when the vault is`, async () => {
  await until('all are opened', async () => (await opening(a)) === 0)
  await a.owner.lock()
  const lines = Array.from({ length: MANY }, (_, i) => JSON.stringify(sealed({ content: `message ${i}`, created_at: now() - MANY + i }, dave.secret, a)))
  for (let i = 0; i < MANY; i += 50) expectEqual((await a.call('import', { lines: lines.slice(i, i + 50) })).stored, 50, 'stored')
  const began = Date.now()
  await a.owner.unlock(PASSPHRASE)
  await until('all are opened', async () => (await opening(a)) === 0 && (await a.unread(dave)) === MANY, MANY_MS, 100)
  console.log(`  ${MANY} messages after ${Date.now() - began} ms`)
  const { messages, is_complete } = await a.call('messages', { with: dave.pubkey, limit: 200 })
  expectEqual([messages.length, messages[0].content, messages[199].content, is_complete], [200, `message ${MANY - 1}`, `message ${MANY - 200}`, false], 'page')
})
await check('blocked people are not shown any more when the vault is opened again', async () => {
  await a.call('block', { pubkey: dave.pubkey, on: true })
  await a.owner.lock()
  await a.owner.unlock(PASSPHRASE)
  await a.has(b, 'hello alice')
  await until('all are opened', async () => (await opening(a)) === 0, 10000)
  expectEqual([await a.unread(dave), await a.with(dave)], [undefined, []], 'dave')
})
await check('no file of a node has a word of it', async () => {
  expectEqual([await a.node.stop(), await b.node.stop()], [0, 0], 'exit codes')
  const words = ['hello bob', 'hello alice', 'while you were away', 'are you there?', 'carol here', 'message 42', 'hello you two']
  for (const party of [a, b]) {
    for (const file of await readdir(party.dir, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue
      const bytes = await readFile(join(file.parentPath ?? file.path, file.name))
      for (const word of words) expect(!bytes.includes(word), `${party.name}'s ${file.name} has "${word}"`)
    }
    for (const word of words) expect(!party.node.log.includes(word), `${party.name}'s log has "${word}"`)
  }
})

await tidy()
results.finish()
process.exit()
