/* A catch-up as a whole: its windows one after another, what it says and hears, its end. Comparing
 * is catchup_neg.c's, plain windows are catchup_plain.c's. */
#include "node/p2p/catchup.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/codec/json.h"
#include "node/p2p/catchup_neg.h"
#include "node/p2p/catchup_plain.h"

#define QUEUE_MAX ((size_t)8 << 20)
#define STRAYS_MAX 1000U
#define LOOKED_MAX 2000U /* items of ours that are looked at in one turn */
#define OFFERED_MAX 100U /* in one turn */

/* --- saying -----------------------------------------------------------------------------------*/

void ht_catchup_end(struct ht_catchup *c, enum ht_err err, const char *code, const char *text) {
    if (c->phase == HT_CATCHUP_OVER) return;
    c->phase = HT_CATCHUP_OVER;
    c->err = err == HT_OK ? HT_OK : ht_fail(&c->why, err, code, "%s", text);
}

void ht_catchup_end_why(struct ht_catchup *c, enum ht_err err, const struct ht_why *why) {
    if (why->code != NULL) {
        ht_catchup_end(c, err, why->code, why->text);
    } else if (err == HT_ELIMIT) {
        ht_catchup_end(c, err, "neg_too_large", "a message is longer than there may be");
    } else {
        ht_catchup_end(c, err, "no_memory", "no memory to compare events");
    }
}

/* Last in every function that others call: within `done` all of this may be freed. */
static void tell_end(struct ht_catchup *c) {
    if (c->phase != HT_CATCHUP_OVER || c->is_told) return;
    c->is_told = true;
    ht_catchup_neg_end(c);
    c->io.done(c->io.user, c->err, &c->why);
}

void ht_catchup_say(struct ht_catchup *c, ht_bytes text) {
    const size_t n = text.n;
    if (c->phase == HT_CATCHUP_OVER) return;
    c->counts.bytes_out += n;
    if (c->queue.n == 0 && c->io.send(c->io.user, text)) return;
    enum ht_err err = ht_buf_add(&c->queue, ht_bytes_of(&n, sizeof n));
    if (err == HT_OK) err = ht_buf_add(&c->queue, text);
    if (err != HT_OK) ht_catchup_end(c, HT_EAGAIN, "cut", "the other side takes nothing");
}

static void flush(struct ht_catchup *c) {
    while (c->queue.n > 0) {
        size_t n;
        memcpy(&n, c->queue.p, sizeof n);
        if (!c->io.send(c->io.user, ht_bytes_of(c->queue.p + sizeof n, n))) return;
        c->queue.n -= sizeof n + n;
        memmove(c->queue.p, c->queue.p + sizeof n + n, c->queue.n);
    }
}

static void write_name(char out[static 64], const struct ht_catchup *c, uint64_t number) {
    if (number == 0)
        (void)snprintf(out, 64, "%s", c->name);
    else
        (void)snprintf(out, 64, "%s:%llu", c->name, (unsigned long long)number);
}

void ht_catchup_say_end(struct ht_catchup *c, const char *verb, uint64_t number) {
    char name[64], text[128];
    write_name(name, c, number);
    int n = snprintf(text, sizeof text, "[\"%s\",\"%s\"]", verb, name);
    if (number == 0) c->counts.compared_out += (size_t)n;
    ht_catchup_say(c, ht_bytes_of(text, (size_t)n));
}

void ht_catchup_say_req(struct ht_catchup *c, json_t *filter) {
    char name[64];
    struct ht_buf text;
    ht_buf_init(&text, HT_CATCHUP_TEXT_MAX);
    write_name(name, c, ++c->request);
    enum ht_err err = filter != NULL ? ht_buf_add_str(&text, "[\"REQ\",\"") : HT_ENOMEM;
    if (err == HT_OK) err = ht_buf_add_str(&text, name);
    if (err == HT_OK) err = ht_buf_add_str(&text, "\",");
    if (err == HT_OK) err = ht_json_dump_compact(&text, filter);
    if (err == HT_OK) err = ht_buf_add_str(&text, "]");
    if (err == HT_OK)
        ht_catchup_say(c, ht_buf_view(&text));
    else
        ht_catchup_end(c, err, "no_memory", "a request cannot be made");
    ht_buf_fini(&text);
    json_decref(filter);
}

