/* The rules of writing and reading; who is of which rank comes from elsewhere. */
#include "social/relay/policy.h"

#include <stdlib.h>

#define AUTH_KIND 22242U
#define VANISH_KIND 62U
#define BUNKER_KIND 24133U
#define DELETE_KIND 5U
#define RANKS (HT_RANK_OWNER + 1)
#define KIND_BYTES 8192U /* a bit for each kind */

struct keys {
    ht_hash32 *list; /* sorted, without duplicates */
    size_t count;
};

struct ht_policy {
    struct ht_policy_settings settings;
    struct keys ranks[RANKS];
    struct keys allowed;
    bool has_allowed_kinds;
    uint8_t allowed_kinds[KIND_BYTES], denied_kinds[KIND_BYTES];
    bool (*lets_in)(void *user, const ht_hash32 *pubkey); /* NULL: nobody */
    void *lets_in_user;
};

enum ht_err ht_policy_new(struct ht_policy **out) {
    struct ht_policy *policy = calloc(1, sizeof *policy);
    if (policy == NULL) return HT_ENOMEM;
    policy->settings = (struct ht_policy_settings){
        .write = HT_RANK_ATTESTED,
        .stranger_difficulty = 20,
        .read = HT_RANK_STRANGER,
        .future_max_s = 900,
        .past_max_s = 300,
        .events_a_minute = 120,
    };
    *out = policy;
    return HT_OK;
}

void ht_policy_free(struct ht_policy *policy) {
    if (policy == NULL) return;
    for (size_t i = 0; i < RANKS; i++) free(policy->ranks[i].list);
    free(policy->allowed.list);
    free(policy);
}

struct ht_policy_settings *ht_policy_settings(struct ht_policy *policy) {
    return &policy->settings;
}

static int compare(const void *a, const void *b) {
    return memcmp(a, b, sizeof(ht_hash32));
}

static enum ht_err set_keys(struct keys *out, const ht_hash32 *pubkeys, size_t count) {
    struct keys keys = {.list = NULL};
    if (count > HT_POLICY_KEYS_MAX) return HT_ELIMIT;
    if (count > 0) {
        keys.list = malloc(count * sizeof *keys.list);
        if (keys.list == NULL) return HT_ENOMEM;
        memcpy(keys.list, pubkeys, count * sizeof *keys.list);
        qsort(keys.list, count, sizeof *keys.list, compare);
    }
    for (size_t i = 0; i < count; i++) {
        bool is_again = i > 0 && ht_hash32_equal(&keys.list[keys.count - 1], &keys.list[i]);
        if (!is_again) keys.list[keys.count++] = keys.list[i];
    }
    free(out->list);
    *out = keys;
    return HT_OK;
}

enum ht_err ht_policy_set(struct ht_policy *policy, enum ht_policy_rank rank,
                          const ht_hash32 *pubkeys, size_t count) {
    ht_assert(rank != HT_RANK_STRANGER);
    return set_keys(&policy->ranks[rank], pubkeys, count);
}

enum ht_err ht_policy_allow(struct ht_policy *policy, const ht_hash32 *pubkeys, size_t count) {
    return set_keys(&policy->allowed, pubkeys, count);
}

static void set_bits(uint8_t bits[static KIND_BYTES], const uint32_t *kinds, size_t count) {
    memset(bits, 0, KIND_BYTES);
    for (size_t i = 0; i < count; i++) {
        if (kinds[i] < KIND_BYTES * 8) bits[kinds[i] / 8] |= (uint8_t)(1U << kinds[i] % 8);
    }
}

static bool has_bit(const uint8_t bits[static KIND_BYTES], uint32_t kind) {
    return kind < KIND_BYTES * 8 && (bits[kind / 8] & (1U << kind % 8)) != 0;
}

void ht_policy_set_kinds(struct ht_policy *policy, const uint32_t *allowed, size_t allowed_count,
                         const uint32_t *denied, size_t denied_count) {
    policy->has_allowed_kinds = allowed_count > 0;
    set_bits(policy->allowed_kinds, allowed, allowed_count);
    set_bits(policy->denied_kinds, denied, denied_count);
}

static bool has_key(const struct keys *keys, const ht_hash32 *pubkey) {
    return keys->count > 0 &&
           bsearch(pubkey, keys->list, keys->count, sizeof *keys->list, compare) != NULL;
}

