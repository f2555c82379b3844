/* The three layers of a private message, put on and taken off. Encrypting and signing with the
 * owner's key is the signer's; the key of a wrap is made, used and forgotten here. */
#include "social/messages/gift_wrap.h"

#include <stdlib.h>

#include <sodium.h>

#include "node/crypto/nip44.h"

/* Behind the content of an event as ht_event_write has it: ,"sig":"…"} */
#define SIG_TAIL (8U + 2U * HT_SCHNORR_SIZE + 2U)

enum step { STEP_ENCRYPT, STEP_SIGN, STEP_SEAL, STEP_RUMOR, STEP_DONE };

struct ht_gift_wrapping {
    struct ht_gift_terms terms;
    enum step step;
    struct ht_buf rumor, content, result;
    struct ht_event seal;
};

struct ht_gift_opening {
    enum step step;
    ht_hash32 author; /* who sealed it */
    struct ht_arena seal, rumor;
    struct ht_event event; /* the rumor */
};

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a private message");
}

/* Why an event could not be made. */
static enum ht_err not_written(enum ht_err err, struct ht_why *why) {
    if (err == HT_OK) return HT_OK;
    if (err == HT_ENOMEM) return no_memory(why);
    return ht_fail(why, HT_ELIMIT, "gift_too_large", "a private message has at most %zu bytes",
                   HT_GIFT_RUMOR_MAX);
}

static enum ht_err bad_answer(struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "gift_answer", "the signer gave no such thing");
}

/* The JSON of an event without its sig. */
static enum ht_err write_unsigned(struct ht_buf *out, const struct ht_event *event) {
    size_t before = out->n;
    enum ht_err err = ht_event_write(out, event);
    if (err != HT_OK) return err;
    out->n -= SIG_TAIL;
    err = ht_buf_add_str(out, "}");
    if (err != HT_OK) out->n = before;
    return err;
}

enum ht_err ht_gift_write_rumor(struct ht_buf *out, struct ht_event *rumor, struct ht_why *why) {
    struct ht_buf text;
    ht_buf_init(&text, HT_GIFT_RUMOR_MAX + SIG_TAIL);
    enum ht_err err = ht_event_id(&rumor->id, rumor);
    if (err == HT_OK) err = write_unsigned(&text, rumor);
    if (err == HT_OK && text.n > HT_GIFT_RUMOR_MAX) err = HT_ELIMIT;
    if (err == HT_OK) err = ht_buf_add(out, ht_buf_view(&text));
    ht_buf_fini(&text);
    return not_written(err, why);
}

/* --- sending ----------------------------------------------------------------------------------*/

static int64_t past(const struct ht_gift_terms *terms) {
    return terms->now_s - (int64_t)ht_random_below(terms->random, (uint64_t)HT_GIFT_PAST_S + 1);
}

enum ht_err ht_gift_wrapping_new(struct ht_gift_wrapping **out, struct ht_gift_ask *ask,
                                 const struct ht_event *rumor, const struct ht_gift_terms *terms,
                                 struct ht_why *why) {
    ht_assert(terms->kind == HT_GIFT_WRAP || terms->kind == HT_GIFT_WRAP_EPHEMERAL);
    struct ht_gift_wrapping *wrapping = calloc(1, sizeof *wrapping);
    if (wrapping == NULL) return no_memory(why);
    struct ht_event event = *rumor;
    wrapping->terms = *terms;
    ht_buf_init(&wrapping->rumor, HT_GIFT_RUMOR_MAX);
    ht_buf_init(&wrapping->content, HT_NIP44_ENCRYPT_ROOM);
    ht_buf_init(&wrapping->result, HT_EVENT_SIZE_MAX);
    enum ht_err err = ht_gift_write_rumor(&wrapping->rumor, &event, why);
    if (err != HT_OK) {
        ht_gift_wrapping_free(wrapping);
        return err;
    }
    wrapping->step = STEP_ENCRYPT;
    wrapping->seal =
        (struct ht_event){.pubkey = rumor->pubkey, .created_at = past(terms), .kind = HT_GIFT_SEAL};
    *ask = (struct ht_gift_ask){
        .need = HT_GIFT_ENCRYPT, .peer = terms->recipient, .data = ht_buf_view(&wrapping->rumor)};
    *out = wrapping;
    return HT_OK;
}

