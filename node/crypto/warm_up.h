/* Everything that a library reads, seeds or looks up on first use, done at once. */
#ifndef HT_CRYPTO_WARM_UP_H
#define HT_CRYPTO_WARM_UP_H

/* Uses each primitive of node/crypto once, against a known answer where there is one, so that none
 * of them opens a file afterwards: OpenSSL reads its configuration, jansson /dev/urandom,
 * libsecp256k1's signing context is blinded. Call it in the process that is to be confined, after
 * fork and before confinement. Takes about 4 ms; ends the program when an answer is wrong. */
void ht_crypto_warm_up(void);

#endif
