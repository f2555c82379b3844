/* Peers as rows. */
#include "social/mesh/mesh_row.h"

#include <stdio.h>

#include "node/base/hex.h"
#include "node/codec/json.h"

#define ROW_MAX ((size_t)32 << 10)
#define ORIGINS 6
#define FAULTS 10
#define COUNT_MAX 1000000000U

static json_t *hex_json(const ht_hash32 *value, bool is_there) {
    char text[HT_HEX_SIZE(32)];
    if (!is_there) return json_null();
    ht_hex_write(text, HT_BYTES(value->b));
    return json_string(text + 2);
}

static json_t *faults_json(const struct ht_peer_score *score) {
    json_t *list = json_array();
    for (size_t i = 0; i < score->fault_count; i++) {
        const struct ht_peer_fault *fault = &score->faults[i];
        json_t *what = json_string(fault->what);
        (void)json_array_append_new(
            list, json_pack("{s:s, s:I, s:I, s:o}", "kind", ht_peer_fault_name(fault->kind),
                            "at_ms", (json_int_t)fault->at_ms, "count", (json_int_t)fault->count,
                            "what", what != NULL ? what : json_string("")));
    }
    return list;
}

static void put(json_t *row, const char *name, json_t *value) {
    /* A text that is no UTF-8 is none. */
    (void)json_object_set_new(row, name, value != NULL ? value : json_string(""));
}

static void put_record(json_t *row, const struct ht_mesh_peer *peer) {
    const struct ht_node_record *record = &peer->record;
    json_t *addresses = json_array();
    for (size_t i = 0; i < record->address_count; i++) {
        (void)json_array_append_new(addresses, json_string(record->addresses[i]));
    }
    put(row, "addresses", addresses);
    put(row, "pin", hex_json(&record->pin, record->has_pin));
    put(row, "user", hex_json(&record->user, record->has_user));
    put(row, "name", json_string(record->name));
    put(row, "may_pass", json_boolean(record->may_pass));
    put(row, "created_at", json_integer(record->created_at));
    put(row, "expires_at", json_integer(record->expires_at));
    put(row, "record", peer->record_json != NULL ? json_string(peer->record_json) : json_null());
}

enum ht_err ht_mesh_row_write(struct ht_buf *out, const struct ht_mesh_peer *peer,
                              struct ht_why *why) {
    const struct ht_peer_score *score = &peer->score;
    json_t *row = json_object();
    put_record(row, peer);
    put(row, "origin", json_integer((json_int_t)peer->origin));
    put(row, "accepted", json_boolean(peer->is_accepted));
    put(row, "courier", json_boolean(peer->is_courier));
    put(row, "banned", json_boolean(peer->is_banned));
    put(row, "label", json_string(peer->label));
    put(row, "invite", json_string(peer->invite));
    put(row, "added_s", json_integer(peer->added_s));
    put(row, "seen_s", json_integer(peer->seen_s));
    put(row, "failures", json_integer((json_int_t)peer->failures));
    put(row, "bytes_in", json_integer((json_int_t)peer->bytes_in));
    put(row, "bytes_out", json_integer((json_int_t)peer->bytes_out));
    put(row, "score", json_integer(score->score));
    put(row, "until_ms", json_integer(score->until_ms));
    put(row, "first", json_integer((json_int_t)score->first));
    put(row, "duplicates", json_integer((json_int_t)score->duplicates));
    put(row, "faults", faults_json(score));
    put(row, "end_code", json_string(peer->last_end.code != NULL ? peer->last_end.code : ""));
    put(row, "end_text", json_string(peer->last_end.text));
    put(row, "end_words", json_string(peer->last_end_text));
    enum ht_err err = row != NULL ? ht_json_dump_compact(out, row) : HT_ENOMEM;
    json_decref(row);
    return err == HT_OK ? HT_OK : ht_fail(why, err, "no_memory", "a peer cannot be written");
}

/* --- reading ---------------------------------------------------------------------------------- */

static json_int_t number(const json_t *row, const char *name) {
    return json_integer_value(ht_json_member(row, name));
}

/* What is counted: never below nothing. */
static uint64_t count_of(const json_t *row, const char *name) {
    json_int_t value = number(row, name);
    return value > 0 ? (uint64_t)value : 0;
}

static bool flag(const json_t *row, const char *name) {
    return json_is_true(ht_json_member(row, name));
}

static void copy_text(char *out, size_t size, const json_t *row, const char *name) {
    const char *text = json_string_value(ht_json_member(row, name));
    (void)snprintf(out, size, "%s", text != NULL ? text : "");
}

