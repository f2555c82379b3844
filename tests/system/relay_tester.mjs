// The named checks of the public relay-tester (mikedilger/relay-tester), done by a client of our own, those that it names
// but does not do included, and those of AUTH. Each says yes or no of a relay; `wanted` is what the NIPs ask of one that
// is open to all (null: a relay may choose, but it must answer). Against any relay, or one that is started for it:
//
//   node tests/system/relay_tester.mjs [--url ws://HOST:PORT] [--hearth FILE] [--only TEXT] [--all]
//
// --all shows every answer. The last line is "N passed, N failed, N skipped".
import { option, tidy } from './hearth.mjs'
import { eventOf, keyOf, nowS, rawEventOf, sha256, signId, Wire } from './relay_wire.mjs'
import { startRelay } from './relay_world.mjs'

const QUIET_MS = 400 // how long nothing is waited for
const DAY_S = 86400
const one = keyOf('one')
const two = keyOf('two')
const stranger = keyOf('stranger')
const NONE = 'deadbeef'.repeat(8)

const relay = await startRelay({ name: 'tester' })
const { url } = relay
let wire = await Wire.open(url)
const checks = []
const add = (name, wanted, probe) => checks.push({ name, wanted, probe })

// --- what the checks share ---------------------------------------------------------------------------------

const minutesAgo = minutes => nowS() - minutes * 60
const put = async (key, parts, through = wire) => {
  const event = eventOf(key, parts)
  return { event, ...(await through.publish(event)) }
}
// An event that must be there for a check to mean something.
const must = async (key, parts, through) => {
  const done = await put(key, parts, through)
  if (!done.ok) throw new Error(`the relay refuses what the check needs: ${done.reason}`)
  return done.event
}
const find = async (filter, through = wire) => (await through.request(filter)).events
const has = async (event, through) => (await find({ ids: [event.id] }, through)).length === 1
const said = ({ ok, reason }) => ({ yes: ok, info: reason })
const accepts = (key, parts) => async () => said(await put(key, parts()))
const acceptsRaw = parts => async () => said(await wire.publish(rawEventOf(one, parts())))
const withOther = async run => {
  const other = await Wire.open(url)
  try {
    return await run(other)
  } finally {
    await other.close()
  }
}
const addressOf = (event, d) => `${event.kind}:${event.pubkey}:${d}`
const challenged = async other => other.challenge ?? (await other.next(([type]) => type === 'AUTH', 1000))?.[1] ?? null

// --- the document -------------------------------------------------------------------------------------------

let document = null
const http = url.replace(/^ws/, 'http')
add('NIP-11 document is provided', true, async () => {
  const answer = await fetch(http, { headers: { accept: 'application/nostr+json' } })
  document = await answer.json()
  return typeof document === 'object'
})
// 4, 26 and 96 are not recommended any more, 29 is for groups; 59, 65 and 94 ask nothing of a relay.
const CLAIMS = [[4, 'old DMs', false], [9, 'Deletion', true], [11, 'Relay Information Document', true], [26, 'Delegated Event Signing', false],
  [29, 'Relay-based Groups', false], [40, 'Expiration Timestamp', true], [42, 'AUTH', true], [45, 'COUNT', true], [50, 'SEARCH', true],
  [59, 'Giftwrap', null], [65, 'Relay Lists', null], [94, 'File Metadata', null], [96, 'HTTP file storage', false]]
for (const [nip, title, wanted] of CLAIMS) {
  add(`Claims support for NIP-${String(nip).padStart(2, '0')} (${title})`, wanted, () => document?.supported_nips?.includes(nip) === true)
}

// --- before AUTH ----------------------------------------------------------------------------------------------

