/* Light-client objects as the Beacon API's JSON, for tests of the reader. */
#ifndef HT_TESTS_LC_JSON_H
#define HT_TESTS_LC_JSON_H

#include "node/codec/json.h"
#include "tests/unit/lc_builder.h"

/* The object by its members alone; a new reference. */
json_t *ht_lcb_json(const struct ht_lcb *builder, const struct ht_lc_object *object);

/* {"version": …, "data": …} */
json_t *ht_lcb_json_versioned(const struct ht_lcb *builder, const struct ht_lc_object *object);

/* Appends value as text and releases it. */
void ht_lcb_dump(struct ht_buf *out, json_t *value);

#endif
