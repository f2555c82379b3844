/* Node records and invitations: where a node can be reached, said by its user.
 *
 * A record is an addressable event (kind 30848, d = the node key in hex) that the user signs:
 *   ["d", node] ["node", node, sig]  sig: by the node key over SHA-256("hearth-node:" user ":"
 * created_at in decimal), so that nobody claims another's node
 *   ["addr", url]…                   wss://host:port, ws://….onion[:port], ws://10.… of a LAN; at
 * most 8
 *   ["pin", hex]                     of the TLS key
 *   ["name", text]                   the device, for people; optional
 *   ["expiration", seconds]          at most 90 days ahead
 * Of one node the newest unexpired record counts; an older one never replaces it.
 *
 * An invitation is a link "hearth:peer?" with node (hex), addr (repeated), pin, user (npub), secret
 * (32 hex digits: whoever knows it is taken as a peer once; it expires) and name; the same text is
 * in the QR code. Pure. */
#ifndef HT_P2P_NODE_RECORD_H
#define HT_P2P_NODE_RECORD_H

#include "node/nostr/event.h"

#define HT_NODE_RECORD_KIND 30848U
#define HT_NODE_ADDRESSES_MAX 8U
#define HT_NODE_ADDRESS_SIZE 256U
#define HT_NODE_NAME_SIZE 64U
#define HT_NODE_RECORD_MAX_S (INT64_C(90) * 86400)
#define HT_INVITE_SIZE 3072U
#define HT_INVITE_SECRET_SIZE 33U

struct ht_node_record {
    ht_hash32 node, user;
    bool has_user; /* always of a record; not of every invitation */
    bool has_pin;
    ht_hash32 pin;
    char addresses[HT_NODE_ADDRESSES_MAX][HT_NODE_ADDRESS_SIZE];
    size_t address_count;
    char name[HT_NODE_NAME_SIZE];
    int64_t created_at, expires_at; /* seconds */
};

/* From an event whose signature was verified. HT_EINPUT "bad_record", HT_EUNVERIFIED
 * "record_node" (the node key's own signature), "record_expired". */
enum ht_err ht_node_record_read(struct ht_node_record *out, const struct ht_event *event,
                                int64_t now_s, struct ht_why *why) HT_MUST_USE;
/* Its tags as an array of arrays, for whoever has the user sign them; a new reference, NULL without
 * memory. node_signature: by the node key over ht_node_record_claim. */
json_t *ht_node_record_tags(const struct ht_node_record *record,
                            const uint8_t node_signature[static HT_SCHNORR_SIZE]);
void ht_node_record_claim(ht_hash32 *out, const ht_hash32 *user, int64_t created_at);
/* Which addresses may leave this computer by consent: of a LAN only to peers of the LAN, onions and
 * public ones as the owner says. */
enum ht_address_reach {
    HT_REACH_LOOPBACK,
    HT_REACH_LAN,
    HT_REACH_PUBLIC,
    HT_REACH_ONION,
    HT_REACH_NONE
};
enum ht_address_reach ht_address_reach_of(const char *url);

struct ht_invite {
    struct ht_node_record record;
    char secret[HT_INVITE_SECRET_SIZE];
};
/* HT_ELIMIT, HT_EINPUT "bad_invite". */
enum ht_err ht_invite_write(char out[static HT_INVITE_SIZE], const struct ht_invite *invite,
                            struct ht_why *why) HT_MUST_USE;
enum ht_err ht_invite_read(struct ht_invite *out, const char *text, struct ht_why *why) HT_MUST_USE;

#endif
