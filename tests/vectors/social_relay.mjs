// The cases of Nostr that need a running relay: in any .jsonl file below a folder, events that must be taken or refused,
// scenarios (what is published, and then exactly what is found), and messages with the answers that are allowed. A fresh
// node for each scenario and each file of the others.
//
//   node tests/vectors/social_relay.mjs FIXTURES [--hearth FILE] [--url ws://HOST:PORT] [--only TEXT]
//
// The last line is "social_relay: N passed, N failed, N skipped".
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { option, tidy } from '../system/hearth.mjs'
import { Wire } from '../system/relay_wire.mjs'
import { startRelay } from '../system/relay_world.mjs'

const SILENCE_MS = 500
const LINES_MAX = 60
const STALE_S = 60
const PRIVATE = new Set([4, 1059, 1060, 21059])
const PREFIX = /^(blocked|rate-limited|invalid|pow|error|restricted|auth-required|duplicate|mute): /
const ANSWERS = new Set(['NOTICE', 'CLOSED', 'EOSE', 'OK', 'COUNT', 'NEG-ERR', 'NEG-MSG', 'closed connection'])

const counts = { passed: 0, failed: 0, skipped: 0 }
const only = option('--only')

function report(name, wrong) {
  counts[wrong ? 'failed' : 'passed']++
  if (wrong && counts.failed <= LINES_MAX) console.log(`  FAIL ${name}: ${wrong}`)
}

// One connection that is opened again when the relay has closed it.
async function connect(url) {
  const one = { wire: await Wire.open(url) }
  one.alive = async () => {
    if (!one.wire.isOpen) one.wire = await Wire.open(url)
    return one.wire
  }
  return one
}

async function answerTo(wire, text, ms) {
  const answer = wire.next(([type]) => ANSWERS.has(type), ms)
  wire.send(text)
  return answer
}

// --- events ----------------------------------------------------------------------------------------

const brief = answer => (answer === null ? 'nothing' : JSON.stringify(answer).slice(0, 160))

// An ephemeral event that is old may be refused: nobody waits for it any more.
const isStale = ({ raw, class: kind }, answer) => kind === 'ephemeral' && answer?.[0] === 'OK' && /^invalid: /.test(answer[3]) && JSON.parse(raw).created_at < Date.now() / 1000 - STALE_S

function judgeTaken(one, answer) {
  const { expect, reason } = one
  const isTaken = answer?.[0] === 'OK' && answer[2] === true
  if (isStale(one, answer)) return null
  if (expect === 'either') return answer?.[0] === 'OK' ? null : `an OK was expected, got ${brief(answer)}`
  if (expect === 'accept') return isTaken ? null : `it must be taken, got ${brief(answer)}`
  if (isTaken || answer === null) return `it must be refused (${reason}), got ${brief(answer)}`
  if (answer[0] === 'OK' && !PREFIX.test(answer[3] ?? '')) return `its refusal has no prefix: ${brief(answer)}`
  return reason === 'json' || answer[0] === 'OK' || answer[0] === 'NOTICE' ? null : `an OK false was expected, got ${brief(answer)}`
}

// What comes back must say the same; what is replaceable or deleted by another case may be gone.
async function judgeKept(wire, { raw, class: kind }, taken, gone) {
  const event = JSON.parse(raw)
  if (PRIVATE.has(event.kind)) return null
  const { events } = await wire.request({ ids: [event.id] })
  if (kind === 'ephemeral') return events.length === 0 ? null : 'it is ephemeral and was kept'
  if (events.length === 0) return kind !== 'regular' || gone.has(event.id) || !taken ? null : 'it was taken and is not found'
  for (const name of ['id', 'pubkey', 'created_at', 'kind', 'tags', 'content', 'sig']) {
    if (JSON.stringify(events[0][name]) !== JSON.stringify(event[name])) return `its ${name} came back as ${JSON.stringify(events[0][name]).slice(0, 80)}`
  }
  return null
}

