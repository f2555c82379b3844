/* The prober of tokens: where votes are kept, found by what one account has. As probe.h's, without
 * input or output, and with its reasons. Pure; any thread. */
#ifndef HT_GOVERNANCE_GOVERNOR_PROBE_TOKEN_H
#define HT_GOVERNANCE_GOVERNOR_PROBE_TOKEN_H

#include "governance/governor/layout_json.h"

/* Of both probers. */
#define HT_GOV_PROBE_SLOTS_MAX 64U /* at once: what one question may have */
#define HT_GOV_PROBE_BASES 64U
#define HT_GOV_PROBE_CANDIDATES 4U

/* Of one account with voting power: answers of proven eth_calls. */
struct ht_gov_token_called {
    ht_addr20 account;
    ht_u256 votes;       /* getVotes, getCurrentVotes; above 0 */
    ht_u256 checkpoints; /* numCheckpoints(account); above 0 */
    ht_u256 balance;     /* balanceOf */
    ht_addr20 delegatee; /* delegates */
    ht_u256 nonce;       /* nonces */
    ht_u256 total;       /* totalSupply */
    ht_bytes clock_mode;
};
struct ht_gov_token_probe {
    struct ht_gov_token_layout layout; /* when it is done */
    /* the machine's own */
    unsigned step;
    bool is_namespaced;
    struct ht_gov_token_called called;
    uint8_t mapped[HT_GOV_PROBE_BASES][32]; /* the account's word under each base */
    ht_hash32 found[HT_GOV_PROBE_CANDIDATES];
    size_t found_count;
    uint64_t totals; /* checkpoints of the total */
};
/* HT_EUNVERIFIED "no_layout": no token with votes by its code; HT_EINPUT "no_votes": an account
 * without votes and checkpoints tells nothing; "bad_clock_mode". */
enum ht_err ht_gov_token_probe_init(struct ht_gov_token_probe *probe, ht_bytes code,
                                    const struct ht_gov_token_called *called,
                                    struct ht_why *why) HT_MUST_USE;
size_t ht_gov_token_probe_next(const struct ht_gov_token_probe *probe,
                               ht_hash32 out[static HT_GOV_PROBE_SLOTS_MAX]);
enum ht_err ht_gov_token_probe_take(struct ht_gov_token_probe *probe, const uint8_t (*values)[32],
                                    size_t count, struct ht_why *why) HT_MUST_USE;

#endif
