/* Packages of off-chain attestations from any bytes: what is read can be hashed, judged and
 * written, and what was written reads back as the same. */
#include <stdlib.h>

#include "identity/eas/offchain_write.h"

#define ARENA_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void must_be_same(const struct ht_eas_offchain *a, struct ht_arena *arena, ht_bytes text) {
    struct ht_eas_offchain b;
    ht_hash32 of_a, of_b;
    must(ht_eas_offchain_read(&b, arena, text, NULL) == HT_OK);
    ht_eas_offchain_digest(&of_a, a);
    ht_eas_offchain_digest(&of_b, &b);
    must(ht_hash32_equal(&of_a, &of_b));
    must(ht_hash32_equal(&a->attestation.uid, &b.attestation.uid));
    must(strcmp(a->schema_text, b.schema_text) == 0);
    must(memcmp(&a->signature, &b.signature, sizeof a->signature) == 0);
}

static void check_written(const struct ht_eas_offchain *package, struct ht_arena *arena) {
    struct ht_buf text;
    json_t *json = ht_eas_offchain_json(package);
    must(json != NULL);
    /* Written out, names of the domain may take more bytes than they came with. */
    ht_buf_init(&text, HT_EAS_PACKAGE_MAX);
    if (ht_json_dump_compact(&text, json) == HT_OK) {
        must_be_same(package, arena, ht_buf_view(&text));
    }
    json_decref(json);
    ht_buf_clear(&text);
    if (ht_eas_offchain_url(&text, package, NULL) == HT_OK) {
        must_be_same(package, arena, ht_buf_view(&text));
    }
    ht_buf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_eas_offchain package;
    struct ht_why why = {.code = NULL};
    struct ht_arena arena;
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = ht_eas_offchain_read(&package, &arena, ht_bytes_of(data, n), &why);
    must(err == HT_OK || (why.code != NULL && strncmp(why.code, "json_", 5) != 0));
    if (err == HT_OK) {
        must(package.attestation.data.n <= HT_EAS_DATA_MAX && package.signature.y_parity <= 1);
        must(package.has_salt == (package.version == HT_EAS_OFFCHAIN_V2));
        err = ht_eas_offchain_verify(&package, package.chain_id, &package.contract, false, &why);
        must(err == HT_OK || err == HT_EUNVERIFIED);
        check_written(&package, &arena);
    }
    ht_arena_fini(&arena);
    return 0;
}
