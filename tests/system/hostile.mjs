// What comes from outside and means ill: doors with other names, keystores that cost, decisions about something else,
// floods, and text that hides what it says.
//
//   node tests/system/hostile.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import net from 'node:net'
import { writeFile } from 'node:fs/promises'
import { ethers } from 'ethers'
import WebSocket from 'ws'
import { startDevnet } from '../devnet/devnet.mjs'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, tidy, until, writeNetwork } from './hearth.mjs'
import { canSearch, rss } from './wallet_memory.mjs'
import { codeOf, firstRun, Owner } from './wallet_owner.mjs'

const PASSPHRASE = 'a passphrase of the test'
const WORDS = ethers.Mnemonic.fromEntropy(ethers.randomBytes(16)).phrase
const COST_KIB = 64 * 1024

const { check, ...results } = counter()
const devnet = await startDevnet({ preset: 'minimal', slotMs: 1000 })
const node = await Hearth.start({ network: await writeNetwork(devnet.network), dir: await dataDir('hostile'), beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
await node.live(15000)
const { owner, account } = await firstRun(node, PASSPHRASE, WORDS)
const me = ethers.getAddress(account.address)
const { port } = new URL(node.origin)

// --- names at the door -------------------------------------------------------------------------------

// One request written by hand: {status, body}; status 0 when nothing came back.
function raw(method, path, headers, body = '') {
  return new Promise(done => {
    const socket = net.connect(Number(port), '127.0.0.1')
    let got = ''
    const end = () => done({ status: Number(got.match(/^HTTP\/1\.\d (\d+)/)?.[1] ?? 0), headers: got.split('\r\n\r\n')[0].toLowerCase(), body: got.split('\r\n\r\n').slice(1).join('') })
    socket.setTimeout(5000, () => socket.destroy())
    socket.on('data', data => (got += data))
    socket.on('close', end)
    socket.on('error', () => {})
    const length = body || method === 'POST' ? [`Content-Length: ${Buffer.byteLength(body)}`] : []
    socket.write([`${method} ${path} HTTP/1.1`, ...headers, ...length, 'Connection: close', '', body].join('\r\n'))
  })
}
const JSON_TYPE = 'Content-Type: application/json'
const chainId = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}'
const BAD_HOSTS = [[], [''], ['0.0.0.0'], ['192.168.0.7'], ['127.0.0.2'], ['127.1'], ['2130706433'], ['0x7f000001'], ['[::ffff:127.0.0.1]'], ['evil.example'], ['localhost.evil.example'], ['127.0.0.1.nip.io']]
await check('a Host that is not this node’s own is refused everywhere', async () => {
  const lines = BAD_HOSTS.map(([name]) => (name === undefined ? [] : name === '' ? ['Host:'] : [`Host: ${name}:${port}`]))
  for (const host of [...lines, ['Host: 127.0.0.1'], ['Host: localhost'], [`Host: 127.0.0.1:${Number(port) + 1}`], [`Host: user@127.0.0.1:${port}`], ['Host: 127.0.0.1:80']]) {
    for (const [method, path, body] of [['POST', '/eth', chainId], ['POST', '/api', chainId], ['GET', '/', ''], ['GET', '/session', '']]) {
      const { status } = await raw(method, path, [...host, JSON_TYPE], body)
      expect(status === 0 || (status >= 400 && status < 500 && status !== 401 && status !== 404), `${method} ${path} with ${host}: ${status}`)
    }
  }
})
await check('its own names are taken, so the refusals are about the name', async () => {
  for (const name of ['127.0.0.1', 'localhost']) {
    const { status, body } = await raw('POST', '/eth', [`Host: ${name}:${port}`, JSON_TYPE], chainId)
    expectEqual([status, JSON.parse(body).result], [200, '0x7a69'], name)
  }
})
const host = `Host: 127.0.0.1:${port}`
const strangers = ['null', 'https://evil.example', `http://127.0.0.1:${Number(port) + 1}`, `https://127.0.0.1:${port}`, `http://evil.example:${port}`, `http://127.0.0.1:${port}.evil.example`, 'file://']
await check('an Origin that has no permission gets nothing by POST, and no leave by CORS', async () => {
  for (const origin of strangers) {
    for (const path of ['/eth', '/api']) {
      const answer = await raw('POST', path, [host, `Origin: ${origin}`, JSON_TYPE], chainId)
      expect(answer.status === 403, `${path}, ${origin}: ${answer.status}`)
      expect(!answer.body.includes('0x7a69') && !answer.headers.includes('access-control-allow'), `${path}, ${origin}: ${answer.headers}`)
    }
  }
})
await check('a preflight of a stranger is answered with nothing', async () => {
  for (const origin of strangers.slice(0, 3)) {
    const { headers } = await raw('OPTIONS', '/eth', [host, `Origin: ${origin}`, 'Access-Control-Request-Method: POST', 'Access-Control-Request-Headers: content-type', 'Access-Control-Request-Private-Network: true'])
    expect(!headers.includes('access-control-allow'), headers)
  }
})
await check('/api wants an Origin and a session; a simple request is no JSON', async () => {
  expectEqual((await raw('POST', '/api', [host, JSON_TYPE], chainId)).status, 403, 'without Origin')
  expectEqual((await raw('POST', '/api', [host, `Origin: ${node.origin}`, JSON_TYPE], chainId)).status, 401, 'without session')
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) expectEqual((await raw('POST', '/eth', [host, `Content-Type: ${type}`], chainId)).status, 415, type)
})
// {open} or {status} of the refusal.
const knock = (path, options) => new Promise(done => {
  const socket = new WebSocket(`${node.origin.replace('http', 'ws')}${path}`, path === '/api' ? ['hearth'] : [], options)
  socket.on('open', () => done({ open: socket }))
  socket.on('unexpected-response', (_, answer) => { done({ status: answer.statusCode }); answer.destroy() })
  socket.on('error', error => done({ status: error.message }))
})
await check('websockets of strangers: none at /api, none of no origin at /eth that learns a thing', async () => {
  for (const origin of [undefined, ...strangers.slice(0, 6), node.origin]) {
    const { open, status } = await knock('/api', { origin })
    open?.terminate()
    expect(!open, `${origin} is in at /api`)
    expect(status === 401 || status === 403 || typeof status === 'string', `${origin}: ${status}`)
  }
})
await check('no path leads out of the assets', async () => {
  for (const path of ['/../../etc/passwd', '/assets/../../../etc/passwd', '/assets/..%2f..%2f..%2fetc%2fpasswd', '/%2e%2e/%2e%2e/etc/passwd', '//etc/passwd', '/assets/....//....//etc/passwd', '/hearth.db', '/assets/%00']) {
    const { status, body } = await raw('GET', path, [host])
    expect(status !== 200 || !/root:|SQLite/.test(body), `${path}: ${status}`)
  }
})

