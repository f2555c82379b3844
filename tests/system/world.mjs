// A chain with something in it: a devnet whose past has contracts, payments, logs of several contracts and blocks of
// several transactions, so that old blocks, complete logs and proofs of many kinds can be asked for.
import { ethers } from 'ethers'
import { startDevnet } from '../devnet/devnet.mjs'

export const HISTORY_CONTRACT = '0x0000f90827f1c53a10cb7a02335b175320002935' // EIP-2935
export const EVENTS = new ethers.Interface([
  'event Stored(uint256 indexed key, uint256 value)',
  'event Touched()',
])
const MADE_AT = 2
const FIRST_CALLS = 4
const EVERY = 8

export const word = n => ethers.zeroPadValue(ethers.toBeHex(n), 32)
export const quantity = n => ethers.toQuantity(n)
// Anvil gives the price of blobs with every receipt; the specification with those of blob transactions alone.
export const receiptOf = receipt => receipt && { ...receipt.toJSON(), blobGasPrice: null, blobGasUsed: null }

// Code that stores calldata's second word in the slot named by the first, and logs Stored(first, second) and Touched().
function runtimeCode() {
  const { topicHash: stored } = EVENTS.getEvent('Stored')
  const { topicHash: touched } = EVENTS.getEvent('Touched')
  return '602035600052' + '602035600035' + '55' + '600035' + '7f' + stored.slice(2) + '60206000a2' +
    '7f' + touched.slice(2) + '60006000a1' + '00'
}

// Copies what follows it into memory and returns it as the code.
function initCode(runtime) {
  const length = (runtime.length / 2).toString(16).padStart(2, '0')
  return `0x60${length}80600b6000396000f3${runtime}`
}

// Gives {devnet, chain (ethers at anvil), accounts, contracts: [two], poor (paid once), calls: slots of the storage that
// are set, blocks: numbers of blocks with several transactions}.
export async function startWorld({ history = 600, slotMs = 1000, ...options } = {}) {
  const world = { contracts: [], blocks: [], keys: [], poor: ethers.getAddress('0x00000000000000000000000000000000ca5cade5') }
  const runtime = runtimeCode()
  const onPastSlot = async (slot, anvil) => {
    world.accounts ??= await anvil.rpc('eth_accounts')
    const [rich, second, third] = world.accounts
    const send = (from, to, data = '0x', value = 0) => anvil.rpc('eth_sendTransaction', [{ from, ...(to ? { to } : {}), data, value: quantity(value) }])
    if (slot === MADE_AT) {
      for (let i = 0; i < 2; i++) {
        world.contracts.push(ethers.getCreateAddress({ from: rich, nonce: i }))
        await send(rich, null, initCode(runtime + (i ? 'fe' : '')))
      }
      await send(second, world.poor, '0x', 1234567890123456789n)
    }
    if (slot < FIRST_CALLS || slot % EVERY !== 0 || slot > history - 8) return
    const call = (from, contract, key) => send(from, contract, ethers.concat([word(key), word(slot * 1000 + key)]))
    await call(rich, world.contracts[0], slot)
    await call(second, world.contracts[1], slot + 1)
    await call(third, world.contracts[0], slot + 2)
    await send(rich, ethers.toBeHex(0x5000 + slot, 20), '0x', slot)
    world.keys.push(slot)
    world.blocks.push(slot)
  }
  world.devnet = await startDevnet({ preset: 'minimal', slotMs, history, onPastSlot, ...options })
  world.rpc = (method, params = []) => world.devnet.net.anvil.rpc(method, params)
  world.chain = new ethers.JsonRpcProvider(world.devnet.rpcUrl, undefined, { staticNetwork: true, batchMaxCount: 1 })
  world.stop = async () => {
    world.chain.destroy()
    await world.devnet.stop()
  }
  return world
}
