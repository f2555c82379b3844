// Code that is made to hurt, as bytes put together by hand: {what, code, says} and where it stands: at a contract that has
// storage (`at`), or at an empty address. `says` is a pattern of the error, or of how many bytes came back.
import { ethers } from 'ethers'

const OP = { STOP: '00', ADD: '01', EXP: '0a', KECCAK256: '20', ADDRESS: '30', BALANCE: '31', POP: '50', MLOAD: '51', MSTORE: '52', SLOAD: '54', JUMP: '56', JUMPI: '57', MSIZE: '59', GAS: '5a',
  JUMPDEST: '5b', PUSH0: '5f', DUP1: '80', DUP2: '81', SWAP1: '90', NUMBER: '43', SUB: '03', BLOCKHASH: '40', CODECOPY: '39', CODESIZE: '38', CREATE: 'f0', CALL: 'f1', RETURN: 'f3',
  DELEGATECALL: 'f4', STATICCALL: 'fa', REVERT: 'fd', EXTCODESIZE: '3b', MCOPY: '5e', NOT: '19', LOG0: 'a0' }

// "PUSH 0x20 MSTORE": PUSH takes the shortest form of its number.
function assemble(text) {
  let out = ''
  const words = text.split(/\s+/).filter(Boolean)
  for (let i = 0; i < words.length; i++) {
    if (words[i] !== 'PUSH') {
      if (!OP[words[i]]) throw new Error(`no opcode ${words[i]}`)
      out += OP[words[i]]
      continue
    }
    const bytes = ethers.toBeHex(BigInt(words[++i])).slice(2)
    out += (0x5f + bytes.length / 2).toString(16) + bytes
  }
  return out
}

const code = text => `0x${assemble(text)}`
// The body again and again, on a stack that it leaves as it was.
const forever = (body, start = '') => `0x${assemble(start)}5b${assemble(body)}61${ethers.toBeHex(assemble(start).length / 2, 2).slice(2)}56`
const precompile = (number, size, out = 0x20) => `PUSH ${out} PUSH0 PUSH ${size} PUSH0 PUSH ${number} GAS STATICCALL POP`
// Words of memory before the loop: [offset, value].
const memory = words => words.map(([at, value]) => `PUSH ${value} PUSH ${at} MSTORE`).join(' ')
const ONES = `0x${'ff'.repeat(32)}`
const filled = (from, to) => memory(Array.from({ length: (to - from) / 32 }, (_, i) => [from + 32 * i, ONES]))
const G1 = [[0, 1], [32, 2]]
const G2 = ['0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2', '0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed',
  '0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b', '0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa']
const OUT_OF_GAS = /-32000 out of gas/

export const HOSTILE = [
  { what: 'an endless loop', code: forever(''), says: OUT_OF_GAS },
  { what: 'an endless loop of powers', code: forever(`PUSH ${ONES} DUP1 EXP POP`), says: OUT_OF_GAS },
  { what: 'an endless loop of hashes', code: forever('PUSH 0x40 PUSH0 KECCAK256 POP'), says: OUT_OF_GAS },
  { what: 'memory that grows without end', code: forever('MSIZE MSIZE MSTORE'), says: OUT_OF_GAS },
  { what: 'memory that is copied over itself', code: forever('PUSH 0x100000 PUSH0 PUSH 0x20 MCOPY', 'PUSH0 PUSH 0x100020 MSTORE'), says: OUT_OF_GAS },
  { what: 'memory past all bounds', code: code('PUSH0 NOT PUSH0 MSTORE PUSH 0x20 PUSH0 NOT RETURN'), says: OUT_OF_GAS },
  { what: 'calls of itself, as deep as they go', code: code('PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 ADDRESS GAS CALL PUSH0 MSTORE PUSH 0x20 PUSH0 RETURN'), says: /32 bytes/ },
  { what: 'calls of itself with memory in each frame', code: code('PUSH0 PUSH 0x40000 MSTORE PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 ADDRESS GAS CALL PUSH0 MSTORE PUSH 0x20 PUSH0 RETURN'), says: /32 bytes|-3200\d .*memory/ },
  { what: 'calls of itself twice in each frame', code: code(`${'PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 ADDRESS GAS CALL POP '.repeat(2)} STOP`), says: /0 bytes|out of gas/ },
  { what: 'contracts that are made without end', code: forever('PUSH 0x20 PUSH0 PUSH0 CREATE POP'), says: /-32004 needs more state/ },
  { what: 'logs without end', code: forever('PUSH 0x1000 PUSH0 LOG0'), says: OUT_OF_GAS },
  { what: 'an answer of half a million bytes', code: code('PUSH 0x80000 PUSH0 RETURN'), says: /524288 bytes/ },
  { what: 'an answer of four million bytes', code: code('PUSH 0x400000 PUSH0 RETURN'), says: /4194304 bytes|-320\d\d / },
  { what: 'a revert with a million bytes', code: code('PUSH 0x100000 PUSH0 REVERT'), says: /^3 execution reverted|-320\d\d / },
  { what: 'MODEXP with numbers of 1,024 bytes', code: forever(precompile(5, 0xc60, 0x400), `${memory([[0, 1024], [32, 1024], [64, 1024]])} ${filled(96, 0xc60)}`), says: OUT_OF_GAS },
  { what: 'MODEXP with numbers of 256 bytes', code: forever(precompile(5, 0x360, 0x100), `${memory([[0, 256], [32, 256], [64, 256]])} ${filled(96, 0x360)}`), says: OUT_OF_GAS },
  { what: 'MODEXP with lengths past all bounds', code: forever(precompile(5, 0x60), memory([[0, ONES], [32, ONES], [64, ONES]])), says: OUT_OF_GAS },
  { what: 'signatures without end', code: forever(precompile(1, 0x80), memory([[0, 7], [32, 27], [64, 9], [96, 11]])), says: OUT_OF_GAS },
  { what: 'pairings without end', code: forever(precompile(8, 192), memory([...G1, ...G2.map((word, i) => [64 + 32 * i, word])])), says: OUT_OF_GAS },
  { what: 'rounds of BLAKE2b', code: forever(precompile(9, 213, 0x40), memory([[0, `0x${'00ffffff'}${'00'.repeat(28)}`]])), says: OUT_OF_GAS },
  { what: 'points of P-256 without end', code: forever(precompile(0x100, 160), filled(0, 160)), says: OUT_OF_GAS },
  { what: 'slots without end', at: 'shares', code: forever('DUP1 SLOAD POP PUSH 1 ADD', 'PUSH0'), says: /-32004 gave up/ },
  { what: 'slots by the hundred', at: 'shares', code: `0x${assemble('PUSH0')}5b${assemble('DUP1 SLOAD POP PUSH 1 ADD DUP1 PUSH 600 SUB PUSH 1 JUMPI')}00`, says: /0 bytes/ },
  { what: 'slots whose places depend on each other', at: 'shares', code: forever('DUP1 SLOAD ADD PUSH0 MSTORE PUSH 0x20 PUSH0 KECCAK256', 'PUSH 1'), says: /-32004 gave up/ },
  { what: 'accounts without end', code: forever('DUP1 BALANCE POP PUSH 1 ADD', 'PUSH 0x10000'), says: /-32004 needs more state/ },
  { what: 'the hashes of 256 blocks', code: `0x${assemble('PUSH0')}5b${assemble('DUP1 NUMBER SUB BLOCKHASH POP PUSH 1 ADD DUP1 PUSH 0x101 SUB PUSH 1 JUMPI')}00`, says: /0 bytes|-3200\d / },
]
