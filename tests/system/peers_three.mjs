// Three real nodes over TLS with pinned keys, two of them reachable only through the third: feeds by gossip and, after a
// restart, by catch-up; messages that the third keeps and cannot read; and who is in the middle, repeats or lies about
// who it is, refused and named. No provider is needed.
//
//   node tests/system/peers_three.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finalizeEvent, generateSecretKey, getPublicKey } from 'nostr-tools'
import { signSchnorr } from 'tiny-secp256k1'
import { counter, expectEqual } from '../ui/browser.mjs'
import { expect, tidy, until } from './hearth.mjs'
import { PeerClient, sha } from './peer_client.mjs'
import { PeerNode, portOf, throughPort, withMember } from './peer_node.mjs'
import { closeProxies, ChaosProxy, MiddleProxy } from './peer_proxy.mjs'

const { check, ...results } = counter()
const now = () => Math.floor(Date.now() / 1000)
const hub = await PeerNode.start('hub', generateSecretKey(), { args: ['--peer-port', '0'] })
const port = portOf((await hub.list()).reach.listen)
hub.args = ['--peer-port', String(port)]
const [a, c] = [await PeerNode.start('a', generateSecretKey()), await PeerNode.start('c', generateSecretKey())]
const url = `wss://127.0.0.1:${port}`
// The node key's own word that a user may speak of it.
const claim = (secret, user, at) => Buffer.from(signSchnorr(Buffer.from(sha(`hearth-node:${user}:${at}`), 'hex'), secret)).toString('hex')

await check('two nodes dial a third, and know nothing of each other\'s addresses', async () => {
  await a.join(hub)
  await c.join(hub)
  await until('the hub knows whose they are', async () => (await hub.peer(a)).user === a.pubkey && (await hub.peer(c)).user === c.pubkey)
  for (const one of [a, c]) {
    const { peers, reach } = await one.list()
    expectEqual(peers.map(peer => [peer.node, peer.how, peer.direction]), [[hub.id, 'tls', 'out']], `${one.name}'s peers`)
    expectEqual(reach.listen, null, `${one.name} listens`)
  }
})
await check('what one writes reaches the other through the third, both ways', async () => {
  await a.follow(c)
  await c.follow(a)
  await hub.follow(a, c)
  await until(async () => `what they carry is told; ${await a.standing()}`, async () => (await a.peer(hub)).scope.authors >= 3 && (await c.peer(hub)).scope.authors >= 3 && (await hub.peer(a)).scope.authors >= 2 && (await hub.peer(c)).scope.authors >= 2, 15000)
  await a.post('from a, through the hub')
  await c.has('from a, through the hub')
  await c.post('from c, through the hub')
  await a.has('from c, through the hub')
  const { gossip } = await hub.list()
  expect(gossip.fresh >= 2 && gossip.pushed >= 2, `the hub's gossip is ${JSON.stringify(gossip)}`)
})
await check('after a restart it has what was written meanwhile, by comparison (NIP-77)', async () => {
  expectEqual(await c.stop(), 0, 'exit code')
  for (let i = 0; i < 5; i++) await a.post(`while c was away, ${i}`)
  await hub.has('while c was away, 4')
  await c.again()
  for (let i = 0; i < 5; i++) await c.has(`while c was away, ${i}`, 15000)
  const { catchup } = await until('it has compared', async () => { const one = await c.peer(hub); return one.catchup.state === 'done' && one }, 10000)
  expectEqual(catchup.has_neg, true, 'NIP-77')
  // One that the hub was about to push when c came back may have come so; the others were compared for and fetched.
  const { fresh } = (await c.list()).gossip
  expect(catchup.taken >= 1 && catchup.taken + fresh >= 5, `${fresh} came by gossip, ${catchup.taken} by comparison`)
})
await check('what was written while the third was away comes when it is back', async () => {
  expectEqual(await hub.stop(), 0, 'exit code')
  await a.unlinked(hub)
  await a.post('while the hub was away')
  await hub.again()
  await Promise.all([a.linked(hub, 30000), c.linked(hub, 30000)])
  await c.has('while the hub was away', 20000)
})

// --- messages ----------------------------------------------------------------------------------------

const got = (one, other, text, deadlineMs = 20000) => until(async () => `${one.name} has the message; it has ${JSON.stringify(await one.messages(other))}; ${await one.standing()}`,
  async () => (await one.messages(other)).includes(text), deadlineMs, 100)

async function holds(dir, text) {
  const names = (await readdir(dir, { recursive: true, withFileTypes: true })).filter(one => one.isFile())
  const found = []
  for (const one of names) if ((await readFile(join(one.parentPath ?? one.path, one.name))).includes(text)) found.push(one.name)
  return found
}

