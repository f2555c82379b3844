/* The index of live filters: one hash table of chains. */
#include "social/relay/relay_index.h"

#include <sodium.h>
#include <stdlib.h>

#define CHAINS_FIRST 1024U
#define LOAD 2U /* entries a chain, when the table grows */

enum domain { BY_ID = 1, BY_AUTHOR, BY_KIND, BY_TAG, BY_NOTHING };

enum ht_err ht_index_init(struct ht_index *index, const struct ht_random *random) {
    *index = (struct ht_index){.chain_count = CHAINS_FIRST};
    ht_random_fill(random, index->secret, sizeof index->secret);
    index->chains = calloc(CHAINS_FIRST, sizeof *index->chains);
    return index->chains != NULL ? HT_OK : HT_ENOMEM;
}

void ht_index_fini(struct ht_index *index) {
    ht_assert(index->entry_count == 0);
    free(index->chains);
    index->chains = NULL;
}

static uint64_t key_of(const struct ht_index *index, enum domain domain, char name,
                       ht_bytes value) {
    uint8_t out[crypto_shorthash_BYTES];
    (void)crypto_shorthash(out, value.p != NULL ? value.p : index->secret, value.n, index->secret);
    /* Domains need not be kept apart by the hash: who is found is matched in full. */
    return ht_read_u64_le(out) + ((uint64_t)domain << 8 | (uint8_t)name);
}

static uint64_t key_of_hash(const struct ht_index *index, enum domain domain,
                            const ht_hash32 *hash) {
    return key_of(index, domain, 0, HT_BYTES(hash->b));
}

static uint64_t key_of_kind(const struct ht_index *index, uint32_t kind) {
    uint8_t bytes[4];
    ht_write_u32_le(bytes, kind);
    return key_of(index, BY_KIND, 0, HT_BYTES(bytes));
}

/* --- adding -----------------------------------------------------------------------------------*/

/* The list that a filter stands under. */
struct under {
    enum domain domain;
    const struct ht_filter_tag *tag;
    size_t count;
};

static struct under choose(const struct ht_filter *filter) {
    struct under best = {.domain = BY_NOTHING, .count = 1};
    if (ht_filter_is_empty(filter) || filter->search.n > 0) {
        best.count = 0;
        return best;
    }
    if (filter->has_ids) return (struct under){.domain = BY_ID, .count = filter->id_count};
    for (size_t i = 0; i < filter->tag_count; i++) {
        const struct ht_filter_tag *tag = &filter->tags[i];
        bool is_better = best.domain == BY_NOTHING || tag->count < best.count;
        if (is_better) best = (struct under){.domain = BY_TAG, .tag = tag, .count = tag->count};
    }
    bool is_better = best.domain == BY_NOTHING || filter->author_count < best.count;
    if (filter->has_authors && is_better)
        best = (struct under){.domain = BY_AUTHOR, .count = filter->author_count};
    if (filter->has_kinds && best.domain == BY_NOTHING)
        best = (struct under){.domain = BY_KIND, .count = filter->kind_count};
    return best;
}

static uint64_t key_at(const struct ht_index *index, const struct ht_filter *filter,
                       const struct under *under, size_t i) {
    switch (under->domain) {
    case BY_ID: return key_of_hash(index, BY_ID, &filter->ids[i]);
    case BY_AUTHOR: return key_of_hash(index, BY_AUTHOR, &filter->authors[i]);
    case BY_KIND: return key_of_kind(index, filter->kinds[i]);
    case BY_TAG: return key_of(index, BY_TAG, under->tag->name, under->tag->values[i]);
    case BY_NOTHING: break;
    }
    return BY_NOTHING;
}

static void link_entry(struct ht_index *index, struct ht_index_entry *entry) {
    struct ht_index_entry **chain = &index->chains[entry->key & (index->chain_count - 1)];
    entry->next = *chain;
    entry->link = chain;
    if (*chain != NULL) (*chain)->link = &entry->next;
    *chain = entry;
}

