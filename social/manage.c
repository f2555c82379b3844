/* The lists of NIP-86, as JSON objects by name, and the methods on them. */
#include "social/manage.h"

#include <stdlib.h>

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "social/event.h"

enum list { BANNED, ALLOWED, BANNED_EVENTS, ALLOWED_EVENTS, REPORTS, BLOCKED, LISTS };

/* How each is called when it is saved, and what its members are called. */
static const struct {
    const char *name, *member;
} names[LISTS] = {
    [BANNED] = {"banned", "pubkey"},    [ALLOWED] = {"allowed", "pubkey"},
    [BANNED_EVENTS] = {"events", "id"}, [ALLOWED_EVENTS] = {"allowed_events", "id"},
    [REPORTS] = {"reports", "id"},      [BLOCKED] = {"blocked", "ip"},
};

struct ht_manage {
    struct ht_manage_effects effects;
    json_t *lists[LISTS]; /* objects: name to reason, in the order they came */
};

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

enum ht_err ht_manage_new(struct ht_manage **out, const struct ht_manage_effects *effects,
                          struct ht_why *why) {
    struct ht_manage *manage = calloc(1, sizeof *manage);
    if (manage == NULL) return no_memory(why);
    manage->effects = *effects;
    for (size_t i = 0; i < LISTS; i++) {
        manage->lists[i] = json_object();
        if (manage->lists[i] != NULL) continue;
        ht_manage_free(manage);
        return no_memory(why);
    }
    *out = manage;
    return HT_OK;
}

void ht_manage_free(struct ht_manage *manage) {
    if (manage == NULL) return;
    for (size_t i = 0; i < LISTS; i++) json_decref(manage->lists[i]);
    free(manage);
}

/* --- effects ----------------------------------------------------------------------------------*/

static bool read_hash(ht_hash32 *out, const char *text) {
    return ht_event_hex32(out, ht_bytes_str(text));
}

static enum ht_err tell_keys(struct ht_manage *manage, enum list list, struct ht_why *why) {
    const struct ht_manage_effects *effects = &manage->effects;
    void (*tell)(void *, const ht_hash32 *, size_t) =
        list == BANNED ? effects->banned : effects->allowed;
    size_t count = 0;
    const char *key;
    json_t *reason;
    if (tell == NULL) return HT_OK;
    ht_hash32 *keys = calloc(json_object_size(manage->lists[list]) + 1, sizeof *keys);
    if (keys == NULL) return no_memory(why);
    json_object_foreach(manage->lists[list], key, reason) {
        if (read_hash(&keys[count], key)) count++;
    }
    tell(effects->user, keys, count);
    free(keys);
    return HT_OK;
}

static void tell_changed(const struct ht_manage *manage) {
    if (manage->effects.changed != NULL) manage->effects.changed(manage->effects.user);
}

/* --- lists ------------------------------------------------------------------------------------*/

static enum ht_err add(struct ht_manage *manage, enum list list, const char *key,
                       const char *reason, struct ht_why *why) {
    json_t *object = manage->lists[list];
    bool is_new = json_object_get(object, key) == NULL;
    if (is_new && json_object_size(object) >= HT_MANAGE_LIST_MAX)
        return ht_fail(why, HT_ELIMIT, "manage_full", "the list is full");
    return json_object_set_new(object, key, json_string(reason)) == 0 ? HT_OK : no_memory(why);
}

static void drop(struct ht_manage *manage, enum list list, const char *key) {
    (void)json_object_del(manage->lists[list], key);
}

static json_t *show(const struct ht_manage *manage, enum list list) {
    const char *key;
    json_t *reason;
    json_t *array = json_array();
    json_object_foreach(manage->lists[list], key, reason) {
        json_t *one = json_pack("{s:s, s:O}", names[list].member, key, "reason", reason);
        if (json_array_append_new(array, one) == 0) continue;
        json_decref(array);
        return NULL;
    }
    return array;
}

bool ht_manage_is_blocked(const struct ht_manage *manage, const char *address) {
    return json_object_get(manage->lists[BLOCKED], address) != NULL;
}

enum ht_err ht_manage_report(struct ht_manage *manage, const ht_hash32 *id, const char *reason) {
    char key[HT_HEX_SIZE(32)];
    json_t *reports = manage->lists[REPORTS];
    ht_hex_write(key, HT_BYTES(id->b));
    bool is_settled = json_object_get(manage->lists[BANNED_EVENTS], key + 2) != NULL ||
                      json_object_get(manage->lists[ALLOWED_EVENTS], key + 2) != NULL;
    if (is_settled) return HT_OK;
    if (json_object_size(reports) >= HT_MANAGE_REPORTS_MAX)
        drop(manage, REPORTS, json_object_iter_key(json_object_iter(reports)));
    /* Not UTF-8: jansson refuses it, and the report stands without words. */
    json_t *text = json_string(reason);
    if (text == NULL) text = json_string("");
    if (json_object_set_new(reports, key + 2, text) != 0) return HT_ENOMEM;
    tell_changed(manage);
    return HT_OK;
}

