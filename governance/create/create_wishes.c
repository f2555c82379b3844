/* Wishes from JSON, with everything refused that would leave a community unable to decide. */
#include "governance/create/create_wishes.h"

#include <string.h>

#include "governance/text.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

#define PERCENT 100U

/* --- parts --------------------------------------------------------------------------------------
 */

static bool is_plain(ht_bytes text) {
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < 0x20 || text.p[i] == 0x7f) return false;
    }
    return true;
}

/* A name of 1 to max bytes; out has max + 1. */
static enum ht_err read_name(char *out, size_t max, const json_t *params, const char *path,
                             struct ht_why *why) {
    ht_bytes text;
    enum ht_err err = ht_json_str(&text, params, path, why);
    if (err != HT_OK) return err;
    if (text.n == 0 || text.n > max || !is_plain(text)) {
        return ht_fail(why, HT_EINPUT, "wish_name",
                       "%s is not 1 to %zu bytes without control characters", path, max);
    }
    memcpy(out, text.p, text.n);
    out[text.n] = 0;
    return HT_OK;
}

static enum ht_err read_span(uint64_t *out, const json_t *params, const char *path, uint64_t least,
                             struct ht_why *why) {
    uint64_t span;
    enum ht_err err = ht_json_u64(&span, params, path, why);
    if (err != HT_OK) return err;
    if (span < least || span > HT_GOV_CREATE_SPAN_MAX) {
        return ht_fail(why, HT_EINPUT, "wish_span", "%s is not %u to %u", path, (unsigned)least,
                       HT_GOV_CREATE_SPAN_MAX);
    }
    *out = span;
    return HT_OK;
}

/* How many the array has; at most HT_GOV_CREATE_LIST_MAX. */
static enum ht_err read_count(size_t *out, const json_t *params, const char *path,
                              struct ht_why *why) {
    const json_t *list;
    enum ht_err err = ht_json_array(&list, params, path, why);
    if (err != HT_OK) return err;
    size_t count = json_array_size(list);
    if (count > HT_GOV_CREATE_LIST_MAX) {
        return ht_fail(why, HT_ELIMIT, "wish_list", "%s has %zu entries, over %u", path, count,
                       HT_GOV_CREATE_LIST_MAX);
    }
    *out = count;
    return HT_OK;
}

/* --- the vote -----------------------------------------------------------------------------------
 */

static enum ht_err read_clock(struct ht_gov_wishes *out, const json_t *params, struct ht_why *why) {
    const char *text = "blocks";
    if (ht_json_member(params, "clock") != NULL) {
        enum ht_err err = ht_json_text(&text, params, "clock", why);
        if (err != HT_OK) return err;
    }
    if (strcmp(text, "blocks") != 0 && strcmp(text, "time") != 0) {
        return ht_fail(why, HT_EINPUT, "wish_clock", "clock is neither \"blocks\" nor \"time\"");
    }
    out->clock = strcmp(text, "time") == 0 ? HT_GOV_TIME : HT_GOV_BLOCKS;
    return HT_OK;
}

static enum ht_err read_spans(struct ht_gov_wishes *out, const json_t *params, struct ht_why *why) {
    enum ht_err err = read_clock(out, params, why);
    if (err == HT_OK) err = read_span(&out->voting_delay, params, "voting_delay", 1, why);
    if (err == HT_OK) err = read_span(&out->voting_period, params, "voting_period", 1, why);
    if (err == HT_OK) err = read_span(&out->timelock_delay_s, params, "timelock_delay_s", 0, why);
    if (err != HT_OK) return err;
    out->late_extension = out->voting_period / 4;
    if (ht_json_member(params, "late_extension") == NULL) return HT_OK;
    err = read_span(&out->late_extension, params, "late_extension", 0, why);
    if (err == HT_OK && out->late_extension > out->voting_period) {
        err =
            ht_fail(why, HT_EINPUT, "wish_span", "late_extension is longer than the voting period");
    }
    return err;
}

static enum ht_err read_quorum(struct ht_gov_wishes *out, const json_t *params,
                               struct ht_why *why) {
    uint64_t percent;
    enum ht_err err = ht_json_u64(&percent, params, "quorum_percent", why);
    if (err != HT_OK) return err;
    if (percent == 0 || percent > PERCENT) {
        return ht_fail(why, HT_EINPUT, "wish_quorum",
                       "a quorum is 1 to 100 percent of all votes; with none, one vote decides");
    }
    out->quorum_percent = (unsigned)percent;
    return HT_OK;
}

