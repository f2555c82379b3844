// Votes counted against liars, on OpenZeppelin's own governor, token and timelock as its wizard writes them: nobody told the
// node where they keep what. Providers leave a vote out of their logs, hide or forge the block's receipts; each time the
// node says what is missing or whom it caught, and so does its page. Then the audit, which a node that knows a checkpoint alone counts again.
//
//   node tests/system/dao_audit.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ethers } from 'ethers'
import { compile } from '../devnet/solidity.mjs'
import { axe, counter, eventually, expectEmpty, expectEqual, expectWords, launch, openPage } from '../ui/browser.mjs'
import { tokens, World } from './dao_world.mjs'
import { cli, dataDir, expect, parseOne, tidy, until } from './hearth.mjs'
import { Provider } from './provider.mjs'

const PERIOD = 110
const VOTE_CAST = ethers.id('VoteCast(address,uint256,uint8,uint256,string)')
const results = counter()
const { check } = results
const world = await World.start()
const { chain, bank } = world
const GAS = { gasLimit: 5_000_000 }

// --- contracts of others ---------------------------------------------------------------------------

const compiled = compile('Wizard.sol', readFileSync(new URL('./contracts/Wizard.sol', import.meta.url), 'utf8'))
async function deploy(name, ...args) {
  const made = await new ethers.ContractFactory(compiled[name].abi, compiled[name].bytecode, bank).deploy(...args, { gasLimit: 12_000_000 })
  return made.waitForDeployment()
}
const token = await deploy('WizardToken'), timelock = await deploy('WizardTimelock')
const governor = await deploy('WizardGovernor', await token.getAddress(), await timelock.getAddress(), PERIOD)
const address = await governor.getAddress()
for (const role of ['PROPOSER_ROLE', 'CANCELLER_ROLE']) await world.mined(timelock.grantRole(await timelock[role](), address))
await world.mined(bank.sendTransaction({ to: await timelock.getAddress(), value: 1000n }))
const WEIGHTS = { ann: 300n, ben: 200n, cid: 100n, dot: 60n, eve: 40n }
const voters = {}
for (const [name, weight] of Object.entries(WEIGHTS)) {
  const one = voters[name] = await world.person('1')
  await world.mined(token.transfer(one.address, tokens(String(weight))))
  await world.mined(token.connect(one).delegate(one.address, GAS))
}

const honest = await world.node('honest')
const profiled = async node => (await node.call('dao.list')).communities.find(one => one.address === address)
await check('a governor that nobody knows is only called, while no proposal shows where it keeps them', async () => {
  const community = await honest.add(address)
  expectEqual([community.name, community.profile, community.clock, community.token, community.timelock], ['Wizards', 'called', 'blocks', await token.getAddress(), await timelock.getAddress()], community.why)
})

// --- a proposal, with ethers -----------------------------------------------------------------------

const target = ethers.Wallet.createRandom().address
const TEXT = 'Pay 5 wei'
await world.mined(governor.connect(voters.ann).propose([target], [5n], ['0x'], TEXT, GAS))
const id = await governor.hashProposal([target], [5n], ['0x'], ethers.id(TEXT))
await until('it is active', async () => (await governor.state(id)) === 1n, 20000, 200)
const cast = { ann: [1, 'Yes.'], ben: [0, ''], cid: [1, ''], dot: [2, 'I do not know.'], eve: [1, ''] }
const receipts = {}
for (const [name, [support, reason]] of Object.entries(cast)) receipts[name] = await world.mined(governor.connect(voters[name]).castVoteWithReason(id, support, reason, GAS))
const params = { address, id: String(id) }
const hidden = receipts.ben, hiddenTopic = ethers.zeroPadValue(voters.ben.address, 32).toLowerCase()
const rows = votes => votes.map(vote => [vote.voter, vote.support, vote.weight, vote.reason]).sort()
const wanted = Object.entries(cast).map(([name, [support, reason]]) => [voters[name].address, support, String(tokens(String(WEIGHTS[name]))), reason]).sort()
const sums = async () => (await governor.proposalVotes(id)).map(String)