add('Prompts for AUTH when client connects', true, () => withOther(async other => (await challenged(other)) !== null))
add('Supports EOSE', true, async () => (await wire.request({ authors: [keyOf('nobody').pubkey], kinds: [1], limit: 10 })).eose)
add('Closes complete subscriptions after EOSE', null, async () => {
  const closed = wire.next(([type, id]) => type === 'CLOSED' && id === 'complete', QUIET_MS)
  await wire.request({ ids: [NONE], kinds: [1] }, { id: 'complete', keep: true })
  const got = await closed
  wire.send(['CLOSE', 'complete'])
  return got !== null
})
add('Keeps open incomplete subscriptions after EOSE', true, async () => {
  const closed = wire.next(([type, id]) => type === 'CLOSED' && id === 'incomplete', QUIET_MS)
  const { eose } = await wire.request({ authors: [keyOf('nobody').pubkey], kinds: [1], limit: 10, until: 1700000000 }, { id: 'incomplete', keep: true })
  const got = await closed
  wire.send(['CLOSE', 'incomplete'])
  return eose && got === null
})
add('Public can write', true, accepts(stranger, () => ({ tags: [['test']] })))
add('Accepts relay lists from the public', true, accepts(stranger, () => ({ kind: 10002, tags: [['test']] })))
add('Accepts DM relay lists from the public', true, accepts(stranger, () => ({ kind: 10050, tags: [['test']] })))
add('Accepts ephemeral events from the public', true, accepts(stranger, () => ({ kind: 23195, tags: [['test']] })))

// --- events -----------------------------------------------------------------------------------------------------

add('Sends OK after EVENT', true, async () => typeof (await put(one, { content: 'a word' })).ok === 'boolean')
add('Verifies event signatures', true, async () => {
  const { ok, reason } = await wire.publish({ ...eventOf(one, { content: 'no signature' }), sig: '0'.repeat(128) })
  return { yes: !ok, info: reason }
})
add('Verifies event ID hashes', true, async () => {
  const id = 'cafebabe'.repeat(8)
  const { ok, reason } = await wire.publish({ ...eventOf(one, { content: 'another id' }), id, sig: signId(one, id) })
  return { yes: !ok, info: reason }
})
const NAMED = 'line\\nquote\\"back\\\\return\\rtab\\tback\\bfeed\\fend'
const CONTROLS = Array.from({ length: 32 }, (_, i) => JSON.stringify(String.fromCharCode(i)).slice(1, -1)).join(' ')
add('Accepts NIP-01 JSON escape sequences', true, acceptsRaw(() => ({ content: NAMED })))
add('Accepts unlisted JSON escape sequences', true, acceptsRaw(() => ({ content: `${CONTROLS} \\/`, canonical: { content: `${CONTROLS} /` } })))
// Control characters within a string are no JSON.
add('Accepts literals for JSON escape sequences', false, async () => {
  const raw = rawEventOf(one, { content: 'line\nreturn\rtab\tback\bfeed\fend', canonical: { content: 'line\\nreturn\\rtab\\tback\\bfeed\\fend' } })
  const answer = wire.next(([type]) => ['OK', 'NOTICE', 'closed connection'].includes(type))
  wire.send(`["EVENT",${raw.text}]`)
  const got = await answer
  if (got === null) throw new Error('no answer')
  return { yes: got[0] === 'OK' && got[2], info: got.slice(2).join(' ') }
})
add('Accepts UTF-8 non-characters', true, acceptsRaw(() => ({ content: Buffer.from([0xef, 0xb7, 0x91, 0xf4, 0x8f, 0xbf, 0xb2]).toString() })))
const PAST = [['one week old', () => nowS() - 7 * DAY_S], ['one month old', () => nowS() - 28 * DAY_S], ['one year old', () => nowS() - 365 * DAY_S],
  ['from before nostr', () => 1420070461], ['from before 2000', () => 915148861], ['from 1970', () => 0]]
