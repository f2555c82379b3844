/* Messages of multicast DNS (RFC 6762) about the service _hearth._tcp.local (RFC 6763).
 *
 * A node tells its key, the port and numeric addresses of its door: instance "<first 16 hex digits
 * of the key>._hearth._tcp.local", host "hearth-<the same>.local", TXT "v=1", "node=<64 hex>". So
 * whoever is in the same network sees that this node is there; it is off until the owner wants it.
 * What is read is bounded: names of at most 255 bytes, pointers only backwards, 64 records. A node
 * counts as found when one message has all of it, as ours have. Pure. */
#ifndef HT_P2P_MDNS_MESSAGE_H
#define HT_P2P_MDNS_MESSAGE_H

#include "node/base/bytes.h"

#define HT_MDNS_SERVICE "_hearth._tcp.local"
#define HT_MDNS_SIZE_MAX 9000U  /* of a message that is read */
#define HT_MDNS_WRITE_MAX 1400U /* of ours */
#define HT_MDNS_NAME_SIZE 256U
#define HT_MDNS_ADDRESSES_MAX 8U
#define HT_MDNS_FOUND_MAX 8U
#define HT_MDNS_QUESTIONS_MAX 16U
#define HT_MDNS_TTL_S 120U

struct ht_mdns_address {
    bool is_v6;
    uint8_t b[16]; /* 4 of IPv4 */
};

struct ht_mdns_node {
    ht_hash32 node;
    uint16_t port;
    struct ht_mdns_address addresses[HT_MDNS_ADDRESSES_MAX];
    size_t address_count;
    uint32_t ttl_s; /* of what was found; 0: it goes */
};

struct ht_mdns_question {
    char name[HT_MDNS_NAME_SIZE]; /* lower case, dots between labels */
    uint16_t type;
    bool wants_unicast;
};

struct ht_mdns_message {
    uint16_t id;
    bool is_answer;
    struct ht_mdns_question questions[HT_MDNS_QUESTIONS_MAX];
    size_t question_count;
    /* Of an answer: nodes. Of a question: those that it knows already, of which only the first 8
     * bytes of the key are told. */
    struct ht_mdns_node found[HT_MDNS_FOUND_MAX];
    size_t found_count;
};

/* HT_EINPUT "bad_mdns"; HT_ELIMIT "mdns_records". More questions or nodes than there is room for
 * are passed over. */
enum ht_err ht_mdns_read(struct ht_mdns_message *out, ht_bytes message,
                         struct ht_why *why) HT_MUST_USE;

/* Does it ask for something of ours that it does not know? */
bool ht_mdns_asks(const struct ht_mdns_message *message, const ht_hash32 *node);

/* Both return the length. Who is out there? */
size_t ht_mdns_write_question(uint8_t out[static HT_MDNS_WRITE_MAX]);
/* All about us; self->ttl_s 0: we go. To a program that is no responder (it asked from another port
 * than 5353) its own question is said again, with its id; asked NULL: to everybody. */
size_t ht_mdns_write_answer(uint8_t out[static HT_MDNS_WRITE_MAX], const struct ht_mdns_node *self,
                            const struct ht_mdns_message *asked);

#endif
