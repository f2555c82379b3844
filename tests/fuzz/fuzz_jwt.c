/* Tokens from any bytes: what is read lies inside of the text and is signed by nobody that we know;
 * and base64, where every text that is read is the only one for its bytes. */
#include <stdlib.h>

#include "identity/credentials/jwt.h"
#include "node/codec/base64.h"
#include "node/codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void try_base64(enum ht_base64 form, ht_bytes text) {
    struct ht_buf bytes, again;
    ht_buf_init(&bytes, HT_JWT_MAX);
    ht_buf_init(&again, HT_JWT_MAX * 2);
    if (ht_base64_read(&bytes, form, text) == HT_OK) {
        must(ht_base64_write(&again, form, ht_buf_view(&bytes)) == HT_OK);
        must(ht_bytes_equal(ht_buf_view(&again), text));
    } else {
        must(bytes.n == 0);
    }
    ht_buf_fini(&bytes);
    ht_buf_fini(&again);
}

static void try_keys(const struct ht_jwt *jwt) {
    /* Of the generator, of nobody, and of Ed25519's base point. */
    static const struct ht_jwt_key keys[] = {
        {.kind = HT_JWT_KEY_SECP256K1,
         .key = {0x02, 0x79, 0xbe, 0x66, 0x7e, 0xf9, 0xdc, 0xbb, 0xac, 0x55, 0xa0,
                 0x62, 0x95, 0xce, 0x87, 0x0b, 0x07, 0x02, 0x9b, 0xfc, 0xdb, 0x2d,
                 0xce, 0x28, 0xd9, 0x59, 0xf2, 0x81, 0x5b, 0x16, 0xf8, 0x17, 0x98}},
        {.kind = HT_JWT_KEY_ADDRESS, .address = {{1}}},
        {.kind = HT_JWT_KEY_ED25519, .key = {0x58, 0x66, 0x66, 0x66}},
    };
    struct ht_why why = {.code = NULL};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (ht_jwt_verify(jwt, &keys[i], &why) == HT_OK) continue;
        must(why.code != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_jwt jwt;
    struct ht_why why = {.code = NULL};
    ht_bytes text = ht_bytes_of(data, n);
    try_base64(HT_BASE64_STD, text);
    try_base64(HT_BASE64_URL, text);
    if (ht_jwt_read(&jwt, text, &why) != HT_OK) {
        must(why.code != NULL);
        return 0;
    }
    must(json_is_object(jwt.header) && json_is_object(jwt.payload));
    must(jwt.signed_part.p == data && jwt.signed_part.n < n);
    must(jwt.signature_size == (jwt.alg == HT_JWT_ES256K_R ? 65 : 64));
    must(ht_json_member(jwt.header, "crit") == NULL);
    try_keys(&jwt);
    ht_jwt_fini(&jwt);
    return 0;
}
