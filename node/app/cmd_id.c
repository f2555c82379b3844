/* hearth id: your identifiers, those of others, names, the link between account and feed key. */
#include "node/app/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "node/app/cmd_account.h"
#include "node/app/cmd_decide.h"
#include "node/app/cmd_identity.h"

#define YEAR_S 31536000

static void put_line(const char *what, const char *text) {
    if (text[0] == '\0') return;
    printf("%-11s ", what);
    ht_wallet_put(stdout, text);
    printf("\n");
}

static void put_block(const json_t *object, const char *member) {
    const json_t *block = json_object_get(object, member);
    if (!json_is_object(block)) return;
    printf("%-11s block %lld\n", "As of",
           (long long)json_integer_value(json_object_get(block, "number")));
}

/* --- mine ------------------------------------------------------------------------------------- */

static enum ht_err mine(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return ht_wallet_call(wallet, result, "did.mine", json_object(), why);
}

static void print_mine(const struct ht_wallet *wallet, const json_t *result) {
    size_t i;
    json_t *one;
    (void)wallet;
    json_array_foreach(json_object_get(result, "identities"), i, one) {
        if (i > 0) printf("\n");
        put_line("DID", ht_wallet_text(one, "did"));
        put_line("Controller", ht_wallet_text(one, "owner"));
        if (json_is_true(json_object_get(one, "is_deactivated"))) put_line("State", "deactivated");
        put_line("ALERT", ht_wallet_text(json_object_get(one, "alert"), "text"));
        put_block(one, "as_of");
    }
    if (i == 0) printf("There is no account yet: hearth account create\n");
}

/* --- others ----------------------------------------------------------------------------------- */

static enum ht_err resolve(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return ht_wallet_call(wallet, result, "did.resolve",
                          json_pack("{s:s}", "did", wallet->operands[0]), why);
}

static void put_methods(const json_t *document, const char *member, const char *what,
                        const char *kind) {
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(document, member), i, one) {
        printf("%-11s ", i == 0 ? what : "");
        ht_wallet_put(stdout, ht_wallet_text(one, "id"));
        printf("  ");
        ht_wallet_put(stdout, ht_wallet_text(one, kind));
        printf("\n");
    }
}

static void print_resolved(const struct ht_wallet *wallet, const json_t *result) {
    const json_t *document = json_object_get(result, "didDocument");
    const json_t *metadata = json_object_get(result, "didDocumentMetadata");
    const json_t *provenance = json_object_get(result, "provenance");
    (void)wallet;
    put_line("DID", ht_wallet_text(document, "id"));
    put_methods(document, "verificationMethod", "Keys", "type");
    put_methods(document, "service", "Services", "type");
    put_line("Version", ht_wallet_text(metadata, "versionId"));
    put_line("Updated", ht_wallet_text(metadata, "updated"));
    if (json_is_true(json_object_get(metadata, "deactivated"))) put_line("State", "deactivated");
    put_line("Proof", ht_wallet_text(provenance, "verdict"));
    put_block(provenance, "block");
    put_line("Because", ht_wallet_text(provenance, "why"));
}

/* "0x…" is asked for its name, all else for its address. */
static enum ht_err name(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    const char *text = wallet->operands[0];
    bool is_address = strncmp(text, "0x", 2) == 0 && strchr(text, '.') == NULL;
    return ht_wallet_call(wallet, result, is_address ? "ens.reverse" : "ens.resolve",
                          json_pack("{s:s}", is_address ? "address" : "name", text), why);
}

static void print_name(const struct ht_wallet *wallet, const json_t *result) {
    const json_t *provenance = json_object_get(result, "provenance");
    (void)wallet;
    put_line("Name", ht_wallet_text(result, "name"));
    put_line("Address", ht_wallet_text(result, "address"));
    put_line("Read by", ht_wallet_text(result, "how"));
    put_line("Proof", ht_wallet_text(provenance, "verdict"));
    put_block(provenance, "block");
}

