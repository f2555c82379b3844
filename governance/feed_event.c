/* Events of the feeds, out of their JSON. */
#include "governance/feed_event.h"

#include "node/base/hex.h"
#include "node/codec/json.h"

enum ht_err ht_gov_event_read(struct ht_event *out, struct ht_arena *arena, const json_t *object,
                              struct ht_why *why) {
    struct ht_buf text;
    ht_buf_init(&text, HT_EVENT_SIZE_MAX);
    enum ht_err err = ht_json_dump_compact(&text, object);
    if (err == HT_OK) {
        uint8_t *copy = ht_arena_alloc(arena, text.n);
        err = copy != NULL ? HT_OK : HT_ENOMEM;
        if (copy != NULL) memcpy(copy, text.p, text.n);
        if (copy != NULL) err = ht_event_read(out, arena, ht_bytes_of(copy, text.n), why);
    } else {
        err = ht_fail(why, err, "event_malformed", "an event of the store is not readable");
    }
    ht_buf_fini(&text);
    return err;
}

enum ht_err ht_gov_event_id_param(ht_hash32 *out, const json_t *params, const char *path,
                                  struct ht_why *why) {
    ht_bytes text;
    enum ht_err err = ht_json_str(&text, params, path, why);
    if (err != HT_OK) return err;
    if (ht_hex_read(out->b, sizeof out->b, text) == HT_OK) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_id", "%s is no event's id", path);
}

json_t *ht_gov_event_id_json(const ht_hash32 *id) {
    char text[HT_HEX_SIZE(32)];
    ht_hex_write(text, ht_bytes_of(id->b, sizeof id->b));
    return json_string(text + 2);
}