// --- what is no request ---------------------------------------------------------------------------------

const bombs = {
  'deep arrays': '['.repeat(100000),
  'deep objects': '{"a":'.repeat(50000),
  'closed deep arrays': `{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":${'['.repeat(20000)}${']'.repeat(20000)}}`,
  'a key twice': '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","method":"eth_accounts"}',
  'many small arrays': `[${'[],'.repeat(80000)}[]]`,
  'a long number': `{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[${'9'.repeat(100000)}]}`,
  'a huge exponent': '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[1e99999]}',
  'bytes that are no UTF-8': Buffer.from('{"jsonrpc":"2.0","id":1,"method":"\xff\xfe"}', 'latin1'),
  'a zero byte': '{"jsonrpc":"2.0","id":1,"method":"eth_\u0000chainId"}',
  'nothing': '',
  'a batch of none': '[]',
  'a batch of thousands': `[${Array(5000).fill(chainId).join(',')}]`,
}
await check('JSON bombs are refused at once, and the node lives', async () => {
  for (const [name, body] of Object.entries(bombs)) {
    const began = performance.now()
    const { body: answer, status } = await raw('POST', '/eth', [host, JSON_TYPE], body)
    const ms = performance.now() - began
    expect(ms < 1000, `${name}: ${ms} ms`)
    expect(!answer.includes('"result"'), `${name} was answered: ${status} ${answer.slice(0, 200)}`)
  }
  expectEqual(JSON.parse((await raw('POST', '/eth', [host, JSON_TYPE], chainId)).body).result, '0x7a69', 'chain')
})
await check('the owner’s own door refuses them too', async () => {
  for (const [name, body] of Object.entries(bombs)) expect(!(await owner.post('/api', body).catch(error => error.message)).includes('"result"'), name)
  expectEqual((await owner.status()).vault, 'open', 'vault')
})
await check('a body and a frame that are too large are cut off', async () => {
  // What is hung up on while it still sends may lose the answer.
  const { status } = await raw('POST', '/eth', [host, JSON_TYPE], 'x'.repeat(3 << 20))
  expect(status === 413 || status === 0, `${status}`)
  const { open } = await knock('/eth', { origin: undefined })
  if (open) {
    const closed = new Promise(done => open.on('close', done))
    open.on('error', () => {})
    open.send('x'.repeat(3 << 20))
    await Promise.race([closed, new Promise((_, failed) => setTimeout(() => failed(new Error('it stays open')), 5000))])
  }
})

