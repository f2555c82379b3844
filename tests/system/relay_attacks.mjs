// What an attacker does to a relay, for relay_hostile.mjs. Each attack runs until state.isOver, from addresses of its own
// below 127.0.0.0/8, and returns what it counted; `stored` names what a relay must not have taken.
import net from 'node:net'
import { eventOf, frame, keyOf, sha256, signId, Wire } from './relay_wire.mjs'

const BYTES_MAX = 256 << 10 // of a message; longer ones close the connection
const PAUSE_MS = 5
const key = keyOf('attacker')
const pause = (ms = PAUSE_MS) => new Promise(done => setTimeout(done, ms))
const hex = text => sha256(text).toString('hex')

let hosts = 1
const address = () => `127.0.${(hosts >> 7) % 250 + 1}.${(hosts++ % 127) * 2 + 1}`

// A connection that is opened again when the relay closes it, and whose answers are counted by their kind.
class Foe {
  constructor(url, from = address()) {
    Object.assign(this, { url, from, answers: {}, closes: 0, refused: 0, wire: null, taken: [] })
  }

  async ready() {
    if (this.wire?.isOpen) return true
    if (this.wire) this.closes++
    try {
      this.wire = await Wire.open(this.url, { from: this.from, onData: data => this.#heard(data) })
      return true
    } catch {
      this.refused++
      this.wire = null
      this.from = address()
      await pause(50)
      return false
    }
  }

  #heard(data) {
    const kind = data.toString('latin1', 2, data.indexOf(34, 2))
    this.answers[kind] = (this.answers[kind] ?? 0) + 1
    if (kind === 'OK' && /^\["OK","[^"]*",\s*true/.test(data.toString('latin1', 0, 100))) this.taken.push(data.toString('latin1', 7, 71))
  }

  // Sends when the socket takes it; false when there is no connection.
  async send(text) {
    if (!(await this.ready())) return false
    const bytes = Buffer.isBuffer(text) ? text : frame(text)
    if (!this.wire.write(bytes)) await Promise.race([new Promise(done => this.wire.socket.once('drain', done)), pause(200)])
    return true
  }

  told() {
    this.wire?.drop()
    return { answers: this.answers, closes: this.closes, refused: this.refused, ...(this.taken.length > 0 ? { stored: this.taken.slice(0, 3).join() } : {}) }
  }
}

// Sends messages in turn until it is over.
async function send(url, state, messages, pauseMs = PAUSE_MS) {
  const foe = new Foe(url)
  for (let i = 0; !state.isOver; i++) {
    await foe.send(messages[i % messages.length])
    await pause(pauseMs)
  }
  await pause(100)
  return foe.told()
}

// Without what it tells of answers; ones that are taken here are no fault.
const harmless = told => ({ ...told, stored: undefined })

const text = event => JSON.stringify(event)
const good = eventOf(key, { content: 'good' })
const with_ = (name, value) => text(good).replace(new RegExp(`"${name}":("[^"]*"|\\d+|\\[\\])`), `"${name}":${value}`)
const eventMessage = body => `["EVENT",${body}]`
const deep = (open, close, n, within = '') => open.repeat(n) + within + close.repeat(n)

function recursionBombs(url, state) {
  return send(url, state, [
    deep('[', ']', 100000), '['.repeat(250000), deep('{"a":', '}', 40000, '1'), eventMessage(with_('tags', deep('[', ']', 60000))),
    eventMessage(with_('content', deep('[', ']', 60000))), `["REQ","x",${deep('{"#e":', '}', 30000, '[]')}]`, `["REQ","x",{"ids":${deep('[', ']', 60000)}}]`,
    `["COUNT","x",${deep('[', ']', 1000)}]`, `["AUTH",${deep('{"tags":[', ']}', 20000)}]`, `["NEG-OPEN","x",${deep('[', ']', 9999)},"61"]`,
  ])
}

function duplicateKeys(url, state) {
  const twice = text(good).replace('{', '{"content":"another",')
  const escaped = text(good).replace('{', '{"cont\\u0065nt":"another",')
  const ids = text(good).replace('}', `,"id":"${hex('another')}"}`)
  return send(url, state, [...[twice, escaped, ids].map(eventMessage), '["REQ","x",{"kinds":[1],"kinds":[2]}]', `["REQ","x",{${'"a":1,'.repeat(30000)}"b":1}]`, `["EVENT",{${'"id":"",'.repeat(30000)}"id":""}]`])
}

// A signature over what some parsers make of it: each must be refused all the same.
function brokenText(url, state) {
  const over = (json, content) => {
    const id = hex(`[0,"${key.pubkey}",1700000000,1,[],${content}]`)
    return eventMessage(`{"id":"${id}","pubkey":"${key.pubkey}","created_at":1700000000,"kind":1,"tags":[],"content":${json},"sig":"${signId(key, id)}"}`)
  }
  const bytes = Buffer.from(eventMessage(text(good)))
  const at = bytes.indexOf('good')
  const patched = values => frame(Buffer.concat([bytes.subarray(0, at), Buffer.from(values), bytes.subarray(at + 4)]))
  return send(url, state, [
    over('"\\ud800"', '"\ufffd"'), over('"\\udc00\\ud800"', '"\ufffd\ufffd"'), over('"\\ud800x"', '"\\ud800x"'), over('"\\u00"', '"\\u00"'), over('"\\x41"', '"A"'),
    patched([0xff, 0xfe]), patched([0xc0, 0x80]), patched([0xed, 0xa0, 0x80]), patched([0xf5, 0x80, 0x80, 0x80]), patched([0xe2, 0x82]),
    over('"a\u0001b"', '"a\\u0001b"'),
  ])
}

function wrappedNumbers(url, state) {
  const NUMBERS = ['18446744073709551617', '9223372036854775808', '-9223372036854775809', '4294967297', '1e400', '-0', '1.0', '0x10', '1e1', '00', '65537', '-1', '1'.repeat(100000)]
  const parts = NUMBERS.flatMap(n => [eventMessage(with_('kind', n)), eventMessage(with_('created_at', n)), `["REQ","x",{"kinds":[${n}]}]`, `["REQ","x",{"since":${n},"until":${n},"limit":${n}}]`, `["COUNT","x",{"limit":${n}}]`])
  return send(url, state, parts.map(one => one.slice(0, BYTES_MAX)), 2)
}

// A million tags in one message, and as many as fit, well signed.
async function manyTags(url, state) {
  const million = eventMessage(with_('tags', `[${'["t"],'.repeat(1000000)}["t"]]`))
  const fitting = eventMessage(text(eventOf(key, { content: 'tags', tags: Array.from({ length: 30000 }, () => ['t', '']) })))
  const long = eventMessage(text(eventOf(key, { content: 'long tag', tags: [['t', ...Array.from({ length: 40000 }, () => '')]] })))
  const distinct = eventMessage(text(eventOf(key, { content: 'other tags', tags: Array.from({ length: 12000 }, (_, i) => ['t', `x${i}`]) })))
  return harmless(await send(url, state, [million, fitting, long, distinct].map(one => Buffer.from(frame(one))), 20))
}

async function filterBombs(url, state) {
  const ids = n => Array.from({ length: n }, (_, i) => hex(`id ${i}`))
  const req = (...filters) => JSON.stringify(['REQ', 'bomb', ...filters]).slice(0, BYTES_MAX)
  const scan = { search: 'old', limit: 5000 }
  return harmless(await send(url, state, [
    req({ ids: ids(3500) }), req({ authors: ids(3500), limit: 5000 }), req({ '#e': ids(3500), kinds: [1, 7] }), req({ '#t': Array.from({ length: 20000 }, (_, i) => `tag${i}`) }),
    req({ kinds: Array.from({ length: 40000 }, (_, i) => i) }), req(...Array.from({ length: 4000 }, () => ({ kinds: [1] }))), req(...Array.from({ length: 200 }, () => ({}))),
    req({ authors: ids(500), kinds: Array.from({ length: 500 }, (_, i) => i), '#t': ids(500), '#p': ids(500), '#e': ids(500) }), req({}), req({}, {}, {}), req(scan), req({ search: 'o'.repeat(100000) }),
    req({ search: Array.from({ length: 5000 }, (_, i) => `word${i}`).join(' ') }), req({ search: '"* OR NEAR(a b) NOT ^' }), JSON.stringify(['COUNT', 'c', {}]), JSON.stringify(['COUNT', 'c', { search: 'number' }]),
    JSON.stringify(['NEG-OPEN', 'n', {}, '6100000200']),
  ], 8))
}

async function manySubscriptions(url, state) {
  const foes = Array.from({ length: 50 }, () => new Foe(url))
  for (let i = 0; !state.isOver; i++) {
    for (const foe of foes) {
      if (state.isOver) break
      for (let j = 0; j < 8; j++) await foe.send(JSON.stringify(['REQ', `sub ${i * 8 + j}`, { kinds: [1, 7], limit: 0 }, { '#t': [`x${j}`], limit: 1 }]))
    }
    await pause()
  }
  return foes.map(foe => harmless(foe.told())).at(-1)
}

async function churn(url, state) {
  const foe = new Foe(url)
  let i = 0
  for (; !state.isOver; i++) {
    await foe.send(JSON.stringify(['REQ', `churn ${i % 40}`, { kinds: [1], limit: 5 }]))
    if (i % 2) await foe.send(JSON.stringify(['CLOSE', `churn ${(i * 7) % 40}`]))
    if (i % 50 === 0) {
      foe.wire?.drop()
      await pause()
    }
    if (i % 4 === 0) await pause(1)
  }
  return harmless(foe.told())
}

// Heads that do not end, frames that do not end, frames that are none.
async function halfFrames(url, state) {
  const { port, hostname } = new URL(url)
  const upgrade = `GET / HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`
  const huge = Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 65])
  const STARTS = [['GET / HT'], [upgrade.slice(0, 100)], [upgrade, huge], [upgrade, Buffer.from([0x81])], [upgrade, frame('["REQ"').subarray(0, 9)], [upgrade, frame('["REQ","x",', { isLast: false })],
    [upgrade, Buffer.from([0x81, 5, 104, 101, 108, 108, 111])], [upgrade, Buffer.from([0xf1, 0x80, 0, 0, 0, 0])], [upgrade, frame('x'.repeat(200), { opcode: 9 })], [upgrade, frame('', { opcode: 3 })],
    [upgrade, ...Array.from({ length: 200 }, () => frame('', { opcode: 0, isLast: false }))], [upgrade, frame(Buffer.alloc(100), { opcode: 2 })]]
  const sockets = []
  for (let i = 0; !state.isOver; i++) {
    const socket = net.connect({ port: Number(port), host: hostname, localAddress: address() })
    socket.on('error', () => {})
    for (const part of STARTS[i % STARTS.length]) socket.write(part)
    sockets.push(socket)
    if (sockets.length > 300) sockets.shift().destroy()
    await pause(4)
  }
  for (const socket of sockets) socket.destroy()
  return { sockets: sockets.length }
}

