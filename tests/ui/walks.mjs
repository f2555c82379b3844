// What a person does and what can happen meanwhile: keyboard only, the connection lost and back, a node
// that falls silent, a node that talks nonsense. Used by states.mjs.
import { eventually, expectEmpty, expectEqual, expectNoWords, expectWords, launch, openPage, screenshot, until } from './browser.mjs'
import { AREA_WALKS } from './area-walks.mjs'
import { ASKED_WALKS } from './asked-walks.mjs'
import { DEVICE_WALKS } from './devices.mjs'
import { FACT_WALKS } from './fact-walks.mjs'
import { FEED_WALKS } from './feed-walks.mjs'
import { IDENTITY_WALKS } from './identity-walks.mjs'
import { DAO_WALKS } from './dao-walks.mjs'
import { PEER_WALKS } from './peer-walks.mjs'
import { WALLET_WALKS } from './wallet-walks.mjs'
import { SESSION_WALKS } from './sessions.mjs'
import { liar, provider, SCENES, status } from './scenes.mjs'

const pillText = async page => (await page.locator('a.trust').innerText()).replace(/\s+/g, ' ')
const focused = page => page.evaluate(() => {
  const e = document.activeElement
  return (e.getAttribute('aria-label') ?? e.textContent).replace(/\s+/g, ' ').trim()
})

// Presses Tab until the focused element is named so; every stop must be visible and large enough.
async function tabTo(page, name, atMost = 60) {
  const seen = []
  for (let i = 0; i < atMost; i++) {
    await page.keyboard.press('Tab')
    const stop = await page.evaluate(() => {
      const e = document.activeElement
      const box = e.getBoundingClientRect()
      const style = getComputedStyle(e)
      const hasRing = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || e === document.body
      const isClear = e === document.body || (box.bottom > 0 && box.top < innerHeight)
      return { name: (e.getAttribute('aria-label') ?? e.textContent).replace(/\s+/g, ' ').trim(), hasRing, isClear, height: box.height, isBody: e === document.body }
    })
    if (!stop.hasRing) throw new Error(`no visible focus on "${stop.name}"`)
    if (!stop.isClear) throw new Error(`focus is outside the window on "${stop.name}"`)
    if (!stop.isBody && stop.height < 23.5) throw new Error(`"${stop.name}" is ${stop.height} px high, expected 24`)
    seen.push(stop.name)
    if (name instanceof RegExp ? name.test(stop.name) : stop.name === name) return seen
  }
  throw new Error(`Tab never reached ${name}; it went ${seen.join(' | ')}`)
}

