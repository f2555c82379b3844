/* The identity module's tables, and every statement on the vault, accounts and permissions. */
#include "identity/identity_sql.h"

#include "identity/attest/attest_sql.h"
#include "identity/trust/link_sql.h"
#include "identity/trust/trust_sql.h"

#define HASH_CHECK(column) "CHECK (length(" column ") = 32)"
#define ADDRESS_CHECK(column) "CHECK (length(" column ") = 20)"

const struct ht_migration ht_identity_migrations[HT_IDENTITY_MIGRATIONS] = {
    {
        .name = "vault",
        .sql = "CREATE TABLE vault ("
               "  id INTEGER PRIMARY KEY CHECK (id = 1),"
               "  file BLOB NOT NULL,"
               "  generation INTEGER NOT NULL,"
               "  auto_lock_ms INTEGER NOT NULL"
               ") STRICT;",
    },
    {
        .name = "accounts",
        .sql = "CREATE TABLE seed ("
               "  name TEXT PRIMARY KEY,"
               "  label TEXT NOT NULL,"
               "  words INTEGER NOT NULL,"
               "  is_backed_up INTEGER NOT NULL"
               ") STRICT;"
               "CREATE TABLE account ("
               "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
               "  address BLOB NOT NULL UNIQUE " ADDRESS_CHECK(
                   "address") ","
                              "  label TEXT NOT NULL,"
                              "  kind INTEGER NOT NULL,"
                              "  key TEXT NOT NULL,"
                              "  seed TEXT REFERENCES seed (name),"
                              "  is_hidden INTEGER NOT NULL"
                              ") STRICT;"
                              "CREATE TABLE nostr_key ("
                              "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
                              "  public_key BLOB NOT NULL UNIQUE " HASH_CHECK(
                                  "public_key") ","
                                                "  label TEXT NOT NULL,"
                                                "  key TEXT NOT NULL,"
                                                "  seed TEXT REFERENCES seed (name)"
                                                ") STRICT;",
    },
    {
        .name = "permissions of origins",
        .sql = "CREATE TABLE permission ("
               "  origin TEXT NOT NULL,"
               "  account BLOB NOT NULL " ADDRESS_CHECK("account") ","
                                                                   "  granted_ms INTEGER NOT NULL,"
                                                                   "  expires_ms INTEGER NOT NULL,"
                                                                   "  used_ms INTEGER NOT NULL,"
                                                                   "  PRIMARY KEY (origin, account)"
                                                                   ") STRICT, WITHOUT ROWID;",
    },
    {
        .name = "audit log",
        .sql = "CREATE TABLE audit ("
               "  id INTEGER PRIMARY KEY,"
               "  at_ms INTEGER NOT NULL,"
               "  event TEXT NOT NULL,"
               "  origin TEXT,"
               "  account BLOB " ADDRESS_CHECK(
                   "account") ","
                              "  detail TEXT NOT NULL,"
                              "  hash BLOB NOT NULL " HASH_CHECK(
                                  "hash") ") STRICT;"
                                          "CREATE TABLE audit_head ("
                                          "  one INTEGER PRIMARY KEY CHECK (one = 1),"
                                          "  id INTEGER NOT NULL,"
                                          "  hash BLOB NOT NULL " HASH_CHECK("hash") ") STRICT;",
    },
    {
        .name = "watched tokens",
        .sql = "CREATE TABLE token ("
               "  address BLOB PRIMARY KEY " ADDRESS_CHECK(
                   "address") ","
                              "  symbol TEXT NOT NULL,"
                              "  decimals INTEGER NOT NULL,"
                              "  is_symbol_proven INTEGER NOT NULL,"
                              "  layout INTEGER NOT NULL,"
                              "  slot BLOB NOT NULL " HASH_CHECK("slot") ") STRICT, WITHOUT ROWID;",
    },
    {
        .name = "who may sign in with Ethereum",
        .sql = "CREATE TABLE sign_in ("
               "  one INTEGER PRIMARY KEY CHECK (one = 1),"
               "  is_enabled INTEGER NOT NULL,"
               "  takes_accounts INTEGER NOT NULL"
               ") STRICT;"
               "CREATE TABLE sign_in_address ("
               "  address BLOB PRIMARY KEY " ADDRESS_CHECK("address") ") STRICT, WITHOUT ROWID;",
    },
    {
        .name = "attestations",
        .sql = ht_attest_schema_sql,
    },
    {
        .name = "DIDs of ours",
        .sql = ht_did_schema_sql,
    },
    {
        .name = "links of keys and accounts",
        .sql = ht_id_link_schema_sql,
    },
    {
        .name = "schemas that vouch",
        .sql = ht_trust_schema_sql,
    },
};

