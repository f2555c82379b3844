// What a person decides about a token, and about a transaction that is being run meanwhile. Used by states.mjs.
import { axe, eventually, expectEmpty, expectEqual, expectNoWords, expectWords, openPage, overflow, screenshot, until } from './browser.mjs'
import { CALLS, effects, RUN, swap, TIDAL, TOKEN, UNKNOWN } from './asked.mjs'
import { balances, rich, withWallet } from './wallet.mjs'

const sheet = page => page.locator('dialog[open]')
const button = (page, name) => page.getByRole('button', { name, exact: true })
const inSheet = async page => (await sheet(page).innerText()).replace(/\s+/g, ' ')
const says = (page, words) => eventually(async () => expectWords(await inSheet(page), words, 'the sheet'))
const isHeld = async (page, name) => (await button(page, name).getAttribute('aria-disabled')) === 'true'
const armed = (page, name) => until(`"${name}" can be pressed`, async () => !(await isHeld(page, name)))
const closed = page => until('closed', async () => (await sheet(page).count()) === 0)
const said = page => page.locator('p[role=status]').last().textContent()

async function start({ browser, node }, wallet) {
  wallet.install(node)
  node.methods.set('wallet.balances', params => ({ result: balances(params) }))
  node.scene(withWallet(wallet))
  const opened = await openPage(browser.context)
  await opened.page.setViewportSize({ width: 1280, height: 860 })
  await opened.page.goto(`${node.url}/#token=${node.token}`)
  await opened.page.locator('a.trust[data-s="ok"]').waitFor()
  await opened.page.evaluate(() => { location.hash = '#/wallet' })
  return opened
}

// Notes each moment in which the button can be pressed and in which it is held back again.
const watchHold = (page, name) => page.evaluate(words => {
  window.holds = []
  const look = () => {
    const found = [...document.querySelectorAll('dialog[open] button')].find(b => b.textContent === words)
    const now = found?.getAttribute('aria-disabled') ?? 'gone'
    if (window.holds.at(-1) !== now) window.holds.push(now)
  }
  look()
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true })
}, name)
const holds = page => page.evaluate(() => window.holds)

