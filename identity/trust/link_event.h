/* The link's event: a Nostr key and an Ethereum account that name each other.
 *
 * It is addressable (kind HT_ID_LINK_KIND, NIP-78), its d tag "hearth:ethereum:" and the address,
 * with the tag ["i", "ethereum:<chain>:<address>"] (lowercase hex with "0x", the chain in
 * decimals). Its content is {"typed": {…}, "signature": "0x…"}: typed data (EIP-712) of the domain
 * {"name": "Hearth identity link", "version": "1", "chainId"} and the type Link(bytes32
 * nostr,string did, uint64 issued), the key, "did:ethr:…" of the address on that chain, and
 * seconds; and its signature. The event's own signature is the key's word for the account, that one
 * the account's for the key. Types and digest are never taken from the event: they are made anew
 * from what it says, and what it says must be about its own author, tag and chain. Pure; any
 * thread.
 *
 * Reasons, HT_EINPUT: "link_tag" (no such d tag), "link_form" (content of another form, typed data
 * of another domain or type); HT_EUNVERIFIED: "link_other_key", "link_other_account" (did or i tag
 * are another's), "link_other_chain"; HT_ELIMIT "link_too_large"; those of json.h; HT_ENOMEM. */
#ifndef HT_IDENTITY_TRUST_LINK_EVENT_H
#define HT_IDENTITY_TRUST_LINK_EVENT_H

#include <jansson.h>

#include "node/base/bytes.h"

#define HT_ID_LINK_KIND 30078U
#define HT_ID_LINK_D_PREFIX "hearth:ethereum:"
#define HT_ID_LINK_D_SIZE 59U              /* with its zero */
#define HT_ID_LINK_CONTENT_MAX 16384U      /* bytes */
#define HT_ID_LINK_SIGNATURE_MAX 4096U     /* bytes; a contract's may be long */
#define HT_ID_LINK_DID_SIZE 80U            /* "did:ethr:0x<chain>:0x<address>" with its zero */
#define HT_ID_LINK_ISSUED_MAX 253402300799 /* the year 9999 */

/* What is signed. */
struct ht_id_link_claim {
    ht_hash32 pubkey;
    ht_addr20 address;
    uint64_t chain_id;
    uint64_t issued; /* seconds */
};

/* "did:ethr:0x…" on chain 1, else with the chain in hex. */
void ht_id_link_did(char out[static HT_ID_LINK_DID_SIZE], uint64_t chain_id,
                    const ht_addr20 *address);
void ht_id_link_d(char out[static HT_ID_LINK_D_SIZE], const ht_addr20 *address);
/* Whether a d tag is a link's, and of which address; lowercase hex only. */
bool ht_id_link_d_read(ht_addr20 *out, const char *d);

/* The document for eth_signTypedData_v4: a new reference, NULL without memory. */
json_t *ht_id_link_typed(const struct ht_id_link_claim *claim);
/* What its signature signs. HT_ENOMEM. */
enum ht_err ht_id_link_digest(ht_hash32 *out, const struct ht_id_link_claim *claim,
                              struct ht_why *why) HT_MUST_USE;

/* The event's content with that signature, appended, and its tags, a new reference. HT_ENOMEM. */
enum ht_err ht_id_link_write(struct ht_buf *content, json_t **tags,
                             const struct ht_id_link_claim *claim, ht_bytes signature,
                             struct ht_why *why) HT_MUST_USE;

/* Reads an event of that author, whose own signature was verified. signature is filled with what
 * the content has, of HT_ID_LINK_SIGNATURE_MAX; who made it is not looked at here. */
enum ht_err ht_id_link_read(struct ht_id_link_claim *claim, struct ht_buf *signature,
                            const ht_hash32 *author, uint64_t chain_id, const json_t *tags,
                            ht_bytes content, struct ht_why *why) HT_MUST_USE;

/* The value of the first tag of that name, NULL without. */
const char *ht_id_link_tag(const json_t *tags, const char *name);

#endif
