/* Nostr events: strict reading, canonical serialisation, id and signature.
 *
 * NIP-01 to the letter: an event is an object with the seven members (others must be JSON, and are
 * not kept), `id`, `pubkey` and `sig` lowercase hex, `kind` 0 to 65535, `created_at` a non-negative
 * integer up to HT_EVENT_TIME_MAX, tags arrays of strings. The serialisation that is hashed escapes
 * \n \" \\ \r \t \b \f; other characters below U+0020 stand as \u00xx in lowercase, as JSON asks
 * and as everybody hashes them; all others, U+007F too, stand verbatim.
 *
 * Everything an event points to is the arena's or the text's. Pure; any thread.
 *
 * Reasons, HT_EINPUT: event_malformed (no such JSON: syntax, duplicate keys, lone surrogates, bad
 * UTF-8, nesting), event_field (names the member: missing, of another type, numbers with a
 * fraction, an exponent or a sign, out of bounds; or that the whole is no object); HT_ELIMIT:
 * event_too_large, event_tags; HT_EUNVERIFIED: event_id (not the hash of the rest),
 * event_signature; HT_ENOMEM no_memory (also when the arena is full). */
#ifndef HT_NOSTR_EVENT_H
#define HT_NOSTR_EVENT_H

#include "node/base/arena.h"
#include "node/crypto/secp256k1.h"

#define HT_EVENT_SIZE_MAX ((size_t)128 << 10) /* bytes of its JSON */
#define HT_EVENT_TAGS_MAX 5000U
#define HT_EVENT_TAG_ITEMS_MAX 256U
/* 2^53 - 1: beyond it programs that read numbers as doubles hash something else. */
#define HT_EVENT_TIME_MAX INT64_C(9007199254740991)
/* Room that an arena needs for reading one event of n bytes, whatever is in it. */
#define HT_EVENT_ARENA(n) (32 * (n) + 16384)

struct ht_event_tag {
    const ht_bytes *items; /* UTF-8, decoded */
    size_t count;          /* at least 1 in what is read: an empty tag is HT_EINPUT event_field */
};

struct ht_event {
    ht_hash32 id;
    ht_hash32 pubkey; /* x-only, BIP-340 */
    uint8_t sig[HT_SCHNORR_SIZE];
    int64_t created_at; /* seconds */
    uint32_t kind;
    const struct ht_event_tag *tags;
    size_t tag_count;
    ht_bytes content; /* UTF-8, decoded */
    /* The object as it came; written anew in the arena when there was space between its parts or a
     * member of another name. What is stored and sent on. */
    ht_bytes json;
};

/* Reads one object that fills the text, but for space around it. Nothing is verified. See
 * event_read.h for one at the front of a longer text. */
enum ht_err ht_event_read(struct ht_event *out, struct ht_arena *arena, ht_bytes text,
                          struct ht_why *why) HT_MUST_USE;

/* Appends [0,"pubkey",created_at,kind,tags,"content"]. HT_ELIMIT, HT_ENOMEM; out is as it was then.
 * What was read is never longer here than its text. */
enum ht_err ht_event_serialize(struct ht_buf *out, const struct ht_event *event) HT_MUST_USE;
/* Its SHA-256. HT_ENOMEM; HT_ELIMIT when the serialisation is longer than 8 HT_EVENT_SIZE_MAX. */
enum ht_err ht_event_id(ht_hash32 *out, const struct ht_event *event) HT_MUST_USE;
/* Appends the event as an object, members in the order of NIP-01, without space. */
enum ht_err ht_event_write(struct ht_buf *out, const struct ht_event *event) HT_MUST_USE;

/* That the id is the hash of the rest: HT_EUNVERIFIED event_id. */
enum ht_err ht_event_check_id(const struct ht_event *event, struct ht_why *why) HT_MUST_USE;
/* That the id is the hash and the signature the author's. About 20 % slower than with the keys of
 * event_keys.h. */
enum ht_err ht_event_verify(const struct ht_event *event, struct ht_why *why) HT_MUST_USE;

enum ht_event_class {
    HT_EVENT_REGULAR,
    HT_EVENT_REPLACEABLE, /* 0, 3, 10000 … 19999 */
    HT_EVENT_EPHEMERAL,   /* 20000 … 29999 */
    HT_EVENT_ADDRESSABLE, /* 30000 … 39999, by its d tag */
};
enum ht_event_class ht_event_class_of(uint32_t kind);

/* The first tag with that name, NULL without; its i-th item, empty when it is not there. */
const struct ht_event_tag *ht_event_find_tag(const struct ht_event *event, const char *name);
ht_bytes ht_event_tag_item(const struct ht_event_tag *tag, size_t i);
/* The d tag's value, empty without (NIP-01). */
ht_bytes ht_event_d(const struct ht_event *event);
/* NIP-40: seconds, or INT64_MAX when it does not expire or what it says is no number. */
int64_t ht_event_expiration(const struct ht_event *event);
/* NIP-70: has a tag "-". */
bool ht_event_is_protected(const struct ht_event *event);
/* NIP-13: leading zero bits of an id; the target an event commits to, 0 without. */
unsigned ht_event_difficulty(const ht_hash32 *id);
unsigned ht_event_difficulty_target(const struct ht_event *event);
/* 32 bytes of lowercase hex; false for anything else, out is as it was then. */
bool ht_event_hex32(ht_hash32 *out, ht_bytes text);

#endif
