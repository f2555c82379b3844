/* hearth dao: communities, proposals and votes on the terminal. */
#include "node/app/cmd.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "node/app/cmd_dao.h"
#include "node/app/cmd_dao_text.h"
#include "node/app/cmd_decide.h"
#include "node/app/cmd_identity.h"

#define PAGE 200     /* votes a call */
#define COUNT_MS 500 /* between two looks at a count */
#define COUNT_MAX 600
#define EXPORT_MAX ((size_t)128 << 20)

/* A new reference; NULL when it is not followed. */
static json_t *community_of(const struct ht_wallet *wallet, const char *address) {
    json_t *answer = NULL, *found = NULL, *one;
    size_t i;
    enum ht_err err = ht_wallet_call(wallet, &answer, "dao.list", json_object(), NULL);
    if (err != HT_OK) return NULL;
    json_array_foreach(json_object_get(answer, "communities"), i, one) {
        if (strcasecmp(ht_wallet_text(one, "address"), address) != 0 || found != NULL) continue;
        found = json_incref(one);
    }
    json_decref(answer);
    return found;
}

static long long decimals_of(const struct ht_wallet *wallet, const char *address) {
    json_t *community = community_of(wallet, address);
    long long decimals = ht_dao_number(community, "token_decimals");
    json_decref(community);
    return decimals;
}

/* --- communities ------------------------------------------------------------------------------ */

static json_t *address_params(const struct ht_wallet *wallet) {
    return json_pack("{s:s}", "address", wallet->operands[0]);
}

static enum ht_err list(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return ht_wallet_call(wallet, result, "dao.list", json_object(), why);
}

static void put_name(const json_t *community) {
    const char *label = ht_wallet_text(community, "label");
    ht_wallet_put(stdout, ht_wallet_text(community, "name"));
    if (label[0] != '\0') printf(" (");
    ht_wallet_put(stdout, label);
    if (label[0] != '\0') printf(")");
}

static void print_list(const struct ht_wallet *wallet, const json_t *result) {
    size_t i;
    json_t *one;
    (void)wallet;
    json_array_foreach(json_object_get(result, "communities"), i, one) {
        printf("%s  ", ht_wallet_text(one, "address"));
        put_name(one);
        printf("\n    %s, layout %s; %lld active, %lld pending", ht_wallet_text(one, "kind"),
               ht_wallet_text(one, "profile"), ht_dao_number(one, "active"),
               ht_dao_number(one, "pending"));
        const char *power = ht_wallet_text(one, "my_power");
        if (power[0] != '\0') {
            printf("; your votes ");
            ht_dao_put_amount(power, ht_dao_number(one, "token_decimals"));
        }
        printf("\n");
    }
    if (i == 0) printf("You follow no community yet: hearth dao add ADDRESS\n");
}

static void print_community(const json_t *community) {
    size_t i;
    json_t *one;
    printf("%-11s ", "Community");
    put_name(community);
    printf("\n");
    ht_cmd_dao_line("Address", ht_wallet_text(community, "address"));
    ht_cmd_dao_line("Kind", ht_wallet_text(community, "kind"));
    ht_cmd_dao_line("Layout", ht_wallet_text(community, "profile"));
    ht_cmd_dao_line("Because", ht_wallet_text(community, "why"));
    ht_cmd_dao_line("Token", ht_wallet_text(community, "token"));
    ht_cmd_dao_line("Symbol", ht_wallet_text(community, "token_symbol"));
    ht_cmd_dao_line("Timelock", ht_wallet_text(community, "timelock"));
    ht_cmd_dao_line("Counting", ht_wallet_text(community, "counting"));
    ht_cmd_dao_line("Clock", ht_wallet_text(community, "clock"));
    json_array_foreach(json_object_get(community, "alerts"), i, one) {
        ht_cmd_dao_line(i == 0 ? "Alerts" : "", ht_wallet_text(one, "text"));
    }
    ht_dao_put_as_of(json_object_get(community, "as_of"));
}

static enum ht_err add(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    json_t *params = address_params(wallet);
    if (wallet->options.label != NULL) {
        (void)json_object_set_new(params, "label", json_string(wallet->options.label));
    }
    ht_cmd_dao_progress(wallet, "Proving where the contract keeps what");
    enum ht_err err = ht_wallet_call(wallet, result, "dao.add", params, why);
    ht_cmd_dao_progress(wallet, "%s", "");
    return err;
}

