/* From a text to wraps that are kept and on their way. */
#include "social/messages/messages_send.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "social/kinds.h"
#include "social/links/peers.h"
#include "social/messages/gift_wrap.h"
#include "social/messages/messages_open.h"
#include "social/messages/messages_out.h"
#include "social/messages/messages_parties.h"
#include "social/messages/messages_sql.h"

struct sending;

/* One party's wrap; the last is the owner's own. */
struct out {
    struct ht_relay_publish publish; /* first */
    struct sending *sending;
    ht_hash32 party, id;
    struct ht_reach reach;
    char *json;
    size_t n;
};

struct sending {
    struct ht_messages *messages;
    struct ht_task *task;
    uint64_t epoch;
    struct ht_parties parties;
    bool has_asked;
    struct ht_arena arena; /* of the rumor */
    struct ht_event rumor;
    struct ht_gift_wrapping *wrapping;
    struct out outs[HT_MESSAGE_SEND_MAX + 1];
    size_t count, wrapped; /* of outs */
    unsigned under_way;
    enum ht_err err;
    struct ht_why why;
    json_t *sent;
};

static void free_sending(void *user) {
    struct sending *sending = user;
    sending->messages->sending_count--;
    ht_gift_wrapping_free(sending->wrapping);
    ht_arena_fini(&sending->arena);
    for (size_t i = 0; i < sending->count; i++) {
        json_decref(sending->outs[i].reach.urls);
        free(sending->outs[i].json);
    }
    json_decref(sending->sent);
    free(sending);
}

static struct out *own_of(struct sending *sending) {
    return &sending->outs[sending->count - 1];
}

static void end(struct sending *sending, enum ht_err err, const struct ht_why *why) {
    ht_task_end(sending->task, err, why);
}

static bool is_stopped(struct sending *sending) {
    struct ht_why why = {0};
    if (!sending->messages->is_stopped) return false;
    end(sending, ht_fail(&why, HT_EAGAIN, "stopping", "the node is stopping"), &why);
    return true;
}

/* --- the relays took them ------------------------------------------------------------------------
 */

static void answer(struct sending *sending) {
    struct ht_why why = {0};
    sending->task->result =
        json_pack("{s:o, s:O}", "id", ht_task_hex_json(&sending->rumor.id), "sent", sending->sent);
    end(sending, sending->task->result != NULL ? HT_OK : ht_task_no_memory(&why), &why);
}

static void add_states(json_t *list, const json_t *states) {
    size_t i;
    json_t *state;
    json_array_foreach(states, i, state)(void) json_array_append(list, state);
}

static void one_less(struct sending *sending) {
    if (--sending->under_way == 0) answer(sending);
}

static void sent(void *user, json_t *states) {
    struct out *out = user;
    struct sending *sending = out->sending;
    ht_messages_out_settle(sending->messages, &out->id, states);
    if (out != own_of(sending)) add_states(sending->sent, states);
    one_less(sending);
}

static void add_door(struct sending *sending) {
    const struct ht_door *door = sending->messages->social->host->door;
    const char *url = door != NULL ? ht_door_url(door) : "";
    if (url[0] == '\0') return;
    (void)json_array_append_new(sending->sent, json_pack("{s:s, s:s}", "url", url, "state", "ok"));
}

static void send_all(struct ht_task *task) {
    struct sending *sending = task->user;
    bool is_here = false;
    sending->sent = json_array();
    for (size_t i = 0; i + 1 < sending->count; i++) {
        is_here = is_here || sending->outs[i].reach.is_here;
    }
    if (is_here) add_door(sending);
    /* Answers may come from within. */
    sending->under_way = 1;
    for (size_t i = 0; i < sending->count; i++) {
        struct out *out = &sending->outs[i];
        sending->under_way++;
        ht_peers_send_to(task->social, ht_bytes_of(out->json, out->n), out->reach.urls, sent, out);
    }
    one_less(sending);
}

/* --- keeping ------------------------------------------------------------------------------------
 */

static bool goes_out(const struct out *out) {
    return json_array_size(out->reach.urls) > 0;
}

static enum ht_err keep_outs(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    const struct sending *sending = task->user;
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < sending->count; i++) {
        const struct out *out = &sending->outs[i];
        if (!goes_out(out)) continue;
        err = ht_messages_sql_out_put(db, &out->id, ht_bytes_of(out->json, out->n), out->reach.urls,
                                      task->now_s, why);
    }
    return err;
}

static void add_own(struct sending *sending) {
    struct ht_messages *messages = sending->messages;
    enum ht_message_put put = HT_MESSAGE_IGNORED;
    const struct ht_message_wrap wrap = {
        .id = own_of(sending)->id, .created_at = sending->task->now_s, .expires = INT64_MAX};
    if (!messages->is_open || messages->epoch != sending->epoch) return;
    /* Without memory it is there when the vault is opened again. */
    (void)!ht_message_index_add(&put, messages->index, &sending->rumor, &wrap,
                                ht_social_now_s(messages->social));
    ht_messages_changed(messages);
}

