// Media at the door of real nodes (Blossom BUD-01, 02, 04, 06 with authorization by kind 24242), spoken to as a stranger's program
// would: uploads, ranges, quotas, deletion, lists, mirrors, what a browser must not run, and SIGKILL during uploads.
//
//   node tests/system/media.mjs [--hearth FILE] [--kills N]
//
// The last line is "N passed, N failed, N skipped".
import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import http from 'node:http'
import net from 'node:net'
import { join } from 'node:path'
import { finalizeEvent, generateSecretKey, getPublicKey, nip19 } from 'nostr-tools'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, option, tidy, until } from './hearth.mjs'
import { codeOf, Owner } from './wallet_owner.mjs'

const { check, ...results } = counter()
const PASSPHRASE = 'a long enough passphrase'
const KILLS = Number(option('--kills') ?? 20)
const MIB = 1024 * 1024
const now = () => Math.floor(Date.now() / 1000)
const sha = data => createHash('sha256').update(data).digest('hex')
const start = (dir, args = []) => Hearth.start({ network: 'mainnet', dir, beacons: ['http://127.0.0.1:9'], args })

// One request; path and headers go out as they are given.
function ask(url, method, path, headers = {}, body = null) {
  const { hostname, port } = new URL(url)
  return new Promise((done, failed) => {
    const request = http.request({ hostname, port, method, path, headers: { ...headers, ...(body === null ? {} : { 'content-length': body.length }) }, agent: false }, async answer => {
      const parts = []
      try {
        for await (const part of answer) parts.push(part)
      } catch (error) {
        failed(error)
      }
      const data = Buffer.concat(parts)
      const isJson = answer.headers['content-type'] === 'application/json'
      done({ status: answer.statusCode, headers: answer.headers, data, json: isJson && data.length ? JSON.parse(data) : null })
    })
    request.on('error', failed)
    request.end(body)
  })
}

const authorization = event => ({ authorization: `Nostr ${Buffer.from(JSON.stringify(event)).toString('base64')}` })
const grant = (key, verb, hashes, { tags = [], at = now(), expires = now() + 60, kind = 24242 } = {}) => finalizeEvent({ kind, created_at: at, content: `${verb} it`,
  tags: [['t', verb], ...(expires === null ? [] : [['expiration', String(expires)]]), ...hashes.map(hash => ['x', hash]), ...tags] }, key)
const upload = (url, key, data, { type = 'image/png', headers = {}, ...rest } = {}) =>
  ask(url, 'PUT', '/upload', { 'content-type': type, ...authorization(grant(key, 'upload', [sha(data)], rest)), ...headers }, data)
const refused = (answer, status, code, what) => expectEqual([answer.status, answer.json?.code, !!answer.headers['x-reason']], [status, code, true], what)

const [alice, bob, carol] = [generateSecretKey(), generateSecretKey(), generateSecretKey()]
const dir = await dataDir('media')
let node = await start(dir)
let owner = new Owner(node)
const call = (method, params) => owner.call(`social.${method}`, params)
await owner.create(PASSPHRASE)
await owner.import('nsec', [nip19.nsecEncode(alice)])
await until('the key is known', async () => (await node.call('social.me')).pubkey === getPublicKey(alice))
const doorOf = async one => (await one.call('node.door')).url.replace('ws:', 'http:')
let url = await doorOf(node)
const picture = randomBytes(100000)
const files = async () => (await Promise.all((await readdir(join(dir, 'media'))).map(async name => (await readdir(join(dir, 'media', name))).map(file => `${name}/${file}`)))).flat().sort()

// --- uploading and reading ---------------------------------------------------------------------------

