// The screen of devices that sign through the node: its states, drawn by states.mjs, and what a person does there. All
// keys and programs are invented.
import { eventually, expectEmpty, expectEqual, expectNoWords, expectWords, openPage, until } from './browser.mjs'
import { bytesOf, refusal } from './facts.mjs'
import { ME, scriptedFeed } from './feed.mjs'
import { rich, withWallet } from './wallet.mjs'

const key = name => bytesOf(`device key ${name}`).slice(2)
const seconds = () => Math.floor(Date.now() / 1000)
const device = (name, over = {}) => ({
  device: key(name), as: ME, name, relays: ['ws://127.0.0.1:8421'], kinds: [1, 1111, 7], may_encrypt: false, may_decrypt: false, asks: null, added: seconds() - 86_400 * 3, used: seconds() - 900, count: 41, ...over
})
const asked = (n, over = {}) => ({
  request: n, device: key('Phone'), name: 'Phone', method: 'sign_event', kind: 30023, content: 'On tides.\nThey come back.', tags: [['title', 'On tides'], ['d', 'tides']], is_cut: false, with: null, is_careful: false, at: seconds() - 20, until: seconds() + 280, ...over
})
const DEVICES = () => [device('Phone'), device('Web app', { kinds: [], may_encrypt: true, may_decrypt: true, used: null, count: 0, asks: 'sign_event:1,nip44_decrypt', relays: ['wss://relay.alder.example'] }), device('Old tablet', { as: key('other'), kinds: [40404] })]

const URI = `bunker://${ME}?relay=ws%3A%2F%2F127.0.0.1%3A8421&secret=${'0a'.repeat(16)}`
const SHOWN = `nostrconnect://${key('Web app')}?relay=wss%3A%2F%2Frelay.alder.example&secret=word&name=Web+app&perms=sign_event%3A1%2Cnip44_decrypt`

// What the node says, and what the page asked of it.
function scripted(over = {}, wallet = {}) {
  const w = rich(wallet)
  const d = { bunker: { devices: DEVICES(), waiting: [], invitations: 0, missed: 0, is_open: true, ...over }, me: scriptedFeed().me, sent: [], fails: {} }
  const push = node => node.push('social.bunker', d.bunker)
  d.install = node => {
    w.install(node)
    const answers = {
      bunker_invite: () => ({ uri: URI, until: seconds() + 600 }),
      bunker_connect: () => { d.bunker = { ...d.bunker, devices: [...d.bunker.devices, device('New')] }; push(node); return { device: key('New') } },
      bunker_decide: p => { d.bunker = { ...d.bunker, waiting: d.bunker.waiting.filter(a => a.request !== p.request) }; push(node); return {} },
      bunker_end: p => { d.bunker = { ...d.bunker, devices: d.bunker.devices.filter(one => one.device !== p.device) }; push(node); return {} }
    }
    for (const [name, answer] of Object.entries(answers)) {
      node.methods.set(`social.${name}`, params => {
        if (d.fails[name]) return refusal(...d.fails[name])
        d.sent.push({ name, params })
        return { result: answer(params) }
      })
    }
  }
  d.topics = scene => ({ ...withWallet(w, scene), ...(d.me && { 'social.me': d.me }), ...(d.bunker && { 'social.bunker': d.bunker }) })
  d.calls = name => d.sent.filter(s => s.name === name).map(s => s.params)
  return d
}

const state = (name, make, words, more = {}) => ({
  name, route: '#/devices', words, ...more,
  start(node) {
    const d = make()
    d.install(node)
    this.topics = () => d.topics(more.scene)
  }
})
const click = name => page => page.getByRole('button', { name }).first().click()
const without = change => () => Object.assign(scripted(), change)

