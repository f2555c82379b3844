/* The node's own record: made anew when what it says is another or it grows old, while the vault is
 * open. */
#include "social/mesh/mesh_record.h"

#include <stdlib.h>

#include "node/base/log.h"
#include "node/codec/json.h"
#include "social/client_sql.h"
#include "social/feed/publish.h"
#include "social/links/peers.h"
#include "social/mesh/mesh_outside.h"

#define LOOK_MS 1000
#define AGAIN_MS (INT64_C(3600) * 1000)
#define LIFE_S (INT64_C(60) * 86400)
#define RENEW_S (INT64_C(30) * 86400) /* before it expires */
#define ARENA_MAX ((size_t)64 << 10)

static enum ht_err read_own(struct ht_node_record *out, ht_bytes json, int64_t now_s) {
    struct ht_event event;
    struct ht_arena arena;
    ht_arena_init(&arena, HT_EVENT_ARENA(json.n));
    enum ht_err err = ht_event_read(&event, &arena, json, NULL);
    if (err == HT_OK) err = ht_node_record_read(out, &event, now_s, NULL);
    ht_arena_fini(&arena);
    return err;
}

enum ht_err ht_mesh_record_load(struct ht_mesh_reach *reach, sqlite3 *db, struct ht_why *why) {
    json_t *kept = NULL;
    enum ht_err err = ht_client_sql_get(&kept, db, HT_MESH_RECORD_SETTING, why);
    const char *text = json_string_value(ht_json_member(kept, "event"));
    int64_t now_s = ht_social_now_s(reach->service->social);
    /* One that has expired, or is another node's, is made anew. */
    if (text != NULL && read_own(&reach->record, ht_bytes_str(text), now_s) == HT_OK) {
        reach->signed_json = strdup(text);
    }
    json_decref(kept);
    return err;
}

/* --- signing ---------------------------------------------------------------------------------- */

struct signing {
    struct ht_mesh_service *service;
    struct ht_node_record record;
    struct ht_arena arena;
    struct ht_draft draft;
    struct ht_event event;
};

static void free_signing(struct signing *signing) {
    ht_arena_fini(&signing->arena);
    json_decref(signing->draft.tags);
    free(signing->draft.content);
    free(signing);
}

static void told(void *user, json_t *sent) {
    (void)user, (void)sent;
}

static void published(struct ht_relay_publish *publish, enum ht_err err, enum ht_put put,
                      const struct ht_why *why) {
    (void)err, (void)put, (void)why;
    free(publish);
}

/* Into our own relay and to the owner's: by the owner's choice, everybody may know. */
static void publish(struct ht_social *social, ht_bytes json) {
    struct ht_relay_publish *one = calloc(1, sizeof *one);
    if (one == NULL) return;
    *one = (struct ht_relay_publish){.done = published, .json = json, .is_trusted_source = true};
    ht_relay_publish(social->relay, one);
    ht_peers_send(social, json, NULL, told, NULL);
}

static enum ht_err write_record(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    return ht_client_sql_set(db, HT_MESH_RECORD_SETTING, task->params, why);
}

static void keep(struct ht_social *social, const char *text) {
    json_t *value = json_pack("{s:s}", "event", text);
    struct ht_task *task = value != NULL ? ht_task_new(social, NULL, value) : NULL;
    json_decref(value);
    if (task != NULL) ht_task_change(task, write_record, NULL);
}

static void use(struct ht_mesh_service *service, const struct signing *signing, ht_bytes json) {
    struct ht_mesh_reach *reach = service->reach;
    struct ht_why why = {0};
    if (ht_mesh_set_record(service->mesh, json, &why) != HT_OK) {
        ht_log(HT_LOG_WARN, "peers", "our own record is not used: %s", why.text);
        return;
    }
    char *copy = malloc(json.n + 1);
    if (copy == NULL) return;
    memcpy(copy, json.p, json.n);
    copy[json.n] = '\0';
    free(reach->signed_json);
    reach->signed_json = copy;
    reach->record = signing->record;
    keep(service->social, copy);
    if (service->settings.tell == HT_TELL_FOLLOWS) publish(service->social, json);
    ht_mesh_outside_tell(reach->outside);
    ht_mesh_changed(service);
    ht_mesh_wake(service);
}

static void was_signed(void *user, const struct ht_nostr_answer *answer) {
    struct signing *signing = user;
    struct ht_mesh_service *service = signing->service;
    struct ht_buf json;
    service->reach->is_signing = false;
    ht_buf_init(&json, HT_EVENT_SIZE_MAX);
    if (answer->err == HT_OK && service->is_running) {
        memcpy(signing->event.sig, answer->signature, sizeof signing->event.sig);
        if (ht_event_write(&json, &signing->event) == HT_OK) {
            use(service, signing, ht_buf_view(&json));
        }
    }
    ht_buf_fini(&json);
    free_signing(signing);
}

static enum ht_err prepare(struct signing *signing, struct ht_why *why) {
    const struct ht_mesh_service *service = signing->service;
    struct ht_node_record *record = &signing->record;
    uint8_t signature[HT_SCHNORR_SIZE];
    ht_hash32 claim;
    ht_node_record_claim(&claim, &record->user, record->created_at);
    ht_node_key_sign(&service->key, signature, &claim, service->social->host->random);
    json_t *tags = ht_node_record_tags(record, signature);
    if (tags == NULL) return ht_task_no_memory(why);
    enum ht_err err = ht_draft_set(&signing->draft, HT_NODE_RECORD_KIND, "", tags,
                                   "the record of this node", why);
    if (err != HT_OK) return err;
    return ht_draft_event(&signing->event, &signing->arena, &signing->draft, &record->user,
                          record->created_at, why);
}