static enum ht_err who(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    const char *text = wallet->operands[0];
    return ht_wallet_call(
        wallet, result, "trust.who",
        json_pack("{s:s}", strncmp(text, "0x", 2) == 0 ? "address" : "pubkey", text), why);
}

static void print_who(const struct ht_wallet *wallet, const json_t *result) {
    const json_t *distance = json_object_get(result, "distance");
    size_t i;
    json_t *one;
    (void)wallet;
    put_line("Name", ht_wallet_text(result, "name"));
    put_line("Address", ht_wallet_text(result, "address"));
    put_line("Feed key", ht_wallet_text(result, "pubkey"));
    if (json_is_integer(distance)) {
        printf("%-11s %lld\n", "Distance", (long long)json_integer_value(distance));
    } else {
        put_line("Distance", "nobody of your circle vouches for them");
    }
    json_array_foreach(json_object_get(result, "path"), i, one) {
        printf("%-11s %s vouches for %s\n", i == 0 ? "By way of" : "", ht_wallet_text(one, "from"),
               ht_wallet_text(one, "to"));
    }
}

/* --- changes ---------------------------------------------------------------------------------- */

/* The did:ethr of an address as the node names it, from did.mine. */
static enum ht_err find_did(struct ht_wallet *wallet, char did[static 160], const char *address,
                            struct ht_why *why) {
    json_t *answer = NULL, *one;
    size_t i;
    did[0] = '\0';
    enum ht_err err = ht_wallet_call(wallet, &answer, "did.mine", json_object(), why);
    if (err != HT_OK) return err;
    json_array_foreach(json_object_get(answer, "identities"), i, one) {
        bool is = strcasecmp(ht_wallet_text(one, "account"), address) == 0;
        if (is) (void)snprintf(did, 160, "%s", ht_wallet_text(one, "did"));
    }
    json_decref(answer);
    if (did[0] != '\0') return HT_OK;
    return ht_fail(why, HT_ENOTFOUND, "no_such_account", "%.60s is not in the wallet", address);
}

static enum ht_err rotate(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    const struct ht_cmd_options *options = &wallet->options;
    char did[160];
    if (options->from == NULL || options->to == NULL) {
        return ht_wallet_usage(wallet, why, "--from and --to are needed");
    }
    enum ht_err err = find_did(wallet, did, options->from, why);
    if (err != HT_OK) return err;
    return ht_wallet_call_decided(wallet, result, "did.rotate",
                                  json_pack("{s:s, s:s}", "did", did, "owner", options->to), why);
}

static enum ht_err delegate(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    const struct ht_cmd_options *options = &wallet->options;
    char did[160];
    const char *type = wallet->operand_count > 0 ? wallet->operands[0] : "veriKey";
    json_int_t seconds = YEAR_S;
    if (options->from == NULL || options->to == NULL) {
        return ht_wallet_usage(wallet, why, "--from and --to are needed");
    }
    if (strcmp(type, "veriKey") != 0 && strcmp(type, "sigAuth") != 0) {
        return ht_wallet_usage(wallet, why, "a delegate is a veriKey or a sigAuth");
    }
    enum ht_err err = ht_cmd_read_seconds(&seconds, wallet, why);
    if (err == HT_OK) err = find_did(wallet, did, options->from, why);
    if (err != HT_OK) return err;
    json_t *params = json_pack("{s:s, s:s, s:s, s:I, s:b}", "did", did, "delegate", options->to,
                               "type", type, "validity_s", seconds, "revoke", (int)options->is_off);
    return ht_wallet_call_decided(wallet, result, "did.delegate", params, why);
}

static void print_sent(const struct ht_wallet *wallet, const json_t *result) {
    (void)wallet;
    put_line("Sent", ht_wallet_text(result, "hash"));
}

static enum ht_err link_key(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    const struct ht_cmd_options *options = &wallet->options;
    if (options->from == NULL && (options->is_off || options->is_yes)) {
        return ht_wallet_usage(wallet, why, "--from is needed");
    }
    if (options->from == NULL) {
        return ht_wallet_call(wallet, result, "link.list", json_object(), why);
    }
    json_t *params = json_pack("{s:s}", "account", options->from);
    return options->is_off ? ht_wallet_call(wallet, result, "link.end", params, why)
                           : ht_wallet_call_decided(wallet, result, "link.make", params, why);
}

