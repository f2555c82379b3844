/* What a signature would do, in words: for the sheet on which its owner decides.
 *
 * Pure: JSON in, JSON out; any thread. An explanation is
 *   {"title", "sentence", "kind": "transfer" | "token" | "approval" | "call" | "create" |
 *    "message" | "sign_in" | "typed" | "authorization" | "cancel" |
 *    "credential" | "presentation",
 *    "leaves": [{"what", "amount", "unit", "to"}], "rows": [{"label", "value", "mono": bool}],
 *    "tree": EIP-712 tree | decoded call | null,
 *    "warnings": [{"level": "danger" | "warn" | "note", "code", "text"}], worst first,
 *    "is_red": true exactly when one of the warnings is a danger}
 * Text from outside is kept as text with invisible, bidirectional and control characters shown
 * escaped (ht_explain_safe_text), and homographs and foreign scripts in names warned of.
 *
 * "leaves" is what would leave the signer's account at once: "what" is "ether", "token" or "nft",
 * "amount" exact decimal text in "unit": "ETH", the token's symbol, or "base units" when its
 * decimals are not known, "token id" for an nft; "raw" the same in wei or base units, and "token"
 * the contract's address when it is not ether. A tree's nodes are {"name", "type", "value" |
 * "children"}: addresses with checksum, numbers as decimal text, bytes as hex. The tree of typed
 * data is a list of two, "domain" and "message". A decoded call is {"contract", "name", "title",
 * "signature", "args": [nodes], "calls": [decoded calls], "value": wei when a call in a call sends
 * any, "left_out": how many of its calls are not in "calls", when any are not}; of one that is not
 * known only {"contract", "name": null, "selector", "data"}. A warning about a call in a call says
 * where it is: "In call 2.1, approve of 0x…" is the first call that the second call makes.
 *
 * The codes of warnings stand in the order of their rank in explain_part.c. Nothing that is hashed
 * goes through here: what is signed is the payload itself.
 *
 * Reasons of the payload's own decoder (transaction.h, eip712.h, which refuse it: HT_EINPUT and
 * HT_ELIMIT, nothing is to be signed then); HT_ELIMIT "explain_too_large"; HT_ENOMEM "no_memory".
 */
#ifndef HT_IDENTITY_WALLET_EXPLAIN_H
#define HT_IDENTITY_WALLET_EXPLAIN_H

#include <jansson.h>

#include "node/base/arena.h"
#include "node/base/u256.h"
#include "node/codec/safe_text.h"

/* What the wallet knows that the payload does not say. */
struct ht_explain_context {
    uint64_t chain_id;
    const char *network;
    const char *origin; /* who asks: "https://app.example", "" for a program on this computer */
    bool is_own;        /* the owner's own page or command line */
    ht_addr20 account;  /* who would sign */
    bool has_recipient; /* proven facts about `to`, of typed data about its verifyingContract */
    bool recipient_exists;
    bool recipient_has_code;
    bool recipient_is_ours;
    bool has_balance;
    ht_u256 balance;          /* wei, proven */
    const char *token_symbol; /* of `to`, when it is a token that the wallet knows; else NULL */
    unsigned token_decimals;
};

/* An unsigned transaction as EIP-2718 writes it. */
enum ht_err ht_explain_transaction(json_t **out, const struct ht_explain_context *context,
                                   ht_bytes unsigned_transaction, struct ht_why *why) HT_MUST_USE;
/* A message of personal_sign; a sign-in is checked against the asking origin. */
enum ht_err ht_explain_message(json_t **out, const struct ht_explain_context *context,
                               ht_bytes message, int64_t now_ms, struct ht_why *why) HT_MUST_USE;
/* A document of eth_signTypedData_v4. */
enum ht_err ht_explain_typed(json_t **out, const struct ht_explain_context *context,
                             const json_t *document, struct ht_why *why) HT_MUST_USE;

#endif
