// Devices that sign with the reader's Nostr key through the node (social/bunker/bunker.h): who they are, what waits for a
// decision, what came while the keys were sealed.
import { bool, either, int, list, maybe, record, text, type Of } from './check'

const device = record({
  device: text,
  as: text, // the key it signs with
  name: either(text, ''),
  relays: either(list(text, 16), []),
  kinds: either(list(int, 256), []),
  may_encrypt: either(bool, false),
  may_decrypt: either(bool, false),
  asks: maybe(text), // what it said it would like to do; grants nothing
  added: int, // seconds, as all times here
  used: maybe(int),
  count: either(int, 0)
})
const asked = record({
  request: int,
  device: text,
  name: either(text, ''),
  method: text,
  kind: maybe(int),
  content: maybe(text),
  tags: maybe(list(list(text, 64), 256)),
  is_cut: either(bool, false), // there is more than is shown
  with: maybe(text), // whom the sealed text is for or from
  is_careful: either(bool, false), // always asked for, unless an invitation ticks it
  at: int,
  until: int
})

export const readBunker = record({ devices: list(device, 256), waiting: list(asked, 256), invitations: either(int, 0), missed: either(int, 0), is_open: either(bool, false) })
export const readInvite = record({ uri: text, until: int })

export type Device = Of<typeof device>
export type Asked = Of<typeof asked>
export type Bunker = Of<typeof readBunker>
export type Invite = Of<typeof readInvite>
