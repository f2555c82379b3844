// What the screens of peers show, asked for anew when the node says that something changed, and every five seconds for
// what only counts on; and what the owner does about peers.
import { computed } from '@preact/signals'
import { now } from './clock'
import * as c from './contract-peers'
import type { Read } from './check'
import { view } from './got'
import { call, lacking, peersNews } from './node'
import { REFUSED } from './peer-words'
import { route } from './route'
import { RpcError } from './rpc'

const TICK_MS = 5000
const isHere = computed(() => (route.value.screen === 'peers' || route.value.screen === 'reach') && !lacking.value.has('peers.changed'))
const tick = computed(() => Math.floor(now.value / TICK_MS))
const moved = computed(() => ({ news: peersNews.value, tick: tick.value }))

export const peers = view('peers.list', c.readPeers, () => (isHere.value ? {} : null), () => moved.value)
export const peerSettings = view('peers.settings', c.readPeerSettings, () => (isHere.value && route.value.screen === 'reach' ? {} : null))

const any = (value: unknown): unknown => value

async function act<T = unknown>(method: string, params: Record<string, unknown>, read: Read<T> = any as Read<T>): Promise<T> {
  const answer = await call(`peers.${method}`, params, read).catch((error: RpcError) => {
    const words = REFUSED[error.code]
    // A code that other modules use, too, keeps its own words there.
    throw words ? new RpcError(words, error.code === 'too_long' ? 'label_too_long' : error.code) : error
  })
  peers.again()
  return answer
}

export const invitePeer = (label: string, hours: number) => act('invite', { hours, ...(label && { label }) }, c.readInvitation)
export const addPeer = (link: string, label: string) => act('add', { link, ...(label && { label }) }, c.readAdded)
export const revoke = (link: string) => act('revoke', { link })
export const ban = (node: string, on: boolean) => act('ban', { node, on })
export const letIn = (node: string, on: boolean) => act('accept', { node, on })
export const forget = (node: string) => act('forget', { node })
export const courier = (node: string, on: boolean) => act('courier', { node, on })
export const relabel = (node: string, label: string) => act('label', { node, label })
export const dial = (node: string) => act('dial', { node })
export const forgive = (node: string) => act('forgive', { node })

export async function setPeers(change: Partial<c.PeerSettings>): Promise<void> {
  const next = await act('set_settings', change, c.readPeerSettings)
  peerSettings.patch(() => next)
}
