/* hearth account queue, approve, reject, permissions, revoke and log: what waits for the owner's
 * word, who may ask for it, and what has happened. */
#include "node/app/cmd.h"

#include "node/app/cmd_account.h"

#define ROUNDS_MAX 5

/* --- what waits -------------------------------------------------------------------------------*/

static enum ht_err queue(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return ht_wallet_call(wallet, result, "wallet.queue", json_object(), why);
}

static void put_origin(const json_t *object) {
    const json_t *origin = json_object_get(object, "origin");
    const char *text = json_string_value(origin);
    if (text == NULL) {
        printf("you");
    } else if (text[0] == '\0') {
        printf("a program on this computer");
    } else {
        ht_wallet_put(stdout, text);
    }
}

static void print_queue(const struct ht_wallet *wallet, const json_t *result) {
    const json_t *items = json_object_get(result, "items");
    size_t i;
    json_t *one;
    (void)wallet;
    json_array_foreach(items, i, one) {
        const json_t *explain = json_object_get(one, "explain");
        printf("%s  %s, asked by ", ht_wallet_text(one, "id"), ht_wallet_text(one, "kind"));
        put_origin(one);
        printf(", until ");
        ht_wallet_put_ms(stdout, json_integer_value(json_object_get(one, "expires_ms")));
        printf(" UTC\n    %s", json_is_true(json_object_get(explain, "is_red")) ? "DANGER: " : "");
        ht_wallet_put(stdout, ht_wallet_text(explain, "title"));
        printf("\n    ");
        ht_wallet_put(stdout, ht_wallet_text(explain, "sentence"));
        printf("\n");
    }
    if (json_array_size(items) == 0) printf("Nothing waits.\n");
}

/* The item with that id, a new reference. */
static enum ht_err find_item(const struct ht_wallet *wallet, json_t **item, const char *id,
                             struct ht_why *why) {
    json_t *answer = NULL, *one;
    size_t i;
    enum ht_err err = ht_wallet_call(wallet, &answer, "wallet.queue", json_object(), why);
    if (err != HT_OK) return err;
    *item = NULL;
    json_array_foreach(json_object_get(answer, "items"), i, one) {
        if (strcmp(ht_wallet_text(one, "id"), id) == 0 && *item == NULL) *item = json_incref(one);
    }
    json_decref(answer);
    if (*item != NULL) return HT_OK;
    return ht_fail(why, HT_ENOTFOUND, "no_such_request", "nothing with that id waits");
}

static enum ht_err decide(const struct ht_wallet *wallet, json_t **result, const json_t *item,
                          bool approves, struct ht_why *why) {
    json_t *params = json_pack("{s:O, s:O, s:b}", "id", json_object_get(item, "id"), "payload_hash",
                               json_object_get(item, "payload_hash"), "approve", (int)approves);
    json_t *accounts = wallet->operand_count > 1 ? json_array() : NULL;
    for (size_t i = 1; accounts != NULL && i < wallet->operand_count; i++) {
        (void)json_array_append_new(accounts, json_string(wallet->operands[i]));
    }
    if (accounts != NULL) (void)json_object_set_new(params, "accounts", accounts);
    return ht_wallet_call(wallet, result, "wallet.decide", params, why);
}

static void show_item(const struct ht_wallet *wallet, const json_t *item) {
    const json_t *origin = json_object_get(item, "origin");
    const char *name = json_string_value(origin);
    if (name == NULL) {
        ht_prompt_say(&wallet->prompt, "You asked for:\n");
    } else if (name[0] == '\0') {
        ht_prompt_say(&wallet->prompt, "A program on this computer asks:\n");
    } else {
        ht_wallet_show_text(wallet, name);
        ht_prompt_say(&wallet->prompt, " asks:\n");
    }
    ht_wallet_show_explain(wallet, json_object_get(item, "explain"));
    if (strcmp(ht_wallet_text(item, "kind"), "permission") == 0) {
        ht_prompt_say(&wallet->prompt, "\n  Shown to it: %s\n",
                      wallet->operand_count > 1 ? "the accounts that you named"
                                                : "the one account that the wallet proposes");
        return;
    }
    if (ht_wallet_text(item, "account")[0] != '\0') {
        ht_prompt_say(&wallet->prompt, "\n  Account %.60s", ht_wallet_text(item, "account"));
    }
    ht_prompt_say(&wallet->prompt, "\n  Payload %.80s\n", ht_wallet_text(item, "payload_hash"));
}

