// A node that says what a test tells it to: serves the built web UI with the node's own security headers
// and speaks the websocket API. The server side of RFC 6455 is written out here, small and strict: text
// frames of one piece, masked by the client, answered unmasked.
import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { SECURITY_HEADERS } from './browser.mjs'

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }
// Topics that an older node, and most scenes, do not have.
const LATER = ['l1.cache', 'l1.outbox', 'sessions', 'wallet.status', 'wallet.accounts', 'wallet.queue', 'wallet.permissions', 'wallet.audit_tail', 'wallet.activity', 'social.me', 'social.new', 'social.relays', 'social.bunker', 'attest.changed', 'did.changed', 'link.changed', 'trust.changed', 'peers.changed', 'dao.changed', 'dao.counting', 'dao.notified', 'polls.changed']
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

function frame(opcode, payload) {
  const n = payload.length
  const head =
    n < 126 ? Buffer.from([0x80 | opcode, n])
    : n < 65536 ? Buffer.from([0x80 | opcode, 126, n >> 8, n & 255])
    : Buffer.concat([Buffer.from([0x80 | opcode, 127, 0, 0, 0, 0]), Buffer.from([n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255])])
  return Buffer.concat([head, payload])
}

// Calls on.text for each whole text frame; closes on anything it does not understand.
function readFrames(socket, on) {
  let buffer = Buffer.alloc(0)
  socket.on('data', chunk => {
    buffer = Buffer.concat([buffer, chunk])
    for (;;) {
      if (buffer.length < 6) return
      const opcode = buffer[0] & 15
      let n = buffer[1] & 127
      let at = 2
      if (n === 126) {
        if (buffer.length < 8) return
        n = buffer.readUInt16BE(2)
        at = 4
      }
      const isOneMaskedPiece = (buffer[0] & 0x80) && (buffer[1] & 0x80) && (buffer[1] & 127) !== 127
      if (!isOneMaskedPiece) return socket.destroy()
      if (buffer.length < at + 4 + n) return
      const mask = buffer.subarray(at, at + 4)
      const payload = Buffer.from(buffer.subarray(at + 4, at + 4 + n))
      for (let i = 0; i < n; i++) payload[i] ^= mask[i & 3]
      buffer = buffer.subarray(at + 4 + n)
      if (opcode === 1) on.text(payload.toString('utf8'))
      else if (opcode === 8) {
        socket.end(frame(8, payload))
        return
      } else if (opcode === 9) socket.write(frame(10, payload))
    }
  })
}

