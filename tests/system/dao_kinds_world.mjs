// What the tests of kinds of governors share: people with tokens, and one governor seen from both sides. Whatever the node
// shows of a proposal is compared with the governor's own views at the block that the node names.
import { readFileSync } from 'node:fs'
import { ethers } from 'ethers'
import { compile } from '../devnet/solidity.mjs'
import { expectEqual } from '../ui/browser.mjs'
import { tokens, World } from './dao_world.mjs'
import { expect, until } from './hearth.mjs'

const STATES = ['Pending', 'Active', 'Canceled', 'Defeated', 'Succeeded', 'Queued', 'Expired', 'Executed']
const OVER = ['Canceled', 'Defeated', 'Expired', 'Executed']
const VIEWS = ['function getVotes(address) view returns (uint256)', 'function proposals(uint256) view returns (uint256, address, uint256, uint256, uint256, uint256, uint256, uint256, bool, bool)']

export const sources = file => compile(file, readFileSync(new URL(`./contracts/${file}`, import.meta.url), 'utf8'))

// A devnet, and one node with two accounts, ada's and dot's; ben and cid are known to ethers alone.
export class Kinds {
  static async start(files) {
    const kinds = new Kinds()
    kinds.compiled = Object.assign({}, ...files.map(sources))
    kinds.world = await World.start()
    kinds.node = await kinds.world.node('kinds')
    kinds.ada = kinds.node.wallet
    kinds.dot = await kinds.world.person()
    kinds.ben = await kinds.world.person()
    kinds.cid = await kinds.world.person()
    await kinds.node.owner.import('raw', [kinds.dot.privateKey.slice(2)])
    // From here on it sends several at once, and counts itself.
    kinds.bank = new ethers.NonceManager(kinds.world.bank)
    return kinds
  }

  async deploy(name, ...args) {
    const { abi, bytecode } = this.compiled[name]
    return (await new ethers.ContractFactory(abi, bytecode, this.bank).deploy(...args, { gasLimit: 14_000_000 })).waitForDeployment()
  }

  // A token of which they have 40, 30, 20 and 10, delegated to themselves but for those who are named: {cid: ben}.
  async token(name, delegates = {}, people = ['ada', 'dot', 'ben', 'cid']) {
    const token = await this.deploy(name, people.map(who => this[who].address))
    await Promise.all(people.map(async who => this.world.mined(this[who].delegate?.(token.target) ??
      token.connect(this[who]).delegate((delegates[who] ?? this[who]).address, { gasLimit: 300000 }))))
    return token
  }

  // Ether for a treasury.
  async fund(to) {
    await this.world.mined(this.bank.sendTransaction({ to, value: 1000n, gasLimit: 100000n }))
  }

  async stop() {
    await this.world.stop()
  }
}

// One governor that the node follows, and its one proposal.
export class Kind {
  constructor(kinds, governor, address = governor.target) {
    Object.assign(this, { kinds, node: kinds.node, chain: kinds.world.chain, governor, address })
    this.views = new ethers.Contract(address, VIEWS, this.chain)
  }

  get params() {
    return { address: this.address, id: String(this.id) }
  }

  async follow(wanted) {
    const community = await this.node.add(this.address)
    for (const [key, value] of Object.entries(wanted)) expectEqual(community[key], value, `${key} of ${JSON.stringify(community)}`)
    return community
  }

  async community() {
    return (await this.node.call('dao.list')).communities.find(one => one.address === this.address)
  }

  // Waits until it stands as it should.
  async stands(profile, kind, counting) {
    const now = await until(async () => `it is ${profile}: ${JSON.stringify(await this.community())}`, async () => {
      const community = await this.community()
      return community.profile === profile && !community.is_profiling && community
    }, 40000, 300)
    expectEqual([now.kind, now.counting], [kind, counting], now.why ?? 'what it is')
    return now
  }

