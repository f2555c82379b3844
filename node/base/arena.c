/* Arena of linked blocks: allocation moves a mark, freeing drops the whole list. */
#include "node/base/arena.h"

#include <stdlib.h>

#define BLOCK_SIZE 4096U
#define ALIGN _Alignof(max_align_t)

struct ht_arena_block {
    struct ht_arena_block *next;
    size_t used;
    size_t cap;
    max_align_t data[];
};

void ht_arena_init(struct ht_arena *arena, size_t max) {
    *arena = (struct ht_arena){.max = max};
}

void ht_arena_init_small(struct ht_arena *arena, size_t max, size_t first) {
    *arena = (struct ht_arena){.max = max, .first = first};
}

void ht_arena_fini(struct ht_arena *arena) {
    for (struct ht_arena_block *block = arena->blocks; block != NULL;) {
        struct ht_arena_block *next = block->next;
        free(block);
        block = next;
    }
    ht_arena_init_small(arena, arena->max, arena->first);
}

void *ht_arena_alloc(struct ht_arena *arena, size_t n) {
    if (n > arena->max - arena->used || n > SIZE_MAX / 2) return NULL;
    size_t room = (n + ALIGN - 1) / ALIGN * ALIGN;
    struct ht_arena_block *block = arena->blocks;
    if (block == NULL || room > block->cap - block->used) {
        size_t usual = block == NULL && arena->first > 0 ? arena->first : BLOCK_SIZE;
        size_t cap = room > usual ? room : usual;
        block = calloc(1, sizeof *block + cap);
        if (block == NULL) return NULL;
        block->cap = cap;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    void *p = (uint8_t *)block->data + block->used;
    block->used += room;
    arena->used += n;
    return p;
}

enum ht_err ht_arena_array(void **out, struct ht_arena *arena, size_t count, size_t size,
                           struct ht_why *why) {
    size_t total = 0;
    *out = NULL;
    if (count == 0) return HT_OK;
    if (!__builtin_mul_overflow(count, size, &total)) *out = ht_arena_alloc(arena, total);
    if (*out != NULL) return HT_OK;
    return ht_fail(why, HT_ELIMIT, "no_room", "%zu items need more memory than allowed", count);
}

char *ht_arena_copy_str(struct ht_arena *arena, ht_bytes text) {
    char *copy = ht_arena_alloc(arena, text.n + 1);
    if (copy != NULL && text.n > 0) memcpy(copy, text.p, text.n);
    return copy;
}
