/* Miller's loop over 6 x + 2 for several pairs at once, the check that each point of the twist is
 * in G2, and the final exponentiation.
 *
 * The running point T is kept in homogeneous coordinates (X / Z, Y / Z) on the twist; formulas for
 * it and for the lines are those of Costello, Lange and Naehrig ("Faster pairing computations on
 * curves with high-degree twists", 2010), scaled to need no division by two. A line's value at P is
 * at0 + at1 w + at3 w^3, up to a factor in Fp2, which the final exponentiation makes one.
 *
 * The check: with psi the twist's Frobenius map, Q is in G2 exactly when
 * (6 x + 2) Q + psi Q - psi^2 Q + psi^3 Q is zero, and the loop arrives at all but the last term.
 * On G2 psi is p, and 6 x + 2 + p - p^2 + p^3 = 0 mod r. The other way round, the norm of
 * 6 x + 2 + z - z^2 + z^3 in Z[z] / (z^2 - (6 x^2 + 1) z + p) has r as its greatest common divisor
 * with the number of points of the twist, r (2 p - r), so only points of order r or 1 pass. The
 * formula for sums does not hold where T meets Q or -Q, which it does for no point of the twist:
 * the factors before Q there, and the norms behind the loop, are prime to the number of points. */
#include "node/evm/bn254_pairing.h"

#include "node/evm/bn254_gen.h"

#define ARRAY_COUNT(array) (sizeof(array) / sizeof *(array))

struct line {
    ht_fp2 at0, at1, at3;
};

struct runner {
    ht_fp2 x, y, z;
    ht_fp2 minus_qy;
    ht_fp minus_py;
    const struct ht_bn254_pair *pair;
};

/* --- lines ------------------------------------------------------------------------------------ */

/* T = 2 T, and the tangent at T. With b = Y^2, e = 3 b' Z^2, h = 2 Y Z:
 * X' = 2 X Y (b - 3 e), Y' = (b + 3 e)^2 - 12 e^2, Z' = 4 b h;
 * at0 = -h yP, at1 = 3 X^2 xP, at3 = e - b. */
static void double_step(struct line *line, struct runner *t) {
    ht_fp2 b;
    ht_fp2 e;
    ht_fp2 e3;
    ht_fp2 h;
    ht_fp2 x2;
    ht_fp2 u;
    ht_fp2_square(&b, &t->y);
    ht_fp2_square(&e, &t->z);
    ht_fp2_mul(&e, &e, &HT_BN254_TWIST_3B);
    ht_fp2_double(&e3, &e);
    ht_fp2_add(&e3, &e3, &e);
    ht_fp2_mul(&h, &t->y, &t->z);
    ht_fp2_double(&h, &h);
    ht_fp2_square(&x2, &t->x);
    ht_fp2_mul_fp(&line->at0, &h, &t->minus_py);
    ht_fp2_double(&u, &x2);
    ht_fp2_add(&u, &u, &x2);
    ht_fp2_mul_fp(&line->at1, &u, &t->pair->p.x);
    ht_fp2_sub(&line->at3, &e, &b);
    ht_fp2_mul(&u, &t->x, &t->y);
    ht_fp2_double(&u, &u);
    ht_fp2_sub(&t->x, &b, &e3);
    ht_fp2_mul(&t->x, &t->x, &u);
    ht_fp2_mul(&t->z, &b, &h);
    ht_fp2_double(&t->z, &t->z);
    ht_fp2_double(&t->z, &t->z);
    ht_fp2_add(&u, &b, &e3);
    ht_fp2_square(&u, &u);
    ht_fp2_mul(&e, &e, &e3);
    ht_fp2_double(&e, &e);
    ht_fp2_double(&e, &e);
    ht_fp2_sub(&t->y, &u, &e);
}

/* T = T + Q, and the line through T and Q = (x, y), which is neither T nor -T. With o = Y - y Z,
 * l = X - x Z, g = X l^2, k = Z o^2 + l^3 - 2 g: X' = l k, Y' = o (g - k) - Y l^3, Z' = Z l^3;
 * at0 = -l yP, at1 = o xP, at3 = l y - o x. */
