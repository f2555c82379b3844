/* Asking checkpoint sources for the finalized block, and what their answers decide. */
#include "node/l1/sync_checkpoint.h"

#include <stdio.h>

#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/codec/json.h"

#define ANSWER_MAX 8192U
#define ANSWER_TIMEOUT_MS 8000
#define NEXT_ROUND_MS 4000
#define NEXT_ROUND_LATER_MS 30000
#define QUICK_ROUNDS 4U

static void on_answer(void *user, const struct ht_http_answer *answer);

static bool ask(struct ht_sync_ask *question) {
    struct ht_sync *sync = question->sync;
    const struct ht_provider *provider = &sync->providers.list[question->provider];
    char url[700];
    (void)snprintf(url, sizeof url, "%s/eth/v1/beacon/states/%s/finality_checkpoints",
                   provider->url, question->is_second_try ? "finalized" : "head");
    struct ht_http_options options = {
        .url = url,
        .accept = "application/json",
        .max_bytes = ANSWER_MAX,
        .timeout_ms = ANSWER_TIMEOUT_MS,
    };
    if (ht_http_start(&question->request, sync->host.http, &options, on_answer, NULL, question) !=
        HT_OK) {
        question->request = NULL;
        return false;
    }
    sync->asks_under_way++;
    return true;
}

static enum ht_err read_answer(struct ht_checkpoint_statement *out,
                               const struct ht_http_answer *answer, struct ht_why *why) {
    if (answer->err != HT_OK) {
        *why = answer->why;
        return answer->err;
    }
    if (answer->status != 200) {
        return ht_fail(why, HT_ENET, "http_status", "answered with status %ld", answer->status);
    }
    json_t *json = NULL;
    enum ht_err err = ht_json_parse(&json, answer->body, ANSWER_MAX, why);
    if (err == HT_OK) err = ht_json_u64(&out->epoch, json, "data.finalized.epoch", why);
    if (err == HT_OK) err = ht_json_hex(out->root.b, 32, json, "data.finalized.root", why);
    if (err == HT_OK && (out->epoch == 0 || ht_hash32_is_zero(&out->root))) {
        err = ht_fail(why, HT_ENOTFOUND, "not_final", "nothing is finalized there yet");
    }
    json_decref(json);
    return err;
}

static void start_from(struct ht_sync *sync, const struct ht_checkpoint_statement *statement,
                       size_t agreed) {
    struct ht_why why;
    uint64_t slot = statement->epoch < UINT64_MAX / sync->network->preset->slots_per_epoch
                        ? statement->epoch * sync->network->preset->slots_per_epoch
                        : UINT64_MAX;
    enum ht_err err = HT_OK;
    if (!sync->accept_old_checkpoint) {
        err = ht_lc_check_age(sync->network, slot, ht_wall_ms(sync->host.clock), &why);
    }
    if (err != HT_OK) {
        ht_sync_set_error(sync, &why);
        return;
    }
    sync->has_error = false;
    sync->has_trusted_root = true;
    sync->anchor = (struct ht_sync_anchor){
        .root = statement->root,
        .slot = slot,
        .origin = "sources",
        .agreed = agreed,
        .asked = sync->poll.count,
    };
    char root[HT_HEX_SIZE(32)];
    ht_hex_write(root, HT_BYTES(statement->root.b));
    ht_log(HT_LOG_INFO, "sync", "%zu of %zu sources agree on %s, epoch %llu", agreed,
           sync->poll.count, root, (unsigned long long)statement->epoch);
}

static bool has_any_spoken(const struct ht_sync *sync) {
    for (size_t i = 0; i < sync->poll.count; i++) {
        if (sync->poll.sources[i].count > 0) return true;
    }
    return false;
}

