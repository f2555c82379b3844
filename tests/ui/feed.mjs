// What a node with feeds says, in the form of social/client.h, and a script of it that changes as the page acts. All
// people, relays and keys are invented.
import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { SECURITY_HEADERS } from './browser.mjs'
import { bytesOf } from './facts.mjs'
import { SCENES } from './scenes.mjs'
import { rich, withWallet } from './wallet.mjs'

const key = name => bytesOf(`feed key ${name}`).slice(2)
const id = n => bytesOf(`feed post ${n}`).slice(2)
export const ME = key('mara')
export const INES = key('ines')
export const JUN = key('jun')
export const NPUB = 'npub1' + 'qz7k4'.repeat(11) + 'm3x' // of the form alone: the node is who checks it
export const ID = id
const seconds = () => Math.floor(Date.now() / 1000)

export const post = (n, over = {}) => ({
  id: id(n), pubkey: INES, kind: 1, created_at: seconds() - 60 * n - 1080, content: `Post ${n}.`, tags: [], signature: 'verified', name: 'Inês Vale', picture: null, nip05: null,
  root: null, reply_to: null, replies: 0, reactions: 0, reposts: 0, mine: { reaction: null, reposted: false }, reacted: [], muted: false, warning: null, expires: null, embedded: null, poll: null, ...over
})

export const source = (over = {}) => ({
  asked: 5, answered: 2,
  relays: [
    { url: 'wss://relay.alder.example/', state: 'answered', ms: 120, count: 4 }, { url: 'wss://nostr.quay.example', state: 'none', ms: 300, count: 0 },
    { url: 'wss://relay.birch.example', state: 'no_answer', ms: 8000, count: 0 }, { url: 'wss://inner.okabe.example', state: 'auth', ms: 90, count: 0 },
    { url: 'wss://relay.fjord.example', state: 'unknown_name', ms: null, count: 0 }
  ], ...over
})

export const POSTS = () => [
  post(1, { content: 'The tide-gauge vote closes tonight. I read the calldata to the last call: it pays the first milestone, nothing more.\n\nMy reasons: https://harbour.example/reasons.', nip05: 'ines@harbour.example', replies: 4, reposts: 11, reactions: 37, reacted: [{ content: '+', count: 30 }, { content: '🤔', count: 5 }, { content: ':lamp:', count: 2 }] }),
  post(2, { pubkey: key('tomas'), name: 'Tomás Fell', content: 'Checked the same on my own node, same result.', root: id(1), reply_to: id(1), reactions: 6, mine: { reaction: '+', reposted: false } }),
  post(3, { pubkey: key('okke'), name: null, content: 'Is the harbour master in on this?', root: id(1), reply_to: id(1) }),
  post(4, { pubkey: key('wanjiru'), name: 'Wanjiru Mwea', content: 'Slides from yesterday’s talk.\nhttps://quaypics.example/slides/1.png' }),
  post(5, { content: 'Who lit the lamp is Ada.', warning: 'spoilers of the play' }),
  post(6, { pubkey: key('loud'), name: 'Loud', content: 'Buy now', muted: true }),
  post(7, { pubkey: key('tomas'), name: 'Tomás Fell', kind: 6, content: '', embedded: post(30, { content: 'The lamp is lit.' }) }),
  post(8, { pubkey: key('poll'), name: 'Harbour poll', content: 'When do we meet?', poll: { options: [{ id: 'a', label: 'Monday', votes: 3 }, { id: 'b', label: 'Tuesday', votes: 1 }], ends: seconds() + 86_400, mine: null } }),
  post(9, { pubkey: ME, name: 'Mara', content: 'My own words.', expires: seconds() + 7200 })
]