static void add_step(struct line *line, struct runner *t, const ht_fp2 *x, const ht_fp2 *y) {
    ht_fp2 o;
    ht_fp2 l;
    ht_fp2 l3;
    ht_fp2 g;
    ht_fp2 k;
    ht_fp2 u;
    ht_fp2_mul(&u, y, &t->z);
    ht_fp2_sub(&o, &t->y, &u);
    ht_fp2_mul(&u, x, &t->z);
    ht_fp2_sub(&l, &t->x, &u);
    ht_fp2_mul_fp(&line->at0, &l, &t->minus_py);
    ht_fp2_mul_fp(&line->at1, &o, &t->pair->p.x);
    ht_fp2_mul(&line->at3, &l, y);
    ht_fp2_mul(&u, &o, x);
    ht_fp2_sub(&line->at3, &line->at3, &u);
    ht_fp2_square(&u, &l);
    ht_fp2_mul(&g, &t->x, &u);
    ht_fp2_mul(&l3, &l, &u);
    ht_fp2_square(&k, &o);
    ht_fp2_mul(&k, &k, &t->z);
    ht_fp2_add(&k, &k, &l3);
    ht_fp2_sub(&k, &k, &g);
    ht_fp2_sub(&k, &k, &g);
    ht_fp2_mul(&t->x, &l, &k);
    ht_fp2_sub(&g, &g, &k);
    ht_fp2_mul(&g, &g, &o);
    ht_fp2_mul(&u, &t->y, &l3);
    ht_fp2_sub(&t->y, &g, &u);
    ht_fp2_mul(&t->z, &t->z, &l3);
}

/* f * line; a P at infinity has no line, its Q is only checked. */
static void take_line(ht_fp12 *f, const struct line *line, const struct runner *t) {
    if (!t->pair->p.is_infinity) ht_fp12_mul_line(f, f, &line->at0, &line->at1, &line->at3);
}

/* --- Miller's loop ---------------------------------------------------------------------------- */

/* psi (x, y) = (x^p xi^((p - 1) / 3), y^p xi^((p - 1) / 2)) */
static void psi(ht_fp2 *out_x, ht_fp2 *out_y, const ht_fp2 *x, const ht_fp2 *y) {
    ht_fp2_conjugate(out_x, x);
    ht_fp2_mul(out_x, out_x, &HT_BN254_FROBENIUS[1]);
    ht_fp2_conjugate(out_y, y);
    ht_fp2_mul(out_y, out_y, &HT_BN254_FROBENIUS[2]);
}

/* The two sums behind the loop, T + psi Q - psi^2 Q, and whether that is -psi^3 Q. */
static bool finish(ht_fp12 *f, struct runner *t) {
    const struct ht_g2 *q = &t->pair->q;
    struct line line;
    ht_fp2 x;
    ht_fp2 y;
    ht_fp2 u;
    psi(&x, &y, &q->x, &q->y);
    add_step(&line, t, &x, &y);
    take_line(f, &line, t);
    /* psi^2 (x, y) = (x xi^((p^2 - 1) / 3), -y) */
    ht_fp2_mul_fp(&x, &q->x, &HT_BN254_FROBENIUS2[1]);
    add_step(&line, t, &x, &q->y);
    take_line(f, &line, t);
    psi(&x, &y, &x, &q->y);
    ht_fp2_mul(&x, &x, &t->z);
    ht_fp2_mul(&u, &y, &t->z);
    return !ht_fp2_is_zero(&t->z) && ht_fp2_equal(&x, &t->x) && ht_fp2_equal(&u, &t->y);
}

static void start(struct runner *t, const struct ht_bn254_pair *pair) {
    *t = (struct runner){.x = pair->q.x, .y = pair->q.y, .z.c0 = ht_fp_one, .pair = pair};
    ht_fp2_neg(&t->minus_qy, &pair->q.y);
    ht_fp_neg(&t->minus_py, &pair->p.y);
}

