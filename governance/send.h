/* Transactions of the owner's: first run over proven state, and only what would succeed goes on
 * into the owner's queue, with the gas that it took and a margin. Loop thread. */
#ifndef HT_GOVERNANCE_SEND_H
#define HT_GOVERNANCE_SEND_H

#include "governance/governance.h"

#define HT_GOV_SEND_DATA_MAX ((size_t)128 << 10)

/* Zeroed but for what is asked and done; data is to be initialised. Lives until done, which comes
 * once, perhaps before ht_gov_send returns. */
struct ht_gov_sending {
    struct ht_governance *governance;
    ht_addr20 from, to;
    ht_u256 wei;
    struct ht_buf data; /* owned; dropped by ht_gov_sending_fini */
    char what[200];     /* for people */
    uint64_t gas;       /* limit, when it is more than what the run says; 0 */
    bool is_forced;     /* goes to the queue even if it would fail */
    void (*done)(struct ht_gov_sending *sending);
    void *user;

    /* HT_OK and hash; errors of simulate.h, of the queue; HT_EDENIED "would_fail" with the
     * contract's words, "no_wallet". */
    enum ht_err err;
    struct ht_why why;
    ht_hash32 hash;
    /* Its own. */
    struct ht_simulation simulation;
    json_t *calls;
};
void ht_gov_send(struct ht_gov_sending *sending);
void ht_gov_sending_fini(struct ht_gov_sending *sending);

/* One call for a simulation: {"from", "to", "value", "data"}; a new reference, NULL without memory.
 */
json_t *ht_gov_simulated_call(const ht_addr20 *from, const ht_addr20 *to, const ht_u256 *wei,
                              ht_bytes data);
/* Of one of a simulation's results: HT_OK, or HT_EDENIED "would_fail" with why. */
enum ht_err ht_gov_simulated(const json_t *result, struct ht_why *why) HT_MUST_USE;
/* The gas limit to send it with; 0: not known. */
uint64_t ht_gov_simulated_gas(const json_t *result);

#endif
