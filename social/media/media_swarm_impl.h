/* A fetch from many from the inside. Only media_swarm*.c include this. Loop thread but where said.
 */
#ifndef HT_SOCIAL_MEDIA_MEDIA_SWARM_IMPL_H
#define HT_SOCIAL_MEDIA_MEDIA_SWARM_IMPL_H

#include "node/p2p/swarm.h"
#include "social/media/media_swarm.h"

#define HT_MEDIA_CHUNK_MAX ((uint32_t)1 << 20) /* so that hashing one does not hold the loop */
#define HT_MEDIA_REFUSED_MAX 8U
#define HT_MEDIA_PIECES_MAX 64U /* under way in all fetches when none asks for more */

struct ht_media_giver;

enum ht_media_swarm_step {
    HT_SWARM_GATHER, /* who has it? */
    HT_SWARM_LIST,   /* the list of chunks is asked for */
    HT_SWARM_LOOK,   /* is it here, is there room? */
    HT_SWARM_OPEN,   /* what is in the file? */
    HT_SWARM_RUN,
    HT_SWARM_ENTER, /* the whole is hashed and named */
    HT_SWARM_PLAIN, /* as from any server */
};

/* A request for a chunk. */
struct ht_media_piece {
    struct ht_media_giver *giver;
    struct ht_http_request *request; /* NULL: free */
    size_t i;
};

/* Somebody who may have it. */
struct ht_media_giver {
    struct ht_media_swarm *swarm;
    char base[HT_MEDIA_BASE_SIZE];
    bool is_url;  /* a stranger that a URL names */
    bool is_near; /* near says who */
    struct ht_near_node near;
    struct ht_http_request *ask; /* for what it has, or for the list */
    int64_t next_ms;             /* when it is asked what it has; INT64_MAX: not again */
    unsigned busy;               /* times that it had no time to answer */
    bool has_answered;
    bool holds; /* has told what it has: */
    ht_hash32 root;
    bool is_whole;
    uint8_t bits[HT_SWARM_BITS_BYTES];
    size_t bit_bytes;
    bool is_bad; /* has given what was wrong */
    struct ht_swarm_holder *holder;
    struct ht_media_piece pieces[HT_SWARM_AT_ONCE];
};

struct ht_media_swarm {
    struct ht_read read; /* first */
    struct ht_work work;
    struct ht_write write;
    struct ht_timer timer;
    struct ht_media *media;
    struct ht_media_swarm *next;
    struct ht_media_swarm_options options; /* its pointers are not used any more */
    char url[HT_MEDIA_URL_MAX + 1];        /* "": none */
    char hex[65];
    enum ht_media_swarm_step step;
    unsigned running; /* workers' jobs of ours */
    bool is_over;     /* told; freed when nothing runs */
    int64_t first_ms; /* when the first said that it has it; 0: nobody yet */
    int64_t moved_ms; /* when something came last */

    struct ht_media_giver *givers[HT_SWARM_HOLDERS_MAX];
    size_t giver_count;
    ht_hash32 refused[HT_MEDIA_REFUSED_MAX]; /* roots whose chunks were not the blob's */
    size_t refused_count;
    struct ht_media_giver *lister; /* whose list it is, while its root is tried */
    bool is_own_list;              /* the lister had the whole */

    struct ht_blob_manifest manifest; /* from LOOK on */
    bool has_manifest;
    struct ht_swarm *swarm; /* RUN */
    uint8_t *written;       /* bits of the chunks in the file */
    int file;               /* -1: none */
    char type[HT_MEDIA_TYPE_SIZE];
    bool is_whole; /* all chunks have come */
    bool is_here;  /* it was here before */
    bool is_new;
    struct ht_media_entry entry;
    enum ht_err err; /* of a worker's job */
    struct ht_why why;
    struct ht_intake *intake;
    struct ht_media_fetch *plain;
};

/* Goes on soon, from the loop. */
void ht_media_swarm_poke(struct ht_media_swarm *swarm);
/* It cannot go on. The swarm is gone, or will be when nothing runs. */
void ht_media_swarm_fail(struct ht_media_swarm *swarm, enum ht_err err, const struct ht_why *why);
/* A job of ours on a worker is done; true: that was the last, and all is freed. */
bool ht_media_swarm_let_go(struct ht_media_swarm *swarm);

/* Keeps the list of a blob that is here, which it takes; a short one is forgotten. */
void ht_media_list_keep(struct ht_media *media, struct ht_blob_manifest *manifest);

#endif
