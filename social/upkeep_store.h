/* The store as the writer's thread sees it, for what the owner does to it. Only upkeep*.c include
 * this. */
#ifndef HT_SOCIAL_UPKEEP_STORE_H
#define HT_SOCIAL_UPKEEP_STORE_H

#include "social/upkeep.h"

/* Made by the first who needs it. The writer's thread. */
enum ht_err ht_upkeep_store(struct ht_store **out, struct ht_social *social, sqlite3 *db,
                            struct ht_why *why) HT_MUST_USE;

#endif
