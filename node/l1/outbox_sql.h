/* Sent transactions on disk. */
#ifndef HT_L1_OUTBOX_SQL_H
#define HT_L1_OUTBOX_SQL_H

#include "node/base/bytes.h"
#include "node/store/db.h"

struct ht_outbox_row {
    ht_hash32 hash;
    ht_bytes raw; /* as it was given; when loaded, good until the callback returns */
    int state;    /* enum ht_outbox_state */
    int64_t sent_ms;
    bool has_block;
    uint64_t block_number;
    ht_hash32 block_hash;
    bool succeeded;
};

/* Adds or replaces. HT_ESTORE. */
enum ht_err ht_outbox_sql_save(sqlite3 *db, const struct ht_outbox_row *row,
                               struct ht_why *why) HT_MUST_USE;
enum ht_err ht_outbox_sql_delete(sqlite3 *db, const ht_hash32 *hash,
                                 struct ht_why *why) HT_MUST_USE;

/* Calls back for each, oldest first. An error of the callback ends it and is returned. */
typedef enum ht_err ht_outbox_each(void *user, const struct ht_outbox_row *row);
enum ht_err ht_outbox_sql_load(sqlite3 *db, ht_outbox_each *each, void *user,
                               struct ht_why *why) HT_MUST_USE;

#endif
