// The owner's sessions: two browsers signed in to the real node, seen in the list, ended by each other, by the command
// line and by themselves; and a real browser that lands on the sign-in screen. The node has no provider: none is needed.
//
//   node tests/system/sessions.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import http from 'node:http'
import WebSocket from 'ws'
import { counter, expectEqual, launch, openPage } from '../ui/browser.mjs'
import { cli, dataDir, expect, freePort, Hearth, tidy, until } from './hearth.mjs'

const CLOSED_AS_SIGNED_OUT = [1008, 'signed out']
const { check, ...results } = counter()
const dir = await dataDir('sessions')
const node = await Hearth.start({ network: 'mainnet', dir, beacons: [`http://127.0.0.1:${await freePort()}`] })
const { host } = new URL(node.origin)
const token = new URL(node.url).hash.slice('#token='.length)

// --- a browser without a screen ------------------------------------------------------------------------

function ask(method, path, headers = {}, body) {
  return new Promise((done, failed) => {
    const request = http.request(node.origin + path, { method, headers: { host, origin: node.origin, ...(body && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }), ...headers } }, async answer => {
      let text = ''
      for await (const part of answer) text += part
      done({ status: answer.statusCode, headers: answer.headers, text })
    })
    request.setTimeout(5000, () => request.destroy(new Error(`${path}: no answer`)))
    request.on('error', failed)
    request.end(body)
  })
}

// Its cookie, and websockets that answer calls, keep pushes, and tell how they were closed.
class Browser {
  static async signIn(name) {
    const browser = new Browser()
    const answer = await ask('POST', '/login', { 'user-agent': name }, JSON.stringify({ token }))
    expectEqual(answer.status, 204, 'status of /login')
    browser.cookie = answer.headers['set-cookie'][0].split(';')[0]
    return browser
  }

  async open() {
    const socket = new WebSocket(`${node.origin.replace('http', 'ws')}/api`, ['hearth'], { origin: node.origin, headers: { cookie: this.cookie } })
    const waiting = new Map()
    const one = { pushes: [], socket }
    let next = 0
    one.closed = new Promise(done => socket.on('close', (code, reason) => done([code, String(reason)])))
    socket.on('message', data => {
      const frame = JSON.parse(data)
      if (frame.method === 'push') one.pushes.push(frame.params)
      else waiting.get(frame.id)?.(frame)
    })
    one.call = (method, params = {}) => new Promise((done, failed) => {
      const id = ++next
      waiting.set(id, ({ result, error }) => (error ? failed(Object.assign(new Error(error.message), { code: error.data?.code })) : done(result)))
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    })
    await new Promise((done, failed) => socket.on('open', done).on('error', failed))
    return one
  }

  status() {
    return ask('GET', '/session', { cookie: this.cookie })
  }

  // [status, code] of each way in.
  async refusals() {
    const how = async (method, path, body) => {
      const { status, text } = await ask(method, path, { cookie: this.cookie }, body)
      return [status, status === 200 ? '' : JSON.parse(text).error.code]
    }
    const upgrade = await new Promise(done => {
      const socket = new WebSocket(`${node.origin.replace('http', 'ws')}/api`, ['hearth'], { origin: node.origin, headers: { cookie: this.cookie } })
      socket.on('error', () => {})
      socket.on('open', () => { done([101, '']); socket.terminate() })
      socket.on('unexpected-response', async (_, answer) => {
        let text = ''
        for await (const part of answer) text += part
        done([answer.statusCode, JSON.parse(text).error.code])
      })
    })
    return [await how('GET', '/session'), await how('POST', '/api', '{"jsonrpc":"2.0","id":1,"method":"session.list"}'), upgrade]
  }
}
const ALL_REFUSED = Array(3).fill([401, 'no_session'])
const codeOf = promise => promise.then(() => 'taken', error => error.code)
const sessions = async () => (await node.call('session.list')).sessions
const run = (...words) => cli(['sessions', ...words, '--data-dir', dir])

// --- seen -------------------------------------------------------------------------------------------------

const one = await Browser.signIn('First/1.0 (at home)'), two = await Browser.signIn('Second/2.0')
const first = await one.open(), second = await two.open(), another = await two.open()
await check('each sees both, and which it is itself', async () => {
  for (const [socket, mine] of [[first, 'First/1.0 (at home)'], [second, 'Second/2.0']]) {
    const list = (await socket.call('session.list')).sessions
    expectEqual(list.map(s => [s.user_agent, s.connections, s.is_this]), [['Second/2.0', 2, mine === 'Second/2.0'], ['First/1.0 (at home)', 1, mine !== 'Second/2.0']], mine)
    for (const s of list) {
      expectEqual(Object.keys(s).sort(), ['connections', 'created_ms', 'id', 'is_this', 'used_ms', 'user_agent'], 'members')
      expect(/^[0-9a-f]{16}$/.test(s.id), s.id)
      expect(Math.abs(Date.now() - s.created_ms) < 20000 && s.used_ms >= s.created_ms, JSON.stringify(s))
    }
  }
})
await check('an id opens nothing', async () => {
  const [{ id }] = await sessions()
  for (const value of [id, id.repeat(4)]) expectEqual((await ask('GET', '/session', { cookie: `hearth_session=${value}` })).status, 401, value)
})
await check('who listens is told of a third that comes, and of its websocket', async () => {
  const { topics } = await first.call('node.subscribe', { topics: ['sessions'] })
  expectEqual(topics.sessions.sessions.length, 2, 'sessions')
  const third = await Browser.signIn('Third/3.0')
  const last = () => first.pushes.at(-1)?.value.sessions.map(s => [s.user_agent, s.connections, s.is_this])
  await until('the push of the third', () => last()?.length === 3)
  expectEqual(last()[2], ['First/1.0 (at home)', 1, true], 'the one that listens')
  const { socket } = await third.open()
  await until('the push of its websocket', () => last()[0][1] === 1)
  socket.close()
  await until('the push of its end', () => last()[0][1] === 0)
  await run('end', (await sessions())[0].id)
  await until('the push of two', () => last().length === 2)
})
await check('the command line lists them, and none as its own', async () => {
  const text = await run()
  expectEqual([text.code, text.err], [0, ''], 'code')
  expect(/First\/1\.0 \(at home\)/.test(text.out) && /2 connections open/.test(text.out), text.out)
  const json = await run('--json')
  expectEqual(JSON.parse(json.out).sessions.map(s => s.is_this), [false, false], 'is_this')
})

