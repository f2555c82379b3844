/* Digests, documents and calls of signed ballots, each form by a row of one table. */
#include "governance/ballots/ballot.h"

#include "governance/text.h"
#include "node/codec/abi.h"
#include "node/codec/abi_word.h"
#include "node/codec/eip712.h"
#include "node/crypto/keccak.h"
#include "node/crypto/secp256k1.h"

#define TYPE_ARENA ((size_t)8 << 10)
#define ECDSA_SIZE 65U

/* What a form is made of, in the order of its type. */
enum part {
    PART_END,
    PART_PROPOSAL,
    PART_SUPPORT,
    PART_VOTER,
    PART_NONCE,
    PART_REASON,
    PART_PARAMS,
    PART_DELEGATEE,
    PART_EXPIRY,
};
struct form {
    const char *name; /* of the primary type */
    const char *type; /* encodeType */
    enum part parts[7];
    const char *function; /* takes the parts in `arguments`, then the signature */
    const char *types;
    enum part arguments[7];
    bool takes_bytes; /* the signature as bytes, of any account; else as v, r, s */
};

static const struct form FORMS[] = {
    [HT_GOV_BALLOT5] = {.name = "Ballot",
                        .type = "Ballot(uint256 proposalId,uint8 support,address voter,"
                                "uint256 nonce)",
                        .parts = {PART_PROPOSAL, PART_SUPPORT, PART_VOTER, PART_NONCE},
                        .function = "castVoteBySig",
                        .types = "(uint256,uint8,address,bytes)",
                        .arguments = {PART_PROPOSAL, PART_SUPPORT, PART_VOTER},
                        .takes_bytes = true},
    [HT_GOV_BALLOT5_EXTENDED] =
        {.name = "ExtendedBallot",
         .type = "ExtendedBallot(uint256 proposalId,uint8 support,address voter,uint256 nonce,"
                 "string reason,bytes params)",
         .parts = {PART_PROPOSAL, PART_SUPPORT, PART_VOTER, PART_NONCE, PART_REASON, PART_PARAMS},
         .function = "castVoteWithReasonAndParamsBySig",
         .types = "(uint256,uint8,address,string,bytes,bytes)",
         .arguments = {PART_PROPOSAL, PART_SUPPORT, PART_VOTER, PART_REASON, PART_PARAMS},
         .takes_bytes = true},
    [HT_GOV_BALLOT4] = {.name = "Ballot",
                        .type = "Ballot(uint256 proposalId,uint8 support)",
                        .parts = {PART_PROPOSAL, PART_SUPPORT},
                        .function = "castVoteBySig",
                        .types = "(uint256,uint8,uint8,bytes32,bytes32)",
                        .arguments = {PART_PROPOSAL, PART_SUPPORT}},
    [HT_GOV_BALLOT4_EXTENDED] = {.name = "ExtendedBallot",
                                 .type = "ExtendedBallot(uint256 proposalId,uint8 support,"
                                         "string reason,bytes params)",
                                 .parts = {PART_PROPOSAL, PART_SUPPORT, PART_REASON, PART_PARAMS},
                                 .function = "castVoteWithReasonAndParamsBySig",
                                 .types = "(uint256,uint8,string,bytes,uint8,bytes32,bytes32)",
                                 .arguments = {PART_PROPOSAL, PART_SUPPORT, PART_REASON,
                                               PART_PARAMS}},
    [HT_GOV_BALLOT_BRAVO] = {.name = "Ballot",
                             .type = "Ballot(uint256 proposalId,uint8 support)",
                             .parts = {PART_PROPOSAL, PART_SUPPORT},
                             .function = "castVoteBySig",
                             .types = "(uint256,uint8,uint8,bytes32,bytes32)",
                             .arguments = {PART_PROPOSAL, PART_SUPPORT}},
    [HT_GOV_BALLOT_BRAVO_REASON] = {.name = "Ballot",
                                    .type =
                                        "Ballot(uint256 proposalId,uint8 support,string reason)",
                                    .parts = {PART_PROPOSAL, PART_SUPPORT, PART_REASON},
                                    .function = "castVoteWithReasonBySig",
                                    .types = "(uint256,uint8,string,uint8,bytes32,bytes32)",
                                    .arguments = {PART_PROPOSAL, PART_SUPPORT, PART_REASON}},
    [HT_GOV_DELEGATION] = {.name = "Delegation",
                           .type = "Delegation(address delegatee,uint256 nonce,uint256 expiry)",
                           .parts = {PART_DELEGATEE, PART_NONCE, PART_EXPIRY},
                           .function = "delegateBySig",
                           .types = "(address,uint256,uint256,uint8,bytes32,bytes32)",
                           .arguments = {PART_DELEGATEE, PART_NONCE, PART_EXPIRY}},
};