json_t *ht_catchup_filter(const struct ht_catchup *c, uint64_t since, uint64_t until) {
    json_t *filter = json_copy(c->filter);
    int failed = filter == NULL;
    if (failed == 0 && since > 0)
        failed = json_object_set_new(filter, "since", json_integer((json_int_t)since));
    if (failed == 0 && until < HT_NEG_TIME_END - 1)
        failed = json_object_set_new(filter, "until", json_integer((json_int_t)until));
    if (failed == 0) return filter;
    json_decref(filter);
    return NULL;
}

/* --- windows ----------------------------------------------------------------------------------*/

/* When a window begins; the next older one ends before it. */
static uint64_t begin_of(const struct ht_catchup *c, unsigned window) {
    static const int64_t days[HT_CATCHUP_WINDOWS - 1] = {1, 7, 30};
    if (window >= HT_CATCHUP_WINDOWS - 1) return 0;
    int64_t begin = c->begun_s - days[window] * 86400;
    return begin > 0 ? (uint64_t)begin : 0;
}

static void begin_window(struct ht_catchup *c, unsigned window) {
    uint64_t end = window == 0 ? HT_NEG_TIME_END : begin_of(c, window - 1);
    if (window >= HT_CATCHUP_WINDOWS || end == 0) {
        ht_catchup_end(c, HT_OK, "", "");
        return;
    }
    c->window = window;
    c->since = begin_of(c, window);
    c->until = end - 1;
    c->offers_span = false;
    ht_buf_clear(&c->found.have);
    ht_buf_clear(&c->found.need);
    c->page.until = 0;
    if (c->is_plain)
        ht_catchup_plain_begin(c);
    else
        ht_catchup_neg_begin(c);
}

void ht_catchup_next_window(struct ht_catchup *c) {
    unsigned next = c->window + 1;
    if (c->window == 0 && c->from.window > 1) next = c->from.window;
    if (c->phase != HT_CATCHUP_OVER) begin_window(c, next);
}

struct ht_catchup_mark ht_catchup_mark(const struct ht_catchup *c) {
    struct ht_catchup_mark mark = {.window = c->window};
    if (c->phase == HT_CATCHUP_OVER && c->err == HT_OK) mark.window = 0;
    /* Nothing of the older windows is lost while the last day is looked at again. */
    if (c->phase != HT_CATCHUP_OVER || c->err != HT_OK) {
        if (c->window == 0 && c->from.window > 0) return c->from;
        bool is_paging = c->page.until > 0 && c->page.until < c->page.first_until;
        if (is_paging) mark.until_s = (int64_t)c->page.until;
    }
    return mark;
}

/* --- offering ---------------------------------------------------------------------------------*/

/* The next of ours that the other lacks; false when there is none, or none among those that one
 * turn looks at (*is_more). */
static bool next_offer(ht_hash32 *id, bool *is_more, struct ht_catchup *c) {
    *is_more = false;
    if (!c->offers_span) {
        if (c->found.have.n == 0) return false;
        c->found.have.n -= sizeof *id;
        memcpy(id, c->found.have.p + c->found.have.n, sizeof *id);
        return true;
    }
    size_t at = ht_fp_tree_find(c->ours, 0, &c->offer_from);
    for (size_t looked = 0; at < ht_fp_tree_count(c->ours); at++, looked++) {
        const struct ht_neg_item item = ht_fp_tree_at(c->ours, at);
        if (item.created_at > c->offer_until) return false;
        *is_more = looked >= LOOKED_MAX;
        c->offer_from = (struct ht_neg_bound){.at = item, .id_n = sizeof(ht_hash32)};
        if (*is_more) return false;
        if (ht_catchup_plain_was_seen(c, &item.id)) continue;
        /* The bound behind it is that of the item after it, when there is one. */
        if (at + 1 < ht_fp_tree_count(c->ours))
            c->offer_from.at = ht_fp_tree_at(c->ours, at + 1);
        else
            c->offer_from.at = (struct ht_neg_item){.created_at = HT_NEG_TIME_END};
        *id = item.id;
        return true;
    }
    return false;
}

