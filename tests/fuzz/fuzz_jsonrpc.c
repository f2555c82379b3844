/* Fuzzes the reading of JSON-RPC answers: first byte says how many questions were asked. */
#include "node/net/jsonrpc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct ht_jsonrpc_answer answers[HT_JSONRPC_BATCH_MAX];
    struct ht_why why = {0};
    if (size == 0) return 0;
    size_t count = 1 + data[0] % HT_JSONRPC_BATCH_MAX;
    enum ht_err err =
        ht_jsonrpc_read(answers, count, 7, ht_bytes_of(data + 1, size - 1), 65536, &why);
    if (err != HT_OK) {
        ht_assert(why.code != NULL);
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        bool is_answered = answers[i].refusal == HT_JSONRPC_ANSWERED;
        ht_assert(is_answered == (answers[i].result != NULL));
    }
    ht_jsonrpc_free(answers, count);
    return 0;
}
