/* Ways to be found and reached that others make: which of them run, by the settings, and what they
 * have come to. How they work is node/p2p's. */
#include "social/mesh/mesh_outside.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/base/log.h"
#include "node/p2p/mdns.h"
#include "node/p2p/onion.h"
#include "node/p2p/port_map.h"
#include "social/mesh/mesh_meet.h"

struct ht_mesh_outside {
    struct ht_mesh_service *service;
    struct ht_watches *watches;
    uint16_t port; /* that lan and map_port were begun with */
    struct ht_mdns *lan;
    struct ht_port_map *map_port;
    struct ht_onion *onion;
    struct ht_mesh_meet *meet;
    char tor_control[64];
    bool was_ready;                                      /* the onion, with that control port */
    struct ht_why lan_why, map_why, onion_why, meet_why; /* why it did not begin; code "" */
};

static const struct ht_why no_why = {.code = ""};

/* --- what the ways tell ----------------------------------------------------------------------- */

static void on_lan(void *user, const ht_hash32 *node, const char *url) {
    const struct ht_mesh_outside *outside = user;
    ht_mesh_reach_found(outside->service, node, url);
    ht_mesh_changed(outside->service);
}

static void on_map(void *user) {
    const struct ht_mesh_outside *outside = user;
    const struct ht_port_map *map = outside->map_port;
    if (ht_port_map_state(map) == HT_PORT_MAP_OPEN) {
        ht_log(HT_LOG_INFO, "peers", "the router leads %s to us", ht_port_map_address(map));
    } else if (ht_port_map_why(map)->text[0] != '\0') {
        ht_log(HT_LOG_INFO, "peers", "no port of the router: %s", ht_port_map_why(map)->text);
    }
    ht_mesh_reach_look(outside->service);
}

static void on_onion(void *user) {
    struct ht_mesh_outside *outside = user;
    if (ht_onion_state(outside->onion) == HT_ONION_READY && !outside->was_ready) {
        outside->was_ready = true;
        ht_log(HT_LOG_INFO, "peers", "reached as %s", ht_onion_address(outside->onion));
    }
    ht_mesh_reach_look(outside->service);
}

static uint16_t on_onion_port(void *user, const char *address) {
    const struct ht_mesh_outside *outside = user;
    return ht_mesh_reach_onion_port(outside->service, address);
}

/* --- beginning and ending each ---------------------------------------------------------------- */

static void report(const char *what, const struct ht_why *why) {
    ht_log(HT_LOG_WARN, "peers", "%s: %s", what, why->text);
}

static void apply_lan(struct ht_mesh_outside *outside, bool is_moved) {
    struct ht_mesh_service *service = outside->service;
    const struct ht_host *host = service->social->host;
    if (outside->lan != NULL && (!service->settings.lan || is_moved)) {
        ht_mdns_free(outside->lan);
        outside->lan = NULL;
    }
    outside->lan_why = no_why;
    if (!service->settings.lan || outside->lan != NULL) return;
    const struct ht_mdns_options options = {.loop = host->loop,
                                            .watches = outside->watches,
                                            .random = host->random,
                                            .node = service->key.pubkey,
                                            .port = outside->port,
                                            .found = on_lan,
                                            .user = outside};
    if (ht_mdns_new(&outside->lan, &options, &outside->lan_why) != HT_OK) {
        report("nodes of this network are not found", &outside->lan_why);
    }
}

/* Without a door there is nothing to lead to. */
static void apply_map(struct ht_mesh_outside *outside, bool is_moved) {
    struct ht_mesh_service *service = outside->service;
    const struct ht_host *host = service->social->host;
    bool wants = service->settings.map_port && outside->port != 0;
    if (outside->map_port != NULL && (!wants || is_moved)) {
        ht_port_map_free(outside->map_port, false);
        outside->map_port = NULL;
    }
    outside->map_why = no_why;
    if (service->settings.map_port && outside->port == 0) {
        (void)ht_fail(&outside->map_why, HT_EDENIED, "no_door",
                      "this node does not listen for peers yet");
    }
    if (!wants || outside->map_port != NULL) return;
    const struct ht_port_map_options options = {.loop = host->loop,
                                                .watches = outside->watches,
                                                .http = host->http,
                                                .random = host->random,
                                                .port = outside->port,
                                                .changed = on_map,
                                                .user = outside};
    if (ht_port_map_new(&outside->map_port, &options, &outside->map_why) != HT_OK) {
        report("the router is not asked for a port", &outside->map_why);
    }
}

