/* What gas and blobs cost over the last blocks. Fractions go in and out as decimal text: there is
 * no floating point here. */
#include "node/api/eth_fee_history.h"

#include <stdlib.h>

#include "node/api/eth_params.h"
#include "node/codec/transaction_rules.h"
#include "node/l1/execution/fees.h"

#define RATIO_DIGITS 40U

/* Headers come newest first, as many as one read gives; then, if percentiles are wanted, the
 * blocks one after another. */
struct history_call {
    struct ht_header_read at;
    struct ht_block_read block;
    const struct ht_eth *eth;
    struct ht_rpc_call *call;
    uint64_t wanted;
    uint32_t percentiles[HT_ETH_PERCENTILES_MAX];
    size_t percentile_count;
    struct ht_exec_header_verified headers[HT_ETH_FEE_BLOCKS_MAX]; /* newest first */
    size_t header_count;
    bool is_final; /* the newest, and so all of them */
    char source[128];
    ht_u256 *rewards; /* percentile_count for each header */
    size_t rewarded;  /* headers that have them */
    bool is_stepping; /* a read that ends at once is gone on with by who started it */
    bool is_answered;
    enum ht_err err;
    struct ht_why why;
};

/* --- fractions -------------------------------------------------------------------------------- */

enum ht_err ht_eth_read_percentile(uint32_t *milli, const json_t *value) {
    char text[40];
    if (!json_is_number(value)) return HT_EINPUT;
    size_t n = json_dumpb(value, text, sizeof text - 1, JSON_ENCODE_ANY);
    if (n == 0 || n >= sizeof text) return HT_EINPUT;
    text[n] = '\0';
    if (strstr(text, "e-") != NULL && text[0] != '-') { /* below a ten-thousandth */
        *milli = 0;
        return HT_OK;
    }
    uint32_t number = 0;
    const char *c = text;
    for (; *c >= '0' && *c <= '9' && number <= 100000; c++) {
        number = number * 10 + (uint32_t)(*c - '0');
    }
    if (c == text || number > 100 || (*c != '.' && *c != '\0')) return HT_EINPUT;
    bool is_fraction = *c == '.';
    uint32_t fraction = 0;
    unsigned digits = 0;
    if (is_fraction) c++;
    for (; is_fraction && *c >= '0' && *c <= '9'; c++) {
        if (digits < 4) fraction = fraction * 10 + (uint32_t)(*c - '0');
        if (digits < 4) digits++;
    }
    if (*c != '\0') return HT_EINPUT;
    for (; digits < 4; digits++) fraction *= 10;
    number = number * 1000 + (fraction + 5) / 10;
    if (number > 100000) return HT_EINPUT;
    *milli = number;
    return HT_OK;
}

/* Enough digits that the nearest number a reader has is the quotient's own. */
json_t *ht_eth_ratio(uint64_t part, uint64_t whole) {
    if (part == 0 || whole == 0) return json_integer(0);
    char text[HT_U256_DECIMAL_SIZE + RATIO_DIGITS + 1];
    ht_u256 rest = ht_u256_of(part), by = ht_u256_of(whole), ten = ht_u256_of(10), digit;
    if (!ht_u256_divmod(&digit, &rest, &rest, &by)) return NULL;
    size_t n = ht_u256_to_decimal(text, &digit);
    if (ht_u256_is_zero(&rest)) return json_integer((json_int_t)digit.limb[0]);
    text[n++] = '.';
    for (size_t i = 0; i < RATIO_DIGITS; i++) {
        ht_u256_mul(&rest, &rest, &ten);
        if (!ht_u256_divmod(&digit, &rest, &rest, &by)) return NULL;
        text[n++] = (char)('0' + digit.limb[0]);
    }
    return json_loadb(text, n, JSON_DECODE_ANY, NULL);
}

/* --- the answer ------------------------------------------------------------------------------- */

struct lists {
    json_t *base_fees, *blob_fees; /* one more than blocks: the next block's comes last */
    json_t *gas_ratios, *blob_ratios;
    json_t *rewards;
};

