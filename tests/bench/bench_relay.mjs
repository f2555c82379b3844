// The relay of a running node under load, for the group `relay` of the benchmarks; one JSON object a line.
//
//   node tests/bench/bench_relay.mjs [--hearth FILE] [--verify-us N] [--count N] [--deep N] [--only TEXT] [--url ws://…] [--pid N]
//
// --verify-us is what verifying an event costs this machine, the floor of relay_ingest_cpu. --deep is how many events one
// author has when old pages of them are asked for (0: leaves it out).
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { option, tidy, until } from '../system/hearth.mjs'
import { frame, keyOf, quantile, Wire } from '../system/relay_wire.mjs'
import { startRelay } from '../system/relay_world.mjs'
import { Corpus, signed, usageOf } from './bench_relay_corpus.mjs'
import { identical } from './bench_relay_neg.mjs'

const COUNT = Number(option('--count') ?? 100000)
const DEEP = Number(option('--deep') ?? 200000)
const VERIFY_US = Number(option('--verify-us') ?? 50)
const only = option('--only')
const SINGLE = Math.min(2000, COUNT / 10)
const SUBSCRIBERS = 200
const FANOUT_EVENTS = 150 // of a round
const FANOUT_GAP_MS = 20
const QUERIES = 150 // of a round
const ROUNDS = 3 // the middle one counts: others use the machine too
const PAGE = 50
const GIFT_WRAP = 1059 // which nobody sees who is not its addressee
const LETTER_O = 79
const LETTER_E = 69

const round = (value, digits = 2) => Number(value.toFixed(digits))
// `bound` is the most, or with isLeast the least, that is asked for.
function print(bench, ours, unit, floor, more = {}) {
  console.log(JSON.stringify({ bench, ours: round(ours, 3), unit, floor: round(floor, 3), ratio: floor > 0 ? round(ours / floor, 3) : 0, ...more }))
}
const middle = (list, of) => [...list].sort((a, b) => of(a) - of(b))[list.length >> 1]
const wants = name => !only || name.includes(only)

// --- ingest ----------------------------------------------------------------------------------------

// Sends all texts over some connections with `window` of them on the way on each; seconds, CPU, latencies.
async function ingest({ url, pid }, texts, { connections, window }) {
  const frames = texts.map(text => frame(`["EVENT",${text}]`))
  const latencies = []
  const refused = {}
  let next = 0
  let answered = 0
  let end
  const done = new Promise(finish => (end = finish))
  const push = one => {
    const parts = []
    for (const at = performance.now(); one.sent.length - one.front < window && next < frames.length;) {
      parts.push(frames[next++])
      one.sent.push(at)
    }
    if (parts.length > 0) one.wire.write(Buffer.concat(parts))
  }
  const take = (one, data) => {
    if (data[2] !== LETTER_O) return
    latencies.push(performance.now() - one.sent[one.front++])
    const said = data.toString('latin1', 70, 160)
    if (!/^[^,]*,\s*true/.test(said)) refused[said.slice(0, 60)] = (refused[said.slice(0, 60)] ?? 0) + 1
    if (++answered === frames.length) end()
    else if (one.sent.length - one.front <= window / 2) push(one)
  }
  const all = []
  for (let i = 0; i < connections; i++) {
    const one = { sent: [], front: 0 }
    one.wire = await Wire.open(url, { onData: data => take(one, data) })
    all.push(one)
  }
  const before = pid ? usageOf(pid).cpuS : 0
  const begun = performance.now()
  all.forEach(push)
  await done
  const seconds = (performance.now() - begun) / 1000
  const cpuS = pid ? usageOf(pid).cpuS - before : 0
  for (const { wire } of all) wire.drop()
  return { seconds, perS: texts.length / seconds, cpuUs: (cpuS * 1e6) / texts.length, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), refused }
}

async function measureIngest(relay, texts) {
  const pipelined = await ingest(relay, texts.slice(0, -SINGLE), { connections: 4, window: 1000 })
  print('relay_ingest_pipelined', pipelined.perS, 'events/s', 1e6 / VERIFY_US, { events: texts.length - SINGLE, connections: 4, window: 1000, p50_ms: round(pipelined.p50), p99_ms: round(pipelined.p99), refused: pipelined.refused })
  if (relay.pid) print('relay_ingest_cpu', pipelined.cpuUs, 'us', VERIFY_US)
  const singles = []
  for (let i = 0; i < ROUNDS; i++) singles.push(await ingest(relay, texts.slice(-SINGLE).filter((_, j) => j % ROUNDS === i), { connections: 1, window: 2 }))
  const single = middle(singles, ({ perS }) => perS)
  print('relay_ingest_window2', single.perS, 'events/s', 1e6 / VERIFY_US, { events: SINGLE, p50_ms: round(single.p50), p99_ms: round(single.p99), cpu_us: round(single.cpuUs), refused: single.refused })
}

