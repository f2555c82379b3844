// What the wallet's screens share: which account is looked at, how locked it is, and its requests. Secrets go
// from a password field into bytes, are sealed to the signer process and wiped; they are in no signal here.
import { computed, signal } from '@preact/signals'
import { ask } from './asked'
import {
  queueItem, readAny, readBalances, readDecided, readNewSeed, readPrepared, readSealed, readSent, type Id, type Prepared, type QueueItem, type Seed, type WalletAccount
} from './contract-wallet'
import { accounts, call, lacking, link, queue, status, wallet } from './node'
import { route } from './route'
import { RpcError } from './rpc'
import { say } from './say'
import { makeReply, seal, utf8, type Bytes } from './seal'

// Argon2id takes its time, and after wrong passphrases the signer waits before it answers.
const SLOW_MS = 90_000
// A request that its owner decides lives ten minutes in the queue.
const DECIDED_MS = 11 * 60_000

export type Lock = 'unknown' | 'lacking' | 'none' | 'locked' | 'open' | 'gone'

export const lock = computed<Lock>(() => {
  if (lacking.value.has('wallet.status')) return 'lacking'
  const w = wallet.value
  if (!w) return 'unknown'
  return w.signer ? w.vault : 'gone'
})

export const shown = computed<WalletAccount[]>(() => (accounts.value?.accounts ?? []).filter(a => !a.is_hidden))
const chosenId = signal<Id | null>(null)
export const chosen = computed<WalletAccount | null>(() => shown.value.find(a => a.id === chosenId.value) ?? shown.value[0] ?? null)
export function choose(id: Id): void {
  chosenId.value = id
}

export const seedDue = computed<Seed | null>(() => accounts.value?.seeds.find(s => !s.is_backed_up) ?? null)

export function nameOf(address: string): string | null {
  const a = accounts.value?.accounts.find(known => known.address.toLowerCase() === address.toLowerCase())
  return a ? a.label || 'Unnamed account' : null
}

export const balances = ask('wallet.balances', readBalances, {
  params: () => (route.value.screen === 'wallet' && chosen.value ? { address: chosen.value.address } : null),
  news: () => status.value?.head?.root ?? '',
  isFinal: () => false
})

// Every failure as an RpcError: what the browser refuses (no WebCrypto, a bad key) has words too.
export function asRpcError(thrown: unknown): RpcError {
  return thrown instanceof RpcError ? thrown : new RpcError(thrown instanceof Error ? thrown.message : String(thrown), 'page')
}

function signerKey(): string {
  const key = wallet.peek()?.signer?.key
  if (!key || link.peek().s !== 'open') throw new RpcError('The page does not reach the process that holds the keys.', 'signer_gone')
  return key
}

// aad: the name of the signer's request (node/signer/protocol.h), which a sealed field is good for alone.
async function sealed(method: string, aad: string, parts: Bytes[], more: Record<string, unknown> = {}): Promise<unknown> {
  const field = await seal(signerKey(), aad, parts)
  return call(method, { ...more, sealed: field }, readAny, SLOW_MS)
}

export const create = (passphrase: Bytes) => sealed('wallet.create', 'create', [passphrase])
export const unlock = (passphrase: Bytes) => sealed('wallet.unlock', 'unlock', [passphrase])
export const lockNow = () => call('wallet.lock', {}, readAny)
export const setAutoLock = (ms: number) => call('wallet.auto_lock', { ms }, readAny)
export const changePassphrase = (old: Bytes, next: Bytes) => sealed('wallet.passphrase', 'passphrase', [old, next])

export async function newSeed(words: number): Promise<{ seed: Id; words: string[] }> {
  const reply = await makeReply()
  const answer = await call('wallet.new_seed', { words, reply_key: reply.key }, readNewSeed, SLOW_MS)
  return { seed: answer.seed, words: textOf(await reply.open(answer.sealed, 'new_seed')).split(' ') }
}

export const checkBackup = (seed: Id, words: Bytes) => sealed('wallet.check_backup', 'check_seed', [words], { seed })

export const KINDS = { mnemonic: 'Words', raw: 'Private key', keystore: 'Keystore file', nip49: 'Nostr key, encrypted', nsec: 'Nostr key' } as const
export type Kind = keyof typeof KINDS

export const importSecret = (kind: Kind, secret: Bytes, password: Bytes, label: string) =>
  sealed('wallet.import', 'import', password.length ? [secret, password] : [secret], { kind, label })

export async function exportSecret(id: Id, format: Kind, passphrase: Bytes, password: Bytes): Promise<string> {
  const reply = await makeReply()
  const field = await seal(signerKey(), 'export', password.length ? [passphrase, password] : [passphrase], reply.key)
  const answer = await call('wallet.export', { id, format, sealed: field, reply_key: reply.key }, readSealed, SLOW_MS)
  const out = textOf(await reply.open(answer.sealed, 'export'))
  // The words alone do not restore a seed that has one.
  if (answer.has_passphrase) say('These words need their own passphrase too')
  return out
}

function textOf(parts: Bytes[]): string {
  const text = new TextDecoder().decode(parts[0] ?? utf8(''))
  for (const part of parts) part.fill(0)
  return text
}

export const addAccount = (seed: Id, label: string) => call('wallet.add_account', { seed, label }, readAny, SLOW_MS)
export const addNostr = (seed: Id) => call('wallet.add_nostr', { seed }, readAny, SLOW_MS)
export const watch = (address: string, label: string) => call('wallet.watch', { address, label }, readAny)
export const rename = (id: Id, label: string) => call('wallet.rename', { id, label }, readAny)
export const hide = (id: Id, is_hidden: boolean) => call('wallet.hide', { id, is_hidden }, readAny)
export const remove = (id: Id, passphrase: Bytes | null) => (passphrase ? sealed('wallet.remove', 'remove', [passphrase], { id }) : call('wallet.remove', { id }, readAny))
export const addToken = (token: string, symbol: string, decimals: number | null) =>
  call('wallet.add_token', { token, ...(symbol && { symbol }), ...(decimals !== null && { decimals }) }, readAny, 30_000)
export const removeToken = (token: string) => call('wallet.remove_token', { token }, readAny)

export interface Transfer {
  from: string
  to: string
  value: string // QUANTITY, in wei
  data?: string
  [more: string]: unknown
}
export const prepare = (t: Transfer): Promise<Prepared> => call('wallet.prepare', t, readPrepared, 30_000)
export const send = (t: Transfer) => call('wallet.send', t, readSent, DECIDED_MS)
export const replace = (how: 'speed_up' | 'cancel', hash: string) => call(`wallet.${how}`, { hash }, readAny, DECIDED_MS)

// addresses: what a permission is for, chosen by its owner.
export const decide = (item: QueueItem, approve: boolean, addresses?: string[]) =>
  call('wallet.decide', { id: item.id, payload_hash: item.payload_hash, approve, ...(addresses && { accounts: addresses }) }, readDecided, SLOW_MS)
// In wei a unit of gas, as decimal text. The answer is the item made anew, under the same id; it may come before the
// topic tells it.
export interface Amended {
  max_fee_per_gas: string
  max_priority_fee_per_gas: string
  gas_limit: string
}
export async function amend(item: QueueItem, fees: Amended): Promise<void> {
  const next = await call('wallet.amend', { id: item.id, payload_hash: item.payload_hash, ...fees }, queueItem, 30_000)
  queue.value = (queue.peek() ?? []).map(i => (i.id === next.id ? next : i))
}
export const revoke = (origin: string) => call('wallet.revoke', { origin }, readAny)
export const revokeAll = () => call('wallet.revoke_all', {}, readAny)
