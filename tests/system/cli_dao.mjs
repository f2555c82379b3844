// Communities, votes and polls by the command line alone, on a real node over a devnet: a community created, its tokens
// delegated, payments proposed, simulated, voted on, counted, exported, verified, queued, executed and taken back; polls asked,
// answered, counted and closed. Each verb's words, its --json, its exit codes, its help and its place in the manual.
//
//   node tests/system/cli_dao.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ethers } from 'ethers'
import { counter, expectEqual } from '../ui/browser.mjs'
import { contractAt, PASSPHRASE, tokens, World } from './dao_world.mjs'
import { cli, dataDir, expect, HEARTH, parseOne, tidy, until } from './hearth.mjs'
import { Provider } from './provider.mjs'

const FINAL_MS = 240000
const results = counter()
const { check } = results
const somebody = `0x${'22'.repeat(20)}`, nothing = 'ab'.repeat(32)

// --- running verbs -------------------------------------------------------------------------------------

let network
const of = who => [...(network ? ['--network', network] : []), '--data-dir', who.dir ?? who]
// input: what is typed, by standard input.
function run(who, args, input) {
  const all = [...args, ...of(who)]
  if (input === undefined) return cli(all, { deadlineMs: 120000 })
  return cli(['-c', 'printf "%s" "$INPUT" | "$0" "$@"', HEARTH, ...all], { command: 'sh', env: { ...process.env, INPUT: input }, deadlineMs: 120000 })
}
async function text(who, args, input) {
  const { code, out, err } = await run(who, args, input)
  expect(code === 0, `${args.join(' ')}: ${code} ${out} ${err}`)
  return out
}
const json = async (who, args, input) => parseOne(await text(who, [...args, '--json'], input))
// It ends with that exit code; in words as well as, with --json, as {"error": {"code"}}.
async function ends(code, who, args, word, input) {
  const plain = await run(who, args, input)
  expectEqual(plain.code, code, `${args.join(' ')}: ${plain.out} ${plain.err}`)
  const told = await run(who, [...args, '--json'], input)
  expectEqual(told.code, code, `${args.join(' ')} --json: ${told.out} ${told.err}`)
  if (word && code !== 2) expectEqual(parseOne(told.out).error?.code, word, told.out)
  if (word && code === 2) expect(plain.err.includes(word), plain.err)
}

// --- before there is a node ----------------------------------------------------------------------------

