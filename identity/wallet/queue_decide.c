/* Decisions about what waits: the owner's word is held against the payload that was shown, then the
 * signer is asked, and what it gives back is verified before anybody gets it. */
#include "identity/wallet/queue_decide.h"

#include <stdlib.h>

#include "identity/audit.h"
#include "identity/doors/permissions.h"
#include "identity/keys/accounts.h"
#include "identity/keys/vault_keeper.h"
#include "identity/wallet/tokens.h"
#include "node/base/hex.h"
#include "node/codec/eip712.h"
#include "node/codec/json.h"
#include "node/crypto/keccak.h"
#include "node/crypto/secp256k1.h"
#include "node/crypto/sha256.h"

/* What wallet.decide was told. */
struct decision {
    uint64_t id;
    ht_hash32 hash;
    bool is_approval;
    const json_t *fees;
    const json_t *accounts;
};

static enum ht_err read_decision(struct decision *out, const json_t *params, struct ht_why *why) {
    *out = (struct decision){0};
    enum ht_err err = ht_json_u64(&out->id, params, "id", why);
    if (err == HT_OK)
        err = ht_json_hex(out->hash.b, sizeof out->hash.b, params, "payload_hash", why);
    if (err == HT_OK) err = ht_json_bool(&out->is_approval, params, "approve", why);
    const json_t *fees = ht_json_member(params, "fees");
    const json_t *accounts = ht_json_member(params, "accounts");
    if (fees != NULL && !json_is_null(fees)) out->fees = fees;
    if (accounts != NULL && !json_is_null(accounts)) out->accounts = accounts;
    if (err == HT_OK && out->accounts != NULL) {
        const json_t *ignored;
        err = ht_json_array(&ignored, params, "accounts", why);
    }
    return err;
}

static const char *title_of(const struct ht_queue_item *item) {
    const char *title = json_string_value(json_object_get(item->request.explain, "title"));
    return title != NULL ? title : "";
}

static void note(const struct ht_queue_item *item, const char *event) {
    const struct ht_queue_request *request = &item->request;
    bool has_account = ht_queue_is_signed(request->kind);
    ht_audit_add(item->identity, event, request->origin, has_account ? &request->account : NULL,
                 title_of(item));
}

/* --- the signature ---------------------------------------------------------------------------- */

enum ht_err ht_queue_check_signature(const struct ht_queue_item *item, ht_bytes signature,
                                     struct ht_why *why) {
    const struct ht_queue_request *request = &item->request;
    ht_hash32 digest = item->hash;
    if (signature.n != 65)
        return ht_fail(why, HT_EUNVERIFIED, "signature_differs", "the signer gave no signature");
    switch (request->kind) {
    case HT_QUEUE_PERMISSION:
    case HT_QUEUE_TOKEN: ht_assert(false); break;
    case HT_QUEUE_TRANSACTION: break;
    case HT_QUEUE_MESSAGE: ht_eip191_digest(&digest, request->payload); break;
    case HT_QUEUE_CREDENTIAL: ht_sha256(&digest, request->payload); break;
    case HT_QUEUE_TYPED: {
        ht_hash32 parts[2];
        ht_assert(request->payload.n == sizeof parts);
        memcpy(parts, request->payload.p, sizeof parts);
        ht_eip712_digest(&digest, &parts[0], &parts[1]);
        break;
    }
    }
    struct ht_ecdsa_signature parsed = {.y_parity = signature.p[64]};
    memcpy(parsed.r, signature.p, 32);
    memcpy(parsed.s, signature.p + 32, 32);
    ht_addr20 signer;
    enum ht_err err = ht_ecdsa_recover_address(&signer, &digest, &parsed, HT_ECDSA_LOW_S, why);
    if (err == HT_OK && memcmp(signer.b, request->account.b, sizeof signer.b) == 0) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "signature_differs",
                   "the signature that came back is not the account's");
}

static json_t *state_json(const char *state) {
    return json_pack("{s:s}", "state", state);
}

static void on_signed(struct ht_signer_call *call) {
    struct ht_queue_item *item =
        (struct ht_queue_item *)((char *)call - offsetof(struct ht_queue_item, call));
    item->is_signing = false;
    if (item->is_over) {
        ht_queue_free_item(item);
        return;
    }
    struct ht_queue_outcome outcome = {
        .end = HT_QUEUE_DECIDED, .err = call->err, .why = &call->why};
    uint8_t signature[65];
    if (outcome.err == HT_OK) {
        ht_bytes field = ht_signer_field(&call->reply, HT_SIGNER_TAG_SIGNATURE);
        outcome.err = ht_queue_check_signature(item, field, &call->why);
        if (outcome.err == HT_OK) memcpy(signature, field.p, sizeof signature);
    }
    struct ht_why why = call->why;
    outcome.why = &why;
    if (outcome.err == HT_OK) {
        outcome.signature = HT_BYTES(signature);
        if (item->decider != NULL) outcome.result = state_json("signed");
        note(item, "signed");
    }
    ht_queue_end_item(item, &outcome);
}

