/* Requests that one signs and another sends. Making one: the schema and the next nonce are proven,
 * a person confirms the typed data. Sending one: everything that the contract would look at is
 * looked at first, so that no gas is spent on what it would refuse. */
#include "identity/attest/attest_delegate.h"

#include <stdlib.h>

#include "identity/attest/attest_draft.h"
#include "identity/eas/delegated.h"
#include "identity/eas/gas.h"
#include "identity/wallet/contract_call.h"

#define ARENA_MAX ((size_t)2 << 20)

/* The nonce that the contract takes next; values of an account that never had one are 0. */
static enum ht_err nonce_of(uint64_t *out, const struct ht_slots_read *read, struct ht_why *why) {
    *out = 0;
    for (size_t i = 0; i < 24; i++) {
        if (read->values[0][i] != 0)
            return ht_fail(why, HT_EUNVERIFIED, "eas_layout", "what is there is no nonce");
    }
    for (size_t i = 24; i < 32; i++) *out = *out << 8 | read->values[0][i];
    return HT_OK;
}

static uint64_t now_s(const struct ht_identity *identity) {
    return (uint64_t)(ht_wall_ms(identity->host->clock) / 1000);
}

/* --- attest.delegate -------------------------------------------------------------------------- */

struct delegate {
    struct ht_attest_look look; /* first; of the schema */
    struct ht_slots_read read;  /* of the nonce */
    struct ht_identity *identity;
    struct ht_rpc_call *call;
    json_t *params;
    struct ht_arena arena;
    struct ht_eas_contract contract;
    struct ht_eas_delegated request;
    struct ht_attest_draft draft;
    ht_hash32 slot;
};

static void free_delegate(struct delegate *delegate) {
    ht_attest_look_fini(&delegate->look);
    ht_attest_draft_fini(&delegate->draft);
    ht_arena_fini(&delegate->arena);
    json_decref(delegate->params);
    free(delegate);
}

static void refuse(struct delegate *delegate, enum ht_err err, const struct ht_why *why) {
    ht_rpc_refuse(delegate->call, err, why);
    free_delegate(delegate);
}

static enum ht_err answer(struct delegate *delegate, const json_t *signature, struct ht_why *why) {
    uint8_t bytes[65];
    json_t *json = NULL;
    enum ht_err err = ht_json_hex(bytes, sizeof bytes, signature, "", why);
    if (err != HT_OK) return err;
    struct ht_ecdsa_signature read = {.y_parity = (uint8_t)(bytes[64] - 27)};
    memcpy(read.r, bytes, 32);
    memcpy(read.s, bytes + 32, 32);
    err = ht_eas_delegated_json(&json, &delegate->request, &read, why);
    if (err == HT_OK) ht_rpc_finish(delegate->call, json_pack("{s:o}", "request", json));
    return err;
}

static void on_signed(void *user, enum ht_err err, const struct ht_why *reason, json_t *result) {
    struct delegate *delegate = user;
    struct ht_why why = *reason;
    if (err == HT_OK) err = answer(delegate, result, &why);
    json_decref(result);
    if (err != HT_OK) {
        refuse(delegate, err, &why);
    } else {
        free_delegate(delegate);
    }
}

static bool is_awaited(void *user) {
    const struct delegate *delegate = user;
    return ht_rpc_call_is_awaited(delegate->call);
}

static void on_nonce(struct ht_slots_read *read) {
    struct delegate *delegate = (struct delegate *)((char *)read - offsetof(struct delegate, read));
    struct ht_why why = read->why;
    json_t *document = NULL;
    enum ht_err err = read->err;
    if (err == HT_OK) err = nonce_of(&delegate->request.nonce, read, &why);
    ht_slots_read_fini(read);
    if (err == HT_OK) err = ht_eas_delegated_typed(&document, &delegate->request, &why);
    if (err != HT_OK) {
        refuse(delegate, err, &why);
        return;
    }
    const struct ht_sign_options options = {.kind = HT_SIGN_TYPED,
                                            .origin = ht_rpc_call_origin(delegate->call),
                                            .params = document,
                                            .account = delegate->request.attestation.attester,
                                            .done = on_signed,
                                            .is_awaited = is_awaited,
                                            .user = delegate};
    struct ht_sign_request *request;
    ht_sign(delegate->identity, &request, &options);
    json_decref(document);
}

static void read_nonce(struct delegate *delegate) {
    ht_eas_nonce_slot(&delegate->slot, delegate->contract.layout,
                      &delegate->request.attestation.attester);
    delegate->read = (struct ht_slots_read){.block = {.kind = HT_BLOCK_LATEST},
                                            .address = delegate->contract.eas,
                                            .slots = &delegate->slot,
                                            .count = 1,
                                            .done = on_nonce};
    ht_slots_read(delegate->identity->host->state, &delegate->read);
}

