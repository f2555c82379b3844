/* dao.export: the votes as a table, as JSON, or as an audit bundle. Small ones are in the answer;
 * larger ones become a file in the data directory, which the answer names: {"name", "size", "text"
 * | null, "path" | null}. dao.audit checks a bundle. */
#include "governance/methods_export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "governance/count/audit_file.h"
#include "governance/count/export.h"
#include "governance/methods_json.h"
#include "governance/recount/export_audit.h"
#include "governance/recount/recount_weights.h"
#include "governance/text.h"
#include "node/codec/json.h"

#define TEXT_MAX ((size_t)400 << 10) /* in an answer */

/* --- handing out, on a worker ----------------------------------------------------------------- */

struct handing {
    struct ht_work work; /* first */
    struct ht_rpc_call *call;
    char name[96], path[512];
    struct ht_buf text;
    json_t *json; /* to be written as text; NULL: the text is there */
    bool is_file;
    enum ht_err err;
    struct ht_why why;
};

static enum ht_err write_all(int fd, ht_bytes text, struct ht_why *why) {
    while (text.n > 0) {
        ssize_t n = write(fd, text.p, text.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0)
            return ht_fail(why, HT_ESTORE, "write_failed", "cannot write: %s", strerror(errno));
        text = ht_bytes_of(text.p + n, text.n - (size_t)n);
    }
    if (fsync(fd) == 0) return HT_OK;
    return ht_fail(why, HT_ESTORE, "write_failed", "cannot write: %s", strerror(errno));
}

static enum ht_err write_file(const struct handing *handing, struct ht_why *why) {
    char part[sizeof handing->path + 8];
    (void)snprintf(part, sizeof part, "%s.part", handing->path);
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return ht_fail(why, HT_ESTORE, "write_failed", "cannot write: %s", strerror(errno));
    enum ht_err err = write_all(fd, ht_buf_view(&handing->text), why);
    (void)close(fd);
    if (err == HT_OK && rename(part, handing->path) != 0)
        err = ht_fail(why, HT_ESTORE, "write_failed", "cannot write: %s", strerror(errno));
    if (err != HT_OK) (void)unlink(part);
    return err;
}

static void make_text(struct ht_work *work) {
    struct handing *handing = (struct handing *)work;
    if (handing->json != NULL) handing->err = ht_json_dump_compact(&handing->text, handing->json);
    if (handing->err != HT_OK) {
        (void)ht_fail(&handing->why, handing->err, "export_too_large",
                      "there is too much of it to be written");
        return;
    }
    handing->is_file = handing->text.n > TEXT_MAX;
    if (handing->is_file) handing->err = write_file(handing, &handing->why);
}

static void handed(struct ht_work *work) {
    struct handing *handing = (struct handing *)work;
    json_t *result = NULL;
    if (handing->err == HT_OK) {
        result =
            json_pack("{s:s, s:I}", "name", handing->name, "size", (json_int_t)handing->text.n);
        ht_gov_put(result, "text",
                   handing->is_file ? NULL
                                    : json_stringn((const char *)handing->text.p, handing->text.n));
        ht_gov_put(result, "path", handing->is_file ? json_string(handing->path) : NULL);
    }
    ht_gov_answer(handing->call, handing->err, &handing->why, result);
    json_decref(handing->json);
    ht_buf_fini(&handing->text);
    free(handing);
}

static struct handing *new_handing(const struct ht_gov_item *item, struct ht_rpc_call *call,
                                   const char *kind) {
    char id[HT_U256_DECIMAL_SIZE], folder[480];
    const struct ht_host *host = item->community->governance->host;
    struct handing *handing = calloc(1, sizeof *handing);
    if (handing == NULL) return NULL;
    handing->call = call;
    (void)ht_u256_to_decimal(id, &item->id);
    /* Sixteen digits are enough to tell them apart. */
    (void)snprintf(handing->name, sizeof handing->name, "proposal-%.16s-%s.%s", id,
                   strcmp(kind, "audit") == 0 ? "audit" : "votes",
                   strcmp(kind, "csv") == 0 ? "csv" : "json");
    (void)snprintf(folder, sizeof folder, "%s/exports", host->data_dir);
    (void)mkdir(folder, 0700);
    (void)snprintf(handing->path, sizeof handing->path, "%.380s/%s", folder, handing->name);
    ht_buf_init(&handing->text, HT_GOV_EXPORT_MAX);
    return handing;
}

static void hand_out(struct handing *handing, struct ht_pool *pool) {
    handing->work.work = make_text;
    handing->work.done = handed;
    if (ht_pool_submit(pool, &handing->work) == HT_OK) return;
    handing->err = ht_fail(&handing->why, HT_EAGAIN, "busy", "too much work waits already");
    handed(&handing->work);
}

/* --- votes ------------------------------------------------------------------------------------ */

static bool weight_of(void *user, struct ht_gov_export_weight *out,
                      const struct ht_gov_vote *vote) {
    const struct ht_gov_item *item = user;
    const struct ht_gov_weighed_voter *voter = ht_gov_weighed_of(item, &vote->voter);
    enum ht_gov_weight_says says =
        ht_gov_weighed_says(item->community->profile.layout.counting, vote, voter);
    if (says == HT_GOV_WEIGHT_UNKNOWN) return false;
    *out = (struct ht_gov_export_weight){.power = voter->weight.power,
                                         .is_proven = voter->weight.provenance == HT_GOV_BY_PROOF,
                                         .agrees = says == HT_GOV_WEIGHT_AGREES};
    return true;
}

