/* The light-client store on disk: what was written comes back, and nothing else is taken for it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "node/crypto/sha256.h"
#include "node/l1/consensus/light_client_keep.h"
#include "tests/unit/lc_builder.h"

struct kept {
    struct ht_lcb *builder;
    struct ht_lc_store *store;
    struct ht_buf bytes;
};

/* A store that has seen an update with the next committee and finality. */
static int keep_one(void **state) {
    struct kept *k = calloc(1, sizeof *k);
    assert_non_null(k);
    k->builder = ht_lcb_new(7);
    k->store = ht_lcb_store(k->builder, 3 * 64 + 8);
    struct ht_lcb_plan plan = {.kind = HT_LC_UPDATE,
                               .attested_slot = 3 * 64 + 40,
                               .finalized_slot = 3 * 64 + 24,
                               .has_finality = true,
                               .has_next_committee = true,
                               .participants = 30};
    struct ht_lc_object *object = ht_lcb_update(k->builder, &plan);
    assert_int_equal(ht_lc_process(k->store, NULL, object, 1000, NULL), HT_OK);
    free(object);
    ht_buf_init(&k->bytes, HT_LC_KEEP_MAX);
    assert_int_equal(ht_lc_store_encode(&k->bytes, k->store), HT_OK);
    *state = k;
    return 0;
}

static int forget(void **state) {
    struct kept *k = *state;
    ht_buf_fini(&k->bytes);
    free(k->store);
    ht_lcb_free(k->builder);
    free(k);
    return 0;
}

static struct ht_lc_store *decode(const struct kept *k) {
    struct ht_lc_store *store = calloc(1, sizeof *store);
    struct ht_why why = {.code = ""};
    assert_non_null(store);
    if (ht_lc_store_decode(store, &k->builder->network, ht_buf_view(&k->bytes), &why) != HT_OK) {
        fail_msg("%s: %s", why.code, why.text);
    }
    return store;
}

static void expect_refused(const struct ht_network *network, ht_bytes bytes, const char *code) {
    struct ht_lc_store *store = calloc(1, sizeof *store);
    struct ht_why why = {.code = "accepted"};
    assert_non_null(store);
    assert_int_equal(ht_lc_store_decode(store, network, bytes, &why), HT_EINPUT);
    assert_string_equal(why.code, code);
    assert_null(store->network); /* untouched */
    free(store);
}

/* Puts the checksum right again after a change, as a forger would. */
static void seal(struct ht_buf *bytes) {
    ht_hash32 checksum;
    ht_sha256(&checksum, ht_bytes_of(bytes->p, bytes->n - sizeof checksum));
    memcpy(bytes->p + bytes->n - sizeof checksum, checksum.b, sizeof checksum.b);
}

static bool is_same_header(const struct ht_header_verified *a, const struct ht_header_verified *b) {
    return a->beacon.slot == b->beacon.slot && ht_hash32_equal(&a->root, &b->root) &&
           a->has_execution == b->has_execution && a->has_block_number == b->has_block_number &&
           ht_hash32_equal(&a->execution_block_hash, &b->execution_block_hash) &&
           ht_hash32_equal(&a->execution_root, &b->execution_root) &&
           a->block_number == b->block_number && a->block_timestamp == b->block_timestamp &&
           a->participants == b->participants;
}

static void a_store_comes_back_as_it_was(void **state) {
    struct kept *k = *state;
    struct ht_lc_store *store = decode(k);
    assert_true(is_same_header(&store->finalized, &k->store->finalized));
    assert_true(is_same_header(&store->optimistic, &k->store->optimistic));
    assert_int_equal(store->finalized.beacon.slot, 3 * 64 + 24);
    assert_int_equal(store->optimistic.beacon.slot, 3 * 64 + 40);
    assert_true(store->has_next_committee);
    assert_memory_equal(store->current_committee.pubkeys, k->store->current_committee.pubkeys,
                        HT_LCB_SIZE * 48);
    assert_memory_equal(store->next_committee.pubkeys, k->store->next_committee.pubkeys,
                        HT_LCB_SIZE * 48);
    assert_int_equal(store->current_max_active_participants,
                     k->store->current_max_active_participants);
    assert_int_equal(store->previous_max_active_participants,
                     k->store->previous_max_active_participants);
    free(store);
}

