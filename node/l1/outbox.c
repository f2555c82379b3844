/* Sending transactions: checks, keeping, handing them to providers. Where they end up is
 * outbox_follow.c's work. */
#include "node/l1/outbox.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/codec/transaction_rules.h"
#include "node/l1/chain_span.h"
#include "node/l1/outbox_follow.h"
#include "node/l1/outbox_sql.h"

#define RAW_MAX ((size_t)2 << 20) /* six blobs with their proofs fit */
#define ARENA_MAX ((size_t)2 << 20)
#define SETTLED_KEPT 64U /* finalized and replaced ones that stay in the list */

void ht_outbox_changed(struct ht_outbox *outbox) {
    if (outbox->options.on_change != NULL) outbox->options.on_change(outbox->options.user);
}

static bool is_settled(const struct ht_outbox_item *item) {
    return item->state == HT_OUTBOX_FINALIZED || item->state == HT_OUTBOX_REPLACED;
}

static void free_item(struct ht_outbox_item *item) {
    ht_buf_fini(&item->raw);
    free(item);
}

static void unlink_item(struct ht_outbox_item *item) {
    struct ht_outbox_item **at = &item->outbox->items;
    while (*at != NULL && *at != item) at = &(*at)->next;
    if (*at == NULL) return;
    *at = item->next;
    item->outbox->count--;
}

void ht_outbox_free(struct ht_outbox *outbox) {
    if (outbox == NULL) return;
    while (outbox->items != NULL) {
        struct ht_outbox_item *item = outbox->items;
        outbox->items = item->next;
        free_item(item);
    }
    free(outbox);
}

/* --- disk ------------------------------------------------------------------------------------- */

struct keep {
    struct ht_write write;
    struct ht_outbox_row row;
    struct ht_buf raw;
    bool is_delete;
    struct ht_outbox_item *item; /* who waits for it; NULL: nobody */
};

/* On the writer's thread. */
static enum ht_err write_item(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    struct keep *keep = (struct keep *)write;
    return keep->is_delete ? ht_outbox_sql_delete(db, &keep->row.hash, why)
                           : ht_outbox_sql_save(db, &keep->row, why);
}

static void finish_send(struct ht_outbox_item *item, enum ht_err err, const struct ht_why *why);

static void wrote_item(struct ht_write *write) {
    struct keep *keep = (struct keep *)write;
    struct ht_outbox_item *item = keep->item;
    if (item != NULL && write->err == HT_OK) {
        item->is_kept = true;
        ht_outbox_give(item);
    } else if (item != NULL) {
        finish_send(item, write->err, &write->why);
    } else if (write->err != HT_OK) {
        ht_log(HT_LOG_WARN, "outbox", "%s", write->why.text);
    }
    ht_buf_fini(&keep->raw);
    free(keep);
}

static enum ht_err submit(struct ht_outbox_item *item, bool is_delete, bool waits) {
    struct keep *keep = calloc(1, sizeof *keep);
    if (keep == NULL) return HT_ENOMEM;
    ht_buf_init(&keep->raw, RAW_MAX);
    enum ht_err err = ht_buf_add(&keep->raw, ht_buf_view(&item->raw));
    keep->row = (struct ht_outbox_row){.hash = item->hash,
                                       .raw = ht_buf_view(&keep->raw),
                                       .state = (int)item->state,
                                       .sent_ms = item->sent_ms,
                                       .has_block = item->has_block,
                                       .block_number = item->block_number,
                                       .block_hash = item->block_hash,
                                       .succeeded = item->succeeded};
    keep->is_delete = is_delete;
    keep->item = waits ? item : NULL;
    keep->write.write = write_item;
    keep->write.done = wrote_item;
    if (err == HT_OK) err = ht_writer_submit(item->outbox->options.writer, &keep->write);
    if (err == HT_OK) return HT_OK;
    ht_buf_fini(&keep->raw);
    free(keep);
    return err;
}

void ht_outbox_keep(struct ht_outbox_item *item) {
    if (item->outbox->options.writer == NULL) return;
    if (submit(item, false, false) != HT_OK) {
        ht_log(HT_LOG_WARN, "outbox", "what became of a transaction could not be kept");
    }
}

static void drop(struct ht_outbox_item *item) {
    if (item->is_kept && item->outbox->options.writer != NULL) (void)submit(item, true, false);
    unlink_item(item);
    free_item(item);
}

