// Facts that are asked for, not pushed: what a screen wants is a function of the route, and it is asked
// for again whenever the chain moved, until it cannot change any more. Screens read the signal.
import { effect, signal, type ReadonlySignal } from '@preact/signals'
import type { Read } from './check'
import { nodeNow } from './clock'
import type { Provenance } from './contract'
import { call, link } from './node'
import { RpcError } from './rpc'

export interface Asked<T> {
  key: string | null // what is wanted; null: nothing
  value: T | null
  error: RpcError | null // of the newest asking; beside a value, that value has grown old
  since: number // when the value became true, by the node's clock
  begun: number // when the first asking began, by this page's
}

interface Proven {
  provenance: Provenance
}

interface Wants<T> {
  params(): Record<string, unknown> | null
  news(): string // what moved; asked again when it differs
  isFinal(value: T): boolean
}

export interface Fact<T> {
  now: ReadonlySignal<Asked<T>>
  again(): void
}

const LINK_CODES = ['not_connected', 'connection_lost']

function aged<T extends Proven>(value: T | null, why: string): T | null {
  return value && { ...value, provenance: { ...value.provenance, verdict: 'stale', why } }
}

export function ask<T extends Proven>(method: string, read: Read<T>, wants: Wants<T>): Fact<T> {
  const now = signal<Asked<T>>({ key: null, value: null, error: null, since: 0, begun: 0 })
  const turn = signal(0)
  let mine = 0 // answers to what is not wanted any more are dropped
  let isBusy = false
  let heard: string | null = null // the news at the last asking

  function send(params: Record<string, unknown>): void {
    const id = mine
    isBusy = true
    call(method, params, read)
      .then(
        value => {
          if (id !== mine) return
          now.value = { ...now.peek(), value, error: null, since: nodeNow.peek() - value.provenance.age_ms }
        },
        (thrown: unknown) => {
          if (id !== mine) return
          const error = thrown instanceof RpcError ? thrown : new RpcError(String(thrown), 'unknown')
          if (LINK_CODES.includes(error.code)) heard = null
          else now.value = { ...now.peek(), error, value: aged(now.peek().value, error.message) }
        }
      )
      .finally(() => {
        if (id !== mine) return
        isBusy = false
        turn.value = turn.peek() + 1
      })
  }

  effect(() => {
    void turn.value
    const params = wants.params()
    const key = params && JSON.stringify(params)
    const news = wants.news()
    const isOpen = link.value.s === 'open'
    if (key !== now.peek().key) {
      mine++
      isBusy = false
      heard = null
      now.value = { key, value: null, error: null, since: 0, begun: Date.now() }
    }
    // What was asked over a lost connection must be asked again over the next.
    if (!isOpen) heard = null
    const { value, error } = now.peek()
    const isSettled = value !== null && error === null && wants.isFinal(value)
    if (!params || !isOpen || isBusy || isSettled || heard === news) return
    heard = news
    send(params)
  })

  return {
    now,
    again() {
      heard = null
      if (now.peek().error && !now.peek().value) now.value = { ...now.peek(), error: null, begun: Date.now() }
      turn.value = turn.peek() + 1
    }
  }
}
