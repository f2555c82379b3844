/* Mnemonics of BIP-39: words, entropy, checksum, seed. The list itself is bip39_words_gen.c. */
#include "node/crypto/bip39.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "node/crypto/bip39_words_gen.h"
#include "node/crypto/normalize.h"

#define WORD_BITS 11U
#define ROUNDS 2048
#define SALT_PREFIX "mnemonic"
#define SALT_PREFIX_N (sizeof SALT_PREFIX - 1)

_Static_assert(HT_BIP39_PASSPHRASE_MAX == HT_PASSPHRASE_MAX, "one bound for passphrases");

const char *ht_bip39_word(unsigned index) {
    ht_assert(index < HT_BIP39_WORDS_COUNT);
    return ht_bip39_words[index];
}

/* The word in small letters with a zero behind it; false when no word is that long. */
static bool fold(char out[static HT_BIP39_WORD_SIZE], ht_bytes word) {
    if (word.n >= HT_BIP39_WORD_SIZE) return false;
    for (size_t i = 0; i < word.n; i++) {
        uint8_t c = word.p[i];
        out[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    out[word.n] = '\0';
    return word.n > 0 && memchr(out, 0, word.n) == NULL;
}

bool ht_bip39_find_word(unsigned *out, ht_bytes word) {
    char text[HT_BIP39_WORD_SIZE];
    unsigned low = 0;
    unsigned high = HT_BIP39_WORDS_COUNT;
    if (!fold(text, word)) return false;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (strcmp(ht_bip39_words[middle], text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_found = low < HT_BIP39_WORDS_COUNT && strcmp(ht_bip39_words[low], text) == 0;
    sodium_memzero(text, sizeof text);
    if (is_found) *out = low;
    return is_found;
}

static bool is_entropy_size(size_t n) {
    return n >= 16 && n <= HT_BIP39_ENTROPY_MAX && n % 4 == 0;
}

/* The entropy with the first byte of its hash behind it. */
static void with_checksum(uint8_t out[static HT_BIP39_ENTROPY_MAX + 1], ht_bytes entropy) {
    uint8_t hash[crypto_hash_sha256_BYTES];
    (void)crypto_hash_sha256(hash, entropy.p, entropy.n);
    memcpy(out, entropy.p, entropy.n);
    out[entropy.n] = hash[0];
    sodium_memzero(hash, sizeof hash);
}

static unsigned bits_at(const uint8_t *bytes, size_t from) {
    unsigned value = 0;
    for (size_t i = from; i < from + WORD_BITS; i++) {
        value = value << 1 | (bytes[i / 8] >> (7 - i % 8) & 1);
    }
    return value;
}

enum ht_err ht_bip39_from_entropy(char out[static HT_BIP39_TEXT_SIZE], ht_bytes entropy,
                                  struct ht_why *why) {
    uint8_t bytes[HT_BIP39_ENTROPY_MAX + 1];
    if (!is_entropy_size(entropy.n)) {
        return ht_fail(why, HT_EINPUT, "words_count", "no mnemonic has %zu bytes of entropy",
                       entropy.n);
    }
    with_checksum(bytes, entropy);
    char *at = out;
    for (size_t i = 0; i < entropy.n * 3 / 4; i++) {
        const char *word = ht_bip39_words[bits_at(bytes, i * WORD_BITS)];
        if (i > 0) *at++ = ' ';
        while (*word != '\0') *at++ = *word++;
    }
    *at = '\0';
    sodium_memzero(bytes, sizeof bytes);
    return HT_OK;
}

static bool is_space(uint8_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Takes the next word off the front; empty when there is none. */
static ht_bytes next_word(ht_bytes *rest) {
    while (rest->n > 0 && is_space(*rest->p)) {
        rest->p++;
        rest->n--;
    }
    ht_bytes word = ht_bytes_of(rest->p, 0);
    while (rest->n > 0 && !is_space(*rest->p)) {
        rest->p++;
        rest->n--;
        word.n++;
    }
    return word;
}

static size_t count_words(ht_bytes words) {
    size_t count = 0;
    while (next_word(&words).n > 0) count++;
    return count;
}

/* Eleven bits for each word. */
static enum ht_err read_words(uint8_t *bytes, ht_bytes words, struct ht_why *why) {
    size_t at = 0;
    ht_bytes word = next_word(&words);
    for (size_t place = 1; word.n > 0; place++) {
        unsigned index = 0;
        if (!ht_bip39_find_word(&index, word)) {
            return ht_fail(why, HT_EINPUT, "words_unknown", "word %zu is not in the list", place);
        }
        for (unsigned i = WORD_BITS; i-- > 0; at++) {
            bytes[at / 8] = (uint8_t)(bytes[at / 8] | (index >> i & 1) << (7 - at % 8));
        }
        word = next_word(&words);
    }
    return HT_OK;
}

enum ht_err ht_bip39_to_entropy(uint8_t out[static HT_BIP39_ENTROPY_MAX], size_t *n, ht_bytes words,
                                struct ht_why *why) {
    uint8_t bytes[HT_BIP39_ENTROPY_MAX + 1] = {0};
    uint8_t right[HT_BIP39_ENTROPY_MAX + 1] = {0};
    if (words.n > HT_BIP39_WORDS_TEXT_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_long", "the words are over %u bytes",
                       HT_BIP39_WORDS_TEXT_MAX);
    }
    size_t count = count_words(words);
    size_t size = count * 4 / 3;
    if (count % 3 != 0 || !is_entropy_size(size)) {
        return ht_fail(why, HT_EINPUT, "words_count",
                       "there are %zu words, not 12, 15, 18, 21 or 24", count);
    }
    enum ht_err err = read_words(bytes, words, why);
    if (err == HT_OK) {
        with_checksum(right, ht_bytes_of(bytes, size));
        uint8_t mask = (uint8_t)(0xff << (8 - count / 3));
        right[size] &= mask;
        if (sodium_memcmp(bytes, right, size + 1) != 0) {
            err = ht_fail(why, HT_EINPUT, "words_checksum",
                          "the words do not belong together: the checksum is wrong");
        }
    }
    if (err == HT_OK) {
        memcpy(out, bytes, size);
        *n = size;
    }
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(right, sizeof right);
    return err;
}

enum ht_err ht_bip39_seed(uint8_t out[static HT_BIP39_SEED_SIZE], ht_bytes entropy,
                          ht_bytes passphrase, struct ht_why *why) {
    char words[HT_BIP39_TEXT_SIZE];
    uint8_t salt[SALT_PREFIX_N + HT_NORMAL_MAX];
    size_t salt_n = 0;
    enum ht_err err = ht_bip39_from_entropy(words, entropy, why);
    if (err != HT_OK) return err;
    memcpy(salt, SALT_PREFIX, SALT_PREFIX_N);
    err = ht_normalize(salt + SALT_PREFIX_N, &salt_n, HT_NFKD, passphrase, why);
    salt_n += SALT_PREFIX_N;
    if (err == HT_OK) {
        int is_good = PKCS5_PBKDF2_HMAC(words, (int)strlen(words), salt, (int)salt_n, ROUNDS,
                                        EVP_sha512(), HT_BIP39_SEED_SIZE, out);
        if (is_good != 1) {
            ERR_clear_error();
            err = ht_fail(why, HT_ENOMEM, "no_memory", "no memory for PBKDF2");
        }
    }
    sodium_memzero(words, sizeof words);
    sodium_memzero(salt, sizeof salt);
    return err;
}
