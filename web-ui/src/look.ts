// Looking things up: which page does a text lead to? A hash of 32 bytes may name a transaction or a
// block, so the node is asked for both, and the one it knows is opened.
import { effect, signal } from '@preact/signals'
import { readBlock, readTransaction } from './contract-chain'
import { call, link } from './node'
import { leadOn, route } from './route'
import { RpcError } from './rpc'

export type Looked =
  | { s: 'nothing' }
  | { s: 'page'; href: string }
  | { s: 'hash'; hash: string }
  | { s: 'unclear'; why: string }

// Spaces around, separators inside a number and a missing 0x are forgiven.
export function read(typed: string): Looked {
  const t = typed.trim()
  if (!t) return { s: 'nothing' }
  const word = t.toLowerCase()
  if (word === 'latest' || word === 'head') return { s: 'page', href: '#/block/latest' }
  if (word === 'finalized' || word === 'safe') return { s: 'page', href: '#/block/finalized' }
  const hex = /^(?:0x)?([0-9a-f]{64}|[0-9a-f]{40})$/i.exec(t)?.[1]
  if (hex?.length === 40) return { s: 'page', href: `#/account/0x${hex}` }
  if (hex) return { s: 'hash', hash: `0x${hex.toLowerCase()}` }
  const digits = t.replace(/[,_ ]/g, '')
  if (/^\d{1,15}$/.test(digits)) return { s: 'page', href: `#/block/${Number(digits)}` }
  if (/^0x[0-9a-f]*$/i.test(t)) {
    return { s: 'unclear', why: `It has ${t.length - 2} digits after 0x. An address has 40, a hash has 64.` }
  }
  if (/^[^\s.]+(\.[^\s.]+)+$/.test(t)) return { s: 'unclear', why: 'It looks like a name. Your node does not prove names yet; use the address.' }
  return { s: 'unclear', why: 'It is no address, no hash and no block number.' }
}

export function hrefOf(typed: string): string {
  const looked = read(typed)
  if (looked.s === 'page') return looked.href
  return looked.s === 'hash' ? `#/look/${looked.hash}` : `#/look/${encodeURIComponent(typed.trim())}`
}

export interface Search {
  hash: string | null
  errors: RpcError[] | null // null: still asking; of the transaction, then of the block
  begun: number
}
export const search = signal<Search>({ hash: null, errors: null, begun: 0 })

function find(hash: string): void {
  search.value = { hash, errors: null, begun: Date.now() }
  const isWanted = (): boolean => search.peek().hash === hash && route.peek().screen === 'look'
  const tries = [
    call('l1.transaction', { hash }, readTransaction).then(() => `#/tx/${hash}`),
    call('l1.block', { block: hash }, readBlock).then(() => `#/block/${hash}`)
  ]
  Promise.any(tries).then(
    href => isWanted() && leadOn(href),
    (error: AggregateError) => {
      if (!isWanted()) return
      const errors = error.errors.map((e: unknown) => (e instanceof RpcError ? e : new RpcError(String(e), 'unknown')))
      search.value = { ...search.peek(), errors }
    }
  )
}

export function startLook(): void {
  effect(() => {
    const { screen, arg } = route.value
    const isOpen = link.value.s === 'open'
    if (screen !== 'look' || arg === null) return void (search.value = { hash: null, errors: null, begun: 0 })
    const looked = read(arg)
    if (looked.s === 'page') leadOn(looked.href)
    else if (looked.s === 'hash' && isOpen) find(looked.hash)
  })
}

