// A file from several nodes at once: an author and three nodes, real processes on loopback, named to each other by hand. The author
// stops halfway and the rest finish from each other; a node that gives wrong chunks is named; a fetch goes on after SIGKILL.
//
//   node tests/system/swarm.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { createHash, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import http from 'node:http'
import { join } from 'node:path'
import { finalizeEvent, generateSecretKey, getPublicKey, nip19 } from 'nostr-tools'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, tidy, until } from './hearth.mjs'
import { codeOf, Owner } from './wallet_owner.mjs'

const { check, ...results } = counter()
const PASSPHRASE = 'a long enough passphrase'
const CHUNK = 64 * 1024
const SIZE = 8 * 1024 * 1024 + 1000
const CHUNKS = Math.ceil(SIZE / CHUNK)
const sha = data => createHash('sha256').update(data).digest('hex')
const start = dir => Hearth.start({ network: 'mainnet', dir, beacons: ['http://127.0.0.1:9'] })
const doorOf = async node => (await node.call('node.door')).url.replace('ws:', 'http:')

// {node, owner, url, key} of a node with a Nostr key.
async function newNode(name) {
  const key = generateSecretKey()
  const node = await start(await dataDir(name))
  const owner = new Owner(node)
  await owner.create(PASSPHRASE)
  await owner.import('nsec', [nip19.nsecEncode(key)])
  await until('the key is known', async () => (await node.call('social.me')).pubkey === getPublicKey(key))
  return { node, owner, key, url: await doorOf(node) }
}

function get(url, headers = {}) {
  return new Promise((done, failed) => {
    http.get(url, { headers, agent: false }, async answer => {
      const parts = []
      try {
        for await (const part of answer) parts.push(part)
        done({ status: answer.statusCode, headers: answer.headers, data: Buffer.concat(parts) })
      } catch (error) {
        failed(error)
      }
    }).on('error', failed)
  })
}

async function upload({ url, key }, data) {
  const now = Math.floor(Date.now() / 1000)
  const event = finalizeEvent({ kind: 24242, created_at: now, content: 'a file', tags: [['t', 'upload'], ['x', sha(data)], ['expiration', String(now + 60)]] }, key)
  const answer = await fetch(`${url}/upload`, { method: 'PUT', body: data, headers: { authorization: `Nostr ${Buffer.from(JSON.stringify(event)).toString('base64')}` } })
  expectEqual(answer.status, 201, 'upload')
}

const open = new Set()

// A server in front of a node. `change` is given each answer to a request for a chunk: {first, data}; what it gives back is sent, null:
// no time. One chunk every `everyMs`.
async function inFrontOf(url, { everyMs = 0, change = async ({ data }) => data } = {}) {
  let turn = Promise.resolve()
  const front = { chunks: [], served: new Set() }
  const server = http.createServer(async (request, response) => {
    try {
      const { range } = request.headers
      const answer = await get(url + request.url, range ? { range } : {})
      const { 'content-type': type = 'text/plain' } = answer.headers
      if (!range) return void response.writeHead(answer.status, { 'content-type': type }).end(answer.data)
      const first = Number(/bytes=(\d+)-/.exec(range)[1])
      turn = turn.then(() => new Promise(done => setTimeout(done, everyMs)))
      await turn
      front.chunks.push(first / CHUNK)
      const data = await change({ first, data: answer.data })
      if (data === null) return void response.writeHead(503).end()
      front.served.add(first / CHUNK)
      response.writeHead(206, { 'content-type': type }).end(data)
    } catch {
      response.destroy()
    }
  })
  await new Promise(done => server.listen(0, '127.0.0.1', done))
  open.add(server)
  front.url = `http://127.0.0.1:${server.address().port}`
  front.close = () => { server.closeAllConnections(); server.close(); open.delete(server) }
  return front
}

const author = await newNode('author')
const nodes = await Promise.all(['one', 'two', 'three'].map(newNode))
const file = randomBytes(SIZE)

await check('a node says what chunks a file has, and that it has them all', async () => {
  await upload(author, file)
  const list = JSON.parse((await get(`${author.url}/${sha(file)}.chunks`)).data)
  expectEqual([list.v, list.sha256, list.size, list.chunk, list.chunks.length], [1, sha(file), SIZE, CHUNK, 64 * CHUNKS], 'list')
  for (const i of [0, 7, CHUNKS - 1]) expectEqual(list.chunks.slice(64 * i, 64 * i + 64), sha(file.subarray(i * CHUNK, (i + 1) * CHUNK)), `chunk ${i}`)
  const have = JSON.parse((await get(`${author.url}/${sha(file)}.have`)).data)
  expectEqual(have, { v: 1, root: sha(Buffer.from(list.chunks, 'hex')), size: SIZE, missing: 0 }, 'have')
  expectEqual((await get(`${author.url}/${'0'.repeat(64)}.have`)).status, 404, 'of none')
})

