/* What becomes of sent transactions: looked for at each new head, sent again while they are
 * missing, done at finality. */
#include "node/l1/outbox_follow.h"

#include <stdio.h>

#include "node/base/hex.h"

#define AGAIN_HEADS 8U /* a transaction that is missing for so long is sent again */

static bool is_open(const struct ht_outbox_item *item) {
    return item->state == HT_OUTBOX_SENT || item->state == HT_OUTBOX_INCLUDED;
}

static void settle(struct ht_outbox_item *item, enum ht_outbox_state state) {
    if (item->state == state) return;
    item->state = state;
    ht_outbox_keep(item);
    ht_outbox_changed(item->outbox);
}

void ht_outbox_follow(struct ht_outbox *outbox) {
    struct ht_chain *chain = ht_blocks_chain(outbox->options.blocks);
    bool has_open = false;
    for (const struct ht_outbox_item *item = outbox->items; item != NULL; item = item->next) {
        has_open |= is_open(item);
    }
    if (has_open == outbox->is_listening) return;
    outbox->is_listening = has_open;
    if (has_open) {
        ht_chain_listen(chain, &outbox->listener);
    } else {
        ht_chain_unlisten(chain, &outbox->listener);
    }
}

/* --- where it stands -------------------------------------------------------------------------- */

static void look_at_finality(struct ht_outbox_item *item) {
    const struct ht_exec_header_verified *finalized =
        ht_chain_finalized(ht_blocks_chain(item->outbox->options.blocks));
    bool is_final =
        finalized != NULL && item->has_block && item->block_number <= finalized->header.number;
    settle(item, is_final ? HT_OUTBOX_FINALIZED : HT_OUTBOX_INCLUDED);
}

static void take_place(struct ht_outbox_item *item) {
    const struct ht_transaction_read *place = &item->place;
    const struct ht_block_read *block = &place->block;
    bool is_new = !item->has_block || !ht_hash32_equal(&item->block_hash, &block->header.hash);
    item->has_block = true;
    item->block_number = block->header.header.number;
    item->block_hash = block->header.hash;
    item->succeeded = block->receipts->list[place->index].is_success;
    if (is_new && item->state == HT_OUTBOX_INCLUDED) {
        ht_outbox_keep(item);
        ht_outbox_changed(item->outbox);
    }
    look_at_finality(item);
}

/* Other reasons, such as a block too far back to be proven, say nothing of the transaction. */
static bool is_answer(const struct ht_transaction_read *place, const char *code) {
    return place->err == HT_ENOTFOUND && strcmp(place->why.code, code) == 0;
}

static void got_place(struct ht_transaction_read *place) {
    struct ht_outbox_item *item =
        (struct ht_outbox_item *)((char *)place - offsetof(struct ht_outbox_item, place));
    bool is_unknown = is_answer(place, "tx_not_found");
    bool is_gone = is_unknown || is_answer(place, "tx_pending");
    if (place->err == HT_OK) {
        take_place(item);
    } else if (is_gone && item->has_block) {
        item->has_block = false;
        settle(item, HT_OUTBOX_SENT);
    } else if (is_unknown && item->nonce_is_used) {
        settle(item, HT_OUTBOX_REPLACED);
    } else if (is_gone && ++item->heads_waited >= AGAIN_HEADS && !item->is_sending) {
        item->heads_waited = 0;
        ht_outbox_give(item);
    }
    ht_transaction_read_fini(place);
    item->is_looking = false;
    ht_outbox_follow(item->outbox);
}

static void find_place(struct ht_outbox_item *item) {
    item->place =
        (struct ht_transaction_read){.hash = item->hash, .wants_receipt = true, .done = got_place};
    ht_blocks_read_transaction(item->outbox->options.blocks, &item->place);
}

static void got_final_account(struct ht_state_read *account) {
    struct ht_outbox_item *item =
        (struct ht_outbox_item *)((char *)account - offsetof(struct ht_outbox_item, account));
    item->nonce_is_used = account->err == HT_OK && account->account.nonce > item->nonce;
    ht_state_read_fini(account);
    find_place(item);
}

