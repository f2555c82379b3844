/* A made-up chain with a registry of identities (ERC-1056), for tests of resolving: blocks in which
 * an identity changes, a head whose state has the registry, a provider that hints at where changes
 * are, and one resolving at a time. To be included by one test program, behind chain_fakes.h. */
#ifndef HT_TESTS_UNIT_DID_WORLD_H
#define HT_TESTS_UNIT_DID_WORLD_H

#include <stdio.h>
#include <stdlib.h>

#include "identity/did/did_resolve.h"
#include "node/base/hex.h"

#define FIRST 1000U
#define CHANGES_MAX 80U

static const ht_addr20 REGISTRY = {{0x0e, 0x61, 0x57}};
static const ht_addr20 IDENTITY = {{0x1d, 0x01}};
static const ht_addr20 FRIEND = {{0xf0, 0x0d}};

/* --- a chain with changes -------------------------------------------------------------------- */

/* The changes of the block that is being made; one log each. */
static struct {
    struct ht_log logs[4];
    uint8_t data[4][160];
    size_t count;
} making;

static void put(uint8_t *word, uint64_t number) {
    for (size_t i = 0; i < 8; i++) word[31 - i] = (uint8_t)(number >> (8 * i));
}

static void add_log(ht_addr20 identity, const char *topic, size_t words) {
    struct ht_log *log = &making.logs[making.count];
    memset(making.data[making.count], 0, sizeof making.data[0]);
    *log = (struct ht_log){.address = REGISTRY, .topic_count = 2};
    assert_int_equal(ht_hex_read(log->topics[0].b, 32, ht_bytes_str(topic)), HT_OK);
    memcpy(log->topics[1].b + 12, identity.b, sizeof identity.b);
    log->data = ht_bytes_of(making.data[making.count++], 32 * words);
}

static void change_owner(ht_addr20 identity, const ht_addr20 *owner, uint64_t previous) {
    uint8_t *data = making.data[making.count];
    add_log(identity, "0x38a5a6e68f30ed1ab45860a4afb34bcb2fc00f22ca462d249b8a8d40cda6f7a3", 2);
    memcpy(data + 12, owner->b, sizeof owner->b);
    put(data + 32, previous);
}

static void add_delegate(ht_addr20 identity, uint8_t which, uint64_t previous) {
    uint8_t *data = making.data[making.count];
    add_log(identity, "0x5a5084339536bcab65f20799fcc58724588145ca054bd2be626174b27ba156f7", 4);
    memcpy(data, "veriKey", 7);
    data[32 + 12] = 0xde;
    data[32 + 13] = which;
    put(data + 64, UINT64_C(4000000000));
    put(data + 96, previous);
}

static void edit(struct ht_block_maker *maker) {
    for (size_t i = 0; i < maker->count; i++) maker->receipts[i].log_count = 0;
    maker->receipts[1].logs = making.logs;
    maker->receipts[1].log_count = making.count;
    making.count = 0;
}

static struct {
    struct ht_host host;
    const struct ht_cw_block *head;
    uint64_t changed;
    ht_addr20 owner; /* zero: none */
    bool has_no_registry;
    struct ht_did_resolve resolve;
    unsigned done;
    /* What the first provider says of where changes are. */
    uint64_t hints[CHANGES_MAX];
    size_t hint_count;
    bool hints_junk, refuses_logs;
    unsigned hint_questions;
} t;

static const struct ht_cw_block *block(struct ht_cb *bench, bool is_full) {
    t.head = t.head == NULL ? ht_cw_add(&bench->world, NULL, FIRST, NULL, 0)
             : is_full      ? ht_cw_add_full(&bench->world, t.head, 0, NULL, edit)
                            : ht_cw_add(&bench->world, t.head, 0, NULL, 0);
    return t.head;
}

static uint64_t next_number(void) {
    return t.head->verified.header.number + 1;
}

/* A block in which the identity gets a delegate; it names `previous`. */
static void change_naming(struct ht_cb *bench, uint8_t which, uint64_t previous) {
    add_delegate(IDENTITY, which, previous);
    t.changed = next_number();
    (void)block(bench, true);
}

static void change(struct ht_cb *bench, uint8_t which) {
    change_naming(bench, which, t.changed);
}

static void slot(struct ht_cw_account *account, const ht_hash32 *at, const uint8_t value[32]) {
    ht_hash32 word;
    memcpy(word.b, value, sizeof word.b);
    ht_cw_slot(account, at, &word);
}

