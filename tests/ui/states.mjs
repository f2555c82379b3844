// Draws every state of the web UI in a real browser, against a node that is a script: each state in both
// themes and three widths, with its words, axe at WCAG 2.2 AA, no overflow and a quiet console. Then the
// walks: keyboard only, a lost connection, a silent node.
//
//   node tests/ui/states.mjs [--screens DIR] [--only STATE] [--lanes N] [--dist DIR]
//
// HEARTH_UI_SLOW=8 runs each page eight times slower, to find what a test reads too early.
// Needs web-ui/dist (npm run build in web-ui), or another build by --dist or HEARTH_DIST. The last line is "N passed, N failed, N skipped".
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  axe, CHROMIUM, counter, eventually, expectEmpty, expectEqual, expectNoWords, expectWords, launch, openPage, overflow, screenshot
} from './browser.mjs'
import { ASKED_STATES } from './asked-states.mjs'
import { DAO_STATES } from './dao-states.mjs'
import { DEVICE_STATES } from './devices.mjs'
import { FACT_STATES } from './fact-states.mjs'
import { FEED_STATES } from './feed-states.mjs'
import { IDENTITY_STATES } from './identity-states.mjs'
import { PEER_STATES } from './peer-states.mjs'
import { sealing } from './seal.mjs'
import { pure } from './pure.mjs'
import { SCENES } from './scenes.mjs'
import { SESSION_STATES } from './sessions.mjs'
import { SIGN_IN_STATES } from './sign-in.mjs'
import { startScriptedNode } from './scripted-node.mjs'
import { WALKS, walk } from './walks.mjs'
import { WALLET_STATES } from './wallet-states.mjs'

const option = name => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : null)
const screensDir = option('--screens')
const only = option('--only')
const dist = option('--dist') ?? process.env.HEARTH_DIST ?? fileURLToPath(new URL('../../web-ui/dist', import.meta.url))

const WIDTHS = [1280, 390, 320]
const THEMES = ['light', 'dark']
const REFUSED = [/WebSocket connection to .* failed/, /Failed to load resource: .*(40[13]|ERR_CONNECTION|ERR_EMPTY_RESPONSE)/]
const NEVER = ['NaN', 'undefined', 'null', '[object', 'Invalid Date', '-1 s', '..']