// --- keystores ----------------------------------------------------------------------------------------------

const good = JSON.parse(await ethers.encryptKeystoreJson(ethers.Wallet.createRandom(), 'password', { scrypt: { N: 1 << 12 } }))
const crypto = good.Crypto ?? good.crypto
const changed = change => {
  const file = structuredClone({ version: 3, id: good.id, crypto })
  change(file.crypto, file)
  return JSON.stringify(file)
}
const scrypt = params => changed(c => Object.assign(c.kdfparams, params))
const pbkdf2 = params => changed(c => Object.assign(c, { kdf: 'pbkdf2', kdfparams: { c: 262144, dklen: 32, prf: 'hmac-sha256', salt: c.kdfparams.salt, ...params } }))
const KEYSTORES = {
  'N of 2^30': scrypt({ n: 2 ** 30 }), 'N of 2^62': scrypt({ n: 2 ** 62 }), 'r of 2^20': scrypt({ r: 2 ** 20 }), 'p of 2^30': scrypt({ p: 2 ** 30 }), 'N that is no power of two': scrypt({ n: 4095 }),
  'N of 0': scrypt({ n: 0 }), 'N of 1': scrypt({ n: 1 }), 'N below 0': scrypt({ n: -4096 }), 'r of 0': scrypt({ r: 0 }), 'p of 0': scrypt({ p: 0 }), 'N times r that overflows': scrypt({ n: 2 ** 31, r: 2 ** 31 }),
  'a long dklen': scrypt({ dklen: 2 ** 31 }), 'a dklen of 16': scrypt({ dklen: 16 }), 'no salt': scrypt({ salt: undefined }), 'a long salt': scrypt({ salt: 'ab'.repeat(20000) }),
  'N of 2^20': scrypt({ n: 2 ** 20 }), 'p of 4096': scrypt({ p: 4096 }), 'rounds of 2^25': pbkdf2({ c: 2 ** 25 }),
  'rounds of 2^31': pbkdf2({ c: 2 ** 31 }), 'rounds of 0': pbkdf2({ c: 0 }), 'another prf': pbkdf2({ prf: 'hmac-md5' }), 'no kdf': changed(c => delete c.kdf), 'another kdf': changed(c => (c.kdf = 'bcrypt')),
  'another cipher': changed(c => (c.cipher = 'aes-256-cbc')), 'a short mac': changed(c => (c.mac = c.mac.slice(2))), 'no mac': changed(c => delete c.mac), 'another mac': changed(c => (c.mac = '00'.repeat(32))),
  'a long ciphertext': changed(c => (c.ciphertext = 'ab'.repeat(30000))), 'a short iv': changed(c => (c.cipherparams.iv = '00')), 'version 1': changed((_, f) => (f.version = 1)), 'another address': changed((_, f) => (f.address = '00'.repeat(20))),
  'no object': '[]', 'deep': '['.repeat(50000), 'a key twice': JSON.stringify({ version: 3, crypto }).replace('{"version":3', '{"version":3,"version":3'), 'no text': '', 'cut off': JSON.stringify({ version: 3, crypto }).slice(0, -40),
}
const signer = (await owner.status()).signer.pid
await check('hostile keystores are refused within a second and 64 MiB', async () => {
  const bad = []
  const worst = { ms: 0, kib: 0 }
  for (const [name, file] of Object.entries(KEYSTORES)) {
    if (canSearch()) await writeFile(`/proc/${signer}/clear_refs`, '5')
    const before = canSearch() ? await rss(signer) : null
    const began = performance.now()
    const code = await codeOf(owner.import('keystore', [file, 'password']))
    const ms = performance.now() - began
    const kib = before ? (await rss(signer)).most - before.now : 0
    worst.ms = Math.max(worst.ms, ms)
    worst.kib = Math.max(worst.kib, kib)
    if (code === 'taken' || code === 'no answer' || ms > 1000 || kib > COST_KIB) bad.push(`${name}: ${code}, ${ms.toFixed(0)} ms, ${kib} KiB`)
    if ((await owner.status()).vault !== 'open') bad.push(`${name}: the vault is not open any more (${code})`), await owner.unlock(PASSPHRASE)
  }
  console.log(`hostile keystores: slowest ${worst.ms.toFixed(0)} ms, most memory ${worst.kib} KiB`)
  expectEqual(bad, [], 'not refused so')
  expectEqual((await owner.accounts()).accounts.length, 1, 'accounts')
})
await check('the file that they were made of is taken', async () => {
  expectEqual(await codeOf(owner.import('keystore', [changed(() => {}), 'password'])), 'taken', 'code')
})

