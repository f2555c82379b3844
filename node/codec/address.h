/* Addresses as people see them: hex in which the case of the letters is a checksum. ERC-55. */
#ifndef HT_CODEC_ADDRESS_H
#define HT_CODEC_ADDRESS_H

#include <jansson.h>

#include "node/base/bytes.h"

#define HT_ADDRESS_TEXT_SIZE 43U /* "0x", 40 digits and a terminating zero */

/* Writes "0x" and 40 digits in mixed case, and a terminating zero. */
void ht_address_checksum(char out[static HT_ADDRESS_TEXT_SIZE], const ht_addr20 *address);

/* Reads what the former writes, and nothing else: no other case, no text without "0x". HT_EINPUT
 * "address_format" or "address_checksum". */
enum ht_err ht_address_read(ht_addr20 *out, ht_bytes text, struct ht_why *why) HT_MUST_USE;

/* The address at a path: hex with "0x", in one case, or in both with the checksum. HT_EINPUT,
 * "address_checksum" among it, and those of ht_json_hex. */
enum ht_err ht_address_param(ht_addr20 *out, const json_t *params, const char *path,
                             struct ht_why *why) HT_MUST_USE;

/* A new JSON string of it. NULL without memory. */
json_t *ht_address_json(const ht_addr20 *address);

#endif
