// What the owner does about devices that sign through the node, and the words for what they may sign.
import { readInvite, type Invite } from './contract-bunker'
import { call } from './node'

const any = (value: unknown): unknown => value

export interface Terms {
  name?: string
  kinds: number[]
  may_encrypt: boolean
  may_decrypt: boolean
}
export const invite = (terms: Terms): Promise<Invite> => call('social.bunker_invite', { ...terms }, readInvite)
export const letIn = (uri: string, terms: Terms): Promise<unknown> => call('social.bunker_connect', { uri, ...terms }, any)
export const decideFor = (request: number, allow: boolean, always = false): Promise<unknown> => call('social.bunker_decide', { request, allow, ...(always && { always }) }, any)
export const endDevice = (device: string): Promise<unknown> => call('social.bunker_end', { device }, any)

// Ticked at once or left out: what a lost device could do with them can be undone.
export const COMMON: readonly (readonly [number[], string])[] = [
  [[1, 1111], 'Posts and replies'], [[7], 'Reactions'], [[6, 16], 'Passing posts on'], [[1018, 1068], 'Polls and votes'], [[30023], 'Articles']
]
// Each on its own: with these a device can wipe, replace or sign in elsewhere.
export const CAREFUL: readonly (readonly [number, string])[] = [
  [0, 'Your profile'], [3, 'Whom you follow'], [5, 'Deletions'], [10002, 'Your list of relays'], [10000, 'Whom you mute'], [22242, 'Signing in at relays'], [24242, 'Storing media elsewhere'], [27235, 'Signing in at web sites']
]
const NAMES = new Map<number, string>([
  ...CAREFUL, [1, 'Posts and replies'], [6, 'Passing posts on'], [7, 'Reactions'], [13, 'Sealed messages'], [16, 'Passing posts on'], [62, 'Vanishing'], [1018, 'Votes'], [1059, 'Wrapped messages'], [1068, 'Polls'], [1111, 'Comments'], [30023, 'Articles']
])
export const kindName = (kind: number): string => NAMES.get(kind) ?? `Kind ${kind}`

// What a device may do unasked, in a line.
export function allowed(d: { kinds: number[]; may_encrypt: boolean; may_decrypt: boolean }): string {
  const names = [...new Set(d.kinds.map(kindName))]
  if (d.may_encrypt) names.push('Sealing messages')
  if (d.may_decrypt) names.push('Opening messages')
  return names.length ? `Unasked: ${names.join(', ')}.` : 'It asks each time.'
}

// The wishes in an address that a device shows; null when it is no such address.
export function wishesOf(uri: string): { name: string; perms: string[] } | null {
  if (!/^nostrconnect:\/\/[0-9a-f]{64}\/?\?/.test(uri)) return null
  const query = new URLSearchParams(uri.slice(uri.indexOf('?') + 1))
  return { name: query.get('name') ?? '', perms: (query.get('perms') ?? '').split(',').filter(Boolean) }
}
