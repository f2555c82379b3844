/* hearth peer: list, invite, add and end links to other nodes; their settings. */
#include "node/app/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "node/app/cmd_peer.h"
#include "node/app/cmd_social.h"
#include "node/codec/json.h"

#define SETTINGS_MAX 30U
#define PREFIX_MIN 6U /* characters of a node's key that name it */
#define NODE_SIZE 65U

/* --- which node ------------------------------------------------------------------------------- */

static bool is_hex(const char *text) {
    size_t n = strlen(text);
    return n >= PREFIX_MIN && n < NODE_SIZE && strspn(text, "0123456789abcdef") == n;
}

/* By its key's beginning, or the label that the owner gave it. */
static bool is_named(const json_t *peer, const char *name) {
    const char *node = ht_cmd_social_text(peer, "node");
    if (is_hex(name) && strncmp(node, name, strlen(name)) == 0) return true;
    return strcmp(ht_cmd_social_text(peer, "label"), name) == 0;
}

static enum ht_err find_node(char out[static NODE_SIZE], const struct ht_cmd_social *run,
                             const char *name, struct ht_why *why) {
    json_t *list = NULL, *peer;
    size_t i, count = 0;
    enum ht_err err = ht_cmd_social_call(run, &list, "peers.list", json_object(), why);
    if (err != HT_OK) return err;
    json_array_foreach(json_object_get(list, "peers"), i, peer) {
        if (!is_named(peer, name)) continue;
        (void)snprintf(out, NODE_SIZE, "%s", ht_cmd_social_text(peer, "node"));
        count++;
    }
    json_decref(list);
    if (count == 1) return HT_OK;
    if (count > 1) {
        return ht_fail(why, HT_EINPUT, "bad_node", "%.40s names %zu nodes", name, count);
    }
    return ht_fail(why, HT_ENOTFOUND, "no_peer", "no node is called %.40s here", name);
}

/* --- one word, one call ----------------------------------------------------------------------- */

static enum ht_err call_node(struct ht_cmd_social *run, json_t **result, const char *method,
                             const char *member, json_t *value, struct ht_why *why) {
    char node[NODE_SIZE];
    enum ht_err err = find_node(node, run, run->operands[1], why);
    json_t *params = err == HT_OK ? json_pack("{s:s}", "node", node) : NULL;
    if (err != HT_OK) {
        json_decref(value);
        return err;
    }
    if (member != NULL && json_object_set_new(params, member, value) != 0) {
        json_decref(params);
        return ht_fail(why, HT_EINPUT, "bad_text", "that is no text in UTF-8");
    }
    return ht_cmd_social_call(run, result, method, params, why);
}

static enum ht_err work_invite(struct ht_cmd_social *run, json_t **result, struct ht_why *why) {
    const struct ht_cmd_options *options = &run->options;
    json_int_t hours = 0;
    json_t *params = json_object();
    if (options->hours != NULL && !ht_cmd_social_number(&hours, options->hours)) {
        json_decref(params);
        return ht_cmd_social_usage(run, why, "--hours takes a number");
    }
    if (hours > 0) (void)json_object_set_new(params, "hours", json_integer(hours));
    if (options->label != NULL &&
        json_object_set_new(params, "label", json_string(options->label)) != 0) {
        json_decref(params);
        return ht_fail(why, HT_EINPUT, "bad_text", "that is no text in UTF-8");
    }
    return ht_cmd_social_call(run, result, "peers.invite", params, why);
}

static enum ht_err work_add(struct ht_cmd_social *run, json_t **result, struct ht_why *why) {
    const char *label = run->options.label;
    json_t *params = label != NULL
                         ? json_pack("{s:s, s:s}", "link", run->operands[1], "label", label)
                         : json_pack("{s:s}", "link", run->operands[1]);
    return ht_cmd_social_call(run, result, "peers.add", params, why);
}

/* --- settings --------------------------------------------------------------------------------- */

static json_t *list_of(const char *text) {
    json_t *list = json_array();
    while (*text != '\0') {
        size_t n = strcspn(text, ",");
        if (n > 0) (void)json_array_append_new(list, json_stringn(text, n));
        text += n + (text[n] == ',' ? 1 : 0);
    }
    return list;
}

