// The relay's management over HTTP (NIP-86 with NIP-98), names at domains (NIP-05) and metrics on a real node: who may, what each call
// does at once and after SIGKILL, and what is refused. No provider is needed.
//
//   node tests/system/relay_manage.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { createHash } from 'node:crypto'
import http from 'node:http'
import { finalizeEvent, generateSecretKey, getPublicKey, nip19 } from 'nostr-tools'
import WebSocket from 'ws'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, tidy, until } from './hearth.mjs'
import { codeOf, Owner } from './wallet_owner.mjs'

const { check, ...results } = counter()
const PASSPHRASE = 'a long enough passphrase'
const TYPE = 'application/nostr+json+rpc'
const ELSEWHERE = '127.0.0.2' // another address of this computer
const now = () => Math.floor(Date.now() / 1000)
const [alice, bob, carol] = [generateSecretKey(), generateSecretKey(), generateSecretKey()]
const pubkey = getPublicKey

const dir = await dataDir('managed')
const start = () => Hearth.start({ network: 'mainnet', dir, beacons: ['http://127.0.0.1:9'], args: ['--relay-host', 'relay.example'] })
let node = await start()
let owner = new Owner(node)
await owner.create(PASSPHRASE)
await owner.import('nsec', [nip19.nsecEncode(alice)])
await until('the key is known', async () => (await node.call('social.me')).pubkey === pubkey(alice))
let url = (await node.call('node.door')).url

const note = (secret, more = {}) => finalizeEvent({ kind: 1, created_at: now(), content: `note ${Math.random()}`, tags: [], ...more }, secret)
const sha256 = text => createHash('sha256').update(text).digest('hex')

// Any request to the door: {status, headers, text}.
const ask = (path, { method = 'GET', headers = {}, body = '', localAddress } = {}) => new Promise((done, failed) => {
  const to = new URL(path, url.replace('ws:', 'http:'))
  const length = body ? { 'content-length': Buffer.byteLength(body) } : {}
  const request = http.request(to, { method, localAddress, headers: { ...length, ...headers } }, async answer => {
    let text = ''
    for await (const part of answer) text += part
    done({ status: answer.statusCode, headers: answer.headers, text })
  })
  request.on('error', failed)
  request.end(body)
})

// A right for one request; `but` changes the event.
function right(body, { secret = alice, at = url.replace('ws:', 'http:'), but = {} } = {}) {
  const tags = [['u', at], ['method', 'POST'], ['payload', sha256(body)]]
  const event = finalizeEvent({ kind: 27235, created_at: now(), content: '', tags, ...but }, secret)
  return `Nostr ${Buffer.from(JSON.stringify(event)).toString('base64')}`
}

async function manage(method, params = [], more = {}) {
  const body = more.body ?? JSON.stringify({ method, params })
  const authorization = more.authorization ?? right(body, more)
  const answer = await ask('/', { method: 'POST', body, headers: { 'content-type': TYPE, ...(authorization ? { authorization } : {}), ...more.headers }, localAddress: more.localAddress })
  return { status: answer.status, headers: answer.headers, ...JSON.parse(answer.text) }
}

async function does(method, ...params) {
  const { status, result, error } = await manage(method, params)
  expectEqual([status, result, error], [200, true, undefined], method)
}

const lists = async method => (await manage(method)).result

// A websocket that is open, with what it has received; null when it is turned away.
const connect = localAddress => new Promise(done => {
  const socket = new WebSocket(url, { localAddress })
  socket.got = []
  socket.ended = new Promise(gone => socket.on('close', gone))
  socket.on('message', data => {
    socket.got.push(JSON.parse(data))
    done(socket)
  })
  socket.on('error', () => done(null))
  socket.on('close', () => done(null))
})

// Says one event to the relay and gives [taken, reason].
async function say(event) {
  const socket = await connect()
  socket.send(JSON.stringify(['EVENT', event]))
  const ok = await until('an OK', () => socket.got.find(message => message[0] === 'OK'))
  socket.close()
  return [ok[2], ok[3]]
}

async function find(filter) {
  const socket = await connect()
  socket.send(JSON.stringify(['REQ', 'q', filter]))
  await until('EOSE', () => socket.got.some(message => message[0] === 'EOSE'))
  socket.close()
  return socket.got.filter(message => message[0] === 'EVENT').map(message => message[2].id)
}

