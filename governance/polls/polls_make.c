/* polls.make */
#include "governance/polls/polls_make.h"

#include <stdio.h>
#include <stdlib.h>

#include "governance/create/create_follow.h"
#include "governance/feed_event.h"
#include "governance/text.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

static enum ht_err read_texts(struct ht_poll *poll, const json_t *params, struct ht_why *why) {
    const char *question;
    const json_t *options;
    enum ht_err err = ht_json_text(&question, params, "question", why);
    if (err == HT_OK) err = ht_json_array(&options, params, "options", why);
    if (err != HT_OK) return err;
    poll->option_count = json_array_size(options);
    if (strlen(question) >= sizeof poll->question || poll->option_count > HT_POLL_OPTIONS_MAX)
        return ht_fail(why, HT_ELIMIT, "poll_too_large",
                       "at most %zu bytes of question and %u options", sizeof poll->question - 1,
                       HT_POLL_OPTIONS_MAX);
    if (question[0] == '\0') return ht_fail(why, HT_EINPUT, "bad_poll", "the poll has no question");
    memcpy(poll->question, question, strlen(question) + 1);
    for (size_t i = 0; i < poll->option_count; i++) {
        const char *label;
        err = ht_json_text(&label, json_array_get(options, i), "", why);
        if (err != HT_OK) return err;
        if (label[0] == '\0')
            return ht_fail(why, HT_EINPUT, "bad_poll", "option %zu is empty", i + 1);
        if (strlen(label) >= sizeof poll->options[i])
            return ht_fail(why, HT_ELIMIT, "poll_too_large", "an option has over %zu bytes",
                           sizeof poll->options[i] - 1);
        memcpy(poll->options[i], label, strlen(label) + 1);
        (void)snprintf(poll->option_ids[i], sizeof poll->option_ids[i], "%u",
                       (unsigned)(i + 1) % 1000U);
    }
    return HT_OK;
}

static enum ht_err read_attesters(struct ht_poll *poll, const json_t *params, struct ht_why *why) {
    const json_t *list;
    enum ht_err err = ht_json_array(&list, params, "gate.attesters", why);
    if (err != HT_OK) return err;
    poll->attester_count = json_array_size(list);
    if (poll->attester_count > HT_POLL_ATTESTERS_MAX)
        return ht_fail(why, HT_ELIMIT, "poll_too_large", "at most %u attesters",
                       HT_POLL_ATTESTERS_MAX);
    for (size_t i = 0; err == HT_OK && i < poll->attester_count; i++)
        err = ht_address_param(&poll->attesters[i], json_array_get(list, i), "", why);
    return err;
}

static enum ht_err read_gate(struct ht_poll *poll, const struct ht_governance *governance,
                             const json_t *params, struct ht_why *why) {
    ht_bytes kind;
    bool has_contract = ht_json_member(ht_json_member(params, "gate"), "contract") != NULL;
    const ht_addr20 *eas = ht_gov_eas(governance->host->network);
    enum ht_err err = ht_json_str(&kind, params, "gate.kind", why);
    if (err != HT_OK) return err;
    if (!ht_poll_gate_of(&poll->gate, kind))
        return ht_fail(why, HT_EINPUT, "bad_gate", "the gate is open, token or attestation");
    if (poll->gate == HT_POLL_OPEN) return HT_OK;
    if (has_contract || poll->gate == HT_POLL_TOKEN) {
        err = ht_address_param(&poll->contract, params, "gate.contract", why);
        if (err != HT_OK) return err;
    }
    if (poll->gate == HT_POLL_TOKEN) return HT_OK;
    if (eas == NULL)
        return ht_fail(why, HT_EINPUT, "no_eas", "no attestation service is known on this chain");
    if (has_contract && memcmp(eas->b, poll->contract.b, sizeof eas->b) != 0)
        return ht_fail(why, HT_EINPUT, "other_eas",
                       "attestations are proven of this network's service only");
    poll->contract = *eas;
    err = ht_json_hex(poll->schema.b, sizeof poll->schema.b, params, "gate.schema", why);
    return err == HT_OK ? read_attesters(poll, params, why) : err;
}

