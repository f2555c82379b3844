/* Many attestations of one schema, or many revocations of one attester, in one transaction: all of
 * them hold, or nothing is sent. */
#include "identity/attest/attest_many.h"

#include <stdlib.h>

#include "identity/attest/attest_draft.h"
#include "identity/eas/gas.h"
#include "identity/wallet/contract_call.h"

#define ARENA_MAX ((size_t)8 << 20)

static enum ht_err check_count(const json_t **many, const json_t *params, struct ht_why *why) {
    enum ht_err err = ht_json_array(many, params, "many", why);
    if (err != HT_OK) return err;
    size_t count = json_array_size(*many);
    if (count > 0 && count <= HT_EAS_MANY_MAX) return HT_OK;
    return ht_fail(why, count == 0 ? HT_EINPUT : HT_ELIMIT, "attest_many",
                   "many is a list of 1 to %u of them", HT_EAS_MANY_MAX);
}

/* --- attesting -------------------------------------------------------------------------------- */

struct many {
    struct ht_attest_look look; /* first; of the schema */
    struct ht_identity *identity;
    struct ht_rpc_call *call;
    json_t *list; /* of params */
    struct ht_arena arena;
    ht_addr20 from;
    struct ht_attest_draft drafts[HT_EAS_MANY_MAX];
    size_t count, kept;
};

static void free_many(struct many *many) {
    ht_attest_look_fini(&many->look);
    for (size_t i = 0; i < many->count; i++) ht_attest_draft_fini(&many->drafts[i]);
    ht_arena_fini(&many->arena);
    json_decref(many->list);
    free(many);
}

static void refuse(struct many *many, enum ht_err err, const struct ht_why *why) {
    ht_rpc_refuse(many->call, err, why);
    free_many(many);
}

static void send_all(struct many *many) {
    struct ht_why why = {0};
    struct ht_attestation all[HT_EAS_MANY_MAX];
    struct ht_buf data;
    uint64_t gas = 0;
    ht_buf_init(&data, HT_CONTRACT_DATA_MAX);
    for (size_t i = 0; i < many->count; i++) all[i] = many->drafts[i].attestation;
    enum ht_err err = ht_eas_call_attest(&data, all, many->count, &why);
    if (err == HT_OK) err = ht_eas_gas(&gas, all, many->count, ht_buf_view(&data), &why);
    if (err == HT_OK) {
        ht_contract_call_gas(many->identity, many->call, &many->from, &many->look.contract.eas,
                             ht_buf_view(&data), gas, NULL);
        free_many(many);
    } else {
        refuse(many, err, &why);
    }
    ht_buf_fini(&data);
}

static void keep_next(struct many *many);

static void on_kept(void *user, enum ht_err err, const struct ht_why *why,
                    const struct ht_attest_item *item) {
    struct many *many = user;
    (void)item;
    if (err == HT_OK) {
        many->kept++;
        keep_next(many);
    } else {
        refuse(many, err, why);
    }
}

/* The schema and all leaves are on disk before anybody can see a root. */
static void keep_next(struct many *many) {
    while (many->kept > 0 && many->kept < many->count && many->drafts[many->kept].leaves == NULL)
        many->kept++;
    if (many->kept == many->count) {
        send_all(many);
        return;
    }
    const struct ht_attest_draft *draft = &many->drafts[many->kept];
    const struct ht_attest_change change = {.root = &draft->root,
                                            .leaves = draft->leaves,
                                            .record = &many->look.record,
                                            .told = on_kept,
                                            .user = many};
    ht_attest_keep(many->identity, &change);
}

static void on_schema(struct ht_attest_look *look) {
    struct many *many = (struct many *)look;
    struct ht_why why = look->err != HT_OK ? look->why : look->schema_why;
    enum ht_err err = look->err != HT_OK ? look->err : look->schema_err;
    for (size_t i = 0; err == HT_OK && i < many->count; i++) {
        err = ht_attest_draft_fill(&many->drafts[i], &many->arena, many->identity, &look->record,
                                   json_array_get(many->list, i), &why);
        if (err != HT_OK) ht_why_context(&why, "number %zu", i + 1);
    }
    if (err == HT_OK) {
        keep_next(many);
    } else {
        refuse(many, err, &why);
    }
}

