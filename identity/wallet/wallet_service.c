/* What other modules ask of the wallet, kept in a list until the owner has decided: so that each is
 * answered once, later, and before the module that asked is gone. */
#include "identity/wallet/wallet_service.h"

#include <stdio.h>
#include <stdlib.h>

#include "identity/keys/accounts.h"
#include "identity/wallet/explain_part.h"
#include "identity/wallet/explain_tx.h"
#include "identity/wallet/send.h"
#include "identity/wallet/send_propose.h"
#include "identity/wallet/tokens.h"
#include "node/base/hex.h"
#include "node/codec/json.h"

#define WALLET_PENDING_MAX 256U

struct pending {
    struct ht_job job; /* first: found from it */
    struct ht_wallet_service *service;
    struct pending *next;
    struct ht_sign_request *request; /* NULL: not begun, or ended */
    bool is_ended;                   /* the answer is on its way */
    bool is_transaction;
    char what[HT_WALLET_WHAT_MAX + 1];
    struct ht_wallet_answer answer;
    ht_wallet_done done;
    void *user;
};

struct ht_wallet_service {
    struct ht_identity *identity;
    struct ht_wallet offered;
    struct pending *first;
    size_t count;
    bool is_quitting;
};

/* --- asking ----------------------------------------------------------------------------------- */

static void unlink_pending(struct pending *asked) {
    struct pending **link = &asked->service->first;
    while (*link != asked) link = &(*link)->next;
    *link = asked->next;
    asked->service->count--;
}

/* On the loop, after whoever asked has returned. */
static void tell(struct ht_job *job) {
    struct pending *asked = (struct pending *)job;
    asked->done(asked->user, &asked->answer);
    free(asked);
}

/* From now on it is the loop's, and nobody else's. */
static void end(struct pending *asked, enum ht_err err, const struct ht_why *why) {
    struct ht_loop *loop = asked->service->identity->host->loop;
    asked->answer.err = err;
    if (why != NULL) asked->answer.why = *why;
    asked->is_ended = true;
    unlink_pending(asked);
    asked->job = (struct ht_job){.run = tell};
    ht_loop_answer(loop, &asked->job);
}

static void on_done(void *user, enum ht_err err, const struct ht_why *reason, json_t *result) {
    struct pending *asked = user;
    struct ht_wallet_answer *answer = &asked->answer;
    struct ht_why why = reason != NULL ? *reason : (struct ht_why){0};
    asked->request = NULL;
    if (err == HT_OK) {
        err = asked->is_transaction
                  ? ht_json_hex(answer->hash.b, sizeof answer->hash.b, result, "", &why)
                  : ht_json_hex(answer->signature, sizeof answer->signature, result, "", &why);
    }
    json_decref(result);
    end(asked, err, &why);
}

static struct pending *new_pending(struct ht_wallet_service *service, const char *what,
                                   ht_wallet_done done, void *user) {
    struct pending *asked = calloc(1, sizeof *asked);
    /* A module cannot be told without memory for it, and it waits for nothing else. */
    ht_assert(asked != NULL);
    (void)snprintf(asked->what, sizeof asked->what, "%s", what != NULL ? what : "");
    asked->service = service;
    asked->done = done;
    asked->user = user;
    asked->next = service->first;
    service->first = asked;
    service->count++;
    return asked;
}

static enum ht_err check_room(const struct ht_wallet_service *service, struct ht_why *why) {
    if (service->is_quitting) return ht_fail(why, HT_EAGAIN, "stopping", "the node stops");
    if (service->count <= WALLET_PENDING_MAX) return HT_OK;
    return ht_fail(why, HT_ELIMIT, "too_many_requests", "%u requests wait already",
                   WALLET_PENDING_MAX);
}

/* params is looked at before this returns. */
static void begin(struct pending *asked, enum ht_sign_kind kind, const ht_addr20 *account,
                  const json_t *params) {
    const struct ht_sign_options options = {.kind = kind,
                                            .origin = NULL,
                                            .params = params,
                                            .account = *account,
                                            .is_own_form = true,
                                            .sends = true,
                                            .what = asked->what,
                                            .done = on_done,
                                            .user = asked};
    struct ht_identity *identity = asked->service->identity;
    struct ht_sign_request *request;
    ht_sign(identity, &request, &options);
    /* When it has ended already, asked may not be touched any more. */
    if (request != NULL) asked->request = request;
}

/* --- the service ------------------------------------------------------------------------------ */

static size_t accounts(void *self, struct ht_wallet_account *out, size_t max) {
    const struct ht_wallet_service *service = self;
    const struct ht_identity *identity = service->identity;
    size_t count = 0;
    for (size_t i = 0; i < ht_accounts_count(identity); i++) {
        const struct ht_account_info *account = ht_accounts_at(identity, i);
        if (account->is_hidden) continue;
        if (count < max) {
            out[count] = (struct ht_wallet_account){.address = account->address,
                                                    .can_sign = account->kind != HT_ACCOUNT_WATCH};
            (void)snprintf(out[count].label, sizeof out[count].label, "%.63s", account->label);
        }
        count++;
    }
    return count;
}