/* --- methods ----------------------------------------------------------------------------------*/

enum sort { OF_NOTHING, OF_KEY, OF_EVENT, OF_ADDRESS, OF_TEXT };

struct call {
    struct ht_manage *manage;
    const char *subject, *reason; /* parameters, checked */
    struct ht_why *why;
};

static enum ht_err change_keys(struct call *call, enum list list, bool is_added) {
    struct ht_manage *manage = call->manage;
    enum ht_err err = HT_OK;
    if (is_added) {
        err = add(manage, list, call->subject, call->reason, call->why);
    } else {
        drop(manage, list, call->subject);
    }
    return err == HT_OK ? tell_keys(manage, list, call->why) : err;
}

static enum ht_err ban_key(struct call *call) {
    return change_keys(call, BANNED, true);
}

static enum ht_err unban_key(struct call *call) {
    return change_keys(call, BANNED, false);
}

static enum ht_err allow_key(struct call *call) {
    /* The last word counts. */
    bool was_banned = json_object_get(call->manage->lists[BANNED], call->subject) != NULL;
    enum ht_err err = was_banned ? change_keys(call, BANNED, false) : HT_OK;
    return err == HT_OK ? change_keys(call, ALLOWED, true) : err;
}

static enum ht_err unallow_key(struct call *call) {
    return change_keys(call, ALLOWED, false);
}

static enum ht_err settle_event(struct call *call, bool is_banned) {
    struct ht_manage *manage = call->manage;
    ht_hash32 id;
    enum ht_err err = add(manage, is_banned ? BANNED_EVENTS : ALLOWED_EVENTS, call->subject,
                          call->reason, call->why);
    if (err != HT_OK) return err;
    drop(manage, is_banned ? ALLOWED_EVENTS : BANNED_EVENTS, call->subject);
    drop(manage, REPORTS, call->subject);
    bool is_id = read_hash(&id, call->subject);
    if (is_id && manage->effects.event != NULL)
        manage->effects.event(manage->effects.user, &id, is_banned);
    return HT_OK;
}

static enum ht_err ban_event(struct call *call) {
    return settle_event(call, true);
}

static enum ht_err allow_event(struct call *call) {
    return settle_event(call, false);
}

static enum ht_err block(struct call *call) {
    return add(call->manage, BLOCKED, call->subject, call->reason, call->why);
}

static enum ht_err unblock(struct call *call) {
    drop(call->manage, BLOCKED, call->subject);
    return HT_OK;
}

static enum ht_err change_profile(struct call *call, const char *name) {
    const struct ht_manage_effects *effects = &call->manage->effects;
    if (effects->profile != NULL) effects->profile(effects->user, name, call->subject);
    return HT_OK;
}

static enum ht_err change_name(struct call *call) {
    return change_profile(call, "name");
}

static enum ht_err change_description(struct call *call) {
    return change_profile(call, "description");
}

static enum ht_err change_icon(struct call *call) {
    return change_profile(call, "icon");
}

static const struct method {
    const char *name;
    enum sort sort;
    enum ht_err (*run)(struct call *call); /* NULL: it shows a list */
    enum list list;
} methods[] = {
    {"banpubkey", OF_KEY, ban_key, LISTS},
    {"unbanpubkey", OF_KEY, unban_key, LISTS},
    {"listbannedpubkeys", OF_NOTHING, NULL, BANNED},
    {"allowpubkey", OF_KEY, allow_key, LISTS},
    {"unallowpubkey", OF_KEY, unallow_key, LISTS},
    {"listallowedpubkeys", OF_NOTHING, NULL, ALLOWED},
    {"listeventsneedingmoderation", OF_NOTHING, NULL, REPORTS},
    {"allowevent", OF_EVENT, allow_event, LISTS},
    {"banevent", OF_EVENT, ban_event, LISTS},
    {"listbannedevents", OF_NOTHING, NULL, BANNED_EVENTS},
    {"changerelayname", OF_TEXT, change_name, LISTS},
    {"changerelaydescription", OF_TEXT, change_description, LISTS},
    {"changerelayicon", OF_TEXT, change_icon, LISTS},
    {"blockip", OF_ADDRESS, block, LISTS},
    {"unblockip", OF_ADDRESS, unblock, LISTS},
    {"listblockedips", OF_NOTHING, NULL, BLOCKED},
};

#define METHODS (sizeof methods / sizeof *methods)

