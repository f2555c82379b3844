/* Functions of contracts that can be put in words, by their selectors: what the wallet signs, and
 * what proposals would do.
 *
 * A selector is 4 bytes of a hash: that the data decodes strictly says what a contract of this
 * standard would do with it, not that the contract keeps to the standard. */
#ifndef HT_CODEC_KNOWN_CALLS_H
#define HT_CODEC_KNOWN_CALLS_H

#include <jansson.h>

#include "node/base/bytes.h"

/* What the arguments mean, by their names. */
enum ht_call_kind {
    HT_CALL_OTHER,
    HT_CALL_TRANSFER,        /* to, amount */
    HT_CALL_TRANSFER_FROM,   /* from, to, amount: of tokens, or the id of one */
    HT_CALL_NFT_TRANSFER,    /* from, to and ids */
    HT_CALL_APPROVE,         /* spender, amount or addedValue */
    HT_CALL_APPROVE_ALL,     /* operator, approved */
    HT_CALL_PERMIT,          /* owner, spender, value */
    HT_CALL_PERMIT_ALL,      /* holder, spender, allowed */
    HT_CALL_PERMIT2_APPROVE, /* token, spender, amount, expiration */
    HT_CALL_CALLS,           /* holds calls that the contract makes */
    HT_CALL_CALLS_SELF,      /* "data": calls of the contract to itself, in the caller's name */
    HT_CALL_CALLS_UNDONE,    /* holds calls that will not be made, since this cancels them */
    HT_CALL_DELEGATE,        /* "data" for the code of "target", run as the contract itself */
    HT_CALL_UPGRADE,         /* as HT_CALL_CONTROL; "data", if any, for the new code */
    HT_CALL_MULTISEND,       /* "transactions": calls as a Safe's MultiSend packs them */
    HT_CALL_EXECUTION,       /* "mode", "executionCalldata" of ERC-7579 */
    HT_CALL_CONTROL,         /* changes who commands something */
    HT_CALL_PACKED,          /* acts on data in a form of its own that is not taken apart here */
};

struct ht_known_call {
    uint32_t selector; /* big-endian */
    enum ht_call_kind kind;
    const char *title;     /* "Send tokens" */
    const char *signature; /* with the names of all arguments: "transfer(address to,…)" */
};

extern const struct ht_known_call ht_known_calls[];
extern const size_t ht_known_call_count;

/* By the first four bytes of call data; NULL when there are fewer or it is not known. */
const struct ht_known_call *ht_known_call_find(ht_bytes data);

#define HT_KNOWN_SIGNATURE_SIZE 512U
/* The signature without the names, which is what the selector is the hash of. */
void ht_known_call_canonical(char out[static HT_KNOWN_SIGNATURE_SIZE],
                             const struct ht_known_call *call);

/* The arguments as values in the ABI's own form (abi.h), a new reference; exactly what is in the
 * data, texts with whatever deceives the eye. *has_trailing when bytes are left that belong to no
 * argument, which are allowed. Reasons of node/codec/abi.h. */
enum ht_err ht_known_call_read(json_t **out, bool *has_trailing, const struct ht_known_call *call,
                               ht_bytes data, struct ht_why *why) HT_MUST_USE;
/* Appends selector and arguments: the way back. Reasons of abi.h; on an error out is as it was. */
enum ht_err ht_known_call_write(struct ht_buf *out, const struct ht_known_call *call,
                                const json_t *values, struct ht_why *why) HT_MUST_USE;
/* Values with their names, for people: [{"name", "type", "value" | "children"}], addresses with
 * checksum, text with what deceives the eye written out. A new reference, NULL without memory. */
json_t *ht_known_call_nodes(const struct ht_known_call *call, const json_t *values);
/* Both in one: the nodes of what is read. */
enum ht_err ht_known_call_decode(json_t **out, bool *has_trailing, const struct ht_known_call *call,
                                 ht_bytes data, struct ht_why *why) HT_MUST_USE;

#endif
