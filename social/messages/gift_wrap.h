/* Gift wraps (NIP-59), as private messages have them (NIP-17): a rumor, which nobody signs, in a
 * seal, which its author signs, in a wrap from a key that is used once.
 *
 * Secret keys are in the signer process, so whoever wraps or opens goes step by step: each says
 * what the holder of the owner's key is to do, and the next takes what the holder answered. Nothing
 * waits and nothing is asked for here. Randomness and time come with the call. One object belongs
 * to one thread at a time.
 *
 * Reasons: HT_EINPUT "gift_kind" (no wrap, or no seal in it), "gift_seal" (it has tags),
 * "gift_answer" (the holder's answer cannot be one); those of event.h for seals and rumors, a rumor
 * with a signature being event_malformed; HT_EUNVERIFIED "gift_author" (the rumor names another
 * author than who sealed it), "event_id", "event_signature"; HT_ELIMIT "gift_too_large"; those of
 * nip44.h; HT_ENOMEM "no_memory". */
#ifndef HT_SOCIAL_MESSAGES_GIFT_WRAP_H
#define HT_SOCIAL_MESSAGES_GIFT_WRAP_H

#include "node/base/clock.h"
#include "node/nostr/event.h"

/* Bytes of a rumor's JSON: padded and encrypted twice, it is an event that relays take. */
#define HT_GIFT_RUMOR_MAX ((size_t)56 << 10)
/* Times of seals and wraps lie up to so far in the past, so that they tell nothing. */
#define HT_GIFT_PAST_S INT64_C(172800)

enum ht_gift_kind {
    HT_GIFT_SEAL = 13,
    HT_GIFT_WRAP = 1059,
    /* Relays pass it on and keep nothing; they take it when it is new, so its time is the true one.
     */
    HT_GIFT_WRAP_EPHEMERAL = 21059,
};

enum ht_gift_need {
    HT_GIFT_ENCRYPT, /* data to peer (NIP-44); the answer is the payload */
    HT_GIFT_DECRYPT, /* data, a payload, from peer; the answer is the plaintext */
    HT_GIFT_SIGN,    /* data, an event's id; the answer is the signature, 64 bytes */
    HT_GIFT_DONE,    /* data is the result: the wrap's JSON, the rumor's JSON */
};

/* What is needed next of the owner's key. data is good until the next step or the end. */
struct ht_gift_ask {
    enum ht_gift_need need;
    ht_hash32 peer;
    ht_bytes data;
};

/* Sets the id of a rumor, whose other members but sig are there, and appends its JSON, which has no
 * sig. HT_ELIMIT "gift_too_large". */
enum ht_err ht_gift_write_rumor(struct ht_buf *out, struct ht_event *rumor,
                                struct ht_why *why) HT_MUST_USE;

/* --- sending -------------------------------------------------------------------------------- */

struct ht_gift_wrapping;

struct ht_gift_terms {
    ht_hash32 recipient;    /* each one gets a wrap of its own, the author too */
    enum ht_gift_kind kind; /* of the wrap: HT_GIFT_WRAP or HT_GIFT_WRAP_EPHEMERAL */
    int64_t now_s;
    const struct ht_random *random; /* outlives the wrapping */
};

/* Takes a copy of the rumor, whose author is the owner. Asks to encrypt, then to sign. */
enum ht_err ht_gift_wrapping_new(struct ht_gift_wrapping **out, struct ht_gift_ask *ask,
                                 const struct ht_event *rumor, const struct ht_gift_terms *terms,
                                 struct ht_why *why) HT_MUST_USE;
/* Goes on with the holder's answer. After "gift_answer" it may get another one; after any other
 * error only ht_gift_wrapping_free is left to be called.
 * About 0.2 ms when it is done. */
enum ht_err ht_gift_wrapping_next(struct ht_gift_ask *ask, struct ht_gift_wrapping *wrapping,
                                  ht_bytes answer, struct ht_why *why) HT_MUST_USE;
/* NULL is fine. */
void ht_gift_wrapping_free(struct ht_gift_wrapping *wrapping);

/* --- opening -------------------------------------------------------------------------------- */

struct ht_gift_opening;

/* Opens a wrap whose signature was verified and which names the owner; it outlives the first step.
 * Asks to decrypt twice. */
enum ht_err ht_gift_opening_new(struct ht_gift_opening **out, struct ht_gift_ask *ask,
                                const struct ht_event *wrap, struct ht_why *why) HT_MUST_USE;
/* As ht_gift_wrapping_next; the seal's signature is verified here. */
enum ht_err ht_gift_opening_next(struct ht_gift_ask *ask, struct ht_gift_opening *opening,
                                 ht_bytes answer, struct ht_why *why) HT_MUST_USE;
/* Once it is done: what was inside. Its author is who sealed it, its id was checked, its sig means
 * nothing, its json is the canonical one without sig. Good until ht_gift_opening_free. */
const struct ht_event *ht_gift_opening_rumor(const struct ht_gift_opening *opening);
/* NULL is fine. */
void ht_gift_opening_free(struct ht_gift_opening *opening);

#endif
