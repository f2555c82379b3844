/* The made-up vote. */
#include "tests/unit/audit_world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "governance/count/audit_weights.h"
#include "node/base/hex.h"
#include "node/codec/abi.h"
#include "node/codec/abi_word.h"
#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"
#include "tests/unit/block_maker.h"

#define ARENA_MAX ((size_t)1 << 30)
#define LOG_DATA_MAX 512U
#define CREATED_MAX 4096U

static const ht_addr20 GOVERNOR = {{0x60, 1}}, STRANGER = {{0x57, 2}}, PROPOSER = {{0x9a, 3}};
static const char TARGET[] =
    "{\"kind\": \"oz\", \"clockMode\": \"%s\", \"counting\": \"%s\", \"layout\": {"
    "\"proposals\": \"0x0000000000000000000000000000000000000000000000000000000000000004\", "
    "\"proposalVotes\": \"0x0000000000000000000000000000000000000000000000000000000000000009\"}}";

static void *take(struct audit_world *world, size_t n) {
    void *out = ht_arena_alloc(&world->arena, n);
    assert_non_null(out);
    return out;
}

ht_addr20 audit_world_voter(size_t i) {
    ht_addr20 out = {{0x70}};
    for (size_t k = 0; k < 8; k++) out.b[19 - k] = (uint8_t)(i >> 8 * k);
    return out;
}

static void put_u64(uint8_t word[static 32], uint64_t number) {
    memset(word, 0, 32);
    for (size_t k = 0; k < 8; k++) word[31 - k] = (uint8_t)(number >> 8 * k);
}

/* --- logs ------------------------------------------------------------------------------------- */

/* ProposalCreated; its id is the hash of the rest, or the one before. */
static ht_bytes created_data(struct audit_world *world) {
    struct ht_abi_type type;
    struct ht_arena arena;
    struct ht_buf data;
    struct ht_gov_proposal *proposal = take(world, sizeof *proposal);
    char target[HT_HEX_SIZE(20)], proposer[HT_HEX_SIZE(20)];
    ht_hex_write(target, HT_BYTES(STRANGER.b));
    ht_hex_write(proposer, HT_BYTES(PROPOSER.b));
    ht_arena_init(&arena, (size_t)1 << 16);
    ht_buf_init(&data, CREATED_MAX);
    assert_int_equal(ht_abi_type_read(&type, &arena,
                                      ht_bytes_str("(uint256,address,address[],uint256[],string[],"
                                                   "bytes[],uint256,uint256,string)"),
                                      NULL),
                     HT_OK);
    json_t *values = json_pack("[s, s, [s], [s], [s], [s], I, I, s]", "0", proposer, target, "7",
                               "", "0xa9059cbb", (json_int_t)world->start, (json_int_t)world->end,
                               "# Pay the gardener\n\nSeven wei.");
    assert_int_equal(ht_abi_encode(&data, &type, values, NULL), HT_OK);
    uint8_t *copy = take(world, data.n);
    memcpy(copy, data.p, data.n);
    const ht_bytes out = ht_bytes_of(copy, data.n);
    assert_int_equal(ht_gov_proposal_read(proposal, &world->arena, out, NULL), HT_OK);
    assert_int_equal(ht_gov_proposal_hash(&world->id, proposal), HT_OK);
    if (world->plan.twist == AUDIT_WORLD_OTHER_ID) world->id.limb[0] ^= 1;
    ht_u256_to_be(copy, &world->id);
    json_decref(values);
    ht_buf_fini(&data);
    ht_arena_fini(&arena);
    return out;
}

