/* Names of the identity suite (ENSIP-15, EIP-137, ENSIP-10), found in any document:
 *   {"cases": [{"name", "codepoints", "expected": "ok", "normalized", "namehash", "dns" or
 *               "dns_error"} or {"name", "codepoints", "expected": "reject"}],
 *    "registrySlots": [{"name", "namehash", "registry_owner_slot", "registry_resolver_ttl_slot"}],
 *    "reverse": [{"address", "reverseName", "namehash"}]}
 * What "codepoints" says is held against the name that was read. */
#include <stdio.h>
#include <unistr.h>

#include "identity/names/ens_name.h"
#include "node/base/hex.h"
#include "tests/vectors/suite_identity.h"

static ht_bytes text_of(const json_t *one, const char *key) {
    const json_t *text = ht_json_member(one, key);
    return ht_bytes_of(json_string_value(text), json_string_length(text));
}

static enum ht_err differs_unless(bool is_same, const char *what, struct ht_why *why) {
    return is_same ? HT_OK : ht_identity_differs(what, why);
}

/* The name as the document spells it: "61 1f4a9". */
static enum ht_err check_spelling(ht_bytes name, const json_t *one, struct ht_why *why) {
    struct ht_buf spelled;
    ht_buf_init(&spelled, (size_t)1 << 20);
    enum ht_err err = HT_OK;
    for (size_t at = 0; at < name.n && err == HT_OK;) {
        char text[16];
        ucs4_t c = 0;
        int n = u8_mbtouc(&c, name.p + at, name.n - at);
        (void)snprintf(text, sizeof text, "%s%x", at == 0 ? "" : " ", (unsigned)c);
        err = ht_buf_add_str(&spelled, text);
        at += n > 0 ? (size_t)n : 1;
    }
    bool is_same = ht_bytes_equal(ht_buf_view(&spelled), text_of(one, "codepoints"));
    ht_buf_fini(&spelled);
    return err == HT_OK ? differs_unless(is_same, "spelling", why) : err;
}

static enum ht_err check_hash(ht_bytes name, const json_t *one, struct ht_why *why) {
    ht_hash32 got, want;
    enum ht_err err = ht_json_hex(want.b, sizeof want.b, one, "namehash", why);
    if (err == HT_OK) err = ht_ens_namehash(&got, name, why);
    return err == HT_OK ? differs_unless(ht_hash32_equal(&got, &want), "namehash", why) : err;
}

static enum ht_err check_dns(ht_bytes name, const json_t *one, struct ht_why *why) {
    struct ht_buf got, want;
    ht_buf_init(&got, HT_ENS_DNS_MAX);
    ht_buf_init(&want, HT_ENS_DNS_MAX);
    enum ht_err err = ht_ens_dns_encode(&got, name, why);
    if (json_is_string(ht_json_member(one, "dns_error"))) {
        err = differs_unless(err == HT_ELIMIT, "DNS form: it must be refused", why);
    } else {
        if (err == HT_OK) err = ht_json_hex_buf(&want, one, "dns", why);
        bool is_same = ht_bytes_equal(ht_buf_view(&got), ht_buf_view(&want));
        if (err == HT_OK) err = differs_unless(is_same, "DNS form", why);
    }
    ht_buf_fini(&got);
    ht_buf_fini(&want);
    return err;
}

static enum ht_err check_normal(ht_bytes normal, const json_t *one, struct ht_why *why) {
    struct ht_buf again;
    ht_buf_init(&again, HT_ENS_NAME_MAX);
    enum ht_err err = ht_ens_normalize(&again, normal, why);
    bool is_same = ht_bytes_equal(ht_buf_view(&again), normal);
    ht_buf_fini(&again);
    if (err == HT_OK) err = differs_unless(is_same, "form when normalised again", why);
    is_same = ht_bytes_equal(normal, text_of(one, "normalized"));
    if (err == HT_OK) err = differs_unless(is_same, "normal form", why);
    if (err == HT_OK) err = check_hash(normal, one, why);
    if (err == HT_OK) err = check_dns(normal, one, why);
    return err;
}

