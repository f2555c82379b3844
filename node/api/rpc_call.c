/* Exchanges and calls: who still waits for what, and how each of them ends.
 *
 * A call that answers later belongs to its method until the method ends it; what it answers belongs
 * to the door. Each knows the other only while both want to. */
#include "node/api/rpc_call.h"

#include <stdlib.h>

#include "node/api/rpc_reply.h"
#include "node/api/rpc_topic.h"
#include "node/base/log.h"
#include "node/codec/json.h"

static void unlink_exchange(struct ht_rpc_exchange *x) {
    struct ht_rpc_exchange **at = &x->rpc->exchanges;
    while (*at != x) at = &(*at)->next;
    *at = x->next;
}

/* Takes reply over, which is NULL when it cannot be built. */
void ht_rpc_put_reply(struct ht_rpc_exchange *x, size_t place, json_t *reply) {
    if (reply == NULL || json_array_set_new(x->replies, place, reply) != 0) x->err = HT_ENOMEM;
}

void ht_rpc_put_error(struct ht_rpc_exchange *x, size_t place, json_t *id, enum ht_err err,
                      struct ht_why *why) {
    ht_rpc_put_reply(x, place, ht_rpc_reply_error(id, err, 0, why));
}

/* Appends the reply to a whole message, or nothing when none is due. */
static enum ht_err write_replies(const struct ht_rpc_exchange *x, struct ht_buf *out) {
    for (size_t i = json_array_size(x->replies); i-- > 0;) {
        if (json_is_null(json_array_get(x->replies, i))) (void)json_array_remove(x->replies, i);
    }
    if (json_array_size(x->replies) == 0) return HT_OK;
    return ht_rpc_reply_write(out, x->is_batch ? x->replies : json_array_get(x->replies, 0));
}

/* Answers and ends an exchange whose requests are all answered. */
void ht_rpc_settle(struct ht_rpc_exchange *x) {
    if (x->is_starting || x->open != NULL) return;
    const struct ht_rpc_asker asker = x->asker;
    struct ht_buf text;
    ht_buf_init(&text, asker.room + (x->rpc->dialect == HT_RPC_ETHEREUM ? HT_RPC_ETHEREUM_REPLY_MAX
                                                                        : HT_RPC_REPLY_MAX));
    enum ht_err err = x->err;
    if (err == HT_OK && asker.room > 0 && ht_buf_reserve(&text, asker.room) == NULL)
        err = HT_ENOMEM;
    text.n = err == HT_OK ? asker.room : 0;
    if (err == HT_OK) err = write_replies(x, &text);
    if (err != HT_OK || text.n == asker.room) ht_buf_clear(&text);
    unlink_exchange(x);
    json_decref(x->replies);
    free(x);
    asker.on_reply(asker.user, err, &text);
    ht_buf_fini(&text);
}

/* Lets go of a call that is still its method's to end. */
static void disown(struct ht_rpc_call *call) {
    json_decref(call->id);
    call->id = NULL;
    call->exchange = NULL;
}

void ht_rpc_abandon(struct ht_rpc_exchange *x) {
    ht_assert(!x->is_starting);
    for (struct ht_rpc_call *call = x->open; call != NULL; call = call->next) disown(call);
    unlink_exchange(x);
    json_decref(x->replies);
    free(x);
}

void ht_rpc_expire(struct ht_rpc_exchange *x) {
    while (x->open != NULL) {
        struct ht_rpc_call *call = x->open;
        struct ht_why why = {0};
        x->open = call->next;
        enum ht_err err = ht_fail(&why, HT_EAGAIN, "timeout", "the answer took too long");
        if (call->id != NULL) ht_rpc_put_error(x, call->place, call->id, err, &why);
        disown(call);
    }
    ht_rpc_settle(x);
}

/* Ends a call with a reply, which is taken over; is_due is false for a notification. */
static void end_call(struct ht_rpc_call *call, bool is_due, json_t *reply) {
    struct ht_rpc_exchange *x = call->exchange;
    struct ht_rpc_call **at = &x->open;
    while (*at != call) at = &(*at)->next;
    *at = call->next;
    if (is_due) ht_rpc_put_reply(x, call->place, reply);
    json_decref(call->id);
    free(call);
    ht_rpc_settle(x);
}

void ht_rpc_tell_broken(enum ht_err err, const struct ht_why *why) {
    if (err == HT_EBUG) ht_log(HT_LOG_ERROR, "api", "a method broke its promise: %s", why->text);
}

/* Takes both over; provenance NULL: none. */
static void finish(struct ht_rpc_call *call, json_t *result, json_t *provenance) {
    struct ht_why why = {0};
    if (call->exchange == NULL) {
        json_decref(result);
        json_decref(provenance);
        free(call);
        return;
    }
    enum ht_err err = ht_rpc_check_result(call->exchange->rpc, &result, &why);
    if (err != HT_OK) {
        json_decref(provenance);
        ht_rpc_refuse(call, err, &why);
    } else if (call->id == NULL) {
        json_decref(result);
        json_decref(provenance);
        end_call(call, false, NULL);
    } else {
        json_t *reply = ht_rpc_reply_make(call->id, "result", result);
        if (provenance != NULL && json_object_set_new(reply, "provenance", provenance) != 0) {
            json_decref(reply);
            reply = NULL;
        }
        end_call(call, true, reply);
    }
}

