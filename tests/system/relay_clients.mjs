// The libraries that clients are made of, nostr-tools and NDK, against the relay of a real node: publish, subscribe,
// search, count, delete, AUTH, and messages in gift wraps.
//
//   node tests/system/relay_clients.mjs [--url ws://HOST:PORT] [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import NDK, { giftUnwrap, giftWrap, NDKEvent, NDKPrivateKeySigner, NDKRelayAuthPolicies, NDKRelaySet, NDKUser } from '@nostr-dev-kit/ndk'
import { unwrapEvent, wrapEvent } from 'nostr-tools/nip17'
import { finalizeEvent, generateSecretKey, getPublicKey, verifyEvent } from 'nostr-tools/pure'
import { Relay, useWebSocketImplementation } from 'nostr-tools/relay'
import { WebSocket } from 'ws'
import { counter, expectEqual } from '../ui/browser.mjs'
import { expect, tidy } from './hearth.mjs'
import { startRelay } from './relay_world.mjs'

globalThis.WebSocket = WebSocket
useWebSocketImplementation(WebSocket)
const { check, guard, ...results } = counter()
const WAIT_MS = 5000
const relay = await startRelay({ name: 'clients' })
const { url } = relay
const nowS = () => Math.floor(Date.now() / 1000)
const within = (promise, what) => Promise.race([promise, new Promise((_, failed) => setTimeout(() => failed(new Error(`${what}: nothing came in ${WAIT_MS} ms`)), WAIT_MS).unref())])

// --- nostr-tools ---------------------------------------------------------------------------------------

// What a subscription has until EOSE, or the reason why the relay closed it.
function stored(client, filters) {
  const events = []
  return within(new Promise(done => {
    const subscription = client.subscribe(filters, { onevent: event => events.push(event), oneose: () => { done({ events }); subscription.close() }, onclose: reason => done({ events, reason }) })
  }), JSON.stringify(filters))
}
const told = promise => within(promise.then(reason => ({ ok: true, reason }), error => ({ ok: false, reason: error.message })), 'OK')

await guard('nostr-tools', async () => {
  const [alice, bob] = [generateSecretKey(), generateSecretKey()]
  const [alicePub, bobPub] = [getPublicKey(alice), getPublicKey(bob)]
  const client = await Relay.connect(url)
  const write = (secret, parts) => finalizeEvent({ kind: 1, created_at: nowS(), tags: [], content: '', ...parts }, secret)
  const hello = write(alice, { content: 'Hello from nostr-tools, with a pomegranate', tags: [['t', 'greeting']] })

  await check('nostr-tools publishes, and finds what it wrote as it was', async () => {
    expectEqual((await told(client.publish(hello))).ok, true, 'OK')
    const { events } = await stored(client, [{ ids: [hello.id] }])
    expectEqual(events.length, 1, 'events')
    expect(verifyEvent({ ...events[0] }), 'its signature does not hold')
    expectEqual(events[0].content, hello.content, 'content')
  })
  await check('nostr-tools subscribes and hears what another writes', async () => {
    const other = await Relay.connect(url)
    const heard = within(new Promise(done => client.subscribe([{ authors: [bobPub], kinds: [1], since: nowS() - 5 }], { onevent: done, oneose: () => other.publish(write(bob, { content: 'live' })).catch(done) })), 'a live event')
    expectEqual((await heard).content, 'live', 'content')
    other.close()
  })
  await check('nostr-tools searches by words', async () => {
    const { events, reason } = await stored(client, [{ search: 'pomegranate', limit: 10 }])
    expectEqual(reason, undefined, 'closed')
    expect(events.some(({ id }) => id === hello.id), `${events.length} events, not the one`)
    expectEqual((await stored(client, [{ search: 'pomegranate aubergine' }])).events.length, 0, 'events with a word that is not there')
  })
  await check('nostr-tools counts', async () => {
    expectEqual(await within(client.count([{ authors: [alicePub] }], {}), 'COUNT'), 1, 'count')
  })
  await check('nostr-tools is told why an event is refused', async () => {
    const { ok, reason } = await told(client.publish({ ...hello, content: 'another' }))
    expectEqual(ok, false, 'OK')
    expect(/^invalid: /.test(reason), reason)
  })
  await check('nostr-tools deletes, and what is deleted does not come back', async () => {
    const wrong = write(alice, { content: 'a mistake' })
    expectEqual((await told(client.publish(wrong))).ok, true, 'OK')
    expectEqual((await told(client.publish(write(alice, { kind: 5, tags: [['e', wrong.id], ['k', '1']] })))).ok, true, 'OK of the deletion')
    expectEqual((await stored(client, [{ ids: [wrong.id] }])).events.length, 0, 'events')
    expectEqual((await told(client.publish(wrong))).ok, false, 'OK of the deleted')
  })
  await check('nostr-tools replaces a profile', async () => {
    for (const [name, at] of [['old', 10], ['new', 0]]) await client.publish(write(alice, { kind: 0, content: JSON.stringify({ name }), created_at: nowS() - at }))
    const { events } = await stored(client, [{ authors: [alicePub], kinds: [0] }])
    expectEqual(events.map(({ content }) => JSON.parse(content).name).join(), 'new', 'profiles')
  })
  await check('nostr-tools passes AUTH, and a protected event is taken only then', async () => {
    const own = write(alice, { content: 'protected', tags: [['-']] })
    const before = await told(client.publish(own))
    expect(!before.ok && before.reason.startsWith('auth-required: '), before.reason)
    await within(client.auth(async parts => finalizeEvent(parts, alice)), 'AUTH')
    expectEqual((await told(client.publish(own))).ok, true, 'OK')
    expectEqual((await told(client.publish(write(bob, { content: 'of another', tags: [['-']] })))).ok, false, 'OK for another\'s')
  })
  await check('nostr-tools sends a message in a gift wrap that only its addressee gets', async () => {
    const wrap = wrapEvent(alice, { publicKey: bobPub }, 'for Bob alone')
    const filter = [{ kinds: [1059], '#p': [bobPub] }]
    expectEqual((await told(client.publish(wrap))).ok, true, 'OK')
    expectEqual((await stored(client, filter)).events.length, 0, 'what Alice sees of it')
    const his = await Relay.connect(url)
    const closed = await stored(his, filter)
    expect(closed.events.length === 0 && /^auth-required: /.test(closed.reason ?? 'auth-required: '), closed.reason)
    await within(his.auth(async parts => finalizeEvent(parts, bob)), 'AUTH')
    const { events } = await stored(his, filter)
    expectEqual(events.length, 1, 'events')
    const message = unwrapEvent(events[0], bob)
    expectEqual(`${message.pubkey} ${message.content}`, `${alicePub} for Bob alone`, 'message')
    his.close()
  })
  client.close()
})

