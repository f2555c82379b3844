// One run through Deneb, Electra, Fulu, blob parameter changes and Gloas, followed by the real node over SSZ
// and over JSON without a fault, and with committee changes before and in Gloas.
//
//   node tests/system/forks.mjs [--hearth FILE] [--slot-ms N]
//
// The last line is "N passed, N failed, N skipped".
import { startDevnet } from '../devnet/devnet.mjs'
import { counter, expectEqual, expectWords } from '../ui/browser.mjs'
import { brief, cli, dataDir, expect, Hearth, option, Relay, tidy, writeNetwork } from './hearth.mjs'

const slotMs = Number(option('--slot-ms') ?? 800)
// Epochs have 8 slots and periods 8 epochs: Gloas begins an epoch before period 2, and its first header with
// a hash instead of an execution header comes while finality is still about Deneb.
const FORKS = { deneb: 0, electra: 12, fulu: 13, gloas: 15 }
const BLOBS = [{ epoch: 13, max: 12 }, { epoch: 14, max: 15 }, { epoch: 17, max: 21 }]
const HISTORY = 90
const LAST_SLOT = 19 * 8

const results = counter()
const { check } = results

const devnet = await startDevnet({ preset: 'minimal', slotMs, beacons: 2, forks: FORKS, blobs: BLOBS, history: HISTORY })
const { chain } = devnet.net
const json = await Relay.start(devnet.beaconUrls[1], { asksJson: true })
const network = await writeNetwork(devnet.network)
const nodes = []

async function start(name, beacons, args = []) {
  const node = await Hearth.start({ network, dir: await dataDir(name), beacons, args })
  nodes.push(node)
  return Object.assign(node, { name, beacons })
}

function isCanonical(header) {
  const block = chain.byRoot(header.root)
  return Boolean(block) && chain.isCanonical(block) && block.slot === header.slot
}

async function noFaults(node) {
  const providers = await node.providers()
  expectEqual(providers.map(one => [one.failures, one.faults.map(f => [f.asked, f.code, f.reason])]), providers.map(() => [0, []]), 'failures and faults')
}

// Every status since watching began, by the fork of the head's slot.
function byFork(statuses) {
  const found = {}
  for (const status of statuses) {
    if (status.head) (found[chain.schedule.nameAtSlot(status.head.slot)] ??= []).push(status)
  }
  return found
}

async function watched(node, watching) {
  await check(`${node.name}: live from Deneb to Gloas and through a committee change, without a fault`, async () => {
    await node.until('the last slot', s => s.head?.slot >= LAST_SLOT, (LAST_SLOT - devnet.head().slot + 12) * slotMs)
    await watching.stop()
    expectEqual(watching.seen.filter((state, i) => state === 'live' || i > watching.seen.indexOf('live')), ['live'], 'states once live')
    await noFaults(node)
  })
  await check(`${node.name}: heads of every fork were proven, and each is on the chain`, async () => {
    const found = byFork(watching.all)
    expectEqual(Object.keys(found), ['deneb', 'electra', 'fulu', 'gloas'], 'forks of the heads')
    for (const { head, finalized } of watching.all) {
      expect(!head || (isCanonical(head) && isCanonical(finalized)), `not on the chain: ${JSON.stringify(head)}`)
    }
    const slots = new Set(watching.all.map(s => s.head?.slot))
    const missing = chain.canonical.filter(b => b.slot > HISTORY + 8 && b.slot < LAST_SLOT && !slots.has(b.slot)).map(b => b.slot)
    expect(missing.length <= 2, `heads never seen: ${missing}`)
  })
  await check(`${node.name}: the head has a block number before Gloas, and only a hash in it`, async () => {
    const found = byFork(watching.all)
    const shapes = statuses => [...new Set(statuses.map(({ head }) => `${typeof head.block_number} ${head.provenance.block.hash?.length ?? 'none'}`))]
    for (const fork of ['deneb', 'electra', 'fulu']) expectEqual(shapes(found[fork]), ['number 66'], fork)
    expectEqual(found.gloas.map(s => s.head.block_number).filter(n => n !== null), [], 'block numbers in Gloas')
    expectEqual(shapes(found.gloas), ['object 66'], 'gloas')
    for (const { head } of [found.deneb[0], found.fulu[0]]) {
      expectEqual(head.block_number, chain.byRoot(head.root).elNumber, `block number of slot ${head.slot}`)
    }
  })
  await check(`${node.name}: the period changed in Gloas, and finality is in Gloas too`, async () => {
    const status = await node.until('finality in Gloas and the next committee', s => s.period.number === 2 && s.period.next_committee_known &&
      s.finalized.slot >= FORKS.gloas * 8, 30 * slotMs)
    expectEqual([status.state, status.fork], ['live', 'gloas'], 'state and fork')
    expect(status.finalized.provenance.block.hash?.length === 66, 'the finalized block has no hash')
  })
}

