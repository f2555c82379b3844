/* Filters that are polled. */
#include "node/api/eth_filter.h"

#include <stdlib.h>

#include "node/api/eth_follow.h"
#include "node/api/eth_logs.h"
#include "node/api/eth_params.h"
#include "node/base/hex.h"
#include "node/codec/json.h"

#define NOT_FOUND (-32000)

/* A call that waits until the blocks so far have been looked at. */
struct poll {
    struct poll *next;
    struct ht_rpc_call *call;
};

struct filter {
    struct filter *next;
    char id[HT_ETH_ID_SIZE];
    struct ht_eth_filters *owner;
    struct ht_eth_follow *follow; /* NULL: of blocks */
    struct ht_eth_log_question question;
    json_t *changes;
    struct poll *polls;
    int64_t used_ms; /* monotonic */
    bool is_broken;  /* something could not be kept */
};

struct ht_eth_filters {
    struct ht_chain_listener listener; /* first, so that we are found from it */
    struct ht_eth *eth;
    struct filter *list;
    size_t count;
    bool is_listening;
};

void ht_eth_make_id(char out[static HT_ETH_ID_SIZE], const struct ht_random *random) {
    uint8_t bytes[16];
    ht_random_fill(random, bytes, sizeof bytes);
    ht_hex_write(out, HT_BYTES(bytes));
}

static int64_t now_ms(const struct ht_eth_filters *filters) {
    return ht_mono_ms(ht_sync_clock(filters->eth->sync));
}

/* --- polls ------------------------------------------------------------------------------------ */

static void refuse_unknown(struct ht_rpc_call *call) {
    struct ht_why why = {0};
    (void)ht_fail(&why, HT_ENOTFOUND, "filter_not_found", "filter not found");
    const struct ht_rpc_refusal refusal = {.err = HT_ENOTFOUND, .why = &why, .number = NOT_FOUND};
    ht_rpc_refuse_with(call, &refusal);
}

/* Hands over what came since the last time. */
static void answer_changes(struct filter *filter, struct ht_rpc_call *call) {
    const struct ht_eth *eth = filter->owner->eth;
    const struct ht_exec_header_verified *head = ht_chain_head(eth->chain);
    json_t *changes = filter->changes;
    json_t *none = json_array();
    if (none == NULL) {
        struct ht_why why = {0};
        ht_rpc_refuse(call, ht_eth_no_memory(&why), &why);
        return;
    }
    filter->changes = none;
    if (head == NULL) {
        ht_rpc_finish(call, changes);
    } else {
        ht_eth_finish(eth, call, changes, &(struct ht_eth_place){head, false, ""});
    }
}

static struct ht_rpc_call *take_poll(struct filter *filter) {
    struct poll *poll = filter->polls;
    struct ht_rpc_call *call = poll->call;
    filter->polls = poll->next;
    free(poll);
    return call;
}

/* The first of several gets all there is, or all are told what is missing. */
static void on_rest(void *user) {
    struct filter *filter = user;
    struct ht_logs_gap gaps[HT_LOGS_GAPS_MAX];
    if (filter->polls == NULL) return;
    size_t count = ht_eth_follow_is_done(filter->follow)
                       ? 0
                       : ht_eth_follow_missing(filter->follow, gaps, HT_LOGS_GAPS_MAX);
    while (filter->polls != NULL) {
        struct ht_rpc_call *call = take_poll(filter);
        if (!ht_rpc_call_is_awaited(call)) { /* what was found is for who asks next */
            ht_rpc_refuse(call, HT_EDENIED, NULL);
        } else if (count > 0) {
            ht_eth_refuse_gaps(call, gaps, count);
        } else {
            answer_changes(filter, call);
        }
    }
}

static void free_filter(struct filter *filter) {
    struct filter **at = &filter->owner->list;
    while (*at != filter) at = &(*at)->next;
    *at = filter->next;
    filter->owner->count--;
    while (filter->polls != NULL) refuse_unknown(take_poll(filter));
    ht_eth_follow_free(filter->follow);
    ht_eth_log_question_fini(&filter->question);
    json_decref(filter->changes);
    free(filter);
}

static bool is_idle(const struct filter *filter) {
    return filter->polls == NULL && now_ms(filter->owner) - filter->used_ms > HT_ETH_FILTER_IDLE_MS;
}

/* Changes are not lost unseen: the filter is not found any more. */
static bool is_over(const struct filter *filter) {
    return filter->is_broken || is_idle(filter) ||
           json_array_size(filter->changes) > HT_ETH_FILTER_CHANGES_MAX;
}

