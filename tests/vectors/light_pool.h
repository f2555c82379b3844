/* The light-client objects found in a tree of files, pooled by network. */
#ifndef HT_TESTS_VECTORS_LIGHT_POOL_H
#define HT_TESTS_VECTORS_LIGHT_POOL_H

#include "node/l1/consensus/types.h"
#include "tests/vectors/light_files.h"
#include "tests/vectors/vectors.h"

/* A network whose objects belong together: a built-in one, or one described in a folder for the
 * files of that folder and those below. */
struct ht_lv_network_at {
    struct ht_network network;
    const char *folder; /* not terminated; NULL for the built-in ones */
    size_t folder_len;
};

struct ht_lv_object {
    const struct ht_lv_file *file;
    size_t position; /* in its file */
    const struct ht_lv_network_at *at;
    struct ht_lc_object *object;
};

struct ht_lv_pool {
    struct ht_lv_network_at *networks;
    size_t network_count;
    struct ht_lv_object *objects; /* in order of files */
    size_t count;
};

/* Decodes every file that is not used yet and holds light-client objects, and marks it used. A file
 * that has the form of such objects but does not decode is a failed case of the report. */
void ht_lv_pool_fill(struct ht_lv_pool *pool, struct ht_lv_tree *tree,
                     struct ht_vec_report *report);
void ht_lv_pool_free(struct ht_lv_pool *pool);

/* A committee of the network and period out of any bootstrap or update, or NULL. Starts at object
 * *cursor (0 at first) and moves it on, so that further calls give further candidates. */
const struct ht_sync_committee *ht_lv_committee(const struct ht_lv_pool *pool,
                                                const struct ht_lv_network_at *at, uint64_t period,
                                                size_t *cursor);

/* Whether the branch of an update's next committee is there. */
bool ht_lv_has_next_committee(const struct ht_lc_object *object);

/* "file" or "file#3", for naming the object's case; into out of HT_LV_NAME_MAX. */
void ht_lv_object_name(char *out, const struct ht_lv_tree *tree, const struct ht_lv_object *object);

#endif