static enum ht_err read_wei(struct ht_gov_wishes *out, const json_t *params, struct ht_why *why) {
    if (ht_json_member(params, "treasury_wei") == NULL) return HT_OK;
    enum ht_err err = ht_gov_u256_param(&out->treasury_wei, params, "treasury_wei", why);
    if (err == HT_OK && ht_u256_bit_length(&out->treasury_wei) > 96) {
        err = ht_fail(why, HT_EINPUT, "wish_wei", "more wei than there are");
    }
    return err;
}

/* --- who votes ----------------------------------------------------------------------------------
 */

static enum ht_err read_holder(struct ht_gov_wishes *out, const json_t *entry, struct ht_why *why) {
    struct ht_gov_holder *one = &out->holders[out->holder_count];
    *one = (struct ht_gov_holder){.is_treasury = ht_json_member(entry, "treasury") != NULL};
    enum ht_err err =
        one->is_treasury ? ht_json_bool(&one->is_treasury, entry, "treasury", why) : HT_OK;
    if (err == HT_OK && !one->is_treasury) {
        err = ht_address_param(&one->address, entry, "address", why);
    }
    if (err == HT_OK) err = ht_gov_u256_param(&one->amount, entry, "amount", why);
    if (err != HT_OK) return err;
    static const ht_addr20 zero;
    if (ht_u256_is_zero(&one->amount) ||
        (!one->is_treasury && memcmp(&one->address, &zero, 20) == 0)) {
        return ht_fail(why, HT_EINPUT, "wish_holders", "a holder without an address or amount");
    }
    for (size_t i = 0; i < out->holder_count; i++) {
        const struct ht_gov_holder *other = &out->holders[i];
        if (other->is_treasury != one->is_treasury) continue;
        if (memcmp(&other->address, &one->address, sizeof one->address) != 0) continue;
        return ht_fail(why, HT_EINPUT, "wish_holders", "the same holder is there twice");
    }
    out->holder_count++;
    return HT_OK;
}

/* Can the quorum be reached and the threshold be met by those who vote? */
static enum ht_err check_reach(const struct ht_gov_wishes *wishes, struct ht_why *why) {
    ht_u256 all = {{0}}, voting = {{0}}, need, have, percent = ht_u256_of(PERCENT);
    bool is_over = false;
    for (size_t i = 0; i < wishes->holder_count; i++) {
        const struct ht_gov_holder *one = &wishes->holders[i];
        is_over |= ht_u256_add_overflow(&all, &all, &one->amount);
        if (!one->is_treasury) is_over |= ht_u256_add_overflow(&voting, &voting, &one->amount);
    }
    if (is_over || ht_u256_bit_length(&all) > 208) {
        return ht_fail(why, HT_EINPUT, "wish_holders", "more votes than can be counted (2^208)");
    }
    ht_u256 quorum = ht_u256_of(wishes->quorum_percent);
    ht_u256_mul(&need, &all, &quorum);
    ht_u256_mul(&have, &voting, &percent);
    if (ht_u256_is_zero(&voting) || ht_u256_compare(&have, &need) < 0) {
        return ht_fail(why, HT_EINPUT, "wish_quorum",
                       "the quorum could never be reached: the treasury's share does not vote");
    }
    if (ht_u256_compare(&wishes->threshold, &voting) > 0) {
        return ht_fail(why, HT_EINPUT, "wish_threshold",
                       "nobody could ever propose: the threshold is over all votes there are");
    }
    return HT_OK;
}

static enum ht_err read_token(struct ht_gov_wishes *out, const json_t *params, struct ht_why *why) {
    size_t count = 0;
    const json_t *token;
    enum ht_err err = ht_json_get(&token, params, "token", why);
    if (err == HT_OK) {
        err = read_name(out->token_name, HT_GOV_CREATE_NAME_MAX, params, "token.name", why);
    }
    if (err == HT_OK) {
        err = read_name(out->symbol, HT_GOV_CREATE_SYMBOL_MAX, params, "token.symbol", why);
    }
    if (err == HT_OK) err = read_count(&count, params, "token.holders", why);
    const json_t *list = ht_json_member(ht_json_member(params, "token"), "holders");
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        err = read_holder(out, json_array_get(list, i), why);
        if (err != HT_OK) ht_why_context(why, "holder %zu", i + 1);
    }
    return err == HT_OK ? check_reach(out, why) : err;
}

