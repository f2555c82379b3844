/* hearth post and hearth follow, and how the verbs about the feeds are run. */
#include "node/app/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/app/client.h"
#include "node/app/cmd_social.h"
#include "node/base/clock.h"
#include "node/codec/json.h"

/* --- running ---------------------------------------------------------------------------------- */

enum ht_err ht_cmd_social_usage(struct ht_cmd_social *run, struct ht_why *why, const char *text) {
    run->is_usage = true;
    return ht_fail(why, HT_EINPUT, "usage", "%s", text);
}

/* Texts of posts may hold what a terminal obeys; \u0080 to \u009f and \u007f JSON would leave. */
static void print_json(json_t *json) {
    size_t flags = JSON_COMPACT | (isatty(STDOUT_FILENO) ? JSON_ENSURE_ASCII : 0U);
    if (json_dumpf(json, stdout, flags) != 0) fprintf(stderr, "hearth: out of memory\n");
    printf("\n");
}

int ht_cmd_social_run(const struct ht_cmd_social_verb *verb, int argc, char **argv) {
    struct ht_cmd_social run = {.cmd = verb->cmd};
    struct ht_why why = {0};
    json_t *result = NULL;
    int code = ht_cmd_read_options(&run.options, verb->cmd, verb->allowed, argc, argv);
    if (code >= 0) return code;
    run.operands = argv + run.options.first_operand;
    run.operand_count = (size_t)(argc - run.options.first_operand);
    enum ht_err err = ht_config_load(&run.config, &run.options.flags, &why);
    bool has_config = err == HT_OK;
    if (err == HT_OK && run.operand_count > verb->operands_max) {
        err = ht_cmd_social_usage(&run, &why, "too many words; one text goes in quotes");
    }
    if (err == HT_OK) err = verb->work(&run, &result, &why);
    if (run.is_usage) {
        fprintf(stderr, "hearth %s: %s\nTry: hearth %s --help\n", verb->cmd->name, why.text,
                verb->cmd->name);
    } else if (err == HT_OK && !run.is_printed && run.options.is_json) {
        print_json(result);
    } else if (err == HT_OK && !run.is_printed) {
        verb->print(&run, result);
    }
    code = run.is_usage   ? HT_EXIT_USAGE
           : err == HT_OK ? run.code
                          : ht_cmd_fail(&why, err, run.options.is_json);
    json_decref(result);
    if (has_config) ht_config_free(&run.config);
    return code;
}

enum ht_err ht_cmd_social_call(const struct ht_cmd_social *run, json_t **result, const char *method,
                               json_t *params, struct ht_why *why) {
    if (params == NULL) return ht_fail(why, HT_EINPUT, "bad_text", "that is no text in UTF-8");
    enum ht_err err = ht_client_call_with(result, &run->config, method, params, why);
    json_decref(params);
    return err;
}

bool ht_cmd_social_number(json_int_t *out, const char *text) {
    size_t n = strlen(text);
    if (n == 0 || n > 15 || strspn(text, "0123456789") != n) return false;
    *out = (json_int_t)strtoll(text, NULL, 10);
    return *out > 0;
}

/* --- text ------------------------------------------------------------------------------------- */

const char *ht_cmd_social_text(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

/* How many bytes at the front a terminal would obey; 0: none. */
static size_t obeyed(const unsigned char *at) {
    if (at[0] < 0x20 || at[0] == 0x7f) return 1;
    if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) return 2;
    if (at[0] == 0xd8 && at[1] == 0x9c) return 2; /* U+061C */
    if (at[0] != 0xe2 || at[1] == 0) return 0;
    /* U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069 */
    bool is_turn =
        at[1] == 0x80 && (at[2] == 0x8e || at[2] == 0x8f || (at[2] >= 0xa8 && at[2] <= 0xae));
    bool is_isolate = at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9;
    return is_turn || is_isolate ? 3 : 0;
}

