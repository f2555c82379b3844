/* The SQL that every database of ours starts and ends with; db.c decides when.
 *
 * Each function runs one statement and returns SQLite's result code; the connection holds the
 * message. */
#ifndef HT_STORE_DB_SQL_H
#define HT_STORE_DB_SQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HT_DB_APPLICATION_ID 0x48544831 /* "HTH1" */

int ht_db_sql_read_application_id(int64_t *out, sqlite3 *db);
int ht_db_sql_read_version(int64_t *out, sqlite3 *db);
/* Tables, indexes, views and triggers. */
int ht_db_sql_count_objects(int64_t *out, sqlite3 *db);
/* Writes "ok" or the first fault found to text. */
int ht_db_sql_quick_check(char *text, size_t size, sqlite3 *db);

/* Write-ahead log, full durability, checks. is_wal says whether the log could be had. */
int ht_db_sql_configure_writer(bool *is_wal, sqlite3 *db);
int ht_db_sql_configure_reader(sqlite3 *db);

/* How many steps of a part were run; -1 when parts are not told apart yet. */
int ht_db_sql_read_part(int64_t *out, sqlite3 *db, const char *part);

/* The steps of all parts together, also of those that this program does not have; -1 as above. */
int ht_db_sql_read_parts(int64_t *out, sqlite3 *db);

/* Says so, outside of any step. */
int ht_db_sql_set_part(sqlite3 *db, const char *part, uint32_t version);

/* One step of a part, after which it has `version` of them and the whole `total`, all in one
 * transaction. After a failure the transaction is still open: read the message, then roll back. */
int ht_db_sql_migrate(sqlite3 *db, const char *sql, const char *part, uint32_t version,
                      uint32_t total);

/* Before closing: query statistics, and an empty write-ahead log. */
void ht_db_sql_tidy(sqlite3 *db);

int ht_db_sql_begin(sqlite3 *db);
int ht_db_sql_commit(sqlite3 *db);
int ht_db_sql_rollback(sqlite3 *db);
/* One job within a transaction. */
int ht_db_sql_save(sqlite3 *db);
int ht_db_sql_keep(sqlite3 *db);
int ht_db_sql_undo(sqlite3 *db);

#endif