static bool is_vault_open(const struct ht_nostr_keys *keys) {
    struct ht_nostr_key one;
    bool is_open = false;
    return keys != NULL && keys->list(keys->self, &one, 1, &is_open) > 0 && is_open;
}

static void sign(struct ht_mesh_reach *reach, const struct ht_node_record *wanted) {
    struct ht_mesh_service *service = reach->service;
    const struct ht_host *host = service->social->host;
    const struct ht_nostr_keys *keys = host->nostr_keys(host);
    struct ht_why why = {0};
    if (!is_vault_open(keys) || reach->is_signing) return;
    struct signing *signing = calloc(1, sizeof *signing);
    if (signing == NULL) return;
    signing->service = service;
    signing->record = *wanted;
    ht_arena_init(&signing->arena, ARENA_MAX);
    /* Newer than the last one, also within its second. */
    int64_t now_s = ht_social_now_s(service->social), last_s = reach->record.created_at;
    bool is_soon = reach->signed_json != NULL && last_s >= now_s && last_s < now_s + 60;
    signing->record.created_at = is_soon ? last_s + 1 : now_s;
    signing->record.expires_at = signing->record.created_at + LIFE_S;
    if (prepare(signing, &why) != HT_OK) {
        ht_log(HT_LOG_WARN, "peers", "our own record cannot be made: %s", why.text);
        free_signing(signing);
        return;
    }
    reach->is_signing = true;
    keys->sign(keys->self, &signing->record.user, &signing->event.id, "the record of this node",
               false, was_signed, signing);
}

/* --- looking ---------------------------------------------------------------------------------- */

static bool is_same(const struct ht_node_record *a, const struct ht_node_record *b) {
    if (!ht_hash32_equal(&a->user, &b->user) || !ht_hash32_equal(&a->node, &b->node)) return false;
    if (a->address_count != b->address_count || a->may_pass != b->may_pass) return false;
    if (a->has_pin != b->has_pin || !ht_hash32_equal(&a->pin, &b->pin)) return false;
    for (size_t i = 0; i < a->address_count; i++) {
        if (strcmp(a->addresses[i], b->addresses[i]) != 0) return false;
    }
    return strcmp(a->name, b->name) == 0;
}

/* Who signs in at one of our addresses names it (NIP-42). */
static void tell_relay(const struct ht_mesh_service *service) {
    struct ht_mesh_address list[HT_MESH_ADDRESSES_MAX];
    const char *urls[HT_MESH_ADDRESSES_MAX];
    size_t count = ht_mesh_addresses(service, list);
    for (size_t i = 0; i < count; i++) urls[i] = list[i].url;
    if (ht_relay_set_other_urls(service->social->relay, urls, count) != HT_OK) {
        ht_log(HT_LOG_WARN, "peers", "the relay does not know its own addresses");
    }
}

/* A record is signed when it says something to somebody: never for a node that nobody is linked
 * with and nobody can reach. */
static bool is_of_use(const struct ht_mesh_service *service, const struct ht_node_record *wanted) {
    return wanted->address_count > 0 || ht_mesh_first(service->mesh) != NULL ||
           ht_mesh_invitations(service->mesh) != NULL;
}

static void look(struct ht_timer *timer) {
    struct ht_mesh_reach *reach =
        (struct ht_mesh_reach *)(void *)((char *)timer - offsetof(struct ht_mesh_reach, look));
    struct ht_mesh_service *service = reach->service;
    struct ht_node_record wanted;
    if (!service->is_running) return;
    reach->is_wished = false;
    ht_timer_set(service->social->host->loop, &reach->look, AGAIN_MS, look);
    ht_mesh_own_record(&wanted, service, false);
    if (service->settings.tell == HT_TELL_NOBODY || !wanted.has_user) {
        (void)!ht_mesh_set_record(service->mesh, (ht_bytes){0}, NULL);
        ht_mesh_wake(service);
        return;
    }
    bool is_fresh = reach->signed_json != NULL && is_same(&wanted, &reach->record) &&
                    reach->record.expires_at - RENEW_S > ht_social_now_s(service->social);
    if (is_fresh) {
        ht_mesh_record_begin(reach);
    } else if (is_of_use(service, &wanted)) {
        sign(reach, &wanted);
    }
}

void ht_mesh_reach_look(struct ht_mesh_service *service) {
    if (!service->is_running) return;
    tell_relay(service);
    ht_timer_set(service->social->host->loop, &service->reach->look, LOOK_MS, look);
    ht_mesh_changed(service);
}

void ht_mesh_record_wish(struct ht_mesh_reach *reach) {
    if (reach->signed_json != NULL || reach->is_wished || !reach->service->is_running) return;
    reach->is_wished = true;
    ht_timer_set(reach->service->social->host->loop, &reach->look, LOOK_MS, look);
}

void ht_mesh_record_begin(struct ht_mesh_reach *reach) {
    struct ht_mesh_service *service = reach->service;
    if (reach->signed_json == NULL || service->settings.tell == HT_TELL_NOBODY) return;
    ht_bytes json = ht_bytes_str(reach->signed_json);
    if (ht_mesh_set_record(service->mesh, json, NULL) == HT_OK) return;
    free(reach->signed_json);
    reach->signed_json = NULL;
}

void ht_mesh_record_stop(struct ht_mesh_reach *reach) {
    ht_timer_cancel(&reach->look);
}