void ht_cmd_social_put(FILE *to, const char *text, const char *indent) {
    const unsigned char *at = (const unsigned char *)text;
    while (*at != '\0') {
        size_t n = obeyed(at);
        if (*at == '\n' && indent != NULL) {
            (void)fprintf(to, "\n%s", indent);
        } else if (*at == '\n' || *at == '\t') {
            (void)fputc(' ', to);
        } else {
            (void)fputc(n > 0 ? '?' : *at, to);
        }
        at += n > 0 ? n : 1;
    }
}

void ht_cmd_social_put_person(FILE *to, const char *name, const char *pubkey) {
    if (name[0] != '\0') {
        ht_cmd_social_put(to, name, NULL);
        (void)fprintf(to, " (%.8s)", pubkey);
    } else {
        (void)fprintf(to, "%.16s", pubkey);
    }
}

/* --- hearth post ------------------------------------------------------------------------------ */

/* Standard input to its end, without the last line's end. */
static enum ht_err read_text(struct ht_buf *text, struct ht_why *why) {
    char piece[4096];
    enum ht_err err = HT_OK;
    size_t n = 0;
    while (err == HT_OK && (n = fread(piece, 1, sizeof piece, stdin)) > 0) {
        err = ht_buf_add(text, ht_bytes_of(piece, n));
    }
    if (err == HT_ELIMIT) {
        return ht_fail(why, HT_EINPUT, "too_long", "a post has at most %u bytes", HT_CMD_POST_MAX);
    }
    if (err == HT_OK && ferror(stdin)) {
        return ht_fail(why, HT_ESTORE, "read_failed", "cannot read: %s", strerror(errno));
    }
    if (err == HT_OK && text->n > 0 && text->p[text->n - 1] == '\n') text->n--;
    return err;
}

static enum ht_err set(json_t *params, const char *name, json_t *value, struct ht_why *why) {
    if (json_object_set_new(params, name, value) == 0) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_text", "that is no text in UTF-8");
}

static enum ht_err set_text(json_t *params, const char *name, const char *text,
                            struct ht_why *why) {
    return text == NULL ? HT_OK : set(params, name, json_string(text), why);
}

static enum ht_err read_post(json_t *params, struct ht_cmd_social *run, ht_bytes text,
                             struct ht_why *why) {
    const struct ht_cmd_options *options = &run->options;
    json_int_t seconds = 0;
    if (options->expires != NULL && !ht_cmd_social_number(&seconds, options->expires)) {
        return ht_cmd_social_usage(run, why, "--expires takes a number of seconds");
    }
    if (text.n == 0) return ht_fail(why, HT_EINPUT, "bad_text", "there is nothing to post");
    enum ht_err err = set(params, "content", json_stringn((const char *)text.p, text.n), why);
    if (err == HT_OK) err = set_text(params, "reply_to", options->reply, why);
    if (err == HT_OK) err = set_text(params, "quote", options->quote, why);
    if (err == HT_OK) err = set_text(params, "warning", options->warning, why);
    if (err != HT_OK || seconds == 0) return err;
    json_int_t now_s = (json_int_t)(ht_wall_ms(&ht_system_clock) / 1000);
    return set(params, "expires", json_integer(now_s + seconds), why);
}

static enum ht_err work_post(struct ht_cmd_social *run, json_t **result, struct ht_why *why) {
    const char *word = run->operand_count > 0 ? run->operands[0] : "-";
    bool is_input = strcmp(word, "-") == 0;
    if (run->operand_count == 0 && isatty(STDIN_FILENO)) {
        return ht_cmd_social_usage(run, why, "what is to be posted?");
    }
    struct ht_buf input;
    json_t *params = json_object();
    ht_buf_init(&input, HT_CMD_POST_MAX);
    enum ht_err err = is_input ? read_text(&input, why) : HT_OK;
    if (err == HT_OK) {
        err = read_post(params, run, is_input ? ht_buf_view(&input) : ht_bytes_str(word), why);
    }
    ht_buf_fini(&input);
    if (err == HT_OK) return ht_cmd_social_call(run, result, "social.post", params, why);
    json_decref(params);
    return err;
}

