/* From a DID to its document: state, history, confirmation, document. */
#include "identity/did/did_resolve.h"

#include <inttypes.h>
#include <stdlib.h>

#include "identity/did/did_ethr_document.h"
#include "identity/did/did_static.h"
#include "identity/wallet/contracts.h"

#define TURNS_MAX 3U    /* when the chain is reorganised meanwhile */
#define EVENTS_HERE 64U /* so many changes make a document on the loop */

struct ht_did_resolve_work {
    struct ht_did_resolve *resolve; /* NULL: given up */
    const struct ht_host *host;
    struct ht_did did;
    struct ht_did_version version;
    struct ht_did_registry registry;
    ht_hash32 slots[2]; /* changed, owners */
    struct ht_state_read state;
    struct ht_header_read at; /* the version's block, or the block again */
    struct ht_did_walk walk;
    unsigned turns;
    uint64_t at_block;
    int64_t now_s;
    bool is_missing; /* the history is not complete: from walk.missing back */
    enum ht_err err;
    struct ht_why why;
    struct ht_work job;
    struct ht_did_ethr_result made;
    json_t *history;
};

static void start(struct ht_did_resolve_work *work);

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static void free_work(struct ht_did_resolve_work *work) {
    ht_state_read_fini(&work->state);
    ht_header_read_fini(&work->at);
    ht_did_walk_fini(&work->walk);
    json_decref(work->made.document);
    json_decref(work->made.metadata);
    json_decref(work->history);
    free(work);
}

/* --- the outcome ------------------------------------------------------------------------------ */

static json_t *provenance(const struct ht_did_resolve_work *work) {
    const struct ht_state_read *state = &work->state;
    json_t *out =
        ht_chain_provenance_json(work->host->chain, &state->header, state->is_final, state->source);
    bool is_complete = work->err == HT_OK;
    int failed = json_object_set_new(out, "complete", json_boolean(is_complete));
    if (is_complete) {
        failed |= json_object_set_new(out, "changes", json_integer((json_int_t)work->walk.count));
    }
    if (work->is_missing) {
        failed |=
            json_object_set_new(out, "missing",
                                json_pack("{s:i, s:I, s:s}", "from", 0, "to",
                                          (json_int_t)work->walk.missing, "why", work->why.text));
    }
    if (failed == 0) return out;
    json_decref(out);
    return NULL;
}

/* The result for a reason. */
static json_t *refusal(const struct ht_why *why) {
    json_t *result = ht_did_result(NULL, NULL, ht_did_error_word(why));
    json_t *resolution = json_object_get(result, "didResolutionMetadata");
    if (json_object_set_new(resolution, "message", json_string(why->text)) == 0) return result;
    json_decref(result);
    return NULL;
}

static void tell(struct ht_did_resolve *resolve, enum ht_err err, const struct ht_why *why) {
    resolve->err = err;
    if (err != HT_OK) {
        resolve->why = *why;
        json_decref(resolve->result);
        resolve->result = refusal(why);
    }
    if (resolve->result == NULL) resolve->err = no_memory(&resolve->why);
    resolve->done(resolve);
}

static void tell_state(struct ht_did_resolve *resolve, struct ht_did_resolve_work *work) {
    if (!resolve->has_state) return;
    if (json_object_set_new(resolve->result, "provenance", provenance(work)) == 0) return;
    json_decref(resolve->result);
    resolve->result = NULL;
}

static void end(struct ht_did_resolve_work *work, enum ht_err err) {
    struct ht_did_resolve *resolve = work->resolve;
    work->err = err;
    if (resolve == NULL) {
        free_work(work);
        return;
    }
    resolve->err = err;
    resolve->why = work->why;
    if (err == HT_OK) {
        resolve->result = ht_did_result(work->made.document, work->made.metadata, NULL);
        work->made.document = NULL;
        work->made.metadata = NULL;
        resolve->history = work->history;
        work->history = NULL;
        resolve->is_deactivated = work->made.is_deactivated;
        resolve->change_count = work->walk.count;
    } else {
        resolve->result = refusal(&work->why);
    }
    tell_state(resolve, work);
    if (resolve->result == NULL) resolve->err = no_memory(&resolve->why);
    resolve->work = NULL;
    free_work(work);
    resolve->done(resolve);
}

/* --- the document ----------------------------------------------------------------------------- */

/* The owner that the registry must have when these are all its events. */
static enum ht_err check_owner(const struct ht_did_resolve_work *work, struct ht_why *why) {
    uint8_t want[32] = {0};
    for (size_t i = work->walk.count; i-- > 0;) {
        if (work->walk.events[i].kind != HT_DID_OWNER_CHANGED) continue;
        memcpy(want + 12, work->walk.events[i].owner.b, sizeof work->walk.events[i].owner.b);
        break;
    }
    if (memcmp(want, work->state.values[1], sizeof want) == 0) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "did_owner",
                   "the registry has another owner than the identity's history");
}

