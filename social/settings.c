/* social.settings and social.set_settings. */
#include "social/settings.h"

#include <stdio.h>

#include "node/codec/json.h"
#include "social/client_sql.h"
#include "social/feed/look.h"
#include "social/media/media.h"
#include "social/messages/messages.h"
#include "social/relay/sets.h"
#include "social/upkeep.h"

static const struct {
    const char *name;
    enum ht_policy_rank rank;
} RANKS[] = {
    {"stranger", HT_RANK_STRANGER},
    {"attested", HT_RANK_ATTESTED},
    {"friend", HT_RANK_FRIEND_OF_FRIEND},
    {"followed", HT_RANK_FOLLOWED},
    {"owner", HT_RANK_OWNER},
};
static const char *const PROFILE[] = {"name", "description", "contact", "icon"};
static const char *const NUMBERS[] = {"stranger_difficulty", "events_a_minute", "author_bytes",
                                      "total_bytes",         "media_bytes",     "media_key_bytes"};
static const uint64_t NUMBERS_MAX[] = {
    64, 1000000, UINT64_C(1) << 50, UINT64_C(1) << 50, UINT64_C(1) << 50, UINT64_C(1) << 50};

static bool find_rank(enum ht_policy_rank *out, const json_t *object, const char *name) {
    const char *text = json_string_value(ht_json_member(object, name));
    for (size_t i = 0; text != NULL && i < sizeof RANKS / sizeof *RANKS; i++) {
        if (strcmp(text, RANKS[i].name) != 0) continue;
        *out = RANKS[i].rank;
        return true;
    }
    return false;
}

/* --- reading ---------------------------------------------------------------------------------- */

static json_t *standard_policy(void) {
    return json_pack("{s:s, s:s, s:i, s:i, s:i, s:i, s:I, s:I}", "write", "attested", "read",
                     "stranger", "stranger_difficulty", 20, "events_a_minute", 120, "author_bytes",
                     64 << 20, "total_bytes", 0, "media_bytes", (json_int_t)HT_MEDIA_QUOTA,
                     "media_key_bytes", (json_int_t)HT_MEDIA_KEY_QUOTA);
}

static json_t *standard_retention(void) {
    return json_pack("{s:i, s:i, s:[]}", "days", 0, "followed_days", 0, "kinds");
}

enum ht_err ht_settings_read(json_t **out, sqlite3 *db, struct ht_why *why) {
    json_t *owner = NULL, *relays = NULL, *policy = NULL, *profile = NULL, *retention = NULL;
    enum ht_err err = ht_client_sql_get(&owner, db, "owner", why);
    if (err == HT_OK) err = ht_client_sql_get(&relays, db, "relays", why);
    if (err == HT_OK) err = ht_client_sql_get(&policy, db, "policy", why);
    if (err == HT_OK) err = ht_client_sql_get(&profile, db, "profile", why);
    if (err == HT_OK) err = ht_client_sql_get(&retention, db, "retention", why);
    json_t *whole = standard_policy(), *list = json_object_get(relays, "list");
    json_t *pubkey = json_object_get(owner, "pubkey");
    json_t *none = json_array(), *empty = json_object(), *days = standard_retention();
    if (policy != NULL) (void)json_object_update_existing(whole, policy);
    if (retention != NULL) (void)json_object_update_existing(days, retention);
    json_t *all = json_pack("{s:O?, s:O, s:O, s:O, s:O}", "owner", pubkey, "relays",
                            list != NULL ? list : none, "policy", whole, "profile",
                            profile != NULL ? profile : empty, "retention", days);
    if (err == HT_OK && all == NULL) err = ht_task_no_memory(why);
    json_decref(none);
    json_decref(empty);
    json_decref(days);
    json_decref(retention);
    json_decref(whole);
    json_decref(owner);
    json_decref(relays);
    json_decref(policy);
    json_decref(profile);
    if (err != HT_OK) {
        json_decref(all);
        return err;
    }
    *out = all;
    return HT_OK;
}

static enum ht_err read_settings(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    return ht_settings_read(&task->result, db, why);
}

void ht_settings_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    if (task != NULL) ht_task_look(task, read_settings, NULL);
}

/* --- applying --------------------------------------------------------------------------------- */

static void put_text(char *out, size_t size, const json_t *object, const char *name) {
    const char *text = json_string_value(ht_json_member(object, name));
    (void)snprintf(out, size, "%s", text != NULL ? text : "");
}

static uint64_t number_of(const json_t *policy, const char *name) {
    uint64_t number = 0;
    return ht_json_u64(&number, policy, name, NULL) == HT_OK ? number : 0;
}

void ht_settings_limits(struct ht_store_limits *limits, const json_t *settings) {
    const json_t *policy = ht_json_member(settings, "policy");
    limits->author_bytes = number_of(policy, "author_bytes");
    limits->total_bytes = number_of(policy, "total_bytes");
}

