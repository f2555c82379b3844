/* BIP-39 against Trezor's vectors, NIP-06's, and what is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "node/base/hex.h"
#include "node/crypto/bip32.h"
#include "node/crypto/bip39.h"
#include "node/crypto/sha256.h"

#define ABOUT \
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
#define ZOO_VOTE                                                                                   \
    "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo " \
    "vote"

/* Seeds are with the passphrase "TREZOR". */
static const struct {
    const char *entropy, *words, *seed;
} VECTORS[] = {
    {"00000000000000000000000000000000", ABOUT,
     "c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e5349553"
     "1f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04"},
    {"7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
     "legal winner thank year wave sausage worth useful legal winner thank yellow",
     "2e8905819b8723fe2c1d161860e5ee1830318dbf49a83bd451cfb8440c28bd6f"
     "a457fe1296106559a3c80937a1c1069be3a3a5bd381ee6260e8d9739fce1f607"},
    {"0000000000000000000000000000000000000000",
     "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
     "abandon abandon abandon address",
     "fa08713f46bf5cb48728ceb70e3aae1bc53c5cb7b4e29c5610261d1cbb7be3be"
     "d4d805256fec515754d2be35974fc5da678168e9d9bb0cb70948026923b0def3"},
    {"808080808080808080808080808080808080808080808080",
     "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount "
     "doctor acoustic avoid letter always",
     "107d7c02a5aa6f38c58083ff74f04c607c2d2c0ecc55501dadd72d025b751bc2"
     "7fe913ffb796f841c49b1d33b610cf0e91d3aa239027f5e99fe4ce9e5088cd65"},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo veteran",
     "4aa0af4ca02ef1d9fa675cd02aa06d318425564e7fadd3d51b6165cc56d77398"
     "f28d8522073cd036c2a4a24a83e919211c84500d96cb120084e613ff5fcd96c1"},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", ZOO_VOTE,
     "dd48c104698c30cfe2b6142103248622fb7bb0ff692eebb00089b32d22484e16"
     "13912f0a5b694407be899ffd31ed3992c456cdf60f5d4564b8ba3f05a69890ad"},
    {"f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f",
     "void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing "
     "screen patrol group space point ten exist slush involve unfold",
     "01f5bced59dec48e362f2c45b5de68b9fd6c92c6634f44d6d40aab69056506f0"
     "e35524a518034ddc1192e1dacd32c1ed3eaa3c3b131c88ed8e7e54c49a5d0998"},
};

static void bip39_turns_entropy_into_words_seed_and_back(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof VECTORS / sizeof *VECTORS; i++) {
        uint8_t entropy[32];
        uint8_t back[32];
        uint8_t want[64];
        uint8_t seed[64];
        char words[HT_BIP39_TEXT_SIZE];
        size_t n = strlen(VECTORS[i].entropy) / 2;
        size_t back_n = 0;
        assert_int_equal(ht_hex_read(entropy, n, ht_bytes_str(VECTORS[i].entropy)), HT_OK);
        ht_bytes view = ht_bytes_of(entropy, n);
        assert_int_equal(ht_bip39_from_entropy(words, view, NULL), HT_OK);
        assert_string_equal(words, VECTORS[i].words);
        assert_int_equal(ht_bip39_to_entropy(back, &back_n, ht_bytes_str(words), NULL), HT_OK);
        assert_int_equal(back_n, n);
        assert_memory_equal(back, entropy, n);
        assert_int_equal(ht_bip39_seed(seed, view, ht_bytes_str("TREZOR"), NULL), HT_OK);
        assert_int_equal(ht_hex_read(want, 64, ht_bytes_str(VECTORS[i].seed)), HT_OK);
        assert_memory_equal(seed, want, 64);
    }
}

