/* What is done about a request: at once when the owner has ticked it, else when they have decided.
 */
#include "social/bunker/bunker_act.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/codec/json.h"
#include "social/bunker/bunker_answer.h"
#include "social/bunker/bunker_relays.h"

static const struct ht_nostr_keys *keys_of(const struct ht_bunker *bunker) {
    return bunker->social->host->nostr_keys(bunker->social->host);
}

/* --- what was granted ------------------------------------------------------------------------- */

static void granted(struct ht_bunker_job *job) {
    struct ht_bunker *bunker = job->bunker;
    struct ht_bunker_device *device = ht_bunker_find(bunker, &job->row.device);
    if (device == NULL) return;
    device->row.used_ms = ht_wall_ms(bunker->social->host->clock);
    device->row.count++;
    device->is_dirty = true;
    ht_bunker_tick(bunker);
    ht_bunker_changed(bunker);
}

static bool is_over(struct ht_bunker_job *job, const struct ht_nostr_answer *answer) {
    if (job->bunker->social->is_stopped) {
        ht_bunker_job_free(job);
        return true;
    }
    if (answer->err == HT_OK) return false;
    ht_bunker_answer_error(job, answer->why.code != NULL ? answer->why.text : "it did not work");
    return true;
}

static void signed_event(void *user, const struct ht_nostr_answer *answer) {
    struct ht_bunker_job *job = user;
    struct ht_buf json;
    if (is_over(job, answer)) return;
    memcpy(job->event.sig, answer->signature, sizeof job->event.sig);
    ht_buf_init(&json, HT_EVENT_SIZE_MAX);
    if (ht_event_write(&json, &job->event) == HT_OK) {
        granted(job);
        ht_bunker_answer(job, ht_buf_view(&json));
    } else {
        ht_bunker_answer_error(job, "the event is too long");
    }
    ht_buf_fini(&json);
}

static void crypted(void *user, const struct ht_nostr_answer *answer) {
    struct ht_bunker_job *job = user;
    if (is_over(job, answer)) return;
    granted(job);
    ht_bunker_answer(job, answer->text);
}

static void do_it(struct ht_bunker_job *job) {
    const struct ht_nostr_keys *keys = keys_of(job->bunker);
    if (keys == NULL) {
        ht_bunker_job_free(job);
    } else if (job->request.method == HT_BUNKER_SIGN_EVENT) {
        (void)snprintf(job->what, sizeof job->what, "an event of kind %u for %s", job->event.kind,
                       job->row.name);
        keys->sign(keys->self, &job->row.owner, &job->event.id, job->what, false, signed_event,
                   job);
    } else if (job->request.method == HT_BUNKER_ENCRYPT) {
        keys->encrypt(keys->self, &job->row.owner, &job->peer, job->request.params[1], crypted,
                      job);
    } else {
        keys->decrypt(keys->self, &job->row.owner, &job->peer, job->request.params[1], crypted,
                      job);
    }
}

/* --- waiting for the owner -------------------------------------------------------------------- */

static void wait_for_owner(struct ht_bunker_job *job) {
    struct ht_bunker *bunker = job->bunker;
    struct ht_bunker_job **last = &bunker->waiting;
    size_t of_it = 0;
    for (; *last != NULL; last = &(*last)->next) {
        if (ht_hash32_equal(&(*last)->row.device, &job->row.device)) of_it++;
    }
    if (bunker->waiting_count >= HT_BUNKER_WAITING_MAX || of_it >= HT_BUNKER_WAITING_OF_ONE_MAX) {
        ht_bunker_answer_error(job, "too many requests wait for the owner already");
        return;
    }
    job->number = ++bunker->number;
    job->until_ms = ht_mono_ms(bunker->social->host->clock) + (int64_t)HT_BUNKER_WAIT_S * 1000;
    job->next = NULL;
    *last = job;
    bunker->waiting_count++;
    ht_bunker_tick(bunker);
    ht_bunker_changed(bunker);
}

struct ht_bunker_job *ht_bunker_take(struct ht_bunker *bunker, uint64_t number) {
    for (struct ht_bunker_job **at = &bunker->waiting; *at != NULL; at = &(*at)->next) {
        struct ht_bunker_job *job = *at;
        if (job->number != number) continue;
        *at = job->next;
        bunker->waiting_count--;
        return job;
    }
    return NULL;
}

void ht_bunker_expire(struct ht_bunker *bunker, int64_t now_ms) {
    bool has_changed = false;
    /* The oldest is in front, and all wait for the same time. */
    while (bunker->waiting != NULL && bunker->waiting->until_ms <= now_ms) {
        struct ht_bunker_job *job = ht_bunker_take(bunker, bunker->waiting->number);
        ht_bunker_answer_error(job, "the owner did not decide in time");
        has_changed = true;
    }
    if (has_changed) ht_bunker_changed(bunker);
}

