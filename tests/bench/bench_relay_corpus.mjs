// Events for measuring a relay: the same seed gives the same bytes. Authors are chosen as in life (few write most), each
// begins with a profile, a follow list and a relay list, and what follows is two thirds notes, then reactions, reposts,
// gift wraps, comments, receipts and the rest, half of them about something recent.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as ecc from 'tiny-secp256k1'

const START_S = 1760000000 // when the last of them was written
const SPAN_S = 90 * 86400
const FOLLOWS_MAX = 200
const RECENT_MAX = 20000
// Shares of kinds, added up.
const KINDS = [[0.6, 1], [0.78, 7], [0.82, 6], [0.86, 1059], [0.9, 1111], [0.93, 9735], [0.935, 1984], [0.945, 30023], [0.955, 1063], [0.96, 1985], [0.965, 30078], [1, 1]]
const SYLLABLES = 'ka lo mi ren tu sha vel or in ta no be dri sel um pa go li ne ra sto fi wen ed ul che ma so'.split(' ')
const ODD = ['é', 'ñ', '日本', 'Привет', 'שלום', '🚀', '👩‍👩‍👧', '"so"', '\n', '\t', '\\']
const TOPICS = ['nostr', 'ethereum', 'garden', 'music', 'art', 'news', 'dev', 'privacy', 'food', 'rivers', 'books', 'maps', 'trains', 'stars', 'c']
const REACTIONS = ['+', '+', '+', '🤙', '❤️', '-', ':soap:']

const hash = text => createHash('sha256').update(text).digest()
const hexOf = text => hash(text).toString('hex')

// Numbers below 1, from a seed (xorshift with 128 bits of state).
function randomOf(seed) {
  const state = new Uint32Array(4)
  const bytes = hash(`corpus ${seed}`)
  for (let i = 0; i < 4; i++) state[i] = bytes.readUInt32LE(i * 4) | 1
  return () => {
    let t = state[3]
    t ^= t << 11
    t ^= t >>> 8
    state[3] = state[2]
    state[2] = state[1]
    state[1] = state[0]
    state[0] = t ^ state[0] ^ (state[0] >>> 19)
    return state[0] / 4294967296
  }
}

export class Corpus {
  constructor({ count, seed = 1, authors = Math.max(10, Math.min(2000, Math.floor(count / 50))) }) {
    this.count = count
    this.random = randomOf(seed)
    this.keys = Array.from({ length: authors }, (_, i) => {
      const secret = hash(`secret ${seed} ${i}`)
      return { secret, pubkey: Buffer.from(ecc.xOnlyPointFromScalar(secret)).toString('hex') }
    })
    this.weights = []
    for (let i = 0, sum = 0; i < authors; i++) this.weights.push((sum += 1 / (i + 1) ** 0.9))
    this.words = Array.from({ length: 240 }, () => Array.from({ length: 1 + this.below(3) }, () => this.pick(SYLLABLES)).join(''))
    this.recent = []
    this.made = 0
  }

  below(n) {
    return Math.floor(this.random() * n)
  }

  pick(list) {
    return list[this.below(list.length)]
  }

  text(words) {
    return Array.from({ length: words }, () => (this.random() < 0.035 ? this.pick(ODD) : this.pick(this.words))).join(' ')
  }

