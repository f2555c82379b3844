/* Where the contracts keep what: storage slots of EAS and of its schema registry, by version, and
 * what their values mean. Pure; any thread. Layouts: facts of eas-contracts 0.26 and 1.4.0.
 *
 * Reasons: HT_EUNVERIFIED "eas_layout" (the values are no attestation: another contract or
 * version), "eas_uid" (the fields do not give the uid); HT_ENOTFOUND "no_attestation", "no_schema"
 * (proven to be absent); HT_ELIMIT "eas_too_large"; HT_ENOMEM. */
#ifndef HT_IDENTITY_EAS_STORAGE_H
#define HT_IDENTITY_EAS_STORAGE_H

#include "identity/eas/attestation.h"

#define HT_EAS_SLOTS 7U             /* of an attestation before its long data */
#define HT_EAS_DATA_SLOTS_MAX 2048U /* of data: HT_EAS_DATA_MAX */

enum ht_eas_layout { HT_EAS_0_26, HT_EAS_1_4 };

/* A contract that is known: by network, or because the user named it. */
struct ht_eas_contract {
    uint64_t chain_id;
    enum ht_eas_layout layout;
    char version[16];        /* of its EIP-712 domain: "0.26", "1.4.0" */
    ht_addr20 eas, registry; /* SchemaRegistry */
};
/* NULL when none is known on that chain. */
const struct ht_eas_contract *ht_eas_known(uint64_t chain_id);

/* The slots that hold an attestation, HT_EAS_SLOTS of them, in the order of the struct. */
void ht_eas_slots(ht_hash32 out[static HT_EAS_SLOTS], enum ht_eas_layout layout,
                  const ht_hash32 *uid);
/* How many slots of data follow, given the values of those; 0 when data is short. */
enum ht_err ht_eas_data_slots(size_t *count, const uint8_t values[static HT_EAS_SLOTS][32],
                              struct ht_why *why) HT_MUST_USE;
/* Data slot i of them. */
void ht_eas_data_slot(ht_hash32 *out, enum ht_eas_layout layout, const ht_hash32 *uid, size_t i);
/* From values to the attestation, whose uid is computed again; data is the arena's. data_count:
 * exactly what ht_eas_data_slots says, else "eas_layout". */
enum ht_err ht_eas_from_storage(struct ht_attestation *out, struct ht_arena *arena,
                                const ht_hash32 *uid, const uint8_t (*values)[32],
                                const uint8_t (*data)[32], size_t data_count,
                                struct ht_why *why) HT_MUST_USE;

/* The single slots: when an off-chain uid was revoked by a revoker, when data was timestamped.
 * Their values are times in seconds, 0: never. */
void ht_eas_revoked_slot(ht_hash32 *out, enum ht_eas_layout layout, const ht_addr20 *revoker,
                         const ht_hash32 *uid);
void ht_eas_timestamp_slot(ht_hash32 *out, enum ht_eas_layout layout, const ht_hash32 *data);
void ht_eas_nonce_slot(ht_hash32 *out, enum ht_eas_layout layout, const ht_addr20 *account);

/* The same of a schema: uid, resolver and revocable, text. */
#define HT_EAS_SCHEMA_SLOTS 3U
void ht_eas_schema_slots(ht_hash32 out[static HT_EAS_SCHEMA_SLOTS], const ht_hash32 *uid);
struct ht_eas_schema_record {
    ht_hash32 uid;
    ht_addr20 resolver;
    bool is_revocable;
    ht_bytes text;
};
enum ht_err ht_eas_schema_text_slots(size_t *count,
                                     const uint8_t values[static HT_EAS_SCHEMA_SLOTS][32],
                                     struct ht_why *why) HT_MUST_USE;
void ht_eas_schema_text_slot(ht_hash32 *out, const ht_hash32 *uid, size_t i);
enum ht_err ht_eas_schema_from_storage(struct ht_eas_schema_record *out, struct ht_arena *arena,
                                       const ht_hash32 *uid, const uint8_t (*values)[32],
                                       const uint8_t (*text)[32], size_t text_count,
                                       struct ht_why *why) HT_MUST_USE;

#endif
