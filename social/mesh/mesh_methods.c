/* The owner's methods about peers. */
#include "social/mesh/mesh_methods.h"

#include "node/codec/json.h"
#include "social/client_sql.h"
#include "social/feed/look.h"
#include "social/feed/profile.h"
#include "social/media/media.h"
#include "social/mesh/mesh_catchup.h"
#include "social/mesh/mesh_impl.h"
#include "social/mesh/mesh_json.h"
#include "social/mesh/mesh_keep.h"
#include "social/mesh/mesh_links.h"
#include "social/mesh/mesh_reach.h"

#define HOUR_S INT64_C(3600)
#define HOURS_MAX 720U
#define LABEL_MAX (HT_NODE_NAME_SIZE - 1)

static struct ht_mesh_service *service_of(void *self) {
    return ((struct ht_social *)self)->mesh;
}

/* Answers with what is now on disk; err: refuses instead. */
static void finish(struct ht_mesh_service *service, struct ht_rpc_call *call, json_t *result,
                   enum ht_err err, const struct ht_why *why) {
    if (err != HT_OK) {
        json_decref(result);
        ht_rpc_refuse(call, err, why);
        return;
    }
    ht_mesh_keep_answer(service, call, result);
    ht_mesh_changed(service);
    ht_mesh_wake(service);
}

/* --- parameters ------------------------------------------------------------------------------- */

static enum ht_err find(struct ht_mesh_peer **out, const struct ht_mesh_service *service,
                        const json_t *params, struct ht_why *why) {
    ht_bytes text;
    ht_hash32 node;
    enum ht_err err = ht_json_str(&text, params, "node", why);
    if (err != HT_OK) return err;
    if (!ht_event_hex32(&node, text)) {
        return ht_fail(why, HT_EINPUT, "bad_node", "a node is named by 64 digits of hex");
    }
    *out = ht_mesh_find(service->mesh, &node);
    return *out != NULL ? HT_OK
                        : ht_fail(why, HT_ENOTFOUND, "no_peer", "no such node is known here");
}

/* "" when it is not there. */
static enum ht_err read_label(const char **out, const json_t *params, struct ht_why *why) {
    *out = "";
    if (ht_json_member(params, "label") == NULL) return HT_OK;
    enum ht_err err = ht_json_text(out, params, "label", why);
    if (err != HT_OK || strlen(*out) <= LABEL_MAX) return err;
    return ht_fail(why, HT_EINPUT, "too_long", "a label has at most %u bytes", LABEL_MAX);
}

static enum ht_err read_on(struct ht_mesh_peer **peer, bool *on,
                           const struct ht_mesh_service *service, const json_t *params,
                           struct ht_why *why) {
    enum ht_err err = find(peer, service, params, why);
    return err == HT_OK ? ht_json_bool(on, params, "on", why) : err;
}

/* --- looking ---------------------------------------------------------------------------------- */

/* Names are the profiles' of their users, as far as those are in our store. */
static enum ht_err add_names(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    json_t *peer, *peers = json_object_get(task->result, "peers");
    size_t i;
    (void)db;
    json_array_foreach(peers, i, peer) {
        ht_hash32 user;
        json_t *profile = NULL;
        if (!ht_look_hash(&user, peer, "user")) continue;
        enum ht_err err = ht_profile_whole(&profile, task, &user, why);
        if (err != HT_OK) return err;
        json_t *name = json_object_get(profile, "name");
        if (json_is_string(name)) (void)json_object_set(peer, "name", name);
        json_decref(profile);
    }
    return HT_OK;
}

static void list(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    struct ht_why why = {0};
    if (task == NULL) return;
    task->result = ht_mesh_list_json(service_of(self));
    if (task->result == NULL) {
        ht_task_end(task, ht_task_no_memory(&why), &why);
    } else {
        ht_task_look(task, add_names, NULL);
    }
}

/* --- invitations ------------------------------------------------------------------------------ */

static json_t *warnings(const struct ht_mesh_service *service, size_t addresses, bool is_local) {
    json_t *out = json_array();
    const char *texts[3];
    size_t count = 0;
    if (addresses == 0) {
        texts[count++] = "This node listens nowhere: whoever has the link knows it, but cannot "
                         "come. Turn listening on first.";
    } else if (is_local) {
        texts[count++] = "The addresses lead here from this computer or its network only.";
    }
    ht_hash32 owner;
    if (!ht_social_owner(service->social, &owner)) {
        texts[count++] = "The wallet has no Nostr key yet: the link does not say who you are.";
    }
    for (size_t i = 0; i < count; i++) (void)json_array_append_new(out, json_string(texts[i]));
    return out;
}

