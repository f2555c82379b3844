/* Links on disk. Rules as in identity_sql.h. Thread of the connection. */
#ifndef HT_IDENTITY_TRUST_LINK_SQL_H
#define HT_IDENTITY_TRUST_LINK_SQL_H

#include "identity/trust/link.h"

extern const char ht_id_link_schema_sql[]; /* of the migration */

/* Adds or replaces. */
enum ht_err ht_id_link_sql_save(sqlite3 *db, const struct ht_id_link *link,
                                struct ht_why *why) HT_MUST_USE;
enum ht_err ht_id_link_sql_delete(sqlite3 *db, const ht_hash32 *pubkey, const ht_addr20 *address,
                                  struct ht_why *why) HT_MUST_USE;
/* Those of a chain, oldest event first; views are good until the callback returns. */
typedef enum ht_err ht_id_link_each(void *user, const struct ht_id_link *link);
enum ht_err ht_id_link_sql_load(sqlite3 *db, uint64_t chain_id, ht_id_link_each *each, void *user,
                                struct ht_why *why) HT_MUST_USE;

#endif
