/* What a governor's code tells of it: selectors and storage namespaces that it pushes.
 *
 * Selectors are looked for instruction by instruction, so that data behind pushes is not taken for
 * instructions; bases of namespaces anywhere, since compilers keep what is used often as data
 * behind the code and copy it from there. */
#include "governance/governor/profile_code.h"

#define PUSH1 0x60U
#define PUSH32 0x7fU

const ht_hash32 ht_gov_base_compound_sequence[2] = {
    {{0x35, 0x7e, 0x1d, 0x0c, 0x89, 0x98, 0x05, 0x20, 0xb3, 0x65, 0x4c,
      0x57, 0xf4, 0x44, 0x23, 0x8d, 0x75, 0xa1, 0x5e, 0x5f, 0x41, 0xd3,
      0x89, 0xa0, 0x90, 0xca, 0xab, 0xe5, 0x46, 0x17, 0xd8, 0x00}},
    {{0xa6, 0x95, 0x23, 0x39, 0xbc, 0x88, 0x7e, 0xa6, 0x88, 0xc6, 0xb8,
      0xe8, 0x39, 0x9b, 0xb9, 0x53, 0xa5, 0x00, 0x2e, 0xe7, 0x91, 0x77,
      0xd6, 0x32, 0x2f, 0xca, 0x98, 0xdc, 0x89, 0xae, 0x0b, 0x00}}};
const ht_hash32 ht_gov_base_compound_quorum = {{0xfc, 0x13, 0xb0, 0x62, 0x2f, 0x15, 0xc0, 0xc6,
                                                0x55, 0x8f, 0xbb, 0x10, 0xa1, 0xf5, 0xd3, 0x68,
                                                0x53, 0xf9, 0x03, 0xc8, 0x71, 0xb6, 0x69, 0xba,
                                                0xe7, 0x00, 0x1d, 0x34, 0x8b, 0x50, 0xca, 0x00}};

/* The next push from *at on; false at the end. Data that is cut off by the end counts as zeros. */
static bool next_push(ht_bytes *data, size_t *at, ht_bytes code) {
    while (*at < code.n) {
        unsigned op = code.p[(*at)++];
        if (op < PUSH1 || op > PUSH32) continue;
        size_t n = op - PUSH1 + 1;
        if (n > code.n - *at) return false;
        *data = ht_bytes_of(code.p + *at, n);
        *at += n;
        return true;
    }
    return false;
}

/* Optimizers push the selector of a call without the zero bits at its end, and shift it further. */
static bool is_shifted(ht_bytes data, ht_bytes code, size_t at, uint32_t selector) {
    unsigned zeros = 0;
    uint32_t value = 0;
    while (zeros < 31 && (selector >> zeros & 1) == 0) zeros++;
    for (size_t i = 0; i < data.n; i++) value = value << 8 | data.p[i];
    return value == selector >> zeros && code.n - at >= 2 && code.p[at] == PUSH1 &&
           code.p[at + 1] == 0xe0 + zeros;
}

bool ht_gov_code_has(ht_bytes code, uint32_t selector) {
    uint8_t want[4] = {(uint8_t)(selector >> 24), (uint8_t)(selector >> 16),
                       (uint8_t)(selector >> 8), (uint8_t)selector};
    size_t at = 0;
    ht_bytes data;
    while (next_push(&data, &at, code)) {
        if (ht_bytes_equal(data, HT_BYTES(want))) return true;
        if (data.n <= 4 && is_shifted(data, code, at, selector)) return true;
    }
    return false;
}

bool ht_gov_code_has_base(ht_bytes code, const ht_hash32 *base) {
    /* A base that begins with zeros is pushed without them. */
    size_t zeros = 0;
    while (zeros < 30 && base->b[zeros] == 0) zeros++;
    size_t n = 31 - zeros;
    for (size_t at = 0; at + n < code.n;) {
        const uint8_t *hit = memmem(code.p + at, code.n - at - 1, base->b + zeros, n);
        if (hit == NULL) return false;
        if ((uint8_t)(hit[n] - base->b[31]) <= 3) return true;
        at = (size_t)(hit - code.p) + 1;
    }
    return false;
}

