/* Profiles: whether they still hold, and as JSON; and the governors that everybody knows. */
#include "governance/governor/profile.h"

#include <stdio.h>

#include "node/base/hex.h"
#include "node/codec/json.h"

static const ht_hash32 slot_1967 = {{0x36, 0x08, 0x94, 0xa1, 0x3b, 0xa1, 0xa3, 0x21,
                                     0x06, 0x67, 0xc8, 0x28, 0x49, 0x2d, 0xb9, 0x8d,
                                     0xca, 0x3e, 0x20, 0x76, 0xcc, 0x37, 0x35, 0xa9,
                                     0x20, 0xa3, 0xca, 0x50, 0x5d, 0x38, 0x2b, 0xbc}};
static const ht_hash32 slot_delegator = {{[31] = 2}};

bool ht_gov_proxy_slot(ht_hash32 *out, enum ht_gov_proxy proxy) {
    switch (proxy) {
    case HT_GOV_PROXY_1967: *out = slot_1967; return true;
    case HT_GOV_PROXY_DELEGATOR: *out = slot_delegator; return true;
    case HT_GOV_NO_PROXY:
    case HT_GOV_PROXY_CLONE: break;
    }
    return false;
}

enum ht_err ht_gov_profile_check(const struct ht_gov_profile *profile, const ht_hash32 *code_hash,
                                 const uint8_t *implementation_word,
                                 const ht_hash32 *implementation_hash, struct ht_why *why) {
    static const uint8_t zeros[12];
    ht_hash32 slot;
    if (!ht_hash32_equal(code_hash, &profile->code_hash)) {
        return ht_fail(why, HT_EUNVERIFIED, "code_changed",
                       "the governor runs other code than its profile is for");
    }
    if (!ht_gov_proxy_slot(&slot, profile->proxy)) return HT_OK;
    if (implementation_word == NULL || implementation_hash == NULL ||
        memcmp(implementation_word, zeros, sizeof zeros) != 0 ||
        memcmp(implementation_word + 12, profile->implementation.b, 20) != 0 ||
        !ht_hash32_equal(implementation_hash, &profile->implementation_hash)) {
        return ht_fail(why, HT_EUNVERIFIED, "proxy_changed",
                       "the governor was upgraded: its storage may mean something else now");
    }
    return HT_OK;
}

/* --- JSON -------------------------------------------------------------------------------------*/

static json_t *hex_json(ht_bytes bytes) {
    char text[HT_HEX_SIZE(32)];
    ht_assert(bytes.n <= 32);
    ht_hex_write(text, bytes);
    return json_string(text);
}

json_t *ht_gov_profile_json(const struct ht_gov_profile *profile) {
    char fixed[HT_U256_DECIMAL_SIZE];
    (void)ht_u256_to_decimal(fixed, &profile->fixed_quorum);
    return json_pack(
        "{s:s, s:I, s:o, s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:i, s:b, s:o, s:I, s:b, s:b, s:b, "
        "s:i, s:I, s:s, s:i, s:I}",
        "name", profile->name, "chain", (json_int_t)profile->chain_id, "address",
        hex_json(HT_BYTES(profile->address.b)), "code_hash",
        hex_json(HT_BYTES(profile->code_hash.b)), "proxy", (int)profile->proxy, "implementation",
        hex_json(HT_BYTES(profile->implementation.b)), "implementation_hash",
        hex_json(HT_BYTES(profile->implementation_hash.b)), "layout",
        ht_gov_layout_json(&profile->layout), "token", hex_json(HT_BYTES(profile->token.b)),
        "token_layout", ht_gov_token_json(&profile->token_layout), "token_decimals",
        (int)profile->token_decimals, "has_timelock", (int)profile->has_timelock, "timelock",
        hex_json(HT_BYTES(profile->timelock.b)), "start_block", (json_int_t)profile->start_block,
        "is_sequential", (int)profile->is_sequential, "is_keyed", (int)profile->is_keyed,
        "quorum_counts_abstain", (int)profile->quorum_counts_abstain, "quorum",
        (int)profile->quorum, "denominator", (json_int_t)profile->denominator, "fixed_quorum",
        fixed, "ballots", (int)profile->ballots, "grace_s", (json_int_t)profile->grace_s);
}

/* A number up to max that stands for a name of an enum, or a small quantity. */
static enum ht_err read_small(uint64_t *out, const json_t *from, const char *key, uint64_t max,
                              struct ht_why *why) {
    enum ht_err err = ht_json_u64(out, from, key, why);
    if (err == HT_OK && *out > max) return ht_fail(why, HT_EINPUT, "bad_profile", "%s", key);
    return err;
}

