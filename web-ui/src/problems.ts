// What only the person can settle, in words: what happened, what did not, what to do next.
import { computed } from '@preact/signals'
import type { Status } from './contract'
import { reason } from './format'
import { status } from './node'

export interface Problem {
  code: string
  title: string
  happened: string
  next: string
  href: string | null
  action: string | null
}

type Words = Omit<Problem, 'code' | 'happened'> & { happened: string }

const KNOWN: Record<string, Words> = {
  checkpoint_disagreement: {
    title: 'Your checkpoint sources disagree',
    happened: 'They name different blocks to start from.',
    next: 'Your node started from none of them. Compare the roots with someone you trust, then start the node with the root you choose.',
    href: '#/network/checkpoint',
    action: 'Compare the roots'
  },
  no_checkpoint: {
    title: 'Your node has no block to start from',
    happened: 'No checkpoint source gave one.',
    next: 'Nothing was taken on faith. Check the sources, or start the node with a checkpoint root from someone you trust.',
    href: '#/network/checkpoint',
    action: 'See the sources'
  },
  checkpoint_too_old: {
    title: 'The checkpoint is too old to trust',
    happened: 'The validators who signed after it may have left.',
    next: 'Your node did not start from it. Start the node with a newer checkpoint root.',
    href: '#/network/checkpoint',
    action: 'See the checkpoint'
  },
  disk_full: {
    title: 'The disk is full',
    happened: 'Your node cannot store what it proves.',
    next: 'What was stored before is safe. Free some space. Your node goes on by itself.',
    href: null,
    action: null
  }
}

export function problemOf(s: Status): Problem | null {
  const words = s.code ? KNOWN[s.code] : undefined
  // The node's own words come first: they name the hosts and the numbers.
  if (words && s.code) return { ...words, code: s.code, happened: reason(s.why) ?? words.happened }
  if (s.state !== 'error') return null
  return {
    code: s.code ?? 'unknown',
    title: 'Your node cannot go on by itself',
    happened: reason(s.why) ?? 'It gave no reason. Nothing unproven was taken as true.',
    next: 'Run “hearth doctor” on this computer: it names the cause and the next step.',
    href: '#/help',
    action: 'Open help'
  }
}

function storageProblem(s: Status): Problem | null {
  if (!s.storage_error) return null
  const { code, text } = s.storage_error
  const words = KNOWN[code] ?? {
    title: 'Your node cannot store what it proves',
    next: 'What was stored before is safe, and the node goes on from memory. “hearth doctor” names the cause.',
    href: '#/help',
    action: 'Open help'
  }
  return { ...words, code, happened: text }
}

// Problems need the person whatever else is going on, so they count on every screen.
export const problems = computed<Problem[]>(() => {
  const s = status.value
  if (!s) return []
  return [problemOf(s), storageProblem(s)].filter(p => p !== null)
})
