/* What EAS and its schema registry keep: slots by version, values read strictly. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "identity/eas/storage.h"
#include "tests/unit/eas_sample.h"

#define DATA_SLOTS 8U

/* What a contract would keep of an attestation or a schema. */
struct kept {
    uint8_t values[HT_EAS_SLOTS][32];
    uint8_t more[DATA_SLOTS][32];
    size_t more_count;
};

static void put_u64(uint8_t *out, uint64_t value) {
    for (int i = 0; i < 8; i++) out[i] = (uint8_t)(value >> (56 - 8 * i));
}

static void keep_bytes(struct kept *out, uint8_t value[static 32], ht_bytes data) {
    memset(value, 0, 32);
    memset(out->more, 0, sizeof out->more);
    out->more_count = data.n > 31 ? (data.n + 31) / 32 : 0;
    if (data.n > 31) {
        put_u64(value + 24, 2 * data.n + 1);
        memcpy(out->more, data.p, data.n);
    } else {
        value[31] = (uint8_t)(2 * data.n);
        if (data.n > 0) memcpy(value, data.p, data.n);
    }
}

static void keep(struct kept *out, const struct ht_attestation *one) {
    *out = (struct kept){.more_count = 0};
    memcpy(out->values[0], one->uid.b, 32);
    memcpy(out->values[1], one->schema.b, 32);
    put_u64(out->values[2] + 24, one->time);
    put_u64(out->values[2] + 16, one->expiration_time);
    put_u64(out->values[2] + 8, one->revocation_time);
    memcpy(out->values[3], one->ref_uid.b, 32);
    memcpy(out->values[4] + 12, one->recipient.b, 20);
    memcpy(out->values[5] + 12, one->attester.b, 20);
    out->values[5][11] = one->is_revocable;
    keep_bytes(out, out->values[6], one->data);
}

static enum ht_err read(struct ht_attestation *out, struct ht_arena *arena, const ht_hash32 *uid,
                        const struct kept *kept, struct ht_why *why) {
    return ht_eas_from_storage(out, arena, uid, (const uint8_t(*)[32])kept->values,
                               (const uint8_t(*)[32])kept->more, kept->more_count, why);
}

static void judge(const ht_hash32 *uid, const struct kept *kept, enum ht_err kind,
                  const char *code) {
    struct ht_arena arena;
    struct ht_attestation out;
    struct ht_why why = {.code = "ok", .text = ""};
    ht_arena_init(&arena, 1 << 20);
    enum ht_err err = read(&out, &arena, uid, kept, &why);
    ht_arena_fini(&arena);
    assert_string_equal(why.code, code);
    assert_int_equal(err, kind);
}

static struct ht_attestation sample_of(ht_bytes data) {
    struct ht_attestation out = eas_sample();
    out.data = data;
    ht_eas_uid(&out.uid, &out, 0);
    return out;
}

static void expect(const ht_hash32 *got, const char *hex) {
    ht_hash32 want = eas_hash(hex);
    assert_memory_equal(got->b, want.b, sizeof want.b);
}

static void known_contracts_are_those_of_mainnet_and_sepolia(void **state) {
    (void)state;
    const struct ht_eas_contract *mainnet = ht_eas_known(1);
    const struct ht_eas_contract *sepolia = ht_eas_known(11155111);
    assert_non_null(mainnet);
    assert_non_null(sepolia);
    assert_int_equal(mainnet->layout, HT_EAS_0_26);
    assert_string_equal(sepolia->version, "0.26");
    assert_int_equal(mainnet->eas.b[0], 0xa1);
    assert_int_equal(sepolia->registry.b[19], 0xd0);
    assert_null(ht_eas_known(5));
}