for (const [title, at] of PAST) add(`Accepts event.created_at ${title}`, true, accepts(one, () => ({ created_at: at(), content: title })))
// NIP-01 counts from 1970 in whole seconds, and ours bounds the future.
add('Accepts event.created_at from before 1970', false, acceptsRaw(() => ({ created_at: '-200' })))
add('Accepts event.created_at one year into the future', false, accepts(one, () => ({ created_at: nowS() + 365 * DAY_S })))
add('Accepts event.created_at in the distant future', false, acceptsRaw(() => ({ created_at: '9223372036854775807' })))
add('Accepts event.created_at greater than signed 32-bit', false, acceptsRaw(() => ({ created_at: '2147483649' })))
add('Accepts event.created_at greater than unsigned 32-bit', false, acceptsRaw(() => ({ created_at: '4294967297' })))
add('Accepts event.created_at in scientific notation', false, acceptsRaw(() => ({ created_at: '1e+10' })))
add('Accepts events with empty tags', null, acceptsRaw(() => ({ tags: '[[],[]]' })))

// --- finding ------------------------------------------------------------------------------------------------------

// Many events of one author: [name, parts, whether it is still there when all were sent].
const GROUP = [
  ['first', { tags: [['t', 'a']] }, 40], ['third', { tags: [['t', 'a']] }, 50], ['second', { tags: [['t', 'b']] }, 45], ['fourth', { tags: [['t', 'b']] }, 55],
  ['old profile', { kind: 0 }, 60, false], ['profile', { kind: 0 }, 0], ['follows', { kind: 3 }, 10], ['old follows', { kind: 3 }, 70, false],
  ['ephemeral', { kind: 21212 }, 1, false], ['two tags', { kind: 9383, tags: [['k', '3036'], ['n', 'approved']] }, 10], ['one tag', { kind: 9383, tags: [['n', 'approved']] }, 10],
  ['old set', { kind: 30000, tags: [['d', '1']] }, 120, false], ['set', { kind: 30000, tags: [['d', '1']] }, 60], ['mine', { tags: [['p', one.pubkey]] }, 11],
  ['old bookmarks', { kind: 10003, tags: [['e', NONE]] }, 80, false], ['bookmarks', { kind: 10003, tags: [['e', NONE]] }, 60],
]
let group = null
async function sendGroup() {
  if (group) return group
  group = new Map()
  for (const [name, parts, minutes, isKept = true] of GROUP) {
    const event = eventOf(one, { content: name, created_at: minutesAgo(minutes), ...parts })
    await wire.publish(event)
    group.set(name, { event, isKept })
  }
  return group
}
const kept = () => [...group.values()].filter(({ isKept }) => isKept).map(({ event }) => event)
const matches = (filter, event) => Object.entries(filter).every(([name, values]) => {
  if (name === 'ids') return values.includes(event.id)
  if (name === 'authors') return values.includes(event.pubkey)
  if (name === 'kinds') return values.includes(event.kind)
  return name[0] !== '#' || event.tags.some(tag => tag[0] === name[1] && values.includes(tag[1]))
})
// Everything of the group that matches comes, and nothing that does not.
const finds = filterOf => async () => {
  await sendGroup()
  const filter = filterOf()
  const events = await find(filter)
  const odd = events.find(event => !matches(filter, event))
  if (odd) return { yes: false, info: `event ${odd.content} of kind ${odd.kind} does not match` }
  const missing = kept().find(event => matches(filter, event) && !events.some(({ id }) => id === event.id))
  return { yes: !missing, info: missing ? `event "${missing.content}" is missing` : `${events.length} events` }
}
add('Events are ordered from newest to oldest', true, async () => {
  await sendGroup()
  const events = await find({ ids: kept().map(({ id }) => id) })
  return events.length >= 3 && events.every((event, i) => i === 0 || event.created_at <= events[i - 1].created_at)
})
add('Newest events are returned when filter is limited', true, async () => {
  await sendGroup()
  const events = await find({ authors: [one.pubkey], '#t': ['a', 'b'], kinds: [1, 7], limit: 2 })
  return { yes: events.map(({ content }) => content).join() === 'first,second', info: events.map(({ content }) => content).join() }
})
add('Finds by id', true, finds(() => ({ ids: kept().map(({ id }) => id) })))
add('Finds by pubkey and kind', true, finds(() => ({ authors: [one.pubkey, stranger.pubkey], kinds: [1, 3] })))
add('Finds by pubkey and tags', true, finds(() => ({ authors: [one.pubkey], '#p': [one.pubkey] })))
add('Finds by kind and tags', true, finds(() => ({ kinds: [1, 9383, 3], '#n': ['approved'] })))
add('Finds by tags', true, finds(() => ({ '#k': ['3036'] })))
add('Finds by multiple tags', true, finds(() => ({ kinds: [9383], authors: [one.pubkey], '#k': ['3036'], '#n': ['approved'], limit: 20 })))
add('Finds by pubkey', true, finds(() => ({ authors: [one.pubkey] })))
add('Finds by scrape', true, finds(() => ({})))
add('Since and until filters are inclusive', true, async () => {
  const event = await must(two, { created_at: 1600000000, content: 'at that second' })
  const events = await find({ authors: [two.pubkey], since: 1600000000, until: 1600000000 })
  return events.some(({ id }) => id === event.id)
})
add('Limit zero works', true, async () => {
  const id = 'zero'
  const got = await wire.request({ authors: [two.pubkey], limit: 0 }, { id, keep: true })
  const coming = wire.gather(id, 1, 2000)
  const event = await must(two, { content: 'after limit zero' })
  const live = await coming
  wire.send(['CLOSE', id])
  return got.eose && got.events.length === 0 && live[0]?.id === event.id
})

