/* Keeps the vault's sealed file, and knows whether the signer has it open; its methods are in
 * vault_calls.c. */
#include "identity/keys/vault_keeper.h"

#include <stdlib.h>

#include "identity/audit.h"
#include "identity/identity_sql.h"
#include "identity/keys/accounts.h"
#include "identity/keys/vault_calls.h"
#include "identity/wallet/queue.h"
#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/codec/json.h"

#define LOCK_AGAIN_MS 100
#define TICK_MS \
    20000 /* while open: a computer that slept has its deadline behind it when it wakes */

/* signer/vault.h: behind magic 8, id 16, cost 16, salt 16, nonce 24, key 48. */
static const size_t GENERATION_AT = 128;

static void publish(const struct ht_identity *identity) {
    identity->host->publish(identity->host, "wallet.status");
}

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

bool ht_vault_is_there(const struct ht_identity *identity) {
    return identity->vault->file.n > 0;
}

bool ht_vault_is_unlocked(const struct ht_identity *identity) {
    const struct ht_vault_keeper *keeper = identity->vault;
    const struct ht_clock *clock = identity->host->clock;
    return keeper->is_open && ht_mono_ms(clock) < keeper->deadline_mono_ms &&
           ht_wall_ms(clock) < keeper->deadline_wall_ms;
}

enum ht_err ht_vault_check_unlocked(const struct ht_identity *identity, struct ht_why *why) {
    if (!ht_vault_is_there(identity)) {
        return ht_fail(why, HT_EDENIED, "no_vault", "there is no wallet yet");
    }
    if (ht_vault_is_unlocked(identity)) return HT_OK;
    return ht_fail(why, HT_EDENIED, "vault_locked", "the wallet is locked");
}

enum ht_err ht_vault_check_signer(const struct ht_identity *identity, struct ht_why *why) {
    if (identity->host->signer == NULL) {
        return ht_fail(why, HT_EDENIED, "no_signer", "this node runs without a signer process");
    }
    if (!identity->vault->is_gone) return HT_OK;
    return ht_fail(why, HT_EAGAIN, "signer_gone",
                   "the signer process has ended; Hearth must be started again");
}

/* --- asking the signer ------------------------------------------------------------------------ */

void ht_vault_heard(struct ht_identity *identity, enum ht_err err, const struct ht_why *why) {
    struct ht_vault_keeper *keeper = identity->vault;
    if (err == HT_OK || why->code == NULL) return;
    bool is_gone = strcmp(why->code, "signer_gone") == 0;
    bool is_locked = strcmp(why->code, "vault_locked") == 0;
    if (is_gone && !keeper->is_gone) {
        keeper->is_gone = true;
        ht_log(HT_LOG_ERROR, "wallet", "the signer process has ended");
        publish(identity);
    }
    if ((is_gone || is_locked) && keeper->is_open) ht_vault_lock_now(identity);
}

static void refuse(struct ht_vault_request *request, enum ht_err err, const struct ht_why *why) {
    if (request->failed != NULL) request->failed(request);
    if (request->rpc != NULL) ht_rpc_refuse(request->rpc, err, why);
    free(request);
}

static void answered(struct ht_signer_call *call) {
    struct ht_vault_request *request = (struct ht_vault_request *)call;
    struct ht_identity *identity = request->identity;
    json_t *result = NULL;
    if (call->err != HT_OK) {
        bool is_wrong = call->why.code != NULL && strcmp(call->why.code, "wrong_passphrase") == 0;
        if (is_wrong) {
            ht_audit_add(identity, "wrong_passphrase", NULL, NULL,
                         ht_signer_request_name(call->request));
        }
        ht_vault_heard(identity, call->err, &call->why);
        refuse(request, call->err, &call->why);
        return;
    }
    if (!request->finish(request, &result)) return;
    struct ht_why why = {0};
    if (request->rpc == NULL) {
        json_decref(result);
    } else if (result != NULL) {
        ht_rpc_finish(request->rpc, result);
    } else {
        ht_rpc_refuse(request->rpc, no_memory(&why), &why);
    }
    free(request);
}

