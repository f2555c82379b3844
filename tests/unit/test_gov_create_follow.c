/* A creation on its way: outbox, proven codes, and what is still known after a restart. */
#include "tests/unit/gov_create_world.h"

#define HASH "0x7a00000000000000000000000000000000000000000000000000000000000000"
#define OUTBOX(state, more) \
    "{\"transactions\": [{\"hash\": \"" HASH "\", \"nonce\": 0, \"state\": \"" state "\"" more "}]}"

static struct ht_gov_creation *told;
static enum ht_err told_err;

static void on_told(void *user, struct ht_gov_creation *creation, enum ht_err err,
                    const struct ht_why *why) {
    (void)user, (void)why;
    told = creation;
    told_err = err;
}

static struct ht_gov_creation *begin(void) {
    json_t *params = gov_json(GOV_TOKEN);
    struct ht_gov_wishes wishes = gov_wishes(GOV_TOKEN);
    const struct ht_gov_creation_sent sent = {
        .params = params, .wishes = &wishes, .hash = {{GC_HASH_BYTE}}, .sender = evm_address(0xaa)};
    told = NULL;
    ht_gov_creation_begin(&gc.governance, &sent, on_told, NULL);
    json_decref(params);
    return told;
}

static void look(const char *outbox) {
    gc.outbox = outbox;
    ht_gov_create_look(&gc.governance);
}

static void expect_json(const struct ht_gov_creation *creation, const char *path,
                        const char *value) {
    const json_t *found = NULL;
    json_t *json = ht_gov_creation_json(creation);
    assert_int_equal(ht_json_get(&found, json, path, NULL), HT_OK);
    if (value == NULL) assert_true(json_is_null(found));
    if (value != NULL) assert_string_equal(json_string_value(found), value);
    json_decref(json);
}

static void a_creation_is_on_disk_before_its_sender_hears_of_it(void **state) {
    (void)state;
    struct ht_gov_creation *creation = begin();
    assert_non_null(creation);
    assert_int_equal(told_err, HT_OK);
    assert_true(creation->id > 0);
    int64_t id = creation->id;
    gc_restart();
    creation = ht_gov_creation_find(&gc.governance, id);
    assert_non_null(creation);
    assert_int_equal(creation->state, HT_GOV_CREATION_SENT);
    assert_int_equal(creation->hash.b[0], GC_HASH_BYTE);
    expect_json(creation, "name", "Garden");
    expect_json(creation, "community", NULL);
}

static void what_cannot_be_kept_is_told_as_an_error(void **state) {
    (void)state;
    gc.write_err = HT_ESTORE;
    assert_null(begin());
    assert_int_equal(told_err, HT_ESTORE);
    assert_null(gc.governance.create->list);
}

static void it_waits_until_the_transaction_is_in_a_block(void **state) {
    (void)state;
    struct ht_gov_creation *creation = begin();
    look(OUTBOX("sent", ""));
    assert_int_equal(gc.reads, 0);
    assert_true(creation->has_made); /* the nonce says where it will be */
    assert_memory_equal(&creation->made.governor, &gc.made.governor, 20);
    expect_json(creation, "steps[0].state", "now");
    expect_json(creation, "community", NULL);
}

static void it_is_there_by_proof_and_final_by_a_final_one(void **state) {
    (void)state;
    struct ht_gov_creation *creation = begin();
    look(OUTBOX("included", ", \"succeeded\": true"));
    assert_int_equal(creation->state, HT_GOV_CREATION_SENT); /* no code is there yet */
    gc.is_there = true;
    look(OUTBOX("included", ", \"succeeded\": true"));
    assert_int_equal(creation->state, HT_GOV_CREATION_THERE);
    assert_int_equal(gc.last_block, HT_BLOCK_LATEST);
    expect_json(creation, "steps[1].state", "done");
    look(OUTBOX("final", ", \"succeeded\": true"));
    assert_int_equal(creation->state, HT_GOV_CREATION_FINAL);
    assert_int_equal(gc.last_block, HT_BLOCK_FINALIZED);
    unsigned reads = gc.reads;
    look(OUTBOX("final", ", \"succeeded\": true"));
    assert_int_equal(gc.reads, reads); /* done */
    int64_t id = creation->id;
    gc_restart();
    creation = ht_gov_creation_find(&gc.governance, id);
    assert_int_equal(creation->state, HT_GOV_CREATION_FINAL);
    assert_memory_equal(&creation->made.governor, &gc.made.governor, 20);
}

