// The wallet from a newcomer's first click to a final payment, in a real browser against the real node, signer and
// chain: keys made and checked, the same words on a second data directory, ether and a token sent and seen to be final.
//
//   node tests/system/first_run.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { ethers } from 'ethers'
import { startDevnet } from '../devnet/devnet.mjs'
import { axe, counter, expectEmpty, expectEqual, launch, openPage, until as soon } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, tidy, until, writeNetwork } from './hearth.mjs'
import { ERC20, tokenCode } from './wallet_token.mjs'

const PASSPHRASE = 'a first run in the browser'
const results = counter()
const { check } = results
const devnet = await startDevnet({ preset: 'minimal', slotMs: 1000 })
const network = await writeNetwork(devnet.network)
const chain = new ethers.JsonRpcProvider(devnet.rpcUrl, undefined, { staticNetwork: true, batchMaxCount: 1 })
const browser = await launch()

async function start(name) {
  const node = await Hearth.start({ network, dir: await dataDir(name), beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
  await node.live(10000)
  const opened = await openPage(browser.context)
  await opened.page.goto(node.url)
  await opened.page.locator('a.trust[data-s="ok"]').waitFor()
  await opened.page.evaluate(() => { location.hash = '#/wallet' })
  return { node, ...opened }
}

const shows = (page, words, ms) => soon(`"${words}" is drawn`, async () => (await page.locator('main').innerText()).replace(/\s+/g, ' ').includes(words), ms)
const button = (page, name) => page.getByRole('button', { name, exact: true })
const field = (page, name) => page.getByLabel(name, { exact: true })
// The token's row: "100 proven at …"; its amount comes first.
const rowOf = async page => (await page.getByRole('region', { name: 'Balances' }).locator('tr', { hasText: 'HRT' }).locator('td').allInnerTexts()).join(' ').replace(/\s+/g, ' ')
const account = async node => (await node.call('wallet.accounts', {})).accounts[0]

const first = await start('first-run')
let words = []
await check('keys are made, shown once, checked, and the first account is there', async () => {
  const { page, node } = first
  await shows(page, 'Begin your wallet')
  await field(page, 'Passphrase').fill(PASSPHRASE)
  await field(page, 'Passphrase, again').fill(PASSPHRASE)
  await button(page, 'Make the keys and show the words').click()
  await shows(page, 'Write these words down')
  words = await page.locator('.words b').allInnerTexts()
  expect(ethers.Mnemonic.isValidMnemonic(words.join(' ')), 'ethers does not take the words')
  await button(page, 'I wrote them down').click()
  const labels = (await page.locator('form label').allInnerTexts()).filter(text => /^Word \d+$/.test(text))
  for (const label of labels) await field(page, label).fill(words[Number(label.slice(5)) - 1])
  await button(page, 'Check').click()
  await shows(page, 'Unlocked.')
  const made = await account(node)
  expectEqual(made.address.toLowerCase(), ethers.Wallet.fromPhrase(words.join(' ')).address.toLowerCase(), 'address, as ethers derives it')
  expectEmpty(await axe(page), 'violations')
})
await check('what comes in is shown, proven', async () => {
  const { page, node } = first
  const { address } = await account(node)
  const paid = await (await chain.getSigner(0)).sendTransaction({ to: address, value: ethers.parseEther('2.5') })
  await paid.wait(1, 10000)
  await shows(page, '2.5 ETH')
})
let hash
const to = ethers.Wallet.createRandom().address
await check('ether is sent: cost, sheet, signature, and the chain has it', async () => {
  const { page } = first
  await field(page, 'To').fill(to)
  await field(page, 'Amount').fill('0.75')
  await button(page, 'See what it costs').click()
  await button(page, 'Review and sign').click()
  await page.locator('dialog[open]').waitFor()
  await page.waitForTimeout(700)
  await button(page, 'Sign and send').click()
  await shows(page, 'Sent: ')
  await until('it is on the chain', async () => (await chain.getBalance(to)) === ethers.parseEther('0.75'), 15000)
  hash = (await first.node.call('l1.outbox', {})).transactions[0].hash
  expectEqual((await chain.getTransaction(hash)).to, to, 'recipient on the chain')
})
await check('it is followed until it is final, and the page says so', async () => {
  const { page, node } = first
  await until('final', async () => (await node.call('l1.outbox', {})).transactions.find(t => t.hash === hash)?.state === 'finalized', 60000)
  await shows(page, 'inal')
})

const tokenOf = async (contract, address) => BigInt(await chain.call({ to: contract, data: ERC20.encodeFunctionData('balanceOf', [address]) }))
let token
await check('a token that came in is added, and its balance is shown, proven', async () => {
  const { page, node } = first
  const { address } = await account(node)
  const maker = await chain.getSigner(0)
  token = (await (await maker.sendTransaction({ data: tokenCode(10n ** 24n) })).wait(1, 10000)).contractAddress
  await (await maker.sendTransaction({ to: token, data: ERC20.encodeFunctionData('transfer', [address, ethers.parseEther('100')]) })).wait(1, 10000)
  await page.getByText('Tokens to watch').click()
  await field(page, 'Contract of the token').fill(token)
  await field(page, 'Symbol').fill('HRT')
  await field(page, 'Decimals').fill('18')
  await button(page, 'Watch this token').click()
  await until(async () => `100 HRT; the page has ${await rowOf(page)}`, async () => (await rowOf(page)).startsWith('100 '), 20000, 200)
  expect(/proven/i.test(await rowOf(page)), await rowOf(page))
})
let tokenHash
await check('the token is sent: what leaves stands on the sheet, and the chain has it', async () => {
  const { page, node } = first
  await field(page, 'To').fill(to)
  await field(page, 'Amount').fill('2.5')
  await field(page, 'Asset').selectOption({ label: 'HRT' })
  await button(page, 'See what it costs').click()
  await button(page, 'Review and sign').click()
  const sheet = page.locator('dialog[open]')
  await sheet.waitFor()
  const words = (await sheet.innerText()).replace(/\s+/g, ' ')
  expect(words.includes('2.5 HRT'), words)
  expectEmpty(await axe(page), 'violations')
  await page.waitForTimeout(700)
  await button(page, 'Sign and send').click()
  await until('it is on the chain', async () => (await tokenOf(token, to)) === ethers.parseEther('2.5'), 15000)
  tokenHash = (await node.call('wallet.activity', {})).transactions.find(t => t.nonce === 1).hash
  expectEqual((await chain.getTransaction(tokenHash)).to, token, 'the contract on the chain')
  expectEqual((await chain.getTransactionReceipt(tokenHash)).status, 1, 'status')
})
await check('it stands in Activity until it is final, and the balance is what is left', async () => {
  const { page, node } = first
  const row = page.locator('main li', { has: page.locator(`a[href*="${tokenHash}"]`) })
  await until(async () => `final; the page has ${await row.innerText()}`, async () => /^Final\b|\bFinal\. /.test(await row.innerText()), 60000, 300)
  expectEqual((await node.call('wallet.activity', {})).transactions.find(t => t.hash === tokenHash).state, 'finalized', 'state')
  await until(async () => `97.5 HRT; the page has ${await rowOf(page)}`, async () => (await rowOf(page)).startsWith('97.5 '), 20000, 200)
  expect(/proven/i.test(await rowOf(page)), await rowOf(page))
  expectEqual(String(await tokenOf(token, (await account(node)).address)), String(ethers.parseEther('97.5')), 'balance on the chain')
})
await check('the console of the first run is quiet', async () => expectEmpty(first.troubles(), 'troubles'))
await first.page.close()

const second = await start('second-run')
await check('the same words on a second data directory give the same account', async () => {
  const { page, node } = second
  await page.getByText('Restore from words').click()
  await field(page, 'The words, in order').fill(words.join(' '))
  await field(page, 'Passphrase').fill(PASSPHRASE + ' 2')
  await field(page, 'Passphrase, again').fill(PASSPHRASE + ' 2')
  await button(page, 'Restore').click()
  // Sealing and unsealing are slow by design, and slower on a machine with more to do.
  await shows(page, 'Unlocked.', 20000)
  expectEqual((await account(node)).address, (await account(first.node)).address, 'address')
})
await check('the console of the second run is quiet', async () => expectEmpty(second.troubles(), 'troubles'))

await browser.close()
await first.node.stop()
await second.node.stop()
chain.destroy()
await devnet.stop()
await tidy()
results.finish()
process.exit()
