// A relay under attack from other addresses, one way after another, while honest clients publish, ask and listen: their
// p99 stays below 250 ms, nothing hostile is stored, and the node goes on.
//
//   node tests/system/relay_hostile.mjs [--seconds N of each attack] [--only TEXT] [--hearth FILE] [--all]
//
// The last line is "N passed, N failed, N skipped".
import { readFileSync } from 'node:fs'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { option, tidy, until } from './hearth.mjs'
import { ATTACKS } from './relay_attacks.mjs'
import { eventOf, keyOf, quantile, Wire } from './relay_wire.mjs'
import { startRelay } from './relay_world.mjs'

const SECONDS = Number(option('--seconds') ?? 2)
const P99_MAX_MS = 250
const RSS_MAX_MIB = 256
const EVENTS = 4000
const EVERY_MS = 12

// --- the attacker: a thread of its own, so that its work is not measured -------------------------------

if (!isMainThread) {
  const { url, name, seconds } = workerData
  const state = { isOver: false }
  setTimeout(() => (state.isOver = true), seconds * 1000)
  const told = await ATTACKS[name](url, state).catch(error => ({ broke: error.message }))
  parentPort.postMessage(told ?? {})
  process.exit(0)
}

// --- honest clients ----------------------------------------------------------------------------------------

// How long it takes until a newcomer is greeted.
async function enter(url) {
  const begun = performance.now()
  const wire = await Wire.open(url)
  const ms = performance.now() - begun
  wire.drop()
  return ms
}

const reader = keyOf('reader')
const writer = keyOf('writer')

const FILLING = 'hundreds of connections' // takes all places of this computer's addresses: nobody else comes in

// Publishes, asks, listens and comes in anew in turns until told to end: {publish, ask, listen, enter} in ms, and what went
// wrong.
async function honest(url, state, mayEnter) {
  const times = { publish: [], ask: [], listen: [], enter: [] }
  const wrong = []
  const [one, two] = [await Wire.open(url), await Wire.open(url)]
  await two.request({ authors: [writer.pubkey], limit: 0 }, { id: 'live', keep: true })
  let last = eventOf(writer, { content: 'the first' })
  for (let i = 0; !state.isOver; i++) {
    try {
      last = eventOf(writer, { content: `${i} ${Math.random()}` })
      const begun = performance.now()
      const heard = two.next(([type, id, event]) => type === 'EVENT' && id === 'live' && event.id === last.id)
      const { ok, reason } = await one.publish(last)
      times.publish.push(performance.now() - begun)
      if (!ok) wrong.push(`refused: ${reason}`)
      if ((await heard) === null) wrong.push('an event did not come live')
      times.listen.push(performance.now() - begun)
      const asked = performance.now()
      const { events } = await one.request(i % 2 === 0 ? { ids: [last.id] } : { authors: [writer.pubkey, reader.pubkey], kinds: [1], since: last.created_at - 1 })
      times.ask.push(performance.now() - asked)
      if (!events.some(({ id }) => id === last.id)) wrong.push('an event was not found')
      if (mayEnter) times.enter.push(await enter(url))
    } catch (error) {
      wrong.push(error.message)
      if (!one.isOpen || !two.isOpen) break
    }
    await new Promise(done => setTimeout(done, EVERY_MS))
  }
  one.drop()
  two.drop()
  return { times, wrong }
}

// --- the relay ---------------------------------------------------------------------------------------------

async function fill(url) {
  const wire = await Wire.open(url)
  const keys = Array.from({ length: 20 }, (_, i) => keyOf(`old ${i}`))
  let waiting = 0
  wire.listen(([type]) => type === 'OK' && waiting--)
  for (let i = 0; i < EVENTS; i++) {
    const tags = [['t', `tag${i % 50}`], ['p', keys[(i * 7) % 20].pubkey]]
    wire.send(['EVENT', eventOf(keys[i % 20], { content: `old words number ${i} ${'and more '.repeat(i % 40)}`, created_at: 1700000000 + i, tags })])
    waiting++
    if (waiting >= 200) await until('the relay takes events', () => waiting < 100, 20000, 2)
  }
  await until('the relay took all', () => waiting === 0, 20000, 5)
  wire.drop()
}

const rssMiB = pid => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024

function attack(url, name) {
  return new Promise((done, failed) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { url, name, seconds: SECONDS }, argv: [] })
    worker.on('message', done)
    worker.on('error', failed)
    worker.on('exit', () => done({}))
  })
}

async function run(relay, name) {
  const state = { isOver: false }
  const running = honest(relay.url, state, name !== FILLING).catch(error => ({ times: { publish: [], ask: [], listen: [], enter: [] }, wrong: [error.message] }))
  const told = await attack(relay.url, name)
  state.isOver = true
  const { times, wrong } = await running
  const p99 = Object.fromEntries(Object.entries(times).map(([what, all]) => [what, Math.round(quantile(all, 0.99))]))
  const problems = [...new Set(wrong)].slice(0, 3)
  if (told.broke) problems.push(`the attack broke off: ${told.broke}`)
  if (times.ask.length < SECONDS * 3) problems.push(`only ${times.ask.length} rounds`)
  for (const [what, ms] of Object.entries(p99)) if (ms >= P99_MAX_MS) problems.push(`p99 of ${what} ${ms} ms`)
  if (told.stored) problems.push(`stored: ${told.stored}`)
  if (relay.node && !relay.node.isRunning) problems.push(`the node ended: ${relay.node.log.slice(-500)}`)
  return { problems, p99, rounds: times.ask.length, told }
}

const relay = await startRelay({ name: 'hostile' })
await fill(relay.url)
const counts = { passed: 0, failed: 0 }
const count = (name, problems, told) => {
  counts[problems.length > 0 ? 'failed' : 'passed']++
  if (problems.length > 0) console.log(`FAILED ${name}: ${problems.join('; ')} ${told}`)
  else if (process.argv.includes('--all')) console.log(`       ${name} ${told}`)
}
const only = option('--only')
for (const name of Object.keys(ATTACKS)) {
  if (only && !name.includes(only)) continue
  const { problems, p99, rounds, told } = await run(relay, name)
  count(name, problems, JSON.stringify({ p99, rounds, ...told }))
  if (relay.node && !relay.node.isRunning) break
}
if (relay.pid) {
  const rss = Math.round(rssMiB(relay.pid))
  count('memory after all of it', rss > RSS_MAX_MIB ? [`${rss} MiB`] : [], `${rss} MiB`)
}
if (relay.node) {
  const code = await relay.stop()
  count('it ends in peace', code === 0 ? [] : [`exit ${code}`], '')
}
await tidy()
console.log(`${counts.passed} passed, ${counts.failed} failed, 0 skipped`)
process.exit(counts.failed > 0 ? 1 : 0)
