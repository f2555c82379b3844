/* The wallet at /eth: who may ask is checked here, what is asked for is read here; the rest is the
 * queue's and send.c's. */
#include "identity/doors/doors.h"

#include <stdlib.h>

#include "identity/doors/doors_watch.h"
#include "identity/doors/permissions.h"
#include "identity/keys/accounts.h"
#include "identity/wallet/send_call.h"
#include "node/base/hex.h"
#include "node/codec/eip712.h"
#include "node/codec/json.h"

#define MESSAGE_MAX ((size_t)128 * 1024)

static void refuse(struct ht_rpc_call *call, enum ht_err err, const struct ht_why *why) {
    ht_refuse_ethereum(call, err, why);
}

static enum ht_err bad_params(struct ht_why *why, const char *text) {
    return ht_fail(why, HT_EINPUT, "bad_params", "%s", text);
}

/* --- accounts --------------------------------------------------------------------------------- */

/* As the origin may see them; the owner's page sees all that are not hidden. */
static json_t *accounts_of(const struct ht_identity *identity, const char *origin) {
    if (origin != NULL) return ht_permission_accounts_json(identity, origin);
    json_t *list = json_array();
    for (size_t i = 0; i < ht_accounts_count(identity); i++) {
        const struct ht_account_info *account = ht_accounts_at(identity, i);
        if (account->is_hidden) continue;
        char address[HT_HEX_SIZE(20)];
        ht_hex_write(address, HT_BYTES(account->address.b));
        json_array_append_new(list, json_string(address));
    }
    return list;
}

static bool may_use(const struct ht_identity *identity, const char *origin,
                    const ht_addr20 *account) {
    if (origin == NULL) return ht_accounts_find(identity, account) != NULL;
    return ht_permission_has_account(identity, origin, account);
}

/* For whom a permission is proposed: the first that can sign, else the first. */
static const struct ht_account_info *first_account(const struct ht_identity *identity) {
    const struct ht_account_info *first = NULL;
    for (size_t i = 0; i < ht_accounts_count(identity); i++) {
        const struct ht_account_info *account = ht_accounts_at(identity, i);
        if (account->is_hidden) continue;
        if (account->kind != HT_ACCOUNT_WATCH) return account;
        if (first == NULL) first = account;
    }
    return first;
}

static void eth_accounts(void *self, struct ht_rpc_call *call, const json_t *params) {
    (void)params;
    ht_rpc_finish(call, accounts_of(self, ht_rpc_call_origin(call)));
}

/* --- permissions ------------------------------------------------------------------------------ */

/* EIP-2255, with the one capability that there is. */
static json_t *permissions_of(const struct ht_identity *identity, const char *origin) {
    if (origin != NULL && !ht_permission_has(identity, origin)) return json_array();
    json_int_t granted_ms = origin != NULL ? ht_permission_granted_ms(identity, origin) : 0;
    return json_pack("[{s:s, s:s, s:I, s:[{s:s, s:o}]}]", "invoker", origin != NULL ? origin : "",
                     "parentCapability", "eth_accounts", "date", granted_ms, "caveats", "type",
                     "restrictReturnedAccounts", "value", accounts_of(identity, origin));
}

static void ask(struct ht_identity *identity, struct ht_rpc_call *call,
                json_t *(*answer)(const struct ht_identity *identity, const char *origin)) {
    const struct ht_account_info *proposed = first_account(identity);
    if (proposed != NULL) {
        ht_ask_permission(identity, call, &proposed->address, answer);
        return;
    }
    struct ht_why why = {0};
    refuse(call, ht_fail(&why, HT_EDENIED, "no_accounts", "the wallet has no accounts yet"), &why);
}

static void eth_request_accounts(void *self, struct ht_rpc_call *call, const json_t *params) {
    const char *origin = ht_rpc_call_origin(call);
    (void)params;
    if (origin == NULL || ht_permission_has(self, origin)) {
        if (origin != NULL) ht_permission_use(self, origin);
        ht_rpc_finish(call, accounts_of(self, origin));
    } else {
        ask(self, call, accounts_of);
    }
}

/* params: [{"eth_accounts": {}}]. */
static enum ht_err check_capability(const json_t *params, struct ht_why *why) {
    const json_t *wanted = json_array_get(params, 0);
    if (!json_is_object(wanted) || json_object_size(wanted) == 0)
        return bad_params(why, "say which permission: [{\"eth_accounts\": {}}]");
    if (json_object_size(wanted) == 1 && ht_json_member(wanted, "eth_accounts") != NULL)
        return HT_OK;
    return ht_fail(why, HT_EDENIED, "unsupported", "the only permission there is is eth_accounts");
}

