/* hearth account unlock, lock and passphrase. */
#include "node/app/cmd.h"

#include "node/app/cmd_account.h"

static void print_status(const struct ht_wallet *wallet, const json_t *status) {
    (void)wallet;
    const char *vault = ht_wallet_text(status, "vault");
    printf("%-11s %s\n", "Wallet", vault);
    if (strcmp(vault, "open") != 0) return;
    printf("%-11s after %lld min without use\n", "Locks",
           (long long)json_integer_value(json_object_get(status, "auto_lock_ms")) / 60000);
}

static enum ht_err unlock(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    enum ht_err err = ht_wallet_open(wallet, false, why);
    return err == HT_OK ? ht_wallet_status(wallet, result, why) : err;
}

static enum ht_err lock(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return ht_wallet_call(wallet, result, "wallet.lock", json_object(), why);
}

static enum ht_err change_passphrase(struct ht_wallet *wallet, json_t **result,
                                     struct ht_why *why) {
    struct ht_secret fresh = {0};
    enum ht_err err = ht_wallet_open(wallet, false, why);
    if (err == HT_OK) err = ht_wallet_ask_passphrase(wallet, why);
    if (err == HT_OK) err = ht_secret_new(&fresh, HT_WALLET_PASSPHRASE_MAX, why);
    if (err == HT_OK) {
        err = ht_prompt_new_secret(&fresh, &wallet->prompt,
                                   "New passphrase: ", HT_WALLET_PASSPHRASE_MIN, why);
    }
    if (err == HT_OK) {
        const ht_bytes parts[] = {ht_secret_view(&wallet->passphrase), ht_secret_view(&fresh)};
        const struct ht_wallet_sealed what = {
            .method = "wallet.passphrase",
            .request = HT_SIGNER_PASSPHRASE,
            .params = json_object(),
            .parts = parts,
            .part_count = 2,
        };
        err = ht_wallet_call_sealed(wallet, result, &what, why);
    }
    ht_secret_free(&fresh);
    return err;
}

static const struct ht_wallet_verb verb_unlock = {
    .cmd = {.name = "account unlock",
            .summary = "open the wallet, so that it can sign",
            .usage = "account unlock" HT_ACCOUNT_USAGE,
            .takes_operands = true},
    .allowed = HT_ACCOUNT_OPTIONS,
    .work = unlock,
    .print = print_status,
};

static const struct ht_wallet_verb verb_lock = {
    .cmd = {.name = "account lock",
            .summary = "lock the wallet: keys leave memory, what waits is refused",
            .usage = "account lock" HT_ACCOUNT_USAGE,
            .takes_operands = true},
    .allowed = HT_ACCOUNT_OPTIONS,
    .work = lock,
    .print = print_status,
};

static const struct ht_wallet_verb verb_passphrase = {
    .cmd = {.name = "account passphrase",
            .summary = "change the passphrase of the wallet",
            .usage = "account passphrase" HT_ACCOUNT_USAGE,
            .more = "\nFrom standard input: the old one, the new one, the new one again.\n",
            .takes_operands = true},
    .allowed = HT_ACCOUNT_OPTIONS,
    .work = change_passphrase,
    .print = print_status,
};

const struct ht_wallet_verb *const ht_account_verbs_vault[] = {&verb_unlock, &verb_lock,
                                                               &verb_passphrase, NULL};