static void an_outbox_that_has_forgotten_it_keeps_nothing_from_being_proven(void **state) {
    (void)state;
    struct ht_gov_creation *creation = begin();
    look("{\"transactions\": []}");
    assert_int_equal(gc.reads, 0); /* nobody knows its nonce */
    look(OUTBOX("sent", ""));
    gc.is_there = true;
    look("{\"transactions\": []}");
    assert_int_equal(creation->state, HT_GOV_CREATION_THERE);
}

static void a_transaction_that_failed_creates_nothing(void **state) {
    (void)state;
    struct ht_gov_creation *creation = begin();
    look(OUTBOX("included", ", \"succeeded\": false"));
    assert_int_equal(creation->state, HT_GOV_CREATION_FAILED);
    assert_string_equal(creation->why.code, "reverted");
    expect_json(creation, "steps[0].state", "failed");
    int64_t id = creation->id;
    gc_restart();
    creation = ht_gov_creation_find(&gc.governance, id);
    assert_int_equal(creation->state, HT_GOV_CREATION_FAILED);
    assert_non_null(strstr(creation->why.text, "the fee is spent"));
}

static void another_transaction_of_the_same_nonce_ends_it(void **state) {
    (void)state;
    struct ht_gov_creation *creation = begin();
    look(OUTBOX("replaced", ""));
    assert_int_equal(creation->state, HT_GOV_CREATION_FAILED);
    assert_string_equal(creation->why.code, "replaced");
}

static void other_code_at_its_address_is_not_the_community(void **state) {
    (void)state;
    struct ht_gov_creation *creation = begin();
    gc.is_there = gc.is_swapped = true;
    look(OUTBOX("included", ", \"succeeded\": true"));
    assert_int_equal(creation->state, HT_GOV_CREATION_FAILED);
    assert_string_equal(creation->why.code, "not_our_code");
    expect_json(creation, "community", NULL);
}

static void a_node_that_stops_asks_for_nothing(void **state) {
    (void)state;
    (void)begin();
    gc.governance.is_quitting = true;
    gc.is_there = true;
    look(OUTBOX("included", ", \"succeeded\": true"));
    assert_int_equal(gc.reads, 0);
}

static void wishes_of_another_version_are_passed_over(void **state) {
    int64_t id = 0;
    const struct ht_gov_creation_row row = {.params = "{\"name\": 5}", .why = ""};
    (void)state;
    assert_int_equal(ht_gov_creation_sql_add(gc.db, &id, &row, &gc.why), HT_OK);
    (void)begin();
    gc_restart();
    assert_null(ht_gov_creation_find(&gc.governance, id));
    assert_non_null(gc.governance.create->list);
}

static void attestations_are_where_the_network_or_its_chain_has_them(void **state) {
    (void)state;
    assert_int_equal(ht_gov_eas(&gc.network)->b[0], 0xa1);
    gc.network.chain_id = 1234;
    assert_null(ht_gov_eas(&gc.network));
    gc.network.contracts.eas.b[0] = 0x44;
    assert_int_equal(ht_gov_eas(&gc.network)->b[0], 0x44);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, gc_start, gc_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_creation_is_on_disk_before_its_sender_hears_of_it),
        TEST(what_cannot_be_kept_is_told_as_an_error),
        TEST(it_waits_until_the_transaction_is_in_a_block),
        TEST(it_is_there_by_proof_and_final_by_a_final_one),
        TEST(an_outbox_that_has_forgotten_it_keeps_nothing_from_being_proven),
        TEST(a_transaction_that_failed_creates_nothing),
        TEST(another_transaction_of_the_same_nonce_ends_it),
        TEST(other_code_at_its_address_is_not_the_community),
        TEST(a_node_that_stops_asks_for_nothing),
        TEST(wishes_of_another_version_are_passed_over),
        TEST(attestations_are_where_the_network_or_its_chain_has_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