/* On an error the request stays the caller's. */
static enum ht_err ask(struct ht_vault_request *request, const struct ht_signer_field *fields,
                       size_t count, struct ht_why *why) {
    const struct ht_identity *identity = request->identity;
    enum ht_err err = ht_vault_check_signer(identity, why);
    if (err != HT_OK) return err;
    request->call.done = answered;
    err = ht_signer_ask(identity->host->signer, &request->call, fields, count);
    if (err != HT_OK) (void)ht_fail(why, err, "signer_busy", "the signer has too much to do");
    return err;
}

void ht_vault_ask(struct ht_vault_request *request, const struct ht_signer_field *fields,
                  size_t count) {
    struct ht_why why = {0};
    enum ht_err err = ask(request, fields, count, &why);
    if (err != HT_OK) refuse(request, err, &why);
}

enum ht_err ht_vault_sealed(struct ht_buf *out, const json_t *params, struct ht_why *why) {
    enum ht_err err = ht_json_hex_buf(out, params, "sealed", why);
    if (err == HT_OK && out->n == 0) {
        err = ht_fail(why, HT_EINPUT, "sealed", "nothing is sealed in it");
    }
    return err;
}

/* --- locking ---------------------------------------------------------------------------------- */

static void set_timer(struct ht_vault_keeper *keeper, int64_t delay_ms);

static bool finish_lock(struct ht_vault_request *request, json_t **result) {
    if (request->rpc == NULL) {
        *result = NULL;
    } else if (ht_vault_json(request->identity, result, NULL) != HT_OK) {
        *result = NULL;
    }
    return true;
}

void ht_vault_lock_for(struct ht_identity *identity, struct ht_rpc_call *rpc) {
    struct ht_vault_keeper *keeper = identity->vault;
    struct ht_why why = {0};
    bool was_open = keeper->is_open;
    keeper->is_open = false;
    keeper->is_lock_due = false;
    keeper->epoch++;
    ht_timer_cancel(&keeper->timer);
    struct ht_vault_request *request = calloc(1, sizeof *request);
    enum ht_err err = request != NULL ? HT_OK : no_memory(&why);
    if (err == HT_OK) {
        request->call.request = HT_SIGNER_LOCK;
        request->identity = identity;
        request->rpc = rpc;
        request->finish = finish_lock;
        err = ask(request, NULL, 0, &why);
    }
    if (err != HT_OK) {
        /* A signer that is gone has nothing left to lock. */
        keeper->is_lock_due = identity->host->signer != NULL && !keeper->is_gone;
        if (keeper->is_lock_due) set_timer(keeper, LOCK_AGAIN_MS);
        if (rpc != NULL) ht_rpc_refuse(rpc, err, &why);
        free(request);
    }
    if (!was_open) return;
    ht_audit_add(identity, "locked", NULL, NULL, "");
    ht_queue_on_lock(identity);
    publish(identity);
}

void ht_vault_lock_now(struct ht_identity *identity) {
    ht_vault_lock_for(identity, NULL);
}

static void on_timer(struct ht_timer *timer) {
    struct ht_vault_keeper *keeper =
        (struct ht_vault_keeper *)((char *)timer - offsetof(struct ht_vault_keeper, timer));
    struct ht_identity *identity = keeper->identity;
    if (keeper->is_lock_due || (keeper->is_open && !ht_vault_is_unlocked(identity))) {
        ht_vault_lock_for(identity, NULL);
    } else if (keeper->is_open) {
        set_timer(keeper, keeper->deadline_mono_ms - ht_mono_ms(identity->host->clock));
    }
}

