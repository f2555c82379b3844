/* social.profile, social.set_profile, social.me. */
#include "social/feed/profile.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "node/nostr/entity.h"
#include "social/feed/feed_view.h"
#include "social/feed/post.h"
#include "social/feed/publish.h"
#include "social/kinds.h"
#include "social/links/nip05.h"
#include "social/links/peers.h"

#define KEYS_MAX 64U

static json_t *npub_json(const ht_hash32 *key) {
    char text[128];
    struct ht_entity entity = {.kind = HT_ENTITY_NPUB, .key = *key};
    return ht_entity_write(text, sizeof text, &entity) == HT_OK ? json_string(text) : json_null();
}

/* --- somebody's profile ----------------------------------------------------------------------- */

static enum ht_err count_follows(json_int_t *out, struct ht_task *task, const ht_hash32 *pubkey,
                                 struct ht_why *why) {
    json_t *event = NULL;
    ht_hash32 *keys = NULL;
    size_t count = 0;
    enum ht_err err = ht_look_newest(&event, task, pubkey, HT_KIND_FOLLOWS, why);
    if (err == HT_OK) err = ht_look_keys(&keys, &count, event, "p", why);
    free(keys);
    json_decref(event);
    *out = (json_int_t)count;
    return err;
}

static enum ht_err is_followed(bool *out, struct ht_task *task, const ht_hash32 *pubkey,
                               struct ht_why *why) {
    json_t *event = NULL;
    char hex[65];
    *out = false;
    if (!task->has_owner) return HT_OK;
    ht_task_hex(hex, pubkey);
    enum ht_err err = ht_look_newest(&event, task, &task->owner, HT_KIND_FOLLOWS, why);
    *out = event != NULL && ht_look_has_tag(event, "p", hex);
    json_decref(event);
    return err;
}

static enum ht_err read_relays(json_t **out, struct ht_task *task, const ht_hash32 *pubkey,
                               struct ht_why *why) {
    json_t *event = NULL, *urls = json_array();
    enum ht_err err = ht_look_newest(&event, task, pubkey, HT_KIND_RELAYS, why);
    if (err == HT_OK) err = ht_view_relays_of(urls, event, true, why);
    json_decref(event);
    if (err == HT_OK) {
        *out = urls;
    } else {
        json_decref(urls);
    }
    return err;
}

/* Everything a profile's answer has; the profile's texts are as their author wrote them. */
static enum ht_err write_profile(json_t **out, struct ht_posts *posts, const ht_hash32 *pubkey,
                                 struct ht_why *why) {
    static const uint32_t NOTES[] = {HT_KIND_NOTE, HT_KIND_ARTICLE, HT_KIND_COMMENT};
    struct ht_look look = {
        .authors = pubkey, .author_count = 1, .has_authors = true, .kinds = NOTES, .kind_count = 3};
    const json_t *profile = NULL;
    json_t *relays = NULL;
    json_int_t follows = 0;
    uint64_t count = 0;
    bool followed = false;
    enum ht_err err = ht_posts_profile(&profile, posts, pubkey, why);
    if (err == HT_OK) err = count_follows(&follows, posts->task, pubkey, why);
    if (err == HT_OK) err = ht_look_count(&count, posts->task, &look, why);
    if (err == HT_OK) err = is_followed(&followed, posts->task, pubkey, why);
    const char *nip05 = ht_profile_text(profile, "nip05"), *nip05_state = "none";
    if (err == HT_OK && nip05 != NULL) {
        err = ht_nip05_state(&nip05_state, posts->task->db, pubkey, ht_bytes_str(nip05),
                             posts->task->now_s, why);
    }
    if (err == HT_OK) err = read_relays(&relays, posts->task, pubkey, why);
    if (err != HT_OK) return err;
    const char *name = ht_profile_text(profile, "display_name");
    if (name == NULL) name = ht_profile_text(profile, "name");
    json_t *texts = json_pack("{s:s?, s:s?, s:s?, s:s?, s:s, s:s?}", "name", name, "about",
                              ht_profile_text(profile, "about"), "picture",
                              ht_profile_text(profile, "picture"), "nip05", nip05, "nip05_state",
                              nip05_state, "website", ht_profile_text(profile, "website"));
    *out = json_pack("{s:o, s:o, s:b, s:b, s:I, s:I, s:o}", "pubkey", ht_task_hex_json(pubkey),
                     "npub", npub_json(pubkey), "followed", followed, "muted",
                     ht_look_has_key(posts->mutes.people, posts->mutes.people_count, pubkey),
                     "follows", follows, "posts", (json_int_t)count, "relays", relays);
    if (*out == NULL || texts == NULL || json_object_update(*out, texts) != 0) {
        err = ht_task_no_memory(why);
        json_decref(*out);
    }
    json_decref(texts);
    return err;
}

