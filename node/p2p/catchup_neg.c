/* Comparing a window by negentropy, and fetching what it found by id. */
#include "node/p2p/catchup_neg.h"

#include <stdlib.h>

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/nostr/event_write.h"

#define ID sizeof(ht_hash32)

/* --- comparing --------------------------------------------------------------------------------*/

/* ["NEG-OPEN","name",filter,"hex"], or without a filter ["NEG-MSG","name","hex"]. */
static void say_neg(struct ht_catchup *c, const json_t *filter, ht_bytes message) {
    struct ht_buf text;
    ht_buf_init(&text, HT_CATCHUP_TEXT_MAX);
    enum ht_err err =
        ht_buf_add_str(&text, filter != NULL ? "[\"NEG-OPEN\",\"" : "[\"NEG-MSG\",\"");
    if (err == HT_OK) err = ht_buf_add_str(&text, c->name);
    if (err == HT_OK) err = ht_buf_add_str(&text, "\",");
    if (err == HT_OK && filter != NULL) err = ht_json_dump_compact(&text, filter);
    if (err == HT_OK) err = ht_buf_add_str(&text, filter != NULL ? ",\"" : "\"");
    if (err == HT_OK) err = ht_event_write_hex(&text, message);
    if (err == HT_OK) err = ht_buf_add_str(&text, "\"]");
    if (err == HT_OK) {
        c->counts.compared_out += text.n;
        ht_catchup_say(c, ht_buf_view(&text));
    } else {
        ht_catchup_end(c, err, "neg_too_large", "a message to compare events cannot be made");
    }
    ht_buf_fini(&text);
}

void ht_catchup_neg_end(struct ht_catchup *c) {
    ht_neg_free(c->neg);
    c->neg = NULL;
}

void ht_catchup_neg_begin(struct ht_catchup *c) {
    struct ht_buf first;
    struct ht_why why = {.code = NULL};
    ht_buf_init(&first, HT_NEG_MESSAGE_MAX);
    c->phase = HT_CATCHUP_COMPARES;
    c->is_answered = false;
    c->rounds = 0;
    c->view = (struct ht_fp_view){.tree = c->ours, .since = c->since, .until = c->until};
    json_t *filter = ht_catchup_filter(c, c->since, c->until);
    enum ht_err err =
        filter != NULL ? ht_neg_new_tree(&c->neg, &c->view, HT_CATCHUP_FRAME, &why) : HT_ENOMEM;
    if (err == HT_OK) err = ht_neg_initiate(&first, c->neg, &why);
    if (err == HT_OK)
        say_neg(c, filter, ht_buf_view(&first));
    else
        ht_catchup_end_why(c, err, &why);
    ht_buf_fini(&first);
    json_decref(filter);
}

/* An id may have been found more than once: the first place of each is kept, in order. */
struct place {
    ht_hash32 id;
    size_t at;
};

static int compare_places(const void *a, const void *b) {
    const struct place *one = a;
    const struct place *other = b;
    int order = memcmp(&one->id, &other->id, ID);
    return order != 0 ? order : (one->at > other->at) - (one->at < other->at);
}

static enum ht_err drop_repeated(struct ht_buf *ids) {
    size_t count = ids->n / ID;
    struct place *places = calloc(count + 1, sizeof *places);
    bool *is_repeated = calloc(count + 1, sizeof *is_repeated);
    size_t kept = 0;
    if (places != NULL && is_repeated != NULL) {
        for (size_t i = 0; i < count; i++) {
            memcpy(&places[i].id, ids->p + i * ID, ID);
            places[i].at = i;
        }
        qsort(places, count, sizeof *places, compare_places);
        for (size_t i = 1; i < count; i++) {
            if (ht_hash32_equal(&places[i - 1].id, &places[i].id)) is_repeated[places[i].at] = true;
        }
        for (size_t i = 0; i < count; i++) {
            if (is_repeated[i]) continue;
            memmove(ids->p + kept * ID, ids->p + i * ID, ID);
            kept++;
        }
        ids->n = kept * ID;
    }
    bool is_made = places != NULL && is_repeated != NULL;
    free(places);
    free(is_repeated);
    return is_made ? HT_OK : HT_ENOMEM;
}

