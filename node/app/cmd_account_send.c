/* hearth account send: ether from one account to another, shown, decided and followed.
 *
 * wallet.send answers when its request in the queue has been decided, so it waits on a thread of
 * its own while this one looks for the request and decides it. What is approved is the payload
 * whose words the owner has seen: the whole transaction is fixed by what wallet.prepare proposed,
 * and a request that is explained otherwise is shown and asked about anew. */
#include "node/app/cmd.h"

#include "node/app/cmd_account.h"
#include "node/app/cmd_decide.h"
#include "node/base/hex.h"

#define FOLLOW_MS 1000
#define FOLLOW_MAX 900 /* looks: a quarter of an hour */

/* --- deciding it ------------------------------------------------------------------------------*/

static bool is_same_address(const char *a, const char *b) {
    ht_addr20 first, second;
    return ht_hex_read(first.b, sizeof first.b, ht_bytes_str(a)) == HT_OK &&
           ht_hex_read(second.b, sizeof second.b, ht_bytes_str(b)) == HT_OK &&
           memcmp(first.b, second.b, sizeof first.b) == 0;
}

/* Whether the request does what was prepared: what leaves, to whom, and in the same words. */
static bool is_ours(const json_t *item, const void *user) {
    const json_t *prepared = user;
    static const char *const members[] = {"title", "sentence", "kind", "leaves"};
    const json_t *shown = json_object_get(prepared, "explain");
    const json_t *its = json_object_get(item, "explain");
    const json_t *transaction = json_object_get(prepared, "transaction");
    bool is = strcmp(ht_wallet_text(item, "kind"), "transaction") == 0 &&
              is_same_address(ht_wallet_text(item, "account"), ht_wallet_text(transaction, "from"));
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        is = is && json_equal(json_object_get(shown, members[i]), json_object_get(its, members[i]));
    }
    return is;
}

/* Approves it when it is what was shown, or is approved when shown anew; else takes it back. */
static enum ht_err decide_ours(const struct ht_wallet *wallet, const json_t *item,
                               const json_t *prepared, struct ht_why *why) {
    const json_t *explain = json_object_get(item, "explain");
    enum ht_err err = HT_OK;
    if (!json_equal(explain, json_object_get(prepared, "explain"))) {
        ht_prompt_say(&wallet->prompt, "\nIt has changed since it was shown:\n");
        ht_wallet_show_explain(wallet, explain);
        err = ht_wallet_confirm(wallet, explain, why);
    }
    if (err == HT_OK) err = ht_wallet_decide(wallet, item, true, why);
    /* What was not approved must not be left waiting. */
    if (err != HT_OK) (void)!ht_wallet_decide(wallet, item, false, NULL);
    return err;
}

static enum ht_err send_prepared(struct ht_wallet *wallet, json_t **result, const json_t *prepared,
                                 struct ht_why *why) {
    struct ht_asking asking;
    struct ht_why reason = {0};
    json_t *answer = NULL;
    enum ht_err err =
        ht_asking_begin(&asking, wallet, "wallet.send",
                        json_deep_copy(json_object_get(prepared, "transaction")), why);
    if (err != HT_OK) return err;
    json_t *item = ht_asking_next(&asking, is_ours, prepared);
    if (item != NULL) err = decide_ours(wallet, item, prepared, why);
    json_decref(item);
    enum ht_err ended = ht_asking_end(&asking, &answer, &reason);
    if (err == HT_OK && ended != HT_OK) {
        err = ended;
        *why = reason;
    }
    if (err == HT_OK) {
        *result = answer;
    } else {
        json_decref(answer);
    }
    return err;
}

/* --- following it -----------------------------------------------------------------------------*/

/* The transaction as wallet.activity has it, a new reference; NULL when it is not there. */
static json_t *look(const struct ht_wallet *wallet, const char *hash) {
    json_t *activity = NULL, *found = NULL, *one;
    size_t i;
    enum ht_err err = ht_wallet_call(wallet, &activity, "wallet.activity", json_object(), NULL);
    if (err != HT_OK) return NULL;
    json_array_foreach(json_object_get(activity, "transactions"), i, one) {
        if (strcmp(ht_wallet_text(one, "hash"), hash) != 0 || found != NULL) continue;
        found = json_incref(one);
    }
    json_decref(activity);
    return found;
}