static void slots_are_where_each_version_has_them(void **state) {
    (void)state;
    static const char *const WANT[2][7] = {
        {"0x4bdbc810460518f340c1621819b9e65e35322d7276c897c35388e02b30b1a955",
         "0x4bdbc810460518f340c1621819b9e65e35322d7276c897c35388e02b30b1a95b",
         "0x8837211fae6f32c2507a057e1c087b9d700bfc263d07fa27cddc0801a796bca6",
         "0x8837211fae6f32c2507a057e1c087b9d700bfc263d07fa27cddc0801a796c4a5",
         "0xbced2785ffe13ffc945a342fd68a7e126efdafa36bcdd8a14b69eced393fd9cd",
         "0x32ea77548668c8d30ed5b4d9021f98708307e005fabfd3bbeaa15f3a4239ad2a",
         "0xcc3ce32bbe557b6cf2235f86c5beb63518395fda02c736e9c185d0a6dc8bb887"},
        {"0x5cf6bf902d1514e03ca2d657409a2a41c615644db293ab8667a3897fb2ab27bc",
         "0x5cf6bf902d1514e03ca2d657409a2a41c615644db293ab8667a3897fb2ab27c2",
         "0x900ed3b09f71701f2a7218df4b50c3dd4194b8eab0bf6b10a95b4c56a7cec5b4",
         "0x900ed3b09f71701f2a7218df4b50c3dd4194b8eab0bf6b10a95b4c56a7cecdb3",
         "0x478ab2fe07d6c40910fdb124e97b27915796935e8f77af1b6f446480d4e85707",
         "0x539bfa2fc48b71b3e4f144f9e8a0c4ac098abe7d37dbc6706d1e32874a82051c",
         "0x7a6c1f242ee0411f1667669020a7fa737fde9649ce8d8fec89f5c1cde8766c83"},
    };
    ht_hash32 uid = eas_hash_of(0x99);
    ht_addr20 who = eas_address_of(0x77);
    for (int i = 0; i < 2; i++) {
        enum ht_eas_layout layout = i == 0 ? HT_EAS_0_26 : HT_EAS_1_4;
        ht_hash32 slots[HT_EAS_SLOTS];
        ht_hash32 slot;
        ht_eas_slots(slots, layout, &uid);
        expect(&slots[0], WANT[i][0]);
        expect(&slots[6], WANT[i][1]);
        ht_eas_data_slot(&slot, layout, &uid, 0);
        expect(&slot, WANT[i][2]);
        ht_eas_data_slot(&slot, layout, &uid, HT_EAS_DATA_SLOTS_MAX - 1);
        expect(&slot, WANT[i][3]);
        ht_eas_revoked_slot(&slot, layout, &who, &uid);
        expect(&slot, WANT[i][4]);
        ht_eas_timestamp_slot(&slot, layout, &uid);
        expect(&slot, WANT[i][5]);
        ht_eas_nonce_slot(&slot, layout, &who);
        expect(&slot, WANT[i][6]);
    }
}

static void schema_slots_are_the_registry_s(void **state) {
    (void)state;
    ht_hash32 uid = eas_hash_of(0x99);
    ht_hash32 slots[HT_EAS_SCHEMA_SLOTS];
    ht_hash32 slot;
    ht_eas_schema_slots(slots, &uid);
    expect(&slots[0], "0xb8fcbe66f0f40ce649be45dddd48add714bc52961884713cd003c036794709e7");
    ht_eas_schema_text_slot(&slot, &uid, 0);
    expect(&slot, "0x31887af1afeffcd2f988bd19d26390f6fbca7f009e43288aa08a9f9d8878d3b2");
    ht_eas_schema_text_slot(&slot, &uid, 1);
    expect(&slot, "0x31887af1afeffcd2f988bd19d26390f6fbca7f009e43288aa08a9f9d8878d3b3");
}

static void storage_gives_the_attestation_back_with_data_of_any_length(void **state) {
    (void)state;
    static const size_t LENGTHS[] = {0, 1, 30, 31, 32, 33, 64, 65, 256};
    uint8_t data[256];
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i + 1);
    for (size_t i = 0; i < sizeof LENGTHS / sizeof *LENGTHS; i++) {
        struct ht_attestation one = sample_of(ht_bytes_of(data, LENGTHS[i]));
        struct ht_attestation got;
        struct ht_arena arena;
        struct kept kept;
        size_t count = 99;
        one.revocation_time = 0x2122232425262728;
        keep(&kept, &one);
        ht_arena_init(&arena, 1 << 20);
        assert_int_equal(ht_eas_data_slots(&count, (const uint8_t(*)[32])kept.values, NULL), HT_OK);
        assert_int_equal(count, kept.more_count);
        assert_int_equal(read(&got, &arena, &one.uid, &kept, NULL), HT_OK);
        assert_memory_equal(got.schema.b, one.schema.b, 32);
        assert_memory_equal(got.ref_uid.b, one.ref_uid.b, 32);
        assert_memory_equal(got.recipient.b, one.recipient.b, 20);
        assert_memory_equal(got.attester.b, one.attester.b, 20);
        assert_true(got.time == one.time && got.expiration_time == one.expiration_time);
        assert_true(got.revocation_time == one.revocation_time && got.is_revocable);
        assert_true(ht_bytes_equal(got.data, one.data));
        ht_arena_fini(&arena);
    }
}

