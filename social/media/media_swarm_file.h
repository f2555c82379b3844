/* The file of a blob that is fetched from many, until it is whole. Loop thread but where said. */
#ifndef HT_SOCIAL_MEDIA_MEDIA_SWARM_FILE_H
#define HT_SOCIAL_MEDIA_MEDIA_SWARM_FILE_H

#include "social/media/media_swarm_impl.h"

/* DIR/incoming/<sha256>.part. Any thread. */
void ht_media_part_path(char out[static HT_MEDIA_PATH_SIZE], const struct ht_media *media,
                        const char *hex);
/* Opens the file on a worker and finds what is in it; then written is set, and done called. */
enum ht_err ht_media_part_open(struct ht_media_swarm *swarm,
                               void (*done)(struct ht_media_swarm *swarm)) HT_MUST_USE;
/* Writes a chunk, copied, on a worker. false: no memory. */
bool ht_media_part_keep(struct ht_media_swarm *swarm, size_t i, ht_bytes chunk);

#endif
