/* The identity module from the inside: what its files share.
 *
 * Keys are in the signer process; here are the sealed vault file, what is known of accounts in
 * public, the one queue of things to be confirmed, who may ask (permissions), and what happened
 * (audit). All of it belongs to the loop thread. */
#ifndef HT_IDENTITY_IDENTITY_H
#define HT_IDENTITY_IDENTITY_H

#include "node/module.h"

struct ht_vault_keeper; /* vault_keeper.h */
struct ht_accounts;     /* accounts.h */
struct ht_queue;        /* queue.h */
struct ht_permissions;  /* permissions.h */
struct ht_audit;        /* audit.h */
struct ht_tokens;       /* tokens.h */
struct ht_names;        /* names/resolve.h */
struct ht_bundles;      /* proof/bundle_methods.h */
struct ht_attest;       /* attest.h */
struct ht_didself;      /* didself.h */
struct ht_id_links;     /* link.h */
struct ht_trust_graph;  /* trust.h */
struct ht_sign_in;      /* credentials/sign_in.h */
struct ht_wallet_service;

struct ht_identity {
    const struct ht_host *host;
    struct ht_vault_keeper *vault;
    struct ht_accounts *accounts;
    struct ht_queue *queue;
    struct ht_permissions *permissions;
    struct ht_audit *audit;
    struct ht_tokens *tokens;
    struct ht_names *names;
    struct ht_bundles *bundles;
    struct ht_attest *attest;
    struct ht_didself *didself;
    struct ht_sign_in *sign_in;
    struct ht_id_links *links;
    struct ht_trust_graph *trust;
    struct ht_wallet_service *wallet_service;
    struct ht_nostr_keys nostr_keys; /* what other modules may use, see accounts_nostr.h */
};

extern const struct ht_module ht_identity_module;

/* Methods of each part, put together in identity.c; self is the struct ht_identity. How many each
 * part has stands here, since a table's size is a constant; start looks that they agree. */
struct ht_identity_methods {
    const struct ht_rpc_method *list;
    size_t count;
};
#define HT_VAULT_METHODS 5U
#define HT_ACCOUNT_METHODS 10U
#define HT_QUEUE_METHODS 1U
#define HT_PERMISSION_METHODS 2U
#define HT_AUDIT_METHODS 1U
#define HT_SEND_METHODS 7U
#define HT_TOKEN_METHODS 3U
#define HT_BUNDLE_METHODS 2U
#define HT_SIGN_IN_METHODS 4U
#define HT_LINK_METHODS 4U
#define HT_TRUST_METHODS 5U
#define HT_CREDENTIAL_METHODS 3U
#define HT_ATTEST_METHODS 16U
#define HT_DID_METHODS 6U
#define HT_DOOR_METHODS 15U
extern const struct ht_identity_methods ht_vault_methods, ht_account_methods, ht_queue_methods,
    ht_permission_methods, ht_audit_methods, ht_send_methods, ht_token_methods, ht_bundle_methods,
    ht_sign_in_methods, ht_attest_methods, ht_did_methods, ht_link_methods, ht_trust_methods,
    ht_credential_methods;
/* At /eth. */
extern const struct ht_identity_methods ht_door_methods;

#endif
