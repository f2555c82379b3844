/* What the signer process does with one key: gives out its public half, signs, encrypts. Inside of
 * that process only; signer_requests.c looks at fields before and wipes afterwards. Each answers
 * the requests of its name (protocol.h).
 *
 * Reasons: those of ht_signer_keys_find and ht_signer_digest; of ht_signer_encrypt and
 * ht_signer_decrypt those of crypto/nip44.h and HT_EINPUT "nip44_public_key" for a public key that
 * has not 32 bytes. */
#ifndef HT_SIGNER_SIGNER_SIGN_H
#define HT_SIGNER_SIGNER_SIGN_H

#include "node/signer/signer_requests.h"

enum ht_err ht_signer_public_key(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                                 const struct ht_signer_message *request,
                                 struct ht_why *why) HT_MUST_USE;
/* All but events. */
enum ht_err ht_signer_sign(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                           const struct ht_signer_message *request, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_signer_sign_event(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                                 const struct ht_signer_message *request,
                                 struct ht_why *why) HT_MUST_USE;
enum ht_err ht_signer_encrypt(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                              const struct ht_signer_message *request,
                              struct ht_why *why) HT_MUST_USE;
enum ht_err ht_signer_decrypt(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                              const struct ht_signer_message *request,
                              struct ht_why *why) HT_MUST_USE;

#endif
