/* hearth attest: attestations made, received, verified, disclosed, revoked. */
#include "node/app/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "node/app/cmd_account.h"
#include "node/app/cmd_decide.h"
#include "node/app/cmd_identity.h"
#include "node/base/clock.h"
#include "node/codec/json.h"

#define TEXT_MAX ((size_t)1 << 20)
#define LIST_MAX 200

/* --- reading and writing ---------------------------------------------------------------------- */

enum ht_err ht_cmd_read_file(struct ht_buf *out, const char *path, struct ht_why *why) {
    bool is_input = strcmp(path, "-") == 0;
    FILE *file = is_input ? stdin : fopen(path, "rb");
    if (file == NULL) {
        return ht_fail(why, HT_ENOTFOUND, "no_file", "cannot open %.200s: %s", path,
                       strerror(errno));
    }
    char piece[4096];
    size_t n;
    enum ht_err err = HT_OK;
    while (err == HT_OK && (n = fread(piece, 1, sizeof piece, file)) > 0) {
        err = ht_buf_add(out, ht_bytes_of(piece, n));
    }
    if (err != HT_OK) (void)ht_fail(why, err, "too_long", "at most %zu bytes are read", out->max);
    if (err == HT_OK && ferror(file) != 0) {
        err = ht_fail(why, HT_ESTORE, "read_failed", "cannot read: %s", strerror(errno));
    }
    if (!is_input) (void)fclose(file);
    return err;
}

enum ht_err ht_cmd_write_json(const struct ht_wallet *wallet, const json_t *value,
                              struct ht_why *why) {
    struct ht_buf text;
    ht_buf_init(&text, 4 * TEXT_MAX);
    enum ht_err err = ht_json_dump_compact(&text, value);
    if (err == HT_OK) err = ht_buf_add_str(&text, "\n");
    if (err != HT_OK) {
        (void)ht_fail(why, err, "too_long", "that is too long to be written");
    } else if (wallet->options.out != NULL) {
        err = ht_account_write_file(AT_FDCWD, wallet->options.out, ht_buf_view(&text), why);
    } else {
        (void)fwrite(text.p, 1, text.n, stdout);
    }
    ht_buf_fini(&text);
    return err;
}

/* The text of a file as {"text": …}, or NULL with the reason. */
static json_t *text_params(const char *path, struct ht_why *why, enum ht_err *err) {
    struct ht_buf text;
    json_t *params = NULL;
    ht_buf_init(&text, TEXT_MAX);
    *err = ht_cmd_read_file(&text, path, why);
    if (*err == HT_OK) {
        params = json_pack("{s:s%}", "text", text.n > 0 ? (const char *)text.p : "", text.n);
        if (params == NULL) *err = ht_fail(why, HT_EINPUT, "bad_text", "that is no text in UTF-8");
    }
    ht_buf_fini(&text);
    return params;
}

static json_t *named(const struct ht_wallet *wallet) {
    return json_pack("{s:s, s:s}", "attester", wallet->operands[0], "uid", wallet->operands[1]);
}

/* --- telling ---------------------------------------------------------------------------------- */

static void put_time(const char *what, const json_t *object, const char *member) {
    json_int_t seconds = json_integer_value(json_object_get(object, member));
    if (seconds == 0) return;
    printf("%-11s ", what);
    ht_wallet_put_ms(stdout, seconds * 1000);
    printf(" UTC\n");
}

static void put_line(const char *what, const char *text) {
    if (text[0] == '\0') return;
    printf("%-11s ", what);
    ht_wallet_put(stdout, text);
    printf("\n");
}

static void put_values(const json_t *attestation) {
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(attestation, "values"), i, one) {
        char *value = json_dumps(json_object_get(one, "value"), JSON_COMPACT | JSON_ENCODE_ANY);
        printf("%-11s ", i == 0 ? "Says" : "");
        ht_wallet_put(stdout, ht_wallet_text(one, "name"));
        printf(": ");
        ht_wallet_put(stdout, value != NULL ? value : "?");
        printf("\n");
        free(value);
    }
    if (i == 0) put_line("Data", ht_wallet_text(attestation, "data"));
}

