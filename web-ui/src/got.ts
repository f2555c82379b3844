// What is asked of the feeds module, as a function of the route: on its way, here, grown old, refused. What is here
// changes only when its reader asks for it, or when what it depends on moved.
import { effect, signal, type ReadonlySignal } from '@preact/signals'
import type { Read } from './check'
import { call, link } from './node'
import type { RpcError } from './rpc'
import { asRpcError } from './wallet'

// Beyond the eight seconds that relays are given (social/client.h).
export const ASK_MS = 20_000

export interface Got<T> {
  key: string | null // what is wanted; null: nothing
  value: T | null
  error: RpcError | null // of the newest asking; beside a value, that value has grown old
  begun: number
  at: number // when the value came, by this page's clock
  isBusy: boolean
}
export interface View<T> {
  now: ReadonlySignal<Got<T>>
  again(): void
  patch(change: (value: T) => T): void
}

const NOTHING = { key: null, value: null, error: null, begun: 0, at: 0, isBusy: false }

// `params`: null when nothing is wanted. `news`: asked again when it differs.
export function view<T>(method: string, read: Read<T>, params: () => Record<string, unknown> | null, news: () => unknown = () => 0): View<T> {
  const now = signal<Got<T>>(NOTHING)
  const turn = signal(0) // of what the reader asked for
  const done = signal(0)
  let mine = 0 // answers to what is not wanted any more are dropped
  let heard: unknown = null
  let asked = -1 // the turn of the last asking

  function send(what: Record<string, unknown>): void {
    const id = mine
    now.value = { ...now.peek(), isBusy: true }
    call(method, what, read, ASK_MS).then(
      value => id === mine && (now.value = { ...now.peek(), value, error: null, at: Date.now(), isBusy: false }),
      (thrown: unknown) => {
        if (id !== mine) return
        const error = asRpcError(thrown)
        const isCut = error.code === 'not_connected' || error.code === 'connection_lost'
        now.value = { ...now.peek(), error: isCut ? now.peek().error : error, isBusy: false }
        if (isCut) heard = null
      }
    ).finally(() => id === mine && done.value++)
  }

  effect(() => {
    void turn.value
    void done.value
    const what = params()
    const key = what && JSON.stringify(what)
    const isOpen = link.value.s === 'open'
    const moved = news()
    if (key !== now.peek().key) {
      mine++
      heard = null
      now.value = { ...NOTHING, key, begun: Date.now() }
    }
    if (!what || !isOpen || now.peek().isBusy || heard === moved) return
    // After a lost connection what is here stays as it is, under the reader's eyes.
    const isSettled = heard === null && now.peek().value !== null && turn.peek() === asked
    heard = moved
    asked = turn.peek()
    if (!isSettled) send(what)
  })

  return {
    now,
    again() {
      heard = null
      if (!now.peek().value) now.value = { ...now.peek(), error: null, begun: Date.now() }
      turn.value++
    },
    patch(change) {
      const { value } = now.peek()
      if (value) now.value = { ...now.peek(), value: change(value) }
    }
  }
}