static void compared(struct ht_catchup *c) {
    ht_catchup_neg_end(c);
    ht_catchup_say_end(c, "NEG-CLOSE", 0);
    if (drop_repeated(&c->found.need) != HT_OK || drop_repeated(&c->found.have) != HT_OK) {
        ht_catchup_end(c, HT_ENOMEM, "no_memory", "no memory for what was found");
        return;
    }
    c->counts.needed += c->found.need.n / ID;
    c->phase = HT_CATCHUP_FETCHES;
    ht_catchup_fetch_next(c);
}

void ht_catchup_neg_message(struct ht_catchup *c, ht_bytes hex) {
    struct ht_buf message, answer;
    struct ht_why why = {.code = NULL};
    ht_buf_init(&message, HT_NEG_MESSAGE_MAX);
    ht_buf_init(&answer, HT_NEG_MESSAGE_MAX);
    c->counts.has_neg = true;
    c->counts.rounds++;
    c->is_answered = true;
    bool has_prefix = hex.n >= 2 && hex.p[1] == 'x';
    enum ht_err err = has_prefix ? HT_EINPUT : ht_hex_read_buf(&message, hex);
    if (err == HT_EINPUT)
        err = ht_fail(&why, err, "neg_malformed", "a message of negentropy is not hex");
    if (err == HT_OK)
        err = ht_neg_reconcile(&answer, &c->found, c->neg, ht_buf_view(&message), &why);
    /* More than can be worked on at once: what was found is fetched, the rest is another time's. */
    bool is_full = err == HT_ELIMIT && c->found.need.n + c->found.have.n > 0;
    if (is_full || (err == HT_OK && answer.n == 0)) {
        compared(c);
    } else if (err == HT_OK && ++c->rounds >= HT_CATCHUP_ROUNDS_MAX) {
        ht_catchup_end(c, HT_EINPUT, "neg_endless", "the comparison comes to no end");
    } else if (err == HT_OK) {
        say_neg(c, NULL, ht_buf_view(&answer));
    } else {
        ht_catchup_end_why(c, err, &why);
    }
    ht_buf_fini(&message);
    ht_buf_fini(&answer);
}

/* --- fetching ---------------------------------------------------------------------------------*/

static int compare_ids(const void *a, const void *b) {
    return memcmp(a, b, ID);
}

static json_t *batch_filter(const struct ht_catchup *c) {
    static const char digits[] = "0123456789abcdef";
    json_t *ids = json_array();
    for (size_t i = 0; i < c->batch_count; i++) {
        char hex[2 * ID];
        for (size_t k = 0; k < sizeof hex; k++)
            hex[k] = digits[c->batch[i].b[k / 2] >> (k % 2 == 0 ? 4 : 0) & 0xf];
        if (json_array_append_new(ids, json_stringn(hex, sizeof hex)) != 0) {
            json_decref(ids);
            return NULL;
        }
    }
    return json_pack("{s:o, s:I}", "ids", ids, "limit", (json_int_t)c->batch_count);
}

/* From the end, where the ranges of the newest are. */
void ht_catchup_fetch_next(struct ht_catchup *c) {
    struct ht_buf *need = &c->found.need;
    size_t left = need->n / ID;
    if (left == 0) {
        c->batch_count = 0;
        ht_catchup_offer_begin(c);
        return;
    }
    c->batch_count = left < HT_CATCHUP_BATCH ? left : HT_CATCHUP_BATCH;
    need->n -= c->batch_count * ID;
    memcpy(c->batch, need->p + need->n, c->batch_count * ID);
    qsort(c->batch, c->batch_count, ID, compare_ids);
    memset(c->has_come, 0, sizeof c->has_come);
    ht_catchup_say_req(c, batch_filter(c));
}

void ht_catchup_fetch_event(struct ht_catchup *c, const struct ht_catchup_message *message) {
    const ht_hash32 *asked = bsearch(&message->id, c->batch, c->batch_count, ID, compare_ids);
    if (asked == NULL || c->has_come[asked - c->batch]) {
        ht_catchup_stray(c);
        return;
    }
    c->has_come[asked - c->batch] = true;
    c->counts.taken++;
    c->io.take(c->io.user, message->event);
}
