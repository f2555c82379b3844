/* The registry and a resolver run over proven state, on a worker. */
#include "identity/names/ens_run.h"

#include <unistr.h>

#define GAS 20000000U /* of one call */
#define P256VERIFY_NUMBER 0x100U

static struct ht_ens_ask *ask_of(struct ht_run *run) {
    return (struct ht_ens_ask *)((char *)run - offsetof(struct ht_ens_ask, run));
}

/* A round under way. */
struct round {
    struct ht_ens_ask *ask;
    const struct ht_run_place *place;
    struct ht_buf call; /* calldata of the next call */
    struct ht_why *why;
};

static enum ht_err no_room(struct round *round, enum ht_err err) {
    return ht_fail(round->why, err, "no_memory", "no room for a call");
}

static enum ht_err call(struct ht_evm_result *out, struct round *round, const ht_addr20 *to,
                        ht_bytes input) {
    const struct ht_evm_message message = {.kind = HT_EVM_STATICCALL,
                                           .to = *to,
                                           .code = *to,
                                           .is_static = true,
                                           .gas = GAS,
                                           .input = input};
    return ht_evm_run(round->place->evm, out, &message, round->why);
}

/* The call that was written; err: of writing it. */
static enum ht_err call_written(struct ht_evm_result *out, struct round *round, const ht_addr20 *to,
                                enum ht_err err) {
    if (err != HT_OK) return no_room(round, err);
    return call(out, round, to, ht_buf_view(&round->call));
}

/* The resolver of the name or of the closest parent that has one; *is_own: of the name itself. */
static enum ht_err find_resolver(ht_addr20 *out, bool *is_own, struct round *round) {
    static const ht_addr20 none;
    ht_bytes name = ht_bytes_str(round->ask->name);
    *out = none;
    *is_own = true;
    while (name.n > 0) {
        struct ht_evm_result result;
        ht_hash32 node;
        enum ht_err err = ht_ens_namehash(&node, name, round->why);
        if (err != HT_OK) return err;
        ht_buf_clear(&round->call);
        err = call_written(&result, round, &ht_ens_registry,
                           ht_ens_write_resolver(&round->call, &node));
        if (err != HT_OK) return err;
        bool is_answer = result.status == HT_EVM_SUCCESS &&
                         ht_ens_read_address(out, result.output, NULL) == HT_OK;
        if (is_answer && memcmp(out->b, none.b, sizeof none.b) != 0) return HT_OK;
        *is_own = false;
        name = ht_ens_parent(name);
    }
    return HT_OK;
}

static enum ht_err find_wildness(bool *out, struct round *round, const ht_addr20 *resolver) {
    struct ht_evm_result result;
    ht_buf_clear(&round->call);
    enum ht_err err = call_written(&result, round, resolver,
                                   ht_ens_write_supports(&round->call, HT_ENS_EXTENDED));
    *out = err == HT_OK && result.status == HT_EVM_SUCCESS && ht_ens_read_yes(result.output);
    return err;
}

static enum ht_err write_question(struct round *round, bool is_wild) {
    const struct ht_ens_ask *ask = round->ask;
    struct ht_buf inner, dns;
    ht_bytes key = ht_bytes_str(ask->key);
    ht_buf_clear(&round->call);
    if (!is_wild) {
        enum ht_err plain = ht_ens_write_record(&round->call, ask->record, &ask->node, key);
        return plain == HT_OK ? HT_OK : no_room(round, plain);
    }
    ht_buf_init(&inner, HT_ENS_CALL_MAX);
    ht_buf_init(&dns, HT_ENS_DNS_MAX);
    enum ht_err err = ht_ens_dns_encode(&dns, ht_bytes_str(ask->name), round->why);
    if (err == HT_OK) {
        err = ht_ens_write_record(&inner, ask->record, &ask->node, key);
        if (err == HT_OK) {
            err = ht_ens_write_resolve(&round->call, ht_buf_view(&dns), ht_buf_view(&inner));
        }
        if (err != HT_OK) (void)no_room(round, err);
    }
    ht_buf_fini(&inner);
    ht_buf_fini(&dns);
    return err;
}

