/* The identity module: its parts put together. */
#include "identity/identity.h"

#include <stdlib.h>

#include "identity/attest/attest.h"
#include "identity/audit.h"
#include "identity/credentials/sign_in.h"
#include "identity/did/didself.h"
#include "identity/doors/permissions.h"
#include "identity/identity_sql.h"
#include "identity/keys/accounts.h"
#include "identity/keys/accounts_nostr.h"
#include "identity/keys/vault_keeper.h"
#include "identity/names/resolve.h"
#include "identity/proof/bundle_methods.h"
#include "identity/trust/link.h"
#include "identity/trust/trust.h"
#include "identity/wallet/queue.h"
#include "identity/wallet/send.h"
#include "identity/wallet/tokens.h"
#include "identity/wallet/wallet_service.h"

/* Filled by start: tables of other files are no constants to the compiler. */
static struct ht_rpc_method methods[HT_VAULT_METHODS + HT_ACCOUNT_METHODS + HT_QUEUE_METHODS +
                                    HT_PERMISSION_METHODS + HT_AUDIT_METHODS + HT_SEND_METHODS +
                                    HT_TOKEN_METHODS + HT_NAME_METHODS + HT_BUNDLE_METHODS +
                                    HT_SIGN_IN_METHODS + HT_ATTEST_METHODS + HT_DID_METHODS +
                                    HT_LINK_METHODS + HT_TRUST_METHODS + HT_CREDENTIAL_METHODS];
static struct ht_rpc_method doors[HT_DOOR_METHODS];

static size_t put(struct ht_rpc_method *out, size_t at, const struct ht_identity_methods *part,
                  size_t count) {
    ht_assert(part->count == count);
    memcpy(out + at, part->list, count * sizeof *out);
    return at + count;
}

static void put_methods(void) {
    size_t at = put(methods, 0, &ht_vault_methods, HT_VAULT_METHODS);
    at = put(methods, at, &ht_account_methods, HT_ACCOUNT_METHODS);
    at = put(methods, at, &ht_queue_methods, HT_QUEUE_METHODS);
    at = put(methods, at, &ht_permission_methods, HT_PERMISSION_METHODS);
    at = put(methods, at, &ht_audit_methods, HT_AUDIT_METHODS);
    at = put(methods, at, &ht_send_methods, HT_SEND_METHODS);
    at = put(methods, at, &ht_token_methods, HT_TOKEN_METHODS);
    at = put(methods, at, &ht_name_methods, HT_NAME_METHODS);
    at = put(methods, at, &ht_bundle_methods, HT_BUNDLE_METHODS);
    at = put(methods, at, &ht_sign_in_methods, HT_SIGN_IN_METHODS);
    at = put(methods, at, &ht_attest_methods, HT_ATTEST_METHODS);
    at = put(methods, at, &ht_did_methods, HT_DID_METHODS);
    at = put(methods, at, &ht_link_methods, HT_LINK_METHODS);
    at = put(methods, at, &ht_trust_methods, HT_TRUST_METHODS);
    at = put(methods, at, &ht_credential_methods, HT_CREDENTIAL_METHODS);
    ht_assert(at == sizeof methods / sizeof *methods);
    (void)put(doors, 0, &ht_door_methods, HT_DOOR_METHODS);
}

/* NULL is fine, and one that was not started to the end. */
static void stop(void *self) {
    struct ht_identity *identity = self;
    if (identity == NULL) return;
    ht_wallet_service_free(identity);
    if (identity->trust != NULL) ht_trust_free(identity);
    if (identity->links != NULL) ht_id_links_free(identity);
    if (identity->didself != NULL) ht_didself_free(identity);
    if (identity->attest != NULL) ht_attest_free(identity);
    if (identity->sign_in != NULL) ht_sign_in_free(identity);
    if (identity->bundles != NULL) ht_bundles_free(identity);
    ht_names_free(identity->names);
    if (identity->tokens != NULL) ht_tokens_free(identity);
    if (identity->queue != NULL) ht_queue_free(identity);
    if (identity->permissions != NULL) ht_permissions_free(identity);
    if (identity->accounts != NULL) ht_accounts_free(identity);
    if (identity->vault != NULL) ht_vault_keeper_free(identity);
    if (identity->audit != NULL) ht_audit_free(identity);
    free(identity);
}

