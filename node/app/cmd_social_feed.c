/* hearth feed: posts on the terminal, newest first; a conversation oldest first. */
#include "node/app/cmd.h"

#include <string.h>

#include "node/app/cmd_social.h"
#include "node/app/cmd_wallet.h"

static const char *const views[] = {"following", "notifications", "bookmarks", "media", "all"};

static bool is_view(const char *name) {
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        if (strcmp(name, views[i]) == 0) return true;
    }
    return false;
}

/* Which of them is asked for; one at most. */
static enum ht_err check_words(struct ht_cmd_social *run, struct ht_why *why) {
    const struct ht_cmd_options *options = &run->options;
    int count = (options->view != NULL) + (options->author != NULL) + (options->search != NULL) +
                (options->thread != NULL);
    if (count > 1) {
        return ht_cmd_social_usage(run, why, "one of --view, --author, --search, --thread");
    }
    if (options->view != NULL && !is_view(options->view)) {
        return ht_cmd_social_usage(run, why,
                                   "a view is following, notifications, bookmarks, media or all");
    }
    bool is_limited = options->limit != NULL || options->until != NULL;
    if (options->thread != NULL && is_limited) {
        return ht_cmd_social_usage(run, why, "--thread is shown whole");
    }
    return HT_OK;
}

static enum ht_err set_numbers(json_t *params, struct ht_cmd_social *run, struct ht_why *why) {
    const struct ht_cmd_options *options = &run->options;
    json_int_t limit = 0, until = 0;
    if (options->limit != NULL && (!ht_cmd_social_number(&limit, options->limit) || limit > 100)) {
        return ht_cmd_social_usage(run, why, "--limit takes a number from 1 to 100");
    }
    if (options->until != NULL && !ht_cmd_social_number(&until, options->until)) {
        return ht_cmd_social_usage(run, why, "--until takes a Unix time in seconds");
    }
    int failed = limit > 0 ? json_object_set_new(params, "limit", json_integer(limit)) : 0;
    if (until > 0) failed |= json_object_set_new(params, "until", json_integer(until));
    return failed == 0 ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static enum ht_err work_feed(struct ht_cmd_social *run, json_t **result, struct ht_why *why) {
    const struct ht_cmd_options *options = &run->options;
    enum ht_err err = check_words(run, why);
    if (err != HT_OK) return err;
    if (options->thread != NULL) {
        return ht_cmd_social_call(run, result, "social.thread",
                                  json_pack("{s:s}", "id", options->thread), why);
    }
    const char *view = options->view != NULL     ? options->view
                       : options->author != NULL ? "author"
                       : options->search != NULL ? "search"
                                                 : "following";
    json_t *params = json_pack("{s:s, s:s*, s:s*}", "view", view, "author", options->author, "text",
                               options->search);
    if (params != NULL) err = set_numbers(params, run, why);
    if (err == HT_OK) return ht_cmd_social_call(run, result, "social.feed", params, why);
    json_decref(params);
    return err;
}

/* --- posts ------------------------------------------------------------------------------------ */

static long long number(const json_t *object, const char *key) {
    return json_integer_value(json_object_get(object, key));
}

static void print_counts(const json_t *post) {
    static const struct {
        const char *key, *one, *many;
    } counts[] = {{"replies", "reply", "replies"},
                  {"reactions", "reaction", "reactions"},
                  {"reposts", "repost", "reposts"}};
    const char *between = "    ";
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        long long count = number(post, counts[i].key);
        if (count == 0) continue;
        printf("%s%lld %s", between, count, count == 1 ? counts[i].one : counts[i].many);
        between = ", ";
    }
    if (strcmp(between, ", ") == 0) printf("\n");
}

static void print_head(const json_t *post) {
    ht_cmd_social_put_person(stdout, ht_cmd_social_text(post, "name"),
                             ht_cmd_social_text(post, "pubkey"));
    printf(", ");
    ht_wallet_put_ms(stdout, (json_int_t)(number(post, "created_at") * 1000));
    printf(" UTC, %s", ht_cmd_social_text(post, "signature"));
    if (json_is_true(json_object_get(post, "muted"))) printf(", muted");
    printf("\n    %s\n", ht_cmd_social_text(post, "id"));
    const char *parent = ht_cmd_social_text(post, "reply_to");
    if (parent[0] != '\0') printf("    answers %s\n", parent);
}

/* What is embedded is shown once, not what that embeds. */
static void print_post(const json_t *post) {
    const json_t *embedded = json_object_get(post, "embedded");
    const char *warning = json_string_value(json_object_get(post, "warning"));
    print_head(post);
    if (warning != NULL) {
        printf("    [warning: ");
        ht_cmd_social_put(stdout, warning, NULL);
        printf("]\n");
    }
    /* A repost's content is the other's event as JSON. */
    bool is_repost = number(post, "kind") == 6 || number(post, "kind") == 16;
    const char *content = is_repost ? "" : ht_cmd_social_text(post, "content");
    if (content[0] != '\0') {
        printf("    ");
        ht_cmd_social_put(stdout, content, "    ");
        printf("\n");
    }
    if (json_is_object(embedded)) {
        printf("    %s ", is_repost ? "reposts" : "quotes");
        ht_cmd_social_put_person(stdout, ht_cmd_social_text(embedded, "name"),
                                 ht_cmd_social_text(embedded, "pubkey"));
        printf(":\n    | ");
        ht_cmd_social_put(stdout, ht_cmd_social_text(embedded, "content"), "    | ");
        printf("\n");
    }
    print_counts(post);
    printf("\n");
}

static void print_feed(const struct ht_cmd_social *run, const json_t *result) {
    const json_t *posts = json_object_get(result, "posts");
    const json_t *source = json_object_get(result, "source");
    size_t i;
    json_t *post;
    (void)run;
    json_array_foreach(posts, i, post) print_post(post);
    if (json_array_size(posts) == 0) printf("There is nothing here.\n");
    printf("%zu %s", json_array_size(posts), json_array_size(posts) == 1 ? "post" : "posts");
    if (!json_is_true(json_object_get(result, "is_complete"))) printf(", there are more");
    printf("; asked %lld relays, %lld answered\n", number(source, "asked"),
           number(source, "answered"));
}

static int run_feed(int argc, char **argv) {
    static const struct ht_cmd_social_verb verb = {
        .cmd = &ht_cmd_feed,
        .allowed = "ndjIUmzSg",
        .work = work_feed,
        .print = print_feed,
    };
    return ht_cmd_social_run(&verb, argc, argv);
}

const struct ht_cmd ht_cmd_feed = {
    .name = "feed",
    .summary = "show posts: of whom you follow, of somebody, with words, a conversation",
    .usage = "feed [--view VIEW | --author NPUB | --search TEXT | --thread ID] [--limit N]\n"
             "       [--until SECONDS] [--network NAME|FILE] [--data-dir DIR] [--json]",
    .more = "\nEach post is shown with its signature's state; control characters in it, which a\n"
            "terminal would obey, stand as ?. What is not here is asked of a few relays first.\n",
    .run = run_feed,
};