export const DEVICE_STATES = [
  state('devices', () => scripted(), [
    'Devices that sign as you', 'Three devices sign with your key, which never leaves this node.', 'Phone', 'Unasked: Posts and replies, Comments, Reactions.', '41 requests granted, the last 15 min ago.', 'Web app', 'Unasked: Sealing messages, Opening messages.', 'Never used.', 'by relay.alder.example',
    'It would like: sign_event:1,nip44_decrypt.', 'Kind 40404', 'It signs with another key of yours', 'End', 'Let a device in', 'It may sign unasked', 'Make an invitation', 'With care, 0 ticks'
  ], { not: ['Waiting for you'] }),
  state('devices-asks', () => scripted({ waiting: [
    asked(1), asked(2, { kind: 3, content: '', is_careful: true, tags: [] }), asked(3, { method: 'nip44_decrypt', kind: null, content: null, tags: null, with: key('friend') }), asked(4, { kind: 1, content: 'long', is_cut: true })
  ] }), ['Waiting for you', 'Sign: Articles', 'Phone asks, device', 'left.', 'On tides. They come back.', 'Tags, 2', 'Allow once', 'Always allow this', 'Refuse', 'Sign: Whom you follow', 'This can change or wipe what others see of you', 'Open a message', 'There is more of it than is shown.']),
  state('devices-empty', () => scripted({ devices: [] }), ['No device signs through your node', 'Nothing signs with your key but this node.', 'Make an invitation']),
  state('devices-made', () => scripted(), ['Give this to the device. It is good once, until', 'bunker://', 'It names the relay of this computer alone', 'Copy', 'Another device'], { prepare: click('Make an invitation') }),
  state('devices-care', () => scripted(), ['With these a lost device can wipe what you have', 'Your profile', 'Deletions', 'Signing in at web sites'], { isUnfolded: true }),
  state('devices-shown', () => scripted(), ['Web app would like: sign_event:1, nip44_decrypt. Its wishes grant nothing; you tick.', 'Let it in'], { prepare: page => page.getByLabel('Address that the device shows').fill(SHOWN) }),
  state('devices-refused', without({ fails: { bunker_invite: ['too_many', '8 invitations are open already', 'limit'] } }), ['No invitation was made', '8 invitations are open already.', 'Code too_many'], { prepare: click('Make an invitation') }),
  state('devices-locked', () => scripted({ is_open: false, missed: 3, waiting: [asked(1)] }, { vault: 'locked' }), ['3 requests came while your keys are sealed', 'Nothing was answered', 'Unlock to decide', 'Unlock to let a device in', 'Phone'], { not: ['Make an invitation'] }),
  state('devices-loading', without({ bunker: null }), ['Devices that sign as you'], { isFresh: true, not: ['No device signs'] }),
  state('devices-no-key', () => { const d = scripted({ devices: [] }); d.me = { ...d.me, pubkey: null, npub: null, keys: [] }; return d }, ['No Nostr key yet', 'Make or bring a key']),
  state('devices-offline', () => scripted(), ['Phone', 'Three devices sign'], { scene: 'offline' }),
  state('devices-lost', () => scripted(), ['Phone', 'Node unreachable since'], { isLost: true }),
  state('devices-hostile', () => scripted({ devices: [device('<img src=x onerror=alert(1)>\u202e', { asks: '<script>'.repeat(30), relays: ['wss://' + 'h'.repeat(200)] })], waiting: [asked(1, { name: '\u202e<b>' + 'n'.repeat(58), content: '<script>alert(2)</script>\u2066' + 'W'.repeat(400), tags: [['x', '\u0007' + 'y'.repeat(400)]] })] }), ['<img src=x onerror=alert(1)>', '\\u202e', '<script>alert(2)</script>', '\\u2066'], { not: ['\u202e', '\u2066'] })
]

// --- what a person does ----------------------------------------------------------------------------------

const main = async page => (await page.locator('main').innerText()).replace(/\s+/g, ' ')
const shows = (page, ...words) => eventually(async () => expectWords(await main(page), words, 'the screen'))

