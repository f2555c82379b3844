// What a node says of governance, in the form of governance/methods.h and its neighbours, and a script of it that changes as
// the page acts. All communities, people and addresses are invented.
import { bytesOf, MARA, refusal } from './facts.mjs'
import { me } from './feed.mjs'
import { rich, withWallet } from './wallet.mjs'

const at = name => bytesOf(name, 20)
const now = () => Math.floor(Date.now() / 1000)
const HRB = n => String(BigInt(n) * 10n ** 18n)
export const GOV = at('harbour commons')
export const CLUB = at('quay club')
export const ODD = at('odd contract')
export const ID = '41'
export const LONG_ID = String(BigInt(bytesOf('a proposal of hashes')))
const AS_OF = { number: 26_214_907, hash: bytesOf('dao head'), timestamp: now() - 12, is_final: false }

export const community = (over = {}) => ({
  address: GOV, name: 'Harbour Commons', label: '', kind: 'OpenZeppelin 5', profile: 'known', why: null, token: at('harbour token'), token_symbol: 'HRB', token_decimals: 18, timelock: at('harbour lock'), counting: 'fractional', clock: 'blocks',
  is_profiling: false, active: 1, pending: 1, next_close_s: now() + 34_800, my_power: HRB(18_400), my_delegate: MARA, alerts: [], as_of: AS_OF, ...over
})
export const COMMUNITIES = () => [
  community(),
  community({ address: CLUB, name: 'Quay Club', kind: 'Governor Bravo', profile: 'probed', active: 0, pending: 0, next_close_s: null, my_power: null, my_delegate: null, token_symbol: null, alerts: [{ code: 'note', text: 'A guardian can cancel until 2027.' }] }),
  community({ address: ODD, name: '', label: 'Old one', profile: 'none', why: 'the contract answers like no governor', kind: 'not known', token: null, active: 0, pending: 0, next_close_s: null, my_power: null })
]
const who = (name, over = {}) => ({ address: at(name), name: null, as: 'guardian', until_s: null, by_vote: false, provenance: 'proven', ...over })
export const whole = (over = {}) => ({
  ...community(), settings: { voting_delay: '7200', voting_period: '50400', threshold: HRB(10_000), quorum_now: HRB(3_500_000) },
  power: { can_cancel: [who('guardian'), who('harbour lock', { as: 'timelock', by_vote: true })], can_upgrade: [], can_veto: [who('council', { as: 'council', name: 'The council' })], timelock_roles: { PROPOSER: [who('harbour', { address: GOV, as: '', by_vote: true })] }, min_delay_s: 172_800, executor_open: true, notes: ['the guardian steps down by a vote'] },
  treasury: { address: at('harbour lock'), wei: '410220000000000000000', tokens: [{ contract: at('harbour token'), symbol: 'HRB', decimals: 18, amount: HRB(900_000), provenance: 'called' }] },
  delegates: [{ address: at('ines'), name: 'Inês Vale', power: HRB(92_750), statement: 'I read the calls.' }, { address: at('nameless'), name: null, power: HRB(88_000), statement: null }], ...over
})

