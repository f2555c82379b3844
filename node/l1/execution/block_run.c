/* Blocks step by step. What a transaction does is the machine's (node/evm/transaction.h), roots are
 * made by trie_build.h and world_root.h; here is what lies between: order, sums, receipts and the
 * protocol's own calls. Whether a header and an outcome agree is said in block_check.c. */
#include "node/l1/execution/block_run.h"

#include "node/codec/rlp.h"
#include "node/crypto/sha256.h"
#include "node/l1/execution/history.h"
#include "node/l1/execution/trie_build.h"

#define GWEI 1000000000U
/* DepositEvent's data: five byte strings, in ABI encoding always at the same places (EIP-6110). */
#define DEPOSIT_DATA 576U
#define DEPOSIT_REQUEST 192U
#define REQUESTS_MAX ((size_t)64 << 20) /* bytes of one type */

static const ht_addr20 beacon_roots_address = {{0x00, 0x0f, 0x3d, 0xf6, 0xd7, 0x32, 0x80,
                                                0x7e, 0xf1, 0x31, 0x9f, 0xb7, 0xb8, 0xbb,
                                                0x85, 0x22, 0xd0, 0xbe, 0xac, 0x02}};
static const ht_addr20 withdrawals_address = {{0x00, 0x00, 0x09, 0x61, 0xef, 0x48, 0x0e,
                                               0xb5, 0x5e, 0x80, 0xd1, 0x9a, 0xd8, 0x35,
                                               0x79, 0xa6, 0x4c, 0x00, 0x70, 0x02}};
static const ht_addr20 consolidations_address = {{0x00, 0x00, 0xbb, 0xdd, 0xc7, 0xce, 0x48,
                                                  0x86, 0x42, 0xfb, 0x57, 0x9f, 0x8b, 0x00,
                                                  0xf3, 0xa5, 0x90, 0x00, 0x72, 0x51}};
/* keccak256("DepositEvent(bytes,bytes,bytes,bytes,bytes)") */
static const ht_hash32 deposit_topic = {{0x64, 0x9b, 0xbc, 0x62, 0xd0, 0xe3, 0x13, 0x42,
                                         0xaf, 0xea, 0x4e, 0x5c, 0xd8, 0x2d, 0x40, 0x49,
                                         0xe7, 0xe1, 0xee, 0x91, 0x2f, 0xc0, 0x88, 0x9a,
                                         0xa7, 0x90, 0x80, 0x3b, 0xe3, 0x90, 0x38, 0xc5}};

const ht_hash32 ht_block_no_ommers = {{0x1d, 0xcc, 0x4d, 0xe8, 0xde, 0xc7, 0x5d, 0x7a,
                                       0xab, 0x85, 0xb5, 0x67, 0xb6, 0xcc, 0xd4, 0x1a,
                                       0xd3, 0x12, 0x45, 0x1b, 0x94, 0x8a, 0x74, 0x13,
                                       0xf0, 0xa1, 0x42, 0xfd, 0x40, 0xd4, 0x93, 0x47}};

enum ht_exec_layout ht_block_layout(enum ht_evm_fork fork) {
    static const enum ht_exec_layout layouts[HT_EVM_FORK_COUNT] = {
        [HT_EVM_BERLIN] = HT_EXEC_LAYOUT_FRONTIER, [HT_EVM_LONDON] = HT_EXEC_LAYOUT_LONDON,
        [HT_EVM_PARIS] = HT_EXEC_LAYOUT_LONDON,    [HT_EVM_SHANGHAI] = HT_EXEC_LAYOUT_SHANGHAI,
        [HT_EVM_CANCUN] = HT_EXEC_LAYOUT_CANCUN,   [HT_EVM_PRAGUE] = HT_EXEC_LAYOUT_PRAGUE,
        [HT_EVM_OSAKA] = HT_EXEC_LAYOUT_PRAGUE,
    };
    return layouts[fork];
}

const ht_addr20 *ht_block_deposit_contract(uint64_t chain_id) {
    static const ht_addr20 mainnet = {{0x00, 0x00, 0x00, 0x00, 0x21, 0x9a, 0xb5, 0x40, 0x35, 0x6c,
                                       0xbb, 0x83, 0x9c, 0xbe, 0x05, 0x30, 0x3d, 0x77, 0x05, 0xfa}};
    static const ht_addr20 sepolia = {{0x7f, 0x02, 0xc3, 0xe3, 0xc9, 0x8b, 0x13, 0x30, 0x55, 0xb8,
                                       0xb3, 0x48, 0xb2, 0xac, 0x62, 0x56, 0x69, 0xed, 0x29, 0x5d}};
    static const struct {
        uint64_t chain_id;
        const ht_addr20 *address;
    } known[] = {{1, &mainnet}, {560048, &mainnet}, {11155111, &sepolia}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].chain_id == chain_id) return known[i].address;
    }
    return NULL;
}