// --- NDK -------------------------------------------------------------------------------------------------

async function connect(signer) {
  const ndk = new NDK({ explicitRelayUrls: [url], signer, enableOutboxModel: false, autoConnectUserRelays: false, autoFetchUserMutelist: false })
  ndk.relayAuthDefaultPolicy = NDKRelayAuthPolicies.signIn({ ndk, signer })
  await ndk.connect(WAIT_MS)
  return ndk
}

await guard('NDK', async () => {
  const [alice, bob] = [NDKPrivateKeySigner.generate(), NDKPrivateKeySigner.generate()]
  const [hers, his] = [await connect(alice), await connect(bob)]
  const set = ndk => NDKRelaySet.fromRelayUrls([url], ndk)
  const write = async (ndk, parts) => {
    const event = new NDKEvent(ndk, { kind: 1, created_at: nowS(), tags: [], content: '', ...parts })
    await within(event.publish(set(ndk), WAIT_MS), 'publish')
    return event
  }
  const find = async (ndk, filter) => [...await within(ndk.fetchEvents(filter, { closeOnEose: true, groupable: false }, set(ndk)), JSON.stringify(filter))]

  await check('NDK publishes and finds', async () => {
    const event = await write(hers, { content: 'Hello from NDK, with a rutabaga', tags: [['t', 'greeting']] })
    const [got] = await find(his, { ids: [event.id] })
    expectEqual(got?.content, event.content, 'content')
    expectEqual((await find(his, { authors: [event.pubkey], '#t': ['greeting'] })).length, 1, 'events')
  })
  await check('NDK subscribes and hears what another writes', async () => {
    const { pubkey } = await bob.user()
    const subscription = hers.subscribe({ authors: [pubkey], kinds: [1] }, { closeOnEose: false, groupable: false, relaySet: set(hers) })
    const heard = within(new Promise(done => subscription.on('event', done)), 'a live event')
    await within(new Promise(done => subscription.on('eose', done)), 'EOSE')
    await write(his, { content: 'live' })
    expectEqual((await heard).content, 'live', 'content')
    subscription.stop()
  })
  await check('NDK searches by words', async () => {
    expectEqual((await find(his, { search: 'rutabaga', kinds: [1] })).length, 1, 'events')
  })
  await check('NDK deletes', async () => {
    const event = await write(hers, { content: 'a mistake' })
    const deletion = await event.delete('a mistake', false)
    await within(deletion.publish(set(hers), WAIT_MS), 'publish')
    expectEqual((await find(his, { ids: [event.id] })).length, 0, 'events')
  })
  await check('NDK passes AUTH: a message in a gift wrap reaches its addressee and nobody else', async () => {
    const [from, to] = [await alice.user(), await bob.user()]
    const rumor = new NDKEvent(hers, { kind: 14, created_at: nowS(), pubkey: from.pubkey, tags: [['p', to.pubkey]], content: 'for Bob alone' })
    const wrap = await giftWrap(rumor, new NDKUser({ pubkey: to.pubkey }), alice)
    wrap.ndk = hers
    await within(wrap.publish(set(hers), WAIT_MS), 'publish')
    const filter = { kinds: [1059], '#p': [to.pubkey] }
    const [got] = await find(his, filter)
    expect(got, 'Bob got nothing')
    const message = await giftUnwrap(got, undefined, bob)
    expectEqual(`${message.pubkey} ${message.content}`, `${from.pubkey} for Bob alone`, 'message')
    expectEqual((await find(hers, filter)).length, 0, 'what Alice sees of it')
  })
  for (const ndk of [hers, his]) for (const one of ndk.pool.relays.values()) one.disconnect()
})

await relay.stop()
await tidy()
results.finish()
process.exit()