// --- ephemeral, replaceable -----------------------------------------------------------------------------------------

add('Ephemeral subscriptions work', true, () => withOther(async other => {
  await wire.request({ kinds: [25000], authors: [one.pubkey] }, { id: 'ephemeral', keep: true })
  const coming = wire.gather('ephemeral', 1, 2000)
  const { event, ok, reason } = await put(one, { kind: 25000, tags: [['test']] }, other)
  const events = await coming
  wire.send(['CLOSE', 'ephemeral'])
  return { yes: ok && events[0]?.id === event.id, info: reason }
}))
add('Persists ephemeral events', false, async () => {
  const { event } = await put(one, { kind: 25001, tags: [['test']] })
  return has(event)
})
const isThere = name => async () => {
  await sendGroup()
  return has(group.get(name).event)
}
const replaces = (kind, name, old) => async () => {
  await sendGroup()
  const events = await find({ kinds: [kind], authors: [one.pubkey] })
  const there = title => events.some(({ id }) => id === group.get(title).event.id)
  return { yes: there(name) && !there(old), info: events.map(({ content }) => content).join() }
}
add('Accepts metadata', true, isThere('profile'))
add('Replaces metadata', true, replaces(0, 'profile', 'old profile'))
add('Accepts Contactlists', true, isThere('follows'))
add('Replaces Contactlists', true, replaces(3, 'follows', 'old follows'))
add('Replaced events are still available by ID', false, isThere('old follows'))
add('Replaceable events replace older ones', true, replaces(10003, 'bookmarks', 'old bookmarks'))
add('Addressable events replace older ones', true, replaces(30000, 'set', 'old set'))
const refusesOlder = name => async () => {
  await sendGroup()
  const { event } = group.get(name)
  const { ok, reason } = await wire.publish(event)
  return { yes: !ok && !(await has(event)), info: reason }
}
add('Replaceable events rejected if a newer one exists', true, refusesOlder('old bookmarks'))
add('Addressable events rejected if a newer one exists', true, refusesOlder('old set'))
add('Finds replaceable events', true, finds(() => ({ kinds: [10003], authors: [one.pubkey] })))
add('Finds addressable events', true, finds(() => ({ kinds: [30000], authors: [one.pubkey], '#d': ['1'] })))

