/* NFKD and NFKC of passphrases over libunistring, without leaving copies behind. */
#include "node/crypto/normalize.h"

#include <stdlib.h>

#include <sodium.h>
#include <uninorm.h>
#include <unistr.h>

/* What libunistring's own buffers on the stack may reach down to. */
#define STACK_USED 16384U

static bool is_ascii(ht_bytes text) {
    uint8_t any = 0;
    for (size_t i = 0; i < text.n; i++) any |= text.p[i];
    return any < 0x80;
}

enum ht_err ht_normalize(uint8_t out[static HT_NORMAL_MAX], size_t *n, enum ht_normal_form form,
                         ht_bytes text, struct ht_why *why) {
    if (text.n > HT_PASSPHRASE_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_long", "the passphrase is over %u bytes",
                       HT_PASSPHRASE_MAX);
    }
    if (is_ascii(text)) {
        if (text.n > 0) memcpy(out, text.p, text.n);
        *n = text.n;
        return HT_OK;
    }
    if (u8_check(text.p, text.n) != NULL) {
        return ht_fail(why, HT_EINPUT, "passphrase_text", "the passphrase is not UTF-8");
    }
    size_t size = HT_NORMAL_MAX;
    uint8_t *got =
        u8_normalize(form == HT_NFKD ? UNINORM_NFKD : UNINORM_NFKC, text.p, text.n, out, &size);
    sodium_stackzero(STACK_USED);
    if (got == NULL) {
        sodium_memzero(out, HT_NORMAL_MAX);
        return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a passphrase");
    }
    /* It allocates only what does not fit, and everything fits. */
    ht_assert(got == out && size <= HT_NORMAL_MAX);
    *n = size;
    return HT_OK;
}
