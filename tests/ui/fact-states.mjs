// The states of the pages of proven facts: what the node is made to answer, where the page is opened, and
// the words that must and must not stand there. Drawn by states.mjs.
import {
  account, block, bytesOf, cache, contract, delegated, evidence, FINAL, HEAD, LUMEN, MARA, outbox, pending, refusal, transaction, TX, unused
} from './facts.mjs'
import { liar, provider, SCENES } from './scenes.mjs'

const says = make => () => ({ result: make() }) // made when asked, so that ages count from then
const silent = () => null // the node does not answer
const at = make => ({ block: tag }) => ({ result: make(tag) })

const BLOCK = `#/block/${HEAD}`
const ACCOUNT = `#/account/${MARA}`
const TXS = `#/tx/${TX}`
const NOT_LIVE = [/\bProven\b/]

const executing = () => [
  provider({ name: 'beacon.quay.example:443' }),
  provider({
    name: 'rpc.ember.example:443', kind: 'execution', head_slot: null, score: 97, median_ms: 48, requests: 2114, failures: 3, budget_per_s: 25,
    methods: [
      { method: 'eth_getProof', answered: 1201, failed: 1, ms: 44 }, { method: 'eth_getBlockReceipts', answered: 410, failed: 2, ms: 131 },
      { method: 'eth_getCode', answered: 12, failed: 0, ms: null }
    ]
  }),
  provider({
    name: 'rpc.quay.example:8545', kind: 'execution', state: 'ready', head_slot: null, score: 71, median_ms: 212, requests: 88,
    lacks: ['eth_getBlockReceipts', 'eth_getProof']
  }),
  liar({
    kind: 'execution', head_slot: null, faults: [
      { at_ms: Date.now() - 95_000, asked: 'account 0x170a…1abd at block 26,207,655', code: 'wrong_root', reason: 'step 3 of 9, the hash of the node differs', slot: null, answer_bytes: 4127, evidence: 7 },
      { at_ms: Date.now() - 7_000_000, asked: 'code of 0x55…', code: 'wrong_code', reason: 'its hash is another', slot: null, answer_bytes: 12, evidence: null }
    ]
  })
]

export const withExecution = () => ({ ...SCENES.live(), 'l1.providers': { providers: executing() }, 'l1.cache': cache(), 'l1.outbox': outbox() })

const openEvidence = async page => {
  await page.getByRole('button', { name: 'Show evidence' }).first().click()
  await page.getByText('Save the evidence').waitFor()
  await page.getByText('1 earlier fault').click()
  await page.getByText('3 methods asked of it').click()
}

