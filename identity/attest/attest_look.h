/* What the chain says about an attestation, all of it proven at one block: the attestation itself,
 * its schema, whether its uid is in the register of off-chain revocations. Loop thread. */
#ifndef HT_IDENTITY_ATTEST_ATTEST_LOOK_H
#define HT_IDENTITY_ATTEST_ATTEST_LOOK_H

#include "identity/identity.h"
#include "identity/wallet/contracts.h"
#include "identity/wallet/slots.h"

/* Zeroed but for what is asked and done; left alone until done. */
struct ht_attest_look {
    const struct ht_identity *identity;
    struct ht_block_id block;
    ht_hash32 uid;
    bool wants_attestation; /* that of uid on chain */
    bool wants_schema;      /* `schema`, or the attestation's when that is wanted, too */
    ht_hash32 schema;
    bool wants_revocation; /* of uid, off chain, by revoker */
    ht_addr20 revoker;
    /* On the loop, once, perhaps before ht_attest_look returns. */
    void (*done)(struct ht_attest_look *look);
    void *user;

    /* Whether it could be told: HT_ENOTFOUND "no_eas", errors of ht_slots_read. */
    enum ht_err err;
    struct ht_why why;
    struct ht_exec_header_verified header;
    bool is_final;
    char source[128];
    /* What is there: HT_OK; HT_ENOTFOUND "no_attestation", "no_schema" (proven); HT_EUNVERIFIED
     * "eas_layout", "eas_uid"; HT_ELIMIT "eas_too_large". Views are good until fini. */
    enum ht_err attestation_err, schema_err;
    struct ht_why attestation_why, schema_why;
    struct ht_attestation attestation;
    struct ht_eas_schema_record record;
    uint64_t revoked_s; /* 0: it is not */

    /* Its own. */
    struct ht_eas_contract contract;
    struct ht_arena arena;
    enum { HT_LOOK_FIELDS, HT_LOOK_DATA, HT_LOOK_RECORD, HT_LOOK_TEXT } stage;
    struct ht_slots_read read;
    ht_hash32 *slots; /* of the stage */
    uint8_t fields[HT_EAS_SLOTS][32];
    uint8_t record_fields[HT_EAS_SCHEMA_SLOTS][32];
    size_t more; /* slots of the stages for long data and text */
};

void ht_attest_look(struct ht_attest_look *look);
void ht_attest_look_fini(struct ht_attest_look *look);

#endif
