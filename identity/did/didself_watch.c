/* Whether somebody has changed one of our identities: the registry's slots of all accounts, the
 * logs of what is new there, and whose transactions made them. */
#include "identity/did/didself_watch.h"

#include <stdio.h>
#include <stdlib.h>

#include "identity/attest/attest_json.h"
#include "identity/audit.h"
#include "identity/did/did_resolve.h"
#include "identity/did/didself_impl.h"
#include "identity/wallet/slots.h"
#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/codec/address.h"

#define LOGS_BLOCKS_MAX 8191U

struct ht_didself_watch {
    struct ht_identity *identity;
    struct ht_did_registry registry;
    struct ht_header_read head;
    struct ht_exec_header_verified header;
    struct ht_slots_read read;
    ht_addr20 accounts[HT_ACCOUNTS_MAX];
    ht_hash32 slots[2 * HT_ACCOUNTS_MAX]; /* owner and newest change of each */
    size_t count, at;
    uint64_t changed;   /* of the one that is looked at */
    bool is_owner_zero; /* its slot: nobody, or nobody else */
    struct ht_log_filter filter;
    struct ht_logs_read logs;
    struct ht_did_resolve resolve;
    bool is_starting, is_answered, has_news;
};

static void end(struct ht_didself_watch *watch) {
    watch->identity->didself->watch = NULL;
    ht_slots_read_fini(&watch->read);
    free(watch);
}

static void finish(struct ht_didself_watch *watch) {
    struct ht_identity *identity = watch->identity;
    struct ht_didself *didself = identity->didself;
    bool has_news = watch->has_news || !didself->has_as_of;
    didself->has_as_of = true;
    didself->as_of = watch->header.header.number;
    didself->as_of_s = watch->header.header.timestamp;
    didself->as_of_hash = watch->header.hash;
    end(watch);
    if (has_news) ht_didself_changed(identity);
}

static void go_on(struct ht_didself_watch *watch);

static void next(struct ht_didself_watch *watch) {
    watch->is_answered = true;
    if (!watch->is_starting) go_on(watch);
}

/* --- whether it is deactivated ---------------------------------------------------------------- */

/* An owner of zero may mean that nobody ever changed it; the history tells. */
static void on_resolved(struct ht_did_resolve *resolve) {
    struct ht_didself_watch *watch =
        (struct ht_didself_watch *)((char *)resolve - offsetof(struct ht_didself_watch, resolve));
    struct ht_own_did *own = ht_didself_get(watch->identity, &watch->accounts[watch->at]);
    if (own != NULL && resolve->err == HT_OK) own->is_deactivated = resolve->is_deactivated;
    ht_did_resolve_fini(resolve);
    watch->at++;
    next(watch);
}

static void ask_history(struct ht_didself_watch *watch) {
    const ht_addr20 *address = &watch->accounts[watch->at];
    watch->resolve = (struct ht_did_resolve){
        .host = watch->identity->host,
        .did = {.method = HT_DID_ETHR, .chain_id = watch->registry.chain_id, .address = *address},
        .block = {.kind = HT_BLOCK_FINALIZED},
        .done = on_resolved,
    };
    char hex[HT_HEX_SIZE(20)];
    ht_hex_write(hex, HT_BYTES(address->b));
    (void)snprintf(watch->resolve.did.text, sizeof watch->resolve.did.text, "did:ethr:0x%llx:%s",
                   (unsigned long long)watch->registry.chain_id, hex);
    ht_did_resolve(&watch->resolve);
}

/* The state of an account is known; done with it unless its history is wanted. */
static void settle(struct ht_didself_watch *watch) {
    struct ht_own_did *own = ht_didself_get(watch->identity, &watch->accounts[watch->at]);
    bool is_unclear = own != NULL && watch->is_owner_zero && watch->changed != 0;
    if (is_unclear) {
        ask_history(watch);
        return;
    }
    if (own != NULL) own->is_deactivated = false;
    watch->at++;
    next(watch);
}

/* --- whose change it was ---------------------------------------------------------------------- */

