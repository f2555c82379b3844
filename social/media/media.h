/* Media by its SHA-256 (Blossom BUD-01, 02, 04): ours, our circle's, and what was fetched because
 * the owner said so. Nothing remote loads by itself.
 *
 * A blob is a file media/<2 hex>/<64 hex> in the data directory, and a row of social.db that says
 * who keeps it here. It is written beside, synced, named, then entered: what was acknowledged
 * survives a kill. Who may upload is the relay's write policy, by the key of a kind 24242 event;
 * quotas bound each key and all, in blocks of 4096 bytes (settings.h: "media_key_bytes",
 * "media_bytes"). Reading is open as the relay's read policy says; what was only fetched is shown
 * to this computer (but to no page of the web in its browser) and to the owner's key, and listed to
 * nobody.
 *
 * Nodes that fetch from many at once (media_swarm.h) are told what chunks a blob has and which are
 * here; nodes that have proven themselves get what was fetched, too, whose hash they know.
 *
 * At the door: GET and HEAD /<sha256>[.ext] with ranges, GET /<sha256>.chunks and .have, HEAD and
 * PUT /upload, PUT /mirror, DELETE
 * /<sha256>, GET /list/<pubkey>. Types that a browser would run (HTML, SVG, scripts) are served as
 * downloads, nothing is sniffed.
 *
 *   social.media {"until"?: seconds, "limit"? (<= 200)} -> {"blobs": [{"sha256", "size": bytes,
 *       "type", "at": seconds, "url": at our door | null, "from": "mine" | "uploaded" | "fetched",
 *       "keepers": [pubkey]}], "bytes", "quota": bytes of all, 0: no bound}
 *   social.media_authorize {"sha256", "action": "upload" | "delete" | "get" | "list"} -> {"url": of
 *       the door, "authorization": value of the header}: signed by the owner, good for 5 minutes
 *   social.media_fetch {"url"?, "sha256"?, "from"?: [base URL, at most 16]} -> {"sha256", "size",
 *       "type", "url"}: by the owner's consent, over our own connection; a hash that the URL or the
 *       post (imeta "x") names must be met, and lets it come from several nodes at once: the URL's,
 *       those we have links to, and those that the owner names by hand ("from": these alone may be
 *       private addresses). Without a hash: from the URL alone, which has to be public
 *   social.media_delete {"sha256"} -> {"was_here"}
 *   social.media_find {"urls": [text], at most 100} -> {"found": [{"url", "sha256", "type", "here":
 *       url at our door}]}: of these, which are here already, by hash or as fetched before
 *
 * Reasons: HT_EINPUT "bad_hash", "bad_url", "bad_action", "bad_number"; HT_EUNVERIFIED
 * "other_hash": what came is not what was named; HT_ELIMIT "too_large", "quota" (of the key),
 * "full" (of all), "too_many"; HT_ENET as of http.h, "bad_status"; HT_EDENIED "no_nostr_key",
 * "private_address", "door_closed"; HT_EAGAIN "busy"; HT_ESTORE "disk_full", "read_only". At the
 * door these, "no_blob", and those of media_auth.h come as {"message", "code"} with the status that
 * fits and X-Reason. Loop thread; files are written on workers, named on the writer's thread. */
#ifndef HT_SOCIAL_MEDIA_MEDIA_H
#define HT_SOCIAL_MEDIA_MEDIA_H

#include "node/p2p/swarm_upload.h"
#include "social/client_task.h"

#define HT_MEDIA_BLOB_MAX ((uint64_t)256 << 20) /* bytes of one */
#define HT_MEDIA_KEY_QUOTA ((uint64_t)1 << 30)  /* of one key that is not the owner */
#define HT_MEDIA_QUOTA ((uint64_t)10 << 30)     /* of all */
#define HT_MEDIA_UPLOADS_MAX 8U                 /* at once */

struct ht_media;

/* Makes the folder, removes what was left half written. HT_ENOMEM and those of the disk. */
enum ht_err ht_media_new(struct ht_social *social, struct ht_why *why) HT_MUST_USE;
void ht_media_stop(struct ht_social *social);
void ht_media_free(struct ht_social *social);

/* Bytes that a key that is not the owner's may keep, and all; 0: no bound. From now on. */
void ht_media_set_quota(struct ht_social *social, uint64_t key_bytes, uint64_t bytes);

/* How fast blobs go out to others; without a bound unless set. at_once 0: HT_MEDIA_AT_ONCE. From
 * now on. This computer's own requests at the door are not bounded. */
void ht_media_set_upload(struct ht_social *social, const struct ht_upload_limits *limits);

/* Whether a request at the door is for media. */
bool ht_media_is_for(const struct ht_door_request *request);
/* Answers it, now or later. */
void ht_media_http(struct ht_social *social, struct ht_door_http *http);
/* The same of a node that has proven itself: it may read what was fetched and what is being
 * fetched, too, and nothing else than read. */
void ht_media_peer_http(struct ht_social *social, struct ht_door_http *http, const ht_hash32 *node);

void ht_media_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_media_authorize_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_media_fetch_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_media_delete_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_media_find_start(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