void ht_bunker_decided(struct ht_bunker_job *job, bool is_allowed) {
    struct ht_bunker *bunker = job->bunker;
    if (is_allowed) {
        do_it(job);
    } else {
        ht_bunker_answer_error(job, "the owner refused it");
    }
    ht_bunker_changed(bunker);
}

static bool may_sign(const struct ht_bunker_row *row, uint32_t kind) {
    for (size_t i = 0; i < row->kind_count; i++) {
        if (row->kinds[i] == kind) return true;
    }
    return false;
}

static void decide(struct ht_bunker_job *job, bool is_ticked) {
    if (is_ticked) {
        do_it(job);
    } else {
        wait_for_owner(job);
    }
}

static void sign_event(struct ht_bunker_job *job) {
    struct ht_why why = {0};
    if (job->request.count < 1) {
        ht_bunker_answer_error(job, "sign_event takes an event");
        return;
    }
    ht_arena_init(&job->arena, HT_BUNKER_EVENT_ARENA);
    enum ht_err err = ht_bunker_event_read(&job->event, &job->arena, &job->keep,
                                           job->request.params[0], &job->row.owner, &why);
    if (err != HT_OK) {
        ht_bunker_answer_error(job, why.text);
        return;
    }
    decide(job, may_sign(&job->row, job->event.kind));
}

static void seal_or_open(struct ht_bunker_job *job) {
    const struct ht_bunker_request *request = &job->request;
    bool is_seal = request->method == HT_BUNKER_ENCRYPT;
    if (request->count < 2 || !ht_event_hex32(&job->peer, request->params[0])) {
        ht_bunker_answer_error(job, "it takes a public key in hex and a text");
        return;
    }
    decide(job, is_seal ? job->row.may_encrypt : job->row.may_decrypt);
}

/* --- coming and going ------------------------------------------------------------------------- */

/* In the same time wherever they differ: the secret is all that a stranger needs. */
static bool is_secret(const struct ht_bunker_invite *invite, ht_bytes given) {
    uint8_t difference = 0;
    const size_t n = HT_BUNKER_SECRET_SIZE - 1;
    if (invite->secret[0] == '\0' || given.n != n) return false;
    for (size_t i = 0; i < n; i++) difference |= (uint8_t)((uint8_t)invite->secret[i] ^ given.p[i]);
    return difference == 0;
}

static struct ht_bunker_invite *find_invite(struct ht_bunker_job *job, ht_bytes secret) {
    for (size_t i = 0; i < HT_BUNKER_INVITES_MAX; i++) {
        struct ht_bunker_invite *invite = &job->bunker->invites[i];
        bool is_it = is_secret(invite, secret) && !invite->is_taken &&
                     ht_hash32_equal(&invite->row.owner, &job->row.owner);
        if (is_it) return invite;
    }
    return NULL;
}

static void paired(struct ht_bunker_save *save) {
    struct ht_bunker_job *job = save->user;
    struct ht_bunker *bunker = job->bunker;
    struct ht_why why = save->write.why;
    enum ht_err err = save->write.err;
    if (bunker->social->is_stopped) {
        ht_bunker_job_free(job);
        return;
    }
    if (err == HT_OK) err = ht_bunker_add(bunker, &save->row, &why);
    if (err != HT_OK) {
        job->invite->is_taken = false;
        ht_bunker_answer_error(job, why.text);
        return;
    }
    memset(job->invite, 0, sizeof *job->invite);
    job->row = save->row;
    ht_bunker_relays_sync(bunker);
    ht_bunker_changed(bunker);
    ht_bunker_answer(job, ht_bytes_str("ack"));
}

/* What a device says of itself counts only where the owner has said nothing. */
static void name_device(struct ht_bunker_row *row, const struct ht_bunker_request *request) {
    json_t *metadata = NULL;
    if (request->count > 2) (void)ht_bunker_copy(row->asks, sizeof row->asks, request->params[2]);
    if (row->name[0] != '\0') return;
    if (request->count > 3) {
        const char *name = NULL;
        if (ht_json_parse(&metadata, request->params[3], HT_BUNKER_URI_MAX, NULL) == HT_OK &&
            ht_json_text(&name, metadata, "name", NULL) == HT_OK) {
            (void)ht_bunker_copy(row->name, sizeof row->name, ht_bytes_str(name));
        }
        json_decref(metadata);
    }
    if (row->name[0] == '\0') (void)snprintf(row->name, sizeof row->name, "A device");
}

