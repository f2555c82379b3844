/* What the light client believes, as JSON for every door: UI, command line, scripts.
 *
 * Each function makes one object that the caller owns; `sync` comes as void * so that they fit
 * tables of getters. Field names and shapes are the API's promise: add, never rename. Loop thread.
 * HT_ENOMEM. */
#ifndef HT_L1_STATUS_H
#define HT_L1_STATUS_H

#include <jansson.h>

#include "node/l1/sync.h"

/* Topic "l1.status": state, head, finality, period, checkpoint, progress. */
enum ht_err ht_l1_status_json(void *sync, json_t **out, struct ht_why *why);

/* Topic "l1.providers": every provider with score, speed and faults; no credentials. */
enum ht_err ht_l1_providers_json(void *sync, json_t **out, struct ht_why *why);

/* Topic "l1.slots": {"first", "states"}, a letter a slot as in chain_view.h. */
enum ht_err ht_l1_slots_json(void *sync, json_t **out, struct ht_why *why);

/* Topic "l1.head_ages": {"points": [[at_ms, delay_ms], …]}, oldest first. */
enum ht_err ht_l1_head_ages_json(void *sync, json_t **out, struct ht_why *why);

/* The provenance of a value proven at an execution block (DESIGN.md section 7); NULL without
 * memory. level: "head" or "finalized"; timestamp: the block's, seconds UTC, from which its age
 * counts; source: who sent the proof, "" for nobody. */
json_t *ht_l1_provenance_json(const struct ht_sync *sync, const char *level, uint64_t number,
                              const ht_hash32 *hash, uint64_t timestamp, const char *source);

/* "starting", "syncing", "live", "stale", "offline", "error" */
const char *ht_sync_state_name(enum ht_sync_state state);

#endif
