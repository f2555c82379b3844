// Acting in a community of our contracts, through a node and its owner's queue: power and its warnings, delegating by
// transaction and by signature, proposing from templates, voting by transaction, by signed ballots of the owner's and of
// others (ethers signs), ballots relayed one by one and in one transaction, what is refused and why, queue and execute.
//
//   node tests/system/dao_act.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { readFileSync } from 'node:fs'
import { ethers } from 'ethers'
import { finalizeEvent, generateSecretKey, getPublicKey, nip19 } from 'nostr-tools'
import WebSocket from 'ws'
import { startDevnet } from '../devnet/devnet.mjs'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, tidy, until, writeNetwork } from './hearth.mjs'
import { codeOf, Owner } from './wallet_owner.mjs'

const PASSPHRASE = 'a passphrase of the test'
const { ZeroAddress } = ethers
const mint = ethers.parseEther

const results = counter()
const { check } = results
const ours = JSON.parse(readFileSync(new URL('../../build/governance/contracts_gen.json', import.meta.url)))
const devnet = await startDevnet({ preset: 'minimal', slotMs: 1000, contracts: true })
const network = await writeNetwork(devnet.network)
const chain = new ethers.JsonRpcProvider(devnet.rpcUrl, undefined, { staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1, pollingInterval: 100 })
const bank = await chain.getSigner(1)
const mined = async transaction => (await (await transaction).wait(1, 30000))
const at = (address, name, signer = bank) => new ethers.Contract(address, ours[name].abi, signer)
await until('the contracts are there', async () => (await chain.getCode(devnet.network.contracts.eas)) !== '0x', 30000, 200)

// The node's own accounts, and others who are known to ethers alone.
const ada = ethers.Wallet.createRandom()
const dot = ethers.Wallet.createRandom()
const ben = ethers.Wallet.createRandom(chain)
const cid = ethers.Wallet.createRandom(chain)
const eve = ethers.Wallet.createRandom(chain)
for (const one of [ada, dot, ben, cid, eve]) await mined(bank.sendTransaction({ to: one.address, value: mint('5') }))

const WISHES = { name: 'Garden', votingDelay: 4, votingPeriod: 90, threshold: 1n, quorumPercent: 4n, lateExtension: 15, timelockDelay: 1n }
const factory = new ethers.ContractFactory(ours.TokenCommunity.abi, ours.TokenCommunity.bytecode, bank)
const maker = await factory.deploy(WISHES, 'Seed', 'SEED', false, [ada.address, ben.address, cid.address, ZeroAddress], [mint('60'), mint('30'), mint('10'), mint('10')], { value: 7777n, gasLimit: 16_000_000n })
await mined(maker.deploymentTransaction())
const [treasury, votes, address] = await Promise.all([maker.treasury(), maker.votes(), maker.governor()])
const governor = at(address, 'CommunityGovernor')
const token = at(votes, 'CommunityToken')
await mined(token.connect(ben).transfer(dot.address, mint('1'))) // she holds, and has delegated to nobody

