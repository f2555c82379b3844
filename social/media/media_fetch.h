/* Fetching a blob from where somebody says it is: from public addresses alone, over our own
 * connection, into an intake. Loop thread.
 *
 * Reasons: those of media_intake.h and http.h; HT_ENET "bad_status": the answer was not 200;
 * HT_ELIMIT "too_large"; HT_ENET "too_slow": longer than HT_MEDIA_FETCH_MS. */
#ifndef HT_SOCIAL_MEDIA_MEDIA_FETCH_H
#define HT_SOCIAL_MEDIA_MEDIA_FETCH_H

#include "social/media/media_impl.h"

#define HT_MEDIA_FETCH_MS INT64_C(600000) /* for all of it */
#define HT_MEDIA_SILENCE_MS 20000

struct ht_media_fetch_options {
    const char *url; /* checked by ht_media_url_check; copied */
    ht_hash32 keeper;
    /* By the owner's consent, for this computer, and found again by its URL; else as uploaded. */
    bool is_fetched;
    const ht_hash32 *claimed; /* it must be this one; copied. NULL: nobody says */
    const ht_hash32 *wanted;  /* it must be one of these; copied. None: any */
    size_t wanted_count;
    /* Once, unless it is dropped; the fetch is gone. Not from within ht_media_fetch_begin. */
    void (*done)(void *user, enum ht_err err, const struct ht_media_blob *blob, bool is_new,
                 const struct ht_why *why);
    void *user;
};

/* HT_EAGAIN "busy", HT_ENOMEM. */
enum ht_err ht_media_fetch_begin(struct ht_media_fetch **out, struct ht_media *media,
                                 const struct ht_media_fetch_options *options,
                                 struct ht_why *why) HT_MUST_USE;
/* Nothing is called back any more. */
void ht_media_fetch_drop(struct ht_media_fetch *fetch);
/* All of them end with HT_EAGAIN "stopping". */
void ht_media_fetch_stop(struct ht_media *media);

#endif
