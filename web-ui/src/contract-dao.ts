// The shapes of governance (governance/methods.h, act.h, calls.h, create_methods.h, talk.h): communities, proposals, votes.
import { bool, either, int, list, maybe, record, text, wei, type Of, type Read } from './check'
import { explain, type Explain } from './contract-explain'

const asIs: Read<unknown> = value => value
// A number of the chain: decimal text, or one of the node's own.
const big: Read<bigint> = (value, at) => wei(typeof value === 'number' ? String(value) : value, at)
const no = either(bool, false)
const words = either(text, '')
const warnings = either(list(record({ code: words, text, severity: words }), 200), [])
const asOf = maybe(record({ number: int, timestamp: int, is_final: bool }))

const community = record({
  address: text, name: words, label: words, kind: words, profile: text, why: maybe(text), is_people: no, token: maybe(text), token_symbol: maybe(text), token_decimals: either(int, 18), timelock: maybe(text),
  counting: words, clock: words, is_profiling: no, active: either(int, 0), pending: either(int, 0), next_close_s: maybe(int), my_power: maybe(big), my_delegate: maybe(text), alerts: warnings, as_of: asOf
})
export const readCommunities = record({ communities: list(community, 1000) })
export const readAdded = record({ community })

const who = record({ address: text, name: maybe(text), as: words, until_s: maybe(int), by_vote: no, provenance: words })
const whos = either(list(who, 500), [])
const roles: Read<[string, Who[]][]> = (value, at) => Object.entries((value ?? {}) as object).slice(0, 50).map(([k, v]) => [k, whos(v, at)])
const power = record({ can_cancel: whos, can_upgrade: whos, can_veto: whos, timelock_roles: roles, min_delay_s: maybe(big), executor_open: no, notes: either(list(text, 200), []) })
const held = record({ contract: text, symbol: words, decimals: either(int, 18), amount: big })
const delegate = record({ address: text, name: maybe(text), power: maybe(big), statement: maybe(text) })
const more = record({
  settings: maybe(record({ voting_delay: maybe(big), voting_period: maybe(big), threshold: maybe(big), quorum_now: maybe(big) })), power: maybe(power),
  treasury: maybe(record({ address: text, wei: maybe(big), tokens: either(list(held, 500), []) })), delegates: either(list(delegate, 1000), [])
})
export const readCommunity: Read<Whole> = (value, at) => ({ ...community(value, at), ...more(value, at) })

const three = { against: big, for: big, abstain: big }
const summary = {
  community: text, id: text, title: maybe(text), is_text_proven: no, proposer: maybe(text), proposer_name: maybe(text), state: text, state_provenance: text, start: either(int, 0), end: either(int, 0), start_s: maybe(int), end_s: maybe(int), is_estimate: no,
  tally: maybe(record({ ...three, quorum: maybe(big), quorum_met: maybe(bool) })), tally_proven: no, list_proven: no, missing: maybe(record(three)),
  my_vote: maybe(record({ support: int, weight: big })), as_of: asOf, why: maybe(text)
}
const progress = maybe(record({ done: int, total: int }))
export const readProposals = record({ proposals: list(record(summary), 1000), is_complete: no, has_more: no, why_incomplete: maybe(text), scanning: progress })

// A call and those within it; the node's own bound is 8 deep and 256 in all.
export interface DaoCall extends Of<typeof callShape> {
  explain: Explain | null
  calls: DaoCall[]
}
const callShape = record({
  path: words, target: maybe(text), target_name: maybe(text), wei: either(big, 0n), signature: words, calldata: text, operation: words, guess: no, left_out: either(int, 0), explain: maybe(explain), calls: asIs,
  alarms: either(list(record({ level: text, code: text, text, path: words }), 1000), [])
})
const daoCall = (deep: number): Read<DaoCall> => (value, at) => {
  const v = callShape(value, at)
  return { ...v, calls: deep ? either(list(daoCall(deep - 1), 256), [])(v.calls, at) : [] }
}
const actions = list(daoCall(10), 256)
const point = record({ what: text, block: maybe(int), time_s: maybe(int), state: text, provenance: words })
const fault = maybe(record({ code: text, text }))
const weights = maybe(record({ done: int, total: int, differ: either(int, 0) })) // votes whose weight at the snapshot was proven
export const readProposal = record({
  ...summary, description: maybe(text), actions: maybe(actions), timeline: either(list(point, 50), []), hidden_power: warnings, votes_count: either(int, 0), unchecked_blocks: either(int, 0), counting: progress,
  provider_bytes: either(int, 0), ballots_waiting: either(int, 0), talk: either(int, 0), omitted_by: either(list(text, 20), []), error: fault, look_error: fault, weights, alarms: warnings
})

