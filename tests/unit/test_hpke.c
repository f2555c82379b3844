/* HPKE against RFC 9180 A.3.1 as far as the suite is the same (keys), and for AES-256-GCM against a
 * value computed apart, by a program that gives A.3.1's own ciphertext with AES-128-GCM. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/crypto/hpke.h"

#define IKM_E "4270e54ffd08d79d5928020af4686d8f6b7d35dbe470265f1f5aa22816ce860e"
#define IKM_R "668b37171f1072f3cf12ea8a236a45df23fc13b82af3609ad1e354f6ef817550"
#define PK_E                                                             \
    "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9" \
    "8536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4"
#define PK_R                                                             \
    "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a82" \
    "6a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0"
#define SEALED \
    "518c46e6810fbc55362f7d5995b0f54339d93664ca44e5c74d0f289c4f7983b4781b193de04ad3319f177244de"
#define INFO "Ode on a Grecian Urn"
#define AAD "Count-0"
#define PLAIN "Beauty is truth, truth beauty"

static struct ht_hpke_pair derive(const char *ikm) {
    uint8_t bytes[32];
    struct ht_hpke_pair pair;
    assert_int_equal(ht_hex_read(bytes, sizeof bytes, ht_bytes_str(ikm)), HT_OK);
    assert_int_equal(ht_hpke_derive(&pair, HT_BYTES(bytes), NULL), HT_OK);
    return pair;
}

static struct ht_buf seal(const struct ht_hpke_pair *to, const char *text) {
    struct ht_hpke_pair ephemeral = derive(IKM_E);
    struct ht_buf out;
    ht_buf_init(&out, 4096);
    assert_int_equal(ht_hpke_seal(&out, to->public, &ephemeral, ht_bytes_str(INFO),
                                  ht_bytes_str(AAD), ht_bytes_str(text), NULL),
                     HT_OK);
    return out;
}

static void hpke_derives_the_pairs_of_rfc_9180(void **state) {
    (void)state;
    uint8_t want[65];
    struct ht_hpke_pair pair = derive(IKM_E);
    assert_int_equal(ht_hex_read(want, 65, ht_bytes_str(PK_E)), HT_OK);
    assert_memory_equal(pair.public, want, 65);
    assert_int_equal(
        ht_hex_read(
            want, 32,
            ht_bytes_str("4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb")),
        HT_OK);
    assert_memory_equal(pair.secret, want, 32);
    pair = derive(IKM_R);
    assert_int_equal(ht_hex_read(want, 65, ht_bytes_str(PK_R)), HT_OK);
    assert_memory_equal(pair.public, want, 65);
}

static void hpke_seals_to_the_known_bytes(void **state) {
    (void)state;
    struct ht_hpke_pair to = derive(IKM_R);
    struct ht_buf want;
    ht_buf_init(&want, 4096);
    assert_int_equal(ht_hex_read_buf(&want, ht_bytes_str(PK_E SEALED)), HT_OK);
    struct ht_buf got = seal(&to, PLAIN);
    assert_int_equal(got.n, want.n);
    assert_memory_equal(got.p, want.p, want.n);
    ht_buf_fini(&got);
    ht_buf_fini(&want);
}

static void hpke_opens_what_was_sealed_also_when_it_is_empty(void **state) {
    (void)state;
    static const char *const texts[] = {"", "x", PLAIN};
    struct ht_hpke_pair to = derive(IKM_R);
    for (size_t i = 0; i < 3; i++) {
        uint8_t plain[64];
        size_t n = 99;
        struct ht_buf sealed = seal(&to, texts[i]);
        assert_int_equal(sealed.n, strlen(texts[i]) + HT_HPKE_OVERHEAD);
        assert_int_equal(ht_hpke_open(plain, &n, &to, ht_bytes_str(INFO), ht_bytes_str(AAD),
                                      ht_buf_view(&sealed), NULL),
                         HT_OK);
        assert_true(ht_bytes_equal(ht_bytes_of(plain, n), ht_bytes_str(texts[i])));
        ht_buf_fini(&sealed);
    }
}

static void refuses(const struct ht_hpke_pair *pair, const char *info, const char *aad,
                    ht_bytes sealed, enum ht_err want, const char *code) {
    uint8_t plain[64];
    size_t n = 0;
    struct ht_why why = {.code = "accepted"};
    memset(plain, 0x55, sizeof plain);
    enum ht_err err =
        ht_hpke_open(plain, &n, pair, ht_bytes_str(info), ht_bytes_str(aad), sealed, &why);
    assert_string_equal(why.code, code);
    assert_int_equal(err, want);
    assert_null(memmem(plain, sizeof plain, "truth", 5));
}

static void hpke_does_not_open_for_another_key_use_or_request(void **state) {
    (void)state;
    struct ht_hpke_pair to = derive(IKM_R);
    struct ht_hpke_pair other = derive(IKM_E);
    struct ht_buf sealed = seal(&to, PLAIN);
    ht_bytes view = ht_buf_view(&sealed);
    refuses(&other, INFO, AAD, view, HT_EUNVERIFIED, "hpke_open");
    refuses(&to, "other", AAD, view, HT_EUNVERIFIED, "hpke_open");
    refuses(&to, INFO, "Count-1", view, HT_EUNVERIFIED, "hpke_open");
    sealed.p[70] ^= 1;
    refuses(&to, INFO, AAD, view, HT_EUNVERIFIED, "hpke_open");
    sealed.p[70] ^= 1;
    sealed.p[sealed.n - 1] ^= 0x80;
    refuses(&to, INFO, AAD, view, HT_EUNVERIFIED, "hpke_open");
    ht_buf_fini(&sealed);
}

static void hpke_refuses_points_that_are_not_on_the_curve(void **state) {
    (void)state;
    struct ht_hpke_pair to = derive(IKM_R);
    struct ht_buf sealed = seal(&to, PLAIN);
    struct ht_buf out;
    struct ht_why why = {.code = "accepted"};
    ht_bytes view = ht_buf_view(&sealed);
    sealed.p[64] ^= 1;
    refuses(&to, INFO, AAD, view, HT_EINPUT, "hpke_key");
    sealed.p[64] ^= 1;
    sealed.p[0] = 6; /* SEC 1's hybrid form, which RFC 9180 does not have */
    refuses(&to, INFO, AAD, view, HT_EINPUT, "hpke_key");
    ht_buf_init(&out, 4096);
    assert_int_equal(ht_hpke_seal(&out, sealed.p, &to, view, view, view, &why), HT_EINPUT);
    assert_string_equal(why.code, "hpke_key");
    assert_int_equal(out.n, 0);
    ht_buf_fini(&out);
    ht_buf_fini(&sealed);
}

