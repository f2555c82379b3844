/* The bunker as a whole: devices, requests as they come, what has a deadline. What is done about a
 * request is in bunker_act.c. */
#include "social/bunker/bunker.h"

#include <stdlib.h>

#include "node/base/log.h"
#include "node/crypto/sha256.h"
#include "social/bunker/bunker_act.h"
#include "social/bunker/bunker_relays.h"

#define TICK_MS 1000
#define TICKS_TO_SAVE 5U
#define TICKS_TO_RELAYS 30U

/* --- devices ---------------------------------------------------------------------------------- */

struct ht_bunker_device *ht_bunker_find(const struct ht_bunker *bunker, const ht_hash32 *device) {
    for (size_t i = 0; i < bunker->device_count; i++) {
        if (ht_hash32_equal(&bunker->devices[i]->row.device, device)) return bunker->devices[i];
    }
    return NULL;
}

enum ht_err ht_bunker_add(struct ht_bunker *bunker, const struct ht_bunker_row *row,
                          struct ht_why *why) {
    struct ht_bunker_device *device = ht_bunker_find(bunker, &row->device);
    if (device == NULL && bunker->device_count == HT_BUNKER_DEVICES_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many", "there are %u devices already",
                       HT_BUNKER_DEVICES_MAX);
    }
    if (device == NULL) {
        device = calloc(1, sizeof *device);
        if (device == NULL) return ht_task_no_memory(why);
        bunker->devices[bunker->device_count++] = device;
    }
    device->row = *row;
    return HT_OK;
}

void ht_bunker_remove(struct ht_bunker *bunker, const ht_hash32 *device) {
    for (struct ht_bunker_job **at = &bunker->waiting; *at != NULL;) {
        struct ht_bunker_job *job = *at;
        if (!ht_hash32_equal(&job->row.device, device)) {
            at = &job->next;
            continue;
        }
        *at = job->next;
        bunker->waiting_count--;
        ht_bunker_job_free(job);
    }
    for (size_t i = 0; i < bunker->device_count; i++) {
        if (!ht_hash32_equal(&bunker->devices[i]->row.device, device)) continue;
        free(bunker->devices[i]);
        bunker->device_count--;
        memmove(&bunker->devices[i], &bunker->devices[i + 1],
                (bunker->device_count - i) * sizeof *bunker->devices);
        return;
    }
}

bool ht_bunker_is_open(const struct ht_bunker *bunker) {
    const struct ht_host *host = bunker->social->host;
    const struct ht_nostr_keys *keys = host->nostr_keys(host);
    struct ht_nostr_key one;
    bool is_open = false;
    return keys != NULL && keys->list(keys->self, &one, 1, &is_open) > 0 && is_open;
}

void ht_bunker_changed(struct ht_bunker *bunker) {
    const struct ht_host *host = bunker->social->host;
    if (!bunker->social->is_stopped) host->publish(host, "social.bunker");
}

static bool has_invite(const struct ht_bunker *bunker, const ht_hash32 *owner) {
    for (size_t i = 0; i < HT_BUNKER_INVITES_MAX; i++) {
        const struct ht_bunker_invite *invite = &bunker->invites[i];
        if (invite->secret[0] != '\0' && ht_hash32_equal(&invite->row.owner, owner)) return true;
    }
    return false;
}

bool ht_bunker_lets_in(const struct ht_social *social, const ht_hash32 *pubkey) {
    const struct ht_bunker *bunker = social->bunker;
    ht_hash32 owner;
    if (bunker == NULL || social->is_stopped || !ht_social_owner(social, &owner)) return false;
    const struct ht_bunker_device *device = ht_bunker_find(bunker, pubkey);
    bool is_known = device != NULL && ht_hash32_equal(&device->row.owner, &owner);
    return is_known || has_invite(bunker, &owner);
}

/* --- the disk --------------------------------------------------------------------------------- */

static enum ht_err write_save(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    const struct ht_bunker_save *save = (const struct ht_bunker_save *)write;
    return save->is_end ? ht_bunker_sql_delete(db, &save->row.device, why)
                        : ht_bunker_sql_put(db, &save->row, why);
}