static json_t *show_methods(void) {
    json_t *array = json_array();
    for (size_t i = 0; i < METHODS; i++) {
        if (json_array_append_new(array, json_string(methods[i].name)) == 0) continue;
        json_decref(array);
        return NULL;
    }
    return array;
}

static bool is_address(const char *text) {
    size_t n = strlen(text);
    return n >= 2 && n < 64 && strspn(text, "0123456789abcdefABCDEF:.%/") == n;
}

static enum ht_err read_params(struct call *call, const struct method *method,
                               const json_t *params) {
    const char *subject = NULL;
    const char *reason = "";
    ht_hash32 hash;
    bool is_right = ht_json_text(&subject, params, "[0]", NULL) == HT_OK;
    bool has_reason = json_is_string(json_array_get(params, 1));
    if (has_reason && ht_json_text(&reason, params, "[1]", NULL) != HT_OK) is_right = false;
    if (strlen(reason) > HT_MANAGE_REASON_MAX) is_right = false;
    switch (method->sort) {
    case OF_NOTHING: break;
    case OF_KEY:
    case OF_EVENT: is_right = is_right && read_hash(&hash, subject); break;
    case OF_ADDRESS: is_right = is_right && is_address(subject); break;
    case OF_TEXT: is_right = is_right && strlen(subject) <= HT_MANAGE_REASON_MAX * 2; break;
    }
    if (!is_right)
        return ht_fail(call->why, HT_EINPUT, "manage_params", "%s has other parameters",
                       method->name);
    call->subject = subject;
    call->reason = reason;
    return HT_OK;
}

enum ht_err ht_manage_call(json_t **result, struct ht_manage *manage, const char *method,
                           const json_t *params, struct ht_why *why) {
    struct call call = {.manage = manage, .why = why};
    const struct method *found = NULL;
    json_t *answer = NULL;
    for (size_t i = 0; i < METHODS; i++) {
        if (strcmp(methods[i].name, method) == 0) found = &methods[i];
    }
    bool is_list = strcmp(method, "supportedmethods") == 0;
    if (found == NULL && !is_list)
        return ht_fail(why, HT_ENOTFOUND, "manage_method", "there is no such method");
    if (is_list) {
        answer = show_methods();
    } else if (found->run == NULL) {
        answer = show(manage, found->list);
    } else {
        enum ht_err err = read_params(&call, found, params);
        if (err == HT_OK) err = found->run(&call);
        if (err != HT_OK) return err;
        tell_changed(manage);
        answer = json_true();
    }
    if (answer == NULL) return no_memory(why);
    *result = answer;
    return HT_OK;
}

json_t *ht_manage_answer(struct ht_manage *manage, ht_bytes body) {
    json_t *request = NULL;
    json_t *result = NULL;
    const char *method = NULL;
    struct ht_why why = {.code = NULL, .text = ""};
    enum ht_err err = ht_json_parse(&request, body, HT_MANAGE_REQUEST_MAX, &why);
    if (err == HT_OK) err = ht_json_text(&method, request, "method", &why);
    if (err == HT_OK)
        err = ht_manage_call(&result, manage, method, json_object_get(request, "params"), &why);
    json_decref(request);
    if (err == HT_OK) return json_pack("{s:o}", "result", result);
    return json_pack("{s:s}", "error", why.code != NULL ? why.text : ht_err_name(err));
}

/* --- saving -----------------------------------------------------------------------------------*/

json_t *ht_manage_save(const struct ht_manage *manage) {
    json_t *saved = json_object();
    for (size_t i = 0; i < LISTS; i++) {
        if (json_object_set_new(saved, names[i].name, json_deep_copy(manage->lists[i])) == 0)
            continue;
        json_decref(saved);
        return NULL;
    }
    return saved;
}

static enum ht_err load_list(struct ht_manage *manage, enum list list, json_t *saved,
                             struct ht_why *why) {
    const char *key;
    json_t *reason;
    ht_hash32 hash;
    (void)json_object_clear(manage->lists[list]);
    json_object_foreach(saved, key, reason) {
        bool is_right = list == BLOCKED ? is_address(key) : read_hash(&hash, key);
        if (!is_right || !json_is_string(reason)) continue;
        enum ht_err err = add(manage, list, key, json_string_value(reason), why);
        if (err != HT_OK) return err;
    }
    return HT_OK;
}

enum ht_err ht_manage_load(struct ht_manage *manage, const json_t *saved, struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (int i = 0; err == HT_OK && i < LISTS; i++)
        err = load_list(manage, (enum list)i, json_object_get(saved, names[i].name), why);
    if (err == HT_OK) err = tell_keys(manage, BANNED, why);
    return err == HT_OK ? tell_keys(manage, ALLOWED, why) : err;
}
