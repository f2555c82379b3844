/* Which keys and services of a history still hold. */
#include "identity/did/did_entries.h"

#include <stdlib.h>

#include "node/crypto/keccak.h"

#define PREFIX_LENGTH 8U /* "did/pub/" */

enum ht_err ht_did_entries_init(struct ht_did_entries *entries, size_t events) {
    size_t size = 16;
    while (size < 2 * events) size *= 2;
    *entries = (struct ht_did_entries){.table_size = size};
    entries->list = calloc(events + 1, sizeof *entries->list);
    entries->table = calloc(size, sizeof *entries->table);
    if (entries->list != NULL && entries->table != NULL) return HT_OK;
    ht_did_entries_fini(entries);
    return HT_ENOMEM;
}

void ht_did_entries_fini(struct ht_did_entries *entries) {
    free(entries->list);
    free(entries->table);
    *entries = (struct ht_did_entries){0};
}

/* --- names ------------------------------------------------------------------------------------ */

static bool is_word(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static ht_bytes text_of(const uint8_t name[static 32]) {
    size_t n = 32;
    while (n > 0 && name[n - 1] == 0) n--;
    return ht_bytes_of(name, n);
}

static enum ht_did_section section_of(ht_bytes text) {
    if (text.n < PREFIX_LENGTH) return HT_DID_NO_SECTION;
    if (memcmp(text.p, "did/pub/", PREFIX_LENGTH) == 0) return HT_DID_PUB;
    return memcmp(text.p, "did/svc/", PREFIX_LENGTH) == 0 ? HT_DID_SVC : HT_DID_NO_SECTION;
}

void ht_did_attribute_read(struct ht_did_attribute *out, const uint8_t name[static 32]) {
    ht_bytes text = text_of(name);
    ht_bytes parts[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    size_t at = PREFIX_LENGTH;
    *out = (struct ht_did_attribute){.section = HT_DID_NO_SECTION};
    enum ht_did_section section = section_of(text);
    if (section == HT_DID_NO_SECTION) return;
    for (size_t i = 0; i < 3; i++) {
        size_t from = at;
        while (at < text.n && is_word(text.p[at])) at++;
        if (at == from) return;
        parts[i] = ht_bytes_of(text.p + from, at - from);
        if (at == text.n) break;
        if (text.p[at] != '/') return;
        at++;
    }
    if (at < text.n || text.p[text.n - 1] == '/') return;
    *out = (struct ht_did_attribute){section, parts[0], parts[1], parts[2]};
}

/* --- what an event is about --------------------------------------------------------------------
 */

static bool is_same(const struct ht_did_event *a, const struct ht_did_event *b) {
    if (a->kind != b->kind || memcmp(a->name, b->name, sizeof a->name) != 0) return false;
    if (a->kind == HT_DID_DELEGATE_CHANGED) return memcmp(a->owner.b, b->owner.b, 20) == 0;
    return ht_bytes_equal(a->value, b->value);
}

/* Keccak, since whoever writes the events would otherwise choose where they collide. */
static size_t place_of(const struct ht_did_entries *entries, const struct ht_did_event *event) {
    struct ht_keccak256 hash;
    ht_hash32 digest;
    ht_keccak256_init(&hash);
    ht_keccak256_update(&hash, HT_BYTES(event->name));
    ht_keccak256_update(&hash, HT_BYTES(event->owner.b));
    ht_keccak256_update(&hash, event->value);
    ht_keccak256_final(&digest, &hash);
    size_t at = (size_t)ht_read_u64_le(digest.b) & (entries->table_size - 1);
    while (entries->table[at] != 0 &&
           !is_same(entries->list[entries->table[at] - 1].event, event)) {
        at = (at + 1) & (entries->table_size - 1);
    }
    return at;
}

/* A thing that is set again keeps its place; one that was taken away comes last. */
static void set(struct ht_did_entries *entries, const struct ht_did_event *event, uint32_t number) {
    uint32_t *slot = &entries->table[place_of(entries, event)];
    struct ht_did_entry entry = {.event = event, .number = number, .is_live = true};
    if (*slot != 0 && entries->list[*slot - 1].is_live) {
        entries->list[*slot - 1] = entry;
        return;
    }
    entries->list[entries->count++] = entry;
    *slot = (uint32_t)entries->count;
}

static void take_away(struct ht_did_entries *entries, const struct ht_did_event *event) {
    uint32_t at = entries->table[place_of(entries, event)];
    if (at != 0) entries->list[at - 1].is_live = false;
}

/* --- applying --------------------------------------------------------------------------------- */

/* What holds counts when its name is whole; what does not, by the beginning of its name alone. That
 * is uneven, and what the numbers in others' documents are made by. */
static enum ht_did_section counts_as(const struct ht_did_event *event, bool holds) {
    struct ht_did_attribute attribute;
    if (event->kind == HT_DID_DELEGATE_CHANGED) return HT_DID_PUB;
    if (!holds) return section_of(text_of(event->name));
    ht_did_attribute_read(&attribute, event->name);
    return attribute.section;
}

void ht_did_entries_apply(struct ht_did_entries *entries, const struct ht_did_event *event,
                          int64_t now_s) {
    bool holds = event->valid_to > 0 && (now_s < 0 || event->valid_to >= (uint64_t)now_s);
    enum ht_did_section section = counts_as(event, holds);
    if (section == HT_DID_PUB) entries->delegates++;
    if (section == HT_DID_SVC) entries->services++;
    /* Of values that are not kept it is not known which are the same; none of them is shown. */
    if (section == HT_DID_NO_SECTION || event->is_too_large) return;
    if (holds)
        set(entries, event, section == HT_DID_PUB ? entries->delegates : entries->services);
    else
        take_away(entries, event);
}