void ht_settings_keeping(struct ht_keeping *keeping, const json_t *settings) {
    const json_t *retention = ht_json_member(settings, "retention");
    size_t i;
    json_t *rule;
    keeping->days = (uint32_t)number_of(retention, "days");
    keeping->followed_days = (uint32_t)number_of(retention, "followed_days");
    keeping->kind_count = 0;
    json_array_foreach(ht_json_member(retention, "kinds"), i, rule) {
        if (keeping->kind_count == HT_KEEPING_KINDS_MAX) break;
        keeping->kinds[keeping->kind_count++] = (struct ht_keeping_kind){
            .kind = (uint32_t)number_of(rule, "kind"), .days = (uint32_t)number_of(rule, "days")};
    }
}

void ht_settings_apply(struct ht_social *social, const json_t *settings) {
    const json_t *policy = ht_json_member(settings, "policy");
    const json_t *profile = ht_json_member(settings, "profile");
    struct ht_policy_settings *to = ht_policy_settings(social->policy);
    (void)find_rank(&to->write, policy, "write");
    (void)find_rank(&to->read, policy, "read");
    to->stranger_difficulty = (unsigned)number_of(policy, "stranger_difficulty");
    to->events_a_minute = (unsigned)number_of(policy, "events_a_minute");
    ht_media_set_quota(social, number_of(policy, "media_key_bytes"),
                       number_of(policy, "media_bytes"));
    social->has_chosen = ht_look_hash(&social->chosen, settings, "owner");
    if (social->relay == NULL) return;
    struct ht_relay_profile *shown = ht_relay_profile(social->relay);
    put_text(shown->name, sizeof shown->name, profile, "name");
    put_text(shown->description, sizeof shown->description, profile, "description");
    put_text(shown->icon, sizeof shown->icon, profile, "icon");
    put_text(shown->contact, sizeof shown->contact, profile, "contact");
}

/* --- changing --------------------------------------------------------------------------------- */

static enum ht_err check_relays(const json_t *list, struct ht_why *why) {
    size_t i;
    json_t *relay;
    if (json_array_size(list) > HT_SETTINGS_RELAYS_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many_relays", "at most %u relays",
                       HT_SETTINGS_RELAYS_MAX);
    }
    json_array_foreach(list, i, relay) {
        char url[HT_LINK_URL_SIZE];
        const char *text = NULL;
        bool use = false;
        enum ht_err err = ht_json_text(&text, relay, "url", why);
        if (err == HT_OK) err = ht_link_url(url, text, why);
        if (err == HT_OK) err = ht_json_bool(&use, relay, "read", why);
        if (err == HT_OK) err = ht_json_bool(&use, relay, "write", why);
        if (err != HT_OK) return err;
    }
    return HT_OK;
}

static enum ht_err check_policy(const json_t *policy, struct ht_why *why) {
    enum ht_policy_rank rank;
    bool is_good = ht_json_member(policy, "write") == NULL || find_rank(&rank, policy, "write");
    is_good =
        is_good && (ht_json_member(policy, "read") == NULL || find_rank(&rank, policy, "read"));
    if (!is_good) return ht_fail(why, HT_EINPUT, "bad_rank", "there is no such rank");
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++) {
        uint64_t number = 0;
        if (ht_json_member(policy, NUMBERS[i]) == NULL) continue;
        enum ht_err err = ht_json_u64(&number, policy, NUMBERS[i], why);
        if (err != HT_OK) return err;
        if (number > NUMBERS_MAX[i]) {
            return ht_fail(why, HT_EINPUT, "bad_setting", "%s is too large", NUMBERS[i]);
        }
    }
    return HT_OK;
}

static enum ht_err check_profile(const json_t *profile, struct ht_why *why) {
    for (size_t i = 0; i < sizeof PROFILE / sizeof *PROFILE; i++) {
        const char *text = NULL;
        if (ht_json_member(profile, PROFILE[i]) == NULL) continue;
        enum ht_err err = ht_json_text(&text, profile, PROFILE[i], why);
        if (err != HT_OK) return err;
    }
    return HT_OK;
}

static enum ht_err check_number(const json_t *object, const char *name, uint64_t max,
                                struct ht_why *why) {
    uint64_t number = 0;
    enum ht_err err = ht_json_u64(&number, object, name, why);
    if (err != HT_OK || number <= max) return err;
    return ht_fail(why, HT_EINPUT, "bad_setting", "%s is at most %llu", name,
                   (unsigned long long)max);
}

