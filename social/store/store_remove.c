/* Taking events out: by their authors (NIP-09, NIP-62), by moderation, by age. */
#include "social/store/store_remove.h"

#include <stdlib.h>

#include "social/store/store_put.h"
#include "social/store/store_share.h"
#include "social/store/store_text.h"

#define REMOVED_AT_ONCE 256U
#define EVENT_ARENA_MAX (HT_EVENT_ARENA(HT_EVENT_SIZE_MAX) + 2 * HT_EVENT_SIZE_MAX)

/* Reads the stored event that row is of. */
static enum ht_err read_stored(struct ht_event *event, struct ht_arena *arena,
                               struct ht_store *store, const struct ht_store_row *row,
                               struct ht_why *why) {
    ht_bytes json;
    enum ht_err err = ht_store_sql_json(&json, &store->sql, row->seq, why);
    if (err != HT_OK) return err;
    char *copy = ht_arena_copy_str(arena, json);
    ht_store_sql_json_done(&store->sql);
    if (copy == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for an event");
    return ht_event_read(event, arena, ht_bytes_of(copy, json.n), why);
}

static enum ht_err drop_tags_and_text(struct ht_store *store, const struct ht_event *event,
                                      const struct ht_store_row *row, struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < event->tag_count; i++) {
        char name = ht_store_tag_name(&event->tags[i]);
        if (name == 0) continue;
        int64_t tag = ht_store_tag_hash(store, name, event->tags[i].items[1]);
        err = ht_store_sql_drop_tag(&store->sql, tag, row, why);
    }
    if (err != HT_OK || !ht_store_is_searched(row->kind)) return err;
    err = ht_store_text(&store->text, event);
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "no memory for an event's text");
    if (store->text.n == 0) return HT_OK;
    return ht_store_sql_drop_text(&store->sql, row->seq, ht_buf_view(&store->text), why);
}

enum ht_err ht_store_take_out(struct ht_store *store, const struct ht_store_row *row,
                              struct ht_why *why) {
    struct ht_arena arena;
    struct ht_event event;
    ht_arena_init(&arena, EVENT_ARENA_MAX);
    enum ht_err err = read_stored(&event, &arena, store, row, why);
    if (err == HT_OK) err = drop_tags_and_text(store, &event, row, why);
    if (err == HT_OK) err = ht_store_sql_drop(&store->sql, row->seq, why);
    if (err == HT_OK) ht_store_share_add(store, &row->pubkey, -row->size);
    if (err == HT_OK && store->watch != NULL)
        store->watch->removed(store->watch->user, row->created_at, &row->id);
    ht_arena_fini(&arena);
    return err;
}

/* Neither a deletion nor a request to vanish can be deleted. */
static bool is_deletable(uint32_t kind) {
    return kind != HT_KIND_DELETION && kind != HT_KIND_VANISH;
}

static enum ht_err delete_id(struct ht_store *store, const struct ht_event *deletion, ht_bytes text,
                             struct ht_why *why) {
    ht_hash32 id;
    int64_t seq = 0;
    struct ht_store_row row;
    if (!ht_event_hex32(&id, text)) return HT_OK;
    enum ht_err err = ht_store_sql_set_gone(
        &store->sql, ht_store_gone_event(store, &deletion->pubkey, &id), INT64_MAX, why);
    if (err == HT_OK) err = ht_store_sql_find_id(&seq, &store->sql, &id, why);
    if (err != HT_OK || seq == 0) return err;
    err = ht_store_sql_row(&row, &store->sql, seq, why);
    if (err != HT_OK || row.seq == 0) return err;
    if (!ht_hash32_equal(&row.pubkey, &deletion->pubkey) || !is_deletable(row.kind)) return HT_OK;
    return ht_store_take_out(store, &row, why);
}

/* Reads "kind:pubkey:d"; false when it is no address of that author. */
static bool read_address(uint32_t *kind, ht_bytes *d, ht_bytes text, const ht_hash32 *author) {
    size_t at = 0;
    uint32_t number = 0;
    ht_hash32 pubkey;
    while (at < text.n && at < 5 && text.p[at] >= '0' && text.p[at] <= '9')
        number = number * 10 + (uint32_t)(text.p[at++] - '0');
    if (at == 0 || number > UINT16_MAX || text.n - at < 66) return false;
    if (text.p[at] != ':' || text.p[at + 65] != ':') return false;
    if (!ht_event_hex32(&pubkey, ht_bytes_of(text.p + at + 1, 64))) return false;
    *kind = number;
    *d = ht_bytes_of(text.p + at + 66, text.n - at - 66);
    enum ht_event_class class = ht_event_class_of(number);
    return ht_hash32_equal(&pubkey, author) &&
           (class == HT_EVENT_REPLACEABLE || class == HT_EVENT_ADDRESSABLE);
}

