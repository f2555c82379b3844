/* What the owner asks of communities of ours: what goes to the queue, what is refused and why. */
#include "governance/create/create_methods.h"
#include "tests/unit/gov_create_world.h"

#define ACCOUNT "\"account\": \"0x11000000000000000000000000000000000000b1\""

static struct {
    unsigned ends;
    enum ht_err err;
    char code[32];
    json_t *result;
} reply;
static struct {
    unsigned count;
    struct ht_wallet_send send;
    uint8_t data[HT_GOV_CREATE_MAX];
    char what[128];
    enum ht_err err; /* what the owner answers */
} queue;

void ht_rpc_finish(struct ht_rpc_call *call, json_t *result) {
    (void)call;
    reply.ends++;
    reply.err = HT_OK;
    reply.result = result;
}

void ht_rpc_refuse(struct ht_rpc_call *call, enum ht_err err, const struct ht_why *why) {
    (void)call;
    reply.ends++;
    reply.err = err;
    (void)snprintf(reply.code, sizeof reply.code, "%s", why->code);
}

static void decide(void *self, const struct ht_wallet_send *transaction, ht_wallet_done done,
                   void *user) {
    struct ht_wallet_answer answer = {.err = queue.err, .hash = {{GC_HASH_BYTE}}};
    (void)self;
    queue.count++;
    queue.send = *transaction;
    assert_true(transaction->data.n <= sizeof queue.data);
    memcpy(queue.data, transaction->data.p, transaction->data.n);
    (void)snprintf(queue.what, sizeof queue.what, "%s", transaction->what);
    if (queue.err != HT_OK) (void)ht_fail(&answer.why, queue.err, "rejected", "no");
    done(user, &answer);
}

static const struct ht_wallet WALLET = {.send = decide};

static const struct ht_wallet *wallet(const struct ht_host *host) {
    (void)host;
    return &WALLET;
}

static int start(void **state) {
    memset(&reply, 0, sizeof reply);
    memset(&queue, 0, sizeof queue);
    if (gc_start(state) != 0) return -1;
    gc.host.wallet = wallet;
    return 0;
}

static int end(void **state) {
    json_decref(reply.result);
    return gc_end(state);
}

static const struct ht_rpc_method *method(const char *name) {
    for (size_t i = 0; i < ht_gov_create_part.method_count; i++) {
        const struct ht_rpc_method *one = &ht_gov_create_part.methods[i];
        if (strcmp(one->name, name) == 0) return one;
    }
    fail_msg("no method %s", name);
    return NULL;
}

static void ask(const char *name, const char *params) {
    json_t *json = gov_json(params);
    reply.ends = 0;
    json_decref(reply.result);
    reply.result = NULL;
    reply.code[0] = '\0';
    method(name)->start(&gc.governance, NULL, json);
    json_decref(json);
    assert_int_equal(reply.ends, 1);
}

static enum ht_err created(const char *params) {
    json_t *json = gov_json(params), *result = NULL;
    enum ht_err err = method("dao.created")->fn(&gc.governance, &result, json, &gc.why);
    json_decref(json);
    if (err == HT_OK) {
        json_decref(reply.result);
        reply.result = result;
    }
    return err;
}

static const char *said(const char *path) {
    const char *text = NULL;
    assert_int_equal(ht_json_text(&text, reply.result, path, NULL), HT_OK);
    return text;
}

/* The wishes of GOV_TOKEN with an account. */
static const char *wishes(void) {
    static char text[2048];
    (void)snprintf(text, sizeof text, "{" ACCOUNT ", %s", &GOV_TOKEN[1]);
    return text;
}

static void a_community_goes_to_the_queue_as_one_creation(void **state) {
    (void)state;
    ask("dao.create", wishes());
    assert_int_equal(reply.err, HT_OK);
    assert_int_equal(queue.count, 1);
    assert_false(queue.send.has_to);
    assert_int_equal(queue.send.from.b[19], 0xb1);
    assert_true(queue.send.gas > 1000000 && queue.send.gas < 1U << 24);
    assert_string_equal(queue.what, "Create the community \"Garden\"");
    const struct ht_gov_contract *maker = &ht_gov_contracts[HT_GOV_OURS_OF_TOKEN];
    assert_memory_equal(queue.data, maker->creation, maker->creation_len);
    assert_string_equal(said("name"), "Garden");
    assert_int_equal(strncmp(said("steps[0].hash"), "0x7a", 4), 0);
}

