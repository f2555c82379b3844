/* The Beacon API's JSON form of SSZ values, by the same type tables (ssz/simple-serialize §JSON
 * mapping): decimal strings for numbers, "0x…" for bytes and bits, members named as the fields. */
#ifndef HT_CODEC_SSZ_JSON_H
#define HT_CODEC_SSZ_JSON_H

#include "node/codec/json.h"
#include "node/codec/ssz.h"

/* Reads json into value. Members that the type does not know are ignored; every field must be
 * there. HT_EINPUT with code "json_missing", "json_type" or "json_value" and the path to it. */
enum ht_err ht_ssz_from_json(void *value, const struct ht_ssz_type *type, const json_t *json,
                             struct ht_why *why) HT_MUST_USE;

/* The same the other way round: a new reference; NULL without memory. */
json_t *ht_ssz_to_json(const struct ht_ssz_type *type, const void *value);

#endif
