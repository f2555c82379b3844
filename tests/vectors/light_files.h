/* The tree of fixture files that the light suite works on: listed once, read on demand. */
#ifndef HT_TESTS_VECTORS_LIGHT_FILES_H
#define HT_TESTS_VECTORS_LIGHT_FILES_H

#include "node/codec/json.h"

#define HT_LV_FILE_MAX (64UL * 1024 * 1024)
#define HT_LV_NAME_MAX 512U

struct ht_lv_file {
    char *path;
    const char *name;  /* behind the last slash of path */
    size_t folder_len; /* of path, without the slash */
    bool is_used;      /* some kind of case has taken it */
};

struct ht_lv_tree {
    size_t root_len;          /* of every path, with the slash */
    struct ht_lv_file *files; /* by path; those of one folder are not split by others */
    size_t count;
};

/* Lists all regular files below root, without a slash at its end. The caller frees the tree. */
void ht_lv_tree_read(struct ht_lv_tree *tree, const char *root);
void ht_lv_tree_free(struct ht_lv_tree *tree);

/* Index behind the last file that lies in the same folder as the file at `first`. */
size_t ht_lv_folder_end(const struct ht_lv_tree *tree, size_t first);

/* The file of that name in the folder [first, end), or NULL. */
struct ht_lv_file *ht_lv_find(const struct ht_lv_tree *tree, size_t first, size_t end,
                              const char *name);

bool ht_lv_has_suffix(const char *name, const char *suffix);

/* The whole file; out is initialised here, the caller frees it in any case. */
enum ht_err ht_lv_read(struct ht_buf *out, const struct ht_lv_file *file,
                       struct ht_why *why) HT_MUST_USE;

/* The file as JSON, a new reference; NULL when it is none. */
json_t *ht_lv_read_json(const struct ht_lv_file *file);

/* The file's path below the root, for naming cases. */
const char *ht_lv_name(const struct ht_lv_tree *tree, const struct ht_lv_file *file);

/* "folder" or "folder: detail" of the folder that file lies in, into out of HT_LV_NAME_MAX. */
void ht_lv_folder_name(char *out, const struct ht_lv_tree *tree, const struct ht_lv_file *file);

#endif
