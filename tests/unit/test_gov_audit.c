/* Audit bundles: made, counted again, and refused for each thing that can be wrong with them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "node/codec/base64.h"
#include "tests/unit/audit_world.h"

/* Votes in blocks 102 and 103; 104 and 105 are empty. */
static const struct audit_world_plan PLAN = {
    .vote_blocks = 2, .votes_per_block = 4, .filler = 3, .crowd = 40};

static void open_world(struct audit_world *world, enum audit_world_twist twist) {
    struct audit_world_plan plan = PLAN;
    plan.twist = twist;
    audit_world_open(world, &plan);
}

static json_t *bundle_of(struct audit_world *world) {
    struct ht_why why = {.text = ""};
    json_t *bundle = audit_world_bundle(world, &why);
    if (bundle == NULL) fail_msg("%s: %s", why.code, why.text);
    return bundle;
}

static void expect(const json_t *bundle, enum ht_err err, const char *code) {
    struct ht_gov_audit audit;
    assert_int_equal(ht_gov_audit_check(&audit, bundle, NULL), HT_OK);
    if (audit.err == err && strcmp(audit.why.code, code) == 0) return;
    fail_msg("expected %s, got %s: %s", code, audit.why.code, audit.why.text);
}

/* The bundle of a plain world after an edit is refused with that reason. */
static void edited(void (*edit)(json_t *bundle), enum ht_err err, const char *code) {
    struct audit_world world;
    open_world(&world, AUDIT_WORLD_PLAIN);
    json_t *bundle = bundle_of(&world);
    edit(bundle);
    expect(bundle, err, code);
    json_decref(bundle);
    audit_world_close(&world);
}

/* The forged bundle of a world with a twist is refused with that reason, and is not made. */
static void twisted(enum audit_world_twist twist, const char *code) {
    struct audit_world world;
    struct ht_why why = {.code = ""};
    open_world(&world, twist);
    json_t *bundle = audit_world_forged(&world);
    expect(bundle, HT_EUNVERIFIED, code);
    assert_null(audit_world_bundle(&world, &why));
    assert_string_equal(why.code, code);
    json_decref(bundle);
    audit_world_close(&world);
}

static json_t *at(json_t *json, const char *path) {
    const json_t *out = NULL;
    assert_int_equal(ht_json_get(&out, json, path, NULL), HT_OK);
    return (json_t *)(uintptr_t)out;
}

/* Flips the last hex digit of a text. */
static void flip(json_t *json, const char *path) {
    json_t *text = at(json, path);
    char *copy = strdup(json_string_value(text));
    assert_non_null(copy);
    char *last = copy + strlen(copy) - 1;
    *last = *last == '1' ? '2' : '1';
    assert_int_equal(json_string_set(text, copy), 0);
    free(copy);
}

/* --- good ones -------------------------------------------------------------------------------- */

static void check_good(enum audit_world_twist twist) {
    struct audit_world world;
    struct ht_gov_audit audit;
    struct ht_gov_count *count = NULL;
    size_t n = 0;
    open_world(&world, twist);
    json_t *bundle = bundle_of(&world);
    assert_int_equal(ht_gov_audit_count(&audit, &count, bundle, NULL), HT_OK);
    assert_true(audit.is_accepted && audit.flags_checked);
    assert_true(audit.result.tally_proven && audit.result.list_proven);
    assert_int_equal(audit.result.votes, 8);
    assert_int_equal(audit.result.voters, 8);
    assert_true(ht_u256_equal(&audit.result.in_favour, &world.stored[1]));
    assert_true(ht_u256_equal(&audit.id, &world.id));
    assert_true(ht_hash32_equal(&audit.code_hash, &world.account.code_hash));
    assert_int_equal(audit.anchor_number, AUDIT_WORLD_FIRST + 5);
    const struct ht_gov_vote *votes = ht_gov_count_votes(count, &n);
    assert_int_equal(n, 8);
    assert_int_equal(votes[0].block, AUDIT_WORLD_FIRST + 2);
    assert_int_equal(votes[0].transaction, 3);
    ht_gov_count_free(count);
    json_decref(bundle);
    audit_world_close(&world);
}

