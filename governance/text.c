/* Numbers and texts of governance in JSON. */
#include "governance/text.h"

#include <stdlib.h>

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/codec/safe_text.h"

void ht_gov_put(json_t *object, const char *key, json_t *value) {
    (void)json_object_set_new(object, key, value != NULL ? value : json_null());
}

json_t *ht_gov_hex_json(ht_bytes bytes) {
    char *text = malloc(HT_HEX_SIZE(bytes.n));
    if (text == NULL) return NULL;
    ht_hex_write(text, bytes);
    json_t *json = json_string(text);
    free(text);
    return json;
}

json_t *ht_gov_u256_json(const ht_u256 *value) {
    char text[HT_U256_DECIMAL_SIZE];
    (void)ht_u256_to_decimal(text, value);
    return json_string(text);
}

json_t *ht_gov_u64_json(uint64_t value) {
    ht_u256 wide = ht_u256_of(value);
    return ht_gov_u256_json(&wide);
}

enum ht_err ht_gov_u256_param(ht_u256 *out, const json_t *params, const char *path,
                              struct ht_why *why) {
    const json_t *value;
    ht_bytes text;
    enum ht_err err = ht_json_get(&value, params, path, why);
    if (err != HT_OK) return err;
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        *out = ht_u256_of((uint64_t)json_integer_value(value));
        return HT_OK;
    }
    err = ht_json_str(&text, params, path, why);
    if (err != HT_OK) return err;
    if (ht_u256_from_text(out, text) == HT_OK) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_number", "%s is no whole number below 2^256", path);
}

/* --- texts ------------------------------------------------------------------------------------ */

/* At most max bytes of it, whole characters of UTF-8. */
static ht_bytes cut(ht_bytes text, size_t max) {
    size_t n = text.n < max ? text.n : max;
    while (n > 0 && n < text.n && (text.p[n] & 0xc0) == 0x80) n--;
    return ht_bytes_of(text.p, n);
}

json_t *ht_gov_text_json(ht_bytes text, size_t max) {
    return ht_explain_safe_text(cut(text, max));
}

void ht_gov_text_line(char *out, size_t max, ht_bytes text) {
    size_t from = 0, to = 0;
    while (from < text.n && memchr("# \t\r\n", text.p[from], 5) != NULL) from++;
    to = from;
    while (to < text.n && text.p[to] != '\n' && text.p[to] != '\r') to++;
    json_t *safe = ht_explain_safe_text(cut(ht_bytes_of(text.p + from, to - from), max));
    ht_bytes line = {0};
    if (safe != NULL)
        line = cut(ht_bytes_of(json_string_value(safe), json_string_length(safe)), max);
    if (line.n > 0) memcpy(out, line.p, line.n);
    out[line.n] = '\0';
    json_decref(safe);
}
