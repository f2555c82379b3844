// Communities of our contracts on a devnet, with ethers and OpenZeppelin as the other side: made by one transaction, their
// settings and rights read back, ballots with keyed nonces in any order, a relay that goes on past a bad ballot, a payment
// decided and made, and one person one vote with an attestation that is revoked. The node makes one as well.
//
//   node tests/system/dao_create.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { readFileSync } from 'node:fs'
import { ethers } from 'ethers'
import { artifacts } from '../devnet/contracts.mjs'
import { startDevnet } from '../devnet/devnet.mjs'
import { compile } from '../devnet/solidity.mjs'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, tidy, until, writeNetwork } from './hearth.mjs'
import { codeOf, Owner } from './wallet_owner.mjs'

const PASSPHRASE = 'a passphrase of the test'
const DEPLOYER = '0x4e59b44847b379578588920cA78FbF26c0B4956C' // CREATE2 by salt and code
const SCHEMA = 'bool isPerson'
const { AbiCoder, ZeroAddress, ZeroHash, id: hashOf } = ethers

const results = counter()
const { check } = results
const ours = JSON.parse(readFileSync(new URL('../../build/governance/contracts_gen.json', import.meta.url)))
const devnet = await startDevnet({ preset: 'minimal', slotMs: 1000, contracts: true })
const network = await writeNetwork(devnet.network)
const chain = new ethers.JsonRpcProvider(devnet.rpcUrl, undefined, { staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1, pollingInterval: 100 })
const { contracts } = devnet.network
const bank = await chain.getSigner(1)
const mined = async transaction => (await (await transaction).wait(1, 30000))
const refusal = promise => promise.then(() => 'taken', error => error.revert?.name ?? error.info?.error?.data?.slice?.(0, 10) ?? error.data?.slice?.(0, 10) ?? error.message)
const at = (address, name, signer = bank) => new ethers.Contract(address, ours[name].abi, signer)
await until('the contracts are there', async () => (await chain.getCode(contracts.eas)) !== '0x', 30000, 200)

const people = Object.fromEntries(['ann', 'ben', 'cid', 'attester', 'stranger'].map(name => [name, ethers.Wallet.createRandom(chain)]))
for (const one of Object.values(people)) await mined(bank.sendTransaction({ to: one.address, value: ethers.parseEther('5') }))
const { ann, ben, cid, attester, stranger } = people

// --- with ethers -----------------------------------------------------------------------------------

const WISHES = { name: 'Garden', votingDelay: 1, votingPeriod: 60, threshold: 1n, quorumPercent: 4n, lateExtension: 15, timelockDelay: 1n }
async function deploy(maker, args, value = 0n) {
  const factory = new ethers.ContractFactory(ours[maker].abi, ours[maker].bytecode, bank)
  const made = await factory.deploy(...args, { value, gasLimit: 16_000_000n })
  const receipt = await made.deploymentTransaction().wait(1, 30000)
  const address = await made.getAddress()
  const [treasury, votes, governor] = await Promise.all([made.treasury(), made.votes(), made.governor()])
  return { receipt, address, treasury, votes, governor }
}
const mint = ethers.parseEther
const holders = [ann.address, ben.address, ZeroAddress]
let garden, governor, token

