// What a person does with identity: looks, issues, verifies, discloses, revokes, rotates, links. Used by states.mjs.
import { readFile } from 'node:fs/promises'
import { nip19 } from 'nostr-tools'
import { eventually, expectEmpty, expectEqual, expectNoWords, expectWords, openPage, until } from './browser.mjs'
import { bytesOf, MARA } from './facts.mjs'
import { ALERT, attestation, BUNDLE, DID, JUN, QUAY, schemaUid, scriptedIdentity, TOMAS, uidOf } from './identity.mjs'
import { SAVINGS } from './wallet.mjs'

const main = async page => (await page.locator('main').innerText()).replace(/\s+/g, ' ')
const shows = (page, ...words) => eventually(async () => expectWords(await main(page), words, 'the screen'))
const lacks = (page, ...words) => eventually(async () => expectNoWords(await main(page), words, 'the screen'))
const goes = (page, to) => page.evaluate(hash => { location.hash = hash }, to)
const button = (page, name) => page.getByRole('button', { name, exact: true })
const focused = page => page.evaluate(() => document.activeElement?.textContent?.trim().replace(/\s+/g, ' ') ?? '')

async function begin({ browser, node, refused }, d) {
  d.install(node)
  node.scene(d.topics())
  const opened = await openPage(browser.context, { expected: refused })
  await opened.page.setViewportSize({ width: 1280, height: 860 })
  await opened.page.goto(`${node.url}/#token=${node.token}`)
  await opened.page.locator('a.trust[data-s="ok"]').waitFor()
  return opened
}

// The file that a click saves, read.
async function saved(page, click) {
  const coming = page.waitForEvent('download')
  await click()
  const file = await coming
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') }
}

