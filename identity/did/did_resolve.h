/* Resolving DIDs: did:key and did:pkh by themselves, did:ethr over the proven chain.
 *
 * Of did:ethr the registry's words for the newest change and the owner are proven at one block, the
 * history from there back to the first change is proven complete (did_walk.h), and must agree with
 * the owner. Only a complete history makes a document; otherwise the result has none, and says from
 * which block back nothing is known. Versions (by block, by time) are made of the same history; the
 * time of a version by block is its proven header's. Loop thread; long documents are made by the
 * pool.
 *
 * Reasons: those of did.h, did_ethr.h, state.h, blocks.h; HT_ENOTFOUND "did_network" (of another
 * chain than the node's), "no_did_registry", "block_in_future" (a version above the block of the
 * proof); HT_EINPUT "did_version" (a time that is still to come); HT_EUNVERIFIED "did_owner" (the
 * registry's owner is not the history's); HT_EAGAIN "did_reorganised" (again and again, while it
 * was read). */
#ifndef HT_IDENTITY_DID_DID_RESOLVE_H
#define HT_IDENTITY_DID_DID_RESOLVE_H

#include "identity/did/did_walk.h"

struct ht_did_resolve_work;

/* Zeroed but for what is asked and done; left alone until done. */
struct ht_did_resolve {
    const struct ht_host *host;
    struct ht_did did;
    struct ht_did_version version;
    struct ht_block_id block; /* at which it is proven: HT_BLOCK_LATEST or HT_BLOCK_FINALIZED */
    bool wants_history;
    void (*done)(struct ht_did_resolve *resolve); /* once, perhaps before ht_did_resolve returns */

    /* The result as W3C DID Resolution has it, besides it for did:ethr "provenance" (DESIGN.md
     * section 7) with "complete", "changes", and when it is not, "missing": {"from": 0, "to",
     * "why"}. There is one with an error too: with that error, its "message" and no document. NULL
     * only without memory. The resolve's, as is the next; dropped by fini. */
    enum ht_err err;
    struct ht_why why;
    json_t *result;
    json_t *history; /* ht_did_history_json; NULL unless wanted and complete */

    /* Of did:ethr, once proven (has_state): */
    bool has_state;
    struct ht_exec_header_verified header;
    bool is_final;
    uint64_t changed;    /* block of the newest change; 0: none */
    ht_addr20 owner;     /* at that block, by the registry: the identity itself when it has none */
    bool is_deactivated; /* by the history, in the version that was asked for; with HT_OK */
    size_t change_count;

    struct ht_did_resolve_work *work; /* its own */
};

void ht_did_resolve(struct ht_did_resolve *resolve);
/* Gives up one under way: `done` does not come. */
void ht_did_resolve_cancel(struct ht_did_resolve *resolve);
void ht_did_resolve_fini(struct ht_did_resolve *resolve);

#endif