static enum ht_err no_room(struct ht_why *why) {
    return ht_fail(why, HT_ELIMIT, "no_room", "a block with more receipts or requests than fit");
}

/* --- the beginning -----------------------------------------------------------------------------*/

enum ht_err ht_block_run_begin(struct ht_block_run *run, struct ht_evm *evm,
                               struct ht_evm_world *world, const struct ht_block_rules *rules,
                               uint64_t gas_limit, const ht_hash32 *parent_hash,
                               const ht_hash32 *beacon_root, struct ht_why *why) {
    struct ht_evm_result result;
    enum ht_err err = HT_OK;
    *run =
        (struct ht_block_run){.evm = evm, .world = world, .rules = rules, .gas_limit = gas_limit};
    ht_arena_init(&run->arena, HT_BLOCK_RECEIPTS_BYTES_MAX);
    ht_buf_init(&run->deposits, REQUESTS_MAX);
    /* Whether these two succeed changes nothing for the block. */
    if (rules->evm->has_beacon_root && beacon_root != NULL) {
        err =
            ht_evm_system_call(evm, &result, &beacon_roots_address, HT_BYTES(beacon_root->b), why);
    }
    if (err == HT_OK && rules->evm->has_block_history) {
        err = ht_evm_system_call(evm, &result, &ht_history_address, HT_BYTES(parent_hash->b), why);
    }
    return err;
}

void ht_block_run_fini(struct ht_block_run *run) {
    ht_arena_fini(&run->arena);
    ht_buf_fini(&run->deposits);
    run->receipts = NULL;
    run->receipt_count = run->receipt_cap = 0;
}

/* --- transactions ------------------------------------------------------------------------------*/

/* pubkey, withdrawal_credentials, amount, signature and index without what pads them. */
static enum ht_err take_deposit(struct ht_block_run *run, const struct ht_evm_log *log,
                                struct ht_why *why) {
    static const struct {
        size_t offset, n;
    } parts[] = {{160, 48}, {256, 32}, {320, 8}, {384, 96}, {512, 8}};
    uint8_t request[DEPOSIT_REQUEST], word[32] = {0};
    uint8_t *to = request;
    bool is_right = log->data.n == DEPOSIT_DATA;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && is_right; i++) {
        word[30] = (uint8_t)(parts[i].offset >> 8);
        word[31] = (uint8_t)parts[i].offset;
        is_right = memcmp(log->data.p + 32 * i, word, sizeof word) == 0;
        word[30] = 0;
        word[31] = (uint8_t)parts[i].n;
        is_right = is_right && memcmp(log->data.p + parts[i].offset, word, sizeof word) == 0;
        memcpy(to, log->data.p + parts[i].offset + sizeof word, parts[i].n);
        to += parts[i].n;
    }
    if (!is_right) {
        return ht_fail(why, HT_EUNVERIFIED, "block_deposit",
                       "the deposit contract logged what is no deposit");
    }
    return ht_buf_add(&run->deposits, HT_BYTES(request)) == HT_OK ? HT_OK : no_room(why);
}

static enum ht_err take_deposits(struct ht_block_run *run, const struct ht_evm_log *logs,
                                 size_t count, struct ht_why *why) {
    const ht_addr20 *contract = run->rules->deposit_contract;
    enum ht_err err = HT_OK;
    if (contract == NULL || run->rules->evm->fork < HT_EVM_PRAGUE) return HT_OK;
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        if (memcmp(logs[i].address.b, contract->b, sizeof contract->b) == 0 &&
            logs[i].topic_count > 0 && ht_hash32_equal(&logs[i].topics[0], &deposit_topic)) {
            err = take_deposit(run, &logs[i], why);
        }
    }
    return err;
}

static enum ht_err make_room(struct ht_block_run *run, struct ht_why *why) {
    if (run->receipt_count < run->receipt_cap) return HT_OK;
    size_t cap = run->receipt_cap == 0 ? 64 : 2 * run->receipt_cap;
    ht_bytes *receipts = NULL;
    if (cap <= HT_TRIE_LIST_MAX) receipts = ht_arena_alloc(&run->arena, cap * sizeof *receipts);
    if (receipts == NULL) return no_room(why);
    if (run->receipt_count > 0) {
        memcpy(receipts, run->receipts, run->receipt_count * sizeof *receipts);
    }
    run->receipts = receipts;
    run->receipt_cap = cap;
    return HT_OK;
}

