/* NIP-44: keys of a conversation and of a message, padding, and the frame around both. Primitives
 * are libsecp256k1's and libsodium's; who holds the secret keys is for the signer. */
#include "node/crypto/nip44.h"

#include <secp256k1.h>
#include <secp256k1_ecdh.h>
#include <sodium.h>

#include "node/crypto/secp256k1.h"

#define VERSION 2U
#define SALT "nip44-v2"
#define MAC_SIZE 32U
#define NONCE_AT 1U
#define TEXT_AT (NONCE_AT + HT_NIP44_NONCE_SIZE)
#define SHORT_MAX 65535U /* what the two bytes in front of a text can say */
#define SHORT_HEAD 2U
#define LONG_HEAD 6U
#define PADDED_MIN 32U

_Static_assert(TEXT_AT + MAC_SIZE == HT_NIP44_FRAME_SIZE, "what is around a text");
_Static_assert(HT_NIP44_PAYLOAD_MIN == (HT_NIP44_FRAME_SIZE + SHORT_HEAD + PADDED_MIN + 2) / 3 * 4,
               "the shortest");
_Static_assert((HT_NIP44_PLAIN_MAX & (HT_NIP44_PLAIN_MAX - 1)) == 0, "the longest has no padding");

/* --- keys -------------------------------------------------------------------------------------*/

/* NIP-44 takes the point's x as it is, where the library would hash it. */
static int copy_x(unsigned char *out, const unsigned char *x, const unsigned char *y, void *data) {
    (void)y;
    (void)data;
    memcpy(out, x, 32);
    return 1;
}

static void hmac(uint8_t out[static 32], const uint8_t key[static 32], ht_bytes first,
                 ht_bytes second, ht_bytes third) {
    crypto_auth_hmacsha256_state state;
    (void)crypto_auth_hmacsha256_init(&state, key, 32);
    (void)crypto_auth_hmacsha256_update(&state, first.p, first.n);
    (void)crypto_auth_hmacsha256_update(&state, second.p, second.n);
    (void)crypto_auth_hmacsha256_update(&state, third.p, third.n);
    (void)crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof state);
}

enum ht_err ht_nip44_conversation_key(uint8_t out[static HT_NIP44_KEY_SIZE],
                                      const uint8_t key[static 32], const uint8_t x[static 32],
                                      struct ht_why *why) {
    uint8_t point[33] = {2};
    uint8_t shared[32];
    secp256k1_pubkey parsed;
    crypto_auth_hmacsha256_state state;
    /* Also has the library test itself once, before its static context is used. */
    enum ht_err err = ht_secp256k1_check_key(key, why);
    if (err != HT_OK) return err;
    memcpy(point + 1, x, 32);
    const secp256k1_context *context = secp256k1_context_static;
    if (secp256k1_ec_pubkey_parse(context, &parsed, point, sizeof point) != 1) {
        return ht_fail(why, HT_EINPUT, "nip44_public_key", "x is that of no point of the curve");
    }
    ht_assert(secp256k1_ecdh(context, shared, &parsed, key, copy_x, NULL) == 1);
    (void)crypto_auth_hmacsha256_init(&state, (const uint8_t *)SALT, sizeof SALT - 1);
    (void)crypto_auth_hmacsha256_update(&state, shared, sizeof shared);
    (void)crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof state);
    sodium_memzero(shared, sizeof shared);
    return HT_OK;
}

/* HKDF-Expand (RFC 5869) with the nonce as info. */
void ht_nip44_message_keys(struct ht_nip44_keys *out,
                           const uint8_t conversation_key[static HT_NIP44_KEY_SIZE],
                           const uint8_t nonce[static HT_NIP44_NONCE_SIZE]) {
    uint8_t blocks[3][32];
    for (uint8_t i = 0; i < 3; i++) {
        const uint8_t counter = (uint8_t)(i + 1);
        ht_bytes before = i == 0 ? ht_bytes_of("", 0) : HT_BYTES(blocks[i - 1]);
        hmac(blocks[i], conversation_key, before, ht_bytes_of(nonce, HT_NIP44_NONCE_SIZE),
             ht_bytes_of(&counter, 1));
    }
    memcpy(out->chacha_key, blocks[0], 32);
    memcpy(out->chacha_nonce, blocks[1], 12);
    memcpy(out->hmac_key, blocks[1] + 12, 20);
    memcpy(out->hmac_key + 20, blocks[2], 12);
    sodium_memzero(blocks, sizeof blocks);
}

