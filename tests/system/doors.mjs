// Pages of other origins at /eth, in Chromium: what a stranger learns, what a page is granted, and how it loses it.
//
//   node tests/system/doors.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import http from 'node:http'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { ethers } from 'ethers'
import { startDevnet } from '../devnet/devnet.mjs'
import { counter, expectEqual, launch } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, tidy, until, writeNetwork } from './hearth.mjs'
import { firstRun } from './wallet_owner.mjs'

const UNAUTHORIZED = 4100, REJECTED = 4001
const CHAIN = '0x7a69'
const WORDS = ethers.Mnemonic.fromEntropy(ethers.randomBytes(16)).phrase

const { check, ...results } = counter()
const devnet = await startDevnet({ preset: 'minimal', slotMs: 1000 })
const chain = new ethers.JsonRpcProvider(devnet.rpcUrl, undefined, { staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1 })
const node = await Hearth.start({ network: await writeNetwork(devnet.network), dir: await dataDir('doors'), beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
await node.live(15000)
const { owner, account } = await firstRun(node, 'a passphrase of the test', WORDS)
const me = ethers.getAddress(account.address)
const [seed] = (await owner.accounts()).seeds
await owner.call('wallet.add_account', { seed: seed.id })
const other = (await owner.accounts()).accounts[1].address
await (await (await chain.getSigner(0)).sendTransaction({ to: me, value: ethers.parseEther('10') })).wait()

// --- pages ---------------------------------------------------------------------------------------------

const ethersCode = await readFile(fileURLToPath(import.meta.resolve('ethers')).replace(/lib\.esm\/index\.js$/, 'dist/ethers.min.js'))
const PAGE = `<!doctype html><meta charset="utf-8"><title>another site</title><link rel="icon" href="data:,">
<script>window.announced = []; window.addEventListener('eip6963:announceProvider', e => window.announced.push(e.detail.info.rdns))</script>
<script src="${node.origin}/eth/provider.js"></script>`
const site = http.createServer((request, response) => {
  const isCode = request.url === '/ethers.js'
  response.writeHead(200, { 'content-type': isCode ? 'text/javascript' : 'text/html; charset=utf-8' })
  response.end(isCode ? ethersCode : PAGE)
})
await new Promise(done => site.listen(0, '127.0.0.1', done))
const here = `http://127.0.0.1:${site.address().port}`
const elsewhere = `http://localhost:${site.address().port}`

const browser = await launch()
async function visit(origin) {
  const page = await browser.context.newPage()
  await page.goto(origin)
  return page
}
// {result} or {code, message}, through the provider that the page has loaded.
const ask = (page, method, params) => page.evaluate(([m, p]) => window.ethereum.request({ method: m, params: p }).then(result => ({ result }), ({ code, message }) => ({ code, message })), [method, params])
// The same over a websocket of the page's own; a closed one is {closed}.
const askBySocket = (frame, url, method, params) => frame.evaluate(([u, m, p]) => new Promise(done => {
  const socket = new WebSocket(u)
  socket.onopen = () => socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: m, params: p }))
  socket.onmessage = ({ data }) => { done(JSON.parse(data)); socket.close() }
  socket.onclose = () => done({ closed: true })
}), [url, method, params])
const isRefused = ({ result, code, closed, error }) => closed || (result === undefined && (code ?? error?.code) === UNAUTHORIZED)
const TELLING = [['eth_chainId', []], ['net_version', []], ['eth_blockNumber', []], ['eth_getBalance', [me, 'latest']], ['eth_getCode', [me, 'latest']], ['eth_syncing', []],
  ['web3_clientVersion', []], ['eth_getBlockByNumber', ['latest', false]], ['eth_subscribe', ['newHeads']], ['eth_sendRawTransaction', ['0x02f8']], ['personal_sign', ['0x61', me]],
  ['eth_signTypedData_v4', [me, '{}']], ['eth_sendTransaction', [{ from: me, to: me }]], ['wallet_switchEthereumChain', [{ chainId: CHAIN }]], ['wallet_watchAsset', [{}]], ['wallet.status', {}], ['l1.status', {}], ['no_such', []]]

async function learnsNothing(who, question) {
  await check(`${who}: is told of no accounts`, async () => {
    const answer = await question('eth_accounts', [])
    expect(isRefused(answer) || JSON.stringify(answer.result) === '[]', JSON.stringify(answer))
  })
  await check(`${who}: is refused all the rest`, async () => {
    for (const [method, params] of TELLING) {
      const answer = await question(method, params)
      expect(isRefused(answer), `${method}: ${JSON.stringify(answer)}`)
    }
  })
}

