/* A change of the list of accounts: rows on the disk first, all in one transaction with the vault's
 * file, then the list. */
#include "identity/keys/accounts_op.h"

#include <stdlib.h>

#include "identity/audit.h"
#include "identity/doors/permissions.h"
#include "identity/identity_sql.h"
#include "node/base/hex.h"

#define REPLY_MAX 4096U

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

enum ht_err ht_account_op_new(struct ht_account_op **out, struct ht_identity *identity,
                              struct ht_rpc_call *call, struct ht_why *why) {
    if (identity->accounts->is_busy) {
        return ht_fail(why, HT_EAGAIN, "wallet_busy", "another change is under way");
    }
    struct ht_account_op *op = calloc(1, sizeof *op);
    if (op == NULL) return no_memory(why);
    op->request.identity = identity;
    op->request.rpc = call;
    ht_buf_init(&op->file, HT_VAULT_FILE_MAX);
    ht_buf_init(&op->reply, REPLY_MAX);
    identity->accounts->is_busy = true;
    *out = op;
    return HT_OK;
}

void ht_account_op_release(struct ht_account_op *op) {
    struct ht_identity *identity = op->request.identity;
    bool signer_changed = op->file.n > 0;
    identity->accounts->is_busy = false;
    ht_buf_fini(&op->file);
    ht_buf_fini(&op->reply);
    if (op->begun_change) ht_vault_change_drop(identity, signer_changed);
    op->begun_change = false;
}

void ht_account_op_refuse(struct ht_account_op *op, enum ht_err err, const struct ht_why *why) {
    struct ht_rpc_call *call = op->request.rpc;
    struct ht_why reason = *why; /* may be inside of op */
    ht_account_op_release(op);
    free(op);
    ht_rpc_refuse(call, err, &reason);
}

enum ht_err ht_account_op_take(struct ht_account_op *op, char *name, struct ht_why *why) {
    const struct ht_signer_message *reply = &op->request.call.reply;
    ht_bytes file = ht_signer_field(reply, HT_SIGNER_TAG_VAULT);
    ht_bytes record = ht_signer_field(reply, HT_SIGNER_TAG_NAME);
    bool is_name = record.n > 0 && record.n < HT_RECORD_NAME_SIZE;
    enum ht_err err = ht_buf_add(&op->file, file);
    if (err == HT_OK) {
        err = ht_buf_add(&op->reply, ht_signer_field(reply, HT_SIGNER_TAG_SEALED));
    }
    if (err != HT_OK) return ht_fail(why, err, "signer_reply", "the signer's answer is too large");
    if (file.n == 0 || (name != NULL && !is_name)) {
        return ht_fail(why, HT_EBUG, "signer_reply", "the signer's answer lacks something");
    }
    if (name == NULL) return HT_OK;
    memcpy(name, record.p, record.n);
    name[record.n] = '\0';
    return HT_OK;
}

/* --- rows ------------------------------------------------------------------------------------- */

static enum ht_err save_rows(struct ht_account_op *op, sqlite3 *db, struct ht_why *why) {
    char seed[HT_RECORD_NAME_SIZE];
    enum ht_err err = HT_OK;
    if (op->has_seed) {
        struct ht_seed_row row = {op->seed.name, op->seed.label, op->seed.words,
                                  op->seed.is_backed_up};
        err = ht_seed_sql_save(db, &row, why);
    }
    if (err == HT_OK && op->has_account) {
        struct ht_account_row row = {.id = op->account.id,
                                     .address = op->account.address,
                                     .label = op->account.label,
                                     .kind = (int)op->account.kind,
                                     .key = op->account.key,
                                     .seed = ht_key_seed(seed, op->account.key) ? seed : NULL,
                                     .is_hidden = op->account.is_hidden};
        err = ht_account_sql_save(db, &op->account.id, &row, why);
    }
    if (err == HT_OK && op->has_nostr) {
        struct ht_nostr_row row = {.id = op->nostr.id,
                                   .public_key = op->nostr.public_key,
                                   .label = op->nostr.label,
                                   .key = op->nostr.key,
                                   .seed = ht_key_seed(seed, op->nostr.key) ? seed : NULL};
        err = ht_nostr_sql_save(db, &op->nostr.id, &row, why);
    }
    return err;
}

/* On the writer's thread. */
static enum ht_err write_rows(void *user, sqlite3 *db, struct ht_why *why) {
    struct ht_account_op *op = user;
    if (!op->deletes) return save_rows(op, db, why);
    enum ht_err err = HT_OK;
    if (op->has_seed) err = ht_seed_sql_delete(db, op->seed.name, why);
    if (err == HT_OK && op->has_account) err = ht_account_sql_delete(db, op->account.id, why);
    if (err == HT_OK && op->has_nostr) err = ht_nostr_sql_delete(db, op->nostr.id, why);
    return err;
}

/* --- the list --------------------------------------------------------------------------------- */

static bool is_of_seed(const char *key, const char *seed) {
    char name[HT_RECORD_NAME_SIZE];
    return ht_key_seed(name, key) && strcmp(name, seed) == 0;
}

