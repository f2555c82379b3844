/* hearth dao: the way to its verbs, and what they share. */
#include "node/app/cmd.h"

#include <stdarg.h>
#include <string.h>

#include "node/app/cmd_dao.h"
#include "node/app/cmd_identity.h"
#include "node/codec/json.h"

#define FILE_MAX ((size_t)1 << 20)

void ht_cmd_dao_line(const char *title, const char *text) {
    if (text[0] == '\0') return;
    printf("%-11s ", title);
    ht_wallet_put(stdout, text);
    printf("\n");
}

static const struct ht_wallet_verb *find(const struct ht_wallet_verb *const *const *lists,
                                         size_t list_count, const char *group, const char *name) {
    size_t n = strlen(group) + 1;
    for (size_t i = 0; i < list_count; i++) {
        for (const struct ht_wallet_verb *const *at = lists[i]; *at != NULL; at++) {
            if (strcmp((*at)->cmd.name + n, name) == 0) return *at;
        }
    }
    return NULL;
}

int ht_cmd_dao_dispatch(const struct ht_wallet_verb *const *const *lists, size_t list_count,
                        const char *group, int argc, char **argv) {
    bool is_named = argc > 1 && argv[1][0] != '-';
    const char *name = is_named ? argv[1] : "list";
    const struct ht_wallet_verb *verb = find(lists, list_count, group, name);
    int skipped = is_named ? 1 : 0;
    if (verb != NULL) return ht_wallet_run(verb, argc - skipped, argv + skipped);
    fprintf(stderr, "hearth %s: there is no verb %.40s\nTry: hearth %s --help\n", group, name,
            group);
    return HT_EXIT_USAGE;
}

enum ht_err ht_cmd_dao_account(const struct ht_wallet *wallet, json_t *params, struct ht_why *why) {
    json_t *answer = NULL, *found = NULL, *one;
    size_t i, count = 0;
    const char *from = wallet->options.from;
    if (from != NULL) {
        if (json_object_set_new(params, "account", json_string(from)) == 0) return HT_OK;
        return ht_fail(why, HT_EINPUT, "bad_text", "that is no text in UTF-8");
    }
    enum ht_err err = ht_wallet_call(wallet, &answer, "wallet.accounts", json_object(), why);
    if (err != HT_OK) return err;
    json_array_foreach(json_object_get(answer, "accounts"), i, one) {
        bool is_watched = strcmp(ht_wallet_text(one, "kind"), "watch") == 0;
        count += is_watched ? 0 : 1;
        if (!is_watched) found = json_object_get(one, "address");
    }
    if (count == 1) (void)json_object_set(params, "account", found);
    json_decref(answer);
    if (count == 1) return HT_OK;
    return ht_fail(why, HT_EINPUT, "no_account",
                   count == 0 ? "the wallet has no account"
                              : "the wallet has several accounts: say which one, with --from");
}

enum ht_err ht_cmd_dao_file(json_t **out, const char *path, struct ht_why *why) {
    struct ht_buf text;
    ht_buf_init(&text, FILE_MAX);
    enum ht_err err = ht_cmd_read_file(&text, path, why);
    if (err == HT_OK) err = ht_json_parse(out, ht_buf_view(&text), FILE_MAX, why);
    ht_buf_fini(&text);
    return err;
}

void ht_cmd_dao_progress(const struct ht_wallet *wallet, const char *fmt, ...) {
    char text[101];
    va_list args;
    if (!wallet->prompt.is_terminal || wallet->options.is_json) return;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    ht_prompt_say(&wallet->prompt, "\r%s\033[K", text);
}

json_t *ht_cmd_dao_named(const struct ht_wallet *wallet) {
    return json_pack("{s:s, s:s}", "address", wallet->operands[0], "id", wallet->operands[1]);
}

void ht_cmd_dao_print_done(const struct ht_wallet *wallet, const json_t *result) {
    size_t i;
    json_t *one;
    (void)wallet;
    ht_cmd_dao_line("Proposal", ht_wallet_text(result, "id"));
    ht_cmd_dao_line("Timelock", ht_wallet_text(result, "timelock_id"));
    ht_cmd_dao_line("Sent", ht_wallet_text(result, "hash"));
    ht_cmd_dao_line("Published", ht_wallet_text(result, "event_id"));
    ht_cmd_dao_line("Public", ht_wallet_text(result, "public"));
    json_array_foreach(json_object_get(result, "notes"), i, one) {
        ht_cmd_dao_line(i == 0 ? "Note" : "", ht_wallet_text(one, "text"));
    }
}

static int run(int argc, char **argv) {
    static const struct ht_wallet_verb *const *const lists[] = {ht_dao_verbs_show,
                                                                ht_dao_verbs_act};
    struct ht_cmd_options options;
    bool is_help = argc > 1 && strcmp(argv[1], "--help") == 0;
    if (is_help) return ht_cmd_read_options(&options, &ht_cmd_dao, HT_ACCOUNT_OPTIONS, argc, argv);
    return ht_cmd_dao_dispatch(lists, 2, "dao", argc, argv);
}

const struct ht_cmd ht_cmd_dao = {
    .name = "dao",
    .summary = "communities: governors, proposals, and votes counted by yourself",
    .usage = "dao [VERB [OPTION]...]",
    .more = "\nVerbs; hearth dao VERB --help tells more:\n"
            "  list                       communities you follow (without a verb)\n"
            "  add, show, forget ADDRESS  a governor's contract\n"
            "  proposals [ADDRESS]        what is decided, newest first\n"
            "  proposal, votes ADDRESS ID one, and its votes as counted here\n"
            "  simulate ADDRESS ID        what its actions would change\n"
            "  export ADDRESS ID          votes as csv or json, or an audit for hearth verify\n"
            "  create FILE, created ID    a community of your own, and how far it is\n"
            "  ballots, relay ADDRESS ID  signed votes of others, and sending them\n"
            "  propose, queue, execute, cancel, delegate\n"
            "To vote: hearth vote.\n",
    .run = run,
    .takes_operands = true,
};
