/* Decentralized identifiers (W3C DID Core): their text, and what results of resolving look like.
 * The documents of did:key and did:pkh are did_static.h's, of did:ethr did_ethr_document.h's;
 * did_resolve.h finds any of them. Pure; any thread.
 *
 * Reasons: HT_EINPUT "did_syntax", "did_method" (none that we know), "did_network", "did_key" (not
 * a point of its curve, another codec), "did_address" (a checksum that is wrong), "did_version" (a
 * query that is no version). */
#ifndef HT_IDENTITY_DID_DID_H
#define HT_IDENTITY_DID_DID_H

#include <jansson.h>

#include "node/base/bytes.h"

#define HT_DID_TEXT_MAX 512U

enum ht_did_method { HT_DID_ETHR, HT_DID_PKH, HT_DID_KEY };
enum ht_did_key_kind { HT_DID_NO_KEY, HT_DID_SECP256K1, HT_DID_ED25519 };

struct ht_did {
    enum ht_did_method method;
    uint64_t chain_id;             /* of ethr and pkh */
    ht_addr20 address;             /* of ethr and pkh; of a public-key ethr its key's */
    enum ht_did_key_kind key_kind; /* of key, and of ethr when it names a public key */
    uint8_t key[33];               /* compressed; 32 bytes of Ed25519 */
    char text[HT_DID_TEXT_MAX];    /* without query and fragment */
};

/* Which of a document's versions is meant: DID Core §3.2.1. None set: the newest. */
struct ht_did_version {
    bool has_block;
    uint64_t block; /* versionId: as it was when that block was made */
    bool has_time;
    int64_t time_s; /* versionTime */
};

/* Reads "did:ethr:[network:]0x…", "did:pkh:eip155:N:0x…", "did:key:z…"; a query, path or fragment
 * behind it is given back in *rest, when rest is not NULL, and refused otherwise. Networks of ethr:
 * "mainnet" (also without any), "sepolia", "holesky", "hoodi", or the chain's number in hex. */
enum ht_err ht_did_read(struct ht_did *out, ht_bytes *rest, ht_bytes text,
                        struct ht_why *why) HT_MUST_USE;
/* Reads the *rest of above: nothing, or "?versionId=37", "?versionTime=2025-06-15T15:09:32Z", with
 * a fragment behind it or not. */
enum ht_err ht_did_version_read(struct ht_did_version *out, ht_bytes rest,
                                struct ht_why *why) HT_MUST_USE;

/* W3C resolution result {"didResolutionMetadata", "didDocument", "didDocumentMetadata"}; takes the
 * document and metadata over; NULL for none. error: a word of DID resolution, NULL without. NULL
 * without memory. */
json_t *ht_did_result(json_t *document, json_t *document_metadata, const char *error);
/* That word for a reason: "invalidDid", "invalidDidUrl", "methodNotSupported", "notFound",
 * "internalError". */
const char *ht_did_error_word(const struct ht_why *why);

#endif
