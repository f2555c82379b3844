// The states of the screens of governance, drawn by states.mjs.
import { counted, CREATION, GOV, ID, LONG_ID, ODD, POLL, proposal, ROOTS, scriptedDao, SHORT, summary, whole } from './dao.mjs'
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
  state('found-people', 'found', none, ['Schema of the attestation', 'Who attests', 'They decide who votes: choose them well.'], { prepare: page => page.getByLabel('Members vote with').selectOption('people'), not: ['Who gets how many'] }),
  state('found-wrong', 'found', none, ['“nobody 5” is no address with an amount.'], { prepare: async page => { await page.getByLabel('Name', { exact: true }).fill('Tide'); await page.getByLabel('Who gets how many').fill('nobody 5'); await click('Review and create')(page) } }),
  state('found-made', 'found/7', none, ['Your community is being made', 'Tide Friends', 'Create the treasury, the votes and the governor', 'Wait until that is final', 'Governor', 'Go there']),
  state('found-failed', 'found/7', () => ({ creation: CREATION({ community: null, treasury: null, votes: null, error: 'the transaction was undone', steps: [{ what: 'Create the treasury', hash: null, state: 'failed' }] }) }), ['Failed', 'The transaction was undone.'], { not: ['Go there'] }),
  state('notices', 'notices', none, ['What changed in your communities', '2 notices you have not read.', 'Mark all as read', 'closes in a day', 'The code of Quay Club changed', 'Inês Vale voted For']),
  state('notices-empty', 'notices', () => ({ notices: [] }), ['No notices', 'when a vote begins or closes'], { not: ['Mark all'] }),
  state('polls', 'polls', none, ['What people are asked', 'Where shall the new bench stand?', 'By Okke.', 'Ends in about 24 h', 'open', 'closed', 'Ask something', 'Any key, one vote each']),
  state('polls-empty', 'polls', () => ({ polls: [] }), ['No polls yet']),
  state('polls-gate', 'polls', none, ['Schema', 'Who attests', 'It was not asked', 'Write the question first.'], { prepare: async page => { await page.getByLabel('Who votes').selectOption('attestation'); await click('Ask')(page) } }),
  state('poll', `poll/${POLL}`, none, ['Where shall the new bench stand?', 'Answers can still come', 'This is no result.', 'Under the lime', '7, 58 %', 'yours', '12 answers counted. 2 replaced by a newer one. 1 too late. 3 of who may not vote.', 'You answered, and it counts.', 'Sign and publish', 'None has yet.'], { not: ['first'] }),
  state('poll-closed', `poll/${POLL}`, () => ({ poll: counted({ state: 'closed', roots: ROOTS(), is_mine: true }) }), ['The count', 'closed', 'first', '1 differ', 'Inês Vale', 'the same', 'another', 'Publish your count'], { not: ['Sign and publish', 'no result'] }),
  state('poll-ranked', `poll/${POLL}`, () => ({ poll: counted({ method: 'ranked' }, { unproven: 2, rounds: [{ weights: ['4', '7', '1'], exhausted: '0', eliminated: 2, by: 'weight' }, { weights: ['5', '7', '0'], exhausted: '0', eliminated: null, by: null }] }) }), ['Round 1: By the quay 4', 'Nowhere goes.', 'In the order in which you tick them.', '2.'], { prepare: page => page.getByRole('checkbox', { name: 'By the quay' }).check() }),
  state('poll-weighted', `poll/${POLL}`, () => ({ poll: counted({ method: 'weighted', gate: { kind: 'token', contract: GOV }, state: 'open' }, { unit: '1000000' }) }), ['Shares of one’s weight', 'Holders of a votes token']),
  state('poll-error', `poll/${POLL}`, failing('polls.poll', 'no_such_poll', 'there is no such poll'), ['There is no such poll.', 'Code no_such_poll'])
]