/* VoteCast or, with params, VoteCastWithParams. */
static struct ht_log vote_log(struct audit_world *world, size_t i, const ht_addr20 *emitter) {
    const bool is_split = world->plan.twist == AUDIT_WORLD_SPLIT && i == 0;
    const bool has_params = is_split || (world->plan.twist == AUDIT_WORLD_PARAMS && i == 0);
    const size_t head = has_params ? 5 : 4;
    const uint64_t weight = AUDIT_WORLD_WEIGHT + i;
    const ht_addr20 voter = audit_world_voter(i);
    uint8_t *data = take(world, LOG_DATA_MAX);
    struct ht_log log = {
        .address = *emitter,
        .topic_count = 2,
        .topics = {has_params ? ht_gov_topic_vote_cast_with_params : ht_gov_topic_vote_cast}};
    memcpy(log.topics[1].b + 12, voter.b, 20);
    ht_u256_to_be(data, &world->id);
    put_u64(data + 32, is_split ? 255 : (i + 1) % 3);
    put_u64(data + 64, weight);
    put_u64(data + 96, 32 * head);
    put_u64(data + 32 * head, 9);
    memcpy(data + 32 * (head + 1), "=because,", 9);
    log.data = ht_bytes_of(data, 32 * (head + 2));
    if (!has_params) return log;
    put_u64(data + 128, 32 * (head + 2));
    put_u64(data + 32 * (head + 2), is_split ? 48 : 47);
    uint8_t *params = data + 32 * (head + 3);
    if (is_split) params[15] = 200, params[31] = 100;
    for (size_t k = 0; is_split && k < 8; k++) {
        params[47 - k] = (uint8_t)((weight - 300) >> 8 * k);
    }
    log.data.n = 32 * (head + 5);
    return log;
}

static void store_vote(struct audit_world *world, size_t i) {
    const bool is_split = world->plan.twist == AUDIT_WORLD_SPLIT && i == 0;
    const uint64_t weight = AUDIT_WORLD_WEIGHT + i;
    const uint64_t parts[3] = {200, 100, weight - 300};
    for (size_t k = 0; k < 3; k++) {
        const uint64_t part = is_split ? parts[k] : k == (i + 1) % 3 ? weight : 0;
        const ht_u256 more = ht_u256_of(part);
        ht_u256_add(&world->stored[k], &world->stored[k], &more);
    }
}

/* --- blocks ----------------------------------------------------------------------------------- */

static void put_receipt(struct audit_world *world, struct audit_world_block *block,
                        const struct ht_log *logs, size_t count) {
    struct ht_log *copy = take(world, count * sizeof *copy + 1);
    memcpy(copy, logs, count * sizeof *copy);
    const uint64_t before = block->receipt_count > 0
                                ? block->receipts[block->receipt_count - 1].cumulative_gas_used
                                : 0;
    struct ht_receipt *receipt = &block->receipts[block->receipt_count++];
    *receipt = (struct ht_receipt){.type = HT_TX_FEE_MARKET,
                                   .is_success = true,
                                   .cumulative_gas_used = before + 60000,
                                   .logs = copy,
                                   .log_count = count};
    ht_receipt_bloom(receipt->logs_bloom, receipt);
}

/* Votes that look alike but come from a stranger, every fourth with two more logs. */
static void put_filler(struct audit_world *world, struct audit_world_block *block, size_t i) {
    struct ht_log logs[3] = {vote_log(world, i, &STRANGER),
                             {.address = STRANGER, .topic_count = 1, .topics = {{{0xaa}}}},
                             {.address = PROPOSER, .topic_count = 1, .topics = {{{0xbb}}}}};
    put_receipt(world, block, logs, i % 4 == 0 ? 3 : 1);
}

static void close_block(struct audit_world *world, size_t at) {
    struct audit_world_block *block = &world->blocks[at];
    struct ht_exec_header header = {.layout = HT_EXEC_LAYOUT_PRAGUE,
                                    .number = AUDIT_WORLD_FIRST + at,
                                    .gas_limit = 60000000,
                                    .timestamp = AUDIT_WORLD_TIME_S + 12 * at,
                                    .base_fee_per_gas = ht_u256_of(7)};
    struct ht_buf bytes;
    ht_bytes *views = calloc(block->receipt_count + 1, sizeof *views);
    size_t *ends = calloc(block->receipt_count + 1, sizeof *ends);
    assert_true(views != NULL && ends != NULL);
    ht_buf_init(&bytes, ARENA_MAX);
    for (size_t i = 0; i < block->receipt_count; i++) {
        ht_bloom_join(header.logs_bloom, block->receipts[i].logs_bloom);
        assert_int_equal(ht_receipt_encode(&bytes, &block->receipts[i]), HT_OK);
        ends[i + 1] = bytes.n;
    }
    for (size_t i = 0; i < block->receipt_count; i++) {
        views[i] = ht_bytes_of(bytes.p + ends[i], ends[i + 1] - ends[i]);
    }
    assert_int_equal(
        ht_trie_list_root(&header.receipts_root, views, block->receipt_count, NULL, NULL), HT_OK);
    if (at > 0) header.parent_hash = world->blocks[at - 1].header.hash;
    if (at == world->anchor) header.state_root = world->state.root;
    ht_bm_verify(&block->header, &header);
    ht_buf_fini(&bytes);
    free(views);
    free(ends);
}

