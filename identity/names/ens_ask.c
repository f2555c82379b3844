/* The registry's entry and the records of known resolvers, by storage proof; all else is handed on
 * to ens_run.c and ens_gateway.c. */
#include "identity/names/ens_ask.h"

#include <stdio.h>

#include <unistr.h>

#include "identity/names/ens_gateway.h"
#include "identity/names/ens_run.h"

#define MAINNET 1U
#define DEVNET 31337U

const ht_addr20 ht_ens_registry = {{0x00, 0x00, 0x00, 0x00, 0x00, 0x0c, 0x2e, 0x07, 0x4e, 0xc6,
                                    0x9a, 0x0d, 0xfb, 0x29, 0x97, 0xba, 0x6c, 0x7d, 0x2e, 0x1e}};

/* PublicResolver of 2023. */
static const ht_addr20 KNOWN = {{0x23, 0x1b, 0x0e, 0xe1, 0x40, 0x48, 0xe9, 0xdc, 0xcd, 0x1d,
                                 0x24, 0x77, 0x44, 0xd1, 0x14, 0xa4, 0xeb, 0x5e, 0x8e, 0x63}};

bool ht_ens_is_known_resolver(uint64_t chain_id, const ht_addr20 *resolver) {
    return (chain_id == MAINNET || chain_id == DEVNET) &&
           memcmp(resolver->b, KNOWN.b, sizeof KNOWN.b) == 0;
}

static struct ht_ens_ask *ask_of(struct ht_state_read *read) {
    return (struct ht_ens_ask *)((char *)read - offsetof(struct ht_ens_ask, read));
}

void ht_ens_end(struct ht_ens_ask *ask, enum ht_err err) {
    ask->err = err;
    ask->done(ask);
}

void ht_ens_ask_fini(struct ht_ens_ask *ask) {
    if (ask->request != NULL) ht_http_cancel(ask->request);
    ask->request = NULL;
    ht_buf_fini(&ask->text);
    ht_buf_fini(&ask->lookup);
    ht_buf_fini(&ask->call);
}

/* --- storage ---------------------------------------------------------------------------------- */

static void read_slots(struct ht_ens_ask *ask, const ht_addr20 *address, size_t count,
                       void (*done)(struct ht_state_read *read)) {
    ask->read = (struct ht_state_read){.block = ask->block,
                                       .address = *address,
                                       .slots = ask->slots,
                                       .slot_count = count,
                                       .done = done};
    ht_state_read(ask->host->state, &ask->read);
}

/* Ends the ask and the read when the read failed. */
static bool has_failed(struct ht_ens_ask *ask) {
    enum ht_err err = ask->read.err;
    if (err == HT_OK) {
        ask->header = ask->read.header;
        ask->is_final = ask->read.is_final;
        (void)snprintf(ask->source, sizeof ask->source, "%s", ask->read.source);
        return false;
    }
    ask->why = ask->read.why;
    ht_state_read_fini(&ask->read);
    ht_ens_end(ask, err);
    return true;
}

/* The record's bytes are there. */
static void got_bytes(struct ht_ens_ask *ask, ht_bytes bytes) {
    ask->has_record = bytes.n > 0;
    if (ask->record == HT_ENS_ADDRESS) {
        static const ht_addr20 zero;
        ask->has_record = bytes.n == sizeof zero.b && memcmp(bytes.p, zero.b, sizeof zero.b) != 0;
        if (ask->has_record) memcpy(ask->address.b, bytes.p, sizeof ask->address.b);
        ht_ens_end(ask, HT_OK);
        return;
    }
    enum ht_err err = HT_OK;
    if (bytes.n > 0 && u8_check(bytes.p, bytes.n) != NULL) {
        err = ht_fail(&ask->why, HT_EINPUT, "ens_utf8", "the record is not UTF-8");
    } else if (ht_buf_add(&ask->text, bytes) != HT_OK) {
        err = ht_fail(&ask->why, HT_ENOMEM, "no_memory", "out of memory");
    }
    ht_ens_end(ask, err);
}

static void got_more(struct ht_state_read *read) {
    struct ht_ens_ask *ask = ask_of(read);
    uint8_t bytes[HT_ENS_TEXT_MAX];
    size_t n = 0, more = 0;
    if (has_failed(ask)) return;
    enum ht_err err = ht_ens_bytes_length(&n, &more, ask->first, HT_ENS_TEXT_MAX, &ask->why);
    ht_assert(err == HT_OK && more == read->slot_count && n <= sizeof bytes);
    memcpy(bytes, read->values, n);
    ht_state_read_fini(read);
    got_bytes(ask, ht_bytes_of(bytes, n));
}

