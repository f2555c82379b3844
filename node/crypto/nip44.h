/* NIP-44 version 2: texts that two Nostr keys read, hidden in length as well. ECDH on secp256k1,
 * HKDF and HMAC with SHA-256, ChaCha20, base64.
 *
 * A plaintext has 1 to HT_NIP44_PLAIN_MAX bytes; one of more than 65,535 has the six-byte length of
 * June 2026 in front. It is any bytes here: whether it is UTF-8 is for whoever reads it. The
 * conversation key of two keys is the same from both sides and never changes, so it is as secret as
 * they are; the caller keeps and wipes it. Any thread.
 *
 * Reasons: HT_EINPUT "bad_key" (secp256k1.h), "nip44_public_key" (x of no point), "nip44_empty",
 * "nip44_version" (not 2, or '#' of what is to come), "nip44_length" (shorter than any payload),
 * "nip44_base64", "nip44_padding" (of the right key, but not padded as it must be); HT_ELIMIT
 * "nip44_long" (more than the bounds below, or than out takes); HT_EUNVERIFIED "nip44_mac" (another
 * key's, or changed); HT_ENOMEM "no_memory". */
#ifndef HT_CRYPTO_NIP44_H
#define HT_CRYPTO_NIP44_H

#include "node/base/bytes.h"

#define HT_NIP44_PLAIN_MAX ((size_t)128 << 10)
#define HT_NIP44_KEY_SIZE 32U
#define HT_NIP44_NONCE_SIZE 32U
/* Version, nonce and authentication, without the padded text. */
#define HT_NIP44_FRAME_SIZE 65U
/* Characters of the longest payload and of the shortest. */
#define HT_NIP44_PAYLOAD_MAX ((HT_NIP44_FRAME_SIZE + 6 + HT_NIP44_PLAIN_MAX + 2) / 3 * 4)
#define HT_NIP44_PAYLOAD_MIN ((size_t)132)

/* key: secret, 32 bytes; x: the other side's public key, BIP-340. */
enum ht_err ht_nip44_conversation_key(uint8_t out[static HT_NIP44_KEY_SIZE],
                                      const uint8_t key[static 32], const uint8_t x[static 32],
                                      struct ht_why *why) HT_MUST_USE;

/* What one message is encrypted with; wiped by the caller. */
struct ht_nip44_keys {
    uint8_t chacha_key[32];
    uint8_t chacha_nonce[12];
    uint8_t hmac_key[32];
};
void ht_nip44_message_keys(struct ht_nip44_keys *out,
                           const uint8_t conversation_key[static HT_NIP44_KEY_SIZE],
                           const uint8_t nonce[static HT_NIP44_NONCE_SIZE]);

/* The length that a text of n bytes is padded to, without the length in front of it; n is 1 to
 * HT_NIP44_PLAIN_MAX. */
size_t ht_nip44_padded_size(size_t n);

/* Appends the payload: base64. nonce: 32 bytes of fresh randomness, used once. While it works out
 * holds less than twice what is appended, within its maximum; on an error it is as it was. */
enum ht_err ht_nip44_encrypt(struct ht_buf *out,
                             const uint8_t conversation_key[static HT_NIP44_KEY_SIZE],
                             const uint8_t nonce[static HT_NIP44_NONCE_SIZE], ht_bytes plain,
                             struct ht_why *why) HT_MUST_USE;

/* Appends the plaintext. While it works out holds three quarters of the payload, within its
 * maximum; on an error it is as it was, and what was decrypted is wiped. */
enum ht_err ht_nip44_decrypt(struct ht_buf *out,
                             const uint8_t conversation_key[static HT_NIP44_KEY_SIZE],
                             ht_bytes payload, struct ht_why *why) HT_MUST_USE;

/* Maxima of `out` that are enough for any. */
#define HT_NIP44_ENCRYPT_ROOM (2 * HT_NIP44_PAYLOAD_MAX)
#define HT_NIP44_DECRYPT_ROOM (HT_NIP44_PAYLOAD_MAX / 4 * 3)

#endif