/* --- padding ----------------------------------------------------------------------------------*/

size_t ht_nip44_padded_size(size_t n) {
    ht_assert(n > 0 && n <= HT_NIP44_PLAIN_MAX);
    if (n <= PADDED_MIN) return PADDED_MIN;
    size_t power = PADDED_MIN;
    while (power < n) power *= 2;
    size_t chunk = power <= 256 ? 32 : power / 8;
    return (n + chunk - 1) / chunk * chunk;
}

static size_t head_size(size_t n) {
    return n > SHORT_MAX ? LONG_HEAD : SHORT_HEAD;
}

static uint32_t read_be(const uint8_t *p, size_t n) {
    uint32_t value = 0;
    for (size_t i = 0; i < n; i++) value = value << 8 | p[i];
    return value;
}

/* Writes the length, the text and zeros. */
static void pad(uint8_t *to, ht_bytes plain, size_t padded) {
    size_t head = head_size(plain.n);
    memset(to, 0, head);
    for (size_t i = 0; i < 4; i++) {
        if (plain.n >> (8 * i) != 0) to[head - 1 - i] = (uint8_t)(plain.n >> (8 * i));
    }
    memcpy(to + head, plain.p, plain.n);
    memset(to + head + plain.n, 0, padded - plain.n);
}

/* The text in what was padded, at least SHORT_HEAD + PADDED_MIN bytes of it. */
static enum ht_err unpad(ht_bytes *plain, ht_bytes from, struct ht_why *why) {
    size_t n = read_be(from.p, SHORT_HEAD);
    if (n == 0) {
        n = read_be(from.p + SHORT_HEAD, LONG_HEAD - SHORT_HEAD);
        /* There is one way to write each length. */
        if (n <= SHORT_MAX) n = 0;
    }
    bool is_right =
        n > 0 && n <= HT_NIP44_PLAIN_MAX && from.n == head_size(n) + ht_nip44_padded_size(n);
    if (!is_right) {
        return ht_fail(why, HT_EINPUT, "nip44_padding", "what was encrypted is not padded right");
    }
    *plain = ht_bytes_of(from.p + head_size(n), n);
    return HT_OK;
}

/* --- payloads ---------------------------------------------------------------------------------*/

static enum ht_err no_room(struct ht_why *why, const struct ht_buf *out, size_t wanted) {
    if (wanted > out->max - out->n) {
        return ht_fail(why, HT_ELIMIT, "nip44_long", "there is no room for %zu bytes", wanted);
    }
    return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for %zu bytes", wanted);
}

static void seal(uint8_t *frame, const uint8_t *conversation_key, const uint8_t *nonce,
                 ht_bytes plain, size_t padded) {
    struct ht_nip44_keys keys;
    size_t n = head_size(plain.n) + padded;
    uint8_t *text = frame + TEXT_AT;
    frame[0] = VERSION;
    memcpy(frame + NONCE_AT, nonce, HT_NIP44_NONCE_SIZE);
    pad(text, plain, padded);
    ht_nip44_message_keys(&keys, conversation_key, nonce);
    (void)crypto_stream_chacha20_ietf_xor(text, text, n, keys.chacha_nonce, keys.chacha_key);
    hmac(text + n, keys.hmac_key, ht_bytes_of(frame + NONCE_AT, HT_NIP44_NONCE_SIZE),
         ht_bytes_of(text, n), ht_bytes_of("", 0));
    sodium_memzero(&keys, sizeof keys);
}

enum ht_err ht_nip44_encrypt(struct ht_buf *out,
                             const uint8_t conversation_key[static HT_NIP44_KEY_SIZE],
                             const uint8_t nonce[static HT_NIP44_NONCE_SIZE], ht_bytes plain,
                             struct ht_why *why) {
    if (plain.n == 0) return ht_fail(why, HT_EINPUT, "nip44_empty", "there is nothing to encrypt");
    if (plain.n > HT_NIP44_PLAIN_MAX) {
        return ht_fail(why, HT_ELIMIT, "nip44_long", "it has %zu bytes, at most %zu", plain.n,
                       HT_NIP44_PLAIN_MAX);
    }
    size_t padded = ht_nip44_padded_size(plain.n);
    size_t frame_n = HT_NIP44_FRAME_SIZE + head_size(plain.n) + padded;
    size_t text_n = (frame_n + 2) / 3 * 4;
    /* The text, its zero, and behind it the frame that it is made of. */
    size_t wanted = text_n + 1 + frame_n;
    uint8_t *text = ht_buf_reserve(out, wanted);
    if (text == NULL) return no_room(why, out, wanted);
    uint8_t *frame = text + text_n + 1;
    seal(frame, conversation_key, nonce, plain, padded);
    (void)sodium_bin2base64((char *)text, text_n + 1, frame, frame_n,
                            sodium_base64_VARIANT_ORIGINAL);
    out->n += text_n;
    return HT_OK;
}

