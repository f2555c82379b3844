// The page's own HPKE (web-ui/src/seal.ts) against RFC 9180, appendix A.3.1, and against the scripted signer.
//
//   node tests/ui/seal.mjs
import { readFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { counter, expectEqual } from './browser.mjs'
import { makePair, openSealed, sealTo } from './scripted-signer.mjs'

const at = path => fileURLToPath(new URL(`../../web-ui/${path}`, import.meta.url))

// A source of the UI that imports nothing, as a module.
export async function load(name) {
  const { transformWithOxc } = await import(pathToFileURL(at('node_modules/vite/dist/node/index.js')))
  const { code } = await transformWithOxc(await readFile(at(`src/${name}.ts`), 'utf8'), `${name}.ts`, { sourcemap: false })
  return import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`)
}

// DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode.
const A3 = {
  enc: '04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4',
  secret: 'f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2',
  public: '04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0',
  info: '4f6465206f6e2061204772656369616e2055726e',
  shared: 'c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8',
  key: '868c066ef58aae6dc589b6cfdd18f97e',
  nonce: '4e0bc5018beba4bf004cca59'
}
const base64url = hex => Buffer.from(hex, 'hex').toString('base64url')

export async function sealing({ check }) {
  const { concat, fromHex, makeReply, schedule, seal, sharedSecret, toHex, utf8 } = await load('seal')
  const curve = { name: 'ECDH', namedCurve: 'P-256' }
  await check('seal: the shared secret and the keys of RFC 9180 A.3.1', async () => {
    const jwk = { kty: 'EC', crv: 'P-256', d: base64url(A3.secret), x: base64url(A3.public.slice(2, 66)), y: base64url(A3.public.slice(66)) }
    const mine = await crypto.subtle.importKey('jwk', jwk, curve, false, ['deriveBits'])
    const shared = await sharedSecret(mine, fromHex(A3.enc), fromHex(A3.enc), fromHex(A3.public))
    expectEqual(toHex(shared), '0x' + A3.shared, 'shared secret')
    const { key, nonce } = await schedule(shared, fromHex(A3.info), { aead: 1, keySize: 16 })
    expectEqual([toHex(key), toHex(nonce)], ['0x' + A3.key, '0x' + A3.nonce], 'key and base nonce')
  })
  const signer = makePair()
  await check('seal: the signer opens what the page seals, and the page’s bytes are wiped', async () => {
    const parts = [utf8('old passphrase é'), utf8('')]
    const sealed = await seal(signer.getPublicKey('hex'), 'passphrase', parts)
    expectEqual(openSealed(signer, 'passphrase', sealed), ['old passphrase é', ''], 'parts')
    expectEqual(parts[0].every(b => b === 0), true, 'wiped')
  })
  const throws = async run => {
    try {
      await run()
      return 'it was taken'
    } catch (error) {
      return error.name
    }
  }
  await check('seal: what is sealed for one request is refused for another', async () => {
    const sealed = await seal(signer.getPublicKey('hex'), 'unlock', [utf8('x')])
    expectEqual(await throws(async () => openSealed(signer, 'export', sealed)), 'Error', 'the signer')
    const reply = await makeReply()
    expectEqual(await throws(() => reply.open(sealTo(reply.key, 'new_seed', 'words'), 'export')), 'OperationError', 'the page')
  })
  await check('seal: the page opens the answer, and not a changed one', async () => {
    const reply = await makeReply()
    const sealed = sealTo(reply.key, 'export', 'maple river')
    expectEqual((await reply.open(sealed, 'export')).map(p => Buffer.from(p).toString()), ['maple river'], 'parts')
    const changed = sealed.slice(0, -1) + (sealed.endsWith('0') ? '1' : '0')
    expectEqual(await throws(() => reply.open(changed, 'export')), 'OperationError', 'a changed answer')
  })
  await check('seal: a key that is no point of the curve is refused', async () => {
    expectEqual(await throws(() => seal('04' + '11'.repeat(64), 'unlock', [utf8('x')])), 'DataError', 'the key')
    expectEqual(toHex(concat('a', fromHex('00ff'))), '0x6100ff', 'bytes')
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const results = counter()
  await results.guard('sealing', () => sealing(results))
  results.finish()
}
