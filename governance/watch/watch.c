/* Looking again at each head, a few at once, most urgent first. */
#include "governance/watch/watch.h"

#include <stdio.h>
#include <stdlib.h>

#include "governance/discovery/discover.h"
#include "governance/discovery/discover_peers.h"
#include "governance/look/look_marks.h"
#include "governance/look/look_own.h"
#include "governance/recount/recount.h"
#include "governance/watch/watch_delegates.h"
#include "node/base/log.h"

#define AT_ONCE 4U
#define DAY_S 86400
#define HOUR_S 3600
#define OLD_HEADS 32U /* what is decided but not final is looked at every so many heads */
#define MINE_MS 60000 /* between two looks at the owner's power */
#define ACCOUNTS_MAX HT_GOV_MINE_MAX

#define GET_VOTES 0x9ab24eb0U
#define GET_CURRENT_VOTES 0xb4b5ea57U
#define DELEGATES 0x587cde1eU

struct ht_gov_watch {
    struct ht_governance *governance;
    struct ht_gov_own *own;
    uint64_t heads;
    size_t busy;
    /* Where it stands in going through all of them; is_going: a pass is under way. */
    size_t community, item;
    bool is_going, is_starting;
    /* The owner's power, of one community at a time. */
    struct ht_community *mine;
    size_t next_mine, account_count;
    int64_t mine_ms;
    struct ht_gov_view view[3 * ACCOUNTS_MAX];
    struct ht_gov_views views;
};

/* --- telling ---------------------------------------------------------------------------------- */

static const char *state_text(enum ht_gov_state state) {
    switch (state) {
    case HT_GOV_PENDING: return "is waiting for its vote to begin";
    case HT_GOV_ACTIVE: return "can be voted on now";
    case HT_GOV_CANCELED: return "was canceled";
    case HT_GOV_DEFEATED: return "was defeated";
    case HT_GOV_SUCCEEDED: return "was accepted";
    case HT_GOV_QUEUED: return "is queued: it can be carried out after its delay";
    case HT_GOV_EXPIRED: return "expired without being carried out";
    case HT_GOV_EXECUTED: return "was carried out";
    case HT_GOV_NONE: break;
    }
    return "is gone";
}

unsigned ht_gov_watch_told(unsigned told, enum ht_gov_state state, int64_t left_s, bool is_asked,
                           ht_gov_tell tell, void *user) {
    unsigned was = told >> 4 & 15U, now = (unsigned)state + 1;
    bool is_known = (told & HT_GOV_TOLD_KNOWN) != 0;
    /* What was decided before it was first seen is no news. */
    bool is_news = is_known ? was != now : state == HT_GOV_ACTIVE || state == HT_GOV_PENDING;
    if (state == HT_GOV_NONE) return told;
    if (is_news && was != now) tell(user, "state", state_text(state));
    told = (told & 15U) | HT_GOV_TOLD_KNOWN | now << 4;
    if (state != HT_GOV_ACTIVE || left_s < 0) return told;
    bool is_hour = left_s <= HOUR_S, is_day = left_s <= DAY_S;
    if (is_hour && (told & HT_GOV_TOLD_HOUR) == 0 && is_asked)
        tell(user, "deadline", "closes within the hour, and you have not voted");
    else if (is_day && !is_hour && (told & HT_GOV_TOLD_DAY) == 0 && is_asked)
        tell(user, "deadline", "closes within a day, and you have not voted");
    if (is_hour) told |= HT_GOV_TOLD_HOUR | HT_GOV_TOLD_DAY;
    if (is_day) told |= HT_GOV_TOLD_DAY;
    return told;
}

static void notice(void *user, const char *kind, const char *text) {
    struct ht_gov_item *item = user;
    const char *title = item->has_text ? item->title : "A proposal";
    ht_gov_notice(item->community, item, kind, "%.160s %s.", title, text);
}

static bool has_voted(const struct ht_gov_item *item) {
    const struct ht_gov_counted *shown = item->recount != NULL ? item->recount->shown : NULL;
    size_t n = 0;
    const struct ht_gov_vote *votes = shown != NULL ? ht_gov_count_votes(shown->count, &n) : NULL;
    for (size_t i = 0; i < n && n <= 10000; i++) {
        if (ht_gov_is_mine(item->community->governance, &votes[i].voter)) return true;
    }
    return false;
}

/* Whose vote is still missing: the owner's, who could give one. */
static bool is_asked(const struct ht_gov_item *item) {
    return ht_gov_own_may_vote(item) && !item->has_my_vote && !has_voted(item);
}

