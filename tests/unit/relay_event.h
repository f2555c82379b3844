/* Signed events as messages of a connection, for tests of the relay. */
#ifndef HT_TESTS_RELAY_EVENT_H
#define HT_TESTS_RELAY_EVENT_H

#include <stdio.h>

#include "node/base/hex.h"
#include "tests/unit/event_maker.h"

struct bench_event {
    char json[2048], message[2080], id[65];
    struct ht_event event;
};

static inline struct bench_event bench_event_of(uint8_t who, uint32_t kind, int64_t created_at,
                                                const struct ht_event_tag *tags, size_t tag_count,
                                                const char *content) {
    struct bench_event made = {.event = {.kind = kind,
                                         .created_at = created_at,
                                         .tags = tags,
                                         .tag_count = tag_count,
                                         .content = ht_bytes_str(content)}};
    struct ht_buf json;
    char hex[HT_HEX_SIZE(32)];
    maker_sign(&made.event, who);
    ht_buf_init(&json, sizeof made.json - 1);
    assert_int_equal(ht_event_write(&json, &made.event), HT_OK);
    memcpy(made.json, json.p, json.n);
    ht_buf_fini(&json);
    (void)snprintf(made.message, sizeof made.message, "[\"EVENT\",%s]", made.json);
    ht_hex_write(hex, HT_BYTES(made.event.id.b));
    memcpy(made.id, hex + 2, sizeof made.id);
    return made;
}

static inline struct bench_event bench_note(uint8_t who, int64_t created_at, const char *content) {
    return bench_event_of(who, 1, created_at, NULL, 0, content);
}

#endif
