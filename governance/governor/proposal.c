/* Proposals out of their logs, their ids, and who may submit them.
 *
 * Logs are read by a decoder of its own, since a description need not be UTF-8. What storage says
 * of a proposal is in proposal_state.c. */
#include "governance/governor/proposal.h"

#include "node/crypto/keccak.h"

static enum ht_err refuse(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "bad_proposal_log", "a log of a proposal: %s", what);
}

static enum ht_err too_large(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_ELIMIT, "proposal_too_large", "a proposal with %s", what);
}

/* --- decoding ---------------------------------------------------------------------------------*/

/* A number below the length of the data, at an offset within it. */
static bool read_small(size_t *out, ht_bytes data, size_t at) {
    if (at > data.n || data.n - at < 32) return false;
    ht_u256 value = ht_u256_from_be32(data.p + at);
    if (!ht_u256_is_u64(&value) || value.limb[0] > data.n) return false;
    *out = (size_t)value.limb[0];
    return true;
}

/* Where the array begins that the head's word names: its elements; and how many there are. */
static bool read_array(size_t *elements, size_t *count, ht_bytes data, size_t index) {
    size_t at = 0;
    if (!read_small(&at, data, 32 * index) || !read_small(count, data, at)) return false;
    *elements = at + 32;
    return *count <= (data.n - *elements) / 32;
}

static bool read_bytes(ht_bytes *out, ht_bytes data, size_t at) {
    size_t n = 0;
    if (!read_small(&n, data, at) || n > data.n - at - 32) return false;
    *out = ht_bytes_of(data.p + at + 32, n);
    return true;
}

static bool read_element(ht_bytes *out, ht_bytes data, size_t elements, size_t i) {
    size_t offset = 0;
    if (!read_small(&offset, data, elements + 32 * i) || offset > data.n - elements) return false;
    return read_bytes(out, data, elements + offset);
}

static bool read_address(ht_addr20 *out, const uint8_t word[static 32]) {
    static const uint8_t zeros[12];
    memcpy(out->b, word + 12, 20);
    return memcmp(word, zeros, sizeof zeros) == 0;
}

static bool read_u64(uint64_t *out, const uint8_t word[static 32]) {
    ht_u256 value = ht_u256_from_be32(word);
    *out = value.limb[0];
    return ht_u256_is_u64(&value);
}

static enum ht_err read_actions(struct ht_gov_proposal *out, ht_bytes data, struct ht_why *why) {
    size_t at[4] = {0};
    size_t counts[4] = {0};
    for (size_t i = 0; i < 4; i++) {
        if (!read_array(&at[i], &counts[i], data, 2 + i)) return refuse(why, "its lists");
        if (counts[i] != counts[0]) return refuse(why, "its lists are not equally long");
    }
    if (counts[0] > HT_GOV_ACTIONS_MAX) return too_large(why, "too many actions");
    for (size_t i = 0; i < counts[0]; i++) {
        struct ht_gov_action *action = &out->actions[i];
        if (!read_address(&action->target, data.p + at[0] + 32 * i)) {
            return refuse(why, "a target");
        }
        action->value = ht_u256_from_be32(data.p + at[1] + 32 * i);
        if (!read_element(&action->signature, data, at[2], i) ||
            !read_element(&action->calldata, data, at[3], i)) {
            return refuse(why, "an action");
        }
        if (action->calldata.n > HT_GOV_CALLDATA_MAX || action->signature.n > HT_GOV_CALLDATA_MAX) {
            return too_large(why, "an action too long");
        }
    }
    out->action_count = counts[0];
    return HT_OK;
}

