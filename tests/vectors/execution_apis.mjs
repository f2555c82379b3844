// The vectors of ethereum/execution-apis against the real node: in any folder that has genesis.json and chain.rlp, the
// chain is executed, a beacon signs its last block as head and finalized, the node proves it, and each request of the
// .io files below is sent to /eth. An answer must equal the file's; of an error only the code must.
//
//   node tests/vectors/execution_apis.mjs FIXTURES [--hearth FILE] [--only TEXT] [--states DIR]
//
// With --states, the state in front of a chain's first Berlin block is written there, a file for each chain: from it on,
// execution_apis.c executes the blocks again with our own machine.
// The last line is "execution-apis: N passed, N failed, N skipped". Exit 0 when nothing failed, also when there is no
// such folder; 1 when something did.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { startFixed } from '../devnet/fixed.mjs'
import { dataDir, Hearth, option, tidy, writeNetwork } from '../system/hearth.mjs'
import { Provider } from '../system/provider.mjs'
import { openChain } from './chain_provider.mjs'

const ANSWER_MS = 8000
const SLOTS_PER_EPOCH = 8 // of the minimal preset
const LINES_MAX = 60
// What a node that proves its answers does not answer: tracing, other people's mempools, its own configuration.
const SKIPPED = [/^debug_trace/, /^testing_/, /^txpool_/, /^eth_config$/]
// Consensus forks by the execution forks that come with them.
const FORK_TIMES = { capella: 'shanghaiTime', deneb: 'cancunTime', electra: 'pragueTime', fulu: 'osakaTime' }

const counts = { passed: 0, failed: 0, skipped: 0 }
const skipped = new Map()
const only = option('--only')
const states = option('--states')

// --- what is there ---------------------------------------------------------------------------------------

async function filesBelow(folder) {
  const found = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(...await filesBelow(path))
    else found.push(path)
  }
  return found.sort()
}

// Requests and what must be answered, in the order of the file.
function exchangesOf(text) {
  const found = []
  for (const line of text.split('\n')) {
    if (line.startsWith('>> ')) found.push({ request: JSON.parse(line.slice(3)), isShapeOnly: /^\/\/ *speconly/m.test(text) })
    if (line.startsWith('<< ')) found.at(-1).response = JSON.parse(line.slice(3))
  }
  return found.filter(one => one.response)
}

// --- the network of such a chain ----------------------------------------------------------------------------

const gcd = (a, b) => (b === 0 ? a : gcd(b, a % b))

// Slots are as long as it takes to have each fork at the start of an epoch, counted from timestamp 0.
function networkOf({ config }) {
  const times = ['shanghaiTime', 'cancunTime', 'pragueTime', 'osakaTime', ...Object.keys(config).filter(name => /^bpo\dTime$/.test(name))].map(name => config[name]).filter(Boolean)
  let epochSeconds = times.reduce(gcd, 0) || 48
  while (epochSeconds > 96 && epochSeconds % 2 === 0) epochSeconds /= 2
  const epochOf = time => time / epochSeconds
  const forks = {}
  for (const [name, time] of Object.entries(FORK_TIMES)) if (config[time] !== undefined) forks[name] = epochOf(config[time])
  const blobs = Object.keys(config).filter(name => /^bpo\dTime$/.test(name)).map(name =>
    ({ epoch: epochOf(config[name]), max: config.blobSchedule[name.replace('Time', '')].max }))
  return { chainId: config.chainId, genesisTime: 0, slotMs: (epochSeconds * 1000) / SLOTS_PER_EPOCH, forks, blobs }
}

// --- asking and comparing ---------------------------------------------------------------------------------------

// The first place where two JSON values differ, or null.
function difference(got, expected, at = '') {
  if (typeof got !== 'object' || typeof expected !== 'object' || got === null || expected === null) {
    return got === expected ? null : `${at || 'the result'} is ${brief(got)}, expected ${brief(expected)}`
  }
  if (Array.isArray(got) !== Array.isArray(expected)) return `${at} is ${brief(got)}, expected ${brief(expected)}`
  for (const name of new Set([...Object.keys(expected), ...Object.keys(got)])) {
    const path = `${at}${at ? '.' : ''}${name}`
    if (!(name in got)) return `${path} is missing, expected ${brief(expected[name])}`
    if (!(name in expected)) return `${path} is ${brief(got[name])}, expected nothing`
    const found = difference(got[name], expected[name], path)
    if (found) return found
  }
  return null
}