static void bip39_has_the_published_word_list(void **state) {
    (void)state;
    char text[2048 * 9 + 1];
    char hex[HT_HEX_SIZE(32)];
    size_t n = 0;
    ht_hash32 hash;
    for (unsigned i = 0; i < 2048; i++) {
        unsigned found = 0;
        const char *word = ht_bip39_word(i);
        assert_true(ht_bip39_find_word(&found, ht_bytes_str(word)));
        assert_int_equal(found, i);
        n += (size_t)snprintf(text + n, sizeof text - n, "%s\n", word);
    }
    ht_sha256(&hash, ht_bytes_of(text, n));
    ht_hex_write(hex, HT_BYTES(hash.b));
    assert_string_equal(hex, "0x2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
}

static void bip39_reads_white_space_and_capitals_as_people_type_them(void **state) {
    (void)state;
    uint8_t entropy[32];
    size_t n = 0;
    ht_bytes words = ht_bytes_str("\n  Legal WINNER thank\tyear wave sausage\r\nworth useful legal "
                                  " winner thank yellow \n");
    assert_int_equal(ht_bip39_to_entropy(entropy, &n, words, NULL), HT_OK);
    assert_int_equal(n, 16);
    assert_int_equal(entropy[15], 0x7f);
}

static void refuses(const char *words, const char *code) {
    uint8_t entropy[32];
    size_t n = 0;
    struct ht_why why = {.code = "accepted"};
    enum ht_err err = ht_bip39_to_entropy(entropy, &n, ht_bytes_str(words), &why);
    assert_string_equal(why.code, code);
    assert_int_equal(err, HT_EINPUT);
}

static void bip39_refuses_a_wrong_checksum(void **state) {
    (void)state;
    refuses("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
            "abandon abandon",
            "words_checksum");
    refuses("winner legal thank year wave sausage worth useful legal winner thank yellow",
            "words_checksum");
}

static void bip39_refuses_other_counts_of_words(void **state) {
    (void)state;
    refuses("", "words_count");
    refuses("zoo", "words_count");
    refuses("abandon abandon abandon abandon abandon abandon abandon abandon address",
            "words_count");
    refuses(ABOUT " zoo", "words_count");
    refuses(ZOO_VOTE " zoo zoo zoo", "words_count");
}

static void bip39_names_the_place_of_an_unknown_word_and_never_the_word(void **state) {
    (void)state;
    uint8_t entropy[32];
    size_t n = 0;
    struct ht_why why = {.code = "accepted"};
    ht_bytes words = ht_bytes_str("abandon abandon secretword abandon abandon abandon abandon "
                                  "abandon abandon abandon abandon about");
    assert_int_equal(ht_bip39_to_entropy(entropy, &n, words, &why), HT_EINPUT);
    assert_string_equal(why.code, "words_unknown");
    assert_non_null(strstr(why.text, "word 3 "));
    assert_null(strstr(why.text, "secret"));
}

static void bip39_refuses_words_that_only_begin_like_known_ones(void **state) {
    (void)state;
    unsigned index = 7;
    assert_false(ht_bip39_find_word(&index, ht_bytes_str("aband")));
    assert_false(ht_bip39_find_word(&index, ht_bytes_str("abandoned")));
    assert_false(ht_bip39_find_word(&index, ht_bytes_str("")));
    assert_false(ht_bip39_find_word(&index, ht_bytes_of("zoo\0", 4)));
    assert_false(ht_bip39_find_word(&index, ht_bytes_str("zzz")));
    assert_int_equal(index, 7);
}

static void bip39_refuses_texts_and_passphrases_over_their_bounds(void **state) {
    (void)state;
    static uint8_t many[HT_BIP39_WORDS_TEXT_MAX + 1];
    const uint8_t zeros[16] = {0};
    uint8_t out[64];
    size_t n = 0;
    struct ht_why why = {.code = "accepted"};
    memset(many, ' ', sizeof many);
    assert_int_equal(ht_bip39_to_entropy(out, &n, HT_BYTES(many), &why), HT_ELIMIT);
    assert_string_equal(why.code, "too_long");
    why.code = "accepted";
    assert_int_equal(ht_bip39_seed(out, HT_BYTES(zeros), HT_BYTES(many), &why), HT_ELIMIT);
    assert_string_equal(why.code, "too_long");
    ht_bytes longest = ht_bytes_of(many, HT_BIP39_PASSPHRASE_MAX);
    assert_int_equal(ht_bip39_seed(out, HT_BYTES(zeros), longest, NULL), HT_OK);
}

static void bip39_refuses_entropy_of_other_lengths(void **state) {
    (void)state;
    const uint8_t entropy[36] = {0};
    const size_t bad[] = {0, 12, 15, 17, 36};
    char words[HT_BIP39_TEXT_SIZE];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ht_why why = {.code = "accepted"};
        assert_int_equal(ht_bip39_from_entropy(words, ht_bytes_of(entropy, bad[i]), &why),
                         HT_EINPUT);
        assert_string_equal(why.code, "words_count");
    }
}

