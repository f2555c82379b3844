/* What the door of media answers: descriptors, refusals, and who asks. Loop thread. */
#ifndef HT_SOCIAL_MEDIA_MEDIA_ANSWER_H
#define HT_SOCIAL_MEDIA_MEDIA_ANSWER_H

#include "social/media/media_impl.h"

/* Refuses with the status that fits and {"message", "code"}; the message is in X-Reason too. http
 * is gone. */
void ht_media_refuse(struct ht_door_http *http, enum ht_err err, const struct ht_why *why);
/* The status for an error: 400, 401, 403, 404, 409, 413, 429, 502, 503, 507 or 500. */
unsigned ht_media_status(enum ht_err err, const char *code);

/* Where the one who asks finds us: "http://127.0.0.1:8421", from the Host that was named. Without a
 * port there was a proxy in between, with TLS but at an onion service. "" when it names nothing
 * that can stand in a URL. */
void ht_media_asked_base(char out[static 160], const struct ht_media *media,
                         const struct ht_door_request *request);
/* BUD-02's: {"url", "sha256", "size", "type", "uploaded"}; NULL without memory. */
json_t *ht_media_descriptor(const struct ht_media_blob *blob, const char *base);
/* Answers with JSON, which is taken over; NULL: without memory. */
void ht_media_answer_json(struct ht_door_http *http, unsigned status, json_t *json);

/* Checks the request's authorization. Reasons of media_auth.h. */
enum ht_err ht_media_authorized(struct ht_media_auth *out, const struct ht_media *media,
                                const struct ht_door_request *request, const char *verb,
                                struct ht_why *why) HT_MUST_USE;
/* Whether that key may bring something: HT_EDENIED "not_a_writer". */
enum ht_err ht_media_may_write(const struct ht_media *media, const ht_hash32 *key,
                               struct ht_why *why) HT_MUST_USE;
/* Whether the request may read. verb: "get" or "list"; hash: of the blob, NULL for a list. *sees:
 * also what the owner has fetched, which is for this computer and the owner alone, not for
 * pages of the web in a browser here. Reasons of
 * media_auth.h, HT_EDENIED "not_a_reader". */
enum ht_err ht_media_may_read(bool *sees, const struct ht_media *media,
                              const struct ht_door_request *request, const char *verb,
                              const ht_hash32 *hash, struct ht_why *why) HT_MUST_USE;

#endif
