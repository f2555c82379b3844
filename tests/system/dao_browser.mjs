// A community in two real browsers, each with a real node, on a devnet: ann makes it, proposes a payment after looking at
// what it would do, and votes; ben follows it and signs a ballot, which ann brings to the chain; both see the votes add up;
// it is queued and executed, and an audit saved. ethers looks at the chain after each step. axe on each screen, and 360 px.
//
//   node tests/system/dao_browser.mjs [--hearth FILE] [--screens DIR]
//
// The last line is "N passed, N failed, N skipped".
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ethers } from 'ethers'
import { axe, counter, eventually, expectEmpty, expectEqual, expectWords, launch, openPage, overflow, screenshot, until as soon } from '../ui/browser.mjs'
import { contractAt, tokens, World } from './dao_world.mjs'
import { option, parseOne, tidy, until } from './hearth.mjs'

const SLOW_MS = 30000
const screens = option('--screens')
const { check, ...results } = counter()
const world = await World.start()
const { chain } = world

async function person(name) {
  const who = await world.node(name)
  who.browser = await launch({ acceptDownloads: true })
  Object.assign(who, await openPage(who.browser.context))
  await who.page.goto(who.node.url)
  await who.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Network' }).waitFor({ timeout: SLOW_MS })
  return who
}

const main = ({ page }) => page.locator('main').innerText().then(text => text.replace(/\s+/g, ' '))
const shows = (who, words, ms = SLOW_MS) => eventually(async () => expectWords(await main(who), words, `${who.name} sees`), ms)
const goes = ({ page }, to) => page.evaluate(hash => { location.hash = hash }, to)
const button = ({ page }, name) => page.locator('main').getByRole('button', { name, exact: typeof name === 'string' })
const field = ({ page }, name) => page.locator('main').getByLabel(name)

