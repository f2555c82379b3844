/* A relay in a few lines, for tests of catch-up: events that are ids and times, with or without
 * NIP-77. What it is told is answered into a queue. */
#ifndef HT_TESTS_RELAY_FAKE_H
#define HT_TESTS_RELAY_FAKE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/crypto/sha256.h"
#include "node/nostr/event_write.h"
#include "node/p2p/fingerprint_view.h"

enum { FAKE_QUEUE = 6000 };

struct fake_relay {
    struct ht_fp_tree *tree;
    struct ht_neg_item *by_id; /* sorted by id */
    size_t count;
    bool has_neg;
    const char *refusal; /* of NEG-OPEN: NULL, or a whole message, %s is the subscription */
    bool is_silent;
    unsigned page_max; /* of a REQ */
    size_t neg_limit;
    struct ht_neg *neg;
    struct ht_fp_view view;
    struct ht_buf answers[FAKE_QUEUE];
    size_t first, end;
    size_t longest;   /* that it was told */
    char windows[64]; /* a letter for each NEG-OPEN's and first REQ's span: d, w, m, a */
    int64_t now_s;
};

static inline struct ht_neg_item fake_item(uint32_t i, uint64_t created_at) {
    struct ht_neg_item item = {.created_at = created_at};
    uint8_t text[4];
    ht_write_u32_le(text, i);
    ht_sha256(&item.id, HT_BYTES(text));
    return item;
}

static inline int fake_by_id(const void *a, const void *b) {
    const struct ht_neg_item *one = a, *other = b;
    return memcmp(&one->id, &other->id, sizeof one->id);
}

static inline struct ht_buf *fake_answer(struct fake_relay *relay) {
    ht_assert(relay->end - relay->first < FAKE_QUEUE);
    struct ht_buf *out = &relay->answers[relay->end++ % FAKE_QUEUE];
    ht_buf_init(out, (size_t)4 << 20);
    return out;
}

static inline void fake_say(struct fake_relay *relay, const char *format, const char *name) {
    char text[300];
    /* Formats are the test's own. */
    const char *at = strstr(format, "%s");
    int n = at != NULL
                ? snprintf(text, sizeof text, "%.*s%s%s", (int)(at - format), format, name, at + 2)
                : snprintf(text, sizeof text, "%s", format);
    ht_assert(n > 0 && ht_buf_add_str(fake_answer(relay), text) == HT_OK);
}

static inline void fake_event(struct fake_relay *relay, const char *name,
                              const struct ht_neg_item *item) {
    char text[300], hex[HT_HEX_SIZE(32)];
    ht_hex_write(hex, HT_BYTES(item->id.b));
    (void)snprintf(text, sizeof text,
                   "[\"EVENT\",\"%s\",{\"kind\":1,\"id\":\"%s\",\"created_at\":%llu}]", name,
                   hex + 2, (unsigned long long)item->created_at);
    ht_assert(ht_buf_add_str(fake_answer(relay), text) == HT_OK);
}

static inline void fake_neg(struct fake_relay *relay, const char *name, const char *hex) {
    struct ht_buf message, answer;
    ht_buf_init(&message, HT_NEG_MESSAGE_MAX);
    ht_buf_init(&answer, HT_NEG_MESSAGE_MAX);
    ht_assert(ht_hex_read_buf(&message, ht_bytes_str(hex)) == HT_OK);
    ht_assert(ht_neg_reconcile(&answer, NULL, relay->neg, ht_buf_view(&message), NULL) == HT_OK);
    struct ht_buf *out = fake_answer(relay);
    ht_assert(ht_buf_add_str(out, "[\"NEG-MSG\",\"") == HT_OK &&
              ht_buf_add_str(out, name) == HT_OK && ht_buf_add_str(out, "\",\"") == HT_OK &&
              ht_event_write_hex(out, ht_buf_view(&answer)) == HT_OK &&
              ht_buf_add_str(out, "\"]") == HT_OK);
    ht_buf_fini(&message);
    ht_buf_fini(&answer);
}

static inline void fake_note_window(struct fake_relay *relay, const json_t *filter) {
    int64_t since = json_integer_value(json_object_get(filter, "since"));
    int64_t age = since > 0 ? (relay->now_s - since + 3600) / 86400 : 0;
    size_t n = strlen(relay->windows);
    ht_assert(n + 2 < sizeof relay->windows);
    relay->windows[n] = age == 0 ? 'a' : age == 1 ? 'd' : age == 7 ? 'w' : 'm';
}

