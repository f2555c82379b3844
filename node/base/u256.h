/* 256-bit unsigned integers: amounts in wei, fees, difficulties, and the EVM's word.
 *
 * Two families, so that no overflow goes unseen: ht_u256_add and its like are modulo 2^256, as the
 * EVM's; ht_u256_add_overflow and its like say whether the true result was outside 256 bits, and
 * their answer must be looked at. Outputs may be the same object as inputs. Nothing allocates; not
 * for secrets: time depends on values. */
#ifndef HT_BASE_U256_H
#define HT_BASE_U256_H

#include "node/base/bytes.h"

/* Least significant limb first. */
typedef struct ht_u256 {
    uint64_t limb[4];
} ht_u256;

/* Text of the largest value with its terminating zero: 78 decimal digits, "0x" and 64. */
#define HT_U256_DECIMAL_SIZE 79U
#define HT_U256_QUANTITY_SIZE 67U

static inline ht_u256 ht_u256_of(uint64_t value) {
    return (ht_u256){{value, 0, 0, 0}};
}

static inline bool ht_u256_is_zero(const ht_u256 *a) {
    return (a->limb[0] | a->limb[1] | a->limb[2] | a->limb[3]) == 0;
}

static inline bool ht_u256_is_u64(const ht_u256 *a) {
    return (a->limb[1] | a->limb[2] | a->limb[3]) == 0;
}

static inline bool ht_u256_equal(const ht_u256 *a, const ht_u256 *b) {
    return memcmp(a->limb, b->limb, sizeof a->limb) == 0;
}

/* Negative, zero or positive, as a is less than, equal to or greater than b. */
int ht_u256_compare(const ht_u256 *a, const ht_u256 *b);

/* Position of the highest set bit plus one; 0 for zero. */
unsigned ht_u256_bit_length(const ht_u256 *a);

/* --- modulo 2^256 -----------------------------------------------------------------------------*/

void ht_u256_add(ht_u256 *out, const ht_u256 *a, const ht_u256 *b);
void ht_u256_sub(ht_u256 *out, const ht_u256 *a, const ht_u256 *b);
void ht_u256_mul(ht_u256 *out, const ht_u256 *a, const ht_u256 *b);
/* Bits moved out are lost; from 256 places on the result is zero. */
void ht_u256_shift_left(ht_u256 *out, const ht_u256 *a, unsigned places);
void ht_u256_shift_right(ht_u256 *out, const ht_u256 *a, unsigned places);

/* --- checked ----------------------------------------------------------------------------------*/

/* True when the sum, difference or product lies outside 0 … 2^256-1; *out then has it modulo
 * 2^256. */
bool ht_u256_add_overflow(ht_u256 *out, const ht_u256 *a, const ht_u256 *b) HT_MUST_USE;
bool ht_u256_sub_overflow(ht_u256 *out, const ht_u256 *a, const ht_u256 *b) HT_MUST_USE;
bool ht_u256_mul_overflow(ht_u256 *out, const ht_u256 *a, const ht_u256 *b) HT_MUST_USE;

/* a = *quotient * b + *remainder with *remainder < b. False for b = 0; both are zero then, which is
 * what the EVM's DIV and MOD answer. Either output may be NULL. */
bool ht_u256_divmod(ht_u256 *quotient, ht_u256 *remainder, const ht_u256 *a,
                    const ht_u256 *b) HT_MUST_USE;

/* --- bytes ------------------------------------------------------------------------------------*/

/* At most 32 bytes big-endian, leading zeros allowed; none is zero. HT_ELIMIT for more. */
enum ht_err ht_u256_from_be(ht_u256 *out, ht_bytes big_endian) HT_MUST_USE;
/* Exactly 32 bytes, which cannot fail. */
ht_u256 ht_u256_from_be32(const uint8_t big_endian[static 32]);
void ht_u256_to_be(uint8_t out[static 32], const ht_u256 *a);

/* --- text -------------------------------------------------------------------------------------*/

/* Readers: HT_EINPUT for text that is no such number, HT_ELIMIT for one of 2^256 or more. */

/* Strict decimal: digits only, no sign, no leading zeros but "0". */
enum ht_err ht_u256_from_decimal(ht_u256 *out, ht_bytes text) HT_MUST_USE;
/* Strict QUANTITY of EIP-1474: "0x", then hex digits of either case, no leading zeros but "0x0". */
enum ht_err ht_u256_from_quantity(ht_u256 *out, ht_bytes text) HT_MUST_USE;
/* What people and careless programs write: decimal, or hex after "0x" or "0X", with any leading
 * zeros; at least one digit. */
enum ht_err ht_u256_from_text(ht_u256 *out, ht_bytes text) HT_MUST_USE;

/* Both write a terminating zero and return the length without it. */
size_t ht_u256_to_decimal(char out[static HT_U256_DECIMAL_SIZE], const ht_u256 *a);
size_t ht_u256_to_quantity(char out[static HT_U256_QUANTITY_SIZE], const ht_u256 *a);

#endif
