/* Networks that fixtures describe themselves, by whatever version of the specification's configs.
 */
#ifndef HT_TESTS_VECTORS_LIGHT_NETWORK_H
#define HT_TESTS_VECTORS_LIGHT_NETWORK_H

#include "node/codec/json.h"
#include "node/l1/consensus/network.h"

/* A network from a specification config (string values) and what its genesis was. Fills in what a
 * light client does not need (names, chain id, slot time, versions of forks that are skipped) and
 * leaves out blob schedule entries that never come. HT_EINPUT as ht_network_from_json. */
enum ht_err ht_lv_network(struct ht_network *out, const json_t *config,
                          const char *genesis_validators_root, struct ht_why *why) HT_MUST_USE;

/* signing root of a beacon block root signed by the sync committee in signature_slot. */
void ht_lv_signing_root(ht_hash32 *out, const struct ht_network *network,
                        const ht_hash32 *block_root, uint64_t signature_slot);

#endif
