/* A link's event from any bytes: tags in front of the first zero, content behind it. What is read
 * is written again and read as the same. */
#include <stdlib.h>

#include "identity/trust/link_event.h"
#include "node/codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void again(const struct ht_id_link_claim *claim, ht_bytes signature) {
    struct ht_buf content, bytes;
    json_t *tags = NULL;
    struct ht_id_link_claim read;
    ht_hash32 digest;
    ht_buf_init(&content, 4 * HT_ID_LINK_CONTENT_MAX);
    ht_buf_init(&bytes, HT_ID_LINK_SIGNATURE_MAX);
    must(ht_id_link_digest(&digest, claim, NULL) == HT_OK);
    must(ht_id_link_write(&content, &tags, claim, signature, NULL) == HT_OK);
    enum ht_err err = ht_id_link_read(&read, &bytes, &claim->pubkey, claim->chain_id, tags,
                                      ht_buf_view(&content), NULL);
    must(err == HT_OK);
    must(read.issued == claim->issued && ht_bytes_equal(ht_buf_view(&bytes), signature));
    json_decref(tags);
    ht_buf_fini(&content);
    ht_buf_fini(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    json_t *tags = NULL;
    struct ht_id_link_claim claim;
    struct ht_buf signature;
    struct ht_why why = {.code = NULL};
    ht_hash32 author;
    memset(author.b, 0xab, sizeof author.b);
    const uint8_t *zero = n > 0 ? memchr(data, 0, n) : NULL;
    if (zero == NULL) return 0;
    size_t tags_n = (size_t)(zero - data);
    if (ht_json_parse(&tags, ht_bytes_of(data, tags_n), 1 << 16, NULL) != HT_OK) return 0;
    ht_buf_init(&signature, HT_ID_LINK_SIGNATURE_MAX);
    enum ht_err err = ht_id_link_read(&claim, &signature, &author, 1337, tags,
                                      ht_bytes_of(zero + 1, n - tags_n - 1), &why);
    must(err == HT_OK || why.code != NULL);
    if (err == HT_OK) again(&claim, ht_buf_view(&signature));
    ht_buf_fini(&signature);
    json_decref(tags);
    return 0;
}
