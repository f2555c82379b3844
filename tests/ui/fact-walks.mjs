// What a person does with facts of the chain, keyboard first: looks things up, goes from block to block,
// opens, copies and saves evidence; and what happens to a fact while the chain moves. Used by states.mjs.
import { readFile } from 'node:fs/promises'
import { eventually, expectEmpty, expectEqual, expectNoWords, expectWords, openPage, screenshot, until } from './browser.mjs'
import { withExecution } from './fact-states.mjs'
import { account, block, blockHash, evidence, HEAD, MARA, refusal, transaction, TX } from './facts.mjs'
import { header, SCENES, status } from './scenes.mjs'

const SLOT = 14_714_907
const main = async page => (await page.locator('main').innerText()).replace(/\s+/g, ' ')
const shows = (page, words) => until(`"${words}" is drawn`, async () => (await main(page)).includes(words))
const focused = page => page.evaluate(() => document.activeElement.textContent.replace(/\s+/g, ' ').trim())
const asked = (node, method) => node.calls.filter(c => c.method === method).map(c => c.params)
const nextHead = (node, n = 1) => node.push('l1.status', status({ head: header({ ageMs: 1000, slot: SLOT + n, level: 'head' }) }))

async function start({ browser, node }, scene = SCENES.live()) {
  node.scene(scene)
  const opened = await openPage(browser.context)
  await opened.page.goto(`${node.url}/#token=${node.token}`)
  await opened.page.locator('a.trust').waitFor()
  return opened
}

