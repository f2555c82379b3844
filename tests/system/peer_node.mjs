// A node with an owner as a peer of others, as the tests of several nodes use it.
import { getPublicKey, nip19 } from 'nostr-tools'
import { dataDir, expect, Hearth, until } from './hearth.mjs'
import { Owner } from './wallet_owner.mjs'

export const PASSPHRASE = 'a long enough passphrase'
export const portOf = url => Number(new URL(url).port)

// The link of an invitation with another port, as through a proxy.
export function throughPort(link, port) {
  const changed = link.replace(/(wss(?::|%3A)(?:\/|%2F){2}127\.0\.0\.1(?::|%3A))\d+/g, `$1${port}`)
  expect(changed !== link, `no address is in ${link}`)
  return changed
}

// One member of an invitation's query, set anew.
export function withMember(link, name, value) {
  const changed = link.replace(new RegExp(`([?&]${name}=)[^&]*`), `$1${value}`)
  expect(changed !== link, `${name} is not in ${link}`)
  return changed
}

export class PeerNode {
  static async start(name, secret, { args = [], network = 'mainnet', beacons = ['http://127.0.0.1:9'] } = {}) {
    const peer = new PeerNode()
    Object.assign(peer, { name, secret, pubkey: getPublicKey(secret), dir: await dataDir(name), args, network, beacons })
    await peer.run()
    await peer.owner.create(PASSPHRASE)
    await peer.owner.import('nsec', [nip19.nsecEncode(secret)])
    await until(`${name} knows its key`, async () => (await peer.node.call('social.me')).pubkey === peer.pubkey)
    peer.id = (await peer.list()).node
    return peer
  }

  async run() {
    this.node = await Hearth.start({ network: this.network, dir: this.dir, beacons: this.beacons, args: this.args })
    this.owner = new Owner(this.node)
  }

  // Again, with its vault open.
  async again() {
    await this.run()
    await this.owner.unlock(PASSPHRASE)
  }

  stop() { return this.node.stop() }
  call(method, params = {}) { return this.owner.call(method, params) }
  list() { return this.call('peers.list') }
  async peer(other) { return (await this.list()).peers.find(one => one.node === (other.id ?? other)) }
  async invite(label = '') { return (await this.call('peers.invite', { label })).link }
  async post(content) { return (await this.call('social.post', { content })).id }
  async texts() { return (await this.call('social.feed', { view: 'following', limit: 100 })).posts.map(post => post.content) }

  async follow(...others) {
    for (const other of others) await this.call('social.follow', { pubkey: other.pubkey, on: true })
  }

  async has(text, deadlineMs = 10000) {
    let last = []
    await until(async () => `${this.name} has "${text}"; it has ${JSON.stringify(last)}; ${await this.standing()}`,
      async () => (last = await this.texts()).includes(text), deadlineMs, 50)
  }

  async linked(other, deadlineMs = 15000) {
    await until(async () => `${this.name} is linked with ${other.name}; ${await this.standing()}`,
      async () => (await this.peer(other))?.state === 'connected', deadlineMs, 50)
  }

  async unlinked(other, deadlineMs = 10000) {
    await until(async () => `${this.name} has lost ${other.name}; ${await this.standing()}`,
      async () => (await this.peer(other))?.state !== 'connected', deadlineMs, 50)
  }

  async join(other) {
    await this.call('peers.add', { link: await other.invite(this.name), label: other.name })
    await Promise.all([this.linked(other), other.linked(this)])
  }

  // For the text of a failure.
  async standing() {
    const { gossip, peers } = await this.list()
    return `gossip ${JSON.stringify(gossip)}; peers ${JSON.stringify(peers)}; it logged ${this.node.log.slice(-500)}`
  }

  // Texts of the conversation with somebody, oldest first.
  async messages(other) {
    const { messages = [] } = await this.call('social.messages', { with: other.pubkey, limit: 50 }).catch(() => ({}))
    return messages.map(message => message.content)
  }
}
