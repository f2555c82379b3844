/* A beacon node for tests: serves what a test puts there, on loopback, many connections at a time,
 * and counts who asked for what. All calls from any thread. */
#ifndef HT_TESTS_BEACON_H
#define HT_TESTS_BEACON_H

#include <pthread.h>

#include "tests/unit/lc_builder.h"

enum ht_beacon_route {
    HT_BEACON_CHECKPOINT,
    HT_BEACON_BOOTSTRAP,
    HT_BEACON_UPDATES,
    HT_BEACON_FINALITY,
    HT_BEACON_OPTIMISTIC,
    HT_BEACON_EVENTS,
    HT_BEACON_HEADERS,
    HT_BEACON_ELSE,
    HT_BEACON_ROUTES,
};

#define HT_BEACON_DEFAULT 0 /* 404, or the updates that were given */
#define HT_BEACON_HANG_UP 1 /* closes without an answer */

struct ht_beacon_answer {
    int status; /* of HTTP, or one of the two above */
    char headers[160];
    struct ht_buf body;
};

struct ht_beacon {
    char url[40];
    char name[24]; /* host and port */
    int listener;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    bool is_stopping;
    unsigned connections;
    unsigned streams; /* open now */
    unsigned cuts;    /* how often streams were cut */
    struct ht_beacon_answer answers[HT_BEACON_ROUTES];
    struct ht_buf updates[HT_LCB_PERIODS]; /* framed */
    struct ht_buf events;                  /* all that was sent */
    unsigned requests[HT_BEACON_ROUTES];
    char last_query[64]; /* of the updates */
};

void ht_beacon_start(struct ht_beacon *beacon);
/* Ends all connections. */
void ht_beacon_stop(struct ht_beacon *beacon);

/* What a route answers from now on; headers end with CR LF each. */
void ht_beacon_answer(struct ht_beacon *beacon, enum ht_beacon_route route, int status,
                      const char *headers, ht_bytes body);
/* The same for all routes, events too, without a body; streams are cut. */
void ht_beacon_answer_all(struct ht_beacon *beacon, int status, const char *headers);

/* The object as SSZ with its headers. */
void ht_beacon_give(struct ht_beacon *beacon, enum ht_beacon_route route,
                    const struct ht_lcb *builder, const struct ht_lc_object *object);
/* The best update of a period. */
void ht_beacon_give_update(struct ht_beacon *beacon, uint64_t period, const struct ht_lcb *builder,
                           const struct ht_lc_object *object);
/* The finalized checkpoint. */
void ht_beacon_give_checkpoint(struct ht_beacon *beacon, uint64_t epoch, const ht_hash32 *root);

/* An event to every stream that is open now; the stream's route must answer 200. */
void ht_beacon_send_event(struct ht_beacon *beacon, const struct ht_lcb *builder,
                          const struct ht_lc_object *object);
void ht_beacon_send_text(struct ht_beacon *beacon, const char *text);
void ht_beacon_cut_streams(struct ht_beacon *beacon);

unsigned ht_beacon_requests(struct ht_beacon *beacon, enum ht_beacon_route route);
unsigned ht_beacon_all_requests(struct ht_beacon *beacon);
unsigned ht_beacon_streams(struct ht_beacon *beacon);

#endif
