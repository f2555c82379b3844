/* Telling others where to read, write and send. */
#include "social/feed/announce.h"

#include "node/codec/json.h"
#include "social/feed/look.h"
#include "social/feed/publish.h"
#include "social/kinds.h"
#include "social/links/peers.h"

/* The list's tags that are not about relays; *after is the time of what is replaced. */
static enum ht_err read_others(json_t **out, int64_t *after, struct ht_task *task, uint32_t kind,
                               const char *name, struct ht_why *why) {
    json_t *event = NULL, *tag;
    size_t i;
    enum ht_err err = ht_look_newest(&event, task, &task->owner, kind, why);
    if (err != HT_OK) return err;
    *out = json_array();
    *after = json_integer_value(ht_json_member(event, "created_at"));
    json_array_foreach(ht_json_member(event, "tags"), i, tag) {
        const char *first = ht_look_item(tag, 0);
        if (first == NULL || strcmp(first, name) != 0) (void)json_array_append(*out, tag);
    }
    json_decref(event);
    return HT_OK;
}

static enum ht_err draft_list(struct ht_task *task, uint32_t kind, const char *name,
                              struct ht_why *why) {
    json_t *tags = NULL, *relay, *relays = json_object_get(task->params, "relays");
    size_t i, count = 0;
    enum ht_err err = read_others(&tags, &task->draft.after, task, kind, name, why);
    json_array_foreach(relays, i, relay) {
        const char *url = json_string_value(ht_json_member(relay, "url"));
        bool reads = json_is_true(ht_json_member(relay, "read"));
        bool writes = json_is_true(ht_json_member(relay, "write"));
        bool is_inbox = kind == HT_KIND_DM_RELAYS;
        if (err != HT_OK || url == NULL || (is_inbox ? !reads : !reads && !writes)) continue;
        if (is_inbox && count == HT_ANNOUNCE_INBOXES_MAX) break;
        const char *mark = is_inbox || (reads && writes) ? NULL : reads ? "read" : "write";
        err = ht_draft_tag(tags, name, url, mark, NULL, why);
        count++;
    }
    if (err == HT_OK && count == 0) {
        err = ht_fail(why, HT_EINPUT, "no_relays", "there is no relay to tell of");
    }
    if (err != HT_OK) {
        json_decref(tags);
        return err;
    }
    return ht_draft_set(&task->draft, kind, "", tags, "a list of relays", why);
}

static enum ht_err draft_inboxes(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    (void)db;
    return draft_list(task, HT_KIND_DM_RELAYS, "relay", why);
}

static enum ht_err draft_relays(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    (void)db;
    return draft_list(task, HT_KIND_RELAYS, "r", why);
}

void ht_announce_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_social *social = self;
    json_t *relays = ht_peers_own(social);
    json_t *wanted = json_pack("{s:o}", "relays", relays);
    (void)params;
    struct ht_task *task = ht_task_new_owned(social, call, wanted);
    /* Where there is nothing to read there is no inbox to tell of, which is no failure. */
    struct ht_task *inboxes = task != NULL ? ht_task_new(social, NULL, wanted) : NULL;
    json_decref(wanted);
    if (task != NULL) ht_task_look(task, draft_relays, NULL);
    if (inboxes != NULL) ht_task_look(inboxes, draft_inboxes, NULL);
}
