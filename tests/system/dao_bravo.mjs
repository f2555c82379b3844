// A governor of Bravo's shape with a token of COMP's and Compound's timelock, by the node alone from following it to the
// payment: layout proven by storage, a proposal, votes by transaction and by a Bravo ballot, recount, states, money.
//
//   node tests/system/dao_bravo.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { readFileSync } from 'node:fs'
import { ethers } from 'ethers'
import { compile } from '../devnet/solidity.mjs'
import { counter, expectEqual } from '../ui/browser.mjs'
import { tokens, World } from './dao_world.mjs'
import { expect, tidy, until } from './hearth.mjs'
import { codeOf } from './wallet_owner.mjs'

const PERIOD = 55
const results = counter()
const { check } = results
const world = await World.start()
const { chain, bank } = world
const compiled = compile('Bravo.sol', readFileSync(new URL('./contracts/Bravo.sol', import.meta.url), 'utf8'))
async function deploy(name, ...args) {
  const made = await new ethers.ContractFactory(compiled[name].abi, compiled[name].bytecode, bank).deploy(...args, { gasLimit: 12_000_000 })
  return made.waitForDeployment()
}
const token = await deploy('BravoToken'), timelock = await deploy('BravoTimelock', 2)
const governor = await deploy('BravoGovernor', await token.getAddress(), await timelock.getAddress(), PERIOD)
const address = await governor.getAddress()
await world.mined(timelock.giveTo(address))
const a = await world.node('a'), b = await world.node('b')
await world.acquaint(a, b)
for (const [one, amount] of [[a, '60'], [b, '30']]) {
  await world.mined(token.transfer(one.address, tokens(amount)))
  await world.mined(token.connect(one.wallet).delegate(one.address, { gasLimit: 300000 }))
}
const stranger = ethers.Wallet.createRandom().address
const known = async node => (await node.call('dao.list')).communities.find(one => one.address === address)
let id
const params = () => ({ address, id: String(id) })

await check('both nodes follow it', async () => {
  for (const one of [a, b]) {
    const community = await one.add(address)
    expectEqual([community.name, community.token, community.timelock, community.clock], ['Bravo Circle', await token.getAddress(), await timelock.getAddress(), 'blocks'], JSON.stringify(community))
  }
})
await check('A proposes a payment', async () => {
  // Compound's governors forward what execute is given.
  const { receipt } = await a.sent('dao.propose', { address, account: a.address, actions: [{ kind: 'pay_ether', to: stranger, wei: '5' }], description: 'Pay 5 wei' })
  const event = receipt.logs.map(log => governor.interface.parseLog(log)).find(log => log?.name === 'ProposalCreated')
  id = event.args.id
  expectEqual([String(id), event.args.proposer], ['1', a.address], 'event')
})
await check('its layout is proven by storage, and it is of Bravo\'s kind', async () => {
  const community = await until(async () => JSON.stringify(await known(a)), async () => { const now = await known(a); return now.profile === 'probed' && now }, 30000, 300)
  expectEqual([community.kind, community.counting], ['Governor Bravo', 'simple'], community.why)
})
await check('A votes by transaction; B\'s ballot cannot be taken back, and says so', async () => {
  await a.proposal(address, id, 'it is active', now => now.state === 'Active')
  await a.sent('dao.vote', { ...params(), account: a.address, support: 'for', reason: 'Yes.', by: 'transaction' })
  await b.proposal(address, id, 'it is active', now => now.state === 'Active')
  expectEqual(await codeOf(b.call('dao.vote', { ...params(), account: b.address, support: 'against', reason: 'No.', by: 'ballot' })), 'no_reason', 'a reason with a ballot')
  const ballot = await b.approved('dao.vote', { ...params(), account: b.address, support: 'against', by: 'ballot' })
  expect(ballot.notes.some(note => note.code === 'ballot_irrevocable'), JSON.stringify(ballot))
})
await check('A sends B\'s ballot', async () => {
  const kept = await until(async () => JSON.stringify(await a.call('dao.ballots', params()).catch(error => error.message)),
    async () => (await a.call('dao.ballots', params())).ballots.find(one => one.state === 'good'), 30000, 400)
  expectEqual([kept.voter, kept.support, kept.weight], [b.address, 0, String(tokens('30'))], 'ballot')
  await a.sent('dao.relay', { ...params(), ballots: [kept.id], account: a.address })
  const { hasVoted, support, votes } = await governor.getReceipt(id, b.address)
  expectEqual([hasVoted, Number(support), String(votes)], [true, 0, String(tokens('30'))], 'on the chain')
})
await check('both count the same, with both badges', async () => {
  for (const one of [a, b]) {
    const shown = await one.proposal(address, id, 'both are proven', now => now.votes_count === 2 && now.tally_proven && now.list_proven)
    expectEqual([shown.tally.for, shown.tally.against, shown.tally.quorum, shown.tally.quorum_met], [String(tokens('60')), String(tokens('30')), String(tokens('40')), true], one.name)
  }
})
await check('it is queued and executed, as state() says, and the money moves', async () => {
  const names = ['Pending', 'Active', 'Canceled', 'Defeated', 'Succeeded', 'Queued', 'Expired', 'Executed']
  const agrees = async one => one.proposal(address, id, 'as state() says', async now => now.state === names[Number(await governor.state(id))] && now.state)
  await a.proposal(address, id, 'it has succeeded', now => now.state === 'Succeeded', 120000)
  await a.sent('dao.queue', { ...params(), account: a.address })
  await agrees(b)
  await b.proposal(address, id, 'it is queued', now => now.state === 'Queued')
  await until('the delay is over', async () => (await chain.getBlock('latest')).timestamp > (await governor.proposals(id)).eta, 20000, 200)
  await b.proposal(address, id, 'it can be executed', now => now.timeline.some(step => step.what === 'executable' && step.state === 'now'))
  await b.sent('dao.execute', { ...params(), account: b.address })
  for (const one of [a, b]) await one.proposal(address, id, 'it is executed', now => now.state === 'Executed')
  expectEqual(String(await chain.getBalance(stranger)), '5', 'paid')
})

await world.stop()
await tidy()
results.finish()
process.exit()
