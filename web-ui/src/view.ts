// What the screens show, derived from what the node said and how long ago it said it. The rule that
// matters most lives here: a value is live only while the node keeps saying so.
import { computed, signal } from '@preact/signals'
import { nodeNow, now, silence } from './clock'
import type { Fault, Header, Provider, Status } from './contract'
import { link, providers, status } from './node'

export type Mood =
  | 'out' | 'lost' | 'loading' // between this page and the node
  | 'starting' | 'syncing' | 'live' | 'stale' | 'offline' | 'error' // between the node and the chain

// How long "live" holds without news: until the next slot is due, and some grace for the network.
// The node reports at least once a slot, so silence beyond that is itself a sign of staleness.
export function liveUntil(s: Status, head: Header): number {
  const slot = s.network.slot_duration_ms
  const grace = Math.max(4000, slot / 3)
  return Math.max(s.now_ms, head.slot_ms + slot) + slot + grace
}

// The node last said "live", but too long ago: the page itself calls its values stale.
export const isQuiet = computed(() => {
  const s = status.value
  return s?.state === 'live' && s.head !== null && nodeNow.value > liveUntil(s, s.head)
})

export const mood = computed<Mood>(() => {
  const s = status.value
  switch (link.value.s) {
    case 'out':
      return 'out'
    case 'lost':
      return 'lost'
    case 'connecting':
      return 'loading'
    case 'open':
      if (!s) return 'loading'
      if (s.state === 'live') return s.head && !isQuiet.value ? 'live' : 'stale'
      return s.state
  }
})

export const headAge = computed(() => {
  const head = status.value?.head
  return head ? Math.max(0, nodeNow.value - head.slot_ms) : null
})

export function silentFor(): number {
  return silence.value ?? 0
}

// Bones are for a second at most; after that the page says in words what it waits for.
const opened = Date.now()
export const waitedLong = computed(() => now.value - opened > 1500)

// A head is named by its block; on Gloas, whose headers carry no block number, by its slot.
export function place(h: Header): { word: 'block' | 'slot'; n: number } {
  return h.block_number === null ? { word: 'slot', n: h.slot } : { word: 'block', n: h.block_number }
}

export const syncPercent = computed(() => {
  const sync = status.value?.sync
  return sync && sync.total > 0 ? Math.min(100, Math.floor((sync.done * 100) / sync.total)) : null
})

export const networkName = computed(() => {
  const name = status.value?.network.name
  return name ? name.charAt(0).toUpperCase() + name.slice(1) : null
})

export function answering(list: Provider[]): Provider[] {
  return list.filter(p => p.state === 'in_use' || p.state === 'ready' || p.state === 'slow')
}

export function newestFault(p: Provider): Fault | null {
  return p.faults.reduce<Fault | null>((best, f) => (best && best.at_ms >= f.at_ms ? best : f), null)
}

export const liars = computed(() => (providers.value ?? []).filter(p => p.state === 'lied'))

// Evidence the person has had on screen; the pill stops pointing at it after that.
const seen = signal<ReadonlySet<string>>(new Set())
const key = (p: Provider): string => `${p.id} ${newestFault(p)?.at_ms ?? 0}`

export function markLiesSeen(): void {
  seen.value = new Set([...seen.value, ...liars.value.map(key)])
}

export const unseenLiars = computed(() => liars.value.filter(p => !seen.value.has(key(p))))
