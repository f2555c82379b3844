/* Notices: in memory as they are on disk. */
#include "governance/community/notices.h"

#include <stdio.h>
#include <stdlib.h>

#include "governance/community/notices_sql.h"
#include "governance/text.h"
#include "node/base/log.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

struct notice {
    int64_t id; /* 0: on its way to the disk */
    char kind[16], text[400];
    ht_addr20 community;
    bool has_proposal, is_read;
    ht_u256 proposal;
    int64_t at_ms;
};

struct ht_gov_notices {
    struct notice list[HT_GOV_NOTICES_MAX]; /* oldest first */
    size_t count;
};

static struct notice *append(struct ht_gov_notices *notices) {
    if (notices->count == HT_GOV_NOTICES_MAX) {
        memmove(&notices->list[0], &notices->list[1],
                (HT_GOV_NOTICES_MAX - 1) * sizeof *notices->list);
        notices->count--;
    }
    struct notice *notice = &notices->list[notices->count++];
    *notice = (struct notice){0};
    return notice;
}

/* --- adding ----------------------------------------------------------------------------------- */

struct adding {
    struct ht_write write; /* first */
    struct ht_governance *governance;
    struct notice notice;
    struct ht_gov_notice_row row;
    bool is_new;
};

static enum ht_err write_notice(struct ht_write *w, sqlite3 *db, struct ht_why *why) {
    struct adding *adding = (struct adding *)w;
    return ht_gov_notice_sql_add(db, &adding->notice.id, &adding->is_new, &adding->row, why);
}

static void put(struct ht_gov_notices *notices, const struct adding *adding) {
    if (adding->is_new) {
        *append(notices) = adding->notice;
        return;
    }
    for (size_t i = 0; i < notices->count; i++) {
        struct notice *notice = &notices->list[i];
        if (notice->id == adding->notice.id)
            memcpy(notice->text, adding->notice.text, sizeof notice->text);
    }
}

static void written(struct ht_write *w) {
    struct adding *adding = (struct adding *)w;
    struct ht_governance *governance = adding->governance;
    if (w->err != HT_OK) {
        ht_log(HT_LOG_ERROR, "governance", "a notice was lost: %s", w->why.text);
    } else if (adding->notice.id > 0) {
        put(governance->notices, adding);
        if (!governance->is_quitting) governance->host->publish(governance->host, "dao.notified");
    }
    free(adding);
}

static void submit(struct adding *adding, struct ht_community *community,
                   const struct ht_gov_item *item, const char *kind) {
    struct ht_governance *governance = community->governance;
    struct notice *notice = &adding->notice;
    (void)snprintf(notice->kind, sizeof notice->kind, "%s", kind);
    notice->community = community->address;
    notice->has_proposal = item != NULL;
    if (item != NULL) notice->proposal = item->id;
    notice->at_ms = ht_wall_ms(governance->host->clock);
    adding->governance = governance;
    adding->row = (struct ht_gov_notice_row){.kind = notice->kind,
                                             .text = notice->text,
                                             .community = notice->community,
                                             .has_proposal = notice->has_proposal,
                                             .proposal = notice->proposal,
                                             .at_ms = notice->at_ms,
                                             .is_vote = adding->row.is_vote,
                                             .voter = adding->row.voter,
                                             .is_whole = adding->row.is_whole};
    adding->write.write = write_notice;
    adding->write.done = written;
    if (ht_writer_submit(governance->host->writer, &adding->write) == HT_OK) return;
    ht_log(HT_LOG_ERROR, "governance", "a notice was lost: too much waits to be written");
    free(adding);
}

void ht_gov_notice(struct ht_community *community, const struct ht_gov_item *item, const char *kind,
                   const char *fmt, ...) {
    struct adding *adding = calloc(1, sizeof *adding);
    if (adding == NULL) return;
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(adding->notice.text, sizeof adding->notice.text, fmt, args);
    va_end(args);
    submit(adding, community, item, kind);
}

void ht_gov_notice_vote(struct ht_gov_item *item, const ht_addr20 *voter, const char *text,
                        bool is_whole) {
    struct adding *adding = calloc(1, sizeof *adding);
    if (adding == NULL) return;
    (void)snprintf(adding->notice.text, sizeof adding->notice.text, "%s", text);
    adding->row.is_vote = true;
    adding->row.voter = *voter;
    adding->row.is_whole = is_whole;
    submit(adding, item->community, item, "delegate_voted");
}

/* --- reading ---------------------------------------------------------------------------------- */

