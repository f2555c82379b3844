/* The verbs of the command line. Each takes its own arguments, argv[0] being the verb's name, and
 * returns the exit code: 0 ok, 1 refused or not found, 2 usage, 3 unverified, 4 unavailable. */
#ifndef HT_APP_CMD_H
#define HT_APP_CMD_H

#include <jansson.h>
#include <stdbool.h>

#include "node/app/config.h"

#define HT_EXIT_USAGE 2

struct ht_cmd {
    const char *name;
    const char *summary; /* one line for `hearth help` */
    const char *usage;   /* for `hearth VERB --help`, without "Usage: hearth " in front */
    int (*run)(int argc, char **argv);
    const char *more;    /* lines for --help behind the summary; may be NULL */
    bool takes_operands; /* words that are no options */
};

extern const struct ht_cmd ht_cmd_init;
extern const struct ht_cmd ht_cmd_run;
extern const struct ht_cmd ht_cmd_status;
extern const struct ht_cmd ht_cmd_light;
extern const struct ht_cmd ht_cmd_account;
extern const struct ht_cmd ht_cmd_sessions;
extern const struct ht_cmd ht_cmd_export;
extern const struct ht_cmd ht_cmd_import;
extern const struct ht_cmd ht_cmd_doctor;
extern const struct ht_cmd ht_cmd_sim;
extern const struct ht_cmd ht_cmd_version;

/* What the options of every verb came to. */
struct ht_cmd_options {
    struct ht_config_flags flags;
    bool is_json;
    bool is_forced;       /* --force */
    bool is_finalized;    /* --finalized */
    const char *evidence; /* --evidence */
    const char *at_slot;  /* --slot */
    const char *words;    /* --words N */
    const char *label;    /* --label */
    const char *format;   /* --format */
    const char *out;      /* --out */
    const char *from;     /* --from */
    const char *to;       /* --to */
    const char *value;    /* --value */
    bool with_words;      /* --words */
    bool is_yes;          /* --yes */
    bool waits;           /* --wait */
    bool is_all;          /* --all */
    bool is_nostr;        /* --nostr */
    const char *reply;    /* --reply */
    const char *quote;    /* --quote */
    const char *warning;  /* --warning */
    const char *expires;  /* --expires */
    const char *view;     /* --view */
    const char *author;   /* --author */
    const char *limit;    /* --limit */
    const char *until;    /* --until */
    const char *search;   /* --search */
    const char *thread;   /* --thread */
    bool is_off;          /* --off */
    const char *hours;    /* --hours */
    bool is_on_chain;     /* --on-chain */
    bool is_private;      /* --private */
    const char *reason;   /* --reason */
    bool is_ballot;       /* --ballot */
    bool overrides;       /* --override */
    int first_operand;    /* index in argv */
};

/* Reads the options in `allowed`, a string of the short letters that the verb takes, out of argv.
 * Returns -1 to go on, else the exit code: help was printed, or the words were wrong and that was
 * said. Letters: n network, d data-dir, b beacon, s checkpoint-source, e execution, c checkpoint, q
 * checkpoint-quorum, o accept-old-checkpoint, p port, u unverified, j json, f force, a finalized, t
 * slot, i evidence, v log-level; of the wallet: W words N, w words, l label, F format, O out, A
 * from, T to, V value, y yes, k wait, L all, N nostr; of the relay: r relay-port, R
 * relay-listen, H relay-host, X no-relay, K no-providers; of the feeds: P reply, Q quote, C
 * warning, x expires, I view, U author, m limit, z until, S search, g thread, Z off; of
 * attestations: B on-chain, D private; of votes: G reason, M ballot, 0 override; of peers: E
 * peer-port, J peer-address, Y hours. Options of other verbs are not known. */
int ht_cmd_read_options(struct ht_cmd_options *out, const struct ht_cmd *cmd, const char *allowed,
                        int argc, char **argv);

/* The text without a host's name in front, for where the name stands already. Borrowed. */
const char *ht_cmd_without_name(const char *text, const char *name);

/* Says what went wrong on standard error, as JSON on standard output when is_json, and returns the
 * exit code for it. */
int ht_cmd_fail(const struct ht_why *why, enum ht_err err, bool is_json);

/* Prints a value on a line of standard output; takes over the reference. NULL is said to be a lack
 * of memory. */
void ht_cmd_print_json(json_t *json);

#endif
