/* Requests for signatures on their way: prove what is needed, explain, queue, and after the owner's
 * word finish and send. What a transaction is to be is send_propose.c's, who asks send_call.c's. */
#include "identity/wallet/send.h"

#include <stdlib.h>

#include "identity/doors/permissions.h"
#include "identity/keys/accounts.h"
#include "identity/wallet/explain_credential.h"
#include "identity/wallet/queue.h"
#include "identity/wallet/send_amend.h"
#include "identity/wallet/send_propose.h"
#include "identity/wallet/tokens.h"
#include "node/codec/eip712.h"
#include "node/codec/json.h"

#define ARENA_MAX ((size_t)4 << 20)

struct ht_sign_request {
    struct ht_identity *identity;
    struct ht_sign_options options; /* origin is owned; params and message are used at once */
    char *origin, *what;
    struct ht_sign_request **alive; /* while ht_sign runs: set to NULL when it ends */
    enum { GATHERING, WAITING, SENDING } stage;
    bool is_abandoned;
    uint64_t id; /* in the queue */
    struct ht_draft draft;
    struct ht_transaction tried; /* what the queue was offered last in place of the draft's */
    struct ht_gather gather;
    json_t *document; /* of typed data, with what its explanation goes by */
    struct ht_state_read contract;
    struct ht_explain_context context;
    struct ht_buf raw; /* signed */
    struct ht_send send;
};

static void free_request(struct ht_sign_request *request) {
    ht_draft_fini(&request->draft);
    ht_buf_fini(&request->raw);
    json_decref(request->document);
    free(request->origin);
    free(request->what);
    free(request);
}

/* result is taken over. */
static void end(struct ht_sign_request *request, enum ht_err err, const struct ht_why *why,
                json_t *result) {
    const struct ht_sign_options options = request->options;
    bool is_abandoned = request->is_abandoned;
    struct ht_why copy = why != NULL ? *why : (struct ht_why){0};
    if (request->alive != NULL) *request->alive = NULL;
    free_request(request);
    if (is_abandoned) {
        json_decref(result);
    } else {
        options.done(options.user, err, &copy, result);
    }
}

static void end_with_hex(struct ht_sign_request *request, ht_bytes bytes) {
    struct ht_why why = {0};
    char *text = ht_send_hex(bytes);
    json_t *result = text != NULL ? json_string(text) : NULL;
    free(text);
    enum ht_err err = HT_OK;
    if (result == NULL) err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    end(request, err, &why, result);
}

static bool is_awaited(void *user) {
    const struct ht_sign_request *request = user;
    const struct ht_sign_options *options = &request->options;
    return options->is_awaited == NULL || options->is_awaited(options->user);
}

/* --- messages and documents ------------------------------------------------------------------- */

/* r, s and v as wallets have it: 27 or 28. */
static void on_signature(void *user, enum ht_err err, const struct ht_why *why,
                         ht_bytes signature) {
    struct ht_sign_request *request = user;
    if (err != HT_OK) {
        end(request, err, why, NULL);
        return;
    }
    uint8_t bytes[65];
    memcpy(bytes, signature.p, sizeof bytes);
    bytes[64] = (uint8_t)(bytes[64] + 27);
    end_with_hex(request, HT_BYTES(bytes));
}

/* Proving takes a while, in which it may have been taken back. */
static enum ht_err check_permission(const struct ht_sign_request *request, struct ht_why *why) {
    const char *origin = request->origin;
    const ht_addr20 *account = &request->options.account;
    if (origin == NULL || ht_permission_has_account(request->identity, origin, account))
        return HT_OK;
    return ht_fail(why, HT_EDENIED, "revoked", "the origin has no permission for the account");
}

