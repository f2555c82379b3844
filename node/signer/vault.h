/* The vault: secrets at rest, and unlocked in the signer's locked memory.
 *
 * Inside of the signer process only. A random key encrypts each record (XChaCha20-Poly1305), which
 * is bound to its name, its version and the vault's id; the passphrase (Argon2id, libsodium's
 * MODERATE) wraps that key, bound to the id and the cost; the whole file is authenticated under it
 * (BLAKE2b) with a generation that grows by one with each change, so that a swapped, cut-off or
 * older record is noticed, and an older file too by whoever knows the last generation.
 *
 *   "HEARTHV1", id 16, opslimit u64, memlimit u64, salt 16, nonce 24, key 48, generation u64,
 *   last_seed u32, last_key u32, count u32, records, mac 32; numbers little-endian
 *   record: name_n u8, name, version u32, nonce 24, box_n u32, box
 *   what a box holds: kind u8, secret
 *
 * Records and the mac have keys of their own, derived from the random one (libsodium's crypto_kdf,
 * context "hearthva", 1 and 2). What a box is bound to: id, version u32, name. What the wrapped key
 * is bound to: all that stands before its nonce. A record's version is the generation that it came
 * with. last_seed and last_key: the highest numbers that names ever had.
 *
 * Reasons: HT_EINPUT "vault_malformed"; HT_ELIMIT "vault_cost", "vault_full", "passphrase_long";
 * HT_EDENIED "wrong_passphrase" (or what is in front of the key was changed), "vault_locked",
 * "passphrase_short" (under HT_VAULT_PASSPHRASE_MIN bytes); HT_EUNVERIFIED "vault_changed";
 * HT_ESTALE "vault_older"; HT_ENOTFOUND "no_such_record"; HT_ENOMEM "no_memory". */
#ifndef HT_SIGNER_VAULT_H
#define HT_SIGNER_VAULT_H

#include "node/base/bytes.h"
#include "node/base/clock.h"

#define HT_VAULT_RECORDS_MAX 256U
#define HT_VAULT_NAME_MAX 16U
#define HT_VAULT_SECRET_MAX 128U /* room for both kinds */
#define HT_VAULT_SIZE_MAX ((size_t)256 * 1024)
#define HT_VAULT_PASSPHRASE_MIN 8U
#define HT_VAULT_PASSPHRASE_MAX 1024U
#define HT_VAULT_MEMORY_MAX (UINT64_C(1) << 30) /* of Argon2, that a file may ask for */
#define HT_VAULT_OPERATIONS_MAX UINT64_C(16)

/* What Argon2id is given. */
struct ht_vault_cost {
    uint64_t operations;
    uint64_t memory; /* bytes */
};

/* libsodium's MODERATE: 3 passes over 256 MiB. */
extern const struct ht_vault_cost ht_vault_cost_moderate;
/* Its least, 1 pass over 8 KiB: for tests and fuzzing; no way leads to it from outside. */
extern const struct ht_vault_cost ht_vault_cost_least;

enum ht_vault_kind {
    HT_VAULT_SEED = 1, /* entropy_n u8, entropy 32, BIP-39 seed 64, has_passphrase u8 */
    HT_VAULT_KEY,      /* 32 bytes */
};
#define HT_VAULT_SEED_SIZE 98U
#define HT_VAULT_KEY_SIZE 32U

struct ht_vault_record {
    char name[HT_VAULT_NAME_MAX]; /* "seed-1", "key-1" */
    uint32_t version;
    enum ht_vault_kind kind;
    uint8_t secret[HT_VAULT_SECRET_MAX];
    size_t secret_n;
};

/* Lives in sodium_malloc memory. */
struct ht_vault;

/* A locked one. cost: of the passphrases that it sets, not of files that it opens. HT_ENOMEM. */
enum ht_err ht_vault_new(struct ht_vault **out, const struct ht_random *random,
                         const struct ht_vault_cost *cost) HT_MUST_USE;
/* Wipes and frees. */
void ht_vault_free(struct ht_vault *vault);

/* Makes a new, empty, unlocked vault; what was unlocked before is wiped. On an error it is locked.
 */
enum ht_err ht_vault_create(struct ht_vault *vault, ht_bytes passphrase,
                            struct ht_why *why) HT_MUST_USE;
/* Opens a file. least: the generation below which it is too old. On an error it is locked. */
enum ht_err ht_vault_unlock(struct ht_vault *vault, ht_bytes file, ht_bytes passphrase,
                            uint64_t least, struct ht_why *why) HT_MUST_USE;
/* Wipes all that is unlocked. */
void ht_vault_lock(struct ht_vault *vault);
bool ht_vault_is_open(const struct ht_vault *vault);

/* Wraps the key anew; old must be right. Takes effect with the next write. */
enum ht_err ht_vault_change_passphrase(struct ht_vault *vault, ht_bytes old, ht_bytes passphrase,
                                       struct ht_why *why) HT_MUST_USE;
enum ht_err ht_vault_check_passphrase(struct ht_vault *vault, ht_bytes passphrase,
                                      struct ht_why *why) HT_MUST_USE;

/* Adds a record with the next free name ("seed-N", "key-N"), which goes to name; names are never
 * used twice. secret has the size of its kind. */
enum ht_err ht_vault_add(char name[static HT_VAULT_NAME_MAX], struct ht_vault *vault,
                         enum ht_vault_kind kind, ht_bytes secret, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_vault_remove(struct ht_vault *vault, ht_bytes name, struct ht_why *why) HT_MUST_USE;
/* Good until the vault changes or locks. */
enum ht_err ht_vault_find(const struct ht_vault_record **out, const struct ht_vault *vault,
                          ht_bytes name, struct ht_why *why) HT_MUST_USE;

/* Appends the file as it is now, one generation on. */
enum ht_err ht_vault_write(struct ht_buf *out, struct ht_vault *vault,
                           struct ht_why *why) HT_MUST_USE;

/* Without a passphrase, of a file: its generation, for who keeps it. HT_EINPUT. */
enum ht_err ht_vault_generation(uint64_t *out, ht_bytes file, struct ht_why *why) HT_MUST_USE;

#endif
