/* Which tables the module has, in the order in which they came. */
#include "governance/governance_sql.h"

#include "governance/ballots/ballot_sql.h"
#include "governance/community/community_sql.h"
#include "governance/community/notices_sql.h"
#include "governance/create/create_sql.h"

const struct ht_migration ht_governance_migrations[HT_GOVERNANCE_MIGRATIONS] = {
    {.name = "communities and proposals", .sql = ht_community_schema_sql},
    {.name = "notices of governance", .sql = ht_gov_notice_schema_sql},
    {.name = "creations of communities", .sql = ht_gov_creation_schema_sql},
    {.name = "signed ballots", .sql = ht_gov_ballots_schema_sql},
    {.name = "votes of delegates that were told", .sql = ht_gov_notice_vote_schema_sql},
    {.name = "votes of delegates by their marks", .sql = ht_gov_notice_mark_schema_sql},
};
