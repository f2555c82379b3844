// What a node says in each state, in the words of the API contract. All hosts, roots and numbers are
// invented; times count from the moment a scene is made.
const hex = (seed, bytes = 32) => '0x' + Array.from({ length: bytes }, (_, i) => ((seed * 31 + i * 97) & 255).toString(16).padStart(2, '0')).join('')

const MAINNET = {
  name: 'mainnet', chain_id: 1, preset: 'mainnet', genesis_time: 1_606_824_023, slot_duration_ms: 12_000,
  slots_per_epoch: 32, slots_per_period: 8192, sync_committee_size: 512
}
const BLOCK_OF_SLOT = 11_500_000 // invented distance between slot and block numbers

export function header({ ageMs, slot, level, verdict = 'proven', sources = ['beacon.quay.example', 'light.ember.example'], gloas = false, why = null }) {
  const number = gloas ? null : slot + BLOCK_OF_SLOT
  return {
    slot, root: hex(slot), participants: 498, committee_size: 512, block_number: number, slot_ms: Date.now() - ageMs,
    provenance: { verdict, block: { number, hash: hex(slot + 1) }, level, age_ms: ageMs, sources, why }
  }
}

const SLOT = 14_714_907
const sources3 = () => ['beacon.quay.example', 'sync.birch.example', 'checkpoint.alder.example']

export function checkpoint(over = {}) {
  const root = hex(145)
  return {
    root, slot: SLOT - 43_200, age_ms: 6 * 86_400_000, max_age_ms: 14 * 86_400_000, origin: 'sources', agreed: 3, asked: 3,
    sources: sources3().map(name => ({ name, root, slot: SLOT - 43_200, agrees: true, error: null })),
    ...over
  }
}

export function status(over = {}) {
  return {
    state: 'live', why: null, code: null, now_ms: Date.now(), network: MAINNET, wall_slot: SLOT + 1, fork: 'electra',
    head: header({ ageMs: 13_000, slot: SLOT, level: 'head' }),
    finalized: header({ ageMs: 816_000, slot: SLOT - 68, level: 'finalized' }),
    period: { number: 1916, slots_done: 6540, slots_total: 8192, ends_ms: Date.now() + 19_830_000, next_committee_known: true },
    checkpoint: checkpoint(),
    sync: { step: 'done', done: 54, total: 54, per_minute: 0, left_ms: null },
    ...over
  }
}

export function provider(over) {
  return {
    id: over.name, kind: 'beacon', state: 'in_use', score: 96, median_ms: 61, requests: 1204, failures: 0,
    head_slot: SLOT, last_error: null, faults: [], ...over
  }
}

const honest = () => [
  provider({ name: 'beacon.quay.example:443' }),
  provider({ name: 'light.ember.example:443', score: 98, median_ms: 84, requests: 990 }),
  provider({ name: 'beacon.birch.example:5052', state: 'ready', score: 91, median_ms: 112, requests: 301, failures: 2 }),
  provider({
    name: 'rpc.slowfjord.example:443', state: 'slow', score: 41, median_ms: 1912, requests: 288, failures: 31,
    last_error: { text: 'no answer within 5 s', at_ms: Date.now() - 190_000 }
  })
]

// Fixed, because the same fault told twice must stay one fault.
const CAUGHT_MS = Date.now() - 95_000

export const liar = (over = {}) => provider({
  name: 'eth.northwind.example:443', state: 'lied', score: 0, median_ms: 77, requests: 512, failures: 1, head_slot: SLOT - 3,
  faults: [
    {
      at_ms: CAUGHT_MS, asked: 'optimistic update for slot 14,714,901', code: 'bad_signature',
      reason: 'the signature of 498 keys does not hold over the header it sent', slot: SLOT - 6, answer_bytes: 4127
    },
    {
      at_ms: CAUGHT_MS - 7_100_000, asked: 'finality update', code: 'bad_branch',
      reason: 'step 3 of 9 of the finality branch gives another root', slot: SLOT - 600, answer_bytes: 5210
    }
  ],
  ...over
})

function slots(end = '') {
  const states = 'ffffffffffffffmfffffffffffffffffssssssssssmsssssssssssssssssssssssssssssssssssssssmsssssssssssss' + end
  return { first: SLOT - 95, states: states.slice(-96) }
}

function headAges() {
  const points = Array.from({ length: 60 }, (_, i) => [
    Date.now() - (60 - i) * 60_000,
    2200 + ((i * 7919) % 13) * 60 - 300 + (i === 17 ? 1900 : 0) + (i === 41 ? 3700 : 0)
  ])
  return { points }
}

const scene = (s, list = honest(), strip = slots(), ages = headAges()) => ({
  'l1.status': s, 'l1.providers': { providers: list }, 'l1.slots': strip, 'l1.head_ages': ages
})

