/* snapshot.read: what was pasted, or what the hub answers when the owner wants it asked. */
#include "governance/snapshot/snapshot_fetch.h"

#include <stdlib.h>

#include "governance/snapshot/snapshot_read.h"
#include "node/codec/json.h"

#define TIMEOUT_MS 20000
#define PROPOSAL_QUERY                                                                             \
    "query($id: String!) { proposal(id: $id) { id author created space { id } type title body "    \
    "choices start end snapshot } votes(first: 500, where: { proposal: $id }) { id voter created " \
    "space { id } proposal { id } choice reason } }"
#define SPACE_QUERY                                                                             \
    "query($id: String!) { proposals(first: 100, where: { space: $id }, orderBy: \"created\", " \
    "orderDirection: desc) { id author created space { id } type title body choices start end " \
    "snapshot } }"

/* Checking hundreds of signatures takes longer than the loop may. */
struct reading {
    struct ht_work work;
    struct ht_rpc_call *call;
    struct ht_governance *governance;
    json_t *pasted; /* or */
    struct ht_buf text;
    json_t *result;
    enum ht_err err;
    struct ht_why why;
};

static struct reading *reading_of(struct ht_work *work) {
    return (struct reading *)(void *)((char *)work - offsetof(struct reading, work));
}

static void end(struct reading *reading) {
    if (reading->err != HT_OK)
        ht_rpc_refuse(reading->call, reading->err, &reading->why);
    else
        ht_rpc_finish(reading->call, reading->result);
    json_decref(reading->pasted);
    ht_buf_fini(&reading->text);
    free(reading);
}

static void work(struct ht_work *w) {
    struct reading *reading = reading_of(w);
    if (reading->pasted == NULL)
        reading->err = ht_json_parse(&reading->pasted, ht_buf_view(&reading->text),
                                     HT_SNAPSHOT_TEXT_MAX, &reading->why);
    if (reading->err == HT_OK)
        reading->err = ht_snapshot_read(&reading->result, reading->pasted, &reading->why);
}

static void worked(struct ht_work *w) {
    end(reading_of(w));
}

static void begin(struct reading *reading) {
    reading->work.work = work;
    reading->work.done = worked;
    if (reading->err == HT_OK &&
        ht_pool_submit(reading->governance->host->pool, &reading->work) == HT_OK)
        return;
    if (reading->err == HT_OK)
        reading->err = ht_fail(&reading->why, HT_EAGAIN, "busy", "too much is being worked on");
    end(reading);
}

/* --- the hub ---------------------------------------------------------------------------------- */

static void fetched(void *user, const struct ht_http_answer *answer) {
    struct reading *reading = user;
    reading->err = answer->err;
    reading->why = answer->why;
    if (answer->err == HT_OK && answer->status != 200)
        reading->err = ht_fail(&reading->why, HT_ENET, "bad_answer",
                               "hub.snapshot.org answered with status %ld", answer->status);
    if (reading->err == HT_OK) reading->err = ht_buf_add(&reading->text, answer->body);
    if (reading->err == HT_ENOMEM)
        (void)ht_fail(&reading->why, HT_ENOMEM, "no_memory", "out of memory");
    begin(reading);
}

static enum ht_err fetch(struct reading *reading, const json_t *params) {
    const char *id;
    bool is_proposal = ht_json_member(params, "proposal") != NULL;
    struct ht_http_request *request;
    enum ht_err err = ht_json_text(&id, params, is_proposal ? "proposal" : "space", &reading->why);
    if (err != HT_OK) return err;
    json_t *question = json_pack("{s:s, s:{s:s}}", "query",
                                 is_proposal ? PROPOSAL_QUERY : SPACE_QUERY, "variables", "id", id);
    char *body = question != NULL ? json_dumps(question, JSON_COMPACT) : NULL;
    json_decref(question);
    if (body == NULL) return ht_fail(&reading->why, HT_ENOMEM, "no_memory", "out of memory");
    const struct ht_http_options options = {.url = HT_SNAPSHOT_HUB,
                                            .accept = "application/json",
                                            .content_type = "application/json",
                                            .body = ht_bytes_str(body),
                                            .max_bytes = HT_SNAPSHOT_TEXT_MAX,
                                            .timeout_ms = TIMEOUT_MS,
                                            .is_public_only = true};
    err =
        ht_http_start(&request, reading->governance->host->http, &options, fetched, NULL, reading);
    free(body);
    if (err == HT_OK) return err;
    return ht_fail(&reading->why, err, "busy", "too many requests are under way");
}

/* --- the method ------------------------------------------------------------------------------- */

static enum ht_err take(struct reading *reading, const json_t *params, bool *is_fetching) {
    ht_bytes text;
    const json_t *json = ht_json_member(params, "json");
    *is_fetching = false;
    if (json != NULL) {
        reading->pasted = json_deep_copy(json);
        return reading->pasted != NULL ? HT_OK : HT_ENOMEM;
    }
    if (ht_json_member(params, "text") != NULL) {
        enum ht_err err = ht_json_str(&text, params, "text", &reading->why);
        return err == HT_OK ? ht_buf_add(&reading->text, text) : err;
    }
    if (json_is_true(ht_json_member(params, "fetch"))) {
        *is_fetching = true;
        return fetch(reading, params);
    }
    if (ht_json_member(params, "proposal") != NULL || ht_json_member(params, "space") != NULL)
        return ht_fail(&reading->why, HT_EDENIED, "needs_consent",
                       "with \"fetch\": true hub.snapshot.org is asked, which learns of it");
    return ht_fail(&reading->why, HT_EINPUT, "snapshot_form",
                   "give \"text\", \"json\", or \"fetch\" with \"proposal\" or \"space\"");
}

void ht_snapshot_method(void *self, struct ht_rpc_call *call, const json_t *params) {
    bool is_fetching;
    struct reading *reading = calloc(1, sizeof *reading);
    if (reading == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    reading->call = call;
    reading->governance = self;
    ht_buf_init(&reading->text, HT_SNAPSHOT_TEXT_MAX);
    reading->err = take(reading, params, &is_fetching);
    if (reading->err == HT_ENOMEM)
        (void)ht_fail(&reading->why, HT_ENOMEM, "no_memory", "out of memory");
    if (reading->err != HT_OK || !is_fetching) begin(reading);
}
