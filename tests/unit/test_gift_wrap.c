/* Private messages: sealed and wrapped for one reader, and what is not quite one is told apart. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/crypto/nip44.h"
#include "social/messages/gift_wrap.h"
#include "tests/unit/event_maker.h"

#define ALICE 3
#define BOB 4
#define EVE 5

static struct ht_why why;

/* What the signer process does: the key of `who`, and the request. */
static enum ht_err hold(struct ht_buf *out, const struct ht_gift_ask *ask, uint8_t who) {
    uint8_t key[32];
    uint8_t conversation[32];
    uint8_t nonce[32];
    uint8_t signature[HT_SCHNORR_SIZE];
    maker_key(key, who);
    ht_buf_clear(out);
    if (ask->need == HT_GIFT_SIGN) {
        ht_hash32 id;
        assert_int_equal(ask->data.n, sizeof id.b);
        memcpy(id.b, ask->data.p, sizeof id.b);
        assert_int_equal(ht_schnorr_sign(signature, &id, key, NULL, NULL), HT_OK);
        return ht_buf_add(out, HT_BYTES(signature));
    }
    assert_int_equal(ht_nip44_conversation_key(conversation, key, ask->peer.b, NULL), HT_OK);
    if (ask->need == HT_GIFT_DECRYPT) return ht_nip44_decrypt(out, conversation, ask->data, &why);
    ht_random_fill(&ht_system_random, nonce, sizeof nonce);
    return ht_nip44_encrypt(out, conversation, nonce, ask->data, &why);
}

static const ht_bytes subject[] = {{(const uint8_t *)"subject", 7}, {(const uint8_t *)"\"t\"", 3}};
static const struct ht_event_tag tags[] = {{.items = subject, .count = 2}};

static struct ht_event rumor_of(uint8_t who) {
    return (struct ht_event){.pubkey = maker_pubkey(who),
                             .created_at = MAKER_TIME,
                             .kind = 14,
                             .tags = tags,
                             .tag_count = 1,
                             .content = ht_bytes_str("hello\n\"Bob\"")};
}

static struct ht_gift_terms terms_to(uint8_t who) {
    return (struct ht_gift_terms){.recipient = maker_pubkey(who),
                                  .kind = HT_GIFT_WRAP,
                                  .now_s = MAKER_TIME + 100,
                                  .random = &ht_system_random};
}

/* Wraps as ALICE; the wrap is read back into the arena. */
static struct ht_event wrap(struct ht_arena *arena, const struct ht_event *rumor,
                            const struct ht_gift_terms *terms) {
    struct ht_gift_wrapping *wrapping = NULL;
    struct ht_gift_ask ask;
    struct ht_buf answer;
    struct ht_event event;
    ht_buf_init(&answer, HT_NIP44_ENCRYPT_ROOM);
    ht_arena_init(arena, HT_EVENT_ARENA(HT_EVENT_SIZE_MAX) + HT_EVENT_SIZE_MAX);
    assert_int_equal(ht_gift_wrapping_new(&wrapping, &ask, rumor, terms, &why), HT_OK);
    while (ask.need != HT_GIFT_DONE) {
        assert_int_equal(hold(&answer, &ask, ALICE), HT_OK);
        assert_int_equal(ht_gift_wrapping_next(&ask, wrapping, ht_buf_view(&answer), &why), HT_OK);
    }
    const char *copy = ht_arena_copy_str(arena, ask.data);
    assert_non_null(copy);
    assert_int_equal(ht_event_read(&event, arena, ht_bytes_of(copy, ask.data.n), &why), HT_OK);
    ht_gift_wrapping_free(wrapping);
    ht_buf_fini(&answer);
    return event;
}

/* Opens with the key of who. *out is to be freed in any case. */
static enum ht_err open_as(struct ht_gift_opening **out, const struct ht_event *event,
                           uint8_t who) {
    struct ht_gift_ask ask;
    struct ht_buf answer;
    ht_buf_init(&answer, HT_NIP44_DECRYPT_ROOM);
    *out = NULL;
    why.code = "";
    enum ht_err err = ht_gift_opening_new(out, &ask, event, &why);
    while (err == HT_OK && ask.need != HT_GIFT_DONE) {
        err = hold(&answer, &ask, who);
        if (err == HT_OK) err = ht_gift_opening_next(&ask, *out, ht_buf_view(&answer), &why);
    }
    ht_buf_fini(&answer);
    return err;
}

static void must_not_open(const struct ht_event *event, enum ht_err err, const char *code) {
    struct ht_gift_opening *opening = NULL;
    assert_int_equal(open_as(&opening, event, BOB), err);
    assert_string_equal(why.code, code);
    ht_gift_opening_free(opening);
}