const never = await dataDir('never')
const wishesFile = join(never, '../cli_dao_file.json')
await writeFile(wishesFile, '{}')
await check('without a node each verb says that none is running', async () => {
  const verbs = [
    ['dao'], ['dao', 'list'], ['dao', 'add', somebody], ['dao', 'forget', somebody], ['dao', 'show', somebody], ['dao', 'proposals'], ['dao', 'proposal', somebody, '1'],
    ['dao', 'votes', somebody, '1'], ['dao', 'simulate', somebody, '1'], ['dao', 'export', somebody, '1'], ['dao', 'create', wishesFile, '--from', somebody], ['dao', 'created', '1'],
    ['dao', 'propose', somebody, 'x', '--to', somebody, '--value', '1', '--from', somebody], ['dao', 'queue', somebody, '1', '--from', somebody], ['dao', 'execute', somebody, '1', '--from', somebody],
    ['dao', 'cancel', somebody, '1', '--from', somebody], ['dao', 'delegate', somebody, '--to', somebody, '--from', somebody], ['dao', 'ballots', somebody, '1'], ['dao', 'relay', somebody, '1', '--from', somebody],
    ['vote', somebody, '1', 'for', '--from', somebody], ['poll'], ['poll', 'list'], ['poll', 'show', nothing], ['poll', 'count', nothing], ['poll', 'make', wishesFile], ['poll', 'vote', nothing, '1'], ['poll', 'close', nothing],
  ]
  for (const args of verbs) await ends(4, never, args, 'not_running')
})
await check('wrong words are told from wrong data', async () => {
  const wrong = [
    ['dao', 'all'], ['dao', 'list', 'x'], ['dao', 'add'], ['dao', 'add', somebody, 'x'], ['dao', 'show'], ['dao', 'forget'], ['dao', 'proposals', 'a', 'b', 'c'], ['dao', 'proposals', '--limit', 'x'], ['dao', 'proposals', 'Unheard'], ['dao', 'proposal', somebody],
    ['dao', 'votes', somebody], ['dao', 'simulate'], ['dao', 'export', somebody], ['dao', 'create'], ['dao', 'created'], ['dao', 'propose', somebody, 'x'], ['dao', 'propose', somebody, 'x', '--to', somebody],
    ['dao', 'propose', somebody, 'x', wishesFile, '--to', somebody, '--value', '1'], ['dao', 'queue', somebody], ['dao', 'execute'], ['dao', 'cancel', somebody, '1', '2'], ['dao', 'delegate', somebody], ['dao', 'list', '--from', somebody],
    ['dao', 'relay', somebody], ['vote'], ['vote', somebody, '1'], ['vote', somebody, '1', 'perhaps'], ['vote', somebody, '1', 'for', '--to', somebody],
    ['poll', 'all'], ['poll', 'show'], ['poll', 'make'], ['poll', 'vote', nothing], ['poll', 'close'], ['poll', 'list', '--from', somebody], ['verify'], ['verify', 'a', 'b'],
  ]
  for (const args of wrong) await ends(2, never, args, '--help')
})
await check('each verb has help and a place in the manual', async () => {
  const { out } = await cli(['help'])
  const manual = await readFile('node/app/hearth.1', 'utf8')
  const verbs = {
    dao: ['list', 'add', 'forget', 'show', 'proposals', 'proposal', 'votes', 'simulate', 'export', 'create', 'created', 'propose', 'queue', 'execute', 'cancel', 'delegate', 'ballots', 'relay'],
    poll: ['list', 'show', 'count', 'make', 'vote', 'close'], vote: [], verify: [],
  }
  for (const [name, all] of Object.entries(verbs)) {
    expect(out.includes(`  ${name} `), `${name} is not listed`)
    const whole = await cli([name, '--help'])
    expect(whole.code === 0 && whole.out.startsWith(`Usage: hearth ${name}`) && manual.includes(`"${name}"`) || manual.includes(`"${name} `), `${name}: ${whole.out}`)
    for (const verb of all) {
      const help = await cli([name, verb, '--help'])
      expect(help.code === 0 && help.out.startsWith(`Usage: hearth ${name} ${verb}`) && help.out.includes('Exit: '), `${name} ${verb}: ${help.out}`)
      expect(whole.out.includes(verb) && manual.includes(verb), `${name} ${verb} is not told`)
    }
  }
})

// --- a community ---------------------------------------------------------------------------------------

const world = await World.start()
network = world.network
const { chain } = world
const a = await world.node('a'), second = await world.person('1')
const stranger = ethers.Wallet.createRandom().address
const seen = async hash => a.seen((await chain.waitForTransaction(hash, 1, 30000)).blockNumber)
let address, made, governor
await check('a community is created from a file, by one transaction', async () => {
  const wishes = { name: 'Orchard', kind: 'token', voting_delay: 10, voting_period: 60, quorum_percent: 10, threshold: String(tokens('1')), timelock_delay_s: 2, treasury_wei: '5000',
    token: { name: 'Apple', symbol: 'APL', holders: [{ address: a.address, amount: String(tokens('60')) }, { address: second.address, amount: String(tokens('40')) }] } }
  await ends(1, a, ['dao', 'create', wishesFile, '--yes'], undefined)
  await ends(1, a, ['dao', 'create', '-', '--yes'], undefined, 'not JSON')
  const begun = await json(a, ['dao', 'create', '-', '--yes'], JSON.stringify(wishes))
  made = await until('it is there', async () => { const now = await json(a, ['dao', 'created', begun.id]); return now.community && now }, 60000, 500)
  address = made.community
  governor = contractAt(address, 'CommunityGovernor', chain)
  const told = await text(a, ['dao', 'created', begun.id])
  expect(told.includes(address) && told.includes('Steps'), told)
  await ends(1, a, ['dao', 'created', 'ffff'], undefined)
})
await check('it is followed, once it is proven where it keeps what; what is no governor is not', async () => {
  await ends(1, a, ['dao', 'add', made.treasury], 'no_governor')
  await ends(1, a, ['dao', 'add', '0x12'], undefined)
  expect((await text(a, ['dao'])).includes('You follow no community'), 'the list is empty')
  const { community } = await json(a, ['dao', 'add', address, '--label', 'ours'])
  expectEqual([community.address, community.label, community.profile], [address, 'ours', 'known'], JSON.stringify(community))
  await ends(1, a, ['dao', 'add', address], 'already_followed')
  expectEqual((await json(a, ['dao', 'list'])).communities.map(one => one.address), [address], 'list')
  expect((await text(a, ['dao', 'list'])).includes('Orchard (ours)'), 'in words')
})
await check('its settings, who has power over it and its treasury', async () => {
  await until('power is looked at', async () => (await json(a, ['dao', 'show', address])).power, 30000, 500)
  const shown = await json(a, ['dao', 'show', address])
  expectEqual([shown.settings.voting_delay, shown.settings.voting_period, shown.treasury.wei].map(String), ['10', '60', '5000'], 'shown')
  const told = await text(a, ['dao', 'show', address])
  for (const word of ['Orchard', 'Layout', 'known', 'delay 10, period 60 blocks', 'Treasury', made.treasury]) expect(told.includes(word), `${word}: ${told}`)
  await ends(1, a, ['dao', 'show', stranger], 'no_such_community')
})
await check('tokens are delegated, by transaction and by signature', async () => {
  await ends(1, a, ['dao', 'delegate', address, '--to', a.address, '--yes'], 'has_delegated')
  for (const to of [second.address, a.address]) await seen((await json(a, ['dao', 'delegate', address, '--to', to, '--yes'])).hash)
  const token = contractAt(made.votes, 'CommunityToken', chain)
  expectEqual([await token.delegates(a.address), String(await token.getVotes(a.address))], [a.address, String(tokens('60'))], 'on the chain')
  const { delegation } = await json(a, ['dao', 'delegate', address, '--to', second.address, '--ballot', '--yes'])
  expectEqual([delegation.delegatee.toLowerCase(), await token.delegates(a.address)], [second.address.toLowerCase(), a.address], 'signed only')
  await ends(1, a, ['dao', 'delegate', address, '--to', a.address, '--from', stranger, '--yes'], undefined)
})

