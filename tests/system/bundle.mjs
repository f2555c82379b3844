// Proof bundles end to end: one node makes them over a devnet with EAS and the DID registry, another checks them knowing
// nothing but its own sync committees, with the node running and without it, and a third that never ran cannot tell.
//
//   node tests/system/bundle.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { writeFile } from 'node:fs/promises'
import { ethers } from 'ethers'
import { artifacts } from '../devnet/contracts.mjs'
import { startDevnet } from '../devnet/devnet.mjs'
import { counter, expectEqual } from '../ui/browser.mjs'
import { cli, dataDir, expect, Hearth, tidy, until, writeNetwork } from './hearth.mjs'

const results = counter()
const { check } = results
const SCHEMA = 'uint256 eventId,string name'
const { ZeroAddress, ZeroHash, AbiCoder } = ethers

const devnet = await startDevnet({ preset: 'minimal', slotMs: 1000, contracts: true })
const network = await writeNetwork(devnet.network)
const chain = new ethers.JsonRpcProvider(devnet.rpcUrl, undefined, { staticNetwork: true, batchMaxCount: 1 })
const contracts = devnet.network.contracts
const { eas: easArtifact, schemaRegistry: registryArtifact, didRegistry: didArtifact } = artifacts()
const [alice, bob] = [await chain.getSigner(1), await chain.getSigner(2)]
const eas = new ethers.Contract(contracts.eas, easArtifact.abi, alice)
const registry = new ethers.Contract(contracts.schema_registry, registryArtifact.abi, alice)
const dids = new ethers.Contract(contracts.did_registry, didArtifact.abi, alice)
const cleanups = [() => chain.destroy()]

const mined = async transaction => (await (await transaction).wait(1, 20000))
const topicOf = (receipt, name) => receipt.logs.map(log => eas.interface.parseLog(log)).find(log => log?.name === name).args
const codeOf = promise => promise.then(() => 'no refusal', error => error.code)

async function start(name, executions = [devnet.rpcUrl]) {
  const dir = await dataDir(name)
  const node = await Hearth.start({ network, dir, beacons: devnet.beaconUrls, args: [...executions.flatMap(url => ['--execution', url])] })
  cleanups.push(() => node.stop())
  await node.live(20000)
  return node
}

// Saves a bundle and has the command line check it for a data directory: {code, outcome}.
async function verify(bundle, dir) {
  const file = `${await dataDir('bundle')}.json`
  await writeFile(file, typeof bundle === 'string' ? bundle : JSON.stringify(bundle))
  const { code, out } = await cli(['verify', file, '--network', network, '--data-dir', dir, '--json'])
  return { code, outcome: JSON.parse(out), file }
}
const steps = outcome => outcome.steps.map(step => `${step.step}${step.ok ? '' : '!'}`).join(' ')

// What is attested, before the nodes start; then a block after all of it is final.
async function attest(schema, data, expirationTime = 0n) {
  const receipt = await mined(eas.attest({ schema, data: { recipient: bob.address, expirationTime, revocable: true, refUID: ZeroHash, data, value: 0n } }))
  return topicOf(receipt, 'Attested').uid
}
await until('the contracts are there', async () => (await chain.getCode(contracts.eas)) !== '0x' && (await chain.getCode(contracts.did_registry)) !== '0x', 20000, 200)
await mined(registry.register(SCHEMA, ZeroAddress, true))
const schema = ethers.solidityPackedKeccak256(['string', 'address', 'bool'], [SCHEMA, ZeroAddress, true])
const data = AbiCoder.defaultAbiCoder().encode(['uint256', 'string'], [7, 'Ada of the long name that does not fit into a slot'])
const uid = await attest(schema, data)
const revoked = await attest(schema, data)
await mined(eas.revoke({ schema, data: { uid: revoked, value: 0n } }))
const typed = {
  domain: { name: 'EAS Attestation', version: '1.4.0', chainId: Number((await chain.getNetwork()).chainId), verifyingContract: ethers.getAddress(contracts.eas) },
  types: { Attest: ['uint16 version', 'bytes32 schema', 'address recipient', 'uint64 time', 'uint64 expirationTime', 'bool revocable', 'bytes32 refUID', 'bytes data', 'bytes32 salt']
    .map(field => ({ type: field.split(' ')[0], name: field.split(' ')[1] })) },
}

