/* Options that verbs share, and how errors are said. */
#include "node/app/cmd.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "node/base/log.h"
#include "node/codec/json.h"

static const struct option all_options[] = {
    {"network", required_argument, NULL, 'n'},
    {"data-dir", required_argument, NULL, 'd'},
    {"beacon", required_argument, NULL, 'b'},
    {"checkpoint-source", required_argument, NULL, 's'},
    {"execution", required_argument, NULL, 'e'},
    {"checkpoint", required_argument, NULL, 'c'},
    {"checkpoint-quorum", required_argument, NULL, 'q'},
    {"accept-old-checkpoint", no_argument, NULL, 'o'},
    {"port", required_argument, NULL, 'p'},
    {"unverified", required_argument, NULL, 'u'},
    {"json", no_argument, NULL, 'j'},
    {"force", no_argument, NULL, 'f'},
    {"finalized", no_argument, NULL, 'a'},
    {"slot", required_argument, NULL, 't'},
    {"evidence", required_argument, NULL, 'i'},
    {"log-level", required_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const struct {
    char letter;
    const char *text;
} option_help[] = {
    {'n', "--network NAME|FILE        mainnet (default), sepolia, hoodi, or a network's JSON file"},
    {'d', "--data-dir DIR             where data and settings are"},
    {'b', "--beacon URL               a Beacon API to follow; give several"},
    {'e', "--execution URL            an execution client's JSON-RPC (http, ws); give several"},
    {'u', "--unverified METHOD        pass this method of /eth on unproven, marked; give several"},
    {'s', "--checkpoint-source URL    who is asked where to start; give several"},
    {'c', "--checkpoint ROOT          the block root you trust to start from"},
    {'q', "--checkpoint-quorum N      how many sources must agree (2)"},
    {'o', "--accept-old-checkpoint    start from a root older than is safe"},
    {'p', "--port N                   of the web UI on this computer (8420)"},
    {'t', "--slot N                   take this as the present slot"},
    {'a', "--finalized                at the last finalized block, not at the head"},
    {'f', "--force                    replace what is there"},
    {'i',
     "--evidence N               what a provider was asked and sent, by the number of its fault"},
    {'v', "--log-level LEVEL          error, warn, info or debug"},
    {'j', "--json                     answer in JSON"},
};

static void print_help(const struct ht_cmd *cmd, const char *allowed) {
    printf("Usage: hearth %s\n\n%s\n\nOptions:\n", cmd->usage, cmd->summary);
    for (size_t i = 0; i < sizeof option_help / sizeof *option_help; i++) {
        if (strchr(allowed, option_help[i].letter) != NULL) printf("  %s\n", option_help[i].text);
    }
    printf("  --help                     this text\n\n"
           "Exit: 0 ok, 1 refused or not found, 2 usage, 3 unverified, 4 unavailable\n");
}

static int usage_error(const struct ht_cmd *cmd, const char *what, const char *which) {
    fprintf(stderr, "hearth %s: %s%s\nTry: hearth %s --help\n", cmd->name, what, which, cmd->name);
    return HT_EXIT_USAGE;
}

static bool set_log_level(const char *name) {
    static const char *const names[] = {"error", "warn", "info", "debug"};
    for (int i = 0; i < 4; i++) {
        if (strcmp(name, names[i]) == 0) {
            ht_log_set_level((enum ht_log_level)i);
            return true;
        }
    }
    return false;
}

/* Takes one option over; false when there are too many of it or its value is none. */
static bool take_option(struct ht_cmd_options *out, int letter, const char *value) {
    struct ht_config_flags *flags = &out->flags;
    switch (letter) {
    case 'n': flags->network = value; return true;
    case 'd': flags->data_dir = value; return true;
    case 'c': flags->checkpoint = value; return true;
    case 'q': flags->checkpoint_quorum = value; return true;
    case 'o': flags->accept_old_checkpoint = true; return true;
    case 'p': flags->port = value; return true;
    case 'j': out->is_json = true; return true;
    case 'f': out->is_forced = true; return true;
    case 'a': out->is_finalized = true; return true;
    case 't': out->at_slot = value; return true;
    case 'i': out->evidence = value; return true;
    case 'v': return set_log_level(value);
    case 'b':
        if (flags->beacon_count == HT_CONFIG_URLS_MAX) return false;
        flags->beacon[flags->beacon_count++] = value;
        return true;
    case 'e':
        if (flags->execution_count == HT_CONFIG_URLS_MAX) return false;
        flags->execution[flags->execution_count++] = value;
        return true;
    case 'u':
        if (flags->unverified_count == HT_CONFIG_URLS_MAX) return false;
        flags->unverified[flags->unverified_count++] = value;
        return true;
    case 's':
        if (flags->checkpoint_source_count == HT_CONFIG_URLS_MAX) return false;
        flags->checkpoint_source[flags->checkpoint_source_count++] = value;
        return true;
    default: return false;
    }
}

int ht_cmd_read_options(struct ht_cmd_options *out, const struct ht_cmd *cmd, const char *allowed,
                        int argc, char **argv) {
    *out = (struct ht_cmd_options){0};
    optind = 1;
    opterr = 0;
    for (;;) {
        int index = optind;
        int letter = getopt_long(argc, argv, ":h", all_options, NULL);
        if (letter == -1) break;
        const char *which = index < argc ? argv[index] : "";
        if (letter == 'h') {
            print_help(cmd, allowed);
            return 0;
        }
        if (letter == ':') return usage_error(cmd, "a value is missing after ", which);
        if (letter == '?' || strchr(allowed, letter) == NULL) {
            return usage_error(cmd, "no such option: ", which);
        }
        if (!take_option(out, letter, optarg)) return usage_error(cmd, "cannot use ", which);
    }
    out->first_operand = optind;
    /* A word too many is a mistake: `run sepolia` would else run on mainnet. */
    bool takes_words = cmd == &ht_cmd_light || cmd == &ht_cmd_account;
    if (!takes_words && optind < argc) {
        return usage_error(cmd, "it takes options only, not ", argv[optind]);
    }
    return -1;
}

const char *ht_cmd_without_name(const char *text, const char *name) {
    size_t host = strcspn(name, ":"); /* the name may have a port, which the text has not */
    bool is_named = strncmp(text, name, host) == 0 && strncmp(text + host, ": ", 2) == 0;
    return is_named ? text + host + 2 : text;
}

void ht_cmd_print_json(json_t *json) {
    if (json == NULL || json_dumpf(json, stdout, JSON_COMPACT) != 0) {
        fprintf(stderr, "hearth: out of memory\n");
    }
    printf("\n");
    json_decref(json);
}

int ht_cmd_fail(const struct ht_why *why, enum ht_err err, bool is_json) {
    if (is_json) {
        ht_cmd_print_json(json_pack("{s:{s:s, s:s, s:s}}", "error", "code",
                                    why->code != NULL ? why->code : "", "kind", ht_err_name(err),
                                    "message", why->text));
    }
    fprintf(stderr, "hearth: %s\n", why->text);
    return ht_err_exit_code(err);
}
