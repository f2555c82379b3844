// Identity by the command line alone, on three real nodes over a devnet with EAS and the DID registry: A attests B with private
// fields, it arrives in B's feed, B discloses one field to C by a file that C checks with its node stopped, A revokes, and all say
// so at the next finality. Links, identifiers and the circle on the way; exit codes, --json, the prompts on standard input.
//
//   node tests/system/cli_identity.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { readFile, stat, writeFile } from 'node:fs/promises'
import { ethers } from 'ethers'
import { generateSecretKey, getPublicKey, nip19 } from 'nostr-tools'
import { startDevnet } from '../devnet/devnet.mjs'
import { counter, expectEqual } from '../ui/browser.mjs'
import { cli, dataDir, expect, Hearth, HEARTH, parseOne, tidy, until, writeNetwork } from './hearth.mjs'
import { Owner } from './wallet_owner.mjs'

const PASSPHRASE = 'a passphrase of the test'
const PRIVATE = 'bytes32 privateData'
const VOUCHES = 'string vouchesFor'
const FINAL_MS = 90000
const lower = text => text.toLowerCase()
const NOWHERE = `0x${'11'.repeat(32)}`
const zero = ethers.ZeroAddress

const { check, ...results } = counter()
const devnet = await startDevnet({ preset: 'minimal', slotMs: 1000, contracts: true })
const network = await writeNetwork(devnet.network)
const chain = new ethers.JsonRpcProvider(devnet.rpcUrl, undefined, { staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1 })
const bank = await chain.getSigner(1)
const schemaUid = text => ethers.solidityPackedKeccak256(['string', 'address', 'bool'], [text, zero, true])

// --- running verbs -------------------------------------------------------------------------------------

// Runs a verb for a node's data directory; input: what is typed, by standard input.
function run(who, args, input) {
  const all = [...args, '--network', network, '--data-dir', who.dir ?? who]
  if (input === undefined) return cli(all, { deadlineMs: 40000 })
  return cli(['-c', 'printf "%s" "$INPUT" | "$0" "$@"', HEARTH, ...all], { command: 'sh', env: { ...process.env, INPUT: input }, deadlineMs: 40000 })
}
async function text(who, args, input) {
  const { code, out, err } = await run(who, args, input)
  expect(code === 0, `${args.join(' ')}: ${code} ${err}`)
  return out
}
async function json(who, args, input) {
  return parseOne(await text(who, [...args, '--json'], input))
}
// It ends with that exit code, and says that word on standard error.
async function fails(code, who, args, word, input) {
  const { code: got, out, err } = await run(who, args, input)
  expectEqual(got, code, `${args.join(' ')}: ${out} ${err}`)
  expect(err.includes(word), `${args.join(' ')}: expected "${word}" in ${err}`)
  return err
}
// The code of a refusal, with --json; and that it ends with that exit code.
async function refused(who, args, input, wanted = 1) {
  const { code, out, err } = await run(who, [...args, '--json'], input)
  expectEqual(code, wanted, `${args.join(' ')}: ${out} ${err}`)
  return parseOne(out).error.code
}
const newFile = async name => `${await dataDir(name)}.json`
const mined = async hash => expectEqual((await chain.waitForTransaction(hash, 1, 20000)).status, 1, 'status')
const listed = async (who, uid) => (await json(who, ['attest', 'list'])).attestations.find(one => one.uid === uid)
const becomes = (who, uid, verdict) => until(async () => `${who.name}: ${verdict}; it is ${JSON.stringify(await listed(who, uid))}`,
  async () => { const one = await listed(who, uid); return one?.verdict === verdict && one.as_of?.level === 'finalized' && one }, FINAL_MS, 500)

// --- before there are nodes ----------------------------------------------------------------------------

