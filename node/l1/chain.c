/* Proven headers: what is at hand, who waits, who listens. Finding the rest is chain_walk.c's work,
 * keeping up with the head chain_follow.c's. */
#include "node/l1/chain.h"

#include <stdlib.h>

#include "node/l1/chain_follow.h"
#include "node/l1/chain_sql.h"
#include "node/l1/chain_walk.h"
#include "node/l1/status.h"

#define AHEAD_FOR_MS (5 * 60 * 1000) /* heads are followed for so long after the last read */

enum ht_err ht_chain_new(struct ht_chain **out, const struct ht_chain_options *options) {
    struct ht_chain *chain = calloc(1, sizeof *chain);
    if (chain == NULL) return HT_ENOMEM;
    chain->options = *options;
    chain->recent = calloc(HT_CHAIN_RECENT_MAX, sizeof *chain->recent);
    chain->cache = calloc(HT_CHAIN_CACHE_MAX, sizeof *chain->cache);
    if (chain->recent == NULL || chain->cache == NULL) {
        ht_chain_free(chain);
        return HT_ENOMEM;
    }
    *out = chain;
    return HT_OK;
}

void ht_chain_free(struct ht_chain *chain) {
    if (chain == NULL) return;
    ht_chain_span_fini(&chain->follow.gap);
    free(chain->follow.added);
    free(chain->recent);
    free(chain->cache);
    free(chain);
}

struct ht_sync *ht_chain_sync(const struct ht_chain *chain) {
    return chain->options.sync;
}

struct ht_asker *ht_chain_asker(const struct ht_chain *chain) {
    return chain->options.asker;
}

/* --- what is at hand -------------------------------------------------------------------------- */

const struct ht_exec_header_verified *ht_chain_head(const struct ht_chain *chain) {
    return chain->recent_count > 0 ? &chain->recent[chain->recent_count - 1] : NULL;
}

const struct ht_exec_header_verified *ht_chain_finalized(const struct ht_chain *chain) {
    return chain->has_finalized ? &chain->finalized : NULL;
}

const struct ht_exec_header_verified *ht_chain_find_hash(const struct ht_chain *chain,
                                                         const ht_hash32 *hash) {
    if (chain->has_finalized && ht_hash32_equal(&chain->finalized.hash, hash)) {
        return &chain->finalized;
    }
    for (size_t i = chain->recent_count; i > 0; i--) {
        if (ht_hash32_equal(&chain->recent[i - 1].hash, hash)) return &chain->recent[i - 1];
    }
    for (size_t i = 0; i < chain->cache_count; i++) {
        if (ht_hash32_equal(&chain->cache[i].header.hash, hash)) return &chain->cache[i].header;
    }
    return NULL;
}

static struct ht_chain_cached *find_cached(struct ht_chain *chain, uint64_t number) {
    for (size_t i = 0; i < chain->cache_count; i++) {
        if (chain->cache[i].header.header.number == number) return &chain->cache[i];
    }
    return NULL;
}

static bool is_final(const struct ht_chain *chain, uint64_t number) {
    return chain->has_finalized && number <= chain->finalized.header.number;
}

bool ht_chain_find_number(struct ht_header_read *read, uint64_t number) {
    struct ht_chain *chain = read->chain;
    read->is_final = is_final(chain, number);
    if (read->is_final && chain->finalized.header.number == number) {
        read->header = chain->finalized;
        return true;
    }
    struct ht_chain_cached *cached = read->is_final ? find_cached(chain, number) : NULL;
    if (cached != NULL) {
        cached->used = ++chain->uses;
        read->header = cached->header;
        return true;
    }
    if (read->is_final || chain->recent_count == 0) return false;
    uint64_t first = chain->recent[0].header.number;
    if (number < first || number - first >= chain->recent_count) return false;
    read->header = chain->recent[number - first];
    return true;
}

/* The ancestors too, as far as memory has them; false when some are missing. */
static bool find_before(struct ht_header_read *read) {
    uint64_t number = read->header.header.number;
    size_t wanted = read->before_count < number ? read->before_count : (size_t)number;
    if (wanted == 0) return true;
    struct ht_header_read one = {.chain = read->chain};
    read->before = calloc(wanted, sizeof *read->before);
    ht_assert(read->before != NULL);
    for (size_t i = 0; i < wanted; i++) {
        const struct ht_exec_header_verified *child = i > 0 ? &read->before[i - 1] : &read->header;
        if (!ht_chain_find_number(&one, number - 1 - i) ||
            !ht_hash32_equal(&one.header.hash, &child->header.parent_hash)) {
            ht_header_read_fini(read);
            return false;
        }
        read->before[i] = one.header;
        read->before_found = i + 1;
    }
    return true;
}