await check('the owner uploads, and everybody may read it', async () => {
  const put = await upload(url, alice, picture)
  expectEqual([put.status, put.json.sha256, put.json.size, put.json.type], [201, sha(picture), picture.length, 'image/png'], 'descriptor')
  expectEqual(put.json.url, `${url}/${sha(picture)}.png`, 'url')
  expect(Math.abs(put.json.uploaded - now()) < 10, 'uploaded is another time')
  const got = await ask(url, 'GET', `/${sha(picture)}`)
  expectEqual([got.status, got.headers['content-type'], sha(got.data)], [200, 'image/png', sha(picture)], 'got')
  expectEqual([got.headers.etag, got.headers['x-content-type-options'], got.headers['accept-ranges']], [`"${sha(picture)}"`, 'nosniff', 'bytes'], 'headers')
  expect(/immutable/.test(got.headers['cache-control']) && got.headers['access-control-allow-origin'] === '*', 'cache or CORS')
  expectEqual((await upload(url, alice, picture)).status, 200, 'a second time')
  expectEqual(await files(), [`${sha(picture).slice(0, 2)}/${sha(picture)}`], 'files')
})
await check('extensions are tolerated; HEAD says the same and brings nothing', async () => {
  for (const path of [`/${sha(picture)}.png`, `/${sha(picture)}.html`]) {
    const head = await ask(url, 'HEAD', path)
    expectEqual([head.status, head.headers['content-length'], head.data.length, head.headers['content-type']], [200, String(picture.length), 0, 'image/png'], path)
  }
  expectEqual((await ask(url, 'HEAD', `/${'0'.repeat(64)}`)).status, 404, 'not there')
})
await check('ranges: from, to, the end, and beyond', async () => {
  const range = async text => { const got = await ask(url, 'GET', `/${sha(picture)}`, { range: text }); return [got.status, got.headers['content-range'], got.data] }
  const part = (from, to) => [206, `bytes ${from}-${to}/100000`, picture.subarray(from, to + 1)]
  expectEqual(await range('bytes=10-19'), part(10, 19), 'middle')
  expectEqual(await range('bytes=99990-'), part(99990, 99999), 'open')
  expectEqual(await range('bytes=-5'), part(99995, 99999), 'suffix')
  expectEqual((await range('bytes=100000-'))[0], 416, 'beyond')
})
await check('an empty blob is a blob', async () => {
  expectEqual((await upload(url, alice, Buffer.alloc(0), { type: 'text/plain' })).status, 201, 'status')
  const got = await ask(url, 'GET', `/${sha('')}`)
  expectEqual([got.status, got.data.length], [200, 0], 'got')
})

// --- who may -----------------------------------------------------------------------------------------

