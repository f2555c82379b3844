/* After a start: what a kill has left behind is removed, folder by folder, on a worker. Files of
 * blobs without a row, rows without a file; both are looked at again on the writer's thread before
 * anything is removed, since uploads go on meanwhile. Loop thread. */
#ifndef HT_SOCIAL_MEDIA_MEDIA_SWEEP_H
#define HT_SOCIAL_MEDIA_MEDIA_SWEEP_H

#include "social/media/media_impl.h"

/* Begins, when the loop runs. */
void ht_media_sweep_begin(struct ht_media *media);
/* Makes DIR and DIR/incoming and empties the latter. HT_ESTORE. */
enum ht_err ht_media_make_folders(struct ht_media *media, struct ht_why *why) HT_MUST_USE;

#endif