static enum ht_signer_request signer_request(enum ht_queue_kind kind) {
    switch (kind) {
    case HT_QUEUE_TRANSACTION: return HT_SIGNER_SIGN_TX;
    case HT_QUEUE_MESSAGE: return HT_SIGNER_SIGN_TEXT;
    case HT_QUEUE_TYPED: return HT_SIGNER_SIGN_TYPED;
    case HT_QUEUE_CREDENTIAL: return HT_SIGNER_SIGN_JWT;
    case HT_QUEUE_PERMISSION:
    case HT_QUEUE_TOKEN: break;
    }
    ht_assert(false);
    return HT_SIGNER_REQUEST_COUNT;
}

/* On success the call waits for the signer. */
static enum ht_err sign(struct ht_queue_item *item, struct ht_rpc_call *rpc,
                        const struct ht_account_info *account, struct ht_why *why) {
    struct ht_identity *identity = item->identity;
    if (identity->host->signer == NULL)
        return ht_fail(why, HT_EDENIED, "no_signer", "this node runs without a signer");
    const struct ht_signer_field fields[] = {
        {HT_SIGNER_TAG_KEY, ht_bytes_str(account->key)},
        {HT_SIGNER_TAG_DATA, item->request.payload},
    };
    item->call =
        (struct ht_signer_call){.request = signer_request(item->request.kind), .done = on_signed};
    item->is_signing = true;
    item->decider = rpc;
    enum ht_err err = ht_signer_ask(identity->host->signer, &item->call, fields, 2);
    if (err == HT_OK) {
        ht_vault_touch(identity);
        ht_queue_changed(identity);
        return HT_OK;
    }
    item->is_signing = false;
    item->decider = NULL;
    return ht_fail(why, err, "busy", "the signer is busy; try again");
}

/* --- what is decided about -------------------------------------------------------------------- */

static enum ht_err payload_differs(struct ht_why *why) {
    return ht_fail(why, HT_EDENIED, "payload_differs",
                   "the decision is about another payload than the one that waits");
}

/* Brings a transaction up to date with the decision's fees and with the nonces used since.
 * *waits: its payload is another now and must be looked at first. */
static enum ht_err bring_up_to_date(struct ht_queue_item *item, const struct decision *decision,
                                    bool *waits, struct ht_why *why) {
    const struct ht_queue_request *request = &item->request;
    bool is_named = ht_hash32_equal(&decision->hash, &item->hash);
    *waits = false;
    if (request->rebuild == NULL) {
        if (decision->fees != NULL)
            return ht_fail(why, HT_EINPUT, "no_fees", "there are no fees to change");
        return is_named ? HT_OK : payload_differs(why);
    }
    if (decision->fees == NULL && !is_named) return payload_differs(why);
    struct ht_queue_rebuilt rebuilt = {0};
    enum ht_err err = request->rebuild(request->user, &rebuilt, decision->fees, why);
    bool has_changed = err == HT_OK && rebuilt.payload.n > 0;
    ht_hash32 hash = item->hash;
    if (has_changed) ht_keccak256(&hash, ht_buf_view(&rebuilt.payload));
    /* What was amended is signed under the hash that it got then, not under one from before. */
    bool is_new = decision->fees != NULL && ht_hash32_equal(&decision->hash, &hash) &&
                  (is_named || !item->is_amended);
    if (err == HT_OK && !is_named && !is_new) err = payload_differs(why);
    if (err == HT_OK && has_changed && !ht_hash32_equal(&hash, &item->hash)) {
        *waits = !is_new;
        ht_queue_take(item, &rebuilt);
        return HT_OK;
    }
    ht_queue_drop_rebuilt(&rebuilt);
    return err;
}

static void approve_signature(struct ht_queue_item *item, struct ht_rpc_call *call,
                              const struct decision *decision) {
    struct ht_identity *identity = item->identity;
    struct ht_why why = {0};
    const struct ht_account_info *account = ht_accounts_find(identity, &item->request.account);
    enum ht_err err = account != NULL ? ht_account_can_sign(identity, account, &why)
                                      : ht_fail(&why, HT_ENOTFOUND, "no_such_account",
                                                "the account has been removed");
    bool waits = false;
    if (err == HT_OK) err = bring_up_to_date(item, decision, &waits, &why);
    if (err == HT_OK && waits) {
        char hash[HT_HEX_SIZE(32)];
        ht_hex_write(hash, HT_BYTES(item->hash.b));
        ht_queue_changed(identity);
        ht_rpc_finish(call, json_pack("{s:s, s:s}", "state", "waiting", "payload_hash", hash));
        return;
    }
    if (err == HT_OK) err = sign(item, call, account, &why);
    if (err != HT_OK) ht_rpc_refuse(call, err, &why);
}

