// Signing in to one's own node with an Ethereum account: the real node's door, messages read and written by the npm package
// `siwe`, signatures by ethers; then Chromium with a wallet in the page. The node has no provider: a key's own signature
// needs none.
//
//   node tests/system/sign_in.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import http from 'node:http'
import { ethers } from 'ethers'
import { SiweMessage } from 'siwe'
import { axe, counter, eventually, expectEmpty, expectEqual, expectWords, launch, openPage, overflow } from '../ui/browser.mjs'
import { dataDir, expect, freePort, Hearth, tidy, until } from './hearth.mjs'

const { check, ...results } = counter()
const dir = await dataDir('sign-in')
// One port for all runs: what was asked for before a restart names the same address.
const port = await freePort()
const deaf = await freePort()
const start = () => Hearth.start({ network: 'mainnet', dir, port, beacons: [`http://127.0.0.1:${deaf}`] })
let node = await start()
const { host } = new URL(node.origin)
const [owner, other] = [ethers.Wallet.createRandom(), ethers.Wallet.createRandom()]

// --- a browser without a screen ------------------------------------------------------------------------

function ask(method, path, { body, ...headers } = {}) {
  const text = body && JSON.stringify(body)
  return new Promise((done, failed) => {
    const request = http.request(node.origin + path, { method, headers: { host, origin: node.origin, ...(text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }), ...headers } }, async answer => {
      let got = ''
      for await (const part of answer) got += part
      done({ status: answer.statusCode, headers: answer.headers, json: got ? JSON.parse(got) : null })
    })
    request.setTimeout(5000, () => request.destroy(new Error(`${path}: no answer`)))
    request.on('error', failed)
    request.end(text)
  })
}

// All that sign in have some requests together; the tests wait their turn as a person would.
async function patient(run) {
  let last
  await until('a turn at the door', async () => (last = await run()).status !== 429, 30000, 500)
  return last
}
const siwe = (method, params, more = {}) => patient(() => ask('POST', '/siwe', { body: { jsonrpc: '2.0', id: 1, method: `siwe.${method}`, params }, ...more }))
const login = (ticket, more = {}) => patient(() => ask('POST', '/login', { body: { ticket }, ...more }))
// [status, code] of what is refused, by the door or by the method.
const codeOf = ({ status, json }) => [status, json?.error?.data?.code ?? json?.error?.code ?? '']
const challenge = async (address, at = host) => (await siwe('challenge', { domain: at, uri: `http://${at}/`, ...(address && { address }) }, { host: at, origin: `http://${at}` })).json.result
const verify = async (message, signer = owner) => siwe('verify', { message, signature: await signer.signMessage(message) })
const cookieOf = answer => answer.headers['set-cookie']?.[0].split(';')[0] ?? ''
const isIn = async cookie => (await ask('GET', '/session', { cookie })).status === 200
const allow = addresses => node.call('siwe.set_settings', { is_enabled: true, addresses })

// A ticket for an account that may.
async function ticketOf(signer = owner) {
  const { message } = await challenge(signer.address)
  return (await verify(message, signer)).json.result.ticket
}

// --- who may -------------------------------------------------------------------------------------------

await check('at first no account may, and the door answers nothing', async () => {
  expectEqual(await node.call('siwe.settings'), { is_enabled: false, takes_accounts: false, addresses: [] }, 'settings')
  expectEqual((await ask('GET', '/siwe')).json, { is_enabled: false }, 'what a page is told')
  expectEqual(codeOf(await siwe('challenge', { domain: host, uri: `${node.origin}/` })), [404, 'siwe_off'], 'challenge')
  expectEqual(codeOf(await login('00'.repeat(32))), [403, 'siwe_off'], 'ticket')
})
await check('enabled with no account listed it stays shut', async () => {
  await node.call('siwe.set_settings', { is_enabled: true })
  expectEqual((await ask('GET', '/siwe')).json, { is_enabled: false }, 'what a page is told')
})
await check('an account that is let in opens the door to questions', async () => {
  expectEqual(await allow([owner.address]), { is_enabled: true, takes_accounts: false, addresses: [owner.address] }, 'settings')
  expectEqual((await ask('GET', '/siwe')).json, { is_enabled: true }, 'what a page is told')
})

