/* Signing in with an Ethereum account: the methods around siwe_sessions.h, who may, and what a door
 * asks that lets people in.
 *
 *   siwe.challenge {"domain", "uri", "address"?, "statement"?} -> {"nonce", "domain", "uri",
 *     "chain_id", "issued_ms", "ends_ms", "message"?}: the message to sign when the address is
 *     given; without it the page writes its own, with that nonce, domain, URI and chain
 *   siwe.verify {"message", "signature"} -> {"address", "verdict", "how"?, "code"?, "reason"?,
 *     "provenance"?, "may_sign_in", "ticket"?}
 *     verdict: "valid"; "invalid": that is certain; "unverified": it could not be told, which is
 *       not valid; code and reason say why, with the latter two. how: "ecdsa", "erc1271", "erc6492"
 *     ticket: there when the address may sign in; the door takes it within a minute, once
 *   siwe.settings {} -> {"is_enabled", "takes_accounts", "addresses"}
 *   siwe.set_settings {"is_enabled"?, "takes_accounts"?, "addresses"?} -> the same, behind the
 *     commit; what is not named stays. Tickets that are out are no longer good.
 *
 * Nobody may sign in unless it is enabled and the address is listed, or is an account of the wallet
 * (not one that is only watched) and takes_accounts. Signatures have 65 bytes (v 0, 1, 27, 28) or
 * 64 (EIP-2098) with low s; a key's own signature counts without asking the chain. Anything else is
 * judged by the account's code over proven state (ERC-1271, ERC-6492).
 *
 * A message that does not fit its challenge is an error, of siwe_sessions.h and siwe.h; the
 * challenge is used up by it. Others: HT_EAGAIN "siwe_busy" (too many at once), HT_EINPUT
 * "siwe_signature", "address_checksum", HT_ELIMIT "too_many_addresses". Loop thread. */
#ifndef HT_IDENTITY_CREDENTIALS_SIGN_IN_H
#define HT_IDENTITY_CREDENTIALS_SIGN_IN_H

#include "identity/credentials/siwe_sessions.h"
#include "identity/identity.h"

#define HT_SIGN_IN_CHECKS_MAX 8U /* contract accounts asked at once */

enum ht_err ht_sign_in_new(struct ht_identity *identity, sqlite3 *db,
                           struct ht_why *why) HT_MUST_USE;
void ht_sign_in_free(struct ht_identity *identity);

/* For the door: uses a ticket up. host: the request's Host header, which must be the domain that
 * was signed for. *out: who signed in. HT_EDENIED "bad_ticket", or "siwe_not_allowed" when the
 * address may not any more. */
enum ht_err ht_sign_in_redeem(ht_addr20 *out, struct ht_identity *identity, ht_bytes ticket,
                              ht_bytes host, struct ht_why *why) HT_MUST_USE;

/* Whether any address may sign in as things stand: the page offers it only then. */
bool ht_sign_in_is_open(const struct ht_identity *identity);

/* Both, as the door asks; self is the struct ht_identity. */
extern const struct ht_sign_in_way ht_sign_in_way;

#endif
