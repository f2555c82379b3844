/* From where the node can be reached by peers: its own door with TLS, its addresses, its record.
 *
 * "reach" of peers.list: {"listen": url | null, "is_on", "why": text | null, "addresses": [{"url",
 * "reach": "loopback" | "lan" | "public" | "onion", "is_told": bool (it stands in our record)}],
 * "lan": {"is_on", "found": n, "why" | null}, "map_port": {"is_on", "state": "off" | "asking" |
 * "open" | "none" | "failed", "external" | null, "lease_s" | null, "why" | null}, "onion":
 * {"is_on", "state": "off" | "connecting" | "ready" | "failed", "address" | null, "why" | null},
 * "rendezvous": {"is_on", "state", "why" | null}}.
 *
 * The record is signed by the owner when the vault is open and something in it is another, and kept
 * (setting "mesh_record"), so that it is there when the vault is not. Only files of this folder
 * include this. */
#ifndef HT_SOCIAL_MESH_REACH_H
#define HT_SOCIAL_MESH_REACH_H

#include "social/mesh/mesh_impl.h"

struct ht_mesh_address {
    char url[HT_NODE_ADDRESS_SIZE];
    enum ht_address_reach reach;
    bool is_told;
};
#define HT_MESH_ADDRESSES_MAX 16U

/* Reads the record that is kept. */
enum ht_err ht_mesh_reach_new(struct ht_mesh_service *service, sqlite3 *db,
                              struct ht_why *why) HT_MUST_USE;
/* Listens, by settings and the command line. */
void ht_mesh_reach_begin(struct ht_mesh_service *service);
/* Settings have changed. */
void ht_mesh_reach_apply(struct ht_mesh_service *service);
/* Whether the record is still what is so; soon. */
void ht_mesh_reach_look(struct ht_mesh_service *service);
/* Doors close. */
void ht_mesh_reach_stop(struct ht_mesh_service *service);
void ht_mesh_reach_free(struct ht_mesh_service *service);

/* At most HT_MESH_ADDRESSES_MAX; returns how many. */
size_t ht_mesh_addresses(const struct ht_mesh_service *service,
                         struct ht_mesh_address out[static HT_MESH_ADDRESSES_MAX]);
/* What the node tells of itself: addresses that are told, or all for an invitation. */
void ht_mesh_own_record(struct ht_node_record *out, const struct ht_mesh_service *service,
                        bool has_all);
bool ht_mesh_is_listening(const struct ht_mesh_service *service);
/* "reach"; a new reference, NULL without memory. */
json_t *ht_mesh_reach_json(const struct ht_mesh_service *service);
/* A node was found at an address of the own network: one that is known is dialled there, too. The
 * address is not kept. */
void ht_mesh_reach_found(struct ht_mesh_service *service, const ht_hash32 *node, const char *url);
/* Opens a door on loopback for an onion service, without TLS: its port, the same when it is there
 * already; 0: it cannot be opened, or listening has ended. address: "….onion". */
uint16_t ht_mesh_reach_onion_port(struct ht_mesh_service *service, const char *address);
/* A numeric address of a network that is nobody else's. */
bool ht_mesh_is_lan_address(const char *address);

#endif
