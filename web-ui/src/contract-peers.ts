// The shapes of what the node says of its peers (social/mesh/mesh_service.h) and of how it is reached (mesh_reach.h).
import { bool, either, int, list, maybe, record, text, type Of } from './check'

const fault = record({ kind: text, what: either(text, ''), count: either(int, 1), at_ms: int })
const catchup = record({ state: text, needed: either(int, 0), taken: either(int, 0), offered: either(int, 0), at_s: maybe(int), code: maybe(text), has_neg: either(bool, false) })
const NO_CATCHUP = { state: 'idle', needed: 0, taken: 0, offered: 0, at_s: null, code: null, has_neg: false }
const scope = record({ all: either(bool, false), authors: either(int, 0), inbox: either(int, 0), tags: either(list(text, 1000), []) })

const peer = record({
  node: text,
  user: maybe(text),
  npub: maybe(text),
  name: maybe(text),
  label: either(text, ''),
  device: either(text, ''),
  state: text,
  how: maybe(text),
  direction: maybe(text),
  address: maybe(text),
  addresses: either(list(text, 64), []),
  origin: either(text, ''),
  is_accepted: either(bool, true),
  is_courier: either(bool, false),
  score: either(int, 0),
  first: either(int, 0),
  duplicates: either(int, 0),
  bytes_in: either(int, 0),
  bytes_out: either(int, 0),
  since_s: maybe(int), // seconds, as all times of peers but those of faults
  seen_s: maybe(int),
  serves: either(list(text, 16), []),
  scope: either(scope, { all: false, authors: 0, inbox: 0, tags: [] }),
  shared_authors: either(int, 0),
  faults: either(list(fault, 64), []),
  last_end: maybe(record({ code: text, text: either(text, '') })),
  catchup: either(catchup, NO_CATCHUP)
})

const invitation = record({ label: either(text, ''), expires_s: int, link: text })
const gossip = record({ pushed: int, gave: int, announced: int, asked: int, received: int, duplicates: int, fresh: int, bad: int })
const way = record({ is_on: bool, state: either(text, 'off'), why: maybe(text), found: either(int, 0), external: maybe(text), lease_s: maybe(int), address: maybe(text) })
const OFF = { is_on: false, state: 'off', why: null, found: 0, external: null, lease_s: null, address: null }
const reach = record({
  listen: maybe(text),
  is_on: bool,
  why: maybe(text),
  addresses: list(record({ url: text, reach: text, is_told: bool }), 64),
  lan: either(way, OFF),
  map_port: either(way, OFF),
  onion: either(way, OFF),
  rendezvous: either(way, OFF)
})

export const readPeers = record({ node: text, links: int, wanted_links: int, gossip, peers: list(peer, 10_000), invitations: either(list(invitation, 1000), []), reach })
export const readInvitation = record({ link: text, expires_s: int, addresses: list(text, 64), warnings: either(list(text, 16), []) })
export const readAdded = record({ node: text })

export const readPeerSettings = record({
  listen: bool, port: int, bind: text, hosts: list(text, 64), lan: bool, map_port: bool, onion: bool, tor_control: text, tor_socks: text, exchange: bool, rendezvous: bool,
  tell: text, accept_follows: bool, is_open: bool, couriers: bool, courier_bytes: int, serve_chain: bool, serve_blobs: bool, upload_bytes_per_s: int, plain_lan: bool
})

export type Peer = Of<typeof peer>
export type Peers = Of<typeof readPeers>
export type Gossip = Of<typeof gossip>
export type Reach = Of<typeof reach>
export type Way = Of<typeof way>
export type Invitation = Of<typeof readInvitation>
export type OpenInvitation = Of<typeof invitation>
export type PeerSettings = Of<typeof readPeerSettings>