// --- deletion ----------------------------------------------------------------------------------------------------------

const article = (key, d, parts = {}) => must(key, { kind: 30023, tags: [['d', d]], content: 'a wrong thing', ...parts })
const removeAt = (key, address, parts = {}) => put(key, { kind: 5, tags: [['a', address]], ...parts })
add('Deletes by id', true, async () => {
  const event = await must(one, { content: 'a wrong thing, by id' })
  await must(one, { kind: 5, tags: [['e', event.id]] })
  return !(await has(event))
})
add('Deletes by a-tag address', true, async () => {
  const event = await article(one, 'by address')
  await removeAt(one, addressOf(event, 'by address'))
  return !(await has(event))
})
add('Delete by a-tag deletes older but not newer', true, async () => {
  const older = await article(one, 'older', { created_at: minutesAgo(5) })
  const newer = await article(one, 'older', { created_at: minutesAgo(1) })
  await removeAt(one, addressOf(older, 'older'), { created_at: minutesAgo(3) })
  const events = await find({ authors: [one.pubkey], kinds: [30023], '#d': ['older'] })
  return events.length === 1 && events[0].id === newer.id
})
add('Delete by a-tag is bound by a-tag', true, async () => {
  const gone = await article(one, 'bound')
  const others = [await article(two, 'bound'), await article(one, 'bound x'), await article(one, 'bound', { kind: 30024 })]
  await removeAt(one, addressOf(gone, 'bound'))
  const events = await find({ ids: [gone, ...others].map(({ id }) => id) })
  return events.length === 3 && events.every(({ id }) => id !== gone.id)
})
const refusesDeletion = isRefused => ({ yes: isRefused.isThere, info: isRefused.ok ? 'taken, without effect' : isRefused.reason })
add('Cannot delete by id of other people\'s events', true, async () => {
  const event = await must(two, { content: 'of another' })
  const { ok, reason } = await put(one, { kind: 5, tags: [['e', event.id]] })
  return refusesDeletion({ ok, reason, isThere: await has(event) })
})
add('Cannot delete by a-tag of other people\'s events', true, async () => {
  const event = await article(two, 'of another')
  const { ok, reason } = await removeAt(one, addressOf(event, 'of another'))
  return refusesDeletion({ ok, reason, isThere: await has(event) })
})
add('Resubmission of deleted-by-id event is rejected', true, async () => {
  const event = await must(one, { content: 'wrong, and sent again' })
  await must(one, { kind: 5, tags: [['e', event.id]] })
  const { ok, reason } = await wire.publish(event)
  return { yes: !ok && !(await has(event)), info: reason }
})
add('Resubmission of older deleted-by-addr event is rejected', true, async () => {
  const event = await article(one, 'again', { created_at: minutesAgo(5) })
  await removeAt(one, addressOf(event, 'again'), { created_at: minutesAgo(2) })
  const { ok, reason } = await wire.publish(event)
  return { yes: !ok && !(await has(event)), info: reason }
})
add('Resubmission of newer deleted-by-addr event is accepted', true, async () => {
  const event = await article(one, 'newer', { created_at: minutesAgo(5) })
  await removeAt(one, addressOf(event, 'newer'), { created_at: minutesAgo(4) })
  return has(await article(one, 'newer', { created_at: minutesAgo(1) }))
})
add('Rejects submission of event before address is deleted', true, async () => {
  const address = `30023:${one.pubkey}:never seen`
  await removeAt(one, address, { created_at: minutesAgo(2) })
  return !(await put(one, { kind: 30023, tags: [['d', 'never seen']], created_at: minutesAgo(5) })).ok
})
add('Accepts submission of event after address is deleted', true, async () => {
  const address = `30023:${one.pubkey}:seen later`
  await removeAt(one, address, { created_at: minutesAgo(5) })
  return (await put(one, { kind: 30023, tags: [['d', 'seen later']], created_at: minutesAgo(2) })).ok
})
// NIP-09 says nothing of what refers to the deleted.
add('Deleting an event deletes its reactions', null, async () => {
  const event = await must(one, { content: 'liked, then deleted' })
  const reaction = await must(two, { kind: 7, content: '+', tags: [['e', event.id], ['p', one.pubkey]] })
  await must(one, { kind: 5, tags: [['e', event.id]] })
  return !(await has(reaction))
})