static enum ht_err put_hex(json_t *object, const char *name, ht_bytes bytes) {
    char *text = malloc(HT_HEX_SIZE(bytes.n));
    if (text == NULL) return HT_ENOMEM;
    ht_hex_write(text, bytes);
    int failed = json_object_set_new(object, name, json_string(text));
    free(text);
    return failed == 0 ? HT_OK : HT_ENOMEM;
}

/* As wallet.send takes it. */
static enum ht_err transaction_json(json_t **out, const struct ht_wallet_send *wanted,
                                    struct ht_why *why) {
    char wei[HT_U256_DECIMAL_SIZE];
    if (wanted->data.n > HT_WALLET_DATA_MAX) {
        return ht_fail(why, HT_ELIMIT, "data_too_large", "%zu bytes of data, over %zu",
                       wanted->data.n, HT_WALLET_DATA_MAX);
    }
    (void)ht_u256_to_decimal(wei, &wanted->wei);
    json_t *json = json_pack("{s:s}", "value", wei);
    enum ht_err err = json != NULL ? HT_OK : HT_ENOMEM;
    if (err == HT_OK) err = put_hex(json, "from", HT_BYTES(wanted->from.b));
    if (err == HT_OK && wanted->has_to) err = put_hex(json, "to", HT_BYTES(wanted->to.b));
    if (err == HT_OK) err = put_hex(json, "data", wanted->data);
    if (err == HT_OK && wanted->gas != 0 &&
        json_object_set_new(json, "gas", json_integer((json_int_t)wanted->gas)) != 0)
        err = HT_ENOMEM;
    if (err != HT_OK) {
        json_decref(json);
        return ht_fail(why, err, "no_memory", "out of memory");
    }
    *out = json;
    return HT_OK;
}

static void send_for(void *self, const struct ht_wallet_send *wanted, ht_wallet_done done,
                     void *user) {
    struct ht_wallet_service *service = self;
    struct ht_why why = {0};
    json_t *params = NULL;
    struct pending *asked = new_pending(service, wanted->what, done, user);
    asked->is_transaction = true;
    enum ht_err err = check_room(service, &why);
    if (err == HT_OK) err = transaction_json(&params, wanted, &why);
    if (err != HT_OK) {
        end(asked, err, &why);
        return;
    }
    begin(asked, HT_SIGN_TRANSACTION, &wanted->from, params);
    json_decref(params);
}

static void sign_typed(void *self, const ht_addr20 *account, const json_t *document,
                       const char *what, ht_wallet_done done, void *user) {
    struct ht_wallet_service *service = self;
    struct ht_why why = {0};
    struct pending *asked = new_pending(service, what, done, user);
    enum ht_err err = check_room(service, &why);
    if (err != HT_OK) {
        end(asked, err, &why);
    } else {
        begin(asked, HT_SIGN_TYPED, account, document);
    }
}

static json_t *explain(void *self, const ht_addr20 *from, const ht_addr20 *to, const ht_u256 *wei,
                       ht_bytes data) {
    const struct ht_wallet_service *service = self;
    const struct ht_identity *identity = service->identity;
    const struct ht_transaction tx = {
        .type = HT_TX_FEE_MARKET, .to = *to, .value = *wei, .data = data};
    struct ht_explain_context context;
    struct ht_explanation explanation;
    json_t *json = NULL;
    ht_send_context(&context, identity, NULL, from);
    const struct ht_token_info *token = ht_tokens_find(identity, to);
    context.token_symbol = token != NULL ? token->symbol : NULL;
    context.token_decimals = token != NULL ? token->decimals : 0;
    ht_explanation_init(&explanation);
    enum ht_err err = ht_explain_action(&explanation, &context, &tx, NULL);
    if (err == HT_OK) err = ht_explanation_take(&json, &explanation, NULL);
    ht_explanation_fini(&explanation);
    return err == HT_OK ? json : NULL;
}

/* --- begin and end ---------------------------------------------------------------------------- */

enum ht_err ht_wallet_service_new(struct ht_identity *identity, struct ht_why *why) {
    struct ht_wallet_service *service = calloc(1, sizeof *service);
    if (service == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    service->identity = identity;
    service->offered = (struct ht_wallet){.accounts = accounts,
                                          .send = send_for,
                                          .sign_typed = sign_typed,
                                          .explain = explain,
                                          .self = service};
    identity->wallet_service = service;
    const struct ht_host *host = identity->host;
    if (host->offer_wallet != NULL) host->offer_wallet(host, &service->offered);
    return HT_OK;
}

void ht_wallet_service_quit(struct ht_identity *identity) {
    struct ht_wallet_service *service = identity->wallet_service;
    if (service == NULL || service->is_quitting) return;
    service->is_quitting = true;
    while (service->first != NULL) {
        struct pending *asked = service->first;
        struct ht_why why = {0};
        enum ht_err err = ht_fail(&why, HT_EAGAIN, "stopping", "the node stops");
        if (asked->request != NULL) ht_sign_abandon(asked->request);
        asked->request = NULL;
        end(asked, err, &why);
    }
}

void ht_wallet_service_free(struct ht_identity *identity) {
    struct ht_wallet_service *service = identity->wallet_service;
    if (service == NULL) return;
    const struct ht_host *host = identity->host;
    ht_wallet_service_quit(identity);
    if (host->offer_wallet != NULL) host->offer_wallet(host, NULL);
    identity->wallet_service = NULL;
    free(service);
}
