/* Asking for accounts, slots and code, and proving what comes. */
#include "node/l1/state_fetch.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/l1/chain_span.h"

#define PROOF_ANSWER_MAX ((size_t)2 << 20)
#define PROOF_ARENA_MAX ((size_t)2 << 20)

struct ht_state_fetch {
    struct ht_state_fetch *next;
    struct ht_state *state;
    bool is_code;
    struct ht_state_read *first; /* whose question it is; lives until done */
    struct ht_state_read *reads; /* all who wait, the first among them */
    struct ht_question question;
    /* What was proven; the worker's until then. */
    struct ht_arena arena;
    struct ht_get_proof proof;
    struct ht_account account;
    bool exists;
    struct ht_buf code;
};

static struct ht_state_fetch *fetch_of(struct ht_question *question) {
    return (struct ht_state_fetch *)((char *)question - offsetof(struct ht_state_fetch, question));
}

static bool is_same(const struct ht_state_fetch *fetch, const struct ht_state_read *read,
                    bool is_code) {
    const struct ht_state_read *first = fetch->first;
    if (fetch->is_code != is_code || first->wants_proof || read->wants_proof) return false;
    if (is_code) return ht_hash32_equal(&first->account.code_hash, &read->account.code_hash);
    return ht_hash32_equal(&first->header.hash, &read->header.hash) &&
           memcmp(first->address.b, read->address.b, sizeof first->address.b) == 0 &&
           first->slot_count == read->slot_count &&
           (read->slot_count == 0 ||
            memcmp(first->slots, read->slots, read->slot_count * sizeof *read->slots) == 0);
}

/* The fetch that gets it, perhaps one under way; *is_new says that it is to be asked. */
static struct ht_state_fetch *join(struct ht_state_read *read, bool is_code, bool *is_new) {
    struct ht_state *state = read->state;
    struct ht_state_fetch *fetch = state->fetches;
    while (fetch != NULL && !is_same(fetch, read, is_code)) fetch = fetch->next;
    *is_new = fetch == NULL;
    if (fetch == NULL) {
        fetch = calloc(1, sizeof *fetch);
        ht_assert(fetch != NULL);
        *fetch = (struct ht_state_fetch){
            .next = state->fetches, .state = state, .is_code = is_code, .first = read};
        ht_arena_init(&fetch->arena, PROOF_ARENA_MAX);
        ht_buf_init(&fetch->code, HT_STATE_CODE_MAX);
        state->fetches = fetch;
    }
    read->next = fetch->reads;
    fetch->reads = read;
    return fetch;
}

static void unlink_fetch(struct ht_state_fetch *fetch) {
    struct ht_state_fetch **at = &fetch->state->fetches;
    while (*at != NULL && *at != fetch) at = &(*at)->next;
    if (*at != NULL) *at = fetch->next;
}

/* --- accounts --------------------------------------------------------------------------------- */

/* On a worker. */
static enum ht_err prove_account(struct ht_question *question,
                                 const struct ht_jsonrpc_answer *answers, struct ht_why *why) {
    struct ht_state_fetch *fetch = fetch_of(question);
    const struct ht_state_read *read = fetch->first;
    if (json_is_null(answers[0].result)) {
        return ht_fail(why, HT_ENOTFOUND, "state_pruned", "does not have that state");
    }
    ht_arena_fini(&fetch->arena);
    enum ht_err err = ht_get_proof_read(&fetch->proof, &fetch->arena, answers[0].result, why);
    return err == HT_OK ? ht_get_proof_check(&fetch->account, &fetch->exists, &fetch->proof,
                                             &read->header.header.state_root, &read->address,
                                             read->slots, read->slot_count, why)
                        : err;
}

static void keep_account(const struct ht_state_fetch *fetch) {
    const struct ht_state_read *read = fetch->first;
    struct ht_state_cache *cache = fetch->state->cache;
    const struct ht_providers *providers = ht_sync_providers(ht_chain_sync(fetch->state->chain));
    struct ht_state_known known = {.account = fetch->account,
                                   .exists = fetch->exists,
                                   .provider = providers->list[fetch->question.provider].serial};
    ht_state_cache_put_account(cache, &read->header.header.state_root, &read->address, &known);
    for (size_t i = 0; i < read->slot_count; i++) {
        ht_state_cache_put_slot(cache, &fetch->account.storage_root, &read->slots[i],
                                fetch->proof.slots[i].value);
    }
}

