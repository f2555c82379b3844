/* did:ethr: from the registry's events to a document, by the rules of ethr-did-resolver 14. Pure;
 * any thread, and for thousands of events not the loop's.
 *
 * Ids #delegate-N and #service-N count every event of their kind, revoked and expired ones as well.
 * An owner of zero ends it: the document is empty and deactivated from then on, whoever acts at the
 * registry later. What is there, but no key or text (a point off its curve, bytes that are no
 * UTF-8, a value over HT_DID_VALUE_MAX), counts and is not shown.
 *
 * Reasons: those of ht_did_events_check; HT_ELIMIT "did_too_large"; HT_ENOMEM. */
#ifndef HT_IDENTITY_DID_DID_ETHR_DOCUMENT_H
#define HT_IDENTITY_DID_DID_ETHR_DOCUMENT_H

#include "identity/did/did_ethr.h"

struct ht_did_ethr_result {
    json_t *document; /* a new reference, as is the next */
    json_t *metadata; /* versionId, updated, nextVersionId, nextUpdate, deactivated */
    ht_addr20 owner;  /* of that version */
    bool is_deactivated;
};

/* All events of did->address, oldest first: those up to at_block (UINT64_MAX: any) and from up to
 * now_s are applied, and their validity is judged at now_s; a later one is the next version. *out
 * is set only with HT_OK. */
enum ht_err ht_did_ethr_document(struct ht_did_ethr_result *out, const struct ht_did *did,
                                 const struct ht_did_event *events, size_t count, uint64_t at_block,
                                 int64_t now_s, struct ht_why *why) HT_MUST_USE;

/* The events as people read them, oldest first: [{"block", "time", "kind": "owner" | "delegate" |
 * "attribute", "owner" | "delegate", "type" | "name", "value", "valid_to"}]; type and name as text
 * when they are, else hex. A new reference, NULL without memory. */
json_t *ht_did_history_json(const struct ht_did_event *events, size_t count);

#endif
