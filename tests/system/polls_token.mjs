// Polls among people who do not follow each other. A and B share nothing but a relay, which is C's: they find the poll there,
// and each other's ballots, links, talk and signed ballots, asked for and as they come. The polls are gated by a votes token: a
// weight is what an address had at the snapshot block, by proof, whatever was moved since; who had none is left out, and told
// why. All three count the same, single and weighted, and publish the same root.
//
//   node tests/system/polls_token.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { ethers } from 'ethers'
import { finalizeEvent, generateSecretKey } from 'nostr-tools'
import WebSocket from 'ws'
import { counter, expectEqual } from '../ui/browser.mjs'
import { contractAt, tokens, World } from './dao_world.mjs'
import { expect, tidy, until } from './hearth.mjs'
import { codeOf } from './wallet_owner.mjs'

const FINAL_MS = 240000
const SOON_MS = 20000 // far less than what is asked for by itself once a minute

const results = counter()
const { check } = results
const world = await World.start()
const { chain } = world
const secrets = [generateSecretKey(), generateSecretKey(), generateSecretKey()]
const a = await world.node('a', { secret: secrets[0] }), b = await world.node('b', { secret: secrets[1] }), c = await world.node('c', { secret: secrets[2] })
const everyone = [a, b, c]
const now = () => Math.floor(Date.now() / 1000)
const head = async () => Number((await chain.getBlock('latest')).number)
const finalized = async () => Number((await chain.getBlock('finalized'))?.number ?? 0)
const say = (url, event) => new Promise((done, failed) => {
  const socket = new WebSocket(url)
  socket.on('open', () => socket.send(JSON.stringify(['EVENT', event])))
  socket.on('error', failed)
  socket.on('message', data => {
    const message = JSON.parse(data)
    if (message[0] === 'OK') { socket.close(); done(message[2]) }
  })
})
const final = block => until('it is final everywhere', async () => {
  const seen = await Promise.all(everyone.map(async one => Number((await one.node.call('l1.status')).finalized?.block_number ?? 0)))
  return (await finalized()) >= block && seen.every(number => number >= block)
}, FINAL_MS, 300)
const shown = (one, id, more = {}) => one.call('polls.poll', { id, ...more })
const counted = result => result.options.map(option => [option.label, option.weight, option.ballots])

// --- three people --------------------------------------------------------------------------------------

await check("A and B write to C's relay and follow nobody; C follows both", async () => {
  for (const one of [a, b]) await one.call('social.set_settings', { relays: [{ url: c.door, read: true, write: true }] })
  for (const one of [a, b]) await c.call('social.follow', { pubkey: one.key, on: true })
  for (const one of [a, b]) await until('it reads there', async () => (await one.call('social.relays')).relays.some(relay => relay.state === 'open' && relay.is_live), 20000, 200)
  for (const one of [a, b]) expectEqual((await one.call('social.me')).follows, 0, `${one.name} follows`)
})
let made, token, address
await check('a community of A, 50 apples, and B, 30; C has none', async () => {
  const wishes = { account: a.address, name: 'Orchard', kind: 'token', voting_delay: 3, voting_period: 300, quorum_percent: 10, threshold: String(tokens('1')), timelock_delay_s: 2, treasury_wei: '4242',
    token: { name: 'Apple', symbol: 'APL', holders: [{ address: a.address, amount: String(tokens('50')) }, { address: b.address, amount: String(tokens('30')) }] } }
  const { id } = await a.approved('dao.create', wishes)
  made = await until('it is there', async () => { const one = await a.call('dao.created', { id }); return one.community && one }, 60000, 300)
  address = made.community
  token = contractAt(made.votes, 'CommunityToken', chain)
  await b.sent('dao.delegate', { token: made.votes, account: b.address, to: b.address, by: 'transaction' }).catch(() => world.mined(token.connect(b.wallet).delegate(b.address)))
  expectEqual([String(await token.getVotes(a.address)), String(await token.getVotes(b.address))], [String(tokens('50')), String(tokens('30'))], 'votes')
  await final(await head())
})
await check('each says whose account the key leads to', async () => {
  for (const one of everyone) await one.owner.approved('link.make', { account: one.address.toLowerCase() })
  for (const one of everyone) await until(`${one.name} is linked`, async () => (await one.call('link.check', { pubkey: one.key })).state === 'linked', 60000, 300)
  expectEqual((await b.call('link.check', { pubkey: a.key })).state, 'none', 'B knows nothing of A')
})

