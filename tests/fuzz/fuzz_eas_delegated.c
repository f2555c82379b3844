/* Delegated requests from any bytes, for contracts of three versions: what is read can be judged,
 * sent and written, and what was written reads back as the same. */
#include <stdlib.h>

#include "identity/eas/delegated.h"
#include "identity/eas/gas.h"
#include "node/codec/json.h"

#define TEXT_MAX ((size_t)1 << 18)
#define ARENA_MAX ((size_t)1 << 18)
#define CALL_MAX ((size_t)1 << 18)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void check(const struct ht_eas_signed *a, struct ht_arena *arena) {
    struct ht_eas_signed b;
    struct ht_buf call;
    json_t *json = NULL;
    uint8_t bytes[65];
    uint64_t gas = 0;
    const struct ht_eas_delegated *request = &a->request;
    enum ht_err err = ht_eas_delegated_signer(a, NULL);
    must(err == HT_OK || err == HT_EUNVERIFIED);
    must(request->attestation.data.n <= HT_EAS_DATA_MAX && a->signature.y_parity <= 1);
    must(ht_eas_delegated_json(&json, request, &a->signature, NULL) == HT_OK);
    must(ht_eas_delegated_read(&b, arena, request->contract, json, NULL) == HT_OK);
    must(ht_hash32_equal(&a->digest, &b.digest));
    must(memcmp(&a->signature, &b.signature, sizeof b.signature) == 0);
    json_decref(json);
    ht_buf_init(&call, CALL_MAX);
    ht_eas_delegated_bytes(bytes, &a->signature);
    must(ht_eas_delegated_call(&call, request, bytes, NULL) == HT_OK);
    err = ht_eas_gas(&gas, &request->attestation, 1, ht_buf_view(&call), NULL);
    must(err == HT_ELIMIT || gas > 0);
    ht_buf_fini(&call);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static const char *const VERSIONS[] = {"0.26", "1.2.0", "1.4.0"};
    json_t *document = NULL;
    if (ht_json_parse(&document, ht_bytes_of(data, n), TEXT_MAX, NULL) != HT_OK) return 0;
    for (size_t i = 0; i < sizeof VERSIONS / sizeof *VERSIONS; i++) {
        struct ht_eas_contract contract = {.chain_id = 31337, .layout = HT_EAS_1_4};
        struct ht_eas_signed read;
        struct ht_why why = {.code = NULL};
        struct ht_arena arena;
        memset(contract.eas.b, 0xea, sizeof contract.eas.b);
        memcpy(contract.version, VERSIONS[i], strlen(VERSIONS[i]) + 1);
        ht_arena_init(&arena, ARENA_MAX);
        enum ht_err err = ht_eas_delegated_read(&read, &arena, &contract, document, &why);
        must(err == HT_OK || (why.code != NULL && strncmp(why.code, "json_", 5) != 0));
        if (err == HT_OK) check(&read, &arena);
        ht_arena_fini(&arena);
    }
    json_decref(document);
    return 0;
}