static bool has(enum ht_gov_ballot_form form, enum part part) {
    const enum part *one = FORMS[form].parts;
    while (*one != PART_END && *one != part) one++;
    return *one == part;
}

bool ht_gov_ballot_has_nonce(enum ht_gov_ballot_form form) {
    return has(form, PART_NONCE);
}

bool ht_gov_ballot_has_reason(enum ht_gov_ballot_form form) {
    return has(form, PART_REASON);
}

bool ht_gov_ballot_has_params(enum ht_gov_ballot_form form) {
    return has(form, PART_PARAMS);
}

bool ht_gov_ballot_may_be_contracts(enum ht_gov_ballot_form form) {
    return FORMS[form].takes_bytes;
}

/* --- hashes ----------------------------------------------------------------------------------- */

static void word_u64(uint8_t out[static 32], uint64_t value) {
    ht_u256 wide = ht_u256_of(value);
    ht_u256_to_be(out, &wide);
}

static void word_address(uint8_t out[static 32], const ht_addr20 *address) {
    memset(out, 0, 12);
    memcpy(out + 12, address->b, sizeof address->b);
}

static void word_hash(uint8_t out[static 32], ht_bytes of) {
    ht_hash32 hash;
    ht_keccak256(&hash, of);
    memcpy(out, hash.b, sizeof hash.b);
}

static void word(uint8_t out[static 32], const struct ht_gov_ballot *ballot, enum part part) {
    switch (part) {
    case PART_PROPOSAL: ht_u256_to_be(out, &ballot->proposal); break;
    case PART_SUPPORT: word_u64(out, ballot->support); break;
    case PART_VOTER: word_address(out, &ballot->voter); break;
    case PART_NONCE: ht_u256_to_be(out, &ballot->nonce); break;
    case PART_REASON: word_hash(out, ballot->reason); break;
    case PART_PARAMS: word_hash(out, ballot->params); break;
    case PART_DELEGATEE: word_address(out, &ballot->delegatee); break;
    case PART_EXPIRY: ht_u256_to_be(out, &ballot->expiry); break;
    case PART_END: break;
    }
}

void ht_gov_domain_separator(ht_hash32 *out, const struct ht_gov_domain *domain) {
    uint8_t words[5][32];
    size_t n = 0;
    const char *type = domain->has_version
                           ? "EIP712Domain(string name,string version,uint256 chainId,"
                             "address verifyingContract)"
                           : "EIP712Domain(string name,uint256 chainId,address verifyingContract)";
    word_hash(words[n++], ht_bytes_str(type));
    word_hash(words[n++], ht_bytes_str(domain->name));
    if (domain->has_version) word_hash(words[n++], ht_bytes_str(domain->version));
    word_u64(words[n++], domain->chain_id);
    word_address(words[n++], &domain->contract);
    ht_keccak256(out, ht_bytes_of(words, 32 * n));
}

bool ht_gov_domain_equal(const struct ht_gov_domain *a, const struct ht_gov_domain *b) {
    return a->has_version == b->has_version && a->chain_id == b->chain_id &&
           memcmp(a->contract.b, b->contract.b, sizeof a->contract.b) == 0 &&
           strcmp(a->name, b->name) == 0 &&
           (!a->has_version || strcmp(a->version, b->version) == 0);
}

