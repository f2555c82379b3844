/* Logs of votes, read from their ABI encoding. */
#include "governance/governor/votes.h"

#define SPLIT_SIZE 48U /* three numbers of 128 bits */
#define SUPPORT_BY_PARAMS 255U

const ht_hash32 ht_gov_topic_proposal_created = {{0x7d, 0x84, 0xa6, 0x26, 0x3a, 0xe0, 0xd9, 0x8d,
                                                  0x33, 0x29, 0xbd, 0x7b, 0x46, 0xbb, 0x4e, 0x8d,
                                                  0x6f, 0x98, 0xcd, 0x35, 0xa7, 0xad, 0xb4, 0x5c,
                                                  0x27, 0x4c, 0x8b, 0x7f, 0xd5, 0xeb, 0xd5, 0xe0}};
const ht_hash32 ht_gov_topic_vote_cast = {{0xb8, 0xe1, 0x38, 0x88, 0x7d, 0x0a, 0xa1, 0x3b,
                                           0xab, 0x44, 0x7e, 0x82, 0xde, 0x9d, 0x5c, 0x17,
                                           0x77, 0x04, 0x1e, 0xcd, 0x21, 0xca, 0x36, 0xba,
                                           0x82, 0x4f, 0xf1, 0xe6, 0xc0, 0x7d, 0xdd, 0xa4}};
const ht_hash32 ht_gov_topic_vote_cast_with_params = {
    {0xe2, 0xba, 0xbf, 0xba, 0xc5, 0x88, 0x9a, 0x70, 0x9b, 0x63, 0xbb,
     0x7f, 0x59, 0x8b, 0x32, 0x4e, 0x08, 0xbc, 0x5a, 0x4f, 0xb9, 0xec,
     0x64, 0x7f, 0xb3, 0xcb, 0xc9, 0xec, 0x07, 0xeb, 0x87, 0x12}};
const ht_hash32 ht_gov_topic_vote_reduced = {{0xa3, 0xe9, 0xdc, 0x6f, 0x75, 0xdd, 0x03, 0xaf,
                                              0xa4, 0x23, 0xda, 0x74, 0x98, 0xd3, 0x45, 0x52,
                                              0x8f, 0x37, 0x8d, 0x27, 0xf4, 0x0d, 0x23, 0xf6,
                                              0x96, 0x93, 0xce, 0xc6, 0x1e, 0x1c, 0xd1, 0x27}};
const ht_hash32 ht_gov_topic_override_vote_cast = {
    {0x49, 0x54, 0x9b, 0xd0, 0x37, 0x96, 0xfa, 0x3a, 0xec, 0x6f, 0x7a,
     0xda, 0xb5, 0x15, 0xdd, 0x07, 0xe1, 0xb4, 0xd2, 0x02, 0x12, 0x98,
     0xa5, 0x16, 0xbd, 0x2a, 0x04, 0x8c, 0x95, 0x41, 0x3c, 0x71}};

bool ht_gov_is_vote(const ht_hash32 *topic) {
    return ht_hash32_equal(topic, &ht_gov_topic_vote_cast) ||
           ht_hash32_equal(topic, &ht_gov_topic_vote_cast_with_params) ||
           ht_hash32_equal(topic, &ht_gov_topic_vote_reduced) ||
           ht_hash32_equal(topic, &ht_gov_topic_override_vote_cast);
}

static enum ht_err refuse(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "bad_vote_log", "a log of a vote: %s", what);
}

/* The bytes that the head's word `index` points to. */
static bool read_bytes(ht_bytes *out, ht_bytes data, size_t index) {
    ht_u256 at = ht_u256_from_be32(data.p + 32 * index);
    if (!ht_u256_is_u64(&at) || at.limb[0] > data.n || data.n - at.limb[0] < 32) return false;
    size_t from = (size_t)at.limb[0] + 32;
    ht_u256 n = ht_u256_from_be32(data.p + from - 32);
    if (!ht_u256_is_u64(&n) || n.limb[0] > data.n - from) return false;
    *out = ht_bytes_of(data.p + from, (size_t)n.limb[0]);
    return true;
}

static enum ht_err bad_params(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "bad_params", "a vote in parts: %s", what);
}

/* Against, For, Abstain; the sum goes out. */
static enum ht_err read_split(struct ht_gov_vote *vote, ht_u256 *sum, struct ht_why *why) {
    if (vote->params.n != SPLIT_SIZE) return bad_params(why, "its params have not 48 bytes");
    *sum = ht_u256_of(0);
    for (size_t i = 0; i < 3; i++) {
        uint8_t word[32] = {0};
        memcpy(word + 16, vote->params.p + 16 * i, 16);
        vote->split[i] = ht_u256_from_be32(word);
        ht_u256_add(sum, sum, &vote->split[i]);
    }
    return HT_OK;
}

static enum ht_err put_whole(struct ht_gov_vote *vote, struct ht_why *why) {
    if (vote->support > 2) {
        return ht_fail(why, HT_EINPUT, "bad_support", "a vote for choice %u", vote->support);
    }
    vote->split[vote->support] = vote->weight;
    return HT_OK;
}

