/* Messages of negentropy to a server and to a client, from any bytes: the first says which role,
 * how many items and whether answers are bounded, the rest is the message. An answer is one that
 * the other role reads. */
#include <stdlib.h>

#include "node/crypto/sha256.h"
#include "node/nostr/negentropy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define ITEMS_MAX 512U

static void must(bool claim) {
    if (!claim) abort();
}

static struct ht_neg *make(size_t count, size_t limit) {
    static struct ht_neg_item items[ITEMS_MAX];
    struct ht_neg *neg = NULL;
    for (uint32_t i = 0; i < count && items[count - 1].created_at == 0; i++) {
        uint8_t text[4];
        ht_write_u32_le(text, i);
        items[i].created_at = 1000 + i / 3;
        ht_sha256(&items[i].id, HT_BYTES(text));
    }
    must(ht_neg_new(&neg, items, count, limit, NULL) == HT_OK);
    return neg;
}

static void reply(struct ht_buf *out, struct ht_neg_found *found, struct ht_neg *neg,
                  ht_bytes message, bool is_ours) {
    struct ht_why why = {.code = NULL};
    enum ht_err err = ht_neg_reconcile(out, found, neg, message, &why);
    must(err == HT_OK || (why.code != NULL && out->n == 0));
    must(err == HT_OK || !is_ours);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (n == 0) return 0;
    size_t limit = (data[0] & 2) != 0 ? HT_NEG_FRAME_MIN : 0;
    size_t count = (size_t)(data[0] >> 2) * 8;
    bool is_client = (data[0] & 1) != 0;
    struct ht_neg *neg = make(count, limit);
    struct ht_neg *other = make(ITEMS_MAX / 2, limit);
    struct ht_neg_found found;
    struct ht_buf out;
    struct ht_buf answer;
    ht_buf_init(&out, (size_t)1 << 20);
    ht_buf_init(&answer, (size_t)1 << 20);
    ht_buf_init(&found.have, (size_t)1 << 20);
    ht_buf_init(&found.need, (size_t)1 << 20);
    must(ht_neg_initiate(&out, is_client ? neg : other, NULL) == HT_OK);
    ht_buf_clear(&out);
    reply(&out, is_client ? &found : NULL, neg, ht_bytes_of(data + 1, n - 1), false);
    must(limit == 0 || out.n <= limit);
    must(found.have.n <= 32 * count && found.need.n <= n);
    if (out.n > 0) reply(&answer, is_client ? NULL : &found, other, ht_buf_view(&out), true);
    ht_buf_fini(&out);
    ht_buf_fini(&answer);
    ht_buf_fini(&found.have);
    ht_buf_fini(&found.need);
    ht_neg_free(neg);
    ht_neg_free(other);
    return 0;
}
