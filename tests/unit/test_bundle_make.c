/* Making bundles over proven state: what comes out verifies, and what cannot be made is refused. */
#include "tests/unit/chain_fakes.h"

#include <stdlib.h>

#include "identity/proof/bundle_make.h"
#include "node/codec/abi_word.h"
#include "tests/unit/bundle_world.h"

struct made {
    struct bundle_world world;
    struct ht_host host;
    struct ht_identity identity;
    struct ht_finality finality;
    struct ht_rpc *rpc;
    json_t *reply;
};

static struct made made;
static bool has_finality;

const struct ht_finality *ht_sync_finality(const struct ht_sync *sync) {
    (void)sync;
    return has_finality ? &made.finality : NULL;
}

static void take_reply(void *user, enum ht_err err, struct ht_buf *text) {
    (void)user;
    assert_int_equal(err, HT_OK);
    json_decref(made.reply);
    assert_int_equal(ht_json_parse(&made.reply, ht_buf_view(text), HT_RPC_REPLY_MAX, NULL), HT_OK);
    ht_buf_fini(text);
}

/* The bench's chain is the world's. */
static int open_all(void **state) {
    static const struct ht_rpc_method METHOD = {.name = "bundle.make", .start = ht_bundle_make};
    if (ht_cb_new(state) != 0) return 1;
    struct ht_cb *bench = *state;
    bundle_world_open(&made.world, false, 300);
    ht_cw_fini(&bench->world);
    bench->world = made.world.chain;
    made.world.chain = (struct ht_cw){0};
    ht_cb_set_head(bench, made.world.block);
    ht_cb_set_finalized(bench, made.world.block);
    ht_cb_head(bench, made.world.block);
    made.finality = (struct ht_finality){0};
    has_finality = ht_finality_set(&made.finality, made.world.judge.network, made.world.update,
                                   &made.world.block->verified.hash) == HT_OK;
    made.host = (struct ht_host){.clock = &bench->sync.clock,
                                 .network = made.world.judge.network,
                                 .sync = &bench->sync,
                                 .state = bench->state};
    bench->sync.wall_ms = made.world.judge.now_ms;
    made.identity = (struct ht_identity){.host = &made.host};
    made.reply = NULL;
    if (ht_rpc_new(&made.rpc, HT_RPC_OWN) != HT_OK) return 1;
    return ht_rpc_add_methods(made.rpc, &METHOD, 1, &made.identity) != HT_OK;
}

static int close_all(void **state) {
    ht_rpc_free(made.rpc);
    json_decref(made.reply);
    ht_finality_fini(&made.finality);
    int failed = ht_cb_free(state);
    bundle_world_close(&made.world);
    return failed;
}

/* Sends; params is taken over. */
static void ask(struct ht_cb *bench, json_t *params) {
    const struct ht_rpc_asker asker = {.may_wait = true, .on_reply = take_reply};
    struct ht_buf text;
    json_t *request = json_pack("{s:s, s:i, s:s, s:o}", "jsonrpc", "2.0", "id", 1, "method",
                                "bundle.make", "params", params);
    ht_buf_init(&text, HT_RPC_REQUEST_MAX);
    assert_int_equal(ht_json_dump_compact(&text, request), HT_OK);
    (void)!ht_rpc_handle(made.rpc, &asker, ht_buf_view(&text));
    ht_cb_settle(bench);
    ht_buf_fini(&text);
    json_decref(request);
    assert_non_null(made.reply);
}

static void expect_refused(struct ht_cb *bench, json_t *params, const char *code) {
    ask(bench, params);
    const char *said = NULL;
    assert_int_equal(ht_json_text(&said, made.reply, "error.data.code", NULL), HT_OK);
    assert_string_equal(said, code);
}

/* What is made verifies with that verdict; the outcome, for the caller to drop. */
static json_t *expect_made(struct ht_cb *bench, json_t *params, const char *verdict) {
    const json_t *bundle = NULL;
    json_t *outcome = NULL;
    const char *said = NULL;
    ask(bench, params);
    if (ht_json_get(&bundle, made.reply, "result.bundle", NULL) != HT_OK) {
        assert_int_equal(ht_json_text(&said, made.reply, "error.message", NULL), HT_OK);
        fail_msg("%s", said);
    }
    assert_int_equal(ht_bundle_verify(&outcome, &made.world.judge, bundle, NULL), HT_OK);
    said = json_string_value(json_object_get(outcome, "verdict"));
    if (strcmp(said, verdict) != 0) {
        char *text = json_dumps(outcome, JSON_INDENT(1));
        print_error("%s\n", text);
        free(text);
    }
    assert_string_equal(said, verdict);
    return outcome;
}

static json_t *onchain(enum bundle_world_what what) {
    return json_pack("{s:s, s:o}", "kind", "eas_onchain", "uid",
                     ht_abi_hex(HT_BYTES(made.world.onchain[what].uid.b)));
}

static json_t *offchain(enum bundle_world_what what) {
    return json_pack("{s:s, s:o}", "kind", "eas_offchain", "package",
                     ht_eas_offchain_json(&made.world.offchain[what]));
}