export const summary = (over = {}) => ({
  community: GOV, id: ID, title: 'Fund the tide-gauge network', is_text_proven: true, proposer: at('lowtide'), proposer_name: 'lowtide.eth', state: 'Active', state_provenance: 'proven', start: 26_171_004, end: 26_217_804, start_s: now() - 500_000, end_s: now() + 34_800, is_estimate: true,
  tally: { against: HRB(1_345_000), for: HRB(4_369_800), abstain: HRB(371_200), quorum: HRB(3_500_000), quorum_met: true }, tally_proven: true, list_proven: true, missing: null, my_vote: null, as_of: AS_OF, why: null, ...over
})
const explain = (sentence, signature = '', args = [], over = {}) => ({ title: 'A call', sentence, kind: 'call', leaves: [], rows: [], tree: { contract: null, name: 'f', title: '', signature, args }, warnings: [], is_red: false, ...over })
const call = (path, over = {}) => ({ path, target: at(`target ${path}`), target_name: null, wei: '0', signature: '', calldata: '0xa9059cbb' + '00'.repeat(64), operation: 'call', guess: false, explain: explain('Does something'), calls: [], left_out: 0, ...over })
const ACTIONS = () => [call('1', {
  target_name: 'Multicall3', explain: explain('The timelock makes 3 calls together', 'aggregate3((address,bool,bytes)[])'),
  alarms: [{ level: 'danger', code: 'safe_control', text: 'Changes who controls money', path: '1.2' }, { level: 'note', code: 'guess', text: 'One name is a guess', path: '1.3' }],
  calls: [
    call('1.1', { target_name: 'USDC', explain: explain('Sends 96,000 USDC to Tide Co-op', 'transfer(address,uint256)', [{ name: 'to', type: 'address', value: at('tide'), children: [] }, { name: 'amount', type: 'uint256', value: '96000000000', children: [] }]) }),
    call('1.2', { explain: explain('Adds Inês Vale to the treasury safe, 3 of 6 must sign', 'addOwnerWithThreshold(address,uint256)') }),
    call('1.3', { guess: true, operation: 'delegate', wei: '1000000000000000000', calldata: '0x423b7971' + '11'.repeat(200), explain: explain('Calls note', 'note(bytes32)') })
  ]
})]
const TIMELINE = () => [
  { what: 'created', block: 26_163_804, time_s: now() - 600_000, state: 'done', provenance: 'proven' }, { what: 'voting_starts', block: 26_171_004, time_s: now() - 500_000, state: 'done', provenance: 'proven' },
  { what: 'voting_ends', block: 26_217_804, time_s: now() + 34_800, state: 'now', provenance: 'proven' }, { what: 'queued', block: null, time_s: null, state: 'next', provenance: 'proven' }, { what: 'executed', block: null, time_s: null, state: 'next', provenance: 'proven' }
]
export const proposal = (over = {}) => ({
  ...summary(), description: '# Fund the tide-gauge network\n\nThe harbour floods more often than the old gauges can tell.', actions: ACTIONS(), timeline: TIMELINE(), hidden_power: [{ text: 'A guardian can cancel this until it is executed.', severity: 'warn' }],
  votes_count: 85, unchecked_blocks: 0, counting: null, provider_bytes: 3_140_000, ballots_waiting: 2, talk: 2, omitted_by: [], error: null, weights: null, alarms: [], ...over
})
export const SHORT = () => proposal({ tally_proven: false, list_proven: false, missing: { against: '0', for: HRB(12_000), abstain: '0' }, omitted_by: ['eth.northwind.example:443'] })
export const vote = (name, support, votes, over = {}) => ({ voter: at(name), name: null, support, weight: HRB(votes), split: ['0', '0', '0'], reason: '', block: 26_180_000, flag_proven: true, weight_proven: null, weight_at_snapshot: null, weight_why: null, is_mine: false, is_override: false, ...over })
const VOTES = () => [vote('tide', 2, 310_000, { name: 'Tide Co-op', reason: 'We are paid by this, so we count for quorum only.' }), vote('quay', 1, 288_400, { split: [HRB(1), HRB(288_399), '0'] }), vote('low', 0, 240_000, { reason: '<b>no</b>\u202e', is_override: true }), { ...vote('me', 1, 5), voter: MARA, is_mine: true }]
const WORDS = { result: {}, words: ['It succeeds', 'A setting changes'], roles: [{ text: 'Nobody gets a role' }], owners: [{ text: 'Safe owners 5 to 6, threshold 2 to 3' }], balances: [{ text: 'Treasury −96,000.00 USDC' }] }
const TEMPLATES = [
  { kind: 'pay_ether', title: 'Pay ether from the treasury', fields: [{ name: 'to', label: 'To', type: 'address' }, { name: 'wei', label: 'Amount', type: 'wei' }] },
  { kind: 'call', title: 'Call a function', fields: [{ name: 'target', label: 'Contract', type: 'address' }, { name: 'signature', label: 'Function', type: 'text' }, { name: 'arguments', label: 'Arguments', type: 'list' }, { name: 'wei', label: 'Amount', type: 'wei' }] },
  { kind: 'voting_delay', title: 'Change the time before voting', fields: [{ name: 'value', label: 'New value', type: 'number' }] }
]
const PREVIEW = { id: LONG_ID, timelock_id: bytesOf('in the lock'), actions: [], explain: [explain('Sends 1.5 ETH to Lumen', '', [], { warnings: [{ level: 'note', code: 'first_time', text: 'The treasury has never sent there' }] })], simulation: { results: [{ status: 'ok', revert: null }], error: null }, propose: { would_fail: null } }
const ballot = (name, support, state, over = {}) => ({ id: bytesOf(`ballot ${name}`), voter: at(name), support, weight: HRB(1200), state, why: null, reason: '', ...over })
const said = (name, kind, text, over = {}) => ({ id: bytesOf(`said ${name}`).slice(2), author: bytesOf(`key ${name}`).slice(2), address: null, name, distance: 1, vouches: 1, is_mine: false, kind, text, at_s: now() - 4000, ...over })
const step = (what, state, hash = null) => ({ what, hash, state })
export const CREATION = (over = {}) => ({
  id: '7', name: 'Tide Friends', at_ms: Date.now(), steps: [step('Create the treasury, the votes and the governor', 'done', bytesOf('creating')), step('Prove that their code is what was compiled here', 'done'), step('Wait until that is final', 'now')], community: GOV, treasury: at('harbour lock'), votes: at('harbour token'), is_final: false, error: null, ...over
})
const notice = (id, kind, text, over = {}) => ({ id, kind, text, address: GOV, proposal: ID, at_s: now() - id * 4000, read: id > 2, ...over })
export const NOTICES = () => [notice(1, 'deadline', '“Fund the tide-gauge network” closes in a day'), notice(2, 'alert', 'The code of Quay Club changed', { address: CLUB, proposal: null }), notice(3, 'state', 'It is active now'), notice(4, 'delegate_voted', 'Inês Vale voted For')]

