// A devnet with contracts of many kinds in use: votes, a governor with proposals in several states, a timelock, roles,
// deeds, goods, a contract behind a proxy. Nothing of it is by chance: the same accounts do the same in the same slots.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ethers } from 'ethers'
import { startDevnet } from '../devnet/devnet.mjs'
import { compile } from '../devnet/solidity.mjs'

const SOURCE = fileURLToPath(new URL('contracts/Town.sol', import.meta.url))
const GAS = 12_000_000n
const ROLES = ['MINTER', 'PROPOSER_ROLE', 'EXECUTOR_ROLE', 'CANCELLER_ROLE']
const ether = ethers.parseEther

// Gives {devnet, chain, accounts, contracts: {name: {address, abi, made}}, proposals: [{args, id, hash}], roles}.
export async function startTown({ history = 120, slotMs = 2000 } = {}) {
  const made = compile('Town.sol', readFileSync(SOURCE, 'utf8'))
  const abi = Object.fromEntries(Object.entries(made).map(([name, one]) => [name, new ethers.Interface(one.abi)]))
  const town = { made, contracts: {}, proposals: [], roles: [ethers.ZeroHash, ...ROLES.map(ethers.id)] }
  const sent = []
  let send = null
  let nonce = 0

  const call = (from, name, method, ...args) => send({ from, to: town.contracts[name].address, data: abi[town.contracts[name].made].encodeFunctionData(method, args) })
  async function make(name, kind, ...args) {
    const address = ethers.getCreateAddress({ from: town.accounts[0], nonce: nonce++ })
    town.contracts[name] = { address, made: kind, abi: abi[kind] }
    await send({ from: town.accounts[0], data: ethers.concat([made[kind].bytecode, abi[kind].encodeDeploy(args)]) })
    return address
  }
  const first = (name, method, ...args) => call(town.accounts[0], name, method, ...args)

  async function found() {
    const [mayor] = town.accounts
    const shares = await make('shares', 'Shares')
    const treasury = await make('treasury', 'Treasury', 2, [mayor], [ethers.ZeroAddress])
    await make('assembly', 'Assembly', shares, treasury)
    await make('deeds', 'Deeds')
    await make('goods', 'Goods')
    const mill = await make('millCode', 'Mill')
    await make('mill', 'Door', mill, abi.Mill.encodeFunctionData('initialize', [mayor]))
    town.contracts.mill.abi = abi.Mill
    town.contracts.mill.made = 'Mill'
  }

  async function settle() {
    const { accounts, contracts } = town
    await first('treasury', 'grantRole', ethers.id('PROPOSER_ROLE'), contracts.assembly.address)
    await first('treasury', 'grantRole', ethers.id('CANCELLER_ROLE'), contracts.assembly.address)
    await first('shares', 'grantRole', ethers.id('MINTER'), contracts.treasury.address)
    for (const [i, account] of accounts.entries()) {
      await first('shares', 'mint', account, ether(String(1000 * (i + 1))))
      await first('deeds', 'mint', account, 100 + i)
      await call(account, 'goods', 'mint', account, i % 4, 50 + i)
      await call(account, 'shares', 'delegate', accounts[i < 5 ? i : i - 5])
      await call(account, 'mill', 'grind', i + 1)
    }
  }

  const motion = (i, title) => {
    const target = town.contracts[i % 2 ? 'shares' : 'goods']
    const data = i % 2 ? abi.Shares.encodeFunctionData('mint', [town.accounts[i % 9], ether('5')]) : abi.Goods.encodeFunctionData('mint', [town.accounts[1], i, 7])
    return { title, args: [[target.address], [0n], [data]], hash: ethers.id(title) }
  }
  const idOf = ({ args, hash }) => BigInt(ethers.keccak256(ethers.AbiCoder.defaultAbiCoder().encode(['address[]', 'uint256[]', 'bytes[]', 'bytes32'], [...args, hash])))

  async function govern(slot) {
    const { accounts, proposals } = town
    if (slot % 10 === 0) {
      const one = motion(proposals.length, `motion ${proposals.length}`)
      proposals.push({ ...one, id: idOf(one), slot })
      await call(accounts[1 + proposals.length % 4], 'assembly', 'propose', ...one.args, one.title)
    }
    for (const [i, one] of proposals.entries()) {
      if (slot === one.slot + 4) for (const k of [0, 2, 3]) await call(accounts[k], 'assembly', 'castVote', one.id, i % 4 === 3 ? 0 : 1)
      if (slot === one.slot + 5 && i % 3 === 1) await call(accounts[6], 'assembly', 'castVoteWithReason', one.id, 2, 'undecided')
      if (slot === one.slot + 15 && i % 4 !== 3 && i % 5 !== 4) await call(accounts[7], 'assembly', 'queue', ...one.args, one.hash)
      if (slot === one.slot + 20 && i % 4 === 1) await call(accounts[8], 'assembly', 'execute', ...one.args, one.hash)
    }
  }

  async function trade(slot) {
    const { accounts } = town
    const [from, to] = [accounts[1 + slot % 9], accounts[1 + (slot * 7 + 3) % 9]]
    await call(from, 'shares', 'transfer', to, ether('1') + BigInt(slot))
    if (slot % 3 === 0) await call(from, 'shares', 'approve', to, ether(String(slot)))
    if (slot % 4 === 0) await call(from, 'deeds', 'setApprovalForAll', to, slot % 8 === 0)
    if (slot % 5 === 0) await call(from, 'goods', 'setApprovalForAll', to, true)
    if (slot % 6 === 0) await call(from, 'mill', 'grind', slot)
    if (slot % 7 === 0) await call(from, 'deeds', 'approve', to, 100 + 1 + slot % 9)
  }

  const onPastSlot = async (slot, anvil) => {
    town.accounts ??= await anvil.rpc('eth_accounts')
    send = async tx => sent.push([slot, await anvil.rpc('eth_sendTransaction', [{ ...tx, gas: ethers.toQuantity(GAS) }])])
    if (slot === 2) await found()
    if (slot === 4) await settle()
    if (slot >= 10 && slot < history - 4) {
      await trade(slot)
      await govern(slot)
    }
  }
  town.devnet = await startDevnet({ preset: 'minimal', slotMs, history, onPastSlot })
  town.chain = new ethers.JsonRpcProvider(town.devnet.rpcUrl, undefined, { staticNetwork: ethers.Network.from(31337), batchMaxCount: 1, cacheTimeout: -1 })
  const receipts = await Promise.all(sent.map(([, hash]) => town.chain.send('eth_getTransactionReceipt', [hash])))
  const failed = receipts.map((receipt, i) => [sent[i][0], receipt]).filter(([, receipt]) => receipt?.status !== '0x1')
  town.sent = sent.length
  town.failed = failed.map(([slot, receipt]) => `${slot}: ${receipt?.to}`)
  town.stop = async () => {
    town.chain.destroy()
    await town.devnet.stop()
  }
  return town
}
