/* NIP-19's names for people and events: npub, note, nprofile, nevent, naddr; with "nostr:" in front
 * (NIP-21) or without. nsec is none of them: secrets are node/crypto/nip49.h's.
 *
 * Reasons: those of node/codec/bech32.h; HT_EINPUT entity_kind (another prefix, nsec too),
 * entity_parts (a part that is cut off, of another length or missing); HT_ENOMEM no_memory (also
 * when the arena is full). Parts of unknown types are left out, as NIP-19 asks. Any thread. */
#ifndef HT_NOSTR_ENTITY_H
#define HT_NOSTR_ENTITY_H

#include "node/base/arena.h"

#define HT_ENTITY_RELAYS_MAX 16U
#define HT_ENTITY_TEXT_MAX 5000U
/* Room that an arena needs for reading one. */
#define HT_ENTITY_ARENA ((size_t)8192)

enum ht_entity_kind {
    HT_ENTITY_NPUB,
    HT_ENTITY_NOTE,
    HT_ENTITY_NPROFILE,
    HT_ENTITY_NEVENT,
    HT_ENTITY_NADDR,
};

struct ht_entity {
    enum ht_entity_kind kind;
    ht_hash32 key;       /* the id of note and nevent, the author of the others */
    ht_hash32 author;    /* of a nevent, when has_author */
    uint32_t event_kind; /* of a nevent, when has_event_kind; of a naddr always */
    bool has_author, has_event_kind;
    ht_bytes identifier; /* of a naddr: the d tag, possibly empty */
    /* Hints, as they came: text from outside. Those behind the bound are left out. */
    ht_bytes relays[HT_ENTITY_RELAYS_MAX];
    size_t relay_count;
};

/* Its texts are the arena's. */
enum ht_err ht_entity_read(struct ht_entity *out, struct ht_arena *arena, ht_bytes text,
                           struct ht_why *why) HT_MUST_USE;

/* Writes the text, without "nostr:", and a zero. HT_ELIMIT when it does not fit in size, or an
 * identifier or relay has more than 255 bytes. */
enum ht_err ht_entity_write(char *out, size_t size, const struct ht_entity *entity) HT_MUST_USE;

#endif
