/* Management of the relay by its owner (NIP-86): who is banned or let in, events, addresses, what
 * the relay is called. Pure lists and calls; what they change is told to `effects`, which applies
 * and saves it. Who may call is nip98.h's and the door's business. Loop thread.
 *
 * Reasons: HT_EINPUT manage_request (no such JSON), manage_params; HT_ENOTFOUND manage_method;
 * HT_ELIMIT manage_full; HT_ENOMEM no_memory. */
#ifndef HT_SOCIAL_MANAGE_H
#define HT_SOCIAL_MANAGE_H

#include <jansson.h>

#include "node/base/bytes.h"

#define HT_MANAGE_LIST_MAX 10000U /* of each list */
#define HT_MANAGE_REPORTS_MAX 1000U
#define HT_MANAGE_REASON_MAX 256U
#define HT_MANAGE_REQUEST_MAX ((size_t)64 << 10)

struct ht_manage;

/* What a call has changed; any member may be NULL. */
struct ht_manage_effects {
    /* The keys that are banned, or let in: all of them, as they are now. */
    void (*banned)(void *user, const ht_hash32 *pubkeys, size_t count);
    void (*allowed)(void *user, const ht_hash32 *pubkeys, size_t count);
    /* An event is to be removed and kept out, or may come again. */
    void (*event)(void *user, const ht_hash32 *id, bool is_banned);
    /* The relay's name, description or icon: `name` says which. */
    void (*profile)(void *user, const char *name, const char *value);
    /* After any change: time to save. */
    void (*changed)(void *user);
    void *user;
};

/* HT_ENOMEM. */
enum ht_err ht_manage_new(struct ht_manage **out, const struct ht_manage_effects *effects,
                          struct ht_why *why) HT_MUST_USE;
/* NULL is fine. */
void ht_manage_free(struct ht_manage *manage);

/* One method; *result is a new reference. */
enum ht_err ht_manage_call(json_t **result, struct ht_manage *manage, const char *method,
                           const json_t *params, struct ht_why *why) HT_MUST_USE;
/* The answer to the body of a request: {"result":…} or {"error":…}. NULL without memory. */
json_t *ht_manage_answer(struct ht_manage *manage, ht_bytes body);

/* Whether connections from an address are refused. */
bool ht_manage_is_blocked(const struct ht_manage *manage, const char *address);
/* Puts an event into the queue for moderation; the oldest gives way. HT_ENOMEM. */
enum ht_err ht_manage_report(struct ht_manage *manage, const ht_hash32 *id,
                             const char *reason) HT_MUST_USE;

/* All lists as one value, and back; loading replaces them, and tells banned and allowed. What is
 * not understood is left out. */
json_t *ht_manage_save(const struct ht_manage *manage);
enum ht_err ht_manage_load(struct ht_manage *manage, const json_t *saved,
                           struct ht_why *why) HT_MUST_USE;

#endif
