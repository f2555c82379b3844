/* What the parts of a catch-up share. Only catchup*.c include this. */
#ifndef HT_P2P_CATCHUP_IMPL_H
#define HT_P2P_CATCHUP_IMPL_H

#include "node/p2p/catchup.h"
#include "node/p2p/catchup_read.h"
#include "node/p2p/fingerprint_view.h"

enum ht_catchup_phase {
    HT_CATCHUP_WAITS, /* not begun */
    HT_CATCHUP_COMPARES,
    HT_CATCHUP_FETCHES,
    HT_CATCHUP_PAGES,
    HT_CATCHUP_OFFERS,
    HT_CATCHUP_OVER,
};

/* A page of a plain window. */
struct ht_catchup_page {
    uint64_t from, until; /* seconds, both within; from: of the window */
    uint64_t first_until; /* where the window's pages began */
    unsigned limit;
    size_t count, fresh; /* events that came; of them, not known from the page before */
    uint64_t oldest;
    struct ht_buf edge, next_edge; /* ids at `until`, of earlier pages; at `oldest`, of this */
    struct ht_buf seen;            /* ids of the window */
};

struct ht_catchup {
    struct ht_clock clock;
    char name[HT_CATCHUP_NAME_MAX + 1];
    json_t *filter;
    const struct ht_fp_tree *ours;
    bool offers;
    int64_t offer_every_ms;
    int64_t plain_since_s;
    struct ht_catchup_mark from;
    struct ht_catchup_io io;
    struct ht_catchup_counts counts;

    enum ht_catchup_phase phase;
    bool is_plain;    /* the other has no NIP-77 */
    bool is_answered; /* in this window, by NEG-MSG */
    int64_t begun_s, heard_ms;
    unsigned window;
    uint64_t since, until;

    struct ht_neg *neg;
    struct ht_fp_view view;
    struct ht_neg_found found;
    unsigned rounds;

    uint64_t request; /* number of the last REQ */
    ht_hash32 batch[HT_CATCHUP_BATCH];
    bool has_come[HT_CATCHUP_BATCH];
    size_t batch_count;
    size_t strays; /* events that were not asked for */

    struct ht_catchup_page page;

    bool offers_span; /* of ours, all of a span but what was seen; otherwise found.have */
    struct ht_neg_bound offer_from;
    uint64_t offer_until;
    int64_t offer_ms; /* when the next may be */

    struct ht_buf queue; /* texts that wait, each behind its length */
    enum ht_err err;     /* when over */
    struct ht_why why;
    bool is_told;
};

/* It is over; `done` is called when the message at hand has been dealt with. */
void ht_catchup_end(struct ht_catchup *c, enum ht_err err, const char *code, const char *text);
void ht_catchup_end_why(struct ht_catchup *c, enum ht_err err, const struct ht_why *why);
/* Sends, or keeps it until the socket takes more. `text` as it comes from a builder: HT_OK. */
void ht_catchup_say(struct ht_catchup *c, ht_bytes text);
/* ["VERB","name"] or, with a number, ["VERB","name:number"]. */
void ht_catchup_say_end(struct ht_catchup *c, const char *verb, uint64_t number);
/* ["REQ","name:number",filter], whose number is the next. Takes the filter over; NULL: no memory.
 */
void ht_catchup_say_req(struct ht_catchup *c, json_t *filter);
/* The filter with the span. A new reference, NULL without memory. */
json_t *ht_catchup_filter(const struct ht_catchup *c, uint64_t since, uint64_t until);
/* What a relay that refuses says; true: the session has ended by it. */
bool ht_catchup_is_denied(struct ht_catchup *c, ht_bytes reason);
/* An event that was not asked for. */
void ht_catchup_stray(struct ht_catchup *c);
/* The window's events have been asked for. */
void ht_catchup_offer_begin(struct ht_catchup *c);
/* The window is done. */
void ht_catchup_next_window(struct ht_catchup *c);

#endif
