/* Storage values of EAS from any bytes, 32 to a slot: never accepted unless they give their uid.
 * Then the same values with the uid that they would have: what is accepted of those is kept again
 * as Solidity does it and must come to the same values. */
#include <stdlib.h>

#include "identity/eas/storage.h"

#define MORE_MAX 64U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static uint64_t read_u64(const uint8_t *p) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value = value << 8 | p[i];
    return value;
}

/* Data as the value and the slots behind it say, without any check but of the bound. */
static ht_bytes claimed_data(const uint8_t value[static 32], const uint8_t (*more)[32],
                             size_t more_count) {
    if ((value[31] & 1) == 0) return ht_bytes_of(value, value[31] / 2 % 32);
    uint64_t n = read_u64(value + 24) / 2;
    return ht_bytes_of(more, n < more_count * 32 ? (size_t)n : more_count * 32);
}

static void give_uid(uint8_t (*values)[32], const uint8_t (*more)[32], size_t more_count) {
    ht_hash32 uid;
    struct ht_attestation one = {.time = read_u64(values[2] + 24),
                                 .expiration_time = read_u64(values[2] + 16),
                                 .is_revocable = values[5][11] == 1,
                                 .data = claimed_data(values[6], more, more_count)};
    memcpy(one.schema.b, values[1], 32);
    memcpy(one.ref_uid.b, values[3], 32);
    memcpy(one.recipient.b, values[4] + 12, 20);
    memcpy(one.attester.b, values[5] + 12, 20);
    ht_eas_uid(&uid, &one, 1);
    memcpy(values[0], uid.b, 32);
}

static void give_schema_uid(uint8_t (*values)[32], const uint8_t (*more)[32], size_t more_count) {
    ht_hash32 uid;
    ht_addr20 resolver;
    memcpy(resolver.b, values[1] + 12, sizeof resolver.b);
    ht_eas_schema_uid(&uid, claimed_data(values[2], more, more_count), &resolver,
                      values[1][11] == 1);
    memcpy(values[0], uid.b, 32);
}

static void must_be_kept_so(ht_bytes data, const uint8_t value[static 32],
                            const uint8_t (*more)[32]) {
    uint8_t head[32] = {0};
    if (data.n < 32) {
        if (data.n > 0) memcpy(head, data.p, data.n);
        head[31] = (uint8_t)(2 * data.n);
    } else {
        for (int i = 0; i < 8; i++) head[24 + i] = (uint8_t)((2 * data.n + 1) >> (56 - 8 * i));
        must(memcmp(more, data.p, data.n) == 0);
    }
    must(memcmp(head, value, sizeof head) == 0);
}

static void run_attestation(const uint8_t (*values)[32], const uint8_t (*more)[32],
                            size_t more_count) {
    struct ht_attestation out;
    struct ht_arena arena;
    struct ht_why why = {.code = NULL};
    ht_hash32 uid;
    size_t count = 0;
    memcpy(uid.b, values[0], sizeof uid.b);
    ht_arena_init(&arena, 2 * HT_EAS_DATA_MAX);
    enum ht_err sized = ht_eas_data_slots(&count, values, &why);
    must(sized != HT_OK || count <= HT_EAS_DATA_SLOTS_MAX);
    if (sized == HT_OK && count < more_count) more_count = count;
    enum ht_err err = ht_eas_from_storage(&out, &arena, &uid, values, more, more_count, &why);
    must(err == HT_OK || why.code != NULL);
    if (err == HT_OK) {
        must(sized == HT_OK && count == more_count && ht_eas_uid_is_own(&out));
        must_be_kept_so(out.data, values[6], more);
    }
    ht_arena_fini(&arena);
}

static void run_schema(const uint8_t (*values)[32], const uint8_t (*more)[32], size_t more_count) {
    struct ht_eas_schema_record out;
    struct ht_arena arena;
    struct ht_why why = {.code = NULL};
    ht_hash32 uid;
    memcpy(uid.b, values[0], sizeof uid.b);
    ht_arena_init(&arena, 2 * HT_EAS_DATA_MAX);
    enum ht_err err =
        ht_eas_schema_from_storage(&out, &arena, &uid, values, more, more_count, &why);
    must(err == HT_OK || why.code != NULL);
    if (err == HT_OK) must_be_kept_so(out.text, values[2], more);
    ht_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static uint8_t values[HT_EAS_SLOTS + MORE_MAX][32];
    size_t count = n / 32 < HT_EAS_SLOTS + MORE_MAX ? n / 32 : HT_EAS_SLOTS + MORE_MAX;
    if (count < HT_EAS_SLOTS) return 0;
    memcpy(values, data, count * 32);
    const uint8_t(*fixed)[32] = (const uint8_t(*)[32])values;
    const uint8_t(*more)[32] = fixed + HT_EAS_SLOTS;
    size_t more_count = count - HT_EAS_SLOTS;
    run_attestation(fixed, more, more_count);
    run_schema(fixed, more, more_count);
    give_uid(values, more, more_count);
    run_attestation(fixed, more, more_count);
    give_schema_uid(values, more, more_count);
    run_schema(fixed, more, more_count);
    return 0;
}
