/* The three contracts on bn254: reads their inputs, writes their outputs, and takes the pairs of a
 * check in batches. The mathematics is in the files bn254_*. */
#include "node/evm/bn254.h"

#include "node/evm/bn254_pairing.h"

#define PAIR_SIZE 192U
#define G1_SIZE 64U

enum ht_err ht_bn254_add(uint8_t out[static 64], const uint8_t a[static 64],
                         const uint8_t b[static 64], struct ht_why *why) {
    struct ht_g1 left;
    struct ht_g1 right;
    enum ht_err err = ht_g1_read(&left, a, why);
    if (err == HT_OK) err = ht_g1_read(&right, b, why);
    if (err != HT_OK) return err;
    ht_g1_add(&left, &left, &right);
    ht_g1_write(out, &left);
    return HT_OK;
}

enum ht_err ht_bn254_mul(uint8_t out[static 64], const uint8_t point[static 64],
                         const uint8_t scalar[static 32], struct ht_why *why) {
    struct ht_g1 a;
    enum ht_err err = ht_g1_read(&a, point, why);
    if (err != HT_OK) return err;
    ht_g1_mul(&a, &a, scalar);
    ht_g1_write(out, &a);
    return HT_OK;
}

/* The product of Miller's function over one batch. */
static enum ht_err take_batch(ht_fp12 *product, const uint8_t *bytes, size_t count,
                              struct ht_why *why) {
    struct ht_bn254_pair pairs[HT_BN254_BATCH];
    for (size_t i = 0; i < count; i++) {
        const uint8_t *pair = bytes + PAIR_SIZE * i;
        enum ht_err err = ht_g1_read(&pairs[i].p, pair, why);
        if (err == HT_OK) err = ht_g2_read(&pairs[i].q, pair + G1_SIZE, why);
        if (err != HT_OK) return err;
    }
    if (!ht_bn254_miller(product, pairs, count)) {
        return ht_fail(why, HT_EINPUT, "precompile_input",
                       "the point of G2 is not in the subgroup of order r");
    }
    return HT_OK;
}

enum ht_err ht_bn254_pairing_check(bool *is_one, const uint8_t *pairs, size_t count,
                                   struct ht_why *why) {
    ht_fp12 product = ht_fp12_one;
    for (size_t done = 0; done < count;) {
        size_t batch = count - done < HT_BN254_BATCH ? count - done : HT_BN254_BATCH;
        ht_fp12 part;
        enum ht_err err = take_batch(&part, pairs + PAIR_SIZE * done, batch, why);
        if (err != HT_OK) return err;
        ht_fp12_mul(&product, &product, &part);
        done += batch;
    }
    ht_bn254_final_exponentiation(&product, &product);
    *is_one = ht_fp12_is_one(&product);
    return HT_OK;
}
