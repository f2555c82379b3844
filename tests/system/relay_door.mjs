// The relay's door of a real node: where it listens, who may enter, the document, CORS, and what the port of the UI lets in.
// Nothing here depends on what is stored. Without a module at the door there is nothing to test.
//
//   node tests/system/relay_door.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import net from 'node:net'
import { counter, expectEqual } from '../ui/browser.mjs'
import { cli, dataDir, expect, Hearth, tidy, until } from './hearth.mjs'

const { check, ...results } = counter()
const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const NOBODY = ['http://127.0.0.1:9'] // a beacon that is not there: the relay does not need one
const DEADLINE_MS = 10000

// Sends bytes as they are and gives all that comes until the other side closes, or `enough` says so.
const exchange = (port, bytes, enough = () => false, host = '127.0.0.1') => new Promise((done, failed) => {
  const socket = net.connect(port, host)
  let got = ''
  const end = () => { socket.destroy(); done(got) }
  socket.setTimeout(DEADLINE_MS, end)
  socket.on('connect', () => socket.write(bytes))
  socket.on('data', part => { got += part.toString('latin1'); if (enough(got)) end() })
  socket.on('end', end)
  socket.on('error', error => (got ? done(got) : failed(error)))
})
const request = (method, path, headers) => `${method} ${path} HTTP/1.1\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
const head = text => text.slice(0, text.indexOf('\r\n\r\n')).toLowerCase()
const body = text => text.slice(text.indexOf('\r\n\r\n') + 4)
const status = text => Number(text.split(' ', 2)[1])
const upgrade = (port, headers = {}, path = '/') => exchange(port, request('GET', path, { Host: `127.0.0.1:${port}`, Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Key': KEY, 'Sec-WebSocket-Version': '13', ...headers }), got => got.includes('\r\n\r\n'))

// A masked text frame, as clients send.
function frame(text) {
  const data = Buffer.from(text), size = data.length < 126 ? Buffer.from([0x80 | data.length]) : Buffer.from([0x80 | 126, data.length >> 8, data.length & 255])
  const mask = Buffer.from([1, 2, 3, 4])
  return Buffer.concat([Buffer.from([0x81]), size, mask, data.map((byte, i) => byte ^ mask[i % 4])])
}

const start = async (name, args = [], port = 0) => Hearth.start({ network: 'mainnet', dir: await dataDir(name), beacons: NOBODY, args, port })

const node = await start('door', ['--relay-host', 'relay.example'])
const door = await node.call('node.door')
if (!door.served) {
  console.log('no module serves at the door')
  await node.stop()
  await tidy()
  console.log('0 passed, 0 failed, 1 skipped')
  process.exit(0)
}
const port = Number(new URL(door.url).port)
const host = `127.0.0.1:${port}`

await check('the relay listens on loopback, and status tells where', async () => {
  expect(door.listening && door.url === `ws://${host}`, JSON.stringify(door))
  const said = await cli(['status', '--data-dir', node.dir, '--network', 'mainnet'])
  expect(said.out.includes(door.url), said.out)
})
await check('doctor tells of it', async () => {
  const said = await cli(['doctor', '--data-dir', node.dir, '--network', 'mainnet'])
  expect(said.out.includes(`listens at ${door.url}`), said.out)
})
await check('the document is given with CORS to who asks for it', async () => {
  const got = await exchange(port, request('GET', '/', { Host: host, Accept: 'application/nostr+json', Origin: 'https://client.example' }))
  expectEqual(status(got), 200, 'status')
  expect(head(got).includes('content-type: application/nostr+json'), head(got))
  for (const line of ['access-control-allow-origin: *', 'access-control-allow-headers: ', 'access-control-allow-methods: ']) expect(head(got).includes(line), line)
  expect(Array.isArray(JSON.parse(body(got)).supported_nips), body(got))
})
await check('people get a line of text', async () => {
  const got = await exchange(port, request('GET', '/', { Host: host, Accept: 'text/html' }))
  expectEqual(status(got), 200, 'status')
  expect(head(got).includes('content-type: text/plain'), head(got))
})
await check('a page of a browser here may open a websocket, and reads nothing before it has proven the owner\'s key', async () => {
  const socket = net.connect(port, '127.0.0.1')
  let got = ''
  socket.on('data', part => (got += part.toString('latin1')))
  socket.write(request('GET', '/', { Host: host, Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Key': KEY, 'Sec-WebSocket-Version': '13', Origin: 'https://client.example' }))
  await until('upgraded', () => got.includes('\r\n\r\n'))
  socket.write(frame('["REQ","x",{"ids":["' + '0'.repeat(64) + '"]}]'))
  await until(() => `not closed: ${got}`, () => got.includes('["CLOSED","x","auth-required'))
  socket.destroy()
})
await check('another host is refused, one that was named is not', async () => {
  expectEqual(status(await upgrade(port, { Host: 'evil.example' })), 421, 'status')
  expectEqual(status(await exchange(port, request('GET', '/', { Host: 'evil.example', Accept: 'application/nostr+json' }))), 421, 'status')
  expectEqual(status(await upgrade(port, { Host: 'relay.example' })), 101, 'status')
})
await check('at the port of the UI programs are let in, strangers\' pages and other hosts are not', async () => {
  const ui = Number(new URL(node.origin).port)
  expectEqual(status(await upgrade(ui)), 101, 'status')
  expectEqual(status(await upgrade(ui, { Origin: 'https://evil.example' })), 403, 'status')
  expectEqual(status(await upgrade(ui, { Origin: 'null' })), 403, 'status')
  expectEqual(status(await upgrade(ui, { Host: 'evil.example' })), 421, 'status')
  const page = await exchange(ui, request('GET', '/', { Host: `127.0.0.1:${ui}`, Connection: 'close' }))
  expectEqual(status(page), 200, 'status')
  expect(head(page).includes('content-type: text/html'), head(page))
})
await check('preflights of any origin are answered', async () => {
  const got = await exchange(port, request('OPTIONS', '/upload', { Host: host, Origin: 'https://client.example', 'Access-Control-Request-Method': 'PUT' }))
  expectEqual(status(got), 204, 'status')
  expect(head(got).includes('access-control-allow-origin: *'), head(got))
})
await check('a head that never ends is not waited for', async () => {
  const before = Date.now()
  await exchange(port, 'GET / HTTP/1.1\r\nHost: ')
  expect(Date.now() - before <= DEADLINE_MS + 500, 'it waited')
})
await check('six hundred that say nothing neither fill the node nor keep others out for long', async () => {
  const sockets = []
  for (let i = 0; i < 600; i++) {
    const socket = net.connect(port, '127.0.0.1')
    socket.on('error', () => {})
    sockets.push(socket)
  }
  await until('some are accepted', async () => (await node.call('node.door')).connections >= 16)
  expect((await node.call('node.door')).connections <= 80, 'too many that say nothing')
  for (const socket of sockets) socket.destroy()
  await until('all are gone', async () => (await node.call('node.door')).connections < 8, 20000)
  expectEqual(status(await upgrade(port)), 101, 'status')
})
await check('a port that was asked for must be free; the usual one need not be', async () => {
  const taken = await cli(['run', '--network', 'mainnet', '--data-dir', await dataDir('taken'), '--port', '0', '--relay-port', String(port), '--beacon', NOBODY[0]])
  expect(taken.code !== 0 && taken.err.includes('relay'), taken.err)
})
await check('--no-relay has no port, but the UI\'s still lets programs in', async () => {
  const silent = await start('silent', ['--no-relay'])
  const told = await silent.call('node.door')
  expect(!told.listening && told.url === '', JSON.stringify(told))
  expectEqual(status(await upgrade(Number(new URL(silent.origin).port))), 101, 'status')
  await silent.stop()
})
await check('a stop with websockets open ends within seconds', async () => {
  const socket = net.connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(request('GET', '/', { Host: host, Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Key': KEY, 'Sec-WebSocket-Version': '13' }))
  await until('it is there', async () => (await node.call('node.door')).websockets > 0)
  expectEqual(await node.stop(), 0, 'exit code')
  socket.destroy()
})

await tidy()
results.finish()
process.exit()