static enum ht_err start(void **self, const struct ht_host *host, sqlite3 *db, struct ht_why *why) {
    struct ht_identity *identity = calloc(1, sizeof *identity);
    if (identity == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    identity->host = host;
    put_methods();
    enum ht_err err = ht_audit_new(identity, db, why);
    if (err == HT_OK) err = ht_vault_keeper_new(identity, db, why);
    if (err == HT_OK) err = ht_accounts_new(identity, db, why);
    if (err == HT_OK) err = ht_permissions_new(identity, db, why);
    if (err == HT_OK) {
        err = ht_queue_new(identity);
        if (err != HT_OK) (void)ht_fail(why, err, "no_memory", "out of memory");
    }
    if (err == HT_OK) err = ht_tokens_new(identity, db, why);
    if (err == HT_OK) err = ht_names_new(&identity->names, host, why);
    if (err == HT_OK) err = ht_bundles_new(identity, why);
    if (err == HT_OK) err = ht_sign_in_new(identity, db, why);
    if (err == HT_OK) err = ht_attest_new(identity, db, why);
    if (err == HT_OK) err = ht_didself_new(identity, db, why);
    if (err == HT_OK) err = ht_id_links_new(identity, db, why);
    if (err == HT_OK) err = ht_trust_new(identity, db, why);
    if (err == HT_OK) err = ht_wallet_service_new(identity, why);
    if (err != HT_OK) {
        stop(identity);
        return err;
    }
    identity->nostr_keys = ht_nostr_keys_of(identity);
    if (host->offer_nostr_keys != NULL) host->offer_nostr_keys(host, &identity->nostr_keys);
    *self = identity;
    return HT_OK;
}

static const struct ht_module_topic TOPICS[] = {
    {.name = "wallet.status", .getter = ht_vault_json},
    {.name = "wallet.accounts", .getter = ht_accounts_json},
    {.name = "wallet.queue", .getter = ht_queue_json},
    {.name = "wallet.permissions", .getter = ht_permissions_json},
    {.name = "wallet.audit_tail", .getter = ht_audit_json},
    {.name = "wallet.activity", .getter = ht_activity_json},
    {.name = "attest.changed", .getter = ht_attest_json},
    {.name = "did.changed", .getter = ht_didself_json},
    {.name = "link.changed", .getter = ht_id_links_json},
    {.name = "trust.changed", .getter = ht_trust_json},
};

static void on_head(struct ht_identity *identity) {
    ht_queue_on_head(identity);
    ht_attest_on_head(identity);
    ht_didself_on_head(identity);
}

/* The node is about to stop. */
static void quit(void *self) {
    struct ht_identity *identity = self;
    ht_wallet_service_quit(identity);
    ht_attest_quit(identity);
    ht_didself_quit(identity);
    ht_id_links_quit(identity);
    ht_trust_quit(identity);
}

/* What was sent, how deep it lies by now, and who came and went. */
static void on_topic(void *self, const char *topic) {
    struct ht_identity *identity = self;
    ht_id_links_on_topic(identity, topic);
    ht_trust_on_topic(identity, topic);
    if (strcmp(topic, "sessions.begun") == 0) {
        ht_audit_add(identity, "signed_in", NULL, NULL, "a browser, to the web UI");
    } else if (strcmp(topic, "sessions.ended") == 0) {
        ht_audit_add(identity, "signed_out", NULL, NULL, "a browser, from the web UI");
    } else if (strcmp(topic, "l1.outbox") == 0 || strcmp(topic, "l1.slots") == 0) {
        if (strcmp(topic, "l1.slots") == 0) on_head(identity);
        identity->host->publish(identity->host, "wallet.activity");
    }
}

const struct ht_module ht_identity_module = {
    .name = "identity",
    .migrations = ht_identity_migrations,
    .migration_count = HT_IDENTITY_MIGRATIONS,
    .methods = methods,
    .method_count = sizeof methods / sizeof *methods,
    .topics = TOPICS,
    .topic_count = sizeof TOPICS / sizeof *TOPICS,
    .ethereum = doors,
    .ethereum_count = sizeof doors / sizeof *doors,
    .admit = ht_permissions_admit,
    .sign_in = &ht_sign_in_way,
    .verify_file = ht_bundle_verify_file,
    .on_topic = on_topic,
    .start = start,
    .quit = quit,
    .stop = stop,
};
