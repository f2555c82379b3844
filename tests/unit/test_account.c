/* Accounts, slots and code: strict values, proven presence and absence. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/account.h"
#include "node/l1/execution/trie.h"
#include "tests/unit/trie_maker.h"

#define ROOT "a01111111111111111111111111111111111111111111111111111111111111111"
#define CODE "a02222222222222222222222222222222222222222222222222222222222222222"

static struct ht_account sample(uint64_t n) {
    struct ht_account account;
    ht_account_init_empty(&account);
    account.nonce = n;
    account.balance[31] = (uint8_t)n;
    account.balance[20] = (uint8_t)(n >> 8);
    account.code_hash.b[0] = (uint8_t)n;
    return account;
}

static ht_addr20 address_of(uint64_t n) {
    ht_addr20 address = {{0}};
    ht_write_u64_le(address.b, n);
    return address;
}

/* A state of `count` accounts. */
static void make_state(struct ht_trie_maker *maker, uint64_t count) {
    ht_tm_init(maker);
    for (uint64_t n = 0; n < count; n++) {
        const struct ht_account account = sample(n);
        const ht_addr20 address = address_of(n);
        uint8_t rlp[HT_ACCOUNT_RLP_MAX];
        ht_hash32 key;
        ht_keccak256(&key, HT_BYTES(address.b));
        ht_tm_put(maker, HT_BYTES(key.b), ht_bytes_of(rlp, ht_account_encode(rlp, &account)));
    }
    ht_tm_finish(maker);
}

static void account_encodes_and_decodes_to_the_same(void **state) {
    (void)state;
    struct ht_account account = {.nonce = 0}, got;
    uint8_t rlp[HT_ACCOUNT_RLP_MAX];
    const uint64_t nonces[] = {0, 1, 127, 128, 255, 256, UINT64_MAX};
    for (size_t i = 0; i < sizeof nonces / sizeof *nonces; i++) {
        account.nonce = nonces[i];
        memset(account.balance + 32 - i, 0xff, i);
        memset(account.code_hash.b, (int)i, 32);
        size_t n = ht_account_encode(rlp, &account);
        assert_int_equal(ht_account_decode(&got, ht_bytes_of(rlp, n), NULL), HT_OK);
        assert_memory_equal(&got, &account, sizeof got);
        assert_int_equal(ht_account_decode(&got, ht_bytes_of(rlp, n - 1), NULL), HT_EINPUT);
    }
    memset(account.balance, 0xff, 32);
    assert_int_equal(ht_account_encode(rlp, &account), HT_ACCOUNT_RLP_MAX);
}

static void account_that_is_not_canonical_is_refused(void **state) {
    (void)state;
    const char *bad[] = {
        "",
        "80",
        "c0",
        "f8428080" ROOT CODE, /* too short a length */
        "f8458080" ROOT CODE, /* too long a length */
        "f8448080" ROOT CODE "00",
        "f8448000" ROOT CODE, /* a balance of 00 */
        "f8440080" ROOT CODE, /* a nonce of 00 */
        "f846820001"
        "80" ROOT CODE,
        "f84d"
        "89010000000000000000"
        "80" ROOT CODE,            /* a nonce of 2^64 */
        "f8458080" ROOT CODE "80", /* a fifth field */
        "f8238080" ROOT,
        "f84480c0" ROOT CODE,
        "f863"
        "80" ROOT ROOT, /* three hashes in all */
    };
    struct ht_buf buf;
    ht_buf_init(&buf, 1000);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ht_account got = {.nonce = 77};
        struct ht_why why = {.code = "ok", .text = "accepted"};
        ht_buf_clear(&buf);
        assert_int_equal(ht_hex_read_buf(&buf, ht_bytes_str(bad[i])), HT_OK);
        assert_int_equal(ht_account_decode(&got, ht_buf_view(&buf), &why), HT_EINPUT);
        assert_string_equal(why.code, "account_malformed");
        assert_true(got.nonce == 77);
    }
    struct ht_account got;
    ht_buf_clear(&buf);
    assert_int_equal(ht_hex_read_buf(&buf, ht_bytes_str("f8448080" ROOT CODE)), HT_OK);
    assert_int_equal(ht_account_decode(&got, ht_buf_view(&buf), NULL), HT_OK);
    ht_buf_fini(&buf);
}

