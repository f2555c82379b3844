/* Who counts as what: the sets of the relay's policy, the owner's relays; read anew when something
 * about them was stored. */
#include "social/relay/sets.h"

#include <stdlib.h>

#include "node/base/log.h"
#include "node/codec/json.h"
#include "social/client_sql.h"
#include "social/feed/look.h"
#include "social/feed/mutes.h"
#include "social/feed/post.h"
#include "social/feed/profile.h"
#include "social/kinds.h"
#include "social/links/peers.h"
#include "social/mesh/mesh_service.h"
#include "social/settings.h"

#define OWNERS_MAX 64U
#define FRIENDS_ASKED_MAX 1000U /* follows whose follows are looked at */
#define RELOAD_MS 50
#define ATTESTED_STEPS 2U /* of vouching from the owner */
#define ATTESTED_MAX 10000U

struct sets {
    ht_hash32 owners[OWNERS_MAX];
    size_t owner_count;
    ht_hash32 *followed, *friends, *blocked;
    ht_hash32 *mutual; /* of the followed, those who follow the owner */
    size_t followed_count, friend_count, blocked_count, mutual_count;
    json_t *relays, *profile;
    struct ht_mutes *mutes;
};

static void free_mutes(struct ht_mutes *mutes) {
    if (mutes != NULL) ht_mutes_fini(mutes);
    free(mutes);
}

static void free_sets(void *user) {
    struct sets *sets = user;
    free(sets->followed);
    free(sets->friends);
    free(sets->blocked);
    free(sets->mutual);
    json_decref(sets->relays);
    json_decref(sets->profile);
    free_mutes(sets->mutes);
    free(sets);
}

static enum ht_err read_friends(struct sets *sets, struct ht_task *task, struct ht_why *why) {
    static const uint32_t FOLLOWS[] = {HT_KIND_FOLLOWS};
    struct ht_look look = {.authors = sets->followed,
                           .author_count = sets->followed_count,
                           .has_authors = true,
                           .kinds = FOLLOWS,
                           .kind_count = 1,
                           .limit = FRIENDS_ASKED_MAX};
    json_t *lists = NULL, *list;
    size_t i;
    enum ht_err err = ht_look_events(&lists, NULL, task, &look, why);
    if (err != HT_OK) return err;
    sets->friends = malloc(HT_POLICY_KEYS_MAX * sizeof *sets->friends);
    sets->mutual = malloc((FRIENDS_ASKED_MAX + 1) * sizeof *sets->mutual);
    if (sets->friends == NULL || sets->mutual == NULL) err = ht_task_no_memory(why);
    json_array_foreach(lists, i, list) {
        ht_hash32 *keys = NULL;
        size_t count = 0;
        if (err == HT_OK) err = ht_look_keys(&keys, &count, list, "p", why);
        if (err == HT_OK && i < FRIENDS_ASKED_MAX && ht_look_has_key(keys, count, &task->owner) &&
            ht_look_hash(&sets->mutual[sets->mutual_count], list, "pubkey")) {
            sets->mutual_count++;
        }
        size_t room = HT_POLICY_KEYS_MAX - sets->friend_count;
        size_t more = count < room ? count : room;
        if (err == HT_OK && more > 0) {
            memcpy(sets->friends + sets->friend_count, keys, more * sizeof *keys);
            sets->friend_count += more;
        }
        free(keys);
    }
    json_decref(lists);
    return err;
}

/* Of kind 10002; without one, those of the settings. */
static enum ht_err read_relays(struct sets *sets, struct ht_task *task, struct ht_why *why) {
    json_t *event = NULL, *tag;
    size_t i;
    json_t *set = json_object_get(task->result, "relays");
    if (json_array_size(set) > 0) {
        sets->relays = json_incref(set);
        return HT_OK;
    }
    enum ht_err err =
        task->has_owner ? ht_look_newest(&event, task, &task->owner, HT_KIND_RELAYS, why) : HT_OK;
    sets->relays = json_array();
    json_array_foreach(ht_json_member(event, "tags"), i, tag) {
        const char *name = ht_look_item(tag, 0), *url = ht_look_item(tag, 1);
        const char *use = ht_look_item(tag, 2);
        if (name == NULL || url == NULL || strcmp(name, "r") != 0) continue;
        if (json_array_size(sets->relays) == HT_PEERS_OWN_MAX) break;
        bool reads = use == NULL || strcmp(use, "write") != 0;
        bool writes = use == NULL || strcmp(use, "read") != 0;
        (void)json_array_append_new(
            sets->relays, json_pack("{s:s, s:b, s:b}", "url", url, "read", reads, "write", writes));
    }
    json_decref(event);
    return err;
}

