/* hearth poll: polls off chain, asked, answered and counted. */
#include "node/app/cmd.h"
#include <stdlib.h>
#include <string.h>

#include "node/app/cmd_dao.h"

static json_t *id_params(const struct ht_wallet *wallet) {
    return json_pack("{s:s}", "id", wallet->operands[0]);
}

static enum ht_err list(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return ht_wallet_call(wallet, result, "polls.list", json_object(), why);
}

static void print_list(const struct ht_wallet *wallet, const json_t *result) {
    size_t i;
    json_t *one;
    (void)wallet;
    json_array_foreach(json_object_get(result, "polls"), i, one) {
        printf("%-11s ", ht_wallet_text(one, "state"));
        ht_wallet_put(stdout, ht_wallet_text(one, "question"));
        printf("\n    %s\n", ht_wallet_text(one, "id"));
    }
    if (i == 0) printf("There are no polls here.\n");
}

/* --- a poll ----------------------------------------------------------------------------------- */

static enum ht_err look(struct ht_wallet *wallet, json_t **result, const char *method,
                        struct ht_why *why) {
    json_t *params = json_pack("{s:s, s:b}", "id", wallet->operands[0], "ask", 1);
    ht_cmd_dao_progress(wallet, "Asking relays for ballots, proving who may vote");
    enum ht_err err = ht_wallet_call(wallet, result, method, params, why);
    ht_cmd_dao_progress(wallet, "%s", "");
    const json_t *counted = json_object_get(*result, "result");
    bool is_open = json_integer_value(json_object_get(counted, "unproven")) > 0;
    if (err == HT_OK && is_open) wallet->code = ht_err_exit_code(HT_EUNVERIFIED);
    return err;
}

static enum ht_err show(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return look(wallet, result, "polls.poll", why);
}

static enum ht_err recount(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return look(wallet, result, "polls.count", why);
}

static void print_gate(const json_t *gate) {
    const char *contract = ht_wallet_text(gate, "contract");
    printf("%-11s %s%s%s\n", "Who", ht_wallet_text(gate, "kind"), contract[0] != '\0' ? " of " : "",
           contract);
    ht_cmd_dao_line("Schema", ht_wallet_text(gate, "schema"));
}

static void print_options(const json_t *poll, const json_t *counted) {
    const json_t *options = json_object_get(counted, "options");
    size_t i;
    json_t *label;
    json_array_foreach(json_object_get(poll, "options"), i, label) {
        const json_t *one = json_array_get(options, i);
        const char *weight = ht_wallet_text(one, "weight");
        printf("%3zu. %20s  ", i + 1, weight[0] != '\0' ? weight : "-");
        ht_wallet_put(stdout, json_string_value(label));
        printf("\n");
    }
}

static void print_refused(const json_t *refused) {
    size_t i;
    json_t *one;
    json_array_foreach((json_t *)refused, i, one) {
        printf("%-11s %s  %s\n", i == 0 ? "Refused" : "", ht_wallet_text(one, "id"),
               ht_wallet_text(one, "why"));
    }
}

static void print_source(const json_t *source) {
    if (!json_is_object(source)) return;
    printf("%-11s %lld of %lld answered%s\n", "Relays",
           (long long)json_integer_value(json_object_get(source, "answered")),
           (long long)json_integer_value(json_object_get(source, "asked")),
           json_is_true(json_object_get(source, "is_cut")) ? "; there is more than was taken" : "");
}

