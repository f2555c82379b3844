/* Which verified light-client objects are kept for others, and reads of them. */
#include "node/l1/light_kept.h"

#include <stdlib.h>

#include "node/base/log.h"
#include "node/l1/light_kept_sql.h"

struct known_header {
    ht_hash32 root;
    struct ht_beacon_block_header header;
};

struct ht_light_kept {
    const struct ht_network *network;
    struct ht_writer *writer;
    struct ht_reader *reader;
    uint64_t periods[HT_LIGHT_PERIODS]; /* of bootstraps; a ring when it is full */
    size_t period_count, period_next;
    bool has_start;
    uint64_t start_slot;
    ht_hash32 start_root;
    struct ht_light_object *finality, *optimistic;
    struct known_header headers[HT_LIGHT_HEADERS]; /* a ring */
    size_t header_count, header_next;
};

/* --- objects ---------------------------------------------------------------------------------- */

static size_t count_bits(const uint8_t *bits, size_t count) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++) n += (unsigned)bits[i / 8] >> (i % 8) & 1U;
    return n;
}

/* Of a slot, more for an earlier one: its distance to the end of two periods. */
static uint64_t earliness(const struct ht_network *network, uint64_t slot, uint64_t period) {
    uint64_t end = (period + 2) * ht_slots_per_period(network);
    uint64_t left = slot < end ? end - slot : 0;
    return left < 0xffff ? left : 0xffff;
}

/* is_better_update of the sync protocol as one number: its questions in order, the first one
 * highest. */
static uint64_t rank_of(const struct ht_network *network, const struct ht_lc_update *update) {
    size_t size = network->preset->sync_committee_size;
    uint64_t signers = count_bits(update->sync_aggregate.sync_committee_bits, size);
    uint64_t period = ht_period_at_slot(network, update->attested_header.beacon.slot);
    static const ht_hash32 nothing[HT_STATE_BRANCH_MAX];
    bool has_many = signers * 3 >= size * 2;
    bool is_final = memcmp(update->finality_branch, nothing, sizeof nothing) != 0;
    bool is_own = memcmp(update->next_sync_committee_branch, nothing, sizeof nothing) != 0 &&
                  ht_period_at_slot(network, update->signature_slot) == period;
    bool is_final_here =
        is_final && ht_period_at_slot(network, update->finalized_header.beacon.slot) == period;
    uint64_t rank = has_many ? 1 : 0;
    rank = rank << 10 | (has_many ? 0 : signers);
    rank = rank << 3 | (is_own ? 4U : 0U) | (is_final ? 2U : 0U) | (is_final_here ? 1U : 0U);
    rank = rank << 10 | signers;
    rank = rank << 16 | earliness(network, update->attested_header.beacon.slot, period);
    return rank << 16 | earliness(network, update->signature_slot, period);
}

struct ht_light_object *ht_light_object_new(const struct ht_network *network,
                                            const struct ht_lc_object *object) {
    struct ht_light_object *made = calloc(1, sizeof *made);
    if (made == NULL) return NULL;
    bool is_bootstrap = object->kind == HT_LC_BOOTSTRAP;
    const void *value = is_bootstrap ? (const void *)&object->bootstrap : &object->update;
    made->kind = object->kind;
    made->fork = object->fork;
    made->slot = ht_lc_object_slot(object);
    made->period = ht_period_at_slot(network, made->slot);
    made->beacon =
        is_bootstrap ? object->bootstrap.header.beacon : object->update.attested_header.beacon;
    ht_ssz_hash_tree_root(&made->root, &ht_beacon_block_header_type, &made->beacon);
    if (!is_bootstrap) {
        made->signature_slot = object->update.signature_slot;
        made->finalized_slot = object->update.finalized_header.beacon.slot;
        made->rank = rank_of(network, &object->update);
    }
    ht_buf_init(&made->ssz, HT_LC_SSZ_MAX);
    if (ht_ssz_encode(&made->ssz, ht_lc_type(network->preset, object->fork, object->kind), value) ==
        HT_OK) {
        return made;
    }
    ht_light_object_free(made);
    return NULL;
}

void ht_light_object_free(struct ht_light_object *list) {
    while (list != NULL) {
        struct ht_light_object *next = list->next;
        ht_buf_fini(&list->ssz);
        free(list);
        list = next;
    }
}

/* --- life ------------------------------------------------------------------------------------- */

