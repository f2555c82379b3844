// Requests that ask for more than a payment: tokens to be shown, calls that make calls, and what came of running
// them. In the form of identity/wallet/queue.h, explain.h and effects.h; all addresses and amounts are invented.
import { blockHash, bytesOf, HEAD, LUMEN, MARA, provenance } from './facts.mjs'
import { REQUESTS, SITE } from './wallet.mjs'

export const HARBOUR = bytesOf('harbour token', 20)
export const TIDAL = bytesOf('tidal token', 20)
const ROUTER = bytesOf('router', 20)
const SAFE = bytesOf('safe', 20)
const SPENDER = bytesOf('spender', 20)
export const UNKNOWN = '0xdeadbeef' + bytesOf('unknown arguments', 160).slice(2)

const words = over => ({ title: '', sentence: '', kind: 'call', leaves: [], rows: [], tree: null, warnings: [], is_red: false, ...over })
const arg = (name, type, value) => ({ name, type, value })
const known = (title, contract, signature, args, over = {}) => ({ contract, name: signature.slice(0, signature.indexOf('(')), title, signature, args, calls: [], ...over })
const unknown = (contract, data, over = {}) => ({ contract, name: null, selector: data && data.length >= 10 ? data.slice(0, 10) : null, data, ...over })
const transfer = over => known('Transfer', HARBOUR, 'transfer(address,uint256)', [arg('to', 'address', LUMEN), arg('amount', 'uint256', '18400000000000000000000')], over)
const asks = (explain, over = {}) => REQUESTS.transfer({ is_own: false, origin: SITE, explain: words(explain), ...over })

// Three levels: the second call makes two, the last of which nobody knows; the third is a payment without data.
export const nested = () => known('Multicall', ROUTER, 'multicall(bytes[])', [{ name: 'data', type: 'bytes[]', children: [arg('0', 'bytes', '0xa9059cbb'), arg('1', 'bytes', '0x6a761202')] }], {
  calls: [
    transfer(),
    known('Execute a transaction of a Safe', SAFE, 'execTransaction(address,uint256,bytes,uint8)', [arg('to', 'address', TIDAL), arg('operation', 'uint8', '0')], {
      value: '1500000000000000000', left_out: 3,
      calls: [known('Approve', TIDAL, 'approve(address,uint256)', [arg('spender', 'address', SPENDER), arg('amount', 'uint256', '1200000000')]), unknown(SPENDER, UNKNOWN)]
    }),
    unknown(LUMEN, '0x', { value: '250000000000000000' })
  ]
})

// As deep as the node goes, all of it along one line.
export const deepest = (levels = 8) => {
  let inner = unknown(null, null, { selector: '0xdeadbeef', data: null })
  for (let i = 0; i < levels; i++) inner = known(`Level ${levels - i}`, i % 2 ? SAFE : ROUTER, 'multicall(bytes[])', [], { calls: [inner] })
  return inner
}

export const CALLS = {
  one: () => asks({ title: 'Transfer of tokens', kind: 'token', sentence: 'Moves 18400 HRB to The co-op.', leaves: [{ what: 'token', amount: '18400', unit: 'HRB', to: LUMEN, token: HARBOUR }], tree: transfer() }),
  nested: () => asks({
    title: 'Multicall', sentence: 'Calls several functions. It makes 5 more calls.', tree: nested(), is_red: true,
    warnings: [{ level: 'danger', code: 'blind', text: `In call 2.2, an unknown function of ${SPENDER}: Call data of 164 bytes for a function that this wallet does not know: what it would do cannot be told.` }]
  }),
  deepest: () => asks({ title: 'Level 1', sentence: 'Calls several functions.', tree: deepest() }),
  many: () => asks({ title: 'Multicall', sentence: 'Calls several functions.', tree: known('Multicall', ROUTER, 'multicall(bytes[])', [], { calls: Array.from({ length: 255 }, (_, i) => transfer({ title: `Transfer ${i + 1}`, args: [] })) }) }),
  hostile: () => asks({ title: 'Multicall', tree: known('<b>T</b>' + 'T'.repeat(300), 'not an address ' + 'n'.repeat(90), 's'.repeat(400) + '(uint256)', [arg('n'.repeat(120), 't'.repeat(120), 'v'.repeat(500))], { calls: [unknown(LUMEN, '0x' + 'ff'.repeat(3000))] }) })
}

