/* Checking one attestation: first what it says of itself, then what the chain says, then, when the
 * attester is a contract, what that says. Every answer is kept as a step. */
#include "identity/attest/attest_check.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/codec/address.h"

#define STEP_MAX 320U

void ht_attest_step(json_t *steps, const char *step, int ok, const char *format, ...) {
    char text[STEP_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    json_t *is_ok = ok < 0 ? json_null() : json_boolean(ok != 0);
    (void)json_array_append_new(
        steps, json_pack("{s:s, s:o, s:s}", "step", step, "ok", is_ok, "text", text));
}

const char *ht_attest_verdict(enum ht_attest_standing standing,
                              const struct ht_attestation *attestation, uint64_t revoked_s,
                              uint64_t now_s) {
    switch (standing) {
    case HT_ATTEST_INVALID: return "invalid";
    case HT_ATTEST_NOT_THERE: return "not_there";
    case HT_ATTEST_UNVERIFIED: return "unverified";
    case HT_ATTEST_PENDING: return "pending";
    case HT_ATTEST_HOLDS: break;
    }
    struct ht_attestation now = *attestation;
    if (revoked_s != 0) now.revocation_time = revoked_s;
    return ht_eas_status_name(ht_eas_status_at(&now, now_s));
}

/* The first thing that is wrong decides, unless what comes is worse: nothing that is only not known
 * hides what is known to be wrong. */
static void fall(struct ht_attest_check *check, enum ht_attest_standing standing,
                 const struct ht_why *why) {
    bool is_known = check->standing == HT_ATTEST_INVALID || check->standing == HT_ATTEST_NOT_THERE;
    if (is_known) return;
    if (check->standing != HT_ATTEST_HOLDS && standing != HT_ATTEST_INVALID) return;
    check->standing = standing;
    check->why = *why;
}

static uint64_t now_s(const struct ht_attest_check *check) {
    return (uint64_t)(ht_wall_ms(check->identity->host->clock) / 1000);
}

static void finish(struct ht_attest_check *check) {
    const struct ht_attestation *attestation = &check->attestation;
    if (check->has_attestation) {
        struct ht_attestation times = *attestation;
        times.revocation_time = 0;
        enum ht_eas_status status = ht_eas_status_at(&times, now_s(check));
        const char *text = status == HT_EAS_EXPIRED       ? "It has expired"
                           : status == HT_EAS_FROM_FUTURE ? "It is dated in the future"
                           : attestation->expiration_time != 0
                               ? "It has not expired"
                               : "It does not expire, and is not from the future";
        ht_attest_step(check->steps, "time", status == HT_EAS_VALID, "%s", text);
    }
    check->done(check);
}

/* --- a contract's signature ------------------------------------------------------------------- */

static void on_signature(struct ht_signature_check *signature) {
    struct ht_attest_check *check = signature->user;
    unsigned long long number = (unsigned long long)signature->header.header.number;
    if (signature->err == HT_OK && signature->kind != HT_SIGNATURE_ECDSA) {
        ht_attest_step(check->steps, "signature", 1,
                       "The attester is a contract, and accepts the signature at block %llu",
                       number);
    } else if (signature->err == HT_OK || signature->err == HT_EUNVERIFIED) {
        struct ht_why why;
        (void)ht_fail(&why, HT_EUNVERIFIED, "eas_signer", "the attester has not signed it");
        ht_attest_step(check->steps, "signature", 0, "It is not the attester's signature");
        fall(check, HT_ATTEST_INVALID, &why);
    } else {
        ht_attest_step(check->steps, "signature", -1,
                       "Whether a contract signed it is not known: %s", signature->why.text);
        fall(check, HT_ATTEST_UNVERIFIED, &signature->why);
    }
    ht_signature_check_fini(signature);
    finish(check);
}

static void ask_contract(struct ht_attest_check *check) {
    const struct ht_ecdsa_signature *signed_by = &check->package->signature;
    memcpy(check->bytes, signed_by->r, 32);
    memcpy(check->bytes + 32, signed_by->s, 32);
    check->bytes[64] = (uint8_t)(27 + signed_by->y_parity);
    check->signature = (struct ht_signature_check){
        .block = {.kind = HT_BLOCK_HASH, .hash = check->header.hash},
        .signer = check->package->attestation.attester,
        .signature = HT_BYTES(check->bytes),
        .done = on_signature,
        .user = check,
    };
    ht_eas_offchain_digest(&check->signature.digest, check->package);
    ht_signature_check(check->identity->host->runner, &check->signature);
}

/* --- what the chain says ---------------------------------------------------------------------- */

static void take_schema(struct ht_attest_check *check) {
    const struct ht_attest_look *look = &check->look;
    char uid[HT_HEX_SIZE(32)];
    ht_hex_write(uid, HT_BYTES(look->schema.b));
    if (look->schema_err == HT_OK) {
        check->has_record = true;
        check->record = look->record;
        ht_attest_step(check->steps, "schema", 1, "Schema %s is registered", uid);
        return;
    }
    bool is_absent = look->schema_err == HT_ENOTFOUND;
    ht_attest_step(check->steps, "schema", is_absent ? 0 : -1, "Schema %s: %s", uid,
                   look->schema_why.text);
    fall(check, HT_ATTEST_UNVERIFIED, &look->schema_why);
}

static void take_revocation(struct ht_attest_check *check) {
    unsigned long long number = (unsigned long long)check->header.header.number;
    const char *level = check->is_final ? "finalized block" : "block";
    if (check->revoked_s == 0) {
        ht_attest_step(check->steps, "revocation", 1, "It is not revoked as of %s %llu", level,
                       number);
    } else {
        ht_attest_step(check->steps, "revocation", 0,
                       "It was revoked %llu seconds after 1970, proven at %s %llu",
                       (unsigned long long)check->revoked_s, level, number);
    }
}

static void could_not_look(struct ht_attest_check *check) {
    const struct ht_attest_look *look = &check->look;
    ht_attest_step(check->steps, "chain", -1, "The chain could not be asked: %s", look->why.text);
    fall(check, HT_ATTEST_UNVERIFIED, &look->why);
    finish(check);
}

static void take_block(struct ht_attest_check *check) {
    const struct ht_attest_look *look = &check->look;
    check->has_block = true;
    check->header = look->header;
    check->is_final = look->is_final;
    memcpy(check->source, look->source, sizeof check->source);
}

static void on_offchain(struct ht_attest_look *look) {
    struct ht_attest_check *check = look->user;
    if (look->err != HT_OK) {
        could_not_look(check);
        return;
    }
    take_block(check);
    check->revoked_s = look->revoked_s;
    take_schema(check);
    take_revocation(check);
    if (check->asks_contract) {
        ask_contract(check);
    } else {
        finish(check);
    }
}

static void look_at(struct ht_attest_check *check, enum ht_block_kind kind);

/* What the finalized block does not have, the head may. */
static void on_onchain(struct ht_attest_look *look) {
    struct ht_attest_check *check = look->user;
    if (look->err != HT_OK) {
        could_not_look(check);
        return;
    }
    bool was_final = check->has_block;
    if (look->attestation_err == HT_ENOTFOUND && !was_final) {
        take_block(check);
        ht_attest_look_fini(look);
        look_at(check, HT_BLOCK_LATEST);
        return;
    }
    unsigned long long number = (unsigned long long)look->header.header.number;
    if (look->attestation_err != HT_OK) {
        bool is_absent = look->attestation_err == HT_ENOTFOUND;
        ht_attest_step(check->steps, "existence", 0, "Block %llu: %s", number,
                       look->attestation_why.text);
        fall(check, is_absent ? HT_ATTEST_NOT_THERE : HT_ATTEST_INVALID, &look->attestation_why);
        take_block(check);
        finish(check);
        return;
    }
    take_block(check);
    check->has_attestation = true;
    check->attestation = look->attestation;
    check->revoked_s = look->attestation.revocation_time;
    ht_attest_step(check->steps, "existence", 1, "It is in the contract's storage at %s %llu",
                   check->is_final ? "finalized block" : "block", number);
    ht_attest_step(check->steps, "uid", 1, "Its fields give its uid");
    if (was_final && !check->is_final) {
        struct ht_why why;
        (void)ht_fail(&why, HT_EAGAIN, "not_final", "the block that has it is not final yet");
        ht_attest_step(check->steps, "finality", -1, "The block that has it is not final yet");
        fall(check, HT_ATTEST_PENDING, &why);
    }
    take_schema(check);
    take_revocation(check);
    finish(check);
}

static void look_at(struct ht_attest_check *check, enum ht_block_kind kind) {
    struct ht_attest_look *look = &check->look;
    *look = (struct ht_attest_look){
        .identity = check->identity, .block = {.kind = kind}, .wants_schema = true, .user = check};
    check->has_look = true;
    if (check->is_onchain) {
        look->uid = check->uid;
        look->wants_attestation = true;
        look->done = on_onchain;
    } else {
        const struct ht_attestation *attestation = &check->package->attestation;
        look->uid = attestation->uid;
        look->schema = attestation->schema;
        look->wants_revocation = true;
        look->revoker = attestation->attester;
        look->done = on_offchain;
    }
    ht_attest_look(look);
}

/* --- what it says of itself ------------------------------------------------------------------- */

/* Each of the three has a reason of its own, and the later ones are looked at only when the earlier
 * hold. */
static void note_package(struct ht_attest_check *check, enum ht_err err, const struct ht_why *why) {
    static const struct {
        const char *step, *code, *holds;
    } list[] = {{"uid", "eas_uid", "Its fields give its uid"},
                {"domain", "eas_domain", "It is for this chain and its attestation contract"},
                {"signature", NULL, "The attester's key signed it"}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        bool is_it = err != HT_OK && (list[i].code == NULL || strcmp(why->code, list[i].code) == 0);
        if (is_it && check->asks_contract) return;
        ht_attest_step(check->steps, list[i].step, !is_it, "%s", is_it ? why->text : list[i].holds);
        if (is_it) return;
    }
}

static void check_package(struct ht_attest_check *check) {
    const struct ht_eas_offchain *package = check->package;
    struct ht_eas_contract contract;
    struct ht_why why = {0};
    check->attestation = package->attestation;
    check->has_attestation = true;
    enum ht_err err = ht_contracts_eas(&contract, check->identity->host->network, &why);
    if (err != HT_OK) {
        ht_attest_step(check->steps, "domain", -1, "%s", why.text);
        fall(check, HT_ATTEST_UNVERIFIED, &why);
        finish(check);
        return;
    }
    err = ht_eas_offchain_verify(package, contract.chain_id, &contract.eas, false, &why);
    bool is_signer = err == HT_EUNVERIFIED && (strcmp(why.code, "eas_signer") == 0 ||
                                               strcmp(why.code, "eas_signature") == 0);
    if (is_signer) {
        struct ht_why rest = {0};
        check->asks_contract =
            ht_eas_offchain_verify(package, contract.chain_id, &contract.eas, true, &rest) == HT_OK;
        if (!check->asks_contract) why = rest;
    }
    note_package(check, err, &why);
    if (err != HT_OK && !check->asks_contract) {
        fall(check, err == HT_EUNVERIFIED ? HT_ATTEST_INVALID : HT_ATTEST_UNVERIFIED, &why);
        finish(check);
    } else {
        look_at(check, HT_BLOCK_FINALIZED);
    }
}

void ht_attest_check(struct ht_attest_check *check) {
    check->standing = HT_ATTEST_HOLDS;
    check->steps = json_array();
    if (check->is_onchain) {
        look_at(check, HT_BLOCK_FINALIZED);
    } else {
        check_package(check);
    }
}

void ht_attest_check_fini(struct ht_attest_check *check) {
    if (check->has_look) ht_attest_look_fini(&check->look);
    check->has_look = false;
    json_decref(check->steps);
    check->steps = NULL;
}
