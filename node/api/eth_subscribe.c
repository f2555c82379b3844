/* Subscriptions of websockets. A peer that goes takes its subscriptions with it, also in the middle
 * of being told something; while the list is walked they are only marked, and freed afterwards. */
#include "node/api/eth_subscribe.h"

#include <stdlib.h>

#include "node/api/eth_filter.h"
#include "node/api/eth_follow.h"
#include "node/api/eth_logs.h"
#include "node/api/eth_params.h"
#include "node/base/log.h"
#include "node/codec/json.h"

#define NOT_SUPPORTED (-32004) /* EIP-1474 */

enum kind { NEW_HEADS, LOGS, SYNCING };

struct subscription {
    struct ht_rpc_watch watch; /* first, so that we are found from it */
    struct subscription *next;
    struct ht_eth_subscriptions *owner;
    struct ht_rpc_peer *peer; /* NULL: over */
    enum kind kind;
    char id[HT_ETH_ID_SIZE];
    struct ht_eth_follow *follow; /* LOGS */
};

struct ht_eth_subscriptions {
    struct ht_chain_listener listener; /* first, so that we are found from it */
    struct ht_eth *eth;
    struct subscription *list;
    unsigned walking;
    bool is_listening;
    bool was_live; /* as told to who subscribed to syncing */
};

/* --- the list --------------------------------------------------------------------------------- */

static void free_subscription(struct subscription *one) {
    if (one->peer != NULL) ht_rpc_unwatch(one->peer, &one->watch);
    ht_eth_follow_free(one->follow);
    free(one);
}

static void update_listening(struct ht_eth_subscriptions *all) {
    bool is_wanted = false;
    for (const struct subscription *one = all->list; one != NULL; one = one->next) {
        if (one->kind != SYNCING) is_wanted = true;
    }
    if (is_wanted == all->is_listening) return;
    all->is_listening = is_wanted;
    if (is_wanted) {
        ht_chain_listen(all->eth->chain, &all->listener);
    } else {
        ht_chain_unlisten(all->eth->chain, &all->listener);
    }
}

/* Frees what is over, unless somebody walks the list, who will do it then. */
static void sweep(struct ht_eth_subscriptions *all) {
    if (all->walking > 0) return;
    for (struct subscription **at = &all->list; *at != NULL;) {
        struct subscription *one = *at;
        if (one->peer == NULL) {
            *at = one->next;
            free_subscription(one);
        } else {
            at = &one->next;
        }
    }
    update_listening(all);
}

static void on_gone(struct ht_rpc_watch *watch) {
    struct subscription *one = (struct subscription *)watch;
    one->peer = NULL;
    sweep(one->owner);
}

static struct ht_eth_subscriptions *list_of(struct ht_eth *eth) {
    if (eth->subscriptions != NULL) return eth->subscriptions;
    eth->subscriptions = calloc(1, sizeof *eth->subscriptions);
    if (eth->subscriptions != NULL) eth->subscriptions->eth = eth;
    return eth->subscriptions;
}

void ht_eth_subscriptions_free(struct ht_eth *eth) {
    struct ht_eth_subscriptions *all = eth->subscriptions;
    if (all == NULL) return;
    while (all->list != NULL) {
        struct subscription *one = all->list;
        all->list = one->next;
        free_subscription(one);
    }
    update_listening(all);
    free(all);
    eth->subscriptions = NULL;
}

/* --- telling ---------------------------------------------------------------------------------- */

/* A peer that does not read is closed by its door, which tells on_gone. */
static void notify(const struct subscription *one, json_t *result) {
    enum ht_err err =
        ht_rpc_notify(one->peer, "eth_subscription",
                      json_pack("{s:s, s:o}", "subscription", one->id, "result", result));
    if (err != HT_OK) ht_log(HT_LOG_DEBUG, "api", "not notified: %s", ht_err_name(err));
}

static void on_logs(void *user, const json_t *logs) {
    struct subscription *one = user;
    struct ht_eth_subscriptions *all = one->owner;
    all->walking++;
    for (size_t i = 0; i < json_array_size(logs) && one->peer != NULL; i++) {
        notify(one, json_incref(json_array_get(logs, i)));
    }
    all->walking--;
    sweep(all);
}

static void tell_heads(struct ht_eth_subscriptions *all,
                       const struct ht_exec_header_verified *added) {
    json_t *header = NULL;
    for (struct subscription *one = all->list; one != NULL; one = one->next) {
        if (one->peer == NULL || one->kind != NEW_HEADS) continue;
        if (header == NULL &&
            ht_exec_header_to_json(&header, &added->header, &added->hash) != HT_OK)
            return;
        notify(one, json_incref(header));
    }
    json_decref(header);
}

static void on_change(struct ht_chain_listener *listener, const struct ht_chain_change *change) {
    struct ht_eth_subscriptions *all = (struct ht_eth_subscriptions *)listener;
    all->walking++;
    for (size_t i = 0; i < change->added_count; i++) tell_heads(all, &change->added[i]);
    for (struct subscription *one = all->list; one != NULL; one = one->next) {
        if (one->peer != NULL && one->follow != NULL) ht_eth_follow_change(one->follow, change);
    }
    all->walking--;
    sweep(all);
}

/* false, or what the common clients say about a sync under way. */
static json_t *make_syncing(const struct ht_eth *eth, bool is_live) {
    if (is_live) return json_false();
    return json_pack("{s:b, s:o}", "syncing", 1, "status", ht_eth_syncing_json(eth));
}

