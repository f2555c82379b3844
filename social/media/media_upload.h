/* What is brought to the door: blobs, and addresses of blobs. Each answers later. Loop thread. */
#ifndef HT_SOCIAL_MEDIA_MEDIA_UPLOAD_H
#define HT_SOCIAL_MEDIA_MEDIA_UPLOAD_H

#include "social/media/media_answer.h"

/* PUT /upload (BUD-02): 201, or 200 when the blob was here. */
void ht_media_http_upload(struct ht_media *media, struct ht_door_http *http);
/* PUT /mirror (BUD-04): the same of a blob that is fetched from a public address. */
void ht_media_http_mirror(struct ht_media *media, struct ht_door_http *http);

#endif
