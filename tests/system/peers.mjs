// Peer links between real nodes over TLS with pinned keys: an invitation, gossip both ways, catch-up after a cut, a courier
// between two nodes that cannot reach each other, restarts, what is refused. No provider is needed.
//
//   node tests/system/peers.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { finalizeEvent, generateSecretKey, getPublicKey, nip19 } from 'nostr-tools'
import WebSocket from 'ws'
import { counter, expectEqual } from '../ui/browser.mjs'
import { cli, dataDir, expect, Hearth, tidy, until } from './hearth.mjs'
import { codeOf, Owner } from './wallet_owner.mjs'

const { check, ...results } = counter()
const PASSPHRASE = 'a long enough passphrase'
const now = () => Math.floor(Date.now() / 1000)

class Peer {
  static async start(name, secret, args = []) {
    const peer = new Peer()
    Object.assign(peer, { name, secret, pubkey: getPublicKey(secret), dir: await dataDir(name), args })
    await peer.run()
    await peer.owner.create(PASSPHRASE)
    await peer.owner.import('nsec', [nip19.nsecEncode(secret)])
    await until('the key is known', async () => (await peer.node.call('social.me')).pubkey === peer.pubkey)
    peer.id = (await peer.list()).node
    return peer
  }

  async run() {
    this.node = await Hearth.start({ network: 'mainnet', dir: this.dir, beacons: ['http://127.0.0.1:9'], args: this.args })
    this.owner = new Owner(this.node)
    this.url = (await this.node.call('node.door')).url
  }

  call(method, params = {}) { return this.owner.call(method, params) }
  list() { return this.call('peers.list') }
  async peer(other) { return (await this.list()).peers.find(one => one.node === other.id) }
  async post(content) { return (await this.call('social.post', { content })).id }
  async follow(...others) {
    for (const other of others) await this.call('social.follow', { pubkey: other.pubkey, on: true })
  }
  async texts() { return (await this.call('social.feed', { view: 'following', limit: 100 })).posts.map(post => post.content) }
  async has(text, deadlineMs = 8000) {
    await until(async () => `${this.name} has "${text}"; it has ${JSON.stringify(await this.texts())}; peers ${JSON.stringify((await this.list()).peers)}; log ${this.node.log.slice(-600)}`,
      async () => (await this.texts()).includes(text), deadlineMs, 50)
  }
  async linked(other, deadlineMs = 10000) {
    await until(async () => `${this.name} is linked with ${other.name}: ${JSON.stringify(await this.list())}; log ${this.node.log.slice(-600)}`,
      async () => (await this.peer(other))?.state === 'connected', deadlineMs, 50)
  }
  async unlinked(other, deadlineMs = 10000) {
    await until(`${this.name} has lost ${other.name}`, async () => (await this.peer(other))?.state !== 'connected', deadlineMs, 50)
  }
  async join(other, label) {
    const { link } = await other.call('peers.invite', { label: this.name })
    await this.call('peers.add', { link, label: label ?? other.name })
    await Promise.all([this.linked(other), other.linked(this)])
  }
}

const [alice, bob, carol] = [generateSecretKey(), generateSecretKey(), generateSecretKey()]
const a = await Peer.start('alice', alice, ['--peer-port', '0'])
const b = await Peer.start('bob', bob)
let link

