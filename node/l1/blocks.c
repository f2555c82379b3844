/* Bodies and receipts: what memory has, and reads of them. Getting what is missing is
 * blocks_fetch.c's work. */
#include "node/l1/blocks.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/l1/blocks_fetch.h"
#include "node/l1/execution/fees.h"

enum ht_err ht_blocks_new(struct ht_blocks **out, const struct ht_blocks_options *options) {
    struct ht_blocks *blocks = calloc(1, sizeof *blocks);
    if (blocks == NULL) return HT_ENOMEM;
    blocks->options = *options;
    *out = blocks;
    return HT_OK;
}

static void drop(struct ht_blocks *blocks, struct ht_blocks_entry *entry) {
    if (entry->body != NULL) blocks->bytes -= ht_body_weight(entry->body);
    if (entry->receipts != NULL) blocks->bytes -= ht_receipts_weight(entry->receipts);
    ht_body_unref(entry->body);
    ht_receipts_unref(entry->receipts);
    *entry = (struct ht_blocks_entry){0};
}

void ht_blocks_free(struct ht_blocks *blocks) {
    if (blocks == NULL) return;
    for (size_t i = 0; i < HT_BLOCKS_ENTRIES; i++) drop(blocks, &blocks->entries[i]);
    free(blocks);
}

struct ht_chain *ht_blocks_chain(const struct ht_blocks *blocks) {
    return blocks->options.chain;
}

void ht_blocks_blob_price(ht_u256 *out, const struct ht_blocks *blocks,
                          const struct ht_exec_header_verified *header) {
    const struct ht_sync *sync = ht_chain_sync(blocks->options.chain);
    struct ht_blob_rules rules;
    *out = (ht_u256){{0}};
    if (!ht_blob_rules_at(&rules, ht_sync_network(sync), header->header.timestamp)) return;
    if (ht_blob_base_fee(out, &header->header, &rules, NULL) != HT_OK) *out = (ht_u256){{0}};
}

/* --- memory ----------------------------------------------------------------------------------- */

struct ht_blocks_entry *ht_blocks_find(struct ht_blocks *blocks, const ht_hash32 *hash) {
    for (size_t i = 0; i < HT_BLOCKS_ENTRIES; i++) {
        struct ht_blocks_entry *entry = &blocks->entries[i];
        if (entry->used == 0 || !ht_hash32_equal(&entry->hash, hash)) continue;
        entry->used = ++blocks->uses;
        return entry;
    }
    return NULL;
}

/* The one not used for longest; a free one first, unless it is to be in use. */
static struct ht_blocks_entry *oldest(struct ht_blocks *blocks, bool in_use) {
    struct ht_blocks_entry *found = NULL;
    for (size_t i = 0; i < HT_BLOCKS_ENTRIES; i++) {
        struct ht_blocks_entry *entry = &blocks->entries[i];
        if (in_use && entry->used == 0) continue;
        if (found == NULL || entry->used < found->used) found = entry;
    }
    return found;
}

void ht_blocks_keep(struct ht_blocks *blocks, const ht_hash32 *hash, struct ht_body *body,
                    struct ht_receipts *receipts) {
    struct ht_blocks_entry *entry = ht_blocks_find(blocks, hash);
    if (entry == NULL) {
        entry = oldest(blocks, false);
        drop(blocks, entry);
        entry->hash = *hash;
        entry->used = ++blocks->uses;
    }
    if (body != NULL && entry->body == NULL) {
        blocks->bytes += ht_body_weight(body);
        entry->body = ht_body_ref(body);
    }
    if (receipts != NULL && entry->receipts == NULL) {
        blocks->bytes += ht_receipts_weight(receipts);
        entry->receipts = ht_receipts_ref(receipts);
    }
    ht_body_unref(body);
    ht_receipts_unref(receipts);
    while (blocks->bytes > HT_BLOCKS_MEMORY_MAX) drop(blocks, oldest(blocks, true));
}

