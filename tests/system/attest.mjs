// Attestations end to end: two real nodes on a devnet with EAS, one attests, the other receives, verifies and discloses.
//
//   node tests/system/attest.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { ethers } from 'ethers'
import { startDevnet } from '../devnet/devnet.mjs'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, tidy, until, writeNetwork } from './hearth.mjs'
import { codeOf, firstRun, Owner } from './wallet_owner.mjs'

const FINAL_MS = 60000
const SCHEMA = 'string name, uint8 level, bool isTrusted'
const PRIVATE = 'bytes32 privateData'
const zero = `0x${'00'.repeat(32)}`

const { check, ...results } = counter()
const devnet = await startDevnet({ preset: 'minimal', slotMs: 1000, contracts: true })
const network = await writeNetwork(devnet.network)
const chain = new ethers.JsonRpcProvider(devnet.rpcUrl, undefined, { staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1 })
const start = async dir => {
  const node = await Hearth.start({ network, dir, beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
  await node.live(20000)
  return node
}
const person = async name => {
  const dir = await dataDir(name)
  const node = await start(dir)
  const words = ethers.Mnemonic.fromEntropy(ethers.randomBytes(16)).phrase
  const { owner, account } = await firstRun(node, 'a passphrase of the test', words)
  return { dir, node, owner, address: account.address }
}
const ann = await person('ann')
const ben = await person('ben')
const same = (got, expected, what) => expectEqual(got.map(text => text.toLowerCase()), expected.map(text => text.toLowerCase()), what)
const mined = hash => chain.waitForTransaction(hash, 1, 20000)
const funded = address => until(`the node sees ${address}`, () => ann.owner.call('wallet.balances', { address }).then(({ ether }) => BigInt(ether.balance) > 0n, () => false), 20000, 200)
await (await (await chain.getSigner(0)).sendTransaction({ to: ann.address, value: ethers.parseEther('100') })).wait()
await funded(ann.address)

// Asks, approves, and waits for the block that has it.
const sent = async (method, params) => {
  const { result, item } = await ann.owner.approved(method, params)
  const receipt = await mined(result.hash)
  expectEqual(receipt.status, 1, `${method}: status`)
  return { ...result, receipt, item }
}
const list = async (who, role = 'all') => (await who.owner.call('attest.list', { role })).attestations
const one = async (who, uid) => (await list(who)).find(item => item.uid === uid)
const becomes = (who, uid, verdict) => until(async () => `${uid} is ${verdict}; it is ${JSON.stringify(await one(who, uid))}`,
  async () => { const item = await one(who, uid); return item?.verdict === verdict && item.as_of?.level === 'finalized' && item }, FINAL_MS, 300)
const issue = async params => (await ann.owner.approved('attest.issue', { from: ann.address, recipient: ben.address, ...params }))

// --- schemas -----------------------------------------------------------------------------------------

let schema, privateSchema
await check('the contracts are those of the network', async () => {
  const { eas, schema_registry: registry, version } = await ann.owner.call('attest.contract')
  const { contracts } = devnet.network
  expectEqual([eas.toLowerCase(), registry.toLowerCase(), version], [contracts.eas, contracts.schema_registry, '1.4.0'], 'contracts')
})
await check('a schema that nobody registered is proven not to be there', async () => {
  expectEqual(await codeOf(ann.owner.call('attest.schema', { uid: zero.replace(/00$/, '01') })), 'no_schema', 'code')
})
await check('a schema whose text cannot be read is refused', async () => {
  expectEqual(await codeOf(ann.owner.call('attest.schema_register', { schema: 'uint7 odd', from: ann.address })), 'schema_type', 'code')
})
await check('schemas are registered by a transaction, and read back proven', async () => {
  const made = await sent('attest.schema_register', { schema: SCHEMA, from: ann.address })
  schema = made.uid
  expectEqual(schema, ethers.solidityPackedKeccak256(['string', 'address', 'bool'], [SCHEMA, ethers.ZeroAddress, true]), 'uid')
  privateSchema = (await sent('attest.schema_register', { schema: PRIVATE, from: ann.address })).uid
  const found = await until('the schema is proven', () => ann.owner.call('attest.schema', { uid: schema }).catch(() => false), 10000, 200)
  expectEqual([found.text, found.revocable, found.provenance.verdict], [SCHEMA, true, 'proven'], 'schema')
  expectEqual(found.fields.map(({ name, type }) => `${type} ${name}`), SCHEMA.split(', '), 'fields')
  await until('the other is, too', () => ann.owner.call('attest.schema', { uid: privateSchema }).catch(() => false), 10000, 200)
})

// --- off chain -----------------------------------------------------------------------------------------

let off
await check('values that are none of the schema are refused', async () => {
  for (const values of [{ name: 'x', level: 256, isTrusted: true }, { name: 'x' }, ['x', 1]]) {
    const code = await codeOf(ann.owner.call('attest.issue', { how: 'offchain', from: ann.address, schema, values }))
    expect(code !== 'taken', `${JSON.stringify(values)} was taken`)
  }
  expectEqual(await codeOf(ann.owner.call('attest.issue', { how: 'offchain', from: ann.address, schema, values: [], data: '0x' })), 'attest_values', 'code')
  expectEqual(await codeOf(ann.owner.call('attest.issue', { how: 'offchain', from: ann.address, schema, data: '0x', expiration_time: 5 })), 'already_expired', 'code')
  expectEqual(await ann.owner.queue(), [], 'queue')
})
await check('an off-chain attestation is confirmed as typed data, kept, and has a link', async () => {
  const { result, item } = await issue({ how: 'offchain', schema, values: { name: 'Ben', level: 3, isTrusted: true } })
  expectEqual(item.kind, 'typed', 'kind')
  off = result
  const { attestation } = off
  same([attestation.attester, attestation.recipient], [ann.address, ben.address], 'who')
  expectEqual([attestation.kind, attestation.role], ['offchain', 'issued'], 'what')
  expectEqual(attestation.values.map(({ value }) => String(value)), ['Ben', '3', 'true'], 'values')
  expect(off.url.startsWith('/offchain/url/#attestation='), off.url)
})
await check('it is valid once its schema is final', () => becomes(ann, off.attestation.uid, 'valid'))
await check('the other node takes its link, and calls it valid, step by step', async () => {
  const { attestation, steps } = await ben.owner.call('attest.import', { text: off.url })
  expectEqual(steps.map(({ step, ok }) => `${step} ${ok}`), ['uid true', 'domain true', 'signature true', 'schema true', 'revocation true', 'time true'], 'steps')
  expectEqual([attestation.uid, attestation.role, attestation.verdict, attestation.as_of.level], [off.attestation.uid, 'received', 'valid', 'finalized'], 'attestation')
})
await check('what is changed in it is invalid, each for its own reason', async () => {
  const changed = change => { const copy = structuredClone(off.package); change(copy); return JSON.stringify(copy) }
  const cases = [
    [text => { text.sig.message.time = '5' }, 'eas_uid'],
    [text => { text.sig.uid = text.sig.uid.replace(/.$/, c => (c === '0' ? '1' : '0')) }, 'eas_uid'],
    [text => { text.sig.domain.chainId = '1' }, 'eas_domain'],
    [text => { text.signer = ben.address }, 'eas_signer'],
  ]
  for (const [change, code] of cases) {
    const said = await ben.owner.call('attest.verify', { text: changed(change) })
    expectEqual([said.verdict, said.code], ['invalid', code], code)
  }
  expectEqual(await codeOf(ben.owner.call('attest.import', { text: changed(cases[0][0]) })), 'eas_uid', 'import')
  expectEqual(await codeOf(ben.owner.call('attest.import', { text: '{}' })), 'eas_json', 'no package')
  expectEqual(await codeOf(ben.owner.call('attest.import', { text: '' })), 'attest_text', 'nothing')
})
await check('one that expires does so by itself', async () => {
  const expires = Math.floor(Date.now() / 1000) + 4
  const { result } = await issue({ how: 'offchain', schema, values: ['Ben', 1, false], expiration_time: expires })
  const { attestation } = await ben.owner.call('attest.import', { text: JSON.stringify(result.package) })
  expectEqual(attestation.verdict, 'valid', 'verdict')
  await until('it has expired', async () => (await one(ben, attestation.uid)).verdict === 'expired', 8000, 200)
  await ben.owner.call('attest.forget', { attester: attestation.attester, uid: attestation.uid })
  expectEqual(await one(ben, attestation.uid), undefined, 'forgotten')
})
await check('a package of the SDK that another account signed is verified; one from the future is not valid', async () => {
  const { wallet, make } = await outsider()
  const now = BigInt(Math.floor(Date.now() / 1000))
  const good = await ben.owner.call('attest.verify', { text: await make({ time: now }) })
  expectEqual([good.verdict, good.attestation.attester], ['valid', wallet.address], 'now')
  expectEqual((await ben.owner.call('attest.verify', { text: await make({ time: now + 3600n }) })).verdict, 'from_future', 'future')
  const unknown = await ben.owner.call('attest.verify', { text: await make({ time: now, schema: `0x${'11'.repeat(32)}` }) })
  expectEqual([unknown.verdict, unknown.code], ['unverified', 'no_schema'], 'without a schema')
})

// --- on chain ------------------------------------------------------------------------------------------

let on
await check('an attestation on chain is a transaction, and both nodes find it when its block is final', async () => {
  const { receipt, item } = await (async () => {
    const { result, item } = await issue({ how: 'onchain', schema, values: ['Ben', 7, true] })
    return { receipt: await mined(result.hash), item }
  })()
  expectEqual([receipt.status, item.kind], [1, 'transaction'], 'sent')
  on = receipt.logs.find(log => log.address.toLowerCase() === devnet.network.contracts.eas).data
  const early = await until('it is at the head', async () => { const said = await ben.owner.call('attest.verify', { text: on }); return said.verdict !== 'not_there' && said }, 10000, 100)
  expect(['pending', 'valid'].includes(early.verdict), early.verdict)
  const mine = await becomes(ann, on, 'valid')
  const theirs = await becomes(ben, on, 'valid')
  expectEqual([mine.role, theirs.role, theirs.kind, theirs.values.map(({ value }) => String(value))], ['issued', 'received', 'onchain', ['Ben', '7', 'true']], 'found')
})
await check('one that is not there is proven not to be', async () => {
  const said = await ben.owner.call('attest.verify', { text: `0x${'77'.repeat(32)}` })
  expectEqual([said.verdict, said.code], ['not_there', 'no_attestation'], 'verdict')
})
await check('looking through old blocks finds it, too', async () => {
  await ben.owner.call('attest.forget', { attester: ann.address, uid: on })
  const { as_of: final } = await ben.owner.call('attest.list')
  const found = await ben.owner.call('attest.find', { from: 1, to: final.number })
  expectEqual([found.found, found.added, found.gaps], [1, 1, []], 'found')
  expectEqual((await one(ben, on)).uid, on, 'kept')
})

// --- private data --------------------------------------------------------------------------------------

let secret, disclosed
await check('private data publish a root alone, and one field can be disclosed', async () => {
  const leaves = [{ type: 'string', name: 'name', value: 'Ben Ali' }, { type: 'uint256', name: 'born', value: '1990' }, { type: 'address', name: 'wallet', value: ben.address }]
  expectEqual(await codeOf(ann.owner.call('attest.issue', { how: 'offchain', from: ann.address, schema, private: leaves })), 'not_private', 'schema')
  secret = (await issue({ how: 'offchain', schema: privateSchema, private: leaves })).result
  expectEqual([secret.attestation.leaves, secret.attestation.data.length], [['name', 'born', 'wallet'], 66], 'private')
  disclosed = await ann.owner.call('attest.disclose', { attester: ann.address, uid: secret.attestation.uid, fields: ['born'] })
  expect(!JSON.stringify(disclosed).includes('Ben Ali'), 'another field is disclosed')
  expectEqual(await codeOf(ann.owner.call('attest.disclose', { attester: ann.address, uid: secret.attestation.uid, fields: ['age'] })), 'no_such_field', 'field')
  const said = await until('its schema is final', async () => { const told = await ben.owner.call('attest.verify', { text: JSON.stringify(disclosed) }); return told.verdict === 'valid' && told }, FINAL_MS, 300)
  expectEqual(said.steps.find(({ step }) => step === 'disclosure').ok, true, 'disclosure')
})
await check('a disclosure that was changed is invalid', async () => {
  const text = JSON.stringify(disclosed).replace('"1990"', '"1980"')
  expect(text !== JSON.stringify(disclosed), 'nothing was changed')
  const said = await ben.owner.call('attest.verify', { text })
  expectEqual([said.verdict, said.code], ['invalid', 'private_root'], 'verdict')
})

// --- revoking ------------------------------------------------------------------------------------------

await check('only the attester revokes', async () => {
  expectEqual(await codeOf(ben.owner.call('attest.revoke', { attester: ann.address, uid: on })), 'not_attester', 'code')
})
await check('what is revoked is shown revoked by every node, proven at finality', async () => {
  await sent('attest.revoke', { attester: ann.address, uid: on })
  await sent('attest.revoke', { attester: ann.address, uid: off.attestation.uid })
  for (const who of [ann, ben]) {
    for (const uid of [on, off.attestation.uid]) {
      const item = await becomes(who, uid, 'revoked')
      expect(item.revocation_time > 1600000000, `revoked at ${item.revocation_time}`)
    }
  }
  expectEqual(await codeOf(ann.owner.call('attest.revoke', { attester: ann.address, uid: on })), 'already_revoked', 'code')
})

// --- what lasts ----------------------------------------------------------------------------------------

await check('what was kept survives a kill, with its leaves, and is looked at again', async () => {
  const before = (await list(ann)).map(({ uid, verdict }) => `${uid} ${verdict}`)
  await ann.node.kill()
  ann.node = await start(ann.dir)
  ann.owner = new Owner(ann.node)
  await until('it has looked', async () => (await ann.owner.call('attest.changed')).as_of, FINAL_MS, 200)
  expectEqual((await list(ann)).map(({ uid, verdict }) => `${uid} ${verdict}`), before, 'list')
  await ann.owner.call('attest.disclose', { attester: ann.address, uid: secret.attestation.uid, fields: ['name'] })
})

// An off-chain attestation by somebody else, made with ethers as the SDK does it.
async function outsider() {
  const wallet = ethers.Wallet.createRandom()
  const { eas } = devnet.network.contracts
  const domain = { name: 'EAS Attestation', version: '1.4.0', chainId: 31337, verifyingContract: ethers.getAddress(eas) }
  const types = { Attest: [['version', 'uint16'], ['schema', 'bytes32'], ['recipient', 'address'], ['time', 'uint64'], ['expirationTime', 'uint64'], ['revocable', 'bool'], ['refUID', 'bytes32'], ['data', 'bytes'], ['salt', 'bytes32']].map(([name, type]) => ({ name, type })) }
  const make = async change => {
    const message = { version: 2, schema, recipient: ben.address, time: 0n, expirationTime: 0n, revocable: true, refUID: zero, data: '0x', salt: ethers.hexlify(ethers.randomBytes(32)), ...change }
    const uid = ethers.solidityPackedKeccak256(['uint16', 'bytes', 'address', 'address', 'uint64', 'uint64', 'bool', 'bytes32', 'bytes', 'bytes32', 'uint32'],
      [2, ethers.toUtf8Bytes(message.schema), message.recipient, ethers.ZeroAddress, message.time, message.expirationTime, message.revocable, message.refUID, message.data, message.salt, 0])
    const { r, s, v } = ethers.Signature.from(await wallet.signTypedData(domain, types, message))
    return JSON.stringify({ sig: { version: 2, uid, domain: { ...domain, chainId: '31337' }, primaryType: 'Attest', types, message: { ...message, time: String(message.time), expirationTime: '0' }, signature: { r, s, v } }, signer: wallet.address })
  }
  return { wallet, make }
}

for (const who of [ann, ben]) await who.node.stop()
chain.destroy()
await devnet.stop()
await tidy()
results.finish()
process.exit()
