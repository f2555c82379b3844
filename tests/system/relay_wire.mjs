// A Nostr client of our own for tests of relays: sockets and frames without a library, so that what is wrong can be sent
// as well, and keys whose events are signed here.
import { createHash, randomBytes } from 'node:crypto'
import net from 'node:net'
import * as ecc from 'tiny-secp256k1'

const ANSWER_MS = 5000
const NO_AUX = Buffer.alloc(32)

export const sha256 = data => createHash('sha256').update(data).digest()
export const nowS = () => Math.floor(Date.now() / 1000)

// --- events ----------------------------------------------------------------------------------------

// The same name in the same run is the same key; another run has others, so that a relay which keeps things may be
// tested again. With a seed they are the same in each run.
const salt = randomBytes(16).toString('hex')
export function keyOf(name, seed = salt) {
  const secret = sha256(`relay test key ${seed} ${name}`)
  return { secret, pubkey: Buffer.from(ecc.xOnlyPointFromScalar(secret)).toString('hex') }
}

export function signId(key, id) {
  return Buffer.from(ecc.signSchnorr(Buffer.from(id, 'hex'), key.secret, NO_AUX)).toString('hex')
}

export function eventOf(key, { kind = 1, tags = [], content = '', created_at = nowS() } = {}) {
  const id = sha256(JSON.stringify([0, key.pubkey, created_at, kind, tags, content])).toString('hex')
  return { id, pubkey: key.pubkey, created_at, kind, tags, content, sig: signId(key, id) }
}

// An event as text whose members are written as they are given; `canonical` is what NIP-01 hashes.
export function rawEventOf(key, { created_at = String(nowS()), kind = '1', tags = '[]', content = '', more = '', canonical = {} }) {
  const told = { created_at, kind, tags, content, ...canonical }
  const id = sha256(`[0,"${key.pubkey}",${told.created_at},${told.kind},${told.tags},"${told.content}"]`).toString('hex')
  const text = `{"id":"${id}","pubkey":"${key.pubkey}","created_at":${created_at},"kind":${kind},"tags":${tags},"content":"${content}","sig":"${signId(key, id)}"${more}}`
  return { id, text }
}

// --- frames ----------------------------------------------------------------------------------------

export function frame(data, { opcode = 1, isLast = true } = {}) {
  const body = Buffer.from(data)
  const size = body.length
  const head = Buffer.alloc(size < 126 ? 6 : size < 65536 ? 8 : 14) // the mask is zeros
  head[0] = (isLast ? 0x80 : 0) | opcode
  head[1] = 0x80 | (size < 126 ? size : size < 65536 ? 126 : 127)
  if (size >= 65536) head.writeBigUInt64BE(BigInt(size), 2)
  else if (size >= 126) head.writeUInt16BE(size, 2)
  return Buffer.concat([head, body])
}

// What is at the front of a buffer: {opcode, isLast, body, length} or null when it is not whole yet.
function frameAt(buffer, at) {
  if (buffer.length - at < 2) return null
  let size = buffer[at + 1] & 127
  let head = 2
  if (size === 126) head = 4
  if (size === 127) head = 10
  if (buffer.length - at < head) return null
  if (head === 4) size = buffer.readUInt16BE(at + 2)
  if (head === 10) size = Number(buffer.readBigUInt64BE(at + 2))
  if (buffer.length - at < head + size) return null
  return { opcode: buffer[at] & 15, isLast: (buffer[at] & 128) !== 0, body: buffer.subarray(at + head, at + head + size), length: head + size }
}

// --- connections -----------------------------------------------------------------------------------

// A connection. `from`: a local address, to be somebody else; `onData`: gets each message as bytes and nothing is parsed.
export class Wire {
  static open(url, options = {}) {
    return new Promise((done, failed) => new Wire(url, options, done, failed))
  }

