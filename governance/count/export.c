/* Votes as CSV and JSON. */
#include "governance/count/export.h"

#include <inttypes.h>
#include <stdio.h>

#include "governance/text.h"
#include "node/codec/address.h"

static const char COLUMNS[] =
    "voter,name,support,weight,against,for,abstain,reason,is_override,block,transaction_index,"
    "log_index,weight_at_snapshot,weight_proven\r\n";

const char *ht_gov_support_name(const struct ht_gov_vote *vote) {
    static const char *const NAMES[] = {"against", "for", "abstain"};
    const size_t k = vote->support;
    if (k > 2 || !ht_u256_equal(&vote->split[k], &vote->weight)) return "split";
    return NAMES[k];
}

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* What is known of the weight; *verdict: "true", "false", or "" for neither. */
static bool weight_of(struct ht_gov_export_weight *out, const char **verdict,
                      const struct ht_gov_export *of, const struct ht_gov_vote *vote) {
    *verdict = "";
    if (of->weight == NULL || !of->weight(of->user, out, vote)) return false;
    if (!out->agrees) *verdict = "false";
    if (out->agrees && out->is_proven) *verdict = "true";
    return true;
}

/* --- CSV -------------------------------------------------------------------------------------- */

static enum ht_err add_field(struct ht_buf *out, const char *text) {
    const bool is_formula = *text != '\0' && strchr("=+-@\t\r", *text) != NULL;
    const bool is_quoted = is_formula || strpbrk(text, ",\"\r\n") != NULL || *text == ' ';
    enum ht_err err = is_quoted ? ht_buf_add_str(out, "\"") : HT_OK;
    if (err == HT_OK && is_formula) err = ht_buf_add_str(out, "'");
    while (err == HT_OK && *text != '\0') {
        const size_t n = strcspn(text, "\"");
        err = ht_buf_add(out, ht_bytes_of(text, n));
        text += n;
        if (*text != '"') continue;
        if (err == HT_OK) err = ht_buf_add_str(out, "\"\"");
        text++;
    }
    if (err == HT_OK && is_quoted) err = ht_buf_add_str(out, "\"");
    return err;
}

static enum ht_err add_text(struct ht_buf *out, ht_bytes text) {
    json_t *shown = ht_gov_text_json(text, HT_GOV_REASON_MAX + sizeof HT_GOV_CUT);
    const char *value = json_string_value(shown);
    enum ht_err err = value != NULL ? add_field(out, value) : HT_ENOMEM;
    json_decref(shown);
    return err;
}

static enum ht_err add_numbers(struct ht_buf *out, const struct ht_gov_vote *vote) {
    char text[4][HT_U256_DECIMAL_SIZE];
    char line[4 * HT_U256_DECIMAL_SIZE + 32];
    ht_u256_to_decimal(text[0], &vote->weight);
    for (size_t k = 0; k < 3; k++) ht_u256_to_decimal(text[k + 1], &vote->split[k]);
    (void)snprintf(line, sizeof line, ",%s,%s,%s,%s,%s,", ht_gov_support_name(vote), text[0],
                   text[1], text[2], text[3]);
    return ht_buf_add_str(out, line);
}

static enum ht_err add_row(struct ht_buf *out, const struct ht_gov_export *of,
                           const struct ht_gov_vote *vote) {
    char address[HT_ADDRESS_TEXT_SIZE];
    char places[96], power[HT_U256_DECIMAL_SIZE] = "", end[HT_U256_DECIMAL_SIZE + 16];
    const char *verdict;
    struct ht_gov_export_weight weight;
    const char *name = of->name != NULL ? of->name(of->user, &vote->voter) : NULL;
    ht_address_checksum(address, &vote->voter);
    enum ht_err err = ht_buf_add_str(out, address);
    if (err == HT_OK) err = ht_buf_add_str(out, ",");
    if (err == HT_OK) err = add_text(out, ht_bytes_str(name != NULL ? name : ""));
    if (err == HT_OK) err = add_numbers(out, vote);
    if (err == HT_OK) err = add_text(out, vote->reason);
    (void)snprintf(places, sizeof places, ",%s,%" PRIu64 ",%" PRIu32 ",%" PRIu32,
                   vote->is_override ? "true" : "false", vote->block, vote->transaction, vote->log);
    if (err == HT_OK) err = ht_buf_add_str(out, places);
    if (weight_of(&weight, &verdict, of, vote)) (void)ht_u256_to_decimal(power, &weight.power);
    (void)snprintf(end, sizeof end, ",%s,%s\r\n", power, verdict);
    return err == HT_OK ? ht_buf_add_str(out, end) : err;
}

