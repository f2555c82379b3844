/* Tokens that move and approvals that are given, as contracts log them (ERC-20, 721, 1155). Inside
 * of simulations. */
#ifndef HT_L1_SIMULATE_MOVES_H
#define HT_L1_SIMULATE_MOVES_H

#include <jansson.h>

#include "node/evm/world.h"

struct ht_sim_moves {
    json_t *tokens, *approvals; /* arrays as in simulate.h, at most HT_SIMULATE_ROWS_MAX long */
    bool is_tokens_cut, is_approvals_cut;
};

/* New references; a log that is none of these events exactly is passed over. HT_ENOMEM, with
 * nothing in *out then. Any thread. */
enum ht_err ht_sim_moves_read(struct ht_sim_moves *out, const struct ht_evm_log *logs,
                              size_t count) HT_MUST_USE;

#endif