static enum ht_err delete_address(struct ht_store *store, const struct ht_event *deletion,
                                  ht_bytes text, struct ht_why *why) {
    uint32_t kind;
    ht_bytes d;
    int64_t seq = 0;
    struct ht_store_row row;
    if (!read_address(&kind, &d, text, &deletion->pubkey)) return HT_OK;
    int64_t address = ht_store_address_hash(store, kind, &deletion->pubkey, d);
    enum ht_err err = ht_store_sql_set_gone(&store->sql, ht_store_gone_address(store, address),
                                            deletion->created_at, why);
    if (err == HT_OK) err = ht_store_sql_find_address(&seq, &store->sql, address, why);
    if (err != HT_OK || seq == 0) return err;
    err = ht_store_sql_row(&row, &store->sql, seq, why);
    if (err != HT_OK || row.seq == 0 || row.created_at > deletion->created_at) return err;
    return ht_store_take_out(store, &row, why);
}

enum ht_err ht_store_delete(struct ht_store *store, const struct ht_event *event,
                            struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < event->tag_count; i++) {
        char name = ht_store_tag_name(&event->tags[i]);
        if (name == 'e') err = delete_id(store, event, event->tags[i].items[1], why);
        if (name == 'a') err = delete_address(store, event, event->tags[i].items[1], why);
    }
    return err;
}

static ht_bytes without_slashes(ht_bytes url) {
    while (url.n > 0 && url.p[url.n - 1] == '/') url.n--;
    return url;
}

static uint8_t lower(uint8_t c) {
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

static bool is_same_url(ht_bytes a, ht_bytes b) {
    a = without_slashes(a);
    b = without_slashes(b);
    if (a.n != b.n) return false;
    for (size_t i = 0; i < a.n; i++) {
        if (lower(a.p[i]) != lower(b.p[i])) return false;
    }
    return true;
}

bool ht_store_is_asked_to_vanish(const struct ht_event *event, const char *relay_url) {
    for (size_t i = 0; i < event->tag_count; i++) {
        const struct ht_event_tag *tag = &event->tags[i];
        if (!ht_bytes_equal(tag->items[0], ht_bytes_str("relay"))) continue;
        ht_bytes url = ht_event_tag_item(tag, 1);
        if (ht_bytes_equal(url, ht_bytes_str("ALL_RELAYS"))) return true;
        if (relay_url != NULL && is_same_url(url, ht_bytes_str(relay_url))) return true;
    }
    return false;
}

/* Is that what is to go? A piece of the author's index may hold others' events of the same prefix.
 */
static bool goes(const struct ht_store_seek *seek, const struct ht_store_row *row,
                 const struct ht_event *vanish) {
    if (row->seq == 0 || row->created_at > vanish->created_at) return false;
    if (seek->source == HT_STORE_BY_TAG) return row->kind == HT_KIND_GIFT_WRAP;
    return ht_hash32_equal(&row->pubkey, &vanish->pubkey) && row->kind != HT_KIND_VANISH;
}

static enum ht_err take_out_all(struct ht_store *store, struct ht_store_seek seek,
                                const struct ht_event *vanish, struct ht_why *why) {
    struct ht_store_spot spots[REMOVED_AT_ONCE];
    bool is_ended = false;
    while (!is_ended) {
        size_t count = 0, rows = 0;
        enum ht_err err = ht_store_sql_seek(spots, &count, &rows, &is_ended, &store->sql, &seek,
                                            REMOVED_AT_ONCE, SIZE_MAX, why);
        for (size_t i = 0; err == HT_OK && i < count; i++) {
            struct ht_store_row row;
            err = ht_store_sql_row(&row, &store->sql, spots[i].seq, why);
            if (err == HT_OK && goes(&seek, &row, vanish))
                err = ht_store_take_out(store, &row, why);
        }
        if (err != HT_OK) return err;
    }
    return HT_OK;
}

enum ht_err ht_store_vanish(struct ht_store *store, const struct ht_event *event,
                            struct ht_why *why) {
    static const uint32_t gift_wrap = HT_KIND_GIFT_WRAP;
    static const char digits[] = "0123456789abcdef";
    char key[64];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = digits[event->pubkey.b[i / 2] >> (i % 2 == 0 ? 4 : 0) & 0xf];
    struct ht_store_seek seek = {
        .source = HT_STORE_BY_AUTHOR,
        .value = ht_store_sql_prefix(&event->pubkey),
        .below = {ht_store_place_ceiling(event->created_at), INT64_MAX},
    };
    enum ht_err err = ht_store_sql_set_gone(
        &store->sql, ht_store_gone_author(store, &event->pubkey), event->created_at, why);
    if (err == HT_OK) err = take_out_all(store, seek, event, why);
    if (err != HT_OK) return err;
    seek.source = HT_STORE_BY_TAG;
    seek.value = ht_store_tag_hash(store, 'p', ht_bytes_of(key, sizeof key));
    seek.kinds = &gift_wrap;
    seek.kind_count = 1;
    return take_out_all(store, seek, event, why);
}

enum ht_err ht_store_remove(struct ht_store *store, const ht_hash32 *id, struct ht_why *why) {
    int64_t seq = 0;
    struct ht_store_row row = {.seq = 0};
    enum ht_err err =
        ht_store_sql_set_gone(&store->sql, ht_store_gone_removed(store, id), INT64_MAX, why);
    if (err == HT_OK) err = ht_store_sql_find_id(&seq, &store->sql, id, why);
    if (err == HT_OK && seq != 0) err = ht_store_sql_row(&row, &store->sql, seq, why);
    if (err != HT_OK) return err;
    if (row.seq == 0) return ht_fail(why, HT_ENOTFOUND, "no_event", "there is no such event");
    err = ht_store_take_out(store, &row, why);
    if (err != HT_OK) ht_store_share_forget(store);
    return err;
}

enum ht_err ht_store_allow(struct ht_store *store, const ht_hash32 *id, struct ht_why *why) {
    return ht_store_sql_clear_gone(&store->sql, ht_store_gone_removed(store, id), why);
}

static enum ht_err take_out_seqs(struct ht_store *store, const int64_t *seqs, size_t count,
                                 struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        struct ht_store_row row;
        err = ht_store_sql_row(&row, &store->sql, seqs[i], why);
        if (err == HT_OK && row.seq != 0) err = ht_store_take_out(store, &row, why);
    }
    return err;
}

