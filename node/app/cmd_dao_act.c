/* hearth dao and hearth vote: what an account of one's own does. Each is shown and decided before
 * it is signed, as everything in the wallet's queue. */
#include "node/app/cmd.h"
#include <string.h>

#include "node/app/cmd_dao.h"
#include "node/app/cmd_decide.h"

#define OVERRIDE_HELP                                                                            \
    "\nAn account with no vote at the snapshot, one that has voted, or a proposal that is not\n" \
    "being voted on is refused, unless --override is given.\n"

/* Calls a method that waits for the owner, with the account set. params is taken over. */
static enum ht_err decided(struct ht_wallet *wallet, json_t **result, const char *method,
                           json_t *params, struct ht_why *why) {
    if (params == NULL) return ht_fail(why, HT_EINPUT, "bad_text", "that is no text in UTF-8");
    enum ht_err err = ht_cmd_dao_account(wallet, params, why);
    if (err == HT_OK) return ht_wallet_call_decided(wallet, result, method, params, why);
    json_decref(params);
    return err;
}

static enum ht_err create(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    json_t *wishes = NULL;
    enum ht_err err = ht_cmd_dao_file(&wishes, wallet->operands[0], why);
    if (err != HT_OK) return err;
    return decided(wallet, result, "dao.create", wishes, why);
}

static void print_created(const struct ht_wallet *wallet, const json_t *result) {
    size_t i;
    json_t *one;
    (void)wallet;
    ht_cmd_dao_line("Creation", ht_wallet_text(result, "id"));
    json_array_foreach(json_object_get(result, "steps"), i, one) {
        printf("%-11s %-7s ", i == 0 ? "Steps" : "", ht_wallet_text(one, "state"));
        ht_wallet_put(stdout, ht_wallet_text(one, "what"));
        printf("\n");
        ht_cmd_dao_line("", ht_wallet_text(one, "hash"));
    }
    ht_cmd_dao_line("Community", ht_wallet_text(result, "community"));
    ht_cmd_dao_line("Treasury", ht_wallet_text(result, "treasury"));
    ht_cmd_dao_line("Votes", ht_wallet_text(result, "votes"));
    ht_cmd_dao_line("Because", ht_wallet_text(result, "error"));
}

static enum ht_err created(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return ht_wallet_call(wallet, result, "dao.created",
                          json_pack("{s:s}", "id", wallet->operands[0]), why);
}

/* --- proposing -------------------------------------------------------------------------------- */

/* One payment in ether, of --to and --value; a new reference. */
static enum ht_err payment(const struct ht_wallet *wallet, json_t **actions, struct ht_why *why) {
    ht_u256 wei = ht_u256_of(0);
    ht_addr20 to;
    char text[HT_U256_DECIMAL_SIZE];
    enum ht_err err = ht_wallet_address(&to, wallet->options.to, why);
    if (err == HT_OK) err = ht_wallet_wei(&wei, wallet->options.value, why);
    if (err != HT_OK) return err;
    (void)ht_u256_to_decimal(text, &wei);
    *actions =
        json_pack("[{s:s, s:s, s:s}]", "kind", "pay_ether", "to", wallet->options.to, "wei", text);
    return HT_OK;
}

static enum ht_err propose(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    const struct ht_cmd_options *options = &wallet->options;
    json_t *actions = NULL;
    bool pays = options->to != NULL && options->value != NULL, has_file = wallet->operand_count > 2;
    enum ht_err err;
    if (pays == has_file || (options->to != NULL) != (options->value != NULL)) {
        return ht_wallet_usage(wallet, why, "either ACTIONS, or --to with --value");
    }
    err =
        pays ? payment(wallet, &actions, why) : ht_cmd_dao_file(&actions, wallet->operands[2], why);
    if (err != HT_OK) return err;
    json_t *params = json_pack("{s:s, s:s, s:o}", "address", wallet->operands[0], "description",
                               wallet->operands[1], "actions", actions);
    return decided(wallet, result, "dao.propose", params, why);
}

static enum ht_err queue(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return decided(wallet, result, "dao.queue", ht_cmd_dao_named(wallet), why);
}

static enum ht_err execute(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return decided(wallet, result, "dao.execute", ht_cmd_dao_named(wallet), why);
}

static enum ht_err cancel(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return decided(wallet, result, "dao.cancel", ht_cmd_dao_named(wallet), why);
}