static void storage_tells_absence_from_everything_else(void **state) {
    (void)state;
    struct ht_attestation one = sample_of(ht_bytes_str("x"));
    struct kept kept = {.more_count = 0};
    judge(&one.uid, &kept, HT_ENOTFOUND, "no_attestation");
    keep(&kept, &one);
    judge(&one.uid, &kept, HT_OK, "ok");
}

static void storage_refuses_values_that_are_no_attestation(void **state) {
    (void)state;
    struct ht_attestation one = sample_of(ht_bytes_str("x"));
    ht_hash32 other = eas_hash_of(1);
    /* Slot and byte that must be what they are. */
    static const size_t AT[][2] = {{2, 0}, {2, 7}, {4, 0}, {4, 11}, {5, 0}, {5, 10}, {6, 1}};
    for (size_t i = 0; i < sizeof AT / sizeof *AT; i++) {
        struct kept kept;
        keep(&kept, &one);
        kept.values[AT[i][0]][AT[i][1]] = 1;
        judge(&one.uid, &kept, HT_EUNVERIFIED, "eas_layout");
    }
    struct kept kept;
    keep(&kept, &one);
    judge(&other, &kept, HT_EUNVERIFIED, "eas_layout");
    kept.values[5][11] = 2; /* neither revocable nor not */
    judge(&one.uid, &kept, HT_EUNVERIFIED, "eas_layout");
}

static void storage_refuses_lengths_that_solidity_does_not_write(void **state) {
    (void)state;
    struct ht_attestation one = sample_of(ht_bytes_str("x"));
    struct kept kept;
    keep(&kept, &one);
    kept.values[6][31] = 64; /* 32 bytes beside their length */
    judge(&one.uid, &kept, HT_EUNVERIFIED, "eas_layout");
    memset(kept.values[6], 0, 32);
    kept.values[6][31] = 2 * 31 + 1; /* elsewhere, though they fit */
    kept.more_count = 1;
    judge(&one.uid, &kept, HT_EUNVERIFIED, "eas_layout");
}

static void storage_refuses_data_with_another_number_of_slots(void **state) {
    (void)state;
    struct ht_attestation one =
        sample_of(ht_bytes_str("forty bytes and a few more, more than one slot holds"));
    struct kept kept;
    keep(&kept, &one);
    assert_int_equal(kept.more_count, 2);
    kept.more_count = 1;
    judge(&one.uid, &kept, HT_EUNVERIFIED, "eas_layout");
    kept.more_count = 3;
    judge(&one.uid, &kept, HT_EUNVERIFIED, "eas_layout");
    kept.more_count = 2;
    kept.more[1][31] = 1; /* behind the end of the data */
    judge(&one.uid, &kept, HT_EUNVERIFIED, "eas_layout");
    kept.more[1][31] = 0;
    judge(&one.uid, &kept, HT_OK, "ok");
    one = sample_of(ht_bytes_str("short"));
    keep(&kept, &one);
    kept.more_count = 1;
    judge(&one.uid, &kept, HT_EUNVERIFIED, "eas_layout");
}

static void storage_bounds_data_before_anything_is_allocated(void **state) {
    (void)state;
    struct ht_why why = {.code = "ok"};
    uint8_t values[HT_EAS_SLOTS][32] = {{0}};
    size_t count = 0;
    put_u64(values[6] + 24, 2 * HT_EAS_DATA_MAX + 1);
    assert_int_equal(ht_eas_data_slots(&count, (const uint8_t(*)[32])values, &why), HT_OK);
    assert_int_equal(count, HT_EAS_DATA_SLOTS_MAX);
    put_u64(values[6] + 24, 2 * HT_EAS_DATA_MAX + 3);
    assert_int_equal(ht_eas_data_slots(&count, (const uint8_t(*)[32])values, &why), HT_ELIMIT);
    assert_string_equal(why.code, "eas_too_large");
    put_u64(values[6] + 24, 2 * 64 + 1);
    values[6][0] = 1; /* 2^247 bytes and 64 */
    assert_int_equal(ht_eas_data_slots(&count, (const uint8_t(*)[32])values, &why), HT_ELIMIT);
}

