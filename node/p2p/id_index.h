/* Finds ids in an array of records: open addressing, keyed, so that nobody can choose ids that
 * collide.
 *
 * The records are the caller's: an array with an id of 32 bytes at the front of each. The index
 * keeps their numbers. Pure; one thread at a time. */
#ifndef HT_P2P_ID_INDEX_H
#define HT_P2P_ID_INDEX_H

#include "node/base/clock.h"

#define HT_ID_NONE UINT32_MAX

struct ht_id_index {
    uint32_t *slots; /* a record's number + 1; 0: empty */
    uint32_t mask;   /* how many slots, a power of two, less one */
    unsigned shift;  /* of the hash, to a slot */
    size_t size;     /* bytes of a record */
    uint64_t key[4];
};

/* For at most `most` records of `size` bytes, below 2^30. HT_ENOMEM. */
enum ht_err ht_id_index_init(struct ht_id_index *index, size_t most, size_t size,
                             const struct ht_random *random) HT_MUST_USE;
void ht_id_index_fini(struct ht_id_index *index);

/* The record with the id, HT_ID_NONE without. */
uint32_t ht_id_index_find(const struct ht_id_index *index, const void *records,
                          const ht_hash32 *id);
/* The record is in its place and its id is in no other. */
void ht_id_index_add(struct ht_id_index *index, const void *records, uint32_t number);
/* The record is still as it was when it was added. */
void ht_id_index_remove(struct ht_id_index *index, const void *records, uint32_t number);

#endif
