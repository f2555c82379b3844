/* Typed data from any JSON: what is accepted hashes the same after being written and read again,
 * and can be explained. */
#include <stdlib.h>

#include "identity/wallet/explain.h"
#include "node/codec/eip712.h"

#define ARENA_MAX ((size_t)4 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static enum ht_err digest_of(ht_hash32 *out, const json_t *document, struct ht_why *why) {
    struct ht_arena arena;
    struct ht_eip712 typed;
    struct ht_buf text;
    ht_hash32 separator;
    ht_arena_init(&arena, ARENA_MAX);
    ht_buf_init(&text, HT_EIP712_SIZE_MAX);
    enum ht_err err = ht_eip712_read(&typed, &arena, document, why);
    if (err == HT_OK) {
        must(ht_eip712_domain_separator(&separator, &typed, NULL) == HT_OK);
        must(ht_eip712_struct_hash(out, &typed, NULL) == HT_OK);
        ht_eip712_digest(out, &separator, out);
        must(ht_eip712_encode_type(&text, &typed, typed.primary_type, NULL) == HT_OK);
    }
    ht_buf_fini(&text);
    ht_arena_fini(&arena);
    return err;
}

static void explain(const json_t *document) {
    struct ht_explain_context context = {.chain_id = 1, .network = "mainnet", .origin = ""};
    json_t *out = NULL;
    must(ht_explain_typed(&out, &context, document, NULL) == HT_OK);
    must(json_is_array(json_object_get(out, "tree")));
    json_decref(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    json_t *document = NULL;
    struct ht_why why = {.code = NULL};
    ht_hash32 digest;
    ht_hash32 again;
    if (ht_json_parse(&document, ht_bytes_of(data, n), HT_EIP712_SIZE_MAX, NULL) != HT_OK) return 0;
    enum ht_err err = digest_of(&digest, document, &why);
    must(err == HT_OK || why.code != NULL);
    if (err == HT_OK) {
        struct ht_buf text;
        json_t *copy = NULL;
        ht_buf_init(&text, 8 * HT_EIP712_SIZE_MAX);
        must(ht_json_dump_compact(&text, document) == HT_OK);
        if (ht_json_parse(&copy, ht_buf_view(&text), 8 * HT_EIP712_SIZE_MAX, NULL) == HT_OK) {
            must(digest_of(&again, copy, NULL) == HT_OK && ht_hash32_equal(&digest, &again));
        }
        explain(document);
        json_decref(copy);
        ht_buf_fini(&text);
    }
    json_decref(document);
    return 0;
}
