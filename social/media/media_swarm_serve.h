/* What nodes that fetch from many ask for: GET /<sha256>.chunks, the list of chunks of a blob,
 * which is made when it is first asked for, or of one that is being fetched; GET /<sha256>.have,
 * which of them are here (media_swarm.h); and how fast we serve them. Loop thread.
 *
 * Reasons at the door: HT_ENOTFOUND "no_blob", "no_chunks" (it is empty); HT_EAGAIN "busy" with
 * Retry-After: the list is being made, or too many wait. */
#ifndef HT_SOCIAL_MEDIA_MEDIA_SWARM_SERVE_H
#define HT_SOCIAL_MEDIA_MEDIA_SWARM_SERVE_H

#include "social/media/media_answer.h"

#define HT_MEDIA_AT_ONCE 32U /* requests that wait for their turn, unless limits say */

/* "/<sha256>.chunks" or "/<sha256>.have". */
bool ht_media_swarm_is_for(const struct ht_door_request *request);
/* Answers one, now or later. sees_all: also what was only fetched, or is being. */
void ht_media_swarm_http(struct ht_media *media, struct ht_door_http *http, const ht_hash32 *sha256,
                         bool sees_all);
/* Promises what the request asks for of a blob of that size to a node, NULL: to nobody that is
 * known. How many milliseconds it has to wait, -1: it is not served now. This computer's own
 * requests do not wait. */
int64_t ht_media_upload_wait(struct ht_media *media, const struct ht_door_request *request,
                             const ht_hash32 *node, uint64_t size);

#endif
