/* The owner's side over a store of its own, without a loop: tasks whose work is called by hand.
 * Events are written as they stand, unsigned; the store takes what was verified. The owner is 'a'.
 */
#ifndef HT_TESTS_OWNER_WORLD_H
#define HT_TESTS_OWNER_WORLD_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/codec/json.h"
#include "social/client_sql.h"
#include "social/client_task.h"

#define OWNER_NOW INT64_C(1780000000)

static struct {
    char folder[64], path[96];
    sqlite3 *db;
    struct ht_store *store;
    struct ht_social social;
    struct ht_task task;
    struct ht_why why;
    unsigned serial;
} o;

static inline ht_hash32 owner_key(char who) {
    ht_hash32 key;
    memset(&key, who, sizeof key);
    return key;
}

/* A new task of the owner's with these parameters, ' for ". */
static inline struct ht_task *owner_task(const char *params) {
    char text[4096];
    (void)snprintf(text, sizeof text, "%s", params);
    for (char *c = text; *c != '\0'; c++) *c = *c == '\'' ? '"' : *c;
    json_decref(o.task.params);
    json_decref(o.task.result);
    json_decref(o.task.draft.tags);
    json_decref(o.task.ask);
    free(o.task.draft.content);
    o.task = (struct ht_task){.social = &o.social,
                              .has_owner = true,
                              .owner = owner_key('a'),
                              .now_s = OWNER_NOW,
                              .store = o.store};
    o.task.params = json_loads(text, 0, NULL);
    assert_non_null(o.task.params);
    o.why = (struct ht_why){.code = ""};
    return &o.task;
}

static inline int owner_open(void **state) {
    struct ht_migration migrations[8];
    size_t count = 0;
    (void)state;
    memset(&o, 0, sizeof o);
    for (size_t i = 0; i < ht_social_migration_count; i++)
        migrations[count++] = ht_social_migrations[i];
    for (size_t i = 0; i < ht_client_migration_count; i++)
        migrations[count++] = ht_client_migrations[i];
    assert_true(count <= 8);
    (void)snprintf(o.folder, sizeof o.folder, "/tmp/ht_owner_XXXXXX");
    assert_non_null(mkdtemp(o.folder));
    (void)snprintf(o.path, sizeof o.path, "%s/social.db", o.folder);
    enum ht_err err = ht_db_open(&o.db, o.path, migrations, count, &o.why);
    if (err == HT_OK) err = ht_store_new(&o.store, o.db, &o.why);
    if (err != HT_OK) fail_msg("%s", o.why.text);
    (void)owner_task("{}");
    return 0;
}

static inline int owner_close(void **state) {
    (void)state;
    (void)owner_task("{}");
    json_decref(o.task.params);
    ht_store_free(o.store);
    ht_db_close(o.db);
    assert_int_equal(unlink(o.path), 0);
    assert_int_equal(rmdir(o.folder), 0);
    return 0;
}

/* Stores an event; tags are JSON, ' for ". Gives its id in hex, good until the next sixteen. */
static inline const char *owner_put(char who, uint32_t kind, int64_t created_at,
                                    const char *content, const char *tags) {
    static char ids[16][65];
    char text[4096], pubkey[65];
    char *id = ids[o.serial++ % 16];
    ht_hash32 key = owner_key(who);
    struct ht_event event;
    struct ht_arena arena;
    struct ht_buf json;
    enum ht_put put = HT_PUT_DUPLICATE;
    const struct ht_store_limits limits = {.now_s = OWNER_NOW};
    (void)snprintf(id, 65, "%056x%08x", 0, o.serial);
    (void)snprintf(text, sizeof text, "%s", tags);
    for (char *c = text; *c != '\0'; c++) *c = *c == '\'' ? '"' : *c;
    ht_task_hex(pubkey, &key);
    char sig[129];
    memset(sig, '0', 128);
    sig[128] = '\0';
    json_t *value = json_pack("{s:s, s:s, s:I, s:I, s:o, s:s, s:s}", "id", id, "pubkey", pubkey,
                              "created_at", (json_int_t)created_at, "kind", (json_int_t)kind,
                              "tags", json_loads(text, 0, NULL), "content", content, "sig", sig);
    assert_non_null(value);
    ht_buf_init(&json, HT_EVENT_SIZE_MAX);
    assert_int_equal(ht_json_dump_compact(&json, value), HT_OK);
    json_decref(value);
    ht_arena_init(&arena, HT_EVENT_ARENA(json.n));
    if (ht_event_read(&event, &arena, ht_buf_view(&json), &o.why) != HT_OK)
        fail_msg("%s", o.why.text);
    enum ht_err err = ht_store_put(&put, o.store, &event, &limits, NULL, &o.why);
    ht_arena_fini(&arena);
    ht_buf_fini(&json);
    if (err != HT_OK || put != HT_PUT_STORED) fail_msg("not stored: %d %s", (int)put, o.why.text);
    return id;
}

/* "['e','<id>']" and so on, in a text of its own; good until the next eight. */
static inline const char *owner_tags(const char *format, ...) {
    static char texts[8][2048];
    static unsigned serial;
    char *text = texts[serial++ % 8];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof texts[0], format, args);
    va_end(args);
    return text;
}

static inline const char *owner_hex(char who) {
    static char texts[8][65];
    static unsigned serial;
    ht_hash32 key = owner_key(who);
    char *text = texts[serial++ % 8];
    ht_task_hex(text, &key);
    return text;
}

/* JSON as text, compact, members in their order; good until the next call. */
static inline const char *owner_text(const json_t *value) {
    static struct ht_buf text;
    static char copy[16384];
    ht_buf_init(&text, sizeof copy - 1);
    assert_int_equal(ht_json_dump_compact(&text, value), HT_OK);
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    ht_buf_fini(&text);
    for (char *c = copy; *c != '\0'; c++) *c = *c == '"' ? '\'' : *c;
    return copy;
}

#define OWNER_TEST(name) cmocka_unit_test_setup_teardown(name, owner_open, owner_close)

#endif
