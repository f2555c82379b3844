/* Stores that the light suite builds and compares. */
#ifndef HT_TESTS_VECTORS_LIGHT_STORE_H
#define HT_TESTS_VECTORS_LIGHT_STORE_H

#include "node/l1/consensus/light_client.h"

/* Never fails: a test that has no memory ends. */
struct ht_lc_object *ht_lv_new_object(void);
struct ht_lc_store *ht_lv_new_store(void);

void ht_lv_header_root(ht_hash32 *out, const struct ht_beacon_block_header *beacon);

/* Makes a store that can check what `committee` signed in its period, standing as far back as an
 * update attested in attested_slot needs. */
void ht_lv_store_of_committee(struct ht_lc_store *store, const struct ht_network *network,
                              const struct ht_sync_committee *committee, uint64_t attested_slot,
                              uint64_t signature_slot);

/* A committee that signed nothing: every key is the generator of G1. */
void ht_lv_strange_committee(struct ht_sync_committee *out);

/* Whether two stores hold the same, apart from keys they have decompressed. */
bool ht_lv_stores_equal(const struct ht_lc_store *a, const struct ht_lc_store *b);

/* Whether finalized header and committees are the same. */
bool ht_lv_same_finality(const struct ht_lc_store *a, const struct ht_lc_store *b);

#endif
