/* Calls that are packed by other rules than the ABI's: no allocation, views of the data. */
#ifndef HT_CODEC_PACKED_CALLS_H
#define HT_CODEC_PACKED_CALLS_H

#include "node/base/u256.h"

struct ht_packed_call {
    unsigned operation; /* of a Safe: 0 call, 1 delegate call */
    ht_addr20 target;
    ht_u256 value;
    ht_bytes data; /* borrowed */
};

/* Takes the next call off the argument of MultiSend's multiSend(bytes): operation (1 byte), target
 * (20), value (32), length (32), data. Source: safe-smart-account MultiSend.sol. *rest is only
 * moved on success. HT_EINPUT "packed_short" (the data ends within a call), "packed_operation"
 * (neither 0 nor 1, on which the contract reverts). */
enum ht_err ht_packed_take_multisend(struct ht_packed_call *out, ht_bytes *rest,
                                     struct ht_why *why) HT_MUST_USE;

/* Reads the one call of ERC-7579's execution mode "single": target (20), value (32), data; or of
 * its mode "delegate call": target (20), data. HT_EINPUT "packed_short". */
enum ht_err ht_packed_read_single(struct ht_packed_call *out, ht_bytes data, bool is_delegate,
                                  struct ht_why *why) HT_MUST_USE;

#endif