/* While there are filters, the chain is followed block by block. */
static void update_listening(struct ht_eth_filters *filters) {
    bool is_wanted = filters->list != NULL;
    if (is_wanted == filters->is_listening) return;
    filters->is_listening = is_wanted;
    if (is_wanted) {
        ht_chain_listen(filters->eth->chain, &filters->listener);
    } else {
        ht_chain_unlisten(filters->eth->chain, &filters->listener);
    }
}

/* --- changes of the chain --------------------------------------------------------------------- */

static void on_logs(void *user, const json_t *logs) {
    struct filter *filter = user;
    for (size_t i = 0; i < json_array_size(logs); i++) {
        if (json_array_append(filter->changes, json_array_get(logs, i)) != 0)
            filter->is_broken = true;
    }
}

static void add_blocks(struct filter *filter, const struct ht_chain_change *change) {
    for (size_t i = 0; i < change->added_count; i++) {
        char hash[HT_HEX_SIZE(32)];
        ht_hex_write(hash, HT_BYTES(change->added[i].hash.b));
        if (json_array_append_new(filter->changes, json_string(hash)) != 0)
            filter->is_broken = true;
    }
}

static void on_change(struct ht_chain_listener *listener, const struct ht_chain_change *change) {
    struct ht_eth_filters *filters = (struct ht_eth_filters *)listener;
    struct filter *next;
    for (struct filter *filter = filters->list; filter != NULL; filter = next) {
        next = filter->next;
        if (is_over(filter)) {
            free_filter(filter);
        } else if (filter->follow == NULL) {
            add_blocks(filter, change);
        } else {
            ht_eth_follow_change(filter->follow, change);
        }
    }
    update_listening(filters);
}

/* --- the table -------------------------------------------------------------------------------- */

static struct ht_eth_filters *table_of(struct ht_eth *eth) {
    if (eth->filters != NULL) return eth->filters;
    struct ht_eth_filters *filters = calloc(1, sizeof *filters);
    if (filters == NULL) return NULL;
    filters->eth = eth;
    filters->listener.on_change = on_change;
    eth->filters = filters;
    return filters;
}

void ht_eth_filters_free(struct ht_eth *eth) {
    struct ht_eth_filters *filters = eth->filters;
    if (filters == NULL) return;
    while (filters->list != NULL) free_filter(filters->list);
    update_listening(filters);
    free(filters);
    eth->filters = NULL;
}

static void drop_old(struct ht_eth_filters *filters) {
    struct filter *next;
    for (struct filter *filter = filters->list; filter != NULL; filter = next) {
        next = filter->next;
        if (is_over(filter)) free_filter(filter);
    }
}

/* Takes question over: the logs that are wanted, NULL for blocks. */
static enum ht_err add_filter(struct ht_eth *eth, const char **id,
                              struct ht_eth_log_question *question, struct ht_why *why) {
    struct ht_eth_filters *filters = table_of(eth);
    if (filters == NULL) return ht_eth_no_memory(why);
    if (filters->count >= HT_ETH_FILTERS_MAX) drop_old(filters);
    if (filters->count >= HT_ETH_FILTERS_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many_filters", "there are %u filters already",
                       HT_ETH_FILTERS_MAX);
    }
    struct filter *filter = calloc(1, sizeof *filter);
    json_t *changes = json_array();
    struct ht_log_filter logs = {0};
    enum ht_err err = filter != NULL && changes != NULL ? HT_OK : ht_eth_no_memory(why);
    if (err == HT_OK && question != NULL) err = ht_log_filter_copy(&logs, &question->filter);
    if (err == HT_OK && question != NULL) {
        const struct ht_block_id *from = &question->from, *to = &question->to;
        const struct ht_eth_follow_options options = {
            .blocks = eth->blocks,
            .from_number = from->kind == HT_BLOCK_NUMBER ? from->number : 0,
            .to_number = to->kind == HT_BLOCK_NUMBER ? to->number : UINT64_MAX,
            .on_logs = on_logs,
            .on_rest = on_rest,
            .user = filter,
        };
        filter->follow = ht_eth_follow_new(&options, &logs);
        if (filter->follow == NULL) err = HT_ENOMEM;
    }
    if (err != HT_OK) {
        ht_log_filter_fini(&logs);
        json_decref(changes);
        free(filter);
        return ht_eth_no_memory(why);
    }
    if (question != NULL) filter->question = *question;
    filter->owner = filters;
    filter->changes = changes;
    filter->used_ms = now_ms(filters);
    ht_eth_make_id(filter->id, &ht_system_random);
    filter->next = filters->list;
    filters->list = filter;
    filters->count++;
    *id = filter->id;
    update_listening(filters);
    return HT_OK;
}