// --- a single choice -----------------------------------------------------------------------------------

let poll, closing, voted
const gate = () => ({ kind: 'token', contract: made.votes })
await check('a gate that is no votes token lets nobody vote', async () => {
  const { id } = await a.call('polls.make', { question: 'A wall?', options: ['yes', 'no'], method: 'single', gate: { kind: 'token', contract: made.treasury }, hours: 1 })
  expectEqual(await codeOf(a.call('polls.vote', { id, choice: [0] })), 'no_votes_token', 'A')
})
await check('A asks; B, who does not follow A, finds the poll by its id at the relay they share', async () => {
  closing = (await head()) + 60
  poll = (await a.call('polls.make', { question: 'More apples?', options: ['yes', 'no'], method: 'single', gate: gate(), closing_block: closing })).id
  expectEqual((await b.call('polls.list')).polls.length, 0, 'what came to B by itself')
  const found = await until('B has it', () => shown(b, poll).catch(error => expect(error.code === 'no_such_poll', error.code)), 20000, 300)
  expectEqual([found.question, found.gate.contract, found.result.counted, found.source?.asked], ['More apples?', made.votes, 0, 1], JSON.stringify(found).slice(0, 1500))
  expectEqual(await codeOf(shown(b, 'ab'.repeat(32))), 'no_such_poll', 'one that there is not')
})
await check('then A gives 20 apples away, to C, who takes their votes', async () => {
  await world.mined(token.connect(a.wallet).transfer(c.address, tokens('20')))
  await world.mined(token.connect(c.wallet).delegate(c.address))
  expectEqual([String(await token.getVotes(a.address)), String(await token.getVotes(c.address))], [String(tokens('30')), String(tokens('20'))], 'now')
})
await check('A and B vote; C, who had nothing then, is told so, and votes all the same', async () => {
  expectEqual((await a.call('polls.vote', { id: poll, choice: [1] })).standing, 'counts', 'A')
  expectEqual((await b.call('polls.vote', { id: poll, choice: [1] })).standing, 'counts', 'B')
  voted = now() + 1
  expectEqual(await codeOf(c.call('polls.vote', { id: poll, choice: [0] })), 'no_votes', 'C')
  const ballot = finalizeEvent({ kind: 1018, created_at: now(), content: '', tags: [['e', poll], ['response', '1']] }, secrets[2])
  expectEqual(await say(c.door, ballot), true, 'taken')
})
await check("B is told of A's ballot as it comes, and of the account behind A's key", async () => {
  await until(async () => `B counts A: ${JSON.stringify((await shown(b, poll)).result)}`, async () => {
    const { result } = await shown(b, poll)
    return result.counted === 2 && result.refused_count === 1 && result.refused[0].why === 'no_votes'
  }, 60000, 500)
})
await check('A changes its mind, which B hears without asking', async () => {
  await new Promise(done => setTimeout(done, 1100))
  const { source } = await shown(b, poll)
  await a.call('polls.vote', { id: poll, choice: [0] })
  const after = await until('B has heard', async () => { const one = await shown(b, poll); return one.result.replaced === 1 && one }, SOON_MS, 200)
  expect(after.source.at_s - source.at_s < 60 || after.source.at_s === source.at_s, 'it was asked for meanwhile')
  expectEqual(counted(after.result), [['yes', String(tokens('50')), 1], ['no', String(tokens('30')), 1]], 'with the weights of the snapshot')
})
await check('all three count the same when it is closed', async () => {
  await final(closing)
  const all = await Promise.all(everyone.map(one => one.call('polls.count', { id: poll })))
  for (const one of all) {
    expectEqual([one.state, one.is_complete, one.result.unproven, one.source.answered], ['closed', true, 0, one.source.asked], JSON.stringify(one).slice(0, 600))
    expectEqual(one.result, all[0].result, 'result')
  }
  expectEqual([counted(all[0].result), all[0].result.winner, all[0].result.refused.map(one => one.why)], [[['yes', String(tokens('50')), 1], ['no', String(tokens('30')), 1]], 0, ['no_votes']], 'result')
})
await check('A and B publish their roots by themselves, and each sees that the other has the same', async () => {
  for (const one of [a, b]) {
    await until(async () => `${one.name}: ${JSON.stringify((await shown(one, poll)).roots)}`, async () => {
      const { roots } = await shown(one, poll)
      return roots.length === 2 && roots.every(root => root.same) && new Set(roots.map(root => root.author)).size === 2
    }, FINAL_MS, 500)
  }
})
await check('a ballot that was held back changes the result, and both publish it anew', async () => {
  const before = (await shown(a, poll)).result.root
  const held = finalizeEvent({ kind: 1018, created_at: voted, content: '', tags: [['e', poll], ['response', '1']] }, secrets[1])
  expectEqual(await say(c.door, held), true, 'taken')
  for (const one of [a, b]) {
    await until(async () => `${one.name}: ${JSON.stringify((await shown(one, poll)).roots)}`, async () => {
      const { roots, result } = await shown(one, poll)
      return result.root !== before && roots.length === 2 && roots.every(root => root.same)
    }, FINAL_MS, 500)
    expectEqual(counted((await shown(one, poll)).result), [['yes', String(tokens('80')), 2], ['no', '0', 0]], one.name)
  }
})