enum ht_err ht_profile_whole(json_t **out, struct ht_task *task, const ht_hash32 *pubkey,
                             struct ht_why *why) {
    struct ht_posts posts = {0};
    enum ht_err err = ht_posts_init(&posts, task, why);
    if (err != HT_OK) return err;
    err = write_profile(out, &posts, pubkey, why);
    ht_posts_fini(&posts);
    return err;
}

static enum ht_err read_profile(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    ht_hash32 pubkey;
    (void)db;
    enum ht_err err = ht_task_pubkey(&pubkey, task->params, why);
    return err == HT_OK ? ht_profile_whole(&task->result, task, &pubkey, why) : err;
}

void ht_profile_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    if (task != NULL) ht_task_look(task, read_profile, NULL);
}

/* --- the owner's own -------------------------------------------------------------------------- */

/* What else the profile holds is kept. */
static enum ht_err set_profile(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    static const char *const NAMES[] = {"name", "about", "picture", "nip05", "website"};
    struct ht_posts posts = {0};
    const json_t *now = NULL;
    json_t *event = NULL, *profile = NULL;
    struct ht_buf text;
    (void)db;
    ht_buf_init(&text, HT_CLIENT_POST_MAX);
    enum ht_err err = ht_posts_init(&posts, task, why);
    if (err == HT_OK) err = ht_posts_profile(&now, &posts, &task->owner, why);
    if (err == HT_OK) err = ht_look_newest(&event, task, &task->owner, HT_KIND_PROFILE, why);
    if (err == HT_OK) profile = json_deep_copy(now);
    for (size_t i = 0; err == HT_OK && i < sizeof NAMES / sizeof *NAMES; i++) {
        const char *value = NULL;
        if (ht_json_member(task->params, NAMES[i]) == NULL) continue;
        err = ht_json_text(&value, task->params, NAMES[i], why);
        if (err == HT_OK && value[0] == '\0') {
            (void)json_object_del(profile, NAMES[i]);
        } else if (err == HT_OK) {
            (void)json_object_set_new(profile, NAMES[i], json_string(value));
        }
        bool is_name = strcmp(NAMES[i], "name") == 0;
        if (err == HT_OK && is_name) (void)json_object_del(profile, "display_name");
    }
    if (err == HT_OK) err = ht_json_dump_compact(&text, profile);
    if (err == HT_OK) err = ht_buf_add(&text, ht_bytes_of("", 1));
    task->draft.after = json_integer_value(ht_json_member(event, "created_at"));
    if (err == HT_OK) {
        err = ht_draft_set(&task->draft, HT_KIND_PROFILE, (const char *)text.p, json_array(),
                           "a profile", why);
    }
    json_decref(profile);
    json_decref(event);
    ht_posts_fini(&posts);
    ht_buf_fini(&text);
    return err;
}

void ht_set_profile_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new_owned(self, call, params);
    if (task != NULL) ht_task_look(task, set_profile, NULL);
}

static json_t *list_keys(const struct ht_social *social, bool *is_open) {
    const struct ht_nostr_keys *keys = social->host->nostr_keys(social->host);
    struct ht_nostr_key list[KEYS_MAX];
    json_t *out = json_array();
    *is_open = false;
    size_t count = keys != NULL ? keys->list(keys->self, list, KEYS_MAX, is_open) : 0;
    for (size_t i = 0; i < count && i < KEYS_MAX; i++) {
        (void)json_array_append_new(
            out, json_pack("{s:o, s:o, s:s}", "pubkey", ht_task_hex_json(&list[i].pubkey), "npub",
                           npub_json(&list[i].pubkey), "label", list[i].label));
    }
    return out;
}

enum ht_err ht_me_json(void *self, json_t **out, struct ht_why *why) {
    struct ht_social *social = self;
    const struct ht_door *door = social->host->door;
    ht_hash32 owner;
    bool is_open = false, has_owner = ht_social_owner(social, &owner);
    const char *url = door != NULL ? ht_door_url(door) : "";
    json_t *keys = list_keys(social, &is_open);
    json_t *profile = has_owner ? social->profile : NULL;
    *out = json_pack("{s:o, s:o, s:o, s:b, s:b, s:O?, s:O?, s:o, s:{s:s, s:b}}", "pubkey",
                     has_owner ? ht_task_hex_json(&owner) : json_null(), "npub",
                     has_owner ? npub_json(&owner) : json_null(), "keys", keys, "is_open", is_open,
                     "has_messages", social->host->nostr_keys(social->host) != NULL, "profile",
                     profile, "follows", json_object_get(profile, "follows"), "relays",
                     ht_peers_own(social), "door", "url", url, "is_open", url[0] != '\0');
    return *out != NULL ? HT_OK : ht_task_no_memory(why);
}
