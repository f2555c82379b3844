/* Whether a header is right beside its parent, and beside what its block comes to. */
#include "node/l1/execution/block_check.h"

#define GAS_LIMIT_MIN 5000U
#define GAS_LIMIT_STEPS 1024U

static enum ht_err differs(struct ht_why *why, const char *code, const char *what) {
    return ht_fail(why, HT_EUNVERIFIED, code, "block: %s", what);
}

/* --- the header --------------------------------------------------------------------------------*/

static enum ht_err check_fields(const struct ht_exec_header *header,
                                const struct ht_block_rules *rules, struct ht_why *why) {
    static const uint8_t no_nonce[sizeof header->nonce];
    if (rules->evm == NULL || rules->evm->fork < HT_EVM_PARIS) {
        return ht_fail(why, HT_EDENIED, "fork_not_run",
                       "block %llu is of a fork whose blocks this program does not execute",
                       (unsigned long long)header->number);
    }
    if (header->layout != ht_block_layout(rules->evm->fork)) {
        return differs(why, "block_fields", "its header has the fields of another fork");
    }
    if (!ht_u256_is_zero(&header->difficulty) ||
        memcmp(header->nonce, no_nonce, sizeof no_nonce) != 0 ||
        !ht_hash32_equal(&header->ommers_hash, &ht_block_no_ommers)) {
        return differs(why, "block_fields", "difficulty, nonce or uncles after the Merge");
    }
    return HT_OK;
}

static enum ht_err check_parent(const struct ht_exec_header *header,
                                const struct ht_exec_header *parent, struct ht_why *why) {
    ht_hash32 hash;
    enum ht_err err = ht_exec_header_hash(&hash, parent);
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "out of memory");
    if (!ht_hash32_equal(&hash, &header->parent_hash) || header->number - 1 != parent->number ||
        header->timestamp <= parent->timestamp) {
        return differs(why, "block_parent", "not the hash, number or time after its parent's");
    }
    return HT_OK;
}

static enum ht_err check_gas(const struct ht_exec_header *header,
                             const struct ht_exec_header *parent, struct ht_why *why) {
    const uint64_t before = parent->gas_limit, now = header->gas_limit;
    const uint64_t step = now > before ? now - before : before - now;
    ht_u256 base_fee;
    if (step >= before / GAS_LIMIT_STEPS || now < GAS_LIMIT_MIN || header->gas_used > now) {
        return differs(why, "block_gas_limit",
                       "its gas limit is too far from its parent's, or "
                       "too low for the gas that it used");
    }
    ht_next_base_fee(&base_fee, parent);
    if (!ht_u256_equal(&base_fee, &header->base_fee_per_gas)) {
        return differs(why, "block_base_fee", "its base fee is not what its parent leads to");
    }
    return HT_OK;
}

static enum ht_err check_blobs(const struct ht_exec_header *header,
                               const struct ht_exec_header *parent,
                               const struct ht_block_rules *rules, struct ht_why *why) {
    uint64_t excess = 0;
    if (header->layout < HT_EXEC_LAYOUT_CANCUN) return HT_OK;
    if (parent->layout >= HT_EXEC_LAYOUT_CANCUN) {
        enum ht_err err = ht_next_excess_blob_gas(&excess, parent, &rules->blobs, why);
        if (err != HT_OK) return err;
    }
    if (header->excess_blob_gas != excess) {
        return differs(why, "block_excess_blob_gas",
                       "its excess blob gas is not what its parent leads to");
    }
    if (header->blob_gas_used > rules->blobs.max * HT_GAS_PER_BLOB) {
        return differs(why, "block_blobs", "more blobs than a block has");
    }
    return HT_OK;
}

enum ht_err ht_block_check_header(const struct ht_exec_header *header,
                                  const struct ht_exec_header *parent,
                                  const struct ht_block_rules *rules, struct ht_why *why) {
    enum ht_err err = check_fields(header, rules, why);
    if (err == HT_OK) err = check_parent(header, parent, why);
    if (err == HT_OK) err = check_gas(header, parent, why);
    return err == HT_OK ? check_blobs(header, parent, rules, why) : err;
}

/* --- executing ---------------------------------------------------------------------------------*/

enum ht_err ht_block_of_header(struct ht_evm_block *out, const struct ht_exec_header *header,
                               const struct ht_block_rules *rules, struct ht_why *why) {
    *out = (struct ht_evm_block){.number = header->number,
                                 .timestamp = header->timestamp,
                                 .gas_limit = header->gas_limit,
                                 .base_fee = header->base_fee_per_gas,
                                 .coinbase = header->coinbase,
                                 .prev_randao = header->prev_randao,
                                 .chain_id = rules->chain_id};
    if (header->layout < HT_EXEC_LAYOUT_CANCUN) return HT_OK;
    return ht_blob_base_fee(&out->blob_base_fee, header, &rules->blobs, why);
}

