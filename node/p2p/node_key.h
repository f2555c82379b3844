/* The node's own identity: a secp256k1 key (BIP-340) that names it among peers, and a TLS key with
 * a self-signed certificate. Neither is a key of the user's, neither signs anything of theirs.
 *
 * Kept in the data directory's folder "peer" (node.key: 64 hex; tls.key, tls.crt: PEM; all mode
 * 0600, written whole or not at all). Lost ones are made anew, and peers have to be invited again;
 * a certificate alone is made anew for its key, so that the pin stays. Pure but for the files; one
 * thread at a time. */
#ifndef HT_P2P_NODE_KEY_H
#define HT_P2P_NODE_KEY_H

#include "node/base/clock.h"
#include "node/crypto/secp256k1.h"

#define HT_NODE_KEY_FOLDER "peer"

struct ht_node_key {
    ht_hash32 pubkey; /* x-only */
    uint8_t secret[32];
    ht_hash32 pin;      /* SHA-256 of the TLS key's SubjectPublicKeyInfo (RFC 7469) */
    char key_path[512]; /* of the TLS key and certificate, for whoever listens */
    char certificate_path[512];
};

/* Reads it, or makes it: in the data directory, which is there. The certificate is valid for ten
 * years from the day before by the system's clock; peers look at its key alone. HT_ESTORE
 * "node_key" (files that are there but cannot be used are an error, not made anew), HT_ENOMEM. */
enum ht_err ht_node_key_open(struct ht_node_key *out, const char *data_dir,
                             const struct ht_random *random, struct ht_why *why) HT_MUST_USE;
void ht_node_key_wipe(struct ht_node_key *key);
/* BIP-340 with fresh randomness. */
void ht_node_key_sign(const struct ht_node_key *key, uint8_t signature[static HT_SCHNORR_SIZE],
                      const ht_hash32 *id, const struct ht_random *random);

/* SHA-256 of the SubjectPublicKeyInfo of a certificate in DER. HT_EINPUT. */
enum ht_err ht_tls_pin_of(ht_hash32 *out, ht_bytes certificate_der) HT_MUST_USE;
/* The same of the first certificate of a PEM file. HT_ESTORE "bad_certificate". */
enum ht_err ht_tls_pin_of_file(ht_hash32 *out, const char *path, struct ht_why *why) HT_MUST_USE;

#endif