static void what_is_made_of_each_kind_verifies(void **state) {
    struct ht_cb *bench = *state;
    const ht_addr20 *dids = &made.world.judge.contracts.did_registry;
    ht_hash32 slot = {{0x31}};
    json_decref(expect_made(bench, onchain(BUNDLE_WORLD_PLAIN), "valid"));
    json_decref(expect_made(bench, offchain(BUNDLE_WORLD_PLAIN), "valid"));
    json_decref(expect_made(bench,
                            json_pack("{s:s, s:s}", "kind", "did_ethr_owner", "did",
                                      "did:ethr:0x539:0x0100000000000000000000000000000000000000"),
                            "valid"));
    json_decref(
        expect_made(bench,
                    json_pack("{s:s, s:o, s:[o]}", "kind", "storage", "address",
                              ht_abi_hex(HT_BYTES(dids->b)), "slots", ht_abi_hex(HT_BYTES(slot.b))),
                    "valid"));
}

static void a_disclosure_goes_with_its_attestation(void **state) {
    struct ht_cb *bench = *state;
    json_t *params = onchain(BUNDLE_WORLD_PRIVATE);
    json_object_set(params, "disclosure", made.world.disclosure);
    json_t *outcome = expect_made(bench, params, "valid");
    const char *value = NULL;
    assert_int_equal(ht_json_text(&value, outcome, "claim.disclosed[0].value", NULL), HT_OK);
    assert_string_equal(value, "Bern");
    json_decref(outcome);
    params = offchain(BUNDLE_WORLD_PRIVATE);
    json_object_set(params, "disclosure", made.world.disclosure);
    json_decref(expect_made(bench, params, "valid"));
}

static void revocation_and_absence_are_proven_too(void **state) {
    struct ht_cb *bench = *state;
    json_t *params = onchain(BUNDLE_WORLD_PLAIN);
    ht_hash32 uid = {{0x77}};
    json_object_set_new(params, "uid", ht_abi_hex(HT_BYTES(uid.b)));
    json_decref(expect_made(bench, params, "not_there"));
    json_decref(expect_made(bench, onchain(BUNDLE_WORLD_REVOKED), "revoked"));
    json_decref(expect_made(bench, offchain(BUNDLE_WORLD_REVOKED), "revoked"));
    json_decref(expect_made(bench, onchain(BUNDLE_WORLD_EXPIRED), "expired"));
}

static void a_contract_attester_comes_with_its_account(void **state) {
    struct ht_cb *bench = *state;
    made.world.offchain[0].attestation.attester = made.world.wallet;
    json_t *outcome = expect_made(bench, offchain(BUNDLE_WORLD_PLAIN), "unverified");
    assert_string_equal(json_string_value(json_object_get(outcome, "code")), "contract_attester");
    json_decref(outcome);
    made.world.offchain[0].attestation.attester.b[0] ^= 1;
    expect_refused(bench, offchain(BUNDLE_WORLD_PLAIN), "eas_signer");
}

static void what_does_not_hold_is_not_made(void **state) {
    struct ht_cb *bench = *state;
    json_t *params = onchain(BUNDLE_WORLD_PLAIN);
    json_object_set(params, "disclosure", made.world.disclosure);
    expect_refused(bench, params, "private_root");
    params = offchain(BUNDLE_WORLD_PLAIN);
    json_object_set_new(params, "package", json_string("no package"));
    expect_refused(bench, params, "eas_url");
    made.world.offchain[0].attestation.uid.b[0] ^= 1;
    expect_refused(bench, offchain(BUNDLE_WORLD_PLAIN), "eas_uid");
    expect_refused(bench, onchain(BUNDLE_WORLD_NO_SCHEMA), "no_schema");
    expect_refused(bench,
                   json_pack("{s:s, s:s}", "kind", "did_ethr_owner", "did",
                             "did:ethr:0x539:0x0300000000000000000000000000000000000000"),
                   "owner_unclear");
    expect_refused(bench,
                   json_pack("{s:s, s:s}", "kind", "did_ethr_owner", "did",
                             "did:ethr:0x0300000000000000000000000000000000000000"),
                   "claim_form");
    expect_refused(bench, json_pack("{s:s}", "kind", "weather"), "bundle_kind");
    expect_refused(bench,
                   json_pack("{s:s, s:s, s:[]}", "kind", "storage", "address",
                             "0x0300000000000000000000000000000000000000", "slots"),
                   "claim_form");
}

static void without_a_final_block_or_contracts_nothing_is_made(void **state) {
    struct ht_cb *bench = *state;
    has_finality = false;
    expect_refused(bench, onchain(BUNDLE_WORLD_PLAIN), "no_finality");
    has_finality = true;
    made.world.builder->network.contracts = (struct ht_network_contracts){.eas_version = ""};
    expect_refused(bench, onchain(BUNDLE_WORLD_PLAIN), "no_contract");
    expect_refused(bench, offchain(BUNDLE_WORLD_PLAIN), "no_contract");
}

static void when_nobody_has_the_state_it_is_refused(void **state) {
    struct ht_cb *bench = *state;
    for (size_t i = 0; i < HT_CB_PEERS; i++) bench->peers[i].lacks_state = true;
    ask(bench, onchain(BUNDLE_WORLD_PLAIN));
    assert_non_null(json_object_get(made.reply, "error"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(what_is_made_of_each_kind_verifies),
        CASE(a_disclosure_goes_with_its_attestation),
        CASE(revocation_and_absence_are_proven_too),
        CASE(a_contract_attester_comes_with_its_account),
        CASE(what_does_not_hold_is_not_made),
        CASE(without_a_final_block_or_contracts_nothing_is_made),
        CASE(when_nobody_has_the_state_it_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
