/* Bech32 and what Nostr writes in it: what is read writes back as the same text, and a text of
 * NIP-49 is judged before any work is done for it. The first byte says which prefix is asked for.
 */
#include <stdlib.h>

#include "node/codec/bech32.h"
#include "node/crypto/nip49.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool is_same_text(ht_bytes text, const char *again) {
    if (strlen(again) != text.n) return false;
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != again[i]) return false;
    }
    return true;
}

static void check_any(const char *prefix, ht_bytes text) {
    static uint8_t out[HT_BECH32_TEXT_MAX];
    static char again[HT_BECH32_TEXT_MAX + 1];
    size_t n = 0;
    struct ht_why why = {.code = NULL};
    if (ht_bech32_decode(out, &n, sizeof out, prefix, text, &why) != HT_OK) {
        if (why.code == NULL) abort();
        return;
    }
    if (ht_bech32_encode(again, sizeof again, prefix, ht_bytes_of(out, n)) != HT_OK) abort();
    if (!is_same_text(text, again)) abort();
    /* A byte less of room is an answer, not an overflow. */
    if (n > 0 && ht_bech32_decode(out, &n, n - 1, prefix, text, NULL) != HT_ELIMIT) abort();
}

static void check_key(const char *prefix, ht_bytes text) {
    uint8_t key[32];
    char again[HT_NIP49_TEXT_SIZE];
    if (ht_nip19_read(key, prefix, text, NULL) != HT_OK) return;
    if (ht_nip19_write(again, prefix, key) != HT_OK || !is_same_text(text, again)) abort();
}

static void check_sealed(ht_bytes text) {
    struct ht_nip49 sealed;
    struct ht_why why = {.code = NULL};
    uint8_t key[32];
    if (ht_nip49_read(&sealed, text, &why) != HT_OK) {
        if (why.code == NULL) abort();
        return;
    }
    if (sealed.log_n == 0 || sealed.log_n > HT_NIP49_LOG_N_MAX) abort();
    if (sealed.log_n <= 3) (void)!ht_nip49_unlock(key, &sealed, ht_bytes_str("x"), NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static const char *const prefixes[] = {"npub", "nsec", "ncryptsec", "a"};
    if (n == 0) return 0;
    const char *prefix = prefixes[data[0] % 4];
    ht_bytes text = ht_bytes_of(data + 1, n - 1);
    check_any(prefix, text);
    check_key("npub", text);
    check_key("nsec", text);
    check_sealed(text);
    return 0;
}
