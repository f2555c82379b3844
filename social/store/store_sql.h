/* The tables of social.db and every statement on them; those that read are in store_query_sql.h.
 *
 * Statements are prepared when first used and kept until ht_store_sql_fini. Each function leaves
 * its statement reset. Errors: HT_ESTORE, HT_EAGAIN, HT_ENOMEM as ht_db_fail gives them. The thread
 * of the connection.
 *
 * An event's `place` is where it stands in the order of answers (newest first, at the same second
 * the lowest id first) as one number, highest first: 35 bits of created_at, which end in the year
 * 3058, and the first 28 bits of the id, turned round. Two events may share a place. Keys and ids
 * are indexed by their first eight bytes; who reads a row compares the rest. */
#ifndef HT_SOCIAL_STORE_STORE_SQL_H
#define HT_SOCIAL_STORE_STORE_SQL_H

#include "node/module.h"

#define HT_STORE_SECRET_SIZE 16U
#define HT_STORE_QUERY_STATEMENTS 20 /* where those of store_query_sql.c begin */
#define HT_STORE_STATEMENTS 36U

struct ht_store_sql {
    sqlite3 *db; /* borrowed */
    sqlite3_stmt *statements[HT_STORE_STATEMENTS];
    uint8_t secret[HT_STORE_SECRET_SIZE]; /* key of the hashes that tags are indexed by */
};

struct ht_store_row {
    int64_t seq; /* order of arrival */
    ht_hash32 id, pubkey;
    uint32_t kind;
    int64_t created_at, place;
    int64_t address; /* 0: none */
    int64_t expires; /* INT64_MAX: never */
    int64_t size;    /* bytes of its JSON */
};

struct ht_store_spot {
    int64_t place, seq;
};

/* Sets up the connection's cache and reads the secret. */
enum ht_err ht_store_sql_init(struct ht_store_sql *sql, sqlite3 *db,
                              struct ht_why *why) HT_MUST_USE;
void ht_store_sql_fini(struct ht_store_sql *sql);

/* --- writing; inside the writer's transaction -------------------------------------*/

/* Adds the row and its JSON; row->seq is set. */
enum ht_err ht_store_sql_add(struct ht_store_sql *sql, struct ht_store_row *row, ht_bytes json,
                             struct ht_why *why) HT_MUST_USE;
enum ht_err ht_store_sql_add_tag(struct ht_store_sql *sql, int64_t tag,
                                 const struct ht_store_row *row, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_store_sql_add_text(struct ht_store_sql *sql, int64_t seq, ht_bytes text,
                                  struct ht_why *why) HT_MUST_USE;
/* The row and its JSON; tags and text are taken out one by one, as they were added. */
enum ht_err ht_store_sql_drop(struct ht_store_sql *sql, int64_t seq,
                              struct ht_why *why) HT_MUST_USE;
enum ht_err ht_store_sql_drop_tag(struct ht_store_sql *sql, int64_t tag,
                                  const struct ht_store_row *row, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_store_sql_drop_text(struct ht_store_sql *sql, int64_t seq, ht_bytes text,
                                   struct ht_why *why) HT_MUST_USE;

/* Tombstones: until when, in seconds, what has that hash is gone; INT64_MIN when it is not. One
 * that is there is never shortened. */
enum ht_err ht_store_sql_gone(int64_t *until, struct ht_store_sql *sql, int64_t hash,
                              struct ht_why *why) HT_MUST_USE;
enum ht_err ht_store_sql_set_gone(struct ht_store_sql *sql, int64_t hash, int64_t until,
                                  struct ht_why *why) HT_MUST_USE;
enum ht_err ht_store_sql_clear_gone(struct ht_store_sql *sql, int64_t hash,
                                    struct ht_why *why) HT_MUST_USE;

/* Bytes of JSON of an author; of the whole file, what is free in it not counted. */
enum ht_err ht_store_sql_author_bytes(int64_t *out, struct ht_store_sql *sql,
                                      const ht_hash32 *pubkey, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_store_sql_file_bytes(int64_t *out, struct ht_store_sql *sql,
                                    struct ht_why *why) HT_MUST_USE;

/* Up to max rows' seq to seqs, *count of them. What has expired by now_s. */
enum ht_err ht_store_sql_expired(int64_t *seqs, size_t *count, struct ht_store_sql *sql,
                                 int64_t now_s, size_t max, struct ht_why *why) HT_MUST_USE;
/* Rows that a rule of retention is about; keeps says of a row's author that it stays. */
struct ht_store_aged {
    uint32_t kind_from, kind_to;
    int64_t place_below;  /* for old: rows of a lower place */
    int64_t author_count; /* for many: rows beyond the newest so many of an author and kind */
    bool (*keeps)(void *user, const ht_hash32 *pubkey); /* NULL: none stays */
    void *user;
};
enum ht_err ht_store_sql_old(int64_t *seqs, size_t *count, struct ht_store_sql *sql,
                             const struct ht_store_aged *aged, size_t max,
                             struct ht_why *why) HT_MUST_USE;
enum ht_err ht_store_sql_many(int64_t *seqs, size_t *count, struct ht_store_sql *sql,
                              const struct ht_store_aged *aged, size_t max,
                              struct ht_why *why) HT_MUST_USE;

/* Bytes of the file, and of its pages that hold nothing any more. */
enum ht_err ht_store_sql_room(uint64_t *bytes, uint64_t *unused, struct ht_store_sql *sql,
                              struct ht_why *why) HT_MUST_USE;
/* Outside of any transaction: makes the file as small as it can be. */
enum ht_err ht_store_sql_compact(struct ht_store_sql *sql, struct ht_why *why) HT_MUST_USE;

/* --- for both
 * --------------------------------------------------------------------------------------*/

/* Prepares statement `at` with that text unless it is there. */
enum ht_err ht_store_sql_use(sqlite3_stmt **out, struct ht_store_sql *sql, size_t at,
                             const char *text, struct ht_why *why) HT_MUST_USE;
/* The first eight bytes, as they are indexed. */
int64_t ht_store_sql_prefix(const ht_hash32 *value);

#endif
