/* Making bundles: sections of proofs one after the other, all at one final block. */
#include "identity/proof/bundle_make.h"

#include <stdlib.h>

#include "identity/proof/bundle_claims.h"

#define ARENA_MAX ((size_t)1 << 20) /* slots and values */

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static void free_making(struct ht_making *making) {
    json_decref(making->bundle);
    json_decref(making->claim);
    json_decref(making->account);
    json_decref(making->storage);
    ht_finality_fini(&making->finality);
    ht_arena_fini(&making->arena);
    free(making);
}

void ht_making_refuse(struct ht_making *making, enum ht_err err, const struct ht_why *why) {
    ht_rpc_refuse(making->call, err, why);
    free_making(making);
}

/* --- a section -------------------------------------------------------------------------------- */

static void read_next(struct ht_making *making);

static enum ht_err add_slot(struct ht_making *making, const struct ht_slot_claim *slot,
                            struct ht_why *why) {
    for (size_t i = 0; i < slot->proof.count; i++) making->bytes += 2 * slot->proof.nodes[i].n + 5;
    if (making->bytes > HT_BUNDLE_TEXT_MAX) {
        return ht_fail(why, HT_ELIMIT, "bundle_too_large",
                       "the proofs are more than a bundle may hold: the data are too long");
    }
    json_t *json = ht_bundle_slot_json(slot);
    return json_array_append_new(making->storage, json) == 0 ? HT_OK : no_memory(why);
}

/* The header once, the account once a section, the slots. */
static enum ht_err keep(struct ht_making *making, const struct ht_state_read *read,
                        struct ht_why *why) {
    enum ht_err err = HT_OK;
    if (json_object_get(making->bundle, "header") == NULL) {
        struct ht_buf rlp;
        ht_buf_init(&rlp, HT_EXEC_HEADER_RLP_MAX);
        err = ht_exec_header_encode(&rlp, &read->header.header);
        if (err == HT_OK &&
            json_object_set_new(making->bundle, "header", ht_abi_hex(ht_buf_view(&rlp))) != 0) {
            err = HT_ENOMEM;
        }
        ht_buf_fini(&rlp);
        making->block_time_s = read->header.header.timestamp;
    }
    if (err == HT_OK && making->account == NULL) {
        making->account = ht_bundle_account_json(&read->proof);
        making->exists = read->exists;
        making->has_code =
            read->exists && !ht_hash32_equal(&read->account.code_hash, &ht_account_empty_code_hash);
        for (size_t i = 0; i < read->proof.proof.count; i++) {
            making->bytes += 2 * read->proof.proof.nodes[i].n;
        }
    }
    if (err != HT_OK || making->account == NULL) return no_memory(why);
    for (size_t i = 0; err == HT_OK && i < read->proof.slot_count; i++) {
        memcpy(making->values[making->at + i], read->proof.slots[i].value, 32);
        err = add_slot(making, &read->proof.slots[i], why);
    }
    return err;
}

static void section_read(struct ht_state_read *read) {
    struct ht_making *making = (struct ht_making *)read;
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    if (err == HT_OK) err = keep(making, read, &why);
    making->at += read->slot_count;
    ht_state_read_fini(read);
    if (err != HT_OK) {
        ht_making_refuse(making, err, &why);
        return;
    }
    if (making->at < making->count) {
        read_next(making);
        return;
    }
    err = making->next(making, &why);
    if (err != HT_OK) ht_making_refuse(making, err, &why);
}

static void read_next(struct ht_making *making) {
    const size_t left = making->count - making->at;
    making->read = (struct ht_state_read){
        .block = {.kind = HT_BLOCK_HASH, .hash = making->finality.block_hash},
        .address = making->address,
        .slots = left > 0 ? making->slots + making->at : NULL,
        .slot_count = left < HT_STATE_SLOTS_MAX ? left : HT_STATE_SLOTS_MAX,
        .wants_proof = true,
        .done = section_read,
    };
    ht_state_read(making->identity->host->state, &making->read);
}

