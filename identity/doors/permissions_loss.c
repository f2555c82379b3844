/* Permissions that end by themselves. Pages are told as when the owner takes one back. */
#include "identity/doors/permissions_loss.h"

#include "identity/audit.h"
#include "identity/keys/accounts.h"
#include "identity/wallet/queue.h"

#define TICK_MS 60000 /* a computer that slept has an end behind it when it wakes */

/* Whether there was any that is not in the wallet any more. */
static bool drop_gone(const struct ht_identity *identity, struct ht_permission *permission) {
    size_t kept = 0;
    for (size_t i = 0; i < permission->count; i++) {
        if (ht_accounts_find(identity, &permission->accounts[i]) == NULL) continue;
        permission->accounts[kept++] = permission->accounts[i];
    }
    bool has_lost = kept < permission->count;
    permission->count = kept;
    return has_lost;
}

static struct ht_permission *find_lost(const struct ht_identity *identity) {
    struct ht_permission *found = identity->permissions->list;
    while (found != NULL && found->count > 0 && ht_permission_is_valid(identity, found))
        found = found->next;
    return found;
}

static void lose(struct ht_identity *identity, struct ht_permission *permission) {
    const struct ht_permission lost = *permission;
    ht_permission_forget(identity, permission);
    ht_audit_add(identity, "revoked", lost.origin, NULL,
                 lost.count == 0 ? "its accounts were removed" : "its time was over");
    /* At the start there is no queue yet, and nobody who waits. */
    if (identity->queue != NULL) ht_queue_on_revoke(identity, lost.origin);
    ht_permission_tell_pages(identity, lost.origin);
}

static void on_timer(struct ht_timer *timer) {
    const struct ht_permissions *permissions =
        (struct ht_permissions *)((char *)timer - offsetof(struct ht_permissions, timer));
    ht_permissions_sweep(permissions->identity);
}

static void set_timer(struct ht_identity *identity) {
    struct ht_permissions *permissions = identity->permissions;
    int64_t now = ht_wall_ms(identity->host->clock), delay_ms = TICK_MS;
    if (permissions->list == NULL && !permissions->is_tidy_due) {
        ht_timer_cancel(&permissions->timer);
        return;
    }
    for (const struct ht_permission *one = permissions->list; one != NULL; one = one->next) {
        int64_t left_ms = one->expires_ms - now;
        if (left_ms < delay_ms) delay_ms = left_ms > 0 ? left_ms : 1;
    }
    ht_timer_set(identity->host->loop, &permissions->timer, delay_ms, on_timer);
}

void ht_permissions_sweep(struct ht_identity *identity) {
    struct ht_permissions *permissions = identity->permissions;
    bool has_changed = false;
    for (struct ht_permission *one = permissions->list; one != NULL; one = one->next) {
        if (!drop_gone(identity, one)) continue;
        has_changed = true;
        /* Of one that ends its pages hear below. */
        if (one->count > 0 && ht_permission_is_valid(identity, one))
            ht_permission_tell_pages(identity, one->origin);
    }
    /* From the beginning after each: whoever is refused may change the list. */
    for (struct ht_permission *lost; (lost = find_lost(identity)) != NULL; has_changed = true)
        lose(identity, lost);
    if (has_changed || permissions->is_tidy_due)
        permissions->is_tidy_due = ht_permissions_tidy(identity) != HT_OK;
    set_timer(identity);
    if (has_changed) ht_permissions_changed(identity);
}

void ht_permissions_on_accounts(struct ht_identity *identity) {
    ht_permissions_sweep(identity);
}
