/* Talk about communities and proposals: statements of delegates, rationales, comments, as events in
 * the feeds, each bound to a chain, a governor and (but for statements) a proposal.
 *
 * A comment or a rationale is an event of NIP-22 (kind 1111) on an external thing (NIP-73's form):
 *     ["I", thing], ["K", HT_TALK_K], ["i", thing], ["k", HT_TALK_K], ["L", HT_TALK_L], ["l",
 *     "comment" | "rationale", HT_TALK_L]
 * with the thing "ethereum:<chain>:<governor>:<proposal>": the address in lower case, the id in
 * decimal. One that another program wrote without our label is a comment. A statement is kept once
 * by author and governor: kind 30078, ["d", "hearth:statement:<chain>:<governor>"], ["i",
 * "ethereum:<chain>:<governor>"].
 *
 * Reasons of reading: HT_ENOTFOUND "not_talk", HT_ELIMIT "talk_too_long". Pure; any thread. */
#ifndef HT_GOVERNANCE_TALK_TALK_EVENT_H
#define HT_GOVERNANCE_TALK_TALK_EVENT_H

#include <jansson.h>

#include "node/base/u256.h"
#include "node/nostr/event.h"

#define HT_TALK_KIND 1111U
#define HT_TALK_STATEMENT_KIND 30078U
#define HT_TALK_K "ethereum:proposal"
#define HT_TALK_L "hearth:talk"
#define HT_TALK_TEXT_MAX 32768U /* bytes */
#define HT_TALK_LIST_MAX 300U
#define HT_TALK_THING_SIZE 192U

enum ht_talk_kind { HT_TALK_STATEMENT, HT_TALK_COMMENT, HT_TALK_RATIONALE };
const char *ht_talk_kind_name(enum ht_talk_kind kind);
bool ht_talk_kind_of(enum ht_talk_kind *out, ht_bytes name);

struct ht_talk_about {
    uint64_t chain_id;
    ht_addr20 governor;
    bool has_proposal;
    ht_u256 proposal;
};
/* "ethereum:…", with a terminating zero. */
void ht_talk_thing(char out[static HT_TALK_THING_SIZE], const struct ht_talk_about *about);
/* The other way; false for anything else. */
bool ht_talk_about_of(struct ht_talk_about *out, ht_bytes thing);
/* A new reference; NULL without memory. */
json_t *ht_talk_tags(const struct ht_talk_about *about, enum ht_talk_kind kind);

struct ht_talk_item {
    struct ht_talk_about about;
    enum ht_talk_kind kind;
    ht_bytes text; /* the event's */
};
enum ht_err ht_talk_read(struct ht_talk_item *out, const struct ht_event *event,
                         struct ht_why *why) HT_MUST_USE;

#endif
