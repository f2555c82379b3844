/* wallet.create, .unlock, .lock, .passphrase, .auto_lock. */
#include "identity/keys/vault_calls.h"

#include <stdlib.h>

#include "identity/audit.h"
#include "identity/identity_sql.h"
#include "node/codec/json.h"

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* A method that sends a sealed passphrase; the request is the beginning of it. */
struct passphrase_call {
    struct ht_vault_request request;
    unsigned epoch; /* when it was asked for */
    const char *event;
    bool opens;
};

static void end_passphrase(struct passphrase_call *waiting, enum ht_err err,
                           const struct ht_why *why) {
    struct ht_identity *identity = waiting->request.identity;
    struct ht_why reason = why != NULL ? *why : (struct ht_why){0};
    json_t *status = NULL;
    if (err == HT_OK && waiting->opens && waiting->epoch != identity->vault->epoch) {
        err = ht_fail(&reason, HT_EDENIED, "vault_locked", "the wallet was locked meanwhile");
    }
    if (err == HT_OK) {
        ht_audit_add(identity, waiting->event, NULL, NULL, "");
        if (waiting->opens) ht_vault_open_now(identity);
        ht_vault_touch(identity);
        err = ht_vault_json(identity, &status, &reason);
    }
    if (err == HT_OK) {
        ht_rpc_finish(waiting->request.rpc, status);
    } else {
        ht_rpc_refuse(waiting->request.rpc, err, &reason);
    }
    free(waiting);
}

static void kept_passphrase(void *user, enum ht_err err, const struct ht_why *why) {
    end_passphrase(user, err, why);
}

static bool finish_change(struct ht_vault_request *request, json_t **result) {
    struct ht_vault_change change = {
        .file = ht_signer_field(&request->call.reply, HT_SIGNER_TAG_VAULT),
        .done = kept_passphrase,
        .user = request,
    };
    (void)result;
    ht_vault_keep(request->identity, &change);
    return false;
}

static void drop_change(struct ht_vault_request *request) {
    ht_vault_change_drop(request->identity, false);
}

static bool finish_unlock(struct ht_vault_request *request, json_t **result) {
    (void)result;
    end_passphrase((struct passphrase_call *)request, HT_OK, NULL);
    return false;
}

/* Asks the signer with what is sealed in params, and file and generation in front of it when the
 * request is an unlock. */
static void ask_sealed(struct ht_identity *identity, struct ht_rpc_call *call, const json_t *params,
                       const struct passphrase_call *what) {
    const struct ht_vault_keeper *keeper = identity->vault;
    bool is_unlock = what->request.call.request == HT_SIGNER_UNLOCK;
    struct ht_why why = {0};
    struct ht_buf sealed;
    ht_buf_init(&sealed, HT_SEALED_MAX);
    struct passphrase_call *waiting = malloc(sizeof *waiting);
    enum ht_err err = waiting != NULL ? HT_OK : no_memory(&why);
    if (err == HT_OK) err = ht_vault_sealed(&sealed, params, &why);
    if (err == HT_OK && !is_unlock) err = ht_vault_change_begin(identity, &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        free(waiting);
        ht_buf_fini(&sealed);
        return;
    }
    *waiting = *what;
    waiting->epoch = keeper->epoch;
    waiting->request.identity = identity;
    waiting->request.rpc = call;
    waiting->request.finish = is_unlock ? finish_unlock : finish_change;
    waiting->request.failed = is_unlock ? NULL : drop_change;
    uint8_t least[8];
    ht_write_u64_le(least, keeper->generation);
    const struct ht_signer_field fields[] = {
        {HT_SIGNER_TAG_SEALED, ht_buf_view(&sealed)},
        {HT_SIGNER_TAG_VAULT, ht_buf_view(&keeper->file)},
        {HT_SIGNER_TAG_NUMBER, HT_BYTES(least)},
    };
    ht_vault_ask(&waiting->request, fields, is_unlock ? 3 : 1);
    ht_buf_fini(&sealed);
}

static void start_create(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_why why = {0};
    static const struct passphrase_call what = {
        .request = {.call = {.request = HT_SIGNER_CREATE}}, .event = "created", .opens = true};
    if (ht_vault_is_there(identity)) {
        ht_rpc_refuse(call, ht_fail(&why, HT_EDENIED, "vault_exists", "there is a wallet already"),
                      &why);
        return;
    }
    ask_sealed(identity, call, params, &what);
}

