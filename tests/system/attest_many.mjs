// Many attestations in one transaction, and those that one signs and another sends; the EAS SDK and the contract are the other side.
//
//   node tests/system/attest_many.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { createRequire } from 'node:module'
import { ethers } from 'ethers'
import { startDevnet } from '../devnet/devnet.mjs'
import { compile } from '../devnet/solidity.mjs'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, tidy, until, writeNetwork } from './hearth.mjs'
import { firstRun } from './wallet_owner.mjs'

// What the package has for `import` names members of a CommonJS module that Node does not find; its other half works.
const sdk = createRequire(import.meta.url)('@ethereum-attestation-service/eas-sdk')
const FINAL_MS = 60000
const SCHEMA = 'string name, uint8 level'
const MANY_MAX = 64

const { check, ...results } = counter()
const devnet = await startDevnet({ preset: 'minimal', slotMs: 1000, contracts: true })
const { eas: easAddress, schema_registry: registryAddress } = devnet.network.contracts
const network = await writeNetwork(devnet.network)
const chain = new ethers.JsonRpcProvider(devnet.rpcUrl, 31337, { staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1, pollingInterval: 200 })
const node = await Hearth.start({ network, dir: await dataDir('many'), beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
await node.live(20000)
const words = ethers.Mnemonic.fromEntropy(ethers.randomBytes(16)).phrase
const { owner, account } = await firstRun(node, 'a passphrase of the test', words)
const me = account.address
const mined = hash => chain.waitForTransaction(hash, 1, 20000)
const sender = new ethers.NonceManager(await chain.getSigner(1))
const friend = await (await chain.getSigner(2)).getAddress()
await (await (await chain.getSigner(0)).sendTransaction({ to: me, value: ethers.parseEther('10') })).wait()
await until('the node sees it', () => owner.call('wallet.balances', { address: me }).then(({ ether }) => BigInt(ether.balance) > 0n, () => false), 20000, 200)

const eas = new sdk.EAS(easAddress, { signer: sender })
const delegated = new sdk.Delegated({ address: ethers.getAddress(easAddress), version: '1.4.0', chainId: 31337n }, eas)
const registry = new sdk.SchemaRegistry(registryAddress, { signer: sender })
const schema = await (await registry.register({ schema: SCHEMA, resolverAddress: sdk.ZERO_ADDRESS, revocable: true })).wait()
await until('the schema is proven', () => owner.call('attest.schema', { uid: schema }).catch(() => false), 10000, 200)
const encoder = new sdk.SchemaEncoder(SCHEMA)
const dataOf = (name, level) => encoder.encodeData([{ name: 'name', type: 'string', value: name }, { name: 'level', type: 'uint8', value: level }])

const plain = value => JSON.parse(JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part)))
const lower = list => list.map(text => text.toLowerCase())
// Asks, approves, and waits for the block that has it.
const sent = async (method, params) => {
  const { result, item } = await owner.approved(method, params)
  const receipt = await mined(result.hash)
  expectEqual([receipt.status, item.kind], [1, 'transaction'], method)
  return { receipt, item }
}
// Until the node's own head has that block.
const sees = number => until(`the node is at block ${number}`, async () => (await node.status()).head?.block_number >= number, 20000, 100)
const uidsOf = receipt => receipt.logs.filter(log => log.address.toLowerCase() === easAddress && log.topics.length === 4).map(log => log.data)
const kept = async uid => (await owner.call('attest.list', { role: 'all' })).attestations.find(item => item.uid === uid)
const becomes = (uid, verdict) => until(async () => `${uid} is ${verdict}; it is ${JSON.stringify(await kept(uid))}`,
  async () => { const item = await kept(uid); return item?.verdict === verdict && item.as_of?.level === 'finalized' && item }, FINAL_MS, 300)
const refused = async (method, params, code, text = /./) => {
  const error = await owner.call(method, params).then(() => ({ code: 'taken' }), failed => failed)
  expectEqual(error.code, code, `${method}: ${error.message}`)
  expect(text.test(error.message), error.message)
  expectEqual(await owner.queue(), [], 'queue')
}

// --- many ----------------------------------------------------------------------------------------------