const page = await visit(here)
await check('the provider announces itself and is window.ethereum', async () => {
  expectEqual(await page.evaluate(() => [window.ethereum?.isHearth, window.announced.includes('local.hearth')]), [true, true], 'provider')
})
await learnsNothing('a page without permission', (method, params) => ask(page, method, params))
await learnsNothing('a websocket of its own', (method, params) => askBySocket(page, `${node.origin.replace('http', 'ws')}/eth`, method, params))
// Everything at once over one websocket of the page, which reads as it comes: how many answers of which code, 0 for
// a result, and whether the socket is open after.
const floodBySocket = (frame, url, method, count) => frame.evaluate(([u, m, n]) => new Promise(done => {
  const socket = new WebSocket(u)
  const codes = {}
  const ids = new Set()
  let isEnding = false
  const end = () => {
    isEnding = true
    done({ codes, answered: ids.size, isOpen: socket.readyState === WebSocket.OPEN })
    socket.close()
  }
  socket.onopen = () => { for (let id = 1; id <= n; id++) socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: m, params: [] })) }
  socket.onmessage = ({ data }) => {
    const { id, error } = JSON.parse(data)
    if (id === undefined) return
    ids.add(id)
    codes[error?.code ?? 0] = (codes[error?.code ?? 0] ?? 0) + 1
    if (ids.size === n) end()
  }
  socket.onclose = ({ code, reason }) => isEnding || done({ codes, answered: ids.size, closed: [code, reason] })
}), [url, method, count])
await check('a page that asks for accounts a thousand times at once is answered each time, and stays connected', async () => {
  const pending = floodBySocket(page, `${node.origin.replace('http', 'ws')}/eth`, 'eth_requestAccounts', 1000)
  let answer
  pending.then(value => (answer = value), error => (answer = { codes: error.message }))
  await until('all are answered', async () => {
    for (const item of await owner.queue()) await owner.decide(item, false).catch(() => {})
    return answer
  }, 15000, 50)
  const { answered, isOpen, closed, codes } = answer
  console.log(`a thousand eth_requestAccounts at once: ${JSON.stringify(codes)}`)
  expectEqual([answered, isOpen, closed], [1000, true, undefined], 'answers')
})
await check('it does not get into /api, by websocket or by POST', async () => {
  expectEqual(await askBySocket(page, `${node.origin.replace('http', 'ws')}/api`, 'wallet.accounts', {}), { closed: true }, 'websocket')
  for (const path of ['/api', '/eth']) {
    const text = await page.evaluate(url => fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}' }).then(r => r.text(), error => error.name), node.origin + path)
    expectEqual(text, 'TypeError', `POST ${path}`)
    // Sent without a preflight, with nothing to be read.
    const type = await page.evaluate(url => fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{"jsonrpc":"2.0","id":1,"method":"eth_requestAccounts"}' }).then(r => r.type, error => error.name), node.origin + path)
    expect(['opaque', 'TypeError'].includes(type), type)
  }
  expectEqual(await owner.queue(), [], 'queue')
})
await check('a page of no origin is refused, and may not even ask', async () => {
  await page.evaluate(() => {
    const frame = document.createElement('iframe')
    frame.sandbox = 'allow-scripts'
    frame.srcdoc = '<p>nobody</p>'
    frame.name = 'nobody'
    document.body.append(frame)
  })
  const frame = await until('the frame', () => page.frame('nobody'))
  await frame.waitForLoadState()
  for (const method of ['eth_requestAccounts', 'eth_chainId', 'eth_accounts']) {
    const answer = await askBySocket(frame, `${node.origin.replace('http', 'ws')}/eth`, method, [])
    expect(isRefused(answer) || JSON.stringify(answer.result) === '[]', `${method}: ${JSON.stringify(answer)}`)
  }
  expectEqual(await owner.queue(), [], 'queue')
})

// --- permission --------------------------------------------------------------------------------------------

// Asks in the page, decides as the owner, and gives {answer, item}.
async function asked(who, method, params, approve = true, more = {}) {
  const pending = ask(who, method, params)
  const item = await owner.waiting()
  await owner.decide(item, approve, more)
  return { answer: await pending, item }
}
await page.evaluate(() => {
  window.told = []
  for (const name of ['connect', 'accountsChanged', 'chainChanged', 'disconnect']) window.ethereum.on(name, value => window.told.push([name, value]))
})
const told = name => page.evaluate(n => window.told.filter(([one]) => one === n).map(([, value]) => value), name)
await check('what the owner rejects is 4001, and nothing is granted', async () => {
  const { answer, item } = await asked(page, 'eth_requestAccounts', [], false)
  expectEqual([item.kind, item.origin, item.is_own], ['permission', here, false], 'item')
  expectEqual(answer.code, REJECTED, 'code')
  expectEqual((await owner.call('wallet.permissions')).permissions, [], 'permissions')
  expect(isRefused(await ask(page, 'eth_chainId', [])), 'the chain is told')
})
await check('what the owner approves shows that account, to this origin alone', async () => {
  const { answer } = await asked(page, 'eth_requestAccounts', [])
  expectEqual(answer.result?.map(ethers.getAddress), [me], 'accounts')
  expectEqual((await ask(page, 'eth_accounts', [])).result, answer.result, 'eth_accounts')
  expectEqual((await ask(page, 'eth_chainId', [])).result, CHAIN, 'chain')
  expectEqual((await owner.call('wallet.permissions')).permissions.map(one => one.origin), [here], 'permissions')
})
await check('asked again it answers at once', async () => {
  expectEqual((await ask(page, 'eth_requestAccounts', [])).result?.map(ethers.getAddress), [me], 'accounts')
  expectEqual(await owner.queue(), [], 'queue')
})
await check('it is told by accountsChanged and connect', async () => {
  await until('both events', async () => (await told('accountsChanged')).length > 0 && (await told('connect')).length > 0)
  expectEqual((await told('accountsChanged')).at(-1).map(ethers.getAddress), [me], 'accountsChanged')
  expectEqual((await told('connect')).at(-1), { chainId: CHAIN }, 'connect')
})
const stranger = await visit(elsewhere)
await learnsNothing('the same page at another name', (method, params) => ask(stranger, method, params))

// --- signatures ------------------------------------------------------------------------------------------------

await check('personal_sign is confirmed and verified', async () => {
  const { answer, item } = await asked(page, 'personal_sign', [ethers.hexlify(ethers.toUtf8Bytes('hello from a page')), me])
  expectEqual(ethers.verifyMessage('hello from a page', answer.result), me, 'signer')
  expectEqual([item.kind, item.origin], ['message', here], 'item')
})
const TYPES = { Vote: [{ name: 'topic', type: 'string' }, { name: 'choice', type: 'uint8' }] }
const DOMAIN = { name: 'Votes', version: '2', chainId: 31337, verifyingContract: '0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC' }
await check('eth_signTypedData_v4 is confirmed and verified', async () => {
  const message = { topic: 'Größe', choice: 3 }
  const { answer, item } = await asked(page, 'eth_signTypedData_v4', [me, JSON.stringify(ethers.TypedDataEncoder.getPayload(DOMAIN, TYPES, message))])
  expectEqual(ethers.verifyTypedData(DOMAIN, TYPES, message, answer.result), me, 'signer')
  expectEqual(item.kind, 'typed', 'kind')
})
await check('eth_sendTransaction is confirmed, sent, and in the chain', async () => {
  const to = ethers.Wallet.createRandom().address
  await until('the node has proven the balance', async () => BigInt((await ask(page, 'eth_getBalance', [me, 'latest'])).result ?? 0) > 0n, 15000, 200)
  const { answer, item } = await asked(page, 'eth_sendTransaction', [{ from: me, to, value: '0x3039' }])
  expectEqual(item.kind, 'transaction', 'kind')
  await until('it is in a block', () => chain.getTransactionReceipt(answer.result), 20000, 100)
  expectEqual(String(await chain.getBalance(to)), '12345', 'balance')
})
await check('a rejected signature is 4001', async () => {
  for (const [method, params] of [['personal_sign', ['0x61', me]], ['eth_sendTransaction', [{ from: me, to: me, value: '0x1' }]]]) {
    expectEqual((await asked(page, method, params, false)).answer.code, REJECTED, method)
  }
})
await check('an account that was not granted is refused as one that is not ours', async () => {
  for (const address of [other, ethers.Wallet.createRandom().address]) expectEqual(await ask(page, 'personal_sign', ['0x61', address]), { code: UNAUTHORIZED, message: 'this origin may not use that account' }, address)
})
await check('eth_sign and old typed data are refused', async () => {
  for (const method of ['eth_sign', 'eth_signTypedData', 'eth_signTypedData_v3']) expectEqual((await ask(page, method, [me, '0x61'])).code, 4200, method)
})
await check('a sign-in for another site is a danger, for this one it is not', async () => {
  const now = new Date().toISOString()
  const text = domain => `${domain} wants you to sign in with your Ethereum account:\n${me}\n\nSign in.\n\nURI: http://${domain}/login\nVersion: 1\nChain ID: 31337\nNonce: 32891756abcd\nIssued At: ${now}`
  for (const [domain, isWrong] of [['bank.example', true], [new URL(here).host, false]]) {
    const { item, answer } = await asked(page, 'personal_sign', [ethers.hexlify(ethers.toUtf8Bytes(text(domain))), me], !isWrong)
    expectEqual(item.explain.warnings.filter(one => one.level === 'danger').map(one => one.code), isWrong ? ['sign_in_domain'] : [], domain)
    if (!isWrong) expectEqual(ethers.verifyMessage(text(domain), answer.result), me, 'signer')
  }
})
await check('what a page asked for is gone when the page is', async () => {
  const gone = await visit(here)
  ask(gone, 'personal_sign', ['0x62', me]).catch(() => {})
  await owner.waiting()
  await gone.close()
  await until('the queue is empty', async () => (await owner.queue()).length === 0, 10000)
})
await check('by POST with CORS it may ask now', async () => {
  const text = await page.evaluate(url => fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}' }).then(r => r.text(), error => error.name), `${node.origin}/eth`)
  expectEqual(JSON.parse(text).result, CHAIN, 'chain')
})
await check('ethers in the page uses it as a BrowserProvider', async () => {
  const pending = page.evaluate(async () => {
    const { BrowserProvider } = await import('/ethers.js')
    const provider = new BrowserProvider(window.ethereum)
    const signer = await provider.getSigner()
    const [{ chainId }, address, signature] = [await provider.getNetwork(), signer.address, await signer.signMessage('by ethers')]
    return [String(chainId), address, signature]
  })
  pending.catch(() => {})
  const item = await owner.waiting('message')
  await owner.decide(item, true)
  const [chainId, address, signature] = await pending
  expectEqual([chainId, address, ethers.verifyMessage('by ethers', signature)], ['31337', me, me], 'ethers')
})

// --- and its end -------------------------------------------------------------------------------------------------

await check('a revoked page is told so, and what it waits for is refused', async () => {
  const pending = ask(page, 'personal_sign', ['0x63', me])
  const item = await owner.waiting()
  await owner.call('wallet.revoke', { origin: here })
  expect((await pending).code === UNAUTHORIZED, JSON.stringify(await pending))
  expectEqual(await owner.decide(item, true).then(() => 'signed', error => error.code), 'revoked', 'a decision afterwards')
  await until('accountsChanged []', async () => (await told('accountsChanged')).at(-1)?.length === 0)
})
await learnsNothing('the page whose permission was revoked', (method, params) => ask(page, method, params))
await check('all is revoked at once', async () => {
  for (const who of [page, stranger]) expect((await asked(who, 'eth_requestAccounts', [])).answer.result, 'it was not granted')
  expectEqual(await owner.call('wallet.revoke_all'), { revoked: 2 }, 'wallet.revoke_all')
  for (const who of [page, stranger]) expect(isRefused(await ask(who, 'eth_chainId', [])), 'the chain is told')
})
await check('accounts are granted as the owner chooses them', async () => {
  const { answer } = await asked(page, 'eth_requestAccounts', [], true, { accounts: [other] })
  expectEqual(answer.result, [other], 'accounts')
  expectEqual((await ask(page, 'personal_sign', ['0x61', me])).code, UNAUTHORIZED, 'the one that was proposed')
})

// --- a program on this computer ------------------------------------------------------------------------------------

await check('ethers as a program sees no accounts, asks, and signs', async () => {
  const provider = new ethers.JsonRpcProvider(`${node.origin}/eth`, undefined, { batchMaxCount: 1, cacheTimeout: -1 })
  expectEqual(await provider.send('eth_accounts', []), [], 'accounts of a stranger')
  expectEqual((await provider.send('personal_sign', ['0x61', me]).catch(error => error)).error?.code, UNAUTHORIZED, 'code')
  const { result, item } = await owner.approve(provider.send('eth_requestAccounts', []))
  expectEqual([item.origin, result.map(ethers.getAddress)], ['', [me]], 'origin and accounts')
  const signer = await provider.getSigner(me)
  expectEqual(ethers.verifyMessage('by a program', (await owner.approve(signer.signMessage('by a program'))).result), me, 'signer')
  const to = ethers.Wallet.createRandom().address
  const { result: sent } = await owner.approve(signer.sendTransaction({ to, value: 99n, gasLimit: 21000n }))
  expectEqual((await sent.wait(1, 20000)).status, 1, 'status')
  expectEqual(String(await chain.getBalance(to)), '99', 'balance')
  provider.destroy()
})

await browser.close()
site.close()
await node.stop()
chain.destroy()
await devnet.stop()
await tidy()
results.finish()
process.exit()
