/* What is said to the contracts of ENS and to the gateways that resolvers name, and what they
 * answer: calldata, results, lookups off the chain. Pure; any thread. Views go into what is read.
 *
 * Reasons: HT_EINPUT "ens_answer" (no encoding of what was asked for), "ens_lookup" (a lookup that
 * cannot be read or is another contract's), "ens_gateway_url"; HT_ELIMIT "ens_record_too_long",
 * "ens_lookup_too_large"; HT_ENOMEM.
 *
 * Sources: EIP-137, EIP-165, EIP-181, EIP-634, ENSIP-10, ERC-3668. */
#ifndef HT_IDENTITY_NAMES_ENS_CALLS_H
#define HT_IDENTITY_NAMES_ENS_CALLS_H

#include "identity/names/ens_name.h"

enum ht_ens_record {
    HT_ENS_ADDRESS, /* addr(bytes32) */
    HT_ENS_NAME,    /* name(bytes32) */
    HT_ENS_TEXT,    /* text(bytes32,string) */
};

#define HT_ENS_KEY_MAX 128U     /* bytes of a text's key */
#define HT_ENS_TEXT_MAX 2048U   /* of a text or name, as answered */
#define HT_ENS_CALL_MAX 131072U /* of calldata */
#define HT_ENS_LOOKUP_MAX 65536U
#define HT_ENS_GATEWAYS_MAX 8U /* of one lookup; the rest is left out */
#define HT_ENS_GATEWAY_URL_MAX 8192U
#define HT_ENS_GATEWAY_ANSWER_MAX 65536U /* bytes that it gives */

/* The interface of resolve(bytes,bytes), ENSIP-10. */
#define HT_ENS_EXTENDED 0x9061b923U

/* All of these append calldata; out is to have HT_ENS_CALL_MAX. */
enum ht_err ht_ens_write_resolver(struct ht_buf *out, const ht_hash32 *node) HT_MUST_USE;
enum ht_err ht_ens_write_supports(struct ht_buf *out, uint32_t interface) HT_MUST_USE;
/* key: of HT_ENS_TEXT only. */
enum ht_err ht_ens_write_record(struct ht_buf *out, enum ht_ens_record record,
                                const ht_hash32 *node, ht_bytes key) HT_MUST_USE;
/* resolve(bytes,bytes) of a name in DNS's form and of the call that it stands for. */
enum ht_err ht_ens_write_resolve(struct ht_buf *out, ht_bytes dns, ht_bytes call) HT_MUST_USE;
enum ht_err ht_ens_write_callback(struct ht_buf *out, const uint8_t selector[static 4],
                                  ht_bytes response, ht_bytes extra) HT_MUST_USE;

/* The result of resolver(bytes32) or addr(bytes32); zero when it is none. */
enum ht_err ht_ens_read_address(ht_addr20 *out, ht_bytes result, struct ht_why *why) HT_MUST_USE;
/* Of supportsInterface: only the word 1 is a yes. */
bool ht_ens_read_yes(ht_bytes result);
/* Of name, text and resolve: bytes, at most max of them. */
enum ht_err ht_ens_read_bytes(ht_bytes *out, ht_bytes result, size_t max,
                              struct ht_why *why) HT_MUST_USE;

struct ht_ens_lookup {
    ht_addr20 sender;
    ht_bytes urls[HT_ENS_GATEWAYS_MAX]; /* templates */
    size_t url_count;
    ht_bytes call_data, extra;
    uint8_t callback[4];
};
/* Whether a revert's data is one. */
bool ht_ens_is_lookup(ht_bytes data);
enum ht_err ht_ens_read_lookup(struct ht_ens_lookup *out, ht_bytes data,
                               struct ht_why *why) HT_MUST_USE;

/* Appends the address of gateway i, with a zero behind it; *is_post: the call is not in it, and is
 * to be sent as ht_ens_gateway_body. Only https, and plain characters. */
enum ht_err ht_ens_gateway_url(struct ht_buf *out, bool *is_post,
                               const struct ht_ens_lookup *lookup, size_t i,
                               struct ht_why *why) HT_MUST_USE;
/* Appends {"data","sender"}. */
enum ht_err ht_ens_gateway_body(struct ht_buf *out, const struct ht_ens_lookup *lookup) HT_MUST_USE;
/* Appends the bytes that a gateway's JSON gives. HT_EINPUT "ens_answer". */
enum ht_err ht_ens_gateway_read(struct ht_buf *out, ht_bytes body, struct ht_why *why) HT_MUST_USE;

#endif
