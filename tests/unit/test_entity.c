/* NIP-19's names: written and read back, and what is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "node/codec/bech32.h"
#include "node/nostr/entity.h"

static struct ht_arena arena;

static int set_up(void **state) {
    (void)state;
    ht_arena_init(&arena, 16 * HT_ENTITY_ARENA);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    ht_arena_fini(&arena);
    return 0;
}

static struct ht_entity entity_of(enum ht_entity_kind kind) {
    struct ht_entity entity = {.kind = kind, .relay_count = 2};
    memset(entity.key.b, 0x11, 32);
    entity.relays[0] = ht_bytes_str("wss://a.example");
    entity.relays[1] = ht_bytes_str("");
    if (kind == HT_ENTITY_NPUB || kind == HT_ENTITY_NOTE) entity.relay_count = 0;
    entity.has_author = entity.has_event_kind = kind == HT_ENTITY_NEVENT || kind == HT_ENTITY_NADDR;
    if (entity.has_author) memset(entity.author.b, kind == HT_ENTITY_NADDR ? 0x11 : 0x22, 32);
    if (entity.has_event_kind) entity.event_kind = 30023;
    if (kind == HT_ENTITY_NADDR) entity.identifier = ht_bytes_str("a b");
    return entity;
}

static void entity_comes_back_as_it_was_written(void **state) {
    (void)state;
    for (unsigned kind = HT_ENTITY_NPUB; kind <= HT_ENTITY_NADDR; kind++) {
        struct ht_entity entity = entity_of((enum ht_entity_kind)kind);
        struct ht_entity got;
        struct ht_why why = {.code = "", .text = ""};
        char text[1000] = "nostr:";
        assert_int_equal(ht_entity_write(text + 6, sizeof text - 6, &entity), HT_OK);
        for (size_t skipped = 0; skipped <= 6; skipped += 6) {
            if (ht_entity_read(&got, &arena, ht_bytes_str(text + skipped), &why) != HT_OK) {
                fail_msg("%s: %s", text, why.text);
            }
            assert_int_equal(got.kind, kind);
            assert_memory_equal(got.key.b, entity.key.b, 32);
            assert_int_equal(got.has_author, entity.has_author);
            assert_memory_equal(got.author.b, entity.author.b, 32);
            assert_int_equal(got.event_kind, entity.event_kind);
            assert_true(ht_bytes_equal(got.identifier, entity.identifier));
            assert_int_equal(got.relay_count, entity.relay_count);
            for (size_t i = 0; i < got.relay_count; i++) {
                assert_true(ht_bytes_equal(got.relays[i], entity.relays[i]));
            }
        }
    }
}

static void refuses(const char *text, const char *code, const char *word) {
    struct ht_entity got = {.event_kind = 77};
    struct ht_why why = {.code = "accepted", .text = ""};
    enum ht_err err = ht_entity_read(&got, &arena, ht_bytes_str(text), &why);
    assert_string_equal(why.code, code);
    if (strstr(why.text, word) == NULL) fail_msg("expected \"%s\", got \"%s\"", word, why.text);
    assert_int_equal(err, HT_EINPUT);
    assert_int_equal(got.event_kind, 77);
}

static void refuses_parts(const char *prefix, ht_bytes bytes, const char *word) {
    char text[1000];
    assert_int_equal(ht_bech32_encode(text, sizeof text, prefix, bytes), HT_OK);
    refuses(text, "entity_parts", word);
}

static void entity_refuses_what_names_nobody(void **state) {
    (void)state;
    refuses("", "entity_kind", "names nobody");
    refuses("npub", "entity_kind", "names nobody");
    refuses("nostr:", "entity_kind", "names nobody");
    refuses("nostr:nostr:npub1", "entity_kind", "names nobody");
    refuses("nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5", "entity_kind",
            "names nobody");
    refuses("npub1", "bech32_text", "");
    refuses("npub10elfcs4fr0l0r8af98jlmgdh9c8tcxjvz9qkw038js35mp4dma8qzvjptq", "bech32_checksum",
            "");
}

static void entity_refuses_parts_that_are_cut_off_or_missing(void **state) {
    (void)state;
    uint8_t bytes[80] = {0, 32};
    refuses_parts("npub", ht_bytes_of(bytes, 31), "not 32 bytes");
    refuses_parts("note", ht_bytes_of(bytes, 33), "not 32 bytes");
    refuses_parts("nprofile", ht_bytes_of(bytes, 33), "cut off");
    refuses_parts("nprofile", ht_bytes_of(bytes, 1), "cut off");
    refuses_parts("nprofile", ht_bytes_of(bytes, 35), "cut off");
    refuses_parts("nprofile", ht_bytes_of(bytes, 0), "is missing");
    refuses_parts("naddr", ht_bytes_of(bytes, 34), "without its author");
    bytes[1] = 31;
    refuses_parts("nevent", ht_bytes_of(bytes, 33), "an id has not 32 bytes");
    bytes[0] = 2;
    refuses_parts("nevent", ht_bytes_of(bytes, 33), "an author has not 32 bytes");
    const uint8_t kind3[] = {3, 3, 0, 0, 1};
    refuses_parts("nevent", HT_BYTES(kind3), "a kind has not 4 bytes");
    const uint8_t kind_over[] = {3, 4, 0, 1, 0, 0};
    refuses_parts("nevent", HT_BYTES(kind_over), "above 65535");
}

static void entity_leaves_out_parts_of_unknown_types_and_relays_over_the_bound(void **state) {
    (void)state;
    uint8_t bytes[100] = {0, 32};
    char text[1000];
    struct ht_entity got;
    bytes[34] = 9;
    bytes[35] = 1;
    for (size_t i = 0; i < 20; i++) {
        bytes[37 + 2 * i] = 1;
        bytes[38 + 2 * i] = 0;
    }
    assert_int_equal(ht_bech32_encode(text, sizeof text, "nprofile", ht_bytes_of(bytes, 77)),
                     HT_OK);
    assert_int_equal(ht_entity_read(&got, &arena, ht_bytes_str(text), NULL), HT_OK);
    assert_int_equal(got.relay_count, HT_ENTITY_RELAYS_MAX);
}

static void entity_is_not_written_when_it_does_not_fit(void **state) {
    (void)state;
    static const uint8_t long_text[256];
    char text[1000];
    struct ht_entity entity = entity_of(HT_ENTITY_NADDR);
    assert_int_equal(ht_entity_write(text, 60, &entity), HT_ELIMIT);
    entity.identifier = HT_BYTES(long_text);
    assert_int_equal(ht_entity_write(text, sizeof text, &entity), HT_ELIMIT);
    entity.identifier.n = 255;
    assert_int_equal(ht_entity_write(text, sizeof text, &entity), HT_OK);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(entity_comes_back_as_it_was_written),
        cmocka_unit_test(entity_refuses_what_names_nobody),
        cmocka_unit_test(entity_refuses_parts_that_are_cut_off_or_missing),
        cmocka_unit_test(entity_leaves_out_parts_of_unknown_types_and_relays_over_the_bound),
        cmocka_unit_test(entity_is_not_written_when_it_does_not_fit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