static void print_added(const struct ht_wallet *wallet, const json_t *result) {
    (void)wallet;
    print_community(json_object_get(result, "community"));
}

static enum ht_err forget(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return ht_wallet_call(wallet, result, "dao.forget", address_params(wallet), why);
}

static void print_forgotten(const struct ht_wallet *wallet, const json_t *result) {
    (void)result;
    ht_cmd_dao_line("Forgotten", wallet->operands[0]);
}

static enum ht_err show(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return ht_wallet_call(wallet, result, "dao.community", address_params(wallet), why);
}

static void print_shown(const struct ht_wallet *wallet, const json_t *community) {
    const json_t *settings = json_object_get(community, "settings");
    const json_t *power = json_object_get(community, "power");
    const json_t *treasury = json_object_get(community, "treasury");
    const char *unit = strcmp(ht_wallet_text(community, "clock"), "time") == 0 ? "s" : "blocks";
    char ether[HT_WALLET_ETHER_SIZE];
    (void)wallet;
    print_community(community);
    if (json_is_object(settings)) {
        printf("%-11s delay %s, period %s %s; quorum ", "Voting",
               ht_wallet_text(settings, "voting_delay"), ht_wallet_text(settings, "voting_period"),
               unit);
        ht_dao_put_amount(ht_wallet_text(settings, "quorum_now"),
                          ht_dao_number(community, "token_decimals"));
        printf("\n");
    }
    ht_dao_put_list("Can cancel", json_object_get(power, "can_cancel"));
    ht_dao_put_list("Can veto", json_object_get(power, "can_veto"));
    ht_dao_put_list("Can upgrade", json_object_get(power, "can_upgrade"));
    ht_dao_put_list("Power", json_object_get(power, "notes"));
    if (ht_wallet_text(treasury, "wei")[0] != '\0') {
        ht_wallet_ether(ether, ht_wallet_text(treasury, "wei"));
        printf("%-11s %s ether at %s\n", "Treasury", ether, ht_wallet_text(treasury, "address"));
    }
}

/* --- proposals -------------------------------------------------------------------------------- */

static bool is_state(const char *word) {
    static const char *const STATES[] = {"Pending",   "Active", "Canceled", "Defeated",
                                         "Succeeded", "Queued", "Expired",  "Executed"};
    for (size_t i = 0; i < sizeof STATES / sizeof *STATES; i++) {
        if (strcmp(STATES[i], word) == 0) return true;
    }
    return false;
}

static enum ht_err proposals(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    json_t *params = json_object();
    for (size_t i = 0; i < wallet->operand_count; i++) {
        bool is_address = strncmp(wallet->operands[i], "0x", 2) == 0;
        if (!is_address && !is_state(wallet->operands[i])) {
            json_decref(params);
            return ht_wallet_usage(wallet, why, "an address, or a state as --help has it");
        }
        (void)json_object_set_new(params, is_address ? "address" : "state",
                                  json_string(wallet->operands[i]));
    }
    const char *limit = wallet->options.limit;
    if (limit != NULL && (strlen(limit) > 4 || strspn(limit, "0123456789") != strlen(limit))) {
        json_decref(params);
        return ht_wallet_usage(wallet, why, "--limit takes a number");
    }
    if (limit != NULL) {
        (void)json_object_set_new(params, "limit", json_integer(strtoll(limit, NULL, 10)));
    }
    return ht_wallet_call(wallet, result, "dao.proposals", params, why);
}

static void put_tally(const json_t *proposal, long long decimals) {
    static const char *const names[] = {"for", "against", "abstain"};
    const json_t *tally = json_object_get(proposal, "tally");
    if (!json_is_object(tally)) return;
    printf("%-11s ", "Tally");
    for (size_t i = 0; i < 3; i++) {
        printf("%s%s ", i > 0 ? ", " : "", names[i]);
        ht_dao_put_amount(ht_wallet_text(tally, names[i]), decimals);
    }
    if (ht_wallet_text(tally, "quorum")[0] != '\0') {
        printf("; quorum ");
        ht_dao_put_amount(ht_wallet_text(tally, "quorum"), decimals);
        printf(json_is_true(json_object_get(tally, "quorum_met")) ? ", met" : ", not met");
    }
    printf("\n");
}

