// What a person does in the feeds: reads, writes, answers, likes, mutes, deletes, reports, decides; and what must not
// happen under their eyes. Used by states.mjs.
import { eventually, expectEmpty, expectEqual, expectNoWords, expectWords, openPage, until } from './browser.mjs'
import { ID, INES, post, POSTS, scriptedFeed, without } from './feed.mjs'
import { TALK_WALKS } from './feed-talk-walks.mjs'

const main = async page => (await page.locator('main').innerText()).replace(/\s+/g, ' ')
const shows = (page, ...words) => eventually(async () => expectWords(await main(page), words, 'the screen'))
const button = (page, name) => page.getByRole('button', { name, exact: true })
const field = (page, name) => page.getByLabel(name, { exact: true })
const article = (page, text) => page.locator('article').filter({ hasText: text })
const goes = (page, to) => page.evaluate(hash => { location.hash = hash }, to)
const said = (page, words) => until(`"${words}" is said`, async () => (await page.locator('p[role=status]').last().textContent()) === words)

async function start({ browser, node, refused }, f, route = '#/feed') {
  f.install(node)
  node.scene(f.topics())
  const opened = await openPage(browser.context, { expected: refused })
  await opened.page.setViewportSize({ width: 1280, height: 860 })
  await opened.page.goto(`${node.url}/#token=${node.token}`)
  await opened.page.locator('a.trust[data-s="ok"]').waitFor()
  await goes(opened.page, route)
  return opened
}

