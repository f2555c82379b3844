// The link, attestations in feeds and the web of trust, on three real nodes over a devnet with EAS and the DID registry: keys
// and accounts vouch for each other; A attests B, which arrives at B and C; distances are told; A revokes on chain and all three
// say so at the next finality; B's account gets another owner on chain and its link ends everywhere.
//
//   node tests/system/trust.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { readFileSync } from 'node:fs'
import { ethers } from 'ethers'
import { finalizeEvent, generateSecretKey, getPublicKey, nip19 } from 'nostr-tools'
import WebSocket from 'ws'
import { artifacts } from '../devnet/contracts.mjs'
import { startDevnet } from '../devnet/devnet.mjs'
import { compile } from '../devnet/solidity.mjs'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, tidy, until, writeNetwork } from './hearth.mjs'
import { codeOf, Owner } from './wallet_owner.mjs'

const PASSPHRASE = 'a passphrase of the test'
const SCHEMA = 'string vouchesFor'
const FINAL_MS = 90000

const results = counter()
const { check } = results
const ENS = '0x00000000000C2E074eC69A0dFb2997BA6C7d2e1e', RESOLVER = '0x231b0Ee14048e9dCcD1d247744d114a4EB5E8E63'
const wallets = { a: ethers.Wallet.createRandom(), b: ethers.Wallet.createRandom(), c: ethers.Wallet.createRandom() }

// A registry and a resolver in the chain's past: B has a name that leads back, A calls itself by B's.
async function makeNames(slot, anvil) {
  if (slot !== 2) return
  const names = compile('Names.sol', readFileSync(new URL('./contracts/Names.sol', import.meta.url), 'utf8'))
  const registry = new ethers.Interface(names.Registry.abi), resolver = new ethers.Interface(names.PublicResolver.abi)
  const reverse = wallet => ethers.namehash(`${wallet.address.slice(2).toLowerCase()}.addr.reverse`)
  const [from] = await anvil.rpc('eth_accounts')
  const put = (to, data) => anvil.rpc('eth_sendTransaction', [{ from, to, data, gas: '0x4c4b40' }])
  await anvil.rpc('anvil_setCode', [ENS, names.Registry.runtime])
  await anvil.rpc('anvil_setCode', [RESOLVER, names.PublicResolver.runtime])
  for (const node of [ethers.namehash('bob.eth'), reverse(wallets.a), reverse(wallets.b)]) await put(ENS, registry.encodeFunctionData('set', [node, RESOLVER]))
  await put(RESOLVER, resolver.encodeFunctionData('setAddr', [ethers.namehash('bob.eth'), wallets.b.address]))
  for (const wallet of [wallets.a, wallets.b]) await put(RESOLVER, resolver.encodeFunctionData('setName', [reverse(wallet), 'bob.eth']))
}

const devnet = await startDevnet({ preset: 'minimal', slotMs: 1000, contracts: true, onPastSlot: makeNames })
devnet.network.contracts.ens_registry = ENS
const network = await writeNetwork(devnet.network)
const chain = new ethers.JsonRpcProvider(devnet.rpcUrl, undefined, { staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1 })
const { schemaRegistry, didRegistry } = artifacts()
const { contracts } = devnet.network
const bank = await chain.getSigner(1)
const mined = async transaction => (await (await transaction).wait(1, 30000))
await until('the contracts are there', async () => (await chain.getCode(contracts.eas)) !== '0x' && (await chain.getCode(contracts.did_registry)) !== '0x', 30000, 200)
await mined(new ethers.Contract(contracts.schema_registry, schemaRegistry.abi, bank).register(SCHEMA, ethers.ZeroAddress, true))
const schema = ethers.solidityPackedKeccak256(['string', 'address', 'bool'], [SCHEMA, ethers.ZeroAddress, true])