// What each state must say: the pill (in words at 1280), Home and Network; what none of them may say.
const STATES = [
  { name: 'live', pill: ['Verified at block 26,214,907 ·', 's ago'], home: ['Your node is healthy.', 'Nothing needs you', '26,214,907', 'signed by 498 of 512', 'Proven', 'finalized signed missed', 'The head is live'],
    network: ['What your node believes, and why', 'Four providers answer.', 'Sync committee period 1916', '6,540 of 8,192 slots', 'the same from 3 of 3 sources', 'beacon.quay.example:443', 'in use', 'slow', 'no answer within 5 s', '6 days old', 'trusted up to 14 days', 'Known', 'Head delay', 'median 2.', '/home/mara/.local/share/hearth'],
    help: ['The pill at the top', 'hearth doctor', 'hearth status', 'Where your data lies', '/home/mara/.local/share/hearth'] },
  { name: 'gloas', pill: ['Verified at slot 14,714,907 ·'], home: ['head slot, 1', '14,714,907', 'not seen'], network: ['Head, slot', '14,714,907', 'Gloas'], not: ['26,214,907', 'at block'] },
  { name: 'starting', pill: ['Starting'], home: ['Your node is starting.', 'Asking the checkpoint sources', 'No head is proven yet.'], network: ['None yet', 'No slot seen yet.', 'Drawn from the second proven head on.'], not: ['Verified', 'Proven', '%'] },
  { name: 'syncing', pill: ['Syncing 62 %'], home: ['Your node is syncing.', '34 of 54 periods', '30 periods a minute, about 40 s left', '3 days old'], network: ['34 of 54 periods', 'proven here before and kept', '3 days old'], not: ['Verified', 'Proven '] },
  { name: 'stale', pill: ['Stale 4 min'], home: ['Your node hears nothing new.', 'No new block for 4 min', 'same old head', '4 min old'], network: ['Nothing new for 4 min', 'Stale', '4 min old'], not: ['Verified', /\bProven\b/] },
  { name: 'offline', pill: ['Offline'], home: ['Your node is offline.', 'None of 4 providers answers', '31 min old', '0 of 4'], network: ['connection refused', 'failing'], not: ['Verified', /\bProven\b/, 'unreachable'] },
  { name: 'lied', pill: ['Provider lied · still verified at block 26,214,907'], home: ['Your node is healthy.', 'eth.northwind.example:443 sent a false answer and was dropped', 'You never saw the value', 'Caught lying'], network: ['one was caught lying', 'Evidence against eth.northwind.example:443', 'optimistic update for slot 14,714,901', 'the signature of 498 keys does not hold', '4.1 kB', '1 earlier fault', 'Code bad_signature', 'Trust it again'] },
  { name: 'disagreement', pill: ['Stopped, needs you'], home: ['Your node stopped. One thing needs you.', 'Your checkpoint sources disagree', '2 sources name one block, 1 source names another.', 'Your node started from none of them.', 'Code checkpoint_disagreement'], network: ['The sources name 2 different blocks', 'differs', 'agrees', 'none chosen'], not: ['Verified', 'Proven'] },
  { name: 'no_checkpoint', pill: ['Stopped, needs you'], home: ['Your node has no block to start from', 'Asked 3 checkpoint sources, none answered.', 'Code no_checkpoint'], network: ['none chosen', 'Asked 3 sources, none answered.', 'no answer', 'connection refused', 'No provider is configured.'], not: ['Verified', 'Proven'] },
  { name: 'disk_full', pill: ['Stopped, needs you'], home: ['The disk is full', '0 bytes left', 'Free some space.', 'Code disk_full'], network: ['The disk is full'], not: ['Verified'] },
  { name: 'fresh_install', pill: ['Verified'], home: ['Your node is healthy.', 'No slot seen yet.'], network: ['the one you gave.', 'given by you', 'No provider is configured.'] },
  { name: 'hostile', pill: ['Provider lied'], home: ['Your node is healthy.'], network: ['<img src=x onerror=alert(1)>', '<script>alert(2)</script>'] },
  { name: 'loading', pill: ['Connecting'], home: ['Reaching your node.', 'It is there, but has not told its state yet.'], network: ['What your node believes, and why'], isFresh: true, not: ['Verified', 'Proven'] },
  { name: 'lost', pill: ['Offline · since'], home: ['Node unreachable since', /(retrying in \d+ s|trying now)/, 'This page lost your node.', 'as of', '26,214,907', 'Unreachable'], network: ['Node unreachable since', 'This is what it believed', 'as of'], not: ['Verified', /\bProven\b/], expected: REFUSED }
]

async function open(browser, node, state) {
  const opened = await openPage(browser.context, { expected: state.expected ?? [] })
  await opened.page.goto(`${node.url}/#token=${node.token}`)
  return opened
}

async function enter(node, state, page) {
  node.isMute = state.name === 'loading'
  if (state.name !== 'lost') return
  await page.locator('a.trust[data-s="ok"]').waitFor()
  await node.down()
  await page.locator('.frame.dim').waitFor()
}

async function drawn(page, state) {
  const words = state.pill[0]
  await page.waitForFunction(w => document.querySelector('a.trust')?.textContent.replace(/\s+/g, ' ').includes(w), words, { timeout: 5000 })
  if (state.name === 'loading') await page.getByText('has not told its state yet').or(page.locator('h1', { hasText: 'What your' })).first().waitFor()
}