// --- a proposal ----------------------------------------------------------------------------------------

let id, other
await check('payments are proposed; what is proposed is shown', async () => {
  // What A had a block ago is what counts.
  const block = await chain.getBlockNumber()
  await a.seen(block + 2)
  const { hash, id: said } = await json(a, ['dao', 'propose', address, '# Pay the stranger', '--to', stranger, '--value', '0.000000000000000777', '--yes'])
  await seen(hash)
  id = said
  const actions = JSON.stringify([{ target: stranger, wei: '1', calldata: '0x' }])
  const told = await text(a, ['dao', 'propose', address, 'Another one', '-', '--yes'], actions)
  other = /Proposal +(\d+)/.exec(told)?.[1]
  expect(other && other !== id, told)
  await ends(1, a, ['dao', 'propose', address, 'Nothing', '-', '--yes'], undefined, '[]')
  await until('both are known', async () => (await json(a, ['dao', 'proposals', address])).proposals.filter(one => one.title).length === 2, 60000, 500)
  expectEqual((await json(a, ['dao', 'proposals', '--limit', '1'])).proposals.length, 1, 'limit')
  const list = await text(a, ['dao', 'proposals'])
  expect(list.includes('Pay the stranger') && list.includes(id), list)
  await ends(1, a, ['dao', 'proposal', address, '12345'], 'no_such_proposal')
  expectEqual((await json(a, ['dao', 'proposals', address, 'Executed'])).proposals, [], 'none is executed')
})
await check('a proposal is taken back until its vote begins', async () => {
  const { code, out } = await run(a, ['dao', 'cancel', address, other, '--yes', '--json'])
  if (code === 0) return void (await seen(parseOne(out).hash))
  // On a machine so slow that it has begun.
  expectEqual([code, parseOne(out).error.code, await governor.state(other)], [1, 'would_fail', 1n], out)
})
await check('its state, its actions, and what they would change', async () => {
  await a.proposal(address, id, 'it is proven', now => now.state_provenance === 'proven' && now.actions?.length === 1)
  const shown = await json(a, ['dao', 'proposal', address, id])
  expectEqual([shown.id, shown.state_provenance, shown.actions[0].wei, shown.proposer], [id, 'proven', '777', a.address], 'shown')
  const told = await text(a, ['dao', 'proposal', address, id])
  for (const word of ['Pay the stranger', 'proven', stranger, '0.000000000000000777']) expect(told.includes(word), `${word}: ${told}`)
  const simulated = await json(a, ['dao', 'simulate', address, id])
  expect(JSON.stringify(simulated).includes('777'), JSON.stringify(simulated).slice(0, 600))
  expect((await text(a, ['dao', 'simulate', address, id])).includes('777'), 'in words')
})
await check('a vote: refused without power or twice, taken with a reason', async () => {
  await a.proposal(address, id, 'it is active', now => now.state === 'Active' && now.state_provenance === 'proven')
  const { hash } = await json(a, ['vote', address, id, 'for', '--reason', 'The well is dry.', '--yes'])
  await seen(hash)
  await a.proposal(address, id, 'it is seen', now => now.my_vote)
  await ends(1, a, ['vote', address, id, 'for', '--yes'], 'has_voted')
  await ends(1, a, ['vote', address, '12345', 'for', '--yes'], 'no_such_proposal')
  const late = await run(a, ['dao', 'cancel', address, id, '--yes'])
  expect(late.code === 1 && late.err.includes('only until voting begins, and it is Active'), `${late.code} ${late.out} ${late.err}`)
  await ends(1, a, ['vote', address, id, 'for', '--from', stranger, '--yes'], undefined)
  expectEqual(String((await governor.proposalVotes(id)).forVotes), String(tokens('60')), 'on the chain')
})
let voted
await check('the votes are counted, with progress on a terminal', async () => {
  voted = await world.mined(governor.connect(second).castVoteWithReason(id, 0, 'No.'))
  await a.proposal(address, id, 'both are there', now => now.tally_proven && now.votes_count === 2)
  const all = await json(a, ['dao', 'votes', address, id])
  expectEqual([all.votes.map(one => one.reason).sort(), all.proposal.tally_proven], [['No.', 'The well is dry.'], true], 'votes')
  const told = await text(a, ['dao', 'votes', address, id])
  for (const word of ['The well is dry.', 'tally proven', 'for 60', 'against 40']) expect(told.includes(word), `${word}: ${told}`)
  const typed = await cli(['-qec', `"${HEARTH}" poll show ${nothing} ${of(a).map(word => `"${word}"`).join(' ')}`, '/dev/null'], { command: 'script', deadlineMs: 60000 })
  expect(typed.code === 1 && typed.out.includes('Asking relays') && typed.out.includes('\x1b[K'), JSON.stringify(typed))
})
await check('no ballot waits, so that none is sent', async () => {
  expectEqual((await json(a, ['dao', 'ballots', address, id])).ballots, [], 'json')
  expect((await text(a, ['dao', 'ballots', address, id])).includes('No ballot waits'), 'in words')
  await ends(1, a, ['dao', 'relay', address, id, '--yes'], 'no_ballots')
})
await check('where a provider hides a vote, or proofs, the exit code says that it is not proven', async () => {
  const isIts = request => [voted.blockHash, ethers.toQuantity(voted.blockNumber)].includes(request.params[0]?.blockHash ?? request.params[0])
  const topic = ethers.zeroPadValue(second.address, 32).toLowerCase()
  const liar = await Provider.start(world.devnet.rpcUrl, { lie: { on: ['eth_getLogs', 'eth_getBlockReceipts', 'eth_getTransactionReceipt'], tell: (answer, request) => {
    if (request.method === 'eth_getLogs') return { ...answer, result: answer.result.filter(log => log.topics[1] !== topic) }
    return request.method === 'eth_getBlockReceipts' && !isIts(request) ? null : { ...answer, result: null }
  } } })
  const alone = await world.node('alone', { execution: [liar.url] })
  await json(alone, ['dao', 'add', address])
  await alone.proposal(address, id, 'something is missing', now => now.missing && !now.counting)
  const told = await run(alone, ['dao', 'votes', address, id])
  expect(told.code === 3 && /MISSING +40 against/.test(told.out), `${told.code} ${told.out} ${told.err}`)
  const { code, out } = await run(alone, ['dao', 'votes', address, id, '--json'])
  expectEqual([code, parseOne(out).proposal.tally_proven], [3, false], 'json')
  // Without proofs of storage nothing is said of what is proposed now.
  liar.lie = { on: ['eth_getProof'], tell: answer => ({ ...answer, result: null }) }
  const { hash, id: third } = await json(a, ['dao', 'propose', address, 'A third', '--to', stranger, '--value', '0.000000000000000001', '--yes'])
  await seen(hash)
  await until('the third is known', async () => (await json(alone, ['dao', 'proposals', address])).proposals.some(one => one.id === third), 60000, 500)
  const unproven = await run(alone, ['dao', 'proposal', address, third, '--json'])
  expectEqual([unproven.code, parseOne(unproven.out).state_provenance], [3, 'unverified'], unproven.out.slice(0, 400))
  expectEqual((await run(alone, ['dao', 'proposal', address, third])).code, 3, 'in words')
  await alone.node.stop()
  world.nodes = world.nodes.filter(one => one !== alone)
  liar.stop()
})
await check('what was decided is queued and executed, not before its time', async () => {
  await ends(1, a, ['dao', 'queue', address, id, '--yes'], 'not_succeeded')
  await a.proposal(address, id, 'it has succeeded', now => now.state === 'Succeeded', FINAL_MS)
  await seen((await json(a, ['dao', 'queue', address, id, '--yes'])).hash)
  await a.proposal(address, id, 'it can be executed', now => now.state === 'Queued' && now.timeline.some(step => step.what === 'executable' && step.state === 'now'), 60000)
  const told = await text(a, ['dao', 'execute', address, id, '--yes'])
  await seen(/Sent +(0x[0-9a-f]{64})/.exec(told)[1])
  expectEqual([String(await governor.state(id)), String(await chain.getBalance(stranger))], ['7', '777'], 'on the chain')
  await a.proposal(address, id, 'it is executed', now => now.state === 'Executed')
  await ends(1, a, ['dao', 'execute', address, id, '--yes'], undefined)
})

