// Names of ENS on a devnet whose chain has a registry and resolvers of several kinds: what the node proves against what
// the contracts themselves answer.
//
//   node tests/system/names.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { readFileSync } from 'node:fs'
import { ethers } from 'ethers'
import { startDevnet } from '../devnet/devnet.mjs'
import { compile } from '../devnet/solidity.mjs'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, Hearth, tidy, until, writeNetwork } from './hearth.mjs'
import { codeOf } from './wallet_owner.mjs'

const { check, ...results } = counter()
const REGISTRY = '0x00000000000C2E074eC69A0dFb2997BA6C7d2e1e'
const KNOWN = '0x231b0Ee14048e9dCcD1d247744d114a4EB5E8E63'
const at = n => ethers.getAddress(ethers.toBeHex(0xe500 + n, 20))
const OLD = at(1), OTHER = at(2), WILD = at(3), GATEWAY = at(4)
const ALICE = ethers.getAddress(`0x${'a1'.repeat(20)}`), BOB = ethers.getAddress(`0x${'b0'.repeat(20)}`)
const LONG = 'a text of more than thirty-one bytes, which Solidity keeps in slots of its own, three of them here'

const source = readFileSync(new URL('./contracts/Names.sol', import.meta.url), 'utf8')
const contracts = compile('Names.sol', source)
const interfaceOf = name => new ethers.Interface(contracts[name].abi)
const registry = interfaceOf('Registry'), resolver = interfaceOf('PublicResolver')
const node = name => ethers.namehash(name)
const reverse = address => `${address.slice(2).toLowerCase()}.addr.reverse`

const codes = [[REGISTRY, 'Registry'], [OLD, 'Registry'], [KNOWN, 'PublicResolver'], [OTHER, 'PublicResolver'], [WILD, 'WildResolver'],
  [GATEWAY, 'GatewayResolver']]
const set = (name, to, where = REGISTRY) => [where, registry.encodeFunctionData('set', [node(name), to])]
const setAddr = (name, to, where = KNOWN) => [where, resolver.encodeFunctionData('setAddr', [node(name), to])]
const setName = (address, name) => [KNOWN, resolver.encodeFunctionData('setName', [node(reverse(address)), name])]
const setText = (name, key, value, where = KNOWN) => [where, resolver.encodeFunctionData('setText', [node(name), key, value])]
const calls = [
  [REGISTRY, registry.encodeFunctionData('setOld', [OLD])],
  set('alice.eth', KNOWN), setAddr('alice.eth', ALICE), setText('alice.eth', 'url', 'https://alice.example'), setText('alice.eth', 'description', LONG),
  set(reverse(ALICE), KNOWN), setName(ALICE, 'alice.eth'),
  set('empty.eth', KNOWN),
  set('bob.eth', OTHER), setAddr('bob.eth', BOB, OTHER), setText('bob.eth', 'description', LONG, OTHER),
  set(reverse(BOB), KNOWN), setName(BOB, 'alice.eth'),
  set('cleared.eth', KNOWN), setAddr('cleared.eth', BOB), [KNOWN, resolver.encodeFunctionData('clearRecords', [node('cleared.eth')])],
  setAddr('cleared.eth', ALICE),
  set('ancient.eth', OTHER, OLD), setAddr('ancient.eth', ALICE, OTHER),
  set('pool.eth', WILD), set('far.eth', GATEWAY),
]

// Put there in the chain's past: anvil's state is ahead of its blocks until the next one, and a proof of it would make
// the node drop its provider.
const MADE_AT = 2
async function make(slot, anvil) {
  if (slot !== MADE_AT) return
  const [from] = await anvil.rpc('eth_accounts')
  for (const [to, name] of codes) await anvil.rpc('anvil_setCode', [to, contracts[name].runtime])
  for (const [to, data] of calls) await anvil.rpc('eth_sendTransaction', [{ from, to, data, gas: '0x4c4b40' }])
}

