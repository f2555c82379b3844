/* The methods that ask nobody: attest.list, attest.schemas, attest.contract, attest.export,
 * attest.forget, attest.disclose (attest.h). */
#ifndef HT_IDENTITY_ATTEST_ATTEST_LIST_H
#define HT_IDENTITY_ATTEST_ATTEST_LIST_H

#include "identity/attest/attest_impl.h"

enum ht_err ht_attest_list(void *self, json_t **result, const json_t *params, struct ht_why *why);
enum ht_err ht_attest_schemas(void *self, json_t **result, const json_t *params,
                              struct ht_why *why);
enum ht_err ht_attest_contract(void *self, json_t **result, const json_t *params,
                               struct ht_why *why);
enum ht_err ht_attest_export(void *self, json_t **result, const json_t *params, struct ht_why *why);
enum ht_err ht_attest_disclose(void *self, json_t **result, const json_t *params,
                               struct ht_why *why);
void ht_attest_forget(void *self, struct ht_rpc_call *call, const json_t *params);

/* The one that params name by "attester" and "uid". HT_ENOTFOUND "no_such_attestation". */
enum ht_err ht_attest_named(const struct ht_attest_item **out, const struct ht_identity *identity,
                            const json_t *params, struct ht_why *why) HT_MUST_USE;
/* {"package", "url"} of an off-chain package; a new reference. */
enum ht_err ht_attest_package_json(json_t **out, const struct ht_eas_offchain *package,
                                   struct ht_why *why) HT_MUST_USE;

#endif
