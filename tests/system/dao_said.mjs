// What stands around a proposal, on two real nodes over a devnet: what was said of it, what providers sent, in which
// transaction each vote is, what one's delegate stands for and voted, and a treasury that is too poor.
//
//   node tests/system/dao_said.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { ethers } from 'ethers'
import { counter, expectEqual } from '../ui/browser.mjs'
import { tokens, World } from './dao_world.mjs'
import { expect, tidy, until } from './hearth.mjs'

const results = counter()
const { check } = results
const world = await World.start()
const a = await world.node('a'), b = await world.node('b')
const stranger = ethers.Wallet.createRandom().address
await world.acquaint(a, b)
const wishes = { account: a.address, name: 'Orchard', kind: 'token', voting_delay: 3, voting_period: 200, quorum_percent: 10, threshold: '1', timelock_delay_s: 2, treasury_wei: '42',
  token: { name: 'Apple', symbol: 'APL', holders: [{ address: a.address, amount: String(tokens('60')) }, { address: b.address, amount: String(tokens('30')) }] } }
const { id: creation } = await a.approved('dao.create', wishes)
const { community: address } = await until('it is there', async () => { const now = await a.call('dao.created', { id: creation }); return now.community && now }, 60000, 300)
for (const one of [a, b]) await one.add(address)
await b.sent('dao.delegate', { address, account: b.address, to: a.address, by: 'transaction' })
const { id } = await a.sent('dao.propose', { address, account: a.address, actions: [{ kind: 'pay_ether', to: stranger, wei: '777' }], description: '# Pay the stranger' })
const params = { address, id }

const noticed = async (node, kind) => (await node.call('dao.notices')).notices.filter(one => one.kind === kind)
await check('a proposal and its end are told with no page open', async () => {
  await until('B hears of it', async () => (await noticed(b, 'state')).some(one => one.proposal === id && /is waiting for its vote|can be voted on now/.test(one.text)), 60000, 300)
  const [reminder] = await until('A, whose votes are missing, is reminded', async () => { const list = await noticed(a, 'deadline'); return list.length && list }, 60000, 300)
  expect(reminder.proposal === id && /closes within the hour, and you have not voted/.test(reminder.text), reminder.text)
  expectEqual(await noticed(b, 'deadline'), [], 'B has delegated its votes')
})
await check('a rehearsal says when the treasury is too poor', async () => {
  await b.proposal(address, id, 'its text is there', now => now.actions?.length === 1)
  const run = await b.call('dao.simulate', params)
  expectEqual([run.treasury, /does not have the ETH/.test(run.words[0])], [{ wei: '42', needed: '777', is_enough: false }, true], JSON.stringify(run.words))
})
await check('what was said of a proposal is counted', async () => {
  expectEqual((await a.call('dao.proposal', params)).talk, 0, 'before')
  await a.call('talk.post', { ...params, kind: 'comment', text: 'Which well?' })
  await a.call('talk.post', { ...params, kind: 'rationale', text: 'The dry one.' })
  await until('both are counted', async () => (await a.call('dao.proposal', params)).talk === 2, 10000, 200)
})
await check('bytes of providers are told, and none for what is known', async () => {
  await a.proposal(address, id, 'it is active', now => now.state === 'Active')
  const before = await a.proposal(address, id, 'something was sent', now => now.provider_bytes > 0)
  expect(before.provider_bytes < 1 << 20, String(before.provider_bytes))
})
await check('a delegate\'s newest statement stands by the account that its key is linked to', async () => {
  await a.approved('link.make', { account: a.address })
  const said = async () => (await b.call('dao.community', { address })).delegates.find(one => one.address === a.address)?.statement
  await a.call('talk.post', { address, kind: 'statement', text: 'Water first.' })
  await until('B reads it', async () => (await said()) === 'Water first.', 90000, 500)
  await new Promise(done => setTimeout(done, 1100))
  await a.call('talk.post', { address, kind: 'statement', text: 'Water, then trees.' })
  await until('B reads the newer one', async () => (await said()) === 'Water, then trees.', 20000, 300)
})
const told = async () => (await b.call('dao.notices')).notices.filter(one => one.kind === 'delegate_voted')
let hash
await check('a delegate\'s vote is told out of the governor\'s storage, before anything is counted', async () => {
  hash = (await a.sent('dao.vote', { ...params, account: a.address, support: 'for', reason: 'The well is dry.', by: 'transaction' })).hash
  const [notice] = await until('a notice', async () => { const list = await told(); return list.length && list }, 100000, 300)
  expect(/ has voted on Pay the stranger\. How, is known/.test(notice.text) && notice.proposal === id, notice.text)
})
await check('a vote has the hash of its transaction', async () => {
  await b.proposal(address, id, 'it is counted', now => now.votes_count === 1 && now.tally_proven)
  const vote = await until('its transaction is there', async () => { const { votes } = await b.call('dao.votes', params); return votes[0]?.tx && votes[0] }, 20000, 300)
  expectEqual([vote.tx, vote.voter], [hash, a.address], 'vote')
})
await check('the count says in the same notice how and why, and after a kill it is still that one', async () => {
  const [notice] = await until('it is whole', async () => { const list = await told(); return / voted for /.test(list[0].text) && list }, 60000, 500)
  expect(/voted for on Pay the stranger, saying: "The well is dry\."/.test(notice.text), notice.text)
  await b.call('dao.recount', params)
  await new Promise(done => setTimeout(done, 4000))
  expectEqual([(await told()).length, (await noticed(a, 'delegate_voted')).length, (await noticed(a, 'deadline')).length], [1, 0, 1], 'told')
  const states = async () => (await noticed(b, 'state')).map(one => one.text).sort()
  const before = await states()
  expect(before.some(text => /can be voted on now/.test(text)), JSON.stringify(before))
  b.node.run.child.kill('SIGKILL')
  await b.node.run.ended
  await b.again()
  await b.proposal(address, id, 'it is looked at again', now => now.state_provenance === 'proven')
  await new Promise(done => setTimeout(done, 4000))
  expectEqual([(await told()).map(one => one.text), await states()], [[notice.text], before], 'after a kill')
})

await world.stop()
await tidy()
results.finish()
process.exit()
