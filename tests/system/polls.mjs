// Polls among five real nodes over a devnet with EAS: one person one vote by attestation as of a snapshot block. One
// attestation is revoked before the snapshot and does not count, one is revoked while the poll runs and counts all the same;
// double, late and stolen ballots are told apart; all five nodes count the same, publish the same root, and say so. Then talk.
//
//   node tests/system/polls.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { ethers } from 'ethers'
import { finalizeEvent, generateSecretKey, getPublicKey, nip19 } from 'nostr-tools'
import WebSocket from 'ws'
import { artifacts } from '../devnet/contracts.mjs'
import { startDevnet } from '../devnet/devnet.mjs'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, tidy, until, writeNetwork } from './hearth.mjs'
import { codeOf, Owner } from './wallet_owner.mjs'

const PASSPHRASE = 'a passphrase of the test'
const SCHEMA = 'bool isPerson'
const FINAL_MS = 120000
const NAMES = ['a', 'b', 'c', 'd', 'e']

const results = counter()
const { check } = results
const devnet = await startDevnet({ preset: 'minimal', slotMs: 1000, contracts: true })
const network = await writeNetwork(devnet.network)
const chain = new ethers.JsonRpcProvider(devnet.rpcUrl, undefined, { staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1 })
const { contracts } = devnet.network
const { eas: easArtifact, schemaRegistry } = artifacts()
await until('the contracts are there', async () => (await chain.getCode(contracts.eas)) !== '0x', 30000, 200)
const bank = await chain.getSigner(1)
const mined = async transaction => (await (await transaction).wait(1, 30000))
const eas = new ethers.Contract(contracts.eas, easArtifact.abi, bank)
await mined(new ethers.Contract(contracts.schema_registry, schemaRegistry.abi, bank).register(SCHEMA, ethers.ZeroAddress, true))
const schema = ethers.solidityPackedKeccak256(['string', 'address', 'bool'], [SCHEMA, ethers.ZeroAddress, true])
const attester = (await bank.getAddress()).toLowerCase()

async function attest(recipient) {
  const data = { recipient, expirationTime: 0n, revocable: true, refUID: ethers.ZeroHash, data: ethers.AbiCoder.defaultAbiCoder().encode(['bool'], [true]), value: 0n }
  const receipt = await mined(eas.attest({ schema, data }))
  const uid = receipt.logs.map(log => eas.interface.parseLog(log)).find(log => log?.name === 'Attested').args.uid
  return { uid, block: receipt.blockNumber }
}
const revoke = async uid => (await mined(eas.revoke({ schema, data: { uid, value: 0n } }))).blockNumber

