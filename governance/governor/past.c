/* The search for the checkpoint of a snapshot, by slots that others prove. */
#include "governance/governor/past.h"

/* Nobody has so many checkpoints: a number above it is no number of checkpoints. */
#define COUNT_MAX ((uint64_t)1 << 32)

static bool is_comp(const struct ht_gov_past *past) {
    return past->layout != NULL && past->layout->kind == HT_GOV_TOKEN_COMP;
}

static void account_slot(ht_hash32 *out, const struct ht_gov_past *past, const ht_hash32 *base) {
    ht_hash32 key = {{0}};
    memcpy(key.b + 12, past->account.b, 20);
    ht_gov_slot_map(out, &key, base);
}

void ht_gov_past_init(struct ht_gov_past *past, const struct ht_gov_token_layout *layout,
                      const ht_addr20 *account, bool is_total, uint64_t at) {
    *past = (struct ht_gov_past){.layout = layout, .is_total = is_total, .at = at};
    past->key_bits = layout->kind == HT_GOV_TOKEN_VOTES5 ? 48 : 32;
    if (!is_total) past->account = *account;
    if (is_total && !is_comp(past)) {
        past->array = layout->total;
    } else {
        account_slot(&past->array, past, is_comp(past) ? &layout->total : &layout->checkpoints);
    }
}

void ht_gov_past_init_quorum(struct ht_gov_past *past, const struct ht_gov_layout *layout,
                             uint64_t at) {
    ht_assert(ht_gov_has(layout, HT_GOV_QUORUM_HISTORY));
    *past = (struct ht_gov_past){
        .key_bits = layout->kind == HT_GOV_OZ4 ? 32 : 48,
        .array = layout->base[HT_GOV_QUORUM_HISTORY],
        .is_total = true,
        .at = at,
    };
}

/* Which checkpoints are asked for next, in rising order. */
static size_t next_indices(const struct ht_gov_past *past, uint64_t out[static 2]) {
    uint64_t left = past->high - past->low;
    if (left == 0) return 0;
    if (left <= 2) {
        out[0] = past->low;
        out[1] = past->low + 1;
        return (size_t)left;
    }
    /* Most snapshots are recent: the end first. */
    out[0] = past->has_probed ? past->low + left / 3 : past->high - 2;
    out[1] = past->has_probed ? past->low + left - 1 - left / 3 : past->high - 1;
    return out[0] == out[1] ? 1 : 2;
}

static void checkpoint_slot(ht_hash32 *out, const struct ht_gov_past *past, uint64_t i) {
    if (!is_comp(past)) {
        ht_gov_slot_data(out, &past->array);
        ht_gov_slot_add(out, out, i);
        return;
    }
    ht_hash32 key;
    ht_u256 number = ht_u256_of(i);
    ht_u256_to_be(key.b, &number);
    account_slot(out, past, &past->layout->checkpoints);
    ht_gov_slot_map(out, &key, out);
}

size_t ht_gov_past_next(const struct ht_gov_past *past, ht_hash32 out[static 2]) {
    if (!past->has_count) {
        out[0] = past->array;
        return 1;
    }
    uint64_t indices[2] = {0, 0};
    size_t count = next_indices(past, indices);
    for (size_t i = 0; i < count; i++) checkpoint_slot(&out[i], past, indices[i]);
    return count;
}

static enum ht_err refuse(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EUNVERIFIED, "wrong_layout", "%s", what);
}

static enum ht_err take_count(struct ht_gov_past *past, const uint8_t value[static 32],
                              struct ht_why *why) {
    ht_u256 count = ht_u256_from_be32(value);
    if (past->is_total && is_comp(past)) {
        return ht_fail(why, HT_EUNVERIFIED, "no_totals",
                       "a token of this kind keeps no past totals");
    }
    if (!ht_u256_is_u64(&count) || count.limb[0] > COUNT_MAX) {
        return refuse(why, "a number of checkpoints that nobody has");
    }
    past->count = past->high = count.limb[0];
    past->has_count = true;
    return HT_OK;
}

/* One checkpoint: key below, value above. Indices come in rising order within [low, high). */
static enum ht_err take_one(struct ht_gov_past *past, uint64_t index,
                            const uint8_t value[static 32], struct ht_why *why) {
    ht_u256 word = ht_u256_from_be32(value);
    uint64_t key = word.limb[0] & (((uint64_t)1 << past->key_bits) - 1);
    if ((past->low > 0 && key <= past->low_key) ||
        (past->high < past->count && key >= past->high_key)) {
        return refuse(why, "checkpoints whose keys do not rise");
    }
    ht_u256_shift_right(&word, &word, past->key_bits);
    if (is_comp(past) && ht_u256_bit_length(&word) > 96) {
        return refuse(why, "a checkpoint of more votes than it has room for");
    }
    if (key <= past->at) {
        past->low = index + 1;
        past->low_key = key;
        past->value = word;
    } else {
        past->high = index;
        past->high_key = key;
    }
    return HT_OK;
}

enum ht_err ht_gov_past_take(struct ht_gov_past *past, const uint8_t (*values)[32], size_t count,
                             struct ht_why *why) {
    if (!past->has_count) {
        ht_assert(count == 1);
        return take_count(past, values[0], why);
    }
    uint64_t indices[2] = {0, 0};
    size_t want = next_indices(past, indices);
    ht_assert(count == want);
    enum ht_err err = HT_OK;
    struct ht_gov_past next = *past;
    for (size_t i = 0; err == HT_OK && i < want; i++) {
        /* Behind one that is after the snapshot only the order matters. */
        uint64_t key = ht_u256_from_be32(values[i]).limb[0] & (((uint64_t)1 << past->key_bits) - 1);
        if (indices[i] < next.high) {
            err = take_one(&next, indices[i], values[i], why);
        } else if (key <= next.high_key) {
            err = refuse(why, "checkpoints whose keys do not rise");
        }
    }
    if (err != HT_OK) return err;
    next.has_probed = true;
    *past = next;
    return HT_OK;
}

ht_u256 ht_gov_past_value(const struct ht_gov_past *past) {
    return past->low == 0 ? ht_u256_of(0) : past->value;
}

enum ht_err ht_gov_quorum_of(ht_u256 *out, const ht_u256 *supply, const ht_u256 *numerator,
                             uint64_t denominator, struct ht_why *why) {
    ht_u256 product;
    ht_u256 below = ht_u256_of(denominator);
    if (denominator == 0 || ht_u256_compare(numerator, &below) > 0) {
        return refuse(why, "a quorum that is no fraction");
    }
    if (ht_u256_mul_overflow(&product, supply, numerator) ||
        !ht_u256_divmod(&product, NULL, &product, &below)) {
        return refuse(why, "a total of more votes than there can be");
    }
    *out = product;
    return HT_OK;
}
