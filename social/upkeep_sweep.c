/* social.stats, and removing what has had its time. */
#include "social/upkeep_sweep.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "social/client_sql.h"
#include "social/feed/look.h"
#include "social/kinds.h"
#include "social/relay/sets.h"
#include "social/settings.h"
#include "social/upkeep_store.h"

#define SWEEP_MS 60000
#define MORE_MS 1000
#define OWNERS_MAX 64U

/* --- numbers ---------------------------------------------------------------------------------- */

static enum ht_err read_kinds(json_t **out, struct ht_store *store, struct ht_why *why) {
    struct ht_store_kind kinds[HT_STATS_KINDS_MAX];
    size_t count = 0;
    enum ht_err err = ht_store_kinds(kinds, &count, store, HT_STATS_KINDS_MAX, why);
    if (err != HT_OK) return err;
    json_t *list = json_array();
    int failed = list == NULL;
    for (size_t i = 0; failed == 0 && i < count; i++) {
        failed =
            json_array_append_new(list, json_pack("{s:I, s:I}", "kind", (json_int_t)kinds[i].kind,
                                                  "events", (json_int_t)kinds[i].events));
    }
    if (failed != 0) {
        json_decref(list);
        return ht_task_no_memory(why);
    }
    *out = list;
    return HT_OK;
}

enum ht_err ht_sweep_stats(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    struct ht_store_counts counts;
    json_t *kinds = NULL, *removed = NULL;
    enum ht_err err = ht_store_counts(&counts, task->store, why);
    if (err == HT_OK) err = ht_sweep_removed(&removed, db, why);
    if (err == HT_OK) err = read_kinds(&kinds, task->store, why);
    if (err != HT_OK) {
        json_decref(removed);
        return err;
    }
    task->result = json_pack(
        "{s:o, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:o}}", "removed", removed, "store", "events",
        (json_int_t)counts.events, "authors", (json_int_t)counts.authors, "bytes",
        (json_int_t)counts.bytes, "tombstones", (json_int_t)counts.tombstones, "oldest",
        (json_int_t)counts.oldest, "newest", (json_int_t)counts.newest, "kinds", kinds);
    return task->result != NULL ? HT_OK : ht_task_no_memory(why);
}

static void got_stats(struct ht_task *task) {
    struct ht_why why = {0};
    const struct ht_relay_counts now = ht_relay_counts(task->social->relay);
    json_t *relay =
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "connections",
                  (json_int_t)now.connections_now, "connections_ever", (json_int_t)now.connections,
                  "received", (json_int_t)now.received, "stored", (json_int_t)now.stored, "refused",
                  (json_int_t)now.refused, "bad_signatures", (json_int_t)now.bad_signatures, "sent",
                  (json_int_t)now.sent, "queries", (json_int_t)now.queries, "subscriptions",
                  (json_int_t)now.subscriptions_now, "dropped_slow", (json_int_t)now.dropped_slow);
    int failed = json_object_set_new(task->result, "relay", relay);
    if (task->social->host->door != NULL) {
        failed |= json_object_set_new(task->result, "door", ht_door_json(task->social->host->door));
    }
    ht_task_end(task, failed == 0 ? HT_OK : ht_task_no_memory(&why), &why);
}

void ht_stats_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    if (task != NULL) ht_task_look(task, ht_sweep_stats, got_stats);
}

/* --- what was removed --------------------------------------------------------------------------
 */

enum ht_err ht_sweep_removed(json_t **out, sqlite3 *db, struct ht_why *why) {
    json_t *value = NULL;
    enum ht_err err = ht_client_sql_get(&value, db, "removed", why);
    if (err != HT_OK) return err;
    json_t *removed = json_pack("{s:i, s:i}", "retention", 0, "expired", 0);
    if (value != NULL) (void)json_object_update_existing(removed, value);
    json_decref(value);
    if (removed == NULL) return ht_task_no_memory(why);
    *out = removed;
    return HT_OK;
}

static int add(json_t *object, const char *name, size_t more) {
    json_int_t number = json_integer_value(ht_json_member(object, name));
    return json_object_set_new(object, name, json_integer(number + (json_int_t)more));
}

enum ht_err ht_sweep_add_removed(sqlite3 *db, size_t by_age, size_t expired, struct ht_why *why) {
    json_t *removed = NULL;
    if (by_age + expired == 0) return HT_OK;
    enum ht_err err = ht_sweep_removed(&removed, db, why);
    if (err != HT_OK) return err;
    err = add(removed, "retention", by_age) == 0 && add(removed, "expired", expired) == 0
              ? ht_client_sql_set(db, "removed", removed, why)
              : ht_task_no_memory(why);
    json_decref(removed);
    return err;
}

/* --- whose events are whose --------------------------------------------------------------------
 */

struct keys {
    ht_hash32 *list;
    size_t count;
};

static int compare_keys(const void *a, const void *b) {
    return memcmp(((const ht_hash32 *)a)->b, ((const ht_hash32 *)b)->b, 32);
}

