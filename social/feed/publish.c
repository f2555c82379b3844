/* From a draft to an event that is stored and sent; where those read whom it names. */
#include "social/feed/publish.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "social/feed/look.h"
#include "social/kinds.h"
#include "social/links/peers.h"

#define ARENA_MAX ((size_t)4 << 20)
#define NAMED_MAX 50U /* people of one event whose relays are looked for */

/* --- drafts ----------------------------------------------------------------------------------- */

enum ht_err ht_draft_set(struct ht_draft *draft, uint32_t kind, const char *content, json_t *tags,
                         const char *what, struct ht_why *why) {
    free(draft->content);
    json_decref(draft->tags);
    draft->tags = tags;
    draft->content = NULL;
    if (strlen(content) > HT_CLIENT_POST_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_long", "that is more than %u bytes of text",
                       HT_CLIENT_POST_MAX);
    }
    draft->content = strdup(content);
    if (draft->content == NULL || tags == NULL) return ht_task_no_memory(why);
    draft->kind = kind;
    draft->what = what;
    draft->is_there = true;
    return HT_OK;
}

enum ht_err ht_draft_tag(json_t *tags, const char *name, const char *a, const char *b,
                         const char *c, struct ht_why *why) {
    const char *const items[] = {name, a, b, c};
    json_t *tag = json_array();
    int failed = tag == NULL;
    for (size_t i = 0; failed == 0 && i < 4 && items[i] != NULL; i++) {
        failed = json_array_append_new(tag, json_string(items[i]));
    }
    if (failed == 0) return json_array_append_new(tags, tag) == 0 ? HT_OK : ht_task_no_memory(why);
    json_decref(tag);
    return ht_task_no_memory(why);
}

static enum ht_err read_tag(struct ht_event_tag *out, struct ht_arena *arena, const json_t *tag,
                            struct ht_why *why) {
    size_t count = json_array_size(tag);
    ht_bytes *items = ht_arena_alloc(arena, (count + 1) * sizeof *items);
    if (items == NULL) return ht_task_no_memory(why);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(tag, i);
        if (!json_is_string(item)) {
            return ht_fail(why, HT_EINPUT, "bad_tag", "a tag holds something that is no text");
        }
        items[i] = ht_bytes_of(json_string_value(item), json_string_length(item));
    }
    *out = (struct ht_event_tag){.items = items, .count = count};
    return count > 0 ? HT_OK : ht_fail(why, HT_EINPUT, "bad_tag", "a tag is empty");
}

enum ht_err ht_draft_event(struct ht_event *out, struct ht_arena *arena,
                           const struct ht_draft *draft, const ht_hash32 *author, int64_t now_s,
                           struct ht_why *why) {
    size_t count = json_array_size(draft->tags);
    struct ht_event_tag *tags = ht_arena_alloc(arena, (count + 1) * sizeof *tags);
    if (tags == NULL) return ht_task_no_memory(why);
    for (size_t i = 0; i < count; i++) {
        enum ht_err err = read_tag(&tags[i], arena, json_array_get(draft->tags, i), why);
        if (err != HT_OK) return err;
    }
    *out = (struct ht_event){.pubkey = *author,
                             .created_at = now_s > draft->after ? now_s : draft->after + 1,
                             .kind = draft->kind,
                             .tags = tags,
                             .tag_count = count,
                             .content = ht_bytes_str(draft->content)};
    enum ht_err err = ht_event_id(&out->id, out);
    return err == HT_OK ? HT_OK : ht_fail(why, err, "too_long", "the event cannot be written");
}

/* --- where those read whom it names (NIP-65) ----------------------------------------------------
 */

static bool is_told(uint32_t kind) {
    static const uint32_t TOLD[] = {HT_KIND_NOTE,     HT_KIND_DELETE, HT_KIND_REPOST,
                                    HT_KIND_REACTION, HT_KIND_POLL,   HT_KIND_VOTE,
                                    HT_KIND_COMMENT,  HT_KIND_REPORT, HT_KIND_GENERIC_REPOST,
                                    HT_KIND_ARTICLE,  HT_KIND_APP};
    for (size_t i = 0; i < sizeof TOLD / sizeof *TOLD; i++) {
        if (TOLD[i] == kind) return true;
    }
    return false;
}