  constructor(url, { from, onData = null, headers = {} }, done, failed) {
    const { hostname, port, host, pathname } = new URL(url)
    Object.assign(this, { url, onData, isOpen: false, isClosed: false, challenge: null, code: null, count: 0 })
    this.listeners = new Set()
    this.parts = []
    this.rest = Buffer.alloc(0)
    this.socket = net.connect({ port: Number(port || 80), host: hostname.replace(/[[\]]/g, ''), localAddress: from })
    this.socket.setNoDelay(true)
    this.socket.on('connect', () => {
      const lines = { Host: host, Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Key': randomBytes(16).toString('base64'), 'Sec-WebSocket-Version': '13', ...headers }
      this.socket.write(`GET ${pathname} HTTP/1.1\r\n${Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
    })
    this.opened = done
    this.refused = failed
    this.socket.on('data', part => this.#take(part))
    this.socket.on('error', failed)
    this.socket.on('close', () => {
      this.isOpen = false
      this.isClosed = true
      failed(new Error('the relay closed the connection'))
      this.#tell(['closed connection'])
    })
  }

  #take(part) {
    this.rest = this.rest.length > 0 ? Buffer.concat([this.rest, part]) : part
    if (!this.isOpen && !this.#greet()) return
    let at = 0
    for (let one; (one = frameAt(this.rest, at)) !== null;) {
      at += one.length
      this.#frame(one)
    }
    this.rest = this.rest.subarray(at)
  }

  #greet() {
    const end = this.rest.indexOf('\r\n\r\n')
    if (end < 0) return false
    const head = this.rest.subarray(0, end).toString()
    if (!head.startsWith('HTTP/1.1 101')) {
      this.refused(new Error(`refused: ${head.split('\r\n')[0]}`))
      this.socket.destroy()
      return false
    }
    this.rest = this.rest.subarray(end + 4)
    this.isOpen = true
    this.opened(this)
    return true
  }

  #frame({ opcode, isLast, body }) {
    if (opcode === 9) return void this.socket.write(frame(body, { opcode: 10 }))
    if (opcode === 8) {
      this.code = body.length >= 2 ? body.readUInt16BE(0) : 1005
      return void this.socket.end()
    }
    if (opcode > 2) return
    if (isLast && opcode !== 0) return this.#message(body)
    this.parts.push(Buffer.from(body))
    if (isLast) this.#message(Buffer.concat(this.parts.splice(0)))
  }

  #message(body) {
    this.count++
    if (this.onData) return void this.onData(body, this)
    const message = JSON.parse(body.toString())
    if (message[0] === 'AUTH') this.challenge = message[1]
    this.#tell(message)
  }

  #tell(message) {
    for (const listener of [...this.listeners]) listener(message)
  }

  // Calls the listener with each message, ['closed connection'] at the end; returns what takes it away.
  listen(listener) {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  // The next message of that kind; null after some time.
  next(isWanted, ms = ANSWER_MS) {
    return new Promise(done => {
      const timer = setTimeout(() => end(null), ms)
      const stop = this.listen(message => isWanted(message) && end(message))
      const end = message => {
        clearTimeout(timer)
        stop()
        done(message)
      }
    })
  }

  // A message, or text as it is.
  send(message) {
    return this.socket.write(frame(typeof message === 'string' ? message : JSON.stringify(message)))
  }

  write(bytes) {
    return this.socket.write(bytes)
  }

  // Sends an event, or the text of one with its id: {ok, reason}.
  async publish(event, ms = ANSWER_MS) {
    const answer = this.next(([type, id]) => (type === 'OK' && id === event.id) || type === 'closed connection', ms)
    this.send(event.text ? `["EVENT",${event.text}]` : ['EVENT', event])
    const got = await answer
    if (got?.[0] !== 'OK') throw new Error(`no OK for an event: ${got ?? 'nothing came'}`)
    return { ok: got[2], reason: got[3] ?? '' }
  }

  // Asks until EOSE or CLOSED: {events, eose, closed, hints}. The subscription is closed after it unless `keep`.
  async request(filters, { id = `q${randomBytes(6).toString('hex')}`, keep = false, ms = ANSWER_MS } = {}) {
    const events = []
    const stop = this.listen(message => message[0] === 'EVENT' && message[1] === id && events.push(message[2]))
    const end = this.next(([type, about]) => ((type === 'EOSE' || type === 'CLOSED') && about === id) || type === 'closed connection', ms)
    this.send(['REQ', id, ...[filters].flat()])
    const got = await end
    stop()
    if (got === null) throw new Error(`no EOSE for ${JSON.stringify(filters).slice(0, 200)}`)
    if (!keep && got[0] === 'EOSE') this.send(['CLOSE', id])
    return { id, events, eose: got[0] === 'EOSE', closed: got[0] === 'CLOSED' ? got[2] : null, hints: got[0] === 'EOSE' ? got[2] ?? [] : [], isGone: got[0] === 'closed connection' }
  }

  // The events of one subscription that come within a time, or as many as are wanted.
  async gather(id, count, ms = ANSWER_MS) {
    const events = []
    const stop = this.listen(message => message[0] === 'EVENT' && message[1] === id && events.push(message[2]))
    await this.next(() => events.length >= count, ms)
    stop()
    return events
  }

  // NIP-42; `wrong` replaces parts of the event.
  async authenticate(key, { kind = 22242, relay = this.url, challenge = this.challenge, created_at = nowS() } = {}) {
    const event = eventOf(key, { kind, created_at, tags: [['relay', relay], ['challenge', challenge ?? '']] })
    const answer = this.next(([type, id]) => (type === 'OK' && id === event.id) || type === 'closed connection')
    this.send(['AUTH', event])
    const got = await answer
    return { ok: got?.[2] === true, reason: got?.[3] ?? '' }
  }

  // Without a closing frame.
  drop() {
    this.socket.destroy()
  }

  async close() {
    if (this.isClosed) return
    const closed = new Promise(done => this.socket.once('close', done))
    this.socket.write(frame(Buffer.from([3, 232]), { opcode: 8 }))
    const timer = setTimeout(() => this.socket.destroy(), 1000)
    await closed
    clearTimeout(timer)
  }
}

// The number at a share of sorted numbers.
export function quantile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted.length > 0 ? sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] : 0
}
