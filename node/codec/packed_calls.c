/* Packed calls. What a contract would read past the end of the data is not guessed at: such data is
 * refused as a whole. */
#include "node/codec/packed_calls.h"

#define WORD 32U
#define ADDRESS 20U

static ht_bytes skip(ht_bytes bytes, size_t n) {
    return ht_bytes_of(bytes.p + n, bytes.n - n);
}

static enum ht_err too_short(struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "packed_short", "the data ends within a call");
}

enum ht_err ht_packed_take_multisend(struct ht_packed_call *out, ht_bytes *rest,
                                     struct ht_why *why) {
    ht_bytes bytes = *rest;
    struct ht_packed_call call = {.operation = 0};
    ht_u256 length;
    if (bytes.n < 1 + ADDRESS + 2 * WORD) return too_short(why);
    call.operation = bytes.p[0];
    if (call.operation > 1) {
        return ht_fail(why, HT_EINPUT, "packed_operation", "an operation is neither 0 nor 1");
    }
    bytes = skip(bytes, 1);
    memcpy(call.target.b, bytes.p, ADDRESS);
    bytes = skip(bytes, ADDRESS);
    call.value = ht_u256_from_be32(bytes.p);
    length = ht_u256_from_be32(bytes.p + WORD);
    bytes = skip(bytes, (size_t)2 * WORD);
    ht_u256 room = ht_u256_of(bytes.n);
    if (ht_u256_compare(&length, &room) > 0) return too_short(why);
    call.data = ht_bytes_of(bytes.p, (size_t)length.limb[0]);
    *rest = skip(bytes, call.data.n);
    *out = call;
    return HT_OK;
}

enum ht_err ht_packed_read_single(struct ht_packed_call *out, ht_bytes data, bool is_delegate,
                                  struct ht_why *why) {
    struct ht_packed_call call = {.operation = is_delegate ? 1 : 0};
    size_t head = ADDRESS + (is_delegate ? 0 : WORD);
    if (data.n < head) return too_short(why);
    memcpy(call.target.b, data.p, ADDRESS);
    if (!is_delegate) call.value = ht_u256_from_be32(data.p + ADDRESS);
    call.data = skip(data, head);
    *out = call;
    return HT_OK;
}