async function start(name, options) {
  const devnet = await startDevnet({ preset: 'minimal', slotMs: 1000, ...options })
  const network = await writeNetwork(devnet.network)
  const hearth = await Hearth.start({ network, dir: await dataDir(name), beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
  await hearth.live(15000)
  return { devnet, hearth }
}
const refusal = promise => codeOf(promise)

await check('a chain without the registry has no ENS', async () => {
  const { devnet, hearth } = await start('without')
  expectEqual(await refusal(hearth.call('ens.resolve', { name: 'alice.eth' })), 'ens_not_here', 'resolve')
  expectEqual(await refusal(hearth.call('ens.reverse', { address: ALICE })), 'ens_not_here', 'reverse')
  await hearth.stop()
  await devnet.stop()
})

const { devnet, hearth } = await start('names', { history: 40, onPastSlot: make })
const chain = new ethers.JsonRpcProvider(devnet.rpcUrl, undefined, { staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1 })
const resolve = (name, more = {}) => hearth.call('ens.resolve', { name, ...more })
const text = (name, key) => hearth.call('ens.text', { name, key })

async function isProven(result) {
  const { verdict, block, level } = result.provenance
  expectEqual([verdict, ['head', 'finalized'].includes(level)], ['proven', true], 'verdict')
  const { hash } = await chain.getBlock(block.number)
  expectEqual(block.hash, hash, 'block')
}

await check('the address of a known resolver is read by storage proof, as the contract answers it', async () => {
  const result = await resolve('Alice.eth')
  const [answered] = resolver.decodeFunctionResult('addr', await chain.call({ to: KNOWN, data: resolver.encodeFunctionData('addr', [node('alice.eth')]) }))
  expectEqual([result.name, result.address, result.resolver, result.how], ['alice.eth', answered, KNOWN, 'storage'], 'alice')
  expectEqual(answered, ALICE, 'the contract')
  await isProven(result)
})

await check('texts, short and long, are read from storage; one that is not there is proven not to be', async () => {
  expectEqual((await text('alice.eth', 'url')).value, 'https://alice.example', 'short')
  const long = await text('alice.eth', 'description')
  expectEqual([long.value, long.how], [LONG, 'storage'], 'long')
  const none = await text('alice.eth', 'email')
  expectEqual([none.value, none.resolver, none.how], [null, KNOWN, 'storage'], 'none')
  await isProven(none)
  expectEqual((await resolve('empty.eth')).address, null, 'no address')
})

await check('records that were cleared do not come back', async () => {
  expectEqual((await resolve('cleared.eth')).address, ALICE, 'cleared')
})

await check('another resolver is run over proven state', async () => {
  const result = await resolve('bob.eth')
  expectEqual([result.address, result.resolver, result.how], [BOB, OTHER, 'call'], 'bob')
  await isProven(result)
  expectEqual((await text('bob.eth', 'description')).value, LONG, 'text')
})

await check('a name of the registry before is found through the present one', async () => {
  const result = await resolve('ancient.eth')
  expectEqual([result.address, result.resolver, result.how], [ALICE, OTHER, 'call'], 'ancient')
})

await check('a parent answers for all below it only when it says that it does', async () => {
  const hash = ethers.keccak256(ethers.toUtf8Bytes('deep'))
  const result = await resolve('deep.down.pool.eth')
  expectEqual([result.address, result.resolver, result.how], [ethers.getAddress(`0x${hash.slice(-40)}`), WILD, 'call'], 'wild')
  expectEqual((await text('deep.pool.eth', 'any')).value, 'deep', 'text')
  const none = await resolve('sub.alice.eth')
  expectEqual([none.address, none.resolver], [null, null], 'no wild parent')
  await isProven(none)
})

await check('a name that nobody has is proven to have no resolver', async () => {
  const result = await resolve('nobody.eth')
  expectEqual([result.address, result.resolver], [null, null], 'nobody')
  await isProven(result)
})

await check('what is off the chain is not fetched unless asked for, and never from this computer', async () => {
  expectEqual(await refusal(resolve('far.eth')), 'ens_offchain', 'not asked for')
  expectEqual(await refusal(resolve('far.eth', { offchain: true })), 'ens_gateway', 'a private address')
})

await check('a name of an address is given when it leads back, and not when it does not', async () => {
  const alice = await hearth.call('ens.reverse', { address: ALICE })
  expectEqual([alice.name, alice.how], ['alice.eth', 'storage'], 'alice')
  await isProven(alice)
  const bob = await hearth.call('ens.reverse', { address: BOB })
  expectEqual([bob.name, bob.why.code], [null, 'ens_other_address'], 'bob')
  const nobody = await hearth.call('ens.reverse', { address: REGISTRY })
  expectEqual([nobody.name, nobody.why.code], [null, 'ens_no_reverse'], 'nobody')
})

await check('names that are none are refused before anything is asked', async () => {
  expectEqual(await refusal(resolve('p\u0430ypal.eth')), 'ens_mixture', 'a Cyrillic letter')
  expectEqual(await refusal(resolve('a b.eth')), 'ens_disallowed', 'a space')
  expectEqual(await refusal(resolve('a..eth')), 'ens_empty', 'an empty part')
  expectEqual(await refusal(resolve('a'.repeat(2000))), 'ens_too_long', 'too long')
})

await check('a change on the chain is seen at the next head', async () => {
  const signer = await chain.getSigner(0)
  const [to, data] = setAddr('alice.eth', BOB)
  await (await signer.sendTransaction({ to, data })).wait()
  await until('the new address', async () => (await resolve('alice.eth')).address === BOB, 20000, 300)
  await until('the name leads back no more', async () => (await hearth.call('ens.reverse', { address: ALICE })).name === null, 20000, 300)
})

await hearth.stop()
chain.destroy()
await devnet.stop()
await tidy()
results.finish()
process.exit()
