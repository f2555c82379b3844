/* The identity module's parts on a bench: a database in memory, the signer's real answers without
 * its process, a clock and timers that stand still until a test moves them.
 *
 * A test program includes identity_fakes.h once: it replaces the writer, the reader, the loop's
 * timers, the signer's handle, the queue, proven state and questions to providers. What is asked of
 * them is done when a test says so (ht_ib_settle), each in its order; "done" never comes from
 * within the call that asks. Everything fails the running test on error. */
#ifndef HT_TESTS_UNIT_IDENTITY_BENCH_H
#define HT_TESTS_UNIT_IDENTITY_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "identity/audit.h"
#include "identity/identity_sql.h"
#include "identity/keys/accounts.h"
#include "identity/keys/vault_keeper.h"
#include "identity/wallet/queue.h"
#include "identity/wallet/tokens.h"
#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/codec/json.h"
#include "node/signer/signer_requests.h"

#define HT_IB_WAITING 64U

/* One of the things that are under way. */
struct ht_ib_thing {
    struct ht_write *write;
    struct ht_read *read;
    struct ht_signer_call *call;
    struct ht_state_read *state;
    struct ht_question *question;
};

/* A contract and what is in its storage; all other slots are zero. */
struct ht_ib_contract {
    ht_addr20 address;
    size_t count;
    ht_hash32 slots[8];
    uint8_t values[8][32];
    const char *symbol, *decimals, *balance; /* what a provider says, hex; NULL: it refuses */
};

struct ht_ib {
    struct ht_identity identity;
    struct ht_host host;
    struct ht_clock clock;
    int64_t wall_ms, mono_ms;
    sqlite3 *db;
    struct ht_rpc *rpc;
    struct ht_signer_keeper *keeper;
    struct ht_signer_hello hello;
    struct ht_ib_thing waiting[HT_IB_WAITING];
    size_t waiting_count;
    bool holds_signer; /* it answers nothing */
    bool signer_is_gone, signer_is_full, writes_fail, writer_is_full;
    struct ht_timer *timer; /* NULL: none is set */
    int64_t timer_ms;
    unsigned waits;           /* of the signer, after a wrong passphrase */
    unsigned queue_locks;     /* calls of ht_queue_on_lock */
    unsigned account_changes; /* calls of ht_permissions_on_accounts */
    unsigned status_count;    /* wallet.status was published */
    unsigned asked[HT_SIGNER_REQUEST_COUNT];
    struct ht_ib_contract contracts[3];
    size_t contract_count;
    enum ht_err state_err; /* of what is read by its block's hash */
    unsigned questions;
    json_t *reply; /* the last one */
    struct ht_hpke_pair pair;
};

extern struct ht_ib ht_ib_now;

/* Puts it behind what is under way. */
void ht_ib_add(struct ht_ib_thing thing);

/* Does the oldest thing; false when there is none that may be done. Does all. */
bool ht_ib_step(void);
void ht_ib_settle(void);

/* Time goes on; the timer fires each time that it is due. */
void ht_ib_pass(int64_t ms);

/* Sends a call; params is taken over. The reply comes to ht_ib_now.reply. */
void ht_ib_send(const char *method, json_t *params);

/* Sends and settles; the result, borrowed until the next. Fails the test when it was refused. */
const json_t *ht_ib_call(const char *method, json_t *params);

/* The code of the error that was replied; "" when it was none. */
const char *ht_ib_code(void);

/* Sends and settles; it must be refused for that reason. */
void ht_ib_refused(const char *method, json_t *params, const char *code);

/* The text at a path; fails the test without. */
const char *ht_ib_text(const json_t *from, const char *path);

/* Parts sealed to the signer for that request, as hex: what the page does. second may be NULL. Good
 * until the next. */
const char *ht_ib_seal(enum ht_signer_request request, const char *first, const char *second);

/* The same as params. */
json_t *ht_ib_sealed(enum ht_signer_request request, const char *first, const char *second);

/* The key that replies are sealed to, as hex; and what was sealed to it, of a request: out has room
 * for 4096. */
const char *ht_ib_reply_key(void);
void ht_ib_open(char *out, enum ht_signer_request request, const char *hex);

#define PASSPHRASE "correct horse"

void ht_ib_create(void);
void ht_ib_lock(void);
void ht_ib_unlock(void);

/* As a restart of the node: the disk is what is left. */
void ht_ib_restart(void);

int ht_ib_set_up(void **state);
int ht_ib_tear_down(void **state);

#define TEST(name) cmocka_unit_test_setup_teardown(name, ht_ib_set_up, ht_ib_tear_down)

#endif