/* Settled ones go when there are many; the list is newest first. */
static void forget_old(struct ht_outbox *outbox) {
    size_t settled = 0;
    for (struct ht_outbox_item *item = outbox->items; item != NULL;) {
        struct ht_outbox_item *next = item->next;
        bool is_idle = !item->is_looking && !item->is_sending && item->send == NULL;
        if (is_settled(item) && ++settled > SETTLED_KEPT && is_idle) drop(item);
        item = next;
    }
}

/* --- giving it to providers ------------------------------------------------------------------- */

static void finish_send(struct ht_outbox_item *item, enum ht_err err, const struct ht_why *why) {
    struct ht_send *send = item->send;
    struct ht_outbox *outbox = item->outbox;
    item->send = NULL;
    if (send != NULL) {
        send->err = err;
        if (why != NULL) send->why = *why;
        if (send->err == HT_OK) send->hash = item->hash;
    }
    /* When the node stops, somebody may have taken it already: it stays on disk. */
    bool is_stopping = why != NULL && why->code != NULL && strcmp(why->code, "stopping") == 0;
    if (err != HT_OK && !item->is_taken) {
        if (!is_stopping) drop(item);
    } else {
        ht_outbox_follow(outbox);
    }
    ht_outbox_changed(outbox);
    if (send != NULL) send->done(send);
}

/* On a worker. */
static enum ht_err prove(struct ht_question *question, const struct ht_jsonrpc_answer *answers,
                         struct ht_why *why) {
    const struct ht_outbox_item *item =
        (const struct ht_outbox_item *)((char *)question -
                                        offsetof(struct ht_outbox_item, question));
    ht_hash32 hash;
    enum ht_err err = ht_json_hex(hash.b, sizeof hash.b, answers[0].result, "", why);
    if (err != HT_OK || ht_hash32_equal(&hash, &item->hash)) return err;
    return ht_fail(why, HT_EUNVERIFIED, "tx_hash_differs",
                   "took it and named another transaction's hash");
}

/* Providers that have it already refuse it in words of their own. */
static bool has_it_already(const char *words) {
    static const char *const known[] = {"already known",  "known transaction", "already imported",
                                        "already exists", "ALREADY_EXISTS",    "already in"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strstr(words, known[i]) != NULL) return true;
    }
    return false;
}

static void given(struct ht_question *question) {
    struct ht_outbox_item *item =
        (struct ht_outbox_item *)((char *)question - offsetof(struct ht_outbox_item, question));
    bool is_refused = question->err != HT_OK && strcmp(question->why.code, "refused") == 0;
    bool is_answer = question->err == HT_OK || is_refused;
    bool is_taken = question->err == HT_OK || has_it_already(question->why.text);
    if (is_answer && is_taken) {
        (void)snprintf(item->providers[item->takers++], sizeof item->providers[0], "%s",
                       question->source);
        item->heads_waited = 0;
    } else if (item->refusal.code == NULL || is_refused) {
        item->refusal = question->why;
    }
    if (is_answer) item->given |= UINT32_C(1) << question->provider;
    bool was_taken = item->is_taken;
    item->is_taken |= item->takers > 0;
    bool is_over = !is_answer || item->takers == HT_OUTBOX_FANOUT;
    item->is_sending = !is_over;
    if (!is_over) ht_outbox_give(item);
    if (!was_taken && item->is_taken) {
        finish_send(item, HT_OK, NULL);
    } else if (is_over && !item->is_taken) {
        bool is_stopping = strcmp(question->why.code, "stopping") == 0;
        enum ht_err err = item->given != 0 ? HT_EDENIED : question->err;
        struct ht_why why = is_stopping ? question->why : item->refusal;
        finish_send(item, err, &why);
    } else {
        ht_outbox_changed(item->outbox);
    }
}

void ht_outbox_give(struct ht_outbox_item *item) {
    struct ht_question *question = &item->question;
    if (!item->is_sending) {
        item->given = 0;
        item->takers = 0;
        item->refusal = (struct ht_why){0};
    }
    item->is_sending = true;
    *question = (struct ht_question){.max_bytes = 65536,
                                     .avoid = item->given,
                                     .takes_refusal = true,
                                     .prove = prove,
                                     .done = given};
    json_t *hash = ht_chain_hash_json(&item->hash);
    (void)snprintf(question->about, sizeof question->about, "sending transaction %s",
                   json_string_value(hash));
    json_decref(hash);
    char *text = malloc(HT_HEX_SIZE(item->raw.n));
    ht_assert(text != NULL);
    ht_hex_write(text, ht_buf_view(&item->raw));
    enum ht_err err = ht_question_add(question, "eth_sendRawTransaction", json_pack("[s]", text));
    free(text);
    ht_assert(err == HT_OK);
    ht_ask(ht_chain_asker(ht_blocks_chain(item->outbox->options.blocks)), question);
}

