// A community from its beginning to a payment, on three real nodes over a devnet, with ethers and OpenZeppelin's interfaces
// as the other side at every step: created by A, tokens delegated by B, a payment proposed, decoded and simulated, voted on
// directly and by a ballot that the third node sends, queued, executed, and audited.
//
//   node tests/system/dao.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ethers } from 'ethers'
import { counter, expectEqual } from '../ui/browser.mjs'
import { contractAt, tokens, World } from './dao_world.mjs'
import { expect, parseOne, tidy, until } from './hearth.mjs'
import { codeOf } from './wallet_owner.mjs'

const results = counter()
const { check } = results
const world = await World.start()
const { chain } = world
const a = await world.node('a'), b = await world.node('b'), c = await world.node('c')
const stranger = ethers.Wallet.createRandom().address
await world.acquaint(a, b, c)
const everyone = [a, b, c]
let made, address, governor, token, id
const params = () => ({ address, id: String(id) })

// --- a community -----------------------------------------------------------------------------------

await check('A makes a community by one transaction', async () => {
  const wishes = { account: a.address, name: 'Orchard', kind: 'token', voting_delay: 3, voting_period: 70, quorum_percent: 10, threshold: String(tokens('1')), timelock_delay_s: 2, treasury_wei: '4242',
    token: { name: 'Apple', symbol: 'APL', holders: [{ address: a.address, amount: String(tokens('90')) }, { treasury: true, amount: String(tokens('10')) }] } }
  const { id: creation } = await a.approved('dao.create', wishes)
  made = await until('it is there', async () => {
    const now = await a.call('dao.created', { id: creation })
    expect(!now.error, JSON.stringify(now.error))
    return now.community && now
  }, 60000, 300)
  address = made.community
  governor = contractAt(address, 'CommunityGovernor', chain)
  token = contractAt(made.votes, 'CommunityToken', chain)
  expectEqual([await governor.name(), String(await chain.getBalance(made.treasury)), String(await token.getVotes(a.address))], ['Orchard', '4242', String(tokens('90'))], 'on the chain')
})
await check('every node proves what it is and follows it', async () => {
  for (const one of everyone) {
    const community = await one.add(address)
    expectEqual([community.name, community.kind, community.token, community.timelock, community.token_symbol, community.clock, community.counting], ['Orchard', 'OpenZeppelin 5', made.votes, made.treasury, 'APL', 'blocks', 'fractional'], one.name)
    expect(['known', 'probed'].includes(community.profile), `${one.name}: ${community.profile}, ${community.why}`)
  }
  expectEqual(await codeOf(a.call('dao.add', { address: made.treasury })), 'no_governor', 'the treasury')
})
await check('the command line lists and shows it', async () => {
  const list = await b.hearth('dao', 'list', '--json')
  expectEqual([list.code, parseOne(list.out).communities.map(one => one.address)], [0, [address]], list.err)
  const shown = await b.hearth('dao', 'show', address)
  expect(shown.code === 0 && shown.out.includes('Orchard'), `${shown.code} ${shown.out} ${shown.err}`)
  const none = await b.hearth('dao', 'show', stranger)
  expectEqual(none.code, 1, none.err)
})
await check('settings, power over it and the treasury are shown', async () => {
  const shown = await until('power is looked at', async () => { const now = await a.call('dao.community', { address }); return now.power && now }, 30000, 500)
  expectEqual([shown.settings.voting_delay, shown.settings.voting_period, shown.settings.threshold, shown.treasury.wei, shown.treasury.address].map(String), ['3', '70', String(tokens('1')), '4242', made.treasury], 'settings')
})

// --- votes -----------------------------------------------------------------------------------------

await check('who holds tokens but has not delegated is told so', async () => {
  await world.mined(token.connect(a.wallet).transfer(b.address, tokens('30')))
  await until('B has seen it', async () => (await b.call('dao.power', { address, account: b.address })).balance === String(tokens('30')), 20000, 300)
  const power = await b.call('dao.power', { address, account: b.address })
  expectEqual([power.votes_now, power.delegate, power.warnings.some(one => one.code === 'not_delegated')], ['0', null, true], JSON.stringify(power))
})
await check('B delegates to itself', async () => {
  await b.sent('dao.delegate', { address, account: b.address, to: b.address, by: 'transaction' })
  expectEqual([String(await token.getVotes(b.address)), await token.delegates(b.address)], [String(tokens('30')), b.address], 'on the chain')
  await until('B sees it', async () => (await b.call('dao.power', { address, account: b.address })).votes_now === String(tokens('30')), 20000, 300)
})

