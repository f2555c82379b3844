/* Private data of attestations: only the root of a tree is published (schema "bytes32
 * privateData"), leaves are disclosed one by one with a multiproof. Pure; any thread. Source:
 * eas-sdk private-data, OpenZeppelin StandardMerkleTree.
 *
 * leaf = keccak256(keccak256(abi.encode(string type, string name, bytes value, bytes32 salt))),
 * leaves sorted, node = keccak256(the smaller || the larger).
 *
 * Reasons: HT_EINPUT "private_json", "private_proof" (leaves + proof != flags + 1, something left
 * over), those of abi.h; HT_ELIMIT "private_too_large"; HT_EUNVERIFIED "private_root"; HT_ENOMEM.
 */
#ifndef HT_IDENTITY_EAS_PRIVATE_DATA_H
#define HT_IDENTITY_EAS_PRIVATE_DATA_H

#include "node/base/arena.h"
#include "node/codec/json.h"

#define HT_PRIVATE_LEAVES_MAX 1024U

struct ht_private_leaf {
    const char *type, *name;
    const json_t *value; /* as abi.h takes it */
    ht_hash32 salt;
};

/* [{"type", "name", "value", "salt"}]; borrowed from the document and the arena. */
enum ht_err ht_private_leaves_read(struct ht_private_leaf **out, size_t *count,
                                   struct ht_arena *arena, const json_t *list,
                                   struct ht_why *why) HT_MUST_USE;
enum ht_err ht_private_root(ht_hash32 *out, const struct ht_private_leaf *leaves, size_t count,
                            struct ht_why *why) HT_MUST_USE;
/* {"leaves": […], "proof": […], "proofFlags": […]} of the leaves named by index, as the SDK has it;
 * a new reference. */
enum ht_err ht_private_disclose(json_t **out, const struct ht_private_leaf *leaves, size_t count,
                                const size_t *chosen, size_t chosen_count,
                                struct ht_why *why) HT_MUST_USE;
/* Whether what was disclosed is under that root. */
enum ht_err ht_private_verify(const json_t *disclosure, const ht_hash32 *root,
                              struct ht_why *why) HT_MUST_USE;

#endif
