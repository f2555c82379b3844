// The feeds and the relay on the command line, against real nodes: post, feed, follow, relay import, export and stats; exit codes; what
// strangers wrote does not reach the terminal as commands; ten thousand events in and out again. No provider is needed.
//
//   node tests/system/cli_social.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { readFile, stat, writeFile } from 'node:fs/promises'
import { finalizeEvent, generateSecretKey, getPublicKey, nip19, verifyEvent } from 'nostr-tools'
import { counter, expectEqual } from '../ui/browser.mjs'
import { cli, dataDir, expect, Hearth, HEARTH, parseOne, readText, tidy, until } from './hearth.mjs'
import { Owner } from './wallet_owner.mjs'

const { check, ...results } = counter()
const EVENTS = 10000
const PASSPHRASE = 'a long enough passphrase'
const [alice, bob] = [generateSecretKey(), generateSecretKey()]
const npub = nip19.npubEncode(getPublicKey(bob))
const now = () => Math.floor(Date.now() / 1000)
const file = async name => `${await dataDir(name)}.jsonl`

const dir = await dataDir('cli')
const start = at => Hearth.start({ network: 'mainnet', dir: at, beacons: ['http://127.0.0.1:9'], args: ['--no-relay'] })
// Runs a verb; input: a file that is its standard input.
const run = (args, { at = dir, input } = {}) => {
  const all = [...args, '--network', 'mainnet', '--data-dir', at]
  return input ? cli(['-c', 'exec "$0" "$@" < "$INPUT"', HEARTH, ...all], { command: 'sh', env: { ...process.env, INPUT: input } }) : cli(all)
}
async function json(args, more) {
  const { code, out, err } = await run([...args, '--json'], more)
  expect(code === 0, `${args.join(' ')}: ${code} ${err}`)
  return parseOne(out)
}
async function fails(code, args, word, more) {
  const got = await run(args, more)
  expectEqual(got.code, code, `${args.join(' ')}: ${got.err}`)
  expect(got.err.includes(word), `${args.join(' ')}: expected "${word}" in ${got.err}`)
  return got
}
const codeOf = async args => parseOne((await run([...args, '--json'])).out).error.code
const note = (secret, content, more = {}) => finalizeEvent({ kind: 1, created_at: now(), content, tags: [], ...more }, secret)
async function linesFile(name, lines) {
  const path = await file(name)
  await writeFile(path, lines.map(line => `${line}\n`).join(''))
  return path
}

await check('without a node each verb says that none is running', async () => {
  for (const args of [['post', 'x'], ['feed'], ['follow'], ['follow', npub], ['relay', 'stats'], ['relay', 'export']]) {
    await fails(4, args, 'no node is running')
  }
  const input = await linesFile('one', [JSON.stringify(note(bob, 'x'))])
  await fails(4, ['relay', 'import', input], 'no node is running')
})
await check('wrong words are told from wrong data', async () => {
  const wrong = [
    ['post', 'two', 'words'], ['post', 'x', '--expires', 'soon'], ['post', 'x', '--limit', '5'], ['feed', 'x'], ['feed', '--view', 'mine'],
    ['feed', '--view', 'all', '--author', npub], ['feed', '--limit', '0'], ['feed', '--limit', '101'], ['feed', '--until', '-1'],
    ['feed', '--thread', 'x', '--limit', '5'], ['follow', '--off'], ['follow', npub, npub], ['relay'], ['relay', 'import'],
    ['relay', 'stop'], ['relay', 'stats', 'x'], ['relay', 'stats', '--force'],
  ]
  for (const args of wrong) await fails(2, args, '--help')
})
await check('each verb has help, and is in the list', async () => {
  const { out } = await cli(['help'])
  for (const verb of ['post', 'feed', 'follow', 'relay']) {
    expect(out.includes(`  ${verb} `), `${verb} is not listed`)
    const help = await cli([verb, '--help'])
    expect(help.code === 0 && help.out.startsWith(`Usage: hearth ${verb}`) && help.out.includes('Exit: '), verb)
  }
})

let node = await start(dir)
await check('without a key nothing is posted', async () => {
  await fails(1, ['post', 'hello'], 'no Nostr key')
  expectEqual(await codeOf(['post', 'hello']), 'no_nostr_key', 'code')
})
let owner = new Owner(node)
await owner.create(PASSPHRASE)
await owner.import('nsec', [nip19.nsecEncode(alice)])
await until('the key is known', async () => (await node.call('social.me')).pubkey === getPublicKey(alice))
let first

