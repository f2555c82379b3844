/* Calls that wait for the owner: bound to what they asked for and to the peer that asked. */
#include "identity/wallet/send_call.h"

#include <stdlib.h>

#include "identity/doors/permissions.h"
#include "identity/wallet/explain.h"

struct waiting {
    struct ht_rpc_watch watch;
    struct ht_rpc_peer *peer; /* NULL over HTTP and when it is gone */
    struct ht_identity *identity;
    struct ht_rpc_call *call;
    const char *member;
    struct ht_sign_request *request; /* NULL: none yet, or nothing is signed */
    uint64_t id;                     /* of what is not signed, in the queue; 0: none */
    json_t *(*answer)(const struct ht_identity *identity, const char *origin);
};

void ht_refuse_ethereum(struct ht_rpc_call *call, enum ht_err err, const struct ht_why *why) {
    static const struct {
        const char *code;
        int number;
    } table[] = {
        {"rejected", 4001},
        {"unauthorized", 4100},
        {"revoked", 4100},
        {"vault_locked", 4100},
        {"backup_due", 4100},
        {"watch_only", 4100},
        {"no_such_account", 4100},
        {"no_accounts", 4100},
        {"unsupported", 4200},
        {"blobs_unsupported", 4200},
        {"not_live", 4900},
        {"no_head", 4900},
        {"no_signer", 4200},
        {"unknown_chain", 4902},
        {"permission_waiting", -32002},
        {"nonce_too_low", -32003},
        {"insufficient_funds", -32003},
        {"tx_gas_too_low", -32003},
        {"tx_fee_inconsistent", -32003},
        {"refused", -32003},
    };
    struct ht_rpc_refusal refusal = {.err = err, .why = why};
    for (size_t i = 0; why != NULL && why->code != NULL && i < sizeof table / sizeof *table; i++) {
        if (strcmp(why->code, table[i].code) == 0) refusal.number = table[i].number;
    }
    ht_rpc_refuse_with(call, &refusal);
}

static void free_waiting(struct waiting *waiting) {
    if (waiting->peer != NULL) ht_rpc_unwatch(waiting->peer, &waiting->watch);
    free(waiting);
}

static void refuse(struct waiting *waiting, enum ht_err err, const struct ht_why *why) {
    if (waiting->member == NULL) {
        ht_refuse_ethereum(waiting->call, err, why);
    } else {
        ht_rpc_refuse(waiting->call, err, why);
    }
    free_waiting(waiting);
}

/* The websocket has closed. */
static void on_gone(struct ht_rpc_watch *watch) {
    struct waiting *waiting = (struct waiting *)watch;
    struct ht_why why = {0};
    waiting->peer = NULL;
    if (waiting->request != NULL) ht_sign_abandon(waiting->request);
    if (waiting->id != 0) ht_queue_drop(waiting->identity, waiting->id);
    refuse(waiting, ht_fail(&why, HT_EDENIED, "asker_gone", "whoever asked is gone"), &why);
}

static bool is_awaited(void *user) {
    const struct waiting *waiting = user;
    return ht_rpc_call_is_awaited(waiting->call);
}

static struct waiting *begin(struct ht_identity *identity, struct ht_rpc_call *call,
                             const char *member) {
    struct waiting *waiting = calloc(1, sizeof *waiting);
    if (waiting == NULL) return NULL;
    *waiting = (struct waiting){.watch = {.on_gone = on_gone},
                                .peer = ht_rpc_call_peer(call),
                                .identity = identity,
                                .call = call,
                                .member = member};
    if (waiting->peer != NULL) ht_rpc_watch(waiting->peer, &waiting->watch);
    return waiting;
}

/* --- signatures ------------------------------------------------------------------------------- */

static void on_result(void *user, enum ht_err err, const struct ht_why *why, json_t *result) {
    struct waiting *waiting = user;
    if (err != HT_OK) {
        refuse(waiting, err, why);
        return;
    }
    if (waiting->member != NULL) result = json_pack("{s:o}", waiting->member, result);
    ht_rpc_finish(waiting->call, result);
    free_waiting(waiting);
}

