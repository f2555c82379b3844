/* Mnemonics: what is read gives words that read to the same entropy, any entropy gives words, and
 * paths and normal forms stay within their bounds. */
#include <stdlib.h>

#include "node/crypto/bip32.h"
#include "node/crypto/bip39.h"
#include "node/crypto/normalize.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_entropy(ht_bytes entropy) {
    char words[HT_BIP39_TEXT_SIZE];
    uint8_t back[HT_BIP39_ENTROPY_MAX];
    size_t n = 0;
    if (ht_bip39_from_entropy(words, entropy, NULL) != HT_OK) return;
    if (strlen(words) >= HT_BIP39_TEXT_SIZE) abort();
    if (ht_bip39_to_entropy(back, &n, ht_bytes_str(words), NULL) != HT_OK) abort();
    if (!ht_bytes_equal(ht_bytes_of(back, n), entropy)) abort();
}

static void check_words(ht_bytes words) {
    uint8_t entropy[HT_BIP39_ENTROPY_MAX];
    size_t n = 0;
    struct ht_why why = {.code = NULL};
    if (ht_bip39_to_entropy(entropy, &n, words, &why) != HT_OK) {
        if (why.code == NULL) abort();
        return;
    }
    if (n < 16 || n > HT_BIP39_ENTROPY_MAX) abort();
    check_entropy(ht_bytes_of(entropy, n));
}

static void check_path(ht_bytes text) {
    char copy[128];
    struct ht_bip32_path path;
    if (text.n >= sizeof copy) return;
    if (text.n > 0) memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    if (ht_bip32_path_read(&path, copy, NULL) == HT_OK && path.depth > HT_BIP32_DEPTH_MAX) abort();
}

/* A normal form is its own normal form. */
static void check_normal(ht_bytes text) {
    static uint8_t once[HT_NORMAL_MAX];
    static uint8_t twice[HT_NORMAL_MAX];
    size_t once_n = 0;
    size_t twice_n = 0;
    for (enum ht_normal_form form = HT_NFKD; form <= HT_NFKC; form++) {
        if (ht_normalize(once, &once_n, form, text, NULL) != HT_OK) return;
        ht_bytes first = ht_bytes_of(once, once_n);
        if (once_n > HT_PASSPHRASE_MAX) continue;
        if (ht_normalize(twice, &twice_n, form, first, NULL) != HT_OK) abort();
        if (!ht_bytes_equal(ht_bytes_of(twice, twice_n), first)) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    ht_bytes text = ht_bytes_of(data, n);
    check_words(text);
    check_entropy(text);
    check_path(text);
    check_normal(text);
    return 0;
}