try {
  await results.guard('forks', async () => {
    const overSsz = await start('over SSZ', [devnet.beaconUrls[0]], ['--checkpoint-quorum', '1'])
    const overJson = await start('over JSON', [json.url], ['--checkpoint-quorum', '1'])
    const watching = [overSsz, overJson].map(node => node.watch(20))
    await check('both are live in Deneb', async () => {
      for (const node of [overSsz, overJson]) expectEqual((await node.live()).fork, 'deneb', `fork of ${node.name}`)
    })
    await watched(overSsz, watching[0])
    await watched(overJson, watching[1])

    await check('a payload that never arrives does not stop the heads of Gloas', async () => {
      devnet.undelivered({ slots: 3 })
      const { head } = await overSsz.status()
      const watch = overSsz.watch()
      const later = await overSsz.until('six heads later', s => s.head.slot >= head.slot + 6, 12 * slotMs)
      expect(isCanonical(later.head), 'the head is not on the chain')
      expectEqual((await watch.stop()).seen, ['live'], 'states')
      await noFaults(overSsz)
    })
    await check('status says slot and no block in Gloas', async () => {
      const { code, out } = await cli(['status', '--network', network, '--data-dir', overJson.dir])
      expectEqual(code, 0, 'exit code')
      expectWords(out, ['devnet, gloas', /Head +slot \d+, \d+ s old, signed by 32 of 32, proven/], 'words')
    })

    // From the oldest committee to the newest: updates of three periods and four forks in one answer.
    const root = '0x' + Buffer.from(chain.bySlot(8).root).toString('hex')
    for (const [name, beacons] of [['catching up over SSZ', [devnet.beaconUrls[0]]], ['catching up over JSON', [json.url]]]) {
      await check(`${name}: from Deneb in period 0 to Gloas in period 2`, async () => {
        const node = await start(name, beacons, ['--checkpoint', root])
        const status = await node.live()
        expect(isCanonical(status.head) && isCanonical(status.finalized), `not on the chain: ${brief(status)}`)
        expectEqual([status.checkpoint.origin, status.checkpoint.root, status.checkpoint.slot, status.fork], ['user', root, 8, 'gloas'], 'where it began, and is')
        expectEqual([status.sync.done, status.sync.total], [3, 3], 'periods')
        await noFaults(node)
      })
    }
    await check('starting in Gloas, from a checkpoint in Gloas', async () => {
      const node = await start('starting in Gloas', devnet.beaconUrls)
      const { head, checkpoint } = await node.live()
      expectEqual([head.block_number, chain.schedule.nameAtSlot(checkpoint.slot)], [null, 'gloas'], 'block number, fork of the checkpoint')
      await noFaults(node)
    })
    await check('killed and restarted in Gloas: live again', async () => {
      await overJson.kill()
      const node = await Hearth.start({ network, dir: overJson.dir, beacons: overJson.beacons })
      nodes.push(node)
      expectEqual((await node.live()).checkpoint.origin, 'kept', 'origin')
    })
  })
} finally {
  await check('each of them ends with code 0', async () => {
    for (const node of nodes) if (node.isRunning) expectEqual(await node.stop(), 0, `exit code of ${node.dir}: ${node.log.slice(-1000)}`)
  })
  await json.offline()
  await devnet.stop()
}
results.finish()
await tidy()
process.exit()
