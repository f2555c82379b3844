// What a person does with messages, files, names and mutes in the feeds. Used by feed-walks.mjs.
import { axe, eventually, expectEmpty, expectEqual, expectNoWords, expectWords, openPage, until } from './browser.mjs'
import { hashOf, ID, INES, JUN, png, scriptedFeed } from './feed.mjs'

const main = async page => (await page.locator('main').innerText()).replace(/\s+/g, ' ')
const shows = (page, ...words) => eventually(async () => expectWords(await main(page), words, 'the screen'))
const button = (page, name) => page.getByRole('button', { name, exact: true })
const field = (page, name) => page.getByLabel(name, { exact: true })
const goes = (page, to) => page.evaluate(hash => { location.hash = hash }, to)
const said = (page, words) => until(`"${words}" is said`, async () => (await page.locator('p[role=status]').last().textContent()) === words)
const seconds = () => Math.floor(Date.now() / 1000)

async function start({ browser, node, refused }, f, route) {
  f.install(node)
  node.scene(f.topics())
  const opened = await openPage(browser.context, { expected: [...refused, /status of 413/] })
  await opened.page.setViewportSize({ width: 1280, height: 860 })
  await opened.page.goto(`${node.url}/#token=${node.token}`)
  await opened.page.locator('a.trust[data-s="ok"]').waitFor()
  await goes(opened.page, route)
  return opened
}

