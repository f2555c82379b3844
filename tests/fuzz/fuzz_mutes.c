/* Lists of mutes: a list and an event, a line each. Judging is the same twice, an author alone that
 * hides hides whatever is said, and what may be skipped is never hidden. */
#include <stdlib.h>

#include "node/codec/json.h"
#include "node/nostr/event.h"
#include "social/feed/look.h"
#include "social/feed/mutes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void check(const struct ht_mutes *mutes, const json_t *event) {
    ht_hash32 author;
    bool is_sure = false;
    bool is_hidden = ht_mutes_hides(mutes, event);
    must(is_hidden == ht_mutes_hides(mutes, event));
    must(json_array_size(mutes->words) <= HT_MUTES_WORDS_MAX);
    if (!ht_look_hash(&author, event, "pubkey")) {
        must(!is_hidden);
        return;
    }
    json_int_t kind = json_integer_value(ht_json_member(event, "kind"));
    bool may_hide = ht_mutes_may_hide(mutes, &author, (uint32_t)kind, &is_sure);
    if (kind < 0 || kind > UINT16_MAX) return;
    must(!is_hidden || may_hide);
    must(!is_sure || is_hidden);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    const uint8_t *end = n > 0 ? memchr(data, '\n', n) : NULL;
    size_t first = end != NULL ? (size_t)(end - data) : n;
    ht_bytes rest = end != NULL ? ht_bytes_of(end + 1, n - first - 1) : ht_bytes_of(NULL, 0);
    json_t *list = NULL, *event = NULL;
    struct ht_mutes mutes;
    if (ht_json_parse(&list, ht_bytes_of(data, first), HT_EVENT_SIZE_MAX, NULL) != HT_OK) return 0;
    must(ht_mutes_read(&mutes, list, NULL, NULL) == HT_OK);
    if (ht_json_parse(&event, rest, HT_EVENT_SIZE_MAX, NULL) == HT_OK) check(&mutes, event);
    json_decref(event);
    json_decref(list);
    ht_mutes_fini(&mutes);
    return 0;
}
