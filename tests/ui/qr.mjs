// The QR codes that the page draws (web-ui/src/qr.ts): read back here by a small reader of its own, at every version; some
// against digests of what another encoder gives. Used by pure.mjs, and by who looks at a code on a page.
import { createHash } from 'node:crypto'
import { expectEqual } from './browser.mjs'
import { load } from './seal.mjs'

// [version]: blocks of [codewords, of them data], from the tables of ISO/IEC 18004 for level M.
const GROUPS = [
  null, [[1, 26, 16]], [[1, 44, 28]], [[1, 70, 44]], [[2, 50, 32]], [[2, 67, 43]], [[4, 43, 27]], [[4, 49, 31]], [[2, 60, 38], [2, 61, 39]], [[3, 58, 36], [2, 59, 37]], [[4, 69, 43], [1, 70, 44]],
  [[1, 80, 50], [4, 81, 51]], [[6, 58, 36], [2, 59, 37]], [[8, 59, 37], [1, 60, 38]], [[4, 64, 40], [5, 65, 41]], [[5, 65, 41], [5, 66, 42]], [[7, 73, 45], [3, 74, 46]], [[10, 74, 46], [1, 75, 47]], [[9, 69, 43], [4, 70, 44]], [[3, 70, 44], [11, 71, 45]], [[3, 67, 41], [13, 68, 42]]
]
const CENTRES = [
  null, [], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50], [6, 30, 54], [6, 32, 58], [6, 34, 62], [6, 26, 46, 66], [6, 26, 48, 70], [6, 26, 50, 74], [6, 30, 54, 78], [6, 30, 56, 82], [6, 30, 58, 86], [6, 34, 62, 90]
]
// The fifteen bits of level M by mask, from the standard's table.
const FORMATS = [0b101010000010010, 0b101000100100101, 0b101111001111100, 0b101101101001011, 0b100010111111001, 0b100000011001110, 0b100111110010111, 0b100101010100000]
const FLIPS = [
  (i, j) => (i + j) % 2, i => i % 2, (i, j) => j % 3, (i, j) => (i + j) % 3, (i, j) => ((i >> 1) + Math.floor(j / 3)) % 2, (i, j) => (i * j) % 2 + (i * j) % 3, (i, j) => ((i * j) % 2 + (i * j) % 3) % 2, (i, j) => ((i + j) % 2 + (i * j) % 3) % 2
]

function power(n) {
  let x = 1
  for (let i = 0; i < n % 255; i++) x = x & 128 ? (x << 1) ^ 285 : x << 1
  return x
}
function product(a, b) {
  let sum = 0
  for (let k = 7; k >= 0; k--) {
    sum = sum & 128 ? (sum << 1) ^ 285 : sum << 1
    if ((b >> k) & 1) sum ^= a
  }
  return sum
}
// Whether a block is a codeword: zero at every root of the generator.
const isWhole = (block, checks) => Array.from({ length: checks }, (_, i) => power(i)).every(root => block.reduce((sum, c) => product(sum, root) ^ c, 0) === 0)

function isFixed(version, i, j) {
  const size = version * 4 + 17
  const corner = (i < 9 && j < 9) || (i < 9 && j >= size - 8) || (i >= size - 8 && j < 9)
  const near = (a, c) => Math.abs(a - c) <= 2
  const c = CENTRES[version]
  const isAtCorner = (y, x) => (y === 6 && x === 6) || (y === 6 && x === size - 7) || (y === size - 7 && x === 6)
  const centre = c.some(y => c.some(x => !isAtCorner(y, x) && near(i, y) && near(j, x)))
  const told = version >= 7 && ((i < 6 && j >= size - 11) || (j < 6 && i >= size - 11))
  return corner || centre || told || i === 6 || j === 6
}