await check('each mistake in an authorization is refused for its own reason', async () => {
  const data = randomBytes(2000), hash = sha(data)
  const put = headers => ask(url, 'PUT', '/upload', headers, data)
  refused(await put({}), 401, 'auth_missing', 'no authorization')
  refused(await put({ authorization: 'Bearer x' }), 401, 'auth_header', 'no event')
  refused(await put({ authorization: 'Nostr !!!' }), 401, 'auth_header', 'no base64')
  refused(await put(authorization(grant(alice, 'get', [hash]))), 401, 'auth_verb', 'verb')
  refused(await put(authorization(grant(alice, 'upload', [hash], { expires: now() - 1 }))), 401, 'auth_expired', 'expired')
  refused(await put(authorization(grant(alice, 'upload', [hash], { expires: null }))), 401, 'auth_expired', 'no end')
  refused(await put(authorization(grant(alice, 'upload', [hash], { at: now() + 600, expires: now() + 900 }))), 401, 'auth_time', 'the future')
  refused(await put(authorization(grant(alice, 'upload', [hash], { kind: 27235 }))), 401, 'auth_kind', 'kind')
  refused(await put(authorization(grant(alice, 'upload', [hash], { tags: [['server', 'cdn.example.com']] }))), 401, 'auth_server', 'server')
  refused(await put(authorization(grant(alice, 'upload', []))), 403, 'auth_hash', 'no x')
  refused(await put({ ...authorization({ ...grant(alice, 'upload', [hash]), content: 'changed' }) }), 401, 'event_id', 'changed')
  const forged = grant(alice, 'upload', [hash])
  refused(await put(authorization({ ...forged, sig: forged.sig.replace(/^../, text => (text === '00' ? '01' : '00')) })), 401, 'event_signature', 'forged')
  expectEqual((await put(authorization(grant(alice, 'upload', [hash], { tags: [['server', 'https://cdn.example.com/'], ['server', url]] })))).status, 201, 'our name among others')
  expectEqual((await put({ authorization: `Nostr ${Buffer.from(JSON.stringify(grant(alice, 'upload', [hash]))).toString('base64url')}` })).status, 200, 'base64url')
})
await check('what comes must be what was named', async () => {
  const data = randomBytes(3000), other = sha('other')
  refused(await ask(url, 'PUT', '/upload', authorization(grant(alice, 'upload', [other])), data), 403, 'auth_hash', 'x')
  refused(await ask(url, 'PUT', '/upload', { ...authorization(grant(alice, 'upload', [sha(data), other])), 'x-sha-256': other }, data), 409, 'other_hash', 'X-SHA-256')
  refused(await upload(url, alice, data, { headers: { 'x-sha-256': other } }), 403, 'auth_hash', 'X-SHA-256 without x')
  refused(await upload(url, alice, data, { headers: { 'x-sha-256': 'zz' } }), 400, 'bad_hash', 'no hash')
  expectEqual((await ask(url, 'GET', `/${sha(data)}`)).status, 404, 'it is there')
  await until('nothing is left', async () => !(await files()).some(name => name.startsWith('incoming')))
})
await check('a stranger is refused; one who is followed is not', async () => {
  const data = randomBytes(5000)
  refused(await upload(url, bob, data), 403, 'not_a_writer', 'stranger')
  await call('follow', { pubkey: getPublicKey(bob), on: true })
  await until('bob may', async () => (await upload(url, bob, data)).status === 201)
})
await check('one asks first whether an upload would be taken', async () => {
  const data = randomBytes(100)
  const head = (key, headers) => ask(url, 'HEAD', '/upload', { ...(key ? authorization(grant(key, 'upload', [sha(data)])) : {}), 'x-sha-256': sha(data), 'x-content-length': '100', 'x-content-type': 'image/png', ...headers })
  expectEqual((await head(bob)).status, 200, 'followed')
  expectEqual([(await head(null)).status, (await head(carol)).status], [401, 403], 'nobody, stranger')
  expectEqual([(await head(bob, { 'x-content-length': '' })).status, (await head(bob, { 'x-sha-256': 'x' })).status], [411, 400], 'headers')
  expectEqual((await head(bob, { 'x-content-length': String(257 * MIB) })).status, 413, 'too large')
})
await check('quotas: of a key and of all, without a restart, never of the owner\'s own share', async () => {
  const before = (await call('media')).bytes
  await call('set_settings', { policy: { media_key_bytes: 16384 } })
  const data = randomBytes(12288)
  refused(await upload(url, bob, data), 429, 'quota', 'key')
  expectEqual((await upload(url, alice, data)).status, 201, 'owner')
  expectEqual((await upload(url, bob, randomBytes(4000))).status, 201, 'smaller')
  await call('set_settings', { policy: { media_bytes: before + 20480, media_key_bytes: 2 ** 30 } })
  refused(await upload(url, bob, randomBytes(12288)), 507, 'full', 'all')
  expectEqual((await upload(url, bob, data)).status, 200, 'what is here costs nothing')
  const { bytes, quota } = await call('media')
  expectEqual([bytes, quota], [before + 16384, before + 20480], 'usage')
  await call('set_settings', { policy: { media_bytes: 10 * 2 ** 30 } })
})

// --- lists and deletion ------------------------------------------------------------------------------