static void print_proposals(const struct ht_wallet *wallet, const json_t *result) {
    size_t i;
    json_t *one;
    (void)wallet;
    json_array_foreach(json_object_get(result, "proposals"), i, one) {
        printf("%-10s ", ht_wallet_text(one, "state"));
        ht_wallet_put(stdout, ht_wallet_text(one, "title"));
        printf("\n    %s\n    %s\n", ht_wallet_text(one, "community"), ht_wallet_text(one, "id"));
    }
    if (i == 0) printf("There are no proposals here.\n");
    if (!json_is_true(json_object_get(result, "is_complete"))) {
        ht_cmd_dao_line("Incomplete", ht_wallet_text(result, "why_incomplete"));
    }
}

static enum ht_err proposal(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    enum ht_err err = ht_wallet_call(wallet, result, "dao.proposal", ht_cmd_dao_named(wallet), why);
    bool is_open = strcmp(ht_wallet_text(*result, "state_provenance"), "unverified") == 0;
    if (err == HT_OK && is_open) wallet->code = ht_err_exit_code(HT_EUNVERIFIED);
    return err;
}

/* "proven", or what keeps it from being so. */
static void put_counted(const json_t *proposal, long long decimals) {
    static const char *const names[] = {"for", "against", "abstain"};
    const json_t *missing = json_object_get(proposal, "missing");
    const json_t *counting = json_object_get(proposal, "counting");
    bool tally = json_is_true(json_object_get(proposal, "tally_proven"));
    bool votes = json_is_true(json_object_get(proposal, "list_proven"));
    printf("%-11s %lld votes; tally %s, list of voters %s\n", "Counted",
           ht_dao_number(proposal, "votes_count"), tally ? "proven" : "not proven",
           votes ? "proven" : "not proven");
    if (json_is_object(counting)) {
        printf("%-11s %lld of %lld\n", "Counting", ht_dao_number(counting, "done"),
               ht_dao_number(counting, "total"));
    }
    for (size_t i = 0; i < 3 && json_is_object(missing); i++) {
        if (strcmp(ht_wallet_text(missing, names[i]), "0") == 0) continue;
        printf("%-11s ", "MISSING");
        ht_dao_put_amount(ht_wallet_text(missing, names[i]), decimals);
        printf(" %s\n", names[i]);
    }
    ht_dao_put_list("Left out by", json_object_get(proposal, "omitted_by"));
    ht_cmd_dao_line("Because", ht_wallet_text(json_object_get(proposal, "error"), "text"));
}

static void put_actions(const json_t *actions) {
    size_t i;
    json_t *one;
    char ether[HT_WALLET_ETHER_SIZE];
    json_array_foreach((json_t *)actions, i, one) {
        const json_t *explain = json_object_get(one, "explain");
        const char *sentence = ht_wallet_text(explain, "sentence");
        printf("%-11s %zu. ", i == 0 ? "Actions" : "", i + 1);
        ht_wallet_put(stdout, sentence[0] != '\0' ? sentence : ht_wallet_text(explain, "title"));
        ht_wallet_ether(ether, ht_wallet_text(one, "wei"));
        printf("\n%-11s    to %s, %s ether%s\n%-11s    ", "", ht_wallet_text(one, "target"), ether,
               json_is_true(json_object_get(one, "guess")) ? ", a guess" : "", "");
        ht_wallet_put(stdout, ht_wallet_text(one, "calldata"));
        printf("\n");
    }
}

static void print_proposal(const struct ht_wallet *wallet, const json_t *result) {
    long long decimals = decimals_of(wallet, wallet->operands[0]);
    bool is_estimate = json_is_true(json_object_get(result, "is_estimate"));
    ht_cmd_dao_line("Proposal", ht_wallet_text(result, "title"));
    ht_cmd_dao_line("Id", ht_wallet_text(result, "id"));
    ht_cmd_dao_line("Proposer", ht_wallet_text(result, "proposer"));
    printf("%-11s %s (%s)\n", "State", ht_wallet_text(result, "state"),
           ht_wallet_text(result, "state_provenance"));
    ht_dao_put_seconds("Starts", json_object_get(result, "start_s"), is_estimate);
    ht_dao_put_seconds("Ends", json_object_get(result, "end_s"), is_estimate);
    put_tally(result, decimals);
    put_counted(result, decimals);
    put_actions(json_object_get(result, "actions"));
    ht_dao_put_list("Beware", json_object_get(result, "hidden_power"));
    ht_cmd_dao_line("Because", ht_wallet_text(result, "why"));
    ht_dao_put_as_of(json_object_get(result, "as_of"));
}

