/* DIDs of our accounts: what is kept of them, told of them, and their alerts. */
#include "identity/did/didself.h"

#include <stdio.h>
#include <stdlib.h>

#include "identity/attest/attest_json.h"
#include "identity/did/didself_act.h"
#include "identity/did/didself_impl.h"
#include "identity/did/didself_watch.h"
#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/codec/address.h"

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

struct ht_own_did *ht_didself_get(const struct ht_identity *identity, const ht_addr20 *address) {
    struct ht_didself *didself = identity->didself;
    for (size_t i = 0; i < didself->count; i++) {
        struct ht_own_did *own = &didself->list[i];
        if (memcmp(own->row.identity.b, address->b, sizeof address->b) == 0) return own;
    }
    return NULL;
}

struct ht_own_did *ht_didself_place(const struct ht_identity *identity, const ht_addr20 *address) {
    struct ht_didself *didself = identity->didself;
    struct ht_own_did *own = ht_didself_get(identity, address);
    if (own != NULL) return own;
    for (size_t i = 0; i < didself->count && own == NULL; i++) {
        /* Of an account that is gone. */
        if (ht_accounts_find(identity, &didself->list[i].row.identity) == NULL)
            own = &didself->list[i];
    }
    if (didself->count < HT_ACCOUNTS_MAX) own = &didself->list[didself->count++];
    if (own == NULL) return NULL;
    *own = (struct ht_own_did){.row = {.identity = *address}};
    return own;
}

/* --- the disk --------------------------------------------------------------------------------- */

struct keep {
    struct ht_write write;
    struct ht_did_row row;
    char text[200];
    void (*done)(void *user, enum ht_err err, const struct ht_why *why);
    void *user;
};

/* On the writer's thread. */
static enum ht_err write_did(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    return ht_did_sql_save(db, &((const struct keep *)write)->row, why);
}

static void wrote_did(struct ht_write *write) {
    struct keep *keep = (struct keep *)write;
    if (write->err != HT_OK) ht_log(HT_LOG_WARN, "did", "not kept: %s", write->why.text);
    if (keep->done != NULL) keep->done(keep->user, write->err, &write->why);
    free(keep);
}

void ht_didself_keep(struct ht_identity *identity, const struct ht_own_did *own,
                     void (*done)(void *user, enum ht_err err, const struct ht_why *why),
                     void *user) {
    struct ht_why why = {0};
    struct keep *keep = calloc(1, sizeof *keep);
    enum ht_err err = keep != NULL ? HT_OK : no_memory(&why);
    if (err == HT_OK) {
        keep->row = own->row;
        (void)snprintf(keep->text, sizeof keep->text, "%s", own->text);
        keep->row.text = keep->text;
        keep->done = done;
        keep->user = user;
        keep->write.write = write_did;
        keep->write.done = wrote_did;
        err = ht_writer_submit(identity->host->writer, &keep->write);
        if (err != HT_OK) (void)ht_fail(&why, err, "busy", "the disk is too busy now");
    }
    if (err == HT_OK) return;
    free(keep);
    if (done != NULL) done(user, err, &why);
}

/* --- did.mine, did.seen ----------------------------------------------------------------------- */

static json_t *as_of_json(const struct ht_didself *didself) {
    if (!didself->has_as_of) return json_null();
    return json_pack("{s:I, s:o, s:I}", "number", (json_int_t)didself->as_of, "hash",
                     ht_attest_hex_json(HT_BYTES(didself->as_of_hash.b)), "timestamp",
                     (json_int_t)didself->as_of_s);
}

static json_t *alert_json(const struct ht_own_did *own) {
    if (own == NULL || own->row.alert == 0) return json_null();
    return json_pack("{s:I, s:I, s:s}", "block", (json_int_t)own->row.alert, "at_ms",
                     (json_int_t)own->row.alert_ms, "text", own->text);
}

/* Mainnet's DIDs name no network. */
static json_t *did_text(const struct ht_identity *identity, const ht_addr20 *address) {
    unsigned long long chain = (unsigned long long)identity->host->network->chain_id;
    char hex[HT_HEX_SIZE(20)], text[96];
    ht_hex_write(hex, HT_BYTES(address->b));
    if (chain == 1) {
        (void)snprintf(text, sizeof text, "did:ethr:%s", hex);
    } else {
        (void)snprintf(text, sizeof text, "did:ethr:0x%llx:%s", chain, hex);
    }
    return json_string(text);
}

static json_t *one_json(const struct ht_identity *identity, const ht_addr20 *address) {
    const struct ht_own_did *own = ht_didself_get(identity, address);
    bool is_known = own != NULL && own->is_known;
    return json_pack("{s:o, s:o, s:n, s:o, s:b, s:I, s:o, s:o}", "account",
                     ht_address_json(address), "did", did_text(identity, address), "did_key",
                     "owner", is_known ? ht_address_json(&own->owner) : json_null(),
                     "is_deactivated", is_known && own->is_deactivated ? 1 : 0, "changed",
                     (json_int_t)(own != NULL ? own->row.changed : 0), "alert", alert_json(own),
                     "as_of", is_known ? as_of_json(identity->didself) : json_null());
}