static json_t *invitation_json(const struct ht_mesh_service *service, const char *link,
                               int64_t expires_s) {
    struct ht_node_record record;
    json_t *addresses = json_array();
    bool is_local = true;
    ht_mesh_own_record(&record, service, true);
    for (size_t i = 0; i < record.address_count; i++) {
        enum ht_address_reach reach = ht_address_reach_of(record.addresses[i]);
        if (reach == HT_REACH_PUBLIC || reach == HT_REACH_ONION) is_local = false;
        (void)json_array_append_new(addresses, json_string(record.addresses[i]));
    }
    return json_pack("{s:s, s:I, s:o, s:o}", "link", link, "expires_s", (json_int_t)expires_s,
                     "addresses", addresses, "warnings",
                     warnings(service, record.address_count, is_local));
}

static void invite(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_mesh_service *service = service_of(self);
    struct ht_mesh_invitation invitation = {.secret = ""};
    char link[HT_INVITE_SIZE];
    const char *label;
    uint64_t hours = 24;
    struct ht_why why = {0};
    enum ht_err err = read_label(&label, params, &why);
    if (err == HT_OK && ht_json_member(params, "hours") != NULL) {
        err = ht_json_u64(&hours, params, "hours", &why);
    }
    if (err == HT_OK && (hours < 1 || hours > HOURS_MAX)) {
        err = ht_fail(&why, HT_EINPUT, "bad_hours", "hours are from 1 to %u", HOURS_MAX);
    }
    invitation.expires_s = ht_social_now_s(service->social) + (int64_t)hours * HOUR_S;
    if (err == HT_OK) {
        err = ht_mesh_invite(invitation.secret, service->mesh, invitation.expires_s, label, &why);
    }
    if (err == HT_OK) {
        err = ht_mesh_invite_link(link, service, &invitation, &why);
        if (err != HT_OK) (void)ht_mesh_revoke(service->mesh, invitation.secret);
    }
    json_t *result = err == HT_OK ? invitation_json(service, link, invitation.expires_s) : NULL;
    finish(service, call, result, err, &why);
}

static void revoke_one(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_mesh_service *service = service_of(self);
    struct ht_invite taken;
    const char *link;
    struct ht_why why = {0};
    enum ht_err err = ht_json_text(&link, params, "link", &why);
    if (err == HT_OK) err = ht_invite_read(&taken, link, &why);
    if (err == HT_OK && !ht_mesh_revoke(service->mesh, taken.secret)) {
        err = ht_fail(&why, HT_ENOTFOUND, "no_invitation", "there is no such invitation any more");
    }
    finish(service, call, json_object(), err, &why);
}

static void add(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_mesh_service *service = service_of(self);
    struct ht_mesh_peer *peer = NULL;
    struct ht_invite taken;
    const char *link, *label;
    struct ht_why why = {0};
    enum ht_err err = read_label(&label, params, &why);
    if (err == HT_OK) err = ht_json_text(&link, params, "link", &why);
    if (err == HT_OK) err = ht_invite_read(&taken, link, &why);
    if (err == HT_OK) err = ht_mesh_add(&peer, service->mesh, &taken, label, &why);
    json_t *result =
        err == HT_OK ? json_pack("{s:o}", "node", ht_task_hex_json(&peer->node)) : NULL;
    finish(service, call, result, err, &why);
    if (err == HT_OK) ht_mesh_links_dial(service);
}

/* --- one peer --------------------------------------------------------------------------------- */

static void ban(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_mesh_service *service = service_of(self);
    struct ht_mesh_peer *peer;
    bool on;
    struct ht_why why = {0};
    enum ht_err err = read_on(&peer, &on, service, params, &why);
    if (err == HT_OK) ht_mesh_ban(service->mesh, peer, on);
    finish(service, call, json_object(), err, &why);
}

static void accept_one(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_mesh_service *service = service_of(self);
    struct ht_mesh_peer *peer;
    bool on;
    struct ht_why why = {0};
    enum ht_err err = read_on(&peer, &on, service, params, &why);
    if (err == HT_OK) ht_mesh_accept(service->mesh, peer, on);
    finish(service, call, json_object(), err, &why);
}

static void forget(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_mesh_service *service = service_of(self);
    struct ht_mesh_peer *peer;
    struct ht_why why = {0};
    enum ht_err err = find(&peer, service, params, &why);
    if (err == HT_OK) ht_mesh_forget(service->mesh, peer);
    if (err == HT_OK) ht_mesh_rescope(service);
    finish(service, call, json_object(), err, &why);
}

