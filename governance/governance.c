/* The governance module: its parts put together. */
#include "governance/governance.h"

#include <stdlib.h>

#include "governance/act/act.h"
#include "governance/count/audit_file.h"
#include "governance/create/create_methods.h"
#include "governance/feed_want.h"
#include "governance/governance_sql.h"
#include "governance/methods.h"
#include "governance/polls/polls.h"
#include "governance/talk/talk.h"

static const struct ht_gov_part *const PARTS[] = {
    &ht_gov_community_part, &ht_gov_create_part, &ht_gov_act_part,
    &ht_gov_poll_part,      &ht_gov_talk_part,   &ht_gov_feed_part,
};
#define PART_COUNT (sizeof PARTS / sizeof *PARTS)

/* Filled by start: tables of other files are no constants to the compiler. */
static struct ht_rpc_method methods[HT_GOV_COMMUNITY_METHODS + HT_GOV_CREATE_METHODS +
                                    HT_GOV_ACT_METHODS + HT_GOV_POLL_METHODS + HT_GOV_TALK_METHODS];

static void put_methods(void) {
    size_t at = 0;
    for (size_t i = 0; i < PART_COUNT; i++) {
        ht_assert(at + PARTS[i]->method_count <= sizeof methods / sizeof *methods);
        if (PARTS[i]->method_count > 0)
            memcpy(methods + at, PARTS[i]->methods, PARTS[i]->method_count * sizeof *methods);
        at += PARTS[i]->method_count;
    }
    ht_assert(at == sizeof methods / sizeof *methods);
}

/* NULL is fine, and one that was not started to the end. */
static void stop(void *self) {
    struct ht_governance *governance = self;
    if (governance == NULL) return;
    governance->is_quitting = true;
    for (size_t i = PART_COUNT; i-- > 0;) {
        if (PARTS[i]->free != NULL) PARTS[i]->free(governance);
    }
    free(governance);
}

static enum ht_err start(void **self, const struct ht_host *host, sqlite3 *db, struct ht_why *why) {
    struct ht_governance *governance = calloc(1, sizeof *governance);
    if (governance == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    enum ht_err err = HT_OK;
    governance->host = host;
    put_methods();
    for (size_t i = 0; i < PART_COUNT && err == HT_OK; i++) {
        if (PARTS[i]->start != NULL) err = PARTS[i]->start(governance, db, why);
    }
    if (err != HT_OK) {
        stop(governance);
        return err;
    }
    *self = governance;
    return HT_OK;
}

static void quit(void *self) {
    struct ht_governance *governance = self;
    if (governance->is_quitting) return;
    governance->is_quitting = true;
    for (size_t i = 0; i < PART_COUNT; i++) {
        if (PARTS[i]->quit != NULL) PARTS[i]->quit(governance);
    }
}

static void on_topic(void *self, const char *topic) {
    struct ht_governance *governance = self;
    if (governance->is_quitting) return;
    bool is_head = strcmp(topic, "l1.slots") == 0;
    for (size_t i = 0; i < PART_COUNT; i++) {
        if (PARTS[i]->on_topic != NULL) PARTS[i]->on_topic(governance, topic);
        if (is_head && PARTS[i]->on_head != NULL) PARTS[i]->on_head(governance);
    }
}

static const struct ht_module_topic TOPICS[] = {
    {.name = "dao.changed", .getter = ht_gov_changed_topic},
    {.name = "dao.counting", .getter = ht_gov_counting_topic},
    {.name = "dao.notified", .getter = ht_gov_notices_topic},
    {.name = "dao.creations", .getter = ht_gov_creations_topic},
    {.name = "polls.changed", .getter = ht_gov_polls_json},
};

const struct ht_module ht_governance_module = {
    .name = "governance",
    .migrations = ht_governance_migrations,
    .migration_count = HT_GOVERNANCE_MIGRATIONS,
    .methods = methods,
    .method_count = sizeof methods / sizeof *methods,
    .topics = TOPICS,
    .topic_count = sizeof TOPICS / sizeof *TOPICS,
    .verify_file = ht_gov_verify_file,
    .on_topic = on_topic,
    .start = start,
    .quit = quit,
    .stop = stop,
};