void ht_sign_for_call(struct ht_identity *identity, struct ht_rpc_call *call, const char *member,
                      const struct ht_sign_options *options) {
    struct waiting *waiting = begin(identity, call, member);
    if (waiting == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    struct ht_sign_options wanted = *options;
    wanted.origin = ht_rpc_call_origin(call);
    wanted.done = on_result;
    wanted.is_awaited = is_awaited;
    wanted.user = waiting;
    struct ht_sign_request *request = NULL;
    ht_sign(identity, &request, &wanted);
    if (request != NULL) waiting->request = request;
}

/* --- what is not signed
 * ------------------------------------------------------------------------------ */

/* What was asked for is on disk by now. */
static void on_decided(void *user, enum ht_err err, const struct ht_why *why, ht_bytes chosen) {
    struct waiting *waiting = user;
    (void)chosen;
    waiting->id = 0;
    if (err != HT_OK) {
        refuse(waiting, err, why);
        return;
    }
    const char *origin = ht_rpc_call_origin(waiting->call);
    ht_rpc_finish(waiting->call, waiting->answer(waiting->identity, origin));
    free_waiting(waiting);
}

/* The members of explain.h; what a page calls itself is shown as text that cannot deceive. */
static json_t *explain_permission(const char *origin) {
    bool is_program = *origin == '\0';
    json_t *name = is_program ? json_string("A program on this computer")
                              : ht_explain_safe_text(ht_bytes_str(origin));
    json_t *row = json_pack("{s:s, s:o, s:b}", "label", "Origin", "value", name, "mono", 1);
    json_t *warnings = json_array();
    if (is_program) {
        json_array_append_new(
            warnings, json_pack("{s:s, s:s, s:s}", "level", "warn", "code", "any_program", "text",
                                "Every program on this computer that names no origin shares this "
                                "permission."));
    }
    return json_pack("{s:s, s:s, s:s, s:[], s:[o], s:n, s:o, s:b}", "title",
                     "Show accounts and ask for signatures", "sentence",
                     "It would see the addresses that you choose and may ask you to sign. It can "
                     "sign nothing by itself.",
                     "kind", "permission", "leaves", "rows", row, "tree", "warnings", warnings,
                     "is_red", 0);
}

void ht_ask_owner(struct ht_identity *identity, struct ht_rpc_call *call,
                  const struct ht_queue_request *wanted,
                  json_t *(*answer)(const struct ht_identity *identity, const char *origin)) {
    struct ht_why why = {0};
    struct ht_queue_request request = *wanted;
    struct waiting *waiting = begin(identity, call, NULL);
    if (waiting == NULL || request.explain == NULL || request.raw == NULL) {
        if (waiting != NULL) free_waiting(waiting);
        json_decref(request.explain);
        free(request.raw);
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    waiting->answer = answer;
    request.origin = ht_rpc_call_origin(call);
    request.done = on_decided;
    request.is_awaited = is_awaited;
    request.user = waiting;
    enum ht_err err = ht_queue_add(identity, &waiting->id, &request, &why);
    if (err != HT_OK) refuse(waiting, err, &why);
}

void ht_ask_permission(struct ht_identity *identity, struct ht_rpc_call *call,
                       const ht_addr20 *proposed,
                       json_t *(*answer)(const struct ht_identity *identity, const char *origin)) {
    struct ht_why why = {0};
    const char *origin = ht_rpc_call_origin(call);
    if (ht_queue_has(identity, origin, HT_QUEUE_PERMISSION)) {
        enum ht_err err = ht_fail(&why, HT_EAGAIN, "permission_waiting",
                                  "a request of this origin waits for the owner already");
        ht_refuse_ethereum(call, err, &why);
        return;
    }
    const struct ht_queue_request wanted = {.kind = HT_QUEUE_PERMISSION,
                                            .account = *proposed,
                                            .payload = ht_bytes_str(origin),
                                            .explain = explain_permission(origin),
                                            .raw = strdup(origin)};
    ht_ask_owner(identity, call, &wanted, answer);
}
