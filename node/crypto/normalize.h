/* Passphrases in the Unicode form that a standard asks for.
 *
 * Over libunistring. What is normalised is secret: memory that was used is wiped. ASCII is its own
 * normal form and is only copied.
 *
 * Reasons: HT_EINPUT "passphrase_text" (no UTF-8), HT_ELIMIT "too_long" (over HT_PASSPHRASE_MAX),
 * HT_ENOMEM "no_memory". */
#ifndef HT_CRYPTO_NORMALIZE_H
#define HT_CRYPTO_NORMALIZE_H

#include "node/base/bytes.h"

#define HT_PASSPHRASE_MAX 1024U /* bytes, as given */
/* Of a normal form: no character grows more than elevenfold in UTF-8 (UAX #15, UTF-8 expansion). */
#define HT_NORMAL_MAX (11U * HT_PASSPHRASE_MAX)

enum ht_normal_form {
    HT_NFKD, /* BIP-39 */
    HT_NFKC, /* NIP-49 */
};

/* Writes the normal form of UTF-8 text; *n is its length in bytes. The caller wipes out. */
enum ht_err ht_normalize(uint8_t out[static HT_NORMAL_MAX], size_t *n, enum ht_normal_form form,
                         ht_bytes text, struct ht_why *why) HT_MUST_USE;

#endif