// --- ended ------------------------------------------------------------------------------------------------

await check('what is no session is not ended', async () => {
  expectEqual(await codeOf(first.call('session.end', { id: '0011223344556677' })), 'no_session', 'unknown')
  expectEqual(await codeOf(first.call('session.end', {})), 'json_missing', 'no id')
  const cmd = await run('end', '0011223344556677', '--json')
  expectEqual([cmd.code, JSON.parse(cmd.out).error.code], [1, 'no_session'], 'command line')
  for (const words of [['end'], ['end', 'a', 'b'], ['end', 'a', '--all'], ['--all'], ['list']]) expectEqual((await run(...words)).code, 2, words.join(' '))
  expectEqual((await cli(['sessions', '--data-dir', await dataDir('none')])).code, 4, 'no node')
  expectEqual((await sessions()).length, 2, 'sessions')
})
await check('the second is ended by the first: its websockets close, its cookie is refused', async () => {
  const { id } = (await sessions()).find(s => s.user_agent === 'Second/2.0')
  expectEqual(await first.call('session.end', { id }), { ended: 1 }, 'answer')
  expectEqual(await Promise.all([second.closed, another.closed]), [CLOSED_AS_SIGNED_OUT, CLOSED_AS_SIGNED_OUT], 'closed')
  expectEqual(await two.refusals(), ALL_REFUSED, 'the second')
  expectEqual((await one.status()).status, 200, 'the first')
  expectEqual((await first.call('session.list')).sessions.length, 1, 'sessions')
  expectEqual(await codeOf(first.call('session.end', { id })), 'no_session', 'again')
})
await check('ending the others spares whoever asks', async () => {
  const more = [await Browser.signIn('More/1'), await Browser.signIn('More/2')]
  const sockets = await Promise.all(more.map(browser => browser.open()))
  expectEqual(await first.call('session.end_others'), { ended: 2 }, 'answer')
  expectEqual(await Promise.all(sockets.map(socket => socket.closed)), [CLOSED_AS_SIGNED_OUT, CLOSED_AS_SIGNED_OUT], 'closed')
  for (const browser of more) expectEqual(await browser.refusals(), ALL_REFUSED, 'others')
  expectEqual(await first.call('session.end_others'), { ended: 0 }, 'again')
})
await check('who signs out is answered, then closed and refused', async () => {
  const { id } = (await first.call('session.list')).sessions.find(s => s.is_this)
  expectEqual(await first.call('session.end', { id }), { ended: 1 }, 'answer')
  expectEqual(await first.closed, CLOSED_AS_SIGNED_OUT, 'closed')
  expectEqual(await one.refusals(), ALL_REFUSED, 'the first')
  expectEqual(await sessions(), [], 'sessions')
})
await check('the seventeenth makes the oldest leave', async () => {
  const oldest = await Browser.signIn('Oldest/1')
  const socket = await oldest.open()
  for (let i = 0; i < 15; i++) await Browser.signIn(`Next/${i}`)
  expectEqual((await sessions()).length, 16, 'sessions')
  expectEqual(socket.socket.readyState, WebSocket.OPEN, 'state')
  await Browser.signIn('Last/1')
  expectEqual(await socket.closed, CLOSED_AS_SIGNED_OUT, 'closed')
  expectEqual(await oldest.refusals(), ALL_REFUSED, 'the oldest')
  expectEqual((await sessions()).length, 16, 'sessions')
})
await check('the command line ends all', async () => {
  const cmd = await run('end', '--all')
  expectEqual([cmd.code, cmd.out.replace(/\s+/g, ' ')], [0, 'Ended 16 '], 'answer')
  expectEqual((await run()).out, 'No browser is signed in.\n', 'list')
})

// --- with a screen -------------------------------------------------------------------------------------------

const browser = await launch()
await check('a page whose session is ended lands on the sign-in screen, and another one stays', async () => {
  const { page } = await openPage(browser.context)
  await page.goto(node.url)
  const session = await until('its session', async () => (await sessions()).find(s => s.connections === 1))
  expect(session.user_agent.includes('Chrome'), session.user_agent)
  const other = await Browser.signIn('Other/1')
  const socket = await other.open()
  await run('end', session.id)
  await page.getByRole('heading', { name: 'This page is not signed in' }).waitFor({ timeout: 5000 })
  expectEqual((await socket.call('session.list')).sessions.map(s => s.user_agent), ['Other/1'], 'sessions')
  socket.socket.close()
})
await browser.close()

await check('the node says nothing of cookies or ended sessions in its log', () => {
  for (const secret of [one.cookie, two.cookie]) expect(!node.log.includes(secret.split('=')[1]), 'a cookie is in the log')
})
await check('the node ends as it should', async () => {
  expectEqual(await node.stop(), 0, 'exit code')
})
await tidy()
results.finish()
process.exit()