await check('with the first proposal its layout is proven by its storage', async () => {
  const community = await until(async () => JSON.stringify(await profiled(honest)), async () => { const now = await profiled(honest); return now.profile === 'probed' && now }, 30000, 300)
  expectEqual([community.kind, community.counting, community.timelock], ['OpenZeppelin 5', 'simple', await timelock.getAddress()], community.why)
})
await check('every vote is counted, each with its weight at the snapshot', async () => {
  const shown = await honest.proposal(address, id, 'it is proven', now => now.tally_proven && now.list_proven && now.votes_count === 5)
  expectEqual([shown.tally.against, shown.tally.for, shown.tally.abstain, shown.title], [...await sums(), TEXT], 'tally')
  expectEqual(shown.omitted_by, [], 'nobody left out anything')
  expectEqual(rows((await honest.call('dao.votes', params)).votes), wanted, 'votes')
  const { weights } = await honest.call('dao.weights', { ...params, voters: Object.values(voters).map(one => one.address) })
  const snapshot = await governor.proposalSnapshot(id)
  for (const one of weights) expectEqual([one.weight, one.provenance], [String(await token.getPastVotes(one.voter, snapshot)), 'proven'], one.voter)
})
await check('the weights are proven by themselves, and stand in the table', async () => {
  const { weights, alarms } = await honest.proposal(address, id, 'weights are proven', now => now.weights?.done === 5)
  expectEqual([weights.total, weights.differ, weights.is_small, alarms], [5, 0, true, []], 'weights')
  const { votes } = await honest.call('dao.votes', params)
  expect(votes.every(vote => vote.weight_proven === true && vote.weight_at_snapshot === vote.weight), JSON.stringify(votes))
  const { text } = await honest.call('dao.export', { ...params, format: 'csv' })
  expectEqual(text.trim().split('\r\n').slice(1).map(line => line.split(',').at(-1)), Array(5).fill('true'), text)
})
await check('the marks of the voters are proven too', async () => {
  await honest.proposal(address, id, 'marks are proven', now => now.flags_checked)
  expect((await honest.call('dao.votes', params)).votes.every(vote => vote.flag_proven), 'not all')
})

// What our node proves its state to be is what the contract says.
const tells = (node, what, wanted, ms = 60000) => node.proposal(address, id, what, wanted, ms)
const NAMES = ['Pending', 'Active', 'Canceled', 'Defeated', 'Succeeded', 'Queued', 'Expired', 'Executed']
const agrees = async () => {
  const block = await chain.getBlockNumber()
  const name = NAMES[Number(await governor.state(id))]
  await tells(honest, `it is ${name}`, now => now.as_of.number >= block && now.state === name && now.state_provenance === 'proven', 30000)
  return name
}
await check('its state is what the contract says, while it is voted on', async () => expectEqual(await agrees(), 'Active', 'state'))

// --- liars -----------------------------------------------------------------------------------------

const withoutIt = logs => logs.filter(log => !(log.topics[0] === VOTE_CAST && log.topics[1] === hiddenTopic))
const isItsBlock = request => [hidden.blockHash, ethers.toQuantity(hidden.blockNumber)].includes(request.params[0]?.blockHash ?? request.params[0])
const OMITS = { on: ['eth_getLogs'], tell: answer => ({ ...answer, result: withoutIt(answer.result) }) }
const says = (receiptsOf) => ({
  on: ['eth_getLogs', 'eth_getBlockReceipts', 'eth_getTransactionReceipt'],
  tell: (answer, request) => request.method === 'eth_getLogs' ? OMITS.tell(answer) : request.method === 'eth_getBlockReceipts' && !isItsBlock(request) ? null : receiptsOf(answer, request),
})
const HIDES = says(answer => ({ ...answer, result: null }))
const FORGES = says(answer => ({ ...answer, result: [].concat(answer.result).map(one => ({ ...one, logs: withoutIt(one.logs) })) }))
const liars = []
async function liar(lie) {
  const one = await Provider.start(world.devnet.rpcUrl, { lie })
  liars.push(one)
  return one
}
const called = provider => new URL(provider.url).host
// What its owner sees of the proposal, in a browser.
async function sees(node, words) {
  const browser = await launch()
  const { page } = await openPage(browser.context)
  await page.goto(node.node.url)
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Network' }).waitFor({ timeout: 30000 })
  await page.evaluate(hash => { location.hash = hash }, `#/proposal/${address}.${id}`)
  await eventually(async () => expectWords((await page.locator('main').innerText()).replace(/\s+/g, ' '), words, 'the page'), 30000)
  expectEmpty(await axe(page), 'violations')
  await browser.close()
}

await check('a provider that leaves a vote out of its logs is caught and named, and the count is whole', async () => {
  const one = await liar(OMITS)
  const node = await world.node('omitted', { execution: [one.url] })
  await node.add(address)
  const shown = await tells(node, 'it is proven', now => now.tally_proven && now.omitted_by.length > 0)
  expect(one.told > 0, 'it did not lie')
  expect(shown.omitted_by.some(name => name.includes(called(one))), `named are ${shown.omitted_by}, it is ${called(one)}`)
  expectEqual(rows((await node.call('dao.votes', params)).votes), wanted, 'votes')
  await sees(node, ['Tally proven', 'Votes were hidden, and found', 'Left out by', called(one)])
  await node.node.stop()
})
await check('… also one that hides the block as well, by an honest one beside it', async () => {
  const one = await liar(HIDES)
  const node = await world.node('hidden', { execution: [one.url, world.devnet.rpcUrl] })
  await node.add(address)
  const shown = await tells(node, 'it is proven', now => now.tally_proven)
  expectEqual(rows((await node.call('dao.votes', params)).votes), wanted, 'votes')
  expect(one.told === 0 || shown.omitted_by.every(name => !name.includes(new URL(world.devnet.rpcUrl).host)), `named are ${shown.omitted_by}`)
  await node.node.stop()
})
for (const [what, lie] of [['hides the block', HIDES], ['forges the block\'s receipts', FORGES]]) {
  await check(`with nobody but one that ${what}, the shortfall is told exactly, and nothing is called proven`, async () => {
    const one = await liar(lie)
    const node = await world.node('alone', { execution: [one.url] })
    await node.add(address)
    const shown = await tells(node, 'something is missing', now => now.missing && !now.counting)
    expectEqual([shown.tally_proven, shown.list_proven, shown.missing], [false, false, { against: String(tokens('200')), for: '0', abstain: '0' }], 'verdict')
    expectEqual([shown.tally.against, shown.tally.for], [(await sums())[0], (await sums())[1]], 'what storage proves')
    const run = await node.hearth('dao', 'votes', address, String(id))
    expect(run.code === 3 && /MISSING +200 against/.test(run.out), `${run.code} ${run.out} ${run.err}`)
    await sees(node, ['Tally incomplete', 'Voter list unproven', 'Incomplete: 200 Against votes missing', 'A tally that does not add up is never drawn.'])
    await node.node.stop()
  })
}

