/* How long events stay. */
#include "social/store/store_retention.h"

#include <stdlib.h>

#include "social/kinds.h"
#include "social/relay/policy.h"
#include "social/store/store_impl.h"
#include "social/store/store_put.h"
#include "social/store/store_share.h"

#define DAY_S INT64_C(86400)
#define SETS_FROM 30000U
#define SETS_TO 30022U /* articles begin behind it */

static int compare_hashes(const void *a, const void *b) {
    return memcmp(((const ht_hash32 *)a)->b, ((const ht_hash32 *)b)->b, 32);
}

static bool has(const ht_hash32 *list, size_t count, const ht_hash32 *value) {
    return count > 0 && bsearch(value, list, count, sizeof *list, compare_hashes) != NULL;
}

static const struct ht_keeping_kind *rule_of(const struct ht_keeping *keeping, uint32_t kind) {
    for (size_t i = 0; i < keeping->kind_count; i++) {
        if (keeping->kinds[i].kind == kind) return &keeping->kinds[i];
    }
    return NULL;
}

static bool is_list(uint32_t kind) {
    return ht_event_class_of(kind) == HT_EVENT_REPLACEABLE ||
           (kind >= SETS_FROM && kind <= SETS_TO);
}

/* 0: for ever. */
static uint32_t days_of(const struct ht_keeping *keeping, const struct ht_store_row *row) {
    if (row->kind == HT_KIND_DELETE || row->kind == HT_KIND_VANISH) return 0;
    if (has(keeping->owners, keeping->owner_count, &row->pubkey)) return 0;
    if (has(keeping->marked, keeping->marked_count, &row->id)) return 0;
    bool is_followed = has(keeping->followed, keeping->followed_count, &row->pubkey);
    if (is_followed && is_list(row->kind)) return 0;
    const struct ht_keeping_kind *rule = rule_of(keeping, row->kind);
    if (rule != NULL) return rule->days;
    if (ht_policy_is_private_kind(row->kind)) return 0;
    return is_followed ? keeping->followed_days : keeping->days;
}

bool ht_keeping_is_over(const struct ht_keeping *keeping, const struct ht_store_row *row) {
    uint32_t days = days_of(keeping, row);
    return days > 0 && row->created_at < keeping->now_s - days * DAY_S;
}

/* The least days of any rule, 0: there is none. */
static uint32_t least_days(const struct ht_keeping *keeping) {
    uint32_t least = keeping->days;
    if (keeping->followed_days > 0 && (least == 0 || keeping->followed_days < least)) {
        least = keeping->followed_days;
    }
    for (size_t i = 0; i < keeping->kind_count; i++) {
        uint32_t days = keeping->kinds[i].days;
        if (days > 0 && (least == 0 || days < least)) least = days;
    }
    return least;
}

bool ht_keeping_has_rules(const struct ht_keeping *keeping) {
    return least_days(keeping) > 0;
}

static bool takes(void *user, const struct ht_store_row *row) {
    return ht_keeping_is_over(user, row);
}

enum ht_err ht_store_keep(size_t *removed, bool *more, struct ht_store *store,
                          const struct ht_keeping *keeping, struct ht_store_walk *walk, size_t max,
                          size_t max_looked, struct ht_why *why) {
    struct ht_keeping rules = *keeping;
    size_t count = 0, looked = 0;
    *removed = 0;
    *more = false;
    if (!ht_keeping_has_rules(keeping)) return HT_OK;
    struct ht_store_row *rows = calloc(max, sizeof *rows);
    if (rows == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory to sweep");
    walk->below = ht_store_place_floor(keeping->now_s - least_days(keeping) * DAY_S);
    enum ht_err err = ht_store_sql_walk(rows, &count, &looked, &store->sql, walk, max, max_looked,
                                        takes, &rules, why);
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        err = ht_store_take_out(store, &rows[i], why);
    }
    free(rows);
    if (err != HT_OK) {
        ht_store_share_forget(store);
        return err;
    }
    *removed = count;
    *more = count == max || looked == max_looked;
    if (!*more) *walk = (struct ht_store_walk){0};
    return HT_OK;
}

enum ht_err ht_store_kinds(struct ht_store_kind *out, size_t *count, struct ht_store *store,
                           size_t max, struct ht_why *why) {
    return ht_store_sql_kinds(out, count, &store->sql, max, why);
}
