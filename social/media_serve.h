/* Blobs and lists at the door, and whether an upload would be taken. Each answers later. Loop
 * thread. */
#ifndef HT_SOCIAL_MEDIA_SERVE_H
#define HT_SOCIAL_MEDIA_SERVE_H

#include "social/media_answer.h"

/* GET and HEAD /<sha256>, with ranges. */
void ht_media_http_get(struct ht_media *media, struct ht_door_http *http, const ht_hash32 *sha256);
/* GET /list/<pubkey>. */
void ht_media_http_list(struct ht_media *media, struct ht_door_http *http);
/* HEAD /upload (BUD-06). */
void ht_media_http_preflight(struct ht_media *media, struct ht_door_http *http);

#endif
