/* Media from the inside: what its files share. Only media*.c and their tests include this. Loop
 * thread but where said. */
#ifndef HT_SOCIAL_MEDIA_MEDIA_IMPL_H
#define HT_SOCIAL_MEDIA_MEDIA_IMPL_H

#include "node/p2p/swarm.h"
#include "social/media/media.h"
#include "social/media/media_auth.h"
#include "social/media/media_sql.h"

#define HT_MEDIA_PATH_SIZE 4400U
#define HT_MEDIA_INCOMING "incoming" /* the folder of what is not whole yet */

struct ht_intake;
struct ht_media_fetch;
struct ht_media_swarm;
struct ht_media_asking;

/* A bucket of what goes to one node. */
struct ht_media_upload {
    ht_hash32 node;
    int64_t at_ms; /* when it asked last; monotonic */
    struct ht_bucket bucket;
};

struct ht_media {
    struct ht_social *social;
    char dir[HT_MEDIA_PATH_SIZE - 128];
    uint64_t key_quota, quota; /* bytes; 0: no bound */
    struct ht_intake *intakes;
    unsigned intake_count;
    uint64_t made; /* temporary files since the start */
    struct ht_media_fetch *fetches;
    struct ht_timer sweep_timer;
    struct ht_media_sweep *sweep;  /* under way; NULL: it has been done, or waits */
    unsigned sweep_next;           /* the next folder; 256: all were looked at */
    struct ht_media_swarm *swarms; /* from many */
    unsigned piece_count;          /* requests for chunks of theirs */
    bool is_listening;             /* to near */
    struct ht_near_listener listener;
    struct ht_near_node near[HT_SWARM_HOLDERS_MAX];
    size_t near_count;
    struct ht_upload_limits limits;
    struct ht_bucket upload; /* of all */
    struct ht_media_upload uploads[HT_SWARM_HOLDERS_MAX];
    struct ht_media_asking *askings; /* requests that wait for their turn */
    unsigned upload_waiting;         /* how many */
    bool is_listing;                 /* a worker makes a list of chunks */
    bool is_stopped;
    bool (*is_public)(const struct sockaddr *address); /* of tests; NULL: http.h's */
};

/* DIR/xx/HASH and DIR/xx. Any thread. */
void ht_media_path(char out[static HT_MEDIA_PATH_SIZE], const struct ht_media *media,
                   const ht_hash32 *sha256);
void ht_media_folder(char out[static HT_MEDIA_PATH_SIZE], const struct ht_media *media,
                     uint8_t first);
/* Turns errno into an error: HT_ESTORE "disk_full", "read_only", "disk_failed". Any thread. */
enum ht_err ht_media_disk_fail(struct ht_why *why, int error, const char *doing);
/* On the writer's thread: removes the file of a blob that has no row. */
enum ht_err ht_media_tidy_now(struct ht_media *media, sqlite3 *db, const ht_hash32 *sha256,
                              struct ht_why *why) HT_MUST_USE;
/* The same, later and by itself; when it cannot, the next start does it. */
void ht_media_tidy(struct ht_media *media, const ht_hash32 *sha256);

/* "http://127.0.0.1:8421", for this computer; false when the door is closed. */
bool ht_media_base(char out[static 128], const struct ht_social *social);
bool ht_media_is_owner(const struct ht_social *social, const ht_hash32 *key);

#endif