static void on_kept(void *user, enum ht_err err, const struct ht_why *why,
                    const struct ht_attest_item *item) {
    struct delegate *delegate = user;
    (void)item;
    if (err == HT_OK) {
        read_nonce(delegate);
    } else {
        refuse(delegate, err, why);
    }
}

static void on_schema(struct ht_attest_look *look) {
    struct delegate *delegate = (struct delegate *)look;
    struct ht_attest_draft *draft = &delegate->draft;
    struct ht_why why = look->err != HT_OK ? look->why : look->schema_why;
    enum ht_err err = look->err != HT_OK ? look->err : look->schema_err;
    if (err == HT_OK)
        err = ht_attest_draft_fill(draft, &delegate->arena, delegate->identity, &look->record,
                                   delegate->params, &why);
    if (err != HT_OK) {
        refuse(delegate, err, &why);
        return;
    }
    delegate->request.attestation = draft->attestation;
    const struct ht_attest_change change = {.root = &draft->root,
                                            .leaves = draft->leaves,
                                            .record = &look->record,
                                            .told = on_kept,
                                            .user = delegate};
    ht_attest_keep(delegate->identity, &change);
}

static bool has(const json_t *params, const char *key) {
    const json_t *value = ht_json_member(params, key);
    return value != NULL && !json_is_null(value);
}

static enum ht_err read_what(struct delegate *delegate, struct ht_why *why) {
    const json_t *params = delegate->params;
    struct ht_eas_delegated *request = &delegate->request;
    const char *what;
    enum ht_err err = ht_json_text(&what, params, "what", why);
    if (err != HT_OK) return err;
    request->is_revocation = strcmp(what, "revoke") == 0;
    if (!request->is_revocation && strcmp(what, "attest") != 0)
        return ht_fail(why, HT_EINPUT, "attest_what", "what is attest or revoke");
    if (has(params, "deadline")) err = ht_json_u64(&request->deadline, params, "deadline", why);
    if (err != HT_OK || request->deadline == 0 || request->deadline > now_s(delegate->identity))
        return err;
    return ht_fail(why, HT_EINPUT, "deadline_passed", "its deadline would have passed already");
}

static enum ht_err read_revocation(struct delegate *delegate, struct ht_why *why) {
    const struct ht_attest_item *item;
    struct ht_attestation *to = &delegate->request.attestation;
    enum ht_err err = ht_attest_revocable(&item, delegate->identity, delegate->params, why);
    if (err != HT_OK) return err;
    const struct ht_attestation *its = &item->row.attestation;
    if (!item->row.is_onchain)
        return ht_fail(why, HT_EINPUT, "not_onchain",
                       "only its attester can enter an off-chain one in the register");
    /* The item may be gone by the time it is signed: no view of it is kept. */
    to->attester = its->attester;
    to->schema = its->schema;
    to->uid = its->uid;
    return HT_OK;
}

static enum ht_err read_attestation(struct delegate *delegate, struct ht_why *why) {
    const json_t *params = delegate->params;
    struct ht_attest_draft *draft = &delegate->draft;
    struct ht_attestation *to = &draft->attestation;
    enum ht_err err = ht_json_hex(to->schema.b, 32, params, "schema", why);
    if (err == HT_OK) err = ht_json_hex(to->attester.b, 20, params, "from", why);
    return err == HT_OK ? ht_attest_draft_read(draft, delegate->identity, params, why) : err;
}

static enum ht_err read_delegate(struct delegate *delegate, struct ht_why *why) {
    struct ht_eas_delegated *request = &delegate->request;
    const struct ht_identity *identity = delegate->identity;
    json_t *document = NULL;
    enum ht_err err = ht_contracts_eas(&delegate->contract, identity->host->network, why);
    request->contract = &delegate->contract;
    if (err == HT_OK) err = read_what(delegate, why);
    if (err == HT_OK)
        err = request->is_revocation ? read_revocation(delegate, why)
                                     : read_attestation(delegate, why);
    /* A deadline that the contract's version does not have is refused before anything is kept. */
    if (err == HT_OK) err = ht_eas_delegated_typed(&document, request, why);
    json_decref(document);
    return err;
}