// A picture of the right kind: `size` by `size` pixels of one colour.
export function png(size = 64, [r, g, b] = [40, 90, 160]) {
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data])
    const crc = Buffer.alloc(4)
    let c = 0xffffffff
    for (const byte of body) {
      c ^= byte
      for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
    }
    crc.writeUInt32BE((c ^ 0xffffffff) >>> 0)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length)
    return Buffer.concat([length, body, crc])
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(size, 0)
  head.writeUInt32BE(size, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const line = Buffer.concat([Buffer.from([0]), Buffer.alloc(size * 3, Buffer.from([r, g, b]))])
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(Buffer.concat(Array(size).fill(line)))), chunk('IEND', Buffer.alloc(0))])
}
export const hashOf = body => createHash('sha256').update(body).digest('hex')
const imeta = (url, ...more) => ['imeta', `url ${url}`, ...more]
export const withMedia = () => [
  post(1, { content: 'The gauge, this morning.\nhttps://quaypics.example/gauge.jpg', tags: [imeta('https://quaypics.example/gauge.jpg', 'm image/jpeg', 'size 48213', `x ${hashOf(png())}`, 'alt A gauge in the mud')] }),
  post(2, { content: 'Slides: https://quaypics.example/slides/1.png' }),
  post(3, { content: 'http://127.0.0.1:9/film.mp4', tags: [imeta('http://127.0.0.1:9/film.mp4', 'm video/mp4')] }),
  post(4, { content: 'https://quaypics.example/notes.pdf', tags: [imeta('https://quaypics.example/notes.pdf', 'm application/pdf', 'size 900')] })
]

export const hostile = () => [
  post(1, {
    name: '<img src=x onerror=alert(7)> \u202etxt.exe' + 'N'.repeat(200), nip05: 'a\u0007b@' + 'h'.repeat(200), content: '<script>alert(8)</script> \u202eabc\u202c \u2066x\u2069 \u0000\u0007 ' + 'W'.repeat(400) + ' javascript:alert(9) https://аpple.example/' + 'p'.repeat(300) + ' nostr:npub1qqqq',
    warning: null, tags: [['title', 'x']], created_at: seconds() + 86_400 * 400
  }),
  post(2, { signature: 'invalid', content: 'Forged words.' }),
  post(3, { content: 'L'.repeat(5000), created_at: -1, poll: { options: [{ id: 'a', label: '\u202e' + 'O'.repeat(300), votes: 9 }], ends: 1, mine: null } })
]

export const me = (over = {}) => ({
  pubkey: ME, npub: NPUB, keys: [{ pubkey: ME, npub: NPUB, label: 'Feed key' }], is_open: true, has_messages: true, profile: { name: 'Mara', picture: null }, follows: 214,
  relays: [{ url: 'wss://relay.alder.example', read: true, write: true }, { url: 'wss://nostr.quay.example', read: true, write: true }, { url: 'wss://relay.birch.example', read: false, write: true }],
  door: { url: null, is_open: false }, ...over
})

const profile = (over = {}) => ({
  pubkey: INES, npub: NPUB, name: 'Inês Vale', about: 'Tides, and what they cost. https://harbour.example', picture: 'https://quaypics.example/ines.png', nip05: 'ines@harbour.example', nip05_state: 'verified',
  website: 'https://harbour.example', followed: true, muted: false, follows: 80, posts: 12, relays: [], ...over
})
const refused = (code, message) => ({ error: { code: -32000, message, data: { code } } })

// Media as the door takes and gives them. `f.holdUpload`: a promise that an upload waits for; `f.refuseUpload`: [status, reason].
function door(f, request, response) {
  const asked = f.blobs.get(request.url.slice(1))
  if (request.method === 'GET' && asked) {
    response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': 'image/png' }).end(asked)
    return true
  }
  if (request.method !== 'PUT' || request.url !== '/upload') return false
  const take = async () => {
    const parts = []
    for await (const part of request) parts.push(part)
    const body = Buffer.concat(parts)
    await f.holdUpload
    if (f.refuseUpload) return void response.writeHead(f.refuseUpload[0], { ...SECURITY_HEADERS, 'x-reason': f.refuseUpload[1] }).end()
    const sha256 = hashOf(body)
    f.blobs.set(sha256, body)
    f.sent.push({ name: 'upload', params: { sha256, authorization: request.headers.authorization, type: request.headers['content-type'] } })
    response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': 'application/json' })
    response.end(JSON.stringify({ url: `${f.door}/${sha256}`, sha256, size: body.length, type: request.headers['content-type'], uploaded: seconds() }))
  }
  take().catch(() => response.destroy())
  return true
}