const never = await dataDir('never')
const account = `0x${'22'.repeat(20)}`
await check('without a node each verb says that none is running', async () => {
  const verbs = [
    ['id'], ['id', 'mine'], ['id', 'resolve', `did:pkh:eip155:1:${account}`], ['id', 'name', 'a.eth'], ['id', 'who', account], ['id', 'link'],
    ['id', 'link', '--from', account], ['id', 'link', '--from', account, '--off'], ['id', 'rotate', '--from', account, '--to', account],
    ['id', 'delegate', '--from', account, '--to', account], ['attest'], ['attest', 'list'], ['attest', 'register', 'bool isHuman', '--from', account],
    ['attest', 'issue', NOWHERE, '[]', '--from', account], ['attest', 'revoke', account, NOWHERE], ['attest', 'schema', NOWHERE],
    ['attest', 'export', account, NOWHERE], ['attest', 'bundle', account, NOWHERE], ['attest', 'disclose', account, NOWHERE, 'name'],
    ['attest', 'share', account, NOWHERE],
  ]
  for (const args of verbs) await fails(4, never, args, 'no node is running')
  for (const verb of ['import', 'verify']) await fails(4, never, ['attest', verb, '-'], 'no node is running', NOWHERE)
  expectEqual(parseOne((await run(never, ['id', '--json'])).out).error.code, 'not_running', 'code')
})
await check('wrong words are told from wrong data', async () => {
  const wrong = [
    ['id', 'theirs'], ['id', 'mine', 'x'], ['id', 'resolve'], ['id', 'resolve', 'a', 'b'], ['id', 'name'], ['id', 'who'], ['id', 'rotate', '--to', account],
    ['id', 'rotate', '--from', account], ['id', 'delegate', 'veriKey', '--to', account], ['id', 'delegate', 'enc', '--from', account, '--to', account],
    ['id', 'delegate', '--from', account, '--to', account, '--expires', 'soon'], ['id', 'link', 'x'], ['id', 'link', '--off'], ['id', 'link', '--yes'], ['id', 'mine', '--yes'], ['id', 'rotate', '--from', account, '--to', account, '--yes'],
    ['attest', 'all'], ['attest', 'list', 'x'], ['attest', 'issue', NOWHERE], ['attest', 'issue', NOWHERE, '[]'],
    ['attest', 'issue', NOWHERE, '[]', '--from', account, '--expires', 'soon'], ['attest', 'issue', NOWHERE, '[]', '--from', account, '--value', '1'],
    ['attest', 'register', 'bool isHuman'], ['attest', 'register', '--from', account], ['attest', 'revoke', account], ['attest', 'schema'],
    ['attest', 'import'], ['attest', 'verify'], ['attest', 'export', account], ['attest', 'bundle', account], ['attest', 'disclose', account, NOWHERE],
    ['attest', 'share', account], ['attest', 'share', account, NOWHERE, 'x'],
  ]
  for (const args of wrong) await fails(2, never, args, '--help')
})
await check('each verb has help and a place in the manual', async () => {
  const { out } = await cli(['help'])
  const manual = await readFile('node/app/hearth.1', 'utf8')
  const verbs = { id: ['mine', 'resolve', 'name', 'who', 'rotate', 'delegate', 'link'], attest: ['list', 'issue', 'revoke', 'register', 'schema', 'import', 'verify', 'export', 'bundle', 'disclose', 'share'] }
  for (const [name, all] of Object.entries(verbs)) {
    expect(out.includes(`  ${name} `), `${name} is not listed`)
    const whole = await cli([name, '--help'])
    expect(whole.code === 0 && whole.out.startsWith(`Usage: hearth ${name}`), name)
    for (const verb of all) {
      const help = await cli([name, verb, '--help'])
      expect(help.code === 0 && help.out.startsWith(`Usage: hearth ${name} ${verb}`) && help.out.includes('Exit: '), `${name} ${verb}`)
      expect(whole.out.includes(verb) && manual.includes(verb), `${name} ${verb} is not told`)
    }
  }
})

// --- three people --------------------------------------------------------------------------------------