const pollId = name => bytesOf(`poll ${name}`).slice(2)
export const POLL = pollId('bench')
export const poll = (over = {}) => ({
  id: POLL, author: bytesOf('asker').slice(2), author_name: 'Okke', distance: 1, is_mine: false, question: 'Where shall the new bench stand?', options: ['By the quay', 'Under the lime', 'Nowhere'], method: 'single', gate: { kind: 'open', contract: null, schema: null, attesters: [] },
  chain_id: 1, snapshot_block: 0, closing_block: 26_300_000, made_s: now() - 9000, state: 'open', closes_s: now() + 90_000, ...over
})
const option = (label, weight, ballots) => ({ label, weight: String(weight), ballots })
export const counted = (over = {}, result = {}) => ({
  ...poll(), my_ballot: { id: pollId('mine'), choice: [1], shares: null, at_s: now() - 300, standing: 'counts', why: null }, source: { asked: 3, answered: 2, is_cut: false, at_s: now() - 9 }, malformed: 0, is_complete: true, snapshot_s: null, closing_s: null, block_why: null,
  result: { options: [option('By the quay', 4, 4), option('Under the lime', 7, 7), option('Nowhere', 1, 1)], unit: '1', rounds: [], counted: 12, late: 1, replaced: 2, refused: [], refused_count: 3, unproven: 0, weight: '12', root: bytesOf('root').slice(2), winner: 1, ...result },
  roots: [], ...over
})
export const ROOTS = () => [{ author: bytesOf('a').slice(2), name: 'Inês Vale', distance: 1, is_mine: false, root: bytesOf('root').slice(2), counted: 12, at_s: now() - 60, same: true }, { author: bytesOf('b').slice(2), name: null, distance: null, is_mine: false, root: bytesOf('other root').slice(2), counted: 11, at_s: now() - 90, same: false }]