async function lookUp(all) {
  const { node, results: { check } } = all
  const { page, troubles } = await start(all)
  const numberOf = id => (typeof id === 'number' ? id : HEAD)
  node.methods.set('l1.block', ({ block: id }) => (id === TX ? refusal('block_not_found', 'unknown') : { result: block(numberOf(id)) }))
  node.methods.set('l1.transaction', ({ hash }) => (hash === TX ? { result: transaction() } : refusal('tx_not_found', 'unknown')))
  node.methods.set('l1.account', ({ block: tag }) => ({ result: account(tag) }))
  const box = page.locator('.find input')
  const type = async text => {
    await box.fill(text)
    await box.press('Enter')
  }
  await check('keyboard: an address in the box at the top opens its account, and the h1 has the focus', async () => {
    await type(`  ${MARA.slice(2).toUpperCase()} `)
    await shows(page, '4.2137 ETH')
    await until('focus on h1', async () => (await focused(page)) === 'Account')
    expectEqual(await page.title(), 'Account · Hearth', 'title')
    expectEqual(await page.locator('nav [aria-current="page"]').innerText(), 'Look up', 'current place')
    expectEqual(await box.inputValue(), '', 'the box')
    await eventually(async () => expectEqual(asked(node, 'l1.account').map(p => p.block).sort(), ['finalized', 'latest'], 'levels asked for'))
  })
  await check('a number with separators opens its block', async () => {
    await type('26,214,800')
    await shows(page, 'Block 26,214,800')
    await shows(page, 'Fee recipient')
    expectEqual(asked(node, 'l1.block').at(-1), { block: 26_214_800 }, 'the call')
    expectEqual(await page.title(), 'Block 26,214,800 · Hearth', 'title')
  })
  await check('the blocks beside it are one step away', async () => {
    await page.getByRole('link', { name: '26,214,801' }).click()
    await shows(page, 'Block 26,214,801')
    await page.getByRole('link', { name: '26,214,800' }).click()
    await shows(page, 'Block 26,214,800')
  })
  await check('a hash opens the transaction when it is one, and "back" does not end between', async () => {
    await type(TX)
    await shows(page, 'It was carried out and is final.')
    expectEqual(new URL(page.url()).hash, `#/tx/${TX}`, 'address')
    await page.goBack()
    await shows(page, 'Block 26,214,800')
  })
  await check('a hash opens the block when it is one', async () => {
    await type(blockHash(HEAD))
    await until('the page of the block', async () => new URL(page.url()).hash === `#/block/${blockHash(HEAD)}`)
    await shows(page, 'Fee recipient')
  })
  await check('what cannot be looked up says why, and can be typed again', async () => {
    await type('0x1234567890123456')
    await shows(page, 'It has 16 digits after 0x. An address has 40, a hash has 64.')
    const large = page.getByLabel('Address, transaction or block')
    expectEqual(await large.inputValue(), '0x1234567890123456', 'the box')
    await large.fill('latest')
    await large.press('Enter')
    await shows(page, 'The newest block, 26,214,907')
  })
  await check('an address in the address bar that is none leads to the search', async () => {
    await page.evaluate(() => { location.hash = '#/account/0x12' })
    await shows(page, 'It has 2 digits after 0x.')
  })
  await check('in a narrow window the search is a place in the bar', async () => {
    await page.setViewportSize({ width: 320, height: 640 })
    await until('no box in the top bar', async () => !(await box.isVisible()))
    await page.locator('nav[aria-label="Main"]').getByRole('link', { name: 'Look up' }).click()
    await shows(page, 'Look something up')
    await page.setViewportSize({ width: 1280, height: 860 })
  })
  await check('look up: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function moving(all) {
  const { node, results: { check } } = all
  const { page, troubles } = await start(all)
  let balance = '1000000000000000000'
  let answer = ({ block: tag }) => ({ result: account(tag, { balance }) })
  node.methods.set('l1.account', params => answer(params))
  await page.evaluate(to => { location.hash = to }, `#/account/${MARA}`)
  await shows(page, 'An account without code with 1 ETH')
  await check('an account is asked for again when the head moves, and only what moved', async () => {
    const before = asked(node, 'l1.account')
    balance = '2000000000000000000'
    nextHead(node, 1)
    await shows(page, 'An account without code with 2 ETH')
    const now = asked(node, 'l1.account').slice(before.length)
    expectEqual(now.map(p => p.block), ['latest'], 'calls')
  })
  await check('the same head told twice asks nothing', async () => {
    const before = asked(node, 'l1.account').length
    nextHead(node, 1)
    nextHead(node, 1)
    await page.evaluate(() => 0)
    expectEqual(asked(node, 'l1.account').length, before, 'calls')
  })
  await check('a value that could not be asked for again is kept, and is not called proven', async () => {
    answer = () => refusal('no_provider', 'no provider answers')
    nextHead(node, 2)
    await eventually(async () => expectWords(await main(page), ['This has grown old', '2 ETH', 'No provider answers. What you see was proven before.', 'Code no_provider', 's old'], 'the screen'))
    await eventually(async () => expectNoWords(await page.locator('section[aria-labelledby="head-h"]').innerText(), [/\bProven\b/], 'the balance'))
    await screenshot(page, all.screensDir, 'walk-account-aged-1280')
  })
  await check('"Ask again" asks, and makes it proven', async () => {
    answer = ({ block: tag }) => ({ result: account(tag, { balance: '3000000000000000000' }) })
    await page.getByRole('button', { name: 'Ask again' }).first().click()
    await shows(page, 'An account without code with 3 ETH, proven against the newest block.')
    await eventually(async () => expectNoWords(await main(page), ['This has grown old'], 'the screen'))
  })
  await check('an answer for what is not wanted any more is dropped', async () => {
    node.methods.set('l1.block', ({ block: id }) => (id === 7 ? null : { result: block(id) }))
    await page.evaluate(() => { location.hash = '#/block/7' })
    await shows(page, 'Block 7')
    await page.evaluate(() => { location.hash = '#/block/26214800' })
    await shows(page, 'Fee recipient')
    expectWords(await main(page), ['Block 26,214,800'], 'the screen')
  })
  await check('a final block is not asked for again', async () => {
    const before = asked(node, 'l1.block').length
    nextHead(node, 3)
    await until('the head moved', async () => (await page.locator('a.trust').innerText()).includes('26,214,910'))
    expectEqual(asked(node, 'l1.block').length, before, 'calls')
  })
  await check('a block that is not there yet comes by itself', async () => {
    node.methods.set('l1.block', () => refusal('block_in_future', 'not yet'))
    await page.evaluate(() => { location.hash = '#/block/26214911' })
    await shows(page, 'There is no such block yet')
    node.methods.set('l1.block', ({ block: id }) => ({ result: block(id) }))
    nextHead(node, 4)
    await shows(page, 'Fee recipient')
  })
  await check('a fact asked for over a lost connection is asked for again', async () => {
    node.methods.set('l1.transaction', () => null)
    await page.evaluate(to => { location.hash = to }, `#/tx/${TX}`)
    await until('asked', async () => asked(node, 'l1.transaction').length > 0)
    node.methods.set('l1.transaction', () => ({ result: transaction() }))
    await node.down()
    await page.locator('.frame.dim').waitFor()
    await node.up()
    await page.getByRole('button', { name: 'Retry now' }).click()
    await shows(page, 'It was carried out and is final.')
  })
  await check('moving: no exception', async () => expectEmpty(troubles().filter(t => !/WebSocket|Failed to load/.test(t)), 'troubles'))
  await page.close()
}

async function evidenceWalk(all) {
  const { browser, node, results: { check } } = all
  const { page, troubles } = await start(all, withExecution())
  const file = evidence(7, { answer: '<img src=x onerror=alert(1)>' + 'z'.repeat(9000), answer_is_cut: true })
  node.methods.set('l1.evidence', () => ({ result: file }))
  await page.evaluate(() => { location.hash = '#/network/evidence' })
  const button = page.getByRole('button', { name: 'Show evidence' })
  await check('keyboard: evidence opens under its button, as text, its beginning first', async () => {
    await button.focus()
    expectEqual(await button.getAttribute('aria-expanded'), 'false', 'aria-expanded')
    await page.keyboard.press('Enter')
    await page.getByText('Save the evidence').waitFor()
    expectEqual(asked(node, 'l1.evidence'), [{ id: 7 }], 'calls')
    expectWords(await main(page), ['<img src=x onerror=alert(1)>zzz', 'of which the beginning was kept', 'the beginning is shown here'], 'the evidence')
    expectEqual(await page.locator('main img').count(), 0, 'images')
  })
  await check('evidence is saved whole, as a JSON file', async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save the evidence' }).click()])
    expectEqual(download.suggestedFilename(), 'hearth-evidence-7.json', 'name')
    expectEqual(JSON.parse(await readFile(await download.path(), 'utf8')), file, 'the file')
  })
  await check('evidence is copied whole', async () => {
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: node.url })
    await page.getByRole('button', { name: 'Copy it evidence' }).click()
    await page.getByText('Copied').first().waitFor()
    expectEqual(JSON.parse(await page.evaluate(() => navigator.clipboard.readText())), file, 'the clipboard')
  })
  await check('hidden and shown again it is not fetched again', async () => {
    await page.getByRole('button', { name: 'Hide evidence' }).click()
    await button.click()
    await page.getByText('Save the evidence').waitFor()
    expectEqual(asked(node, 'l1.evidence').length, 1, 'calls')
  })
  await check('the RPC address is copied whole', async () => {
    await page.evaluate(() => { location.hash = '#/connect' })
    await page.getByRole('button', { name: 'Copy RPC address' }).click()
    await page.getByText('Copied').first().waitFor()
    expectEqual(await page.evaluate(() => navigator.clipboard.readText()), `${node.url}/eth`, 'the clipboard')
  })
  await check('what is sent follows the node', async () => {
    node.push('l1.outbox', { transactions: [] })
    await shows(page, 'Nothing is under way.')
  })
  await check('evidence: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

export const FACT_WALKS = [lookUp, moving, evidenceWalk]