bool ht_bn254_miller(ht_fp12 *out, const struct ht_bn254_pair *pairs, size_t count) {
    struct runner runners[HT_BN254_BATCH];
    struct line line;
    size_t running = 0;
    bool is_in_group = true;
    ht_assert(count <= HT_BN254_BATCH);
    for (size_t i = 0; i < count; i++) {
        if (!pairs[i].q.is_infinity) start(&runners[running++], &pairs[i]);
    }
    ht_fp12 f = ht_fp12_one;
    for (size_t i = 1; i < ARRAY_COUNT(HT_BN254_MILLER_DIGITS) && running > 0; i++) {
        int digit = HT_BN254_MILLER_DIGITS[i];
        if (i > 1) ht_fp12_square(&f, &f);
        for (size_t j = 0; j < running; j++) {
            struct runner *t = &runners[j];
            double_step(&line, t);
            take_line(&f, &line, t);
            if (digit == 0) continue;
            add_step(&line, t, &t->pair->q.x, digit > 0 ? &t->pair->q.y : &t->minus_qy);
            take_line(&f, &line, t);
        }
    }
    for (size_t j = 0; j < running && is_in_group; j++) is_in_group = finish(&f, &runners[j]);
    *out = f;
    return is_in_group;
}

/* --- the final exponentiation ----------------------------------------------------------------- */

/* a^x for a of the cyclotomic subgroup, whose inverses cost nothing. */
static void power_x(ht_fp12 *out, const ht_fp12 *a) {
    ht_fp12 odd[4];
    ht_fp12 term;
    odd[0] = *a;
    ht_fp12_cyclotomic_square(&term, a);
    for (size_t i = 1; i < ARRAY_COUNT(odd); i++) ht_fp12_mul(&odd[i], &odd[i - 1], &term);
    ht_fp12 power = *a;
    for (size_t i = 1; i < ARRAY_COUNT(HT_BN254_X_DIGITS); i++) {
        int digit = HT_BN254_X_DIGITS[i];
        ht_fp12_cyclotomic_square(&power, &power);
        if (digit == 0) continue;
        term = odd[(digit < 0 ? -digit : digit) / 2];
        if (digit < 0) ht_fp12_conjugate(&term, &term);
        ht_fp12_mul(&power, &power, &term);
    }
    *out = power;
}

/* a^((p^6 - 1)(p^2 + 1)) */
static void easy_part(ht_fp12 *out, const ht_fp12 *a) {
    ht_fp12 t;
    ht_fp12 u;
    ht_fp12_inverse(&t, a);
    ht_fp12_conjugate(&u, a);
    ht_fp12_mul(&t, &t, &u);
    ht_fp12_frobenius2(&u, &t);
    ht_fp12_mul(out, &t, &u);
}

/* k (p^4 - p^2 + 1) / r = c0 + c1 p + c2 p^2 + c3 p^3 with c2 = 12 x^3 + 6 x^2 + 6 x,
 * c1 = c2 - 2 x, c0 = c2 + 6 x^2 + 1, c3 = c1 - 1 (Fuentes-Castañeda, Knapp and
 * Rodríguez-Henríquez, "Faster hashing to G2", 2011). */
void ht_bn254_final_exponentiation(ht_fp12 *out, const ht_fp12 *f) {
    ht_fp12 a;
    ht_fp12 x2;
    ht_fp12 xx6;
    ht_fp12 c1;
    ht_fp12 c2;
    ht_fp12 t;
    easy_part(&a, f);
    power_x(&x2, &a);
    ht_fp12_cyclotomic_square(&x2, &x2);
    ht_fp12_cyclotomic_square(&t, &x2);
    ht_fp12_mul(&c2, &t, &x2);
    power_x(&xx6, &c2);
    ht_fp12_mul(&c2, &c2, &xx6);
    ht_fp12_cyclotomic_square(&t, &xx6);
    power_x(&t, &t);
    ht_fp12_mul(&c2, &c2, &t);
    ht_fp12_conjugate(&t, &x2);
    ht_fp12_mul(&c1, &c2, &t);
    /* Each power of p is applied to what is there so far, so the terms go in from the highest. */
    ht_fp12 power;
    ht_fp12_conjugate(&t, &a);
    ht_fp12_mul(&power, &c1, &t);
    ht_fp12_frobenius(&power, &power);
    ht_fp12_mul(&power, &power, &c2);
    ht_fp12_frobenius(&power, &power);
    ht_fp12_mul(&power, &power, &c1);
    ht_fp12_frobenius(&power, &power);
    ht_fp12_mul(&power, &power, &c2);
    ht_fp12_mul(&power, &power, &xx6);
    ht_fp12_mul(out, &power, &a);
}