static void print_links(const struct ht_wallet *wallet, const json_t *result) {
    size_t i;
    json_t *one;
    (void)wallet;
    put_line("Published", ht_wallet_text(result, "id"));
    json_array_foreach(json_object_get(result, "links"), i, one) {
        printf("%-13s %s  %s\n", ht_wallet_text(one, "state"), ht_wallet_text(one, "address"),
               ht_wallet_text(one, "pubkey"));
    }
}

/* --- the verbs -------------------------------------------------------------------------------- */

#define VERB(NAME, SUMMARY, USAGE, ALLOWED, MIN, MAX, WORK, PRINT)                       \
    {                                                                                    \
        .cmd = {.name = "id " NAME,                                                      \
                .summary = SUMMARY,                                                      \
                .usage = "id " NAME USAGE HT_ACCOUNT_USAGE,                              \
                .takes_operands = true},                                                 \
        .allowed = ALLOWED HT_ACCOUNT_OPTIONS, .operands_min = MIN, .operands_max = MAX, \
        .work = WORK, .print = PRINT                                                     \
    }

static const struct ht_wallet_verb VERBS[] = {
    VERB("mine", "your identifiers, who controls them, and what changed without you", "", "", 0, 0,
         mine, print_mine),
    VERB("resolve", "the document of an identifier, with its whole history proven", " DID", "", 1,
         1, resolve, print_resolved),
    VERB("name", "the address of a name, or the name of an address (ENS)", " NAME|ADDRESS", "", 1,
         1, name, print_name),
    VERB("who", "who of your circle vouches for somebody", " NPUB|ADDRESS", "", 1, 1, who,
         print_who),
    VERB("rotate", "give the control of an identifier to another account",
         " --from ADDRESS --to ADDRESS", "AT", 0, 0, rotate, print_sent),
    VERB(
        "delegate", "let another key act for an identifier, or no more",
        " [veriKey|sigAuth] --from ADDRESS --to ADDRESS\n       [--expires SECONDS | --off [--yes]]",
        "ATxZy", 0, 1, delegate, print_sent),
    VERB("link", "let an account and your feed key vouch for each other, or list who does",
         " [--from ADDRESS [--off | --yes]]", "AZy", 0, 0, link_key, print_links),
};

static int run(int argc, char **argv) {
    const char *verb = argc > 1 ? argv[1] : "mine";
    for (size_t i = 0; i < sizeof VERBS / sizeof *VERBS; i++) {
        if (strcmp(VERBS[i].cmd.name + strlen("id "), verb) != 0) continue;
        int skipped = argc > 1 ? 1 : 0;
        return ht_wallet_run(&VERBS[i], argc - skipped, argv + skipped);
    }
    if (verb[0] == '-') {
        struct ht_cmd_options options;
        int code = ht_cmd_read_options(&options, &ht_cmd_id, HT_ACCOUNT_OPTIONS, argc, argv);
        return code >= 0 ? code : ht_wallet_run(&VERBS[0], argc, argv);
    }
    fprintf(stderr, "hearth id: there is no verb %.40s\nTry: hearth id --help\n", verb);
    return HT_EXIT_USAGE;
}

const struct ht_cmd ht_cmd_id = {
    .name = "id",
    .summary = "identifiers (DID), names (ENS), links and who vouches for whom",
    .usage = "id [VERB [OPTION]...]",
    .more = "\nVerbs; hearth id VERB --help tells more:\n"
            "  mine                    yours (without a verb)\n"
            "  resolve DID             did:ethr, did:pkh, did:key\n"
            "  name NAME|ADDRESS       ENS, by proof\n"
            "  who NPUB|ADDRESS        at what distance, by whom\n"
            "  rotate, delegate        on chain\n"
            "  link                    your account and your feed key\n",
    .run = run,
    .takes_operands = true,
};
