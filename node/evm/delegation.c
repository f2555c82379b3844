/* EIP-7702: what the authorizations of a type 4 transaction do to their accounts. */
#include "node/evm/delegation.h"

#include "node/evm/code.h"
#include "node/evm/rules.h"

static bool is_for_chain(const struct ht_tx_authorization *authorization, uint64_t chain_id) {
    const ht_u256 *id = &authorization->chain_id;
    return ht_u256_is_zero(id) || (ht_u256_is_u64(id) && id->limb[0] == chain_id);
}

/* Only an account of a person, or one that is delegated already, can delegate. */
static enum ht_err may_delegate(bool *out, struct ht_evm_world *world,
                                struct ht_evm_object *authority, struct ht_why *why) {
    ht_addr20 delegate;
    *out = !ht_evm_object_has_code(authority);
    if (*out) return HT_OK;
    const struct ht_evm_code *code = NULL;
    enum ht_err err = ht_evm_world_code(&code, world, authority, why);
    if (err != HT_OK) return err;
    *out = ht_evm_code_delegate(&delegate, ht_bytes_of(code->bytes, code->n));
    return HT_OK;
}

static enum ht_err set_delegate(struct ht_evm_world *world, struct ht_evm_object *authority,
                                const ht_addr20 *delegate) {
    static const ht_addr20 nobody;
    uint8_t code[HT_EVM_DELEGATION_SIZE] = {0xef, 0x01, 0x00};
    memcpy(code + 3, delegate->b, sizeof delegate->b);
    bool is_taken_back = memcmp(delegate->b, nobody.b, sizeof nobody.b) == 0;
    return ht_evm_world_set_code(world, authority, is_taken_back ? (ht_bytes){0} : HT_BYTES(code));
}

static enum ht_err delegate_one(struct ht_evm_world *world,
                                const struct ht_tx_authorization *authorization, uint64_t chain_id,
                                struct ht_why *why) {
    struct ht_evm_object *authority = NULL;
    ht_addr20 address;
    bool was_warm, may = false;
    if (!is_for_chain(authorization, chain_id) || authorization->nonce == UINT64_MAX ||
        ht_tx_authority(&address, authorization, NULL) != HT_OK) {
        return HT_OK;
    }
    enum ht_err err = ht_evm_world_find(&authority, world, &address, why);
    if (err == HT_OK) err = ht_evm_world_warm(&was_warm, world, authority);
    if (err == HT_OK) err = may_delegate(&may, world, authority, why);
    if (err != HT_OK || !may || authority->account.nonce != authorization->nonce) return err;
    if (authority->account.exists) err = ht_evm_world_refund(world, HT_GAS_AUTHORIZATION_REFUND);
    if (err == HT_OK) err = set_delegate(world, authority, &authorization->address);
    if (err == HT_OK) err = ht_evm_world_set_nonce(world, authority, authorization->nonce + 1);
    return err;
}

enum ht_err ht_evm_delegate_all(struct ht_evm_world *world,
                                const struct ht_tx_authorization *authorizations, size_t count,
                                uint64_t chain_id, struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        err = delegate_one(world, &authorizations[i], chain_id, why);
    }
    return err;
}
