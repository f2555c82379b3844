/* Accounts, seeds and Nostr keys from the inside: the list in memory, and one change of it at a
 * time. Only accounts*.c include this. Loop thread but where said. */
#ifndef HT_IDENTITY_KEYS_ACCOUNTS_OP_H
#define HT_IDENTITY_KEYS_ACCOUNTS_OP_H

#include "identity/keys/accounts.h"
#include "identity/keys/vault_keeper.h"

#define HT_RECORD_NAME_SIZE 16U /* signer/vault.h */
#define HT_SEEDS_MAX 16U
#define HT_NOSTR_MAX 64U

struct ht_seed_info {
    char name[HT_RECORD_NAME_SIZE]; /* empty: none */
    char label[HT_LABEL_MAX + 1];
    unsigned words; /* 0: not known */
    bool is_backed_up;
};

struct ht_nostr_info {
    int64_t id;
    ht_hash32 public_key; /* x only, BIP-340 */
    char label[HT_LABEL_MAX + 1];
    char key[64]; /* as an account's */
};

struct ht_accounts {
    struct ht_account_info list[HT_ACCOUNTS_MAX];
    size_t count;
    struct ht_seed_info seeds[HT_SEEDS_MAX];
    size_t seed_count;
    struct ht_nostr_info nostr[HT_NOSTR_MAX];
    size_t nostr_count;
    bool is_busy; /* a change is under way */
};

/* What a method's "id" names: an account by number, a seed by "seed-1", a Nostr key by "nostr-1".
 * The two others are NULL. Good until the next callback. */
struct ht_account_named {
    const struct ht_account_info *account;
    const struct ht_seed_info *seed;
    const struct ht_nostr_info *nostr;
};
/* HT_ENOTFOUND "no_such_account"; HT_EINPUT. name: the parameter's. */
enum ht_err ht_accounts_named(struct ht_account_named *out, const struct ht_identity *identity,
                              const json_t *params, const char *name,
                              struct ht_why *why) HT_MUST_USE;
const struct ht_seed_info *ht_accounts_seed(const struct ht_identity *identity, const char *name);

/* The name of the seed that a key is derived from, into out; false when it is none's. */
bool ht_key_seed(char out[static HT_RECORD_NAME_SIZE], const char *key);

/* params.label into out, or when there is none "WORD N" with the number; UTF-8, at most
 * HT_LABEL_MAX bytes, nothing that controls or hides: HT_EINPUT "bad_label". */
enum ht_err ht_accounts_label(char out[static HT_LABEL_MAX + 1], const json_t *params,
                              const char *word, size_t number, struct ht_why *why) HT_MUST_USE;

/* New references, or NULL without memory. */
json_t *ht_account_json(const struct ht_account_info *account);
json_t *ht_nostr_json(const struct ht_nostr_info *nostr);

/* A change under way: perhaps questions to the signer, then rows on the disk, then the list. */
struct ht_account_op {
    struct ht_vault_request request; /* first; request.rpc waits for the op */
    struct ht_signer_call derive;    /* a further question */
    struct ht_write write;
    struct ht_buf file;  /* the vault as the signer changed it, to be kept with the rows */
    struct ht_buf reply; /* what it sealed, to be handed on */
    bool begun_change;
    bool deletes; /* the rows; else they are saved */
    bool has_account, has_nostr, has_seed;
    struct ht_account_info account; /* id 0: a new one */
    struct ht_nostr_info nostr;
    struct ht_seed_info seed;
    const char *event; /* for the audit log; NULL: none */
    char kind[16];     /* of an import */
    uint32_t index;    /* of the path that is being derived */
};

/* One that has the list for itself. HT_EAGAIN "wallet_busy", HT_ENOMEM. */
enum ht_err ht_account_op_new(struct ht_account_op **out, struct ht_identity *identity,
                              struct ht_rpc_call *call, struct ht_why *why) HT_MUST_USE;
/* Gives back what it holds but for itself and the call. */
void ht_account_op_release(struct ht_account_op *op);
/* Ends it with an error. */
void ht_account_op_refuse(struct ht_account_op *op, enum ht_err err, const struct ht_why *why);
/* Saves or deletes its rows, and keeps the vault's file when it has one; then the list is changed
 * and the call answered. */
void ht_account_op_commit(struct ht_account_op *op);
/* The signer has answered: keeps what it gave, the file, a sealed reply, and the record's name, of
 * HT_RECORD_NAME_SIZE; name NULL: there is none in the answer. HT_EBUG "signer_reply". */
enum ht_err ht_account_op_take(struct ht_account_op *op, char *name,
                               struct ht_why *why) HT_MUST_USE;

#endif
