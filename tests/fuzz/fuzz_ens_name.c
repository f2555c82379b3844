/* Names and answers of ENS from any bytes: a normal form is its own, has a hash and is no longer
 * than it may be; what is read of lookups lies inside of them. */
#include <stdlib.h>

#include "identity/names/ens_calls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void normalize(ht_bytes name) {
    struct ht_buf once, twice, dns;
    struct ht_why why = {.code = NULL};
    ht_hash32 node;
    ht_buf_init(&once, HT_ENS_NAME_MAX);
    ht_buf_init(&twice, HT_ENS_NAME_MAX);
    ht_buf_init(&dns, HT_ENS_DNS_MAX);
    enum ht_err err = ht_ens_normalize(&once, name, &why);
    must(err == HT_OK || (why.code != NULL && once.n == 0));
    if (err == HT_OK) {
        must(ht_ens_normalize(&twice, ht_buf_view(&once), &why) == HT_OK);
        must(ht_bytes_equal(ht_buf_view(&once), ht_buf_view(&twice)));
        must(ht_ens_namehash(&node, ht_buf_view(&once), &why) == HT_OK);
        err = ht_ens_dns_encode(&dns, ht_buf_view(&once), &why);
        must(err == HT_OK ? dns.n > once.n : err == HT_ELIMIT);
    }
    ht_buf_fini(&once);
    ht_buf_fini(&twice);
    ht_buf_fini(&dns);
}

static void must_be_inside(ht_bytes part, ht_bytes whole) {
    must(part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

static void read_answers(ht_bytes data) {
    struct ht_ens_lookup lookup;
    struct ht_buf out;
    ht_bytes bytes;
    ht_addr20 address;
    bool is_post;
    (void)!ht_ens_read_address(&address, data, NULL);
    (void)!ht_ens_read_yes(data);
    if (ht_ens_read_bytes(&bytes, data, HT_ENS_TEXT_MAX, NULL) == HT_OK)
        must_be_inside(bytes, data);
    ht_buf_init(&out, HT_ENS_CALL_MAX);
    (void)!ht_ens_gateway_read(&out, data, NULL);
    if (ht_ens_read_lookup(&lookup, data, NULL) == HT_OK) {
        must_be_inside(lookup.call_data, data);
        must_be_inside(lookup.extra, data);
        for (size_t i = 0; i < lookup.url_count; i++) {
            must_be_inside(lookup.urls[i], data);
            ht_buf_clear(&out);
            if (ht_ens_gateway_url(&out, &is_post, &lookup, i, NULL) != HT_OK) continue;
            must(memcmp(out.p, "https://", 8) == 0 && strlen((const char *)out.p) + 1 == out.n);
        }
    }
    ht_buf_fini(&out);
}

static void read_slot(ht_bytes data) {
    uint8_t value[32];
    size_t length = 0, more = 0;
    if (data.n < sizeof value) return;
    memcpy(value, data.p, sizeof value);
    if (ht_ens_bytes_length(&length, &more, value, HT_ENS_TEXT_MAX, NULL) == HT_OK) {
        must(length <= HT_ENS_TEXT_MAX && more <= 64 && (more == 0) == (length <= 31));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    normalize(ht_bytes_of(data, n));
    read_answers(ht_bytes_of(data, n));
    read_slot(ht_bytes_of(data, n));
    return 0;
}
