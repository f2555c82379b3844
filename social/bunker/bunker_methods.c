/* The owner's methods about devices. */
#include "social/bunker/bunker_methods.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "social/bunker/bunker_act.h"
#include "social/bunker/bunker_answer.h"
#include "social/bunker/bunker_relays.h"
#include "social/links/peers.h"

#define OWN_RELAYS 3U /* of the owner's in an invitation */
#define SECRET_BYTES (HT_BUNKER_SECRET_SIZE / 2U)

static void end(struct ht_rpc_call *call, json_t *result, enum ht_err err,
                const struct ht_why *why) {
    struct ht_why none = {0};
    if (err == HT_OK && result != NULL) {
        ht_rpc_finish(call, result);
        return;
    }
    json_decref(result);
    if (err == HT_OK) {
        err = ht_task_no_memory(&none);
        why = &none;
    }
    ht_rpc_refuse(call, err, why);
}

/* --- what a device may do --------------------------------------------------------------------- */

static enum ht_err read_kinds(struct ht_bunker_row *row, const json_t *params, struct ht_why *why) {
    const json_t *kinds = ht_json_member(params, "kinds");
    size_t count = json_array_size(kinds);
    if (kinds != NULL && !json_is_array(kinds)) {
        return ht_fail(why, HT_EINPUT, "bad_kind", "kinds are a list of numbers");
    }
    if (count > HT_BUNKER_KINDS_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many", "at most %u kinds", HT_BUNKER_KINDS_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(kinds, i);
        json_int_t kind = json_integer_value(one);
        if (!json_is_integer(one) || kind < 0 || kind > 65535 || kind == HT_KIND_BUNKER) {
            return ht_fail(why, HT_EINPUT, "bad_kind",
                           "a kind is a number from 0 to 65535, and "
                           "24133 is none that a device may sign");
        }
        row->kinds[row->kind_count++] = (uint32_t)kind;
    }
    return HT_OK;
}

static enum ht_err read_terms(struct ht_bunker_row *row, const json_t *params, struct ht_why *why) {
    enum ht_err err = HT_OK;
    ht_bytes name = {0};
    if (ht_json_member(params, "name") != NULL) err = ht_json_str(&name, params, "name", why);
    if (err != HT_OK) return err;
    if (name.n > HT_BUNKER_NAME_MAX || !ht_bunker_copy(row->name, sizeof row->name, name)) {
        return ht_fail(why, HT_EINPUT, "too_long", "a name has at most %u bytes",
                       HT_BUNKER_NAME_MAX);
    }
    err = read_kinds(row, params, why);
    if (err == HT_OK && ht_json_member(params, "may_encrypt") != NULL) {
        err = ht_json_bool(&row->may_encrypt, params, "may_encrypt", why);
    }
    if (err == HT_OK && ht_json_member(params, "may_decrypt") != NULL) {
        err = ht_json_bool(&row->may_decrypt, params, "may_decrypt", why);
    }
    return err;
}

static enum ht_err add_relay(struct ht_bunker_row *row, const char *url, struct ht_why *why) {
    char clean[HT_LINK_URL_SIZE];
    enum ht_err err = ht_link_url(clean, url, why);
    if (err != HT_OK) return err;
    for (size_t i = 0; i < row->relay_count; i++) {
        if (strcmp(row->relays[i], clean) == 0) return HT_OK;
    }
    if (row->relay_count == HT_BUNKER_RELAYS_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many", "at most %u relays", HT_BUNKER_RELAYS_MAX);
    }
    memcpy(row->relays[row->relay_count++], clean, sizeof clean);
    return HT_OK;
}

static enum ht_err read_relays(struct ht_bunker_row *row, const json_t *relays,
                               struct ht_why *why) {
    enum ht_err err = HT_OK;
    if (!json_is_array(relays)) {
        return ht_fail(why, HT_EINPUT, "bad_url", "relays are a list of addresses");
    }
    for (size_t i = 0; err == HT_OK && i < json_array_size(relays); i++) {
        const char *url = json_string_value(json_array_get(relays, i));
        err = url != NULL ? add_relay(row, url, why)
                          : ht_fail(why, HT_EINPUT, "bad_url", "a relay is no address");
    }
    return err;
}

