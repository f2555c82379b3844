/* JSON through jansson, with the bounds that outside text needs.
 *
 * Parsing gives a jansson value that the caller owns (json_decref). Everything else here borrows.
 * Reading goes by path: "data.header.beacon.slot" names a member of a member, "" the value given,
 * "[3]" an element of an array ("data[0].header"); a reason names the path up to the part that is
 * missing or wrong. A key with a dot or a bracket in it is reached with ht_json_member.
 *
 * Numbers with a fraction or an exponent are accepted by the parser but no getter reads them.
 * Strings may contain a NUL ("\u0000"); ht_json_text refuses such, ht_json_str gives the length.
 * Signed or hashed JSON is not written here but by the canonical writers.
 *
 * Safe from any thread, as long as one value is not used by two at once. */
#ifndef HT_CODEC_JSON_H
#define HT_CODEC_JSON_H

#include <jansson.h>

#include "node/base/bytes.h"

#define HT_JSON_DEPTH_MAX 32U

/* Parses one JSON value (RFC 8259), of any type, that fills the whole text. On success *out is a
 * new reference. Refused: text over max_bytes (HT_ELIMIT json_too_large), arrays and objects nested
 * over HT_JSON_DEPTH_MAX (HT_ELIMIT json_too_deep), so many small arrays and objects that they
 * would take far more memory than the text (HT_ELIMIT json_too_many_parts), a key twice in one
 * object (HT_EINPUT json_duplicate_key), and everything that is not JSON, invalid UTF-8, a NUL in
 * a key, an integer outside 64 bits or further bytes behind the value (HT_EINPUT json_syntax, with
 * line and column). The reason never quotes the text. HT_ENOMEM no_memory. */
enum ht_err ht_json_parse(json_t **out, ht_bytes text, size_t max_bytes,
                          struct ht_why *why) HT_MUST_USE;

/* The value under `key`, borrowed; NULL when obj is NULL, no object, or has no such key. */
const json_t *ht_json_member(const json_t *obj, const char *key);

/* The getters below find the value at `path` from `root` and read it. HT_EINPUT json_missing when
 * it is not there (also when a part on the way is not an object or array), HT_EINPUT json_type
 * when it is of another type, HT_EINPUT json_value when the type fits but the value does not. */

/* The value itself, borrowed. A JSON null counts as present. */
enum ht_err ht_json_get(const json_t **out, const json_t *root, const char *path,
                        struct ht_why *why) HT_MUST_USE;

/* An integer >= 0, or a string of decimal digits as the Beacon API writes numbers; exact, no sign,
 * no leading zeros, below 2^64 (as a JSON integer: below 2^63). */
enum ht_err ht_json_u64(uint64_t *out, const json_t *root, const char *path,
                        struct ht_why *why) HT_MUST_USE;

/* A string of exactly n bytes in hex with "0x". */
enum ht_err ht_json_hex(uint8_t *out, size_t n, const json_t *root, const char *path,
                        struct ht_why *why) HT_MUST_USE;

/* A string of any even number of hex digits with "0x", appended to out. HT_ELIMIT json_value past
 * its maximum, HT_ENOMEM no_memory. */
enum ht_err ht_json_hex_buf(struct ht_buf *out, const json_t *root, const char *path,
                            struct ht_why *why) HT_MUST_USE;

/* A string in UTF-8, borrowed from the value. */
enum ht_err ht_json_str(ht_bytes *out, const json_t *root, const char *path,
                        struct ht_why *why) HT_MUST_USE;

/* A string without NUL in it, as a C string borrowed from the value. */
enum ht_err ht_json_text(const char **out, const json_t *root, const char *path,
                         struct ht_why *why) HT_MUST_USE;

enum ht_err ht_json_bool(bool *out, const json_t *root, const char *path,
                         struct ht_why *why) HT_MUST_USE;

/* An array, borrowed. */
enum ht_err ht_json_array(const json_t **out, const json_t *root, const char *path,
                          struct ht_why *why) HT_MUST_USE;

/* Appends the value as JSON without white space, members in the order of insertion. HT_ELIMIT past
 * the maximum of out, HT_ENOMEM, HT_EBUG for a value that JSON cannot hold; out is unchanged then.
 */
enum ht_err ht_json_dump_compact(struct ht_buf *out, const json_t *value) HT_MUST_USE;

#endif
