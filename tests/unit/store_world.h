/* A store of events in a folder of its own, events made by hand, and answers as text. */
#ifndef HT_TESTS_STORE_WORLD_H
#define HT_TESTS_STORE_WORLD_H

#include "social/store/store.h"

#define STORE_WORLD_RELAY "ws://relay.example"

struct store_world {
    char folder[64], path[96];
    sqlite3 *db;
    struct ht_store *store;
    struct ht_arena arena;
    struct ht_store_limits limits;
    char answer[4096];
    bool is_complete;
    struct ht_why why;
};

void store_world_open(struct store_world *world);
void store_world_close(struct store_world *world);
/* Closes and opens the file again. */
void store_world_reopen(struct store_world *world);

/* An event with that label as content; author: any letter. Then tags as pairs of name and value, up
 * to a NULL. It lives as long as the world. */
struct ht_event *store_world_event(struct store_world *world, const char *label, char author,
                                   uint32_t kind, int64_t created_at, ...);
/* Its id, and an author's key, as hex. */
const char *store_world_id(struct store_world *world, const struct ht_event *event);
const char *store_world_key(struct store_world *world, char author);
ht_hash32 store_world_pubkey(char author);

/* Puts it; a failure fails the test. */
enum ht_put store_world_put(struct store_world *world, const struct ht_event *event);
/* Reads a filter, ' for ". */
struct ht_filter store_world_filter(struct store_world *world, const char *text);
/* The labels of what a filter finds, in order, a space between. */
const char *store_world_ask(struct store_world *world, const char *filter);
uint64_t store_world_count(struct store_world *world, const char *filter);
/* A visitor that adds labels to world->answer. */
struct ht_store_visit store_world_visit(struct store_world *world);

#endif
