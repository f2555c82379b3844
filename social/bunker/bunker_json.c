/* What the owner sees of devices. */
#include "social/bunker/bunker_json.h"

#include <stdlib.h>

#include "social/bunker/bunker_impl.h"

#define CONTENT_MAX 4097U
#define TAGS_MAX 32U
#define ITEMS_MAX 8U

static json_t *device_json(const struct ht_bunker_row *row) {
    json_t *relays = json_array(), *kinds = json_array();
    int failed = 0;
    for (size_t i = 0; i < row->relay_count; i++) {
        failed |= json_array_append_new(relays, json_string(row->relays[i]));
    }
    for (size_t i = 0; i < row->kind_count; i++) {
        failed |= json_array_append_new(kinds, json_integer(row->kinds[i]));
    }
    json_t *used = row->used_ms != 0 ? json_integer(row->used_ms / 1000) : json_null();
    json_t *json = json_pack(
        "{s:o, s:o, s:s, s:o, s:o, s:b, s:b, s:s?, s:I, s:o, s:I}", "device",
        ht_task_hex_json(&row->device), "as", ht_task_hex_json(&row->owner), "name", row->name,
        "relays", relays, "kinds", kinds, "may_encrypt", row->may_encrypt, "may_decrypt",
        row->may_decrypt, "asks", row->asks[0] != '\0' ? row->asks : NULL, "added",
        (json_int_t)(row->added_ms / 1000), "used", used, "count", (json_int_t)row->count);
    if (failed == 0) return json;
    json_decref(json);
    return NULL;
}

/* The first of them, cut: the owner decides by what it is, and a topic stays small. */
static json_t *tags_json(const struct ht_event *event, bool *is_cut) {
    json_t *tags = json_array();
    int failed = tags == NULL;
    for (size_t i = 0; i < event->tag_count && i < TAGS_MAX; i++) {
        const struct ht_event_tag *from = &event->tags[i];
        json_t *tag = json_array();
        for (size_t j = 0; j < from->count && j < ITEMS_MAX; j++) {
            char text[512];
            ht_bytes item = from->items[j];
            bool fits = item.n < sizeof text && ht_bunker_copy(text, sizeof text, item);
            if (!fits) *is_cut = true;
            failed |= json_array_append_new(tag, json_string(fits ? text : "…"));
        }
        if (from->count > ITEMS_MAX) *is_cut = true;
        failed |= json_array_append_new(tags, tag);
    }
    if (event->tag_count > TAGS_MAX) *is_cut = true;
    if (failed == 0) return tags;
    json_decref(tags);
    return NULL;
}

static json_t *content_json(const struct ht_event *event, bool *is_cut) {
    char *text = malloc(CONTENT_MAX);
    json_t *json = NULL;
    if (text == NULL) return NULL;
    if (ht_bunker_copy(text, CONTENT_MAX, event->content)) {
        json = json_string(text);
        if (event->content.n >= CONTENT_MAX) *is_cut = true;
    } else {
        json = json_string("");
        *is_cut = true;
    }
    free(text);
    return json;
}

static int64_t wall_s(const struct ht_bunker_job *job) {
    return job->at_ms / 1000;
}

static json_t *waiting_json(const struct ht_bunker_job *job) {
    const bool is_event = job->request.method == HT_BUNKER_SIGN_EVENT;
    bool is_cut = false;
    json_t *kind = is_event ? json_integer(job->event.kind) : json_null();
    json_t *content = is_event ? content_json(&job->event, &is_cut) : json_null();
    json_t *tags = is_event ? tags_json(&job->event, &is_cut) : json_null();
    json_t *with = is_event ? json_null() : ht_task_hex_json(&job->peer);
    return json_pack("{s:I, s:o, s:s, s:s, s:o, s:o, s:o, s:b, s:o, s:b, s:I, s:I}", "request",
                     (json_int_t)job->number, "device", ht_task_hex_json(&job->row.device), "name",
                     job->row.name, "method", ht_bunker_method_name(job->request.method), "kind",
                     kind, "content", content, "tags", tags, "is_cut", is_cut, "with", with,
                     "is_careful", is_event && ht_bunker_is_careful(job->event.kind), "at",
                     (json_int_t)wall_s(job), "until",
                     (json_int_t)(wall_s(job) + HT_BUNKER_WAIT_S));
}

enum ht_err ht_bunker_json(void *self, json_t **out, struct ht_why *why) {
    const struct ht_bunker *bunker = ((const struct ht_social *)self)->bunker;
    json_t *devices = json_array(), *waiting = json_array();
    int failed = 0, invitations = 0;
    for (size_t i = 0; i < bunker->device_count; i++) {
        failed |= json_array_append_new(devices, device_json(&bunker->devices[i]->row));
    }
    for (const struct ht_bunker_job *job = bunker->waiting; job != NULL; job = job->next) {
        failed |= json_array_append_new(waiting, waiting_json(job));
    }
    for (size_t i = 0; i < HT_BUNKER_INVITES_MAX; i++) {
        if (bunker->invites[i].secret[0] != '\0') invitations++;
    }
    json_t *json = json_pack("{s:o, s:o, s:i, s:I, s:b}", "devices", devices, "waiting", waiting,
                             "invitations", invitations, "missed", (json_int_t)bunker->missed,
                             "is_open", ht_bunker_is_open(bunker));
    if (json == NULL || failed != 0) {
        json_decref(json);
        return ht_task_no_memory(why);
    }
    *out = json;
    return HT_OK;
}
