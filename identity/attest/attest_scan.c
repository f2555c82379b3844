/* Looking through logs: once for those who received, once for those who attested; each uid that is
 * found is then proven by storage and kept, as when it is imported. */
#include "identity/attest/attest_scan.h"

#include <stdlib.h>

#include "identity/attest/attest_import.h"
#include "identity/attest/attest_json.h"
#include "identity/keys/accounts.h"
#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/crypto/keccak.h"

#define SCAN_BLOCKS_MAX 8191U /* behind finality: further ones are for attest.find */
#define FOUND_MAX 1024U

struct ht_attest_scan {
    struct ht_identity *identity;
    struct ht_rpc_call *call; /* of attest.find; NULL: it follows finality */
    uint64_t from, to;
    struct ht_log_filter filter;
    struct ht_logs_read read;
    bool is_attesters; /* the second of both */
    json_t *gaps;
    ht_hash32 uids[FOUND_MAX];
    size_t count, at, added;
    bool is_starting, is_answered;
};

static void finish(struct ht_attest_scan *scan, enum ht_err err, const struct ht_why *why) {
    struct ht_identity *identity = scan->identity;
    if (scan->call != NULL && err == HT_OK) {
        ht_rpc_finish(scan->call, json_pack("{s:I, s:I, s:O}", "found", (json_int_t)scan->count,
                                            "added", (json_int_t)scan->added, "gaps", scan->gaps));
    } else if (scan->call != NULL) {
        ht_rpc_refuse(scan->call, err, why);
    } else {
        bool is_complete = err == HT_OK && json_array_size(scan->gaps) == 0;
        const struct ht_attest_change change = {.scanned = &scan->to};
        if (is_complete) ht_attest_keep(identity, &change);
        if (err != HT_OK) ht_log(HT_LOG_DEBUG, "attest", "logs were not read: %s", why->text);
        identity->attest->scan = NULL;
    }
    ht_log_filter_fini(&scan->filter);
    json_decref(scan->gaps);
    free(scan);
}

/* --- each that was found ---------------------------------------------------------------------- */

static void go_on(struct ht_attest_scan *scan);

static void on_taken(void *user, enum ht_err err, const struct ht_why *why,
                     const struct ht_attest_item *item, json_t *steps) {
    struct ht_attest_scan *scan = user;
    (void)item;
    (void)steps;
    if (err == HT_OK) {
        scan->added++;
    } else {
        ht_log(HT_LOG_INFO, "attest", "one that was found is not kept: %s", why->text);
    }
    scan->is_answered = true;
    if (!scan->is_starting) go_on(scan);
}

static bool is_kept(const struct ht_attest *attest, const ht_hash32 *uid) {
    for (size_t i = 0; i < attest->count; i++) {
        const struct ht_attest_row *row = &attest->items[i]->row;
        if (row->is_onchain && ht_hash32_equal(&row->attestation.uid, uid)) return true;
    }
    return false;
}

static void go_on(struct ht_attest_scan *scan) {
    const struct ht_attest *attest = scan->identity->attest;
    while (scan->is_answered && scan->at < scan->count && !attest->is_quitting) {
        const ht_hash32 *uid = &scan->uids[scan->at++];
        if (is_kept(attest, uid)) continue;
        const struct ht_attest_taken taken = {on_taken, scan};
        scan->is_answered = false;
        scan->is_starting = true;
        ht_attest_take_uid(scan->identity, uid, &taken);
        scan->is_starting = false;
    }
    struct ht_why why = {0};
    if (!scan->is_answered) return;
    enum ht_err err = HT_OK;
    if (scan->at < scan->count) err = ht_fail(&why, HT_EAGAIN, "stopping", "the node stops");
    finish(scan, err, &why);
}

/* --- logs ------------------------------------------------------------------------------------- */

static void start_logs(struct ht_attest_scan *scan);

static void add_found(struct ht_attest_scan *scan, const json_t *logs) {
    for (size_t i = 0; i < json_array_size(logs); i++) {
        ht_hash32 uid;
        bool is_known =
            scan->count == FOUND_MAX ||
            ht_json_hex(uid.b, sizeof uid.b, json_array_get(logs, i), "data", NULL) != HT_OK;
        for (size_t k = 0; !is_known && k < scan->count; k++)
            is_known = ht_hash32_equal(&scan->uids[k], &uid);
        if (!is_known) scan->uids[scan->count++] = uid;
    }
}

static void add_gaps(struct ht_attest_scan *scan, const struct ht_logs_read *read) {
    for (size_t i = 0; i < read->gap_count; i++) {
        const struct ht_logs_gap *gap = &read->gaps[i];
        (void)json_array_append_new(scan->gaps,
                                    json_pack("{s:I, s:I, s:s}", "from", (json_int_t)gap->from,
                                              "to", (json_int_t)gap->to, "why", gap->why.text));
    }
}

