/* What is encrypted between two Nostr keys. Forms of cases:
 *   NIP-44    {"v2": {"valid": {…}, "invalid": {…}}}, the official file; {"rows": [[plaintext_len,
 *             padded_len, plaintext_sha256, payload_sha256]]}, of the extended length; [{"sec1",
 *             "sec2", "conversation_key", "nonce", "plaintext" | "pattern", "repeat"}]
 *   NIP-59    [{"sender_sk", "recipient_sk", "rumor", "wrap", "expect"}] */
#include <stdio.h>

#include "node/base/clock.h"
#include "node/base/hex.h"
#include "node/crypto/nip44.h"
#include "node/crypto/sha256.h"
#include "social/messages/gift_wrap.h"
#include "tests/vectors/suite_keys.h"
#include "tests/vectors/suite_social.h"

#define TEXT_MAX ((size_t)1 << 20)

static enum ht_err not_so(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EBUG, "case", "%s", what);
}

static void report(struct ht_social_run *run, const char *group, size_t index, enum ht_err err,
                   const struct ht_why *why) {
    char name[80];
    (void)snprintf(name, sizeof name, "%s/%zu", group, index);
    run->nip44++;
    ht_social_report(run, name, err, why);
}

/* Judges each element of the array at the path. */
static void run_each(struct ht_social_run *run, const json_t *document, const char *path,
                     enum ht_err (*judge)(const json_t *one, struct ht_why *why)) {
    const json_t *list = NULL;
    size_t index = 0;
    const json_t *one = NULL;
    if (ht_json_array(&list, document, path, NULL) != HT_OK) return;
    json_array_foreach(list, index, one) {
        struct ht_why why = {.code = "", .text = ""};
        enum ht_err err = judge(one, &why);
        report(run, path, index, err, &why);
    }
}

/* --- NIP-44 -----------------------------------------------------------------------------------*/

static enum ht_err conversation(uint8_t out[static 32], const json_t *one, struct ht_why *why) {
    uint8_t key[32];
    uint8_t x[32];
    enum ht_err err = ht_keys_hex(key, 32, one, "sec1", why);
    if (err == HT_OK && ht_json_member(one, "sec2") != NULL) {
        uint8_t other[32];
        err = ht_keys_hex(other, 32, one, "sec2", why);
        if (err == HT_OK) err = ht_secp256k1_public_key_x(x, other, why);
    } else if (err == HT_OK) {
        err = ht_keys_hex(x, 32, one, "pub2", why);
    }
    return err == HT_OK ? ht_nip44_conversation_key(out, key, x, why) : err;
}

static enum ht_err judge_conversation(const json_t *one, struct ht_why *why) {
    uint8_t key[32];
    enum ht_err err = conversation(key, one, why);
    return err == HT_OK ? ht_keys_same(one, "conversation_key", key, sizeof key, why) : err;
}

static enum ht_err judge_no_conversation(const json_t *one, struct ht_why *why) {
    uint8_t key[32];
    if (conversation(key, one, why) == HT_EINPUT) return HT_OK;
    return not_so(why, "keys that are none were taken");
}

static enum ht_err judge_padding(const json_t *one, struct ht_why *why) {
    uint64_t n = 0;
    uint64_t padded = 0;
    enum ht_err err = ht_json_u64(&n, one, "[0]", why);
    if (err == HT_OK) err = ht_json_u64(&padded, one, "[1]", why);
    if (err == HT_OK && ht_nip44_padded_size((size_t)n) != padded) {
        err = not_so(why, "padded to another length");
    }
    return err;
}

/* Appends "plaintext", or "pattern" as often as "repeat" says. */
static enum ht_err add_plain(struct ht_buf *out, const json_t *one, struct ht_why *why) {
    ht_bytes text = {NULL, 0};
    uint64_t repeat = 1;
    bool is_long = ht_json_member(one, "pattern") != NULL;
    enum ht_err err = ht_json_str(&text, one, is_long ? "pattern" : "plaintext", why);
    if (err == HT_OK && is_long) err = ht_json_u64(&repeat, one, "repeat", why);
    for (uint64_t i = 0; i < repeat && err == HT_OK; i++) err = ht_buf_add(out, text);
    return err;
}

static enum ht_err same_hash(const json_t *one, const char *path, ht_bytes bytes,
                             struct ht_why *why) {
    ht_hash32 hash;
    ht_sha256(&hash, bytes);
    return ht_keys_same(one, path, hash.b, sizeof hash.b, why);
}