static bool has_offers(const struct ht_catchup *c) {
    return c->offers && (c->offers_span || c->found.have.n > 0);
}

void ht_catchup_offer_begin(struct ht_catchup *c) {
    if (c->phase == HT_CATCHUP_OVER) return;
    c->phase = HT_CATCHUP_OFFERS;
    if (!has_offers(c))
        ht_catchup_next_window(c);
    else if (c->offer_ms < ht_mono_ms(&c->clock))
        c->offer_ms = ht_mono_ms(&c->clock);
}

/* Milliseconds until the next offer. */
static int64_t offer(struct ht_catchup *c) {
    int64_t now_ms = ht_mono_ms(&c->clock);
    for (size_t i = 0; i < OFFERED_MAX && c->offer_ms <= now_ms; i++) {
        ht_hash32 id;
        bool is_more;
        if (next_offer(&id, &is_more, c)) {
            c->offer_ms += c->offer_every_ms;
            c->counts.offered++;
            c->io.offer(c->io.user, &id);
        } else if (is_more) {
            return 1;
        } else {
            ht_catchup_next_window(c);
            return 1;
        }
    }
    return c->offer_ms > now_ms ? c->offer_ms - now_ms : 1;
}

/* --- hearing ----------------------------------------------------------------------------------*/

bool ht_catchup_is_denied(struct ht_catchup *c, ht_bytes reason) {
    static const char *const words[] = {"auth-required", "restricted"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (reason.n < n || memcmp(reason.p, words[i], n) != 0) continue;
        char text[160];
        (void)snprintf(text, sizeof text, "the other side refuses: %.*s",
                       reason.n < 120 ? (int)reason.n : 120, (const char *)reason.p);
        ht_catchup_end(c, HT_EDENIED, words[i], text);
        return true;
    }
    return false;
}

void ht_catchup_stray(struct ht_catchup *c) {
    if (++c->strays < STRAYS_MAX) return;
    ht_catchup_end(c, HT_EINPUT, "not_asked", "the other side sends events that nobody asked for");
}

/* The first message of a window has no answer but this. */
static void refuse_neg(struct ht_catchup *c, ht_bytes reason, bool is_for_all) {
    if (ht_catchup_is_denied(c, reason)) return;
    if (c->is_answered) {
        ht_catchup_end(c, HT_EAGAIN, "cut", "the other side gave up comparing");
        return;
    }
    if (is_for_all && !c->counts.has_neg) c->is_plain = true;
    ht_catchup_plain_begin(c);
}

static void end_request(struct ht_catchup *c, bool is_finished) {
    ht_catchup_say_end(c, "CLOSE", c->request);
    if (c->phase == HT_CATCHUP_FETCHES)
        ht_catchup_fetch_next(c);
    else if (c->phase == HT_CATCHUP_PAGES)
        ht_catchup_plain_page_end(c, is_finished);
}

static void hear_neg(struct ht_catchup *c, const struct ht_catchup_message *message) {
    if (c->phase != HT_CATCHUP_COMPARES) return;
    if (message->said == HT_CATCHUP_SAID_NEG_MSG)
        ht_catchup_neg_message(c, message->text);
    else if (message->said == HT_CATCHUP_SAID_NEG_ERR)
        refuse_neg(c, message->text, false);
    else if (message->said == HT_CATCHUP_SAID_CLOSED)
        refuse_neg(c, message->text, true);
}

