/* The made-up chain. */
#include "tests/unit/chain_world.h"

#include <stdarg.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/history.h"

void ht_cw_init(struct ht_cw *world) {
    struct ht_block_maker maker;
    *world = (struct ht_cw){0};
    ht_bm_init(&maker, HT_EXEC_LAYOUT_PRAGUE);
    maker.count = 0;
    maker.withdrawal_count = 0;
    maker.header.gas_used = 0;
    ht_bm_finish(&maker);
    world->empty = maker.verified.header;
    ht_bm_fini(&maker);
}

void ht_cw_fini(struct ht_cw *world) {
    for (size_t i = 0; i < world->count; i++) {
        struct ht_block_maker *maker = world->blocks[i]->maker;
        if (maker != NULL) ht_bm_fini(maker);
        free(maker);
        free(world->blocks[i]);
    }
    for (size_t i = 0; i < world->state_count; i++) {
        struct ht_cw_state *state = world->states[i];
        for (size_t j = 0; j < state->count; j++) ht_tm_fini(&state->accounts[j].storage);
        ht_tm_fini(&state->trie);
        free(state);
    }
    free(world->blocks);
    *world = (struct ht_cw){0};
}

/* --- states ----------------------------------------------------------------------------------- */

struct ht_cw_state *ht_cw_state(struct ht_cw *world) {
    struct ht_cw_state *state = calloc(1, sizeof *state);
    assert_non_null(state);
    assert_true(world->state_count < HT_CW_STATES_MAX);
    ht_tm_init(&state->trie);
    world->states[world->state_count++] = state;
    return state;
}

struct ht_cw_account *ht_cw_account(struct ht_cw_state *state, const ht_addr20 *address,
                                    uint64_t nonce, uint64_t wei) {
    assert_true(state->count < HT_CW_ACCOUNTS_MAX);
    struct ht_cw_account *account = &state->accounts[state->count++];
    account->address = *address;
    ht_account_init_empty(&account->account);
    account->account.nonce = nonce;
    for (size_t i = 0; i < 8; i++) account->account.balance[31 - i] = (uint8_t)(wei >> (8 * i));
    ht_tm_init(&account->storage);
    return account;
}

void ht_cw_slot(struct ht_cw_account *account, const ht_hash32 *slot, const ht_hash32 *value) {
    struct ht_buf rlp;
    struct ht_rlp_writer writer;
    ht_hash32 key;
    size_t zeros = 0;
    while (zeros < 31 && value->b[zeros] == 0) zeros++;
    ht_buf_init(&rlp, 64);
    ht_rlp_writer_init(&writer, &rlp);
    ht_rlp_write_bytes(&writer, ht_bytes_of(value->b + zeros, 32 - zeros));
    assert_int_equal(ht_rlp_finish(&writer), HT_OK);
    ht_keccak256(&key, HT_BYTES(slot->b));
    ht_tm_put(&account->storage, HT_BYTES(key.b), ht_buf_view(&rlp));
    ht_buf_fini(&rlp);
}

void ht_cw_code(struct ht_cw_account *account, ht_bytes code) {
    account->code = code;
    ht_keccak256(&account->account.code_hash, code);
}

void ht_cw_history(struct ht_cw_state *state, const struct ht_cw_block *block) {
    ht_hash32 slot;
    size_t last = state->count;
    if (last == 0 || memcmp(state->accounts[last - 1].address.b, ht_history_address.b, 20) != 0) {
        (void)ht_cw_account(state, &ht_history_address, 1, 0);
    }
    ht_history_slot(&slot, block->verified.header.number);
    ht_cw_slot(&state->accounts[state->count - 1], &slot, &block->verified.hash);
}

void ht_cw_state_finish(struct ht_cw_state *state) {
    for (size_t i = 0; i < state->count; i++) {
        struct ht_cw_account *account = &state->accounts[i];
        uint8_t rlp[HT_ACCOUNT_RLP_MAX];
        ht_hash32 key;
        ht_tm_finish(&account->storage);
        account->account.storage_root = account->storage.root;
        ht_keccak256(&key, HT_BYTES(account->address.b));
        ht_tm_put(&state->trie, HT_BYTES(key.b),
                  ht_bytes_of(rlp, ht_account_encode(rlp, &account->account)));
    }
    ht_tm_finish(&state->trie);
}

/* --- blocks ----------------------------------------------------------------------------------- */

static struct ht_cw_block *add(struct ht_cw *world, const struct ht_cw_block *parent,
                               struct ht_cw_state *state) {
    struct ht_cw_block *block = calloc(1, sizeof *block);
    struct ht_cw_block **blocks =
        realloc(world->blocks, (world->count + 1) * sizeof *world->blocks);
    assert_true(block != NULL && blocks != NULL);
    world->blocks = blocks;
    world->blocks[world->count++] = block;
    block->parent = parent;
    block->state = state;
    return block;
}

static void place(struct ht_exec_header *header, const struct ht_cw_block *parent, uint64_t number,
                  const struct ht_cw_state *state) {
    header->number = parent != NULL ? parent->verified.header.number + 1 : number;
    header->timestamp = 1700000000 + 12 * header->number;
    if (parent != NULL) header->parent_hash = parent->verified.hash;
    if (state != NULL) header->state_root = state->trie.root;
}