static void hand_out(struct ht_state_fetch *fetch, struct ht_state_read *read) {
    read->account = fetch->account;
    read->exists = fetch->exists;
    memcpy(read->source, fetch->question.source, sizeof read->source);
    for (size_t i = 0; i < read->slot_count; i++) {
        memcpy(read->values[i], fetch->proof.slots[i].value, sizeof read->values[i]);
    }
}

static void account_done(struct ht_question *question) {
    struct ht_state_fetch *fetch = fetch_of(question);
    unlink_fetch(fetch);
    if (question->err == HT_OK) keep_account(fetch);
    for (struct ht_state_read *read = fetch->reads; read != NULL;) {
        struct ht_state_read *next = read->next;
        read->why = question->why;
        if (question->err == HT_OK) hand_out(fetch, read);
        read->received += read == fetch->first ? question->received : 0;
        if (question->err == HT_OK && read->wants_proof) {
            read->proof = fetch->proof; /* the only read there is */
            read->proof_arena = fetch->arena;
            ht_arena_init(&fetch->arena, 0);
        }
        ht_state_got(read, question->err);
        read = next;
    }
    ht_arena_fini(&fetch->arena);
    free(fetch);
}

void ht_state_fetch_account(struct ht_state_read *read) {
    bool is_new;
    struct ht_state_fetch *fetch = join(read, false, &is_new);
    if (!is_new) return;
    char address[HT_HEX_SIZE(20)];
    struct ht_question *question = &fetch->question;
    ht_hex_write(address, HT_BYTES(read->address.b));
    *question = (struct ht_question){.max_bytes = PROOF_ANSWER_MAX,
                                     .header = &read->header.header,
                                     .prove = prove_account,
                                     .done = account_done};
    (void)snprintf(question->about, sizeof question->about, "account %s, block %llu", address,
                   (unsigned long long)read->header.header.number);
    json_t *slots = json_array();
    for (size_t i = 0; i < read->slot_count; i++) {
        json_array_append_new(slots, ht_chain_hash_json(&read->slots[i]));
    }
    /* By hash (EIP-1898), since a number means another block after a reorganisation. */
    json_t *params = json_pack("[s, o, {s:o}]", address, slots, "blockHash",
                               ht_chain_hash_json(&read->header.hash));
    ht_assert(ht_question_add(question, "eth_getProof", params) == HT_OK);
    ht_ask(ht_chain_asker(read->state->chain), question);
}

/* --- code ------------------------------------------------------------------------------------- */

/* On a worker. */
static enum ht_err prove_code(struct ht_question *question, const struct ht_jsonrpc_answer *answers,
                              struct ht_why *why) {
    struct ht_state_fetch *fetch = fetch_of(question);
    ht_buf_clear(&fetch->code);
    enum ht_err err = ht_json_hex_buf(&fetch->code, answers[0].result, "", why);
    return err == HT_OK
               ? ht_code_check(&fetch->first->account.code_hash, ht_buf_view(&fetch->code), why)
               : err;
}

static void code_done(struct ht_question *question) {
    struct ht_state_fetch *fetch = fetch_of(question);
    unlink_fetch(fetch);
    ht_bytes code = ht_buf_view(&fetch->code);
    if (question->err == HT_OK) {
        ht_state_cache_put_code(fetch->state->cache, &fetch->first->account.code_hash, code);
    }
    for (struct ht_state_read *read = fetch->reads; read != NULL;) {
        struct ht_state_read *next = read->next;
        enum ht_err err = question->err;
        read->why = question->why;
        if (err == HT_OK) err = ht_buf_add(&read->code, code);
        read->received += read == fetch->first ? question->received : 0;
        ht_state_got_code(read, err);
        read = next;
    }
    ht_buf_fini(&fetch->code);
    free(fetch);
}

void ht_state_fetch_code(struct ht_state_read *read) {
    bool is_new;
    struct ht_state_fetch *fetch = join(read, true, &is_new);
    if (!is_new) return;
    char address[HT_HEX_SIZE(20)];
    struct ht_question *question = &fetch->question;
    ht_hex_write(address, HT_BYTES(read->address.b));
    *question = (struct ht_question){.max_bytes = 4 * HT_STATE_CODE_MAX,
                                     .header = &read->header.header,
                                     .prove = prove_code,
                                     .done = code_done};
    (void)snprintf(question->about, sizeof question->about, "code of %s", address);
    json_t *params =
        json_pack("[s, {s:o}]", address, "blockHash", ht_chain_hash_json(&read->header.hash));
    ht_assert(ht_question_add(question, "eth_getCode", params) == HT_OK);
    ht_ask(ht_chain_asker(read->state->chain), question);
}