/* The receipt in its EIP-2718 form; logs are the world's and gone with the next transaction. */
static enum ht_err add_receipt(struct ht_block_run *run, struct ht_receipt *receipt,
                               const struct ht_evm_log *logs, size_t count, struct ht_why *why) {
    void *room = NULL;
    struct ht_buf encoded;
    struct ht_arena arena;
    enum ht_err err = make_room(run, why);
    if (err != HT_OK) return err;
    ht_arena_init(&arena, HT_BLOCK_RECEIPTS_BYTES_MAX);
    ht_buf_init(&encoded, HT_RECEIPT_SIZE_MAX);
    err = ht_arena_array(&room, &arena, count, sizeof(struct ht_log), why);
    struct ht_log *copies = room;
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        copies[i] = (struct ht_log){
            .address = logs[i].address, .topic_count = logs[i].topic_count, .data = logs[i].data};
        memcpy(copies[i].topics, logs[i].topics, sizeof copies[i].topics);
    }
    if (err == HT_OK) {
        receipt->logs = copies;
        receipt->log_count = count;
        ht_receipt_bloom(receipt->logs_bloom, receipt);
        ht_bloom_join(run->logs_bloom, receipt->logs_bloom);
        err = ht_receipt_encode(&encoded, receipt);
        char *kept = err == HT_OK ? ht_arena_copy_str(&run->arena, ht_buf_view(&encoded)) : NULL;
        if (kept == NULL)
            err = no_room(why);
        else
            run->receipts[run->receipt_count++] = ht_bytes_of(kept, encoded.n);
    }
    ht_buf_fini(&encoded);
    ht_arena_fini(&arena);
    return err;
}

enum ht_err ht_block_run_transaction(struct ht_block_run *run, struct ht_evm_outcome *out,
                                     const struct ht_transaction *tx, const ht_addr20 *sender,
                                     const struct ht_evm_leave_out *leave_out, struct ht_why *why) {
    if (tx->gas_limit > run->gas_limit - run->gas_used) {
        return ht_fail(why, HT_EDENIED, "tx_gas_over_block", "gas limit %llu, the block has %llu",
                       (unsigned long long)tx->gas_limit,
                       (unsigned long long)(run->gas_limit - run->gas_used));
    }
    enum ht_err err = ht_evm_transact(run->evm, out, tx, sender, leave_out, why);
    if (err != HT_OK) return err;
    size_t count = 0;
    const struct ht_evm_log *logs = ht_evm_world_logs(run->world, &count);
    run->gas_used += out->gas_used;
    run->blob_gas_used += out->blob_gas_used;
    struct ht_receipt receipt = {.type = tx->type,
                                 .is_success = out->result.status == HT_EVM_SUCCESS,
                                 .cumulative_gas_used = run->gas_used};
    err = add_receipt(run, &receipt, logs, count, why);
    return err == HT_OK ? take_deposits(run, logs, count, why) : err;
}

/* --- the end -----------------------------------------------------------------------------------*/

/* EIP-4895: no transaction, but the state clears empty accounts behind it as behind one. */
static enum ht_err withdraw(struct ht_block_run *run, const struct ht_withdrawal *withdrawals,
                            size_t count, struct ht_why *why) {
    enum ht_err err = HT_OK;
    if (count == 0) return HT_OK;
    ht_evm_world_begin(run->world);
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        struct ht_evm_object *object = NULL;
        ht_u256 wei = ht_u256_of(withdrawals[i].amount), gwei = ht_u256_of(GWEI);
        err = ht_evm_world_find(&object, run->world, &withdrawals[i].address, why);
        if (err != HT_OK) break;
        ht_u256_mul(&wei, &wei, &gwei);
        ht_u256_add(&wei, &wei, &object->account.balance);
        err = ht_evm_world_set_balance(run->world, object, &wei);
    }
    return err == HT_OK ? ht_evm_world_end(run->world) : err;
}

/* EIP-7685: hashes are over the types in order, and those without data are left out. */
static enum ht_err add_request(struct ht_buf *hashes, uint8_t type, ht_bytes data,
                               struct ht_why *why) {
    struct ht_buf request;
    ht_hash32 hash;
    if (data.n == 0) return HT_OK;
    ht_buf_init(&request, REQUESTS_MAX + 1);
    enum ht_err err = ht_buf_add(&request, ht_bytes_of(&type, 1));
    if (err == HT_OK) err = ht_buf_add(&request, data);
    if (err == HT_OK) {
        ht_sha256(&hash, ht_buf_view(&request));
        err = ht_buf_add(hashes, HT_BYTES(hash.b));
    }
    ht_buf_fini(&request);
    return err == HT_OK ? HT_OK : no_room(why);
}