static void what_was_asked_for_is_found_again_by_its_id(void **state) {
    char params[64];
    (void)state;
    ask("dao.create", wishes());
    (void)snprintf(params, sizeof params, "{\"id\": %s}", said("id"));
    assert_int_equal(created(params), HT_OK);
    assert_string_equal(said("name"), "Garden");
    assert_int_equal(created("{\"id\": 77}"), HT_ENOTFOUND);
    assert_string_equal(gc.why.code, "no_such_creation");
}

static void the_topic_has_the_newest_first(void **state) {
    json_t *value = NULL;
    const json_t *list;
    (void)state;
    ask("dao.create", wishes());
    ask("dao.create", wishes());
    assert_int_equal(ht_gov_creations_topic(&gc.governance, &value, &gc.why), HT_OK);
    assert_int_equal(ht_json_array(&list, value, "creations", NULL), HT_OK);
    assert_int_equal(json_array_size(list), 2);
    const json_t *first = json_array_get(list, 0);
    assert_string_equal(json_string_value(json_object_get(first, "id")), said("id"));
    json_decref(value);
}

static void what_the_owner_rejects_is_not_followed(void **state) {
    (void)state;
    queue.err = HT_EDENIED;
    ask("dao.create", wishes());
    assert_int_equal(reply.err, HT_EDENIED);
    assert_string_equal(reply.code, "rejected");
    assert_null(gc.governance.create->list);
}

static void bad_wishes_never_reach_the_queue(void **state) {
    (void)state;
    ask("dao.create", "{" ACCOUNT ", \"name\": \"\"}");
    assert_string_equal(reply.code, "wish_name");
    ask("dao.create", GOV_TOKEN); /* by nobody */
    assert_int_equal(reply.err, HT_EINPUT);
    assert_int_equal(queue.count, 0);
}

static void without_a_wallet_there_is_nothing_to_ask(void **state) {
    (void)state;
    gc.host.wallet = NULL;
    ask("dao.create", wishes());
    assert_int_equal(reply.err, HT_EAGAIN);
    assert_string_equal(reply.code, "no_wallet");
}

#define REGISTRY "\"address\": \"0x22000000000000000000000000000000000000c2\""

static void people_are_registered_one_or_many_at_once(void **state) {
    (void)state;
    ask("dao.register", "{" ACCOUNT ", " REGISTRY ", \"uids\": [\"" GOV_SCHEMA "\"]}");
    assert_int_equal(reply.err, HT_OK);
    assert_true(queue.send.has_to && queue.send.to.b[19] == 0xc2);
    assert_int_equal(queue.send.data.n, 36);
    uint64_t gas = queue.send.gas;
    assert_int_equal(strncmp(said("hash"), "0x7a", 4), 0);
    ask("dao.register",
        "{" ACCOUNT ", " REGISTRY ", \"uids\": [\"" GOV_SCHEMA "\", \"" GOV_SCHEMA "\"]}");
    assert_int_equal(queue.send.data.n, 132);
    assert_true(queue.send.gas > gas);
    assert_null(gc.governance.create->list); /* it creates nothing */
}

static void nobody_and_too_many_are_not_registered(void **state) {
    (void)state;
    ask("dao.register", "{" ACCOUNT ", " REGISTRY ", \"uids\": []}");
    assert_int_equal(reply.err, HT_ELIMIT);
    assert_string_equal(reply.code, "too_many_people");
    ask("dao.register", "{" ACCOUNT ", " REGISTRY ", \"uids\": [\"0x55\"]}");
    assert_int_equal(reply.err, HT_EINPUT);
    ask("dao.register", "{" ACCOUNT ", \"uids\": [\"" GOV_SCHEMA "\"]}");
    assert_int_equal(reply.err, HT_EINPUT);
    assert_int_equal(queue.count, 0);
}

static void a_person_is_struck_out(void **state) {
    (void)state;
    ask("dao.strike",
        "{" ACCOUNT ", " REGISTRY ", \"person\": \"0x33000000000000000000000000000000000000d3\"}");
    assert_int_equal(reply.err, HT_OK);
    assert_int_equal(queue.send.data.n, 36);
    assert_int_equal(queue.data[35], 0xd3);
    ask("dao.strike", "{" ACCOUNT ", " REGISTRY "}");
    assert_int_equal(reply.err, HT_EINPUT);
    assert_int_equal(queue.count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_community_goes_to_the_queue_as_one_creation),
        TEST(what_was_asked_for_is_found_again_by_its_id),
        TEST(the_topic_has_the_newest_first),
        TEST(what_the_owner_rejects_is_not_followed),
        TEST(bad_wishes_never_reach_the_queue),
        TEST(without_a_wallet_there_is_nothing_to_ask),
        TEST(people_are_registered_one_or_many_at_once),
        TEST(nobody_and_too_many_are_not_registered),
        TEST(a_person_is_struck_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
