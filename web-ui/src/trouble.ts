// What the wallet refuses, in words: what did not happen, and the next step. Keyed by the node's code.
import { reason } from './format'
import type { RpcError } from './rpc'

const KNOWN: Record<string, string> = {
  wrong_passphrase: 'That is not the passphrase. Nothing was changed. After each wrong one the answer takes longer.',
  passphrase_short: 'A passphrase has at least 8 characters.',
  vault_locked: 'The vault is locked. Nothing was signed.',
  vault_changed: 'The file of the vault was changed from outside and was not opened. Restore a backup of the data folder, or start anew from your words.',
  backup_due: 'The words of this account are not backed up yet. Back them up first; nothing was signed.',
  words_differ: 'Those are not the words of this seed.',
  no_such_request: 'This request is gone. Nothing was signed.',
  payload_differs: 'What is to be signed has changed since it was shown. Nothing was signed. Read it again.',
  decided: 'This request was decided already. Nothing was signed a second time.',
  request_expired: 'The request waited ten minutes and expired. Nothing was signed.',
  rejected: 'You rejected it. Nothing was signed and nothing was sent.',
  siwe_nonce_unknown: 'The node does not wait for that answer any more: it was used, is older than five minutes, or the node was started anew. Try again.',
  siwe_off: 'The owner of this node lets no account in any more. Open the address in its terminal.',
  siwe_not_allowed: 'This account may not sign in to this node. Its owner lets accounts in under Settings.',
  bad_ticket: 'The node does not know this sign-in any more. Try again.',
  no_session: 'That browser is signed out already.',
  fee_too_low: 'The fee per gas is below what the next block asks at least, so nobody would take it. Nothing was changed.',
  gas_too_low: 'So little gas cannot be enough for this. Nothing was changed.',
  tip_above_fee: 'The tip is part of the fee and cannot be above it. Nothing was changed.',
  not_waiting: 'This request does not wait any more: it was decided or is being signed. Nothing was changed.',
  payload_changed: 'This request has changed since you opened its fee. Close the fee and read the request again. Nothing was changed.',
  no_code: 'There is no contract at that address. Nothing was added.',
  token_symbol: 'The token has no symbol that can be shown. Nothing was added.',
  token_decimals: 'The token does not say how it is to be counted. Nothing was added.',
  too_many_tokens: 'The wallet shows as many tokens as it can. Stop watching one first. Nothing was added.',
  signer_gone: 'The process that holds the keys has ended. Start the node again.',
  no_nostr_key: 'No Nostr key is chosen, so nothing can be signed. Make or choose one first.',
  no_event: 'Your node does not have that post any more.',
  bad_npub: 'That is no Nostr address: one begins with npub1 and is 63 characters long.',
  too_long: 'It is longer than relays take. Nothing was signed.',
  no_relay: 'No relay could be reached. Your text is kept here.',
  no_method: 'Your node is older than this page.'
}

export function troubleOf(error: RpcError): string {
  return KNOWN[error.code] ?? `${reason(error.message) ?? 'The node gave no reason.'} Nothing was changed.`
}
