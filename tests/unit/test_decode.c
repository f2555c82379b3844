/* Light-client objects from bytes: every kind and fork in SSZ, frames and JSON, and what is refused
 * for its form. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "node/l1/consensus/decode.h"
#include "tests/unit/lc_json.h"

#define ROOM (8U * 1024 * 1024)

static struct ht_lcb *builder;
static struct ht_lc_object *out;

static int set_up(void **state) {
    (void)state;
    builder = ht_lcb_new(1);
    out = calloc(1, sizeof *out);
    return out == NULL;
}

static int tear_down(void **state) {
    (void)state;
    ht_lcb_free(builder);
    free(out);
    return 0;
}

/* One object of the kind in the middle of the fork's period. */
static struct ht_lc_object *make(enum ht_lc_kind kind, enum ht_fork fork) {
    uint64_t slot = ((uint64_t)fork - HT_ALTAIR) * HT_LCB_PERIOD + 30;
    struct ht_lcb_plan plan = {.kind = kind,
                               .attested_slot = slot,
                               .finalized_slot = slot - 14,
                               .has_finality = kind != HT_LC_OPTIMISTIC_UPDATE,
                               .has_next_committee = kind == HT_LC_UPDATE};
    return kind == HT_LC_BOOTSTRAP ? ht_lcb_bootstrap(builder, slot)
                                   : ht_lcb_update(builder, &plan);
}

static void expect_code(enum ht_err got, const struct ht_why *why, enum ht_err err,
                        const char *code) {
    assert_int_equal(got, err);
    assert_string_equal(why->code, code);
}

/* --- single objects --------------------------------------------------------------------------- */

typedef void each_object(const struct ht_lc_object *object, ht_bytes ssz);

static void for_each_object(each_object *each) {
    struct ht_buf ssz;
    ht_buf_init(&ssz, ROOM);
    for (enum ht_lc_kind kind = HT_LC_BOOTSTRAP; kind < HT_LC_KIND_COUNT; kind++) {
        for (enum ht_fork fork = HT_ALTAIR; fork < HT_FORK_COUNT; fork++) {
            struct ht_lc_object *object = make(kind, fork);
            ht_buf_clear(&ssz);
            ht_lcb_encode(&ssz, builder, object);
            each(object, ht_buf_view(&ssz));
            free(object);
        }
    }
    ht_buf_fini(&ssz);
}

static void check_known_kind(const struct ht_lc_object *object, ht_bytes ssz) {
    assert_int_equal(
        ht_lc_decode_ssz(out, &builder->network, object->kind, object->fork, ssz, NULL), HT_OK);
    assert_memory_equal(out, object, sizeof *out);
}

static void ssz_of_every_kind_and_fork_decodes_to_what_was_encoded(void **state) {
    (void)state;
    for_each_object(check_known_kind);
}

static void check_unknown_kind(const struct ht_lc_object *object, ht_bytes ssz) {
    memset(out, 0x55, sizeof *out);
    assert_int_equal(ht_lc_decode_ssz_any(out, &builder->network, ssz, NULL), HT_OK);
    assert_memory_equal(out, object, sizeof *out);
}

static void kind_and_fork_of_ssz_are_found_out(void **state) {
    (void)state;
    for_each_object(check_unknown_kind);
}

static void check_cut(const struct ht_lc_object *object, ht_bytes ssz) {
    /* Not less than 40: extra_data, the last part of some, just becomes shorter. */
    const size_t lengths[] = {0, 1, 100, ssz.n / 2, ssz.n - 40};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct ht_why why = {.code = "accepted"};
        ht_bytes cut = ht_bytes_of(ssz.p, lengths[i]);
        assert_int_not_equal(
            ht_lc_decode_ssz(out, &builder->network, object->kind, object->fork, cut, &why), HT_OK);
        enum ht_err err = ht_lc_decode_ssz_any(out, &builder->network, cut, &why);
        expect_code(err, &why, HT_EINPUT, "unknown_object");
    }
}

static void ssz_cut_short_is_no_object(void **state) {
    (void)state;
    for_each_object(check_cut);
}