/* The accounts that an origin is to see: at least one, each of them ours. */
static enum ht_err choose_accounts(ht_addr20 *out, size_t *count, const struct ht_queue_item *item,
                                   const json_t *chosen, struct ht_why *why) {
    *count = chosen != NULL ? json_array_size(chosen) : 1;
    if (*count == 0 || *count > HT_QUEUE_ACCOUNTS_MAX) {
        return ht_fail(why, HT_EINPUT, "bad_accounts", "choose 1 to %u accounts",
                       HT_QUEUE_ACCOUNTS_MAX);
    }
    out[0] = item->request.account;
    for (size_t i = 0; i < *count; i++) {
        if (chosen != NULL) {
            enum ht_err err =
                ht_json_hex(out[i].b, sizeof out[i].b, json_array_get(chosen, i), "", why);
            if (err != HT_OK) return err;
        }
        if (ht_accounts_find(item->identity, &out[i]) == NULL)
            return ht_fail(why, HT_ENOTFOUND, "no_such_account", "there is no such account");
        for (size_t k = 0; k < i; k++) {
            if (memcmp(out[k].b, out[i].b, sizeof out[i].b) != 0) continue;
            return ht_fail(why, HT_EINPUT, "bad_accounts", "an account is there twice");
        }
    }
    return HT_OK;
}

/* Nobody is told that it was granted before it is on disk. */
static void granted(void *user, enum ht_err err, const struct ht_why *why) {
    struct ht_queue_item *item = user;
    item->is_signing = false;
    if (item->is_over) {
        ht_queue_free_item(item);
        return;
    }
    ht_addr20 chosen[HT_QUEUE_ACCOUNTS_MAX]; /* the item ends first */
    memcpy(chosen, item->chosen, sizeof chosen);
    const struct ht_queue_outcome outcome = {
        .end = HT_QUEUE_DECIDED,
        .err = err,
        .why = why,
        .signature = ht_bytes_of(chosen, item->chosen_count * sizeof *chosen),
        .result = err == HT_OK ? state_json("granted") : NULL};
    ht_queue_end_item(item, &outcome);
}

static void approve_permission(struct ht_queue_item *item, struct ht_rpc_call *call,
                               const struct decision *decision) {
    struct ht_why why = {0};
    enum ht_err err =
        choose_accounts(item->chosen, &item->chosen_count, item, decision->accounts, &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    item->decider = call;
    item->is_signing = true;
    const struct ht_permission_change change = {granted, item};
    ht_permission_grant(item->identity, item->request.origin, item->chosen, item->chosen_count,
                        &change);
}

/* --- tokens ----------------------------------------------------------------------------------- */

static void added(void *user, enum ht_err err, const struct ht_why *why, json_t *token) {
    struct ht_queue_item *item = user;
    json_decref(token);
    item->is_signing = false;
    if (err == HT_OK) note(item, "token_added");
    if (item->is_over) {
        ht_queue_free_item(item);
        return;
    }
    const struct ht_queue_outcome outcome = {.end = HT_QUEUE_DECIDED,
                                             .err = err,
                                             .why = why,
                                             .result = err == HT_OK ? state_json("added") : NULL};
    ht_queue_end_item(item, &outcome);
}

static void approve_token(struct ht_queue_item *item, struct ht_rpc_call *call) {
    item->decider = call;
    item->is_signing = true;
    const struct ht_token_told told = {added, item};
    ht_queue_changed(item->identity);
    ht_tokens_add(item->identity, &item->token, &told);
}

static void reject(struct ht_queue_item *item, struct ht_rpc_call *call) {
    struct ht_why why = {0};
    const struct ht_queue_outcome outcome = {
        .end = HT_QUEUE_DECIDED,
        .err = ht_fail(&why, HT_EDENIED, "rejected", "the owner rejected the request"),
        .why = &why};
    note(item, "rejected");
    ht_queue_end_item(item, &outcome);
    ht_rpc_finish(call, state_json("rejected"));
}

static void decide(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_why why = {0};
    struct decision decision;
    struct ht_queue_item *item = NULL;
    enum ht_err err = read_decision(&decision, params, &why);
    if (err == HT_OK) err = ht_queue_find(&item, identity, decision.id, &why);
    bool may_differ = err == HT_OK && decision.is_approval && decision.fees != NULL &&
                      item->request.kind == HT_QUEUE_TRANSACTION;
    if (err == HT_OK && !may_differ && !ht_hash32_equal(&decision.hash, &item->hash))
        err = payload_differs(&why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
    } else if (!decision.is_approval) {
        reject(item, call);
    } else if (item->request.kind == HT_QUEUE_PERMISSION) {
        approve_permission(item, call, &decision);
    } else if (item->request.kind == HT_QUEUE_TOKEN) {
        approve_token(item, call);
    } else {
        approve_signature(item, call, &decision);
    }
}

static const struct ht_rpc_method methods[] = {{.name = "wallet.decide", .start = decide}};
const struct ht_identity_methods ht_queue_methods = {methods, sizeof methods / sizeof *methods};
