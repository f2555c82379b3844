// Where secrets are: passphrases, words and keys that are known here are looked for in the memory of the node and of the
// signer, and in everything that the node writes. In the node they never are; in the signer while it is unlocked.
//
//   node tests/system/secrets.mjs [--hearth FILE]      as root
//
// The last line is "N passed, N failed, N skipped".
import { bech32 } from '@scure/base'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ethers } from 'ethers'
import { startDevnet } from '../devnet/devnet.mjs'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, Hearth, tidy, writeNetwork } from './hearth.mjs'
import { canSearch, rss, searchMemory } from './wallet_memory.mjs'
import { codeOf, Owner } from './wallet_owner.mjs'

const SIGNER_KIB = 8192
const { check, ...results } = counter()
const utf8 = text => Buffer.from(text, 'utf8')
const hexOf = bytes => Buffer.from(bytes).toString('hex')

// Each key and seed as bytes and as digits; of words every pair, since one alone is in the list of all words.
function secretsOf({ passphrases, mnemonic, keys }) {
  const all = {}
  for (const [name, text] of Object.entries(passphrases)) all[name] = utf8(text)
  const words = mnemonic.phrase.split(' ')
  for (let i = 0; i + 1 < words.length; i++) all[`words ${i + 1} and ${i + 2}`] = utf8(`${words[i]} ${words[i + 1]}`)
  const both = (name, hex) => {
    const bytes = Buffer.from(ethers.getBytes(hex))
    Object.assign(all, { [`${name} (bytes)`]: bytes, [`${name} (hex)`]: utf8(hexOf(bytes)), [`${name} (HEX)`]: utf8(hexOf(bytes).toUpperCase()) })
  }
  both('entropy', mnemonic.entropy)
  both('seed', mnemonic.computeSeed())
  for (const [name, key] of Object.entries(keys)) {
    both(name, key)
    all[`${name} (nsec)`] = utf8(bech32.encode('nsec', bech32.toWords(ethers.getBytes(key))))
  }
  return all
}

const loose = ethers.Wallet.createRandom(), stored = ethers.Wallet.createRandom()
const random = name => `${name} ${hexOf(ethers.randomBytes(12))}`
const [passphrase, next, wrong, password, filePassword] = ['passphrase', 'next passphrase', 'wrong passphrase', 'password', 'file password'].map(random)

const devnet = await startDevnet({ preset: 'minimal', slotMs: 1000 })
const network = await writeNetwork(devnet.network)
const dir = await dataDir('secrets')
const node = await Hearth.start({ network, dir, beacons: devnet.beaconUrls, args: ['--execution', devnet.rpcUrl] })
await node.live(15000)
const owner = new Owner(node)
const nodePid = node.run.child.pid
const signerPid = (await owner.status()).signer.pid

// Some pairs of words are text of the libraries ("object file", which the dynamic linker says): a phrase without those.
async function drawMnemonic() {
  for (let i = 0; i < 20; i++) {
    const drawn = ethers.Mnemonic.fromEntropy(ethers.randomBytes(32))
    const { found } = canSearch() ? await searchMemory(nodePid, secretsOf({ passphrases: {}, mnemonic: drawn, keys: {} })) : { found: [] }
    if (!found.length) return drawn
  }
  throw new Error('each of 20 phrases is in the memory of a node that has heard none')
}
const mnemonic = await drawMnemonic()
const derived = index => ethers.HDNodeWallet.fromMnemonic(mnemonic, `m/44'/60'/0'/0/${index}`)
const secrets = secretsOf({ passphrases: { passphrase, next, wrong, password, filePassword }, mnemonic,
  keys: { 'first key': derived(0).privateKey, 'second key': derived(1).privateKey, 'imported key': loose.privateKey, 'key of a keystore': stored.privateKey } })

async function nothingInNode(when) {
  await check(`${when} there is no secret in the node`, async () => {
    const { found, where, total } = await searchMemory(nodePid, secrets)
    expect(total > 1 << 20, `only ${total} bytes were read`)
    expectEqual(found, [], `in the node (${JSON.stringify(where)})`)
  })
}
async function nothingInSigner(when) {
  await check(`${when} there is no secret in the signer`, async () => {
    const { found, where } = await searchMemory(signerPid, secrets)
    expectEqual(found, [], `in the signer (${JSON.stringify(where)})`)
  })
}
async function inSigner(when, names) {
  await check(`${when} the search finds in the signer what it must have: ${names}`, async () => {
    const { found } = await searchMemory(signerPid, secrets)
    for (const name of names) expect(found.includes(name), `"${name}" is not among ${JSON.stringify(found)}`)
    const words = found.filter(name => /words|passphrase|password|hex|HEX|nsec/.test(name))
    expectEqual(words, [], 'what it has no use for any more')
  })
}

