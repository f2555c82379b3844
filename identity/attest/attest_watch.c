/* Looking again at each finality. What was proven once can change in one slot only, that of its
 * revocation, so that all of them are read together; what could not be told, and what a contract
 * signed, which may say otherwise by now, is checked anew. */
#include "identity/attest/attest_watch.h"

#include <stdlib.h>

#include "identity/attest/attest_impl.h"
#include "identity/attest/attest_scan.h"
#include "node/base/log.h"

#define ARENA_MAX ((size_t)2 << 20)
#define TIMES_FIELD 2U /* of struct Attestation: where its revocation stands */

struct key {
    ht_addr20 attester;
    ht_hash32 uid;
    bool is_onchain;
};

struct ht_attest_watch {
    struct ht_identity *identity;
    struct ht_header_read head;
    struct ht_exec_header_verified header;
    struct ht_slots_read read;
    struct key *keys; /* of the slots that are read */
    ht_hash32 *slots;
    size_t count;
    struct key again[HT_ATTEST_RECHECKS_MAX];
    size_t again_count, again_at;
    struct ht_attest_check check;
    struct ht_arena arena; /* of the package that is checked */
    struct ht_eas_offchain package;
};

static void end(struct ht_attest_watch *watch) {
    struct ht_identity *identity = watch->identity;
    identity->attest->watch = NULL;
    free(watch->keys);
    free(watch->slots);
    free(watch);
}

/* All of it has been looked at, as of this block. */
static void finish(struct ht_attest_watch *watch) {
    struct ht_identity *identity = watch->identity;
    struct ht_attest *attest = identity->attest;
    attest->has_as_of = true;
    attest->as_of = watch->header.header.number;
    attest->as_of_s = watch->header.header.timestamp;
    attest->as_of_hash = watch->header.hash;
    ht_attest_changed(identity);
    uint64_t number = attest->as_of;
    end(watch);
    if (!attest->is_quitting) ht_attest_scan_to(identity, number);
}

/* --- those that could not be told ------------------------------------------------------------- */

static void check_next(struct ht_attest_watch *watch);

static void on_kept(void *user, enum ht_err err, const struct ht_why *why,
                    const struct ht_attest_item *item) {
    (void)err;
    (void)why;
    (void)item;
    check_next(user);
}

static void on_checked(struct ht_attest_check *check) {
    struct ht_attest_watch *watch = check->user;
    const struct key *key = &watch->again[watch->again_at++];
    const struct ht_attest_item *item = ht_attest_get(watch->identity, &key->attester, &key->uid);
    /* What is kept may fail at once, and the next check begin in the same place. */
    struct ht_attest_check ended = *check;
    struct ht_arena arena = watch->arena;
    bool is_told = ended.standing != HT_ATTEST_UNVERIFIED || ended.has_block;
    if (item != NULL && !item->is_going && is_told) {
        struct ht_attest_row row;
        if (!ended.has_attestation) ended.attestation = item->row.attestation;
        ht_attest_row_of(&row, &ended, item->row.package);
        const struct ht_attest_change change = {.row = &row,
                                                .record = ended.has_record ? &ended.record : NULL,
                                                .told = on_kept,
                                                .user = watch};
        ht_attest_keep(watch->identity, &change);
    } else {
        check_next(watch);
    }
    ht_attest_check_fini(&ended);
    ht_arena_fini(&arena);
}

/* False when it is gone by now, or its package cannot be read any more. */
static bool begin_check(struct ht_attest_watch *watch, const struct key *key) {
    const struct ht_attest_item *item = ht_attest_get(watch->identity, &key->attester, &key->uid);
    if (item == NULL) return false;
    ht_arena_init(&watch->arena, ARENA_MAX);
    watch->check = (struct ht_attest_check){.identity = watch->identity,
                                            .is_onchain = key->is_onchain,
                                            .uid = key->uid,
                                            .package = &watch->package,
                                            .done = on_checked,
                                            .user = watch};
    if (!key->is_onchain &&
        ht_eas_offchain_read(&watch->package, &watch->arena, item->row.package, NULL) != HT_OK) {
        ht_arena_fini(&watch->arena);
        return false;
    }
    ht_attest_check(&watch->check);
    return true;
}

static void check_next(struct ht_attest_watch *watch) {
    while (watch->again_at < watch->again_count && !watch->identity->attest->is_quitting) {
        if (begin_check(watch, &watch->again[watch->again_at])) return;
        watch->again_at++;
    }
    finish(watch);
}

/* --- all of them ------------------------------------------------------------------------------ */

static uint64_t revocation_of(const struct key *key, const uint8_t value[static 32]) {
    /* On chain three times share the slot: the third from its low end. */
    const uint8_t *from = key->is_onchain ? value + 8 : value + 24;
    uint64_t time = 0;
    for (size_t i = 0; i < 8; i++) time = time << 8 | from[i];
    return time;
}

