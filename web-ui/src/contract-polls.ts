// The shapes of community polls (governance/polls/polls.h, poll.h).
import { bool, either, int, list, maybe, record, text, wei, type Of } from './check'

const shape = {
  id: text, author: text, author_name: maybe(text), is_mine: either(bool, false), question: text, options: list(text, 64), method: text, gate: record({ kind: text, contract: maybe(text) }), snapshot_block: either(int, 0), closing_block: either(int, 0),
  state: text, closes_s: either(int, 0)
}
const ballot = record({ choice: either(list(int, 64), []), shares: maybe(list(int, 64)), at_s: int, standing: text, why: maybe(text) })
const result = record({
  options: list(record({ label: text, weight: wei, ballots: int }), 64), unit: either(wei, 1n), rounds: either(list(record({ weights: list(wei, 64), eliminated: maybe(int) }), 64), []), counted: int, late: either(int, 0),
  replaced: either(int, 0), refused_count: either(int, 0), unproven: either(int, 0), root: text, winner: maybe(int)
})
const root = record({ author: maybe(text), name: maybe(text), is_mine: either(bool, false), root: text, at_s: either(int, 0), same: bool })
export const readPolls = record({ polls: list(record(shape), 1000) })
// Who was asked last for the answers of people whom nobody here follows.
const source = maybe(record({ asked: int, answered: int, is_cut: either(bool, false) }))
export const readPoll = record({ ...shape, source, my_ballot: maybe(ballot), result: maybe(result), is_complete: either(bool, false), block_why: maybe(text), roots: either(list(root, 500), []) })
export const readMade = record({ id: text })
export const readCast = record({ standing: either(text, ''), why: maybe(text) })
export type Poll = Of<typeof readPoll>
export type PollRow = Of<typeof readPolls>['polls'][number]
