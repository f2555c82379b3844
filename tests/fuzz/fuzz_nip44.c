/* NIP-44 and what is in a gift wrap, from any bytes. The first byte chooses: a payload as it is; a
 * frame, which is encoded and authenticated here, so that padding is reached; a text there and
 * back; a seal and a rumor as they come out of a wrap. */
#include <stdlib.h>

#include <sodium.h>

#include "node/crypto/nip44.h"
#include "social/messages/gift_wrap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define FRAME_MAX 4096U

static const uint8_t conversation[HT_NIP44_KEY_SIZE] = {1, 2, 3};
static const uint8_t nonce[HT_NIP44_NONCE_SIZE] = {4, 5, 6};

static void must(bool claim) {
    if (!claim) abort();
}

/* What is taken has the one form that encrypting gives, whatever its nonce and its zeros. */
static void check_payload(ht_bytes payload) {
    struct ht_buf plain;
    struct ht_buf again;
    struct ht_why why = {.code = NULL};
    ht_buf_init(&plain, HT_NIP44_DECRYPT_ROOM);
    ht_buf_init(&again, HT_NIP44_ENCRYPT_ROOM);
    if (ht_nip44_decrypt(&plain, conversation, payload, &why) != HT_OK) {
        must(why.code != NULL && plain.n == 0);
    } else {
        must(ht_nip44_encrypt(&again, conversation, nonce, ht_buf_view(&plain), NULL) == HT_OK);
        must(again.n == payload.n);
    }
    ht_buf_fini(&plain);
    ht_buf_fini(&again);
}

static void check_frame(ht_bytes padded) {
    static uint8_t frame[FRAME_MAX + HT_NIP44_FRAME_SIZE];
    static char text[2 * sizeof frame];
    struct ht_nip44_keys keys;
    crypto_auth_hmacsha256_state mac;
    if (padded.n > FRAME_MAX) padded.n = FRAME_MAX;
    frame[0] = 2;
    memcpy(frame + 1, nonce, sizeof nonce);
    ht_nip44_message_keys(&keys, conversation, nonce);
    (void)crypto_stream_chacha20_ietf_xor(frame + 33, padded.p, padded.n, keys.chacha_nonce,
                                          keys.chacha_key);
    (void)crypto_auth_hmacsha256_init(&mac, keys.hmac_key, sizeof keys.hmac_key);
    (void)crypto_auth_hmacsha256_update(&mac, frame + 1, 32 + padded.n);
    (void)crypto_auth_hmacsha256_final(&mac, frame + 33 + padded.n);
    (void)sodium_bin2base64(text, sizeof text, frame, HT_NIP44_FRAME_SIZE + padded.n,
                            sodium_base64_VARIANT_ORIGINAL);
    check_payload(ht_bytes_str(text));
}

static void check_text(ht_bytes plain) {
    struct ht_buf payload;
    struct ht_buf again;
    ht_buf_init(&payload, HT_NIP44_ENCRYPT_ROOM);
    ht_buf_init(&again, HT_NIP44_DECRYPT_ROOM);
    enum ht_err err = ht_nip44_encrypt(&payload, conversation, nonce, plain, NULL);
    must((err == HT_OK) == (plain.n > 0 && plain.n <= HT_NIP44_PLAIN_MAX));
    if (err == HT_OK) {
        must(ht_nip44_decrypt(&again, conversation, ht_buf_view(&payload), NULL) == HT_OK);
        must(ht_bytes_equal(ht_buf_view(&again), plain));
    }
    ht_buf_fini(&payload);
    ht_buf_fini(&again);
}

/* A seal of the key 1 around the text. */
static void make_seal(struct ht_buf *out) {
    static const uint8_t key[32] = {[31] = 1};
    struct ht_event seal = {.kind = HT_GIFT_SEAL};
    must(ht_secp256k1_public_key_x(seal.pubkey.b, key, NULL) == HT_OK);
    must(ht_event_id(&seal.id, &seal) == HT_OK);
    must(ht_schnorr_sign(seal.sig, &seal.id, key, NULL, NULL) == HT_OK);
    must(ht_event_write(out, &seal) == HT_OK);
}

static void check_gift(ht_bytes text, bool is_rumor) {
    static struct ht_buf seal;
    const struct ht_event wrap = {.kind = HT_GIFT_WRAP};
    struct ht_gift_opening *opening = NULL;
    struct ht_gift_ask ask;
    struct ht_why why = {.code = NULL};
    if (seal.max == 0) {
        ht_buf_init(&seal, HT_EVENT_SIZE_MAX);
        make_seal(&seal);
    }
    must(ht_gift_opening_new(&opening, &ask, &wrap, NULL) == HT_OK);
    if (is_rumor) {
        must(ht_gift_opening_next(&ask, opening, ht_buf_view(&seal), NULL) == HT_OK);
    }
    enum ht_err err = ht_gift_opening_next(&ask, opening, text, &why);
    must(err == HT_OK || why.code != NULL);
    if (err == HT_OK && is_rumor) {
        must(ht_event_check_id(ht_gift_opening_rumor(opening), NULL) == HT_OK);
    }
    ht_gift_opening_free(opening);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (n == 0) return 0;
    ht_bytes rest = ht_bytes_of(data + 1, n - 1);
    switch (data[0] % 5) {
    case 0: check_payload(rest); break;
    case 1: check_frame(rest); break;
    case 2: check_text(rest); break;
    default: check_gift(rest, data[0] % 5 == 4); break;
    }
    return 0;
}