// An off-chain attestation of version 2, signed by Alice, in the EAS SDK's form.
async function offchain(salt) {
  const message = { version: 2, schema, recipient: bob.address, time: BigInt((await chain.getBlock('latest')).timestamp), expirationTime: 0n, revocable: true, refUID: ZeroHash, data, salt: ethers.toBeHex(salt, 32) }
  const { r, s, v } = ethers.Signature.from(await alice.signTypedData(typed.domain, typed.types, message))
  const uid = ethers.solidityPackedKeccak256(['uint16', 'bytes', 'address', 'address', 'uint64', 'uint64', 'bool', 'bytes32', 'bytes', 'bytes32', 'uint32'],
    [2, ethers.toUtf8Bytes(schema), message.recipient, ZeroAddress, message.time, 0n, true, ZeroHash, data, message.salt, 0])
  const text = Object.fromEntries(Object.entries(message).map(([key, value]) => [key, typeof value === 'bigint' ? String(value) : value]))
  return { sig: { version: 2, uid, domain: { ...typed.domain, chainId: String(typed.domain.chainId) }, primaryType: 'Attest', types: typed.types, message: text, signature: { r, s, v } }, signer: alice.address }
}
const held = await offchain(1), withdrawn = await offchain(2)
await mined(eas.revokeOffchain(withdrawn.sig.uid))
await mined(dids.changeOwner(alice.address, bob.address))
const last = await chain.getBlockNumber()

const maker = await start('maker')
const made = {}
const make = params => maker.call('bundle.make', params).then(result => result.bundle)

await check('what was attested is final', () =>
  until('finality', async () => (await maker.call('l1.account', { address: contracts.eas, block: 'finalized' }).catch(() => null))?.provenance.block.number >= last, 120000, 500))
await check('a bundle is made of each kind', async () => {
  const did = address => `did:ethr:${ethers.toQuantity(typed.domain.chainId)}:${address.toLowerCase()}`
  made.onchain = await make({ kind: 'eas_onchain', uid })
  made.revoked = await make({ kind: 'eas_onchain', uid: revoked })
  made.absent = await make({ kind: 'eas_onchain', uid: ethers.id('nothing') })
  made.offchain = await make({ kind: 'eas_offchain', package: held })
  made.withdrawn = await make({ kind: 'eas_offchain', package: JSON.stringify(withdrawn) })
  made.owner = await make({ kind: 'did_ethr_owner', did: did(alice.address) })
  made.storage = await make({ kind: 'storage', address: contracts.eas, slots: [ethers.toBeHex(1, 32)] })
  expectEqual(made.owner.claim.owner, bob.address.toLowerCase(), 'owner')
  expectEqual(made.onchain.claim.attestation.data, data, 'data')
})
await check('what cannot be shown is refused', async () => {
  const changed = structuredClone(held)
  changed.sig.message.recipient = alice.address
  expectEqual(await codeOf(make({ kind: 'eas_offchain', package: changed })), 'eas_uid', 'code')
  expectEqual(await codeOf(make({ kind: 'weather' })), 'bundle_kind', 'code')
  expectEqual(await codeOf(maker.call('bundle.verify', {})), 'json_missing', 'code')
})

