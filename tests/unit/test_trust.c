/* The graph of trust: distances, paths, who counts, hostile shapes; which schemas vouch, on disk.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "identity/trust/trust_graph.h"
#include "identity/trust/trust_sql.h"

#define DEPTH 4U

static ht_addr20 person(unsigned n) {
    ht_addr20 address = {.b = {(uint8_t)(n >> 8), (uint8_t)n}};
    return address;
}

/* Pairs of from and to; a negative `to` is an attestation that does not vouch. */
static struct ht_trust_web web_of(const int (*pairs)[2], size_t count, unsigned root, size_t max) {
    struct ht_trust_web web;
    struct ht_trust_edge *edges = calloc(count + 1, sizeof *edges);
    assert_non_null(edges);
    for (size_t i = 0; i < count; i++) {
        edges[i].from = person((unsigned)pairs[i][0]);
        edges[i].to = person((unsigned)abs(pairs[i][1]));
        edges[i].is_vouch = pairs[i][1] > 0;
        edges[i].uid.b[0] = (uint8_t)(i + 1);
    }
    const ht_addr20 roots[] = {person(root)};
    assert_int_equal(ht_trust_web_init(&web, edges, count, roots, 1, DEPTH, max), HT_OK);
    return web;
}

static int distance(const struct ht_trust_web *web, unsigned n) {
    const ht_addr20 address = person(n);
    const struct ht_trust_node *node = ht_trust_web_find(web, &address);
    return node != NULL ? (int)node->distance : -1;
}

static int vouches(const struct ht_trust_web *web, unsigned n) {
    const ht_addr20 address = person(n);
    const struct ht_trust_node *node = ht_trust_web_find(web, &address);
    return node != NULL ? (int)node->vouches : -1;
}

#define WEB(pairs, root) web_of(pairs, sizeof pairs / sizeof *pairs, root, 100)