// --- exports -------------------------------------------------------------------------------------------

await check('votes are exported as a table and with their proofs', async () => {
  const csv = await text(a, ['dao', 'export', address, id])
  expect(csv.includes(a.address) && csv.includes('The well is dry.'), csv)
  expectEqual((await json(a, ['dao', 'export', address, id])).text, csv, 'the same with --json')
  const whole = JSON.parse(await text(a, ['dao', 'export', address, id, '--format', 'json']))
  expect(JSON.stringify(whole).includes('The well is dry.'), 'json')
  await ends(1, a, ['dao', 'export', address, id, '--format', 'pdf'], undefined)
})
await check('an audit is written, and verified where a checkpoint is known, with no node running; a forgery is told', async () => {
  const file = join(a.dir, 'audit.json'), forged = join(a.dir, 'forged.json')
  await until('it can be made', async () => (await run(a, ['dao', 'export', address, id, '--format', 'audit', '--out', file])).code === 0, FINAL_MS, 3000)
  const nowhere = await run(never, ['verify', file, '--json'])
  expectEqual([nowhere.code, parseOne(nowhere.out).code], [3, 'committee_unknown'], nowhere.out.slice(0, 500))
  const fresh = await world.node('fresh', { execution: [] })
  await fresh.node.stop()
  world.nodes = world.nodes.filter(one => one !== fresh)
  const good = await json(fresh, ['verify', file])
  expectEqual([good.verdict, good.claim.tally_proven], ['valid', true], JSON.stringify(good).slice(0, 500))
  const told = await text(fresh, ['verify', file])
  expect(told.includes('Verdict') && told.includes('valid'), told)
  await writeFile(forged, (await readFile(file, 'utf8')).replaceAll(a.address.slice(2).toLowerCase(), stranger.slice(2).toLowerCase()))
  const bad = await run(fresh, ['verify', forged, '--json'])
  expect([1, 3].includes(bad.code) && parseOne(bad.out).verdict !== 'valid', `${bad.code} ${bad.out}`)
  await ends(1, fresh, ['verify', join(a.dir, 'none.json')], undefined)
})

