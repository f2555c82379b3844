/* Management of the relay: bodies of requests, one a line, and the first line as the header that
 * gives the right to them. Each is answered, and what is saved comes back the same. */
#include <stdlib.h>

#include "social/manage.h"
#include "social/nip98.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void check_right(ht_bytes header) {
    ht_hash32 pubkey;
    struct ht_why why = {.code = NULL};
    const struct ht_nip98_request request = {.url = ht_bytes_str("http://127.0.0.1:8421/"),
                                             .method = ht_bytes_str("POST"),
                                             .body = header,
                                             .now_s = 1780000000};
    enum ht_err err = ht_nip98_check(&pubkey, &request, header, &why);
    must((err == HT_OK) == (why.code == NULL));
}

static void check_answer(struct ht_manage *manage, ht_bytes body) {
    json_t *answer = ht_manage_answer(manage, body);
    must(json_object_size(answer) == 1);
    must(json_object_get(answer, "result") != NULL ||
         json_is_string(json_object_get(answer, "error")));
    json_decref(answer);
}

static void check_saved(struct ht_manage *manage) {
    static const struct ht_manage_effects none;
    struct ht_manage *other = NULL;
    json_t *saved = ht_manage_save(manage);
    must(ht_manage_new(&other, &none, NULL) == HT_OK);
    must(ht_manage_load(other, saved, NULL) == HT_OK);
    json_t *again = ht_manage_save(other);
    must(json_equal(saved, again));
    json_decref(saved);
    json_decref(again);
    ht_manage_free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static const struct ht_manage_effects none;
    struct ht_manage *manage = NULL;
    size_t start = 0;
    must(ht_manage_new(&manage, &none, NULL) == HT_OK);
    for (size_t i = 0; i <= n; i++) {
        if (i < n && data[i] != '\n') continue;
        ht_bytes line = ht_bytes_of(data + start, i - start);
        if (start == 0) check_right(line);
        check_answer(manage, line);
        start = i + 1;
    }
    check_saved(manage);
    ht_manage_free(manage);
    return 0;
}
