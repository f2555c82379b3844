// The official libraries as the other side: what this node makes, the EAS SDK and siwe take, and the reverse.
//
//   node tests/system/attest_sdk.mjs [--hearth FILE]
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
const required = createRequire(import.meta.url)
const sdk = required('@ethereum-attestation-service/eas-sdk')
const { SiweMessage } = required('siwe')
const FINAL_MS = 60000
const SCHEMA = 'string name, uint8[] levels, (address who, bool isTrusted) friend'
const PRIVATE = 'bytes32 privateData'

const { check, ...results } = counter()
const devnet = await startDevnet({ preset: 'minimal', slotMs: 1000, contracts: true })
const { eas: easAddress, schema_registry: registryAddress } = devnet.network.contracts
const network = await writeNetwork(devnet.network)
const chain = new ethers.JsonRpcProvider(devnet.rpcUrl, 31337, { staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1, pollingInterval: 200 })
const node = await Hearth.start({ network, dir: await dataDir('sdk'), beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
await node.live(20000)
const words = ethers.Mnemonic.fromEntropy(ethers.randomBytes(16)).phrase
const { owner, account } = await firstRun(node, 'a passphrase of the test', words)
const mined = hash => chain.waitForTransaction(hash, 1, 20000)
const signer = new ethers.NonceManager(await chain.getSigner(1))
const friend = await (await chain.getSigner(1)).getAddress()
await (await (await chain.getSigner(0)).sendTransaction({ to: account.address, value: ethers.parseEther('10') })).wait()
await until('the node sees it', () => owner.call('wallet.balances', { address: account.address }).then(({ ether }) => BigInt(ether.balance) > 0n, () => false), 20000, 200)

const eas = new sdk.EAS(easAddress, { signer })
const registry = new sdk.SchemaRegistry(registryAddress, { signer })
const offchainOf = version => new sdk.Offchain({ address: ethers.getAddress(easAddress), version: '1.4.0', chainId: 31337n }, version, eas)
const offchain = offchainOf(sdk.OffchainAttestationVersion.Version2)
const text = value => JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part))
const verify = (what, more = {}) => owner.call('attest.verify', { text: what, ...more })
const verdict = (what, wanted, more) => until(async () => `${wanted}: ${JSON.stringify(await verify(what, more))}`, async () => { const said = await verify(what, more); return said.verdict === wanted && said }, FINAL_MS, 300)
const now = () => BigInt(Math.floor(Date.now() / 1000))
const message = (schema, data, more = {}) => ({ recipient: account.address, expirationTime: 0n, time: now(), revocable: true, schema, refUID: sdk.ZERO_BYTES32, data, ...more })

let schema, privateSchema
await check('a schema registered by the SDK is the one that this node proves', async () => {
  schema = await (await registry.register({ schema: SCHEMA, resolverAddress: sdk.ZERO_ADDRESS, revocable: true })).wait()
  privateSchema = await (await registry.register({ schema: PRIVATE, resolverAddress: sdk.ZERO_ADDRESS, revocable: true })).wait()
  const found = await until('it is proven', () => owner.call('attest.schema', { uid: schema }).catch(() => false), 10000, 200)
  expectEqual(found.text, SCHEMA, 'text')
})

// The same values for both.
const encoder = new sdk.SchemaEncoder(SCHEMA)
const data = encoder.encodeData([
  { name: 'name', type: 'string', value: 'Ann' },
  { name: 'levels', type: 'uint8[]', value: [1, 2, 3] },
  { name: 'friend', type: '(address,bool)', value: { who: friend, isTrusted: true } },
])