/* By what the setting is now: true and false, numbers, lists with commas, text. */
static json_t *value_of(const json_t *now, const char *text) {
    if (json_is_boolean(now) && strcmp(text, "on") == 0) return json_true();
    if (json_is_boolean(now) && strcmp(text, "off") == 0) return json_false();
    if (json_is_array(now)) return list_of(text);
    size_t n = strlen(text);
    bool is_number = n > 0 && n <= 15 && strspn(text, "0123456789") == n;
    if (json_is_integer(now) && is_number) {
        return json_integer((json_int_t)strtoll(text, NULL, 10));
    }
    return json_string(text);
}

static enum ht_err work_settings(struct ht_cmd_social *run, json_t **result, struct ht_why *why) {
    json_t *now = NULL, *params = json_object();
    enum ht_err err = ht_cmd_social_call(run, &now, "peers.settings", json_object(), why);
    for (size_t i = 1; err == HT_OK && i < run->operand_count; i++) {
        const char *word = run->operands[i], *equals = strchr(word, '=');
        char name[64];
        if (equals == NULL || (size_t)(equals - word) >= sizeof name) {
            err = ht_cmd_social_usage(run, why, "a setting is NAME=VALUE");
            continue;
        }
        (void)snprintf(name, sizeof name, "%.*s", (int)(equals - word), word);
        if (json_object_set_new(params, name, value_of(json_object_get(now, name), equals + 1)) !=
            0) {
            err = ht_fail(why, HT_EINPUT, "bad_text", "that is no text in UTF-8");
        }
    }
    if (err != HT_OK || run->operand_count == 1) {
        json_decref(params);
        if (err == HT_OK) {
            *result = now;
        } else {
            json_decref(now);
        }
        return err;
    }
    json_decref(now);
    return ht_cmd_social_call(run, result, "peers.set_settings", params, why);
}

/* --- the verb --------------------------------------------------------------------------------- */

static enum ht_err work_node(struct ht_cmd_social *run, json_t **result, struct ht_why *why) {
    const char *what = run->operands[0];
    json_t *on = run->options.is_off ? json_false() : json_true();
    if (strcmp(what, "ban") == 0) {
        return call_node(run, result, "peers.ban", "on", json_true(), why);
    }
    if (strcmp(what, "unban") == 0) {
        return call_node(run, result, "peers.ban", "on", json_false(), why);
    }
    if (strcmp(what, "courier") == 0) return call_node(run, result, "peers.courier", "on", on, why);
    if (strcmp(what, "forget") == 0) return call_node(run, result, "peers.forget", NULL, NULL, why);
    if (strcmp(what, "dial") == 0) return call_node(run, result, "peers.dial", NULL, NULL, why);
    if (strcmp(what, "forgive") == 0) {
        return call_node(run, result, "peers.forgive", NULL, NULL, why);
    }
    return ht_cmd_social_usage(run, why, "no such word; see --help");
}

static enum ht_err work_peer(struct ht_cmd_social *run, json_t **result, struct ht_why *why) {
    const char *what = run->operand_count > 0 ? run->operands[0] : "list";
    size_t count = run->operand_count;
    if (strcmp(what, "settings") == 0) return work_settings(run, result, why);
    if (strcmp(what, "list") == 0 && count <= 1) {
        return ht_cmd_social_call(run, result, "peers.list", json_object(), why);
    }
    if (strcmp(what, "invite") == 0 && count == 1) return work_invite(run, result, why);
    if (strcmp(what, "add") == 0 && count == 2) return work_add(run, result, why);
    if (strcmp(what, "revoke") == 0 && count == 2) {
        return ht_cmd_social_call(run, result, "peers.revoke",
                                  json_pack("{s:s}", "link", run->operands[1]), why);
    }
    if (strcmp(what, "label") == 0 && count == 3) {
        return call_node(run, result, "peers.label", "label", json_string(run->operands[2]), why);
    }
    if (count == 2) return work_node(run, result, why);
    return ht_cmd_social_usage(run, why, "too few or too many words; see --help");
}

/* --- in words --------------------------------------------------------------------------------- */

