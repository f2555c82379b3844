// Calls of contracts through the node's own EVM over proven state, against anvil's: a few thousand calls made up from a
// seed, of all functions of OpenZeppelin's contracts in use; gas estimates; access lists; providers that lie about parts of
// a witness; code that is made to hurt.
//
//   node tests/system/calls.mjs [--hearth FILE] [--seed N] [--rounds N]
//
// The last line is "N passed, N failed, N skipped"; the ones before it count the calls.
import { ethers } from 'ethers'
import { counter, expectEqual } from '../ui/browser.mjs'
import { HOSTILE } from './calls_hostile.mjs'
import { residentKib, startPings } from './calls_ping.mjs'
import { maker } from './calls_random.mjs'
import { startTown } from './calls_world.mjs'
import { dataDir, expect, Hearth, option, tidy, until, writeNetwork } from './hearth.mjs'
import { Provider } from './provider.mjs'

const SEED = Number(option('--seed') ?? 5)
const ROUNDS = Number(option('--rounds') ?? 24)
const AT_ONCE = 8
const ESTIMATES = 160
const LISTS = 200
const NEAR = 0.02
const ANSWER_MS = 8000
const PING_MS = 100
const GROWTH_KIB = 150 << 10
const TRIES = 3
const EMPTY = '0x00000000000000000000000000000000000bad00'
const SHOWN = 6
const NETWORK = ethers.Network.from(31337)

const { check, ...results } = counter()
const begun = Date.now()
const town = await startTown()
const network = await writeNetwork(town.devnet.network)
const startNode = async (name, executions) => {
  const node = await Hearth.start({ network, dir: await dataDir(name), beacons: town.devnet.beaconUrls, args: executions.flatMap(url => ['--execution', url]) })
  await node.live(10000)
  return node
}
const node = await startNode('calls', [town.devnet.rpcUrl])
const wallet = new ethers.JsonRpcProvider(`${node.origin}/eth`, undefined, { staticNetwork: NETWORK, batchMaxCount: 1, cacheTimeout: -1 })
const { pid } = node.run.child
const block = (await node.status()).head.block_number
const tag = ethers.toQuantity(block)
const { timestamp } = await town.chain.getBlock(block)
const calls = maker(town, block, timestamp, SEED)

async function ask(url, method, params, more = {}) {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params, ...more }) })
  return answer.json()
}
const atNode = (method, params, more) => ask(`${node.origin}/eth`, method, params, more)
const atAnvil = (method, params) => ask(town.devnet.rpcUrl, method, params)
const plain = value => JSON.parse(JSON.stringify(value ?? null, (_, v) => (typeof v === 'bigint' ? String(v) : v)))
const txOf = ({ from, to, data, value }) => ({ from, to, data, ...(value ? { value } : {}) })

async function inTurns(list, run) {
  const waiting = [...list]
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await run(next)
  }))
}
function expectNone(wrong, of) {
  expect(wrong.length === 0, `${wrong.length} of ${of} differ:\n${wrong.slice(0, SHOWN).join('\n')}`)
}

// --- the same call here and there ---------------------------------------------------------------------

// What a contract answers, as ethers has it: values, the data of a revert, or that it halted.
async function outcome(provider, { to, method, args, from, value }) {
  try {
    const contract = new ethers.Contract(to, [method], provider)
    const got = await contract.getFunction(method.format('sighash')).staticCallResult(...args, { from, blockTag: block, ...(value ? { value } : {}) })
    return { value: plain(got) }
  } catch (error) {
    const said = error.info?.error ?? error.error
    if (provider === wallet && said && ![3, -32000].includes(said.code)) return { unproven: said.message }
    if (error.code === 'BAD_DATA') return { undecodable: error.value }
    return error.data && error.data !== '0x' ? { reverts: error.data } : { fails: true }
  }
}

const counts = { values: 0, reverts: 0, others: 0 }
async function compareCalls() {
  const list = calls(ROUNDS)
  const wrong = []
  await inTurns(list, async call => {
    const [ours, theirs] = await Promise.all([outcome(wallet, call), outcome(town.chain, call)])
    if (JSON.stringify(ours) !== JSON.stringify(theirs)) wrong.push(`${call.name}(${JSON.stringify(plain(call.args)).slice(0, 200)}): ${JSON.stringify(ours).slice(0, 200)}, anvil ${JSON.stringify(theirs).slice(0, 200)}`)
    counts[theirs.value !== undefined ? 'values' : theirs.reverts ? 'reverts' : 'others']++
  })
  expectNone(wrong, list.length)
  expect(counts.values > 500 && counts.reverts > 500, `too few of a kind: ${JSON.stringify(counts)}`)
}