async function feedTalking(all) {
  const { node, results: { check } } = all
  const f = scriptedFeed()
  const { page, troubles } = await start(all, f, '#/messages')
  await check('messages: what stands under the reader’s eyes is read, up to the newest of the other', async () => {
    await shows(page, '1 unread')
    await page.getByRole('link', { name: 'Jun Okabe' }).click()
    await until('read', async () => f.calls('message_read').length > 0)
    const at = f.messages.find(m => m.from === JUN).at
    await eventually(async () => expectEqual(f.calls('message_read'), [{ with: JUN, at }], 'read'))
    await eventually(async () => expectNoWords(await main(page), ['unread'], 'the list'))
  })
  await check('messages: one is sealed and stands in the talk with what the relays said; one that comes is shown', async () => {
    await field(page, 'Your message').fill('On my way')
    await button(page, 'Seal and send').click()
    await shows(page, 'On my way', '1 of 2 took it; nostr.quay.example is on its way')
    await eventually(async () => expectEqual(f.calls('message_send'), [{ with: JUN, content: 'On my way' }], 'message'))
    expectEqual(await field(page, 'Your message').inputValue(), '', 'the field')
    f.messages = [...f.messages, { ...f.messages[0], id: ID('come'), from: JUN, at: seconds() + 1, content: 'Good' }]
    node.push('social.new', { following: 0, notifications: 0, messages: 2 })
    await shows(page, 'Good')
    await until('read too', async () => f.calls('message_read').length === 2)
  })
  await check('messages: a reply names what it answers', async () => {
    await page.getByRole('button', { name: 'Reply to: Good' }).click()
    await until('the field has the focus', () => page.evaluate(() => document.activeElement?.tagName === 'TEXTAREA'))
    await page.keyboard.type('Is it?')
    await button(page, 'Seal and send').click()
    await until('sent', async () => f.calls('message_send').at(-1).content === 'Is it?')
    await eventually(async () => expectEqual(f.calls('message_send').at(-1), { with: JUN, content: 'Is it?', reply_to: ID('come') }, 'message'))
    await eventually(async () => expectEqual(await page.locator('form .answered').count(), 0, 'answers being written'))
  })
  await check('messages: a text that was not sent stays, over another screen too, and goes at the second try', async () => {
    f.fails.message_send = ['no_relay', 'no relay of theirs is known']
    await field(page, 'Your message').fill('Still here?')
    await button(page, 'Seal and send').click()
    await shows(page, 'It was not sent, and your text is kept', 'Code no_relay')
    await goes(page, '#/feed')
    await shows(page, 'Following')
    await goes(page, `#/messages/${JUN}`)
    await until('kept', async () => (await field(page, 'Your message').inputValue()) === 'Still here?')
    f.fails = {}
    await button(page, 'Seal and send').click()
    await shows(page, 'Still here?')
    await eventually(async () => expectEqual(await field(page, 'Your message').inputValue(), '', 'the field'))
  })
  await check('messages: older ones are asked for from the oldest on', async () => {
    f.isMessagesComplete = false
    f.olderMessages = [{ id: ID('old'), from: JUN, at: seconds() - 90_000, content: 'Long ago', reply_to: null, kind: 14 }]
    node.push('social.new', { following: 0, notifications: 0, messages: 3 })
    await button(page, 'Older messages').click()
    await shows(page, 'Long ago')
    await eventually(async () => expectEqual(f.calls('messages').at(-1).until, f.messages[0].at, 'until'))
    expectEqual(await button(page, 'Older messages').count(), 0, 'ways to older ones')
  })
  await check('messages: a new one begins by npub, and what is none is said', async () => {
    await goes(page, '#/messages')
    await field(page, 'Write to somebody new, by npub').fill('mara@harbour.example')
    await button(page, 'Write').click()
    await shows(page, 'That is no Nostr address')
    await field(page, 'Write to somebody new, by npub').fill(INES)
    await button(page, 'Write').click()
    await field(page, 'Your message').waitFor()
    await eventually(async () => expectEqual(f.calls('messages').at(-1).with, INES, 'with'))
  })
  await check('messages: they go with the open vault', async () => {
    f.me = { ...f.me, is_open: false }
    node.push('social.me', f.me)
    await shows(page, 'Locked', 'Messages are sealed to your key')
    expectNoWords(await main(page), ['Are you there?', 'Jun Okabe'], 'the screen')
  })
  await check('feed talking: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

const PICTURE = { name: 'gauge.png', mimeType: 'image/png', buffer: png() }
const SHA = hashOf(png())

async function feedFiles(all) {
  const { node, results: { check } } = all
  const f = scriptedFeed()
  const { page, troubles } = await start(all, f, '#/feed')
  await shows(page, 'Post as Mara')
  const choose = file => page.locator('input[type=file]').first().setInputFiles(file)
  await check('files: one is hashed, signed for, sent to the door and named in the post', async () => {
    await choose(PICTURE)
    await shows(page, 'gauge.png', 'at your door', 'a photo may name its place and camera (EXIF)', 'Only this computer reaches your door')
    await eventually(async () => expectEqual(f.calls('media_authorize'), [{ sha256: SHA, action: 'upload' }], 'authorized'))
    await eventually(async () => expectEqual(f.calls('upload'), [{ sha256: SHA, authorization: 'Nostr abc', type: 'image/png' }], 'uploaded'))
    expectEmpty(await axe(page), 'violations')
    await field(page, 'What it shows, for those who cannot see it').fill('A gauge in the mud')
    await field(page, 'Post as Mara').fill('The gauge')
    await button(page, 'Sign and post').click()
    await said(page, 'Signed and sent')
    const url = `${node.url}/${SHA}`
    await eventually(async () => expectEqual(f.calls('post'), [{ content: `The gauge\n${url}`, media: [{ url, sha256: SHA, type: 'image/png', size: png().length, alt: 'A gauge in the mud' }] }], 'post'))
    expectNoWords(await main(page), ['gauge.png'], 'the screen')
  })
  await check('files: while one is on its way nothing is posted, and stopping it lets the text go', async () => {
    let free
    f.holdUpload = new Promise(resolve => (free = resolve))
    await choose(PICTURE)
    await field(page, 'Post as Mara').fill('Without')
    await button(page, 'Sign and post').click()
    await shows(page, 'A file is not at your door yet')
    await page.getByRole('button', { name: 'Stop gauge.png' }).click()
    await button(page, 'Sign and post').click()
    await until('posted', async () => f.calls('post').length === 2)
    await eventually(async () => expectEqual(f.calls('post')[1], { content: 'Without' }, 'post'))
    free()
    f.holdUpload = null
  })
  await check('files: what the door refuses is said, stays, and can be tried again', async () => {
    f.refuseUpload = [413, 'quota of this key is full']
    await choose(PICTURE)
    await shows(page, 'Quota of this key is full.')
    f.refuseUpload = null
    await page.getByRole('button', { name: 'Try again with gauge.png' }).click()
    await shows(page, 'at your door')
    await page.getByRole('button', { name: 'Take off gauge.png' }).click()
  })
  await check('files: they are dropped and pasted too', async () => {
    const give = (selector, type) => page.evaluate(([where, kind, bytes]) => {
      const data = new DataTransfer()
      data.items.add(new File([new Uint8Array(bytes)], `${kind}.png`, { type: 'image/png' }))
      const event = kind === 'paste' ? new ClipboardEvent(kind, { clipboardData: data, bubbles: true, cancelable: true }) : new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true })
      document.querySelector(where).dispatchEvent(event)
    }, [selector, type, [...png()]])
    await give('main form', 'drop')
    await shows(page, 'drop.png')
    await give('main form textarea', 'paste')
    await shows(page, 'paste.png')
    await eventually(async () => expectEqual((await main(page)).split('at your door').length - 1, 2, 'files at the door'))
    await button(page, 'Discard').click()
    expectNoWords(await main(page), ['drop.png', 'paste.png'], 'the screen')
  })
  await check('feed files: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function feedMuting(all) {
  const { node, results: { check } } = all
  const f = scriptedFeed({ profile: { ...scriptedFeed().profile, nip05_state: 'unchecked' } })
  const { page, troubles } = await start(all, f, '#/moderation/muted')
  await check('muting: a word is muted, unmuted, and had back', async () => {
    await field(page, 'Mute a word').fill('giveaway')
    await page.keyboard.press('Enter')
    await shows(page, '“giveaway”', '4 entries')
    await page.getByRole('button', { name: 'Unmute “giveaway”' }).click()
    await shows(page, '“giveaway” is shown again.', '3 entries')
    await button(page, 'Undo').click()
    await shows(page, '4 entries')
    await eventually(async () => expectEqual(f.calls('mute').map(p => [p.word, p.on]), [['giveaway', true], ['giveaway', false], ['giveaway', true]], 'mutes'))
  })
  await check('muting: how long posts stay is kept', async () => {
    await field(page, 'Of strangers').fill('30')
    await page.getByLabel('Of single kinds').fill('7 14\nnonsense\n1984: 60')
    await button(page, 'Keep these rules').click()
    await until('kept', async () => f.calls('set_settings').length === 1)
    await eventually(async () => expectEqual(f.calls('set_settings'), [{ retention: { days: 30, followed_days: 0, kinds: [{ kind: 7, days: 14 }, { kind: 1984, days: 60 }] } }], 'settings'))
  })
  await check('names: asking the host tells what it said, and only then', async () => {
    await goes(page, `#/author/${INES}`)
    await shows(page, 'Not checked', 'Asking tells it that your node wants to know.')
    expectEqual(f.calls('name_check').length, 0, 'asked')
    await button(page, 'Ask harbour.example').click()
    await shows(page, 'harbour.example says that this name is this key’s.')
    f.checked = 'differs'
    await page.getByRole('region', { name: 'Inês Vale' }).getByRole('button', { name: 'Ask again' }).click()
    await shows(page, 'Name not theirs', 'Take it for nobody’s.')
    await eventually(async () => expectEqual(f.calls('name_check'), [{ pubkey: INES }, { pubkey: INES }], 'asked'))
  })
  await check('people: a talk begins from somebody’s page', async () => {
    await page.getByRole('link', { name: 'Write a message' }).click()
    await field(page, 'Your message').waitFor()
    await eventually(async () => expectEqual(f.calls('messages').at(-1).with, INES, 'with'))
  })
  await check('feed muting: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

export const TALK_WALKS = [feedTalking, feedFiles, feedMuting]
