/* YAML files of official vectors as JSON values. */
#ifndef HT_TESTS_VECTORS_LIGHT_YAML_H
#define HT_TESTS_VECTORS_LIGHT_YAML_H

#include "tests/vectors/light_files.h"

/* The file's first document; every scalar becomes a string. A new reference, or NULL when the file
 * is no YAML or nested deeper than any vector. */
json_t *ht_lv_read_yaml(const struct ht_lv_file *file);

#endif
