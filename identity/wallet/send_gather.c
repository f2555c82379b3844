/* Proven facts for a transaction, read side by side at one block. */
#include "identity/wallet/send_gather.h"

#include <stdio.h>
#include <stdlib.h>

static int compare_tips(const void *a, const void *b) {
    return ht_u256_compare(a, b);
}

/* The median of the blocks that have any; an empty chain takes the least that is one. */
static void choose_tip(struct ht_gather *gather) {
    qsort(gather->tips, gather->tip_count, sizeof *gather->tips, compare_tips);
    gather->tip = gather->tip_count > 0 ? gather->tips[gather->tip_count / 2] : ht_u256_of(0);
    if (ht_u256_is_zero(&gather->tip)) gather->tip = ht_u256_of(1);
}

static void fail(struct ht_gather *gather, enum ht_err err, const struct ht_why *why) {
    if (gather->err != HT_OK) return;
    gather->err = err;
    gather->why = *why;
}

static void end(struct ht_gather *gather) {
    if (--gather->open > 0) return;
    if (gather->err == HT_OK) choose_tip(gather);
    gather->done(gather);
}

static void on_sender(struct ht_state_read *read) {
    struct ht_gather *gather =
        (struct ht_gather *)((char *)read - offsetof(struct ht_gather, sender));
    if (read->err == HT_OK) {
        gather->nonce = read->account.nonce;
        gather->balance = ht_u256_from_be32(read->account.balance);
        (void)snprintf(gather->source, sizeof gather->source, "%s", read->source);
    } else {
        fail(gather, read->err, &read->why);
    }
    ht_state_read_fini(read);
    end(gather);
}

static void on_recipient(struct ht_state_read *read) {
    struct ht_gather *gather =
        (struct ht_gather *)((char *)read - offsetof(struct ht_gather, recipient));
    if (read->err == HT_OK) {
        gather->to_exists = read->exists;
        gather->to_has_code =
            read->exists && !ht_hash32_equal(&read->account.code_hash, &ht_account_empty_code_hash);
    } else {
        fail(gather, read->err, &read->why);
    }
    ht_state_read_fini(read);
    end(gather);
}

/* A block that cannot be had only makes the tip less typical; none at all is an error. */
static void on_body(struct ht_block_read *read) {
    struct ht_gather *gather = ((struct ht_gather_body *)read)->owner;
    bool is_last = ++gather->bodies_read == gather->body_count;
    if (read->err == HT_OK) {
        ht_u256 *tip = &gather->tips[gather->tip_count];
        if (ht_priority_fee_typical(tip, HT_GATHER_TIP_PERCENTILE_MILLI, &read->header.header,
                                    read->body)) {
            gather->tip_count++;
        }
        gather->has_body = true;
    } else if (is_last && !gather->has_body) {
        fail(gather, read->err, &read->why);
    }
    ht_block_read_fini(read);
    end(gather);
}

static void read_bodies(struct ht_gather *gather) {
    const struct ht_header_read *at = &gather->at;
    gather->body_count = at->before_found + 1;
    gather->open += gather->body_count;
    for (size_t i = 0; i < gather->body_count; i++) {
        const ht_hash32 *hash = i == 0 ? &at->header.hash : &at->before[i - 1].hash;
        gather->bodies[i].owner = gather;
        gather->bodies[i].read = (struct ht_block_read){
            .id = {.kind = HT_BLOCK_HASH, .hash = *hash}, .wants_body = true, .done = on_body};
        ht_blocks_read(gather->identity->host->blocks, &gather->bodies[i].read);
    }
}

static void read_accounts(struct ht_gather *gather) {
    const struct ht_block_id block = {.kind = HT_BLOCK_HASH, .hash = gather->header.hash};
    struct ht_state *state = gather->identity->host->state;
    gather->open += gather->has_to ? 2 : 1;
    gather->sender =
        (struct ht_state_read){.block = block, .address = gather->from, .done = on_sender};
    ht_state_read(state, &gather->sender);
    if (!gather->has_to) return;
    gather->recipient =
        (struct ht_state_read){.block = block, .address = gather->to, .done = on_recipient};
    ht_state_read(state, &gather->recipient);
}

static void on_headers(struct ht_header_read *at) {
    struct ht_gather *gather = (struct ht_gather *)((char *)at - offsetof(struct ht_gather, at));
    gather->open = 1;
    if (at->err == HT_OK) {
        gather->header = at->header;
        gather->is_final = at->is_final;
        ht_next_base_fee(&gather->base_fee, &at->header.header);
        read_accounts(gather);
        read_bodies(gather);
    } else {
        fail(gather, at->err, &at->why);
    }
    ht_header_read_fini(at);
    end(gather);
}

void ht_gather(struct ht_gather *gather) {
    const struct ht_host *host = gather->identity->host;
    struct ht_why why = {0};
    if (ht_sync_state(host->sync, &why) != HT_SYNC_LIVE) {
        why.code = "not_live";
        ht_why_context(&why, "no verified head that is new enough");
        gather->err = HT_ESTALE;
        gather->why = why;
        gather->done(gather);
        return;
    }
    gather->at = (struct ht_header_read){.id = {.kind = HT_BLOCK_LATEST},
                                         .before_count = HT_GATHER_TIP_BLOCKS - 1,
                                         .done = on_headers};
    ht_chain_read(host->chain, &gather->at);
}

void ht_gather_renew(struct ht_gather *gather, const struct ht_gather *later) {
    gather->nonce = later->nonce;
    gather->balance = later->balance;
    gather->to_exists = later->to_exists;
    gather->to_has_code = later->to_has_code;
    gather->base_fee = later->base_fee;
    gather->tip = later->tip;
    gather->header = later->header;
    gather->is_final = later->is_final;
    memcpy(gather->source, later->source, sizeof gather->source);
}

json_t *ht_gather_provenance_json(const struct ht_gather *gather) {
    return ht_chain_provenance_json(gather->identity->host->chain, &gather->header,
                                    gather->is_final, gather->source);
}