/* The wraps go out only when our own copy is on disk. */
static void stored_all(struct sending *sending) {
    if (sending->err != HT_OK) {
        end(sending, sending->err, &sending->why);
        return;
    }
    add_own(sending);
    if (!is_stopped(sending)) ht_task_change(sending->task, keep_outs, send_all);
}

static void stored(struct ht_relay_publish *publish, enum ht_err err, enum ht_put put,
                   const struct ht_why *why) {
    struct sending *sending = ((struct out *)publish)->sending;
    struct ht_why reason = {0};
    if (why != NULL) reason = *why;
    if (err == HT_OK && put != HT_PUT_STORED && put != HT_PUT_DUPLICATE) {
        err = ht_fail(&reason, HT_EDENIED, "not_stored",
                      "the relay of this node did not keep the message");
    }
    if (err != HT_OK && sending->err == HT_OK) {
        sending->err = err;
        sending->why = reason;
    }
    if (--sending->under_way == 0) stored_all(sending);
}

static void store_all(struct sending *sending) {
    struct ht_social *social = sending->messages->social;
    /* It is put into the index from here. */
    (void)ht_seen_add(&sending->messages->seen, &own_of(sending)->id);
    sending->under_way = 1;
    for (size_t i = 0; i < sending->count; i++) {
        struct out *out = &sending->outs[i];
        if (!out->reach.is_here) continue;
        sending->under_way++;
        out->publish = (struct ht_relay_publish){
            .done = stored, .json = ht_bytes_of(out->json, out->n), .is_trusted_source = true};
        ht_relay_publish(social->relay, &out->publish);
    }
    if (--sending->under_way == 0) stored_all(sending);
}

/* --- wrapping -----------------------------------------------------------------------------------
 */

static void wrap_next(struct sending *sending);

static enum ht_err take_wrap(struct sending *sending, ht_bytes json, struct ht_why *why) {
    struct out *out = &sending->outs[sending->wrapped];
    struct ht_event event;
    struct ht_arena arena;
    ht_arena_init(&arena, HT_EVENT_ARENA(json.n));
    enum ht_err err = ht_event_read(&event, &arena, json, why);
    out->json = err == HT_OK ? malloc(json.n) : NULL;
    if (err == HT_OK && out->json == NULL) err = ht_task_no_memory(why);
    if (err == HT_OK) {
        memcpy(out->json, json.p, json.n);
        out->n = json.n;
        out->id = event.id;
        sending->wrapped++;
    }
    ht_arena_fini(&arena);
    ht_gift_wrapping_free(sending->wrapping);
    sending->wrapping = NULL;
    return err;
}

static void signer_answered(void *user, const struct ht_nostr_answer *answer);

static void ask(struct sending *sending, const struct ht_gift_ask *wanted) {
    const struct ht_host *host = sending->messages->social->host;
    const struct ht_nostr_keys *keys = host->nostr_keys(host);
    const ht_hash32 *owner = &sending->task->owner;
    if (wanted->need == HT_GIFT_SIGN) {
        ht_hash32 id;
        memcpy(id.b, wanted->data.p, sizeof id.b);
        /* The audit log has one line for a message, not one for each who gets it. */
        const char *what = sending->wrapped == 0 ? "a private message" : NULL;
        keys->sign(keys->self, owner, &id, what, true, signer_answered, sending);
    } else {
        keys->encrypt(keys->self, owner, &wanted->peer, wanted->data, signer_answered, sending);
    }
}

static void step(struct sending *sending, enum ht_err err, const struct ht_gift_ask *wanted,
                 struct ht_why *why) {
    if (err == HT_OK && wanted->need != HT_GIFT_DONE) {
        ask(sending, wanted);
        return;
    }
    if (err == HT_OK) err = take_wrap(sending, wanted->data, why);
    if (err == HT_OK) {
        wrap_next(sending);
    } else {
        end(sending, err, why);
    }
}

static void signer_answered(void *user, const struct ht_nostr_answer *answer) {
    struct sending *sending = user;
    struct ht_gift_ask wanted = {.need = HT_GIFT_DONE};
    struct ht_why why = answer->why;
    enum ht_err err = answer->err;
    if (is_stopped(sending)) return;
    /* The steps: encrypted first, then signed. */
    ht_bytes text = answer->text.n > 0 ? answer->text : HT_BYTES(answer->signature);
    if (err == HT_OK) err = ht_gift_wrapping_next(&wanted, sending->wrapping, text, &why);
    step(sending, err, &wanted, &why);
}