/* Ends the call when there is none. */
static struct filter *find_filter(struct ht_eth *eth, struct ht_rpc_call *call,
                                  const json_t *params) {
    struct ht_why why = {0};
    const char *id = NULL;
    enum ht_err err = ht_eth_take_params(params, 1, 1, &why);
    if (err == HT_OK) err = ht_json_text(&id, params, "[0]", &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return NULL;
    }
    struct filter *found = eth->filters != NULL ? eth->filters->list : NULL;
    while (found != NULL && strcmp(found->id, id) != 0) found = found->next;
    if (found != NULL && !is_over(found)) {
        found->used_ms = now_ms(eth->filters);
        return found;
    }
    if (found != NULL) {
        free_filter(found);
        update_listening(eth->filters);
    }
    refuse_unknown(call);
    return NULL;
}

/* --- methods ---------------------------------------------------------------------------------- */

static void finish_new(struct ht_rpc_call *call, enum ht_err err, const char *id,
                       const struct ht_why *why) {
    if (err == HT_OK) {
        ht_rpc_finish(call, json_string(id));
    } else {
        ht_rpc_refuse(call, err, why);
    }
}

void ht_eth_new_filter(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_eth *eth = self;
    struct ht_why why = {0};
    struct ht_eth_log_question question = {0};
    const char *id = NULL;
    enum ht_err err = ht_eth_take_params(params, 1, 1, &why);
    if (err == HT_OK) err = ht_eth_log_question_read(&question, json_array_get(params, 0), &why);
    if (err == HT_OK && question.from.kind == HT_BLOCK_HASH) {
        err = ht_fail(&why, HT_EINPUT, "bad_filter",
                      "invalid argument 0: a filter is about a range, not one block by its hash");
    }
    if (err == HT_OK) err = ht_eth_check_live(eth, &why);
    if (err == HT_OK && eth->blocks == NULL) err = ht_eth_no_service(&why);
    if (err == HT_OK) err = add_filter(eth, &id, &question, &why);
    if (err != HT_OK) ht_eth_log_question_fini(&question);
    finish_new(call, err, id, &why);
}

void ht_eth_new_block_filter(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_eth *eth = self;
    struct ht_why why = {0};
    const char *id = NULL;
    enum ht_err err = ht_eth_take_params(params, 0, 0, &why);
    if (err == HT_OK) err = ht_eth_check_live(eth, &why);
    if (err == HT_OK && eth->chain == NULL) err = ht_eth_no_service(&why);
    if (err == HT_OK) err = add_filter(eth, &id, NULL, &why);
    finish_new(call, err, id, &why);
}

void ht_eth_get_filter_changes(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_eth *eth = self;
    struct ht_why why = {0};
    struct filter *filter = find_filter(eth, call, params);
    if (filter == NULL) return;
    enum ht_err err = ht_eth_check_live(eth, &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    if (filter->follow == NULL || ht_eth_follow_is_done(filter->follow)) {
        answer_changes(filter, call);
        return;
    }
    struct poll *poll = calloc(1, sizeof *poll);
    if (poll == NULL) {
        ht_rpc_refuse(call, ht_eth_no_memory(&why), &why);
        return;
    }
    *poll = (struct poll){filter->polls, call};
    filter->polls = poll;
    ht_eth_follow_resume(filter->follow);
}

void ht_eth_get_filter_logs(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_eth *eth = self;
    struct ht_why why = {0};
    struct filter *filter = find_filter(eth, call, params);
    if (filter == NULL) return;
    struct ht_eth_log_question question = filter->question;
    enum ht_err err = HT_OK;
    if (filter->follow == NULL) {
        err = ht_fail(&why, HT_EINPUT, "no_log_filter", "this is a filter of blocks, not of logs");
    } else if (ht_log_filter_copy(&question.filter, &filter->question.filter) != HT_OK) {
        err = ht_eth_no_memory(&why);
    }
    if (err == HT_OK) {
        ht_eth_answer_logs(eth, call, &question);
    } else {
        ht_rpc_refuse(call, err, &why);
    }
}

void ht_eth_uninstall_filter(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_eth *eth = self;
    struct ht_why why = {0};
    const char *id = NULL;
    enum ht_err err = ht_eth_take_params(params, 1, 1, &why);
    if (err == HT_OK) err = ht_json_text(&id, params, "[0]", &why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    struct filter *found = eth->filters != NULL ? eth->filters->list : NULL;
    while (found != NULL && strcmp(found->id, id) != 0) found = found->next;
    bool was_there = found != NULL;
    if (was_there) {
        free_filter(found);
        update_listening(eth->filters);
    }
    ht_rpc_finish(call, json_boolean(was_there));
}