static void check_longer(const struct ht_lc_object *object, ht_bytes ssz) {
    uint8_t *longer = calloc(1, ssz.n + 40);
    struct ht_why why = {.code = "accepted"};
    assert_non_null(longer);
    memcpy(longer, ssz.p, ssz.n);
    assert_int_equal(ht_lc_decode_ssz(out, &builder->network, object->kind, object->fork,
                                      ht_bytes_of(longer, ssz.n + 40), &why),
                     HT_EINPUT);
    free(longer);
}

static void ssz_with_bytes_behind_it_is_no_object(void **state) {
    (void)state;
    for_each_object(check_longer);
}

static void reasons_of_ssz_name_the_part(void **state) {
    (void)state;
    struct ht_lc_object *object = make(HT_LC_UPDATE, HT_ELECTRA);
    struct ht_buf ssz;
    struct ht_why why;
    ht_buf_init(&ssz, ROOM);
    ht_lcb_encode(&ssz, builder, object);
    enum ht_err err = ht_lc_decode_ssz(out, &builder->network, HT_LC_UPDATE, HT_ELECTRA,
                                       ht_bytes_of(ssz.p, 50), &why);
    expect_code(err, &why, HT_EINPUT, "ssz_truncated");
    ssz.p[0] ^= 4; /* the offset of the attested header */
    err =
        ht_lc_decode_ssz(out, &builder->network, HT_LC_UPDATE, HT_ELECTRA, ht_buf_view(&ssz), &why);
    expect_code(err, &why, HT_EINPUT, "ssz_bad_offset");
    assert_non_null(strstr(why.text, "attested_header"));
    ht_buf_fini(&ssz);
    free(object);
}

static void container_of_a_fork_that_is_not_the_slots_is_wrong_fork(void **state) {
    (void)state;
    struct ht_lc_object *object = make(HT_LC_OPTIMISTIC_UPDATE, HT_ELECTRA);
    struct ht_buf ssz;
    struct ht_why why;
    ht_buf_init(&ssz, ROOM);
    ht_lcb_encode(&ssz, builder, object);
    enum ht_err err =
        ht_lc_decode_ssz(out, &builder->network, object->kind, HT_FULU, ht_buf_view(&ssz), &why);
    expect_code(err, &why, HT_EINPUT, "wrong_fork");
    err =
        ht_lc_decode_ssz(out, &builder->network, object->kind, HT_PHASE0, ht_buf_view(&ssz), &why);
    expect_code(err, &why, HT_EINPUT, "wrong_fork");
    ht_buf_fini(&ssz);
    free(object);
}