/* Accounts are chosen for permissions alone. */
static enum ht_err check_named(struct ht_wallet *wallet, const json_t *item, struct ht_why *why) {
    ht_addr20 address;
    enum ht_err err = HT_OK;
    bool is_permission = strcmp(ht_wallet_text(item, "kind"), "permission") == 0;
    if (wallet->operand_count > 1 && !is_permission) {
        return ht_wallet_usage(wallet, why, "only a permission takes accounts");
    }
    for (size_t i = 1; err == HT_OK && i < wallet->operand_count; i++) {
        err = ht_wallet_address(&address, wallet->operands[i], why);
    }
    return err;
}

static enum ht_err approve(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    for (int i = 0; i < ROUNDS_MAX; i++) {
        json_t *item = NULL, *answer = NULL;
        enum ht_err err = find_item(wallet, &item, wallet->operands[0], why);
        if (err != HT_OK) return err;
        err = check_named(wallet, item, why);
        if (err == HT_OK) show_item(wallet, item);
        if (err == HT_OK) err = ht_wallet_confirm(wallet, json_object_get(item, "explain"), why);
        if (err == HT_OK) err = decide(wallet, &answer, item, true, why);
        json_decref(item);
        if (err != HT_OK) return err;
        if (strcmp(ht_wallet_text(answer, "state"), "waiting") != 0) {
            *result = answer;
            return HT_OK;
        }
        json_decref(answer);
        ht_prompt_say(&wallet->prompt, "\nIt has changed meanwhile; it is now this:\n\n");
    }
    return ht_fail(why, HT_ESTALE, "payload_changed", "it changes too often; it still waits");
}

static enum ht_err reject(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    json_t *item = NULL;
    enum ht_err err = find_item(wallet, &item, wallet->operands[0], why);
    if (err == HT_OK) err = decide(wallet, result, item, false, why);
    json_decref(item);
    return err;
}

static void print_state(const struct ht_wallet *wallet, const json_t *result) {
    (void)wallet;
    printf("%-11s %s\n", "Request", ht_wallet_text(result, "state"));
}

/* --- permissions ------------------------------------------------------------------------------*/

static enum ht_err permissions(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return ht_wallet_call(wallet, result, "wallet.permissions", json_object(), why);
}

static void print_permissions(const struct ht_wallet *wallet, const json_t *result) {
    const json_t *list = json_object_get(result, "permissions"), *account;
    size_t i, k;
    json_t *one;
    (void)wallet;
    json_array_foreach(list, i, one) {
        put_origin(one);
        printf("\n    until ");
        ht_wallet_put_ms(stdout, json_integer_value(json_object_get(one, "expires_ms")));
        printf(" UTC\n");
        const json_t *accounts = json_object_get(one, "accounts");
        for (k = 0; (account = json_array_get(accounts, k)) != NULL; k++) {
            const char *address = json_string_value(account);
            printf("    %s\n", address != NULL ? address : "");
        }
    }
    if (json_array_size(list) == 0) printf("Nobody may ask.\n");
}

static enum ht_err revoke(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    bool is_all = wallet->options.is_all;
    if (is_all == (wallet->operand_count > 0)) {
        return ht_wallet_usage(wallet, why, "either an origin or --all is needed");
    }
    if (is_all) {
        return ht_wallet_call(wallet, result, "wallet.revoke_all", json_object(), why);
    }
    return ht_wallet_call(wallet, result, "wallet.revoke",
                          json_pack("{s:s}", "origin", wallet->operands[0]), why);
}