/* --- votes ------------------------------------------------------------------------------------ */

/* Waits until a count is there: the proposal, a new reference. */
static enum ht_err counted(const struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    for (int i = 0; i < COUNT_MAX; i++) {
        json_t *now = NULL;
        enum ht_err err =
            ht_wallet_call(wallet, &now, "dao.proposal", ht_cmd_dao_named(wallet), why);
        if (err != HT_OK) return err;
        bool has_ended = json_is_null(json_object_get(now, "counting")) &&
                         (json_is_object(json_object_get(now, "counted_as_of")) ||
                          json_is_object(json_object_get(now, "error")));
        const json_t *counting = json_object_get(now, "counting");
        if (has_ended) {
            ht_cmd_dao_progress(wallet, "%s", "");
            *result = now;
            return HT_OK;
        }
        ht_cmd_dao_progress(wallet, "Counting: %lld of %lld blocks",
                            ht_dao_number(counting, "done"), ht_dao_number(counting, "total"));
        json_decref(now);
        ht_pause_ms(COUNT_MS);
    }
    return ht_fail(why, HT_EAGAIN, "still_counting", "it is still being counted");
}

static enum ht_err all_votes(const struct ht_wallet *wallet, json_t *votes, struct ht_why *why) {
    for (;;) {
        json_t *page = NULL, *params = ht_cmd_dao_named(wallet);
        (void)json_object_set_new(params, "offset",
                                  json_integer((json_int_t)json_array_size(votes)));
        (void)json_object_set_new(params, "limit", json_integer(PAGE));
        enum ht_err err = ht_wallet_call(wallet, &page, "dao.votes", params, why);
        if (err != HT_OK) return err;
        json_t *rows = json_object_get(page, "votes");
        bool is_last = json_array_size(rows) < PAGE;
        (void)json_array_extend(votes, rows);
        json_decref(page);
        if (is_last) return HT_OK;
    }
}

static enum ht_err votes(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    json_t *proposal_now = NULL, *list_of = json_array();
    enum ht_err err = counted(wallet, &proposal_now, why);
    if (err == HT_OK) err = all_votes(wallet, list_of, why);
    if (err == HT_OK) {
        bool is_proven = json_is_true(json_object_get(proposal_now, "tally_proven"));
        if (!is_proven) wallet->code = ht_err_exit_code(HT_EUNVERIFIED);
        *result = json_pack("{s:O, s:O}", "proposal", proposal_now, "votes", list_of);
    }
    json_decref(proposal_now);
    json_decref(list_of);
    return err;
}

static void print_votes(const struct ht_wallet *wallet, const json_t *result) {
    static const char *const supports[] = {"against", "for", "abstain"};
    const json_t *shown = json_object_get(result, "proposal");
    long long decimals = decimals_of(wallet, wallet->operands[0]);
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(result, "votes"), i, one) {
        long long support = ht_dao_number(one, "support");
        printf("%s  %-8s ", ht_wallet_text(one, "voter"),
               support >= 0 && support < 3 ? supports[support] : "split");
        ht_dao_put_amount(ht_wallet_text(one, "weight"), decimals);
        printf("%s  ", json_is_true(json_object_get(one, "flag_proven")) ? ", marked" : "");
        ht_wallet_put(stdout, ht_wallet_text(one, "name"));
        printf("\n");
        if (ht_wallet_text(one, "reason")[0] == '\0') continue;
        printf("    ");
        ht_wallet_put(stdout, ht_wallet_text(one, "reason"));
        printf("\n");
    }
    put_tally(shown, decimals);
    put_counted(shown, decimals);
    ht_dao_put_as_of(json_object_get(shown, "as_of"));
}

/* --- simulate, export ------------------------------------------------------------------------- */

static enum ht_err simulate(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    ht_cmd_dao_progress(wallet, "Running its actions on proven state");
    enum ht_err err = ht_wallet_call(wallet, result, "dao.simulate", ht_cmd_dao_named(wallet), why);
    ht_cmd_dao_progress(wallet, "%s", "");
    return err;
}

static void print_simulated(const struct ht_wallet *wallet, const json_t *result) {
    (void)wallet;
    ht_dao_put_list("Would", json_object_get(result, "words"));
    ht_dao_put_list("Balances", json_object_get(result, "balances"));
    ht_dao_put_list("Roles", json_object_get(result, "roles"));
    ht_dao_put_list("Owners", json_object_get(result, "owners"));
}

