/* The functions that identity_bench.h replaces. They are here and not in a helper's object file, so
 * that only programs that include this have them. */
#ifndef HT_TESTS_UNIT_IDENTITY_FAKES_H
#define HT_TESTS_UNIT_IDENTITY_FAKES_H

#include <stdio.h>
#include <stdlib.h>

#include "identity/doors/permissions.h"
#include "tests/unit/identity_bench.h"

enum ht_err ht_writer_submit(struct ht_writer *writer, struct ht_write *write) {
    (void)writer;
    if (ht_ib_now.writer_is_full) return HT_EAGAIN;
    ht_ib_add((struct ht_ib_thing){.write = write});
    return HT_OK;
}

enum ht_err ht_reader_submit(struct ht_reader *reader, struct ht_read *read) {
    (void)reader;
    ht_ib_add((struct ht_ib_thing){.read = read});
    return HT_OK;
}

enum ht_err ht_signer_ask(struct ht_signer *signer, struct ht_signer_call *call,
                          const struct ht_signer_field *fields, size_t count) {
    (void)signer;
    if (ht_ib_now.signer_is_full) return HT_EAGAIN;
    struct ht_signer_message message = {.type = call->request};
    for (size_t i = 0; i < count; i++) {
        ht_signer_message_add(&message, fields[i].tag, fields[i].bytes);
    }
    ht_buf_init(&call->sent, HT_SIGNER_MESSAGE_MAX);
    ht_buf_init(&call->text, HT_SIGNER_MESSAGE_MAX);
    assert_int_equal(ht_signer_message_write(&call->sent, &message), HT_OK);
    ht_ib_now.asked[call->request]++;
    ht_ib_add((struct ht_ib_thing){.call = call});
    return HT_OK;
}

const struct ht_signer_hello *ht_signer_hello(const struct ht_signer *signer) {
    (void)signer;
    return &ht_ib_now.hello;
}

void ht_timer_set(struct ht_loop *loop, struct ht_timer *timer, int64_t delay_ms,
                  void (*fire)(struct ht_timer *timer)) {
    (void)loop;
    timer->fire = fire;
    ht_ib_now.timer = timer;
    ht_ib_now.timer_ms = ht_ib_now.mono_ms + delay_ms;
}

void ht_timer_cancel(struct ht_timer *timer) {
    if (ht_ib_now.timer == timer) ht_ib_now.timer = NULL;
}

void ht_queue_on_lock(struct ht_identity *identity) {
    assert_false(ht_vault_is_unlocked(identity));
    ht_ib_now.queue_locks++;
}

void ht_permissions_on_accounts(struct ht_identity *identity) {
    assert_ptr_equal(identity, &ht_ib_now.identity);
    ht_ib_now.account_changes++;
}

void ht_state_read(struct ht_state *state, struct ht_state_read *read) {
    (void)state;
    assert_true(read->slot_count <= HT_STATE_SLOTS_MAX);
    ht_ib_add((struct ht_ib_thing){.state = read});
}

void ht_state_read_fini(struct ht_state_read *read) {
    free(read->values);
    read->values = NULL;
}

struct ht_chain *ht_state_chain(const struct ht_state *state) {
    (void)state;
    return NULL;
}

struct ht_asker *ht_chain_asker(const struct ht_chain *chain) {
    (void)chain;
    return NULL;
}

json_t *ht_chain_provenance_json(const struct ht_chain *chain,
                                 const struct ht_exec_header_verified *header, bool is_final,
                                 const char *source) {
    (void)chain;
    (void)is_final;
    return json_pack("{s:s, s:I, s:s}", "verdict", "proven", "number",
                     (json_int_t)header->header.number, "source", source);
}

enum ht_err ht_state_account_json(json_t **out, const struct ht_state_read *read,
                                  struct ht_why *why) {
    (void)why;
    *out = json_pack("{s:i}", "balance", (int)read->account.balance[31]);
    return HT_OK;
}

enum ht_err ht_question_add(struct ht_question *question, const char *method, json_t *params) {
    assert_string_equal(method, "eth_call");
    assert_non_null(params);
    question->params[question->count++] = params;
    return HT_OK;
}

void ht_ask(struct ht_asker *asker, struct ht_question *question) {
    (void)asker;
    ht_ib_now.questions++;
    ht_ib_add((struct ht_ib_thing){.question = question});
}

#endif