static enum ht_err take_payload(struct ht_gift_ask *ask, struct ht_gift_wrapping *wrapping,
                                ht_bytes answer, struct ht_why *why) {
    if (answer.n < HT_NIP44_PAYLOAD_MIN || answer.n > HT_NIP44_PAYLOAD_MAX) return bad_answer(why);
    struct ht_event *seal = &wrapping->seal;
    enum ht_err err = ht_buf_add(&wrapping->content, answer);
    if (err != HT_OK) return not_written(err, why);
    seal->content = ht_buf_view(&wrapping->content);
    err = ht_event_id(&seal->id, seal);
    if (err != HT_OK) return not_written(err, why);
    wrapping->step = STEP_SIGN;
    *ask = (struct ht_gift_ask){.need = HT_GIFT_SIGN, .data = HT_BYTES(seal->id.b)};
    return HT_OK;
}

static void make_key(uint8_t key[static 32], const struct ht_random *random) {
    do {
        ht_random_fill(random, key, 32);
    } while (ht_secp256k1_check_key(key, NULL) != HT_OK);
}

/* Encrypts what is in `rumor` now, the seal, and signs, both with a fresh key. */
static enum ht_err sign_wrap(struct ht_event *wrap, struct ht_gift_wrapping *wrapping,
                             const uint8_t key[static 32], struct ht_why *why) {
    uint8_t conversation[HT_NIP44_KEY_SIZE];
    uint8_t fresh[32]; /* a nonce, then what the signature is blinded with */
    const struct ht_gift_terms *terms = &wrapping->terms;
    enum ht_err err = ht_nip44_conversation_key(conversation, key, terms->recipient.b, why);
    if (err != HT_OK) return err;
    ht_random_fill(terms->random, fresh, sizeof fresh);
    ht_buf_clear(&wrapping->content);
    err = ht_nip44_encrypt(&wrapping->content, conversation, fresh, ht_buf_view(&wrapping->rumor),
                           why);
    sodium_memzero(conversation, sizeof conversation);
    if (err != HT_OK) return err;
    wrap->content = ht_buf_view(&wrapping->content);
    err = ht_secp256k1_public_key_x(wrap->pubkey.b, key, why);
    if (err == HT_OK) err = not_written(ht_event_id(&wrap->id, wrap), why);
    if (err != HT_OK) return err;
    ht_random_fill(terms->random, fresh, sizeof fresh);
    return ht_schnorr_sign(wrap->sig, &wrap->id, key, fresh, why);
}

