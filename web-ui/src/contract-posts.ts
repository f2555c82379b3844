// The shapes of what is asked of the feeds module: posts with where they came from, people, messages, reports.
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
}

const poll = record({
  options: list(record({ id: text, label: text, votes: either(int, 0) }), 64),
  ends: maybe(int),
  mine: maybe(text)
})
const mine = record({ reaction: maybe(text), reposted: either(bool, false) })
const outer = record({
  id: text, pubkey: text, kind: int, created_at: int, content: text, tags: either(list(list(text, 1000), 5000), []), signature: either(text, ''),
  name: maybe(text), picture: maybe(text), nip05: maybe(text), root: maybe(text), reply_to: maybe(text), replies: either(int, 0), reactions: either(int, 0),
  reposts: either(int, 0), mine: either(mine, { reaction: null, reposted: false }), muted: either(bool, false), warning: maybe(text), expires: maybe(int), poll: maybe(poll)
})
// One level: what an embedded post embeds in turn is behind its own link.
const inner: Read<Post> = (value, at) => ({ ...outer(value, at), embedded: null })
const post: Read<Post> = (value, at) => ({
  ...outer(value, at),
  embedded: maybe(inner)((value as { embedded?: unknown }).embedded, `${at}.embedded`)
})

const source = record({
  asked: int,
  answered: int,
  relays: either(list(record({ url: text, state: text, ms: maybe(int), count: either(int, 0) }), 64), [])
})
const NOBODY = { asked: 0, answered: 0, relays: [] }

export const readFeed = record({ posts: list(post, 1000), is_complete: either(bool, true), source: either(source, NOBODY) })
export const readThread = record({ root: maybe(text), posts: list(post, 2000), is_complete: either(bool, true), source: either(source, NOBODY) })
export const readRefresh = record({ source: either(source, NOBODY), new: either(int, 0) })
export const readProfile = record({
  pubkey: text, npub: either(text, ''), name: maybe(text), about: maybe(text), picture: maybe(text), nip05: maybe(text), nip05_state: either(text, 'none'), website: maybe(text),
  followed: either(bool, false), muted: either(bool, false), follows: either(int, 0), posts: either(int, 0)
})
const sent = either(list(record({ url: text, state: text }), 64), [])
export const readPosted = record({ id: either(text, ''), sent })
const draft = record({ draft: key, content: text, reply_to: maybe(text), at_ms: maybe(int) })
export const readDrafts = record({ drafts: list(draft, 500) })
export const readDraft = record({ draft: key })
export const readConversations = record({
  conversations: list(record({ with: text, name: maybe(text), last: maybe(text), at: maybe(int), unread: either(int, 0) }), 1000),
  is_open: either(bool, false)
})
export const readMessages = record({ messages: list(record({ id: text, from: text, at: int, content: text, reply_to: maybe(text) }), 1000) })
const report = record({ post: maybe(post), pubkey: maybe(text), by: maybe(text), type: either(text, ''), text: maybe(text), at: maybe(int) })
export const readModeration = record({ reports: list(report, 1000), blocked: either(list(text, 100_000), []) })
// Of the policy, those fields that are one value can be changed here, whatever the node calls them.
const policy: Read<Record<string, string | number | boolean>> = (value, at) => {
  record({})(value, at)
  const plain = Object.entries(value as object).filter(([, v]) => ['string', 'number', 'boolean'].includes(typeof v))
  return Object.fromEntries(plain) as Record<string, string | number | boolean>
}
const relay = record({ url: text, read: either(bool, true), write: either(bool, true) })
export const readSettings = record({ owner: maybe(text), relays: either(list(relay, 256), []), policy: either(policy, {}) })
export const readAny: Read<unknown> = value => value

export type Source = Of<typeof source>
export type Feed = Of<typeof readFeed>
export type Thread = Of<typeof readThread>
export type Profile = Of<typeof readProfile>
export type Posted = Of<typeof readPosted>
export type Draft = Of<typeof draft>
export type DraftId = Of<typeof key>
export type Settings = Of<typeof readSettings>
export type Report = Of<typeof report>
