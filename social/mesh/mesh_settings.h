/* What the owner has set about peers.
 *
 * Kept in social.db as the setting "mesh". As JSON (peers.settings, peers.set_settings {any of
 * them}): "listen": bool, "port": 0 to 65535 (0: any that is free), "bind": a numeric address to
 * listen on, "hosts": [text] (names or addresses by which others reach it, a port may follow),
 * "lan", "map_port", "onion", "exchange", "rendezvous": bool, "tor_control", "tor_socks":
 * "127.0.0.1:9051", "tell": "peers" (over links only) | "follows" (published as a signed record) |
 * "nobody", "accept_follows" (nodes of mutual follows are let in), "is_open" (all nodes are),
 * "couriers": bool, "courier_bytes" (of what is kept for others), "serve_chain", "serve_blobs":
 * bool, "upload_bytes_per_s" (0: no bound), "plain_lan": bool (peers without TLS, in the own
 * network), "rendezvous_bootstrap": "host:port" where the rendezvous' network is entered ("": the
 * usual place). Whatever makes the node reachable or known is off at first.
 *
 * Reasons: HT_EINPUT "bad_setting" and those of json.h. Pure. */
#ifndef HT_SOCIAL_MESH_SETTINGS_H
#define HT_SOCIAL_MESH_SETTINGS_H

#include <jansson.h>
#include <stdint.h>

#include "node/base/err.h"

#define HT_MESH_SETTING "mesh" /* its name among the settings */
#define HT_MESH_HOSTS_MAX 8U
#define HT_MESH_HOST_SIZE 128U
#define HT_MESH_COURIER_BYTES ((uint64_t)64 << 20)

enum ht_mesh_tell { HT_TELL_PEERS, HT_TELL_FOLLOWS, HT_TELL_NOBODY };

struct ht_mesh_settings {
    bool listen, lan, map_port, onion, exchange, rendezvous;
    bool accept_follows, is_open, couriers, serve_chain, serve_blobs, plain_lan;
    uint16_t port;
    char bind[64];
    char hosts[HT_MESH_HOSTS_MAX][HT_MESH_HOST_SIZE];
    size_t host_count;
    char tor_control[64], tor_socks[64];
    char rendezvous_bootstrap[HT_MESH_HOST_SIZE + 8];
    enum ht_mesh_tell tell;
    uint64_t courier_bytes, upload_bytes_per_s;
};

void ht_mesh_settings_init(struct ht_mesh_settings *out);
/* A new reference; NULL without memory. */
json_t *ht_mesh_settings_json(const struct ht_mesh_settings *settings);
/* Puts the members that are there over what stands in settings, which is as it was on an error.
 * Unknown members are refused. */
enum ht_err ht_mesh_settings_read(struct ht_mesh_settings *settings, const json_t *from,
                                  struct ht_why *why) HT_MUST_USE;

#endif