static bool is_ours(const json_t *sent, const struct ht_identity *identity, const char *hash) {
    for (size_t i = 0; i < json_array_size(sent); i++) {
        const json_t *item = json_array_get(sent, i);
        const char *its = json_string_value(json_object_get(item, "hash"));
        ht_addr20 from;
        if (its == NULL || hash == NULL || strcmp(its, hash) != 0) continue;
        return ht_json_hex(from.b, sizeof from.b, item, "from", NULL) == HT_OK &&
               ht_accounts_find(identity, &from) != NULL;
    }
    return false;
}

static bool are_all_ours(const struct ht_identity *identity, const json_t *logs) {
    json_t *outbox = NULL;
    bool are_ours =
        json_array_size(logs) > 0 && ht_outbox_json(identity->host->outbox, &outbox, NULL) == HT_OK;
    const json_t *sent = ht_json_member(outbox, "transactions");
    for (size_t i = 0; are_ours && i < json_array_size(logs); i++) {
        const json_t *log = json_array_get(logs, i);
        are_ours =
            is_ours(sent, identity, json_string_value(json_object_get(log, "transactionHash")));
    }
    json_decref(outbox);
    return are_ours;
}

static void take_change(struct ht_didself_watch *watch, bool is_alert, const char *text) {
    struct ht_identity *identity = watch->identity;
    const ht_addr20 *address = &watch->accounts[watch->at];
    struct ht_own_did *own = ht_didself_get(identity, address);
    if (own != NULL) {
        own->row.changed = watch->changed;
        if (is_alert) {
            own->row.alert = watch->changed;
            own->row.alert_ms = ht_wall_ms(identity->host->clock);
            (void)snprintf(own->text, sizeof own->text, "%s", text);
            ht_audit_add(identity, "did_changed", NULL, address, text);
            ht_log(HT_LOG_WARN, "did", "%s", text);
        }
        ht_didself_keep(identity, own, NULL, NULL);
        watch->has_news = true;
    }
    settle(watch);
}

static void on_logs(struct ht_logs_read *read) {
    struct ht_didself_watch *watch =
        (struct ht_didself_watch *)((char *)read - offsetof(struct ht_didself_watch, logs));
    bool is_complete = read->err == HT_OK && read->gap_count == 0;
    bool are_ours = is_complete && are_all_ours(watch->identity, read->logs);
    struct ht_why why = read->why;
    ht_logs_read_fini(read);
    ht_log_filter_fini(&watch->filter);
    if (!is_complete) {
        /* Nothing is accounted for: it is asked again at the next finality. */
        ht_log(HT_LOG_INFO, "did", "a change could not be read: %s", why.text);
        settle(watch);
        return;
    }
    char text[160];
    (void)snprintf(
        text, sizeof text,
        "the DID was changed in block %llu by a transaction that this wallet did not send",
        (unsigned long long)watch->changed);
    take_change(watch, !are_ours, text);
}

