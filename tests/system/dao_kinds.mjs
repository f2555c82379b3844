// Governors of kinds that are not ours, each from following it to its end, by the node alone: OpenZeppelin 4.9 with a
// timelock, and compatible with Bravo; OpenZeppelin 5 with split votes, stored and numbered proposals, late quorums, time as
// its clock and a timelock that lets proposals expire; and with votes over delegates' heads. Whatever the node shows on the
// way is compared with the governor's own views.
//
//   node tests/system/dao_kinds.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { ethers } from 'ethers'
import { counter, expectEqual } from '../ui/browser.mjs'
import { tokens } from './dao_world.mjs'
import { Kind, Kinds } from './dao_kinds_world.mjs'
import { expect, tidy, until } from './hearth.mjs'
import { codeOf } from './wallet_owner.mjs'

const PERIOD = 45, EXTENSION = 36, GRACE = 14
const results = counter()
const { check } = results
const kinds = await Kinds.start(['Kinds4.sol', 'Kinds5.sol'])
const { world, node, ada, dot, ben, cid } = kinds
const { chain } = world
const stranger = ethers.Wallet.createRandom().address
const pay = wei => [{ kind: 'pay_ether', to: stranger, wei: String(wei) }]
const paid = async () => Number(await chain.getBalance(stranger))

// --- what there is ---------------------------------------------------------------------------------

const [oldToken, timeToken, historyToken] = [await kinds.token('OldToken'), await kinds.token('TimeToken'), await kinds.token('HistoryToken', { cid: ben })].map(token => token.target)
const [controller, other, lasting, short] = await Promise.all([kinds.deploy('OldTimelock'), kinds.deploy('OldTimelock'), kinds.deploy('GraceTimelock', 2, 14 * 86400), kinds.deploy('GraceTimelock', 2, GRACE)])
const [old, compatible, every, over] = (await Promise.all([kinds.deploy('OldGovernor', oldToken, controller.target, PERIOD), kinds.deploy('CompatibleGovernor', oldToken, lasting.target, PERIOD),
  kinds.deploy('EveryGovernor', timeToken, short.target, PERIOD, EXTENSION), kinds.deploy('OverrideGovernor', historyToken, PERIOD)])).map(governor => new Kind(kinds, governor))
const moving = new Kind(kinds, old.governor) // a second proposal of that governor
every.isTime = true
await Promise.all([...['PROPOSER_ROLE', 'CANCELLER_ROLE'].map(async role => world.mined(controller.grantRole(await controller[role](), old.address, { gasLimit: 200000 }))),
  ...[[lasting, compatible], [short, every]].map(([timelock, one]) => world.mined(timelock.setPendingAdmin(one.address, { gasLimit: 200000 }))),
  ...[controller.target, lasting.target, short.target, over.address].map(to => kinds.fund(to))])
await Promise.all([compatible, every].map(one => world.mined(one.governor.__acceptAdmin({ gasLimit: 200000 }))))

await check('four governors are followed, each as what its code says', async () => {
  await old.follow({ name: 'Olds', token: oldToken, timelock: controller.target, clock: 'blocks', profile: 'called' })
  await compatible.follow({ name: 'Compatibles', token: oldToken, timelock: lasting.target, clock: 'blocks' })
  await every.follow({ name: 'Everything', token: timeToken, timelock: short.target, clock: 'time', counting: 'fractional' })
  await over.follow({ name: 'Overriders', token: historyToken, timelock: null, clock: 'blocks', counting: 'overridable' })
})
// Proposed, found, and open for votes; each pays more than the one before.
let paying = 1
async function open(one, actions = pay(paying++)) {
  const text = `${actions[0].kind} by ${one.address}`
  await one.propose(actions, text)
  await one.shows('it is known', now => now.title === text)
  await one.is('Active')
}

// --- votes -----------------------------------------------------------------------------------------

