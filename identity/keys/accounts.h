/* Accounts: addresses with labels, derived from a seed, imported, or watched only.
 *
 * Topic "wallet.accounts": {"accounts": [{"id", "address", "label", "kind": "derived" | "imported"
 * | "watch", "path" | null, "seed" | null, "is_hidden"}], "seeds": [{"id", "label", "is_backed_up",
 * "words"}], "nostr": [{"id", "pubkey", "label", "kind"}]}.
 * Methods: wallet.new_seed {words, reply_key, label?} -> {seed, account, sealed}: the words, sealed
 * to reply_key; wallet.check_backup {seed, sealed}; wallet.import {kind, sealed, label?, words?} ->
 * the new {seed, account}, {account} or {nostr}; kind is "mnemonic" (counts as backed up), "raw",
 * "keystore", "nip49" or "nsec"; wallet.export {id, format, sealed, reply_key} -> {sealed,
 * has_passphrase?}; wallet.add_account {seed, label?}: the next index of m/44'/60'/0'/0;
 * wallet.add_nostr {seed, label?}: the next account of NIP-06; wallet.watch {address, label?};
 * wallet.rename {id, label}; wallet.hide {id, is_hidden}; wallet.remove {id, sealed?}: sealed for
 * what has a key of its own. An id is an account's number, or a text for seeds ("seed-1") and Nostr
 * keys ("nostr-1"). All are answered after the commit.
 *
 * An account of a seed that is not backed up can be shown but not used: signing is refused with
 * "backup_due". Reasons, HT_EDENIED: "watch_only", "vault_locked", "no_vault", "backup_due",
 * "hide_instead"; HT_ENOTFOUND "no_such_account"; HT_EINPUT "bad_label", "key_kind", "words_count",
 * "address_checksum", "account_exists"; HT_ELIMIT "too_many_accounts"; HT_EAGAIN "wallet_busy" (one
 * change at a time), "signer_busy"; and those of vault_keeper.h and of the signer. An import of a
 * key that is here already, or of words whose first account is, is refused before the signer keeps
 * anything of it; a watched account gets its key.
 *
 * An account that is removed goes out of every origin's permission with it (permissions.h).
 *
 * Loop thread. */
#ifndef HT_IDENTITY_KEYS_ACCOUNTS_H
#define HT_IDENTITY_KEYS_ACCOUNTS_H

#include "identity/identity.h"

#define HT_ACCOUNTS_MAX 256U
#define HT_LABEL_MAX 64U /* bytes of UTF-8 */

enum ht_account_kind { HT_ACCOUNT_DERIVED, HT_ACCOUNT_IMPORTED, HT_ACCOUNT_WATCH };

struct ht_account_info {
    int64_t id;
    ht_addr20 address;
    char label[HT_LABEL_MAX + 1];
    enum ht_account_kind kind;
    char key[64]; /* of the signer's requests: "seed-1 m/44'/60'/0'/0/0" or "key-2"; "" when watched
                   */
    bool is_backed_up;
    bool is_hidden;
};

enum ht_err ht_accounts_new(struct ht_identity *identity, sqlite3 *db,
                            struct ht_why *why) HT_MUST_USE;
void ht_accounts_free(struct ht_identity *identity);

/* NULL when there is none. Good until the next callback. */
const struct ht_account_info *ht_accounts_find(const struct ht_identity *identity,
                                               const ht_addr20 *address);
const struct ht_account_info *ht_accounts_by_id(const struct ht_identity *identity, int64_t id);
size_t ht_accounts_count(const struct ht_identity *identity);
const struct ht_account_info *ht_accounts_at(const struct ht_identity *identity, size_t i);

/* Whether no seed waits for its backup to be checked. */
bool ht_accounts_are_backed_up(const struct ht_identity *identity);

/* HT_OK when it can sign now; HT_EDENIED "watch_only", "vault_locked", "backup_due". */
enum ht_err ht_account_can_sign(const struct ht_identity *identity,
                                const struct ht_account_info *account,
                                struct ht_why *why) HT_MUST_USE;

/* wallet.accounts. */
enum ht_err ht_accounts_json(void *self, json_t **out, struct ht_why *why) HT_MUST_USE;

#endif
