/* Bech32 (BIP-173) as NIP-19 and NIP-49 use it: the checksum constant 1, no limit of 90 characters.
 *
 * Reasons, HT_EINPUT: "bech32_text" (characters, mixed case, no separator), "bech32_prefix"
 * (another than the one wanted), "bech32_checksum", "bech32_padding"; HT_ELIMIT "too_long". Texts
 * and reasons never quote what was read; nothing is left on the stack, so that keys may pass. */
#ifndef HT_CODEC_BECH32_H
#define HT_CODEC_BECH32_H

#include "node/base/bytes.h"

#define HT_BECH32_TEXT_MAX 5000U

/* Decodes into out, at most max bytes; the prefix must be the one given. */
enum ht_err ht_bech32_decode(uint8_t *out, size_t *n, size_t max, const char *prefix, ht_bytes text,
                             struct ht_why *why) HT_MUST_USE;

/* Writes the text and a zero; HT_ELIMIT when it does not fit in size. */
enum ht_err ht_bech32_encode(char *out, size_t size, const char *prefix,
                             ht_bytes bytes) HT_MUST_USE;

#endif
