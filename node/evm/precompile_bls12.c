/* The seven precompiles of EIP-2537: gas, additions, maps to the curves and the pairing check. Sums
 * of multiples are precompile_msm.c's, points precompile_points.c's. */
#include "node/evm/precompile_bls12.h"

#include "node/evm/precompile_impl.h"
#include "node/evm/precompile_msm.h"
#include "node/evm/precompile_points.h"

#define PAIR_SIZE (HT_BLS12_G1_SIZE + HT_BLS12_G2_SIZE)
#define BATCH 16U /* pairs whose Miller loops run as one: as many as blst takes */

/* --- gas --------------------------------------------------------------------------------------*/

/* What k terms cost, in thousandths of k multiplications; the last one also for more of them. */
static const uint16_t G1_DISCOUNTS[128] = {
    1000, 949, 848, 797, 764, 750, 738, 728, 719, 712, 705, 698, 692, 687, 682, 677, 673, 669, 665,
    661,  658, 654, 651, 648, 645, 642, 640, 637, 635, 632, 630, 627, 625, 623, 621, 619, 617, 615,
    613,  611, 609, 608, 606, 604, 603, 601, 599, 598, 596, 595, 593, 592, 591, 589, 588, 586, 585,
    584,  582, 581, 580, 579, 577, 576, 575, 574, 573, 572, 570, 569, 568, 567, 566, 565, 564, 563,
    562,  561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 551, 550, 549, 548, 547, 547, 546, 545,
    544,  543, 542, 541, 540, 540, 539, 538, 537, 536, 536, 535, 534, 533, 532, 532, 531, 530, 529,
    528,  528, 527, 526, 525, 525, 524, 523, 522, 522, 521, 520, 520, 519,
};
static const uint16_t G2_DISCOUNTS[128] = {
    1000, 1000, 923, 884, 855, 832, 812, 796, 782, 770, 759, 749, 740, 732, 724, 717, 711, 704, 699,
    693,  688,  683, 679, 674, 670, 666, 663, 659, 655, 652, 649, 646, 643, 640, 637, 634, 632, 629,
    627,  624,  622, 620, 618, 615, 613, 611, 609, 607, 606, 604, 602, 600, 598, 597, 595, 593, 592,
    590,  589,  587, 586, 584, 583, 582, 580, 579, 578, 576, 575, 574, 573, 571, 570, 569, 568, 567,
    566,  565,  563, 562, 561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 552, 551, 550, 549, 548,
    547,  546,  545, 545, 544, 543, 542, 541, 541, 540, 539, 538, 537, 537, 536, 535, 535, 534, 533,
    532,  532,  531, 530, 530, 529, 528, 528, 527, 526, 526, 525, 524, 524,
};

static uint64_t msm_gas(uint64_t k, uint64_t one, const uint16_t discounts[static 128]) {
    if (k == 0) return 0;
    return k * one * discounts[k < 128 ? k - 1 : 127] / 1000;
}

uint64_t ht_precompile_bls12_gas(unsigned number, ht_bytes input) {
    switch (number) {
    case 0x0b: return 375;
    case 0x0c: return msm_gas(input.n / (HT_BLS12_G1_SIZE + 32), 12000, G1_DISCOUNTS);
    case 0x0d: return 600;
    case 0x0e: return msm_gas(input.n / (HT_BLS12_G2_SIZE + 32), 22500, G2_DISCOUNTS);
    case 0x0f: return 37700 + 32600 * (uint64_t)(input.n / PAIR_SIZE);
    case 0x10: return 5500;
    case 0x11: return 23800;
    default: return UINT64_MAX;
    }
}

/* --- the operations ---------------------------------------------------------------------------*/

static enum ht_err add_g1(struct ht_buf *output, ht_bytes input, struct ht_why *why) {
    blst_p1_affine a;
    blst_p1_affine b;
    blst_p1 sum;
    enum ht_err err = ht_bls12_read_g1(&a, input.p, HT_BLS12_ANY_POINT, why);
    if (err == HT_OK) {
        err = ht_bls12_read_g1(&b, input.p + HT_BLS12_G1_SIZE, HT_BLS12_ANY_POINT, why);
    }
    if (err != HT_OK) return err;
    blst_p1_from_affine(&sum, &a);
    blst_p1_add_or_double_affine(&sum, &sum, &b);
    return ht_bls12_answer_g1(output, &sum, why);
}

