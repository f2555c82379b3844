/* Negentropy protocol 1 (NIP-77): which events two sides have that the other lacks.
 *
 * Byte for byte as the reference implementation at the same frame limit. Items are (created_at,
 * id), sorted: a list of its own, or what negentropy_items.h calls a source, which may change
 * between two messages: what then looks different is compared again. One reconciliation belongs to
 * one thread at a time; nothing is shared between two. Work for a message: the message's length,
 * and for each of its ranges about 64 items; for lists of ids the items of their range.
 *
 * Reasons: HT_EINPUT "neg_malformed" (cut off, an unknown mode, a number or bound too long),
 * "neg_version" (the server speaks another one; a server is not told of this but answers),
 * "neg_item" (an item twice, or at the end of time); HT_ELIMIT "neg_too_large" (more items, a
 * longer message or answer than there may be, or than the buffers take); HT_ENOMEM "no_memory".
 * What was to be written is as it was then. */
#ifndef HT_NOSTR_NEGENTROPY_H
#define HT_NOSTR_NEGENTROPY_H

#include "node/base/bytes.h"

#define HT_NEG_ITEMS_MAX 1000000U
#define HT_NEG_MESSAGE_MAX ((size_t)1 << 20) /* bytes; in hex it is twice that */
#define HT_NEG_FRAME_MIN 4096U
#define HT_NEG_VERSION 0x61U

struct ht_neg_item {
    uint64_t created_at; /* seconds, below UINT64_MAX */
    ht_hash32 id;
};

struct ht_neg; /* one reconciliation */

/* Takes over nothing: copies the items, 41 bytes each, sorts them unless they are in order (oldest
 * or newest first), refuses duplicates. frame_limit: bytes that no answer is longer than, at least
 * HT_NEG_FRAME_MIN, 0 for none; the first message is never longer than 1 kB. For more than about
 * 10,000 items not on the loop. */
enum ht_err ht_neg_new(struct ht_neg **out, const struct ht_neg_item *items, size_t count,
                       size_t frame_limit, struct ht_why *why) HT_MUST_USE;
/* NULL is fine. */
void ht_neg_free(struct ht_neg *neg);

/* Appends the client's first message. Called once; without it, it is a server. */
enum ht_err ht_neg_initiate(struct ht_buf *out, struct ht_neg *neg, struct ht_why *why) HT_MUST_USE;

/* Ids found, for the client: have are ours that the other side lacks, need theirs. In no order,
 * perhaps one more than once; their maxima are the caller's bound on what is worked on at once, and
 * a maximum of 0 leaves that side out. */
struct ht_neg_found {
    struct ht_buf have, need; /* 32 bytes each, appended */
};

/* Appends the answer to a message. For a client `found` is not NULL, and an answer of no bytes
 * means that it is done; for a server it is NULL, and a message of another version is answered with
 * the one byte HT_NEG_VERSION, as NIP-77 asks. */
enum ht_err ht_neg_reconcile(struct ht_buf *out, struct ht_neg_found *found, struct ht_neg *neg,
                             ht_bytes message, struct ht_why *why) HT_MUST_USE;

#endif
