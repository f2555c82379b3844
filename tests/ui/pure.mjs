// Functions of the UI that need no browser: names of browsers, and the fees in an unsigned transaction.
//
//   node tests/ui/pure.mjs
import { fileURLToPath } from 'node:url'
import { counter, expectEqual } from './browser.mjs'
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

export async function pure({ check }) {
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
