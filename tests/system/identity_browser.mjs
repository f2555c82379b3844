// Identity in two real browsers, each with a real node, on a devnet with EAS and the DID registry: ann registers a schema,
// attests, discloses and revokes; ben verifies what he was given, keeps it, and sees it revoked; a file of proofs is checked
// by a program without a node; DIDs are rotated, and changed by somebody else; an attestation travels in the feed. axe on
// each screen, and 360 px.
//
//   node tests/system/identity_browser.mjs [--hearth FILE] [--screens DIR]
//
// The last line is "N passed, N failed, N skipped".
import { readFile, writeFile } from 'node:fs/promises'
import { ethers } from 'ethers'
import { generateSecretKey, nip19 } from 'nostr-tools'
import { artifacts } from '../devnet/contracts.mjs'
import { startDevnet } from '../devnet/devnet.mjs'
import { axe, counter, eventually, expectEmpty, expectEqual, expectNoWords, expectWords, launch, openPage, overflow, screenshot, until as soon } from '../ui/browser.mjs'
import { cli, dataDir, expect, Hearth, option, tidy, until, writeNetwork } from './hearth.mjs'
import { firstRun } from './wallet_owner.mjs'

const SLOW_MS = 20000
const FINAL_MS = 90000
const SCHEMA = 'bool metInPerson, string how'
const PASSPHRASE = 'a passphrase of the test'
const screens = option('--screens')

const { check, ...results } = counter()
const devnet = await startDevnet({ preset: 'minimal', slotMs: 1000, contracts: true })
const network = await writeNetwork(devnet.network)
const chain = new ethers.JsonRpcProvider(devnet.rpcUrl, undefined, { staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1 })