static void a_bundle_is_made_and_counts_the_same_again(void **state) {
    (void)state;
    check_good(AUDIT_WORLD_PLAIN);
    check_good(AUDIT_WORLD_TIME);
    check_good(AUDIT_WORLD_SPLIT);
}

static void headers_may_be_rlp(void **state) {
    (void)state;
    struct audit_world world;
    open_world(&world, AUDIT_WORLD_PLAIN);
    json_t *bundle = bundle_of(&world);
    json_t *headers = at(bundle, "provided.headers");
    for (size_t i = 0; i < world.block_count; i++) {
        struct ht_buf rlp;
        ht_buf_init(&rlp, HT_EXEC_HEADER_RLP_MAX);
        assert_int_equal(ht_exec_header_encode(&rlp, &world.blocks[i].header.header), HT_OK);
        assert_int_equal(json_array_set_new(headers, i, ht_rpc_data(ht_buf_view(&rlp))), 0);
        ht_buf_fini(&rlp);
    }
    expect(bundle, HT_OK, "");
    json_decref(bundle);
    audit_world_close(&world);
}

static void set_base64(json_t *headers, size_t i, const struct ht_exec_header *header) {
    struct ht_buf rlp, text;
    ht_buf_init(&rlp, HT_EXEC_HEADER_RLP_MAX);
    ht_buf_init(&text, 2 * HT_EXEC_HEADER_RLP_MAX);
    assert_int_equal(ht_exec_header_encode(&rlp, header), HT_OK);
    assert_int_equal(ht_base64_write(&text, HT_BASE64_STD, ht_buf_view(&rlp)), HT_OK);
    json_t *json = json_stringn((const char *)text.p, text.n);
    assert_int_equal(json_array_set_new(headers, i, json), 0);
    ht_buf_fini(&text);
    ht_buf_fini(&rlp);
}

static void headers_may_be_base64(void **state) {
    (void)state;
    struct audit_world world;
    open_world(&world, AUDIT_WORLD_PLAIN);
    json_t *bundle = bundle_of(&world);
    json_t *headers = at(bundle, "provided.headers");
    for (size_t i = 0; i < world.block_count; i++)
        set_base64(headers, i, &world.blocks[i].header.header);
    expect(bundle, HT_OK, "");
    struct ht_exec_header other = world.blocks[2].header.header;
    other.gas_used++;
    set_base64(headers, 2, &other);
    expect(bundle, HT_EUNVERIFIED, "header_chain");
    json_array_set_new(headers, 2, json_string("+Q"));
    expect(bundle, HT_EINPUT, "json_base64");
    json_array_set_new(headers, 2, json_string(""));
    expect(bundle, HT_EINPUT, "rlp_missing");
    json_decref(bundle);
    audit_world_close(&world);
}

/* A header as mainnet has them, with all that Prague added, in a week of blocks. */
static void the_headers_of_a_week_fit_into_a_bundle(void **state) {
    (void)state;
    struct audit_world world;
    struct ht_buf rlp;
    open_world(&world, AUDIT_WORLD_PLAIN);
    struct ht_exec_header header = world.blocks[0].header.header;
    header.layout = HT_EXEC_LAYOUT_AMSTERDAM;
    header.number = 25000000;
    header.gas_limit = header.gas_used = 60000000;
    header.timestamp = 1800000000;
    header.extra_data.n = sizeof header.extra_data.b;
    header.base_fee_per_gas = ht_u256_of(UINT32_MAX);
    header.blob_gas_used = header.excess_blob_gas = UINT32_MAX;
    ht_buf_init(&rlp, HT_EXEC_HEADER_RLP_MAX);
    assert_int_equal(ht_exec_header_encode(&rlp, &header), HT_OK);
    const size_t one = (rlp.n + 2) / 3 * 4 + 3, blocks = 50400;
    if (blocks * one + HT_GOV_MAKING_WHOLE > HT_GOV_AUDIT_MAX)
        fail_msg("%zu bytes a header are too many", one);
    ht_buf_fini(&rlp);
    audit_world_close(&world);
}