static void trust_distance_is_the_shortest_way_from_the_owner(void **state) {
    static const int PAIRS[][2] = {{1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {1, 4}, {9, 1}};
    (void)state;
    struct ht_trust_web web = WEB(PAIRS, 1);
    static const int EXPECTED[] = {-1, 0, 1, 2, 1, 2, 3, -1, -1, -1};
    for (unsigned i = 1; i < 10; i++) assert_int_equal(distance(&web, i), EXPECTED[i]);
    ht_trust_web_fini(&web);
}

static void trust_ends_after_four_steps(void **state) {
    static const int PAIRS[][2] = {{1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}};
    (void)state;
    struct ht_trust_web web = WEB(PAIRS, 1);
    assert_int_equal(distance(&web, 5), 4);
    assert_int_equal(distance(&web, 6), -1);
    ht_trust_web_fini(&web);
}

static void trust_path_leads_back_to_the_owner(void **state) {
    static const int PAIRS[][2] = {{1, 2}, {2, 3}};
    (void)state;
    struct ht_trust_web web = WEB(PAIRS, 1);
    const ht_addr20 far = person(3);
    const struct ht_trust_node *node = ht_trust_web_find(&web, &far);
    assert_int_equal(node->uid.b[0], 2);
    node = &web.nodes[node->by];
    assert_int_equal(node->uid.b[0], 1);
    node = &web.nodes[node->by];
    assert_int_equal(node->distance, 0);
    assert_ptr_equal(&web.nodes[node->by], node);
    ht_trust_web_fini(&web);
}

static void trust_of_those_in_circles_ends(void **state) {
    static const int PAIRS[][2] = {{1, 2}, {2, 1}, {2, 2}, {2, 3}, {3, 2}, {3, 1}};
    (void)state;
    struct ht_trust_web web = WEB(PAIRS, 1);
    assert_int_equal(web.count, 3);
    assert_int_equal(vouches(&web, 2), 2);
    assert_int_equal(vouches(&web, 1), 2);
    ht_trust_web_fini(&web);
}

static void trust_counts_each_of_the_circle_once_and_no_stranger(void **state) {
    static const int PAIRS[][2] = {{1, 2}, {1, 2}, {1, 3}, {3, 2}, {8, 2}, {2, 2}};
    (void)state;
    struct ht_trust_web web = WEB(PAIRS, 1);
    assert_int_equal(vouches(&web, 2), 2);
    ht_trust_web_fini(&web);
}

static void trust_is_not_given_by_attestations_that_do_not_vouch(void **state) {
    static const int PAIRS[][2] = {{1, -2}, {1, 3}, {3, -4}};
    (void)state;
    struct ht_trust_web web = WEB(PAIRS, 1);
    assert_int_equal(distance(&web, 2), -1);
    assert_int_equal(distance(&web, 4), -1);
    assert_int_equal(web.edge_count, 3);
    ht_trust_web_fini(&web);
}

static void trust_goes_with_what_was_revoked(void **state) {
    static const int BEFORE[][2] = {{1, 2}, {2, 3}}, AFTER[][2] = {{2, 3}};
    (void)state;
    struct ht_trust_web before = WEB(BEFORE, 1), after = WEB(AFTER, 1);
    assert_int_equal(distance(&after, 3), -1);
    assert_true(ht_trust_web_equal(&before, &before));
    assert_false(ht_trust_web_equal(&before, &after));
    ht_trust_web_fini(&before);
    ht_trust_web_fini(&after);
}

static void trust_of_too_many_keeps_the_nearest_and_says_so(void **state) {
    static const int PAIRS[][2] = {{1, 2}, {1, 3}, {2, 4}, {3, 5}};
    (void)state;
    struct ht_trust_web web = web_of(PAIRS, 4, 1, 3);
    assert_true(web.is_cut);
    assert_int_equal(web.count, 3);
    assert_int_equal(distance(&web, 3), 1);
    assert_int_equal(distance(&web, 4), -1);
    ht_trust_web_fini(&web);
}

static void trust_without_anything_is_empty(void **state) {
    struct ht_trust_web web;
    const ht_addr20 nobody = person(1);
    (void)state;
    assert_int_equal(ht_trust_web_init(&web, NULL, 0, NULL, 0, DEPTH, 100), HT_OK);
    assert_null(ht_trust_web_find(&web, &nobody));
    ht_trust_web_fini(&web);
}

static void trust_schemas_are_kept_in_their_order(void **state) {
    sqlite3 *db;
    struct ht_why why = {0};
    ht_hash32 schemas[HT_TRUST_SCHEMAS_MAX] = {{.b = {9}}, {.b = {1}}}, read[HT_TRUST_SCHEMAS_MAX];
    size_t count = 7;
    (void)state;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, ht_trust_schema_sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(ht_trust_sql_load(db, read, &count, &why), HT_OK);
    assert_int_equal(count, 0);
    for (int i = 0; i < 2; i++) assert_int_equal(ht_trust_sql_save(db, schemas, 2, &why), HT_OK);
    assert_int_equal(ht_trust_sql_load(db, read, &count, &why), HT_OK);
    assert_int_equal(count, 2);
    assert_memory_equal(read, schemas, 2 * sizeof *read);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trust_distance_is_the_shortest_way_from_the_owner),
        cmocka_unit_test(trust_ends_after_four_steps),
        cmocka_unit_test(trust_path_leads_back_to_the_owner),
        cmocka_unit_test(trust_of_those_in_circles_ends),
        cmocka_unit_test(trust_counts_each_of_the_circle_once_and_no_stranger),
        cmocka_unit_test(trust_is_not_given_by_attestations_that_do_not_vouch),
        cmocka_unit_test(trust_goes_with_what_was_revoked),
        cmocka_unit_test(trust_of_too_many_keeps_the_nearest_and_says_so),
        cmocka_unit_test(trust_without_anything_is_empty),
        cmocka_unit_test(trust_schemas_are_kept_in_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
