// Numbers and times in words. Grouping and order do not follow the reader's locale: two people who
// compare screens must see the same figures.

export function group(n: number | bigint): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',')
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${group(n)} ${n === 1 ? one : many}`
}

// The date too: what a block says may be years old.
export function dated(ms: number): string {
  const d = new Date(ms)
  return `${day(ms)} ${d.getFullYear()}, ${clockTime(ms)}:${two(d.getSeconds())}`
}

// Two units at most: "12 s", "13 min 36 s", "5 h 30 min", "6 days".
export function span(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000))
  if (s < 60) return `${s} s`
  const min = Math.floor(s / 60)
  if (min < 60) return s % 60 ? `${min} min ${s % 60} s` : `${min} min`
  const h = Math.floor(min / 60)
  if (h < 48) return min % 60 ? `${h} h ${min % 60} min` : `${h} h`
  return `${group(Math.floor(h / 24))} days`
}

// One unit, for tight places.
export function brief(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000))
  if (s < 60) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)} min`
  if (s < 48 * 3600) return `${Math.floor(s / 3600)} h`
  return `${group(Math.floor(s / 86400))} days`
}

export function millis(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`
}

// Whole digits: an amount is cut nowhere and rounded nowhere. 1234567890000000000 wei, 18: "1.23456789".
export function decimals(units: bigint, places: number): string {
  const one = 10n ** BigInt(places)
  const rest = String(units % one).padStart(places, '0').replace(/0+$/, '')
  return group(units / one) + (rest ? `.${rest}` : '')
}

// For tight places: six places at most, cut, never rounded up; the whole amount is in the title.
export function brieflyEther(wei: bigint): string {
  const cut = wei - (wei % 10n ** 12n)
  return cut === 0n && wei > 0n ? '<0.000001' : decimals(cut, 18)
}

export function ether(wei: bigint): string {
  return `${decimals(wei, 18)} ETH`
}

export function gwei(wei: bigint): string {
  return `${decimals(wei, 9)} gwei`
}

// Of 100, in whole steps; something is never nothing and almost all is never all.
export function percent(part: number | bigint, whole: number | bigint): string {
  const [p, w] = [BigInt(part), BigInt(whole)]
  if (w === 0n) return '0 %'
  const n = (p * 100n) / w
  return n === 0n && p > 0n ? '<1 %' : `${n} %`
}

// Length of bytes written in hexadecimal.
export function lengthOf(hex: string): number {
  return (hex.length - 2) / 2
}

export function bytes(n: number): string {
  if (n < 1000) return count(n, 'byte')
  return n < 1e6 ? `${(n / 1000).toFixed(1)} kB` : `${(n / 1e6).toFixed(1)} MB`
}

const two = (n: number): string => String(n).padStart(2, '0')

export function clockTime(ms: number): string {
  const d = new Date(ms)
  return `${two(d.getHours())}:${two(d.getMinutes())}`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

export function day(ms: number): string {
  const d = new Date(ms)
  return `${d.getDate()} ${MONTHS[d.getMonth()] ?? ''}`
}

export function stamp(ms: number): string {
  return `${day(ms)}, ${clockTime(ms)}:${two(new Date(ms).getSeconds())}`
}

export function shortHash(hash: string): string {
  return hash.length > 14 ? `${hash.slice(0, 6)}…${hash.slice(-4)}` : hash
}

const WORDS = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine']

export function capitalWord(n: number): string {
  return WORDS[n] ?? group(n)
}

// Texts of the node may or may not end with a stop.
export function sentence(s: string): string {
  return /[.!?…]$/.test(s) || !s ? s : `${s}.`
}

// A reason as the node logs it, where it stands alone: "no news" becomes "No news."
export function reason(s: string | null | undefined): string | null {
  return s ? sentence(upperFirst(s)) : null
}

export function lowerFirst(s: string): string {
  return s.charAt(0).toLowerCase() + s.slice(1)
}

export function upperFirst(s: string): string {
  return s.charAt(0).toUpperCase() + s.slice(1)
}
