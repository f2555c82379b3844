/* A world out of a file, and the same calls in process and at anvil. */
#include "tests/bench/bench_evm_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/codec/json.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/rpc_json.h"

#define ARENA_MAX ((size_t)64 << 20)
#define WORLD_MAX ((size_t)64 << 20)
#define GAS_STEP 1000000U

/* --- as a source ------------------------------------------------------------------------------ */

static const struct ht_bench_account *find_account(const struct ht_bench_world *world,
                                                   const ht_addr20 *address) {
    for (size_t i = 0; i < world->count; i++) {
        const struct ht_bench_account *account = &world->accounts[i];
        if (memcmp(account->address.b, address->b, sizeof address->b) == 0) return account;
    }
    return NULL;
}

static enum ht_err read_account(void *user, struct ht_evm_account *out, const ht_addr20 *address,
                                struct ht_why *why) {
    const struct ht_bench_account *account = find_account(user, address);
    (void)why;
    *out = account != NULL ? account->account
                           : (struct ht_evm_account){.code_hash = ht_evm_no_code_hash};
    return HT_OK;
}

static enum ht_err read_slot(void *user, ht_u256 *out, const ht_addr20 *address,
                             const ht_u256 *slot, struct ht_why *why) {
    const struct ht_bench_account *account = find_account(user, address);
    (void)why;
    *out = ht_u256_of(0);
    for (size_t i = 0; account != NULL && i < account->slot_count; i++) {
        if (ht_u256_equal(&account->slots[i][0], slot)) *out = account->slots[i][1];
    }
    return HT_OK;
}

static enum ht_err read_code(void *user, ht_bytes *out, const ht_addr20 *address,
                             const ht_hash32 *code_hash, struct ht_why *why) {
    const struct ht_bench_account *account = find_account(user, address);
    (void)code_hash, (void)why;
    *out = account->code;
    return HT_OK;
}

static enum ht_err read_block_hash(void *user, ht_hash32 *out, uint64_t number,
                                   struct ht_why *why) {
    (void)user, (void)number, (void)why;
    *out = (ht_hash32){{0}};
    return HT_OK;
}

/* --- out of the file -------------------------------------------------------------------------- */

static enum ht_err take_account(struct ht_bench_account *out, struct ht_arena *arena,
                                const json_t *object) {
    const json_t *storage = ht_json_member(object, "storage");
    uint8_t word[32];
    enum ht_err err = ht_json_hex(out->address.b, sizeof out->address.b, object, "address", NULL);
    if (err == HT_OK) err = ht_json_u64(&out->account.nonce, object, "nonce", NULL);
    if (err == HT_OK) err = ht_rpc_read_u256(&out->account.balance, object, "balance", NULL);
    if (err == HT_OK) err = ht_rpc_read_data(&out->code, arena, object, "code", NULL);
    out->slots = ht_arena_alloc(arena, (json_array_size(storage) + 1) * sizeof *out->slots);
    for (size_t i = 0; err == HT_OK && i < json_array_size(storage); i++) {
        for (size_t side = 0; err == HT_OK && side < 2; side++) {
            const json_t *text = json_array_get(json_array_get(storage, i), side);
            err = ht_json_hex(word, sizeof word, text, "", NULL);
            out->slots[i][side] = ht_u256_from_be32(word);
        }
    }
    out->slot_count = json_array_size(storage);
    out->account.exists = true;
    out->account.has_storage = out->slot_count > 0;
    ht_keccak256(&out->account.code_hash, out->code);
    return err;
}

static enum ht_err take_block(struct ht_evm_block *out, const json_t *root) {
    enum ht_err err = ht_json_u64(&out->number, root, "block.number", NULL);
    if (err == HT_OK) err = ht_json_u64(&out->timestamp, root, "block.timestamp", NULL);
    if (err == HT_OK) err = ht_json_u64(&out->gas_limit, root, "block.gas_limit", NULL);
    if (err == HT_OK) err = ht_rpc_read_u256(&out->base_fee, root, "block.base_fee", NULL);
    if (err == HT_OK) err = ht_json_hex(out->coinbase.b, 20, root, "block.coinbase", NULL);
    if (err == HT_OK) err = ht_json_hex(out->prev_randao.b, 32, root, "block.prev_randao", NULL);
    if (err == HT_OK) err = ht_json_u64(&out->chain_id, root, "block.chain_id", NULL);
    out->blob_base_fee = ht_u256_of(1);
    return err;
}

static size_t take_answer(char *bytes, size_t size, size_t count, void *user) {
    struct ht_bench_world *world = user;
    char *answer = realloc(world->answer, world->answer_n + size * count + 1);
    if (answer == NULL) return 0;
    memcpy(answer + world->answer_n, bytes, size * count);
    world->answer = answer;
    world->answer_n += size * count;
    answer[world->answer_n] = '\0';
    return size * count;
}

static bool open_peer(struct ht_bench_world *world) {
    const char *url = json_string_value(json_object_get(world->json, "url"));
    static struct curl_slist type = {(char *)"Content-Type: application/json", NULL};
    world->peer = curl_easy_init();
    if (url == NULL || world->peer == NULL) return false;
    (void)curl_easy_setopt(world->peer, CURLOPT_URL, url);
    (void)curl_easy_setopt(world->peer, CURLOPT_HTTPHEADER, &type);
    (void)curl_easy_setopt(world->peer, CURLOPT_WRITEFUNCTION, take_answer);
    (void)curl_easy_setopt(world->peer, CURLOPT_WRITEDATA, world);
    return true;
}

