// Functions of the UI that need no browser: names of browsers, the fees in an unsigned transaction, texts of others.
//
//   node tests/ui/pure.mjs
import { fileURLToPath } from 'node:url'
import { counter, expectEqual } from './browser.mjs'
import { forms } from './identity-pure.mjs'
import { codes } from './qr.mjs'
import { unsignedTransfer } from './scripted-signer.mjs'
import { load } from './seal.mjs'

const WEBKIT = 'AppleWebKit/605.1.15 (KHTML, like Gecko)'
const BROWSERS = [
  ['Firefox on Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0'],
  ['Firefox on Android', 'Mozilla/5.0 (Android 15; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0'],
  ['Chrome on Windows', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36'],
  ['Chrome on Android', 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36'],
  ['Chrome on iOS', `Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) ${WEBKIT} CriOS/131.0 Mobile/15E148 Safari/604.1`],
  ['Chromium on Linux', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Ubuntu Chromium/80.0 Chrome/80.0 Safari/537.36'],
  ['Edge on Windows', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0'],
  ['Safari on macOS', `Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) ${WEBKIT} Version/17.5 Safari/605.1.15`],
  ['Safari on iOS', `Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) ${WEBKIT} Version/17.5 Mobile/15E148 Safari/604.1`],
  ['Firefox', 'Firefox/1.0'],
  ['curl/8.5.0', 'curl/8.5.0'],
  ['A browser that gave no name', ''],
  ['x'.repeat(80) + '…', 'x'.repeat(300)]
]

// The examples of NIP-19.
const NAMED = [
  ['npub10elfcs4fr0l0r8af98jlmgdh9c8tcxjvz9qkw038js35mp4dma8qzvjptg', '7e7e9c42a91bfef19fa929e5fda1b72e0ebc1a4c1141673e2794234d86addf4e'],
  ['nprofile1qqsrhuxx8l9ex335q7he0f09aej04zpazpl0ne2cgukyawd24mayt8gpp4mhxue69uhhytnc9e3k7mgpz4mhxue69uhkg6nzv9ejuumpv34kytnrdaksjlyr9p', '3bf0c63fcb93463407af97a5e5ee64fa883d107ef9e558472c4eb9aaaefa459d'],
  ['npub1qqqq', null], ['nevent1' + 'q'.repeat(80), null], ['nprofile1' + 'l'.repeat(1000), null]
]

async function foreignTexts({ check }) {
  const { namedBy, piecesOf, plain, plainLine } = await load('plain')
  await check('plain: what is not seen, or turns the order, is written out', async () => {
    expectEqual(plain('a\u202eb\u2066c\u0000\u200bd\ufeff\u{e0041}'), 'a\\u202eb\\u2066c\\u0000\\u200bd\\ufeff\\u{e0041}', 'a text')
  })
  await check('plain: lines, joiners, flags and other scripts stay as they are', async () => {
    const fine = 'one\ntwo\tשלום مرحبا 👩\u200d🔧 \u{1f3f4}\u{e0067}\u{e0062}\u{e007f}'
    expectEqual(plain(fine), fine, 'a text')
    expectEqual(plain('a\r\nb\rc'), 'a\nb\nc', 'ends of lines')
  })
  await check('plain: a name is one short line', async () => {
    expectEqual(plainLine('  a\n\n b '), 'a b', 'a name')
    expectEqual([...plainLine('😀'.repeat(100))].length, 61, 'length of a long name')
  })
  await check('plain: addresses end before the stop, and only https pictures wait for a click', async () => {
    const list = piecesOf('See https://a.example/x. (http://b.example/p.png) https://c.example/p.JPG?s=1, javascript:alert(1)')
    expectEqual(list.map(p => [p.s, p.href ?? p.text]), [
      ['text', 'See '], ['link', 'https://a.example/x'], ['text', '. ('], ['link', 'http://b.example/p.png'], ['text', ') '], ['image', 'https://c.example/p.JPG?s=1'], ['text', ', javascript:alert(1)']
    ], 'pieces')
  })
  await check('plain: a host in letters that look like others is shown in its own form', async () => expectEqual(piecesOf('https://аpple.example/')[0].text, 'xn--pple-43d.example', 'the host'))
  await check('plain: what a NIP-19 text names is read, and nothing from a short or empty one', async () => {
    for (const [entity, hex] of NAMED) expectEqual(namedBy(entity), hex, entity.slice(0, 20))
  })
  await check('plain: people and posts lead to their own pages', async () => {
    expectEqual(piecesOf(`nostr:${NAMED[0][0]}`).map(p => [p.s, p.href]), [['person', `#/author/${NAMED[0][1]}`]], 'pieces')
  })
}

export async function pure({ check }) {
  await foreignTexts({ check })
  await forms({ check })
  await codes({ check })
  const { browserOf } = await load('browser')
  const { feesOf } = await load('unsigned')
  for (const [words, text] of BROWSERS) await check(`browser: ${words}`, async () => expectEqual(browserOf(text), words, text))
  await check('browser: one that only claims to be Chrome keeps its own text', async () => {
    const opera = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0.0.0 Safari/537.36 OPR/116.0'
    expectEqual(browserOf(opera), opera, 'Opera')
  })
  const fees = { tip: 1_000_000_000n, maxFee: 30_000_000_001n, gas: 21_000n, value: 0n }
  const texts = f => f && Object.fromEntries(Object.entries(f).map(([name, n]) => [name, String(n)]))
  await check('fees: those of an unsigned transfer, zero and large', async () => {
    for (const f of [fees, { ...fees, tip: 0n, value: 2n ** 255n, gas: 127n }, { ...fees, gas: 128n }]) expectEqual(texts(feesOf(unsignedTransfer(f))), texts(f), 'fees')
  })
  await check('fees: of a type with another form, of cut bytes and of a text there are none', async () => {
    const whole = unsignedTransfer(fees)
    const bad = ['', '0x', '0x02', '0x02c0', 'hello', whole.replace('0x02', '0x01'), whole.slice(0, -2), whole + '00', '0x02f8ff' + whole.slice(8), '0x02ffffffffffffffffff', '0x02c8c101010101010101', '0x02bf' + 'f'.repeat(40)]
    for (const raw of bad) expectEqual(feesOf(raw), null, raw)
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const results = counter()
  await results.guard('pure', () => pure(results))
  results.finish()
}
