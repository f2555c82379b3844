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
    {"words", required_argument, NULL, 'W'},
    {"words", no_argument, NULL, 'w'},
    {"label", required_argument, NULL, 'l'},
    {"format", required_argument, NULL, 'F'},
    {"out", required_argument, NULL, 'O'},
    {"from", required_argument, NULL, 'A'},
    {"to", required_argument, NULL, 'T'},
    {"value", required_argument, NULL, 'V'},
    {"yes", no_argument, NULL, 'y'},
    {"wait", no_argument, NULL, 'k'},
    {"all", no_argument, NULL, 'L'},
    {"nostr", no_argument, NULL, 'N'},
    {"relay-port", required_argument, NULL, 'r'},
    {"relay-listen", required_argument, NULL, 'R'},
    {"relay-host", required_argument, NULL, 'H'},
    {"no-relay", no_argument, NULL, 'X'},
    {"no-providers", no_argument, NULL, 'K'},
    {"reply", required_argument, NULL, 'P'},
    {"quote", required_argument, NULL, 'Q'},
    {"warning", required_argument, NULL, 'C'},
    {"on-chain", no_argument, NULL, 'B'},
    {"private", no_argument, NULL, 'D'},
    {"expires", required_argument, NULL, 'x'},
    {"view", required_argument, NULL, 'I'},
    {"author", required_argument, NULL, 'U'},
    {"limit", required_argument, NULL, 'm'},
    {"until", required_argument, NULL, 'z'},
    {"search", required_argument, NULL, 'S'},
    {"thread", required_argument, NULL, 'g'},
    {"off", no_argument, NULL, 'Z'},
    {"peer-port", required_argument, NULL, 'E'},
    {"peer-address", required_argument, NULL, 'J'},
    {"hours", required_argument, NULL, 'Y'},
    {"reason", required_argument, NULL, 'G'},
    {"ballot", no_argument, NULL, 'M'},
    {"override", no_argument, NULL, '0'},
};
#define OPTION_COUNT (sizeof all_options / sizeof *all_options)

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
    {'r', "--relay-port N             of the relay (8421); 0 takes any that is free"},
    {'R', "--relay-listen ADDRESS     where the relay listens (127.0.0.1); 0.0.0.0 is everywhere"},
    {'H', "--relay-host NAME          by which a proxy or an onion leads to it; give several"},
    {'X', "--no-relay                 no port for others; the relay is at --port only"},
    {'K', "--no-providers             ask peers alone, from --checkpoint ROOT or what is kept"},
    {'t', "--slot N                   take this as the present slot"},
    {'a', "--finalized                at the last finalized block, not at the head"},
    {'f', "--force                    replace what is there"},
    {'i',
     "--evidence N               what a provider was asked and sent, by the number of its fault"},
    {'v', "--log-level LEVEL          error, warn, info or debug"},
    {'W', "--words N                  how many words: 12 (default), 15, 18, 21 or 24"},
    {'w', "--words                    with the words of seeds, in plain"},
    {'l', "--label TEXT               what it is called"},
    {'F', "--format FORMAT            mnemonic, raw, keystore, nip49 or nsec"},
    {'O', "--out FILE                 into a new file, for you only; else to standard output"},
    {'A', "--from ADDRESS             the account that pays or signs"},
    {'T', "--to ADDRESS               the account that gets it"},
    {'V', "--value ETHER              how much, in ether: 0.25"},
    {'y', "--yes                      do not ask, unless it is dangerous"},
    {'k', "--wait                     until it is in a block"},
    {'L', "--all                      all of them"},
    {'N', "--nostr                    a Nostr key instead (NIP-06)"},
    {'P', "--reply ID                 it answers this post"},
    {'Q', "--quote ID                 it quotes this post"},
    {'C', "--warning TEXT             a warning to be shown first (NIP-36)"},
    {'x', "--expires SECONDS          from now, after which it no longer counts"},
    {'I', "--view VIEW                following (default), notifications, bookmarks, media or all"},
    {'U', "--author NPUB              what somebody has written"},
    {'m', "--limit N                  how many posts: 1 to 100"},
    {'z', "--until SECONDS            no newer than that Unix time"},
    {'S', "--search TEXT              posts with these words"},
    {'g', "--thread ID                the whole conversation around a post"},
    {'Z', "--off                      no more"},
    {'B', "--on-chain                 in the contract, by a transaction"},
    {'D', "--private                  publish only the root: VALUES are leaves"},
    {'E', "--peer-port N              where peers come in, with TLS; 0 takes any that is free"},
    {'J', "--peer-address ADDRESS     where that port listens (127.0.0.1); 0.0.0.0 is everywhere"},
    {'Y', "--hours N                  how long it is good for: 1 to 720 (24)"},
    {'G', "--reason TEXT              why, for everybody to read"},
    {'M', "--ballot                   sign it only; anybody may send it"},
    {'0', "--override                 though it is likely to be of no use"},
    {'j', "--json                     answer in JSON"},
};

