/* The governance module from the inside: what its files share.
 *
 * Communities are governor contracts that the owner follows (community.h). What is known of them
 * is proven by storage or receipts, or by proven calls, or is marked as unverified; provenance goes
 * with each fact. Parts of the module have a row in the table of governance.c: methods, topics, and
 * functions for their beginning and end. All of it belongs to the loop thread. */
#ifndef HT_GOVERNANCE_GOVERNANCE_H
#define HT_GOVERNANCE_GOVERNANCE_H

#include "governance/governance_offers.h"

struct ht_communities;   /* community.h */
struct ht_gov_discover;  /* discover.h */
struct ht_gov_watch;     /* watch.h */
struct ht_gov_notices;   /* notices.h */
struct ht_ballot_box;    /* ballot_box.h */
struct ht_gov_create;    /* communities of ours */
struct ht_gov_polls;     /* polls */
struct ht_gov_talk;      /* talk */
struct ht_gov_feed_want; /* feed_want.h */

struct ht_governance {
    const struct ht_host *host;
    bool is_quitting; /* nothing more is to be asked of anybody */
    struct ht_communities *communities;
    struct ht_gov_discover *discover;
    struct ht_gov_watch *watch;
    struct ht_gov_notices *notices;
    struct ht_ballot_box *ballots;
    struct ht_gov_create *create;
    struct ht_gov_polls *polls;
    struct ht_gov_talk *talk;
    struct ht_gov_feed_want *feed_want;
};

extern const struct ht_module ht_governance_module;

/* A part of the module. self of its methods and topics' getters is the struct ht_governance. NULL
 * members: not used. */
struct ht_gov_part {
    const struct ht_rpc_method *methods;
    size_t method_count; /* as its constant below says; start looks that they agree */
    enum ht_err (*start)(struct ht_governance *governance, sqlite3 *db, struct ht_why *why);
    void (*on_topic)(struct ht_governance *governance, const char *topic);
    void (*on_head)(struct ht_governance *governance); /* "l1.slots" */
    void (*quit)(struct ht_governance *governance);
    void (*free)(struct ht_governance *governance); /* also of a part that did not start */
};
/* A table's size is a constant, so each part's number of methods stands here. */
#define HT_GOV_COMMUNITY_METHODS 16U
#define HT_GOV_ACT_METHODS 12U   /* dao.power, dao.vote, … */
#define HT_GOV_CREATE_METHODS 4U /* dao.create, dao.created, dao.register, dao.strike */
#define HT_GOV_POLL_METHODS 7U   /* polls.*, snapshot.read */
#define HT_GOV_TALK_METHODS 2U   /* talk.* */
extern const struct ht_gov_part ht_gov_community_part;

#endif
