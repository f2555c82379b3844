/* Events of token standards, out of logs. The hashes of their signatures are computed once for each
 * list of logs; that is nothing beside running the code. */
#include "node/l1/simulate_moves.h"

#include "node/base/hex.h"
#include "node/codec/abi.h"
#include "node/crypto/keccak.h"
#include "node/l1/simulate.h"

#define ARENA_MAX ((size_t)64 << 10)

enum event { TRANSFER, SINGLE, BATCH, APPROVAL, FOR_ALL, EVENT_COUNT };

static const char *const SIGNATURES[EVENT_COUNT] = {
    [TRANSFER] = "Transfer(address,address,uint256)",
    [SINGLE] = "TransferSingle(address,address,address,uint256,uint256)",
    [BATCH] = "TransferBatch(address,address,address,uint256[],uint256[])",
    [APPROVAL] = "Approval(address,address,uint256)",
    [FOR_ALL] = "ApprovalForAll(address,address,bool)",
};

struct reading {
    struct ht_sim_moves *moves;
    ht_hash32 topics[EVENT_COUNT];
    bool is_short; /* of memory */
};

static bool is_address(const ht_hash32 *topic) {
    static const uint8_t zeros[12];
    return memcmp(topic->b, zeros, sizeof zeros) == 0;
}

static json_t *address_json(const uint8_t *bytes) {
    char text[HT_HEX_SIZE(20)];
    ht_hex_write(text, ht_bytes_of(bytes, 20));
    return json_string(text);
}

static json_t *decimal(const uint8_t *word) {
    char text[HT_U256_DECIMAL_SIZE];
    ht_u256 value = ht_u256_from_be32(word);
    (void)ht_u256_to_decimal(text, &value);
    return json_string(text);
}

/* value is taken over. */
static void add(struct reading *reading, json_t *list, bool *is_cut, json_t *value) {
    if (json_array_size(list) >= HT_SIMULATE_ROWS_MAX) {
        *is_cut = true;
        json_decref(value);
    } else if (json_array_append_new(list, value) != 0) {
        reading->is_short = true;
    }
}

/* amount and id are taken over, id may be NULL. */
static void add_token(struct reading *reading, const char *standard, const struct ht_evm_log *log,
                      const ht_hash32 *from, json_t *amount, json_t *id) {
    struct ht_sim_moves *moves = reading->moves;
    add(reading, moves->tokens, &moves->is_tokens_cut,
        json_pack("{s:s, s:o, s:o, s:o, s:o, s:o?}", "standard", standard, "contract",
                  address_json(log->address.b), "from", address_json(from->b + 12), "to",
                  address_json(from[1].b + 12), "amount", amount, "id", id));
}

static void read_transfer(struct reading *reading, const struct ht_evm_log *log) {
    if (log->topic_count == 3 && log->data.n == 32) {
        add_token(reading, "ERC-20", log, &log->topics[1], decimal(log->data.p), NULL);
    } else if (log->topic_count == 4 && log->data.n == 0) {
        add_token(reading, "ERC-721", log, &log->topics[1], json_string("1"),
                  decimal(log->topics[3].b));
    }
}

static void read_batch(struct reading *reading, const struct ht_evm_log *log) {
    struct ht_abi_type type;
    struct ht_arena arena;
    json_t *lists = NULL, *id;
    size_t i;
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = ht_abi_type_read(&type, &arena, ht_bytes_str("(uint256[],uint256[])"), NULL);
    if (err == HT_OK) err = ht_abi_decode(&lists, &type, log->data, HT_ABI_EXACT, NULL);
    ht_arena_fini(&arena);
    if (err != HT_OK) return;
    const json_t *amounts = json_array_get(lists, 1);
    bool fits = json_array_size(amounts) == json_array_size(json_array_get(lists, 0));
    json_array_foreach(json_array_get(lists, 0), i, id) {
        if (!fits) break;
        add_token(reading, "ERC-1155", log, &log->topics[2],
                  json_incref(json_array_get(amounts, i)), json_incref(id));
        if (reading->moves->is_tokens_cut) break;
    }
    json_decref(lists);
}

/* spender is the second address of the log. amount and id are taken over. */
static void add_approval(struct reading *reading, const char *standard,
                         const struct ht_evm_log *log, json_t *amount, json_t *id,
                         bool is_revoked) {
    struct ht_sim_moves *moves = reading->moves;
    add(reading, moves->approvals, &moves->is_approvals_cut,
        json_pack("{s:s, s:o, s:o, s:o, s:o?, s:o?, s:b, s:b}", "standard", standard, "contract",
                  address_json(log->address.b), "owner", address_json(log->topics[1].b + 12),
                  "spender", address_json(log->topics[2].b + 12), "amount", amount, "id", id, "all",
                  amount == NULL && id == NULL, "revoked", is_revoked));
}

static void read_approval(struct reading *reading, const struct ht_evm_log *log) {
    static const ht_hash32 zero;
    if (log->topic_count == 3 && log->data.n == 32) {
        add_approval(reading, "ERC-20", log, decimal(log->data.p), NULL,
                     memcmp(log->data.p, zero.b, sizeof zero.b) == 0);
    } else if (log->topic_count == 4 && log->data.n == 0) {
        add_approval(reading, "ERC-721", log, NULL, decimal(log->topics[3].b),
                     ht_hash32_is_zero(&log->topics[2]));
    }
}

static void read_for_all(struct reading *reading, const struct ht_evm_log *log) {
    static const ht_hash32 no, yes = {.b = {[31] = 1}};
    if (log->topic_count != 3 || log->data.n != 32) return;
    bool is_no = memcmp(log->data.p, no.b, sizeof no.b) == 0;
    if (!is_no && memcmp(log->data.p, yes.b, sizeof yes.b) != 0) return;
    add_approval(reading, "ERC-721 or ERC-1155", log, NULL, NULL, is_no);
}

static void read_log(struct reading *reading, const struct ht_evm_log *log) {
    if (log->topic_count < 3 || !is_address(&log->topics[1]) || !is_address(&log->topics[2])) {
        return;
    }
    size_t event = 0;
    while (event < EVENT_COUNT && !ht_hash32_equal(&log->topics[0], &reading->topics[event])) {
        event++;
    }
    bool has_third = log->topic_count == 4 && is_address(&log->topics[3]);
    switch ((enum event)event) {
    case TRANSFER: read_transfer(reading, log); break;
    case SINGLE:
        if (!has_third || log->data.n != 64) break;
        add_token(reading, "ERC-1155", log, &log->topics[2], decimal(log->data.p + 32),
                  decimal(log->data.p));
        break;
    case BATCH:
        if (has_third) read_batch(reading, log);
        break;
    case APPROVAL: read_approval(reading, log); break;
    case FOR_ALL: read_for_all(reading, log); break;
    case EVENT_COUNT: break;
    }
}

enum ht_err ht_sim_moves_read(struct ht_sim_moves *out, const struct ht_evm_log *logs,
                              size_t count) {
    struct ht_sim_moves moves = {.tokens = json_array(), .approvals = json_array()};
    struct reading reading = {.moves = &moves};
    reading.is_short = moves.tokens == NULL || moves.approvals == NULL;
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        ht_keccak256(&reading.topics[i], ht_bytes_str(SIGNATURES[i]));
    }
    for (size_t i = 0; i < count && !reading.is_short; i++) read_log(&reading, &logs[i]);
    if (!reading.is_short) {
        *out = moves;
        return HT_OK;
    }
    json_decref(moves.tokens);
    json_decref(moves.approvals);
    return HT_ENOMEM;
}
