// What the review sheet says that a transaction would do, against what the chain then does.
//
//   node tests/system/effects.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { ethers } from 'ethers'
import { startDevnet } from '../devnet/devnet.mjs'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, tidy, until, writeNetwork } from './hearth.mjs'
import { firstRun } from './wallet_owner.mjs'
import { ERC20, tokenCode } from './wallet_token.mjs'

const { check, ...results } = counter()
const devnet = await startDevnet({ preset: 'minimal', slotMs: 1000 })
const chain = new ethers.JsonRpcProvider(devnet.rpcUrl, undefined, { staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1 })
const network = await writeNetwork(devnet.network)
const node = await Hearth.start({ network, dir: await dataDir('effects'), beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
await node.live(15000)
const words = ethers.Mnemonic.fromEntropy(ethers.randomBytes(16)).phrase
const { owner, account } = await firstRun(node, 'a passphrase of the test', words)
const to = ethers.Wallet.createRandom().address
const mined = hash => chain.waitForTransaction(hash, 1, 20000)
const seen = address => until(`the node sees ${address}`, () => owner.call('wallet.balances', { address }).then(({ ether }) => BigInt(ether.balance) > 0n, () => false), 20000, 200)

// Asks, waits until it was run, and decides; {item, effects, result}.
async function review(params, approve = true) {
  const pending = owner.call('wallet.send', { from: account.address, ...params })
  pending.catch(() => {})
  await Promise.race([owner.waiting('transaction'), pending.then(() => { throw new Error('it was answered without a decision') })])
  const item = await until('it was run', async () => {
    const [one] = await owner.queue()
    return one.effects.state !== 'running' && one
  }, 15000, 20)
  const began = item.effects
  await owner.decide(item, approve)
  return { item, effects: began, result: approve ? await pending : null }
}
const moved = list => list.map(({ what, amount, unit, told_by_contract: isTold }) => [what, amount, unit, isTold])

await (await (await chain.getSigner(0)).sendTransaction({ to: account.address, value: ethers.parseEther('100') })).wait()
await seen(account.address)

await check('ether that is sent leaves, with a fee that the chain does not exceed', async () => {
  const { item, effects, result } = await review({ to, value: String(ethers.parseEther('1.5')) })
  expectEqual([effects.state, effects.why, effects.reverts], ['done', null, null], 'state')
  expectEqual(moved(effects.leaves)[0], ['ether', '1.5', 'ETH', false], 'leaves')
  expectEqual(effects.leaves[0].to, to, 'to')
  expectEqual([effects.arrives, effects.approvals, effects.gas_used], [[], [], 21000], 'nothing else')
  expectEqual([effects.provenance.verdict, item.explain.is_red], ['proven', false], 'verdict')
  const receipt = await mined(result.hash)
  expect(receipt.fee <= BigInt(effects.leaves[1].raw), `fee ${receipt.fee}, said ${effects.leaves[1].raw}`)
})

let token
await check('a contract that is made is run, and takes the gas that was said', async () => {
  const { effects, result } = await review({ data: tokenCode(10n ** 24n), gas: 500000 })
  expectEqual([effects.state, effects.reverts], ['done', null], 'state')
  const receipt = await mined(result.hash)
  token = receipt.contractAddress
  expectEqual(effects.gas_used, Number(receipt.gasUsed), 'gas')
  await until('the token can be added', async () => owner.call('wallet.add_token', { token, symbol: 'HRT', decimals: 18 }).then(() => true, () => false), 20000, 300)
})

await check('tokens leave as their contract tells, at a proven block', async () => {
  const { effects, result } = await review({ to: token, data: ERC20.encodeFunctionData('transfer', [to, 25n * 10n ** 17n]), gas: 100000 })
  const receipt = await mined(result.hash)
  const tokens = effects.leaves.find(row => row.what === 'token')
  expectEqual([tokens?.amount, tokens?.unit, tokens?.to, tokens?.token, tokens?.told_by_contract], ['2.5', 'HRT', to, token, true], 'token')
  expectEqual([effects.gas_used, receipt.logs.length], [Number(receipt.gasUsed), 1], 'gas and logs')
  const block = await chain.getBlock(effects.block.number)
  expectEqual(effects.block.hash, block.hash, 'block')
})

await check('what would fail is said so, in red, before it is decided', async () => {
  const { item, effects } = await review({ to: token, data: ERC20.encodeFunctionData('transfer', [to, 10n ** 30n]), gas: 100000 }, false)
  expectEqual([effects.state, typeof effects.reverts], ['done', 'string'], 'state')
  expectEqual([item.explain.is_red, item.explain.warnings[0].level, item.explain.warnings[0].code], [true, 'danger', 'would_fail'], 'warning')
  expectEqual(effects.leaves.map(row => row.what), ['fee'], 'leaves')
})

await check('what waits is run again with later heads', async () => {
  const pending = owner.call('wallet.send', { from: account.address, to, value: '1' })
  pending.catch(() => {})
  await owner.waiting('transaction')
  const done = async () => {
    const [one] = await owner.queue()
    return one.effects.state === 'done' && one
  }
  const first = await until('it was run', done, 15000, 50)
  const later = await until('it was run again', async () => {
    const one = await done()
    return one && one.effects.block.number > first.effects.block.number && one
  }, 30000, 200)
  expect(later.effects.block.number >= first.effects.block.number + 8, `blocks ${first.effects.block.number} and ${later.effects.block.number}, a second each`)
  await owner.decide(later, false)
})

await node.stop()
chain.destroy()
await devnet.stop()
await tidy()
results.finish()
process.exit()