static enum ht_err check_content(const struct ht_exec_header *header,
                                 const struct ht_block_content *content, struct ht_why *why) {
    ht_hash32 root;
    enum ht_err err = ht_block_transactions_root(&root, content->transactions, content->count, why);
    if (err != HT_OK) return err;
    if (!ht_hash32_equal(&root, &header->transactions_root)) {
        return differs(why, "block_transactions", "not the header's transactions");
    }
    if (header->layout < HT_EXEC_LAYOUT_SHANGHAI) {
        return content->withdrawal_count == 0
                   ? HT_OK
                   : differs(why, "block_withdrawals", "withdrawals before their fork");
    }
    err = ht_block_withdrawals_root(&root, content->withdrawals, content->withdrawal_count, why);
    if (err != HT_OK || ht_hash32_equal(&root, &header->withdrawals_root)) return err;
    return differs(why, "block_withdrawals", "not the header's withdrawals");
}

/* What is cheap to tell apart comes first, so that the reason says the most. */
static enum ht_err check_outcome(const struct ht_block_run *run,
                                 const struct ht_exec_header *header, struct ht_why *why) {
    if (run->gas_used != header->gas_used) {
        return ht_fail(why, HT_EUNVERIFIED, "block_gas_used", "used %llu gas, the header says %llu",
                       (unsigned long long)run->gas_used, (unsigned long long)header->gas_used);
    }
    if (run->blob_gas_used != header->blob_gas_used) {
        return differs(why, "block_blob_gas_used", "not the header's blob gas used");
    }
    if (!ht_hash32_equal(&run->receipts_root, &header->receipts_root)) {
        return differs(why, "block_receipts", "the receipts have another root than the header's");
    }
    if (memcmp(run->logs_bloom, header->logs_bloom, sizeof run->logs_bloom) != 0) {
        return differs(why, "block_bloom", "the logs have another bloom than the header's");
    }
    if (!ht_hash32_equal(&run->requests_hash, &header->requests_hash)) {
        return differs(why, "block_requests", "the requests have another hash than the header's");
    }
    return HT_OK;
}

static enum ht_err run_content(struct ht_block_run *run, const struct ht_block_content *content,
                               struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < content->count && err == HT_OK; i++) {
        struct ht_evm_outcome outcome;
        err = ht_block_run_transaction(run, &outcome, &content->transactions[i],
                                       &content->senders[i], NULL, why);
        if (err != HT_OK) ht_why_context(why, "transaction %zu", i);
    }
    if (err != HT_OK) return err;
    return ht_block_run_end(run, content->withdrawals, content->withdrawal_count, why);
}

static enum ht_err check_state_root(const struct ht_known_state *state, struct ht_evm_world *world,
                                    const struct ht_exec_header *header, struct ht_why *why) {
    ht_hash32 root;
    enum ht_err err = ht_world_root(&root, state, world, why);
    if (err != HT_OK || ht_hash32_equal(&root, &header->state_root)) return err;
    return differs(why, "block_state_root", "the state has another root than the header's");
}

enum ht_err ht_block_execute(struct ht_evm *evm, struct ht_evm_world *world,
                             const struct ht_known_state *state, const struct ht_block_rules *rules,
                             const struct ht_exec_header *header,
                             const struct ht_exec_header *parent,
                             const struct ht_block_content *content,
                             const struct ht_evm_limits *limits, struct ht_why *why) {
    struct ht_block_run run;
    struct ht_evm_block block;
    const struct ht_evm_origin nobody = {0};
    enum ht_err err = ht_block_check_header(header, parent, rules, why);
    if (err == HT_OK) err = check_content(header, content, why);
    if (err == HT_OK) err = ht_block_of_header(&block, header, rules, why);
    if (err != HT_OK) return err;
    ht_evm_set(evm, rules->evm, world, &block, &nobody, NULL, limits);
    err = ht_block_run_begin(&run, evm, world, rules, header->gas_limit, &header->parent_hash,
                             &header->parent_beacon_block_root, why);
    if (err == HT_OK) err = run_content(&run, content, why);
    if (err == HT_OK) err = check_outcome(&run, header, why);
    if (err == HT_OK) err = check_state_root(state, world, header, why);
    ht_block_run_fini(&run);
    return err;
}
