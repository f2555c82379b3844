/* Paths, queries and bodies of peers that ask for chain data. */
#include "node/app/near_request.h"

#include "node/base/hex.h"
#include "node/codec/json.h"

#define UPDATES_MAX 128U /* MAX_REQUEST_LIGHT_CLIENT_UPDATES */
#define ID_MAX 64U

struct path {
    const char *text; /* the whole path, or the part before a root */
    enum ht_near_what what;
    bool has_root;
};

static const struct path paths[] = {
    {"/eth/v1/beacon/light_client/bootstrap/", HT_NEAR_BOOTSTRAP, true},
    {"/eth/v1/beacon/light_client/updates", HT_NEAR_UPDATES, false},
    {"/eth/v1/beacon/light_client/finality_update", HT_NEAR_FINALITY, false},
    {"/eth/v1/beacon/light_client/optimistic_update", HT_NEAR_OPTIMISTIC, false},
    {"/eth/v1/beacon/headers/", HT_NEAR_BEACON_HEADER, true},
    {"/eth/v1/beacon/states/head/finality_checkpoints", HT_NEAR_CHECKPOINTS, false},
    {"/eth/v1/beacon/states/finalized/finality_checkpoints", HT_NEAR_CHECKPOINTS, false},
    {"/eth/v1/beacon/genesis", HT_NEAR_GENESIS, false},
    {"/eth/v1/config/spec", HT_NEAR_SPEC, false},
    {"/eth/header/", HT_NEAR_HEADER, true},
    {"/eth/receipts/", HT_NEAR_RECEIPTS, true},
    {"/eth/execution", HT_NEAR_EXECUTION, false},
};

static bool begins_with(ht_bytes text, const char *start) {
    size_t n = strlen(start);
    return text.n >= n && memcmp(text.p, start, n) == 0;
}

static ht_bytes without(ht_bytes text, size_t n) {
    return ht_bytes_of(text.p + n, text.n - n);
}

/* --- query ------------------------------------------------------------------------------------ */

/* The value of one key, "" when it is not there. */
static ht_bytes value_of(ht_bytes query, const char *key) {
    size_t key_len = strlen(key), at = 0;
    while (at < query.n) {
        const uint8_t *start = query.p + at;
        const uint8_t *end = memchr(start, '&', query.n - at);
        size_t n = end != NULL ? (size_t)(end - start) : query.n - at;
        if (n > key_len && memcmp(start, key, key_len) == 0 && start[key_len] == '=') {
            return ht_bytes_of(start + key_len + 1, n - key_len - 1);
        }
        at += n + 1;
    }
    return ht_bytes_of(NULL, 0);
}

/* Up to 15 digits: all periods there will be, and nothing overflows. */
static bool read_number(uint64_t *out, ht_bytes text) {
    if (text.n == 0 || text.n > 15) return false;
    uint64_t number = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') return false;
        number = number * 10 + (uint64_t)(text.p[i] - '0');
    }
    *out = number;
    return true;
}

static enum ht_err read_updates(struct ht_near_request *out, ht_bytes query, struct ht_why *why) {
    if (!read_number(&out->first_period, value_of(query, "start_period")) ||
        !read_number(&out->count, value_of(query, "count")) || out->count == 0) {
        return ht_fail(why, HT_EINPUT, "bad_query", "give start_period and count, from 1 on");
    }
    if (out->count > UPDATES_MAX) out->count = UPDATES_MAX;
    return HT_OK;
}

/* --- Accept ----------------------------------------------------------------------------------- */

/* The weight of a media type in thousandths, 0 when it is not named (RFC 9110 §12.5.1). */
static unsigned weight_of(ht_bytes accept, const char *type) {
    size_t at = 0, len = strlen(type);
    while (at < accept.n) {
        const uint8_t *start = accept.p + at;
        const uint8_t *end = memchr(start, ',', accept.n - at);
        size_t n = end != NULL ? (size_t)(end - start) : accept.n - at;
        at += n + 1;
        size_t skip = 0;
        while (skip < n && start[skip] == ' ') skip++;
        if (n - skip < len || memcmp(start + skip, type, len) != 0) continue;
        const uint8_t *q = memchr(start, '=', n);
        if (q == NULL) return 1000;
        unsigned weight = 0, unit = 1000;
        for (q++; q < start + n && unit > 0; q++) {
            if (*q == '.') continue;
            if (*q < '0' || *q > '9') break;
            weight += (unsigned)(*q - '0') * unit;
            unit /= 10;
        }
        return weight < 1000 ? weight : 1000;
    }
    return 0;
}

