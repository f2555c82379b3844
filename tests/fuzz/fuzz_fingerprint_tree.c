/* What comes and goes in a fingerprint tree, from any bytes: three of them say which item, of few
 * seconds and ids, is put in or taken out. The tree stays sorted, counted and summed. */
#include <stdlib.h>

#include "node/crypto/sha256.h"
#include "node/p2p/fingerprint_view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static struct ht_neg_item item_of(const uint8_t bytes[static 3]) {
    struct ht_neg_item item = {.created_at = bytes[1] % 16};
    const uint8_t text[2] = {bytes[1], bytes[2]};
    ht_sha256(&item.id, HT_BYTES(text));
    return item;
}

static void check(const struct ht_fp_tree *tree, size_t count) {
    struct ht_neg_sum sum = {{0}};
    struct ht_neg_item before = {.created_at = 0};
    must(ht_fp_tree_count(tree) == count);
    for (size_t i = 0; i < count; i++) {
        const struct ht_neg_item item = ht_fp_tree_at(tree, i);
        const struct ht_neg_bound bound = {.at = item, .id_n = 32};
        must(i == 0 || ht_neg_item_compare(&before, &item) < 0);
        must(ht_fp_tree_find(tree, 0, &bound) == i);
        ht_neg_sum_add(&sum, &item.id);
        before = item;
    }
    const struct ht_neg_sum all = ht_fp_tree_sum(tree, 0, count);
    must(memcmp(&all, &sum, sizeof sum) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_fp_tree *tree = NULL;
    size_t count = 0;
    must(ht_fp_tree_new(&tree) == HT_OK);
    for (size_t i = 0; i + 3 <= n; i += 3) {
        const struct ht_neg_item item = item_of(data + i);
        bool is_there = ht_fp_tree_has(tree, &item);
        bool is_new = false;
        if (data[i] % 3 == 0) {
            must(ht_fp_tree_remove(tree, &item) == is_there);
            count -= is_there;
        } else {
            must(ht_fp_tree_insert(&is_new, tree, &item) == HT_OK && is_new != is_there);
            count += is_new;
        }
    }
    check(tree, count);
    ht_fp_tree_free(tree);
    return 0;
}
