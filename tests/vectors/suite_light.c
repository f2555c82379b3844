/* The light-client suite: official vectors, recorded objects of real networks and negative cases,
 * all found by their format. */
#include <stdio.h>
#include <sys/stat.h>

#include "tests/vectors/light_blocks.h"
#include "tests/vectors/light_kinds.h"

static void run(const char *fixtures_dir, struct ht_vec_report *report) {
    char root[4096];
    struct stat info;
    int n = snprintf(root, sizeof root, "%s/light_client", fixtures_dir);
    if (n < 0 || (size_t)n >= sizeof root || stat(root, &info) != 0 || !S_ISDIR(info.st_mode)) {
        (void)snprintf(root, sizeof root, "%s", fixtures_dir);
    }
    struct ht_lv_tree tree;
    struct ht_lv_pool pool;
    size_t end = strlen(root);
    while (end > 1 && root[end - 1] == '/') root[--end] = '\0';
    ht_lv_tree_read(&tree, root);
    ht_lv_run_sync(&tree, report);
    ht_lv_run_manifests(&tree, report);
    ht_lv_run_flat(&tree, report);
    ht_lv_run_streams(&tree, report);
    ht_lv_run_execution(&tree, report);
    ht_lv_run_calls(&tree, report);
    ht_lv_run_blocks(root, report);
    ht_lv_pool_fill(&pool, &tree, report);
    ht_lv_run_objects(&tree, &pool, report);
    ht_lv_run_points(&tree, &pool, report);
    ht_lv_pool_free(&pool);
    ht_lv_tree_free(&tree);
}

const struct ht_vec_suite ht_vec_suite_light = {"light", run};