// A module of the node: what it knows is in its fields, and its methods change them as the real ones would.
export function scriptedFeed(over = {}) {
  const f = {
    me: me(), news: { following: 12, notifications: 2, messages: 1 }, posts: POSTS(), isComplete: false, source: source(), profile: profile(), drafts: [], fails: {}, sent: [],
    blobs: new Map(), found: new Map(), lists: { follows: [{ pubkey: INES, name: 'Inês Vale' }], muted: { people: [{ pubkey: key('loud'), name: 'Loud' }], words: ['airdrop'], threads: [id(77)] } }, hidden: 0, checked: 'verified', opening: 0, unreadable: 0,
    stats: { store: { events: 48_213, bytes: 73_400_320, tombstones: 12, kinds: [{ kind: 1, count: 31_000 }, { kind: 7, count: 12_000 }, { kind: 30_617, count: 3 }] }, relay: { connections: 4, events_in: 981 }, door: { refused: 7 }, removed: { retention: 120, expired: 7 } },
    isMessagesComplete: true,
    conversations: [{ with: JUN, name: 'Jun Okabe', last: 'See you at the quay', at: seconds() - 300, unread: 1 }, { with: INES, name: null, last: null, at: null, unread: 0 }],
    messages: [{ id: id(91), from: ME, at: seconds() - 600, content: 'Are you there?', reply_to: null }, { id: id(92), from: JUN, at: seconds() - 300, content: 'See you at the quay', reply_to: null }],
    reports: [{ post: post(6, { content: 'Buy now', name: 'Loud' }), pubkey: key('loud'), by: INES, type: 'spam', text: 'again and again', at: seconds() - 4000 }, { post: null, pubkey: key('fake'), by: JUN, type: 'impersonation', text: '', at: seconds() - 9000 }],
    blocked: [key('gone')], settings: { owner: ME, relays: me().relays, policy: { write: 'attested', read: 'stranger', stranger_difficulty: 20, events_a_minute: 120, keep_media: false }, retention: { days: 90, followed_days: 0, kinds: [{ kind: 7, days: 30 }] }, profile: {} }, ...over
  }
  const list = () => ({ posts: f.posts, hidden: f.hidden, is_complete: f.isComplete, source: f.source })
  const answers = {
    me: () => f.me,
    feed: ({ view, until, muted }) => {
      if (muted) return { ...list(), hidden: 0, posts: [...f.posts, post(6, { pubkey: key('loud'), name: 'Loud', content: 'Buy now', muted: true, id: id('hidden') })] }
      if (until) return { posts: [f.posts.at(-1), post(20, { content: 'An older one.' })].filter(Boolean), is_complete: true, source: f.source }
      if (view === 'notifications') return { ...list(), posts: f.notifications ?? [post(40, { kind: 7, content: '+', name: 'Tomás Fell', embedded: post(9, { pubkey: ME, content: 'My own words.' }) }), post(41, { content: 'A reply to you.', reply_to: id(9) })] }
      return list()
    },
    thread: () => ({ root: f.posts.length ? id(1) : null, posts: f.posts.filter(p => p.id === id(1) || p.root === id(1)), is_complete: f.isComplete, source: f.source }),
    refresh: () => ({ source: (f.source = source({ answered: 4 })), new: 0 }),
    profile: () => f.profile,
    set_profile: p => { Object.assign(f.profile, p); return { id: id(80) } },
    post: p => {
      f.posts = [post(0, { pubkey: ME, name: 'Mara', content: p.content, reply_to: p.reply_to ?? null, id: id(`mine ${f.posts.length}`) }), ...f.posts]
      return { id: f.posts[0].id, sent: [{ url: 'wss://relay.alder.example', state: 'ok' }, { url: 'wss://nostr.quay.example', state: 'ok' }, { url: 'wss://relay.birch.example', state: 'refused' }] }
    },
    follow: p => { f.profile.followed = p.on; return { count: 213 } },
    draft_put: p => {
      const draft = p.draft ?? f.drafts.length + 1
      f.drafts = [...f.drafts.filter(d => d.draft !== draft), { draft, content: p.content, reply_to: p.reply_to ?? null, at_ms: Date.now() }]
      return { draft }
    },
    drafts: () => ({ drafts: f.drafts }),
    draft_delete: p => { f.drafts = f.drafts.filter(d => d.draft !== p.draft); return {} },
    lists: () => f.lists,
    mute: p => {
      const { muted } = f.lists
      const put = (all, one) => (p.on ? [...all, one] : all.filter(o => (o.pubkey ?? o) !== (one.pubkey ?? one)))
      if (p.word) muted.words = put(muted.words, p.word)
      else if (p.id) muted.threads = put(muted.threads, p.id)
      else muted.people = put(muted.people, { pubkey: p.pubkey, name: null })
      return { count: 1 }
    },
    stats: () => f.stats,
    name_check: () => ({ nip05: f.profile.nip05, nip05_state: (f.profile.nip05_state = f.checked), at: seconds() }),
    media_find: ({ urls }) => ({ found: urls.filter(u => f.found.has(u)).map(u => ({ url: u, sha256: null, type: 'image/png', here: f.found.get(u) })) }),
    media_fetch: ({ url, sha256 }) => {
      const body = png()
      f.blobs.set(hashOf(body), body)
      return { sha256: sha256 ?? hashOf(body), size: body.length, type: 'image/png', url: `${f.door}/${hashOf(body)}` }
    },
    media_authorize: () => ({ url: f.door, authorization: 'Nostr abc' }),
    conversations: () => ({ conversations: f.conversations, is_open: f.me.is_open, opening: f.opening, unreadable: f.unreadable }),
    messages: ({ until }) => ({ messages: until ? (f.olderMessages ?? []) : f.messages, is_complete: until ? true : f.isMessagesComplete, is_open: f.me.is_open, source: f.source }),
    message_read: p => { f.conversations = f.conversations.map(c => (c.with === p.with ? { ...c, unread: 0 } : c)); return {} },
    message_send: p => {
      const message = { id: id(`m${f.messages.length}`), from: ME, at: seconds(), content: p.content, reply_to: p.reply_to ?? null, kind: 14 }
      f.messages = [...f.messages, message]
      return { id: message.id, sent: f.sentTo ?? [{ url: 'wss://relay.alder.example', state: 'ok' }, { url: 'wss://nostr.quay.example', state: 'sent' }] }
    },
    moderation: () => ({ reports: f.reports, blocked: f.blocked, settings: f.settings }),
    block: p => { f.blocked = p.on ? [...f.blocked, p.pubkey] : f.blocked.filter(k => k !== p.pubkey); return { count: f.blocked.length } },
    remove: p => { f.reports = f.reports.filter(r => r.post?.id !== p.id); return { id: p.id } },
    announce: () => ({ id: id(95), sent: [{ url: 'wss://relay.alder.example', state: 'ok' }] }),
    settings: () => f.settings,
    set_settings: p => Object.assign(f.settings, { ...p, policy: { ...f.settings.policy, ...p.policy } })
  }
  const plain = ['react', 'repost', 'delete', 'report', 'vote', 'bookmark']
  return Object.assign(f, {
    install(node) {
      const wallet = rich()
      wallet.install(node)
      f.door = node.url
      node.door = (request, response) => door(f, request, response)
      for (const name of [...Object.keys(answers), ...plain]) {
        node.methods.set(`social.${name}`, params => {
          if (f.fails[name] === 'never') return null
          if (f.fails[name]) return refused(...f.fails[name])
          f.sent.push({ name, params })
          return { result: answers[name]?.(params) ?? { id: id(99) } }
        })
      }
      f.topics = (scene = 'live') => ({
        ...withWallet(wallet, scene), ...(f.me && { 'social.me': f.me, 'social.new': f.news }),
        ...(f.me && { 'social.relays': { relays: [{ url: 'wss://relay.alder.example', state: 'connected', events: 41 }, { url: 'wss://nostr.quay.example', state: 'connected', events: 7 }, { url: 'wss://relay.birch.example', state: 'waiting', events: 0 }] } })
      })
    },
    calls: name => f.sent.filter(s => s.name === name).map(s => s.params)
  })
}
export const without = () => SCENES.live()