static void print_peer(const json_t *peer) {
    const char *label = ht_cmd_social_text(peer, "label"), *name = ht_cmd_social_text(peer, "name");
    const char *how = ht_cmd_social_text(peer, "how"), *end;
    printf("%.16s  %-10s %-6s ", ht_cmd_social_text(peer, "node"),
           ht_cmd_social_text(peer, "state"), how[0] != '\0' ? how : "-");
    ht_cmd_social_put(stdout, label[0] != '\0' ? label : name, NULL);
    if (label[0] != '\0' && name[0] != '\0') {
        printf(" (");
        ht_cmd_social_put(stdout, name, NULL);
        printf(")");
    }
    if (json_is_true(json_object_get(peer, "is_courier"))) printf(", courier");
    if (!json_is_true(json_object_get(peer, "is_accepted"))) printf(", not let in");
    printf("\n");
    end = ht_cmd_social_text(json_object_get(peer, "last_end"), "text");
    if (strcmp(ht_cmd_social_text(peer, "state"), "connected") != 0 && end[0] != '\0') {
        printf("%-18s", "");
        ht_cmd_social_put(stdout, end, NULL);
        printf("\n");
    }
}

static void print_list(const json_t *result) {
    const json_t *peers = json_object_get(result, "peers");
    const json_t *reach = json_object_get(result, "reach");
    const char *listen = ht_cmd_social_text(reach, "listen");
    size_t i;
    json_t *one;
    printf("%-11s %s\n", "This node", ht_cmd_social_text(result, "node"));
    printf("%-11s %s\n", "Listens", listen[0] != '\0' ? listen : "nowhere: it only dials");
    printf("%-11s %lld of %zu\n", "Linked",
           (long long)json_integer_value(json_object_get(result, "links")), json_array_size(peers));
    json_array_foreach(peers, i, one) {
        print_peer(one);
    }
    if (json_array_size(peers) == 0) printf("No node is known yet: hearth peer invite, or add.\n");
}

static void print_invite(const json_t *result) {
    size_t i;
    json_t *one;
    printf("%s\n", ht_cmd_social_text(result, "link"));
    json_array_foreach(json_object_get(result, "warnings"), i, one) {
        fprintf(stderr, "hearth: %s\n", json_string_value(one));
    }
}

static void print_settings(const json_t *result) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)result, name, value) {
        char *text = json_is_boolean(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY);
        printf("%-19s %s\n", name,
               json_is_boolean(value) ? json_is_true(value) ? "on" : "off"
               : text != NULL         ? text
                                      : "");
        free(text);
    }
}

static void print(const struct ht_cmd_social *run, const json_t *result) {
    const char *what = run->operand_count > 0 ? run->operands[0] : "list";
    if (strcmp(what, "list") == 0) {
        print_list(result);
    } else if (strcmp(what, "invite") == 0) {
        print_invite(result);
    } else if (strcmp(what, "settings") == 0) {
        print_settings(result);
    } else if (strcmp(what, "add") == 0) {
        printf("%-11s %s\n", "Added", ht_cmd_social_text(result, "node"));
    }
}

static int run_peer(int argc, char **argv) {
    static const struct ht_cmd_social_verb verb = {
        .cmd = &ht_cmd_peer,
        .allowed = "ndjlYZ",
        .operands_max = SETTINGS_MAX,
        .work = work_peer,
        .print = print,
    };
    return ht_cmd_social_run(&verb, argc, argv);
}

const struct ht_cmd ht_cmd_peer = {
    .name = "peer",
    .summary = "links to other nodes: list, invite, add, ban, settings",
    .usage = "peer [list] [--network NAME|FILE] [--data-dir DIR] [--json]\n"
             "       hearth peer invite [--label TEXT] [--hours N]\n"
             "       hearth peer add LINK [--label TEXT]\n"
             "       hearth peer revoke LINK\n"
             "       hearth peer ban|unban|forget|forgive|dial NODE\n"
             "       hearth peer courier NODE [--off]\n"
             "       hearth peer label NODE TEXT\n"
             "       hearth peer settings [NAME=VALUE]...",
    .more =
        "\nAn invitation is a link that lets one node in, once; whoever has it knows where this\n"
        "node is. NODE is a label, or the first digits of a node's key. A courier keeps private\n"
        "messages for you while you are away, and you for it; it cannot read them. Settings are\n"
        "on or off, numbers, text, or lists with commas: listen=on port=8422 hosts=example.org.\n"
        "Whatever makes this node reachable or known is off at first.\n",
    .run = run_peer,
    .takes_operands = true,
};