static enum ht_err read_uids(struct ht_gov_wishes *out, const json_t *params, struct ht_why *why) {
    if (ht_json_member(params, "attestations") == NULL) return HT_OK;
    size_t count;
    enum ht_err err = read_count(&count, params, "attestations", why);
    const json_t *list = ht_json_member(params, "attestations");
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        err = ht_json_hex(out->uids[i].b, sizeof out->uids[i].b, json_array_get(list, i), "", why);
        out->uid_count = i + 1;
    }
    return err;
}

static enum ht_err read_attesters(struct ht_gov_wishes *out, const json_t *params,
                                  struct ht_why *why) {
    size_t count = 0;
    enum ht_err err = read_count(&count, params, "attesters", why);
    if (err == HT_OK && count == 0) {
        err = ht_fail(why, HT_EINPUT, "wish_people", "without attesters nobody could ever vote");
    }
    const json_t *list = ht_json_member(params, "attesters");
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        err = ht_address_param(&out->attesters[i], json_array_get(list, i), "", why);
        out->attester_count = i + 1;
    }
    return err;
}

static enum ht_err read_people(struct ht_gov_wishes *out, const json_t *params,
                               const ht_addr20 *eas, struct ht_why *why) {
    if (eas == NULL) {
        return ht_fail(why, HT_ENOTFOUND, "no_eas",
                       "no attestation service is known on this network");
    }
    out->eas = *eas;
    memcpy(out->symbol, "VOTE", sizeof "VOTE");
    enum ht_err err = HT_OK;
    if (ht_json_member(params, "symbol") != NULL) {
        err = read_name(out->symbol, HT_GOV_CREATE_SYMBOL_MAX, params, "symbol", why);
    }
    if (err == HT_OK) {
        err = ht_json_hex(out->schema.b, sizeof out->schema.b, params, "schema", why);
    }
    if (err == HT_OK && ht_hash32_is_zero(&out->schema)) {
        err = ht_fail(why, HT_EINPUT, "wish_people", "the schema is zero");
    }
    if (err == HT_OK) err = read_attesters(out, params, why);
    return err == HT_OK ? read_uids(out, params, why) : err;
}

static enum ht_err read_existing(struct ht_gov_wishes *out, const json_t *params,
                                 struct ht_why *why) {
    static const ht_addr20 zero;
    enum ht_err err = ht_address_param(&out->existing, params, "existing", why);
    if (err == HT_OK && memcmp(&out->existing, &zero, sizeof zero) == 0) {
        err = ht_fail(why, HT_EINPUT, "wish_token", "the token's address is zero");
    }
    return err;
}

static enum ht_err read_voters(struct ht_gov_wishes *out, const json_t *params,
                               const ht_addr20 *eas, struct ht_why *why) {
    const char *kind;
    bool is_old = ht_json_member(params, "existing") != NULL;
    bool is_new = ht_json_member(params, "token") != NULL;
    enum ht_err err = ht_json_text(&kind, params, "kind", why);
    if (err != HT_OK) return err;
    if (strcmp(kind, "people") == 0) {
        out->by = HT_GOV_BY_PEOPLE;
        return read_people(out, params, eas, why);
    }
    if (strcmp(kind, "token") != 0) {
        return ht_fail(why, HT_EINPUT, "wish_kind", "kind is neither \"token\" nor \"people\"");
    }
    if (is_old == is_new) {
        return ht_fail(why, HT_EINPUT, "wish_token", "either a new token or an existing one");
    }
    out->by = is_old ? HT_GOV_BY_HOLDERS : HT_GOV_BY_TOKEN;
    return is_old ? read_existing(out, params, why) : read_token(out, params, why);
}

enum ht_err ht_gov_wishes_read(struct ht_gov_wishes *out, const json_t *params,
                               const ht_addr20 *eas, struct ht_why *why) {
    struct ht_gov_wishes wishes = {.by = HT_GOV_BY_TOKEN};
    enum ht_err err = read_name(wishes.name, HT_GOV_CREATE_NAME_MAX, params, "name", why);
    if (err == HT_OK) err = read_spans(&wishes, params, why);
    if (err == HT_OK) err = read_quorum(&wishes, params, why);
    if (err == HT_OK) err = ht_gov_u256_param(&wishes.threshold, params, "threshold", why);
    if (err == HT_OK) err = read_wei(&wishes, params, why);
    if (err == HT_OK) err = read_voters(&wishes, params, eas, why);
    if (err == HT_OK) *out = wishes;
    return err;
}
