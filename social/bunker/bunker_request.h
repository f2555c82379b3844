/* What a device asks for (NIP-46), once it is decrypted: reading requests and the events in them.
 *
 * Pure; any thread. Reasons: HT_EINPUT "bad_request" (no object with a text `id` of 1 to
 * HT_BUNKER_ID_MAX bytes and a text `method`), "bad_event", "not_yours" (another author);
 * HT_EDENIED "bad_kind" (never signed for a device); HT_ELIMIT "too_long"; HT_ENOMEM; those of
 * json.h. */
#ifndef HT_SOCIAL_BUNKER_BUNKER_REQUEST_H
#define HT_SOCIAL_BUNKER_BUNKER_REQUEST_H

#include <jansson.h>

#include "node/nostr/event.h"

#define HT_KIND_BUNKER 24133U
#define HT_BUNKER_ID_MAX 128U
#define HT_BUNKER_PARAMS_MAX 8U
#define HT_BUNKER_TEXT_MAX ((size_t)96 << 10) /* bytes of a request */

enum ht_bunker_method {
    HT_BUNKER_CONNECT,
    HT_BUNKER_GET_PUBLIC_KEY,
    HT_BUNKER_SIGN_EVENT,
    HT_BUNKER_PING,
    HT_BUNKER_ENCRYPT, /* nip44_encrypt */
    HT_BUNKER_DECRYPT, /* nip44_decrypt */
    HT_BUNKER_SWITCH_RELAYS,
    HT_BUNKER_LOGOUT,
    HT_BUNKER_OLD_CRYPT, /* nip04_*: not offered */
    HT_BUNKER_UNKNOWN,
};

struct ht_bunker_request {
    json_t *json;   /* holds what follows; NULL: nothing was read */
    const char *id; /* without NUL */
    enum ht_bunker_method method;
    ht_bytes params[HT_BUNKER_PARAMS_MAX]; /* UTF-8 */
    size_t count;
    bool has_bad_params; /* they are no texts, or too many: none is there then */
};

/* Freed with ht_bunker_request_fini, also when it was only zeroed. */
enum ht_err ht_bunker_request_read(struct ht_bunker_request *out, ht_bytes text,
                                   struct ht_why *why) HT_MUST_USE;
void ht_bunker_request_fini(struct ht_bunker_request *request);
/* As NIP-46 spells it: "sign_event". */
const char *ht_bunker_method_name(enum ht_bunker_method method);

/* Reads an event that is to be signed, {"kind", "content", "tags", "created_at"} and perhaps the
 * owner's "pubkey", and works out its id. What *out points to is the arena's and *keep's, a new
 * reference. An event of kind 24133 is never signed for a device: with it one device could answer
 * another in the owner's name. */
enum ht_err ht_bunker_event_read(struct ht_event *out, struct ht_arena *arena, json_t **keep,
                                 ht_bytes text, const ht_hash32 *owner,
                                 struct ht_why *why) HT_MUST_USE;
/* Bytes of an arena that are enough for it. */
#define HT_BUNKER_EVENT_ARENA ((size_t)2 << 20)

/* Kinds with which a device could take over or wipe what the owner is: profile, follows, deletion,
 * vanishing, lists, and signing in elsewhere. They are ticked one by one, never by "always". */
bool ht_bunker_is_careful(uint32_t kind);

#endif
