/* Listing and reading fixture files. Nothing here knows what is in them. */
#include "tests/vectors/light_files.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/vectors/vectors.h"

#define FILES_MAX 65536U

static void keep(const char *path, void *user) {
    struct ht_lv_tree *tree = user;
    if (tree->count == FILES_MAX) {
        ht_vec_note("%s is past the maximum of %u files and left out", path, FILES_MAX);
        return;
    }
    char *copy = strdup(path);
    ht_assert(copy != NULL);
    const char *slash = strrchr(copy, '/');
    tree->files[tree->count++] =
        (struct ht_lv_file){.path = copy, .name = slash + 1, .folder_len = (size_t)(slash - copy)};
}

/* By folder first, so that a folder's files are not split by those of its subfolders. */
static int compare_files(const void *left, const void *right) {
    const struct ht_lv_file *a = left, *b = right;
    size_t n = a->folder_len < b->folder_len ? a->folder_len : b->folder_len;
    int order = memcmp(a->path, b->path, n);
    if (order != 0) return order;
    if (a->folder_len != b->folder_len) return a->folder_len < b->folder_len ? -1 : 1;
    return strcmp(a->name, b->name);
}

void ht_lv_tree_read(struct ht_lv_tree *tree, const char *root) {
    *tree = (struct ht_lv_tree){.root_len = strlen(root) + 1,
                                .files = calloc(FILES_MAX, sizeof *tree->files)};
    ht_assert(tree->files != NULL);
    (void)ht_vec_walk(root, "", keep, tree);
    qsort(tree->files, tree->count, sizeof *tree->files, compare_files);
}

void ht_lv_tree_free(struct ht_lv_tree *tree) {
    for (size_t i = 0; i < tree->count; i++) free(tree->files[i].path);
    free(tree->files);
    *tree = (struct ht_lv_tree){0};
}

size_t ht_lv_folder_end(const struct ht_lv_tree *tree, size_t first) {
    const struct ht_lv_file *start = &tree->files[first];
    size_t end = first + 1;
    while (end < tree->count && tree->files[end].folder_len == start->folder_len &&
           memcmp(tree->files[end].path, start->path, start->folder_len) == 0) {
        end++;
    }
    return end;
}

struct ht_lv_file *ht_lv_find(const struct ht_lv_tree *tree, size_t first, size_t end,
                              const char *name) {
    for (size_t i = first; i < end; i++) {
        if (strcmp(tree->files[i].name, name) == 0) return &tree->files[i];
    }
    return NULL;
}

bool ht_lv_has_suffix(const char *name, const char *suffix) {
    size_t n = strlen(name), m = strlen(suffix);
    return n >= m && strcmp(name + n - m, suffix) == 0;
}

enum ht_err ht_lv_read(struct ht_buf *out, const struct ht_lv_file *file, struct ht_why *why) {
    ht_buf_init(out, HT_LV_FILE_MAX);
    enum ht_err err = ht_vec_read(out, file->path);
    return err == HT_OK ? HT_OK : ht_fail(why, err, "unreadable", "cannot be read whole");
}

json_t *ht_lv_read_json(const struct ht_lv_file *file) {
    struct ht_buf bytes;
    json_t *json = NULL;
    enum ht_err err = ht_lv_read(&bytes, file, NULL);
    if (err == HT_OK) err = ht_json_parse(&json, ht_buf_view(&bytes), HT_LV_FILE_MAX, NULL);
    ht_buf_fini(&bytes);
    return err == HT_OK ? json : NULL;
}

const char *ht_lv_name(const struct ht_lv_tree *tree, const struct ht_lv_file *file) {
    return file->path + tree->root_len;
}

void ht_lv_folder_name(char *out, const struct ht_lv_tree *tree, const struct ht_lv_file *file) {
    bool is_root = file->folder_len < tree->root_len;
    size_t n = is_root ? 0 : file->folder_len - tree->root_len;
    (void)snprintf(out, HT_LV_NAME_MAX, "%.*s", is_root ? 1 : (int)n,
                   is_root ? "." : file->path + tree->root_len);
}