// --- a proposal ------------------------------------------------------------------------------------

const TEXT = '# Pay the stranger\n\nFor the *well*.'
const actions = [{ kind: 'pay_ether', to: stranger, wei: '777' }]
await check('a proposal is previewed: its id, what it does, and that it can be made', async () => {
  const preview = await a.call('dao.preview', { address, account: a.address, actions, description: TEXT })
  const wanted = await governor['hashProposal(address[],uint256[],bytes[],bytes32)']([stranger], [777n], ['0x'], ethers.id(TEXT))
  expectEqual([preview.id, preview.propose.would_fail], [String(wanted), null], JSON.stringify(preview).slice(0, 800))
  expect(!preview.simulation.error && preview.simulation.results.length === 1, JSON.stringify(preview.simulation).slice(0, 500))
})
await check('A proposes it', async () => {
  const { id: said, receipt } = await a.sent('dao.propose', { address, account: a.address, actions, description: TEXT })
  const event = receipt.logs.map(log => governor.interface.parseLog(log)).find(log => log?.name === 'ProposalCreated')
  id = event.args.proposalId
  expectEqual([said, event.args.description], [String(id), TEXT], 'what it said')
})
await check('every node finds it, complete by storage, with its text proven', async () => {
  for (const one of everyone) {
    const list = await until(async () => `${one.name} lists it: ${JSON.stringify(await one.call('dao.proposals', { address })).slice(0, 1000)}`, async () => {
      const now = await one.call('dao.proposals', { address })
      return now.proposals.length === 1 && now.proposals[0].title && now.is_complete && now
    }, 30000, 300)
    expectEqual([list.proposals[0].id, list.proposals[0].title, list.proposals[0].is_text_proven, list.proposals[0].proposer], [String(id), 'Pay the stranger', true, a.address], one.name)
  }
})
await check('its payment is decoded and simulated', async () => {
  const shown = await b.proposal(address, id, 'its actions are there', now => now.actions?.length === 1)
  const [action] = shown.actions
  expectEqual([action.target, action.wei, action.guess, shown.description], [stranger, '777', false, TEXT], 'action')
  expect(/777/.test(JSON.stringify(action.explain)), JSON.stringify(action.explain))
  const run = await b.call('dao.simulate', params())
  expect(JSON.stringify(run.words).includes('777') || JSON.stringify(run.balances).includes('777'), JSON.stringify(run).slice(0, 1500))
})

// --- voting ----------------------------------------------------------------------------------------

const active = one => one.proposal(address, id, 'it is active', now => now.state === 'Active' && now.state_provenance === 'proven')
await check('A votes by transaction, with a reason', async () => {
  await active(a)
  await a.sent('dao.vote', { ...params(), account: a.address, support: 'for', reason: 'The well is dry.', by: 'transaction' })
  expectEqual(String((await governor.proposalVotes(id)).forVotes), String(tokens('60')), 'for')
  expectEqual(await codeOf(a.call('dao.vote', { ...params(), account: a.address, support: 'for', by: 'transaction' })), 'has_voted', 'again')
})
await check('who has no votes at the snapshot is refused, with words', async () => {
  await active(c)
  expectEqual(await codeOf(c.call('dao.vote', { ...params(), account: c.address, support: 'for', by: 'transaction' })), 'zero_weight', 'C')
})
let ballot
await check('B signs a ballot on the command line, for nothing', async () => {
  await active(b)
  const before = await chain.getTransactionCount(b.address)
  const run = await b.hearth('vote', address, String(id), 'for', '--ballot', '--reason', 'By ballot.', '--yes', '--json')
  expectEqual(run.code, 0, run.err)
  ballot = parseOne(run.out)
  expect(ballot.event_id, JSON.stringify(ballot))
  expectEqual([await chain.getTransactionCount(b.address), await governor.hasVoted(id, b.address)], [before, false], 'on the chain')
})
await check('the third node gets it, checks it, and sends it at its own cost', async () => {
  const kept = await until(async () => `C has a good ballot: ${JSON.stringify(await c.call('dao.ballots', params()).catch(error => error.message))}`,
    async () => (await c.call('dao.ballots', params())).ballots.find(one => one.state === 'good'), 30000, 400)
  expectEqual([kept.voter, kept.support, kept.weight, kept.reason], [b.address, 1, String(tokens('30')), 'By ballot.'], 'ballot')
  const sent = await c.sent('dao.relay', { ...params(), ballots: [kept.id], account: c.address })
  expectEqual([sent.receipt.from, sent.relayed], [c.address, [kept.id]], 'sent')
  expectEqual([await governor.hasVoted(id, b.address), String((await governor.proposalVotes(id)).forVotes)], [true, String(tokens('90'))], 'on the chain')
  const [vote] = (await governor.queryFilter('VoteCast', sent.receipt.blockNumber)).concat(await governor.queryFilter('VoteCastWithParams', sent.receipt.blockNumber))
  expectEqual([vote.args.voter, vote.args.reason], [b.address, 'By ballot.'], 'event')
})
await check('every node counts the same, with both badges', async () => {
  for (const one of everyone) {
    const shown = await one.proposal(address, id, 'both are proven', now => now.tally?.for === String(tokens('90')) && now.tally_proven && now.list_proven)
    expectEqual([shown.votes_count, shown.missing, shown.tally.quorum_met], [2, null, true], one.name)
    const { votes } = await one.call('dao.votes', params())
    expectEqual(votes.map(vote => [vote.voter, vote.support, vote.weight, vote.reason]), [[a.address, 1, String(tokens('60')), 'The well is dry.'], [b.address, 1, String(tokens('30')), 'By ballot.']], one.name)
  }
})
await check('the command line counts them too', async () => {
  const run = await c.hearth('dao', 'votes', address, String(id))
  expect(run.code === 0 && run.out.includes('The well is dry.') && run.out.includes('tally proven'), `${run.code} ${run.out} ${run.err}`)
})