/* What the newest list of that kind of each owner names, sorted. */
static enum ht_err read_named(struct keys *out, struct ht_task *task, const ht_hash32 *owners,
                              size_t owner_count, uint32_t kind, const char *tag,
                              struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < owner_count; i++) {
        json_t *event = NULL;
        struct keys more = {0};
        err = ht_look_newest(&event, task, &owners[i], kind, why);
        if (err == HT_OK) err = ht_look_keys(&more.list, &more.count, event, tag, why);
        json_decref(event);
        ht_hash32 *whole = err == HT_OK && more.count > 0
                               ? realloc(out->list, (out->count + more.count) * sizeof *whole)
                               : out->list;
        if (err == HT_OK && more.count > 0 && whole == NULL) err = ht_task_no_memory(why);
        if (err == HT_OK && more.count > 0) {
            memcpy(whole + out->count, more.list, more.count * sizeof *whole);
            *out = (struct keys){.list = whole, .count = out->count + more.count};
        }
        free(more.list);
    }
    if (out->count > 0) qsort(out->list, out->count, sizeof *out->list, compare_keys);
    return err;
}

static enum ht_err sweep_with(size_t *removed, bool *more, struct ht_task *task,
                              const struct ht_keeping *keeping, struct ht_why *why) {
    struct ht_social_sweep *at = &task->social->sweep;
    struct ht_store_walk walk = {.place = at->place, .seq = at->seq};
    enum ht_err err = ht_store_keep(removed, more, task->store, keeping, &walk,
                                    HT_SWEEP_REMOVED_MAX, HT_SWEEP_LOOKED_MAX, why);
    if (err != HT_OK) return err;
    at->place = walk.place;
    at->seq = walk.seq;
    if (!*more) at->rest_until_s = task->now_s + HT_SWEEP_ROUND_S;
    return HT_OK;
}

enum ht_err ht_sweep_by_age(size_t *removed, bool *more, struct ht_task *task, sqlite3 *db,
                            const ht_hash32 *owners, size_t owner_count, struct ht_why *why) {
    struct ht_keeping keeping = {
        .owners = owners, .owner_count = owner_count, .now_s = task->now_s};
    struct keys followed = {0}, marked = {0};
    json_t *settings = NULL;
    *removed = 0;
    *more = false;
    if (owner_count == 0 || task->now_s < task->social->sweep.rest_until_s) return HT_OK;
    enum ht_err err = ht_settings_read(&settings, db, why);
    if (err != HT_OK) return err;
    ht_settings_keeping(&keeping, settings);
    json_decref(settings);
    if (!ht_keeping_has_rules(&keeping)) return HT_OK;
    err = read_named(&followed, task, owners, owner_count, HT_KIND_FOLLOWS, "p", why);
    if (err == HT_OK) {
        err = read_named(&marked, task, owners, owner_count, HT_KIND_BOOKMARKS, "e", why);
    }
    keeping.followed = followed.list;
    keeping.followed_count = followed.count;
    keeping.marked = marked.list;
    keeping.marked_count = marked.count;
    if (err == HT_OK) err = sweep_with(removed, more, task, &keeping, why);
    free(followed.list);
    free(marked.list);
    return err;
}

/* --- sweeping --------------------------------------------------------------------------------- */

struct owners {
    ht_hash32 list[OWNERS_MAX];
    size_t count;
};

static enum ht_err sweep(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    const struct owners *owners = task->user;
    size_t expired = 0, aged = 0;
    bool more = false, more_aged = false;
    enum ht_err err = ht_upkeep_store(&task->store, task->social, db, why);
    if (err == HT_OK) {
        err = ht_store_sweep(&expired, &more, task->store, NULL, 0, task->now_s,
                             HT_SWEEP_REMOVED_MAX, why);
    }
    if (err == HT_OK) {
        err = ht_sweep_by_age(&aged, &more_aged, task, db, owners->list, owners->count, why);
    }
    if (err == HT_OK) err = ht_sweep_add_removed(db, aged, expired, why);
    if (err != HT_OK) return err;
    task->result = json_pack("{s:b}", "more", more || more_aged);
    return task->result != NULL ? HT_OK : ht_task_no_memory(why);
}

static void sweep_now(struct ht_timer *timer);

static void swept(struct ht_task *task) {
    struct ht_social *social = task->social;
    if (json_is_true(ht_json_member(task->result, "more"))) {
        ht_timer_set(social->host->loop, &social->sweep_timer, MORE_MS, sweep_now);
    }
    ht_task_end(task, HT_OK, NULL);
}

static void sweep_now(struct ht_timer *timer) {
    struct ht_social *social =
        (struct ht_social *)(void *)((char *)timer - offsetof(struct ht_social, sweep_timer));
    struct ht_why why = {0};
    if (social->is_stopped) return;
    ht_upkeep_begin(social);
    struct ht_task *task = ht_task_new(social, NULL, NULL);
    struct owners *owners = task != NULL ? calloc(1, sizeof *owners) : NULL;
    if (task == NULL) return;
    if (owners == NULL) {
        ht_task_end(task, ht_task_no_memory(&why), &why);
        return;
    }
    owners->count = ht_sets_owners(social, owners->list, OWNERS_MAX);
    /* Those that did not fit would be strangers. */
    if (owners->count > OWNERS_MAX) owners->count = 0;
    if (owners->count > 0) {
        qsort(owners->list, owners->count, sizeof *owners->list, compare_keys);
    }
    task->user = owners;
    task->free_user = free;
    ht_task_change(task, sweep, swept);
}

void ht_upkeep_begin(struct ht_social *social) {
    ht_timer_set(social->host->loop, &social->sweep_timer, SWEEP_MS, sweep_now);
}

void ht_upkeep_hurry(struct ht_social *social) {
    ht_timer_set(social->host->loop, &social->sweep_timer, MORE_MS, sweep_now);
}