async function drawState(browser, node, state, { check }) {
  if (state.name !== 'loading') node.scene(SCENES[state.name === 'lost' ? 'live' : state.name]())
  const { page, troubles } = await open(browser, node, state)
  await enter(node, state, page)
  for (const screen of ['home', 'network', ...(state.help ? ['help'] : [])]) {
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
      for (const width of WIDTHS) {
        const name = `${state.name} ${screen} ${width} ${theme}`
        await page.setViewportSize({ width, height: 860 })
        if (state.isFresh) await page.reload()
        else if (state.name !== 'lost') node.scene(SCENES[state.name]())
        await page.evaluate(to => { location.hash = to }, screen === 'home' ? '#/' : `#/${screen}`)
        await check(`${name}: words`, async () => {
          await page.setViewportSize({ width: 1280, height: 860 })
          await drawn(page, state)
          await page.setViewportSize({ width, height: 860 })
          await eventually(async () => {
            expectWords(await page.locator('main').innerText(), state[screen], 'the screen')
            if (width === 1280) expectWords(await page.locator('a.trust').innerText(), state.pill, 'the pill')
            if (screen !== 'help') expectNoWords(await page.locator('body').innerText(), [...NEVER, ...(state.not ?? [])], 'the page')
            expectEqual(await page.locator('h1').count(), 1, 'number of h1')
          })
        })
        await check(`${name}: fits`, async () => expectEmpty(await overflow(page), 'overflow'))
        if (width === 390 || (width === 320 && theme === 'dark')) continue // drawn as the two others are
        await check(`${name}: axe`, async () => expectEmpty(await axe(page), 'violations'))
        await screenshot(page, screensDir, `${state.name}-${screen}-${width}-${theme}`)
      }
      // 200 % zoom of a 1280 px window.
      await page.setViewportSize({ width: 640, height: 430 })
      await check(`${state.name} ${screen} 200 % ${theme}: fits`, async () => expectEmpty(await overflow(page), 'overflow'))
    }
  }
  await check(`${state.name}: quiet console, no policy violation, no foreign request`, async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

// The pages of proven facts: opened by their address, drawn in both themes and three widths. The states
// of waiting are begun anew with each theme, before the node's ten seconds to answer are over.
async function drawFact(browser, node, state, { check }) {
  state.start?.(node)
  for (const [method, answer] of Object.entries(state.methods ?? {})) node.methods.set(method, answer)
  node.scene(state.topics ? state.topics() : SCENES[state.scene ?? 'live']())
  const { page, troubles } = await openPage(browser.context, { expected: state.isLost ? REFUSED : (state.expected ?? []) })
  await page.goto(`${node.url}/#token=${node.token}`)
  await page.locator('a.trust').waitFor()
  await page.evaluate(to => { location.hash = to }, state.route)
  // Before the node goes down, what is about it being gone cannot stand there yet.
  const first = state.words.filter(w => !state.isLost || !/Node unreachable|as of|lost your node/.test(w))
  const main = async () => (await page.locator(state.inside ?? 'main').innerText()).replace(/\s+/g, ' ')
  if (state.prepare) await state.prepare(page)
  // What folds is opened as it comes: with its account, with its area.
  const unfold = () => page.locator(`${state.inside ?? 'main'} details`).evaluateAll(list => list.forEach(d => { d.open = true }))
  await eventually(async () => {
    if (state.isUnfolded) await unfold()
    expectWords(await main(), first, 'the screen')
  })
  if (state.isLost) {
    await node.down()
    await page.locator('.frame.dim').waitFor()
  }
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    for (const width of WIDTHS) {
      const name = `${state.name} ${width} ${theme}`
      await page.setViewportSize({ width, height: 860 })
      if (state.isFresh) {
        await page.reload()
      } else if (!state.isLost && !state.isFresh) node.push('l1.status', (state.topics ? state.topics() : SCENES[state.scene ?? 'live']())['l1.status'])
      await check(`${name}: words`, async () => {
        await eventually(async () => {
          const text = await main()
          expectWords(text, state.words, 'the screen')
          expectNoWords(text, [...NEVER, ...(state.not ?? [])], 'the screen')
          expectEqual(await page.locator('h1').count(), 1, 'number of h1')
        })
      })
      await check(`${name}: fits`, async () => expectEmpty(await overflow(page), 'overflow'))
      if (width === 390 || (width === 320 && theme === 'dark')) continue // drawn as the two others are
      await check(`${name}: axe`, async () => expectEmpty(await axe(page), 'violations'))
      await screenshot(page, screensDir, `${state.name}-${width}-${theme}`)
    }
    await page.setViewportSize({ width: 640, height: 430 })
    await check(`${state.name} 200 % ${theme}: fits`, async () => expectEmpty(await overflow(page), 'overflow'))
  }
  await check(`${state.name}: quiet console, no policy violation, no foreign request`, async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

// Without a session there is one screen, and two ways to get there.
async function drawDoor(browser, node, { check }) {
  for (const [name, hash, words] of [
    ['signed_out', '', []],
    ['signed_out_account', '', ['With an Ethereum account', 'Sign in with an Ethereum account', 'nothing is sent']],
    ['refused', `#token=${'0'.repeat(32)}`, ['That address is no longer good', 'Nothing was shown and nothing was changed.']]
  ]) {
    await browser.context.clearCookies()
    node.takesAccounts = name === 'signed_out_account'
    const { page, troubles } = await openPage(browser.context, { expected: REFUSED })
    await page.goto(node.url + '/' + hash)
    await page.getByText('This page is not signed in').waitFor()
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 860 })
        const at = `${name} ${width} ${theme}`
        await check(`${at}: words`, async () => {
          await eventually(async () => {
            expectWords(await page.locator('main').innerText(), ['Open the address it printed', `${node.url}/#token=`, 'hearth run', ...words], 'the screen')
            expectEqual(await page.locator('nav').count(), 0, 'number of navs')
          })
        })
        await check(`${at}: axe`, async () => expectEmpty(await axe(page), 'violations'))
        await check(`${at}: fits`, async () => expectEmpty(await overflow(page), 'overflow'))
        if (width !== 320) await screenshot(page, screensDir, `${name}-${width}-${theme}`)
      }
    }
    await check(`${name}: the address opened in the same tab signs in and leaves no token behind`, async () => {
      await page.evaluate(hash => { location.hash = hash }, `#token=${node.token}`)
      await page.locator('a.trust[data-s="ok"]').waitFor()
      expectEqual(new URL(page.url()).hash, '#/', 'address')
    })
    await check(`${name}: quiet console`, async () => expectEmpty(troubles(), 'troubles'))
    await page.close()
  }
}