enum ht_policy_rank ht_policy_rank_of(const struct ht_policy *policy, const ht_hash32 *pubkey) {
    static const enum ht_policy_rank order[] = {HT_RANK_OWNER, HT_RANK_BLOCKED, HT_RANK_FOLLOWED,
                                                HT_RANK_FRIEND_OF_FRIEND, HT_RANK_ATTESTED};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (has_key(&policy->ranks[order[i]], pubkey)) return order[i];
    }
    return has_key(&policy->allowed, pubkey) ? HT_RANK_ATTESTED : HT_RANK_STRANGER;
}

void ht_policy_set_devices(struct ht_policy *policy,
                           bool (*lets_in)(void *user, const ht_hash32 *pubkey), void *user) {
    policy->lets_in = lets_in;
    policy->lets_in_user = user;
}

static bool is_device(const struct ht_policy *policy, const struct ht_event *event) {
    return event->kind == BUNKER_KIND && policy->lets_in != NULL &&
           policy->lets_in(policy->lets_in_user, &event->pubkey);
}

bool ht_policy_is_private_kind(uint32_t kind) {
    static const uint32_t kinds[] = {HT_POLICY_PRIVATE_KINDS};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i] == kind) return true;
    }
    return false;
}

static bool is_wrap(uint32_t kind) {
    return ht_policy_is_private_kind(kind) && kind != 4;
}

/* --- writing ----------------------------------------------------------------------------------*/

static bool has_authed(const struct ht_policy_asker *asker, const ht_hash32 *pubkey) {
    for (size_t i = 0; i < asker->authed_count; i++) {
        if (ht_hash32_equal(&asker->authed[i], pubkey)) return true;
    }
    return false;
}

/* Let in by name; blocked goes before that. */
static bool is_allowed(const struct ht_policy *policy, const ht_hash32 *pubkey) {
    return has_key(&policy->allowed, pubkey) &&
           ht_policy_rank_of(policy, pubkey) != HT_RANK_BLOCKED;
}

static bool has_allowed(const struct ht_policy *policy, const struct ht_policy_asker *asker) {
    for (size_t i = 0; i < asker->authed_count; i++) {
        if (is_allowed(policy, &asker->authed[i])) return true;
    }
    return false;
}

/* The highest rank of the keys that the asker has proven. */
static enum ht_policy_rank asker_rank(const struct ht_policy *policy,
                                      const struct ht_policy_asker *asker) {
    enum ht_policy_rank best = asker->is_own ? HT_RANK_OWNER : HT_RANK_BLOCKED;
    for (size_t i = 0; i < asker->authed_count; i++) {
        enum ht_policy_rank rank = ht_policy_rank_of(policy, &asker->authed[i]);
        if (rank > best) best = rank;
    }
    return best;
}

/* To an asker who lacks the right: AUTH may help who has not tried. */
static enum ht_err refuse(const struct ht_policy_asker *asker, const char *what,
                          struct ht_why *why) {
    if (asker->authed_count == 0) {
        return ht_fail(why, HT_EDENIED, "auth-required", "%s", what);
    }
    return ht_fail(why, HT_EDENIED, "restricted", "%s", what);
}

static enum ht_err check_time(const struct ht_policy_settings *settings,
                              const struct ht_event *event, int64_t now_s, struct ht_why *why) {
    bool is_ahead = event->created_at > now_s && event->created_at - now_s > settings->future_max_s;
    if (is_ahead) return ht_fail(why, HT_EDENIED, "invalid", "created_at is too far ahead");
    if (ht_event_expiration(event) <= now_s) {
        return ht_fail(why, HT_EDENIED, "invalid", "the event has expired");
    }
    bool is_late = ht_event_class_of(event->kind) == HT_EVENT_EPHEMERAL &&
                   event->created_at < now_s && now_s - event->created_at > settings->past_max_s;
    if (is_late) return ht_fail(why, HT_EDENIED, "invalid", "an ephemeral event that is too old");
    return HT_OK;
}

/* Kind 6 and 16 carry the event as JSON. */
static bool embeds_protected(const struct ht_event *event) {
    struct ht_arena arena;
    struct ht_event inner;
    if (event->kind != 6 && event->kind != 16) return false;
    if (event->content.n == 0) return false;
    ht_arena_init(&arena, HT_EVENT_ARENA(event->content.n));
    bool is_it = ht_event_read(&inner, &arena, event->content, NULL) == HT_OK &&
                 ht_event_is_protected(&inner);
    ht_arena_fini(&arena);
    return is_it;
}

