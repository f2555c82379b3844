/* What waits to be confirmed: kept, shown, expired, dropped. Decisions and signatures are
 * queue_decide.c's. */
#include "identity/wallet/queue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "identity/wallet/queue_impl.h"
#include "node/base/hex.h"
#include "node/crypto/keccak.h"

enum ht_err ht_queue_new(struct ht_identity *identity) {
    struct ht_queue *queue = calloc(1, sizeof *queue);
    if (queue == NULL) return HT_ENOMEM;
    queue->identity = identity;
    identity->queue = queue;
    return HT_OK;
}

void ht_queue_changed(struct ht_identity *identity) {
    identity->host->publish(identity->host, "wallet.queue");
}

static void unlink_item(struct ht_queue_item *item) {
    struct ht_queue_item **at = &item->identity->queue->items;
    while (*at != NULL && *at != item) at = &(*at)->next;
    if (*at != NULL) *at = item->next;
}

void ht_queue_free_item(struct ht_queue_item *item) {
    unlink_item(item);
    ht_effects_free(item->effects);
    json_decref(item->request.explain);
    free(item->request.raw);
    free((char *)(uintptr_t)item->request.origin);
    ht_buf_fini(&item->payload);
    free(item);
}

/* Nobody is published to any more. */
static void stop_item(struct ht_queue_item *item) {
    const struct ht_queue_request request = item->request;
    struct ht_rpc_call *decider = item->decider;
    bool is_told = item->is_over;
    struct ht_why why = {0};
    enum ht_err err = ht_fail(&why, HT_EAGAIN, "stopping", "the node is stopping");
    ht_queue_free_item(item);
    if (decider != NULL) ht_rpc_refuse(decider, err, &why);
    if (!is_told) request.done(request.user, err, &why, (ht_bytes){0});
}

void ht_queue_free(struct ht_identity *identity) {
    struct ht_queue *queue = identity->queue;
    if (queue == NULL) return;
    ht_timer_cancel(&queue->timer);
    while (queue->items != NULL) stop_item(queue->items);
    free(queue);
    identity->queue = NULL;
}

/* --- leaving ---------------------------------------------------------------------------------- */

static void remember(struct ht_queue *queue, uint64_t id, enum ht_queue_end end) {
    size_t place = queue->past_count++ % HT_QUEUE_PAST;
    queue->past[place].id = id;
    queue->past[place].end = end;
}

void ht_queue_end_item(struct ht_queue_item *item, const struct ht_queue_outcome *outcome) {
    struct ht_identity *identity = item->identity;
    struct ht_queue_request request = item->request;
    struct ht_rpc_call *decider = item->decider;
    remember(identity->queue, item->id, outcome->end);
    item->decider = NULL;
    item->is_over = true;
    if (!item->is_signing) ht_queue_free_item(item);
    ht_queue_changed(identity);
    if (decider != NULL && outcome->err == HT_OK) {
        ht_rpc_finish(decider, outcome->result);
    } else if (decider != NULL) {
        ht_rpc_refuse(decider, outcome->err, outcome->why);
    }
    if (request.done != NULL)
        request.done(request.user, outcome->err, outcome->why, outcome->signature);
}

static enum ht_err how_it_ended(enum ht_queue_end end, struct ht_why *why) {
    switch (end) {
    case HT_QUEUE_DECIDED:
        return ht_fail(why, HT_EDENIED, "decided", "this request has been decided about already");
    case HT_QUEUE_EXPIRED:
        return ht_fail(why, HT_ESTALE, "request_expired", "nobody confirmed it in time");
    case HT_QUEUE_LOCKED: return ht_fail(why, HT_EDENIED, "vault_locked", "the vault was locked");
    case HT_QUEUE_REVOKED:
        return ht_fail(why, HT_EDENIED, "revoked", "the origin's permission was taken back");
    case HT_QUEUE_GONE: break;
    }
    return ht_fail(why, HT_EDENIED, "asker_gone", "whoever asked for it is gone");
}

/* Without a decision. */
static void end_as(struct ht_queue_item *item, enum ht_queue_end end) {
    struct ht_why why = {0};
    enum ht_err err = how_it_ended(end, &why);
    const struct ht_queue_outcome outcome = {.end = end, .err = err, .why = &why};
    ht_queue_end_item(item, &outcome);
}

static struct ht_queue_item *find_item(const struct ht_queue *queue, uint64_t id) {
    struct ht_queue_item *item = queue->items;
    while (item != NULL && item->id != id) item = item->next;
    return item;
}

