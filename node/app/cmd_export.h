/* What `hearth export` writes and `hearth import` reads: a folder of files in standard formats.
 *
 *   accounts.json            the list below; written last, so that a folder without it is no export
 *   keystore-ADDRESS.json    Web3 Secret Storage version 3, one for each key of an account
 *   nostr-PUBKEY.ncryptsec   NIP-49, one for each Nostr key
 *   SEED.words               the words of a seed (BIP-39), in plain; only with --words
 *
 * ADDRESS and PUBKEY are lower-case hex without 0x. accounts.json: {"format": "hearth-wallet",
 * "version": 1, "accounts": […], "seeds": [… "has_passphrase": bool | absent], "nostr": […],
 * "permissions": […], "tokens": [{"token", "symbol", "decimals"}] | null}, as wallet.accounts,
 * wallet.permissions and wallet.balances say it; nothing in it is secret. Names of files are made
 * from checked bytes, never taken from the list. */
#ifndef HT_APP_CMD_EXPORT_H
#define HT_APP_CMD_EXPORT_H

#include "node/app/cmd_account.h"

#define HT_EXPORT_LIST "accounts.json"
#define HT_EXPORT_FORMAT "hearth-wallet"
#define HT_EXPORT_VERSION 1
#define HT_EXPORT_LIST_MAX ((size_t)1 << 20)
#define HT_EXPORT_NAME_SIZE 96U

/* The name of the file of an account's, a Nostr key's or a seed's secret. HT_EINPUT "bad_list" when
 * its address, pubkey or id is none. */
enum ht_err ht_export_account_file(char out[static HT_EXPORT_NAME_SIZE], const json_t *account,
                                   struct ht_why *why) HT_MUST_USE;
enum ht_err ht_export_nostr_file(char out[static HT_EXPORT_NAME_SIZE], const json_t *nostr,
                                 struct ht_why *why) HT_MUST_USE;
enum ht_err ht_export_seed_file(char out[static HT_EXPORT_NAME_SIZE], const json_t *seed,
                                struct ht_why *why) HT_MUST_USE;

#endif
