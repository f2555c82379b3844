/* Which origins may see accounts, kept in memory and on disk. What each may do with them is asked
 * of the owner every time (queue.c). */
#include "identity/doors/permissions.h"

#include <stdlib.h>

#include "identity/audit.h"
#include "identity/doors/permissions_impl.h"
#include "identity/doors/permissions_loss.h"
#include "identity/identity_sql.h"
#include "identity/keys/accounts.h"
#include "identity/wallet/queue.h"
#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/codec/json.h"

#define USED_EVERY_MS 60000 /* how often a use is kept */

_Static_assert(HT_QUEUE_ACCOUNTS_MAX <= HT_PERMISSION_ACCOUNTS_MAX, "what is decided can be kept");

/* A change on its way to the disk. */
struct ht_permission_write {
    struct ht_write write;
    struct ht_identity *identity;
    enum { GRANT, USE, REVOKE, REVOKE_ALL, TIDY } what;
    struct ht_permission value;
    int64_t now_ms;     /* of TIDY */
    bool is_taken_back; /* a grant that was revoked before it was on disk */
    struct ht_permission_write *next;
    struct ht_permission_change told;
};

/* --- finding ---------------------------------------------------------------------------------- */

void ht_permissions_changed(const struct ht_identity *identity) {
    identity->host->publish(identity->host, "wallet.permissions");
}

static struct ht_permission *find_any(const struct ht_identity *identity, const char *origin) {
    struct ht_permission *found = identity->permissions->list;
    while (found != NULL && strcmp(found->origin, origin) != 0) found = found->next;
    return found;
}

bool ht_permission_is_valid(const struct ht_identity *identity,
                            const struct ht_permission *permission) {
    return ht_wall_ms(identity->host->clock) < permission->expires_ms;
}

/* One that holds now; the owner needs none. */
static struct ht_permission *find(const struct ht_identity *identity, const char *origin) {
    struct ht_permission *found = origin != NULL ? find_any(identity, origin) : NULL;
    return found != NULL && ht_permission_is_valid(identity, found) ? found : NULL;
}

bool ht_permission_has(const struct ht_identity *identity, const char *origin) {
    return find(identity, origin) != NULL;
}

bool ht_permission_has_account(const struct ht_identity *identity, const char *origin,
                               const ht_addr20 *account) {
    const struct ht_permission *permission = find(identity, origin);
    if (permission == NULL || ht_accounts_find(identity, account) == NULL) return false;
    for (size_t i = 0; i < permission->count; i++) {
        if (memcmp(permission->accounts[i].b, account->b, sizeof account->b) == 0) return true;
    }
    return false;
}

