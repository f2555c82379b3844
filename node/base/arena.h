/* Arena: memory of one message or request, freed at once when it is done.
 *
 * Nothing that lives longer than the arena may point into it. Not shared between threads. */
#ifndef HT_BASE_ARENA_H
#define HT_BASE_ARENA_H

#include "node/base/bytes.h"

struct ht_arena_block;

struct ht_arena {
    struct ht_arena_block *blocks;
    size_t used;  /* bytes handed out */
    size_t max;   /* bytes it may ever hand out */
    size_t first; /* bytes of its first block; 0: as many as most need */
};

/* An empty arena that may hand out `max` bytes; allocates nothing yet. */
void ht_arena_init(struct ht_arena *arena, size_t max);
/* The same for what is kept in great numbers: of its memory `first` bytes come at once, and are
 * enough for most. */
void ht_arena_init_small(struct ht_arena *arena, size_t max, size_t first);
/* Frees everything handed out; the arena is empty again, with the same maximum. */
void ht_arena_fini(struct ht_arena *arena);

/* n zeroed bytes, aligned for any type; NULL past the maximum or without memory. */
void *ht_arena_alloc(struct ht_arena *arena, size_t n) HT_MUST_USE;

/* count zeroed elements of size bytes each; *out is NULL when count is 0. HT_ELIMIT "no_room". */
enum ht_err ht_arena_array(void **out, struct ht_arena *arena, size_t count, size_t size,
                           struct ht_why *why) HT_MUST_USE;

/* A copy of the bytes with a zero behind them; NULL as above. */
char *ht_arena_copy_str(struct ht_arena *arena, ht_bytes text) HT_MUST_USE;

#endif
