/* Resolving for people, and changes of identities: calldata, the proven owner, the queue. */
#include "identity/did/didself_act.h"

#include <stdlib.h>

#include "identity/did/did_ethr_calls.h"
#include "identity/did/did_resolve.h"
#include "identity/did/didself_impl.h"
#include "identity/wallet/contract_call.h"
#include "identity/wallet/slots.h"
#include "node/base/hex.h"

#define A_YEAR_S (365U * 24 * 3600)

/* --- did.resolve ------------------------------------------------------------------------------ */

struct resolving {
    struct ht_did_resolve resolve; /* first */
    struct ht_rpc_call *call;
};

static void on_resolved(struct ht_did_resolve *resolve) {
    struct resolving *resolving = (struct resolving *)resolve;
    if (resolve->result == NULL) {
        ht_rpc_refuse(resolving->call, resolve->err, &resolve->why);
    } else {
        json_t *history = resolve->history != NULL ? json_incref(resolve->history) : json_null();
        (void)json_object_set_new(resolve->result, "history", history);
        ht_rpc_finish(resolving->call, json_incref(resolve->result));
    }
    ht_did_resolve_fini(resolve);
    free(resolving);
}

void ht_did_call_resolve(void *self, struct ht_rpc_call *call, const json_t *params) {
    const struct ht_identity *identity = self;
    struct ht_why why = {0};
    ht_bytes text, rest;
    struct resolving *resolving = calloc(1, sizeof *resolving);
    if (resolving == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    struct ht_did_resolve *resolve = &resolving->resolve;
    enum ht_err err = ht_json_str(&text, params, "did", &why);
    if (err == HT_OK) err = ht_did_read(&resolve->did, &rest, text, &why);
    if (err == HT_OK) err = ht_did_version_read(&resolve->version, rest, &why);
    if (err != HT_OK) {
        free(resolving);
        ht_rpc_refuse(call, err, &why);
        return;
    }
    resolving->call = call;
    resolve->host = identity->host;
    resolve->block.kind = HT_BLOCK_LATEST;
    resolve->wants_history = true;
    resolve->done = on_resolved;
    ht_did_resolve(resolve);
}

/* --- changes ---------------------------------------------------------------------------------- */

struct act {
    struct ht_slots_read read; /* first */
    struct ht_identity *identity;
    struct ht_rpc_call *call;
    struct ht_did_registry registry;
    ht_addr20 address;
    ht_hash32 slot;
    struct ht_buf data;
    bool is_signed;
};

static bool has(const json_t *params, const char *key) {
    const json_t *value = ht_json_member(params, key);
    return value != NULL && !json_is_null(value);
}

static void end(struct act *act) {
    ht_slots_read_fini(&act->read);
    ht_buf_fini(&act->data);
    free(act);
}

static void on_owner(struct ht_slots_read *read) {
    struct act *act = (struct act *)read;
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    static const uint8_t zero[20];
    ht_addr20 owner = act->address;
    bool is_rotated = false;
    if (err == HT_OK && memcmp(read->values[0] + 12, zero, sizeof zero) != 0) {
        memcpy(owner.b, read->values[0] + 12, sizeof owner.b);
        is_rotated = memcmp(owner.b, act->address.b, sizeof owner.b) != 0;
    }
    if (err == HT_OK && act->is_signed && act->registry.is_legacy && is_rotated) {
        err = ht_fail(&why, HT_EDENIED, "legacy_replay",
                      "this registry would take such a signature again and again");
    } else if (err == HT_OK && act->is_signed) {
        err = ht_fail(&why, HT_EDENIED, "signed_unsupported",
                      "changes are sent by their owner; none is signed for others to send");
    } else if (err == HT_OK && ht_accounts_find(act->identity, &owner) == NULL) {
        err = ht_fail(&why, HT_EDENIED, "not_owner", "no account of this wallet owns the identity");
    }
    if (err != HT_OK) {
        ht_rpc_refuse(act->call, err, &why);
    } else {
        ht_contract_call(act->identity, act->call, &owner, &act->registry.address,
                         ht_buf_view(&act->data), NULL);
    }
    end(act);
}

enum ht_err ht_did_param(ht_addr20 *out, const struct ht_identity *identity, const json_t *params,
                         struct ht_why *why) {
    struct ht_did did;
    ht_bytes text;
    enum ht_err err = ht_json_str(&text, params, "did", why);
    if (err == HT_OK) err = ht_did_read(&did, NULL, text, why);
    if (err != HT_OK) return err;
    if (did.method != HT_DID_ETHR)
        return ht_fail(why, HT_EINPUT, "did_not_ethr", "only did:ethr can be changed");
    if (did.chain_id != identity->host->network->chain_id)
        return ht_fail(why, HT_ENOTFOUND, "did_network", "the DID is of another chain");
    *out = did.address;
    return HT_OK;
}

/* NULL: the call is ended. */
static struct act *begin(struct ht_identity *identity, struct ht_rpc_call *call,
                         const json_t *params, struct ht_why *why, enum ht_err *err) {
    struct act *act = calloc(1, sizeof *act);
    if (act == NULL) {
        *err = ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
        return NULL;
    }
    act->identity = identity;
    act->call = call;
    ht_buf_init(&act->data, HT_CONTRACT_DATA_MAX);
    *err = ht_contracts_did(&act->registry, identity->host->network, why);
    if (*err == HT_OK) *err = ht_did_param(&act->address, identity, params, why);
    if (*err == HT_OK && has(params, "signed"))
        *err = ht_json_bool(&act->is_signed, params, "signed", why);
    return act;
}

/* Ends the call with an error, or goes on to the owner. */
static void go_on(struct act *act, struct ht_rpc_call *call, enum ht_err err,
                  const struct ht_why *why) {
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, why);
        if (act != NULL) end(act);
        return;
    }
    ht_did_owner_slot(&act->slot, &act->address);
    act->read = (struct ht_slots_read){.block = {.kind = HT_BLOCK_LATEST},
                                       .address = act->registry.address,
                                       .slots = &act->slot,
                                       .count = 1,
                                       .done = on_owner};
    ht_slots_read(act->identity->host->state, &act->read);
}

