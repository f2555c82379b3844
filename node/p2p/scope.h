/* What a node carries: whose events, whose inbox, which tags. Two peers exchange what both carry.
 *
 * Never a global flood (DESIGN.md section 5): an event goes over a link only when the other side's
 * scope has it. Authors are told as the first eight bytes of SHA-256("hearth-scope" and the key):
 * enough to choose, not a list of whom one follows. Private kinds are never gossiped, whatever a
 * scope says (ht_scope_is_gossiped). Pure; any thread for const functions. */
#ifndef HT_P2P_SCOPE_H
#define HT_P2P_SCOPE_H

#include <jansson.h>

#include "node/nostr/event.h"

#define HT_SCOPE_AUTHORS_MAX 4096U
#define HT_SCOPE_INBOX_MAX 64U /* keys whose mentions are carried: one's own, couriers' friends */
#define HT_SCOPE_TAGS_MAX 64U  /* values of t tags */
#define HT_SCOPE_TAG_SIZE 64U  /* with its zero */

struct ht_scope; /* sets, sorted */

struct ht_scope_author {
    uint8_t prefix[8];
};

/* Empty: carries nothing. HT_ENOMEM. */
enum ht_err ht_scope_new(struct ht_scope **out) HT_MUST_USE;
/* NULL is fine. */
void ht_scope_free(struct ht_scope *scope);

/* HT_ELIMIT: it is full; twice the same is once. HT_EINPUT: a tag that is empty or does not fit
 * into HT_SCOPE_TAG_SIZE. HT_ENOMEM. */
enum ht_err ht_scope_add_author(struct ht_scope *scope, const ht_hash32 *pubkey) HT_MUST_USE;
enum ht_err ht_scope_add_inbox(struct ht_scope *scope, const ht_hash32 *pubkey) HT_MUST_USE;
enum ht_err ht_scope_add_tag(struct ht_scope *scope, const char *value) HT_MUST_USE;
/* Carries everything that may be gossiped: of a relay of a community. It has every author then, but
 * only the inboxes that were added: for whom it keeps things is another question. */
void ht_scope_set_all(struct ht_scope *scope, bool is_all);

/* {"all": true} (and "inbox" when it has some) or {"authors": hex of all prefixes in one,
 * "inbox": [hex], "tags": [text]}; a new reference, NULL without memory. */
json_t *ht_scope_json(const struct ht_scope *scope);
/* HT_EINPUT "bad_scope", HT_ELIMIT "scope_full", HT_ENOMEM. Unknown members are passed over. */
enum ht_err ht_scope_read(struct ht_scope **out, const json_t *from,
                          struct ht_why *why) HT_MUST_USE;

/* Whether the scope has an event: by its author, by a p tag of its inbox, by a t tag. */
bool ht_scope_has(const struct ht_scope *scope, const struct ht_event *event);
bool ht_scope_has_author(const struct ht_scope *scope, const ht_hash32 *pubkey);
bool ht_scope_has_inbox(const struct ht_scope *scope, const ht_hash32 *pubkey);

/* May an event travel by gossip at all? Not kinds 4, 13, 14, 15, 1059, 1060, 21059, 22242, 24133,
 * 27235, not protected ones (NIP-70), not expired ones (NIP-40). Ephemeral ones go one hop. */
bool ht_scope_is_gossiped(const struct ht_event *event, int64_t now_s);

#endif