struct ht_cw_block *ht_cw_add(struct ht_cw *world, const struct ht_cw_block *parent,
                              uint64_t number, struct ht_cw_state *state, uint8_t branch) {
    struct ht_exec_header header = world->empty;
    struct ht_cw_block *block = add(world, parent, state);
    place(&header, parent, number, state);
    header.extra_data.b[0] = branch;
    ht_bm_verify(&block->verified, &header);
    return block;
}

struct ht_cw_block *ht_cw_add_row(struct ht_cw *world, const struct ht_cw_block *parent,
                                  size_t count, uint8_t branch) {
    struct ht_cw_block *last = NULL;
    for (size_t i = 0; i < count; i++) {
        last = ht_cw_add(world, last != NULL ? last : parent, 0, NULL, branch);
    }
    return last;
}

struct ht_cw_block *ht_cw_add_full(struct ht_cw *world, const struct ht_cw_block *parent,
                                   uint64_t number, struct ht_cw_state *state,
                                   void (*edit)(struct ht_block_maker *maker)) {
    struct ht_cw_block *block = add(world, parent, state);
    struct ht_block_maker *maker = calloc(1, sizeof *maker);
    assert_non_null(maker);
    ht_bm_init(maker, HT_EXEC_LAYOUT_PRAGUE);
    place(&maker->header, parent, number, state);
    block->maker = maker;
    if (edit != NULL) edit(maker);
    ht_bm_finish(maker);
    block->verified = maker->verified;
    return block;
}

const struct ht_cw_block *ht_cw_at(const struct ht_cw_block *head, uint64_t number) {
    while (head != NULL && head->verified.header.number > number) head = head->parent;
    return head != NULL && head->verified.header.number == number ? head : NULL;
}

static const struct ht_cw_block *by_hash(const struct ht_cw *world, const json_t *text) {
    ht_hash32 hash;
    assert_int_equal(ht_json_hex(hash.b, sizeof hash.b, text, "", NULL), HT_OK);
    for (size_t i = 0; i < world->count; i++) {
        if (ht_hash32_equal(&world->blocks[i]->verified.hash, &hash)) return world->blocks[i];
    }
    return NULL;
}

/* --- what an honest provider says ------------------------------------------------------------- */

static json_t *hex(ht_bytes bytes) {
    char *text = malloc(HT_HEX_SIZE(bytes.n));
    assert_non_null(text);
    ht_hex_write(text, bytes);
    json_t *json = json_string(text);
    free(text);
    return json;
}

static json_t *hex_number(const uint8_t bytes[static 32]) {
    char text[HT_HEX_SIZE(32)];
    ht_hex_write(text, ht_bytes_of(bytes, 32));
    const char *digits = text + 2;
    while (digits[0] == '0' && digits[1] != '\0') digits++;
    return json_sprintf("0x%s", digits);
}

static json_t *block_json(const struct ht_cw_block *block) {
    json_t *json = NULL;
    if (block == NULL) return json_null();
    if (block->maker != NULL) return json_incref(block->maker->block);
    assert_int_equal(ht_exec_header_to_json(&json, &block->verified.header, &block->verified.hash),
                     HT_OK);
    json_object_set_new(json, "transactions", json_array());
    json_object_set_new(json, "uncles", json_array());
    json_object_set_new(json, "withdrawals", json_array());
    return json;
}

static json_t *proof_json(struct ht_trie_maker *trie, const uint8_t *key, size_t n) {
    struct ht_tm_proof proof;
    ht_hash32 hashed;
    json_t *nodes = json_array();
    if (trie->trie.count == 0) return nodes;
    ht_keccak256(&hashed, ht_bytes_of(key, n));
    ht_tm_proof(&proof, trie, HT_BYTES(hashed.b));
    for (size_t i = 0; i < proof.count; i++) json_array_append_new(nodes, hex(proof.nodes[i]));
    return nodes;
}

static struct ht_cw_account *account_at(struct ht_cw_state *state, const json_t *address) {
    ht_addr20 wanted;
    assert_int_equal(ht_json_hex(wanted.b, sizeof wanted.b, address, "", NULL), HT_OK);
    for (size_t i = 0; i < state->count; i++) {
        if (memcmp(state->accounts[i].address.b, wanted.b, 20) == 0) return &state->accounts[i];
    }
    return NULL;
}

static json_t *slot_json(struct ht_trie_maker *storage, const json_t *key) {
    struct ht_tm_proof proof = {.count = 0};
    ht_hash32 slot, hashed;
    uint8_t value[32] = {0};
    assert_int_equal(ht_json_hex(slot.b, sizeof slot.b, key, "", NULL), HT_OK);
    ht_keccak256(&hashed, HT_BYTES(slot.b));
    if (storage->trie.count > 0) ht_tm_proof(&proof, storage, HT_BYTES(hashed.b));
    ht_bytes rlp = proof.value;
    size_t skip = rlp.n > 1 ? 1 : 0; /* of a string below 56 bytes */
    if (rlp.n > 0) memcpy(value + 32 - (rlp.n - skip), rlp.p + skip, rlp.n - skip);
    return json_pack("{s:O, s:o, s:o}", "key", key, "value", hex_number(value), "proof",
                     proof_json(storage, slot.b, sizeof slot.b));
}

