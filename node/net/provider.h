/* Providers: servers that answer questions about the chain and are not trusted.
 *
 * This keeps what is known of each - score, speed, faults - and picks whom to ask next. Pure: it
 * sends nothing, and time and randomness are arguments. A provider whose answer fails its proof has
 * lied: it is not asked again until the user says so. One that is down or slow is asked later,
 * after a growing pause with jitter. */
#ifndef HT_NET_PROVIDER_H
#define HT_NET_PROVIDER_H

#include "node/base/clock.h"

#define HT_PROVIDERS_MAX 32
#define HT_PROVIDER_FAULTS_MAX 8 /* kept per provider, newest last */
#define HT_PROVIDER_LACKS_MAX 16 /* methods that are known to be missing */
#define HT_PROVIDER_METHODS_MAX 24
#define HT_PROVIDER_REQUESTS_PER_S 50U /* the budget unless set otherwise */
#define HT_PROVIDER_PEER_PER_S 20U     /* that of each peer, whatever is set */
/* For so long nobody else gets the place of a peer that is gone: what was asked of it is over then.
 */
#define HT_PROVIDER_REST_MS 90000

enum ht_provider_kind { HT_PROVIDER_BEACON, HT_PROVIDER_CHECKPOINT, HT_PROVIDER_EXECUTION };

enum ht_provider_state {
    HT_PROVIDER_IN_USE,
    HT_PROVIDER_READY,
    HT_PROVIDER_SLOW,
    HT_PROVIDER_FAILING,
    HT_PROVIDER_LIED,
};

/* Evidence against a provider. */
struct ht_provider_fault {
    int64_t at_ms; /* wall time */
    char asked[64];
    struct ht_why why;
    bool has_slot;
    uint64_t slot; /* of the object it was about */
    size_t answer_bytes;
    int64_t evidence_id; /* of what was kept of it on disk; 0 until that is there */
};

/* How it did with one JSON-RPC method. */
struct ht_provider_method {
    const char *method; /* a string literal */
    uint64_t answered;
    uint64_t failed;
    unsigned score;     /* 0 to 100 */
    int64_t average_ms; /* of the answers, the last ones counting most; -1: none yet */
};

/* A node of the peers' network that serves chain data, asked like any other server. */
struct ht_provider_peer {
    ht_hash32 node; /* its key */
    ht_hash32 pin;  /* of its TLS key */
    bool has_pin;
    char token[65]; /* Authorization: Bearer; "": none */
    char socks[64]; /* the SOCKS5 proxy to reach it by; "": none */
};

struct ht_provider {
    char id[24];    /* "beacon-1", "peer-17": stable within a run */
    char url[512];  /* base, without a slash at its end; may hold credentials: never shown */
    char name[128]; /* host and port: what people see */
    enum ht_provider_kind kind;
    bool is_in_use; /* it answered last, or carries the event stream */
    bool has_lied;
    unsigned score;       /* 0 to 100 */
    int64_t recent_ms[8]; /* how long the last answers took */
    size_t recent_count;
    uint64_t requests;
    uint64_t failures;
    unsigned failures_in_row;
    int64_t pause_until_ms;  /* monotonic; not asked before */
    int64_t told_until_ms;   /* monotonic; what it asked for itself (Retry-After) */
    int64_t behind_until_ms; /* monotonic; others are asked first until then */
    bool has_head_slot;
    uint64_t head_slot;    /* newest it gave that held */
    int64_t last_error_ms; /* wall time; 0: none */
    struct ht_why last_error;
    struct ht_provider_fault faults[HT_PROVIDER_FAULTS_MAX];
    size_t fault_count;
    uint64_t faults_seen; /* the number of the newest fault, counting from 1 in this run */
    const char *lacks[HT_PROVIDER_LACKS_MAX]; /* methods it does not have; string literals */
    size_t lack_count;
    struct ht_provider_method methods[HT_PROVIDER_METHODS_MAX]; /* those asked for so far */
    size_t method_count;
    bool is_unbounded;   /* has no budget */
    int64_t spent_milli; /* thousandths of requests that the budget has yet to make up for */
    int64_t spent_at_ms; /* monotonic; when that was so */
    uint64_t serial;     /* no other provider of this run has it */
    bool is_peer;
    struct ht_provider_peer peer; /* of a peer */
    bool is_gone;                 /* it cannot be asked any more, and is not shown */
    int64_t gone_ms;              /* monotonic; since when */
};

struct ht_providers {
    struct ht_provider list[HT_PROVIDERS_MAX];
    size_t count;
    const struct ht_clock *clock;
    const struct ht_random *random;
    bool has_own_budget; /* requests_per_s was set; else it is the usual one */
    unsigned requests_per_s;
    uint64_t next_serial;
    /* A peer has lied; called by ht_provider_faulted. NULL: nobody wants to know. */
    void (*on_lie)(void *user, const struct ht_provider *provider,
                   const struct ht_provider_fault *fault);
    void *user;
};

/* Adds one by its base URL, e.g. "https://user:pass@host:port/path". HT_EINPUT "bad_url" for what
 * is not http or https, nor, for execution providers alone, ws or wss; HT_ELIMIT when there are too
 * many; the same URL and kind twice is HT_OK and added once. */
enum ht_err ht_providers_add(struct ht_providers *providers, enum ht_provider_kind kind,
                             const char *url, struct ht_why *why) HT_MUST_USE;