static void on_shared(void *user, enum ht_err err, const struct ht_why *why, const ht_hash32 *id) {
    (void)user, (void)id;
    if (err != HT_OK) ht_log(HT_LOG_INFO, "governance", "not shared: %s", why->text);
}

static void tell(struct ht_gov_item *item) {
    bool is_estimate;
    const struct ht_community *community = item->community;
    uint64_t end_s = ht_gov_time_of(community, item->facts.deadline, &item->as_of, &is_estimate);
    int64_t left_s = (int64_t)end_s - (int64_t)item->as_of.timestamp;
    /* What the owner could vote with is proven first, then the next look proves whether that was
     * done; until then there is nothing to say. */
    bool is_near = item->state == HT_GOV_ACTIVE && left_s <= DAY_S + HOUR_S;
    if (is_near) ht_gov_own_want(community->governance->watch->own, item);
    if (left_s <= DAY_S && !ht_gov_knows_own_vote(item)) left_s = -1;
    unsigned told =
        ht_gov_watch_told(item->told, item->state, left_s, is_asked(item), notice, item);
    if (told == item->told) return;
    bool is_new = (item->told & HT_GOV_TOLD_KNOWN) == 0;
    item->told = told;
    ht_gov_item_changed(item);
    bool is_own = is_new && item->has_text && item->is_certified && item->state <= HT_GOV_ACTIVE &&
                  ht_gov_is_mine(community->governance, &item->proposer);
    if (is_own) ht_gov_peers_share(item, on_shared, NULL);
}

/* --- the pass --------------------------------------------------------------------------------- */

static void go_on(struct ht_gov_watch *watch);

static void on_looked(void *user, struct ht_gov_item *item, enum ht_err err,
                      const struct ht_why *why) {
    struct ht_gov_watch *watch = user;
    (void)why;
    watch->busy--;
    if (err == HT_OK && item != NULL && item->state != HT_GOV_NONE) tell(item);
    go_on(watch);
}

/* What is over at a final block stays so; what is decided changes seldom. */
static bool is_due(const struct ht_gov_watch *watch, const struct ht_gov_item *item) {
    if (item->look != NULL) return false;
    if (ht_gov_wants_marks(item) && item->provenance != HT_GOV_UNVERIFIED) return true;
    if (ht_gov_is_over(item)) return false;
    if (item->provenance == HT_GOV_UNVERIFIED) return item->community->standing > HT_GOV_STANDS_NOT;
    switch (item->state) {
    case HT_GOV_PENDING:
    case HT_GOV_ACTIVE: return true;
    case HT_GOV_SUCCEEDED:
    case HT_GOV_QUEUED: return watch->heads % 4 == 0;
    case HT_GOV_CANCELED:
    case HT_GOV_DEFEATED:
    case HT_GOV_EXPIRED:
    case HT_GOV_EXECUTED: return watch->heads % OLD_HEADS == 0;
    case HT_GOV_NONE: break;
    }
    return watch->heads % OLD_HEADS == 0;
}

static struct ht_gov_item *next_item(struct ht_gov_watch *watch) {
    const struct ht_governance *governance = watch->governance;
    while (watch->community < ht_community_count(governance)) {
        const struct ht_community *community = ht_community_at(governance, watch->community);
        /* Newest first. */
        while (watch->item < community->item_count) {
            struct ht_gov_item *item = community->items[community->item_count - 1 - watch->item++];
            if (is_due(watch, item)) return item;
        }
        watch->community++;
        watch->item = 0;
    }
    return NULL;
}

static void begin_pass(struct ht_gov_watch *watch) {
    watch->is_going = true;
    watch->community = watch->item = 0;
}

/* Looks may be answered from within: then the loop that asked goes on by itself. */
static void go_on(struct ht_gov_watch *watch) {
    struct ht_gov_item *item = NULL;
    if (watch->is_starting) return;
    watch->is_starting = true;
    while (watch->busy < AT_ONCE && !watch->governance->is_quitting &&
           (item = next_item(watch)) != NULL) {
        watch->busy++;
        ht_gov_look(item, on_looked, watch);
    }
    watch->is_starting = false;
    if (watch->busy > 0) return;
    watch->is_going = false;
}

/* --- the owner's power ------------------------------------------------------------------------ */