static enum ht_err read_many(struct many *many, const json_t *params, struct ht_why *why) {
    const json_t *list;
    const char *how;
    enum ht_err err = ht_json_text(&how, params, "how", why);
    if (err == HT_OK && strcmp(how, "onchain") != 0)
        err = ht_fail(why, HT_EINPUT, "attest_how", "many at once are attested on chain");
    if (err == HT_OK) err = ht_json_hex(many->look.schema.b, 32, params, "schema", why);
    if (err == HT_OK) err = ht_json_hex(many->from.b, 20, params, "from", why);
    if (err == HT_OK) err = check_count(&list, params, why);
    if (err != HT_OK) return err;
    many->list = json_deep_copy(list);
    if (many->list == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    for (; err == HT_OK && many->count < json_array_size(list); many->count++) {
        struct ht_attest_draft *draft = &many->drafts[many->count];
        ht_attest_draft_init(draft);
        draft->attestation.attester = many->from;
        err = ht_attest_draft_read(draft, many->identity, json_array_get(list, many->count), why);
        if (err != HT_OK) ht_why_context(why, "number %zu", many->count + 1);
    }
    return err;
}

void ht_attest_issue_many(struct ht_identity *identity, struct ht_rpc_call *call,
                          const json_t *params) {
    struct ht_why why = {0};
    struct many *many = calloc(1, sizeof *many);
    if (many == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    many->identity = identity;
    many->call = call;
    ht_arena_init(&many->arena, ARENA_MAX);
    enum ht_err err = read_many(many, params, &why);
    if (err != HT_OK) {
        refuse(many, err, &why);
        return;
    }
    many->look.identity = identity;
    many->look.block.kind = HT_BLOCK_LATEST;
    many->look.wants_schema = true;
    many->look.done = on_schema;
    ht_attest_look(&many->look);
}

/* --- revoking --------------------------------------------------------------------------------- */

struct revoked {
    struct ht_attestation list[HT_EAS_MANY_MAX];
    ht_hash32 uids[HT_EAS_MANY_MAX];
    size_t count;
    bool is_onchain;
};

/* One transaction has one sender and one method, and the contract refuses to revoke twice. */
static enum ht_err add(struct revoked *revoked, const struct ht_attest_item *item,
                       struct ht_why *why) {
    const struct ht_attestation *its = &item->row.attestation;
    if (revoked->count == 0) revoked->is_onchain = item->row.is_onchain;
    if (item->row.is_onchain != revoked->is_onchain)
        return ht_fail(why, HT_EINPUT, "attest_many",
                       "those on chain and those off chain are revoked apart");
    for (size_t i = 0; i < revoked->count; i++) {
        if (memcmp(revoked->list[i].attester.b, its->attester.b, sizeof its->attester.b) != 0)
            return ht_fail(why, HT_EINPUT, "attest_many", "they are of more than one attester");
        if (ht_hash32_equal(&revoked->uids[i], &its->uid))
            return ht_fail(why, HT_EINPUT, "attest_many", "it is there twice");
    }
    revoked->list[revoked->count] = *its;
    revoked->uids[revoked->count++] = its->uid;
    return HT_OK;
}

static enum ht_err read_revoked(struct revoked *revoked, const struct ht_identity *identity,
                                const json_t *params, struct ht_why *why) {
    const json_t *list;
    const struct ht_attest_item *item;
    enum ht_err err = check_count(&list, params, why);
    for (size_t i = 0; err == HT_OK && i < json_array_size(list); i++) {
        err = ht_attest_revocable(&item, identity, json_array_get(list, i), why);
        if (err == HT_OK) err = add(revoked, item, why);
        if (err != HT_OK) ht_why_context(why, "number %zu", i + 1);
    }
    return err;
}

void ht_attest_revoke_many(struct ht_identity *identity, struct ht_rpc_call *call,
                           const json_t *params) {
    struct ht_why why = {0};
    struct ht_eas_contract contract;
    struct revoked revoked = {.count = 0};
    struct ht_buf data;
    uint64_t gas = 0;
    ht_buf_init(&data, HT_CONTRACT_DATA_MAX);
    enum ht_err err = ht_contracts_eas(&contract, identity->host->network, &why);
    if (err == HT_OK) err = read_revoked(&revoked, identity, params, &why);
    if (err == HT_OK)
        err = revoked.is_onchain
                  ? ht_eas_call_revoke(&data, revoked.list, revoked.count, &why)
                  : ht_eas_call_revoke_offchain(&data, revoked.uids, revoked.count, &why);
    if (err == HT_OK) err = ht_eas_gas(&gas, NULL, revoked.count, ht_buf_view(&data), &why);
    if (err == HT_OK) {
        ht_contract_call_gas(identity, call, &revoked.list[0].attester, &contract.eas,
                             ht_buf_view(&data), gas, NULL);
    } else {
        ht_rpc_refuse(call, err, &why);
    }
    ht_buf_fini(&data);
}
