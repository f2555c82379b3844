// The facts that the route asks for: a block, a transaction, an account at the head and at finality.
import { ask } from './asked'
import { readAccount, readBlock, readTransaction } from './contract-chain'
import type { Provenance } from './contract'
import { status } from './node'
import { route } from './route'

const head = (): string => status.value?.head?.root ?? ''
const finality = (): string => status.value?.finalized?.root ?? ''
const both = (): string => `${head()} ${finality()}`
const isFinal = (p: Provenance): boolean => p.verdict === 'proven' && p.level === 'finalized'

const argOf = (screen: string): string | null => (route.value.screen === screen ? route.value.arg : null)
export const isTag = (arg: string | null): boolean => arg === 'latest' || arg === 'finalized'

export const block = ask('l1.block', readBlock, {
  params() {
    const arg = argOf('block')
    return arg === null ? null : { block: /^\d+$/.test(arg) ? Number(arg) : arg }
  },
  news: both,
  isFinal: v => isFinal(v.provenance) && !isTag(route.peek().arg)
})

export const transaction = ask('l1.transaction', readTransaction, {
  params() {
    const hash = argOf('tx')
    return hash === null ? null : { hash }
  },
  news: both,
  isFinal: v => v.receipt !== null && isFinal(v.provenance)
})

export const accountAtHead = ask('l1.account', readAccount, {
  params() {
    const address = argOf('account')
    return address === null ? null : { address, block: 'latest', code: true }
  },
  news: head,
  isFinal: () => false
})

export const accountAtFinality = ask('l1.account', readAccount, {
  params() {
    const address = argOf('account')
    return address === null ? null : { address, block: 'finalized' }
  },
  news: finality,
  isFinal: () => false
})