export const TOKEN = (over = {}) => ({
  kind: 'token', origin: SITE, account: null, raw: `{"address":"${TIDAL}"}`,
  explain: words({
    title: 'Show a token', kind: 'token', sentence: `${SITE} asks to show token TDL at ${TIDAL} in your wallet.`,
    rows: [{ label: 'Asked by', value: SITE, mono: true }, { label: 'Token', value: TIDAL, mono: true }, { label: 'Symbol, unproven: what the page claims', value: 'TDL', mono: false }, { label: 'Decimals, unproven: what the page claims', value: '6', mono: false }],
    warnings: [{ level: 'note', code: 'token_unproven', text: 'Symbol and decimals are what the page claims; nothing proves them. Any contract can take any name: compare the address.' }]
  }), ...over
})

const moved = over => ({ raw: '0', told_by_contract: over.what === 'token' || over.what === 'nft', ...over })
const FEE = moved({ what: 'fee', amount: '0.00007', unit: 'ETH', to: null })
export const effects = (over = {}) => ({
  state: 'done', why: null, block: { number: HEAD, hash: blockHash(HEAD), timestamp: Math.floor(Date.now() / 1000) - 13 },
  code: null, leaves: [FEE], arrives: [], approvals: [], is_cut: false, reverts: null, gas_used: 184_203, provenance: provenance(), ...over
})
const swapped = () => ({
  leaves: [moved({ what: 'ether', amount: '0.25', unit: 'ETH', to: ROUTER }), FEE],
  arrives: [
    moved({ what: 'token', amount: '612.402117', unit: 'TDL', token: TIDAL, from: ROUTER }), moved({ what: 'nft', amount: '7719', unit: 'token id', id: '7719', token: HARBOUR, from: '0x' + '00'.repeat(20) }),
    moved({ what: 'token', amount: '3', unit: 'base units', id: '42', token: SAFE, from: ROUTER })
  ]
})
const allowed = over => ({ standard: 'ERC-20', contract: TIDAL, spender: SPENDER, amount: null, id: null, all: false, is_unlimited: false, is_revoked: false, told_by_contract: true, ...over })

export const RUN = {
  running: () => effects({ state: 'running', leaves: [], block: null, gas_used: null, provenance: null }),
  done: () => effects(swapped()),
  nothing: () => effects(),
  approvals: () => effects({ approvals: [
    allowed({ amount: '1200000000', shown: { amount: '1200', unit: 'TDL', raw: '1200000000' } }), allowed({ amount: '77', contract: SAFE }), allowed({ amount: String(2n ** 256n - 1n), is_unlimited: true }), allowed({ standard: 'ERC-721', contract: HARBOUR, id: '7719' }),
    allowed({ standard: 'ERC-721 or ERC-1155', contract: HARBOUR, all: true }), allowed({ amount: '0' }), allowed({ standard: 'ERC-721 or ERC-1155', contract: ROUTER, all: true, is_revoked: true })
  ] }),
  fails: (reverts = 'ERC20: transfer amount exceeds balance') => effects({ reverts }),
  failed: () => effects({ state: 'failed', why: 'no provider has the state of this block', code: 'state_pruned', leaves: [], block: null, gas_used: null, provenance: null }),
  unproven: () => effects({ ...swapped(), provenance: provenance({ verdict: 'unproven', why: 'one provider’s word' }) }),
  many: () => effects({ leaves: Array.from({ length: 40 }, (_, i) => ({ what: 'token', amount: String(i + 1), unit: 'base units', token: HARBOUR, to: LUMEN })), approvals: Array.from({ length: 30 }, () => allowed({ amount: '5' })), is_cut: true }),
  hostile: () => effects({ leaves: [{ what: 'token', amount: '9'.repeat(78), unit: 'U'.repeat(40), token: 'n'.repeat(90), to: 'n'.repeat(90) }], reverts: '<img src=x onerror=alert(5)>' + 'r'.repeat(500) }),
  otherForm: () => ({ state: 'dreaming', leaves: 7 })
}
// The node's words say that it would fail, too (ht_effects_explain).
export const wouldFail = reason => ({ level: 'danger', code: 'would_fail', text: `Would fail: ${reason}` })
export const swap = (run, over = {}, warnings = run?.reverts ? [wouldFail(run.reverts)] : []) => asks({
  title: 'Swap 0.25 ETH', sentence: 'Calls a function of a contract.', leaves: [{ what: 'ether', amount: '0.25', unit: 'ETH', to: ROUTER }], rows: [{ label: 'Fee', value: 'at most 0.00007 ETH', mono: false }],
  warnings, is_red: warnings.some(w => w.level === 'danger')
}, { effects: run, account: MARA, ...over })