static bool never(void *user) {
    (void)user;
    return false;
}

static bool make_machine(struct ht_bench_world *world) {
    const struct ht_evm_source source = {read_account, read_slot, read_code, read_block_hash,
                                         world};
    const struct ht_evm_origin origin = {.origin = world->sender};
    /* As the node has it: somebody looks at the clock now and then. */
    const struct ht_evm_limits limits = {.is_over = never, .gas_step = GAS_STEP};
    if (ht_evm_world_new(&world->world, &source, WORLD_MAX) != HT_OK) return false;
    if (ht_evm_new(&world->evm) != HT_OK) return false;
    ht_evm_set(world->evm, ht_evm_rules_of(HT_EVM_OSAKA), world->world, &world->block, &origin,
               NULL, &limits);
    return true;
}

bool ht_bench_world_init(struct ht_bench_world *world, const char *path) {
    *world = (struct ht_bench_world){.json = json_load_file(path, 0, NULL)};
    const json_t *accounts = json_object_get(world->json, "accounts");
    ht_arena_init(&world->arena, ARENA_MAX);
    world->count = json_array_size(accounts);
    world->accounts = ht_arena_alloc(&world->arena, (world->count + 1) * sizeof *world->accounts);
    enum ht_err err = ht_json_hex(world->sender.b, 20, world->json, "sender", NULL);
    if (err == HT_OK) err = take_block(&world->block, world->json);
    for (size_t i = 0; err == HT_OK && i < world->count; i++) {
        err = take_account(&world->accounts[i], &world->arena, json_array_get(accounts, i));
    }
    return err == HT_OK && make_machine(world) && open_peer(world);
}

void ht_bench_world_fini(struct ht_bench_world *world) {
    ht_evm_free(world->evm);
    ht_evm_world_free(world->world);
    curl_easy_cleanup(world->peer);
    free(world->answer);
    ht_arena_fini(&world->arena);
    json_decref(world->json);
}

/* --- calls ------------------------------------------------------------------------------------ */

bool ht_bench_call_find(struct ht_bench_call *out, struct ht_bench_world *world, const char *name) {
    const json_t *call = ht_json_member(ht_json_member(world->json, "calls"), name);
    const char *data = json_string_value(json_object_get(call, "data"));
    const char *to = json_string_value(json_object_get(call, "to"));
    const char *from = json_string_value(json_object_get(world->json, "sender"));
    if (data == NULL || to == NULL || from == NULL) return false;
    const size_t size = strlen(data) + 512;
    *out = (struct ht_bench_call){.name = name, .request = ht_arena_alloc(&world->arena, size)};
    (void)snprintf(out->request, size,
                   "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_call\",\"params\":[{\"from\":"
                   "\"%s\",\"to\":\"%s\",\"data\":\"%s\",\"gas\":\"0x%llx\"},\"latest\"]}",
                   from, to, data, (unsigned long long)HT_BENCH_CALL_GAS);
    return ht_json_hex(out->to.b, sizeof out->to.b, call, "to", NULL) == HT_OK &&
           ht_rpc_read_data(&out->data, &world->arena, call, "data", NULL) == HT_OK;
}

size_t ht_bench_call_permutations(const struct ht_bench_world *world, const char *name) {
    const json_t *call = ht_json_member(ht_json_member(world->json, "calls"), name);
    return (size_t)json_integer_value(json_object_get(call, "permutations"));
}

uint64_t ht_bench_call_ours(struct ht_bench_world *world, struct ht_evm_result *out,
                            const struct ht_bench_call *call) {
    const struct ht_evm_message message = {.kind = HT_EVM_CALL,
                                           .sender = world->sender,
                                           .to = call->to,
                                           .code = call->to,
                                           .gas = HT_BENCH_CALL_GAS,
                                           .input = call->data};
    ht_evm_world_begin(world->world);
    const size_t mark = ht_evm_world_mark(world->world);
    if (ht_evm_run(world->evm, out, &message, NULL) != HT_OK) return 0;
    ht_evm_world_revert(world->world, mark);
    return out->status == HT_EVM_SUCCESS ? HT_BENCH_CALL_GAS - out->gas_left : 0;
}

bool ht_bench_call_peer(struct ht_bench_world *world, const struct ht_bench_call *call) {
    world->answer_n = 0;
    (void)curl_easy_setopt(world->peer, CURLOPT_POSTFIELDS, call->request);
    return curl_easy_perform(world->peer) == CURLE_OK && world->answer_n > 0;
}

bool ht_bench_is_answer(const struct ht_bench_world *world, ht_bytes output) {
    json_t *reply = json_loads(world->answer, 0, NULL);
    struct ht_buf bytes;
    ht_buf_init(&bytes, ARENA_MAX);
    const bool is_same = ht_json_hex_buf(&bytes, reply, "result", NULL) == HT_OK &&
                         ht_bytes_equal(ht_buf_view(&bytes), output);
    ht_buf_fini(&bytes);
    json_decref(reply);
    return is_same;
}
