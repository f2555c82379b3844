/* RLP, the Yellow Paper's appendix B: a strict reader over a view and a writer into a buffer.
 *
 * Only the canonical form is accepted: every length in its shortest form, a single byte below 0x80
 * as itself, integers without leading zeros. So whatever is accepted encodes back to the same
 * bytes. Nothing here recurses or allocates by a length that was not checked against the input.
 *
 * Reading: keep a view of what is left and pass it to the readers, which move it behind what they
 * took. A list is entered by ht_rlp_read_list, which gives the view of its content; ht_rlp_end
 * then says whether it was read to its end. On any error the view stays where it was.
 *
 *     ht_bytes rest = document, fields;
 *     err = ht_rlp_read_list(&fields, &rest, why);
 *     if (err == HT_OK) err = ht_rlp_end(rest, why);
 *     if (err == HT_OK) err = ht_rlp_read_u64(&nonce, &fields, why);
 *     ...
 *     if (err == HT_OK) err = ht_rlp_end(fields, why);
 *
 * Reasons, HT_EINPUT if not said otherwise:
 *     rlp_missing        another item was expected, but the view is at its end
 *     rlp_truncated      an item is longer than what is left
 *     rlp_non_canonical  a length or a single byte is not in its shortest form
 *     rlp_wrong_kind     a list instead of a string or the reverse
 *     rlp_wrong_length   a string of another length than the fixed one asked for
 *     rlp_too_long       an integer does not fit; for strings over a maximum HT_ELIMIT
 *     rlp_leading_zero   an integer starts with a zero byte
 *     rlp_trailing       bytes are left where the end was expected
 *     rlp_too_deep       HT_ELIMIT: lists nested deeper than the bound
 *     rlp_too_many       HT_ELIMIT: more items in a list than the bound
 */
#ifndef HT_CODEC_RLP_H
#define HT_CODEC_RLP_H

#include "node/base/bytes.h"

/* The deepest nesting that ht_rlp_check can be asked to accept. */
#define HT_RLP_DEPTH_MAX 64U
/* The most bytes that stand in front of a payload. */
#define HT_RLP_HEADER_MAX 9U

/* One item; views into the input. */
struct ht_rlp_item {
    bool is_list;
    ht_bytes payload; /* the string, or the items of the list one behind the other */
    ht_bytes whole;   /* with its header: what a hash of the item is taken over */
};

/* --- reading ----------------------------------------------------------------------------------*/

/* The next item, string or list; does not look inside a list. */
enum ht_err ht_rlp_read_item(struct ht_rlp_item *out, ht_bytes *rest,
                             struct ht_why *why) HT_MUST_USE;

/* A list: *items is its content, to be read with the same functions. */
enum ht_err ht_rlp_read_list(ht_bytes *items, ht_bytes *rest, struct ht_why *why) HT_MUST_USE;

/* A string of at most max bytes; a view into the input. */
enum ht_err ht_rlp_read_bytes(ht_bytes *out, ht_bytes *rest, size_t max,
                              struct ht_why *why) HT_MUST_USE;

/* A string of exactly n bytes, copied to out. */
enum ht_err ht_rlp_read_fixed(uint8_t *out, size_t n, ht_bytes *rest,
                              struct ht_why *why) HT_MUST_USE;
enum ht_err ht_rlp_read_hash32(ht_hash32 *out, ht_bytes *rest, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_rlp_read_addr20(ht_addr20 *out, ht_bytes *rest, struct ht_why *why) HT_MUST_USE;

/* A non-negative integer below 2^64. */
enum ht_err ht_rlp_read_u64(uint64_t *out, ht_bytes *rest, struct ht_why *why) HT_MUST_USE;

/* A non-negative integer below 2^256, as 32 bytes big-endian. */
enum ht_err ht_rlp_read_u256(uint8_t out[static 32], ht_bytes *rest,
                             struct ht_why *why) HT_MUST_USE;

/* HT_OK when nothing is left of the view. */
enum ht_err ht_rlp_end(ht_bytes rest, struct ht_why *why) HT_MUST_USE;

/* How many items a list's content holds, at most max; checks their headers only. */
enum ht_err ht_rlp_count(size_t *out, ht_bytes items, size_t max, struct ht_why *why) HT_MUST_USE;

/* Whether the document is exactly one well-formed item, down to the last nested one. A string or
 * an empty list has depth 0 and 1; depth_max is at most HT_RLP_DEPTH_MAX. */
enum ht_err ht_rlp_check(ht_bytes document, size_t depth_max, struct ht_why *why) HT_MUST_USE;

/* --- writing ----------------------------------------------------------------------------------*/

/* Appends to a buffer and remembers the first error, which ht_rlp_finish returns; calls after an
 * error do nothing. The buffer is the caller's; the writer owns nothing. */
struct ht_rlp_writer {
    struct ht_buf *out;
    size_t start; /* length of out before the first write */
    enum ht_err err;
};

void ht_rlp_writer_init(struct ht_rlp_writer *writer, struct ht_buf *out);

void ht_rlp_write_bytes(struct ht_rlp_writer *writer, ht_bytes string);
void ht_rlp_write_u64(struct ht_rlp_writer *writer, uint64_t value);
/* An integer given big-endian in any width; leading zeros are left out. */
void ht_rlp_write_uint(struct ht_rlp_writer *writer, ht_bytes big_endian);
/* An item that is encoded already. */
void ht_rlp_write_raw(struct ht_rlp_writer *writer, ht_bytes item);

/* Items written between the two calls become one list. Give the result of the first to the second;
 * lists nest. */
size_t ht_rlp_list_begin(const struct ht_rlp_writer *writer) HT_MUST_USE;
void ht_rlp_list_end(struct ht_rlp_writer *writer, size_t begin);

/* The first error of all writes: HT_ELIMIT past the buffer's maximum or HT_ENOMEM. The buffer is
 * then as long as it was at init. */
enum ht_err ht_rlp_finish(struct ht_rlp_writer *writer) HT_MUST_USE;

/* Writes the header of a list, or of a string that is not a single byte below 0x80, with n bytes
 * of payload. Returns the bytes used. */
size_t ht_rlp_header(uint8_t out[static HT_RLP_HEADER_MAX], bool is_list, size_t n);

#endif
