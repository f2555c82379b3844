/* Node records: read strictly, written as tags for whoever has the user sign them. */
#include "node/p2p/node_record.h"

#include <sodium.h>
#include <stdio.h>

#include "node/crypto/sha256.h"

static const char bad[] = "bad_record";

void ht_node_record_claim(ht_hash32 *out, const ht_hash32 *user, int64_t created_at) {
    char hex[65];
    char text[128];
    (void)sodium_bin2hex(hex, sizeof hex, user->b, sizeof user->b);
    int n = snprintf(text, sizeof text, "hearth-node:%s:%lld", hex, (long long)created_at);
    ht_sha256(out, ht_bytes_of(text, (size_t)n));
}

static bool is_shown(ht_bytes text) {
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < 0x20 || text.p[i] == 0x7f) return false;
    }
    return true;
}

static bool is_named(const struct ht_event_tag *tag, const char *name) {
    return ht_bytes_equal(tag->items[0], ht_bytes_str(name));
}

static bool read_hex(uint8_t *out, size_t n, ht_bytes text) {
    size_t got = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] >= 'A' && text.p[i] <= 'F') return false;
    }
    return text.n == 2 * n &&
           sodium_hex2bin(out, n, (const char *)text.p, text.n, NULL, &got, NULL) == 0 && got == n;
}

static enum ht_err add_address(struct ht_node_record *out, ht_bytes url, struct ht_why *why) {
    if (out->address_count == HT_NODE_ADDRESSES_MAX) {
        return ht_fail(why, HT_EINPUT, bad, "more than %u addresses", HT_NODE_ADDRESSES_MAX);
    }
    if (url.n >= HT_NODE_ADDRESS_SIZE || (url.n > 0 && memchr(url.p, 0, url.n) != NULL)) {
        return ht_fail(why, HT_EINPUT, bad, "an address that is too long, or none");
    }
    char *to = out->addresses[out->address_count];
    (void)snprintf(to, HT_NODE_ADDRESS_SIZE, "%.*s", (int)url.n, (const char *)url.p);
    if (ht_address_reach_of(to) == HT_REACH_NONE) {
        return ht_fail(why, HT_EINPUT, bad, "an address that is none of a node");
    }
    out->address_count++;
    return HT_OK;
}

static enum ht_err read_tag(struct ht_node_record *out, const struct ht_event_tag *tag,
                            struct ht_why *why) {
    ht_bytes value = ht_event_tag_item(tag, 1);
    if (is_named(tag, "addr")) return add_address(out, value, why);
    if (is_named(tag, "pin") && !out->has_pin) {
        if (!ht_event_hex32(&out->pin, value)) {
            return ht_fail(why, HT_EINPUT, bad, "pin is no hash");
        }
        out->has_pin = true;
    } else if (is_named(tag, "name") && out->name[0] == '\0') {
        if (value.n >= HT_NODE_NAME_SIZE || !is_shown(value)) {
            return ht_fail(why, HT_EINPUT, bad, "name is too long or cannot be shown");
        }
        (void)snprintf(out->name, sizeof out->name, "%.*s", (int)value.n, (const char *)value.p);
    } else if (is_named(tag, "pass")) {
        out->may_pass = ht_bytes_equal(value, ht_bytes_str("1"));
    }
    return HT_OK;
}

static enum ht_err read_times(struct ht_node_record *out, const struct ht_event *event,
                              int64_t now_s, struct ht_why *why) {
    out->created_at = event->created_at;
    out->expires_at = ht_event_expiration(event);
    if (out->created_at > now_s + HT_NODE_RECORD_AHEAD_S) {
        return ht_fail(why, HT_EINPUT, bad, "signed in the future");
    }
    if (out->expires_at > out->created_at + HT_NODE_RECORD_MAX_S) {
        return ht_fail(why, HT_EINPUT, bad, "does not expire within 90 days");
    }
    if (out->expires_at <= now_s) {
        return ht_fail(why, HT_ESTALE, "record_expired", "the node record has expired");
    }
    return HT_OK;
}

static enum ht_err check_node(struct ht_node_record *out, const struct ht_event *event,
                              struct ht_why *why) {
    ht_hash32 named, claim;
    uint8_t signature[HT_SCHNORR_SIZE];
    const struct ht_event_tag *tag = ht_event_find_tag(event, "node");
    if (tag == NULL || !ht_event_hex32(&out->node, ht_event_d(event)) ||
        !ht_event_hex32(&named, ht_event_tag_item(tag, 1)) ||
        !ht_hash32_equal(&named, &out->node) ||
        !read_hex(signature, sizeof signature, ht_event_tag_item(tag, 2))) {
        return ht_fail(why, HT_EINPUT, bad, "d and node do not name a node and its signature");
    }
    ht_node_record_claim(&claim, &event->pubkey, event->created_at);
    if (ht_schnorr_verify(signature, &claim, out->node.b, NULL) != HT_OK) {
        return ht_fail(why, HT_EUNVERIFIED, "record_node", "the node has not signed for its user");
    }
    return HT_OK;
}

enum ht_err ht_node_record_read(struct ht_node_record *out, const struct ht_event *event,
                                int64_t now_s, struct ht_why *why) {
    struct ht_node_record record;
    memset(&record, 0, sizeof record);
    if (event->kind != HT_NODE_RECORD_KIND || event->json.n >= HT_NODE_RECORD_SIZE) {
        return ht_fail(why, HT_EINPUT, bad, "no node record, or one that is too long");
    }
    record.user = event->pubkey;
    record.has_user = true;
    enum ht_err err = read_times(&record, event, now_s, why);
    for (size_t i = 0; err == HT_OK && i < event->tag_count; i++) {
        err = read_tag(&record, &event->tags[i], why);
    }
    if (err == HT_OK) err = check_node(&record, event, why);
    if (err == HT_OK) *out = record;
    return err;
}

/* --- out -------------------------------------------------------------------------------------- */

static void add_pair(json_t *tags, const char *name, const char *value) {
    (void)json_array_append_new(tags, json_pack("[ss]", name, value));
}

json_t *ht_node_record_tags(const struct ht_node_record *record,
                            const uint8_t node_signature[static HT_SCHNORR_SIZE]) {
    char node[65], pin[65], signature[2 * HT_SCHNORR_SIZE + 1], expires[24];
    json_t *tags = json_array();
    if (tags == NULL) return NULL;
    (void)sodium_bin2hex(node, sizeof node, record->node.b, sizeof record->node.b);
    (void)sodium_bin2hex(signature, sizeof signature, node_signature, HT_SCHNORR_SIZE);
    add_pair(tags, "d", node);
    (void)json_array_append_new(tags, json_pack("[sss]", "node", node, signature));
    for (size_t i = 0; i < record->address_count; i++) {
        add_pair(tags, "addr", record->addresses[i]);
    }
    if (record->has_pin) {
        (void)sodium_bin2hex(pin, sizeof pin, record->pin.b, sizeof record->pin.b);
        add_pair(tags, "pin", pin);
    }
    if (record->name[0] != '\0') add_pair(tags, "name", record->name);
    if (record->may_pass) add_pair(tags, "pass", "1");
    (void)snprintf(expires, sizeof expires, "%lld", (long long)record->expires_at);
    add_pair(tags, "expiration", expires);
    size_t wanted = 3 + record->address_count + (record->has_pin ? 1 : 0) +
                    (record->name[0] != '\0' ? 1 : 0) + (record->may_pass ? 1 : 0);
    if (json_array_size(tags) == wanted) return tags;
    json_decref(tags);
    return NULL;
}
