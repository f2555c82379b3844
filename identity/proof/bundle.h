/* The proof bundle: one JSON file with a claim about the chain and all that proves it, so that
 * anybody who knows the sync committee of its time can check it, years later and without a network.
 *
 * {"hearth_bundle": 1, "network": {"name", "chain_id", "genesis_validators_root"}, "made": seconds,
 * "claim": {"kind", …}, "header": RLP in hex, "account": {…}, "storage": […], "schema"?:
 * {"account", "storage"}, "attester"?: {…}, "finality": {…}}; bundle.schema.json beside this file
 * says it to the letter. account and storage are eth_getProof's answer (EIP-1186) in two parts,
 * finality is as node/l1/finality.h has it. Claims: eas_onchain     {"uid", "attestation"?,
 * "disclosure"?}; without an attestation: there is none eas_offchain    {"package": the EAS SDK's
 * JSON, "disclosure"?} did_ethr_owner  {"did", "owner"} storage         {"address", "values":
 * [{"slot", "value"}]}
 *
 * The chain of proof, each link a step of the outcome: form, network, committee (known to whoever
 * checks), finality (its signature), header (its hash is the final block's), state (account and
 * slots under the state root), schema, attester, claim, disclosure, now.
 *
 * Pure; any thread. */
#ifndef HT_IDENTITY_PROOF_BUNDLE_H
#define HT_IDENTITY_PROOF_BUNDLE_H

#include "identity/eas/storage.h"
#include "node/module.h"

#define HT_BUNDLE_VERSION 1
#define HT_BUNDLE_TEXT_MAX ((size_t)960 << 10) /* bytes of a file */
#define HT_BUNDLE_VALUES_MAX 64U               /* of a claim of kind storage */
#define HT_BUNDLE_PRIVATE_SCHEMA "bytes32 privateData"
#define HT_BUNDLE_AHEAD_S 600U /* clocks differ by no more */

enum ht_bundle_kind {
    HT_BUNDLE_EAS_ONCHAIN,
    HT_BUNDLE_EAS_OFFCHAIN,
    HT_BUNDLE_DID_ETHR_OWNER,
    HT_BUNDLE_STORAGE,
};
const char *ht_bundle_kind_name(enum ht_bundle_kind kind); /* "eas_onchain", … */

enum ht_bundle_verdict {
    HT_BUNDLE_VALID,
    HT_BUNDLE_REVOKED,
    HT_BUNDLE_EXPIRED,
    HT_BUNDLE_FROM_FUTURE,
    HT_BUNDLE_NOT_THERE,  /* proven: no such attestation, or no such schema */
    HT_BUNDLE_INVALID,    /* malformed, or something in it does not hold */
    HT_BUNDLE_UNVERIFIED, /* it cannot be told here: never to be taken for valid */
};
const char *ht_bundle_verdict_name(enum ht_bundle_verdict verdict); /* "from_future", … */

/* The contracts that whoever checks believes to be the real ones. */
struct ht_bundle_contracts {
    bool has_eas, has_did_registry;
    struct ht_eas_contract eas;
    ht_addr20 did_registry;
};
void ht_bundle_contracts_of(struct ht_bundle_contracts *out, const struct ht_network *network);

/* Who checks, with what. */
struct ht_bundle_judge {
    const struct ht_network *network;
    struct ht_bundle_contracts contracts;
    int64_t now_ms; /* wall time */
    /* The sync committee of a period, in *out, for the call of ht_bundle_verify. HT_ENOTFOUND
     * "committee_unknown". */
    enum ht_err (*committee)(void *user, struct ht_bls_committee **out, uint64_t period,
                             struct ht_why *why);
    void *user;
};

/* Checks a bundle. Whatever it holds, there is an outcome, a new reference:
 *     {"verdict", "code", "why": null when valid, "kind", "network": the judge's, "period",
 *      "block": {"number", "hash", "time": seconds} | null, "age_s", "age": "3 hours",
 *      "claim": what is proven, "steps": [{"step", "ok", "text", "code"?}]}
 * block is there once the header is proven, claim once it is. Steps behind one that fails are not
 * there. Codes, besides those of what is called: "bundle_form", "bundle_version", "bundle_member",
 * "made_time", "claim_form", "claim_differs", "disclosure_schema", "disclosure_form",
 * "schema_missing", "section_unexpected" (invalid); "other_network", "contract_unknown",
 * "committee_unknown", "contract_attester", "owner_unclear", "future" (unverified); "revoked",
 * "expired", "from_future".
 *
 * Errors: HT_ENOMEM, HT_ESTORE, HT_EAGAIN of the committee's. */
enum ht_err ht_bundle_verify(json_t **outcome, const struct ht_bundle_judge *judge,
                             const json_t *bundle, struct ht_why *why) HT_MUST_USE;

#endif
