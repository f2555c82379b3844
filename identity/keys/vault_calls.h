/* The methods of vault_keeper.h, and what they share with it. Only vault_*.c include this. */
#ifndef HT_IDENTITY_KEYS_VAULT_CALLS_H
#define HT_IDENTITY_KEYS_VAULT_CALLS_H

#include "identity/keys/vault_keeper.h"

/* The signer answers in turn. So a lock that was asked for later than an unlock wins over it: each
 * lock starts an epoch, and an unlock counts in its own only. */
struct ht_vault_keeper {
    struct ht_buf file; /* as committed; empty: there is no vault */
    uint64_t generation;
    int64_t auto_lock_ms;
    bool is_open;
    bool is_changing;
    bool is_lock_due; /* the signer could not be asked yet */
    bool is_gone;     /* the signer */
    unsigned epoch;
    int64_t deadline_mono_ms, deadline_wall_ms; /* while it is open */
    struct ht_timer timer;
    struct ht_identity *identity;
};

/* HT_OK, or "no_signer", "signer_gone". */
enum ht_err ht_vault_check_signer(const struct ht_identity *identity,
                                  struct ht_why *why) HT_MUST_USE;
/* ht_vault_lock_now; rpc, unless NULL, is ended when the signer has wiped its memory. */
void ht_vault_lock_for(struct ht_identity *identity, struct ht_rpc_call *rpc);
/* The signer has opened it. */
void ht_vault_open_now(struct ht_identity *identity);

#endif