static void bip39_takes_passphrases_in_nfkd(void **state) {
    (void)state;
    const uint8_t zeros[16] = {0};
    uint8_t seed[64];
    uint8_t other[64];
    uint8_t want[64];
    struct ht_why why = {.code = "accepted"};
    /* A passphrase in Japanese, checked with another implementation. */
    ht_bytes japanese = ht_bytes_str("㍍ガバヴァぱばぐゞちぢ十人十色");
    assert_int_equal(ht_hex_read(want, 64,
                                 ht_bytes_str("ba553eedefe76e67e2602dc20184c564010859faada929a090dd"
                                              "2c57aacb204ceefd15404ab50ef3e8dbeae5195aeae64b0def4d"
                                              "2eead1cdc728a33ced520ffd")),
                     HT_OK);
    assert_int_equal(ht_bip39_seed(seed, HT_BYTES(zeros), japanese, NULL), HT_OK);
    assert_memory_equal(seed, want, 64);
    /* ä in one character and in two. */
    assert_int_equal(ht_bip39_seed(seed, HT_BYTES(zeros), ht_bytes_str("\xc3\xa4"), NULL), HT_OK);
    assert_int_equal(ht_bip39_seed(other, HT_BYTES(zeros), ht_bytes_str("a\xcc\x88"), NULL), HT_OK);
    assert_memory_equal(seed, other, 64);
    assert_int_equal(ht_bip39_seed(other, HT_BYTES(zeros), ht_bytes_str("\xc3"), &why), HT_EINPUT);
    assert_string_equal(why.code, "passphrase_text");
}

/* NIP-06's own two mnemonics. */
static void bip39_and_bip32_give_the_keys_of_nip_06(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"leader monkey parrot ring guide accident before fence cannon height naive bean",
         "7f7ff03d123792d6ac594bfa67bf6d0c0ab55b6b1fdb6249303fe861f1ccba9a"},
        {"what bleak badge arrange retreat wolf trade produce cricket blur garlic valid proud rude "
         "strong choose busy staff weather area salt hollow arm fade",
         "c15d739894c81a2fcfd3a2df85a0d2c0dbc47a280d092799f144d73d7ae78add"},
    };
    for (size_t i = 0; i < 2; i++) {
        uint8_t entropy[32];
        uint8_t seed[64];
        uint8_t want[32];
        size_t n = 0;
        struct ht_bip32_path path;
        struct ht_bip32_key key;
        assert_int_equal(ht_bip39_to_entropy(entropy, &n, ht_bytes_str(cases[i][0]), NULL), HT_OK);
        assert_int_equal(ht_bip39_seed(seed, ht_bytes_of(entropy, n), ht_bytes_str(""), NULL),
                         HT_OK);
        assert_int_equal(ht_bip32_path_read(&path, "m/44'/1237'/0'/0/0", NULL), HT_OK);
        assert_int_equal(ht_bip32_derive(&key, HT_BYTES(seed), &path, NULL), HT_OK);
        assert_int_equal(ht_hex_read(want, 32, ht_bytes_str(cases[i][1])), HT_OK);
        assert_memory_equal(key.key, want, 32);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bip39_turns_entropy_into_words_seed_and_back),
        cmocka_unit_test(bip39_has_the_published_word_list),
        cmocka_unit_test(bip39_reads_white_space_and_capitals_as_people_type_them),
        cmocka_unit_test(bip39_refuses_a_wrong_checksum),
        cmocka_unit_test(bip39_refuses_other_counts_of_words),
        cmocka_unit_test(bip39_names_the_place_of_an_unknown_word_and_never_the_word),
        cmocka_unit_test(bip39_refuses_words_that_only_begin_like_known_ones),
        cmocka_unit_test(bip39_refuses_texts_and_passphrases_over_their_bounds),
        cmocka_unit_test(bip39_refuses_entropy_of_other_lengths),
        cmocka_unit_test(bip39_takes_passphrases_in_nfkd),
        cmocka_unit_test(bip39_and_bip32_give_the_keys_of_nip_06),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