static const char VAULT_SAVE[] =
    "INSERT INTO vault (id, file, generation, auto_lock_ms) VALUES (1, ?1, ?2, ?3)"
    " ON CONFLICT (id) DO UPDATE SET file = ?1, generation = ?2";
static const char VAULT_AUTO_LOCK[] = "UPDATE vault SET auto_lock_ms = ?1";
static const char VAULT_LOAD[] = "SELECT file, generation, auto_lock_ms FROM vault";
static const char SEED_SAVE[] =
    "INSERT INTO seed (name, label, words, is_backed_up) VALUES (?1, ?2, ?3, ?4)"
    " ON CONFLICT (name) DO UPDATE SET label = ?2, words = ?3, is_backed_up = ?4";
static const char SEED_LOAD[] = "SELECT name, label, words, is_backed_up FROM seed ORDER BY rowid";
static const char SEED_DELETE[] = "DELETE FROM seed WHERE name = ?1";
static const char SEED_DELETE_ACCOUNTS[] = "DELETE FROM account WHERE seed = ?1";
static const char SEED_DELETE_NOSTR[] = "DELETE FROM nostr_key WHERE seed = ?1";
static const char ACCOUNT_SAVE[] =
    "INSERT OR REPLACE INTO account (id, address, label, kind, key, seed, is_hidden)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
static const char ACCOUNT_LOAD[] =
    "SELECT id, address, label, kind, key, seed, is_hidden FROM account ORDER BY id";
static const char ACCOUNT_DELETE[] = "DELETE FROM account WHERE id = ?1";
static const char NOSTR_SAVE[] =
    "INSERT OR REPLACE INTO nostr_key (id, public_key, label, key, seed)"
    " VALUES (?1, ?2, ?3, ?4, ?5)";
static const char NOSTR_LOAD[] =
    "SELECT id, public_key, label, key, seed FROM nostr_key ORDER BY id";
static const char NOSTR_DELETE[] = "DELETE FROM nostr_key WHERE id = ?1";
static const char PERMISSION_SAVE[] =
    "INSERT OR REPLACE INTO permission (origin, account, granted_ms, expires_ms, used_ms)"
    " VALUES (?1, ?2, ?3, ?4, ?5)";
static const char PERMISSION_DELETE[] = "DELETE FROM permission WHERE origin = ?1";
static const char PERMISSION_DELETE_ALL[] = "DELETE FROM permission";
static const char PERMISSION_TIDY[] =
    "DELETE FROM permission"
    " WHERE expires_ms <= ?1 OR account NOT IN (SELECT address FROM account)";
static const char PERMISSION_LOAD[] =
    "SELECT origin, account, granted_ms, expires_ms, used_ms FROM permission"
    " ORDER BY origin, account";

static void bind_bytes(sqlite3_stmt *stmt, int i, ht_bytes bytes) {
    sqlite3_bind_blob64(stmt, i, bytes.p, bytes.n, SQLITE_STATIC);
}

/* NULL is NULL. */
static void bind_text(sqlite3_stmt *stmt, int i, const char *text) {
    sqlite3_bind_text(stmt, i, text, -1, SQLITE_STATIC);
}

static const char *read_text(sqlite3_stmt *stmt, int i) {
    return (const char *)sqlite3_column_text(stmt, i);
}

/* Columns of a fixed size have a CHECK, which a damaged file need not respect. */
static void read_bytes(uint8_t *out, size_t n, sqlite3_stmt *stmt, int i) {
    memset(out, 0, n);
    if ((size_t)sqlite3_column_bytes(stmt, i) == n) memcpy(out, sqlite3_column_blob(stmt, i), n);
}

/* Runs a statement that gives no rows, and ends it. */
static enum ht_err run(sqlite3_stmt *stmt, sqlite3 *db, const char *doing, struct ht_why *why) {
    int rc = sqlite3_step(stmt);
    enum ht_err err = rc == SQLITE_DONE ? HT_OK : ht_db_fail(why, db, doing);
    sqlite3_finalize(stmt);
    return err;
}

static enum ht_err run_with_text(sqlite3 *db, const char *sql, const char *text, const char *doing,
                                 struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, sql, why);
    if (err != HT_OK) return err;
    if (text != NULL) bind_text(stmt, 1, text);
    return run(stmt, db, doing, why);
}

static enum ht_err run_with_number(sqlite3 *db, const char *sql, int64_t number, const char *doing,
                                   struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, sql, why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 1, number);
    return run(stmt, db, doing, why);
}

/* Calls one for each row of a statement without parameters. */
static enum ht_err load(sqlite3 *db, const char *sql,
                        enum ht_err (*one)(sqlite3_stmt *stmt, void *context), void *context,
                        const char *doing, struct ht_why *why) {
    sqlite3_stmt *stmt;
    int rc = SQLITE_DONE;
    enum ht_err err = ht_db_prepare(&stmt, db, sql, why);
    if (err != HT_OK) return err;
    while (err == HT_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) err = one(stmt, context);
    if (err == HT_OK && rc != SQLITE_DONE) err = ht_db_fail(why, db, doing);
    sqlite3_finalize(stmt);
    return err;
}

