// What a request would do, as the node tells it: in words and as the calls it makes (identity/wallet/explain.h), and as what
// came of running it (identity/wallet/effects.h). All of it is bounded here, so that what draws it is.
import { bool, either, int, list, Malformed, maybe, quantity, record, text, wei, word, type Of, type Read } from './check'
import { provenance } from './contract'

const asIs: Read<unknown> = value => value
export const amount: Read<bigint> = (value, at) => (typeof value === 'string' && value.startsWith('0x') ? quantity(value, at) : wei(value, at))
// A number of the node's own may come as one of Ethereum's.
const whole: Read<number> = (value, at) => (typeof value === 'string' ? Number(amount(value, at)) : int(value, at))

export interface TreeNode {
  name: string
  type: string
  value: string | null
  children: TreeNode[]
}

const TREE_DEEP = 40
const TREE_MAX = 4096

// A tree of EIP-712, or an argument of a call; bounded in depth, so that the recursion is.
function treeNode(deep: number): Read<TreeNode> {
  return (value, at) => {
    const v = record({ name: either(text, ''), type: either(text, ''), value: asIs, children: asIs })(value, at)
    const children = deep > 0 ? either(list(treeNode(deep - 1), TREE_MAX), [])(v.children, `${at}.children`) : []
    const isText = typeof v.value === 'string' || typeof v.value === 'number' || typeof v.value === 'boolean'
    return { name: v.name, type: v.type, value: isText ? String(v.value) : null, children }
  }
}

export interface DecodedCall {
  contract: string | null // null: a list of contracts was too short
  name: string | null // null: a function that the wallet does not know; then only selector and data are there
  title: string
  signature: string
  args: TreeNode[]
  calls: DecodedCall[]
  value: bigint | null // wei that goes with a call in a call
  left_out: number // calls that are not in `calls`
  selector: string | null
  data: string | null // null: too long to be told twice
}

// More than the node's own bounds (identity/wallet/explain_call.h).
const CALLS_DEEP = 16
const CALLS_MAX = 512

const callShape = record({
  contract: maybe(text),
  name: maybe(text),
  title: either(text, ''),
  signature: either(text, ''),
  args: either(list(treeNode(TREE_DEEP), TREE_MAX), []),
  calls: either(list(asIs, TREE_MAX), []),
  value: maybe(amount),
  left_out: either(int, 0),
  selector: maybe(text),
  data: maybe(text)
})

// What is past a bound is counted as left out, so that its owner reads that there is more.
function decodedCall(room: { calls: number }, deep: number): Read<DecodedCall> {
  return (value, at) => {
    const v = callShape(value, at)
    const calls: DecodedCall[] = []
    for (const inner of v.calls) {
      if (deep === 0 || room.calls <= 0) break
      room.calls--
      calls.push(decodedCall(room, deep - 1)(inner, `${at}.calls[${calls.length}]`))
    }
    return { ...v, calls, left_out: v.left_out + v.calls.length - calls.length }
  }
}

// The tree of typed data is a list; a call is an object.
const tree: Read<TreeNode[] | DecodedCall> = (value, at) =>
  Array.isArray(value) ? list(treeNode(TREE_DEEP), TREE_MAX)(value, at) : decodedCall({ calls: CALLS_MAX }, CALLS_DEEP)(value, at)

export const explain = record({
  title: text,
  sentence: either(text, ''),
  kind: text,
  leaves: either(list(record({ what: text, amount: either(text, ''), unit: either(text, ''), to: maybe(text), token: maybe(text) }), 512), []),
  rows: either(list(record({ label: text, value: text, mono: either(bool, false) }), 256), []),
  tree: maybe(tree),
  warnings: either(list(record({ level: word('danger', 'warn', 'note'), code: text, text }), 1024), []),
  is_red: either(bool, false)
})

const MOVES_MAX = 4096
const moved = record({ what: text, amount: either(text, ''), unit: either(text, ''), token: maybe(text), id: maybe(text), to: maybe(text), from: maybe(text) })
const approval = record({
  standard: either(text, ''),
  contract: text,
  spender: text,
  amount: maybe(amount), // in base units
  id: maybe(text),
  all: either(bool, false),
  shown: maybe(record({ amount: text, unit: text })), // the amount as the wallet knows the token
  is_unlimited: either(bool, false),
  is_revoked: either(bool, false)
})
const effects = record({
  state: word('running', 'done', 'failed'),
  why: maybe(text),
  code: maybe(text),
  block: maybe(record({ number: whole, hash: text, timestamp: maybe(whole) })), // in seconds
  leaves: either(list(moved, MOVES_MAX), []),
  arrives: either(list(moved, MOVES_MAX), []),
  approvals: either(list(approval, MOVES_MAX), []),
  is_cut: either(bool, false), // there is more than is listed
  reverts: maybe(text), // '': no reason was given
  gas_used: maybe(whole),
  provenance: maybe(provenance)
})

// A form that this page does not know costs what was run, and not the request.
export const readEffects: Read<Of<typeof effects>> = (value, at) => {
  try {
    return effects(value, at)
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return effects({ state: 'failed', why: 'your node tells it in another form than this page knows', code: 'malformed' }, at)
  }
}

export type Explain = Of<typeof explain>
export type Moved = Of<typeof moved>
export type Approval = Of<typeof approval>
export type Effects = Of<typeof effects>