static enum ht_err put_split(struct ht_gov_vote *vote, enum ht_gov_counting counting,
                             struct ht_why *why) {
    ht_u256 sum = ht_u256_of(0);
    enum ht_err err = HT_OK;
    switch (counting) {
    case HT_GOV_SIMPLE:
    case HT_GOV_COMPATIBLE:
    case HT_GOV_OVERRIDABLE: return put_whole(vote, why);
    case HT_GOV_FRACTIONAL:
        if (vote->support != SUPPORT_BY_PARAMS) {
            return vote->params.n == 0 ? put_whole(vote, why)
                                       : bad_params(why, "and whole as well");
        }
        err = read_split(vote, &sum, why);
        if (err == HT_OK && !ht_u256_equal(&sum, &vote->weight)) {
            return bad_params(why, "the parts do not add up to its weight");
        }
        return err;
    case HT_GOV_FLEXIBLE: break;
    }
    if (vote->params.n == 0) return put_whole(vote, why);
    err = read_split(vote, &sum, why);
    if (err == HT_OK && ht_u256_compare(&sum, &vote->weight) > 0) {
        return bad_params(why, "the parts are more than its weight");
    }
    return err;
}

static void cut_reason(struct ht_gov_vote *vote) {
    if (vote->reason.n <= HT_GOV_REASON_MAX) return;
    size_t n = HT_GOV_REASON_MAX;
    /* Not through the middle of a character. */
    while (n > 0 && (vote->reason.p[n] & 0xc0) == 0x80) n--;
    vote->reason.n = n;
    vote->is_reason_cut = true;
}

enum ht_err ht_gov_vote_read(struct ht_gov_vote *out, const ht_hash32 *topics, size_t topic_count,
                             ht_bytes data, enum ht_gov_counting counting, struct ht_why *why) {
    static const uint8_t zeros[12];
    struct ht_gov_vote vote = {.reason = ht_bytes_str(""), .params = ht_bytes_str("")};
    if (topic_count != 2 || !ht_gov_is_vote(&topics[0])) return refuse(why, "it is none");
    bool has_params = ht_hash32_equal(&topics[0], &ht_gov_topic_vote_cast_with_params);
    vote.is_reduction = ht_hash32_equal(&topics[0], &ht_gov_topic_vote_reduced);
    vote.is_override = ht_hash32_equal(&topics[0], &ht_gov_topic_override_vote_cast);
    if (memcmp(topics[1].b, zeros, sizeof zeros) != 0) return refuse(why, "its voter");
    if ((vote.is_reduction || vote.is_override) && counting != HT_GOV_OVERRIDABLE) {
        return refuse(why, "nothing is overridden in this way of counting");
    }
    size_t head = vote.is_reduction ? 3 : 4 + (size_t)has_params;
    if (data.n < 32 * head) return refuse(why, "it is too short");
    memcpy(vote.voter.b, topics[1].b + 12, 20);
    vote.id = ht_u256_from_be32(data.p);
    ht_u256 support = ht_u256_from_be32(data.p + 32);
    vote.weight = ht_u256_from_be32(data.p + 64);
    if (!ht_u256_is_u64(&support) || support.limb[0] > UINT8_MAX) return refuse(why, "its choice");
    vote.support = (uint8_t)support.limb[0];
    if (!vote.is_reduction && !read_bytes(&vote.reason, data, 3)) return refuse(why, "its reason");
    if (has_params && !read_bytes(&vote.params, data, 4)) return refuse(why, "its params");
    enum ht_err err = put_split(&vote, counting, why);
    if (err != HT_OK) return err;
    cut_reason(&vote);
    *out = vote;
    return HT_OK;
}

/* --- marks ------------------------------------------------------------------------------------*/

static bool is_zero(const uint8_t *p, size_t n) {
    uint8_t all = 0;
    for (size_t i = 0; i < n; i++) all |= p[i];
    return all == 0;
}

/* From the low end: hasVoted 8, support 8, votes 96. */
static bool read_bravo_mark(struct ht_gov_mark *out, const uint8_t value[static 32]) {
    uint8_t votes[32] = {0};
    memcpy(votes + 20, value + 18, 12);
    out->has_voted = value[31] == 1;
    out->has_support = out->has_weight = out->has_voted;
    out->support = value[30];
    out->weight = ht_u256_from_be32(votes);
    return is_zero(value, 18) && value[31] <= 1 && value[30] <= 2 &&
           (out->has_voted || is_zero(value, 32));
}

/* From the low end: casted 8 (the choice and one), hasOverridden 8, overriddenWeight 208. */
static bool read_override_mark(struct ht_gov_mark *out, const uint8_t value[static 32]) {
    out->has_voted = out->has_support = value[31] != 0;
    out->support = (uint8_t)(value[31] == 0 ? 0 : value[31] - 1);
    return is_zero(value, 4) && value[31] <= 3 && value[30] <= 1;
}

enum ht_err ht_gov_mark_read(struct ht_gov_mark *out, const struct ht_gov_layout *layout,
                             const uint8_t value[static 32], struct ht_why *why) {
    struct ht_gov_mark mark = {.has_voted = !is_zero(value, 32)};
    bool is_fine = layout->kind != HT_GOV_UNKNOWN;
    if (layout->kind == HT_GOV_BRAVO || layout->counting == HT_GOV_COMPATIBLE) {
        is_fine = read_bravo_mark(&mark, value);
    } else if (layout->counting == HT_GOV_OVERRIDABLE) {
        is_fine = read_override_mark(&mark, value);
    } else if (layout->counting == HT_GOV_SIMPLE) {
        is_fine = is_fine && is_zero(value, 31) && value[31] <= 1;
    } else {
        mark.has_weight = true;
        mark.weight = ht_u256_from_be32(value);
    }
    if (!is_fine) {
        return ht_fail(why, HT_EUNVERIFIED, "wrong_layout", "a stored word that marks no voter");
    }
    *out = mark;
    return HT_OK;
}