/* --- the vault -------------------------------------------------------------------------------- */

enum ht_err ht_vault_sql_save(sqlite3 *db, const struct ht_vault_row *row, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, VAULT_SAVE, why);
    if (err != HT_OK) return err;
    bind_bytes(stmt, 1, row->file);
    sqlite3_bind_int64(stmt, 2, (sqlite3_int64)row->generation);
    sqlite3_bind_int64(stmt, 3, row->auto_lock_ms);
    return run(stmt, db, "keep the vault", why);
}

enum ht_err ht_vault_sql_set_auto_lock(sqlite3 *db, int64_t auto_lock_ms, struct ht_why *why) {
    return run_with_number(db, VAULT_AUTO_LOCK, auto_lock_ms, "keep when the wallet locks", why);
}

struct vault_load {
    ht_vault_each *each;
    void *user;
};

static enum ht_err load_vault(sqlite3_stmt *stmt, void *context) {
    const struct vault_load *to = context;
    struct ht_vault_row row = {
        .file = ht_bytes_of(sqlite3_column_blob(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0)),
        .generation = (uint64_t)sqlite3_column_int64(stmt, 1),
        .auto_lock_ms = sqlite3_column_int64(stmt, 2),
    };
    return to->each(to->user, &row);
}

enum ht_err ht_vault_sql_load(sqlite3 *db, ht_vault_each *each, void *user, struct ht_why *why) {
    struct vault_load to = {each, user};
    return load(db, VAULT_LOAD, load_vault, &to, "read the vault", why);
}

/* --- seeds ------------------------------------------------------------------------------------ */

enum ht_err ht_seed_sql_save(sqlite3 *db, const struct ht_seed_row *row, struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, SEED_SAVE, why);
    if (err != HT_OK) return err;
    bind_text(stmt, 1, row->name);
    bind_text(stmt, 2, row->label);
    sqlite3_bind_int64(stmt, 3, row->words);
    sqlite3_bind_int(stmt, 4, row->is_backed_up ? 1 : 0);
    return run(stmt, db, "keep a seed's name", why);
}

enum ht_err ht_seed_sql_delete(sqlite3 *db, const char *name, struct ht_why *why) {
    static const char doing[] = "forget a seed";
    enum ht_err err = run_with_text(db, SEED_DELETE_ACCOUNTS, name, doing, why);
    if (err == HT_OK) err = run_with_text(db, SEED_DELETE_NOSTR, name, doing, why);
    if (err == HT_OK) err = run_with_text(db, SEED_DELETE, name, doing, why);
    return err;
}

struct seed_load {
    ht_seed_each *each;
    void *user;
};

static enum ht_err load_seed(sqlite3_stmt *stmt, void *context) {
    const struct seed_load *to = context;
    struct ht_seed_row row = {
        .name = read_text(stmt, 0),
        .label = read_text(stmt, 1),
        .words = (unsigned)sqlite3_column_int(stmt, 2),
        .is_backed_up = sqlite3_column_int(stmt, 3) != 0,
    };
    return to->each(to->user, &row);
}

enum ht_err ht_seed_sql_load(sqlite3 *db, ht_seed_each *each, void *user, struct ht_why *why) {
    struct seed_load to = {each, user};
    return load(db, SEED_LOAD, load_seed, &to, "read the seeds' names", why);
}

/* --- accounts --------------------------------------------------------------------------------- */

enum ht_err ht_account_sql_save(sqlite3 *db, int64_t *id, const struct ht_account_row *row,
                                struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, ACCOUNT_SAVE, why);
    if (err != HT_OK) return err;
    if (row->id != 0) sqlite3_bind_int64(stmt, 1, row->id);
    bind_bytes(stmt, 2, HT_BYTES(row->address.b));
    bind_text(stmt, 3, row->label);
    sqlite3_bind_int(stmt, 4, row->kind);
    bind_text(stmt, 5, row->key);
    bind_text(stmt, 6, row->seed);
    sqlite3_bind_int(stmt, 7, row->is_hidden ? 1 : 0);
    err = run(stmt, db, "keep an account", why);
    if (err == HT_OK) *id = row->id != 0 ? row->id : sqlite3_last_insert_rowid(db);
    return err;
}

enum ht_err ht_account_sql_delete(sqlite3 *db, int64_t id, struct ht_why *why) {
    return run_with_number(db, ACCOUNT_DELETE, id, "forget an account", why);
}

struct account_load {
    ht_account_each *each;
    void *user;
};

