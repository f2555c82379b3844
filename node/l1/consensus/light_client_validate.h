/* Validation of light-client objects: the only place where a claimed header becomes a verified one.
 * Used by light_client.c alone; its promises are in light_client.h. */
#ifndef HT_L1_CONSENSUS_LIGHT_CLIENT_VALIDATE_H
#define HT_L1_CONSENSUS_LIGHT_CLIENT_VALIDATE_H

#include "node/l1/consensus/light_client.h"

/* The checks of initialize_light_client_store; out is the header they prove. */
enum ht_err ht_lc_validate_bootstrap(struct ht_header_verified *out,
                                     const struct ht_network *network,
                                     const ht_hash32 *trusted_block_root,
                                     const struct ht_lc_object *object,
                                     struct ht_why *why) HT_MUST_USE;

/* validate_light_client_update. The store is only changed in what its committees have
 * decompressed; out is garbage on failure. */
enum ht_err ht_lc_validate_update(struct ht_lc_store *store, struct ht_lc_validated *out,
                                  const struct ht_lc_object *object, uint64_t current_slot,
                                  struct ht_why *why) HT_MUST_USE;

#endif
