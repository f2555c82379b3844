/* A window from a relay without NIP-77: pages of events, each from where the last one ended. */
#include "node/p2p/catchup_plain.h"

#include <stdlib.h>

#include "node/p2p/catchup_neg.h"

#define ID sizeof(ht_hash32)
#define EDGE_LOOKED_MAX 1000U /* of ids in one second, compared one by one */

static int compare_ids(const void *a, const void *b) {
    return memcmp(a, b, ID);
}

static void ask_page(struct ht_catchup *c) {
    struct ht_catchup_page *page = &c->page;
    page->count = page->fresh = 0;
    page->oldest = page->until;
    ht_buf_clear(&page->next_edge);
    json_t *filter = ht_catchup_filter(c, page->from, page->until);
    if (filter != NULL &&
        json_object_set_new(filter, "limit", json_integer((json_int_t)page->limit)) != 0) {
        json_decref(filter);
        filter = NULL;
    }
    ht_catchup_say_req(c, filter);
}

static void window_ends(struct ht_catchup *c) {
    struct ht_buf *seen = &c->page.seen;
    if (seen->n > 0) qsort(seen->p, seen->n / ID, ID, compare_ids);
    c->offers_span = true;
    c->offer_from = (struct ht_neg_bound){.at.created_at = c->page.from};
    c->offer_until = c->page.first_until;
    ht_catchup_offer_begin(c);
}

void ht_catchup_plain_begin(struct ht_catchup *c) {
    struct ht_catchup_page *page = &c->page;
    ht_catchup_neg_end(c);
    c->phase = HT_CATCHUP_PAGES;
    page->from = c->since;
    page->until = c->until;
    if (c->plain_since_s > 0 && (uint64_t)c->plain_since_s > page->from)
        page->from = (uint64_t)c->plain_since_s;
    /* The last day is asked for again, since some of it is from after the cut. */
    bool goes_on = c->window > 0 && c->window == c->from.window && c->from.until_s > 0;
    if (goes_on && (uint64_t)c->from.until_s < page->until) page->until = (uint64_t)c->from.until_s;
    page->first_until = page->until;
    page->limit = HT_CATCHUP_BATCH;
    ht_buf_clear(&page->edge);
    ht_buf_clear(&page->seen);
    if (page->from > page->until)
        ht_catchup_next_window(c);
    else
        ask_page(c);
}

static bool is_at_edge(const struct ht_catchup_page *page, const ht_hash32 *id) {
    size_t count = page->edge.n / ID;
    if (count > EDGE_LOOKED_MAX) count = EDGE_LOOKED_MAX;
    for (size_t i = 0; i < count; i++) {
        if (memcmp(page->edge.p + i * ID, id, ID) == 0) return true;
    }
    return false;
}

void ht_catchup_plain_event(struct ht_catchup *c, const struct ht_catchup_message *message) {
    struct ht_catchup_page *page = &c->page;
    const struct ht_neg_item item = {.created_at = message->created_at, .id = message->id};
    bool is_asked = item.created_at >= page->from && item.created_at <= page->until;
    if (!is_asked || page->count >= page->limit) {
        ht_catchup_stray(c);
        return;
    }
    page->count++;
    if (item.created_at == page->until && is_at_edge(page, &item.id)) return;
    page->fresh++;
    if (item.created_at < page->oldest) {
        page->oldest = item.created_at;
        ht_buf_clear(&page->next_edge);
    }
    enum ht_err err = ht_buf_add(&page->seen, HT_BYTES(item.id.b));
    if (err == HT_OK && item.created_at == page->oldest)
        err = ht_buf_add(&page->next_edge, HT_BYTES(item.id.b));
    if (err == HT_ENOMEM) {
        ht_catchup_end(c, err, "no_memory", "no memory for what was found");
        return;
    }
    if (ht_fp_tree_has(c->ours, &item)) return;
    c->counts.needed++;
    c->counts.taken++;
    c->io.take(c->io.user, message->event);
}

/* Nothing but what was known: a second with more than a page of events takes a larger one, or that
 * second is through. */
static void go_below(struct ht_catchup *c) {
    struct ht_catchup_page *page = &c->page;
    if (page->count >= page->limit && page->limit < HT_CATCHUP_PAGE_MAX) {
        page->limit = page->limit * 2 < HT_CATCHUP_PAGE_MAX ? page->limit * 2 : HT_CATCHUP_PAGE_MAX;
        ask_page(c);
    } else if (page->until == 0 || page->until <= page->from) {
        window_ends(c);
    } else {
        page->until--;
        ht_buf_clear(&page->edge);
        ask_page(c);
    }
}

void ht_catchup_plain_page_end(struct ht_catchup *c, bool is_finished) {
    struct ht_catchup_page *page = &c->page;
    size_t seen = page->seen.n / ID;
    if (seen + HT_CATCHUP_PAGE_MAX > HT_CATCHUP_FOUND_MAX) {
        /* The rest is another round's; what of ours is there is not known. */
        ht_catchup_next_window(c);
    } else if (page->count == 0 || is_finished) {
        window_ends(c);
    } else if (page->fresh == 0) {
        go_below(c);
    } else {
        if (page->oldest < page->until) ht_buf_clear(&page->edge);
        if (ht_buf_add(&page->edge, ht_buf_view(&page->next_edge)) != HT_OK) {
            ht_catchup_end(c, HT_ENOMEM, "no_memory", "no memory for what was found");
            return;
        }
        page->until = page->oldest;
        ask_page(c);
    }
}

bool ht_catchup_plain_was_seen(const struct ht_catchup *c, const ht_hash32 *id) {
    const struct ht_buf *seen = &c->page.seen;
    return seen->n > 0 && bsearch(id, seen->p, seen->n / ID, ID, compare_ids) != NULL;
}
