/* Watched tokens on disk. As identity_sql.h, which has the table. */
#ifndef HT_IDENTITY_WALLET_TOKENS_SQL_H
#define HT_IDENTITY_WALLET_TOKENS_SQL_H

#include "node/base/bytes.h"
#include "node/module.h"

struct ht_token_row {
    ht_addr20 address;
    const char *symbol;
    unsigned decimals;
    bool is_symbol_proven;
    int layout; /* enum ht_token_layout */
    ht_hash32 slot;
};

/* Adds or replaces. */
enum ht_err ht_token_sql_save(sqlite3 *db, const struct ht_token_row *row,
                              struct ht_why *why) HT_MUST_USE;
enum ht_err ht_token_sql_delete(sqlite3 *db, const ht_addr20 *address,
                                struct ht_why *why) HT_MUST_USE;
typedef enum ht_err ht_token_each(void *user, const struct ht_token_row *row);
enum ht_err ht_token_sql_load(sqlite3 *db, ht_token_each *each, void *user,
                              struct ht_why *why) HT_MUST_USE;

#endif