/* --- weights ---------------------------------------------------------------------------------- */

static json_t *bundle_with_token(struct audit_world *world, bool is_first_poorer) {
    struct audit_world_plan plan = PLAN;
    plan.has_token = true;
    plan.is_first_poorer = is_first_poorer;
    audit_world_open(world, &plan);
    return bundle_of(world);
}

static void weights_are_compared_with_the_tokens_history(void **state) {
    (void)state;
    struct audit_world world;
    struct ht_gov_audit audit;
    json_t *bundle = bundle_with_token(&world, false);
    assert_int_equal(ht_gov_audit_check(&audit, bundle, NULL), HT_OK);
    assert_true(audit.is_accepted && audit.has_weights);
    assert_int_equal(audit.weights_agree, 8);
    assert_int_equal(audit.weights_differ + audit.weights_open, 0);
    assert_memory_equal(audit.token.b, world.governor.b, 20);
    assert_true(ht_hash32_equal(&audit.token_code_hash, &world.account.code_hash));
    json_decref(bundle);
    audit_world_close(&world);
}

static void a_weight_that_differs_is_told_with_its_voter(void **state) {
    (void)state;
    struct audit_world world;
    struct ht_gov_audit audit;
    json_t *bundle = bundle_with_token(&world, true);
    const ht_addr20 voter = audit_world_voter(0);
    assert_int_equal(ht_gov_audit_check(&audit, bundle, NULL), HT_OK);
    assert_true(audit.is_accepted); /* the governor did count it so */
    assert_int_equal(audit.weights_agree, 7);
    assert_int_equal(audit.weights_differ, 1);
    assert_memory_equal(audit.weight_differs_of.b, voter.b, 20);
    json_decref(bundle);
    audit_world_close(&world);
}

static void a_history_that_is_not_all_there_leaves_its_voter_open(void **state) {
    (void)state;
    struct audit_world world;
    struct ht_gov_audit audit;
    json_t *bundle = bundle_with_token(&world, false);
    assert_int_equal(json_array_remove(at(bundle, "provided.tokenProof.storageProof"), 20), 0);
    assert_int_equal(ht_gov_audit_check(&audit, bundle, NULL), HT_OK);
    assert_true(audit.is_accepted && audit.has_weights);
    assert_int_equal(audit.weights_agree, 7);
    assert_int_equal(audit.weights_open, 1);
    json_decref(bundle);
    audit_world_close(&world);
}

static void a_history_that_is_not_proven_is_refused(void **state) {
    (void)state;
    struct audit_world world;
    json_t *bundle = bundle_with_token(&world, false);
    json_t *value = at(bundle, "provided.tokenProof.storageProof[0].value");
    json_string_set(value, "0x3");
    expect(bundle, HT_EUNVERIFIED, "state_proof");
    json_string_set(value, "0x2");
    expect(bundle, HT_OK, "");
    flip(bundle, "target.token.address");
    expect(bundle, HT_EUNVERIFIED, "proof_address");
    flip(bundle, "provided.tokenProof.address");
    expect(bundle, HT_EUNVERIFIED, "state_proof");
    json_object_del(at(bundle, "provided"), "tokenProof");
    expect(bundle, HT_EINPUT, "json_missing");
    json_object_del(at(bundle, "target"), "token");
    expect(bundle, HT_OK, ""); /* then it says nothing of weights */
    json_decref(bundle);
    audit_world_close(&world);
}

