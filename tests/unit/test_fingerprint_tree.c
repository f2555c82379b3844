/* The tree against a plain list, whatever comes and goes, and negentropy over both. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/crypto/sha256.h"
#include "node/p2p/fingerprint_view.h"

#define MODEL_MAX 6000U

static struct ht_why why;

static struct ht_neg_item item_of(uint32_t i, uint32_t a_second) {
    struct ht_neg_item item = {.created_at = 1700000000 + i / a_second};
    uint8_t text[4];
    ht_write_u32_le(text, i);
    ht_sha256(&item.id, HT_BYTES(text));
    return item;
}

static uint64_t next_random(uint64_t *state) {
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static struct ht_fp_tree *new_tree(void) {
    struct ht_fp_tree *tree = NULL;
    assert_int_equal(ht_fp_tree_new(&tree), HT_OK);
    return tree;
}

static void insert(struct ht_fp_tree *tree, const struct ht_neg_item *item, bool is_new) {
    bool was_new = !is_new;
    assert_int_equal(ht_fp_tree_insert(&was_new, tree, item), HT_OK);
    assert_int_equal(was_new, is_new);
}

/* --- the tree and a model ---------------------------------------------------------------------*/

struct model {
    struct ht_neg_item items[MODEL_MAX];
    size_t count;
};

static size_t model_find(const struct model *model, const struct ht_neg_item *item) {
    size_t at = 0;
    while (at < model->count && ht_neg_item_compare(&model->items[at], item) < 0) at++;
    return at;
}

static void model_change(struct model *model, struct ht_fp_tree *tree,
                         const struct ht_neg_item *item) {
    size_t at = model_find(model, item);
    bool is_there = at < model->count && ht_neg_item_compare(&model->items[at], item) == 0;
    assert_int_equal(ht_fp_tree_has(tree, item), is_there);
    if (is_there) {
        memmove(&model->items[at], &model->items[at + 1],
                (--model->count - at) * sizeof *model->items);
        assert_true(ht_fp_tree_remove(tree, item));
        assert_false(ht_fp_tree_remove(tree, item));
    } else {
        memmove(&model->items[at + 1], &model->items[at],
                (model->count++ - at) * sizeof *model->items);
        model->items[at] = *item;
        insert(tree, item, true);
        insert(tree, item, false);
    }
}

static struct ht_neg_sum model_sum(const struct model *model, size_t lower, size_t upper) {
    struct ht_neg_sum sum = {{0}};
    for (size_t i = lower; i < upper; i++) ht_neg_sum_add(&sum, &model->items[i].id);
    return sum;
}

static void same(const struct model *model, const struct ht_fp_tree *tree, uint64_t *random) {
    assert_int_equal(ht_fp_tree_count(tree), model->count);
    for (size_t i = 0; i < model->count; i++) {
        const struct ht_neg_item item = ht_fp_tree_at(tree, i);
        assert_int_equal(ht_neg_item_compare(&item, &model->items[i]), 0);
    }
    for (size_t round = 0; round < 40; round++) {
        size_t lower = next_random(random) % (model->count + 1);
        size_t upper = lower + next_random(random) % (model->count - lower + 1);
        struct ht_neg_sum sum = model_sum(model, lower, upper);
        struct ht_neg_sum found = ht_fp_tree_sum(tree, lower, upper);
        assert_memory_equal(&sum, &found, sizeof sum);
        if (lower == model->count) continue;
        struct ht_neg_bound bound = {.at = model->items[lower], .id_n = 32};
        assert_int_equal(ht_fp_tree_find(tree, 0, &bound), lower);
        assert_int_equal(ht_fp_tree_find(tree, upper, &bound), upper);
        memset(bound.at.id.b + 2, 0, 30);
        assert_int_equal(ht_fp_tree_find(tree, 0, &bound), model_find(model, &bound.at));
    }
}

