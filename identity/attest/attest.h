/* Attestations of the Ethereum Attestation Service: made, revoked, received, verified, disclosed.
 *
 * An attestation is known by (attester, uid). It is off chain (a signed package that its holder
 * keeps) or on chain (in the contract's storage); of both kinds the schema and the revocation are
 * proven by storage, at the finalized block, and what is kept is looked at again at each finality:
 * the status always says as of which block. Contracts that attest are asked by ERC-1271, run over
 * proven state. On-chain ones that name an account of ours are found as their blocks become final,
 * from receipts that are proven complete; older ones by uid or by attest.find.
 *
 * An attestation is shown as
 *   {"uid", "attester", "recipient", "schema", "ref_uid", "data", "kind": "offchain" | "onchain",
 *    "time", "expiration_time", "revocation_time" (seconds; 0: never), "revocable",
 *    "role": "received" | "issued" | "both" | "other" (by our accounts),
 *    "schema_text": text | null, "values": [{"name", "type", "value", "parts"?}] | null,
 *    "private": true when leaves under its data can be disclosed, "leaves": [their names] | null,
 *    "verdict", "code": word | null, "why": text | null, "as_of": {"number", "hash", "timestamp",
 *    "level": "finalized" | "head"} | null, "added_ms"}
 * The verdict is "valid"; "revoked", "expired", "from_future" (also when all else holds);
 * "pending" (proven at the head, not final yet); "not_there" (proven to be absent on chain);
 * "invalid" (uid, domain or signature do not hold, and that is proven); "unverified" (it could not
 * be told, with the reason; or its schema is not on chain). Only "valid" is valid.
 *
 * Methods:
 *   attest.contract {} -> {"eas", "schema_registry", "version", "chain_id"}
 *   attest.schemas {} -> {"schemas": [schema]}: those that were met here. A schema is {"uid",
 *     "text", "resolver", "revocable", "fields": [{"name", "type", "parts"?}] | null (it cannot be
 *     read, and "why" says so)}.
 *   attest.schema {"uid"} -> the schema with "provenance", proven at the head.
 *   attest.schema_register {"schema", "from", "resolver"?, "revocable"? (true)} -> {"hash", "uid"}
 *   attest.issue {"how": "offchain" | "onchain", "schema", "from", "recipient"?,
 *     "expiration_time"? (seconds), "revocable"? (as the schema), "ref_uid"?, and one of "values":
 *     {name: value} | [value], "data": hex, "private": [{"type", "name", "value"}]} -> off chain
 *     {"attestation", "package", "url"}, kept before it is answered; on chain {"hash"}. Leaves are
 *     given salts of their own and are kept with the root. On chain "many": [{those of one: from
 *     "recipient" to "private"}], at most HT_EAS_MANY_MAX, makes all of them in one transaction.
 *   attest.revoke {"attester", "uid"} -> {"hash"}: on chain by the contract, off chain by entering
 *     it in its register, by the attester's account. {"many": [{"attester", "uid"}]} of one
 *     attester, all on chain or all off chain, in one transaction.
 *   attest.delegate {"what": "attest", as attest.issue without "how" | "what": "revoke",
 *     "attester", "uid" (on chain), and "deadline"? (seconds; 0, which it is without: none; none
 *     below EAS 1.2)} -> {"request"}: signed for another to send (eas/delegated.h), with the next
 *     nonce, which is proven. Of two with the same nonce one can be sent.
 *   attest.submit {"request", "from"} -> {"hash"}: sends such a request, ours or anybody's, when
 *     its contract, form, signature (a key's, or a contract's by ERC-1271), nonce and deadline are
 *     those that the contract takes.
 *   attest.timestamp {"uid", "from"} -> {"hash"}
 *   attest.import {"text"} -> {"attestation", "steps"}: an off-chain package as the SDK writes it
 *     (JSON, compact array, URL), or the uid of one on chain; what is invalid is not kept. With a
 *     disclosure, as attest.disclose answers, that is checked, too; when it is of all leaves they
 *     are kept, so that the recipient can disclose some of them.
 *   attest.export {"attester", "uid"} -> {"package", "url"}; on chain {"uid"} alone.
 *   attest.forget {"attester", "uid"} -> {}
 *   attest.list {"role"?: "received" | "issued" | "all", "limit"? (100), "offset"? (0)} ->
 *     {"attestations", "total", "as_of": {"number", "hash", "timestamp"} | null, "scanned": number
 *     | null}, newest first; fewer than the limit when they are large. scanned: the final block up
 *     to which logs were looked through for attestations that name us.
 *   attest.verify {"text", "disclosure"?} -> {"attestation", "steps": [{"step", "ok": bool | null,
 *     "text"}], "verdict", "code", "why"}; nothing is kept.
 *   attest.disclose {"attester", "uid", "fields": [names]} -> {"disclosure", "package": … | null}
 *   attest.find {"from", "to"} (block numbers, at most HT_LOGS_BLOCKS_MAX) -> {"found", "added",
 *     "gaps": [{"from", "to", "why"}]}
 * Topic "attest.changed": {"count", "changes": number that rises with each change, "as_of"}.
 *
 * Reasons, besides those of eas/, queue.h, send.h and accounts.h: HT_ENOTFOUND "no_eas",
 * "no_such_attestation", "no_schema", "no_leaves", "no_such_field"; HT_EINPUT "attest_how",
 * "attest_values" (not exactly one of values, data, private), "attest_role", "attest_text",
 * "attest_many" (none, or of two kinds or attesters, or one twice; HT_ELIMIT: too many),
 * "attest_what", "not_onchain", "deadline_passed",
 * "schema_not_revocable", "not_private" (the schema holds no root), "already_expired"; HT_EDENIED
 * "not_attester" (no account of ours attested), "not_revocable", "already_revoked"; HT_EUNVERIFIED
 * for an import that is invalid, with its own reason; HT_ELIMIT "too_many_attestations".
 *
 * Loop thread. */
