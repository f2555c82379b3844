/* Proven names of the people of the web of trust: what an account calls itself in ENS, when that
 * name leads back to it.
 *
 * Whoever keeps the web says whose names it wants; these are asked of the chain at the newest final
 * block, one at a time, the first wanted first: the name that the account gives itself, then where
 * that name leads at the same block (names/ens_ask.h). Nothing off the chain is followed. A name
 * that is not its own normal form (ENSIP-15), leads elsewhere or is longer than
 * HT_TRUST_NAME_MAX bytes is none. An account is asked about once in HT_TRUST_NAME_DAY_MS, and
 * when its link is another; when that could not be told (no provider, no proof), again after
 * HT_TRUST_NAME_RETRY_MS. At most HT_TRUST_NAMES_ROUND are asked about in HT_TRUST_NAMES_ROUND_MS.
 * Nothing is asked before there is a final block, nor on a network where no registry is known: it
 * is known on the main network, Sepolia and Holesky, and where the network's file names it at its
 * usual address. The provider that carries the proofs learns whose names are wanted.
 *
 * Names are kept in memory, each with the block it was proven at, and forgotten when nobody wants
 * them or after HT_TRUST_NAME_OLD_MS without a new proof.
 *
 * Loop thread. Sources: EIP-181, ENSIP-3, ENSIP-15. */
#ifndef HT_IDENTITY_TRUST_TRUST_NAMES_H
#define HT_IDENTITY_TRUST_TRUST_NAMES_H

#include "node/module.h"

#define HT_TRUST_NAME_MAX 255U   /* bytes, as in struct ht_trust_person */
#define HT_TRUST_NAMES_MAX 2048U /* accounts; whoever is wanted after these has none */
#define HT_TRUST_NAMES_ROUND 64U
#define HT_TRUST_NAMES_ROUND_MS 60000
#define HT_TRUST_NAME_DAY_MS (24 * 3600 * INT64_C(1000))
#define HT_TRUST_NAME_RETRY_MS (10 * 60 * INT64_C(1000))
#define HT_TRUST_NAME_OLD_MS (2 * HT_TRUST_NAME_DAY_MS)

struct ht_trust_names;

/* A name and the block it was proven at. */
struct ht_trust_named {
    char name[HT_TRUST_NAME_MAX + 1]; /* "" for none */
    uint64_t block;
    ht_hash32 block_hash;
};

struct ht_trust_wanted {
    ht_addr20 address;
    ht_hash32 link; /* the event that links it to a key; zero without */
};

/* host outlives it. on_change: a name has come, is another, or was looked at anew and is none; not
 * from within these functions. HT_ENOMEM. */
enum ht_err ht_trust_names_new(struct ht_trust_names **out, const struct ht_host *host,
                               void (*on_change)(void *user), void *user,
                               struct ht_why *why) HT_MUST_USE;
/* The node is about to stop: nothing more is asked. NULL: nothing. */
void ht_trust_names_quit(struct ht_trust_names *names);
/* After quit, when what was under way has ended. NULL: nothing. */
void ht_trust_names_free(struct ht_trust_names *names);

/* Whose names are wanted from now on, most wanted first; of an account that comes twice the first
 * counts. What is known of the others is forgotten. Without memory all stays as it is. */
void ht_trust_names_want(struct ht_trust_names *names, const struct ht_trust_wanted *list,
                         size_t count);

/* NULL when no name is proven. Good until the next callback. names NULL: NULL. */
const struct ht_trust_named *ht_trust_name_of(const struct ht_trust_names *names,
                                              const ht_addr20 *address);

#endif