static void gift_is_read_by_the_one_that_it_is_for(void **state) {
    (void)state;
    struct ht_arena arena;
    struct ht_gift_opening *opening = NULL;
    struct ht_event rumor = rumor_of(ALICE);
    struct ht_gift_terms terms = terms_to(BOB);
    struct ht_event event = wrap(&arena, &rumor, &terms);
    assert_int_equal(ht_event_verify(&event, &why), HT_OK);
    assert_int_equal(open_as(&opening, &event, BOB), HT_OK);
    const struct ht_event *got = ht_gift_opening_rumor(opening);
    ht_hash32 alice = maker_pubkey(ALICE);
    assert_true(ht_hash32_equal(&got->pubkey, &alice));
    assert_int_equal(got->created_at, MAKER_TIME);
    assert_int_equal(got->kind, 14);
    assert_true(ht_bytes_equal(got->content, rumor.content));
    assert_int_equal(got->tag_count, 1);
    assert_true(ht_bytes_equal(ht_event_tag_item(&got->tags[0], 1), subject[1]));
    assert_null(memmem(got->json.p, got->json.n, "\"sig\"", 5));
    ht_gift_opening_free(opening);
    assert_int_equal(open_as(&opening, &event, EVE), HT_EUNVERIFIED);
    assert_string_equal(why.code, "nip44_mac");
    ht_gift_opening_free(opening);
    ht_arena_fini(&arena);
}

static void gift_wrap_tells_nothing_but_the_recipient(void **state) {
    (void)state;
    struct ht_arena arenas[2];
    struct ht_event events[2];
    struct ht_event rumor = rumor_of(ALICE);
    struct ht_gift_terms terms = terms_to(BOB);
    ht_hash32 alice = maker_pubkey(ALICE);
    ht_hash32 bob;
    for (size_t i = 0; i < 2; i++) {
        events[i] = wrap(&arenas[i], &rumor, &terms);
        assert_int_equal(events[i].kind, 1059);
        assert_int_equal(events[i].tag_count, 1);
        assert_true(ht_event_hex32(&bob, ht_event_tag_item(&events[i].tags[0], 1)));
        assert_true(ht_hash32_equal(&bob, &terms.recipient));
        assert_false(ht_hash32_equal(&events[i].pubkey, &alice));
        assert_true(events[i].created_at <= terms.now_s);
        assert_true(events[i].created_at >= terms.now_s - HT_GIFT_PAST_S);
    }
    assert_false(ht_hash32_equal(&events[0].pubkey, &events[1].pubkey));
    for (size_t i = 0; i < 2; i++) ht_arena_fini(&arenas[i]);
}

static void zeros(void *self, uint8_t *out, size_t n) {
    memset(out, *(const uint8_t *)self, n);
}

static void gift_times_lie_up_to_two_days_back_and_ephemeral_ones_do_not(void **state) {
    (void)state;
    struct ht_arena arena;
    uint8_t byte = 1;
    const struct ht_random fixed = {.fill = zeros, .self = &byte};
    struct ht_event rumor = rumor_of(ALICE);
    struct ht_gift_terms terms = terms_to(BOB);
    terms.random = &fixed;
    int64_t first = wrap(&arena, &rumor, &terms).created_at;
    ht_arena_fini(&arena);
    byte = 77;
    assert_int_not_equal(wrap(&arena, &rumor, &terms).created_at, first);
    ht_arena_fini(&arena);
    terms.kind = HT_GIFT_WRAP_EPHEMERAL;
    struct ht_event event = wrap(&arena, &rumor, &terms);
    assert_int_equal(event.created_at, terms.now_s);
    assert_int_equal(event.kind, 21059);
    struct ht_gift_opening *opening = NULL;
    assert_int_equal(open_as(&opening, &event, BOB), HT_OK);
    ht_gift_opening_free(opening);
    ht_arena_fini(&arena);
}