static enum ht_err same_texts(const json_t *one, ht_bytes plain, ht_bytes payload,
                              struct ht_why *why) {
    ht_bytes want = {NULL, 0};
    if (ht_json_member(one, "payload_sha256") != NULL) {
        enum ht_err err = same_hash(one, "plaintext_sha256", plain, why);
        return err == HT_OK ? same_hash(one, "payload_sha256", payload, why) : err;
    }
    enum ht_err err = ht_json_str(&want, one, "payload", why);
    if (err != HT_OK || ht_bytes_equal(want, payload)) return err;
    return not_so(why, "another payload");
}

/* Encrypts, and decrypts what that gives. */
static enum ht_err there_and_back(struct ht_buf *payload, const uint8_t key[static 32],
                                  const uint8_t nonce[static 32], ht_bytes plain,
                                  struct ht_why *why) {
    struct ht_buf again;
    ht_buf_init(&again, HT_NIP44_DECRYPT_ROOM);
    enum ht_err err = ht_nip44_encrypt(payload, key, nonce, plain, why);
    if (err == HT_OK) err = ht_nip44_decrypt(&again, key, ht_buf_view(payload), why);
    if (err == HT_OK && !ht_bytes_equal(ht_buf_view(&again), plain)) {
        err = not_so(why, "another text comes back");
    }
    ht_buf_fini(&again);
    return err;
}

static enum ht_err judge_text(const json_t *one, struct ht_why *why) {
    uint8_t key[32];
    uint8_t nonce[32];
    struct ht_buf plain;
    struct ht_buf payload;
    ht_buf_init(&plain, TEXT_MAX);
    ht_buf_init(&payload, HT_NIP44_ENCRYPT_ROOM);
    enum ht_err err = HT_OK;
    if (ht_json_member(one, "sec1") != NULL) err = judge_conversation(one, why);
    if (err == HT_OK) err = ht_keys_hex(key, sizeof key, one, "conversation_key", why);
    if (err == HT_OK) err = ht_keys_hex(nonce, sizeof nonce, one, "nonce", why);
    if (err == HT_OK) err = add_plain(&plain, one, why);
    if (err == HT_OK) err = there_and_back(&payload, key, nonce, ht_buf_view(&plain), why);
    if (err == HT_OK) err = same_texts(one, ht_buf_view(&plain), ht_buf_view(&payload), why);
    ht_buf_fini(&plain);
    ht_buf_fini(&payload);
    return err;
}

static enum ht_err judge_no_text(const json_t *one, struct ht_why *why) {
    uint8_t key[32];
    ht_bytes payload = {NULL, 0};
    struct ht_buf plain;
    ht_buf_init(&plain, HT_NIP44_DECRYPT_ROOM);
    enum ht_err err = ht_keys_hex(key, sizeof key, one, "conversation_key", why);
    if (err == HT_OK) err = ht_json_str(&payload, one, "payload", why);
    if (err == HT_OK) {
        err = ht_nip44_decrypt(&plain, key, payload, why);
        bool is_refused = err == HT_EINPUT || err == HT_EUNVERIFIED || err == HT_ELIMIT;
        err = is_refused ? HT_OK : not_so(why, "a payload that is none was taken");
    }
    ht_buf_fini(&plain);
    return err;
}

static void run_message_keys(struct ht_social_run *run, const json_t *group) {
    uint8_t key[32];
    const json_t *list = NULL;
    size_t index = 0;
    const json_t *one = NULL;
    if (ht_json_array(&list, group, "keys", NULL) != HT_OK) return;
    if (ht_keys_hex(key, sizeof key, group, "conversation_key", NULL) != HT_OK) return;
    json_array_foreach(list, index, one) {
        struct ht_why why = {.code = "", .text = ""};
        uint8_t nonce[32];
        struct ht_nip44_keys keys = {{0}, {0}, {0}};
        enum ht_err err = ht_keys_hex(nonce, sizeof nonce, one, "nonce", &why);
        if (err == HT_OK) ht_nip44_message_keys(&keys, key, nonce);
        if (err == HT_OK) err = ht_keys_same(one, "chacha_key", keys.chacha_key, 32, &why);
        if (err == HT_OK) err = ht_keys_same(one, "chacha_nonce", keys.chacha_nonce, 12, &why);
        if (err == HT_OK) err = ht_keys_same(one, "hmac_key", keys.hmac_key, 32, &why);
        report(run, "get_message_keys", index, err, &why);
    }
}

