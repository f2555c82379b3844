/* Tables of the relay's management in social.db. Who is banned stands in the table of the owner's
 * blocked keys (client_sql.h), to which a reason is added here: both are one list.
 *
 * Reasons: HT_ELIMIT "manage_full"; errors of the disk as ht_db_fail gives them. The thread of the
 * connection. */
#ifndef HT_SOCIAL_RELAY_KEEPER_SQL_H
#define HT_SOCIAL_RELAY_KEEPER_SQL_H

#include "node/module.h"

#define HT_KEEPER_LIST_MAX 10000U /* of each list but the banned keys: HT_BLOCKED_MAX */
#define HT_KEEPER_ADDRESS_SIZE 46U

extern const struct ht_migration ht_keeper_migrations[];
extern const size_t ht_keeper_migration_count;

enum ht_keeper_list {
    HT_KEEPER_BANNED_KEYS,
    HT_KEEPER_ALLOWED_KEYS,
    HT_KEEPER_BANNED_EVENTS, /* an event is in one of these two at most */
    HT_KEEPER_ALLOWED_EVENTS,
    HT_KEEPER_ADDRESSES,
};

/* An item is 32 bytes of a key or an id, or an address as text. One that is there gets the new
 * reason. HT_ELIMIT "manage_full". */
enum ht_err ht_keeper_sql_put(sqlite3 *db, enum ht_keeper_list list, ht_bytes item,
                              const char *reason, struct ht_why *why) HT_MUST_USE;
/* One that is not there is no error. */
enum ht_err ht_keeper_sql_drop(sqlite3 *db, enum ht_keeper_list list, ht_bytes item,
                               struct ht_why *why) HT_MUST_USE;
enum ht_err ht_keeper_sql_has(bool *out, sqlite3 *db, enum ht_keeper_list list, ht_bytes item,
                              struct ht_why *why) HT_MUST_USE;
/* [{"pubkey" | "id" | "ip", "reason"}]: a new reference. */
enum ht_err ht_keeper_sql_list(json_t **out, sqlite3 *db, enum ht_keeper_list list,
                               struct ht_why *why) HT_MUST_USE;

/* A kind is allowed, disallowed, or neither. */
enum ht_err ht_keeper_sql_put_kind(sqlite3 *db, uint32_t kind, bool is_allowed,
                                   struct ht_why *why) HT_MUST_USE;
enum ht_err ht_keeper_sql_drop_kind(sqlite3 *db, uint32_t kind, struct ht_why *why) HT_MUST_USE;

/* What counts at every moment, all of it. Zeroed before the first use. */
struct ht_keeper_state {
    ht_hash32 *banned, *allowed;
    size_t banned_count, allowed_count;
    char (*addresses)[HT_KEEPER_ADDRESS_SIZE]; /* sorted by strcmp */
    size_t address_count;
    uint32_t *kinds, *denied_kinds; /* sorted */
    size_t kind_count, denied_kind_count;
};
/* Fills a state that is zeroed, to be ended with ht_keeper_state_fini also after an error. */
enum ht_err ht_keeper_sql_state(struct ht_keeper_state *state, sqlite3 *db,
                                struct ht_why *why) HT_MUST_USE;
void ht_keeper_state_fini(struct ht_keeper_state *state);

#endif