// --- polls ---------------------------------------------------------------------------------------------

let poll
await check('a poll is asked, by a file or by standard input', async () => {
  await a.owner.lock()
  const question = { question: 'Which tree?', options: ['oak', 'elm', 'ash'], method: 'weighted', gate: { kind: 'open' }, hours: 1 }
  expect((await text(a, ['poll'])).includes('There are no polls here'), 'none yet')
  const file = join(a.dir, 'poll.json')
  await writeFile(file, JSON.stringify(question))
  const told = await text(a, ['poll', 'make', file], `${PASSPHRASE}\n`)
  poll = /Poll +([0-9a-f]{64})/.exec(told)?.[1]
  expect(poll, told)
  await ends(1, a, ['poll', 'make', '-'], 'bad_poll', JSON.stringify({ ...question, method: 'dice' }))
  await ends(1, a, ['poll', 'make', join(a.dir, 'none.json')], undefined)
  expectEqual((await json(a, ['poll', 'list'])).polls.map(one => one.id), [poll], 'list')
  expect((await text(a, ['poll', 'list'])).includes('Which tree?'), 'in words')
})
await check('it is answered with shares, and counted', async () => {
  expectEqual((await json(a, ['poll', 'vote', poll, '1=60', '3=40'])).standing, 'counts', 'vote')
  const shown = await json(a, ['poll', 'show', poll])
  expectEqual([shown.result.options.map(one => one.weight), shown.result.counted, shown.my_ballot.shares], [['600000', '0', '400000'], 1, [60, 0, 40]], 'counted')
  const told = await text(a, ['poll', 'show', poll])
  for (const word of ['Which tree?', 'open, until block', 'oak', 'Counted', 'Root']) expect(told.includes(word), `${word}: ${told}`)
  expectEqual((await json(a, ['poll', 'count', poll])).result, shown.result, 'again')
  await ends(2, a, ['poll', 'vote', poll, '1=60', '3'], 'either all options')
  await ends(2, a, ['poll', 'vote', poll, '9'], 'its number')
  await ends(1, a, ['poll', 'vote', poll, '1'], undefined)
  await ends(4, a, ['poll', 'close', poll], 'poll_open')
  await ends(1, a, ['poll', 'show', nothing], 'no_such_poll')
})
await check('one choice, ranked ones, and one that has nobody to count yet', async () => {
  const ask = async (method, more) => (await json(a, ['poll', 'make', '-'], JSON.stringify({ question: `A ${method} one?`, options: ['yes', 'no'], method, gate: { kind: 'open' }, hours: 1, ...more }))).id
  const single = await ask('single'), ranked = await ask('ranked')
  expect((await text(a, ['poll', 'vote', single, '2'])).includes('counts'), 'single')
  await ends(1, a, ['poll', 'vote', single, '1', '2'], 'bad_choice')
  expectEqual((await json(a, ['poll', 'vote', ranked, '2', '1'])).standing, 'counts', 'ranked')
  expectEqual((await json(a, ['poll', 'show', ranked])).my_ballot.choice, [1, 0], 'in order')
  // Weights of a block that is not final are not told yet.
  await a.owner.approved('link.make', { account: a.address.toLowerCase() })
  await until('it is linked', async () => (await a.call('link.check', { pubkey: a.key })).state === 'linked', 60000, 500)
  const block = Number(await chain.getBlockNumber())
  const gated = await ask('approval', { gate: { kind: 'token', contract: made.votes }, snapshot_block: block + 40, hours: undefined, closing_block: block + 80 })
  expectEqual((await json(a, ['poll', 'vote', gated, '1'])).standing, 'unproven', 'vote')
  const { code, out } = await run(a, ['poll', 'show', gated, '--json'])
  expectEqual([code, parseOne(out).result.unproven], [3, 1], out.slice(0, 500))
  expectEqual((await run(a, ['poll', 'show', gated])).code, 3, 'in words')
})
await check('a closed poll is published as this node counts it', async () => {
  const closing = Number(await chain.getBlockNumber()) + 8
  const { id: short } = await json(a, ['poll', 'make', '-'], JSON.stringify({ question: 'Now?', options: ['yes', 'no'], method: 'single', gate: { kind: 'open' }, closing_block: closing }))
  await json(a, ['poll', 'vote', short, '1'])
  await until('it is final', async () => (await json(a, ['poll', 'show', short])).state === 'closed', FINAL_MS, 2000)
  const closed = await json(a, ['poll', 'close', short])
  expectEqual(closed.root, (await json(a, ['poll', 'show', short])).result.root, 'root')
  expect((await text(a, ['poll', 'close', short])).includes(closed.root), 'in words')
  expect((await text(a, ['poll', 'show', short])).includes('the same'), 'its own root')
  await ends(1, a, ['poll', 'vote', short, '2'], 'poll_closed')
})

// --- a node that cannot ask anybody --------------------------------------------------------------------

await check('where nobody answers, the exit code says that it is not to be had now', async () => {
  await a.node.stop()
  a.args = ['--execution', 'http://127.0.0.1:9']
  await a.again()
  await ends(4, a, ['dao', 'simulate', address, other], undefined)
})
await check('a community is followed no more', async () => {
  expect((await text(a, ['dao', 'forget', address])).includes(address), 'in words')
  expectEqual((await json(a, ['dao'])).communities, [], 'list')
  await ends(1, a, ['dao', 'forget', address], 'no_such_community')
})

await world.stop()
await tidy()
results.finish()
process.exit()