static void on_logs(struct ht_logs_read *read) {
    struct ht_attest_scan *scan =
        (struct ht_attest_scan *)((char *)read - offsetof(struct ht_attest_scan, read));
    enum ht_err err = read->err;
    struct ht_why why = read->why;
    if (err == HT_OK) {
        add_found(scan, read->logs);
        add_gaps(scan, read);
    }
    ht_logs_read_fini(read);
    if (err != HT_OK) {
        finish(scan, err, &why);
    } else if (!scan->is_attesters) {
        scan->is_attesters = true;
        ht_log_filter_fini(&scan->filter);
        start_logs(scan);
    } else {
        scan->is_answered = true;
        go_on(scan);
    }
}

static json_t *accounts_json(const struct ht_identity *identity) {
    json_t *list = json_array();
    for (size_t i = 0; i < ht_accounts_count(identity); i++) {
        ht_hash32 topic = {{0}};
        memcpy(topic.b + 12, ht_accounts_at(identity, i)->address.b, 20);
        (void)json_array_append_new(list, ht_attest_hex_json(HT_BYTES(topic.b)));
    }
    return list;
}

static enum ht_err make_filter(struct ht_attest_scan *scan, struct ht_why *why) {
    static const char EVENT[] = "Attested(address,address,bytes32,bytes32)";
    struct ht_eas_contract contract;
    enum ht_err err = ht_contracts_eas(&contract, scan->identity->host->network, why);
    if (err != HT_OK) return err;
    ht_hash32 topic;
    ht_keccak256(&topic, ht_bytes_str(EVENT));
    json_t *event = ht_attest_hex_json(HT_BYTES(topic.b));
    json_t *topics = scan->is_attesters
                         ? json_pack("[o, n, o]", event, accounts_json(scan->identity))
                         : json_pack("[o, o]", event, accounts_json(scan->identity));
    json_t *object = json_pack("{s:o, s:o}", "address",
                               ht_attest_hex_json(HT_BYTES(contract.eas.b)), "topics", topics);
    if (object == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    err = ht_log_filter_read(&scan->filter, object, why);
    json_decref(object);
    return err;
}

static void start_logs(struct ht_attest_scan *scan) {
    struct ht_why why = {0};
    enum ht_err err = make_filter(scan, &why);
    if (err != HT_OK) {
        finish(scan, err, &why);
        return;
    }
    scan->read = (struct ht_logs_read){
        .from = {.kind = HT_BLOCK_NUMBER, .number = scan->from},
        .to = {.kind = HT_BLOCK_NUMBER, .number = scan->to},
        .filter = scan->filter,
        .done = on_logs,
    };
    ht_logs_read(scan->identity->host->blocks, &scan->read);
}

static struct ht_attest_scan *new_scan(struct ht_identity *identity, uint64_t from, uint64_t to) {
    struct ht_attest_scan *scan = calloc(1, sizeof *scan);
    if (scan == NULL) return NULL;
    scan->identity = identity;
    scan->from = from;
    scan->to = to;
    scan->gaps = json_array();
    return scan;
}

/* An empty list of accounts would match everybody. */
static bool has_accounts(const struct ht_identity *identity) {
    return ht_accounts_count(identity) > 0;
}

void ht_attest_scan_to(struct ht_identity *identity, uint64_t number) {
    struct ht_attest *attest = identity->attest;
    uint64_t from = attest->has_scanned ? attest->scanned + 1 : number;
    if (attest->scan != NULL || from > number) return;
    if (!has_accounts(identity)) {
        const struct ht_attest_change change = {.scanned = &number};
        ht_attest_keep(identity, &change);
        return;
    }
    if (number - from >= SCAN_BLOCKS_MAX) {
        ht_log(HT_LOG_WARN, "attest",
               "blocks %llu to %llu were not looked through for attestations",
               (unsigned long long)from, (unsigned long long)(number - SCAN_BLOCKS_MAX));
        from = number - SCAN_BLOCKS_MAX + 1;
    }
    attest->scan = new_scan(identity, from, number);
    if (attest->scan != NULL) start_logs(attest->scan);
}

void ht_attest_find(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_identity *identity = self;
    struct ht_why why = {0};
    uint64_t from = 0, to = 0;
    enum ht_err err = ht_json_u64(&from, params, "from", &why);
    if (err == HT_OK) err = ht_json_u64(&to, params, "to", &why);
    if (err == HT_OK && !has_accounts(identity))
        err = ht_fail(&why, HT_EDENIED, "no_accounts", "the wallet has no accounts yet");
    struct ht_attest_scan *scan = err == HT_OK ? new_scan(identity, from, to) : NULL;
    if (err == HT_OK && scan == NULL) err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        return;
    }
    scan->call = call;
    start_logs(scan);
}
