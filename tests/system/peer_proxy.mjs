// What lies between peers in tests: a TCP proxy that delays, throttles, cuts, swallows and parts, and one with a TLS key of
// its own in the middle. Everything on loopback.
import net from 'node:net'
import tls from 'node:tls'

const open = new Set()

// Ends all proxies of this run.
export async function closeProxies() {
  await Promise.all([...open].map(proxy => proxy.close()))
}

// Passes bytes on to a port. All of it may be set at any time:
//   delayMs     each piece comes so much later, in order
//   bytesPerS   at most so many each way; 0: no bound
//   isParted    new connections are refused and those that are there are cut
//   isDeaf      half open: connections stay, and nothing comes through any more
export class ChaosProxy {
  static async start(target, { delayMs = 0, bytesPerS = 0 } = {}) {
    const proxy = new ChaosProxy()
    Object.assign(proxy, { target, delayMs, bytesPerS, isDeaf: false, pairs: new Set(), bytes: 0, connections: 0 })
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
      if (this.isDeaf) return
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

  // Half open from now on; what is there when it hears again is of no use, so it is cut.
  deafen(isDeaf) {
    this.isDeaf = isDeaf
    if (!isDeaf) this.cut()
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
