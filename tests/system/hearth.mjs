// What the end-to-end tests share: the real program as a process, its unix socket, a folder for each
// node, and a relay in front of a beacon that counts what is asked.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import net from 'node:net'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const START_MS = 10000
const CALL_MS = 5000

export const option = name => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : null)

// The program under test: --hearth FILE, HEARTH, or what make built.
export const HEARTH = resolve(ROOT, option('--hearth') ?? process.env.HEARTH ?? `build/${process.env.BUILD ?? 'release'}/hearth`)

// --- what this run made, and its end ---------------------------------------------------------------

const children = new Set()
let folder = null
let folders = 0

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130))

// A new path for a node's data; relative, because a unix socket's path is short. Nothing is there yet.
export async function dataDir(name) {
  folder ??= join('build', 'system', String(process.pid))
  process.chdir(ROOT)
  await mkdir(folder, { recursive: true })
  return join(folder, `${name}-${++folders}`)
}

// Removes the folders of this run. Call it when every node has ended.
export async function tidy() {
  if (folder) await rm(folder, { recursive: true, force: true })
  folder = null
}

export async function writeNetwork(network, name = 'network') {
  const file = `${await dataDir(name)}.json`
  await writeFile(file, JSON.stringify(network, null, 1))
  return file
}

// --- waiting ---------------------------------------------------------------------------------------

// Waits for a condition, with a deadline. `what` may be a function that tells how things stand.
export async function until(what, condition, deadlineMs = 15000, everyMs = 20) {
  const end = Date.now() + deadlineMs
  for (;;) {
    const value = await condition()
    if (value) return value
    if (Date.now() > end) {
      throw new Error(`waited ${deadlineMs} ms in vain: ${typeof what === 'function' ? await what() : what}`)
    }
    await new Promise(done => setTimeout(done, everyMs))
  }
}

export async function freePort() {
  const server = net.createServer()
  await new Promise(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address()
  await new Promise(done => server.close(done))
  return port
}

// --- the program -----------------------------------------------------------------------------------

function launch(args, { command = HEARTH, ...options } = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: ROOT, ...options })
  const run = { child, out: '', log: '', code: null, signal: null }
  children.add(child)
  child.stdout.on('data', text => (run.out += text))
  child.stderr.on('data', text => (run.log += text))
  run.ended = new Promise(done => {
    child.on('error', error => {
      run.log += `cannot start ${command}: ${error.message}`
      children.delete(child)
      done(run)
    })
    child.on('close', (code, signal) => {
      Object.assign(run, { code, signal })
      children.delete(child)
      done(run)
    })
  })
  return run
}

// Runs the program to its end: {code, out, err}. One that does not end by itself is killed.
export async function cli(args, { deadlineMs = 20000, ...options } = {}) {
  const run = launch(args, options)
  const timer = setTimeout(() => run.child.kill('SIGKILL'), deadlineMs)
  await run.ended
  clearTimeout(timer)
  return { code: run.signal ? run.signal : run.code, out: run.out, err: run.log }
}

// `hearth run` as a process. start() resolves when it has printed its address. Its ports are free ones unless `port` and
// `args` say otherwise: nothing on this machine may stand in a test's way.
export class Hearth {
  static async start({ network, dir, beacons = [], args = [], port = 0 }) {
    const node = new Hearth()
    node.dir = dir
    node.run = launch(['run', '--network', network, '--data-dir', dir, '--port', String(port), '--json',
      ...(args.includes('--relay-port') ? [] : ['--relay-port', '0']), ...beacons.flatMap(url => ['--beacon', url]), ...args])
    await until(() => `${dir} did not start: ${node.run.log.slice(-1000)}`, () => node.run.out.includes('\n') || !node.isRunning, START_MS, 5)
    if (!node.isRunning) throw new Error(`${dir} ended at its start: ${node.run.log.slice(-1000)}`)
    node.said = JSON.parse(node.run.out)
    node.url = node.said.url
    node.origin = new URL(node.url).origin
    return node
  }

  get isRunning() {
    return children.has(this.run.child)
  }

  get log() {
    return this.run.log
  }

