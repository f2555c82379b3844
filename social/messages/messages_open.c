/* Opens gift wraps, a few at a time at the keeper of keys, and puts what is in them into the index.
 * Where the wraps come from is messages_read.c's. */
#include "social/messages/messages_open.h"

#include <stdlib.h>

#include <sodium.h>

#include "social/messages/gift_wrap.h"
#include "social/messages/messages_read.h"

#define OPENING_MAX 4U /* wraps at the keeper of keys at once, which others need too */
#define RETRY_MS 200
#define NEWS_MS 50
#define WAITING_MAX 1024U
#define WAITING_BYTES_MAX ((size_t)8 << 20)
#define SEEN_PLACES 65536U
#define SEEN_MAX 40000U

struct opening {
    struct ht_messages *messages;
    uint64_t epoch;
    struct ht_waiting_wrap *text;
    struct ht_message_wrap wrap;
    struct ht_gift_opening *gift;
};

/* --- what waits ---------------------------------------------------------------------------------
 */

bool ht_waiting_put(struct ht_waiting_wraps *waiting, ht_bytes json) {
    if (waiting->count == WAITING_MAX || waiting->bytes + json.n > WAITING_BYTES_MAX) return false;
    struct ht_waiting_wrap *one = malloc(sizeof *one + json.n);
    if (one == NULL) return false;
    *one = (struct ht_waiting_wrap){.n = json.n};
    memcpy(one->json, json.p, json.n);
    if (waiting->last != NULL) {
        waiting->last->next = one;
    } else {
        waiting->first = one;
    }
    waiting->last = one;
    waiting->count++;
    waiting->bytes += json.n;
    return true;
}

static struct ht_waiting_wrap *take(struct ht_waiting_wraps *waiting) {
    struct ht_waiting_wrap *one = waiting->first;
    if (one == NULL) return NULL;
    waiting->first = one->next;
    if (waiting->first == NULL) waiting->last = NULL;
    waiting->count--;
    waiting->bytes -= one->n;
    one->next = NULL;
    return one;
}

static void put_back(struct ht_waiting_wraps *waiting, struct ht_waiting_wrap *one) {
    one->next = waiting->first;
    waiting->first = one;
    if (waiting->last == NULL) waiting->last = one;
    waiting->count++;
    waiting->bytes += one->n;
}

void ht_waiting_join(struct ht_waiting_wraps *waiting, struct ht_waiting_wraps *more) {
    if (more->first == NULL) return;
    if (waiting->last != NULL) {
        waiting->last->next = more->first;
    } else {
        waiting->first = more->first;
    }
    waiting->last = more->last;
    waiting->count += more->count;
    waiting->bytes += more->bytes;
    *more = (struct ht_waiting_wraps){0};
}

void ht_waiting_clear(struct ht_waiting_wraps *waiting) {
    struct ht_waiting_wrap *one;
    while ((one = take(waiting)) != NULL) free(one);
}

size_t ht_messages_opening(const struct ht_messages *messages) {
    size_t unread = messages->found_count > messages->read_count && !messages->has_read
                        ? messages->found_count - messages->read_count
                        : 0;
    return messages->waiting.count + messages->opening_count + unread;
}

bool ht_seen_add(struct ht_seen_wraps *seen, const ht_hash32 *id) {
    uint8_t hash[crypto_shorthash_BYTES];
    _Static_assert(crypto_shorthash_KEYBYTES == sizeof seen->key, "the key of a short hash");
    (void)crypto_shorthash(hash, id->b, sizeof id->b, seen->key);
    uint64_t mark = ht_read_u64_le(hash);
    if (mark == 0) mark = 1;
    if (seen->marks == NULL) seen->marks = calloc(SEEN_PLACES, sizeof *seen->marks);
    if (seen->marks == NULL) return true;
    /* Who sends that many makes us open some of them twice; the index knows what it has. */
    if (seen->count == SEEN_MAX) {
        memset(seen->marks, 0, SEEN_PLACES * sizeof *seen->marks);
        seen->count = 0;
    }
    size_t at = mark % SEEN_PLACES;
    while (seen->marks[at] != 0) {
        if (seen->marks[at] == mark) return false;
        at = (at + 1) % SEEN_PLACES;
    }
    seen->marks[at] = mark;
    seen->count++;
    return true;
}

/* --- news ---------------------------------------------------------------------------------------
 */

static void tell(struct ht_timer *timer) {
    struct ht_messages *messages =
        (struct ht_messages *)(void *)((char *)timer - offsetof(struct ht_messages, news_timer));
    const struct ht_host *host = messages->social->host;
    if (!messages->is_stopped) host->publish(host, "social.new");
}

void ht_messages_changed(struct ht_messages *messages) {
    if (messages->is_stopped) return;
    ht_timer_set(messages->social->host->loop, &messages->news_timer, NEWS_MS, tell);
}

/* --- one after the other -------------------------------------------------------------------------
 */

static void free_opening(struct opening *opening) {
    ht_gift_opening_free(opening->gift);
    free(opening->text);
    free(opening);
}

