// Beacons that lie or break in every way the devnet offers, each against a fresh node: the lie is never
// believed, the provider is named with the reason, and the node is live through the honest one. Then the
// starting point: sources that disagree, a root of the user's own, and one that is too old.
//
//   node tests/system/liars.mjs [--hearth FILE] [--only KIND]
//
// The last line is "N passed, N failed, N skipped".
import { startDevnet } from '../devnet/devnet.mjs'
import { counter, expectEqual, expectWords } from '../ui/browser.mjs'
import { cli, dataDir, expect, Hearth, option, Relay, tidy, until, writeNetwork } from './hearth.mjs'

const slotMs = 500
const LIARS = 4 // as many lies are told at a time
const LIVE_MS = 5000
const only = option('--only')

const results = counter()
const { check } = results

// What is lied about: the requests of a fresh start, the answers when catching up from an older root, the
// stream of a node that is live.
const LATEST = 'optimistic_update'
const FINAL = 'finality_update'
const SIGNED = [LATEST, FINAL, 'updates', 'events']
const ALL = ['bootstrap', ...SIGNED]
const BROKEN = ['bootstrap', 'updates', LATEST]

// Each lie with where it is told, and the code of the fault it must leave; `lie` means that it is dropped
// until the user trusts it again. `stale` and the like are no proof of malice: those are only asked last.
const LIES = [
  { kind: 'bad_signature', on: SIGNED, lie: true, code: /^bad_signature$/ },
  { kind: 'not_in_subgroup', on: SIGNED, lie: true, code: /^signature_not_in_subgroup$/ },
  { kind: 'wrong_network', on: SIGNED, lie: true, code: /^bad_signature$/ },
  { kind: 'bad_finality_branch', on: [FINAL, 'updates'], lie: true, code: /^bad_finality_branch$/ },
  { kind: 'bad_execution_branch', on: ALL, lie: true, code: /^bad_execution_branch$/ },
  { kind: 'wrong_committee', on: ['bootstrap'], lie: true, code: /^bad_current_committee_branch$/ },
  { kind: 'wrong_committee', on: ['updates'], lie: true, code: /^bad_next_committee_branch$/ },
  { kind: 'wrong_committee', on: [LATEST, FINAL, 'events'], lie: true, code: /^bad_signature$/ },
  // Not among the updates: those of past periods are believed, for the committee really signed them.
  { kind: 'future', on: [LATEST, FINAL, 'events'], code: /^future$/ },
  { kind: 'stale', on: ['bootstrap'], lie: true, code: /^wrong_trusted_root$/ },
  { kind: 'stale', on: [LATEST], error: /an old head/ },
  { kind: 'stale', on: ['events'], code: /^stale$/ },
  { kind: 'stale', on: ['updates'], code: /^other_period$/ },
  { kind: 'wrong_fork', on: ALL, code: /^(wrong_fork|wrong_network)$/ },
  { kind: 'truncated', on: BROKEN, code: /^(ssz|frame)_truncated$/ },
  { kind: 'oversized', on: BROKEN, code: /^too_large$/ },
  { kind: 'gzip_bomb', on: BROKEN, code: /^too_large$/ },
  { kind: 'duplicate_keys', on: BROKEN, code: /^json_duplicate_key$/ },
  { kind: 'html', on: BROKEN, code: /^unknown_object$/ },
  { kind: 'cut', on: BROKEN, error: /cut|closed|short|transfer|incomplete|partial/i },
  { kind: 'http_500', on: BROKEN, error: /status 500/ },
  { kind: 'rate_limit', on: BROKEN, error: /come back later/ },
  { kind: 'redirect', on: BROKEN, error: /elsewhere/ },
  { kind: 'slow_drip', on: BROKEN, error: /bytes a second|no complete answer/, liveMs: 9000 }
]

const devnet = await startDevnet({ preset: 'minimal', slotMs, beacons: 2 + LIARS })
const { chain } = devnet.net
const network = await writeNetwork(devnet.network)
// The honest one answers later, so that the other one is asked first.
const honest = await Relay.start(devnet.beaconUrls[0], { slowMs: 40 })
const nodes = new Set()

const hex = bytes => '0x' + Buffer.from(bytes).toString('hex')
const isCanonical = header => {
  const block = chain.byRoot(header.root)
  return Boolean(block) && chain.isCanonical(block) && block.slot === header.slot
}

async function start(name, options) {
  const node = await Hearth.start({ network, dir: await dataDir(name), ...options })
  nodes.add(node)
  return node
}