async function person(name) {
  const dir = await dataDir(name)
  const node = await Hearth.start({ network, dir, beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
  await node.live(20000)
  const words = ethers.Mnemonic.fromEntropy(ethers.randomBytes(16)).phrase
  const { owner, account } = await firstRun(node, PASSPHRASE, words)
  await (await (await chain.getSigner(0)).sendTransaction({ to: account.address, value: ethers.parseEther('100') })).wait()
  const browser = await launch({ acceptDownloads: true })
  const { page, troubles } = await openPage(browser.context)
  await page.goto(node.url)
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Identity' }).waitFor({ timeout: SLOW_MS })
  return { name, dir, node, owner, words, address: account.address, page, troubles, browser }
}

const main = ({ page }) => page.locator('main').innerText().then(text => text.replace(/\s+/g, ' '))
const shows = (who, words, ms = SLOW_MS) => eventually(async () => expectWords(await main(who), words, `${who.name} sees`), ms)
const lacks = (who, words, ms = SLOW_MS) => eventually(async () => expectNoWords(await main(who), words, `${who.name} sees`), ms)
const goes = ({ page }, to) => page.evaluate(hash => { location.hash = hash }, to)
const button = ({ page }, name) => page.getByRole('button', { name, exact: true })
const field = ({ page }, name) => page.locator('main').getByLabel(name)

// The wallet's sheet, once it can be pressed; a red one wants to be understood first.
async function signs({ page }, name, isRed = false) {
  const press = page.locator('dialog').getByRole('button', { name: isRed ? `${name} in spite of this` : name, exact: true })
  await press.waitFor({ timeout: SLOW_MS })
  if (isRed) await page.locator('dialog').getByLabel(/^I understand the risk/).check()
  await soon('the sheet is armed', async () => (await press.getAttribute('aria-disabled')) !== 'true', SLOW_MS)
  await press.click()
}
async function saved({ page }, click) {
  const coming = page.waitForEvent('download', { timeout: SLOW_MS })
  await click()
  return readFile(await (await coming).path(), 'utf8')
}
async function drops({ page }, text) {
  const given = page.getByLabel('Bundle, attestation, link, token or uid')
  await given.waitFor({ timeout: SLOW_MS })
  const transfer = await page.evaluateHandle(t => {
    const data = new DataTransfer()
    data.items.add(new File([t], 'given.json', { type: 'application/json' }))
    return data
  }, text)
  await page.locator('form', { has: given }).dispatchEvent('drop', { dataTransfer: transfer })
}

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
const listed = who => who.owner.call('attest.list', { role: 'all' }).then(answer => answer.attestations)

// --- schemas -----------------------------------------------------------------------------------------------

let schema
await check('ann registers a schema: the sheet, a transaction, and it is proven', async () => {
  await until('her balance is seen', () => ann.owner.call('wallet.balances', { address: ann.address }).then(({ ether }) => BigInt(ether.balance) > 0n, () => false), SLOW_MS, 200)
  await goes(ann, '#/schemas')
  await field(ann, 'Fields').fill(SCHEMA)
  await button(ann, 'Review and sign').click()
  await signs(ann, 'Sign and send')
  await shows(ann, ['Sent:', 'Its uid is'])
  schema = ethers.solidityPackedKeccak256(['string', 'address', 'bool'], [SCHEMA, ethers.ZeroAddress, true])
  await until('it is proven', () => ann.owner.call('attest.schema', { uid: schema }).catch(() => false), SLOW_MS, 200)
})
await isGood(ann, 'schemas')

// --- off chain -----------------------------------------------------------------------------------------------

let off, text
await check('ann attests off chain by the form of the schema: typed data in the sheet, nothing sent', async () => {
  await goes(ann, `#/issue/${schema}`)
  await field(ann, 'About whom').fill(ben.address)
  await field(ann, /^Met in person/).selectOption('true')
  await field(ann, /^How/).fill('At the quay, by the lamp')
  await isGood(ann, 'issue')
  await button(ann, 'Review and sign').click()
  await signs(ann, 'Sign')
  await shows(ann, ['Signed and kept here.'])
  off = (await listed(ann)).find(a => a.kind === 'offchain')
  expectEqual([off.recipient.toLowerCase(), off.values.map(v => v.value)], [ben.address.toLowerCase(), [true, 'At the quay, by the lamp']], 'attestation')
})
await check('it is valid in her list once its schema is final, and she saves the package', async () => {
  await goes(ann, '#/identity')
  await shows(ann, ['For whom you vouch', 'Met in person, how', /Off chain\. Valid as of finalized block [\d,]+\./], FINAL_MS)
  await goes(ann, `#/attestation/${ann.address}.${off.uid}`)
  text = await saved(ann, () => button(ann, 'Save the package').click())
  expectEqual(JSON.parse(text).sig.uid, off.uid, 'package')
})
await isGood(ann, 'attestation')
await check('ben drops the file: each step holds; one number changed and it is proven to be false', async () => {
  await goes(ben, '#/verify')
  await drops(ben, text)
  await shows(ben, [/Valid as of finalized block/, 'The attester signed it', 'It is not revoked'])
  await isGood(ben, 'verify')
  const data = JSON.parse(text)
  data.sig.message.time = '5'
  await drops(ben, JSON.stringify(data))
  await shows(ben, ['Proven to be false', 'The claim was changed'])
  await lacks(ben, [/Valid as of/])
})
await check('ben keeps it, and it stands in his list', async () => {
  await drops(ben, text)
  await button(ben, 'Keep it here').click({ timeout: SLOW_MS })
  await shows(ben, ['Kept.'])
  await goes(ben, '#/identity')
  await shows(ben, ['One account vouches for you today.', 'At the quay, by the lamp', /Valid as of finalized block/])
})
await isGood(ben, 'identity')

// --- proof bundles -----------------------------------------------------------------------------------------------

await check('ben saves a proof bundle; ann’s node and a program without a node check each step of it', async () => {
  await goes(ben, `#/attestation/${ann.address}.${off.uid}`)
  const bundle = await saved(ben, () => ben.page.getByRole('button', { name: /^Save proof bundle/ }).click())
  await goes(ann, '#/verify')
  await drops(ann, bundle)
  await shows(ann, [/Valid as of finalized block/, 'An attestation off chain.', 'The sync committee signed that the block is final', 'It holds today'])
  await isGood(ann, 'bundle')
  const file = `${await dataDir('bundle')}.json`
  await writeFile(file, bundle)
  const said = await cli(['verify', file, '--network', network, '--data-dir', ann.dir])
  expect(said.code === 0 && /valid/i.test(said.out), `hearth verify: ${said.code} ${said.out} ${said.err}`)
})
await check('private fields: ann issues, discloses one as a bundle, and ben sees that one alone', async () => {
  const made = await ann.owner.approved('attest.schema_register', { schema: 'bytes32 privateData', from: ann.address })
  await chain.waitForTransaction(made.result.hash, 1, SLOW_MS)
  await until('it is proven', () => ann.owner.call('attest.schema', { uid: made.result.uid }).catch(() => false), SLOW_MS, 200)
  await goes(ann, `#/issue/${made.result.uid}`)
  await field(ann, 'About whom').fill(ben.address)
  await field(ann, 'Name').fill('name')
  await field(ann, 'Value').fill('Ben Ali')
  await button(ann, 'Add a private field').click()
  await field(ann, 'Name').nth(1).fill('born')
  await field(ann, 'Value').nth(1).fill('1990')
  await field(ann, 'Type').nth(1).selectOption('uint256')
  await button(ann, 'Review and sign').click()
  await signs(ann, 'Sign')
  await shows(ann, ['Signed and kept here.'])
  await ann.page.getByRole('link', { name: 'Open it' }).click()
  await shows(ann, ['Disclose a part', 'Valid as of'], FINAL_MS)
  await ann.page.getByLabel('born', { exact: true }).check()
  await isGood(ann, 'disclose')
  const part = await saved(ann, () => button(ann, 'Save the disclosure').click())
  expect(!part.includes('Ben Ali'), 'another field is in the file')
  await goes(ben, '#/verify')
  await drops(ben, part)
  await shows(ben, ['What was disclosed belongs to it', 'Born, disclosed 1990', /Valid as of finalized block/])
})

// --- on chain, and revoking ------------------------------------------------------------------------------------------

await check('ann attests on chain, and ben’s node finds it by itself', async () => {
  await goes(ann, `#/issue/${schema}`)
  await field(ann, 'About whom').fill(ben.address)
  await field(ann, /^Met in person/).selectOption('true')
  await field(ann, /^How/).fill('In the harbour')
  await field(ann, /^On chain/).check()
  await button(ann, 'Review and sign').click()
  await signs(ann, 'Sign and send')
  await shows(ann, ['It stands under Overview once its block is final.'])
  await goes(ben, '#/identity')
  await shows(ben, ['In the harbour'], FINAL_MS)
})
await check('ann revokes the one off chain; ben sees it revoked at finality, without a reload', async () => {
  await goes(ann, `#/attestation/${ann.address}.${off.uid}`)
  await button(ann, 'Revoke').click()
  await shows(ann, ['It cannot be taken back, and everybody can see it'])
  await isGood(ann, 'revoke')
  await button(ann, 'Review and revoke').click()
  await signs(ann, 'Sign and send')
  await shows(ann, ['Every node shows it as revoked once its block is final.'])
  await shows(ben, ['Revoked', /Revoked as of finalized block/, 'One was revoked.'], FINAL_MS)
})

// --- DIDs ----------------------------------------------------------------------------------------------------------

await check('ann’s DID has a document and an empty history, proven', async () => {
  await goes(ann, '#/did')
  await shows(ann, ['Document', '#controller', 'Nothing was ever changed, which is proven'])
})
await check('ben lets ann sign for him: in his history, in words, and no alert', async () => {
  await goes(ben, '#/did')
  await button(ben, 'Delegates, keys and services').click({ timeout: SLOW_MS })
  const form = ben.page.locator('section', { has: ben.page.getByRole('heading', { name: 'Delegates' }) })
  await form.getByLabel('Its address').fill(ann.address)
  await form.getByRole('button').click()
  await signs(ben, 'Sign and send', true)
  await shows(ben, ['may sign claims, until', '1 change, none left out'], FINAL_MS)
  await lacks(ben, ['changed without you'])
})
await isGood(ben, 'did')
await check('ben rotates the owner to ann after typing her last digits; his document has another controller', async () => {
  await field(ben, 'New owner').fill(ann.address)
  await button(ben, 'See what that means').click()
  await shows(ben, ['That account is none of yours'])
  await field(ben, 'Type its last 6 digits').fill(ann.address.slice(-6))
  await button(ben, 'Review and rotate').click()
  await signs(ben, 'Sign and send', true)
  await shows(ben, ['The controller became', '2 changes, none left out'], FINAL_MS)
})
await check('somebody else changes ann’s DID with her key: the page says so by itself', async () => {
  await goes(ann, '#/identity')
  await shows(ann, ['Your DIDs'])
  const { didRegistry } = artifacts()
  const key = ethers.HDNodeWallet.fromPhrase(ann.words, '', "m/44'/60'/0'/0/0").connect(chain)
  expectEqual(key.address.toLowerCase(), ann.address.toLowerCase(), 'key')
  const registry = new ethers.Contract(devnet.network.contracts.did_registry, didRegistry.abi, key)
  await (await registry.setAttribute(ann.address, ethers.encodeBytes32String('did/svc/Odd'), ethers.toUtf8Bytes('https://odd.example'), 86400)).wait()
  await shows(ann, ['changed without you', 'No act of this node made it.'], FINAL_MS)
  await isGood(ann, 'alert')
  await button(ann, 'It was me').click()
  await lacks(ann, ['changed without you'])
})

// --- the feed key ------------------------------------------------------------------------------------------------------

await check('ann links her feed key: typed data in the sheet, and both directions are proven', async () => {
  await ann.owner.import('nsec', [nip19.nsecEncode(generateSecretKey())])
  await goes(ann, '#/identity')
  await button(ann, 'Link Account 1').click({ timeout: SLOW_MS })
  await signs(ann, 'Sign')
  await shows(ann, [/both directions proven, as of finalized block/], FINAL_MS)
})

await check('ann shares another in her feed; it arrives at ben’s node, which has her door as a relay', async () => {
  const { url } = await ann.node.call('node.door')
  const { pubkey } = await ann.node.call('social.me')
  await ben.owner.import('nsec', [nip19.nsecEncode(generateSecretKey())])
  await until('his key is known', async () => (await ben.node.call('social.me')).pubkey)
  await ben.owner.call('social.follow', { pubkey, on: true })
  await ben.owner.call('social.set_settings', { relays: [{ url, read: true, write: true }] })
  await goes(ann, `#/issue/${schema}`)
  await field(ann, 'About whom').fill(ben.address)
  await field(ann, /^Met in person/).selectOption('true')
  await field(ann, /^How/).fill('Under the clock')
  await button(ann, 'Review and sign').click()
  await signs(ann, 'Sign')
  await shows(ann, ['Signed and kept here'])
  await ann.page.getByRole('link', { name: 'Open it' }).click()
  await button(ann, 'Share in your feed').click({ timeout: SLOW_MS })
  await goes(ben, '#/identity')
  await shows(ben, ['Under the clock'], FINAL_MS)
})

// --- the circle ------------------------------------------------------------------------------------------------------

await check('ann vouches, and ben is one step away', async () => {
  await ann.owner.call('trust.set_settings', { schemas: [schema] })
  await goes(ann, '#/circle')
  await shows(ann, ['One person is in your circle', 'One step: you vouch for them'], FINAL_MS)
  await ann.page.getByRole('link', { name: /^Why/ }).first().click()
  await shows(ann, ['How you know them', 'you vouch for them'])
})
await isGood(ann, 'circle')

for (const who of [ann, ben]) {
  await check(`${who.name}: quiet console`, async () => expectEmpty(who.troubles(), 'troubles'))
  await who.browser.close()
  await who.node.stop()
}
chain.destroy()
await devnet.stop()
await tidy()
results.finish()
