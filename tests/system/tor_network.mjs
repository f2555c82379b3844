// A small Tor network of its own, on loopback alone: directory authorities, relays, and clients with a control port and a
// SOCKS proxy. Options are those of tor(1), "TESTING NETWORK OPTIONS".
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { dataDir, freePort, until } from './hearth.mjs'

const AUTHORITIES = 3, RELAYS = 3
const VOTING_S = 20 // the shortest that leaves time for votes on a busy computer
const UP_MS = 120000
const processes = new Set()
process.on('exit', () => { for (const child of processes) child.kill('SIGKILL') })

// Why there can be no such network here; null: there can.
export function torMissing() {
  for (const program of ['tor', 'tor-gencert']) {
    try {
      execFileSync(program, ['--version'], { stdio: 'ignore' })
    } catch (error) {
      if (error.code === 'ENOENT') return `${program} is not installed`
    }
  }
  return null
}

class Tor {
  static async make(name, lines) {
    const tor = new Tor()
    Object.assign(tor, { name, lines, dir: resolve(await dataDir(name)), log: '' })
    tor.nothing = join(tor.dir, 'nothing') // in the place of the system's own torrc
    mkdirSync(join(tor.dir, 'keys'), { recursive: true, mode: 0o700 })
    writeFileSync(tor.nothing, '')
    return tor
  }

  start(shared) {
    const file = join(this.dir, 'torrc')
    writeFileSync(file, [
      `DataDirectory ${this.dir}`, `Nickname ${this.name}`, 'TestingTorNetwork 1', 'AssumeReachable 1', 'RunAsDaemon 0',
      'ShutdownWaitLength 0', 'ConnLimit 60', 'NumCPUs 1', 'Log notice stdout', 'SafeLogging 0', 'PathsNeededToBuildCircuits 0.25',
      'TestingClientDownloadInitialDelay 0', 'TestingServerDownloadInitialDelay 0', ...shared, ...this.lines, ''].join('\n'), { mode: 0o600 })
    const child = this.child = spawn('tor', ['-f', file, '--defaults-torrc', this.nothing],
      { stdio: ['ignore', 'pipe', 'pipe'] })
    processes.add(child)
    for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (this.log = (this.log + text).slice(-20000)))
    child.on('close', () => processes.delete(child))
  }

  get isRunning() {
    return processes.has(this.child)
  }

  async stop() {
    if (!this.isRunning) return
    const ended = new Promise(done => this.child.on('close', done))
    this.child.kill('SIGINT')
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 5000)
    await ended
    clearTimeout(timer)
  }
}

async function makeAuthority(number) {
  const [orPort, dirPort] = [await freePort(), await freePort()]
  const tor = await Tor.make(`authority${number}`, [
    `ORPort 127.0.0.1:${orPort}`, `DirPort 127.0.0.1:${dirPort}`, 'SocksPort 0', 'Address 127.0.0.1', 'ContactInfo test@example.org',
    'AuthoritativeDirectory 1', 'V3AuthoritativeDirectory 1', 'ExitPolicy reject *:*', 'ExitRelay 0', 'AuthDirMaxServersPerAddr 0',
    'TestingDirAuthVoteExit *', 'TestingDirAuthVoteHSDir *', 'TestingDirAuthVoteGuard *', 'TestingMinExitFlagThreshold 0',
    `V3AuthVotingInterval ${VOTING_S}`, 'V3AuthVoteDelay 4', 'V3AuthDistDelay 4', `TestingV3AuthInitialVotingInterval ${VOTING_S}`,
    'TestingV3AuthInitialVoteDelay 4', 'TestingV3AuthInitialDistDelay 4'])
  execFileSync('tor-gencert', ['--create-identity-key', '-m', '1', '-a', `127.0.0.1:${dirPort}`, '--passphrase-fd', '0'],
    { cwd: join(tor.dir, 'keys'), input: 'a passphrase\n', stdio: ['pipe', 'ignore', 'ignore'] })
  const v3 = /^fingerprint (\S+)/m.exec(readFileSync(join(tor.dir, 'keys', 'authority_certificate'), 'utf8'))[1]
  const out = execFileSync('tor', ['--quiet', '--list-fingerprint', '--defaults-torrc', tor.nothing, '-f', tor.nothing, '--orport', String(orPort),
    '--nickname', tor.name, '--DataDirectory', tor.dir, '--dirserver', `x 127.0.0.1:1 ${'F'.repeat(40)}`], { encoding: 'utf8' })
  const fingerprint = out.trim().split('\n').at(-1).split(' ').slice(1).join('')
  tor.line = `DirAuthority ${tor.name} orport=${orPort} v3ident=${v3} 127.0.0.1:${dirPort} ${fingerprint}`
  return tor
}

export class TorNetwork {
  // cookies: where the cookie of each client's control port is to be.
  static async start(cookies) {
    const network = new TorNetwork()
    network.servers = []
    network.clients = []
    for (let i = 0; i < AUTHORITIES; i++) network.servers.push(await makeAuthority(i))
    network.shared = network.servers.map(server => server.line)
    for (let i = 0; i < RELAYS; i++) {
      network.servers.push(await Tor.make(`relay${i}`, [`ORPort 127.0.0.1:${await freePort()}`, 'SocksPort 0', 'Address 127.0.0.1',
        'ExitRelay 0', 'ExitPolicy reject *:*']))
    }
    for (const [i, cookie] of cookies.entries()) {
      const [control, socks] = [await freePort(), await freePort()]
      const client = await Tor.make(`client${i}`, [`ControlPort 127.0.0.1:${control}`, 'CookieAuthentication 1',
        `CookieAuthFile ${resolve(cookie)}`, `SocksPort 127.0.0.1:${socks}`])
      Object.assign(client, { control: `127.0.0.1:${control}`, socks: `127.0.0.1:${socks}` })
      network.clients.push(client)
    }
    for (const tor of [...network.servers, ...network.clients]) tor.start(network.shared)
    return network
  }

  // Starts a client again, at the same ports.
  restart(client) {
    client.log = ''
    client.start(this.shared)
  }

  // Waits until all clients can build circuits. Throws with the reason.
  async up() {
    const all = [...this.servers, ...this.clients]
    await until(() => all.map(tor => `${tor.name}: ${tor.log.trim().split('\n').at(-1)}`).join('; '),
      () => all.some(tor => !tor.isRunning) || this.clients.every(tor => tor.log.includes('Bootstrapped 100%')), UP_MS, 100)
    const ended = all.find(tor => !tor.isRunning)
    if (ended) throw new Error(`${ended.name} has ended: ${ended.log.slice(-600)}`)
  }

  async stop() {
    await Promise.all([...this.clients, ...this.servers].map(tor => tor.stop()))
  }
}