await check('a post is signed and shown', async () => {
  first = await json(['post', 'hello from the terminal'])
  expectEqual([first.id.length, first.sent], [64, []], 'answer')
  const { code, out } = await run(['feed'])
  expect(code === 0 && out.includes('hello from the terminal') && out.includes(', verified') && out.includes(first.id), out)
  const said = await run(['post', 'in words'])
  expect(said.code === 0 && /^Posted {6}[0-9a-f]{64}\n$/.test(said.out), said.out)
})
await check('a post comes from standard input, with all that it may have', async () => {
  const input = await file('text')
  await writeFile(input, 'two\nlines\n')
  const { id } = await json(['post', '-', '--reply', nip19.noteEncode(first.id), '--warning', 'boring', '--expires', '3600'], { input })
  const { posts } = await json(['feed', '--thread', first.id])
  const post = posts.find(one => one.id === id)
  expectEqual([post.content, post.reply_to, post.warning], ['two\nlines', first.id, 'boring'], 'post')
  expect(Math.abs(post.expires - now() - 3600) < 60, `expires ${post.expires}`)
  const quote = await json(['post', '--quote', first.id], { input })
  const shown = (await json(['feed', '--view', 'all'])).posts.find(one => one.id === quote.id)
  expectEqual(shown.embedded?.id, first.id, 'quoted')
  const { out } = await run(['feed', '--thread', first.id])
  expect(out.includes('[warning: boring]') && out.includes('    two\n    lines\n') && out.includes(`answers ${first.id}`) && out.includes('1 reply'), out)
})
await check('what cannot be posted is refused with its reason', async () => {
  const input = await file('long')
  await writeFile(input, 'x'.repeat(65537))
  await fails(1, ['post', '-'], 'at most 65536 bytes', { input })
  await writeFile(input, Buffer.from([0x66, 0xff, 0x66]))
  await fails(1, ['post', '-'], 'UTF-8', { input })
  await writeFile(input, '')
  await fails(1, ['post', '-'], 'nothing to post', { input })
  expectEqual(await codeOf(['post', 'x', '--reply', 'nonsense']), 'bad_id', 'code')
  expectEqual(await codeOf(['post', 'x', '--reply', 'ab'.repeat(32)]), 'no_event', 'code')
})
await check('somebody is followed, listed and followed no more', async () => {
  expectEqual((await json(['follow', npub])).count, 1, 'count')
  expectEqual((await json(['follow'])).follows.map(one => one.pubkey), [getPublicKey(bob)], 'list')
  const { out } = await run(['follow'])
  expect(out.startsWith(getPublicKey(bob)), out)
  expectEqual((await json(['follow', getPublicKey(bob), '--off'])).count, 0, 'count')
  expectEqual((await run(['follow'])).out, 'You follow nobody.\n', 'list')
  await fails(1, ['follow', 'npub1nonsense'], 'no public key')
  expectEqual(await codeOf(['follow', 'npub1nonsense']), 'bad_npub', 'code')
  await json(['follow', npub])
})
await check('what a post would make the terminal do is not done', async () => {
  const content = 'red \x1b[31m bell \x07 title \x1b]0;x\x07 c1 \u009b2J del \x7f turn \u202e and back \u202c\ttab\r'
  const profile = finalizeEvent({ kind: 0, created_at: now(), content: JSON.stringify({ name: 'b\x1b[2Job\n' }), tags: [] }, bob)
  const input = await linesFile('bad', [JSON.stringify(note(bob, content, { tags: [['content-warning', 'w\x1bw']] })), JSON.stringify(profile)])
  expectEqual((await json(['relay', 'import', input])).stored, 2, 'stored')
  for (const args of [['feed'], ['feed', '--author', npub], ['follow']]) {
    const { code, out } = await run(args)
    // eslint-disable-next-line no-control-regex
    expect(code === 0 && !/[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/.test(out), JSON.stringify(out))
    expect(out.includes('b?[2Job'), out)
  }
  expect((await run(['feed'])).out.includes('red ?[31m bell ? title ?]0;x? c1 ?2J del ? turn ? and back ? tab?'), 'the rest was lost')
  expectEqual((await json(['feed', '--author', npub])).posts[0].content, content, 'as JSON')
})
await check('a feed is narrowed by words, author, time and number', async () => {
  const at = now() - 1000
  const input = await linesFile('more', [1, 2, 3].map(i => JSON.stringify(note(bob, `counted ${i}`, { created_at: at + i }))))
  await json(['relay', 'import', input])
  const labels = async args => (await json(['feed', ...args])).posts.map(post => post.content)
  expectEqual(await labels(['--author', npub, '--until', String(at + 2)]), ['counted 2', 'counted 1'], 'until')
  expectEqual(await labels(['--author', npub, '--until', String(at + 3), '--limit', '1']), ['counted 3'], 'limit')
  expectEqual((await labels(['--search', 'counted'])).length, 3, 'search')
  expectEqual(await labels(['--view', 'notifications']), [], 'notifications')
  expect((await run(['feed', '--search', 'nobody said that'])).out.startsWith('There is nothing here.\n0 posts'), 'empty')
  expectEqual(await codeOf(['feed', '--author', 'npub1x']), 'bad_npub', 'code')
})

// Another key for each ten, other kinds, tags and characters; about half a kilobyte each.
const secrets = Array.from({ length: 10 }, generateSecretKey)
const many = Array.from({ length: EVENTS }, (_, i) => JSON.stringify(finalizeEvent({
  kind: i % 50 === 0 ? 30023 : 1, created_at: 1700000000 + (i % 5000),
  content: `event ${i} "quoted" \\ back\nline ünï 🤔 \x7f`, tags: [['d', String(i)], ['t', `topic${i % 7}`]],
}, secrets[i % 10])))
const corpus = await linesFile('corpus', many)
const other = await dataDir('other')
let second

await check('ten thousand events go in, and a second time none is new', async () => {
  second = await start(other)
  const counts = await json(['relay', 'import', corpus], { at: other })
  expectEqual([counts.lines, counts.stored, counts.malformed, counts.unverified, counts.duplicate], [EVENTS, EVENTS, 0, 0, 0], 'counts')
  const again = await json(['relay', 'import', '-'], { at: other, input: corpus })
  expectEqual([again.lines, again.stored, again.duplicate], [EVENTS, 0, EVENTS], 'again')
})
await check('what was imported is there after SIGKILL, and comes out byte for byte', async () => {
  await second.kill()
  second = await start(other)
  const { code, out, err } = await run(['relay', 'export'], { at: other })
  expectEqual([code, err], [0, `${EVENTS} events\n`], 'exit')
  const lines = out.split('\n')
  expectEqual(lines.pop(), '', 'the last line has no end')
  expectEqual(lines.length, EVENTS, 'lines')
  const sorted = many.toSorted()
  const wrong = lines.toSorted().findIndex((line, i) => line !== sorted[i])
  expect(wrong === -1, `line ${wrong} differs`)
  for (const line of lines.slice(0, 20)) expect(verifyEvent(JSON.parse(line)), 'a line does not verify')
})
await check('an export goes into a new file, for the owner only', async () => {
  const path = await file('export')
  expectEqual(await json(['relay', 'export', path], { at: other }), { events: EVENTS, file: path }, 'answer')
  expectEqual((await stat(path)).mode & 0o777, 0o600, 'mode')
  expectEqual((await readText(path)).split('\n').length, EVENTS + 1, 'lines')
  await fails(1, ['relay', 'export', path], 'there already', { at: other })
  expectEqual((await run(['relay', 'export', path, '--force'], { at: other })).out, `Events      ${EVENTS}\n`, 'again')
  expectEqual(await readText(`${path}.part`), '', 'a part is left')
  await fails(4, ['relay', 'export', `${path}/x`], 'cannot write', { at: other })
  // The first node takes it, too.
  expectEqual((await json(['relay', 'import', path])).stored, EVENTS, 'stored')
})
await check('lines that are no events are counted, and the others taken', async () => {
  const good = JSON.stringify(note(bob, 'good'))
  const forged = { ...note(bob, 'forged'), content: 'changed' }
  const path = await file('mixed')
  const parts = [good, '', '{"no": "event"}', 'x'.repeat(200000), Buffer.from([0x22, 0xff, 0x22]), `${JSON.stringify(note(bob, 'crlf'))}\r`, '[', JSON.stringify(note(bob, 'gone', { kind: 20001 }))]
  const write = list => writeFile(path, Buffer.concat(list.flatMap((part, i) => (i === 0 ? [Buffer.from(part)] : [Buffer.from('\n'), Buffer.from(part)]))))
  await write(parts)
  const { code, out } = await run(['relay', 'import', path, '--json'])
  const counts = parseOne(out)
  expectEqual([code, counts.lines, counts.stored, counts.malformed, counts.ephemeral], [1, 7, 2, 4, 1], out)
  await write([...parts, JSON.stringify(forged)])
  const again = await run(['relay', 'import', path])
  expectEqual(again.code, 3, 'exit code')
  expect(/^unverified {2}1$/m.test(again.out) && /^duplicate {3}2$/m.test(again.out) && /^malformed {3}4$/m.test(again.out), again.out)
  await fails(1, ['relay', 'import', `${path}.none`], 'cannot read')
})
await check('numbers are told', async () => {
  const stats = await json(['relay', 'stats'], { at: other })
  expectEqual([stats.store.events, stats.store.authors], [EVENTS, 10], 'store')
  const { out } = await run(['relay', 'stats'], { at: other })
  expect(out.startsWith(`Store       ${EVENTS} events of 10 authors`), out)
})
await check('a locked wallet posts nothing', async () => {
  await owner.lock()
  expectEqual(await codeOf(['post', 'x']), 'vault_locked', 'code')
})
await check('the manual has every verb', async () => {
  const manual = await readFile('node/app/hearth.1', 'utf8')
  for (const word of ['post', 'feed', 'follow', 'relay import', 'relay export', 'relay stats']) expect(manual.includes(word), word)
})
await check('the nodes stop as they should', async () => {
  expectEqual([await node.stop(), await second.stop()], [0, 0], 'exit codes')
})

await tidy()
results.finish()
process.exit()