static enum ht_err read_flags(struct ht_gov_profile *out, const json_t *from, struct ht_why *why) {
    enum ht_err err = ht_json_bool(&out->has_timelock, from, "has_timelock", why);
    if (err == HT_OK) err = ht_json_bool(&out->is_sequential, from, "is_sequential", why);
    if (err == HT_OK) err = ht_json_bool(&out->is_keyed, from, "is_keyed", why);
    if (err == HT_OK) {
        err = ht_json_bool(&out->quorum_counts_abstain, from, "quorum_counts_abstain", why);
    }
    return err;
}

static enum ht_err read_numbers(struct ht_gov_profile *out, const json_t *from,
                                struct ht_why *why) {
    uint64_t proxy = 0;
    uint64_t quorum = 0;
    uint64_t ballots = 0;
    uint64_t decimals = 0;
    ht_bytes fixed = {0};
    enum ht_err err = ht_json_u64(&out->chain_id, from, "chain", why);
    if (err == HT_OK) err = ht_json_u64(&out->start_block, from, "start_block", why);
    if (err == HT_OK) err = ht_json_u64(&out->denominator, from, "denominator", why);
    if (err == HT_OK) err = ht_json_u64(&out->grace_s, from, "grace_s", why);
    if (err == HT_OK) err = read_small(&proxy, from, "proxy", HT_GOV_PROXY_CLONE, why);
    if (err == HT_OK) err = read_small(&quorum, from, "quorum", HT_GOV_QUORUM_CALLED, why);
    if (err == HT_OK) err = read_small(&ballots, from, "ballots", HT_GOV_BALLOTS_BRAVO, why);
    if (err == HT_OK) err = read_small(&decimals, from, "token_decimals", UINT8_MAX, why);
    if (err == HT_OK) err = ht_json_str(&fixed, from, "fixed_quorum", why);
    if (err == HT_OK) err = ht_u256_from_decimal(&out->fixed_quorum, fixed);
    if (err != HT_OK) return err;
    out->proxy = (enum ht_gov_proxy)proxy;
    out->quorum = (enum ht_gov_quorum)quorum;
    out->ballots = (enum ht_gov_ballots)ballots;
    out->token_decimals = (uint8_t)decimals;
    return HT_OK;
}

static enum ht_err read_bytes(struct ht_gov_profile *out, const json_t *from, struct ht_why *why) {
    const struct {
        const char *key;
        uint8_t *to;
        size_t n;
    } members[] = {
        {"address", out->address.b, 20},
        {"code_hash", out->code_hash.b, 32},
        {"implementation", out->implementation.b, 20},
        {"implementation_hash", out->implementation_hash.b, 32},
        {"token", out->token.b, 20},
        {"timelock", out->timelock.b, 20},
    };
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < sizeof members / sizeof *members; i++) {
        err = ht_json_hex(members[i].to, members[i].n, from, members[i].key, why);
    }
    return err;
}

enum ht_err ht_gov_profile_read(struct ht_gov_profile *out, const json_t *from,
                                struct ht_why *why) {
    struct ht_gov_profile profile = {.name = ""};
    const char *name = NULL;
    enum ht_err err = ht_json_text(&name, from, "name", why);
    if (err == HT_OK) (void)snprintf(profile.name, sizeof profile.name, "%s", name);
    if (err == HT_OK) err = read_bytes(&profile, from, why);
    if (err == HT_OK) err = read_numbers(&profile, from, why);
    if (err == HT_OK) err = read_flags(&profile, from, why);
    if (err == HT_OK) {
        err = ht_gov_layout_read(&profile.layout, ht_json_member(from, "layout"), why);
    }
    if (err == HT_OK) {
        err = ht_gov_token_read(&profile.token_layout, ht_json_member(from, "token_layout"), why);
    }
    if (err != HT_OK) {
        return ht_fail(why, HT_EINPUT, "bad_profile", "a kept profile cannot be read");
    }
    *out = profile;
    return HT_OK;
}

/* --- well known -------------------------------------------------------------------------------*/

