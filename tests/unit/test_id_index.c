/* The index over ids: what was put there is found, what was taken out is not, whatever the order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "node/p2p/id_index.h"

#define MOST 300U

static struct record {
    ht_hash32 id;
    bool is_in;
} records[MOST];
static uint64_t seed;

static uint64_t next(void) {
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return seed >> 33;
}

static void fill(void *self, uint8_t *out, size_t n) {
    (void)self;
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t)next();
}

static const struct ht_random randomness = {.fill = fill};

static void follow(void (*set_id)(ht_hash32 *id, uint32_t i)) {
    struct ht_id_index index;
    assert_int_equal(ht_id_index_init(&index, MOST, sizeof *records, &randomness), HT_OK);
    for (uint32_t i = 0; i < MOST; i++) {
        records[i] = (struct record){.is_in = false};
        set_id(&records[i].id, i);
    }
    for (unsigned step = 0; step < 20000; step++) {
        uint32_t at = (uint32_t)(next() % MOST);
        if (records[at].is_in) {
            ht_id_index_remove(&index, records, at);
        } else {
            ht_id_index_add(&index, records, at);
        }
        records[at].is_in = !records[at].is_in;
        uint32_t other = (uint32_t)(next() % MOST);
        uint32_t expected = records[other].is_in ? other : HT_ID_NONE;
        assert_int_equal(ht_id_index_find(&index, records, &records[other].id), expected);
    }
    for (uint32_t i = 0; i < MOST; i++) {
        uint32_t expected = records[i].is_in ? i : HT_ID_NONE;
        assert_int_equal(ht_id_index_find(&index, records, &records[i].id), expected);
    }
    ht_id_index_fini(&index);
}

static void set_random(ht_hash32 *id, uint32_t i) {
    (void)i;
    fill(NULL, id->b, sizeof id->b);
}

static void set_alike(ht_hash32 *id, uint32_t i) {
    memset(id->b, 0xff, sizeof id->b);
    ht_write_u32_le(id->b + 28, i);
}

static void random_ids_are_found_until_they_are_removed(void **state) {
    (void)state;
    seed = 1;
    follow(set_random);
}

static void ids_that_are_almost_alike_are_found_too(void **state) {
    (void)state;
    seed = 2;
    follow(set_alike);
}

static void what_is_not_there_is_not_removed(void **state) {
    (void)state;
    struct ht_id_index index;
    assert_int_equal(ht_id_index_init(&index, 2, sizeof *records, &randomness), HT_OK);
    set_random(&records[0].id, 0);
    set_random(&records[1].id, 1);
    ht_id_index_add(&index, records, 0);
    ht_id_index_remove(&index, records, 1);
    assert_int_equal(ht_id_index_find(&index, records, &records[0].id), 0);
    ht_id_index_fini(&index);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_ids_are_found_until_they_are_removed),
        cmocka_unit_test(ids_that_are_almost_alike_are_found_too),
        cmocka_unit_test(what_is_not_there_is_not_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