static enum ht_gov_kind kind_of(ht_bytes code) {
    bool has_execute = ht_gov_code_has(code, 0x2656227d);
    bool has_hash = ht_gov_code_has(code, 0xc59057e4);
    if (has_execute && has_hash) {
        if (ht_gov_code_has(code, 0x8ff262e3)) return HT_GOV_OZ5;
        return ht_gov_code_has(code, 0x3bccf4fd) ? HT_GOV_OZ4 : HT_GOV_UNKNOWN;
    }
    bool is_bravo = ht_gov_code_has(code, 0x013cf08b) && ht_gov_code_has(code, 0xe23a9a52) &&
                    ht_gov_code_has(code, 0x3bccf4fd);
    return is_bravo && !has_execute ? HT_GOV_BRAVO : HT_GOV_UNKNOWN;
}

static enum ht_gov_ballots ballots_of(enum ht_gov_kind kind) {
    switch (kind) {
    case HT_GOV_OZ5: return HT_GOV_BALLOTS_5;
    case HT_GOV_OZ4: return HT_GOV_BALLOTS_4;
    case HT_GOV_BRAVO: return HT_GOV_BALLOTS_BRAVO;
    case HT_GOV_UNKNOWN: break;
    }
    return HT_GOV_BALLOTS_NONE;
}

/* Which of the bases are in the code; bases of one namespace share what is pushed. */
static uint32_t find_named(ht_bytes code) {
    uint32_t named = 0;
    for (size_t i = 0; i < HT_GOV_SLOTS; i++) {
        ht_hash32 base = ht_gov_layout_upgradeable.base[i];
        if (!ht_gov_has(&ht_gov_layout_upgradeable, (enum ht_gov_slot)i)) continue;
        base.b[31] = 0;
        if (ht_gov_code_has_base(code, &base)) named |= 1U << i;
    }
    return named;
}

static enum ht_gov_timelock timelock_of(ht_bytes code, enum ht_gov_kind kind) {
    if (kind == HT_GOV_BRAVO) return HT_GOV_TIMELOCK_COMPOUND;
    /* What it calls there: scheduleBatch or hashOperationBatch, or queueTransaction. */
    bool is_controller = ht_gov_code_has(code, 0x8f2a0bb0) || ht_gov_code_has(code, 0xb1c5f427);
    if (is_controller) return HT_GOV_TIMELOCK_CONTROLLER;
    return ht_gov_code_has(code, 0x3a66f901) ? HT_GOV_TIMELOCK_COMPOUND : HT_GOV_NO_TIMELOCK;
}

void ht_gov_traits_of(struct ht_gov_traits *out, ht_bytes code) {
    *out = (struct ht_gov_traits){
        .kind = kind_of(code),
        .has_clock_mode = ht_gov_code_has(code, 0x4bf5d7e9),
        .has_counting_mode = ht_gov_code_has(code, 0xdd4e2ba5),
        .has_timelock = ht_gov_code_has(code, 0xd33219b4),
        .has_late_quorum = ht_gov_code_has(code, 0x32b8113e),
        .has_override = ht_gov_code_has(code, 0xaf7cb469),
        .has_quorum_fraction = ht_gov_code_has(code, 0x97c3d334),
        .has_count = ht_gov_code_has(code, 0xda35c664),
        .has_proposal_id = ht_gov_code_has(code, 0xa8f8a668),
        .has_receipts = ht_gov_code_has(code, 0xe23a9a52),
        .has_super_quorum = ht_gov_code_has(code, 0xc92f7730),
        .named = find_named(code),
        .names_amounts = ht_gov_code_has_base(code, &ht_gov_base_compound_quorum),
    };
    out->ballots = ballots_of(out->kind);
    out->timelock = out->has_timelock ? timelock_of(code, out->kind) : HT_GOV_NO_TIMELOCK;
    out->is_namespaced = out->kind == HT_GOV_OZ5 && (out->named >> HT_GOV_PROPOSALS & 1) != 0;
    out->names_fractional = ht_gov_code_has_base(code, &ht_gov_base_fractional);
    out->names_overridable = ht_gov_code_has_base(code, &ht_gov_base_overridable);
}

bool ht_gov_clone_target(ht_addr20 *out, ht_bytes code) {
    static const uint8_t head[] = {0x36, 0x3d, 0x3d, 0x37, 0x3d, 0x3d, 0x3d, 0x36, 0x3d, 0x73};
    static const uint8_t tail[] = {0x5a, 0xf4, 0x3d, 0x82, 0x80, 0x3e, 0x90, 0x3d,
                                   0x91, 0x60, 0x2b, 0x57, 0xfd, 0x5b, 0xf3};
    if (code.n != sizeof head + 20 + sizeof tail || memcmp(code.p, head, sizeof head) != 0 ||
        memcmp(code.p + sizeof head + 20, tail, sizeof tail) != 0) {
        return false;
    }
    memcpy(out->b, code.p + sizeof head, 20);
    return true;
}
