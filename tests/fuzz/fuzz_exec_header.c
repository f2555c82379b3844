/* Execution headers from any bytes, as RLP or, when they begin with "{", as JSON.
 *
 * What is accepted must encode back to the same bytes, hash to the hash it was given, read back
 * from our own JSON, and be verified by that hash and by no other. */
#include <stdlib.h>

#include "node/crypto/keccak.h"
#include "node/l1/execution/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void judge_proof(const struct ht_exec_header_claimed *claimed) {
    struct ht_header_verified beacon = {.has_execution = true};
    struct ht_exec_header_verified verified;
    struct ht_exec_hash_proven proven;
    beacon.execution_block_hash = claimed->hash;
    must(ht_exec_hash_of_beacon(&proven, &beacon, NULL) == HT_OK);
    must(ht_exec_header_verify(&verified, claimed, &proven, NULL) == HT_OK);
    bool is_first = ht_exec_hash_of_parent(&proven, &verified, NULL) != HT_OK;
    must(is_first == (claimed->header.number == 0));
    if (is_first) return;
    must(ht_exec_header_verify(&verified, claimed, &proven, NULL) == HT_EUNVERIFIED);
}

static void judge(const struct ht_exec_header_claimed *claimed) {
    struct ht_exec_header_claimed back;
    struct ht_buf rlp;
    ht_hash32 hash;
    json_t *object = NULL;
    ht_buf_init(&rlp, HT_EXEC_HEADER_RLP_MAX);
    must(ht_exec_header_encode(&rlp, &claimed->header) == HT_OK);
    ht_keccak256(&hash, ht_buf_view(&rlp));
    must(ht_hash32_equal(&hash, &claimed->hash));
    must(ht_exec_header_decode(&back, ht_buf_view(&rlp), NULL) == HT_OK);
    must(ht_hash32_equal(&hash, &back.hash));
    must(ht_exec_header_to_json(&object, &claimed->header, &hash) == HT_OK);
    must(ht_exec_header_from_json(&back, object, NULL) == HT_OK);
    must(ht_hash32_equal(&hash, &back.hash));
    judge_proof(claimed);
    json_decref(object);
    ht_buf_fini(&rlp);
}

static void run_json(ht_bytes text) {
    struct ht_exec_header_claimed claimed;
    struct ht_why why = {.code = NULL};
    json_t *object = NULL;
    if (ht_json_parse(&object, text, text.n, NULL) != HT_OK) return;
    /* No fuzzer finds the hash. */
    if (json_is_object(object)) (void)json_object_del(object, "hash");
    enum ht_err err = ht_exec_header_from_json(&claimed, object, &why);
    must(err == HT_OK || why.code != NULL);
    if (err == HT_OK) judge(&claimed);
    json_decref(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_exec_header_claimed claimed;
    struct ht_why why = {.code = NULL};
    if (n > 0 && data[0] == '{') {
        run_json(ht_bytes_of(data, n));
        return 0;
    }
    enum ht_err err = ht_exec_header_decode(&claimed, ht_bytes_of(data, n), &why);
    must(err == HT_OK || why.code != NULL);
    if (err != HT_OK) return 0;
    struct ht_buf again;
    ht_buf_init(&again, HT_EXEC_HEADER_RLP_MAX);
    must(ht_exec_header_encode(&again, &claimed.header) == HT_OK);
    must(ht_bytes_equal(ht_buf_view(&again), ht_bytes_of(data, n)));
    ht_buf_fini(&again);
    judge(&claimed);
    return 0;
}
