/* hearth verify: a file that proves something, checked by the running node or, when none runs, with
 * what its data directory holds.
 *
 * Exit: 0 valid; 1 revoked, expired, not there, invalid or no such file at all; 2 usage; 3
 * unverified; 4 nothing to check with: no node has ever proven a sync committee here. */
#ifndef HT_APP_CMD_VERIFY_H
#define HT_APP_CMD_VERIFY_H

#include "node/app/cmd.h"

extern const struct ht_cmd ht_cmd_verify;

/* The exit code for an outcome's verdict. */
int ht_cmd_verify_code(const json_t *outcome);

#endif