enum ht_err ht_gov_ballot_digest(ht_hash32 *out, const struct ht_gov_ballot *ballot) {
    const struct form *form = &FORMS[ballot->form];
    uint8_t words[8][32];
    size_t n = 0;
    ht_hash32 domain, hash;
    word_hash(words[n++], ht_bytes_str(form->type));
    for (const enum part *one = form->parts; *one != PART_END; one++)
        word(words[n++], ballot, *one);
    ht_keccak256(&hash, ht_bytes_of(words, 32 * n));
    ht_gov_domain_separator(&domain, &ballot->domain);
    ht_eip712_digest(out, &domain, &hash);
    return HT_OK;
}

/* --- the document ----------------------------------------------------------------------------- */

static const char *part_name(enum part part) {
    switch (part) {
    case PART_PROPOSAL: return "proposalId";
    case PART_SUPPORT: return "support";
    case PART_VOTER: return "voter";
    case PART_NONCE: return "nonce";
    case PART_REASON: return "reason";
    case PART_PARAMS: return "params";
    case PART_DELEGATEE: return "delegatee";
    case PART_EXPIRY: return "expiry";
    case PART_END: break;
    }
    return "";
}

static const char *part_type(enum part part) {
    switch (part) {
    case PART_SUPPORT: return "uint8";
    case PART_VOTER:
    case PART_DELEGATEE: return "address";
    case PART_REASON: return "string";
    case PART_PARAMS: return "bytes";
    case PART_PROPOSAL:
    case PART_NONCE:
    case PART_EXPIRY:
    case PART_END: break;
    }
    return "uint256";
}

/* As EIP-712 documents and the ABI's encoder take it. */
static json_t *value(const struct ht_gov_ballot *ballot, enum part part) {
    switch (part) {
    case PART_PROPOSAL: return ht_gov_u256_json(&ballot->proposal);
    case PART_SUPPORT: return json_integer(ballot->support);
    case PART_VOTER: return ht_abi_hex(HT_BYTES(ballot->voter.b));
    case PART_NONCE: return ht_gov_u256_json(&ballot->nonce);
    case PART_REASON:
        return json_stringn(ballot->reason.n > 0 ? (const char *)ballot->reason.p : "",
                            ballot->reason.n);
    case PART_PARAMS: return ht_abi_hex(ballot->params);
    case PART_DELEGATEE: return ht_abi_hex(HT_BYTES(ballot->delegatee.b));
    case PART_EXPIRY: return ht_gov_u256_json(&ballot->expiry);
    case PART_END: break;
    }
    return NULL;
}

static json_t *domain_json(const struct ht_gov_domain *domain) {
    json_t *json = json_pack("{s:s, s:o, s:o}", "name", domain->name, "chainId",
                             ht_gov_u64_json(domain->chain_id), "verifyingContract",
                             ht_abi_hex(HT_BYTES(domain->contract.b)));
    if (json != NULL && domain->has_version &&
        json_object_set_new(json, "version", json_string(domain->version)) != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

json_t *ht_gov_ballot_typed(const struct ht_gov_ballot *ballot) {
    const struct form *form = &FORMS[ballot->form];
    json_t *members = json_array(), *message = json_object();
    int failed = 0;
    for (const enum part *one = form->parts; *one != PART_END; one++) {
        failed |= json_array_append_new(
            members, json_pack("{s:s, s:s}", "name", part_name(*one), "type", part_type(*one)));
        failed |= json_object_set_new(message, part_name(*one), value(ballot, *one));
    }
    json_t *document = NULL;
    if (failed == 0) {
        document =
            json_pack("{s:{s:O}, s:s, s:o, s:O}", "types", form->name, members, "primaryType",
                      form->name, "domain", domain_json(&ballot->domain), "message", message);
    }
    json_decref(members);
    json_decref(message);
    return document;
}

/* --- the check -------------------------------------------------------------------------------- */

enum ht_err ht_gov_ballot_check_support(const struct ht_gov_ballot *ballot, struct ht_why *why) {
    if (ballot->form == HT_GOV_DELEGATION || ballot->support <= 2) return HT_OK;
    if (ballot->support != HT_GOV_SUPPORT_SPLIT || !ht_gov_ballot_has_params(ballot->form)) {
        return ht_fail(why, HT_EUNVERIFIED, "bad_support",
                       "%u is no choice: 0 is against, 1 for, 2 abstain", ballot->support);
    }
    if (ballot->params.n == HT_GOV_SPLIT_SIZE) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "bad_support", "a split vote has 48 bytes of params");
}

enum ht_err ht_gov_ballot_check(const struct ht_gov_ballot *ballot, struct ht_why *why) {
    struct ht_ecdsa_signature signature;
    ht_hash32 digest;
    ht_addr20 signer;
    struct ht_why reason = {0};
    enum ht_err err = ht_gov_ballot_check_support(ballot, why);
    if (err == HT_OK) err = ht_gov_ballot_digest(&digest, ballot);
    if (err != HT_OK) return err;
    uint8_t v = ballot->signature[ECDSA_SIZE - 1];
    if (ballot->signature_n != ECDSA_SIZE || v < 27 || v > 28) {
        return ht_fail(why, HT_EUNVERIFIED, "bad_signature",
                       "the signature is not 65 bytes with a v of 27 or 28");
    }
    memcpy(signature.r, ballot->signature, 32);
    memcpy(signature.s, ballot->signature + 32, 32);
    signature.y_parity = (uint8_t)(v - 27);
    if (ht_ecdsa_recover_address(&signer, &digest, &signature, HT_ECDSA_LOW_S, &reason) != HT_OK)
        return ht_fail(why, HT_EUNVERIFIED, "bad_signature", "%.150s", reason.text);
    if (memcmp(signer.b, ballot->voter.b, sizeof signer.b) == 0) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "bad_signature", "somebody else than the voter signed it");
}

