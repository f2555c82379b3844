/* Fee rules as arithmetic over headers; what differs between forks is in struct ht_blob_rules. */
#include "node/l1/execution/fees.h"

#include <stdlib.h>

#include "node/codec/transaction_rules.h"

__extension__ typedef unsigned __int128 u128;

/* EIP-1559 */
#define ELASTICITY_MULTIPLIER 2U
#define BASE_FEE_MAX_CHANGE_DENOMINATOR 8U
/* EIP-4844, also MIN_BASE_FEE_PER_BLOB_GAS = 1 */
#define CANCUN_TARGET 3U
#define CANCUN_MAX 6U
#define CANCUN_UPDATE_FRACTION 3338477U
/* EIP-7691: the fraction that belongs to a target of 6 */
#define PRAGUE_TARGET 6U
#define PRAGUE_UPDATE_FRACTION 5007716U
/* EIP-7918 */
#define BLOB_BASE_COST 8192U
/* Behind this no schedule makes sense, and nothing here overflows before. */
#define BLOBS_MAX 1000000U

#define PERCENT_MILLI 100000U

static const ht_u256 LARGEST = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};

/* --- schedule ---------------------------------------------------------------------------------*/

static uint64_t epoch_at(const struct ht_network *network, uint64_t timestamp) {
    const uint64_t last = (uint64_t)INT64_MAX / 1000;
    const uint64_t seconds = timestamp < last ? timestamp : last;
    return ht_epoch_at_slot(network, ht_slot_at_ms(network, (int64_t)(seconds * 1000)));
}

/* get_blob_parameters (fulu/beacon-chain) */
static uint64_t max_blobs_at(const struct ht_network *network, uint64_t epoch) {
    uint64_t max = network->max_blobs_per_block_electra;
    if (ht_fork_at_epoch(network, epoch) < HT_FULU) return max;
    for (size_t i = 0; i < network->blob_schedule_count; i++) {
        if (epoch < network->blob_schedule[i].epoch) break;
        max = network->blob_schedule[i].max_blobs_per_block;
    }
    return max;
}

bool ht_blob_rules_at(struct ht_blob_rules *out, const struct ht_network *network,
                      uint64_t timestamp) {
    const uint64_t epoch = epoch_at(network, timestamp);
    const enum ht_fork fork = ht_fork_at_epoch(network, epoch);
    if (fork < HT_DENEB) return false;
    if (fork < HT_ELECTRA) {
        *out = (struct ht_blob_rules){
            .target = CANCUN_TARGET, .max = CANCUN_MAX, .update_fraction = CANCUN_UPDATE_FRACTION};
        return true;
    }
    uint64_t max = max_blobs_at(network, epoch);
    if (max > BLOBS_MAX) max = BLOBS_MAX;
    const uint64_t target = max * 2 / 3;
    /* In proportion to the target, rounded to the nearest. */
    const uint64_t fraction = (PRAGUE_UPDATE_FRACTION * target + PRAGUE_TARGET / 2) / PRAGUE_TARGET;
    *out = (struct ht_blob_rules){.target = target,
                                  .max = max,
                                  .update_fraction = fraction,
                                  .has_reserve_price = fork >= HT_FULU};
    return true;
}

/* --- gas --------------------------------------------------------------------------------------*/

/* a * b / c, where c is not 0; as large as can be when it does not fit. */
static void multiply_divide(ht_u256 *out, const ht_u256 *a, uint64_t b, uint64_t c) {
    ht_u256 factor = ht_u256_of(b);
    ht_u256 divisor = ht_u256_of(c);
    bool is_over = ht_u256_mul_overflow(out, a, &factor);
    if (is_over) *out = LARGEST;
    (void)!ht_u256_divmod(out, NULL, out, &divisor);
}