// --- in ------------------------------------------------------------------------------------------------

let used = null
await check('the message is one that siwe reads, of this address, and siwe finds the signature good', async () => {
  const { message, nonce, domain, uri, chain_id: chainId } = await challenge(owner.address)
  const read = new SiweMessage(message)
  expectEqual([read.address, read.domain, read.uri, read.nonce, read.chainId, read.version], [owner.address, host, `${node.origin}/`, nonce, chainId, '1'], 'members')
  expectEqual([domain, uri, chainId], [host, `${node.origin}/`, 1], 'challenge')
  expectEqual(read.prepareMessage(), message, 'as siwe writes it')
  used = { message, signature: await owner.signMessage(message) }
  expect((await read.verify({ signature: used.signature, nonce, domain: host })).success, 'siwe does not take it')
})
let ticket = null
await check('signed, it is worth a ticket', async () => {
  const { result } = (await siwe('verify', used)).json
  expectEqual([result.verdict, result.how, result.address, result.may_sign_in], ['valid', 'ecdsa', owner.address, true], 'verdict')
  expect(/^[0-9a-f]{64}$/.test(result.ticket), result.ticket)
  ticket = result.ticket
})
let cookie = null
await check('the ticket is worth a session, in a cookie that scripts do not see', async () => {
  const answer = await login(ticket, { 'user-agent': 'By account/1.0' })
  expectEqual(answer.status, 204, 'status')
  expect(/^hearth_session=[0-9a-f]{64}; HttpOnly; SameSite=Strict; Path=\/$/.test(answer.headers['set-cookie'][0]), answer.headers['set-cookie'][0])
  cookie = cookieOf(answer)
  expect(await isIn(cookie), 'the session does not work')
  const told = await ask('POST', '/api', { cookie, body: { jsonrpc: '2.0', id: 1, method: 'session.list' } })
  expectEqual(told.json.result.sessions.map(s => [s.user_agent, s.is_this]), [['By account/1.0', true]], 'sessions')
})
await check('the audit log says which account came in', async () => {
  await until('the entry', async () => (await node.call('wallet.audit', { limit: 20 })).entries.some(e => e.event === 'signed_in_with_ethereum' && e.account?.toLowerCase() === owner.address.toLowerCase()))
})
await check('a message that siwe writes itself, with our nonce, is as good', async () => {
  const { nonce } = await challenge()
  const message = new SiweMessage({ domain: host, address: owner.address, uri: `${node.origin}/`, version: '1', chainId: 1, nonce, statement: 'By my own words.' }).prepareMessage()
  const { result } = (await verify(message)).json
  expectEqual([result.verdict, result.may_sign_in], ['valid', true], 'verdict')
})

// --- not in --------------------------------------------------------------------------------------------

