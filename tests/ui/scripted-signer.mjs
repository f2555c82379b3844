// The signer process and its vault as a script: opens what the page seals and seals what it asks back, by
// node:crypto, so that both ends of HPKE are not the same code. Everything is in the clear in here.
import { createCipheriv, createDecipheriv, createECDH, createHash, createHmac } from 'node:crypto'

const INFO = Buffer.from('hearth signer v1')
const KEM = Buffer.from([...Buffer.from('KEM'), 0, 0x10])
const HPKE = Buffer.from([...Buffer.from('HPKE'), 0, 0x10, 0, 1, 0, 2])
const NONE = Buffer.alloc(0)

const hmac = (key, data) => createHmac('sha256', key).update(data).digest()
const extract = (suite, salt, label, ikm) => hmac(salt, Buffer.concat([Buffer.from('HPKE-v1'), suite, Buffer.from(label), ikm]))
const expand = (suite, prk, label, info, n) =>
  hmac(prk, Buffer.concat([Buffer.from([0, n]), Buffer.from('HPKE-v1'), suite, Buffer.from(label), info, Buffer.from([1])])).subarray(0, n)

function keyOf(dh, enc, to) {
  const shared = expand(KEM, extract(KEM, NONE, 'eae_prk', dh), 'shared_secret', Buffer.concat([enc, to]), 32)
  const context = Buffer.concat([Buffer.from([0]), extract(HPKE, NONE, 'psk_id_hash', NONE), extract(HPKE, NONE, 'info_hash', INFO)])
  const secret = extract(HPKE, shared, 'secret', NONE)
  return { key: expand(HPKE, secret, 'key', context, 32), nonce: expand(HPKE, secret, 'base_nonce', context, 12) }
}

export function makePair() {
  const pair = createECDH('prime256v1')
  pair.generateKeys()
  return pair
}

export function openSealed(pair, aad, hex, replyKey = '0x') {
  if (!hex.startsWith('0x')) throw new Error('sealed is not bytes in hex with 0x')
  const bytes = Buffer.from(hex.slice(2), 'hex')
  const [enc, body, tag] = [bytes.subarray(0, 65), bytes.subarray(65, -16), bytes.subarray(-16)]
  const { key, nonce } = keyOf(pair.computeSecret(enc), enc, pair.getPublicKey())
  const aes = createDecipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.concat([Buffer.from(aad), Buffer.from(replyKey.slice(2), 'hex')])).setAuthTag(tag)
  const plain = Buffer.concat([aes.update(body), aes.final()])
  const parts = []
  for (let at = 0; at < plain.length; ) {
    const n = plain.readUInt32LE(at)
    parts.push(plain.subarray(at + 4, at + 4 + n).toString('utf8'))
    at += 4 + n
  }
  return parts
}

export function sealTo(publicHex, aad, ...parts) {
  const to = Buffer.from(publicHex.slice(2), 'hex')
  const pair = makePair()
  const { key, nonce } = keyOf(pair.computeSecret(to), pair.getPublicKey(), to)
  const plain = Buffer.concat(parts.flatMap(p => {
    const n = Buffer.alloc(4)
    n.writeUInt32LE(Buffer.byteLength(p))
    return [n, Buffer.from(p)]
  }))
  const aes = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(aad))
  return Buffer.concat([pair.getPublicKey(), aes.update(plain), aes.final(), aes.getAuthTag()]).toString('hex').replace(/^/, '0x')
}

const WORDS = 'harbour lantern maple quiet river silver timber umbrella velvet walnut yellow zebra acorn basket candle dolphin ember forest garden hollow island jacket kettle lemon'.split(' ')
export const CONFINED = ['no_dump', 'no_new_privileges', 'syscalls', 'files', 'dies_with_parent']
const refuse = (code, message) => ({ error: { code: -32000, message, data: { code } } })
const addressOf = seed => '0x' + createHash('sha256').update(seed).digest('hex').slice(0, 40)

// An EIP-1559 transfer before it is signed, as RLP.
export function unsignedTransfer({ tip, maxFee, gas, value, to = '0x' + '5c'.repeat(20) }) {
  const text = bytes => (bytes.length === 1 && bytes[0] < 0x80 ? bytes : Buffer.concat([Buffer.from([0x80 + bytes.length]), bytes]))
  const number = n => text(n === 0n ? NONE : Buffer.from(n.toString(16).replace(/^(.(?:..)*)$/, '0$1'), 'hex'))
  const body = Buffer.concat([number(1n), number(113n), number(tip), number(maxFee), number(gas), text(Buffer.from(to.slice(2), 'hex')), number(value), text(NONE), Buffer.from([0xc0])])
  return '0x02' + Buffer.concat([Buffer.from(body.length < 56 ? [0xc0 + body.length] : [0xf8, body.length]), body]).toString('hex')
}