static void request_permissions(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    enum ht_err err = check_capability(params, &why);
    if (err != HT_OK) {
        refuse(call, err, &why);
    } else if (ht_rpc_call_origin(call) == NULL) {
        ht_rpc_finish(call, permissions_of(self, NULL));
    } else {
        ask(self, call, permissions_of);
    }
}

static void get_permissions(void *self, struct ht_rpc_call *call, const json_t *params) {
    (void)params;
    ht_rpc_finish(call, permissions_of(self, ht_rpc_call_origin(call)));
}

static void on_revoked(void *user, enum ht_err err, const struct ht_why *why) {
    struct ht_rpc_call *call = user;
    if (err == HT_OK || err == HT_ENOTFOUND) {
        ht_rpc_finish(call, json_null());
    } else {
        refuse(call, err, why);
    }
}

static void revoke_permissions(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    enum ht_err err = check_capability(params, &why);
    const char *origin = ht_rpc_call_origin(call);
    if (err != HT_OK) {
        refuse(call, err, &why);
    } else if (origin == NULL) {
        ht_rpc_finish(call, json_null());
    } else {
        const struct ht_permission_change change = {on_revoked, call};
        ht_permission_revoke(self, origin, &change);
    }
}

/* --- signatures ------------------------------------------------------------------------------- */

/* The same words whether the account is ours or not: a page learns no addresses by asking. */
static enum ht_err check_account(struct ht_identity *identity, const struct ht_rpc_call *call,
                                 const ht_addr20 *account, struct ht_why *why) {
    const char *origin = ht_rpc_call_origin(call);
    if (!may_use(identity, origin, account))
        return ht_fail(why, HT_EDENIED, "unauthorized", "this origin may not use that account");
    if (origin != NULL) ht_permission_use(identity, origin);
    return HT_OK;
}

static void sign(struct ht_identity *identity, struct ht_rpc_call *call,
                 const struct ht_sign_options *options) {
    struct ht_why why = {0};
    enum ht_err err = check_account(identity, call, &options->account, &why);
    if (err != HT_OK) {
        refuse(call, err, &why);
    } else {
        ht_sign_for_call(identity, call, NULL, options);
    }
}

static void sign_transaction(struct ht_identity *identity, struct ht_rpc_call *call,
                             const json_t *params, bool sends) {
    struct ht_why why = {0};
    struct ht_sign_options options = {
        .kind = HT_SIGN_TRANSACTION, .params = json_array_get(params, 0), .sends = sends};
    ht_addr20 *account = &options.account;
    enum ht_err err = ht_json_hex(account->b, sizeof account->b, params, "[0].from", &why);
    if (err != HT_OK) {
        refuse(call, err, &why);
    } else {
        sign(identity, call, &options);
    }
}

static void eth_send_transaction(void *self, struct ht_rpc_call *call, const json_t *params) {
    sign_transaction(self, call, params, true);
}

static void eth_sign_transaction(void *self, struct ht_rpc_call *call, const json_t *params) {
    sign_transaction(self, call, params, false);
}

/* Bytes in hex; text that is none is taken as it is, which pages send too. */
static enum ht_err read_message(struct ht_buf *out, const json_t *value, struct ht_why *why) {
    ht_bytes text = ht_bytes_of(json_string_value(value), json_string_length(value));
    bool is_hex = text.n >= 2 && text.p[0] == '0' && text.p[1] == 'x';
    enum ht_err err = is_hex ? ht_hex_read_buf(out, text) : HT_EINPUT;
    if (err == HT_EINPUT) err = ht_buf_add(out, text);
    if (err == HT_OK) return HT_OK;
    return ht_fail(why, err, err == HT_ENOMEM ? "no_memory" : "payload_too_large",
                   "at most %zu bytes can be signed", MESSAGE_MAX);
}

/* params: [data, address]; some send them the other way round. What could be either is data first.
 */
static void personal_sign(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct ht_sign_options options = {.kind = HT_SIGN_MESSAGE};
    struct ht_buf message;
    ht_buf_init(&message, MESSAGE_MAX);
    ht_addr20 *account = &options.account;
    size_t data_at = 0;
    enum ht_err err = HT_OK;
    if (!json_is_string(json_array_get(params, 0)) || !json_is_string(json_array_get(params, 1)))
        err = bad_params(&why, "personal_sign takes [data, address]");
    if (err == HT_OK && ht_json_hex(account->b, sizeof account->b, params, "[1]", NULL) != HT_OK) {
        data_at = 1;
        err = ht_json_hex(account->b, sizeof account->b, params, "[0]", &why);
    }
    if (err == HT_OK) err = read_message(&message, json_array_get(params, data_at), &why);
    options.message = ht_buf_view(&message);
    if (err != HT_OK) {
        refuse(call, err, &why);
    } else {
        sign(self, call, &options);
    }
    ht_buf_fini(&message);
}