export const DELEGATION = { form: 'delegation', domain: { name: 'Harbour', version: '1', chain_id: 1, contract: at('harbour token') }, voter: at('ines'), nonce: '3', delegatee: MARA, expiry: String(now() + 90_000), signature: '0x' + '11'.repeat(65) }
export const looked = (over = {}) => ({
  delegator: at('ines'), delegator_name: 'Inês Vale', to: MARA, to_name: null, token: at('harbour token'), community: GOV, symbol: 'HRB', decimals: 18, balance: HRB(92_750), delegate_now: null, nonce: '3', next_nonce: '3', nonce_provenance: 'proven', expires_s: now() + 90_000,
  state: 'good', why: null, as_of: AS_OF, ...over
})
const walked = (step, text, ok = true) => ({ step, ok, text })
// What is told of an audit file (governance/count/audit_file.h).
export const audited = (over = {}, claim = {}) => ({
  verdict: 'valid', code: null, why: null, kind: 'governance_audit', network: 'mainnet', period: 1916, block: { number: 26_217_900, hash: bytesOf('anchor'), time: now() - 7200 }, age_s: 7200, age: '2 hours',
  claim: { governor: GOV, proposal_id: ID, chain_id: 1, tally: { against: HRB(1_345_000), for: HRB(4_369_800), abstain: HRB(371_200) }, missing: null, votes: 86, voters: 85, tally_proven: true, list_proven: true, unchecked_blocks: 0, flags_checked: true, code_hash: bytesOf('code'), weights: { token: at('harbour token'), code_hash: bytesOf('votes'), agree: 80, differ: 1, open: 4, differs_of: at('tide') }, fields: [], ...claim },
  steps: [walked('form', 'An audit bundle of one proposal.'), walked('count', '86 votes of 85 voters are in proven receipts and add up'), walked('network', 'It is of mainnet.'), walked('committee', 'The committee of period 1916 is known here.'), walked('finality', 'It signed that the block is final.'), walked('anchor', 'That makes the anchor final.')], ...over
})
export const AUDIT_FILE = JSON.stringify({ format: 'hearth-audit', version: 1 })
const hubVote = (name, choice, over = {}) => ({ id: bytesOf(`hub ${name}`), signature: 'valid', code: null, why: null, from: at(name), space: 'tide.eth', proposal: bytesOf('hub'), timestamp: now(), choice, reason: '', replaced: false, ...over })
export const HUB = () => ({
  proposals: [{ id: bytesOf('hub'), signature: 'absent', code: null, why: null, from: at('okke'), space: 'tide.eth', timestamp: now() - 9000, type: 'single-choice', title: 'Paint the pier?', body: 'White, **or** grey.', choices: ['White', 'Grey'], start: now(), end: now() + 9, snapshot: '26200000', votes: [1, 0], voters: 1 }],
  votes: [hubVote('ines', 1, { reason: 'It was white.' }), hubVote('tide', 2, { signature: 'invalid', code: 'other_signer', why: 'another account signed it' })], others: [{ kind: 'statement', id: bytesOf('st'), signature: 'valid', code: null, why: null, from: at('okke'), message: {} }], weights: 'unverified',
  note: 'Voting power comes from a server of theirs, and nobody can tell whether votes are missing.'
})