static void print_post(const struct ht_cmd_social *run, const json_t *result) {
    const json_t *sent = json_object_get(result, "sent");
    size_t i;
    json_t *one;
    (void)run;
    printf("%-11s %s\n", "Posted", ht_cmd_social_text(result, "id"));
    json_array_foreach(sent, i, one) {
        printf("%-11s ", i == 0 ? "Relays" : "");
        ht_cmd_social_put(stdout, ht_cmd_social_text(one, "url"), NULL);
        printf(": %s\n", ht_cmd_social_text(one, "state"));
    }
}

static int run_post(int argc, char **argv) {
    static const struct ht_cmd_social_verb verb = {
        .cmd = &ht_cmd_post,
        .allowed = "ndjPQCx",
        .operands_max = 1,
        .work = work_post,
        .print = print_post,
    };
    return ht_cmd_social_run(&verb, argc, argv);
}

const struct ht_cmd ht_cmd_post = {
    .name = "post",
    .summary = "sign a post with your Nostr key, keep it, send it to your relays",
    .usage = "post [TEXT | -] [--reply ID] [--quote ID] [--warning TEXT] [--expires SECONDS]\n"
             "       [--network NAME|FILE] [--data-dir DIR] [--json]",
    .more =
        "\nWithout TEXT, or with -, the text is read from standard input. An ID is 64 digits of\n"
        "hex, note1 or nevent1. The wallet must be open; --json shows the post's id and what\n"
        "each of your relays said.\n",
    .run = run_post,
    .takes_operands = true,
};

/* --- hearth follow ---------------------------------------------------------------------------- */

static enum ht_err work_follow(struct ht_cmd_social *run, json_t **result, struct ht_why *why) {
    if (run->operand_count == 0 && run->options.is_off) {
        return ht_cmd_social_usage(run, why, "--off needs somebody to follow no more");
    }
    if (run->operand_count == 0) {
        return ht_cmd_social_call(run, result, "social.lists", json_object(), why);
    }
    json_t *params =
        json_pack("{s:s, s:b}", "pubkey", run->operands[0], "on", run->options.is_off ? 0 : 1);
    return ht_cmd_social_call(run, result, "social.follow", params, why);
}

static void print_follow(const struct ht_cmd_social *run, const json_t *result) {
    const json_t *follows = json_object_get(result, "follows");
    size_t i;
    json_t *one;
    if (run->operand_count > 0) {
        printf("%-11s %lld\n", "Following",
               (long long)json_integer_value(json_object_get(result, "count")));
        return;
    }
    json_array_foreach(follows, i, one) {
        printf("%s  ", ht_cmd_social_text(one, "pubkey"));
        ht_cmd_social_put(stdout, ht_cmd_social_text(one, "name"), NULL);
        printf("\n");
    }
    if (json_array_size(follows) == 0) printf("You follow nobody.\n");
}

static int run_follow(int argc, char **argv) {
    static const struct ht_cmd_social_verb verb = {
        .cmd = &ht_cmd_follow,
        .allowed = "ndjZ",
        .operands_max = 1,
        .work = work_follow,
        .print = print_follow,
    };
    return ht_cmd_social_run(&verb, argc, argv);
}

const struct ht_cmd ht_cmd_follow = {
    .name = "follow",
    .summary = "follow somebody, or no more; list whom you follow",
    .usage = "follow [--network NAME|FILE] [--data-dir DIR] [--json]\n"
             "       hearth follow NPUB [--off] [--network NAME|FILE] [--data-dir DIR] [--json]",
    .more =
        "\nNPUB is npub1, nprofile1 or 64 digits of hex. What is none of these is refused by the\n"
        "node, with exit code 1.\n",
    .run = run_follow,
    .takes_operands = true,
};