/* Without the author and without repetitions, in order: who is answered comes first. */
static size_t read_named(ht_hash32 out[static NAMED_MAX], const struct ht_task *task) {
    size_t i, count = 0;
    json_t *tag;
    json_array_foreach(task->draft.tags, i, tag) {
        const char *name = ht_look_item(tag, 0), *value = ht_look_item(tag, 1);
        bool is_new = name != NULL && value != NULL && strcmp(name, "p") == 0 &&
                      ht_event_hex32(&out[count], ht_bytes_str(value)) &&
                      !(task->has_owner && ht_hash32_equal(&out[count], &task->owner));
        for (size_t k = 0; is_new && k < count; k++) {
            if (ht_hash32_equal(&out[k], &out[count])) is_new = false;
        }
        if (is_new && ++count == NAMED_MAX) break;
    }
    return count;
}

/* The at-th relay that a list (kind 10002) reads from, in our spelling. */
static bool read_reader(char out[static HT_LINK_URL_SIZE], const json_t *list, size_t at) {
    size_t i;
    json_t *tag;
    json_array_foreach(ht_json_member(list, "tags"), i, tag) {
        const char *name = ht_look_item(tag, 0), *url = ht_look_item(tag, 1);
        const char *use = ht_look_item(tag, 2);
        if (name == NULL || url == NULL || strcmp(name, "r") != 0) continue;
        if (use != NULL && use[0] != '\0' && strcmp(use, "read") != 0) continue;
        if (ht_link_url(out, url, NULL) != HT_OK) continue;
        if (at-- == 0) return true;
    }
    return false;
}

static enum ht_err add_reader(json_t *readers, const char *url, struct ht_why *why) {
    size_t i;
    json_t *one;
    json_array_foreach(readers, i, one) {
        if (strcmp(json_string_value(one), url) == 0) return HT_OK;
    }
    return json_array_append_new(readers, json_string(url)) == 0 ? HT_OK : ht_task_no_memory(why);
}

/* Everybody's first, then everybody's second, so that one person's do not take all places. */
static enum ht_err choose(json_t *readers, json_t *const *lists, size_t count, struct ht_why *why) {
    for (size_t at = 0; at < HT_PUBLISH_READERS_EACH; at++) {
        for (size_t i = 0; i < count; i++) {
            char url[HT_LINK_URL_SIZE];
            if (json_array_size(readers) == HT_PUBLISH_READERS_MAX) return HT_OK;
            if (lists[i] == NULL || !read_reader(url, lists[i], at)) continue;
            enum ht_err err = add_reader(readers, url, why);
            if (err != HT_OK) return err;
        }
    }
    return HT_OK;
}

/* Who asked says where answers are looked for (NIP-88). */
static enum ht_err add_polls(json_t *readers, struct ht_task *task, struct ht_why *why) {
    ht_hash32 id;
    json_t *poll = NULL, *tag;
    size_t i, added = 0;
    const struct ht_draft *draft = &task->draft;
    json_t *answer = json_pack("{s:O}", "tags", draft->tags);
    const char *text = ht_look_item(ht_look_tag(answer, "e"), 1);
    bool is_answer = draft->kind == HT_KIND_VOTE || draft->kind == HT_KIND_APP;
    bool has_id = is_answer && text != NULL && ht_event_hex32(&id, ht_bytes_str(text));
    json_decref(answer);
    enum ht_err err = has_id ? ht_look_id(&poll, task, &id, why) : HT_OK;
    bool is_poll = json_integer_value(ht_json_member(poll, "kind")) == HT_KIND_POLL;
    json_array_foreach(ht_json_member(poll, "tags"), i, tag) {
        char url[HT_LINK_URL_SIZE];
        const char *name = ht_look_item(tag, 0), *relay = ht_look_item(tag, 1);
        if (!is_poll || err != HT_OK || added == HT_FEED_MORE_MAX) break;
        if (name == NULL || relay == NULL || strcmp(name, "relay") != 0) continue;
        if (ht_link_url(url, relay, NULL) != HT_OK) continue;
        err = add_reader(readers, url, why);
        added++;
    }
    json_decref(poll);
    return err;
}

static enum ht_err find_readers(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    ht_hash32 named[NAMED_MAX];
    json_t *lists[NAMED_MAX] = {0};
    (void)db;
    size_t count = read_named(named, task);
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        err = ht_look_newest(&lists[i], task, &named[i], HT_KIND_RELAYS, why);
    }
    json_t *readers = json_array();
    if (err == HT_OK && readers == NULL) err = ht_task_no_memory(why);
    if (err == HT_OK) err = add_polls(readers, task, why);
    if (err == HT_OK) err = choose(readers, lists, count, why);
    for (size_t i = 0; i < count; i++) json_decref(lists[i]);
    json_decref(task->draft.readers);
    task->draft.readers = readers;
    return err;
}