void ht_eth_tell_syncing(struct ht_eth *eth) {
    struct ht_eth_subscriptions *all = eth->subscriptions;
    if (all == NULL) return;
    bool is_live = ht_eth_check_live(eth, NULL) == HT_OK;
    if (is_live == all->was_live) return;
    all->was_live = is_live;
    all->walking++;
    for (struct subscription *one = all->list; one != NULL; one = one->next) {
        if (one->peer != NULL && one->kind == SYNCING) notify(one, make_syncing(eth, is_live));
    }
    all->walking--;
    sweep(all);
}

/* --- methods ---------------------------------------------------------------------------------- */

static enum ht_err read_kind(enum kind *out, const json_t *params, struct ht_why *why) {
    const char *name = NULL;
    enum ht_err err = ht_eth_take_params(params, 1, 2, why);
    if (err == HT_OK) err = ht_json_text(&name, params, "[0]", why);
    if (err != HT_OK) return err;
    if (strcmp(name, "newHeads") == 0) {
        *out = NEW_HEADS;
    } else if (strcmp(name, "logs") == 0) {
        *out = LOGS;
    } else if (strcmp(name, "syncing") == 0) {
        *out = SYNCING;
    } else if (strcmp(name, "newPendingTransactions") == 0) {
        return ht_fail(why, HT_EDENIED, HT_RPC_NOT_PROVEN,
                       "what waits in a mempool cannot be proven");
    } else {
        return ht_fail(why, HT_EINPUT, "bad_subscription",
                       "subscriptions are newHeads, logs and syncing");
    }
    return HT_OK;
}

static enum ht_err check_room(const struct ht_eth_subscriptions *all,
                              const struct ht_rpc_peer *peer, struct ht_why *why) {
    size_t count = 0;
    for (const struct subscription *one = all->list; one != NULL; one = one->next) {
        if (one->peer == peer) count++;
    }
    if (count < HT_ETH_SUBSCRIPTIONS_MAX) return HT_OK;
    return ht_fail(why, HT_ELIMIT, "too_many_subscriptions", "at most %u of one connection",
                   HT_ETH_SUBSCRIPTIONS_MAX);
}

/* Logs from now on: a range in the filter, as some clients send it, changes nothing. */
static enum ht_err add_follow(struct subscription *one, const json_t *object, struct ht_why *why) {
    struct ht_eth_log_question question = {0};
    enum ht_err err = ht_eth_log_question_read(&question, object, why);
    if (err != HT_OK) return err;
    const struct ht_eth_follow_options options = {.blocks = one->owner->eth->blocks,
                                                  .to_number = UINT64_MAX,
                                                  .on_logs = on_logs,
                                                  .user = one};
    one->follow = ht_eth_follow_new(&options, &question.filter);
    ht_eth_log_question_fini(&question);
    return one->follow != NULL ? HT_OK : ht_eth_no_memory(why);
}

static enum ht_err add(struct ht_eth *eth, const char **id, struct ht_rpc_peer *peer,
                       enum kind kind, const json_t *params, struct ht_why *why) {
    struct ht_eth_subscriptions *all = list_of(eth);
    if (all == NULL) return ht_eth_no_memory(why);
    enum ht_err err = check_room(all, peer, why);
    if (err != HT_OK) return err;
    struct subscription *one = calloc(1, sizeof *one);
    if (one == NULL) return ht_eth_no_memory(why);
    *one = (struct subscription){.owner = all, .kind = kind, .watch = {.on_gone = on_gone}};
    if (kind == LOGS) err = add_follow(one, json_array_get(params, 1), why);
    if (err != HT_OK) {
        free_subscription(one);
        return err;
    }
    ht_eth_make_id(one->id, &ht_system_random);
    one->peer = peer;
    ht_rpc_watch(peer, &one->watch);
    one->next = all->list;
    all->list = one;
    all->listener.on_change = on_change;
    all->was_live = ht_eth_check_live(eth, NULL) == HT_OK;
    *id = one->id;
    return HT_OK;
}

void ht_eth_subscribe(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_eth *eth = self;
    struct ht_why why = {0};
    struct ht_rpc_peer *peer = ht_rpc_call_peer(call);
    enum kind kind = NEW_HEADS;
    const char *id = NULL;
    if (peer == NULL) {
        (void)ht_fail(&why, HT_EDENIED, "no_push", "notifications not supported: use a websocket");
        const struct ht_rpc_refusal refusal = {
            .err = HT_EDENIED, .why = &why, .number = NOT_SUPPORTED};
        ht_rpc_refuse_with(call, &refusal);
        return;
    }
    enum ht_err err = read_kind(&kind, params, &why);
    bool is_missing = eth->chain == NULL || (kind == LOGS && eth->blocks == NULL);
    if (err == HT_OK && is_missing) err = ht_eth_no_service(&why);
    if (err == HT_OK) err = add(eth, &id, peer, kind, params, &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    ht_rpc_finish(call, json_string(id)); /* first of all: what is told refers to it */
    update_listening(eth->subscriptions);
}

void ht_eth_unsubscribe(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_eth *eth = self;
    struct ht_why why = {0};
    const char *id = NULL;
    const struct ht_rpc_peer *peer = ht_rpc_call_peer(call);
    enum ht_err err = ht_eth_take_params(params, 1, 1, &why);
    if (err == HT_OK) err = ht_json_text(&id, params, "[0]", &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    struct ht_eth_subscriptions *all = eth->subscriptions;
    struct subscription *one = all != NULL && peer != NULL ? all->list : NULL;
    while (one != NULL && (one->peer != peer || strcmp(one->id, id) != 0)) one = one->next;
    bool was_there = one != NULL;
    if (was_there) {
        ht_rpc_unwatch(one->peer, &one->watch);
        one->peer = NULL;
        sweep(all);
    }
    ht_rpc_finish(call, json_boolean(was_there));
}