const READS = ['dao.list', 'dao.community', 'dao.proposals', 'dao.proposal', 'dao.votes', 'dao.ballots', 'dao.audit', 'dao.delegation', 'dao.power', 'dao.templates', 'dao.created', 'dao.notices', 'talk.list', 'polls.list', 'polls.poll']
// What the node says, and what the page asked of it. `fails`: a method and its refusal; `waits`: methods that never answer.
export function scriptedDao(over = {}, wallet = {}) {
  const w = rich(wallet)
  const d = {
    communities: COMMUNITIES(), whole: whole(), proposals: [summary(), summary({ id: LONG_ID, title: null, state: 'Unknown', state_provenance: 'unverified', tally: null, tally_proven: false, list_proven: false, proposer: null }), summary({ id: '40', title: 'Dredge the basin', state: 'Executed', my_vote: { voter: MARA, support: 1, weight: HRB(9) } })],
    scan: { is_complete: false, why_incomplete: 'the blocks before 20,000,000 were not looked through', scanning: { done: 400, total: 1000 } }, proposal: proposal(), votes: VOTES(), power: { balance: HRB(18_400), delegate: MARA, votes_now: HRB(18_400), votes_at: HRB(18_400), votes_at_provenance: 'proven', provenance: 'proven', as_of: AS_OF, warnings: [] },
    ballots: [ballot('one', 1, 'good', { reason: 'Yes please' }), ballot('two', 0, 'unproven', { weight: null, why: 'its power could not be proven' })], talk: [said('Inês Vale', 'rationale', 'I read the calls. It does what it says.'), said('', 'comment', 'Twelve gauges are too many.', { name: null })],
    creation: CREATION(), notices: NOTICES(), polls: [poll(), poll({ id: pollId('old'), question: 'Old?', state: 'closed', closes_s: 0, is_mine: true })], poll: counted(), counting: [], preview: PREVIEW, audit: audited(), delegation: looked(), hub: HUB(), large: false, isWeighed: false, isLacking: false, sent: [], fails: {}, waits: [], ...over
  }
  const closing = () => d.communities.filter(c => c.next_close_s).map(c => ({ address: c.address, id: ID, title: 'Fund the tide-gauge network', end_s: c.next_close_s }))
  const news = () => ({ communities: d.communities.length, active: closing().length, closing: closing(), alerts: 0 })
  d.install = node => {
    w.install(node)
    const hash = { hash: bytesOf('a dao transaction') }
    const answers = {
      'dao.list': () => ({ communities: d.communities }), 'dao.community': () => d.whole, 'dao.proposals': () => ({ proposals: d.proposals, has_more: false, ...d.scan }), 'dao.proposal': () => d.proposal,
      'dao.votes': () => ({ votes: d.votes.map(v => (d.isWeighed && v.weight_proven === null ? { ...v, weight_proven: true, weight_at_snapshot: v.weight } : v)), weights: d.weights ?? null, total: d.votes.length ? 85 : 0, is_counting: false, as_of: AS_OF }), 'dao.power': () => d.power, 'dao.ballots': () => ({ ballots: d.ballots, public: 'A signed ballot is public.' }), 'talk.list': () => ({ items: d.talk, is_complete: true }),
      'dao.templates': () => ({ templates: TEMPLATES }), 'dao.created': () => d.creation, 'dao.notices': () => ({ notices: d.notices }), 'polls.list': () => ({ polls: d.polls }), 'polls.poll': () => d.poll,
      'dao.add': p => { const c = community({ address: p.address, label: p.label ?? '' }); d.communities = [...d.communities, c]; return { community: c } },
      'dao.forget': p => { d.communities = d.communities.filter(c => c.address !== p.address); return {} },
      'dao.vote': p => (p.by === 'ballot' ? { ballot: {}, event_id: bytesOf('e').slice(2), public: '', notes: [] } : hash), 'dao.delegate': p => (p.by === 'signature' ? { delegation: DELEGATION, token: at('harbour token'), calldata: '0x', notes: [] } : hash), 'dao.queue': () => hash, 'dao.execute': () => hash, 'dao.cancel': () => hash, 'dao.relay': () => hash,
      'dao.recount': () => ({}), 'dao.simulate': () => WORDS, 'dao.export': p => ({ name: `proposal-41.${p.format}`, size: 9, text: d.large ? null : 'voter,weight', path: d.large ? '/home/mara/.local/share/hearth/exports/proposal-41-audit.json' : null }), 'dao.preview': () => d.preview, 'dao.propose': () => ({ ...hash, id: ID, timelock_id: null }), 'dao.create': () => d.creation,
      'dao.label': p => { d.whole = { ...d.whole, label: p.label }; d.communities = d.communities.map(c => (c.address === p.address ? { ...c, label: p.label } : c)); return { community: d.whole } },
      'dao.share': () => ({ event_id: bytesOf('shared').slice(2) }), 'dao.register': () => hash, 'dao.strike': () => hash, 'dao.audit': () => d.audit, 'dao.delegation': () => d.delegation, 'snapshot.read': () => d.hub,
      'dao.weights': p => { d.isWeighed = true; return { weights: p.voters.map(voter => ({ voter, weight: '1', provenance: 'proven', why: null })), at: 1 } },
      'dao.notices_read': () => { d.notices = d.notices.map(n => ({ ...n, read: true })); node.push('dao.notified', { unread: 0 }); return {} },
      'talk.post': p => { d.talk = [...d.talk, said('Mara', p.kind, p.text)]; return { id: 'x' } },
      'polls.make': () => ({ id: POLL }), 'polls.vote': () => ({ event_id: 'x', standing: 'counts', why: null }), 'polls.count': () => d.poll, 'polls.close': () => ({ event_id: 'x', root: d.poll.result.root })
    }
    for (const [name, answer] of Object.entries(answers)) {
      node.methods.set(name, params => {
        if (d.waits.includes(name)) return null
        if (d.fails[name] && !(name === 'dao.vote' && params.override)) return refusal(...d.fails[name])
        if (READS.includes(name)) return { result: answer(params) }
        d.sent.push({ name, params })
        const result = answer(params)
        node.push('dao.changed', news())
        return { result }
      })
    }
  }
  d.topics = scene => ({ ...withWallet(w, scene), 'social.me': me(), 'attest.changed': { count: 0, changes: 0, as_of: null }, ...(!d.isLacking && { 'dao.changed': news(), 'dao.counting': { counting: d.counting }, 'dao.notified': { unread: d.notices.filter(n => !n.read).length }, 'polls.changed': { changes: 1 } }) })
  d.calls = name => d.sent.filter(s => s.name === name).map(s => s.params)
  return d
}