static enum ht_err collect_requests(struct ht_block_run *run, struct ht_why *why) {
    static const struct {
        uint8_t type;
        const ht_addr20 *address;
    } queues[] = {{1, &withdrawals_address}, {2, &consolidations_address}};
    struct ht_buf hashes;
    if (run->rules->evm->fork < HT_EVM_PRAGUE) return HT_OK;
    ht_buf_init(&hashes, 3 * sizeof(ht_hash32));
    enum ht_err err = add_request(&hashes, 0, ht_buf_view(&run->deposits), why);
    for (size_t i = 0; i < sizeof queues / sizeof *queues && err == HT_OK; i++) {
        struct ht_evm_result result;
        err = ht_evm_system_call(run->evm, &result, queues[i].address, (ht_bytes){0}, why);
        if (err != HT_OK) break;
        if (result.status == HT_EVM_SUCCESS) {
            err = add_request(&hashes, queues[i].type, result.output, why);
        } else {
            err = ht_fail(why, HT_EUNVERIFIED, "block_system_call",
                          "the protocol's call for requests of type %u failed: %s", queues[i].type,
                          ht_evm_status_text(result.status));
        }
    }
    if (err == HT_OK) ht_sha256(&run->requests_hash, ht_buf_view(&hashes));
    ht_buf_fini(&hashes);
    return err;
}

enum ht_err ht_block_run_end(struct ht_block_run *run, const struct ht_withdrawal *withdrawals,
                             size_t withdrawal_count, struct ht_why *why) {
    enum ht_err err = withdraw(run, withdrawals, withdrawal_count, why);
    if (err == HT_OK) err = collect_requests(run, why);
    if (err != HT_OK) return err;
    return ht_trie_list_root(&run->receipts_root, run->receipts, run->receipt_count, NULL, why);
}

/* --- roots -------------------------------------------------------------------------------------*/

/* The root of a list whose items are written one after the other. */
static enum ht_err list_root(ht_hash32 *out, const void *list, size_t count,
                             enum ht_err (*write)(struct ht_buf *to, const void *list, size_t i),
                             struct ht_why *why) {
    void *room = NULL;
    struct ht_arena arena;
    struct ht_buf item;
    ht_arena_init(&arena, HT_BLOCK_RECEIPTS_BYTES_MAX);
    ht_buf_init(&item, HT_TX_SIZE_MAX);
    enum ht_err err = ht_arena_array(&room, &arena, count, sizeof(ht_bytes), why);
    ht_bytes *values = room;
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        ht_buf_clear(&item);
        err = write(&item, list, i);
        char *copy = err == HT_OK ? ht_arena_copy_str(&arena, ht_buf_view(&item)) : NULL;
        if (copy == NULL)
            err = no_room(why);
        else
            values[i] = ht_bytes_of(copy, item.n);
    }
    if (err == HT_OK) err = ht_trie_list_root(out, values, count, NULL, why);
    ht_buf_fini(&item);
    ht_arena_fini(&arena);
    return err;
}

static enum ht_err write_withdrawal(struct ht_buf *to, const void *list, size_t i) {
    const struct ht_withdrawal *withdrawal = (const struct ht_withdrawal *)list + i;
    struct ht_rlp_writer writer;
    ht_rlp_writer_init(&writer, to);
    size_t begin = ht_rlp_list_begin(&writer);
    ht_rlp_write_u64(&writer, withdrawal->index);
    ht_rlp_write_u64(&writer, withdrawal->validator_index);
    ht_rlp_write_bytes(&writer, HT_BYTES(withdrawal->address.b));
    ht_rlp_write_u64(&writer, withdrawal->amount);
    ht_rlp_list_end(&writer, begin);
    return ht_rlp_finish(&writer);
}

static enum ht_err write_transaction(struct ht_buf *to, const void *list, size_t i) {
    return ht_tx_encode(to, (const struct ht_transaction *)list + i);
}

enum ht_err ht_block_transactions_root(ht_hash32 *out, const struct ht_transaction *transactions,
                                       size_t count, struct ht_why *why) {
    return list_root(out, transactions, count, write_transaction, why);
}

enum ht_err ht_block_withdrawals_root(ht_hash32 *out, const struct ht_withdrawal *withdrawals,
                                      size_t count, struct ht_why *why) {
    return list_root(out, withdrawals, count, write_withdrawal, why);
}