static void print_poll(const struct ht_wallet *wallet, const json_t *poll) {
    const json_t *counted = json_object_get(poll, "result");
    size_t i;
    json_t *root;
    (void)wallet;
    ht_cmd_dao_line("Poll", ht_wallet_text(poll, "question"));
    ht_cmd_dao_line("Id", ht_wallet_text(poll, "id"));
    ht_cmd_dao_line("Method", ht_wallet_text(poll, "method"));
    print_gate(json_object_get(poll, "gate"));
    printf("%-11s %s, until block %lld\n", "State", ht_wallet_text(poll, "state"),
           (long long)json_integer_value(json_object_get(poll, "closing_block")));
    print_options(poll, counted);
    if (!json_is_object(counted)) return;
    printf("%-11s %lld; %lld refused, %lld late, %lld unproven; unit %s\n", "Counted",
           (long long)json_integer_value(json_object_get(counted, "counted")),
           (long long)json_integer_value(json_object_get(counted, "refused_count")),
           (long long)json_integer_value(json_object_get(counted, "late")),
           (long long)json_integer_value(json_object_get(counted, "unproven")),
           ht_wallet_text(counted, "unit"));
    ht_cmd_dao_line("Root", ht_wallet_text(counted, "root"));
    print_refused(json_object_get(counted, "refused"));
    print_source(json_object_get(poll, "source"));
    json_array_foreach(json_object_get(poll, "roots"), i, root) {
        bool is_same = json_is_true(json_object_get(root, "same"));
        printf("%-11s %-9s %s  ", i == 0 ? "Others" : "", is_same ? "the same" : "DIFFERENT",
               ht_wallet_text(root, "author"));
        ht_wallet_put(stdout, ht_wallet_text(root, "name"));
        printf("\n");
    }
}

/* --- making and voting ------------------------------------------------------------------------ */

/* What is signed needs an open wallet. params is taken over. */
static enum ht_err call_signed(struct ht_wallet *wallet, json_t **result, const char *method,
                               json_t *params, struct ht_why *why) {
    enum ht_err err = ht_wallet_open(wallet, false, why);
    if (err == HT_OK) return ht_wallet_call(wallet, result, method, params, why);
    json_decref(params);
    return err;
}

static enum ht_err make(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    json_t *poll = NULL;
    enum ht_err err = ht_cmd_dao_file(&poll, wallet->operands[0], why);
    return err == HT_OK ? call_signed(wallet, result, "polls.make", poll, why) : err;
}

static void print_made(const struct ht_wallet *wallet, const json_t *result) {
    (void)wallet;
    ht_cmd_dao_line("Poll", ht_wallet_text(result, "id"));
}

/* N, or N=SHARE: an option from 1 on, and its share. */
static bool read_choice(const char *word, json_int_t *option, json_int_t *share) {
    size_t digits = strspn(word, "0123456789");
    bool has_share = word[digits] == '=';
    const char *rest = word + digits + (has_share ? 1 : 0);
    size_t more = strspn(rest, "0123456789");
    bool is_wrong = digits == 0 || digits > 3 || (has_share && more == 0) || more > 7;
    if (is_wrong || rest[has_share ? more : 0] != '\0') return false;
    *option = (json_int_t)strtoll(word, NULL, 10);
    *share = has_share ? (json_int_t)strtoll(rest, NULL, 10) : -1;
    return *option > 0;
}

/* {"id", "choice"} or, when shares are given, {"id", "shares"} for each of the poll's options. */
static enum ht_err choices(struct ht_wallet *wallet, json_t **params, size_t options,
                           struct ht_why *why) {
    json_t *choice = json_array(), *shares = json_array();
    size_t shared = 0;
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < options; i++) (void)json_array_append_new(shares, json_integer(0));
    for (size_t i = 1; i < wallet->operand_count && err == HT_OK; i++) {
        json_int_t option, share;
        bool is = read_choice(wallet->operands[i], &option, &share) && (size_t)option <= options;
        if (!is) {
            err = ht_wallet_usage(wallet, why, "an option is its number: 1; or with a share: 1=60");
            break;
        }
        shared += share >= 0 ? 1 : 0;
        (void)json_array_append_new(choice, json_integer(option - 1));
        if (share >= 0) (void)json_array_set_new(shares, (size_t)option - 1, json_integer(share));
    }
    if (err == HT_OK && shared > 0 && shared + 1 != wallet->operand_count) {
        err = ht_wallet_usage(wallet, why, "either all options have a share, or none");
    }
    if (err == HT_OK) {
        *params = id_params(wallet);
        (void)json_object_set(*params, shared > 0 ? "shares" : "choice",
                              shared > 0 ? shares : choice);
    }
    json_decref(choice);
    json_decref(shares);
    return err;
}

static enum ht_err vote(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    json_t *poll = NULL, *params = NULL;
    enum ht_err err = ht_wallet_call(wallet, &poll, "polls.poll", id_params(wallet), why);
    if (err == HT_OK) {
        err = choices(wallet, &params, json_array_size(json_object_get(poll, "options")), why);
    }
    json_decref(poll);
    return err == HT_OK ? call_signed(wallet, result, "polls.vote", params, why) : err;
}