static void wrap_next(struct sending *sending) {
    struct ht_why why = {0};
    struct ht_gift_ask wanted;
    if (sending->wrapped == sending->count) {
        store_all(sending);
        return;
    }
    const struct ht_gift_terms terms = {.recipient = sending->outs[sending->wrapped].party,
                                        .kind = HT_GIFT_WRAP,
                                        .now_s = sending->task->now_s,
                                        .random = sending->messages->social->host->random};
    enum ht_err err =
        ht_gift_wrapping_new(&sending->wrapping, &wanted, &sending->rumor, &terms, &why);
    step(sending, err, &wanted, &why);
}

/* --- the rumor ----------------------------------------------------------------------------------
 */

static enum ht_err add_tag(struct sending *sending, const char *name, const ht_hash32 *value,
                           struct ht_why *why) {
    struct ht_event_tag *tags = (struct ht_event_tag *)(uintptr_t)sending->rumor.tags;
    char hex[65];
    ht_bytes *items = ht_arena_alloc(&sending->arena, 2 * sizeof *items);
    ht_task_hex(hex, value);
    const char *copy = ht_arena_copy_str(&sending->arena, ht_bytes_of(hex, 64));
    if (items == NULL || copy == NULL) return ht_task_no_memory(why);
    items[0] = ht_bytes_str(name);
    items[1] = ht_bytes_of(copy, 64);
    tags[sending->rumor.tag_count++] = (struct ht_event_tag){.items = items, .count = 2};
    return HT_OK;
}

/* After what it may answer, also within a second. */
static int64_t time_of(const struct sending *sending) {
    const struct ht_messages *messages = sending->messages;
    int64_t now_s = sending->task->now_s;
    if (!messages->is_open || messages->epoch != sending->epoch) return now_s;
    ht_hash32 key = ht_parties_key(&sending->parties, &messages->owner);
    int64_t newest = ht_message_index_newest(messages->index, &key);
    if (newest < now_s) return now_s;
    return newest < now_s + HT_MESSAGE_AHEAD_S ? newest + 1 : now_s + HT_MESSAGE_AHEAD_S;
}

static enum ht_err write_rumor(struct sending *sending, struct ht_why *why) {
    const struct ht_task *task = sending->task;
    ht_bytes content;
    ht_hash32 reply;
    struct ht_event_tag *tags =
        ht_arena_alloc(&sending->arena, (HT_MESSAGE_SEND_MAX + 2) * sizeof *tags);
    enum ht_err err = ht_json_str(&content, task->params, "content", why);
    if (err != HT_OK) return err;
    if (tags == NULL) return ht_task_no_memory(why);
    sending->rumor = (struct ht_event){.pubkey = task->owner,
                                       .created_at = time_of(sending),
                                       .kind = HT_KIND_CHAT,
                                       .tags = tags,
                                       .content = content};
    size_t people = sending->parties.count > 0 ? sending->parties.count : 1;
    for (size_t i = 0; err == HT_OK && i < people; i++) {
        err = add_tag(sending, "p", &sending->outs[i].party, why);
    }
    const json_t *named = ht_json_member(task->params, "reply_to");
    if (err == HT_OK && named != NULL && !json_is_null(named)) {
        err = ht_task_id(&reply, task->params, "reply_to", why);
        if (err == HT_OK) err = add_tag(sending, "e", &reply, why);
    }
    if (err == HT_OK && ht_event_id(&sending->rumor.id, &sending->rumor) != HT_OK) {
        err = ht_task_no_memory(why);
    }
    return err;
}

/* --- where to ------------------------------------------------------------------------------------
 */

static void find_reach(struct sending *sending);

/* The owner's relays for writing: who reads elsewhere may look there, too. */
static json_t *own_relays(const struct ht_social *social) {
    json_t *urls = json_array(), *own = ht_peers_own(social), *one;
    size_t i;
    json_array_foreach(own, i, one) {
        const char *url = json_string_value(ht_json_member(one, "url"));
        bool is_write = url != NULL && json_is_true(ht_json_member(one, "write"));
        if (is_write && !ht_peers_is_door(social, url)) {
            (void)json_array_append_new(urls, json_string(url));
        }
    }
    json_decref(own);
    return urls;
}

static enum ht_err choose(struct sending *sending, struct ht_why *why) {
    const struct ht_social *social = sending->messages->social;
    for (size_t i = 0; i + 1 < sending->count; i++) {
        struct ht_reach *reach = &sending->outs[i].reach;
        if (reach->is_here || json_array_size(reach->urls) > 0) continue;
        json_decref(reach->urls);
        reach->urls = own_relays(social);
        if (json_array_size(reach->urls) > 0) continue;
        return ht_fail(why, HT_ENOTFOUND, "no_relay",
                       "no relay is known that they read, and you have none to write to");
    }
    struct out *own = own_of(sending);
    json_decref(own->reach.urls);
    own->reach.urls =
        sending->messages->relays != NULL ? json_incref(sending->messages->relays) : json_array();
    own->reach.is_here = true;
    return HT_OK;
}

