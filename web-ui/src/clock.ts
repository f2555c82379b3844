// Time on this page. Ages count from the node's own clock, so a computer whose clock is wrong, or a
// page read from another one, still shows true ages.
import { computed, signal } from '@preact/signals'

// Wall time of this page, one step a second.
export const now = signal(Date.now())

interface Heard {
  node_ms: number
  date: number
  perf: number
}
const heard = signal<Heard | null>(null)

export function tick(): void {
  now.value = Date.now()
}

export function hearNodeTime(node_ms: number): void {
  heard.value = { node_ms, date: Date.now(), perf: performance.now() }
  tick()
}

// The larger of two measures: performance.now() may stop while the computer sleeps, and Date.now()
// jumps back when the clock is set. Either alone could make an old value look young.
function elapsed(from: Heard): number {
  return Math.max(0, Date.now() - from.date, performance.now() - from.perf)
}

// The node's wall clock as known here; this page's clock until the node has spoken.
export const nodeNow = computed(() => {
  const here = now.value
  const from = heard.value
  return from ? from.node_ms + elapsed(from) : here
})

// Time since the node last told its own; null before it did.
export const silence = computed(() => {
  void now.value
  const from = heard.value
  return from ? elapsed(from) : null
})

export function startClock(): void {
  setInterval(tick, 1000)
  // A hidden page's timers are throttled: correct every age at once when it is seen again.
  document.addEventListener('visibilitychange', tick)
}