static void saved(struct ht_write *write) {
    struct ht_bunker_save *save = (struct ht_bunker_save *)write;
    if (save->done != NULL) save->done(save);
    free(save);
}

enum ht_err ht_bunker_save(struct ht_bunker_save *save, struct ht_why *why) {
    save->write = (struct ht_write){.write = write_save, .done = saved};
    enum ht_err err = ht_writer_submit(save->bunker->social->writer, &save->write);
    if (err == HT_OK) return HT_OK;
    free(save);
    return ht_fail(why, err, "busy", "too much is being written just now");
}

/* How often a device was answered is told to nobody as lasting: it may wait a while. */
static void save_counts(struct ht_bunker *bunker) {
    for (size_t i = 0; i < bunker->device_count; i++) {
        struct ht_bunker_device *device = bunker->devices[i];
        struct ht_bunker_save *save = device->is_dirty ? calloc(1, sizeof *save) : NULL;
        if (save == NULL) continue;
        *save = (struct ht_bunker_save){.bunker = bunker, .row = device->row};
        if (ht_bunker_save(save, NULL) == HT_OK) device->is_dirty = false;
    }
}

/* --- what has a deadline ---------------------------------------------------------------------- */

static bool end_old(struct ht_bunker *bunker, int64_t now_ms) {
    bool is_busy = bunker->waiting != NULL, has_ended = false;
    for (size_t i = 0; i < HT_BUNKER_INVITES_MAX; i++) {
        struct ht_bunker_invite *invite = &bunker->invites[i];
        if (invite->secret[0] == '\0') continue;
        is_busy = true;
        if (invite->is_taken || invite->until_ms > now_ms) continue;
        memset(invite, 0, sizeof *invite);
        has_ended = true;
    }
    for (size_t i = 0; i < bunker->device_count; i++) {
        struct ht_bunker_device *device = bunker->devices[i];
        if (device->greeting[0] != '\0' && device->greeting_until_ms <= now_ms) {
            memset(device->greeting, 0, sizeof device->greeting);
        }
        is_busy = is_busy || device->is_dirty || device->row.relay_count > 0;
    }
    if (has_ended) ht_bunker_relays_sync(bunker);
    if (has_ended) ht_bunker_changed(bunker);
    return is_busy;
}

static void ticked(struct ht_timer *timer) {
    struct ht_bunker *bunker =
        (struct ht_bunker *)(void *)((char *)timer - offsetof(struct ht_bunker, timer));
    if (bunker->social->is_stopped) return;
    const int64_t now_ms = ht_mono_ms(bunker->social->host->clock);
    bunker->is_ticking = false;
    bunker->tick++;
    ht_bunker_expire(bunker, now_ms);
    if (bunker->tick % TICKS_TO_SAVE == 0) save_counts(bunker);
    if (bunker->tick % TICKS_TO_RELAYS == 1) ht_bunker_relays_sync(bunker);
    if (end_old(bunker, now_ms)) ht_bunker_tick(bunker);
}

void ht_bunker_tick(struct ht_bunker *bunker) {
    if (bunker->is_ticking || bunker->social->is_stopped) return;
    bunker->is_ticking = true;
    ht_timer_set(bunker->social->host->loop, &bunker->timer, TICK_MS, ticked);
}

void ht_bunker_owner_changed(struct ht_social *social) {
    struct ht_bunker *bunker = social->bunker;
    if (bunker == NULL || social->is_stopped) return;
    if (ht_bunker_is_open(bunker)) bunker->missed = 0;
    ht_bunker_relays_sync(bunker);
    ht_bunker_changed(bunker);
}

/* --- requests --------------------------------------------------------------------------------- */

struct ht_bunker_job *ht_bunker_job_new(struct ht_bunker *bunker, const struct ht_bunker_row *row) {
    struct ht_bunker_job *job = calloc(1, sizeof *job);
    if (job == NULL) return NULL;
    job->bunker = bunker;
    job->row = *row;
    job->at_ms = ht_wall_ms(bunker->social->host->clock);
    ht_buf_init(&job->payload, HT_EVENT_SIZE_MAX);
    ht_buf_init(&job->json, HT_EVENT_SIZE_MAX);
    bunker->flying_count++;
    return job;
}