static enum ht_err delegate(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    if (wallet->options.to == NULL) return ht_wallet_usage(wallet, why, "--to is needed");
    json_t *params =
        json_pack("{s:s, s:s, s:s}", "address", wallet->operands[0], "to", wallet->options.to, "by",
                  wallet->options.is_ballot ? "signature" : "transaction");
    return decided(wallet, result, "dao.delegate", params, why);
}

/* What is signed is of use to nobody unless it is handed on. */
static void print_delegated(const struct ht_wallet *wallet, const json_t *result) {
    const json_t *delegation = json_object_get(result, "delegation");
    ht_cmd_dao_print_done(wallet, result);
    if (delegation != NULL) ht_cmd_print_json(json_incref((json_t *)delegation));
}

/* --- voting ----------------------------------------------------------------------------------- */

static enum ht_err vote(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    const struct ht_cmd_options *options = &wallet->options;
    json_t *params = ht_cmd_dao_named(wallet);
    if (params == NULL) return ht_fail(why, HT_EINPUT, "bad_text", "that is no text in UTF-8");
    (void)json_object_set_new(params, "support", json_string(wallet->operands[2]));
    (void)json_object_set_new(params, "by",
                              json_string(options->is_ballot ? "ballot" : "transaction"));
    if (options->reason != NULL &&
        json_object_set_new(params, "reason", json_string(options->reason)) != 0) {
        json_decref(params);
        return ht_fail(why, HT_EINPUT, "bad_text", "the reason is no text in UTF-8");
    }
    if (options->overrides) (void)json_object_set_new(params, "override", json_true());
    return decided(wallet, result, "dao.vote", params, why);
}

static enum ht_err vote_checked(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    static const char *const supports[] = {"for", "against", "abstain"};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(wallet->operands[2], supports[i]) == 0) return vote(wallet, result, why);
    }
    return ht_wallet_usage(wallet, why, "a vote is for, against or abstain");
}

static enum ht_err ballots(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return ht_wallet_call(wallet, result, "dao.ballots", ht_cmd_dao_named(wallet), why);
}

static void print_ballots(const struct ht_wallet *wallet, const json_t *result) {
    static const char *const supports[] = {"against", "for", "abstain"};
    size_t i;
    json_t *one;
    (void)wallet;
    json_array_foreach(json_object_get(result, "ballots"), i, one) {
        json_int_t support = json_integer_value(json_object_get(one, "support"));
        printf("%s\n    %s  %s  %s  ", ht_wallet_text(one, "id"), ht_wallet_text(one, "voter"),
               support >= 0 && support < 3 ? supports[support] : "split",
               ht_wallet_text(one, "state"));
        ht_wallet_put(stdout, ht_wallet_text(one, "why"));
        printf("\n");
    }
    if (i == 0) printf("No ballot waits.\n");
}

/* All good ones, or those that are named. */
static enum ht_err relay(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    json_t *ids = json_array(), *known = NULL, *one, *params = NULL;
    size_t i;
    enum ht_err err = HT_OK;
    for (i = 2; i < wallet->operand_count; i++) {
        (void)json_array_append_new(ids, json_string(wallet->operands[i]));
    }
    if (wallet->operand_count == 2) err = ballots(wallet, &known, why);
    json_array_foreach(json_object_get(known, "ballots"), i, one) {
        bool is_good = strcmp(ht_wallet_text(one, "state"), "good") == 0;
        if (is_good) (void)json_array_append(ids, json_object_get(one, "id"));
    }
    if (err == HT_OK && json_array_size(ids) == 0)
        err = ht_fail(why, HT_ENOTFOUND, "no_ballots", "no good ballot waits");
    if (err == HT_OK) {
        params = ht_cmd_dao_named(wallet);
        (void)json_object_set(params, "ballots", ids);
        err = decided(wallet, result, "dao.relay", params, why);
    }
    json_decref(ids);
    json_decref(known);
    return err;
}

/* --- the verbs -------------------------------------------------------------------------------- */

#define VERB(ID, NAME, SUMMARY, USAGE, MORE, ALLOWED, MIN, MAX, WORK, PRINT)                      \
    static const struct ht_wallet_verb ID = {.cmd = {.name = "dao " NAME,                         \
                                                     .summary = SUMMARY,                          \
                                                     .usage = "dao " NAME USAGE HT_ACCOUNT_USAGE, \
                                                     .more = MORE,                                \
                                                     .takes_operands = true},                     \
                                             .allowed = ALLOWED HT_ACCOUNT_OPTIONS,               \
                                             .operands_min = MIN,                                 \
                                             .operands_max = MAX,                                 \
                                             .work = WORK,                                        \
                                             .print = PRINT}

