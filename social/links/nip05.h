/* Names at domains (NIP-05): others' are checked when the owner asks, for the question tells the
 * domain who asks; ours are served at the door.
 *
 *   social.name_check {"pubkey" | "npub"} -> {"nip05" | null, "nip05_state": "verified" | "differs"
 * | "no_answer" | "none", "at": seconds}; kept, so that social.profile has it from then on
 *   social.names {} -> {"names": [{"name", "pubkey"}]}; social.set_names {"names": [{"name",
 *       "pubkey"}], at most HT_NIP05_NAMES_MAX} -> the same: what /.well-known/nostr.json says
 *
 * A domain is asked by https, at a public address, and redirects are not followed (NIP-05). What is
 * no JSON with names, or comes with another status than 200, is no answer.
 *
 * Reasons: HT_EINPUT "bad_name" (a-z0-9-_. alone), "bad_npub"; HT_ELIMIT "too_many"; HT_EDENIED
 * "private_address". Loop thread. */
#ifndef HT_SOCIAL_LINKS_NIP05_H
#define HT_SOCIAL_LINKS_NIP05_H

#include "social/client_task.h"
#include "social/links/nip05_sql.h"

#define HT_NIP05_NAMES_MAX 256U
#define HT_NIP05_DOMAIN_MAX 253U
#define HT_NIP05_ANSWER_MAX ((size_t)256 << 10)
#define HT_NIP05_FRESH_S 604800 /* what was checked is told as such for so long */
#define HT_NIP05_TIMEOUT_MS 8000
#define HT_NIP05_URL_SIZE 400U

struct ht_names; /* what is being checked, and what is served */

/* Loads the names that are served. HT_ENOMEM and those of the disk. db: for this call. */
enum ht_err ht_nip05_new(struct ht_social *social, sqlite3 *db, struct ht_why *why) HT_MUST_USE;
/* Gives up what is being checked. */
void ht_nip05_stop(struct ht_social *social);
/* NULL names are fine. */
void ht_nip05_free(struct ht_social *social);

/* Splits "name@domain", or "domain", which stands for "_@domain". A domain may have a port.
 * HT_EINPUT "bad_name". Pure. */
enum ht_err ht_nip05_split(ht_bytes *name, ht_bytes *domain, ht_bytes text,
                           struct ht_why *why) HT_MUST_USE;
/* Whether a domain's answer gives that name that key; false for anything malformed. Pure. */
bool ht_nip05_gives(ht_bytes answer, ht_bytes name, const ht_hash32 *pubkey);
/* The request that asks a domain; url is the options' own. Pure. */
void ht_nip05_request(struct ht_http_options *out, char url[static HT_NIP05_URL_SIZE],
                      ht_bytes name, ht_bytes domain);
/* What came of it: "verified", "differs" or "no_answer". Pure. */
const char *ht_nip05_judge(const struct ht_http_answer *answer, ht_bytes name,
                           const ht_hash32 *pubkey);
/* What is known of a key's name: "verified", "differs", "no_answer", "unchecked". Literals. The
 * reader's worker. */
enum ht_err ht_nip05_state(const char **state, sqlite3 *db, const ht_hash32 *pubkey, ht_bytes nip05,
                           int64_t now_s, struct ht_why *why) HT_MUST_USE;

/* GET /.well-known/nostr.json[?name=]. */
void ht_nip05_http(struct ht_social *social, struct ht_door_http *http);

void ht_name_check_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_names_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_set_names_start(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
