/* A proven account as JSON, for every door but Ethereum's own. */
#include "node/l1/state_json.h"

#include <stdlib.h>

#include "node/base/hex.h"
#include "node/base/u256.h"
#include "node/l1/chain_span.h"

static int add_storage(json_t *out, const struct ht_state_read *read) {
    json_t *storage = json_object();
    for (size_t i = 0; i < read->slot_count; i++) {
        char slot[HT_HEX_SIZE(32)], value[HT_HEX_SIZE(32)];
        ht_hex_write(slot, HT_BYTES(read->slots[i].b));
        ht_hex_write(value, HT_BYTES(read->values[i]));
        json_object_set_new(storage, slot, json_string(value));
    }
    return json_object_set_new(out, "storage", storage);
}

static int add_code(json_t *out, const struct ht_state_read *read) {
    char *text = malloc(HT_HEX_SIZE(read->code.n));
    if (text == NULL) return -1;
    ht_hex_write(text, ht_buf_view(&read->code));
    int failed = json_object_set_new(out, "code", json_string(text));
    free(text);
    return failed;
}

enum ht_err ht_state_account_json(json_t **out, const struct ht_state_read *read,
                                  struct ht_why *why) {
    char address[HT_HEX_SIZE(20)], balance[HT_U256_DECIMAL_SIZE];
    ht_u256 wei = ht_u256_from_be32(read->account.balance);
    (void)ht_u256_to_decimal(balance, &wei);
    ht_hex_write(address, HT_BYTES(read->address.b));
    json_t *provenance = ht_chain_provenance_json(ht_state_chain(read->state), &read->header,
                                                  read->is_final, read->source);
    *out =
        json_pack("{s:s, s:b, s:s, s:I, s:o, s:o, s:o}", "address", address, "exists",
                  (int)read->exists, "balance", balance, "nonce", (json_int_t)read->account.nonce,
                  "code_hash", ht_chain_hash_json(&read->account.code_hash), "storage_root",
                  ht_chain_hash_json(&read->account.storage_root), "provenance", provenance);
    int failed = *out == NULL;
    if (failed == 0 && read->slot_count > 0) failed = add_storage(*out, read);
    if (failed == 0 && read->wants_code) failed = add_code(*out, read);
    if (failed == 0) return HT_OK;
    json_decref(*out);
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}