// It has no execution provider: whatever it says, it says from the bundle and its own committees.
const checker = await start('checker', [])
await check('another node without any execution provider verifies them', async () => {
  for (const [name, verdict] of Object.entries({ onchain: 'valid', revoked: 'revoked', absent: 'not_there', offchain: 'valid', withdrawn: 'revoked', owner: 'valid', storage: 'valid' })) {
    const outcome = await checker.call('bundle.verify', { bundle: made[name] })
    expectEqual([name, outcome.verdict], [name, verdict], JSON.stringify(outcome.steps.at(-1)))
    expect(outcome.block.number >= last && outcome.age_s >= 0, 'block and age')
  }
  const { claim } = await checker.call('bundle.verify', { bundle: made.onchain })
  expectEqual(claim.fields.map(field => [field.name, field.value]).at(0)[0], 'eventId', 'fields')
  expectEqual(claim.schema.text, SCHEMA, 'schema')
})
await check('the command line asks the running node, and tells steps and exit codes', async () => {
  for (const [name, wanted] of Object.entries({ onchain: 0, revoked: 1, absent: 1, offchain: 0, withdrawn: 1 })) {
    expectEqual([name, (await verify(made[name], checker.dir)).code], [name, wanted], 'exit code')
  }
  const { outcome, file } = await verify(made.onchain, checker.dir)
  expectEqual(steps(outcome), 'form network committee finality header state schema claim now', 'steps')
  const text = await cli(['verify', file, '--network', network, '--data-dir', checker.dir])
  expect(/^Verdict +valid\n/.test(text.out) && text.out.includes('Ada of the long name'), text.out)
})
await check('whatever is changed, it is not valid', async () => {
  const lies = {
    data: [bundle => { bundle.claim.attestation.data = `${data.slice(0, -1)}1` }, 'claim_differs'],
    attester: [bundle => { bundle.claim.attestation.attester = bob.address.toLowerCase() }, 'claim_differs'],
    value: [bundle => { bundle.storage[2].value = ethers.toBeHex(1, 32) }, 'claim_differs'],
    node: [bundle => { bundle.storage[0].proof[0] = bundle.storage[0].proof[0].replace(/.$/, digit => (digit === '0' ? '1' : '0')) }, 'proof_wrong_node'],
    header: [bundle => { bundle.header = bundle.header.replace(/.$/, digit => (digit === '0' ? '1' : '0')) }, 'header_hash_differs'],
    network: [bundle => { bundle.network.chain_id++ }, 'other_network'],
  }
  for (const [name, [lie, code]] of Object.entries(lies)) {
    const bundle = structuredClone(made.onchain)
    lie(bundle)
    const { code: exit, outcome } = await verify(bundle, checker.dir)
    expectEqual([name, outcome.code, exit], [name, code, code === 'other_network' ? 3 : 1], 'code and exit')
  }
})
await check('a revocation shows in the next bundle, and the old one still says as of when it held', async () => {
  await mined(eas.revoke({ schema, data: { uid, value: 0n } }))
  const at = await chain.getBlockNumber()
  const again = await until('a bundle that shows it', async () => {
    const bundle = await make({ kind: 'eas_onchain', uid })
    return bundle.claim.attestation.revocationTime !== '0' && bundle
  }, 120000, 500)
  const now = await checker.call('bundle.verify', { bundle: again }), before = await checker.call('bundle.verify', { bundle: made.onchain })
  expectEqual([now.verdict, before.verdict], ['revoked', 'valid'], 'verdicts')
  expect(now.block.number >= at && before.block.number < at, 'blocks')
})
await check('without its node, the data directory is enough', async () => {
  expectEqual(await checker.stop(), 0, 'exit code')
  expectEqual((await verify(made.offchain, checker.dir)).code, 0, 'exit code')
  const { code, outcome } = await verify(made.withdrawn, checker.dir)
  expectEqual([code, outcome.verdict], [1, 'revoked'], 'verdict')
  const piped = await cli(['verify', 'no/such/file', '--network', network, '--data-dir', checker.dir, '--json'])
  expectEqual(piped.code, 1, 'no file')
  expectEqual((await cli(['verify'])).code, 2, 'usage')
})
await check('a data directory that no node ever used has nothing to check with', async () => {
  const { code, outcome } = await verify(made.offchain, await dataDir('never'))
  expectEqual([code, outcome.error?.code ?? outcome.code], [4, 'no_committees'], 'refusal')
})
await check('a committee that was never proven here is unverified, and never valid', async () => {
  // A node that starts now begins with the present period.
  const periodSlots = made.onchain && 64
  await until('the period is over', async () => {
    const status = await maker.status()
    return status.finalized && Math.floor(status.finalized.slot / periodSlots) > (await maker.call('bundle.verify', { bundle: made.onchain })).period
  }, 180000, 1000)
  const late = await start('late', [])
  const outcome = await late.call('bundle.verify', { bundle: made.onchain })
  expectEqual([outcome.verdict, outcome.code], ['unverified', 'committee_unknown'], 'verdict')
  expectEqual((await verify(made.onchain, late.dir)).code, 3, 'exit code')
})

for (const cleanup of cleanups.reverse()) await cleanup()
await devnet.stop()
results.finish()
await tidy()
process.exit()