static void put_strange_vote(struct audit_world *world, struct audit_world_block *block) {
    struct ht_log log = vote_log(world, 5, &GOVERNOR);
    uint8_t *data = take(world, log.data.n);
    memcpy(data, log.data.p, log.data.n);
    put_u64(data, 78);
    log.data.p = data;
    put_receipt(world, block, &log, 1);
}

static void fill_blocks(struct audit_world *world) {
    const struct audit_world_plan *plan = &world->plan;
    struct ht_log created = {
        .address = GOVERNOR, .topic_count = 1, .topics = {ht_gov_topic_proposal_created}};
    size_t vote = 0;
    for (size_t at = 0; at < world->block_count; at++) {
        struct audit_world_block *block = &world->blocks[at];
        block->receipts =
            take(world, (plan->votes_per_block + plan->filler + 2) * sizeof *block->receipts);
        if (at == 0) {
            created.data = created_data(world);
            put_receipt(world, block, &created, 1);
            if (plan->twist == AUDIT_WORLD_STRANGE_VOTE) put_strange_vote(world, block);
        }
        if (at < 2 || at >= 2 + plan->vote_blocks) continue;
        for (size_t i = 0; i < plan->filler; i++) put_filler(world, block, i);
        for (size_t i = 0; i < plan->votes_per_block; i++, vote++) {
            const struct ht_log log = vote_log(world, vote, &GOVERNOR);
            put_receipt(world, block, &log, 1);
            store_vote(world, vote);
        }
    }
}

/* --- storage ---------------------------------------------------------------------------------- */

static void put_slot(struct audit_world *world, const ht_hash32 *slot, const uint8_t *value) {
    struct ht_buf rlp;
    struct ht_rlp_writer writer;
    ht_hash32 key;
    size_t zeros = 0;
    while (zeros < 32 && value[zeros] == 0) zeros++;
    if (zeros == 32) return;
    ht_buf_init(&rlp, 64);
    ht_rlp_writer_init(&writer, &rlp);
    ht_rlp_write_bytes(&writer, ht_bytes_of(value + zeros, 32 - zeros));
    assert_int_equal(ht_rlp_finish(&writer), HT_OK);
    ht_keccak256(&key, HT_BYTES(slot->b));
    ht_tm_put(&world->storage, HT_BYTES(key.b), ht_buf_view(&rlp));
    ht_buf_fini(&rlp);
}

/* proposer 160 | voteStart 48 | voteDuration 32, from the low end. */
static void put_core(struct audit_world *world, const ht_hash32 *slot) {
    uint8_t word[32] = {0};
    const uint64_t duration = world->end - world->start;
    memcpy(word + 12, PROPOSER.b, 20);
    if (world->plan.twist == AUDIT_WORLD_OTHER_PROPOSER) word[31] ^= 1;
    for (size_t k = 0; k < 6; k++) word[11 - k] = (uint8_t)(world->start >> 8 * k);
    for (size_t k = 0; k < 4; k++) word[5 - k] = (uint8_t)(duration >> 8 * k);
    put_slot(world, slot, word);
}