/* Adds a peer's server, or takes up again the one that the same node had: what it did wrong is not
 * forgotten by its leaving. The user's own providers are asked first. A place in the list never
 * moves; that of a peer gone for HT_PROVIDER_REST_MS may become another's, those of liars last.
 * HT_EINPUT "bad_url", HT_ELIMIT "too_many_providers". */
enum ht_err ht_providers_add_peer(struct ht_providers *providers, enum ht_provider_kind kind,
                                  const char *url, const struct ht_provider_peer *peer,
                                  struct ht_why *why) HT_MUST_USE;
/* The node is asked nothing any more, as a server of any kind. */
void ht_providers_remove_peer(struct ht_providers *providers, const ht_hash32 *node);
/* How many of a kind are there, peers or not. */
size_t ht_providers_count(const struct ht_providers *providers, enum ht_provider_kind kind);
/* NULL when another has its place now. */
const struct ht_provider *ht_providers_by_serial(const struct ht_providers *providers,
                                                 uint64_t serial);

struct ht_provider *ht_providers_find(struct ht_providers *providers, const char *id);

/* The best of that kind that may be asked now; `but` is passed over when another one can be had
 * (NULL: none). NULL when all are pausing or have lied; *wait_ms is then how long until one may be
 * asked again, -1 when none ever will be. */
struct ht_provider *ht_providers_pick(struct ht_providers *providers, enum ht_provider_kind kind,
                                      const struct ht_provider *but, int64_t *wait_ms);

/* The same among those that `may` takes, NULL meaning all. */
typedef bool ht_provider_filter(const void *user, const struct ht_provider *provider);
struct ht_provider *ht_providers_pick_where(struct ht_providers *providers,
                                            enum ht_provider_kind kind, ht_provider_filter *may,
                                            const void *user, int64_t *wait_ms);

/* The same for a question. Kinds without a budget, and a method of NULL, are chosen as above. */
struct ht_provider_wish {
    ht_provider_filter *may; /* NULL: all */
    const void *user;
    const char *method; /* that it is about: who did well with it comes first; NULL: any */
    size_t requests;    /* it takes from the budget; who has spent it counts as pausing */
};
struct ht_provider *ht_providers_pick_for(struct ht_providers *providers,
                                          enum ht_provider_kind kind,
                                          const struct ht_provider_wish *wish, int64_t *wait_ms);

/* How many requests each execution provider gets in a second, on average; 0: as many as there are.
 * Twice that may go at once; more than that only after a rest, as a batch that fits in no other
 * way. */
void ht_providers_set_budget(struct ht_providers *providers, unsigned per_s);
/* What one has now; 0: no bound. */
unsigned ht_provider_budget(const struct ht_providers *providers,
                            const struct ht_provider *provider);
/* So many requests were sent to it; each of a batch counts. */
void ht_provider_spend(const struct ht_providers *providers, struct ht_provider *provider,
                       size_t requests);

/* How it did with a method, a string literal: for the choice, and for people to see. elapsed_ms
 * counts when it answered. */
void ht_provider_note_method(struct ht_provider *provider, const char *method, bool has_answered,
                             int64_t elapsed_ms);

/* A method it does not have: it is not asked for that again in this run, and loses nothing else.
 * method is a string literal. */
void ht_provider_note_lack(struct ht_provider *provider, const char *method);
bool ht_provider_lacks(const struct ht_provider *provider, const char *method);

/* It answered, and what it said held. */
void ht_provider_succeeded(struct ht_providers *providers, struct ht_provider *provider,
                           int64_t elapsed_ms);
/* It answered, with nothing new where something was due: for that long it is asked only when no
 * other can be, and of several such the one that has waited longest. */
void ht_provider_lagged(struct ht_providers *providers, struct ht_provider *provider,
                        int64_t for_ms);
/* It did not answer, or with an error status: pause and lower score. retry_after_ms: what it asked
 * for, -1 when it did not. */
void ht_provider_failed(struct ht_providers *providers, struct ht_provider *provider,
                        const struct ht_why *why, int64_t retry_after_ms);
/* Nobody pauses longer than max_ms from now: for when all fail at once, which is likely this
 * computer's doing. One that asked us to come back later keeps its pause. */
void ht_providers_hurry(struct ht_providers *providers, enum ht_provider_kind kind, int64_t max_ms);
/* What it sent was malformed or did not hold. Keeps the fault; with is_lie it is dropped. */
void ht_provider_faulted(struct ht_providers *providers, struct ht_provider *provider,
                         const struct ht_provider_fault *fault, bool is_lie);
/* A lie of an earlier run: the fault is put on record and the provider is dropped, and nothing is
 * counted. why.code must last as long as the provider. */
void ht_provider_recall_lie(struct ht_provider *provider, const struct ht_provider_fault *fault);
/* The user trusts it again: faults stay on record, the score starts over. */
void ht_provider_forgive(struct ht_provider *provider);

enum ht_provider_state ht_provider_state(const struct ht_provider *provider);
const char *ht_provider_state_name(enum ht_provider_state state);
const char *ht_provider_kind_name(enum ht_provider_kind kind);

/* Median of the last answers' times in ms, -1 when there were none. */
int64_t ht_provider_median_ms(const struct ht_provider *provider);

/* Whether every provider of that kind failed last time it was asked, or lied: nobody is there. */
bool ht_providers_all_down(const struct ht_providers *providers, enum ht_provider_kind kind);

#endif
