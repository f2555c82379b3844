/* Several questions at once. */
#include "social/links/ask_all.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "social/links/peers.h"

struct asking {
    struct ht_task *task;
    void (*then)(struct ht_task *task);
    size_t left; /* questions, and one for the beginning */
    json_t *source;
};

/* --- putting answers together ----------------------------------------------------------------- */

/* The worse one stands: who did not answer everything has not answered. */
static unsigned badness(const char *state) {
    static const char *const ORDER[] = {"none",         "answered", "no_answer",
                                        "unknown_name", "refused",  "auth"};
    for (unsigned i = 0; state != NULL && i < sizeof ORDER / sizeof *ORDER; i++) {
        if (strcmp(state, ORDER[i]) == 0) return i;
    }
    return 0;
}

static json_t *find_relay(const json_t *relays, const char *url) {
    size_t i;
    json_t *relay;
    json_array_foreach(relays, i, relay) {
        const char *name = json_string_value(ht_json_member(relay, "url"));
        if (name != NULL && url != NULL && strcmp(name, url) == 0) return relay;
    }
    return NULL;
}

static json_int_t number_of(const json_t *object, const char *name) {
    return json_integer_value(ht_json_member(object, name));
}

static const char *state_of(const json_t *relay) {
    return json_string_value(ht_json_member(relay, "state"));
}

static int add_relay(json_t *relays, const json_t *relay) {
    json_t *same = find_relay(relays, json_string_value(ht_json_member(relay, "url")));
    if (same == NULL) return json_array_append_new(relays, json_deep_copy(relay));
    json_int_t ms = number_of(relay, "ms"), before = number_of(same, "ms");
    json_int_t count = number_of(relay, "count") + number_of(same, "count");
    int failed = json_object_set_new(same, "ms", json_integer(ms > before ? ms : before));
    failed |= json_object_set_new(same, "count", json_integer(count));
    if (badness(state_of(relay)) > badness(state_of(same))) {
        failed |= json_object_set(same, "state", json_object_get(relay, "state"));
    }
    return failed;
}

json_t *ht_ask_merge(const json_t *a, const json_t *b) {
    json_t *relays = json_array(), *relay;
    json_int_t answered = 0;
    int failed = relays == NULL;
    size_t i;
    json_array_foreach(ht_json_member(a, "relays"), i, relay) failed |= add_relay(relays, relay);
    json_array_foreach(ht_json_member(b, "relays"), i, relay) failed |= add_relay(relays, relay);
    json_array_foreach(relays, i, relay) answered += badness(state_of(relay)) <= 1;
    if (failed != 0) {
        json_decref(relays);
        return NULL;
    }
    return json_pack("{s:I, s:I, s:o}", "asked", (json_int_t)json_array_size(relays), "answered",
                     answered, "relays", relays);
}

/* --- asking ----------------------------------------------------------------------------------- */

static void one_done(struct asking *asking) {
    if (--asking->left > 0) return;
    struct ht_task *task = asking->task;
    json_t *whole = ht_ask_merge(task->source, asking->source);
    if (whole != NULL) {
        json_decref(task->source);
        task->source = whole;
    }
    void (*then)(struct ht_task * task) = asking->then;
    json_decref(asking->source);
    free(asking);
    then(task);
}

static void answered(void *user, json_t *source) {
    struct asking *asking = user;
    json_t *whole = ht_ask_merge(asking->source, source);
    if (whole != NULL) {
        json_decref(asking->source);
        asking->source = whole;
    }
    one_done(asking);
}

void ht_ask_all(struct ht_task *task, const json_t *filters, const json_t *relays,
                void (*then)(struct ht_task *task)) {
    struct asking *asking = calloc(1, sizeof *asking);
    task->has_asked = true;
    if (asking == NULL) {
        then(task);
        return;
    }
    size_t count = json_array_size(filters);
    if (count > HT_ASK_FILTERS_MAX) count = HT_ASK_FILTERS_MAX;
    *asking = (struct asking){.task = task, .then = then, .left = count + 1};
    for (size_t i = 0; i < count; i++) {
        ht_peers_ask(task->social, json_array_get(filters, i), relays, answered, asking);
    }
    one_done(asking);
}