static void hear_request(struct ht_catchup *c, const struct ht_catchup_message *message) {
    bool is_closed = message->said == HT_CATCHUP_SAID_CLOSED;
    if (c->phase != HT_CATCHUP_FETCHES && c->phase != HT_CATCHUP_PAGES) return;
    if (message->said == HT_CATCHUP_SAID_EVENT) {
        if (c->phase == HT_CATCHUP_FETCHES)
            ht_catchup_fetch_event(c, message);
        else
            ht_catchup_plain_event(c, message);
    } else if (message->said == HT_CATCHUP_SAID_EOSE) {
        end_request(c, message->is_finished);
    } else if (is_closed && !ht_catchup_is_denied(c, message->text)) {
        /* Refused for another reason: what it asked for is left. */
        ht_catchup_end(c, HT_EAGAIN, "cut", "the other side ended a request");
    }
}

/* Whose is it? *number: 0 for NEG, else of the REQ. */
static bool is_ours(uint64_t *number, const struct ht_catchup *c, ht_bytes subscription) {
    size_t n = strlen(c->name);
    *number = 0;
    if (subscription.n < n || memcmp(subscription.p, c->name, n) != 0) return false;
    if (subscription.n == n) return true;
    if (subscription.p[n] != ':' || subscription.n - n > 19) return false;
    for (size_t i = n + 1; i < subscription.n; i++) {
        if (subscription.p[i] < '0' || subscription.p[i] > '9') return false;
        *number = *number * 10 + (uint64_t)(subscription.p[i] - '0');
    }
    return *number > 0;
}

/* One that has no NIP-77 says so as it likes, without naming what it is about. */
static void hear_notice(struct ht_catchup *c, ht_bytes text) {
    bool waits = c->phase == HT_CATCHUP_COMPARES && !c->is_answered && !c->counts.has_neg;
    if (waits) refuse_neg(c, text, true);
}

bool ht_catchup_received(struct ht_catchup *c, ht_bytes text) {
    struct ht_arena arena;
    struct ht_catchup_message message;
    uint64_t number = 0;
    if (c->phase == HT_CATCHUP_OVER || c->phase == HT_CATCHUP_WAITS) return false;
    ht_arena_init(&arena, HT_CATCHUP_ARENA(text.n));
    ht_catchup_read(&message, &arena, text);
    bool is_mine =
        message.said != HT_CATCHUP_SAID_OTHER && is_ours(&number, c, message.subscription);
    if (is_mine) {
        c->counts.bytes_in += text.n;
        c->heard_ms = ht_mono_ms(&c->clock);
        if (number == 0) c->counts.compared_in += text.n;
        if (number == 0)
            hear_neg(c, &message);
        else if (number == c->request)
            hear_request(c, &message);
    } else if (message.said == HT_CATCHUP_SAID_NOTICE) {
        hear_notice(c, message.text);
    }
    ht_arena_fini(&arena);
    tell_end(c);
    return is_mine;
}

void ht_catchup_drained(struct ht_catchup *c) {
    if (c->phase == HT_CATCHUP_OVER || c->queue.n == 0) return;
    flush(c);
    c->heard_ms = ht_mono_ms(&c->clock);
}

void ht_catchup_cut(struct ht_catchup *c) {
    ht_catchup_end(c, HT_EAGAIN, "cut", "the connection was lost");
    tell_end(c);
}

