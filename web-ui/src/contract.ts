// The shapes the node sends, written once as readers; the types follow from them. Field names are the
// node's own spelling. Lists have bounds so that a runaway push cannot fill the page.
import { bool, either, int, list, maybe, pair, record, text, word, type Of } from './check'

const hash = text

// What is unproven may have no block, no level and no age.
export const provenance = record({
  verdict: word('proven', 'unproven', 'stale', 'unavailable'),
  block: either(record({ number: maybe(int), hash: maybe(hash) }), { number: null, hash: null }),
  level: maybe(word('head', 'safe', 'finalized')),
  age_ms: either(int, 0),
  sources: either(list(text, 64), []),
  why: maybe(text)
})

const header = record({
  slot: int,
  root: hash,
  participants: maybe(int), // null: the starting point, which a checkpoint vouches for instead
  committee_size: int,
  block_number: maybe(int), // null on Gloas heads: their light-client headers carry only the block hash
  slot_ms: int,
  provenance
})

const network = record({
  name: text,
  chain_id: int,
  preset: text,
  genesis_time: int,
  slot_duration_ms: int,
  slots_per_epoch: int,
  slots_per_period: int,
  sync_committee_size: int
})

const checkpoint = record({
  root: maybe(hash), // null while the sources have not agreed
  slot: maybe(int),
  age_ms: maybe(int),
  max_age_ms: int,
  origin: word('sources', 'user', 'kept'),
  agreed: int,
  asked: int,
  sources: list(
    record({ name: text, root: maybe(hash), slot: maybe(int), agrees: bool, error: maybe(text) }),
    64
  )
})

export const status = record({
  state: word('starting', 'syncing', 'live', 'stale', 'offline', 'error'),
  why: maybe(text),
  code: maybe(text),
  now_ms: int,
  network,
  wall_slot: int,
  fork: text,
  head: maybe(header),
  finalized: maybe(header),
  period: maybe(
    record({ number: int, slots_done: int, slots_total: int, ends_ms: int, next_committee_known: bool })
  ),
  checkpoint: maybe(checkpoint),
  storage_error: maybe(record({ code: text, text })), // the last attempt to keep something failed
  sync: record({
    step: word('checkpoint', 'bootstrap', 'committees', 'head', 'done'),
    done: int,
    total: int,
    per_minute: int,
    left_ms: maybe(int)
  })
})

const fault = record({
  at_ms: int,
  asked: text,
  code: text,
  reason: text,
  slot: maybe(int),
  answer_bytes: int,
  evidence: maybe(int) // null: no copy of the answer was kept
})

const method = record({ method: text, answered: int, failed: int, ms: maybe(int) })

const provider = record({
  id: (value, at) => (typeof value === 'number' ? int(value, at) : text(value, at)),
  name: text,
  kind: word('beacon', 'checkpoint', 'execution'),
  state: word('in_use', 'ready', 'slow', 'failing', 'lied'),
  score: int,
  median_ms: maybe(int),
  requests: int,
  failures: int,
  head_slot: maybe(int),
  last_error: maybe(record({ text, at_ms: int })),
  faults: list(fault, 256),
  lacks: either(list(text, 64), []),
  methods: either(list(method, 64), []),
  budget_per_s: maybe(int)
})

export const providers = record({ providers: list(provider, 256) })
export const slots = record({ first: int, states: text })
export const headAges = record({ points: list(pair(int, int), 1024) })

export const cache = record({
  headers: record({ recent: int, cached: int, kept: int, hits: int, misses: int }),
  blocks: record({ bodies: int, receipts: int, bytes: int, bytes_max: int, kept: int, hits: int, misses: int }),
  state: record({ accounts: int, slots: int, codes: int, bytes: int, bytes_max: int, hits: int, misses: int })
})

const sending = record({
  hash,
  from: text,
  nonce: int,
  state: word('sent', 'included', 'finalized', 'replaced'),
  sent_ms: int,
  block: maybe(record({ number: int, hash })),
  succeeded: maybe(bool),
  providers: list(text, 64)
})
export const outbox = record({ transactions: list(sending, 1024) })

export const nodeInfo = record({
  version: text,
  commit: maybe(text),
  network: text,
  data_dir: text,
  started_ms: int,
  pid: int
})

const session = record({
  id: text,
  created_ms: int,
  used_ms: int,
  user_agent: either(text, ''), // as the browser said it, unchecked
  connections: either(int, 0),
  is_this: bool
})
export const readSessions = record({ sessions: list(session, 256) })
export const readEnded = record({ ended: int })

export type Session = Of<typeof session>
export type Status = Of<typeof status>
export type Header = Of<typeof header>
export type Provenance = Of<typeof provenance>
export type Checkpoint = Of<typeof checkpoint>
export type Provider = Of<typeof provider>
export type Fault = Of<typeof fault>
export type Slots = Of<typeof slots>
export type HeadAges = Of<typeof headAges>
export type Cache = Of<typeof cache>
export type Sending = Of<typeof sending>
export type NodeInfo = Of<typeof nodeInfo>
