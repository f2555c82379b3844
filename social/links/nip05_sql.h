/* Tables of names in social.db: what was checked, and ours.
 *
 * Errors of the disk: as ht_db_fail gives them. The thread of the connection. */
#ifndef HT_SOCIAL_LINKS_NIP05_SQL_H
#define HT_SOCIAL_LINKS_NIP05_SQL_H

#include "node/module.h"

#define HT_NIP05_CHECKS_MAX 10000U /* kept; the oldest gives way */
#define HT_NIP05_NAME_MAX 64U      /* bytes of what is in front of the @ */

extern const struct ht_migration ht_nip05_migrations[];
extern const size_t ht_nip05_migration_count;

/* What was found when a key's name was looked up last. */
struct ht_nip05_check {
    const char *nip05; /* "name@domain", as the profile said it */
    const char *state; /* "verified", "differs", "no_answer" */
    int64_t at_ms;
};
enum ht_err ht_nip05_sql_keep(sqlite3 *db, const ht_hash32 *pubkey,
                              const struct ht_nip05_check *check, struct ht_why *why) HT_MUST_USE;
/* Whether it is kept for that name and not before after_ms; *state is a literal then. */
enum ht_err ht_nip05_sql_find(const char **state, sqlite3 *db, const ht_hash32 *pubkey,
                              ht_bytes nip05, int64_t after_ms, struct ht_why *why) HT_MUST_USE;

/* A name that we serve. */
struct ht_nip05_name {
    char name[HT_NIP05_NAME_MAX + 1];
    ht_hash32 pubkey;
};
/* Replaces all. */
enum ht_err ht_nip05_sql_set_names(sqlite3 *db, const struct ht_nip05_name *names, size_t count,
                                   struct ht_why *why) HT_MUST_USE;
/* At most max, by name. */
enum ht_err ht_nip05_sql_names(struct ht_nip05_name *out, size_t *count, size_t max, sqlite3 *db,
                               struct ht_why *why) HT_MUST_USE;

#endif