await check('the information document says that management is there', async () => {
  const document = JSON.parse((await ask('/', { headers: { accept: 'application/nostr+json' } })).text)
  expect(document.supported_nips.includes(86), 'no NIP 86')
})
await check('only the owner, for this very request, may manage', async () => {
  const body = JSON.stringify({ method: 'supportedmethods', params: [] })
  const tag = (name, value) => ({ tags: [['u', url.replace('ws:', 'http:')], ['method', 'POST'], ['payload', sha256(body)]].map(one => (one[0] === name ? [name, value] : one)) })
  const cases = [
    ['no header', 401, { authorization: '' }], ['another scheme', 401, { authorization: 'Basic YTpi' }], ['no event', 401, { authorization: 'Nostr e30=' }],
    ['another key', 403, { secret: bob }], ['another kind', 401, { but: { kind: 27236 } }], ['an old event', 401, { but: { created_at: now() - 61 } }],
    ['an early event', 401, { but: { created_at: now() + 90 } }], ['another address', 401, { at: 'http://other.example/' }],
    ['another method', 401, { but: tag('method', 'GET') }], ['another body', 401, { but: tag('payload', sha256('x')) }],
    ['no payload', 401, { but: { tags: [['u', url.replace('ws:', 'http:')], ['method', 'POST']] } }],
  ]
  for (const [what, status, more] of cases) {
    const answer = await manage('supportedmethods', [], { body, ...more })
    expectEqual([answer.status, answer.result], [status, undefined], what)
    expect(answer.error?.length > 5, `${what}: ${JSON.stringify(answer)}`)
    if (status === 401) expectEqual(answer.headers['www-authenticate'], 'Nostr', what)
  }
})
await check('what was signed for another host is not taken under its name, and ours by a proxy is', async () => {
  const stolen = await manage('supportedmethods', [], { at: 'https://evil.example/', headers: { host: 'evil.example' } }).catch(() => null)
  expect(stolen === null || stolen.status >= 400, 'it was taken')
  const proxied = await manage('supportedmethods', [], { at: 'https://relay.example/', headers: { host: 'relay.example' } })
  expectEqual(proxied.status, 200, proxied.error)
  expectEqual((await manage('supportedmethods', [], { at: url })).status, 200, 'ws://')
})
await check('each method that is named is there', async () => {
  const methods = await lists('supportedmethods')
  expect(methods.length === 23 && methods.includes('banpubkey') && !methods.includes('createrole'), methods.join())
  for (const method of methods) expect(!/no such method/.test((await manage(method)).error ?? ''), method)
})
await check('what is no request is refused with words', async () => {
  expect((await manage('', [], { body: 'x' })).error, 'no JSON')
  expectEqual((await manage('createrole', ['a'])).error, 'there is no such method', 'error')
  expect(/parameters/.test((await manage('banpubkey', ['npub'])).error), 'params')
  const large = await ask('/', { method: 'POST', body: 'x'.repeat(70000), headers: { 'content-type': TYPE, authorization: right('x') } })
  expectEqual(large.status, 413, 'large')
  expectEqual((await ask('/', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })).status, 404, 'another type')
})
await check('a key that is allowed writes without work, and one that is banned not at all', async () => {
  expect(!(await say(note(bob)))[0], 'a stranger was let in')
  await does('allowpubkey', pubkey(bob), 'a friend')
  expect((await say(note(bob)))[0], 'bob was not let in')
  expectEqual(await lists('listallowedpubkeys'), [{ pubkey: pubkey(bob), reason: 'a friend' }], 'allowed')
  await does('banpubkey', pubkey(bob), 'no friend')
  expect((await say(note(bob)))[1].startsWith('blocked'), 'bob was let in')
  expectEqual([await lists('listallowedpubkeys'), await lists('listbannedpubkeys')], [[], [{ pubkey: pubkey(bob), reason: 'no friend' }]], 'lists')
})
await check('banning and social.block are one list', async () => {
  expectEqual((await node.call('social.moderation')).blocked, [pubkey(bob)], 'blocked')
  await node.call('social.block', { pubkey: pubkey(carol), on: true })
  expectEqual((await lists('listbannedpubkeys')).map(one => one.pubkey).sort(), [pubkey(bob), pubkey(carol)].sort(), 'banned')
  await does('unbanpubkey', pubkey(carol))
  await node.call('social.block', { pubkey: pubkey(bob), on: false })
  expectEqual([await lists('listbannedpubkeys'), (await node.call('social.moderation')).blocked], [[], []], 'lists')
  // A ban and its end hold, though sets that were being read meanwhile come later.
  await does('banpubkey', pubkey(bob))
  await new Promise(done => setTimeout(done, 200))
  expect((await say(note(bob)))[1].startsWith('blocked'), 'bob was let in')
  await does('allowpubkey', pubkey(bob))
  expect((await say(note(bob)))[0], 'bob was not let in')
})
await check('a banned event is gone and stays out until it is allowed', async () => {
  const event = note(bob)
  await say(event)
  await does('banevent', event.id, 'rude')
  expectEqual([await find({ ids: [event.id] }), (await say(event))[0]], [[], false], 'banned')
  expectEqual(await lists('listbannedevents'), [{ id: event.id, reason: 'rude' }], 'list')
  await does('allowevent', event.id)
  expectEqual([(await say(event))[0], await find({ ids: [event.id] }), await lists('listbannedevents')], [true, [event.id], []], 'allowed')
  expectEqual((await lists('listallowedevents')).map(one => one.id), [event.id], 'list')
})
await check('what the owner removed is listed as banned, and allowing it lifts that', async () => {
  const event = note(bob)
  await say(event)
  await node.call('social.remove', { id: event.id })
  expectEqual([await lists('listbannedevents'), (await say(event))[0]], [[{ id: event.id, reason: '' }], false], 'removed')
  await does('unbanevent', event.id)
  expectEqual([await lists('listbannedevents'), (await say(event))[0]], [[], true], 'again')
})
await check('what is reported waits for a decision', async () => {
  const event = note(bob)
  await say(event)
  await say(finalizeEvent({ kind: 1984, created_at: now(), content: 'buy now', tags: [['e', event.id, 'spam'], ['p', pubkey(bob)]] }, bob))
  expectEqual(await lists('listeventsneedingmoderation'), [{ id: event.id, reason: 'spam: buy now' }], 'waiting')
  await does('banevent', event.id)
  expectEqual([await lists('listeventsneedingmoderation'), await find({ ids: [event.id] })], [[], []], 'settled')
})
await check('kinds are let in and kept out, but for the owner', async () => {
  await does('disallowkind', 1)
  expect((await say(note(bob)))[1].startsWith('blocked: kind 1 '), 'kind 1')
  expect((await owner.call('social.post', { content: 'mine' })).id, 'the owner cannot post')
  await does('allowkind', 1)
  expect((await say(note(bob)))[0], 'kind 1 again')
  await does('allowkind', 30023)
  expect((await say(note(bob)))[1].startsWith('blocked: kind 1 '), 'only 30023')
  expectEqual([await lists('listallowedkinds'), await lists('listdisallowedkinds')], [[30023], []], 'kinds')
  await does('disallowkind', 30023)
  await does('allowkind', 30023)
  expect((await say(note(bob)))[0], 'all kinds')
})
await check('a blocked address is hung up and kept out, but may manage', async () => {
  const socket = await connect(ELSEWHERE)
  expect(socket, `${ELSEWHERE} was turned away`)
  await does('blockip', ELSEWHERE, 'noise')
  await socket.ended
  expect(await connect(ELSEWHERE) === null, 'it was let in')
  expectEqual((await ask('/.well-known/nostr.json', { localAddress: ELSEWHERE })).status, 403, 'status')
  expect(await connect(), 'another address was turned away')
  expectEqual(await lists('listblockedips'), [{ ip: ELSEWHERE, reason: 'noise' }], 'list')
  expectEqual((await manage('unblockip', [ELSEWHERE], { localAddress: ELSEWHERE })).result, true, 'unblocked')
  expect(await connect(ELSEWHERE), 'it was turned away')
})
await check('the relay is called what it was called last', async () => {
  await does('changerelayname', 'Home relay')
  await does('changerelaydescription', 'Für uns')
  await does('changerelayicon', 'https://relay.example/icon.png')
  const document = JSON.parse((await ask('/', { headers: { accept: 'application/nostr+json' } })).text)
  expectEqual([document.name, document.description, document.icon], ['Home relay', 'Für uns', 'https://relay.example/icon.png'], 'document')
  const { profile } = await node.call('social.settings')
  expectEqual(profile.name, 'Home relay', 'setting')
  expect(/parameters/.test((await manage('changerelayname', ['x'.repeat(64)])).error), 'a long name')
})
await check('our names are served to pages of any origin, with the owner’s relays', async () => {
  await node.call('social.set_settings', { relays: [{ url: 'wss://relay.example', read: true, write: true }] })
  await until('relays are known', async () => (await node.call('social.me')).relays.length === 1)
  await node.call('social.set_names', { names: [{ name: 'alice', pubkey: nip19.npubEncode(pubkey(alice)) }, { name: 'bob', pubkey: pubkey(bob) }] })
  const answer = await ask('/.well-known/nostr.json?name=alice', { headers: { origin: 'https://page.example' } })
  expectEqual([answer.status, answer.headers['access-control-allow-origin'], answer.headers['content-type']], [200, '*', 'application/json'], 'headers')
  expectEqual(JSON.parse(answer.text), { names: { alice: pubkey(alice) }, relays: { [pubkey(alice)]: ['wss://relay.example'] } }, 'alice')
  expectEqual(JSON.parse((await ask('/.well-known/nostr.json?x=1&name=bob')).text), { names: { bob: pubkey(bob) } }, 'bob')
  expectEqual(JSON.parse((await ask('/.well-known/nostr.json?name=zoe')).text), { names: {} }, 'nobody')
  expectEqual(Object.keys(JSON.parse((await ask('/.well-known/nostr.json')).text).names), ['alice', 'bob'], 'all')
})
await check('names that are none are refused, and the old ones stay', async () => {
  const set = names => codeOf(node.call('social.set_names', { names }))
  expectEqual(await set([{ name: 'Alice', pubkey: pubkey(alice) }]), 'bad_name', 'upper case')
  expectEqual(await set([{ name: 'a', pubkey: pubkey(alice) }, { name: 'a', pubkey: pubkey(bob) }]), 'bad_name', 'twice')
  expectEqual(await set([{ name: 'a', pubkey: 'x' }]), 'bad_npub', 'key')
  expectEqual(await set(Array.from({ length: 257 }, (_, i) => ({ name: `n${i}`, pubkey: pubkey(bob) }))), 'too_many', 'many')
  expectEqual((await node.call('social.names')).names.map(one => one.name), ['alice', 'bob'], 'names')
})
await check('a name at this computer is not asked for, and is told as unchecked', async () => {
  expectEqual((await node.call('social.name_check', { pubkey: pubkey(carol) })).nip05_state, 'none', 'none')
  await owner.call('social.set_profile', { name: 'Alice', nip05: `alice@127.0.0.1:${new URL(url).port}` })
  expectEqual(await codeOf(node.call('social.name_check', { pubkey: pubkey(alice) })), 'private_address', 'code')
  expectEqual((await node.call('social.profile', { pubkey: pubkey(alice) })).nip05_state, 'unchecked', 'state')
  await owner.call('social.set_profile', { nip05: 'alice@exa mple/x' })
  expectEqual(await codeOf(node.call('social.name_check', { pubkey: pubkey(alice) })), 'bad_name', 'code')
})
await check('metrics are for programs on this computer', async () => {
  const { status, headers, text } = await ask('/metrics')
  expect(status === 200 && headers['content-type'].startsWith('text/plain; version=0.0.4'), `${status} ${headers['content-type']}`)
  expect(/^hearth_relay_events_stored_total [1-9]/m.test(text) && /^# TYPE hearth_relay_connections gauge$/m.test(text), text)
  expectEqual((await ask('/metrics', { headers: { origin: 'https://page.example' } })).status, 403, 'a page')
  expectEqual((await ask('/metrics', { headers: { host: 'relay.example' } })).status, 403, 'by a proxy')
  expectEqual((await ask('/nothing')).status, 404, 'nothing')
})
await check('all of it is there after SIGKILL right behind the answer', async () => {
  const event = note(bob)
  await say(event)
  await does('blockip', ELSEWHERE)
  await does('disallowkind', 7)
  await does('banevent', event.id)
  await does('banpubkey', pubkey(carol), 'last')
  await node.kill()
  node = await start()
  owner = new Owner(node)
  url = (await node.call('node.door')).url
  await owner.unlock(PASSPHRASE)
  expectEqual(await find({ ids: [event.id] }), [], 'the event')
  expect(await connect(ELSEWHERE) === null, 'the address was let in')
  expect((await say(note(carol)))[1].startsWith('blocked'), 'carol was let in')
  expect((await say(note(bob)))[0], 'bob was not let in')
  expect((await say(note(bob, { kind: 7 })))[1].startsWith('blocked: kind 7 '), 'kind 7')
  expectEqual((await lists('listbannedpubkeys')), [{ pubkey: pubkey(carol), reason: 'last' }], 'banned')
  expectEqual(JSON.parse((await ask('/', { headers: { accept: 'application/nostr+json' } })).text).name, 'Home relay', 'name')
  expectEqual((await node.call('social.names')).names.map(one => one.name), ['alice', 'bob'], 'names')
})
await check('the node stops as it should', async () => {
  expectEqual(await node.stop(), 0, 'exit code')
})

await tidy()
results.finish()
process.exit()
