// QR codes, drawn by this page alone: byte mode, correction level M, versions 1 to 20 (ISO/IEC 18004). Pure, without
// imports. A code is a square of modules, true for dark, without its quiet zone.

// By version: all codewords, those for correction in each block, blocks.
const ALL = [26, 44, 70, 100, 134, 172, 196, 242, 292, 346, 404, 466, 532, 581, 655, 733, 815, 901, 991, 1085]
const CHECKS = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26]
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16]

type Grid = boolean[][]
const at = (list: readonly number[], i: number): number => list[i] ?? 0

// GF(256) over x^8+x^4+x^3+x^2+1.
const EXP: number[] = []
const LOG: number[] = []
for (let i = 0, x = 1; i < 255; i++) {
  EXP[i] = EXP[i + 255] = x
  LOG[x] = i
  x = x & 128 ? (x << 1) ^ 0x11d : x << 1
}
const times = (a: number, b: number): number => (a && b ? at(EXP, at(LOG, a) + at(LOG, b)) : 0)

function correction(data: number[], n: number): number[] {
  let generator = [1]
  for (let i = 0; i < n; i++) generator = [...generator, 0].map((g, k) => g ^ times(k ? at(generator, k - 1) : 0, at(EXP, i)))
  const rest = [...data, ...Array<number>(n).fill(0)]
  for (let i = 0; i < data.length; i++) {
    const lead = at(rest, i)
    generator.forEach((g, k) => (rest[i + k] = at(rest, i + k) ^ times(g, lead)))
  }
  return rest.slice(data.length)
}

const roomOf = (version: number): number => at(ALL, version - 1) - at(CHECKS, version - 1) * at(BLOCKS, version - 1)

// Mode, length, text, then padding; cut into blocks, of which the last are one longer; then taken in turns.
function codewords(text: Uint8Array, version: number): number[] {
  const bits: number[] = []
  const put = (value: number, n: number): void => {
    for (let i = n - 1; i >= 0; i--) bits.push((value >> i) & 1)
  }
  const room = roomOf(version)
  put(4, 4)
  put(text.length, version < 10 ? 8 : 16)
  text.forEach(byte => put(byte, 8))
  put(0, Math.min(4, room * 8 - bits.length))
  const data: number[] = []
  for (let i = 0; i < bits.length; i += 8) data.push(bits.slice(i, i + 8).reduce((byte, bit, k) => byte | (bit << (7 - k)), 0))
  for (let pad = 0xec; data.length < room; pad ^= 0xec ^ 0x11) data.push(pad)

  const n = at(BLOCKS, version - 1)
  const short = Math.floor(room / n)
  const longs = room % n
  const blocks = Array.from({ length: n }, (_, i) => {
    const from = i * short + Math.max(0, i - (n - longs))
    return data.slice(from, from + short + (i >= n - longs ? 1 : 0))
  })
  const checks = blocks.map(block => correction(block, at(CHECKS, version - 1)))
  const inTurns = (lists: number[][]): number[] => Array.from({ length: Math.max(...lists.map(l => l.length)) }, (_, i) => lists.flatMap(l => (i < l.length ? [at(l, i)] : []))).flat()
  return [...inTurns(blocks), ...inTurns(checks)]
}

function aligned(version: number): number[] {
  if (version === 1) return []
  const last = version * 4 + 10
  const n = Math.floor(version / 7) + 2
  const step = Math.ceil((last - 6) / (n - 1) / 2) * 2
  return [6, ...Array.from({ length: n - 1 }, (_, i) => last - (n - 2 - i) * step)]
}

// Remainder of a polynomial over GF(2), below the value itself.
function checked(value: number, generator: number, n: number): number {
  let rest = value << n
  const top = 31 - Math.clz32(generator)
  for (let bit = 31 - Math.clz32(rest | 1); bit >= top; bit--) if ((rest >> bit) & 1) rest ^= generator << (bit - top)
  return (value << n) | rest
}