static void set_timer(struct ht_vault_keeper *keeper, int64_t delay_ms) {
    ht_timer_set(keeper->identity->host->loop, &keeper->timer,
                 delay_ms < TICK_MS ? delay_ms : TICK_MS, on_timer);
}

void ht_vault_touch(struct ht_identity *identity) {
    struct ht_vault_keeper *keeper = identity->vault;
    if (!ht_vault_is_unlocked(identity)) return;
    keeper->deadline_mono_ms = ht_mono_ms(identity->host->clock) + keeper->auto_lock_ms;
    keeper->deadline_wall_ms = ht_wall_ms(identity->host->clock) + keeper->auto_lock_ms;
    set_timer(keeper, keeper->auto_lock_ms);
}

void ht_vault_open_now(struct ht_identity *identity) {
    struct ht_vault_keeper *keeper = identity->vault;
    keeper->is_open = true;
    keeper->deadline_mono_ms = INT64_MAX;
    keeper->deadline_wall_ms = INT64_MAX;
    ht_vault_touch(identity);
    publish(identity);
}

/* --- keeping the file ------------------------------------------------------------------------- */

struct keep {
    struct ht_write write;
    struct ht_identity *identity;
    struct ht_buf file;
    struct ht_vault_row row;
    struct ht_vault_change change;
};

/* On the writer's thread. */
static enum ht_err write_file(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    struct keep *keep = (struct keep *)write;
    enum ht_err err = ht_vault_sql_save(db, &keep->row, why);
    if (err == HT_OK && keep->change.also != NULL) {
        err = keep->change.also(keep->change.user, db, why);
    }
    return err;
}

static void end_keep(struct keep *keep, enum ht_err err, const struct ht_why *why) {
    struct ht_identity *identity = keep->identity;
    struct ht_vault_keeper *keeper = identity->vault;
    struct ht_vault_change change = keep->change;
    const struct ht_why reason = *why; /* perhaps inside of keep */
    keeper->is_changing = false;
    if (err == HT_OK) {
        struct ht_buf old = keeper->file;
        keeper->file = keep->file;
        keep->file = old;
        keeper->generation = keep->row.generation;
    } else {
        ht_vault_lock_now(identity);
    }
    ht_buf_fini(&keep->file);
    free(keep);
    change.done(change.user, err, &reason);
    publish(identity);
}

static void wrote_file(struct ht_write *write) {
    end_keep((struct keep *)write, write->err, &write->why);
}

static enum ht_err start_keep(struct keep *keep, struct ht_why *why) {
    const struct ht_vault_keeper *keeper = keep->identity->vault;
    ht_bytes file = keep->change.file;
    if (file.n < GENERATION_AT + 8) {
        return ht_fail(why, HT_EINPUT, "vault_malformed", "the signer gave no vault");
    }
    enum ht_err err = ht_buf_add(&keep->file, file);
    if (err != HT_OK) return ht_fail(why, err, "vault_malformed", "the vault is too large");
    keep->row = (struct ht_vault_row){.file = ht_buf_view(&keep->file),
                                      .generation = ht_read_u64_le(file.p + GENERATION_AT),
                                      .auto_lock_ms = keeper->auto_lock_ms};
    if (keep->row.generation <= keeper->generation) {
        return ht_fail(why, HT_ESTALE, "vault_older", "the signer gave an older vault");
    }
    keep->write.write = write_file;
    keep->write.done = wrote_file;
    err = ht_writer_submit(keep->identity->host->writer, &keep->write);
    if (err != HT_OK) (void)ht_fail(why, err, "busy", "the disk is too busy to keep it now");
    return err;
}

void ht_vault_keep(struct ht_identity *identity, const struct ht_vault_change *change) {
    struct ht_why why = {0};
    struct keep *keep = calloc(1, sizeof *keep);
    if (keep == NULL) {
        ht_vault_change_drop(identity, true);
        change->done(change->user, no_memory(&why), &why);
        return;
    }
    keep->identity = identity;
    keep->change = *change;
    ht_buf_init(&keep->file, HT_VAULT_FILE_MAX);
    enum ht_err err = start_keep(keep, &why);
    if (err != HT_OK) end_keep(keep, err, &why);
}

