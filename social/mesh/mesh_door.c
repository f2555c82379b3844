/* A door of the mesh's own: websockets are the relay's and the mesh's, HTTP is the module's. */
#include "social/mesh/mesh_door.h"

#include "social/relay/keeper.h"
#include "social/relay/web.h"

static void *opened(void *self, struct ht_door_conn *conn, const struct ht_door_caller *caller) {
    const struct ht_mesh_door *door = self;
    struct ht_social *social = door->social;
    if (social->is_stopped || ht_keeper_is_blocked(social, caller->address)) return NULL;
    struct ht_relay_peer *peer = ht_relay_opened(social->relay, conn, caller->address);
    if (peer == NULL) return NULL;
    bool is_page = caller->origin[0] != '\0';
    if (caller->is_local && is_page) ht_relay_opened_page(peer);
    struct ht_mesh_conn *opened_conn =
        ht_mesh_door_opened(social, conn, peer, caller->address, door->channel, !is_page);
    if (opened_conn == NULL) ht_relay_closed(peer);
    return opened_conn;
}

static void received(void *conn, ht_bytes text) {
    ht_mesh_door_received(conn, text);
}

static void drained(void *conn) {
    ht_relay_drained(ht_mesh_conn_relay(conn));
}

static void closed(void *conn) {
    struct ht_relay_peer *peer = ht_mesh_conn_relay(conn);
    ht_mesh_door_closed(conn);
    ht_relay_closed(peer);
}

static json_t *information(void *self) {
    const struct ht_mesh_door *door = self;
    return ht_mesh_information(door->social, ht_relay_information(door->social->relay));
}

static void answer(void *self, struct ht_door_http *http) {
    const struct ht_mesh_door *door = self;
    ht_social_http(door->social, http);
}

static const struct ht_module_door MODULE = {.opened = opened,
                                             .received = received,
                                             .drained = drained,
                                             .closed = closed,
                                             .information = information,
                                             .http = answer};

enum ht_err ht_mesh_door_open(struct ht_mesh_door *door, struct ht_social *social,
                              const struct ht_door_options *options, struct ht_why *why) {
    enum ht_err err = ht_door_new(&door->door, social->host->loop, options, why);
    if (err != HT_OK) {
        door->door = NULL;
        return err;
    }
    door->social = social;
    ht_door_serve(door->door, &MODULE, door);
    return HT_OK;
}
