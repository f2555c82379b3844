// What tests of governance share: a devnet, nodes with an owner, an account and a feed key that hear each other, and the
// other side: ethers with OpenZeppelin's own interfaces.
import { readFileSync } from 'node:fs'
import { ethers } from 'ethers'
import { generateSecretKey, nip19 } from 'nostr-tools'
import { startDevnet } from '../devnet/devnet.mjs'
import { cli, dataDir, expect, Hearth, until, writeNetwork } from './hearth.mjs'
import { Owner } from './wallet_owner.mjs'

export const PASSPHRASE = 'a passphrase of the test'
export const tokens = ethers.parseEther
export const AGAINST = 0, FOR = 1, ABSTAIN = 2

export class World {
  static async start(options = {}) {
    const world = new World()
    world.devnet = await startDevnet({ preset: 'minimal', slotMs: 1000, contracts: true, ...options })
    world.network = await writeNetwork(world.devnet.network)
    world.chain = new ethers.JsonRpcProvider(world.devnet.rpcUrl, undefined, { staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1, pollingInterval: 100 })
    world.bank = await world.chain.getSigner(1)
    world.nodes = []
    await until('the contracts are there', async () => (await world.chain.getCode(world.devnet.network.contracts.eas)) !== '0x', 30000, 200)
    return world
  }

  async mined(transaction) {
    return (await transaction).wait(1, 30000)
  }

  async person(ether = '5') {
    const wallet = ethers.Wallet.createRandom(this.chain)
    await this.mined(this.bank.sendTransaction({ to: wallet.address, value: ethers.parseEther(ether) }))
    return wallet
  }

  // A node whose owner has that account; execution: what it asks instead of anvil itself.
  async node(name, { wallet = null, execution = [this.devnet.rpcUrl], args = [], secret = generateSecretKey() } = {}) {
    const one = new DaoNode()
    Object.assign(one, { world: this, name, dir: await dataDir(name), wallet: wallet ?? await this.person(), args: [...args, ...execution.flatMap(url => ['--execution', url])] })
    await one.run()
    await one.owner.create(PASSPHRASE)
    await one.owner.import('mnemonic', [one.wallet.mnemonic.phrase], { words: 12 })
    await one.owner.import('nsec', [nip19.nsecEncode(secret)])
    one.key = (await until(`${name} knows its key`, async () => { const me = await one.node.call('social.me'); return me.pubkey && me })).pubkey
    one.address = one.wallet.address
    this.nodes.push(one)
    return one
  }

  // They follow each other, and write to the first one's relay.
  async acquaint(...nodes) {
    for (const one of nodes) {
      for (const other of nodes) if (one !== other) await one.call('social.follow', { pubkey: other.key, on: true })
      if (one !== nodes[0]) await one.call('social.set_settings', { relays: [{ url: nodes[0].door, read: true, write: true }] })
    }
  }

  async stop() {
    for (const one of this.nodes) await one.node.stop()
    this.chain.destroy()
    await this.devnet.stop()
  }
}

export class DaoNode {
  async run() {
    const { world } = this
    this.node = await Hearth.start({ network: world.network, dir: this.dir, beacons: world.devnet.beaconUrls, args: this.args })
    await this.node.live(30000)
    this.owner = new Owner(this.node)
    this.door = (await this.node.call('node.door')).url
  }

  async again() {
    await this.run()
    await this.owner.unlock(PASSPHRASE)
  }

  call(method, params = {}) {
    return this.owner.call(method, params)
  }

  // A call that needs the owner's word, approved: its result; the item of the queue is in .item.
  async approved(method, params) {
    const { result, item } = await this.owner.approved(method, params)
    this.item = item
    return result
  }

  // The same when it ends in a transaction: its receipt, of one that succeeded.
  async sent(method, params) {
    const result = await this.approved(method, params)
    expect(/^0x[0-9a-f]{64}$/.test(result.hash), `${method} answered ${JSON.stringify(result)}`)
    const receipt = await this.world.chain.waitForTransaction(result.hash, 1, 30000)
    expect(receipt.status === 1, `${method} failed on chain`)
    await this.seen(receipt.blockNumber)
    return { ...result, receipt }
  }

  async eth(method, ...params) {
    const answer = await fetch(`${this.node.origin}/eth`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) })
    return (await answer.json()).result
  }

  // Waits until that block is proven here.
  seen(block) {
    return until(`${this.name} has proven block ${block}`, async () => BigInt((await this.eth('eth_blockNumber')) ?? 0) >= block, 20000, 100)
  }

  async add(address) {
    return (await this.call('dao.add', { address })).community
  }

  // Waits until it knows the proposal, and until the proposal is as wanted; gives dao.proposal.
  async proposal(address, id, what = 'it is known', wanted = () => true, ms = 60000) {
    let last = null
    return until(() => `${this.name}: ${what}; it is ${JSON.stringify(last)?.slice(0, 3000)}; it logged ${this.node.log.slice(-800)}`, async () => {
      last = await this.call('dao.proposal', { address, id: String(id) }).catch(error => ({ error_code: error.code, error_text: error.message }))
      return !last.error_code && (await wanted(last)) && last
    }, ms, 300)
  }

  hearth(...args) {
    return cli([...args, '--network', this.world.network, '--data-dir', this.dir], { deadlineMs: 90000 })
  }
}

const ours = JSON.parse(readFileSync(new URL('../../build/governance/contracts_gen.json', import.meta.url)))
// One of our contracts at an address, by its ABI.
export const contractAt = (address, name, runner) => new ethers.Contract(address, ours[name].abi, runner)
