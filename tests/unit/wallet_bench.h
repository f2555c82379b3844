/* The wallet's own half on a bench: the queue, permissions, sending and the doors are real, and so
 * is the JSON-RPC in front of them; accounts, the vault, the signer, the chain and the outbox are
 * what a test says. These functions stand in the place of the real ones, so a test program includes
 * this once. The signer is in wallet_signer.h, the chain, the outbox and the disk are in
 * wallet_chain.h, what tests do with all of it in wallet_world.h. */
#ifndef HT_TESTS_UNIT_WALLET_BENCH_H
#define HT_TESTS_UNIT_WALLET_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "identity/audit.h"
#include "identity/keys/accounts.h"
#include "identity/keys/vault_keeper.h"
#include "identity/wallet/explain.h"
#include "identity/wallet/tokens.h"

#define BENCH_GWEI UINT64_C(1000000000)

static struct {
    struct ht_identity identity;
    struct ht_host host;
    struct ht_network network;
    int64_t wall_ms, mono_ms;
    uint8_t random;
    struct ht_account_info accounts[3]; /* the first signs with the key of ones */
    size_t account_count;
    bool is_locked, signs_wrongly, is_busy;
    unsigned touched;
    struct ht_signer_call *asked; /* what the signer was asked and has not answered */
    uint8_t asked_data[8192];
    size_t asked_n;
    char asked_key[64];
    struct ht_timer *timers[4]; /* that are set; NULL: a free place */
    int64_t delays_ms[4];
    const struct ht_token_info *token; /* that the wallet shows, if any */
    struct ht_token_claim token_claim; /* that is being added, for token_told */
    struct ht_token_told token_told;
    char audit[8][40]; /* "event origin", the newest last */
    size_t audit_count;
    /* The chain: */
    enum ht_sync_state sync_state;
    struct ht_header_read *held_header; /* when is_held: the read that waits */
    bool is_held;
    uint64_t nonce, balance_gwei;
    bool has_code;
    struct ht_simulation *simulated[4]; /* under way; NULL: a free place */
    /* The outbox: */
    const char *fork;   /* NULL: Osaka */
    const char *outbox; /* its JSON; NULL: nothing */
    ht_bytes outbox_raw;
    struct ht_send *sent;
    uint8_t sent_raw[2048];
    size_t sent_n;
    /* The writer; NULL db: what is written is only counted. */
    sqlite3 *db;
    struct ht_write *writes[16];
    size_t write_count;
    bool disk_is_full;
} bench;

/* --- clocks, timers, topics ------------------------------------------------------------------- */

static int64_t bench_wall(void *self) {
    (void)self;
    return bench.wall_ms;
}

static int64_t bench_mono(void *self) {
    (void)self;
    return bench.mono_ms;
}

static void bench_fill(void *self, uint8_t *out, size_t n) {
    (void)self;
    memset(out, ++bench.random, n);
}

static void bench_publish(const struct ht_host *host, const char *topic) {
    (void)host;
    assert_true(strncmp(topic, "wallet.", 7) == 0);
}

void ht_timer_set(struct ht_loop *loop, struct ht_timer *timer, int64_t delay_ms,
                  void (*fire)(struct ht_timer *timer)) {
    (void)loop;
    assert_true(delay_ms > 0);
    ht_timer_cancel(timer);
    size_t at = 0;
    while (bench.timers[at] != NULL) assert_true(++at < 4);
    timer->fire = fire;
    bench.timers[at] = timer;
    bench.delays_ms[at] = delay_ms;
}

void ht_timer_cancel(struct ht_timer *timer) {
    for (size_t i = 0; i < 4; i++) {
        if (bench.timers[i] == timer) bench.timers[i] = NULL;
    }
}

/* All that are set now. */
static inline void bench_fire(void) {
    struct ht_timer *set[4];
    memcpy(set, bench.timers, sizeof set);
    memset(bench.timers, 0, sizeof bench.timers);
    for (size_t i = 0; i < 4; i++) {
        if (set[i] != NULL) set[i]->fire(set[i]);
    }
}