await check('a key\'s blobs are listed, newest first, in pages', async () => {
  const list = async query => { const got = await ask(url, 'GET', `/list/${getPublicKey(bob)}${query}`); return got.json.map(blob => blob.sha256) }
  const all = await list('')
  expectEqual(all.length, 3, 'all')
  const first = await list('?limit=2')
  expectEqual([...first, ...await list(`?limit=2&cursor=${first[1]}`)], all, 'pages')
  expectEqual([await list(`?since=${now() + 100}`), (await list(`?until=${now() + 100}`)).length], [[], 3], 'times')
  refused(await ask(url, 'GET', `/list/${getPublicKey(bob)}?limit=abc`), 400, 'bad_query', 'limit')
  refused(await ask(url, 'GET', '/list/nobody'), 404, 'no_list', 'key')
})
await check('a blob goes when its last keeper deletes it', async () => {
  const data = randomBytes(7000), path = `/${sha(data)}`
  const remove = (key, hashes = [sha(data)]) => ask(url, 'DELETE', path, authorization(grant(key, 'delete', hashes)))
  await upload(url, alice, data)
  await upload(url, bob, data)
  refused(await ask(url, 'DELETE', path), 401, 'auth_missing', 'nobody')
  refused(await remove(alice, [sha('other')]), 403, 'auth_hash', 'another x')
  refused(await remove(carol), 403, 'not_yours', 'stranger')
  expectEqual((await remove(bob)).status, 204, 'bob')
  expectEqual((await ask(url, 'GET', path)).status, 200, 'kept for alice')
  expectEqual((await remove(alice, [sha(data), sha(picture)])).status, 204, 'alice')
  expectEqual([(await ask(url, 'GET', path)).status, (await ask(url, 'GET', `/${sha(picture)}`)).status], [404, 200], 'only that one')
  await until('the file is gone', async () => !(await files()).some(name => name.endsWith(sha(data))))
  refused(await remove(alice), 404, 'no_blob', 'again')
})

// --- what a browser must not do ----------------------------------------------------------------------

await check('pages, pictures with scripts and scripts are not run', async () => {
  for (const type of ['text/html', 'Text/HTML; charset=utf-8', 'image/svg+xml', 'text/javascript', 'application/xhtml+xml', 'text/xml', 'text/css']) {
    const data = Buffer.from(`<script>alert('${type}')</script>`)
    expectEqual((await upload(url, alice, data, { type })).status, 201, type)
    const got = await ask(url, 'GET', `/${sha(data)}.html`)
    expectEqual([got.headers['content-type'], got.headers['x-content-type-options']], ['application/octet-stream', 'nosniff'], type)
    expect(got.headers['content-disposition'].startsWith('attachment') && got.headers['content-security-policy'].includes('sandbox'), type)
  }
})
await check('a type that is none is not repeated, and pictures without one are known by their bytes', async () => {
  const data = Buffer.from('nothing in particular')
  expectEqual((await upload(url, alice, data, { type: 'image/png"><script>' })).json.type, 'application/octet-stream', 'type')
  const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(50)])
  expectEqual((await upload(url, alice, png, { type: '' })).json.type, 'image/png', 'type')
})
await check('paths lead nowhere else', async () => {
  const hash = sha(picture)
  for (const path of ['/../social.db', '/%2e%2e/social.db', '/media/../../social.db', `/${hash.slice(0, 2)}/${hash}`, `/${hash}/`, `/${hash}/x`, `/${hash}.`, `/${hash}.a/b`, `/${hash.toUpperCase()}`,
    `/${hash}0`, `/${hash.slice(1)}`, `/${'a'.repeat(3000)}`, `/${hash}.${'a'.repeat(17)}`, `/${hash}%00.png`, '/upload/', '/incoming/0', '/%2fetc%2fpasswd']) {
    const { status, data } = await ask(url, 'GET', path).catch(error => ({ status: error.message, data: '' }))
    expect(['socket hang up', 400, 404, 414, 431].includes(status) && !data.includes('SQLite'), `${path}: ${status}`)
  }
  refused(await ask(url, 'GET', '/upload'), 405, 'no_route', 'GET /upload')
  refused(await ask(url, 'POST', `/${hash}`, {}, Buffer.from('x')), 405, 'no_route', 'POST')
})

