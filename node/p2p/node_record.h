/* Node records: where a node can be reached, said by its user.
 *
 * A record is an addressable event (kind 30848, d = the node key in hex) that the user signs:
 *   ["d", node] ["node", node, sig]  sig: by the node key over SHA-256("hearth-node:" user ":"
 * created_at in decimal), so that nobody claims another's node
 *   ["addr", url]…                   wss://host:port, ws://….onion[:port], ws://10.… of a LAN; at
 * most 8
 *   ["pin", hex]                     of the TLS key
 *   ["name", text]                   the device, for people; optional
 *   ["pass", "1"]                    peers may tell it to their peers; optional
 *   ["expiration", seconds]          at most 90 days after created_at
 * Of one node the newest unexpired record counts; an older one never replaces it. Pure. */
#ifndef HT_P2P_NODE_RECORD_H
#define HT_P2P_NODE_RECORD_H

#include <jansson.h>

#include "node/nostr/event.h"
#include "node/p2p/node_address.h"

#define HT_NODE_RECORD_KIND 30848U
#define HT_NODE_ADDRESSES_MAX 8U
#define HT_NODE_NAME_SIZE 64U
#define HT_NODE_RECORD_MAX_S (INT64_C(90) * 86400)
#define HT_NODE_RECORD_AHEAD_S INT64_C(3600) /* that its author's clock may be ahead */
#define HT_NODE_RECORD_SIZE 4096U            /* of its JSON, with a zero */

struct ht_node_record {
    ht_hash32 node, user;
    bool has_user; /* always of a record; not of every invitation */
    bool has_pin;
    ht_hash32 pin;
    char addresses[HT_NODE_ADDRESSES_MAX][HT_NODE_ADDRESS_SIZE];
    size_t address_count;
    char name[HT_NODE_NAME_SIZE];
    bool may_pass;
    int64_t created_at, expires_at; /* seconds; of an invitation 0, and 0 when it does not say */
};

/* From an event whose signature was or will be verified. HT_EINPUT "bad_record"; HT_EUNVERIFIED
 * "record_node" (the node key's own signature); HT_ESTALE "record_expired". */
enum ht_err ht_node_record_read(struct ht_node_record *out, const struct ht_event *event,
                                int64_t now_s, struct ht_why *why) HT_MUST_USE;
/* Its tags as an array of arrays, for whoever has the user sign them; a new reference, NULL without
 * memory. node_signature: by the node key over ht_node_record_claim. */
json_t *ht_node_record_tags(const struct ht_node_record *record,
                            const uint8_t node_signature[static HT_SCHNORR_SIZE]);
void ht_node_record_claim(ht_hash32 *out, const ht_hash32 *user, int64_t created_at);

#endif
