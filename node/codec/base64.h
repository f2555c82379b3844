/* Base64 (RFC 4648): the standard alphabet with padding, and the URL-safe one without it, as JSON
 * web tokens have it (RFC 7515 §2). Strict both ways: each text stands for its own bytes only, so
 * no white space, no missing or further padding, no letters of the other alphabet, and the bits
 * behind the last byte are zero. Not for secrets: it takes different time for different letters.
 * Pure; any thread. */
#ifndef HT_CODEC_BASE64_H
#define HT_CODEC_BASE64_H

#include "node/base/bytes.h"

enum ht_base64 {
    HT_BASE64_STD, /* RFC 4648 §4: + and /, padded with = to a multiple of four */
    HT_BASE64_URL, /* RFC 4648 §5: - and _, never padded */
};

/* Appends the bytes of a text. HT_EINPUT for what is not strictly that; HT_ELIMIT, HT_ENOMEM; out
 * is unchanged then. */
enum ht_err ht_base64_read(struct ht_buf *out, enum ht_base64 form, ht_bytes text) HT_MUST_USE;

/* Appends the text of bytes, without a terminating zero. HT_ELIMIT, HT_ENOMEM as above. */
enum ht_err ht_base64_write(struct ht_buf *out, enum ht_base64 form, ht_bytes bytes) HT_MUST_USE;

#endif