static enum ht_err check_owner(const ht_addr20 *owner, const json_t *params, struct ht_why *why) {
    static const ht_addr20 zero;
    bool deactivates = false;
    enum ht_err err = HT_OK;
    if (has(params, "deactivates")) err = ht_json_bool(&deactivates, params, "deactivates", why);
    bool is_zero = memcmp(owner->b, zero.b, sizeof zero.b) == 0;
    if (err != HT_OK || is_zero == deactivates) return err;
    return ht_fail(
        why, HT_EINPUT, "did_owner_zero",
        "an owner of zero ends the identity for good: \"deactivates\" says that it is meant");
}

void ht_did_call_rotate(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    enum ht_err err;
    ht_addr20 owner;
    struct act *act = begin(self, call, params, &why, &err);
    if (err == HT_OK) err = ht_json_hex(owner.b, sizeof owner.b, params, "owner", &why);
    if (err == HT_OK) err = check_owner(&owner, params, &why);
    if (err == HT_OK) {
        err = ht_did_call_change_owner(&act->data, &act->address, &owner);
        if (err != HT_OK) (void)ht_fail(&why, err, "no_memory", "out of memory");
    }
    go_on(act, call, err, &why);
}

struct change_options {
    bool revokes;
    uint64_t validity_s;
};

static enum ht_err read_change(struct change_options *out, const json_t *params,
                               struct ht_why *why) {
    *out = (struct change_options){.validity_s = A_YEAR_S};
    enum ht_err err = HT_OK;
    if (has(params, "revoke")) err = ht_json_bool(&out->revokes, params, "revoke", why);
    if (err == HT_OK && has(params, "validity_s"))
        err = ht_json_u64(&out->validity_s, params, "validity_s", why);
    return err;
}

static enum ht_err bad_call(enum ht_err err, struct ht_why *why) {
    if (err == HT_OK) return HT_OK;
    return ht_fail(why, err, err == HT_ENOMEM ? "no_memory" : "did_value",
                   "a name has 1 to 32 bytes, a value at most %u", HT_DID_VALUE_MAX);
}

void ht_did_call_delegate(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    enum ht_err err;
    ht_addr20 delegate;
    const char *type = "";
    struct change_options options;
    struct act *act = begin(self, call, params, &why, &err);
    if (err == HT_OK) err = ht_json_hex(delegate.b, sizeof delegate.b, params, "delegate", &why);
    if (err == HT_OK) err = ht_json_text(&type, params, "type", &why);
    if (err == HT_OK) err = read_change(&options, params, &why);
    if (err == HT_OK && strcmp(type, "veriKey") != 0 && strcmp(type, "sigAuth") != 0)
        err = ht_fail(&why, HT_EINPUT, "did_type", "type is veriKey or sigAuth");
    if (err == HT_OK && options.revokes) {
        err =
            bad_call(ht_did_call_revoke_delegate(&act->data, &act->address, type, &delegate), &why);
    } else if (err == HT_OK) {
        err = bad_call(ht_did_call_add_delegate(&act->data, &act->address, type, &delegate,
                                                options.validity_s),
                       &why);
    }
    go_on(act, call, err, &why);
}

static enum ht_err read_value(struct ht_buf *out, const json_t *params, struct ht_why *why) {
    ht_bytes text;
    enum ht_err err = ht_json_str(&text, params, "value", why);
    if (err != HT_OK) return err;
    bool is_hex = text.n >= 2 && text.p[0] == '0' && text.p[1] == 'x';
    err = is_hex ? ht_hex_read_buf(out, text) : ht_buf_add(out, text);
    if (err == HT_OK) return HT_OK;
    return ht_fail(why, err, "did_value", "a value is text or hex, at most %u bytes",
                   HT_DID_VALUE_MAX);
}

void ht_did_call_attribute(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    enum ht_err err;
    const char *name = "";
    struct change_options options;
    struct ht_buf value;
    ht_buf_init(&value, HT_DID_VALUE_MAX);
    struct act *act = begin(self, call, params, &why, &err);
    if (err == HT_OK) err = ht_json_text(&name, params, "name", &why);
    if (err == HT_OK) err = read_value(&value, params, &why);
    if (err == HT_OK) err = read_change(&options, params, &why);
    if (err == HT_OK && options.revokes) {
        err = bad_call(
            ht_did_call_revoke_attribute(&act->data, &act->address, name, ht_buf_view(&value)),
            &why);
    } else if (err == HT_OK) {
        err = bad_call(ht_did_call_set_attribute(&act->data, &act->address, name,
                                                 ht_buf_view(&value), options.validity_s),
                       &why);
    }
    ht_buf_fini(&value);
    go_on(act, call, err, &why);
}