const launch = dir => Hearth.start({ network, dir, beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
async function person(name) {
  const secret = generateSecretKey()
  const wallet = ethers.Wallet.createRandom()
  await (await bank.sendTransaction({ to: wallet.address, value: ethers.parseEther('1') })).wait(1, 20000)
  const dir = await dataDir(name)
  const node = await launch(dir)
  await node.live(30000)
  const owner = new Owner(node)
  await owner.create(PASSPHRASE)
  await owner.import('mnemonic', [wallet.mnemonic.phrase], { words: 12 })
  await owner.import('nsec', [nip19.nsecEncode(secret)])
  const key = getPublicKey(secret)
  await until('the key is known', async () => (await node.call('social.me')).pubkey === key)
  return { name, dir, node, owner, key, npub: nip19.npubEncode(key), address: wallet.address.toLowerCase(), url: (await node.call('node.door')).url }
}
const a = await person('a'), b = await person('b'), c = await person('c')
const all = [a, b, c]
for (const one of all) for (const other of all) if (one !== other) await one.owner.call('social.follow', { pubkey: other.key, on: true })
for (const one of [b, c]) {
  await one.owner.call('social.set_settings', { relays: [{ url: a.url, read: true, write: true }] })
  await until('the relay is known', async () => (await one.owner.call('social.relays')).relays.some(relay => relay.is_own && relay.url === a.url))
}

let mine
await check('one sees what identifier one has, who controls it, and its document', async () => {
  mine = await until('the registry was read', async () => { const { identities } = await json(a, ['id']); return identities[0]?.as_of && identities[0] }, FINAL_MS, 500)
  expectEqual([lower(mine.account), lower(mine.owner), lower(mine.did).endsWith(a.address), mine.alert], [a.address, a.address, true, null], 'mine')
  const said = await text(a, ['id', 'mine'])
  expect(said.includes(`DID         ${mine.did}\n`) && said.includes(`Controller  ${mine.owner}\n`) && /^As of {7}block \d+$/m.test(said), said)
  const resolved = await json(b, ['id', 'resolve', mine.did])
  expectEqual([resolved.didDocument.id, resolved.didDocument.verificationMethod.length], [mine.did, 1], 'document')
  const words = await text(b, ['id', 'resolve', mine.did])
  expect(words.includes(`DID         ${mine.did}\n`) && words.includes('#controller  EcdsaSecp256k1RecoveryMethod2020'), words)
  await fails(1, a, ['id', 'resolve', 'did:example:1'], 'hearth')
  await fails(1, a, ['id', 'resolve', 'nonsense'], 'hearth')
})

// --- the link, and the prompts -------------------------------------------------------------------------

const waiting = async who => (await who.owner.queue()).filter(item => item.state === 'waiting').length
await check('nothing is signed without the word of the owner, and nothing is left waiting', async () => {
  const link = ['id', 'link', '--from', a.address]
  await fails(1, a, link, 'nothing was done', 'n\n')
  await fails(1, a, link, 'hearth', '')
  await fails(1, a, ['id', 'link', '--from', b.address, '--yes'], 'hearth')
  expectEqual([await refused(a, link, 'no\n'), await waiting(a)], ['not_confirmed', 0], 'code and queue')
})
await check('a locked wallet asks for its passphrase, and no other opens it', async () => {
  const link = ['id', 'link', '--from', a.address]
  await a.owner.lock()
  await fails(1, a, link, 'passphrase', 'a passphrase of nobody\ny\n')
  expectEqual(await waiting(a), 0, 'queue')
  const { code, out, err } = await run(a, link, `${PASSPHRASE}\ny\n`)
  expectEqual([code, /^Published {3}[0-9a-f]{64}$/m.test(out)], [0, true], `${out} ${err}`)
  expect(err.includes('Passphrase of the wallet: ') && err.includes(a.key) && err.includes('Go on? [y/N]'), `what was asked: ${err}`)
  expect(!`${out}${err}`.includes(PASSPHRASE), 'the passphrase is shown')
})
await check('all are linked, proven, and each node lists it', async () => {
  for (const one of [b, c]) expect((await json(one, ['id', 'link', '--from', one.address, '--yes'])).id.length === 64, one.name)
  for (const one of all) {
    await until(async () => `${one.name}: ${JSON.stringify(await json(one, ['id', 'link']))}`, async () => {
      const { links } = await json(one, ['id', 'link'])
      return links.length === 3 && links.every(link => link.state === 'linked')
    }, FINAL_MS, 500)
  }
  const said = await text(b, ['id', 'link'])
  expect(said.includes(`linked        ${a.address}  ${a.key}\n`), said)
})

// --- schemas -------------------------------------------------------------------------------------------

await check('schemas are registered and shown, proven', async () => {
  expectEqual(await refused(a, ['attest', 'register', 'uint7 odd', '--from', a.address, '--yes']), 'schema_type', 'code')
  const { uid, hash } = await json(a, ['attest', 'register', PRIVATE, '--from', a.address, '--yes'])
  expectEqual(uid, schemaUid(PRIVATE), 'uid')
  await mined(hash)
  const said = await text(a, ['attest', 'register', VOUCHES, '--from', a.address], 'y\n')
  expect(said.includes(`Schema      ${schemaUid(VOUCHES)}\n`), said)
  await mined(/^Sent {8}(0x[0-9a-f]{64})$/m.exec(said)[1])
  const shown = await until('it is proven', async () => { const got = await run(b, ['attest', 'schema', uid]); return got.code === 0 && got.out }, 20000, 300)
  expect(shown.includes(`Schema      ${PRIVATE}\n`) && shown.includes('Revocable   yes\n') && shown.includes('Proof       proven\n'), shown)
  expectEqual((await json(b, ['attest', 'schema', uid])).fields.map(({ name, type }) => `${type} ${name}`), [PRIVATE], 'fields')
  expectEqual(await refused(b, ['attest', 'schema', NOWHERE]), 'no_schema', 'code')
})

// --- A attests B ---------------------------------------------------------------------------------------

let uid
const leaves = [{ type: 'string', name: 'name', value: 'Ben Ali' }, { type: 'uint256', name: 'born', value: '1990' }, { type: 'address', name: 'wallet', value: b.address }]
const issue = ['attest', 'issue', schemaUid(PRIVATE), JSON.stringify(leaves), '--private', '--from', a.address, '--to', b.address]
await check('A attests B: private fields, off chain, after it was shown', async () => {
  await fails(1, a, ['attest', 'issue', schemaUid(PRIVATE), '{"name":', '--from', a.address, '--yes'], 'hearth')
  await fails(1, a, issue, 'nothing was done', 'n\n')
  expectEqual([(await json(a, ['attest', 'list'])).attestations, await waiting(a)], [[], 0], 'nothing yet')
  expect((await text(a, ['attest'])) === 'There are no attestations yet.\n', 'an empty list')
  const { code, out, err } = await run(a, issue, 'y\n')
  expectEqual(code, 0, err)
  uid = /^Attestation (0x[0-9a-f]{64})$/m.exec(out)?.[1]
  for (const line of [`attester    ${a.address}`, `recipient   ${b.address}`, 'kind        offchain']) expect(uid && lower(out).includes(`${line}\n`), out)
  expect(!out.includes('Ben Ali'), 'a private field is shown')
  await becomes(a, uid, 'valid')
})
await check('an attestation that nobody knows is not there, for each verb', async () => {
  for (const args of [['share'], ['revoke'], ['export'], ['bundle'], ['disclose', 'name']]) {
    const [verb, ...more] = args
    const code = await refused(a, ['attest', verb, a.address, NOWHERE, ...more])
    expectEqual([verb, code], [verb, 'no_such_attestation'], 'code')
  }
  await fails(1, a, ['attest', 'import', 'no/such/file'], 'cannot open')
  await fails(1, a, ['attest', 'import', '-'], 'hearth', '{}')
})
await check('it is shared, and arrives in the feed of B, valid and without what is private', async () => {
  expectEqual(await listed(b, uid), undefined, 'at B before')
  const said = await text(a, ['attest', 'share', a.address, uid])
  expect(/^Shared {6}[0-9a-f]{64}\n$/.test(said), said)
  const one = await becomes(b, uid, 'valid')
  expectEqual([one.role, lower(one.attester), one.private, one.leaves], ['received', a.address, false, null], 'at B')
  const shown = await text(b, ['attest', 'list'])
  expect(lower(shown).includes(lower(`valid       received ${uid}  ${PRIVATE}\n            by ${a.address}\n`)) && /^As of finalized block \d+\.$/m.test(shown), shown)
  expectEqual(await refused(b, ['attest', 'disclose', a.address, uid, 'born']), 'no_leaves', 'code')
})
await check('A gives B the private fields in a file; what was changed in it is refused', async () => {
  const file = await newFile('leaves'), wrong = await newFile('wrong'), some = await newFile('some')
  await text(a, ['attest', 'disclose', a.address, uid, 'name', 'born', 'wallet', '--out', file])
  expectEqual((await stat(file)).mode & 0o777, 0o600, 'mode')
  await fails(1, a, ['attest', 'disclose', a.address, uid, 'name', '--out', file], 'is there already')
  const whole = await readFile(file, 'utf8')
  await writeFile(wrong, whole.replace('"1990"', '"1980"'))
  expectEqual(await refused(b, ['attest', 'import', wrong], undefined, 3), 'private_root', 'code')
  const bad = await run(b, ['attest', 'verify', wrong])
  expect(bad.code === 1 && bad.out.includes('FAILS') && /^Verdict {5}invalid$/m.test(bad.out), bad.out)
  await text(a, ['attest', 'disclose', a.address, uid, 'name', '--out', some])
  await text(b, ['attest', 'import', some])
  expectEqual((await listed(b, uid)).leaves, null, 'some fields are not all')
  const said = await text(b, ['attest', 'import', file])
  expect(said.includes(`Attestation ${uid}\n`) && /holds {4}What is disclosed/.test(said), said)
  await b.node.kill()
  b.node = await launch(b.dir)
  b.owner = new Owner(b.node)
  await b.node.live(30000)
  await b.owner.unlock(PASSPHRASE)
  expectEqual((await listed(b, uid)).leaves.sort(), ['born', 'name', 'wallet'], 'leaves after a kill')
})

// --- B shows C one field -------------------------------------------------------------------------------

let old, before
await check('B discloses one field to C in a file, which C verifies with its node stopped', async () => {
  old = await newFile('bundle')
  expectEqual(await refused(b, ['attest', 'bundle', a.address, uid, 'age']), 'no_such_field', 'code')
  await text(b, ['attest', 'bundle', a.address, uid, 'born', '--out', old])
  expect(!(await readFile(old, 'utf8')).includes('Ben Ali'), 'another field is disclosed')
  before = await json(c, ['verify', old])
  expectEqual(await c.node.stop(), 0, 'exit code')
  const { code, out, err } = await run(c, ['verify', old])
  expectEqual(code, 0, `${out} ${err}`)
  expect(/^Verdict {5}valid$/m.test(out) && /^Disclosed {3}born = "?1990"?$/m.test(out) && !out.includes('Ben Ali'), out)
  expect(new RegExp(`^As of block ${before.block.number}, .* ago$`, 'm').test(out) && lower(out).includes(`attester    ${a.address}\n`), out)
  const told = await json(c, ['verify', old])
  expectEqual([told.verdict, told.block, told.claim.disclosed.map(({ name, value }) => `${name} ${value}`)], ['valid', before.block, ['born 1990']], 'json')
  const piped = await run(c, ['verify', '-'], await readFile(old, 'utf8'))
  expectEqual(piped.code, 0, `by standard input: ${piped.err}`)
})
await check('a changed file is invalid, and a directory without a past cannot tell', async () => {
  const file = await newFile('changed')
  await writeFile(file, (await readFile(old, 'utf8')).replace('"1990"', '"1980"'))
  const { code, out } = await run(c, ['verify', file])
  expect(code === 1 && /^Verdict {5}invalid$/m.test(out), `${code} ${out}`)
  await fails(4, await dataDir('fresh'), ['verify', old], 'nothing to check with')
})

// --- A revokes -----------------------------------------------------------------------------------------

await check('only the attester revokes', async () => {
  expectEqual(await refused(b, ['attest', 'revoke', a.address, uid, '--yes']), 'not_attester', 'code')
})
await check('A revokes: every node shows it at the next finality', async () => {
  c.node = await launch(c.dir)
  c.owner = new Owner(c.node)
  await c.node.live(30000)
  await fails(1, a, ['attest', 'revoke', a.address, uid], 'nothing was done', 'n\n')
  const { hash } = await json(a, ['attest', 'revoke', a.address, uid], 'y\n')
  await mined(hash)
  const { blockNumber } = await chain.getTransactionReceipt(hash)
  for (const one of all) {
    const { as_of: block, revocation_time: at } = await becomes(one, uid, 'revoked')
    expect(block.number >= blockNumber && at > 1600000000, `${one.name}: ${JSON.stringify(block)}`)
    expect((await text(one, ['attest'])).includes(`revoked     ${{ a: 'issued  ', b: 'received', c: 'other   ' }[one.name]} ${uid}`), one.name)
  }
  expectEqual(await refused(a, ['attest', 'revoke', a.address, uid, '--yes']), 'already_revoked', 'code')
})
await check('a new file says revoked, the old one at which block it held and how old that is', async () => {
  const file = await newFile('after')
  await text(b, ['attest', 'bundle', a.address, uid, 'born', '--out', file])
  await until('C knows the committee', async () => { const { code } = await run(c, ['verify', file]); return code !== 3 }, 20000, 500)
  for (const isRunning of [true, false]) {
    if (!isRunning) expectEqual(await c.node.stop(), 0, 'exit code')
    const { code, out } = await run(c, ['verify', file])
    expect(code === 1 && /^Verdict {5}revoked$/m.test(out), `${code} ${out}`)
    const then = await run(c, ['verify', old])
    expectEqual(then.code, 0, then.err)
    expect(new RegExp(`^As of block ${before.block.number}, .* ago$`, 'm').test(then.out), then.out)
  }
  const told = parseOne((await run(c, ['verify', file, '--json'])).out), then = await json(c, ['verify', old])
  expectEqual([told.verdict, told.block.number > then.block.number, then.age_s > before.age_s], ['revoked', true, true], 'verdict and age')
})

// --- who vouches, other forms --------------------------------------------------------------------------

let vouch
const other = ethers.Wallet.createRandom().address.toLowerCase()
await check('A vouches for B, on chain, and id who tells the way', async () => {
  const nobody = await text(a, ['id', 'who', b.npub])
  expect(nobody.includes('Distance    nobody of your circle vouches for them\n'), nobody)
  const { hash } = await json(a, ['attest', 'issue', schemaUid(VOUCHES), '{"vouchesFor": "bob"}', '--on-chain', '--from', a.address, '--to', b.address, '--yes'])
  await mined(hash)
  vouch = (await chain.getTransactionReceipt(hash)).logs.find(log => log.address.toLowerCase() === devnet.network.contracts.eas).data
  await becomes(a, vouch, 'valid')
  await until('A is next to B', async () => (await json(a, ['id', 'who', b.address])).distance === 1, 20000, 300)
  for (const whom of [b.npub, b.key, b.address]) {
    const said = await text(a, ['id', 'who', whom])
    for (const line of [`Address     ${b.address}`, `Feed key    ${b.key}`, 'Distance    1', `By way of   ${a.address} vouches for ${b.address}`]) expect(lower(said).includes(lower(`${line}\n`)), said)
  }
  await fails(1, a, ['id', 'who', 'nobody'], 'hearth')
})
await check('one on chain is shown by its uid, and in a file', async () => {
  expectEqual((await json(b, ['attest', 'verify', '-'], vouch)).verdict, 'valid', 'verdict')
  const file = await newFile('onchain')
  await text(a, ['attest', 'bundle', a.address, vouch, '--out', file])
  const { code, out } = await run(b, ['verify', file])
  expect(code === 0 && /^Says {8}vouchesFor = "bob"$/m.test(out), `${code} ${out}`)
  const none = await run(b, ['attest', 'verify', '-'], NOWHERE)
  expect(none.code === 1 && /^Verdict {5}not_there$/m.test(none.out), `${none.code} ${none.out}`)
})
await check('what the SDK would take is written and read', async () => {
  const said = await json(a, ['attest', 'issue', schemaUid(VOUCHES), '["carol"]', '--from', a.address, '--to', b.address, '--expires', '3600', '--yes'])
  const { attestation } = said
  expect(Math.abs(attestation.expiration_time - Date.now() / 1000 - 3600) < 120, `expires ${attestation.expiration_time}`)
  const package_ = await text(a, ['attest', 'export', a.address, attestation.uid])
  expectEqual(JSON.parse(package_).sig.uid, attestation.uid, 'package')
  for (const form of [package_, said.url]) {
    const checked = await run(b, ['attest', 'verify', '-'], form)
    expect(checked.code === 0 && /^Verdict {5}valid$/m.test(checked.out) && checked.out.includes('vouchesFor: "carol"'), `${checked.code} ${checked.out}`)
  }
  const kept = await text(b, ['attest', 'import', '-'], said.url)
  expect(kept.includes(`Attestation ${attestation.uid}\n`), kept)
})

await check('ether is sent by the same way of deciding', async () => {
  const send = ['account', 'send', '--from', a.address, '--to', other, '--value', '0.01']
  await fails(1, a, send, 'nothing was done', 'n\n')
  expectEqual(await waiting(a), 0, 'queue')
  for (const [more, input] of [[['--yes']], [[], 'y\n']]) await mined((await json(a, [...send, ...more], input)).hash)
  expectEqual(String(await chain.getBalance(other)), String(ethers.parseEther('0.02')), 'balance')
})

// --- the identifier ------------------------------------------------------------------------------------

await check('another key may act for an identifier, and its document says so', async () => {
  await fails(1, a, ['id', 'delegate', '--from', other, '--to', other], 'not in the wallet')
  await fails(1, a, ['id', 'delegate', '--from', a.address, '--to', other], 'nothing was done', 'y\n')
  expectEqual(await waiting(a), 0, 'queue')
  const { hash } = await json(a, ['id', 'delegate', 'sigAuth', '--from', a.address, '--to', other, '--expires', '3600'], 'danger\n')
  await mined(hash)
  const resolved = await until('the document has it', async () => {
    const { didDocument } = await json(b, ['id', 'resolve', mine.did])
    return didDocument.verificationMethod.length === 2 && didDocument
  }, FINAL_MS, 500)
  expect(resolved.verificationMethod[1].blockchainAccountId.toLowerCase().endsWith(other), JSON.stringify(resolved))
  const said = await text(b, ['id', 'resolve', mine.did])
  expect(said.includes('#delegate-1') && /^Version {5}\S+$/m.test(said), said)
  await mined((await json(a, ['id', 'delegate', 'sigAuth', '--from', a.address, '--to', other, '--off', '--yes'])).hash)
  await until('it has it no more', async () => (await json(b, ['id', 'resolve', mine.did])).didDocument.verificationMethod.length === 1, FINAL_MS, 500)
})
await check('an identifier is given away, and its link ends', async () => {
  const rotate = ['id', 'rotate', '--from', a.address, '--to', b.address]
  await fails(1, a, rotate, 'nothing was done', 'y\n')
  await mined(/^Sent {8}(0x[0-9a-f]{64})$/m.exec(await text(a, rotate, 'danger\n'))[1])
  await until('B controls it', async () => lower(await text(a, ['id', 'mine'])).includes(`controller  ${b.address}\n`), FINAL_MS, 500)
  expectEqual(await refused(a, ['id', 'delegate', '--from', a.address, '--to', other]), 'not_owner', 'code')
  await until('the link has ended', async () => (await json(b, ['id', 'link'])).links.find(link => link.address === a.address)?.state === 'owner_changed', FINAL_MS, 500)
  const said = await text(a, ['id', 'link', '--from', a.address, '--off'])
  expect(/^Published {3}[0-9a-f]{64}$/m.test(said), said)
  expectEqual(await refused(a, ['id', 'link', '--from', a.address, '--off']), 'no_link', 'code')
})
await check('the nodes stop as they should', async () => {
  expectEqual([await a.node.stop(), await b.node.stop()], [0, 0], 'exit codes')
})

for (const one of all) await one.node.stop()
chain.destroy()
await devnet.stop()
await tidy()
results.finish()
process.exit()