static void put_words(struct audit_world *world) {
    ht_hash32 key, core, tally, slot;
    const ht_u256 one = ht_u256_of(1);
    ht_u256 stored[3];
    memcpy(stored, world->stored, sizeof stored);
    if (world->plan.twist == AUDIT_WORLD_MORE_STORED) ht_u256_add(&stored[1], &stored[1], &one);
    if (world->plan.twist == AUDIT_WORLD_LESS_STORED) ht_u256_sub(&stored[1], &stored[1], &one);
    ht_u256_to_be(key.b, &world->id);
    ht_gov_slot_map(&core, &key, &world->layout.base[HT_GOV_PROPOSALS]);
    ht_gov_slot_map(&tally, &key, &world->layout.base[HT_GOV_PROPOSAL_VOTES]);
    put_core(world, &core);
    for (size_t k = 0; k < 3; k++) {
        uint8_t word[32];
        ht_u256_to_be(word, &stored[k]);
        ht_gov_slot_add(&slot, &tally, k);
        put_slot(world, &slot, word);
    }
}

static void put_marks(struct audit_world *world) {
    const uint8_t set[32] = {[31] = 1};
    const size_t votes = world->plan.vote_blocks * world->plan.votes_per_block;
    for (size_t i = world->plan.twist == AUDIT_WORLD_NO_MARK ? 1 : 0; i < votes; i++) {
        const ht_addr20 voter = audit_world_voter(i);
        ht_hash32 slot;
        ht_gov_slot_voter(&slot, &world->layout, &world->id, &voter);
        put_slot(world, &slot, set);
    }
}

/* Two checkpoints of each voter: of before the snapshot and of after it. */
static void put_history(struct audit_world *world) {
    const size_t votes = world->plan.vote_blocks * world->plan.votes_per_block;
    const uint8_t two[32] = {[31] = 2};
    for (size_t i = 0; world->plan.has_token && i < votes; i++) {
        const ht_addr20 voter = audit_world_voter(i);
        ht_hash32 key = {{0}}, array, slot;
        uint8_t before[32], after[32];
        const bool is_poorer = i == 0 && world->plan.is_first_poorer;
        ht_u256 word = ht_u256_of(AUDIT_WORLD_WEIGHT + i - (is_poorer ? 1 : 0)), more;
        memcpy(key.b + 12, voter.b, sizeof voter.b);
        ht_gov_slot_map(&array, &key, &ht_gov_token_layout_upgradeable.checkpoints);
        put_slot(world, &array, two);
        ht_u256_shift_left(&word, &word, 48);
        more = word;
        word.limb[0] |= 1;
        more.limb[0] |= world->start + 1;
        ht_u256_to_be(before, &word);
        ht_u256_to_be(after, &more);
        ht_gov_slot_data(&slot, &array);
        put_slot(world, &slot, before);
        ht_gov_slot_add(&slot, &slot, 1);
        put_slot(world, &slot, after);
    }
}

static void put_account(struct audit_world *world, const ht_addr20 *address,
                        const struct ht_account *account) {
    uint8_t rlp[HT_ACCOUNT_RLP_MAX];
    ht_hash32 key;
    ht_keccak256(&key, HT_BYTES(address->b));
    ht_tm_put(&world->state, HT_BYTES(key.b), ht_bytes_of(rlp, ht_account_encode(rlp, account)));
}

static void make_state(struct audit_world *world) {
    uint64_t random = 7;
    struct ht_account other;
    put_words(world);
    put_marks(world);
    put_history(world);
    ht_account_init_empty(&other);
    for (size_t i = 0; i < world->plan.crowd; i++) {
        ht_hash32 slot;
        ht_addr20 address;
        const uint8_t value[32] = {[20] = 1, [31] = (uint8_t)i};
        ht_tm_random_fill(slot.b, sizeof slot.b, &random);
        put_slot(world, &slot, value);
        ht_tm_random_fill(address.b, sizeof address.b, &random);
        other.nonce = i + 1;
        put_account(world, &address, &other);
    }
    ht_tm_finish(&world->storage);
    ht_account_init_empty(&world->account);
    world->account.nonce = 1;
    world->account.storage_root = world->storage.root;
    ht_keccak256(&world->account.code_hash, ht_bytes_str("code"));
    put_account(world, &world->governor, &world->account);
    ht_tm_finish(&world->state);
}

