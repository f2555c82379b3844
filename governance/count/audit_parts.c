/* Receipts, logs and proofs written down. What is not proven (hashes of transactions, senders,
 * prices) is left out. */
#include "governance/count/audit_parts.h"

#include <stdlib.h>

#include "governance/text.h"

static json_t *topics_json(const struct ht_log *log) {
    json_t *out = json_array();
    for (size_t i = 0; out != NULL && i < log->topic_count; i++) {
        if (json_array_append_new(out, ht_rpc_data(HT_BYTES(log->topics[i].b))) == 0) continue;
        json_decref(out);
        out = NULL;
    }
    return out;
}

json_t *ht_gov_audit_log_json(const struct ht_log *log, const struct ht_gov_audit_place *place) {
    struct ht_rpc_object out;
    ht_rpc_begin(&out);
    ht_rpc_put_data(&out, "address", HT_BYTES(log->address.b));
    ht_rpc_put(&out, "topics", topics_json(log));
    ht_rpc_put_data(&out, "data", log->data);
    ht_rpc_put_data(&out, "blockHash", HT_BYTES(place->block_hash.b));
    ht_rpc_put_u64(&out, "blockNumber", place->block);
    ht_rpc_put_u64(&out, "transactionIndex", place->transaction);
    ht_rpc_put_u64(&out, "logIndex", place->log);
    ht_rpc_put_bool(&out, "removed", false);
    return ht_rpc_end(&out);
}

/* Adds its logs to place->log. */
static json_t *receipt_json(const struct ht_receipt *receipt, struct ht_gov_audit_place *place) {
    struct ht_rpc_object out;
    json_t *logs = json_array();
    for (size_t i = 0; i < receipt->log_count && logs != NULL; i++, place->log++) {
        json_t *log = ht_gov_audit_log_json(&receipt->logs[i], place);
        if (json_array_append_new(logs, log) == 0) continue;
        json_decref(logs);
        logs = NULL;
    }
    ht_rpc_begin(&out);
    ht_rpc_put_data(&out, "blockHash", HT_BYTES(place->block_hash.b));
    ht_rpc_put_u64(&out, "blockNumber", place->block);
    ht_rpc_put_u64(&out, "transactionIndex", place->transaction);
    ht_rpc_put_u64(&out, "type", (uint64_t)receipt->type);
    if (receipt->has_state_root) {
        ht_rpc_put_data(&out, "root", HT_BYTES(receipt->state_root.b));
    } else {
        ht_rpc_put_u64(&out, "status", receipt->is_success ? 1 : 0);
    }
    ht_rpc_put_u64(&out, "cumulativeGasUsed", receipt->cumulative_gas_used);
    ht_rpc_put_data(&out, "logsBloom", HT_BYTES(receipt->logs_bloom));
    ht_rpc_put(&out, "logs", logs);
    return ht_rpc_end(&out);
}

json_t *ht_gov_audit_receipts_json(const struct ht_receipt *receipts, size_t count,
                                   const struct ht_exec_header_verified *header) {
    json_t *out = json_array();
    struct ht_gov_audit_place place = {.block_hash = header->hash, .block = header->header.number};
    for (size_t i = 0; out != NULL && i < count; i++) {
        place.transaction = i;
        if (json_array_append_new(out, receipt_json(&receipts[i], &place)) == 0) continue;
        json_decref(out);
        out = NULL;
    }
    return out;
}

static json_t *nodes_json(const struct ht_proof_nodes *proof) {
    json_t *out = json_array();
    for (size_t i = 0; out != NULL && i < proof->count; i++) {
        if (json_array_append_new(out, ht_rpc_data(proof->nodes[i])) == 0) continue;
        json_decref(out);
        out = NULL;
    }
    return out;
}

/* --- receipts one by one ---------------------------------------------------------------------- */

static enum ht_err add_node(void *user, ht_bytes node, struct ht_why *why) {
    return ht_witness_add(user, node, why);
}

/* All receipts as the trie holds them, one behind the other; false without memory. */
static bool encode_all(struct ht_buf *bytes, ht_bytes *views, const struct ht_receipt *receipts,
                       size_t count) {
    size_t from = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t before = bytes->n;
        if (ht_receipt_encode(bytes, &receipts[i]) != HT_OK) return false;
        views[i].n = bytes->n - before;
    }
    for (size_t i = 0; i < count; i++) {
        views[i].p = bytes->p + from;
        from += views[i].n;
    }
    return true;
}