static json_t *make_rewards(const struct history_call *all, size_t i) {
    json_t *list = json_array();
    for (size_t j = 0; j < all->percentile_count; j++) {
        const ht_u256 *wei = &all->rewards[i * all->percentile_count + j];
        if (json_array_append_new(list, ht_eth_quantity256(wei)) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

static int add_block(const struct history_call *all, const struct lists *lists, size_t i) {
    const struct ht_exec_header_verified *block = &all->headers[i];
    const struct ht_exec_header *header = &block->header;
    struct ht_blob_rules rules;
    ht_u256 blob_fee = ht_u256_of(0);
    uint64_t blob_gas_max = 0;
    if (ht_blob_rules_at(&rules, ht_sync_network(all->eth->sync), header->timestamp)) {
        blob_gas_max = rules.max * HT_GAS_PER_BLOB;
        ht_blocks_blob_price(&blob_fee, all->eth->blocks, block);
    }
    int failed =
        json_array_append_new(lists->base_fees, ht_eth_quantity256(&header->base_fee_per_gas));
    failed |= json_array_append_new(lists->blob_fees, ht_eth_quantity256(&blob_fee));
    failed |=
        json_array_append_new(lists->gas_ratios, ht_eth_ratio(header->gas_used, header->gas_limit));
    failed |= json_array_append_new(lists->blob_ratios,
                                    ht_eth_ratio(header->blob_gas_used, blob_gas_max));
    if (lists->rewards != NULL)
        failed |= json_array_append_new(lists->rewards, make_rewards(all, i));
    return failed;
}

static int add_next(const struct history_call *all, const struct lists *lists) {
    const struct ht_exec_header *newest = &all->headers[0].header;
    const struct ht_network *network = ht_sync_network(all->eth->sync);
    struct ht_blob_rules rules;
    ht_u256 fee;
    ht_u256 blob_fee = ht_u256_of(0);
    ht_next_base_fee(&fee, newest);
    uint64_t next = newest->timestamp + network->slot_duration_ms / 1000;
    if (!ht_blob_rules_at(&rules, network, next) ||
        ht_next_blob_base_fee(&blob_fee, newest, &rules, NULL) != HT_OK) {
        blob_fee = ht_u256_of(0);
    }
    int failed = json_array_append_new(lists->base_fees, ht_eth_quantity256(&fee));
    return failed | json_array_append_new(lists->blob_fees, ht_eth_quantity256(&blob_fee));
}

static json_t *make_history(const struct history_call *all) {
    struct lists lists = {.base_fees = json_array(),
                          .blob_fees = json_array(),
                          .gas_ratios = json_array(),
                          .blob_ratios = json_array(),
                          .rewards = all->percentile_count > 0 ? json_array() : NULL};
    int failed = 0;
    for (size_t i = all->header_count; i-- > 0;) failed |= add_block(all, &lists, i);
    failed |= add_next(all, &lists);
    uint64_t oldest = all->headers[all->header_count - 1].header.number;
    json_t *made =
        json_pack("{s:o, s:o, s:o, s:o, s:o}", "oldestBlock", ht_eth_quantity(oldest),
                  "baseFeePerGas", lists.base_fees, "gasUsedRatio", lists.gas_ratios,
                  "baseFeePerBlobGas", lists.blob_fees, "blobGasUsedRatio", lists.blob_ratios);
    if (lists.rewards != NULL) failed |= json_object_set_new(made, "reward", lists.rewards);
    if (failed == 0) return made;
    json_decref(made);
    return NULL;
}

static void answer(struct history_call *all) {
    if (all->err == HT_OK) all->err = ht_eth_check_read(all->eth, all->is_final, &all->why);
    if (all->err == HT_OK) {
        const struct ht_eth_place place = {&all->headers[0], all->is_final, all->source};
        ht_eth_finish(all->eth, all->call, make_history(all), &place);
    } else {
        ht_rpc_refuse(all->call, all->err, &all->why);
    }
    free(all->rewards);
    free(all);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void go_on(struct history_call *all);

static void on_block(struct ht_block_read *read) {
    struct history_call *all =
        (struct history_call *)((char *)read - offsetof(struct history_call, block));
    all->err = read->err;
    all->why = read->why;
    if (all->err == HT_OK) {
        all->err = ht_priority_fees(all->rewards + all->rewarded * all->percentile_count,
                                    all->percentiles, all->percentile_count, &read->header.header,
                                    read->body, read->receipts);
        if (all->err != HT_OK) all->err = ht_eth_no_memory(&all->why);
    }
    memcpy(all->source, read->source, sizeof all->source);
    all->rewarded++;
    ht_block_read_fini(read);
    all->is_answered = true;
    if (!all->is_stepping) go_on(all);
}

static void on_headers(struct ht_header_read *at) {
    struct history_call *all = (struct history_call *)at;
    all->err = at->err;
    all->why = at->why;
    if (all->err == HT_OK) {
        if (all->header_count == 0) all->is_final = at->is_final;
        all->headers[all->header_count++] = at->header;
        for (size_t i = 0; i < at->before_found && all->header_count < all->wanted; i++) {
            all->headers[all->header_count++] = at->before[i];
        }
        memcpy(all->source, at->source, sizeof all->source);
    }
    ht_header_read_fini(at);
    all->is_answered = true;
    if (!all->is_stepping) go_on(all);
}

static void read_headers(struct history_call *all) {
    if (all->header_count > 0) {
        const struct ht_exec_header_verified *oldest = &all->headers[all->header_count - 1];
        all->at = (struct ht_header_read){
            .id = {.kind = HT_BLOCK_HASH, .hash = oldest->header.parent_hash}};
    }
    uint64_t more = all->wanted - all->header_count - 1;
    all->at.before_count = (size_t)(more < HT_CHAIN_BEFORE_MAX ? more : HT_CHAIN_BEFORE_MAX);
    all->at.done = on_headers;
    ht_chain_read(all->eth->chain, &all->at);
}

static void read_block(struct history_call *all) {
    all->block = (struct ht_block_read){
        .id = {.kind = HT_BLOCK_HASH, .hash = all->headers[all->rewarded].hash},
        .wants_body = true,
        .wants_receipts = true,
        .done = on_block};
    ht_blocks_read(all->eth->blocks, &all->block);
}

/* The next read; what is at hand ends before it returns, so this is a loop and no chain of calls.
 */
static void go_on(struct history_call *all) {
    all->is_stepping = true;
    do {
        bool is_at_genesis =
            all->header_count > 0 && all->headers[all->header_count - 1].header.number == 0;
        all->is_answered = false;
        if (all->err != HT_OK) break;
        if (all->header_count < all->wanted && !is_at_genesis) {
            read_headers(all);
        } else if (all->percentile_count > 0 && all->rewarded < all->header_count) {
            read_block(all);
        } else {
            break;
        }
        if (!all->is_answered) {
            all->is_stepping = false;
            return;
        }
    } while (true);
    answer(all);
}

/* --- parameters ------------------------------------------------------------------------------- */

static enum ht_err read_percentiles(struct history_call *all, const json_t *list,
                                    struct ht_why *why) {
    if (list == NULL || json_is_null(list)) return HT_OK;
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count > HT_ETH_PERCENTILES_MAX) {
        return ht_fail(why, HT_EINPUT, "bad_percentiles",
                       "invalid argument 2: an array of at most %u percentiles",
                       HT_ETH_PERCENTILES_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t *milli = &all->percentiles[i];
        if (ht_eth_read_percentile(milli, json_array_get(list, i)) != HT_OK ||
            (i > 0 && *milli < milli[-1])) {
            return ht_fail(why, HT_EINPUT, "bad_percentiles",
                           "invalid argument 2: percentiles are numbers from 0 to 100 that rise");
        }
    }
    all->percentile_count = count;
    if (count == 0) return HT_OK;
    all->rewards = calloc(count * HT_ETH_FEE_BLOCKS_MAX, sizeof *all->rewards);
    return all->rewards != NULL ? HT_OK : ht_eth_no_memory(why);
}

/* Some clients send the count as a number. */
static enum ht_err read_count(uint64_t *out, const json_t *params, struct ht_why *why) {
    const json_t *count = json_array_get(params, 0);
    uint64_t wanted = json_is_integer(count) && json_integer_value(count) > 0
                          ? (uint64_t)json_integer_value(count)
                          : 0;
    enum ht_err err =
        json_is_integer(count) ? HT_OK : ht_eth_read_quantity(&wanted, params, 0, why);
    if (err != HT_OK) return err;
    if (wanted == 0) {
        return ht_fail(why, HT_EINPUT, "bad_count", "invalid argument 0: at least one block");
    }
    *out = wanted < HT_ETH_FEE_BLOCKS_MAX ? wanted : HT_ETH_FEE_BLOCKS_MAX;
    return HT_OK;
}

void ht_eth_fee_history(void *self, struct ht_rpc_call *call, const json_t *params) {
    const struct ht_eth *eth = self;
    struct ht_why why = {0};
    struct history_call *all = calloc(1, sizeof *all);
    enum ht_err err = all != NULL ? HT_OK : ht_eth_no_memory(&why);
    if (err == HT_OK) err = ht_eth_take_params(params, 2, 3, &why);
    if (err == HT_OK) err = read_count(&all->wanted, params, &why);
    if (err == HT_OK) err = ht_eth_read_block(&all->at.id, params, 1, false, &why);
    if (err == HT_OK) err = read_percentiles(all, json_array_get(params, 2), &why);
    if (err == HT_OK) err = ht_eth_check_ask(eth, &all->at.id, &why);
    if (err == HT_OK && (eth->chain == NULL || eth->blocks == NULL)) err = ht_eth_no_service(&why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        if (all != NULL) free(all->rewards);
        free(all);
        return;
    }
    all->eth = eth;
    all->call = call;
    go_on(all);
}