static void object_of_the_other_preset_is_unknown(void **state) {
    (void)state;
    struct ht_lc_object *object = make(HT_LC_BOOTSTRAP, HT_DENEB);
    struct ht_network other = builder->network;
    struct ht_buf ssz;
    struct ht_why why;
    other.preset = &ht_preset_mainnet;
    ht_buf_init(&ssz, ROOM);
    ht_lcb_encode(&ssz, builder, object);
    enum ht_err err = ht_lc_decode_ssz_any(out, &other, ht_buf_view(&ssz), &why);
    expect_code(err, &why, HT_EINPUT, "unknown_object");
    ht_buf_fini(&ssz);
    free(object);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void check_json(const struct ht_lc_object *object, ht_bytes ssz) {
    json_t *forms[2] = {ht_lcb_json(builder, object), ht_lcb_json_versioned(builder, object)};
    (void)ssz;
    for (size_t i = 0; i < 2; i++) {
        struct ht_why why = {.text = ""};
        memset(out, 0x55, sizeof *out);
        if (ht_lc_decode_json(out, &builder->network, forms[i], &why) != HT_OK) {
            fail_msg("%s: %s", why.code, why.text);
        }
        assert_memory_equal(out, object, sizeof *out);
        json_decref(forms[i]);
    }
}

static void json_of_every_kind_and_fork_decodes_with_and_without_its_version(void **state) {
    (void)state;
    for_each_object(check_json);
}

static void json_with_the_version_of_another_fork_is_wrong_fork(void **state) {
    (void)state;
    struct ht_lc_object *object = make(HT_LC_FINALITY_UPDATE, HT_DENEB);
    const char *versions[] = {"electra", "phase0", "osaka"};
    for (size_t i = 0; i < 3; i++) {
        struct ht_why why = {.code = "accepted"};
        json_t *json =
            json_pack("{s:s, s:o}", "version", versions[i], "data", ht_lcb_json(builder, object));
        enum ht_err err = ht_lc_decode_json(out, &builder->network, json, &why);
        expect_code(err, &why, HT_EINPUT, i == 0 ? "json_value" : "wrong_fork");
        if (i == 0) assert_non_null(strstr(why.text, "finality_branch")); /* it is longer there */
        json_decref(json);
    }
    free(object);
}

static void json_without_a_field_names_it(void **state) {
    (void)state;
    struct ht_lc_object *object = make(HT_LC_UPDATE, HT_CAPELLA);
    json_t *json = ht_lcb_json_versioned(builder, object);
    struct ht_why why;
    assert_int_equal(json_object_del(json_object_get(json, "data"), "signature_slot"), 0);
    expect_code(ht_lc_decode_json(out, &builder->network, json, &why), &why, HT_EINPUT,
                "json_missing");
    assert_non_null(strstr(why.text, "signature_slot"));
    json_decref(json);
    free(object);
}

static void json_of_something_else_is_unknown(void **state) {
    (void)state;
    const char *texts[] = {"{}", "[]", "null", "7", "{\"data\":{\"slot\":\"1\"}}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct ht_why why = {.code = "accepted"};
        json_t *json = json_loads(texts[i], JSON_DECODE_ANY, NULL);
        expect_code(ht_lc_decode_json(out, &builder->network, json, &why), &why, HT_EINPUT,
                    "unknown_object");
        json_decref(json);
    }
}

/* --- whatever bytes hold ---------------------------------------------------------------------- */

struct found {
    size_t count, stop_at;
    uint64_t slots[8];
};

static bool count_object(void *user, size_t position, const struct ht_lc_object *object) {
    struct found *found = user;
    assert_int_equal(position, found->count);
    if (found->count < 8) found->slots[found->count] = ht_lc_object_slot(object);
    found->count++;
    return found->count != found->stop_at;
}

static enum ht_err find_all(struct found *found, ht_bytes bytes, struct ht_why *why) {
    *found = (struct found){.stop_at = found->stop_at};
    return ht_lc_decode_all(&builder->network, bytes, count_object, found, why);
}

static void check_found_alone(const struct ht_lc_object *object, ht_bytes ssz) {
    struct found found = {.stop_at = 0};
    struct ht_buf text;
    assert_int_equal(find_all(&found, ssz, NULL), HT_OK);
    assert_int_equal(found.count, 1);
    ht_buf_init(&text, ROOM);
    assert_int_equal(ht_buf_add_str(&text, "\r\n\t "), HT_OK);
    ht_lcb_dump(&text, ht_lcb_json_versioned(builder, object));
    assert_int_equal(find_all(&found, ht_buf_view(&text), NULL), HT_OK);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.slots[0], ht_lc_object_slot(object));
    ht_buf_fini(&text);
}

static void bytes_of_one_object_hold_it_in_both_forms(void **state) {
    (void)state;
    for_each_object(check_found_alone);
}

/* Gloas objects have one size each, so that any bytes of that size decode; these are JSON. */
static void text_of_the_length_of_an_object_is_still_text(void **state) {
    (void)state;
    struct ht_lc_object *object = make(HT_LC_FINALITY_UPDATE, HT_ALTAIR);
    struct found found = {.stop_at = 0};
    struct ht_buf text;
    const size_t gloas_size = 1388;
    ht_buf_init(&text, ROOM);
    ht_lcb_dump(&text, ht_lcb_json(builder, object));
    while (text.n < gloas_size) assert_int_equal(ht_buf_add_str(&text, " "), HT_OK);
    assert_int_equal(text.n, gloas_size);
    assert_int_equal(ht_lc_decode_ssz_any(out, &builder->network, ht_buf_view(&text), NULL), HT_OK);
    assert_int_equal(find_all(&found, ht_buf_view(&text), NULL), HT_OK);
    assert_int_equal(found.slots[0], ht_lc_object_slot(object));
    ht_buf_fini(&text);
    free(object);
}

