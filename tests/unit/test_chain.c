/* Proven headers: the light client's two blocks, what memory has, what the disk has, and blocks by
 * their hash. */
#include "tests/unit/chain_fakes.h"

#include "node/l1/chain_sql.h"

#define FIRST 1000U
#define FINAL 1060U
#define HEAD 1100U

static struct ht_cb_header one, two, three;

/* Blocks FIRST to HEAD, FINAL of them final. */
static const struct ht_cw_block *make_chain(struct ht_cb *bench) {
    const struct ht_cw_block *base = ht_cw_add(&bench->world, NULL, FIRST, NULL, 0);
    const struct ht_cw_block *head = ht_cw_add_row(&bench->world, base, HEAD - FIRST, 0);
    ht_cb_set_head(bench, head);
    ht_cb_set_finalized(bench, ht_cw_at(head, FINAL));
    return head;
}

static void expect_ended(const struct ht_cb_header *header, enum ht_err err, const char *code) {
    assert_int_equal(header->done, 1);
    ht_cb_expect(header->read.err, &header->read.why, err, code);
    assert_null(header->read.before);
}

static void read_number(struct ht_cb *bench, uint64_t number, size_t before) {
    ht_cb_read(bench, &one, ht_cb_number(number), before);
}

/* --- the two blocks of the light client ------------------------------------------------------- */

static void before_a_head_is_verified_nothing_is_asked(void **state) {
    struct ht_cb *bench = *state;
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 0);
    expect_ended(&one, HT_EAGAIN, "no_head");
    assert_int_equal(bench->questions, 0);
}

static void a_server_that_takes_no_batches_gives_the_head_alone(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    bench->peers[0].batch_max = 1;
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 0);
    ht_cb_is_block(&one, head, 0);
    ht_cb_read(bench, &two, ht_cb_kind(HT_BLOCK_FINALIZED), 0);
    ht_cb_is_block(&two, ht_cw_at(head, FINAL), 0);
}

static void head_and_finalized_headers_come_by_one_question(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    ht_cb_start(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 0);
    ht_cb_start(bench, &two, ht_cb_kind(HT_BLOCK_FINALIZED), 0);
    ht_cb_start(bench, &three, ht_cb_number(HEAD), 0);
    assert_int_equal(one.done + two.done + three.done, 0);
    ht_cb_settle(bench);
    assert_int_equal(bench->questions, 1);
    assert_int_equal(ht_cb_asked(bench, "eth_getBlockByHash"), 2);
    ht_cb_is_block(&one, head, 0);
    assert_false(one.read.is_final);
    ht_cb_is_block(&two, ht_cw_at(head, FINAL), 0);
    assert_true(two.read.is_final);
    ht_cb_is_block(&three, head, 0);
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_SAFE), 0);
    ht_cb_is_block(&one, ht_cw_at(head, FINAL), 0);
    assert_int_equal(bench->questions, 1);
    assert_memory_equal(ht_chain_head(bench->chain)->hash.b, head->verified.hash.b, 32);
    assert_int_equal(ht_chain_finalized(bench->chain)->header.number, FINAL);
}

static void without_finality_there_is_no_finalized_block(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    bench->sync.view.finalized = (struct ht_header_verified){0};
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_FINALIZED), 0);
    expect_ended(&one, HT_ENOTFOUND, "no_execution");
    ht_cb_read(bench, &one, ht_cb_number(HEAD - 3), 0);
    ht_cb_is_block(&one, ht_cw_at(head, HEAD - 3), 0);
    assert_false(one.read.is_final);
}

/* The honest answer about another block. */
static json_t *block_instead(struct ht_cb *bench, const char *number, json_t *honest) {
    json_t *params = json_pack("[s, b]", number, 0);
    json_decref(honest);
    honest = ht_cw_answer(&bench->world, bench->head, "eth_getBlockByNumber", params);
    json_decref(params);
    return honest;
}

static json_t *say_other_head(struct ht_cb *bench, const char *method, const json_t *params,
                              json_t *honest) {
    (void)method;
    (void)params;
    return block_instead(bench, "0x3ea", honest);
}

static void another_block_than_the_head_is_the_providers_fault(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    bench->peer_count = 2;
    bench->peers[0].say = say_other_head;
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 0);
    ht_cb_is_block(&one, head, 0);
    assert_int_equal(bench->peers[0].faults, 1);
    assert_string_equal(bench->peers[0].fault.code, "header_hash_differs");
    assert_int_equal(bench->peers[1].faults, 0);
}