static void storage_refuses_fields_that_do_not_give_the_uid(void **state) {
    (void)state;
    struct ht_attestation one = sample_of(ht_bytes_str("x"));
    struct kept kept;
    keep(&kept, &one);
    kept.values[5][31] ^= 1; /* another attester */
    judge(&one.uid, &kept, HT_EUNVERIFIED, "eas_uid");
    keep(&kept, &one);
    kept.values[6][0] ^= 1; /* other data */
    judge(&one.uid, &kept, HT_EUNVERIFIED, "eas_uid");
    keep(&kept, &one);
    kept.values[2][31] ^= 1; /* another time */
    judge(&one.uid, &kept, HT_EUNVERIFIED, "eas_uid");
}

static void keep_schema(struct kept *out, ht_hash32 *uid, ht_bytes text) {
    ht_addr20 resolver = eas_address_of(0xe5);
    *out = (struct kept){.more_count = 0};
    ht_eas_schema_uid(uid, text, &resolver, true);
    memcpy(out->values[0], uid->b, 32);
    memcpy(out->values[1] + 12, resolver.b, 20);
    out->values[1][11] = 1;
    keep_bytes(out, out->values[2], text);
}

static void judge_schema(const ht_hash32 *uid, const struct kept *kept, enum ht_err kind,
                         const char *code, ht_bytes text) {
    struct ht_arena arena;
    struct ht_eas_schema_record out;
    struct ht_why why = {.code = "ok", .text = ""};
    ht_arena_init(&arena, 1 << 20);
    enum ht_err err =
        ht_eas_schema_from_storage(&out, &arena, uid, (const uint8_t(*)[32])kept->values,
                                   (const uint8_t(*)[32])kept->more, kept->more_count, &why);
    bool is_same = err != HT_OK || (ht_bytes_equal(out.text, text) && out.is_revocable &&
                                    out.resolver.b[0] == 0xe5 && ht_hash32_equal(&out.uid, uid));
    ht_arena_fini(&arena);
    assert_string_equal(why.code, code);
    assert_int_equal(err, kind);
    assert_true(is_same);
}

static void schema_is_read_from_its_slots_short_and_long(void **state) {
    (void)state;
    static const char *const TEXTS[] = {
        "", "uint8 warmth", "address voter,uint64 weight,string why_it_was_given_at_all"};
    for (size_t i = 0; i < 3; i++) {
        struct kept kept;
        ht_hash32 uid;
        size_t count = 99;
        keep_schema(&kept, &uid, ht_bytes_str(TEXTS[i]));
        assert_int_equal(ht_eas_schema_text_slots(&count, (const uint8_t(*)[32])kept.values, NULL),
                         HT_OK);
        assert_int_equal(count, kept.more_count);
        judge_schema(&uid, &kept, HT_OK, "ok", ht_bytes_str(TEXTS[i]));
    }
}

static void schema_that_is_absent_malformed_or_another_is_refused(void **state) {
    (void)state;
    struct kept kept = {.more_count = 0};
    ht_hash32 uid = eas_hash_of(1);
    ht_bytes text = ht_bytes_str("uint8 warmth");
    judge_schema(&uid, &kept, HT_ENOTFOUND, "no_schema", text);
    keep_schema(&kept, &uid, text);
    kept.values[1][0] = 1;
    judge_schema(&uid, &kept, HT_EUNVERIFIED, "eas_layout", text);
    keep_schema(&kept, &uid, text);
    kept.values[1][11] = 0; /* not revocable */
    judge_schema(&uid, &kept, HT_EUNVERIFIED, "eas_uid", text);
    keep_schema(&kept, &uid, text);
    kept.values[2][0] ^= 1;
    judge_schema(&uid, &kept, HT_EUNVERIFIED, "eas_uid", text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_contracts_are_those_of_mainnet_and_sepolia),
        cmocka_unit_test(slots_are_where_each_version_has_them),
        cmocka_unit_test(schema_slots_are_the_registry_s),
        cmocka_unit_test(storage_gives_the_attestation_back_with_data_of_any_length),
        cmocka_unit_test(storage_tells_absence_from_everything_else),
        cmocka_unit_test(storage_refuses_values_that_are_no_attestation),
        cmocka_unit_test(storage_refuses_lengths_that_solidity_does_not_write),
        cmocka_unit_test(storage_refuses_data_with_another_number_of_slots),
        cmocka_unit_test(storage_bounds_data_before_anything_is_allocated),
        cmocka_unit_test(storage_refuses_fields_that_do_not_give_the_uid),
        cmocka_unit_test(schema_is_read_from_its_slots_short_and_long),
        cmocka_unit_test(schema_that_is_absent_malformed_or_another_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