async function start(name) {
  const secret = generateSecretKey(), wallet = ethers.Wallet.createRandom()
  const node = await Hearth.start({ network, dir: await dataDir(`polls_${name}`), beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
  await node.live(30000)
  const owner = new Owner(node)
  await owner.create(PASSPHRASE)
  await owner.import('mnemonic', [wallet.mnemonic.phrase], { words: 12 })
  await owner.import('nsec', [nip19.nsecEncode(secret)])
  const key = getPublicKey(secret)
  await owner.call('social.set_settings', { owner: key }).catch(() => {})
  await until('the key is known', async () => (await node.call('social.me')).pubkey === key)
  return { name, node, owner, wallet, secret, key, address: wallet.address.toLowerCase(), call: (method, params) => owner.call(method, params), url: (await node.call('node.door')).url }
}

const all = []
for (const name of NAMES) all.push(await start(name))
const [a, b, c, d, e] = all
for (const one of all) for (const other of all) if (one !== other) await one.call('social.follow', { pubkey: other.key, on: true })
for (const one of all.slice(1)) await one.call('social.set_settings', { relays: [{ url: a.url, read: true, write: true }] })

const everywhere = (what, condition, ms = FINAL_MS) => until(async () => `${what}: ${JSON.stringify(await Promise.all(all.map(async node => [node.name, await condition(node, true).catch(error => error.message)])))}`,
  async () => (await Promise.all(all.map(node => condition(node).catch(() => false)))).every(Boolean), ms, 500)
const finalized = async () => Number((await chain.getBlock('finalized'))?.number ?? 0)
const head = async () => Number((await chain.getBlock('latest')).number)

// Says one event to a relay: what it answered.
const say = (url, event) => new Promise((done, failed) => {
  const socket = new WebSocket(url)
  socket.on('open', () => socket.send(JSON.stringify(['EVENT', event])))
  socket.on('error', failed)
  socket.on('message', data => {
    const message = JSON.parse(data)
    if (message[0] === 'OK') { socket.close(); done(message[2]) }
  })
})
const now = () => Math.floor(Date.now() / 1000)
const ballot = (one, id, option, uid, at = now()) => finalizeEvent({ kind: 1018, created_at: at, content: '', tags: [['e', id], ['response', option], ['attestation', uid]] }, one.secret)

const uids = {}
let poll, closing
const GATE = { kind: 'attestation', schema, attesters: [attester] }

await check('five keys and accounts vouch for each other, and all five nodes know it', async () => {
  for (const one of all) await one.owner.approved('link.make', { account: one.address })
  await everywhere('links', async (node, tells) => {
    const states = await Promise.all(all.map(async other => (await node.call('link.check', { pubkey: other.key })).state))
    return tells ? states : states.every(state => state === 'linked')
  })
})
await check('five people are attested; one of them is revoked before the snapshot', async () => {
  let last
  for (const one of all) {
    const { uid, block } = await attest(one.address)
    uids[one.name] = uid
    last = block
  }
  last = await revoke(uids.e)
  await until('it is final', async () => (await finalized()) >= last, FINAL_MS, 300)
  await everywhere('finality', async (node, tells) => {
    const number = (await node.call('l1.status')).finalized?.block_number
    return tells ? number : Number(number) >= last
  }, 30000)
})
await check('a poll that could not be counted is not made', async () => {
  const good = { question: 'A pond?', options: ['yes', 'no'], method: 'single', gate: GATE, hours: 1 }
  const refused = (change, code) => codeOf(a.call('polls.make', { ...good, ...change })).then(found => expectEqual(found, code, JSON.stringify(change)))
  await refused({ options: ['yes'] }, 'bad_poll')
  await refused({ options: Array(33).fill('x') }, 'poll_too_large')
  await refused({ method: 'dice' }, 'bad_poll')
  await refused({ gate: { kind: 'wall' } }, 'bad_gate')
  await refused({ gate: { ...GATE, attesters: [] } }, 'bad_poll')
  await refused({ gate: { ...GATE, contract: contracts.schema_registry } }, 'other_eas')
  await refused({ hours: 0 }, 'bad_closing')
  await refused({ hours: 100000 }, 'bad_closing')
  await refused({ closing_block: 1, hours: undefined }, 'bad_closing')
})
await check('A asks, and all five see the poll', async () => {
  closing = (await head()) + 60
  const { id } = await a.call('polls.make', { question: 'Shall we dig a pond?', options: ['yes', 'no', 'later'], method: 'single', gate: GATE, closing_block: closing })
  poll = id
  await everywhere('the poll', async (node, tells) => {
    const one = (await node.call('polls.list')).polls.find(known => known.id === poll)
    return tells ? one : one?.state === 'open' && one.question === 'Shall we dig a pond?' && one.closing_block === closing
  }, 30000)
  const [one] = (await b.call('polls.list')).polls
  expectEqual([one.gate.kind, one.gate.schema, one.gate.contract.toLowerCase(), one.gate.attesters.map(who => who.toLowerCase()), one.options, one.is_mine], ['attestation', schema, contracts.eas, [attester], ['yes', 'no', 'later'], false], 'poll')
  expectEqual((await a.call('polls.list')).polls[0].is_mine, true, 'of A')
})
await check('who is attested votes; who is not is told why', async () => {
  const votes = [[a, 0], [b, 1], [c, 1], [d, 0]]
  for (const [one, choice] of votes) {
    const answer = await one.call('polls.vote', { id: poll, choice: [choice], attestation: uids[one.name] })
    expectEqual(answer.standing, 'counts', `${one.name}: ${JSON.stringify(answer)}`)
  }
  expectEqual(await codeOf(e.call('polls.vote', { id: poll, choice: [1], attestation: uids.e })), 'revoked', 'E')
  expectEqual(await codeOf(e.call('polls.vote', { id: poll, choice: [1], attestation: uids.d })), 'wrong_recipient', "with D's")
  expectEqual(await codeOf(e.call('polls.vote', { id: poll, choice: [1], attestation: ethers.id('none') })), 'no_attestation', 'with none')
  expectEqual(await codeOf(a.call('polls.vote', { id: poll, choice: [3] })), 'bad_choice', 'choice')
  expectEqual(await codeOf(a.call('polls.vote', { id: 'ab'.repeat(32), choice: [0] })), 'no_such_poll', 'poll')
  expectEqual(await codeOf(a.call('polls.close', { id: poll })), 'poll_open', 'close')
})
await check('the attestation that a node found by itself is used without being named', async () => {
  await until('C knows its own', async () => (await c.call('attest.list', { role: 'received' })).attestations.some(one => one.uid === uids.c && one.verdict === 'valid'), 60000, 500)
  await new Promise(done => setTimeout(done, 1100))
  expectEqual((await c.call('polls.vote', { id: poll, choice: [0] })).standing, 'counts', 'C changes its mind')
})
await check("while the poll runs D's attestation is revoked, and others try ballots that are not theirs to cast", async () => {
  await revoke(uids.d)
  expectEqual(await say(a.url, ballot(e, poll, '2', uids.e)), true, 'of E, revoked')
  expectEqual(await say(a.url, ballot(e, poll, '3', uids.d, now() + 1)), true, "of E, with D's")
  await everywhere('all ballots', async (node, tells) => {
    const { result } = await node.call('polls.poll', { id: poll })
    return tells ? result : result.counted + result.replaced + result.refused_count === 7 && result.unproven === 0
  }, 30000)
})
await check('after the closing block late ballots do not count', async () => {
  await until('it closes', async () => (await finalized()) >= closing, FINAL_MS, 500)
  expectEqual(await codeOf(b.call('polls.vote', { id: poll, choice: [0], attestation: uids.b })), 'poll_closed', 'B')
  expectEqual(await say(a.url, ballot(b, poll, '1', uids.b)), true, 'of B, late')
  await everywhere('the late one', async (node, tells) => {
    const { state, result } = await node.call('polls.poll', { id: poll })
    return tells ? [state, result] : state === 'closed' && result.late === 1
  }, 60000)
})
await check('all five count the same, with the same root', async () => {
  const counts = await Promise.all(all.map(one => one.call('polls.count', { id: poll })))
  const [first] = counts
  expectEqual(first.result.options.map(option => [option.label, option.weight, option.ballots]), [['yes', '3', 3], ['no', '1', 1], ['later', '0', 0]], 'options')
  expectEqual([first.result.winner, first.result.counted, first.result.replaced, first.result.late, first.result.unproven, first.is_complete, first.malformed], [0, 4, 1, 1, 0, true, 0], 'counts')
  expectEqual(first.result.refused.map(one => one.why).sort(), ['revoked', 'wrong_recipient'], 'refused')
  for (const one of counts) {
    expectEqual(one.result, first.result, 'result')
    expectEqual([one.closing_s, one.snapshot_s], [first.closing_s, first.snapshot_s], 'times')
  }
  const mine = await Promise.all([d, e].map(async one => (await one.call('polls.poll', { id: poll })).my_ballot))
  expectEqual(mine.map(one => [one.standing, one.why]), [['counts', null], ['refused', 'wrong_recipient']], 'own ballots')
})
await check('the nodes publish their roots by themselves, and each sees that all are the same', async () => {
  await e.call('polls.close', { id: poll })
  await everywhere('roots', async (node, tells) => {
    const { roots } = await node.call('polls.poll', { id: poll })
    return tells ? roots.map(one => [one.author.slice(0, 8), one.same]) : roots.length === 5 && roots.every(one => one.same)
  })
})
await check('a root that differs is shown as such', async () => {
  const content = JSON.stringify({ root: ethers.id('a lie'), counted: 9, closing_block: closing, closing_s: 1 })
  const tags = [['d', `hearth:poll-root:${poll}`], ['e', poll]]
  expectEqual(await say(a.url, finalizeEvent({ kind: 30078, created_at: now() + 5, content, tags }, e.secret)), true, 'taken')
  await everywhere('the lie', async (node, tells) => {
    const { roots } = await node.call('polls.poll', { id: poll })
    const differ = roots.filter(one => !one.same)
    return tells ? roots : differ.length === 1 && differ[0].author === e.key
  }, 30000)
})
await check('a ranked poll that is open to all keys is counted by run-off', async () => {
  const { id } = await b.call('polls.make', { question: 'Which tree?', options: ['oak', 'elm', 'ash'], method: 'ranked', gate: { kind: 'open' }, hours: 1 })
  await everywhere('the poll', async node => (await node.call('polls.list')).polls.some(one => one.id === id), 30000)
  for (const [one, choice] of [[a, [0]], [b, [0, 1]], [c, [1]], [d, [1, 0]], [e, [2, 1]]]) await one.call('polls.vote', { id, choice })
  await everywhere('the count', async (node, tells) => {
    const { result } = await node.call('polls.poll', { id })
    return tells ? result : result.counted === 5 && result.winner === 1 && result.rounds.length === 2 && result.rounds[0].eliminated === 2
  }, 30000)
})
await check('talk is bound to its proposal and comes with what is known of its author', async () => {
  const governor = ethers.getAddress(`0x${'ab'.repeat(20)}`), id = '123456789'
  await a.call('talk.post', { address: governor, id, kind: 'rationale', text: 'Because of the frogs.' })
  await b.call('talk.post', { address: governor, id, kind: 'comment', text: 'Which frogs?' })
  await b.call('talk.post', { address: governor, id: '5', kind: 'comment', text: 'Elsewhere.' })
  await a.call('talk.post', { address: governor, kind: 'statement', text: 'I vote for ponds.' })
  await a.call('talk.post', { address: governor, kind: 'statement', text: 'I vote for all ponds.' })
  await everywhere('talk', async (node, tells) => {
    const { items } = await node.call('talk.list', { address: governor, id })
    const { items: statements } = await node.call('talk.list', { address: governor })
    const found = [items.map(one => [one.kind, one.text, one.address?.toLowerCase()]).sort(), statements.map(one => one.text)]
    const wanted = [[['comment', 'Which frogs?', b.address], ['rationale', 'Because of the frogs.', a.address]], ['I vote for all ponds.']]
    return tells ? found : JSON.stringify(found) === JSON.stringify(wanted)
  }, 30000)
  expectEqual((await a.call('talk.list', { address: governor, id, kind: 'comment' })).items.length, 1, 'by kind')
  expectEqual(await codeOf(a.call('talk.post', { address: governor, kind: 'comment', text: 'x' })), 'bad_talk', 'a comment on nothing')
  expectEqual(await codeOf(a.call('talk.post', { address: governor, id, kind: 'comment', text: ' \n' })), 'empty_talk', 'nothing')
})
await check('votes of snapshot.org are checked, and nobody is asked without consent', async () => {
  const types = { Vote: [['from', 'address'], ['space', 'string'], ['timestamp', 'uint64'], ['proposal', 'bytes32'], ['choice', 'uint32'], ['reason', 'string'], ['app', 'string'], ['metadata', 'string']].map(([name, type]) => ({ name, type })) }
  const domain = { name: 'snapshot', version: '0.1.4' }
  const message = { from: b.wallet.address, space: 'garden.eth', timestamp: now(), proposal: ethers.id('pond'), choice: 1, reason: '', app: 'x', metadata: '{}' }
  const sig = await b.wallet.signTypedData(domain, types, message)
  const envelope = { address: b.wallet.address, sig, data: { domain, types, message } }
  const forged = { ...envelope, data: { domain, types, message: { ...message, choice: 2 } } }
  const { votes, weights } = await a.call('snapshot.read', { text: JSON.stringify([envelope, forged]) })
  expectEqual([votes.map(one => [one.signature, one.code]), votes[0].id, weights], [[['valid', null], ['invalid', 'other_signer']], ethers.TypedDataEncoder.hash(domain, types, message), 'unverified'], 'votes')
  expectEqual(await codeOf(a.call('snapshot.read', { proposal: ethers.id('pond') })), 'needs_consent', 'code')
})
await check('after a kill the count is the same', async () => {
  const before = (await c.call('polls.poll', { id: poll })).result
  c.node.run.child.kill('SIGKILL')
  await c.node.run.ended
  c.node = await Hearth.start({ network, dir: c.node.dir, beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
  c.owner = new Owner(c.node)
  await c.node.live(30000)
  await until('it counts', async () => JSON.stringify((await c.call('polls.poll', { id: poll })).result) === JSON.stringify(before), 60000, 500)
})

for (const one of all) expect((await one.node.stop()) === 0, `${one.name} stopped badly`)
chain.destroy()
await devnet.stop()
await tidy()
results.finish()
process.exit()
