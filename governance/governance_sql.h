/* The governance module's tables: its list of migrations. The parts' own *_sql.h have access to
 * them. Append-only. */
#ifndef HT_GOVERNANCE_GOVERNANCE_SQL_H
#define HT_GOVERNANCE_GOVERNANCE_SQL_H

#include "node/module.h"

extern const struct ht_migration ht_governance_migrations[];
#define HT_GOVERNANCE_MIGRATIONS 6U

#endif
