/* Who may sign in with Ethereum, on disk. As identity_sql.h, which has the tables. */
#ifndef HT_IDENTITY_CREDENTIALS_SIGN_IN_SQL_H
#define HT_IDENTITY_CREDENTIALS_SIGN_IN_SQL_H

#include "node/base/bytes.h"
#include "node/module.h"

#define HT_SIGN_IN_ADDRESSES_MAX 64U

struct ht_sign_in_settings {
    bool is_enabled;
    bool takes_accounts; /* the wallet's own accounts too */
    size_t count;
    ht_addr20 addresses[HT_SIGN_IN_ADDRESSES_MAX];
};

/* Replaces all of them, within one transaction of the caller's. */
enum ht_err ht_sign_in_sql_save(sqlite3 *db, const struct ht_sign_in_settings *settings,
                                struct ht_why *why) HT_MUST_USE;
/* Nothing is enabled when nothing was saved. Addresses past the maximum are left out. */
enum ht_err ht_sign_in_sql_load(struct ht_sign_in_settings *out, sqlite3 *db,
                                struct ht_why *why) HT_MUST_USE;

#endif
