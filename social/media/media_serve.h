/* Blobs and lists at the door, and whether an upload would be taken. Each answers later. Loop
 * thread. */
#ifndef HT_SOCIAL_MEDIA_MEDIA_SERVE_H
#define HT_SOCIAL_MEDIA_MEDIA_SERVE_H

#include "social/media/media_answer.h"

/* GET and HEAD /<sha256>, with ranges; of a blob that is being fetched those that have come.
 * sees_all: also what was only fetched. node: who asks, when it has proven itself; NULL. What goes
 * out waits for its turn (ht_media_set_upload). */
void ht_media_http_get(struct ht_media *media, struct ht_door_http *http, const ht_hash32 *sha256,
                       bool sees_all, const ht_hash32 *node);
/* Requests that wait for their turn are refused. */
void ht_media_serve_stop(struct ht_media *media);
/* GET /list/<pubkey>. */
void ht_media_http_list(struct ht_media *media, struct ht_door_http *http);
/* HEAD /upload (BUD-06). */
void ht_media_http_preflight(struct ht_media *media, struct ht_door_http *http);

#endif
