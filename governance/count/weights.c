/* Weights and power, compared. */
#include "governance/count/weights.h"

void ht_gov_cast_add(struct ht_gov_cast *cast, const struct ht_gov_vote *vote) {
    ht_u256 sum;
    if (vote->is_override) return;
    if (ht_u256_add_overflow(&sum, &cast->sum, &vote->weight)) cast->is_over = true;
    cast->sum = sum;
}

enum ht_gov_weight_says ht_gov_weight_says(enum ht_gov_counting counting,
                                           const struct ht_gov_vote *vote,
                                           const struct ht_gov_cast *cast, const ht_u256 *power) {
    bool agrees = false;
    if (vote->is_override || power == NULL) return HT_GOV_WEIGHT_UNKNOWN;
    switch (counting) {
    case HT_GOV_SIMPLE:
    case HT_GOV_COMPATIBLE:
    case HT_GOV_FLEXIBLE: agrees = ht_u256_equal(&vote->weight, power); break;
    case HT_GOV_FRACTIONAL:
    case HT_GOV_OVERRIDABLE:
        agrees = !cast->is_over && ht_u256_compare(&cast->sum, power) <= 0;
        break;
    }
    return agrees ? HT_GOV_WEIGHT_AGREES : HT_GOV_WEIGHT_DIFFERS;
}