// --- shares --------------------------------------------------------------------------------------------

let shares
await check('a weighted poll: shares of the weight at a later snapshot, counted alike', async () => {
  await final(await head())
  shares = (await b.call('polls.make', { question: 'Which tree?', options: ['oak', 'elm', 'ash'], method: 'weighted', gate: gate(), hours: 1 })).id
  await b.call('polls.vote', { id: shares, shares: [1, 1, 1] })
  for (const one of [a, c]) await until(`${one.name} has it`, () => shown(one, shares).catch(error => expect(error.code === 'no_such_poll', error.code)), 20000, 300)
  await a.call('polls.vote', { id: shares, shares: [3, 0, 1] })
  await c.call('polls.vote', { id: shares, shares: [0, 1, 0] })
  const third = tokens('30') * 1000000n / 3n
  const wanted = [tokens('30') * 1000000n * 3n / 4n + third, third + tokens('20') * 1000000n, tokens('30') * 1000000n / 4n + third].map(String)
  for (const one of everyone) {
    await until(async () => `${one.name}: ${JSON.stringify((await shown(one, shares)).result)}`, async () => (await shown(one, shares)).result.counted === 3, 60000, 500)
  }
  const all = await Promise.all(everyone.map(one => shown(one, shares, { ask: true })))
  for (const one of all) expectEqual(one.result, all[0].result, 'result')
  expectEqual(all[0].result.options.map(option => option.weight), wanted, JSON.stringify(all[0].result))
})

// --- a proposal ----------------------------------------------------------------------------------------

let id
await check("B follows the community and proposes; A's talk and ballot come to B, who does not follow A", async () => {
  for (const one of [a, b]) await one.add(address)
  const { id: said } = await b.sent('dao.propose', { address, account: b.address, actions: [{ kind: 'pay_ether', to: ethers.Wallet.createRandom().address, wei: '7' }], description: '# A bench' })
  id = said
  await a.proposal(address, id, 'A may vote', one => one.state === 'Active' && one.state_provenance === 'proven')
  await b.proposal(address, id, 'B may vote', one => one.state === 'Active' && one.state_provenance === 'proven')
  expectEqual((await b.call('talk.list', { address, id })).items.length, 0, 'before')
  await a.call('talk.post', { address, id, kind: 'comment', text: 'Of oak, please.' })
  await a.call('talk.post', { address, kind: 'statement', text: 'I vote for benches.' })
  await a.approved('dao.vote', { address, id, account: a.address, support: 'for', by: 'ballot' })
  await until('B has the comment', async () => (await b.call('talk.list', { address, id })).items.map(one => one.text).join() === 'Of oak, please.', SOON_MS, 300)
  await until('B has the statement', async () => (await b.call('talk.list', { address })).items.map(one => one.text).join() === 'I vote for benches.', SOON_MS, 300)
  await until(async () => `B has the ballot: ${JSON.stringify(await b.call('dao.ballots', { address, id }))}`, async () => {
    const { ballots } = await b.call('dao.ballots', { address, id })
    return ballots.length === 1 && ballots[0].voter === a.address && ballots[0].state === 'good'
  }, 30000, 500)
})
await check('after a kill B has all of it, without a question to anybody', async () => {
  const before = (await shown(b, poll)).result
  b.node.run.child.kill('SIGKILL')
  await b.node.run.ended
  await b.again()
  await until('it counts', async () => JSON.stringify((await shown(b, poll)).result) === JSON.stringify(before), 60000, 500)
  expectEqual((await b.call('talk.list', { address, id })).items.length, 1, 'talk')
  expectEqual((await b.call('social.me')).follows, 0, 'it follows nobody still')
})

await world.stop()
await tidy()
results.finish()
process.exit()
