// Readers for JSON that came over the wire. A reader takes an unknown value and returns it typed, or
// throws Malformed. Nothing else in the app looks at unchecked JSON, so a broken push can be logged and
// dropped in one place instead of crashing a screen.

export class Malformed extends Error {}

export type Read<T> = (value: unknown, at: string) => T
export type Of<R> = R extends Read<infer T> ? T : never

function fail(at: string, wanted: string): never {
  throw new Malformed(`${at}: expected ${wanted}`)
}

// Numbers of the node's own are integers below 2^53.
export const int: Read<number> = (value, at) => (Number.isSafeInteger(value) ? (value as number) : fail(at, 'an integer'))

export const text: Read<string> = (value, at) => (typeof value === 'string' ? value : fail(at, 'a text'))

export const bool: Read<boolean> = (value, at) => (typeof value === 'boolean' ? value : fail(at, 'true or false'))

// Ethereum's own forms: QUANTITY ("0x1f") and DATA ("0x00ff") of the execution-apis, and wei in decimals.
export const quantity: Read<bigint> = (value, at) =>
  typeof value === 'string' && /^0x[0-9a-fA-F]{1,64}$/.test(value) ? BigInt(value) : fail(at, 'a hexadecimal number')

export const wei: Read<bigint> = (value, at) =>
  typeof value === 'string' && /^[0-9]{1,78}$/.test(value) ? BigInt(value) : fail(at, 'an amount in wei')

export const data: Read<string> = (value, at) =>
  typeof value === 'string' && /^0x(?:[0-9a-fA-F]{2})*$/.test(value) ? value : fail(at, 'bytes in hexadecimal')

export function bytesOf(n: number): Read<string> {
  return (value, at) => {
    const read = data(value, at)
    return read.length === 2 + 2 * n ? read : fail(at, `${n} bytes in hexadecimal`)
  }
}

// For a field that an older node, or one that knows nothing to say there, leaves out.
export function either<T>(read: Read<T>, otherwise: T): Read<T> {
  return (value, at) => (value === null || value === undefined ? otherwise : read(value, at))
}

export function word<const W extends string>(...words: W[]): Read<W> {
  return (value, at) => (words.includes(value as W) ? (value as W) : fail(at, words.join(' | ')))
}

export function maybe<T>(read: Read<T>): Read<T | null> {
  return (value, at) => (value === null || value === undefined ? null : read(value, at))
}

export function list<T>(read: Read<T>, max: number): Read<T[]> {
  return (value, at) => {
    if (!Array.isArray(value) || value.length > max) return fail(at, `a list of at most ${max}`)
    return value.map((item, i) => read(item, `${at}[${i}]`))
  }
}

export function pair<A, B>(a: Read<A>, b: Read<B>): Read<[A, B]> {
  return (value, at) => {
    if (!Array.isArray(value) || value.length !== 2) return fail(at, 'a pair')
    return [a(value[0], `${at}[0]`), b(value[1], `${at}[1]`)]
  }
}

// Fields that are not named are dropped: a newer node may say more than this page knows.
export function record<S extends Record<string, Read<unknown>>>(shape: S): Read<{ [K in keyof S]: Of<S[K]> }> {
  return (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(at, 'an object')
    const out: Record<string, unknown> = {}
    for (const [key, read] of Object.entries(shape)) {
      out[key] = read((value as Record<string, unknown>)[key], `${at}.${key}`)
    }
    return out as { [K in keyof S]: Of<S[K]> }
  }
}
