/* Signed events for tests, from a number that stands for a key. */
#ifndef HT_TESTS_EVENT_MAKER_H
#define HT_TESTS_EVENT_MAKER_H

#include "node/nostr/event.h"

#define MAKER_TIME INT64_C(1780000000)

/* Events as text, with one member as wanted; their hex is no hash and no signature. */
#define HEX16 "0123456789abcdef"
#define HEX64 HEX16 HEX16 HEX16 HEX16
#define ID "\"id\":\"" HEX64 "\""
#define PUBKEY "\"pubkey\":\"" HEX64 "\""
#define SIG "\"sig\":\"" HEX64 HEX64 "\""
#define HEAD "{" ID "," PUBKEY ","
#define TAIL "," SIG "}"
#define WITH_CONTENT(text) HEAD "\"created_at\":1,\"kind\":1,\"tags\":[],\"content\":" text TAIL
#define WITH_TAGS(text) HEAD "\"created_at\":1,\"kind\":1,\"tags\":" text ",\"content\":\"\"" TAIL
#define WITH_KIND(text) HEAD "\"created_at\":1,\"kind\":" text ",\"tags\":[],\"content\":\"\"" TAIL
#define WITH_TIME(text) HEAD "\"created_at\":" text ",\"kind\":1,\"tags\":[],\"content\":\"\"" TAIL
#define WITH_MORE(text) HEAD "\"created_at\":1,\"kind\":1,\"tags\":[],\"content\":\"\"," text TAIL

/* The key is thirty-one zeros and the number, 1 to 255. */
static inline void maker_key(uint8_t key[static 32], uint8_t who) {
    memset(key, 0, 32);
    key[31] = who;
}

static inline ht_hash32 maker_pubkey(uint8_t who) {
    uint8_t key[32];
    ht_hash32 x;
    maker_key(key, who);
    ht_assert(ht_secp256k1_public_key_x(x.b, key, NULL) == HT_OK);
    return x;
}

/* Fills in pubkey, id and sig of an event whose other members are there. */
static inline void maker_sign(struct ht_event *event, uint8_t who) {
    uint8_t key[32];
    maker_key(key, who);
    event->pubkey = maker_pubkey(who);
    ht_assert(ht_event_id(&event->id, event) == HT_OK);
    ht_assert(ht_schnorr_sign(event->sig, &event->id, key, NULL, NULL) == HT_OK);
}

#endif
