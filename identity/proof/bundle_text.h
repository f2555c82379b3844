/* Times and ages in words. Pure; any thread. */
#ifndef HT_IDENTITY_PROOF_BUNDLE_TEXT_H
#define HT_IDENTITY_PROOF_BUNDLE_TEXT_H

#include "node/base/bytes.h"

/* Room for "2026-11-21 14:05 UTC" and "3 hours". */
#define HT_BUNDLE_TIME_SIZE 32U
void ht_bundle_time_text(char out[static HT_BUNDLE_TIME_SIZE], uint64_t time_s);
void ht_bundle_age_text(char out[static HT_BUNDLE_TIME_SIZE], uint64_t seconds);

#endif