// --- decisions -----------------------------------------------------------------------------------------------

const text = what => owner.call('wallet.sign_text', { account: me, text: what })
await check('an approval of another payload signs nothing; the right one does, once', async () => {
  const pending = text('one thing')
  const item = await owner.waiting()
  for (const hash of [ethers.keccak256('0x'), ethers.ZeroHash, item.payload_hash.replace(/.$/, c => (c === '0' ? '1' : '0'))]) {
    expectEqual(await codeOf(owner.decide({ ...item, payload_hash: hash }, true)), 'payload_differs', 'code')
  }
  expectEqual(await codeOf(owner.decide({ ...item, payload_hash: '0x' }, true)), 'json_value', 'code')
  expectEqual(await codeOf(owner.decide({ ...item, id: '1' }, true)), 'no_such_request', 'code')
  const both = await Promise.all([codeOf(owner.decide(item, true)), codeOf(owner.decide(item, true))])
  expectEqual(both.toSorted(), ['decided', 'taken'], 'two at once')
  expectEqual(ethers.verifyMessage('one thing', (await pending).signature), me, 'signer')
  expectEqual(await codeOf(owner.decide(item, true)), 'decided', 'later')
})
await check('the hash of one request does not approve another', async () => {
  const pending = [text('first'), text('second')]
  const items = await until('both wait', async () => ((await owner.queue()).length === 2 ? owner.queue() : null))
  expectEqual(await codeOf(owner.decide({ id: items[0].id, payload_hash: items[1].payload_hash }, true)), 'payload_differs', 'code')
  for (const item of items) await owner.decide(item, false)
  for (const one of pending) expectEqual(await codeOf(one), 'rejected', 'code')
})
await check('locking while it signs ends with the vault locked and at most what was approved signed', async () => {
  for (let i = 0; i < 5; i++) {
    const pending = text(`lock ${i}`)
    const waits = text(`not approved ${i}`)
    const items = await until('both wait', async () => ((await owner.queue()).length === 2 ? owner.queue() : null))
    const mine = items.find(item => item.raw.includes(`lock ${i}`) || item.raw === ethers.hexlify(ethers.toUtf8Bytes(`lock ${i}`))) ?? items[0]
    const [decided] = await Promise.all([codeOf(owner.decide(mine, true)), owner.lock()])
    const got = await codeOf(pending)
    expect([got, decided].every(code => code === 'taken') || ['vault_locked', 'decided'].includes(got), `decided ${decided}, got ${got}`)
    expectEqual(await codeOf(waits), 'vault_locked', 'what waited')
    expectEqual([(await owner.status()).vault, await owner.queue()], ['locked', []], 'vault and queue')
    expectEqual(await codeOf(owner.decide(mine, true)).then(code => code !== 'taken'), true, 'a decision afterwards')
    await owner.unlock(PASSPHRASE)
  }
})

// --- floods -------------------------------------------------------------------------------------------------------

