/* The audit log in memory: its newest entries, and what is on its way to the disk. */
#include "identity/audit.h"

#include <stdlib.h>

#include "identity/audit_sql.h"
#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/codec/json.h"

#define TAIL 50U
#define PAGE_MAX 200U
#define EVENT_SIZE 32U
#define ORIGIN_SIZE 256U
#define DETAIL_SIZE 200U

struct entry {
    struct ht_audit_row row; /* its texts are those below */
    char event[EVENT_SIZE], origin[ORIGIN_SIZE], detail[DETAIL_SIZE];
};

struct ht_audit {
    struct entry tail[TAIL]; /* a ring */
    size_t next, count;
};

/* Cuts between characters. What is no UTF-8 could not be told as JSON: it loses what is not ASCII.
 */
static void copy_text(char *out, size_t size, const char *text) {
    size_t n = strlen(text);
    if (n >= size) n = size - 1;
    while (n > 0 && text[n] != '\0' && ((unsigned char)text[n] & 0xc0) == 0x80) n--;
    memcpy(out, text, n);
    out[n] = '\0';
    json_t *probe = json_string(out);
    for (size_t i = 0; probe == NULL && i < n; i++) {
        if ((unsigned char)out[i] >= 0x80) out[i] = '?';
    }
    json_decref(probe);
}

static void copy_entry(struct entry *out, const struct ht_audit_row *row) {
    out->row = *row;
    copy_text(out->event, sizeof out->event, row->event != NULL ? row->event : "");
    copy_text(out->origin, sizeof out->origin, row->origin != NULL ? row->origin : "");
    copy_text(out->detail, sizeof out->detail, row->detail != NULL ? row->detail : "");
    out->row.event = out->event;
    out->row.origin = row->origin != NULL ? out->origin : NULL;
    out->row.detail = out->detail;
}

static void add_to_tail(struct ht_audit *audit, const struct ht_audit_row *row) {
    copy_entry(&audit->tail[audit->next], row);
    audit->next = (audit->next + 1) % TAIL;
    if (audit->count < TAIL) audit->count++;
}

static json_t *row_json(const struct ht_audit_row *row) {
    char address[HT_HEX_SIZE(20)];
    ht_hex_write(address, HT_BYTES(row->account.b));
    return json_pack("{s:I, s:I, s:s, s:s?, s:s?, s:s}", "id", (json_int_t)row->id, "at_ms",
                     (json_int_t)row->at_ms, "event", row->event, "origin", row->origin, "account",
                     row->has_account ? address : NULL, "detail", row->detail);
}

/* --- adding ----------------------------------------------------------------------------------- */

struct adding {
    struct ht_write write;
    struct ht_identity *identity;
    struct entry entry;
};

/* On the writer's thread. */
static enum ht_err write_entry(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    struct adding *adding = (struct adding *)write;
    return ht_audit_sql_add(db, &adding->entry.row.id, &adding->entry.row, why);
}

static void wrote_entry(struct ht_write *write) {
    struct adding *adding = (struct adding *)write;
    const struct ht_identity *identity = adding->identity;
    if (write->err == HT_OK) {
        add_to_tail(identity->audit, &adding->entry.row);
        identity->host->publish(identity->host, "wallet.audit_tail");
    } else {
        ht_log(HT_LOG_WARN, "wallet", "the audit log lacks \"%s\": %s", adding->entry.event,
               write->why.text);
    }
    free(adding);
}

void ht_audit_add(struct ht_identity *identity, const char *event, const char *origin,
                  const ht_addr20 *account, const char *detail) {
    struct adding *adding = calloc(1, sizeof *adding);
    enum ht_err err = adding != NULL ? HT_OK : HT_ENOMEM;
    if (err == HT_OK) {
        struct ht_audit_row row = {.at_ms = ht_wall_ms(identity->host->clock),
                                   .event = event,
                                   .origin = origin,
                                   .has_account = account != NULL,
                                   .detail = detail};
        if (account != NULL) row.account = *account;
        copy_entry(&adding->entry, &row);
        adding->identity = identity;
        adding->write.write = write_entry;
        adding->write.done = wrote_entry;
        err = ht_writer_submit(identity->host->writer, &adding->write);
    }
    if (err == HT_OK) return;
    ht_log(HT_LOG_WARN, "wallet", "the audit log lacks \"%s\": %s", event, ht_err_name(err));
    free(adding);
}

/* --- reading ---------------------------------------------------------------------------------- */

struct page {
    struct ht_read read;
    struct ht_rpc_call *call;
    int64_t before;
    unsigned limit;
    bool is_whole;
    json_t *entries;
};

