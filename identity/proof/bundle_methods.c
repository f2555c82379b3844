/* bundle.verify on a worker, with its committees kept warm. */
#include "identity/proof/bundle_methods.h"

#include <stdlib.h>

#include "identity/proof/bundle_committees.h"
#include "identity/proof/bundle_make.h"

struct ht_bundles {
    struct ht_bundle_committees committees; /* whoever has the reader's turn */
};

enum ht_err ht_bundles_new(struct ht_identity *identity, struct ht_why *why) {
    identity->bundles = calloc(1, sizeof *identity->bundles);
    if (identity->bundles != NULL) return HT_OK;
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

void ht_bundles_free(struct ht_identity *identity) {
    ht_bundle_committees_fini(&identity->bundles->committees);
    free(identity->bundles);
    identity->bundles = NULL;
}

static struct ht_bundle_judge judge_of(const struct ht_network *network,
                                       struct ht_bundle_committees *committees, int64_t now_ms) {
    struct ht_bundle_judge judge = {
        .network = network, .now_ms = now_ms, .committee = ht_bundle_committee, .user = committees};
    ht_bundle_contracts_of(&judge.contracts, network);
    return judge;
}

enum ht_err ht_bundle_verify_file(json_t **outcome, const struct ht_network *network, sqlite3 *db,
                                  const json_t *file, const struct ht_clock *clock,
                                  struct ht_why *why) {
    struct ht_bundle_committees committees = {.db = db};
    struct ht_bundle_judge judge = judge_of(network, &committees, ht_wall_ms(clock));
    if (ht_json_member(file, "hearth_bundle") == NULL) {
        return ht_fail(why, HT_ENOTFOUND, "unknown_file", "that is no proof bundle");
    }
    enum ht_err err = ht_bundle_verify(outcome, &judge, file, why);
    ht_bundle_committees_fini(&committees);
    return err;
}

/* --- bundle.verify ---------------------------------------------------------------------------- */

struct checking {
    struct ht_read read; /* first */
    struct ht_bundles *bundles;
    const struct ht_network *network;
    int64_t now_ms;
    struct ht_rpc_call *call;
    json_t *bundle; /* a copy: the caller's belongs to the loop */
    json_t *outcome;
};

/* On a worker. */
static enum ht_err check(struct ht_read *read, sqlite3 *db, struct ht_why *why) {
    struct checking *checking = (struct checking *)read;
    struct ht_bundle_committees *committees = &checking->bundles->committees;
    struct ht_bundle_judge judge = judge_of(checking->network, committees, checking->now_ms);
    committees->db = db;
    return ht_bundle_verify(&checking->outcome, &judge, checking->bundle, why);
}

static void checked(struct ht_read *read) {
    struct checking *checking = (struct checking *)read;
    if (read->err == HT_OK) {
        ht_rpc_finish(checking->call, checking->outcome);
    } else {
        ht_rpc_refuse(checking->call, read->err, &read->why);
    }
    json_decref(checking->bundle);
    free(checking);
}

static void verify(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    const json_t *bundle = NULL;
    struct ht_why why = {0};
    enum ht_err err = ht_json_get(&bundle, params, "bundle", &why);
    struct checking *checking = err == HT_OK ? calloc(1, sizeof *checking) : NULL;
    json_t *copy = checking != NULL ? json_deep_copy(bundle) : NULL;
    if (err == HT_OK && copy == NULL) {
        err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    }
    if (err == HT_OK) {
        *checking = (struct checking){.read = {.read = check, .done = checked},
                                      .bundles = identity->bundles,
                                      .network = identity->host->network,
                                      .now_ms = ht_wall_ms(identity->host->clock),
                                      .call = call,
                                      .bundle = copy};
        err = ht_reader_submit(identity->host->reader, &checking->read);
        if (err == HT_OK) return;
        (void)ht_fail(&why, err, "busy", "too much is being checked; try again");
    }
    ht_rpc_refuse(call, err, &why);
    json_decref(copy);
    free(checking);
}

static const struct ht_rpc_method METHODS[] = {
    {.name = "bundle.make", .start = ht_bundle_make},
    {.name = "bundle.verify", .start = verify},
};

const struct ht_identity_methods ht_bundle_methods = {METHODS, sizeof METHODS / sizeof *METHODS};
