/* Which schemas vouch, on disk. Rules as in identity_sql.h. Thread of the connection. */
#ifndef HT_IDENTITY_TRUST_TRUST_SQL_H
#define HT_IDENTITY_TRUST_TRUST_SQL_H

#include "identity/trust/trust.h"

extern const char ht_trust_schema_sql[]; /* of the migration */

/* In place of what was there. */
enum ht_err ht_trust_sql_save(sqlite3 *db, const ht_hash32 *schemas, size_t count,
                              struct ht_why *why) HT_MUST_USE;
/* At most HT_TRUST_SCHEMAS_MAX; none when nothing was set. */
enum ht_err ht_trust_sql_load(sqlite3 *db, ht_hash32 *schemas, size_t *count,
                              struct ht_why *why) HT_MUST_USE;

#endif