static inline void fake_open(struct fake_relay *relay, const json_t *message, const char *name) {
    const json_t *filter = json_array_get(message, 2);
    const json_t *until = json_object_get(filter, "until");
    if (!relay->has_neg) {
        fake_say(relay, relay->refusal, name);
        return;
    }
    fake_note_window(relay, filter);
    ht_neg_free(relay->neg);
    relay->view = (struct ht_fp_view)HT_FP_VIEW_ALL(relay->tree);
    relay->view.since = (uint64_t)json_integer_value(json_object_get(filter, "since"));
    if (until != NULL) relay->view.until = (uint64_t)json_integer_value(until);
    ht_assert(ht_neg_new_tree(&relay->neg, &relay->view, relay->neg_limit, NULL) == HT_OK);
    fake_neg(relay, name, json_string_value(json_array_get(message, 3)));
}

static inline void fake_page(struct fake_relay *relay, const json_t *filter, const char *name) {
    size_t lower, upper;
    const json_t *until = json_object_get(filter, "until");
    uint64_t since = (uint64_t)json_integer_value(json_object_get(filter, "since"));
    size_t limit = (size_t)json_integer_value(json_object_get(filter, "limit"));
    if (limit > relay->page_max) limit = relay->page_max;
    ht_fp_tree_span(&lower, &upper, relay->tree, since,
                    until != NULL ? (uint64_t)json_integer_value(until) : HT_NEG_TIME_END - 1);
    while (upper > lower && limit-- > 0) {
        struct ht_neg_item item = ht_fp_tree_at(relay->tree, --upper);
        fake_event(relay, name, &item);
    }
}

static inline void fake_request(struct fake_relay *relay, const json_t *message, const char *name) {
    const json_t *filter = json_array_get(message, 2);
    const json_t *ids = json_object_get(filter, "ids");
    for (size_t i = 0; i < json_array_size(ids); i++) {
        struct ht_neg_item key = {.created_at = 0};
        ht_assert(ht_hex_read(key.id.b, 32,
                              ht_bytes_str(json_string_value(json_array_get(ids, i)))) == HT_OK);
        const struct ht_neg_item *item =
            bsearch(&key, relay->by_id, relay->count, sizeof key, fake_by_id);
        if (item != NULL) fake_event(relay, name, item);
    }
    if (ids == NULL) fake_page(relay, filter, name);
    fake_say(relay, "[\"EOSE\",\"%s\"]", name);
}

/* What the other side says to it. */
static inline void fake_hear(struct fake_relay *relay, ht_bytes text) {
    json_t *message = NULL;
    if (text.n > relay->longest) relay->longest = text.n;
    ht_assert(ht_json_parse(&message, text, (size_t)1 << 20, NULL) == HT_OK);
    const char *verb = json_string_value(json_array_get(message, 0));
    const char *name = json_string_value(json_array_get(message, 1));
    if (relay->is_silent) {
        /* Nothing. */
    } else if (strcmp(verb, "NEG-OPEN") == 0) {
        fake_open(relay, message, name);
    } else if (strcmp(verb, "NEG-MSG") == 0) {
        fake_neg(relay, name, json_string_value(json_array_get(message, 2)));
    } else if (strcmp(verb, "REQ") == 0) {
        fake_request(relay, message, name);
    } else {
        ht_assert(strcmp(verb, "CLOSE") == 0 || strcmp(verb, "NEG-CLOSE") == 0);
    }
    json_decref(message);
}

static inline void fake_start(struct fake_relay *relay, struct ht_neg_item *items, size_t count,
                              int64_t now_s) {
    *relay = (struct fake_relay){.has_neg = true,
                                 .refusal = "[\"NOTICE\",\"ERROR: bad msg: unknown cmd\"]",
                                 .page_max = 500,
                                 .neg_limit = 60000,
                                 .now_s = now_s,
                                 .count = count};
    relay->by_id = calloc(count + 1, sizeof *relay->by_id);
    ht_assert(relay->by_id != NULL && ht_fp_tree_new(&relay->tree) == HT_OK);
    ht_assert(ht_fp_tree_fill(relay->tree, items, count, NULL) == HT_OK);
    memcpy(relay->by_id, items, count * sizeof *items);
    qsort(relay->by_id, count, sizeof *items, fake_by_id);
}

static inline void fake_end(struct fake_relay *relay) {
    for (; relay->first < relay->end; relay->first++)
        ht_buf_fini(&relay->answers[relay->first % FAKE_QUEUE]);
    ht_neg_free(relay->neg);
    ht_fp_tree_free(relay->tree);
    free(relay->by_id);
}

#endif