static enum ht_err mine(void *self, json_t **result, const json_t *params, struct ht_why *why) {
    const struct ht_identity *identity = self;
    struct ht_did_registry registry;
    (void)params;
    enum ht_err err = ht_contracts_did(&registry, identity->host->network, why);
    if (err != HT_OK) return err;
    json_t *list = json_array();
    int failed = list == NULL;
    for (size_t i = 0; i < ht_accounts_count(identity); i++) {
        const struct ht_account_info *account = ht_accounts_at(identity, i);
        if (account->is_hidden) continue;
        failed |= json_array_append_new(list, one_json(identity, &account->address));
    }
    *result = failed == 0 ? json_pack("{s:O}", "identities", list) : NULL;
    json_decref(list);
    return *result != NULL ? HT_OK : no_memory(why);
}

struct seeing {
    struct ht_identity *identity;
    struct ht_rpc_call *call;
};

static void on_seen(void *user, enum ht_err err, const struct ht_why *why) {
    struct seeing *seeing = user;
    if (err == HT_OK) {
        ht_rpc_finish(seeing->call, json_object());
    } else {
        ht_rpc_refuse(seeing->call, err, why);
    }
    ht_didself_changed(seeing->identity);
    free(seeing);
}

static void seen(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_why why = {0};
    ht_addr20 address;
    struct ht_own_did *own = NULL;
    enum ht_err err = ht_did_param(&address, identity, params, &why);
    if (err == HT_OK) own = ht_didself_get(identity, &address);
    if (err == HT_OK && own == NULL)
        err = ht_fail(&why, HT_ENOTFOUND, "no_such_account", "it is none of this wallet's DIDs");
    struct seeing *seeing = err == HT_OK ? calloc(1, sizeof *seeing) : NULL;
    if (err == HT_OK && seeing == NULL) err = no_memory(&why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    *seeing = (struct seeing){identity, call};
    own->row.alert = 0;
    own->text[0] = '\0';
    ht_didself_keep(identity, own, on_seen, seeing);
}

/* --- the topic, and life ---------------------------------------------------------------------- */

void ht_didself_changed(struct ht_identity *identity) {
    identity->didself->changes++;
    identity->host->publish(identity->host, "did.changed");
}

enum ht_err ht_didself_json(void *self, json_t **out, struct ht_why *why) {
    const struct ht_identity *identity = self;
    const struct ht_didself *didself = identity->didself;
    size_t alerts = 0;
    for (size_t i = 0; i < didself->count; i++) {
        const struct ht_did_row *row = &didself->list[i].row;
        bool is_ours = ht_accounts_find(identity, &row->identity) != NULL;
        if (row->alert != 0 && is_ours) alerts++;
    }
    json_t *value = json_pack("{s:I, s:I}", "changes", (json_int_t)didself->changes, "alerts",
                              (json_int_t)alerts);
    if (value == NULL) return no_memory(why);
    *out = value;
    return HT_OK;
}

static enum ht_err load_did(void *user, const struct ht_did_row *row) {
    struct ht_didself *didself = user;
    if (didself->count == HT_ACCOUNTS_MAX) return HT_OK;
    struct ht_own_did *own = &didself->list[didself->count++];
    own->row = *row;
    (void)snprintf(own->text, sizeof own->text, "%s", row->text);
    own->row.text = own->text;
    return HT_OK;
}

enum ht_err ht_didself_new(struct ht_identity *identity, sqlite3 *db, struct ht_why *why) {
    struct ht_didself *didself = calloc(1, sizeof *didself);
    if (didself == NULL) return no_memory(why);
    didself->identity = identity;
    identity->didself = didself;
    enum ht_err err = ht_did_sql_load(db, load_did, didself, why);
    if (err != HT_OK) ht_didself_free(identity);
    return err;
}

void ht_didself_free(struct ht_identity *identity) {
    free(identity->didself);
    identity->didself = NULL;
}

void ht_didself_on_head(struct ht_identity *identity) {
    if (!identity->didself->is_quitting) ht_didself_watch_on_head(identity);
}

void ht_didself_quit(struct ht_identity *identity) {
    identity->didself->is_quitting = true;
}

static const struct ht_rpc_method METHODS[] = {
    {.name = "did.resolve", .start = ht_did_call_resolve},
    {.name = "did.mine", .fn = mine},
    {.name = "did.rotate", .start = ht_did_call_rotate, .is_patient = true},
    {.name = "did.delegate", .start = ht_did_call_delegate, .is_patient = true},
    {.name = "did.attribute", .start = ht_did_call_attribute, .is_patient = true},
    {.name = "did.seen", .start = seen},
};
const struct ht_identity_methods ht_did_methods = {METHODS, sizeof METHODS / sizeof *METHODS};
_Static_assert(sizeof METHODS / sizeof *METHODS == HT_DID_METHODS, "identity.h counts them");