/* Ours first, and those at which the owner is found anyhow. */
static void standard_relays(struct ht_bunker_row *row, const struct ht_social *social) {
    const struct ht_host *host = social->host;
    const char *door = host->door != NULL ? ht_door_url(host->door) : "";
    json_t *own = ht_peers_own(social), *one;
    size_t i, count = 0;
    (void)!add_relay(row, door, NULL);
    json_array_foreach(own, i, one) {
        const char *url = json_string_value(ht_json_member(one, "url"));
        bool is_both =
            json_is_true(ht_json_member(one, "read")) && json_is_true(ht_json_member(one, "write"));
        if (url != NULL && is_both && count < OWN_RELAYS && add_relay(row, url, NULL) == HT_OK) {
            count++;
        }
    }
    json_decref(own);
}

static enum ht_err find_owner(struct ht_bunker_row *row, const struct ht_social *social,
                              struct ht_why *why) {
    if (ht_social_owner(social, &row->owner)) return HT_OK;
    return ht_fail(why, HT_EDENIED, "no_nostr_key", "the wallet has no Nostr key yet");
}

/* --- invitations ------------------------------------------------------------------------------ */

static enum ht_err make_invite(struct ht_bunker *bunker, const struct ht_bunker_row *row,
                               struct ht_bunker_invite **out, struct ht_why *why) {
    struct ht_bunker_invite *invite = NULL;
    uint8_t secret[SECRET_BYTES];
    char hex[HT_HEX_SIZE(SECRET_BYTES)];
    const struct ht_host *host = bunker->social->host;
    for (size_t i = 0; i < HT_BUNKER_INVITES_MAX && invite == NULL; i++) {
        if (bunker->invites[i].secret[0] == '\0') invite = &bunker->invites[i];
    }
    if (invite == NULL) {
        return ht_fail(why, HT_ELIMIT, "too_many", "%u invitations are open already",
                       HT_BUNKER_INVITES_MAX);
    }
    ht_random_fill(host->random, secret, sizeof secret);
    ht_hex_write(hex, HT_BYTES(secret));
    *invite = (struct ht_bunker_invite){
        .row = *row, .until_ms = ht_mono_ms(host->clock) + (int64_t)HT_BUNKER_INVITE_S * 1000};
    memcpy(invite->secret, hex + 2, sizeof invite->secret);
    *out = invite;
    return HT_OK;
}

void ht_bunker_invite_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_social *social = self;
    struct ht_bunker_row row = {.relay_count = 0};
    struct ht_bunker_invite *invite = NULL;
    struct ht_why why = {0};
    struct ht_buf uri;
    json_t *result = NULL;
    const json_t *relays = ht_json_member(params, "relays");
    ht_buf_init(&uri, HT_BUNKER_URI_MAX * 2);
    enum ht_err err = find_owner(&row, social, &why);
    if (err == HT_OK) err = read_terms(&row, params, &why);
    if (err == HT_OK && json_array_size(relays) > 0) {
        err = read_relays(&row, relays, &why);
    } else if (err == HT_OK) {
        standard_relays(&row, social);
    }
    if (err == HT_OK) err = make_invite(social->bunker, &row, &invite, &why);
    if (err == HT_OK) {
        err = ht_bunker_uri_write(&uri, &row, invite->secret);
        if (err != HT_OK) (void)ht_fail(&why, err, "too_long", "the invitation is too long");
    }
    if (err == HT_OK) {
        result = json_pack("{s:o, s:I}", "uri", json_stringn((const char *)uri.p, uri.n), "until",
                           (json_int_t)(ht_social_now_s(social) + HT_BUNKER_INVITE_S));
        ht_bunker_tick(social->bunker);
        ht_bunker_relays_sync(social->bunker);
        ht_bunker_changed(social->bunker);
    }
    ht_buf_fini(&uri);
    end(call, result, err, &why);
}

/* --- nostrconnect ----------------------------------------------------------------------------- */

struct connecting {
    struct ht_rpc_call *call;
    char secret[HT_BUNKER_SECRET_MAX + 1];
};

static void connected(struct ht_bunker_save *save) {
    struct ht_bunker *bunker = save->bunker;
    struct connecting *connecting = save->user;
    struct ht_why why = save->write.why;
    enum ht_err err = save->write.err;
    json_t *result = NULL;
    if (err == HT_OK && bunker->social->is_stopped) {
        err = ht_fail(&why, HT_EAGAIN, "stopping", "the node is stopping");
    }
    if (err == HT_OK) err = ht_bunker_add(bunker, &save->row, &why);
    if (err == HT_OK) {
        struct ht_bunker_device *device = ht_bunker_find(bunker, &save->row.device);
        memcpy(device->greeting, connecting->secret, sizeof device->greeting);
        device->greeting_until_ms =
            ht_mono_ms(bunker->social->host->clock) + (int64_t)HT_BUNKER_INVITE_S * 1000;
        result = json_pack("{s:o}", "device", ht_task_hex_json(&save->row.device));
        ht_bunker_relays_sync(bunker);
        ht_bunker_greet(bunker, device);
        ht_bunker_tick(bunker);
        ht_bunker_changed(bunker);
    }
    end(connecting->call, result, err, &why);
    free(connecting);
}