static void print_attestation(const json_t *attestation) {
    const json_t *block = json_object_get(attestation, "as_of");
    put_line("Attestation", ht_wallet_text(attestation, "uid"));
    put_line("Attester", ht_wallet_text(attestation, "attester"));
    put_line("Recipient", ht_wallet_text(attestation, "recipient"));
    put_line("Kind", ht_wallet_text(attestation, "kind"));
    put_line("Schema", ht_wallet_text(attestation, "schema_text"));
    put_values(attestation);
    put_time("Made", attestation, "time");
    put_time("Expires", attestation, "expiration_time");
    put_time("Revoked", attestation, "revocation_time");
    put_line("Verdict", ht_wallet_text(attestation, "verdict"));
    if (json_is_object(block)) {
        printf("%-11s block %lld, %s\n", "As of",
               (long long)json_integer_value(json_object_get(block, "number")),
               ht_wallet_text(block, "level"));
    }
    put_line("Because", ht_wallet_text(attestation, "why"));
}

void ht_cmd_print_steps(const json_t *steps) {
    size_t i;
    json_t *one;
    json_array_foreach(steps, i, one) {
        const json_t *ok = json_object_get(one, "ok");
        printf("  %s  ", json_is_true(ok) ? "holds  " : json_is_false(ok) ? "FAILS  " : "unknown");
        ht_wallet_put(stdout, ht_wallet_text(one, "text"));
        printf("\n");
    }
}

/* --- list ------------------------------------------------------------------------------------- */

static enum ht_err list(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return ht_wallet_call(wallet, result, "attest.list",
                          json_pack("{s:s, s:i}", "role", "all", "limit", LIST_MAX), why);
}

static void print_list(const struct ht_wallet *wallet, const json_t *result) {
    const json_t *all = json_object_get(result, "attestations");
    const json_t *block = json_object_get(result, "as_of");
    size_t i;
    json_t *one;
    (void)wallet;
    json_array_foreach(all, i, one) {
        printf("%-11s %-8s %s  ", ht_wallet_text(one, "verdict"), ht_wallet_text(one, "role"),
               ht_wallet_text(one, "uid"));
        ht_wallet_put(stdout, ht_wallet_text(one, "schema_text"));
        printf("\n            by %s\n", ht_wallet_text(one, "attester"));
    }
    if (i == 0) printf("There are no attestations yet.\n");
    if (i > 0 && json_is_object(block)) {
        printf("As of finalized block %lld.\n",
               (long long)json_integer_value(json_object_get(block, "number")));
    }
}

/* --- issue ------------------------------------------------------------------------------------ */

enum ht_err ht_cmd_read_seconds(json_int_t *seconds, struct ht_wallet *wallet, struct ht_why *why) {
    const char *text = wallet->options.expires;
    if (text == NULL) return HT_OK;
    size_t n = strlen(text);
    if (n == 0 || n > 12 || strspn(text, "0123456789") != n) {
        return ht_wallet_usage(wallet, why, "--expires takes a number of seconds");
    }
    *seconds = (json_int_t)strtoll(text, NULL, 10);
    return HT_OK;
}

static enum ht_err issue(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    const struct ht_cmd_options *options = &wallet->options;
    json_t *values = NULL;
    json_int_t seconds = 0;
    if (options->from == NULL) return ht_wallet_usage(wallet, why, "--from is needed");
    enum ht_err err = ht_cmd_read_seconds(&seconds, wallet, why);
    if (err != HT_OK) return err;
    err = ht_json_parse(&values, ht_bytes_str(wallet->operands[1]), TEXT_MAX, why);
    if (err != HT_OK) return err;
    json_t *params =
        json_pack("{s:s, s:s, s:s, s:o}", "how", options->is_on_chain ? "onchain" : "offchain",
                  "schema", wallet->operands[0], "from", options->from,
                  options->is_private ? "private" : "values", values);
    if (params == NULL) return ht_fail(why, HT_EINPUT, "bad_text", "that is no text in UTF-8");
    if (options->to != NULL) {
        (void)json_object_set_new(params, "recipient", json_string(options->to));
    }
    if (options->expires != NULL) {
        json_int_t now_s = (json_int_t)(ht_wall_ms(&ht_system_clock) / 1000);
        (void)json_object_set_new(params, "expiration_time", json_integer(now_s + seconds));
    }
    return ht_wallet_call_decided(wallet, result, "attest.issue", params, why);
}

static void print_issued(const struct ht_wallet *wallet, const json_t *result) {
    (void)wallet;
    put_line("Sent", ht_wallet_text(result, "hash"));
    if (json_object_get(result, "attestation") != NULL) {
        print_attestation(json_object_get(result, "attestation"));
    }
}

/* --- the others ------------------------------------------------------------------------------- */

static enum ht_err revoke(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return ht_wallet_call_decided(wallet, result, "attest.revoke", named(wallet), why);
}

static enum ht_err register_schema(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    if (wallet->options.from == NULL) return ht_wallet_usage(wallet, why, "--from is needed");
    json_t *params =
        json_pack("{s:s, s:s}", "schema", wallet->operands[0], "from", wallet->options.from);
    return ht_wallet_call_decided(wallet, result, "attest.schema_register", params, why);
}