static void hpke_refuses_too_few_bytes(void **state) {
    (void)state;
    struct ht_hpke_pair to = derive(IKM_R);
    struct ht_buf sealed = seal(&to, "");
    refuses(&to, INFO, AAD, ht_bytes_of(sealed.p, sealed.n - 1), HT_EINPUT, "hpke_short");
    refuses(&to, INFO, AAD, ht_bytes_of(NULL, 0), HT_EINPUT, "hpke_short");
    ht_buf_fini(&sealed);
}

static void hpke_refuses_to_go_past_the_room_it_has(void **state) {
    (void)state;
    struct ht_hpke_pair to = derive(IKM_R);
    struct ht_hpke_pair ephemeral = derive(IKM_E);
    struct ht_buf out;
    struct ht_why why = {.code = "accepted"};
    ht_bytes none = ht_bytes_str("");
    ht_buf_init(&out, HT_HPKE_OVERHEAD + 2);
    assert_int_equal(
        ht_hpke_seal(&out, to.public, &ephemeral, none, none, ht_bytes_str("abc"), &why),
        HT_ELIMIT);
    assert_string_equal(why.code, "no_room");
    assert_int_equal(out.n, 0);
    ht_buf_fini(&out);
}

static void hpke_generates_other_pairs_each_time(void **state) {
    (void)state;
    struct ht_hpke_pair first;
    struct ht_hpke_pair second;
    assert_int_equal(ht_hpke_generate(&first, &ht_system_random, NULL), HT_OK);
    assert_int_equal(ht_hpke_generate(&second, &ht_system_random, NULL), HT_OK);
    assert_memory_not_equal(first.public, second.public, sizeof first.public);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hpke_derives_the_pairs_of_rfc_9180),
        cmocka_unit_test(hpke_seals_to_the_known_bytes),
        cmocka_unit_test(hpke_opens_what_was_sealed_also_when_it_is_empty),
        cmocka_unit_test(hpke_does_not_open_for_another_key_use_or_request),
        cmocka_unit_test(hpke_refuses_points_that_are_not_on_the_curve),
        cmocka_unit_test(hpke_refuses_too_few_bytes),
        cmocka_unit_test(hpke_refuses_to_go_past_the_room_it_has),
        cmocka_unit_test(hpke_generates_other_pairs_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
