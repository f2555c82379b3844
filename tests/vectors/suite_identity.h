/* The parts of the identity suite: one function for each group of cases.
 *
 * Every function is called with every JSON document below the folder of fixtures. It finds its
 * cases by their form, never by the name of the file, and counts each of them once, with
 * ht_identity_report or ht_identity_skip; of documents without such cases it leaves everything
 * alone. A new group is a line here and a line in GROUPS of suite_identity.c. */
#ifndef HT_TESTS_VECTORS_SUITE_IDENTITY_H
#define HT_TESTS_VECTORS_SUITE_IDENTITY_H

#include "node/codec/json.h"
#include "tests/vectors/vectors.h"

struct ht_identity_run {
    struct ht_vec_report *report;
    const char *file; /* the name of the one being read */
    size_t cases;     /* counted so far, by any group */
};

/* Counts a case of the current file as passed or failed. The name of a case: its "id", or what
 * tells it apart. */
void ht_identity_report(struct ht_identity_run *run, const char *name, enum ht_err err,
                        const struct ht_why *why);
/* Counts a case that is there and that cannot be judged. */
void ht_identity_skip(struct ht_identity_run *run, const char *name, const char *reason);

/* HT_EBUG "case" with "another WHAT": for a result that is not the expected one. */
enum ht_err ht_identity_differs(const char *what, struct ht_why *why) HT_MUST_USE;

/* suite_identity_credentials.c: credentials and presentations as JWT. */
void ht_identity_run_credentials(struct ht_identity_run *run, const json_t *document);
/* suite_identity_shared.c: documents of typed data, seeds, keystores and signed transactions,
 * judged by what the suites eip712, keys and tx judge them with. */
void ht_identity_run_typed(struct ht_identity_run *run, const json_t *document);
void ht_identity_run_seeds(struct ht_identity_run *run, const json_t *document);
void ht_identity_run_stores(struct ht_identity_run *run, const json_t *document);
void ht_identity_run_signed(struct ht_identity_run *run, const json_t *document);
/* suite_identity_did.c: did:ethr over proven slots and receipts. */
void ht_identity_run_did_ethr(struct ht_identity_run *run, const json_t *document);
/* suite_identity_did_key.c: did:key and did:pkh; and whether two documents are the same, as JSON,
 * their lists as sets but for "@context". */
enum ht_err ht_identity_same_document(const json_t *got, const json_t *want,
                                      struct ht_why *why) HT_MUST_USE;
void ht_identity_run_did_key(struct ht_identity_run *run, const json_t *document);
/* suite_identity_siwe.c: sign-in messages (EIP-4361). */
void ht_identity_run_messages(struct ht_identity_run *run, const json_t *document);
/* suite_identity_private.c: disclosures of private data and their trees, delegated requests. */
void ht_identity_run_private(struct ht_identity_run *run, const json_t *document);
void ht_identity_run_delegated(struct ht_identity_run *run, const json_t *document);
/* suite_identity_eas.c: off-chain attestations, schema uids. */
void ht_identity_run_offchain(struct ht_identity_run *run, const json_t *document);
void ht_identity_run_schemas(struct ht_identity_run *run, const json_t *document);
/* suite_identity_proofs.c: what EAS and its schema registry keep, by storage proof. */
void ht_identity_run_onchain(struct ht_identity_run *run, const json_t *document);
/* suite_identity_ens.c: normalisation, hashes, DNS form and slots of ENS names. */
void ht_identity_run_names(struct ht_identity_run *run, const json_t *document);

#endif