void ht_queue_drop(struct ht_identity *identity, uint64_t id) {
    struct ht_queue_item *item = find_item(identity->queue, id);
    if (item == NULL || item->is_over) return;
    item->request.done = NULL;
    end_as(item, HT_QUEUE_GONE);
}

/* The first that is lost now; *end says why. */
static struct ht_queue_item *find_lost(const struct ht_queue *queue, enum ht_queue_end *end) {
    int64_t now = ht_mono_ms(queue->identity->host->clock);
    for (struct ht_queue_item *item = queue->items; item != NULL; item = item->next) {
        if (item->is_over || item->is_signing) continue;
        const struct ht_queue_request *request = &item->request;
        bool is_gone = request->is_awaited != NULL && !request->is_awaited(request->user);
        *end = is_gone ? HT_QUEUE_GONE : HT_QUEUE_EXPIRED;
        if (is_gone || now >= item->expires_mono_ms) return item;
    }
    return NULL;
}

/* From the beginning after each: whoever is told may change the queue. */
static void end_lost(struct ht_queue *queue) {
    enum ht_queue_end end = HT_QUEUE_GONE;
    for (struct ht_queue_item *item; (item = find_lost(queue, &end)) != NULL;) end_as(item, end);
}

static void tick(struct ht_timer *timer) {
    struct ht_queue *queue = (struct ht_queue *)((char *)timer - offsetof(struct ht_queue, timer));
    end_lost(queue);
    if (queue->items == NULL) return;
    for (struct ht_queue_item *item = queue->items; item != NULL; item = item->next) {
        if (!item->is_over) ht_effects_tick(item->effects);
    }
    ht_timer_set(queue->identity->host->loop, timer, HT_QUEUE_TICK_MS, tick);
}