await check('the third is courier: a message waits there until the other is back', async () => {
  for (const one of [a, c]) await hub.call('peers.courier', { node: one.id, on: true })
  // What a node carries is told every 5 s at most, and the second of the two may be after a telling.
  await until('both know', async () => (await a.peer(hub)).scope.inbox >= 3 && (await c.peer(hub)).scope.inbox >= 3, 20000)
  expectEqual(await c.stop(), 0, 'exit code')
  await hub.unlinked(c)
  await a.call('social.message_send', { with: c.pubkey, content: 'a-secret-for-c-alone' })
  await new Promise(done => setTimeout(done, 500))
  expectEqual(await a.stop(), 0, 'exit code')
  await c.again()
  await got(c, a, 'a-secret-for-c-alone')
})
await check('… and the answer the other way, with the first away', async () => {
  await c.call('social.message_send', { with: a.pubkey, content: 'an-answer-for-a-alone' })
  await new Promise(done => setTimeout(done, 500))
  expectEqual(await c.stop(), 0, 'exit code')
  await a.again()
  await got(a, c, 'an-answer-for-a-alone')
  await c.again()
  await Promise.all([a.linked(hub, 30000), c.linked(hub, 30000)])
})
await check('the courier cannot read what it keeps', async () => {
  const { conversations } = await hub.call('social.conversations')
  expectEqual(conversations, [], 'its conversations')
  for (const text of ['a-secret-for-c-alone', 'an-answer-for-a-alone']) expectEqual(await holds(hub.dir, text), [], `files with "${text}"`)
  expect((await holds(hub.dir, a.pubkey)).length + (await holds(hub.dir, Buffer.from(a.pubkey, 'hex'))).length > 0, 'the search finds nothing at all')
})

// One link goes silent now, as when a router forgets it; it takes 40 s to be noticed, and is looked at below.
const silent = await ChaosProxy.start(port, { delayMs: 5 })
const g = await PeerNode.start('g', generateSecretKey())
await g.call('peers.add', { link: throughPort(await hub.invite('g'), silent.port), label: 'hub' })
await Promise.all([g.linked(hub), hub.linked(g)])
silent.deafen()

// --- who is not who it says --------------------------------------------------------------------------

const ends = (one, code, deadlineMs = 15000) => until(async () => `${one.name} says ${code}; it says ${JSON.stringify(await one.peer(hub))}; it logged ${one.node.log.slice(-400)}`,
  async () => (await one.peer(hub))?.last_end?.code === code, deadlineMs, 50)
const pem = async (one, name) => readFile(join(one.dir, 'peer', name), 'utf8')

