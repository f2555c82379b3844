/* BIP-32 against its own test vectors, and paths as people write them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/crypto/bip32.h"

#define SEED_1 "000102030405060708090a0b0c0d0e0f"
#define SEED_2                                                         \
    "fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a2" \
    "9f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542"
/* Vectors 3 and 4 keep leading zeros, which some have lost. */
#define SEED_3                                                         \
    "4b381541583be4423346c643850da4b320e46a87ae3d2a4e6da11eba819cd4ac" \
    "ba45d239319ac14f863b8d5ab5a0d0c64d2e8a1e7d1457df2e5a3c51c73235be"
#define SEED_4 "3ddd5602285899a946114506157c7997e5444528f3003f6134712147db19b678"

static const struct {
    const char *seed, *path, *key, *chain_code;
} VECTORS[] = {
    {SEED_1, "m", "e8f32e723decf4051aefac8e2c93c9c5b214313817cdb01a1494b917c8436b35",
     "873dff81c02f525623fd1fe5167eac3a55a049de3d314bb42ee227ffed37d508"},
    {SEED_1, "m/0'", "edb2e14f9ee77d26dd93b4ecede8d16ed408ce149b6cd80b0715a2d911a0afea",
     "47fdacbd0f1097043b78c63c20c34ef4ed9a111d980047ad16282c7ae6236141"},
    {SEED_1, "m/0'/1", "3c6cb8d0f6a264c91ea8b5030fadaa8e538b020f0a387421a12de9319dc93368",
     "2a7857631386ba23dacac34180dd1983734e444fdbf774041578e9b6adb37c19"},
    {SEED_1, "m/0h/1/2H", "cbce0d719ecf7431d88e6a89fa1483e02e35092af60c042b1df2ff59fa424dca",
     "04466b9cc8e161e966409ca52986c584f07e9dc81f735db683c3ff6ec7b1503f"},
    {SEED_1, "m/0'/1/2'/2/1000000000",
     "471b76e389e528d6de6d816857e012c5455051cad6660850e58372a6c3e6e7c8",
     "c783e67b921d2beb8f6b389cc646d7263b4145701dadd2161548a8b078e65e9e"},
    {SEED_2, "m/0/2147483647'/1/2147483646'/2",
     "bb7d39bdb83ecf58f2fd82b6d918341cbef428661ef01ab97c28a4842125ac23",
     "9452b549be8cea3ecb7a84bec10dcfd94afe4d129ebfd3b3cb58eedf394ed271"},
    {SEED_3, "m", "00ddb80b067e0d4993197fe10f2657a844a384589847602d56f0c629c81aae32",
     "01d28a3e53cffa419ec122c968b3259e16b65076495494d97cae10bbfec3c36f"},
    {SEED_3, "m/0'", "491f7a2eebc7b57028e0d3faa0acda02e75c33b03c48fb288c41e2ea44e1daef",
     "e5fea12a97b927fc9dc3d2cb0d1ea1cf50aa5a1fdc1f933e8906bb38df3377bd"},
    {SEED_4, "m/0'", "00d948e9261e41362a688b916f297121ba6bfb2274a3575ac0e456551dfd7f7e",
     "cdc0f06456a14876c898790e0b3b1a41c531170aec69da44ff7b7265bfe7743b"},
    {SEED_4, "m/0'/1'", "3a2086edd7d9df86c3487a5905a1712a9aa664bce8cc268141e07549eaa8661d",
     "a48ee6674c5264a237703fd383bccd9fad4d9378ac98ab05e6e7029b06360c0d"},
};

static void bip32_derives_what_its_vectors_say(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof VECTORS / sizeof *VECTORS; i++) {
        uint8_t seed[64];
        uint8_t want[32];
        struct ht_bip32_path path;
        struct ht_bip32_key got;
        size_t n = strlen(VECTORS[i].seed) / 2;
        assert_int_equal(ht_hex_read(seed, n, ht_bytes_str(VECTORS[i].seed)), HT_OK);
        assert_int_equal(ht_bip32_path_read(&path, VECTORS[i].path, NULL), HT_OK);
        assert_int_equal(ht_bip32_derive(&got, ht_bytes_of(seed, n), &path, NULL), HT_OK);
        assert_int_equal(ht_hex_read(want, 32, ht_bytes_str(VECTORS[i].key)), HT_OK);
        assert_memory_equal(got.key, want, 32);
        assert_int_equal(ht_hex_read(want, 32, ht_bytes_str(VECTORS[i].chain_code)), HT_OK);
        assert_memory_equal(got.chain_code, want, 32);
    }
}

static void bip32_refuses_seeds_of_other_lengths(void **state) {
    (void)state;
    const uint8_t seed[65] = {1};
    struct ht_bip32_key key;
    const size_t bad[] = {0, 15, 65};
    for (size_t i = 0; i < 3; i++) {
        struct ht_why why = {.code = "accepted"};
        assert_int_equal(ht_bip32_master(&key, ht_bytes_of(seed, bad[i]), &why), HT_EINPUT);
        assert_string_equal(why.code, "seed_size");
    }
    assert_int_equal(ht_bip32_master(&key, ht_bytes_of(seed, 16), NULL), HT_OK);
    assert_int_equal(ht_bip32_master(&key, ht_bytes_of(seed, 64), NULL), HT_OK);
}

static void bip32_refuses_a_parent_that_is_no_key(void **state) {
    (void)state;
    const struct ht_bip32_key parent = {.key = {0}};
    struct ht_bip32_key child;
    struct ht_why why = {.code = "accepted"};
    assert_int_equal(ht_bip32_child(&child, &parent, 0, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_key");
    why.code = "accepted";
    assert_int_equal(ht_bip32_child(&child, &parent, HT_BIP32_HARDENED, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "bad_child");
}

static void bip32_reads_paths(void **state) {
    (void)state;
    struct ht_bip32_path path;
    assert_int_equal(ht_bip32_path_read(&path, "m/44'/60'/0'/0/2147483647", NULL), HT_OK);
    assert_int_equal(path.depth, 5);
    assert_int_equal(path.steps[0], HT_BIP32_HARDENED + 44);
    assert_int_equal(path.steps[3], 0);
    assert_int_equal(path.steps[4], 2147483647);
    assert_int_equal(ht_bip32_path_read(&path, "m", NULL), HT_OK);
    assert_int_equal(path.depth, 0);
    assert_int_equal(ht_bip32_path_read(&path, "m/1/2/3/4/5/6/7/8/9/10", NULL), HT_OK);
    assert_int_equal(path.depth, HT_BIP32_DEPTH_MAX);
}

static void bip32_refuses_what_is_no_path(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",     "M/0",           "0/1",    "/0",  "m/",     "m//0",
        "m/0/", "m/2147483648",  "m/-1",   "m/a", "m/0''",  "m/00",
        "m/0 ", "m/99999999999", "m/1'/h", "m0",  "m/0x10", "m/1/2/3/4/5/6/7/8/9/10/11",
        "m/+1", "m/1.5",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ht_bip32_path path;
        struct ht_why why = {.code = "accepted"};
        assert_int_equal(ht_bip32_path_read(&path, bad[i], &why), HT_EINPUT);
        assert_string_equal(why.code, "bad_path");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bip32_derives_what_its_vectors_say),
        cmocka_unit_test(bip32_refuses_seeds_of_other_lengths),
        cmocka_unit_test(bip32_refuses_a_parent_that_is_no_key),
        cmocka_unit_test(bip32_reads_paths),
        cmocka_unit_test(bip32_refuses_what_is_no_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
