/* Attestations on their way through the feeds. */
#include "identity/attest/attest_share.h"

#include <stdio.h>
#include <stdlib.h>

#include "identity/attest/attest_impl.h"
#include "identity/eas/offchain.h"
#include "identity/keys/accounts.h"
#include "identity/trust/link.h"
#include "identity/trust/trust.h"
#include "node/base/hex.h"
#include "node/codec/json.h"

#define ARENA_MAX (2 * HT_EAS_PACKAGE_MAX)

void ht_attest_d(char out[static HT_ATTEST_D_SIZE], const ht_addr20 *attester,
                 const ht_hash32 *uid) {
    char who[HT_HEX_SIZE(20)], what[HT_HEX_SIZE(32)];
    ht_hex_write(who, HT_BYTES(attester->b));
    ht_hex_write(what, HT_BYTES(uid->b));
    (void)snprintf(out, HT_ATTEST_D_SIZE, HT_ATTEST_D_PREFIX "%s:%s", who, what);
}

/* --- heard ------------------------------------------------------------------------------------ */

static bool is_known(const struct ht_identity *identity, const ht_addr20 *address) {
    return ht_accounts_find(identity, address) != NULL ||
           ht_id_link_of_address(identity, address) != NULL || ht_trust_knows(identity, address);
}

/* Whoever is not of the circle gets no more than half of the room, so that strangers cannot keep
 * out what the owner is given. */
static bool matters(const struct ht_identity *identity, const struct ht_attestation *attestation) {
    const ht_addr20 *attester = &attestation->attester;
    if (ht_accounts_find(identity, attester) != NULL || ht_trust_knows(identity, attester))
        return true;
    if (identity->attest->count >= HT_ATTEST_MAX / 2) return false;
    return ht_trust_is_vouching(identity, &attestation->schema) || is_known(identity, attester) ||
           is_known(identity, &attestation->recipient);
}

void ht_attest_heard(struct ht_identity *identity, const struct ht_feed_event *event) {
    const char *d = ht_id_link_tag(event->tags, "d");
    if (d == NULL || strncmp(d, HT_ATTEST_D_PREFIX, sizeof HT_ATTEST_D_PREFIX - 1) != 0) return;
    if (event->content.n > HT_ATTEST_SHARED_MAX || identity->attest == NULL) return;
    struct ht_eas_offchain package;
    struct ht_arena arena;
    char own[HT_ATTEST_D_SIZE];
    ht_arena_init(&arena, ARENA_MAX);
    if (ht_eas_offchain_read(&package, &arena, event->content, NULL) == HT_OK) {
        const struct ht_attestation *attestation = &package.attestation;
        ht_attest_d(own, &attestation->attester, &attestation->uid);
        if (strcmp(d, own) == 0 && matters(identity, attestation))
            ht_attest_take(identity, event->content);
    }
    ht_arena_fini(&arena);
}

/* --- shared ----------------------------------------------------------------------------------- */

static void shared(void *user, enum ht_err err, const struct ht_why *why, const ht_hash32 *id) {
    struct ht_rpc_call *call = user;
    char hex[HT_HEX_SIZE(32)];
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, why);
        return;
    }
    ht_hex_write(hex, HT_BYTES(id->b));
    ht_rpc_finish(call, json_pack("{s:s}", "id", hex + 2));
}

/* The recipient's key is told, so that its relays are. */
static json_t *tags_of(const struct ht_identity *identity, const struct ht_attestation *attestation,
                       const char *d) {
    char address[HT_HEX_SIZE(20)], i[96], key[HT_HEX_SIZE(32)];
    ht_hex_write(address, HT_BYTES(attestation->recipient.b));
    (void)snprintf(i, sizeof i, "ethereum:%llu:%s",
                   (unsigned long long)identity->host->network->chain_id, address);
    json_t *tags = json_pack("[[s,s],[s,s],[s,s]]", "d", d, "i", i, "alt",
                             "An attestation of the Ethereum Attestation Service");
    const struct ht_id_link *link = ht_id_link_of_address(identity, &attestation->recipient);
    if (link != NULL) {
        ht_hex_write(key, HT_BYTES(link->claim.pubkey.b));
        (void)json_array_append_new(tags, json_pack("[s,s]", "p", key + 2));
    }
    return tags;
}

void ht_attest_share_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    const struct ht_identity *identity = self;
    const struct ht_feed *feed =
        identity->host->feed != NULL ? identity->host->feed(identity->host) : NULL;
    struct ht_why why = {0};
    ht_addr20 attester;
    ht_hash32 uid;
    ht_bytes text;
    struct ht_eas_offchain package;
    struct ht_arena arena;
    char *content = NULL;
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err =
        feed != NULL ? HT_OK : ht_fail(&why, HT_EDENIED, "no_feed", "this node has no feeds");
    if (err == HT_OK) err = ht_json_hex(attester.b, sizeof attester.b, params, "attester", &why);
    if (err == HT_OK) err = ht_json_hex(uid.b, sizeof uid.b, params, "uid", &why);
    if (err == HT_OK) err = ht_attest_package(&text, identity, &attester, &uid, &why);
    if (err == HT_OK && text.n > HT_ATTEST_SHARED_MAX)
        err = ht_fail(&why, HT_ELIMIT, "too_long", "it is too long for the feeds");
    if (err == HT_OK) err = ht_eas_offchain_read(&package, &arena, text, &why);
    if (err == HT_OK) content = ht_arena_copy_str(&arena, text);
    if (err == HT_OK && content == NULL)
        err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
    } else {
        char d[HT_ATTEST_D_SIZE];
        ht_attest_d(d, &attester, &uid);
        feed->publish(feed->self, HT_ID_LINK_KIND, content,
                      tags_of(identity, &package.attestation, d), "an attestation", shared, call);
    }
    ht_arena_fini(&arena);
}