/* Adds the nodes on the way to a receipt that are not in the list yet. */
static bool add_path(json_t *list, struct ht_witness *listed, struct ht_witness *all,
                     const ht_hash32 *root, size_t index) {
    ht_bytes nodes[HT_GET_PROOF_NODES_MAX], value;
    uint8_t key[HT_TRIE_INDEX_KEY_MAX];
    size_t count = 0;
    const ht_bytes path = ht_bytes_of(key, ht_trie_index_key(key, index));
    bool is_good = ht_witness_path(&value, nodes, &count, HT_GET_PROOF_NODES_MAX, all, root, path,
                                   NULL) == HT_OK;
    for (size_t i = 0; is_good && i < count; i++) {
        const size_t before = listed->count;
        is_good = ht_witness_add(listed, nodes[i], NULL) == HT_OK;
        if (!is_good || listed->count == before) continue;
        is_good = json_array_append_new(list, ht_rpc_data(nodes[i])) == 0;
    }
    return is_good;
}

static json_t *place_json(size_t index, size_t logs_before) {
    struct ht_rpc_object out;
    ht_rpc_begin(&out);
    ht_rpc_put_u64(&out, "transactionIndex", index);
    ht_rpc_put_u64(&out, "logsBefore", logs_before);
    return ht_rpc_end(&out);
}

json_t *ht_gov_audit_paths_json(const struct ht_receipt *receipts, size_t count,
                                const ht_hash32 *root,
                                bool (*wants)(const void *user, const struct ht_receipt *receipt),
                                const void *user) {
    struct ht_buf bytes;
    struct ht_witness all, listed;
    ht_hash32 made;
    const struct ht_trie_visitor visitor = {add_node, &all};
    json_t *nodes = json_array(), *list = json_array();
    ht_bytes *views = calloc(count + 1, sizeof *views);
    size_t logs = 0;
    ht_buf_init(&bytes, HT_RECEIPT_SIZE_MAX);
    ht_witness_init(&all, 4 * HT_TRIE_LIST_MAX, 2 * HT_RECEIPT_SIZE_MAX);
    ht_witness_init(&listed, 4 * HT_TRIE_LIST_MAX, 2 * HT_RECEIPT_SIZE_MAX);
    bool is_good = nodes != NULL && list != NULL && views != NULL &&
                   encode_all(&bytes, views, receipts, count) &&
                   ht_trie_list_root(&made, views, count, &visitor, NULL) == HT_OK;
    for (size_t i = 0; is_good && i < count; i++) {
        if (wants(user, &receipts[i])) {
            is_good = add_path(nodes, &listed, &all, root, i) &&
                      json_array_append_new(list, place_json(i, logs)) == 0;
        }
        logs += receipts[i].log_count;
    }
    ht_witness_fini(&all);
    ht_witness_fini(&listed);
    ht_buf_fini(&bytes);
    free(views);
    if (is_good) return json_pack("{s:o, s:o}", "nodes", nodes, "proofs", list);
    json_decref(nodes);
    json_decref(list);
    return NULL;
}

/* --- proofs ----------------------------------------------------------------------------------- */

static void put_quantity(struct ht_rpc_object *out, const char *key, const uint8_t *be32) {
    const ht_u256 value = ht_u256_from_be32(be32);
    ht_rpc_put_u256(out, key, &value);
}

json_t *ht_gov_audit_account_json(const struct ht_get_proof *proof) {
    struct ht_rpc_object out;
    ht_rpc_begin(&out);
    ht_rpc_put_data(&out, "address", HT_BYTES(proof->address.b));
    put_quantity(&out, "balance", proof->balance);
    put_quantity(&out, "nonce", proof->nonce);
    ht_rpc_put_data(&out, "codeHash", HT_BYTES(proof->code_hash.b));
    ht_rpc_put_data(&out, "storageHash", HT_BYTES(proof->storage_root.b));
    ht_rpc_put(&out, "accountProof", nodes_json(&proof->proof));
    ht_rpc_put(&out, "storageProof", json_array());
    return ht_rpc_end(&out);
}

json_t *ht_gov_audit_slot_json(const struct ht_slot_claim *slot) {
    struct ht_rpc_object out;
    ht_rpc_begin(&out);
    ht_rpc_put_data(&out, "key", HT_BYTES(slot->slot.b));
    put_quantity(&out, "value", slot->value);
    ht_rpc_put(&out, "proof", nodes_json(&slot->proof));
    return ht_rpc_end(&out);
}

json_t *ht_gov_audit_network_json(const struct ht_network *network) {
    return json_pack("{s:s, s:I, s:o}", "name", network->name, "chain_id",
                     (json_int_t)network->chain_id, "genesis_validators_root",
                     ht_gov_hex_json(HT_BYTES(network->genesis_validators_root.b)));
}