await check('the author stops halfway, and three nodes finish from each other', async () => {
  const front = await inFrontOf(author.url, { everyMs: 30 })
  const all = [front.url, ...nodes.map(({ url }) => url)]
  const over = new Set()
  const fetches = nodes.map(({ owner }, i) => owner.call('social.media_fetch', { sha256: sha(file), from: all.filter((_, n) => n !== i + 1) }).finally(() => over.add(i)))
  // As soon as each chunk is at one of them.
  await until(() => `${front.served.size} of ${CHUNKS} chunks came`, () => front.served.size === CHUNKS, 60000, 2)
  front.close()
  expectEqual(over.size, 0, 'nodes that had all when the author stopped')
  expect(front.chunks.length < 2.5 * CHUNKS, `the author gave ${front.chunks.length} chunks, three times all would be ${3 * CHUNKS}`)
  expectEqual(await author.node.stop(), 0, 'exit code')
  for (const got of await Promise.all(fetches)) expectEqual([got.sha256, got.size], [sha(file), SIZE], 'got')
  for (const { url } of nodes) expectEqual(sha((await get(`${url}/${sha(file)}`)).data), sha(file), url)
})

await check('what nodes have is got from them by its hash alone, without the author', async () => {
  const fourth = await newNode('four')
  const got = await fourth.owner.call('social.media_fetch', { sha256: sha(file), from: nodes.map(({ url }) => url) })
  expectEqual(got.size, SIZE, 'size')
  const small = randomBytes(3000)
  await upload(nodes[1], small)
  expectEqual((await fourth.owner.call('social.media_fetch', { sha256: sha(small), from: nodes.map(({ url }) => url) })).size, 3000, 'a small one')
  expectEqual(await codeOf(fourth.owner.call('social.media_fetch', { sha256: sha('another'), from: [nodes[0].url] })), 'no_holder', 'another')
  expectEqual(await fourth.node.stop(), 0, 'exit code')
})

await check('whoever gives wrong chunks is named, and the file comes from the others', async () => {
  const liar = await inFrontOf(nodes[0].url, { change: async ({ data }) => Buffer.concat([Buffer.from([data[0] ^ 1]), data.subarray(1)]) })
  const fifth = await newNode('five')
  const got = await fifth.owner.call('social.media_fetch', { sha256: sha(file), from: [liar.url, nodes[1].url] })
  expectEqual(got.size, SIZE, 'size')
  expect(fifth.node.log.includes(`${liar.url} gave a bad chunk`), `the liar is not named: ${fifth.node.log.slice(-500)}`)
  expect(!fifth.node.log.includes(`${nodes[1].url} gave`), 'another is named, too')
  expect(liar.chunks.length <= 4, `the liar was asked ${liar.chunks.length} times`)
  liar.close()
  expectEqual(await fifth.node.stop(), 0, 'exit code')
})

await check('a fetch goes on where it was after SIGKILL', async () => {
  let isShort = true
  const half = await inFrontOf(nodes[0].url, { change: async ({ data }) => (isShort && half.served.size >= CHUNKS / 2 ? null : data) })
  const sixth = await newNode('six')
  const before = sixth.owner.call('social.media_fetch', { sha256: sha(file), from: [half.url] })
  await until('half has come', () => half.served.size >= CHUNKS / 2, 30000)
  const missing = async () => JSON.parse((await get(`${sixth.url}/${sha(file)}.have`)).data).missing
  await until('half is in the file', async () => (await missing()) <= CHUNKS / 2, 10000)
  await sixth.node.kill()
  expect((await codeOf(before)) !== 'taken', 'it was done')
  expect((await readdir(join(sixth.node.dir, 'media', 'incoming'))).includes(`${sha(file)}.part`), 'nothing is left')
  half.chunks.length = 0
  isShort = false
  const node = await start(sixth.node.dir)
  await until('the key is known', async () => (await node.call('social.me')).pubkey === getPublicKey(sixth.key))
  const got = await new Owner(node).call('social.media_fetch', { sha256: sha(file), from: [half.url] })
  expectEqual(got.size, SIZE, 'size')
  expect(half.chunks.length <= CHUNKS / 2 + 1, `${half.chunks.length} chunks were asked for again`)
  expectEqual(await readdir(join(node.dir, 'media', 'incoming')), [], 'left over')
  half.close()
  expectEqual(await node.stop(), 0, 'exit code')
})

for (const { node } of nodes) await check(`${node.dir} ends as it should`, async () => expectEqual(await node.stop(), 0, 'exit code'))
for (const server of open) server.close()
await tidy()
results.finish()
process.exit()