// A wallet as the node has it: its topics, its methods; `install` puts them into a scripted node.
export function scriptedWallet(over = {}) {
  const pair = makePair()
  const w = {
    key: '0x' + pair.getPublicKey('hex'),
    vault: 'none', passphrase: null, accounts: [], seeds: [], nostr: [], secrets: {}, queue: [], amended: [], permissions: [], audit: [], activity: [],
    autoLock: 900_000, hasSigner: true, isWhole: true, opened: [], decisions: [],
    waiting: new Map(), // by id of the queue's item, what is done once it is decided
    ...over
  }
  const topics = {
    'wallet.status': () => ({
      vault: w.vault, signer: w.hasSigner ? { pid: 4712, key: w.key, confined: CONFINED } : null, why: w.hasSigner ? null : 'it was ended by the system',
      auto_lock_ms: w.autoLock, is_backed_up: w.seeds.every(s => s.is_backed_up), accounts: w.accounts.length
    }),
    'wallet.accounts': () => ({ accounts: w.accounts, seeds: w.seeds, nostr: w.nostr }),
    'wallet.queue': () => ({ items: w.queue }),
    'wallet.permissions': () => ({ permissions: w.permissions }),
    'wallet.audit_tail': () => ({ entries: w.audit.slice(0, 50) }),
    'wallet.activity': () => ({ transactions: w.activity })
  }
  w.topics = () => Object.fromEntries(Object.entries(topics).map(([name, make]) => [name, make()]))

  w.install = node => {
    const tell = () => { for (const [name, make] of Object.entries(topics)) node.push(name, make()) }
    const log = (event, detail = '', account = null, origin = null) =>
      w.audit.unshift({ id: w.audit.length + 1, at_ms: Date.now(), event, origin, account, detail })
    const open = (aad, hex, replyKey) => {
      const parts = openSealed(pair, aad, hex, replyKey)
      w.opened.push([aad, parts])
      return parts
    }
    const add = (label, kind, more = {}) => {
      const account = { id: w.accounts.length + 1, address: addressOf(label + w.accounts.length), label, kind, path: null, seed: null, is_hidden: false, ...more }
      w.accounts.push(account)
      return account
    }
    const method = (name, run) => node.methods.set(name, params => {
      const answer = run(params)
      tell()
      return answer?.error || answer?.later ? answer : { result: answer ?? {} }
    })
    const wrong = passphrase => {
      if (passphrase === w.passphrase) return null
      log('wrong_passphrase')
      return refuse('wrong_passphrase', 'the passphrase is wrong')
    }
    w.tell = tell
    w.enqueue = (item, done = () => {}) => {
      const full = { id: String(1000 + w.queue.length + w.decisions.length), origin: '', is_own: false, kind: 'message', account: w.accounts[0]?.address ?? null, created_ms: Date.now() - 2000,
        expires_ms: Date.now() + 590_000, payload_hash: '0x' + createHash('sha256').update(JSON.stringify(item)).digest('hex'), raw: '0x68656c6c6f', state: 'waiting', ...item }
      w.queue.push(full)
      w.waiting.set(full.id, done)
      tell()
      return full
    }
    method('wallet.create', ({ sealed }) => {
      [w.passphrase] = open('create', sealed)
      w.vault = 'open'
      log('created', 'the vault')
    })
    method('wallet.unlock', ({ sealed }) => {
      const no = wrong(open('unlock', sealed)[0])
      if (no) return no
      w.vault = 'open'
      log('unlocked')
    })
    method('wallet.lock', () => { w.vault = 'locked'; log('locked') })
    method('wallet.passphrase', ({ sealed }) => {
      const [old, next] = open('passphrase', sealed)
      const no = wrong(old)
      if (no) return no
      w.passphrase = next
    })
    method('wallet.auto_lock', ({ ms }) => { w.autoLock = ms })
    method('wallet.new_seed', ({ words, reply_key }) => {
      const id = `seed-${w.seeds.length + 1}`
      w.secrets[id] = WORDS.slice(0, words).join(' ')
      w.seeds.push({ id, label: 'Seed', is_backed_up: false, words })
      add('Account 1', 'derived', { path: "m/44'/60'/0'/0/0", seed: id })
      return { seed: id, sealed: sealTo(reply_key, 'new_seed', w.secrets[id]) }
    })
    method('wallet.check_backup', ({ seed, sealed }) => {
      if (open('check_seed', sealed)[0] !== w.secrets[seed]) return refuse('words_differ', 'the words differ')
      w.seeds.find(s => s.id === seed).is_backed_up = true
    })
    method('wallet.import', ({ kind, sealed, label }) => {
      const [secret, password] = open('import', sealed)
      w.imported = { kind, secret, password }
      if (kind !== 'mnemonic') return add(label, 'imported')
      const id = `seed-${w.seeds.length + 1}`
      w.secrets[id] = secret
      w.seeds.push({ id, label, is_backed_up: true, words: secret.split(' ').length })
      add('Account 1', 'derived', { path: "m/44'/60'/0'/0/0", seed: id })
    })
    method('wallet.export', ({ id, format, sealed, reply_key }) => {
      const [passphrase, password] = open('export', sealed, reply_key)
      const no = wrong(passphrase)
      if (no) return no
      log('exported', format)
      return { sealed: sealTo(reply_key, 'export', w.secrets[id] ?? `${format} of ${id}${password ? ` under ${password}` : ''}`) }
    })
    method('wallet.remove', ({ id, sealed }) => {
      const no = sealed && wrong(open('remove', sealed)[0])
      if (no) return no
      w.accounts = w.accounts.filter(a => a.id !== id)
    })
    method('wallet.add_account', ({ seed, label }) => add(label || 'Account', 'derived', { seed, path: "m/44'/60'/0'/0/1" }))
    method('wallet.watch', ({ address, label }) => add(label, 'watch', { address }))
    method('wallet.rename', ({ id, label }) => { w.accounts.find(a => a.id === id).label = label })
    method('wallet.hide', ({ id, is_hidden }) => { w.accounts.find(a => a.id === id).is_hidden = is_hidden })
    method('wallet.revoke', ({ origin }) => { w.permissions = w.permissions.filter(p => p.origin !== origin); log('revoked', '', null, origin) })
    method('wallet.revoke_all', () => { w.permissions = [] })
    method('wallet.audit', () => ({ entries: [], is_whole: w.isWhole }))
    method('wallet.amend', ({ id, payload_hash, max_fee_per_gas, max_priority_fee_per_gas, gas_limit }) => {
      const item = w.queue.find(i => i.id === id)
      if (!item || item.state !== 'waiting') return refuse('not_waiting', 'this request does not wait')
      if (item.payload_hash !== payload_hash) return refuse('payload_changed', 'the payload has changed')
      const fees = { maxFee: BigInt(max_fee_per_gas), tip: BigInt(max_priority_fee_per_gas), gas: BigInt(gas_limit) }
      w.amended.push({ id, ...fees })
      if (fees.tip > fees.maxFee) return refuse('tip_above_fee', 'the tip is above the fee')
      if (fees.maxFee < 500_000_000n) return refuse('fee_too_low', 'the fee is below the base fee')
      if (fees.gas < 21_000n) return refuse('gas_too_low', 'too little gas')
      item.raw = unsignedTransfer({ ...fees, value: 250_000_000_000_000_000n })
      item.payload_hash = '0x' + createHash('sha256').update(item.raw).digest('hex')
      const row = item.explain.rows.find(r => r.label === 'Fee')
      if (row) row.value = `at most ${fees.maxFee * fees.gas} wei`
      return item
    })
    method('wallet.decide', ({ id, payload_hash, approve }) => {
      if (w.decisions.some(d => d.id === id)) return refuse('decided', 'this request was decided already')
      const item = w.queue.find(i => i.id === id)
      if (!item) return refuse('no_such_request', 'there is no such request')
      if (item.payload_hash !== payload_hash) return refuse('payload_differs', 'the payload differs')
      w.decisions.push({ id, payload_hash, approve })
      if (!w.keepsDecided) w.queue = w.queue.filter(i => i !== item)
      log(approve ? 'signed' : 'rejected', item.explain.title, item.account, item.origin || null)
      setTimeout(() => w.waiting.get(id)(approve), 0)
      if (item.kind === 'token' && approve) return { state: 'added' }
      return { state: 'signing' }
    })
    return w
  }
  return w
}