/* On a worker when there is much of it. */
static void make(struct ht_work *job) {
    struct ht_did_resolve_work *work =
        (struct ht_did_resolve_work *)((char *)job - offsetof(struct ht_did_resolve_work, job));
    const struct ht_did_walk *walk = &work->walk;
    work->err = check_owner(work, &work->why);
    if (work->err == HT_OK) {
        work->err = ht_did_ethr_document(&work->made, &work->did, walk->events, walk->count,
                                         work->at_block, work->now_s, &work->why);
    }
    if (work->err != HT_OK) return;
    work->history = ht_did_history_json(walk->events, walk->count);
    if (work->history == NULL) work->err = no_memory(&work->why);
}

static void made(struct ht_work *job) {
    struct ht_did_resolve_work *work =
        (struct ht_did_resolve_work *)((char *)job - offsetof(struct ht_did_resolve_work, job));
    if (work->resolve != NULL && !work->resolve->wants_history) {
        json_decref(work->history);
        work->history = NULL;
    }
    end(work, work->err);
}

static void make_document(struct ht_did_resolve_work *work) {
    work->job = (struct ht_work){.work = make, .done = made};
    bool is_long = work->walk.count > EVENTS_HERE && work->host->pool != NULL;
    if (is_long && ht_pool_submit(work->host->pool, &work->job) == HT_OK) return;
    make(&work->job);
    made(&work->job);
}

/* --- history ---------------------------------------------------------------------------------- */

/* The block at which all was proven is still of the chain, or it begins again. */
static void on_confirmed(struct ht_header_read *at) {
    struct ht_did_resolve_work *work =
        (struct ht_did_resolve_work *)((char *)at - offsetof(struct ht_did_resolve_work, at));
    bool is_same = at->err == HT_OK && ht_hash32_equal(&at->header.hash, &work->state.header.hash);
    if (work->resolve == NULL) {
        end(work, HT_OK);
    } else if (is_same && work->walk.err == HT_OK) {
        make_document(work);
    } else if (is_same) {
        work->why = work->walk.why;
        work->is_missing = true;
        end(work, work->walk.err);
    } else if (++work->turns == TURNS_MAX) {
        end(work, ht_fail(&work->why, HT_EAGAIN, "did_reorganised",
                          "the chain was reorganised while the identity's history was read"));
    } else {
        ht_state_read_fini(&work->state);
        ht_did_walk_fini(&work->walk);
        start(work);
    }
}

static void on_walked(struct ht_did_walk *walk) {
    struct ht_did_resolve_work *work =
        (struct ht_did_resolve_work *)((char *)walk - offsetof(struct ht_did_resolve_work, walk));
    if (work->state.is_final && walk->err == HT_OK) {
        make_document(work);
        return;
    }
    if (work->state.is_final) {
        work->why = walk->why;
        work->is_missing = true;
        end(work, walk->err);
        return;
    }
    ht_header_read_fini(&work->at);
    work->at = (struct ht_header_read){
        .id = {.kind = HT_BLOCK_NUMBER, .number = work->state.header.header.number},
        .done = on_confirmed};
    ht_chain_read(work->host->chain, &work->at);
}

static void walk(struct ht_did_resolve_work *work) {
    uint64_t changed = 0;
    for (size_t i = 24; i < 32; i++) changed = changed << 8 | work->state.values[0][i];
    work->resolve->changed = changed;
    work->walk = (struct ht_did_walk){.blocks = work->host->blocks,
                                      .asker = ht_chain_asker(work->host->chain),
                                      .registry = work->registry.address,
                                      .identity = work->did.address,
                                      .changed = changed,
                                      .done = on_walked};
    ht_did_walk(&work->walk);
}

/* --- versions --------------------------------------------------------------------------------- */

static void on_version(struct ht_header_read *at) {
    struct ht_did_resolve_work *work =
        (struct ht_did_resolve_work *)((char *)at - offsetof(struct ht_did_resolve_work, at));
    if (work->resolve == NULL || at->err != HT_OK) {
        work->why = at->why;
        end(work, at->err);
        return;
    }
    uint64_t time_s = at->header.header.timestamp;
    work->now_s = time_s < INT64_MAX ? (int64_t)time_s : INT64_MAX;
    walk(work);
}