async function decidingTokens(all) {
  const { node, results: { check }, screensDir } = all
  const w = rich({ vault: 'locked' })
  const { page, troubles } = await start(all, w)
  const refusing = (code, after) => node.methods.set('wallet.decide', () => ({
    later: new Promise(resolve => {
      const refuse = () => resolve({ error: { code: -32000, message: 'it cannot be added', data: { code } } })
      const end = () => { w.queue = []; w.tell() }
      if (after === 'gone') end()
      setTimeout(() => { refuse(); if (after !== 'gone') end() }, 50)
    })
  }))
  await check('keyboard: a token is added while the vault is locked, and nothing is said of accounts', async () => {
    const item = w.enqueue(TOKEN())
    await sheet(page).waitFor()
    await armed(page, 'Add')
    await button(page, 'Add').focus()
    await page.keyboard.press('Enter')
    await closed(page)
    await eventually(async () => expectEqual(node.calls.filter(c => c.method === 'wallet.decide').at(-1).params, { id: item.id, payload_hash: item.payload_hash, approve: true }, 'the call'))
    await until('said', async () => (await said(page)) === 'Added')
  })
  await check('a token can be rejected', async () => {
    w.enqueue(TOKEN())
    await sheet(page).waitFor()
    await button(page, 'Reject').click()
    await closed(page)
    expectEqual(w.decisions.at(-1).approve, false, 'the decision')
  })
  for (const [code, after, words] of [['no_code', 'gone', 'There is no contract at that address. Nothing was added.'], ['too_many_tokens', 'answered', 'Stop watching one first. Nothing was added.']]) {
    await check(`what was allowed and could not be added is told when its request is gone: ${code}, ${after}`, async () => {
      refusing(code, after)
      w.enqueue(TOKEN())
      await sheet(page).waitFor()
      await armed(page, 'Add')
      await button(page, 'Add').click()
      await says(page, ['The token was not added', words, `Code ${code}`])
      expectNoWords(await said(page), ['The request ended'], 'what was said')
      await until('focus', () => page.evaluate(() => document.activeElement.id === 'sheet-h'))
      if (code === 'no_code') {
        expectEmpty(await axe(page), 'violations')
        await page.setViewportSize({ width: 320, height: 640 })
        expectEmpty(await overflow(page), 'overflow')
        await screenshot(page, screensDir, 'walk-not-added-320')
        await page.setViewportSize({ width: 1280, height: 860 })
        await page.keyboard.press('Escape')
      } else await button(page, 'Close').click()
      await closed(page)
    })
  }
  await check('one that could not be asked for still waits, and says so in its own sheet', async () => {
    node.methods.set('wallet.decide', () => ({ error: { code: -32000, message: 'it differs', data: { code: 'payload_differs' } } }))
    w.enqueue(TOKEN())
    await sheet(page).waitFor()
    await armed(page, 'Add')
    await button(page, 'Add').click()
    await says(page, ['Show a token', 'This was not done', 'Code payload_differs'])
    await page.keyboard.press('Escape')
    await closed(page)
    w.queue = []
    w.tell()
  })
  await check('tokens: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function decidingRuns(all) {
  const { browser, node, results: { check } } = all
  const w = rich()
  const { page, troubles } = await start(all, w)
  const turn = (item, run) => { item.effects = run; w.tell() }
  const item = w.enqueue(swap(RUN.running()))
  await sheet(page).waitFor()
  await check('run: what came of it holds the decision back anew', async () => {
    await says(page, ['Running it on the proven state'])
    await armed(page, 'Sign and send')
    await watchHold(page, 'Sign and send')
    turn(item, RUN.done())
    await says(page, ['run on block 26,214,907', 'Arrives 612.402117 TDL'])
    await until('held and armed', async () => (await holds(page)).join() === 'false,true,false')
  })
  await check('run: the same on the next block does not', async () => {
    await watchHold(page, 'Sign and send')
    const next = RUN.done()
    turn(item, { ...next, block: { ...next.block, number: next.block.number + 1 }, gas_used: 184_204 })
    await says(page, ['run on block 26,214,908', 'It took 184,204 gas.'])
    expectEqual(await holds(page), ['false'], 'what the button was')
  })
  await check('run: one that fails needs the box that says why, and each change empties it', async () => {
    turn(item, RUN.fails())
    const box = page.getByLabel('I understand the risk: It would fail: ERC20: transfer amount exceeds balance.')
    await box.check()
    await armed(page, 'Sign and send in spite of this')
    turn(item, RUN.fails('paused'))
    const other = page.getByLabel('I understand the risk: It would fail: paused.')
    await until('emptied', async () => (await other.count()) === 1 && !(await other.isChecked()))
    await page.keyboard.press('Enter')
    await button(page, 'Sign and send in spite of this').click({ force: true })
    expectEqual(w.decisions, [], 'decisions')
  })
  await check('run: a danger of the words stands before one of the run', async () => {
    item.explain.warnings = [{ level: 'danger', code: 'approval_unlimited', text: 'It could take all of it' }]
    item.explain.is_red = true
    w.tell()
    await page.getByLabel('I understand the risk: It could take all of it').waitFor()
    await says(page, ['It would fail: paused.'])
    item.explain.warnings = []
    item.explain.is_red = false
    w.tell()
  })
  await check('run: where the mark opens, it names the block, and Escape closes the mark alone', async () => {
    turn(item, RUN.done())
    await page.getByRole('button', { name: 'What it would do: Proven' }).click()
    const more = page.getByRole('group', { name: 'Where What it would do comes from' })
    await until('the block', async () => (await more.innerText()).includes('26,214,907'))
    await page.keyboard.press('Escape')
    await until('the mark is closed', async () => !(await more.isVisible()))
    expectEqual(await sheet(page).count(), 1, 'sheets')
  })
  await check('run: what could not be run can be signed all the same', async () => {
    turn(item, RUN.failed())
    await says(page, ['Could not be run'])
    await armed(page, 'Sign and send')
    await button(page, 'Sign and send').click()
    await until('decided', async () => w.decisions.length === 1)
    await closed(page)
  })
  await check('run: a node that tells nothing of it, or null, shows no such part', async () => {
    for (const run of [undefined, null]) {
      w.enqueue(swap(run))
      await sheet(page).waitFor()
      await says(page, ['Swap 0.25 ETH', 'Sign and send'])
      expectNoWords(await inSheet(page), ['What it would do'], 'the sheet')
      w.queue = []
      w.tell()
      await closed(page)
    }
  })
  await check('run: bare text of a number is a number, and what is none costs only the run', async () => {
    const again = w.enqueue(swap(effects({ gas_used: '0x5208', block: { number: '0x1900000', hash: TIDAL, timestamp: '1760000000' } })))
    await sheet(page).waitFor()
    await says(page, ['run on block 26,214,400', 'It took 21,000 gas.'])
    turn(again, effects({ gas_used: 'much' }))
    await says(page, ['Could not be run: Your node tells it in another form than this page knows.', 'Swap 0.25 ETH'])
    w.queue = []
    w.tell()
    await closed(page)
  })
  await check('calls: the bytes of an unknown call are there to take along, under its number', async () => {
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: node.url })
    w.enqueue(CALLS.nested())
    await sheet(page).waitFor()
    await button(page, 'Copy data of call 2.2').click()
    await until('copied', async () => (await page.evaluate(() => navigator.clipboard.readText())) === UNKNOWN)
    w.queue = []
    w.tell()
    await closed(page)
  })
  await check('runs: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

export const ASKED_WALKS = [decidingTokens, decidingRuns]
