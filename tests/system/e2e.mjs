// The whole program, end to end: a devnet, the real node following it through a committee change, through
// beacons that stop and a node that is killed; then the same with its UI open in a real browser.
//
//   node tests/system/e2e.mjs [--hearth FILE] [--screens DIR] [--slot-ms N]
//
// The last line is "N passed, N failed, N skipped".
import { existsSync } from 'node:fs'
import { startDevnet } from '../devnet/devnet.mjs'
import {
  axe, CHROMIUM, counter, expectEmpty, expectEqual, expectNoWords, expectWords, launch, openPage, screenshot
} from '../ui/browser.mjs'
import { brief, cli, dataDir, expect, freePort, Hearth, option, parseOne, Relay, tidy, until, writeNetwork } from './hearth.mjs'

const slotMs = Number(option('--slot-ms') ?? 800)
const screensDir = option('--screens')
const REFUSED = [/WebSocket connection to .* failed/, /Failed to load resource: .*(40[13]|ERR_)/]

const results = counter()
const { check } = results
const took = (what, ms) => console.log(`       ${what}: ${Math.round(ms)} ms`)

// A block of slot N is signed in slot N + 1; its successor is due a third into slot N + 2.
const headDueMs = status => status.network.genesis_time * 1000 + (status.head.slot + 2) * slotMs + slotMs / 3

const canonical = (devnet, header) => {
  const block = devnet.net.chain.byRoot(header.root)
  return Boolean(block) && devnet.net.chain.isCanonical(block)
}

async function startWorld() {
  const devnet = await startDevnet({ preset: 'minimal', slotMs, beacons: 2 })
  const relays = [await Relay.start(devnet.beaconUrls[0]), await Relay.start(devnet.beaconUrls[1])]
  const network = await writeNetwork(devnet.network)
  const start = (dir, port = 0, args = []) => Hearth.start({ network, dir, port, args, beacons: relays.map(one => one.url) })
  return {
    devnet, relays, network, start,
    takeAsked: () => relays.flatMap(one => one.takeAsked()),
    stopBeacons: () => Promise.all(relays.map(one => one.offline())),
    resumeBeacons: () => Promise.all(relays.map(one => one.resume())),
    async stop() {
      await Promise.all(relays.map(one => one.offline().catch(() => {})))
      await devnet.stop()
    }
  }
}

// --- the node --------------------------------------------------------------------------------------

