/* Calls of Ethereum's methods in the world of eth_world.h, as their callers see them. */
#ifndef HT_TESTS_UNIT_ETH_CALLER_H
#define HT_TESTS_UNIT_ETH_CALLER_H

#include "tests/unit/eth_world.h"

static inline void world_on_reply(void *user, enum ht_err err, struct ht_buf *text) {
    (void)user;
    assert_int_equal(err, HT_OK);
    assert_true(text->n < sizeof world.answer);
    memcpy(world.answer, text->p, text->n);
    world.answer[text->n] = '\0';
}

/* The answer is in world.answer, "" while it is waited for. */
static inline const char *call(const char *method, const char *params) {
    const struct ht_rpc_asker asker = {
        .peer = world.peer, .may_wait = true, .on_reply = world_on_reply};
    char message[400];
    world.answer[0] = '\0';
    int n =
        snprintf(message, sizeof message,
                 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}", method, params);
    world.exchange = ht_rpc_handle(world.rpc, &asker, ht_bytes_of(message, (size_t)n));
    return world.answer;
}

static inline void assert_has(const char *part) {
    if (strstr(world.answer, part) == NULL) fail_msg("want %s, got %s", part, world.answer);
}

/* The answer's result, a string. */
static inline void copy_result(char *out, size_t size) {
    const char *at = strstr(world.answer, "\"result\":\"");
    if (at == NULL) fail_msg("got %s", world.answer);
    size_t n = strcspn(at + 10, "\"");
    assert_true(n < size);
    memcpy(out, at + 10, n);
    out[n] = '\0';
}

#endif
