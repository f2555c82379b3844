// What a person does about peers: invites, takes an invitation, keeps messages, bans, forgets, opens ways and is asked
// before others learn anything. Used by states.mjs.
import { eventually, expectEmpty, expectEqual, expectNoWords, expectWords, openPage, until } from './browser.mjs'
import { png } from './feed.mjs'
import { EVERYWHERE, GIVEN, LINK, nodeKey, scriptedPeers } from './peers.mjs'
import { shownCode } from './qr.mjs'

const main = async page => (await page.locator('main').innerText()).replace(/\s+/g, ' ')
const shows = (page, ...words) => eventually(async () => expectWords(await main(page), words, 'the screen'))
const lacks = (page, ...words) => eventually(async () => expectNoWords(await main(page), words, 'the screen'))
const button = (page, name) => page.getByRole('button', { name, exact: true })
const fold = (page, name) => page.getByText(`All about it, and what you can do: ${name}`)

async function start({ browser, node, refused }, over) {
  const d = scriptedPeers(over)
  d.install(node)
  node.scene(d.topics())
  const opened = await openPage(browser.context, { expected: refused })
  await opened.page.setViewportSize({ width: 1280, height: 860 })
  await opened.page.goto(`${node.url}/#token=${node.token}`)
  await opened.page.locator('a.trust[data-s="ok"]').waitFor()
  return { ...opened, d }
}