await check('the ticket opens nothing a second time', async () => {
  const answer = await login(ticket)
  expectEqual([...codeOf(answer), cookieOf(answer)], [403, 'bad_ticket', ''], 'login')
})
await check('the nonce is taken once', async () => expectEqual(codeOf(await siwe('verify', used)), [200, 'siwe_nonce_unknown'], 'verify'))
await check('a ticket is good at the address only that was signed for', async () => {
  const there = await ticketOf()
  const local = `localhost:${port}`
  expectEqual(codeOf(await login(there, { host: local, origin: `http://${local}` })), [403, 'bad_ticket'], 'elsewhere')
  expectEqual(codeOf(await login(there)), [403, 'bad_ticket'], 'used up by that')
})
await check('pages of other origins, and programs without one, are refused', async () => {
  for (const origin of ['http://evil.example', 'null', `https://${host}`, 'moz-extension://0f3c6d2e', `http://localhost:${port}`]) {
    expectEqual(codeOf(await siwe('challenge', { domain: host, uri: `${node.origin}/` }, { origin })), [403, 'bad_origin'], origin)
    expectEqual(codeOf(await login('00'.repeat(32), { origin })), [403, 'bad_origin'], origin)
  }
})
await check('no challenge is given for another address', async () => {
  for (const at of ['evil.example', '127.0.0.1:1']) expectEqual(codeOf(await siwe('challenge', { domain: at, uri: `http://${at}/` })), [400, 'bad_domain'], at)
})
await check('a message for another page is refused, whatever nonce it has', async () => {
  const { nonce } = await challenge()
  const message = new SiweMessage({ domain: 'evil.example', address: owner.address, uri: 'http://evil.example/', version: '1', chainId: 1, nonce }).prepareMessage()
  expectEqual(codeOf(await verify(message))[1], 'siwe_domain', 'verify')
})
await check('one that has expired by its own words is refused', async () => {
  const { nonce } = await challenge()
  const message = new SiweMessage({ domain: host, address: owner.address, uri: `${node.origin}/`, version: '1', chainId: 1, nonce, issuedAt: new Date(Date.now() - 60000).toISOString(), expirationTime: new Date(Date.now() - 30000).toISOString() }).prepareMessage()
  expectEqual(codeOf(await verify(message))[1], 'siwe_expired', 'verify')
})
await check('an account that is not let in signs well and gets no ticket', async () => {
  const { message } = await challenge(other.address)
  const { result } = (await verify(message, other)).json
  expectEqual([result.verdict, result.may_sign_in, 'ticket' in result], ['valid', false, false], 'verdict')
})
await check('a signature of another key is no sign-in', async () => {
  const { message } = await challenge(owner.address)
  const { result } = (await verify(message, other)).json
  expect(result.verdict !== 'valid' && !result.may_sign_in && !('ticket' in result), JSON.stringify(result))
})
await check('nothing else is answered without a session', async () => {
  for (const method of ['settings', 'set_settings']) expectEqual(codeOf(await siwe(method, { is_enabled: true })), [403, 'siwe_method'], method)
})
await check('a ticket ends with the permission it was given under', async () => {
  const there = await ticketOf()
  await allow([other.address])
  expectEqual(codeOf(await login(there)), [403, 'bad_ticket'], 'login')
  await allow([owner.address])
})
await check('after a restart nothing is good that was asked, used or given before, and the setting stays', async () => {
  const { message } = await challenge(owner.address)
  const before = await ticketOf()
  await node.kill()
  node = await start()
  expectEqual((await node.call('siwe.settings')).addresses, [owner.address], 'addresses')
  expectEqual(codeOf(await siwe('verify', used))[1], 'siwe_nonce_unknown', 'a nonce that was used')
  expectEqual(codeOf(await verify(message))[1], 'siwe_nonce_unknown', 'a nonce that was not')
  expectEqual(codeOf(await login(before)), [403, 'bad_ticket'], 'ticket')
  expect(!(await isIn(cookie)), 'the session outlived the run')
})

// --- in a browser --------------------------------------------------------------------------------------

const REFUSED = [/401 \(Unauthorized\)/, /WebSocket connection to .* failed/, /403 \(Forbidden\)/]
const browser = await launch()
const { page, troubles } = await openPage(browser.context, { expected: REFUSED })
// A wallet as browsers have them, whose keys are here.
let held = other
let answers = 'signs'
const seen = []
await page.exposeFunction('walletOfTest', async ({ method, params }) => {
  seen.push(method)
  if (method === 'eth_requestAccounts') return { result: [held.address.toLowerCase()] }
  if (answers === 'rejects') return { code: 4001 }
  return { result: await held.signMessage(ethers.getBytes(params[0])) }
})
await page.addInitScript(() => {
  window.ethereum = {
    async request(what) {
      const { result, code } = await window.walletOfTest(what)
      if (code) throw Object.assign(new Error('rejected'), { code })
      return result
    }
  }
})
const button = page.getByRole('button', { name: 'Sign in with an Ethereum account' })
const words = () => page.locator('main').innerText()