// Connections that say nothing, or half of what there is to say, and stay: as many as fit, and always more.
async function halfOpen(url, state) {
  const { port, hostname } = new URL(url)
  const sockets = new Set()
  let opened = 0
  for (; !state.isOver; opened++) {
    const socket = net.connect({ port: Number(port), host: hostname, localAddress: address() })
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    if (opened % 2 === 0) socket.write('GET / HTTP/1.1\r\nHost: ')
    sockets.add(socket)
    if (opened % 4 === 0 || sockets.size > 400) await pause(1)
  }
  for (const socket of sockets) socket.destroy()
  return { opened }
}

async function badSignatures(url, state) {
  const foes = Array.from({ length: 4 }, () => new Foe(url))
  const floods = foes.map(async (foe, n) => {
    for (let i = 0; !state.isOver; i++) {
      const batch = []
      for (let j = 0; j < 32; j++) {
        const event = { ...good, content: `bad ${n} ${i} ${j}` }
        event.id = hex(JSON.stringify([0, event.pubkey, event.created_at, event.kind, event.tags, event.content]))
        batch.push(frame(`["EVENT",${text(event)}]`))
      }
      await foe.send(Buffer.concat(batch))
      await pause(1)
    }
  })
  await Promise.all(floods)
  await pause(100)
  return foes.map(foe => foe.told()).reduce((all, one) => (one.stored ? one : all))
}

