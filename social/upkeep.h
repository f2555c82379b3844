/* The owner as keeper of the relay: drafts, reports, blocking, removing, what is stored, import and
 * export (client.h).
 *
 * social.import {"lines": [text]} -> {"lines", "stored", "duplicate", "replaced", "deleted",
 * "expired", "refused", "ephemeral", "malformed", "unverified"}: events as JSONL, each verified.
 * social.export {"cursor"?: text} -> {"lines": [text], "cursor": text | null}: all events, newest
 * first, a piece at a time.
 *
 * Reasons: HT_EINPUT "bad_npub", "bad_id", "bad_cursor", "too_long"; HT_ENOTFOUND "no_draft"; those
 * of the disk. Loop thread. */
#ifndef HT_SOCIAL_UPKEEP_H
#define HT_SOCIAL_UPKEEP_H

#include "social/client_task.h"

#define HT_UPKEEP_EXPORT_BYTES ((size_t)300 << 10) /* of one piece, or one event */

/* See struct ht_rpc_method. */
void ht_draft_put_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_drafts_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_draft_delete_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_moderation_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_block_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_remove_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_stats_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_import_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_export_start(void *self, struct ht_rpc_call *call, const json_t *params);

/* Begins to remove what has had its time, now and then (upkeep_sweep.h). */
void ht_upkeep_begin(struct ht_social *social);
/* The next time comes at once: the rules have changed. */
void ht_upkeep_hurry(struct ht_social *social);

#endif
