/* Every statement on attestations, their schemas, leaves under private data, and on DIDs of ours.
 * Rules as in identity_sql.h. Thread of the connection. */
#ifndef HT_IDENTITY_ATTEST_ATTEST_SQL_H
#define HT_IDENTITY_ATTEST_ATTEST_SQL_H

#include "identity/eas/attestation.h"
#include "node/module.h"

extern const char ht_attest_schema_sql[]; /* of the migration */
extern const char ht_did_schema_sql[];

struct ht_attest_row {
    struct ht_attestation attestation; /* revocation_time: as of `block` */
    bool is_onchain;
    bool is_by_contract; /* off chain, by a contract's word, which it may take back */
    ht_bytes package;    /* JSON of one off chain, else empty */
    int standing;        /* enum ht_attest_standing */
    const char *code;    /* "" when it holds */
    const char *why;
    bool has_block;
    bool is_final;
    uint64_t block, block_s;
    ht_hash32 block_hash;
    int64_t added_ms;
};

/* Adds or replaces. */
enum ht_err ht_attest_sql_save(sqlite3 *db, const struct ht_attest_row *row,
                               struct ht_why *why) HT_MUST_USE;
enum ht_err ht_attest_sql_delete(sqlite3 *db, const ht_addr20 *attester, const ht_hash32 *uid,
                                 struct ht_why *why) HT_MUST_USE;
/* Oldest first. */
typedef enum ht_err ht_attest_row_each(void *user, const struct ht_attest_row *row);
enum ht_err ht_attest_sql_load(sqlite3 *db, ht_attest_row_each *each, void *user,
                               struct ht_why *why) HT_MUST_USE;

struct ht_eas_schema_row {
    ht_hash32 uid;
    ht_addr20 resolver;
    bool is_revocable;
    ht_bytes text;
};
enum ht_err ht_eas_schema_sql_save(sqlite3 *db, const struct ht_eas_schema_row *row,
                                   struct ht_why *why) HT_MUST_USE;
typedef enum ht_err ht_eas_schema_each(void *user, const struct ht_eas_schema_row *row);
enum ht_err ht_eas_schema_sql_load(sqlite3 *db, ht_eas_schema_each *each, void *user,
                                   struct ht_why *why) HT_MUST_USE;

/* Leaves, as JSON, by the root of their tree. */
enum ht_err ht_eas_leaves_sql_save(sqlite3 *db, const ht_hash32 *root, ht_bytes leaves,
                                   struct ht_why *why) HT_MUST_USE;
typedef enum ht_err ht_eas_leaves_each(void *user, const ht_hash32 *root, ht_bytes leaves);
enum ht_err ht_eas_leaves_sql_load(sqlite3 *db, ht_eas_leaves_each *each, void *user,
                                   struct ht_why *why) HT_MUST_USE;

/* Up to which final block logs were looked through; HT_ENOTFOUND "no_scan". */
enum ht_err ht_attest_sql_set_scanned(sqlite3 *db, uint64_t block, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_attest_sql_scanned(sqlite3 *db, uint64_t *block, struct ht_why *why) HT_MUST_USE;

/* --- DIDs of ours ----------------------------------------------------------------------------- */

struct ht_did_row {
    ht_addr20 identity;
    uint64_t changed; /* the block of its last change that was accounted for */
    uint64_t alert;   /* the block of a change that nobody here made; 0: none */
    int64_t alert_ms;
    const char *text; /* of the alert */
};
enum ht_err ht_did_sql_save(sqlite3 *db, const struct ht_did_row *row,
                            struct ht_why *why) HT_MUST_USE;
typedef enum ht_err ht_did_each(void *user, const struct ht_did_row *row);
enum ht_err ht_did_sql_load(sqlite3 *db, ht_did_each *each, void *user,
                            struct ht_why *why) HT_MUST_USE;

#endif