/* --- checks ----------------------------------------------------------------------------------- */

const struct ht_tx_rules *ht_outbox_rules(const struct ht_outbox *outbox) {
    const struct ht_sync *sync = ht_chain_sync(ht_blocks_chain(outbox->options.blocks));
    const struct ht_network *network = ht_sync_network(sync);
    uint64_t slot = ht_slot_at_ms(network, ht_wall_ms(ht_sync_clock(sync)));
    switch (ht_fork_at_slot(network, slot)) {
    case HT_PHASE0:
    case HT_ALTAIR:
    case HT_BELLATRIX: return ht_tx_rules_find("Paris");
    case HT_CAPELLA: return ht_tx_rules_find("Shanghai");
    case HT_DENEB: return ht_tx_rules_find("Cancun");
    case HT_ELECTRA: return ht_tx_rules_find("Prague");
    case HT_FULU:
    case HT_GLOAS:
    case HT_FORK_COUNT: break;
    }
    return ht_tx_rules_find("Osaka");
}

static enum ht_err decode(struct ht_outbox_item *item, struct ht_why *why) {
    const struct ht_outbox *outbox = item->outbox;
    const struct ht_sync *sync = ht_chain_sync(ht_blocks_chain(outbox->options.blocks));
    struct ht_transaction tx;
    struct ht_arena arena;
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err =
        ht_tx_decode(&tx, &arena, ht_buf_view(&item->raw), HT_TX_NETWORK_FORM_STRIP, why);
    if (err == HT_OK) err = ht_tx_hash(&item->hash, &tx);
    if (err == HT_OK) {
        err = ht_tx_check(&item->from, &tx, ht_outbox_rules(outbox),
                          ht_sync_network(sync)->chain_id, why);
    }
    if (err == HT_OK) err = ht_tx_cost_max(&item->cost_max, &tx, why);
    if (err == HT_OK) {
        item->nonce = tx.nonce;
        item->to = tx.to;
        item->is_creation = tx.is_creation;
        item->value = tx.value;
    }
    ht_arena_fini(&arena);
    return err;
}

static enum ht_err check_account(const struct ht_outbox_item *item, struct ht_why *why) {
    const struct ht_state_read *account = &item->account;
    ht_u256 balance = ht_u256_from_be32(account->account.balance);
    if (item->nonce < account->account.nonce) {
        return ht_fail(why, HT_EDENIED, "nonce_too_low",
                       "nonce too low: next nonce %llu, tx nonce %llu",
                       (unsigned long long)account->account.nonce, (unsigned long long)item->nonce);
    }
    if (ht_u256_compare(&balance, &item->cost_max) >= 0) return HT_OK;
    char have[HT_U256_DECIMAL_SIZE], want[HT_U256_DECIMAL_SIZE];
    (void)ht_u256_to_decimal(have, &balance);
    (void)ht_u256_to_decimal(want, &item->cost_max);
    return ht_fail(why, HT_EDENIED, "insufficient_funds",
                   "insufficient funds for gas * price + value: balance %s, tx cost %s", have,
                   want);
}

static void got_account(struct ht_state_read *account) {
    struct ht_outbox_item *item =
        (struct ht_outbox_item *)((char *)account - offsetof(struct ht_outbox_item, account));
    struct ht_why why = account->why;
    enum ht_err err = account->err;
    if (err == HT_OK) err = check_account(item, &why);
    ht_state_read_fini(account);
    item->is_looking = false;
    if (err != HT_OK) {
        finish_send(item, err, &why);
    } else if (item->outbox->options.writer == NULL) {
        ht_outbox_give(item);
    } else {
        err = submit(item, false, true);
        if (err == HT_OK) return;
        (void)ht_fail(&why, err, "busy", "the disk is too busy to keep it now");
        finish_send(item, err, &why);
    }
}

/* --- the door --------------------------------------------------------------------------------- */

static void refuse(struct ht_outbox_item *item, struct ht_send *send, enum ht_err err) {
    if (item != NULL) free_item(item);
    send->err = err;
    send->done(send);
}

static struct ht_outbox_item *find(const struct ht_outbox *outbox, const ht_hash32 *hash) {
    struct ht_outbox_item *item = outbox->items;
    while (item != NULL && !ht_hash32_equal(&item->hash, hash)) item = item->next;
    return item;
}

