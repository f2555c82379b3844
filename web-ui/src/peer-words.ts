// What is known of a peer, in words: how it is reached, what both carry, what it is worth and what cost it that, why a link
// ended. Keyed by the words of the node (node/p2p/peer_score.h, mesh_end.c).
import type { Peer } from './contract-peers'
import { bytes, count, group, reason, shortHash } from './format'
import { plainLine } from './plain'

export const nameOfPeer = (p: Peer): string => plainLine(p.label) || plainLine(p.name ?? '') || plainLine(p.device) || `Node ${shortHash(p.node)}`

// Beside its name: whose it is and on which device, as far as the name does not say so.
export function whose(p: Peer): string {
  const title = nameOfPeer(p)
  const parts = [p.name && plainLine(p.name), p.device && plainLine(p.device)].filter((one): one is string => Boolean(one) && one !== title)
  return parts.join(', ')
}

export type Tone = 'ok' | 'a' | 'warn' | 'bad' | ''
const STATES: Record<string, [Tone, string]> = {
  connected: ['ok', 'Linked'], connecting: ['a', 'Calling'], asleep: ['', 'Away'], waiting: ['', 'Not linked'], resting: ['warn', 'Let go'], banned: ['bad', 'Banned']
}
export const stateOf = (p: Peer): [Tone, string] => (p.is_accepted || p.state === 'banned' ? (STATES[p.state] ?? ['', plainLine(p.state, 20)]) : ['', 'Not let in'])

const HOW: Record<string, string> = { tls: 'by TLS with its key pinned', onion: 'through Tor', plain: 'without encryption, in your own network' }
export function reachedHow(p: Peer): string {
  const by = p.how ? (HOW[p.how] ?? `by ${plainLine(p.how, 20)}`) : ''
  return `${p.direction === 'in' ? 'It came to you' : 'Your node called it'}${by && `, ${by}`}`
}

// A peer without a link: why not, and what comes next.
const NEXT: Record<string, string> = {
  connecting: 'Your node calls it just now.',
  asleep: 'No address of it is known: it comes to you when it is there.',
  waiting: 'Your node calls it again by itself.',
  resting: 'Your node let it go for its faults and takes it back after a while.',
  banned: 'You banned it: it is not called and not let in.'
}
export const nextOf = (p: Peer): string => (p.is_accepted || p.state === 'banned' ? (NEXT[p.state] ?? '') : 'Your node knows of it and does not link with it before you let it in.')

const SERVES: Record<string, string> = { chain: 'chain data', blobs: 'media' }
export function shared(p: Peer): string {
  const people = p.scope.all ? 'It carries everybody.' : p.shared_authors ? `You both carry ${count(p.shared_authors, 'person', 'people')}.` : 'You carry nobody in common yet.'
  const more = p.serves.map(s => SERVES[s]).filter(Boolean)
  return `${people}${more.length ? ` It gives ${more.join(' and ')}.` : ''}${p.is_courier ? ' You keep sealed messages for it while it is away.' : ''}`
}

export const traffic = (p: Peer): string => `${bytes(p.bytes_in)} in, ${bytes(p.bytes_out)} out`

export function scoreOf(p: Peer): [Tone, string] {
  const s = p.score
  if (s <= -50) return ['bad', 'Too many faults']
  if (s < 0) return ['warn', 'It made faults']
  if (s < 10) return ['', 'Little known of it yet']
  return s < 50 ? ['ok', 'Good'] : ['ok', 'Very good']
}
export const worth = (p: Peer): string => (p.first + p.duplicates ? `First with ${group(p.first)} of ${count(p.first + p.duplicates, 'post')} that it gave.` : 'It gave nothing yet.')

const FAULTS: Record<string, string> = {
  bad_signature: 'Gave something with a false signature',
  malformed: 'Sent what is no message',
  not_had: 'Announced what it did not have',
  withheld: 'Announced things and kept quiet when asked for them',
  flood: 'Sent more than it may',
  out_of_scope: 'Sent what neither of you carries',
  echo: 'Gave back what it was given',
  identity: 'Was another node than it said',
  bad_chunk: 'Gave a false piece of a file',
  bad_proof: 'Gave chain data that does not hold'
}
export const faultWords = (kind: string): string => FAULTS[kind] ?? `Fault ${plainLine(kind, 30)}`

const ENDS: Record<string, string> = {
  banned: 'It does not let your node in.',
  busy: 'It was busy.',
  duplicate: 'There was another link already.',
  full: 'It has as many links as it takes.',
  lost: 'The connection was lost.',
  not_accepted: 'It does not know your node: ask its owner for an invitation.',
  peer_bye: 'It ended the link.',
  peer_clock: 'Its clock and yours differ too much.',
  peer_identity: 'Another node answered there than the one that was meant.',
  peer_channel: 'Somebody stands between you: what it signed was not for this connection.',
  peer_signature: 'What it signed does not hold.',
  peer_silent: 'It fell silent.',
  resting: 'Its node let yours go for a while.',
  wrong_pin: 'The key of its connection is not the one that is pinned.',
  connect_failed: 'Nobody answers at its addresses.',
  tls_failed: 'No encrypted connection came about.',
  name_not_found: 'The name of its address is not known.',
  proxy_unreachable: 'Tor does not answer on this computer.',
  proxy_refused: 'Tor could not reach it.',
  onion_without_tor: 'It is reached through Tor only, and Tor is not used here.',
  stopped: 'A node was stopped.'
}
export function endWords(end: { code: string; text: string }): string {
  const fault = FAULTS[end.code]
  return ENDS[end.code] ?? (fault ? `${fault}.` : (reason(plainLine(end.text, 160)) ?? `It ended (${plainLine(end.code, 30)}).`))
}

const ORIGINS: Record<string, string> = {
  added: 'you took its invitation', invited: 'it took yours', followed: 'you follow each other', exchanged: 'a peer told of it', lan: 'it was found in your network', stranger: 'it came by itself'
}
export const originWords = (p: Peer): string => ORIGINS[p.origin] ?? plainLine(p.origin, 30)

export function catchupWords(p: Peer): string {
  const c = p.catchup
  switch (c.state) {
    case 'comparing':
      return 'Comparing what both have'
    case 'fetching':
      return `Fetching what you lack, ${group(c.taken)} of ${group(c.needed)}`
    case 'done':
      return c.taken || c.offered ? `Both have the same: ${group(c.taken)} came, ${group(c.offered)} went` : 'Both have the same'
    case 'failed':
      return `It broke off (${plainLine(c.code ?? 'no reason', 30)}); tried again with the next link`
    default:
      return p.direction === 'in' ? 'The other node compares, for both' : 'Not yet'
  }
}

// Refusals of peers.* for people, where the words of the node are not enough.
export const REFUSED: Record<string, string> = {
  bad_invite: 'That is no invitation: one begins with hearth:peer? and is taken whole.',
  own_node: 'That invitation is your own node’s. Give it to somebody else.',
  invite_expired: 'That invitation is over. Ask for a new one.',
  peer_banned: 'You banned that node. Allow it again first.',
  too_long: 'That name is too long.',
  no_peer: 'Your node does not know that peer any more.',
  no_invitation: 'That invitation is used or over already.',
  too_many_peers: 'Your node knows as many peers as it can. Forget one first.',
  too_many_invites: 'As many invitations are open as can be. Take one back first.'
}