// --- questions ---------------------------------------------------------------------------------------

function filtersOf(events) {
  let state = 7
  const below = n => Math.floor(((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 4294967296) * n)
  const byKind = new Map()
  for (const event of events) byKind.set(event.kind, [...(byKind.get(event.kind) ?? []).slice(-4000), event])
  const any = kind => { const list = kind === undefined ? events : byKind.get(kind); return list[below(list.length)] }
  const authors = [...new Set(events.map(({ pubkey }) => pubkey))]
  const about = [...byKind.get(7) ?? [], ...byKind.get(1111) ?? []].map(({ tags }) => tags.find(([name]) => name === 'e')?.[1]).filter(Boolean)
  const last = Math.max(...events.map(one => one.created_at))
  const thread = () => about[below(about.length)]
  const many = (n, make) => Array.from({ length: n }, make)
  return {
    id: () => [{ ids: [any().id] }],
    ids_50: () => [{ ids: many(50, () => any().id) }],
    author_feed: () => [{ authors: [any(1).pubkey], kinds: [1, 6], limit: 50 }],
    author_all: () => [{ authors: [any(1).pubkey], limit: 50 }],
    home_feed: () => [{ authors: any(3).tags.map(([, pubkey]) => pubkey).slice(0, 200), kinds: [1, 6], limit: 50 }],
    profiles_100: () => [{ authors: many(100, () => authors[below(authors.length)]), kinds: [0] }],
    thread: () => [{ '#e': [thread()], limit: 200 }],
    reactions_20: () => [{ '#e': many(20, thread), kinds: [7] }],
    notifications: () => [{ '#p': [any(1).pubkey], kinds: [1, 7, 6, 9735], limit: 50 }],
    topic_50: () => [{ '#t': ['ethereum'], kinds: [1], limit: 50 }],
    newest_50: () => [{ kinds: [1], limit: 50 }],
    window_500: () => [{ kinds: [1, 7], since: last - 86400 * (2 + below(40)), until: last - 86400, limit: 500 }],
    address: () => { const { pubkey, tags } = any(30023); return [{ kinds: [30023], authors: [pubkey], '#d': [tags[0][1]] }] },
    four_filters: () => [{ ids: [any().id] }, { authors: [any(1).pubkey], kinds: [0, 3, 10002] }, { '#e': [thread()], limit: 20 }, { '#p': [any(1).pubkey], limit: 20 }],
    search: () => [{ search: any(1).text.match(/"content":"(\w{4,})/)?.[1] ?? 'kalo', limit: 50 }],
  }
}

// Milliseconds until EOSE, one question at a time.
async function ask(url, filters, times) {
  let end
  let events = 0
  const refused = []
  const wire = await Wire.open(url, { onData: data => {
    if (data[2] === LETTER_E && data[3] !== LETTER_O) events++
    else if (data.toString('latin1', 2, 8) === 'CLOSED') { refused.push(data.toString().slice(0, 100)); end() }
    else if (data[2] === LETTER_E) end()
  } })
  const latencies = []
  for (let i = 0; i < times; i++) {
    const message = JSON.stringify(['REQ', `q${i}`, ...filters(i)])
    const begun = performance.now()
    await new Promise(done => { end = done; wire.send(message) })
    latencies.push(performance.now() - begun)
    wire.send(`["CLOSE","q${i}"]`)
  }
  wire.drop()
  return { latencies, events: events / times, refused }
}

async function measureQueries(relay, events) {
  const rounds = async filters => {
    const all = []
    for (let i = 0; i < ROUNDS; i++) all.push(await ask(relay.url, filters, QUERIES))
    return middle(all, ({ latencies }) => quantile(latencies, 0.99))
  }
  const floor = (await rounds(() => [{ ids: ['0'.repeat(64)] }])).latencies
  for (const [name, filters] of Object.entries(filtersOf(events))) {
    if (!wants(`relay_query_${name}`)) continue
    await ask(relay.url, filters, 20)
    const { latencies, events: count, refused } = await rounds(filters)
    print(`relay_query_${name}`, quantile(latencies, 0.99), 'ms', quantile(floor, 0.99), { p50_ms: round(quantile(latencies, 0.5), 3), events: round(count, 1), ...(refused.length > 0 ? { refused: refused[0] } : {}) })
  }
}

// Pages of an author of many events, from the newest to the oldest: p99 of the last tenth against the first.
async function measureDeep() {
  const key = keyOf('deep', 'bench')
  const texts = Array.from({ length: DEEP }, (_, i) => signed(key, { kind: 1, created_at: 1500000000 + i, tags: [], content: `note ${i}` }).text)
  const relay = await startRelay({ name: 'deep' })
  await ingest(relay, texts, { connections: 4, window: 1000 })
  const pages = Math.min(200, Math.floor(DEEP / PAGE))
  const step = Math.floor(DEEP / pages)
  const { latencies, events } = await ask(relay.url, i => [{ authors: [key.pubkey], kinds: [1], until: 1500000000 + DEEP - 1 - (i % pages) * step, limit: PAGE }], pages)
  const tenth = Math.max(1, Math.floor(pages / 10))
  print('relay_query_deep_until', quantile(latencies.slice(-tenth), 0.5), 'ms', quantile(latencies.slice(0, tenth), 0.5), { p99_ms: round(quantile(latencies, 0.99), 3), events: DEEP, page: round(events, 1) })
  await relay.stop()
}

// --- live ----------------------------------------------------------------------------------------------

// The latencies of one round: each event at each subscriber.
async function fanout(relay) {
  const key = keyOf('live', 'bench')
  const at = Math.floor(Date.now() / 1000)
  const events = Array.from({ length: FANOUT_EVENTS }, (_, i) => signed(key, { kind: 1, created_at: at, tags: [['t', 'live']], content: `live ${i} ${Math.random()}` }))
  const sentAt = new Map()
  const latencies = []
  let ready = 0
  const take = data => {
    if (data[2] !== LETTER_E) return
    if (data[3] === LETTER_O) return void ready++
    const from = data.indexOf('"id":"') + 6
    latencies.push(performance.now() - sentAt.get(data.toString('latin1', from, from + 64)))
  }
  const wires = []
  for (let i = 0; i < SUBSCRIBERS; i++) {
    const wire = await Wire.open(relay.url, { onData: take })
    wire.send('["REQ","live",{"kinds":[1],"limit":0}]')
    wires.push(wire)
  }
  await until('all are subscribed', () => ready === SUBSCRIBERS, 10000)
  const writer = await Wire.open(relay.url, { onData: () => {} })
  const begun = performance.now()
  for (const [i, event] of events.entries()) {
    const wait = begun + i * FANOUT_GAP_MS - performance.now()
    if (wait > 0) await new Promise(done => setTimeout(done, wait))
    sentAt.set(event.id, performance.now())
    writer.send(`["EVENT",${event.text}]`)
  }
  await until('all came', () => latencies.length === SUBSCRIBERS * FANOUT_EVENTS, 10000).catch(() => {})
  for (const wire of [...wires, writer]) wire.drop()
  return latencies
}

async function measureFanout(relay) {
  const all = []
  for (let i = 0; i < ROUNDS; i++) all.push(await fanout(relay))
  const latencies = middle(all, one => quantile(one, 0.99))
  const delivered = all.reduce((sum, one) => sum + one.length, 0)
  print('relay_fanout_p99', quantile(latencies, 0.99), 'ms', 1, { p50_ms: round(quantile(latencies, 0.5), 3), subscribers: SUBSCRIBERS, per_s: 1000 / FANOUT_GAP_MS, delivered, expected: SUBSCRIBERS * FANOUT_EVENTS * ROUNDS })
}

// --- all of them -----------------------------------------------------------------------------------------

function sizeOf(dir) {
  return readdirSync(dir).filter(name => name.startsWith('social.db')).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0) / 1e6
}

const corpus = new Corpus({ count: COUNT })
const events = []
for (let event; (event = corpus.next()) !== null;) events.push(event)
const jsonMb = events.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0) / 1e6
const relay = await startRelay({ name: 'bench' })
await measureIngest(relay, events.map(({ text }) => text))
if (relay.pid) {
  const { rssMiB, peakMiB, anonMiB } = usageOf(relay.pid)
  print('relay_rss', rssMiB, 'MiB', 80, { peak: round(peakMiB), anon: round(anonMiB), when: 'after ingest' })
}
if (wants('relay_query') || only.startsWith('relay_query')) await measureQueries(relay, events)
if (wants('relay_neg')) await identical(relay.url, events.filter(({ kind }) => kind !== GIFT_WRAP), {}, print)
if (wants('relay_fanout_p99')) await measureFanout(relay)
if (relay.pid) {
  const { rssMiB, peakMiB, anonMiB } = usageOf(relay.pid)
  print('relay_rss', rssMiB, 'MiB', 80, { peak: round(peakMiB), anon: round(anonMiB), when: 'at the end' })
}
await relay.stop()
if (relay.node) print('relay_disk', sizeOf(relay.node.dir), 'MB', jsonMb, { events: COUNT })
if (DEEP > 0 && relay.node && wants('relay_query_deep_until')) await measureDeep()
await tidy()
process.exit(0)