await check('a node that listens nowhere says so in its invitation', async () => {
  const made = await b.call('peers.invite')
  expectEqual(made.addresses, [], 'addresses')
  expect(made.warnings.length > 0, 'no warning')
  await b.call('peers.revoke', { link: made.link })
  expectEqual(await codeOf(b.call('peers.revoke', { link: made.link })), 'no_invitation', 'code')
  expectEqual((await b.list()).invitations, [], 'invitations')
})
await check('an invitation brings two nodes together, over TLS with the key it names', async () => {
  const made = await a.call('peers.invite', { label: 'bob', hours: 1 })
  link = made.link
  expect(made.addresses.length === 1 && made.addresses[0].startsWith('wss://127.0.0.1:'), `addresses ${made.addresses}`)
  expect(link.startsWith('hearth:peer?'), link)
  expectEqual((await b.call('peers.add', { link, label: 'alice at home' })).node, a.id, 'node')
  await Promise.all([a.linked(b), b.linked(a)])
  const [seen, met] = [await b.peer(a), await a.peer(b)]
  expectEqual([seen.how, seen.direction, seen.label, seen.is_accepted], ['tls', 'out', 'alice at home', true], 'as bob sees it')
  expectEqual([met.how, met.direction, met.origin, met.label], ['tls', 'in', 'invited', 'bob'], 'as alice sees it')
  expectEqual((await a.list()).invitations, [], 'the invitation is used')
})
await check('an invitation is good once', async () => {
  const c = await Peer.start('mallory', generateSecretKey())
  await c.call('peers.add', { link })
  await until('the second is refused', async () => (await c.peer(a))?.last_end?.code, 8000)
  expectEqual((await a.peer(c))?.is_accepted ?? false, false, 'accepted')
  expect((await c.peer(a)).state !== 'connected', 'it is connected')
  await c.node.stop()
})
await check('NIP-11 names the node, and its own key is not a user', async () => {
  const answer = await (await fetch(a.url.replace('ws:', 'http:'), { headers: { accept: 'application/nostr+json' } })).json()
  expectEqual(answer.peer, { v: 1, node: a.id }, 'peer')
  expect(a.id !== a.pubkey, 'the node key is the user\'s')
})
await check('bob signs in at alice\'s relay over the same connection', async () => {
  await until(async () => JSON.stringify(await b.call('social.relays')), async () =>
    (await b.call('social.relays')).relays.some(one => one.is_own && one.is_live && one.state === 'open'), 8000, 100)
})
await check('what the followed write goes over the link, both ways', async () => {
  await a.follow(b)
  await b.follow(a)
  await until('scopes are told', async () => (await a.peer(b)).scope.authors > 1 && (await b.peer(a)).scope.authors > 1, 20000)
  await a.post('alice over the mesh')
  await b.has('alice over the mesh')
  await b.post('bob over the mesh')
  await a.has('bob over the mesh')
  const { gossip } = await b.list()
  expect(gossip.fresh >= 1, `gossip ${JSON.stringify(gossip)}`)
})
await check('their records say who they are', async () => {
  await until('alice knows bob', async () => (await a.peer(b)).user === b.pubkey)
  await until('bob knows alice', async () => (await b.peer(a)).user === a.pubkey)
})
await check('after a cut each has what the other wrote meanwhile', async () => {
  expectEqual(await b.node.stop(), 0, 'exit code')
  await a.unlinked(b)
  await a.post('alice while bob was away')
  await b.run()
  await b.owner.unlock(PASSPHRASE)
  await Promise.all([a.linked(b, 20000), b.linked(a, 20000)])
  await b.has('alice while bob was away', 15000)
})
await check('a node that was killed knows its peers, and comes back', async () => {
  await b.node.kill()
  await b.run()
  await b.owner.unlock(PASSPHRASE)
  const known = await b.peer(a)
  expectEqual([known.label, known.is_accepted], ['alice at home', true], 'peer')
  await b.linked(a, 20000)
})
await check('a ban ends the link, and is told; allowed again, it comes back', async () => {
  await a.call('peers.ban', { node: b.id, on: true })
  await b.unlinked(a)
  expectEqual((await a.peer(b)).state, 'banned', 'state')
  await until(async () => `bob is told: ${JSON.stringify(await b.peer(a))}`, async () => (await b.peer(a)).last_end?.code === 'banned')
  await a.call('peers.ban', { node: b.id, on: false })
  await b.call('peers.forgive', { node: a.id })
  await b.call('peers.dial', { node: a.id })
  await b.linked(a, 15000)
})
await check('what is no node, no link and no setting is refused', async () => {
  expectEqual(await codeOf(a.call('peers.ban', { node: 'ff', on: true })), 'bad_node', 'code')
  expectEqual(await codeOf(a.call('peers.ban', { node: 'f'.repeat(64), on: true })), 'no_peer', 'code')
  expectEqual(await codeOf(a.call('peers.add', { link: 'hearth:peer?node=1' })), 'bad_invite', 'code')
  const own = (await a.call('peers.invite')).link
  expectEqual(await codeOf(a.call('peers.add', { link: own })), 'own_node', 'code')
  await a.call('peers.revoke', { link: own })
  expectEqual(await codeOf(a.call('peers.set_settings', { listening: true })), 'bad_setting', 'code')
  expectEqual(await codeOf(a.call('peers.set_settings', { port: 70000 })), 'bad_setting', 'code')
})
await check('settings are kept, and listening begins and ends with them', async () => {
  const before = await b.call('peers.settings')
  expectEqual([before.listen, before.lan, before.onion, before.exchange, before.tell], [false, false, false, false, 'peers'], 'at first')
  await b.call('peers.set_settings', { listen: true, bind: '127.0.0.1', port: 0 })
  const reach = (await b.list()).reach
  expect(reach.listen?.startsWith('wss://127.0.0.1:'), JSON.stringify(reach))
  await b.call('peers.set_settings', { listen: false })
  expectEqual((await b.list()).reach.listen, null, 'listen')
  expectEqual((await b.call('peers.settings')).bind, '127.0.0.1', 'bind')
})