static void got_mine(struct ht_gov_views *views) {
    struct ht_gov_watch *watch = views->user;
    struct ht_community *community = watch->mine;
    enum ht_err err = views->err;
    ht_u256 sum = {{0}};
    bool has_delegate = false;
    ht_addr20 delegates[ACCOUNTS_MAX];
    size_t delegate_count = 0;
    ht_gov_views_fini(views);
    watch->mine = NULL;
    if (err != HT_OK || community->is_forgotten) return;
    for (size_t i = 0; i < watch->account_count; i++) {
        static const ht_addr20 none;
        ht_u256 votes = {{0}}, more;
        ht_addr20 delegate = none;
        if (!ht_gov_view_u256(&votes, &watch->view[3 * i]))
            (void)ht_gov_view_u256(&votes, &watch->view[3 * i + 1]);
        if (!ht_u256_add_overflow(&more, &sum, &votes)) sum = more;
        bool is_one = ht_gov_view_address(&delegate, &watch->view[3 * i + 2]) &&
                      memcmp(delegate.b, none.b, sizeof none.b) != 0;
        if (is_one && !has_delegate) community->my_delegate = delegate;
        has_delegate = has_delegate || is_one;
        if (is_one) delegates[delegate_count++] = delegate;
    }
    community->my_power = sum;
    community->has_mine = true;
    community->has_delegate = has_delegate;
    ht_gov_set_delegates(community, delegates, delegate_count);
    ht_community_changed(community);
}

static void ask_mine(struct ht_gov_watch *watch, struct ht_community *community) {
    static const uint32_t SELECTORS[3] = {GET_VOTES, GET_CURRENT_VOTES, DELEGATES};
    struct ht_wallet_account accounts[ACCOUNTS_MAX];
    const struct ht_wallet *wallet = ht_gov_wallet(watch->governance);
    size_t count = wallet != NULL ? wallet->accounts(wallet->self, accounts, ACCOUNTS_MAX) : 0;
    if (count > ACCOUNTS_MAX) count = ACCOUNTS_MAX;
    community->has_mine = community->has_mine && count > 0;
    if (count == 0 || community->standing == HT_GOV_STANDS_NOT) return;
    for (size_t i = 0; i < 3 * count; i++) {
        uint8_t word[1][32];
        ht_gov_word_address(word[0], &accounts[i / 3].address);
        ht_gov_view_set(&watch->view[i], &community->profile.token, SELECTORS[i % 3],
                        (const uint8_t(*)[32])word, 1);
    }
    watch->mine = community;
    watch->account_count = count;
    watch->views = (struct ht_gov_views){.block = {.kind = HT_BLOCK_LATEST},
                                         .views = watch->view,
                                         .count = 3 * count,
                                         .done = got_mine,
                                         .user = watch};
    ht_gov_views_read(watch->governance, &watch->views);
}

static void look_at_mine(struct ht_gov_watch *watch) {
    int64_t now_ms = ht_mono_ms(watch->governance->host->clock);
    size_t count = ht_community_count(watch->governance);
    if (watch->mine != NULL || count == 0) return;
    if (watch->next_mine >= count) {
        if (now_ms - watch->mine_ms < MINE_MS) return;
        watch->next_mine = 0;
        watch->mine_ms = now_ms;
    }
    ask_mine(watch, ht_community_at(watch->governance, watch->next_mine++));
}

/* --- life ------------------------------------------------------------------------------------- */

void ht_gov_watch_on_head(struct ht_governance *governance) {
    struct ht_gov_watch *watch = governance->watch;
    watch->heads++;
    look_at_mine(watch);
    for (size_t i = 0; i < ht_community_count(governance); i++)
        ht_gov_tell_delegate_votes(ht_community_at(governance, i));
    /* A pass that is under way goes on, and begins anew with the next head. */
    if (!watch->is_going) begin_pass(watch);
    go_on(watch);
}

enum ht_err ht_gov_watch_new(struct ht_governance *governance, struct ht_why *why) {
    governance->watch = calloc(1, sizeof *governance->watch);
    if (governance->watch == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    governance->watch->governance = governance;
    governance->watch->own = ht_gov_own_new(governance);
    if (governance->watch->own == NULL)
        return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    return HT_OK;
}

void ht_gov_watch_quit(struct ht_governance *governance) {
    if (governance->watch != NULL) governance->watch->is_going = false;
}

void ht_gov_watch_free(struct ht_governance *governance) {
    if (governance->watch != NULL) ht_gov_own_free(governance->watch->own);
    free(governance->watch);
    governance->watch = NULL;
}