static enum ht_err check_protected(const struct ht_policy *policy,
                                   const struct ht_policy_asker *asker,
                                   const struct ht_event *event, struct ht_why *why) {
    if (embeds_protected(event)) {
        return ht_fail(why, HT_EDENIED, "restricted", "it reposts a protected event (NIP-70)");
    }
    if (!ht_event_is_protected(event) || has_authed(asker, &event->pubkey)) return HT_OK;
    if (asker->is_own && ht_policy_rank_of(policy, &event->pubkey) == HT_RANK_OWNER) return HT_OK;
    return refuse(asker, "a protected event is taken from its author only (NIP-70)", why);
}

static enum ht_err check_kind(const struct ht_policy *policy, uint32_t kind, struct ht_why *why) {
    bool is_out =
        policy->has_allowed_kinds && kind != DELETE_KIND && !has_bit(policy->allowed_kinds, kind);
    if (!is_out && !has_bit(policy->denied_kinds, kind)) return HT_OK;
    return ht_fail(why, HT_EDENIED, "blocked", "kind %u is not taken here", kind);
}

static enum ht_err check_work(const struct ht_policy_settings *settings,
                              const struct ht_event *event, struct ht_why *why) {
    unsigned wanted = settings->stranger_difficulty;
    unsigned done = ht_event_difficulty(&event->id);
    unsigned target = ht_event_difficulty_target(event);
    if (done < wanted) {
        return ht_fail(why, HT_EDENIED, "pow", "difficulty %u is less than %u", done, wanted);
    }
    /* Without the commitment, who tries for less is lucky now and then (NIP-13). */
    if (target < wanted) {
        return ht_fail(why, HT_EDENIED, "pow", "the nonce commits to %u bits, %u are asked for",
                       target, wanted);
    }
    return HT_OK;
}

enum ht_err ht_policy_write(const struct ht_policy *policy, const struct ht_policy_asker *asker,
                            const struct ht_event *event, int64_t now_s, struct ht_why *why) {
    const struct ht_policy_settings *settings = &policy->settings;
    enum ht_policy_rank rank = ht_policy_rank_of(policy, &event->pubkey);
    bool is_vanish = event->kind == VANISH_KIND;
    if (event->kind == AUTH_KIND) {
        return ht_fail(why, HT_EDENIED, "invalid", "an AUTH event is not published (NIP-42)");
    }
    if (rank == HT_RANK_BLOCKED && !is_vanish) {
        return ht_fail(why, HT_EDENIED, "blocked", "the author is blocked here");
    }
    enum ht_err err = check_time(settings, event, now_s, why);
    if (err == HT_OK) err = check_protected(policy, asker, event, why);
    if (err != HT_OK || is_vanish || asker->is_own || is_device(policy, event)) return err;
    if (rank != HT_RANK_OWNER) err = check_kind(policy, event->kind, why);
    if (err != HT_OK || is_allowed(policy, &event->pubkey)) return err;
    if (is_wrap(event->kind) && has_allowed(policy, asker)) return HT_OK;
    if (is_wrap(event->kind)) {
        enum ht_policy_rank deliverer = asker_rank(policy, asker);
        if (deliverer > rank) rank = deliverer;
    }
    if (rank >= settings->write) return HT_OK;
    /* AUTH may help whoever delivers a wrap, so that is said before work. */
    bool may_auth = is_wrap(event->kind) && asker->authed_count == 0;
    if (settings->stranger_difficulty > 0) {
        err = check_work(settings, event, why);
        if (err == HT_OK || !may_auth) return err;
    }
    if (is_wrap(event->kind)) return refuse(asker, "whoever delivers this must be known here", why);
    return ht_fail(why, HT_EDENIED, "restricted", "the author may not write here");
}

/* --- reading ----------------------------------------------------------------------------------*/

enum ht_err ht_policy_read(const struct ht_policy *policy, const struct ht_policy_asker *asker,
                           struct ht_why *why) {
    const enum ht_policy_rank least = asker->is_page ? HT_RANK_OWNER : policy->settings.read;
    if (least <= HT_RANK_STRANGER || asker_rank(policy, asker) >= least) return HT_OK;
    if (!asker->is_page && has_allowed(policy, asker)) return HT_OK;
    return refuse(asker, "reading is for those whom the owner knows", why);
}

bool ht_policy_may_see(const struct ht_policy *policy, const struct ht_policy_asker *asker,
                       const ht_hash32 *pubkey, uint32_t kind, const ht_hash32 *tagged,
                       size_t tagged_count) {
    (void)policy;
    if (asker->is_own || !ht_policy_is_private_kind(kind)) return true;
    if (has_authed(asker, pubkey)) return true;
    for (size_t i = 0; i < tagged_count; i++) {
        if (has_authed(asker, &tagged[i])) return true;
    }
    return false;
}
