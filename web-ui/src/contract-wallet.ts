// The shapes of the wallet: what the identity module of the node says (identity/*.h are the contract).
import { bool, data, either, int, list, maybe, record, text, word, type Of, type Read } from './check'
import { provenance } from './contract'
import { readAccount } from './contract-chain'
import { amount, explain, readEffects } from './contract-explain'

const asIs: Read<unknown> = value => value
// Ids are the node's: kept as they came, and given back so.
const id: Read<string | number> = (value, at) => (typeof value === 'number' ? int(value, at) : text(value, at))

export const walletStatus = record({
  vault: word('none', 'locked', 'open'),
  signer: maybe(record({ pid: int, key: text, confined: either(list(text, 32), []) })),
  why: maybe(text),
  auto_lock_ms: int,
  is_backed_up: either(bool, false),
  accounts: either(int, 0)
})

const account = record({
  id,
  address: text,
  label: text,
  kind: word('derived', 'imported', 'watch'),
  path: maybe(text),
  seed: maybe(id),
  is_hidden: either(bool, false)
})
const seed = record({ id, label: text, is_backed_up: bool, words: either(int, 0) })
const nostr = record({ id, pubkey: text, label: text, kind: text })

export const walletAccounts = record({
  accounts: list(account, 512),
  seeds: either(list(seed, 256), []),
  nostr: either(list(nostr, 256), [])
})

export const queueItem = record({
  id,
  origin: either(text, ''),
  is_own: bool,
  kind: word('transaction', 'message', 'typed', 'credential', 'permission', 'token'),
  account: maybe(text),
  created_ms: int,
  expires_ms: int,
  payload_hash: text,
  explain,
  effects: maybe(readEffects), // of transactions, when the node runs them
  raw: either(text, ''),
  state: word('waiting', 'signing')
})
export const walletQueue = record({ items: list(queueItem, 128) })

const permission = record({ origin: text, accounts: list(text, 512), granted_ms: int, expires_ms: int, used_ms: maybe(int) })
export const walletPermissions = record({ permissions: list(permission, 512) })

const auditEntry = record({ id, at_ms: int, event: text, origin: maybe(text), account: maybe(text), detail: either(text, '') })
export const walletAudit = record({ entries: list(auditEntry, 1000), is_whole: maybe(bool) })

const moving = record({
  hash: text,
  from: text,
  to: maybe(text),
  value: maybe(amount),
  nonce: int,
  state: word('sent', 'included', 'finalized', 'replaced'),
  sent_ms: int,
  block: maybe(record({ number: int, hash: text })),
  succeeded: maybe(bool),
  account: maybe(id),
  confirmations: either(int, 0),
  can_replace: either(bool, false)
})
export const walletActivity = record({ transactions: list(moving, 1024) })

const token = record({ token: text, symbol: either(text, ''), decimals: either(int, 0), balance: maybe(amount), provenance })
const balances = record({ ether: readAccount, tokens: either(list(token, 256), []) })
// The age of the whole is that of the ether in it: all is proven at one block.
export const readBalances: Read<Of<typeof balances> & { provenance: Of<typeof provenance> }> = (value, at) => {
  const read = balances(value, at)
  return { ...read, provenance: read.ether.provenance }
}

export const readPrepared = record({ transaction: asIs, cost_max: amount, gas: record({ is_guess: either(bool, false) }), explain, provenance: maybe(provenance) })
export const readSent = record({ hash: data })
export const readSealed = record({ sealed: text, has_passphrase: either(bool, false) })
export const readNewSeed = record({ seed: id, sealed: text })
export const readDecided = record({ state: text })
export const readAny: Read<unknown> = asIs

export type WalletStatus = Of<typeof walletStatus>
export type Id = Of<typeof id>
export type WalletAccount = Of<typeof account>
export type Seed = Of<typeof seed>
export type Nostr = Of<typeof nostr>
export type WalletAccounts = Of<typeof walletAccounts>
export type QueueItem = Of<typeof queueItem>
export type Permission = Of<typeof permission>
export type AuditEntry = Of<typeof auditEntry>
export type Moving = Of<typeof moving>
export type Prepared = Of<typeof readPrepared>
export type Token = Of<typeof token>
