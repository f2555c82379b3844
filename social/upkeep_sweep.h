/* Removing what has expired, and what is older than the owner's settings let it be; how much is
 * stored.
 *
 * social.stats {} -> {"store": {"events", "authors", "bytes", "tombstones", "oldest", "newest",
 * "kinds": [{"kind", "events"}] (those of which there are most, HT_STATS_KINDS_MAX of them)},
 * "relay": counts since the start, "door": as ht_door_json tells, "removed": {"retention",
 * "expired"}: how many ever}.
 *
 * A sweep comes every minute and removes little at a time; while there is more, one each second. A
 * round over all events takes place once an hour, and when settings have changed. The owner's
 * are the keys of the vault, open or locked; without any, or with more than 64, nothing goes by
 * age, for it is not known then whose events they are. */
#ifndef HT_SOCIAL_UPKEEP_SWEEP_H
#define HT_SOCIAL_UPKEEP_SWEEP_H

#include "social/store/store_retention.h"
#include "social/upkeep.h"

#define HT_STATS_KINDS_MAX 10U
#define HT_SWEEP_REMOVED_MAX 500U /* of one sweep, by age and by expiry each */
#define HT_SWEEP_LOOKED_MAX 4000U
#define HT_SWEEP_ROUND_S 3600

/* One sweep by age, with the store of that connection: the rules of the settings, whose events are
 * whose by the lists of follows and bookmarks of the owners (sorted). The writer's thread. */
enum ht_err ht_sweep_by_age(size_t *removed, bool *more, struct ht_task *task, sqlite3 *db,
                            const ht_hash32 *owners, size_t owner_count,
                            struct ht_why *why) HT_MUST_USE;

/* What social.stats tells of the store, to task->result. On the reader's worker. */
enum ht_err ht_sweep_stats(struct ht_task *task, sqlite3 *db, struct ht_why *why) HT_MUST_USE;

/* {"retention", "expired"}, a new reference; and adding to it. The connection's thread. */
enum ht_err ht_sweep_removed(json_t **out, sqlite3 *db, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_sweep_add_removed(sqlite3 *db, size_t by_age, size_t expired,
                                 struct ht_why *why) HT_MUST_USE;

#endif
