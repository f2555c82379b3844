/* The audit log on disk: a chain of rows, each with the Keccak-256 of the one before and of itself.
 *
 * The hash of row n is of the hash of row n-1 (zeros before the first), id and time as 8 bytes
 * big-endian, and event, origin, account and detail, each as "is there" (1 byte), length (4 bytes
 * big-endian) and bytes. The newest row's id and hash are kept apart, so that a cut-off end is
 * noticed too. It does not stop somebody who can write the whole file. */
#ifndef HT_IDENTITY_AUDIT_SQL_H
#define HT_IDENTITY_AUDIT_SQL_H

#include "node/base/bytes.h"
#include "node/module.h"

struct ht_audit_row {
    int64_t id; /* counts from 1 without a gap; given by ht_audit_sql_add */
    int64_t at_ms;
    const char *event;
    const char *origin; /* NULL: the owner */
    bool has_account;
    ht_addr20 account;
    const char *detail;
};

/* Adds it at the end; *id is its number. Inside of a transaction. HT_ESTORE. */
enum ht_err ht_audit_sql_add(sqlite3 *db, int64_t *id, const struct ht_audit_row *row,
                             struct ht_why *why) HT_MUST_USE;

/* Newest first, at most limit of those with an id below `before` (0: all). Rows are good until the
 * callback returns; its error ends the reading and is returned. */
typedef enum ht_err ht_audit_each(void *user, const struct ht_audit_row *row);
enum ht_err ht_audit_sql_read(sqlite3 *db, int64_t before, unsigned limit, ht_audit_each *each,
                              void *user, struct ht_why *why) HT_MUST_USE;

/* Whether every row is there as it was written. Reads all of them: not for the loop. */
enum ht_err ht_audit_sql_check(sqlite3 *db, bool *is_whole, struct ht_why *why) HT_MUST_USE;

#endif
