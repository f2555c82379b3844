/* Talk as events, both ways. The methods are talk.c. */
#include "governance/talk/talk_event.h"

#include <stdio.h>

#include "node/base/hex.h"
#include "node/codec/json.h"

#define STATEMENT_D "hearth:statement:"
#define THING "ethereum:"

static const char *const KINDS[] = {"statement", "comment", "rationale"};

const char *ht_talk_kind_name(enum ht_talk_kind kind) {
    return KINDS[kind];
}

static bool is_text(ht_bytes bytes, const char *text) {
    return ht_bytes_equal(bytes, ht_bytes_str(text));
}

bool ht_talk_kind_of(enum ht_talk_kind *out, ht_bytes name) {
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if (!is_text(name, KINDS[i])) continue;
        *out = (enum ht_talk_kind)i;
        return true;
    }
    return false;
}

/* --- things ----------------------------------------------------------------------------------- */

void ht_talk_thing(char out[static HT_TALK_THING_SIZE], const struct ht_talk_about *about) {
    char address[HT_HEX_SIZE(20)], id[HT_U256_DECIMAL_SIZE];
    ht_hex_write(address, ht_bytes_of(about->governor.b, sizeof about->governor.b));
    (void)ht_u256_to_decimal(id, &about->proposal);
    (void)snprintf(out, HT_TALK_THING_SIZE, THING "%llu:%s%s%s",
                   (unsigned long long)about->chain_id, address, about->has_proposal ? ":" : "",
                   about->has_proposal ? id : "");
}

/* What stands in front of the next colon, or all that is left. */
static ht_bytes next_part(ht_bytes *rest) {
    if (rest->n == 0) return (ht_bytes){0};
    const uint8_t *colon = memchr(rest->p, ':', rest->n);
    size_t n = colon != NULL ? (size_t)(colon - rest->p) : rest->n;
    ht_bytes part = ht_bytes_of(rest->p, n);
    size_t used = colon != NULL ? n + 1 : n;
    *rest = ht_bytes_of(rest->p + used, rest->n - used);
    return part;
}

bool ht_talk_about_of(struct ht_talk_about *out, ht_bytes thing) {
    struct ht_talk_about about = {.has_proposal = false};
    char again[HT_TALK_THING_SIZE];
    ht_u256 chain_id;
    ht_bytes rest = thing;
    if (thing.n >= HT_TALK_THING_SIZE || !is_text(next_part(&rest), "ethereum")) return false;
    if (ht_u256_from_decimal(&chain_id, next_part(&rest)) != HT_OK || !ht_u256_is_u64(&chain_id))
        return false;
    about.chain_id = chain_id.limb[0];
    if (ht_hex_read(about.governor.b, sizeof about.governor.b, next_part(&rest)) != HT_OK)
        return false;
    about.has_proposal = rest.n > 0;
    if (about.has_proposal && ht_u256_from_decimal(&about.proposal, rest) != HT_OK) return false;
    /* One text for one thing, or the same talk would be found under several. */
    ht_talk_thing(again, &about);
    if (!is_text(thing, again)) return false;
    *out = about;
    return true;
}

json_t *ht_talk_tags(const struct ht_talk_about *about, enum ht_talk_kind kind) {
    char thing[HT_TALK_THING_SIZE], d[sizeof STATEMENT_D + HT_TALK_THING_SIZE];
    ht_talk_thing(thing, about);
    if (kind == HT_TALK_STATEMENT) {
        (void)snprintf(d, sizeof d, STATEMENT_D "%s", thing + strlen(THING));
        return json_pack("[[ss], [ss]]", "d", d, "i", thing);
    }
    return json_pack("[[ss], [ss], [ss], [ss], [ss], [sss]]", "I", thing, "K", HT_TALK_K, "i",
                     thing, "k", HT_TALK_K, "L", HT_TALK_L, "l", ht_talk_kind_name(kind),
                     HT_TALK_L);
}

/* --- reading ---------------------------------------------------------------------------------- */

static enum ht_err not_talk(struct ht_why *why) {
    return ht_fail(why, HT_ENOTFOUND, "not_talk", "this event is no talk about a community");
}

static bool read_statement(struct ht_talk_item *item, const struct ht_event *event) {
    char d[sizeof STATEMENT_D + HT_TALK_THING_SIZE], thing[HT_TALK_THING_SIZE];
    const struct ht_event_tag *tag = ht_event_find_tag(event, "i");
    item->kind = HT_TALK_STATEMENT;
    if (tag == NULL || !ht_talk_about_of(&item->about, ht_event_tag_item(tag, 1)) ||
        item->about.has_proposal)
        return false;
    ht_talk_thing(thing, &item->about);
    (void)snprintf(d, sizeof d, STATEMENT_D "%s", thing + strlen(THING));
    return is_text(ht_event_d(event), d);
}

static bool read_comment(struct ht_talk_item *item, const struct ht_event *event) {
    const struct ht_event_tag *tag = ht_event_find_tag(event, "I");
    item->kind = HT_TALK_COMMENT;
    for (size_t i = 0; i < event->tag_count; i++) {
        const struct ht_event_tag *label = &event->tags[i];
        if (is_text(label->items[0], "l") && is_text(ht_event_tag_item(label, 2), HT_TALK_L) &&
            is_text(ht_event_tag_item(label, 1), "rationale"))
            item->kind = HT_TALK_RATIONALE;
    }
    return tag != NULL && ht_talk_about_of(&item->about, ht_event_tag_item(tag, 1)) &&
           item->about.has_proposal;
}

enum ht_err ht_talk_read(struct ht_talk_item *out, const struct ht_event *event,
                         struct ht_why *why) {
    struct ht_talk_item item = {.text = event->content};
    bool is_good = false;
    if (event->kind == HT_TALK_STATEMENT_KIND) is_good = read_statement(&item, event);
    if (event->kind == HT_TALK_KIND) is_good = read_comment(&item, event);
    if (!is_good || event->content.n == 0) return not_talk(why);
    if (event->content.n > HT_TALK_TEXT_MAX)
        return ht_fail(why, HT_ELIMIT, "talk_too_long", "at most %u bytes are read",
                       HT_TALK_TEXT_MAX);
    *out = item;
    return HT_OK;
}