async function end(node) {
  nodes.delete(node)
  const code = await node.stop()
  expect(code === 0, `it ended with ${code}: ${node.log.slice(-2000)}`)
}

// --- one lie ---------------------------------------------------------------------------------------

const startsFrom = on => (on === 'updates' ? hex(chain.bySlot(8).root) : devnet.checkpoint().root)

// The fault or error that this lie must leave at its provider, once it is there.
async function evidence(node, url, { code, error }) {
  let liar = null
  return until(() => `the evidence; the provider is ${JSON.stringify(liar)}; it logged:\n${node.log.slice(-1500)}`, async () => {
    liar = await node.provider(url)
    const fault = code && liar.faults.find(one => code.test(one.code))
    return (fault || (error && error.test(liar.last_error?.text ?? ''))) && { liar, fault }
  }, 12000)
}

async function toldTo({ kind, on, lie, liveMs = LIVE_MS, ...expected }, index) {
  const url = devnet.beaconUrls[index]
  const told = { beacon: index, kind, times: 0, on }
  if (on !== 'events') devnet.lie(told)
  const begin = Date.now()
  const node = await start('lie', { beacons: [url, honest.url], args: ['--checkpoint', startsFrom(on)] })
  const watching = node.watch(30)
  try {
    if (on === 'events') {
      // Let the stream be opened and used before the lie.
      await node.live()
      const { head } = await node.status()
      await node.until('a head over the stream', s => s.head.slot > head.slot + 1)
      devnet.lie(told)
    }
    const { liar, fault } = await evidence(node, url, expected)
    await node.until('live through the honest one', s => s.state === 'live' && s.head.provenance.sources[0] === new URL(honest.url).host,
      Math.max(liveMs - (on === 'events' ? 0 : Date.now() - begin), 100))
    if (fault) {
      expect(fault.asked.length > 0 && fault.reason.length > 10 && fault.answer_bytes > 0, `the fault is ${JSON.stringify(fault)}`)
      expect(!/ssz_|json_|0x0 |\(null\)/.test(fault.reason), `the reason is not for people: ${fault.reason}`)
    }
    const now = await node.provider(url)
    expectEqual(now.state, lie ? 'lied' : 'failing', 'the state of the provider')
    expect(lie ? now.score === 0 : now.score < 80, `its score is ${now.score}`)
    expectEqual((await node.provider(honest.url)).faults, [], 'faults of the honest one')
    if (lie) await dropped(node, liar, told)
  } finally {
    devnet.truth({ beacon: index })
    await watching.stop()
    for (const { head, finalized } of watching.all) {
      expect(!head || (isCanonical(head) && isCanonical(finalized)), `it believed ${JSON.stringify(head)}`)
    }
    await end(node)
  }
}

// A liar is not asked again, and is when the user says so.
async function dropped(node, liar, told) {
  if (told.kind !== 'bad_signature') return
  const { head } = await node.status()
  await node.until('heads', s => s.head.slot >= head.slot + 2)
  expectEqual((await node.provider(devnet.beaconUrls[told.beacon])).requests, liar.requests, 'requests after the lie')
  devnet.truth({ beacon: told.beacon })
  const again = (await node.call('l1.trust_again', { provider: liar.id })).providers.find(one => one.id === liar.id)
  expect(again.state === 'ready' && again.score > 0 && again.faults.length > 0, `trusted again it is ${JSON.stringify(again)}`)
}

async function allLies() {
  const queue = LIES.flatMap(({ on, ...rest }) => on.map(one => ({ ...rest, on: one }))).filter(({ kind }) => !only || kind === only)
  const tell = async index => {
    for (let lie; (lie = queue.shift());) await check(`${lie.kind} on ${lie.on}`, () => toldTo(lie, index))
  }
  await Promise.all(Array.from({ length: LIARS }, (_, i) => tell(2 + i)))
}

// --- the starting point ----------------------------------------------------------------------------

