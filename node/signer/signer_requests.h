/* What the signer process does for each request. Inside of that process only.
 *
 * All that is secret is in the keeper, which is one block of locked memory; what goes out is in the
 * reply, which never is. */
#ifndef HT_SIGNER_SIGNER_REQUESTS_H
#define HT_SIGNER_SIGNER_REQUESTS_H

#include "node/crypto/bip39.h"
#include "node/crypto/hpke.h"
#include "node/crypto/keystore.h"
#include "node/crypto/nip44.h"
#include "node/signer/protocol.h"
#include "node/signer/signer_keys.h"
#include "node/signer/vault.h"

/* The most that may be sealed in a request: a keystore and its password, with room to spare. */
#define HT_SIGNER_PLAIN_MAX ((size_t)72 * 1024)
/* How long the answer waits after one wrong passphrase, doubled by each further one in a row. */
#define HT_SIGNER_WAIT_FIRST_MS 500
#define HT_SIGNER_WAIT_MAX_MS 30000

/* What a request is answered with; fields of the message are views into it. */
struct ht_signer_reply {
    struct ht_signer_message message;
    struct ht_buf vault;
    struct ht_buf sealed;
    struct ht_buf data; /* wiped before it is freed */
    char name[HT_VAULT_NAME_MAX];
    uint8_t public_key[HT_HPKE_PUBLIC_SIZE];
    uint8_t signature[65];
    uint8_t number[8];
    uint8_t reason[sizeof(struct ht_why)];
};

struct ht_signer_keeper {
    const struct ht_random *random;
    struct ht_vault *vault;
    struct ht_hpke_pair pair;
    struct ht_hpke_pair ephemeral; /* of a reply */
    struct ht_signer_keys keys;
    unsigned confined;      /* bits of enum ht_confined */
    unsigned wrong_count;   /* wrong passphrases in a row */
    uint8_t seen[1024][32]; /* the x of the keys that sealed what was opened last; a ring */
    size_t seen_count;
    /* Waits, or returns early when the node has gone. */
    void (*wait)(void *self, int ms);
    void *wait_self;
    ht_bytes parts[HT_SIGNER_PARTS_MAX]; /* of what was sealed; views into opened */
    size_t part_count;
    /* Wiped after each request. */
    uint8_t opened[HT_SIGNER_PLAIN_MAX];
    uint8_t secret[HT_VAULT_SECRET_MAX];
    uint8_t entropy[HT_BIP39_ENTROPY_MAX];
    struct ht_bip32_key first; /* of a seed that comes in */
    uint8_t conversation_key[HT_NIP44_KEY_SIZE];
    char text[512];
    uint8_t parts_out[HT_KEYSTORE_TEXT_MAX + 8U];
};

/* A keeper with a locked vault and a key pair of its own. HT_ENOMEM. */
enum ht_err ht_signer_keeper_new(struct ht_signer_keeper **out, const struct ht_random *random,
                                 const struct ht_vault_cost *cost) HT_MUST_USE;
/* Wipes and frees. NULL is fine. */
void ht_signer_keeper_free(struct ht_signer_keeper *keeper);

void ht_signer_reply_init(struct ht_signer_reply *reply);
void ht_signer_reply_fini(struct ht_signer_reply *reply);

/* Does what is asked for and fills the reply, also when it is refused: its type is the error, its
 * REASON says why. */
void ht_signer_answer(struct ht_signer_reply *reply, struct ht_signer_keeper *keeper,
                      const struct ht_signer_message *request);

#endif