static void another_snapshot_asks_for_other_slots(void **state) {
    (void)state;
    struct audit_world world;
    struct ht_gov_audit audit;
    json_t *bundle = bundle_with_token(&world, false);
    /* Base slots of another token: nothing of what it would need is there. */
    json_t *layout = at(bundle, "target.token.layout");
    json_object_set_new(layout, "checkpoints",
                        json_string("0x0000000000000000000000000000000000000"
                                    "000000000000000000000000007"));
    assert_int_equal(ht_gov_audit_check(&audit, bundle, NULL), HT_OK);
    assert_true(audit.is_accepted && audit.has_weights);
    assert_int_equal(audit.weights_agree + audit.weights_differ, 0);
    assert_int_equal(audit.weights_open, 8);
    json_decref(bundle);
    audit_world_close(&world);
}

static void marks_may_be_left_out_where_it_is_said(void **state) {
    (void)state;
    struct audit_world world;
    struct ht_gov_audit audit;
    open_world(&world, AUDIT_WORLD_NO_MARK);
    json_t *bundle = audit_world_forged(&world);
    json_object_set_new(bundle, "flags", json_false());
    assert_int_equal(ht_gov_audit_check(&audit, bundle, NULL), HT_OK);
    assert_true(audit.is_accepted);
    assert_false(audit.flags_checked);
    /* A case has no such word. */
    json_object_del(bundle, "format");
    expect(bundle, HT_EUNVERIFIED, "vote_without_flag");
    json_decref(bundle);
    audit_world_close(&world);
}

static void a_block_without_its_receipts_leaves_the_list_open(void **state) {
    (void)state;
    struct audit_world_plan plan = PLAN;
    struct audit_world world;
    struct ht_gov_audit audit;
    plan.vote_blocks = 1;
    audit_world_open(&world, &plan);
    json_t *bundle = bundle_of(&world);
    assert_int_equal(ht_gov_audit_check(&audit, bundle, NULL), HT_OK);
    assert_true(audit.result.list_proven);
    json_object_del(at(bundle, "provided.receipts"), "102");
    json_array_clear(at(bundle, "provided.voteLogs"));
    expect(bundle, HT_EUNVERIFIED, "tally_incomplete");
    assert_int_equal(ht_gov_audit_check(&audit, bundle, NULL), HT_OK);
    assert_int_equal(audit.result.unchecked_count, 1);
    assert_int_equal(audit.result.unchecked[0], 102);
    assert_true(ht_u256_equal(&audit.result.missing.in_favour, &world.stored[1]));
    json_decref(bundle);
    audit_world_close(&world);
}

/* --- headers ---------------------------------------------------------------------------------- */

static void forge_header(json_t *bundle) {
    flip(bundle, "provided.headers[2].receiptsRoot");
}
static void hide_hash(json_t *bundle) {
    json_object_del(at(bundle, "provided.headers[2]"), "hash");
}
static void drop_header(json_t *bundle) {
    json_array_remove(at(bundle, "provided.headers"), 4);
}
static void swap_headers(json_t *bundle) {
    json_t *headers = at(bundle, "provided.headers");
    json_t *first = json_incref(json_array_get(headers, 0));
    json_array_set(headers, 0, json_array_get(headers, 1));
    json_array_set_new(headers, 1, first);
}
static void drop_last(json_t *bundle) {
    json_array_remove(at(bundle, "provided.headers"), 5);
}
static void drop_all(json_t *bundle) {
    json_array_clear(at(bundle, "provided.headers"));
}
static void other_anchor(json_t *bundle) {
    flip(bundle, "anchor.blockHash");
}
static void other_number(json_t *bundle) {
    json_object_set_new(at(bundle, "anchor"), "blockNumber", json_integer(7));
}

static void headers_that_do_not_hash_are_refused(void **state) {
    (void)state;
    edited(forge_header, HT_EUNVERIFIED, "header_hash");
    edited(hide_hash, HT_EUNVERIFIED, "header_hash");
}

static void headers_that_are_no_chain_are_refused(void **state) {
    (void)state;
    edited(drop_header, HT_EUNVERIFIED, "header_chain");
    edited(swap_headers, HT_EUNVERIFIED, "header_chain");
}

