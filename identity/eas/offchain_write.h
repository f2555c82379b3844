/* A package as the SDK's compact array. For offchain_write.c and whoever shares without a URL. */
#ifndef HT_IDENTITY_EAS_OFFCHAIN_WRITE_H
#define HT_IDENTITY_EAS_OFFCHAIN_WRITE_H

#include "identity/eas/offchain.h"

/* A new reference. Errors as ht_eas_offchain_url has them. */
enum ht_err ht_eas_offchain_compact(json_t **out, const struct ht_eas_offchain *package,
                                    struct ht_why *why) HT_MUST_USE;

#endif
