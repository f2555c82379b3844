/* A store for tests. Events are not signed: the store takes what was verified. */
#include "tests/unit/store_world.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "node/codec/json.h"

#define ARENA_MAX ((size_t)64 << 20)

static void open_store(struct store_world *world) {
    enum ht_err err = ht_db_open(&world->db, world->path, ht_social_migrations,
                                 ht_social_migration_count, &world->why);
    if (err == HT_OK) err = ht_store_new(&world->store, world->db, &world->why);
    if (err != HT_OK) fail_msg("%s", world->why.text);
}

static void close_store(struct store_world *world) {
    ht_store_free(world->store);
    ht_db_close(world->db);
}

void store_world_open(struct store_world *world) {
    *world = (struct store_world){.limits = {.now_s = 1000000, .limit_max = 1000}};
    (void)snprintf(world->folder, sizeof world->folder, "/tmp/ht_store_XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    (void)snprintf(world->path, sizeof world->path, "%s/social.db", world->folder);
    ht_arena_init(&world->arena, ARENA_MAX);
    open_store(world);
}

void store_world_close(struct store_world *world) {
    close_store(world);
    ht_arena_fini(&world->arena);
    assert_int_equal(unlink(world->path), 0);
    assert_int_equal(rmdir(world->folder), 0);
}

void store_world_reopen(struct store_world *world) {
    close_store(world);
    open_store(world);
}

ht_hash32 store_world_pubkey(char author) {
    ht_hash32 key;
    memset(&key, author, sizeof key);
    return key;
}

static const char *hex_of(struct store_world *world, const ht_hash32 *value) {
    static const char digits[] = "0123456789abcdef";
    char *text = ht_arena_alloc(&world->arena, 65);
    assert_non_null(text);
    for (size_t i = 0; i < 64; i++) text[i] = digits[value->b[i / 2] >> (i % 2 == 0 ? 4 : 0) & 0xf];
    return text;
}

const char *store_world_id(struct store_world *world, const struct ht_event *event) {
    return hex_of(world, &event->id);
}

const char *store_world_key(struct store_world *world, char author) {
    ht_hash32 key = store_world_pubkey(author);
    return hex_of(world, &key);
}

static void add_tags(struct store_world *world, struct ht_event *event, va_list list) {
    struct ht_event_tag *tags = ht_arena_alloc(&world->arena, 16 * sizeof *tags);
    assert_non_null(tags);
    for (const char *name; (name = va_arg(list, const char *)) != NULL;) {
        ht_bytes *items = ht_arena_alloc(&world->arena, 2 * sizeof *items);
        assert_non_null(items);
        assert_true(event->tag_count < 16);
        items[0] = ht_bytes_str(name);
        items[1] = ht_bytes_str(va_arg(list, const char *));
        tags[event->tag_count++] = (struct ht_event_tag){items, 2};
    }
    event->tags = tags;
}

struct ht_event *store_world_event(struct store_world *world, const char *label, char author,
                                   uint32_t kind, int64_t created_at, ...) {
    va_list list;
    struct ht_buf json;
    struct ht_event *event = ht_arena_alloc(&world->arena, sizeof *event);
    assert_non_null(event);
    *event = (struct ht_event){
        .pubkey = store_world_pubkey(author),
        .created_at = created_at,
        .kind = kind,
        .content = ht_bytes_str(label),
    };
    va_start(list, created_at);
    add_tags(world, event, list);
    va_end(list);
    assert_int_equal(ht_event_id(&event->id, event), HT_OK);
    ht_buf_init(&json, HT_EVENT_SIZE_MAX);
    assert_int_equal(ht_event_write(&json, event), HT_OK);
    char *copy = ht_arena_copy_str(&world->arena, ht_buf_view(&json));
    assert_non_null(copy);
    event->json = ht_bytes_of(copy, json.n);
    ht_buf_fini(&json);
    return event;
}

enum ht_put store_world_put(struct store_world *world, const struct ht_event *event) {
    enum ht_put put = HT_PUT_STORED;
    if (ht_store_put(&put, world->store, event, &world->limits, STORE_WORLD_RELAY, &world->why) !=
        HT_OK) {
        fail_msg("%s", world->why.text);
    }
    return put;
}

struct ht_filter store_world_filter(struct store_world *world, const char *text) {
    json_t *object = NULL;
    struct ht_filter filter;
    char *copy = ht_arena_copy_str(&world->arena, ht_bytes_str(text));
    assert_non_null(copy);
    for (char *c = copy; *c != '\0'; c++) {
        if (*c == '\'') *c = '"';
    }
    assert_int_equal(ht_json_parse(&object, ht_bytes_str(copy), strlen(copy), &world->why), HT_OK);
    if (ht_filter_read(&filter, &world->arena, object, &world->why) != HT_OK)
        fail_msg("%s", world->why.text);
    json_decref(object);
    return filter;
}

static bool add_label(void *user, const ht_hash32 *id, const ht_hash32 *pubkey, uint32_t kind,
                      int64_t created_at, ht_bytes json) {
    struct store_world *world = user;
    struct ht_event event;
    assert_int_equal(ht_event_read(&event, &world->arena, json, &world->why), HT_OK);
    assert_memory_equal(&event.id, id, sizeof *id);
    assert_memory_equal(&event.pubkey, pubkey, sizeof *pubkey);
    assert_int_equal(event.kind, kind);
    assert_int_equal(event.created_at, created_at);
    size_t n = strlen(world->answer);
    (void)snprintf(world->answer + n, sizeof world->answer - n, "%s%.*s", n > 0 ? " " : "",
                   (int)event.content.n, (const char *)event.content.p);
    return true;
}

struct ht_store_visit store_world_visit(struct store_world *world) {
    return (struct ht_store_visit){.event = add_label, .user = world};
}

const char *store_world_ask(struct store_world *world, const char *text) {
    struct ht_filter filter = store_world_filter(world, text);
    const struct ht_store_visit visit = store_world_visit(world);
    world->answer[0] = '\0';
    if (ht_store_query(&world->is_complete, world->store, &filter, 1, &world->limits, 0, &visit,
                       &world->why) != HT_OK) {
        fail_msg("%s", world->why.text);
    }
    return world->answer;
}

uint64_t store_world_count(struct store_world *world, const char *text) {
    uint64_t count = 0;
    struct ht_filter filter = store_world_filter(world, text);
    if (ht_store_count(&count, world->store, &filter, 1, &world->limits, 0, NULL, &world->why) !=
        HT_OK) {
        fail_msg("%s", world->why.text);
    }
    return count;
}