static void headers_that_do_not_end_at_the_anchor_are_refused(void **state) {
    (void)state;
    edited(drop_last, HT_EUNVERIFIED, "anchor");
    edited(drop_all, HT_EUNVERIFIED, "anchor");
    edited(other_anchor, HT_EUNVERIFIED, "anchor");
    edited(other_number, HT_EUNVERIFIED, "anchor");
}

/* --- receipts --------------------------------------------------------------------------------- */

static void receipts_of_another_block(json_t *bundle) {
    json_t *receipts = at(bundle, "provided.receipts");
    json_object_set(receipts, "99", json_object_get(receipts, "102"));
}
static void receipts_of_no_number(json_t *bundle) {
    json_t *receipts = at(bundle, "provided.receipts");
    json_object_set(receipts, "0102", json_object_get(receipts, "102"));
}
static void drop_receipt(json_t *bundle) {
    json_array_remove(at(bundle, "provided.receipts.102"), 1);
}
static void empty_receipts(json_t *bundle) {
    json_array_clear(at(bundle, "provided.receipts.103"));
}
static void forge_log_in_receipt(json_t *bundle) {
    flip(bundle, "provided.receipts.102[3].logs[0].data");
}
static void no_receipt(json_t *bundle) {
    json_object_set_new(at(bundle, "provided.receipts"), "102", json_null());
}

static void receipts_without_a_header_are_refused(void **state) {
    (void)state;
    edited(receipts_of_another_block, HT_EUNVERIFIED, "receipts_without_header");
    edited(receipts_of_no_number, HT_EUNVERIFIED, "receipts_without_header");
}

static void receipts_that_do_not_give_the_root_are_refused(void **state) {
    (void)state;
    edited(drop_receipt, HT_EUNVERIFIED, "receipts_root");
    edited(empty_receipts, HT_EUNVERIFIED, "receipts_root");
    edited(forge_log_in_receipt, HT_EUNVERIFIED, "receipts_root");
    edited(no_receipt, HT_EINPUT, "json_type");
}

/* --- logs ------------------------------------------------------------------------------------- */

static void spoof_emitter(json_t *bundle) {
    flip(bundle, "provided.voteLogs[1].address");
}
static void spoof_block(json_t *bundle) {
    flip(bundle, "provided.voteLogs[1].blockHash");
}
static void vote_of_bare_block(json_t *bundle) {
    json_object_del(at(bundle, "provided.receipts"), "102");
}
static void flip_vote(json_t *bundle) {
    flip(bundle, "provided.voteLogs[1].data");
}
static void change_voter(json_t *bundle) {
    flip(bundle, "provided.voteLogs[1].topics[1]");
}
static void log_past_the_block(json_t *bundle) {
    json_object_set_new(at(bundle, "provided.voteLogs[1]"), "logIndex", json_string("0xffff"));
}
static void wrong_transaction(json_t *bundle) {
    json_object_set_new(at(bundle, "provided.voteLogs[1]"), "transactionIndex", json_string("0x0"));
}
static void remove_log(json_t *bundle) {
    json_object_set_new(at(bundle, "provided.voteLogs[1]"), "removed", json_true());
}
static void double_vote(json_t *bundle) {
    json_t *votes = at(bundle, "provided.voteLogs");
    json_array_append(votes, json_array_get(votes, 2));
}
static void omit_vote(json_t *bundle) {
    json_array_remove(at(bundle, "provided.voteLogs"), 5);
}
static void proposal_as_vote(json_t *bundle) {
    json_array_append(at(bundle, "provided.voteLogs"), at(bundle, "provided.proposalLog"));
}
static void vote_as_proposal(json_t *bundle) {
    json_object_set(at(bundle, "provided"), "proposalLog", at(bundle, "provided.voteLogs[0]"));
}
static void other_target(json_t *bundle) {
    flip(bundle, "target.proposalId");
}
static void change_calldata(json_t *bundle) {
    flip(bundle, "provided.proposalLog.data");
}

static void logs_of_another_contract_are_refused(void **state) {
    (void)state;
    edited(spoof_emitter, HT_EUNVERIFIED, "wrong_emitter");
}