export async function startScriptedNode(dist) {
  const token = randomBytes(16).toString('hex')
  let session = randomBytes(16).toString('hex')
  const sockets = new Set() // every TCP connection, to cut them all at once
  const clients = new Set() // websockets that subscribed
  const methods = new Map()
  const calls = []
  let topics = {}
  let port = 0

  const node = {
    token, calls, methods,
    url: '',
    info: { version: '0.1.0', commit: 'scripted', network: 'devnet', data_dir: '/home/mara/.local/share/hearth', started_ms: Date.now() - 9_000_000, pid: 4711 },
    door: null, // the HTTP of a door beside the page's: (request, response) => whether it answered
    takesAccounts: false, // what GET /siwe says
    isMute: false, // accepts the socket, answers nothing: the page stays loading
    // A method of `methods` returns what is answered; null: nothing is, ever; {later}: a promise of it. Its second
    // argument gives the answer it would have had without.
    // Replaces all topics and tells every page.
    scene(next) {
      topics = next
      for (const [topic, value] of Object.entries(next)) node.push(topic, value)
    },
    push(topic, value) {
      topics[topic] = value
      node.sendAll(JSON.stringify({ jsonrpc: '2.0', method: 'push', params: { topic, value } }))
    },
    // The same state, told now, its head as old as it was.
    tellAgain() {
      const s = topics['l1.status']
      if (!s?.now_ms) return
      const ms = Date.now() - s.now_ms
      const later = header => header && { ...header, slot_ms: header.slot_ms + ms }
      node.push('l1.status', { ...s, now_ms: s.now_ms + ms, head: later(s.head), finalized: later(s.finalized) })
    },
    sendAll(text) {
      for (const socket of clients) socket.write(frame(1, Buffer.from(text)))
    },
    clientCount: () => clients.size,
    // Signed-in browsers as the node tells them, with the two methods that end them. Ending this one signs the page out.
    withSessions(list) {
      const tell = next => node.push('sessions', { sessions: (list = next) })
      node.methods.set('session.list', () => ({ result: { sessions: list } }))
      node.methods.set('session.end', ({ id }) => {
        const found = list.find(s => s.id === id)
        if (!found) return { error: { code: -32000, message: 'there is no such session', data: { code: 'no_session' } } }
        if (found.is_this) {
          node.forgetSessions()
          setTimeout(() => { for (const socket of clients) socket.end(frame(8, Buffer.from([0x03, 0xf0]))) }, 0)
          return { result: { ended: 1 } }
        }
        tell(list.filter(s => s !== found))
        return { result: { ended: 1 } }
      })
      node.methods.set('session.end_others', () => {
        const ended = list.filter(s => !s.is_this).length
        tell(list.filter(s => s.is_this))
        return { result: { ended } }
      })
    },
    // Pages that are signed in are so no more, as after a restart of the node.
    forgetSessions() {
      session = randomBytes(16).toString('hex')
    },
    async down() {
      if (!server.listening) return
      const closed = new Promise(resolve => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
    async up() {
      if (!server.listening) await new Promise(resolve => server.listen(port, '127.0.0.1', resolve))
    },
    // As it was at the start, whatever a broken-off test left behind.
    async reset() {
      node.isMute = false
      node.takesAccounts = false
      node.door = null
      methods.clear()
      await node.up()
    }
  }

  const isSignedIn = request => (request.headers.cookie ?? '').split('; ').includes(`hearth_session=${session}`)

  async function serveFile(path, response) {
    const name = path === '/' ? '/index.html' : path
    try {
      const body = await readFile(join(dist, normalize(name)))
      const isHashed = name.startsWith('/assets/')
      response.writeHead(200, {
        ...SECURITY_HEADERS,
        'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
        'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache'
      })
      response.end(body)
    } catch {
      response.writeHead(404, SECURITY_HEADERS)
      response.end()
    }
  }

  async function login(request, response) {
    let body = ''
    for await (const chunk of request) body += chunk
    const isGood = request.headers.origin === node.url && JSON.parse(body).token === token
    if (isGood) {
      response.writeHead(204, { ...SECURITY_HEADERS, 'set-cookie': `hearth_session=${session}; HttpOnly; SameSite=Strict; Path=/` })
      response.end()
    } else {
      response.writeHead(403, { ...SECURITY_HEADERS, 'content-type': 'application/json' })
      response.end('{"error":{"code":"bad_token","message":"This token is not known."}}')
    }
  }

  const server = createServer((request, response) => {
    const path = request.url.split('?')[0]
    if (path === '/login' && request.method === 'POST') return void login(request, response)
    if (path === '/siwe') {
      response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': 'application/json' })
      return void response.end(JSON.stringify({ is_enabled: node.takesAccounts }))
    }
    if (path === '/session') {
      response.writeHead(isSignedIn(request) ? 200 : 401, { ...SECURITY_HEADERS, 'content-type': 'application/json' })
      return void response.end(isSignedIn(request) ? '{"network":"devnet","version":"0.1.0"}' : '{}')
    }
    if (node.door?.(request, response)) return
    return void serveFile(path, response)
  })

  function answer(request) {
    calls.push(request)
    const own = methods.get(request.method)
    if (own) return own(request.params, () => ordinary(request))
    return ordinary(request)
  }

  function ordinary(request) {
    if (request.method === 'node.info') return { result: node.info }
    if (request.method === 'node.subscribe') {
      // As the node does: a topic that it does not have refuses the whole request.
      if (request.params.topics.some(t => LATER.includes(t) && !(t in topics))) {
        return { error: { code: -32602, message: 'There is no such topic.', data: { code: 'unknown_topic' } } }
      }
      return { result: { topics: Object.fromEntries(request.params.topics.filter(t => t in topics).map(t => [t, topics[t]])) } }
    }
    return { error: { code: -32601, message: 'No such method.', data: { code: 'no_method' } } }
  }

  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  })
  server.on('upgrade', (request, socket) => {
    if (!isSignedIn(request) || request.headers.origin !== node.url || request.url !== '/api') {
      socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
      return
    }
    const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + GUID).digest('base64')
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: hearth\r\n\r\n`
    )
    socket.setNoDelay(true)
    socket.on('close', () => clients.delete(socket))
    readFrames(socket, {
      text(text) {
        if (node.isMute) return
        const request = JSON.parse(text)
        if (request.method === 'node.subscribe') clients.add(socket)
        const say = reply => socket.writable && socket.write(frame(1, Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: request.id, ...reply }))))
        const reply = answer(request)
        // A method may answer later, once something was decided.
        if (reply?.later) void reply.later.then(say)
        else if (reply) say(reply)
      }
    })
  })

  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  port = server.address().port
  node.url = `http://127.0.0.1:${port}`
  return node
}
