/* Removing blobs: rows first, then, when that is committed, the file. A kill in between leaves a
 * file without a row, which the next start removes. Loop thread. */
#ifndef HT_SOCIAL_MEDIA_MEDIA_REMOVE_H
#define HT_SOCIAL_MEDIA_MEDIA_REMOVE_H

#include "social/media/media_impl.h"

struct ht_media_removal {
    bool was_here;   /* anybody kept it */
    bool was_keeper; /* the one named did */
};

/* keeper: whose it is no more; NULL: nobody's. done comes later, once. HT_EAGAIN "busy",
 * HT_ENOMEM: it does not. */
enum ht_err
ht_media_remove(struct ht_media *media, const ht_hash32 *sha256, const ht_hash32 *keeper,
                void (*done)(void *user, enum ht_err err, const struct ht_media_removal *removal,
                             const struct ht_why *why),
                void *user, struct ht_why *why) HT_MUST_USE;
/* DELETE /<sha256>; answers later. */
void ht_media_http_delete(struct ht_media *media, struct ht_door_http *http,
                          const ht_hash32 *sha256);

#endif