/* Appends the text; what is too long for an answer the node has put into a file. */
static enum ht_err fetch_export(const struct ht_wallet *wallet, struct ht_buf *text,
                                struct ht_why *why) {
    const char *format = wallet->options.format != NULL ? wallet->options.format : "csv";
    json_t *made = NULL, *params = ht_cmd_dao_named(wallet);
    (void)json_object_set_new(params, "format", json_string(format));
    enum ht_err err = ht_wallet_call(wallet, &made, "dao.export", params, why);
    if (err != HT_OK) return err;
    const char *path = json_string_value(json_object_get(made, "path"));
    if (path != NULL) {
        err = ht_cmd_read_file(text, path, why);
    } else if (ht_buf_add_str(text, ht_wallet_text(made, "text")) != HT_OK) {
        err = ht_fail(why, HT_ELIMIT, "too_long", "the export is too long");
    }
    json_decref(made);
    return err;
}

static enum ht_err write_export(struct ht_wallet *wallet, json_t **result, ht_bytes text,
                                struct ht_why *why) {
    const char *out = wallet->options.out;
    enum ht_err err = HT_OK;
    if (out != NULL) {
        err = ht_account_write_file(AT_FDCWD, out, text, why);
        if (err == HT_OK) *result = json_pack("{s:s}", "file", out);
    } else if (wallet->options.is_json) {
        *result = json_pack("{s:o}", "text", json_stringn((const char *)text.p, text.n));
    } else {
        (void)fwrite(text.p, 1, text.n, stdout);
        wallet->is_printed = true;
    }
    return err;
}

static enum ht_err export_votes(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    struct ht_buf text;
    json_t *before = NULL;
    ht_buf_init(&text, EXPORT_MAX);
    enum ht_err err = counted(wallet, &before, why);
    if (err == HT_OK) err = fetch_export(wallet, &text, why);
    if (err == HT_OK) err = write_export(wallet, result, ht_buf_view(&text), why);
    ht_buf_fini(&text);
    json_decref(before);
    return err;
}

static void print_exported(const struct ht_wallet *wallet, const json_t *result) {
    (void)wallet;
    ht_cmd_dao_line("Written", ht_wallet_text(result, "file"));
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

VERB(verb_list, "list", "communities you follow", "", NULL, "", 0, 0, list, print_list);
VERB(verb_add, "add", "follow a governor, after its storage layout is proven",
     " ADDRESS [--label TEXT]", NULL, "l", 1, 1, add, print_added);
VERB(verb_forget, "forget", "follow one no more", " ADDRESS", NULL, "", 1, 1, forget,
     print_forgotten);
VERB(verb_show, "show", "settings, who has power over it, and its treasury", " ADDRESS", NULL, "",
     1, 1, show, print_shown);
VERB(verb_proposals, "proposals", "proposals, newest first", " [ADDRESS] [STATE] [--limit N]",
     "\nSTATE is Pending, Active, Canceled, Defeated, Succeeded, Queued, Expired or Executed.\n",
     "m", 0, 2, proposals, print_proposals);
VERB(verb_proposal, "proposal", "a proposal: state, tally, actions", " ADDRESS ID",
     "\nExit code 3 when its state is not proven.\n", "", 2, 2, proposal, print_proposal);
VERB(verb_votes, "votes", "count a proposal's votes from receipts, and show them", " ADDRESS ID",
     "\nWaits until it is counted. Exit code 3 when votes are missing: the sum of those that\n"
     "were found is not what the contract's storage proves.\n",
     "", 2, 2, votes, print_votes);
VERB(verb_simulate, "simulate", "run a proposal's actions on proven state", " ADDRESS ID", NULL, "",
     2, 2, simulate, print_simulated);
VERB(verb_export, "export", "write a proposal's votes, or an audit that verifies offline",
     " ADDRESS ID [--format FORMAT] [--out FILE]",
     "\nFORMAT is csv (default), json, or audit: a file for hearth verify.\n", "FO", 2, 2,
     export_votes, print_exported);

const struct ht_wallet_verb *const ht_dao_verbs_show[] = {
    &verb_list,     &verb_add,   &verb_forget,   &verb_show,   &verb_proposals,
    &verb_proposal, &verb_votes, &verb_simulate, &verb_export, NULL};
