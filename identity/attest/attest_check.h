/* What an attestation is worth: its own signature or the contract's storage, its schema, its
 * revocation, its times; each a step that can be shown. Loop thread. */
#ifndef HT_IDENTITY_ATTEST_ATTEST_CHECK_H
#define HT_IDENTITY_ATTEST_ATTEST_CHECK_H

#include "identity/attest/attest_look.h"
#include "identity/eas/offchain.h"

/* What does not change with the clock. */
enum ht_attest_standing {
    HT_ATTEST_HOLDS,
    HT_ATTEST_PENDING,    /* at the head, not final yet */
    HT_ATTEST_NOT_THERE,  /* proven to be absent */
    HT_ATTEST_INVALID,    /* proven to be wrong */
    HT_ATTEST_UNVERIFIED, /* could not be told */
};

/* Zeroed but for what is asked and done; left alone until done. */
struct ht_attest_check {
    struct ht_identity *identity;
    bool is_onchain;
    ht_hash32 uid;                         /* of one on chain */
    const struct ht_eas_offchain *package; /* of one off chain; the caller's until done */
    /* On the loop, once, perhaps before ht_attest_check returns. */
    void (*done)(struct ht_attest_check *check);
    void *user;

    /* The outcome; why is of a standing that does not hold. */
    enum ht_attest_standing standing;
    struct ht_why why;
    json_t *steps;                     /* see attest.h; NULL without memory */
    bool has_attestation;              /* always, of one off chain */
    struct ht_attestation attestation; /* good until fini; of one on chain with its revocation */
    bool has_record;
    struct ht_eas_schema_record record; /* good until fini */
    uint64_t revoked_s;                 /* 0: it is not, as of that block */
    bool has_block;
    struct ht_exec_header_verified header;
    bool is_final;
    char source[128];

    /* Its own. */
    struct ht_attest_look look;
    bool has_look;
    bool asks_contract; /* the signature is none of the attester's key */
    struct ht_signature_check signature;
    uint8_t bytes[65];
};

void ht_attest_check(struct ht_attest_check *check);
void ht_attest_check_fini(struct ht_attest_check *check);

/* The word for it at a time (attest.h). */
const char *ht_attest_verdict(enum ht_attest_standing standing,
                              const struct ht_attestation *attestation, uint64_t revoked_s,
                              uint64_t now_s);
/* Adds a step; text as printf. ok: 1, 0, or -1 for what could not be told. */
void ht_attest_step(json_t *steps, const char *step, int ok, const char *format, ...)
    HT_PRINTF(4, 5);

#endif
