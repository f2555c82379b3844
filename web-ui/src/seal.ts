// Sealing to the signer process: RFC 9180 (HPKE), base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256,
// AES-256-GCM, as node/crypto/hpke.h has it. The node carries what is sealed and cannot read it. WebCrypto's
// own HKDF cannot do the labelled steps, so they are written out over HMAC.

export type Bytes = Uint8Array<ArrayBuffer>
export interface Suite {
  aead: number // RFC 9180 section 7.3
  keySize: number // bytes
}

const OURS: Suite = { aead: 2, keySize: 32 }
const INFO = 'hearth signer v1'
const POINT = 65 // an uncompressed point of P-256
const CURVE = { name: 'ECDH', namedCurve: 'P-256' }

const subtle = crypto.subtle
const encoder = new TextEncoder()

export function utf8(text: string): Bytes {
  return encoder.encode(text)
}

export function concat(...parts: (Bytes | string)[]): Bytes {
  const bytes = parts.map(part => (typeof part === 'string' ? utf8(part) : part))
  const out = new Uint8Array(bytes.reduce((n, b) => n + b.length, 0))
  let at = 0
  for (const b of bytes) {
    out.set(b, at)
    at += b.length
  }
  return out
}

export function toHex(bytes: Bytes): string {
  return '0x' + Array.from(bytes, b => b.toString(16).padStart(2, '0')).join('')
}

export function fromHex(text: string): Bytes {
  const digits = text.replace(/^0x/, '')
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(digits)) throw new Error('these are no bytes in hexadecimal')
  return Uint8Array.from(digits.match(/../g) ?? [], pair => parseInt(pair, 16))
}

const KEM = concat('KEM', Uint8Array.of(0, 0x10))
const whole = (suite: Suite): Bytes => concat('HPKE', Uint8Array.of(0, 0x10, 0, 1, 0, suite.aead))

async function hmac(key: Bytes, data: Bytes): Promise<Bytes> {
  // An empty key is the same as one of zeros, and WebCrypto takes no empty one.
  const raw = key.length ? key : new Uint8Array(32)
  const imported = await subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return new Uint8Array(await subtle.sign('HMAC', imported, data))
}

const NONE = new Uint8Array(0)

function extract(suite: Bytes, salt: Bytes, label: string, ikm: Bytes): Promise<Bytes> {
  return hmac(salt, concat('HPKE-v1', suite, label, ikm))
}

// At most 32 bytes: one block of HKDF.
async function expand(suite: Bytes, prk: Bytes, label: string, info: Bytes, n: number): Promise<Bytes> {
  const block = await hmac(prk, concat(Uint8Array.of(0, n), 'HPKE-v1', suite, label, info, Uint8Array.of(1)))
  return block.slice(0, n)
}

// What both sides of a key exchange arrive at. enc: the ephemeral public key; to: the receiver's.
export async function sharedSecret(mine: CryptoKey, theirs: Bytes, enc: Bytes, to: Bytes): Promise<Bytes> {
  const point = await subtle.importKey('raw', theirs, CURVE, false, [])
  const dh = new Uint8Array(await subtle.deriveBits({ name: 'ECDH', public: point }, mine, 256))
  const prk = await extract(KEM, NONE, 'eae_prk', dh)
  dh.fill(0)
  return expand(KEM, prk, 'shared_secret', concat(enc, to), 32)
}

export async function schedule(shared: Bytes, info: Bytes, suite: Suite): Promise<{ key: Bytes; nonce: Bytes }> {
  const id = whole(suite)
  const context = concat(Uint8Array.of(0), await extract(id, NONE, 'psk_id_hash', NONE), await extract(id, NONE, 'info_hash', info))
  const secret = await extract(id, shared, 'secret', NONE)
  const key = await expand(id, secret, 'key', context, suite.keySize)
  const nonce = await expand(id, secret, 'base_nonce', context, 12)
  secret.fill(0)
  return { key, nonce }
}

async function crypt(how: 'encrypt' | 'decrypt', shared: Bytes, aad: string | Bytes, data: Bytes): Promise<Bytes> {
  const { key, nonce } = await schedule(shared, utf8(INFO), OURS)
  shared.fill(0)
  const aes = await subtle.importKey('raw', key, 'AES-GCM', false, [how])
  key.fill(0)
  return new Uint8Array(await subtle[how]({ name: 'AES-GCM', iv: nonce, additionalData: concat(aad)}, aes, data))
}

const publicOf = async (pair: CryptoKeyPair): Promise<Bytes> => new Uint8Array(await subtle.exportKey('raw', pair.publicKey))
const makePair = (): Promise<CryptoKeyPair> => subtle.generateKey(CURVE, false, ['deriveBits']) as Promise<CryptoKeyPair>

// Each part behind its length, 4 bytes, little-endian.
function join(parts: Bytes[]): Bytes {
  return concat(...parts.flatMap(part => [new Uint8Array(Uint32Array.of(part.length).buffer), part]))
}

function split(text: Bytes): Bytes[] {
  const parts: Bytes[] = []
  for (let at = 0; at < text.length; ) {
    const n = at + 4 <= text.length ? new DataView(text.buffer, text.byteOffset + at).getUint32(0, true) : Infinity
    if (n > text.length - at - 4) throw new Error('what was sealed has another form')
    parts.push(text.slice(at + 4, at + 4 + n))
    at += 4 + n
  }
  return parts
}

// Seals parts for whoever holds the key, and wipes them. Hexadecimal of the ephemeral key and what is sealed.
// aad: the request's name; where a reply is sealed to a key of ours, that key is bound to it too.
export async function seal(publicKey: string, aad: string, parts: Bytes[], replyKey = '0x'): Promise<string> {
  const plain = join(parts)
  for (const part of parts) part.fill(0)
  try {
    const to = fromHex(publicKey)
    const pair = await makePair()
    const enc = await publicOf(pair)
    return toHex(concat(enc, await crypt('encrypt', await sharedSecret(pair.privateKey, to, enc, to), concat(aad, fromHex(replyKey)), plain)))
  } finally {
    plain.fill(0)
  }
}

export interface Reply {
  key: string // hexadecimal, to give along with the request
  open(sealed: string, aad: string): Promise<Bytes[]> // the caller wipes the parts
}

// A key pair for one answer; the secret half never leaves the browser's own keeping.
export async function makeReply(): Promise<Reply> {
  const pair = await makePair()
  const mine = await publicOf(pair)
  return {
    key: toHex(mine),
    async open(sealed, aad) {
      const bytes = fromHex(sealed)
      const enc = bytes.slice(0, POINT)
      const plain = await crypt('decrypt', await sharedSecret(pair.privateKey, enc, enc, mine), aad, bytes.slice(POINT))
      const parts = split(plain)
      plain.fill(0)
      return parts
    }
  }
}