int64_t ht_catchup_tick(struct ht_catchup *c) {
    int64_t next_ms = -1;
    if (c->phase == HT_CATCHUP_WAITS) return -1;
    if (c->phase == HT_CATCHUP_OFFERS) next_ms = offer(c);
    int64_t left_ms = c->heard_ms + HT_CATCHUP_SILENCE_MS - ht_mono_ms(&c->clock);
    bool waits = c->phase == HT_CATCHUP_COMPARES || c->phase == HT_CATCHUP_FETCHES ||
                 c->phase == HT_CATCHUP_PAGES;
    if (next_ms >= 0) {
        c->heard_ms = ht_mono_ms(&c->clock); /* it was not its turn */
    } else if (waits && left_ms <= 0) {
        c->heard_ms = ht_mono_ms(&c->clock);
        next_ms = HT_CATCHUP_SILENCE_MS;
        bool may_lack_neg = c->phase == HT_CATCHUP_COMPARES && !c->counts.has_neg;
        if (may_lack_neg)
            refuse_neg(c, (ht_bytes){NULL, 0}, true);
        else
            ht_catchup_end(c, HT_EAGAIN, "silent", "the other side says nothing any more");
    } else if (waits) {
        next_ms = left_ms;
    }
    if (c->phase == HT_CATCHUP_OVER) next_ms = -1;
    tell_end(c);
    return next_ms;
}

/* --- life -------------------------------------------------------------------------------------*/

static bool is_name(const char *name) {
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return n > 0 && n <= HT_CATCHUP_NAME_MAX && name[n] == '\0';
}

enum ht_err ht_catchup_new(struct ht_catchup **out, const struct ht_catchup_options *options,
                           struct ht_why *why) {
    if (!is_name(options->name))
        return ht_fail(why, HT_EINPUT, "bad_name", "that is no name of a subscription");
    struct ht_catchup *c = calloc(1, sizeof *c);
    json_t *filter = json_deep_copy(options->filter);
    if (c == NULL || filter == NULL) {
        free(c);
        json_decref(filter);
        return ht_fail(why, HT_ENOMEM, "no_memory", "no memory to catch up");
    }
    unsigned rate = options->offers_a_second;
    if (rate == 0) rate = HT_CATCHUP_OFFERS_A_SECOND;
    c->clock = *options->clock;
    memcpy(c->name, options->name, strlen(options->name));
    c->filter = filter;
    c->ours = options->ours;
    c->offers = options->offers;
    c->offer_every_ms = rate < 1000 ? 1000 / rate : 1;
    c->plain_since_s = options->plain_since_s;
    if (options->from.window < HT_CATCHUP_WINDOWS) c->from = options->from;
    c->io = options->io;
    /* Nothing is kept of what is not to be offered. */
    ht_buf_init(&c->found.have, c->offers ? HT_NEG_ITEMS_MAX * sizeof(ht_hash32) : 0);
    ht_buf_init(&c->found.need, HT_CATCHUP_FOUND_MAX * sizeof(ht_hash32));
    ht_buf_init(&c->page.edge, HT_CATCHUP_FOUND_MAX * sizeof(ht_hash32));
    ht_buf_init(&c->page.next_edge, HT_CATCHUP_FOUND_MAX * sizeof(ht_hash32));
    ht_buf_init(&c->page.seen, HT_CATCHUP_FOUND_MAX * sizeof(ht_hash32));
    ht_buf_init(&c->queue, QUEUE_MAX);
    *out = c;
    return HT_OK;
}

void ht_catchup_free(struct ht_catchup *c) {
    if (c == NULL) return;
    ht_catchup_neg_end(c);
    ht_buf_fini(&c->found.have);
    ht_buf_fini(&c->found.need);
    ht_buf_fini(&c->page.edge);
    ht_buf_fini(&c->page.next_edge);
    ht_buf_fini(&c->page.seen);
    ht_buf_fini(&c->queue);
    json_decref(c->filter);
    free(c);
}

void ht_catchup_begin(struct ht_catchup *c) {
    ht_assert(c->phase == HT_CATCHUP_WAITS);
    c->begun_s = ht_wall_ms(&c->clock) / 1000;
    c->heard_ms = ht_mono_ms(&c->clock);
    begin_window(c, 0);
    tell_end(c);
}

struct ht_catchup_counts ht_catchup_counts(const struct ht_catchup *c) {
    return c->counts;
}