const issueMany = (many, more = {}) => ({ how: 'onchain', schema, from: me, many, ...more })
let uids
await check('many of no use are refused, and the reason says which of them', async () => {
  await refused('attest.issue', issueMany([]), 'attest_many')
  await refused('attest.issue', issueMany(Array.from({ length: MANY_MAX + 1 }, () => ({ data: '0x' }))), 'attest_many')
  await refused('attest.issue', issueMany([{ values: ['a', 1] }], { how: 'offchain' }), 'attest_how')
  await refused('attest.issue', issueMany([{ values: ['a', 1] }, {}]), 'attest_values', /number 2/)
  await refused('attest.issue', issueMany([{ values: ['a', 1] }, { values: ['b', 2] }, { values: ['c', 1], expiration_time: 5 }]), 'already_expired', /number 3/)
})
await check('many are attested in one transaction, each with its own recipient and values', async () => {
  const { receipt } = await sent('attest.issue', issueMany([{ recipient: friend, values: { name: 'Ann', level: 1 } }, { values: ['Ben', 2], revocable: false }, { recipient: me, data: dataOf('Cy', 3) }]))
  uids = uidsOf(receipt)
  expectEqual(uids.length, 3, 'attested')
  const got = await Promise.all(uids.map(uid => eas.getAttestation(uid)))
  expectEqual(got.map(({ data }) => data), [dataOf('Ann', 1), dataOf('Ben', 2), dataOf('Cy', 3)], 'data')
  expectEqual(lower(got.map(({ recipient }) => recipient)), lower([friend, ethers.ZeroAddress, me]), 'recipients')
  expectEqual(got.map(({ revocable }) => revocable), [true, false, true], 'revocable')
  expectEqual(lower(got.map(({ attester }) => attester)), lower([me, me, me]), 'attesters')
})
await check('as many as may be go into one transaction', async () => {
  const { receipt } = await sent('attest.issue', issueMany(Array.from({ length: MANY_MAX }, (_, i) => ({ values: [`number ${i}`, i] }))))
  expectEqual(uidsOf(receipt).length, MANY_MAX, 'attested')
})
let offchain
await check('they are revoked in one transaction, but not what cannot be, nor twice, nor mixed', async () => {
  for (const uid of uids) await becomes(uid, 'valid')
  offchain = []
  for (const name of ['Dee', 'Eve']) offchain.push((await owner.approved('attest.issue', { how: 'offchain', schema, from: me, values: [name, 4] })).result.attestation.uid)
  const named = list => ({ many: list.map(uid => ({ attester: me, uid })) })
  await refused('attest.revoke', named([uids[0], uids[1]]), 'not_revocable', /number 2/)
  await refused('attest.revoke', named([uids[0], uids[2], uids[0]]), 'attest_many', /twice/)
  await refused('attest.revoke', named([uids[0], offchain[0]]), 'attest_many', /apart/)
  await refused('attest.revoke', named([`0x${'12'.repeat(32)}`]), 'no_such_attestation')
  await sent('attest.revoke', named([uids[0], uids[2]]))
  for (const uid of [uids[0], uids[2]]) expect((await eas.getAttestation(uid)).revocationTime > 0n, 'it is not revoked')
  await sent('attest.revoke', named(offchain))
  for (const uid of offchain) expect((await eas.getRevocationOffchain(me, uid)) > 0n, 'it is not in the register')
  for (const uid of [uids[0], uids[2], ...offchain]) await becomes(uid, 'revoked')
  await refused('attest.revoke', named([uids[2], uids[0]]), 'already_revoked', /number 1/)
})

// --- delegated -----------------------------------------------------------------------------------------

const hour = () => Math.floor(Date.now() / 1000) + 3600
const delegate = async params => (await owner.approved('attest.delegate', params)).result.request
let mine
await check('what this node signs, the SDK verifies and the contract takes from somebody else', async () => {
  const deadline = hour()
  const request = await delegate({ what: 'attest', schema, from: me, recipient: friend, values: ['Fay', 5], deadline })
  expectEqual([request.version, request.message.nonce, request.message.deadline], ['1.4.0', '0', String(deadline)], 'request')
  expect(delegated.verifyDelegatedAttestationSignature(ethers.getAddress(me), request), 'the SDK refuses it')
  expect(!delegated.verifyDelegatedAttestationSignature(friend, request), 'the SDK takes it for another\'s')
  const { recipient, expirationTime, revocable, refUID, data } = request.message
  mine = await (await eas.attestByDelegation({ schema, data: { recipient, expirationTime: BigInt(expirationTime), revocable, refUID, data }, signature: request.signature, attester: me, deadline: BigInt(deadline) })).wait()
  const got = await eas.getAttestation(mine)
  expectEqual([got.data, ...lower([got.attester, got.recipient])], [dataOf('Fay', 5), ...lower([me, friend])], 'attested')
  await sees(await chain.getBlockNumber())
  await refused('attest.submit', { request, from: me }, 'nonce_used')
})
await check('a revocation that this node signs, too', async () => {
  await becomes(mine, 'valid')
  const request = await delegate({ what: 'revoke', attester: me, uid: mine })
  expectEqual([request.primaryType, request.message.nonce, request.message.deadline], ['Revoke', '1', '0'], 'request')
  expect(delegated.verifyDelegatedRevocationSignature(ethers.getAddress(me), request), 'the SDK refuses it')
  await (await eas.revokeByDelegation({ schema, data: { uid: mine }, signature: request.signature, revoker: me, deadline: 0n })).wait()
  expect((await eas.getAttestation(mine)).revocationTime > 0n, 'it is not revoked')
  await becomes(mine, 'revoked')
  await refused('attest.delegate', { what: 'revoke', attester: me, uid: mine }, 'already_revoked')
})
await check('what nobody could send is not signed', async () => {
  await refused('attest.delegate', { what: 'attest', schema, from: me, values: ['x', 1], deadline: 5 }, 'deadline_passed')
  await refused('attest.delegate', { what: 'bless', schema, from: me, values: ['x', 1] }, 'attest_what')
  await refused('attest.delegate', { what: 'attest', schema: `0x${'11'.repeat(32)}`, from: me, data: '0x' }, 'no_schema')
  const { result } = await owner.approved('attest.issue', { how: 'offchain', schema, from: me, values: ['Gil', 6] })
  await refused('attest.delegate', { what: 'revoke', attester: me, uid: result.attestation.uid }, 'not_onchain')
})

