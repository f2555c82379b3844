/* The signer of wallet_bench.h: its keys are a byte repeated, its answers come when a test says. */
#ifndef HT_TESTS_UNIT_WALLET_SIGNER_H
#define HT_TESTS_UNIT_WALLET_SIGNER_H

#include <secp256k1_recovery.h>

#include "node/codec/eip712.h"
#include "node/crypto/keccak.h"
#include "node/crypto/sha256.h"
#include "tests/unit/wallet_bench.h"

enum ht_err ht_signer_ask(struct ht_signer *signer, struct ht_signer_call *call,
                          const struct ht_signer_field *fields, size_t count) {
    assert_non_null(signer);
    assert_int_equal(count, 2);
    if (bench.is_busy) return HT_EAGAIN;
    assert_null(bench.asked);
    assert_int_equal(fields[0].tag, HT_SIGNER_TAG_KEY);
    assert_int_equal(fields[1].tag, HT_SIGNER_TAG_DATA);
    assert_true(fields[1].bytes.n <= sizeof bench.asked_data);
    (void)snprintf(bench.asked_key, sizeof bench.asked_key, "%.*s", (int)fields[0].bytes.n,
                   (const char *)fields[0].bytes.p);
    memcpy(bench.asked_data, fields[1].bytes.p, fields[1].bytes.n);
    bench.asked_n = fields[1].bytes.n;
    bench.asked = call;
    return HT_OK;
}

static void bench_digest(ht_hash32 *out, enum ht_signer_request request, ht_bytes data) {
    ht_hash32 parts[2];
    if (request == HT_SIGNER_SIGN_TX) {
        ht_keccak256(out, data);
    } else if (request == HT_SIGNER_SIGN_TEXT) {
        ht_eip191_digest(out, data);
    } else if (request == HT_SIGNER_SIGN_JWT) {
        ht_sha256(out, data);
    } else {
        assert_int_equal(request, HT_SIGNER_SIGN_TYPED);
        assert_int_equal(data.n, sizeof parts);
        memcpy(parts, data.p, sizeof parts);
        ht_eip712_digest(out, &parts[0], &parts[1]);
    }
}

static void bench_sign(uint8_t out[65], const ht_hash32 *digest, uint8_t key_byte) {
    uint8_t key[32];
    int parity = 0;
    secp256k1_ecdsa_recoverable_signature signature;
    secp256k1_context *context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    memset(key, key_byte, sizeof key);
    assert_int_equal(
        secp256k1_ecdsa_sign_recoverable(context, &signature, digest->b, key, NULL, NULL), 1);
    secp256k1_ecdsa_recoverable_signature_serialize_compact(context, out, &parity, &signature);
    out[64] = (uint8_t)parity;
    secp256k1_context_destroy(context);
}

static void bench_address(ht_addr20 *out, uint8_t key_byte) {
    ht_hash32 digest = {{7}};
    uint8_t raw[65];
    bench_sign(raw, &digest, key_byte);
    struct ht_ecdsa_signature signature = {.y_parity = raw[64]};
    memcpy(signature.r, raw, 32);
    memcpy(signature.s, raw + 32, 32);
    assert_int_equal(ht_ecdsa_recover_address(out, &digest, &signature, HT_ECDSA_LOW_S, NULL),
                     HT_OK);
}

/* The signer answers what it was asked. */
static inline void bench_signer_answers(void) {
    struct ht_signer_call *call = bench.asked;
    assert_non_null(call);
    bench.asked = NULL;
    ht_hash32 digest;
    uint8_t signature[65];
    bench_digest(&digest, call->request, ht_bytes_of(bench.asked_data, bench.asked_n));
    bench_sign(signature, &digest, bench.signs_wrongly ? 2 : 1);
    call->reply.fields[0] = (struct ht_signer_field){HT_SIGNER_TAG_SIGNATURE, HT_BYTES(signature)};
    call->reply.field_count = 1;
    call->done(call);
}

#endif
