/* Tokens for tests of credentials: any header and payload, signed by a key of the test's. */
#ifndef HT_TESTS_UNIT_TOKEN_MAKER_H
#define HT_TESTS_UNIT_TOKEN_MAKER_H

#include "identity/credentials/jwt.h"

#define HT_TM_TOKEN_MAX ((size_t)512 << 10)

/* The secret keys 1, 2, …; of each a secp256k1 and an Ed25519 key. */
void ht_tm_public_key(uint8_t out[static 33], unsigned number);
void ht_tm_address(ht_addr20 *out, unsigned number);
void ht_tm_ed25519_key(uint8_t out[static 32], unsigned number);

/* Empties text and writes the token of a header and payload as they stand, whatever they are. */
void ht_tm_token(struct ht_buf *text, const char *header, const char *payload, enum ht_jwt_alg alg,
                 unsigned number);
/* The same with the usual header. */
void ht_tm_plain_token(struct ht_buf *text, const char *payload, enum ht_jwt_alg alg,
                       unsigned number);
/* Its three parts as letters of our own, each as it stands. */
void ht_tm_parts(struct ht_buf *text, ht_bytes header, ht_bytes payload, ht_bytes signature);

#endif
