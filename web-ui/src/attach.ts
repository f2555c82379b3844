// Files that go along with what is being written: hashed, signed for and sent to the node's door while the text is
// still typed. They outlive the screen, by the text they belong to, and no reload of the page.
import { signal, type Signal } from '@preact/signals'
import { upload } from './media'
import type { RpcError } from './rpc'
import { asRpcError } from './wallet'

export interface Attached {
  key: number
  file: File
  preview: string | null // of a picture
  step: 'hashing' | 'sending' | 'done' | 'failed'
  share: number
  alt: string // what it shows, in words
  error: RpcError | null
  got: { url: string; sha256: string; type: string; size: number } | null
  stop: AbortController
}

export const FILES_MAX = 10 // of one post
const lists = new Map<string, Signal<Attached[]>>()
let keys = 0

export function attachedTo(key: string): Signal<Attached[]> {
  let list = lists.get(key)
  if (!list) lists.set(key, (list = signal<Attached[]>([])))
  return list
}

function change(list: Signal<Attached[]>, key: number, how: Partial<Attached>): void {
  list.value = list.peek().map(a => (a.key === key ? { ...a, ...how } : a))
}

export const describe = (list: Signal<Attached[]>, key: number, alt: string): void => change(list, key, { alt })

export function send(list: Signal<Attached[]>, key: number): void {
  const one = list.peek().find(a => a.key === key)
  if (!one) return
  const stop = new AbortController()
  change(list, key, { step: 'hashing', share: 0, error: null, stop })
  upload(one.file, (step, share) => change(list, key, { step, share }), stop.signal).then(
    got => change(list, key, { step: 'done', share: 1, got }),
    (thrown: unknown) => change(list, key, { step: 'failed', error: asRpcError(thrown) })
  )
}

// Gives how many did not fit.
export function attach(list: Signal<Attached[]>, files: Iterable<File>): number {
  let over = 0
  for (const file of files) {
    if (list.peek().length >= FILES_MAX) {
      over++
      continue
    }
    const key = ++keys
    const preview = file.type.startsWith('image/') && file.type !== 'image/svg+xml' ? URL.createObjectURL(file) : null
    list.value = [...list.peek(), { key, file, preview, step: 'hashing', share: 0, alt: '', error: null, got: null, stop: new AbortController() }]
    send(list, key)
  }
  return over
}

export function detach(list: Signal<Attached[]>, key: number): void {
  const one = list.peek().find(a => a.key === key)
  one?.stop.abort()
  if (one?.preview) URL.revokeObjectURL(one.preview)
  list.value = list.peek().filter(a => a.key !== key)
}
