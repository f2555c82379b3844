/* Communities of ours on their way: from the transaction that was sent to codes that are proven to
 * stand where they should.
 *
 * A creation is kept on disk before its sender is told of it. The outbox says what became of the
 * transaction; whether the community is there is proven by the codes at its addresses, at the head
 * and again when that is final. Loop thread. */
#ifndef HT_GOVERNANCE_CREATE_CREATE_FOLLOW_H
#define HT_GOVERNANCE_CREATE_CREATE_FOLLOW_H

#include "governance/create/create.h"
#include "governance/create/create_sql.h"
#include "governance/governance.h"

enum ht_gov_creation_state {
    HT_GOV_CREATION_SENT,
    HT_GOV_CREATION_THERE,  /* the codes are proven at the head */
    HT_GOV_CREATION_FINAL,  /* and at a final block */
    HT_GOV_CREATION_FAILED, /* reverted, replaced, or other codes than ours */
};
struct ht_gov_creation {
    struct ht_governance *governance;
    int64_t id, at_ms;
    json_t *params; /* dao.create's */
    struct ht_gov_wishes wishes;
    ht_hash32 hash;
    ht_addr20 sender;
    enum ht_gov_creation_state state;
    struct ht_why why; /* of a failure, or why it is not known yet */
    bool has_made;     /* the addresses are known: the transaction's nonce is */
    struct ht_gov_made made;
    /* The proof under way: one code after the other. */
    bool is_reading;
    unsigned part; /* 0 treasury, 1 votes, 2 governor */
    struct ht_block_id block;
    struct ht_state_read read;
    struct ht_buf codes[3];
    struct ht_gov_creation *next; /* newest first */
};

struct ht_gov_create {
    struct ht_gov_creation *list;
};

/* The attestation service on that network: its file's, else the one that is known on its chain;
 * NULL without. Static storage, or the network's. */
const ht_addr20 *ht_gov_eas(const struct ht_network *network);

/* What is on disk. HT_ENOMEM, HT_ESTORE. */
enum ht_err ht_gov_create_start(struct ht_governance *governance, sqlite3 *db,
                                struct ht_why *why) HT_MUST_USE;
void ht_gov_create_free(struct ht_governance *governance);
/* Looks after all that are not final: at each head and when the outbox has changed. */
void ht_gov_create_look(struct ht_governance *governance);

/* A transaction of ours was sent. told comes when it is on disk; the creation is NULL with an
 * error. params is borrowed. */
typedef void (*ht_gov_creation_told)(void *user, struct ht_gov_creation *creation, enum ht_err err,
                                     const struct ht_why *why);
struct ht_gov_creation_sent {
    const json_t *params;
    const struct ht_gov_wishes *wishes;
    ht_hash32 hash;
    ht_addr20 sender;
};
void ht_gov_creation_begin(struct ht_governance *governance,
                           const struct ht_gov_creation_sent *sent, ht_gov_creation_told told,
                           void *user);
struct ht_gov_creation *ht_gov_creation_find(const struct ht_governance *governance, int64_t id);
/* {"id", "name", "at_ms", "steps": [{"what", "hash" | null, "state": "done" | "now" | "next" |
 * "failed"}], "community": the governor | null, "treasury" | null, "votes" | null, "is_final",
 * "error" | null}. A new reference, NULL without memory. */
json_t *ht_gov_creation_json(const struct ht_gov_creation *creation);

#endif
