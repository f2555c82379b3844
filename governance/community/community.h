/* Communities: governors that the owner follows, and their proposals, as far as they are known.
 *
 * A community and its items stay at their address until they are forgotten (dao.forget, or the
 * end); whoever asks something that is answered later keeps the governor's address and the id, and
 * finds them again. What is in them is as of the last look (look/look.h), with its provenance. How
 * to ask for more, all of it proven at one block:
 *     reads/reads.h  many slots of one contract; calls; a voter's power in the past
 *     look/look.h    one proposal afresh at the head: words, timelock, quorum, state
 *     preimage.h     its actions and description, certified
 * Loop thread. */
#ifndef HT_GOVERNANCE_COMMUNITY_COMMUNITY_H
#define HT_GOVERNANCE_COMMUNITY_COMMUNITY_H

#include "governance/governance.h"
#include "governance/governor/profile.h"
#include "governance/governor/proposal.h"

#define HT_COMMUNITIES_MAX 64U
#define HT_GOV_ITEMS_MAX 2048U /* proposals of one community */
#define HT_GOV_TITLE_MAX 200U  /* bytes */
#define HT_GOV_MINE_MAX 8U     /* accounts of the owner that are looked at */

enum ht_gov_provenance { HT_GOV_UNVERIFIED, HT_GOV_BY_CALL, HT_GOV_BY_PROOF };
const char *ht_gov_provenance_name(enum ht_gov_provenance provenance); /* "proven", … */

/* How it was found where the governor keeps what. */
enum ht_gov_standing {
    HT_GOV_STANDS_NOT, /* nothing can be said: why has the reason */
    HT_GOV_STANDS_BY_CALL,
    HT_GOV_STANDS_PROBED, /* by proofs, pinned to the code's hash */
    HT_GOV_STANDS_KNOWN,  /* the code is one that this program knows byte for byte */
};
const char *ht_gov_standing_name(enum ht_gov_standing standing); /* "known", … */

/* The block at which something is proven. */
struct ht_gov_as_of {
    uint64_t number, timestamp;
    ht_hash32 hash;
    bool is_final;
};

struct ht_gov_look;       /* look.h */
struct ht_gov_recount;    /* recount.h */
struct ht_gov_power_kept; /* power_look.h */
struct ht_community;

/* A proposal. */
struct ht_gov_item {
    struct ht_community *community;
    ht_u256 id;
    /* What was proposed; the whole of it is on disk (preimage.h). Without text only the id is
     * known, out of storage or of a vote. */
    bool has_text;
    bool is_certified; /* the text is the id's by its hash, or the log is proven by a receipt */
    bool has_block;    /* the log is proven by its receipt, in created_block */
    uint64_t created_block, created_s; /* 0: not known; without has_block what somebody said */
    ht_hash32 created_tx;              /* zero: not known */
    char title[HT_GOV_TITLE_MAX + 1];  /* the description's first line, cut; may be hostile */
    ht_addr20 proposer;
    uint64_t start, end; /* as proposed: blocks or seconds */
    size_t action_count;
    ht_hash32 description_hash, timelock_id;
    /* What was last seen of it. */
    enum ht_gov_provenance provenance; /* UNVERIFIED: none of what follows is known */
    struct ht_gov_facts facts;
    bool has_quorum;
    ht_u256 quorum;
    uint64_t timelock_stamp;
    enum ht_gov_state state; /* HT_GOV_NONE: proven not to exist there */
    struct ht_gov_as_of as_of;
    struct ht_why why; /* why UNVERIFIED */
    size_t received;   /* bytes that providers sent for the last look at it */
    /* Its own. */
    struct ht_gov_look *look; /* under way */
    struct ht_gov_recount *recount;
    unsigned told; /* enum ht_gov_told (notices.h) */
    /* Votes that looks proved (look_marks.h): of my_delegates of that version those that were told
     * by now, by their places; was that after the end; the owner's own, and when that was asked. */
    unsigned marks_version;
    uint32_t marked;
    bool are_marks_last, has_my_vote;
    uint64_t own_marked_at;
    /* Of how many accounts of the owner the power at the snapshot is known (look_own.h). */
    size_t own_count;
    bool has_own_power;
    bool is_kept; /* on disk, or on its way there */
};