static enum ht_err follow(const struct ht_wallet *wallet, json_t *result, struct ht_why *why) {
    const char *hash = ht_wallet_text(result, "hash");
    for (int i = 0; i < FOLLOW_MAX; i++) {
        json_t *found = look(wallet, hash);
        const char *state = ht_wallet_text(found, "state");
        bool is_over = state[0] != '\0' && strcmp(state, "sent") != 0;
        bool is_replaced = strcmp(state, "replaced") == 0;
        if (is_over) (void)json_object_set(result, "state", json_object_get(found, "state"));
        if (is_over) (void)json_object_set(result, "block", json_object_get(found, "block"));
        if (is_over) {
            (void)json_object_set(result, "succeeded", json_object_get(found, "succeeded"));
        }
        json_decref(found);
        if (is_replaced) {
            return ht_fail(why, HT_EDENIED, "tx_replaced", "another took its place: %s", hash);
        }
        if (is_over) return HT_OK;
        ht_pause_ms(FOLLOW_MS);
    }
    return ht_fail(why, HT_ESTALE, "not_included", "it is sent, and in no block yet: %s", hash);
}

/* --- the verb ---------------------------------------------------------------------------------*/

static void show_prepared(const struct ht_wallet *wallet, const json_t *prepared) {
    const json_t *provenance = json_object_get(prepared, "provenance");
    const json_t *block = json_object_get(provenance, "block");
    char cost[HT_WALLET_ETHER_SIZE], balance[HT_WALLET_ETHER_SIZE];
    ht_wallet_show_explain(wallet, json_object_get(prepared, "explain"));
    ht_wallet_ether(cost, ht_wallet_text(prepared, "cost_max"));
    ht_wallet_ether(balance, ht_wallet_text(prepared, "balance"));
    ht_prompt_say(&wallet->prompt,
                  "  At most %s ether in all, fees included\n  The account has %s ether (%.20s at "
                  "block %lld)\n",
                  cost, balance, ht_wallet_text(provenance, "verdict"),
                  (long long)json_integer_value(json_object_get(block, "number")));
}

static enum ht_err prepare(const struct ht_wallet *wallet, json_t **prepared, struct ht_why *why) {
    const struct ht_cmd_options *options = &wallet->options;
    ht_addr20 from, to;
    ht_u256 wei = ht_u256_of(0);
    char value[HT_U256_QUANTITY_SIZE], sender[HT_HEX_SIZE(20)], receiver[HT_HEX_SIZE(20)];
    enum ht_err err = ht_wallet_address(&from, options->from, why);
    if (err == HT_OK) err = ht_wallet_address(&to, options->to, why);
    if (err == HT_OK) err = ht_wallet_wei(&wei, options->value, why);
    if (err != HT_OK) return err;
    ht_hex_write(sender, HT_BYTES(from.b));
    ht_hex_write(receiver, HT_BYTES(to.b));
    (void)ht_u256_to_quantity(value, &wei);
    return ht_wallet_call(
        wallet, prepared, "wallet.prepare",
        json_pack("{s:s, s:s, s:s}", "from", sender, "to", receiver, "value", value), why);
}

static enum ht_err send_ether(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    const struct ht_cmd_options *options = &wallet->options;
    json_t *prepared = NULL;
    if (options->from == NULL || options->to == NULL || options->value == NULL) {
        return ht_wallet_usage(wallet, why, "--from, --to and --value are needed");
    }
    enum ht_err err = ht_wallet_open(wallet, false, why);
    if (err == HT_OK) err = prepare(wallet, &prepared, why);
    if (err != HT_OK) return err;
    show_prepared(wallet, prepared);
    err = ht_wallet_confirm(wallet, json_object_get(prepared, "explain"), why);
    if (err == HT_OK) err = send_prepared(wallet, result, prepared, why);
    if (err == HT_OK && options->waits) {
        /* Whoever waits still needs the hash when waiting fails. */
        ht_prompt_say(&wallet->prompt, "Sent: %.80s\n", ht_wallet_text(*result, "hash"));
        err = follow(wallet, *result, why);
    }
    json_decref(prepared);
    return err;
}

static void print_sent(const struct ht_wallet *wallet, const json_t *result) {
    const json_t *block = json_object_get(result, "block");
    (void)wallet;
    printf("%-11s %s\n", "Sent", ht_wallet_text(result, "hash"));
    if (!json_is_object(block)) return;
    printf("%-11s %s in block %lld%s\n", "State", ht_wallet_text(result, "state"),
           (long long)json_integer_value(json_object_get(block, "number")),
           json_is_false(json_object_get(result, "succeeded")) ? ", and failed there" : "");
}

static const struct ht_wallet_verb verb_send = {
    .cmd = {.name = "account send",
            .summary = "send ether, after it was shown what that does",
            .usage = "account send --from ADDRESS --to ADDRESS --value ETHER [--yes] "
                     "[--wait]" HT_ACCOUNT_USAGE,
            .more = "\nFrom standard input: the passphrase when the wallet is locked, then y.\n",
            .takes_operands = true},
    .allowed = "ATVyk" HT_ACCOUNT_OPTIONS,
    .work = send_ether,
    .print = print_sent,
};

const struct ht_wallet_verb *const ht_account_verbs_send[] = {&verb_send, NULL};