async function startingPoints() {
  const urls = devnet.beaconUrls.slice(0, 3)
  const hosts = urls.map(url => new URL(url).host)
  const wrong = { kind: 'wrong_checkpoint', times: 0, root: '0x' + '5a'.repeat(32) }
  await check('one of three sources names a wrong block: two agree, and the third one is shown to differ', async () => {
    devnet.lie({ beacon: 2, ...wrong })
    const node = await start('one-of-three', { beacons: urls })
    const { checkpoint, head } = await node.live()
    expectEqual([checkpoint.agreed, checkpoint.asked], [2, 3], 'agreed and asked')
    expectEqual(checkpoint.sources.map(one => [one.name, one.agrees]), hosts.map((host, i) => [host, i < 2]), 'sources')
    expectEqual(checkpoint.sources[2].root, wrong.root, 'what the third one said')
    expect(isCanonical(head), 'the head is not on the chain')
    await end(node)
  })
  await check('one of two sources names a wrong block: it stops, and names both', async () => {
    const node = await start('one-of-two', { beacons: urls.slice(1) })
    const status = await node.until('an error', s => s.state === 'error')
    expectEqual([status.code, status.head, status.checkpoint.root], ['checkpoint_disagreement', null, null], 'code, head, root')
    expectWords(status.why, [hosts[1], hosts[2], '0x5a5a'], 'why')
    const { code, out } = await cli(['status', '--network', network, '--data-dir', node.dir])
    expectEqual(code, 4, 'exit code of status')
    expectWords(out, [/State +error: /, hosts[2]], 'status in words')
    await end(node)
  })
  await check('the majority lies, but less than a quorum agrees with the truth: nothing is believed', async () => {
    devnet.lie({ beacon: 1, ...wrong, root: '0x' + '6b'.repeat(32) })
    const node = await start('all-differ', { beacons: urls })
    expectEqual((await node.until('an error', s => s.state === 'error')).code, 'checkpoint_disagreement', 'code')
    await end(node)
  })
  await check('a root of the user’s own needs no source', async () => {
    const root = devnet.checkpoint().root
    const node = await start('own-root', { beacons: urls.slice(0, 2), args: ['--checkpoint', root] })
    const { checkpoint } = await node.live()
    expectEqual([checkpoint.origin, checkpoint.root, checkpoint.sources, checkpoint.agreed], ['user', root, [], 0], 'checkpoint')
    await end(node)
  })
  await check('sources that are truthful again are asked again', async () => {
    devnet.truth()
    const node = await start('one-source', { beacons: urls.slice(0, 1) })
    const status = await node.until('an error', s => s.state === 'error')
    expectEqual(status.code, 'no_checkpoint', 'code with one source where two must agree')
    expectWords(status.why, ['--checkpoint ROOT'], 'why')
    await end(node)
  })
  await check('a root that nobody has: it says so and stays without a head', async () => {
    const node = await start('no-such-root', { beacons: urls, args: ['--checkpoint', '0x' + '77'.repeat(32)] })
    const status = await node.until('the providers failed', s => s.state === 'offline' || s.state === 'error')
    expectEqual(status.head, null, 'head')
    const { last_error: error } = await node.provider(urls[0])
    expectWords(error.text, ['does not have'], 'what the provider said')
    await end(node)
  })
}

// Slots of ten minutes put the last finalized block hours into the past.
async function tooOld() {
  const old = await startDevnet({ preset: 'minimal', slotMs: 600000, beacons: 2 })
  try {
    const file = await writeNetwork({ ...old.network, WEAK_SUBJECTIVITY_HOURS: '1' }, 'old')
    const { root } = old.checkpoint()
    for (const [name, args] of [['from sources', []], ['of the user’s own', ['--checkpoint', root]]]) {
      await check(`a starting point ${name} that is too old is refused`, async () => {
        const node = await start('old', { network: file, beacons: old.beaconUrls, args })
        const status = await node.until('an error', s => s.state === 'error')
        expectEqual([status.code, status.head], ['checkpoint_too_old', null], 'code and head')
        expectWords(status.why, [/\d+ hours old/, 'older than 1', '--accept-old-checkpoint'], 'why')
        await end(node)
      })
      await check(`a starting point ${name} that is too old is taken with --accept-old-checkpoint`, async () => {
        const node = await start('old', { network: file, beacons: old.beaconUrls, args: [...args, '--accept-old-checkpoint'] })
        const { checkpoint } = await node.live()
        expectEqual(checkpoint.root, root, 'root')
        expect(checkpoint.age_ms > checkpoint.max_age_ms, `age ${checkpoint.age_ms} of ${checkpoint.max_age_ms}`)
        await end(node)
      })
    }
  } finally {
    await old.stop()
  }
}

try {
  await results.guard('lies', allLies)
  await results.guard('starting points', startingPoints)
  await results.guard('old starting points', tooOld)
} finally {
  for (const node of nodes) await node.stop()
  await honest.offline()
  await devnet.stop()
}
results.finish()
await tidy()
process.exit()
