/* Reading what a device asks for. */
#include "social/bunker/bunker_request.h"

#include "node/codec/json.h"

static const struct {
    const char *name;
    enum ht_bunker_method method;
} METHODS[] = {
    {"connect", HT_BUNKER_CONNECT},
    {"get_public_key", HT_BUNKER_GET_PUBLIC_KEY},
    {"sign_event", HT_BUNKER_SIGN_EVENT},
    {"ping", HT_BUNKER_PING},
    {"nip44_encrypt", HT_BUNKER_ENCRYPT},
    {"nip44_decrypt", HT_BUNKER_DECRYPT},
    {"switch_relays", HT_BUNKER_SWITCH_RELAYS},
    {"logout", HT_BUNKER_LOGOUT},
    {"nip04_encrypt", HT_BUNKER_OLD_CRYPT},
    {"nip04_decrypt", HT_BUNKER_OLD_CRYPT},
};

const char *ht_bunker_method_name(enum ht_bunker_method method) {
    for (size_t i = 0; i < sizeof METHODS / sizeof *METHODS; i++) {
        if (METHODS[i].method == method) return METHODS[i].name;
    }
    return "unknown";
}

static void read_params(struct ht_bunker_request *out) {
    const json_t *params = ht_json_member(out->json, "params");
    size_t count = json_array_size(params);
    out->has_bad_params =
        (params != NULL && !json_is_array(params)) || count > HT_BUNKER_PARAMS_MAX;
    for (size_t i = 0; i < count && !out->has_bad_params; i++) {
        const json_t *one = json_array_get(params, i);
        out->has_bad_params = !json_is_string(one);
        out->params[i] = ht_bytes_of(json_string_value(one), json_string_length(one));
    }
    out->count = out->has_bad_params ? 0 : count;
}

enum ht_err ht_bunker_request_read(struct ht_bunker_request *out, ht_bytes text,
                                   struct ht_why *why) {
    const char *id = NULL, *name = NULL;
    *out = (struct ht_bunker_request){.method = HT_BUNKER_UNKNOWN};
    enum ht_err err = ht_json_parse(&out->json, text, HT_BUNKER_TEXT_MAX, why);
    if (err != HT_OK) return err;
    bool is_good = ht_json_text(&id, out->json, "id", NULL) == HT_OK &&
                   ht_json_text(&name, out->json, "method", NULL) == HT_OK;
    if (!is_good || id[0] == '\0' || strlen(id) > HT_BUNKER_ID_MAX) {
        ht_bunker_request_fini(out);
        return ht_fail(why, HT_EINPUT, "bad_request", "a request has an id and a method");
    }
    out->id = id;
    for (size_t i = 0; i < sizeof METHODS / sizeof *METHODS; i++) {
        if (strcmp(name, METHODS[i].name) == 0) out->method = METHODS[i].method;
    }
    read_params(out);
    return HT_OK;
}

void ht_bunker_request_fini(struct ht_bunker_request *request) {
    json_decref(request->json);
    request->json = NULL;
}

/* --- events ----------------------------------------------------------------------------------- */

static enum ht_err bad_event(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "bad_event", "the event to be signed: %s", what);
}

static enum ht_err read_tags(struct ht_event *out, struct ht_arena *arena, const json_t *tags,
                             struct ht_why *why) {
    size_t count = json_array_size(tags);
    void *list = NULL;
    if (!json_is_array(tags) || count > HT_EVENT_TAGS_MAX) return bad_event(why, "its tags");
    enum ht_err err = ht_arena_array(&list, arena, count, sizeof(struct ht_event_tag), why);
    struct ht_event_tag *read = list;
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        const json_t *tag = json_array_get(tags, i);
        size_t n = json_array_size(tag);
        void *room = NULL;
        if (n == 0 || n > HT_EVENT_TAG_ITEMS_MAX) return bad_event(why, "a tag");
        err = ht_arena_array(&room, arena, n, sizeof(ht_bytes), why);
        ht_bytes *items = room;
        for (size_t j = 0; err == HT_OK && j < n; j++) {
            const json_t *item = json_array_get(tag, j);
            if (!json_is_string(item)) return bad_event(why, "a tag holds what is no text");
            items[j] = ht_bytes_of(json_string_value(item), json_string_length(item));
        }
        read[i] = (struct ht_event_tag){.items = items, .count = n};
    }
    out->tags = read;
    out->tag_count = count;
    return err;
}

static enum ht_err read_number(json_int_t *out, const json_t *json, const char *name,
                               json_int_t max, struct ht_why *why) {
    const json_t *number = ht_json_member(json, name);
    json_int_t value = json_integer_value(number);
    if (!json_is_integer(number) || value < 0 || value > max) return bad_event(why, name);
    *out = value;
    return HT_OK;
}

static enum ht_err check_author(const json_t *json, const ht_hash32 *owner, struct ht_why *why) {
    const json_t *pubkey = ht_json_member(json, "pubkey");
    ht_hash32 named;
    if (pubkey == NULL) return HT_OK;
    ht_bytes text = ht_bytes_of(json_string_value(pubkey), json_string_length(pubkey));
    bool is_it =
        json_is_string(pubkey) && ht_event_hex32(&named, text) && ht_hash32_equal(&named, owner);
    if (is_it) return HT_OK;
    return ht_fail(why, HT_EINPUT, "not_yours", "the event names another author");
}

static enum ht_err read_event(struct ht_event *out, struct ht_arena *arena, const json_t *json,
                              const ht_hash32 *owner, struct ht_why *why) {
    json_int_t kind = 0, at = 0;
    ht_bytes content = {0};
    enum ht_err err = read_number(&kind, json, "kind", 65535, why);
    if (err == HT_OK) err = read_number(&at, json, "created_at", HT_EVENT_TIME_MAX, why);
    if (err == HT_OK && ht_json_str(&content, json, "content", NULL) != HT_OK) {
        err = bad_event(why, "its content");
    }
    if (err == HT_OK) err = check_author(json, owner, why);
    if (err == HT_OK && kind == HT_KIND_BUNKER) {
        err = ht_fail(why, HT_EDENIED, "bad_kind", "events of kind 24133 are not signed");
    }
    *out = (struct ht_event){
        .pubkey = *owner, .created_at = at, .kind = (uint32_t)kind, .content = content};
    if (err == HT_OK) err = read_tags(out, arena, ht_json_member(json, "tags"), why);
    if (err == HT_OK && ht_event_id(&out->id, out) != HT_OK) {
        err = ht_fail(why, HT_ELIMIT, "too_long", "the event to be signed is too long");
    }
    return err;
}

enum ht_err ht_bunker_event_read(struct ht_event *out, struct ht_arena *arena, json_t **keep,
                                 ht_bytes text, const ht_hash32 *owner, struct ht_why *why) {
    json_t *json = NULL;
    struct ht_event event;
    enum ht_err err = ht_json_parse(&json, text, HT_BUNKER_TEXT_MAX, why);
    if (err != HT_OK) return err;
    err = read_event(&event, arena, json, owner, why);
    if (err != HT_OK) {
        json_decref(json);
        return err;
    }
    *out = event;
    *keep = json;
    return HT_OK;
}

bool ht_bunker_is_careful(uint32_t kind) {
    return kind == 0 || kind == 3 || kind == 5 || kind == 62 || (kind >= 10000 && kind <= 10999) ||
           kind == 22242 || kind == 24242 || kind == 27235;
}
