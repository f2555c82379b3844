/* The bunker from the inside. Only bunker*.c include this. Loop thread. */
#ifndef HT_SOCIAL_BUNKER_BUNKER_IMPL_H
#define HT_SOCIAL_BUNKER_BUNKER_IMPL_H

#include "social/bunker/bunker.h"
#include "social/bunker/bunker_uri.h"

#define HT_BUNKER_SECRET_SIZE 33U /* hex of 16 bytes */
#define HT_BUNKER_FLYING_MAX 64U  /* requests that are worked on */
/* Ids of requests that are remembered of one device: all that its rate lets through while an event
 * could come again. */
#define HT_BUNKER_SEEN ((size_t)HT_BUNKER_A_MINUTE * (2U * HT_BUNKER_WINDOW_S / 60U + 1U))
#define HT_BUNKER_EVENTS_SEEN 256U /* that may come by several relays */
#define HT_BUNKER_LINKS_MAX 8U

/* So much a minute, saved up for a minute; in thousandths. */
struct ht_bunker_bucket {
    int64_t left;
    int64_t at_ms; /* 0: it is full */
};

struct ht_bunker_device {
    struct ht_bunker_row row;
    bool is_dirty; /* its counts are not on the disk yet */
    struct ht_bunker_bucket bucket;
    uint64_t seen[HT_BUNKER_SEEN];
    size_t seen_count, seen_at;
    char greeting[HT_BUNKER_SECRET_MAX + 1]; /* a nostrconnect device waits for it; empty: not */
    int64_t greeting_until_ms;
};

struct ht_bunker_invite {
    char secret[HT_BUNKER_SECRET_SIZE]; /* empty: none */
    int64_t until_ms;
    bool is_taken; /* it is being used; until the disk has said so */
    struct ht_bunker_row row;
};

/* A request on its way to its answer. */
struct ht_bunker_job {
    struct ht_bunker *bunker;
    struct ht_bunker_job *next; /* among those that wait */
    struct ht_bunker_row row;   /* of who asks; without a name: a stranger */
    bool is_stranger;
    struct ht_bunker_request request;
    struct ht_bunker_invite *invite; /* that it uses */
    struct ht_arena arena;
    json_t *keep; /* holds texts of the event */
    struct ht_event event;
    ht_hash32 peer; /* of encrypt and decrypt */
    uint64_t number;
    int64_t at_ms, until_ms; /* mono but for at_ms */
    char what[160];
    /* The answer. */
    struct ht_event answer;
    char device_hex[65];
    ht_bytes tag_items[2];
    struct ht_event_tag tag;
    struct ht_buf payload, json;
    struct ht_relay_publish publish;
};

struct ht_bunker_link {
    struct ht_bunker *bunker;
    struct ht_link *link; /* NULL: free */
};

struct ht_bunker {
    struct ht_social *social;
    struct ht_bunker_device *devices[HT_BUNKER_DEVICES_MAX];
    size_t device_count;
    struct ht_bunker_invite invites[HT_BUNKER_INVITES_MAX];
    struct ht_bunker_job *waiting; /* the oldest first */
    size_t waiting_count, flying_count;
    uint64_t number;
    struct ht_bunker_bucket strangers;
    uint64_t events_seen[HT_BUNKER_EVENTS_SEEN];
    size_t events_at;
    uint64_t secret; /* with which ids are hashed */
    int64_t started_s;
    uint64_t missed;
    struct ht_bunker_link links[HT_BUNKER_LINKS_MAX];
    size_t taking_count; /* events from links that our relay looks at */
    struct ht_timer timer;
    bool is_ticking;
    unsigned tick;
};

/* A change on the disk; done comes after it, also when it failed. */
struct ht_bunker_save {
    struct ht_write write; /* first */
    struct ht_bunker *bunker;
    struct ht_bunker_row row;
    bool is_end; /* the device goes */
    void (*done)(struct ht_bunker_save *save);
    void *user;
    uint64_t number;
};
/* save is malloc'd; it is freed after done. HT_EAGAIN "busy", "stopping": it is freed, and done
 * does not come. */
enum ht_err ht_bunker_save(struct ht_bunker_save *save, struct ht_why *why) HT_MUST_USE;

/* NULL when there is none. */
struct ht_bunker_device *ht_bunker_find(const struct ht_bunker *bunker, const ht_hash32 *device);
/* Adds it or takes the place of the one with its key. HT_ELIMIT "too_many", HT_ENOMEM. */
enum ht_err ht_bunker_add(struct ht_bunker *bunker, const struct ht_bunker_row *row,
                          struct ht_why *why) HT_MUST_USE;
/* Also what waits of it. */
void ht_bunker_remove(struct ht_bunker *bunker, const ht_hash32 *device);
/* Whether the keys can be used. */
bool ht_bunker_is_open(const struct ht_bunker *bunker);
/* Something that the owner sees has changed. */
void ht_bunker_changed(struct ht_bunker *bunker);
/* What has a deadline is looked at every second from now on. */
void ht_bunker_tick(struct ht_bunker *bunker);

struct ht_bunker_job *ht_bunker_job_new(struct ht_bunker *bunker, const struct ht_bunker_row *row);
void ht_bunker_job_free(struct ht_bunker_job *job);

#endif