// Asks for everything again and again and reads none of it.
async function slowReaders(url, state) {
  const wires = []
  const open = async () => {
    const wire = await Wire.open(url, { from: address(), onData: () => {} })
    wire.socket.pause()
    wires.push(wire)
  }
  for (let i = 0; i < 12 && !state.isOver; i++) await open().catch(() => {})
  for (let i = 0; !state.isOver; i++) {
    for (const wire of wires) if (!wire.isClosed) wire.send(JSON.stringify(['REQ', `slow ${i % 30}`, {}]))
    await pause(20)
  }
  const closed = wires.filter(({ isClosed }) => isClosed).length
  for (const wire of wires) wire.drop()
  return { connections: wires.length, closed }
}

async function manyConnections(url, state) {
  const wires = []
  let refused = 0
  for (let i = 0; !state.isOver; i++) {
    await Wire.open(url, { from: address(), onData: () => {} }).then(wire => wires.push(wire), () => refused++)
    if (wires.length > 700) wires.shift().drop()
    await pause(1)
  }
  for (const wire of wires) wire.drop()
  return { open: wires.length, refused }
}

export const ATTACKS = {
  'recursion bombs': recursionBombs,
  'duplicate keys': duplicateKeys,
  'lone surrogates and broken UTF-8': brokenText,
  'numbers that wrap': wrappedNumbers,
  'a million tags': manyTags,
  'filter bombs': filterBombs,
  'thousands of subscriptions': manySubscriptions,
  'opening and closing': churn,
  'half frames': halfFrames,
  'half-open connections': halfOpen,
  'floods of bad signatures': badSignatures,
  'readers that do not read': slowReaders,
  'hundreds of connections': manyConnections,
}
