/* Audit cases: what an untrusted provider hands over for one proposal, and what is to be decided.
 * {"target", "anchor", "provided", "expect": {"verdict": "accept" | "reject" [, "tally", "votes",
 * "voterListComplete", "uncheckedBlocks", "missing"]}}. Inside of "provided", {"$header": n} and
 * {"$receipts": "n"} stand for headers.json[n] and receipts.json["n"] of the folder above. Reasons
 * are the decider's own; the verdict is not. */
#include <stdlib.h>

#include "governance/count/audit.h"
#include "tests/vectors/suite_governance.h"

/* The files that cases refer to, read once for cases of one folder. */
static struct {
    char folder[4096];
    json_t *headers, *receipts;
} shared;

static void load_shared(const char *path) {
    const char *slash = strrchr(path, '/');
    const size_t n = slash != NULL ? (size_t)(slash - path) : 0;
    if (n >= sizeof shared.folder) return;
    if (shared.headers != NULL && strlen(shared.folder) == n &&
        memcmp(shared.folder, path, n) == 0) {
        return;
    }
    json_decref(shared.headers);
    json_decref(shared.receipts);
    memcpy(shared.folder, path, n);
    shared.folder[n] = '\0';
    shared.headers = ht_governance_beside(path, "../headers.json");
    shared.receipts = ht_governance_beside(path, "../receipts.json");
}

/* What a reference stands for, else the value itself; borrowed, NULL when it leads nowhere. */
static json_t *follow(json_t *value) {
    const json_t *header = json_object_get(value, "$header");
    const json_t *receipts = json_object_get(value, "$receipts");
    if (json_is_integer(header)) {
        return json_array_get(shared.headers, (size_t)json_integer_value(header));
    }
    if (!json_is_string(receipts)) return value;
    return json_object_get(shared.receipts, json_string_value(receipts));
}

/* A copy of the case that needs no other file; NULL when something it refers to is not there. */
static json_t *expand(const json_t *document) {
    json_t *copy = json_deep_copy(document);
    json_t *provided = json_object_get(copy, "provided");
    json_t *headers = json_object_get(provided, "headers");
    json_t *receipts = json_object_get(provided, "receipts");
    const char *key;
    json_t *one;
    void *next;
    bool is_whole = copy != NULL;
    for (size_t i = 0; i < json_array_size(headers); i++) {
        one = follow(json_array_get(headers, i));
        is_whole = is_whole && one != NULL && json_array_set(headers, i, one) == 0;
    }
    json_object_foreach_safe(receipts, next, key, one) {
        json_t *list = follow(one);
        is_whole = is_whole && list != NULL && json_object_set(receipts, key, list) == 0;
    }
    if (is_whole) return copy;
    json_decref(copy);
    return NULL;
}

static enum ht_err same_number(const json_t *expect, const char *path, const ht_u256 *got,
                               struct ht_why *why) {
    ht_u256 want;
    const char *text = NULL;
    enum ht_err err = ht_json_text(&text, expect, path, why);
    if (err == HT_OK) err = ht_u256_from_decimal(&want, ht_bytes_str(text));
    if (err != HT_OK) return err;
    return ht_u256_equal(&want, got) ? HT_OK : ht_governance_differs(path, why);
}

static enum ht_err same_unchecked(const json_t *expect, const struct ht_gov_result *result,
                                  struct ht_why *why) {
    const json_t *blocks = json_object_get(expect, "uncheckedBlocks");
    if (blocks == NULL) return HT_OK;
    if (json_array_size(blocks) != result->unchecked_count) {
        return ht_governance_differs("number of unchecked blocks", why);
    }
    for (size_t i = 0; i < result->unchecked_count && i < 64; i++) {
        const json_int_t block = json_integer_value(json_array_get(blocks, i));
        if (block != (json_int_t)result->unchecked[i]) {
            return ht_governance_differs("unchecked block", why);
        }
    }
    return HT_OK;
}

static enum ht_err check_accepted(const json_t *expect, const struct ht_gov_audit *audit,
                                  struct ht_why *why) {
    const struct ht_gov_result *result = &audit->result;
    const json_t *votes = json_object_get(expect, "votes");
    bool is_complete = false;
    enum ht_err err = ht_json_bool(&is_complete, expect, "voterListComplete", why);
    if (err != HT_OK) return err;
    if (!result->tally_proven) return ht_governance_differs("tally_proven", why);
    if (is_complete != result->list_proven) return ht_governance_differs("list_proven", why);
    if (votes != NULL && json_integer_value(votes) != (json_int_t)result->votes) {
        return ht_governance_differs("number of votes", why);
    }
    err = same_unchecked(expect, result, why);
    if (err != HT_OK || json_object_get(expect, "tally") == NULL) return err;
    err = same_number(expect, "tally.against", &result->against, why);
    if (err == HT_OK) err = same_number(expect, "tally.for", &result->in_favour, why);
    return err == HT_OK ? same_number(expect, "tally.abstain", &result->abstain, why) : err;
}

static enum ht_err check_missing(const json_t *expect, const struct ht_gov_audit *audit,
                                 struct ht_why *why) {
    const struct ht_gov_shortfall *missing = &audit->result.missing;
    if (json_object_get(expect, "missing") == NULL ||
        strcmp(audit->why.code, "tally_incomplete") != 0) {
        return HT_OK;
    }
    enum ht_err err = same_number(expect, "missing[0]", &missing->against, why);
    if (err == HT_OK) err = same_number(expect, "missing[1]", &missing->in_favour, why);
    return err == HT_OK ? same_number(expect, "missing[2]", &missing->abstain, why) : err;
}

static enum ht_err judge(const json_t *bundle, const json_t *expect, struct ht_why *why) {
    struct ht_gov_audit audit;
    const char *verdict = NULL;
    enum ht_err err = ht_json_text(&verdict, expect, "verdict", why);
    if (err == HT_OK) err = ht_gov_audit_check(&audit, bundle, why);
    if (err != HT_OK) return err;
    const bool wants_accept = strcmp(verdict, "accept") == 0;
    if (audit.is_accepted != wants_accept) {
        return ht_fail(why, HT_EBUG, "case", "expected %s, got %s (%s: %s)", verdict,
                       audit.is_accepted ? "accept" : "reject", audit.why.code, audit.why.text);
    }
    return wants_accept ? check_accepted(expect, &audit, why) : check_missing(expect, &audit, why);
}

void ht_governance_run_audit(struct ht_governance_run *run, const json_t *document,
                             const char *path) {
    const json_t *expect = json_object_get(document, "expect");
    const char *title = json_string_value(json_object_get(document, "title"));
    struct ht_why why = {.code = ""};
    if (!json_is_object(json_object_get(document, "target")) ||
        !json_is_object(json_object_get(document, "provided")) ||
        !json_is_string(json_object_get(expect, "verdict"))) {
        return;
    }
    if (title == NULL) title = "audit";
    load_shared(path);
    json_t *bundle = expand(document);
    if (bundle == NULL) {
        ht_governance_skip(run, title, "a header or receipts that it refers to are not there");
        return;
    }
    ht_governance_report(run, title, judge(bundle, expect, &why), &why);
    json_decref(bundle);
}