async function feedReading(all) {
  const { node, results: { check } } = all
  const f = scriptedFeed()
  const { page, troubles } = await start(all, f)
  await shows(page, 'The tide-gauge vote closes tonight.')
  await check('feed: the place in the rail says how many wrote to the reader', async () => {
    expectWords(await page.getByRole('navigation', { name: 'Main' }).innerText(), ['Feed', '3'], 'the rail')
  })
  await check('feed: new posts are a count and come only when it is pressed', async () => {
    f.posts = [post(50, { content: 'Just now.' }), ...f.posts]
    node.push('social.new', { following: 13, notifications: 2, messages: 1 })
    await shows(page, '13 new posts')
    expectNoWords(await main(page), ['Just now.'], 'the screen')
    await button(page, '13 new posts').click()
    await shows(page, 'Just now.')
    expectEqual(await page.getByRole('button', { name: /new posts?$/ }).count(), 0, 'counts')
  })
  await check('feed: older posts are asked for from the last on, and none stands twice', async () => {
    await button(page, 'Older posts').click()
    await shows(page, 'An older one.', 'That is all your node has.')
    expectEqual(await article(page, 'My own words.').count(), 1, 'posts')
    await eventually(async () => expectEqual(f.calls('feed').at(-1).until, f.posts.at(-1).created_at, 'until'))
  })
  await check('feed: a warning and a muted person unfold when asked', async () => {
    await page.getByRole('button', { name: /Content warning/ }).click()
    await shows(page, 'Who lit the lamp is Ada.')
    await page.getByRole('button', { name: /You muted this person/ }).click()
    await shows(page, 'Buy now')
  })
  await check('feed: asking the relays again says what they answered then', async () => {
    await button(page, 'Ask again').click()
    await shows(page, 'Asked 5 relays, 4 answered.')
    await eventually(async () => expectEqual(f.calls('refresh'), [{ view: 'following' }], 'refresh'))
  })
  await check('feed: a picture elsewhere is a box, asked after at the own node alone, until it is wanted', async () => {
    await until('looked for', async () => f.calls('media_find').some(p => p.urls.includes('https://quaypics.example/slides/1.png')))
    expectEqual([f.calls('media_fetch').length, await page.locator('article img').count()], [0, 0], 'pictures')
    await button(page, 'Load it through my node').click()
    await page.locator('article a.medium img').waitFor()
    await eventually(async () => expectEqual(f.calls('media_fetch'), [{ url: 'https://quaypics.example/slides/1.png' }], 'fetched'))
    expectEqual(await page.locator('article img').evaluate(img => new URL(img.src).origin), node.url, 'where it is from')
    expectEqual(await page.getByRole('button', { name: 'Load it through my node' }).count(), 0, 'boxes')
  })
  await check('feed: what was muted is told as a number, and comes folded when it is wanted', async () => {
    f.hidden = 2
    f.posts = POSTS().filter(p => !p.muted)
    await goes(page, '#/feed/all')
    await shows(page, '2 posts left out')
    await button(page, 'Show it folded').click()
    await shows(page, 'You muted this person. Show', 'Leave it out')
    await eventually(async () => expectEqual(f.calls('feed').at(-1), { view: 'all', muted: true, limit: 40 }, 'feed'))
    await button(page, 'Leave it out').click()
    await shows(page, '2 posts left out')
    f.hidden = 0
    f.posts = [post(50, { content: 'Just now.' }), ...POSTS()]
    await goes(page, '#/feed')
    await shows(page, 'Just now.')
  })
  await check('feed: words lead to a search, an npub to its person', async () => {
    await goes(page, '#/search')
    await page.getByLabel('Words, or somebody’s npub').fill('tide gauge')
    await button(page, 'Search').click()
    await until('searched', async () => f.calls('feed').at(-1).text === 'tide gauge')
    await page.getByLabel('Words, or somebody’s npub').fill(f.me.npub)
    await button(page, 'Search').click()
    await shows(page, 'Tides, and what they cost.')
    await eventually(async () => expectEqual(f.calls('profile').at(-1), { pubkey: f.me.npub }, 'profile'))
    await eventually(async () => expectEqual(f.calls('feed').at(-1).author, INES, 'author'))
  })
  await check('feed: after a lost connection the list under the reader stays as it was', async () => {
    await goes(page, '#/feed')
    await shows(page, 'Just now.')
    const asked = f.calls('feed').length
    f.posts = [post(51, { content: 'While you were gone.' }), ...f.posts]
    await node.down()
    await page.locator('.frame.dim').waitFor()
    await shows(page, 'This stands as of', 'Just now.')
    await node.up()
    await button(page, 'Retry now').click()
    await until('back', async () => (await page.locator('.frame.dim').count()) === 0)
    node.push('social.new', { following: 1, notifications: 0, messages: 0 })
    await shows(page, '1 new post')
    expectNoWords(await main(page), ['While you were gone.'], 'the screen')
    expectEqual(f.calls('feed').length, asked, 'askings')
  })
  await check('feed reading: quiet console, nothing fetched from elsewhere', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function feedActs(all) {
  const { node, results: { check } } = all
  const f = scriptedFeed()
  const { page, troubles } = await start(all, f)
  await shows(page, 'The tide-gauge vote')
  const first = article(page, 'The tide-gauge vote')
  await check('feed: a like and a repost are signed once and counted', async () => {
    await first.getByRole('button', { name: 'Like, 37 reactions' }).click()
    await first.getByRole('button', { name: 'You liked, 38 reactions' }).click({ force: true })
    await first.getByRole('button', { name: 'Repost, 11 reposts' }).click()
    await first.getByRole('button', { name: 'You reposted, 12 reposts' }).waitFor()
    await eventually(async () => expectEqual([f.calls('react'), f.calls('repost')], [[{ id: ID(1), content: '+' }], [{ id: ID(1) }]], 'calls'))
  })
  await check('feed: any sign can be a reaction, from the picker, typed, or from what others chose', async () => {
    const slides = article(page, 'Slides from yesterday')
    await slides.getByRole('button', { name: 'React with another sign' }).click()
    await slides.getByRole('button', { name: 'party' }).click()
    await slides.getByRole('button', { name: 'You reacted with 🎉, 1 reaction' }).waitFor()
    const question = article(page, 'Is the harbour master')
    await question.getByRole('button', { name: 'React with another sign' }).click()
    await page.keyboard.press('Tab')
    await question.getByLabel('Another sign, or a short word').fill(':lamp:')
    await page.keyboard.press('Enter')
    await question.getByRole('button', { name: 'You reacted with :lamp:' }).waitFor()
    f.posts[0].mine = { reaction: null, reposted: false }
    await goes(page, '#/feed/all')
    await goes(page, '#/feed')
    await first.getByRole('button', { name: 'React with 🤔, 5 reactions' }).click()
    await first.getByRole('button', { name: 'You reacted with 🤔' }).waitFor()
    expectWords(await first.innerText(), ['🤔 6'], 'the signs')
    await eventually(async () => expectEqual(f.calls('react').slice(1), [{ id: ID(4), content: '🎉' }, { id: ID(3), content: ':lamp:' }, { id: ID(1), content: '🤔' }], 'reactions'))
  })
  await check('feed: a post is quoted, standing under the words while they are typed', async () => {
    await first.getByRole('button', { name: 'More' }).click()
    await first.getByRole('button', { name: 'Quote', exact: true }).click()
    await until('the field has the focus', () => page.evaluate(() => document.activeElement?.tagName === 'TEXTAREA'))
    await page.keyboard.type('Read this.')
    expectWords(await first.locator('form .quote').innerText(), ['Inês Vale', 'Signed', 'The tide-gauge vote'], 'the quoted post')
    await first.getByRole('button', { name: 'Sign and post' }).click()
    await said(page, 'Signed and sent')
    await eventually(async () => expectEqual(f.calls('post'), [{ content: 'Read this.', quote: ID(1) }], 'post'))
    expectEqual(await first.locator('form').count(), 0, 'forms')
  })
  await check('feed: a thread is muted and unmuted where it stands', async () => {
    await button(page, 'Mute the thread').click()
    await said(page, 'Thread muted')
    await shows(page, 'You muted this thread. Show')
    await button(page, 'Unmute the thread').click()
    await shows(page, 'The tide-gauge vote')
    await said(page, 'Thread unmuted')
    await eventually(async () => expectEqual(f.calls('mute'), [{ id: ID(1), on: true }, { id: ID(1), on: false }], 'mutes'))
    await first.getByRole('button', { name: 'More' }).click()
  })
  await check('feed: muting folds what the person wrote', async () => {
    const theirs = article(page, 'Slides from yesterday')
    await theirs.getByRole('button', { name: 'More' }).click()
    await button(page, 'Mute').click()
    await said(page, 'Muted')
    expectNoWords(await main(page), ['Slides from yesterday'], 'the screen')
    await eventually(async () => expectEqual(f.calls('mute').at(-1).on, true, 'mute'))
  })
  await check('feed: a report is signed with its reason', async () => {
    await first.getByRole('button', { name: 'More' }).click()
    await first.getByRole('button', { name: 'Report', exact: true }).click()
    await page.getByLabel('What is wrong').selectOption('impersonation')
    await button(page, 'Sign and report').click()
    await said(page, 'Reported')
    await eventually(async () => expectEqual(f.calls('report'), [{ id: ID(1), type: 'impersonation' }], 'report'))
  })
  await check('feed: an own post is deleted after a second word, and only an own one', async () => {
    expectEqual(await first.getByRole('button', { name: 'Delete' }).count(), 0, 'ways to delete')
    const own = article(page, 'My own words.')
    await own.getByRole('button', { name: 'More' }).click()
    await own.getByRole('button', { name: 'Delete', exact: true }).click()
    expectEqual(f.calls('delete').length, 0, 'deleted')
    await button(page, 'Sign and delete').click()
    await said(page, 'Deleted')
    expectEqual(await own.count(), 0, 'posts')
  })
  await check('feed: a vote is cast once', async () => {
    await page.getByRole('button', { name: 'Vote for Monday' }).click()
    await shows(page, '4 votes yours')
    expectEqual(await page.getByRole('button', { name: /^Vote/ }).count(), 0, 'ways to vote')
    await button(page, 'Change your vote').click()
    await page.getByRole('button', { name: 'Vote for Tuesday' }).click()
    await shows(page, '3 votes', '2 votes yours')
    await eventually(async () => expectEqual(f.calls('vote').map(v => v.options), [['a'], ['b']], 'votes'))
  })
  await check('feed: what the node refuses is said, and nothing is counted', async () => {
    f.fails.react = ['vault_locked', 'the vault is locked']
    const other = article(page, 'Who lit').or(page.locator('article[aria-label="Harbour poll"]')).first()
    await other.getByRole('button', { name: 'Like, 0 reactions' }).click()
    await shows(page, 'The vault is locked. Nothing was signed.', 'Code vault_locked')
    await other.getByRole('button', { name: 'Like, 0 reactions' }).waitFor()
  })
  await check('feed acts: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function feedWriting(all) {
  const { node, results: { check } } = all
  const f = scriptedFeed()
  const { page, troubles } = await start(all, f)
  await shows(page, 'Post as Mara')
  const area = field(page, 'Post as Mara')
  await check('writing: what is typed is kept as one draft and survives another screen', async () => {
    await area.fill('Half a thou')
    await until('kept', async () => f.drafts.length === 1)
    await area.fill('Half a thought')
    await until('kept again', async () => f.drafts[0].content === 'Half a thought')
    await shows(page, 'Draft kept.')
    expectEqual(f.drafts.length, 1, 'drafts')
    await goes(page, '#/feed/all')
    await shows(page, 'Everything here')
    await goes(page, '#/feed')
    expectEqual(await area.inputValue(), 'Half a thought', 'the text')
  })
  await check('writing: by keyboard alone it is signed and sent, the relays are told, the draft goes', async () => {
    await area.focus()
    await page.keyboard.press('End')
    await page.keyboard.type(', now whole')
    for (let i = 0; i < 4; i++) await page.keyboard.press('Tab') // what unfolds, files, discard, send
    await page.keyboard.press('Enter')
    await shows(page, '2 of 3 relays took it.', 'relay.birch.example refused it.')
    await eventually(async () => expectEqual(f.calls('post'), [{ content: 'Half a thought, now whole' }], 'post'))
    await until('no draft', async () => f.drafts.length === 0)
    expectEqual(await area.inputValue(), '', 'the text')
  })
  await check('writing: nothing, and a poll of one choice, are refused before they are sent', async () => {
    await button(page, 'Sign and post').click()
    await shows(page, 'Nothing is written yet.')
    await area.fill('When?')
    await page.getByText('Warning, end, title, poll').click()
    await page.getByLabel('Choices of a poll').fill('Monday')
    await button(page, 'Sign and post').click()
    await shows(page, 'A poll has two choices at least')
    await eventually(async () => expectEqual(f.calls('post').length, 1, 'posts'))
  })
  await check('writing: warning, end and poll go along', async () => {
    await page.getByLabel('Choices of a poll').fill('Monday\nTuesday\n')
    await page.getByLabel('Content warning').fill('dates')
    await page.getByLabel('It goes').selectOption('86400')
    await button(page, 'Sign and post').click()
    await until('sent', async () => f.calls('post').length === 2)
    await until('the field is empty', async () => (await area.inputValue()) === '')
    const { expires, ...sent } = f.calls('post')[1]
    expectEqual(sent, { content: 'When?', warning: 'dates', poll: { options: ['Monday', 'Tuesday'] } }, 'post')
    const inADay = (await page.evaluate(() => Date.now())) / 1000 + 86_400
    if (Math.abs(expires - inADay) > 120) throw new Error(`expires: expected ${inADay}, got ${expires}`)
  })
  await check('writing: a text that was not sent stays, with the reason', async () => {
    f.fails.post = ['no_relay', 'no relay could be reached']
    await area.fill('Kept.')
    await button(page, 'Sign and post').click()
    await shows(page, 'It was not sent', 'No relay could be reached. Your text is kept here.', 'Code no_relay')
    expectEqual(await area.inputValue(), 'Kept.', 'the text')
    f.fails = {}
    await button(page, 'Discard').click()
  })
  await check('writing: what is typed while a post is sent stays', async () => {
    let answer
    const ordinary = node.methods.get('social.post')
    node.methods.set('social.post', params => ({ later: new Promise(resolve => { answer = () => resolve(ordinary(params)) }) }))
    await area.fill('First.')
    await button(page, 'Sign and post').click()
    await until('asked', async () => answer)
    await area.fill('First. And a second thought.')
    answer()
    await said(page, 'Signed and sent')
    expectEqual(await area.inputValue(), 'First. And a second thought.', 'the text')
    node.methods.set('social.post', ordinary)
    await button(page, 'Discard').click()
  })
  await check('writing: an answer names what it answers', async () => {
    await goes(page, `#/thread/${ID(1)}`)
    await shows(page, 'seen, oldest first.')
    await article(page, 'Is the harbour master').getByRole('button', { name: /^Reply/ }).click()
    await until('the field has the focus', () => page.evaluate(() => document.activeElement?.tagName === 'TEXTAREA'))
    await page.keyboard.type('He is.')
    await button(page, 'Sign and post').click()
    await until('sent', async () => f.calls('post').some(p => p.reply_to === ID(3) && p.content === 'He is.'))
  })
  await check('feed writing: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function feedPeople(all) {
  const { node, results: { check } } = all
  const f = scriptedFeed()
  const { page, troubles } = await start(all, f, `#/author/${INES}`)
  await check('people: unfollowed and muted, each said', async () => {
    await button(page, 'Unfollow').click()
    await said(page, 'Not followed any more')
    await button(page, 'Follow').waitFor()
    await button(page, 'Mute').click()
    await shows(page, 'You muted them.')
    await eventually(async () => expectEqual([f.calls('follow'), f.calls('mute')], [[{ pubkey: INES, on: false }], [{ pubkey: INES, on: true }]], 'calls'))
  })
  await check('people: reports are settled, people blocked and let in again, rules kept', async () => {
    await goes(page, '#/moderation')
    await shows(page, '2 reports')
    await button(page, 'Remove the post').click()
    await shows(page, '1 report')
    await page.getByRole('button', { name: /^Block / }).click()
    await until('blocked', async () => f.blocked.length === 2)
    await page.getByRole('button', { name: /^Unblock / }).first().click()
    await until('let in', async () => f.blocked.length === 1)
    await page.getByLabel('Who may write without work').selectOption('followed')
    await button(page, 'Keep these rules').click()
    await until('kept', async () => f.settings.policy.write === 'followed')
    await page.getByLabel('Your relays, each on a line').fill('wss://relay.birch.example\nwss://new.example')
    await button(page, 'Keep these rules').click()
    await until('kept', async () => f.settings.relays.length === 2)
    await eventually(async () => expectEqual(f.calls('set_settings'), [{ policy: { write: 'followed' } }, { relays: [{ url: 'wss://relay.birch.example', read: false, write: true }, { url: 'wss://new.example', read: true, write: true }] }], 'rules'))
  })
  await check('feed people: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

async function feedLacking({ browser, node, results: { check } }) {
  // The page of the walk before may have said something as it closed.
  await until('nobody is connected', async () => node.clientCount() === 0)
  node.calls.length = 0
  node.scene(without())
  const { page, troubles } = await openPage(browser.context)
  await page.setViewportSize({ width: 1280, height: 860 })
  await page.goto(`${node.url}/#token=${node.token}`)
  await page.locator('a.trust[data-s="ok"]').waitFor()
  await check('a node without feeds has no place for them in the rail', async () => {
    expectEqual(await page.getByRole('navigation', { name: 'Main' }).getByRole('link').count(), 6, 'places')
    expectEqual(node.calls.filter(c => c.method.startsWith('social.')).length, 0, 'calls')
  })
  await check('feed lacking: quiet console', async () => expectEmpty(troubles(), 'troubles'))
  await page.close()
}

export const FEED_WALKS = [feedReading, feedActs, feedWriting, feedPeople, feedLacking, ...TALK_WALKS]