static enum ht_err load_account(sqlite3_stmt *stmt, void *context) {
    const struct account_load *to = context;
    struct ht_account_row row = {
        .id = sqlite3_column_int64(stmt, 0),
        .label = read_text(stmt, 2),
        .kind = sqlite3_column_int(stmt, 3),
        .key = read_text(stmt, 4),
        .seed = read_text(stmt, 5),
        .is_hidden = sqlite3_column_int(stmt, 6) != 0,
    };
    read_bytes(row.address.b, sizeof row.address.b, stmt, 1);
    return to->each(to->user, &row);
}

enum ht_err ht_account_sql_load(sqlite3 *db, ht_account_each *each, void *user,
                                struct ht_why *why) {
    struct account_load to = {each, user};
    return load(db, ACCOUNT_LOAD, load_account, &to, "read the accounts", why);
}

/* --- Nostr keys ------------------------------------------------------------------------------- */

enum ht_err ht_nostr_sql_save(sqlite3 *db, int64_t *id, const struct ht_nostr_row *row,
                              struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, NOSTR_SAVE, why);
    if (err != HT_OK) return err;
    if (row->id != 0) sqlite3_bind_int64(stmt, 1, row->id);
    bind_bytes(stmt, 2, HT_BYTES(row->public_key.b));
    bind_text(stmt, 3, row->label);
    bind_text(stmt, 4, row->key);
    bind_text(stmt, 5, row->seed);
    err = run(stmt, db, "keep a Nostr key's name", why);
    if (err == HT_OK) *id = row->id != 0 ? row->id : sqlite3_last_insert_rowid(db);
    return err;
}

enum ht_err ht_nostr_sql_delete(sqlite3 *db, int64_t id, struct ht_why *why) {
    return run_with_number(db, NOSTR_DELETE, id, "forget a Nostr key", why);
}

struct nostr_load {
    ht_nostr_each *each;
    void *user;
};

static enum ht_err load_nostr(sqlite3_stmt *stmt, void *context) {
    const struct nostr_load *to = context;
    struct ht_nostr_row row = {
        .id = sqlite3_column_int64(stmt, 0),
        .label = read_text(stmt, 2),
        .key = read_text(stmt, 3),
        .seed = read_text(stmt, 4),
    };
    read_bytes(row.public_key.b, sizeof row.public_key.b, stmt, 1);
    return to->each(to->user, &row);
}

enum ht_err ht_nostr_sql_load(sqlite3 *db, ht_nostr_each *each, void *user, struct ht_why *why) {
    struct nostr_load to = {each, user};
    return load(db, NOSTR_LOAD, load_nostr, &to, "read the Nostr keys' names", why);
}

/* --- permissions ------------------------------------------------------------------------------ */

enum ht_err ht_permission_sql_save(sqlite3 *db, const struct ht_permission_row *row,
                                   struct ht_why *why) {
    sqlite3_stmt *stmt;
    enum ht_err err = ht_db_prepare(&stmt, db, PERMISSION_SAVE, why);
    if (err != HT_OK) return err;
    bind_text(stmt, 1, row->origin);
    bind_bytes(stmt, 2, HT_BYTES(row->account.b));
    sqlite3_bind_int64(stmt, 3, row->granted_ms);
    sqlite3_bind_int64(stmt, 4, row->expires_ms);
    sqlite3_bind_int64(stmt, 5, row->used_ms);
    return run(stmt, db, "keep a permission", why);
}

enum ht_err ht_permission_sql_delete(sqlite3 *db, const char *origin, struct ht_why *why) {
    const char *sql = origin != NULL ? PERMISSION_DELETE : PERMISSION_DELETE_ALL;
    return run_with_text(db, sql, origin, "take a permission back", why);
}

enum ht_err ht_permission_sql_tidy(sqlite3 *db, int64_t now_ms, struct ht_why *why) {
    return run_with_number(db, PERMISSION_TIDY, now_ms, "forget old permissions", why);
}

struct permission_load {
    ht_permission_each *each;
    void *user;
};

static enum ht_err load_permission(sqlite3_stmt *stmt, void *context) {
    const struct permission_load *to = context;
    struct ht_permission_row row = {
        .origin = read_text(stmt, 0),
        .granted_ms = sqlite3_column_int64(stmt, 2),
        .expires_ms = sqlite3_column_int64(stmt, 3),
        .used_ms = sqlite3_column_int64(stmt, 4),
    };
    read_bytes(row.account.b, sizeof row.account.b, stmt, 1);
    return to->each(to->user, &row);
}

enum ht_err ht_permission_sql_load(sqlite3 *db, ht_permission_each *each, void *user,
                                   struct ht_why *why) {
    struct permission_load to = {each, user};
    return load(db, PERMISSION_LOAD, load_permission, &to, "read the permissions", why);
}