/* params: [address, document], the document as JSON text or as an object. */
static void sign_typed_data(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct ht_sign_options options = {.kind = HT_SIGN_TYPED};
    ht_addr20 *account = &options.account;
    json_t *document = json_array_get(params, 1), *parsed = NULL;
    enum ht_err err = ht_json_hex(account->b, sizeof account->b, params, "[0]", &why);
    if (err == HT_OK && json_is_string(document)) {
        ht_bytes text = ht_bytes_of(json_string_value(document), json_string_length(document));
        err = ht_json_parse(&parsed, text, HT_EIP712_SIZE_MAX, &why);
        document = parsed;
    }
    if (err == HT_OK && !json_is_object(document))
        err = bad_params(&why, "eth_signTypedData_v4 takes [address, document]");
    options.params = document;
    if (err != HT_OK) {
        refuse(call, err, &why);
    } else {
        sign(self, call, &options);
    }
    json_decref(parsed);
}

/* --- what is not done ------------------------------------------------------------------------- */

static void eth_sign(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    (void)self;
    (void)params;
    refuse(call,
           ht_fail(&why, HT_EDENIED, "unsupported",
                   "eth_sign signs any hash, a transaction's too, and nobody can see what it is; "
                   "use personal_sign or eth_signTypedData_v4"),
           &why);
}

static void old_typed_data(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    (void)self;
    (void)params;
    refuse(call,
           ht_fail(&why, HT_EDENIED, "unsupported",
                   "only eth_signTypedData_v4 is signed: older versions can be read in two ways"),
           &why);
}

/* params: [{"chainId"}]. Nothing is to be done for our own chain, nothing can be for another. */
static void choose_chain(const struct ht_identity *identity, struct ht_rpc_call *call,
                         const json_t *params, const char *code) {
    struct ht_why why = {0};
    const char *text = NULL;
    ht_u256 wanted;
    enum ht_err err = ht_json_text(&text, params, "[0].chainId", &why);
    if (err == HT_OK && ht_u256_from_quantity(&wanted, ht_bytes_str(text)) != HT_OK)
        err = bad_params(&why, "chainId is a quantity in hex");
    ht_u256 ours = ht_u256_of(identity->host->network->chain_id);
    if (err == HT_OK && ht_u256_equal(&wanted, &ours)) {
        ht_rpc_finish(call, json_null());
        return;
    }
    if (err == HT_OK) {
        err = ht_fail(&why, HT_EDENIED, code, "this node follows chain %llu alone",
                      (unsigned long long)ours.limb[0]);
    }
    refuse(call, err, &why);
}

static void switch_chain(void *self, struct ht_rpc_call *call, const json_t *params) {
    choose_chain(self, call, params, "unknown_chain");
}

static void add_chain(void *self, struct ht_rpc_call *call, const json_t *params) {
    choose_chain(self, call, params, "unsupported");
}

static const struct ht_rpc_method methods[] = {
    {.name = "eth_accounts", .start = eth_accounts},
    {.name = "eth_requestAccounts", .start = eth_request_accounts, .is_patient = true},
    {.name = "wallet_requestPermissions", .start = request_permissions, .is_patient = true},
    {.name = "wallet_getPermissions", .start = get_permissions},
    {.name = "wallet_revokePermissions", .start = revoke_permissions},
    {.name = "eth_sendTransaction", .start = eth_send_transaction, .is_patient = true},
    {.name = "eth_signTransaction", .start = eth_sign_transaction, .is_patient = true},
    {.name = "personal_sign", .start = personal_sign, .is_patient = true},
    {.name = "eth_signTypedData_v4", .start = sign_typed_data, .is_patient = true},
    {.name = "eth_sign", .start = eth_sign},
    {.name = "eth_signTypedData", .start = old_typed_data},
    {.name = "eth_signTypedData_v3", .start = old_typed_data},
    {.name = "wallet_switchEthereumChain", .start = switch_chain},
    {.name = "wallet_addEthereumChain", .start = add_chain},
    {.name = "wallet_watchAsset", .start = ht_doors_watch_asset, .is_patient = true},
};
const struct ht_identity_methods ht_door_methods = {methods, sizeof methods / sizeof *methods};