static void got_first(struct ht_state_read *read) {
    struct ht_ens_ask *ask = ask_of(read);
    size_t n = 0, more = 0;
    if (has_failed(ask)) return;
    memcpy(ask->first, read->values[0], sizeof ask->first);
    ht_state_read_fini(read);
    enum ht_err err = ht_ens_bytes_length(&n, &more, ask->first, HT_ENS_TEXT_MAX, &ask->why);
    if (err != HT_OK) {
        ht_ens_end(ask, err);
    } else if (more == 0) {
        got_bytes(ask, ht_bytes_of(ask->first, n));
    } else {
        for (size_t i = 0; i < more; i++) ht_ens_bytes_slot(&ask->slots[i], &ask->slot, i);
        read_slots(ask, &ask->resolver, more, got_more);
    }
}

static void find_slot(struct ht_ens_ask *ask) {
    switch (ask->record) {
    case HT_ENS_ADDRESS:
        ht_ens_address_slot(&ask->slot, &ask->node, ask->version, HT_ENS_COIN_ETH);
        break;
    case HT_ENS_NAME: ht_ens_name_slot(&ask->slot, &ask->node, ask->version); break;
    case HT_ENS_TEXT:
        ht_ens_text_slot(&ask->slot, &ask->node, ask->version, ht_bytes_str(ask->key));
        break;
    }
}

static void got_version(struct ht_state_read *read) {
    struct ht_ens_ask *ask = ask_of(read);
    if (has_failed(ask)) return;
    ask->version = 0;
    for (size_t i = 24; i < 32; i++) ask->version = ask->version << 8 | read->values[0][i];
    ht_state_read_fini(read);
    find_slot(ask);
    ask->slots[0] = ask->slot;
    read_slots(ask, &ask->resolver, 1, got_first);
}

/* --- the registry ----------------------------------------------------------------------------- */

static bool is_zero(const uint8_t *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (p[i] != 0) return false;
    }
    return true;
}

/* The entry is the owner, and the resolver with a time to live. Without an owner the registry asks
 * the one before it. */
static void got_entry(struct ht_state_read *read) {
    struct ht_ens_ask *ask = ask_of(read);
    if (has_failed(ask)) return;
    bool has_code = read->exists && memcmp(read->account.code_hash.b, ht_account_empty_code_hash.b,
                                           sizeof ht_account_empty_code_hash.b) != 0;
    bool has_entry = !is_zero(read->values[0], 32);
    memcpy(ask->resolver.b, read->values[1] + 12, sizeof ask->resolver.b);
    ht_state_read_fini(read);
    ask->block = (struct ht_block_id){.kind = HT_BLOCK_HASH, .hash = ask->header.hash};
    if (!has_code) {
        ht_ens_end(ask, ht_fail(&ask->why, HT_ENOTFOUND, "ens_not_here",
                                "the network %s has no ENS", ask->host->network->name));
    } else if (has_entry &&
               ht_ens_is_known_resolver(ask->host->network->chain_id, &ask->resolver)) {
        ask->how = HT_ENS_STORAGE;
        ask->has_resolver = true;
        ht_ens_version_slot(&ask->slots[0], &ask->node);
        read_slots(ask, &ask->resolver, 1, got_version);
    } else {
        ask->how = HT_ENS_CALL;
        ask->resolver = (ht_addr20){{0}};
        ht_ens_run(ask);
    }
}

void ht_ens_ran(struct ht_ens_ask *ask) {
    enum ht_err err = ask->run.err;
    ask->why = ask->run.why;
    if (err == HT_OK) {
        ask->header = ask->run.header;
        ask->is_final = ask->run.is_final;
        if (ask->how == HT_ENS_CALL) {
            (void)snprintf(ask->source, sizeof ask->source, "%s", ask->run.source);
        }
    }
    ht_run_fini(&ask->run);
    ask->resolver = ask->found.resolver;
    ask->has_resolver = err == HT_OK && ask->found.kind != HT_ENS_NO_RESOLVER;
    if (err != HT_OK || ask->found.kind == HT_ENS_NO_RESOLVER) {
        ht_ens_end(ask, err);
    } else if (ask->found.kind == HT_ENS_FAILED) {
        ht_ens_end(ask, ht_fail(&ask->why, HT_ENOTFOUND, "ens_resolver_failed",
                                "the name's resolver gives no answer"));
    } else if (ask->found.kind == HT_ENS_LOOKUP) {
        ht_ens_follow(ask);
    } else {
        ask->address = ask->found.address;
        ask->has_record = ask->record == HT_ENS_ADDRESS
                              ? !is_zero(ask->address.b, sizeof ask->address.b)
                              : ask->text.n > 0;
        ht_ens_end(ask, HT_OK);
    }
}

void ht_ens_ask(struct ht_ens_ask *ask) {
    ht_buf_init(&ask->text, HT_ENS_TEXT_MAX);
    ht_buf_init(&ask->lookup, HT_ENS_LOOKUP_MAX);
    ht_buf_init(&ask->call, HT_ENS_CALL_MAX);
    enum ht_err err = ht_ens_namehash(&ask->node, ht_bytes_str(ask->name), &ask->why);
    if (err != HT_OK) {
        ht_ens_end(ask, err);
        return;
    }
    ht_ens_registry_slots(ask->slots, &ask->node);
    read_slots(ask, &ht_ens_registry, 2, got_entry);
}
