/* 256-bit arithmetic on four 64-bit limbs.
 *
 * Multiplication goes through the full 512-bit product and division takes a dividend of up to eight
 * limbs, so that the EVM's MULMOD can be built from what is here. */
#include "node/base/u256.h"

__extension__ typedef unsigned __int128 u128;

/* The largest power of ten in a limb, for conversion from and to decimal. */
#define CHUNK 10000000000000000000U
#define CHUNK_DIGITS 19U

int ht_u256_compare(const ht_u256 *a, const ht_u256 *b) {
    for (size_t i = 4; i-- > 0;) {
        if (a->limb[i] != b->limb[i]) return a->limb[i] < b->limb[i] ? -1 : 1;
    }
    return 0;
}

unsigned ht_u256_bit_length(const ht_u256 *a) {
    for (unsigned i = 4; i-- > 0;) {
        if (a->limb[i] != 0) return 64 * i + 64 - (unsigned)__builtin_clzll(a->limb[i]);
    }
    return 0;
}

bool ht_u256_add_overflow(ht_u256 *out, const ht_u256 *a, const ht_u256 *b) {
    u128 carry = 0;
    for (size_t i = 0; i < 4; i++) {
        carry += (u128)a->limb[i] + b->limb[i];
        out->limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return carry != 0;
}

bool ht_u256_sub_overflow(ht_u256 *out, const ht_u256 *a, const ht_u256 *b) {
    uint64_t borrow = 0;
    for (size_t i = 0; i < 4; i++) {
        u128 difference = (u128)a->limb[i] - b->limb[i] - borrow;
        out->limb[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
    return borrow != 0;
}

/* The whole product, least significant limb first. */
static void multiply(uint64_t out[static 8], const ht_u256 *a, const ht_u256 *b) {
    uint64_t product[8] = {0};
    for (size_t i = 0; i < 4; i++) {
        uint64_t carry = 0;
        for (size_t k = 0; k < 4; k++) {
            u128 sum = (u128)a->limb[i] * b->limb[k] + product[i + k] + carry;
            product[i + k] = (uint64_t)sum;
            carry = (uint64_t)(sum >> 64);
        }
        product[i + 4] = carry;
    }
    memcpy(out, product, sizeof product);
}

bool ht_u256_mul_overflow(ht_u256 *out, const ht_u256 *a, const ht_u256 *b) {
    uint64_t product[8];
    multiply(product, a, b);
    memcpy(out->limb, product, sizeof out->limb);
    return (product[4] | product[5] | product[6] | product[7]) != 0;
}

void ht_u256_add(ht_u256 *out, const ht_u256 *a, const ht_u256 *b) {
    (void)!ht_u256_add_overflow(out, a, b);
}

void ht_u256_sub(ht_u256 *out, const ht_u256 *a, const ht_u256 *b) {
    (void)!ht_u256_sub_overflow(out, a, b);
}

void ht_u256_mul(ht_u256 *out, const ht_u256 *a, const ht_u256 *b) {
    (void)!ht_u256_mul_overflow(out, a, b);
}

void ht_u256_shift_left(ht_u256 *out, const ht_u256 *a, unsigned places) {
    ht_u256 result = {{0}};
    unsigned limbs = places / 64;
    unsigned bits = places % 64;
    for (unsigned i = 0; places < 256 && i + limbs < 4; i++) {
        result.limb[i + limbs] |= a->limb[i] << bits;
        if (bits > 0 && i + limbs + 1 < 4) result.limb[i + limbs + 1] |= a->limb[i] >> (64 - bits);
    }
    *out = result;
}

void ht_u256_shift_right(ht_u256 *out, const ht_u256 *a, unsigned places) {
    ht_u256 result = {{0}};
    unsigned limbs = places / 64;
    unsigned bits = places % 64;
    for (unsigned i = 0; places < 256 && i + limbs < 4; i++) {
        result.limb[i] |= a->limb[i + limbs] >> bits;
        if (bits > 0 && i + limbs + 1 < 4) result.limb[i] |= a->limb[i + limbs + 1] << (64 - bits);
    }
    *out = result;
}

/* --- division ---------------------------------------------------------------------------------*/

/* Divides count limbs in place by one; returns the remainder. */
static uint64_t divide_by_limb(uint64_t *limbs, size_t count, uint64_t divisor) {
    uint64_t remainder = 0;
    for (size_t i = count; i-- > 0;) {
        u128 part = (u128)remainder << 64 | limbs[i];
        limbs[i] = (uint64_t)(part / divisor);
        remainder = (uint64_t)(part % divisor);
    }
    return remainder;
}

/* Moves count limbs up by fewer than 64 bits; returns what falls out at the top. */
static uint64_t move_up(uint64_t *limbs, size_t count, unsigned bits) {
    uint64_t carry = 0;
    for (size_t i = 0; i < count && bits > 0; i++) {
        uint64_t limb = limbs[i];
        limbs[i] = limb << bits | carry;
        carry = limb >> (64 - bits);
    }
    return carry;
}

/* One quotient limb of Knuth's algorithm D (TAOCP 4.3.1): u has n + 1 limbs, v has n, with the top
 * bit of v set. Takes the multiple of v off u. */
static uint64_t quotient_limb(uint64_t *u, const uint64_t *v, size_t n) {
    u128 top = (u128)u[n] << 64 | u[n - 1];
    u128 guess = u[n] >= v[n - 1] ? UINT64_MAX : top / v[n - 1];
    u128 rest = top - guess * v[n - 1];
    /* At most two steps too high; a rest of a limb or more means that the guess is low enough. */
    while (rest >> 64 == 0 && guess * v[n - 2] > (rest << 64 | u[n - 2])) {
        guess--;
        rest += v[n - 1];
    }
    uint64_t borrow = 0;
    uint64_t carry = 0;
    for (size_t i = 0; i <= n; i++) {
        u128 product = (i < n ? guess * v[i] : 0) + carry;
        carry = (uint64_t)(product >> 64);
        u128 difference = (u128)u[i] - (uint64_t)product - borrow;
        u[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
    if (borrow == 0) return (uint64_t)guess;
    u128 sum = 0;
    for (size_t i = 0; i <= n; i++) {
        sum += (u128)u[i] + (i < n ? v[i] : 0);
        u[i] = (uint64_t)sum;
        sum >>= 64;
    }
    return (uint64_t)guess - 1;
}

/* u has count + 1 limbs, the last of them zero; count is at most 8. quotient gets count limbs, u
 * keeps the remainder. v is not zero. */
static void divide(uint64_t *quotient, uint64_t *u, size_t count, const ht_u256 *v) {
    size_t n = 4;
    while (v->limb[n - 1] == 0) n--;
    memset(quotient, 0, count * sizeof *quotient);
    if (n == 1) {
        uint64_t remainder = divide_by_limb(u, count, v->limb[0]);
        memcpy(quotient, u, count * sizeof *u);
        memset(u, 0, count * sizeof *u);
        u[0] = remainder;
        return;
    }
    uint64_t divisor[4];
    memcpy(divisor, v->limb, sizeof divisor);
    unsigned bits = (unsigned)__builtin_clzll(divisor[n - 1]);
    (void)move_up(divisor, n, bits);
    u[count] = move_up(u, count, bits);
    for (size_t i = count - n + 1; i-- > 0;) quotient[i] = quotient_limb(u + i, divisor, n);
    for (size_t i = 0; i < n && bits > 0; i++) u[i] = u[i] >> bits | u[i + 1] << (64 - bits);
}

bool ht_u256_divmod(ht_u256 *quotient, ht_u256 *remainder, const ht_u256 *a, const ht_u256 *b) {
    uint64_t u[5] = {0};
    uint64_t q[4] = {0};
    bool is_defined = !ht_u256_is_zero(b);
    if (is_defined) {
        memcpy(u, a->limb, sizeof a->limb);
        divide(q, u, 4, b);
    }
    if (quotient != NULL) memcpy(quotient->limb, q, sizeof q);
    if (remainder != NULL) memcpy(remainder->limb, u, sizeof remainder->limb);
    return is_defined;
}

/* --- bytes ------------------------------------------------------------------------------------*/

ht_u256 ht_u256_from_be32(const uint8_t big_endian[static 32]) {
    ht_u256 value = {{0}};
    for (size_t i = 0; i < 32; i++) {
        value.limb[3 - i / 8] = value.limb[3 - i / 8] << 8 | big_endian[i];
    }
    return value;
}

enum ht_err ht_u256_from_be(ht_u256 *out, ht_bytes big_endian) {
    uint8_t padded[32] = {0};
    if (big_endian.n > sizeof padded) return HT_ELIMIT;
    if (big_endian.n > 0) memcpy(padded + 32 - big_endian.n, big_endian.p, big_endian.n);
    *out = ht_u256_from_be32(padded);
    return HT_OK;
}

void ht_u256_to_be(uint8_t out[static 32], const ht_u256 *a) {
    for (size_t i = 0; i < 32; i++) out[i] = (uint8_t)(a->limb[3 - i / 8] >> (56 - 8 * (i % 8)));
}

/* --- text -------------------------------------------------------------------------------------*/

static unsigned digit_of(uint8_t c) {
    if (c >= '0' && c <= '9') return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f') return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return (unsigned)(c - 'A') + 10;
    return 99;
}

/* Digits of one base, leading zeros allowed. Text that is wrong further on is malformed, however
 * large the number before it: so the error does not depend on where the overflow was. */
static enum ht_err read_digits(ht_u256 *out, ht_bytes digits, unsigned base) {
    ht_u256 value = {{0}};
    ht_u256 factor = ht_u256_of(base);
    bool is_over = false;
    if (digits.n == 0) return HT_EINPUT;
    for (size_t i = 0; i < digits.n; i++) {
        unsigned digit = digit_of(digits.p[i]);
        if (digit >= base) return HT_EINPUT;
        ht_u256 add = ht_u256_of(digit);
        is_over = is_over || ht_u256_mul_overflow(&value, &value, &factor) ||
                  ht_u256_add_overflow(&value, &value, &add);
    }
    if (is_over) return HT_ELIMIT;
    *out = value;
    return HT_OK;
}

static bool has_leading_zero(ht_bytes digits) {
    return digits.n > 1 && digits.p[0] == '0';
}

enum ht_err ht_u256_from_decimal(ht_u256 *out, ht_bytes text) {
    return has_leading_zero(text) ? HT_EINPUT : read_digits(out, text, 10);
}

enum ht_err ht_u256_from_quantity(ht_u256 *out, ht_bytes text) {
    if (text.n < 3 || text.p[0] != '0' || text.p[1] != 'x') return HT_EINPUT;
    ht_bytes digits = ht_bytes_of(text.p + 2, text.n - 2);
    return has_leading_zero(digits) ? HT_EINPUT : read_digits(out, digits, 16);
}

enum ht_err ht_u256_from_text(ht_u256 *out, ht_bytes text) {
    if (text.n >= 2 && text.p[0] == '0' && (text.p[1] == 'x' || text.p[1] == 'X')) {
        return read_digits(out, ht_bytes_of(text.p + 2, text.n - 2), 16);
    }
    return read_digits(out, text, 10);
}

size_t ht_u256_to_decimal(char out[static HT_U256_DECIMAL_SIZE], const ht_u256 *a) {
    char reversed[5 * CHUNK_DIGITS];
    size_t n = 0;
    ht_u256 rest = *a;
    while (!ht_u256_is_zero(&rest)) {
        uint64_t chunk = divide_by_limb(rest.limb, 4, CHUNK);
        for (size_t i = 0; i < CHUNK_DIGITS; i++, chunk /= 10) {
            reversed[n++] = (char)('0' + chunk % 10);
        }
    }
    while (n > 0 && reversed[n - 1] == '0') n--;
    if (n == 0) reversed[n++] = '0';
    for (size_t i = 0; i < n; i++) out[i] = reversed[n - 1 - i];
    out[n] = '\0';
    return n;
}

size_t ht_u256_to_quantity(char out[static HT_U256_QUANTITY_SIZE], const ht_u256 *a) {
    unsigned bits = ht_u256_bit_length(a);
    size_t digits = bits == 0 ? 1 : (bits + 3) / 4;
    out[0] = '0';
    out[1] = 'x';
    for (size_t i = 0; i < digits; i++) {
        size_t place = digits - 1 - i;
        out[2 + i] = "0123456789abcdef"[a->limb[place / 16] >> (4 * (place % 16)) & 15];
    }
    out[2 + digits] = '\0';
    return 2 + digits;
}