static void apply_onion(struct ht_mesh_outside *outside) {
    struct ht_mesh_service *service = outside->service;
    const struct ht_mesh_settings *settings = &service->settings;
    const struct ht_host *host = service->social->host;
    bool is_other = strcmp(outside->tor_control, settings->tor_control) != 0;
    if (outside->onion != NULL && (!settings->onion || is_other)) {
        ht_onion_free(outside->onion);
        outside->onion = NULL;
        outside->was_ready = false;
    }
    outside->onion_why = no_why;
    if (!settings->onion || outside->onion != NULL) return;
    (void)snprintf(outside->tor_control, sizeof outside->tor_control, "%s", settings->tor_control);
    const struct ht_onion_options options = {.loop = host->loop,
                                             .watches = outside->watches,
                                             .random = host->random,
                                             .data_dir = host->data_dir,
                                             .control = settings->tor_control,
                                             .port = on_onion_port,
                                             .changed = on_onion,
                                             .user = outside};
    if (ht_onion_new(&outside->onion, &options, &outside->onion_why) != HT_OK) {
        report("no onion service", &outside->onion_why);
    }
}

static void apply_meet(struct ht_mesh_outside *outside) {
    struct ht_mesh_service *service = outside->service;
    bool wants = service->settings.rendezvous;
    if (outside->meet != NULL && (!wants || ht_mesh_meet_is_moved(outside->meet))) {
        ht_mesh_meet_free(outside->meet);
        outside->meet = NULL;
    }
    outside->meet_why = no_why;
    if (!wants || outside->meet != NULL) return;
    if (ht_mesh_meet_new(&outside->meet, service, &outside->meet_why) != HT_OK) {
        report("no rendezvous", &outside->meet_why);
    }
}

void ht_mesh_outside_apply(struct ht_mesh_outside *outside, uint16_t port) {
    const struct ht_mesh_settings *settings = &outside->service->settings;
    bool is_moved = port != outside->port;
    bool has_sockets = settings->lan || settings->map_port || settings->onion;
    outside->port = port;
    if (has_sockets && outside->watches == NULL) {
        struct ht_why why = no_why;
        if (ht_watches_new(&outside->watches, outside->service->social->host->loop, &why) !=
            HT_OK) {
            outside->lan_why = outside->map_why = outside->onion_why = why;
            report("no sockets", &why);
            return;
        }
    }
    apply_lan(outside, is_moved);
    apply_map(outside, is_moved);
    apply_onion(outside);
    apply_meet(outside);
}

void ht_mesh_outside_tell(struct ht_mesh_outside *outside) {
    if (outside->meet != NULL) ht_mesh_meet_hurry(outside->meet);
}

enum ht_err ht_mesh_outside_new(struct ht_mesh_outside **out, struct ht_mesh_service *service,
                                struct ht_why *why) {
    struct ht_mesh_outside *outside = calloc(1, sizeof *outside);
    if (outside == NULL) return ht_task_no_memory(why);
    outside->service = service;
    outside->lan_why = outside->map_why = outside->onion_why = outside->meet_why = no_why;
    *out = outside;
    return HT_OK;
}

void ht_mesh_outside_stop(struct ht_mesh_outside *outside) {
    ht_mdns_free(outside->lan);
    ht_port_map_free(outside->map_port, true);
    ht_onion_free(outside->onion);
    ht_mesh_meet_free(outside->meet);
    ht_watches_free(outside->watches);
    outside->lan = NULL;
    outside->map_port = NULL;
    outside->onion = NULL;
    outside->meet = NULL;
    outside->watches = NULL;
}

void ht_mesh_outside_free(struct ht_mesh_outside *outside) {
    if (outside == NULL) return;
    ht_mesh_outside_stop(outside);
    free(outside);
}