/* The block of what did not change is not kept on disk: after a start it is looked at again. */
static void note_item(struct ht_attest_watch *watch, struct ht_attest_item *item,
                      uint64_t revocation) {
    struct ht_attest_row *row = &item->row;
    bool is_new = revocation != row->attestation.revocation_time;
    row->attestation.revocation_time = revocation;
    row->has_block = true;
    row->is_final = watch->read.is_final;
    row->block = watch->read.header.header.number;
    row->block_s = watch->read.header.header.timestamp;
    row->block_hash = watch->read.header.hash;
    if (!is_new) return;
    const struct ht_attest_change change = {.row = row};
    ht_attest_keep(watch->identity, &change);
}

static void on_slots(struct ht_slots_read *read) {
    struct ht_attest_watch *watch =
        (struct ht_attest_watch *)((char *)read - offsetof(struct ht_attest_watch, read));
    if (read->err != HT_OK) {
        ht_log(HT_LOG_DEBUG, "attest", "revocations could not be looked at: %s", read->why.text);
        ht_slots_read_fini(read);
        end(watch);
        return;
    }
    watch->header = read->header;
    for (size_t i = 0; i < watch->count; i++) {
        const struct key *key = &watch->keys[i];
        struct ht_attest_item *item = ht_attest_get(watch->identity, &key->attester, &key->uid);
        if (item != NULL && !item->is_going)
            note_item(watch, item, revocation_of(key, read->values[i]));
    }
    ht_slots_read_fini(read);
    check_next(watch);
}

static void list_item(struct ht_attest_watch *watch, const struct ht_attest_row *row,
                      enum ht_eas_layout layout) {
    const struct ht_attestation *its = &row->attestation;
    const struct key key = {its->attester, its->uid, row->is_onchain};
    if (row->standing == HT_ATTEST_HOLDS && !row->is_by_contract) {
        ht_hash32 slots[HT_EAS_SLOTS];
        if (row->is_onchain) {
            ht_eas_slots(slots, layout, &its->uid);
        } else {
            ht_eas_revoked_slot(&slots[TIMES_FIELD], layout, &its->attester, &its->uid);
        }
        watch->keys[watch->count] = key;
        watch->slots[watch->count++] = slots[TIMES_FIELD];
    } else if (row->standing != HT_ATTEST_INVALID && watch->again_count < HT_ATTEST_RECHECKS_MAX) {
        watch->again[watch->again_count++] = key;
    }
}

static void look_again(struct ht_attest_watch *watch) {
    const struct ht_attest *attest = watch->identity->attest;
    struct ht_eas_contract contract;
    watch->keys = calloc(attest->count + 1, sizeof *watch->keys);
    watch->slots = calloc(attest->count + 1, sizeof *watch->slots);
    bool is_ready = watch->keys != NULL && watch->slots != NULL &&
                    ht_contracts_eas(&contract, watch->identity->host->network, NULL) == HT_OK;
    if (!is_ready) {
        end(watch);
        return;
    }
    for (size_t i = 0; i < attest->count; i++)
        list_item(watch, &attest->items[i]->row, contract.layout);
    if (watch->count == 0) {
        check_next(watch);
        return;
    }
    watch->read = (struct ht_slots_read){
        .block = {.kind = HT_BLOCK_HASH, .hash = watch->header.hash},
        .address = contract.eas,
        .slots = watch->slots,
        .count = watch->count,
        .done = on_slots,
    };
    ht_slots_read(watch->identity->host->state, &watch->read);
}

static void on_finalized(struct ht_header_read *head) {
    struct ht_attest_watch *watch =
        (struct ht_attest_watch *)((char *)head - offsetof(struct ht_attest_watch, head));
    const struct ht_attest *attest = watch->identity->attest;
    bool is_new = head->err == HT_OK && !attest->is_quitting &&
                  (!attest->has_as_of || head->header.header.number != attest->as_of);
    if (head->err == HT_OK) watch->header = head->header;
    ht_header_read_fini(head);
    if (is_new) {
        look_again(watch);
    } else {
        end(watch);
    }
}

void ht_attest_watch_on_head(struct ht_identity *identity) {
    struct ht_attest *attest = identity->attest;
    struct ht_eas_contract contract;
    if (attest->watch != NULL || attest->scan != NULL ||
        ht_contracts_eas(&contract, identity->host->network, NULL) != HT_OK)
        return;
    struct ht_attest_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL) return;
    attest->watch = watch;
    watch->identity = identity;
    watch->head = (struct ht_header_read){.id = {.kind = HT_BLOCK_FINALIZED}, .done = on_finalized};
    ht_chain_read(identity->host->chain, &watch->head);
}
