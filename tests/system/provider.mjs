// A scripted execution provider in front of anvil, over HTTP and over websocket on one port: it passes questions
// on and changes the answers as a lie says.
//
// A lie is {on, tell, wire}: `on` a list of methods (none: all of them); `tell(reply, request, world)` gives the reply
// to send instead of the true one, or null for the true one; `wire(connection, text, request)` sends the whole
// answer its own way. A batch is told about entry by entry, and as a whole to `wire` and to `batch(replies)`.
import { createHash } from 'node:crypto'
import http from 'node:http'
import { gzipSync } from 'node:zlib'

const JSON_TYPE = { 'content-type': 'application/json' }
const WS_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const FIN = 0x80
const TEXT = 1
const CLOSE = 8
const PING = 9
const PONG = 10
const DRIP_MS = 200
const ENDLESS_BYTES = 2 ** 30
const BOMB_BYTES = 128 << 20

// --- websocket frames (RFC 6455), as much as a server of whole messages needs -----------------------

function head(opcode, length) {
  const bytes = Buffer.alloc(length < 126 ? 2 : length < 65536 ? 4 : 10)
  bytes[0] = FIN | opcode
  bytes[1] = length < 126 ? length : length < 65536 ? 126 : 127
  if (bytes.length === 4) bytes.writeUInt16BE(length, 2)
  if (bytes.length === 10) bytes.writeBigUInt64BE(BigInt(length), 2)
  return bytes
}

const frame = (opcode, body) => Buffer.concat([head(opcode, body.length), body])

// One whole frame at the start of the bytes: {fin, opcode, body, size}, or null when more must come.
function readFrame(bytes) {
  if (bytes.length < 2) return null
  const short = bytes[1] & 0x7f
  const at = short < 126 ? 2 : short === 126 ? 4 : 10
  if (bytes.length < at + 4) return null
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  const size = at + 4 + length
  if (bytes.length < size) return null
  const mask = bytes.subarray(at, at + 4)
  const body = Buffer.from(bytes.subarray(at + 4, size).map((byte, i) => byte ^ mask[i % 4]))
  return { fin: (bytes[0] & FIN) !== 0, opcode: bytes[0] & 15, body, size }
}

class Socket {
  constructor(socket, onText) {
    Object.assign(this, { socket, onText, pending: Buffer.alloc(0), parts: [] })
    socket.on('data', bytes => this.#take(bytes)).on('error', () => socket.destroy())
  }

  #take(bytes) {
    this.pending = Buffer.concat([this.pending, bytes])
    for (let got = readFrame(this.pending); got; got = readFrame(this.pending)) {
      this.pending = this.pending.subarray(got.size)
      if (got.opcode === CLOSE) return void this.socket.end(frame(CLOSE, got.body))
      if (got.opcode === PING) this.socket.write(frame(PONG, got.body))
      if (got.opcode <= 2) this.parts.push(got.body)
      if (got.opcode <= 2 && got.fin) this.onText(Buffer.concat(this.parts.splice(0)).toString())
    }
  }

  get isGone() {
    return this.socket.destroyed
  }

  send(text, opcode = TEXT) {
    this.socket.write(frame(opcode, Buffer.from(text)))
  }

  raw(bytes) {
    return this.socket.write(bytes)
  }

  reset() {
    this.socket.destroy()
  }
}

// --- ways of sending ---------------------------------------------------------------------------------

const isSocket = connection => connection instanceof Socket

function reply(connection, text, status = 200, headers = {}) {
  if (isSocket(connection)) return void connection.send(text)
  connection.writeHead(status, { ...JSON_TYPE, ...headers })
  connection.end(text)
}

// A text that never ends: valid JSON as far as it has come.
function endless(connection, text) {
  const filler = Buffer.alloc(65536, ' ')
  const write = isSocket(connection) ? bytes => connection.raw(bytes) : bytes => connection.write(bytes)
  const target = isSocket(connection) ? connection.socket : connection
  let sent = 0
  const more = () => {
    while (!target.destroyed && sent < ENDLESS_BYTES) {
      sent += filler.length
      if (!write(filler)) return target.once('drain', more)
    }
    return target.destroy()
  }
  if (isSocket(connection)) {
    connection.raw(head(TEXT, ENDLESS_BYTES))
  } else connection.writeHead(200, JSON_TYPE)
  write(text.slice(0, -1))
  more()
}

function drip(connection, text) {
  const bytes = isSocket(connection) ? frame(TEXT, Buffer.from(text)) : Buffer.from(text)
  const target = isSocket(connection) ? connection.socket : connection
  if (!isSocket(connection)) connection.writeHead(200, { ...JSON_TYPE, 'content-length': bytes.length })
  let at = 0
  const timer = setInterval(() => {
    if (target.destroyed || at >= bytes.length) {
      clearInterval(timer)
      if (!isSocket(connection)) target.end()
    } else target.write(bytes.subarray(at, ++at))
  }, DRIP_MS)
  timer.unref()
}

