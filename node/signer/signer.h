/* The signer process, as the node sees it: it holds the keys and signs typed requests.
 *
 * Forked before any thread, joined by a socketpair, ends when the node ends. A thread of the node's
 * own talks to it, one request at a time, and hands replies to the loop. Nothing that comes back is
 * a secret: what is, is sealed to whoever asked (protocol.h). */
#ifndef HT_SIGNER_SIGNER_H
#define HT_SIGNER_SIGNER_H

#include "node/crypto/hpke.h"
#include "node/loop/loop.h"
#include "node/signer/confine.h"
#include "node/signer/protocol.h"

/* The process, before there is a loop. */
struct ht_signer_process {
    int fd; /* ours of the pair */
    int pid;
};

/* Forks it. Call first of all in main, with no thread started and no secret in memory. HT_EAGAIN,
 * HT_ENOMEM "no_signer". The process outlives SIGINT, SIGTERM and SIGHUP, which go to groups of
 * processes: it ends when the pair closes, and when the thread that forked it ends. */
enum ht_err ht_signer_fork(struct ht_signer_process *out, struct ht_why *why) HT_MUST_USE;

struct ht_signer;

#define HT_SIGNER_WAITING_MAX 64U

/* What it said at first. */
struct ht_signer_hello {
    int pid;
    uint8_t
        public_key[HT_HPKE_PUBLIC_SIZE]; /* of this run: what is sealed to it only it can open */
    unsigned confined;                   /* bits of enum ht_confined */
};

/* One request. Lives in its owner's struct from ask until done; fields are copied by ask. */
struct ht_signer_call {
    struct ht_job job; /* the signer's own */
    enum ht_signer_request request;
    /* On the loop, later, once. */
    void (*done)(struct ht_signer_call *call);
    enum ht_err err; /* of the signer, or HT_EAGAIN "signer_gone" when the process has ended */
    /* Set on an error; its code is one of the signer's, or "signer_refused". */
    struct ht_why why;
    struct ht_signer_message reply; /* views into text, good until done returns */
    struct ht_buf sent, text;       /* the signer's own */
};

/* Takes over the process, also on an error, when it is ended; says hello (waits for the reply, some
 * milliseconds) and starts the thread. HT_ENOMEM, HT_EAGAIN "no_thread", HT_EBUG "signer_gone". */
enum ht_err ht_signer_new(struct ht_signer **out, struct ht_loop *loop,
                          const struct ht_signer_process *process, struct ht_why *why) HT_MUST_USE;
/* Closes the pair and waits for the process, which wipes what it has, to end; kills it after 2 s.
 * Calls under way end with "signer_gone"; their `done` waits in the loop's mailbox (ht_loop_drain),
 * and does not need the signer any more. NULL is fine. */
void ht_signer_free(struct ht_signer *signer);

const struct ht_signer_hello *ht_signer_hello(const struct ht_signer *signer);

/* Loop thread. HT_EAGAIN when HT_SIGNER_WAITING_MAX wait, HT_ELIMIT when the fields are too long,
 * HT_ENOMEM; the call stays the caller's then. `done` may free the call or ask with it again. When
 * the process ends on its own, the next call finds out: it is logged, and that call and all later
 * ones end with "signer_gone". */
enum ht_err ht_signer_ask(struct ht_signer *signer, struct ht_signer_call *call,
                          const struct ht_signer_field *fields, size_t count) HT_MUST_USE;

#endif