static void a_store_that_came_back_goes_on_verifying(void **state) {
    struct kept *k = *state;
    struct ht_lc_store *store = decode(k);
    struct ht_lcb_plan plan = {.kind = HT_LC_UPDATE,
                               .attested_slot = 4 * 64 + 40,
                               .finalized_slot = 4 * 64 + 24,
                               .has_finality = true,
                               .has_next_committee = true};
    struct ht_lc_object *object = ht_lcb_update(k->builder, &plan);
    struct ht_lc_outcome outcome;
    assert_int_equal(ht_lc_process(store, &outcome, object, 1000, NULL), HT_OK);
    assert_true(outcome.finalized_advanced);
    plan.signed_by_period = 2; /* and still tells who must have signed */
    plan.attested_slot = 4 * 64 + 50;
    free(object);
    object = ht_lcb_update(k->builder, &plan);
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_lc_process(store, &outcome, object, 1000, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "bad_signature");
    free(object);
    free(store);
}

static void a_store_without_next_committee_comes_back_without(void **state) {
    struct kept *k = *state;
    struct ht_lc_store *fresh = ht_lcb_store(k->builder, 64);
    ht_buf_clear(&k->bytes);
    assert_int_equal(ht_lc_store_encode(&k->bytes, fresh), HT_OK);
    struct ht_lc_store *store = decode(k);
    assert_false(store->has_next_committee);
    assert_true(is_same_header(&store->finalized, &fresh->finalized));
    free(store);
    free(fresh);
}

static void each_damaged_byte_is_noticed(void **state) {
    struct kept *k = *state;
    /* A bit of each of the first bytes and the last, and of some of the keys between. */
    for (size_t i = 0; i < k->bytes.n; i += i + 200 < k->bytes.n && i > 1000 ? 97 : 1) {
        k->bytes.p[i] ^= (uint8_t)(1U << (i % 8));
        expect_refused(&k->builder->network, ht_buf_view(&k->bytes), "kept_store_damaged");
        k->bytes.p[i] ^= (uint8_t)(1U << (i % 8));
    }
    free(decode(k));
}

static void a_cut_or_longer_file_is_damaged(void **state) {
    struct kept *k = *state;
    static const size_t lengths[] = {0, 1, 31, 32, 33, 1000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        expect_refused(&k->builder->network, ht_bytes_of(k->bytes.p, lengths[i]),
                       "kept_store_damaged");
    }
    expect_refused(&k->builder->network, ht_bytes_of(k->bytes.p, k->bytes.n - 1),
                   "kept_store_damaged");
    assert_int_equal(ht_buf_add_str(&k->bytes, "x"), HT_OK);
    expect_refused(&k->builder->network, ht_buf_view(&k->bytes), "kept_store_damaged");
}

static void a_right_checksum_does_not_make_up_for_a_wrong_length(void **state) {
    struct kept *k = *state;
    k->bytes.n -= 8;
    seal(&k->bytes);
    expect_refused(&k->builder->network, ht_buf_view(&k->bytes), "ssz_truncated");
}

static void a_store_of_another_network_is_refused(void **state) {
    struct kept *k = *state;
    struct ht_lcb *other = ht_lcb_new(8);
    expect_refused(&other->network, ht_buf_view(&k->bytes), "kept_store_network");
    ht_lcb_free(other);
}

static void a_store_of_another_version_is_refused(void **state) {
    struct kept *k = *state;
    k->bytes.p[0]++;
    seal(&k->bytes);
    expect_refused(&k->builder->network, ht_buf_view(&k->bytes), "kept_store_version");
}

static void a_buffer_that_is_too_small_is_a_limit(void **state) {
    struct kept *k = *state;
    struct ht_buf small;
    ht_buf_init(&small, 1000);
    assert_int_equal(ht_lc_store_encode(&small, k->store), HT_ELIMIT);
    ht_buf_fini(&small);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, keep_one, forget)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_store_comes_back_as_it_was),
        TEST(a_store_that_came_back_goes_on_verifying),
        TEST(a_store_without_next_committee_comes_back_without),
        TEST(each_damaged_byte_is_noticed),
        TEST(a_cut_or_longer_file_is_damaged),
        TEST(a_right_checksum_does_not_make_up_for_a_wrong_length),
        TEST(a_store_of_another_network_is_refused),
        TEST(a_store_of_another_version_is_refused),
        TEST(a_buffer_that_is_too_small_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