static enum ht_err add_g2(struct ht_buf *output, ht_bytes input, struct ht_why *why) {
    blst_p2_affine a;
    blst_p2_affine b;
    blst_p2 sum;
    enum ht_err err = ht_bls12_read_g2(&a, input.p, HT_BLS12_ANY_POINT, why);
    if (err == HT_OK) {
        err = ht_bls12_read_g2(&b, input.p + HT_BLS12_G2_SIZE, HT_BLS12_ANY_POINT, why);
    }
    if (err != HT_OK) return err;
    blst_p2_from_affine(&sum, &a);
    blst_p2_add_or_double_affine(&sum, &sum, &b);
    return ht_bls12_answer_g2(output, &sum, why);
}

static enum ht_err map_g1(struct ht_buf *output, ht_bytes input, struct ht_why *why) {
    blst_fp element;
    blst_p1 point;
    enum ht_err err = ht_bls12_read_fp(&element, input.p, why);
    if (err != HT_OK) return err;
    blst_map_to_g1(&point, &element, NULL);
    return ht_bls12_answer_g1(output, &point, why);
}

static enum ht_err map_g2(struct ht_buf *output, ht_bytes input, struct ht_why *why) {
    blst_fp2 element;
    blst_p2 point;
    enum ht_err err = ht_bls12_read_fp2(&element, input.p, why);
    if (err != HT_OK) return err;
    blst_map_to_g2(&point, &element, NULL);
    return ht_bls12_answer_g2(output, &point, why);
}

/* --- pairings ---------------------------------------------------------------------------------*/

struct pairs {
    size_t count;
    blst_p1_affine p[BATCH];
    blst_p2_affine q[BATCH];
    blst_fp12 product; /* of those that are not here any more */
};

static void multiply_in(struct pairs *pairs) {
    const blst_p1_affine *const ps[] = {pairs->p, NULL};
    const blst_p2_affine *const qs[] = {pairs->q, NULL};
    blst_fp12 loops;
    if (pairs->count == 0) return;
    blst_miller_loop_n(&loops, qs, ps, pairs->count);
    blst_fp12_mul(&pairs->product, &pairs->product, &loops);
    pairs->count = 0;
}

static enum ht_err check_pairings(struct ht_buf *output, ht_bytes input, struct ht_why *why) {
    struct pairs pairs;
    pairs.count = 0;
    pairs.product = *blst_fp12_one();
    for (size_t at = 0; at < input.n; at += PAIR_SIZE) {
        blst_p1_affine *p = &pairs.p[pairs.count];
        blst_p2_affine *q = &pairs.q[pairs.count];
        enum ht_err err = ht_bls12_read_g1(p, input.p + at, HT_BLS12_SUBGROUP, why);
        if (err == HT_OK) {
            err = ht_bls12_read_g2(q, input.p + at + HT_BLS12_G1_SIZE, HT_BLS12_SUBGROUP, why);
        }
        if (err != HT_OK) return err;
        /* A pair with infinity is a factor of one. */
        if (!blst_p1_affine_is_inf(p) && !blst_p2_affine_is_inf(q)) pairs.count++;
        if (pairs.count == BATCH) multiply_in(&pairs);
    }
    multiply_in(&pairs);
    blst_final_exp(&pairs.product, &pairs.product);
    uint8_t answer[32] = {[31] = blst_fp12_is_one(&pairs.product)};
    return ht_precompile_answer(output, HT_BYTES(answer), why);
}

enum ht_err ht_precompile_bls12(struct ht_buf *output, unsigned number, ht_bytes input,
                                struct ht_why *why) {
    static const size_t sizes[] = {
        2 * HT_BLS12_G1_SIZE, 0, 2 * HT_BLS12_G2_SIZE, 0, 0, HT_BLS12_FP_SIZE, 2 * HT_BLS12_FP_SIZE,
    };
    ht_buf_clear(output);
    size_t size = number >= 0x0b && number <= 0x11 ? sizes[number - 0x0b] : 0;
    if (size > 0 && input.n != size) {
        return ht_precompile_refuse(why, "the input is not as long as this operation takes");
    }
    switch (number) {
    case 0x0b: return add_g1(output, input, why);
    case 0x0c: return ht_bls12_msm_g1(output, input, why);
    case 0x0d: return add_g2(output, input, why);
    case 0x0e: return ht_bls12_msm_g2(output, input, why);
    case 0x0f: break;
    case 0x10: return map_g1(output, input, why);
    case 0x11: return map_g2(output, input, why);
    default: return ht_fail(why, HT_EBUG, "no_precompile", "precompile %u is not of BLS12", number);
    }
    if (input.n == 0 || input.n % PAIR_SIZE != 0) {
        return ht_precompile_refuse(why, "the pairing check takes 384 bytes for each pair");
    }
    return check_pairings(output, input, why);
}