let ours
await check('an attestation of this node verifies in the SDK, with the data that the SDK encodes', async () => {
  const { result } = await owner.approved('attest.issue', { how: 'offchain', from: account.address, recipient: friend, schema, values: { name: 'Ann', levels: [1, 2, 3], friend: [friend, true] } })
  ours = result
  expectEqual(ours.attestation.data, data, 'data')
  expect(offchain.verifyOffchainAttestationSignature(ours.package.signer, ours.package.sig), 'the SDK refuses it')
  expect(!offchain.verifyOffchainAttestationSignature(friend, ours.package.sig), 'the SDK takes it for another\'s')
})
await check('its link is read by the SDK', async () => {
  const { sig, signer: by } = sdk.decodeBase64ZippedBase64(decodeURIComponent(ours.url.split('#attestation=')[1]))
  expectEqual([sig.uid, by.toLowerCase()], [ours.package.sig.uid, account.address.toLowerCase()], 'package')
  expect(offchain.verifyOffchainAttestationSignature(by, sig), 'the SDK refuses it')
})
await check('attestations of the SDK, versions 1 and 2, verify here, as JSON and as a link', async () => {
  const key = ethers.Wallet.createRandom()
  for (const version of [sdk.OffchainAttestationVersion.Version1, sdk.OffchainAttestationVersion.Version2]) {
    const sig = await offchainOf(version).signOffchainAttestation(message(schema, data), key)
    const said = await verdict(text({ sig, signer: key.address }), 'valid')
    expectEqual([said.attestation.uid, said.attestation.attester.toLowerCase()], [sig.uid, key.address.toLowerCase()], `version ${version}`)
    expectEqual(said.attestation.values[0].value, 'Ann', 'values')
    if (version === sdk.OffchainAttestationVersion.Version2) await verdict(sdk.createOffchainURL({ sig, signer: key.address }), 'valid')
  }
})
await check('what the SDK attests on chain is proven here, and what this node attests the SDK reads', async () => {
  const uid = await (await eas.attest({ schema, data: { recipient: account.address, expirationTime: 0n, revocable: true, refUID: sdk.ZERO_BYTES32, data } })).wait()
  const said = await verdict(uid, 'valid')
  expectEqual([said.attestation.data, said.attestation.attester.toLowerCase(), said.attestation.role], [data, friend.toLowerCase(), 'received'], 'proven')
  const { result } = await owner.approved('attest.issue', { how: 'onchain', from: account.address, recipient: friend, schema, data })
  const receipt = await mined(result.hash)
  const mine = await eas.getAttestation(receipt.logs.find(log => log.address.toLowerCase() === easAddress).data)
  expectEqual([mine.data, mine.attester.toLowerCase(), mine.recipient.toLowerCase()], [data, account.address.toLowerCase(), friend.toLowerCase()], 'read')
  await (await eas.revoke({ schema, data: { uid } })).wait()
  await verdict(uid, 'revoked')
})
await check('an off-chain revocation by the SDK counts, one by somebody else does not', async () => {
  const sig = await offchain.signOffchainAttestation(message(schema, data), await chain.getSigner(1))
  const package_ = text({ sig, signer: friend })
  await verdict(package_, 'valid')
  const stranger = new sdk.EAS(easAddress, { signer: await chain.getSigner(2) })
  await (await stranger.revokeOffchain(sig.uid)).wait()
  const { blockNumber } = await (async () => ({ blockNumber: await chain.getBlockNumber() }))()
  await until('that block is final', async () => ((await owner.call('attest.changed')).as_of?.number ?? 0) >= blockNumber, FINAL_MS, 300)
  expectEqual((await verify(package_)).verdict, 'valid', 'revoked by a stranger')
  await (await eas.revokeOffchain(sig.uid)).wait()
  await verdict(package_, 'revoked')
})
await check('private data: the SDK takes our disclosure and we take the SDK\'s', async () => {
  const leaves = [{ type: 'string', name: 'name', value: 'Ann' }, { type: 'uint256', name: 'born', value: '1990' }, { type: 'bool', name: 'isMember', value: true }]
  const { result } = await owner.approved('attest.issue', { how: 'offchain', from: account.address, recipient: friend, schema: privateSchema, private: leaves })
  const { disclosure } = await owner.call('attest.disclose', { attester: account.address, uid: result.attestation.uid, fields: ['born', 'isMember'] })
  const revived = { ...disclosure, leaves: disclosure.leaves.map(leaf => ({ ...leaf, value: leaf.name === 'born' ? BigInt(leaf.value) : leaf.value })) }
  expect(sdk.PrivateData.verifyMultiProof(result.attestation.data, revived), 'the SDK refuses our disclosure')
  const theirs = new sdk.PrivateData(leaves.map(leaf => ({ ...leaf, value: leaf.name === 'born' ? 1990n : leaf.value })))
  const key = ethers.Wallet.createRandom()
  const sig = await offchain.signOffchainAttestation(message(privateSchema, theirs.getFullTree().root), key)
  const said = await verdict(text({ sig, signer: key.address }), 'valid', { disclosure: JSON.parse(text(theirs.generateMultiProof([0, 2]))) })
  expectEqual(said.steps.find(({ step }) => step === 'disclosure').ok, true, 'their disclosure')
})
await check('a contract that attests is asked for its signature; a contract that says no makes it invalid', async () => {
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
  const key = ethers.Wallet.createRandom()
  const made = await new ethers.ContractFactory(Account.abi, Account.bytecode, await chain.getSigner(0)).deploy(key.address)
  await made.waitForDeployment()
  const signerAddress = await made.getAddress()
  const sig = await offchain.signOffchainAttestation(message(schema, data), key)
  const said = await verdict(text({ sig, signer: signerAddress }), 'valid')
  expect(/contract/.test(said.steps.find(({ step }) => step === 'signature').text), JSON.stringify(said.steps))
  const other = await offchain.signOffchainAttestation(message(schema, data), ethers.Wallet.createRandom())
  expectEqual((await verify(text({ sig: other, signer: signerAddress }))).code, 'eas_signer', 'another key')
})
await check('siwe takes a message that this wallet signed, and this node one that siwe wrote', async () => {
  const challenge = await owner.call('siwe.challenge', { domain: 'example.org', uri: 'https://example.org/login', address: ethers.getAddress(account.address) })
  const { result } = await owner.approved('wallet.sign_text', { account: account.address, text: challenge.message })
  const parsed = new SiweMessage(challenge.message)
  const { success, data: read } = await parsed.verify({ signature: result.signature, domain: 'example.org', nonce: challenge.nonce })
  expectEqual([success, read.address], [true, ethers.getAddress(account.address)], 'siwe')
  expectEqual((await owner.call('siwe.verify', { message: challenge.message, signature: result.signature })).verdict, 'valid', 'here')
  const key = ethers.Wallet.createRandom()
  const { nonce, chain_id: chainId } = await owner.call('siwe.challenge', { domain: 'example.org', uri: 'https://example.org/login' })
  const prepared = new SiweMessage({ domain: 'example.org', address: key.address, uri: 'https://example.org/login', version: '1', chainId, nonce, issuedAt: new Date().toISOString() }).prepareMessage()
  const said = await owner.call('siwe.verify', { message: prepared, signature: await key.signMessage(prepared) })
  expectEqual([said.verdict, said.address.toLowerCase()], ['valid', key.address.toLowerCase()], 'theirs')
})

await node.stop()
chain.destroy()
await devnet.stop()
await tidy()
results.finish()
process.exit()