/* Lengths that cannot be encrypted. Since June 2026 those that fit in the longer prefix can. */
static void run_lengths(struct ht_social_run *run, const json_t *list) {
    static const uint8_t key[32] = {1};
    static const uint8_t plain[HT_NIP44_PLAIN_MAX + 1];
    size_t index = 0;
    const json_t *one = NULL;
    json_array_foreach(list, index, one) {
        struct ht_why why = {.code = "", .text = ""};
        struct ht_buf payload;
        uint64_t n = 0;
        ht_buf_init(&payload, HT_NIP44_ENCRYPT_ROOM);
        enum ht_err err = ht_json_u64(&n, one, "", &why);
        bool is_superseded = n > UINT16_MAX && n <= HT_NIP44_PLAIN_MAX;
        if (n > HT_NIP44_PLAIN_MAX) n = HT_NIP44_PLAIN_MAX + 1;
        ht_bytes text = ht_bytes_of(plain, (size_t)n);
        if (err == HT_OK && is_superseded) {
            err = there_and_back(&payload, key, key, text, &why);
        } else if (err == HT_OK && ht_nip44_encrypt(&payload, key, key, text, &why) == HT_OK) {
            err = not_so(&why, "it was encrypted");
        }
        report(run, is_superseded ? "superseded lengths" : "lengths", index, err, &why);
        ht_buf_fini(&payload);
    }
}

static enum ht_err judge_row(const json_t *document, const json_t *row, struct ht_why *why) {
    uint8_t key[32];
    uint8_t nonce[32];
    uint64_t n = 0;
    ht_bytes byte = {NULL, 0};
    struct ht_buf payload;
    struct ht_buf plain;
    ht_buf_init(&payload, HT_NIP44_ENCRYPT_ROOM);
    ht_buf_init(&plain, HT_NIP44_PLAIN_MAX);
    enum ht_err err = ht_keys_hex(key, sizeof key, document, "conversation_key", why);
    if (err == HT_OK) err = ht_keys_hex(nonce, sizeof nonce, document, "nonce", why);
    if (err == HT_OK) err = ht_json_str(&byte, document, "byte", why);
    if (err == HT_OK) err = ht_json_u64(&n, row, "[0]", why);
    for (uint64_t i = 0; i < n && err == HT_OK; i++) err = ht_buf_add(&plain, byte);
    if (err == HT_OK) err = judge_padding(row, why);
    if (err == HT_OK) err = there_and_back(&payload, key, nonce, ht_buf_view(&plain), why);
    json_t *hashes = json_pack("{s:O, s:O}", "plaintext_sha256", json_array_get(row, 2),
                               "payload_sha256", json_array_get(row, 3));
    if (err == HT_OK) {
        err = same_texts(hashes, ht_buf_view(&plain), ht_buf_view(&payload), why);
    }
    json_decref(hashes);
    ht_buf_fini(&plain);
    ht_buf_fini(&payload);
    return err;
}

static void run_rows(struct ht_social_run *run, const json_t *document) {
    size_t index = 0;
    const json_t *row = NULL;
    if (ht_json_member(document, "byte") == NULL) return;
    json_array_foreach(ht_json_member(document, "rows"), index, row) {
        struct ht_why why = {.code = "", .text = ""};
        enum ht_err err = judge_row(document, row, &why);
        report(run, "rows", index, err, &why);
    }
}

void ht_social_run_nip44(struct ht_social_run *run, const json_t *document) {
    const json_t *group = NULL;
    size_t index = 0;
    const json_t *one = NULL;
    run_each(run, document, "v2.valid.get_conversation_key", judge_conversation);
    run_each(run, document, "v2.valid.calc_padded_len", judge_padding);
    run_each(run, document, "v2.valid.encrypt_decrypt", judge_text);
    run_each(run, document, "v2.valid.encrypt_decrypt_long_msg", judge_text);
    run_each(run, document, "v2.invalid.get_conversation_key", judge_no_conversation);
    run_each(run, document, "v2.invalid.decrypt", judge_no_text);
    if (ht_json_get(&group, document, "v2.valid.get_message_keys", NULL) == HT_OK) {
        run_message_keys(run, group);
    }
    if (ht_json_array(&group, document, "v2.invalid.encrypt_msg_lengths", NULL) == HT_OK) {
        run_lengths(run, group);
    }
    run_rows(run, document);
    json_array_foreach(document, index, one) {
        struct ht_why why = {.code = "", .text = ""};
        if (ht_json_member(one, "conversation_key") == NULL) continue;
        enum ht_err err = judge_text(one, &why);
        report(run, "texts", index, err, &why);
    }
}

/* --- NIP-59 -----------------------------------------------------------------------------------*/

