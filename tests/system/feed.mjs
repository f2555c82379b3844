// The owner's side of the feeds on real nodes: a post and what follows from it, lists, drafts, moderation, and a second node that
// asks the first one's relay. A stranger's program (nostr-tools) speaks to the relay meanwhile. No provider is needed.
//
//   node tests/system/feed.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { finalizeEvent, generateSecretKey, getPublicKey, nip19, verifyEvent } from 'nostr-tools'
import WebSocket from 'ws'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, tidy, until } from './hearth.mjs'
import { codeOf, Owner } from './wallet_owner.mjs'

const { check, ...results } = counter()
const PASSPHRASE = 'a long enough passphrase'
const start = async name => Hearth.start({ network: 'mainnet', dir: await dataDir(name), beacons: ['http://127.0.0.1:9'] })
const now = () => Math.floor(Date.now() / 1000)

// A node whose owner has that key.
async function owned(name, secret) {
  const node = await start(name)
  const owner = new Owner(node)
  await owner.create(PASSPHRASE)
  await owner.import('nsec', [nip19.nsecEncode(secret)])
  await until('the key is known', async () => (await node.call('social.me')).pubkey === getPublicKey(secret))
  return { node, owner, call: (method, params) => owner.call(`social.${method}`, params), url: (await node.call('node.door')).url }
}

// Says one event to a relay and gives its OK.
const say = (url, event) => new Promise((done, failed) => {
  const socket = new WebSocket(url)
  socket.on('open', () => socket.send(JSON.stringify(['EVENT', event])))
  socket.on('error', failed)
  socket.on('message', data => {
    const message = JSON.parse(data)
    if (message[0] === 'OK') { socket.close(); done(message) }
  })
})

const [alice, bob, carol] = [generateSecretKey(), generateSecretKey(), generateSecretKey()]
const a = await owned('alice', alice)
let first

