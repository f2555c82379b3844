// Chain data among peers: a node that has no provider of its own starts, follows the chain and proves a balance through
// its peer alone; a peer that lies is named and not asked again; receipts stay where a peer kept them.
//
//   node tests/system/near.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { readdir, readFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import { join } from 'node:path'
import tls from 'node:tls'
import { ethers } from 'ethers'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, tidy, until, writeNetwork } from './hearth.mjs'
import { startWorld } from './world.mjs'

const { check, ...results } = counter()
const cleanups = []
let spied = null // a node whose token is known here
const world = await startWorld({ history: 160, slotMs: 1000 })
const { devnet } = world
cleanups.push(() => world.stop())
const network = await writeNetwork(devnet.network)

// Anvil behind a switch: how a provider goes away, and a count of what is asked of it.
async function gate(target) {
  const gate = { asked: [], isOpen: true }
  const server = http.createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    gate.asked.push(body)
    if (!gate.isOpen) return void request.socket.destroy()
    const answer = await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise(done => server.listen(0, '127.0.0.1', done))
  gate.url = `http://127.0.0.1:${server.address().port}`
  cleanups.push(() => { server.closeAllConnections(); server.close() })
  return gate
}

const execution = await gate(devnet.rpcUrl)

// Ethereum's JSON-RPC of a node, with what proves the answer.
async function ask(node, method, ...params) {
  const answer = await fetch(`${node.origin}/eth`, { method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params, provenance: true }) })
  const { result, error, provenance } = await answer.json()
  if (error) throw Object.assign(new Error(error.message), { code: error.data?.code })
  return { result, provenance }
}

async function start(name, { providers = false, args = [] } = {}) {
  const options = providers ? ['--execution', execution.url] : ['--no-providers']
  const node = await Hearth.start({ network, dir: await dataDir(name), beacons: providers ? devnet.beaconUrls : [], args: [...options, ...args] })
  cleanups.push(() => node.stop())
  node.key = (await node.call('peers.list')).node
  return node
}

const peerOf = async (node, other) => (await node.call('peers.list')).peers.find(one => one.node === other.key)
const linked = (node, other) => until(async () => `a link: ${JSON.stringify(await node.call('peers.list'))}; it logged ${node.log.slice(-800)}`,
  async () => (await peerOf(node, other))?.state === 'connected', 15000, 50)

const a = await start('near-a', { providers: true, args: ['--peer-port', '0'] })
await a.live(20000)
const { root } = await devnet.checkpoint()
const invite = async () => (await a.call('peers.invite')).link
const base = (await a.call('peers.invite')).addresses[0].replace('wss:', 'https:').replace(/\/$/, '')

// A request at the peer door, whose certificate nobody vouches for.
async function door(path, { method = 'GET', body, headers = {} } = {}) {
  return new Promise((done, failed) => {
    const request = https.request(base + path, { method, rejectUnauthorized: false,
      headers: { ...headers, ...(body ? { 'content-length': Buffer.byteLength(body) } : {}) } }, async answer => {
      const parts = []
      answer.on('error', failed)
      for await (const part of answer) parts.push(part)
      done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) })
    })
    request.on('error', failed)
    request.end(body)
  })
}