async function devices({ browser, node, results: { check }, refused }) {
  const d = scripted()
  d.install(node)
  node.scene(d.topics())
  const { page, troubles } = await openPage(browser.context, { expected: refused })
  await page.setViewportSize({ width: 1280, height: 860 })
  await page.goto(`${node.url}/#token=${node.token}`)
  await page.locator('a.trust[data-s="ok"]').waitFor()
  await check('devices: the wallet leads there', async () => {
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Wallet' }).click()
    await page.getByRole('link', { name: 'Devices' }).click()
    await shows(page, 'Devices that sign as you', 'Phone')
  })
  await check('devices: an invitation has what was ticked, and nothing of the careful ones', async () => {
    await page.getByLabel('Name, for you').fill('Kitchen')
    await page.getByLabel('Articles').check()
    await page.getByLabel('Reactions').uncheck()
    await page.getByLabel('Seal messages').check()
    await page.getByRole('button', { name: 'Make an invitation' }).click()
    await shows(page, URI)
    await eventually(async () => expectEqual(d.calls('bunker_invite'), [{ name: 'Kitchen', kinds: [1, 1111, 30023], may_encrypt: true, may_decrypt: false }], 'invited'))
    await page.getByRole('button', { name: 'Another device' }).click()
  })
  await check('devices: an address that is none is not sent; one that is shows its wishes and goes with what is ticked', async () => {
    const field = page.getByLabel('Address that the device shows')
    await field.fill('bunker://abc')
    await page.getByRole('button', { name: 'Let it in' }).click()
    await shows(page, 'That is no address of a device')
    await field.fill(SHOWN)
    await shows(page, 'Web app would like: sign_event:1, nip44_decrypt.')
    await page.getByRole('button', { name: 'Let it in' }).click()
    await shows(page, 'Four devices sign')
    await eventually(async () => expectEqual(d.calls('bunker_connect'), [{ uri: SHOWN, kinds: [1, 1111, 7], may_encrypt: false, may_decrypt: false }], 'let in'))
  })
  await check('devices: what a device asks is in the bell, is not decided by an early click, and goes when it is', async () => {
    d.bunker = { ...d.bunker, waiting: [asked(1), asked(2, { kind: 0, is_careful: true, content: '{}' })] }
    node.push('social.bunker', d.bunker)
    await page.getByRole('button', { name: '2 things need you' }).click()
    await page.getByRole('link', { name: 'Sign as you Phone, a device' }).first().click()
    await shows(page, 'Waiting for you', 'Sign: Articles')
    expectEqual(await page.getByRole('button', { name: /Always allow this/ }).count(), 1, 'always')
    await until('it is decided', async () => {
      await page.getByRole('button', { name: 'Always allow this Sign: Articles, Phone' }).click({ timeout: 1000 }).catch(() => {})
      return d.calls('bunker_decide').length === 1
    })
    // Right after the rows have moved a click decides nothing.
    await eventually(async () => expectNoWords(await main(page), ['Sign: Articles'], 'the screen'))
    await page.getByRole('button', { name: 'Refuse Sign: Your profile, Phone' }).click()
    await until('it is refused', async () => {
      await page.getByRole('button', { name: 'Refuse Sign: Your profile, Phone' }).click({ timeout: 1000 }).catch(() => {})
      return d.calls('bunker_decide').length === 2
    })
    await eventually(async () => expectEqual(d.calls('bunker_decide'), [{ request: 1, allow: true, always: true }, { request: 2, allow: false }], 'decided'))
    await eventually(async () => expectNoWords(await main(page), ['Waiting for you'], 'the screen'))
  })
  await check('devices: one is ended', async () => {
    await page.getByRole('button', { name: 'End Phone' }).click()
    await shows(page, 'Three devices sign')
    await eventually(async () => expectEqual(d.calls('bunker_end'), [{ device: key('Phone') }], 'ended'))
  })
  await check('devices: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

export const DEVICE_WALKS = [devices]