  author() {
    const wanted = this.random() * this.weights.at(-1)
    let [low, high] = [0, this.weights.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.weights[middle] < wanted) low = middle + 1
      else high = middle
    }
    return this.keys[low]
  }

  // Something that others wrote lately; null at the beginning.
  other() {
    const back = Math.floor(-Math.log(1 - this.random()) * 300)
    return this.recent[Math.max(0, this.recent.length - 1 - back)] ?? null
  }

  // The tags and the content of a kind.
  parts(kind, at, about) {
    const of = about ? [['e', about.id], ['p', about.pubkey]] : []
    switch (kind) {
      case 0: return [[], JSON.stringify({ name: `user${this.made}`, about: this.text(5 + this.below(30)), picture: `https://img.example/${this.made}.png`, nip05: `u${this.made}@example.org` })]
      case 3: return [this.follows(), '']
      case 10002: return [Array.from({ length: 2 + this.below(4) }, () => ['r', `wss://relay${this.below(500)}.example`, ...(this.random() < 0.6 ? [] : [this.pick(['read', 'write'])])]), '']
      case 7: return [[...of, ...(about ? [['k', String(about.kind)]] : [])], this.pick(REACTIONS)]
      case 6: return [of, '']
      case 1059: return [[['p', this.author().pubkey]], Buffer.concat(Array.from({ length: 8 }, (_, i) => hash(`${this.made} ${i}`))).toString('base64').repeat(2 + this.below(3))]
      case 1111: return [about ? [['E', about.id, '', about.pubkey], ['K', String(about.kind)], ['P', about.pubkey], ...of, ['k', String(about.kind)]] : [], this.text(5 + this.below(30))]
      case 9735: return [[...of, ['bolt11', `lnbc${hexOf(`invoice ${this.made}`).repeat(3)}`], ['description', JSON.stringify({ kind: 9734, content: this.text(4) })]], '']
      case 1984: return [of.map(tag => [...tag, 'spam']), '']
      case 30023: return [[['d', `post-${this.made}`], ['title', this.text(5)], ['published_at', String(at)], ['t', this.pick(TOPICS)]], this.text(200 + this.below(800))]
      case 1063: return [[['url', `https://blob.example/${hexOf(`u ${this.made}`)}.jpg`], ['m', 'image/jpeg'], ['x', hexOf(`u ${this.made}`)], ['size', String(this.below(5e6))]], this.text(6)]
      case 1985: return [[['L', 'org.example'], ['l', this.pick(TOPICS), 'org.example'], ...of.slice(0, 1)], '']
      case 30078: return [[['d', `settings/${this.made}`]], JSON.stringify({ n: this.made, v: this.text(10) })]
      default: return [this.noteTags(about), this.text(3 + Math.floor(-Math.log(1 - this.random()) * 25))]
    }
  }

  follows() {
    const set = new Set()
    const wanted = Math.min(5 + this.below(Math.min(this.keys.length, FOLLOWS_MAX)), this.keys.length - 1)
    while (set.size < wanted) set.add(this.below(this.keys.length))
    return [...set].map(i => ['p', this.keys[i].pubkey])
  }

  noteTags(about) {
    const tags = about && this.random() < 0.45 ? [['e', about.id, '', this.random() < 0.5 ? 'root' : 'reply', about.pubkey], ['p', about.pubkey]] : []
    for (let i = 0; i < 3; i++) if (this.random() < 0.15) tags.push(['t', this.pick(TOPICS)])
    return tags
  }

  // The next event: {id, pubkey, kind, created_at, tags, text}, null at the end.
  next() {
    if (this.made === this.count) return null
    const boot = this.made < this.keys.length * 3 && this.keys.length * 3 < this.count
    const key = boot ? this.keys[this.made % this.keys.length] : this.author()
    const share = this.random()
    const kind = boot ? [0, 3, 10002][Math.floor(this.made / this.keys.length)] : KINDS.find(([most]) => share < most)[1]
    const at = START_S - SPAN_S + Math.floor((SPAN_S * this.made) / this.count) + this.below(30)
    const [tags, content] = this.parts(kind, at, this.other())
    const event = signed(key, { kind, created_at: at, tags, content })
    this.made++
    if ([1, 1111, 30023].includes(kind)) {
      this.recent.push({ id: event.id, pubkey: key.pubkey, kind })
      if (this.recent.length > RECENT_MAX) this.recent.splice(0, RECENT_MAX / 2)
    }
    return event
  }
}

const NO_AUX = Buffer.alloc(32)
export function signed(key, { kind, created_at, tags, content }) {
  const [tagsText, contentText] = [JSON.stringify(tags), JSON.stringify(content)]
  const digest = hash(`[0,"${key.pubkey}",${created_at},${kind},${tagsText},${contentText}]`)
  const id = digest.toString('hex')
  const sig = Buffer.from(ecc.signSchnorr(digest, key.secret, NO_AUX)).toString('hex')
  const text = `{"id":"${id}","pubkey":"${key.pubkey}","created_at":${created_at},"kind":${kind},"tags":${tagsText},"content":${contentText},"sig":"${sig}"}`
  return { id, pubkey: key.pubkey, kind, created_at, tags, text }
}

// CPU seconds, RSS and its peak in MiB of a process.
export function usageOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const of = name => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024
  return { cpuS: (Number(fields[11]) + Number(fields[12])) / 100, rssMiB: of('VmRSS'), anonMiB: of('RssAnon'), peakMiB: of('VmHWM') }
}