if (!canSearch()) {
  results.skip('all', 'only root may read the memory of other processes')
} else {
  await check('the search finds a known text in the node', async () => {
    const { found } = await searchMemory(nodePid, { network: utf8(node.origin.slice(7)), nothing: ethers.randomBytes(32) })
    expectEqual(found, ['network'], 'found')
  })
  await owner.create(passphrase)
  await owner.import('mnemonic', [mnemonic.phrase], { words: 24 })
  const { accounts: [account], seeds: [seed] } = await owner.accounts()
  await owner.call('wallet.add_account', { seed: seed.id })
  await owner.import('raw', [loose.privateKey], { label: 'loose' })
  await owner.import('keystore', [await ethers.encryptKeystoreJson(stored, filePassword, { scrypt: { N: 1 << 12 } }), filePassword], { label: 'stored' })
  // Before anything of it is read, which would bring whole libraries into memory.
  await check('the signer that is unlocked is small', async () => {
    const { now, own } = await rss(signerPid)
    console.log(`the signer has ${now} KiB in memory, ${own} of its own`)
    expect(own < SIGNER_KIB, `${own} KiB`)
  })
  await inSigner('while it is unlocked', ['entropy (bytes)', 'seed (bytes)', 'imported key (bytes)', 'key of a keystore (bytes)'])
  await nothingInNode('after words and keys were imported')

  for (const text of ['one', 'two']) {
    const { result } = await owner.approved('wallet.sign_text', { account: account.address, text })
    expect(ethers.verifyMessage(text, result.signature) === ethers.getAddress(account.address), 'another signer')
  }
  await nothingInNode('after signing')

  await check('what is exported is whole', async () => {
    const { accounts } = await owner.accounts()
    expectEqual(await owner.export(seed.id, 'mnemonic', passphrase), mnemonic.phrase, 'words')
    const file = await owner.export(accounts[0].id, 'keystore', passphrase, password)
    expectEqual((await ethers.Wallet.fromEncryptedJson(file, password)).privateKey, derived(0).privateKey, 'key')
    await owner.export(accounts[1].id, 'raw', passphrase)
  })
  await nothingInNode('after exports')
  await inSigner('after exports', ['seed (bytes)'])

  await owner.lock()
  await nothingInNode('after locking')
  await nothingInSigner('after locking')

  expectEqual(await codeOf(owner.unlock(wrong)), 'wrong_passphrase', 'code')
  await nothingInSigner('after a wrong passphrase')
  await owner.unlock(passphrase)
  await inSigner('after unlocking again', ['seed (bytes)', 'imported key (bytes)'])
  await nothingInNode('after unlocking')
  await owner.call('wallet.passphrase', { sealed: await owner.sealed('passphrase', passphrase, next) })
  await nothingInNode('after a change of the passphrase')

  // Locked with a signature under way.
  const pending = owner.call('wallet.sign_text', { account: account.address, text: 'three' })
  const item = await owner.waiting()
  const [, locked] = await Promise.all([codeOf(owner.decide(item, true)), owner.lock()])
  await codeOf(pending)
  expectEqual(locked.vault, 'locked', 'vault')
  await nothingInSigner('after locking while it signs')
  await nothingInNode('after that')

  await check('argv and environment have none', async () => {
    for (const pid of [nodePid, signerPid]) {
      for (const name of ['cmdline', 'environ']) {
        const text = await readFile(`/proc/${pid}/${name}`)
        for (const [secret, bytes] of Object.entries(secrets)) expect(!text.includes(bytes), `${secret} in ${name}`)
      }
    }
  })
  await check('neither process can be dumped', async () => {
    for (const pid of [nodePid, signerPid]) {
      const limits = await readFile(`/proc/${pid}/limits`, 'utf8')
      expect(/Max core file size\s+0 /.test(limits), `${pid}: ${limits.match(/Max core.*/)[0]}`)
    }
  })
}

await node.stop()
await check('log, output and files have none', async () => {
  const files = (await readdir(dir, { recursive: true, withFileTypes: true })).filter(entry => entry.isFile())
  expect(files.some(file => file.name === 'hearth.db'), `no hearth.db among ${files.map(file => file.name)}`)
  const texts = [['log', utf8(node.log)], ['output', utf8(node.run.out)]]
  for (const file of files) texts.push([file.name, await readFile(join(file.parentPath ?? file.path, file.name))])
  for (const [where, text] of texts) {
    for (const [name, bytes] of Object.entries(secrets)) expect(!text.includes(bytes), `${name} in ${where}`)
  }
})
await check('the search of files finds what is there', async () => {
  const file = join(dir, 'planted')
  await writeFile(file, Buffer.concat([ethers.randomBytes(100), secrets['seed (bytes)'], ethers.randomBytes(5)]))
  expect((await readFile(file)).includes(secrets['seed (bytes)']), 'it is not found')
})
await devnet.stop()
await tidy()
results.finish()
process.exit()
