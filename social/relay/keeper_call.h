/* What each request of NIP-86 does to social.db.
 *
 * Kinds: whoever allows a disallowed kind takes that back, and no more while no kind is allowed by
 * name; else the kind joins the only ones that are taken. Whoever disallows a kind takes it off
 * that list too. So both can be undone.
 *
 * Errors: those of keeper_sql.h, client_sql.h and store.h. The writer's thread. */
#ifndef HT_SOCIAL_RELAY_KEEPER_CALL_H
#define HT_SOCIAL_RELAY_KEEPER_CALL_H

#include "social/relay/manage.h"
#include "social/store/store.h"

#define HT_KEEPER_REPORTS_MAX 500U /* the newest reports that are looked at */

/* Does it, in the writer's transaction. *result is what the answer's "result" shall be, a new
 * reference. */
enum ht_err ht_keeper_call(json_t **result, sqlite3 *db, struct ht_store *store,
                           const struct ht_manage_request *request, int64_t now_s,
                           struct ht_why *why) HT_MUST_USE;

#endif
