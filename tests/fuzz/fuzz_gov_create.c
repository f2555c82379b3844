/* Wishes of a community from any JSON, and any code as one of ours. What is taken must give a
 * transaction within its bounds. */
#include <stdlib.h>

#include "governance/create/create.h"
#include "governance/governor/code.h"
#include "node/codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void judge(const json_t *params) {
    static const ht_addr20 eas = {{0xea}};
    struct ht_gov_wishes wishes;
    struct ht_why why = {.code = NULL};
    struct ht_buf out;
    if (ht_gov_wishes_read(&wishes, params, &eas, &why) != HT_OK) {
        must(why.code != NULL);
        return;
    }
    must(wishes.holder_count <= HT_GOV_CREATE_LIST_MAX);
    must(wishes.attester_count <= HT_GOV_CREATE_LIST_MAX);
    ht_buf_init(&out, HT_GOV_CREATE_MAX);
    must(ht_gov_create_data(&out, &wishes, &why) == HT_OK);
    must(ht_gov_create_gas(&wishes) < 1U << 24);
    ht_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    json_t *params = NULL;
    must(ht_gov_code_ours(NULL, ht_bytes_of(data, n)) == NULL || n > 100);
    if (ht_json_parse(&params, ht_bytes_of(data, n), 1 << 16, NULL) == HT_OK) judge(params);
    json_decref(params);
    return 0;
}
