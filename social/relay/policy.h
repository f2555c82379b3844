/* Who may write and read what: pure decisions over sets that the client keeps.
 *
 * Write: the owner, whom the owner follows, whom they follow, whoever an attestation of the owner's
 * circle names, and everybody who pays with work (NIP-13), as the settings say; blocked authors
 * never. Three kinds go by other rules: a request to vanish (62) is taken from anybody, as NIP-62
 * asks; a gift wrap (1059, 1060, 21059) has a key of its own, so the rank of whoever delivers it
 * counts as well; an AUTH event (22242) is never taken. Read: private kinds (4, 1059, 1060, 21059)
 * only by AUTHed parties named in them (NIP-17, 42), the same for REQ, COUNT and NEG; protected
 * events (NIP-70) are taken from their AUTHed author only, and reposts that embed one from nobody.
 * Any thread for const functions while nobody changes it. */
#ifndef HT_SOCIAL_RELAY_POLICY_H
#define HT_SOCIAL_RELAY_POLICY_H

#include "node/nostr/event.h"

enum ht_policy_rank {
    HT_RANK_BLOCKED,
    HT_RANK_STRANGER,
    HT_RANK_ATTESTED,
    HT_RANK_FRIEND_OF_FRIEND,
    HT_RANK_FOLLOWED,
    HT_RANK_OWNER,
};

struct ht_policy_settings {
    enum ht_policy_rank write;    /* the least rank that may write without work */
    unsigned stranger_difficulty; /* NIP-13 bits for those below it; 0: they may not write */
    enum ht_policy_rank read; /* the least rank that may read; STRANGER: all, AUTH needed above */
    int64_t future_max_s;     /* created_at at most so far ahead: 900 */
    int64_t past_max_s;       /* ephemeral events at most so old: 300 */
    unsigned events_a_minute; /* of one stranger's key or address: 120 */
};

struct ht_policy; /* settings and sets */

/* With the settings ATTESTED may write, others with 20 bits of work, all may read, and the numbers
 * above; all sets empty. HT_ENOMEM. */
enum ht_err ht_policy_new(struct ht_policy **out) HT_MUST_USE;
void ht_policy_free(struct ht_policy *policy);
struct ht_policy_settings *ht_policy_settings(struct ht_policy *policy);

#define HT_POLICY_KEYS_MAX 100000U /* of a rank */

/* Replaces who is of a rank (not STRANGER: that is everybody else). The keys are copied; order and
 * repetitions do not matter. HT_ENOMEM, HT_ELIMIT; the set is as it was then. */
enum ht_err ht_policy_set(struct ht_policy *policy, enum ht_policy_rank rank,
                          const ht_hash32 *pubkeys, size_t count) HT_MUST_USE;
/* Keys that the owner let in by name (NIP-86): their rank is ATTESTED at least, and they may write
 * and read whatever the settings say, unless they are blocked. As ht_policy_set. */
enum ht_err ht_policy_allow(struct ht_policy *policy, const ht_hash32 *pubkeys,
                            size_t count) HT_MUST_USE;
/* Kinds that others than the owner may not write; and, when there are any in `allowed`, the only
 * ones they may, besides deletions (5). A request to vanish (62) is taken whatever is set. Kinds
 * are at most 65535. */
void ht_policy_set_kinds(struct ht_policy *policy, const uint32_t *allowed, size_t allowed_count,
                         const uint32_t *denied, size_t denied_count);
/* The highest rank; blocked goes before all but the owner. */
enum ht_policy_rank ht_policy_rank_of(const struct ht_policy *policy, const ht_hash32 *pubkey);

/* Devices of the owner's (NIP-46): events of kind 24133 are taken from whom `lets_in` lets in,
 * whatever their rank, unless they are blocked. It is asked by ht_policy_write, on its thread. */
void ht_policy_set_devices(struct ht_policy *policy,
                           bool (*lets_in)(void *user, const ht_hash32 *pubkey), void *user);

/* Who is asking. */
struct ht_policy_asker {
    const ht_hash32 *authed; /* keys it has proven (NIP-42) */
    size_t authed_count;
    bool is_own;  /* the owner's own program */
    bool is_page; /* a web page in a browser on this computer: it reads nothing before it has proven
                     the owner's key, or any page could learn whom the owner follows */
};

/* HT_OK, or HT_EDENIED with the machine-readable prefix of NIP-01 as code: "blocked", "invalid"
 * (too far ahead, expired, an ephemeral one too old, AUTH), "auth-required", "restricted", "pow".
 * "rate-limited" is for whoever counts, by events_a_minute. The event was verified, or is about to
 * be: nothing here rests on its signature but what it costs. */
enum ht_err ht_policy_write(const struct ht_policy *policy, const struct ht_policy_asker *asker,
                            const struct ht_event *event, int64_t now_s,
                            struct ht_why *why) HT_MUST_USE;
/* Whether reading is open to the asker at all: HT_EDENIED "auth-required" or "restricted". */
enum ht_err ht_policy_read(const struct ht_policy *policy, const struct ht_policy_asker *asker,
                           struct ht_why *why) HT_MUST_USE;
/* Whether the asker may see an event of that kind and author; `tagged` are its p tags' keys. The
 * owner's own program sees all. */
bool ht_policy_may_see(const struct ht_policy *policy, const struct ht_policy_asker *asker,
                       const ht_hash32 *pubkey, uint32_t kind, const ht_hash32 *tagged,
                       size_t tagged_count);
#define HT_POLICY_PRIVATE_KINDS 4, 1059, 1060, 21059
bool ht_policy_is_private_kind(uint32_t kind);

#endif
