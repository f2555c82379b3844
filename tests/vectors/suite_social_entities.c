/* Entities of NIP-19, as keys alone are the keys suite's:
 *   {"encode_decode": [{"type": note|nprofile|nevent|naddr, "data", "bech32"}]}   both ways
 *   {"nprofile…": [text, {…}], "naddr…": [text, {…}]}   read only: the order of parts is free
 *   {"invalid": [text or {"bech32"}]} in a document that has one of these   refused */
#include <stdio.h>

#include "node/nostr/entity.h"
#include "node/nostr/event.h"
#include "tests/vectors/suite_social.h"

static enum ht_err differs(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EBUG, "case", "another %s", what);
}

static bool is_text(ht_bytes got, const json_t *want) {
    return ht_bytes_equal(got, ht_bytes_of(json_string_value(want),
                                           json_is_string(want) ? json_string_length(want) : 0));
}

/* Absent when the member is. */
static bool is_hash(bool has, const ht_hash32 *got, const json_t *want) {
    ht_hash32 hash;
    if (want == NULL) return !has;
    if (!json_is_string(want)) return false;
    ht_bytes text = ht_bytes_of(json_string_value(want), json_string_length(want));
    return has && ht_event_hex32(&hash, text) && ht_hash32_equal(&hash, got);
}

static enum ht_err judge_relays(const struct ht_entity *got, const json_t *relays,
                                struct ht_why *why) {
    if (relays == NULL) return HT_OK;
    if (json_array_size(relays) != got->relay_count) return differs(why, "count of relays");
    for (size_t i = 0; i < got->relay_count; i++) {
        if (!is_text(got->relays[i], json_array_get(relays, i))) return differs(why, "relay");
    }
    return HT_OK;
}

static enum ht_err judge_parts(const struct ht_entity *got, const char *type, const json_t *data,
                               struct ht_why *why) {
    bool is_event = strcmp(type, "nevent") == 0;
    const json_t *kind = ht_json_member(data, "kind");
    if (json_is_string(data)) return is_hash(true, &got->key, data) ? HT_OK : differs(why, "id");
    if (!is_hash(true, &got->key, ht_json_member(data, is_event ? "id" : "pubkey"))) {
        return differs(why, "id or key");
    }
    if (is_event && !is_hash(got->has_author, &got->author, ht_json_member(data, "author"))) {
        return differs(why, "author");
    }
    if (kind != NULL && (!got->has_event_kind || json_integer_value(kind) != got->event_kind)) {
        return differs(why, "kind");
    }
    if (!is_text(got->identifier, ht_json_member(data, "identifier"))) {
        return differs(why, "identifier");
    }
    return judge_relays(got, ht_json_member(data, "relays"), why);
}

static enum ht_err judge(const char *type, const char *text, const json_t *data, bool is_exact,
                         struct ht_why *why) {
    static char again[HT_ENTITY_TEXT_MAX + 1];
    struct ht_arena arena;
    struct ht_entity got;
    ht_arena_init(&arena, HT_ENTITY_ARENA);
    enum ht_err err = ht_entity_read(&got, &arena, ht_bytes_str(text), why);
    if (err == HT_OK) err = judge_parts(&got, type, data, why);
    if (err == HT_OK && is_exact) {
        err = ht_entity_write(again, sizeof again, &got);
        if (err == HT_OK && strcmp(again, text) != 0) err = differs(why, "text");
    }
    ht_arena_fini(&arena);
    return err;
}

static enum ht_err judge_bad(const char *text, struct ht_why *why) {
    struct ht_arena arena;
    struct ht_entity got;
    ht_arena_init(&arena, HT_ENTITY_ARENA);
    enum ht_err err = ht_entity_read(&got, &arena, ht_bytes_str(text), why);
    ht_arena_fini(&arena);
    if (err == HT_EINPUT) return HT_OK;
    return ht_fail(why, HT_EBUG, "case", "accepted, must be refused");
}

static void report(struct ht_social_run *run, const char *group, size_t index, enum ht_err err,
                   const struct ht_why *why) {
    char name[120];
    (void)snprintf(name, sizeof name, "%s/%zu", group, index);
    run->entities++;
    ht_social_report(run, name, err, why);
}

static void run_bad(struct ht_social_run *run, const json_t *document) {
    size_t index = 0;
    const json_t *one = NULL;
    json_array_foreach(ht_json_member(document, "invalid"), index, one) {
        struct ht_why why = {.code = "", .text = ""};
        const char *text =
            json_string_value(json_is_string(one) ? one : ht_json_member(one, "bech32"));
        if (text != NULL) report(run, "invalid", index, judge_bad(text, &why), &why);
    }
}

void ht_social_run_entities(struct ht_social_run *run, const json_t *document) {
    size_t before = run->entities;
    size_t index = 0;
    const json_t *one = NULL;
    const char *name = NULL;
    json_t *member = NULL;
    json_array_foreach(ht_json_member(document, "encode_decode"), index, one) {
        struct ht_why why = {.code = "", .text = ""};
        const char *type = json_string_value(ht_json_member(one, "type"));
        const char *text = json_string_value(ht_json_member(one, "bech32"));
        bool is_case =
            type != NULL && text != NULL && strcmp(type, "npub") != 0 && strcmp(type, "nsec") != 0;
        if (!is_case) continue;
        enum ht_err err = judge(type, text, ht_json_member(one, "data"), true, &why);
        report(run, "encode_decode", index, err, &why);
    }
    json_object_foreach((json_t *)(uintptr_t)document, name, member) {
        struct ht_why why = {.code = "", .text = ""};
        bool is_case = json_array_size(member) == 2 && json_is_object(json_array_get(member, 1)) &&
                       json_is_string(json_array_get(member, 0));
        if (!is_case) continue;
        const char *text = json_string_value(json_array_get(member, 0));
        enum ht_err err = judge(name, text, json_array_get(member, 1), false, &why);
        report(run, name, 0, err, &why);
    }
    if (run->entities > before) run_bad(run, document);
}
