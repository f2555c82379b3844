/* hearth account: what an account has, proven; and the way to the verbs of the wallet. */
#include "node/app/cmd.h"

#include <stdio.h>
#include <string.h>

#include "node/app/client.h"
#include "node/app/cmd_account.h"
#include "node/codec/json.h"

static void print_account(const json_t *account) {
    const json_t *provenance = json_object_get(account, "provenance");
    const json_t *block = json_object_get(provenance, "block");
    const char *source =
        json_string_value(json_array_get(json_object_get(provenance, "sources"), 0));
    printf("%-11s %s%s\n", "Account", ht_wallet_text(account, "address"),
           json_is_true(json_object_get(account, "exists")) ? "" : " (proven not to exist)");
    char ether[HT_WALLET_ETHER_SIZE];
    ht_wallet_ether(ether, ht_wallet_text(account, "balance"));
    printf("%-11s %s ether\n", "Balance", ether);
    printf("%-11s %lld\n", "Nonce",
           (long long)json_integer_value(json_object_get(account, "nonce")));
    printf("%-11s %s\n%-11s %s\n", "Code hash", ht_wallet_text(account, "code_hash"), "Storage",
           ht_wallet_text(account, "storage_root"));
    printf("%-11s %s at block %lld, %s, %lld s old, carried by %s\n", "Proof",
           ht_wallet_text(provenance, "verdict"),
           (long long)json_integer_value(json_object_get(block, "number")),
           ht_wallet_text(provenance, "level"),
           (long long)json_integer_value(json_object_get(provenance, "age_ms")) / 1000,
           source != NULL ? source : "nobody");
    if (ht_wallet_text(provenance, "why")[0] != '\0')
        printf("%-11s %s\n", "", ht_wallet_text(provenance, "why"));
}

static int show(int argc, char **argv) {
    struct ht_cmd_options options;
    struct ht_config config;
    struct ht_why why = {0};
    int code = ht_cmd_read_options(&options, &ht_cmd_account, "ndaj", argc, argv);
    if (code >= 0) return code;
    const char *wanted = options.first_operand + 1 == argc ? argv[options.first_operand] : "";
    if (strncmp(wanted, "0x", 2) != 0) {
        fprintf(stderr, "hearth account: one address is needed, or a verb right behind account\n"
                        "Try: hearth account --help\n");
        return HT_EXIT_USAGE;
    }
    enum ht_err err = ht_config_load(&config, &options.flags, &why);
    if (err != HT_OK) return ht_cmd_fail(&why, err, options.is_json);
    json_t *account = NULL;
    json_t *params = json_pack("{s:s, s:s}", "address", wanted, "block",
                               options.is_finalized ? "finalized" : "latest");
    err = params != NULL ? ht_client_call_with(&account, &config, "l1.account", params, &why)
                         : ht_fail(&why, HT_EINPUT, "bad_address", "that is no address");
    if (err == HT_OK && options.is_json) {
        ht_cmd_print_json(json_incref(account));
    } else if (err == HT_OK) {
        print_account(account);
    }
    json_decref(params);
    json_decref(account);
    ht_config_free(&config);
    return err == HT_OK ? 0 : ht_cmd_fail(&why, err, options.is_json);
}

/* The verb behind "account"; NULL: there is none of that name. */
static const struct ht_wallet_verb *find(const char *name) {
    static const struct ht_wallet_verb *const *const lists[] = {
        ht_account_verbs_seed, ht_account_verbs_keys, ht_account_verbs_vault, ht_account_verbs_send,
        ht_account_verbs_queue};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        for (const struct ht_wallet_verb *const *at = lists[i]; *at != NULL; at++) {
            if (strcmp((*at)->cmd.name + strlen("account "), name) == 0) return *at;
        }
    }
    return NULL;
}

static int run(int argc, char **argv) {
    const struct ht_wallet_verb *verb = argc > 1 ? find(argv[1]) : NULL;
    return verb != NULL ? ht_wallet_run(verb, argc - 1, argv + 1) : show(argc, argv);
}

const struct ht_cmd ht_cmd_account = {
    .name = "account",
    .summary = "show an account's balance and nonce, proven; create, restore, send, sign",
    .usage = "account ADDRESS [--finalized] [--network NAME|FILE] [--data-dir DIR] [--json]\n"
             "       hearth account VERB [OPTION]...",
    .more = "\nVerbs of the wallet; hearth account VERB --help tells more:\n"
            "  list                       accounts, seeds and Nostr keys\n"
            "  create, backup, restore    a new seed; check its words; one from words\n"
            "  import [FILE], export ID   a single key\n"
            "  add, watch ADDRESS         the next account of a seed; one without its key\n"
            "  unlock, lock, passphrase   the wallet\n"
            "  send                       ether\n"
            "  queue, approve, reject     what waits for your word\n"
            "  permissions, revoke, log   who may ask; what happened\n",
    .run = run,
    .takes_operands = true,
};
