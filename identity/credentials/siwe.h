/* Sign-In with Ethereum: messages of ERC-4361, read strictly and checked.
 *
 * The grammar of the ERC to the letter, and besides: times in upper case ("T", "Z") without leap
 * seconds, chain ids without leading zeros and below 2^64.
 *
 * Reasons, HT_EINPUT: "siwe_format" (the text says at which line), "siwe_address" (not EIP-55),
 * "siwe_nonce", "siwe_time", "siwe_uri"; HT_ELIMIT "siwe_too_large"; HT_EDENIED: "siwe_domain"
 * (another than the asking origin's), "siwe_scheme", "siwe_nonce_differs", "siwe_chain",
 * "siwe_early" (not yet valid); HT_ESTALE "siwe_expired". No memory is allocated. */
#ifndef HT_IDENTITY_CREDENTIALS_SIWE_H
#define HT_IDENTITY_CREDENTIALS_SIWE_H

#include "node/base/bytes.h"

#define HT_SIWE_SIZE_MAX 131072U
#define HT_SIWE_RESOURCES_MAX 32U

struct ht_siwe {
    ht_bytes scheme; /* empty when there is none; all are views into the message */
    ht_bytes domain; /* an RFC 3986 authority */
    ht_addr20 address;
    ht_bytes statement; /* empty when there is none */
    bool has_statement;
    ht_bytes uri, version;
    uint64_t chain_id;
    ht_bytes nonce;
    int64_t issued_ms; /* wall time, UTC */
    bool has_expiration, has_not_before;
    int64_t expiration_ms, not_before_ms;
    ht_bytes request_id;
    bool has_request_id;
    ht_bytes resources[HT_SIWE_RESOURCES_MAX];
    size_t resource_count;
};

/* Whether the text claims to be such a message, in any case of letters and anywhere in it: it must
 * then be one. */
bool ht_siwe_looks_like(ht_bytes message);

enum ht_err ht_siwe_read(struct ht_siwe *out, ht_bytes message, struct ht_why *why) HT_MUST_USE;

/* What a message is held against; NULL members are not looked at, the time always. Domains are
 * compared byte by byte. A message without a scheme goes with any. It expires at the millisecond
 * that it names. */
struct ht_siwe_expectation {
    const char *domain; /* "app.example:8443" */
    const char *scheme; /* "https" */
    const char *nonce;
    bool has_chain_id;
    uint64_t chain_id;
    int64_t now_ms;
};

/* The first thing that is wrong, in the order domain, scheme, nonce, chain, time. */
enum ht_err ht_siwe_check(const struct ht_siwe *message, const struct ht_siwe_expectation *expected,
                          struct ht_why *why) HT_MUST_USE;

#endif
