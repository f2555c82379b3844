/* Gathering an audit bundle: headers upwards from the proposal's block, receipts of those that are
 * wanted, then the slots at the anchor, then finality. */
#include "governance/recount/export_audit.h"

#include <stdlib.h>

#include "governance/count/audit_make.h"
#include "governance/count/audit_weights.h"
#include "node/base/log.h"

struct gathering {
    struct ht_governance *governance;
    ht_addr20 governor;
    ht_gov_audit_made done;
    void *user;
    struct ht_gov_making *making;
    uint64_t next, anchor;
    bool is_final;
    struct ht_header_read headers;
    size_t at; /* of the headers read; they are newest first */
    bool has_headers;
    struct ht_block_read block;
    const ht_hash32 *slots;
    size_t slot_count, slot_at;
    struct ht_state_read state;
    /* Then the same of the token's history. */
    ht_addr20 token_address;
    struct ht_gov_token_layout token_layout;
    uint64_t snapshot;
    struct ht_gov_audit_token *token;
    struct ht_finality finality; /* of the anchor, as it was at the beginning */
    bool has_finality;
};

static void go_on(struct gathering *gathering);

static void end(struct gathering *gathering, enum ht_err err, const struct ht_why *why,
                json_t *bundle) {
    static const struct ht_why none;
    gathering->done(gathering->user, err, why != NULL ? why : &none, bundle);
    if (gathering->has_headers) ht_header_read_fini(&gathering->headers);
    if (gathering->making != NULL) ht_gov_making_free(gathering->making);
    ht_gov_audit_token_free(gathering->token);
    ht_finality_fini(&gathering->finality);
    free(gathering);
}

/* --- proofs and the end ----------------------------------------------------------------------- */

static void read_slots(struct gathering *gathering);

static void finish(struct gathering *gathering) {
    struct ht_why why;
    json_t *bundle = NULL;
    enum ht_err err = HT_OK;
    if (gathering->has_finality)
        err = ht_gov_making_finality(gathering->making, &gathering->finality, &why);
    uint64_t now_s = (uint64_t)(ht_wall_ms(gathering->governance->host->clock) / 1000);
    if (err == HT_OK) err = ht_gov_making_finish(&bundle, gathering->making, now_s, &why);
    end(gathering, err, &why, bundle);
}

/* --- the token -------------------------------------------------------------------------------- */

/* A bundle without weights is one as well: the tallies are proven. */
static void without_weights(struct gathering *gathering, const struct ht_why *why) {
    ht_log(HT_LOG_INFO, "governance", "an audit has no weights: %s", why->text);
    finish(gathering);
}

static void read_token(struct gathering *gathering);

static void got_token(struct ht_state_read *read) {
    struct gathering *gathering =
        (struct gathering *)((char *)read - offsetof(struct gathering, state));
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    if (err == HT_OK) err = ht_gov_audit_token_take(gathering->token, &read->proof, &why);
    ht_state_read_fini(read);
    if (err == HT_OK) {
        read_token(gathering);
    } else {
        without_weights(gathering, &why);
    }
}

static void read_token(struct gathering *gathering) {
    struct ht_why why;
    const ht_hash32 *slots;
    size_t count = ht_gov_audit_token_next(gathering->token, &slots);
    if (count == 0) {
        enum ht_err err = ht_gov_making_token(gathering->making, gathering->token, &why);
        if (err == HT_OK) {
            finish(gathering);
        } else {
            end(gathering, err, &why, NULL);
        }
        return;
    }
    gathering->state =
        (struct ht_state_read){.block = {.kind = HT_BLOCK_NUMBER, .number = gathering->anchor},
                               .address = gathering->token_address,
                               .slots = slots,
                               .slot_count = count,
                               .wants_proof = true,
                               .done = got_token};
    ht_state_read(gathering->governance->host->state, &gathering->state);
}

static void start_token(struct gathering *gathering) {
    struct ht_why why;
    size_t count;
    const struct ht_gov_vote *votes = ht_gov_making_votes(gathering->making, &count);
    if (count == 0) {
        finish(gathering);
        return;
    }
    enum ht_err err =
        ht_gov_audit_token_new(&gathering->token, &gathering->token_address,
                               &gathering->token_layout, gathering->snapshot, votes, count, &why);
    if (err == HT_OK) {
        read_token(gathering);
    } else {
        without_weights(gathering, &why);
    }
}

/* --- the governor's slots --------------------------------------------------------------------- */

static void got_slots(struct ht_state_read *read) {
    struct gathering *gathering =
        (struct gathering *)((char *)read - offsetof(struct gathering, state));
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    if (err == HT_OK) err = ht_gov_making_proof(gathering->making, &read->proof, &why);
    gathering->slot_at += read->slot_count;
    ht_state_read_fini(read);
    if (err != HT_OK) {
        end(gathering, err, &why, NULL);
    } else if (gathering->slot_at < gathering->slot_count) {
        read_slots(gathering);
    } else {
        start_token(gathering);
    }
}

static void read_slots(struct gathering *gathering) {
    size_t left = gathering->slot_count - gathering->slot_at;
    gathering->state =
        (struct ht_state_read){.block = {.kind = HT_BLOCK_NUMBER, .number = gathering->anchor},
                               .address = gathering->governor,
                               .slots = gathering->slots + gathering->slot_at,
                               .slot_count = left < HT_STATE_SLOTS_MAX ? left : HT_STATE_SLOTS_MAX,
                               .wants_proof = true,
                               .done = got_slots};
    ht_state_read(gathering->governance->host->state, &gathering->state);
}

static void start_slots(struct gathering *gathering) {
    struct ht_why why;
    enum ht_err err =
        ht_gov_making_slots(&gathering->slots, &gathering->slot_count, gathering->making, &why);
    if (err == HT_OK) {
        read_slots(gathering);
    } else {
        end(gathering, err, &why, NULL);
    }
}

