/* Base58 with Bitcoin's alphabet (draft-msporny-base58), and what is made of it: multibase text
 * ("z…", base58btc) of a multicodec, which is a key behind a varint that says its kind.
 *
 * Every text stands for its own bytes only: zero bytes in front are as many "1". Not for secrets.
 * Nothing allocates but the buffers given. Pure; any thread.
 *
 * Reasons: HT_EINPUT "base58_text" (a letter that is none of the 58), "multibase" (another base
 * than z), "multicodec" (no varint in front, or not the shortest); HT_ELIMIT "too_long". */
#ifndef HT_CODEC_BASE58_H
#define HT_CODEC_BASE58_H

#include "node/base/bytes.h"

#define HT_BASE58_BYTES_MAX 1024U
#define HT_BASE58_TEXT_MAX 1399U /* of so many bytes */

/* The public keys of DIDs in multiformats' table. */
#define HT_MULTICODEC_SECP256K1 UINT64_C(0xe7)
#define HT_MULTICODEC_X25519 UINT64_C(0xec)
#define HT_MULTICODEC_ED25519 UINT64_C(0xed)

/* Appends the bytes of a text. HT_ELIMIT "too_long", past the maximum of out as well; HT_ENOMEM;
 * out is unchanged then. */
enum ht_err ht_base58_read(struct ht_buf *out, ht_bytes text, struct ht_why *why) HT_MUST_USE;
/* Appends the text of at most HT_BASE58_BYTES_MAX bytes, without a terminating zero. HT_ELIMIT,
 * HT_ENOMEM. */
enum ht_err ht_base58_write(struct ht_buf *out, ht_bytes bytes) HT_MUST_USE;

/* Appends the bytes behind the codec of a multibase text. */
enum ht_err ht_multikey_read(struct ht_buf *out, uint64_t *codec, ht_bytes text,
                             struct ht_why *why) HT_MUST_USE;
/* Appends "z" and the base58 of codec and key, which are at most HT_BASE58_BYTES_MAX bytes. */
enum ht_err ht_multikey_write(struct ht_buf *out, uint64_t codec, ht_bytes key) HT_MUST_USE;

#endif