static enum ht_err take_row(void *user, const struct ht_audit_row *row) {
    struct entry entry; /* a damaged file may hold what is no JSON */
    copy_entry(&entry, row);
    return json_array_append_new(user, row_json(&entry.row)) == 0 ? HT_OK : HT_ENOMEM;
}

/* On a worker. */
static enum ht_err read_page(struct ht_read *read, sqlite3 *db, struct ht_why *why) {
    struct page *page = (struct page *)read;
    page->entries = json_array();
    enum ht_err err = ht_audit_sql_check(db, &page->is_whole, why);
    if (err != HT_OK) return err;
    err = ht_audit_sql_read(db, page->before, page->limit, take_row, page->entries, why);
    return err == HT_ENOMEM ? ht_fail(why, err, "no_memory", "out of memory") : err;
}

static void got_page(struct ht_read *read) {
    struct page *page = (struct page *)read;
    if (read->err == HT_OK) {
        ht_rpc_finish(page->call, json_pack("{s:O, s:b}", "entries", page->entries, "is_whole",
                                            (int)page->is_whole));
    } else {
        ht_rpc_refuse(page->call, read->err, &read->why);
    }
    json_decref(page->entries);
    free(page);
}

static enum ht_err read_params(int64_t *before, unsigned *limit, const json_t *params,
                               struct ht_why *why) {
    uint64_t from = 0, count = TAIL;
    enum ht_err err = HT_OK;
    if (ht_json_member(params, "before") != NULL) err = ht_json_u64(&from, params, "before", why);
    if (err == HT_OK && ht_json_member(params, "limit") != NULL) {
        err = ht_json_u64(&count, params, "limit", why);
    }
    if (err != HT_OK) return err;
    if (from > INT64_MAX || count == 0 || count > PAGE_MAX) {
        return ht_fail(why, HT_EINPUT, "json_value", "limit is from 1 to %u", PAGE_MAX);
    }
    *before = (int64_t)from;
    *limit = (unsigned)count;
    return HT_OK;
}

static void start_audit(void *self, struct ht_rpc_call *call, const json_t *params) {
    const struct ht_identity *identity = self;
    struct ht_why why = {0};
    int64_t before = 0;
    unsigned limit = 0;
    enum ht_err err = read_params(&before, &limit, params, &why);
    struct page *page = err == HT_OK ? calloc(1, sizeof *page) : NULL;
    if (err == HT_OK && page == NULL) err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    if (err == HT_OK) {
        page->call = call;
        page->before = before;
        page->limit = limit;
        page->read.read = read_page;
        page->read.done = got_page;
        err = ht_reader_submit(identity->host->reader, &page->read);
        if (err != HT_OK) (void)ht_fail(&why, err, "busy", "too much is being read now");
    }
    if (err == HT_OK) return;
    ht_rpc_refuse(call, err, &why);
    free(page);
}

enum ht_err ht_audit_json(void *self, json_t **out, struct ht_why *why) {
    const struct ht_audit *audit = ((const struct ht_identity *)self)->audit;
    json_t *entries = json_array();
    int failed = 0;
    for (size_t i = 1; i <= audit->count; i++) {
        const struct entry *entry = &audit->tail[(audit->next + TAIL - i) % TAIL];
        failed |= json_array_append_new(entries, row_json(&entry->row));
    }
    *out = json_pack("{s:o}", "entries", entries);
    if (failed == 0 && *out != NULL) return HT_OK;
    json_decref(*out);
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* --- life ------------------------------------------------------------------------------------- */

/* Comes newest first, and so fills the ring from its end. */
static enum ht_err load_row(void *user, const struct ht_audit_row *row) {
    struct ht_audit *audit = user;
    copy_entry(&audit->tail[TAIL - 1 - audit->count], row);
    audit->count++;
    return HT_OK;
}

enum ht_err ht_audit_new(struct ht_identity *identity, sqlite3 *db, struct ht_why *why) {
    struct ht_audit *audit = calloc(1, sizeof *audit);
    if (audit == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    enum ht_err err = ht_audit_sql_read(db, 0, TAIL, load_row, audit, why);
    if (err != HT_OK) {
        free(audit);
        return err;
    }
    identity->audit = audit;
    return HT_OK;
}

void ht_audit_free(struct ht_identity *identity) {
    free(identity->audit);
    identity->audit = NULL;
}

static const struct ht_rpc_method METHODS[] = {
    {.name = "wallet.audit", .start = start_audit},
};
const struct ht_identity_methods ht_audit_methods = {METHODS, sizeof METHODS / sizeof *METHODS};
_Static_assert(sizeof METHODS / sizeof *METHODS == HT_AUDIT_METHODS, "identity.h counts them");