/* Without memory for a larger one the table stays as it is. */
static void grow(struct ht_index *index, size_t more) {
    size_t wanted = index->chain_count;
    while (index->entry_count + more > LOAD * wanted) wanted *= 2;
    if (wanted == index->chain_count) return;
    struct ht_index_entry **chains = calloc(wanted, sizeof *chains);
    if (chains == NULL) return;
    struct ht_index_entry **old = index->chains;
    size_t old_count = index->chain_count;
    index->chains = chains;
    index->chain_count = wanted;
    for (size_t i = 0; i < old_count; i++) {
        for (struct ht_index_entry *entry = old[i]; entry != NULL;) {
            struct ht_index_entry *next = entry->next;
            link_entry(index, entry);
            entry = next;
        }
    }
    free(old);
}

enum ht_err ht_index_add(struct ht_index_place *out, struct ht_index *index,
                         const struct ht_filter *filters, size_t count, void *owner) {
    struct ht_index_place place = {.count = 0};
    size_t total = 0;
    for (size_t i = 0; i < count; i++) total += choose(&filters[i]).count;
    if (total > 0) {
        place.entries = calloc(total, sizeof *place.entries);
        place.looked = calloc(count, sizeof *place.looked);
        if (place.entries == NULL || place.looked == NULL) {
            free(place.entries);
            free(place.looked);
            return HT_ENOMEM;
        }
        grow(index, total);
    }
    for (size_t i = 0; i < count; i++) {
        struct under under = choose(&filters[i]);
        for (size_t v = 0; v < under.count; v++) {
            struct ht_index_entry *entry = &place.entries[place.count++];
            *entry = (struct ht_index_entry){
                .key = key_at(index, &filters[i], &under, v),
                .filter = &filters[i],
                .looked = &place.looked[i],
                .owner = owner,
            };
            link_entry(index, entry);
        }
    }
    index->entry_count += place.count;
    *out = place;
    return HT_OK;
}

void ht_index_remove(struct ht_index *index, struct ht_index_place *place) {
    for (size_t i = 0; i < place->count; i++) {
        struct ht_index_entry *entry = &place->entries[i];
        *entry->link = entry->next;
        if (entry->next != NULL) entry->next->link = entry->link;
    }
    index->entry_count -= place->count;
    free(place->entries);
    free(place->looked);
    *place = (struct ht_index_place){.count = 0};
}

/* --- finding ----------------------------------------------------------------------------------*/

struct search {
    const struct ht_index *index;
    const struct ht_event *event;
    void (*found)(void *user, void *owner);
    void *user;
};

static void look(const struct search *search, uint64_t key) {
    const struct ht_index *index = search->index;
    const struct ht_index_entry *entry = index->chains[key & (index->chain_count - 1)];
    for (; entry != NULL; entry = entry->next) {
        if (entry->key != key || *entry->looked == index->event) continue;
        *entry->looked = index->event;
        if (ht_filter_matches(entry->filter, search->event))
            search->found(search->user, entry->owner);
    }
}

void ht_index_find(struct ht_index *index, const struct ht_event *event,
                   void (*found)(void *user, void *owner), void *user) {
    const struct search search = {.index = index, .event = event, .found = found, .user = user};
    if (index->entry_count == 0) return;
    index->event++;
    look(&search, BY_NOTHING);
    look(&search, key_of_hash(index, BY_ID, &event->id));
    look(&search, key_of_hash(index, BY_AUTHOR, &event->pubkey));
    look(&search, key_of_kind(index, event->kind));
    for (size_t i = 0; i < event->tag_count; i++) {
        const struct ht_event_tag *tag = &event->tags[i];
        if (tag->count < 2 || tag->items[0].n != 1) continue;
        look(&search, key_of(index, BY_TAG, (char)tag->items[0].p[0], tag->items[1]));
    }
}