/* --- the whole -------------------------------------------------------------------------------- */

static enum ht_err read_root(ht_hash32 *out, ht_bytes text, struct ht_why *why) {
    if (text.n == 66 && begins_with(text, "0x") && ht_hex_read(out->b, 32, text) == HT_OK)
        return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_root", "a block is named by 0x and 64 digits");
}

enum ht_err ht_near_request_read(struct ht_near_request *out, bool is_post, ht_bytes path,
                                 ht_bytes query, ht_bytes accept, struct ht_why *why) {
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const struct path *one = &paths[i];
        size_t len = strlen(one->text);
        if (!begins_with(path, one->text) || (!one->has_root && path.n != len)) continue;
        if (is_post != (one->what == HT_NEAR_EXECUTION)) {
            return ht_fail(why, HT_EINPUT, "bad_method", "this path is for %s",
                           is_post ? "GET" : "POST");
        }
        *out = (struct ht_near_request){.what = one->what};
        unsigned bytes = weight_of(accept, "application/octet-stream");
        out->wants_bytes = bytes > 0 && bytes >= weight_of(accept, "application/json");
        if (one->has_root) return read_root(&out->root, without(path, len), why);
        return one->what == HT_NEAR_UPDATES ? read_updates(out, query, why) : HT_OK;
    }
    return ht_fail(why, HT_ENOTFOUND, "no_such_path", "there is nothing at this address");
}

bool ht_near_is_public(enum ht_near_what what) {
    return what <= HT_NEAR_SPEC;
}

/* --- bodies ----------------------------------------------------------------------------------- */

static enum ht_err bad_request(struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "bad_request",
                   "a request is an object with \"jsonrpc\", \"id\", \"method\" and \"params\"");
}

static enum ht_err read_one(struct ht_near_batch *out, const json_t *one, struct ht_why *why) {
    const char *version = NULL, *method = NULL;
    const json_t *id = ht_json_member(one, "id"), *params = ht_json_member(one, "params");
    bool has_id = json_is_integer(id) || (json_is_string(id) && json_string_length(id) <= ID_MAX);
    if (!json_is_object(one) || !has_id || !json_is_array(params) ||
        ht_json_text(&version, one, "jsonrpc", NULL) != HT_OK || strcmp(version, "2.0") != 0 ||
        ht_json_text(&method, one, "method", NULL) != HT_OK || strlen(method) > ID_MAX) {
        return bad_request(why);
    }
    out->requests[out->count].id = id;
    out->requests[out->count].method = method;
    out->requests[out->count++].params = params;
    return HT_OK;
}

enum ht_err ht_near_batch_read(struct ht_near_batch *out, ht_bytes body, struct ht_why *why) {
    *out = (struct ht_near_batch){.json = NULL};
    enum ht_err err = ht_json_parse(&out->json, body, HT_NEAR_BODY_MAX, why);
    if (err != HT_OK) return err;
    out->is_list = json_is_array(out->json);
    size_t count = out->is_list ? json_array_size(out->json) : 1;
    if (count > HT_NEAR_BATCH_MAX) {
        err =
            ht_fail(why, HT_ELIMIT, "too_large", "at most %u requests at once", HT_NEAR_BATCH_MAX);
    } else if (count == 0) {
        err = bad_request(why);
    }
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        err = read_one(out, out->is_list ? json_array_get(out->json, i) : out->json, why);
    }
    if (err != HT_OK) ht_near_batch_fini(out);
    return err;
}

void ht_near_batch_fini(struct ht_near_batch *batch) {
    json_decref(batch->json);
    *batch = (struct ht_near_batch){.json = NULL};
}
