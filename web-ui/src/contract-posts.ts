// The shapes of what is asked of the feeds module: posts with where they came from, people, reports.
import { bool, either, int, list, maybe, record, text, type Of, type Read } from './check'

// The node's own: given back as they came.
const key: Read<string | number> = (value, at) => (typeof value === 'number' ? int(value, at) : text(value, at))

export interface Post {
  id: string
  pubkey: string
  kind: number
  created_at: number // seconds, and a claim of its author
  content: string
  tags: string[][]
  signature: string // "verified", or what is wrong with it
  name: string | null
  picture: string | null // never loaded by itself
  nip05: string | null
  root: string | null
  reply_to: string | null
  replies: number
  reactions: number
  reposts: number
  mine: { reaction: string | null; reposted: boolean }
  reacted: { content: string; count: number }[] // what was reacted with, most first
  muted: boolean
  warning: string | null // NIP-36
  expires: number | null // seconds
  embedded: Post | null // a repost's or a quote's
  poll: Poll | null
}
interface Poll {
  options: { id: string; label: string; votes: number }[]
  ends: number | null
  mine: string | null
  multiple: boolean
  voters: number
  chosen: string[] // all of the reader's, where one may choose several
}

const poll = record({
  options: list(record({ id: text, label: text, votes: either(int, 0) }), 64),
  ends: maybe(int),
  mine: maybe(text),
  multiple: either(bool, false),
  voters: either(int, 0),
  chosen: either(list(text, 64), [])
})
const reacted = list(record({ content: text, count: int }), 64)
const mine = record({ reaction: maybe(text), reposted: either(bool, false) })
const outer = record({
  id: text, pubkey: text, kind: int, created_at: int, content: text, tags: either(list(list(text, 1000), 5000), []), signature: either(text, ''),
  name: maybe(text), picture: maybe(text), nip05: maybe(text), root: maybe(text), reply_to: maybe(text), replies: either(int, 0), reactions: either(int, 0),
  reposts: either(int, 0), mine: either(mine, { reaction: null, reposted: false }), reacted: either(reacted, []), muted: either(bool, false), warning: maybe(text), expires: maybe(int), poll: maybe(poll)
})
// One level: what an embedded post embeds in turn is behind its own link.
const inner: Read<Post> = (value, at) => ({ ...outer(value, at), embedded: null })
const post: Read<Post> = (value, at) => ({
  ...outer(value, at),
  embedded: maybe(inner)((value as { embedded?: unknown }).embedded, `${at}.embedded`)
})

export const source = record({
  asked: int,
  answered: int,
  relays: either(list(record({ url: text, state: text, ms: maybe(int), count: either(int, 0) }), 64), [])
})
export const NOBODY = { asked: 0, answered: 0, relays: [] }

// hidden: how many muted ones were left out.
export const readFeed = record({ posts: list(post, 1000), hidden: either(int, 0), is_complete: either(bool, true), source: either(source, NOBODY) })
export const readThread = record({ root: maybe(text), posts: list(post, 2000), is_complete: either(bool, true), source: either(source, NOBODY) })
export const readRefresh = record({ source: either(source, NOBODY), new: either(int, 0) })
export const readProfile = record({
  pubkey: text, npub: either(text, ''), name: maybe(text), about: maybe(text), picture: maybe(text), nip05: maybe(text), nip05_state: either(text, 'none'), website: maybe(text),
  followed: either(bool, false), muted: either(bool, false), follows: either(int, 0), posts: either(int, 0)
})
export const sent = either(list(record({ url: text, state: text }), 64), [])
export const readPosted = record({ id: either(text, ''), sent })
const draft = record({ draft: key, content: text, reply_to: maybe(text), at_ms: maybe(int) })
export const readDrafts = record({ drafts: list(draft, 500) })
export const readDraft = record({ draft: key })
const report = record({ post: maybe(post), pubkey: maybe(text), by: maybe(text), type: either(text, ''), text: maybe(text), at: maybe(int) })
export const readModeration = record({ reports: list(report, 1000), blocked: either(list(text, 100_000), []) })
// Of the policy, those fields that are one value can be changed here, whatever the node calls them.
const policy: Read<Record<string, string | number | boolean>> = (value, at) => {
  record({})(value, at)
  const plain = Object.entries(value as object).filter(([, v]) => ['string', 'number', 'boolean'].includes(typeof v))
  return Object.fromEntries(plain) as Record<string, string | number | boolean>
}
const relay = record({ url: text, read: either(bool, true), write: either(bool, true) })
// How long posts stay, in days; 0: for ever.
const retention = record({ days: either(int, 0), followed_days: either(int, 0), kinds: either(list(record({ kind: int, days: int }), 1000), []) })
export const readSettings = record({ owner: maybe(text), relays: either(list(relay, 256), []), policy: either(policy, {}), retention: maybe(retention) })
const person = record({ pubkey: text, name: maybe(text) })
export const readLists = record({
  follows: either(list(person, 100_000), []),
  muted: record({ people: either(list(person, 100_000), []), words: either(list(text, 100_000), []), tags: either(list(text, 100_000), []), has_private: either(bool, false), threads: either(list(text, 100_000), []) })
})
// Counts under names of the node's own; a list among them is of kinds.
export const readStats: Read<Record<string, Record<string, unknown>>> = (value, at) => {
  record({})(value, at)
  return Object.fromEntries(Object.entries(value as object).filter(([, v]) => typeof v === 'object' && v !== null && !Array.isArray(v)))
}
export const readAny: Read<unknown> = value => value

export type Source = Of<typeof source>
export type Feed = Of<typeof readFeed>
export type Thread = Of<typeof readThread>
export type Profile = Of<typeof readProfile>
export type Posted = Of<typeof readPosted>
export type Draft = Of<typeof draft>
export type DraftId = Of<typeof key>
export type Settings = Of<typeof readSettings>
export type Retention = Of<typeof retention>
export type Report = Of<typeof report>