await check('strangers get light-client objects, and nothing else', async () => {
  const update = await door('/eth/v1/beacon/light_client/optimistic_update', { headers: { accept: 'application/json' } })
  expectEqual(update.status, 200, 'status')
  const { version, data } = JSON.parse(update.body)
  expect(version && data.attested_header.beacon.slot, `no update: ${update.body.subarray(0, 200)}`)
  const bytes = await door('/eth/v1/beacon/light_client/optimistic_update', { headers: { accept: 'application/octet-stream' } })
  expectEqual([bytes.status, bytes.headers['content-type'], bytes.headers['eth-consensus-version']], [200, 'application/octet-stream', version], 'as SSZ')
  const rpc = await door('/eth/execution', { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getCode', params: [] }) })
  expectEqual(rpc.status, 401, 'JSON-RPC without a token')
  const wrong = await door('/eth/execution', { method: 'POST', body: '{}', headers: { authorization: `Bearer ${'0'.repeat(64)}` } })
  expectEqual(wrong.status, 401, 'JSON-RPC with a token that is none')
  expectEqual((await door('/eth/receipts/0x' + '11'.repeat(32))).status, 401, 'receipts')
})

await check('it is asked for a starting point: the checkpoint is there', async () => {
  const answer = await door(`/eth/v1/beacon/light_client/bootstrap/${root}`, { headers: { accept: 'application/json' } })
  // The devnet's newest checkpoint may be another than the one that this node began with.
  const named = JSON.parse((await door('/eth/v1/beacon/states/head/finality_checkpoints')).body).data.finalized.root
  const own = await door(`/eth/v1/beacon/light_client/bootstrap/${named}`, { headers: { accept: 'application/json' } })
  expectEqual(own.status, 200, 'the bootstrap that it names')
  expect([200, 404].includes(answer.status), `status ${answer.status}`)
})
const startRoot = JSON.parse((await door('/eth/v1/beacon/states/head/finality_checkpoints')).body).data.finalized.root

await check('a node without a provider and without a checkpoint says what it needs', async () => {
  const lost = await start('near-lost')
  await lost.until('error', status => status.state === 'error')
  expectEqual((await lost.status()).code, 'no_checkpoint', 'code')
  await lost.stop()
})

const b = await start('near-b', { args: ['--checkpoint', startRoot] })
await check('a node without a provider waits for peers', async () => {
  const status = await b.status()
  expectEqual([status.state, status.code], ['offline', 'waiting_for_peers'], 'state')
  expectEqual(await b.providers(), [], 'providers')
})
await check('it reaches a verified head through its peer alone', async () => {
  await b.call('peers.add', { link: await invite() })
  await Promise.all([linked(b, a), linked(a, b)])
  await b.live(20000)
  const providers = await b.providers()
  expectEqual(providers.map(one => [one.kind, one.is_peer, one.name]).sort(),
    [['beacon', true, `peer ${a.key.slice(0, 16)}`], ['execution', true, `peer ${a.key.slice(0, 16)}`]], 'providers')
  const [ours, theirs] = [await b.status(), await a.status()]
  expect(Math.abs(ours.head.slot - theirs.head.slot) <= 1, `heads ${ours.head.slot} and ${theirs.head.slot}`)
})
await check('it follows the head, slot by slot', async () => {
  const { head } = await b.status()
  await b.until('the head moves on', status => status.head.slot >= head.slot + 3, 10000)
})
await check('it proves a balance through its peer alone', async () => {
  const { result, provenance } = await ask(b, 'eth_getBalance', world.poor, 'latest')
  expectEqual(BigInt(result).toString(), '1234567890123456789', 'balance')
  expectEqual(provenance.verdict, 'proven', 'verdict')
  expect(JSON.stringify(provenance).includes(`peer ${a.key.slice(0, 16)}`), `provenance ${JSON.stringify(provenance)}`)
})
await check('it reads code, storage, a call, old headers and a transaction through its peer alone', async () => {
  const [contract] = world.contracts
  expectEqual((await ask(b, 'eth_getCode', contract, 'latest')).result, await world.rpc('eth_getCode', [contract, 'latest']), 'code')
  const slot = ethers.toQuantity(world.keys[0])
  expectEqual((await ask(b, 'eth_getStorageAt', contract, slot, 'latest')).result, await world.rpc('eth_getStorageAt', [contract, slot, 'latest']), 'slot')
  const number = ethers.toQuantity(world.blocks[1])
  const block = (await ask(b, 'eth_getBlockByNumber', number, false)).result
  expectEqual(block.hash, (await world.rpc('eth_getBlockByNumber', [number, false])).hash, 'block')
  const { result } = await ask(b, 'eth_getTransactionByHash', block.transactions[0])
  expectEqual(result.blockHash, block.hash, 'transaction')
})

const kept = await world.rpc('eth_getBlockByNumber', [ethers.toQuantity(world.blocks[2]), false])
const topicsOf = receipts => receipts.map(one => one.logs.map(log => [log.address.toLowerCase(), log.topics, log.data]))
await check('the same question of a peer is put once to the provider', async () => {
  execution.asked.length = 0
  const params = [world.accounts[1], 'latest']
  await Promise.all([1, 2, 3].map(() => ask(b, 'eth_getBalance', ...params)))
  const proofs = execution.asked.filter(text => text.includes('eth_getProof') && text.includes(world.accounts[1].toLowerCase()))
  expect(proofs.length <= 2, `${proofs.length} questions`) // a head may come in between
})
await check('receipts that were proven once are answered when the provider has gone', async () => {
  await ask(a, 'eth_getBlockReceipts', kept.hash)
  execution.isOpen = false
  const before = execution.asked.length
  const got = await until('receipts', () => askPeer('eth_getBlockReceipts', { blockHash: kept.hash }), 10000, 200)
  expectEqual(topicsOf(got), topicsOf(await world.rpc('eth_getBlockReceipts', [kept.hash])), 'logs')
  const refused = await askPeer('eth_getProof', world.accounts[2], [], { blockHash: kept.hash }).catch(error => error)
  expect(/not available|pruned/.test(refused.message), `it said ${refused.message ?? JSON.stringify(refused)}`)
  expect(execution.asked.length - before < 20, `${execution.asked.length - before} questions to a dead provider`)
  execution.isOpen = true
})

// What b asks of a, by b's own token, over the proxy below; until that stands, nothing is known of the token.
async function askPeer(method, ...params) {
  const { token } = await spy()
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const answer = await door('/eth/execution', { method: 'POST', body, headers: { authorization: token, 'content-type': 'application/json' } })
  if (answer.status !== 200) throw new Error(`status ${answer.status}: ${answer.body}`)
  const { result, error } = JSON.parse(answer.body)
  if (error) throw new Error(error.message)
  return result
}

// --- a proxy with the key of a's door --------------------------------------------------------------
//
// Nobody without that key can be in the middle; a test can take it from a's folder. It passes websockets on as they are and
// changes answers as `lie` says: a peer that lies, as c sees it.

async function pems() {
  const files = await readdir(a.dir, { recursive: true })
  const texts = await Promise.all(files.filter(name => /tls\./.test(name)).map(name => readFile(join(a.dir, name), 'utf8')))
  return { key: texts.find(text => text.includes('PRIVATE KEY')), cert: texts.find(text => text.includes('BEGIN CERTIFICATE')) }
}

async function liar(lie) {
  const { port, hostname } = new URL(base)
  const server = https.createServer(await pems(), async (request, response) => {
    const parts = []
    for await (const part of request) parts.push(part)
    const body = Buffer.concat(parts)
    proxy.token = request.headers.authorization ?? proxy.token
    request.on('error', () => {})
    const answer = await door(request.url, { method: request.method, body: body.length ? body : undefined,
      headers: Object.fromEntries(['authorization', 'accept', 'content-type'].filter(name => request.headers[name]).map(name => [name, request.headers[name]])) }).catch(() => null)
    if (!answer) return void request.socket.destroy()
    const said = lie(request.url, answer.body, body) ?? answer.body
    const headers = { ...answer.headers, 'content-length': said.length, connection: 'close' }
    response.writeHead(answer.status, headers)
    response.end(said)
  })
  server.on('clientError', (error, socket) => socket.destroy())
  server.on('upgrade', (request, socket, head) => {
    const onward = tls.connect({ port, host: hostname, rejectUnauthorized: false }, () => {
      const lines = [`GET ${request.url} HTTP/1.1`]
      for (let i = 0; i < request.rawHeaders.length; i += 2) lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`)
      onward.write(lines.join('\r\n') + '\r\n\r\n')
      onward.write(head)
      socket.pipe(onward).pipe(socket)
    })
    onward.on('error', () => socket.destroy())
    socket.on('error', () => onward.destroy())
  })
  await new Promise(done => server.listen(0, '127.0.0.1', done))
  const proxy = { port: server.address().port, token: null }
  cleanups.push(() => { server.closeAllConnections(); server.close() })
  return proxy
}

// A node of its own behind an honest proxy, for its token.
async function spy() {
  spied ??= (async () => {
    const proxy = await liar(() => null)
    const node = await start('near-spy', { args: ['--checkpoint', startRoot] })
    await node.call('peers.add', { link: await through(proxy) })
    await linked(node, a)
    await until('a question to the peer', () => proxy.token, 15000)
    return proxy
  })()
  return spied
}

async function through(proxy) {
  const { port } = new URL(base)
  const link = await invite()
  const changed = link.replaceAll(`:${port}`, `:${proxy.port}`).replaceAll(`%3A${port}`, `%3A${proxy.port}`)
  expect(changed !== link, `the address is not in ${link}`)
  return changed
}

await check('a peer that lies about a proof is named, not believed, and loses its good name', async () => {
  const proxy = await liar((url, answer, question) => {
    if (url !== '/eth/execution' || !question.includes('eth_getProof')) return null
    const text = answer.toString()
    const changed = text.replace(/"balance":"0x[0-9a-f]+"/, '"balance":"0x1"')
    return changed === text ? null : Buffer.from(changed)
  })
  const c = await start('near-c', { args: ['--checkpoint', startRoot] })
  await c.call('peers.add', { link: await through(proxy) })
  await linked(c, a)
  await c.live(20000)
  const before = (await peerOf(c, a)).score
  const failed = await ask(c, 'eth_getBalance', world.poor, 'latest').catch(error => error)
  expect(failed instanceof Error, `it believed ${JSON.stringify(failed)}`)
  const peer = await until(async () => `the peer is blamed: ${failed.code} ${failed.message}; ${JSON.stringify(await peerOf(c, a))}; it logged ${c.log.slice(-1500)}`, async () => {
    const now = await peerOf(c, a)
    return (now.score < before || now.state !== 'connected') && now
  }, 5000)
  expect(c.log.includes('claim_differs') || c.log.includes('bad_proof') || /peer [0-9a-f]{16}, asked for account/.test(c.log), `its log: ${c.log.slice(-1500)}`)
  expect(peer.score < before || peer.state !== 'connected', `score ${before} and ${peer.score}`)
  await c.stop()
})

await check('a peer that lies about the head is named, and the head is not believed', async () => {
  let lies = 0
  const proxy = await liar((url, answer) => {
    if (!url.includes('optimistic_update')) return null
    lies++
    const said = Buffer.from(answer)
    said[said.length - 20] ^= 1 // in the signature, as SSZ
    return said
  })
  const d = await start('near-d', { args: ['--checkpoint', startRoot] })
  await d.call('peers.add', { link: await through(proxy) })
  await until('a lie', () => lies > 0, 15000)
  await until('it is in the log', () => /does not hold/.test(d.log), 5000)
  expect((await d.status()).state !== 'live', 'it is live')
  await d.stop()
})

await check('when its peer goes it says that it waits, and goes on when it comes back', async () => {
  const args = ['--execution', execution.url, '--peer-port', new URL(base).port]
  await a.stop()
  await until('no providers', async () => (await b.providers()).length === 0, 15000)
  const again = await Hearth.start({ network, dir: a.dir, beacons: devnet.beaconUrls, args })
  again.key = a.key
  cleanups.push(() => again.stop())
  await again.live(20000)
  await linked(b, again)
  await b.live(30000)
})

for (const cleanup of cleanups.reverse()) await cleanup()
await tidy()
results.finish()
process.exit()