/* What it is for stands first. */
static enum ht_err add_what(const struct ht_sign_request *request, json_t *explain,
                            struct ht_why *why) {
    if (request->what == NULL || explain == NULL) return HT_OK;
    json_t *row = json_pack("{s:s, s:o, s:b}", "label", "For", "value",
                            ht_explain_safe_text(ht_bytes_str(request->what)), "mono", 0);
    if (json_array_insert_new(json_object_get(explain, "rows"), 0, row) == 0) return HT_OK;
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* Takes explain and raw over. */
static void enqueue(struct ht_sign_request *request, struct ht_queue_request *wanted,
                    enum ht_err err, struct ht_why *why) {
    wanted->origin = request->origin;
    wanted->account = request->options.account;
    wanted->is_awaited = is_awaited;
    wanted->user = request;
    if (err == HT_OK && wanted->raw == NULL)
        err = ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    if (err == HT_OK) err = check_permission(request, why);
    if (err == HT_OK) err = add_what(request, wanted->explain, why);
    if (err != HT_OK) {
        json_decref(wanted->explain);
        free(wanted->raw);
    } else {
        err = ht_queue_add(request->identity, &request->id, wanted, why);
    }
    if (err != HT_OK) end(request, err, why, NULL);
}

static void start_message(struct ht_sign_request *request) {
    const struct ht_identity *identity = request->identity;
    struct ht_why why = {0};
    struct ht_explain_context context;
    ht_send_context(&context, identity, request->origin, &request->options.account);
    ht_bytes message = request->options.message;
    struct ht_queue_request wanted = {
        .kind = HT_QUEUE_MESSAGE, .payload = message, .done = on_signature};
    enum ht_err err = ht_explain_message(&wanted.explain, &context, message,
                                         ht_wall_ms(identity->host->clock), &why);
    if (err == HT_OK) wanted.raw = ht_send_hex(message);
    request->stage = WAITING;
    enqueue(request, &wanted, err, &why);
}

static void start_credential(struct ht_sign_request *request) {
    struct ht_why why = {0};
    ht_bytes part = request->options.message;
    struct ht_queue_request wanted = {
        .kind = HT_QUEUE_CREDENTIAL, .payload = part, .done = on_signature};
    enum ht_err err = ht_explain_credential(&wanted.explain, &wanted.raw, part,
                                            ht_wall_ms(request->identity->host->clock), &why);
    request->stage = WAITING;
    enqueue(request, &wanted, err, &why);
}

/* A document for another chain would be worth nothing here, and much there. */
static enum ht_err check_chain(const struct ht_sign_request *request, const struct ht_eip712 *typed,
                               struct ht_why *why) {
    ht_u256 ours = ht_u256_of(request->identity->host->network->chain_id);
    if (!typed->has_chain_id || ht_u256_equal(&typed->chain_id, &ours)) return HT_OK;
    char named[HT_U256_DECIMAL_SIZE];
    (void)ht_u256_to_decimal(named, &typed->chain_id);
    return ht_fail(why, HT_EINPUT, "wrong_chain",
                   "the document is for chain %s, and this is chain %llu", named,
                   (unsigned long long)ours.limb[0]);
}

/* With what is proven about the contract that would take the signature, if anything is. */
static void finish_typed(struct ht_sign_request *request) {
    struct ht_why why = {0};
    struct ht_arena arena;
    ht_arena_init(&arena, ARENA_MAX);
    const json_t *document = request->document;
    struct ht_eip712 typed;
    ht_hash32 parts[2];
    struct ht_queue_request wanted = {
        .kind = HT_QUEUE_TYPED, .payload = ht_bytes_of(parts, sizeof parts), .done = on_signature};
    enum ht_err err = ht_eip712_read(&typed, &arena, document, &why);
    if (err == HT_OK) err = check_chain(request, &typed, &why);
    if (err == HT_OK) err = ht_eip712_domain_separator(&parts[0], &typed, &why);
    if (err == HT_OK) err = ht_eip712_struct_hash(&parts[1], &typed, &why);
    if (err == HT_OK) err = ht_explain_typed(&wanted.explain, &request->context, document, &why);
    if (err == HT_OK) wanted.raw = json_dumps(document, JSON_COMPACT);
    ht_arena_fini(&arena);
    request->stage = WAITING;
    enqueue(request, &wanted, err, &why);
}

static void on_contract(struct ht_state_read *read) {
    struct ht_sign_request *request =
        (struct ht_sign_request *)((char *)read - offsetof(struct ht_sign_request, contract));
    struct ht_explain_context *context = &request->context;
    if (read->err == HT_OK) {
        const struct ht_token_info *token = ht_tokens_find(request->identity, &read->address);
        context->has_recipient = true;
        context->recipient_exists = read->exists;
        context->recipient_has_code =
            read->exists && !ht_hash32_equal(&read->account.code_hash, &ht_account_empty_code_hash);
        context->recipient_is_ours = ht_accounts_find(request->identity, &read->address) != NULL;
        context->token_symbol = token != NULL ? token->symbol : NULL;
        context->token_decimals = token != NULL ? token->decimals : 0;
    }
    ht_state_read_fini(read);
    if (request->is_abandoned) {
        end(request, HT_OK, NULL, NULL);
    } else {
        finish_typed(request);
    }
}

/* A node that is behind proves nothing about the contract; what is signed does not depend on it. */
static void start_typed(struct ht_sign_request *request) {
    struct ht_why why = {0};
    const struct ht_host *host = request->identity->host;
    ht_send_context(&request->context, request->identity, request->origin,
                    &request->options.account);
    request->document = json_deep_copy(request->options.params);
    struct ht_arena arena;
    ht_arena_init(&arena, ARENA_MAX);
    struct ht_eip712 typed = {0};
    enum ht_err err = request->document == NULL
                          ? ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory")
                          : ht_eip712_read(&typed, &arena, request->document, &why);
    bool has_contract = typed.has_verifying_contract;
    const ht_addr20 contract = typed.verifying_contract;
    ht_arena_fini(&arena);
    if (err != HT_OK) {
        end(request, err, &why, NULL);
    } else if (!has_contract || ht_sync_state(host->sync, NULL) != HT_SYNC_LIVE) {
        finish_typed(request);
    } else {
        request->contract = (struct ht_state_read){
            .block = {.kind = HT_BLOCK_LATEST}, .address = contract, .done = on_contract};
        ht_state_read(host->state, &request->contract);
    }
}

/* --- transactions: after the owner's word ----------------------------------------------------- */

static void on_sent(struct ht_send *send) {
    struct ht_sign_request *request =
        (struct ht_sign_request *)((char *)send - offsetof(struct ht_sign_request, send));
    if (send->err == HT_OK) {
        end_with_hex(request, HT_BYTES(send->hash.b));
    } else {
        end(request, send->err, &send->why, NULL);
    }
}

/* The whole transaction must be one of the account's, not only the bytes that were signed. */
static enum ht_err put_signature(struct ht_sign_request *request, ht_bytes signature,
                                 struct ht_why *why) {
    struct ht_transaction *tx = &request->draft.tx;
    tx->r = ht_u256_from_be32(signature.p);
    tx->s = ht_u256_from_be32(signature.p + 32);
    tx->y_parity = signature.p[64];
    tx->is_signed = true;
    ht_addr20 sender;
    enum ht_err err = ht_tx_sender(&sender, tx, HT_ECDSA_LOW_S, why);
    if (err == HT_OK && memcmp(sender.b, request->options.account.b, sizeof sender.b) != 0)
        err = ht_fail(why, HT_EUNVERIFIED, "signature_differs", "it is not the account's");
    if (err == HT_OK) err = ht_tx_encode(&request->raw, tx);
    return err;
}

static void on_transaction_signed(void *user, enum ht_err err, const struct ht_why *reason,
                                  ht_bytes signature) {
    struct ht_sign_request *request = user;
    struct ht_why why = *reason;
    request->stage = SENDING;
    if (err == HT_OK) err = put_signature(request, signature, &why);
    if (err != HT_OK) {
        end(request, err, &why, NULL);
    } else if (!request->options.sends) {
        end_with_hex(request, ht_buf_view(&request->raw));
    } else {
        request->send = (struct ht_send){.raw = ht_buf_view(&request->raw), .done = on_sent};
        ht_outbox_send(request->identity->host->outbox, &request->send);
    }
}

/* --- transactions: before --------------------------------------------------------------------- */

static bool is_same(const struct ht_transaction *a, const struct ht_transaction *b) {
    return a->nonce == b->nonce && ht_u256_equal(&a->gas_price, &b->gas_price) &&
           ht_u256_equal(&a->max_fee_per_gas, &b->max_fee_per_gas) &&
           ht_u256_equal(&a->max_priority_fee_per_gas, &b->max_priority_fee_per_gas);
}

static enum ht_err set_new_fees(struct ht_sign_request *request, const json_t *fees,
                                struct ht_why *why) {
    struct ht_draft_fees wanted;
    const struct ht_gather *gather = &request->gather;
    enum ht_err err = ht_draft_read_fees(&wanted, fees, HT_DRAFT_OWN, why);
    if (err == HT_OK)
        err = ht_draft_set_fees(&request->tried, &wanted, &gather->base_fee, &gather->tip, why);
    return err == HT_OK ? ht_send_check_cost(&request->tried, gather, why) : err;
}

/* What is tried, as the queue wants it. */
static enum ht_err offer_tried(const struct ht_sign_request *request, struct ht_queue_rebuilt *out,
                               const struct ht_gather *gather, struct ht_why *why) {
    ht_buf_init(&out->payload, HT_QUEUE_PAYLOAD_MAX);
    enum ht_err err = ht_send_explain(&out->payload, &out->explain, &request->tried, gather,
                                      request->origin, why);
    if (err == HT_OK) err = add_what(request, out->explain, why);
    if (err != HT_OK) return err;
    out->raw = ht_send_hex(ht_buf_view(&out->payload));
    return out->raw != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* The queue's rebuild: another of this account may have taken the nonce in the meantime. */
static enum ht_err rebuild(void *user, struct ht_queue_rebuilt *out, const json_t *fees,
                           struct ht_why *why) {
    struct ht_sign_request *request = user;
    const struct ht_gather *gather = &request->gather;
    struct ht_transaction *tried = &request->tried;
    *tried = request->draft.tx;
    enum ht_err err = HT_OK;
    if (!request->draft.has_nonce) {
        err =
            ht_send_next_nonce(&tried->nonce, request->identity, &gather->from, gather->nonce, why);
    }
    if (err == HT_OK && fees != NULL) err = set_new_fees(request, fees, why);
    if (err != HT_OK || is_same(tried, &request->draft.tx)) return err;
    return offer_tried(request, out, gather, why);
}

/* The queue's amend: all of it by what has been proven just now. */
static enum ht_err amend(void *user, struct ht_queue_rebuilt *out,
                         const struct ht_amendment *wanted, struct ht_why *why) {
    struct ht_sign_request *request = user;
    const struct ht_gather *gather = wanted->gather;
    struct ht_transaction *tried = &request->tried;
    *tried = request->draft.tx;
    enum ht_err err = ht_send_set_nonce(tried, request->draft.has_nonce, gather, why);
    if (err == HT_OK) err = ht_amendment_apply(tried, wanted, why);
    if (err == HT_OK) err = ht_send_check_cost(tried, gather, why);
    if (err == HT_OK) err = offer_tried(request, out, gather, why);
    if (err == HT_OK) ht_gather_renew(&request->gather, gather);
    return err;
}

static void took(void *user) {
    struct ht_sign_request *request = user;
    request->draft.tx = request->tried;
}

static void on_gathered(struct ht_gather *gather) {
    struct ht_sign_request *request =
        (struct ht_sign_request *)((char *)gather - offsetof(struct ht_sign_request, gather));
    struct ht_why why = gather->why;
    enum ht_err err = gather->err;
    request->stage = WAITING;
    if (request->is_abandoned) {
        end(request, HT_OK, NULL, NULL);
        return;
    }
    struct ht_buf payload;
    ht_buf_init(&payload, HT_QUEUE_PAYLOAD_MAX);
    struct ht_queue_request wanted = {.kind = HT_QUEUE_TRANSACTION,
                                      .done = on_transaction_signed,
                                      .rebuild = rebuild,
                                      .took = took,
                                      .amend = amend};
    if (err == HT_OK) err = ht_send_complete(&request->draft, gather, &why);
    if (err == HT_OK) {
        err = ht_send_explain(&payload, &wanted.explain, &request->draft.tx, gather,
                              request->origin, &why);
    }
    if (err == HT_OK) wanted.raw = ht_send_hex(ht_buf_view(&payload));
    wanted.payload = ht_buf_view(&payload);
    enqueue(request, &wanted, err, &why);
    ht_buf_fini(&payload);
}

static enum ht_err check_from(const json_t *params, const ht_addr20 *account, struct ht_why *why) {
    const json_t *from = ht_json_member(params, "from");
    if (from == NULL || json_is_null(from)) return HT_OK;
    ht_addr20 named;
    enum ht_err err = ht_json_hex(named.b, sizeof named.b, params, "from", why);
    if (err != HT_OK || memcmp(named.b, account->b, sizeof named.b) == 0) return err;
    return ht_fail(why, HT_EINPUT, "from_differs", "the transaction names another sender");
}

static void start_transaction(struct ht_sign_request *request) {
    struct ht_why why = {0};
    const struct ht_sign_options *options = &request->options;
    struct ht_gather *gather = &request->gather;
    enum ht_draft_form form = options->is_own_form ? HT_DRAFT_OWN : HT_DRAFT_ETHEREUM;
    enum ht_err err = check_from(options->params, &options->account, &why);
    if (err == HT_OK) {
        err = ht_draft_read(&request->draft, options->params, form,
                            request->identity->host->network->chain_id, &why);
    }
    if (err != HT_OK) {
        end(request, err, &why, NULL);
        return;
    }
    gather->identity = request->identity;
    gather->from = options->account;
    gather->has_to = !request->draft.tx.is_creation;
    gather->to = request->draft.tx.to;
    gather->done = on_gathered;
    ht_gather(gather);
}

/* --- the door --------------------------------------------------------------------------------- */

/* A locked vault can be opened while it waits; what can never be signed is refused at once. */
static enum ht_err check_account(const struct ht_identity *identity, const ht_addr20 *address,
                                 struct ht_why *why) {
    const struct ht_account_info *account = ht_accounts_find(identity, address);
    if (account == NULL)
        return ht_fail(why, HT_ENOTFOUND, "no_such_account", "the wallet has no such account");
    enum ht_err err = ht_account_can_sign(identity, account, why);
    bool is_locked =
        err == HT_EDENIED && why->code != NULL && strcmp(why->code, "vault_locked") == 0;
    return is_locked ? HT_OK : err;
}

static struct ht_sign_request *new_request(struct ht_identity *identity,
                                           const struct ht_sign_options *options) {
    struct ht_sign_request *request = calloc(1, sizeof *request);
    if (request == NULL) return NULL;
    request->identity = identity;
    request->options = *options;
    request->origin = options->origin != NULL ? strdup(options->origin) : NULL;
    request->what = options->what != NULL ? strdup(options->what) : NULL;
    ht_buf_init(&request->raw, HT_QUEUE_PAYLOAD_MAX + 256);
    bool is_copied = (request->origin != NULL) == (options->origin != NULL) &&
                     (request->what != NULL) == (options->what != NULL);
    if (is_copied) return request;
    free_request(request);
    return NULL;
}

void ht_sign(struct ht_identity *identity, struct ht_sign_request **out,
             const struct ht_sign_options *options) {
    struct ht_why why = {0};
    *out = NULL;
    enum ht_err err = check_account(identity, &options->account, &why);
    struct ht_sign_request *request = err == HT_OK ? new_request(identity, options) : NULL;
    if (err == HT_OK && request == NULL)
        err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    if (err != HT_OK) {
        options->done(options->user, err, &why, NULL);
        return;
    }
    struct ht_sign_request *alive = request;
    request->alive = &alive;
    switch (options->kind) {
    case HT_SIGN_TRANSACTION: start_transaction(request); break;
    case HT_SIGN_MESSAGE: start_message(request); break;
    case HT_SIGN_TYPED: start_typed(request); break;
    case HT_SIGN_CREDENTIAL: start_credential(request); break;
    }
    if (alive == NULL) return;
    request->alive = NULL;
    request->options.params = NULL;
    request->options.message = (ht_bytes){0};
    *out = request;
}

void ht_sign_abandon(struct ht_sign_request *request) {
    request->is_abandoned = true;
    if (request->stage != WAITING) return;
    ht_queue_drop(request->identity, request->id);
    free_request(request);
}