void ht_attest_delegate(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct delegate *delegate = calloc(1, sizeof *delegate);
    if (delegate == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    delegate->identity = self;
    delegate->call = call;
    ht_arena_init(&delegate->arena, ARENA_MAX);
    ht_attest_draft_init(&delegate->draft);
    delegate->params = json_deep_copy(params);
    enum ht_err err = delegate->params != NULL
                          ? read_delegate(delegate, &why)
                          : ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    if (err != HT_OK) {
        refuse(delegate, err, &why);
    } else if (delegate->request.is_revocation) {
        read_nonce(delegate);
    } else {
        delegate->look.identity = self;
        delegate->look.block.kind = HT_BLOCK_LATEST;
        delegate->look.wants_schema = true;
        delegate->look.schema = delegate->draft.attestation.schema;
        delegate->look.done = on_schema;
        ht_attest_look(&delegate->look);
    }
}

/* --- attest.submit ---------------------------------------------------------------------------- */

struct submit {
    struct ht_slots_read read; /* first; of the nonce */
    struct ht_signature_check signature;
    struct ht_identity *identity;
    struct ht_rpc_call *call;
    struct ht_arena arena;
    struct ht_eas_contract contract;
    struct ht_eas_signed given;
    ht_addr20 from;
    ht_hash32 slot;
    uint8_t bytes[65];
};

static void end_submit(struct submit *submit, enum ht_err err, struct ht_why *why) {
    struct ht_buf data;
    uint64_t gas = 0;
    ht_buf_init(&data, HT_CONTRACT_DATA_MAX);
    if (err == HT_OK)
        err = ht_eas_delegated_call(&data, &submit->given.request, submit->bytes, why);
    if (err == HT_OK) {
        const struct ht_eas_delegated *request = &submit->given.request;
        err = ht_eas_gas(&gas, request->is_revocation ? NULL : &request->attestation, 1,
                         ht_buf_view(&data), why);
    }
    if (err == HT_OK) {
        ht_contract_call_gas(submit->identity, submit->call, &submit->from, &submit->contract.eas,
                             ht_buf_view(&data), gas, NULL);
    } else {
        ht_rpc_refuse(submit->call, err, why);
    }
    ht_buf_fini(&data);
    ht_arena_fini(&submit->arena);
    free(submit);
}

/* A key's signature has been judged before, and more strictly. */
static void on_contract(struct ht_signature_check *check) {
    struct submit *submit = check->user;
    struct ht_why why = check->why;
    enum ht_err err = check->err;
    bool is_refused =
        err == HT_EUNVERIFIED || (err == HT_OK && check->kind != HT_SIGNATURE_ERC1271);
    if (is_refused)
        err =
            ht_fail(&why, HT_EUNVERIFIED, "eas_signer",
                    "who attests or revokes has not signed it, neither as a key nor as a contract");
    ht_signature_check_fini(check);
    end_submit(submit, err, &why);
}

static void ask_contract(struct submit *submit, const ht_hash32 *block) {
    submit->signature = (struct ht_signature_check){
        .block = {.kind = HT_BLOCK_HASH, .hash = *block},
        .signer = submit->given.request.attestation.attester,
        .digest = submit->given.digest,
        .signature = HT_BYTES(submit->bytes),
        .done = on_contract,
        .user = submit,
    };
    ht_signature_check(submit->identity->host->runner, &submit->signature);
}

static void on_next_nonce(struct ht_slots_read *read) {
    struct submit *submit = (struct submit *)read;
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    uint64_t nonce = 0;
    /* The block that will have it is later than the newest one, and than now. */
    uint64_t at_s = now_s(submit->identity);
    ht_hash32 block = {{0}};
    if (err == HT_OK) {
        err = nonce_of(&nonce, read, &why);
        block = read->header.hash;
        if (read->header.header.timestamp >= at_s) at_s = read->header.header.timestamp + 1;
    }
    ht_slots_read_fini(read);
    if (err == HT_OK) err = ht_eas_delegated_timely(&submit->given.request, nonce, at_s, &why);
    if (err == HT_OK) err = ht_eas_delegated_signer(&submit->given, &why);
    bool may_be_contract = err == HT_EUNVERIFIED && strcmp(why.code, "eas_signer") == 0 &&
                           submit->contract.layout != HT_EAS_0_26;
    if (may_be_contract) {
        ask_contract(submit, &block);
    } else {
        end_submit(submit, err, &why);
    }
}

void ht_attest_submit(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_why why = {0};
    const json_t *document = ht_json_member(params, "request");
    struct submit *submit = calloc(1, sizeof *submit);
    if (submit == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    submit->identity = identity;
    submit->call = call;
    ht_arena_init(&submit->arena, ARENA_MAX);
    enum ht_err err = ht_contracts_eas(&submit->contract, identity->host->network, &why);
    if (err == HT_OK)
        err = ht_json_hex(submit->from.b, sizeof submit->from.b, params, "from", &why);
    if (err == HT_OK)
        err = ht_eas_delegated_read(&submit->given, &submit->arena, &submit->contract, document,
                                    &why);
    if (err != HT_OK) {
        end_submit(submit, err, &why);
        return;
    }
    ht_eas_delegated_bytes(submit->bytes, &submit->given.signature);
    ht_eas_nonce_slot(&submit->slot, submit->contract.layout,
                      &submit->given.request.attestation.attester);
    submit->read = (struct ht_slots_read){.block = {.kind = HT_BLOCK_LATEST},
                                          .address = submit->contract.eas,
                                          .slots = &submit->slot,
                                          .count = 1,
                                          .done = on_next_nonce};
    ht_slots_read(identity->host->state, &submit->read);
}
