/* Proposals and votes of snapshot.org: read, their ids computed again, their signatures checked.
 *
 * An envelope is {"address", "sig", "data": {"domain", "types", "message"}}: EIP-712 in the domain
 * {"name": "snapshot", "version": "0.1.4"}, which names no chain and no contract. Types come with
 * the envelope and are good only when the SHA-256 of their JSON is one of those that snapshot.org
 * takes (snapshot_types.h): else a signature could be shown as saying what it does not. The id of a
 * proposal or vote is its EIP-712 hash. What cannot be checked is always said so: weights come from
 * a server of theirs ("weights": "unverified"), and whether votes are missing nobody can tell.
 * Items as their GraphQL gives them have no signature: "absent". Accounts that are contracts
 * (ERC-1271) are not asked, since the envelope does not say on which chain: "invalid" then has the
 * reason other_signer.
 *
 * Method snapshot.read {"text": JSON as pasted} | {"json": the same, parsed} | {"fetch": true,
 * "proposal": id | "space": name}: an envelope, an array of them, an object that has them under
 * "proposal", "proposals", "votes" or "data", or what their GraphQL answered. Only with "fetch" is
 * HT_SNAPSHOT_HUB asked, which then learns of this node's address and interest. ->
 *   {"proposals": [{"id", "signature": "valid" | "invalid" | "absent", "code" | null, "why" | null,
 *     "from", "space", "timestamp", "type", "title", "body", "choices": [text], "start", "end",
 *     "snapshot", "votes": [n] (valid ones for each choice, of votes that name one), "voters": n}],
 *    "votes": [{"id", "signature", "code", "why", "from", "space", "proposal", "timestamp",
 *     "choice", "reason", "replaced": by a newer valid one of the same voter}],
 *    "others": [{"kind", "id", "signature", "code", "why", "from", "message"}],
 *    "weights": "unverified", "note": text}
 *
 * Reasons: HT_EINPUT "snapshot_form" (nothing of these forms), those of json.h; HT_ELIMIT
 * "snapshot_too_large"; HT_EDENIED "needs_consent"; those of http.h. Of an item (its "code"):
 * "snapshot_domain", "snapshot_types", "bad_signature", "other_signer", "other_address",
 * "wrong_id" (the envelope says another), those of eip712.h. */
#ifndef HT_GOVERNANCE_SNAPSHOT_SNAPSHOT_H
#define HT_GOVERNANCE_SNAPSHOT_SNAPSHOT_H

#include <jansson.h>

#include "node/base/bytes.h"

#define HT_SNAPSHOT_HUB "https://hub.snapshot.org/graphql"
#define HT_SNAPSHOT_ITEMS_MAX 1000U
#define HT_SNAPSHOT_TEXT_MAX ((size_t)4 << 20)

enum ht_snapshot_kind {
    HT_SNAPSHOT_PROPOSAL,
    HT_SNAPSHOT_VOTE,
    HT_SNAPSHOT_OTHER, /* statements, updates, cancellations */
};

struct ht_snapshot_item {
    enum ht_snapshot_kind kind;
    const char *type; /* as snapshot.org calls it: "vote-array"; "" when the types are unknown */
    bool has_id;
    ht_hash32 id;
    ht_addr20 from;
    const json_t *message; /* borrowed from the envelope */
    /* HT_OK: signed by `from`. */
    enum ht_err err;
    struct ht_why why;
};
/* Pure. HT_EINPUT "snapshot_form" when it is no envelope; *out is written else, with the verdict in
 * it. HT_ENOMEM. */
enum ht_err ht_snapshot_check(struct ht_snapshot_item *out, const json_t *envelope,
                              struct ht_why *why) HT_MUST_USE;

#endif