static void account_is_proven_with_all_its_fields(void **state) {
    (void)state;
    struct ht_trie_maker maker;
    make_state(&maker, 100);
    for (uint64_t n = 0; n < 100; n++) {
        const ht_addr20 address = address_of(n);
        const struct ht_account want = sample(n);
        struct ht_account got, again;
        bool exists = false, exists_again = false;
        struct ht_tm_proof proof;
        ht_hash32 key;
        ht_keccak256(&key, HT_BYTES(address.b));
        ht_tm_proof(&proof, &maker, HT_BYTES(key.b));
        assert_int_equal(
            ht_account_prove(&got, &exists, &maker.root, &address, proof.nodes, proof.count, NULL),
            HT_OK);
        assert_int_equal(ht_account_prove_witness(&again, &exists_again, &maker.witness,
                                                  &maker.root, &address, NULL),
                         HT_OK);
        assert_true(exists && exists_again);
        assert_memory_equal(&got, &want, sizeof got);
        assert_memory_equal(&again, &want, sizeof got);
    }
    ht_tm_fini(&maker);
}

static void account_that_is_not_there_is_empty(void **state) {
    (void)state;
    struct ht_trie_maker maker;
    struct ht_account got, want;
    bool exists = true;
    const ht_addr20 address = address_of(12345);
    make_state(&maker, 100);
    ht_account_init_empty(&want);
    assert_int_equal(
        ht_account_prove_witness(&got, &exists, &maker.witness, &maker.root, &address, NULL),
        HT_OK);
    assert_false(exists);
    assert_memory_equal(&got, &want, sizeof got);
    assert_true(ht_hash32_equal(&got.storage_root, &ht_trie_empty_root));
    assert_int_equal(ht_code_check(&got.code_hash, (ht_bytes){0}, NULL), HT_OK);
    ht_tm_fini(&maker);
}

static void proof_of_one_account_proves_no_other(void **state) {
    (void)state;
    struct ht_trie_maker maker;
    struct ht_account got = {.nonce = 77};
    bool exists = true;
    struct ht_tm_proof proof;
    ht_hash32 key;
    const ht_addr20 one = address_of(1);
    make_state(&maker, 100);
    ht_keccak256(&key, HT_BYTES(one.b));
    ht_tm_proof(&proof, &maker, HT_BYTES(key.b));
    for (uint64_t n = 2; n < 100; n++) {
        const ht_addr20 other = address_of(n);
        assert_int_equal(
            ht_account_prove(&got, &exists, &maker.root, &other, proof.nodes, proof.count, NULL),
            HT_EUNVERIFIED);
    }
    assert_true(exists && got.nonce == 77);
    ht_tm_fini(&maker);
}

static void slots_are_proven_and_zero_when_absent(void **state) {
    (void)state;
    struct ht_trie_maker maker;
    const uint8_t large[] = {0x83, 1, 2, 3}, small[] = {5};
    ht_hash32 slots[3] = {{{0}}, {{1}}, {{2}}}, key;
    uint8_t want[3][32] = {{[29] = 1, [30] = 2, [31] = 3}, {[31] = 5}, {0}};
    ht_tm_init(&maker);
    ht_keccak256(&key, HT_BYTES(slots[0].b));
    ht_tm_put(&maker, HT_BYTES(key.b), HT_BYTES(large));
    ht_keccak256(&key, HT_BYTES(slots[1].b));
    ht_tm_put(&maker, HT_BYTES(key.b), HT_BYTES(small));
    ht_tm_finish(&maker);
    for (size_t i = 0; i < 3; i++) {
        uint8_t value[32], again[32];
        struct ht_tm_proof proof;
        ht_keccak256(&key, HT_BYTES(slots[i].b));
        ht_tm_proof(&proof, &maker, HT_BYTES(key.b));
        assert_int_equal(
            ht_storage_prove(value, &maker.root, &slots[i], proof.nodes, proof.count, NULL), HT_OK);
        assert_int_equal(
            ht_storage_prove_witness(again, &maker.witness, &maker.root, &slots[i], NULL), HT_OK);
        assert_memory_equal(value, want[i], 32);
        assert_memory_equal(again, want[i], 32);
    }
    ht_tm_fini(&maker);
}