/* *closes_s: about when it closes. */
static enum ht_err read_blocks(struct ht_poll *poll, int64_t *closes_s,
                               const struct ht_governance *governance, const json_t *params,
                               struct ht_why *why) {
    const struct ht_host *host = governance->host;
    const struct ht_exec_header_verified *head = ht_chain_head(host->chain);
    const struct ht_exec_header_verified *final = ht_chain_finalized(host->chain);
    uint64_t slot_ms =
        host->network->slot_duration_ms > 0 ? host->network->slot_duration_ms : 12000;
    uint64_t most = HT_POLLS_HOURS_MAX * UINT64_C(3600000) / slot_ms, hours;
    enum ht_err err = HT_OK;
    if (head == NULL || final == NULL)
        return ht_fail(why, HT_EAGAIN, "no_head", "no block is verified yet");
    if (poll->gate != HT_POLL_OPEN) poll->snapshot_block = final->header.number;
    if (ht_json_member(params, "snapshot_block") != NULL)
        err = ht_json_u64(&poll->snapshot_block, params, "snapshot_block", why);
    if (err == HT_OK && ht_json_member(params, "closing_block") != NULL) {
        err = ht_json_u64(&poll->closing_block, params, "closing_block", why);
    } else if (err == HT_OK) {
        err = ht_json_u64(&hours, params, "hours", why);
        if (err == HT_OK && hours > HT_POLLS_HOURS_MAX) hours = HT_POLLS_HOURS_MAX + 1;
        if (err == HT_OK)
            poll->closing_block = head->header.number + hours * UINT64_C(3600000) / slot_ms;
    }
    if (err != HT_OK) return err;
    if (poll->closing_block <= head->header.number ||
        poll->closing_block - head->header.number > most)
        return ht_fail(why, HT_EINPUT, "bad_closing",
                       "a poll closes after the head, block %llu, and within a year",
                       (unsigned long long)head->header.number);
    *closes_s = (int64_t)(head->header.timestamp +
                          (poll->closing_block - head->header.number) * slot_ms / 1000);
    return HT_OK;
}

/* Where answers are looked for by whom does not follow those who answer. */
static void add_relays(struct ht_poll *poll, const struct ht_feed *feed) {
    size_t i;
    json_t *url, *urls = feed->relays != NULL ? feed->relays(feed->self) : NULL;
    json_array_foreach(urls, i, url) {
        const char *text = json_string_value(url);
        if (poll->relay_count == HT_POLL_RELAYS_MAX || strlen(text) >= HT_POLL_RELAY_SIZE) continue;
        memcpy(poll->relays[poll->relay_count++], text, strlen(text) + 1);
    }
    json_decref(urls);
}

static void made(void *user, enum ht_err err, const struct ht_why *why, const ht_hash32 *id) {
    struct ht_rpc_call *call = user;
    if (err != HT_OK)
        ht_rpc_refuse(call, err, why);
    else
        ht_rpc_finish(call, json_pack("{s:o}", "id", ht_gov_event_id_json(id)));
}

static enum ht_err publish(struct ht_governance *governance, struct ht_rpc_call *call,
                           struct ht_poll *poll, int64_t closes_s, struct ht_why *why) {
    char ends_at[24];
    const struct ht_feed *feed = ht_gov_feed(governance);
    if (feed == NULL) return ht_fail(why, HT_EAGAIN, "no_feed", "this node keeps no feeds");
    add_relays(poll, feed);
    json_t *tags = ht_poll_tags(poll);
    (void)snprintf(ends_at, sizeof ends_at, "%lld", (long long)closes_s);
    if (json_array_append_new(tags, json_pack("[ss]", "endsAt", ends_at)) != 0) {
        json_decref(tags);
        return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    }
    feed->publish(feed->self, HT_POLL_KIND, poll->question, tags, "a poll", made, call);
    return HT_OK;
}

void ht_polls_make(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_governance *governance = self;
    struct ht_why why = {.code = NULL};
    ht_bytes method;
    int64_t closes_s = 0;
    struct ht_poll *poll = calloc(1, sizeof *poll);
    enum ht_err err = poll != NULL ? HT_OK : ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    if (err == HT_OK) err = read_texts(poll, params, &why);
    if (err == HT_OK) err = ht_json_str(&method, params, "method", &why);
    if (err == HT_OK && !ht_poll_method_of(&poll->method, method))
        err = ht_fail(&why, HT_EINPUT, "bad_poll",
                      "the method is single, approval, ranked or weighted");
    if (err == HT_OK) err = read_gate(poll, governance, params, &why);
    if (err == HT_OK) err = read_blocks(poll, &closes_s, governance, params, &why);
    if (err == HT_OK) {
        poll->chain_id = governance->host->network->chain_id;
        err = ht_poll_check(poll, &why);
    }
    if (err == HT_OK) err = publish(governance, call, poll, closes_s, &why);
    if (err != HT_OK) ht_rpc_refuse(call, err, &why);
    free(poll);
}