static void a_provider_that_does_not_have_the_head_yet_is_passed_over(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    bench->peer_count = 2;
    bench->peers[0].knows_not = "eth_getBlockByHash";
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 0);
    ht_cb_is_block(&one, head, 0);
    assert_int_equal(bench->peers[0].faults, 0);
}

static void when_nobody_has_the_head_reads_of_it_say_so_and_older_ones_still_work(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 0);
    ht_cb_set_head(bench, ht_cw_add(&bench->world, head, 0, NULL, 0));
    bench->peers[0].knows_not = "eth_getBlockByHash";
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 0);
    expect_ended(&one, HT_ENET, "block_not_found");
    ht_cb_read(bench, &one, ht_cb_number(HEAD), 0);
    ht_cb_is_block(&one, head, 0);
    ht_cb_read(bench, &one, ht_cb_number(HEAD + 1), 0);
    expect_ended(&one, HT_ENET, "block_not_found");
    ht_cb_read(bench, &one, ht_cb_number(FINAL), 0);
    ht_cb_is_block(&one, ht_cw_at(head, FINAL), 0);
}

/* --- memory ----------------------------------------------------------------------------------- */

static void a_block_above_the_head_is_in_the_future(void **state) {
    struct ht_cb *bench = *state;
    make_chain(bench);
    read_number(bench, HEAD + 1, 0);
    expect_ended(&one, HT_ENOTFOUND, "block_in_future");
    read_number(bench, UINT64_MAX, 0);
    expect_ended(&one, HT_ENOTFOUND, "block_in_future");
    assert_int_equal(bench->questions, 1);
}

static void what_was_proven_is_not_asked_for_again(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    read_number(bench, FINAL - 10, 0);
    ht_cb_is_block(&one, ht_cw_at(head, FINAL - 10), 0);
    assert_true(one.read.is_final);
    assert_string_equal(one.read.source, "peer 0");
    assert_int_equal(bench->questions, 2);
    for (uint64_t number = FINAL - 10; number < FINAL; number++) {
        read_number(bench, number, 0);
        ht_cb_is_block(&one, ht_cw_at(head, number), 0);
    }
    ht_cb_read(bench, &one, ht_cb_hash(ht_cw_at(head, FINAL - 7)), 0);
    ht_cb_is_block(&one, ht_cw_at(head, FINAL - 7), 0);
    read_number(bench, FINAL - 1, 9);
    ht_cb_is_block(&one, ht_cw_at(head, FINAL - 1), 9);
    ht_header_read_fini(&one.read);
    assert_int_equal(bench->questions, 2);
    struct ht_chain_counts counts = ht_chain_counts(bench->chain);
    assert_int_equal(counts.misses, 1);
    assert_true(counts.cached >= 10);
}

static void blocks_above_finality_are_not_asked_for_again_either(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    read_number(bench, HEAD - 20, 0);
    bench->questions = 0;
    for (uint64_t number = HEAD - 20; number <= HEAD; number++) {
        read_number(bench, number, 0);
        ht_cb_is_block(&one, ht_cw_at(head, number), 0);
        assert_false(one.read.is_final);
    }
    ht_cb_read(bench, &one, ht_cb_hash(ht_cw_at(head, HEAD - 9)), 0);
    ht_cb_is_block(&one, ht_cw_at(head, HEAD - 9), 0);
    assert_int_equal(bench->questions, 0);
}

static void ancestors_come_with_the_head(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), HT_CHAIN_BEFORE_MAX);
    ht_cb_is_block(&one, head, HT_CHAIN_BEFORE_MAX);
    ht_header_read_fini(&one.read);
    assert_true(bench->questions <= 3);
}

static void fewer_ancestors_come_where_the_chain_begins(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *base = ht_cw_add(&bench->world, NULL, 0, NULL, 0);
    const struct ht_cw_block *head = ht_cw_add_row(&bench->world, base, 5, 0);
    ht_cb_set_head(bench, head);
    read_number(bench, 3, 20);
    ht_cb_is_block(&one, ht_cw_at(head, 3), 3);
    ht_header_read_fini(&one.read);
    read_number(bench, 0, 20);
    ht_cb_is_block(&one, base, 0);
    ht_header_read_fini(&one.read);
}

/* --- disk ------------------------------------------------------------------------------------- */

static void final_headers_are_kept_and_found_after_a_restart(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    read_number(bench, FINAL - 20, 0);
    ht_cb_is_block(&one, ht_cw_at(head, FINAL - 20), 0);
    assert_int_equal(ht_chain_counts(bench->chain).kept, 21);
    ht_cb_reopen(bench);
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 0);
    bench->questions = 0;
    read_number(bench, FINAL - 15, 5);
    ht_cb_is_block(&one, ht_cw_at(head, FINAL - 15), 5);
    assert_true(one.read.is_final);
    assert_string_equal(one.read.source, "kept");
    ht_header_read_fini(&one.read);
    ht_cb_read(bench, &one, ht_cb_hash(ht_cw_at(head, FINAL - 11)), 0);
    ht_cb_is_block(&one, ht_cw_at(head, FINAL - 11), 0);
    assert_int_equal(bench->questions, 0);
}