await check('one transaction makes treasury, token and governor at the addresses that follow from it', async () => {
  garden = await deploy('TokenCommunity', [WISHES, 'Seed', 'SEED', false, holders, [mint('60'), mint('30'), mint('10')]], 7777n)
  const child = nonce => ethers.getCreateAddress({ from: garden.address, nonce })
  expectEqual([garden.treasury, garden.votes, garden.governor], [child(1), child(2), child(3)], 'addresses')
  expect(garden.receipt.gasUsed < 1n << 24n, `${garden.receipt.gasUsed} gas is over EIP-7825`)
  console.log(`     ${garden.receipt.gasUsed} gas`)
  expectEqual(String(await chain.getBalance(garden.treasury)), '7777', 'treasury')
  governor = at(garden.governor, 'CommunityGovernor')
  token = at(garden.votes, 'CommunityToken')
})
await check('its settings are those that were wished', async () => {
  const got = [await governor.name(), await governor.votingDelay(), await governor.votingPeriod(), await governor.proposalThreshold(), await governor['quorumNumerator()'](),
    await governor.lateQuorumVoteExtension(), await governor.timelock(), await governor.token(), await governor.CLOCK_MODE(), await governor.COUNTING_MODE(), await governor.proposalCount()]
  expectEqual(got.map(String), ['Garden', '1', '60', '1', '4', '15', garden.treasury, garden.votes, 'mode=blocknumber&from=default', 'support=bravo,fractional&quorum=for,abstain&params=fractional', '0'], 'settings')
  expectEqual(String(await at(garden.treasury, 'TimelockController').getMinDelay()), '1', 'delay')
})
await check('first holders are their own delegates, the treasury is none', async () => {
  expectEqual([await token.getVotes(ann.address), await token.getVotes(ben.address), await token.getVotes(garden.treasury), await token.balanceOf(garden.treasury)].map(String),
    [mint('60'), mint('30'), 0n, mint('10')].map(String), 'votes')
})
await check('only the treasury administers itself; the governor proposes and cancels; anyone executes', async () => {
  const treasury = at(garden.treasury, 'TimelockController')
  const logs = (await treasury.queryFilter('RoleGranted', garden.receipt.blockNumber)).map(log => [log.args.role, log.args.account])
  expectEqual(logs.sort(), [[ZeroHash, garden.treasury], [hashOf('PROPOSER_ROLE'), garden.governor], [hashOf('CANCELLER_ROLE'), garden.governor], [hashOf('EXECUTOR_ROLE'), ZeroAddress]].sort(), 'every role that was ever given')
  expectEqual((await treasury.queryFilter('RoleRevoked', garden.receipt.blockNumber)).length, 0, 'taken away')
  const grant = treasury.connect(stranger).grantRole(hashOf('PROPOSER_ROLE'), stranger.address, { gasLimit: 200000 })
  expectEqual((await mined(grant).catch(error => error.receipt)).status, 0, 'a stranger gives himself a role')
})
await check('wishes that cannot be kept leave nothing behind', async () => {
  const uneven = deploy('TokenCommunity', [WISHES, 'Seed', 'SEED', false, holders, [1n]])
  expect((await refusal(uneven)) !== 'taken', 'lists of unequal length')
  const none = deploy('TokenCommunity', [{ ...WISHES, votingPeriod: 0 }, 'Seed', 'SEED', false, holders, [1n, 1n, 1n]])
  expect((await refusal(none)) !== 'taken', 'no period')
})

// --- a vote ----------------------------------------------------------------------------------------

const domain = async address => ({ name: await at(address, 'CommunityGovernor').name(), version: '1', chainId: (await chain.getNetwork()).chainId, verifyingContract: address })
// Estimates are made of a block in which a checkpoint may be there already; the next one needs a new one.
const GAS = { gasLimit: 500000 }
const BALLOT = { Ballot: [['uint256', 'proposalId'], ['uint8', 'support'], ['address', 'voter'], ['uint256', 'nonce']].map(([type, name]) => ({ type, name })) }
async function ballot(community, voter, proposalId, support, nonce) {
  const signature = await voter.signTypedData(await domain(community.governor), BALLOT, { proposalId, support, voter: voter.address, nonce })
  return governor.interface.encodeFunctionData('castVoteBySig(uint256,uint8,address,bytes)', [proposalId, support, voter.address, signature])
}
async function propose(community, who, to, value, text) {
  const g = at(community.governor, 'CommunityGovernor', who)
  const receipt = await mined(g['propose(address[],uint256[],bytes[],string)']([to], [value], ['0x'], text))
  const proposalId = receipt.logs.map(log => g.interface.parseLog(log)).find(log => log?.name === 'ProposalCreated').args.proposalId
  await until('it is active', async () => (await g.state(proposalId)) === 1n, 20000, 200)
  return proposalId
}
let first, second, relay