// --- what was decided is done ----------------------------------------------------------------------

await check('it is queued when it has succeeded', async () => {
  expectEqual(await codeOf(a.call('dao.queue', { ...params(), account: a.address })), 'not_succeeded', 'before the end')
  await a.proposal(address, id, 'it has succeeded', now => now.state === 'Succeeded', 120000)
  await a.sent('dao.queue', { ...params(), account: a.address })
  expectEqual(String(await governor.state(id)), '5', 'state')
})
await check('any node executes it, and the money moves', async () => {
  const timeline = (await c.proposal(address, id, 'it can be executed', now => now.state === 'Queued' && now.timeline.some(step => step.what === 'executable' && step.state === 'now'), 30000)).timeline
  expect(timeline.length >= 5, JSON.stringify(timeline))
  const run = await c.hearth('dao', 'execute', address, String(id), '--yes', '--json')
  expectEqual(run.code, 0, run.err)
  await chain.waitForTransaction(parseOne(run.out).hash, 1, 30000)
  expectEqual([String(await governor.state(id)), String(await chain.getBalance(stranger)), String(await chain.getBalance(made.treasury))], ['7', '777', '3465'], 'state, paid, left')
  for (const one of everyone) await one.proposal(address, id, 'it is executed', now => now.state === 'Executed')
})

// --- audit -----------------------------------------------------------------------------------------

let audit
await check('the audit is written', async () => {
  const file = join(a.dir, 'audit.json')
  const shown = await until('it is final', async () => { const now = await a.call('dao.proposal', params()); return now.as_of?.is_final !== undefined && now }, 5000)
  expect(shown, 'nothing')
  await until('it can be made', async () => (await a.hearth('dao', 'export', address, String(id), '--format', 'audit', '--out', file)).code === 0, 90000, 3000)
  audit = file
})
await check('a node that has seen nothing but a checkpoint verifies it, and no forgery', async () => {
  const fresh = await world.node('fresh', { execution: [] })
  await fresh.node.stop()
  world.nodes = world.nodes.filter(one => one !== fresh)
  const good = await fresh.hearth('verify', audit, '--json')
  expectEqual([good.code, parseOne(good.out).verdict], [0, 'valid'], good.out + good.err)
  const { readFile } = await import('node:fs/promises')
  const forged = join(fresh.dir, 'forged.json')
  await writeFile(forged, (await readFile(audit, 'utf8')).replaceAll(a.address.slice(2).toLowerCase(), b.address.slice(2).toLowerCase()))
  const bad = await fresh.hearth('verify', forged, '--json')
  expect(bad.code === 1 || bad.code === 3, `${bad.code} ${bad.out}`)
})
await check('tables of votes are exported', async () => {
  const csv = await b.hearth('dao', 'export', address, String(id), '--format', 'csv')
  expect(csv.code === 0 && csv.out.includes(a.address) && csv.out.includes('By ballot.'), `${csv.code} ${csv.out} ${csv.err}`)
  const json = await b.hearth('dao', 'export', address, String(id), '--format', 'json')
  expect(json.code === 0 && JSON.parse(json.out), json.err)
})

await world.stop()
await tidy()
results.finish()
process.exit()