static void print_sent(const struct ht_wallet *wallet, const json_t *result) {
    (void)wallet;
    put_line("Schema", ht_wallet_text(result, "uid"));
    put_line("Sent", ht_wallet_text(result, "hash"));
}

static enum ht_err schema(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return ht_wallet_call(wallet, result, "attest.schema",
                          json_pack("{s:s}", "uid", wallet->operands[0]), why);
}

static void print_schema(const struct ht_wallet *wallet, const json_t *result) {
    const json_t *provenance = json_object_get(result, "provenance");
    (void)wallet;
    put_line("Schema", ht_wallet_text(result, "text"));
    put_line("Uid", ht_wallet_text(result, "uid"));
    put_line("Resolver", ht_wallet_text(result, "resolver"));
    printf("%-11s %s\n", "Revocable",
           json_is_true(json_object_get(result, "revocable")) ? "yes" : "no");
    put_line("Proof", ht_wallet_text(provenance, "verdict"));
}

static enum ht_err import(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    enum ht_err err;
    json_t *params = text_params(wallet->operands[0], why, &err);
    return err != HT_OK ? err : ht_wallet_call(wallet, result, "attest.import", params, why);
}

static void print_imported(const struct ht_wallet *wallet, const json_t *result) {
    (void)wallet;
    print_attestation(json_object_get(result, "attestation"));
    ht_cmd_print_steps(json_object_get(result, "steps"));
}

/* The answer's verdict decides the exit code, so it is told here. */
static enum ht_err verify(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    enum ht_err err;
    json_t *params = text_params(wallet->operands[0], why, &err);
    if (err == HT_OK) err = ht_wallet_call(wallet, result, "attest.verify", params, why);
    if (err != HT_OK) return err;
    const char *verdict = ht_wallet_text(*result, "verdict");
    bool is_valid = strcmp(verdict, "valid") == 0, is_told = strcmp(verdict, "unverified") != 0;
    wallet->is_printed = true;
    if (wallet->options.is_json) {
        ht_cmd_print_json(json_incref(*result));
    } else {
        print_attestation(json_object_get(*result, "attestation"));
        ht_cmd_print_steps(json_object_get(*result, "steps"));
        put_line("Verdict", verdict);
        put_line("Because", ht_wallet_text(*result, "why"));
    }
    wallet->code = is_valid ? 0 : is_told ? 1 : 3;
    return HT_OK;
}

/* Writes a member of the answer to --out, or to standard output. */
static enum ht_err save(struct ht_wallet *wallet, json_t **result, const char *method,
                        json_t *params, const char *member, struct ht_why *why) {
    enum ht_err err = ht_wallet_call(wallet, result, method, params, why);
    if (err != HT_OK || wallet->options.is_json) return err;
    const json_t *wanted = json_object_get(*result, member);
    wallet->is_printed = true;
    return ht_cmd_write_json(wallet, wanted != NULL && !json_is_null(wanted) ? wanted : *result,
                             why);
}

static enum ht_err export(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return save(wallet, result, "attest.export", named(wallet), "package", why);
}

/* {"attester", "uid", "fields": the words behind them}. */
static json_t *fields_params(const struct ht_wallet *wallet) {
    json_t *params = named(wallet), *fields = json_array();
    for (size_t i = 2; i < wallet->operand_count; i++) {
        (void)json_array_append_new(fields, json_string(wallet->operands[i]));
    }
    (void)json_object_set_new(params, "fields", fields);
    return params;
}

static enum ht_err disclose(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return save(wallet, result, "attest.disclose", fields_params(wallet), "", why);
}

/* With fields, they are disclosed in it. */
static enum ht_err bundle(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    json_t *exported = NULL, *disclosed = NULL;
    enum ht_err err = ht_wallet_call(wallet, &exported, "attest.export", named(wallet), why);
    if (err == HT_OK && wallet->operand_count > 2) {
        err = ht_wallet_call(wallet, &disclosed, "attest.disclose", fields_params(wallet), why);
    }
    json_t *package = json_object_get(exported, "package");
    json_t *params =
        package != NULL
            ? json_pack("{s:s, s:O}", "kind", "eas_offchain", "package", package)
            : json_pack("{s:s, s:s}", "kind", "eas_onchain", "uid", wallet->operands[1]);
    if (disclosed != NULL) {
        (void)json_object_set(params, "disclosure", json_object_get(disclosed, "disclosure"));
    }
    if (err == HT_OK) {
        err = save(wallet, result, "bundle.make", params, "bundle", why);
    } else {
        json_decref(params);
    }
    json_decref(exported);
    json_decref(disclosed);
    return err;
}