/* Only once the account's nonce is past it can it be in a block, or have been replaced by one. */
static void got_account(struct ht_state_read *account) {
    struct ht_outbox_item *item =
        (struct ht_outbox_item *)((char *)account - offsetof(struct ht_outbox_item, account));
    bool is_past = account->err == HT_OK && account->account.nonce > item->nonce;
    bool is_waiting = account->err == HT_OK && !is_past;
    ht_state_read_fini(account);
    if (is_past) {
        item->account = (struct ht_state_read){.block = {.kind = HT_BLOCK_FINALIZED},
                                               .address = item->from,
                                               .done = got_final_account};
        ht_state_read(item->outbox->options.state, &item->account);
        return;
    }
    item->is_looking = false;
    if (!is_waiting) return;
    if (item->has_block) {
        item->has_block = false; /* a reorganisation took it out again */
        settle(item, HT_OUTBOX_SENT);
    }
    if (++item->heads_waited >= AGAIN_HEADS && !item->is_sending) {
        item->heads_waited = 0;
        ht_outbox_give(item);
    }
}

static void look(struct ht_outbox_item *item) {
    if (item->is_looking || !item->is_taken) return;
    item->is_looking = true;
    item->nonce_is_used = false;
    if (item->state == HT_OUTBOX_INCLUDED) {
        find_place(item);
        return;
    }
    item->account = (struct ht_state_read){
        .block = {.kind = HT_BLOCK_LATEST}, .address = item->from, .done = got_account};
    ht_state_read(item->outbox->options.state, &item->account);
}

void ht_outbox_on_chain(struct ht_chain_listener *listener, const struct ht_chain_change *change) {
    struct ht_outbox *outbox =
        (struct ht_outbox *)((char *)listener - offsetof(struct ht_outbox, listener));
    (void)change;
    for (struct ht_outbox_item *item = outbox->items; item != NULL; item = item->next) {
        if (is_open(item)) look(item);
    }
    ht_outbox_follow(outbox);
}

/* --- for people ------------------------------------------------------------------------------- */

static const char *state_name(enum ht_outbox_state state) {
    switch (state) {
    case HT_OUTBOX_SENT: return "sent";
    case HT_OUTBOX_INCLUDED: return "included";
    case HT_OUTBOX_FINALIZED: return "finalized";
    case HT_OUTBOX_REPLACED: return "replaced";
    }
    return "?";
}

static json_t *item_json(const struct ht_outbox_item *item) {
    char hash[HT_HEX_SIZE(32)], from[HT_HEX_SIZE(20)], block_hash[HT_HEX_SIZE(32)];
    char to[HT_HEX_SIZE(20)], value[HT_U256_DECIMAL_SIZE];
    ht_hex_write(hash, HT_BYTES(item->hash.b));
    ht_hex_write(from, HT_BYTES(item->from.b));
    ht_hex_write(to, HT_BYTES(item->to.b));
    (void)ht_u256_to_decimal(value, &item->value);
    ht_hex_write(block_hash, HT_BYTES(item->block_hash.b));
    json_t *providers = json_array();
    for (size_t i = 0; i < item->takers; i++) {
        json_array_append_new(providers, json_string(item->providers[i]));
    }
    json_t *block = item->has_block ? json_pack("{s:I, s:s}", "number",
                                                (json_int_t)item->block_number, "hash", block_hash)
                                    : json_null();
    return json_pack(
        "{s:s, s:s, s:s?, s:s, s:I, s:s, s:I, s:o, s:o, s:o}", "hash", hash, "from", from, "to",
        item->is_creation ? NULL : to, "value", value, "nonce", (json_int_t)item->nonce, "state",
        state_name(item->state), "sent_ms", (json_int_t)item->sent_ms, "block", block, "succeeded",
        item->has_block ? json_boolean(item->succeeded) : json_null(), "providers", providers);
}

enum ht_err ht_outbox_json(void *self, json_t **out, struct ht_why *why) {
    const struct ht_outbox *outbox = self;
    json_t *list = json_array();
    for (const struct ht_outbox_item *item = outbox->items; item != NULL; item = item->next) {
        if (item->is_taken) json_array_append_new(list, item_json(item));
    }
    *out = json_pack("{s:o}", "transactions", list);
    return *out != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}