static enum ht_err check_room(const struct ht_bunker *bunker, const ht_hash32 *device,
                              struct ht_why *why) {
    bool is_full = bunker->device_count == HT_BUNKER_DEVICES_MAX;
    if (!is_full || ht_bunker_find(bunker, device) != NULL) return HT_OK;
    return ht_fail(why, HT_ELIMIT, "too_many", "there are %u devices already",
                   HT_BUNKER_DEVICES_MAX);
}

/* Its answer cannot be sealed while the vault is closed. */
static enum ht_err check_open(const struct ht_bunker *bunker, struct ht_why *why) {
    if (ht_bunker_is_open(bunker)) return HT_OK;
    return ht_fail(why, HT_EDENIED, "vault_locked", "the wallet is locked");
}

static enum ht_err read_connect(struct ht_bunker_row *row, struct ht_bunker_uri *uri,
                                const struct ht_social *social, const json_t *params,
                                struct ht_why *why) {
    ht_bytes text = {0};
    enum ht_err err = find_owner(row, social, why);
    if (err == HT_OK) err = ht_json_str(&text, params, "uri", why);
    if (err == HT_OK) err = ht_bunker_uri_read(uri, text, why);
    if (err == HT_OK) err = read_terms(row, params, why);
    if (err == HT_OK) err = check_room(social->bunker, &uri->device, why);
    if (err == HT_OK) err = check_open(social->bunker, why);
    if (err != HT_OK) return err;
    row->device = uri->device;
    memcpy(row->relays, uri->relays, sizeof row->relays);
    row->relay_count = uri->relay_count;
    memcpy(row->asks, uri->asks, sizeof row->asks);
    if (row->name[0] == '\0') memcpy(row->name, uri->name, sizeof row->name);
    if (row->name[0] == '\0') (void)snprintf(row->name, sizeof row->name, "A device");
    row->added_ms = ht_wall_ms(social->host->clock);
    return HT_OK;
}

void ht_bunker_connect_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_social *social = self;
    struct ht_bunker_uri uri = {.relay_count = 0};
    struct ht_bunker_row row = {.relay_count = 0};
    struct ht_why why = {0};
    enum ht_err err = read_connect(&row, &uri, social, params, &why);
    struct connecting *connecting = err == HT_OK ? calloc(1, sizeof *connecting) : NULL;
    struct ht_bunker_save *save = connecting != NULL ? calloc(1, sizeof *save) : NULL;
    if (err == HT_OK && save == NULL) err = ht_task_no_memory(&why);
    if (err == HT_OK) {
        connecting->call = call;
        memcpy(connecting->secret, uri.secret, sizeof connecting->secret);
        *save = (struct ht_bunker_save){
            .bunker = social->bunker, .row = row, .done = connected, .user = connecting};
        err = ht_bunker_save(save, &why);
    }
    if (err == HT_OK) return;
    free(connecting);
    end(call, NULL, err, &why);
}

/* --- decisions -------------------------------------------------------------------------------- */

static void decide(struct ht_bunker *bunker, struct ht_rpc_call *call, uint64_t number,
                   bool is_allowed) {
    struct ht_why why = {0};
    struct ht_bunker_job *job = ht_bunker_take(bunker, number);
    enum ht_err err = HT_OK;
    if (job != NULL) {
        ht_bunker_decided(job, is_allowed);
    } else {
        err = ht_fail(&why, HT_ENOTFOUND, "no_request", "that request does not wait any more");
    }
    end(call, err == HT_OK ? json_object() : NULL, err, &why);
}

static void ticked_always(struct ht_bunker_save *save) {
    struct ht_bunker *bunker = save->bunker;
    struct ht_bunker_device *device = ht_bunker_find(bunker, &save->row.device);
    struct ht_why why = save->write.why;
    enum ht_err err = save->write.err;
    if (err == HT_OK && bunker->social->is_stopped) {
        err = ht_fail(&why, HT_EAGAIN, "stopping", "the node is stopping");
    }
    if (err != HT_OK) {
        end(save->user, NULL, err, &why);
        return;
    }
    /* Its counts may have gone on meanwhile. */
    if (device != NULL) {
        save->row.count = device->row.count;
        save->row.used_ms = device->row.used_ms;
        device->row = save->row;
    }
    decide(bunker, save->user, save->number, true);
}

