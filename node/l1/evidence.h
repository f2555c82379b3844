/* Evidence: what execution providers sent that was malformed or did not hold, kept on disk.
 *
 * At most HT_EVIDENCE_MAX cases; the oldest go first, but never the newest lie of a provider that
 * was not forgiven while there are others: it keeps the liar out after a restart. Addresses of
 * providers, which may hold a password, are not kept, only their kind and name. */
#ifndef HT_L1_EVIDENCE_H
#define HT_L1_EVIDENCE_H

#include "node/l1/execution/header.h"
#include "node/net/provider.h"
#include "node/store/reader.h"
#include "node/store/writer.h"

#define HT_EVIDENCE_MAX 256U
#define HT_EVIDENCE_ANSWER_MAX ((size_t)256 << 10)  /* bytes kept of an answer */
#define HT_EVIDENCE_REQUEST_MAX ((size_t)256 << 10) /* and of a request */

extern const struct ht_migration ht_evidence_migrations[];
extern const size_t ht_evidence_migration_count;

struct ht_evidence;

struct ht_evidence_host {
    struct ht_writer *writer;
    struct ht_reader *reader; /* NULL: ht_evidence_read is not used */
    struct ht_providers *providers;
    void (*on_change)(void *user); /* a fault has got its id; may be NULL */
    void *user;
};

/* Everything of the host outlives it. db is used in this call only, a connection of the caller's:
 * providers of the list whose kind and name has a lie that was not forgiven are marked as liars,
 * with that fault; so the list is filled before. What they are marked with points into this, which
 * therefore is freed after the list was used last. HT_ESTORE, HT_ENOMEM. */
enum ht_err ht_evidence_new(struct ht_evidence **out, const struct ht_evidence_host *host,
                            sqlite3 *db, struct ht_why *why) HT_MUST_USE;
/* When the writer has ended and the loop has drained. NULL is fine. */
void ht_evidence_free(struct ht_evidence *evidence);

/* What belongs to a fault. Everything is copied. */
struct ht_evidence_case {
    const char *about; /* what was asked, in words; NULL: fault->asked */
    bool is_lie;
    ht_bytes request;                    /* its text */
    ht_bytes answer;                     /* as far as it came; fault->answer_bytes says all of it */
    const struct ht_exec_header *header; /* what it was held against, or NULL */
};

/* Loop thread. Keeps the newest fault of the provider, which `fault` is a copy of. Its evidence_id
 * is set once it is on disk. When the writer is too busy it is logged and lost. */
void ht_evidence_add(struct ht_evidence *evidence, struct ht_provider *provider,
                     const struct ht_provider_fault *fault, const struct ht_evidence_case *found);

/* Loop thread. The user trusts it again, in later runs too: forgives the lies of all providers with
 * its kind and name. (In this run: ht_provider_forgive.) HT_EAGAIN when the writer is too busy,
 * HT_ENOMEM; what fails later is logged. */
enum ht_err ht_evidence_forgive(struct ht_evidence *evidence,
                                const struct ht_provider *provider) HT_MUST_USE;

/* Loop thread. A peer has just been added to the list: lies of earlier runs that were not forgiven
 * are put on its record, as those of the list were at the start; of the HT_EVIDENCE_PEERS_MAX
 * newest. */
#define HT_EVIDENCE_PEERS_MAX 64U
void ht_evidence_recall(struct ht_evidence *evidence, const ht_hash32 *node);

/* Lives in its owner's struct until done; zeroed but for id and done. */
struct ht_evidence_read {
    int64_t id;
    void (*done)(struct ht_evidence_read *read); /* on the loop, later, once */
    /* The outcome: HT_OK; HT_ENOTFOUND "no_evidence"; HT_ESTORE, HT_ENOMEM. */
    enum ht_err err;
    struct ht_why why;
    /* With HT_OK a new object, the reader's: {"id", "at_ms", "provider", "kind", "asked", "code",
     * "reason", "is_lie", "forgiven", "request", "answer" (texts; hex with "0x" for what is no
     * UTF-8), "answer_bytes", "answer_is_cut", "header" (of ht_exec_header_to_json, or null)}. */
    json_t *json;
    struct ht_read read; /* the service's own */
};

/* Loop thread; reads on a worker. HT_EAGAIN when the pool is full: done does not come. */
enum ht_err ht_evidence_read(struct ht_evidence *evidence,
                             struct ht_evidence_read *read) HT_MUST_USE;

#endif