static void print_help(const struct ht_cmd *cmd, const char *allowed) {
    printf("Usage: hearth %s\n\n%s\n%s\nOptions:\n", cmd->usage, cmd->summary,
           cmd->more != NULL ? cmd->more : "");
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

/* One of those that may be given several times. */
static bool take_listed(struct ht_config_flags *flags, int letter, const char *value) {
    const char **list = flags->beacon;
    size_t *count = &flags->beacon_count;
    if (letter == 'e') {
        list = flags->execution;
        count = &flags->execution_count;
    } else if (letter == 'u') {
        list = flags->unverified;
        count = &flags->unverified_count;
    } else if (letter == 'H') {
        list = flags->relay_host;
        count = &flags->relay_host_count;
    } else if (letter == 's') {
        list = flags->checkpoint_source;
        count = &flags->checkpoint_source_count;
    } else if (letter != 'b') {
        return false;
    }
    if (*count == HT_CONFIG_URLS_MAX) return false;
    list[(*count)++] = value;
    return true;
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
    case 'W': out->words = value; return true;
    case 'w': out->with_words = true; return true;
    case 'l': out->label = value; return true;
    case 'F': out->format = value; return true;
    case 'O': out->out = value; return true;
    case 'A': out->from = value; return true;
    case 'T': out->to = value; return true;
    case 'V': out->value = value; return true;
    case 'y': out->is_yes = true; return true;
    case 'k': out->waits = true; return true;
    case 'L': out->is_all = true; return true;
    case 'N': out->is_nostr = true; return true;
    case 'r': flags->relay_port = value; return true;
    case 'R': flags->relay_listen = value; return true;
    case 'X': flags->no_relay = true; return true;
    case 'K': flags->no_providers = true; return true;
    case 'P': out->reply = value; return true;
    case 'Q': out->quote = value; return true;
    case 'C': out->warning = value; return true;
    case 'x': out->expires = value; return true;
    case 'I': out->view = value; return true;
    case 'U': out->author = value; return true;
    case 'm': out->limit = value; return true;
    case 'z': out->until = value; return true;
    case 'S': out->search = value; return true;
    case 'g': out->thread = value; return true;
    case 'Z': out->is_off = true; return true;
    case 'E': flags->peer_port = value; return true;
    case 'J': flags->peer_address = value; return true;
    case 'Y': out->hours = value; return true;
    case 'B': out->is_on_chain = true; return true;
    case 'D': out->is_private = true; return true;
    case 'G': out->reason = value; return true;
    case 'M': out->is_ballot = true; return true;
    case '0': out->overrides = true; return true;
    default: return take_listed(flags, letter, value);
    }
}

/* Those that the verb takes, and help. */
static void choose_options(struct option *out, const char *allowed) {
    size_t count = 0;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (strchr(allowed, all_options[i].val) != NULL) out[count++] = all_options[i];
    }
    out[count++] = (struct option){"help", no_argument, NULL, 'h'};
    out[count] = (struct option){0};
}

int ht_cmd_read_options(struct ht_cmd_options *out, const struct ht_cmd *cmd, const char *allowed,
                        int argc, char **argv) {
    *out = (struct ht_cmd_options){0};
    struct option options[OPTION_COUNT + 2];
    choose_options(options, allowed);
    optind = 1;
    opterr = 0;
    for (;;) {
        int index = optind;
        int letter = getopt_long(argc, argv, ":h", options, NULL);
        if (letter == -1) break;
        const char *which = index < argc ? argv[index] : "";
        if (letter == 'h') {
            print_help(cmd, allowed);
            return 0;
        }
        if (letter == ':') return usage_error(cmd, "a value is missing after ", which);
        if (letter == '?') return usage_error(cmd, "no such option: ", which);
        if (!take_option(out, letter, optarg)) return usage_error(cmd, "cannot use ", which);
    }
    out->first_operand = optind;
    /* A word too many is a mistake: `run sepolia` would else run on mainnet. */
    bool takes_words = cmd == &ht_cmd_light || cmd->takes_operands;
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