static void logs_of_blocks_that_are_not_there_are_refused(void **state) {
    (void)state;
    edited(spoof_block, HT_EUNVERIFIED, "log_block");
    edited(vote_of_bare_block, HT_EUNVERIFIED, "log_unproven");
}

static void logs_that_the_receipts_do_not_have_are_refused(void **state) {
    (void)state;
    edited(flip_vote, HT_EUNVERIFIED, "log_not_in_receipt");
    edited(change_voter, HT_EUNVERIFIED, "log_not_in_receipt");
    edited(log_past_the_block, HT_EUNVERIFIED, "log_not_in_receipt");
    edited(wrong_transaction, HT_EUNVERIFIED, "log_not_in_receipt");
    edited(change_calldata, HT_EUNVERIFIED, "log_not_in_receipt");
    edited(remove_log, HT_EUNVERIFIED, "log_removed");
}

static void votes_are_named_once_and_all_of_them(void **state) {
    (void)state;
    edited(double_vote, HT_EUNVERIFIED, "duplicate_log");
    edited(omit_vote, HT_EUNVERIFIED, "log_omitted");
    edited(proposal_as_vote, HT_EUNVERIFIED, "not_a_vote");
}

static void the_proposal_has_to_be_the_one_that_is_asked_for(void **state) {
    (void)state;
    edited(other_target, HT_EUNVERIFIED, "proposal_id");
    edited(vote_as_proposal, HT_EUNVERIFIED, "proposal_id");
    twisted(AUDIT_WORLD_OTHER_ID, "proposal_hash");
}

static void name_strange_vote(json_t *bundle) {
    json_t *log = json_deep_copy(at(bundle, "provided.receipts.100[1].logs[0]"));
    json_array_append_new(at(bundle, "provided.voteLogs"), log);
}

static void votes_on_another_proposal_are_refused(void **state) {
    (void)state;
    struct audit_world world;
    open_world(&world, AUDIT_WORLD_STRANGE_VOTE);
    json_t *bundle = bundle_of(&world);
    name_strange_vote(bundle);
    expect(bundle, HT_EUNVERIFIED, "other_proposal");
    json_decref(bundle);
    audit_world_close(&world);
}

static void counting_that_does_not_fit_the_votes_is_refused(void **state) {
    (void)state;
    struct audit_world world;
    open_world(&world, AUDIT_WORLD_SPLIT);
    json_t *bundle = bundle_of(&world);
    json_object_set_new(at(bundle, "target"), "counting", json_string("simple"));
    expect(bundle, HT_EINPUT, "bad_support");
    json_decref(bundle);
    audit_world_close(&world);
    open_world(&world, AUDIT_WORLD_PARAMS);
    bundle = bundle_of(&world);
    json_object_set_new(at(bundle, "target"), "counting", json_string("fractional"));
    expect(bundle, HT_EINPUT, "bad_params");
    json_decref(bundle);
    audit_world_close(&world);
}

/* --- state ------------------------------------------------------------------------------------ */

static void other_account(json_t *bundle) {
    flip(bundle, "provided.governorProof.address");
}
static void other_value(json_t *bundle) {
    json_object_set_new(at(bundle, "provided.governorProof.storageProof[3]"), "value",
                        json_string("0x12345"));
}
static void other_node(json_t *bundle) {
    flip(bundle, "provided.governorProof.storageProof[3].proof[0]");
}
static void other_account_node(json_t *bundle) {
    flip(bundle, "provided.governorProof.accountProof[0]");
}
static void drop_word(json_t *bundle) {
    json_array_remove(at(bundle, "provided.governorProof.storageProof"), 1);
}
static void drop_mark(json_t *bundle) {
    json_t *slots = at(bundle, "provided.governorProof.storageProof");
    json_array_remove(slots, json_array_size(slots) - 1);
}
static void wrong_base(json_t *bundle) {
    flip(bundle, "target.layout.proposals");
}