static bool read_hex(ht_hash32 *out, const json_t *row, const char *name) {
    const char *text = json_string_value(ht_json_member(row, name));
    return text != NULL && ht_hex_read(out->b, sizeof out->b, ht_bytes_str(text)) == HT_OK;
}

static void read_record(struct ht_mesh_peer *peer, const json_t *row) {
    struct ht_node_record *record = &peer->record;
    const json_t *addresses = ht_json_member(row, "addresses");
    size_t i;
    json_t *one;
    json_array_foreach(addresses, i, one) {
        const char *url = json_string_value(one);
        if (url == NULL || record->address_count == HT_NODE_ADDRESSES_MAX) continue;
        if (strlen(url) >= HT_NODE_ADDRESS_SIZE) continue;
        memcpy(record->addresses[record->address_count++], url, strlen(url) + 1);
    }
    record->has_pin = read_hex(&record->pin, row, "pin");
    record->has_user = read_hex(&record->user, row, "user");
    copy_text(record->name, sizeof record->name, row, "name");
    record->may_pass = flag(row, "may_pass");
    record->created_at = number(row, "created_at");
    record->expires_at = number(row, "expires_at");
}

/* FAULTS: there is none of that name. */
static int find_kind(const char *name) {
    int kind = name != NULL ? 0 : FAULTS;
    while (kind < FAULTS && strcmp(ht_peer_fault_name((enum ht_peer_fault_kind)kind), name) != 0) {
        kind++;
    }
    return kind;
}

static void read_score(struct ht_peer_score *score, const json_t *row) {
    const json_t *faults = ht_json_member(row, "faults");
    size_t i;
    json_t *one;
    ht_peer_score_init(score);
    json_int_t value = number(row, "score");
    score->score = value < -100 ? -100 : value > 100 ? 100 : (int)value;
    score->until_ms = number(row, "until_ms");
    score->first = count_of(row, "first");
    score->duplicates = count_of(row, "duplicates");
    json_array_foreach(faults, i, one) {
        int kind = find_kind(json_string_value(ht_json_member(one, "kind")));
        uint64_t count = count_of(one, "count");
        if (score->fault_count == HT_PEER_FAULTS_MAX || kind == FAULTS) continue;
        struct ht_peer_fault *fault = &score->faults[score->fault_count++];
        *fault =
            (struct ht_peer_fault){.kind = (enum ht_peer_fault_kind)kind,
                                   .at_ms = number(one, "at_ms"),
                                   .count = count == 0 || count > COUNT_MAX ? 1 : (unsigned)count};
        copy_text(fault->what, sizeof fault->what, one, "what");
    }
}

enum ht_err ht_mesh_row_read(struct ht_mesh_row *out, ht_bytes text, struct ht_why *why) {
    json_t *row = NULL;
    enum ht_err err = ht_json_parse(&row, text, ROW_MAX, why);
    if (err != HT_OK) return err;
    json_int_t origin = number(row, "origin"), failures = number(row, "failures");
    if (!json_is_object(row) || origin < 0 || origin >= ORIGINS) {
        json_decref(row);
        return ht_fail(why, HT_EINPUT, "bad_row", "that is no peer");
    }
    *out = (struct ht_mesh_row){.value = row};
    struct ht_mesh_peer *peer = &out->peer;
    read_record(peer, row);
    read_score(&peer->score, row);
    const char *record = json_string_value(ht_json_member(row, "record"));
    /* The mesh copies it and does not write to it. */
    peer->record_json = (char *)(uintptr_t)record;
    peer->origin = (enum ht_mesh_origin)origin;
    peer->is_accepted = flag(row, "accepted");
    peer->is_courier = flag(row, "courier");
    peer->is_banned = flag(row, "banned");
    copy_text(peer->label, sizeof peer->label, row, "label");
    copy_text(peer->invite, sizeof peer->invite, row, "invite");
    peer->added_s = number(row, "added_s");
    peer->seen_s = number(row, "seen_s");
    peer->failures = failures > 0 && failures < 1000000 ? (unsigned)failures : 0;
    peer->bytes_in = count_of(row, "bytes_in");
    peer->bytes_out = count_of(row, "bytes_out");
    const char *code = json_string_value(ht_json_member(row, "end_code"));
    peer->last_end.code = code != NULL ? code : "";
    copy_text(peer->last_end.text, sizeof peer->last_end.text, row, "end_text");
    copy_text(peer->last_end_text, sizeof peer->last_end_text, row, "end_words");
    return HT_OK;
}

void ht_mesh_row_fini(struct ht_mesh_row *row) {
    json_decref(row->value);
}
