// Why a fact could not be shown, in words: what happened, what it does not mean, what comes next. Keyed
// by the code of the node's error.
import type { RpcError } from './rpc'

export interface Refusal {
  title: string
  means: string
  tone: 'none' | 'warn' | 'bad' // none: nothing went wrong, there is nothing to show
}

const KNOWN: Record<string, Refusal> = {
  block_in_future: {
    title: 'There is no such block yet',
    means: 'The chain has not come that far. This page shows the block as soon as it is proven.',
    tone: 'none'
  },
  block_not_found: {
    title: 'No provider knows this block',
    means: 'That cannot be proven: the block may exist where nobody was asked. The page asks again with each new head.',
    tone: 'none'
  },
  not_in_chain: {
    title: 'This block is not in the chain',
    means: 'It exists, and another block stands in its place.',
    tone: 'none'
  },
  tx_not_found: {
    title: 'No provider knows this transaction',
    means: 'That cannot be proven: it may wait where nobody was asked. The page asks again with each new head.',
    tone: 'none'
  },
  too_far: {
    title: 'Too far back to prove',
    means: 'Your node walks back from the head block by block, and this one is further than it goes.',
    tone: 'warn'
  },
  no_head: {
    title: 'No head is proven yet',
    means: 'Everything else is proven against it. The page asks again when there is one.',
    tone: 'warn'
  },
  no_provider: {
    title: 'Nobody gave an answer that holds',
    means: 'Nothing unproven is shown in its place. Network says how the providers do. The page asks again with the next head.',
    tone: 'warn'
  },
  state_pruned: {
    title: 'No provider keeps a state that old',
    means: 'The page asks again with the next head.',
    tone: 'warn'
  },
  other_branch: {
    title: 'This block is not in the chain',
    means: 'Another block stands in its place.',
    tone: 'none'
  },
  no_method: {
    title: 'Your node cannot answer this yet',
    means: 'It is older than this page. Start the newer one, then open this page again.',
    tone: 'bad'
  },
  no_answer: {
    title: 'No answer came in time',
    means: 'Your node still asks its providers. The page asks again with the next head.',
    tone: 'warn'
  }
}

export function refusalOf(error: RpcError): Refusal {
  return (
    KNOWN[error.code] ?? {
      title: 'This could not be proven',
      means: 'Nothing unproven is shown in its place. The page asks again with the next head.',
      tone: 'bad'
    }
  )
}
