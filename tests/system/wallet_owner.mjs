// The wallet's owner in tests: seals, asks, looks at the queue and decides, over the node's unix socket.
import http from 'node:http'
import { join } from 'node:path'
import { boundTo, replyKey, seal } from './seal.mjs'
import { expect, until } from './hearth.mjs'

const DEADLINE_MS = 60000

// The code a call is refused with, or "taken".
export const codeOf = promise => promise.then(() => 'taken', error => error.code ?? error.message)

export class Owner {
  constructor(node) {
    this.node = node
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 40 })
  }

  // As Hearth's, but patient: these calls wait for people and for Argon2. Keeps its connections.
  call(method, params = {}) {
    const answered = this.#ask(method, params)
    // Some are waited for only after something else.
    answered.catch(() => {})
    return answered
  }

  async #ask(method, params) {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const { error, result } = JSON.parse(await this.post('/api', body))
    if (error) throw Object.assign(new Error(`${method}: ${error.message}`), { code: error.data?.code ?? error.code })
    return result
  }

  post(path, body) {
    return new Promise((done, failed) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const options = { socketPath: join(this.node.dir, 'hearth.sock'), path, method: 'POST', agent: this.agent, timeout: DEADLINE_MS, headers }
      const request = http.request(options, async answer => {
        let text = ''
        try {
          for await (const part of answer) text += part
          done(text)
        } catch (error) {
          failed(error)
        }
      })
      request.on('timeout', () => request.destroy(new Error('no answer')))
      request.on('error', failed)
      request.end(body)
    })
  }

  status() {
    return this.call('wallet.status')
  }

  async sealed(request, ...parts) {
    return seal((await this.status()).signer.key, request, ...parts)
  }

  async create(passphrase) {
    return this.call('wallet.create', { sealed: await this.sealed('create', passphrase) })
  }

  async unlock(passphrase) {
    return this.call('wallet.unlock', { sealed: await this.sealed('unlock', passphrase) })
  }

  lock() {
    return this.call('wallet.lock')
  }

  // {seed, words}.
  async newSeed(count = 12) {
    const reply = replyKey()
    const { seed, sealed } = await this.call('wallet.new_seed', { words: count, reply_key: reply.key })
    const [words] = reply.open(sealed, 'new_seed')
    return { seed: typeof seed === 'string' ? seed : seed.id, words }
  }

  async checkBackup(seed, words) {
    return this.call('wallet.check_backup', { seed, sealed: await this.sealed('check_seed', words) })
  }

  async import(kind, parts, more = {}) {
    return this.call('wallet.import', { kind, sealed: await this.sealed('import', ...parts), ...more })
  }

  async export(id, format, passphrase, password = '') {
    const reply = replyKey()
    const { sealed } = await this.call('wallet.export', { id, format, reply_key: reply.key, sealed: await this.sealed(boundTo('export', reply.key), passphrase, password) })
    return reply.open(sealed, 'export')[0]
  }

  async remove(id, passphrase) {
    return this.call('wallet.remove', { id, sealed: await this.sealed('remove', passphrase) })
  }

  accounts() {
    return this.call('wallet.accounts')
  }

  async queue() {
    return (await this.call('wallet.queue')).items
  }

  // The one thing that waits; a second one is a mistake of the test.
  async waiting(kind) {
    const items = await until('something waits in the queue', async () => {
      const list = (await this.queue()).filter(item => item.state === 'waiting')
      return list.length > 0 && list
    }, 15000, 5)
    expect(items.length === 1, `${items.length} requests wait`)
    expect(!kind || items[0].kind === kind, `a ${items[0].kind} waits, not a ${kind}`)
    return items[0]
  }

  decide(item, approve, more = {}) {
    return this.call('wallet.decide', { id: item.id, payload_hash: item.payload_hash, approve, ...more })
  }

  // Asks for something, approves what comes into the queue, and gives {result, item, decision, ms}.
  async approved(method, params) {
    return this.approve(this.call(method, params))
  }

  // The same for what somebody else asks; pending: their promise.
  async approve(pending, approve = true, more = {}) {
    pending.catch(() => {})
    const item = await Promise.race([this.waiting(), pending.then(() => { throw new Error('it was answered without a decision') })])
    const began = performance.now()
    const decision = await this.decide(item, approve, more)
    const ms = performance.now() - began
    return { result: approve ? await pending : null, item, decision, ms }
  }
}

// A wallet that is made and has one seed that is backed up.
export async function firstRun(node, passphrase, words) {
  const owner = new Owner(node)
  await owner.create(passphrase)
  await owner.import('mnemonic', [words], { words: words.split(' ').length })
  const [account] = (await owner.accounts()).accounts
  return { owner, account }
}