static void tree_is_a_sorted_list_whatever_comes_and_goes(void **state) {
    static struct model model;
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        uint64_t random = seed;
        struct ht_fp_tree *tree = new_tree();
        model.count = 0;
        /* Grows in the first half, where most are new, and shrinks when few are drawn from. */
        for (size_t i = 0; i < 12000; i++) {
            uint32_t span = i < 6000 ? 20000 : 3000;
            struct ht_neg_item item = item_of((uint32_t)(next_random(&random) % span), 3);
            model_change(&model, tree, &item);
            if (i % 3000 == 2999) same(&model, tree, &random);
        }
        while (model.count > 0) {
            struct ht_neg_item item = model.items[next_random(&random) % model.count];
            model_change(&model, tree, &item);
        }
        same(&model, tree, &random);
        struct ht_fp_tree *empty = new_tree();
        assert_int_equal(ht_fp_tree_bytes(tree), ht_fp_tree_bytes(empty));
        ht_fp_tree_free(empty);
        ht_fp_tree_free(tree);
    }
}

static void tree_of_what_came_in_order_is_small_either_way_round(void **state) {
    enum { COUNT = 20000 };
    (void)state;
    for (int way = 0; way < 2; way++) {
        struct ht_fp_tree *tree = new_tree();
        for (uint32_t i = 0; i < COUNT; i++) {
            struct ht_neg_item item = item_of(way == 0 ? i : COUNT - 1 - i, 1);
            insert(tree, &item, true);
        }
        assert_int_equal(ht_fp_tree_count(tree), COUNT);
        assert_true(ht_fp_tree_bytes(tree) < (size_t)COUNT * 46);
        ht_fp_tree_free(tree);
    }
}

static void tree_is_filled_in_any_order(void **state) {
    enum { COUNT = 5000 };
    static struct ht_neg_item items[COUNT];
    static struct model model;
    uint64_t random = 7;
    (void)state;
    struct ht_fp_tree *tree = new_tree();
    for (uint32_t i = 0; i < COUNT; i++) items[i] = item_of(i * 7 % COUNT, 4);
    assert_int_equal(ht_fp_tree_fill(tree, items, COUNT, &why), HT_OK);
    memcpy(model.items, items, sizeof items);
    model.count = COUNT;
    same(&model, tree, &random);
    ht_fp_tree_free(tree);
}

static void tree_refuses_to_be_filled_with_the_same_twice(void **state) {
    struct ht_neg_item items[3] = {item_of(1, 1), item_of(2, 1), item_of(1, 1)};
    (void)state;
    struct ht_fp_tree *tree = new_tree();
    assert_int_equal(ht_fp_tree_fill(tree, items, 3, &why), HT_EINPUT);
    assert_string_equal(why.code, "neg_item");
    assert_int_equal(ht_fp_tree_count(tree), 0);
    ht_fp_tree_free(tree);
}

static void tree_refuses_an_item_at_the_end_of_time(void **state) {
    const struct ht_neg_item item = {.created_at = UINT64_MAX};
    bool is_new = false;
    (void)state;
    struct ht_fp_tree *tree = new_tree();
    assert_int_equal(ht_fp_tree_insert(&is_new, tree, &item), HT_EINPUT);
    assert_int_equal(ht_fp_tree_count(tree), 0);
    ht_fp_tree_free(tree);
}

/* --- negentropy -------------------------------------------------------------------------------*/

struct side {
    struct ht_neg *neg;
    struct ht_fp_tree *tree; /* NULL: a list of its own */
    struct ht_fp_view view;
};