static json_t *notice_json(const struct notice *notice) {
    return json_pack("{s:I, s:s, s:o, s:o, s:o, s:I, s:b}", "id", (json_int_t)notice->id, "kind",
                     notice->kind, "text", ht_gov_text_json(ht_bytes_str(notice->text), 400),
                     "address", ht_address_json(&notice->community), "proposal",
                     notice->has_proposal ? ht_gov_u256_json(&notice->proposal) : json_null(),
                     "at_s", (json_int_t)(notice->at_ms / 1000), "read", notice->is_read);
}

enum ht_err ht_gov_notices_list(void *self, json_t **result, const json_t *params,
                                struct ht_why *why) {
    const struct ht_gov_notices *notices = ((struct ht_governance *)self)->notices;
    (void)params;
    json_t *list = json_array();
    for (size_t i = notices->count; i-- > 0;)
        (void)json_array_append_new(list, notice_json(&notices->list[i]));
    *result = json_pack("{s:o}", "notices", list);
    return *result != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

enum ht_err ht_gov_notices_topic(void *self, json_t **value, struct ht_why *why) {
    const struct ht_gov_notices *notices = ((struct ht_governance *)self)->notices;
    json_int_t unread = 0;
    for (size_t i = 0; i < notices->count; i++) unread += notices->list[i].is_read ? 0 : 1;
    *value = json_pack("{s:I}", "unread", unread);
    return *value != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* --- marking as read -------------------------------------------------------------------------- */

struct marking {
    struct ht_write write; /* first */
    struct ht_governance *governance;
    struct ht_rpc_call *call;
    int64_t up_to;
};

static enum ht_err write_read(struct ht_write *w, sqlite3 *db, struct ht_why *why) {
    return ht_gov_notice_sql_read(db, ((struct marking *)w)->up_to, why);
}

static void marked(struct ht_write *w) {
    struct marking *marking = (struct marking *)w;
    struct ht_governance *governance = marking->governance;
    struct ht_gov_notices *notices = governance->notices;
    for (size_t i = 0; w->err == HT_OK && i < notices->count; i++) {
        if (notices->list[i].id <= marking->up_to) notices->list[i].is_read = true;
    }
    if (w->err == HT_OK) {
        if (!governance->is_quitting) governance->host->publish(governance->host, "dao.notified");
        ht_rpc_finish(marking->call, json_object());
    } else {
        ht_rpc_refuse(marking->call, w->err, &w->why);
    }
    free(marking);
}

void ht_gov_notices_mark(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_governance *governance = self;
    struct ht_why why = {0};
    uint64_t up_to = INT64_MAX;
    enum ht_err err = HT_OK;
    if (ht_json_member(params, "up_to") != NULL) err = ht_json_u64(&up_to, params, "up_to", &why);
    struct marking *marking = err == HT_OK ? calloc(1, sizeof *marking) : NULL;
    if (marking == NULL) {
        ht_rpc_refuse(call, err != HT_OK ? err : HT_ENOMEM, err != HT_OK ? &why : NULL);
        return;
    }
    marking->governance = governance;
    marking->call = call;
    marking->up_to = up_to < INT64_MAX ? (int64_t)up_to : INT64_MAX;
    marking->write.write = write_read;
    marking->write.done = marked;
    err = ht_writer_submit(governance->host->writer, &marking->write);
    if (err == HT_OK) return;
    (void)ht_fail(&why, err, "busy", "too much waits to be written");
    ht_rpc_refuse(call, err, &why);
    free(marking);
}

/* --- life ------------------------------------------------------------------------------------- */

static enum ht_err load(void *user, const struct ht_gov_notice_row *row) {
    struct notice *notice = append(user);
    (void)snprintf(notice->kind, sizeof notice->kind, "%s", row->kind);
    (void)snprintf(notice->text, sizeof notice->text, "%s", row->text);
    notice->id = row->id;
    notice->community = row->community;
    notice->has_proposal = row->has_proposal;
    notice->proposal = row->proposal;
    notice->at_ms = row->at_ms;
    notice->is_read = row->is_read;
    return HT_OK;
}

enum ht_err ht_gov_notices_new(struct ht_governance *governance, sqlite3 *db, struct ht_why *why) {
    governance->notices = calloc(1, sizeof *governance->notices);
    if (governance->notices == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    return ht_gov_notice_sql_load(db, load, governance->notices, why);
}

void ht_gov_notices_free(struct ht_governance *governance) {
    free(governance->notices);
    governance->notices = NULL;
}
