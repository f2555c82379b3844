/* Fetching a blob of a known hash from several nodes at once, chunk by chunk (node/p2p/swarm.h).
 *
 * Who may have it: the server that a URL names, nodes that the owner names by hand, and the nodes
 * that have proven themselves to us (struct ht_near). Each is asked GET /<sha256>.have: {"v": 1,
 * "root": of its list of chunks, "size", "missing": chunks, "bits"?: hex of those it has, lowest
 * bit first, when some are missing}. Whoever names the same root vouches for the same chunks; the
 * root that most vouch for is taken, its list asked of one of them (GET /<sha256>.chunks), and the
 * chunks are asked of all by Range. Those who have a part are asked again every second, those who
 * have nothing every three: they may be fetching, too. When nobody has it so, a URL is fetched as
 * from any server.
 *
 * What has come stays in DIR/incoming/<sha256>.part across failures and restarts, for a week: the
 * next fetch of the same blob checks it and goes on. Meanwhile others are served from it. At the
 * end the whole is hashed; when that fails the list was a lie: whoever gave it as its own is named,
 * its root refused, and what others vouch for is tried.
 *
 * Whoever gives a chunk that does not hash to what it vouched for is named (near->blame), asked no
 * more, and the chunk is fetched elsewhere. Loop thread; files are written on workers.
 *
 * Reasons of done: those of media_intake.h and media_fetch.h; HT_ENOTFOUND "no_holder": nobody has
 * it; HT_ENET "too_slow": nothing has come for HT_MEDIA_STALL_MS; HT_EUNVERIFIED "other_hash": all
 * lists of chunks were lies. */
#ifndef HT_SOCIAL_MEDIA_MEDIA_SWARM_H
#define HT_SOCIAL_MEDIA_MEDIA_SWARM_H

#include "social/media/media_impl.h"

/* Bytes; lists of blobs no larger are made each time that they are asked for. */
#define HT_MEDIA_LIST_MIN ((uint64_t)1 << 20)
#define HT_MEDIA_BASES_MAX 16U  /* nodes named by hand */
#define HT_MEDIA_BASE_SIZE 256U /* of a node's address with its zero */
#define HT_MEDIA_STALL_MS INT64_C(60000)
#define HT_MEDIA_PART_DAYS 7

struct ht_media_swarm_options {
    ht_hash32 sha256;
    const char *url;          /* checked by ht_media_url_check; NULL: none; copied */
    const char *const *bases; /* "http://192.168.1.5:8421", not looked at whether public; copied */
    size_t base_count;        /* at most HT_MEDIA_BASES_MAX */
    ht_hash32 keeper;
    /* Once, unless it is dropped; it is gone. Not from within ht_media_swarm_begin. */
    void (*done)(void *user, enum ht_err err, const struct ht_media_blob *blob, bool is_new,
                 const struct ht_why *why);
    void *user;
};

/* HT_EAGAIN "busy": that blob is being fetched already, or too many are; HT_ENOMEM. */
enum ht_err ht_media_swarm_begin(struct ht_media_swarm **out, struct ht_media *media,
                                 const struct ht_media_swarm_options *options,
                                 struct ht_why *why) HT_MUST_USE;
/* Nothing is called back any more; what has come stays. */
void ht_media_swarm_drop(struct ht_media_swarm *swarm);
/* All of them end with HT_EAGAIN "stopping". */
void ht_media_swarm_stop(struct ht_media *media);

/* --- for those who are served ----------------------------------------------------------------- */

/* One that is under way and has its list of chunks; NULL: none. */
struct ht_media_swarm *ht_media_swarm_find(const struct ht_media *media, const ht_hash32 *sha256);
const struct ht_blob_manifest *ht_media_swarm_manifest(const struct ht_media_swarm *swarm);
/* Bits of the chunks that are in the file. */
const uint8_t *ht_media_swarm_written(const struct ht_media_swarm *swarm);
/* Whether those bytes are all in the file, which the caller then gets a descriptor of its own of
 * (*out). */
bool ht_media_swarm_part(int *out, const struct ht_media_swarm *swarm, uint64_t first,
                         uint64_t count);

#endif