// Somebody without any ether.
const key = ethers.Wallet.createRandom().connect(chain)
const message = (name, more = {}) => ({ schema, recipient: me, expirationTime: 0n, revocable: true, refUID: sdk.ZERO_BYTES32, data: dataOf(name, 7), value: 0n, deadline: BigInt(hour()), ...more })
const signed = async (name, more, by = key) => plain(await delegated.signDelegatedAttestation(message(name, more), by))
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
let theirs
await check('a request of the SDK is refused with its reason before any gas is spent', async () => {
  const good = await signed('Hal')
  const changed = change => { const copy = structuredClone(good); change(copy); return copy }
  const cases = [
    [changed(it => { it.message.data = dataOf('Hal', 8) }), 'eas_signer'],
    [changed(it => { it.message.attester = me }), 'eas_signer'],
    [changed(it => { it.signature.s = ethers.toBeHex(N - BigInt(it.signature.s), 32); it.signature.v = 55 - it.signature.v }), 'eas_signature'],
    [changed(it => { it.signature.v = 29 }), 'eas_signature'],
    [changed(it => { it.domain.version = '0.26' }), 'eas_version'],
    [changed(it => { it.domain.chainId = '1' }), 'eas_domain'],
    [changed(it => { it.domain.verifyingContract = me }), 'eas_domain'],
    [changed(it => { it.types.Attest.shift() }), 'eas_types'],
    [changed(it => { delete it.message.schema }), 'eas_json'],
    [changed(it => { it.primaryType = 'Bless' }), 'eas_json'],
    [await signed('Hal', { nonce: 1n }), 'nonce_ahead'],
    [await signed('Hal', { deadline: 5n }), 'deadline_passed'],
    [await signed('Hal', { value: 1n }), 'eas_value'],
    ['0x', 'eas_json'],
  ]
  // A request for this wallet's own account has that account's nonce to meet first.
  cases[1][0].message.nonce = '2'
  for (const [request, code] of cases) await refused('attest.submit', { request, from: me }, code)
})
await check('a request of the SDK is sent, and the contract has it as its signer\'s', async () => {
  const request = await signed('Hal')
  const { receipt, item } = await sent('attest.submit', { request, from: me })
  ;[theirs] = uidsOf(receipt)
  const got = await eas.getAttestation(theirs)
  expectEqual([got.data, ...lower([got.attester, got.recipient])], [dataOf('Hal', 7), ...lower([key.address, me])], 'attested')
  expect(/somebody else attests/.test(JSON.stringify(item.explain)), JSON.stringify(item.explain))
  await sees(receipt.blockNumber)
  await refused('attest.submit', { request, from: me }, 'nonce_used')
})
await check('so is a revocation of the SDK', async () => {
  const request = plain(await delegated.signDelegatedRevocation({ schema, uid: theirs, value: 0n, deadline: 0n }, key))
  await sent('attest.submit', { request, from: me })
  expect((await eas.getAttestation(theirs)).revocationTime > 0n, 'it is not revoked')
})
await check('a contract that attests is asked for its signature, as EAS does', async () => {
  const source = `// SPDX-License-Identifier: MIT
    pragma solidity ^0.8.20;
    contract Account {
      address immutable owner;
      constructor(address owner_) { owner = owner_; }
      function isValidSignature(bytes32 hash, bytes calldata s) external view returns (bytes4) {
        return ecrecover(hash, uint8(s[64]), bytes32(s[0:32]), bytes32(s[32:64])) == owner ? bytes4(0x1626ba7e) : bytes4(0);
      }
    }`
  const { Account } = compile('Account.sol', source)
  const made = await new ethers.ContractFactory(Account.abi, Account.bytecode, await chain.getSigner(0)).deploy(key.address)
  await made.waitForDeployment()
  const attester = await made.getAddress()
  await sees(await chain.getBlockNumber())
  const stranger = ethers.Wallet.createRandom().connect(chain)
  await refused('attest.submit', { request: await signed('Ida', { attester }, stranger), from: me }, 'eas_signer')
  const request = await signed('Ida', { attester })
  const { receipt } = await sent('attest.submit', { request, from: me })
  const got = await eas.getAttestation(uidsOf(receipt)[0])
  expectEqual(lower([got.attester]), lower([attester]), 'attester')
})

await node.stop()
chain.destroy()
await devnet.stop()
await tidy()
results.finish()
process.exit()