static void find_version(struct ht_did_resolve_work *work) {
    const struct ht_did_version *version = &work->version;
    uint64_t number = work->state.header.header.number;
    work->at_block = UINT64_MAX;
    work->now_s = ht_wall_ms(work->host->clock) / 1000;
    if (version->has_time && version->time_s > work->now_s) {
        end(work, ht_fail(&work->why, HT_EINPUT, "did_version", "versionTime is still to come"));
    } else if (version->has_block && version->block > number) {
        end(work, ht_fail(&work->why, HT_ENOTFOUND, "block_in_future",
                          "versionId is above block %" PRIu64 ", at which this is proven", number));
    } else if (version->has_block) {
        work->at_block = version->block;
        ht_header_read_fini(&work->at);
        work->at = (struct ht_header_read){
            .id = {.kind = HT_BLOCK_NUMBER, .number = version->block}, .done = on_version};
        ht_chain_read(work->host->chain, &work->at);
    } else {
        if (version->has_time) work->now_s = version->time_s;
        walk(work);
    }
}

/* --- state ------------------------------------------------------------------------------------ */

static bool is_number(const uint8_t value[32]) {
    for (size_t i = 0; i < 24; i++) {
        if (value[i] != 0) return false;
    }
    return true;
}

static void on_state(struct ht_state_read *state) {
    struct ht_did_resolve_work *work =
        (struct ht_did_resolve_work *)((char *)state - offsetof(struct ht_did_resolve_work, state));
    struct ht_did_resolve *resolve = work->resolve;
    static const uint8_t none[32];
    if (resolve == NULL || state->err != HT_OK) {
        work->why = state->why;
        end(work, state->err);
        return;
    }
    resolve->has_state = true;
    resolve->header = state->header;
    resolve->is_final = state->is_final;
    if (!state->exists || ht_hash32_equal(&state->account.code_hash, &ht_account_empty_code_hash)) {
        end(work, ht_fail(&work->why, HT_ENOTFOUND, "no_did_registry",
                          "the registry of identities is not on the chain at block %" PRIu64,
                          state->header.header.number));
        return;
    }
    bool has_owner = memcmp(state->values[1], none, sizeof none) != 0;
    resolve->owner = work->did.address;
    if (has_owner) memcpy(resolve->owner.b, state->values[1] + 12, sizeof resolve->owner.b);
    if (!is_number(state->values[0])) {
        end(work, ht_fail(&work->why, HT_EUNVERIFIED, "did_order",
                          "what stands where the registry keeps the newest change is no block"));
        return;
    }
    find_version(work);
}

static void start(struct ht_did_resolve_work *work) {
    ht_did_changed_slot(&work->slots[0], &work->did.address);
    ht_did_owner_slot(&work->slots[1], &work->did.address);
    work->state = (struct ht_state_read){.block = work->resolve->block,
                                         .address = work->registry.address,
                                         .slots = work->slots,
                                         .slot_count = 2,
                                         .done = on_state};
    ht_state_read(work->host->state, &work->state);
}

/* --- beginning and ending ----------------------------------------------------------------------
 */

static enum ht_err find_registry(struct ht_did_registry *out, const struct ht_did_resolve *resolve,
                                 struct ht_why *why) {
    const struct ht_network *network = resolve->host->network;
    if (network->chain_id != resolve->did.chain_id) {
        return ht_fail(why, HT_ENOTFOUND, "did_network",
                       "the DID is of chain %" PRIu64 ", the node follows %" PRIu64,
                       resolve->did.chain_id, network->chain_id);
    }
    return ht_contracts_did(out, network, why);
}

void ht_did_resolve(struct ht_did_resolve *resolve) {
    struct ht_why why = {.code = "", .text = ""};
    struct ht_did_registry registry;
    if (resolve->did.method != HT_DID_ETHR) {
        json_t *document = ht_did_static_document(&resolve->did);
        if (document != NULL) resolve->result = ht_did_result(document, NULL, NULL);
        tell(resolve, HT_OK, NULL);
        return;
    }
    enum ht_err err = find_registry(&registry, resolve, &why);
    struct ht_did_resolve_work *work = err == HT_OK ? calloc(1, sizeof *work) : NULL;
    if (work == NULL) {
        tell(resolve, err == HT_OK ? no_memory(&why) : err, &why);
        return;
    }
    work->resolve = resolve;
    work->host = resolve->host;
    work->did = resolve->did;
    work->version = resolve->version;
    work->registry = registry;
    resolve->work = work;
    start(work);
}

void ht_did_resolve_cancel(struct ht_did_resolve *resolve) {
    struct ht_did_resolve_work *work = resolve->work;
    if (work == NULL) return;
    resolve->work = NULL;
    work->resolve = NULL;
    /* A walk can be given up at once; a read or the pool's work comes back first. */
    if (work->walk.work == NULL) return;
    ht_did_walk_cancel(&work->walk);
    free_work(work);
}

void ht_did_resolve_fini(struct ht_did_resolve *resolve) {
    json_decref(resolve->result);
    json_decref(resolve->history);
    resolve->result = NULL;
    resolve->history = NULL;
}