static enum ht_err make_filter(struct ht_didself_watch *watch, struct ht_why *why) {
    ht_hash32 topic = {{0}};
    memcpy(topic.b + 12, watch->accounts[watch->at].b, 20);
    json_t *object = json_pack("{s:o, s:[n, o]}", "address",
                               ht_attest_hex_json(HT_BYTES(watch->registry.address.b)), "topics",
                               ht_attest_hex_json(HT_BYTES(topic.b)));
    if (object == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    enum ht_err err = ht_log_filter_read(&watch->filter, object, why);
    json_decref(object);
    return err;
}

static void ask_logs(struct ht_didself_watch *watch, uint64_t seen) {
    struct ht_why why = {0};
    if (watch->changed < seen || watch->changed - seen > LOGS_BLOCKS_MAX) {
        take_change(watch, true,
                    "the DID was changed while this node was away; its history says how");
        return;
    }
    if (make_filter(watch, &why) != HT_OK) {
        settle(watch);
        return;
    }
    watch->logs = (struct ht_logs_read){.from = {.kind = HT_BLOCK_NUMBER, .number = seen + 1},
                                        .to = {.kind = HT_BLOCK_NUMBER, .number = watch->changed},
                                        .filter = watch->filter,
                                        .done = on_logs};
    ht_logs_read(watch->identity->host->blocks, &watch->logs);
}

/* --- each account ----------------------------------------------------------------------------- */

static void look_at(struct ht_didself_watch *watch) {
    struct ht_identity *identity = watch->identity;
    const ht_addr20 *address = &watch->accounts[watch->at];
    const uint8_t *owner = watch->read.values[2 * watch->at];
    const uint8_t *changed = watch->read.values[2 * watch->at + 1];
    static const uint8_t zero[20];
    watch->changed = 0;
    for (size_t i = 24; i < 32; i++) watch->changed = watch->changed << 8 | changed[i];
    watch->is_owner_zero = memcmp(owner + 12, zero, sizeof zero) == 0;
    bool is_first = ht_didself_get(identity, address) == NULL;
    struct ht_own_did *own = ht_didself_place(identity, address);
    if (own == NULL) {
        settle(watch);
        return;
    }
    own->is_known = true;
    own->owner = *address;
    if (!watch->is_owner_zero) memcpy(own->owner.b, owner + 12, 20);
    if (is_first) {
        /* What was before it was looked at is nobody's alarm. */
        own->row.changed = watch->changed;
        ht_didself_keep(identity, own, NULL, NULL);
        watch->has_news = true;
        settle(watch);
    } else if (own->row.changed != watch->changed) {
        ask_logs(watch, own->row.changed);
    } else {
        settle(watch);
    }
}

static void go_on(struct ht_didself_watch *watch) {
    while (watch->is_answered && watch->at < watch->count &&
           !watch->identity->didself->is_quitting) {
        watch->is_answered = false;
        watch->is_starting = true;
        look_at(watch);
        watch->is_starting = false;
    }
    if (!watch->is_answered) return;
    if (watch->at < watch->count) {
        end(watch);
    } else {
        finish(watch);
    }
}

static void on_slots(struct ht_slots_read *read) {
    struct ht_didself_watch *watch =
        (struct ht_didself_watch *)((char *)read - offsetof(struct ht_didself_watch, read));
    if (read->err != HT_OK) {
        end(watch);
        return;
    }
    watch->is_answered = true;
    go_on(watch);
}

static void on_finalized(struct ht_header_read *head) {
    struct ht_didself_watch *watch =
        (struct ht_didself_watch *)((char *)head - offsetof(struct ht_didself_watch, head));
    struct ht_identity *identity = watch->identity;
    const struct ht_didself *didself = identity->didself;
    bool is_new = head->err == HT_OK && !didself->is_quitting &&
                  (!didself->has_as_of || head->header.header.number != didself->as_of);
    if (head->err == HT_OK) watch->header = head->header;
    ht_header_read_fini(head);
    watch->count = ht_accounts_count(identity);
    if (!is_new || watch->count == 0) {
        end(watch);
        return;
    }
    for (size_t i = 0; i < watch->count; i++) {
        watch->accounts[i] = ht_accounts_at(identity, i)->address;
        ht_did_owner_slot(&watch->slots[2 * i], &watch->accounts[i]);
        ht_did_changed_slot(&watch->slots[2 * i + 1], &watch->accounts[i]);
    }
    watch->read = (struct ht_slots_read){
        .block = {.kind = HT_BLOCK_HASH, .hash = watch->header.hash},
        .address = watch->registry.address,
        .slots = watch->slots,
        .count = 2 * watch->count,
        .done = on_slots,
    };
    ht_slots_read(identity->host->state, &watch->read);
}

void ht_didself_watch_on_head(struct ht_identity *identity) {
    struct ht_didself *didself = identity->didself;
    struct ht_did_registry registry;
    if (didself->watch != NULL ||
        ht_contracts_did(&registry, identity->host->network, NULL) != HT_OK)
        return;
    struct ht_didself_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL) return;
    didself->watch = watch;
    watch->identity = identity;
    watch->registry = registry;
    watch->head = (struct ht_header_read){.id = {.kind = HT_BLOCK_FINALIZED}, .done = on_finalized};
    ht_chain_read(identity->host->chain, &watch->head);
}