/* Does for a step what the holder of the key does; the answer to out. */
static enum ht_err hold(struct ht_buf *out, const struct ht_gift_ask *ask, const uint8_t *key,
                        struct ht_why *why) {
    uint8_t conversation_key[32];
    uint8_t nonce[32];
    uint8_t signature[HT_SCHNORR_SIZE];
    ht_hash32 id;
    ht_buf_clear(out);
    if (ask->need == HT_GIFT_SIGN) {
        memcpy(id.b, ask->data.p, sizeof id.b);
        enum ht_err err = ht_schnorr_sign(signature, &id, key, NULL, why);
        return err == HT_OK ? ht_buf_add(out, HT_BYTES(signature)) : err;
    }
    enum ht_err err = ht_nip44_conversation_key(conversation_key, key, ask->peer.b, why);
    if (err != HT_OK) return err;
    if (ask->need == HT_GIFT_DECRYPT)
        return ht_nip44_decrypt(out, conversation_key, ask->data, why);
    ht_random_fill(&ht_system_random, nonce, sizeof nonce);
    return ht_nip44_encrypt(out, conversation_key, nonce, ask->data, why);
}

static enum ht_err open_wrap(struct ht_gift_opening **out, const struct ht_event *wrap,
                             const uint8_t *key, struct ht_why *why) {
    struct ht_gift_ask ask = {.need = HT_GIFT_DONE};
    struct ht_buf answer;
    ht_buf_init(&answer, HT_NIP44_ENCRYPT_ROOM);
    enum ht_err err = ht_event_verify(wrap, why);
    if (err == HT_OK) err = ht_gift_opening_new(out, &ask, wrap, why);
    while (err == HT_OK && ask.need != HT_GIFT_DONE) {
        err = hold(&answer, &ask, key, why);
        if (err == HT_OK) err = ht_gift_opening_next(&ask, *out, ht_buf_view(&answer), why);
    }
    ht_buf_fini(&answer);
    return err;
}

/* The wrap of the case opens as it says. */
static enum ht_err judge_opening(const json_t *one, const struct ht_event *wrap, const uint8_t *key,
                                 struct ht_why *why) {
    struct ht_gift_opening *opening = NULL;
    const char *expect = NULL;
    enum ht_err err = ht_json_text(&expect, one, "expect", why);
    if (err != HT_OK) return err;
    err = open_wrap(&opening, wrap, key, why);
    bool is_good = strcmp(expect, "ok") == 0;
    if ((err == HT_OK) != is_good) {
        if (err == HT_OK) err = not_so(why, "it was opened");
    } else if (is_good) {
        const struct ht_event *rumor = ht_gift_opening_rumor(opening);
        err = ht_keys_same(one, "rumor.id", rumor->id.b, 32, why);
        if (err == HT_OK) err = ht_keys_same(one, "rumor.pubkey", rumor->pubkey.b, 32, why);
        ht_bytes content = {NULL, 0};
        if (err == HT_OK) err = ht_json_str(&content, one, "rumor.content", why);
        if (err == HT_OK && !ht_bytes_equal(content, rumor->content)) {
            err = not_so(why, "another content");
        }
    } else {
        err = err == HT_EUNVERIFIED || err == HT_EINPUT ? HT_OK : err;
    }
    ht_gift_opening_free(opening);
    return err;
}

static enum ht_err judge_gift(const json_t *one, struct ht_why *why) {
    uint8_t key[32];
    struct ht_buf text;
    struct ht_arena arena;
    struct ht_event wrap;
    ht_buf_init(&text, TEXT_MAX);
    ht_arena_init(&arena, HT_EVENT_ARENA(HT_EVENT_SIZE_MAX));
    enum ht_err err = ht_keys_hex(key, sizeof key, one, "recipient_sk", why);
    if (err == HT_OK) err = ht_json_dump_compact(&text, ht_json_member(one, "wrap"));
    if (err == HT_OK) err = ht_event_read(&wrap, &arena, ht_buf_view(&text), why);
    if (err == HT_OK) err = judge_opening(one, &wrap, key, why);
    ht_arena_fini(&arena);
    ht_buf_fini(&text);
    return err;
}

void ht_social_run_gifts(struct ht_social_run *run, const json_t *document) {
    size_t index = 0;
    const json_t *one = NULL;
    json_array_foreach(document, index, one) {
        char name[40];
        struct ht_why why = {.code = "", .text = ""};
        if (ht_json_member(one, "rumor") == NULL || ht_json_member(one, "wrap") == NULL) continue;
        run->gifts++;
        (void)snprintf(name, sizeof name, "gift/%zu", index);
        enum ht_err err = judge_gift(one, &why);
        ht_social_report(run, name, err, &why);
    }
}
