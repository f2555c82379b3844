// What the feeds module says by itself (social/client.h): whose feed it is, what came since the views were last
// read, how the relays do. What is asked for stands in contract-posts.ts.
import { bool, either, int, list, maybe, record, text, type Of } from './check'

const names = record({ name: maybe(text), picture: maybe(text) })
const key = record({ pubkey: text, npub: either(text, ''), label: either(text, '') })
const relay = record({ url: text, read: either(bool, true), write: either(bool, true) })

export const readMe = record({
  pubkey: maybe(text), // null: no Nostr key was chosen yet
  npub: maybe(text),
  keys: either(list(key, 256), []),
  is_open: either(bool, false), // whether the vault is, so that posts can be signed
  profile: maybe(names),
  follows: either(int, 0),
  has_messages: either(bool, false), // whether the node can seal and open private messages
  relays: either(list(relay, 256), []),
  door: maybe(record({ url: maybe(text), is_open: either(bool, false) }))
})
// Since each view was last read.
export const readNew = record({ following: either(int, 0), notifications: either(int, 0), messages: either(int, 0), own: either(int, 0) })
export const readRelays = record({ relays: list(record({ url: text, state: text, events: either(int, 0) }), 256) })

export type Me = Of<typeof readMe>
export type NewCounts = Of<typeof readNew>
export type RelayState = Of<typeof readRelays>['relays'][number]
