/* A relay's side of NIP-77 and REQ for the simulator, over whatever shelf it is given. */
#include "node/p2p/sim_relay.h"

#include <stdlib.h>

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/nostr/event.h"
#include "node/nostr/negentropy.h"

#define TEXT_MAX ((size_t)1 << 20)
#define FRAME ((size_t)60000) /* bytes of an answer, before hex doubles them */

struct ht_sim_relay {
    struct ht_sim_shelf shelf;
    struct ht_neg *neg;
    struct ht_fp_view view;
    struct ht_sim_relay_counts counts;
};

struct ht_sim_relay *ht_sim_relay_new(const struct ht_sim_shelf *shelf) {
    struct ht_sim_relay *relay = calloc(1, sizeof *relay);
    if (relay != NULL) relay->shelf = *shelf;
    return relay;
}

void ht_sim_relay_free(struct ht_sim_relay *relay) {
    if (relay == NULL) return;
    ht_neg_free(relay->neg);
    free(relay);
}

struct ht_sim_relay_counts ht_sim_relay_counts(const struct ht_sim_relay *relay) {
    return relay->counts;
}

static void send_json(struct ht_sim_relay *relay, json_t *message, bool is_neg) {
    struct ht_buf text;
    ht_buf_init(&text, TEXT_MAX);
    if (message != NULL && ht_json_dump_compact(&text, message) == HT_OK) {
        if (is_neg) relay->counts.neg_out += text.n;
        relay->shelf.send(relay->shelf.user, ht_buf_view(&text));
    }
    ht_buf_fini(&text);
    json_decref(message);
}

static void answer_neg(struct ht_sim_relay *relay, const char *name, ht_bytes hex) {
    struct ht_buf message, answer, text;
    ht_buf_init(&message, TEXT_MAX);
    ht_buf_init(&answer, TEXT_MAX);
    ht_buf_init(&text, HT_HEX_SIZE(TEXT_MAX));
    bool is_good =
        relay->neg != NULL && ht_hex_read_buf(&message, hex) == HT_OK &&
        ht_neg_reconcile(&answer, NULL, relay->neg, ht_buf_view(&message), NULL) == HT_OK;
    char *out = is_good ? (char *)ht_buf_reserve(&text, HT_HEX_SIZE(answer.n)) : NULL;
    if (out != NULL) {
        ht_hex_write(out, ht_buf_view(&answer));
        send_json(relay, json_pack("[s,s,s]", "NEG-MSG", name, out + 2), true);
    } else {
        send_json(relay, json_pack("[s,s,s]", "NEG-ERR", name, "error: bad message"), true);
    }
    ht_buf_fini(&message);
    ht_buf_fini(&answer);
    ht_buf_fini(&text);
}

static int64_t time_of(const json_t *filter, const char *name, int64_t otherwise) {
    const json_t *value = json_object_get(filter, name);
    return json_is_integer(value) ? (int64_t)json_integer_value(value) : otherwise;
}

static enum ht_err list(struct ht_sim_relay *relay, struct ht_buf *items, const json_t *filter) {
    ht_buf_init(items, (size_t)HT_NEG_ITEMS_MAX * sizeof(struct ht_neg_item));
    return relay->shelf.list(relay->shelf.user, items, time_of(filter, "since", 0),
                             time_of(filter, "until", HT_EVENT_TIME_MAX));
}

static enum ht_err new_neg(struct ht_sim_relay *relay, const json_t *filter) {
    struct ht_buf items;
    if (relay->shelf.tree != NULL) {
        relay->view =
            (struct ht_fp_view){.tree = relay->shelf.tree,
                                .since = (uint64_t)time_of(filter, "since", 0),
                                .until = (uint64_t)time_of(filter, "until", HT_EVENT_TIME_MAX)};
        return ht_neg_new_tree(&relay->neg, &relay->view, FRAME, NULL);
    }
    enum ht_err err = list(relay, &items, filter);
    if (err == HT_OK) {
        err = ht_neg_new(&relay->neg, (const struct ht_neg_item *)(const void *)items.p,
                         items.n / sizeof(struct ht_neg_item), FRAME, NULL);
    }
    ht_buf_fini(&items);
    return err;
}

static void open_neg(struct ht_sim_relay *relay, const json_t *message, const char *name) {
    const char *hex = json_string_value(json_array_get(message, 3));
    if (hex == NULL) return;
    ht_neg_free(relay->neg);
    relay->neg = NULL;
    if (new_neg(relay, json_array_get(message, 2)) != HT_OK) relay->neg = NULL;
    answer_neg(relay, name, ht_bytes_str(hex));
}

static void send_event(struct ht_sim_relay *relay, const char *name, const uint8_t id[static 32]) {
    struct ht_buf text;
    ht_buf_init(&text, TEXT_MAX);
    bool is_there = ht_buf_add_str(&text, "[\"EVENT\",\"") == HT_OK &&
                    ht_buf_add_str(&text, name) == HT_OK && ht_buf_add_str(&text, "\",") == HT_OK &&
                    relay->shelf.json(relay->shelf.user, &text, id) &&
                    ht_buf_add_str(&text, "]") == HT_OK;
    if (is_there) {
        relay->counts.events++;
        relay->shelf.send(relay->shelf.user, ht_buf_view(&text));
    }
    ht_buf_fini(&text);
}

/* By ids; or by time, the newest `limit` of them. */
static void answer_req(struct ht_sim_relay *relay, const json_t *filter, const char *name) {
    const json_t *ids = json_object_get(filter, "ids");
    if (ids != NULL) {
        for (size_t i = 0; i < json_array_size(ids); i++) {
            const char *hex = json_string_value(json_array_get(ids, i));
            ht_hash32 id;
            if (hex != NULL && ht_event_hex32(&id, ht_bytes_str(hex))) {
                send_event(relay, name, id.b);
            }
        }
    } else {
        struct ht_buf items;
        if (list(relay, &items, filter) == HT_OK) {
            const struct ht_neg_item *all = (const struct ht_neg_item *)(const void *)items.p;
            size_t count = items.n / sizeof *all;
            int64_t limit = time_of(filter, "limit", (int64_t)count);
            for (size_t i = count; i > 0 && limit > 0; i--, limit--) {
                send_event(relay, name, all[i - 1].id.b);
            }
        }
        ht_buf_fini(&items);
    }
    send_json(relay, json_pack("[s,s]", "EOSE", name), false);
}

void ht_sim_relay_received(struct ht_sim_relay *relay, ht_bytes text) {
    json_t *message = NULL;
    if (ht_json_parse(&message, text, TEXT_MAX, NULL) != HT_OK) return;
    const char *verb = json_string_value(json_array_get(message, 0));
    const char *name = json_string_value(json_array_get(message, 1));
    if (verb != NULL && name != NULL && strncmp(verb, "NEG-", 4) == 0) {
        relay->counts.neg_in += text.n;
        relay->counts.rounds += strcmp(verb, "NEG-CLOSE") != 0;
        const char *hex = json_string_value(json_array_get(message, 2));
        if (strcmp(verb, "NEG-OPEN") == 0) open_neg(relay, message, name);
        if (strcmp(verb, "NEG-MSG") == 0 && hex != NULL) {
            answer_neg(relay, name, ht_bytes_str(hex));
        }
    } else if (verb != NULL && name != NULL && strcmp(verb, "REQ") == 0) {
        relay->counts.req_in += text.n;
        answer_req(relay, json_array_get(message, 2), name);
    }
    json_decref(message);
}