VERB(
    verb_create, "create", "create a community: treasury, votes and governor in one transaction",
    " FILE|- [--from ADDRESS] [--yes]",
    "\nFILE is JSON:\n"
    "  {\"name\": \"Garden\", \"kind\": \"token\", \"voting_delay\": 7200, \"voting_period\": 50400,\n"
    "   \"quorum_percent\": 4, \"threshold\": \"1\", \"timelock_delay_s\": 172800,\n"
    "   \"token\": {\"name\": \"Seed\", \"symbol\": \"SEED\", \"holders\": [{\"address\": \"0x...\",\n"
    "   \"amount\": \"1000000000000000000\"}, {\"treasury\": true, \"amount\": \"...\"}]}}\n"
    "Amounts are in the smallest unit, delays in blocks. Of people instead: \"kind\": \"people\",\n"
    "\"schema\": uid, \"attesters\": [address].\n",
    "Ay", 1, 1, create, print_created);
VERB(verb_created, "created", "how far a creation is", " ID", NULL, "", 1, 1, created,
     print_created);
VERB(
    verb_propose, "propose", "propose a payment, or actions of a JSON file",
    " ADDRESS TEXT [ACTIONS|-] [--to ADDRESS --value ETHER] [--from ADDRESS]\n"
    "       [--yes]",
    "\nACTIONS is JSON: [{\"target\", \"wei\", \"calldata\"}], or of another kind: {\"kind\":\n"
    "\"pay_token\", \"token\", \"to\", \"amount\"}, {\"kind\": \"call\", \"target\", \"signature\",\n"
    "\"arguments\"}, {\"kind\": \"voting_delay\" | \"voting_period\" | \"threshold\" | \"quorum\" |\n"
    "\"timelock_delay\", \"value\"}.\n",
    "ATVy", 2, 3, propose, ht_cmd_dao_print_done);
VERB(verb_queue, "queue", "put what was decided into the timelock",
     " ADDRESS ID [--from ADDRESS] [--yes]", NULL, "Ay", 2, 2, queue, ht_cmd_dao_print_done);
VERB(verb_execute, "execute", "do what was decided", " ADDRESS ID [--from ADDRESS] [--yes]", NULL,
     "Ay", 2, 2, execute, ht_cmd_dao_print_done);
VERB(verb_cancel, "cancel", "take a proposal back", " ADDRESS ID [--from ADDRESS] [--yes]", NULL,
     "Ay", 2, 2, cancel, ht_cmd_dao_print_done);
VERB(verb_delegate, "delegate", "let somebody vote with an account's tokens, or yourself",
     " ADDRESS --to ADDRESS [--from ADDRESS] [--ballot] [--yes]",
     "\nADDRESS is the community. With --ballot it is signed only, for somebody else to send.\n",
     "ATMy", 1, 1, delegate, print_delegated);
VERB(verb_ballots, "ballots", "signed ballots of others that wait to be sent", " ADDRESS ID", NULL,
     "", 2, 2, ballots, print_ballots);
VERB(verb_relay, "relay", "send good ballots of others, at your cost",
     " ADDRESS ID [BALLOT...] [--from ADDRESS] [--yes]", NULL, "Ay", 2, 66, relay,
     ht_cmd_dao_print_done);

const struct ht_wallet_verb *const ht_dao_verbs_act[] = {
    &verb_create, &verb_created,  &verb_propose, &verb_queue, &verb_execute,
    &verb_cancel, &verb_delegate, &verb_ballots, &verb_relay, NULL};

static int run_vote(int argc, char **argv) {
    static const struct ht_wallet_verb verb = {
        .cmd = {.name = "vote",
                .summary = "vote on a proposal, by transaction or by signed ballot",
                .usage = "vote ADDRESS ID for|against|abstain [--reason TEXT] [--ballot]\n"
                         "       [--from ADDRESS] [--override] [--yes]" HT_ACCOUNT_USAGE,
                .more =
                    "\nWith --ballot it costs nothing: it is signed and published, for anybody to\n"
                    "send. Everybody can read it at once." OVERRIDE_HELP,
                .takes_operands = true},
        .allowed = "AMGy0" HT_ACCOUNT_OPTIONS,
        .operands_min = 3,
        .operands_max = 3,
        .work = vote_checked,
        .print = ht_cmd_dao_print_done,
    };
    return ht_wallet_run(&verb, argc, argv);
}

const struct ht_cmd ht_cmd_vote = {
    .name = "vote",
    .summary = "vote on a proposal, by transaction or by signed ballot",
    .run = run_vote,
    .takes_operands = true,
};