await check('without a key nothing is written, and nothing is followed', async () => {
  const node = await start('nobody')
  expectEqual(await codeOf(node.call('social.post', { content: 'hello' })), 'no_nostr_key', 'code')
  expectEqual(await codeOf(node.call('social.feed', { view: 'following' })), 'no_nostr_key', 'code')
  expectEqual(await node.stop(), 0, 'exit code')
})
await check('a post is signed, stored, and shown as verified', async () => {
  first = (await a.call('post', { content: 'hello from alice', warning: 'greetings' })).id
  const { posts, is_complete, source } = await a.call('feed', { view: 'following' })
  expectEqual([posts.length, posts[0].id, posts[0].content, posts[0].signature, posts[0].warning], [1, first, 'hello from alice', 'verified', 'greetings'], 'post')
  expectEqual([is_complete, source.asked], [true, 0], 'feed')
})
await check('a stranger without work is turned away, and one who is followed is not', async () => {
  const event = finalizeEvent({ kind: 1, created_at: now(), content: 'bob was here', tags: [['p', getPublicKey(alice)]] }, bob)
  expect((await say(a.url, event))[2] === false, 'the stranger was let in')
  expectEqual((await a.call('follow', { pubkey: nip19.npubEncode(getPublicKey(bob)), on: true })).count, 1, 'follows')
  await until('bob may write', async () => (await say(a.url, event))[2] === true)
  const { posts } = await a.call('feed', { view: 'notifications' })
  expectEqual(posts.map(post => post.content), ['bob was here'], 'notifications')
})
await check('a reply, a reaction and a repost are counted, and the thread is whole', async () => {
  const event = finalizeEvent({ kind: 1, created_at: now(), content: 'who are you?', tags: [['e', first, '', 'root'], ['p', getPublicKey(alice)]] }, bob)
  await say(a.url, event)
  const reply = await a.call('post', { content: 'alice, of course', reply_to: event.id })
  await a.call('react', { id: event.id, content: '🤔' })
  await a.call('repost', { id: event.id })
  const { root, posts } = await a.call('thread', { id: reply.id })
  expectEqual([root, posts.length, posts[0].id], [first, 3, first], 'thread')
  const asked = posts.find(post => post.id === event.id), answer = posts.find(post => post.id === reply.id)
  expectEqual([answer.reply_to, answer.root], [event.id, first], 'reply')
  expectEqual([asked.replies, asked.reactions, asked.reposts, asked.mine.reaction, asked.mine.reposted], [1, 1, 1, '🤔', true], 'counts')
  expectEqual(asked.reacted, [{ content: '🤔', count: 1 }], 'reacted')
  expectEqual(await codeOf(a.call('react', { id: event.id, content: 'two\nlines' })), 'bad_reaction', 'code')
  const repost = (await a.call('feed', { view: 'all' })).posts.find(post => post.kind === 6)
  expectEqual(repost.embedded?.id, event.id, 'embedded')
})
await check('a profile keeps what else it held', async () => {
  await say(a.url, finalizeEvent({ kind: 0, created_at: now() - 10, content: JSON.stringify({ name: 'old', lud16: 'a@b.example' }), tags: [] }, alice))
  await a.call('set_profile', { name: 'Alice', about: 'of the node' })
  const profile = await a.call('profile', { pubkey: getPublicKey(alice) })
  expectEqual([profile.name, profile.about, profile.follows, profile.nip05_state], ['Alice', 'of the node', 1, 'none'], 'profile')
  const { lines } = await a.call('export')
  expect(lines.some(line => line.includes('a@b.example') && line.includes('Alice')), 'lud16 was lost')
  expect(lines.every(line => verifyEvent(JSON.parse(line))), 'a line does not verify')
})
await check('search, mutes and bookmarks', async () => {
  expectEqual((await a.call('feed', { view: 'search', text: 'course' })).posts.length, 1, 'found')
  await a.call('mute', { word: 'BOB', on: true })
  const shown = async (view, more = {}) => (await a.call('feed', { view, ...more })).posts.map(post => [post.content, post.muted]).sort()
  expectEqual(await a.call('feed', { view: 'notifications' }).then(feed => [feed.posts.map(post => post.content), feed.hidden]), [['who are you?'], 1], 'notifications')
  expectEqual(await shown('notifications', { muted: true }), [['bob was here', true], ['who are you?', false]], 'with what is muted')
  expectEqual(await shown('search', { text: 'here' }), [], 'found')
  await a.call('mute', { id: first, on: true })
  expectEqual(await shown('notifications'), [], 'a muted thread')
  const lists = await a.call('lists')
  expectEqual([lists.follows.map(one => one.pubkey), lists.muted.words, lists.muted.threads], [[getPublicKey(bob)], ['bob'], [first]], 'lists')
  await a.call('mute', { id: first, on: false })
  await a.call('mute', { word: 'bob', on: false })
  expectEqual((await a.call('lists')).muted, { people: [], words: [], tags: [], threads: [], has_private: false }, 'lists')
  expectEqual((await shown('notifications')).length, 2, 'notifications')
  expectEqual((await a.call('bookmark', { id: first, on: true })).count, 1, 'bookmarks')
  expectEqual((await a.call('feed', { view: 'bookmarks' })).posts.map(post => post.id), [first], 'bookmarks')
})
await check('what is muted is not announced', async () => {
  await a.call('mute', { word: 'announce', on: true })
  await a.call('feed', { view: 'notifications' })
  await a.call('feed', { view: 'following' })
  const to_alice = content => say(a.url, finalizeEvent({ kind: 1, created_at: now(), content, tags: [['p', getPublicKey(alice)]] }, bob))
  // What is muted is known a moment after the list is stored.
  await new Promise(done => setTimeout(done, 300))
  const before = await a.node.call('social.new')
  await to_alice('please Announce this')
  await to_alice('a quiet word')
  const after = await a.node.call('social.new')
  expectEqual([after.notifications - before.notifications, after.following - before.following], [1, 1], 'news')
  await a.call('mute', { word: 'announce', on: false })
})
await check('a quote and pictures are in the text and in tags', async () => {
  const sha256 = 'ab'.repeat(32), url = `http://127.0.0.1:1/${sha256}.png`
  const { id } = await a.call('post', { content: 'look', quote: first, media: [{ url, sha256, type: 'image/png', size: 5 }] })
  const post = (await a.call('feed', { view: 'author', author: getPublicKey(alice) })).posts.find(one => one.id === id)
  expectEqual(post.embedded.id, first, 'embedded')
  expectEqual(post.tags.find(tag => tag[0] === 'imeta'), ['imeta', `url ${url}`, 'm image/png', `x ${sha256}`, 'size 5'], 'imeta')
  const [, name] = post.content.match(/^look\nhttp:\S+\n\nnostr:(nevent1\w+)$/) ?? []
  expectEqual(nip19.decode(name).data.id, first, post.content)
  expectEqual(await codeOf(a.call('post', { content: 'x', media: [{ url: 'javascript:1', sha256, type: 'a/b' }] })), 'bad_media', 'code')
})
await check('a poll is asked, and of each only the last vote counts', async () => {
  const poll = await a.call('post', { content: 'tea or coffee?', poll: { options: ['tea', 'coffee'] } })
  const vote = (choice, at) => finalizeEvent({ kind: 1018, created_at: at, content: '', tags: [['e', poll.id], ['response', choice]] }, bob)
  await say(a.url, vote('1', now() - 5))
  await say(a.url, vote('2', now()))
  expectEqual((await a.call('vote', { id: poll.id, options: ['2'] })).sent, [], 'sent')
  const [post] = (await a.call('thread', { id: poll.id })).posts
  expectEqual([post.poll.options.map(option => option.votes), post.poll.mine, post.poll.voters], [[0, 2], '2', 2], 'votes')
  expectEqual(await codeOf(a.call('vote', { id: poll.id, options: ['1', '2'] })), 'too_many_options', 'code')
  const several = await a.call('post', { content: 'which?', poll: { options: ['x', 'y', 'z'], multiple: true, ends: now() + 1000 } })
  await a.call('vote', { id: several.id, options: ['3', '1'] })
  await say(a.url, finalizeEvent({ kind: 1018, created_at: now() + 1001 - 200, content: '', tags: [['e', several.id], ['response', '1'], ['response', '9']] }, bob))
  const [other] = (await a.call('thread', { id: several.id })).posts
  expectEqual([other.poll.options.map(option => option.votes), other.poll.chosen, other.poll.multiple], [[2, 0, 1], ['3', '1'], true], 'votes')
})
await check('drafts are kept, changed, and deleted', async () => {
  const { draft } = await a.call('draft_put', { content: 'almost', reply_to: first })
  await a.call('draft_put', { draft, content: 'done' })
  expectEqual((await a.call('drafts')).drafts.map(one => [one.draft, one.content]), [[draft, 'done']], 'drafts')
  await a.call('draft_delete', { draft })
  expectEqual(await codeOf(a.call('draft_delete', { draft })), 'no_draft', 'code')
})
await check('what is reported is listed; what is blocked is kept out; what is removed is gone', async () => {
  const event = finalizeEvent({ kind: 1, created_at: now(), content: 'buy now', tags: [] }, bob)
  await say(a.url, event)
  await a.call('report', { id: event.id, type: 'spam', text: 'again' })
  const [report] = (await a.call('moderation')).reports
  expectEqual([report.post.id, report.type, report.pubkey], [event.id, 'spam', getPublicKey(bob)], 'report')
  await a.call('remove', { id: event.id })
  expectEqual(await codeOf(a.call('thread', { id: event.id })), 'no_event', 'code')
  await a.call('block', { pubkey: getPublicKey(bob), on: true })
  await until('bob is blocked', async () => (await say(a.url, finalizeEvent({ kind: 1, created_at: now(), content: `no ${Math.random()}`, tags: [] }, bob)))[3].startsWith('blocked'))
})
await check('only its author deletes a post', async () => {
  const { id } = await a.call('post', { content: 'a mistake' })
  await a.call('delete', { id, reason: 'typo' })
  expect(!(await a.call('feed', { view: 'all' })).posts.some(post => post.id === id), 'it is there still')
})
const c = await owned('carol', carol)
await check('another node asks the relays it was told of, and says how many answered', async () => {
  await c.call('set_settings', { relays: [{ url: a.url, read: true, write: true }, { url: 'ws://127.0.0.1:9', read: true, write: false }] })
  await until('relays are known', async () => (await c.node.call('social.me')).relays.length === 2)
  const { posts, source } = await c.call('feed', { view: 'author', author: nip19.npubEncode(getPublicKey(alice)) })
  expectEqual([source.asked, source.answered], [2, 1], JSON.stringify(source))
  expect(posts.some(post => post.id === first), 'the post did not come')
  expectEqual(source.relays.find(relay => relay.url === a.url).state, 'answered', 'state')
})
await check('a thread is asked for again, and what is new is counted', async () => {
  await c.call('thread', { id: first })
  const { id } = await a.call('post', { content: 'a late reply', reply_to: first })
  const again = await c.call('refresh', { id: first })
  expectEqual([again.new >= 1, again.source.asked], [true, 2], JSON.stringify(again))
  expect((await c.call('thread', { id: first })).posts.some(post => post.id === id), 'the reply did not come')
  expectEqual((await c.call('refresh', { id: first })).new, 0, 'new')
  expectEqual(await codeOf(c.call('refresh', { id: 'x' })), 'bad_id', 'code')
})
await check('its posts go to the relay it writes to', async () => {
  await a.call('follow', { pubkey: getPublicKey(carol), on: true })
  // Whom the relay lets in is known a moment after the list of follows is stored.
  await until('it has come', async () => {
    const { id, sent } = await c.call('post', { content: `hello from carol ${Math.random()}` })
    expectEqual(sent.map(one => one.url), [a.url], 'sent')
    return (await a.call('feed', { view: 'author', author: getPublicKey(carol) })).posts.some(post => post.id === id)
  }, 5000, 200)
})
await check('an export goes into another node, and a second time nothing is new', async () => {
  const { lines } = await a.call('export')
  const counts = await c.call('import', { lines: [...lines, '{"no": "event"}'] })
  expectEqual([counts.malformed, counts.unverified], [1, 0], 'counts')
  expectEqual((await c.call('import', { lines })).stored, 0, 'stored again')
})
await check('quotas hold without a restart', async () => {
  const dave = generateSecretKey()
  const note = () => finalizeEvent({ kind: 1, created_at: now(), content: `${Math.random()} ${'x'.repeat(2000)}`, tags: [] }, dave)
  await a.call('set_settings', { policy: { write: 'stranger', author_bytes: 5000 } })
  expectEqual([(await say(a.url, note()))[2], (await say(a.url, note()))[2]], [true, true], 'there is room')
  const full = await say(a.url, note())
  expectEqual([full[2], /^(blocked|restricted|error)/.test(full[3])], [false, true], full[3])
  await a.call('set_settings', { policy: { author_bytes: 50000 } })
  expectEqual((await say(a.url, note()))[2], true, 'there is room again')
  await a.call('set_settings', { policy: { total_bytes: 1 } })
  expectEqual((await say(a.url, note()))[2], false, 'the disk is full')
  await a.call('set_settings', { policy: { total_bytes: 0, write: 'attested' } })
})
await check('what is old goes by the rules, but nothing of the owner or of lists', async () => {
  const old = now() - 40 * 86400
  const lines = [finalizeEvent({ kind: 1, created_at: old, content: 'old and strange', tags: [] }, generateSecretKey()),
    finalizeEvent({ kind: 1, created_at: old, content: 'old and mine', tags: [] }, alice),
    finalizeEvent({ kind: 1, created_at: old, content: 'old and followed', tags: [] }, carol),
    finalizeEvent({ kind: 7, created_at: old, content: '+', tags: [['e', first]] }, carol)].map(event => JSON.stringify(event))
  expectEqual((await a.call('import', { lines })).stored, 4, 'stored')
  const before = (await a.call('stats')).removed.retention
  const set = await a.call('set_settings', { retention: { days: 30, kinds: [{ kind: 7, days: 10 }] } })
  expectEqual(set.retention, { days: 30, followed_days: 0, kinds: [{ kind: 7, days: 10 }] }, 'retention')
  await until('two are removed', async () => (await a.call('stats')).removed.retention === before + 2)
  const found = async text => (await a.call('feed', { view: 'search', text })).posts.map(post => post.content).sort()
  expectEqual(await found('old'), ['old and followed', 'old and mine'], 'found')
  const stats = await a.call('stats')
  expect(stats.store.kinds.some(one => one.kind === 1 && one.events > 3) && stats.store.bytes > 0, JSON.stringify(stats.store))
  expect(Number.isInteger(stats.relay.stored) && stats.door !== undefined, JSON.stringify(stats))
  // It is not marked as removed.
  expectEqual((await a.call('import', { lines })).stored, 2, 'stored again')
  expectEqual(await codeOf(a.call('set_settings', { retention: { days: 99999 } })), 'bad_setting', 'code')
})
await check('a locked wallet writes nothing', async () => {
  await a.owner.lock()
  expectEqual(await codeOf(a.call('post', { content: 'x' })), 'vault_locked', 'code')
})
await check('all of it is there after a stop', async () => {
  expectEqual([await a.node.stop(), await c.node.stop()], [0, 0], 'exit codes')
})

await tidy()
results.finish()
process.exit()
