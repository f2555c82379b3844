/* From the making transaction to the last proposal that was carried out. */
#include "governance/power/power_made.h"

#include <stdlib.h>

#include "governance/create/create.h"

#define UPDATE_DELAY 0x64d62353U /* updateDelay(uint256) */
#define RELAY 0xc28bc2faU        /* relay(address,uint256,bytes) */

static bool is_same(const ht_addr20 *a, const ht_addr20 *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static void end(struct ht_gov_power_made *read, bool is_complete, const char *text) {
    read->is_complete = is_complete;
    if (!is_complete) (void)ht_fail(&read->why, HT_EUNVERIFIED, "roles_open", "%s", text);
    read->done(read);
}

/* --- the making ------------------------------------------------------------------------------- */

static bool begins_with(ht_bytes data, const struct ht_gov_contract *maker) {
    return data.n >= maker->creation_len &&
           memcmp(data.p, maker->creation, maker->creation_len) == 0;
}

bool ht_gov_power_made_by(const struct ht_transaction *tx, const ht_addr20 *sender,
                          const ht_addr20 *treasury, const ht_addr20 *governor) {
    static const struct {
        enum ht_gov_ours maker;
        uint64_t governor; /* the maker's n-th creation */
    } MAKERS[] = {
        {HT_GOV_OURS_OF_TOKEN, 3}, {HT_GOV_OURS_OF_PEOPLE, 3}, {HT_GOV_OURS_OF_HOLDERS, 2}};
    ht_addr20 maker, made;
    if (!tx->is_creation) return false;
    ht_gov_created_address(&maker, sender, tx->nonce);
    ht_gov_created_address(&made, &maker, 1);
    if (!is_same(&made, treasury)) return false;
    for (size_t i = 0; i < sizeof MAKERS / sizeof *MAKERS; i++) {
        ht_gov_created_address(&made, &maker, MAKERS[i].governor);
        if (is_same(&made, governor) && begins_with(tx->data, &ht_gov_contracts[MAKERS[i].maker]))
            return true;
    }
    return false;
}

/* --- the proposals ---------------------------------------------------------------------------- */

static bool calls(const struct ht_gov_action *action, uint32_t selector) {
    const ht_bytes *data = &action->calldata;
    if (data->n < 4) return false;
    uint32_t called = (uint32_t)data->p[0] << 24 | (uint32_t)data->p[1] << 16 |
                      (uint32_t)data->p[2] << 8 | data->p[3];
    return called == selector;
}

bool ht_gov_power_is_harmless(const struct ht_gov_action *action, const ht_addr20 *treasury,
                              const ht_addr20 *governor) {
    bool has_name = action->signature.n > 0;
    if (is_same(&action->target, governor)) return !has_name && !calls(action, RELAY);
    if (!is_same(&action->target, treasury)) return true;
    return !has_name && (action->calldata.n == 0 || calls(action, UPDATE_DELAY));
}

/* As far as it is known: one that could have been queued may have been carried out by now. */
static bool may_be_done(const struct ht_gov_item *item) {
    switch (item->state) {
    case HT_GOV_SUCCEEDED:
    case HT_GOV_QUEUED:
    case HT_GOV_EXECUTED: return true;
    case HT_GOV_PENDING:
    case HT_GOV_ACTIVE:
    case HT_GOV_CANCELED:
    case HT_GOV_DEFEATED:
    case HT_GOV_EXPIRED:
    case HT_GOV_NONE: break;
    }
    return item->provenance != HT_GOV_BY_PROOF;
}

static void next_text(struct ht_gov_power_made *read);

static void got_text(struct ht_gov_preimage *text) {
    struct ht_gov_power_made *read = text->user;
    const struct ht_gov_profile *profile = &read->community->profile;
    bool is_fine = text->err == HT_OK;
    for (size_t i = 0; is_fine && i < text->proposal->action_count; i++)
        is_fine = ht_gov_power_is_harmless(&text->proposal->actions[i], &profile->timelock,
                                           &profile->address);
    ht_gov_preimage_fini(text);
    if (is_fine) {
        next_text(read);
    } else {
        end(read, false, "a proposal may have changed roles");
    }
}

static void next_text(struct ht_gov_power_made *read) {
    const struct ht_community *community = read->community;
    if (community->is_forgotten || community->governance->is_quitting) {
        end(read, false, "the node stops");
        return;
    }
    while (read->item < community->item_count && !may_be_done(community->items[read->item]))
        read->item++;
    if (read->item == community->item_count) {
        end(read, true, "");
        return;
    }
    struct ht_gov_item *item = community->items[read->item++];
    if (!item->has_text || !item->is_certified || ++read->texts > HT_GOV_MADE_TEXTS_MAX) {
        end(read, false, "not all proposals that were carried out are known");
        return;
    }
    read->text = (struct ht_gov_preimage){.item = item, .done = got_text, .user = read};
    ht_gov_preimage_read(&read->text);
}

static void got_count(struct ht_gov_slots *slots) {
    struct ht_gov_power_made *read = slots->user;
    const struct ht_community *community = read->community;
    size_t here = 0;
    ht_u256 count = slots->err == HT_OK ? ht_u256_from_be32(slots->values[0]) : ht_u256_of(0);
    bool is_read = slots->err == HT_OK;
    ht_gov_slots_fini(slots);
    for (size_t i = 0; i < community->item_count; i++)
        here += community->items[i]->state != HT_GOV_NONE;
    ht_u256 known = ht_u256_of(here);
    if (is_read && ht_u256_equal(&count, &known)) {
        next_text(read);
    } else {
        end(read, false, "not all proposals are known");
    }
}

static void read_count(struct ht_gov_power_made *read) {
    const struct ht_community *community = read->community;
    const struct ht_gov_layout *layout = &community->profile.layout;
    if (!ht_gov_has(layout, HT_GOV_PROPOSAL_IDS)) {
        end(read, false, "the governor does not count its proposals");
        return;
    }
    read->count = (struct ht_gov_slots){.block = {.kind = HT_BLOCK_HASH, .hash = read->as_of.hash},
                                        .address = community->address,
                                        .slots = &layout->base[HT_GOV_PROPOSAL_IDS],
                                        .count = 1,
                                        .done = got_count,
                                        .user = read};
    ht_gov_slots_read(community->governance, &read->count);
}

/* --- the block -------------------------------------------------------------------------------- */

static void got_block(struct ht_block_read *block) {
    struct ht_gov_power_made *read =
        (struct ht_gov_power_made *)((char *)block - offsetof(struct ht_gov_power_made, block));
    const struct ht_gov_profile *profile = &read->community->profile;
    for (size_t i = 0; block->err == HT_OK && !read->is_made && i < block->body->count; i++) {
        read->is_made =
            ht_gov_power_made_by(&block->body->transactions[i], &block->body->senders[i],
                                 &profile->timelock, &profile->address);
    }
    ht_block_read_fini(block);
    if (read->is_made) {
        read_count(read);
    } else {
        end(read, false, "the transaction that made it is not found");
    }
}

void ht_gov_power_made_start(struct ht_gov_power_made *read) {
    if (read->is_made_known) {
        read->is_made = true;
        read_count(read);
        return;
    }
    read->block = (struct ht_block_read){.id = {.kind = HT_BLOCK_NUMBER, .number = read->created},
                                         .wants_body = true,
                                         .done = got_block};
    ht_blocks_read(read->community->governance->host->blocks, &read->block);
}
