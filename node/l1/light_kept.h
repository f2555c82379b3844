/* Verified light-client objects that are kept for others: what a node needs to start from and to
 * follow the chain, served to peers (node/app/near_light.h).
 *
 * On disk: bootstraps by their block, and the best update of each sync-committee period
 * (altair/light-client/sync-protocol §is_better_update), the newest HT_LIGHT_PERIODS periods of
 * each. In memory: the newest finality and optimistic update and recent beacon headers. Only what
 * this node's own light client accepted comes in. Loop thread, unless said otherwise. */
#ifndef HT_L1_LIGHT_KEPT_H
#define HT_L1_LIGHT_KEPT_H

#include "node/l1/consensus/decode.h"
#include "node/store/reader.h"
#include "node/store/writer.h"

#define HT_LIGHT_PERIODS 128U        /* kept on disk; MAX_REQUEST_LIGHT_CLIENT_UPDATES */
#define HT_LIGHT_UPDATES_AT_ONCE 32U /* of one read */
#define HT_LIGHT_HEADERS 128U        /* in memory */

/* One object as bytes, with what tells it from others. */
struct ht_light_object {
    struct ht_light_object *next; /* the owner's */
    enum ht_lc_kind kind;
    enum ht_fork fork;
    uint64_t slot;           /* of the attested header, or the bootstrap's */
    uint64_t signature_slot; /* not of bootstraps */
    uint64_t finalized_slot; /* of finality updates and updates */
    uint64_t period;         /* of slot */
    uint64_t rank;           /* of updates: more is better, within a period */
    ht_hash32 root;          /* of the header at slot */
    struct ht_beacon_block_header beacon;
    struct ht_buf ssz; /* at most HT_LC_SSZ_MAX */
};

/* Any thread. A new one out of an object that was verified; NULL without memory. */
struct ht_light_object *ht_light_object_new(const struct ht_network *network,
                                            const struct ht_lc_object *object);
/* A list of them. NULL is fine. */
void ht_light_object_free(struct ht_light_object *list);

struct ht_light_kept;

/* Everything outlives it. db is used in this call only. HT_ESTORE, HT_ENOMEM. */
enum ht_err ht_light_kept_new(struct ht_light_kept **out, const struct ht_network *network,
                              struct ht_writer *writer, struct ht_reader *reader, sqlite3 *db,
                              struct ht_why *why) HT_MUST_USE;
/* When writer and reader have ended and the loop has drained. NULL is fine. */
void ht_light_kept_free(struct ht_light_kept *kept);

/* Takes over a list of objects that the light client has accepted. What cannot be written now is
 * logged and lost: it can be had again. */
void ht_light_kept_take(struct ht_light_kept *kept, struct ht_light_object *list);
/* A header of the chain, proven by its root. */
void ht_light_kept_add_header(struct ht_light_kept *kept,
                              const struct ht_beacon_block_header *header, const ht_hash32 *root);

/* Whether there is a bootstrap of that period. */
bool ht_light_kept_has_bootstrap(const struct ht_light_kept *kept, uint64_t period);
/* The newest block that can be started from here; false when there is none. */
bool ht_light_kept_start(const struct ht_light_kept *kept, uint64_t *slot, ht_hash32 *root);
/* HT_LC_FINALITY_UPDATE or HT_LC_OPTIMISTIC_UPDATE; NULL when none has come in this run. Borrowed
 * until the next take. */
const struct ht_light_object *ht_light_kept_newest(const struct ht_light_kept *kept,
                                                   enum ht_lc_kind kind);
/* NULL when it is not there. */
const struct ht_beacon_block_header *ht_light_kept_header(const struct ht_light_kept *kept,
                                                          const ht_hash32 *root);

/* A read from disk. Lives in its owner's struct until done; zeroed but for what is asked. */
struct ht_light_read {
    bool is_updates;
    ht_hash32 root;               /* of a bootstrap */
    uint64_t first_period, count; /* of updates; at most HT_LIGHT_UPDATES_AT_ONCE come */
    void (*done)(struct ht_light_read *read); /* on the loop, later, once */
    /* HT_OK, HT_ENOTFOUND "not_kept" (a bootstrap), HT_ESTORE, HT_ENOMEM. */
    enum ht_err err;
    struct ht_why why;
    struct ht_light_object *objects; /* the owner's from then on; updates in order of periods */

    struct ht_read read; /* the service's own */
};
/* HT_EAGAIN: done does not come. */
enum ht_err ht_light_kept_read(struct ht_light_kept *kept, struct ht_light_read *read) HT_MUST_USE;

#endif