static enum ht_err share(struct ht_wallet *wallet, json_t **result, struct ht_why *why) {
    return ht_wallet_call(wallet, result, "attest.share", named(wallet), why);
}

static void print_shared(const struct ht_wallet *wallet, const json_t *result) {
    (void)wallet;
    put_line("Shared", ht_wallet_text(result, "id"));
}

static void print_nothing(const struct ht_wallet *wallet, const json_t *result) {
    (void)wallet, (void)result;
}

/* --- the verbs -------------------------------------------------------------------------------- */

#define VERB(NAME, SUMMARY, USAGE, ALLOWED, MIN, MAX, WORK, PRINT)                       \
    {                                                                                    \
        .cmd = {.name = "attest " NAME,                                                  \
                .summary = SUMMARY,                                                      \
                .usage = "attest " NAME USAGE HT_ACCOUNT_USAGE,                          \
                .takes_operands = true},                                                 \
        .allowed = ALLOWED HT_ACCOUNT_OPTIONS, .operands_min = MIN, .operands_max = MAX, \
        .work = WORK, .print = PRINT                                                     \
    }

static const struct ht_wallet_verb VERBS[] = {
    VERB("list", "attestations received and issued, each with its verdict", "", "", 0, 0, list,
         print_list),
    VERB("issue", "attest something by a schema",
         " SCHEMA VALUES --from ADDRESS [--to ADDRESS]\n"
         "       [--expires SECONDS] [--on-chain] [--private] [--yes]",
         "ATxBDy", 2, 2, issue, print_issued),
    VERB("revoke", "revoke what an account of yours attested", " ATTESTER UID [--yes]", "y", 2, 2,
         revoke, print_sent),
    VERB("register", "register a schema: \"bool isHuman\"", " TEXT --from ADDRESS [--yes]", "Ay", 1,
         1, register_schema, print_sent),
    VERB("schema", "show a schema, proven", " UID", "", 1, 1, schema, print_schema),
    VERB("import", "keep an attestation that was given to you", " FILE|-", "", 1, 1, import,
         print_imported),
    VERB("verify", "check an attestation with every step, and keep nothing", " FILE|-", "", 1, 1,
         verify, print_nothing),
    VERB("export", "write an off-chain attestation as the EAS SDK does",
         " ATTESTER UID [--out FILE]", "O", 2, 2, export, print_nothing),
    VERB("bundle", "write a proof that verifies offline (hearth verify), with fields disclosed",
         " ATTESTER UID [FIELD...] [--out FILE]", "O", 2, 64, bundle, print_nothing),
    VERB("disclose", "write some fields of private data with their proof",
         " ATTESTER UID FIELD... [--out FILE]", "O", 3, 64, disclose, print_nothing),
    VERB("share", "publish an off-chain attestation in your feed", " ATTESTER UID", "", 2, 2, share,
         print_shared),
};

static int run(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "list";
    for (size_t i = 0; i < sizeof VERBS / sizeof *VERBS; i++) {
        if (strcmp(VERBS[i].cmd.name + strlen("attest "), name) != 0) continue;
        int skipped = argc > 1 ? 1 : 0;
        return ht_wallet_run(&VERBS[i], argc - skipped, argv + skipped);
    }
    if (name[0] == '-') {
        struct ht_cmd_options options;
        int code = ht_cmd_read_options(&options, &ht_cmd_attest, HT_ACCOUNT_OPTIONS, argc, argv);
        return code >= 0 ? code : ht_wallet_run(&VERBS[0], argc, argv);
    }
    fprintf(stderr, "hearth attest: there is no verb %.40s\nTry: hearth attest --help\n", name);
    return HT_EXIT_USAGE;
}

const struct ht_cmd ht_cmd_attest = {
    .name = "attest",
    .summary = "attestations (EAS): issue, receive, verify, disclose, revoke",
    .usage = "attest [VERB [OPTION]...]",
    .more = "\nVerbs; hearth attest VERB --help tells more:\n"
            "  list                    received and issued (without a verb)\n"
            "  issue SCHEMA VALUES     by a schema's uid; VALUES is JSON: {\"name\": value}\n"
            "  revoke, register        on chain\n"
            "  schema UID              what it asks for\n"
            "  import, verify FILE     JSON, a share URL or a uid; - reads standard input\n"
            "  export, bundle          for others; a bundle verifies offline\n"
            "  disclose, share         some fields of private data; in your feed\n",
    .run = run,
    .takes_operands = true,
};
