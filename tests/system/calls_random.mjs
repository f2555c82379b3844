// Calls made up from a seed: every function of a contract's interface with arguments by their types, half of them things
// that exist (accounts, proposals, roles, deeds, blocks), half of them anything.
import { ethers } from 'ethers'

// Mulberry32: small, and the same everywhere.
export function dice(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = n => Math.floor(next() * n)
  return { below, one: list => list[below(list.length)], bytes: n => Uint8Array.from({ length: n }, () => below(256)) }
}

const INTERFACES = ['0x01ffc9a7', '0x80ac58cd', '0x780e9d63', '0xd9b67a26', '0x7965db0b', '0xffffffff', '0x4e2312e0', '0x150b7a02']
const TEXTS = ['', 'motion 1', 'motion 3', 'a reason', 'x'.repeat(40), 'ünïcödé ✓', '#proposer=0x00000000000000000000000000000000000000aa']

export function maker(town, blockNumber, timestamp, seed) {
  const random = dice(seed)
  const { accounts, contracts, proposals, roles } = town
  const places = [...accounts, ...Object.values(contracts).map(one => one.address), ethers.ZeroAddress, ethers.getAddress('0x0000000000000000000000000000000000000004')]
  const operations = proposals.map(one => one.operation).filter(Boolean)
  const numbers = [0n, 1n, 2n, 3n, 7n, 100n, 101n, 105n, 109n, 110n, BigInt(blockNumber) - 1n, BigInt(blockNumber) - 20n, BigInt(blockNumber), BigInt(timestamp), 10n ** 18n, 10n ** 21n]

  function unsigned(bits) {
    const kind = random.below(8)
    const max = (1n << BigInt(bits)) - 1n
    if (kind < 5) return random.one(numbers) & max
    if (kind === 5) return max
    if (kind === 6) return random.one(proposals).id & max
    return BigInt(ethers.hexlify(random.bytes(bits / 8)))
  }
  function fixedBytes(size) {
    if (size === 4) return random.one(INTERFACES)
    if (size === 32 && random.below(3) > 0) return random.one([...roles, ...proposals.map(one => one.hash), ...operations])
    return ethers.hexlify(random.bytes(size))
  }
  function inner() {
    const { abi } = contracts[random.one(['shares', 'goods', 'mill'])]
    const method = random.one(abi.fragments.filter(one => one.type === 'function' && one.inputs.every(input => /^(u?int\d+|address|bool)$/.test(input.type))))
    return abi.encodeFunctionData(method, method.inputs.map(value))
  }
  function value(input) {
    if (input.baseType === 'array') return Array.from({ length: input.arrayLength >= 0 ? input.arrayLength : random.below(4) }, () => value(input.arrayChildren))
    if (input.baseType === 'tuple') return input.components.map(value)
    const [, kind, size] = /^([a-z]+)(\d*)$/.exec(input.type)
    switch (kind) {
      case 'uint': return unsigned(Number(size))
      case 'int': return BigInt.asIntN(Number(size), unsigned(Number(size)))
      case 'address': return random.below(6) ? random.one(places) : ethers.getAddress(ethers.hexlify(random.bytes(20)))
      case 'bool': return random.below(2) === 1
      case 'string': return random.one(TEXTS)
      default: return size ? fixedBytes(Number(size)) : random.below(2) ? inner() : ethers.hexlify(random.bytes(random.below(70)))
    }
  }
  // Lists that belong together are of one length, and those of a motion are one that was made.
  function args(method) {
    const isMotion = method.inputs.length >= 3 && method.inputs.slice(0, 3).map(one => one.type).join() === 'address[],uint256[],bytes[]'
    if (!isMotion || random.below(5) === 0) return method.inputs.map(value)
    const one = random.one(proposals)
    const given = [...one.args, one.hash, ethers.ZeroHash].slice(0, method.inputs.length)
    return method.inputs.map((input, i) => (input.type === 'string' ? random.one([one.title, 'another']) : given[i] ?? value(input)))
  }

  // One for each function and each round: {name, method, from, to, data}.
  return function calls(rounds, wanted = () => true) {
    const out = []
    for (const [name, { address, abi }] of Object.entries(contracts)) {
      for (const method of abi.fragments.filter(one => one.type === 'function' && wanted(one))) {
        const times = method.inputs.length ? rounds : 1
        for (let i = 0; i < times; i++) {
          const from = random.one(accounts)
          const given = args(method)
          const isPaid = method.payable && random.below(6) === 0
          out.push({ name: `${name}.${method.name}`, method, args: given, from, to: address, data: abi.encodeFunctionData(method, given), ...(isPaid ? { value: '0x5' } : {}) })
        }
      }
    }
    return out
  }
}
