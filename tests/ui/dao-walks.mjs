// What a person does in governance: follows a community, votes, delegates, proposes, counts again, creates a community, asks
// and answers. Used by states.mjs.
import { readFile } from 'node:fs/promises'
import { eventually, expectEmpty, expectEqual, expectNoWords, expectWords, openPage, until } from './browser.mjs'
import { AUDIT_FILE, CREATION, DELEGATION, GOV, ID, POLL, counted, proposal, scriptedDao, SHORT, whole } from './dao.mjs'
import { bytesOf, LUMEN, MARA } from './facts.mjs'

const main = async page => (await page.locator('main').innerText()).replace(/\s+/g, ' ')
const shows = (page, ...words) => eventually(async () => expectWords(await main(page), words, 'the screen'))
const lacks = (page, ...words) => eventually(async () => expectNoWords(await main(page), words, 'the screen'))
const button = (page, name) => page.getByRole('button', { name, exact: true })
const go = (page, hash) => page.evaluate(to => { location.hash = to }, hash)
const P = { address: GOV, id: ID }

async function start({ browser, node, refused }, over) {
  const d = scriptedDao(over)
  d.install(node)
  node.scene(d.topics())
  const opened = await openPage(browser.context, { expected: refused })
  await opened.page.setViewportSize({ width: 1280, height: 860 })
  await opened.page.goto(`${node.url}/#token=${node.token}`)
  await opened.page.locator('a.trust[data-s="ok"]').waitFor()
  return { ...opened, d }
}