static enum ht_err check_kinds(const json_t *retention, struct ht_why *why) {
    const json_t *kinds = NULL;
    size_t i, j;
    json_t *rule;
    enum ht_err err = ht_json_array(&kinds, retention, "kinds", why);
    if (err == HT_OK && json_array_size(kinds) > HT_KEEPING_KINDS_MAX) {
        err = ht_fail(why, HT_ELIMIT, "too_many_kinds", "rules for at most %u kinds",
                      HT_KEEPING_KINDS_MAX);
    }
    json_array_foreach(kinds, i, rule) {
        if (err == HT_OK) err = check_number(rule, "kind", UINT16_MAX, why);
        if (err == HT_OK) err = check_number(rule, "days", HT_KEEPING_DAYS_MAX, why);
        for (j = 0; err == HT_OK && j < i; j++) {
            const json_t *other = ht_json_member(json_array_get(kinds, j), "kind");
            if (json_equal(other, ht_json_member(rule, "kind")) == 0) continue;
            err = ht_fail(why, HT_EINPUT, "bad_setting", "there are two rules for one kind");
        }
    }
    return err;
}

static enum ht_err check_retention(const json_t *retention, struct ht_why *why) {
    static const char *const DAYS[] = {"days", "followed_days"};
    if (!json_is_object(retention)) {
        return ht_fail(why, HT_EINPUT, "bad_setting", "retention is an object");
    }
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < sizeof DAYS / sizeof *DAYS; i++) {
        if (ht_json_member(retention, DAYS[i]) == NULL) continue;
        err = check_number(retention, DAYS[i], HT_KEEPING_DAYS_MAX, why);
    }
    if (err != HT_OK || ht_json_member(retention, "kinds") == NULL) return err;
    return check_kinds(retention, why);
}

/* Sets a part of a setting, the rest of which stays. */
static enum ht_err merge(sqlite3 *db, const char *name, json_t *change, struct ht_why *why) {
    json_t *value = NULL;
    enum ht_err err = ht_client_sql_get(&value, db, name, why);
    if (err != HT_OK) return err;
    if (value == NULL) value = json_object();
    err = json_object_update(value, change) == 0 ? ht_client_sql_set(db, name, value, why)
                                                 : ht_task_no_memory(why);
    json_decref(value);
    return err;
}

static enum ht_err set_owner(sqlite3 *db, const json_t *owner, struct ht_why *why) {
    ht_hash32 key;
    const char *text = json_string_value(owner);
    if (!json_is_null(owner) && (text == NULL || !ht_event_hex32(&key, ht_bytes_str(text)))) {
        return ht_fail(why, HT_EINPUT, "bad_npub", "that is no public key of Nostr in hex");
    }
    json_t *value = json_pack("{s:s?}", "pubkey", text);
    enum ht_err err =
        value != NULL ? ht_client_sql_set(db, "owner", value, why) : ht_task_no_memory(why);
    json_decref(value);
    return err;
}

enum ht_err ht_settings_write(sqlite3 *db, const json_t *params, struct ht_why *why) {
    const json_t *owner = json_object_get(params, "owner");
    json_t *relays = json_object_get(params, "relays");
    json_t *policy = json_object_get(params, "policy");
    json_t *profile = json_object_get(params, "profile");
    json_t *retention = json_object_get(params, "retention");
    enum ht_err err = relays != NULL ? check_relays(relays, why) : HT_OK;
    if (err == HT_OK && policy != NULL) err = check_policy(policy, why);
    if (err == HT_OK && profile != NULL) err = check_profile(profile, why);
    if (err == HT_OK && retention != NULL) err = check_retention(retention, why);
    if (err == HT_OK && owner != NULL) err = set_owner(db, owner, why);
    if (err == HT_OK && relays != NULL) {
        json_t *value = json_pack("{s:O}", "list", relays);
        err = ht_client_sql_set(db, "relays", value, why);
        json_decref(value);
    }
    if (err == HT_OK && policy != NULL) err = merge(db, "policy", policy, why);
    if (err == HT_OK && profile != NULL) err = merge(db, "profile", profile, why);
    if (err == HT_OK && retention != NULL) err = merge(db, "retention", retention, why);
    return err;
}

static enum ht_err write_settings(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    enum ht_err err = ht_settings_write(db, task->params, why);
    return err == HT_OK ? ht_settings_read(&task->result, db, why) : err;
}

/* The writer's thread, where quotas are heeded: after the commit, so that they are those that were
 * kept. */
static enum ht_err put_quotas(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    (void)db, (void)why;
    task->social->sweep = (struct ht_social_sweep){0};
    ht_settings_limits(ht_relay_writer_limits(task->social->relay), task->result);
    return HT_OK;
}

static void put(struct ht_task *task) {
    ht_upkeep_hurry(task->social);
    ht_task_end(task, HT_OK, NULL);
}

static void wrote(struct ht_task *task) {
    ht_settings_apply(task->social, task->result);
    ht_sets_reload(task->social);
    ht_messages_owner_changed(task->social);
    task->social->host->publish(task->social->host, "social.me");
    ht_task_change(task, put_quotas, put);
}

void ht_set_settings_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    if (task != NULL) ht_task_change(task, write_settings, wrote);
}
