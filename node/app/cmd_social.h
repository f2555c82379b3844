/* What the verbs about the feeds and the relay share: how they are run, how they ask the running
 * node (social/client.h says what), and how text that strangers wrote gets onto a terminal.
 *
 * All of it on the main thread. Reasons, besides those of client.h and the node's own: HT_EINPUT
 * "bad_text" (no UTF-8, or nothing), "too_long"; HT_ENOTFOUND "no_file"; HT_EDENIED "file_exists";
 * HT_ESTORE "write_failed", "read_failed". */
#ifndef HT_APP_CMD_SOCIAL_H
#define HT_APP_CMD_SOCIAL_H

#include <stdio.h>

#include "node/app/cmd.h"

#define HT_CMD_POST_MAX 65536U /* bytes of a post */

extern const struct ht_cmd ht_cmd_post;
extern const struct ht_cmd ht_cmd_feed;
extern const struct ht_cmd ht_cmd_follow;
extern const struct ht_cmd ht_cmd_relay;

/* One run of a verb. */
struct ht_cmd_social {
    const struct ht_cmd *cmd;
    struct ht_cmd_options options;
    struct ht_config config;
    char **operands;
    size_t operand_count;
    bool is_usage;   /* the words on the command line were wrong */
    bool is_printed; /* the verb has written its answer itself */
    int code;        /* exit code when all went well; 0 at first */
};

struct ht_cmd_social_verb {
    const struct ht_cmd *cmd;
    const char *allowed; /* letters of ht_cmd_read_options */
    size_t operands_max;
    /* *result is what --json shows, a new reference. */
    enum ht_err (*work)(struct ht_cmd_social *run, json_t **result, struct ht_why *why);
    /* Says it in words on standard output. */
    void (*print)(const struct ht_cmd_social *run, const json_t *result);
};

/* Reads the options, works, and tells; returns the exit code. */
int ht_cmd_social_run(const struct ht_cmd_social_verb *verb, int argc, char **argv);

/* Says what is wrong with the words on the command line; the exit code will be 2. */
enum ht_err ht_cmd_social_usage(struct ht_cmd_social *run, struct ht_why *why,
                                const char *text) HT_MUST_USE;
/* A method of the node. params is taken over; NULL counts as no memory. */
enum ht_err ht_cmd_social_call(const struct ht_cmd_social *run, json_t **result, const char *method,
                               json_t *params, struct ht_why *why) HT_MUST_USE;
/* A whole number of an option, from 1 on; false for anything else. */
bool ht_cmd_social_number(json_int_t *out, const char *text);

/* A member's text; "" when there is none. Borrowed. */
const char *ht_cmd_social_text(const json_t *object, const char *key);
/* Writes text from outside. What a terminal would obey stands as ?: control characters of C0 and
 * C1, and those that turn the direction of writing. New lines begin with indent; NULL: they stand
 * as a space, and so do tabs always. */
void ht_cmd_social_put(FILE *to, const char *text, const char *indent);
/* Writes a name, or the beginning of a key without one. */
void ht_cmd_social_put_person(FILE *to, const char *name, const char *pubkey);

#endif
