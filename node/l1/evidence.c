/* Evidence against providers: taken down from questions, read back for people, and remembered
 * across restarts. */
#include "node/l1/evidence.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/l1/evidence_sql.h"

/* A lie of a peer, which is not in the list at the start. */
struct peer_lie {
    char kind[16], name[64], code[64];
    struct ht_provider_fault fault;
};

struct ht_evidence {
    struct ht_evidence_host host;
    char codes[HT_PROVIDERS_MAX][64]; /* of faults recalled: a reason's code is not copied */
    struct peer_lie lies[HT_EVIDENCE_PEERS_MAX]; /* a ring when it is full */
    size_t lie_count, lie_next;
};

/* --- after a restart -------------------------------------------------------------------------- */

static void fill_fault(struct ht_provider_fault *out, const char *code,
                       const struct ht_evidence_row *row) {
    *out = (struct ht_provider_fault){.at_ms = row->at_ms,
                                      .why = {.code = code},
                                      .answer_bytes = (size_t)row->answer_bytes,
                                      .evidence_id = row->id};
    (void)snprintf(out->asked, sizeof out->asked, "%s", row->asked);
    (void)snprintf(out->why.text, sizeof out->why.text, "%s", row->reason);
}

static void remember_peer(struct ht_evidence *evidence, const struct ht_evidence_row *row) {
    if (strncmp(row->name, "peer ", 5) != 0) return;
    struct peer_lie *lie = &evidence->lies[evidence->lie_next];
    evidence->lie_next = (evidence->lie_next + 1) % HT_EVIDENCE_PEERS_MAX;
    if (evidence->lie_count < HT_EVIDENCE_PEERS_MAX) evidence->lie_count++;
    (void)snprintf(lie->kind, sizeof lie->kind, "%s", row->kind);
    (void)snprintf(lie->name, sizeof lie->name, "%s", row->name);
    (void)snprintf(lie->code, sizeof lie->code, "%s", row->code);
    fill_fault(&lie->fault, lie->code, row);
}

void ht_evidence_recall(struct ht_evidence *evidence, const ht_hash32 *node) {
    struct ht_providers *providers = evidence->host.providers;
    for (size_t i = 0; i < providers->count; i++) {
        struct ht_provider *one = &providers->list[i];
        bool is_it = one->is_peer && !one->is_gone && !one->has_lied && one->requests == 0 &&
                     ht_hash32_equal(&one->peer.node, node);
        for (size_t k = 0; is_it && k < evidence->lie_count; k++) {
            const struct peer_lie *lie = &evidence->lies[k];
            if (strcmp(lie->kind, ht_provider_kind_name(one->kind)) == 0 &&
                strcmp(lie->name, one->name) == 0) {
                ht_provider_recall_lie(one, &lie->fault);
                break;
            }
        }
    }
}

static void recall(void *user, const struct ht_evidence_row *row) {
    struct ht_evidence *evidence = user;
    remember_peer(evidence, row);
    struct ht_providers *providers = evidence->host.providers;
    for (size_t i = 0; i < providers->count; i++) {
        struct ht_provider *one = &providers->list[i];
        bool is_it = strcmp(ht_provider_kind_name(one->kind), row->kind) == 0 &&
                     strcmp(one->name, row->name) == 0;
        if (!is_it) continue;
        char *code = evidence->codes[i];
        (void)snprintf(code, sizeof evidence->codes[i], "%s", row->code);
        struct ht_provider_fault fault;
        fill_fault(&fault, code, row);
        ht_provider_recall_lie(one, &fault);
    }
}