void ht_next_base_fee(ht_u256 *out, const struct ht_exec_header *header) {
    const ht_u256 *fee = &header->base_fee_per_gas;
    const uint64_t target = header->gas_limit / ELASTICITY_MULTIPLIER;
    const uint64_t used = header->gas_used;
    ht_u256 change;
    ht_u256 one = ht_u256_of(1);
    ht_u256 next = *fee;
    if (header->layout >= HT_EXEC_LAYOUT_LONDON && target > 0 && used != target) {
        multiply_divide(&change, fee, used > target ? used - target : target - used, target);
        multiply_divide(&change, &change, 1, BASE_FEE_MAX_CHANGE_DENOMINATOR);
        if (used > target) {
            if (ht_u256_is_zero(&change)) change = one;
            if (ht_u256_add_overflow(&next, fee, &change)) next = LARGEST;
        } else {
            ht_u256_sub(&next, fee, &change); /* an eighth of it at most */
        }
    }
    *out = next;
}

/* --- blob gas ---------------------------------------------------------------------------------*/

/* fake_exponential(MIN_BASE_FEE_PER_BLOB_GAS, excess_blob_gas, fraction) of EIP-4844. The terms
 * overflow long before their count could matter. */
static enum ht_err blob_price(ht_u256 *out, uint64_t excess_blob_gas, uint64_t fraction,
                              struct ht_why *why) {
    const ht_u256 numerator = ht_u256_of(excess_blob_gas);
    const ht_u256 denominator = ht_u256_of(fraction);
    ht_u256 sum = {{0}};
    ht_u256 term = denominator;
    bool is_over = fraction == 0;
    for (uint64_t i = 1; !is_over && !ht_u256_is_zero(&term); i++) {
        ht_u256 divisor = ht_u256_of(i);
        is_over = ht_u256_add_overflow(&sum, &sum, &term) ||
                  ht_u256_mul_overflow(&term, &term, &numerator) ||
                  ht_u256_mul_overflow(&divisor, &divisor, &denominator) ||
                  !ht_u256_divmod(&term, NULL, &term, &divisor);
    }
    if (is_over || !ht_u256_divmod(out, NULL, &sum, &denominator)) {
        return ht_fail(why, HT_ELIMIT, "blob_fee_too_large",
                       "the price of blob gas is beyond what can be paid");
    }
    return HT_OK;
}

static enum ht_err no_blobs(struct ht_why *why) {
    return ht_fail(why, HT_EAGAIN, "no_blobs", "the block has no price of blob gas");
}

enum ht_err ht_blob_base_fee(ht_u256 *out, const struct ht_exec_header *header,
                             const struct ht_blob_rules *rules, struct ht_why *why) {
    if (header->layout < HT_EXEC_LAYOUT_CANCUN) return no_blobs(why);
    return blob_price(out, header->excess_blob_gas, rules->update_fraction, why);
}

/* Whether a blob costs less than the gas that it is worth at the least (EIP-7918). */
static enum ht_err is_below_reserve(bool *out, const struct ht_exec_header *header,
                                    const struct ht_blob_rules *next, struct ht_why *why) {
    ht_u256 blob = ht_u256_of(HT_GAS_PER_BLOB);
    ht_u256 reserve = ht_u256_of(BLOB_BASE_COST);
    ht_u256 price;
    *out = false;
    if (!next->has_reserve_price) return HT_OK;
    enum ht_err err = blob_price(&price, header->excess_blob_gas, next->update_fraction, why);
    if (err != HT_OK) return err;
    if (ht_u256_mul_overflow(&blob, &blob, &price)) return HT_OK;
    *out = ht_u256_mul_overflow(&reserve, &reserve, &header->base_fee_per_gas) ||
           ht_u256_compare(&reserve, &blob) > 0;
    return HT_OK;
}

enum ht_err ht_next_excess_blob_gas(uint64_t *out, const struct ht_exec_header *header,
                                    const struct ht_blob_rules *next, struct ht_why *why) {
    bool is_floored = false;
    if (header->layout < HT_EXEC_LAYOUT_CANCUN) return no_blobs(why);
    enum ht_err err = is_below_reserve(&is_floored, header, next, why);
    if (err != HT_OK) return err;
    u128 excess = (u128)header->excess_blob_gas + header->blob_gas_used;
    const u128 target = (u128)next->target * HT_GAS_PER_BLOB;
    if (excess < target) {
        excess = 0;
    } else if (is_floored) {
        u128 added = next->max > next->target
                         ? (u128)header->blob_gas_used * (next->max - next->target) / next->max
                         : 0;
        excess = header->excess_blob_gas + added;
    } else {
        excess -= target;
    }
    *out = excess > UINT64_MAX ? UINT64_MAX : (uint64_t)excess;
    return HT_OK;
}