const node = await Hearth.start({ network, dir: await dataDir('dao_act'), beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
await node.live(30000)
const owner = new Owner(node)
await owner.create(PASSPHRASE)
await owner.import('mnemonic', [ada.mnemonic.phrase], { words: 12 })
await owner.import('raw', [dot.privateKey.slice(2)])

// The owner's voice in the feeds, and a friend whose relay traffic brings ballots of others.
const voice = generateSecretKey(), friend = generateSecretKey()
await owner.import('nsec', [nip19.nsecEncode(voice)])
await until('the key is known', async () => (await node.call('social.me')).pubkey === getPublicKey(voice))
await owner.call('social.follow', { pubkey: nip19.npubEncode(getPublicKey(friend)), on: true })
const say = async event => {
  const { url } = await node.call('node.door')
  return new Promise((done, failed) => {
    const socket = new WebSocket(url)
    socket.on('open', () => socket.send(JSON.stringify(['EVENT', event])))
    socket.on('error', failed)
    socket.on('message', data => {
      const message = JSON.parse(data)
      if (message[0] === 'OK') { socket.close(); done(message[2]) }
    })
  })
}
const head = () => chain.getBlockNumber()
const caughtUp = async () => {
  const wanted = await head()
  await until(`the node has block ${wanted}`, async () => (await owner.call('dao.power', { address, account: ada.address })).as_of.number >= wanted, 20000, 200)
}
const settled = async hash => {
  const receipt = await until(`${hash} is in a block`, () => chain.getTransactionReceipt(hash), 30000, 200)
  expectEqual(receipt.status, 1, 'status')
  await caughtUp()
  return receipt
}
const approve = async (method, params) => {
  const { result, item } = await owner.approved(method, params)
  return { ...result, item }
}

await check('the community is followed', async () => {
  const { community } = await owner.call('dao.add', { address })
  expectEqual(community.kind.startsWith('OpenZeppelin'), true, JSON.stringify(community))
  await caughtUp()
})
await check('power tells who has not delegated, and what cannot be taken back', async () => {
  const power = await owner.call('dao.power', { address, account: dot.address })
  expectEqual([power.balance, power.votes_now, power.warnings[0].code], [String(mint('1')), '0', 'not_delegated'], 'power')
  const own = await owner.call('dao.power', { address, account: ada.address, at: (await head()) - 2 })
  expectEqual([own.votes_at, own.votes_at_provenance, own.ballots], [String(mint('60')), 'proven', '5'], 'own')
})

let proposal
const action = { kind: 'pay_ether', to: eve.address, wei: '777' }
await check('a preview has the id, the words and what would happen', async () => {
  const preview = await owner.call('dao.preview', { address, account: ada.address, actions: [action], description: '# Pay Eve' })
  const id = await governor['hashProposal'](([eve.address]), [777n], ['0x'], ethers.id('# Pay Eve'))
  expectEqual(preview.id, String(id), 'id')
  expectEqual([preview.executor, preview.simulation.results[0].status, preview.propose.would_fail], [treasury, 'success', null], JSON.stringify(preview))
  const poor = await owner.call('dao.preview', { address, account: dot.address, actions: [{ ...action, wei: '8888' }], description: 'x' })
  expect(poor.propose.would_fail, 'a proposer below the threshold')
  expectEqual([poor.treasury.is_enough, poor.treasury.wei, poor.treasury.needed], [false, '7777', '8888'], 'more than the treasury has')
})
await check('a proposal is made by the owner\'s transaction', async () => {
  const made = await approve('dao.propose', { address, account: ada.address, actions: [action], description: '# Pay Eve' })
  expect(JSON.stringify(made.item.explain.rows[0]).includes('Pay Eve'), JSON.stringify(made.item.explain.rows))
  await settled(made.hash)
  proposal = made.id
  expectEqual(String(await governor.proposalSnapshot(proposal)) !== '0', true, 'there')
  await until('the node knows it', async () => (await owner.call('dao.proposals', { address })).proposals.some(one => one.id === proposal), 30000, 500)
})
const vote = (account, more) => ({ address, id: proposal, account: account.address, ...more })
await check('a vote before the window is refused with when it begins', async () => {
  const state = await governor.state(proposal)
  if (state !== 0n) return
  expectEqual(await codeOf(owner.call('dao.vote', vote(ada, { support: 'for' }))), 'not_active', 'before')
})
await until('it is active', async () => (await governor.state(proposal)) === 1n, 30000, 200)
await caughtUp()
await check('tokens that were delegated to nobody do not vote, and the reason is said', async () => {
  expectEqual(await codeOf(owner.call('dao.vote', vote(dot, { support: 'for' }))), 'not_delegated', 'dot')
})
await check('an account without power does not vote', async () => {
  const stranger = await codeOf(owner.call('dao.vote', vote(eve, { support: 'for' })))
  expectEqual(stranger, 'zero_weight', 'eve')
})
await check('nonsense is refused by its name', async () => {
  expectEqual(await codeOf(owner.call('dao.vote', vote(ada, { support: 3 }))), 'bad_support', 'support')
  expectEqual(await codeOf(owner.call('dao.vote', vote(ada, { support: 1, by: 'pigeon' }))), 'bad_by', 'by')
  expectEqual(await codeOf(owner.call('dao.vote', vote(ada, { split: [String(mint('60')), '1', '0'] }))), 'bad_split', 'split')
  expectEqual(await codeOf(owner.call('dao.vote', { ...vote(ada, { support: 1 }), id: '5' })), 'no_such_proposal', 'id')
})
await check('delegating by a transaction is proven afterwards', async () => {
  const { hash } = await approve('dao.delegate', { address, account: dot.address, to: dot.address, by: 'transaction' })
  await settled(hash)
  const power = await owner.call('dao.power', { address, account: dot.address })
  expectEqual([power.votes_now, power.delegate], [String(mint('1')), dot.address], 'power')
  expectEqual(await codeOf(owner.call('dao.delegate', { address, account: dot.address, to: dot.address })), 'has_delegated', 'again')
})
await check('a signed delegation is sent by another account', async () => {
  const signed = await approve('dao.delegate', { address, account: dot.address, to: ada.address, by: 'signature' })
  const looked = async delegation => owner.call('dao.delegation', { delegation })
  const why = async delegation => { const { state, why } = await looked(delegation); return [state, why?.code] }
  const good = await looked(signed.delegation)
  expectEqual([good.state, good.why, good.delegator, good.to, good.community, good.symbol, good.balance, good.delegate_now, good.nonce, good.next_nonce, good.nonce_provenance],
    ['good', null, dot.address, ada.address, address, 'SEED', String(mint('1')), dot.address, '0', '0', 'proven'], JSON.stringify(good))
  const { domain, ...rest } = signed.delegation
  expectEqual(await why({ ...rest, domain: { ...domain, chain_id: 1 } }), ['bad', 'wrong_chain'], 'another chain')
  expectEqual(await why({ ...signed.delegation, delegatee: eve.address }), ['bad', 'bad_signature'], 'altered')
  const DELEGATION = { Delegation: [['address', 'delegatee'], ['uint256', 'nonce'], ['uint256', 'expiry']].map(([type, name]) => ({ type, name })) }
  const bens = async (nonce, expiry, more = {}) => ({ ...rest, domain: { ...domain, ...more }, voter: ben.address, delegatee: ada.address, nonce: String(nonce), expiry: String(expiry),
    signature: await ben.signTypedData({ name: more.name ?? domain.name, version: domain.version, chainId: domain.chain_id, verifyingContract: domain.contract }, DELEGATION, { delegatee: ada.address, nonce, expiry }) })
  const late = 2n ** 40n
  expectEqual(await why(await bens(0n, 1n)), ['bad', 'expired'], 'expired')
  expectEqual(await why(await bens(1n, late)), ['bad', 'nonce_early'], 'a later nonce')
  expectEqual(await why(await bens(0n, late, { name: 'Seeds' })), ['bad', 'wrong_domain'], 'another contract\'s')
  expectEqual(await codeOf(owner.call('dao.delegate', { delegation: await bens(0n, 1n), account: ada.address })), 'expired', 'sending it')
  const { hash } = await approve('dao.delegate', { delegation: signed.delegation, account: ada.address })
  await settled(hash)
  expectEqual(await token.delegates(dot.address), ada.address, 'delegate')
  expectEqual(await codeOf(owner.call('dao.delegate', { delegation: signed.delegation, account: ada.address })), 'has_delegated', 'again')
  expectEqual(await why(signed.delegation), ['bad', 'nonce_used'], 'used')
})

// --- ballots ---------------------------------------------------------------------------------------

const domain = { name: 'Garden', version: '1', chainId: (await chain.getNetwork()).chainId, verifyingContract: address }
const types = fields => fields.map(([type, name]) => ({ type, name }))
const BALLOT = { Ballot: types([['uint256', 'proposalId'], ['uint8', 'support'], ['address', 'voter'], ['uint256', 'nonce']]) }
const keyed = id => (BigInt(id) & ((1n << 192n) - 1n)) << 64n
let own
await check('a signed ballot is good, public, and told so', async () => {
  const made = await approve('dao.vote', vote(ada, { support: 'for', reason: 'for the trees', by: 'ballot' }))
  expect(made.public.includes('public'), 'not told')
  expectEqual([made.ballot.form, made.ballot.nonce], ['5-extended', String(keyed(proposal))], 'ballot')
  const { ballots } = await owner.call('dao.ballots', { address, id: proposal })
  expectEqual(ballots.map(one => [one.voter, one.support, one.weight, one.weight_provenance, one.state, one.reason, one.is_ours]),
    [[ada.address, 1, String(mint('60')), 'proven', 'good', 'for the trees', true]], 'ballots')
  own = ballots[0].id
})
await check('a ballot that others signed is taken when all of it holds', async () => {
  const signature = await ben.signTypedData(domain, BALLOT, { proposalId: proposal, support: 0, voter: ben.address, nonce: keyed(proposal) })
  const made = await owner.call('dao.vote', vote(ada, { support: 'against', by: 'ballot', voter: ben.address, signature }))
  expectEqual([made.ballot.voter, typeof made.event_id], [ben.address, 'string'], 'voter')
  const wrong = await eve.signTypedData(domain, BALLOT, { proposalId: proposal, support: 0, voter: cid.address, nonce: keyed(proposal) })
  expectEqual(await codeOf(owner.call('dao.vote', vote(ada, { support: 'against', by: 'ballot', voter: cid.address, signature: wrong }))), 'bad_signature', 'somebody else')
  expectEqual(await codeOf(owner.call('dao.vote', vote(ada, { support: 'against', by: 'ballot', voter: eve.address, signature: wrong }))), 'zero_weight', 'without power')
})
const heard = async (voter, content) => {
  const governorOf = address.toLowerCase(), chainId = Number(domain.chainId)
  const tags = [['d', `hearth:ballot:${chainId}:${governorOf}:${proposal}:${voter.address.toLowerCase()}`], ['t', `hearth:ballots:${chainId}:${governorOf}:${proposal}`]]
  return say(finalizeEvent({ kind: 30078, created_at: Math.floor(Date.now() / 1000), tags, content: JSON.stringify(content) }, friend))
}
const shown = async () => (await owner.call('dao.ballots', { address, id: proposal })).ballots
const travelling = async (voter, nonce, more = {}) => ({ form: '5', domain: { name: domain.name, version: '1', chain_id: Number(domain.chainId), contract: address }, proposal: String(proposal), support: 1, voter: voter.address, nonce: String(nonce),
  signature: await voter.signTypedData(domain, BALLOT, { proposalId: proposal, support: 1, voter: voter.address, nonce }), ...more })
await check('a friend\'s event brings a ballot, and what does not hold stays out', async () => {
  const good = await travelling(cid, keyed(proposal))
  expectEqual(await heard(cid, { ...good, domain: { ...good.domain, chain_id: 1 } }), true, 'another chain is stored')
  await heard(cid, { ...good, domain: { ...good.domain, name: 'Gardens' } })
  await heard(cid, { ...good, support: 0 })
  await heard(eve, await travelling(eve, keyed(proposal)))
  await heard(cid, { form: '5' })
  await new Promise(done => setTimeout(done, 1500))
  expectEqual((await shown()).map(one => one.voter), [ada.address, ben.address], 'before')
  expectEqual(await heard(cid, await travelling(cid, keyed(proposal) + 1n)), true, 'a later nonce')
  await until('it waits', async () => (await shown()).find(one => one.voter === cid.address)?.state === 'waits', 10000, 300)
})
await check('after a kill the ballots are there', async () => {
  node.run.child.kill('SIGKILL')
  await node.run.ended
  const again = await Hearth.start({ network, dir: node.dir, beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
  Object.assign(node, again)
  await again.live(30000)
  owner.node = again
  await owner.unlock(PASSPHRASE)
  const list = await until('the ballots are good again', async () => {
    const { ballots } = await owner.call('dao.ballots', { address, id: proposal })
    return ballots.length === 3 && ballots.filter(one => one.state === 'good').length === 2 && ballots
  }, 30000, 500)
  expectEqual(list.map(one => one.voter), [ada.address, ben.address, cid.address], 'most power first')
})
await check('one ballot is relayed by itself, at the relayer\'s cost', async () => {
  const sent = await approve('dao.relay', { address, id: proposal, ballots: [own], account: dot.address })
  expectEqual([sent.by, sent.relayed], ['single', [own]], 'relayed')
  await settled(sent.hash)
  expectEqual((await governor.proposalVotes(proposal)).map(String), ['0', String(mint('60')), '0'], 'tally')
  const { ballots } = await owner.call('dao.ballots', { address, id: proposal })
  expectEqual(ballots.find(one => one.id === own).state, 'used', 'state')
  expectEqual(await codeOf(owner.call('dao.relay', { address, id: proposal, ballots: [own], account: dot.address })), 'none_good', 'again')
  expectEqual(await codeOf(owner.call('dao.vote', vote(ada, { support: 'against' }))), 'has_voted', 'a second vote')
})
await check('the relay contract is put there and takes what is left in one transaction', async () => {
  const second = await cid.signTypedData(domain, BALLOT, { proposalId: proposal, support: 1, voter: cid.address, nonce: keyed(proposal) })
  await owner.call('dao.vote', vote(ada, { support: 'for', by: 'ballot', voter: cid.address, signature: second }))
  const { ballots, relay } = await owner.call('dao.ballots', { address, id: proposal })
  const ids = ballots.map(one => one.id)
  expectEqual([ids.length, ballots.at(-1).state], [3, 'good'], 'ballots')
  if (!relay.is_there) {
    const deployed = await approve('dao.relay', { address, id: proposal, ballots: ids, account: dot.address, deploy: true })
    expectEqual(deployed.by, 'deploy', 'by')
    await settled(deployed.hash)
  }
  const sent = await approve('dao.relay', { address, id: proposal, ballots: ids, account: dot.address })
  expectEqual([sent.by, sent.relayed.length, sent.dropped.map(one => one.id)], ['batch', 2, [own]], JSON.stringify(sent))
  const receipt = await settled(sent.hash)
  expectEqual(receipt.to, relay.address, 'to')
  expectEqual((await governor.proposalVotes(proposal)).map(String), [String(mint('29')), String(mint('70')), '0'], 'tally')
})

// --- to the end ------------------------------------------------------------------------------------

await check('queue and execute wait for their time', async () => {
  expectEqual(await codeOf(owner.call('dao.queue', { address, id: proposal, account: dot.address })), 'not_succeeded', 'while it is active')
  expectEqual(await codeOf(owner.call('dao.execute', { address, id: proposal, account: dot.address })), 'not_queued', 'not queued')
  await until('it has succeeded', async () => (await governor.state(proposal)) === 4n, 150000, 1000)
  await caughtUp()
  const before = await chain.getBalance(eve.address)
  await settled((await approve('dao.queue', { address, id: proposal, account: dot.address })).hash)
  await new Promise(done => setTimeout(done, 2500))
  await caughtUp()
  await settled((await approve('dao.execute', { address, id: proposal, account: dot.address })).hash)
  expectEqual(String((await chain.getBalance(eve.address)) - before), '777', 'paid')
  expectEqual(await codeOf(owner.call('dao.cancel', { address, id: proposal, account: ada.address })), 'is_over', 'cancel')
})

await check('who holds roles of a treasury of ours is proven to be all', async () => {
  const { power } = await owner.call('dao.community', { address })
  const roles = Object.fromEntries(Object.entries(power.timelock_roles).map(([role, list]) => [role, list.map(one => [one.address, one.provenance])]))
  expectEqual(roles, { DEFAULT_ADMIN: [[treasury, 'proven']], PROPOSER: [[address, 'proven']], EXECUTOR: [[ZeroAddress, 'proven']], CANCELLER: [[address, 'proven']], TIMELOCK_ADMIN: [] }, JSON.stringify(power))
  expectEqual([power.are_roles_complete, power.notes.filter(note => /not proven to be all/.test(note))], [true, []], JSON.stringify(power.notes))
})
await check('the same code put there by other means has roles that nobody can count', async () => {
  const lock = await new ethers.ContractFactory(ours.TimelockController.abi, ours.TimelockController.bytecode, bank).deploy(1n, [eve.address], [ZeroAddress], ZeroAddress)
  const other = await new ethers.ContractFactory(ours.CommunityGovernor.abi, ours.CommunityGovernor.bytecode, bank).deploy(votes, await lock.getAddress(), WISHES, { gasLimit: 12_000_000n })
  await mined(other.deploymentTransaction())
  await caughtUp()
  const { community } = await owner.call('dao.add', { address: await other.getAddress() })
  expectEqual(community.profile, 'known', community.why)
  const { power } = await owner.call('dao.community', { address: await other.getAddress() })
  expectEqual([power.are_roles_complete, power.notes.some(note => /not proven to be all/.test(note)), power.timelock_roles.PROPOSER.map(one => one.address)], [false, true, [eve.address]], JSON.stringify(power))
})

await node.stop()
chain.destroy()
await devnet.stop()
await tidy()
results.finish()
process.exit()