async function identity(all) {
  const { node, results: { check } } = all
  const d = scriptedIdentity()
  const { page, troubles } = await begin(all, d)
  await check('identity: the rail leads there by keyboard, and its h1 has the focus', async () => {
    const link = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Identity' })
    await link.focus()
    await page.keyboard.press('Enter')
    await shows(page, 'Two accounts vouch for you today.')
    await until('focus on h1', async () => (await focused(page)) === 'Identity')
    expectEqual(await page.title(), 'Identity · Hearth', 'title')
  })
  await check('identity: what was revoked shows as revoked with the next push, without a reload', async () => {
    d.list = d.list.map(a => (a.uid === uidOf('met') ? { ...a, verdict: 'revoked', code: 'revoked', revocation_time: Math.floor(Date.now() / 1000) } : a))
    d.changed(node)
    await shows(page, 'One account vouches for you today.', 'Two were revoked.')
  })
  await check('identity: those behind the newest page come when they are wanted, and stay when the newest are told anew', async () => {
    const many = Array.from({ length: 203 }, (_, i) => attestation(`many ${i}`, 'met', [true, `number ${i}`], { role: 'other', recipient: JUN }))
    const before = d.list
    d.list = [...many, ...before]
    d.changed(node)
    await shows(page, '11 more are kept here.')
    await lacks(page, 'Who vouches for you Import Lives at')
    await button(page, 'Show older').click()
    await shows(page, 'Lives at', 'One account vouches for you today.')
    d.changed(node)
    await lacks(page, 'more are kept here')
    d.list = before
    d.changed(node)
    await lacks(page, 'Of others, kept here')
  })
  await check('identity: a proof bundle is made for one on chain by its uid, and saved as it came', async () => {
    const file = await saved(page, () => page.getByRole('button', { name: `Save proof bundle of ${uidOf('resident')}` }).click())
    expectEqual([file.name, JSON.parse(file.text).claim], [`hearth-proof-${uidOf('resident').slice(2, 10)}.json`, { kind: 'eas_onchain', uid: uidOf('resident') }], 'the file')
  })
  await check('identity: older ones are searched for in a range, and what was not searched is said', async () => {
    await page.getByLabel('From block').fill('500')
    await page.getByLabel('To block').fill('400')
    await button(page, 'Search').click()
    await shows(page, 'Two numbers of blocks, the smaller first.')
    await page.getByLabel('To block').fill('1,900')
    await button(page, 'Search').click()
    await shows(page, '2 attestations found, 1 new. Not searched: 500 to 503.')
    await eventually(async () => expectEqual(d.calls('attest.find'), [{ from: 500, to: 1900 }], 'asked'))
  })
  await check('identity: an alert of a change without an act of mine stays until it was me', async () => {
    d.dids[0] = { ...d.dids[0], alert: ALERT }
    node.push('did.changed', { changes: 2, alerts: 1 })
    await shows(page, 'Mara, daily changed without you', 'One of your identities changed without you.')
    await button(page, '1 thing needs you').click()
    await page.getByRole('link', { name: 'A DID of yours changed without you' }).click()
    await button(page, 'It was me').click()
    await lacks(page, 'changed without you')
    await eventually(async () => expectEqual(d.calls('did.seen'), [{ did: DID }], 'seen'))
  })
  await check('identity: the link of the feed key is ended and made anew', async () => {
    await button(page, `End the link with ${MARA}`).click()
    node.push('link.changed', { changes: 2, as_of: null })
    await shows(page, 'both vouch for each other')
    await button(page, 'Link Mara, daily').click()
    await until('it was asked for', async () => d.calls('link.make').length === 1)
    await eventually(async () => expectEqual([d.calls('link.end'), d.calls('link.make')], [[{ account: MARA }], [{ account: MARA }]], 'asked'))
  })
  await check('identity: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function attesting(all) {
  const { node, results: { check } } = all
  const d = scriptedIdentity()
  const { page, troubles } = await begin(all, d)
  const field = name => page.getByLabel(name)
  await check('issue: the form of a schema sends what was typed in the types of its fields', async () => {
    await goes(page, '#/issue')
    await page.getByLabel('Met here').selectOption(schemaUid('vouch'))
    await field('About whom').fill(JUN)
    await field(/^Knows/).selectOption('true')
    for (const [name, value] of [[/^Since/, '65536'], [/^Offset/, '-128'], [/^Friend/, MARA], [/^Mark/, '0x0a0b0c0d'], [/^Tags/, 'one\ntwo\n\n'], [/^Name/, 'Quay'], [/^Depth/, '-9223372036854775808']]) await field(name).fill(value)
    await button(page, 'Review and sign').click()
    await shows(page, 'Some fields do not fit their type yet.', 'Not so: at most 65535.')
    expectEqual(d.calls('attest.issue'), [], 'issued')
    await field(/^Since/).fill('2021')
    await field('By your account').selectOption(SAVINGS)
    await field('It expires').selectOption('365')
    await button(page, 'Review and sign').click()
    await shows(page, 'Signed and kept here.', 'Copy the link')
    const [{ expiration_time: end, ...asked }] = d.calls('attest.issue')
    expectEqual(asked, { how: 'offchain', schema: schemaUid('vouch'), from: SAVINGS, recipient: JUN, revocable: true, values: [true, '2021', '-128', MARA, '0x0a0b0c0d', ['one', 'two'], ['Quay', '-9223372036854775808']] }, 'issued')
    expectEqual(Math.round((end - Date.now() / 1000) / 86_400), 365, 'days')
  })
  await check('issue: on chain, for good, about nobody', async () => {
    await button(page, 'Issue another').click()
    await goes(page, `#/issue/${schemaUid('member')}`)
    await field(/^Member class/).fill('A')
    await page.getByLabel(/^On chain/).check()
    await page.getByLabel('It can be revoked later').uncheck()
    await button(page, 'Review and sign').click()
    await shows(page, 'It stands under Overview once its block is final.')
    await eventually(async () => expectEqual(d.calls('attest.issue').at(-1), { how: 'onchain', schema: schemaUid('member'), from: MARA, revocable: false, values: ['A'] }, 'issued'))
  })
  await check('issue: private fields go as leaves, each with its type; two of a name do not go', async () => {
    await goes(page, `#/issue/${schemaUid('private')}`)
    await shows(page, 'Private fields')
    const [name, value, type] = ['Name', 'Value', 'Type'].map(n => page.getByLabel(n, { exact: true }))
    await name.fill('name')
    await value.fill('Jun Okabe')
    await button(page, 'Add a private field').click()
    await name.nth(1).fill('name')
    await value.nth(1).fill('1990')
    await type.nth(1).selectOption('uint256')
    await button(page, 'Review and sign').click()
    await shows(page, 'Two private fields are named name.')
    await name.nth(1).fill('born')
    await button(page, 'Review and sign').click()
    await shows(page, 'Signed and kept here.')
    await eventually(async () => expectEqual(d.calls('attest.issue').at(-1).private, [{ type: 'string', name: 'name', value: 'Jun Okabe' }, { type: 'uint256', name: 'born', value: '1990' }], 'leaves'))
  })
  await check('disclose: only what was ticked goes into the file', async () => {
    await goes(page, `#/attestation/${MARA}.${uidOf('private')}`)
    await button(page, 'Save the disclosure').click()
    await shows(page, 'Choose at least one field.')
    await page.getByLabel('born', { exact: true }).check()
    const bundle = await saved(page, () => button(page, 'Save the disclosure').click())
    expectEqual(JSON.parse(bundle.text).claim.disclosure.leaves, [{ name: 'born' }], 'disclosed in the bundle')
    await page.getByLabel('As a proof bundle').uncheck()
    const bare = JSON.parse((await saved(page, () => button(page, 'Save the disclosure').click())).text)
    expectEqual([bare.uid, bare.disclosure.leaves], [uidOf('private'), [{ name: 'born' }]], 'the file')
    await eventually(async () => expectEqual(d.calls('attest.disclose').map(p => p.fields), [['born'], ['born']], 'asked'))
  })
  await check('revoke: what it means comes first, and can be left', async () => {
    await goes(page, `#/attestation/${MARA}.${uidOf('jun')}`)
    await button(page, 'Revoke').click()
    await shows(page, 'It cannot be taken back, and everybody can see it')
    await button(page, 'Keep it').click()
    await lacks(page, 'It cannot be taken back')
    expectEqual(d.calls('attest.revoke'), [], 'revoked')
    await button(page, 'Revoke').click()
    await button(page, 'Review and revoke').click()
    await shows(page, 'Every node shows it as revoked once its block is final.')
    await eventually(async () => expectEqual(d.calls('attest.revoke'), [{ attester: MARA, uid: uidOf('jun') }], 'revoked'))
  })
  await check('revoke: a rejected one says so and leaves all as it was', async () => {
    await goes(page, `#/attestation/${MARA}.${uidOf('private')}`)
    d.fails['attest.revoke'] = ['rejected', 'it was rejected', 'denied']
    await button(page, 'Revoke').click()
    await button(page, 'Review and revoke').click()
    await shows(page, 'Rejected', 'You rejected it. Nothing was signed and nothing was sent.')
  })
  await check('attestation: shared in the feed, saved, and forgotten only when it was said twice', async () => {
    await goes(page, `#/attestation/${TOMAS}.${uidOf('met')}`)
    await button(page, 'Share in your feed').click()
    await until('it is shared', async () => d.calls('attest.share').length === 1)
    await button(page, 'Forget it here').click()
    await shows(page, 'If nobody else has the package, it is lost. This revokes nothing.')
    expectEqual(d.calls('attest.forget'), [], 'forgotten')
    await button(page, 'Yes, forget it').click()
    await shows(page, 'Who vouches for you')
    await eventually(async () => expectEqual(d.calls('attest.forget'), [{ attester: TOMAS, uid: uidOf('met') }], 'forgotten'))
  })
  await check('schemas: one is registered by the account and in the words that were given', async () => {
    await goes(page, '#/schemas')
    await page.getByLabel('Fields').fill('bool knows, string how')
    await page.getByLabel('Attestations of it can be revoked').uncheck()
    await button(page, 'Review and sign').click()
    await shows(page, 'Its uid is')
    await eventually(async () => expectEqual(d.calls('attest.schema_register'), [{ schema: 'bool knows, string how', from: MARA, revocable: false }], 'registered'))
  })
  await check('attesting: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function verifying(all) {
  const { results: { check } } = all
  const d = scriptedIdentity()
  const { page, troubles } = await begin(all, d)
  const given = page.getByLabel('Bundle, attestation, link, token or uid')
  const drop = async files => {
    const transfer = await page.evaluateHandle(list => {
      const t = new DataTransfer()
      for (const [name, text, type] of list) t.items.add(new File([text], name, { type }))
      return t
    }, files)
    await page.locator('form', { has: given }).dispatchEvent('drop', { dataTransfer: transfer })
  }
  await check('verify: a pasted bundle goes to be checked as it is, and each step stands in words', async () => {
    await goes(page, '#/verify')
    await given.fill(` ${JSON.stringify(BUNDLE)}\n`)
    await button(page, 'Verify').click()
    await shows(page, 'Valid as of finalized block', 'The sync committee signed that the block is final')
    await eventually(async () => expectEqual(d.calls('bundle.verify'), [{ bundle: BUNDLE }], 'asked'))
  })
  await check('verify: a dropped file is read and checked at once', async () => {
    d.outcome = { ...d.outcome, verdict: 'revoked', code: 'revoked', why: 'it was revoked at block 7' }
    await drop([['proof.json', JSON.stringify(BUNDLE), 'application/json']])
    await shows(page, 'Revoked as of finalized block', 'It was revoked at block 7.')
    await lacks(page, 'Valid as of')
  })
  await check('verify: a chosen file with a disclosure is checked with its package', async () => {
    const file = { uid: uidOf('private'), package: { sig: { uid: uidOf('private') } }, disclosure: { leaves: [] } }
    await page.locator('input[type=file]').setInputFiles({ name: 'd.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(file)) })
    await shows(page, 'The attester signed it')
    await eventually(async () => expectEqual(d.calls('attest.verify'), [{ text: JSON.stringify({ package: file.package, disclosure: { leaves: [] } }) }], 'asked'))
  })
  await check('verify: a link is checked, then kept only when its reader wants that', async () => {
    const url = 'https://easscan.org/offchain/url/#attestation=eNo'
    await given.fill(url)
    await button(page, 'Verify').click()
    await shows(page, 'Keep it here')
    expectEqual(d.calls('attest.import'), [], 'kept')
    await button(page, 'Keep it here').click()
    await shows(page, 'Kept. Open it')
    await eventually(async () => expectEqual(d.calls('attest.import'), [{ text: url }], 'kept'))
  })
  await check('verify: what is too large, a picture without a code, or nothing is told and not sent', async () => {
    const before = d.sent.length
    await given.fill('')
    await button(page, 'Verify').click()
    await shows(page, 'Paste something first')
    await drop([['big.json', 'x'.repeat(300_000), 'text/plain']])
    await shows(page, '“hearth verify FILE” checks it.')
    await drop([['huge.json', 'x'.repeat(1_100_000), 'text/plain']])
    await shows(page, 'larger than any proof that your node takes')
    await drop([['code.png', 'none', 'image/png']])
    await shows(page, 'It could not be checked')
    expectEqual(d.sent.length, before, 'calls')
  })
  await check('verify: what cannot be told is never called valid', async () => {
    d.verified = { attestation: attestation('exam', 'exam', ['T', true, '7', []], { verdict: 'unverified', as_of: null }), steps: [{ step: 'chain', ok: null, text: 'no provider' }], verdict: 'unverified', code: 'no_provider', why: 'no provider answered' }
    await given.fill(uidOf('exam'))
    await button(page, 'Verify').click()
    await shows(page, 'Unverified is never valid')
    await lacks(page, 'Valid as of')
  })
  await check('verifying: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function dids(all) {
  const { results: { check } } = all
  const d = scriptedIdentity()
  const { page, troubles } = await begin(all, d)
  await check('did: the owner is rotated only once the last digits of the new one were typed', async () => {
    await goes(page, '#/did')
    await shows(page, 'Rotate the owner')
    const to = page.getByLabel('New owner')
    for (const [typed, words] of [['0x12', '0x and 40 digits'], ['0x' + '0'.repeat(40), 'would give the DID up for good'], [MARA, 'That is its owner already.']]) {
      await to.fill(typed)
      await button(page, 'See what that means').click()
      await shows(page, words)
    }
    await to.fill(QUAY)
    await button(page, 'See what that means').click()
    await shows(page, 'After this you cannot take it back yourself', 'That account is none of yours')
    const digits = page.getByLabel('Type its last 6 digits')
    expectEqual(await digits.inputValue(), '', 'the digits to type')
    await digits.fill('000000')
    await button(page, 'Review and rotate').click()
    await shows(page, 'Those are not the last 6 digits of the new owner. Nothing was signed.')
    expectEqual(d.calls('did.rotate'), [], 'rotated')
    await digits.fill(QUAY.slice(-6).toUpperCase())
    await button(page, 'Review and rotate').click()
    await shows(page, 'The new owner controls the DID once its block is final.')
    await eventually(async () => expectEqual(d.calls('did.rotate'), [{ did: DID, owner: QUAY }], 'rotated'))
  })
  await check('did: a delegate is let in, and a service is written, each with an end', async () => {
    await goes(page, `#/did/did:ethr:${SAVINGS}`)
    await shows(page, 'Controlled by')
    await button(page, 'Delegates, keys and services').click()
    const form = name => page.locator('section', { has: page.getByRole('heading', { name }) })
    await form('Delegates').getByLabel('Its address').fill(JUN)
    await form('Delegates').getByLabel('It may').selectOption('sigAuth')
    await form('Delegates').getByRole('button').click()
    await until('it was asked for', async () => d.calls('did.delegate').length === 1)
    await eventually(async () => expectEqual(d.calls('did.delegate'), [{ did: `did:ethr:${SAVINGS}`, delegate: JUN, type: 'sigAuth', validity_s: 31_536_000 }], 'delegate'))
    const keys = form('Keys and services')
    await keys.getByLabel('Name').fill('website')
    await keys.getByLabel('Value').fill('https://mara.example')
    await keys.getByRole('button').click()
    await shows(page, 'A name begins with did/svc/ or did/pub/')
    await keys.getByLabel('Name').fill('did/svc/Website')
    await keys.getByLabel('For').selectOption('0')
    await keys.getByRole('button').click()
    await until('it was asked for', async () => d.calls('did.attribute').length === 1)
    await eventually(async () => expectEqual(d.calls('did.attribute'), [{ did: `did:ethr:${SAVINGS}`, name: 'did/svc/Website', value: 'https://mara.example', revoke: true }], 'attribute'))
  })
  await check('did: any other is looked up, and nothing of it can be changed here', async () => {
    await page.getByLabel('Any other').fill('did:key:zQ3shX8n')
    await button(page, 'Look it up').click()
    await until('it is asked for', async () => d.calls('did.resolve').at(-1).did === 'did:key:zQ3shX8n')
    await shows(page, 'Document')
    await lacks(page, 'Rotate the owner', 'Prove who owns it')
  })
  await check('circle: the way to somebody is asked for by address and by npub', async () => {
    await goes(page, '#/circle')
    const who = page.getByLabel('Address or npub')
    await who.fill('jun')
    await button(page, 'See the way').click()
    await shows(page, 'An address, 0x and 40 digits, or an npub.')
    await who.fill(QUAY)
    await button(page, 'See the way').click()
    await shows(page, 'somebody for whom you vouch does', 'Vouched for by')
    const key = bytesOf('jun key').slice(2)
    await page.getByLabel('Address or npub').fill(nip19.npubEncode(key))
    await button(page, 'See the way').click()
    await until('it is asked for', async () => d.calls('trust.who').at(-1).pubkey === key)
    await eventually(async () => expectEqual(d.calls('trust.who'), [{ address: QUAY }, { pubkey: key }], 'asked'))
  })
  await check('dids: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

export const IDENTITY_WALKS = [identity, attesting, verifying, dids]
