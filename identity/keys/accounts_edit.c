/* Watching, renaming, hiding and removing. */
#include "identity/keys/accounts_edit.h"

#include <stdlib.h>

#include "node/codec/address.h"
#include "node/codec/json.h"

static enum ht_err read_watched(struct ht_account_info *out, const struct ht_identity *identity,
                                const json_t *params, struct ht_why *why) {
    size_t number = ht_accounts_count(identity) + 1;
    *out = (struct ht_account_info){.kind = HT_ACCOUNT_WATCH};
    enum ht_err err = ht_address_param(&out->address, params, "address", why);
    if (err == HT_OK) err = ht_accounts_label(out->label, params, "Watched", number, why);
    if (err == HT_OK && ht_accounts_find(identity, &out->address) != NULL) {
        err = ht_fail(why, HT_EINPUT, "account_exists", "this account is in the list already");
    }
    if (err == HT_OK && ht_accounts_count(identity) == HT_ACCOUNTS_MAX) {
        err = ht_fail(why, HT_ELIMIT, "too_many_accounts", "at most %u", HT_ACCOUNTS_MAX);
    }
    return err;
}

void ht_accounts_watch(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct ht_account_info account;
    struct ht_account_op *op;
    enum ht_err err = read_watched(&account, self, params, &why);
    if (err == HT_OK) err = ht_account_op_new(&op, self, call, &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    op->account = account;
    op->has_account = true;
    op->event = "watched";
    ht_account_op_commit(op);
}

/* An op with a copy of what is named. */
static enum ht_err start_edit(struct ht_account_op **out, struct ht_identity *identity,
                              struct ht_rpc_call *call, const json_t *params, struct ht_why *why) {
    struct ht_account_named named;
    enum ht_err err = ht_accounts_named(&named, identity, params, "id", why);
    if (err == HT_OK) err = ht_account_op_new(out, identity, call, why);
    if (err != HT_OK) return err;
    struct ht_account_op *op = *out;
    op->has_account = named.account != NULL;
    op->has_seed = named.seed != NULL;
    op->has_nostr = named.nostr != NULL;
    if (op->has_account) op->account = *named.account;
    if (op->has_seed) op->seed = *named.seed;
    if (op->has_nostr) op->nostr = *named.nostr;
    return HT_OK;
}

void ht_accounts_rename(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    char label[HT_LABEL_MAX + 1];
    struct ht_account_op *op;
    const json_t *given;
    enum ht_err err = ht_json_get(&given, params, "label", &why);
    if (err == HT_OK) err = ht_accounts_label(label, params, "", 0, &why);
    if (err == HT_OK) err = start_edit(&op, self, call, params, &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    char *to = op->has_account ? op->account.label
               : op->has_seed  ? op->seed.label
                               : op->nostr.label;
    memcpy(to, label, sizeof label);
    ht_account_op_commit(op);
}

void ht_accounts_hide(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct ht_account_op *op;
    bool is_hidden;
    enum ht_err err = ht_json_bool(&is_hidden, params, "is_hidden", &why);
    if (err == HT_OK) err = start_edit(&op, self, call, params, &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    if (!op->has_account) {
        err = ht_fail(&why, HT_EINPUT, "no_such_account", "only accounts can be hidden");
        ht_account_op_refuse(op, err, &why);
        return;
    }
    op->account.is_hidden = is_hidden;
    ht_account_op_commit(op);
}

/* --- removing --------------------------------------------------------------------------------- */

static void release(struct ht_vault_request *request) {
    ht_account_op_release((struct ht_account_op *)request);
}

static bool removed(struct ht_vault_request *request, json_t **result) {
    struct ht_account_op *op = (struct ht_account_op *)request;
    struct ht_why why = {0};
    (void)result;
    enum ht_err err = ht_account_op_take(op, NULL, &why);
    if (err == HT_OK) {
        ht_account_op_commit(op);
    } else {
        ht_account_op_refuse(op, err, &why);
    }
    return false;
}

/* The record of the vault that goes with it; empty when there is none. */
static const char *record_of(const struct ht_account_op *op) {
    char seed[HT_RECORD_NAME_SIZE];
    if (op->has_seed) return op->seed.name;
    if (op->has_account) return op->account.key;
    return ht_key_seed(seed, op->nostr.key) ? "" : op->nostr.key;
}

static enum ht_err ask_remove(struct ht_account_op *op, const char *record, const json_t *params,
                              struct ht_why *why) {
    struct ht_identity *identity = op->request.identity;
    struct ht_buf sealed;
    ht_buf_init(&sealed, HT_SEALED_MAX);
    enum ht_err err = ht_vault_check_unlocked(identity, why);
    if (err == HT_OK) err = ht_vault_sealed(&sealed, params, why);
    if (err == HT_OK) err = ht_vault_change_begin(identity, why);
    if (err == HT_OK) {
        op->begun_change = true;
        op->request.call.request = HT_SIGNER_REMOVE;
        op->request.finish = removed;
        op->request.failed = release;
        const struct ht_signer_field fields[] = {
            {HT_SIGNER_TAG_NAME, ht_bytes_str(record)},
            {HT_SIGNER_TAG_SEALED, ht_buf_view(&sealed)},
        };
        ht_vault_ask(&op->request, fields, 2);
    }
    ht_buf_fini(&sealed);
    return err;
}

void ht_accounts_remove(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct ht_account_op *op;
    enum ht_err err = start_edit(&op, self, call, params, &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    op->deletes = true;
    op->event = "removed";
    const char *record = record_of(op);
    if (op->has_account && op->account.kind == HT_ACCOUNT_DERIVED) {
        /* Its key is where its seed is: taking it off the list would look like more than it is. */
        err = ht_fail(&why, HT_EDENIED, "hide_instead",
                      "an account of a seed goes with its seed; it can be hidden");
    } else if (record[0] != '\0') {
        err = ask_remove(op, record, params, &why);
    } else {
        ht_account_op_commit(op);
    }
    if (err != HT_OK) ht_account_op_refuse(op, err, &why);
}
