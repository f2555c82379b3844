/* Numbers and texts of governance in JSON, both ways; addresses: node/codec/address.h. Any thread.
 */
#ifndef HT_GOVERNANCE_TEXT_H
#define HT_GOVERNANCE_TEXT_H

#include <jansson.h>

#include "node/base/u256.h"

/* Sets a member; a NULL value is null. */
void ht_gov_put(json_t *object, const char *key, json_t *value);
/* New references; NULL without memory. */
json_t *ht_gov_hex_json(ht_bytes bytes);
json_t *ht_gov_u256_json(const ht_u256 *value); /* decimal text */
json_t *ht_gov_u64_json(uint64_t value);        /* decimal text */
/* A text from outside, cut to max bytes and made safe for the eye (node/codec/safe_text.h). */
json_t *ht_gov_text_json(ht_bytes text, size_t max);
/* Its first line, without the marks of a heading, the same way; into out, which has max + 1 bytes.
 */
void ht_gov_text_line(char *out, size_t max, ht_bytes text);

/* Decimal text, or hex after "0x", or a JSON integer. HT_EINPUT "bad_number" and those of json.h.
 */
enum ht_err ht_gov_u256_param(ht_u256 *out, const json_t *params, const char *path,
                              struct ht_why *why) HT_MUST_USE;

#endif
