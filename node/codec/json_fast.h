/* Reading JSON as machines write it, several times as fast as jansson's reader. Internal to
 * node/codec/json.c. Any thread. */
#ifndef HT_CODEC_JSON_FAST_H
#define HT_CODEC_JSON_FAST_H

#include <jansson.h>

#include "node/base/bytes.h"

/* The value that fills the text, a new reference, the same as jansson would make; or NULL when this
 * reader is not sure or has no memory: then jansson decides. It is sure of objects and arrays in at
 * most HT_JSON_DEPTH_MAX levels, strings of printable ASCII without escapes, whole numbers of at
 * most 18 digits, true, false and null; never of a key twice in an object. */
json_t *ht_json_fast(ht_bytes text);

#endif
