/* hearth verify: reads the file, has it checked, tells each step. Which files there are, modules
 * know. */
#include "node/app/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "node/app/client.h"
#include "node/app/cmd_social.h"
#include "node/app/cmd_verify.h"
#include "node/app/modules.h"
#include "node/app/node.h"
#include "node/base/clock.h"
#include "node/codec/json.h"

#define FILE_MAX ((size_t)64 << 20) /* of an audit of a vote */
#define BUNDLE_MAX ((size_t)1 << 20)
/* Larger ones are no request; the node's database is as good. */
#define ASK_MAX (HT_RPC_REQUEST_MAX - 1024)

int ht_cmd_verify_code(const json_t *outcome) {
    const char *verdict = ht_cmd_social_text(outcome, "verdict");
    if (strcmp(verdict, "valid") == 0) return 0;
    return strcmp(verdict, "unverified") == 0 ? ht_err_exit_code(HT_EUNVERIFIED) : 1;
}

static enum ht_err read_all(struct ht_buf *text, FILE *from, struct ht_why *why) {
    char piece[8192];
    size_t n = 0;
    enum ht_err err = HT_OK;
    while (err == HT_OK && (n = fread(piece, 1, sizeof piece, from)) > 0) {
        err = ht_buf_add(text, ht_bytes_of(piece, n));
    }
    if (err != HT_OK) {
        return ht_fail(why, err, "file_too_large", "such a file has at most %zu bytes", FILE_MAX);
    }
    if (!ferror(from)) return HT_OK;
    return ht_fail(why, HT_ESTORE, "read_failed", "cannot read: %s", strerror(errno));
}

static enum ht_err read_file(struct ht_buf *text, const char *path, struct ht_why *why) {
    if (strcmp(path, "-") == 0) return read_all(text, stdin, why);
    FILE *from = fopen(path, "rbe");
    if (from == NULL) {
        return ht_fail(why, HT_ENOTFOUND, "no_file", "%s: %s", path, strerror(errno));
    }
    enum ht_err err = read_all(text, from, why);
    (void)fclose(from);
    return err;
}

/* --- without a node --------------------------------------------------------------------------- */

static enum ht_err ask_modules(json_t **outcome, const struct ht_config *config, sqlite3 *db,
                               const json_t *file, struct ht_why *why) {
    enum ht_err err = ht_fail(why, HT_ENOTFOUND, "unknown_file", "that is no file of a known kind");
    for (size_t i = 0; ht_modules[i] != NULL; i++) {
        if (ht_modules[i]->verify_file == NULL) continue;
        err =
            ht_modules[i]->verify_file(outcome, &config->network, db, file, &ht_system_clock, why);
        if (err == HT_OK || strcmp(why->code, "unknown_file") != 0) return err;
    }
    return err;
}

/* An audit can be counted without knowing any committee; a bundle is nothing without. */
static enum ht_err verify_alone(json_t **outcome, const struct ht_config *config,
                                const json_t *file, bool is_bundle, struct ht_why *why) {
    char path[sizeof config->data_dir + 32];
    sqlite3 *db = NULL;
    enum ht_err err = ht_config_path(path, sizeof path, config, HT_NODE_DATABASE, why);
    if (err == HT_OK) err = ht_db_open_reader(&db, path, why);
    if (err == HT_ENOTFOUND && !is_bundle) {
        return ask_modules(outcome, config, NULL, file, why);
    }
    if (err == HT_ENOTFOUND) {
        return ht_fail(why, HT_ENET, "no_committees",
                       "no node runs, and none has ever run for %s: nothing to check with",
                       config->data_dir);
    }
    if (err == HT_OK) err = ask_modules(outcome, config, db, file, why);
    ht_db_close(db);
    return err;
}

/* --- the verb --------------------------------------------------------------------------------- */

static enum ht_err verify_json(const struct ht_cmd_social *run, json_t **result, json_t *file,
                               size_t size, struct ht_why *why) {
    enum ht_err err = HT_ENET;
    const bool is_bundle = json_object_get(file, "hearth_bundle") != NULL;
    if (is_bundle && size > BUNDLE_MAX) {
        return ht_fail(why, HT_EINPUT, "file_too_large", "a proof bundle has at most %zu bytes",
                       BUNDLE_MAX);
    }
    if (is_bundle && size <= ASK_MAX) {
        err = ht_cmd_social_call(run, result, "bundle.verify", json_pack("{s:O}", "bundle", file),
                                 why);
        if (err != HT_ENET || strcmp(why->code, "not_running") != 0) return err;
    }
    return verify_alone(result, &run->config, file, is_bundle, why);
}