struct ht_blocks_counts ht_blocks_counts(const struct ht_blocks *blocks) {
    struct ht_blocks_counts counts = {.bytes = blocks->bytes,
                                      .kept = (size_t)blocks->kept,
                                      .hits = blocks->hits,
                                      .misses = blocks->misses};
    for (size_t i = 0; i < HT_BLOCKS_ENTRIES; i++) {
        if (blocks->entries[i].body != NULL) counts.bodies++;
        if (blocks->entries[i].receipts != NULL) counts.receipts++;
    }
    return counts;
}

/* --- reads ------------------------------------------------------------------------------------ */

void ht_block_read_fini(struct ht_block_read *read) {
    ht_header_read_fini(&read->at);
    ht_body_unref(read->body);
    ht_receipts_unref(read->receipts);
    read->body = NULL;
    read->receipts = NULL;
}

static void finish(struct ht_block_read *read, enum ht_err err) {
    if (err != HT_OK) ht_block_read_fini(read);
    read->err = err;
    read->done(read);
}

/* The roots prove each list; that there is a receipt for each transaction is the protocol's rule.
 */
static void complete(struct ht_block_read *read) {
    if (read->err == HT_OK && read->body != NULL && read->receipts != NULL &&
        read->body->count != read->receipts->count) {
        read->err = ht_fail(&read->why, HT_EUNVERIFIED, "receipt_count",
                            "the block has %zu transactions and %zu receipts", read->body->count,
                            read->receipts->count);
    }
    finish(read, read->err);
}

void ht_blocks_got(struct ht_block_read *read, enum ht_err err, const struct ht_why *why,
                   const char *source, struct ht_body *body, struct ht_receipts *receipts) {
    if (err == HT_OK) {
        if (source[0] != '\0') (void)snprintf(read->source, sizeof read->source, "%s", source);
        if (body != NULL) read->body = ht_body_ref(body);
        if (receipts != NULL) read->receipts = ht_receipts_ref(receipts);
    } else if (read->err == HT_OK) {
        read->err = err;
        read->why = *why;
    }
    if (--read->pending == 0) complete(read);
}

/* Takes what memory has and asks for the rest, all of it at once. */
static void go_on(struct ht_header_read *at) {
    struct ht_block_read *read =
        (struct ht_block_read *)((char *)at - offsetof(struct ht_block_read, at));
    struct ht_blocks *blocks = read->blocks;
    if (at->err != HT_OK) {
        read->why = at->why;
        finish(read, at->err);
        return;
    }
    read->header = at->header;
    read->is_final = at->is_final;
    memcpy(read->source, at->source, sizeof read->source);
    const struct ht_blocks_entry *entry = ht_blocks_find(blocks, &read->header.hash);
    struct ht_body *body = entry != NULL && read->wants_body ? entry->body : NULL;
    struct ht_receipts *receipts = entry != NULL && read->wants_receipts ? entry->receipts : NULL;
    if (body != NULL) read->body = ht_body_ref(body);
    if (receipts != NULL) read->receipts = ht_receipts_ref(receipts);
    bool lacks_body = read->wants_body && body == NULL;
    bool lacks_receipts = read->wants_receipts && receipts == NULL;
    read->pending = 1; /* until all that is missing is asked for */
    if (lacks_body || lacks_receipts) {
        blocks->misses++;
    } else {
        blocks->hits++;
    }
    if (lacks_body) ht_blocks_fetch(read, false);
    if (lacks_receipts) ht_blocks_fetch(read, true);
    if (--read->pending == 0) complete(read);
}

void ht_blocks_read(struct ht_blocks *blocks, struct ht_block_read *read) {
    read->blocks = blocks;
    read->err = HT_OK;
    read->why = (struct ht_why){0};
    read->received = 0;
    read->at = (struct ht_header_read){.id = read->id, .done = go_on};
    ht_chain_read(blocks->options.chain, &read->at);
}
