// What lies between peers in tests: a TCP proxy that delays, throttles, cuts, swallows and parts, and one with a TLS key of
// its own in the middle. Everything on loopback.
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'

const open = new Set()

// Ends all proxies of this run.
export async function closeProxies() {
  await Promise.all([...open].map(proxy => proxy.close()))
}

// Passes bytes on to a port. May be set at any time:
//   delayMs     each piece comes so much later, in order
//   bytesPerS   at most so many each way; 0: no bound
//   isParted    new connections are refused and those that are there are cut
export class ChaosProxy {
  static async start(target, { delayMs = 0, bytesPerS = 0 } = {}) {
    const proxy = new ChaosProxy()
    Object.assign(proxy, { target, delayMs, bytesPerS, isParted: false, pairs: new Set(), bytes: 0, connections: 0 })
    proxy.server = net.createServer({ noDelay: true }, socket => proxy.#take(socket))
    await new Promise((done, failed) => proxy.server.on('error', failed).listen(0, '127.0.0.1', done))
    proxy.port = proxy.server.address().port
    open.add(proxy)
    return proxy
  }

  #take(near) {
    if (this.isParted) return void near.resetAndDestroy()
    this.connections++
    const far = net.connect({ port: this.target, host: '127.0.0.1', noDelay: true })
    const pair = { near, far, isOver: false }
    const end = () => {
      pair.isOver = true
      this.pairs.delete(pair)
      near.destroy()
      far.destroy()
    }
    this.pairs.add(pair)
    this.#pass(pair, near, far)
    this.#pass(pair, far, near)
    for (const socket of [near, far]) socket.on('error', end).on('close', () => pair.lines === 0 && end())
    pair.end = end
  }

  // One direction: a line of pieces, each sent when its time has come.
  #pass(pair, from, to) {
    let freeAt = 0
    let waiting = 0
    pair.lines ??= 0
    const later = (atMs, what) => {
      waiting++
      pair.lines++
      setTimeout(() => {
        waiting--
        pair.lines--
        if (!pair.isOver) what()
        if (waiting < 32 && from.isPaused()) from.resume()
      }, Math.max(0, atMs - performance.now()))
    }
    from.on('data', piece => {
      if (pair.isDeaf) return
      this.bytes += piece.length
      const now = performance.now()
      if (this.bytesPerS > 0) freeAt = Math.max(freeAt, now) + (1000 * piece.length) / this.bytesPerS
      const at = Math.max(freeAt, now + this.delayMs)
      if (at <= now) return void to.write(piece)
      freeAt = Math.max(freeAt, at - this.delayMs)
      later(at, () => to.write(piece))
      if (waiting >= 64) from.pause()
    })
    from.on('end', () => later(performance.now() + this.delayMs, () => to.end()))
  }

  // All connections that are there end, without a word.
  cut() {
    for (const { near, far, end } of this.pairs) {
      near.resetAndDestroy()
      far.resetAndDestroy()
      end()
    }
  }

  part(isParted) {
    this.isParted = isParted
    if (isParted) this.cut()
  }

  // Half open: the connections that are there stay, and nothing comes through them any more. New ones are as usual.
  deafen() {
    for (const pair of this.pairs) pair.isDeaf = true
  }

  async close() {
    open.delete(this)
    this.cut()
    await new Promise(done => this.server.close(done))
  }
}

// In the middle with a TLS key of its own (PEM): reads all and passes it on; `heard` has what went through, as text.
export class MiddleProxy {
  static async start(target, { key, cert }) {
    const proxy = new MiddleProxy()
    Object.assign(proxy, { heard: '', handshakes: 0, sockets: new Set() })
    proxy.server = tls.createServer({ key, cert }, near => {
      proxy.handshakes++
      const far = tls.connect({ port: target, host: '127.0.0.1', rejectUnauthorized: false })
      for (const socket of [near, far]) {
        proxy.sockets.add(socket)
        socket.on('data', piece => { proxy.heard += piece.toString('latin1') })
        socket.on('error', () => {}).on('close', () => { near.destroy(); far.destroy(); proxy.sockets.delete(socket) })
      }
      near.pipe(far).pipe(near)
    })
    proxy.server.on('tlsClientError', () => {})
    await new Promise(done => proxy.server.listen(0, '127.0.0.1', done))
    proxy.port = proxy.server.address().port
    open.add(proxy)
    return proxy
  }

  async close() {
    open.delete(this)
    for (const socket of this.sockets) socket.destroy()
    await new Promise(done => this.server.close(done))
  }
}

// In the middle with the key of a peer's door itself, taken from its folder: the peer lies, as others see it. Websockets go
// through as they are; `lie(path, answer, question)` gives bytes to be said instead, or null.
export class LyingProxy {
  static async start(target, { key, cert }, lie) {
    const proxy = new LyingProxy()
    Object.assign(proxy, { target, lie, lies: 0, asked: 0 })
    proxy.server = https.createServer({ key, cert }, (request, response) => proxy.#answer(request, response).catch(() => request.socket.destroy()))
    proxy.server.on('clientError', (error, socket) => socket.destroy())
    proxy.server.on('upgrade', (request, socket, head) => proxy.#upgrade(request, socket, head))
    await new Promise(done => proxy.server.listen(0, '127.0.0.1', done))
    proxy.port = proxy.server.address().port
    open.add(proxy)
    return proxy
  }

  async #answer(request, response) {
    const question = await whole(request)
    const kept = ['authorization', 'accept', 'content-type'].filter(name => request.headers[name])
    const headers = Object.fromEntries(kept.map(name => [name, request.headers[name]]))
    const answer = await new Promise((done, failed) => {
      const onward = https.request({ host: '127.0.0.1', port: this.target, path: request.url, method: request.method, rejectUnauthorized: false,
        headers: { ...headers, 'content-length': question.length } }, done)
      onward.on('error', failed).end(question)
    })
    const said = await whole(answer)
    this.asked++
    const lie = answer.statusCode === 200 ? this.lie(request.url, said, question) : null
    if (lie) this.lies++
    const { 'transfer-encoding': _, ...rest } = answer.headers
    response.writeHead(answer.statusCode, { ...rest, 'content-length': (lie ?? said).length, connection: 'close' })
    response.end(lie ?? said)
  }

  #upgrade(request, socket, head) {
    const onward = tls.connect({ port: this.target, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      const lines = [`GET ${request.url} HTTP/1.1`]
      for (let i = 0; i < request.rawHeaders.length; i += 2) lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`)
      onward.write(lines.join('\r\n') + '\r\n\r\n')
      onward.write(head)
      socket.pipe(onward).pipe(socket)
    })
    onward.on('error', () => socket.destroy())
    socket.on('error', () => onward.destroy())
  }

  async close() {
    open.delete(this)
    const closed = new Promise(done => this.server.close(done))
    this.server.closeAllConnections()
    await Promise.race([closed, new Promise(done => setTimeout(done, 200))])
  }
}

async function whole(stream) {
  const parts = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts)
}