static enum ht_err work(struct ht_cmd_social *run, json_t **result, struct ht_why *why) {
    json_t *file = NULL;
    struct ht_buf text;
    if (run->operand_count == 0) return ht_cmd_social_usage(run, why, "which file?");
    ht_buf_init(&text, FILE_MAX);
    enum ht_err err = read_file(&text, run->operands[0], why);
    if (err == HT_OK) err = ht_json_parse(&file, ht_buf_view(&text), FILE_MAX, why);
    if (err == HT_OK) err = verify_json(run, result, file, text.n, why);
    if (err == HT_OK) run->code = ht_cmd_verify_code(*result);
    json_decref(file);
    ht_buf_fini(&text);
    return err;
}

static void print_line(const char *title, const char *text) {
    printf("%-11s ", title);
    ht_cmd_social_put(stdout, text, NULL);
    printf("\n");
}

/* What is proven of an attestation, field by field, or of a value. */
static void print_fields(const char *title, const json_t *fields) {
    size_t i;
    json_t *one;
    json_array_foreach((json_t *)fields, i, one) {
        const json_t *value = json_object_get(one, "value");
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII);
        printf("%-11s ", i == 0 ? title : "");
        ht_cmd_social_put(stdout, ht_cmd_social_text(one, "name"), NULL);
        printf(" = %s\n", text != NULL ? text : "?");
        free(text);
    }
}

static void print(const struct ht_cmd_social *run, const json_t *outcome) {
    const json_t *block = json_object_get(outcome, "block");
    const json_t *claim = json_object_get(outcome, "claim");
    size_t i;
    json_t *step;
    (void)run;
    print_line("Verdict", ht_cmd_social_text(outcome, "verdict"));
    if (ht_cmd_social_text(outcome, "why")[0] != '\0') {
        print_line("Because", ht_cmd_social_text(outcome, "why"));
    }
    if (json_is_object(block)) {
        printf("%-11s %lld, %s ago\n", "As of block",
               (long long)json_integer_value(json_object_get(block, "number")),
               ht_cmd_social_text(outcome, "age"));
    }
    json_array_foreach(json_object_get(outcome, "steps"), i, step) {
        printf("%-11s %-3s ", i == 0 ? "Steps" : "",
               json_is_true(json_object_get(step, "ok")) ? "ok" : "NO");
        ht_cmd_social_put(stdout, ht_cmd_social_text(step, "text"), NULL);
        printf("\n");
    }
    const json_t *attestation = json_object_get(claim, "attestation");
    if (json_is_object(attestation)) {
        print_line("Attester", ht_cmd_social_text(attestation, "attester"));
        print_line("Recipient", ht_cmd_social_text(attestation, "recipient"));
    }
    print_fields("Says", json_object_get(claim, "fields"));
    print_fields("Disclosed", json_object_get(claim, "disclosed"));
}

static int run_verify(int argc, char **argv) {
    static const struct ht_cmd_social_verb verb = {
        .cmd = &ht_cmd_verify,
        .allowed = "ndj",
        .operands_max = 1,
        .work = work,
        .print = print,
    };
    return ht_cmd_social_run(&verb, argc, argv);
}

const struct ht_cmd ht_cmd_verify = {
    .name = "verify",
    .summary = "check a proof bundle or an audit of a vote",
    .usage = "verify FILE|- [--network NAME|FILE] [--data-dir DIR] [--json]",
    .more =
        "\nA bundle is one JSON file with a claim and all that proves it. It is checked against\n"
        "the sync committees that your node has proven, without asking anybody; when no node\n"
        "runs, its data directory is read. Each step is told in words, and at which block it\n"
        "held. Exit code 1 also means revoked, expired or invalid; 3 that it cannot be told\n"
        "here; 4 that there is nothing to check with.\n"
        "\nAn audit of a governor's proposal (dao export) is counted again from its receipts and\n"
        "proofs; without the light-client update in it, it is as good as its anchor's hash.\n",
    .run = run_verify,
    .takes_operands = true,
};