/* --- the whole -------------------------------------------------------------------------------- */

static enum ht_err committee_of(void *user, struct ht_bls_committee **out, uint64_t period,
                                struct ht_why *why) {
    struct audit_world *world = user;
    if (period != world->period) {
        return ht_fail(why, HT_ENOTFOUND, "committee_unknown", "that committee is not known");
    }
    *out = &world->committee;
    return HT_OK;
}

static void make_final(struct audit_world *world) {
    const uint64_t begin = 3 * ht_slots_per_period(&world->builder->network);
    const struct ht_lcb_plan plan = {.kind = HT_LC_FINALITY_UPDATE,
                                     .attested_slot = begin + 20,
                                     .finalized_slot = begin + 4,
                                     .has_finality = true,
                                     .block_hash =
                                         &world->blocks[world->block_count - 1].header.hash};
    world->update = ht_lcb_update(world->builder, &plan);
    world->period = 3;
    const struct ht_sync_committee *keys = &ht_lcb_committee(world->builder, 3)->keys;
    ht_bls_committee_init(&world->committee, keys->pubkeys[0],
                          world->builder->network.preset->sync_committee_size,
                          keys->aggregate_pubkey);
    world->judge = (struct ht_gov_judge){.network = &world->builder->network,
                                         .now_ms = INT64_C(1000) * AUDIT_WORLD_NOW_S,
                                         .committee = committee_of,
                                         .user = world};
}

void audit_world_open(struct audit_world *world, const struct audit_world_plan *plan) {
    char target[1024];
    const bool is_time = plan->twist == AUDIT_WORLD_TIME;
    *world = (struct audit_world){.plan = *plan, .governor = GOVERNOR};
    ht_arena_init(&world->arena, ARENA_MAX);
    ht_tm_init(&world->storage);
    ht_tm_init(&world->state);
    (void)snprintf(target, sizeof target, TARGET, is_time ? "timestamp" : "blocknumber",
                   plan->twist == AUDIT_WORLD_SPLIT ? "fractional" : "simple");
    json_t *json = json_loads(target, 0, NULL);
    assert_int_equal(ht_gov_layout_read(&world->layout, json, NULL), HT_OK);
    json_decref(json);
    world->block_count = plan->vote_blocks + 4;
    world->anchor = world->block_count - (plan->twist == AUDIT_WORLD_TAIL ? 2 : 1);
    world->start = is_time ? AUDIT_WORLD_TIME_S + 12 : AUDIT_WORLD_FIRST + 1;
    world->end = world->start + (is_time ? 12 : 1) * plan->vote_blocks;
    world->blocks = take(world, world->block_count * sizeof *world->blocks);
    fill_blocks(world);
    make_state(world);
    for (size_t at = 0; at < world->block_count; at++) close_block(world, at);
    world->builder = ht_lcb_new_at(5, HT_ELECTRA, HT_ELECTRA);
    world->builder->network.genesis_time_ms = INT64_C(1000) * (AUDIT_WORLD_TIME_S - 1000);
    world->builder->network.slot_duration_ms = 6000;
    make_final(world);
}

void audit_world_close(struct audit_world *world) {
    ht_tm_fini(&world->storage);
    ht_tm_fini(&world->state);
    ht_lcb_free(world->builder);
    free(world->update);
    ht_arena_fini(&world->arena);
}

static struct ht_proof_nodes path_of(struct audit_world *world, struct ht_trie_maker *trie,
                                     ht_bytes what) {
    struct ht_tm_proof proof;
    ht_hash32 key;
    ht_keccak256(&key, what);
    ht_tm_proof(&proof, trie, HT_BYTES(key.b));
    struct ht_proof_nodes out = {.nodes = take(world, proof.count * sizeof *out.nodes + 1),
                                 .count = proof.count};
    memcpy(out.nodes, proof.nodes, proof.count * sizeof *out.nodes);
    return out;
}