enum ht_err ht_gov_export_csv(struct ht_buf *out, const struct ht_gov_export *of,
                              struct ht_why *why) {
    enum ht_err err = ht_buf_add_str(out, COLUMNS);
    for (size_t i = 0; err == HT_OK && i < of->vote_count; i++) {
        err = add_row(out, of, &of->votes[i]);
    }
    if (err == HT_ELIMIT) {
        return ht_fail(why, err, "export_too_large", "the table has more than %zu MiB",
                       out->max >> 20);
    }
    return err == HT_OK ? HT_OK : no_memory(why);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static json_t *numbers_json(const ht_u256 *against, const ht_u256 *in_favour,
                            const ht_u256 *abstain) {
    return json_pack("{s:o, s:o, s:o}", "against", ht_gov_u256_json(against), "for",
                     ht_gov_u256_json(in_favour), "abstain", ht_gov_u256_json(abstain));
}

static json_t *vote_json(const struct ht_gov_export *of, const struct ht_gov_vote *vote) {
    const char *name = of->name != NULL ? of->name(of->user, &vote->voter) : NULL;
    const ht_hash32 *hash = of->block_hash != NULL ? of->block_hash(of->user, vote->block) : NULL;
    const char *support = ht_gov_support_name(vote);
    ht_hash32 mark;
    ht_gov_slot_voter(&mark, of->layout, &of->id, &vote->voter);
    return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:b, s:b, s:{s:I, s:o, s:I, s:I}, s:o}",
                     "voter", ht_address_json(&vote->voter), "name",
                     name != NULL ? ht_gov_text_json(ht_bytes_str(name), 256) : json_null(),
                     "support", support, "weight", ht_gov_u256_json(&vote->weight), "split",
                     strcmp(support, "split") == 0
                         ? numbers_json(&vote->split[0], &vote->split[1], &vote->split[2])
                         : json_null(),
                     "reason",
                     ht_gov_text_json(vote->reason, HT_GOV_REASON_MAX + sizeof HT_GOV_CUT),
                     "is_reason_cut", (int)vote->is_reason_cut, "is_override",
                     (int)vote->is_override, "place", "block", (json_int_t)vote->block,
                     "block_hash", hash != NULL ? ht_gov_hex_json(HT_BYTES(hash->b)) : json_null(),
                     "transaction_index", (json_int_t)vote->transaction, "log_index",
                     (json_int_t)vote->log, "mark_slot", ht_gov_hex_json(HT_BYTES(mark.b)));
}

static int put_weight(json_t *json, const struct ht_gov_export *of,
                      const struct ht_gov_vote *vote) {
    struct ht_gov_export_weight weight;
    const char *verdict;
    bool is_known = weight_of(&weight, &verdict, of, vote);
    json_t *power = is_known ? ht_gov_u256_json(&weight.power) : json_null();
    json_t *proven = *verdict != '\0' ? json_boolean(strcmp(verdict, "true") == 0) : json_null();
    const char *provenance = !is_known ? "unverified" : weight.is_proven ? "proven" : "called";
    return json_object_set_new(json, "weight_at_snapshot", power) |
           json_object_set_new(json, "weight_proven", proven) |
           json_object_set_new(json, "weight_provenance", json_string(provenance));
}

static json_t *votes_json(const struct ht_gov_export *of) {
    json_t *out = json_array();
    for (size_t i = 0; out != NULL && i < of->vote_count; i++) {
        json_t *vote = vote_json(of, &of->votes[i]);
        bool is_whole = vote != NULL && put_weight(vote, of, &of->votes[i]) == 0;
        if (!is_whole) json_decref(vote);
        if (is_whole && json_array_append_new(out, vote) == 0) continue;
        json_decref(out);
        out = NULL;
    }
    return out;
}

static json_t *slots_json(const struct ht_gov_export *of) {
    struct ht_gov_words words;
    json_t *out = json_array();
    ht_gov_words_of(&words, of->layout, &of->id);
    for (size_t i = 0; out != NULL && i < words.count; i++) {
        if (json_array_append_new(out, ht_gov_hex_json(HT_BYTES(words.slot[i].b))) == 0) continue;
        json_decref(out);
        out = NULL;
    }
    return out;
}

static json_t *unchecked_json(const struct ht_gov_result *result) {
    json_t *out = json_array();
    for (size_t i = 0; out != NULL && i < result->unchecked_count && i < 64; i++) {
        if (json_array_append_new(out, json_integer((json_int_t)result->unchecked[i])) == 0) {
            continue;
        }
        json_decref(out);
        out = NULL;
    }
    return out;
}

enum ht_err ht_gov_export_json(json_t **out, const struct ht_gov_export *of, struct ht_why *why) {
    const struct ht_gov_result *result = of->result;
    const struct ht_gov_shortfall *missing = &result->missing;
    json_t *json = json_pack(
        "{s:s, s:I, s:o, s:o, s:{s:I, s:o, s:I, s:b}, s:o, s:o, s:b, s:b, s:b, s:o, s:I, s:{s:o, "
        "s:o}, s:I, s:o}",
        "network", of->network, "chain_id", (json_int_t)of->chain_id, "governor",
        ht_address_json(&of->governor), "proposal_id", ht_gov_u256_json(&of->id), "as_of", "number",
        (json_int_t)result->block, "hash", ht_gov_hex_json(HT_BYTES(of->hash.b)), "timestamp",
        (json_int_t)of->time_s, "is_final", (int)of->is_final, "tally",
        numbers_json(&result->against, &result->in_favour, &result->abstain), "missing",
        result->tally_proven
            ? json_null()
            : numbers_json(&missing->against, &missing->in_favour, &missing->abstain),
        "tally_proven", (int)result->tally_proven, "list_proven", (int)result->list_proven,
        "flags_checked", (int)of->flags_checked, "unchecked_blocks", unchecked_json(result),
        "unchecked_block_count", (json_int_t)result->unchecked_count, "proofs", "account",
        ht_address_json(&of->governor), "slots", slots_json(of), "snapshot",
        (json_int_t)of->snapshot_at, "votes", votes_json(of));
    if (json == NULL) return no_memory(why);
    *out = json;
    return HT_OK;
}