async function inviting(all) {
  const { results: { check } } = all
  const { page, troubles, d } = await start(all)
  await check('peers: Network leads there, and back', async () => {
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Network' }).click()
    await page.getByRole('navigation', { name: 'Network' }).getByRole('link', { name: 'Peers' }).click()
    await shows(page, 'Nodes that yours is linked with', 'Inês at home')
    expectEqual(await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Network' }).getAttribute('aria-current'), 'page', 'the place in the rail')
  })
  await check('peers: an invitation is made for a name and a time, and its code says what the link says', async () => {
    await page.getByLabel('For whom').fill(' Wanjiru ')
    await page.getByLabel('Good for').selectOption({ label: 'A week' })
    await button(page, 'Make an invitation').click()
    await shows(page, 'An invitation for Wanjiru', LINK)
    await eventually(async () => expectEqual(d.calls('invite'), [{ hours: 168, label: 'Wanjiru' }], 'invited'))
    expectEqual(await shownCode(page), LINK, 'the code')
    expectEqual(await page.evaluate(() => document.activeElement.textContent), 'An invitation for Wanjiru', 'focus')
  })
  await check('peers: one that was used says so, and its link is no longer shown', async () => {
    const { invitations } = d
    d.invitations = []
    all.node.push('peers.changed', { links: 3, peers: 8 })
    await shows(page, 'This invitation was used: its node is a peer of yours now.')
    await lacks(page, LINK)
    d.invitations = invitations
    all.node.push('peers.changed', { links: 3, peers: 8 })
    await shows(page, LINK)
  })
  await check('peers: what is open is shown again and taken back', async () => {
    await button(page, 'Done').click()
    await shows(page, '1 open invitation', 'not used yet')
    await button(page, 'Take back the invitation for Wanjiru').click()
    await lacks(page, 'open invitation')
    await eventually(async () => expectEqual(d.calls('revoke'), [{ link: LINK }], 'taken back'))
  })
  await check('peers: what is no invitation is not sent; one that is shows whose it is, and goes with a name', async () => {
    const field = page.getByLabel('Invitation that you were given')
    await field.fill('hearth:peer?node=1')
    await button(page, 'Take it').click()
    await shows(page, 'That is no invitation')
    await field.fill(` ${GIVEN}\n`)
    await shows(page, '“New laptop”', 'it learns from where you call')
    await page.locator('form').filter({ hasText: 'Invitation that you were given' }).getByLabel('Your name for it').fill('Ada')
    await button(page, 'Take it').click()
    await shows(page, 'Ada', 'Calling', 'Your node calls it just now.')
    await eventually(async () => expectEqual(d.calls('add'), [{ link: GIVEN, label: 'Ada' }], 'added'))
    expectEqual(await field.inputValue(), '', 'the field')
  })
  await check('peers: what the node pushes is drawn, and takes nothing from under the hands', async () => {
    await fold(page, 'Ada').click()
    const name = page.locator('li').filter({ hasText: 'Ada' }).getByLabel('Your name for it')
    await name.fill('Ada L.')
    d.peers = d.peers.map(p => (p.node === nodeKey('New') ? { ...p, state: 'connected', how: 'tls', direction: 'out', shared_authors: 7 } : p))
    all.node.push('peers.changed', { links: 4, peers: d.peers.length })
    await shows(page, 'Four links', 'You both carry 7 people.')
    expectEqual(await name.inputValue(), 'Ada L.', 'what was typed')
  })
  await check('peers: inviting: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

// Chromium has no reader of codes on every system: this one stands in for it, and reads what the test says is there.
async function picturing(all) {
  const { browser, node, results: { check } } = all
  const d = scriptedPeers()
  d.install(node)
  node.scene(d.topics())
  const { page, troubles } = await openPage(browser.context)
  await page.addInitScript(text => {
    window.BarcodeDetector = class { async detect(image) { return image.width === 64 ? [{ rawValue: text }] : [] } }
  }, GIVEN)
  await page.goto(`${node.url}/#token=${node.token}`)
  await page.locator('a.trust[data-s="ok"]').waitFor()
  await page.evaluate(() => { location.hash = '#/peers' })
  const give = (name, mimeType, buffer) => page.locator('input[type="file"]').setInputFiles({ name, mimeType, buffer })
  await check('peers: a picture of a code is read into the field, and goes when the person says so', async () => {
    await shows(page, 'A picture of its QR code can be dropped here.', 'Choose a picture')
    await give('code.png', 'image/png', png(64))
    await shows(page, '“New laptop”')
    expectEqual([await page.getByLabel('Invitation that you were given').inputValue(), d.calls('add')], [GIVEN, []], 'read, and nothing sent')
    await button(page, 'Take it').click()
    await until('it is sent', async () => d.calls('add').length === 1)
  })
  await check('peers: a picture without a code, and a file that is no picture, say so', async () => {
    await give('sea.png', 'image/png', png(32))
    await shows(page, 'No QR code was found in that picture.')
    await give('notes.txt', 'text/plain', Buffer.from('x'))
    await shows(page, 'That is no picture. Paste the link instead.')
    await eventually(async () => expectEqual(d.calls('add').length, 1, 'sent'))
  })
  await check('peers: picturing: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function keeping(all) {
  const { results: { check } } = all
  const { page, troubles, d } = await start(all)
  const open = name => fold(page, name).click()
  await page.evaluate(() => { location.hash = '#/peers' })
  await shows(page, 'Inês at home')
  await check('peers: messages are kept for one, and no more', async () => {
    await open('Tomás Fell')
    const keeps = page.getByRole('switch', { name: 'Keep messages for each other' })
    expectEqual(await keeps.isChecked(), false, 'before')
    await keeps.click()
    await until('it is on', () => keeps.isChecked())
    await keeps.click()
    await until('it is off', async () => !(await keeps.isChecked()))
    await eventually(async () => expectEqual(d.calls('courier'), [{ node: nodeKey('Tomás Fell'), on: true }, { node: nodeKey('Tomás Fell'), on: false }], 'kept'))
  })
  await check('peers: one is named', async () => {
    await page.locator('li').filter({ hasText: 'Tomás Fell' }).getByLabel('Your name for it').fill('Harbour master')
    await button(page, 'Keep').click()
    await shows(page, 'Harbour master Tomás Fell')
    await eventually(async () => expectEqual(d.calls('label'), [{ node: nodeKey('Tomás Fell'), label: 'Harbour master' }], 'named'))
  })
  await check('peers: one is banned and allowed again', async () => {
    await button(page, 'Ban Harbour master').click()
    await button(page, 'Allow again Harbour master').click()
    await until('both were said', async () => d.calls('ban').length === 2)
    await eventually(async () => expectEqual(d.calls('ban').map(c => c.on), [true, false], 'banned'))
  })
  await check('peers: one is called, one is forgiven, one is let in', async () => {
    await open('Wanjiru Mwea')
    await button(page, 'Call it now Wanjiru Mwea').click()
    await open('Loud')
    await button(page, 'Forgive its faults Loud').click()
    await open('Somebody')
    await button(page, 'Let it in Somebody').click()
    await until('all was said', async () => d.calls('accept').length === 1)
    await eventually(async () => expectEqual([d.calls('dial'), d.calls('forgive'), d.calls('accept')], [[{ node: nodeKey('Wanjiru Mwea') }], [{ node: nodeKey('Loud') }], [{ node: nodeKey('Somebody'), on: true }]], 'said'))
  })
  await check('peers: forgetting asks first, with the focus on the answer; keeping keeps', async () => {
    await open('Forger')
    await button(page, 'Forget… Forger').click()
    await shows(page, 'Forget Forger?', 'nor that you banned it')
    expectEqual(await page.evaluate(() => document.activeElement.textContent), 'Forget Forger', 'focus')
    await page.locator('li').filter({ hasText: 'Forget Forger?' }).locator('.note').getByRole('button', { name: 'Keep', exact: true }).click()
    expectEqual(d.calls('forget'), [], 'forgotten')
    await button(page, 'Forget… Forger').click()
    await button(page, 'Forget Forger').click()
    await until('it is gone', async () => !(await main(page)).includes('Forger'))
    await eventually(async () => expectEqual(d.calls('forget'), [{ node: nodeKey('Forger') }], 'forgotten'))
  })
  await check('peers: what is refused says so, and changes nothing', async () => {
    d.fails.ban = ['busy', 'the disk is busy', 'again']
    await button(page, 'Ban Loud').click()
    await shows(page, 'It was not done', 'The disk is busy. Nothing was changed.', 'Code busy')
  })
  await check('peers: keeping: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function opening(all) {
  const { results: { check } } = all
  const { page, troubles, d } = await start(all)
  await page.evaluate(() => { location.hash = '#/reach' })
  await shows(page, 'By nobody')
  const set = () => d.calls('set_settings')
  const way = name => page.getByRole('switch', { name })
  await check('reach: nothing is on, and keyboard alone turns a way on only after it was asked', async () => {
    for (const name of [/^A port for/, /^Your home/, /^A port of/, /^Tor/, /^A meeting/, /^Passed on/]) expectEqual(await way(name).isChecked(), false, String(name))
    await way(/^A port of/).focus()
    await page.keyboard.press('Space')
    await shows(page, 'Let your peers know where you live on the internet?')
    expectEqual(set(), [], 'set')
    expectEqual(await page.evaluate(() => document.activeElement.textContent), 'Ask the router', 'focus')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await lacks(page, 'Let your peers know')
    expectEqual([set(), await way(/^A port of/).isChecked()], [[], false], 'after "leave it off"')
    expectEqual(await page.evaluate(() => document.activeElement.getAttribute('role')), 'switch', 'focus')
    await page.keyboard.press('Space')
    await page.keyboard.press('Enter')
    await until('it is on', () => way(/^A port of/).isChecked())
    expectEqual(set(), [{ map_port: true }], 'set')
  })
  await check('reach: off is off at once', async () => {
    await way(/^A port of/).click()
    await until('it is off', async () => !(await way(/^A port of/).isChecked()))
    expectEqual(set().at(-1), { map_port: false }, 'set')
  })
  await check('reach: each way that tells others of home asks with its own words; Tor does not', async () => {
    for (const [name, words] of [[/^A port for/, 'Open a port in every network of this computer?'], [/^Your home/, 'Tell the network that you are in?'], [/^A meeting/, 'Use the public table?'], [/^Passed on/, 'Let your peers pass your addresses on?'], [/^Every node/, 'Let in every node that comes?'], [/^Links without/, 'Link without encryption']]) {
      await way(name).click()
      await shows(page, words)
    }
    expectEqual(set().length, 2, 'said so far')
    await way(/^Tor/).click()
    await until('it is on', () => way(/^Tor/).isChecked())
    expectEqual(set().at(-1), { onion: true }, 'set')
  })
  await check('reach: who is told is one of three, and publishing is asked', async () => {
    await page.getByRole('radio', { name: /^Everybody/ }).click()
    await shows(page, 'Publish where your node is?')
    await button(page, 'Publish them').click()
    await until('it is chosen', () => page.getByRole('radio', { name: /^Everybody/ }).isChecked())
    await way(/^A port of/).click()
    await shows(page, 'to everybody, since your node publishes its addresses')
    await page.getByRole('radio', { name: /^Nobody/ }).click()
    await until('it is chosen', () => page.getByRole('radio', { name: /^Nobody/ }).isChecked())
    expectEqual(set().slice(-2), [{ tell: 'follows' }, { tell: 'nobody' }], 'set')
  })
  await check('reach: the port for this computer alone is kept as typed, and then asks nothing', async () => {
    await page.getByText('Where the port is, and by which names it is told').click()
    await page.getByLabel('Open to').selectOption({ label: 'This computer only' })
    await page.getByLabel('Port', { exact: true }).fill('99999')
    const keep = page.locator('form').filter({ hasText: 'Names or addresses to tell' }).getByRole('button', { name: 'Keep' })
    await keep.click()
    await shows(page, 'A port is a number from 1 to 65535')
    await page.getByLabel('Port', { exact: true }).fill('8422')
    await page.getByLabel('Names or addresses to tell').fill('nas.mara.example\n203.0.113.20:9000 ')
    await keep.click()
    await until('it is kept', async () => set().at(-1).port === 8422)
    expectEqual(set().at(-1), { port: 8422, bind: '127.0.0.1', hosts: ['nas.mara.example', '203.0.113.20:9000'] }, 'set')
    if ((await main(page)).includes('Open a port in every network')) await page.getByRole('button', { name: 'Leave it off' }).first().click()
    await way(/^A port for/).click()
    await until('it is on', () => way(/^A port for/).isChecked())
    expectEqual(set().at(-1), { listen: true }, 'set')
  })
  await check('reach: limits are kept in bytes', async () => {
    await page.getByLabel('Upload for media, kB a second').fill('250.5')
    await page.getByLabel('Room for messages of others, MiB').fill('16')
    await page.locator('form').filter({ hasText: 'Upload for media' }).getByRole('button', { name: 'Keep' }).click()
    await until('it is kept', async () => 'upload_bytes_per_s' in set().at(-1))
    expectEqual(set().at(-1), { upload_bytes_per_s: 250_500, courier_bytes: 16_777_216 }, 'set')
    await way(/^Chain data/).click()
    await until('it is off', async () => !(await way(/^Chain data/).isChecked()))
  })
  await check('reach: what the ways came to is drawn when the node says so', async () => {
    d.reach = EVERYWHERE()
    all.node.push('peers.changed', { links: 3, peers: 8 })
    await shows(page, 'From outside by 2 addresses. None of them is told to anybody.', 'through Tor')
  })
  await check('reach: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

export const PEER_WALKS = [inviting, picturing, keeping, opening]