/* --- blocks ----------------------------------------------------------------------------------- */

static void got_block(struct ht_block_read *read) {
    struct gathering *gathering =
        (struct gathering *)((char *)read - offsetof(struct gathering, block));
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    if (err == HT_OK)
        err = ht_gov_making_block(gathering->making, &read->header, read->receipts->list,
                                  read->receipts->count, &why);
    ht_block_read_fini(read);
    if (err == HT_OK) {
        go_on(gathering);
    } else {
        end(gathering, err, &why, NULL);
    }
}

static void read_receipts(struct gathering *gathering,
                          const struct ht_exec_header_verified *header) {
    gathering->block = (struct ht_block_read){.id = {.kind = HT_BLOCK_HASH, .hash = header->hash},
                                              .wants_receipts = true,
                                              .done = got_block};
    ht_blocks_read(gathering->governance->host->blocks, &gathering->block);
}

static void got_headers(struct ht_header_read *read) {
    struct gathering *gathering =
        (struct gathering *)((char *)read - offsetof(struct gathering, headers));
    gathering->has_headers = true;
    if (read->err == HT_OK) {
        gathering->at = read->before_found + 1;
        go_on(gathering);
        return;
    }
    struct ht_why why = read->why;
    end(gathering, read->err, &why, NULL);
}

static void read_headers(struct gathering *gathering) {
    uint64_t left = gathering->anchor - gathering->next;
    uint64_t before = left < HT_CHAIN_BEFORE_MAX ? left : HT_CHAIN_BEFORE_MAX;
    gathering->headers =
        (struct ht_header_read){.id = {.kind = HT_BLOCK_NUMBER, .number = gathering->next + before},
                                .before_count = (size_t)before,
                                .done = got_headers};
    ht_chain_read(gathering->governance->host->chain, &gathering->headers);
}

/* The next header; those without receipts one after the other. */
static void go_on(struct gathering *gathering) {
    struct ht_why why;
    while (gathering->has_headers && gathering->at > 0) {
        const struct ht_header_read *read = &gathering->headers;
        size_t i = --gathering->at;
        const struct ht_exec_header_verified *header =
            i == 0 ? &read->header : &read->before[i - 1];
        if (header->header.number < gathering->next) continue;
        gathering->next = header->header.number + 1;
        if (ht_gov_making_wants(gathering->making, &header->header)) {
            read_receipts(gathering, header);
            return;
        }
        enum ht_err err = ht_gov_making_block(gathering->making, header, NULL, 0, &why);
        if (err == HT_OK) continue;
        end(gathering, err, &why, NULL);
        return;
    }
    if (gathering->has_headers) ht_header_read_fini(&gathering->headers);
    gathering->has_headers = false;
    if (gathering->governance->is_quitting) {
        enum ht_err err = ht_fail(&why, HT_EAGAIN, "stopping", "the node stops");
        end(gathering, err, &why, NULL);
    } else if (gathering->next > gathering->anchor) {
        start_slots(gathering);
    } else {
        read_headers(gathering);
    }
}

/* The update that made the anchor final; another block may be by the end. */
static enum ht_err keep_finality(struct gathering *gathering,
                                 const struct ht_exec_header_verified *finalized) {
    const struct ht_finality *finality = ht_sync_finality(gathering->governance->host->sync);
    gathering->has_finality = gathering->is_final && finality != NULL &&
                              ht_hash32_equal(&finality->block_hash, &finalized->hash);
    return gathering->has_finality ? ht_finality_copy(&gathering->finality, finality) : HT_OK;
}

static enum ht_err begin(struct gathering *gathering, const struct ht_gov_item *item,
                         struct ht_why *why) {
    const struct ht_host *host = gathering->governance->host;
    const struct ht_exec_header_verified *head = ht_chain_head(host->chain);
    const struct ht_exec_header_verified *finalized = ht_chain_finalized(host->chain);
    if (item->created_block == 0 || head == NULL)
        return ht_fail(why, HT_EAGAIN, "needs_block",
                       "it is not known yet in which block the proposal was made");
    if (item->community->standing <= HT_GOV_STANDS_BY_CALL)
        return ht_fail(why, HT_EUNVERIFIED, "no_layout",
                       "it is not known where this governor keeps its tallies");
    gathering->is_final =
        finalized != NULL && item->created_block < finalized->header.number &&
        (item->facts.start <
         ht_gov_clock_of(item->community,
                         &(struct ht_gov_as_of){.number = finalized->header.number,
                                                .timestamp = finalized->header.timestamp}));
    gathering->anchor = gathering->is_final ? finalized->header.number : head->header.number;
    gathering->next = item->created_block;
    enum ht_err err = keep_finality(gathering, finalized);
    if (err == HT_OK)
        err = ht_gov_making_new(&gathering->making, host->network, &item->community->profile.layout,
                                &item->community->address, &item->id);
    return err == HT_OK ? HT_OK : ht_fail(why, err, "no_memory", "out of memory");
}

void ht_gov_export_audit(struct ht_gov_item *item, ht_gov_audit_made done, void *user) {
    struct ht_why why;
    struct gathering *gathering = calloc(1, sizeof *gathering);
    ht_assert(gathering != NULL);
    gathering->governance = item->community->governance;
    gathering->governor = item->community->address;
    gathering->token_address = item->community->profile.token;
    gathering->token_layout = item->community->profile.token_layout;
    gathering->snapshot = item->facts.start;
    gathering->done = done;
    gathering->user = user;
    enum ht_err err = begin(gathering, item, &why);
    if (err == HT_OK) {
        go_on(gathering);
    } else {
        end(gathering, err, &why, NULL);
    }
}