/* --- the call --------------------------------------------------------------------------------- */

/* Behind the parts. */
static int append_signature(json_t *values, const struct ht_gov_ballot *ballot) {
    if (FORMS[ballot->form].takes_bytes) {
        return json_array_append_new(
            values, ht_abi_hex(ht_bytes_of(ballot->signature, ballot->signature_n)));
    }
    int failed = json_array_append_new(values, json_integer(ballot->signature[64]));
    failed |= json_array_append_new(values, ht_abi_hex(ht_bytes_of(ballot->signature, 32)));
    failed |= json_array_append_new(values, ht_abi_hex(ht_bytes_of(ballot->signature + 32, 32)));
    return failed;
}

enum ht_err ht_gov_ballot_calldata(struct ht_buf *out, const struct ht_gov_ballot *ballot) {
    const struct form *form = &FORMS[ballot->form];
    char signature[128];
    uint8_t selector[4];
    struct ht_arena arena;
    struct ht_abi_type type;
    size_t before = out->n;
    if (!form->takes_bytes && ballot->signature_n != ECDSA_SIZE) return HT_EINPUT;
    size_t name_n = strlen(form->function), types_n = strlen(form->types);
    ht_assert(name_n + types_n < sizeof signature);
    memcpy(signature, form->function, name_n);
    memcpy(signature + name_n, form->types, types_n + 1);
    ht_abi_selector(selector, signature);
    json_t *values = json_array();
    int failed = 0;
    for (const enum part *one = form->arguments; *one != PART_END; one++)
        failed |= json_array_append_new(values, value(ballot, *one));
    failed |= append_signature(values, ballot);
    ht_arena_init(&arena, TYPE_ARENA);
    enum ht_err err = failed == 0 ? HT_OK : HT_ENOMEM;
    if (err == HT_OK) err = ht_abi_type_read(&type, &arena, ht_bytes_str(form->types), NULL);
    if (err == HT_OK) err = ht_buf_add(out, HT_BYTES(selector));
    if (err == HT_OK) err = ht_abi_encode(out, &type, values, NULL);
    if (err != HT_OK) out->n = before;
    ht_arena_fini(&arena);
    json_decref(values);
    return err;
}

enum ht_err ht_gov_split_params(uint8_t out[static HT_GOV_SPLIT_SIZE], const ht_u256 parts[3],
                                struct ht_why *why) {
    for (size_t i = 0; i < 3; i++) {
        uint8_t whole[32];
        if (ht_u256_bit_length(&parts[i]) > 128)
            return ht_fail(why, HT_EINPUT, "bad_split", "a part of the vote is over 2^128 - 1");
        ht_u256_to_be(whole, &parts[i]);
        memcpy(out + 16 * i, whole + 16, 16);
    }
    return HT_OK;
}