struct ht_community {
    struct ht_governance *governance;
    ht_addr20 address;
    char label[64], name[128]; /* the owner's word; name(), by proven call */
    int64_t added_ms;
    enum ht_gov_standing standing;
    /* Good above STANDS_NOT; layouts of kind UNKNOWN are asked by calls. */
    struct ht_gov_profile profile;
    struct ht_why why;     /* why it stands no higher */
    char token_symbol[32]; /* by proven call; "" without */
    bool is_forgotten;     /* it is going; nothing more is to begin for it */
    /* Looked through for ProposalCreated without a gap: [scanned_from, scanned_to]. */
    bool has_scanned;
    uint64_t scanned_from, scanned_to;
    struct ht_why scan_why; /* why not further back */
    /* Providers were asked about [asked_from, asked_to], which proves nothing but finds much. */
    bool has_asked;
    uint64_t asked_from, asked_to;
    bool is_enumerated;             /* its storage says how many there are, and all are here */
    uint64_t scan_done, scan_total; /* blocks of what is under way; 0 of 0: nothing is */
    struct ht_gov_item **items;     /* oldest start first */
    size_t item_count;
    struct ht_gov_as_of as_of;
    /* The owner's accounts together, and whom the first with votes has delegated to. */
    bool has_mine, has_delegate;
    ht_u256 my_power;
    ht_addr20 my_delegate;
    /* All to whom the owner's accounts have delegated, without those accounts; the version is
     * another whenever the list is, 0 until it is known. */
    ht_addr20 my_delegates[HT_GOV_MINE_MAX];
    size_t my_delegate_count;
    unsigned my_delegates_version;
    struct ht_gov_power_kept *power; /* power_look.h */
    bool is_profiling;               /* see profiling.h */
    size_t tried_with;               /* clues that there were when it was tried last */
    struct ht_community *next;       /* the list's own */
};

/* The community, NULL when it is not followed. */
struct ht_community *ht_community_find(const struct ht_governance *governance,
                                       const ht_addr20 *address);
size_t ht_community_count(const struct ht_governance *governance);
struct ht_community *ht_community_at(const struct ht_governance *governance, size_t i);
struct ht_gov_item *ht_gov_item_find(const struct ht_community *community, const ht_u256 *id);
/* Of a method's params: "address", and with item also "id" (decimal text). HT_EINPUT,
 * HT_ENOTFOUND "no_such_community", "no_such_proposal". */
enum ht_err ht_community_param(struct ht_community **out, struct ht_gov_item **item,
                               const struct ht_governance *governance, const json_t *params,
                               struct ht_why *why) HT_MUST_USE;

/* --- keeping, on disk first; what goes wrong later is logged and told ------------------------- */

typedef void (*ht_community_told)(void *user, enum ht_err err, const struct ht_why *why);
/* told may be NULL, and may come from within the call. */
void ht_community_keep(struct ht_community *community, ht_community_told told, void *user);
/* Takes it off the list and off the disk. The struct stays where it is, is_forgotten, until the
 * module ends, since something may be under way for it. */
void ht_community_forget(struct ht_community *community, ht_community_told told, void *user);
/* A new one, not on disk yet. HT_ELIMIT "too_many_communities", HT_EINPUT "already_followed",
 * HT_ENOMEM. */
enum ht_err ht_community_new(struct ht_community **out, struct ht_governance *governance,
                             const ht_addr20 *address, struct ht_why *why) HT_MUST_USE;

/* A proposal is known by now: of its id alone (proposal NULL), or with what was proposed; data is
 * the ProposalCreated log's. It must be certified by the caller (preimage.h). Adds what is new,
 * keeps it on disk, tells topics. NULL: HT_GOV_ITEMS_MAX are there, or no memory. */
struct ht_gov_seen {
    const ht_u256 *id;
    const struct ht_gov_proposal *proposal;
    ht_bytes data;
    bool is_certified, has_block;
    uint64_t block, time_s;
    ht_hash32 tx;
};
struct ht_gov_item *ht_gov_item_see(struct ht_community *community, const struct ht_gov_seen *seen);
/* What was looked at has changed: kept on disk what is final, topics told soon. */
void ht_gov_item_changed(struct ht_gov_item *item);
void ht_community_changed(struct ht_community *community);

/* Its code is another one than its profile is of: the profile is dropped, and whatever was proven
 * with it is unverified from now on. */
void ht_community_distrust(struct ht_community *community, const struct ht_why *why);

/* --- ids of other events ----------------------------------------------------------------------*/

/* The clock of the governor at a block: its number or its timestamp. */
uint64_t ht_gov_clock_of(const struct ht_community *community, const struct ht_gov_as_of *as_of);
/* When a point of its clock is or will be, seconds; *is_estimate when it is reckoned with 12 s
 * blocks (or the network's slots). */
uint64_t ht_gov_time_of(const struct ht_community *community, uint64_t point,
                        const struct ht_gov_as_of *as_of, bool *is_estimate);

enum ht_err ht_communities_new(struct ht_governance *governance, sqlite3 *db,
                               struct ht_why *why) HT_MUST_USE;
/* The node is about to stop. */
void ht_communities_quit(struct ht_governance *governance);
/* release frees what others keep with a community and its items (recount, power); it is called once
 * for each, those that were forgotten too. */
void ht_communities_free(struct ht_governance *governance,
                         void (*release)(struct ht_community *community));

#endif