static void print_voted(const struct ht_wallet *wallet, const json_t *result) {
    (void)wallet;
    ht_cmd_dao_line("Published", ht_wallet_text(result, "event_id"));
    ht_cmd_dao_line("It", ht_wallet_text(result, "standing"));
    ht_cmd_dao_line("Because", ht_wallet_text(result, "why"));
}

static enum ht_err close_poll(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return call_signed(wallet, result, "polls.close", id_params(wallet), why);
}

static void print_closed(const struct ht_wallet *wallet, const json_t *result) {
    (void)wallet;
    ht_cmd_dao_line("Published", ht_wallet_text(result, "event_id"));
    ht_cmd_dao_line("Root", ht_wallet_text(result, "root"));
}

/* --- the verbs -------------------------------------------------------------------------------- */

#define VERB(ID, NAME, SUMMARY, USAGE, MORE, MIN, MAX, WORK, PRINT)                                \
    static const struct ht_wallet_verb ID = {.cmd = {.name = "poll " NAME,                         \
                                                     .summary = SUMMARY,                           \
                                                     .usage = "poll " NAME USAGE HT_ACCOUNT_USAGE, \
                                                     .more = MORE,                                 \
                                                     .takes_operands = true},                      \
                                             .allowed = HT_ACCOUNT_OPTIONS,                        \
                                             .operands_min = MIN,                                  \
                                             .operands_max = MAX,                                  \
                                             .work = WORK,                                         \
                                             .print = PRINT}

#define COUNT_HELP "\nExit code 3 while a ballot's weight is not proven.\n"

VERB(verb_list, "list", "polls in your node's store, newest first", "", NULL, 0, 0, list,
     print_list);
VERB(verb_show, "show", "a poll and its count", " ID", COUNT_HELP, 1, 1, show, print_poll);
VERB(verb_count, "count", "prove and count a poll again", " ID", COUNT_HELP, 1, 1, recount,
     print_poll);
VERB(verb_make, "make", "ask", " FILE|-",
     "\nFILE is JSON:\n"
     "  {\"question\": \"Where?\", \"options\": [\"Here\", \"There\"], \"method\": \"single\",\n"
     "   \"gate\": {\"kind\": \"attestation\", \"schema\": uid, \"attesters\": [address]},\n"
     "   \"hours\": 72}\n"
     "Methods: single, approval, ranked, weighted. Gates: open, token (with \"contract\"),\n"
     "attestation: one person, one vote.\n",
     1, 1, make, print_made);
VERB(verb_vote, "vote", "answer a poll", " ID N...",
     "\nN is an option's number; several are in order of preference. Shares: 1=60 3=40.\n", 2, 33,
     vote, print_voted);
VERB(verb_close, "close", "publish the root of a closed poll as your node counts it", " ID", NULL,
     1, 1, close_poll, print_closed);

static const struct ht_wallet_verb *const verbs[] = {
    &verb_list, &verb_show, &verb_count, &verb_make, &verb_vote, &verb_close, NULL};

static int run(int argc, char **argv) {
    static const struct ht_wallet_verb *const *const lists[] = {verbs};
    struct ht_cmd_options options;
    bool is_help = argc > 1 && strcmp(argv[1], "--help") == 0;
    if (is_help) return ht_cmd_read_options(&options, &ht_cmd_poll, HT_ACCOUNT_OPTIONS, argc, argv);
    return ht_cmd_dao_dispatch(lists, 1, "poll", argc, argv);
}

const struct ht_cmd ht_cmd_poll = {
    .name = "poll",
    .summary = "polls off chain: asked, answered, and counted alike by every node",
    .usage = "poll [VERB [OPTION]...]",
    .more = "\nVerbs; hearth poll VERB --help tells more:\n"
            "  list                 polls, newest first (without a verb)\n"
            "  show, count ID       one, and its count\n"
            "  make FILE            ask\n"
            "  vote ID N...         answer, by the options' numbers\n"
            "  close ID             publish the count's root\n",
    .run = run,
    .takes_operands = true,
};
