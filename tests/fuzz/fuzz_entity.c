/* Names of NIP-19: what is read is written and read back as the same. */
#include <stdlib.h>

#include "node/codec/bech32.h"
#include "node/nostr/entity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void check(ht_bytes text) {
    static char again[HT_ENTITY_TEXT_MAX + 1];
    struct ht_arena arena;
    struct ht_entity one;
    struct ht_entity two;
    struct ht_why why = {.code = NULL};
    ht_arena_init(&arena, 2 * HT_ENTITY_ARENA);
    enum ht_err err = ht_entity_read(&one, &arena, text, &why);
    must(err != HT_ENOMEM && (err == HT_OK || why.code != NULL));
    if (err == HT_OK) {
        must(one.relay_count <= HT_ENTITY_RELAYS_MAX && one.event_kind <= UINT16_MAX);
        must(ht_entity_write(again, sizeof again, &one) == HT_OK);
        must(ht_entity_read(&two, &arena, ht_bytes_str(again), NULL) == HT_OK);
        must(one.kind == two.kind && ht_hash32_equal(&one.key, &two.key));
        must(one.kind != HT_ENTITY_NEVENT || one.has_author == two.has_author);
        must(one.relay_count == two.relay_count || one.kind == HT_ENTITY_NPUB);
        must(ht_bytes_equal(one.identifier, two.identifier));
    }
    ht_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static const char *const prefixes[] = {"npub", "note", "nprofile", "nevent", "naddr"};
    static char text[HT_ENTITY_TEXT_MAX + 1];
    check(ht_bytes_of(data, n));
    if (n == 0) return 0;
    /* The same bytes with a checksum that is right. */
    ht_bytes bytes = ht_bytes_of(data + 1, n - 1);
    if (ht_bech32_encode(text, sizeof text, prefixes[data[0] % 5], bytes) == HT_OK) {
        check(ht_bytes_str(text));
    }
    return 0;
}
