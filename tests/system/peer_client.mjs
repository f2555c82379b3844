// A peer by hand: a websocket that speaks the verbs of a peer link, for what no honest node would say.
import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import { finalizeEvent, generateSecretKey, getPublicKey } from 'nostr-tools'
import WebSocket from 'ws'
import { until } from './hearth.mjs'

export const sha = data => createHash('sha256').update(data).digest('hex')

export class PeerClient {
  // url: of a peer door. handshake: false stops behind the websocket. auth: an old proof to be said again.
  static async dial(url, { secret = generateSecretKey(), invite = null, handshake = true, auth = null, scope = { all: true }, channel = null } = {}) {
    const client = new PeerClient()
    Object.assign(client, { secret, node: getPublicKey(secret), said: [], isClosed: false, challenge: randomBytes(32).toString('hex') })
    client.socket = new WebSocket(url, { rejectUnauthorized: false, perMessageDeflate: false })
    client.socket.on('error', () => {})
    client.socket.on('message', data => client.#take(JSON.parse(data)))
    client.socket.on('close', () => { client.isClosed = true })
    client.socket.on('upgrade', response => { client.pin = pinOf(response.socket) })
    await until(`a connection to ${url}`, () => client.socket.readyState === 1 || client.isClosed, 10000, 5)
    if (handshake) await client.shake({ invite, auth, scope, channel })
    return client
  }

  #take(message) {
    this.said.push(message)
    this.onmessage?.(message)
  }

  say(...message) {
    if (this.socket.readyState === 1) this.socket.send(JSON.stringify(message))
  }

  // What came under that verb, or nothing when it ended before.
  async heard(verb, deadlineMs = 5000, matches = () => true) {
    const find = () => this.said.find(message => message[0] === verb && matches(message))
    await until(() => `${verb}; it said ${JSON.stringify(this.said).slice(0, 500)}`, () => find() || this.isClosed || this.bye, deadlineMs, 5)
    return find()
  }

  get bye() {
    return this.said.find(([verb]) => verb === 'BYE')?.[1] ?? null
  }

  async shake({ invite, auth, scope, channel }) {
    this.say('PEER', { v: 1, node: this.node, challenge: this.challenge })
    const offer = await this.heard('PEER')
    if (!offer) return
    this.theirs = offer[1]
    this.auth = auth ?? finalizeEvent({ kind: 22242, created_at: Math.floor(Date.now() / 1000), content: '', tags: [
      ['challenge', this.theirs.challenge], ['mine', this.challenge], ['peer', this.theirs.node], ['side', 'dialler'],
      ['channel', channel ?? this.pin ?? 'plain']] }, this.secret)
    this.say('AUTH', this.auth)
    if (!await this.heard('AUTH', 5000, ([, event]) => typeof event === 'object')) return
    this.say('STATE', { record: null, scope, serves: ['gossip'], ...(invite ? { invite } : {}) })
    await this.heard('STATE')
    this.isUp = this.said.some(([verb]) => verb === 'STATE')
  }

  push(event) { this.say('PUSH', event) }
  have(ids) { this.say('HAVE', ids.join('')) }
  close() { this.socket.terminate() }
}

function pinOf(socket) {
  if (!socket.getPeerCertificate) return null
  const { raw } = socket.getPeerCertificate()
  return sha(new X509Certificate(raw).publicKey.export({ type: 'spki', format: 'der' }))
}
