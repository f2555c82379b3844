/* hearth account: what an account has, proven. */
#include "node/app/cmd.h"

#include <stdio.h>
#include <string.h>

#include "node/app/client.h"
#include "node/codec/json.h"

static const char *text(const json_t *object, const char *key) {
    const char *value = json_string_value(json_object_get(object, key));
    return value != NULL ? value : "";
}

/* Wei as ether, exact: the last 18 digits stand behind the point. */
static void print_ether(const char *wei) {
    size_t n = strlen(wei);
    char padded[100];
    (void)snprintf(padded, sizeof padded, "%s%.*s", n < 19 ? &"0000000000000000000"[n] : "",
                   (int)(sizeof padded - 20), wei);
    n = strlen(padded);
    size_t end = n;
    while (end > n - 18 && padded[end - 1] == '0') end--;
    printf("%-11s %.*s%s%.*s ether\n", "Balance", (int)(n - 18), padded, end > n - 18 ? "." : "",
           (int)(end - (n - 18)), padded + (n - 18));
}

static void print_account(const json_t *account) {
    const json_t *provenance = json_object_get(account, "provenance");
    const json_t *block = json_object_get(provenance, "block");
    const char *source =
        json_string_value(json_array_get(json_object_get(provenance, "sources"), 0));
    printf("%-11s %s%s\n", "Account", text(account, "address"),
           json_is_true(json_object_get(account, "exists")) ? "" : " (proven not to exist)");
    print_ether(text(account, "balance"));
    printf("%-11s %lld\n", "Nonce",
           (long long)json_integer_value(json_object_get(account, "nonce")));
    printf("%-11s %s\n%-11s %s\n", "Code hash", text(account, "code_hash"), "Storage",
           text(account, "storage_root"));
    printf("%-11s %s at block %lld, %s, %lld s old, carried by %s\n", "Proof",
           text(provenance, "verdict"),
           (long long)json_integer_value(json_object_get(block, "number")),
           text(provenance, "level"),
           (long long)json_integer_value(json_object_get(provenance, "age_ms")) / 1000,
           source != NULL ? source : "nobody");
    if (text(provenance, "why")[0] != '\0') printf("%-11s %s\n", "", text(provenance, "why"));
}

static int run(int argc, char **argv) {
    struct ht_cmd_options options;
    struct ht_config config;
    struct ht_why why = {0};
    int code = ht_cmd_read_options(&options, &ht_cmd_account, "ndaj", argc, argv);
    if (code >= 0) return code;
    if (options.first_operand + 1 != argc) {
        fprintf(stderr, "hearth account: one address is needed\nTry: hearth account --help\n");
        return HT_EXIT_USAGE;
    }
    enum ht_err err = ht_config_load(&config, &options.flags, &why);
    if (err != HT_OK) return ht_cmd_fail(&why, err, options.is_json);
    json_t *account = NULL;
    json_t *params = json_pack("{s:s, s:s}", "address", argv[options.first_operand], "block",
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

const struct ht_cmd ht_cmd_account = {
    .name = "account",
    .summary = "show an account's balance and nonce, proven at the head or at finality",
    .usage = "account ADDRESS [--finalized] [--network NAME|FILE] [--data-dir DIR] [--json]",
    .run = run,
};