// --- mirrors and fetching ----------------------------------------------------------------------------

await check('nothing is mirrored from this computer or its network, whoever asks', async () => {
  const other = await start(await dataDir('other'))
  await other.call('social.set_settings', { policy: { write: 'stranger' } })
  const data = randomBytes(4000)
  const theirs = await doorOf(other)
  expectEqual((await upload(theirs, carol, data)).status, 201, 'upload')
  const mirror = (target, key = bob, hashes = [sha(data)]) => ask(url, 'PUT', '/mirror', { 'content-type': 'application/json', ...authorization(grant(key, 'upload', hashes)) }, Buffer.from(JSON.stringify({ url: target })))
  for (const target of [`${theirs}/${sha(data)}`, `${theirs.replace('127.0.0.1', 'localhost')}/${sha(data)}.bin`, `${theirs.replace('127.0.0.1', '2130706433')}/${sha(data)}`, `http://[::ffff:127.0.0.1]:${new URL(theirs).port}/${sha(data)}`]) {
    refused(await mirror(target), 403, 'private_address', target)
  }
  refused(await mirror(`${theirs}/${sha('x')}`), 403, 'auth_hash', 'another hash')
  refused(await mirror('file:///etc/passwd'), 400, 'bad_url', 'file')
  refused(await mirror(`http://user:secret@example.com/${sha(data)}`), 400, 'bad_url', 'user')
  refused(await mirror(`${theirs}/${sha(data)}`, carol), 403, 'not_a_writer', 'stranger')
  expectEqual((await other.call('node.door')).requests, 1, 'requests that came')
  expectEqual(await codeOf(call('media_fetch', { url: `${theirs}/${sha(data)}` })), 'private_address', 'fetch')
  expectEqual(await codeOf(call('media_fetch', { url: 'ftp://example.com/x' })), 'bad_url', 'fetch')
  expectEqual(await codeOf(call('media_fetch', { url: `https://example.com/${sha('a')}`, sha256: sha('b') })), 'bad_hash', 'fetch')
  expectEqual(await other.stop(), 0, 'exit code')
})

// --- the owner's side --------------------------------------------------------------------------------