async function following(all) {
  const { results: { check } } = all
  const { page, troubles, d } = await start(all)
  await check('governance: the rail leads there, with the number of new notices', async () => {
    const place = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Votes/ })
    expectEqual((await place.innerText()).replace(/\s+/g, ' '), 'Votes 2 new', 'the place')
    await place.click()
    await shows(page, 'What your communities decide', 'Harbour Commons')
  })
  await check('governance: what is no address is not sent to the node', async () => {
    await page.getByLabel('Address of its governor').fill('0x12')
    await button(page, 'Follow it').click()
    await shows(page, 'An address begins with 0x and has 40 digits.')
    expectEqual(d.calls('dao.add'), [], 'added')
  })
  await check('governance: a community is followed under a name of one’s own, and opened', async () => {
    await page.getByLabel('Address of its governor').fill(LUMEN)
    await page.getByLabel('Your name for it').fill('Lumen')
    await button(page, 'Follow it').click()
    await shows(page, 'Who has power over it')
    await eventually(async () => expectEqual(d.calls('dao.add'), [{ address: LUMEN, label: 'Lumen' }], 'added'))
  })
  await check('governance: votes are given away and taken back by two ways', async () => {
    await go(page, `#/community/${GOV}`)
    await page.getByLabel('Give your votes to').fill(LUMEN)
    await page.getByLabel('How', { exact: true }).selectOption('signature')
    await page.getByLabel('Hours it is good for').fill('48')
    await button(page, 'Give').click()
    await until('it is given', () => d.calls('dao.delegate').length === 1)
    const [file] = await Promise.all([page.waitForEvent('download'), button(page, 'Save it').click()])
    expectEqual(JSON.parse(await readFile(await file.path(), 'utf8')), DELEGATION, 'what was saved')
    await page.getByLabel('How', { exact: true }).selectOption('transaction')
    await button(page, 'Give to myself').click()
    await until('it is taken back', () => d.calls('dao.delegate').length === 2)
    await eventually(async () => expectEqual(d.calls('dao.delegate'), [{ address: GOV, account: MARA, to: LUMEN, by: 'signature', hours: 48 }, { address: GOV, account: MARA, to: MARA, by: 'transaction' }], 'given'))
  })
  await check('governance: a delegate of the list is one press away from the form', async () => {
    await button(page, 'Delegate to Inês Vale').click()
    await until('the focus is there', () => page.evaluate(() => document.activeElement.value === document.querySelector('[aria-labelledby="delegate-h"] input').value && document.activeElement.value.length === 42))
    await lacks(page, 'Hours it is good for')
  })
  await check('governance: it has a name of one’s own, given and taken back', async () => {
    await page.getByText('Your name for it').click()
    await page.getByLabel('Name', { exact: true }).fill(' The quay ')
    await button(page, 'Save').click()
    await shows(page, 'The quay')
    await eventually(async () => expectEqual(d.calls('dao.label'), [{ address: GOV, label: 'The quay' }], 'named'))
  })
  await check('governance: members of a community of people are registered and struck out, by its register', async () => {
    d.whole = whole({ is_people: true })
    all.node.push('dao.changed', d.topics()['dao.changed'])
    const [one, two] = [bytesOf('uid 1'), bytesOf('uid 2')]
    await page.getByLabel('Uids of attestations').fill(`${one}\n ${two} `)
    await button(page, 'Register').click()
    await until('it is asked', () => d.calls('dao.register').length === 1)
    await page.getByLabel('Whom nobody vouches for').fill(LUMEN)
    await button(page, 'Strike out').click()
    await until('it is asked', () => d.calls('dao.strike').length === 1)
    await eventually(async () => expectEqual([d.calls('dao.register'), d.calls('dao.strike')], [[{ address: d.whole.token, account: MARA, uids: [one, two] }], [{ address: d.whole.token, account: MARA, person: LUMEN }]], 'asked'))
  })
  await check('governance: a statement is published and stands there', async () => {
    await page.getByLabel('Your statement as a delegate').fill('I read everything.')
    await button(page, 'Publish').click()
    await shows(page, 'I read everything.')
    await eventually(async () => expectEqual(d.calls('talk.post'), [{ address: GOV, kind: 'statement', text: 'I read everything.' }], 'said'))
  })
  await check('governance: proposals are shown by state', async () => {
    await page.getByLabel('State', { exact: true }).selectOption('Executed')
    await shows(page, 'Dredge the basin')
    await lacks(page, 'Fund the tide-gauge network')
  })
  await check('governance: a community is followed no more', async () => {
    await button(page, 'Follow it no more').click()
    await shows(page, 'What your communities decide')
    await eventually(async () => expectEqual(d.calls('dao.forget'), [{ address: GOV }], 'forgotten'))
  })
  await check('governance: notices are read, and the number goes', async () => {
    await go(page, '#/notices')
    await button(page, 'Mark all as read').click()
    await until('the number is gone', async () => !(await page.getByRole('navigation', { name: 'Main' }).innerText()).includes('new'))
    await lacks(page, 'Mark all as read')
  })
  await check('governance: a place that is none leads to the communities', async () => {
    await go(page, '#/proposal/0x12.x')
    await shows(page, 'What your communities decide')
  })
  await check('governance: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function voting(all) {
  const { results: { check } } = all
  const { page, troubles, d } = await start(all)
  await go(page, `#/proposal/${GOV}.${ID}`)
  await check('vote: without a choice nothing is asked of the wallet', async () => {
    await button(page, 'Review and sign').click()
    await shows(page, 'Choose For, Against or Abstain first.')
    expectEqual(d.calls('dao.vote'), [], 'voted')
  })
  await check('vote: by keyboard alone, with a reason', async () => {
    await page.getByRole('radio', { name: 'Abstain' }).focus()
    await page.keyboard.press('Space')
    await page.getByRole('textbox', { name: 'Reason' }).fill(' I know too little. ')
    await button(page, 'Review and sign').focus()
    await page.keyboard.press('Enter')
    await until('it is cast', () => d.calls('dao.vote').length === 1)
    await eventually(async () => expectEqual(d.calls('dao.vote'), [{ ...P, account: MARA, support: 2, by: 'transaction', reason: 'I know too little.' }], 'voted'))
  })
  await check('vote: as a signed ballot, after what is public was said', async () => {
    await page.getByLabel('Sign a ballot').check()
    await shows(page, 'A signed ballot is public at once')
    await page.getByRole('textbox', { name: 'Reason' }).fill('')
    await page.getByRole('radio', { name: 'For' }).check()
    await button(page, 'Review and sign').click()
    await until('it is cast', () => d.calls('dao.vote').length === 2)
    await eventually(async () => expectEqual(d.calls('dao.vote')[1], { ...P, account: MARA, support: 1, by: 'ballot' }, 'voted'))
  })
  await check('vote: in parts, in tokens or per cent, never more than is left', async () => {
    const shares = () => d.calls('dao.vote').slice(2).map(c => [c.support, c.split])
    const fill = (name, n) => page.getByRole('textbox', { name, exact: true }).fill(n)
    await page.getByRole('radio', { name: 'Split' }).check()
    await button(page, 'Review and sign').click()
    await shows(page, 'Give a share to one side at least.')
    await fill('For', '18400.000000000000000001')
    await button(page, 'Review and sign').click()
    await shows(page, 'The shares are more than you have left.', 'More than the 18,400 that you have left.')
    await fill('For', 'x')
    await button(page, 'Review and sign').click()
    await shows(page, 'A share is a number, or nothing.')
    expectEqual(shares(), [], 'voted')
    await fill('For', '1.5')
    await fill('Abstain', '2')
    await button(page, 'Review and sign').click()
    await until('it is cast', () => shares().length === 1)
    await page.getByLabel('Shares in').selectOption('percent')
    await fill('For', '33.33')
    await fill('Against', '66.67')
    await fill('Abstain', '')
    await shows(page, '18,400 given, 0 kept back.')
    await button(page, 'Review and sign').click()
    await until('it is cast', () => shares().length === 2)
    expectEqual(shares(), [[undefined, ['0', '1500000000000000000', '2000000000000000000']], [undefined, ['12267280000000000000000', '6132720000000000000000', '0']]], 'shares')
    d.sent = d.sent.slice(0, -2)
    await page.getByRole('radio', { name: 'For' }).check()
  })
  await check('proposal: its text and actions are handed out', async () => {
    await button(page, 'Hand it out to others').click()
    await until('they are', () => d.calls('dao.share').length === 1)
    await eventually(async () => expectEqual(d.calls('dao.share'), [P], 'handed out'))
  })
  await check('vote: what the node refuses is said, and can be done all the same', async () => {
    d.fails = { 'dao.vote': ['has_voted', 'this account has voted', 'denied'] }
    await button(page, 'Review and sign').click()
    await shows(page, 'You did not vote', 'This account has voted.')
    await button(page, 'Vote all the same').click()
    await until('it is cast', () => d.calls('dao.vote').length === 3)
    await eventually(async () => expectEqual(d.calls('dao.vote')[2].override, true, 'forced'))
    d.fails = {}
  })
  await check('vote: another account has a weight of its own', async () => {
    const before = all.node.calls.length
    await page.locator('form').filter({ hasText: 'Review and sign' }).getByRole('combobox').selectOption({ label: 'Savings' })
    await until('its weight is asked', () => all.node.calls.slice(before).some(c => c.method === 'dao.power'))
  })
  await check('proposal: an alarm stands above the bytes, which open', async () => {
    await page.getByText('Raw, 204 bytes').click()
    await shows(page, '0x423b7971')
  })
  await check('proposal: it is rehearsed in words', async () => {
    await button(page, 'Rehearse it on proven state').click()
    await shows(page, 'It succeeds', 'Safe owners 5 to 6')
  })
  await check('proposal: ballots that hold are brought to the chain, others not', async () => {
    await button(page, 'Bring 1 ballot to the chain').click()
    await until('they are brought', () => d.calls('dao.relay').length === 1)
    await eventually(async () => expectEqual(d.calls('dao.relay')[0].ballots, [bytesOf('ballot one')], 'ballots'))
  })
  await check('proposal: missing votes take the bars away as soon as they are known, and others are asked', async () => {
    d.proposal = SHORT()
    all.node.push('dao.counting', { counting: [{ ...P, address: GOV, done: 3, total: 4 }] })
    await shows(page, 'Incomplete: 12,000 For votes missing', '3 of 4 blocks counted')
    expectEqual(await page.locator('svg.draw[aria-label^="For"]').count(), 0, 'bars')
    await button(page, 'Count again with other providers').click()
    await until('it is asked', () => d.calls('dao.recount').length === 1)
    await eventually(async () => expectEqual(d.calls('dao.recount'), [P], 'recounted'))
  })
  await check('proposal: once it has passed it can be queued, and not voted on', async () => {
    d.proposal = proposal({ state: 'Succeeded', list_proven: false })
    all.node.push('dao.counting', { counting: [] })
    await lacks(page, 'Review and sign')
    await page.getByText('What you can do with it').click()
    await button(page, 'Queue').click()
    await until('it is queued', () => d.calls('dao.queue').length === 1)
    await eventually(async () => expectEqual(d.calls('dao.queue')[0], { ...P, account: MARA }, 'queued'))
  })
  await check('recount: the audit bundle is saved as the node wrote it', async () => {
    await page.getByRole('link', { name: /^Every vote/ }).click()
    await shows(page, 'Do the votes add up?', '310,000')
    const [file] = await Promise.all([page.waitForEvent('download'), button(page, 'Save Audit bundle').click()])
    expectEqual(file.suggestedFilename(), 'proposal-41.audit', 'name')
    expectEqual(await readFile(await file.path(), 'utf8'), 'voter,weight', 'content')
  })
  await check('recount: a file too large for the page lies where the node says', async () => {
    d.large = true
    await button(page, 'Save CSV').click()
    await shows(page, 'Your node wrote the file itself', '/exports/proposal-41-audit.json')
    await eventually(async () => expectEqual(d.calls('dao.export').at(-1), { ...P, format: 'csv' }, 'exported'))
  })
  await check('recount: the weights are proven, of those whose are not', async () => {
    await button(page, 'Prove the weights of 4 votes').click()
    await shows(page, 'Weight proven')
    await lacks(page, 'Prove the weights')
    await eventually(async () => expectEqual(d.calls('dao.weights'), [{ ...P, voters: d.votes.map(v => v.voter) }], 'weighed'))
  })
  await check('recount: every block is checked only when asked, after what it costs', async () => {
    await shows(page, 'all receipts of the blocks of the whole window')
    await button(page, 'Check every block').click()
    await until('it is asked', () => d.calls('dao.recount').length === 2)
    await eventually(async () => expectEqual(d.calls('dao.recount')[1], { ...P, full: true }, 'recounted'))
  })
  await check('recount: votes are ordered by time when asked', async () => {
    await page.getByLabel('Order').selectOption('time')
    await until('it is asked', () => JSON.stringify(all.node.calls).includes('"sort":"time"'))
  })
  await check('vote: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function making(all) {
  const { results: { check } } = all
  const { page, troubles, d } = await start(all)
  await check('propose: what was not looked at in this form is not proposed', async () => {
    await go(page, `#/propose/${GOV}`)
    await page.getByLabel('Title').fill('Pay Lumen')
    await page.getByLabel('Why, and what exactly').fill('For the lamps.')
    await button(page, 'Add an action').click()
    await page.getByRole('textbox', { name: 'To' }).fill(LUMEN)
    await page.getByLabel('Amount').fill('1.5')
    await button(page, 'Look at it first').click()
    await shows(page, 'it would run now')
    await page.getByLabel('Amount').fill('2')
    await button(page, 'Propose it').click()
    await shows(page, 'It has changed since you looked at it.')
    expectEqual(d.calls('dao.propose'), [], 'proposed')
  })
  await check('propose: what was looked at goes to the node as it was, and its page opens', async () => {
    await button(page, 'Look at it first').click()
    await lacks(page, 'It has changed since')
    await until('it is looked at', () => d.calls('dao.preview').length === 2)
    await button(page, 'Propose it').click()
    await shows(page, 'Fund the tide-gauge network')
    const wanted = { address: GOV, account: MARA, actions: [{ kind: 'pay_ether', to: LUMEN, wei: '2000000000000000000' }], description: '# Pay Lumen\n\nFor the lamps.' }
    await eventually(async () => expectEqual(d.calls('dao.propose'), [wanted], 'proposed'))
    await eventually(async () => expectEqual(d.calls('dao.preview')[1], wanted, 'previewed'))
  })
  await check('create: a community of token holders, its times in blocks', async () => {
    await go(page, '#/found')
    await page.getByLabel('Name', { exact: true }).fill('Tide Friends')
    await page.getByLabel('Symbol of the token').fill('TIDE')
    await page.getByLabel('Who gets how many').fill(`${MARA} 100.5\n\ntreasury 900`)
    await page.getByLabel('Ether for its treasury').fill('0.25')
    await button(page, 'Review and create').click()
    await shows(page, 'Your community is being made', 'Tide Friends')
    expectEqual(d.calls('dao.create'), [{
      account: MARA, name: 'Tide Friends', kind: 'token', token: { name: 'Tide Friends', symbol: 'TIDE', holders: [{ address: MARA, amount: '100500000000000000000' }, { treasury: true, amount: '900000000000000000000' }] }, clock: 'blocks',
      voting_delay: 7200, voting_period: 50_400, quorum_percent: 10, threshold: '1000000000000000000', timelock_delay_s: 172_800, treasury_wei: '250000000000000000'
    }], 'created')
  })
  await check('create: a clock of seconds takes the hours as they are', async () => {
    await go(page, '#/found')
    await page.getByLabel('Name', { exact: true }).fill('Old votes')
    await page.getByLabel('Members vote with').selectOption('existing')
    await page.getByLabel('Address of the token').fill(LUMEN)
    await page.getByLabel('Hours before voting begins').fill('0.5')
    await page.getByLabel('Its clock counts').selectOption('time')
    await button(page, 'Review and create').click()
    await shows(page, 'Your community is being made')
    const { clock, existing, voting_delay, voting_period } = d.calls('dao.create')[1]
    expectEqual({ clock, existing, voting_delay, voting_period }, { clock: 'time', existing: LUMEN, voting_delay: 1800, voting_period: 604_800 }, 'created')
  })
  await check('create: it goes on by itself to the end', async () => {
    d.creation = CREATION({ is_final: true })
    await eventually(async () => expectWords(await main(page), ['Final'], 'the screen'), 9000)
    await button(page, 'Go there').click()
    await shows(page, 'Who has power over it')
  })
  await check('polls: a poll is made and its page opens', async () => {
    await go(page, '#/polls')
    await page.getByLabel('Question').fill('Where?')
    await page.getByLabel('Answers').fill('Here\n\n There ')
    await page.getByLabel('How one votes').selectOption('ranked')
    await page.getByLabel('Who votes').selectOption('token')
    await page.getByLabel('Address of the token').fill(LUMEN)
    await button(page, 'Ask').click()
    await until('its page is open', () => page.url().endsWith(`#/poll/${POLL}`)) // its question is in the list as well
    await shows(page, 'Where shall the new bench stand?')
    await eventually(async () => expectEqual(d.calls('polls.make'), [{ question: 'Where?', options: ['Here', 'There'], method: 'ranked', hours: 72, gate: { kind: 'token', contract: LUMEN } }], 'asked'))
  })
  await check('polls: one choice replaces the other', async () => {
    await page.getByRole('radio', { name: 'Nowhere' }).check()
    await button(page, 'Sign and publish').click()
    await until('it is cast', () => d.calls('polls.vote').length === 1)
    await eventually(async () => expectEqual(d.calls('polls.vote'), [{ id: POLL, choice: [2] }], 'voted'))
  })
  await check('polls: an order of preference is the order of ticking', async () => {
    d.poll = counted({ method: 'ranked', my_ballot: null })
    await go(page, '#/polls')
    await go(page, `#/poll/${POLL}`)
    for (const name of ['Nowhere', 'By the quay']) await page.getByRole('checkbox', { name }).check()
    await button(page, 'Sign and publish').click()
    await until('it is cast', () => d.calls('polls.vote').length === 2)
    await eventually(async () => expectEqual(d.calls('polls.vote')[1], { id: POLL, choice: [2, 0] }, 'voted'))
  })
  await check('polls: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

// What somebody else made is checked: by paste, from a file, and by a server of theirs that is asked only when that is wanted.
async function checking(all) {
  const { results: { check } } = all
  const { page, troubles, d } = await start(all)
  const paste = text => page.getByLabel(/^Audit file/).fill(text)
  await check('check: an audit file is handed to the node whole', async () => {
    await go(page, '#/check')
    await paste(AUDIT_FILE)
    await button(page, 'Verify').click()
    await shows(page, 'Valid as of finalized block 26,217,900', 'Tally proven')
    await eventually(async () => expectEqual(all.node.calls.filter(c => c.method === 'dao.audit').map(c => c.params), [{ bundle: JSON.parse(AUDIT_FILE) }], 'checked'))
  })
  await check('check: a file is taken as well, and what came before goes', async () => {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), button(page, 'Choose a file').click()])
    await chooser.setFiles({ name: 'delegation.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(DELEGATION)) })
    await shows(page, 'A signed delegation', 'can be sent')
    await lacks(page, 'Tally proven')
    expectEqual(d.calls('dao.delegate'), [], 'sent')
  })
  await check('check: a delegation that holds is sent at one’s own cost', async () => {
    await button(page, 'Review and send').click()
    await until('it is sent', () => d.calls('dao.delegate').length === 1)
    await eventually(async () => expectEqual(d.calls('dao.delegate'), [{ delegation: DELEGATION, account: MARA }], 'sent'))
  })
  await check('check: what is larger than a page may hand over is said so', async () => {
    await paste(JSON.stringify({ format: 'hearth-audit', more: 'x'.repeat(300_000) }))
    await button(page, 'Verify').click()
    await shows(page, 'On this computer “hearth verify FILE” checks it.')
  })
  await check('snapshot: nobody is asked before that is allowed', async () => {
    const reads = () => d.calls('snapshot.read')
    const name = page.getByLabel('Proposal’s id or link')
    await name.fill('nothing of theirs')
    await button(page, 'Ask and check').click()
    await shows(page, 'Give a proposal’s id or link')
    await name.fill(`https://snapshot.org/#/tide.eth/proposal/${bytesOf('hub')}`)
    await button(page, 'Ask and check').click()
    await shows(page, 'Say first that hub.snapshot.org may be asked.')
    expectEqual(reads(), [], 'asked')
    await page.getByLabel(/^Ask hub.snapshot.org/).check()
    await button(page, 'Ask and check').click()
    await shows(page, 'Paint the pier?', 'Weights not verified')
    await name.fill('https://snapshot.box/#/s:tide.eth/')
    await button(page, 'Ask and check').click()
    await until('it is asked', () => reads().length === 2)
    expectEqual(reads(), [{ fetch: true, proposal: bytesOf('hub') }, { fetch: true, space: 'tide.eth' }], 'asked')
  })
  await check('snapshot: what was pasted leaves nothing', async () => {
    await paste('{"data":{"proposal":{},"votes":[]}}')
    await button(page, 'Verify').click()
    await until('it is read', () => d.calls('snapshot.read').length === 3)
    await eventually(async () => expectEqual(d.calls('snapshot.read')[2], { json: { data: { proposal: {}, votes: [] } } }, 'read'))
  })
  await check('check: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

export const DAO_WALKS = [following, voting, making, checking]
