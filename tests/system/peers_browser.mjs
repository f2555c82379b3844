// Peers in two real browsers, each with a real node: ann opens a way to her node, invites ben by a link whose QR code says
// the same, ben takes it; both see the link, what they carry, the posts that came over it; ann bans and allows, ben forgets.
// axe on each screen, and 360 px. No provider, no relay: what arrives came over the link.
//
//   node tests/system/peers_browser.mjs [--hearth FILE] [--screens DIR]
//
// The last line is "N passed, N failed, N skipped".
import { generateSecretKey, getPublicKey, nip19 } from 'nostr-tools'
import { axe, counter, eventually, expectEmpty, expectEqual, expectNoWords, expectWords, launch, openPage, overflow, screenshot } from '../ui/browser.mjs'
import { shownCode } from '../ui/qr.mjs'
import { dataDir, expect, Hearth, option, tidy, until } from './hearth.mjs'
import { Owner } from './wallet_owner.mjs'

const { check, ...results } = counter()
const PASSPHRASE = 'a long enough passphrase'
const SLOW_MS = 20000
const screens = option('--screens')

async function person(name) {
  const secret = generateSecretKey()
  const node = await Hearth.start({ network: 'mainnet', dir: await dataDir(name), beacons: ['http://127.0.0.1:9'] })
  const owner = new Owner(node)
  await owner.create(PASSPHRASE)
  await owner.import('nsec', [nip19.nsecEncode(secret)])
  await until('the key is known', async () => (await node.call('social.me')).pubkey === getPublicKey(secret))
  const browser = await launch()
  const { page, troubles } = await openPage(browser.context)
  await page.goto(node.url)
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Network' }).waitFor({ timeout: SLOW_MS })
  return { name, node, owner, browser, page, troubles, key: getPublicKey(secret) }
}

const main = page => page.locator('main').innerText().then(text => text.replace(/\s+/g, ' '))
const shows = ({ name, page }, ...words) => eventually(async () => expectWords(await main(page), words, `${name} sees`), SLOW_MS)
const lacks = ({ name, page }, ...words) => eventually(async () => expectNoWords(await main(page), words, `${name} sees`), SLOW_MS)
const goes = ({ page }, to) => page.evaluate(hash => { location.hash = hash }, to)
const button = ({ page }, name) => page.getByRole('button', { name, exact: true })
const row = ({ page }, name) => page.locator('li.over').filter({ hasText: name }).first()

let shot = 0
async function isGood(who, screen) {
  await check(`${who.name}, ${screen}: axe, and no wider than 360 px`, async () => {
    expectEmpty(await axe(who.page), 'violations')
    await screenshot(who.page, screens, `${++shot}-${screen.replace(/\W+/g, '-')}`)
    await who.page.setViewportSize({ width: 360, height: 780 })
    expectEmpty(await overflow(who.page), 'overflow')
    await screenshot(who.page, screens, `${shot}-${screen.replace(/\W+/g, '-')}-360`)
    await who.page.setViewportSize({ width: 1280, height: 860 })
  })
}

const ann = await person('ann')
const ben = await person('ben')
let link

// --- a way to the node -------------------------------------------------------------------------------------------------

await check('at first nothing is on and nobody can come', async () => {
  await goes(ann, '#/network')
  await ann.page.getByRole('link', { name: 'How others reach you' }).click()
  await shows(ann, 'By nobody: your node calls others', 'Nobody can come to your node')
  for (const name of [/^A port for/, /^Your home/, /^A port of/, /^Tor/, /^A meeting/, /^Passed on/, /^Every node/]) {
    expectEqual(await ann.page.getByRole('switch', { name }).isChecked(), false, String(name))
  }
})
await isGood(ann, 'nothing is on')

await check('an invitation from there says that nobody can come by it', async () => {
  await goes(ann, '#/peers')
  await shows(ann, 'No peers yet')
  await button(ann, 'Make an invitation').click()
  await shows(ann, 'listens nowhere')
  await button(ann, 'Done').click()
  await button(ann, 'Take back the invitation for Somebody').click()
  await lacks(ann, 'open invitation')
})

await check('a port on this computer alone opens without a question, and its address is shown', async () => {
  await goes(ann, '#/reach')
  await ann.page.getByText('Where the port is, and by which names it is told').click({ timeout: SLOW_MS })
  await ann.page.getByLabel('Open to').selectOption({ label: 'This computer only' })
  const keep = ann.page.locator('form').filter({ hasText: 'Names or addresses to tell' }).getByRole('button', { name: 'Keep' })
  await keep.click()
  await until('it is kept', async () => (await ann.owner.call('peers.settings')).bind === '127.0.0.1')
  const way = ann.page.getByRole('switch', { name: /^A port for/ })
  await until('no question is asked', async () => {
    if (!(await way.isChecked())) await way.click()
    return (await ann.owner.call('peers.settings')).listen
  })
  await shows(ann, /wss:\/\/127\.0\.0\.1:\d+/, 'from this computer only')
  expectNoWords(await main(ann.page), ['Open a port in every network'], 'ann sees')
})
await isGood(ann, 'listening')