enum ht_err ht_next_blob_base_fee(ht_u256 *out, const struct ht_exec_header *header,
                                  const struct ht_blob_rules *next, struct ht_why *why) {
    uint64_t excess = 0;
    enum ht_err err = ht_next_excess_blob_gas(&excess, header, next, why);
    return err == HT_OK ? blob_price(out, excess, next->update_fraction, why) : err;
}

/* --- priority fees ----------------------------------------------------------------------------*/

struct paid {
    ht_u256 fee;
    uint64_t weight;
};

static int compare_paid(const void *left, const void *right) {
    const struct paid *a = left, *b = right;
    return ht_u256_compare(&a->fee, &b->fee);
}

/* What each transaction paid beyond the base fee, in ascending order; NULL without memory. By gas
 * when there are receipts. */
static struct paid *sorted_fees(const struct ht_exec_header *header, const struct ht_body *body,
                                const struct ht_receipts *receipts, size_t count) {
    uint64_t before = 0;
    struct paid *all = calloc(count + 1, sizeof *all);
    for (size_t i = 0; i < count && all != NULL; i++) {
        ht_u256 price;
        all[i].weight = 1;
        if (receipts != NULL) {
            all[i].weight = receipts->list[i].cumulative_gas_used - before;
            before = receipts->list[i].cumulative_gas_used;
        }
        ht_tx_effective_gas_price(&price, &body->transactions[i], &header->base_fee_per_gas);
        if (ht_u256_sub_overflow(&all[i].fee, &price, &header->base_fee_per_gas)) {
            all[i].fee = ht_u256_of(0);
        }
    }
    if (all != NULL) qsort(all, count, sizeof *all, compare_paid);
    return all;
}

/* The first whose weight, with that of all before it, reaches so many thousandths of a percent of
 * the total. Starts at *at with *sum, the weights up to there, and leaves them for the next. */
static void walk_to(size_t *at, uint64_t *sum, const struct paid *all, size_t count, uint64_t total,
                    uint32_t percentile_milli) {
    const u128 threshold = (u128)total * percentile_milli / PERCENT_MILLI;
    while (*sum < threshold && *at + 1 < count) {
        (*at)++;
        *sum += all[*at].weight;
    }
}

enum ht_err ht_priority_fees(ht_u256 *rewards, const uint32_t *percentiles_milli, size_t count,
                             const struct ht_exec_header *header, const struct ht_body *body,
                             const struct ht_receipts *receipts) {
    const size_t n = body->count < receipts->count ? body->count : receipts->count;
    size_t at = 0;
    if (n == 0) {
        for (size_t i = 0; i < count; i++) rewards[i] = ht_u256_of(0);
        return HT_OK;
    }
    struct paid *all = sorted_fees(header, body, receipts, n);
    if (all == NULL) return HT_ENOMEM;
    uint64_t sum = all[0].weight;
    for (size_t i = 0; i < count; i++) {
        walk_to(&at, &sum, all, n, header->gas_used, percentiles_milli[i]);
        rewards[i] = all[at].fee;
    }
    free(all);
    return HT_OK;
}

bool ht_priority_fee_typical(ht_u256 *out, uint32_t percentile_milli,
                             const struct ht_exec_header *header, const struct ht_body *body) {
    size_t at = 0;
    uint64_t sum = 1;
    if (body->count == 0) return false;
    struct paid *all = sorted_fees(header, body, NULL, body->count);
    if (all == NULL) return false;
    walk_to(&at, &sum, all, body->count, body->count, percentile_milli);
    *out = all[at].fee;
    free(all);
    return true;
}