async function runEvents(url, file, cases) {
  const one = await connect(url)
  const parsed = cases.filter(({ expect }) => expect !== 'reject').map(({ raw }) => JSON.parse(raw))
  const gone = new Set(parsed.filter(({ kind }) => kind === 5).flatMap(({ tags }) => tags.filter(([name]) => name === 'e').map(([, id]) => id)))
  for (const each of cases) {
    const answer = await answerTo(await one.alive(), `["EVENT",${each.raw}]`, 3000)
    let wrong = judgeTaken(each, answer)
    if (!wrong && each.expect !== 'reject') wrong = await judgeKept(await one.alive(), each, answer[2], gone)
    report(`${file}/${each.name}`, wrong)
  }
  one.wire.drop()
}

// --- scenarios ----------------------------------------------------------------------------------------

async function runScenario(url, file, { name, publish, checks }) {
  const wire = await Wire.open(url)
  const answers = []
  for (const event of publish) answers.push(await wire.publish(event))
  for (const [i, { filter, expect_ids: expected }] of checks.entries()) {
    const { events, closed } = await wire.request(filter)
    const got = events.map(({ id }) => id)
    const isSame = got.join() === expected.join()
    const isOrder = !isSame && [...got].sort().join() === [...expected].sort().join()
    const refusals = answers.filter(({ ok }) => !ok).map(({ reason }) => reason)
    report(`${file}/${name}/${i}`, isSame ? null : `${isOrder ? 'another order' : `${got.length} events, expected ${expected.length}`} ${closed ?? ''} for ${JSON.stringify(filter).slice(0, 120)}; refused were ${JSON.stringify(refusals).slice(0, 200)}`)
  }
  wire.drop()
}

// --- messages -----------------------------------------------------------------------------------------------

const kindOf = answer => (answer === null ? 'none' : answer[0] === 'closed connection' ? 'close' : answer[0])

async function runProtocol(url, file, cases) {
  const one = await connect(url)
  for (const { name, raw, reply_one_of: allowed } of cases) {
    const answer = await answerTo(await one.alive(), raw, SILENCE_MS)
    let wrong = allowed.includes(kindOf(answer)) ? null : `${brief(answer)}, allowed are ${allowed.join(', ')}`
    const { eose } = await (await one.alive()).request({ ids: ['0'.repeat(64)] })
    if (!eose) wrong ??= 'the relay does not answer after it'
    report(`${file}/${name}`, wrong)
    one.wire.send(['CLOSE', 'x'])
  }
  one.wire.drop()
}

// --- files --------------------------------------------------------------------------------------------------

async function filesBelow(folder) {
  const found = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(...await filesBelow(path))
    else if (path.endsWith('.jsonl')) found.push(path)
  }
  return found.sort()
}

// Runs with a node that nobody has used.
async function fresh(name, run) {
  try {
    const relay = await startRelay({ name: 'vectors' })
    try {
      await run(relay.url)
      if (relay.node && !relay.node.isRunning) throw new Error('the node ended')
    } finally {
      await relay.stop()
    }
  } catch (error) {
    report(name, error.message)
  }
}

async function runFile(path) {
  const file = basename(path)
  const lines = (await readFile(path, 'utf8')).split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line))
  const cases = lines.filter(({ name }) => name && (!only || name.includes(only)))
  const events = cases.filter(one => typeof one.raw === 'string' && one.expect)
  const messages = cases.filter(one => typeof one.raw === 'string' && Array.isArray(one.reply_one_of))
  if (events.length > 0) await fresh(file, url => runEvents(url, file, events))
  if (messages.length > 0) await fresh(file, url => runProtocol(url, file, messages))
  for (const one of cases.filter(({ publish, checks }) => publish && checks)) await fresh(`${file}/${one.name}`, url => runScenario(url, file, one))
  return events.length + messages.length
}

let found = 0
for (const path of await filesBelow(process.argv[2] ?? '.')) found += await runFile(path)
if (found === 0) console.log('  note: no cases for a running relay')
await tidy()
console.log(`social_relay: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exit(counts.failed > 0 ? 1 : 0)
