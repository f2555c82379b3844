/* Attestations from the inside: what attest*.c share. */
#ifndef HT_IDENTITY_ATTEST_ATTEST_IMPL_H
#define HT_IDENTITY_ATTEST_ATTEST_IMPL_H

#include "identity/attest/attest.h"
#include "identity/attest/attest_check.h"
#include "identity/attest/attest_sql.h"

#define HT_ATTEST_SCHEMAS_MAX 1024U
#define HT_ATTEST_LEAVES_MAX 1024U /* trees */

struct ht_attest_item {
    struct ht_identity *identity;
    struct ht_attest_row row; /* its views and texts are of this item */
    char code[32], why[200];
    uint8_t *bytes; /* data, then the package */
    bool is_going;  /* it is being forgotten */
};

struct ht_attest_tree {
    ht_hash32 root;
    json_t *leaves;
};

struct ht_attest_watch;   /* attest_watch.c */
struct ht_attest_waiting; /* attest_import.c */
struct ht_attest_scan;    /* attest_scan.c */

struct ht_attest {
    struct ht_identity *identity;
    struct ht_attest_item *items[HT_ATTEST_MAX]; /* oldest first */
    size_t count;
    size_t bytes;                                                /* of data and packages */
    struct ht_eas_schema_record *schemas[HT_ATTEST_SCHEMAS_MAX]; /* text behind the struct */
    size_t schema_count;
    struct ht_attest_tree leaves[HT_ATTEST_LEAVES_MAX];
    size_t leaves_count;
    uint64_t changes;
    bool has_as_of;
    uint64_t as_of, as_of_s; /* the final block at which all were looked at */
    ht_hash32 as_of_hash;
    bool has_scanned, is_quitting;
    uint64_t scanned;
    struct ht_attest_watch *watch;                    /* while one is under way */
    struct ht_attest_scan *scan;                      /* the one that follows finality */
    struct ht_attest_waiting *waiting, *last_waiting; /* of feeds, oldest first */
    size_t waiting_count, taking;
    bool is_starting_takes;
};

/* NULL when there is none; good until the next callback. */
struct ht_attest_item *ht_attest_get(const struct ht_identity *identity, const ht_addr20 *attester,
                                     const ht_hash32 *uid);
const struct ht_eas_schema_record *ht_attest_schema_of(const struct ht_identity *identity,
                                                       const ht_hash32 *uid);
/* The leaves under an attestation's data, borrowed; NULL when there are none. */
const json_t *ht_attest_leaves_of(const struct ht_identity *identity,
                                  const struct ht_attestation *attestation);

/* A change of what is kept: on disk first, then in memory, then `told`; on an error told may come
 * from within the call. Everything is copied. Members that are NULL or empty are not changed. */
struct ht_attest_change {
    const struct ht_attest_row *row; /* replaces one that is there, whose added_ms stays */
    bool is_delete;                  /* of the row's attestation */
    const struct ht_eas_schema_record *record;
    const ht_hash32 *root; /* of leaves */
    const json_t *leaves;
    const uint64_t *scanned;
    /* May be NULL. item: the row's, NULL without or when it was deleted. */
    void (*told)(void *user, enum ht_err err, const struct ht_why *why,
                 const struct ht_attest_item *item);
    void *user;
};
/* HT_ELIMIT "too_many_attestations"; HT_EAGAIN, HT_ESTORE of the disk; all through told. */
void ht_attest_keep(struct ht_identity *identity, const struct ht_attest_change *change);

/* The row of what was checked; views of the check and of package, its JSON. */
void ht_attest_row_of(struct ht_attest_row *out, const struct ht_attest_check *check,
                      ht_bytes package);

/* Those of feeds that wait are not looked at any more. */
void ht_attest_drop_waiting(struct ht_attest *attest);

/* Something that is shown has changed. */
void ht_attest_changed(struct ht_identity *identity);

#endif