const MASKS: ((r: number, c: number) => boolean)[] = [
  (r, c) => (r + c) % 2 === 0, r => r % 2 === 0, (_, c) => c % 3 === 0, (r, c) => (r + c) % 3 === 0,
  (r, c) => (Math.floor(r / 2) + Math.floor(c / 3)) % 2 === 0, (r, c) => ((r * c) % 2) + ((r * c) % 3) === 0,
  (r, c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0, (r, c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0
]

class Code {
  readonly dark: Grid
  readonly fixed: Grid // what no mask touches
  readonly size: number
  constructor(readonly version: number) {
    this.size = version * 4 + 17
    const grid = (): Grid => Array.from({ length: this.size }, () => Array<boolean>(this.size).fill(false))
    this.dark = grid()
    this.fixed = grid()
    this.patterns()
  }
  set(r: number, c: number, isDark: boolean): void {
    if (r < 0 || c < 0 || r >= this.size || c >= this.size) return
    this.dark[r]![c] = isDark
    this.fixed[r]![c] = true
  }
  // A square of rings around its middle: dark where `rings` has the distance.
  square(r: number, c: number, reach: number, rings: number[]): void {
    for (let y = -reach; y <= reach; y++) for (let x = -reach; x <= reach; x++) this.set(r + y, c + x, rings.includes(Math.max(Math.abs(y), Math.abs(x))))
  }
  patterns(): void {
    const far = this.size - 4
    for (let i = 0; i < this.size; i++) {
      this.set(6, i, i % 2 === 0)
      this.set(i, 6, i % 2 === 0)
    }
    for (const [r, c] of [[3, 3], [3, far], [far, 3]] as const) this.square(r, c, 4, [0, 1, 3])
    const places = aligned(this.version)
    const last = places.length - 1
    places.forEach((r, i) => places.forEach((c, k) => {
      const isCorner = (i === 0 && (k === 0 || k === last)) || (i === last && k === 0)
      if (!isCorner) this.square(r, c, 2, [0, 2])
    }))
    this.format(0)
    if (this.version < 7) return
    const bits = checked(this.version, 0x1f25, 12)
    for (let i = 0; i < 18; i++) {
      const [a, b] = [this.size - 11 + (i % 3), Math.floor(i / 3)]
      this.set(a, b, Boolean((bits >> i) & 1))
      this.set(b, a, Boolean((bits >> i) & 1))
    }
  }
  // Level M is 00, so that the mask alone stands in the five bits.
  format(mask: number): void {
    const bits = checked(mask, 0x537, 10) ^ 0x5412
    const end = this.size - 1
    for (let i = 0; i < 15; i++) {
      const isDark = Boolean((bits >> i) & 1)
      this.set(i < 6 ? i : i < 8 ? i + 1 : end - 14 + i, 8, isDark)
      this.set(8, i < 8 ? end - i : i === 8 ? 7 : 14 - i, isDark)
    }
    this.set(end - 7, 8, true)
  }
  // Up and down in columns of two, from the right, around the column of timing.
  fill(words: number[]): void {
    let n = 0
    for (let right = this.size - 1, isUp = true; right > 0; right -= right === 8 ? 3 : 2, isUp = !isUp) {
      for (let i = 0; i < this.size; i++) {
        const r = isUp ? this.size - 1 - i : i
        for (const c of [right, right - 1]) {
          if (this.fixed[r]![c]) continue
          this.dark[r]![c] = Boolean((at(words, n >> 3) >> (7 - (n & 7))) & 1)
          n++
        }
      }
    }
  }
  masked(mask: number): void {
    const flips = MASKS[mask]!
    this.dark.forEach((row, r) => row.forEach((isDark, c) => !this.fixed[r]![c] && flips(r, c) && (row[c] = !isDark)))
    this.format(mask)
  }
}

// What makes a code hard to read: runs, squares of one colour, what looks like a corner, more of one colour than the other.
function penalty(dark: Grid): number {
  const lines = [...dark, ...dark.map((_, c) => dark.map(row => row[c]!))].map(line => line.map(d => (d ? '1' : '0')).join(''))
  let points = 0
  for (const line of lines) {
    for (const run of line.match(/0{5,}|1{5,}/g) ?? []) points += run.length - 2
    for (let i = 0; i + 11 <= line.length; i++) if (/^(?:10111010000|00001011101)$/.test(line.slice(i, i + 11))) points += 40
  }
  for (let r = 1; r < dark.length; r++) {
    for (let c = 1; c < dark.length; c++) if (dark[r]![c] === dark[r]![c - 1] && dark[r]![c] === dark[r - 1]![c] && dark[r]![c] === dark[r - 1]![c - 1]) points += 3
  }
  const share = dark.flat().filter(Boolean).length / dark.length ** 2
  return points + 10 * Math.floor(Math.abs(share * 100 - 50) / 5)
}

export const QR_MAX = 666 // bytes of the longest text

// null: too long for a code that a telephone reads off a screen.
export function qrOf(text: string): Grid | null {
  const bytes = new TextEncoder().encode(text)
  let version = 1
  while (version <= 20 && bytes.length + (version < 10 ? 2 : 3) > roomOf(version)) version++
  if (version > 20) return null
  const words = codewords(bytes, version)
  let best: Grid | null = null
  let least = Infinity
  for (let mask = 0; mask < MASKS.length; mask++) {
    const code = new Code(version)
    code.fill(words)
    code.masked(mask)
    const points = penalty(code.dark)
    if (points < least) [best, least] = [code.dark, points]
  }
  return best
}