/* Accounts that were removed from the wallet are left out; NULL without memory. */
static json_t *accounts_json(const struct ht_identity *identity,
                             const struct ht_permission *permission) {
    json_t *list = json_array();
    for (size_t i = 0; permission != NULL && i < permission->count; i++) {
        if (ht_accounts_find(identity, &permission->accounts[i]) == NULL) continue;
        char address[HT_HEX_SIZE(20)];
        ht_hex_write(address, HT_BYTES(permission->accounts[i].b));
        if (json_array_append_new(list, json_string(address)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

json_t *ht_permission_accounts_json(const struct ht_identity *identity, const char *origin) {
    return accounts_json(identity, find(identity, origin));
}

void ht_permission_tell_pages(const struct ht_identity *identity, const char *origin) {
    json_t *accounts = ht_permission_accounts_json(identity, origin);
    if (accounts == NULL) return;
    identity->host->notify_origin(identity->host, origin, "accountsChanged", accounts);
}

int64_t ht_permission_granted_ms(const struct ht_identity *identity, const char *origin) {
    const struct ht_permission *permission = find(identity, origin);
    return permission != NULL ? permission->granted_ms : 0;
}

void ht_permission_forget(struct ht_identity *identity, struct ht_permission *permission) {
    struct ht_permission **at = &identity->permissions->list;
    while (*at != permission) at = &(*at)->next;
    *at = permission->next;
    identity->permissions->count--;
    free(permission);
}

/* --- disk ------------------------------------------------------------------------------------- */

static enum ht_err save_rows(sqlite3 *db, const struct ht_permission *value, struct ht_why *why) {
    enum ht_err err = ht_permission_sql_delete(db, value->origin, why);
    for (size_t i = 0; i < value->count && err == HT_OK; i++) {
        const struct ht_permission_row row = {.origin = value->origin,
                                              .account = value->accounts[i],
                                              .granted_ms = value->granted_ms,
                                              .expires_ms = value->expires_ms,
                                              .used_ms = value->used_ms};
        err = ht_permission_sql_save(db, &row, why);
    }
    return err;
}

/* On the writer's thread. */
static enum ht_err write_change(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    const struct ht_permission_write *change = (const struct ht_permission_write *)write;
    switch (change->what) {
    case GRANT:
    case USE: return save_rows(db, &change->value, why);
    case REVOKE: return ht_permission_sql_delete(db, change->value.origin, why);
    case TIDY: return ht_permission_sql_tidy(db, change->now_ms, why);
    case REVOKE_ALL: break;
    }
    return ht_permission_sql_delete(db, NULL, why);
}

static void apply_grant(struct ht_permission_write *change) {
    struct ht_identity *identity = change->identity;
    struct ht_permissions *permissions = identity->permissions;
    struct ht_permission *permission = find_any(identity, change->value.origin);
    struct ht_permission *next = permission != NULL ? permission->next : NULL;
    if (permission == NULL) {
        permission = calloc(1, sizeof *permission);
        if (permission == NULL) {
            change->write.err =
                ht_fail(&change->write.why, HT_ENOMEM, "no_memory", "out of memory");
            return;
        }
        struct ht_permission **at = &permissions->list;
        while (*at != NULL) at = &(*at)->next;
        *at = permission;
        permissions->count++;
    }
    *permission = change->value;
    permission->next = next;
    ht_audit_add(identity, "granted", permission->origin, NULL, "may see accounts and ask");
    ht_permissions_changed(identity);
    ht_permission_tell_pages(identity, permission->origin);
    ht_permissions_sweep(identity); /* an account of it may have been removed meanwhile */
}

static void wrote_change(struct ht_write *write) {
    struct ht_permission_write *change = (struct ht_permission_write *)write;
    if (change->what == GRANT) {
        struct ht_permission_write **at = &change->identity->permissions->grants;
        while (*at != change) at = &(*at)->next;
        *at = change->next;
        if (write->err == HT_OK && change->is_taken_back) {
            write->err = ht_fail(&write->why, HT_EDENIED, "revoked",
                                 "the permission was taken back at once");
        }
        if (write->err == HT_OK) apply_grant(change);
    }
    if (write->err != HT_OK && change->what == TIDY)
        change->identity->permissions->is_tidy_due = true;
    if (write->err != HT_OK && change->what != GRANT)
        ht_log(HT_LOG_WARN, "identity", "a permission's change was not kept: %s", write->why.text);
    if (change->told.done != NULL) change->told.done(change->told.user, write->err, &write->why);
    free(change);
}

/* HT_ENOMEM, HT_EAGAIN "busy"; nothing is kept of it then. */
static enum ht_err submit(const struct ht_permission_write *wanted, struct ht_why *why) {
    struct ht_permission_write *change = malloc(sizeof *change);
    if (change == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    *change = *wanted;
    change->write = (struct ht_write){.write = write_change, .done = wrote_change};
    enum ht_err err = ht_writer_submit(change->identity->host->writer, &change->write);
    if (err != HT_OK) {
        free(change);
        return ht_fail(why, err, "busy", "the disk is too busy to keep it now");
    }
    if (change->what == GRANT) {
        change->next = change->identity->permissions->grants;
        change->identity->permissions->grants = change;
    }
    return HT_OK;
}

/* --- granting --------------------------------------------------------------------------------- */

static void tell(const struct ht_permission_change *change, enum ht_err err,
                 const struct ht_why *why) {
    if (change != NULL && change->done != NULL) change->done(change->user, err, why);
}

enum ht_err ht_permissions_tidy(struct ht_identity *identity) {
    const struct ht_permission_write wanted = {
        .identity = identity, .what = TIDY, .now_ms = ht_wall_ms(identity->host->clock)};
    return submit(&wanted, NULL);
}

static enum ht_err check_grant(struct ht_identity *identity, const char *origin, size_t count,
                               struct ht_why *why) {
    if (strlen(origin) >= HT_ORIGIN_MAX || strcmp(origin, "null") == 0)
        return ht_fail(why, HT_EINPUT, "bad_origin", "nothing can be granted to such an origin");
    if (count == 0 || count > HT_PERMISSION_ACCOUNTS_MAX)
        return ht_fail(why, HT_EINPUT, "bad_accounts", "1 to %u accounts can be shown",
                       HT_PERMISSION_ACCOUNTS_MAX);
    if (identity->permissions->count >= HT_PERMISSIONS_MAX) ht_permissions_sweep(identity);
    bool is_new = find_any(identity, origin) == NULL;
    if (!is_new || identity->permissions->count < HT_PERMISSIONS_MAX) return HT_OK;
    return ht_fail(why, HT_ELIMIT, "too_many_permissions",
                   "%u origins have a permission already; revoke some", HT_PERMISSIONS_MAX);
}

void ht_permission_grant(struct ht_identity *identity, const char *origin,
                         const ht_addr20 *accounts, size_t count,
                         const struct ht_permission_change *change) {
    struct ht_why why = {0};
    enum ht_err err = check_grant(identity, origin, count, &why);
    if (err != HT_OK) {
        tell(change, err, &why);
        return;
    }
    int64_t now = ht_wall_ms(identity->host->clock);
    struct ht_permission_write wanted = {.identity = identity, .what = GRANT};
    memcpy(wanted.value.origin, origin, strlen(origin) + 1);
    memcpy(wanted.value.accounts, accounts, count * sizeof *accounts);
    wanted.value.count = count;
    wanted.value.granted_ms = now;
    wanted.value.expires_ms = now + HT_PERMISSION_MS;
    if (change != NULL) wanted.told = *change;
    err = submit(&wanted, &why);
    if (err != HT_OK) tell(change, err, &why);
}

/* Of this origin; NULL: of all. How many. */
static size_t take_back_grants(struct ht_identity *identity, const char *origin) {
    size_t count = 0;
    for (struct ht_permission_write *grant = identity->permissions->grants; grant != NULL;
         grant = grant->next) {
        if (origin != NULL && strcmp(grant->value.origin, origin) != 0) continue;
        grant->is_taken_back = true;
        count++;
    }
    return count;
}

void ht_permission_revoke(struct ht_identity *identity, const char *origin,
                          const struct ht_permission_change *change) {
    struct ht_why why = {0};
    struct ht_permission *permission = find_any(identity, origin);
    size_t pending = take_back_grants(identity, origin);
    enum ht_err err =
        permission != NULL || pending > 0
            ? HT_OK
            : ht_fail(&why, HT_ENOTFOUND, "no_permission", "that origin has no permission");
    if (err != HT_OK) {
        tell(change, err, &why);
        return;
    }
    struct ht_permission_write wanted = {.identity = identity, .what = REVOKE};
    (void)memcpy(wanted.value.origin, origin, strlen(origin) + 1);
    if (change != NULL) wanted.told = *change;
    bool was_granted = permission != NULL;
    if (was_granted) ht_permission_forget(identity, permission);
    ht_audit_add(identity, "revoked", wanted.value.origin, NULL, "may not see accounts any more");
    ht_permissions_changed(identity);
    ht_queue_on_revoke(identity, wanted.value.origin);
    if (was_granted) ht_permission_tell_pages(identity, wanted.value.origin);
    err = submit(&wanted, &why);
    if (err != HT_OK) tell(change, err, &why);
}

void ht_permission_use(struct ht_identity *identity, const char *origin) {
    struct ht_permission *permission = find(identity, origin);
    if (permission == NULL) return;
    int64_t now = ht_wall_ms(identity->host->clock);
    permission->used_ms = now;
    if (permission->kept_ms != 0 && now - permission->kept_ms < USED_EVERY_MS) return;
    permission->kept_ms = now;
    const struct ht_permission_write wanted = {
        .identity = identity, .what = USE, .value = *permission};
    if (submit(&wanted, NULL) != HT_OK) permission->kept_ms = 0;
    ht_permissions_changed(identity);
}

/* --- the door --------------------------------------------------------------------------------- */

enum ht_err ht_permissions_admit(void *self, const char *origin, const char *method,
                                 struct ht_why *why) {
    const struct ht_identity *identity = self;
    static const char *const open[] = {"eth_requestAccounts", "wallet_requestPermissions",
                                       "eth_accounts", "wallet_getPermissions"};
    if (strcmp(origin, "null") == 0 || strlen(origin) >= HT_ORIGIN_MAX)
        return ht_fail(why, HT_EDENIED, "bad_origin", "such an origin can be given no permission");
    if (ht_permission_has(identity, origin)) return HT_OK;
    for (size_t i = 0; method != NULL && i < sizeof open / sizeof *open; i++) {
        if (strcmp(method, open[i]) == 0) return HT_OK;
    }
    return ht_fail(why, HT_EDENIED, "unauthorized",
                   "this page has no permission; it can ask for one with eth_requestAccounts");
}

/* --- for the owner ---------------------------------------------------------------------------- */

struct revocation {
    struct ht_rpc_call *call;
    size_t count;
};

static void on_revoked(void *user, enum ht_err err, const struct ht_why *why) {
    struct revocation *waiting = user;
    if (err == HT_OK) {
        ht_rpc_finish(waiting->call, json_pack("{s:I}", "revoked", (json_int_t)waiting->count));
    } else {
        ht_rpc_refuse(waiting->call, err, why);
    }
    free(waiting);
}

static void revoke_one(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    const char *origin = NULL;
    enum ht_err err = ht_json_text(&origin, params, "origin", &why);
    struct revocation *waiting = err == HT_OK ? calloc(1, sizeof *waiting) : NULL;
    if (err == HT_OK && waiting == NULL) err = HT_ENOMEM;
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    *waiting = (struct revocation){.call = call, .count = 1};
    const struct ht_permission_change change = {on_revoked, waiting};
    ht_permission_revoke(self, origin, &change);
}

static void revoke_all(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_why why = {0};
    (void)params;
    struct revocation *waiting = calloc(1, sizeof *waiting);
    if (waiting == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    *waiting = (struct revocation){.call = call, .count = identity->permissions->count};
    waiting->count += take_back_grants(identity, NULL);
    while (identity->permissions->list != NULL) {
        const struct ht_permission revoked = *identity->permissions->list;
        ht_permission_forget(identity, identity->permissions->list);
        ht_permission_tell_pages(identity, revoked.origin);
    }
    ht_audit_add(identity, "revoked", NULL, NULL, "all permissions");
    ht_permissions_changed(identity);
    ht_queue_on_revoke(identity, NULL);
    const struct ht_permission_write wanted = {
        .identity = identity, .what = REVOKE_ALL, .told = {on_revoked, waiting}};
    enum ht_err err = submit(&wanted, &why);
    if (err != HT_OK) on_revoked(waiting, err, &why);
}

enum ht_err ht_permissions_json(void *self, json_t **out, struct ht_why *why) {
    const struct ht_identity *identity = self;
    json_t *list = json_array();
    int failed = 0;
    for (const struct ht_permission *permission = identity->permissions->list; permission != NULL;
         permission = permission->next) {
        if (!ht_permission_is_valid(identity, permission)) continue;
        failed |= json_array_append_new(
            list, json_pack("{s:s, s:o, s:I, s:I, s:I}", "origin", permission->origin, "accounts",
                            accounts_json(identity, permission), "granted_ms",
                            (json_int_t)permission->granted_ms, "expires_ms",
                            (json_int_t)permission->expires_ms, "used_ms",
                            (json_int_t)permission->used_ms));
    }
    json_t *topic = json_pack("{s:o}", "permissions", list);
    if (topic != NULL && failed == 0) {
        *out = topic;
        return HT_OK;
    }
    json_decref(topic);
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static const struct ht_rpc_method methods[] = {
    {.name = "wallet.revoke", .start = revoke_one},
    {.name = "wallet.revoke_all", .start = revoke_all},
};
const struct ht_identity_methods ht_permission_methods = {methods,
                                                          sizeof methods / sizeof *methods};

/* --- start ------------------------------------------------------------------------------------ */

/* Rows that are more than fit are left where they are. */
static enum ht_err load_row(void *user, const struct ht_permission_row *row) {
    struct ht_identity *identity = user;
    struct ht_permissions *permissions = identity->permissions;
    if (row->origin == NULL || strlen(row->origin) >= HT_ORIGIN_MAX) return HT_OK;
    struct ht_permission *permission = find_any(identity, row->origin);
    if (permission == NULL) {
        if (permissions->count == HT_PERMISSIONS_MAX) return HT_OK;
        permission = calloc(1, sizeof *permission);
        if (permission == NULL) return HT_ENOMEM;
        memcpy(permission->origin, row->origin, strlen(row->origin) + 1);
        permission->granted_ms = row->granted_ms;
        permission->expires_ms = row->expires_ms;
        permission->used_ms = row->used_ms;
        permission->kept_ms = row->used_ms;
        permission->next = permissions->list;
        permissions->list = permission;
        permissions->count++;
    }
    if (permission->count < HT_PERMISSION_ACCOUNTS_MAX)
        permission->accounts[permission->count++] = row->account;
    return HT_OK;
}

enum ht_err ht_permissions_new(struct ht_identity *identity, sqlite3 *db, struct ht_why *why) {
    identity->permissions = calloc(1, sizeof *identity->permissions);
    if (identity->permissions == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    identity->permissions->identity = identity;
    enum ht_err err = ht_permission_sql_load(db, load_row, identity, why);
    if (err == HT_OK) {
        ht_permissions_sweep(identity);
    } else {
        ht_permissions_free(identity);
    }
    return err;
}

void ht_permissions_free(struct ht_identity *identity) {
    if (identity->permissions == NULL) return;
    ht_timer_cancel(&identity->permissions->timer);
    while (identity->permissions->list != NULL)
        ht_permission_forget(identity, identity->permissions->list);
    free(identity->permissions);
    identity->permissions = NULL;
}