#ifndef HT_IDENTITY_ATTEST_ATTEST_H
#define HT_IDENTITY_ATTEST_ATTEST_H

#include "identity/identity.h"

#define HT_ATTEST_MAX 4096U                    /* kept */
#define HT_ATTEST_BYTES_MAX ((size_t)32 << 20) /* of data and packages of all of them */
#define HT_ATTEST_LIST_MAX 200U                /* of one answer */

enum ht_err ht_attest_new(struct ht_identity *identity, sqlite3 *db,
                          struct ht_why *why) HT_MUST_USE;
void ht_attest_free(struct ht_identity *identity);

/* There is a new head; perhaps another block is final. */
void ht_attest_on_head(struct ht_identity *identity);
/* The node is about to stop: nothing more is asked. */
void ht_attest_quit(struct ht_identity *identity);

/* --- for the other parts of the module -------------------------------------------------------- */

/* Verifies a package as attest.import does and keeps it unless it is invalid, as one that came in a
 * feed; one that is kept already is left as it is, and what finds no room is dropped. Copies. */
void ht_attest_take(struct ht_identity *identity, ht_bytes package_json);

/* Who attested whom, for webs of trust. Views are good for the visit. */
struct ht_attest_edge {
    ht_addr20 attester, recipient;
    ht_hash32 uid, schema;
    bool is_valid;
    const char *verdict;     /* as above, now */
    const char *schema_text; /* "" when it is not known */
    bool is_onchain;
    uint64_t time_s;
    ht_bytes data;
};
void ht_attest_each(const struct ht_identity *identity,
                    void (*visit)(void *user, const struct ht_attest_edge *edge), void *user);

/* The SDK's JSON of one off chain, good until the next callback. HT_ENOTFOUND
 * "no_such_attestation", also for one on chain. */
enum ht_err ht_attest_package(ht_bytes *json, const struct ht_identity *identity,
                              const ht_addr20 *attester, const ht_hash32 *uid,
                              struct ht_why *why) HT_MUST_USE;

/* Topic "attest.changed"; self is the struct ht_identity. */
enum ht_err ht_attest_json(void *self, json_t **out, struct ht_why *why);

#endif
