/* Private data from any bytes: a disclosure {"leaves", "proof", "proofFlags"} as a stranger hands
 * it over. Its leaves are taken as a tree as well: what is disclosed of that must be under its
 * root. */
#include <stdlib.h>

#include "identity/eas/private_data.h"

#define TEXT_MAX ((size_t)1 << 16)
#define ARENA_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void disclose(const struct ht_private_leaf *leaves, size_t count, const ht_hash32 *root,
                     size_t step) {
    static size_t chosen[HT_PRIVATE_LEAVES_MAX];
    size_t chosen_count = 0;
    json_t *out = NULL;
    for (size_t i = 0; i < count; i += step) chosen[chosen_count++] = i;
    must(ht_private_disclose(&out, leaves, count, chosen, chosen_count, NULL) == HT_OK);
    must(ht_private_verify(out, root, NULL) == HT_OK);
    json_decref(out);
}

static void run_leaves(const json_t *list) {
    struct ht_private_leaf *leaves = NULL;
    size_t count = 0;
    ht_hash32 root;
    struct ht_arena arena;
    struct ht_why why = {.code = NULL};
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = ht_private_leaves_read(&leaves, &count, &arena, list, &why);
    if (err == HT_OK) err = ht_private_root(&root, leaves, count, &why);
    must(err == HT_OK || why.code != NULL);
    if (err == HT_OK) {
        disclose(leaves, count, &root, 1);
        disclose(leaves, count, &root, 3);
    }
    ht_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static const ht_hash32 root;
    json_t *document = NULL;
    struct ht_why why = {.code = NULL};
    if (ht_json_parse(&document, ht_bytes_of(data, n), TEXT_MAX, NULL) != HT_OK) return 0;
    enum ht_err err = ht_private_verify(document, &root, &why);
    must(err != HT_OK && why.code != NULL);
    run_leaves(ht_json_member(document, "leaves"));
    json_decref(document);
    return 0;
}