await check('4.9: by transaction and by a ballot that cannot be taken back; counted from storage that was found', async () => {
  await open(old, [...pay(paying++), { kind: 'call', target: old.address, signature: 'updateTimelock(address)', arguments: [other.target] }])
  await old.vote(ada, { support: 'for', reason: 'As ever.' })
  await old.stands('probed', 'OpenZeppelin 4', 'simple')
  await old.ballot(dot, { support: 'against' }, '4', { support: 0, weight: String(tokens('30')), weight_provenance: 'proven' })
  await old.cast(ben, 'castVote(uint256,uint8)', old.id, 2)
  await old.counted(3, ['30', '40', '20'])
})
await check('4.9: a second payment is voted for', async () => {
  await open(moving)
  await moving.vote(ada, { support: 'for' })
  await moving.counted(1, ['0', '40', '0'])
})
await check('4.9 compatible with Bravo: tallies and receipts are where it keeps them', async () => {
  await open(compatible)
  await compatible.vote(ada, { support: 'for' })
  await compatible.stands('probed', 'OpenZeppelin 4', 'simple')
  await compatible.ballot(dot, { support: 'for' }, '4', { support: 1, weight: String(tokens('30')), weight_provenance: 'proven' })
  await compatible.cast(ben, 'castVoteWithReason(uint256,uint8,string)', compatible.id, 0, 'No.')
  await compatible.counted(3, ['20', '70', '0'])
  expectEqual(await codeOf(compatible.vote(ada, { support: 'for' })), 'has_voted', 'twice')
  const [, support, votes] = await compatible.governor.getReceipt(compatible.id, dot.address)
  expectEqual([Number(support), String(votes)], [1, String(tokens('30'))], 'receipt')
})
await check('5 with overrides: a delegator votes over the delegate\'s head, after it and before it', async () => {
  await open(over)
  await over.vote(ada, { support: 'for' })
  await over.stands('probed', 'OpenZeppelin 5', 'overridable')
  await over.ballot(dot, { support: 'abstain', reason: 'Hm.' }, '5-extended', { support: 2, reason: 'Hm.', weight_provenance: 'proven' })
  await over.cast(ben, 'castVote(uint256,uint8)', over.id, 0)
  await over.counted(3, ['30', '40', '30'])
  await over.cast(cid, 'castOverrideVote(uint256,uint8,string)', over.id, 1, 'Not in my name.')
  await over.counted(4, ['20', '50', '30'])
})
await check('5 with fractions: a vote in parts, the rest later, and a ballot in parts', async () => {
  await open(every)
  expectEqual(String(every.id), '1', 'proposals are numbered')
  await every.vote(ada, { split: [1, 20, 2].map(n => String(tokens(String(n)))) })
  await every.stands('probed', 'OpenZeppelin 5', 'fractional')
  await every.counted(1, ['1', '20', '2'])
  expectEqual(await codeOf(every.vote(ada, { split: ['0', String(tokens('18')), '0'] })), 'bad_split', 'more than is left')
  await every.vote(ada, { support: 'for' })
  await every.counted(2, ['1', '37', '2'])
  await every.ballot(dot, { split: [5, 25, 0].map(n => String(tokens(String(n)))) }, '5-extended', { weight_provenance: 'proven' })
  await every.counted(3, ['6', '62', '2'])
})
await check('5 with late quorums: the vote that reaches it moves the deadline', async () => {
  const before = await every.shows('its window', now => now.state === 'Active')
  expectEqual([before.end - before.start, before.tally.quorum_met], [PERIOD, false], 'before')
  await until('it is late', async () => (await chain.getBlock('latest')).timestamp > before.end - EXTENSION, 60000, 300)
  await every.cast(ben, 'castVote(uint256,uint8)', every.id, 1)
  const after = await every.counted(4, ['6', '82', '2'])
  expect(after.end > before.end && after.tally.quorum_met, `${after.end} after ${before.end}`)
})

// --- to the end ------------------------------------------------------------------------------------

const executable = one => one.shows('it can be executed', now => now.state === 'Queued' && now.timeline.some(step => step.what === 'executable' && step.state === 'now'), 30000)
const act = (one, method) => node.sent(method, { ...one.params, account: ada.address })
await check('4.9 compatible: it succeeds, is queued in Compound\'s timelock, executed, and the money moves', async () => {
  await compatible.is('Succeeded', 120000)
  await act(compatible, 'dao.queue')
  await executable(compatible)
  await act(compatible, 'dao.execute')
  const end = await compatible.is('Executed')
  expectEqual([end.state_provenance, end.tally_proven, end.list_proven, await paid()], ['proven', true, true, 3], 'the end')
})
await check('5 with overrides: without a timelock it is executed at once', async () => {
  await over.is('Succeeded')
  await act(over, 'dao.execute')
  const end = await over.is('Executed')
  expectEqual([end.state_provenance, end.tally_proven, end.list_proven, await paid()], ['proven', true, true, 7], 'the end')
})
await check('4.9: the same with its own timelock, which the proposal replaces', async () => {
  await old.is('Succeeded', 120000)
  await act(old, 'dao.queue')
  await moving.is('Succeeded', 120000)
  await act(moving, 'dao.queue')
  await executable(moving)
  await executable(old)
  await act(old, 'dao.execute')
  expectEqual([await paid(), await old.governor.timelock()], [8, other.target], 'done')
})
await check('4.9: with another timelock what waits in the former is canceled; nothing is believed until that is proven', async () => {
  const now = await until(async () => `it is seen: ${JSON.stringify(await old.community())}`, async () => { const shown = await old.community(); return shown.profile === 'none' && shown }, 30000, 25)
  expectEqual(now.alerts.map(one => one.code), ['timelock_changed'], now.why)
  const end = await moving.is('Canceled', 60000)
  expectEqual([end.state_provenance, (await old.community()).timelock, (await old.community()).profile], ['proven', other.target, 'probed'], 'the second')
  const first = await old.is('Executed')
  expectEqual([first.state_provenance, first.tally_proven, first.list_proven], ['proven', true, true], 'the first')
})
await check('5 with everything: it succeeds later, is queued, and expires with its timelock\'s own grace', async () => {
  await every.is('Succeeded', 120000)
  await act(every, 'dao.queue')
  await every.is('Queued')
  const end = await every.is('Expired', 40000)
  expectEqual([end.state_provenance, end.tally_proven, end.list_proven, await paid()], ['proven', true, true, 8], 'the end')
  expectEqual(await codeOf(act(every, 'dao.execute')), 'not_queued', 'execute')
})

await kinds.stop()
await tidy()
results.finish()
process.exit()
