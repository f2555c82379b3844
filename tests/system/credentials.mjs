// Credentials between this node and others' software: ours verified by did-jwt-vc over ethr-did-resolver, theirs by
// ours over proven state; presentations with challenge and domain; delegates and owners that change; and sign-in messages
// of the npm package siwe through the wallet.
//
//   node tests/system/credentials.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { generateKeyPairSync } from 'node:crypto'
import { createRequire } from 'node:module'
import { EdDSASigner, ES256KSigner, decodeJWT, hexToBytes } from 'did-jwt'
import { createVerifiableCredentialJwt, createVerifiablePresentationJwt, verifyCredential, verifyPresentation } from 'did-jwt-vc'
import { ethers } from 'ethers'
import { SiweMessage } from 'siwe'
import { startDevnet } from '../devnet/devnet.mjs'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, tidy, until, writeNetwork } from './hearth.mjs'
import { codeOf, firstRun } from './wallet_owner.mjs'

const required = createRequire(import.meta.url)
const { Resolver } = required('did-resolver')
const { getResolver } = required('ethr-did-resolver')
const V1 = 'https://www.w3.org/2018/credentials/v1'
const V2 = 'https://www.w3.org/ns/credentials/v2'
const DOMAIN = 'https://gate.example'

const { check, ...results } = counter()
const devnet = await startDevnet({ preset: 'minimal', slotMs: 1000, contracts: true })
const { did_registry: registry } = devnet.network.contracts
const network = await writeNetwork(devnet.network)
const chain = new ethers.JsonRpcProvider(devnet.rpcUrl, 31337, { staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1 })
const resolver = new Resolver(getResolver({ networks: [{ name: '0x7a69', chainId: 31337, rpcUrl: devnet.rpcUrl, registry }] }))
const start = async name => {
  const node = await Hearth.start({ network, dir: await dataDir(name), beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
  await node.live(20000)
  return node
}
const ann = await start('ann')
const ben = await start('ben')
const { owner, account } = await firstRun(ann, 'a passphrase of the test', ethers.Mnemonic.fromEntropy(ethers.randomBytes(16)).phrase)
const { seeds } = await owner.accounts()
await owner.call('wallet.add_account', { seed: seeds[0].id, label: 'second' })
const first = ethers.getAddress(account.address)
const second = ethers.getAddress((await owner.accounts()).accounts.at(-1).address)
const didOf = address => `did:ethr:0x7a69:${address.toLowerCase()}`
const did = didOf(first)
for (const to of [first, second]) await (await (await chain.getSigner(0)).sendTransaction({ to, value: ethers.parseEther('10') })).wait()
await until('the node sees it', () => owner.call('wallet.balances', { address: second }).then(({ ether }) => BigInt(ether.balance) > 0n, () => false), 20000, 200)

const now = () => Math.floor(Date.now() / 1000)
const credential = (subject, more = {}) => ({ '@context': [V1], type: ['VerifiableCredential', 'Membership'], credentialSubject: { id: subject, level: 3, name: 'Größe' }, ...more })
const issue = async (params, by = owner) => by.approved('credential.issue', params)
const verify = (token, more = {}) => ben.call('credential.verify', { token, ...more })
const is = (said, verdict, code = null) => expectEqual([said.verdict, said.code], [verdict, code], JSON.stringify(said))
const values = (item, label) => item.explain.rows.filter(row => row.label === label).map(({ value }) => value)
const mined = async hash => {
  expectEqual((await chain.waitForTransaction(hash, 1, 20000)).status, 1, 'status')
  await until('both nodes see the block', async () => {
    const { blockNumber } = await chain.getTransactionReceipt(hash)
    const seen = await Promise.all([ann, ben].map(node => node.call('did.resolve', { did })))
    return seen.every(({ provenance }) => provenance.number >= blockNumber || provenance.block?.number >= blockNumber)
  }, 20000, 200)
}

// --- keys of others ------------------------------------------------------------------------------------

const ethrPerson = () => {
  const wallet = ethers.Wallet.createRandom()
  return { did: didOf(wallet.address), address: wallet.address, key: hexToBytes(wallet.privateKey) }
}
const es256k = (person, alg = 'ES256K') => ({ did: person.did, signer: ES256KSigner(person.key, alg === 'ES256K-R'), alg })
const keyDid = (codec, bytes) => `did:key:z${ethers.encodeBase58(Uint8Array.from([...codec, ...bytes]))}`
const keyPerson = () => {
  const wallet = ethers.Wallet.createRandom()
  return { did: keyDid([0xe7, 0x01], ethers.getBytes(wallet.signingKey.compressedPublicKey)), key: hexToBytes(wallet.privateKey) }
}
const edPerson = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const [d, x] = [privateKey, publicKey].map((key, i) => Buffer.from(key.export({ format: 'jwk' })[i ? 'x' : 'd'], 'base64url'))
  return { did: keyDid([0xed, 0x01], x), signer: EdDSASigner(Uint8Array.from([...d, ...x])), alg: 'EdDSA' }
}
const theirCredential = (issuer, subject, more = {}) => createVerifiableCredentialJwt({ sub: subject, nbf: now() - 10, vc: credential(subject), ...more }, issuer)

// --- ours, verified by theirs --------------------------------------------------------------------------

const holder = ethrPerson()
let ours
await check('a credential is confirmed in words: who says what about whom, and until when', async () => {
  const until_s = now() + 3600
  const { result, item } = await issue({ from: first, credential: credential(holder.did, { expirationDate: new Date(until_s * 1000).toISOString() }) })
  expectEqual([item.kind, item.account.toLowerCase(), item.explain.kind], ['credential', first.toLowerCase(), 'credential'], 'item')
  expectEqual([values(item, 'Issuer'), values(item, 'About'), values(item, 'Type')], [[did], [holder.did], ['Membership']], 'who')
  expectEqual(values(item, 'Says'), ['level: 3', 'name: Größe'], 'claims')
  expect(values(item, 'Expires')[0].startsWith(new Date(until_s * 1000).toISOString().slice(0, 19)), values(item, 'Expires')[0])
  expectEqual(JSON.parse(item.raw).payload, decodeJWT(result.token).payload, 'what is signed')
  expectEqual([result.issuer, result.method, result.alg, result.expires, result.as_of.level in { head: 1, finalized: 1 }], [did, `${did}#controller`, 'ES256K-R', until_s, true], 'result')
  ours = result.token
})
await check('did-jwt-vc takes it, signed either way, in both versions of the data model', async () => {
  const tokens = [ours, (await issue({ from: did, alg: 'ES256K', credential: credential(holder.did) })).result.token]
  for (const token of tokens) {
    const { verifiableCredential: said } = await verifyCredential(token, resolver)
    expectEqual([said.issuer.id, said.credentialSubject.id, said.credentialSubject.level], [did, holder.did, 3], 'credential')
  }
  const two = await issue({ from: first, credential: { '@context': [V2], type: ['VerifiableCredential'], credentialSubject: { id: holder.did, level: 1 } } })
  is(await verify(two.result.token), 'valid')
})
await check('the other node proves it, step by step, and names the block', async () => {
  const said = await verify(ours)
  is(said, 'valid')
  expectEqual([said.kind, said.issuer, said.holder, said.is_bound, said.claims.credentialSubject.name], ['credential', did, null, null, 'Größe'], 'said')
  expectEqual(said.steps.map(({ step, ok }) => `${step} ${ok}`), ['form true', 'time true', 'document true', 'signature true', 'status true'], 'steps')
  expect(said.as_of.number > 0 && /^0x[0-9a-f]{64}$/.test(said.as_of.hash), JSON.stringify(said.as_of))
  const final = await until('the registry is final', async () => { const at = await verify(ours, { block: 'finalized' }); return at.verdict === 'valid' && at }, 60000, 300)
  expectEqual(final.as_of.level, 'finalized', 'level')
})
await check('a presentation of ours is taken by did-jwt-vc for its challenge and domain alone', async () => {
  const mine = await theirCredential(es256k(holder), did)
  const { result, item } = await owner.approved('credential.present', { tokens: [mine], from: first, challenge: 'c-1', domain: DOMAIN })
  expectEqual([item.explain.kind, values(item, 'Holder'), values(item, 'For'), values(item, 'Challenge')], ['presentation', [did], [`["${DOMAIN}"]`], ['c-1']], 'item')
  expectEqual(values(item, 'Shows'), [`Membership by ${holder.did}, about the holder`], 'shows')
  await verifyPresentation(result.token, resolver, { challenge: 'c-1', domain: DOMAIN })
  for (const wrong of [{ challenge: 'c-2', domain: DOMAIN }, { challenge: 'c-1', domain: 'https://other.example' }]) {
    expect(await verifyPresentation(result.token, resolver, wrong).then(() => false, () => true), `did-jwt-vc took ${JSON.stringify(wrong)}`)
  }
  const said = await verify(result.token, { challenge: 'c-1', domain: DOMAIN })
  is(said, 'valid')
  expectEqual([said.kind, said.holder, said.issuer, said.is_bound], ['presentation', did, null, true], 'said')
  is(await verify(result.token, { challenge: 'c-2' }), 'invalid', 'vc_challenge')
  is(await verify(result.token, { domain: 'https://other.example' }), 'invalid', 'vc_domain')
})
await check('did:pkh of an account issues, too', async () => {
  const pkh = `did:pkh:eip155:31337:${second}`
  const { result } = await issue({ from: pkh, credential: credential(holder.did) })
  expectEqual([result.issuer, result.as_of], [pkh, null], 'result')
  is(await verify(result.token), 'valid')
})
await check('what cannot be issued is refused before anybody is asked', async () => {
  const stranger = ethrPerson()
  const cases = [
    [{ from: stranger.address, credential: credential(did) }, 'vc_no_key'],
    [{ from: did, account: second, credential: credential(did) }, 'vc_no_key'],
    [{ from: 'me', credential: credential(did) }, 'vc_from'],
    [{ from: first, credential: { ...credential(did), '@context': ['https://other.example'] } }, 'vc_context'],
    [{ from: first, credential: credential(did, { issuer: stranger.did }) }, 'vc_issuer'],
    [{ from: first, credential: credential(did, { issuanceDate: '2020-01-01T00:00:00Z', expirationDate: '2021-01-01T00:00:00Z' }) }, 'already_expired'],
    [{ from: first, alg: 'none', credential: credential(did) }, 'vc_alg'],
    [{ from: `did:ethr:0x1:${first.toLowerCase()}`, credential: credential(did) }, 'did_network'],
  ]
  for (const [params, code] of cases) expectEqual(await codeOf(owner.call('credential.issue', params)), code, JSON.stringify(params))
  expectEqual(await codeOf(owner.call('credential.present', { tokens: ['a.b.c'], from: first })), 'jwt_base64', 'no token')
  expectEqual(await owner.queue(), [], 'queue')
})
await check('what the owner rejects is not signed', async () => {
  const pending = owner.call('credential.issue', { from: first, credential: credential(did) })
  await owner.approve(pending, false)
  expectEqual(await codeOf(pending), 'rejected', 'code')
})

// --- theirs, verified by ours --------------------------------------------------------------------------

await check('credentials of did-jwt-vc are valid: did:ethr and did:key, of either curve', async () => {
  for (const issuer of [es256k(ethrPerson()), es256k(ethrPerson(), 'ES256K-R'), es256k(keyPerson()), edPerson()]) {
    const said = await verify(await theirCredential(issuer, did))
    is(said, 'valid')
    expectEqual([said.issuer, said.as_of === null], [issuer.did, issuer.did.startsWith('did:key')], issuer.alg)
  }
})
await check('a presentation of theirs says whether its holder is its subject', async () => {
  const issuer = es256k(keyPerson())
  const present = async (tokens, by) => createVerifiablePresentationJwt({ vp: { '@context': [V1], type: ['VerifiablePresentation'], verifiableCredential: tokens } }, es256k(by), { challenge: 'c-3', domain: DOMAIN })
  const bound = await verify(await present([await theirCredential(issuer, holder.did)], holder), { challenge: 'c-3', domain: DOMAIN })
  is(bound, 'valid')
  expectEqual([bound.is_bound, bound.holder], [true, holder.did], 'bound')
  const stolen = await verify(await present([await theirCredential(issuer, holder.did)], ethrPerson()), { challenge: 'c-3' })
  is(stolen, 'valid')
  expectEqual(stolen.is_bound, false, 'of somebody else')
  const forged = await theirCredential({ ...issuer, signer: es256k(ethrPerson()).signer }, holder.did)
  const said = await verify(await present([forged], holder), { challenge: 'c-3' })
  is(said, 'invalid', 'jwt_signature')
  expectEqual(said.steps.map(({ step, ok }) => `${step} ${ok}`), ['form true', 'time true', 'challenge true', 'document true', 'signature true', 'credentials false', 'status null'], 'steps')
})
await check('each thing that is wrong has its own word', async () => {
  const issuer = es256k(ethrPerson())
  const [head, body, signature] = (await theirCredential(issuer, did)).split('.')
  const part = value => Buffer.from(JSON.stringify(value)).toString('base64url')
  const changed = { ...JSON.parse(Buffer.from(body, 'base64url')), sub: holder.did }
  changed.vc.credentialSubject.id = holder.did
  is(await verify([head, part(changed), signature].join('.')), 'invalid', 'jwt_signature')
  is(await verify([part({ alg: 'none', typ: 'JWT' }), body, ''].join('.')), 'invalid', 'jwt_alg')
  is(await verify([part({ alg: 'HS256', typ: 'JWT' }), body, signature].join('.')), 'invalid', 'jwt_alg')
  is(await verify(`${head}.${body}`), 'invalid', 'jwt_form')
  is(await verify(await theirCredential(issuer, did, { nbf: now() - 7200, exp: now() - 3600 })), 'expired', 'vc_expired')
  is(await verify(await theirCredential(issuer, did, { nbf: now() + 3600 })), 'not_yet', 'vc_not_yet')
  is(await verify(await theirCredential({ ...issuer, did: 'did:web:issuer.example' }, did)), 'unverified', 'did_method')
  is(await verify(await theirCredential({ ...issuer, did: issuer.did.replace('0x7a69', '0x1') }, did)), 'unverified', 'did_network')
  is(await verify(await theirCredential(issuer, did), { challenge: 'c-4' }), 'invalid', 'vc_challenge')
})
await check('a list in which it could have been taken back leaves it unverified, and says so', async () => {
  const vc = credential(did, { credentialStatus: { id: 'https://issuer.example/status/1#7', type: 'StatusList2021Entry', statusListIndex: '7' } })
  const said = await verify(await theirCredential(es256k(ethrPerson()), did, { vc }))
  is(said, 'unverified', 'vc_status')
  expectEqual(said.steps.filter(({ ok }) => ok !== true).map(({ step, ok }) => `${step} ${ok}`), ['status null'], 'steps')
  expectEqual(said.claims.credentialSubject.level, 3, 'claims')
})

// --- what the chain takes back -------------------------------------------------------------------------

await check('a delegate signs for the identity until it is revoked', async () => {
  const delegate = ethrPerson()
  const token = await theirCredential({ ...es256k(delegate), did }, holder.did)
  is(await verify(token), 'invalid', 'jwt_signature')
  const change = async more => mined((await owner.approved('did.delegate', { did, delegate: delegate.address, type: 'veriKey', ...more })).result.hash)
  await change({})
  const said = await verify(token)
  is(said, 'valid')
  expectEqual(said.method, `${did}#delegate-1`, 'method')
  await verifyCredential(token, resolver)
  await change({ revoke: true })
  is(await verify(token), 'invalid', 'jwt_signature')
  expect(await verifyCredential(token, resolver).then(() => false, () => true), 'did-jwt-vc takes it')
})
await check('with another owner the old key is worth nothing, and the new one signs for the same DID', async () => {
  await mined((await owner.approved('did.rotate', { did, owner: second })).result.hash)
  is(await verify(ours), 'invalid', 'jwt_signature')
  expectEqual(await codeOf(owner.call('credential.issue', { from: did, account: first, credential: credential(holder.did) })), 'vc_no_key', 'the old one')
  const { result, item } = await issue({ from: first, credential: credential(holder.did) })
  expectEqual([item.account.toLowerCase(), result.issuer], [second.toLowerCase(), did], 'by')
  is(await verify(result.token), 'valid')
  await verifyCredential(result.token, resolver)
})

// --- signing in ----------------------------------------------------------------------------------------

const host = new URL(ben.origin).host
const siweOf = more => new SiweMessage({ domain: host, address: first, uri: `${ben.origin}/`, version: '1', chainId: 31337, nonce: 'aB3dE6gH9', issuedAt: new Date().toISOString(), ...more })
await check('a message that siwe writes is a sign-in to the wallet, and siwe takes its signature', async () => {
  for (const more of [{ statement: 'I accept.' }, { resources: ['https://a.example/terms', 'ipfs://bafy'] }, { expirationTime: new Date(Date.now() + 60000).toISOString(), requestId: 'r-1' }]) {
    const message = siweOf(more)
    const { result, item } = await owner.approved('wallet.sign_text', { account: first, text: message.prepareMessage() })
    expectEqual([item.kind, item.explain.kind], ['message', 'sign_in'], 'kind')
    expect((await message.verify({ signature: result.signature, domain: host, nonce: 'aB3dE6gH9' })).success, 'siwe refuses it')
  }
})
await check('a challenge of another node, signed by the wallet, is valid there and to siwe', async () => {
  await ben.call('siwe.set_settings', { is_enabled: true, addresses: [first] })
  const challenge = await ben.call('siwe.challenge', { domain: host, uri: `${ben.origin}/`, address: first })
  const { result } = await owner.approved('wallet.sign_text', { account: first, text: challenge.message })
  expect((await new SiweMessage(challenge.message).verify({ signature: result.signature, domain: host, nonce: challenge.nonce })).success, 'siwe refuses it')
  const said = await ben.call('siwe.verify', { message: challenge.message, signature: result.signature })
  expectEqual([said.verdict, said.address, said.may_sign_in], ['valid', first, true], 'verdict')
})

await ann.stop()
await ben.stop()
chain.destroy()
await devnet.stop()
await tidy()
results.finish()
process.exit()
