/* Putting an event: whether it is kept, what it replaces, and what is indexed of it. */
#include "social/store/store_put.h"

#include "social/store/store_remove.h"
#include "social/store/store_share.h"
#include "social/store/store_text.h"

/* An event on its way in. */
struct put {
    struct ht_store *store;
    const struct ht_event *event;
    struct ht_store_row row;
    struct ht_store_row replaced; /* seq 0: none */
    enum ht_put result;           /* HT_PUT_STORED until something else is known */
};

/* Is what has that hash gone, as far as the event's time goes? */
static enum ht_err check_gone(struct put *put, int64_t hash, struct ht_why *why) {
    int64_t until = INT64_MIN;
    if (put->result != HT_PUT_STORED) return HT_OK;
    enum ht_err err = ht_store_sql_gone(&until, &put->store->sql, hash, why);
    if (err == HT_OK && put->event->created_at <= until) put->result = HT_PUT_DELETED;
    return err;
}

/* Gift wraps belong to whom they are for (NIP-62). */
static enum ht_err check_wrap_gone(struct put *put, struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < put->event->tag_count; i++) {
        ht_hash32 key;
        const struct ht_event_tag *tag = &put->event->tags[i];
        if (ht_store_tag_name(tag) != 'p' || !ht_event_hex32(&key, tag->items[1])) continue;
        err = check_gone(put, ht_store_gone_author(put->store, &key), why);
    }
    return err;
}

static enum ht_err check_deleted(struct put *put, struct ht_why *why) {
    const struct ht_event *event = put->event;
    struct ht_store *store = put->store;
    enum ht_err err = check_gone(put, ht_store_gone_removed(store, &event->id), why);
    if (event->kind == HT_KIND_VANISH) return err;
    if (err == HT_OK) err = check_gone(put, ht_store_gone_author(store, &event->pubkey), why);
    if (err == HT_OK && event->kind != HT_KIND_DELETION)
        err = check_gone(put, ht_store_gone_event(store, &event->pubkey, &event->id), why);
    if (err == HT_OK && put->row.address != 0)
        err = check_gone(put, ht_store_gone_address(store, put->row.address), why);
    if (err == HT_OK && event->kind == HT_KIND_GIFT_WRAP) err = check_wrap_gone(put, why);
    return err;
}

/* Is there one of the same address, and which of the two stays (NIP-01)? */
static enum ht_err check_replaced(struct put *put, struct ht_why *why) {
    int64_t seq = 0;
    if (put->row.address == 0 || put->result != HT_PUT_STORED) return HT_OK;
    struct ht_store_sql *sql = &put->store->sql;
    enum ht_err err = ht_store_sql_find_address(&seq, sql, put->row.address, why);
    if (err != HT_OK || seq == 0) return err;
    err = ht_store_sql_row(&put->replaced, sql, seq, why);
    if (err != HT_OK || put->replaced.seq == 0) return err;
    bool is_older = put->row.created_at < put->replaced.created_at;
    bool is_same_time = put->row.created_at == put->replaced.created_at;
    if (is_older || (is_same_time && memcmp(&put->row.id, &put->replaced.id, 32) > 0))
        put->result = HT_PUT_REPLACED;
    return HT_OK;
}

/* A request to vanish is taken whatever room there is: it makes some. */
static enum ht_err check_room(struct put *put, const struct ht_store_limits *limits,
                              struct ht_why *why) {
    bool has_room = true;
    if (put->result != HT_PUT_STORED || put->event->kind == HT_KIND_VANISH) return HT_OK;
    enum ht_err err = ht_store_share_check(&has_room, put->store, &put->event->pubkey,
                                           put->row.size - put->replaced.size, limits, why);
    if (err == HT_OK && !has_room) put->result = HT_PUT_QUOTA;
    return err;
}