struct ht_get_proof audit_world_proof(struct audit_world *world, const ht_hash32 *slots,
                                      size_t count) {
    struct ht_get_proof out = {.address = world->governor,
                               .storage_root = world->account.storage_root,
                               .code_hash = world->account.code_hash,
                               .slot_count = count};
    struct ht_account account;
    bool exists = false;
    put_u64(out.nonce, world->account.nonce);
    out.proof = path_of(world, &world->state, HT_BYTES(world->governor.b));
    out.slots = take(world, count * sizeof *out.slots + 1);
    for (size_t i = 0; i < count; i++) {
        out.slots[i].slot = slots[i];
        out.slots[i].proof = path_of(world, &world->storage, HT_BYTES(slots[i].b));
        assert_int_equal(ht_storage_prove(out.slots[i].value, &out.storage_root, &slots[i],
                                          out.slots[i].proof.nodes, out.slots[i].proof.count, NULL),
                         HT_OK);
    }
    assert_int_equal(ht_get_proof_check(&account, &exists, &out, &world->state.root,
                                        &world->governor, slots, count, NULL),
                     HT_OK);
    return out;
}

static enum ht_err make_token(struct ht_gov_making *making, struct audit_world *world,
                              struct ht_why *why) {
    struct ht_gov_audit_token *token = NULL;
    const ht_hash32 *slots = NULL;
    size_t count = 0;
    const struct ht_gov_vote *votes = ht_gov_making_votes(making, &count);
    enum ht_err err =
        ht_gov_audit_token_new(&token, &world->governor, &ht_gov_token_layout_upgradeable,
                               world->start, votes, count, why);
    while (err == HT_OK && (count = ht_gov_audit_token_next(token, &slots)) > 0) {
        const struct ht_get_proof proof = audit_world_proof(world, slots, count);
        err = ht_gov_audit_token_take(token, &proof, why);
    }
    if (err == HT_OK) err = ht_gov_making_token(making, token, why);
    ht_gov_audit_token_free(token);
    return err;
}

struct ht_gov_making *audit_world_making(struct audit_world *world) {
    struct ht_gov_making *making = NULL;
    struct ht_finality finality = {0};
    const ht_hash32 *slots = NULL;
    size_t count = 0;
    const struct ht_network *network = &world->builder->network;
    struct ht_why why = {.text = ""};
    enum ht_err err =
        ht_gov_making_new(&making, network, &world->layout, &world->governor, &world->id);
    if (err == HT_OK && world->plan.is_lean) ht_gov_making_bound(making, 0);
    for (size_t at = 0; err == HT_OK && at < world->block_count; at++) {
        const struct audit_world_block *block = &world->blocks[at];
        err = at <= world->anchor ? ht_gov_making_block(making, &block->header, block->receipts,
                                                        block->receipt_count, &why)
                                  : ht_gov_making_after(making, &block->header, &why);
    }
    if (err == HT_OK) err = ht_gov_making_slots(&slots, &count, making, &why);
    if (err == HT_OK) {
        const struct ht_get_proof proof = audit_world_proof(world, slots, count);
        err = ht_gov_making_proof(making, &proof, &why);
    }
    if (err == HT_OK && world->plan.has_token) err = make_token(making, world, &why);
    if (err != HT_OK) fail_msg("%s", why.text);
    assert_int_equal(ht_finality_set(&finality, network, world->update,
                                     &world->blocks[world->block_count - 1].header.hash),
                     HT_OK);
    assert_int_equal(ht_gov_making_finality(making, &finality, NULL), HT_OK);
    ht_finality_fini(&finality);
    return making;
}

json_t *audit_world_bundle(struct audit_world *world, struct ht_why *why) {
    struct ht_gov_making *making = audit_world_making(world);
    json_t *out = NULL;
    const bool is_made = ht_gov_making_finish(&out, making, AUDIT_WORLD_NOW_S, why) == HT_OK;
    ht_gov_making_free(making);
    return is_made ? out : NULL;
}

json_t *audit_world_forged(struct audit_world *world) {
    struct ht_gov_making *making = audit_world_making(world);
    json_t *out = ht_gov_making_unchecked(making, AUDIT_WORLD_NOW_S);
    ht_gov_making_free(making);
    assert_non_null(out);
    return out;
}