await check('the relay comes to its address on any chain', async () => {
  const code = ours.BallotRelay.bytecode
  relay = ethers.getCreate2Address(DEPLOYER, ZeroHash, ethers.keccak256(code))
  expect((await chain.getCode(DEPLOYER)) !== '0x', 'no deployer on the devnet')
  if ((await chain.getCode(relay)) === '0x') await mined(bank.sendTransaction({ to: DEPLOYER, data: ethers.concat([ZeroHash, code]) }))
  expect((await chain.getCode(relay)) !== '0x', 'no relay')
})
await check('every proposal is listed in storage', async () => {
  first = await propose(garden, ann, stranger.address, 777n, '# Pay the stranger')
  second = await propose(garden, ben, stranger.address, 1n, '# Another one')
  expectEqual(String(await governor.proposalCount()), '2', 'count')
  const [listed, targets, values] = await governor.proposalDetailsAt(1)
  expectEqual([listed, targets[0], values[0]].map(String), [second, stranger.address, 1n].map(String), 'the second')
})
await check('ballots with keyed nonces count in any order, and the relay goes on past a bad one', async () => {
  const keyed = proposalId => (proposalId & ((1n << 192n) - 1n)) << 64n
  const calls = [
    await ballot(garden, ann, second, 0, keyed(second)), // signed for the second proposal, sent before the first
    await ballot(garden, stranger, first, 0, 99n), // a nonce that is not his next
    await ballot(garden, ann, first, 1, keyed(first)),
    await ballot(garden, ben, first, 1, 0n), // the plain nonce still counts
  ]
  const receipt = await mined(at(relay, 'BallotRelay', stranger).relay(garden.governor, calls, 400000n))
  const refused = receipt.logs.filter(log => log.address === relay).map(log => at(relay, 'BallotRelay').interface.parseLog(log).args)
  expectEqual(refused.map(one => [one.governor, Number(one.index), one.reason.slice(0, 10)]), [[garden.governor, 1, governor.interface.getError('GovernorInvalidSignature').selector]], 'refused')
  const [against, pro] = await governor.proposalVotes(first)
  expectEqual([against, pro].map(String), ['0', String(mint('90'))], 'tally')
  expectEqual(String((await governor.proposalVotes(second)).againstVotes), String(mint('60')), 'of the second')
  console.log(`     ${receipt.gasUsed} gas for four ballots`)
})
await check('a ballot that was counted cannot be sent again', async () => {
  const keyed = (first & ((1n << 192n) - 1n)) << 64n
  const receipt = await mined(at(relay, 'BallotRelay', stranger).relay(garden.governor, [await ballot(garden, ann, first, 1, keyed)], 400000n))
  expectEqual(receipt.logs.filter(log => log.address === relay).length, 1, 'refusals')
})
await check('what was decided is queued, waits and is paid by anybody', async () => {
  const before = await chain.getBalance(stranger.address)
  await until('it has succeeded', async () => (await governor.state(first)) === 4n, 90000, 500)
  await mined(at(garden.governor, 'CommunityGovernor', cid)['queue(uint256)'](first))
  expectEqual(String(await governor.state(first)), '5', 'state')
  await new Promise(done => setTimeout(done, 2500))
  await mined(at(garden.governor, 'CommunityGovernor', cid)['execute(uint256)'](first))
  expectEqual([String(await governor.state(first)), String((await chain.getBalance(stranger.address)) - before), String(await chain.getBalance(garden.treasury))], ['7', '777', '7000'], 'state, paid, left')
  expectEqual(String(await governor.state(second)), '3', 'the second is defeated')
})
await check('a community of a token of others, OpenZeppelin as it is, counts by its clock', async () => {
  const text = 'pragma solidity ^0.8.24; import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol"; import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol"; ' +
    'import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol"; contract Other is ERC20Votes { constructor() ERC20("Other", "O") EIP712("Other", "1") { _mint(msg.sender, 100); } ' +
    'function clock() public view override returns (uint48) { return uint48(block.timestamp); } function CLOCK_MODE() public pure override returns (string memory) { return "mode=timestamp"; } }'
  const { Other } = compile('Other.sol', text)
  const other = await (await new ethers.ContractFactory(Other.abi, Other.bytecode, bank).deploy()).waitForDeployment()
  const made = await deploy('HoldersCommunity', [WISHES, await other.getAddress()])
  expectEqual([made.votes, made.governor], [await other.getAddress(), ethers.getCreateAddress({ from: made.address, nonce: 2 })], 'addresses')
  expectEqual(await at(made.governor, 'CommunityGovernor').CLOCK_MODE(), 'mode=timestamp', 'clock')
})