// The wallet's sheet, once it can be pressed; a red one wants to be understood first.
async function signs({ page }) {
  const press = page.locator('dialog[open]').getByRole('button', { name: /^Sign/ })
  await press.waitFor({ timeout: SLOW_MS })
  const risk = page.locator('dialog[open]').getByLabel(/^I understand the risk/)
  if (await risk.count()) await risk.check()
  await soon('the sheet is armed', async () => (await press.getAttribute('aria-disabled')) !== 'true', SLOW_MS)
  await press.click()
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

const ann = await person('ann'), ben = await person('ben')
await world.acquaint(ann, ben)
const stranger = ethers.Wallet.createRandom().address
let address, governor, treasury, token, id, saved

// --- a community -----------------------------------------------------------------------------------

await check('ann makes a community: one form, one signature', async () => {
  await until('her balance is seen', () => ann.call('wallet.balances', { address: ann.address }).then(({ ether }) => BigInt(ether.balance) > 0n, () => false), SLOW_MS, 200)
  await goes(ann, '#/governance')
  await shows(ann, ['You follow no community yet'])
  await ann.page.locator('main').getByRole('link', { name: 'Begin' }).click()
  for (const [name, value] of [[/^Name/, 'Harbour'], [/^Symbol/, 'HRB'], [/^Who gets how many/, `${ann.address} 60\n${ben.address} 30\ntreasury 10`], [/^Hours before voting/, '0.003'], [/^Hours to vote/, '0.035'], [/^Quorum/, '10'], [/^Hours between/, '0.0005'], [/^Ether for/, '0.5']]) {
    await field(ann, name).fill(value)
  }
  await isGood(ann, 'create')
  await button(ann, 'Review and create').click()
  await signs(ann)
  await button(ann, 'Go there').waitFor({ timeout: 60000 })
  await isGood(ann, 'created')
  await button(ann, 'Go there').click()
  await shows(ann, ['Harbour', 'Treasury', 'Rules'], 60000)
  const [community] = (await ann.call('dao.list')).communities
  address = community.address
  governor = contractAt(address, 'CommunityGovernor', chain)
  treasury = community.timelock
  token = contractAt(community.token, 'CommunityToken', chain)
  expectEqual([await governor.name(), String(await chain.getBalance(treasury))], ['Harbour', String(ethers.parseEther('0.5'))], 'on the chain')
})
await isGood(ann, 'community')
await check('ben follows it by its address: his node proves what it is', async () => {
  await goes(ben, '#/governance')
  await field(ben, /^Address of its governor/).fill(address)
  await button(ben, 'Follow it').click()
  await shows(ben, ['Harbour', 'Treasury'], 60000)
})

// --- a proposal ------------------------------------------------------------------------------------

await check('ann looks at what her proposal would do before she proposes it', async () => {
  await goes(ann, `#/propose/${address}`)
  await field(ann, 'Title').fill('Mend the quay')
  await field(ann, /^Why/).fill('It is cracked.')
  await button(ann, 'Add an action').click()
  await field(ann, /^To/).fill(stranger)
  await field(ann, /^Amount|^Wei|^How much/i).fill('0.25')
  await button(ann, 'Look at it first').click()
  await shows(ann, [/0\.25 ETH/, 'Rehearsed on proven state', 'Its id'])
})
await isGood(ann, 'propose')
await check('she proposes it, and its page shows what it does', async () => {
  await button(ann, 'Propose it').click()
  await signs(ann)
  await shows(ann, ['Mend the quay'], 60000)
  id = (await until('it is listed', async () => (await ann.call('dao.proposals', { address })).proposals[0], 30000, 300)).id
  expectEqual(Number(await governor.state(id)) <= 1, true, 'pending or active')
  await goes(ann, `#/proposal/${address}.${id}`)
  await shows(ann, ['Mend the quay', 'It is cracked.', /0\.25 ETH/, 'Text matches its id'], 60000)
})

// --- voting ----------------------------------------------------------------------------------------

await check('ann votes with three quarters of what she has, in parts', async () => {
  await button(ann, 'Review and sign').waitFor({ timeout: 60000 })
  await shows(ann, [/You had 60/])
  await ann.page.locator('main').getByRole('radio', { name: 'Split', exact: false }).check()
  await field(ann, 'Shares in').selectOption('percent')
  await ann.page.locator('main').getByRole('textbox', { name: 'For', exact: true }).fill('75')
  await ann.page.locator('main').getByRole('textbox', { name: /^Reason/ }).fill('I fish there.')
  await shows(ann, ['45 given, 15 kept back'])
  await isGood(ann, 'proposal, active')
  await button(ann, 'Review and sign').click()
  await signs(ann)
  await until('it is on the chain', async () => (await governor.proposalVotes(id)).forVotes === tokens('45'), 30000, 300)
})
await check('and with the rest later', async () => {
  await shows(ann, ['You have 15 left.'], 60000)
  await ann.page.locator('main').getByRole('radio', { name: 'For', exact: true }).check()
  await ann.page.locator('main').getByRole('textbox', { name: /^Reason/ }).fill('')
  await button(ann, 'Review and sign').click()
  await signs(ann)
  await until('it is on the chain', async () => (await governor.proposalVotes(id)).forVotes === tokens('60'), 30000, 300)
})
await check('ben signs a ballot: nothing is sent', async () => {
  await goes(ben, `#/proposal/${address}.${id}`)
  await button(ben, 'Review and sign').waitFor({ timeout: 60000 })
  await ben.page.locator('main').getByRole('radio', { name: 'For', exact: true }).check()
  await ben.page.locator('main').getByRole('radio', { name: /^Sign a ballot/ }).check()
  await shows(ben, ['A signed ballot is public at once'])
  await button(ben, 'Review and sign').click()
  await signs(ben)
  await until('ann has it', async () => (await ann.call('dao.ballots', { address, id })).ballots.some(one => one.state === 'good'), 30000, 400)
  expectEqual([await governor.hasVoted(id, ben.address), await chain.getTransactionCount(ben.address)], [false, 0], 'on the chain')
})
await check('ann brings it to the chain', async () => {
  await shows(ann, ['Signed ballots'])
  await button(ann, /^Bring 1 ballot/).click()
  await signs(ann)
  await until('it counts', async () => (await governor.proposalVotes(id)).forVotes === tokens('90'), 30000, 300)
})
await check('both see that the votes add up, and every one of them', async () => {
  for (const who of [ann, ben]) {
    await goes(who, `#/proposal/${address}.${id}`)
    await shows(who, ['Tally proven', 'Voter list proven'], 60000)
    await who.page.locator('main').getByRole('link', { name: /^Every vote/ }).click()
    await shows(who, ['Every vote', 'I fish there.', '3 votes'], 60000)
  }
})
await check('each weight is proven against what its voter had at the snapshot, also where it was used in parts', async () => {
  const more = button(ann, /^Prove the weights/)
  if (await more.count()) await more.click()
  await soon('all are proven', async () => (await main(ann)).split('Weight proven').length === 4, 60000)
})
await isGood(ben, 'recount')
await check('ben hands the proposal out to others', async () => {
  await goes(ben, `#/proposal/${address}.${id}`)
  await button(ben, 'Hand it out to others').click({ timeout: SLOW_MS })
  await soon('that is said', async () => (await ben.page.locator('p[role=status]').last().textContent()) === 'Handed out')
})

// --- what was decided is done ----------------------------------------------------------------------

async function does(who, name) {
  await goes(who, `#/proposal/${address}.${id}`)
  await who.page.locator('main').getByText('What you can do with it').click({ timeout: SLOW_MS })
  await button(who, name).click({ timeout: SLOW_MS })
  await signs(who)
}
await check('ann queues it, ben executes it, and the money moves', async () => {
  await until('it has succeeded', async () => (await governor.state(id)) === 4n, 180000, 500)
  await shows(ann, ['Counted again'])
  await goes(ann, `#/proposal/${address}.${id}`)
  await shows(ann, ['Succeeded'], 60000)
  await does(ann, 'Queue')
  await until('it is queued', async () => (await governor.state(id)) === 5n, 30000, 300)
  await until('its time has come', async () => (await chain.getBlock('latest')).timestamp > (await governor.proposalEta(id)), 30000, 300)
  await goes(ben, `#/proposal/${address}.${id}`)
  await shows(ben, ['Queued'], 60000)
  await ben.proposal(address, id, 'it can be executed', now => now.timeline.some(step => step.what === 'executable' && step.state === 'now'))
  await does(ben, 'Execute')
  await until('it is executed', async () => (await governor.state(id)) === 7n, 30000, 300)
  expectEqual([String(await chain.getBalance(stranger)), String(await chain.getBalance(treasury))], [String(ethers.parseEther('0.25')), String(ethers.parseEther('0.25'))], 'paid, left')
  for (const who of [ann, ben]) await shows(who, ['Executed'], 60000)
})
await isGood(ann, 'executed')
await check('ben saves the audit, and the program without a node says that it is valid', async () => {
  await goes(ben, `#/recount/${address}.${id}`)
  await shows(ben, ['Take it along'], 60000)
  let text
  await until('it is made', async () => {
    const coming = ben.page.waitForEvent('download', { timeout: 8000 }).catch(() => null)
    await button(ben, /^Save Audit bundle/).click()
    const got = await coming
    text = got && await readFile(await got.path(), 'utf8')
    return text
  }, 120000, 2000)
  const file = (saved = join(ben.dir, 'saved.json'))
  await writeFile(file, text)
  const run = await ben.hearth('verify', file, '--json')
  expectEqual([run.code, parseOne(run.out).verdict], [0, 'valid'], run.out.slice(0, 600))
})
await check('ann checks that file on her own node, on a page', async () => {
  await goes(ann, '#/check')
  await ann.page.locator('main input[type=file]').setInputFiles(saved)
  await shows(ann, [/Valid as of finalized block/, 'Tally proven', 'Voter list proven', 'Harbour', 'The votes add up'], 60000)
  await isGood(ann, 'checked')
})

// --- a delegation that somebody else sends ---------------------------------------------------------

await check('ben picks ann from the list of delegates, and signs: nothing is sent', async () => {
  await goes(ben, `#/community/${address}`)
  await ben.page.locator('#delegates-h').waitFor({ timeout: 60000 })
  await ben.page.locator('section[aria-labelledby=delegates-h] li').filter({ has: ben.page.locator(`a[title="${ann.address}" i]`) }).getByRole('button').click()
  await field(ben, /^How/).selectOption('signature')
  await button(ben, 'Give').click()
  await signs(ben)
  await shows(ben, ['Signed, and not sent'])
  await isGood(ben, 'delegation')
  expectEqual(await token.delegates(ben.address), ben.address, 'on the chain')
})
await check('ann checks what he gave her, and sends it at her own cost', async () => {
  const text = await ben.page.getByRole('region', { name: 'The signed delegation' }).innerText()
  await goes(ann, '#/check')
  await field(ann, /^Audit file/).fill(text.replace(/"nonce": "0"/, '"nonce": "1"'))
  await button(ann, 'Verify').click()
  await shows(ann, ['cannot be sent'], 60000)
  await field(ann, /^Audit file/).fill(text)
  await button(ann, 'Verify').click()
  await shows(ann, ['can be sent', 'Harbour'], 60000)
  const sent = await chain.getTransactionCount(ben.address)
  await button(ann, 'Review and send').click()
  await signs(ann)
  await until('it counts', async () => (await token.delegates(ben.address)) === ann.address, 30000, 300)
  expectEqual(await chain.getTransactionCount(ben.address), sent, 'transactions of ben')
})
await check('used once, it cannot be sent again', async () => {
  await soon('it is used', async () => { await button(ann, 'Verify').click(); await ann.page.waitForTimeout(500); return (await main(ann)).includes('cannot be sent') }, 60000)
})
await check('the community has a name of his own', async () => {
  await ben.page.locator('main').getByText('Your name for it').click()
  await field(ben, 'Name').fill('The quay')
  await button(ben, 'Save').click()
  await soon('it is named', async () => (await ben.page.locator('h1').innerText()) === 'The quay')
})
for (const who of [ann, ben]) {
  await check(`${who.name}: quiet console`, async () => expectEmpty(who.troubles(), 'troubles'))
  await who.browser.close()
}
await world.stop()
await tidy()
results.finish()
process.exit()