// --- subscriptions --------------------------------------------------------------------------------------------------------

add('Limit works across multiple filter groups', true, async () => {
  await sendGroup()
  const events = await find([{ authors: [one.pubkey], '#t': ['a'], limit: 1 }, { authors: [one.pubkey], '#t': ['b'], limit: 1 }])
  return { yes: events.map(({ content }) => content).sort().join() === 'first,second', info: events.map(({ content }) => content).join() }
})
add('Serves post-EOSE events', true, () => withOther(async other => {
  await wire.request({ authors: [two.pubkey], kinds: [1] }, { id: 'later', keep: true })
  const coming = wire.gather('later', 1, 2000)
  const event = await must(two, { content: 'after EOSE' }, other)
  const events = await coming
  wire.send(['CLOSE', 'later'])
  return events[0]?.id === event.id
}))
add('No timeout while subscribed', true, () => withOther(async other => {
  await other.request({ authors: [two.pubkey], limit: 1 }, { keep: true })
  await new Promise(done => setTimeout(done, 3000))
  return other.isOpen
}))
add('Max subscriptions', true, () => withOther(async other => {
  for (let i = 0; i < 20; i++) {
    const { eose, closed } = await other.request({ authors: [two.pubkey], limit: 0 }, { id: `max ${i}`, keep: true })
    if (!eose) return { yes: false, info: `${i}: ${closed}` }
  }
  return { yes: true, info: 'at least 20' }
}))
add('Max connections', true, async () => {
  const others = []
  for (let i = 0; i < 32; i++) others.push(await Wire.open(url))
  for (const other of others) await other.request({ ids: [NONE] })
  for (const other of others) other.drop()
  return { yes: true, info: 'at least 32' }
})
add('Allows immediate reconnect', true, async () => {
  await wire.close()
  wire = await Wire.open(url)
  return (await wire.request({ ids: [NONE] })).eose
})
add('Idle timeout if unsubscribed', null, () => withOther(async other => {
  await new Promise(done => setTimeout(done, 3000))
  return { yes: !other.isOpen, info: 'within 3 s' }
}))

// --- AUTH --------------------------------------------------------------------------------------------------------------------

const authAs = (key, wrong) => withOther(async other => {
  if ((await challenged(other)) === null) throw new Error('there was no challenge')
  return said(await other.authenticate(key, wrong))
})
add('Can AUTH as unknown', true, () => authAs(stranger))
add('Can AUTH as known', true, () => authAs(one))
add('Verifies AUTH event kind', true, async () => ({ yes: !(await authAs(one, { kind: 1 })).yes }))
add('Verifies AUTH relay', true, async () => ({ yes: !(await authAs(one, { relay: 'wss://another.example' })).yes }))
add('Verifies AUTH challenge', true, async () => ({ yes: !(await authAs(one, { challenge: 'another challenge' })).yes }))
add('Verifies AUTH time', true, async () => ({ yes: !(await authAs(one, { created_at: minutesAgo(30) })).yes }))
const asUser = (key, run) => withOther(async other => {
  await challenged(other)
  const { ok, reason } = await other.authenticate(key)
  if (!ok) throw new Error(`AUTH was refused: ${reason}`)
  return run(other)
})
for (const [title, key] of [['Unknown', stranger], ['Known', one]]) {
  add(`${title} can write own`, true, () => asUser(key, async other => said(await put(key, { content: `${title} own` }, other))))
  add(`${title} can read back own`, true, () => asUser(key, async other => has(await must(key, { content: `${title} own, read` }, other), other)))
  add(`${title} can write other`, true, () => asUser(key, async other => said(await put(two, { content: `${title} other` }, other))))
  add(`${title} can read back other`, true, () => asUser(key, async other => has(await must(two, { content: `${title} other, read` }, other), other)))
}
// The addressee sees it, the public does not, neither by id nor by counting.
const needsAuth = kind => async () => {
  const event = await must(stranger, { kind, content: 'sealed', tags: [['p', two.pubkey]] })
  const filter = { kinds: [kind], '#p': [two.pubkey] }
  const open = await wire.request(filter)
  const byId = await wire.request({ ids: [event.id] })
  const toOther = await asUser(one, other => other.request(filter))
  const toHim = await asUser(two, other => other.request(filter))
  return { yes: open.events.length + byId.events.length + toOther.events.length === 0 && toHim.events.some(({ id }) => id === event.id), info: open.closed ?? '' }
}
add('Nip-04 DMs require AUTH', true, needsAuth(4))
add('Giftwraps require AUTH', true, needsAuth(1059))