const struct ht_gov_known ht_gov_known[] = {
    {.name = "Compound",
     .chain_id = 1,
     .address = "0x309a862bbC1A00e45506cB8A802D1ff10004c8C0",
     .token = "0xc00e94Cb662C3520282E6f5717214004A7f26888",
     .timelock = "0x6d903f6003cca6255D85CcA4D3B5E5146dC33925",
     .kind = HT_GOV_OZ5,
     .counting = HT_GOV_FRACTIONAL,
     .is_sequential = true,
     .quorum = HT_GOV_QUORUM_AMOUNTS,
     .notes = {"Ids are numbers and go on where the old governor stopped; the hash of a proposal "
               "is kept beside them.",
               "The quorum is an amount that votes can change, not a share of the supply.",
               "Votes that reach the quorum late extend the deadline.",
               "A proposal that is queued and not executed in 14 days expires.",
               "A guardian and a list of trusted proposers can act without the threshold."}},
    {.name = "Compound (until 2024)",
     .chain_id = 1,
     .address = "0xc0Da02939E1441F497fd74F78cE7Decb17B66529",
     .token = "0xc00e94Cb662C3520282E6f5717214004A7f26888",
     .timelock = "0x6d903f6003cca6255D85CcA4D3B5E5146dC33925",
     .kind = HT_GOV_BRAVO,
     .quorum = HT_GOV_QUORUM_CALLED,
     .notes = {"Replaced by another governor, in which its ids go on."}},
    {.name = "Uniswap",
     .chain_id = 1,
     .address = "0x408ED6354d4973f66138C91495F2f2FCbd8724C3",
     .token = "0x1f9840a85d5aF5bf1D1762F925BDADdC4201F984",
     .timelock = "0x1a9C8182C09F50C8318d769245beA52c32BE35BC",
     .kind = HT_GOV_BRAVO,
     .quorum = HT_GOV_QUORUM_CALLED,
     .notes = {"A delegator: its implementation can be replaced.",
               "Two older governors came before it.",
               "Only votes in favour count for the quorum."}},
    {.name = "ENS",
     .chain_id = 1,
     .address = "0x323A76393544d5ecca80cd6ef2A560C6a395b7E3",
     .token = "0xC18360217D8F7Ab5e7c516566761Ea12Ce7F9D72",
     .timelock = "0xFe89cc7aBB2C4183683ab71653C4cdc9B02D44b7",
     .kind = HT_GOV_OZ4,
     .counting = HT_GOV_SIMPLE,
     .is_window_early = true,
     .quorum = HT_GOV_QUORUM_FRACTION,
     .denominator = 10000,
     .start_block = 13533772,
     .notes = {"Of OpenZeppelin 4.3: voting is over with the block that is named as its end.",
               "It has no CLOCK_MODE and counts blocks.",
               "Signed ballots have no number: they cannot be taken back."}},
    {.name = "Gitcoin",
     .chain_id = 1,
     .address = "0x9D4C63565D5618310271bF3F3c01b2954C1D1639",
     .token = "0xDe30da39c46104798bB5aA3fe8B9e0e1F348163F",
     .timelock = "0x57a8865cfB1eCEf7253c27da6B4BC3dAEE5Be518",
     .kind = HT_GOV_OZ4,
     .counting = HT_GOV_FLEXIBLE,
     .quorum = HT_GOV_QUORUM_CALLED,
     .start_block = 17813942,
     .notes = {"Votes may be split.", "An older governor came before it."}},
    {.name = "Nouns",
     .chain_id = 1,
     .address = "0x6f3E6272A167e8AcCb32072d08E0957F9c79223d",
     .token = "0x9C8fF314C9Bc7F6e59A9d9225Fb22946427eDC03",
     .kind = HT_GOV_UNKNOWN,
     .quorum = HT_GOV_QUORUM_CALLED,
     .notes =
         {"A descendant of Bravo that stores proposals otherwise: its numbers come from proven "
          "calls.",
          "Proposals may be edited before voting begins.",
          "The quorum grows with the votes against.",
          "Eleven states, among them Vetoed, ObjectionPeriod and Updatable."}},
    {.name = "Arbitrum Core",
     .chain_id = 42161,
     .address = "0xf07DeD9dC292157749B6Fd268E37DF6EA38395B9",
     .token = "0x912CE59144191C1204E64559FE8253a0e49E6548",
     .kind = HT_GOV_UNKNOWN,
     .quorum = HT_GOV_QUORUM_CALLED,
     .is_elsewhere = true,
     .notes = {"On another chain, whose state this node cannot prove."}},
    {.name = "Arbitrum Treasury",
     .chain_id = 42161,
     .address = "0x789fC99093B09aD01C34DC7251D0C89ce743e5a4",
     .token = "0x912CE59144191C1204E64559FE8253a0e49E6548",
     .kind = HT_GOV_UNKNOWN,
     .quorum = HT_GOV_QUORUM_CALLED,
     .is_elsewhere = true,
     .notes = {"On another chain, whose state this node cannot prove."}},
};
const size_t ht_gov_known_count = sizeof ht_gov_known / sizeof *ht_gov_known;

const struct ht_gov_known *ht_gov_known_find(uint64_t chain_id, const ht_addr20 *address) {
    for (size_t i = 0; i < ht_gov_known_count; i++) {
        ht_addr20 known;
        if (ht_gov_known[i].chain_id != chain_id ||
            ht_hex_read(known.b, 20, ht_bytes_str(ht_gov_known[i].address)) != HT_OK) {
            continue;
        }
        if (memcmp(known.b, address->b, 20) == 0) return &ht_gov_known[i];
    }
    return NULL;
}
