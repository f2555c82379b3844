/* The identity module's tables, and typed access to those of the vault, its accounts and the
 * permissions; audit_sql.h and tokens_sql.h have the others'.
 *
 * Nothing secret is in any of them: the vault's file is sealed, all else is public or the owner's
 * own words. Rows are borrowed on the way in; on the way out they are good until the callback
 * returns. An error of a callback ends the reading and is returned. Errors: HT_ESTORE and the
 * others of ht_db_fail. Thread of the connection. */
#ifndef HT_IDENTITY_IDENTITY_SQL_H
#define HT_IDENTITY_IDENTITY_SQL_H

#include "node/base/bytes.h"
#include "node/module.h"

extern const struct ht_migration ht_identity_migrations[];
#define HT_IDENTITY_MIGRATIONS 10U

/* --- the vault -------------------------------------------------------------------------------- */

struct ht_vault_row {
    ht_bytes file;
    uint64_t generation; /* the file's; kept apart from it, so that an older file is noticed */
    int64_t auto_lock_ms;
};

/* Adds it, or replaces file and generation. */
enum ht_err ht_vault_sql_save(sqlite3 *db, const struct ht_vault_row *row,
                              struct ht_why *why) HT_MUST_USE;
/* Nothing when there is no vault. */
enum ht_err ht_vault_sql_set_auto_lock(sqlite3 *db, int64_t auto_lock_ms,
                                       struct ht_why *why) HT_MUST_USE;
/* Calls back once, or not at all when there is no vault. */
typedef enum ht_err ht_vault_each(void *user, const struct ht_vault_row *row);
enum ht_err ht_vault_sql_load(sqlite3 *db, ht_vault_each *each, void *user,
                              struct ht_why *why) HT_MUST_USE;

/* --- accounts --------------------------------------------------------------------------------- */

struct ht_seed_row {
    const char *name; /* of the signer's record: "seed-1" */
    const char *label;
    unsigned words; /* 0: not known */
    bool is_backed_up;
};

struct ht_account_row {
    int64_t id; /* 0: a new one */
    ht_addr20 address;
    const char *label;
    int kind;         /* enum ht_account_kind */
    const char *key;  /* see struct ht_account_info */
    const char *seed; /* whose account it is; NULL: none's */
    bool is_hidden;
};

struct ht_nostr_row {
    int64_t id; /* 0: a new one */
    ht_hash32 public_key;
    const char *label;
    const char *key;
    const char *seed; /* NULL: imported */
};

/* Add or replace; of a new row *id is the number it gets, else its own. */
enum ht_err ht_seed_sql_save(sqlite3 *db, const struct ht_seed_row *row,
                             struct ht_why *why) HT_MUST_USE;
enum ht_err ht_account_sql_save(sqlite3 *db, int64_t *id, const struct ht_account_row *row,
                                struct ht_why *why) HT_MUST_USE;
enum ht_err ht_nostr_sql_save(sqlite3 *db, int64_t *id, const struct ht_nostr_row *row,
                              struct ht_why *why) HT_MUST_USE;

/* With all accounts and Nostr keys of it. */
enum ht_err ht_seed_sql_delete(sqlite3 *db, const char *name, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_account_sql_delete(sqlite3 *db, int64_t id, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_nostr_sql_delete(sqlite3 *db, int64_t id, struct ht_why *why) HT_MUST_USE;

/* Oldest first. */
typedef enum ht_err ht_seed_each(void *user, const struct ht_seed_row *row);
typedef enum ht_err ht_account_each(void *user, const struct ht_account_row *row);
typedef enum ht_err ht_nostr_each(void *user, const struct ht_nostr_row *row);
enum ht_err ht_seed_sql_load(sqlite3 *db, ht_seed_each *each, void *user,
                             struct ht_why *why) HT_MUST_USE;
enum ht_err ht_account_sql_load(sqlite3 *db, ht_account_each *each, void *user,
                                struct ht_why *why) HT_MUST_USE;
enum ht_err ht_nostr_sql_load(sqlite3 *db, ht_nostr_each *each, void *user,
                              struct ht_why *why) HT_MUST_USE;

/* --- permissions ------------------------------------------------------------------------------ */

/* One account of one origin. */
struct ht_permission_row {
    const char *origin;
    ht_addr20 account;
    int64_t granted_ms, expires_ms, used_ms; /* UTC; used_ms 0: not yet */
};

/* Adds or replaces. */
enum ht_err ht_permission_sql_save(sqlite3 *db, const struct ht_permission_row *row,
                                   struct ht_why *why) HT_MUST_USE;
/* All of an origin; NULL: of everybody. */
enum ht_err ht_permission_sql_delete(sqlite3 *db, const char *origin,
                                     struct ht_why *why) HT_MUST_USE;
/* All that have run out by then, and those for accounts that are not in the table of accounts. */
enum ht_err ht_permission_sql_tidy(sqlite3 *db, int64_t now_ms, struct ht_why *why) HT_MUST_USE;
/* By origin, its rows in a row. */
typedef enum ht_err ht_permission_each(void *user, const struct ht_permission_row *row);
enum ht_err ht_permission_sql_load(sqlite3 *db, ht_permission_each *each, void *user,
                                   struct ht_why *why) HT_MUST_USE;

#endif