// --- states to the end, against state() ------------------------------------------------------------

await check('its state is what the contract says, from the end of the vote to the payment', async () => {
  const seen = []
  await until('it has succeeded', async () => (await governor.state(id)) === 4n, 200000, 500)
  seen.push(await agrees())
  await world.mined(governor.queue([target], [5n], ['0x'], ethers.id(TEXT), GAS))
  seen.push(await agrees())
  await until('the delay is over', async () => (await chain.getBlock('latest')).timestamp > (await governor.proposalEta(id)), 20000, 200)
  await world.mined(governor.execute([target], [5n], ['0x'], ethers.id(TEXT), GAS))
  seen.push(await agrees())
  expectEqual([seen, String(await chain.getBalance(target))], [['Succeeded', 'Queued', 'Executed'], '5'], 'states')
})

// --- the audit -------------------------------------------------------------------------------------

const file = join(honest.dir, 'audit.json')
let text
await check('an audit is made once that is final', async () => {
  let last
  await until(() => `it is made: ${last?.err}`, async () => {
    last = await honest.hearth('dao', 'export', address, String(id), '--format', 'audit', '--out', file)
    return last.code === 0
  }, 120000, 3000)
  text = readFileSync(file, 'utf8')
  console.log(`     ${text.length} bytes`)
})
const fresh = await world.node('fresh', { execution: [] })
await fresh.node.stop()
async function verdict(changed, dir = fresh.dir) {
  const path = join(fresh.dir, 'case.json')
  await writeFile(path, typeof changed === 'string' ? changed : JSON.stringify(changed))
  const run = await cli(['verify', path, '--json', '--network', world.network, '--data-dir', dir])
  return { ...(run.out.startsWith('{') ? parseOne(run.out) : { verdict: run.err }), code: run.code }
}
const altered = change => { const copy = JSON.parse(text); change(copy); return copy }

await check('a node that has seen nothing but a checkpoint counts it again', async () => {
  const good = await verdict(text)
  expectEqual([good.code, good.verdict], [0, 'valid'], JSON.stringify(good).slice(0, 1500))
  const { agree, differ, open } = good.claim.weights
  expectEqual([agree, differ, open, good.claim.weights.token], [5, 0, 0, await token.getAddress()], 'weights by the token\'s own history')
})
await check('without any checkpoint it is not called valid', async () => {
  const good = await verdict(text, await dataDir('nothing'))
  expect(good.code !== 0 && good.verdict !== 'valid', JSON.stringify(good).slice(0, 800))
})
await check('with a vote left out, a forged word, another proposal or another anchor, it is not', async () => {
  const changes = {
    'a block of receipts': copy => delete copy.provided.receipts[hidden.blockNumber],
    'another proposal': copy => (copy.target.proposalId = ethers.toBeHex(id + 1n, 32)),
    'another anchor': copy => (copy.anchor.blockHash = ethers.id('another')),
    'another governor': copy => (copy.target.governor = ethers.Wallet.createRandom().address.toLowerCase()),
    'another layout': copy => (copy.target.layout.proposalVotes = ethers.toBeHex(77, 32)),
  }
  for (const [what, change] of Object.entries(changes)) {
    const { code, verdict: said } = await verdict(altered(change))
    expect([1, 3].includes(code) && said !== 'valid', `${what}: ${code} ${said}`)
  }
})
await check('… nor with one byte of a proof changed', async () => {
  const at = text.search(/"0x[0-9a-f]{200,}"/) + 100
  const other = text[at] === '0' ? '1' : '0'
  const { code, verdict: said } = await verdict(text.slice(0, at) + other + text.slice(at + 1))
  expect([1, 3].includes(code) && said !== 'valid', `${code} ${said}`)
})

for (const one of liars) one.stop()
await world.stop()
await tidy()
results.finish()
process.exit()
