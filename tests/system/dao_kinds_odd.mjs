// Governors that are not where one would look for them, and a voter that is no person: one behind a proxy that is upgraded
// while its vote is open, one that may decide before its deadline, one whose storage is like nobody's, which is asked by calls
// and never called proven, and a contract's ballot (ERC-1271). Whatever the node shows is compared with the governor's views.
//
//   node tests/system/dao_kinds_odd.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { ethers } from 'ethers'
import { counter, expectEqual } from '../ui/browser.mjs'
import { tokens } from './dao_world.mjs'
import { Kind, Kinds } from './dao_kinds_world.mjs'
import { expect, tidy, until } from './hearth.mjs'
import { codeOf } from './wallet_owner.mjs'

const PERIOD = 60
const results = counter()
const { check } = results
const kinds = await Kinds.start(['KindsOdd.sol'])
const { world, node, ada, dot, ben, cid } = kinds
const { chain } = world
const stranger = ethers.Wallet.createRandom().address
const act = (one, method) => node.sent(method, { ...one.params, account: ada.address })

// --- what there is ---------------------------------------------------------------------------------

// The purse is cid's; what cid signs is its signature.
const purse = await kinds.deploy('Purse', cid.address)
kinds.purse = { address: purse.target, delegate: token => purse.connect(cid).delegate(token) }
const token = await kinds.token('PlainToken', {}, ['ada', 'dot', 'ben', 'purse'])
const [first, second, ...governors] = await Promise.all([kinds.deploy('ProxiedGovernor'), kinds.deploy('ProxiedGovernor2'), kinds.deploy('EarlyGovernor', token.target, PERIOD), kinds.deploy('OddGovernor', token.target, PERIOD)])
const proxy = await kinds.deploy('KindsProxy', first.target, first.interface.encodeFunctionData('initialize', [token.target, PERIOD]))
const proxied = new Kind(kinds, new ethers.Contract(proxy.target, kinds.compiled.ProxiedGovernor2.abi, kinds.bank))
const [early, odd] = governors.map(governor => new Kind(kinds, governor))
await Promise.all([proxied, early, odd].map(one => kinds.fund(one.address)))

let paying = 1
async function open(one) {
  await one.propose([{ kind: 'pay_ether', to: stranger, wei: String(paying++) }], `Pay, says ${one.address}`)
  await one.shows('it is known', now => now.title === `Pay, says ${one.address}`)
  await one.is('Active')
}
const paid = async () => Number(await chain.getBalance(stranger))

await check('three governors are followed, one of them by its implementation', async () => {
  await proxied.follow({ name: 'Proxied', implementation: first.target, token: token.target, timelock: null })
  await early.follow({ name: 'Early', implementation: null, token: token.target })
  await odd.follow({ name: 'Odd', implementation: null, token: token.target })
  expectEqual(await codeOf(node.add(purse.target)), 'no_governor', 'the purse')
})

// --- behind a proxy --------------------------------------------------------------------------------

