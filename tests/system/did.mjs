// DIDs of one's own end to end: rotated, delegated, described by transactions of the node; resolved by it from proven
// history and compared with ethr-did-resolver on the same chain; alerts when somebody else changed them.
//
//   node tests/system/did.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { createRequire } from 'node:module'
import { ethers } from 'ethers'
import { artifacts } from '../devnet/contracts.mjs'
import { startDevnet } from '../devnet/devnet.mjs'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, tidy, until, writeNetwork } from './hearth.mjs'
import { codeOf, firstRun, Owner } from './wallet_owner.mjs'

const required = createRequire(import.meta.url)
const { Resolver } = required('did-resolver')
const { getResolver } = required('ethr-did-resolver')
const FINAL_MS = 60000

const { check, ...results } = counter()
const devnet = await startDevnet({ preset: 'minimal', slotMs: 1000, contracts: true })
const { did_registry: registry } = devnet.network.contracts
const network = await writeNetwork(devnet.network)
const chain = new ethers.JsonRpcProvider(devnet.rpcUrl, 31337, { staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1 })
const start = async dir => {
  const node = await Hearth.start({ network, dir, beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
  await node.live(20000)
  return node
}
const dir = await dataDir('did')
let node = await start(dir)
const words = ethers.Mnemonic.fromEntropy(ethers.randomBytes(16)).phrase
const first = await firstRun(node, 'a passphrase of the test', words)
let { owner } = first
const { address } = first.account
const { seeds } = await owner.accounts()
await owner.call('wallet.add_account', { seed: seeds[0].id, label: 'second' })
const second = (await owner.accounts()).accounts.at(-1).address
const key = path => ethers.HDNodeWallet.fromPhrase(words, '', path).connect(chain)
const did = `did:ethr:0x7a69:${address.toLowerCase()}`
const contract = new ethers.Contract(registry, artifacts().didRegistry.abi, chain)
const mined = hash => chain.waitForTransaction(hash, 1, 20000)
const theirs = new Resolver(getResolver({ networks: [{ name: '0x7a69', chainId: 31337, rpcUrl: devnet.rpcUrl, registry }] }))

for (const to of [address, second]) await (await (await chain.getSigner(0)).sendTransaction({ to, value: ethers.parseEther('10') })).wait()
await until('the node sees it', () => owner.call('wallet.balances', { address: second }).then(({ ether }) => BigInt(ether.balance) > 0n, () => false), 20000, 200)

const sent = async (method, params) => {
  const { result, item } = await owner.approved(method, { did, ...params })
  const receipt = await mined(result.hash)
  expectEqual([receipt.status, receipt.to.toLowerCase(), item.kind], [1, registry, 'transaction'], method)
  // The next change is by what the node sees then.
  await until('the node sees the block', async () => (await owner.call('wallet.activity')).transactions.some(({ hash, state }) => hash === result.hash && state !== 'sent'), 20000, 200)
  return receipt
}
const mine = async () => (await owner.call('did.mine')).identities.find(one => one.did === did)
const resolve = (text = did) => owner.call('did.resolve', { did: text })
const settled = changed => until(async () => `change ${changed} is final: ${JSON.stringify(await mine())}`, async () => { const one = await mine(); return one?.as_of && one.changed === changed && one }, FINAL_MS, 300)

// What both of a v11 and a v14 document say, in one form: types and contexts are spelled differently, keys as well.
const plain = document => ({
  id: document.id,
  methods: (document.verificationMethod ?? []).map(({ id, controller, blockchainAccountId, ...more }) => [id, controller, blockchainAccountId?.toLowerCase() ?? bytesOf(more)]),
  authentication: document.authentication ?? [], assertionMethod: document.assertionMethod ?? [], keyAgreement: document.keyAgreement ?? [],
  service: (document.service ?? []).map(({ id, type, serviceEndpoint }) => [id, type, serviceEndpoint]),
})
function bytesOf({ publicKeyHex, publicKeyJwk, publicKeyMultibase, publicKeyBase58, publicKeyBase64 }) {
  if (publicKeyHex) return ethers.SigningKey.computePublicKey(`0x${publicKeyHex.replace(/^0x/, '')}`, true)
  if (publicKeyJwk) {
    const [x, y] = [publicKeyJwk.x, publicKeyJwk.y].map(part => Buffer.from(part, 'base64url').toString('hex'))
    return ethers.SigningKey.computePublicKey(`0x04${x}${y}`, true)
  }
  if (publicKeyBase64) return `0x${Buffer.from(publicKeyBase64, 'base64').toString('hex')}`
  const base58 = publicKeyBase58 ?? publicKeyMultibase.slice(1)
  const hex = ethers.toBeHex(ethers.decodeBase58(base58))
  return publicKeyMultibase ? `0x${hex.slice(6)}` : hex
}
const compare = async what => {
  const ours = await until(what, async () => { const got = await resolve(); return got.didDocument && got }, 20000, 300)
  const { didDocument } = await theirs.resolve(did)
  expectEqual(plain(ours.didDocument), plain(didDocument), what)
  expectEqual([ours.provenance.verdict, ours.provenance.complete], ['proven', true], 'provenance')
  return ours
}

await check('an identity that nobody changed is its account, as the official resolver says', async () => {
  const ours = await compare('default document')
  expectEqual(ours.history, [], 'history')
  const one = await settled(0)
  expectEqual([one.owner.toLowerCase(), one.alert, one.is_deactivated], [address.toLowerCase(), null, false], 'mine')
})
await check('delegates, keys and services are added by transactions, and both say the same', async () => {
  const delegate = ethers.Wallet.createRandom()
  await sent('did.delegate', { delegate: delegate.address, type: 'veriKey', validity_s: 86400 })
  await sent('did.delegate', { delegate: ethers.Wallet.createRandom().address, type: 'sigAuth' })
  await sent('did.attribute', { name: 'did/svc/HubService', value: 'https://hub.example/one' })
  await sent('did.attribute', { name: 'did/pub/Secp256k1/veriKey/hex', value: delegate.signingKey.compressedPublicKey })
  await sent('did.attribute', { name: 'did/pub/Ed25519/veriKey/base64', value: ethers.hexlify(ethers.randomBytes(32)) })
  const ours = await compare('with all of them')
  expectEqual(ours.history.map(({ kind }) => kind), ['delegate', 'delegate', 'attribute', 'attribute', 'attribute'], 'history')
  await sent('did.delegate', { delegate: delegate.address, type: 'veriKey', revoke: true })
  await sent('did.attribute', { name: 'did/svc/HubService', value: 'https://hub.example/one', revoke: true })
  await compare('after two were taken back')
})
await check('a version of before is what it was', async () => {
  const { history } = await resolve()
  const { didDocument } = await resolve(`${did}?versionId=${history[0].block}`)
  const before = await theirs.resolve(`${did}?versionId=${history[0].block}`)
  expectEqual(plain(didDocument), plain(before.didDocument), 'document')
})
await check('an identity is handed over to another account, which then speaks for it', async () => {
  await sent('did.rotate', { owner: second })
  await compare('with another owner')
  const receipt = await sent('did.attribute', { name: 'did/svc/After', value: 'https://after.example' })
  expectEqual(receipt.from.toLowerCase(), second.toLowerCase(), 'sender')
  await compare('by the new owner')
  const one = await settled(receipt.blockNumber)
  expectEqual([one.owner.toLowerCase(), one.alert], [second.toLowerCase(), null], 'no alert for what was done here')
})
await check('what cannot be is refused, each for its own reason', async () => {
  const refused = async (method, params, code) => expectEqual(await codeOf(owner.call(method, { did, ...params })), code, JSON.stringify(params))
  await refused('did.rotate', { owner: ethers.ZeroAddress }, 'did_owner_zero')
  await refused('did.rotate', { owner: address, deactivates: true }, 'did_owner_zero')
  await refused('did.rotate', { owner: address, signed: true }, 'signed_unsupported')
  await refused('did.delegate', { delegate: address, type: 'enc' }, 'did_type')
  await refused('did.attribute', { name: 'x'.repeat(33), value: 'y' }, 'did_value')
  await refused('did.rotate', { did: `did:ethr:0x7a69:${ethers.Wallet.createRandom().address}`, owner: address }, 'not_owner')
  await refused('did.rotate', { did: `did:ethr:${address}`, owner: address }, 'did_network')
  await refused('did.rotate', { did: `did:pkh:eip155:31337:${address}`, owner: address }, 'did_not_ethr')
  expectEqual(await owner.queue(), [], 'queue')
})
await check('a change that this wallet did not send is an alert, until it was seen; also after a kill', async () => {
  const receipt = await (await contract.connect(key("m/44'/60'/0'/0/1")).addDelegate(address, ethers.encodeBytes32String('veriKey'), ethers.Wallet.createRandom().address, 1000)).wait()
  const one = await settled(receipt.blockNumber)
  expectEqual(one.alert?.block, receipt.blockNumber, 'alert')
  expectEqual((await owner.call('did.changed')).alerts, 1, 'topic')
  await until('the audit log has it', async () => (await owner.call('wallet.audit_tail')).entries.some(({ event }) => event === 'did_changed'))
  await node.kill()
  node = await start(dir)
  owner = new Owner(node)
  expectEqual((await mine()).alert?.block, receipt.blockNumber, 'after a kill')
  await owner.call('did.seen', { did })
  expectEqual((await mine()).alert, null, 'seen')
  await settled(receipt.blockNumber)
  expectEqual((await mine()).alert, null, 'and not again')
})
await check('an identity that is ended is deactivated, for both', async () => {
  await owner.unlock('a passphrase of the test')
  const receipt = await sent('did.rotate', { owner: ethers.ZeroAddress, deactivates: true })
  const { didDocument, didDocumentMetadata } = await resolve()
  const { didDocumentMetadata: metadata } = await theirs.resolve(did)
  expectEqual([didDocumentMetadata.deactivated, metadata.deactivated], [true, true], 'deactivated')
  expectEqual(didDocument.verificationMethod ?? [], [], 'empty')
  await until('it is shown', async () => (await settled(receipt.blockNumber)).is_deactivated, FINAL_MS, 300)
})

await node.stop()
chain.destroy()
await devnet.stop()
await tidy()
results.finish()
process.exit()