// Everything there is to draw, one piece of work each; `run` gets a node and a browser of its lane.
function work() {
  const isWanted = (name, ...others) => !only || others.includes(only) || name.startsWith(only)
  const list = []
  for (const w of WALKS) if (isWanted(w.name, 'walks')) list.push({ name: w.name, run: lane => walk(w, { ...lane, screensDir, refused: REFUSED }) })
  for (const state of STATES) if (isWanted(state.name)) list.push({ name: state.name, run: ({ browser, node, results }) => drawState(browser, node, state, results) })
  for (const state of [...FACT_STATES, ...WALLET_STATES, ...ASKED_STATES, ...SESSION_STATES, ...SIGN_IN_STATES, ...DEVICE_STATES, ...FEED_STATES, ...IDENTITY_STATES, ...PEER_STATES, ...DAO_STATES]) {
    const group = FACT_STATES.includes(state) ? 'facts' : FEED_STATES.includes(state) ? 'feeds' : IDENTITY_STATES.includes(state) ? 'identities' : PEER_STATES.includes(state) ? 'links' : DAO_STATES.includes(state) ? 'votes' : 'wallets'
    if (isWanted(state.name, group)) list.push({ name: state.name, run: ({ browser, node, results }) => drawFact(browser, node, state, results) })
  }
  if (isWanted('door')) {
    list.push({ name: 'door', run: ({ browser, node, results }) => {
      node.scene(SCENES.live())
      return drawDoor(browser, node, results)
    } })
  }
  return list
}

// Takes pieces of work until none is left. Its node and its browser are its own, so that lanes do not meet.
async function lane(list, results) {
  const node = await startScriptedNode(dist)
  const browser = await launch()
  try {
    for (let piece = list.shift(); piece; piece = list.shift()) {
      const { run, name } = piece
      await results.guard(name, () => run({ browser, node, results }))
      await node.reset()
    }
  } finally {
    await browser.close()
    await node.down()
  }
}

const results = counter()
if (!existsSync(dist + '/index.html')) {
  console.log('web-ui/dist is not built')
  results.check('web-ui/dist is built', () => { throw new Error('run "npm run build" in web-ui') }).then(results.finish)
} else if (!existsSync(CHROMIUM)) {
  results.skip('the UI in a browser', `no browser at ${CHROMIUM}`)
  results.finish()
} else {
  if (!only) await results.guard('sealing', () => sealing(results))
  if (!only) await results.guard('pure', () => pure(results))
  const list = work()
  await Promise.all(Array.from({ length: Number(option('--lanes') ?? 3) }, () => lane(list, results)))
  results.finish()
}