void ht_bunker_job_free(struct ht_bunker_job *job) {
    job->bunker->flying_count--;
    ht_bunker_request_fini(&job->request);
    json_decref(job->keep);
    ht_arena_fini(&job->arena);
    ht_buf_fini(&job->payload);
    ht_buf_fini(&job->json);
    free(job);
}

static uint64_t short_hash(const struct ht_bunker *bunker, ht_bytes text) {
    uint8_t salted[sizeof bunker->secret + HT_BUNKER_ID_MAX];
    ht_hash32 hash;
    ht_assert(text.n <= HT_BUNKER_ID_MAX);
    memcpy(salted, &bunker->secret, sizeof bunker->secret);
    memcpy(salted + sizeof bunker->secret, text.p, text.n);
    ht_sha256(&hash, ht_bytes_of(salted, sizeof bunker->secret + text.n));
    return ht_read_u64_le(hash.b);
}

/* An event comes by each relay that it was sent to. */
static bool came_before(struct ht_bunker *bunker, const ht_hash32 *id) {
    uint64_t hash = short_hash(bunker, HT_BYTES(id->b));
    for (size_t i = 0; i < HT_BUNKER_EVENTS_SEEN; i++) {
        if (bunker->events_seen[i] == hash) return true;
    }
    bunker->events_seen[bunker->events_at++ % HT_BUNKER_EVENTS_SEEN] = hash;
    return false;
}

static bool was_answered(struct ht_bunker *bunker, struct ht_bunker_device *device,
                         const char *id) {
    uint64_t hash = short_hash(bunker, ht_bytes_str(id));
    for (size_t i = 0; i < device->seen_count; i++) {
        if (device->seen[i] == hash) return true;
    }
    device->seen[device->seen_at++ % HT_BUNKER_SEEN] = hash;
    if (device->seen_count < HT_BUNKER_SEEN) device->seen_count++;
    return false;
}

static bool take_one(struct ht_bunker_bucket *bucket, unsigned a_minute, int64_t now_ms) {
    const int64_t full = (int64_t)a_minute * 1000;
    if (bucket->at_ms == 0) bucket->left = full;
    int64_t gained = bucket->at_ms != 0 ? (now_ms - bucket->at_ms) * full / 60000 : 0;
    bucket->left = bucket->left + gained < full ? bucket->left + gained : full;
    bucket->at_ms = now_ms;
    if (bucket->left < 1000) return false;
    bucket->left -= 1000;
    return true;
}

static void opened(void *user, const struct ht_nostr_answer *answer) {
    struct ht_bunker_job *job = user;
    struct ht_bunker *bunker = job->bunker;
    bool is_locked = answer->why.code != NULL && strcmp(answer->why.code, "vault_locked") == 0;
    if (bunker->social->is_stopped) {
        ht_bunker_job_free(job);
        return;
    }
    if (answer->err != HT_OK && is_locked && !job->is_stranger) {
        bunker->missed++;
        ht_bunker_changed(bunker);
    }
    bool is_read =
        answer->err == HT_OK && ht_bunker_request_read(&job->request, answer->text, NULL) == HT_OK;
    struct ht_bunker_device *device = ht_bunker_find(bunker, &job->row.device);
    /* It may have been ended meanwhile, or let in. */
    bool is_gone = device == NULL && !job->is_stranger;
    bool is_again = is_read && device != NULL && was_answered(bunker, device, job->request.id);
    if (!is_read || is_gone || is_again) {
        ht_bunker_job_free(job);
        return;
    }
    if (device != NULL) {
        job->row = device->row;
        job->is_stranger = false;
        memset(device->greeting, 0, sizeof device->greeting);
    }
    ht_bunker_act(job);
}