static void finish_round(struct ht_sync *sync) {
    struct ht_checkpoint_statement statement;
    struct ht_why why;
    size_t agreed = 0;
    sync->poll_rounds++;
    sync->poll_again_ms = ht_mono_ms(sync->host.clock) +
                          (sync->poll_rounds < QUICK_ROUNDS ? NEXT_ROUND_MS : NEXT_ROUND_LATER_MS);
    switch (ht_checkpoint_result(&sync->poll, &statement, &agreed, &why)) {
    case HT_CHECKPOINT_AGREED: start_from(sync, &statement, agreed); break;
    case HT_CHECKPOINT_DISPUTED: ht_sync_set_error(sync, &why); break;
    case HT_CHECKPOINT_OPEN:
        /* With nobody there at all the state is offline, which the user cannot mend here. */
        if (sync->poll_rounds < QUICK_ROUNDS || !has_any_spoken(sync)) break;
        (void)ht_fail(&why, HT_ENET, "no_checkpoint",
                      "fewer than %zu of %zu sources name the same finalized block; give one you "
                      "trust with --checkpoint ROOT",
                      sync->poll.quorum, sync->poll.count);
        ht_sync_set_error(sync, &why);
        break;
    }
    ht_sync_tell(sync, "l1.status");
    ht_sync_tell(sync, "l1.providers");
}

static void on_answer(void *user, const struct ht_http_answer *answer) {
    struct ht_sync_ask *question = user;
    struct ht_sync *sync = question->sync;
    struct ht_provider *provider = &sync->providers.list[question->provider];
    struct ht_checkpoint_statement statement;
    struct ht_why why;
    question->request = NULL;
    sync->asks_under_way--;
    bool is_unknown = answer->err == HT_OK && (answer->status == 404 || answer->status == 400);
    if (is_unknown && !question->is_second_try) {
        question->is_second_try = true;
        if (ask(question)) return;
    }
    if (read_answer(&statement, answer, &why) == HT_OK) {
        ht_checkpoint_state(&sync->poll, question->source, statement.epoch, &statement.root);
        ht_provider_succeeded(&sync->providers, provider, answer->elapsed_ms);
    } else {
        ht_checkpoint_fail(&sync->poll, question->source, &why);
        ht_provider_failed(&sync->providers, provider, &why, answer->retry_after_ms);
    }
    if (sync->asks_under_way > 0) return;
    finish_round(sync);
    ht_sync_advance(sync);
}

void ht_sync_ask_checkpoint(struct ht_sync *sync) {
    int64_t wait_ms = sync->poll_again_ms - ht_mono_ms(sync->host.clock);
    bool is_first = sync->poll_rounds == 0;
    if (!is_first && wait_ms > 0) {
        ht_timer_set(sync->host.loop, &sync->step_timer, wait_ms, sync->step_timer.fire);
        return;
    }
    if (sync->ask_count < sync->poll.quorum) {
        struct ht_why why;
        (void)ht_fail(&why, HT_EDENIED, "no_checkpoint",
                      "%zu sources for the starting point where %zu must agree; give more of them, "
                      "or a block you trust with --checkpoint ROOT",
                      sync->ask_count, sync->poll.quorum);
        ht_sync_set_error(sync, &why);
        return;
    }
    for (size_t i = 0; i < sync->ask_count; i++) {
        sync->asks[i].is_second_try = false;
        (void)ask(&sync->asks[i]); /* what could not be sent is asked in the next round */
    }
    if (sync->asks_under_way == 0) {
        sync->poll_again_ms = ht_mono_ms(sync->host.clock) + NEXT_ROUND_MS;
        ht_timer_set(sync->host.loop, &sync->step_timer, NEXT_ROUND_MS, sync->step_timer.fire);
    }
}

void ht_sync_cancel_checkpoint(struct ht_sync *sync) {
    for (size_t i = 0; i < sync->ask_count; i++) {
        if (sync->asks[i].request != NULL) ht_http_cancel(sync->asks[i].request);
        sync->asks[i].request = NULL;
    }
    sync->asks_under_way = 0;
}