static void pair(struct ht_bunker_job *job, struct ht_bunker_invite *invite) {
    struct ht_why why = {0};
    bool is_new = ht_bunker_find(job->bunker, &job->row.device) == NULL;
    if (is_new && job->bunker->device_count == HT_BUNKER_DEVICES_MAX) {
        ht_bunker_answer_error(job, "there are too many devices already");
        return;
    }
    struct ht_bunker_save *save = calloc(1, sizeof *save);
    if (save == NULL) {
        ht_bunker_answer_error(job, "out of memory");
        return;
    }
    *save = (struct ht_bunker_save){
        .bunker = job->bunker, .row = invite->row, .done = paired, .user = job};
    save->row.device = job->row.device;
    save->row.added_ms = ht_wall_ms(job->bunker->social->host->clock);
    name_device(&save->row, &job->request);
    job->invite = invite;
    invite->is_taken = true;
    if (ht_bunker_save(save, &why) == HT_OK) return;
    invite->is_taken = false;
    ht_bunker_answer_error(job, why.text);
}

static void let_in(struct ht_bunker_job *job) {
    const struct ht_bunker_request *request = &job->request;
    ht_hash32 named;
    ht_bytes secret = request->count > 1 ? request->params[1] : ht_bytes_str("");
    bool is_ours = request->count > 0 && ht_event_hex32(&named, request->params[0]) &&
                   ht_hash32_equal(&named, &job->row.owner);
    struct ht_bunker_invite *invite = is_ours ? find_invite(job, secret) : NULL;
    if (invite != NULL) {
        pair(job, invite);
    } else if (is_ours && !job->is_stranger) {
        /* Programs connect anew with what they once were given. */
        ht_bunker_answer(job, ht_bytes_str("ack"));
    } else {
        ht_bunker_answer_error(job, is_ours ? "this invitation is not good, or not any more"
                                            : "this is the bunker of another key");
    }
}

static void ended(struct ht_bunker_save *save) {
    struct ht_bunker_job *job = save->user;
    struct ht_bunker *bunker = job->bunker;
    if (bunker->social->is_stopped) {
        ht_bunker_job_free(job);
    } else if (save->write.err != HT_OK) {
        ht_bunker_answer_error(job, save->write.why.text);
    } else {
        ht_bunker_remove(bunker, &job->row.device);
        ht_bunker_answer(job, ht_bytes_str("ack"));
        ht_bunker_relays_sync(bunker);
        ht_bunker_changed(bunker);
    }
}

static void log_out(struct ht_bunker_job *job) {
    struct ht_why why = {0};
    struct ht_bunker_save *save = calloc(1, sizeof *save);
    if (save == NULL) {
        ht_bunker_answer_error(job, "out of memory");
        return;
    }
    *save = (struct ht_bunker_save){
        .bunker = job->bunker, .row = job->row, .is_end = true, .done = ended, .user = job};
    if (ht_bunker_save(save, &why) != HT_OK) ht_bunker_answer_error(job, why.text);
}

/* --- all of them ------------------------------------------------------------------------------ */

static void tell_key(struct ht_bunker_job *job) {
    char hex[65];
    ht_task_hex(hex, &job->row.owner);
    ht_bunker_answer(job, ht_bytes_str(hex));
}

void ht_bunker_act(struct ht_bunker_job *job) {
    const enum ht_bunker_method method = job->request.method;
    /* Who was not let in learns nothing but that they were not. */
    if (job->is_stranger && method != HT_BUNKER_CONNECT) {
        ht_bunker_job_free(job);
        return;
    }
    if (job->request.has_bad_params) {
        ht_bunker_answer_error(job, "the parameters are at most 8 texts");
        return;
    }
    switch (method) {
    case HT_BUNKER_CONNECT: let_in(job); break;
    case HT_BUNKER_GET_PUBLIC_KEY: tell_key(job); break;
    case HT_BUNKER_SIGN_EVENT: sign_event(job); break;
    case HT_BUNKER_PING: ht_bunker_answer(job, ht_bytes_str("pong")); break;
    case HT_BUNKER_ENCRYPT:
    case HT_BUNKER_DECRYPT: seal_or_open(job); break;
    case HT_BUNKER_SWITCH_RELAYS: ht_bunker_answer(job, ht_bytes_str("null")); break;
    case HT_BUNKER_LOGOUT: log_out(job); break;
    case HT_BUNKER_OLD_CRYPT:
        ht_bunker_answer_error(job, "NIP-04 is not offered here: use nip44_encrypt and "
                                    "nip44_decrypt");
        break;
    case HT_BUNKER_UNKNOWN: ht_bunker_answer_error(job, "there is no such method here"); break;
    }
}