/* --- accounts, vault, audit, tokens ----------------------------------------------------------- */

const struct ht_account_info *ht_accounts_find(const struct ht_identity *identity,
                                               const ht_addr20 *address) {
    (void)identity;
    for (size_t i = 0; i < bench.account_count; i++) {
        const struct ht_account_info *account = &bench.accounts[i];
        if (memcmp(account->address.b, address->b, sizeof address->b) == 0) return account;
    }
    return NULL;
}

size_t ht_accounts_count(const struct ht_identity *identity) {
    (void)identity;
    return bench.account_count;
}

const struct ht_account_info *ht_accounts_at(const struct ht_identity *identity, size_t i) {
    (void)identity;
    return &bench.accounts[i];
}

enum ht_err ht_account_can_sign(const struct ht_identity *identity,
                                const struct ht_account_info *account, struct ht_why *why) {
    (void)identity;
    if (account->kind == HT_ACCOUNT_WATCH)
        return ht_fail(why, HT_EDENIED, "watch_only", "it is only watched");
    return bench.is_locked ? ht_fail(why, HT_EDENIED, "vault_locked", "it is locked") : HT_OK;
}

void ht_vault_touch(struct ht_identity *identity) {
    (void)identity;
    bench.touched++;
}

void ht_audit_add(struct ht_identity *identity, const char *event, const char *origin,
                  const ht_addr20 *account, const char *detail) {
    (void)identity;
    (void)account;
    assert_non_null(detail);
    size_t at = bench.audit_count++ % 8;
    (void)snprintf(bench.audit[at], sizeof bench.audit[at], "%s %s", event,
                   origin != NULL ? origin : "owner");
}

const struct ht_token_info *ht_tokens_find(const struct ht_identity *identity,
                                           const ht_addr20 *address) {
    (void)identity;
    (void)address;
    return bench.token;
}

void ht_tokens_add(struct ht_identity *identity, const struct ht_token_claim *claim,
                   const struct ht_token_told *told) {
    (void)identity;
    assert_null(bench.token_told.done);
    bench.token_claim = *claim;
    bench.token_told = *told;
}

/* What the owner approved is added now; with a code, it cannot be. */
static inline void bench_token_added(const char *code) {
    const struct ht_token_told told = bench.token_told;
    struct ht_why why = {0};
    assert_non_null(told.done);
    bench.token_told.done = NULL;
    enum ht_err err = code != NULL ? ht_fail(&why, HT_ENOTFOUND, code, "it is not") : HT_OK;
    told.done(told.user, err, &why, err == HT_OK ? json_object() : NULL);
}

/* --- explanations: only that there is one, and of what ---------------------------------------- */

static enum ht_err bench_explain(json_t **out, const char *kind,
                                 const struct ht_explain_context *context) {
    *out = json_pack("{s:s, s:s, s:b, s:s, s:b, s:b}", "title", kind, "kind", kind, "is_own",
                     context->is_own, "origin", context->origin, "has_recipient",
                     context->has_recipient, "has_code", context->recipient_has_code);
    return *out != NULL ? HT_OK : HT_ENOMEM;
}

enum ht_err ht_explain_transaction(json_t **out, const struct ht_explain_context *context,
                                   ht_bytes unsigned_transaction, struct ht_why *why) {
    (void)why;
    assert_true(unsigned_transaction.n > 0 && context->has_balance);
    return bench_explain(out, "transfer", context);
}

enum ht_err ht_explain_message(json_t **out, const struct ht_explain_context *context,
                               ht_bytes message, int64_t now_ms, struct ht_why *why) {
    (void)message;
    (void)why;
    assert_true(now_ms == bench.wall_ms);
    return bench_explain(out, "message", context);
}

enum ht_err ht_explain_typed(json_t **out, const struct ht_explain_context *context,
                             const json_t *document, struct ht_why *why) {
    (void)why;
    assert_true(json_is_object(document));
    return bench_explain(out, "typed", context);
}

#endif
