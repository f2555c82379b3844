// Which request the review sheet shows. A request opens its sheet by itself when it arrives, unless the
// person is typing somewhere; it then waits in the bell until the field is left. Closing decides nothing.
import { computed, effect, signal } from '@preact/signals'
import type { Id, QueueItem } from './contract-wallet'
import { bunker, didNews, link, queue } from './node'
import { problems } from './problems'
import type { RpcError } from './rpc'
import { say } from './say'

const openId = signal<Id | null>(null)
const aside = signal<ReadonlySet<Id>>(new Set()) // closed without a decision, or decided
const decided = new Set<Id>()
const turn = signal(0)
// Being decided here: the node's answer says how it ended.
const deciding = new Set<Id>()
// What was said yes to and could not be done. Shown when its request is gone; until then its sheet says it.
export const notDone = signal<{ id: Id; error: RpcError } | null>(null)

export const waiting = computed<QueueItem[]>(() => (queue.value ?? []).filter(i => !decided.has(i.id) || i.state === 'signing'))
export const reviewing = computed<QueueItem | null>(() => waiting.value.find(i => i.id === openId.value) ?? null)

// Everything that only the person can settle: problems of the node too.
export const needs = computed(() => problems.value.length + waiting.value.length + (bunker.value?.waiting.length ?? 0) + (didNews.value?.alerts ? 1 : 0))

export function review(id: Id): void {
  openId.value = id
}

export function setAside(id: Id): void {
  aside.value = new Set([...aside.peek(), id])
  if (openId.peek() === id) openId.value = null
  if (notDone.peek()?.id === id) notDone.value = null
}

export async function whileDeciding(id: Id, run: () => Promise<void>): Promise<void> {
  deciding.add(id)
  try {
    await run()
  } finally {
    deciding.delete(id)
  }
}

// It was decided here: its sheet goes, even if the node's word of that is still on its way.
export function markDecided(id: Id): void {
  decided.add(id)
  setAside(id)
}

function isTyping(): boolean {
  const e = document.activeElement
  return e instanceof HTMLTextAreaElement || (e instanceof HTMLInputElement && !['radio', 'checkbox'].includes(e.type))
}

function step(): void {
  const list = waiting.value
  void turn.value
  if (link.value.s !== 'open') return
  const id = openId.value
  if (id !== null) {
    if (list.some(i => i.id === id)) return
    openId.value = null
    if (!decided.has(id) && !deciding.has(id) && notDone.peek()?.id !== id) say('The request ended before you decided. Nothing was signed.')
  }
  const next = list.find(i => i.state === 'waiting' && !aside.value.has(i.id) && (i.is_own || !isTyping()))
  if (next) openId.value = next.id
}

export function startReview(): void {
  effect(step)
  let known = 0
  effect(() => {
    const n = waiting.value.length
    if (n > known) say(n === 1 ? 'A request waits for you' : `${n} requests wait for you`)
    known = n
  })
  // The focus has moved on when the timer runs.
  document.addEventListener('focusout', () => setTimeout(() => turn.value++, 0))
}