function reset(connection) {
  if (isSocket(connection)) connection.reset()
  else connection.socket.destroy()
}

export const WIRES = {
  endless,
  drip,
  reset,
  silence: () => {},
  html: connection => reply(connection, '<html><body>Welcome</body></html>'),
  empty: connection => reply(connection, ''),
  deep: connection => reply(connection, '['.repeat(100000)),
  cut: (connection, text) => {
    if (isSocket(connection)) return void connection.socket.end(frame(TEXT, Buffer.from(text)).subarray(0, text.length >> 1))
    connection.writeHead(200, { ...JSON_TYPE, 'content-length': Buffer.byteLength(text) })
    connection.write(text.slice(0, text.length >> 1), () => connection.destroy())
  },
  status: (code, headers) => connection => reply(connection, 'no', code, headers),
  redirect: connection => reply(connection, '', 302, { location: 'http://127.0.0.1:9/' }),
  bomb: (connection, text) => {
    connection.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' })
    connection.end(gzipSync(Buffer.concat([Buffer.alloc(BOMB_BYTES, ' '), Buffer.from(text)]), { level: 1 }))
  },
  duplicateKeys: (connection, text) => reply(connection, text.replace('{', '{"jsonrpc":"2.0",')),
  twice: (connection, text) => reply(connection, `${text}${text}`),
  binary: connection => connection.send(Buffer.from([0xff, 0xfe, 0, 1]), 2),
  notUtf8: connection => reply(connection, Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":1,"result":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])),
}

// --- the provider ------------------------------------------------------------------------------------

export class Provider {
  // `upstream`: anvil's URL, or a function of one request that gives its reply. `slowMs` holds answers back.
  static async start(upstream, { lie = null, slowMs = 0, world = null } = {}) {
    const provider = new Provider()
    Object.assign(provider, { upstream, lie, slowMs, world, told: 0, asked: [], sockets: new Set() })
    provider.server = http.createServer((request, response) => provider.#post(request, response))
    provider.server.on('upgrade', (request, socket) => provider.#upgrade(request, socket))
    provider.server.on('connection', socket => {
      provider.sockets.add(socket)
      socket.on('close', () => provider.sockets.delete(socket))
    })
    await new Promise(done => provider.server.listen(0, '127.0.0.1', done))
    const { port } = provider.server.address()
    provider.url = `http://127.0.0.1:${port}`
    provider.wsUrl = `ws://127.0.0.1:${port}`
    return provider
  }

  stop() {
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
  }

  async #post(request, response) {
    let body = ''
    try {
      for await (const part of request) body += part
      response.on('error', () => {})
      await this.#answer(body, response)
    } catch {
      response.destroy()
    }
  }

  #upgrade(request, socket) {
    const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + WS_GUID).digest('base64')
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`)
    const connection = new Socket(socket, text => this.#answer(text, connection).catch(() => connection.reset()))
  }

  async #truth(body, asked) {
    if (typeof this.upstream === 'function') {
      return Array.isArray(asked) ? Promise.all(asked.map(one => this.upstream(one))) : this.upstream(asked)
    }
    const answer = await fetch(this.upstream, { method: 'POST', headers: JSON_TYPE, body })
    return answer.json()
  }

  async #answer(body, connection) {
    const asked = JSON.parse(body)
    const list = [].concat(asked)
    this.asked.push(...list.map(one => one.method))
    let said = await this.#truth(body, asked)
    const { lie } = this
    const isMeant = lie && list.some(one => this.#means(lie, one))
    if (isMeant && lie.tell) {
      const replies = await Promise.all([].concat(said).map(one => this.#tell(lie, one, list)))
      said = Array.isArray(said) ? replies : replies[0]
    }
    if (isMeant && lie.batch && Array.isArray(said)) {
      said = lie.batch(said)
      this.told++
    }
    if (this.slowMs) await new Promise(done => setTimeout(done, this.slowMs))
    if (!isMeant || !lie.wire) return void reply(connection, JSON.stringify(said))
    this.told++
    lie.wire(connection, JSON.stringify(said), asked)
  }

  #means(lie, request) {
    return (!lie.on || lie.on.includes(request.method)) && (!lie.when || lie.when(request, this.world))
  }

  async #tell(lie, truth, list) {
    const request = list.find(one => one.id === truth.id)
    if (!request || !this.#means(lie, request) || (truth.result === undefined && !lie.alsoErrors)) return truth
    const said = await lie.tell(structuredClone(truth), request, this.world)
    if (said !== null) this.told++
    return said ?? truth
  }
}
