// The states of the screens of governance, drawn by states.mjs.
import { audited, AUDIT_FILE, counted, CREATION, DELEGATION, looked, GOV, ID, LONG_ID, ODD, POLL, proposal, ROOTS, scriptedDao, SHORT, summary, vote, whole } from './dao.mjs'
import { LUMEN } from './facts.mjs'

const state = (name, route, over, words, { wallet, ...more } = {}) => ({
  name, route: `#/${route}`, words, ...more,
  start(node) {
    const d = scriptedDao(over?.(), wallet)
    d.install(node)
    this.topics = () => d.topics(more.scene)
  }
})
const click = name => page => page.getByRole('button', { name }).first().click()
const none = () => ({})
const LOST = ['Node unreachable since', 'This stands as of']
const evil = '<img src=x onerror=alert(1)>\u202e'
const P = `proposal/${GOV}.${ID}`
const R = `recount/${GOV}.${ID}`
const gives = what => async page => { await page.getByLabel(/^Audit file/).fill(typeof what === 'string' ? what : JSON.stringify(what)); await click('Verify')(page) }
const failing = (method, code = 'internal', text = 'the store is shut') => () => ({ fails: { [method]: [code, text, 'store'] } })

export const DAO_STATES = [
  state('gov', 'governance', none, [
    'What your communities decide', 'One vote is open in 3 communities.', 'Votes that close soon', 'Fund the tide-gauge network', '9 h', 'Harbour Commons', '1 open vote, the next closes in 9 h', 'You have 18,400 HRB.', 'OpenZeppelin 5', 'Quay Club', 'A guardian can cancel until 2027.', 'Old one', 'The contract answers like no governor.', 'not proven',
    'Proposals', '400 of 1,000 blocks looked through', 'There may be others', 'By lowtide.eth', 'For 4,369,800, against 1,345,000.', 'Unproven', 'Executed', 'You voted.', 'Follow a community', 'Create a community'
  ], { not: ['Unknown'] }),
  state('gov-empty', 'governance', () => ({ communities: [], proposals: [] }), ['You follow no community yet.', 'No communities yet', 'your node proves what it is and counts every vote itself', 'Follow it'], { not: ['Votes that close soon'] }),
  state('gov-refused', 'governance', failing('dao.add', 'no_governor', 'no governor stands there'), ['It is not followed', 'No governor stands there.', 'Code no_governor'], { prepare: async page => { await page.getByLabel('Address of its governor').fill(LUMEN); await click('Follow it')(page) } }),
  state('gov-loading', 'governance', () => ({ waits: ['dao.list'] }), ['What your communities decide', 'Asking your node for the communities'], { isFresh: true, not: ['No communities yet'] }),
  state('gov-error', 'governance', failing('dao.list'), ['The store is shut.', 'Ask again', 'Code internal']),
  state('gov-lacking', 'governance', () => ({ isLacking: true }), ['This node has no governance', 'older than this page'], { not: ['Follow it'] }),
  state('gov-lost', 'governance', none, ['Harbour Commons', ...LOST], { isLost: true }),
  state('gov-home', '', none, ['Votes that close soon', 'Fund the tide-gauge network', '9 h']),
  state('community', `community/${GOV}`, none, [
    'Harbour Commons', '1 open, 1 to come.', 'Propose something', 'Who has power over it', 'beside the votes', 'Can cancel', 'guardian', 'without a vote', 'by a vote only', 'The council', 'PROPOSER', '2 days', 'The guardian steps down by a vote.', 'Delegates', 'Inês Vale', 'I read the calls.', '92,750',
    'What delegates say', 'Your votes', 'You have 18,400 HRB.', 'Give to myself', 'Rules', '7,200 blocks, about 24 h', '50,400 blocks, about 7 days', '10,000 votes', '3,500,000 votes', 'known by its code', 'Treasury', '410.22 ETH', '900,000', 'Follow it no more'
  ]),
  state('community-odd', `community/${ODD}`, () => ({ whole: whole({ address: ODD, profile: 'none', why: 'the contract answers like no governor', settings: null, power: null, treasury: null, delegates: [], name: evil, my_power: null, my_delegate: null }) }), ['What this contract is could not be proven', 'The contract answers like no governor. Nothing of it is shown as proven.', 'That could not be proven now.', '<img src=x onerror=alert(1)>\\u202e', 'Your weight is not proven yet.'], { not: ['Treasury'] }),
  state('community-error', `community/${GOV}`, failing('dao.community', 'no_head', 'no head is proven'), ['No head is proven yet', 'Code no_head']),
  state('proposal', P, none, [
    'Fund the tide-gauge network', 'Harbour Commons, proposal 41 by lowtide.eth.', 'Closes in about 9 h', 'You have not voted.', 'Tally proven', 'Voter list proven', 'Quorum 3,500,000, reached', '4,369,800', '71 %', 'Votes can still come: this is no result.', 'Power that no vote gave', 'A guardian can cancel this until it is executed.', 'What it says', 'Text matches its id', 'The harbour floods more often',
    '1 action, 3 calls inside', 'The timelock makes 3 calls together', '1.2: Changes who controls money', 'Sends 96,000 USDC to Tide Co-op', 'guess', 'runs as its caller', 'with 1 ETH', 'Raw, 68 bytes', 'Raw, 204 bytes', 'Rehearse it on proven state', 'Signed ballots', '1 waits for the chain', 'weight unproven', 'Bring 1 ballot to the chain', 'Reasons and discussion', 'reason of a voter',
    'Your vote', 'You had 18,400 HRB at the snapshot. your weight: Proven', 'Sign a ballot', 'Review and sign', 'Active', 'Proposed', 'Voting ends', 'block 26,217,804'
  ]),
  state('proposal-all', P, none, ['85 votes, each with its receipt, add up exactly', 'No vote with weight is missing. Every block that could hold a vote was checked', '3.1 MB came from', '96000000000', '0xa9059cbb', 'Cancel', 'Rehearsed on proven state: It succeeds', 'Safe owners 5 to 6', 'The result can change before it runs.'], { isUnfolded: true, prepare: click('Rehearse it') }),
  state('proposal-short', P, () => ({ proposal: SHORT() }), ['Tally incomplete', 'Voter list unproven', 'Incomplete: 12,000 For votes missing', 'The receipts add up to 4,357,800 For. The governor’s storage says 4,369,800.', 'Left out by eth.northwind.example:443.', 'Count again with other providers', 'A tally that does not add up is never drawn.'], { not: ['Quorum 3,500,000', 'Tally proven'] }),
  state('proposal-hidden', P, () => ({ proposal: proposal({ omitted_by: ['eth.northwind.example:443'] }) }), ['Tally proven', 'Votes were hidden, and found', 'Left out by eth.northwind.example:443.']),
  state('proposal-counting', P, () => ({ proposal: proposal({ tally_proven: false, list_proven: false, votes_count: 0, counting: { done: 1, total: 9 } }), counting: [{ address: GOV, id: ID, done: 1200, total: 46_800 }] }), ['Tally not counted yet', 'Voter list unproven', '1,200 of 46,800 blocks counted', '4,369,800'], { not: ['Tally proven'] }),
  state('proposal-unproven', `proposal/${GOV}.${LONG_ID}`, () => ({ proposal: proposal({ ...summary({ id: LONG_ID, title: null, proposer: null, state: 'Unknown', state_provenance: 'unverified', tally: null, tally_proven: false, list_proven: false, end_s: null }), description: null, actions: null, timeline: [], hidden_power: [], look_error: { code: 'state_pruned', text: 'no provider keeps that state' }, ballots_waiting: 0 }), talk: [] }), ['No tally is proven yet', 'No provider keeps that state.', 'Nobody has handed out its text yet.', 'Nobody has handed out its actions yet', 'Unproven', 'Nobody said anything that has reached your node.'], { not: ['Your vote', 'Tally proven'] }),
  state('proposal-voted', P, () => ({ proposal: proposal({ my_vote: { support: 1, weight: '18400000000000000000000' } }) }), ['You voted For.', 'You voted For with 18,400.']),
  state('proposal-guard', P, () => ({ fails: { 'dao.vote': ['zero_weight', 'you had no votes at the snapshot', 'denied'] }, power: { ...scriptedDao().power, votes_at: '0', warnings: [{ code: 'no_power', text: 'You had no votes at the snapshot.' }] } }), ['You had no votes at the snapshot.', 'You did not vote', 'Code zero_weight', 'Vote all the same'], { prepare: async page => { await page.getByRole('radio', { name: 'Against' }).check(); await click('Review and sign')(page) } }),
  state('proposal-ballot', P, none, ['A signed ballot is public at once', 'It cannot be taken back'], { prepare: page => page.getByLabel('Sign a ballot').check() }),
  state('proposal-over', P, () => ({ proposal: proposal({ state: 'Succeeded', end_s: 1, is_text_proven: false, as_of: { number: 26_214_907, timestamp: 1, is_final: true } }) }), ['Succeeded', 'Unproven', 'What you can do with it'], { not: ['Your vote', 'this is no result', 'Text matches'] }),
  state('proposal-none', P, none, ['No account here can sign.'], { wallet: { accounts: [], vault: 'none' } }),
  state('proposal-hostile', P, () => ({ proposal: proposal({ title: evil + 'T'.repeat(200), description: evil + 'D'.repeat(3000), proposer_name: evil + 'n'.repeat(90) }) }), ['<img src=x onerror=alert(1)>\\u202e']),
  state('proposal-stale', P, none, ['Tally proven before', 'Proven before'], { scene: 'stale' }),
  state('proposal-lost', P, none, ['Fund the tide-gauge network', 'Tally proven', ...LOST], { isLost: true }),
  state('proposal-error', P, failing('dao.proposal', 'no_such_proposal', 'there is no such proposal'), ['There is no such proposal.', 'Code no_such_proposal']),
  state('recount', R, none, ['Counted again: Fund the tide-gauge network', 'Do the votes add up?', 'add up exactly', 'Every vote', '85 votes', 'Tide Co-op', 'We are paid by this', '310,000', 'Split', 'over a delegate', 'you', '26,180,000', 'Show more of 85', 'Audit bundle', 'hearth verify', 'CSV', 'JSON', 'Count again with other providers'], { not: ['Check every block'] }),
  state('recount-short', R, () => ({ proposal: SHORT(), votes: [] }), ['Votes are missing: what stands here is not all', 'No vote was counted yet.', 'Check every block']),
  state('propose', `propose/${GOV}`, none, ['Propose something', 'To Harbour Commons. It is public, and cannot be changed', 'Nothing yet. A proposal without an action is a statement.', 'Add an action', 'Look at it first']),
  state('propose-preview', `propose/${GOV}`, none, ['What it would be', 'Rehearsed on proven state: it would run now', 'Sends 1.5 ETH to Lumen', 'The treasury has never sent there', 'Its id', LONG_ID, 'In the timelock', 'Propose it'], {
    prepare: async page => { await page.getByLabel('Title').fill('Pay Lumen'); await click('Add an action')(page); await page.getByRole('textbox', { name: 'To' }).fill(LUMEN); await page.getByLabel('Amount').fill('1.5'); await click('Look at it first')(page) }
  }),
  state('propose-wrong', `propose/${GOV}`, none, ['To: an address begins with 0x and has 40 digits.'], { prepare: async page => { await page.getByLabel('Title').fill('Pay'); await click('Add an action')(page); await click('Look at it first')(page) } }),
  state('found', 'found', none, ['Create a community', 'Members vote with', 'Who gets how many', 'Hours before voting begins', 'A day is usual.', 'Quorum, in percent', 'Only a vote can.', 'Review and create']),
  state('found-clock', 'found', none, ['Its clock counts', 'As the token counts its past votes'], { prepare: async page => { await page.getByLabel('Members vote with').selectOption('existing'); await page.getByLabel('Its clock counts').selectOption('time') } }),
  state('found-people', 'found', none, ['Schema of the attestation', 'Who attests', 'They decide who votes: choose them well.'], { prepare: page => page.getByLabel('Members vote with').selectOption('people'), not: ['Who gets how many'] }),
  state('found-wrong', 'found', none, ['“nobody 5” is no address with an amount.'], { prepare: async page => { await page.getByLabel('Name', { exact: true }).fill('Tide'); await page.getByLabel('Who gets how many').fill('nobody 5'); await click('Review and create')(page) } }),
  state('found-made', 'found/7', none, ['Your community is being made', 'Tide Friends', 'Create the treasury, the votes and the governor', 'Wait until that is final', 'Governor', 'Go there']),
  state('found-failed', 'found/7', () => ({ creation: CREATION({ community: null, treasury: null, votes: null, error: 'the transaction was undone', steps: [{ what: 'Create the treasury', hash: null, state: 'failed' }] }) }), ['Failed', 'The transaction was undone.'], { not: ['Go there'] }),
  state('notices', 'notices', none, ['What changed in your communities', '2 notices you have not read.', 'Mark all as read', 'closes in a day', 'The code of Quay Club changed', 'Inês Vale voted For']),
  state('notices-empty', 'notices', () => ({ notices: [] }), ['No notices', 'when a vote begins or closes'], { not: ['Mark all'] }),
  state('polls', 'polls', none, ['What people are asked', 'Where shall the new bench stand?', 'By Okke.', 'Ends in about 24 h', 'open', 'closed', 'Ask something', 'Any key, one vote each']),
  state('polls-empty', 'polls', () => ({ polls: [] }), ['No polls yet']),
  state('polls-gate', 'polls', none, ['Schema', 'Who attests', 'It was not asked', 'Write the question first.'], { prepare: async page => { await page.getByLabel('Who votes').selectOption('attestation'); await click('Ask')(page) } }),
  state('poll', `poll/${POLL}`, none, ['Where shall the new bench stand?', 'Answers can still come', 'This is no result.', 'Under the lime', '7, 58 %', 'yours', '12 answers counted. 2 replaced by a newer one. 1 too late. 3 of who may not vote.', 'Asked 3 relays, 2 answered.', 'You answered, and it counts.', 'Sign and publish', 'None has yet.'], { not: ['first'] }),
  state('poll-closed', `poll/${POLL}`, () => ({ poll: counted({ state: 'closed', source: null, roots: ROOTS(), is_mine: true }) }), ['The count', 'closed', 'first', '1 differ', 'Inês Vale', 'the same', 'another', 'Publish your count'], { not: ['Sign and publish', 'no result'] }),
  state('poll-ranked', `poll/${POLL}`, () => ({ poll: counted({ method: 'ranked' }, { unproven: 2, rounds: [{ weights: ['4', '7', '1'], exhausted: '0', eliminated: 2, by: 'weight' }, { weights: ['5', '7', '0'], exhausted: '0', eliminated: null, by: null }] }) }), ['Round 1: By the quay 4', 'Nowhere goes.', 'In the order in which you tick them.', '2.'], { prepare: page => page.getByRole('checkbox', { name: 'By the quay' }).check() }),
  state('poll-weighted', `poll/${POLL}`, () => ({ poll: counted({ method: 'weighted', gate: { kind: 'token', contract: GOV }, state: 'open', source: { asked: 1, answered: 1, is_cut: true } }, { unit: '1000000' }) }), ['Shares of one’s weight', 'Holders of a votes token', 'Asked 1 relay, 1 answered. There may be more.']),
  state('poll-error', `poll/${POLL}`, failing('polls.poll', 'no_such_poll', 'there is no such poll'), ['There is no such poll.', 'Code no_such_poll']),
  state('proposal-split', P, () => ({ proposal: proposal({ alarms: [{ code: 'weight_differs', text: 'A vote weighs more than its voter had.', voter: GOV }] }) }), ['A vote weighs more than its voter had.', 'some to each', 'Shares in', '13,900 given, 4,500 kept back, for a later vote.', 'Hand it out to others'], {
    prepare: async page => { await page.getByRole('radio', { name: 'Split' }).check(); for (const [side, n] of [['For', '9,200'], ['Against', '4700']]) await page.getByRole('textbox', { name: side, exact: true }).fill(n) }
  }),
  state('proposal-split-over', P, () => ({ proposal: proposal({ my_vote: { support: 255, weight: '10000000000000000000000' } }) }), ['You voted in parts with 10,000. You have 8,400 left.', 'More than the 8,400 that you have left.', 'You did not vote', 'The shares are more than you have left.'], {
    prepare: async page => { await page.getByRole('radio', { name: 'Split' }).check(); await page.getByLabel('Shares in').selectOption('percent'); await page.getByRole('textbox', { name: 'Abstain' }).fill('100.5'); await click('Review and sign')(page) }
  }),
  state('community-signed', `community/${GOV}`, none, ['Hours it is good for', 'Permits of this token use the same nonce', 'Signed, and not sent', 'They check it under “Check a file” and pay the fee.', '"form": "delegation"', 'Save it'], {
    prepare: async page => { await page.getByRole('button', { name: 'Delegate to Inês Vale' }).click(); await page.getByLabel('How', { exact: true }).selectOption('signature'); await page.getByRole('button', { name: 'Give', exact: true }).click() }
  }),
  state('community-people', `community/${GOV}`, () => ({ whole: whole({ is_people: true, token_decimals: 0, label: 'The pier' }) }), ['The pier', 'Your name for it', 'Only you see it.', 'Who is a member', 'One person, one vote', 'Uids of attestations', 'Strike out', 'Nothing was sent', 'Name 1 to 64 attestations.'], { isUnfolded: true, prepare: click('Register') }),
  state('recount-weights', R, () => ({ isWeighed: true, weights: { done: 84, total: 85, differ: 1 }, votes: [vote('tide', 2, 310_000, { weight_proven: false, weight_at_snapshot: '290000000000000000000000' }), vote('quay', 1, 5, { weight_proven: false, weight_why: { code: 'state_pruned', text: 'no provider keeps that state' } }), vote('low', 0, 7)] }), ['84 of 85 weights proven, 1 differs', 'Weight not proven Had 290,000 at the snapshot.', 'No provider keeps that state.', 'Weight proven']),
  state('recount-large', R, () => ({ large: true, proposal: proposal({ list_proven: false, unchecked_blocks: 412 }) }), ['Your node wrote the file itself', '/exports/proposal-41-audit.json', 'all receipts of 412 more blocks', 'Check every block', 'Prove the weights of 4 votes'], { prepare: page => page.getByRole('button', { name: 'Save Audit bundle' }).click() }),
  state('check', 'check', none, ['Check what you were given', 'Audit file, signed delegation, or votes of snapshot.org', 'A vote on snapshot.org', 'It learns your node’s address and what you ask for.', 'Nothing could be read', 'Say first that hub.snapshot.org may be asked.'], { prepare: async page => { await page.getByLabel('Proposal’s id or link').fill('tide.eth'); await click('Ask and check')(page) } }),
  state('check-audit', 'check', none, ['Valid as of finalized block 26,217,900, 2 hours ago', 'Tally proven', 'Voter list proven', 'Harbour Commons', '4,369,800', '86, by 85 voters', '80 as at the snapshot, 4 not proven, 1 differs', 'The votes add up', 'Its block is the one that is final'], { prepare: gives(AUDIT_FILE), not: ['missing'] }),
  state('check-trusted', 'check', () => ({ audit: audited({ verdict: 'unverified', code: 'anchor_trusted', why: 'it carries no proof that its block is final', steps: [...audited().steps.slice(0, 3), { step: 'finality', ok: false, text: 'it carries no proof that its block is final' }] }, { governor: LUMEN, unchecked_blocks: 3, weights: null }) }), ['Unverified as of block 26,217,900', 'It carries no proof that its block is final.', 'Tally adds up, its block unproven', 'Voter list whole, its block unproven', 'In the token’s smallest unit', '3 blocks could hold more without weight'], { prepare: gives(AUDIT_FILE), not: ['Tally proven'] }),
  state('check-short', 'check', () => ({ audit: audited({ verdict: 'invalid', code: 'tally_incomplete', why: '12,000 For votes are missing', steps: [{ step: 'count', ok: false, text: '12,000 For votes are missing' }] }, { tally_proven: false, list_proven: false, missing: { against: '0', for: '12000000000000000000000', abstain: '0' } }) }), ['Proven to be false as of block', 'Tally incomplete', '12,000 missing', 'The votes do not add up'], { prepare: gives(AUDIT_FILE), not: ['Tally proven'] }),
  state('check-delegation', 'check', none, ['A signed delegation', 'can be sent', 'Inês Vale', 'HRB of Harbour Commons', 'the votes of 92,750, as of now', 'Whoever sends it pays the fee', 'Review and send'], { prepare: gives({ delegation: DELEGATION }) }),
  state('check-delegation-used', 'check', () => ({ delegation: looked({ state: 'bad', why: { code: 'nonce_used', text: 'its nonce is used' }, expires_s: 1, balance: null }) }), ['cannot be sent', 'Its nonce is used.', 'no longer'], { prepare: gives(DELEGATION), not: ['Review and send'] }),
  state('check-snapshot', 'check', none, ['Paint the pier?', 'not signed here', 'On snapshot.org, in tide.eth', 'White', 'Grey', 'weights not verified', 'Its votes', '2 votes', 'signature holds', 'signature does not hold', 'It was white.', 'statement', 'Weights not verified'], { prepare: gives([{ address: GOV, sig: '0x', data: {} }]) }),
  state('check-refused', 'check', failing('snapshot.read', 'snapshot_form', 'nothing of these forms is in it'), ['It could not be checked', 'Nothing of these forms is in it.', 'Code snapshot_form'], { prepare: gives({ votes: [] }) })
]
