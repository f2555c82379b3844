/* One record of one name, asked of the chain.
 *
 * The registry's entry is proven first. When it names a resolver whose layout is known, the record
 * is read from storage, by proof. Else the registry and the resolver are run over proven state
 * (run.h): that also walks up to a parent's resolver that answers for all below it (ENSIP-10), and
 * asks the registry of before 2020 where the present one has no entry. A resolver that sends off
 * the chain (ERC-3668) is followed only when asked to, over https and to public addresses alone;
 * what then comes of it is what a gateway said, checked by nobody but the resolver's own callback.
 *
 * Loop thread. Sources: EIP-137, ENSIP-10, ERC-3668. */
#ifndef HT_IDENTITY_NAMES_ENS_ASK_H
#define HT_IDENTITY_NAMES_ENS_ASK_H

#include "identity/names/ens_calls.h"
#include "node/module.h"

/* The registry, at one address on all networks that have ENS. */
extern const ht_addr20 ht_ens_registry;

/* Whether that resolver keeps its records as ens_name.h says: the PublicResolver at its known
 * address, on the main network, and on the devnet's chain, where whoever makes the chain puts it.
 */
bool ht_ens_is_known_resolver(uint64_t chain_id, const ht_addr20 *resolver);

enum ht_ens_how {
    HT_ENS_STORAGE,  /* storage proofs alone */
    HT_ENS_CALL,     /* code run over proven state */
    HT_ENS_OFFCHAIN, /* a gateway's word: unproven */
};

#define HT_ENS_LOOKUPS_MAX 4U /* one leading to the next */
#define HT_ENS_GATEWAY_MS 10000

/* What work leaves, anew in each round. */
struct ht_ens_found {
    enum {
        HT_ENS_NO_RESOLVER,
        HT_ENS_FAILED, /* the resolver reverts, or answers no encoding of a record */
        HT_ENS_RECORD, /* perhaps an empty one */
        HT_ENS_LOOKUP, /* off the chain; in `lookup` */
    } kind;
    ht_addr20 resolver;
    bool is_wild; /* by resolve(bytes,bytes) */
    ht_addr20 address;
};

/* Zeroed but for what is asked and done; left alone until done. */
struct ht_ens_ask {
    const struct ht_host *host;
    struct ht_block_id block;
    enum ht_ens_record record;
    char name[HT_ENS_NAME_MAX + 1]; /* normalised, or a reverse name */
    char key[HT_ENS_KEY_MAX + 1];   /* of HT_ENS_TEXT */
    bool may_go_offchain;
    /* On the loop, once, perhaps before ht_ens_ask returns. */
    void (*done)(struct ht_ens_ask *ask);

    /* The outcome. HT_OK also when there is no resolver or no such record: that is proven, too.
     * Errors of ht_state_read and ht_run_start, ens_name.h and ens_calls.h, and
     *     ens_not_here         HT_ENOTFOUND  this network has no ENS
     *     ens_resolver_failed  HT_ENOTFOUND  the resolver's code gives no answer
     *     ens_offchain         HT_EDENIED    it is off the chain, and that was not asked for
     *     ens_gateway          HT_ENET       no gateway answered
     *     ens_lookups          HT_ELIMIT     over HT_ENS_LOOKUPS_MAX */
    enum ht_err err;
    struct ht_why why;
    enum ht_ens_how how;
    bool has_resolver, has_record;
    ht_addr20 resolver;
    ht_addr20 address;  /* of HT_ENS_ADDRESS */
    struct ht_buf text; /* of the others: UTF-8 */
    struct ht_exec_header_verified header;
    bool is_final;
    char source[128]; /* HT_ENS_OFFCHAIN: the gateway's host */

    /* Its own. */
    ht_hash32 node;
    struct ht_state_read read;
    uint64_t version; /* of the records, in a known resolver */
    ht_hash32 slot;   /* where the record begins */
    uint8_t first[32];
    ht_hash32 slots[HT_STATE_SLOTS_MAX];
    struct ht_run run;
    struct ht_ens_found found;
    struct ht_buf lookup; /* the revert's data */
    struct ht_buf call;   /* of the callback that follows it; empty: none */
    size_t lookups, gateway;
    struct ht_http_request *request; /* under way */
};

void ht_ens_ask(struct ht_ens_ask *ask);
/* Drops what the outcome owns, and a request that is under way: then done does not come. */
void ht_ens_ask_fini(struct ht_ens_ask *ask);

/* For ens_run.c and ens_gateway.c: the run has ended, with what it found in ask; the ask has. */
void ht_ens_ran(struct ht_ens_ask *ask);
void ht_ens_end(struct ht_ens_ask *ask, enum ht_err err);

#endif