static void proven_slot_that_is_no_number_is_malformed(void **state) {
    (void)state;
    const char *bad[] = {
        "00",   "820001", "c0",
        "0505", "8105",   "a1010000000000000000000000000000000000000000000000000000000000000000"};
    const ht_hash32 slot = {{9}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ht_trie_maker maker;
        struct ht_buf rlp;
        struct ht_why why = {.code = "ok"};
        uint8_t value[32];
        ht_hash32 key;
        ht_tm_init(&maker);
        ht_buf_init(&rlp, 100);
        assert_int_equal(ht_hex_read_buf(&rlp, ht_bytes_str(bad[i])), HT_OK);
        ht_keccak256(&key, HT_BYTES(slot.b));
        ht_tm_put(&maker, HT_BYTES(key.b), ht_buf_view(&rlp));
        ht_tm_finish(&maker);
        enum ht_err err = ht_storage_prove_witness(value, &maker.witness, &maker.root, &slot, &why);
        assert_int_equal(err, HT_EINPUT);
        assert_string_equal(why.code, "storage_malformed");
        ht_buf_fini(&rlp);
        ht_tm_fini(&maker);
    }
}

static void proven_slot_that_was_cleared_and_kept_is_zero(void **state) {
    (void)state;
    const uint8_t cleared[] = {0x80};
    const ht_hash32 slot = {{9}};
    struct ht_trie_maker maker;
    uint8_t value[32] = {1};
    ht_hash32 key;
    ht_tm_init(&maker);
    ht_keccak256(&key, HT_BYTES(slot.b));
    ht_tm_put(&maker, HT_BYTES(key.b), HT_BYTES(cleared));
    ht_tm_finish(&maker);
    assert_int_equal(ht_storage_prove_witness(value, &maker.witness, &maker.root, &slot, NULL),
                     HT_OK);
    assert_true(ht_hash32_is_zero((const ht_hash32 *)value));
    ht_tm_fini(&maker);
}

static void code_has_to_have_the_hash(void **state) {
    (void)state;
    ht_hash32 hash;
    struct ht_why why = {.code = "ok"};
    ht_keccak256(&hash, ht_bytes_str("code"));
    assert_int_equal(ht_code_check(&hash, ht_bytes_str("code"), NULL), HT_OK);
    assert_int_equal(ht_code_check(&hash, ht_bytes_str("cod"), &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "code_differs");
    assert_int_equal(ht_code_check(&hash, (ht_bytes){0}, NULL), HT_EUNVERIFIED);
    assert_int_equal(ht_code_check(&ht_account_empty_code_hash, (ht_bytes){0}, NULL), HT_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(account_encodes_and_decodes_to_the_same),
        cmocka_unit_test(account_that_is_not_canonical_is_refused),
        cmocka_unit_test(account_is_proven_with_all_its_fields),
        cmocka_unit_test(account_that_is_not_there_is_empty),
        cmocka_unit_test(proof_of_one_account_proves_no_other),
        cmocka_unit_test(slots_are_proven_and_zero_when_absent),
        cmocka_unit_test(proven_slot_that_is_no_number_is_malformed),
        cmocka_unit_test(proven_slot_that_was_cleared_and_kept_is_zero),
        cmocka_unit_test(code_has_to_have_the_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