static void ancestors_are_gathered_from_memory_disk_and_providers(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    read_number(bench, FINAL - 20, 0);
    ht_cb_reopen(bench);
    read_number(bench, FINAL - 5, 30);
    ht_cb_is_block(&one, ht_cw_at(head, FINAL - 5), 30);
    assert_true(one.read.is_final);
    ht_header_read_fini(&one.read);
    read_number(bench, HEAD - 1, 60);
    ht_cb_is_block(&one, ht_cw_at(head, HEAD - 1), 60);
    assert_false(one.read.is_final);
    ht_header_read_fini(&one.read);
}

static void blocks_above_finality_are_not_kept(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    read_number(bench, HEAD - 10, 0);
    ht_cb_is_block(&one, ht_cw_at(head, HEAD - 10), 0);
    assert_int_equal(ht_chain_counts(bench->chain).kept, 1); /* the finalized one */
}

/* A store that was set aside for an older checkpoint leaves newer headers on disk. */
static void a_kept_block_above_the_head_is_in_the_future(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    const struct ht_cw_block *kept = ht_cw_at(head, FINAL);
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 0);
    ht_cb_reopen(bench);
    ht_cb_set_head(bench, ht_cw_at(head, FIRST + 20));
    ht_cb_set_finalized(bench, ht_cw_at(head, FIRST + 10));
    ht_cb_read(bench, &one, ht_cb_hash(kept), 0);
    expect_ended(&one, HT_ENOTFOUND, "block_in_future");
}

/* The same, and the chain went another way since. */
static void a_kept_block_of_another_chain_is_not_passed_off_as_part_of_this_one(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    const struct ht_cw_block *kept = ht_cw_at(head, FINAL);
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 0);
    ht_cb_reopen(bench);
    const struct ht_cw_block *other =
        ht_cw_add_row(&bench->world, ht_cw_at(head, FINAL - 3), 10, 1);
    ht_cb_set_head(bench, other);
    ht_cb_set_finalized(bench, ht_cw_at(other, FINAL - 5));
    ht_cb_read(bench, &one, ht_cb_hash(kept), 0);
    expect_ended(&one, HT_ENOTFOUND, "not_in_chain");
}

/* --- by hash ---------------------------------------------------------------------------------- */

static void a_block_by_its_hash_is_claimed_then_proven_to_be_in_the_chain(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    ht_cb_read(bench, &one, ht_cb_hash(ht_cw_at(head, FINAL - 4)), 2);
    ht_cb_is_block(&one, ht_cw_at(head, FINAL - 4), 2);
    assert_true(one.read.is_final);
    ht_header_read_fini(&one.read);
    ht_cb_read(bench, &one, ht_cb_hash(ht_cw_at(head, HEAD - 4)), 0);
    ht_cb_is_block(&one, ht_cw_at(head, HEAD - 4), 0);
    assert_false(one.read.is_final);
}

static void a_block_of_another_branch_is_not_in_the_chain(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    const struct ht_cw_block *side = ht_cw_add(&bench->world, ht_cw_at(head, HEAD - 5), 0, NULL, 1);
    ht_cb_read(bench, &one, ht_cb_hash(side), 3);
    expect_ended(&one, HT_ENOTFOUND, "not_in_chain");
    side = ht_cw_add(&bench->world, ht_cw_at(head, FINAL - 5), 0, NULL, 1);
    ht_cb_read(bench, &one, ht_cb_hash(side), 3);
    expect_ended(&one, HT_ENOTFOUND, "not_in_chain");
    side = ht_cw_add(&bench->world, ht_cw_at(head, HEAD - 1), 0, NULL, 1);
    ht_cb_read(bench, &one, ht_cb_hash(side), 0);
    expect_ended(&one, HT_ENOTFOUND, "not_in_chain");
    assert_int_equal(bench->peers[0].faults, 0);
}

static void a_block_that_is_newer_than_the_head_is_in_the_future(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    const struct ht_cw_block *next = ht_cw_add(&bench->world, head, 0, NULL, 0);
    ht_cb_read(bench, &one, ht_cb_hash(next), 0);
    expect_ended(&one, HT_ENOTFOUND, "block_in_future");
}

