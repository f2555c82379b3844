/* An intake: one blob on its way in, from a request's body or from another server.
 *
 * What comes is kept in memory up to a bound, hashed and written by workers into a file of
 * DIR/incoming, synced, given its name and entered on the writer's thread; then it is done. Nothing
 * of it is left when it fails, or when the node is killed before. Loop thread. */
#ifndef HT_SOCIAL_MEDIA_MEDIA_INTAKE_H
#define HT_SOCIAL_MEDIA_MEDIA_INTAKE_H

#include "social/media/media_impl.h"

struct ht_intake_options {
    ht_hash32 keeper;
    bool is_fetched;   /* for the owner, not uploaded */
    const char *url;   /* fetched from there, or NULL; copied */
    uint64_t expected; /* bytes that are said to come; 0: not known */
    /* All of it is in that file already, in DIR/incoming: nothing is added. The file stays when it
     * fails, but for another hash. NULL: none; copied */
    const char *path;
    const ht_hash32 *wanted;  /* it must be one of these; copied */
    size_t wanted_count;      /* 0: any; at most HT_MEDIA_AUTH_HASHES_MAX */
    const ht_hash32 *claimed; /* X-SHA-256; NULL: nothing was */
    /* What had come is written: there is room again. Not from within ht_intake_add. */
    void (*room)(void *user);
    /* Once, unless it is dropped. With HT_OK blob says what it is; is_new: it was not here. The
     * intake is gone. Not from within another function here. */
    void (*done)(void *user, enum ht_err err, const struct ht_media_blob *blob, bool is_new,
                 const struct ht_why *why);
    void *user;
};

/* Whether something of that length would be taken now; the thread of the connection. is_here: all
 * have it already. HT_ELIMIT "quota", "full". */
struct ht_intake_room {
    ht_hash32 keeper;
    uint64_t expected;         /* bytes; 0: not known */
    uint64_t key_quota, quota; /* 0: no bound */
};
enum ht_err ht_intake_has_room(sqlite3 *db, const struct ht_intake_room *room, bool is_here,
                               struct ht_why *why) HT_MUST_USE;

/* HT_EAGAIN "busy" when HT_MEDIA_UPLOADS_MAX are under way, HT_ELIMIT "too_large", HT_ENOMEM. */
enum ht_err ht_intake_begin(struct ht_intake **out, struct ht_media *media,
                            const struct ht_intake_options *options,
                            struct ht_why *why) HT_MUST_USE;
/* The next bytes, copied. *is_full: no more before `room`. HT_ELIMIT "too_large", HT_ENOMEM: the
 * intake is then to be dropped. */
enum ht_err ht_intake_add(struct ht_intake *intake, bool *is_full, ht_bytes more,
                          struct ht_why *why) HT_MUST_USE;
/* That was all. type: as it was said, "" when it was not. Reasons that done may have: HT_ELIMIT
 * "quota", "full"; HT_EUNVERIFIED "other_hash" (not the one claimed), HT_EDENIED "auth_hash" (none
 * of those wanted); HT_ESTORE "disk_full", …. */
void ht_intake_end(struct ht_intake *intake, const char *type);
/* Nothing is called back any more. */
void ht_intake_drop(struct ht_intake *intake);
/* When nothing runs any more: removes what is left. */
void ht_intake_free_all(struct ht_media *media);

#endif