static enum ht_err add_tags(struct put *put, struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < put->event->tag_count; i++) {
        const struct ht_event_tag *tag = &put->event->tags[i];
        char name = ht_store_tag_name(tag);
        if (name == 0) continue;
        int64_t hash = ht_store_tag_hash(put->store, name, tag->items[1]);
        err = ht_store_sql_add_tag(&put->store->sql, hash, &put->row, why);
    }
    return err;
}

static enum ht_err add_text(struct put *put, struct ht_why *why) {
    struct ht_store *store = put->store;
    if (!ht_store_is_searched(put->event->kind)) return HT_OK;
    enum ht_err err = ht_store_text(&store->text, put->event);
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "no memory for an event's text");
    if (store->text.n == 0) return HT_OK;
    return ht_store_sql_add_text(&store->sql, put->row.seq, ht_buf_view(&store->text), why);
}

static enum ht_err store(struct put *put, const char *relay_url, struct ht_why *why) {
    const struct ht_event *event = put->event;
    enum ht_err err = HT_OK;
    if (put->replaced.seq != 0) err = ht_store_take_out(put->store, &put->replaced, why);
    if (err == HT_OK) err = ht_store_sql_add(&put->store->sql, &put->row, event->json, why);
    if (err == HT_OK) err = add_tags(put, why);
    if (err == HT_OK) err = add_text(put, why);
    if (err != HT_OK) return err;
    ht_store_share_add(put->store, &event->pubkey, put->row.size);
    const struct ht_store_watch *watch = put->store->watch;
    if (watch != NULL && watch->put != NULL) watch->put(watch->user);
    if (event->kind == HT_KIND_DELETION) return ht_store_delete(put->store, event, why);
    if (event->kind == HT_KIND_VANISH && ht_store_is_asked_to_vanish(event, relay_url))
        return ht_store_vanish(put->store, event, why);
    return HT_OK;
}

static void fill_row(struct put *put) {
    const struct ht_event *event = put->event;
    enum ht_event_class class = ht_event_class_of(event->kind);
    put->row = (struct ht_store_row){
        .id = event->id,
        .pubkey = event->pubkey,
        .kind = event->kind,
        .created_at = event->created_at,
        .place = ht_store_place(event->created_at, &event->id),
        .expires = ht_event_expiration(event),
        .size = (int64_t)event->json.n,
    };
    if (class == HT_EVENT_REPLACEABLE || class == HT_EVENT_ADDRESSABLE)
        put->row.address =
            ht_store_address_hash(put->store, event->kind, &event->pubkey, ht_event_d(event));
}

/* What is to become of it. */
static enum ht_err judge(struct put *put, const struct ht_store_limits *limits,
                         struct ht_why *why) {
    int64_t seq = 0;
    enum ht_err err = ht_store_sql_find_id(&seq, &put->store->sql, &put->event->id, why);
    if (err != HT_OK) return err;
    if (seq != 0) {
        put->result = HT_PUT_DUPLICATE;
        return HT_OK;
    }
    if (put->row.expires <= limits->now_s) {
        put->result = HT_PUT_EXPIRED;
        return HT_OK;
    }
    err = check_deleted(put, why);
    if (err == HT_OK) err = check_replaced(put, why);
    if (err == HT_OK) err = check_room(put, limits, why);
    return err;
}

enum ht_err ht_store_put(enum ht_put *out, struct ht_store *self, const struct ht_event *event,
                         const struct ht_store_limits *limits, const char *relay_url,
                         struct ht_why *why) {
    struct put put = {.store = self, .event = event, .result = HT_PUT_STORED};
    if (ht_event_class_of(event->kind) == HT_EVENT_EPHEMERAL)
        return ht_fail(why, HT_EINPUT, "event_ephemeral", "events of kind %u are not stored",
                       (unsigned)event->kind);
    fill_row(&put);
    enum ht_err err = judge(&put, limits, why);
    if (err == HT_OK && put.result == HT_PUT_STORED) err = store(&put, relay_url, why);
    if (err != HT_OK) {
        ht_store_share_forget(self);
        return err;
    }
    *out = put.result;
    return HT_OK;
}
