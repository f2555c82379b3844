// SIGKILL under load: what a relay has acknowledged with OK true is there after it, again and again in the same folder.
// Deletions count as well: an acknowledged one is kept, and what it deleted stays away.
//
//   node tests/system/relay_kill.mjs [--kills N] [--seconds N] [--hearth FILE]
//
// 200 kills, in at most 110 seconds. The last line is "N passed, N failed, N skipped".
import { dataDir, option, tidy, until } from './hearth.mjs'
import { eventOf, keyOf, sha256, Wire } from './relay_wire.mjs'
import { startRelay } from './relay_world.mjs'

const KILLS = Number(option('--kills') ?? 200)
const END_MS = Date.now() + 1000 * Number(option('--seconds') ?? 110)
const WIRES = 2
const WINDOW = 24
const ROUND = 240 // events made for a round
const IDS = 400 // asked for in one filter

const authors = Array.from({ length: 8 }, (_, i) => keyOf(`author ${i}`))
const kept = new Set() // acknowledged events
const removed = new Map() // what an acknowledged deletion names, by the deletion
const doubtful = new Set() // named by a deletion that was sent and not acknowledged
let made = 0

// --- a round ---------------------------------------------------------------------------------------

// Every tenth event deletes one of the same author that is acknowledged by then.
function nextEvent(acknowledged) {
  const key = authors[made % authors.length]
  const target = made % 10 === 9 ? acknowledged.find(({ pubkey, kind }) => pubkey === key.pubkey && kind === 1) : null
  made++
  if (!target) return eventOf(key, { content: `event ${made} ${sha256(String(made)).toString('hex').repeat(made % 8)}` })
  doubtful.add(target.id)
  acknowledged.splice(acknowledged.indexOf(target), 1)
  return eventOf(key, { kind: 5, tags: [['e', target.id]], content: `deletion ${made}` })
}

// Sends with some events on the way at a time, until the connection breaks.
async function load(url, ready) {
  const wire = await Wire.open(url)
  const sent = new Map()
  const acknowledged = []
  const push = () => {
    while (sent.size < WINDOW && ready.count-- > 0 && wire.isOpen) {
      const event = nextEvent(acknowledged)
      sent.set(event.id, event)
      wire.send(['EVENT', event])
    }
  }
  const refused = []
  const closed = wire.next(([type]) => type === 'closed connection', 60000)
  wire.listen(([type, id, ok, reason]) => {
    const event = type === 'OK' ? sent.get(id) : null
    if (!event) return
    sent.delete(id)
    if (!ok) refused.push(reason)
    else if (event.kind === 5) removed.set(event.id, event.tags[0][1])
    else acknowledged.push(event)
    if (ok) kept.add(event.id)
    push()
  })
  push()
  return { closed, refused, count: () => acknowledged.length }
}

async function present(wire, ids) {
  const found = new Set()
  for (let i = 0; i < ids.length; i += IDS) {
    for (const { id } of (await wire.request({ ids: ids.slice(i, i + IDS), limit: IDS }, { ms: 20000 })).events) found.add(id)
  }
  return found
}

// What should be there and is not, and what should not be there and is.
async function lost(url, ids) {
  const wire = await Wire.open(url)
  const gone = new Set(removed.values())
  const there = await present(wire, ids)
  const missing = ids.filter(id => !there.has(id) && !doubtful.has(id))
  const back = ids.filter(id => there.has(id) && gone.has(id))
  wire.drop()
  return { missing, back }
}

// --- all of them -------------------------------------------------------------------------------------

const dir = await dataDir('kill')
const wrong = []
const recoveriesMs = []
let kills = 0
let checkedUpTo = 0
let relay = null
while (kills < KILLS && Date.now() < END_MS) {
  const begun = Date.now()
  relay = await startRelay({ dir })
  if (!relay.node) throw new Error('a relay that is not ours is not killed')
  recoveriesMs.push(Date.now() - begun)
  const last = [...kept].slice(checkedUpTo)
  checkedUpTo = kept.size
  const { missing, back } = await lost(relay.url, last)
  wrong.push(...missing.map(id => `${id} was acknowledged before kill ${kills} and is not there`), ...back.map(id => `${id} was deleted before kill ${kills} and is back`))
  const ready = { count: ROUND }
  const loads = []
  for (let i = 0; i < WIRES; i++) loads.push(await load(relay.url, ready))
  const before = kept.size
  await until('something is acknowledged', () => kept.size > before, 10000, 1).catch(error => wrong.push(`${error.message} ${JSON.stringify(loads.flatMap(({ refused }) => refused).slice(0, 3))}`))
  await new Promise(done => setTimeout(done, (kills * 37) % 90))
  await relay.node.kill()
  await Promise.all(loads.map(({ closed }) => closed))
  kills++
  if (wrong.length > 20) break
}

relay = await startRelay({ dir })
const { missing, back } = await lost(relay.url, [...kept])
wrong.push(...missing.map(id => `${id} is missing at the end`), ...back.map(id => `${id} is back at the end`))
await relay.stop()
await tidy()

recoveriesMs.sort((a, b) => a - b)
for (const text of wrong.slice(0, 20)) console.log(`FAILED ${text}`)
if (kills < KILLS) console.log(`FAILED only ${kills} of ${KILLS} kills fitted in the time`)
console.log(`${kills} kills, ${made} events sent, ${kept.size} acknowledged, ${removed.size} of them deletions; ready again after ${recoveriesMs[recoveriesMs.length >> 1]} ms (at most ${recoveriesMs.at(-1)})`)
const failed = wrong.length + (kills < KILLS ? 1 : 0)
console.log(`${kills - (wrong.length > 0 ? 1 : 0)} passed, ${failed} failed, 0 skipped`)
process.exit(failed > 0 ? 1 : 0)
