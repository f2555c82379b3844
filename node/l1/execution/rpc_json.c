/* QUANTITY and DATA, in and out. */
#include "node/l1/execution/rpc_json.h"

#include <stdlib.h>

#include "node/base/hex.h"

#define SMALL 64U

bool ht_rpc_has(const json_t *object, const char *key) {
    const json_t *value = ht_json_member(object, key);
    return value != NULL && !json_is_null(value);
}

static const char *name_of(const char *path) {
    return *path != '\0' ? path : "value";
}

enum ht_err ht_rpc_read_u256(ht_u256 *out, const json_t *root, const char *path,
                             struct ht_why *why) {
    ht_bytes text = {0};
    enum ht_err err = ht_json_str(&text, root, path, why);
    if (err != HT_OK) return err;
    bool has_prefix = text.n > 2 && text.p[0] == '0' && text.p[1] == 'x';
    if (!has_prefix || ht_u256_from_text(out, text) != HT_OK) {
        return ht_fail(why, HT_EINPUT, "json_value",
                       "%s is not a number below 2^256 in hex with 0x", name_of(path));
    }
    return HT_OK;
}

enum ht_err ht_rpc_read_u64(uint64_t *out, const json_t *root, const char *path,
                            struct ht_why *why) {
    ht_u256 value;
    enum ht_err err = ht_rpc_read_u256(&value, root, path, why);
    if (err != HT_OK) return err;
    if (!ht_u256_is_u64(&value)) {
        return ht_fail(why, HT_EINPUT, "json_value", "%s is not below 2^64", name_of(path));
    }
    *out = value.limb[0];
    return HT_OK;
}

enum ht_err ht_rpc_read_data(ht_bytes *out, struct ht_arena *arena, const json_t *root,
                             const char *path, struct ht_why *why) {
    ht_bytes text = {0};
    void *room = NULL;
    enum ht_err err = ht_json_str(&text, root, path, why);
    if (err != HT_OK) return err;
    bool is_data = text.n >= 2 && text.n % 2 == 0 && text.p[0] == '0' && text.p[1] == 'x';
    size_t n = is_data ? text.n / 2 - 1 : 0;
    if (is_data) err = ht_arena_array(&room, arena, n, 1, why);
    if (err != HT_OK) return err;
    if (!is_data || (n > 0 && ht_hex_read(room, n, text) != HT_OK)) {
        return ht_fail(why, HT_EINPUT, "json_value", "%s is not bytes in hex with 0x",
                       name_of(path));
    }
    *out = ht_bytes_of(room, n);
    return HT_OK;
}

void ht_rpc_begin(struct ht_rpc_object *out) {
    out->object = json_object();
    out->has_failed = out->object == NULL;
}

void ht_rpc_put(struct ht_rpc_object *out, const char *key, json_t *value) {
    if (out->has_failed || value == NULL) {
        json_decref(value);
        out->has_failed = true;
        return;
    }
    out->has_failed = json_object_set_new(out->object, key, value) != 0;
}

void ht_rpc_put_null(struct ht_rpc_object *out, const char *key) {
    ht_rpc_put(out, key, json_null());
}

void ht_rpc_put_bool(struct ht_rpc_object *out, const char *key, bool value) {
    ht_rpc_put(out, key, json_boolean(value));
}

void ht_rpc_put_u256(struct ht_rpc_object *out, const char *key, const ht_u256 *value) {
    char text[HT_U256_QUANTITY_SIZE];
    size_t n = ht_u256_to_quantity(text, value);
    ht_rpc_put(out, key, json_stringn(text, n));
}

void ht_rpc_put_u64(struct ht_rpc_object *out, const char *key, uint64_t value) {
    ht_u256 wide = ht_u256_of(value);
    ht_rpc_put_u256(out, key, &wide);
}

json_t *ht_rpc_data(ht_bytes value) {
    char small[HT_HEX_SIZE(SMALL)];
    if (value.n > SIZE_MAX / 4) return NULL;
    char *text = value.n <= SMALL ? small : malloc(HT_HEX_SIZE(value.n));
    if (text == NULL) return NULL;
    ht_hex_write(text, value);
    json_t *string = json_stringn(text, 2 * value.n + 2);
    if (text != small) free(text);
    return string;
}

void ht_rpc_put_data(struct ht_rpc_object *out, const char *key, ht_bytes value) {
    ht_rpc_put(out, key, ht_rpc_data(value));
}

json_t *ht_rpc_end(struct ht_rpc_object *out) {
    json_t *object = out->object;
    out->object = NULL;
    if (!out->has_failed) return object;
    json_decref(object);
    return NULL;
}
