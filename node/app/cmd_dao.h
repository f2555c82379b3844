/* The verbs hearth dao, hearth vote and hearth poll, and what their files share. Main thread.
 *
 * Reasons, besides those of the node, of client.h and of cmd_wallet.h: HT_EINPUT "no_account" (the
 * wallet has none, or several and --from is not given). */
#ifndef HT_APP_CMD_DAO_H
#define HT_APP_CMD_DAO_H

#include "node/app/cmd_account.h"

extern const struct ht_cmd ht_cmd_dao;
extern const struct ht_cmd ht_cmd_vote;
extern const struct ht_cmd ht_cmd_poll;

/* The verbs behind `hearth dao`, by the file that has them; each list ends with NULL. */
extern const struct ht_wallet_verb *const ht_dao_verbs_show[]; /* list, add, show, … export */
extern const struct ht_wallet_verb *const ht_dao_verbs_act[];  /* create, propose, … cancel */

/* A line with a title, of text from outside; nothing when the text is empty. */
void ht_cmd_dao_line(const char *title, const char *text);
/* Runs the verb of that name (the last word of its own) among lists of verbs; `group` is the word
 * in front. HT_EXIT_USAGE, said, when there is none. */
int ht_cmd_dao_dispatch(const struct ht_wallet_verb *const *const *lists, size_t list_count,
                        const char *group, int argc, char **argv);
/* Sets "account" to --from, or to the wallet's only account. */
enum ht_err ht_cmd_dao_account(const struct ht_wallet *wallet, json_t *params,
                               struct ht_why *why) HT_MUST_USE;
/* Reads a JSON file, - for standard input; a new reference. */
enum ht_err ht_cmd_dao_file(json_t **out, const char *path, struct ht_why *why) HT_MUST_USE;
/* {"address", "id"} of the first two words. */
json_t *ht_cmd_dao_named(const struct ht_wallet *wallet);
/* Says on the terminal how far something is, in place of what it said last; an empty text wipes it
 * away. Nothing without a terminal, or with --json. At most 100 bytes. */
void ht_cmd_dao_progress(const struct ht_wallet *wallet, const char *fmt, ...) HT_PRINTF(2, 3);
/* What was sent, and what became of it: "hash", "id", "timelock_id", "event_id", "notes". */
void ht_cmd_dao_print_done(const struct ht_wallet *wallet, const json_t *result);

#endif