// --- the link ------------------------------------------------------------------------------------------------------------

await check('ann invites ben, and the code says what the link says', async () => {
  await goes(ann, '#/peers')
  await ann.page.getByLabel('For whom').fill('Ben')
  await button(ann, 'Make an invitation').click()
  await shows(ann, 'An invitation for Ben', 'hearth:peer?')
  link = (await ann.page.locator('code.raw').first().innerText()).replace(/\s+/g, '')
  expect(link.includes('127.0.0.1'), link)
  expectEqual(await shownCode(ann.page), link, 'the code')
})
await isGood(ann, 'an invitation')

await check('ann cannot take it herself', async () => {
  await ann.page.getByLabel('Invitation that you were given').fill(link)
  await button(ann, 'Take it').click()
  await shows(ann, 'That invitation is your own node’s.', 'Code own_node')
})
await check('ben takes it, and each sees the link, by TLS and who called', async () => {
  await goes(ben, '#/peers')
  await shows(ben, 'No peers yet')
  await ben.page.getByLabel('Invitation that you were given').fill(link)
  await shows(ben, 'Your node will call it at 127.0.0.1:')
  await ben.page.getByLabel('Your name for it').fill('Ann')
  await button(ben, 'Take it').click()
  await shows(ben, 'Ann', 'Linked', 'Your node called it, by TLS with its key pinned', 'One link of 8')
  await shows(ann, 'Ben', 'Linked', 'It came to you, by TLS with its key pinned', 'This invitation was used')
})
await check('what one writes the other has, over the link, and the page says what both carry', async () => {
  for (const [one, other] of [[ann, ben], [ben, ann]]) await one.owner.call('social.follow', { pubkey: other.key, on: true })
  await until('scopes are told', async () => (await ann.owner.call('peers.list')).peers[0]?.shared_authors >= 1 && (await ben.owner.call('peers.list')).peers[0]?.shared_authors >= 1, SLOW_MS)
  await ann.owner.call('social.post', { content: 'Over the link' })
  await goes(ben, '#/feed')
  await shows(ben, 'Over the link')
  await goes(ben, '#/peers')
  await shows(ben, 'You both carry 1 person.', 'New to you')
  await shows(ben, /[\d.]+ (?:bytes|kB) in, [\d.]+ (?:bytes|kB) out\./)
})
await check('all about a peer, and messages kept for it', async () => {
  await row(ann, 'Ben').getByText('All about it').click()
  await shows(ann, 'it took yours', 'The other node compares, for both', 'none')
  await row(ben, 'Ann').getByText('All about it').click()
  await shows(ben, 'you took its invitation', 'Both have the same', '127.0.0.1:')
  const keeps = ann.page.getByRole('switch', { name: 'Keep messages for each other' })
  await keeps.click()
  await until('it is on', () => keeps.isChecked(), SLOW_MS)
  await shows(ann, 'You keep sealed messages for it while it is away.')
  expectEqual((await ann.owner.call('peers.list')).peers[0].is_courier, true, 'courier')
})
await isGood(ann, 'all about a peer')

// --- its end ---------------------------------------------------------------------------------------------------------------

await check('banned, the link ends, and ben is told why; allowed and called again, it is back', async () => {
  await button(ann, 'Ban Ben').click()
  await shows(ann, 'Banned', 'You banned it')
  await shows(ben, 'It does not let your node in.')
  await button(ann, 'Allow again Ben').click()
  await lacks(ann, 'You banned it')
  // Its own node calls again after a while; the owner need not wait.
  await until('they are linked', async () => {
    const { peers: [peer] } = await ben.owner.call('peers.list')
    if (peer.state === 'connected') return true
    for (const name of ['Forgive its faults Ann', 'Call it now Ann']) if (await button(ben, name).count()) await button(ben, name).click({ timeout: 1000 }).catch(() => {})
    return false
  }, SLOW_MS, 250)
  await shows(ben, 'Linked')
})
await check('a node that stops is shown as gone, with the time', async () => {
  expectEqual(await ann.node.stop(), 0, 'exit code')
  await shows(ben, 'Last linked', /0 links of 8|No links of 8/)
  await eventually(async () => expectWords(await main(ann.page), ['Node unreachable since', 'This stands as of'], 'ann sees'), SLOW_MS)
})
await isGood(ben, 'a peer that is gone')
await check('forgotten, it is gone from the list', async () => {
  await button(ben, 'Forget… Ann').click()
  await shows(ben, 'Forget Ann?')
  await button(ben, 'Forget Ann').click()
  await shows(ben, 'No peers yet')
  expectEqual((await ben.owner.call('peers.list')).peers, [], 'peers')
})

await check('ben: quiet console', async () => expectEmpty(ben.troubles(), 'troubles'))
for (const who of [ann, ben]) await who.browser.close()
expectEqual(await ben.node.stop(), 0, 'exit code')
await tidy()
results.finish()
process.exit()
