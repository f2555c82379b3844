/* Tables of media in social.db: blobs, who keeps them, and where they were fetched from.
 *
 * Bytes are counted in whole blocks of 4096, as the disk takes them. Errors of the disk: as
 * ht_db_fail gives them. The thread of the connection. */
#ifndef HT_SOCIAL_MEDIA_MEDIA_SQL_H
#define HT_SOCIAL_MEDIA_MEDIA_SQL_H

#include "node/module.h"
#include "social/media/media_names.h"

#define HT_MEDIA_KEEPERS_SHOWN 20U

extern const struct ht_migration ht_media_migrations[];
extern const size_t ht_media_migration_count;

struct ht_media_blob {
    ht_hash32 sha256;
    uint64_t size;
    int64_t at_ms;                 /* when it came; in a key's list, when it became that key's */
    char type[HT_MEDIA_TYPE_SIZE]; /* as it was said, or found */
    bool is_shared; /* somebody uploaded it; else the owner fetched it, for this computer */
};

/* A blob that somebody keeps from now on. */
struct ht_media_entry {
    struct ht_media_blob blob; /* is_shared is not looked at */
    ht_hash32 keeper;
    bool is_fetched;    /* not uploaded */
    const char *url;    /* fetched from there; NULL */
    uint64_t key_quota; /* of the keeper, of all; bytes, 0: no bound */
    uint64_t quota;
};

/* Enters it; the row of a blob that is here already stays as it is. *is_new: it was not. HT_ELIMIT
 * "quota" (the keeper's), "full" (of all): nothing has changed once the caller undoes it. */
enum ht_err ht_media_sql_add(bool *is_new, sqlite3 *db, const struct ht_media_entry *entry,
                             struct ht_why *why) HT_MUST_USE;
enum ht_err ht_media_sql_find(bool *is_there, struct ht_media_blob *out, sqlite3 *db,
                              const ht_hash32 *sha256, struct ht_why *why) HT_MUST_USE;
/* That key does not keep it any more; *is_gone: nobody did then, and its rows are gone. */
enum ht_err ht_media_sql_leave(bool *was_keeper, bool *is_gone, sqlite3 *db,
                               const ht_hash32 *keeper, const ht_hash32 *sha256,
                               struct ht_why *why) HT_MUST_USE;
/* All rows of a blob. */
enum ht_err ht_media_sql_remove(bool *was_here, sqlite3 *db, const ht_hash32 *sha256,
                                struct ht_why *why) HT_MUST_USE;
/* Bytes of a key and of all. */
enum ht_err ht_media_sql_usage(uint64_t *of_key, uint64_t *of_all, sqlite3 *db,
                               const ht_hash32 *keeper, struct ht_why *why) HT_MUST_USE;
/* What counts against a quota for a blob of that size. */
uint64_t ht_media_sql_charge(uint64_t size);

/* What a key has uploaded, newest first; at most list->limit (out has so much room). */
enum ht_err ht_media_sql_list(struct ht_media_blob *out, size_t *count, sqlite3 *db,
                              const struct ht_media_list *list, struct ht_why *why) HT_MUST_USE;
/* All blobs up to a time, newest first, as social.media has them but for "url", which is url_base
 * and the hash, or null when url_base is NULL. A new reference. */
enum ht_err ht_media_sql_all(json_t **out, sqlite3 *db, const ht_hash32 *owner, int64_t until_ms,
                             size_t limit, const char *url_base, struct ht_why *why) HT_MUST_USE;
/* The blob that was fetched from a URL. */
enum ht_err ht_media_sql_by_url(bool *is_there, ht_hash32 *sha256, sqlite3 *db, const char *url,
                                struct ht_why *why) HT_MUST_USE;
/* Hashes with that first byte, in order, behind *after (NULL: from the first); at most max. */
enum ht_err ht_media_sql_hashes(ht_hash32 *out, size_t *count, size_t max, sqlite3 *db,
                                uint8_t first, const ht_hash32 *after,
                                struct ht_why *why) HT_MUST_USE;

#endif