await check('the owner\'s page is given what it needs to upload, and no more', async () => {
  const data = randomBytes(900)
  const { url: at, authorization: header } = await call('media_authorize', { sha256: sha(data), action: 'upload' })
  expectEqual(at, url, 'url')
  expectEqual((await ask(at, 'PUT', '/upload', { authorization: header, 'content-type': 'image/gif' }, data)).status, 201, 'upload')
  refused(await ask(at, 'DELETE', `/${sha(data)}`, { authorization: header }), 401, 'auth_verb', 'another verb')
  const event = JSON.parse(Buffer.from(header.slice(6), 'base64'))
  expect(Number(event.tags.find(([name]) => name === 'expiration')[1]) <= now() + 300, 'it is good for too long')
  expectEqual(await codeOf(call('media_authorize', { sha256: 'x', action: 'upload' })), 'bad_hash', 'hash')
  expectEqual(await codeOf(call('media_authorize', { sha256: sha(data), action: 'rule' })), 'bad_action', 'action')
})
await check('the owner sees all, finds by address, and removes anything', async () => {
  const { blobs } = await call('media', { limit: 200 })
  const mine = blobs.find(blob => blob.sha256 === sha(picture))
  expectEqual([mine.from, mine.size, mine.type, mine.url, mine.keepers], ['mine', picture.length, 'image/png', `${url}/${sha(picture)}`, [getPublicKey(alice)]], 'mine')
  const theirs = blobs.find(blob => blob.from === 'uploaded')
  expectEqual(theirs.keepers, [getPublicKey(bob)], 'theirs')
  const { found } = await call('media_find', { urls: [`https://cdn.example.com/${theirs.sha256}.jpg?x=1`, 'https://cdn.example.com/cat.jpg', `https://cdn.example.com/${sha('not here')}`] })
  expectEqual(found.map(({ sha256, here }) => [sha256, here]), [[theirs.sha256, `${url}/${theirs.sha256}`]], 'found')
  expectEqual(await call('media_delete', { sha256: theirs.sha256 }), { was_here: true }, 'deleted')
  expectEqual(await call('media_delete', { sha256: theirs.sha256 }), { was_here: false }, 'again')
  expectEqual((await ask(url, 'GET', `/${theirs.sha256}`)).status, 404, 'gone')
})
await check('the UI may show what is at the door, and nothing from elsewhere', async () => {
  const policy = (await fetch(node.origin)).headers.get('content-security-policy')
  const of = name => policy.split('; ').find(part => part.startsWith(`${name} `))
  expectEqual([of('img-src'), of('media-src'), of('connect-src')], [`img-src 'self' data: blob: ${url}`, `media-src blob: ${url}`, `connect-src 'self' ${url}`], 'policy')
  const closed = await start(await dataDir('closed'), ['--no-relay'])
  expect(!(await fetch(closed.origin)).headers.get('content-security-policy').includes('http:'), 'an origin is let in')
  const them = new Owner(closed)
  await them.create(PASSPHRASE)
  await them.import('nsec', [nip19.nsecEncode(alice)])
  await until('the key is known', async () => (await closed.call('social.me')).pubkey)
  expectEqual(await codeOf(them.call('social.media_authorize', { sha256: sha('a'), action: 'upload' })), 'door_closed', 'code')
  expectEqual(await closed.stop(), 0, 'exit code')
})
await check('who may not read the relay reads no media', async () => {
  const path = `/${sha(picture)}`
  await call('set_settings', { policy: { read: 'followed' } })
  refused(await ask(url, 'GET', path), 401, 'auth_missing', 'nobody')
  refused(await ask(url, 'GET', path, authorization(grant(carol, 'get', [sha(picture)]))), 403, 'not_a_reader', 'stranger')
  refused(await ask(url, 'GET', path, authorization(grant(bob, 'get', [sha('x')]))), 403, 'auth_hash', 'another blob')
  expectEqual((await ask(url, 'GET', path, authorization(grant(bob, 'get', [sha(picture)])))).status, 200, 'followed')
  expectEqual((await ask(url, 'GET', path, authorization(grant(bob, 'get', [], { tags: [['server', url]] })))).status, 200, 'server')
  refused(await ask(url, 'GET', `/list/${getPublicKey(bob)}`), 401, 'auth_missing', 'list')
  await call('set_settings', { policy: { read: 'stranger' } })
})

// --- large, many, broken off -------------------------------------------------------------------------