await check('a node in the middle with a TLS key of its own is refused before a word is said', async () => {
  const middle = await MiddleProxy.start(port, { key: await pem(a, 'tls.key'), cert: await pem(a, 'tls.crt') })
  const d = await PeerNode.start('d', generateSecretKey())
  await d.call('peers.add', { link: throughPort(await hub.invite('d'), middle.port), label: 'hub' })
  await ends(d, 'wrong_pin')
  expect((await d.peer(hub)).state !== 'connected', 'it is linked')
  expectEqual(middle.heard, '', 'what the middle has heard')
  expectEqual(await d.stop(), 0, 'exit code')
})
await check('… and one whose pin is in the invitation is found out by the channel', async () => {
  const middle = await MiddleProxy.start(port, { key: await pem(a, 'tls.key'), cert: await pem(a, 'tls.crt') })
  const e = await PeerNode.start('e', generateSecretKey())
  const link = await hub.invite('e')
  await e.call('peers.add', { link: withMember(throughPort(link, middle.port), 'pin', (await a.list()).pin), label: 'hub' })
  await ends(e, 'peer_channel')
  expect(middle.handshakes >= 1 && middle.heard.includes('hub') === false, 'nobody was in the middle')
  expectEqual(await hub.peer(e), undefined, 'the hub\'s peer')
  expectEqual(await e.stop(), 0, 'exit code')
})
await check('an invitation to another node key than answers there is refused', async () => {
  const f = await PeerNode.start('f', generateSecretKey())
  const { id } = f
  const link = withMember(await hub.invite('f'), 'node', a.id)
  await f.call('peers.add', { link, label: 'hub?' })
  await until(async () => `f says peer_identity; it says ${JSON.stringify(await f.list())}`, async () => (await f.peer(a))?.last_end?.code === 'peer_identity', 15000, 50)
  expectEqual((await f.peer(a)).state === 'connected', false, 'linked')
  expectEqual(await hub.peer(id), undefined, 'the hub\'s peer')
  expectEqual(await f.stop(), 0, 'exit code')
})
await check('a link by hand comes up with the right key, channel and invitation', async () => {
  const { searchParams } = new URL((await hub.invite('by hand')).replace('hearth:peer?', 'http://x/?'))
  const client = await PeerClient.dial(url, { invite: searchParams.get('secret') })
  expectEqual([client.isUp, client.bye, client.pin, client.theirs.node], [true, null, (await hub.list()).pin, hub.id], 'link')
  await until('it is a peer', async () => (await hub.peer(client.node))?.state === 'connected')
  client.close()
  await until('it is gone', async () => (await hub.peer(client.node))?.state !== 'connected')
  // What it said then is said again by somebody who has heard it, without the key.
  const again = await PeerClient.dial(url, { secret: client.secret, auth: client.auth })
  expectEqual([again.isUp ?? false, again.bye], [false, 'peer_challenge'], 'a proof that is said again')
  const other = await PeerClient.dial(url, { secret: client.secret, channel: sha('another key') })
  expectEqual([other.isUp ?? false, other.bye], [false, 'peer_channel'], 'a proof for another channel')
  expect((await hub.peer(client.node)).state !== 'banned', 'it was banned for what somebody else did')
  const stranger = await PeerClient.dial(url, {})
  expectEqual([stranger.isUp ?? false, stranger.bye], [false, 'not_accepted'], 'a stranger')
  for (const one of [again, other, stranger]) one.close()
})
await check('an old record of a node does not replace its new one; another\'s is held against who says it', async () => {
  const { searchParams } = new URL((await hub.invite('liar')).replace('hearth:peer?', 'http://x/?'))
  const liar = await PeerClient.dial(url, { invite: searchParams.get('secret') })
  const user = generateSecretKey()
  const record = (secret, at, host) => finalizeEvent({ kind: 30848, created_at: at, content: '', tags: [['d', getPublicKey(secret)],
    ['node', getPublicKey(secret), claim(secret, getPublicKey(user), at)], ['addr', `wss://${host}:1`], ['pin', sha(host)], ['expiration', String(at + 86400)]] }, user)
  const [old, young] = [record(liar.secret, now() - 600, '127.0.0.2'), record(liar.secret, now(), '127.0.0.3')]
  liar.say('STATE', { record: young })
  await until('the record is known', async () => (await hub.peer(liar.node)).addresses[0] === 'wss://127.0.0.3:1')
  liar.say('STATE', { record: old })
  liar.say('STATE', { record: record(generateSecretKey(), now(), '127.0.0.4') })
  await until(async () => `it is dropped; ${JSON.stringify(await hub.peer(liar.node))}`, () => liar.isClosed || liar.bye)
  const seen = await hub.peer(liar.node)
  expectEqual(seen.addresses, ['wss://127.0.0.3:1'], 'addresses')
  expect(seen.faults.some(fault => fault.kind === 'identity' && fault.what.includes('another node')), `faults ${JSON.stringify(seen.faults)}`)
  expect(['resting', 'banned'].includes(seen.state), `state ${seen.state}`)
  liar.close()
})
// The hub's owner, and those it is courier for.
const carries = inboxes => until(async () => `a is told ${inboxes} inboxes of the hub; ${await a.standing()}`, async () => (await a.peer(hub)).scope.inbox === inboxes, 20000)
await check('a ban ends the link, keeps who is banned out, and is told: nothing is kept for them', async () => {
  await hub.call('peers.ban', { node: c.id, on: true })
  await c.unlinked(hub)
  await ends(c, 'banned')
  expectEqual((await hub.peer(c)).state, 'banned', 'state')
  await carries(2)
  await c.call('peers.forgive', { node: hub.id })
  await c.call('peers.dial', { node: hub.id }).catch(() => {})
  await new Promise(done => setTimeout(done, 1500))
  expect((await c.peer(hub)).state !== 'connected' && (await hub.peer(c)).state === 'banned', 'it is linked')
  await hub.call('peers.ban', { node: c.id, on: false })
  await c.call('peers.forgive', { node: hub.id })
  await c.call('peers.dial', { node: hub.id }).catch(() => {})
  await c.linked(hub)
  await carries(3)
})
await check('a link that is half open is noticed, and made anew', async () => {
  await g.unlinked(hub, 60000)
  await g.linked(hub, 30000)
  await hub.linked(g)
  await g.call('social.follow', { pubkey: a.pubkey, on: true })
  await a.post('over the new link')
  await g.has('over the new link', 20000)
  expectEqual(await g.stop(), 0, 'exit code')
})

await check('all of them stop', async () => {
  for (const one of [a, hub, c]) expectEqual(await one.stop(), 0, `${one.name}'s exit code`)
})
await closeProxies()
await tidy()
results.finish()
process.exit()
