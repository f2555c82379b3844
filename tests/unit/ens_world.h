/* Names over a state that a test makes: storage and code as in simulate_world.h, gateways that
 * answer when the test says so. A test program includes this once. */
#ifndef HT_TESTS_UNIT_ENS_WORLD_H
#define HT_TESTS_UNIT_ENS_WORLD_H

#include "tests/unit/ens_state.h"

#include <stdlib.h>

#include "identity/names/ens_ask.h"
#include "identity/names/resolve.h"

static struct {
    struct ht_identity identity;
    struct ht_host host;
    struct ht_rpc *rpc;
    json_t *reply;
    struct ht_exec_header_verified head;
    bool has_head;
    unsigned reads, gets;
    char url[2048], body[2048];
    const char *answer; /* of gateways; NULL: they are not reached */
    long status;
    bool holds_gateway; /* it does not answer yet */
    bool holds_reads;   /* the same of the state: the newest read is in held */
    struct ht_state_read *held;
    ht_http_done *http_done;
    void *http_user;
    unsigned cancelled;
} er;

/* --- fakes ------------------------------------------------------------------------------------ */

void ht_state_read(struct ht_state *state, struct ht_state_read *read) {
    (void)state;
    if (er.holds_reads) {
        er.held = read;
        return;
    }
    er.reads++;
    struct ht_evm_account account;
    assert_int_equal(sim_account(NULL, &account, &read->address, NULL), HT_OK);
    read->why = (struct ht_why){0};
    read->err = HT_OK;
    read->exists = account.exists;
    ht_account_init_empty(&read->account);
    read->account.code_hash = account.code_hash;
    read->values = calloc(read->slot_count, sizeof *read->values);
    for (size_t i = 0; i < read->slot_count; i++) {
        ht_u256 slot = ht_u256_from_be32(read->slots[i].b), value;
        assert_int_equal(sim_slot(NULL, &value, &read->address, &slot, NULL), HT_OK);
        ht_u256_to_be(read->values[i], &value);
    }
    read->header = er.head;
    (void)snprintf(read->source, sizeof read->source, "prover");
    read->done(read);
}

void ht_state_read_fini(struct ht_state_read *read) {
    free(read->values);
    read->values = NULL;
}

struct ht_chain *ht_state_chain(const struct ht_state *state) {
    (void)state;
    return NULL;
}

const struct ht_exec_header_verified *ht_chain_head(const struct ht_chain *chain) {
    (void)chain;
    return er.has_head ? &er.head : NULL;
}

static inline void answer_http(void) {
    struct ht_http_answer answer = {.err = er.answer != NULL ? HT_OK : HT_ENET,
                                    .status = er.status};
    if (er.answer != NULL) answer.body = ht_bytes_str(er.answer);
    ht_http_done *done = er.http_done;
    er.http_done = NULL;
    if (done != NULL) done(er.http_user, &answer);
}

enum ht_err ht_http_start(struct ht_http_request **out, struct ht_http *http,
                          const struct ht_http_options *options, ht_http_done *on_done,
                          ht_http_piece *on_piece, void *user) {
    (void)http, (void)on_piece;
    er.gets++;
    assert_true(options->is_public_only && options->max_bytes > 0 && options->timeout_ms > 0);
    (void)snprintf(er.url, sizeof er.url, "%s", options->url);
    (void)snprintf(er.body, sizeof er.body, "%.*s", (int)options->body.n,
                   options->body.n > 0 ? (const char *)options->body.p : "");
    *out = (struct ht_http_request *)&er;
    er.http_done = on_done;
    er.http_user = user;
    return HT_OK;
}

void ht_http_cancel(struct ht_http_request *request) {
    (void)request;
    er.cancelled++;
    er.http_done = NULL;
}

/* --- calls ------------------------------------------------------------------------------------ */

static inline void on_reply(void *user, enum ht_err err, struct ht_buf *text) {
    (void)user;
    if (err != HT_OK) return;
    json_decref(er.reply);
    assert_int_equal(ht_json_parse(&er.reply, ht_buf_view(text), HT_RPC_REPLY_MAX, NULL), HT_OK);
}

static inline void call(const char *method, json_t *params) {
    const struct ht_rpc_asker asker = {.may_wait = true, .on_reply = on_reply};
    struct ht_buf text;
    ht_buf_init(&text, HT_RPC_REQUEST_MAX);
    json_t *message = json_pack("{s:s, s:i, s:s, s:o}", "jsonrpc", "2.0", "id", 1, "method", method,
                                "params", params);
    assert_int_equal(ht_json_dump_compact(&text, message), HT_OK);
    json_decref(message);
    json_decref(er.reply);
    er.reply = NULL;
    (void)!ht_rpc_handle(er.rpc, &asker, ht_buf_view(&text));
    ht_buf_fini(&text);
}

static inline void resolve(const char *name) {
    call("ens.resolve", json_pack("{s:s}", "name", name));
}

static inline void resolve_offchain(const char *name) {
    call("ens.resolve", json_pack("{s:s, s:b}", "name", name, "offchain", 1));
}

static inline void is_text(const char *path, const char *want) {
    const char *got = NULL;
    struct ht_why why = {0};
    if (ht_json_text(&got, er.reply, path, &why) != HT_OK) {
        char *all = json_dumps(er.reply, 0);
        fail_msg("%s: %s in %s", path, why.text, all);
    }
    assert_string_equal(got, want);
}

static inline void is_null(const char *path) {
    const json_t *got = NULL;
    assert_int_equal(ht_json_get(&got, er.reply, path, NULL), HT_OK);
    assert_true(json_is_null(got));
}

static inline void is_refused(const char *code) {
    is_text("error.data.code", code);
}

static inline int set_up(void **state) {
    (void)sim_set_up(state);
    memset(&er, 0, sizeof er);
    sim.network.chain_id = 1;
    (void)snprintf(sim.network.name, sizeof sim.network.name, "testnet");
    er.head.header.number = 100;
    er.head.hash.b[0] = 1;
    er.host = (struct ht_host){.network = &sim.network};
    er.identity.host = &er.host;
    sim_put(ht_ens_registry, 0, REGISTRY);
    if (ht_names_new(&er.identity.names, &er.host, NULL) != HT_OK) return 1;
    if (ht_rpc_new(&er.rpc, HT_RPC_OWN) != HT_OK) return 1;
    return ht_rpc_add_methods(er.rpc, ht_name_methods.list, ht_name_methods.count, &er.identity) ==
                   HT_OK
               ? 0
               : 1;
}

static inline int tear_down(void **state) {
    (void)state;
    ht_names_free(er.identity.names);
    ht_rpc_free(er.rpc);
    json_decref(er.reply);
    return 0;
}

static inline void claim_name(const char *claimed) {
    char name[HT_ENS_REVERSE_NAME_SIZE];
    ht_addr20 alice = address(ALICE);
    ht_hash32 node, slot;
    ht_ens_reverse_name(name, &alice);
    node = node_of(name);
    register_name(name, KNOWN);
    ht_ens_name_slot(&slot, &node, 0);
    keep_bytes(&slot, ht_bytes_str(claimed));
}

static inline void reverse(void) {
    call("ens.reverse", json_pack("{s:s}", "address", ALICE));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