/* Whose relays are not known at all. */
static json_t *unknown(const struct sending *sending) {
    json_t *authors = json_array();
    for (size_t i = 0; i + 1 < sending->count; i++) {
        const struct out *out = &sending->outs[i];
        if (out->reach.is_here || json_array_size(out->reach.urls) > 0) continue;
        (void)json_array_append_new(authors, ht_task_hex_json(&out->party));
    }
    return authors;
}

static void asked(void *user, json_t *source) {
    struct sending *sending = user;
    (void)source;
    if (!is_stopped(sending)) find_reach(sending);
}

static void got_reach(struct ht_task *task) {
    struct sending *sending = task->user;
    struct ht_why why = {0};
    for (size_t i = 0; i + 1 < sending->count; i++) {
        ht_reach_look_here(&sending->outs[i].reach, task->social, &sending->outs[i].party);
    }
    json_t *authors = unknown(sending);
    if (json_array_size(authors) > 0 && !sending->has_asked) {
        json_t *filter = json_pack("{s:[i, i], s:o}", "kinds", HT_KIND_DM_RELAYS, HT_KIND_RELAYS,
                                   "authors", authors);
        sending->has_asked = true;
        ht_peers_ask(task->social, filter, NULL, asked, sending);
        json_decref(filter);
        return;
    }
    json_decref(authors);
    enum ht_err err = choose(sending, &why);
    if (err == HT_OK) err = write_rumor(sending, &why);
    if (err == HT_OK) {
        wrap_next(sending);
    } else {
        end(sending, err, &why);
    }
}

static enum ht_err read_reach(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    struct sending *sending = task->user;
    enum ht_err err = HT_OK;
    (void)db;
    for (size_t i = 0; err == HT_OK && i + 1 < sending->count; i++) {
        struct out *out = &sending->outs[i];
        json_decref(out->reach.urls);
        out->reach.urls = NULL;
        err = ht_reach_read(&out->reach, task, &out->party, why);
    }
    return err;
}

static void find_reach(struct sending *sending) {
    ht_task_look(sending->task, read_reach, got_reach);
}

/* --- the beginning ------------------------------------------------------------------------------
 */

static enum ht_err check(const struct ht_task *task, const struct ht_parties *parties,
                         struct ht_why *why) {
    const struct ht_messages *messages = task->social->messages;
    ht_bytes content;
    ht_hash32 reply;
    enum ht_err err = ht_json_str(&content, task->params, "content", why);
    if (err != HT_OK) return err;
    const json_t *named = ht_json_member(task->params, "reply_to");
    if (named != NULL && !json_is_null(named)) {
        err = ht_task_id(&reply, task->params, "reply_to", why);
        if (err != HT_OK) return err;
    }
    if (content.n == 0) return ht_fail(why, HT_EINPUT, "empty", "a message has a text");
    if (content.n > HT_MESSAGE_TEXT_MAX) {
        return ht_fail(why, HT_EINPUT, "too_long", "a message has at most %u bytes",
                       HT_MESSAGE_TEXT_MAX);
    }
    if (parties->count > HT_MESSAGE_SEND_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many", "a message goes to at most %u people",
                       HT_MESSAGE_SEND_MAX);
    }
    if (messages->sending_count == HT_MESSAGES_SENDING_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many", "too many messages are being sent just now");
    }
    if (messages->is_open) return HT_OK;
    return ht_fail(why, HT_EDENIED, "vault_locked", "the vault is closed");
}

void ht_messages_send(struct ht_task *task) {
    struct ht_messages *messages = task->social->messages;
    struct ht_parties parties;
    struct ht_why why = {0};
    ht_messages_owner_changed(task->social);
    enum ht_err err = ht_messages_parties(&parties, task->params, &task->owner, &why);
    if (err == HT_OK) err = check(task, &parties, &why);
    struct sending *sending = err == HT_OK ? calloc(1, sizeof *sending) : NULL;
    if (err == HT_OK && sending == NULL) err = ht_task_no_memory(&why);
    if (err != HT_OK) {
        ht_task_end(task, err, &why);
        return;
    }
    *sending = (struct sending){.messages = messages,
                                .task = task,
                                .epoch = messages->epoch,
                                .parties = parties,
                                .count = parties.count + 1};
    ht_arena_init(&sending->arena, (size_t)64 << 10);
    for (size_t i = 0; i < sending->count; i++) {
        struct out *out = &sending->outs[i];
        out->sending = sending;
        out->party = i < parties.count ? parties.list[i] : task->owner;
    }
    messages->sending_count++;
    task->user = sending;
    task->free_user = free_sending;
    find_reach(sending);
}