async function start(name) {
  const secret = generateSecretKey()
  const wallet = wallets[name]
  await mined(bank.sendTransaction({ to: wallet.address, value: ethers.parseEther('1') }))
  const node = await Hearth.start({ network, dir: await dataDir(name), beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
  await node.live(30000)
  const owner = new Owner(node)
  await owner.create(PASSPHRASE)
  await owner.import('mnemonic', [wallet.mnemonic.phrase], { words: 12 })
  await owner.import('nsec', [nip19.nsecEncode(secret)])
  const key = getPublicKey(secret)
  await owner.call('social.set_settings', { owner: key }).catch(() => {})
  await until('the key is known', async () => (await node.call('social.me')).keys.some(one => one.pubkey === key))
  const me = await node.call('social.me')
  return { name, node, owner, wallet, key: me.pubkey, address: wallet.address.toLowerCase(), call: (method, params) => owner.call(method, params), url: (await node.call('node.door')).url }
}

const a = await start('a'), b = await start('b'), c = await start('c')
const all = [a, b, c]
const follow = (one, ...others) => Promise.all(others.map(other => one.call('social.follow', { pubkey: other.key, on: true })))
for (const one of all) for (const other of all) if (one !== other) await follow(one, other)
for (const one of [b, c]) {
  await one.call('social.set_settings', { relays: [{ url: a.url, read: true, write: true }] })
  await until('the relay is known', async () => (await one.call('social.relays')).relays.some(relay => relay.is_own && relay.url === a.url))
}

const stateOf = async (node, of) => (await node.call('link.check', of)).state
const everywhere = (what, condition, ms = FINAL_MS) => until(async () => `${what}: ${JSON.stringify(await Promise.all(all.map(async node => [node.name, await condition(node, true).catch(error => error.message)])))}`,
  async () => (await Promise.all(all.map(node => condition(node).catch(() => false)))).every(Boolean), ms, 500)
const attestation = async (node, uid) => (await node.call('attest.list', { role: 'all' })).attestations.find(one => one.uid === uid)
let uid, given

// Says one event to a relay: whether it took it.
const say = (url, event) => new Promise((done, failed) => {
  const socket = new WebSocket(url)
  socket.on('open', () => socket.send(JSON.stringify(['EVENT', event])))
  socket.on('error', failed)
  socket.on('message', data => {
    const message = JSON.parse(data)
    if (message[0] === 'OK') { socket.close(); done(message[2]) }
  })
})

// A link as another program would make it.
async function foreignLink(secret, wallet, createdAt) {
  const chainId = Number((await chain.getNetwork()).chainId), address = wallet.address.toLowerCase()
  const domain = { name: 'Hearth identity link', version: '1', chainId }
  const types = { Link: [{ name: 'nostr', type: 'bytes32' }, { name: 'did', type: 'string' }, { name: 'issued', type: 'uint64' }] }
  const message = { nostr: `0x${getPublicKey(secret)}`, did: `did:ethr:0x${chainId.toString(16)}:${address}`, issued: createdAt }
  const EIP712Domain = [{ name: 'name', type: 'string' }, { name: 'version', type: 'string' }, { name: 'chainId', type: 'uint256' }]
  const typed = { types: { EIP712Domain, ...types }, primaryType: 'Link', domain, message }
  const content = JSON.stringify({ typed, signature: await wallet.signTypedData(domain, types, message) })
  return finalizeEvent({ kind: 30078, created_at: createdAt, content, tags: [['d', `hearth:ethereum:${address}`], ['i', `ethereum:${chainId}:${address}`]] }, secret)
}

await check('nobody is linked, and an account that is none of ours is not taken', async () => {
  expectEqual(await a.call('link.check', { pubkey: a.key }), { state: 'none', link: null, conflicts: [] }, 'link')
  expectEqual(await codeOf(a.call('link.make', { account: b.address })), 'no_such_account', 'code')
  expectEqual(await codeOf(a.call('link.end', { account: a.address })), 'no_link', 'code')
  expectEqual(await codeOf(a.call('link.check', {})), 'link_whom', 'code')
})
await check('each key and account vouch for each other, after the owner has seen what is signed', async () => {
  for (const one of all) {
    const { result, item } = await one.owner.approved('link.make', { account: one.address })
    expectEqual([item.kind, result.link.pubkey, result.link.address, result.link.is_mine], ['typed', one.key, one.address, true], one.name)
    expect(JSON.stringify(item.explain.tree).includes(one.key), 'the key is not shown')
    expect(result.link.state === 'unverified' || result.link.state === 'linked', result.link.state)
  }
})
await check('all three nodes hear of all three links and prove them at a final block', async () => {
  await everywhere('links', async (node, tells) => {
    const states = await Promise.all(all.map(other => stateOf(node, { pubkey: other.key })))
    return tells ? states : states.every(state => state === 'linked')
  })
  const { link } = await c.call('link.check', { address: b.address })
  expectEqual([link.pubkey, link.owner, link.counts, link.is_mine, link.as_of.number > 0], [b.key, b.address, true, false, true], 'link')
  expectEqual((await c.call('link.check', { pubkey: nip19.npubEncode(b.key) })).link.address, b.address, 'by npub')
})
await check('A attests B off chain; nobody hears of it before it is shared', async () => {
  const { result } = await a.owner.approved('attest.issue', { how: 'offchain', schema, from: a.address, recipient: b.address, values: { vouchesFor: 'bob' } })
  uid = result.attestation.uid
  given = { attester: a.address, uid }
  expectEqual(await attestation(b, uid), undefined, 'at B')
  expect((await a.call('attest.share', given)).id.length === 64, 'no event')
  expectEqual(await codeOf(a.call('attest.share', { ...given, attester: b.address })), 'no_such_attestation', 'code')
})
await check('it arrives in the feeds of B and C and is valid there, proven', async () => {
  await everywhere('the attestation', async (node, tells) => {
    const one = await attestation(node, uid)
    return tells ? [one?.verdict, one?.why] : one?.verdict === 'valid'
  })
  expectEqual([(await attestation(b, uid)).role, (await attestation(c, uid)).role], ['received', 'other'], 'roles')
})
await check('distances: B is next to A, and two steps from C once C vouches for A', async () => {
  const told = () => a.call('trust.who', { pubkey: b.key })
  await until('A sees B', async () => (await told()).distance === 1, 10000)
  const who = await told()
  expectEqual([who.address, who.path, who.vouches.map(one => [one.from, one.uid, one.distance])], [b.address, [{ from: a.address, to: b.address, uid }], [[a.address, uid, 0]]], 'who')
  expectEqual((await c.call('trust.who', { address: b.address })).distance, null, 'from C before')
  await c.owner.approved('attest.issue', { how: 'offchain', schema, from: c.address, recipient: a.address, values: { vouchesFor: 'alice' } })
  await until('C sees B', async () => (await c.call('trust.who', { address: b.address })).distance === 2, 30000)
  expectEqual((await c.call('trust.who', { address: b.address })).path.map(step => [step.from, step.to]), [[c.address, a.address], [a.address, b.address]], 'path')
  expectEqual((await c.call('trust.list')).people.map(one => [one.pubkey, one.distance, one.vouches]), [[a.key, 1, 1], [b.key, 2, 1]], 'list')
  expectEqual((await c.call('trust.list', { distance: 1 })).people.map(one => one.pubkey), [a.key], 'list to 1')
})
await check('posts and profiles say so, with the name that is proven', async () => {
  await until('the name', async () => (await c.call('trust.who', { address: b.address })).name === 'bob.eth', 60000, 300)
  expectEqual((await c.call('social.profile', { pubkey: b.key })).trust, { address: b.address, name: 'bob.eth', distance: 2, vouches: 1 }, 'profile')
  const { id } = await b.call('social.post', { content: 'hello from B' })
  const post = await until('the post', async () => (await c.call('social.feed', { view: 'following' })).posts.find(one => one.id === id), 20000, 300)
  expectEqual(post.trust, { address: b.address, name: 'bob.eth', distance: 2, vouches: 1 }, 'post')
  expectEqual((await c.call('social.profile', { pubkey: getPublicKey(generateSecretKey()) })).trust, null, 'a stranger')
})
await check('a name that leads to another is not shown', async () => {
  expectEqual((await c.call('ens.reverse', { address: a.address })).why.code, 'ens_other_address', 'A calls itself')
  expectEqual((await c.call('trust.list')).people.map(one => one.name), [null, 'bob.eth'], 'names')
})
await check('which schemas vouch is a setting', async () => {
  expectEqual(await c.call('trust.settings'), { schemas: [{ uid: schema, text: SCHEMA }] }, 'settings')
  expectEqual(await codeOf(c.call('trust.set_settings', { schemas: [] })), 'trust_schemas', 'code')
  const other = ethers.id('another schema')
  expectEqual(await c.call('trust.set_settings', { schemas: [other, other] }), { schemas: [{ uid: other, text: null }] }, 'other')
  await until('nobody is vouched for', async () => (await c.call('trust.list')).people.length === 0)
  await c.call('trust.set_settings', { schemas: [schema] })
  await until('the web is there again', async () => (await c.call('trust.list')).people.length === 2)
})
await check('a link of another program holds, and whom the owner vouches for may write here', async () => {
  const secret = generateSecretKey(), wallet = ethers.Wallet.createRandom(), key = getPublicKey(secret)
  const now = Math.floor(Date.now() / 1000)
  const link = await foreignLink(secret, wallet, now)
  const post = finalizeEvent({ kind: 1, created_at: now, content: 'a stranger', tags: [] }, secret)
  expectEqual([await say(a.url, link), await say(a.url, post)], [false, false], 'a stranger')
  await a.call('social.follow', { pubkey: key, on: true })
  await until('the link is taken', () => say(a.url, link), 10000, 200)
  await a.call('social.follow', { pubkey: key, on: false })
  await until('it is linked', async () => (await stateOf(a, { pubkey: key })) === 'linked', 30000, 300)
  await until('a stranger again', async () => !(await say(a.url, finalizeEvent({ kind: 1, created_at: now, content: `a stranger ${Math.random()}`, tags: [] }, secret))), 10000, 200)
  await a.owner.approved('attest.issue', { how: 'offchain', schema, from: a.address, recipient: wallet.address, values: { vouchesFor: 'dora' } })
  await until('vouched for', () => say(a.url, post), 30000, 300)
})
await check('after a kill the links and the web are there again', async () => {
  c.node.run.child.kill('SIGKILL')
  await c.node.run.ended
  c.node = await Hearth.start({ network, dir: c.node.dir, beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
  c.owner = new Owner(c.node)
  await until('C knows', async () => (await c.call('trust.who', { address: b.address })).distance === 2, 20000)
  expectEqual(await stateOf(c, { pubkey: b.key }), 'linked', 'state')
})
await check('A revokes on chain, and all three nodes say so at the next finality', async () => {
  await a.owner.approved('attest.revoke', given)
  await everywhere('revoked', async (node, tells) => {
    const one = await attestation(node, uid)
    return tells ? [one?.verdict, one?.as_of] : one?.verdict === 'revoked'
  })
  await everywhere('far', async (node, tells) => {
    const { distance } = await node.call('trust.who', { address: b.address })
    return tells ? distance : (node === b ? distance === 0 : distance === null)
  }, 10000)
})
await check("B's account gets another owner on chain: the link ends everywhere", async () => {
  const registry = new ethers.Contract(contracts.did_registry, didRegistry.abi, b.wallet.connect(chain))
  await mined(registry.changeOwner(b.address, c.address))
  await everywhere('owner_changed', async (node, tells) => {
    const state = await stateOf(node, { pubkey: b.key })
    return tells ? state : state === 'owner_changed'
  })
  const { link } = await a.call('link.check', { address: b.address })
  expectEqual([link.owner, link.code, link.counts], [c.address, 'owner_changed', false], 'link')
})
await check('the new owner links the account to its own key, and that is what counts then', async () => {
  await c.owner.unlock(PASSPHRASE)
  await c.owner.approved('link.make', { account: c.address, identity: b.address })
  await everywhere('linked anew', async (node, tells) => {
    const { state, link, conflicts } = await node.call('link.check', { address: b.address })
    return tells ? [state, link.pubkey === c.key] : state === 'linked' && link.pubkey === c.key && conflicts.length === 1 && conflicts[0].state === 'owner_changed'
  }, 30000)
})
await check('a link that is ended is gone, here and elsewhere', async () => {
  await a.call('link.end', { account: a.address })
  await everywhere('none', async (node, tells) => {
    const state = await stateOf(node, { pubkey: a.key })
    return tells ? state : state === 'none'
  }, 20000)
})

for (const one of all) await one.node.stop()
chain.destroy()
await devnet.stop()
await tidy()
results.finish()
process.exit()
