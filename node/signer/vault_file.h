/* The bytes of a vault's file, without any key: their shape, read and bounded, and written.
 *
 * What is read here is not authenticated yet. The format is in vault.h. Pure. */
#ifndef HT_SIGNER_VAULT_FILE_H
#define HT_SIGNER_VAULT_FILE_H

#include "node/signer/vault.h"

#define HT_VAULT_ID_SIZE 16U
#define HT_VAULT_SALT_SIZE 16U
#define HT_VAULT_NONCE_SIZE 24U
#define HT_VAULT_TAG_SIZE 16U
#define HT_VAULT_WRAPPED_SIZE 48U
#define HT_VAULT_MAC_SIZE 32U
/* What a record's box can hold at most, tag included. */
#define HT_VAULT_BOX_MAX (1U + HT_VAULT_SECRET_MAX + HT_VAULT_TAG_SIZE)
/* Magic, id, cost and salt: what the wrapped key is bound to. */
#define HT_VAULT_BOUND_SIZE (8U + HT_VAULT_ID_SIZE + 16U + HT_VAULT_SALT_SIZE)

struct ht_vault_head {
    uint8_t id[HT_VAULT_ID_SIZE];
    struct ht_vault_cost cost;
    uint8_t salt[HT_VAULT_SALT_SIZE];
    uint8_t nonce[HT_VAULT_NONCE_SIZE];
    uint8_t wrapped[HT_VAULT_WRAPPED_SIZE];
    uint64_t generation;
    uint32_t last_seed;
    uint32_t last_key;
    uint32_t count;
};

/* Views into the file. */
struct ht_vault_entry {
    ht_bytes name; /* 1 to HT_VAULT_NAME_MAX - 1 bytes */
    uint32_t version;
    const uint8_t *nonce; /* HT_VAULT_NONCE_SIZE */
    ht_bytes box;         /* HT_VAULT_TAG_SIZE + 1 to HT_VAULT_BOX_MAX bytes */
};

struct ht_vault_file {
    struct ht_vault_head head;
    struct ht_vault_entry entries[HT_VAULT_RECORDS_MAX];
    ht_bytes body;      /* what the mac is over */
    const uint8_t *mac; /* HT_VAULT_MAC_SIZE */
};

/* HT_EINPUT "vault_malformed", HT_ELIMIT "vault_cost". */
enum ht_err ht_vault_file_read(struct ht_vault_file *out, ht_bytes file,
                               struct ht_why *why) HT_MUST_USE;

/* What the wrapped key is bound to. */
void ht_vault_file_bound(uint8_t out[static HT_VAULT_BOUND_SIZE], const struct ht_vault_head *head);

/* Each appends its part; the mac is the caller's to add. HT_ELIMIT, HT_ENOMEM. */
enum ht_err ht_vault_file_write_head(struct ht_buf *out,
                                     const struct ht_vault_head *head) HT_MUST_USE;
enum ht_err ht_vault_file_write_entry(struct ht_buf *out,
                                      const struct ht_vault_entry *entry) HT_MUST_USE;

#endif