enum ht_err ht_outbox_raw(const struct ht_outbox *outbox, ht_bytes *out, const ht_hash32 *hash,
                          struct ht_why *why) {
    const struct ht_outbox_item *item = find(outbox, hash);
    if (item == NULL || !item->is_taken)
        return ht_fail(why, HT_ENOTFOUND, "tx_not_found", "no such transaction was sent from here");
    *out = ht_buf_view(&item->raw);
    return HT_OK;
}

static struct ht_outbox_item *new_item(struct ht_outbox *outbox, ht_bytes raw) {
    struct ht_outbox_item *item = calloc(1, sizeof *item);
    if (item == NULL) return NULL;
    item->outbox = outbox;
    ht_buf_init(&item->raw, RAW_MAX);
    if (ht_buf_add(&item->raw, raw) == HT_OK) return item;
    free_item(item);
    return NULL;
}

static void link_item(struct ht_outbox_item *item) {
    item->next = item->outbox->items;
    item->outbox->items = item;
    item->outbox->count++;
}

void ht_outbox_send(struct ht_outbox *outbox, struct ht_send *send) {
    struct ht_why *why = &send->why;
    if (send->raw.n > RAW_MAX) {
        refuse(NULL, send, ht_fail(why, HT_ELIMIT, "tx_too_large", "at most %zu bytes", RAW_MAX));
        return;
    }
    struct ht_outbox_item *item = new_item(outbox, send->raw);
    if (item == NULL) {
        refuse(NULL, send, ht_fail(why, HT_ENOMEM, "no_memory", "out of memory"));
        return;
    }
    enum ht_err err = decode(item, why);
    send->hash = item->hash;
    struct ht_outbox_item *known = err == HT_OK ? find(outbox, &item->hash) : NULL;
    if (known != NULL && !known->is_taken) {
        refuse(item, send, ht_fail(why, HT_EAGAIN, "tx_busy", "it is being sent already"));
        return;
    }
    if (known != NULL) {
        if (known->state == HT_OUTBOX_SENT && known->is_taken && !known->is_sending) {
            ht_outbox_give(known);
        }
        refuse(item, send, HT_OK);
        return;
    }
    forget_old(outbox);
    if (err == HT_OK && outbox->count == HT_OUTBOX_MAX) {
        err = ht_fail(why, HT_ELIMIT, "outbox_full", "%u transactions are under way already",
                      HT_OUTBOX_MAX);
    }
    if (err != HT_OK) {
        refuse(item, send, err);
        return;
    }
    const struct ht_sync *sync = ht_chain_sync(ht_blocks_chain(outbox->options.blocks));
    item->sent_ms = ht_wall_ms(ht_sync_clock(sync));
    item->send = send;
    link_item(item);
    item->is_looking = true;
    item->account = (struct ht_state_read){
        .block = {.kind = HT_BLOCK_LATEST}, .address = item->from, .done = got_account};
    ht_state_read(outbox->options.state, &item->account);
}

/* --- start ------------------------------------------------------------------------------------ */

/* A row that cannot be read any more is left where it is. */
static enum ht_err load_one(void *user, const struct ht_outbox_row *row) {
    struct ht_outbox *outbox = user;
    struct ht_outbox_item *item = new_item(outbox, row->raw);
    if (item == NULL) return HT_ENOMEM;
    struct ht_why why = {0};
    if (decode(item, &why) != HT_OK || !ht_hash32_equal(&item->hash, &row->hash)) {
        ht_log(HT_LOG_WARN, "outbox", "a kept transaction cannot be read: %s", why.text);
        free_item(item);
        return HT_OK;
    }
    item->state = (enum ht_outbox_state)row->state;
    item->sent_ms = row->sent_ms;
    item->is_kept = true;
    item->is_taken = true;
    item->has_block = row->has_block;
    item->block_number = row->block_number;
    item->block_hash = row->block_hash;
    item->succeeded = row->succeeded;
    link_item(item);
    return HT_OK;
}

enum ht_err ht_outbox_new(struct ht_outbox **out, const struct ht_outbox_options *options,
                          sqlite3 *db, struct ht_why *why) {
    struct ht_outbox *outbox = calloc(1, sizeof *outbox);
    if (outbox == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    outbox->options = *options;
    outbox->listener.on_change = ht_outbox_on_chain;
    enum ht_err err = db != NULL ? ht_outbox_sql_load(db, load_one, outbox, why) : HT_OK;
    if (err != HT_OK) {
        ht_outbox_free(outbox);
        return err;
    }
    ht_outbox_follow(outbox);
    *out = outbox;
    return HT_OK;
}
