/* Links against the chain: a round looks at all of them, at one final block. */
#include "identity/trust/link_check.h"

#include <stdio.h>
#include <stdlib.h>

#include "identity/wallet/contracts.h"
#include "identity/wallet/slots.h"
#include "node/base/log.h"

struct ht_id_link_round {
    struct ht_identity *identity;
    size_t count, at;
    struct {
        ht_hash32 pubkey;
        ht_addr20 address, owner;
    } * list; /* of what was there when it began; links may go meanwhile */
    ht_hash32 *slots;
    bool is_changed;
    struct ht_slots_read read;
    struct ht_signature_check signature; /* of a contract */
    uint8_t bytes[HT_ID_LINK_SIGNATURE_MAX];
    bool is_starting, is_answered;
    ht_hash32 block_hash;
    uint64_t block, block_s;
};

static bool same_address(const ht_addr20 *a, const ht_addr20 *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

/* The link that is looked at, unless it has gone; mostly it is still where it was. */
static struct ht_id_link *current(const struct ht_id_link_round *round) {
    const struct ht_id_links *links = round->identity->links;
    const ht_hash32 *pubkey = &round->list[round->at].pubkey;
    const ht_addr20 *address = &round->list[round->at].address;
    if (round->at < links->count) {
        struct ht_id_link *link = links->list[round->at];
        if (same_address(&link->claim.address, address) &&
            ht_hash32_equal(&link->claim.pubkey, pubkey))
            return link;
    }
    return ht_id_link_find(round->identity, pubkey, address);
}

/* --- one link --------------------------------------------------------------------------------- */

static void settle(struct ht_id_link_round *round, struct ht_id_link *link,
                   enum ht_id_link_state state, const char *code, const char *why) {
    const ht_addr20 *owner = &round->list[round->at].owner;
    bool is_same = link->state == state && link->has_block && same_address(&link->owner, owner) &&
                   strcmp(link->code, code) == 0;
    bool was_linked = link->was_linked;
    link->state = state;
    link->was_linked |= state == HT_ID_LINK_LINKED;
    link->has_block = true;
    link->owner = *owner;
    link->block = round->block;
    link->block_s = round->block_s;
    link->block_hash = round->block_hash;
    (void)snprintf(link->code, sizeof link->code, "%s", code);
    (void)snprintf(link->why, sizeof link->why, "%s", why);
    if (is_same && was_linked == link->was_linked) return;
    round->is_changed = true;
    ht_id_link_keep(round->identity, link, false);
}

/* The account itself signed, or whoever owned it when this node last looked; now another does. */
static void settle_unsigned(struct ht_id_link_round *round, struct ht_id_link *link) {
    const ht_addr20 *owner = &round->list[round->at].owner;
    bool is_rotated = !same_address(owner, &link->claim.address);
    bool was_signed =
        link->was_linked || (link->has_signer && same_address(&link->signer, &link->claim.address));
    if (was_signed && (is_rotated || link->was_linked)) {
        settle(round, link, HT_ID_LINK_OWNER_CHANGED, "owner_changed",
               "the account has another owner now, who did not sign this");
    } else {
        settle(round, link, HT_ID_LINK_NOT_SIGNED, "bad_signature",
               "the account's owner did not sign this");
    }
}

static void go_on(struct ht_id_link_round *round);

static void got_contract(struct ht_signature_check *check) {
    struct ht_id_link_round *round = check->user;
    const struct ht_id_links *links = round->identity->links;
    struct ht_id_link *link = links->is_quitting ? NULL : current(round);
    /* What it was asked about may have been replaced in the meantime. */
    bool is_same = link != NULL &&
                   ht_bytes_equal(link->signature, ht_bytes_of(round->bytes, check->signature.n));
    if (is_same && check->err == HT_OK) {
        settle(round, link, HT_ID_LINK_LINKED, "", "");
    } else if (is_same && check->err == HT_EUNVERIFIED) {
        settle_unsigned(round, link);
    } else if (is_same) {
        settle(round, link, HT_ID_LINK_UNVERIFIED, check->why.code != NULL ? check->why.code : "",
               check->why.text);
    }
    ht_signature_check_fini(check);
    round->at++;
    round->is_answered = true;
    if (!round->is_starting) go_on(round);
}

/* Who has no key's signature of the owner's may be a contract. */
static void ask_contract(struct ht_id_link_round *round, struct ht_id_link *link) {
    struct ht_id_link_claim *claim = &link->claim;
    struct ht_signature_check *check = &round->signature;
    *check =
        (struct ht_signature_check){.block = {.kind = HT_BLOCK_HASH, .hash = round->block_hash},
                                    .signer = round->list[round->at].owner,
                                    .signature = ht_bytes_of(round->bytes, link->signature.n),
                                    .done = got_contract,
                                    .user = round};
    if (round->identity->host->runner == NULL || link->signature.n > sizeof round->bytes ||
        ht_id_link_digest(&check->digest, claim, NULL) != HT_OK) {
        settle(round, link, HT_ID_LINK_UNVERIFIED, "cannot_run",
               "the owner's contract cannot be asked here");
        round->at++;
        return;
    }
    if (link->signature.n > 0) memcpy(round->bytes, link->signature.p, link->signature.n);
    round->is_answered = false;
    round->is_starting = true;
    ht_signature_check(round->identity->host->runner, check);
    round->is_starting = false;
}

/* --- the round -------------------------------------------------------------------------------- */

static void end(struct ht_id_link_round *round, bool is_whole) {
    struct ht_identity *identity = round->identity;
    struct ht_id_links *links = identity->links;
    bool is_changed = round->is_changed || (is_whole && !links->has_as_of);
    if (is_whole) {
        links->has_as_of = true;
        links->as_of = round->block;
        links->as_of_s = round->block_s;
        links->as_of_hash = round->block_hash;
    }
    ht_slots_read_fini(&round->read);
    free(round->list);
    free(round->slots);
    free(round);
    links->round = NULL;
    if (is_changed) ht_id_links_changed(identity);
    if (is_whole && links->wants_round) ht_id_links_check(identity, true);
}

static void go_on(struct ht_id_link_round *round) {
    const struct ht_id_links *links = round->identity->links;
    while (round->is_answered && !links->is_quitting && round->at < round->count) {
        struct ht_id_link *link = current(round);
        if (link == NULL) {
            round->at++;
        } else if (link->has_signer && same_address(&link->signer, &round->list[round->at].owner)) {
            settle(round, link, HT_ID_LINK_LINKED, "", "");
            round->at++;
        } else {
            ask_contract(round, link);
        }
    }
    if (round->is_answered) end(round, !links->is_quitting);
}

static void set_block(struct ht_id_link_round *round,
                      const struct ht_exec_header_verified *header) {
    round->block = header->header.number;
    round->block_s = header->header.timestamp;
    round->block_hash = header->hash;
    round->is_answered = true;
}

static void got_owners(struct ht_slots_read *read) {
    struct ht_id_link_round *round =
        (struct ht_id_link_round *)((char *)read - offsetof(struct ht_id_link_round, read));
    static const uint8_t zero[32];
    if (read->err != HT_OK || round->identity->links->is_quitting) {
        ht_log(HT_LOG_WARN, "link", "links were not looked at: %s", read->why.text);
        end(round, false);
        return;
    }
    for (size_t i = 0; i < round->count; i++) {
        if (memcmp(read->values[i], zero, 32) != 0)
            memcpy(round->list[i].owner.b, read->values[i] + 12, 20);
    }
    set_block(round, &read->header);
    go_on(round);
}

static struct ht_id_link_round *new_round(struct ht_identity *identity) {
    const struct ht_id_links *links = identity->links;
    struct ht_id_link_round *round = calloc(1, sizeof *round);
    if (round == NULL) return NULL;
    round->identity = identity;
    round->count = links->count;
    round->list = calloc(links->count, sizeof *round->list);
    round->slots = calloc(links->count, sizeof *round->slots);
    if (round->list == NULL || round->slots == NULL) {
        free(round->list);
        free(round->slots);
        free(round);
        return NULL;
    }
    for (size_t i = 0; i < round->count; i++) {
        const struct ht_id_link_claim *claim = &links->list[i]->claim;
        round->list[i].pubkey = claim->pubkey;
        round->list[i].address = round->list[i].owner = claim->address;
        ht_did_owner_slot(&round->slots[i], &claim->address);
    }
    return round;
}

static void begin(struct ht_identity *identity, const struct ht_exec_header_verified *header) {
    struct ht_id_links *links = identity->links;
    struct ht_did_registry registry;
    struct ht_id_link_round *round = new_round(identity);
    if (round == NULL) return;
    links->round = round;
    if (ht_contracts_did(&registry, identity->host->network, NULL) != HT_OK) {
        set_block(round, header);
        go_on(round);
        return;
    }
    round->read = (struct ht_slots_read){.block = {.kind = HT_BLOCK_HASH, .hash = header->hash},
                                         .address = registry.address,
                                         .slots = round->slots,
                                         .count = round->count,
                                         .done = got_owners};
    ht_slots_read(identity->host->state, &round->read);
}

static void got_header(struct ht_header_read *read) {
    struct ht_id_links *links =
        (struct ht_id_links *)((char *)read - offsetof(struct ht_id_links, head));
    struct ht_exec_header_verified header = read->header;
    bool is_there = read->err == HT_OK && !links->is_quitting && links->count > 0;
    bool is_done = links->has_as_of && !links->wants_round &&
                   ht_hash32_equal(&links->as_of_hash, &header.hash);
    ht_header_read_fini(read);
    links->is_asking = false;
    if (!is_there || is_done) return;
    links->wants_round = false;
    begin(links->identity, &header);
}

void ht_id_links_check(struct ht_identity *identity, bool is_new) {
    struct ht_id_links *links = identity->links;
    if (links->is_quitting || links->count == 0) return;
    links->wants_round |= is_new;
    if (links->round != NULL || links->is_asking) return;
    links->is_asking = true;
    links->head = (struct ht_header_read){.id = {.kind = HT_BLOCK_FINALIZED}, .done = got_header};
    ht_chain_read(identity->host->chain, &links->head);
}