export const FACT_STATES = [
  { name: 'block', route: BLOCK, methods: { 'l1.block': says(() => block()) },
    words: ['Block 26,214,907', '14 transactions, ', 'It is not final yet.', 'Proven', 'The newest block proven so far.', '26,214,906', 'Fee recipient', '21,337,100, 47 %', '0.612837461 gwei', 'a new contract', 'undone', 'Withdrawals 16', 'Beacon parent'] },
  { name: 'block-latest', route: '#/block/latest', methods: { 'l1.block': says(() => block()) }, words: ['The newest block, 26,214,907'] },
  { name: 'block-final', route: `#/block/${FINAL}`, methods: { 'l1.block': says(() => block(FINAL, { count: 180, more: 41 })) },
    words: ['221 transactions', 'It is final.', '26,214,840', 'Show 130 more', '41 further transactions'] },
  { name: 'block-empty', route: BLOCK, methods: { 'l1.block': says(() => block(HEAD, { count: 0 })) }, words: ['0 transactions', 'None. That is proven by the root in the header.', '0, 0 %'] },
  { name: 'block-loading', route: BLOCK, methods: { 'l1.block': silent }, isFresh: true, words: ['Block 26,214,907', 'Asking the providers for the block and its proof.'], not: NOT_LIVE },
  { name: 'block-future', route: '#/block/99999999', methods: { 'l1.block': () => refusal('block_in_future', 'block 99,999,999 is in the future') },
    words: ['Block 99,999,999', 'There is no such block yet', 'Code block_in_future', 'Ask again'], not: NOT_LIVE },
  { name: 'block-too-far', route: '#/block/1', methods: { 'l1.block': () => refusal('too_far', 'block 1 is 26,214,906 blocks behind the head') },
    words: ['Too far back to prove', 'Block 1 is 26,214,906 blocks behind the head.', 'Code too_far'], not: NOT_LIVE },
  { name: 'block-old-node', route: BLOCK, methods: {}, words: ['Your node cannot answer this yet', 'Code no_method'], not: NOT_LIVE },
  { name: 'block-malformed', route: BLOCK, methods: { 'l1.block': says(() => ({ block: {}, transactions: [] })) }, words: ['This could not be proven', 'another form', 'Code malformed'], not: NOT_LIVE },
  { name: 'block-stale', scene: 'stale', route: BLOCK, methods: { 'l1.block': says(() => block()) }, words: ['Block 26,214,907', 'old'], not: NOT_LIVE },
  { name: 'block-lost', route: BLOCK, methods: { 'l1.block': says(() => block()) }, isLost: true, words: ['Fee recipient', 'Block 26,214,907', 'Node unreachable since', 'as of'], not: NOT_LIVE },

  { name: 'tx', route: TXS, methods: { 'l1.transaction': says(() => transaction()) },
    words: ['It was carried out and is final.', '0.85 ETH', '0.850000000000000001 ETH, every digit', '0.000086 ETH', '0.000086493559005357', '121,337, 67 %', 'Nonce 112', '3 logs', 'Log 40', 'Topic 0', 'no data', '260 bytes', 'copy all', 'Finalized', 'Proven', 'with tip (EIP-1559)'] },
  { name: 'tx-undone', route: TXS, methods: { 'l1.transaction': says(() => transaction({ number: HEAD - 2, status: '0x0', logs: [] })) },
    words: ['It was undone: nothing moved but the fee.', 'That could still change.', 'would have moved', '0 logs', 'It wrote none.'] },
  { name: 'tx-creation', route: TXS, methods: { 'l1.transaction': says(() => { const t = transaction({ tx: { to: null } }); t.receipt.contractAddress = LUMEN; return t }) }, words: ['a new contract, '] },
  { name: 'tx-many-logs', route: TXS, methods: { 'l1.transaction': says(() => transaction({ logs: Array.from({ length: 60 }, (_, i) => ({ address: LUMEN, topics: [bytesOf(i), bytesOf(i + 1)], data: bytesOf(i, 3000), logIndex: '0x' + i.toString(16) })), tx: { value: '0x' + 'f'.repeat(64), input: '0x', type: '0x7e' } })) },
    words: ['60 logs', 'Show 40 more', '564,039,457.584007913129639935 ETH', 'None: a plain transfer.', 'Type 126'] },
  { name: 'tx-pending', route: TXS, methods: { 'l1.transaction': says(() => pending()) },
    words: ['It is in no proven block yet.', 'Unproven', 'none yet', 'waits'], not: [/\bProven\b/, 'log'] },
  { name: 'tx-unknown', route: TXS, methods: { 'l1.transaction': () => refusal('tx_not_found', 'no provider knows it') },
    words: ['No provider knows this transaction', 'That cannot be proven', 'Code tx_not_found'], not: NOT_LIVE },
  { name: 'tx-loading', route: TXS, methods: { 'l1.transaction': silent }, isFresh: true, words: ['Asking the providers for the transaction and its proof.'], not: NOT_LIVE },
  { name: 'tx-stale', scene: 'stale', route: TXS, methods: { 'l1.transaction': says(() => transaction({ number: HEAD })) }, words: ['It was carried out', 'old'], not: NOT_LIVE },
  { name: 'tx-lost', route: TXS, methods: { 'l1.transaction': says(() => transaction()) }, isLost: true, words: ['It was carried out', 'as of'], not: NOT_LIVE },

  { name: 'account', route: ACCOUNT, methods: { 'l1.account': at(account) },
    words: ['An account without code with 4.2137 ETH, proven against the newest block.', '4.213700000000000123 ETH, every digit', '4213700000000000123', 'Nonce 112', 'Nonce 111', 'At finality', '4.7137 ETH', '−0.499999 ETH', '−0.499999999999999877', 'No code is here', 'empty', 'Proven'] },
  { name: 'account-contract', route: `#/account/${LUMEN}`, methods: { 'l1.account': at(contract) }, words: ['A contract with <0.000001 ETH', '0.000000000000000017 ETH, every digit', '5,120 bytes', 'Code hash', 'copy all', 'no change'] },
  { name: 'account-delegated', route: ACCOUNT, methods: { 'l1.account': at(delegated) }, words: ['An account that lent itself to a contract', 'runs that contract’s code'] },
  { name: 'account-unused', route: ACCOUNT, methods: { 'l1.account': at(unused) }, words: ['An unused address with 0 ETH', 'Nothing was ever here', 'no digit left out'] },
  { name: 'account-loading', route: ACCOUNT, methods: { 'l1.account': silent }, isFresh: true, words: ['Asking the providers for the account and its proof.'], not: NOT_LIVE },
  { name: 'account-refused', route: ACCOUNT, methods: { 'l1.account': () => refusal('no_proof', 'asked 2 providers, none gave a proof that holds') },
    words: ['This could not be proven', 'Asked 2 providers, none gave a proof that holds.', 'Nothing unproven is shown in its place.', 'Code no_proof'], not: NOT_LIVE },
  { name: 'account-half', route: ACCOUNT, methods: { 'l1.account': ({ block: tag }) => (tag === 'latest' ? { result: account() } : refusal('no_head', 'nothing is finalized yet')) },
    words: ['4.2137 ETH', 'At finality', 'No head is proven yet', 'Nothing is finalized yet.'] },
  { name: 'account-stale', scene: 'stale', route: ACCOUNT, methods: { 'l1.account': at(account) }, words: ['4.2137 ETH', 's old'], not: NOT_LIVE },
  { name: 'account-lost', route: ACCOUNT, methods: { 'l1.account': at(account) }, isLost: true, words: ['4.2137 ETH', 'as of'], not: NOT_LIVE },

  { name: 'look', route: '#/look', methods: {}, words: ['Look something up', 'Head, block 26,214,907', 'Finalized, block 26,214,839', 'Proven'] },
  { name: 'look-unclear', route: '#/look/mara.eth', methods: {}, words: ['This cannot be looked up', 'It looks like a name.'] },
  { name: 'look-asking', route: `#/look/${TX}`, methods: { 'l1.block': silent, 'l1.transaction': silent }, isFresh: true, words: ['Asking for a transaction and for a block of this hash.'] },
  { name: 'look-nobody', route: `#/look/${TX}`, methods: { 'l1.block': () => refusal('block_not_found', 'unknown'), 'l1.transaction': () => refusal('tx_not_found', 'unknown') },
    words: ['Nobody knows this hash', 'That cannot be proven', 'Code tx_not_found', 'Code block_not_found'] },
  { name: 'look-starting', scene: 'starting', route: '#/look', methods: {}, words: ['No block is proven yet.'], not: NOT_LIVE },
  { name: 'look-lost', route: '#/look', methods: {}, isLost: true, words: ['Look something up', 'as of'], not: NOT_LIVE },

  { name: 'connect', topics: withExecution, route: '#/connect', methods: {},
    words: ['/eth', 'RPC address', 'Mainnet, chain 1', '1 (0x1)', 'MetaMask', 'Rabby', 'Frame', 'cast balance', '"provenance": true', 'eth_call, eth_estimateGas, eth_createAccessList, eth_simulateV1: run here', 'Sending now', '5 transactions', 'Waits for a block', 'In a block, could still change', 'Final', 'Undone: nothing moved but the fee', 'Replaced by another', 'Proven'] },
  { name: 'connect-empty', topics: () => ({ ...SCENES.live(), 'l1.outbox': { transactions: [] } }), route: '#/connect', methods: {}, words: ['Nothing is under way.'] },
  { name: 'connect-old-node', route: '#/connect', methods: {}, words: ['Your node does not tell what it sends.'] },
  { name: 'connect-stale', topics: () => ({ ...SCENES.stale(), 'l1.outbox': outbox() }), scene: 'stale', route: '#/connect', methods: {}, words: ['Not every answer comes now', 'What depends on the newest block is refused'], not: [/\bProven\b/] },
  { name: 'connect-stopped', scene: 'disagreement', route: '#/connect', methods: {}, words: ['Not every answer comes now', 'until Home is settled'] },
  { name: 'connect-lost', topics: withExecution, route: '#/connect', methods: {}, isLost: true, words: ['The page lost your node', 'Sending now'], not: [/: Proven/] },

  { name: 'network-execution', topics: withExecution, route: '#/network', methods: { 'l1.evidence': ({ id }) => ({ result: evidence(id) }) }, prepare: openEvidence,
    words: ['Beacon: heads and their signatures', 'Execution: accounts, blocks and transactions', 'Lacks eth_getBlockReceipts, eth_getProof', 'at most 25 a second', 'eth_getCode 12 answered', 'Held ready', '97 % at hand', 'not asked yet', '9.1 MB of 12.6 MB',
      'Evidence against eth.northwind.example:443', 'step 3 of 9', 'It answered 4.1 kB', 'Save the evidence', 'Copy it', 'No copy of its answer was kept.', 'Trust it again'] },
  { name: 'network-no-evidence', topics: withExecution, route: '#/network', methods: { 'l1.evidence': () => refusal('no_evidence', 'this evidence was dropped for newer ones') },
    prepare: page => page.getByRole('button', { name: 'Show evidence' }).first().click(), words: ['The evidence cannot be shown', 'This evidence was dropped for newer ones. What is said above still holds.', 'Code no_evidence'] }
]