const vote = record({ voter: text, name: maybe(text), support: int, weight: big, split: maybe(list(big, 3)), reason: words, block: int, flag_proven: no, weight_proven: maybe(bool), weight_at_snapshot: maybe(big), weight_why: fault, is_mine: no, is_override: no })
export const readVotes = record({ votes: list(vote, 1000), total: int, weights })
// A large one was written to a file by the node, which says where.
export const readExport = record({ name: text, text: maybe(text), path: maybe(text) })
const named = either(list(record({ text }), 1000), [])
export const readSimulation = record({ words: either(list(text, 1000), []), roles: named, owners: named, balances: named })

export const readPower = record({ balance: maybe(big), delegate: maybe(text), votes_now: maybe(big), votes_at: maybe(big), votes_at_provenance: words, provenance: words, warnings })
export const readDone = record({ hash: maybe(text), event_id: maybe(text), id: maybe(text), delegation: either(asIs, null), notes: warnings })
// Somebody's signed delegation, looked at before anybody sends it.
export const readDelegation = record({
  delegator: text, delegator_name: maybe(text), to: text, to_name: maybe(text), token: text, community: maybe(text), symbol: maybe(text), decimals: either(int, 18), balance: maybe(big), delegate_now: maybe(text), expires_s: int, state: text, why: fault
})
const field = record({ name: text, label: words, type: words })
export const readTemplates = record({ templates: list(record({ kind: text, title: text, fields: list(field, 32) }), 50) })
export const readPreview = record({
  id: maybe(text), timelock_id: maybe(text), explain: either(list(explain, 256), []), simulation: maybe(record({ error: asIs, results: asIs })), propose: maybe(record({ would_fail: maybe(text) }))
})
export const readBallots = record({ ballots: list(record({ id: either(asIs, null), voter: text, support: int, weight: maybe(big), state: text, why: maybe(text), reason: words }), 1000), public: words })
export const readTalk = record({ items: list(record({ id: text, author: text, name: maybe(text), kind: words, text, at_s: int }), 1000) })

const step = record({ what: text, hash: maybe(text), state: text })
export const readCreation = record({ id: text, name: words, steps: list(step, 20), community: maybe(text), treasury: maybe(text), votes: maybe(text), is_final: no, error: maybe(text) })
export const readNotices = record({ notices: list(record({ id: int, kind: words, text, address: maybe(text), proposal: maybe(text), at_s: int, read: no }), 1000) })

// What an audit file says, once its headers lead to the block that it is held against.
export const readClaim = record({ governor: text, proposal_id: text, tally: record(three), missing: maybe(record(three)), votes: int, voters: int, tally_proven: bool, list_proven: bool, unchecked_blocks: either(int, 0), weights: maybe(record({ agree: int, differ: int, open: either(int, 0) })) })
const signed = { id: maybe(text), signature: text, why: maybe(text), from: maybe(text) }
const snapshotProposal = record({ ...signed, space: words, title: words, body: words, choices: either(list(text, 256), []), votes: either(list(int, 256), []), voters: either(int, 0), snapshot: asIs })
const snapshotVote = record({ ...signed, proposal: maybe(text), choice: asIs, reason: words, replaced: no })
export const readSnapshot = record({ proposals: list(snapshotProposal, 1000), votes: list(snapshotVote, 1000), others: either(list(record({ ...signed, kind: words }), 1000), []), note: words })

export type Com = Of<typeof community>
export type Who = Of<typeof who>
export type Whole = Com & Of<typeof more>
export type Summary = Of<typeof readProposals>['proposals'][number]
export type Prop = Of<typeof readProposal>
export type Vote = Of<typeof vote>
export type Power = Of<typeof readPower>
export type Snapshot = Of<typeof readSnapshot>
export type Delegation = Of<typeof readDelegation>
export type Warned = Of<typeof warnings>
export type Action = Record<string, unknown> & { kind: string }