static void gift_of_the_largest_rumor_is_an_event_that_relays_take(void **state) {
    (void)state;
    static uint8_t text[HT_GIFT_RUMOR_MAX + 1];
    struct ht_arena arena;
    struct ht_buf json;
    struct ht_event rumor = rumor_of(ALICE);
    struct ht_gift_terms terms = terms_to(BOB);
    memset(text, 'a', sizeof text);
    rumor.content = ht_bytes_str("");
    ht_buf_init(&json, HT_GIFT_RUMOR_MAX);
    assert_int_equal(ht_gift_write_rumor(&json, &rumor, &why), HT_OK);
    rumor.content = ht_bytes_of(text, HT_GIFT_RUMOR_MAX - json.n);
    struct ht_event event = wrap(&arena, &rumor, &terms);
    assert_true(event.json.n <= HT_EVENT_SIZE_MAX);
    struct ht_gift_opening *opening = NULL;
    assert_int_equal(open_as(&opening, &event, BOB), HT_OK);
    assert_true(ht_bytes_equal(ht_gift_opening_rumor(opening)->content, rumor.content));
    ht_gift_opening_free(opening);
    ht_arena_fini(&arena);
    rumor.content.n++;
    struct ht_gift_wrapping *wrapping = NULL;
    struct ht_gift_ask ask;
    assert_int_equal(ht_gift_wrapping_new(&wrapping, &ask, &rumor, &terms, &why), HT_ELIMIT);
    assert_string_equal(why.code, "gift_too_large");
    assert_null(wrapping);
    ht_buf_fini(&json);
}

static void gift_wants_answers_of_its_holder(void **state) {
    (void)state;
    struct ht_gift_wrapping *wrapping = NULL;
    struct ht_gift_ask ask;
    struct ht_buf answer;
    struct ht_event rumor = rumor_of(ALICE);
    struct ht_gift_terms terms = terms_to(BOB);
    ht_buf_init(&answer, HT_NIP44_ENCRYPT_ROOM);
    assert_int_equal(ht_gift_wrapping_new(&wrapping, &ask, &rumor, &terms, &why), HT_OK);
    assert_int_equal(ask.need, HT_GIFT_ENCRYPT);
    assert_int_equal(ht_gift_wrapping_next(&ask, wrapping, ht_bytes_str("short"), &why), HT_EINPUT);
    assert_string_equal(why.code, "gift_answer");
    assert_int_equal(hold(&answer, &ask, ALICE), HT_OK);
    assert_int_equal(ht_gift_wrapping_next(&ask, wrapping, ht_buf_view(&answer), &why), HT_OK);
    assert_int_equal(ask.need, HT_GIFT_SIGN);
    assert_int_equal(ht_gift_wrapping_next(&ask, wrapping, ht_bytes_str("short"), &why), HT_EINPUT);
    assert_string_equal(why.code, "gift_answer");
    assert_int_equal(hold(&answer, &ask, EVE), HT_OK);
    assert_int_equal(ht_gift_wrapping_next(&ask, wrapping, ht_buf_view(&answer), &why),
                     HT_EUNVERIFIED);
    assert_string_equal(why.code, "event_signature");
    ht_gift_wrapping_free(wrapping);
    ht_buf_fini(&answer);
}

/* --- what is not quite one --------------------------------------------------------------------*/

/* Encrypts a text from who to BOB into content. */
static void encrypt_to_bob(struct ht_buf *content, uint8_t who, ht_bytes text) {
    const struct ht_gift_ask ask = {
        .need = HT_GIFT_ENCRYPT, .peer = maker_pubkey(BOB), .data = text};
    assert_int_equal(hold(content, &ask, who), HT_OK);
}

/* A wrap of EVE's around a seal of ALICE's (or another's) around any text. */
struct forged {
    struct ht_buf inner, seal_json, outer;
    struct ht_event seal, wrap;
};

static void forge(struct forged *f, ht_bytes rumor_json) {
    ht_buf_init(&f->inner, HT_NIP44_ENCRYPT_ROOM);
    ht_buf_init(&f->seal_json, HT_EVENT_SIZE_MAX);
    ht_buf_init(&f->outer, HT_NIP44_ENCRYPT_ROOM);
    encrypt_to_bob(&f->inner, ALICE, rumor_json);
    f->seal = (struct ht_event){
        .created_at = MAKER_TIME, .kind = HT_GIFT_SEAL, .content = ht_buf_view(&f->inner)};
    maker_sign(&f->seal, ALICE);
}

/* Wraps the seal as it is now. */
static const struct ht_event *wrap_up(struct forged *f) {
    ht_buf_clear(&f->seal_json);
    assert_int_equal(ht_event_write(&f->seal_json, &f->seal), HT_OK);
    encrypt_to_bob(&f->outer, EVE, ht_buf_view(&f->seal_json));
    f->wrap = (struct ht_event){.pubkey = maker_pubkey(EVE),
                                .created_at = MAKER_TIME,
                                .kind = HT_GIFT_WRAP,
                                .content = ht_buf_view(&f->outer)};
    return &f->wrap;
}

