/* Fuzzes the reading of JSON-RPC answers, and the search for whose they are: first byte says how
 * many questions were asked. */
#include "node/net/jsonrpc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A lone answer that reads well has the id that the search finds. */
static void find_id(ht_bytes text) {
    struct ht_jsonrpc_answer answer;
    struct ht_why why = {0};
    uint64_t id;
    enum ht_err err = ht_jsonrpc_find_id(&id, text, &why);
    if (err != HT_OK) {
        ht_assert(why.code != NULL && (err == HT_EINPUT || err == HT_ENOTFOUND));
        return;
    }
    ht_assert(id <= INT64_MAX);
    if (ht_jsonrpc_read(&answer, 1, id, text, 65536, NULL) == HT_OK) ht_jsonrpc_free(&answer, 1);
    if (ht_jsonrpc_read(&answer, 1, 7, text, 65536, NULL) != HT_OK) return;
    /* Read with id 7: found as 7, but for an error without an id. */
    ht_assert(id == 7 || answer.refusal != HT_JSONRPC_ANSWERED);
    ht_jsonrpc_free(&answer, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct ht_jsonrpc_answer answers[HT_JSONRPC_BATCH_MAX];
    struct ht_why why = {0};
    if (size == 0) return 0;
    find_id(ht_bytes_of(data + 1, size - 1));
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