static enum ht_err read_sets(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    struct sets *sets = task->user;
    json_t *follows = NULL;
    enum ht_err err = ht_settings_read(&task->result, db, why);
    if (err == HT_OK && task->has_owner) {
        err = ht_look_newest(&follows, task, &task->owner, HT_KIND_FOLLOWS, why);
    }
    if (err == HT_OK) err = ht_look_keys(&sets->followed, &sets->followed_count, follows, "p", why);
    json_decref(follows);
    if (err == HT_OK) err = read_friends(sets, task, why);
    if (err == HT_OK) {
        sets->blocked = malloc(HT_BLOCKED_MAX * sizeof *sets->blocked);
        err = sets->blocked != NULL ? ht_client_sql_blocked(sets->blocked, &sets->blocked_count,
                                                            HT_BLOCKED_MAX, db, why)
                                    : ht_task_no_memory(why);
    }
    if (err == HT_OK) err = read_relays(sets, task, why);
    if (err == HT_OK && task->has_owner) {
        err = ht_profile_whole(&sets->profile, task, &task->owner, why);
    }
    if (err == HT_OK) {
        sets->mutes = calloc(1, sizeof *sets->mutes);
        err = sets->mutes != NULL ? ht_posts_mutes(sets->mutes, task, why) : ht_task_no_memory(why);
    }
    return err;
}

static void put(struct ht_policy *policy, enum ht_policy_rank rank, const ht_hash32 *keys,
                size_t count) {
    if (ht_policy_set(policy, rank, keys, count) != HT_OK) {
        ht_log(HT_LOG_WARN, "social", "a set of the relay's policy could not be kept");
    }
}

/* Whom the owner's circle vouches for; besides those that the owner let in by name. */
static void put_attested(struct ht_social *social) {
    const struct ht_host *host = social->host;
    const struct ht_trust *trust = host->trust != NULL ? host->trust(host) : NULL;
    ht_hash32 *keys = trust != NULL ? malloc(ATTESTED_MAX * sizeof *keys) : NULL;
    size_t count =
        keys != NULL ? trust->circle(trust->self, ATTESTED_STEPS, keys, ATTESTED_MAX) : 0;
    put(social->policy, HT_RANK_ATTESTED, keys, count < ATTESTED_MAX ? count : ATTESTED_MAX);
    free(keys);
}

static void got_sets(struct ht_task *task) {
    struct sets *sets = task->user;
    struct ht_social *social = task->social;
    put(social->policy, HT_RANK_OWNER, sets->owners, sets->owner_count);
    put(social->policy, HT_RANK_FOLLOWED, sets->followed, sets->followed_count);
    put(social->policy, HT_RANK_FRIEND_OF_FRIEND, sets->friends, sets->friend_count);
    put(social->policy, HT_RANK_BLOCKED, sets->blocked, sets->blocked_count);
    put_attested(social);
    ht_settings_apply(social, task->result);
    ht_peers_set_own(social, sets->relays);
    ht_mesh_follows(social, sets->followed, sets->followed_count, sets->mutual, sets->mutual_count);
    json_decref(social->profile);
    social->profile = json_incref(sets->profile);
    free_mutes(social->mutes);
    social->mutes = sets->mutes;
    sets->mutes = NULL;
    social->host->publish(social->host, "social.me");
    ht_task_end(task, HT_OK, NULL);
}

size_t ht_sets_owners(const struct ht_social *social, ht_hash32 *out, size_t max) {
    const struct ht_nostr_keys *keys = social->host->nostr_keys(social->host);
    struct ht_nostr_key list[OWNERS_MAX];
    bool is_open;
    if (keys == NULL) return 0;
    if (max > OWNERS_MAX) max = OWNERS_MAX;
    size_t count = keys->list(keys->self, list, max, &is_open);
    for (size_t i = 0; i < count && i < max; i++) out[i] = list[i].pubkey;
    return count;
}

static struct sets *fill(struct ht_social *social) {
    struct sets *sets = calloc(1, sizeof *sets);
    if (sets == NULL) return NULL;
    sets->owner_count = ht_sets_owners(social, sets->owners, OWNERS_MAX);
    if (sets->owner_count > OWNERS_MAX) sets->owner_count = OWNERS_MAX;
    return sets;
}

static void reload(struct ht_timer *timer) {
    struct ht_social *social =
        (struct ht_social *)(void *)((char *)timer - offsetof(struct ht_social, timer));
    if (social->is_stopped) return;
    struct ht_task *task = ht_task_new(social, NULL, NULL);
    if (task == NULL) return;
    task->user = fill(social);
    task->free_user = free_sets;
    if (task->user == NULL) {
        struct ht_why why = {0};
        ht_task_end(task, ht_task_no_memory(&why), &why);
        return;
    }
    ht_task_look(task, read_sets, got_sets);
}

bool ht_sets_hides(const struct ht_social *social, const struct ht_event *event) {
    bool is_sure = false;
    json_t *value = NULL;
    if (social->mutes == NULL) return false;
    if (!ht_mutes_may_hide(social->mutes, &event->pubkey, event->kind, &is_sure)) return false;
    if (is_sure) return true;
    if (ht_json_parse(&value, event->json, HT_EVENT_SIZE_MAX, NULL) != HT_OK) return false;
    bool is_hidden = ht_mutes_hides(social->mutes, value);
    json_decref(value);
    return is_hidden;
}

void ht_sets_free(struct ht_social *social) {
    free_mutes(social->mutes);
    social->mutes = NULL;
}

void ht_sets_reload(struct ht_social *social) {
    if (!social->is_stopped) ht_timer_set(social->host->loop, &social->timer, RELOAD_MS, reload);
}
