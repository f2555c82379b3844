/* Reads of proven state: header first, then what is known, then what must be asked for. */
#include "node/l1/state.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/l1/state_fetch.h"

#define AHEAD_FOR_MS 60000    /* after the last read of an account */
#define READ_ARENA_MAX 16384U /* slots and their values */

static void on_chain(struct ht_chain_listener *listener, const struct ht_chain_change *change);

enum ht_err ht_state_new(struct ht_state **out, struct ht_chain *chain) {
    struct ht_state *state = calloc(1, sizeof *state);
    if (state == NULL) return HT_ENOMEM;
    state->chain = chain;
    state->listener.on_change = on_chain;
    enum ht_err err =
        ht_state_cache_new(&state->cache, HT_STATE_ACCOUNTS, HT_STATE_SLOTS, HT_STATE_CODES_MAX);
    if (err != HT_OK) {
        free(state);
        return err;
    }
    *out = state;
    return HT_OK;
}

void ht_state_free(struct ht_state *state) {
    if (state == NULL) return;
    ht_state_cache_free(state->cache);
    free(state);
}

struct ht_chain *ht_state_chain(const struct ht_state *state) {
    return state->chain;
}

struct ht_state_counts ht_state_counts(const struct ht_state *state) {
    struct ht_state_cache_counts cache = ht_state_cache_counts(state->cache);
    return (struct ht_state_counts){.accounts = cache.accounts,
                                    .slots = cache.slots,
                                    .codes = cache.codes,
                                    .bytes = cache.bytes,
                                    .bytes_max = cache.bytes_max,
                                    .hits = state->hits,
                                    .misses = state->misses};
}

/* --- a read's steps --------------------------------------------------------------------------- */

void ht_state_read_fini(struct ht_state_read *read) {
    ht_header_read_fini(&read->at);
    ht_buf_fini(&read->code);
    ht_arena_fini(&read->arena);
    ht_arena_fini(&read->proof_arena);
    read->values = NULL;
}

static void end(struct ht_state_read *read, enum ht_err err) {
    read->err = err;
    read->done(read);
}

void ht_state_got_code(struct ht_state_read *read, enum ht_err err) {
    end(read, err);
}

void ht_state_got(struct ht_state_read *read, enum ht_err err) {
    ht_bytes code;
    bool has_code = !ht_hash32_equal(&read->account.code_hash, &ht_account_empty_code_hash);
    if (err != HT_OK || !read->wants_code || !has_code) {
        end(read, err);
        return;
    }
    ht_buf_init(&read->code, HT_STATE_CODE_MAX);
    if (ht_state_cache_code(&code, read->state->cache, &read->account.code_hash)) {
        err = ht_buf_add(&read->code, code);
        if (err != HT_OK) (void)ht_fail(&read->why, err, "no_memory", "out of memory");
        end(read, err);
    } else {
        ht_state_fetch_code(read);
    }
}

/* All that is asked for, out of memory. */
static bool find_known(struct ht_state_read *read) {
    struct ht_state *state = read->state;
    const ht_hash32 *root = &read->header.header.state_root;
    const struct ht_state_known *known = ht_state_cache_account(state->cache, root, &read->address);
    if (known == NULL || read->wants_proof) return false;
    for (size_t i = 0; i < read->slot_count; i++) {
        if (!ht_state_cache_slot(read->values[i], state->cache, &known->account.storage_root,
                                 &read->slots[i])) {
            return false;
        }
    }
    read->account = known->account;
    read->exists = known->exists;
    const struct ht_providers *providers = ht_sync_providers(ht_chain_sync(state->chain));
    const struct ht_provider *provider = ht_providers_by_serial(providers, known->provider);
    if (provider != NULL) memcpy(read->source, provider->name, sizeof read->source);
    return true;
}

