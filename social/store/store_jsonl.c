/* JSONL in and out. Which events there are is the store's business. */
#include "social/store/store_jsonl.h"

#define LINE_MAX_SIZE (HT_EVENT_SIZE_MAX + 16)
#define PIECE_SIZE ((size_t)64 << 10)
#define EVENT_ARENA_MAX (HT_EVENT_ARENA(HT_EVENT_SIZE_MAX) + 2 * HT_EVENT_SIZE_MAX)

void ht_jsonl_init(struct ht_jsonl *jsonl) {
    *jsonl = (struct ht_jsonl){.lines = 0};
    ht_buf_init(&jsonl->rest, LINE_MAX_SIZE);
}

void ht_jsonl_fini(struct ht_jsonl *jsonl) {
    ht_buf_fini(&jsonl->rest);
}

static ht_bytes trim(ht_bytes line) {
    while (line.n > 0 && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == ' ')) line.n--;
    return line;
}

/* Tells a line of which `last` is the last piece. */
static enum ht_err tell(struct ht_jsonl *jsonl, ht_bytes last, ht_jsonl_line *line, void *user,
                        struct ht_why *why) {
    bool is_too_long = jsonl->is_skipping;
    if (!is_too_long && jsonl->rest.n > 0) {
        enum ht_err err = ht_buf_add(&jsonl->rest, last);
        if (err == HT_ENOMEM) return ht_fail(why, err, "no_memory", "no memory for a line");
        is_too_long = err != HT_OK;
        last = ht_buf_view(&jsonl->rest);
    }
    jsonl->is_skipping = false;
    if (is_too_long || last.n > HT_EVENT_SIZE_MAX) {
        ht_buf_clear(&jsonl->rest);
        jsonl->lines++;
        return line(user, (ht_bytes){0}, why);
    }
    last = trim(last);
    enum ht_err err = HT_OK;
    if (last.n > 0) {
        jsonl->lines++;
        err = line(user, last, why);
    }
    ht_buf_clear(&jsonl->rest);
    return err;
}

/* Keeps the beginning of a line. */
static enum ht_err keep(struct ht_jsonl *jsonl, ht_bytes piece, struct ht_why *why) {
    if (jsonl->is_skipping || piece.n == 0) return HT_OK;
    enum ht_err err = ht_buf_add(&jsonl->rest, piece);
    if (err == HT_ENOMEM) return ht_fail(why, err, "no_memory", "no memory for a line");
    if (err == HT_OK) return HT_OK;
    ht_buf_clear(&jsonl->rest);
    jsonl->is_skipping = true;
    return HT_OK;
}

enum ht_err ht_jsonl_feed(struct ht_jsonl *jsonl, ht_bytes chunk, ht_jsonl_line *line, void *user,
                          struct ht_why *why) {
    while (chunk.n > 0) {
        const uint8_t *end = memchr(chunk.p, '\n', chunk.n);
        if (end == NULL) return keep(jsonl, chunk, why);
        size_t n = (size_t)(end - chunk.p);
        enum ht_err err = tell(jsonl, ht_bytes_of(chunk.p, n), line, user, why);
        if (err != HT_OK) return err;
        chunk = ht_bytes_of(end + 1, chunk.n - n - 1);
    }
    return HT_OK;
}

enum ht_err ht_jsonl_end(struct ht_jsonl *jsonl, ht_jsonl_line *line, void *user,
                         struct ht_why *why) {
    if (jsonl->rest.n == 0 && !jsonl->is_skipping) return HT_OK;
    return tell(jsonl, (ht_bytes){0}, line, user, why);
}

static void count_put(struct ht_import_counts *counts, enum ht_put put) {
    switch (put) {
    case HT_PUT_STORED: counts->stored++; return;
    case HT_PUT_DUPLICATE: counts->duplicate++; return;
    case HT_PUT_REPLACED: counts->replaced++; return;
    case HT_PUT_DELETED: counts->deleted++; return;
    case HT_PUT_EXPIRED: counts->expired++; return;
    case HT_PUT_QUOTA: counts->refused++; return;
    }
}

static enum ht_err import_event(struct ht_import_counts *counts, struct ht_store *store,
                                const struct ht_event *event, const struct ht_store_limits *limits,
                                const char *relay_url, struct ht_why *why) {
    enum ht_put put;
    if (ht_event_class_of(event->kind) == HT_EVENT_EPHEMERAL) {
        counts->ephemeral++;
        return HT_OK;
    }
    enum ht_err err = ht_store_put(&put, store, event, limits, relay_url, why);
    if (err == HT_OK) count_put(counts, put);
    return err;
}

enum ht_err ht_import_line(struct ht_import_counts *counts, struct ht_store *store, ht_bytes line,
                           bool is_verified, const struct ht_store_limits *limits,
                           const char *relay_url, struct ht_why *why) {
    struct ht_event event;
    struct ht_arena arena;
    ht_arena_init(&arena, EVENT_ARENA_MAX);
    counts->lines++;
    enum ht_err err = ht_event_read(&event, &arena, line, why);
    bool is_read = err == HT_OK;
    if (is_read && !is_verified) err = ht_event_verify(&event, why);
    if (err == HT_OK) {
        err = import_event(counts, store, &event, limits, relay_url, why);
    } else if (err != HT_ENOMEM) {
        if (is_read)
            counts->unverified++;
        else
            counts->malformed++;
        err = HT_OK;
    }
    ht_arena_fini(&arena);
    return err;
}

struct export {
    struct ht_buf piece;
    ht_export_write *write;
    void *user;
    uint64_t count;
    enum ht_err err;
    struct ht_why *why;
};

static bool export_event(void *user, const ht_hash32 *id, const ht_hash32 *pubkey, uint32_t kind,
                         int64_t created_at, ht_bytes json) {
    struct export *export = user;
    (void)id;
    (void)pubkey;
    (void)kind;
    (void)created_at;
    export->err = ht_buf_add(&export->piece, json);
    if (export->err == HT_OK) export->err = ht_buf_add_str(&export->piece, "\n");
    if (export->err != HT_OK) return false;
    export->count++;
    if (export->piece.n < PIECE_SIZE) return true;
    export->err = export->write(export->user, ht_buf_view(&export->piece), export->why);
    ht_buf_clear(&export->piece);
    return export->err == HT_OK;
}

enum ht_err ht_export(uint64_t *count, struct ht_store *store, const struct ht_filter *filter,
                      int64_t now_s, ht_export_write *write, void *user, struct ht_why *why) {
    struct export export = {.write = write, .user = user, .why = why};
    const struct ht_store_visit visit = {.event = export_event, .user = &export};
    const struct ht_store_limits limits = {.now_s = now_s};
    bool is_complete = false;
    ht_buf_init(&export.piece, PIECE_SIZE + 2 * LINE_MAX_SIZE);
    enum ht_err err = ht_store_query(&is_complete, store, filter, 1, &limits, 0, &visit, why);
    if (err == HT_OK) err = export.err;
    if (err == HT_OK && export.piece.n > 0)
        err = export.write(export.user, ht_buf_view(&export.piece), why);
    if (err == HT_OK) *count = export.count;
    ht_buf_fini(&export.piece);
    return err;
}