enum ht_err ht_making_read(struct ht_making *making, const ht_addr20 *address,
                           const ht_hash32 *slots, size_t count, ht_making_next *next,
                           struct ht_why *why) {
    making->address = *address;
    making->next = next;
    making->at = 0;
    making->count = count;
    return ht_making_read_more(making, slots, 0, count, why);
}

enum ht_err ht_making_read_more(struct ht_making *making, const ht_hash32 *slots, size_t have,
                                size_t count, struct ht_why *why) {
    void *all = NULL, *values = NULL;
    enum ht_err err = ht_arena_array(&all, &making->arena, have + count, sizeof(ht_hash32), why);
    if (err == HT_OK) err = ht_arena_array(&values, &making->arena, have + count, 32, why);
    if (err != HT_OK) return err;
    ht_hash32 *to = all;
    if (have > 0) {
        memcpy(to, making->slots, have * sizeof *to);
        memcpy(values, making->values, have * 32);
    } else if (making->storage == NULL) {
        making->storage = json_array();
    }
    if (count > 0) memcpy(to + have, slots, count * sizeof *to);
    if (making->storage == NULL) return no_memory(why);
    making->slots = to;
    making->values = values;
    making->at = have;
    making->count = have + count;
    read_next(making);
    return HT_OK;
}

enum ht_err ht_making_put(struct ht_making *making, const char *section, struct ht_why *why) {
    json_t *account = making->account, *storage = making->storage;
    int failed = 0;
    making->account = making->storage = NULL;
    if (section == NULL) {
        failed |= json_object_set_new(making->bundle, "account", account);
        failed |= json_object_set_new(making->bundle, "storage", storage);
    } else if (strcmp(section, "attester") == 0) {
        failed |= json_object_set_new(making->bundle, section, account);
        json_decref(storage);
    } else {
        json_t *both = json_pack("{s:o, s:o}", "account", account, "storage", storage);
        failed |= json_object_set_new(making->bundle, section, both);
    }
    return failed == 0 ? HT_OK : no_memory(why);
}

/* --- begin and end ---------------------------------------------------------------------------- */

enum ht_err ht_making_finish(struct ht_making *making, struct ht_why *why) {
    const struct ht_host *host = making->identity->host;
    const int64_t now_s = ht_wall_ms(host->clock) / 1000;
    const int64_t block_s = (int64_t)making->block_time_s;
    json_t *bundle = making->bundle;
    int failed = json_object_set(bundle, "claim", making->claim);
    failed |= json_object_set_new(bundle, "made", json_integer(now_s > block_s ? now_s : block_s));
    failed |= json_object_set_new(bundle, "finality", ht_finality_json(&making->finality));
    json_t *result = failed == 0 ? json_pack("{s:O}", "bundle", bundle) : NULL;
    if (result == NULL) return no_memory(why);
    ht_rpc_finish(making->call, result);
    free_making(making);
    return HT_OK;
}

static enum ht_err begin(struct ht_making *making, struct ht_why *why) {
    const struct ht_host *host = making->identity->host;
    const struct ht_finality *finality = ht_sync_finality(host->sync);
    ht_bundle_contracts_of(&making->contracts, host->network);
    if (finality == NULL || finality->ssz.n == 0 || ht_hash32_is_zero(&finality->block_hash)) {
        return ht_fail(why, HT_EAGAIN, "no_finality", "no block is known to be final yet");
    }
    making->bundle = json_pack("{s:i, s:o}", "hearth_bundle", HT_BUNDLE_VERSION, "network",
                               ht_bundle_network_json(host->network));
    making->bytes = 2 * finality->ssz.n + 4096;
    enum ht_err err = ht_finality_copy(&making->finality, finality);
    return err == HT_OK && making->bundle != NULL ? HT_OK : no_memory(why);
}

void ht_bundle_make(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct ht_making *making = calloc(1, sizeof *making);
    if (making == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    making->identity = self;
    making->call = call;
    ht_arena_init(&making->arena, ARENA_MAX);
    enum ht_err err = begin(making, &why);
    if (err == HT_OK) err = ht_making_claim(making, params, &why);
    if (err != HT_OK) ht_making_refuse(making, err, &why);
}