static void ssz_that_starts_like_json_is_still_ssz(void **state) {
    (void)state;
    struct ht_lcb_plan plan = {.kind = HT_LC_OPTIMISTIC_UPDATE, .attested_slot = '{'};
    struct ht_lc_object *object = ht_lcb_update(builder, &plan);
    struct found found = {.stop_at = 0};
    struct ht_buf ssz;
    ht_buf_init(&ssz, ROOM);
    ht_lcb_encode(&ssz, builder, object);
    assert_int_equal(ssz.p[0], '{');
    assert_int_equal(find_all(&found, ht_buf_view(&ssz), NULL), HT_OK);
    assert_int_equal(found.slots[0], '{');
    ht_buf_fini(&ssz);
    free(object);
}

/* Updates of all forks, one frame each. */
static void make_frames(struct ht_buf *frames) {
    ht_buf_init(frames, ROOM);
    for (enum ht_fork fork = HT_ALTAIR; fork < HT_FORK_COUNT; fork++) {
        struct ht_lc_object *object = make(HT_LC_UPDATE, fork);
        ht_lcb_frame(frames, builder, object);
        free(object);
    }
}

static void frames_are_read_in_order(void **state) {
    (void)state;
    struct ht_buf frames;
    struct found found = {.stop_at = 0};
    make_frames(&frames);
    assert_int_equal(find_all(&found, ht_buf_view(&frames), NULL), HT_OK);
    assert_int_equal(found.count, 7);
    for (size_t i = 0; i < 7; i++) assert_int_equal(found.slots[i], 64 * i + 30);
    found.stop_at = 3;
    assert_int_equal(find_all(&found, ht_buf_view(&frames), NULL), HT_OK);
    assert_int_equal(found.count, 3);
    ht_buf_fini(&frames);
}

static void frames_cut_short_give_those_before_and_the_reason(void **state) {
    (void)state;
    struct ht_buf frames;
    struct found found = {.stop_at = 0};
    struct ht_why why;
    make_frames(&frames);
    enum ht_err err = find_all(&found, ht_bytes_of(frames.p, frames.n - 1), &why);
    expect_code(err, &why, HT_EINPUT, "frame_truncated");
    assert_int_equal(found.count, 6);
    ht_buf_fini(&frames);
}

static void frame_with_a_digest_of_another_network_is_wrong_network(void **state) {
    (void)state;
    struct ht_buf frames;
    struct found found = {.stop_at = 0};
    struct ht_why why;
    make_frames(&frames);
    frames.p[8] ^= 1;
    enum ht_err err = find_all(&found, ht_buf_view(&frames), &why);
    expect_code(err, &why, HT_EINPUT, "wrong_network");
    assert_int_equal(found.count, 0);
    ht_buf_fini(&frames);
}

static void frame_with_the_digest_of_another_fork_is_refused(void **state) {
    (void)state;
    struct ht_lc_object *object = make(HT_LC_UPDATE, HT_ELECTRA);
    struct ht_buf frame;
    struct found found = {.stop_at = 0};
    struct ht_why why;
    ht_buf_init(&frame, ROOM);
    ht_lcb_frame(&frame, builder, object);
    ht_fork_digest(frame.p + 8, &builder->network, builder->network.forks[HT_FULU].epoch);
    enum ht_err err = find_all(&found, ht_buf_view(&frame), &why);
    expect_code(err, &why, HT_EINPUT, "wrong_fork");
    ht_buf_fini(&frame);
    free(object);
}

static void head_of_a_frame_is_checked_against_what_is_there(void **state) {
    (void)state;
    struct ht_buf frames;
    struct ht_why why;
    ht_bytes object;
    enum ht_fork fork;
    make_frames(&frames);
    const uint64_t lengths[] = {0, 3, frames.n - 7, UINT64_MAX, UINT64_MAX - 7};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        ht_bytes rest = ht_buf_view(&frames);
        ht_write_u64_le(frames.p, lengths[i]);
        enum ht_err err = ht_lc_next_frame(&object, &fork, &rest, &builder->network, &why);
        expect_code(err, &why, HT_EINPUT, "frame_truncated");
        assert_int_equal(rest.n, frames.n);
    }
    for (size_t n = 0; n < 12; n++) {
        ht_bytes rest = ht_bytes_of(frames.p, n);
        enum ht_err err = ht_lc_next_frame(&object, &fork, &rest, &builder->network, &why);
        expect_code(err, &why, HT_EINPUT, "frame_truncated");
    }
    ht_buf_fini(&frames);
}