// --- odds and ends -------------------------------------------------------------------------------------------------------------

add('Supports large contact lists', true, async () => {
  const tags = Array.from({ length: 1500 }, (_, i) => ['p', sha256(`friend ${i}`).toString('hex')])
  const event = await must(two, { kind: 3, tags })
  const [got] = await find({ ids: [event.id] })
  return got?.tags.length === 1500
})
const asSent = async (parts, isSame) => {
  const raw = rawEventOf(one, parts)
  const { ok, reason } = await wire.publish(raw)
  if (!ok) return { yes: false, info: reason }
  const [got] = await find({ ids: [raw.id] })
  return { yes: isSame(got), info: Object.keys(got ?? {}).join() }
}
add('Preserves JSON field order', null, () => asSent({ content: 'order' }, got => Object.keys(got ?? {}).join() === 'id,pubkey,created_at,kind,tags,content,sig'))
add('Preserves Non-standard JSON fields', null, () => asSent({ content: 'more', more: ',"seen":"here"' }, got => got?.seen === 'here'))
add('Handles event.kind > 16 bit', false, acceptsRaw(() => ({ kind: '65536' })))
add('Handles filter.kinds > 16 bit', null, async () => (await wire.request({ kinds: [65536, 70000], limit: 1 })).eose)
add('Accepts negative filter.since/until', null, async () => (await wire.request({ since: -5, until: -1, limit: 1 })).eose)
add('Accepts null character', true, acceptsRaw(() => ({ content: 'a\\u0000b' })))
add('Handles filter prefixes', false, async () => {
  const { id } = await must(one, { content: 'by a prefix' })
  const got = await wire.request({ ids: [id.slice(0, 16)] })
  return { yes: got.events.length > 0, info: got.closed ?? '' }
})

// --- all of them ---------------------------------------------------------------------------------------------------------------

const counts = { passed: 0, failed: 0 }
const only = option('--only')
for (const { name, wanted, probe } of checks) {
  if (only && !name.includes(only)) continue
  let got
  try {
    if (!wire.isOpen) wire = await Wire.open(url)
    const answer = await probe()
    got = typeof answer === 'boolean' ? { yes: answer } : answer
  } catch (error) {
    got = { yes: null, info: error.message }
  }
  const isGood = got.yes !== null && (wanted === null || got.yes === wanted)
  counts[isGood ? 'passed' : 'failed']++
  const told = `${name}: ${got.yes === null ? 'cannot be told' : got.yes ? 'yes' : 'no'}${got.info ? ` (${got.info})` : ''}`
  if (!isGood) console.log(`FAILED ${told}`)
  else if (process.argv.includes('--all')) console.log(`       ${told}`)
}
wire.drop()
await relay.stop()
await tidy()
console.log(`${counts.passed} passed, ${counts.failed} failed, 0 skipped`)
process.exit(counts.failed > 0 ? 1 : 0)