// Asks many things over one websocket without waiting for answers, a few at a time, since a socket whose replies pile up
// is closed: {answers: Map id -> reply, close()}.
const AT_ONCE = 16
async function flood(origin, count, request) {
  const { open, status } = await knock('/eth', { origin })
  expect(open, `${origin} is not let in: ${status}`)
  const answers = new Map()
  open.on('message', data => { const reply = JSON.parse(data); answers.set(reply.id, reply) })
  open.on('error', () => {})
  for (let id = 0; id < count; id++) {
    open.send(JSON.stringify({ jsonrpc: '2.0', id, ...request(id) }))
    if (id % AT_ONCE === AT_ONCE - 1) await until('answers', () => answers.size >= id - 2 * AT_ONCE, 5000, 1)
  }
  return { answers, close: () => open.terminate() }
}
const ORIGIN = 'https://app.example'
await check('a thousand requests for permission of one origin are one', async () => {
  const { answers, close } = await flood(ORIGIN, 1000, () => ({ method: 'eth_requestAccounts', params: [] }))
  await until(() => `the rest is refused; ${answers.size} answers`, () => answers.size >= 900, 10000)
  const items = await owner.queue()
  expect(items.length <= 4, `${items.length} wait`)
  expect([...answers.values()].every(one => one.error), 'something was granted')
  for (const approve of [true, false]) expectEqual(await codeOf(owner.decide({ ...items[0], payload_hash: ethers.ZeroHash }, approve)), 'payload_differs', 'code')
  await owner.decide(items[0], true)
  close()
  await until('the queue is empty', async () => (await owner.queue()).length === 0, 10000)
})
await check('a thousand requests to sign of one origin are four, and the owner still gets in', async () => {
  await until('the permission is on disk', async () => (await owner.call('wallet.permissions')).permissions.some(one => one.origin === ORIGIN))
  const { answers, close } = await flood(ORIGIN, 1000, id => ({ method: 'personal_sign', params: [ethers.toBeHex(id + 1), me] }))
  await until(() => `996 are refused; it is ${answers.size}`, () => answers.size >= 996, 10000)
  expectEqual((await owner.queue()).length, 4, 'queue')
  const codes = new Set([...answers.values()].map(one => one.error?.code))
  expectEqual([...codes], [-32005], 'codes')
  const pending = text('mine')
  const item = await until('the owner’s own is there', async () => (await owner.queue()).find(one => one.is_own))
  await owner.decide(item, true)
  expectEqual(ethers.verifyMessage('mine', (await pending).signature), me, 'signer')
  close()
  await until('the queue is empty', async () => (await owner.queue()).length === 0, 10000)
})
await check('a page that floods is answered to its last request, and nothing of it is left', async () => {
  const { open } = await knock('/eth', { origin: ORIGIN })
  let answered = 0, refused = 0
  open.on('message', data => { answered++; if (JSON.parse(data).error) refused++ })
  for (let id = 0; id < 5000; id++) open.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'personal_sign', params: ['0x61', me] }))
  await until(() => `most answers; ${answered} came`, () => answered >= 4900, 20000)
  expectEqual(refused, answered, 'refusals')
  expectEqual(open.readyState, WebSocket.OPEN, 'state of the socket')
  const waiting = (await owner.queue()).length
  expect(waiting > 0 && waiting <= 100, `${waiting} wait`)
  open.terminate()
  await until('the queue is empty', async () => (await owner.queue()).length === 0, 10000)
})
await check('many origins do not fill the node', async () => {
  const sockets = await Promise.all(Array.from({ length: 40 }, (_, i) => knock('/eth', { origin: `https://site${i}.example` })))
  expect(sockets.filter(one => one.open).length <= 20, `${sockets.filter(one => one.open).length} strangers are in`)
  const { open } = await knock('/eth', { origin: ORIGIN })
  expect(open, 'the known origin is shut out')
  for (const one of [...sockets, { open }]) one.open?.terminate()
})

// --- confusion -------------------------------------------------------------------------------------------------------

const known = await flood(ORIGIN, 0)
known.close()
async function asked(method, params) {
  const { answers, close } = await flood(ORIGIN, 1, () => ({ method, params }))
  const item = await until('an answer or an item', async () => answers.get(0) ?? (await owner.queue())[0], 10000)
  if (item.payload_hash) await owner.decide(item, false)
  close()
  return item.error ? { code: item.error.data?.code ?? item.error.code } : item
}
const typed = (domain, message = { text: 'hi' }) => ({ domain, types: { EIP712Domain: [['name', 'string'], ['version', 'string'], ['chainId', 'uint256'], ['verifyingContract', 'address']].filter(([name]) => name in domain).map(([name, type]) => ({ name, type })),
  Note: [{ name: 'text', type: 'string' }] }, primaryType: 'Note', message })