enum ht_err ht_light_kept_new(struct ht_light_kept **out, const struct ht_network *network,
                              struct ht_writer *writer, struct ht_reader *reader, sqlite3 *db,
                              struct ht_why *why) {
    struct ht_light_kept *kept = calloc(1, sizeof *kept);
    if (kept == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    kept->network = network;
    kept->writer = writer;
    kept->reader = reader;
    enum ht_err err = ht_light_sql_starts(kept->periods, &kept->period_count, HT_LIGHT_PERIODS,
                                          &kept->start_slot, &kept->start_root, db, why);
    if (err != HT_OK) {
        free(kept);
        return err;
    }
    kept->has_start = kept->period_count > 0;
    kept->period_next = kept->period_count % HT_LIGHT_PERIODS;
    *out = kept;
    return HT_OK;
}

void ht_light_kept_free(struct ht_light_kept *kept) {
    if (kept == NULL) return;
    ht_light_object_free(kept->finality);
    ht_light_object_free(kept->optimistic);
    free(kept);
}

/* --- coming in -------------------------------------------------------------------------------- */

struct keeping {
    struct ht_write write;
    struct ht_light_object *object;
};

static enum ht_err write_object(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    return ht_light_sql_save(db, ((struct keeping *)write)->object, why);
}

static void wrote_object(struct ht_write *write) {
    struct keeping *keeping = (struct keeping *)write;
    if (write->err != HT_OK) ht_log(HT_LOG_ERROR, "store", "%s", write->why.text);
    ht_light_object_free(keeping->object);
    free(keeping);
}

static void keep(struct ht_light_kept *kept, struct ht_light_object *object) {
    struct keeping *keeping = calloc(1, sizeof *keeping);
    enum ht_err err = keeping == NULL ? HT_ENOMEM : HT_OK;
    if (err == HT_OK) {
        keeping->write = (struct ht_write){.write = write_object, .done = wrote_object};
        keeping->object = object;
        err = ht_writer_submit(kept->writer, &keeping->write);
    }
    if (err == HT_OK) return;
    ht_log(HT_LOG_WARN, "store", "a light-client object was not kept: %s", ht_err_name(err));
    ht_light_object_free(object);
    free(keeping);
}

static void note_bootstrap(struct ht_light_kept *kept, const struct ht_light_object *object) {
    if (!kept->has_start || object->slot > kept->start_slot) {
        kept->has_start = true;
        kept->start_slot = object->slot;
        kept->start_root = object->root;
    }
    if (ht_light_kept_has_bootstrap(kept, object->period)) return;
    kept->periods[kept->period_next] = object->period;
    kept->period_next = (kept->period_next + 1) % HT_LIGHT_PERIODS;
    if (kept->period_count < HT_LIGHT_PERIODS) kept->period_count++;
}

/* In place of the one before, unless that is newer. */
static void replace(struct ht_light_object **place, struct ht_light_object *object) {
    if (*place != NULL && (*place)->signature_slot > object->signature_slot) {
        ht_light_object_free(object);
        return;
    }
    ht_light_object_free(*place);
    *place = object;
}

void ht_light_kept_take(struct ht_light_kept *kept, struct ht_light_object *list) {
    while (list != NULL) {
        struct ht_light_object *object = list;
        list = object->next;
        object->next = NULL;
        ht_light_kept_add_header(kept, &object->beacon, &object->root);
        switch (object->kind) {
        case HT_LC_BOOTSTRAP:
            note_bootstrap(kept, object);
            keep(kept, object);
            break;
        case HT_LC_UPDATE: keep(kept, object); break;
        case HT_LC_FINALITY_UPDATE: replace(&kept->finality, object); break;
        case HT_LC_OPTIMISTIC_UPDATE: replace(&kept->optimistic, object); break;
        case HT_LC_KIND_COUNT: ht_light_object_free(object); break;
        }
    }
}

void ht_light_kept_add_header(struct ht_light_kept *kept,
                              const struct ht_beacon_block_header *header, const ht_hash32 *root) {
    if (ht_light_kept_header(kept, root) != NULL) return;
    kept->headers[kept->header_next] = (struct known_header){*root, *header};
    kept->header_next = (kept->header_next + 1) % HT_LIGHT_HEADERS;
    if (kept->header_count < HT_LIGHT_HEADERS) kept->header_count++;
}

/* --- what there is ---------------------------------------------------------------------------- */

bool ht_light_kept_has_bootstrap(const struct ht_light_kept *kept, uint64_t period) {
    for (size_t i = 0; i < kept->period_count; i++) {
        if (kept->periods[i] == period) return true;
    }
    return false;
}

bool ht_light_kept_start(const struct ht_light_kept *kept, uint64_t *slot, ht_hash32 *root) {
    if (!kept->has_start) return false;
    *slot = kept->start_slot;
    *root = kept->start_root;
    return true;
}

const struct ht_light_object *ht_light_kept_newest(const struct ht_light_kept *kept,
                                                   enum ht_lc_kind kind) {
    return kind == HT_LC_FINALITY_UPDATE ? kept->finality : kept->optimistic;
}

const struct ht_beacon_block_header *ht_light_kept_header(const struct ht_light_kept *kept,
                                                          const ht_hash32 *root) {
    for (size_t i = 0; i < kept->header_count; i++) {
        if (ht_hash32_equal(&kept->headers[i].root, root)) return &kept->headers[i].header;
    }
    return NULL;
}

static struct ht_light_read *read_of(struct ht_read *r) {
    return (struct ht_light_read *)((char *)r - offsetof(struct ht_light_read, read));
}

/* On a worker. */
static enum ht_err load(struct ht_read *r, sqlite3 *db, struct ht_why *why) {
    struct ht_light_read *read = read_of(r);
    if (!read->is_updates) return ht_light_sql_bootstrap(&read->objects, db, &read->root, why);
    return ht_light_sql_updates(&read->objects, db, read->first_period, read->count, why);
}

static void loaded(struct ht_read *r) {
    struct ht_light_read *read = read_of(r);
    read->err = r->err;
    read->why = r->why;
    read->done(read);
}

enum ht_err ht_light_kept_read(struct ht_light_kept *kept, struct ht_light_read *read) {
    read->objects = NULL;
    read->read = (struct ht_read){.read = load, .done = loaded};
    return ht_reader_submit(kept->reader, &read->read);
}
