/* The owner's power at a snapshot, one proposal at a time. */
#include "governance/look/look_own.h"

#include <stdlib.h>

#include "governance/reads/reads_weights.h"

struct ht_gov_own {
    struct ht_gov_weights_read read; /* first */
    struct ht_governance *governance;
    struct ht_gov_item *item; /* NULL: nothing is under way */
    ht_addr20 accounts[HT_GOV_MINE_MAX];
    size_t count;
};

size_t ht_gov_own_accounts(ht_addr20 out[static HT_GOV_MINE_MAX],
                           const struct ht_governance *governance) {
    struct ht_wallet_account accounts[HT_GOV_MINE_MAX];
    const struct ht_wallet *wallet = ht_gov_wallet(governance);
    size_t count = wallet != NULL ? wallet->accounts(wallet->self, accounts, HT_GOV_MINE_MAX) : 0;
    if (count > HT_GOV_MINE_MAX) count = HT_GOV_MINE_MAX;
    for (size_t i = 0; i < count; i++) out[i] = accounts[i].address;
    return count;
}

bool ht_gov_own_is_known(const struct ht_gov_item *item) {
    ht_addr20 accounts[HT_GOV_MINE_MAX];
    size_t count = ht_gov_own_accounts(accounts, item->community->governance);
    return count == 0 || item->own_count == count;
}

bool ht_gov_own_may_vote(const struct ht_gov_item *item) {
    return item->own_count > 0 && item->has_own_power;
}

static void on_read(struct ht_gov_weights_read *read) {
    struct ht_gov_own *own = (struct ht_gov_own *)read;
    struct ht_gov_item *item = own->item;
    own->item = NULL;
    /* What could not be proven is asked again at a later look; what an account's history does not
     * say is no power that anybody could count on. */
    if (read->err == HT_OK && read->at == item->facts.start) {
        item->own_count = read->count;
        item->has_own_power = false;
        for (size_t i = 0; i < read->count; i++) {
            const struct ht_gov_weight *weight = &read->weights[i];
            bool has_power = weight->err == HT_OK && !ht_u256_is_zero(&weight->power);
            item->has_own_power = item->has_own_power || has_power;
        }
    }
    ht_gov_weights_fini(read);
}

void ht_gov_own_want(struct ht_gov_own *own, struct ht_gov_item *item) {
    if (own->item != NULL || own->governance->is_quitting || item->community->is_forgotten) return;
    own->count = ht_gov_own_accounts(own->accounts, own->governance);
    if (own->count == 0 || item->own_count == own->count) return;
    own->item = item;
    own->read = (struct ht_gov_weights_read){.community = item->community,
                                             .voters = own->accounts,
                                             .count = own->count,
                                             .at = item->facts.start,
                                             .done = on_read};
    ht_gov_weights_read(&own->read);
}

struct ht_gov_own *ht_gov_own_new(struct ht_governance *governance) {
    struct ht_gov_own *own = calloc(1, sizeof *own);
    if (own != NULL) own->governance = governance;
    return own;
}

void ht_gov_own_free(struct ht_gov_own *own) {
    free(own);
}