/* What one rule removes, at most max. */
static enum ht_err sweep_rule(size_t *removed, int64_t *seqs, struct ht_store *store,
                              const struct ht_retention *rule, size_t max, struct ht_why *why) {
    struct ht_store_aged aged = {
        .kind_from = rule->kind_from,
        .kind_to = rule->kind_to,
        .place_below = ht_store_place_floor(rule->older_than_s),
        .author_count =
            rule->per_author_max > INT64_MAX ? INT64_MAX : (int64_t)rule->per_author_max,
        .keeps = rule->keeps_owner ? rule->is_ours : NULL,
        .user = rule->user,
    };
    size_t old = 0, many = 0;
    enum ht_err err = HT_OK;
    if (rule->older_than_s > 0) err = ht_store_sql_old(seqs, &old, &store->sql, &aged, max, why);
    if (err == HT_OK) err = take_out_seqs(store, seqs, old, why);
    if (err == HT_OK && rule->per_author_max > 0 && old < max) {
        err = ht_store_sql_many(seqs, &many, &store->sql, &aged, max - old, why);
        if (err == HT_OK) err = take_out_seqs(store, seqs, many, why);
    }
    if (err == HT_OK) *removed = old + many;
    return err;
}

enum ht_err ht_store_sweep(size_t *removed, bool *more, struct ht_store *store,
                           const struct ht_retention *rules, size_t rule_count, int64_t now_s,
                           size_t max, struct ht_why *why) {
    size_t total = 0;
    if (max == 0) max = 1;
    int64_t *seqs = calloc(max, sizeof *seqs);
    if (seqs == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory to sweep");
    enum ht_err err = ht_store_sql_expired(seqs, &total, &store->sql, now_s, max, why);
    if (err == HT_OK) err = take_out_seqs(store, seqs, total, why);
    for (size_t i = 0; err == HT_OK && i < rule_count && total < max; i++) {
        size_t found = 0;
        err = sweep_rule(&found, seqs, store, &rules[i], max - total, why);
        total += found;
    }
    free(seqs);
    if (err != HT_OK) {
        ht_store_share_forget(store);
        return err;
    }
    *removed = total;
    *more = total == max;
    return HT_OK;
}