static void a_hash_that_nobody_knows_is_not_found(void **state) {
    struct ht_cb *bench = *state;
    make_chain(bench);
    bench->peer_count = 2;
    struct ht_block_id id = {.kind = HT_BLOCK_HASH, .hash = {{7}}};
    ht_cb_read(bench, &one, id, 0);
    expect_ended(&one, HT_ENOTFOUND, "block_not_found");
    assert_int_equal(bench->peers[1].faults, 0);
}

static json_t *say_other_block(struct ht_cb *bench, const char *method, const json_t *params,
                               json_t *honest) {
    bool is_claim = strcmp(method, "eth_getBlockByHash") == 0 && bench->questions > 1;
    (void)params;
    return is_claim ? block_instead(bench, "0x410", honest) : honest;
}

static void another_block_than_the_hash_asked_for_is_a_fault(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    bench->peer_count = 2;
    bench->peers[0].say = say_other_block;
    ht_cb_read(bench, &one, ht_cb_hash(ht_cw_at(head, FINAL - 4)), 0);
    ht_cb_is_block(&one, ht_cw_at(head, FINAL - 4), 0);
    assert_int_equal(bench->peers[0].faults, 1);
    assert_string_equal(bench->peers[0].fault.code, "header_hash_differs");
}

/* --- for others ------------------------------------------------------------------------------- */

static void reads_that_are_left_end_when_the_node_stops(void **state) {
    struct ht_cb *bench = *state;
    make_chain(bench);
    ht_cb_start(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 5);
    ht_cb_start(bench, &two, ht_cb_number(FINAL), 0);
    ht_cb_close(bench);
    expect_ended(&one, HT_EDENIED, "stopping");
    expect_ended(&two, HT_EDENIED, "stopping");
}

static void a_read_of_the_disk_under_way_ends_when_the_node_stops(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    read_number(bench, FINAL - 20, 0);
    ht_cb_reopen(bench);
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 0);
    ht_cb_start(bench, &one, ht_cb_hash(ht_cw_at(head, FINAL - 9)), 3);
    assert_int_equal(one.done, 0);
    ht_cb_close(bench);
    expect_ended(&one, HT_EDENIED, "stopping");
}

static void provenance_names_block_and_source(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    ht_cb_read(bench, &one, ht_cb_kind(HT_BLOCK_LATEST), 0);
    json_t *json = ht_chain_provenance_json(bench->chain, &head->verified, false, "peer 0");
    assert_non_null(json);
    assert_true(json_object_size(json) > 0);
    json_decref(json);
    assert_ptr_equal(ht_chain_sync(bench->chain), &bench->sync);
    assert_null(ht_chain_asker(bench->chain));
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, ht_cb_new, ht_cb_free)
#define WITH_DISK(test) cmocka_unit_test_setup_teardown(test, ht_cb_new_with_disk, ht_cb_free)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(before_a_head_is_verified_nothing_is_asked),
        WITH(head_and_finalized_headers_come_by_one_question),
        WITH(a_server_that_takes_no_batches_gives_the_head_alone),
        WITH(without_finality_there_is_no_finalized_block),
        WITH(another_block_than_the_head_is_the_providers_fault),
        WITH(a_provider_that_does_not_have_the_head_yet_is_passed_over),
        WITH(when_nobody_has_the_head_reads_of_it_say_so_and_older_ones_still_work),
        WITH(a_block_above_the_head_is_in_the_future),
        WITH(what_was_proven_is_not_asked_for_again),
        WITH(blocks_above_finality_are_not_asked_for_again_either),
        WITH(ancestors_come_with_the_head),
        WITH(fewer_ancestors_come_where_the_chain_begins),
        WITH_DISK(final_headers_are_kept_and_found_after_a_restart),
        WITH_DISK(ancestors_are_gathered_from_memory_disk_and_providers),
        WITH_DISK(blocks_above_finality_are_not_kept),
        WITH_DISK(a_kept_block_above_the_head_is_in_the_future),
        WITH_DISK(a_kept_block_of_another_chain_is_not_passed_off_as_part_of_this_one),
        WITH(a_block_by_its_hash_is_claimed_then_proven_to_be_in_the_chain),
        WITH(a_block_of_another_branch_is_not_in_the_chain),
        WITH(a_block_that_is_newer_than_the_head_is_in_the_future),
        WITH(a_hash_that_nobody_knows_is_not_found),
        WITH(another_block_than_the_hash_asked_for_is_a_fault),
        WITH(reads_that_are_left_end_when_the_node_stops),
        WITH_DISK(a_read_of_the_disk_under_way_ends_when_the_node_stops),
        WITH(provenance_names_block_and_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