// Transactions that anvil says would succeed.
async function successes(most) {
  const out = []
  await inTurns(calls(14, method => !['view', 'pure'].includes(method.stateMutability)), async call => {
    if (out.length < most && (await atAnvil('eth_call', [txOf(call), tag])).result !== undefined) out.push(call)
  })
  return out
}

async function judgeEstimate(call, wrong) {
  const [ours, theirs] = await Promise.all([atNode('eth_estimateGas', [txOf(call), tag]), atAnvil('eth_estimateGas', [txOf(call), tag])])
  if (ours.error || theirs.error) return void wrong.push(`${call.name}: ${ours.error?.message}, anvil ${theirs.error?.message}`)
  const [gas, peer] = [Number(ours.result), Number(theirs.result)]
  if (Math.abs(gas - peer) > peer * NEAR) wrong.push(`${call.name}: ${gas}, anvil ${peer}`)
  if (gas === peer) return void estimates.equal++
  estimates.near++
  const withGas = n => atNode('eth_call', [{ ...txOf(call), gas: ethers.toQuantity(n) }, tag])
  const [enough, short] = [await withGas(gas), await withGas(gas - 1)]
  if (enough.error) wrong.push(`${call.name}: ${gas} does not suffice: ${enough.error.message}`)
  if (!short.error) wrong.push(`${call.name}: ${gas - 1} suffices, too (anvil ${peer})`)
}

const estimates = { equal: 0, near: 0 }
async function compareEstimates() {
  const wrong = []
  const list = await successes(ESTIMATES)
  await inTurns(list, call => judgeEstimate(call, wrong))
  expectNone(wrong, list.length)
  expect(list.length >= ESTIMATES / 2, `only ${list.length} transactions succeed`)
}

let lists = 0
const setOf = list => list.map(one => [one.address.toLowerCase(), ...one.storageKeys.map(key => key.toLowerCase()).sort()].join(' ')).sort()
async function compareLists() {
  const wrong = []
  const list = calls(4).filter((_, i) => i % 2 === 0).slice(0, LISTS)
  await inTurns(list, async call => {
    const [ours, theirs] = await Promise.all([atNode('eth_createAccessList', [txOf(call), tag]), atAnvil('eth_createAccessList', [txOf(call), tag])])
    // Of one that reverts, anvil gives an error alone.
    if (theirs.error) return void (ours.result?.error || wrong.push(`${call.name}: no error, anvil ${theirs.error.message}`))
    const [a, b] = [ours, theirs].map(said => (said.result ? JSON.stringify(setOf(said.result.accessList)) : said.error.message))
    if (a !== b) wrong.push(`${call.name}: ${a}, anvil ${b}`)
    lists++
  })
  expectNone(wrong, list.length)
  expect(lists >= LISTS / 4, `only ${lists} have a list`)
}

// --- lies ------------------------------------------------------------------------------------------------

const last = list => list.slice(0, -1)
const change = edit => said => {
  edit(said.result)
  return said
}
const isFilled = request => request.params[1].length > 0
function laterRounds() {
  let asked = 0
  return async (said, request, world) => {
    if (request.method === 'eth_createAccessList') return { ...said, result: { accessList: [], gasUsed: '0x5208' } }
    if (++asked < 3) return null
    const older = await ask(world.devnet.rpcUrl, 'eth_getProof', [...request.params.slice(0, 2), ethers.toQuantity(block - 30)])
    return { ...said, result: older.result }
  }
}
const LIES = [
  { what: "a storage proof's last node is left out", on: ['eth_getProof'], when: isFilled, tell: change(proof => proof.storageProof.forEach(one => (one.proof = last(one.proof)))) },
  { what: 'no storage proofs come at all', on: ['eth_getProof'], when: isFilled, tell: change(proof => (proof.storageProof = [])) },
  { what: "an account proof's first node is left out", on: ['eth_getProof'], tell: change(proof => proof.accountProof.shift()) },
  { what: 'another state root in a later round', on: ['eth_getProof', 'eth_createAccessList'], tell: laterRounds },
  { what: 'code with a byte changed', on: ['eth_getCode'], tell: said => ({ ...said, result: said.result.replace(/^0x60/, '0x61') }) },
  { what: 'no code', on: ['eth_getCode'], tell: said => ({ ...said, result: '0x' }) },
  { what: 'an access list of strangers', isHint: true, on: ['eth_createAccessList'], tell: said => ({ ...said, result: { gasUsed: '0x1', accessList: Array.from({ length: 400 }, (_, i) => ({
    address: ethers.toBeHex(0xdead0000 + i, 20), storageKeys: Array.from({ length: 20 }, (_, k) => ethers.toBeHex(k, 32)) })) } }) },
  { what: 'an access list that is none', isHint: true, on: ['eth_createAccessList'], tell: said => ({ ...said, result: { accessList: 'yes' } }) },
]

