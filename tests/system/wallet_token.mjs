// The smallest ERC-20: balances in the mapping at slot 0, 18 decimals, all of it the maker's at first. Written as
// EVM code by hand, since no compiler is at hand.
import { ethers } from 'ethers'

export const ERC20 = new ethers.Interface([
  'function balanceOf(address) view returns (uint256)',
  'function decimals() view returns (uint8)',
  'function transfer(address, uint256) returns (bool)',
  'event Transfer(address indexed from, address indexed to, uint256 value)',
])

const OPS = { LT: '10', EQ: '14', ADD: '01', SUB: '03', SHR: '1c', KECCAK256: '20', CALLER: '33', CALLDATALOAD: '35', CODECOPY: '39', MSTORE: '52', SLOAD: '54',
  SSTORE: '55', JUMP: '56', JUMPI: '57', JUMPDEST: '5b', DUP1: '80', DUP2: '81', DUP3: '82', SWAP1: '90', LOG3: 'a3', RETURN: 'f3', REVERT: 'fd' }

// "NAME:" marks a place, "@NAME" pushes it, "0x…" pushes that, the rest are instructions.
function assemble(source) {
  const places = new Map()
  const once = () => {
    let code = ''
    for (const word of source.trim().split(/\s+/)) {
      if (word.endsWith(':')) {
        places.set(word.slice(0, -1), code.length / 2)
        code += OPS.JUMPDEST
      } else if (word.startsWith('@')) {
        code += `61${(places.get(word.slice(1)) ?? 0).toString(16).padStart(4, '0')}`
      } else if (word.startsWith('0x')) {
        code += (0x5f + (word.length - 2) / 2).toString(16) + word.slice(2)
      } else {
        code += OPS[word]
      }
    }
    return code
  }
  once()
  return once()
}

const SLOT_OF_WORD = '0x00 MSTORE 0x40 0x00 KECCAK256'
const RETURN_WORD = '0x00 MSTORE 0x20 0x00 RETURN'
const runtime = assemble(`
  0x00 CALLDATALOAD 0xe0 SHR
  DUP1 ${ERC20.getFunction('balanceOf').selector} EQ @balance JUMPI
  DUP1 ${ERC20.getFunction('transfer').selector} EQ @transfer JUMPI
  ${ERC20.getFunction('decimals').selector} EQ @decimals JUMPI
  fail: 0x00 0x00 REVERT
  decimals: 0x12 ${RETURN_WORD}
  balance: 0x04 CALLDATALOAD ${SLOT_OF_WORD} SLOAD ${RETURN_WORD}
  transfer: CALLER ${SLOT_OF_WORD} DUP1 SLOAD 0x24 CALLDATALOAD
    DUP1 DUP3 LT @fail JUMPI
    SWAP1 DUP2 SWAP1 SUB DUP3 SSTORE
    0x04 CALLDATALOAD ${SLOT_OF_WORD} DUP1 SLOAD DUP3 ADD SWAP1 SSTORE
    0x00 MSTORE 0x04 CALLDATALOAD CALLER ${ERC20.getEvent('Transfer').topicHash} 0x20 0x00 LOG3
    0x01 ${RETURN_WORD}
`)

// Code that makes the contract; the supply, in its smallest units, is the maker's.
export function tokenCode(supply) {
  const mint = assemble(`CALLER ${SLOT_OF_WORD} ${ethers.toBeHex(supply, 32)} SWAP1 SSTORE`)
  const length = (runtime.length / 2).toString(16).padStart(4, '0')
  const start = (mint.length / 2 + 14).toString(16).padStart(2, '0')
  // PUSH2 length, DUP1, PUSH2 start, PUSH1 0, CODECOPY, PUSH1 0, RETURN
  return `0x${mint}61${length}8061${start.padStart(4, '0')}6000396000f300${runtime}`
}