static enum ht_err judge_name(const json_t *one, struct ht_why *why) {
    struct ht_buf normal;
    ht_bytes name = text_of(one, "name"), expected = text_of(one, "expected");
    bool is_ok = ht_bytes_equal(expected, ht_bytes_str("ok"));
    if (!is_ok && !ht_bytes_equal(expected, ht_bytes_str("reject"))) {
        return ht_identity_differs("verdict than ok and reject", why);
    }
    enum ht_err err = check_spelling(name, one, why);
    if (err != HT_OK) return err;
    ht_buf_init(&normal, HT_ENS_NAME_MAX);
    err = ht_ens_normalize(&normal, name, why);
    if (is_ok) {
        if (err == HT_OK) err = check_normal(ht_buf_view(&normal), one, why);
    } else if (err == HT_OK) {
        err = ht_fail(why, HT_EBUG, "case", "accepted, must be refused");
    } else {
        err = HT_OK;
    }
    ht_buf_fini(&normal);
    return err;
}

static enum ht_err judge_slots(const json_t *one, struct ht_why *why) {
    ht_hash32 node, slots[2], owner, resolver;
    enum ht_err err = check_hash(text_of(one, "name"), one, why);
    if (err == HT_OK) err = ht_ens_namehash(&node, text_of(one, "name"), why);
    if (err == HT_OK) err = ht_json_hex(owner.b, 32, one, "registry_owner_slot", why);
    if (err == HT_OK) err = ht_json_hex(resolver.b, 32, one, "registry_resolver_ttl_slot", why);
    if (err != HT_OK) return err;
    ht_ens_registry_slots(slots, &node);
    bool is_same = ht_hash32_equal(&slots[0], &owner) && ht_hash32_equal(&slots[1], &resolver);
    return differs_unless(is_same, "slot", why);
}

static enum ht_err judge_reverse(const json_t *one, struct ht_why *why) {
    char name[HT_ENS_REVERSE_NAME_SIZE];
    ht_hash32 node, want;
    ht_addr20 address;
    enum ht_err err = ht_json_hex(address.b, sizeof address.b, one, "address", why);
    if (err == HT_OK) err = ht_json_hex(want.b, sizeof want.b, one, "namehash", why);
    if (err != HT_OK) return err;
    ht_ens_reverse_name(name, &address);
    ht_ens_reverse_node(&node, &address);
    bool is_same = ht_bytes_equal(ht_bytes_str(name), text_of(one, "reverseName"));
    if (!is_same) return ht_identity_differs("reverse name", why);
    return differs_unless(ht_hash32_equal(&node, &want), "reverse node", why);
}

static bool is_name(const json_t *one) {
    return json_is_string(ht_json_member(one, "name")) &&
           json_is_string(ht_json_member(one, "codepoints")) &&
           json_is_string(ht_json_member(one, "expected"));
}

static bool is_slots(const json_t *one) {
    return json_is_string(ht_json_member(one, "registry_owner_slot"));
}

static bool is_reverse(const json_t *one) {
    return json_is_string(ht_json_member(one, "reverseName"));
}

static void run_list(struct ht_identity_run *run, const json_t *list, bool (*is)(const json_t *one),
                     enum ht_err (*judge)(const json_t *one, struct ht_why *why),
                     const char *title) {
    size_t index = 0;
    const json_t *one = NULL;
    json_array_foreach(list, index, one) {
        char name[80];
        struct ht_why why = {.code = "", .text = ""};
        if (!is(one)) continue;
        (void)snprintf(name, sizeof name, "%s %zu", title, index);
        ht_identity_report(run, name, judge(one, &why), &why);
    }
}

void ht_identity_run_names(struct ht_identity_run *run, const json_t *document) {
    run_list(run, ht_json_member(document, "cases"), is_name, judge_name, "name");
    run_list(run, ht_json_member(document, "registrySlots"), is_slots, judge_slots,
             "slots of name");
    run_list(run, ht_json_member(document, "reverse"), is_reverse, judge_reverse, "reverse name");
}