/* Every extra-th of a view's items is not in its tree but beside it; 0: none. */
static void make_side(struct side *side, const struct ht_neg_item *items, size_t count,
                      size_t limit, bool has_tree, uint32_t extra) {
    static struct ht_neg_item list[MODEL_MAX];
    *side = (struct side){.neg = NULL};
    if (!has_tree) {
        assert_int_equal(ht_neg_new(&side->neg, items, count, limit, &why), HT_OK);
        return;
    }
    side->tree = new_tree();
    size_t beside = 0;
    for (size_t i = 0; i < count; i++) {
        if (extra != 0 && i % extra == 0)
            list[beside++] = items[i];
        else
            insert(side->tree, &items[i], true);
    }
    side->view = (struct ht_fp_view)HT_FP_VIEW_ALL(side->tree);
    side->view.extra = list;
    side->view.extra_count = beside;
    assert_int_equal(ht_neg_new_tree(&side->neg, &side->view, limit, &why), HT_OK);
}

static void free_side(struct side *side) {
    ht_neg_free(side->neg);
    ht_fp_tree_free(side->tree);
}

static void find_nothing_yet(struct ht_neg_found *found) {
    ht_buf_init(&found->have, (size_t)1 << 20);
    ht_buf_init(&found->need, (size_t)1 << 20);
}

static void free_found(struct ht_neg_found *found) {
    ht_buf_fini(&found->have);
    ht_buf_fini(&found->need);
}

/* Everything that both say, one behind the other. */
static void talk(struct ht_buf *said, struct ht_neg *client, struct ht_neg *server) {
    struct ht_neg_found found;
    find_nothing_yet(&found);
    size_t begin = said->n;
    assert_int_equal(ht_neg_initiate(said, client, &why), HT_OK);
    for (size_t turn = 1; said->n > begin; turn++) {
        struct ht_buf last;
        bool is_client = turn % 2 == 0;
        ht_buf_init(&last, (size_t)1 << 20);
        assert_int_equal(ht_buf_add(&last, ht_bytes_of(said->p + begin, said->n - begin)), HT_OK);
        begin = said->n;
        assert_int_equal(ht_neg_reconcile(said, is_client ? &found : NULL,
                                          is_client ? client : server, ht_buf_view(&last), &why),
                         HT_OK);
        ht_buf_fini(&last);
        assert_true(turn < 1000);
    }
    assert_int_equal(ht_buf_add(said, ht_buf_view(&found.have)), HT_OK);
    assert_int_equal(ht_buf_add(said, ht_buf_view(&found.need)), HT_OK);
    free_found(&found);
}

static void negentropy_says_the_same_over_a_tree_as_over_a_list(void **state) {
    enum { COUNT = 5000 };
    static const struct {
        uint32_t a_second, extra;
        size_t limit;
    } cases[] = {{1, 0, 0}, {900, 0, 0}, {3, 0, 4096}, {2, 7, 0}, {700, 3, 4096}, {1, 1, 0}};
    static struct ht_neg_item ours[COUNT], theirs[COUNT];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ht_buf said[2];
        size_t our_count = 0, their_count = 0;
        for (uint32_t k = 0; k < COUNT; k++) {
            struct ht_neg_item item = item_of(k, cases[i].a_second);
            if (k % 50 != 0 && k < COUNT - 60) ours[our_count++] = item;
            if (k % 71 != 0) theirs[their_count++] = item;
        }
        ht_neg_items_sort(ours, our_count);
        ht_neg_items_sort(theirs, their_count);
        for (int way = 0; way < 2; way++) {
            struct side client, server;
            ht_buf_init(&said[way], (size_t)4 << 20);
            /* The extra ones are a static list: of the server alone. */
            make_side(&client, ours, our_count, cases[i].limit, way == 1, 0);
            make_side(&server, theirs, their_count, cases[i].limit, way == 1, cases[i].extra);
            talk(&said[way], client.neg, server.neg);
            free_side(&client);
            free_side(&server);
        }
        assert_true(ht_bytes_equal(ht_buf_view(&said[0]), ht_buf_view(&said[1])));
        for (int way = 0; way < 2; way++) ht_buf_fini(&said[way]);
    }
}