static void drop_all(struct ht_accounts *accounts, const struct ht_account_op *op) {
    size_t kept = 0;
    for (size_t i = 0; i < accounts->count; i++) {
        const struct ht_account_info *one = &accounts->list[i];
        bool goes = (op->has_account && one->id == op->account.id) ||
                    (op->has_seed && is_of_seed(one->key, op->seed.name));
        if (!goes) accounts->list[kept++] = *one;
    }
    accounts->count = kept;
    kept = 0;
    for (size_t i = 0; i < accounts->nostr_count; i++) {
        const struct ht_nostr_info *one = &accounts->nostr[i];
        bool goes = (op->has_nostr && one->id == op->nostr.id) ||
                    (op->has_seed && is_of_seed(one->key, op->seed.name));
        if (!goes) accounts->nostr[kept++] = *one;
    }
    accounts->nostr_count = kept;
    kept = 0;
    for (size_t i = 0; i < accounts->seed_count; i++) {
        bool goes = op->has_seed && strcmp(accounts->seeds[i].name, op->seed.name) == 0;
        if (!goes) accounts->seeds[kept++] = accounts->seeds[i];
    }
    accounts->seed_count = kept;
}

static void put_all(struct ht_accounts *accounts, const struct ht_account_op *op) {
    size_t i = 0;
    if (op->has_seed) {
        while (i < accounts->seed_count && strcmp(accounts->seeds[i].name, op->seed.name) != 0) i++;
        ht_assert(i < HT_SEEDS_MAX);
        accounts->seeds[i] = op->seed;
        if (i == accounts->seed_count) accounts->seed_count++;
    }
    if (op->has_account) {
        for (i = 0; i < accounts->count && accounts->list[i].id != op->account.id;) i++;
        ht_assert(i < HT_ACCOUNTS_MAX);
        accounts->list[i] = op->account;
        if (i == accounts->count) accounts->count++;
    }
    if (op->has_nostr) {
        for (i = 0; i < accounts->nostr_count && accounts->nostr[i].id != op->nostr.id;) i++;
        ht_assert(i < HT_NOSTR_MAX);
        accounts->nostr[i] = op->nostr;
        if (i == accounts->nostr_count) accounts->nostr_count++;
    }
}

static void change_list(struct ht_accounts *accounts, const struct ht_account_op *op) {
    if (op->deletes) {
        drop_all(accounts, op);
    } else {
        put_all(accounts, op);
    }
    for (size_t i = 0; i < accounts->count; i++) {
        struct ht_account_info *one = &accounts->list[i];
        one->is_backed_up = true;
        for (size_t j = 0; j < accounts->seed_count; j++) {
            bool is_its = is_of_seed(one->key, accounts->seeds[j].name);
            if (is_its) one->is_backed_up = accounts->seeds[j].is_backed_up;
        }
    }
}

/* --- the end ---------------------------------------------------------------------------------- */

static json_t *result_of(const struct ht_account_op *op) {
    json_t *result = json_object();
    int failed = result == NULL;
    if (op->deletes || failed != 0) return result;
    if (op->has_seed) {
        failed |= json_object_set_new(result, "seed", json_string(op->seed.name));
        failed |= json_object_set_new(result, "is_backed_up", json_boolean(op->seed.is_backed_up));
    }
    if (op->has_account) {
        failed |= json_object_set_new(result, "account", ht_account_json(&op->account));
    }
    if (op->has_nostr) failed |= json_object_set_new(result, "nostr", ht_nostr_json(&op->nostr));
    if (op->reply.n > 0) {
        char text[HT_HEX_SIZE(REPLY_MAX)];
        ht_hex_write(text, ht_buf_view(&op->reply));
        failed |= json_object_set_new(result, "sealed", json_string(text));
    }
    if (failed == 0) return result;
    json_decref(result);
    return NULL;
}

static void committed(void *user, enum ht_err err, const struct ht_why *why) {
    struct ht_account_op *op = user;
    struct ht_identity *identity = op->request.identity;
    struct ht_rpc_call *call = op->request.rpc;
    if (err != HT_OK) {
        ht_account_op_refuse(op, err, why);
        return;
    }
    change_list(identity->accounts, op);
    const char *label = op->has_seed ? op->seed.label : op->nostr.label;
    if (op->has_account) label = op->account.label;
    if (op->event != NULL) {
        const ht_addr20 *address = op->has_account ? &op->account.address : NULL;
        ht_audit_add(identity, op->event, NULL, address, label);
    }
    json_t *result = result_of(op);
    struct ht_why reason = {0};
    ht_buf_fini(&op->file);
    ht_account_op_release(op);
    free(op);
    identity->host->publish(identity->host, "wallet.accounts");
    identity->host->publish(identity->host, "wallet.status");
    ht_permissions_on_accounts(identity);
    if (result != NULL) {
        ht_rpc_finish(call, result);
    } else {
        ht_rpc_refuse(call, no_memory(&reason), &reason);
    }
}

static enum ht_err write_only(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    return write_rows((char *)write - offsetof(struct ht_account_op, write), db, why);
}

static void wrote_only(struct ht_write *write) {
    struct ht_account_op *op =
        (struct ht_account_op *)((char *)write - offsetof(struct ht_account_op, write));
    committed(op, write->err, &write->why);
}

void ht_account_op_commit(struct ht_account_op *op) {
    struct ht_identity *identity = op->request.identity;
    if (op->file.n > 0) {
        struct ht_vault_change change = {
            .file = ht_buf_view(&op->file), .also = write_rows, .done = committed, .user = op};
        op->begun_change = false; /* ht_vault_keep ends it */
        ht_vault_keep(identity, &change);
        return;
    }
    struct ht_why why = {0};
    op->write.write = write_only;
    op->write.done = wrote_only;
    enum ht_err err = ht_writer_submit(identity->host->writer, &op->write);
    if (err == HT_OK) return;
    ht_account_op_refuse(op, ht_fail(&why, err, "busy", "the disk is too busy now"), &why);
}
