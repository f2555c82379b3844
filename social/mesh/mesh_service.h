/* The mesh in the node: links to peers over our doors and over connections of ours, what they carry
 * into and out of our own relay, what is kept of them on disk.
 *
 * The core (node/p2p/mesh.h) decides; here are its sockets (mesh_links), events (mesh_events), gift
 * wraps kept for others (mesh_inbox), catch-up (mesh_catchup), reachability (mesh_reach), rows on
 * disk (mesh_keep), the chain data of peers (mesh_near) and the owner's methods (mesh_methods).
 * Loop thread.
 *
 * Methods, for the owner only, parameters in an object; node: 64 hex digits:
 *
 *   peers.list {} -> {"node", "pin", "links": n,
 *       "wanted_links", "gossip": {"pushed", "gave", "announced", "asked", "received",
 *       "duplicates", "fresh", "bad"}, "peers": [{"node", "user" | null, "npub" | null, "name":
 *       of the profile | null, "label", "device", "state": "connected" | "connecting" | "asleep"
 *       (no address) | "resting" | "banned" | "waiting", "how": "tls" | "onion" | "plain" | null,
 *       "direction": "out" | "in" | null, "address" | null, "addresses": [url], "origin": "added" |
 *       "invited" | "followed" | "exchanged" | "lan" | "stranger", "is_accepted", "is_courier",
 *       "score", "first", "duplicates", "bytes_in", "bytes_out", "since_s" | null, "seen_s" | null,
 *       "serves": [text], "scope": {"all", "authors": n, "inbox": n, "tags": [text]},
 *       "shared_authors": n, "faults": [{"kind", "what", "count", "at_ms"}], "last_end": {"code",
 *       "text"} | null, "catchup": {"state": "idle" | "comparing" | "fetching" | "done" | "failed",
 *       "needed", "taken", "offered", "at_s" | null, "code" | null, "has_neg"}}],
 *       "invitations": [{"label", "expires_s", "link"}], "reach": see mesh_reach.h}
 *   peers.invite {"label"?, "hours"? (24; 1 to 720)} -> {"link", "expires_s", "addresses": [url],
 *       "warnings": [text]}
 *   peers.revoke {"link"}; peers.add {"link", "label"?} -> {"node"}; peers.ban {"node", "on"};
 *   peers.forget {"node"}; peers.courier {"node", "on"}; peers.label {"node", "label"};
 *   peers.dial {"node"}; peers.forgive {"node"}; peers.accept {"node", "on"} -> {}
 *   peers.settings {}; peers.set_settings {…} -> mesh_settings.h
 *
 * What changes something is answered when it is on disk. Topic "peers.changed" {"links": n,
 * "peers": n}. Reasons: HT_EINPUT "bad_node", "bad_invite", "own_node", "bad_setting", "too_long";
 * HT_ENOTFOUND "no_peer", "no_invitation"; HT_EDENIED "peer_banned"; HT_ESTALE "invite_expired";
 * HT_ELIMIT "too_many_peers", "too_many_invites"; HT_EAGAIN "busy". */
#ifndef HT_SOCIAL_MESH_SERVICE_H
#define HT_SOCIAL_MESH_SERVICE_H

#include "social/social.h"

struct ht_mesh_service;
struct ht_mesh_conn;

/* Reads what is kept; db: for this call. HT_ESTORE "node_key", errors of the disk, HT_ENOMEM. */
enum ht_err ht_mesh_service_new(struct ht_social *social, sqlite3 *db,
                                struct ht_why *why) HT_MUST_USE;
/* When the relay is there: links begin. */
void ht_mesh_service_begin(struct ht_social *social);
/* Links end, what is not kept yet is given to the writer, nothing more is asked. Before the relays'
 * end. */
void ht_mesh_service_stop(struct ht_social *social);
void ht_mesh_service_free(struct ht_social *social);

/* --- the doors -------------------------------------------------------------------------------- */

/* A websocket that the relay has taken; may_link: peer links are let in that way, channel as
 * handshake.h says. NULL without memory: the relay's peer is the caller's to close then. */
struct ht_mesh_conn *ht_mesh_door_opened(struct ht_social *social, struct ht_door_conn *conn,
                                         struct ht_relay_peer *peer, const char *address,
                                         const char *channel, bool may_link);
struct ht_relay_peer *ht_mesh_conn_relay(const struct ht_mesh_conn *conn);
/* A message: the mesh's, or else the relay's. */
void ht_mesh_door_received(struct ht_mesh_conn *conn, ht_bytes text);
/* Both it and the relay's peer are gone. */
void ht_mesh_door_closed(struct ht_mesh_conn *conn);
/* "peer" of NIP-11's document, taken over and given back. */
json_t *ht_mesh_information(const struct ht_social *social, json_t *document);
/* May websockets of the relay's own door be peer links? Without TLS, from here or by the owner's
 * choice from the own network. */
bool ht_mesh_lets_plain(const struct ht_social *social, const struct ht_door_caller *caller);

/* --- what the other parts tell ---------------------------------------------------------------- */

/* Whom the owner follows, and who of them follows the owner: copied. */
void ht_mesh_follows(struct ht_social *social, const ht_hash32 *followed, size_t count,
                     const ht_hash32 *mutual, size_t mutual_count);
/* The owner's key, or whether it can sign, is another. */
void ht_mesh_owner_changed(struct ht_social *social);
/* Is there a peer that a gift wrap for that key can be left with? It is kept in our own store then,
 * and goes from there. */
bool ht_mesh_reaches(const struct ht_social *social, const ht_hash32 *pubkey);

/* --- the owner -------------------------------------------------------------------------------- */

/* The topic "peers.changed". */
enum ht_err ht_mesh_changed_json(void *self, json_t **out, struct ht_why *why) HT_MUST_USE;

#endif