static enum ht_err check_payload(ht_bytes payload, struct ht_why *why) {
    if (payload.n > 0 && payload.p[0] == '#') {
        return ht_fail(why, HT_EINPUT, "nip44_version", "it is of a version that is not known");
    }
    if (payload.n < HT_NIP44_PAYLOAD_MIN) {
        return ht_fail(why, HT_EINPUT, "nip44_length", "a payload has at least %zu characters",
                       HT_NIP44_PAYLOAD_MIN);
    }
    if (payload.n <= HT_NIP44_PAYLOAD_MAX) return HT_OK;
    return ht_fail(why, HT_ELIMIT, "nip44_long", "it has %zu characters, at most %zu", payload.n,
                   HT_NIP44_PAYLOAD_MAX);
}

/* Finds the text in a frame, which is decrypted where it is. */
static enum ht_err open_frame(ht_bytes *plain, uint8_t *frame, size_t n,
                              const uint8_t *conversation_key, struct ht_why *why) {
    struct ht_nip44_keys keys;
    uint8_t mac[MAC_SIZE];
    if (n < HT_NIP44_FRAME_SIZE + SHORT_HEAD + PADDED_MIN) {
        return ht_fail(why, HT_EINPUT, "nip44_length", "a payload holds at least %u bytes",
                       HT_NIP44_FRAME_SIZE + SHORT_HEAD + PADDED_MIN);
    }
    if (frame[0] != VERSION) {
        return ht_fail(why, HT_EINPUT, "nip44_version", "it is of version %u, not %u", frame[0],
                       VERSION);
    }
    uint8_t *text = frame + TEXT_AT;
    size_t text_n = n - HT_NIP44_FRAME_SIZE;
    ht_nip44_message_keys(&keys, conversation_key, frame + NONCE_AT);
    hmac(mac, keys.hmac_key, ht_bytes_of(frame + NONCE_AT, HT_NIP44_NONCE_SIZE),
         ht_bytes_of(text, text_n), ht_bytes_of("", 0));
    bool is_right = sodium_memcmp(mac, text + text_n, MAC_SIZE) == 0;
    if (is_right) {
        (void)crypto_stream_chacha20_ietf_xor(text, text, text_n, keys.chacha_nonce,
                                              keys.chacha_key);
    }
    sodium_memzero(&keys, sizeof keys);
    if (is_right) return unpad(plain, ht_bytes_of(text, text_n), why);
    return ht_fail(why, HT_EUNVERIFIED, "nip44_mac",
                   "it was encrypted to another key, or was changed");
}

enum ht_err ht_nip44_decrypt(struct ht_buf *out,
                             const uint8_t conversation_key[static HT_NIP44_KEY_SIZE],
                             ht_bytes payload, struct ht_why *why) {
    ht_bytes plain = {NULL, 0};
    size_t n = 0;
    enum ht_err err = check_payload(payload, why);
    if (err != HT_OK) return err;
    size_t room = payload.n / 4 * 3 + 3;
    if (room > HT_NIP44_DECRYPT_ROOM) room = HT_NIP44_DECRYPT_ROOM;
    uint8_t *frame = ht_buf_reserve(out, room);
    if (frame == NULL) return no_room(why, out, room);
    if (sodium_base642bin(frame, room, (const char *)payload.p, payload.n, NULL, &n, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0) {
        return ht_fail(why, HT_EINPUT, "nip44_base64", "it is no base64");
    }
    err = open_frame(&plain, frame, n, conversation_key, why);
    if (err == HT_OK) {
        memmove(frame, plain.p, plain.n);
        out->n += plain.n;
        sodium_memzero(frame + plain.n, n - plain.n);
    } else {
        sodium_memzero(frame, n);
    }
    return err;
}
