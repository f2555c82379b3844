/* Bodies of the blocks in which votes are, a few at once, for the hashes of transactions. */
#include "governance/methods_tx.h"

#include "governance/governor/votes.h"
#include "governance/text.h"

/* The block of that number is the one that was counted, if it has the vote there. */
static bool has_vote(const struct ht_gov_item *item, const struct ht_receipt *receipt,
                     const ht_addr20 *voter) {
    uint8_t id[32];
    ht_u256_to_be(id, &item->id);
    for (size_t i = 0; i < receipt->log_count; i++) {
        const struct ht_log *log = &receipt->logs[i];
        if (memcmp(log->address.b, item->community->address.b, 20) == 0 && log->topic_count >= 2 &&
            ht_gov_is_vote(&log->topics[0]) && memcmp(log->topics[1].b + 12, voter->b, 20) == 0 &&
            log->data.n >= 32 && memcmp(log->data.p, id, 32) == 0)
            return true;
    }
    return false;
}

static void set_row(const struct ht_gov_tx *tx, const struct ht_block_read *block,
                    const struct ht_gov_tx_want *want) {
    bool is_there = want->block == block->header.header.number &&
                    want->transaction < block->body->count &&
                    has_vote(tx->item, &block->receipts->list[want->transaction], &want->voter);
    if (is_there)
        (void)json_object_set_new(
            want->row, "tx", ht_gov_hex_json(HT_BYTES(block->body->hashes[want->transaction].b)));
}

static void go_on(struct ht_gov_tx *tx);

static void got_block(struct ht_block_read *read) {
    struct ht_gov_tx_part *part = (struct ht_gov_tx_part *)read;
    struct ht_gov_tx *tx = part->tx;
    for (size_t i = 0; read->err == HT_OK && i < tx->want_count; i++)
        set_row(tx, read, &tx->wants[i]);
    ht_block_read_fini(read);
    part->is_busy = false;
    tx->busy--;
    if (!tx->is_starting) go_on(tx);
}

static void start_part(struct ht_gov_tx *tx) {
    struct ht_gov_tx_part *part = tx->parts;
    while (part->is_busy) part++;
    *part = (struct ht_gov_tx_part){
        .block = {.id = {.kind = HT_BLOCK_NUMBER, .number = tx->blocks[tx->block_at++]},
                  .wants_body = true,
                  .wants_receipts = true,
                  .done = got_block},
        .tx = tx,
        .is_busy = true};
    tx->busy++;
    ht_blocks_read(tx->item->community->governance->host->blocks, &part->block);
}

static void go_on(struct ht_gov_tx *tx) {
    const struct ht_governance *governance = tx->item->community->governance;
    tx->is_starting = true;
    while (tx->busy < HT_GOV_TX_AT_ONCE && tx->block_at < tx->block_count &&
           !governance->is_quitting)
        start_part(tx);
    tx->is_starting = false;
    if (tx->busy == 0) tx->done(tx);
}

void ht_gov_tx_want(struct ht_gov_tx *tx, json_t *row, const struct ht_gov_vote *vote) {
    size_t i = 0;
    while (i < tx->block_count && tx->blocks[i] != vote->block) i++;
    if (i == HT_GOV_TX_BLOCKS_MAX || tx->want_count == HT_GOV_TX_VOTES_MAX || row == NULL) return;
    if (i == tx->block_count) tx->blocks[tx->block_count++] = vote->block;
    tx->wants[tx->want_count++] = (struct ht_gov_tx_want){
        .row = row, .voter = vote->voter, .block = vote->block, .transaction = vote->transaction};
}

void ht_gov_tx_read(struct ht_gov_tx *tx) {
    go_on(tx);
}
