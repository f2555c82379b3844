/* Hexadecimal text as Ethereum writes it: "0x" and lower case out, either case in. */
#ifndef HT_BASE_HEX_H
#define HT_BASE_HEX_H

#include "node/base/bytes.h"

/* Characters of n bytes in hex with "0x", plus the terminating zero. */
#define HT_HEX_SIZE(n) (2 * (n) + 3)

/* Writes "0x…" and a terminating zero to out, which has HT_HEX_SIZE(bytes.n) bytes. */
void ht_hex_write(char *out, ht_bytes bytes);

/* Reads exactly n bytes from text, with or without "0x". HT_EINPUT for another length or a
 * character that is no hex digit; out is unchanged then. */
enum ht_err ht_hex_read(uint8_t *out, size_t n, ht_bytes text) HT_MUST_USE;

/* Appends the bytes of a hex text of any even length to out. HT_EINPUT, HT_ELIMIT, HT_ENOMEM. */
enum ht_err ht_hex_read_buf(struct ht_buf *out, ht_bytes text) HT_MUST_USE;

#endif