enum ht_err ht_vault_change_begin(struct ht_identity *identity, struct ht_why *why) {
    if (identity->vault->is_changing) {
        return ht_fail(why, HT_EAGAIN, "vault_busy", "the wallet is being changed already");
    }
    identity->vault->is_changing = true;
    return HT_OK;
}

void ht_vault_change_drop(struct ht_identity *identity, bool signer_changed) {
    identity->vault->is_changing = false;
    if (signer_changed) ht_vault_lock_now(identity);
}

/* --- status ----------------------------------------------------------------------------------- */

static json_t *confined_json(unsigned bits) {
    json_t *names = json_array();
    for (unsigned bit = HT_CONFINED_NO_DUMP; bit <= HT_CONFINED_LOCKED_MEMORY; bit <<= 1) {
        if ((bits & bit) == 0) continue;
        (void)json_array_append_new(names, json_string(ht_confined_name((enum ht_confined)bit)));
    }
    return names;
}

static json_t *signer_json(const struct ht_identity *identity) {
    if (ht_vault_check_signer(identity, NULL) != HT_OK) return json_null();
    const struct ht_signer_hello *hello = ht_signer_hello(identity->host->signer);
    char key[HT_HEX_SIZE(HT_HPKE_PUBLIC_SIZE)];
    ht_hex_write(key, HT_BYTES(hello->public_key));
    return json_pack("{s:i, s:s, s:o}", "pid", hello->pid, "key", key, "confined",
                     confined_json(hello->confined));
}

enum ht_err ht_vault_json(void *self, json_t **out, struct ht_why *why) {
    const struct ht_identity *identity = self;
    struct ht_why reason = {0};
    bool has_signer = ht_vault_check_signer(identity, &reason) == HT_OK;
    const char *vault = ht_vault_is_unlocked(identity) ? "open" : "locked";
    *out = json_pack("{s:s, s:o, s:s?, s:I, s:b, s:I}", "vault",
                     ht_vault_is_there(identity) ? vault : "none", "signer", signer_json(identity),
                     "why", has_signer ? NULL : reason.text, "auto_lock_ms",
                     (json_int_t)identity->vault->auto_lock_ms, "is_backed_up",
                     (int)ht_accounts_are_backed_up(identity), "accounts",
                     (json_int_t)ht_accounts_count(identity));
    return *out != NULL ? HT_OK : no_memory(why);
}

/* --- life ------------------------------------------------------------------------------------- */

static enum ht_err load(void *user, const struct ht_vault_row *row) {
    struct ht_vault_keeper *keeper = user;
    keeper->generation = row->generation;
    keeper->auto_lock_ms = row->auto_lock_ms;
    return ht_buf_add(&keeper->file, row->file);
}

enum ht_err ht_vault_keeper_new(struct ht_identity *identity, sqlite3 *db, struct ht_why *why) {
    struct ht_vault_keeper *keeper = calloc(1, sizeof *keeper);
    if (keeper == NULL) return no_memory(why);
    keeper->identity = identity;
    keeper->auto_lock_ms = HT_AUTO_LOCK_MS;
    ht_buf_init(&keeper->file, HT_VAULT_FILE_MAX);
    identity->vault = keeper;
    enum ht_err err = ht_vault_sql_load(db, load, keeper, why);
    if (err != HT_OK) ht_vault_keeper_free(identity);
    return err;
}

void ht_vault_keeper_free(struct ht_identity *identity) {
    struct ht_vault_keeper *keeper = identity->vault;
    if (keeper == NULL) return;
    ht_timer_cancel(&keeper->timer);
    ht_buf_fini(&keeper->file);
    free(keeper);
    identity->vault = NULL;
}