const NOTHING = { head: null, finalized: null, period: null, checkpoint: null }
const noSlots = () => ({ first: 0, states: '' })
const noAges = () => ({ points: [] })
const down = () => honest().map(p => ({
  ...p, state: 'failing', score: 12, failures: p.requests, last_error: { text: 'connection refused', at_ms: Date.now() - 21_000 }
}))

export const SCENES = {
  live: () => scene(status()),
  starting: () => scene(
    status({ state: 'starting', ...NOTHING, sync: { step: 'checkpoint', done: 0, total: 0, per_minute: 0, left_ms: null } }),
    honest().map(p => ({ ...p, state: 'ready', score: 50, median_ms: null, requests: 0, failures: 0, head_slot: null, last_error: null })),
    noSlots(), noAges()
  ),
  syncing: () => scene(
    status({
      state: 'syncing',
      head: header({ ageMs: 3 * 86_400_000 + 5_000_000, slot: SLOT - 22_000, level: 'head', verdict: 'stale', why: 'kept from an earlier run' }),
      finalized: null, period: { number: 1896, slots_done: 2000, slots_total: 8192, ends_ms: Date.now() + 60_000, next_committee_known: true },
      checkpoint: checkpoint({ origin: 'kept' }),
      sync: { step: 'committees', done: 34, total: 54, per_minute: 30, left_ms: 40_000 }
    }),
    honest(), { first: SLOT - 39, states: '?'.repeat(40) }, noAges()
  ),
  gloas: () => scene(status({
    fork: 'gloas',
    head: header({ ageMs: 13_000, slot: SLOT, level: 'head', gloas: true }),
    finalized: header({ ageMs: 816_000, slot: SLOT - 68, level: 'finalized', gloas: true })
  }), honest(), slots('??s')),
  stale: () => scene(status({
    state: 'stale', why: '2 of 4 providers answer with the same old head, 2 do not answer.',
    head: header({ ageMs: 250_000, slot: SLOT - 20, level: 'head', verdict: 'stale', why: 'no newer head was proven' })
  }), honest(), slots('????')),
  offline: () => scene(status({
    state: 'offline', code: 'no_provider', why: 'None of 4 providers answers. Your node asks again every 10 s.',
    head: header({ ageMs: 1_900_000, slot: SLOT - 150, level: 'head', verdict: 'stale', why: 'no provider answers' }),
    finalized: header({ ageMs: 2_704_000, slot: SLOT - 217, level: 'finalized', verdict: 'stale', why: 'no provider answers' })
  }), down(), slots('?'.repeat(40))),
  lied: () => scene(status(), [...honest(), liar()]),
  disagreement: () => scene(
    status({
      state: 'error', code: 'checkpoint_disagreement', why: '2 sources name one block, 1 source names another.',
      ...NOTHING,
      checkpoint: checkpoint({
        agreed: 2,
        sources: sources3().map((name, i) => ({ name, root: hex(i === 2 ? 77 : 145), slot: SLOT - 43_200, agrees: i !== 2, error: null }))
      }),
      sync: { step: 'checkpoint', done: 0, total: 0, per_minute: 0, left_ms: null }
    }), honest(), noSlots(), noAges()
  ),
  no_checkpoint: () => scene(
    status({
      state: 'error', code: 'no_checkpoint', why: 'Asked 3 checkpoint sources, none answered.', ...NOTHING,
      checkpoint: checkpoint({
        root: hex(0), slot: null, age_ms: null, agreed: 0,
        sources: sources3().map(name => ({ name, root: null, slot: null, agrees: false, error: 'connection refused' }))
      }),
      sync: { step: 'checkpoint', done: 0, total: 0, per_minute: 0, left_ms: null }
    }), [], noSlots(), noAges()
  ),
  disk_full: () => scene(status({ state: 'error', code: 'disk_full', why: 'The disk has 0 bytes left for the store.' })),
  fresh_install: () => scene(status({ checkpoint: checkpoint({ origin: 'user', sources: [], agreed: 0, asked: 0 }) }), [], noSlots(), noAges()),
  // Text from outside is text, however long and whatever it looks like.
  hostile: () => scene(
    status({ checkpoint: checkpoint({ agreed: 1, sources: [{ name: '<img src=x onerror=alert(1)>' + 'n'.repeat(120), root: hex(145), slot: 1, agrees: true, error: null }] }) }),
    [provider({ name: 'a'.repeat(180) + '.example:443', last_error: { text: '<script>alert(2)</script>' + 'e'.repeat(180), at_ms: Date.now() } }),
      liar({ name: 'b'.repeat(90) + '.example:1', faults: [{ at_ms: CAUGHT_MS, asked: 'q'.repeat(200), code: 'c'.repeat(60), reason: 'r'.repeat(200), slot: null, answer_bytes: 1 }] })]
  )
}