export function readCode(grid) {
  const size = grid.length
  const version = (size - 17) / 4
  const bit = (i, j) => Number(grid[i][j])
  let format = 0
  for (const [i, j] of [[8, 0], [8, 1], [8, 2], [8, 3], [8, 4], [8, 5], [8, 7], [8, 8], [7, 8], [5, 8], [4, 8], [3, 8], [2, 8], [1, 8], [0, 8]]) format = format * 2 + bit(i, j)
  let second = 0
  for (let k = 0; k < 15; k++) second = second * 2 + (k < 7 ? bit(size - 1 - k, 8) : bit(8, size - 15 + k))
  expectEqual(second, format, 'the second copy of the format')
  const mask = FORMATS.indexOf(format)
  if (mask < 0) throw new Error(`no format of level M: ${format.toString(2)}`)
  const bits = []
  let isUp = true
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5
    for (let k = 0; k < size; k++) {
      const i = isUp ? size - 1 - k : k
      for (const j of [right, right - 1]) if (!isFixed(version, i, j)) bits.push(bit(i, j) ^ Number(FLIPS[mask](i, j) === 0))
    }
    isUp = !isUp
  }
  const stream = Array.from({ length: bits.length >> 3 }, (_, n) => parseInt(bits.slice(n * 8, n * 8 + 8).join(''), 2))
  const blocks = GROUPS[version].flatMap(([n, all, data]) => Array.from({ length: n }, () => ({ all, data, has: [], checks: [] })))
  let at = 0
  for (let k = 0; k < Math.max(...blocks.map(b => b.data)); k++) for (const b of blocks) if (k < b.data) b.has.push(stream[at++])
  for (let k = 0; k < blocks[0].all - blocks[0].data; k++) for (const b of blocks) b.checks.push(stream[at++])
  for (const b of blocks) if (!isWhole([...b.has, ...b.checks], b.checks.length)) throw new Error('a block is no codeword')
  const digits = blocks.flatMap(b => b.has).map(c => c.toString(2).padStart(8, '0')).join('')
  expectEqual(digits.slice(0, 4), '0100', 'mode')
  const wide = version < 10 ? 8 : 16
  const n = parseInt(digits.slice(4, 4 + wide), 2)
  return Buffer.from(Array.from({ length: n }, (_, k) => parseInt(digits.slice(4 + wide + 8 * k, 12 + wide + 8 * k), 2))).toString()
}

const textOf = n => Array.from({ length: n }, (_, i) => String.fromCharCode(33 + (i * 7919 + n * 31) % 90)).join('')
const digest = grid => createHash('sha256').update(grid.map(row => row.map(Number).join('')).join('\n')).digest('hex').slice(0, 16)
// Lengths that just fit each version, and digests of the codes that the npm package qrcode 1.5 gives for textOf() of them.
const FITS = [14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666]
const SAME = ['efc8e37a49f05442', 'fbef29822e3044ca', 'c6ab86b55e878795', '58270c7a6118f0aa', 'f7dc73ef324e798d', '78ea4abc4d7cdd1a', '6fa726e3354422ff', 'b31d395ddd234e27', 'c09b2b3ab3bed0a8', '6e2c270b115bb577', 'd3579b8598ed2182', '6efda96134f4174a', '06c29ada275902e0', '7be1edfaf3d677de', '117983cce007ee74', 'fdaf8704f9bfa33f', '4a98a35759e60de1', 'b2679b930c0947cd', '43bb10618941e097', '0f630041d5f3dde9']

export async function codes({ check }) {
  const { QR_MAX, qrOf } = await load('qr')
  await check('qr: the longest text of each version, and one byte more, are read back', async () => {
    for (const [k, n] of FITS.entries()) {
      for (const [length, version] of [[n, k + 1], [n + 1, k + 2]]) {
        if (length > QR_MAX) continue
        const grid = qrOf(textOf(length))
        expectEqual((grid.length - 17) / 4, version, `version for ${length} bytes`)
        expectEqual(readCode(grid), textOf(length), `${length} bytes`)
      }
    }
  })
  await check('qr: codes are those of another encoder, mask and all', async () => {
    expectEqual(FITS.map(n => digest(qrOf(textOf(n)))), SAME, 'digests')
  })
  await check('qr: an empty text and other scripts are read back; what is too long has none', async () => {
    for (const text of ['', 'Inês · 灯台 🏠']) expectEqual(readCode(qrOf(text)), text, 'text')
    expectEqual([qrOf('x'.repeat(QR_MAX + 1)), qrOf('é'.repeat(QR_MAX / 2 + 1)), QR_MAX], [null, null, 666], 'too long')
  })
}

// The code that a page shows, from its path of dark runs.
export async function shownCode(page) {
  const { path, side } = await page.locator('svg.qr').first().evaluate(svg => ({ path: svg.querySelector('path').getAttribute('d'), side: svg.viewBox.baseVal.width }))
  const grid = Array.from({ length: side - 8 }, () => Array(side - 8).fill(false))
  for (const [, x, y, n] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) for (let k = 0; k < Number(n); k++) grid[y - 4][Number(x) - 4 + k] = true
  return readCode(grid)
}