static void print_revoked(const struct ht_wallet *wallet, const json_t *result) {
    const json_t *count = json_object_get(result, "revoked");
    (void)wallet;
    printf("%-11s %lld\n", "Revoked",
           json_is_integer(count) ? (long long)json_integer_value(count) : 1);
}

/* --- what happened ----------------------------------------------------------------------------*/

static enum ht_err audit(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return ht_wallet_call(wallet, result, "wallet.audit", json_pack("{s:i}", "limit", 200), why);
}

static void print_audit(const struct ht_wallet *wallet, const json_t *result) {
    size_t i;
    json_t *one;
    (void)wallet;
    json_array_foreach(json_object_get(result, "entries"), i, one) {
        ht_wallet_put_ms(stdout, json_integer_value(json_object_get(one, "at_ms")));
        printf("  %-16s ", ht_wallet_text(one, "event"));
        put_origin(one);
        if (json_is_string(json_object_get(one, "account"))) {
            printf("  %s", ht_wallet_text(one, "account"));
        }
        printf("  ");
        ht_wallet_put(stdout, ht_wallet_text(one, "detail"));
        printf("\n");
    }
    if (!json_is_false(json_object_get(result, "is_whole"))) return;
    printf("Rows of this log were changed or taken out.\n");
}

/* --- the verbs --------------------------------------------------------------------------------*/

static const struct ht_wallet_verb verb_queue = {
    .cmd = {.name = "account queue",
            .summary = "what waits for your word",
            .usage = "account queue" HT_ACCOUNT_USAGE,
            .takes_operands = true},
    .allowed = HT_ACCOUNT_OPTIONS,
    .work = queue,
    .print = print_queue,
};

static const struct ht_wallet_verb verb_approve = {
    .cmd = {.name = "account approve",
            .summary = "show what a request would do, and sign or grant it",
            .usage = "account approve ID [ADDRESS]... [--yes]" HT_ACCOUNT_USAGE,
            .more = "\nADDRESS: for a permission, the accounts that may be seen; else the one "
                    "that the wallet\nproposes.\n",
            .takes_operands = true},
    .allowed = "y" HT_ACCOUNT_OPTIONS,
    .operands_min = 1,
    .operands_max = 33,
    .work = approve,
    .print = print_state,
};

static const struct ht_wallet_verb verb_reject = {
    .cmd = {.name = "account reject",
            .summary = "refuse a request",
            .usage = "account reject ID" HT_ACCOUNT_USAGE,
            .takes_operands = true},
    .allowed = HT_ACCOUNT_OPTIONS,
    .operands_min = 1,
    .operands_max = 1,
    .work = reject,
    .print = print_state,
};

static const struct ht_wallet_verb verb_permissions = {
    .cmd = {.name = "account permissions",
            .summary = "who may see accounts and ask for signatures",
            .usage = "account permissions" HT_ACCOUNT_USAGE,
            .takes_operands = true},
    .allowed = HT_ACCOUNT_OPTIONS,
    .work = permissions,
    .print = print_permissions,
};

static const struct ht_wallet_verb verb_revoke = {
    .cmd = {.name = "account revoke",
            .summary = "take a permission back",
            .usage = "account revoke ORIGIN|--all" HT_ACCOUNT_USAGE,
            .takes_operands = true},
    .allowed = "L" HT_ACCOUNT_OPTIONS,
    .operands_max = 1,
    .work = revoke,
    .print = print_revoked,
};

static const struct ht_wallet_verb verb_log = {
    .cmd = {.name = "account log",
            .summary = "what happened to keys and permissions, newest first",
            .usage = "account log" HT_ACCOUNT_USAGE,
            .takes_operands = true},
    .allowed = HT_ACCOUNT_OPTIONS,
    .work = audit,
    .print = print_audit,
};

const struct ht_wallet_verb *const ht_account_verbs_queue[] = {
    &verb_queue, &verb_approve, &verb_reject, &verb_permissions, &verb_revoke, &verb_log, NULL};