static void forge_fini(struct forged *f) {
    ht_buf_fini(&f->inner);
    ht_buf_fini(&f->seal_json);
    ht_buf_fini(&f->outer);
}

static void rumor_is_refused(const char *json, enum ht_err err, const char *code) {
    struct forged f;
    forge(&f, ht_bytes_str(json));
    must_not_open(wrap_up(&f), err, code);
    forge_fini(&f);
}

static void gift_whose_rumor_names_another_author_is_refused(void **state) {
    (void)state;
    struct forged f;
    struct ht_buf json;
    struct ht_event rumor = rumor_of(EVE);
    ht_buf_init(&json, HT_GIFT_RUMOR_MAX);
    assert_int_equal(ht_gift_write_rumor(&json, &rumor, &why), HT_OK);
    forge(&f, ht_buf_view(&json));
    must_not_open(wrap_up(&f), HT_EUNVERIFIED, "gift_author");
    forge_fini(&f);
    ht_buf_fini(&json);
}

static void gift_whose_rumor_has_a_wrong_id_is_refused(void **state) {
    (void)state;
    struct forged f;
    struct ht_buf json;
    struct ht_event rumor = rumor_of(ALICE);
    ht_buf_init(&json, HT_GIFT_RUMOR_MAX);
    assert_int_equal(ht_gift_write_rumor(&json, &rumor, &why), HT_OK);
    json.p[8] = json.p[8] == '0' ? '1' : '0'; /* of its id */
    forge(&f, ht_buf_view(&json));
    must_not_open(wrap_up(&f), HT_EUNVERIFIED, "event_id");
    forge_fini(&f);
    ht_buf_fini(&json);
}

static void gift_whose_rumor_is_none_is_refused(void **state) {
    (void)state;
    rumor_is_refused("hello", HT_EINPUT, "event_malformed");
    rumor_is_refused(" ", HT_EINPUT, "event_malformed");
    rumor_is_refused("{}", HT_EINPUT, "event_malformed");
    rumor_is_refused("{\"kind\":14}", HT_EINPUT, "event_field");
    /* Signed: it could be shown to others. */
    rumor_is_refused(WITH_CONTENT("\"hi\""), HT_EINPUT, "event_malformed");
}

static void gift_without_a_good_seal_is_refused(void **state) {
    (void)state;
    struct forged f;
    struct ht_buf json;
    struct ht_event rumor = rumor_of(ALICE);
    ht_buf_init(&json, HT_GIFT_RUMOR_MAX);
    assert_int_equal(ht_gift_write_rumor(&json, &rumor, &why), HT_OK);
    forge(&f, ht_buf_view(&json));
    f.seal.sig[5] ^= 1;
    must_not_open(wrap_up(&f), HT_EUNVERIFIED, "event_signature");
    f.seal.kind = 14;
    maker_sign(&f.seal, ALICE);
    must_not_open(wrap_up(&f), HT_EINPUT, "gift_kind");
    f.seal.kind = HT_GIFT_SEAL;
    f.seal.tags = tags;
    f.seal.tag_count = 1;
    maker_sign(&f.seal, ALICE);
    must_not_open(wrap_up(&f), HT_EINPUT, "gift_seal");
    /* Nothing was wrong with the rest. */
    f.seal.tag_count = 0;
    maker_sign(&f.seal, ALICE);
    struct ht_gift_opening *opening = NULL;
    assert_int_equal(open_as(&opening, wrap_up(&f), BOB), HT_OK);
    ht_gift_opening_free(opening);
    encrypt_to_bob(&f.outer, EVE, ht_bytes_str("{no seal"));
    f.wrap.content = ht_buf_view(&f.outer);
    must_not_open(&f.wrap, HT_EINPUT, "event_malformed");
    f.wrap.kind = 1;
    must_not_open(&f.wrap, HT_EINPUT, "gift_kind");
    forge_fini(&f);
    ht_buf_fini(&json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gift_is_read_by_the_one_that_it_is_for),
        cmocka_unit_test(gift_wrap_tells_nothing_but_the_recipient),
        cmocka_unit_test(gift_times_lie_up_to_two_days_back_and_ephemeral_ones_do_not),
        cmocka_unit_test(gift_of_the_largest_rumor_is_an_event_that_relays_take),
        cmocka_unit_test(gift_wants_answers_of_its_holder),
        cmocka_unit_test(gift_whose_rumor_names_another_author_is_refused),
        cmocka_unit_test(gift_whose_rumor_has_a_wrong_id_is_refused),
        cmocka_unit_test(gift_whose_rumor_is_none_is_refused),
        cmocka_unit_test(gift_without_a_good_seal_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
