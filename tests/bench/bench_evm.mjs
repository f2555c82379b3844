// The chain that `bench evm` calls: compiles the contracts, makes them on an anvil of its own, and writes what is needed
// to make the same calls elsewhere: block, all accounts with code and storage, calls with their data.
//
//   node tests/bench/bench_evm.mjs FILE
//
// One line {"url"} on standard output when FILE is there; anvil then runs until this ends.
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { ethers } from 'ethers'
import { findAnvil } from '../devnet/anvil.mjs'
import { compile } from '../devnet/solidity.mjs'

const SOURCE = fileURLToPath(new URL('contracts/Loops.sol', import.meta.url))
const GAS_LIMIT = 60_000_000_000
const CHECKPOINTS = 60
const ROUNDS = { arith: 400_000, hash: 400_000, pastVotes: 4000, states: 8000 }

const anvil = spawn(findAnvil(), ['--host', '127.0.0.1', '--port', '0', '--hardfork', 'osaka', '--gas-limit', String(GAS_LIMIT), '--no-cors'],
  { stdio: ['ignore', 'pipe', 'inherit'] })
process.on('exit', () => anvil.kill('SIGKILL'))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(0))
const parent = process.ppid
setInterval(() => process.ppid === parent || process.exit(0), 500)
const port = await new Promise((done, failed) => {
  let said = ''
  anvil.stdout.on('data', text => {
    const found = /Listening on 127\.0\.0\.1:(\d+)/.exec((said = (said + text).slice(-20000)))
    if (found) done(Number(found[1]))
  })
  anvil.once('exit', code => failed(new Error(`anvil ended with ${code}`)))
})
const url = `http://127.0.0.1:${port}`
const chain = new ethers.JsonRpcProvider(url, undefined, { staticNetwork: ethers.Network.from(31337), cacheTimeout: -1, pollingInterval: 20 })

const made = compile('Loops.sol', readFileSync(SOURCE, 'utf8'))
const interfaceOf = name => new ethers.Interface(made[name].abi)
const [sender, other] = await chain.send('eth_accounts', [])
async function send(to, data) {
  const hash = await chain.send('eth_sendTransaction', [{ from: sender, ...(to ? { to } : {}), data, gas: ethers.toQuantity(15_000_000) }])
  let receipt = null
  for (let tries = 0; !receipt && tries < 500; tries++) {
    if (tries > 0) await new Promise(done => setTimeout(done, 10)) // it is mined a moment after it was taken
    receipt = await chain.send('eth_getTransactionReceipt', [hash])
  }
  if (receipt?.status !== '0x1') throw new Error(`a transaction to ${to} failed`)
  return receipt.contractAddress
}
const make = (name, ...args) => send(null, ethers.concat([made[name].bytecode, interfaceOf(name).encodeDeploy(args)]))
const data = (name, method, ...args) => interfaceOf(name).encodeFunctionData(method, args)

const token = await make('Ballots')
const council = await make('Council', token)
const loops = await make('Loops')
await send(token, data('Ballots', 'delegate', sender))
for (let i = 0; i < CHECKPOINTS; i++) await send(token, data('Ballots', 'transfer', other, 1000 + i))
const motion = [[token], [0], ['0x'], 'a motion']
await send(council, data('Council', 'propose', ...motion))
const [proposal] = interfaceOf('Council').decodeFunctionResult('hashProposal',
  await chain.send('eth_call', [{ to: council, data: data('Council', 'hashProposal', ...motion.slice(0, 3), ethers.id(motion[3])) }, 'latest']))
await chain.send('anvil_mine', ['0x4'])

const block = await chain.send('eth_getBlockByNumber', ['latest', false])
const dump = JSON.parse(gunzipSync(Buffer.from((await chain.send('anvil_dumpState', [])).slice(2), 'hex')))
const word = value => ethers.toBeHex(BigInt(value), 32)
writeFileSync(process.argv[2], JSON.stringify({
  url,
  sender,
  block: { number: Number(block.number), timestamp: Number(block.timestamp), gas_limit: Number(block.gasLimit), base_fee: block.baseFeePerGas,
    coinbase: block.miner, prev_randao: block.mixHash, chain_id: 31337 },
  accounts: Object.entries(dump.accounts).map(([address, { nonce, balance, code, storage }]) => ({ address, nonce: Number(nonce), balance: ethers.toQuantity(balance),
    code: code ?? '0x', storage: Object.entries(storage ?? {}).map(([slot, value]) => [word(slot), word(value)]) })),
  calls: {
    evm_arith: { to: loops, data: data('Loops', 'arith', ROUNDS.arith) },
    evm_get_past_votes: { to: loops, data: data('Loops', 'pastVotes', token, sender, Number(block.number) - 3, ROUNDS.pastVotes) },
    evm_governor_state: { to: loops, data: data('Loops', 'states', council, proposal, ROUNDS.states) },
    evm_keccak: { to: loops, data: data('Loops', 'hash', ROUNDS.hash), permutations: ROUNDS.hash },
    evm_cast_vote: { to: council, data: data('Council', 'castVote', proposal, 1) },
  },
}))
console.log(JSON.stringify({ url }))
