// The states of the feeds' screens, drawn by states.mjs. Each makes its own people and relays.
import { hashOf, hostile, ID, INES, JUN, ME, png, post, scriptedFeed, source, withMedia } from './feed.mjs'

const state = (name, route, over, words, more = {}) => ({
  name, route, words, ...more,
  start(node) {
    const f = scriptedFeed(over())
    more.with?.(f)
    f.install(node)
    this.topics = () => f.topics(more.scene)
  }
})
const none = () => ({})
const empty = (over = {}) => () => ({ posts: [], isComplete: true, source: source({ relays: source().relays.map(r => (r.state === 'answered' ? { ...r, state: 'none', count: 0 } : r)) }), ...over })
const fails = (name, code = 'no_relay', message = 'no relay could be reached') => () => ({ fails: { [name]: [code, message] } })
const waits = name => () => ({ fails: { [name]: 'never' } })
const click = name => page => page.getByRole('button', { name }).first().click()
const ASKED = ['Asked 5 relays, 2 answered.', 'relay.alder.example', 'none', 'no answer, 8.0 s', 'wants sign-in', 'name unknown', 'Ask again']
const LOST = ['Node unreachable since', 'This stands as of']
const locked = () => ({ me: { ...scriptedFeed().me, is_open: false } })

export const FEED_STATES = [
  state('feed', '#/feed', none, [
    'Following', '214 people, newest first. 2 of 3 relays are answering.', 'Post as Mara', 'Sign and post', 'sent to 3 relays', '12 new posts', 'Inês Vale', 'claims ines@harbour.example', 'Signed', 'harbour.example/reasons',
    'Picture at quaypics.example, not loaded', 'Load it through my node', '🤔 5', ':lamp: 2', 'Picture or file', 'Muted: 1 person, 1 word, 1 thread', 'Content warning: spoilers of the play. Show', 'You muted this person. Show', 'passed this on', 'The lamp is lit.', 'Monday', '3 votes', 'goes in 1 h', 'Older posts', 'Asked 5 relays, 2 answered.', 'Nothing here is ranked'
  ], { not: ['Who lit the lamp', 'Buy now'] }),
  state('feed-loading', '#/feed', waits('feed'), ['Following', 'Post as Mara', 'What it lacks it asks of relays'], { isFresh: true, not: ['No posts', 'could not give'] }),
  state('feed-empty', '#/feed', empty(), ['No posts seen yet', 'There may be some on the other 3.', ...ASKED], { not: ['Older posts'] }),
  state('feed-error', '#/feed', fails('feed'), ['Your node could not give the posts of those you follow', 'No relay could be reached', 'Code no_relay', 'Ask again']),
  state('feed-lost', '#/feed', none, ['Inês Vale', ...LOST], { isLost: true }),
  state('feed-offline', '#/feed', none, ['Inês Vale', '12 new posts'], { scene: 'offline' }),
  state('feed-no-key', '#/feed', () => ({ me: { ...scriptedFeed().me, pubkey: null, npub: null, keys: [] } }), ['No Nostr key yet', 'Make or bring a key', 'Read without']),
  state('feed-locked', '#/feed', locked, ['Your keys are sealed.', 'Unlock to sign', 'Passphrase'], { prepare: click('Unlock to sign'), not: ['Sign and post'] }),
  state('feed-hostile', '#/feed', () => ({ posts: hostile() }), ['<img src=x onerror=alert(7)>', '\\u202e', '<script>alert(8)</script>', '\\u2066', '\\u0000\\u0007', 'xn--', /dated 399 days ahead/, 'Not signed by this key', 'The signature does not hold', 'Show all of it'], { not: ['Forged words', '\u202e', '\u2066', '\u0007'] }),
  state('feed-more', '#/feed', none, ['Bookmark', 'Copy id', 'Report', 'What is wrong', 'A report is signed by you and public.', 'Sign and report'], { prepare: async page => { await click('More')(page); await page.getByRole('button', { name: 'Report', exact: true }).click() } }),
  state('feed-media', '#/feed', () => ({ posts: withMedia() }), [
    'Picture at quaypics.example, not loaded', 'A gauge in the mud', 'Said to be image/jpeg, 48.2 kB.', 'quaypics.example sees your node’s address and that it wants this', 'Video at 127.0.0.1:9, not loaded', 'File at quaypics.example, not loaded', '[picture below]', 'Load it through my node'
  ]),
  state('feed-media-here', '#/feed', () => ({ posts: withMedia(), found: new Map([['https://quaypics.example/gauge.jpg', `/${hashOf(png())}`]]), blobs: new Map([[hashOf(png()), png()]]) }), ['The gauge, this morning.', '[picture below]', 'Slides:'], { not: ['A gauge in the mud'] }),
  state('feed-media-refused', '#/feed', () => ({ posts: withMedia(), fails: { media_fetch: ['other_hash', 'what came is not what was named'] } }), ['It was not loaded', 'What came is not what was named', 'Code other_hash'], { prepare: click('Load it through my node') }),
  state('feed-react', '#/feed', none, ['Another sign, or a short word', '🎉'], { prepare: click('React with another sign') }),
  state('feed-quote', '#/feed', none, ['Quote Inês Vale', 'Sign and post'], { prepare: async page => { await click('More')(page); await click('Quote')(page) } }),
  state('feed-polls', '#/feed', () => ({ posts: [
    post(1, { content: 'Which days?', poll: { options: [{ id: 'a', label: 'Monday', votes: 3 }, { id: 'b', label: 'Tuesday', votes: 1 }], ends: null, mine: null, multiple: true, chosen: [], voters: 3 } }),
    post(2, { content: 'Tea?', poll: { options: [{ id: 'a', label: 'Yes', votes: 3 }, { id: 'b', label: 'No', votes: 0 }], ends: 1_700_000_000, mine: 'a', multiple: false, chosen: ['a'] } })
  ] }), ['Which days?', '4 votes of 3 people seen here, several choices allowed', 'Cast your votes', 'It is over.', 'yours']),
  state('feed-hidden', '#/feed', () => ({ hidden: 3 }), ['3 posts left out, because you muted who wrote it', 'Show it folded']),
  state('feed-attached', '#/feed', none, ['gauge.png', '% sent to your door', 'image/png', 'a photo may name its place and camera (EXIF)', 'Stop', 'Discard'], {
    prepare: page => page.locator('input[type=file]').first().setInputFiles({ name: 'gauge.png', mimeType: 'image/png', buffer: png() }),
    with: f => { f.holdUpload = new Promise(() => {}) }
  }),
  state('feed-attach-failed', '#/feed', () => ({ refuseUpload: [413, 'quota of this key is full'] }), ['gauge.png', 'Quota of this key is full', 'Try again', 'Take off'], {
    expected: [/status of 413/],
    prepare: page => page.locator('input[type=file]').first().setInputFiles({ name: 'gauge.png', mimeType: 'image/png', buffer: png() })
  }),
  { name: 'feed-none', route: '#/feed', words: ['This node has no feeds'] },
  state('feed-all', '#/feed/all', none, ['Everything here', 'Inês Vale']),
  state('feed-bookmarks-empty', '#/feed/bookmarks', empty(), ['Bookmarks', 'No bookmarks yet', 'Asked 5 relays, 2 answered.']),
  state('feed-media-empty', '#/feed/media', empty(), ['No posts with pictures seen yet', ...ASKED]),
  state('feed-drafts', '#/feed/drafts', () => ({ drafts: [{ draft: 1, content: 'A thought about the quay', reply_to: null, at_ms: Date.now() - 7_200_000 }, { draft: 2, content: 'An answer', reply_to: ID(1), at_ms: null }] }), ['A thought about the quay', 'A post, 2 h ago', 'A reply', 'Go on', 'Your post', 'Discard'], { prepare: click('Go on with A thought') }),
  state('feed-drafts-empty', '#/feed/drafts', none, ['No drafts']),
  state('feed-drafts-loading', '#/feed/drafts', waits('drafts'), ['Drafts', 'Asking your node for your drafts'], { isFresh: true }),
  state('feed-drafts-error', '#/feed/drafts', fails('drafts', 'internal', 'the store is shut'), ['Your node could not give your drafts', 'The store is shut.', 'Code internal']),

  state('thread', `#/thread/${ID(2)}`, none, ['2 replies seen, oldest first.', 'Tomás Fell', 'Checked the same', 'Where this is from', 'Reply to Tomás Fell'], { prepare: page => page.getByRole('button', { name: 'Reply, 0 replies' }).first().click() }),
  state('thread-loading', `#/thread/${ID(1)}`, waits('thread'), ['Thread', 'Asking your node for this thread'], { isFresh: true }),
  state('thread-empty', `#/thread/${ID(1)}`, empty(), ['This post was not found', ...ASKED]),
  state('thread-error', `#/thread/${ID(1)}`, fails('thread', 'no_event', 'no such event'), ['Your node could not give this thread', 'Code no_event']),
  state('thread-lost', `#/thread/${ID(1)}`, none, ['Checked the same', ...LOST], { isLost: true }),

  state('author', `#/author/${INES}`, none, ['Inês Vale', 'You follow them.', 'ines@harbour.example', 'Tides, and what they cost.', 'Follows', 'Unfollow', 'Write a message', 'Mute', 'Copy key', 'The pattern is drawn from the key.', 'harbour.example says that this name is this key’s.', 'Ask again']),
  state('author-empty', `#/author/${INES}`, empty({ profile: { ...scriptedFeed().profile, name: 'Jun Okabe', nip05_state: 'differs', followed: false } }), ['Jun Okabe', 'Name not theirs', 'Take it for nobody’s.', 'No posts seen yet', ...ASKED]),
  state('author-bare', `#/author/${INES}`, empty({ profile: { pubkey: INES, npub: '', nip05_state: 'none' } }), ['No name claimed', 'Follow', '0 posts here.']),
  state('author-unchecked', `#/author/${INES}`, () => ({ profile: { ...scriptedFeed().profile, nip05_state: 'unchecked', muted: true } }), ['Not checked', 'You muted them.', 'Unmute', 'Ask harbour.example', 'Asking tells it that your node wants to know.']),
  state('author-loading', `#/author/${INES}`, waits('profile'), ['Author', 'Asking your node for who this is'], { isFresh: true }),
  state('author-error', `#/author/${INES}`, fails('profile', 'bad_npub', 'not a key'), ['Your node could not give who this is', 'Code bad_npub']),
  state('author-lost', `#/author/${INES}`, none, ['Inês Vale', ...LOST], { isLost: true }),

  state('notifications', '#/notifications', none, ['Notifications', '2 new notifications', 'Tomás Fell', 'likes this', 'My own words.', 'A reply to you.']),
  state('notifications-empty', '#/notifications', empty({ notifications: [] }), ['Nobody wrote to you yet', ...ASKED]),
  state('notifications-loading', '#/notifications', waits('feed'), ['Asking your node for your notifications'], { isFresh: true }),
  state('notifications-error', '#/notifications', fails('feed'), ['Your node could not give your notifications', 'Code no_relay']),
  state('notifications-lost', '#/notifications', none, ['likes this', ...LOST], { isLost: true }),

  state('messages', '#/messages', none, ['Messages', 'Jun Okabe', 'See you at the quay', '1 unread']),
  state('messages-with', `#/messages/${JUN}`, none, ['Are you there?', 'See you at the quay', 'Your message', 'Seal and send', 'Write to somebody new, by npub']),
  state('messages-reply', `#/messages/${JUN}`, () => ({ isMessagesComplete: false, messages: [
    { id: ID(91), from: ME, at: 1_763_000_000, content: 'Are you there? https://harbour.example', reply_to: null }, { id: ID(92), from: JUN, at: 1_763_000_300, content: 'See you at the quay', reply_to: ID(91) },
    { id: ID(94), from: JUN, at: 1_763_000_400, content: 'https://quaypics.example/sealed', reply_to: ID(4), kind: 15 }
  ] }), ['Older messages', 'to an earlier message', 'A sealed file at https://quaypics.example/sealed. This page cannot open it.', 'Replying to See you at the quay', 'Do not reply'], { prepare: page => page.getByRole('button', { name: 'Reply to: See you at the quay' }).click() }),
  state('messages-group', `#/messages/${JUN}.${INES.slice(0, 8)}`, () => ({ conversations: [{ with: JUN, name: 'Jun Okabe', others: [INES], last: 'All here', at: 1_763_000_300, unread: 0 }], messages: [{ id: ID(92), from: INES, at: 1_763_000_300, content: 'All here', reply_to: null }] }), ['Jun Okabe and 1 other', 'with Inês Vale', 'All here', 'Sealed to the key of each.']),
  state('messages-sent', `#/messages/${JUN}`, () => ({ sentTo: [{ url: 'wss://relay.alder.example', state: 'no_answer' }, { url: 'wss://nostr.quay.example', state: 'refused' }] }), ['Here', '0 of 2 took it; relay.alder.example gave no answer; nostr.quay.example refused it'], {
    prepare: async page => { await page.getByLabel('Your message').fill('Here'); await click('Seal and send')(page) }
  }),
  state('messages-unsent', `#/messages/${JUN}`, fails('message_send', 'no_relay', 'no relay of theirs is known'), ['It was not sent, and your text is kept', 'Code no_relay', 'Seal and send again'], {
    prepare: async page => { await page.getByLabel('Your message').fill('Here'); await click('Seal and send')(page) }
  }),
  state('messages-locked', '#/messages', locked, ['Locked', 'Passphrase', 'Messages are sealed to your key'], { not: ['Jun Okabe', 'Balances'] }),
  state('messages-opening', '#/messages', () => ({ opening: 40, unreadable: 2 }), ['Opening 40 sealed messages more.', '2 sealed messages could not be read', 'Jun Okabe']),
  state('messages-empty', '#/messages', () => ({ conversations: [] }), ['No messages yet', 'Write to somebody new']),
  state('messages-nothing', `#/messages/${INES}`, () => ({ messages: [] }), ['Nothing was written yet. Asked 5 relays, 2 answered.', 'Your message']),
  state('messages-loading', '#/messages', waits('conversations'), ['Asking your node for your messages'], { isFresh: true }),
  state('messages-error', '#/messages', fails('conversations', 'internal', 'the store is shut'), ['Your node could not give your messages', 'Code internal']),
  state('messages-lost', `#/messages/${JUN}`, none, ['See you at the quay', ...LOST], { isLost: true }),

  state('search', '#/search', none, ['Search', 'Words, or somebody’s npub', 'Nobody else learns what you look for.']),
  state('search-found', '#/search/tide', none, ['tide-gauge', 'Where this is from']),
  state('search-empty', '#/search/nothing', empty(), ['Nothing found', ...ASKED]),
  state('search-loading', '#/search/tide', waits('feed'), ['Asking your node for what was found'], { isFresh: true }),
  state('search-error', '#/search/tide', fails('feed', 'too_long', 'the words are too long'), ['Your node could not give what was found', 'Code too_long']),

  state('moderation', '#/moderation', none, ['Reports', '2 reports', 'Spam: Loud', '“again and again”', 'Remove the post', 'Block', 'Impersonation', 'Blocked', 'Unblock', 'Who may write without work', 'Work asked of strangers, bits', 'Keep media', 'You are', 'Muted', '3 entries', '“airdrop”', 'Mute a word', 'How long posts stay', 'What your node keeps', '48,213', '73.4 MB', 'Kind 1, posts', 'Removed so far'], { not: ['Buy now'] }),
  state('moderation-empty', '#/moderation', () => ({ reports: [], blocked: [] }), ['Nobody complained', 'Whom you block cannot write']),
  state('moderation-announced', '#/moderation', none, ['3 addresses become public then', 'Published', '1 of 1 relay took it.'], { prepare: click('Tell others where I read and write') }),
  state('moderation-foreign', '#/moderation', () => ({ lists: { follows: [], muted: { people: [], words: [], tags: ['giveaway'], threads: [], has_private: true } } }), ['#giveaway', 'by another program', 'Another program has sealed a part of your list.']),
  state('moderation-loading', '#/moderation', waits('moderation'), ['Asking your node for the reports'], { isFresh: true }),
  state('moderation-error', '#/moderation', fails('moderation', 'internal', 'the store is shut'), ['Your node could not give the reports', 'Code internal']),
  state('moderation-lost', '#/moderation', none, ['Spam: Loud', ...LOST], { isLost: true })
]