const brief = value => JSON.stringify(value)?.slice(0, 140)

async function post(url, request) {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request), signal: AbortSignal.timeout(ANSWER_MS) })
  return answer.json()
}

function judge({ response, isShapeOnly }, got) {
  if (response.error) return got.error ? difference(got.error.code, response.error.code, 'the error code') : `it was answered, expected error ${response.error.code}`
  if (got.error) return `error ${got.error.code} ${got.error.data?.code ?? ''}: ${got.error.message}`
  return isShapeOnly ? null : difference(got.result, response.result)
}

function skip(what) {
  skipped.set(what, (skipped.get(what) ?? 0) + 1)
  counts.skipped++
}

async function runCase(url, name, exchange) {
  const { method } = exchange.request
  if (SKIPPED.some(pattern => pattern.test(method))) return skip(method)
  const got = await post(url, exchange.request).catch(error => ({ failed: error.message }))
  // Uncles of blocks from before the Merge are not proven; the node says so.
  if (got.error?.data?.code === 'uncles_not_proven') return skip(`${method} of a block with uncles`)
  const wrong = got.failed ?? judge(exchange, got)
  if (!wrong) return void counts.passed++
  if (counts.failed++ < LINES_MAX) console.log(`  FAIL ${name}: ${wrong}`)
}

// --- a folder ---------------------------------------------------------------------------------------------------

async function writeState(chain, folder, title) {
  const first = Math.max(Number(chain.genesis.config.berlinBlock ?? 0), 1)
  if (first > Number(chain.head.number)) return
  const name = `${String(counts.states = (counts.states ?? 0) + 1).padStart(4, '0')}.json`
  await writeFile(join(states, name), JSON.stringify({ folder, title, first, alloc: await chain.stateAfter(first - 1) }))
}

async function runFolder(folder, title) {
  const chain = await openChain(folder)
  if (states) await writeState(chain, folder, title)
  const { block, ...network } = { block: chain.head, ...networkOf(chain.genesis) }
  const cleanups = []
  try {
    const beacon = await startFixed({ block, ...network })
    cleanups.push(() => beacon.stop())
    const provider = await Provider.start(request => chain.answer(request))
    cleanups.push(() => provider.stop())
    const node = await Hearth.start({ network: await writeNetwork(beacon.network), dir: await dataDir('vectors'), beacons: beacon.beaconUrls, args: ['--execution', provider.url] })
    cleanups.push(() => node.stop())
    await node.until('live and final', status => status.state === 'live' && status.finalized, 15000)
    for (const file of (await filesBelow(folder)).filter(path => path.endsWith('.io') && (!only || path.includes(only)))) {
      const exchanges = exchangesOf(await readFile(file, 'utf8'))
      for (const exchange of exchanges) await runCase(`${node.origin}/eth`, `${title}${join(basename(dirname(file)), basename(file))}`, exchange)
    }
    const [mine] = (await node.providers()).filter(one => one.kind === 'execution')
    if (mine.faults.length > 0) {
      counts.failed++
      console.log(`  FAIL the executed chain is faulted: ${JSON.stringify(mine.faults.at(-1))}`)
    }
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup()
  }
}

const root = resolve(process.argv[2] ?? '.')
const folders = (await filesBelow(root)).filter(path => basename(path) === 'chain.rlp').map(dirname)
for (const folder of folders) {
  try {
    await runFolder(folder, folders.length > 1 ? `${relative(root, folder)}/` : '')
  } catch (error) {
    counts.failed++
    console.log(`  FAIL ${relative(root, folder) || basename(folder)}: ${error.message}`)
  }
}
await tidy()
if (folders.length === 0) console.log('  note: no folder with genesis.json and chain.rlp')
if (skipped.size > 0) {
  console.log(`  note: skipped, because the node does not answer them: ${[...skipped].map(([method, n]) => `${method} ${n}`).join(', ')}`)
}
console.log(`execution-apis: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exit(counts.failed > 0 ? 1 : 0)