static void more_frames_than_any_answer_has_are_too_many(void **state) {
    (void)state;
    struct ht_lc_object *object = make(HT_LC_UPDATE, HT_ALTAIR);
    struct ht_buf frames;
    struct found found = {.stop_at = 0};
    struct ht_why why;
    ht_buf_init(&frames, ROOM);
    for (size_t i = 0; i < 1025; i++) ht_lcb_frame(&frames, builder, object);
    enum ht_err err = find_all(&found, ht_buf_view(&frames), &why);
    expect_code(err, &why, HT_ELIMIT, "too_many_objects");
    assert_int_equal(found.count, 1024);
    ht_buf_fini(&frames);
    free(object);
}

static void json_lists_are_read_in_order_wrapped_or_not(void **state) {
    (void)state;
    for (int is_wrapped = 0; is_wrapped < 2; is_wrapped++) {
        json_t *list = json_array();
        struct ht_buf text;
        struct found found = {.stop_at = 0};
        for (enum ht_fork fork = HT_ALTAIR; fork < HT_FORK_COUNT; fork++) {
            struct ht_lc_object *object = make(HT_LC_UPDATE, fork);
            (void)json_array_append_new(list, ht_lcb_json_versioned(builder, object));
            free(object);
        }
        ht_buf_init(&text, ROOM);
        ht_lcb_dump(&text, is_wrapped ? json_pack("{s:o}", "data", list) : list);
        assert_int_equal(find_all(&found, ht_buf_view(&text), NULL), HT_OK);
        assert_int_equal(found.count, 7);
        assert_int_equal(found.slots[6], 6 * 64 + 30);
        ht_buf_fini(&text);
    }
}

static void empty_list_holds_nothing(void **state) {
    (void)state;
    struct found found = {.stop_at = 0};
    assert_int_equal(find_all(&found, ht_bytes_str("[]"), NULL), HT_OK);
    assert_int_equal(find_all(&found, ht_bytes_str("{\"data\":[]}"), NULL), HT_OK);
    assert_int_equal(found.count, 0);
}

static void bytes_of_anything_else_are_unknown(void **state) {
    (void)state;
    static const uint8_t zeros[1000];
    const struct {
        ht_bytes bytes;
        const char *code;
    } cases[] = {
        {ht_bytes_of("", 0), "unknown_object"},   {ht_bytes_str("hello"), "unknown_object"},
        {HT_BYTES(zeros), "unknown_object"},      {ht_bytes_str("{\"a\":1}"), "unknown_object"},
        {ht_bytes_str("{\"a\":"), "json_syntax"}, {ht_bytes_str("[{\"a\":1}]"), "unknown_object"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct found found = {.stop_at = 0};
        struct ht_why why = {.code = "accepted"};
        expect_code(find_all(&found, cases[i].bytes, &why), &why, HT_EINPUT, cases[i].code);
        assert_int_equal(found.count, 0);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(ssz_of_every_kind_and_fork_decodes_to_what_was_encoded),
        TEST(kind_and_fork_of_ssz_are_found_out),
        TEST(ssz_cut_short_is_no_object),
        TEST(ssz_with_bytes_behind_it_is_no_object),
        TEST(reasons_of_ssz_name_the_part),
        TEST(container_of_a_fork_that_is_not_the_slots_is_wrong_fork),
        TEST(object_of_the_other_preset_is_unknown),
        TEST(json_of_every_kind_and_fork_decodes_with_and_without_its_version),
        TEST(json_with_the_version_of_another_fork_is_wrong_fork),
        TEST(json_without_a_field_names_it),
        TEST(json_of_something_else_is_unknown),
        TEST(bytes_of_one_object_hold_it_in_both_forms),
        TEST(text_of_the_length_of_an_object_is_still_text),
        TEST(ssz_that_starts_like_json_is_still_ssz),
        TEST(frames_are_read_in_order),
        TEST(frames_cut_short_give_those_before_and_the_reason),
        TEST(frame_with_a_digest_of_another_network_is_wrong_network),
        TEST(frame_with_the_digest_of_another_fork_is_refused),
        TEST(head_of_a_frame_is_checked_against_what_is_there),
        TEST(more_frames_than_any_answer_has_are_too_many),
        TEST(json_lists_are_read_in_order_wrapped_or_not),
        TEST(empty_list_holds_nothing),
        TEST(bytes_of_anything_else_are_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