static json_t *get_proof(struct ht_cw_state *state, const json_t *params) {
    const json_t *address = json_array_get(params, 0);
    struct ht_cw_account *there = account_at(state, address);
    struct ht_trie_maker empty = {.root = {{0}}};
    struct ht_trie_maker *storage = there != NULL ? &there->storage : &empty;
    struct ht_account account;
    ht_addr20 at;
    ht_account_init_empty(&account);
    if (there != NULL) account = there->account;
    assert_int_equal(ht_json_hex(at.b, sizeof at.b, address, "", NULL), HT_OK);
    json_t *slots = json_array();
    const json_t *keys = json_array_get(params, 1);
    for (size_t i = 0; i < json_array_size(keys); i++) {
        json_array_append_new(slots, slot_json(storage, json_array_get(keys, i)));
    }
    return json_pack("{s:O, s:o, s:o, s:o, s:o, s:o, s:o}", "address", address, "accountProof",
                     proof_json(&state->trie, at.b, sizeof at.b), "balance",
                     hex_number(account.balance), "nonce",
                     json_sprintf("0x%llx", (unsigned long long)account.nonce), "codeHash",
                     hex(HT_BYTES(account.code_hash.b)), "storageHash",
                     hex(HT_BYTES(account.storage_root.b)), "storageProof", slots);
}

/* With where it stands; NULL when it is not in that block. */
static json_t *transaction_of(const struct ht_cw_block *block, const ht_hash32 *wanted) {
    for (size_t i = 0; block->maker != NULL && i < block->maker->count; i++) {
        ht_hash32 hash;
        assert_int_equal(ht_tx_hash(&hash, &block->maker->transactions[i]), HT_OK);
        if (!ht_hash32_equal(&hash, wanted)) continue;
        json_t *list = json_object_get(block->maker->block, "transactions");
        json_t *one = json_deep_copy(json_array_get(list, i));
        json_object_set_new(one, "blockHash", hex(HT_BYTES(block->verified.hash.b)));
        json_object_set_new(one, "transactionIndex", json_sprintf("0x%zx", i));
        return one;
    }
    return NULL;
}

/* On the head's branch first. */
static json_t *transaction_json(const struct ht_cw *world, const struct ht_cw_block *head,
                                const json_t *params) {
    ht_hash32 wanted;
    assert_int_equal(ht_json_hex(wanted.b, sizeof wanted.b, json_array_get(params, 0), "", NULL),
                     HT_OK);
    for (; head != NULL; head = head->parent) {
        json_t *one = transaction_of(head, &wanted);
        if (one != NULL) return one;
    }
    for (size_t i = 0; i < world->count; i++) {
        json_t *one = transaction_of(world->blocks[i], &wanted);
        if (one != NULL) return one;
    }
    return json_null();
}

static json_t *sent_json(const json_t *params) {
    struct ht_buf raw;
    ht_hash32 hash;
    ht_buf_init(&raw, 1 << 20);
    assert_int_equal(ht_json_hex_buf(&raw, json_array_get(params, 0), "", NULL), HT_OK);
    ht_keccak256(&hash, ht_buf_view(&raw));
    ht_buf_fini(&raw);
    return hex(HT_BYTES(hash.b));
}

static json_t *of_state(const struct ht_cw *world, const char *method, const json_t *params) {
    const json_t *at = json_array_get(params, json_array_size(params) - 1);
    const struct ht_cw_block *block = by_hash(world, json_object_get(at, "blockHash"));
    if (block == NULL || block->state == NULL) return NULL;
    if (strcmp(method, "eth_getProof") == 0) return get_proof(block->state, params);
    const struct ht_cw_account *account = account_at(block->state, json_array_get(params, 0));
    return hex(account != NULL ? account->code : ht_bytes_of("", 0));
}

json_t *ht_cw_answer(const struct ht_cw *world, const struct ht_cw_block *head, const char *method,
                     const json_t *params) {
    const json_t *first = json_array_get(params, 0);
    if (strcmp(method, "eth_getBlockByHash") == 0) return block_json(by_hash(world, first));
    if (strcmp(method, "eth_getBlockByNumber") == 0) {
        return block_json(ht_cw_at(head, strtoull(json_string_value(first), NULL, 16)));
    }
    if (strcmp(method, "eth_getBlockReceipts") == 0) {
        const struct ht_cw_block *block = by_hash(world, json_object_get(first, "blockHash"));
        if (block == NULL) return json_null();
        return block->maker != NULL ? json_incref(block->maker->receipts_json) : json_array();
    }
    if (strcmp(method, "eth_getTransactionByHash") == 0) {
        return transaction_json(world, head, params);
    }
    if (strcmp(method, "eth_sendRawTransaction") == 0) return sent_json(params);
    if (strcmp(method, "eth_getLogs") == 0) return NULL;
    return of_state(world, method, params);
}
