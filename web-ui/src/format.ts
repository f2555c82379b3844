// Numbers and times in words. Grouping and order do not follow the reader's locale: two people who
// compare screens must see the same figures.

export function group(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',')
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${group(n)} ${n === 1 ? one : many}`
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