/* --- keeping ---------------------------------------------------------------------------------- */

struct keep {
    struct ht_write write;
    struct ht_chain *chain;
    uint64_t kept;
    size_t count;
    struct ht_exec_header_verified headers[];
};

/* On the writer's thread. */
static enum ht_err write_headers(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    struct keep *keep = (struct keep *)write;
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < keep->count; i++) {
        err = ht_chain_sql_save(db, &keep->headers[i], why);
    }
    if (err == HT_OK) err = ht_chain_sql_prune(db, HT_CHAIN_KEPT, why);
    return err == HT_OK ? ht_chain_sql_count(&keep->kept, db, why) : err;
}

static void wrote_headers(struct ht_write *write) {
    struct keep *keep = (struct keep *)write;
    if (write->err == HT_OK) keep->chain->kept = keep->kept;
    free(keep);
}

static void keep_headers(struct ht_chain *chain, const struct ht_exec_header_verified *headers,
                         size_t count) {
    if (chain->options.writer == NULL) return;
    struct keep *keep = calloc(1, sizeof *keep + count * sizeof keep->headers[0]);
    if (keep == NULL) return;
    keep->chain = chain;
    keep->count = count;
    for (size_t i = 0; i < count; i++) keep->headers[i] = headers[i];
    keep->write.write = write_headers;
    keep->write.done = wrote_headers;
    if (ht_writer_submit(chain->options.writer, &keep->write) != HT_OK) free(keep);
}

/* Where a header goes: its own place, a free one, or that of the one not used for longest. */
static struct ht_chain_cached *place_for(struct ht_chain *chain, uint64_t number) {
    struct ht_chain_cached *place = find_cached(chain, number);
    if (place != NULL) return place;
    if (chain->cache_count < HT_CHAIN_CACHE_MAX) return &chain->cache[chain->cache_count++];
    place = &chain->cache[0];
    for (size_t i = 1; i < chain->cache_count; i++) {
        if (chain->cache[i].used < place->used) place = &chain->cache[i];
    }
    return place;
}

void ht_chain_add_final(struct ht_chain *chain, const struct ht_exec_header_verified *headers,
                        size_t count, bool keep) {
    for (size_t i = 0; i < count; i++) {
        struct ht_chain_cached *place = place_for(chain, headers[i].header.number);
        place->header = headers[i];
        place->used = ++chain->uses;
    }
    if (keep) keep_headers(chain, headers, count);
}

void ht_chain_add_below(struct ht_chain *chain, const struct ht_exec_header_verified *above,
                        const struct ht_exec_header_verified *headers, size_t count) {
    size_t n = 0;
    bool goes_on = chain->recent_count > 0 && ht_hash32_equal(&chain->recent[0].hash, &above->hash);
    if (!goes_on) return;
    while (n < count && chain->recent_count + n < HT_CHAIN_RECENT_MAX &&
           !is_final(chain, headers[n].header.number)) {
        n++;
    }
    memmove(chain->recent + n, chain->recent, chain->recent_count * sizeof *chain->recent);
    for (size_t i = 0; i < n; i++) chain->recent[n - 1 - i] = headers[i];
    chain->recent_count += n;
}

/* --- reads ------------------------------------------------------------------------------------ */

void ht_chain_end(struct ht_header_read *read, enum ht_err err) {
    read->err = err;
    read->done(read);
}

void ht_header_read_fini(struct ht_header_read *read) {
    free(read->before);
    read->before = NULL;
    read->before_found = 0;
}

static void end_or_walk(struct ht_header_read *read, bool is_found) {
    if (is_found && find_before(read)) {
        read->chain->hits++;
        ht_chain_end(read, HT_OK);
    } else {
        read->chain->misses++;
        ht_chain_walk(read);
    }
}