const c = await Peer.start('carol', carol)
await check('two nodes that only a third reaches have each other\'s feeds', async () => {
  await c.join(a)
  await a.follow(c)
  await c.follow(b)
  await b.follow(c)
  await b.post('bob for carol')
  await c.has('bob for carol', 15000)
  await c.post('carol for bob')
  await a.has('carol for bob', 15000)
  await b.has('carol for bob', 15000)
})
await check('… and each other\'s messages, which the third keeps and cannot read', async () => {
  await until('alice knows both', async () => (await a.peer(b)).user === b.pubkey && (await a.peer(c)).user === c.pubkey)
  await a.call('peers.courier', { node: b.id, on: true })
  await a.call('peers.courier', { node: c.id, on: true })
  await until('bob and carol know', async () => (await b.peer(a)).scope.inbox >= 3 && (await c.peer(a)).scope.inbox >= 3, 20000)
  await c.call('social.message_send', { with: b.pubkey, content: 'a secret for bob' })
  await until('bob has it', async () => {
    const { conversations } = await b.call('social.conversations')
    return JSON.stringify(conversations).includes('a secret for bob')
  }, 15000, 100)
})
await check('the command line lists, invites and bans', async () => {
  const at = ['--data-dir', a.dir]
  const listed = await cli(['peer', 'list', ...at])
  expect(listed.code === 0 && listed.out.includes(b.id.slice(0, 16)), `${listed.code} ${listed.out} ${listed.err}`)
  const invited = await cli(['peer', 'invite', '--label', 'dave', '--json', ...at])
  expect(JSON.parse(invited.out).link.startsWith('hearth:peer?'), invited.out + invited.err)
  expectEqual((await cli(['peer', 'ban', c.id, ...at])).code, 0, 'exit code')
  expectEqual((await a.peer(c)).state, 'banned', 'state')
  expectEqual((await cli(['peer', 'unban', c.id, ...at])).code, 0, 'exit code')
  expectEqual((await cli(['peer', 'add', 'nonsense', ...at])).code, 1, 'exit code')
})

await check('all of them stop', async () => {
  for (const peer of [a, b, c]) expectEqual(await peer.node.stop(), 0, `${peer.name}'s exit code`)
})
await tidy()
results.finish()
process.exit()