  async propose(actions, description) {
    const { id, receipt } = await this.node.sent('dao.propose', { address: this.address, account: this.kinds.ada.address, actions, description })
    const event = receipt.logs.filter(log => log.address === this.address).map(log => this.governor.interface.parseLog(log)).find(log => log?.name === 'ProposalCreated')
    this.id = event.args[0]
    this.text = description
    return id
  }

  async tallies(at) {
    if (this.governor.interface.getFunction('proposalVotes(uint256)')) return this.governor.proposalVotes(this.id, at)
    const all = await this.views.proposals(this.id, at)
    return [all[6], all[5], all[7]]
  }

  // What the governor says of its proposal at that block.
  async said(number) {
    const at = { blockTag: number }
    const [state, start, end, [against, inFavour, abstain], block] = await Promise.all([this.governor.state(this.id, at),
      this.governor.proposalSnapshot(this.id, at), this.governor.proposalDeadline(this.id, at), this.tallies(at), this.chain.getBlock(number)])
    const clock = this.isTime ? block.timestamp : number
    const quorum = BigInt(clock) > start ? String(await this.governor.quorum(start, at)) : null
    return { state: STATES[Number(state)], start: Number(start), end: Number(end), tally: [against, inFavour, abstain].map(String), quorum }
  }

  async agrees(shown) {
    const { against, for: inFavour, abstain, quorum } = shown.tally
    const ours = { state: shown.state, start: shown.start, end: shown.end, tally: [against, inFavour, abstain], quorum }
    expectEqual(JSON.stringify(ours), JSON.stringify(await this.said(shown.as_of.number)), `${await this.governor.name()} at block ${shown.as_of.number}, ${shown.state_provenance}`)
  }

  // Waits for what is wanted; whatever is shown meanwhile is what the governor says.
  async shows(what, wanted, ms = 60000) {
    return this.node.proposal(this.address, this.id, what, async shown => {
      if (shown.state === 'Unknown' || !shown.tally) return false
      await this.agrees(shown)
      const is = await wanted(shown)
      expect(is || !OVER.includes(shown.state), `${what}, but it is ${shown.state}`)
      return is
    }, ms)
  }

  is(state, ms) {
    return this.shows(`it is ${state}`, now => now.state === state, ms)
  }

  vote(account, more) {
    return this.node.sent('dao.vote', { ...this.params, account: account.address, by: 'transaction', ...more })
  }

  async cast(account, method, ...args) {
    const receipt = await this.kinds.world.mined(this.governor.connect(account)[method](...args, { gasLimit: 400000 }))
    expect(receipt.status === 1, method)
    return receipt
  }

  // A ballot of an account of the node's, or one that others signed: found good, and sent by ada.
  async ballot(account, more, form, good) {
    const voter = more.voter ?? account.address, params = { ...this.params, account: account.address, by: 'ballot', ...more }
    const made = more.signature ? await this.node.call('dao.vote', params) : await this.node.approved('dao.vote', params)
    expectEqual(made.ballot.form, form, 'form')
    const kept = await until(async () => `the ballot is good: ${JSON.stringify(await this.node.call('dao.ballots', this.params).catch(error => error.message))}`,
      async () => (await this.node.call('dao.ballots', this.params)).ballots.find(one => one.voter === voter && one.state === 'good'), 30000, 300)
    for (const [key, value] of Object.entries(good)) expectEqual(kept[key], value, `${key} of ${JSON.stringify(kept)}`)
    await this.node.sent('dao.relay', { ...this.params, ballots: [kept.id], account: this.kinds.ada.address })
    expectEqual(await this.governor.hasVoted(this.id, voter), true, 'voted')
  }

  // As many votes, proven by receipts, add up to the stored tallies, and no other can be missing.
  counted(votes, tally) {
    return this.shows(`${votes} votes are proven`, now => {
      const is = now.votes_count === votes && now.tally_proven && now.list_proven
      if (is) expectEqual([now.tally.against, now.tally.for, now.tally.abstain], tally.map(amount => String(tokens(amount))), 'tally')
      if (is) expectEqual([now.state_provenance, now.missing], ['proven', null], 'provenance')
      return is
    })
  }
}
