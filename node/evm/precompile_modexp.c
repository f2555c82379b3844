/* MODEXP: numbers of any size, by GMP. Its gas is counted in 128 bits from lengths that are cut to
 * 64, so that no declared length can wrap around. */
#include "node/evm/precompile_modexp.h"

#include <gmp.h>

#include "node/evm/precompile_impl.h"
#include "node/evm/word.h"

#define HEADER 96U

/* Far above what any block's gas pays for; an unbounded call (eth_call) stops here. */
#define OPERAND_MAX ((uint64_t)1 << 20)
#define EXPONENT_MAX ((uint64_t)1 << 24)

/* Bytes, UINT64_MAX for that many or more. */
struct lengths {
    uint64_t base, exponent, modulus;
};

static uint64_t read_length(ht_bytes input, size_t at) {
    uint8_t bytes[32];
    ht_u256 value;
    ht_precompile_copy(bytes, sizeof bytes, input, at);
    ht_word_load(&value, bytes);
    return ht_u256_is_u64(&value) ? value.limb[0] : UINT64_MAX;
}

static struct lengths read_lengths(ht_bytes input) {
    return (struct lengths){.base = read_length(input, 0),
                            .exponent = read_length(input, 32),
                            .modulus = read_length(input, 64)};
}

static uint64_t sum_or_most(uint64_t a, uint64_t b) {
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* What of an operand stands in the input; zeros follow it up to its length. */
static ht_bytes part_of(ht_bytes input, uint64_t at, uint64_t length) {
    if (at >= input.n) return ht_bytes_of(NULL, 0);
    uint64_t there = input.n - at;
    return ht_bytes_of(input.p + at, (size_t)(there < length ? there : length));
}

/* --- gas --------------------------------------------------------------------------------------*/

/* The bit length less one of the exponent's first 32 bytes, 0 for zero; and, for what follows
 * them, `factor` for each byte (EIP-2565, EIP-7883). At least 1. */
static ht_u128 iterations(ht_bytes input, const struct lengths *lengths, unsigned factor) {
    uint8_t head[32] = {0};
    size_t n = lengths->exponent < sizeof head ? (size_t)lengths->exponent : sizeof head;
    ht_bytes part = part_of(input, sum_or_most(HEADER, lengths->base), n);
    if (part.n > 0) memcpy(head + sizeof head - n, part.p, part.n);
    ht_u256 value;
    ht_word_load(&value, head);
    unsigned bits = 256 - ht_word_clz(&value);
    ht_u128 count = bits > 0 ? bits - 1 : 0;
    count += (ht_u128)(lengths->exponent - n) * factor;
    return count > 0 ? count : 1;
}

uint64_t ht_precompile_modexp_gas(const struct ht_evm_rules *rules, ht_bytes input) {
    struct lengths lengths = read_lengths(input);
    uint64_t longest = lengths.base > lengths.modulus ? lengths.base : lengths.modulus;
    uint64_t bound = rules->modexp_length_max;
    if (bound > 0 && (longest > bound || lengths.exponent > bound)) return UINT64_MAX;
    bool is_7883 = rules->modexp == HT_EVM_MODEXP_EIP7883;
    uint64_t words = longest / 8 + (longest % 8 > 0);
    ht_u128 work = (ht_u128)words * words;
    if (is_7883) work = longest <= 32 ? 16 : 2 * work;
    ht_u128 gas;
    if (__builtin_mul_overflow(work, iterations(input, &lengths, is_7883 ? 16 : 8), &gas)) {
        return UINT64_MAX;
    }
    if (!is_7883) gas /= 3;
    ht_u128 least = is_7883 ? 500 : 200;
    if (gas < least) gas = least;
    return gas > UINT64_MAX ? UINT64_MAX : (uint64_t)gas;
}

/* --- the power --------------------------------------------------------------------------------*/

static void import_operand(mpz_t out, ht_bytes input, uint64_t at, uint64_t length) {
    ht_bytes part = part_of(input, at, length);
    mpz_init(out);
    mpz_import(out, part.n, 1, 1, 0, 0, part.p);
    mpz_mul_2exp(out, out, 8 * (mp_bitcnt_t)(length - part.n));
}

static enum ht_err check_lengths(const struct lengths *lengths, struct ht_why *why) {
    if (lengths->base <= OPERAND_MAX && lengths->modulus <= OPERAND_MAX &&
        lengths->exponent <= EXPONENT_MAX) {
        return HT_OK;
    }
    return ht_fail(why, HT_ELIMIT, "precompile_operand",
                   "MODEXP of numbers that are longer than this program reckons with");
}

enum ht_err ht_precompile_modexp(struct ht_buf *output, ht_bytes input, struct ht_why *why) {
    struct lengths lengths = read_lengths(input);
    ht_buf_clear(output);
    if (lengths.modulus == 0) return HT_OK;
    enum ht_err err = check_lengths(&lengths, why);
    if (err != HT_OK) return err;
    size_t size = (size_t)lengths.modulus;
    uint8_t *out = ht_buf_reserve(output, size);
    if (out == NULL) {
        return ht_fail(why, size > output->max ? HT_ELIMIT : HT_ENOMEM, "precompile_output",
                       "there is no room for the %zu bytes of an answer", size);
    }
    memset(out, 0, size);
    output->n = size;
    mpz_t modulus;
    mpz_t base;
    mpz_t exponent;
    uint64_t exponent_at = HEADER + lengths.base;
    import_operand(modulus, input, exponent_at + lengths.exponent, lengths.modulus);
    import_operand(base, input, HEADER, lengths.base);
    import_operand(exponent, input, exponent_at, lengths.exponent);
    /* The remainder of a division by zero is zero here. */
    if (mpz_sgn(modulus) != 0) {
        mpz_powm(base, base, exponent, modulus);
        size_t used = mpz_sgn(base) == 0 ? 0 : (mpz_sizeinbase(base, 2) + 7) / 8;
        (void)mpz_export(out + size - used, NULL, 1, 1, 0, 0, base);
    }
    mpz_clears(modulus, base, exponent, NULL);
    return HT_OK;
}
