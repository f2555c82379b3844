/* Catch-up: two nodes that have been apart find what each lacks (NIP-77) and fetch it, newest
 * first.
 *
 * The client's side of a reconciliation over a fingerprint tree, in windows of time: the last day,
 * the week, 30 days, all; each window's ids are fetched before the next is compared, so that
 * what is new comes first and a cut loses little. Ids that we lack are asked for by REQ in batches
 * of 200; ids that the other lacks are offered when that is wanted (it asks for nothing).
 *
 * Where the other has no NIP-77 (NOTICE, CLOSED, NEG-ERR or silence to the first message), the same
 * windows are asked for by plain REQ with since, until and limit, a page at a time, and of ours
 * those that no page had are offered. A NEG-ERR or CLOSED to a later window's first message (too
 * many events, say) makes that window plain. One that says "auth-required" or "restricted" ends the
 * session. A frame is never above HT_CATCHUP_FRAME bytes.
 *
 * A session that was cut goes on with the window it was in (ht_catchup_mark), but compares the last
 * day first, which has what came since. Nothing of an event is verified here, nor that it matches
 * the filter: only that its id, or in a plain window its time, was asked for. Pure: messages in,
 * messages out; one thread at a time. */
#ifndef HT_P2P_CATCHUP_H
#define HT_P2P_CATCHUP_H

#include <jansson.h>

#include "node/base/clock.h"
#include "node/nostr/event.h"
#include "node/p2p/fingerprint_tree.h"

#define HT_CATCHUP_FRAME ((size_t)60000) /* bytes of a message of NEG, before hex doubles them */
#define HT_CATCHUP_BATCH 200U
#define HT_CATCHUP_WINDOWS 4U
#define HT_CATCHUP_PAGE_MAX 5000U   /* events of one plain REQ */
#define HT_CATCHUP_ROUNDS_MAX 2000U /* messages of one window */
#define HT_CATCHUP_NAME_MAX 32U
#define HT_CATCHUP_OFFERS_A_SECOND 25U
#define HT_CATCHUP_SILENCE_MS 20000
#define HT_CATCHUP_EVERY_MS \
    (INT64_C(45) * 60 * 1000)        /* and after each reconnect; with a third of jitter */
#define HT_CATCHUP_FOUND_MAX 100000U /* ids of one window; the rest with the next round */

struct ht_catchup;

struct ht_catchup_io {
    bool (*send)(void *user, ht_bytes text); /* false: later, ht_catchup_drained */
    /* An event that was asked for; to be verified and stored. event lives for the call. */
    void (*take)(void *user, ht_bytes event_json);
    /* An event of ours that the other lacks, by id: push or publish it, if it may go there. */
    void (*offer)(void *user, const ht_hash32 *id);
    /* It has ended, once: HT_OK; HT_EAGAIN "cut" or "silent" (a mark says where); HT_EDENIED
     * "auth-required" or "restricted"; HT_EINPUT "neg_malformed", "neg_version", "neg_endless" (no
     * end after HT_CATCHUP_ROUNDS_MAX messages), "not_asked" (events that were not asked for);
     * HT_ELIMIT "neg_too_large"; HT_ENOMEM. */
    void (*done)(void *user, enum ht_err err, const struct ht_why *why);
    void *user;
};

struct ht_catchup_mark { /* where a session was */
    unsigned window;
    int64_t until_s; /* within the window, of plain REQ; 0: its end */
};

struct ht_catchup_options {
    const struct ht_clock *clock;
    /* Of the subscription: distinct on its connection; [a-z0-9-], at most HT_CATCHUP_NAME_MAX.
     * REQs are named by it with ":" and a number. */
    const char *name;
    const json_t *filter;          /* without since, until and limit; copied */
    const struct ht_fp_tree *ours; /* of that filter; may change meanwhile */
    bool offers;                   /* what the other lacks is offered */
    unsigned offers_a_second;      /* 0: HT_CATCHUP_OFFERS_A_SECOND */
    int64_t plain_since_s;         /* a plain REQ asks for nothing older; 0: for all */
    struct ht_catchup_mark from;
    struct ht_catchup_io io;
};

struct ht_catchup_counts {
    uint64_t bytes_in, bytes_out;       /* of all messages of the session */
    uint64_t compared_in, compared_out; /* of them, those of NEG */
    uint64_t rounds;                    /* answers of NEG */
    uint64_t needed, taken, offered;    /* events */
    bool has_neg;                       /* the other speaks NIP-77 */
};

/* HT_EINPUT "bad_name", HT_ENOMEM. Sends nothing yet. */
enum ht_err ht_catchup_new(struct ht_catchup **out, const struct ht_catchup_options *options,
                           struct ht_why *why) HT_MUST_USE;
void ht_catchup_free(struct ht_catchup *catchup); /* also from within done */
void ht_catchup_begin(struct ht_catchup *catchup);
/* A message of the relay. true: it was this session's. A NOTICE is heeded but nobody's. */
bool ht_catchup_received(struct ht_catchup *catchup, ht_bytes text);
void ht_catchup_drained(struct ht_catchup *catchup);
/* The connection is lost. done comes from within, with "cut". */
void ht_catchup_cut(struct ht_catchup *catchup);
struct ht_catchup_mark ht_catchup_mark(const struct ht_catchup *catchup);
struct ht_catchup_counts ht_catchup_counts(const struct ht_catchup *catchup);
/* Offers, and notices silence. Milliseconds until the next; -1 none: it has ended, and `done` was
 * called before this returned or earlier. After ht_catchup_begin, and after whatever this said. */
int64_t ht_catchup_tick(struct ht_catchup *catchup);

#endif
