/* hearth sessions: which browsers are signed in to the web UI, and ending that. */
#include "node/app/cmd.h"

#include <stdio.h>
#include <string.h>

#include "node/app/client.h"
#include "node/app/cmd_wallet.h"
#include "node/codec/json.h"

static void print_sessions(const json_t *result) {
    const json_t *list = json_object_get(result, "sessions");
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) {
        long long open = json_integer_value(json_object_get(one, "connections"));
        const char *agent = ht_wallet_text(one, "user_agent");
        printf("%s  signed in ", ht_wallet_text(one, "id"));
        ht_wallet_put_ms(stdout, json_integer_value(json_object_get(one, "created_ms")));
        printf(" UTC, used ");
        ht_wallet_put_ms(stdout, json_integer_value(json_object_get(one, "used_ms")));
        printf(" UTC, %lld %s open\n    ", open, open == 1 ? "connection" : "connections");
        ht_wallet_put(stdout, agent[0] != '\0' ? agent : "a browser that does not say its name");
        printf("\n");
    }
    if (json_array_size(list) == 0) printf("No browser is signed in.\n");
}

static void print_ended(const json_t *result) {
    printf("%-11s %lld\n", "Ended",
           (long long)json_integer_value(json_object_get(result, "ended")));
}

/* What the words behind the verb ask for. */
enum what { LIST, END_ONE, END_ALL, WRONG };

static enum what read_words(const struct ht_cmd_options *options, int argc, char **argv) {
    int count = argc - options->first_operand;
    char **words = argv + options->first_operand;
    if (count == 0) return options->is_all ? WRONG : LIST;
    if (strcmp(words[0], "end") != 0) return WRONG;
    if (options->is_all) return count == 1 ? END_ALL : WRONG;
    return count == 2 ? END_ONE : WRONG;
}

/* id: of the one to end; else NULL. */
static enum ht_err ask(json_t **result, const struct ht_config *config, enum what what,
                       const char *id, struct ht_why *why) {
    if (what != END_ONE) {
        return ht_client_call(result, config, what == LIST ? "session.list" : "session.end_others",
                              why);
    }
    json_t *params = json_pack("{s:s}", "id", id);
    enum ht_err err = params != NULL
                          ? ht_client_call_with(result, config, "session.end", params, why)
                          : ht_fail(why, HT_EINPUT, "bad_id", "that is no session's id");
    json_decref(params);
    return err;
}

static int run(int argc, char **argv) {
    struct ht_cmd_options options;
    struct ht_config config;
    struct ht_why why = {0};
    json_t *result = NULL;
    int code = ht_cmd_read_options(&options, &ht_cmd_sessions, "ndjL", argc, argv);
    if (code >= 0) return code;
    enum what what = read_words(&options, argc, argv);
    if (what == WRONG) {
        fprintf(stderr, "hearth sessions: it takes nothing, or end and an id, or end --all\n"
                        "Try: hearth sessions --help\n");
        return HT_EXIT_USAGE;
    }
    enum ht_err err = ht_config_load(&config, &options.flags, &why);
    if (err != HT_OK) return ht_cmd_fail(&why, err, options.is_json);
    err = ask(&result, &config, what, what == END_ONE ? argv[argc - 1] : NULL, &why);
    ht_config_free(&config);
    if (err != HT_OK) return ht_cmd_fail(&why, err, options.is_json);
    if (options.is_json) {
        ht_cmd_print_json(json_incref(result));
    } else if (what == LIST) {
        print_sessions(result);
    } else {
        print_ended(result);
    }
    json_decref(result);
    return 0;
}

const struct ht_cmd ht_cmd_sessions = {
    .name = "sessions",
    .summary = "which browsers are signed in to the web UI; end that",
    .usage = "sessions [--network NAME|FILE] [--data-dir DIR] [--json]\n"
             "       hearth sessions end ID|--all [--network NAME|FILE] [--data-dir DIR] [--json]",
    .more =
        "\nA session that is ended is signed out at once, wherever it is open. Its browser can\n"
        "sign in again only with the address that hearth status shows.\n",
    .run = run,
    .takes_operands = true,
};
