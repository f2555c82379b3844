/* Nostr keys as text:
 *   {"vectors": [{"ncryptsec", "password", "secret"}], "normalization": {"input_utf8",
 * "nfkc_utf8"}}
 *   {"npub": [text, hex], "nsec": [text, hex], "invalid": [text]} of NIP-19
 *   {"encode_decode": [{"type", "data", "bech32"}], "invalid": [{"bech32"}]} */
#include <stdio.h>

#include "node/base/hex.h"
#include "node/crypto/nip49.h"
#include "node/crypto/normalize.h"
#include "tests/vectors/suite_keys.h"

static enum ht_err judge_sealed(const json_t *one, struct ht_why *why) {
    ht_bytes text;
    ht_bytes password;
    uint8_t key[32];
    uint8_t wrong[64];
    struct ht_nip49 read;
    enum ht_err err = ht_json_str(&text, one, "ncryptsec", why);
    if (err == HT_OK) err = ht_json_str(&password, one, "password", why);
    if (err == HT_OK) err = ht_nip49_open(key, text, password, why);
    if (err == HT_OK) err = ht_keys_same(one, "secret", key, sizeof key, why);
    if (err == HT_OK) err = ht_nip49_read(&read, text, why);
    if (err != HT_OK) return err;
    memset(wrong, 'w', sizeof wrong);
    if (ht_nip49_unlock(key, &read, HT_BYTES(wrong), NULL) == HT_EDENIED) return HT_OK;
    return ht_fail(why, HT_EBUG, "case", "another password opens it");
}

static enum ht_err judge_normal(const json_t *one, struct ht_why *why) {
    struct ht_buf text;
    uint8_t got[HT_NORMAL_MAX];
    size_t n = 0;
    ht_bytes hex;
    ht_buf_init(&text, 1024);
    enum ht_err err = ht_json_str(&hex, one, "input_utf8", why);
    if (err == HT_OK) err = ht_hex_read_buf(&text, hex);
    if (err == HT_OK) err = ht_normalize(got, &n, HT_NFKC, ht_buf_view(&text), why);
    if (err == HT_OK && n > 100) err = ht_fail(why, HT_EBUG, "case", "too long");
    if (err == HT_OK) err = ht_keys_same(one, "nfkc_utf8", got, n, why);
    ht_buf_fini(&text);
    return err;
}

static enum ht_err judge_plain(const char *prefix, const char *text, const char *hex,
                               struct ht_why *why) {
    uint8_t got[32];
    uint8_t want[32];
    char again[HT_NIP49_TEXT_SIZE];
    if (text == NULL || hex == NULL || ht_hex_read(want, 32, ht_bytes_str(hex)) != HT_OK) {
        return ht_fail(why, HT_EBUG, "case", "its hex is not understood");
    }
    enum ht_err err = ht_nip19_read(got, prefix, ht_bytes_str(text), why);
    if (err == HT_OK && memcmp(got, want, 32) != 0) {
        err = ht_fail(why, HT_EBUG, "case", "another key");
    }
    if (err == HT_OK) err = ht_nip19_write(again, prefix, got);
    if (err == HT_OK && strcmp(again, text) != 0) {
        err = ht_fail(why, HT_EBUG, "case", "another text");
    }
    return err;
}

static enum ht_err judge_bad(const char *text, struct ht_why *why) {
    uint8_t key[32];
    if (ht_nip19_read(key, "npub", ht_bytes_str(text), why) != HT_OK &&
        ht_nip19_read(key, "nsec", ht_bytes_str(text), why) != HT_OK) {
        return HT_OK;
    }
    return ht_fail(why, HT_EBUG, "case", "accepted, must be refused");
}

static void report(struct ht_keys_run *run, const char *group, size_t index, enum ht_err err,
                   const struct ht_why *why) {
    char name[80];
    (void)snprintf(name, sizeof name, "%s/%zu", group, index);
    run->texts++;
    ht_keys_report(run, name, err, why);
}

static bool is_key(const char *type) {
    return type != NULL && (strcmp(type, "npub") == 0 || strcmp(type, "nsec") == 0);
}

static void run_entities(struct ht_keys_run *run, const json_t *document) {
    size_t index = 0;
    const json_t *one = NULL;
    json_array_foreach(ht_json_member(document, "encode_decode"), index, one) {
        struct ht_why why = {.code = "", .text = ""};
        const char *type = json_string_value(ht_json_member(one, "type"));
        if (!is_key(type)) {
            run->other_kinds++;
            continue;
        }
        report(run, "encode_decode", index,
               judge_plain(type, json_string_value(ht_json_member(one, "bech32")),
                           json_string_value(ht_json_member(one, "data")), &why),
               &why);
    }
}

static void run_pairs(struct ht_keys_run *run, const json_t *document) {
    static const char *const kinds[] = {"npub", "nsec"};
    for (size_t i = 0; i < 2; i++) {
        const json_t *pair = ht_json_member(document, kinds[i]);
        struct ht_why why = {.code = "", .text = ""};
        if (json_array_size(pair) != 2) continue;
        report(run, kinds[i], 0,
               judge_plain(kinds[i], json_string_value(json_array_get(pair, 0)),
                           json_string_value(json_array_get(pair, 1)), &why),
               &why);
    }
}

static void run_invalid(struct ht_keys_run *run, const json_t *document) {
    size_t index = 0;
    const json_t *one = NULL;
    json_array_foreach(ht_json_member(document, "invalid"), index, one) {
        struct ht_why why = {.code = "", .text = ""};
        const char *text =
            json_string_value(json_is_string(one) ? one : ht_json_member(one, "bech32"));
        if (text != NULL) report(run, "invalid", index, judge_bad(text, &why), &why);
    }
}

void ht_keys_run_texts(struct ht_keys_run *run, const json_t *document) {
    size_t index = 0;
    const json_t *one = NULL;
    json_array_foreach(ht_json_member(document, "vectors"), index, one) {
        struct ht_why why = {.code = "", .text = ""};
        if (!json_is_string(ht_json_member(one, "ncryptsec"))) continue;
        report(run, "vectors", index, judge_sealed(one, &why), &why);
    }
    const json_t *normal = ht_json_member(document, "normalization");
    if (json_is_string(ht_json_member(normal, "nfkc_utf8"))) {
        struct ht_why why = {.code = "", .text = ""};
        report(run, "normalization", 0, judge_normal(normal, &why), &why);
    }
    run_entities(run, document);
    run_pairs(run, document);
    bool is_nip19 = ht_json_member(document, "encode_decode") != NULL ||
                    json_array_size(ht_json_member(document, "npub")) == 2;
    if (is_nip19) run_invalid(run, document);
}