static enum ht_err export_votes(struct handing *handing, struct ht_gov_item *item, bool is_csv,
                                struct ht_why *why) {
    const struct ht_gov_counted *shown = item->recount != NULL ? item->recount->shown : NULL;
    if (shown == NULL)
        return ht_fail(why, HT_EAGAIN, "not_counted", "the votes are still being counted");
    const struct ht_network *network = item->community->governance->host->network;
    struct ht_gov_export export = {.chain_id = network->chain_id,
                                   .governor = item->community->address,
                                   .id = item->id,
                                   .layout = &item->community->profile.layout,
                                   .result = &shown->result,
                                   .flags_checked = shown->flags_checked,
                                   .hash = shown->as_of.hash,
                                   .time_s = shown->as_of.timestamp,
                                   .is_final = shown->as_of.is_final,
                                   .network = network->name,
                                   .weight = weight_of,
                                   .snapshot_at = shown->facts.start,
                                   .user = item};
    export.votes = ht_gov_count_votes(shown->count, &export.vote_count);
    return is_csv ? ht_gov_export_csv(&handing->text, &export, why)
                  : ht_gov_export_json(&handing->json, &export, why);
}

/* --- the method ------------------------------------------------------------------------------- */

struct exporting {
    struct handing *handing;
    struct ht_pool *pool;
};

static void on_bundle(void *user, enum ht_err err, const struct ht_why *why, json_t *bundle) {
    struct exporting *exporting = user;
    struct handing *handing = exporting->handing;
    handing->err = err;
    handing->why = *why;
    handing->json = bundle;
    if (err == HT_OK) {
        hand_out(handing, exporting->pool);
    } else {
        handed(&handing->work);
    }
    free(exporting);
}

static void start_bundle(struct handing *handing, struct ht_gov_item *item) {
    struct exporting *exporting = calloc(1, sizeof *exporting);
    ht_assert(exporting != NULL);
    *exporting = (struct exporting){handing, item->community->governance->host->pool};
    ht_gov_export_audit(item, on_bundle, exporting);
}

void ht_gov_start_export(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_governance *governance = self;
    struct ht_why why = {0};
    struct ht_gov_item *item = NULL;
    const char *format = "";
    enum ht_err err = ht_community_param(NULL, &item, governance, params, &why);
    if (err == HT_OK) err = ht_json_text(&format, params, "format", &why);
    bool is_audit = strcmp(format, "audit") == 0, is_csv = strcmp(format, "csv") == 0;
    if (err == HT_OK && !is_audit && !is_csv && strcmp(format, "json") != 0)
        err = ht_fail(&why, HT_EINPUT, "bad_format", "a format is csv, json or audit");
    struct handing *handing = err == HT_OK ? new_handing(item, call, format) : NULL;
    if (handing == NULL) {
        ht_gov_answer(call, err, &why, NULL);
        return;
    }
    if (is_audit) {
        start_bundle(handing, item);
        return;
    }
    handing->err = export_votes(handing, item, is_csv, &handing->why);
    if (handing->err == HT_OK) {
        hand_out(handing, governance->host->pool);
    } else {
        handed(&handing->work);
    }
}

/* --- dao.audit -------------------------------------------------------------------------------- */

struct auditing {
    struct ht_read read; /* first */
    const struct ht_host *host;
    struct ht_rpc_call *call;
    json_t *bundle, *outcome;
};

static enum ht_err audit(struct ht_read *read, sqlite3 *db, struct ht_why *why) {
    struct auditing *auditing = (struct auditing *)read;
    return ht_gov_verify_file(&auditing->outcome, auditing->host->network, db, auditing->bundle,
                              auditing->host->clock, why);
}

static void audited(struct ht_read *read) {
    struct auditing *auditing = (struct auditing *)read;
    ht_gov_answer(auditing->call, read->err, &read->why, auditing->outcome);
    json_decref(auditing->bundle);
    free(auditing);
}

void ht_gov_start_audit(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_governance *governance = self;
    struct ht_why why = {0};
    const json_t *bundle;
    enum ht_err err = ht_json_get(&bundle, params, "bundle", &why);
    struct auditing *auditing = err == HT_OK ? calloc(1, sizeof *auditing) : NULL;
    if (auditing == NULL) {
        ht_gov_answer(call, err, &why, NULL);
        return;
    }
    /* A copy: the worker's alone. */
    *auditing = (struct auditing){.read = {.read = audit, .done = audited},
                                  .host = governance->host,
                                  .call = call,
                                  .bundle = json_deep_copy(bundle)};
    if (auditing->bundle == NULL) {
        err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    } else {
        err = ht_reader_submit(governance->host->reader, &auditing->read);
        if (err == HT_OK) return;
        (void)ht_fail(&why, err, "busy", "too much work waits already");
    }
    ht_rpc_refuse(call, err, &why);
    json_decref(auditing->bundle);
    free(auditing);
}
