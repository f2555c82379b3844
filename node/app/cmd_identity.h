/* hearth id and hearth attest, and what the verbs of identity share. Main thread. */
#ifndef HT_APP_CMD_IDENTITY_H
#define HT_APP_CMD_IDENTITY_H

#include "node/app/cmd_wallet.h"

extern const struct ht_cmd ht_cmd_id;
extern const struct ht_cmd ht_cmd_attest;

/* Appends a file's bytes; "-" is standard input. HT_ENOTFOUND "no_file", HT_ELIMIT "too_long",
 * HT_ESTORE "read_failed". */
enum ht_err ht_cmd_read_file(struct ht_buf *out, const char *path, struct ht_why *why) HT_MUST_USE;
/* Writes a value on a line, into the new file --out or to standard output. */
enum ht_err ht_cmd_write_json(const struct ht_wallet *wallet, const json_t *value,
                              struct ht_why *why) HT_MUST_USE;
/* Reads --expires; *seconds stays when it is not there. "usage". */
enum ht_err ht_cmd_read_seconds(json_int_t *seconds, struct ht_wallet *wallet,
                                struct ht_why *why) HT_MUST_USE;
/* [{"step", "ok": bool | null, "text"}] in words. */
void ht_cmd_print_steps(const json_t *steps);

#endif