await check('behind a proxy: its namespaces are found and proven', async () => {
  await open(proxied)
  await proxied.stands('probed', 'OpenZeppelin 5', 'simple')
  await proxied.vote(ada, { support: 'for' })
  await proxied.ballot(dot, { support: 'against' }, '5', { support: 0, weight: String(tokens('30')), weight_provenance: 'proven' })
  await proxied.counted(2, ['30', '40', '0'])
})
await check('a contract\'s ballot is good when its owner signed it, and counts', async () => {
  const domain = { name: 'Proxied', version: '1', chainId: (await chain.getNetwork()).chainId, verifyingContract: proxied.address }
  const types = { Ballot: [['uint256', 'proposalId'], ['uint8', 'support'], ['address', 'voter'], ['uint256', 'nonce']].map(([type, name]) => ({ type, name })) }
  const sign = (who, support) => who.signTypedData(domain, types, { proposalId: proxied.id, support, voter: purse.target, nonce: 0 })
  const offer = signature => ({ support: 'abstain', voter: purse.target, signature })
  expectEqual(await codeOf(node.call('dao.vote', { ...proxied.params, account: ada.address, by: 'ballot', ...offer(await sign(ben, 2)) })), 'bad_signature', 'not its owner')
  expectEqual(await codeOf(node.call('dao.vote', { ...proxied.params, account: ada.address, by: 'ballot', ...offer(await sign(cid, 1)) })), 'bad_signature', 'another choice')
  await proxied.ballot(ada, offer(await sign(cid, 2)), '5', { support: 2, weight: String(tokens('10')), weight_provenance: 'proven' })
  await proxied.counted(3, ['30', '40', '10'])
})
await check('an upgrade is noticed at the next look: nothing of it is believed, and it is said why', async () => {
  await world.mined(proxied.governor.upgradeToAndCall(second.target, '0x', { gasLimit: 200000 }))
  const now = await until(async () => `it is not believed: ${JSON.stringify(await proxied.community())}`, async () => {
    const community = await proxied.community()
    return community.profile === 'none' && community
  }, 30000, 25)
  expectEqual(now.alerts.map(one => one.code), ['proxy_changed'], JSON.stringify(now))
  expect(now.why.includes('upgraded'), now.why)
  const shown = await node.call('dao.proposal', proxied.params)
  expect(shown.state === 'Unknown' || shown.state_provenance === 'proven', JSON.stringify(shown))
})
await check('the new implementation is proven afresh, and the count holds', async () => {
  const now = await proxied.stands('probed', 'OpenZeppelin 5', 'simple')
  expectEqual([now.implementation, now.alerts], [second.target, []], JSON.stringify(now))
  await proxied.counted(3, ['30', '40', '10'])
})

// --- by calls --------------------------------------------------------------------------------------

const called = (shown, one) => expectEqual([shown.state_provenance, shown.tally_proven, shown.list_proven], ['called', false, false], `${one.address} ${shown.state}`)
await check('one that may decide before its deadline is asked, since storage does not tell', async () => {
  await open(early)
  await early.vote(ada, { support: 'for' })
  called(await early.is('Active'), early)
  await early.ballot(dot, { support: 'for' }, '5', { support: 1, weight: String(tokens('30')) })
  const shown = await early.is('Succeeded')
  called(shown, early)
  expect(shown.as_of.number < shown.end, `${shown.as_of.number} is before ${shown.end}`)
  const { why } = await early.stands('called', 'governor', 'simple')
  expect(why.includes('before its deadline'), why)
  await act(early, 'dao.execute')
  called(await early.is('Executed'), early)
  expectEqual(await paid(), 2, 'paid')
})
await check('one whose storage is like nobody\'s is asked, and never called proven', async () => {
  await open(odd)
  await odd.vote(ada, { support: 'for', reason: 'Odd.' })
  await odd.cast(ben, 'castVote', odd.id, 0)
  const shown = await odd.shows('its votes are counted', now => now.votes_count === 2)
  called(shown, odd)
  const { why } = await odd.stands('called', 'governor', 'simple')
  expect(why.includes('none of its storage slots'), why)
  expectEqual(await codeOf(odd.vote(ada, { support: 'for' })), 'has_voted', 'twice')
  called(await odd.is('Succeeded', 90000), odd)
  await act(odd, 'dao.execute')
  called(await odd.is('Executed'), odd)
  expectEqual(await paid(), 5, 'paid')
})
await check('the one behind the proxy succeeds by its new rule, and pays', async () => {
  const shown = await proxied.is('Succeeded')
  expectEqual([shown.state_provenance, shown.tally_proven, shown.list_proven], ['proven', true, true], 'proven')
  await act(proxied, 'dao.execute')
  await proxied.is('Executed')
  expectEqual(await paid(), 6, 'paid')
})

await kinds.stop()
await tidy()
results.finish()
process.exit()