static void a_proof_of_another_account_is_refused(void **state) {
    (void)state;
    edited(other_account, HT_EUNVERIFIED, "proof_address");
}

static void proofs_that_do_not_hold_are_refused(void **state) {
    (void)state;
    edited(other_value, HT_EUNVERIFIED, "state_proof");
    edited(other_node, HT_EUNVERIFIED, "state_proof");
    edited(other_account_node, HT_EUNVERIFIED, "state_proof");
}

static void words_and_marks_have_to_be_proven(void **state) {
    (void)state;
    edited(drop_word, HT_EUNVERIFIED, "proof_missing_slot");
    edited(drop_mark, HT_EUNVERIFIED, "proof_missing_slot");
    edited(wrong_base, HT_EUNVERIFIED, "proof_missing_slot");
}

static void what_is_stored_has_to_be_what_was_voted_on(void **state) {
    (void)state;
    twisted(AUDIT_WORLD_OTHER_PROPOSER, "proposal_state");
    twisted(AUDIT_WORLD_NO_MARK, "vote_without_flag");
    twisted(AUDIT_WORLD_MORE_STORED, "tally_incomplete");
    twisted(AUDIT_WORLD_LESS_STORED, "tally_excess");
}

/* --- form ------------------------------------------------------------------------------------- */

static void drop_proof(json_t *bundle) {
    json_object_del(at(bundle, "provided"), "governorProof");
}
static void other_version(json_t *bundle) {
    json_object_set_new(bundle, "version", json_integer(2));
}
static void other_kind(json_t *bundle) {
    json_object_set_new(at(bundle, "target"), "kind", json_string("senate"));
}

static void what_is_malformed_is_refused_as_such(void **state) {
    (void)state;
    edited(drop_proof, HT_EINPUT, "json_missing");
    edited(other_version, HT_EINPUT, "audit_version");
    edited(other_kind, HT_EINPUT, "bad_layout");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bundle_is_made_and_counts_the_same_again),
        cmocka_unit_test(headers_may_be_rlp),
        cmocka_unit_test(headers_may_be_base64),
        cmocka_unit_test(weights_are_compared_with_the_tokens_history),
        cmocka_unit_test(a_weight_that_differs_is_told_with_its_voter),
        cmocka_unit_test(a_history_that_is_not_all_there_leaves_its_voter_open),
        cmocka_unit_test(a_history_that_is_not_proven_is_refused),
        cmocka_unit_test(another_snapshot_asks_for_other_slots),
        cmocka_unit_test(the_headers_of_a_week_fit_into_a_bundle),
        cmocka_unit_test(marks_may_be_left_out_where_it_is_said),
        cmocka_unit_test(a_block_without_its_receipts_leaves_the_list_open),
        cmocka_unit_test(headers_that_do_not_hash_are_refused),
        cmocka_unit_test(headers_that_are_no_chain_are_refused),
        cmocka_unit_test(headers_that_do_not_end_at_the_anchor_are_refused),
        cmocka_unit_test(receipts_without_a_header_are_refused),
        cmocka_unit_test(receipts_that_do_not_give_the_root_are_refused),
        cmocka_unit_test(logs_of_another_contract_are_refused),
        cmocka_unit_test(logs_of_blocks_that_are_not_there_are_refused),
        cmocka_unit_test(logs_that_the_receipts_do_not_have_are_refused),
        cmocka_unit_test(votes_are_named_once_and_all_of_them),
        cmocka_unit_test(the_proposal_has_to_be_the_one_that_is_asked_for),
        cmocka_unit_test(votes_on_another_proposal_are_refused),
        cmocka_unit_test(counting_that_does_not_fit_the_votes_is_refused),
        cmocka_unit_test(a_proof_of_another_account_is_refused),
        cmocka_unit_test(proofs_that_do_not_hold_are_refused),
        cmocka_unit_test(words_and_marks_have_to_be_proven),
        cmocka_unit_test(what_is_stored_has_to_be_what_was_voted_on),
        cmocka_unit_test(what_is_malformed_is_refused_as_such),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