async function keyboard({ browser, node, results: { check }, screensDir }) {
  const list = () => ({ providers: [provider({ name: 'beacon.quay.example:443' }), liar()] })
  node.scene(SCENES.lied())
  const { page, troubles } = await openPage(browser.context)
  await page.setViewportSize({ width: 1280, height: 860 })
  await page.goto(`${node.url}/#token=${node.token}`)
  await page.locator('a.trust[data-s="lied"]').waitFor()

  await check('keyboard: the first stop is the skip link and it goes to the content', async () => {
    await tabTo(page, 'Skip to content', 1)
    expectEqual(await page.locator('.skip').evaluate(e => e.getBoundingClientRect().top >= 0), true, 'skip link in sight')
    await page.keyboard.press('Enter')
    expectEqual(await page.evaluate(() => document.activeElement.id), 'main', 'focus')
    expectEqual(new URL(page.url()).hash, '#/', 'route')
  })
  await check('keyboard: the rail opens Network and its h1 has the focus', async () => {
    await page.reload()
    await page.locator('a.trust[data-s="lied"]').waitFor()
    const seen = await tabTo(page, 'Network')
    expectEqual(seen, ['Skip to content', 'Hearth, home', 'Home', 'Look up', 'Wallet', 'Connect', 'Network'], 'order of Tab')
    await page.keyboard.press('Enter')
    await page.locator('h1', { hasText: 'What your node believes' }).waitFor()
    await until('focus on h1', async () => (await focused(page)) === 'What your node believes, and why')
    expectEqual(await page.title(), 'Network · Hearth', 'title')
    expectEqual(await page.locator('nav [aria-current="page"]').innerText(), 'Network', 'current place')
  })
  await check('keyboard: the theme goes system, light, dark, and is kept', async () => {
    const got = []
    await page.locator('.skip').focus()
    await tabTo(page, /^Theme: system/)
    for (let i = 0; i < 3; i++) {
      await page.keyboard.press('Enter')
      const theme = await page.evaluate(() => document.documentElement.dataset.theme ?? 'system')
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      got.push(`${theme} ${ground}`)
      if (theme === 'dark') {
        await page.reload()
        await page.locator('a.trust[data-s="lied"]').waitFor()
        expectEqual(await page.evaluate(() => document.documentElement.dataset.theme), 'dark', 'theme after a reload')
        await tabTo(page, /^Theme: dark/)
      }
    }
    expectEqual(got.slice(0, 2), ['light rgb(244, 241, 236)', 'dark rgb(22, 19, 17)'], 'themes')
    expectEqual(got[2].split(' ')[0], 'system', 'third theme')
  })
  await check('keyboard: the mark opens what it rests on, Escape closes it', async () => {
    node.scene({ ...SCENES.lied() })
    await tabTo(page, /^head block 26,214,907: Proven/)
    await page.keyboard.press('Enter')
    const more = page.locator('.prov-more:popover-open')
    await more.waitFor()
    await eventually(async () => expectWords(await more.innerText(), ['Block', '26,214,907', 'Level', 'Head', 'Age', /\d+ s/, 'Sources', 'beacon.quay.example, light.ember.example'], 'the disclosure'))
    await screenshot(page, screensDir, 'walk-mark-1280')
    await page.keyboard.press('Escape')
    await until('closed', async () => (await page.locator('.prov-more:popover-open').count()) === 0)
    await until('focus', async () => (await focused(page)).includes('head block 26,214,907'))
  })
  await check('what a mark opens stays inside a window of 320 px', async () => {
    await page.setViewportSize({ width: 320, height: 640 })
    for (const button of await page.locator('button.prov').all()) {
      await button.click()
      const box = await page.locator('.prov-more:popover-open').boundingBox()
      const isInside = box.x >= 0 && box.x + box.width <= 320 && box.y >= 0 && box.y + box.height <= 640
      if (!isInside) throw new Error(`expected inside 320 x 640, got ${JSON.stringify(box)}`)
      await screenshot(page, screensDir, 'walk-mark-320')
      await page.keyboard.press('Escape')
    }
    await page.setViewportSize({ width: 1280, height: 860 })
  })
  await check('keyboard: a refused "Trust it again" says so, with a code', async () => {
    node.methods.set('l1.trust_again', () => ({ error: { code: -32000, message: 'The store is read-only.', data: { code: 'store_locked' } } }))
    await tabTo(page, 'Trust it again')
    await page.keyboard.press('Enter')
    await page.getByText('It is not trusted again').waitFor()
    expectWords(await page.locator('main').innerText(), ['The store is read-only. Nothing was changed.', 'Code store_locked'], 'the note')
  })
  await check('keyboard: "Trust it again" does, and the focus stays with the evidence', async () => {
    node.methods.set('l1.trust_again', ({ provider: id }) => {
      const next = list()
      for (const p of next.providers) if (p.id === id) p.state = 'ready'
      return { result: next }
    })
    await page.getByRole('button', { name: 'Trust it again' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('You trust it again').waitFor()
    await eventually(async () => expectEqual(node.calls.filter(c => c.method === 'l1.trust_again').at(-1).params, { provider: 'eth.northwind.example:443' }, 'the call'))
    await until('focus', async () => (await focused(page)) === 'Evidence against eth.northwind.example:443')
    await until('said', async () => (await page.locator('p[role=status]').textContent()) === 'eth.northwind.example:443 is trusted again')
    await eventually(async () => {
      expectWords(await pillText(page), ['Verified at block'], 'the pill')
      expectEqual(await page.getByRole('button', { name: 'Trust it again' }).count(), 0, 'buttons left')
    })
  })
  await check('a code is copied whole', async () => {
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: node.url })
    await page.getByRole('button', { name: 'Code bad_signature' }).click()
    await page.getByText(', copied').waitFor()
    expectEqual(await page.evaluate(() => navigator.clipboard.readText()), 'bad_signature', 'clipboard')
  })
  await check('the lie leaves the pill once its evidence was seen, and comes back with a new one', async () => {
    node.scene(SCENES.lied())
    await page.locator('a.trust[data-s="lied"]').waitFor()
    await page.evaluate(() => { location.hash = '#/' })
    await page.locator('a.trust[data-s="ok"]').waitFor()
    const again = liar()
    again.faults.unshift({ ...again.faults[0], at_ms: Date.now() })
    node.push('l1.providers', { providers: [again] })
    await page.locator('a.trust[data-s="lied"]').waitFor()
    await page.locator('a.trust').click()
    await until('focus', async () => (await focused(page)).startsWith('Evidence against'))
  })
  await check('keyboard: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function loss({ browser, node, results: { check }, refused, screensDir }) {
  node.scene(SCENES.live())
  const { page, troubles } = await openPage(browser.context, { expected: refused })
  await page.goto(`${node.url}/#token=${node.token}`)
  await page.locator('a.trust[data-s="ok"]').waitFor()
  const dim = page.locator('.frame.dim')
  // Until the page waits several seconds before its next try, so that coming back at once is no accident.
  const aLongWait = () => until('a wait of 4 s', async () => /retrying in 4 s/.test(await page.locator('.banner').innerText().catch(() => '')), 9000)

  await check('a lost websocket turns the whole page dim within a second', async () => {
    const before = await page.evaluate(() => getComputedStyle(document.querySelector('.huge')).color)
    const start = Date.now()
    await node.down()
    await dim.waitFor({ timeout: 1000 })
    const took = Date.now() - start
    if (took > 1000) throw new Error(`expected at most 1000 ms, took ${took}`)
    const after = await page.evaluate(() => getComputedStyle(document.querySelector('.huge')).color)
    if (after === before) throw new Error(`the large number kept its ink ${before}`)
    expectNoWords(await page.locator('body').innerText(), ['Verified', /\bProven\b/], 'the dim page')
  })
  await check('it says since when, counts down and keeps counting the ages', async () => {
    const banner = page.locator('.banner')
    await eventually(async () => expectWords(await banner.innerText(), [/Node unreachable since \d\d:\d\d, (retrying in \d+ s|trying now)/], 'the banner'))
    const age = () => page.locator('.kv.ends > dd').nth(1).innerText()
    const first = await age()
    await until('the finality age grows', async () => (await age()) !== first, 3000)
    await screenshot(page, screensDir, 'walk-lost-1280')
  })
  await check('"Retry now" reaches the node again', async () => {
    await aLongWait()
    await node.up()
    node.scene(SCENES.live())
    await page.getByRole('button', { name: 'Retry now' }).click({ timeout: 1000 })
    await page.locator('a.trust[data-s="ok"]').waitFor({ timeout: 2000 })
    await eventually(async () => {
      expectEqual(await dim.count(), 0, 'dim frames')
      expectWords(await page.locator('main').innerText(), ['The page lost the node', 'The page reached the node again'], 'Recent')
    })
  })
  for (const [what, event] of [
    ['online', () => dispatchEvent(new Event('online'))],
    ['visibilitychange', () => document.dispatchEvent(new Event('visibilitychange'))]
  ]) {
    await check(`${what} reconnects at once, without waiting for the timer`, async () => {
      await node.down()
      await aLongWait()
      await node.up()
      node.scene(SCENES.live())
      await page.evaluate(event)
      await page.locator('a.trust[data-s="ok"]').waitFor({ timeout: 1500 })
    })
  }
  await check('by itself the page comes back too', async () => {
    await node.down()
    await dim.waitFor()
    await node.up()
    node.scene(SCENES.live())
    await page.locator('a.trust[data-s="ok"]').waitFor({ timeout: 6000 })
  })
  await check('a node that was started anew asks to sign in again', async () => {
    node.forgetSessions()
    await node.down()
    await node.up()
    await page.getByText('This page is not signed in').waitFor({ timeout: 6000 })
    expectNoWords(await page.locator('body').innerText(), ['26,214,907'], 'the page')
  })
  await check('loss: quiet console apart from the refused connections', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

// The page's clock is a fake one here, three hours wrong, and moves only when told. It is that of a whole browser, so
// this walk has one to itself: what other walks wait for would never come.
async function silence(all) {
  const browser = await launch()
  try {
    await silent({ ...all, browser })
  } finally {
    await browser.close()
  }
}

async function silent({ browser, node, results: { check } }) {
  node.scene(SCENES.live())
  const { page, troubles } = await openPage(browser.context)
  await page.clock.install({ time: Date.now() - 3 * 3_600_000 })
  await page.goto(`${node.url}/#token=${node.token}`)
  await page.locator('a.trust').waitFor()
  // It ran until here.
  await page.clock.pauseAt(await page.evaluate(() => Date.now()) + 1000)
  // In single seconds, so that answers of the node arrive in between as they would.
  const pass = async seconds => {
    for (let i = 0; i < seconds; i++) {
      await page.clock.runFor(1000)
      await page.evaluate(() => 0)
    }
  }
  await check('ages follow the node’s clock, not this computer’s', async () => {
    expectWords(await pillText(page), [/Verified at block 26,214,907 · 1[345] s ago/], 'the pill')
  })
  await check('ages tick without a push', async () => {
    const before = Number(/(\d+) s ago/.exec(await pillText(page))[1])
    await pass(5)
    const after = Number(/(\d+) s ago/.exec(await pillText(page))[1])
    expectEqual(after - before, 5, 'seconds added')
  })
  await check('still verified until the next slot and its grace are over', async () => {
    await pass(7)
    expectWords(await pillText(page), ['Verified'], 'the pill')
  })
  await check('when pushes stop, the page itself says stale: nothing old is shown as live', async () => {
    await pass(6)
    expectWords(await pillText(page), [/Stale \d+ s/], 'the pill')
    const body = await page.locator('body').innerText()
    expectNoWords(body, ['Verified', 'Your node is healthy'], 'the page')
    expectNoWords(await page.locator('aside').innerText(), [/\bProven\b/], 'the card')
    expectWords(body, ['Your node said nothing for', 's old'], 'the page')
    expectEqual(await page.locator('a.trust').getAttribute('data-s'), 'stale', 'data-s')
  })
  await check('a push makes it verified again', async () => {
    node.push('l1.status', status())
    await until('verified', async () => (await pillText(page)).includes('Verified'))
  })
  await check('a node that hangs with its socket open is found out and shown as lost', async () => {
    node.isMute = true
    await pass(35)
    await page.locator('.frame.dim').waitFor()
    node.isMute = false
    node.scene(SCENES.live())
    // The try under way has to run into its deadline first.
    await pass(16)
    await until('back', async () => (await page.locator('.frame.dim').count()) === 0)
  })
  await check('silence: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function nonsense({ browser, node, results: { check } }) {
  node.scene(SCENES.live())
  const { page, troubles } = await openPage(browser.context)
  const warnings = []
  page.on('console', m => m.type() === 'warning' && warnings.push(m.text()))
  await page.goto(`${node.url}/#token=${node.token}`)
  await page.locator('a.trust[data-s="ok"]').waitFor()
  await check('malformed pushes are logged and change nothing', async () => {
    const send = frame => node.sendAll(JSON.stringify(frame))
    const push = (topic, value) => send({ jsonrpc: '2.0', method: 'push', params: { topic, value } })
    node.sendAll('not json')
    node.sendAll('null')
    send({ jsonrpc: '2.0', method: 'push' })
    push('l1.status', { state: 'live' })
    push('l1.status', { ...status(), state: 'splendid' })
    push('l1.status', { ...status(), wall_slot: 1.5 })
    push('l1.providers', { providers: 'none' })
    push('l1.head_ages', { points: [[1]] })
    push('l1.weather', { fine: true })
    await until('warnings', async () => warnings.length >= 8)
    expectEqual(warnings.length, 8, 'warnings')
    expectWords(warnings.join('\n'), ['l1.status.state', 'l1.status.wall_slot: expected an integer', 'l1.providers.providers', 'l1.head_ages.points[0]'], 'the log')
    expectWords(await pillText(page), ['Verified at block 26,214,907'], 'the pill')
    node.push('l1.status', status({ wall_slot: 14_999_999 }))
    await page.evaluate(() => { location.hash = '#/network' })
    await page.getByText('14,999,999').waitFor()
  })
  await check('nonsense: no exception', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

export const WALKS = [keyboard, loss, silence, nonsense, ...FACT_WALKS, ...WALLET_WALKS, ...ASKED_WALKS, ...SESSION_WALKS, ...DEVICE_WALKS, ...AREA_WALKS, ...FEED_WALKS, ...IDENTITY_WALKS, ...PEER_WALKS, ...DAO_WALKS]

// A node tells its state at least once a slot, and a page that hears nothing calls it stale: a walk may take longer than that
// on a slow machine. What is about silence is left alone.
export async function walk(run, all) {
  all.node.calls.length = 0
  const telling = run === silence || run === loss ? null : setInterval(() => all.node.tellAgain(), 10_000)
  try {
    await run(all)
  } finally {
    clearInterval(telling)
  }
}
