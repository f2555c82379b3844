/* The owner's methods about media: media.h says what they are. Loop thread. */
#ifndef HT_SOCIAL_MEDIA_MEDIA_METHODS_H
#define HT_SOCIAL_MEDIA_MEDIA_METHODS_H

#include "social/media/media_impl.h"

/* The parameter "sha256". HT_EINPUT "bad_hash". */
enum ht_err ht_media_param_hash(ht_hash32 *out, const json_t *params,
                                struct ht_why *why) HT_MUST_USE;

#endif
