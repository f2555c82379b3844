/* The walk along the chain: state, block after block, and what each is held against. */
#include "tests/vectors/chain_blocks.h"

#include <stdio.h>

#include "node/l1/execution/block_check.h"
#include "tests/vectors/chain_read.h"

#define MEMORY_MAX ((size_t)1 << 30)
#define REWARD_WEI 2000000000000000000U /* EIP-1234, until the Merge */

struct walk {
    struct ht_chain_file file;
    struct ht_evm *evm;
    struct ht_evm_world *world;
    struct ht_vec_report *report;
};

static enum ht_err wrong(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EUNVERIFIED, "case", "%s", what);
}

/* --- from the Merge on ------------------------------------------------------------------------*/

static enum ht_err execute(struct walk *walk, const struct ht_chain_block *block,
                           const struct ht_chain_block *parent, const struct ht_block_rules *rules,
                           struct ht_why *why) {
    const struct ht_block_content content = {.transactions = block->transactions,
                                             .senders = block->senders,
                                             .count = block->count,
                                             .withdrawals = block->withdrawals,
                                             .withdrawal_count = block->withdrawal_count};
    const struct ht_evm_limits limits = {.memory_max = MEMORY_MAX};
    return ht_block_execute(walk->evm, walk->world, &walk->file.state, rules,
                            &block->claimed.header, &parent->claimed.header, &content, &limits,
                            why);
}

/* --- before it --------------------------------------------------------------------------------*/

static enum ht_err pay(struct ht_evm_world *world, const ht_addr20 *to, uint64_t wei,
                       struct ht_why *why) {
    struct ht_evm_object *object = NULL;
    ht_u256 balance = ht_u256_of(wei);
    enum ht_err err = ht_evm_world_find(&object, world, to, why);
    if (err != HT_OK) return err;
    ht_u256_add(&balance, &balance, &object->account.balance);
    return ht_evm_world_set_balance(world, object, &balance);
}

/* Yellow Paper 11.3. */
static enum ht_err pay_rewards(struct ht_evm_world *world, const struct ht_chain_block *block,
                               struct ht_why *why) {
    const struct ht_exec_header *header = &block->claimed.header;
    ht_evm_world_begin(world);
    enum ht_err err =
        pay(world, &header->coinbase, REWARD_WEI + block->uncle_count * (REWARD_WEI / 32), why);
    for (size_t i = 0; i < block->uncle_count && err == HT_OK; i++) {
        const struct ht_exec_header *uncle = &block->uncles[i].header;
        err = pay(world, &uncle->coinbase, REWARD_WEI / 8 * (8 + uncle->number - header->number),
                  why);
    }
    return err == HT_OK ? ht_evm_world_end(world) : err;
}

static enum ht_err check_old(struct walk *walk, const struct ht_block_run *run,
                             const struct ht_exec_header *header, struct ht_why *why) {
    ht_hash32 root;
    enum ht_err err = ht_world_root(&root, &walk->file.state, walk->world, why);
    if (err != HT_OK) return err;
    if (run->gas_used != header->gas_used) return wrong(why, "gas used differs");
    if (!ht_hash32_equal(&run->receipts_root, &header->receipts_root)) {
        return wrong(why, "receipts root differs");
    }
    if (memcmp(run->logs_bloom, header->logs_bloom, sizeof run->logs_bloom) != 0) {
        return wrong(why, "logs bloom differs");
    }
    if (!ht_hash32_equal(&root, &header->state_root)) return wrong(why, "state root differs");
    return HT_OK;
}

/* DIFFICULTY is where PREVRANDAO is later. */
static enum ht_err execute_old(struct walk *walk, const struct ht_chain_block *block,
                               const struct ht_block_rules *rules, struct ht_why *why) {
    const struct ht_exec_header *header = &block->claimed.header;
    const struct ht_evm_origin nobody = {0};
    const struct ht_evm_limits limits = {.memory_max = MEMORY_MAX};
    struct ht_evm_block place;
    struct ht_block_run run;
    enum ht_err err = ht_block_of_header(&place, header, rules, why);
    if (err != HT_OK) return err;
    ht_u256_to_be(place.prev_randao.b, &header->difficulty);
    ht_evm_set(walk->evm, rules->evm, walk->world, &place, &nobody, NULL, &limits);
    err = ht_block_run_begin(&run, walk->evm, walk->world, rules, header->gas_limit,
                             &header->parent_hash, NULL, why);
    for (size_t i = 0; i < block->count && err == HT_OK; i++) {
        struct ht_evm_outcome outcome;
        err = ht_block_run_transaction(&run, &outcome, &block->transactions[i], &block->senders[i],
                                       NULL, why);
    }
    if (err == HT_OK) err = ht_block_run_end(&run, NULL, 0, why);
    if (err == HT_OK) err = pay_rewards(walk->world, block, why);
    if (err == HT_OK) err = check_old(walk, &run, header, why);
    ht_block_run_fini(&run);
    return err;
}

/* --- the walk ---------------------------------------------------------------------------------*/

static void run_block(struct walk *walk, size_t i) {
    const struct ht_chain_block *block = &walk->file.blocks[i];
    struct ht_block_rules rules;
    struct ht_why why = {0};
    char name[96];
    (void)snprintf(name, sizeof name, "%.60sblock %llu", walk->file.title,
                   (unsigned long long)block->claimed.header.number);
    ht_chain_rules_at(&rules, &walk->file, &block->claimed.header);
    enum ht_err err = HT_OK;
    if (rules.evm->fork >= HT_EVM_PARIS) {
        err = execute(walk, block, &walk->file.blocks[i - 1], &rules, &why);
    } else {
        err = execute_old(walk, block, &rules, &why);
    }
    if (err == HT_OK) {
        ht_vec_pass(walk->report, name);
    } else {
        ht_vec_fail(walk->report, name, "%s: %s (%s)", rules.evm->name, why.text, why.code);
    }
}

static enum ht_err begin(struct walk *walk, const char *states_path, struct ht_why *why) {
    struct ht_evm_source source;
    ht_hash32 root;
    enum ht_err err = ht_chain_file_read(&walk->file, states_path, why);
    if (err == HT_OK) err = ht_world_root(&root, &walk->file.state, NULL, why);
    if (err != HT_OK) return err;
    const struct ht_chain_block *before = &walk->file.blocks[walk->file.first - 1];
    if (walk->file.first > 1 && !ht_hash32_equal(&root, &before->claimed.header.state_root)) {
        return wrong(why, "the state to begin with is not the one of the header before");
    }
    ht_known_state_source(&source, &walk->file.state);
    err = ht_evm_new(&walk->evm);
    return err == HT_OK ? ht_evm_world_new(&walk->world, &source, MEMORY_MAX) : err;
}

void ht_vec_chain_blocks(const char *states_path, struct ht_vec_report *report) {
    struct walk walk = {.report = report};
    struct ht_why why = {0};
    enum ht_err err = begin(&walk, states_path, &why);
    if (err != HT_OK) {
        ht_vec_fail(report, walk.file.title, "blocks: %s (%s)", why.text, why.code);
    } else {
        for (size_t i = walk.file.first; i < walk.file.block_count; i++) run_block(&walk, i);
        ht_vec_note("%zu blocks executed again, from block %zu on",
                    walk.file.block_count - walk.file.first, walk.file.first);
    }
    ht_evm_world_free(walk.world);
    ht_evm_free(walk.evm);
    ht_chain_file_free(&walk.file);
}