/* With the two blocks of the light client known. */
static void resolve(struct ht_header_read *read) {
    struct ht_chain *chain = read->chain;
    const struct ht_exec_header_verified *head = ht_chain_head(chain);
    const struct ht_exec_header_verified *known;
    switch (read->id.kind) {
    case HT_BLOCK_LATEST:
        read->header = *head;
        read->is_final = is_final(chain, head->header.number);
        end_or_walk(read, true);
        return;
    case HT_BLOCK_SAFE:
    case HT_BLOCK_FINALIZED:
        if (!chain->has_finalized) {
            ht_chain_end(read, ht_fail(&read->why, HT_ENOTFOUND, "no_execution",
                                       "no finalized block is known yet"));
            return;
        }
        read->header = chain->finalized;
        read->is_final = true;
        end_or_walk(read, true);
        return;
    case HT_BLOCK_NUMBER:
        /* While a gap is fetched the finalized block may be above the old head. */
        if (read->id.number > head->header.number && !is_final(chain, read->id.number)) {
            ht_chain_end(read, ht_fail(&read->why, HT_ENOTFOUND, "block_in_future",
                                       "the newest proven block is %llu",
                                       (unsigned long long)head->header.number));
            return;
        }
        end_or_walk(read, ht_chain_find_number(read, read->id.number));
        return;
    case HT_BLOCK_HASH:
        known = ht_chain_find_hash(chain, &read->id.hash);
        if (known != NULL) {
            read->header = *known;
            read->is_final = is_final(chain, known->header.number);
        }
        end_or_walk(read, known != NULL);
        return;
    }
}

void ht_chain_resume(struct ht_header_read *read, enum ht_err err, const struct ht_why *why) {
    const struct ht_exec_header_verified *head = ht_chain_head(read->chain);
    /* An old head serves what is below it as well as the new one that could not be had. */
    bool is_below =
        head != NULL && read->id.kind == HT_BLOCK_NUMBER && read->id.number <= head->header.number;
    if (head != NULL && (err == HT_OK || is_below)) {
        resolve(read);
    } else {
        read->why = *why;
        ht_chain_end(read, err);
    }
}

void ht_chain_read(struct ht_chain *chain, struct ht_header_read *read) {
    ht_assert(read->before_count <= HT_CHAIN_BEFORE_MAX);
    read->chain = chain;
    read->why = (struct ht_why){0};
    read->source[0] = '\0';
    chain->last_read_ms = ht_mono_ms(ht_sync_clock(chain->options.sync));
    if (!ht_sync_view(chain->options.sync)->has_store) {
        ht_chain_end(read, ht_fail(&read->why, HT_EAGAIN, "no_head", "no head is verified yet"));
    } else if (ht_chain_is_current(chain) ||
               (read->id.kind == HT_BLOCK_NUMBER && is_final(chain, read->id.number))) {
        resolve(read);
    } else {
        read->next = chain->waiting;
        chain->waiting = read;
        ht_chain_follow(chain);
    }
}

void ht_chain_on_head(struct ht_chain *chain) {
    int64_t since_ms = ht_mono_ms(ht_sync_clock(chain->options.sync)) - chain->last_read_ms;
    bool was_read = chain->last_read_ms != 0 && since_ms <= AHEAD_FOR_MS;
    if (was_read || chain->listeners != NULL) ht_chain_follow(chain);
}

/* --- listeners -------------------------------------------------------------------------------- */

void ht_chain_listen(struct ht_chain *chain, struct ht_chain_listener *listener) {
    listener->next = chain->listeners;
    chain->listeners = listener;
    ht_chain_follow(chain);
}

void ht_chain_unlisten(struct ht_chain *chain, struct ht_chain_listener *listener) {
    struct ht_chain_listener **at = &chain->listeners;
    if (chain->next_told == listener) chain->next_told = listener->next;
    while (*at != NULL && *at != listener) at = &(*at)->next;
    if (*at != NULL) *at = listener->next;
}

struct ht_chain_counts ht_chain_counts(const struct ht_chain *chain) {
    return (struct ht_chain_counts){.recent = chain->recent_count,
                                    .cached = chain->cache_count,
                                    .kept = (size_t)chain->kept,
                                    .hits = chain->hits,
                                    .misses = chain->misses};
}

json_t *ht_chain_provenance_json(const struct ht_chain *chain,
                                 const struct ht_exec_header_verified *header, bool is_final,
                                 const char *source) {
    return ht_l1_provenance_json(chain->options.sync, is_final ? "finalized" : "head",
                                 header->header.number, &header->hash, header->header.timestamp,
                                 source);
}