static void view_is_of_a_span_of_time_and_no_more(void **state) {
    struct ht_buf first[2];
    static struct ht_neg_item items[1000];
    (void)state;
    struct ht_fp_tree *tree = new_tree();
    for (uint32_t i = 0; i < 1000; i++) {
        items[i] = item_of(i, 1);
        insert(tree, &items[i], true);
    }
    struct ht_fp_view view = {
        .tree = tree, .since = items[100].created_at, .until = items[899].created_at};
    struct ht_neg *neg[2];
    assert_int_equal(ht_neg_new_tree(&neg[0], &view, 0, &why), HT_OK);
    assert_int_equal(ht_neg_new(&neg[1], items + 100, 800, 0, &why), HT_OK);
    for (int i = 0; i < 2; i++) {
        ht_buf_init(&first[i], 10000);
        assert_int_equal(ht_neg_initiate(&first[i], neg[i], &why), HT_OK);
        ht_neg_free(neg[i]);
    }
    assert_true(ht_bytes_equal(ht_buf_view(&first[0]), ht_buf_view(&first[1])));
    for (int i = 0; i < 2; i++) ht_buf_fini(&first[i]);
    ht_fp_tree_free(tree);
}

static void negentropy_comes_to_an_end_while_the_trees_change(void **state) {
    enum { COUNT = 4000 };
    struct ht_neg_found found;
    struct ht_buf turns[2];
    (void)state;
    struct ht_fp_tree *trees[2] = {new_tree(), new_tree()};
    for (uint32_t i = 0; i < COUNT; i++) {
        struct ht_neg_item item = item_of(i, 2);
        if (i % 40 != 0) insert(trees[0], &item, true);
        if (i % 41 != 0) insert(trees[1], &item, true);
    }
    struct ht_fp_view views[2] = {HT_FP_VIEW_ALL(trees[0]), HT_FP_VIEW_ALL(trees[1])};
    struct ht_neg *negs[2];
    find_nothing_yet(&found);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ht_neg_new_tree(&negs[i], &views[i], 4096, &why), HT_OK);
        ht_buf_init(&turns[i], (size_t)1 << 20);
    }
    assert_int_equal(ht_neg_initiate(&turns[0], negs[0], &why), HT_OK);
    size_t turn = 0;
    for (; turns[turn % 2].n > 0; turn++) {
        size_t to = (turn + 1) % 2;
        struct ht_neg_item item = item_of((uint32_t)(turn * 37 % COUNT), 2);
        bool is_new;
        (void)ht_fp_tree_remove(trees[turn / 2 % 2], &item);
        item = item_of((uint32_t)(COUNT + turn), 2);
        assert_int_equal(ht_fp_tree_insert(&is_new, trees[to], &item), HT_OK);
        ht_buf_clear(&turns[to]);
        assert_int_equal(ht_neg_reconcile(&turns[to], to == 0 ? &found : NULL, negs[to],
                                          ht_buf_view(&turns[turn % 2]), &why),
                         HT_OK);
        assert_true(turn < 1000);
    }
    /* What did not change is found. */
    assert_true(found.have.n / 32 > 80 && found.need.n / 32 > 80);
    for (int i = 0; i < 2; i++) {
        ht_neg_free(negs[i]);
        ht_buf_fini(&turns[i]);
        ht_fp_tree_free(trees[i]);
    }
    free_found(&found);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree_is_a_sorted_list_whatever_comes_and_goes),
        cmocka_unit_test(tree_of_what_came_in_order_is_small_either_way_round),
        cmocka_unit_test(tree_is_filled_in_any_order),
        cmocka_unit_test(tree_refuses_to_be_filled_with_the_same_twice),
        cmocka_unit_test(tree_refuses_an_item_at_the_end_of_time),
        cmocka_unit_test(negentropy_says_the_same_over_a_tree_as_over_a_list),
        cmocka_unit_test(view_is_of_a_span_of_time_and_no_more),
        cmocka_unit_test(negentropy_comes_to_an_end_while_the_trees_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