const rss = async () => Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${node.run.child.pid}/status`, 'utf8'))[1]) / 1024
await check('100 MiB go in and out in bounded memory', async () => {
  const data = randomBytes(100 * MIB)
  const before = await rss()
  let peak = 0
  const timer = setInterval(async () => { peak = Math.max(peak, await rss().catch(() => 0)) }, 20)
  const put = await upload(url, alice, data, { type: 'video/mp4' })
  expectEqual(put.status, 201, JSON.stringify(put.json))
  const got = await ask(url, 'GET', `/${sha(data)}`)
  clearInterval(timer)
  expectEqual(sha(got.data), sha(data), 'hash')
  expect(peak - before < 40, `memory grew by ${Math.round(peak - before)} MiB`)
  console.log(`  memory ${Math.round(before)} MiB, at most ${Math.round(peak)} MiB`)
  await call('media_delete', { sha256: sha(data) })
})
await check('what is said to be too large is refused before it comes', async () => {
  const socket = net.connect(new URL(url).port, '127.0.0.1')
  const header = authorization(grant(alice, 'upload', [sha('x')])).authorization
  socket.write(`PUT /upload HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${header}\r\nContent-Length: ${257 * MIB}\r\n\r\n`)
  const text = await new Promise((done, failed) => { socket.on('data', data => done(String(data))); socket.on('error', failed) })
  socket.destroy()
  expect(text.startsWith('HTTP/1.1 413'), text.slice(0, 100))
})
await check('uploads that break off leave nothing and take no place', async () => {
  const header = authorization(grant(alice, 'upload', [sha('x')])).authorization
  for (let round = 0; round < 2; round++) {
    const sockets = Array.from({ length: 8 }, () => net.connect(new URL(url).port, '127.0.0.1').on('error', () => {}))
    for (const socket of sockets) socket.write(`PUT /upload HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${header}\r\nContent-Length: ${MIB}\r\n\r\n${'y'.repeat(600000)}`)
    await until('they have begun', async () => (await files()).filter(name => name.startsWith('incoming')).length === 8)
    if (round === 0) refused(await upload(url, alice, randomBytes(10)), 503, 'busy', 'a ninth')
    for (const socket of sockets) socket.destroy()
    await until('nothing is left', async () => !(await files()).some(name => name.startsWith('incoming')))
  }
  expectEqual((await upload(url, alice, randomBytes(10))).status, 201, 'upload')
})

// --- SIGKILL -----------------------------------------------------------------------------------------

const kept = new Map()
async function load(running) {
  while (running.is) {
    const data = randomBytes(1000 + Math.floor(Math.random() * 400000))
    const put = await upload(url, alice, data).catch(() => null)
    if (put?.status === 201) kept.set(sha(data), data.length)
    else if (put) throw new Error(`${put.status} ${put.json?.code}`)
  }
}
await check(`${KILLS} times SIGKILL during uploads: what was acknowledged is there, and nothing else`, async () => {
  for (let kill = 0; kill < KILLS; kill++) {
    const running = { is: true }, before = kept.size
    const loads = Array.from({ length: 4 }, () => load(running))
    await until('something is acknowledged', () => kept.size > before, 10000, 1)
    await new Promise(done => setTimeout(done, (kill * 37) % 90))
    running.is = false
    await node.kill()
    await Promise.all(loads)
    node = await start(dir)
    owner = new Owner(node)
    url = await doorOf(node)
  }
  for (const [hash, size] of kept) {
    const got = await ask(url, 'GET', `/${hash}`)
    expectEqual([got.status, got.data.length, sha(got.data)], [200, size, hash], 'acknowledged')
  }
  await until('no file is without an entry', async () => {
    for (const name of await files()) if ((await ask(url, 'HEAD', `/${name.split('/')[1]}`)).status !== 200) return false
    return true
  }, 20000, 200)
  console.log(`  ${kept.size} acknowledged`)
})
await check('files without an entry and entries without a file are put right at the start', async () => {
  const [lost, stray] = [[...kept.keys()][0], sha('stray')]
  expectEqual(await node.stop(), 0, 'exit code')
  await rm(join(dir, 'media', lost.slice(0, 2), lost))
  await writeFile(join(dir, 'media', lost.slice(0, 2), `${lost.slice(0, 2)}${stray.slice(2)}`), 'stray')
  await writeFile(join(dir, 'media', 'incoming', '7'), 'half')
  node = await start(dir)
  owner = new Owner(node)
  url = await doorOf(node)
  expect(!(await files()).some(name => name.startsWith('incoming')), 'half an upload is left')
  await until('it is put right', async () => !(await files()).some(name => name.endsWith(stray.slice(2))) && (await ask(url, 'HEAD', `/${lost}`)).status === 404, 10000)
  expectEqual((await call('media', { limit: 200 })).blobs.some(blob => blob.sha256 === lost), false, 'listed')
})
await check('it stops', async () => {
  const { mode } = await stat(join(dir, 'media'))
  expectEqual([mode & 0o777, await node.stop()], [0o700, 0], 'mode and exit code')
})

await tidy()
results.finish()
process.exit()
