/* The documents of all DIDs that a token needs, fetched one after the other before it is checked.
 * Loop thread but for ht_vc_documents_find, which goes with whoever has the struct. */
#ifndef HT_IDENTITY_CREDENTIALS_PARTIES_H
#define HT_IDENTITY_CREDENTIALS_PARTIES_H

#include "identity/credentials/credential.h"
#include "identity/did/did_resolve.h"

#define HT_VC_PARTIES_MAX (HT_VC_PRESENTED_MAX + 1U)

/* Zeroed but for the first four; left alone until done. */
struct ht_vc_documents {
    const struct ht_host *host;
    struct ht_block_id block; /* HT_BLOCK_LATEST or HT_BLOCK_FINALIZED, for did:ethr */
    json_t *parties;          /* array of texts (ht_vc_parties), at most HT_VC_PARTIES_MAX; taken
                               * over */
    void (*done)(struct ht_vc_documents *documents); /* once, perhaps before ht_vc_documents_get
                                                        returns */
    json_t *found;                                   /* DID to document */
    struct {
        enum ht_err err; /* HT_OK: its document is in found */
        struct ht_why why;
    } ends[HT_VC_PARTIES_MAX];
    bool has_block; /* the chain was asked: the lowest block at which something is proven */
    struct ht_exec_header_verified header;
    bool is_final;
    bool is_unresolved; /* set by ht_vc_documents_find when it had to say no */

    struct ht_did_resolve resolve; /* its own, as are these */
    size_t at;
    bool is_calling, is_answered;
};

void ht_vc_documents_get(struct ht_vc_documents *documents);
void ht_vc_documents_fini(struct ht_vc_documents *documents);

/* An ht_vc_resolve; user is the struct. */
json_t *ht_vc_documents_find(void *user, const char *did, struct ht_why *why);

/* {"number", "hash", "timestamp", "level": "finalized" | "head"}, or null when nothing was asked of
 * the chain; NULL without memory. */
json_t *ht_vc_documents_as_of(const struct ht_vc_documents *documents);

#endif