/* Where a stranger may be answered that an invitation is not good. */
static void find_relays(struct ht_bunker_row *row, const struct ht_bunker *bunker) {
    for (size_t i = 0; i < HT_BUNKER_INVITES_MAX; i++) {
        const struct ht_bunker_invite *invite = &bunker->invites[i];
        if (invite->secret[0] == '\0') continue;
        memcpy(row->relays, invite->row.relays, sizeof row->relays);
        row->relay_count = invite->row.relay_count;
        return;
    }
}

static bool is_timely(const struct ht_bunker *bunker, int64_t created_at) {
    int64_t now_s = ht_social_now_s(bunker->social);
    return created_at >= bunker->started_s && created_at >= now_s - HT_BUNKER_WINDOW_S &&
           created_at <= now_s + HT_BUNKER_WINDOW_S;
}

void ht_bunker_arrived(struct ht_social *social, const struct ht_event *event) {
    struct ht_bunker *bunker = social->bunker;
    const struct ht_nostr_keys *keys = social->host->nostr_keys(social->host);
    struct ht_bunker_row row = {.device = event->pubkey};
    if (bunker == NULL || social->is_stopped || keys == NULL) return;
    if (!ht_social_owner(social, &row.owner) || !ht_bunker_lets_in(social, &event->pubkey)) return;
    if (!is_timely(bunker, event->created_at) || came_before(bunker, &event->id)) return;
    if (bunker->flying_count - bunker->waiting_count >= HT_BUNKER_FLYING_MAX) return;
    struct ht_bunker_device *device = ht_bunker_find(bunker, &event->pubkey);
    if (device != NULL && !ht_hash32_equal(&device->row.owner, &row.owner)) device = NULL;
    struct ht_bunker_bucket *bucket = device != NULL ? &device->bucket : &bunker->strangers;
    unsigned a_minute = device != NULL ? HT_BUNKER_A_MINUTE : HT_BUNKER_A_MINUTE / 2;
    if (!take_one(bucket, a_minute, ht_mono_ms(social->host->clock))) return;
    if (device == NULL) find_relays(&row, bunker);
    struct ht_bunker_job *job = ht_bunker_job_new(bunker, device != NULL ? &device->row : &row);
    if (job == NULL) return;
    job->is_stranger = device == NULL;
    keys->decrypt(keys->self, &row.owner, &event->pubkey, event->content, opened, job);
}

/* --- beginning and end ------------------------------------------------------------------------ */

static enum ht_err load(void *user, const struct ht_bunker_row *row) {
    return ht_bunker_add(user, row, NULL);
}

static bool lets_in(void *user, const ht_hash32 *pubkey) {
    return ht_bunker_lets_in(user, pubkey);
}

enum ht_err ht_bunker_new(struct ht_social *social, sqlite3 *db, struct ht_why *why) {
    struct ht_bunker *bunker = calloc(1, sizeof *bunker);
    if (bunker == NULL) return ht_task_no_memory(why);
    bunker->social = social;
    bunker->started_s = ht_social_now_s(social);
    ht_random_fill(social->host->random, (uint8_t *)&bunker->secret, sizeof bunker->secret);
    social->bunker = bunker;
    ht_policy_set_devices(social->policy, lets_in, social);
    enum ht_err err = ht_bunker_sql_load(db, load, bunker, why);
    if (err == HT_OK && bunker->device_count > 0) ht_bunker_tick(bunker);
    return err;
}

void ht_bunker_stop(struct ht_social *social) {
    struct ht_bunker *bunker = social->bunker;
    if (bunker == NULL) return;
    ht_timer_cancel(&bunker->timer);
    if (social->writer != NULL) save_counts(bunker);
    while (bunker->waiting != NULL) {
        ht_bunker_job_free(ht_bunker_take(bunker, bunker->waiting->number));
    }
    ht_bunker_relays_stop(bunker);
}

void ht_bunker_free(struct ht_social *social) {
    struct ht_bunker *bunker = social->bunker;
    if (bunker == NULL) return;
    for (size_t i = 0; i < bunker->device_count; i++) free(bunker->devices[i]);
    free(bunker);
    social->bunker = NULL;
}
