/* From a draft to an event that is stored and sent. */
#include "social/publish.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "social/peers.h"

#define ARENA_MAX ((size_t)4 << 20)

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

static void stored(struct ht_relay_publish *publish, enum ht_err err, enum ht_put put,
                   const struct ht_why *why) {
    struct publishing *publishing = (struct publishing *)publish;
    struct ht_task *task = publishing->task;
    struct ht_why reason = {0};
    if (why != NULL) reason = *why;
    if (err == HT_OK && put != HT_PUT_STORED && put != HT_PUT_DUPLICATE) {
        err = ht_fail(&reason, HT_EDENIED, "not_stored",
                      "the relay of this node did not keep it: something newer is there, or it was "
                      "deleted");
    }
    if (err == HT_OK) {
        if (task->result == NULL) task->result = json_object();
        int failed =
            json_object_set_new(task->result, "id", ht_task_hex_json(&publishing->event.id));
        failed |= json_object_set_new(task->result, "sent",
                                      ht_peers_send(task->social, ht_buf_view(&publishing->json)));
        if (failed != 0) err = ht_task_no_memory(&reason);
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

void ht_publish_draft(struct ht_task *task) {
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
    keys->sign(keys->self, &task->owner, &publishing->event.id, task->draft.what, signed_event,
               publishing);
}