static enum ht_err tick(struct ht_bunker_row *row, const struct ht_bunker_job *job,
                        struct ht_why *why) {
    const uint32_t kind = job->event.kind;
    if (job->request.method == HT_BUNKER_ENCRYPT) {
        row->may_encrypt = true;
    } else if (job->request.method == HT_BUNKER_DECRYPT) {
        row->may_decrypt = true;
    } else if (ht_bunker_is_careful(kind)) {
        return ht_fail(why, HT_EINPUT, "bad_kind",
                       "kind %u is asked for each time, unless an invitation ticks it", kind);
    } else if (row->kind_count == HT_BUNKER_KINDS_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many", "at most %u kinds", HT_BUNKER_KINDS_MAX);
    } else {
        row->kinds[row->kind_count++] = kind;
    }
    return HT_OK;
}

static enum ht_err decide_always(struct ht_bunker *bunker, struct ht_rpc_call *call,
                                 const struct ht_bunker_job *job, struct ht_why *why) {
    const struct ht_bunker_device *device = ht_bunker_find(bunker, &job->row.device);
    struct ht_bunker_row row = device != NULL ? device->row : job->row;
    enum ht_err err = tick(&row, job, why);
    if (err != HT_OK) return err;
    struct ht_bunker_save *save = calloc(1, sizeof *save);
    if (save == NULL) return ht_task_no_memory(why);
    *save = (struct ht_bunker_save){
        .bunker = bunker, .row = row, .done = ticked_always, .user = call, .number = job->number};
    return ht_bunker_save(save, why);
}

void ht_bunker_decide_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_bunker *bunker = ((struct ht_social *)self)->bunker;
    struct ht_why why = {0};
    uint64_t number = 0;
    bool is_allowed = false, is_always = false;
    enum ht_err err = ht_json_u64(&number, params, "request", &why);
    if (err == HT_OK) err = ht_json_bool(&is_allowed, params, "allow", &why);
    if (err == HT_OK && ht_json_member(params, "always") != NULL) {
        err = ht_json_bool(&is_always, params, "always", &why);
    }
    const struct ht_bunker_job *job = bunker->waiting;
    while (job != NULL && job->number != number) job = job->next;
    if (err == HT_OK && job == NULL) {
        err = ht_fail(&why, HT_ENOTFOUND, "no_request", "that request does not wait any more");
    }
    if (err == HT_OK) err = check_open(bunker, &why);
    if (err == HT_OK && is_allowed && is_always) {
        err = decide_always(bunker, call, job, &why);
    } else if (err == HT_OK) {
        decide(bunker, call, number, is_allowed);
    }
    if (err != HT_OK) end(call, NULL, err, &why);
}

/* --- ending one ------------------------------------------------------------------------------- */

static void ended(struct ht_bunker_save *save) {
    struct ht_bunker *bunker = save->bunker;
    if (save->write.err == HT_OK && !bunker->social->is_stopped) {
        ht_bunker_remove(bunker, &save->row.device);
        ht_bunker_relays_sync(bunker);
        ht_bunker_changed(bunker);
    }
    end(save->user, save->write.err == HT_OK ? json_object() : NULL, save->write.err,
        &save->write.why);
}

void ht_bunker_end_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_bunker *bunker = ((struct ht_social *)self)->bunker;
    struct ht_why why = {0};
    struct ht_bunker_row row = {.relay_count = 0};
    ht_bytes text = {0};
    enum ht_err err = ht_json_str(&text, params, "device", &why);
    if (err == HT_OK &&
        (!ht_event_hex32(&row.device, text) || ht_bunker_find(bunker, &row.device) == NULL)) {
        err = ht_fail(&why, HT_ENOTFOUND, "no_device", "there is no such device");
    }
    struct ht_bunker_save *save = err == HT_OK ? calloc(1, sizeof *save) : NULL;
    if (err == HT_OK && save == NULL) err = ht_task_no_memory(&why);
    if (err == HT_OK) {
        *save = (struct ht_bunker_save){
            .bunker = bunker, .row = row, .is_end = true, .done = ended, .user = call};
        err = ht_bunker_save(save, &why);
    }
    if (err != HT_OK) end(call, NULL, err, &why);
}