  // One JSON-RPC call over the node's unix socket. Throws what the node refuses, with .code.
  async call(method, params = {}) {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const text = await new Promise((done, failed) => {
      const request = http.request({ socketPath: join(this.dir, 'hearth.sock'), path: '/api', method: 'POST', timeout: CALL_MS,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, async answer => {
        let got = ''
        try {
          for await (const part of answer) got += part
          done(got)
        } catch (error) {
          failed(error)
        }
      })
      request.on('timeout', () => request.destroy(new Error(`${method}: no answer after ${CALL_MS} ms`)))
      request.on('error', failed)
      request.end(body)
    })
    const { result, error } = JSON.parse(text)
    if (error) throw Object.assign(new Error(error.message), { code: error.data?.code })
    return result
  }

  status() {
    return this.call('l1.status')
  }

  async providers() {
    return (await this.call('l1.providers')).providers
  }

  // The provider at a beacon's URL.
  async provider(url) {
    const { host } = new URL(url)
    const found = (await this.providers()).find(one => one.name === host)
    if (!found) throw new Error(`no provider is called ${host}`)
    return found
  }

  // Waits until the status is as wanted and gives it.
  async until(what, wanted, deadlineMs = 5000, everyMs = 20) {
    let last = null
    return until(() => `${what}; it is ${brief(last)}; it logged:\n${this.log.split('\n').slice(-12).join('\n')}`, async () => {
      if (!this.isRunning) throw new Error(`the node ended: ${this.log.slice(-1000)}`)
      last = await this.status()
      return (await wanted(last)) && last
    }, deadlineMs, everyMs)
  }

  live(deadlineMs = 5000) {
    return this.until('live', status => status.state === 'live', deadlineMs)
  }

  // Asks again and again from now on; .seen has every state in turn, .all every status. stop() ends it.
  watch(everyMs = 40) {
    const watching = { all: [], seen: [], isOver: false }
    const look = async () => {
      while (!watching.isOver && this.isRunning) {
        const status = await this.status().catch(() => null)
        if (status && !watching.isOver) {
          watching.all.push(status)
          if (watching.seen.at(-1) !== status.state) watching.seen.push(status.state)
        }
        await new Promise(done => setTimeout(done, everyMs))
      }
    }
    const done = look()
    watching.stop = async () => {
      watching.isOver = true
      await done
      return watching
    }
    return watching
  }

  async kill() {
    this.run.child.kill('SIGKILL')
    await this.run.ended
  }

  // Asks it to end, and tells its exit code; one that does not is killed.
  async stop(signal = 'SIGTERM') {
    if (!this.isRunning) return this.run.code
    this.run.child.kill(signal)
    const timer = setTimeout(() => this.run.child.kill('SIGKILL'), 10000)
    await this.run.ended
    clearTimeout(timer)
    return this.run.signal ?? this.run.code
  }
}

export function brief(status) {
  if (!status) return 'unknown'
  const { state, code, why, wall_slot: slot, head, finalized, period, sync } = status
  return JSON.stringify({ state, code, why, slot, head: head?.slot, finalized: finalized?.slot, period: period?.number, step: sync?.step })
}

// --- a relay in front of a beacon ------------------------------------------------------------------

// Passes everything on and remembers what was asked. `asksJson` hides from the beacon that SSZ is wanted;
// `slowMs` holds answers back, which makes this provider the second choice; `only` is a pattern of paths, and
// all others are refused with 503.
export class Relay {
  static async start(target, { asksJson = false, slowMs = 0 } = {}) {
    const relay = new Relay()
    Object.assign(relay, { target, asksJson, slowMs, asked: [], sockets: new Set(), port: 0, only: null })
    await relay.resume()
    return relay
  }

  get url() {
    return `http://127.0.0.1:${this.port}`
  }

  // Requests for light-client objects and the like since the last call, without the event stream.
  takeAsked() {
    return this.asked.splice(0).filter(path => !path.startsWith('/eth/v1/events'))
  }

  async resume() {
    this.server = http.createServer((request, response) => this.#pass(request, response))
    this.server.on('connection', socket => {
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
    })
    await new Promise(done => this.server.listen(this.port, '127.0.0.1', done))
    this.port = this.server.address().port
  }

  // Closes the port and every connection.
  async offline() {
    const closed = new Promise(done => this.server.close(done))
    for (const socket of this.sockets) socket.destroy()
    await closed
  }

  #pass(request, response) {
    this.asked.push(request.url)
    if (this.only && !this.only.test(request.url)) return void response.writeHead(503).end()
    const headers = { ...request.headers }
    if (this.asksJson && !request.url.startsWith('/eth/v1/events')) headers.accept = 'application/json'
    const onward = http.request(this.target + request.url, { method: request.method, headers }, answer => {
      setTimeout(() => {
        response.writeHead(answer.statusCode, answer.headers)
        response.flushHeaders()
        answer.pipe(response)
      }, this.slowMs)
      answer.on('error', () => response.destroy())
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    onward.end()
  }
}

// --- checks ----------------------------------------------------------------------------------------

export function expect(isTrue, otherwise) {
  if (!isTrue) throw new Error(otherwise)
}

// One JSON object and nothing else.
export function parseOne(text) {
  const lines = text.trim().split('\n')
  expect(lines.length === 1, `expected one line of JSON, got ${lines.length}: ${text.slice(0, 300)}`)
  return JSON.parse(lines[0])
}

export async function readText(path) {
  return existsSync(path) ? readFile(path, 'utf8') : ''
}
