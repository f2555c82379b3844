/* The data directory and its SQLite database: open, lock, check, migrate.
 *
 * Settings and their reasons: WAL, synchronous FULL, foreign keys, untrusted schema, defensive
 * mode, double-quoted strings off, application_id and user_version. One process at a time holds
 * the directory, by a lock file that the kernel releases when the process ends however it ends. */
#ifndef HT_STORE_DB_H
#define HT_STORE_DB_H

#include <sqlite3.h>

#include "node/base/err.h"

/* One step of the schema, run once in its own transaction. Append-only within its part: never edit
 * one that was released. Each part of the program counts its own steps, so that modules come, go
 * and grow without each other. */
struct ht_migration {
    const char *part; /* whose tables: "light client", "identity"; NULL: "main" */
    const char *name; /* for messages: "light client store" */
    const char *sql;
};

struct ht_datadir; /* the locked directory */

/* Creates the directory (0700) when missing and locks it. HT_EDENIED "data_dir_in_use" when
 * another process holds it (its pid is named; a process forked later holds it too until it ends or
 * calls exec), HT_ESTORE "data_dir_read_only", "disk_full",
 * "data_dir_unusable". */
enum ht_err ht_datadir_open(struct ht_datadir **out, const char *path,
                            struct ht_why *why) HT_MUST_USE;
void ht_datadir_close(struct ht_datadir *dir);

/* Opens PATH read-write for the one writer and brings it to the last migration of each part in the
 * list; what other parts have in it stays as it is. HT_ESTORE with codes "database_newer" (a part
 * was written by a newer version), "database_foreign" (another program's),
 * "database_damaged" (quick_check failed, which runs after an unclean stop), all of which leave the
 * file as it was; "disk_full", "read_only"; "database_failed" for the rest, a failed migration
 * among it, which leaves the schema as it was before that step. HT_EAGAIN "database_busy". */
enum ht_err ht_db_open(sqlite3 **out, const char *path, const struct ht_migration *migrations,
                       size_t count, struct ht_why *why) HT_MUST_USE;

/* Opens PATH for reading only; the file must have been opened by ht_db_open before. HT_ENOTFOUND
 * "database_missing", and the errors of ht_db_open. */
enum ht_err ht_db_open_reader(sqlite3 **out, const char *path, struct ht_why *why) HT_MUST_USE;

/* Finalizes every statement that is still prepared on it, optimizes, truncates the log and closes.
 * Readers are closed before the writer's connection, or the log stays behind and the next start
 * takes it for an unclean stop. NULL is fine. */
void ht_db_close(sqlite3 *db);

/* Turns the last SQLite result of db into an error with words: "disk_full", "read_only",
 * "database_damaged", "database_failed" as HT_ESTORE; "database_busy" as HT_EAGAIN; HT_ENOMEM.
 * `doing` goes in front: "cannot store an event". */
enum ht_err ht_db_fail(struct ht_why *why, sqlite3 *db, const char *doing);

/* Prepares a statement to be kept (SQLITE_PREPARE_PERSISTENT); it lives until ht_db_close. */
enum ht_err ht_db_prepare(sqlite3_stmt **out, sqlite3 *db, const char *sql,
                          struct ht_why *why) HT_MUST_USE;
/* Reset and clear bindings in one: a statement left stepping pins the write-ahead log. */
void ht_db_reset(sqlite3_stmt *stmt);

#endif
