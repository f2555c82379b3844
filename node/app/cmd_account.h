/* The verbs behind `hearth account`, by the file that has them; each list ends with NULL. */
#ifndef HT_APP_CMD_ACCOUNT_H
#define HT_APP_CMD_ACCOUNT_H

#include "node/app/cmd_wallet.h"

extern const struct ht_wallet_verb *const ht_account_verbs_seed[]; /* create, backup, restore */
extern const struct ht_wallet_verb *const ht_account_verbs_keys[]; /* list, import, add, watch, … */
extern const struct ht_wallet_verb *const ht_account_verbs_vault[]; /* unlock, lock, passphrase */
extern const struct ht_wallet_verb *const ht_account_verbs_send[];
extern const struct ht_wallet_verb *const ht_account_verbs_queue[]; /* queue, approve, …, log */

#define HT_ACCOUNT_OPTIONS "ndj" /* of all of them */
#define HT_ACCOUNT_USAGE " [--network NAME|FILE] [--data-dir DIR] [--json]"

/* Prints what wallet.import, wallet.new_seed and their like answer. */
/* Imports a secret: kind as signer/protocol.h has it, label NULL: the node's own. */
struct ht_account_import {
    const char *kind;
    const char *label;
    const struct ht_secret *secret;
    const struct ht_secret *password; /* NULL: none; of a mnemonic its BIP-39 passphrase */
    json_int_t words;                 /* of a mnemonic; 0: not said */
};
enum ht_err ht_account_import(const struct ht_wallet *wallet, json_t **result,
                              const struct ht_account_import *what, struct ht_why *why) HT_MUST_USE;

/* Exports into secret, appended. password: of the file that is made, NULL for formats without. */
struct ht_account_export {
    const json_t *id;
    const char *format;
    const struct ht_secret *password;
    struct ht_secret *secret;
};
enum ht_err ht_account_export(const struct ht_wallet *wallet, json_t **result,
                              const struct ht_account_export *what, struct ht_why *why) HT_MUST_USE;

/* Writes a new file that only its owner can read, in the folder dir_fd (AT_FDCWD: as the path
 * says), and waits for the disk. HT_EDENIED "file_exists", HT_ESTORE "unwritable". */
enum ht_err ht_account_write_file(int dir_fd, const char *path, ht_bytes content,
                                  struct ht_why *why) HT_MUST_USE;

void ht_account_print_new(const struct ht_wallet *wallet, const json_t *result);

#endif