enum ht_err ht_evidence_new(struct ht_evidence **out, const struct ht_evidence_host *host,
                            sqlite3 *db, struct ht_why *why) {
    struct ht_evidence *evidence = calloc(1, sizeof *evidence);
    if (evidence == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    evidence->host = *host;
    enum ht_err err = ht_evidence_sql_lies(db, recall, evidence, why);
    if (err != HT_OK) {
        free(evidence);
        return err;
    }
    *out = evidence;
    return HT_OK;
}

void ht_evidence_free(struct ht_evidence *evidence) {
    free(evidence);
}

/* --- keeping ---------------------------------------------------------------------------------- */

/* One case on its way to the disk. */
struct keeping {
    struct ht_write write;
    struct ht_evidence *evidence;
    struct ht_provider *provider;
    uint64_t fault_number; /* the provider's faults_seen when it was this one */
    int64_t id;
    struct ht_evidence_row row;
    char asked[96];
    struct ht_why fault;
    struct ht_buf request, answer, header;
};

static void free_keeping(struct keeping *keeping) {
    ht_buf_fini(&keeping->request);
    ht_buf_fini(&keeping->answer);
    ht_buf_fini(&keeping->header);
    free(keeping);
}

/* On the writer's thread. */
static enum ht_err write_case(struct ht_write *w, sqlite3 *db, struct ht_why *why) {
    struct keeping *keeping = (struct keeping *)w;
    return ht_evidence_sql_save(db, &keeping->id, &keeping->row, why);
}

/* Its fault may have been pushed out by newer ones meanwhile. */
static void case_written(struct ht_write *w) {
    struct keeping *keeping = (struct keeping *)w;
    const struct ht_evidence_host *host = &keeping->evidence->host;
    struct ht_provider *provider = keeping->provider;
    uint64_t newer = provider->faults_seen - keeping->fault_number;
    if (w->err != HT_OK) {
        ht_log(HT_LOG_ERROR, "evidence", "not kept: %s (%s)", w->why.text, w->why.code);
    } else if (newer < provider->fault_count) {
        provider->faults[provider->fault_count - 1 - (size_t)newer].evidence_id = keeping->id;
        if (host->on_change != NULL) host->on_change(host->user);
    }
    free_keeping(keeping);
}

/* The first max bytes of it. */
static enum ht_err copy_start(struct ht_buf *out, ht_bytes bytes, size_t max) {
    ht_buf_init(out, max);
    return ht_buf_add(out, ht_bytes_of(bytes.p, bytes.n < max ? bytes.n : max));
}

static enum ht_err fill(struct keeping *keeping, const struct ht_evidence_case *found) {
    enum ht_err err = copy_start(&keeping->request, found->request, HT_EVIDENCE_REQUEST_MAX);
    if (err == HT_OK) err = copy_start(&keeping->answer, found->answer, HT_EVIDENCE_ANSWER_MAX);
    ht_buf_init(&keeping->header, HT_EXEC_HEADER_RLP_MAX);
    if (err == HT_OK && found->header != NULL) {
        err = ht_exec_header_encode(&keeping->header, found->header);
    }
    keeping->row.request = ht_buf_view(&keeping->request);
    keeping->row.answer = ht_buf_view(&keeping->answer);
    keeping->row.header = ht_buf_view(&keeping->header);
    return err;
}

void ht_evidence_add(struct ht_evidence *evidence, struct ht_provider *provider,
                     const struct ht_provider_fault *fault, const struct ht_evidence_case *found) {
    struct keeping *keeping = calloc(1, sizeof *keeping);
    enum ht_err err = HT_ENOMEM;
    if (keeping != NULL) {
        keeping->write = (struct ht_write){.write = write_case, .done = case_written};
        keeping->evidence = evidence;
        keeping->provider = provider;
        keeping->fault_number = provider->faults_seen;
        keeping->fault = fault->why;
        (void)snprintf(keeping->asked, sizeof keeping->asked, "%s",
                       found->about != NULL ? found->about : fault->asked);
        keeping->row = (struct ht_evidence_row){.at_ms = fault->at_ms,
                                                .kind = ht_provider_kind_name(provider->kind),
                                                .name = provider->name,
                                                .asked = keeping->asked,
                                                .code = keeping->fault.code,
                                                .reason = keeping->fault.text,
                                                .is_lie = found->is_lie,
                                                .answer_bytes = fault->answer_bytes};
        err = fill(keeping, found);
        if (err == HT_OK) err = ht_writer_submit(evidence->host.writer, &keeping->write);
    }
    if (err == HT_OK) return;
    ht_log(HT_LOG_ERROR, "evidence", "not kept against %s: %s", provider->name, ht_err_name(err));
    if (keeping != NULL) free_keeping(keeping);
}

/* --- forgiving -------------------------------------------------------------------------------- */

struct forgiving {
    struct ht_write write;
    const char *kind;
    char name[sizeof((struct ht_provider *)NULL)->name];
};

static enum ht_err write_forgiving(struct ht_write *w, sqlite3 *db, struct ht_why *why) {
    struct forgiving *forgiving = (struct forgiving *)w;
    return ht_evidence_sql_forgive(db, forgiving->kind, forgiving->name, why);
}

static void forgiving_written(struct ht_write *w) {
    if (w->err != HT_OK) {
        ht_log(HT_LOG_ERROR, "evidence", "%s is forgiven in this run only: %s",
               ((struct forgiving *)w)->name, w->why.text);
    }
    free(w);
}

enum ht_err ht_evidence_forgive(struct ht_evidence *evidence, const struct ht_provider *provider) {
    struct forgiving *forgiving = calloc(1, sizeof *forgiving);
    if (forgiving == NULL) return HT_ENOMEM;
    forgiving->write = (struct ht_write){.write = write_forgiving, .done = forgiving_written};
    forgiving->kind = ht_provider_kind_name(provider->kind);
    memcpy(forgiving->name, provider->name, sizeof forgiving->name);
    for (size_t i = 0; i < evidence->lie_count; i++) {
        if (strcmp(evidence->lies[i].name, provider->name) == 0) evidence->lies[i].name[0] = '\0';
    }
    enum ht_err err = ht_writer_submit(evidence->host.writer, &forgiving->write);
    if (err != HT_OK) free(forgiving);
    return err;
}

/* --- reading ---------------------------------------------------------------------------------- */

static json_t *make_hex(ht_bytes bytes) {
    char *text = malloc(2 * bytes.n + 3);
    if (text == NULL) return NULL;
    ht_hex_write(text, bytes);
    json_t *json = json_string(text);
    free(text);
    return json;
}

/* As text; in hex when it is none. */
static json_t *make_text(ht_bytes bytes) {
    json_t *json = json_stringn(bytes.n > 0 ? (const char *)bytes.p : "", bytes.n);
    return json != NULL ? json : make_hex(bytes);
}

/* Cut in the middle of a character, the text before it is still text. */
static ht_bytes without_broken_end(ht_bytes bytes) {
    size_t n = bytes.n;
    for (size_t back = 1; back <= 3 && back <= n; back++) {
        uint8_t byte = bytes.p[n - back];
        if (byte < 0x80) break;
        if (byte >= 0xc0) return ht_bytes_of(bytes.p, n - back);
    }
    return bytes;
}

static json_t *make_header(ht_bytes rlp) {
    struct ht_exec_header_claimed claimed;
    json_t *json = NULL;
    if (rlp.n == 0 || ht_exec_header_decode(&claimed, rlp, NULL) != HT_OK) return json_null();
    enum ht_err err = ht_exec_header_to_json(&json, &claimed.header, &claimed.hash);
    return err == HT_OK ? json : NULL;
}

static void make_json(void *user, const struct ht_evidence_row *row) {
    json_t **out = user;
    bool is_cut = row->answer.n < row->answer_bytes;
    ht_bytes answer = is_cut ? without_broken_end(row->answer) : row->answer;
    *out = json_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:o, s:o, s:I, s:b, s:o}", "id",
                     (json_int_t)row->id, "at_ms", (json_int_t)row->at_ms, "provider",
                     make_text(ht_bytes_str(row->name)), "kind", make_text(ht_bytes_str(row->kind)),
                     "asked", make_text(ht_bytes_str(row->asked)), "code",
                     make_text(ht_bytes_str(row->code)), "reason",
                     make_text(ht_bytes_str(row->reason)), "is_lie", (int)row->is_lie, "forgiven",
                     (int)row->is_forgiven, "request", make_text(row->request), "answer",
                     make_text(answer), "answer_bytes", (json_int_t)row->answer_bytes,
                     "answer_is_cut", (int)is_cut, "header", make_header(row->header));
}

static struct ht_evidence_read *read_of(struct ht_read *r) {
    return (struct ht_evidence_read *)((char *)r - offsetof(struct ht_evidence_read, read));
}

/* On a worker. */
static enum ht_err read_case(struct ht_read *r, sqlite3 *db, struct ht_why *why) {
    struct ht_evidence_read *read = read_of(r);
    enum ht_err err = ht_evidence_sql_read(db, read->id, make_json, &read->json, why);
    if (err == HT_OK && read->json == NULL) {
        err = ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    }
    return err;
}

static void case_read(struct ht_read *r) {
    struct ht_evidence_read *read = read_of(r);
    read->err = r->err;
    read->why = r->why;
    read->done(read);
}

enum ht_err ht_evidence_read(struct ht_evidence *evidence, struct ht_evidence_read *read) {
    ht_assert(evidence->host.reader != NULL);
    read->json = NULL;
    read->read = (struct ht_read){.read = read_case, .done = case_read};
    return ht_reader_submit(evidence->host.reader, &read->read);
}
