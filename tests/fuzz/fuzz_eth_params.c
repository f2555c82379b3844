/* Fuzzes the parameters of Ethereum's methods: an array of anything, each element read as each kind
 * of parameter. What is accepted means one thing only. */
#include <strings.h>

#include "node/api/eth_fee_history.h"
#include "node/api/eth_logs.h"
#include "node/api/eth_params.h"
#include "node/codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A number that was read writes back to the same text, but for the case of its digits. */
static void check_number(uint64_t number, const json_t *value) {
    json_t *text = ht_eth_quantity(number);
    ht_assert(json_string_length(text) == json_string_length(value));
    ht_assert(strcasecmp(json_string_value(text), json_string_value(value)) == 0);
    json_decref(text);
}

static void read_block(const json_t *params, size_t at, bool takes_hash) {
    struct ht_block_id id;
    struct ht_why why = {0};
    if (ht_eth_read_block(&id, params, at, takes_hash, &why) != HT_OK) {
        ht_assert(strcmp(why.code, "bad_block") == 0);
        return;
    }
    ht_assert(takes_hash || id.kind != HT_BLOCK_HASH);
    const json_t *value = json_array_get(params, at);
    bool is_text = json_is_string(value) && json_string_value(value)[0] == '0';
    if (is_text && id.kind == HT_BLOCK_NUMBER) check_number(id.number, value);
}

static void read_one(const json_t *params, size_t at) {
    const json_t *value = json_array_get(params, at);
    struct ht_why why = {0};
    struct ht_eth_log_question question;
    ht_addr20 address;
    ht_hash32 hash;
    uint64_t number;
    uint32_t milli;
    bool claim;
    read_block(params, at, false);
    read_block(params, at, true);
    if (ht_eth_read_quantity(&number, params, at, &why) == HT_OK) check_number(number, value);
    if (ht_eth_read_address(&address, params, at, &why) == HT_OK)
        ht_assert(json_string_length(value) == 42);
    if (ht_eth_read_hash(&hash, params, at, &why) == HT_OK)
        ht_assert(json_string_length(value) == 66);
    if (ht_eth_read_bool(&claim, params, at, &why) == HT_OK)
        ht_assert(claim == json_is_true(value));
    if (ht_eth_read_slot(&hash, &claim, value, &why) == HT_OK)
        ht_assert(claim == (json_string_length(value) == 66));
    if (ht_eth_read_percentile(&milli, value) == HT_OK)
        ht_assert(milli <= 100000 && json_is_number(value));
    if (ht_eth_log_question_read(&question, value, &why) == HT_OK) {
        ht_assert((question.from.kind == HT_BLOCK_HASH) == (question.to.kind == HT_BLOCK_HASH));
        ht_eth_log_question_fini(&question);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    json_t *params = NULL;
    struct ht_why why = {0};
    if (ht_json_parse(&params, ht_bytes_of(data, size), HT_RPC_REQUEST_MAX, &why) != HT_OK)
        return 0;
    if (ht_eth_take_params(params, 0, 100, &why) == HT_OK) {
        for (size_t i = 0; i < json_array_size(params); i++) read_one(params, i);
    }
    json_decref(params);
    return 0;
}