static enum ht_err copy(ht_bytes *view, struct ht_arena *arena, struct ht_why *why) {
    char *own = ht_arena_copy_str(arena, *view);
    if (own == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no room for a proposal");
    *view = ht_bytes_of(own, view->n);
    return HT_OK;
}

static enum ht_err copy_texts(struct ht_gov_proposal *out, struct ht_arena *arena,
                              struct ht_why *why) {
    enum ht_err err = copy(&out->description, arena, why);
    for (size_t i = 0; err == HT_OK && i < out->action_count; i++) {
        err = copy(&out->actions[i].signature, arena, why);
        if (err == HT_OK) err = copy(&out->actions[i].calldata, arena, why);
    }
    return err;
}

enum ht_err ht_gov_proposal_read(struct ht_gov_proposal *out, struct ht_arena *arena, ht_bytes data,
                                 struct ht_why *why) {
    size_t at = 0;
    *out = (struct ht_gov_proposal){.action_count = 0};
    if (data.n < 9 * (size_t)32) return refuse(why, "it is too short");
    out->id = ht_u256_from_be32(data.p);
    if (!read_address(&out->proposer, data.p + 32)) return refuse(why, "its proposer");
    if (!read_u64(&out->start, data.p + 6 * 32) || !read_u64(&out->end, data.p + 7 * 32) ||
        out->start > out->end) {
        return refuse(why, "its times");
    }
    if (!read_small(&at, data, 8 * 32) || !read_bytes(&out->description, data, at)) {
        return refuse(why, "its description");
    }
    if (out->description.n > HT_GOV_DESCRIPTION_MAX) return too_large(why, "a text too long");
    enum ht_err err = read_actions(out, data, why);
    if (err != HT_OK) return err;
    ht_keccak256(&out->description_hash, out->description);
    return copy_texts(out, arena, why);
}

/* --- ids --------------------------------------------------------------------------------------*/

static void hash_number(struct ht_keccak256 *hash, uint64_t n) {
    uint8_t word[32];
    ht_u256 value = ht_u256_of(n);
    ht_u256_to_be(word, &value);
    ht_keccak256_update(hash, HT_BYTES(word));
}

static uint64_t padded(size_t n) {
    return ((uint64_t)n + 31) / 32 * 32;
}

static void hash_calldatas(struct ht_keccak256 *hash, const struct ht_gov_proposal *proposal) {
    static const uint8_t zeros[32];
    uint64_t offset = 32 * (uint64_t)proposal->action_count;
    hash_number(hash, proposal->action_count);
    for (size_t i = 0; i < proposal->action_count; i++) {
        hash_number(hash, offset);
        offset += 32 + padded(proposal->actions[i].calldata.n);
    }
    for (size_t i = 0; i < proposal->action_count; i++) {
        ht_bytes calldata = proposal->actions[i].calldata;
        hash_number(hash, calldata.n);
        ht_keccak256_update(hash, calldata);
        ht_keccak256_update(hash, ht_bytes_of(zeros, padded(calldata.n) - calldata.n));
    }
}

/* keccak256(abi.encode(targets, values, calldatas, words…)), without keeping the encoding. */
static void hash_actions(ht_hash32 *out, const struct ht_gov_proposal *proposal,
                         const ht_hash32 *words, size_t word_count) {
    struct ht_keccak256 hash;
    uint8_t word[32] = {0};
    uint64_t list = 32 * (1 + (uint64_t)proposal->action_count);
    uint64_t head = 32 * (3 + (uint64_t)word_count);
    ht_keccak256_init(&hash);
    for (uint64_t i = 0; i < 3; i++) hash_number(&hash, head + i * list);
    for (size_t i = 0; i < word_count; i++) ht_keccak256_update(&hash, HT_BYTES(words[i].b));
    hash_number(&hash, proposal->action_count);
    for (size_t i = 0; i < proposal->action_count; i++) {
        memcpy(word + 12, proposal->actions[i].target.b, 20);
        ht_keccak256_update(&hash, HT_BYTES(word));
    }
    hash_number(&hash, proposal->action_count);
    for (size_t i = 0; i < proposal->action_count; i++) {
        ht_u256_to_be(word, &proposal->actions[i].value);
        ht_keccak256_update(&hash, HT_BYTES(word));
    }
    hash_calldatas(&hash, proposal);
    ht_keccak256_final(out, &hash);
}

enum ht_err ht_gov_proposal_hash(ht_u256 *out, const struct ht_gov_proposal *proposal) {
    ht_hash32 hash;
    hash_actions(&hash, proposal, &proposal->description_hash, 1);
    *out = ht_u256_from_be32(hash.b);
    return HT_OK;
}

enum ht_err ht_gov_timelock_id(ht_hash32 *out, const struct ht_gov_proposal *proposal,
                               const ht_addr20 *governor, bool is_oz4) {
    /* No predecessor, then the salt. */
    ht_hash32 words[2] = {{{0}}, proposal->description_hash};
    for (size_t i = 0; !is_oz4 && i < sizeof governor->b; i++) words[1].b[i] ^= governor->b[i];
    hash_actions(out, proposal, words, 2);
    return HT_OK;
}

/* --- who may submit ---------------------------------------------------------------------------*/

static bool read_digit(uint8_t *out, uint8_t c) {
    if (c >= '0' && c <= '9')
        *out = (uint8_t)(c - '0');
    else if (c >= 'a' && c <= 'f')
        *out = (uint8_t)(c - 'a' + 10);
    else if (c >= 'A' && c <= 'F')
        *out = (uint8_t)(c - 'A' + 10);
    else
        return false;
    return true;
}

bool ht_gov_proposal_guard(ht_addr20 *proposer, ht_bytes description) {
    static const char marker[] = "#proposer=0x";
    size_t n = sizeof marker - 1 + 2 * sizeof proposer->b;
    ht_addr20 address;
    if (description.n < n) return false;
    const uint8_t *end = description.p + description.n - n;
    if (memcmp(end, marker, sizeof marker - 1) != 0) return false;
    end += sizeof marker - 1;
    for (size_t i = 0; i < sizeof address.b; i++) {
        uint8_t high = 0;
        uint8_t low = 0;
        if (!read_digit(&high, end[2 * i]) || !read_digit(&low, end[2 * i + 1])) return false;
        address.b[i] = (uint8_t)(high << 4 | low);
    }
    *proposer = address;
    return true;
}
