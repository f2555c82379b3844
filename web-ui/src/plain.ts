// Texts of others, made safe to stand on the page: what cannot be seen, or turns the order of what stands beside
// it, is written out as the node writes it in requests for signatures ("\u202e").

// Joiners stay, which emoji and several scripts need; so do the tags that follow a black flag.
const HIDDEN =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|(?<!\u{1f3f4}[\u{e0000}-\u{e007f}]*)[\u{e0000}-\u{e007f}]/gu

function written(c: string): string {
  const n = c.codePointAt(0) ?? 0
  return n > 0xffff ? `\\u{${n.toString(16)}}` : `\\u${n.toString(16).padStart(4, '0')}`
}

// Lines stay lines.
export function plain(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(HIDDEN, written)
}

const NAME_MAX = 60

// On one line, and short: names, hosts, reasons.
export function plainLine(text: string, max = NAME_MAX): string {
  const chars = [...plain(text.replace(/\s+/g, ' ').trim())]
  return chars.length > max ? `${chars.slice(0, max).join('')}…` : chars.join('')
}

export type Piece =
  | { s: 'text'; text: string }
  | { s: 'link'; text: string; href: string }
  | { s: 'image'; host: string; href: string }
  | { s: 'person' | 'post'; text: string; href: string }

const TOKEN = /https?:\/\/[^\s<>"]+|(?:nostr:)?(?:npub|nprofile|note|nevent)1[02-9ac-hj-np-z]{38,1000}/g
const PICTURE = /\.(?:png|jpe?g|gif|webp|avif)$/i
const CHARSET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'

// The 32 bytes that a NIP-19 text names, as hexadecimal; null when it names none. Its checksum is left to the node:
// what is read wrongly here leads to a post that nobody knows.
export function namedBy(entity: string): string | null {
  const at = entity.lastIndexOf('1')
  const kind = entity.slice(0, at)
  let bits = 0
  let held = 0
  const bytes: number[] = []
  for (const c of entity.slice(at + 1, -6)) {
    held = ((held << 5) | CHARSET.indexOf(c)) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((held >> bits) & 255)
  }
  const hex = (from: number): string | null =>
    bytes.length < from + 32 ? null : bytes.slice(from, from + 32).map(b => b.toString(16).padStart(2, '0')).join('')
  if (kind === 'npub' || kind === 'note') return hex(0)
  for (let i = 0; i + 2 <= bytes.length; i += 2 + (bytes[i + 1] ?? 0)) if (bytes[i] === 0 && bytes[i + 1] === 32) return hex(i + 2)
  return null
}

function pieceOf(token: string): Piece {
  if (!token.startsWith('http')) {
    const entity = token.replace('nostr:', '')
    const hex = namedBy(entity)
    if (!hex) return { s: 'text', text: token }
    const isPerson = /^np/.test(entity)
    return { s: isPerson ? 'person' : 'post', text: `${entity.slice(0, 10)}…${entity.slice(-4)}`, href: `#/${isPerson ? 'author' : 'thread'}/${hex}` }
  }
  try {
    // As the browser reads it: a host in letters that look like others stands here in its own form.
    const url = new URL(token)
    if (PICTURE.test(url.pathname) && url.protocol === 'https:') return { s: 'image', host: url.host, href: url.href }
    return { s: 'link', text: url.href.replace(/^https:\/\//, '').replace(/\/$/, ''), href: url.href }
  } catch {
    return { s: 'text', text: plain(token) }
  }
}

// A text with what leads somewhere in it. Stops and brackets that end a sentence are no part of an address.
export function piecesOf(text: string): Piece[] {
  const list: Piece[] = []
  let from = 0
  for (const found of text.matchAll(TOKEN)) {
    const token = found[0].replace(/[.,;:!?)\]'’]+$/, '')
    list.push({ s: 'text', text: plain(text.slice(from, found.index)) }, pieceOf(token))
    from = found.index + token.length
  }
  list.push({ s: 'text', text: plain(text.slice(from)) })
  return list.filter(p => p.s !== 'text' || p.text)
}