/* --- on its way ------------------------------------------------------------------------------- */

struct publishing {
    struct ht_relay_publish publish; /* first */
    struct ht_task *task;
    struct ht_arena arena;
    struct ht_event event;
    struct ht_buf json;
};

static void end(struct publishing *publishing, enum ht_err err, const struct ht_why *why) {
    struct ht_task *task = publishing->task;
    ht_arena_fini(&publishing->arena);
    ht_buf_fini(&publishing->json);
    free(publishing);
    ht_task_end(task, err, why);
}

static void sent(void *user, json_t *states) {
    struct publishing *publishing = user;
    struct ht_task *task = publishing->task;
    struct ht_why reason = {0};
    enum ht_err err = HT_OK;
    if (task->result == NULL) task->result = json_object();
    int failed = json_object_set_new(task->result, "id", ht_task_hex_json(&publishing->event.id));
    failed |= json_object_set(task->result, "sent", states);
    if (failed != 0) err = ht_task_no_memory(&reason);
    end(publishing, err, &reason);
}

static void stored(struct ht_relay_publish *publish, enum ht_err err, enum ht_put put,
                   const struct ht_why *why) {
    struct publishing *publishing = (struct publishing *)publish;
    struct ht_why reason = {0};
    if (why != NULL) reason = *why;
    if (err == HT_OK && put != HT_PUT_STORED && put != HT_PUT_DUPLICATE) {
        err = ht_fail(&reason, HT_EDENIED, "not_stored",
                      "the relay of this node did not keep it: something newer is there, or it was "
                      "deleted");
    }
    if (err == HT_OK) {
        ht_peers_send(publishing->task->social, ht_buf_view(&publishing->json),
                      publishing->task->draft.readers, sent, publishing);
        return;
    }
    end(publishing, err, &reason);
}

static void signed_event(void *user, const struct ht_nostr_answer *answer) {
    struct publishing *publishing = user;
    struct ht_why why = answer->why;
    enum ht_err err = answer->err;
    if (err == HT_OK && publishing->task->social->is_stopped) {
        err = ht_fail(&why, HT_EAGAIN, "stopping", "the node is stopping");
    }
    if (err == HT_OK) {
        memcpy(publishing->event.sig, answer->signature, sizeof publishing->event.sig);
        err = ht_event_write(&publishing->json, &publishing->event);
        if (err != HT_OK) (void)ht_fail(&why, err, "too_long", "the event is too long");
    }
    if (err != HT_OK) {
        end(publishing, err, &why);
        return;
    }
    publishing->publish = (struct ht_relay_publish){
        .done = stored, .json = ht_buf_view(&publishing->json), .is_trusted_source = true};
    ht_relay_publish(publishing->task->social->relay, &publishing->publish);
}

static void publish(struct ht_task *task) {
    struct ht_why why = {0};
    const struct ht_host *host = task->social->host;
    const struct ht_nostr_keys *keys = host->nostr_keys(host);
    struct publishing *publishing = keys != NULL ? calloc(1, sizeof *publishing) : NULL;
    if (publishing == NULL) {
        enum ht_err none =
            keys == NULL ? ht_fail(&why, HT_EDENIED, "no_nostr_key", "there are no Nostr keys")
                         : ht_task_no_memory(&why);
        ht_task_end(task, none, &why);
        return;
    }
    publishing->task = task;
    ht_arena_init(&publishing->arena, ARENA_MAX);
    ht_buf_init(&publishing->json, HT_EVENT_SIZE_MAX);
    enum ht_err err = ht_draft_event(&publishing->event, &publishing->arena, &task->draft,
                                     &task->owner, ht_social_now_s(task->social), &why);
    if (err != HT_OK) {
        end(publishing, err, &why);
        return;
    }
    keys->sign(keys->self, &task->owner, &publishing->event.id, task->draft.what, true,
               signed_event, publishing);
}

void ht_publish_draft(struct ht_task *task) {
    bool is_delivered = is_told(task->draft.kind) && task->draft.readers == NULL;
    if (is_delivered) {
        ht_task_look(task, find_readers, publish);
    } else {
        publish(task);
    }
}