static struct ht_cw_state *registry_state(struct ht_cb *bench) {
    static const uint8_t code[] = {0x60, 0x00};
    struct ht_cw_state *state = ht_cw_state(&bench->world);
    struct ht_cw_account *account = ht_cw_account(state, &REGISTRY, 1, 0);
    ht_hash32 at;
    uint8_t value[32] = {0};
    if (!t.has_no_registry) ht_cw_code(account, HT_BYTES(code));
    put(value, t.changed);
    ht_did_changed_slot(&at, &IDENTITY);
    if (t.changed != 0) slot(account, &at, value);
    memset(value, 0, sizeof value);
    memcpy(value + 12, t.owner.b, sizeof t.owner.b);
    ht_did_owner_slot(&at, &IDENTITY);
    if (t.owner.b[0] != 0) slot(account, &at, value);
    ht_cw_state_finish(state);
    return state;
}

/* The head, whose state has the registry. */
static void finish(struct ht_cb *bench) {
    t.head = ht_cw_add(&bench->world, t.head, 0, registry_state(bench), 0);
    ht_cb_set_head(bench, t.head);
    ht_cb_set_finalized(bench, t.head);
}

static json_t *say(struct ht_cb *bench, const char *method, const json_t *params, json_t *honest) {
    (void)bench;
    (void)params;
    if (strcmp(method, "eth_getLogs") != 0) return honest;
    json_decref(honest);
    t.hint_questions++;
    if (t.refuses_logs) return NULL;
    if (t.hints_junk) return json_pack("[{s:s}]", "blockNumber", "yes");
    json_t *all = json_array();
    for (size_t i = 0; i < t.hint_count; i++) {
        assert_int_equal(
            json_array_append_new(
                all, json_pack("{s:o}", "blockNumber",
                               json_sprintf("0x%llx", (unsigned long long)t.hints[i]))),
            0);
    }
    return all;
}

static int make(void **state, int (*bench_new)(void **state)) {
    if (bench_new(state) != 0) return -1;
    struct ht_cb *bench = *state;
    memset(&t, 0, sizeof t);
    memset(&making, 0, sizeof making);
    bench->peers[0].say = say;
    bench->sync.network.contracts.did_registry = REGISTRY;
    t.host = (struct ht_host){.clock = &bench->sync.clock,
                              .chain = bench->chain,
                              .blocks = bench->blocks,
                              .state = bench->state,
                              .pool = bench->pool,
                              .network = &bench->sync.network};
    (void)block(bench, false);
    return 0;
}

static int setup(void **state) {
    return make(state, ht_cb_new);
}

static int setup_with_disk(void **state) {
    return make(state, ht_cb_new_with_disk);
}

/* --- resolving ------------------------------------------------------------------------------- */

static void done(struct ht_did_resolve *resolve) {
    assert_ptr_equal(resolve, &t.resolve);
    t.done++;
}

static void start(const char *text) {
    ht_bytes rest = {0};
    t.resolve = (struct ht_did_resolve){
        .host = &t.host, .block = {.kind = HT_BLOCK_LATEST}, .wants_history = true, .done = done};
    t.done = 0;
    assert_int_equal(ht_did_read(&t.resolve.did, &rest, ht_bytes_str(text), NULL), HT_OK);
    assert_int_equal(ht_did_version_read(&t.resolve.version, rest, NULL), HT_OK);
    ht_did_resolve(&t.resolve);
}

#define DID "did:ethr:0x5:0x1d01000000000000000000000000000000000000"

static void resolve(struct ht_cb *bench, const char *query) {
    char text[256];
    (void)snprintf(text, sizeof text, "%s%s", DID, query);
    start(text);
    ht_cb_settle(bench);
    /* From the disk and by the pool it takes many turns without a question. */
    for (unsigned i = 0; bench->has_disk && i < 500 && t.done == 0; i++) ht_cb_settle(bench);
    assert_int_equal(t.done, 1);
}

static const json_t *at(const char *path) {
    const json_t *value = NULL;
    struct ht_why why;
    if (ht_json_get(&value, t.resolve.result, path, &why) != HT_OK) fail_msg("%s", why.text);
    return value;
}

/* Complete, and the document has the controller and so many delegates. */
static void expect_delegates(size_t count) {
    if (t.resolve.err != HT_OK) fail_msg("%s: %s", t.resolve.why.code, t.resolve.why.text);
    assert_int_equal(json_array_size(at("didDocument.verificationMethod")), 1 + count);
    assert_true(json_is_true(at("provenance.complete")));
    assert_string_equal(json_string_value(at("provenance.verdict")), "proven");
}

static void expect_failed(enum ht_err err, const char *code, const char *word) {
    ht_cb_expect(t.resolve.err, &t.resolve.why, err, code);
    assert_true(json_is_null(at("didDocument")));
    assert_string_equal(json_string_value(at("didResolutionMetadata.error")), word);
    assert_null(t.resolve.history);
}

static void drop(void) {
    ht_did_resolve_fini(&t.resolve);
}

#endif