static bool is_same_origin(const char *a, const char *b) {
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

void ht_queue_on_head(struct ht_identity *identity) {
    for (struct ht_queue_item *item = identity->queue->items; item != NULL; item = item->next) {
        if (!item->is_over) ht_effects_on_head(item->effects);
    }
}

bool ht_queue_is_signed(enum ht_queue_kind kind) {
    return kind != HT_QUEUE_PERMISSION && kind != HT_QUEUE_TOKEN;
}

void ht_queue_on_lock(struct ht_identity *identity) {
    struct ht_queue_item *item = identity->queue->items;
    while (item != NULL) {
        bool is_hit = !item->is_over && ht_queue_is_signed(item->request.kind);
        if (is_hit) end_as(item, HT_QUEUE_LOCKED);
        item = is_hit ? identity->queue->items : item->next;
    }
}

void ht_queue_on_revoke(struct ht_identity *identity, const char *origin) {
    struct ht_queue_item *item = identity->queue->items;
    while (item != NULL) {
        const char *its = item->request.origin;
        bool is_meant = origin != NULL ? is_same_origin(its, origin) : its != NULL;
        bool is_hit = is_meant && !item->is_over;
        if (is_hit) end_as(item, HT_QUEUE_REVOKED);
        item = is_hit ? identity->queue->items : item->next;
    }
}

enum ht_err ht_queue_find(struct ht_queue_item **out, struct ht_identity *identity, uint64_t id,
                          struct ht_why *why) {
    struct ht_queue *queue = identity->queue;
    end_lost(queue);
    struct ht_queue_item *item = find_item(queue, id);
    if (item != NULL && !item->is_over) {
        if (item->is_signing) return how_it_ended(HT_QUEUE_DECIDED, why);
        *out = item;
        return HT_OK;
    }
    size_t known = queue->past_count < HT_QUEUE_PAST ? queue->past_count : HT_QUEUE_PAST;
    for (size_t i = 0; i < known; i++) {
        if (queue->past[i].id == id) return how_it_ended(queue->past[i].end, why);
    }
    return ht_fail(why, HT_ENOTFOUND, "no_such_request", "nothing with that id waits");
}

/* --- coming ----------------------------------------------------------------------------------- */

/* Strangers can never fill the queue so far that the owner has no place in it. */
static enum ht_err check_room(struct ht_identity *identity, const char *origin,
                              struct ht_why *why) {
    size_t all = 0, same = 0;
    end_lost(identity->queue);
    for (const struct ht_queue_item *item = identity->queue->items; item != NULL;
         item = item->next) {
        all++;
        if (!item->is_over && is_same_origin(item->request.origin, origin)) same++;
    }
    if (origin != NULL && same >= HT_QUEUE_PER_ORIGIN) {
        return ht_fail(why, HT_ELIMIT, "too_many_requests",
                       "%u requests of this origin wait to be confirmed already",
                       HT_QUEUE_PER_ORIGIN);
    }
    size_t max = origin != NULL ? HT_QUEUE_MAX - HT_QUEUE_PER_ORIGIN : HT_QUEUE_MAX;
    if (all < max) return HT_OK;
    return ht_fail(why, HT_ELIMIT, "too_many_requests", "too many requests wait to be confirmed");
}

static uint64_t new_id(const struct ht_identity *identity) {
    uint64_t id = 0;
    while (id == 0 || find_item(identity->queue, id) != NULL) {
        uint8_t bytes[8];
        ht_random_fill(identity->host->random, bytes, sizeof bytes);
        id = ht_read_u64_le(bytes);
    }
    return id;
}

void ht_queue_take(struct ht_queue_item *item, struct ht_queue_rebuilt *rebuilt) {
    ht_buf_fini(&item->payload);
    json_decref(item->request.explain);
    free(item->request.raw);
    item->payload = rebuilt->payload;
    item->request.payload = ht_buf_view(&item->payload);
    item->request.explain = rebuilt->explain;
    item->request.raw = rebuilt->raw;
    *rebuilt = (struct ht_queue_rebuilt){0};
    ht_keccak256(&item->hash, item->request.payload);
    ht_effects_renew(item->effects, item->request.payload);
    if (item->request.took != NULL) item->request.took(item->request.user);
}

void ht_queue_drop_rebuilt(struct ht_queue_rebuilt *rebuilt) {
    ht_buf_fini(&rebuilt->payload);
    json_decref(rebuilt->explain);
    free(rebuilt->raw);
}

static struct ht_queue_item *make_item(struct ht_identity *identity,
                                       const struct ht_queue_request *request) {
    struct ht_queue_item *item = calloc(1, sizeof *item);
    if (item == NULL) return NULL;
    ht_buf_init(&item->payload, HT_QUEUE_PAYLOAD_MAX);
    item->identity = identity;
    item->request = *request;
    item->request.explain = NULL;
    item->request.raw = NULL;
    item->request.origin = request->origin != NULL ? strdup(request->origin) : NULL;
    bool has_origin = (item->request.origin != NULL) == (request->origin != NULL);
    if (!has_origin || ht_buf_add(&item->payload, request->payload) != HT_OK) {
        ht_queue_free_item(item);
        return NULL;
    }
    item->request.payload = ht_buf_view(&item->payload);
    item->request.explain = request->explain;
    item->request.raw = request->raw;
    if (request->token != NULL) item->token = *request->token;
    item->request.token = request->token != NULL ? &item->token : NULL;
    ht_keccak256(&item->hash, request->payload);
    if (request->kind == HT_QUEUE_TRANSACTION) {
        item->effects = ht_effects_new(identity, &request->account, request->payload);
    }
    return item;
}

static void link_item(struct ht_queue_item *item) {
    struct ht_queue *queue = item->identity->queue;
    const struct ht_host *host = item->identity->host;
    if (queue->items == NULL) ht_timer_set(host->loop, &queue->timer, HT_QUEUE_TICK_MS, tick);
    struct ht_queue_item **at = &queue->items;
    while (*at != NULL) at = &(*at)->next;
    *at = item;
    item->id = new_id(item->identity);
    item->created_ms = ht_wall_ms(host->clock);
    item->expires_mono_ms = ht_mono_ms(host->clock) + HT_QUEUE_EXPIRES_MS;
    ht_queue_changed(item->identity);
}

enum ht_err ht_queue_add(struct ht_identity *identity, uint64_t *id,
                         const struct ht_queue_request *request, struct ht_why *why) {
    enum ht_err err = check_room(identity, request->origin, why);
    if (err == HT_OK && request->payload.n > HT_QUEUE_PAYLOAD_MAX) {
        err = ht_fail(why, HT_ELIMIT, "payload_too_large", "at most %zu bytes can be signed",
                      HT_QUEUE_PAYLOAD_MAX);
    }
    struct ht_queue_item *item = err == HT_OK ? make_item(identity, request) : NULL;
    if (err == HT_OK && item == NULL) err = ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    if (err != HT_OK) {
        json_decref(request->explain);
        free(request->raw);
        return err;
    }
    link_item(item);
    *id = item->id;
    return HT_OK;
}

/* --- for the owner ---------------------------------------------------------------------------- */

bool ht_queue_has(const struct ht_identity *identity, const char *origin, enum ht_queue_kind kind) {
    for (const struct ht_queue_item *item = identity->queue->items; item != NULL;
         item = item->next) {
        bool is_it = item->request.kind == kind && is_same_origin(item->request.origin, origin);
        if (is_it && !item->is_over) return true;
    }
    return false;
}

static const char *kind_name(enum ht_queue_kind kind) {
    switch (kind) {
    case HT_QUEUE_TRANSACTION: return "transaction";
    case HT_QUEUE_MESSAGE: return "message";
    case HT_QUEUE_TYPED: return "typed";
    case HT_QUEUE_CREDENTIAL: return "credential";
    case HT_QUEUE_PERMISSION: return "permission";
    case HT_QUEUE_TOKEN: return "token";
    }
    return "?";
}

static json_t *item_json(const struct ht_queue_item *item) {
    const struct ht_queue_request *request = &item->request;
    char id[24], hash[HT_HEX_SIZE(32)], account[HT_HEX_SIZE(20)];
    (void)snprintf(id, sizeof id, "%" PRIu64, item->id);
    ht_hex_write(hash, HT_BYTES(item->hash.b));
    ht_hex_write(account, HT_BYTES(request->account.b));
    bool has_account = ht_queue_is_signed(request->kind);
    return json_pack("{s:s, s:s?, s:b, s:s, s:s?, s:I, s:I, s:s, s:o?, s:s?, s:s, s:o}", "id", id,
                     "origin", request->origin, "is_own", request->origin == NULL, "kind",
                     kind_name(request->kind), "account", has_account ? account : NULL,
                     "created_ms", (json_int_t)item->created_ms, "expires_ms",
                     (json_int_t)(item->created_ms + HT_QUEUE_EXPIRES_MS), "payload_hash", hash,
                     "explain", ht_effects_explain(item->effects, request->explain), "raw",
                     request->raw, "state", item->is_signing ? "signing" : "waiting", "effects",
                     ht_effects_json(item->effects));
}

/* --- amending --------------------------------------------------------------------------------- */

static enum ht_err find_transaction(struct ht_queue_item **out, struct ht_identity *identity,
                                    uint64_t id, const ht_hash32 *hash, struct ht_why *why) {
    struct ht_why reason = {0};
    struct ht_queue_item *item = NULL;
    enum ht_err err = ht_queue_find(&item, identity, id, &reason);
    if (err == HT_ENOTFOUND)
        return ht_fail(why, HT_ENOTFOUND, "no_request", "nothing with that id waits");
    if (err != HT_OK) return ht_fail(why, HT_EINPUT, "not_waiting", "%s", reason.text);
    if (item->request.amend == NULL)
        return ht_fail(why, HT_EINPUT, "not_a_transaction", "it is no transaction and has no fees");
    if (!ht_hash32_equal(hash, &item->hash))
        return ht_fail(why, HT_EINPUT, "payload_changed", "it is another payload that waits now");
    *out = item;
    return HT_OK;
}

enum ht_err ht_queue_transaction(const struct ht_queue_request **out, struct ht_identity *identity,
                                 uint64_t id, const ht_hash32 *hash, struct ht_why *why) {
    struct ht_queue_item *item = NULL;
    enum ht_err err = find_transaction(&item, identity, id, hash, why);
    if (err == HT_OK) *out = &item->request;
    return err;
}

enum ht_err ht_queue_amend(json_t **out, struct ht_identity *identity, uint64_t id,
                           const ht_hash32 *hash, const struct ht_amendment *wanted,
                           struct ht_why *why) {
    struct ht_queue_item *item = NULL;
    struct ht_queue_rebuilt rebuilt = {0};
    enum ht_err err = find_transaction(&item, identity, id, hash, why);
    if (err == HT_OK) err = item->request.amend(item->request.user, &rebuilt, wanted, why);
    if (err != HT_OK) {
        ht_queue_drop_rebuilt(&rebuilt);
        return err;
    }
    ht_queue_take(item, &rebuilt);
    item->is_amended = true;
    ht_queue_changed(identity);
    *out = item_json(item);
    return *out != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

enum ht_err ht_queue_json(void *self, json_t **out, struct ht_why *why) {
    const struct ht_identity *identity = self;
    json_t *list = json_array();
    int failed = 0;
    for (const struct ht_queue_item *item = identity->queue->items; item != NULL;
         item = item->next) {
        if (!item->is_over) failed |= json_array_append_new(list, item_json(item));
    }
    json_t *topic = json_pack("{s:o}", "items", list);
    if (topic != NULL && failed == 0) {
        *out = topic;
        return HT_OK;
    }
    json_decref(topic);
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}
