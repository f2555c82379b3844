// The scripts of the page that come later: fetched when it is idle, waited for when somebody is faster, told when they
// do not come. Used by states.mjs.
import { axe, eventually, expectEmpty, expectEqual, expectWords, openPage, overflow, screenshot, until } from './browser.mjs'
import { balances, REQUESTS, rich, withWallet } from './wallet.mjs'

const AREAS = /\/assets\/(?:own|feed|civic)-[\w-]+\.js$/
const MISSED = [/Failed to load resource: net::ERR_FAILED/]
const main = async page => (await page.locator('main').innerText()).replace(/\s+/g, ' ')
const shows = (page, words) => until(`"${words}" is drawn`, async () => (await main(page)).includes(words))
const goes = (page, to) => page.evaluate(hash => { location.hash = hash }, to)

// `meets` sees each request for an area's script; without it they come.
async function start({ browser, node }, meets) {
  const w = rich()
  w.install(node)
  node.methods.set('wallet.balances', params => ({ result: balances(params) }))
  node.scene(withWallet(w))
  const opened = await openPage(browser.context, { expected: MISSED })
  const { page } = opened
  await page.setViewportSize({ width: 1280, height: 860 })
  if (meets) await page.route(AREAS, meets)
  await page.goto(`${node.url}/#token=${node.token}`)
  await page.locator('a.trust[data-s="ok"]').waitFor()
  return { ...opened, w }
}

async function drawnWell(page, screensDir, name) {
  for (const theme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    expectEmpty(await axe(page), 'violations')
    await screenshot(page, screensDir, `${name}-1280-${theme}`)
  }
  await page.setViewportSize({ width: 320, height: 640 })
  expectEmpty(await overflow(page), 'overflow')
  await screenshot(page, screensDir, `${name}-320-dark`)
  await page.setViewportSize({ width: 1280, height: 860 })
}

async function areas(all) {
  const { results: { check } } = all
  const { page, troubles } = await start(all)
  const asked = []
  page.on('request', request => asked.push(request.url()))
  await check('areas: all come by themselves when the page is idle', () => until('three scripts', () => page.evaluate(form => {
    const names = performance.getEntriesByType('resource').map(e => e.name)
    return names.filter(name => new RegExp(form).test(name)).length === 3
  }, AREAS.source), 30_000))
  await check('areas: then no way to a screen asks for a file', async () => {
    asked.length = 0
    for (const [hash, words] of [['#/look', 'Look something up'], ['#/wallet', 'Mara, daily'], ['#/settings', 'Where keys are'], ['#/connect', 'Connect a wallet'], ['#/help', 'The pill at the top'], ['#/', 'Your node is healthy.']]) {
      await goes(page, hash)
      await shows(page, words)
    }
    expectEmpty(asked.filter(url => url.includes('/assets/')), 'requests for files')
  })
  await check('areas: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function waitingForArea(all) {
  const { results: { check }, screensDir } = all
  const held = []
  const { page, troubles, w } = await start(all, route => held.push(route))
  await check('an area that takes its time is waited for, with its name and in words', async () => {
    await goes(page, '#/wallet')
    await shows(page, 'Loading this part of the page from your node.')
    expectEqual(await page.locator('h1').allInnerTexts(), ['Wallet'], 'headings')
    await drawnWell(page, screensDir, 'area-loading')
  })
  await check('a request opens its sheet meanwhile, at once and whole', async () => {
    w.enqueue(REQUESTS.transfer())
    await page.locator('dialog[open]').getByText('Send 0.25 ETH').waitFor()
    await page.getByRole('button', { name: 'Sign and send', exact: true }).click()
    await until('decided', async () => w.decisions.length === 1)
    await until('closed', async () => (await page.locator('dialog[open]').count()) === 0)
  })
  await check('come at last, it is drawn where it was waited for', async () => {
    for (const route of held.splice(0)) await route.continue()
    await page.unroute(AREAS)
    await shows(page, 'See what it costs')
    await until('the focus on h1', () => page.evaluate(() => document.activeElement.tagName === 'H1'))
  })
  await check('waiting for an area: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function missingArea(all) {
  const { node, results: { check }, screensDir } = all
  let tries = []
  const miss = route => {
    tries.push(route.request().url())
    return route.abort()
  }
  const { page, troubles, allow } = await start(all, miss)
  // When it has been tried for all of its reasons: somebody is there, the page is idle, the node answers.
  const isMissing = async () => {
    await page.locator('a.trust[data-s="ok"]').waitFor()
    await until('all were asked for', async () => ['own-', 'feed-', 'civic-'].every(name => tries.some(url => url.includes(name))))
    await shows(page, 'This part of the page did not load')
  }
  const again = () => page.getByRole('button', { name: 'Try again' })
  await check('an area that does not come says so, and what did not happen', async () => {
    await goes(page, '#/look')
    await eventually(async () => expectWords(await main(page), ['This part of the page did not load', 'Nothing was changed.', 'Code part_missing'], 'the screen'))
    expectEqual(await page.locator('h1').allInnerTexts(), ['Look up'], 'headings')
    await drawnWell(page, screensDir, 'area-missing')
  })
  await check('home and network need none', async () => {
    await goes(page, '#/network')
    await shows(page, 'What your node believes')
    await goes(page, '#/look')
    await shows(page, 'This part of the page did not load')
  })
  await check('keyboard: tried again while the node answers and still missing, the whole page is loaded anew', async () => {
    await isMissing()
    tries = []
    await again().focus()
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')])
    await isMissing()
    expectEqual(new URL(page.url()).hash, '#/look', 'address')
  })
  await check('"Try again" brings it', async () => {
    await page.unroute(AREAS)
    await again().click()
    await shows(page, 'Look something up')
  })
  await check('it comes by itself when the node is back', async () => {
    tries = []
    await page.route(AREAS, miss)
    await page.reload()
    await isMissing()
    allow(/WebSocket connection|ERR_CONNECTION|ERR_EMPTY_RESPONSE/)
    await node.down()
    await page.locator('.frame.dim').waitFor()
    await page.unroute(AREAS)
    await node.up()
    await page.getByRole('button', { name: 'Retry now' }).click()
    await shows(page, 'Look something up')
  })
  await check('missing area: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

// Somebody goes to a screen at the moment at which its area, fetched while the page was idle, turns out to be missing:
// the screen is in the page, and what it does after its first painting has not run.
async function missingMeanwhile(all) {
  const { results: { check } } = all
  let area = null // the first request, held
  const { page, troubles } = await start(all, route => (area ? route.abort() : (area = route)))
  await until('the first area is asked for', () => area)
  await page.evaluate(() => {
    const { setTimeout, requestAnimationFrame } = window
    const frames = []
    window.requestAnimationFrame = run => frames.push(run)
    window.setTimeout = (run, ms, ...rest) => (ms === 35 ? frames.push(run) : setTimeout(run, ms, ...rest)) // Preact's own wait for a frame
    window.paintAgain = () => {
      Object.assign(window, { setTimeout, requestAnimationFrame })
      for (const run of frames) run(performance.now())
    }
  })
  await check('an area that fails while its screen is first painted says so', async () => {
    await goes(page, '#/look')
    await shows(page, 'Loading this part of the page from your node.')
    await Promise.all([page.waitForEvent('requestfailed'), area.abort()])
    await page.evaluate(() => window.paintAgain())
    await shows(page, 'This part of the page did not load')
  })
  await check('an area that fails meanwhile: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

export const AREA_WALKS = [areas, waitingForArea, missingArea, missingMeanwhile]
