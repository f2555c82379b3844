/* What the chain says about an attestation, and which are known here, for other modules. */
#include "identity/trust/trust_attested.h"

#include <stdlib.h>

#include "identity/attest/attest.h"
#include "identity/attest/attest_look.h"

/* --- one ------------------------------------------------------------------------------------- */

struct asked {
    struct ht_attest_look look; /* first */
    ht_trust_recorded done;
    void *user;
};

static void looked(struct ht_attest_look *look) {
    struct asked *asked = (struct asked *)look;
    const struct ht_attestation *found = &look->attestation;
    struct ht_trust_record record = {.err = look->err, .why = look->why, .uid = look->uid};
    if (look->err == HT_OK) {
        record.err = look->attestation_err;
        record.why = look->attestation_why;
        record.block = look->header.header.number;
        record.timestamp = look->header.header.timestamp;
    }
    if (record.err == HT_OK) {
        record.schema = found->schema;
        record.attester = found->attester;
        record.recipient = found->recipient;
        record.time_s = found->time;
        record.expiration_s = found->expiration_time;
        record.revocation_s = found->revocation_time;
    }
    asked->done(asked->user, &record);
    ht_attest_look_fini(look);
    free(asked);
}

static void attestation(void *self, const ht_hash32 *uid, ht_trust_recorded done, void *user) {
    struct asked *asked = calloc(1, sizeof *asked);
    if (asked == NULL) {
        struct ht_trust_record record = {.uid = *uid};
        record.err = ht_fail(&record.why, HT_ENOMEM, "no_memory", "out of memory");
        done(user, &record);
        return;
    }
    asked->done = done;
    asked->user = user;
    asked->look.identity = self;
    asked->look.block.kind = HT_BLOCK_FINALIZED;
    asked->look.uid = *uid;
    asked->look.wants_attestation = true;
    asked->look.done = looked;
    ht_attest_look(&asked->look);
}

/* --- those that are known -------------------------------------------------------------------- */

struct listing {
    const ht_hash32 *schema;
    const ht_addr20 *recipient;
    ht_hash32 *uids;
    size_t count, max;
};

static void visit(void *user, const struct ht_attest_edge *edge) {
    struct listing *listing = user;
    if (!edge->is_onchain || !edge->is_valid || listing->count == listing->max) return;
    if (!ht_hash32_equal(&edge->schema, listing->schema)) return;
    if (memcmp(edge->recipient.b, listing->recipient->b, sizeof edge->recipient.b) != 0) return;
    listing->uids[listing->count++] = edge->uid;
}

static size_t attested(void *self, const ht_hash32 *schema, const ht_addr20 *recipient,
                       ht_hash32 *uids, size_t max) {
    const struct ht_identity *identity = self;
    struct listing listing = {.schema = schema, .recipient = recipient, .uids = uids, .max = max};
    if (identity->attest != NULL) ht_attest_each(identity, visit, &listing);
    return listing.count;
}

void ht_trust_attested_set(struct ht_trust *trust) {
    trust->attestation = attestation;
    trust->attested = attested;
}
