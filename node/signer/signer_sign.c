/* Requests that one key answers. What may be signed, and as what, is signer_payload.c's. */
#include "node/signer/signer_sign.h"

#include "node/crypto/secp256k1.h"
#include "node/signer/signer_payload.h"

static enum ht_err find_key(const uint8_t **out, struct ht_signer_keeper *keeper,
                            const struct ht_signer_message *request, struct ht_why *why) {
    return ht_signer_keys_find(out, &keeper->keys, keeper->vault,
                               ht_signer_field(request, HT_SIGNER_TAG_KEY), why);
}

enum ht_err ht_signer_public_key(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                                 const struct ht_signer_message *request, struct ht_why *why) {
    const uint8_t *key = NULL;
    enum ht_err err = find_key(&key, keeper, request, why);
    if (err == HT_OK) err = ht_secp256k1_public_key(reply->public_key, key, why);
    if (err != HT_OK) return err;
    ht_signer_message_add(&reply->message, HT_SIGNER_TAG_PUBLIC,
                          ht_bytes_of(reply->public_key, HT_SECP256K1_PUBKEY_SIZE));
    return HT_OK;
}

enum ht_err ht_signer_sign(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                           const struct ht_signer_message *request, struct ht_why *why) {
    const uint8_t *key = NULL;
    struct ht_ecdsa_signature signature;
    ht_hash32 digest;
    ht_bytes data = ht_signer_field(request, HT_SIGNER_TAG_DATA);
    enum ht_err err = find_key(&key, keeper, request, why);
    if (err == HT_OK) {
        err = ht_signer_digest(&digest, (enum ht_signer_request)request->type, data, why);
    }
    if (err == HT_OK) err = ht_ecdsa_sign(&signature, &digest, key, why);
    if (err != HT_OK) return err;
    memcpy(reply->signature, signature.r, 32);
    memcpy(reply->signature + 32, signature.s, 32);
    reply->signature[64] = signature.y_parity;
    ht_signer_message_add(&reply->message, HT_SIGNER_TAG_SIGNATURE, HT_BYTES(reply->signature));
    return HT_OK;
}

enum ht_err ht_signer_sign_event(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                                 const struct ht_signer_message *request, struct ht_why *why) {
    const uint8_t *key = NULL;
    ht_hash32 id;
    ht_bytes data = ht_signer_field(request, HT_SIGNER_TAG_DATA);
    enum ht_err err = find_key(&key, keeper, request, why);
    if (err == HT_OK) err = ht_signer_digest(&id, HT_SIGNER_SIGN_EVENT, data, why);
    if (err != HT_OK) return err;
    ht_random_fill(keeper->random, keeper->entropy, 32);
    err = ht_schnorr_sign(reply->signature, &id, key, keeper->entropy, why);
    if (err != HT_OK) return err;
    ht_signer_message_add(&reply->message, HT_SIGNER_TAG_SIGNATURE,
                          ht_bytes_of(reply->signature, HT_SCHNORR_SIZE));
    return HT_OK;
}

/* --- NIP-44 -----------------------------------------------------------------------------------*/

/* Puts the key of a conversation into the keeper, which is wiped after the request. */
static enum ht_err find_conversation(struct ht_signer_keeper *keeper,
                                     const struct ht_signer_message *request, struct ht_why *why) {
    const uint8_t *key = NULL;
    ht_bytes x = ht_signer_field(request, HT_SIGNER_TAG_PUBLIC);
    enum ht_err err = find_key(&key, keeper, request, why);
    if (err != HT_OK) return err;
    if (x.n != 32) {
        return ht_fail(why, HT_EINPUT, "nip44_public_key", "a public key of Nostr has 32 bytes");
    }
    return ht_nip44_conversation_key(keeper->conversation_key, key, x.p, why);
}

enum ht_err ht_signer_encrypt(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                              const struct ht_signer_message *request, struct ht_why *why) {
    uint8_t nonce[HT_NIP44_NONCE_SIZE];
    ht_bytes plain = ht_signer_field(request, HT_SIGNER_TAG_DATA);
    enum ht_err err = find_conversation(keeper, request, why);
    if (err != HT_OK) return err;
    ht_random_fill(keeper->random, nonce, sizeof nonce);
    err = ht_nip44_encrypt(&reply->data, keeper->conversation_key, nonce, plain, why);
    if (err != HT_OK) return err;
    ht_signer_message_add(&reply->message, HT_SIGNER_TAG_DATA, ht_buf_view(&reply->data));
    return HT_OK;
}

enum ht_err ht_signer_decrypt(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                              const struct ht_signer_message *request, struct ht_why *why) {
    ht_bytes payload = ht_signer_field(request, HT_SIGNER_TAG_DATA);
    enum ht_err err = find_conversation(keeper, request, why);
    if (err == HT_OK) {
        err = ht_nip44_decrypt(&reply->data, keeper->conversation_key, payload, why);
    }
    if (err != HT_OK) return err;
    ht_signer_message_add(&reply->message, HT_SIGNER_TAG_DATA, ht_buf_view(&reply->data));
    return HT_OK;
}