static void retry(struct ht_timer *timer) {
    struct ht_messages *messages =
        (struct ht_messages *)(void *)((char *)timer - offsetof(struct ht_messages, timer));
    ht_messages_go_on(messages);
}

void ht_messages_go_on_later(struct ht_messages *messages) {
    if (messages->is_stopped) return;
    ht_timer_set(messages->social->host->loop, &messages->timer, RETRY_MS, retry);
}

static void put_rumor(struct ht_messages *messages, const struct opening *opening) {
    const struct ht_event *rumor = ht_gift_opening_rumor(opening->gift);
    enum ht_message_put put = HT_MESSAGE_IGNORED;
    int64_t now_s = ht_social_now_s(messages->social);
    if (ht_policy_rank_of(messages->social->policy, &rumor->pubkey) == HT_RANK_BLOCKED) return;
    if (ht_message_index_add(&put, messages->index, rumor, &opening->wrap, now_s) != HT_OK) return;
    if (put == HT_MESSAGE_BAD) messages->unreadable++;
    if (put == HT_MESSAGE_ADDED) ht_messages_changed(messages);
}

static void answered(void *user, const struct ht_nostr_answer *answer);

static void ask(struct opening *opening, const struct ht_gift_ask *wanted) {
    struct ht_messages *messages = opening->messages;
    const struct ht_host *host = messages->social->host;
    const struct ht_nostr_keys *keys = host->nostr_keys(host);
    messages->opening_count++;
    keys->decrypt(keys->self, &messages->owner, &wanted->peer, wanted->data, answered, opening);
}

/* What becomes of one that could not be opened. */
static void failed(struct opening *opening, enum ht_err err) {
    struct ht_messages *messages = opening->messages;
    switch (err) {
    case HT_EINPUT:
    case HT_EUNVERIFIED:
    case HT_ELIMIT:
        messages->unreadable++;
        ht_messages_changed(messages);
        break;
    case HT_EDENIED:
    case HT_ENOTFOUND:
        /* The vault was closed, or the key is gone; here only that of one wrap is known. */
        ht_messages_owner_changed(messages->social);
        break;
    case HT_OK:
    case HT_ESTALE:
    case HT_EAGAIN:
    case HT_ENET:
    case HT_ESTORE:
    case HT_ENOMEM:
    case HT_EBUG:
        opening->text->is_again = true;
        put_back(&messages->waiting, opening->text);
        opening->text = NULL;
        ht_messages_go_on_later(messages);
        break;
    }
    free_opening(opening);
}

static void answered(void *user, const struct ht_nostr_answer *answer) {
    struct opening *opening = user;
    struct ht_messages *messages = opening->messages;
    struct ht_gift_ask wanted;
    messages->opening_count--;
    if (messages->is_stopped || opening->epoch != messages->epoch) {
        free_opening(opening);
        /* Those of now may have waited for its place. */
        ht_messages_go_on(messages);
        return;
    }
    enum ht_err err = answer->err;
    bool is_busy = err == HT_EAGAIN || err == HT_ENOMEM;
    if (err == HT_OK) err = ht_gift_opening_next(&wanted, opening->gift, answer->text, NULL);
    if (err == HT_OK && wanted.need != HT_GIFT_DONE) {
        ask(opening, &wanted);
        return;
    }
    if (err == HT_OK) {
        put_rumor(messages, opening);
        free_opening(opening);
    } else {
        failed(opening, err);
    }
    if (!is_busy) ht_messages_go_on(messages);
}

/* Takes text over. */
static void open_one(struct ht_messages *messages, struct ht_waiting_wrap *text) {
    struct ht_event event;
    struct ht_arena arena;
    struct ht_gift_ask wanted;
    struct opening *opening = calloc(1, sizeof *opening);
    ht_arena_init(&arena, HT_EVENT_ARENA(text->n));
    enum ht_err err = opening != NULL
                          ? ht_event_read(&event, &arena, ht_bytes_of(text->json, text->n), NULL)
                          : HT_ENOMEM;
    int64_t now_s = ht_social_now_s(messages->social);
    bool is_wanted = err == HT_OK && ht_event_expiration(&event) > now_s &&
                     (ht_seen_add(&messages->seen, &event.id) || text->is_again);
    if (is_wanted) {
        *opening = (struct opening){.messages = messages,
                                    .epoch = messages->epoch,
                                    .text = text,
                                    .wrap = {.id = event.id,
                                             .created_at = event.created_at,
                                             .expires = ht_event_expiration(&event)}};
        err = ht_gift_opening_new(&opening->gift, &wanted, &event, NULL);
    }
    if (is_wanted && err == HT_OK) {
        ask(opening, &wanted);
    } else {
        free(opening);
        free(text);
    }
    ht_arena_fini(&arena);
}

void ht_messages_go_on(struct ht_messages *messages) {
    while (messages->is_open && !messages->is_stopped && messages->opening_count < OPENING_MAX) {
        struct ht_waiting_wrap *text = take(&messages->waiting);
        if (text == NULL) {
            ht_messages_read_on(messages);
            return;
        }
        open_one(messages, text);
    }
}