static void got_header(struct ht_header_read *at) {
    struct ht_state_read *read =
        (struct ht_state_read *)((char *)at - offsetof(struct ht_state_read, at));
    if (at->err != HT_OK) {
        read->why = at->why;
        end(read, at->err);
        return;
    }
    read->header = at->header;
    read->is_final = at->is_final;
    if (find_known(read)) {
        read->state->hits++;
        ht_state_got(read, HT_OK);
    } else {
        read->state->misses++;
        ht_state_fetch_account(read);
    }
}

static enum ht_err copy_slots(struct ht_state_read *read) {
    ht_arena_init(&read->arena, READ_ARENA_MAX);
    ht_arena_init(&read->proof_arena, 0);
    ht_buf_init(&read->code, 0);
    if (read->slot_count == 0) return HT_OK;
    ht_hash32 *slots = ht_arena_alloc(&read->arena, read->slot_count * sizeof *slots);
    read->values = ht_arena_alloc(&read->arena, read->slot_count * sizeof *read->values);
    if (slots == NULL || read->values == NULL) {
        return ht_fail(&read->why, HT_ENOMEM, "no_memory", "out of memory");
    }
    memcpy(slots, read->slots, read->slot_count * sizeof *slots);
    read->slots = slots;
    return HT_OK;
}

static void begin(struct ht_state *state, struct ht_state_read *read) {
    ht_assert(read->slot_count <= HT_STATE_SLOTS_MAX);
    read->state = state;
    read->why = (struct ht_why){0};
    read->source[0] = '\0';
    read->received = 0;
    enum ht_err err = copy_slots(read);
    if (err != HT_OK) {
        end(read, err);
        return;
    }
    read->at = (struct ht_header_read){.id = read->block, .done = got_header};
    ht_chain_read(state->chain, &read->at);
}

/* --- reading ahead ---------------------------------------------------------------------------- */

static int64_t now_ms(const struct ht_state *state) {
    return ht_mono_ms(ht_sync_clock(ht_chain_sync(state->chain)));
}

static void ahead_done(struct ht_state_read *read) {
    struct ht_state_watch *watch =
        (struct ht_state_watch *)((char *)read - offsetof(struct ht_state_watch, ahead));
    ht_state_read_fini(read);
    watch->is_under_way = false;
}

/* A new head: the accounts that somebody still looks at are proven at it before they are asked for.
 */
static void on_chain(struct ht_chain_listener *listener, const struct ht_chain_change *change) {
    struct ht_state *state =
        (struct ht_state *)((char *)listener - offsetof(struct ht_state, listener));
    bool has_readers = false;
    (void)change;
    for (size_t i = 0; i < HT_STATE_WATCHED; i++) {
        struct ht_state_watch *watch = &state->watched[i];
        if (watch->read_ms == 0 || now_ms(state) - watch->read_ms > AHEAD_FOR_MS) continue;
        has_readers = true;
        if (watch->is_under_way) continue;
        watch->is_under_way = true;
        watch->ahead = (struct ht_state_read){
            .block = {.kind = HT_BLOCK_LATEST}, .address = watch->address, .done = ahead_done};
        begin(state, &watch->ahead);
    }
    if (has_readers) return;
    state->is_listening = false;
    ht_chain_unlisten(state->chain, &state->listener);
}

static void watch(struct ht_state *state, const ht_addr20 *address) {
    struct ht_state_watch *place = &state->watched[0];
    for (size_t i = 0; i < HT_STATE_WATCHED; i++) {
        struct ht_state_watch *one = &state->watched[i];
        bool is_it = one->read_ms != 0 && memcmp(one->address.b, address->b, 20) == 0;
        if (is_it || one->read_ms < place->read_ms) place = one;
        if (is_it) break;
    }
    place->address = *address;
    place->read_ms = now_ms(state);
    if (state->is_listening) return;
    state->is_listening = true;
    ht_chain_listen(state->chain, &state->listener);
}

void ht_state_read(struct ht_state *state, struct ht_state_read *read) {
    if (read->block.kind == HT_BLOCK_LATEST) watch(state, &read->address);
    begin(state, read);
}
