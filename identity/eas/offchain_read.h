/* A parsed package, in either of the forms that are JSON. For offchain.c only. */
#ifndef HT_IDENTITY_EAS_OFFCHAIN_READ_H
#define HT_IDENTITY_EAS_OFFCHAIN_READ_H

#include "identity/eas/offchain.h"

/* Reasons of offchain.h and of json.h. */
enum ht_err ht_eas_offchain_read_json(struct ht_eas_offchain *out, struct ht_arena *arena,
                                      const json_t *document, struct ht_why *why) HT_MUST_USE;

#endif