// --- one person, one vote --------------------------------------------------------------------------

const { eas: easArtifact, schemaRegistry } = artifacts()
const eas = new ethers.Contract(contracts.eas, easArtifact.abi, attester)
const schema = ethers.solidityPackedKeccak256(['string', 'address', 'bool'], [SCHEMA, ZeroAddress, true])
async function attest(who, recipient, { schema: of = schema, expirationTime = 0n } = {}) {
  const data = { recipient: recipient.address, expirationTime, revocable: true, refUID: ZeroHash, data: AbiCoder.defaultAbiCoder().encode(['bool'], [true]), value: 0n }
  const receipt = await mined(eas.connect(who).attest({ schema: of, data }))
  return receipt.logs.map(log => eas.interface.parseLog(log)).find(log => log?.name === 'Attested').args.uid
}
let village, members, uids
const failed = async promise => (await mined(promise).catch(error => error.receipt ?? { status: error.message })).status

await check('people are members by attestation, from the beginning or by anyone\'s registering', async () => {
  await mined(new ethers.Contract(contracts.schema_registry, schemaRegistry.abi, bank).register(SCHEMA, ZeroAddress, true))
  uids = { ann: await attest(attester, ann), ben: await attest(attester, ben) }
  village = await deploy('PeopleCommunity', [{ ...WISHES, name: 'Village' }, 'VOTE', true, contracts.eas, schema, [attester.address], [uids.ann]])
  console.log(`     ${village.receipt.gasUsed} gas`)
  members = at(village.votes, 'PeopleRegistry', stranger)
  await mined(members.register(uids.ben, GAS))
  expectEqual([await members.getVotes(ann.address), await members.getVotes(ben.address), await members.totalSupply(), await members.decimals(), await members.CLOCK_MODE(), await members.treasury()].map(String),
    ['1', '1', '2', '0', 'mode=timestamp', village.treasury], 'votes')
})
await check('nobody is a member twice, by a stranger\'s word, another schema, or an attestation that has expired', async () => {
  const again = await attest(attester, ann)
  const own = await attest(stranger, stranger)
  await mined(new ethers.Contract(contracts.schema_registry, schemaRegistry.abi, bank).register('bool other', ZeroAddress, true))
  const other = await attest(attester, cid, { schema: ethers.solidityPackedKeccak256(['string', 'address', 'bool'], ['bool other', ZeroAddress, true]) })
  const short = await attest(attester, cid, { expirationTime: BigInt((await chain.getBlock('latest')).timestamp + 2) })
  await until('it has expired', async () => (await chain.getBlock('latest')).timestamp > (await eas.getAttestation(short)).expirationTime, 20000, 200)
  for (const uid of [again, uids.ann, own, other, short, ZeroHash, hashOf('nothing')]) expectEqual(await failed(members.register(uid, GAS)), 0, uid)
  const many = await mined(members.registerMany([own, short], GAS))
  expectEqual([many.status, String(await members.totalSupply())], [1, '2'], 'members')
})
await check('a vote cannot be given away, only delegated', async () => {
  expectEqual(await failed(members.connect(ann).transfer(cid.address, 1n, { gasLimit: 200000 })), 0, 'transfer')
  await mined(members.connect(ben).delegate(ann.address, GAS))
  expectEqual(String(await members.getVotes(ann.address)), '2', 'votes')
  await mined(members.connect(ben).delegate(ben.address, GAS))
})
await check('a valid member cannot be struck; whose attestation is revoked can, by anyone', async () => {
  expectEqual([await failed(members.strike(ann.address, { gasLimit: 200000 })), await members.canStrike(ann.address)], [0, false], 'while valid')
  await mined(eas.revoke({ schema, data: { uid: uids.ann, value: 0n } }))
  expectEqual(await members.canStrike(ann.address), true, 'can strike')
  await mined(members.strike(ann.address, GAS))
  expectEqual([await members.getVotes(ann.address), await members.balanceOf(ann.address), await members.totalSupply(), await members.attestationOf(ann.address)].map(String), ['0', '0', '1', ZeroHash], 'after')
  expectEqual(await failed(members.register(uids.ann, { gasLimit: 400000 })), 0, 'the revoked one again')
})
await check('only the community itself names attesters', async () => {
  expectEqual(await failed(members.setAttester(stranger.address, true, { gasLimit: 100000 })), 0, 'a stranger')
  expectEqual(await failed(members.connect(attester).setAttester(stranger.address, true, { gasLimit: 100000 })), 0, 'an attester')
})
await check('whoever was a member when the vote began votes once, with one vote', async () => {
  const g = at(village.governor, 'CommunityGovernor')
  const proposalId = await propose(village, ben, stranger.address, 0n, 'Something')
  await mined(members.register(await attest(attester, cid), GAS))
  await mined(g.connect(cid).castVote(proposalId, 0, { gasLimit: 300000 })).catch(() => {})
  await mined(g.connect(ben).castVote(proposalId, 1))
  expectEqual(await failed(g.connect(ben).castVote(proposalId, 1, { gasLimit: 300000 })), 0, 'twice')
  const { againstVotes, forVotes } = await g.proposalVotes(proposalId)
  expectEqual([againstVotes, forVotes].map(String), ['0', '1'], 'tally')
})