const { assembly } = town.contracts
const question = { to: assembly.address, data: assembly.abi.encodeFunctionData('state', [town.proposals[1].id]) }
const { result: truth } = await atAnvil('eth_call', [question, tag])

async function tellLie(lie, isAlone) {
  const liar = await Provider.start(town.devnet.rpcUrl, { world: town, lie: { ...lie, tell: lie.tell === laterRounds ? laterRounds() : lie.tell } })
  const honest = isAlone ? [] : [await Provider.start(town.devnet.rpcUrl, { slowMs: 25 })]
  const fooled = await startNode('lied', [liar, ...honest].map(one => one.url))
  try {
    const since = Date.now()
    const said = await ask(`${fooled.origin}/eth`, 'eth_call', [question, tag])
    const ms = Date.now() - since
    if (!isAlone || lie.isHint) expectEqual(said.result, truth, `the answer (${said.error?.message})`)
    else expect(said.result === truth || (said.error && said.error.code !== 3), `it was believed: ${JSON.stringify(said)}`)
    expect(ms < (isAlone ? 4 : 1) * ANSWER_MS, `it took ${ms} ms`)
    if (isAlone && !lie.isHint) expect(said.error?.message?.length > 10, `no reason is given: ${JSON.stringify(said)}`)
    if (!lie.isHint && liar.told) await until('the liar is named', async () => (await fooled.provider(liar.url)).faults.length > 0)
    expect(!isAlone || liar.told > 0, 'the lie was never told')
  } finally {
    await fooled.stop()
    for (const one of [liar, ...honest]) one.stop()
  }
}

// --- code that is made to hurt ---------------------------------------------------------------------------

async function hurtOnce({ code, at }) {
  const target = at ? town.contracts[at].address : EMPTY
  const pings = await startPings(`${node.origin}/eth`, pid)
  const since = performance.now()
  const said = await atNode('eth_call', [{ to: target }, tag, { [target]: { code } }])
  const ms = performance.now() - since
  const state = await pings.stop()
  peak = Math.max(peak, state.peak)
  return { text: said.error ? `${said.error.code} ${said.error.message}` : `${said.result.length / 2 - 1} bytes`, ms, ...state }
}

// Others on the machine can make anything late: only what is late every time counts.
async function hurt(one) {
  let got = null
  for (let tries = 0; tries < TRIES && (!got || got.worst >= PING_MS || got.ms >= ANSWER_MS); tries++) got = await hurtOnce(one)
  const { text, ms, worst } = got
  console.log(`  ${one.what}: ${text.slice(0, 120)}, ${Math.round(ms)} ms; chain id in at most ${worst.toFixed(0)} ms`)
  expect(ms < ANSWER_MS, `it took ${Math.round(ms)} ms`)
  expect(worst < PING_MS, `eth_chainId took ${Math.round(worst)} ms meanwhile`)
  expect(one.says.test(text), `it said ${text}`)
}

// --- all of it -------------------------------------------------------------------------------------------

await check('the town was founded without a failure', async () => expectEqual(town.failed, [], 'transactions that failed'))
await check('random calls of all functions have the same outcome as at anvil', compareCalls)
await check('gas estimates suffice, and a unit less does not', compareEstimates)
await check('access lists are the same sets', compareLists)
await check('an answer says that it is proven, and by which block', async () => {
  const { result, provenance } = await atNode('eth_call', [question, tag], { provenance: true })
  expectEqual([result, provenance?.verdict, provenance?.block?.number], [truth, 'proven', block], 'answer')
})
for (const lie of LIES) {
  await check(`beside an honest provider: ${lie.what}`, () => tellLie(lie, false))
  await check(`alone: ${lie.what}`, () => tellLie(lie, true))
}
const before = residentKib(pid)
let peak = before
for (const one of HOSTILE) await check(one.what, () => hurt(one))
await check('hostile code leaves no memory behind', async () => expect(peak - before < GROWTH_KIB, `it grew by ${(peak - before) >> 10} MiB`))

wallet.destroy()
await node.stop()
await town.stop()
await tidy()
console.log(`${counts.values + counts.reverts + counts.others} calls (${counts.values} answered, ${counts.reverts} reverted, ${counts.others} failed otherwise), ` +
  `${estimates.equal + estimates.near} estimates (${estimates.equal} equal anvil's), ${lists} access lists, grew ${(peak - before) >> 10} MiB, in ${Math.round((Date.now() - begun) / 1000)} s`)
results.finish()
process.exit()