void ht_rpc_finish(struct ht_rpc_call *call, json_t *result) {
    finish(call, result, NULL);
}

void ht_rpc_finish_proven(struct ht_rpc_call *call, json_t *result, json_t *provenance) {
    if (!call->wants_provenance) {
        json_decref(provenance);
        provenance = NULL;
    }
    finish(call, result, provenance);
}

void ht_rpc_finish_unproven(struct ht_rpc_call *call, json_t *result, json_t *provenance) {
    if (provenance != NULL) {
        finish(call, result, provenance);
        return;
    }
    struct ht_why why;
    json_decref(result);
    ht_rpc_refuse(call, ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory"), &why);
}

bool ht_rpc_call_is_awaited(const struct ht_rpc_call *call) {
    return call->exchange != NULL;
}

bool ht_rpc_call_wants_provenance(const struct ht_rpc_call *call) {
    return call->wants_provenance && call->exchange != NULL;
}

const char *ht_rpc_call_origin(const struct ht_rpc_call *call) {
    return call->has_origin ? call->origin : NULL;
}

bool ht_rpc_is_patient(const struct ht_rpc_exchange *x) {
    for (const struct ht_rpc_call *call = x->open; call != NULL; call = call->next) {
        if (call->is_patient) return true;
    }
    return false;
}

void ht_rpc_refuse(struct ht_rpc_call *call, enum ht_err err, const struct ht_why *why) {
    const struct ht_rpc_refusal refusal = {.err = err, .why = why};
    ht_rpc_refuse_with(call, &refusal);
}

void ht_rpc_refuse_with(struct ht_rpc_call *call, const struct ht_rpc_refusal *refusal) {
    if (call->exchange == NULL) {
        json_decref(refusal->data);
        free(call);
        return;
    }
    struct ht_why reason = refusal->why != NULL ? *refusal->why : (struct ht_why){0};
    ht_rpc_tell_broken(refusal->err, &reason);
    if (call->id == NULL) {
        json_decref(refusal->data);
        end_call(call, false, NULL);
        return;
    }
    json_t *reply = ht_rpc_reply_error(call->id, refusal->err, refusal->number, &reason);
    json_t *error = json_object_get(reply, "error");
    int failed = 0;
    if (refusal->message != NULL) {
        failed |= json_object_set_new(error, "message", json_string(refusal->message));
    }
    if (json_is_object(refusal->data)) {
        failed |= json_object_update(json_object_get(error, "data"), refusal->data);
    } else if (refusal->data != NULL) {
        failed |= json_object_set(error, "data", refusal->data);
    }
    json_decref(refusal->data);
    if (failed != 0) {
        json_decref(reply);
        reply = NULL;
    }
    end_call(call, true, reply);
}

/* --- peers ------------------------------------------------------------------------------------ */

struct ht_rpc_peer *ht_rpc_call_peer(const struct ht_rpc_call *call) {
    return call->exchange != NULL ? call->exchange->asker.peer : NULL;
}

void ht_rpc_watch(struct ht_rpc_peer *peer, struct ht_rpc_watch *watch) {
    watch->next = peer->watches;
    peer->watches = watch;
}

void ht_rpc_unwatch(struct ht_rpc_peer *peer, struct ht_rpc_watch *watch) {
    struct ht_rpc_watch **at = &peer->watches;
    while (*at != NULL && *at != watch) at = &(*at)->next;
    if (*at != NULL) *at = watch->next;
}

void ht_rpc_peer_gone(struct ht_rpc_peer *peer) {
    while (peer->watches != NULL) {
        struct ht_rpc_watch *watch = peer->watches;
        peer->watches = watch->next;
        watch->on_gone(watch);
    }
}

enum ht_err ht_rpc_write_notification(struct ht_buf *text, size_t room, size_t bytes_max,
                                      const char *method, json_t *params) {
    json_t *message = ht_rpc_reply_notification(method, params);
    if (message == NULL) return HT_ENOMEM;
    struct ht_buf made;
    ht_buf_init(&made, room + bytes_max);
    enum ht_err err = HT_OK;
    if (room > 0 && ht_buf_reserve(&made, room) == NULL) err = HT_ENOMEM;
    if (err == HT_OK) {
        made.n = room;
        err = ht_json_dump_compact(&made, message);
    }
    json_decref(message);
    if (err == HT_OK) {
        *text = made;
    } else {
        ht_buf_fini(&made);
    }
    return err;
}

enum ht_err ht_rpc_notify(struct ht_rpc_peer *peer, const char *method, json_t *params) {
    if (peer->send == NULL) {
        json_decref(params);
        return HT_EDENIED;
    }
    struct ht_buf text;
    enum ht_err err = ht_rpc_write_notification(&text, peer->room, peer->bytes_max, method, params);
    return err == HT_OK ? peer->send(peer, &text) : err;
}