// --- by the node -----------------------------------------------------------------------------------

const mnemonic = ethers.Wallet.createRandom()
await mined(bank.sendTransaction({ to: mnemonic.address, value: ethers.parseEther('5') }))
const node = await Hearth.start({ network, dir: await dataDir('dao_create'), beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
await node.live(30000)
const owner = new Owner(node)
await owner.create(PASSPHRASE)
await owner.import('mnemonic', [mnemonic.mnemonic.phrase], { words: 12 })
const account = mnemonic.address
const seen = new ethers.JsonRpcProvider(`${node.origin}/eth`, undefined, { staticNetwork: true, cacheTimeout: -1 })
await until('the node has proven the balance', async () => (await seen.getBalance(account)) > 0n, 30000, 300)
seen.destroy()
const wishes = { account, name: 'Orchard', kind: 'token', voting_delay: 1, voting_period: 30, quorum_percent: 10, threshold: '1', timelock_delay_s: 1, treasury_wei: '4242',
  token: { name: 'Apple', symbol: 'APL', holders: [{ address: account, amount: String(mint('5')) }, { treasury: true, amount: String(mint('5')) }] } }
let made

await check('the node refuses wishes that would leave a community unable to decide', async () => {
  expectEqual(await codeOf(owner.call('dao.create', { ...wishes, quorum_percent: 51 })), 'wish_quorum', 'quorum')
  expectEqual(await codeOf(owner.call('dao.create', { ...wishes, threshold: String(mint('6')) })), 'wish_threshold', 'threshold')
  expectEqual(await codeOf(owner.call('dao.create', { ...wishes, voting_period: 0 })), 'wish_span', 'period')
})
await check('the node creates one by the owner\'s transaction and proves that it is there', async () => {
  const { result, item } = await owner.approved('dao.create', wishes)
  expect(JSON.stringify(item).includes('Orchard'), 'the queue does not say what is created')
  expectEqual([result.steps[0].state, result.community], ['now', null], 'at first')
  made = await until('it is there', async () => {
    const now = await owner.call('dao.created', { id: result.id })
    expect(!now.error, now.error)
    return now.community && now
  }, 60000, 300)
  expectEqual([await at(made.community, 'CommunityGovernor').name(), await at(made.community, 'CommunityGovernor').timelock(), await at(made.votes, 'CommunityToken').symbol(), String(await chain.getBalance(made.treasury))],
    ['Orchard', made.treasury, 'APL', '4242'], 'on the chain')
})
await check('after a kill it is still known, and becomes final', async () => {
  node.run.child.kill('SIGKILL')
  await node.run.ended
  const again = await Hearth.start({ network, dir: node.dir, beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
  await again.live(30000)
  const after = new Owner(again)
  const final = await until(async () => `it is final: ${JSON.stringify([await after.call('dao.created', { id: made.id }), await again.status()])}`, async () => {
    const now = await after.call('dao.created', { id: made.id })
    return now.is_final && now
  }, 90000, 500)
  expectEqual([final.community, final.steps.map(step => step.state)], [made.community, ['done', 'done', 'done']], 'final')
  await again.stop()
})

chain.destroy()
await devnet.stop()
await tidy()
results.finish()
process.exit()