static enum ht_err make_wrap(struct ht_gift_wrapping *wrapping, struct ht_why *why) {
    static const char digits[] = "0123456789abcdef";
    const struct ht_gift_terms *terms = &wrapping->terms;
    uint8_t key[32];
    char hex[64];
    for (size_t i = 0; i < sizeof hex; i++) {
        hex[i] = digits[terms->recipient.b[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
    }
    const ht_bytes items[] = {ht_bytes_str("p"), ht_bytes_of(hex, sizeof hex)};
    const struct ht_event_tag tag = {.items = items, .count = 2};
    bool is_kept = terms->kind == HT_GIFT_WRAP;
    struct ht_event wrap = {.created_at = is_kept ? past(terms) : terms->now_s,
                            .kind = (uint32_t)terms->kind,
                            .tags = &tag,
                            .tag_count = 1};
    make_key(key, terms->random);
    enum ht_err err = sign_wrap(&wrap, wrapping, key, why);
    sodium_memzero(key, sizeof key);
    return err == HT_OK ? not_written(ht_event_write(&wrapping->result, &wrap), why) : err;
}

static enum ht_err take_signature(struct ht_gift_ask *ask, struct ht_gift_wrapping *wrapping,
                                  ht_bytes answer, struct ht_why *why) {
    if (answer.n != HT_SCHNORR_SIZE) return bad_answer(why);
    memcpy(wrapping->seal.sig, answer.p, HT_SCHNORR_SIZE);
    /* A seal of another key would reach the recipient as a forgery. */
    enum ht_err err = ht_event_verify(&wrapping->seal, why);
    if (err != HT_OK) return err;
    ht_buf_fini(&wrapping->rumor);
    ht_buf_init(&wrapping->rumor, HT_EVENT_SIZE_MAX);
    err = not_written(ht_event_write(&wrapping->rumor, &wrapping->seal), why);
    if (err == HT_OK) err = make_wrap(wrapping, why);
    if (err != HT_OK) return err;
    wrapping->step = STEP_DONE;
    *ask = (struct ht_gift_ask){.need = HT_GIFT_DONE, .data = ht_buf_view(&wrapping->result)};
    return HT_OK;
}

enum ht_err ht_gift_wrapping_next(struct ht_gift_ask *ask, struct ht_gift_wrapping *wrapping,
                                  ht_bytes answer, struct ht_why *why) {
    if (wrapping->step == STEP_ENCRYPT) return take_payload(ask, wrapping, answer, why);
    ht_assert(wrapping->step == STEP_SIGN);
    return take_signature(ask, wrapping, answer, why);
}

void ht_gift_wrapping_free(struct ht_gift_wrapping *wrapping) {
    if (wrapping == NULL) return;
    ht_buf_fini(&wrapping->rumor);
    ht_buf_fini(&wrapping->content);
    ht_buf_fini(&wrapping->result);
    free(wrapping);
}

/* --- opening ----------------------------------------------------------------------------------*/

enum ht_err ht_gift_opening_new(struct ht_gift_opening **out, struct ht_gift_ask *ask,
                                const struct ht_event *wrap, struct ht_why *why) {
    if (wrap->kind != HT_GIFT_WRAP && wrap->kind != HT_GIFT_WRAP_EPHEMERAL) {
        return ht_fail(why, HT_EINPUT, "gift_kind", "an event of kind %u is no gift wrap",
                       (unsigned)wrap->kind);
    }
    struct ht_gift_opening *opening = calloc(1, sizeof *opening);
    if (opening == NULL) return no_memory(why);
    opening->step = STEP_SEAL;
    *ask =
        (struct ht_gift_ask){.need = HT_GIFT_DECRYPT, .peer = wrap->pubkey, .data = wrap->content};
    *out = opening;
    return HT_OK;
}

static enum ht_err open_seal(struct ht_gift_ask *ask, struct ht_gift_opening *opening,
                             ht_bytes text, struct ht_why *why) {
    struct ht_event seal;
    if (text.n > HT_EVENT_SIZE_MAX) return not_written(HT_ELIMIT, why);
    ht_arena_init(&opening->seal, HT_EVENT_ARENA(text.n) + text.n + 1);
    /* What it points to outlives the answer. */
    const char *copy = ht_arena_copy_str(&opening->seal, text);
    if (copy == NULL) return no_memory(why);
    enum ht_err err = ht_event_read(&seal, &opening->seal, ht_bytes_of(copy, text.n), why);
    if (err == HT_OK && seal.kind != HT_GIFT_SEAL) {
        err = ht_fail(why, HT_EINPUT, "gift_kind", "what is wrapped is no seal");
    } else if (err == HT_OK && seal.tag_count > 0) {
        err = ht_fail(why, HT_EINPUT, "gift_seal", "a seal has no tags");
    }
    if (err == HT_OK) err = ht_event_verify(&seal, why);
    if (err != HT_OK) {
        ht_why_context(why, "the seal of a private message");
        return err;
    }
    opening->author = seal.pubkey;
    opening->step = STEP_RUMOR;
    *ask = (struct ht_gift_ask){.need = HT_GIFT_DECRYPT, .peer = seal.pubkey, .data = seal.content};
    return HT_OK;
}

/* Events are read with a sig; a rumor is given one of zeros, so that the one strict reader reads
 * both. One that has its own has two then. */
static enum ht_err read_unsigned(struct ht_event *out, struct ht_arena *arena, ht_bytes text,
                                 struct ht_why *why) {
    static const char sig[] = ",\"sig\":\"";
    while (text.n > 0 && strchr(" \t\r\n", text.p[text.n - 1]) != NULL && text.p[text.n - 1] != 0) {
        text.n--;
    }
    if (text.n == 0 || text.p[text.n - 1] != '}') {
        return ht_fail(why, HT_EINPUT, "event_malformed", "it is no JSON object");
    }
    size_t n = text.n - 1;
    uint8_t *copy = ht_arena_alloc(arena, n + SIG_TAIL);
    if (copy == NULL) return no_memory(why);
    memcpy(copy, text.p, n);
    memcpy(copy + n, sig, sizeof sig - 1);
    memset(copy + n + sizeof sig - 1, '0', (size_t)2 * HT_SCHNORR_SIZE);
    memcpy(copy + n + SIG_TAIL - 2, "\"}", 2);
    return ht_event_read(out, arena, ht_bytes_of(copy, n + SIG_TAIL), why);
}

static enum ht_err check_rumor(struct ht_gift_opening *opening, struct ht_why *why) {
    struct ht_event *event = &opening->event;
    struct ht_buf json;
    if (!ht_hash32_equal(&event->pubkey, &opening->author)) {
        return ht_fail(why, HT_EUNVERIFIED, "gift_author",
                       "it names another author than the one who sealed it");
    }
    enum ht_err err = ht_event_check_id(event, why);
    if (err != HT_OK) return err;
    ht_buf_init(&json, HT_EVENT_SIZE_MAX + SIG_TAIL);
    err = not_written(write_unsigned(&json, event), why);
    char *copy = err == HT_OK ? ht_arena_copy_str(&opening->rumor, ht_buf_view(&json)) : NULL;
    if (copy != NULL) event->json = ht_bytes_of(copy, json.n);
    ht_buf_fini(&json);
    return err == HT_OK && copy == NULL ? no_memory(why) : err;
}

static enum ht_err open_rumor(struct ht_gift_ask *ask, struct ht_gift_opening *opening,
                              ht_bytes text, struct ht_why *why) {
    if (text.n > HT_EVENT_SIZE_MAX - SIG_TAIL) return not_written(HT_ELIMIT, why);
    size_t n = text.n + SIG_TAIL;
    ht_arena_init(&opening->rumor, HT_EVENT_ARENA(n) + 2 * n + 64);
    enum ht_err err = read_unsigned(&opening->event, &opening->rumor, text, why);
    if (err == HT_OK) err = check_rumor(opening, why);
    if (err != HT_OK) {
        ht_why_context(why, "what is in a private message");
        return err;
    }
    ht_arena_fini(&opening->seal);
    opening->step = STEP_DONE;
    *ask = (struct ht_gift_ask){.need = HT_GIFT_DONE, .data = opening->event.json};
    return HT_OK;
}

enum ht_err ht_gift_opening_next(struct ht_gift_ask *ask, struct ht_gift_opening *opening,
                                 ht_bytes answer, struct ht_why *why) {
    if (opening->step == STEP_SEAL) return open_seal(ask, opening, answer, why);
    ht_assert(opening->step == STEP_RUMOR);
    return open_rumor(ask, opening, answer, why);
}

const struct ht_event *ht_gift_opening_rumor(const struct ht_gift_opening *opening) {
    ht_assert(opening->step == STEP_DONE);
    return &opening->event;
}

void ht_gift_opening_free(struct ht_gift_opening *opening) {
    if (opening == NULL) return;
    ht_arena_fini(&opening->seal);
    ht_arena_fini(&opening->rumor);
    free(opening);
}