const CONTRACT = '0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC'
await check('a transaction or typed data for another chain is refused', async () => {
  expectEqual((await asked('eth_sendTransaction', [{ from: me, to: CONTRACT, value: '0x1', chainId: '0x1' }])).code, 'wrong_chain', 'transaction')
  for (const chain of [1, '1', '0x1', '31338']) expectEqual((await asked('eth_signTypedData_v4', [me, typed({ name: 'N', chainId: chain })])).code, 'wrong_chain', String(chain))
})
await check('typed data for an account instead of a contract is a danger', async () => {
  for (const contract of [me, ethers.Wallet.createRandom().address]) {
    const { explain } = await asked('eth_signTypedData_v4', [me, typed({ name: 'N', chainId: 31337, verifyingContract: contract })])
    expect(explain?.warnings.some(one => ['no_code', 'other_contract', 'own_address'].includes(one.code)), JSON.stringify(explain?.warnings))
  }
})
await check('a domain that its types do not have, or have otherwise, is refused', async () => {
  const without = typed({ name: 'N', chainId: 31337 })
  without.types.EIP712Domain = [{ name: 'name', type: 'string' }]
  const more = typed({ name: 'N', chainId: 31337 })
  more.message.more = 'not in the type'
  const loop = typed({ name: 'N', chainId: 31337 })
  loop.types.Note.push({ name: 'again', type: 'Note' })
  for (const document of [without, loop, { ...typed({ name: 'N' }), primaryType: 'Missing' }, { ...typed({ name: 'N' }), types: {} }]) {
    const answer = await asked('eth_signTypedData_v4', [me, document])
    expect(answer.code, `${JSON.stringify(document)} waits as ${JSON.stringify(answer).slice(0, 300)}`)
  }
})
const HIDDEN = { 'right to left': 'pay \u202Ebob\u202C', 'zero width': 'pay\u200Bpal', control: 'a\u0007b\u001b[31m', tag: 'a\u{E0041}b', isolate: '\u2066x\u2069', 'soft hyphen': 'pay\u00ADpal', 'byte order mark': '\uFEFFhello', separator: 'a\u2028b' }
await check('text that hides something is shown escaped and warned of', async () => {
  for (const [name, hidden] of Object.entries(HIDDEN)) {
    for (const [method, params] of [['personal_sign', [ethers.hexlify(ethers.toUtf8Bytes(hidden)), me]], ['eth_signTypedData_v4', [me, typed({ name: 'N', chainId: 31337 }, { text: hidden })]]]) {
      const { explain, code } = await asked(method, params)
      expect(explain, `${name} by ${method}: ${code}`)
      const shown = JSON.stringify(explain)
      expect(!/[\u0000-\u0009\u000b-\u001f\u00ad\u200b\u202a-\u202e\u2066-\u2069\u2028\ufeff\u{e0041}]/u.test(JSON.parse(`[${shown}]`) && collect(explain)), `${name} by ${method} is shown as it is: ${shown.slice(0, 400)}`)
      expect(explain.warnings.some(one => ['hidden_text', 'bidi_text'].includes(one.code)), `${name} by ${method}: ${JSON.stringify(explain.warnings)}`)
    }
  }
})
function collect(value) {
  if (typeof value === 'string') return value
  return value && typeof value === 'object' ? Object.values(value).map(collect).join('') : ''
}
await check('a message that is a hash is a danger', async () => {
  const { explain } = await asked('personal_sign', [ethers.hexlify(ethers.randomBytes(32)), me])
  expect(explain.warnings.some(one => one.code === 'maybe_hash' && one.level === 'danger'), JSON.stringify(explain.warnings))
})
await check('a label that hides something is refused', async () => {
  for (const label of ['a\u202Eb', 'x'.repeat(65), 'a\u0000b', 'a\nb']) expect((await codeOf(owner.call('wallet.rename', { id: account.id, label }))) !== 'taken', JSON.stringify(label))
})
await check('after all that the node lives, and its log has no warning of itself', async () => {
  expect(node.isRunning, 'it ended')
  expectEqual((await new Owner(node).status()).signer.pid, signer, 'signer')
  expect(!/assert|bug|sanitizer/i.test(node.log), node.log.match(/.*(assert|bug|sanitizer).*/i)?.[0])
})

expectEqual(await node.stop(), 0, 'exit code')
await devnet.stop()
await tidy()
results.finish()
process.exit()