static void start_unlock(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_why why = {0};
    static const struct passphrase_call what = {
        .request = {.call = {.request = HT_SIGNER_UNLOCK}}, .event = "unlocked", .opens = true};
    enum ht_err err = ht_vault_check_unlocked(identity, &why);
    /* Its time is over and the timer has not come yet: what is asked for now is behind the lock. */
    if (err != HT_OK && identity->vault->is_open) ht_vault_lock_now(identity);
    if (err == HT_OK) {
        err = ht_fail(&why, HT_EDENIED, "vault_open", "the wallet is open already");
    } else if (strcmp(why.code, "vault_locked") == 0) {
        ask_sealed(identity, call, params, &what);
        return;
    }
    ht_rpc_refuse(call, err, &why);
}

static void start_passphrase(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_why why = {0};
    static const struct passphrase_call what = {
        .request = {.call = {.request = HT_SIGNER_PASSPHRASE}}, .event = "passphrase_changed"};
    enum ht_err err = ht_vault_check_unlocked(identity, &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    ask_sealed(identity, call, params, &what);
}

static void start_lock(void *self, struct ht_rpc_call *call, const json_t *params) {
    (void)params;
    ht_vault_lock_for(self, call);
}

struct auto_lock_call {
    struct ht_write write;
    struct ht_identity *identity;
    struct ht_rpc_call *call;
    int64_t auto_lock_ms;
};

static enum ht_err write_auto_lock(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    const struct auto_lock_call *waiting = (struct auto_lock_call *)write;
    return ht_vault_sql_set_auto_lock(db, waiting->auto_lock_ms, why);
}

static void wrote_auto_lock(struct ht_write *write) {
    struct auto_lock_call *waiting = (struct auto_lock_call *)write;
    struct ht_identity *identity = waiting->identity;
    enum ht_err err = write->err;
    json_t *status = NULL;
    if (err == HT_OK) {
        identity->vault->auto_lock_ms = waiting->auto_lock_ms;
        ht_vault_touch(identity);
        identity->host->publish(identity->host, "wallet.status");
        err = ht_vault_json(identity, &status, &write->why);
    }
    if (err == HT_OK) {
        ht_rpc_finish(waiting->call, status);
    } else {
        ht_rpc_refuse(waiting->call, err, &write->why);
    }
    free(waiting);
}

static void start_auto_lock(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_why why = {0};
    uint64_t ms = 0;
    enum ht_err err = ht_json_u64(&ms, params, "ms", &why);
    if (err == HT_OK && (ms < HT_AUTO_LOCK_MS_MIN || ms > HT_AUTO_LOCK_MS_MAX)) {
        err = ht_fail(&why, HT_EINPUT, "auto_lock", "from one minute to one day");
    }
    if (err == HT_OK && !ht_vault_is_there(identity)) {
        err = ht_fail(&why, HT_EDENIED, "no_vault", "there is no wallet yet");
    }
    struct auto_lock_call *waiting = err == HT_OK ? calloc(1, sizeof *waiting) : NULL;
    if (err == HT_OK && waiting == NULL) err = no_memory(&why);
    if (err == HT_OK) {
        waiting->identity = identity;
        waiting->call = call;
        waiting->auto_lock_ms = (int64_t)ms;
        waiting->write.write = write_auto_lock;
        waiting->write.done = wrote_auto_lock;
        err = ht_writer_submit(identity->host->writer, &waiting->write);
        if (err != HT_OK) (void)ht_fail(&why, err, "busy", "the disk is too busy now");
    }
    if (err == HT_OK) return;
    ht_rpc_refuse(call, err, &why);
    free(waiting);
}

/* Patient: after wrong passphrases the signer lets them wait. */
static const struct ht_rpc_method METHODS[] = {
    {.name = "wallet.create", .start = start_create},
    {.name = "wallet.unlock", .start = start_unlock, .is_patient = true},
    {.name = "wallet.lock", .start = start_lock, .is_patient = true},
    {.name = "wallet.passphrase", .start = start_passphrase, .is_patient = true},
    {.name = "wallet.auto_lock", .start = start_auto_lock},
};
const struct ht_identity_methods ht_vault_methods = {METHODS, sizeof METHODS / sizeof *METHODS};
_Static_assert(sizeof METHODS / sizeof *METHODS == HT_VAULT_METHODS, "identity.h counts them");
