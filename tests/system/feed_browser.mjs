// The feeds of two people in two real browsers, each with a real node: alice, whose door is at an address of her own, and bob, who follows her and has
// her door as a relay. Posts, replies, reactions, mutes, search, polls, a picture that is loaded by consent, private messages; axe on each screen. The
// test moves into a network of its own where it may (unshare), so that her door has an address that counts as public; where it may not, or with
// HEARTH_NO_NETWORK=1, what needs one is skipped.
//
//   node tests/system/feed_browser.mjs [--hearth FILE] [--screens DIR]
//
// The last line is "N passed, N failed, N skipped".
import { spawnSync } from 'node:child_process'
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import { generateSecretKey, getPublicKey, nip19 } from 'nostr-tools'
import { png } from '../ui/feed.mjs'
import { axe, counter, eventually, expectEmpty, expectEqual, expectNoWords, expectWords, launch, openPage, overflow, screenshot, until as soon } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, option, tidy, until } from './hearth.mjs'
import { Owner } from './wallet_owner.mjs'

// For documentation only, so nobody's (RFC 5737); and public as far as a node can tell.
const PUBLIC = '203.0.113.7'
const hasPublic = () => Object.values(networkInterfaces()).flat().some(one => one.address === PUBLIC)
const MAKE = `ip link set lo up && ip addr add ${PUBLIC}/32 dev lo`
const inOwn = (script, args, options) => spawnSync('unshare', ['-rn', 'sh', '-c', script, 'sh', ...args], options)
if (!hasPublic() && !process.env.HEARTH_NO_NETWORK && inOwn(MAKE, []).status === 0) {
  const run = inOwn(`${MAKE} && exec "$@"`, [process.execPath, fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  process.exit(run.status ?? 1)
}

const { check, skip, ...results } = counter()
const PASSPHRASE = 'a long enough passphrase'
const screens = option('--screens')
const SLOW_MS = 20000
const listen = hasPublic() ? PUBLIC : '127.0.0.1'

async function owned(name, secret, args) {
  const node = await Hearth.start({ network: 'mainnet', dir: await dataDir(name), beacons: ['http://127.0.0.1:9'], args })
  const owner = new Owner(node)
  await owner.create(PASSPHRASE)
  await owner.import('nsec', [nip19.nsecEncode(secret)])
  await until('the key is known', async () => (await node.call('social.me')).pubkey === getPublicKey(secret))
  const browser = await launch()
  const { page, troubles } = await openPage(browser.context)
  await page.goto(node.url)
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Feed' }).waitFor()
  const door = (await node.call('node.door')).url
  // A door is at another origin than the page, and its own node's may be asked.
  const foreign = () => troubles().filter(line => !line.startsWith(`foreign request: ${door.replace('ws', 'http')}`))
  return { name, node, owner, page, door, browser, troubles: foreign, key: getPublicKey(secret) }
}

const main = page => page.locator('main').innerText().then(text => text.replace(/\s+/g, ' '))
const shows = ({ page }, ...words) => eventually(async () => expectWords(await main(page), words, 'the screen'), SLOW_MS)
const goes = async ({ page }, to) => page.evaluate(hash => { location.hash = hash }, to)
const button = ({ page }, name) => page.getByRole('button', { name, exact: true })
const field = ({ page }, name) => page.locator('textarea, input').and(page.getByLabel(name, { exact: true }))
const article = ({ page }, text) => page.locator('article').filter({ hasText: text })

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

const alice = await owned('alice', generateSecretKey(), ['--relay-listen', listen])
const bob = await owned('bob', generateSecretKey(), [])
await bob.owner.call('social.set_settings', { relays: [{ url: alice.door, read: true, write: true }] })
await until('bob’s relay is known', async () => (await bob.node.call('social.me')).relays.length === 1)

await check('each follows the other from their page', async () => {
  for (const [one, other] of [[alice, bob], [bob, alice]]) {
    await goes(one, `#/author/${nip19.npubEncode(other.key)}`)
    await button(one, 'Follow').click({ timeout: SLOW_MS })
    await button(one, 'Unfollow').waitFor({ timeout: SLOW_MS })
  }
})
await check('both say who they are, and which relays are theirs, once they want to', async () => {
  for (const one of [alice, bob]) {
    await one.owner.call('social.set_profile', { name: one.name })
    await goes(one, '#/moderation')
    const relays = field(one, 'Your relays, each on a line')
    await relays.waitFor({ timeout: SLOW_MS })
    if (one === alice) {
      await relays.fill(alice.door)
      await button(one, 'Keep these rules').click()
    }
    await button(one, 'Tell others where I read and write').click({ timeout: SLOW_MS })
    await shows(one, 'Published')
  }
  await until('alice knows where messages reach bob', async () => (await alice.node.call('social.export')).lines.some(line => line.includes(`"pubkey":"${bob.key}"`) && line.includes('"kind":10050')), SLOW_MS, 200)
})
await check('bob’s feed is empty, and says how many were asked', async () => {
  await goes(bob, '#/feed')
  await shows(bob, 'No posts seen yet', 'Asked 1 relay, 1 answered.')
})
await isGood(bob, 'an empty feed')

await check('alice posts; bob is told of one new post, and reads it when he wants to', async () => {
  await goes(alice, '#/feed')
  await field(alice, 'Post as alice').fill('The lamp is lit at the quay.')
  await button(alice, 'Sign and post').click()
  await shows(alice, 'Signed and kept here', 'The lamp is lit at the quay.')
  await shows(bob, '1 new post')
  expectNoWords(await main(bob.page), ['The lamp is lit'], 'the screen')
  await button(bob, '1 new post').click()
  await shows(bob, 'The lamp is lit at the quay.', 'alice', 'Signed')
})
await isGood(bob, 'a feed')
await check('bob replies and reacts with a sign of his own', async () => {
  const post = article(bob, 'The lamp is lit').first()
  await post.getByRole('button', { name: /^Reply/ }).click()
  await field(bob, 'Reply to alice').fill('I see it from the harbour.')
  await post.getByRole('button', { name: 'Sign and post' }).click()
  await eventually(async () => expectEqual(await field(bob, 'Reply to alice').count(), 0, 'replies being written'), SLOW_MS)
  await post.getByRole('button', { name: 'React with another sign' }).click()
  await post.getByRole('button', { name: 'party' }).click()
  await post.getByRole('button', { name: /^You reacted with 🎉/ }).waitFor({ timeout: SLOW_MS })
})
await check('alice is told of both, and her post shows the sign', async () => {
  await until('two notifications', async () => /Notifications 2/.test((await alice.page.getByRole('navigation', { name: 'Feed' }).innerText()).replace(/\s+/g, ' ')), SLOW_MS)
  await goes(alice, '#/notifications')
  await shows(alice, 'I see it from the harbour.', 'reacted with 🎉', 'Signed')
  await article(alice, 'I see it from the harbour.').getByRole('link', { name: /open the thread/ }).click()
  await shows(alice, '1 reply seen, oldest first.')
  expectWords(await article(alice, 'The lamp is lit').first().innerText(), ['🎉 1'], 'the post')
  await goes(alice, '#/notifications')
  await article(alice, 'reacted with').getByRole('link', { name: /open the thread/ }).click()
  await shows(alice, '1 reply seen, oldest first.')
})
await isGood(alice, 'a thread')
await check('back among the notifications', async () => {
  await goes(alice, '#/notifications')
  await shows(alice, 'I see it from the harbour.')
})
await isGood(alice, 'notifications')

await check('bob quotes, and alice sees what he quotes with its own signature', async () => {
  const post = article(bob, 'The lamp is lit').first()
  await post.getByRole('button', { name: 'More' }).click()
  await post.getByRole('button', { name: 'Quote', exact: true }).click()
  await field(bob, 'Quote alice').fill('Worth a walk.')
  await post.locator('form').getByRole('button', { name: 'Sign and post' }).click()
  await eventually(async () => expectEqual(await field(bob, 'Quote alice').count(), 0, 'quotes being written'), SLOW_MS)
  await goes(alice, '#/feed')
  await eventually(async () => {
    const fresh = alice.page.getByRole('button', { name: /new posts?$/ })
    if (await fresh.count()) await fresh.click()
    expectWords(await main(alice.page), ['Worth a walk.'], 'the screen')
  }, SLOW_MS)
  expectWords(await article(alice, 'Worth a walk.').first().locator('.quote').innerText(), ['alice', 'Signed', 'The lamp is lit'], 'the quoted post')
})
await check('alice mutes a word: what holds it is left out, told as a number, and can be had folded', async () => {
  await goes(alice, '#/moderation/muted')
  await field(alice, 'Mute a word').fill('harbour')
  await alice.page.keyboard.press('Enter')
  await shows(alice, '“harbour”', '1 entry')
  await goes(alice, '#/notifications')
  await shows(alice, '1 post left out')
  expectNoWords(await main(alice.page), ['I see it from the harbour.'], 'the screen')
  await button(alice, 'Show it folded').click()
  await shows(alice, 'It holds “harbour”, which you muted. Show')
})
await isGood(alice, 'what is muted')
await check('it is had back with its undo', async () => {
  await goes(alice, '#/moderation/muted')
  await button(alice, 'Unmute “harbour”').click()
  await shows(alice, '“harbour” is shown again.')
  await button(alice, 'Undo').click()
  await shows(alice, '1 entry')
  await button(alice, 'Unmute “harbour”').click()
  await shows(alice, '0 entries', 'What your node keeps', 'How long posts stay')
})
await isGood(alice, 'moderation')
await check('a search finds it again, and what is not there is said so', async () => {
  await goes(alice, '#/search')
  await alice.page.getByLabel('Words, or somebody’s npub').fill('harbour')
  await alice.page.keyboard.press('Enter')
  await shows(alice, 'I see it from the harbour.')
  await goes(alice, '#/search/zeppelin')
  await shows(alice, 'Nothing found')
})
await isGood(alice, 'a search')

await check('a poll is asked, and both votes are counted on both sides', async () => {
  await goes(alice, '#/feed')
  await field(alice, 'Post as alice').fill('When do we meet?')
  await alice.page.getByText('Warning, end, title, poll').click()
  await field(alice, 'Choices of a poll, each on a line').fill('Monday\nTuesday')
  await button(alice, 'Sign and post').click()
  await article(alice, 'When do we meet?').first().getByRole('button', { name: 'Vote for Monday' }).click({ timeout: SLOW_MS })
  await eventually(async () => expectWords(await article(alice, 'When do we meet?').first().innerText(), ['1 vote', 'yours'], 'the poll'), SLOW_MS)
  await button(bob, '1 new post').click({ timeout: SLOW_MS })
  await article(bob, 'When do we meet?').first().getByRole('button', { name: 'Vote for Tuesday' }).click({ timeout: SLOW_MS })
  await until('two votes with alice', async () => {
    const { posts } = await alice.node.call('social.feed', { view: 'author', author: alice.key })
    return posts.find(p => p.poll)?.poll.options.every(o => o.votes === 1)
  }, SLOW_MS, 200)
})

// A tiny picture of one colour.
const PICTURE = { name: 'lamp.png', mimeType: 'image/png', buffer: png(96) }
const isDrawn = ({ page }) => page.locator('article a.medium img').first().evaluate(img => img.complete && img.naturalWidth)
await check('alice adds a picture: hashed in her browser, taken by her door, shown from it', async () => {
  await alice.page.locator('input[type=file]').first().setInputFiles(PICTURE)
  await shows(alice, 'lamp.png', 'image/png', 'at your door', 'a photo may name its place and camera (EXIF)')
  await isGood(alice, 'a picture being added')
  await field(alice, 'Post as alice').fill('This is how it looks.')
  await button(alice, 'Sign and post').click()
  await shows(alice, 'This is how it looks.')
  await soon('it is drawn', async () => (await isDrawn(alice)) === 96, SLOW_MS)
  const { blobs } = await alice.node.call('social.media')
  expectEqual(blobs.map(b => [b.type, b.size, b.from]), [['image/png', PICTURE.buffer.length, 'mine']], 'blobs')
})
await check('bob gets a box in its place, and nothing is fetched', async () => {
  await button(bob, '1 new post').click({ timeout: SLOW_MS })
  await shows(bob, 'This is how it looks.', `Picture at ${new URL(alice.door).host}, not loaded`, 'Said to be image/png', 'sees your node’s address')
  expectEqual((await bob.node.call('social.media')).blobs, [], 'blobs')
  expectEqual(await bob.page.locator('article img').count(), 0, 'pictures')
})
await isGood(bob, 'a picture not loaded')
if (listen === PUBLIC) {
  await check('he loads it through his node: from her door, by its hash, shown from his own', async () => {
    await article(bob, 'This is how it looks.').first().getByRole('button', { name: 'Load it through my node' }).click()
    await soon('it is drawn', async () => (await bob.page.locator('article a.medium img').count()) && (await isDrawn(bob)) === 96, SLOW_MS)
    expect((await bob.page.locator('article a.medium img').first().getAttribute('src')).startsWith(bob.door.replace('ws', 'http')), 'it is shown from elsewhere')
    expectEqual((await bob.node.call('social.media')).blobs.map(b => b.from), ['fetched'], 'blobs')
  })
  await isGood(bob, 'a picture loaded')
} else skip('bob loads the picture', 'this machine gives the test no network of its own, and his node fetches from public addresses alone')
await check('what lies in his own network is not fetched for anybody’s post, and he is told', async () => {
  await field(alice, 'Post as alice').fill('And https://127.0.0.1:9/inner.png')
  await button(alice, 'Sign and post').click()
  await button(bob, '1 new post').click({ timeout: SLOW_MS })
  await article(bob, 'And [picture below]').first().getByRole('button', { name: 'Load it through my node' }).click({ timeout: SLOW_MS })
  await shows(bob, 'It was not loaded', 'Code private_address')
})

await check('alice begins a conversation from bob’s page, and sees that it went', async () => {
  await goes(alice, `#/author/${bob.key}`)
  await alice.page.getByRole('link', { name: 'Write a message' }).click({ timeout: SLOW_MS })
  await field(alice, 'Your message').fill('Only for you.')
  await button(alice, 'Seal and send').click()
  await shows(alice, 'Only for you.')
  await eventually(async () => expectEqual(await field(alice, 'Your message').inputValue(), '', 'the field'), SLOW_MS)
})
await check('bob has one unread, reads it, and answers it', async () => {
  await goes(bob, '#/messages')
  await shows(bob, 'alice', 'Only for you.', '1 unread')
  await bob.page.getByRole('main').getByRole('link', { name: 'alice' }).click()
  await bob.page.getByRole('button', { name: 'Reply to: Only for you.' }).click({ timeout: SLOW_MS })
  await field(bob, 'Your message').fill('Nobody else heard it.')
  await button(bob, 'Seal and send').click()
  await shows(bob, 'Nobody else heard it.', 'took it')
  await until('it is read', async () => (await bob.node.call('social.conversations')).conversations[0].unread === 0, SLOW_MS)
})
await isGood(bob, 'a talk')
await check('alice reads the answer', async () => {
  await shows(alice, 'Nobody else heard it.')
  expectEqual(await alice.page.locator('.bubble .answered').innerText(), 'Only for you.', 'what it answers')
})
await check('what was said stands in no file of either node', async () => {
  for (const { node } of [alice, bob]) {
    const { lines } = await node.call('social.export')
    expect(!lines.some(line => line.includes('Only for you') || line.includes('Nobody else heard')), 'a message is in the export')
  }
})
await check('with the vault closed the messages are gone, and come back with it', async () => {
  await bob.owner.lock()
  await shows(bob, 'Locked', 'Messages are sealed to your key')
  expectNoWords(await main(bob.page), ['Only for you.'], 'the screen')
  await isGood(bob, 'messages locked')
  await field(bob, 'Passphrase').fill(PASSPHRASE)
  await button(bob, 'Unlock').click()
  await shows(bob, 'Only for you.', 'Nobody else heard it.')
})
await check('both consoles are quiet, and neither page asked anybody but its node', async () => {
  expectEmpty([...alice.troubles(), ...bob.troubles()], 'troubles')
})

for (const { browser, node } of [alice, bob]) {
  await browser.close()
  await node.stop()
}
await tidy()
results.finish()
process.exit()
