/* Lines of events and of what is said to a relay:
 *   {"name", "expect": accept|reject|either, "raw", "reason", "serialization"}   an event as text
 *   {"name", "publish", "checks"}, {"name", "raw", "reply_one_of"}   for the running relay
 * An event that is to be accepted is read, serialised exactly as given, verified with and without
 * kept keys, written and read again, and taken by a policy open to all. One that is to be rejected
 * fails for the reason given. */
#include <stdio.h>

#include "node/nostr/event_keys.h"
#include "social/relay/policy.h"
#include "tests/vectors/suite_social.h"

/* A little after the events were made, so that none is too old to be taken. */
#define NOW_S INT64_C(1780000100)
#define LINE_MAX_BYTES ((size_t)4 << 20)

struct judging {
    struct ht_arena arena;
    struct ht_event_keys *keys;
    struct ht_policy *policy;
};

static enum ht_err judge_policy(const struct judging *j, const struct ht_event *event,
                                struct ht_why *why) {
    const struct ht_policy_asker stranger = {.authed_count = 0};
    return ht_policy_write(j->policy, &stranger, event, NOW_S, why);
}

static enum ht_err judge_serialization(const struct ht_event *event, const json_t *one,
                                       struct ht_why *why) {
    struct ht_buf got;
    ht_bytes want;
    ht_buf_init(&got, 2 * HT_EVENT_SIZE_MAX);
    enum ht_err err = HT_OK;
    if (ht_json_member(one, "serialization") != NULL) {
        err = ht_json_str(&want, one, "serialization", why);
        if (err == HT_OK) err = ht_event_serialize(&got, event);
        if (err == HT_OK && !ht_bytes_equal(ht_buf_view(&got), want)) {
            err = ht_fail(why, HT_EBUG, "case", "another serialization: %.100s", (char *)got.p);
        }
    }
    ht_buf_fini(&got);
    return err;
}

static enum ht_err judge_writing(struct judging *j, const struct ht_event *event,
                                 struct ht_why *why) {
    struct ht_buf text;
    struct ht_event again;
    struct ht_event kept;
    ht_buf_init(&text, HT_EVENT_SIZE_MAX);
    enum ht_err err = ht_event_write(&text, event);
    if (err == HT_OK) err = ht_event_read(&again, &j->arena, ht_buf_view(&text), why);
    if (err == HT_OK) err = ht_event_verify(&again, why);
    /* What is stored and sent holds no other members. */
    if (err == HT_OK) err = ht_event_read(&kept, &j->arena, event->json, why);
    if (err == HT_OK && (again.json.n != text.n || kept.json.p != event->json.p)) {
        err = ht_fail(why, HT_EBUG, "case", "what is kept is not what was written");
    }
    ht_buf_fini(&text);
    return err;
}

static enum ht_err judge_good(struct judging *j, const json_t *one, ht_bytes raw,
                              struct ht_why *why) {
    struct ht_event event;
    enum ht_err err = ht_event_read(&event, &j->arena, raw, why);
    if (err == HT_OK) err = judge_serialization(&event, one, why);
    if (err == HT_OK) err = ht_event_verify(&event, why);
    if (err == HT_OK) err = ht_event_keys_verify(j->keys, &event, why);
    if (err == HT_OK) err = judge_writing(j, &event, why);
    return err == HT_OK ? judge_policy(j, &event, why) : err;
}

/* Whether what happened is what the fixture's reason says. */
static bool is_reason(const char *reason, enum ht_err err, const char *code) {
    bool is_field = strcmp(code, "event_field") == 0;
    bool is_syntax = strcmp(code, "event_malformed") == 0;
    if (strcmp(reason, "json") == 0) return err == HT_EINPUT && is_syntax;
    if (strcmp(reason, "format") == 0) return err == HT_EINPUT && is_field;
    if (strcmp(reason, "id") == 0) return strcmp(code, "event_id") == 0;
    if (strcmp(reason, "signature") == 0) return strcmp(code, "event_signature") == 0;
    return strcmp(reason, "policy") == 0 && err == HT_EDENIED;
}

static enum ht_err judge_bad(struct judging *j, const json_t *one, ht_bytes raw,
                             struct ht_why *why) {
    struct ht_event event;
    const char *reason = json_string_value(ht_json_member(one, "reason"));
    enum ht_err err = ht_event_read(&event, &j->arena, raw, why);
    if (err == HT_OK) {
        err = ht_event_verify(&event, why);
        enum ht_err kept = ht_event_keys_verify(j->keys, &event, NULL);
        if (kept != err) return ht_fail(why, HT_EBUG, "case", "with kept keys another verdict");
    }
    if (err == HT_OK) err = judge_policy(j, &event, why);
    if (err == HT_OK) return ht_fail(why, HT_EBUG, "case", "accepted, must be refused");
    if (reason != NULL && is_reason(reason, err, why->code)) return HT_OK;
    ht_why_context(why, "refused for another reason (%s) than \"%s\"", why->code,
                   reason != NULL ? reason : "");
    return HT_EBUG;
}

static enum ht_err judge_event(struct judging *j, const json_t *one, struct ht_why *why) {
    ht_bytes raw;
    const char *expect = NULL;
    enum ht_err err = ht_json_str(&raw, one, "raw", why);
    if (err == HT_OK) err = ht_json_text(&expect, one, "expect", why);
    if (err != HT_OK) return err;
    if (strcmp(expect, "reject") == 0) return judge_bad(j, one, raw, why);
    return judge_good(j, one, raw, why);
}

static void run_line(struct ht_social_run *run, struct judging *j, const json_t *one) {
    struct ht_why why = {.code = "", .text = ""};
    char full[300];
    const char *name = json_string_value(ht_json_member(one, "name"));
    if (name == NULL) return;
    (void)snprintf(full, sizeof full, "%s/%s", run->file, name);
    /* What is published or asked is for the running relay: social_relay.c. */
    if (json_is_string(ht_json_member(one, "expect")) &&
        json_is_string(ht_json_member(one, "raw"))) {
        run->events++;
        ht_social_report(run, name, judge_event(j, one, &why), &why);
        ht_arena_fini(&j->arena);
    }
}

void ht_social_run_lines(struct ht_social_run *run, ht_bytes text) {
    struct judging j = {.keys = NULL};
    ht_arena_init(&j.arena, 4 * HT_EVENT_ARENA(HT_EVENT_SIZE_MAX));
    ht_assert(ht_event_keys_new(&j.keys, 64) == HT_OK && ht_policy_new(&j.policy) == HT_OK);
    ht_policy_settings(j.policy)->write = HT_RANK_STRANGER;
    while (text.n > 0) {
        const uint8_t *end = memchr(text.p, '\n', text.n);
        size_t n = end != NULL ? (size_t)(end - text.p) : text.n;
        json_t *one = NULL;
        if (ht_json_parse(&one, ht_bytes_of(text.p, n), LINE_MAX_BYTES, NULL) == HT_OK) {
            run_line(run, &j, one);
        }
        json_decref(one);
        if (end == NULL) break;
        text = ht_bytes_of(end + 1, text.n - n - 1);
    }
    ht_policy_free(j.policy);
    ht_event_keys_free(j.keys);
}