await check('browser: the page without a session offers it, at 320 pixels too', async () => {
  await page.goto(node.origin)
  await button.waitFor()
  expectWords(await words(), ['With an Ethereum account', host], 'the screen')
  expectEmpty(await axe(page), 'violations')
  await page.setViewportSize({ width: 320, height: 640 })
  expectEmpty(await overflow(page), 'overflow')
  await page.setViewportSize({ width: 1280, height: 860 })
})
await check('browser: an account that is not let in is told so', async () => {
  await button.click()
  await eventually(async () => expectWords(await words(), ['You are not signed in', 'This account may not sign in', 'Code siwe_not_allowed'], 'the screen'))
})
await check('browser: who rejects in the wallet stays out', async () => {
  answers = 'rejects'
  await button.click()
  await eventually(async () => expectWords(await words(), ['You rejected it.'], 'the screen'))
})
await check('browser: an account that is let in opens the page', async () => {
  answers = 'signs'
  held = owner
  await button.click()
  await page.getByRole('navigation').first().waitFor()
  expectEqual(seen.slice(-2), ['eth_requestAccounts', 'personal_sign'], 'what the wallet was asked')
})
const rule = page.locator('section[aria-labelledby="sign-in-h"]')
await check('browser: Settings says who may, lets another in and takes one out', async () => {
  await page.evaluate(() => { location.hash = '#/settings/sign-in' })
  await rule.getByText('An account elsewhere').waitFor()
  await rule.getByLabel('Let an account in').fill('0x12')
  await rule.getByRole('button', { name: 'Let it in' }).click()
  await eventually(async () => expectWords(await rule.innerText(), ['An address is 0x and 40 hexadecimal digits.'], 'the card'))
  await rule.getByLabel('Let an account in').fill(other.address)
  await rule.getByRole('button', { name: 'Let it in' }).click()
  await until('two accounts', async () => (await node.call('siwe.settings')).addresses.length === 2)
  expectEmpty(await axe(page), 'violations')
  await page.setViewportSize({ width: 320, height: 640 })
  expectEmpty(await overflow(page), 'overflow')
  await page.setViewportSize({ width: 1280, height: 860 })
  await rule.getByRole('button', { name: `Take out ${other.address}` }).click()
  await until('one account', async () => (await node.call('siwe.settings')).addresses.length === 1)
})
await check('too many attempts are told to wait, and the token still opens', async () => {
  const all = await Promise.all(Array.from({ length: 30 }, () => ask('POST', '/siwe', { body: { jsonrpc: '2.0', id: 1, method: 'siwe.verify', params: used } })))
  const late = all.filter(a => a.status === 429)
  expect(late.length >= 10 && late.every(a => codeOf(a)[1] === 'too_many_attempts'), `${late.length} of 30 were told to wait`)
  const token = new URL(node.url).hash.slice('#token='.length)
  expectEqual((await ask('POST', '/login', { body: { token } })).status, 204, 'by the token')
})
await check('browser: switched off there, it is off, and the page says so', async () => {
  const tick = rule.getByRole('checkbox', { name: 'Ethereum accounts may sign in' })
  expect(await tick.isChecked(), 'it is not ticked')
  await tick.click()
  await until('off', async () => !(await node.call('siwe.settings')).is_enabled)
  await eventually(async () => expectEqual(await tick.isChecked(), false, 'ticked'))
  expectEqual((await ask('GET', '/siwe')).json, { is_enabled: false }, 'what a page is told')
  await browser.context.clearCookies()
  await page.goto('about:blank')
  await page.goto(node.origin)
  await page.getByText('This page is not signed in').waitFor()
  expectEqual(await button.count(), 0, 'buttons')
})
await check('browser: quiet console', async () => expectEmpty(troubles(), 'troubles'))

await browser.close()
await check('no secret is in the log, and the node ends as it should', async () => {
  for (const secret of [ticket, cookie.split('=')[1]]) expect(!node.log.includes(secret), 'a secret is in the log')
  expectEqual(await node.stop(), 0, 'exit code')
})
await tidy()
results.finish()
process.exit()