async function becomesLive({ devnet, relays, network }, node) {
  await check('it becomes live with a head that is proven', async () => {
    const checkpoint = devnet.checkpoint()
    const { head, finalized, why, code } = await node.live()
    expectEqual([head.provenance.verdict, head.provenance.level, finalized.provenance.verdict], ['proven', 'head', 'proven'], 'verdicts')
    expectEqual([why, code], [null, null], 'why and code')
    expect(canonical(devnet, head) && canonical(devnet, finalized), 'head or finalized is not on the chain')
    expect(head.participants > 0 && head.committee_size === 32, `signed by ${head.participants} of ${head.committee_size}`)
    expectEqual(head.block_number, devnet.net.chain.byRoot(head.root).elNumber, 'block number')
    const status = await node.status()
    expectEqual([status.checkpoint.agreed, status.checkpoint.asked, status.checkpoint.origin], [2, 2, 'sources'], 'agreed, asked, origin')
    expectEqual(status.checkpoint.sources.map(one => [one.name, one.agrees, one.error]), relays.map(one => [new URL(one.url).host, true, null]), 'sources')
    expect(status.checkpoint.age_ms < status.checkpoint.max_age_ms, 'the checkpoint is older than it may be')
    const root = status.checkpoint.root
    expect(root === checkpoint.root || canonical(devnet, { root }), `checkpoint ${root} is not on the chain`)
  })
  await check('run --json prints one object: address with a token, network, folder', async () => {
    const said = parseOne(node.run.out)
    expectEqual([said.network, said.data_dir], ['devnet', node.dir], 'what it printed')
    expect(/^http:\/\/127\.0\.0\.1:\d+\/#token=[0-9a-f]{32,}$/.test(said.url), `the address is ${said.url}`)
  })
  await check('status: exit 0 and words while live, the same in JSON', async () => {
    const words = await cli(['status', '--network', network, '--data-dir', node.dir])
    expectEqual([words.code, words.err], [0, ''], 'exit code and errors')
    expectWords(words.out, [/State +live/, /Head +slot \d+, block \d+, \d+ s old, signed by 32 of 32, proven/, '2 of 2 sources agreed (sources)', 'in_use'], 'words')
    const json = await cli(['status', '--data-dir', node.dir, '--network', network, '--json'])
    const status = parseOne(json.out)
    expectEqual([json.code, json.err, status.state, status.providers.length], [0, '', 'live', 2], 'JSON')
  })
  await check('status: exit 4 and words where no node runs', async () => {
    const dir = await dataDir('nobody')
    const { code, out, err } = await cli(['status', '--network', network, '--data-dir', dir])
    expectEqual([code, out, err], [4, '', `hearth: no node is running for ${dir}\n`], 'exit code, output and errors')
  })
}

async function followsCommittees({ devnet }, node) {
  const watching = node.watch()
  const before = (await node.status()).period.number
  const perPeriod = devnet.net.chain.preset.slotsPerPeriod
  await check('it follows the chain into the next sync committee period', async () => {
    const left = (before + 1) * perPeriod - devnet.head().wall_slot
    await node.until('the next period', s => s.period.number === before + 1, (left + 8) * slotMs)
    const after = await node.until('a head of the next period, the committee after it known', s => s.state === 'live' &&
      s.head.slot >= (before + 1) * perPeriod && s.period.next_committee_known, 30 * slotMs)
    expect(canonical(devnet, after.head), 'the head is not on the chain')
  })
  await watching.stop()
  await check('it was live at every moment of that, and finality and head only went forward', async () => {
    expectEqual(watching.seen, ['live'], 'states')
    const went = name => watching.all.map(s => s[name].slot)
    for (const slots of [went('head'), went('finalized')]) {
      expect(slots.every((slot, i) => i === 0 || slot >= slots[i - 1]), `went back: ${slots}`)
    }
  })
}

async function providersStop(world, node) {
  const { relays, devnet, network } = world
  await check('one provider stops: the node stays live with the other one and names the one that fails', async () => {
    const used = await node.providers()
    const first = relays.findIndex(relay => used.find(p => p.state === 'in_use')?.name === new URL(relay.url).host)
    expect(first >= 0, `no provider is in use: ${JSON.stringify(used.map(p => [p.name, p.state]))}`)
    const watching = node.watch()
    await relays[first].offline()
    const failing = await until('it is failing', async () => {
      const one = await node.provider(relays[first].url)
      return one.state === 'failing' && one
    })
    expect(failing.last_error.text.includes(failing.name) || /refused|connect/i.test(failing.last_error.text), `it says "${failing.last_error.text}"`)
    const { head } = await node.status()
    await node.until('heads go on', s => s.head.slot >= head.slot + 4, 10 * slotMs)
    expectEqual((await watching.stop()).seen, ['live'], 'states meanwhile')
    expectEqual((await node.provider(relays[1 - first].url)).state, 'in_use', 'the other one')
    await relays[first].resume()
  })
  await check('all providers stop: stale as soon as the next head is due, at the latest a slot after that', async () => {
    await node.live()
    await world.stopBeacons()
    const stale = await node.until('stale', s => s.state !== 'live', 10 * slotMs, 5)
    const late = stale.now_ms - headDueMs(stale)
    took('stale, after the next head was due', late)
    expectEqual([stale.state, stale.code, stale.head.provenance.verdict], ['stale', 'no_provider', 'stale'], 'state, code, verdict')
    expect(late >= -5 && late <= slotMs, `expected 0 to ${slotMs} ms after, took ${late}`)
    expectEqual((await cli(['status', '--network', network, '--data-dir', node.dir])).code, 4, 'exit code of status')
    await node.until('offline', s => s.state === 'offline', 12 * slotMs)
  })
  await check('they are back: live again, on the chain', async () => {
    await world.resumeBeacons()
    const back = Date.now()
    const { head } = await node.live(10000)
    took('live again', Date.now() - back)
    expect(Date.now() - back < 4 * slotMs + 1000, `it took ${Date.now() - back} ms`)
    expect(canonical(devnet, head), 'the head is not on the chain')
  })
}

async function killed(world, node) {
  const { devnet, start } = world
  const { dir } = node
  const before = await node.until('finality', s => s.state === 'live' && s.finalized.slot > 0)
  const origin = before.checkpoint.root
  let known = before
  await check('killed at random moments again and again: it opens, and nothing proven is lost', async () => {
    for (let i = 0; i < 6; i++) {
      await new Promise(done => setTimeout(done, Math.random() * 2 * slotMs))
      if (i > 0) known = await node.status().catch(() => known)
      await node.kill()
      expectEqual([node.run.code, node.run.signal], [null, 'SIGKILL'], 'how it ended')
      node = await start(dir)
      const status = await node.status()
      // What was proven in the last moment may not have reached the disk: that is an epoch at most.
      expect(status.finalized && status.finalized.slot >= known.finalized.slot - 8, `finalized ${known.finalized.slot} before, ${brief(status)} after`)
    }
    await node.live()
  })
  await check('a restart is live with one request, without a bootstrap and without updates', async () => {
    const { head } = await node.until('a fresh head', s => s.state === 'live' && s.period.next_committee_known, 40 * slotMs)
    await node.kill()
    for (const relay of world.relays) relay.only = /optimistic_update$/
    world.takeAsked()
    const begin = Date.now()
    node = await start(dir)
    const live = await until('live', async () => {
      const status = await node.status()
      return status.state === 'live' && status
    }, 5000, 1)
    took('restart to live', Date.now() - begin)
    expectEqual(world.takeAsked()[0], '/eth/v1/beacon/light_client/optimistic_update', 'the first request')
    for (const relay of world.relays) relay.only = null
    expect(live.head.slot >= head.slot, `head went from ${head.slot} to ${live.head.slot}`)
    expectEqual([live.checkpoint.origin, live.checkpoint.root], ['kept', origin], 'origin and root of the checkpoint')
  })
  await check('restarted where no beacon answers: what was proven is there, and never called live', async () => {
    const { head, finalized } = await node.live()
    await node.kill()
    await world.stopBeacons()
    node = await start(dir)
    const watching = node.watch(10)
    const status = await node.until('offline', s => s.state === 'offline', 3000)
    expectEqual([status.code, status.checkpoint.origin], ['no_provider', 'kept'], 'code and origin')
    expect(status.finalized.slot >= finalized.slot - 8 && status.head.slot >= finalized.slot - 8, `had ${head.slot} and ${finalized.slot}, has ${brief(status)}`)
    expectEqual([status.head.provenance.verdict, status.finalized.provenance.verdict], ['stale', 'stale'], 'verdicts')
    expect(!(await watching.stop()).seen.includes('live'), `it said ${watching.seen}`)
    await world.resumeBeacons()
    expect(canonical(devnet, (await node.live(10000)).head), 'the head is not on the chain')
  })
  await check('SIGTERM ends it at once with code 0, and it leaves no log behind', async () => {
    const begin = Date.now()
    expectEqual(await node.stop(), 0, 'exit code')
    expect(Date.now() - begin < 3000, `it took ${Date.now() - begin} ms`)
    expect(!existsSync(`${dir}/hearth.db-wal`), 'hearth.db-wal is still there')
  })
  await node.stop()
}

// --- the UI ----------------------------------------------------------------------------------------

const SCREENS = [['home', '#/'], ['network', '#/network']]
const flat = async page => (await page.locator('body').innerText()).replace(/\s+/g, ' ')

async function walks({ page }, name, words) {
  for (const [screen, hash] of SCREENS) {
    await check(`UI, ${name}, ${screen}: its words, and axe finds nothing at AA`, async () => {
      await page.evaluate(to => { location.hash = to }, hash)
      await page.locator('h1').waitFor()
      const wanted = words[screen].map(word => (word instanceof RegExp ? word : { test: text => text.includes(word) }))
      let text = ''
      await until(() => `the words ${words[screen]}; got ${text.slice(0, 800)}`, async () => {
        text = await flat(page)
        return wanted.every(one => one.test(text))
      })
      expectWords(await page.locator('a.trust').innerText(), words.pill, 'the pill')
      expectNoWords(await flat(page), ['NaN', 'undefined', '[object', 'Invalid Date', ...(words.not ?? [])], 'the page')
      expectEmpty(await axe(page), 'violations')
      await screenshot(page, screensDir, `e2e-${name.replaceAll(' ', '-')}-${screen}`)
    })
  }
}

async function drivesUi(world, browser) {
  const { relays, devnet } = world
  const hosts = relays.map(one => new URL(one.url).host)
  const port = await freePort()
  let node = await world.start(await dataDir('ui'), port)
  const opened = await openPage(browser.context, { expected: REFUSED })
  const { page, troubles } = opened
  const pill = state => page.locator(`a.trust[data-s="${state}"]`)

  await check('UI: the printed address signs in, shows the head as verified and keeps no token', async () => {
    await page.goto(node.url)
    await pill('ok').waitFor({ timeout: 5000 })
    expectEqual(new URL(page.url()).hash, '#/', 'address')
    expectEqual(await page.evaluate(() => document.cookie), '', 'cookies that scripts see')
  })
  await walks(opened, 'live', {
    pill: [/Verified at block \d+ · \d+ s ago/],
    home: ['Your node is healthy.', 'Nothing needs you', 'signed by 32 of 32', 'Proven'],
    network: ['What your node believes, and why', 'the same from 2 of 2 sources', 'Known', 'in use', ...hosts],
    not: ['Stale', 'Offline', 'unreachable']
  })
  await check('UI: without a session the API and the values are closed', async () => {
    const answer = await fetch(`${node.origin}/session`)
    expectEqual(answer.status, 401, 'status of /session')
  })

  await check('UI: heads stop: the pill says so within a slot after the next one was due', async () => {
    await pill('ok').waitFor()
    devnet.skip({ slots: 1e6 })
    const drawn = page.waitForFunction(() => document.querySelector('a.trust')?.dataset.s === 'stale' && Date.now(), null,
      { timeout: 12 * slotMs }).then(handle => handle.jsonValue())
    const status = await node.until('stale', s => s.state === 'stale', 12 * slotMs, 5)
    const late = status.now_ms - headDueMs(status)
    took('providers without news: stale, after the next head was due', late)
    took('the pill says so, after that', (await drawn) - status.now_ms)
    expect(late >= slotMs - 5 && late <= slotMs + slotMs / 8 + 50, `expected about ${slotMs} ms, took ${late}`)
    expect((await drawn) - status.now_ms < 200, `the pill took ${(await drawn) - status.now_ms} ms more`)
    expectEqual(status.code, 'head_late', 'code')
  })
  await walks(opened, 'stale', {
    pill: [/Stale \d+ s/],
    home: ['Your node hears nothing new.', 'No new block for', /No newer head has come for \d+ slots; the providers answer, but have none\./],
    network: ['Nothing new for', 'Stale'],
    not: ['Verified', /\bProven\b/]
  })
  await check('UI: a new head, and it is live again', async () => {
    devnet.skip({ slots: 0 })
    await pill('ok').waitFor({ timeout: 12 * slotMs + 2000 })
  })

  await check('UI: beacons stop: first stale, then offline', async () => {
    await world.stopBeacons()
    await pill('stale').waitFor({ timeout: 6 * slotMs })
    await pill('offline').waitFor({ timeout: 16 * slotMs })
  })
  await walks(opened, 'offline', {
    pill: ['Offline'], home: ['Your node is offline.', 'No beacon provider answers.', '0 of 2'], network: ['failing', ...hosts], not: ['Verified', /\bProven\b/, 'unreachable']
  })
  await check('UI: beacons are back, and it is live again', async () => {
    await world.resumeBeacons()
    await pill('ok').waitFor({ timeout: 15000 })
  })

  await check('UI: the node is killed: the page says that it lost it', async () => {
    await node.kill()
    await page.locator('.frame.dim').waitFor({ timeout: 3000 })
  })
  await walks(opened, 'lost', {
    pill: ['Offline'], home: ['Node unreachable since', 'This page lost your node.'], network: ['Node unreachable since', 'This is what it believed'], not: ['Verified', /\bProven\b/]
  })
  await check('UI: the node runs again: the page finds it, is not signed in, and says how', async () => {
    node = await world.start(node.dir, port)
    await page.getByText('This page is not signed in').waitFor({ timeout: 15000 })
    expectWords(await page.locator('main').innerText(), ['Open the address it printed', `${node.origin}/#token=`], 'the screen')
    expectNoWords(await flat(page), ['Verified', '127.0.0.1:' + new URL(relays[0].url).port], 'the page')
    expectEmpty(await axe(page), 'violations')
    await screenshot(page, screensDir, 'e2e-signed-out')
  })
  await check('UI: the new address in the same page: signed in, live, resumed', async () => {
    await page.goto(node.url)
    await pill('ok').waitFor({ timeout: 5000 })
    await page.evaluate(() => { location.hash = '#/network' })
    await page.getByText('proven here before and kept').waitFor({ timeout: 5000 })
  })
  await check('UI: no console error, no policy violation, no foreign request', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
  await node.stop()
}

// --- all together ----------------------------------------------------------------------------------

const world = await startWorld()
try {
  await results.guard('the node', async () => {
    const node = await world.start(await dataDir('node'))
    await becomesLive(world, node)
    await followsCommittees(world, node)
    await providersStop(world, node)
    await killed(world, node)
  })
  if (existsSync(CHROMIUM)) {
    const browser = await launch()
    await results.guard('the UI', () => drivesUi(world, browser))
    await browser.close()
  } else {
    results.skip('the UI in a browser', `no browser at ${CHROMIUM}`)
  }
} finally {
  await world.stop()
}
results.finish()
await tidy()
process.exit()