static void courier(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_mesh_service *service = service_of(self);
    struct ht_mesh_peer *peer;
    bool on;
    struct ht_why why = {0};
    enum ht_err err = read_on(&peer, &on, service, params, &why);
    if (err == HT_OK) {
        peer->is_courier = on;
        ht_mesh_keep(service, peer);
        ht_mesh_rescope(service);
    }
    finish(service, call, json_object(), err, &why);
}

static void label_one(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_mesh_service *service = service_of(self);
    struct ht_mesh_peer *peer;
    const char *label;
    struct ht_why why = {0};
    enum ht_err err = find(&peer, service, params, &why);
    if (err == HT_OK) err = read_label(&label, params, &why);
    if (err == HT_OK) {
        memcpy(peer->label, label, strlen(label) + 1);
        ht_mesh_keep(service, peer);
    }
    finish(service, call, json_object(), err, &why);
}

/* What it did before does not keep it from being dialled. */
static void dial(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_mesh_service *service = service_of(self);
    struct ht_mesh_peer *peer;
    struct ht_why why = {0};
    enum ht_err err = find(&peer, service, params, &why);
    if (err == HT_OK && peer->is_banned) {
        err = ht_fail(&why, HT_EDENIED, "peer_banned", "that node is banned");
    }
    if (err == HT_OK && ht_mesh_conn_of(service, peer) == NULL) {
        ht_mesh_links_dial_now(service, peer);
    }
    finish(service, call, json_object(), err, &why);
}

static void forgive(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_mesh_service *service = service_of(self);
    struct ht_mesh_peer *peer;
    struct ht_why why = {0};
    enum ht_err err = find(&peer, service, params, &why);
    if (err == HT_OK) ht_mesh_forgive(service->mesh, peer);
    finish(service, call, json_object(), err, &why);
}

/* --- settings --------------------------------------------------------------------------------- */

static enum ht_err settings(void *self, json_t **result, const json_t *params, struct ht_why *why) {
    (void)params;
    *result = ht_mesh_settings_json(&service_of(self)->settings);
    return *result != NULL ? HT_OK : ht_task_no_memory(why);
}

/* The writer's thread: what is kept and what was given, checked together. */
static enum ht_err write_settings(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    struct ht_mesh_settings next;
    json_t *kept = NULL;
    ht_mesh_settings_init(&next);
    enum ht_err err = ht_client_sql_get(&kept, db, HT_MESH_SETTING, why);
    /* What cannot be read any more is as at first. */
    if (err == HT_OK && kept != NULL) (void)!ht_mesh_settings_read(&next, kept, NULL);
    json_decref(kept);
    if (err == HT_OK) err = ht_mesh_settings_read(&next, task->params, why);
    if (err == HT_OK) task->result = ht_mesh_settings_json(&next);
    if (err == HT_OK && task->result == NULL) err = ht_task_no_memory(why);
    return err == HT_OK ? ht_client_sql_set(db, HT_MESH_SETTING, task->result, why) : err;
}

static void wrote(struct ht_task *task) {
    struct ht_mesh_service *service = task->social->mesh;
    struct ht_why why = {0};
    enum ht_err err = ht_mesh_settings_read(&service->settings, task->result, &why);
    if (err == HT_OK) ht_mesh_apply(service);
    ht_task_end(task, err, &why);
}

static void set_settings(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_task *task = ht_task_new(self, call, params);
    if (task != NULL) ht_task_change(task, write_settings, wrote);
}

const struct ht_rpc_method ht_mesh_methods[] = {
    {.name = "peers.list", .start = list},
    {.name = "peers.invite", .start = invite},
    {.name = "peers.revoke", .start = revoke_one},
    {.name = "peers.add", .start = add},
    {.name = "peers.ban", .start = ban},
    {.name = "peers.accept", .start = accept_one},
    {.name = "peers.forget", .start = forget},
    {.name = "peers.courier", .start = courier},
    {.name = "peers.label", .start = label_one},
    {.name = "peers.dial", .start = dial},
    {.name = "peers.forgive", .start = forgive},
    {.name = "peers.settings", .fn = settings},
    {.name = "peers.set_settings", .start = set_settings},
};
_Static_assert(sizeof ht_mesh_methods / sizeof *ht_mesh_methods == HT_MESH_METHODS,
               "the table's size stands in the header");