/* --- what has come of it ---------------------------------------------------------------------- */

static size_t add(struct ht_mesh_address *out, size_t count, size_t max, const char *scheme,
                  const char *where) {
    if (count == max) return count;
    out[count] = (struct ht_mesh_address){.is_told = true};
    (void)snprintf(out[count].url, sizeof out[count].url, "%s://%s", scheme, where);
    out[count].reach = ht_address_reach_of(out[count].url);
    return count + 1;
}

/* An onion is told on while Tor restarts: its address stays. */
size_t ht_mesh_outside_addresses(const struct ht_mesh_outside *outside, struct ht_mesh_address *out,
                                 size_t max) {
    size_t count = 0;
    if (outside->map_port != NULL && ht_port_map_address(outside->map_port)[0] != '\0') {
        count = add(out, count, max, "wss", ht_port_map_address(outside->map_port));
    }
    if (outside->onion != NULL && outside->was_ready) {
        count = add(out, count, max, "ws", ht_onion_address(outside->onion));
    }
    return count;
}

/* NULL instead of "". */
static const char *text(const char *one) {
    return one[0] != '\0' ? one : NULL;
}

static json_t *lan_json(const struct ht_mesh_outside *outside) {
    size_t found = outside->lan != NULL ? ht_mdns_count(outside->lan) : 0;
    return json_pack("{s:b, s:i, s:s?}", "is_on", (int)outside->service->settings.lan, "found",
                     (int)found, "why", text(outside->lan_why.text));
}

static json_t *map_json(const struct ht_mesh_outside *outside) {
    static const char *const STATES[] = {"asking", "open", "none", "failed"};
    const struct ht_port_map *map = outside->map_port;
    bool is_on = outside->service->settings.map_port;
    bool is_open = map != NULL && ht_port_map_address(map)[0] != '\0';
    const char *state = map != NULL ? STATES[ht_port_map_state(map)] : is_on ? "failed" : "off";
    const char *why = map != NULL ? ht_port_map_why(map)->text : outside->map_why.text;
    json_t *out =
        json_pack("{s:b, s:s, s:s?, s:n, s:s?}", "is_on", (int)is_on, "state", state, "external",
                  is_open ? ht_port_map_address(map) : NULL, "lease_s", "why", text(why));
    if (is_open && ht_port_map_lease_s(map) > 0) {
        (void)json_object_set_new(out, "lease_s", json_integer(ht_port_map_lease_s(map)));
    }
    return out;
}

static json_t *onion_json(const struct ht_mesh_outside *outside) {
    static const char *const STATES[] = {"connecting", "ready", "failed"};
    const struct ht_onion *onion = outside->onion;
    bool is_on = outside->service->settings.onion;
    const char *state = onion != NULL ? STATES[ht_onion_state(onion)] : is_on ? "failed" : "off";
    const char *why = onion != NULL ? ht_onion_why(onion)->text : outside->onion_why.text;
    return json_pack("{s:b, s:s, s:s?, s:s?, s:s?}", "is_on", (int)is_on, "state", state, "address",
                     onion != NULL ? ht_onion_address(onion) : NULL, "socks",
                     onion != NULL ? text(ht_onion_socks(onion)) : NULL, "why", text(why));
}

static json_t *meet_json(const struct ht_mesh_outside *outside) {
    const struct ht_mesh_meet *meet = outside->meet;
    bool is_on = outside->service->settings.rendezvous;
    const char *state = meet != NULL ? ht_mesh_meet_state(meet) : is_on ? "failed" : "off";
    const char *why = meet != NULL ? ht_mesh_meet_why(meet) : outside->meet_why.text;
    return json_pack("{s:b, s:s, s:s?}", "is_on", (int)is_on, "state", state, "why", text(why));
}

void ht_mesh_outside_json(const struct ht_mesh_outside *outside, json_t *reach) {
    (void)json_object_set_new(reach, "lan", lan_json(outside));
    (void)json_object_set_new(reach, "map_port", map_json(outside));
    (void)json_object_set_new(reach, "onion", onion_json(outside));
    (void)json_object_set_new(reach, "rendezvous", meet_json(outside));
}
