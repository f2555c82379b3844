// Who is signed in, on Settings: the states of its card and what a person does there. Used by states.mjs.
import { axe, eventually, expectEmpty, expectEqual, expectNoWords, expectWords, openPage, overflow, screenshot, until } from './browser.mjs'
import { refusal } from './facts.mjs'
import { SCENES } from './scenes.mjs'
import { balances, rich, session, sessions, withWallet } from './wallet.mjs'

const ROUTE = '#/settings/sessions'
const card = page => page.locator('section[aria-labelledby="sessions-h"]')
const inCard = async page => (await card(page).innerText()).replace(/\s+/g, ' ')

const state = (name, words, { list = sessions, scene = 'live', hasWallet = true, ...more } = {}) => ({
  name: `sessions${name}`, route: ROUTE, words: ['Signed in', ...words], inside: 'section[aria-labelledby="sessions-h"]', ...more,
  start(node) {
    const w = rich()
    if (hasWallet) w.install(node)
    node.methods.set('wallet.balances', params => ({ result: balances(params) }))
    const told = list && list()
    if (told) node.withSessions(told)
    for (const [method, answer] of Object.entries(more.methods ?? {})) node.methods.set(method, answer)
    this.topics = () => ({ ...(hasWallet ? withWallet(w, scene) : SCENES[scene]()), ...(told && { sessions: { sessions: told } }) })
  }
})

export const SESSION_STATES = [
  state('', ['4 browsers', /Chrome on Linux this one ?Since .* Open now\. Sign out of this browser Safari on macOS/, 'Open now in 2 windows.', 'Firefox on Android', 'Last used 2 h ago.', '<b>curl</b>/888', 'End all others']),
  state('-empty', ['1 browser', 'this one', 'No other browser can see this node.'], { list: () => [session()] }),
  state('-loading', [], { methods: { 'node.subscribe': ({ topics }, ordinary) => (topics[0] === 'sessions' ? null : ordinary()) }, not: ['browser'] }),
  state('-old-node', ['Your node does not tell who is signed in.'], { list: null }),
  state('-no-wallet', ['4 browsers', 'Chrome on Linux'], { hasWallet: false }),
  state('-stale', ['4 browsers', 'Chrome on Linux'], { scene: 'stale' }),
  state('-lost', ['4 browsers', 'Chrome on Linux'], { isLost: true }),
  state('-asked', ['Sign out the 3 other browsers?', 'a new address from the terminal', 'Keep them'], { prepare: page => page.getByRole('button', { name: 'End all others' }).click() }),
  state('-refused', ['It is still signed in', 'The store is read-only. Nothing was changed.', 'Code store_locked'], {
    methods: { 'session.end': () => refusal('store_locked', 'the store is read-only') },
    prepare: page => page.getByRole('button', { name: 'End Firefox on Android' }).click()
  })
]

async function ending({ browser, node, refused, results: { check }, screensDir }) {
  const w = rich()
  w.install(node)
  node.methods.set('wallet.balances', params => ({ result: balances(params) }))
  node.withSessions(sessions())
  node.scene({ ...withWallet(w), sessions: { sessions: sessions() } })
  const { page, troubles } = await openPage(browser.context, { expected: refused })
  await page.setViewportSize({ width: 1280, height: 860 })
  await page.goto(`${node.url}/#token=${node.token}`)
  await page.locator('a.trust[data-s="ok"]').waitFor()
  await page.evaluate(to => { location.hash = to }, ROUTE)
  const button = name => page.getByRole('button', { name, exact: true })
  const calls = method => node.calls.filter(c => c.method === method).map(c => c.params)
  await check('sessions: the address leads to the card, this browser first', async () => {
    await until('focus', () => page.evaluate(() => document.activeElement.id === 'sessions-h'))
    await eventually(async () => expectWords((await card(page).locator('li b').allInnerTexts()).join(' '), [/^Chrome on Linux ?this one Safari on macOS Firefox on Android/], 'the order'))
  })
  await check('sessions: one is ended by its name', async () => {
    await button('End Firefox on Android').click()
    await eventually(async () => expectNoWords(await inCard(page), ['Firefox'], 'the card'))
    await eventually(async () => expectEqual(calls('session.end'), [{ id: 'aa112233aabbccdd' }], 'the call'))
  })
  await check('sessions: one that is gone already is told so', async () => {
    node.push('sessions', { sessions: [...sessions().slice(1), session({ id: 'dd112233aabbccdd', is_this: false, user_agent: 'elinks/0.16' })] })
    await button('End elinks/0.16').click()
    await eventually(async () => expectWords(await inCard(page), ['That browser is signed out already.', 'Code no_session'], 'the card'))
    node.push('sessions', { sessions: sessions().slice(1) })
  })
  await check('keyboard: ending all others is asked first, and can be left', async () => {
    await button('End all others').focus()
    await page.keyboard.press('Enter')
    await until('focus', () => page.evaluate(() => document.activeElement.textContent === 'Sign out the 2 other browsers'))
    expectEmpty(await axe(page), 'violations')
    await page.setViewportSize({ width: 320, height: 640 })
    expectEmpty(await overflow(page), 'overflow')
    await screenshot(page, screensDir, 'walk-sessions-320')
    await page.setViewportSize({ width: 1280, height: 860 })
    await button('Keep them').click()
    await until('focus', () => page.evaluate(() => document.activeElement.textContent === 'End all others'))
    expectEqual(calls('session.end_others'), [], 'calls')
  })
  await check('keyboard: asked and confirmed, only this one is left', async () => {
    await page.keyboard.press('Enter')
    await until('focus', () => page.evaluate(() => document.activeElement.textContent === 'Sign out the 2 other browsers'))
    await page.keyboard.press('Enter')
    await eventually(async () => expectWords(await inCard(page), ['1 browser', 'No other browser can see this node.'], 'the card'))
    await eventually(async () => expectEqual(calls('session.end_others'), [{}], 'calls'))
  })
  await check('signing out of this browser leaves nothing on screen', async () => {
    await button('Sign out of this browser').click()
    await page.getByText('This page is not signed in').waitFor()
    expectNoWords(await page.locator('body').innerText(), ['26,214,907', 'Mara'], 'the page')
  })
  await check('sessions: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

export const SESSION_WALKS = [ending]