/* What a resolver returned, unwrapped; false when it is no record. */
static bool take_record(struct ht_ens_ask *ask, ht_bytes output) {
    ht_bytes record = output;
    if (ask->found.is_wild && ht_ens_read_bytes(&record, output, HT_ENS_CALL_MAX, NULL) != HT_OK) {
        return false;
    }
    /* One that knows no such record may answer nothing at all. */
    if (record.n == 0) return ask->found.is_wild;
    if (ask->record == HT_ENS_ADDRESS) {
        return ht_ens_read_address(&ask->found.address, record, NULL) == HT_OK;
    }
    ht_bytes text;
    if (ht_ens_read_bytes(&text, record, HT_ENS_TEXT_MAX, NULL) != HT_OK) return false;
    if (text.n > 0 && u8_check(text.p, text.n) != NULL) return false;
    return ht_buf_add(&ask->text, text) == HT_OK;
}

static enum ht_err judge(struct round *round, const struct ht_evm_result *result) {
    struct ht_ens_ask *ask = round->ask;
    bool is_lookup = result->status == HT_EVM_REVERT && ht_ens_is_lookup(result->output);
    ask->found.kind = HT_ENS_FAILED;
    if (is_lookup) {
        if (ht_buf_add(&ask->lookup, result->output) != HT_OK) {
            return ht_fail(round->why, HT_ELIMIT, "ens_lookup_too_large",
                           "a lookup of over %u bytes", HT_ENS_LOOKUP_MAX);
        }
        ask->found.kind = HT_ENS_LOOKUP;
    } else if (result->status == HT_EVM_SUCCESS && take_record(ask, result->output)) {
        ask->found.kind = HT_ENS_RECORD;
    }
    return HT_OK;
}

/* The name's first question. */
static enum ht_err resolve(struct round *round) {
    static const ht_addr20 none;
    struct ht_ens_found *found = &round->ask->found;
    struct ht_evm_result result;
    bool is_own;
    enum ht_err err = find_resolver(&found->resolver, &is_own, round);
    if (err != HT_OK || memcmp(found->resolver.b, none.b, sizeof none.b) == 0) return err;
    err = find_wildness(&found->is_wild, round, &found->resolver);
    if (err != HT_OK) return err;
    if (!is_own && !found->is_wild) {
        found->resolver = none;
        return HT_OK;
    }
    err = write_question(round, found->is_wild);
    if (err == HT_OK) err = call(&result, round, &found->resolver, ht_buf_view(&round->call));
    return err == HT_OK ? judge(round, &result) : err;
}

/* The resolver is given what a gateway answered. */
static enum ht_err call_back(struct round *round, const struct ht_ens_found *before) {
    struct ht_ens_found *found = &round->ask->found;
    struct ht_evm_result result;
    found->resolver = before->resolver;
    found->is_wild = before->is_wild;
    enum ht_err err = call(&result, round, &found->resolver, ht_buf_view(&round->ask->call));
    return err == HT_OK ? judge(round, &result) : err;
}

static enum ht_err work(struct ht_run *run, const struct ht_run_place *place, struct ht_why *why) {
    struct ht_ens_ask *ask = ask_of(run);
    struct round round = {.ask = ask, .place = place, .why = why};
    const struct ht_ens_found before = ask->found;
    const struct ht_evm_rules *rules = place->rules;
    ask->found = (struct ht_ens_found){.kind = HT_ENS_NO_RESOLVER};
    ht_buf_clear(&ask->text);
    ht_buf_clear(&ask->lookup);
    ht_evm_world_begin(place->world);
    ht_evm_world_warm_from_start(place->world, rules->precompile_count,
                                 rules->has_p256verify ? P256VERIFY_NUMBER : 0,
                                 rules->has_warm_coinbase ? &place->block.coinbase : NULL);
    ht_buf_init(&round.call, HT_ENS_CALL_MAX);
    enum ht_err err = ask->call.n > 0 ? call_back(&round, &before) : resolve(&round);
    ht_buf_fini(&round.call);
    return err;
}

static void ran(struct ht_run *run) {
    ht_ens_ran(ask_of(run));
}

void ht_ens_run(struct ht_ens_ask *ask) {
    ask->run = (struct ht_run){.block = ask->block, .work = work, .done = ran};
    ht_run_start(ask->host->runner, &ask->run);
}
